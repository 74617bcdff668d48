/* The rows of the catalogue that a lake keeps, as JSON and back. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "ledger/lake_int.h"

enum { ROWS_MAX = 10000000, COLS_MAX = 32 };

/* In the order in which rows refer to each other. */
static const struct {
    const char *name, *cols, *read, *add;
    bool later; /* lakes of the first versions do not have it */
} tables[] = {
    {"source", "id name provider billing_account dataset format created_us removed_us",
     "state/lake/sources", "state/lake/source_add"},
    {"ledger_version", "version at_us delivery_id", "state/lake/versions",
     "state/lake/version_add"},
    {"delivery",
     "id source_id identity billing_period status format received_us submitted_us version "
     "until_version rows_read rows_stored report supersedes is_final",
     "state/lake/deliveries", "state/lake/delivery_add"},
    {"delivery_file", "delivery_id position path sha256 byte_nr row_nr first_record",
     "state/lake/files", "state/catalogue/file_add"},
    {"segment",
     "id source_id delivery_id billing_period charge_from charge_to row_nr charges_until_us "
     "currency has_tail has_cubes has_side has_long sums since_version cube_tags has_values",
     "state/lake/segments", "state/catalogue/segment_add"},
    {"counter", "name value", "state/lake/counters", "state/lake/counter_set"},
    {"rate", "day from_currency to_currency rate source", "state/lake/rates", "state/rate/put",
     true},
};

/* ---- writing ---- */

static void put_val(struct fth_jw *jw, const struct fth_val *val)
{
    if (val->type == FTH_V_I64)
        fth_jw_i64(jw, val->i64);
    else if (val->type == FTH_V_TEXT)
        fth_jw_str(jw, val->text);
    else
        fth_jw_null(jw);
}

static void put_cols(struct fth_jw *jw, const char *names)
{
    struct fth_str rest = fth_str_c(names), name;

    fth_jw_key(jw, "columns");
    fth_jw_array(jw);
    while (fth_str_next(&rest, ' ', &name))
        fth_jw_str(jw, name);
    fth_jw_array_end(jw);
}

static size_t name_nr(const char *names)
{
    size_t nr = 1;

    for (; *names; names++)
        nr += *names == ' ';
    return nr;
}

static enum fth_rc put_table(struct fth_db *db, struct fth_arena *arena, size_t which,
                             struct fth_jw *jw, struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(arena);
    struct fth_table table = {0};

    if (fth_db_read(db, tables[which].read, NULL, 0, arena, ROWS_MAX, &table, err))
        return err->rc;
    FTH_CHECK(table.col_nr == name_nr(tables[which].cols) || !table.row_nr);
    fth_jw_key(jw, tables[which].name);
    fth_jw_object(jw);
    put_cols(jw, tables[which].cols);
    fth_jw_key(jw, "rows");
    fth_jw_array(jw);
    for (size_t i = 0; i < table.row_nr; i++) {
        fth_jw_array(jw);
        for (size_t k = 0; k < table.col_nr; k++)
            put_val(jw, fth_table_val(&table, i, k));
        fth_jw_array_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    fth_arena_rewind(arena, mark);
    return FTH_OK;
}

enum fth_rc fth_lake_put_catalogue(struct fth_db *db, struct fth_arena *arena, struct fth_buf *out,
                                   struct fth_err *err)
{
    struct fth_jw jw;

    fth_jw_init(&jw, out);
    fth_jw_object(&jw);
    for (size_t i = 0; i < FTH_NR(tables); i++)
        if (put_table(db, arena, i, &jw, err))
            return err->rc;
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- reading ---- */

struct filling {
    struct fth_arena *arena;
    const struct fth_json *catalogue;
    int64_t version;
    const struct fth_lake_loaded *loaded;
    size_t loaded_nr;
};

static enum fth_rc odd(size_t which, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_INVALID, "catalogue.json: table \"%s\" is not as it should be",
                       tables[which].name);
}

/* How many columns, 0: others than those that there should be. */
static size_t count_cols(const struct fth_json *cols, const char *names)
{
    struct fth_str rest = fth_str_c(names), name;
    size_t nr = 0;

    if (!fth_json_is(cols, FTH_JSON_ARRAY))
        return 0;
    while (fth_str_next(&rest, ' ', &name)) {
        if (nr == cols->nr || !fth_str_eq(cols->items[nr].text, name))
            return 0;
        nr++;
    }
    return nr == cols->nr && nr <= COLS_MAX ? nr : 0;
}

static bool val_of(const struct fth_json *json, struct fth_val *out)
{
    *out = FTH_VAL_NULL;
    if (json->type == FTH_JSON_STRING)
        *out = FTH_VAL_STR(json->text);
    else if (json->type == FTH_JSON_NUMBER) {
        out->type = FTH_V_I64;
        return fth_json_i64(json, &out->i64);
    }
    return json->type == FTH_JSON_STRING || json->type == FTH_JSON_NULL;
}

static enum fth_rc fill_row(struct fth_tx *tx, size_t which, const struct fth_json *row, size_t nr,
                            struct fth_err *err)
{
    struct fth_val vals[COLS_MAX];

    if (!fth_json_is(row, FTH_JSON_ARRAY) || row->nr != nr)
        return odd(which, err);
    for (size_t i = 0; i < nr; i++)
        if (!val_of(&row->items[i], &vals[i]))
            return odd(which, err);
    return fth_tx_exec(tx, tables[which].add, vals, nr, NULL, err);
}

static enum fth_rc fill_table(struct fth_tx *tx, const struct filling *filling, size_t which,
                              struct fth_err *err)
{
    const struct fth_json *table = fth_json_get(filling->catalogue, tables[which].name);
    const struct fth_json *rows = fth_json_get(table, "rows");
    size_t nr = count_cols(fth_json_get(table, "columns"), tables[which].cols);

    if (!table && tables[which].later)
        return FTH_OK;
    if (!nr || !fth_json_is(rows, FTH_JSON_ARRAY))
        return odd(which, err);
    if (strcmp(tables[which].name, "segment") == 0 && rows->nr != filling->loaded_nr)
        return fth_err_set(err, FTH_E_CHECK, "catalogue.json has %zu segments, manifest.json %zu",
                           rows->nr, filling->loaded_nr);
    for (size_t i = 0; i < rows->nr; i++)
        if (fill_row(tx, which, &rows->items[i], nr, err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc sums_text(struct fth_arena *arena, const struct fth_segment_stats *stats,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(FTH_LAKE_TEXT);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_segment_sums_put(&jw, stats->sums, stats->sum_nr);
    if (!fth_jw_done(&jw, err))
        fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc set_found(struct fth_tx *tx, struct fth_arena *arena,
                             const struct fth_lake_loaded *loaded, struct fth_err *err)
{
    const struct fth_segment_stats *stats = &loaded->stats;
    struct fth_str sums = {0};
    int64_t changed = 0;

    if (sums_text(arena, stats, &sums, err))
        return err->rc;

    struct fth_val vals[] = {
        FTH_VAL_I64(loaded->id),
        FTH_VAL_I64(stats->charge_from),
        FTH_VAL_I64(stats->charge_to),
        FTH_VAL_I64(stats->rows),
        FTH_VAL_I64(stats->charges_until_us),
        FTH_VAL_BOOL(stats->has_tail),
        FTH_VAL_BOOL(stats->has_side),
        FTH_VAL_BOOL(stats->has_long),
        FTH_VAL_STR(sums),
        FTH_VAL_STR(stats->cube_tags),
    };
    if (!fth_tx_exec(tx, "state/lake/segment_found", vals, FTH_NR(vals), &changed, err) &&
        changed != 1)
        return fth_err_set(err, FTH_E_CHECK, "catalogue.json: no segment %lld",
                           (long long)loaded->id);
    return err->rc;
}

static enum fth_rc fill_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct filling *filling = ctx;
    struct fth_val oldest = FTH_VAL_I64(filling->version);

    for (size_t i = 0; i < FTH_NR(tables); i++)
        if (fill_table(tx, filling, i, err))
            return err->rc;
    for (size_t i = 0; i < filling->loaded_nr; i++)
        if (set_found(tx, filling->arena, &filling->loaded[i], err))
            return err->rc;
    if (fth_tx_exec(tx, "state/rate/changed", NULL, 0, NULL, err))
        return err->rc;
    return fth_tx_exec(tx, "state/catalogue/oldest_raise", &oldest, 1, NULL, err);
}

enum fth_rc fth_lake_fill_catalogue(struct fth_db *db, struct fth_arena *arena,
                                    const struct fth_json *catalogue, int64_t version,
                                    const struct fth_lake_loaded *loaded, size_t loaded_nr,
                                    struct fth_err *err)
{
    struct filling filling = {arena, catalogue, version, loaded, loaded_nr};

    return fth_db_in_tx(db, fill_work, &filling, err);
}
