/* What the catalogue says of segments: those that are current in a version, and those that are
 * past. */
#include <inttypes.h>

#include "base/check.h"
#include "ledger/catalogue.h"
#include "ledger/ledger.h"

enum { SMALL_ARENA = 4096, ROWS_MAX = 1000000 };

#define SQL "state/catalogue/"

/* ---- segments ---- */

struct fth_catalogue_segment fth_catalogue_segment_of(const struct fth_segment_stats *stats)
{
    return (struct fth_catalogue_segment){
        .charge_from = stats->charge_from,
        .charge_to = stats->charge_to,
        .rows = stats->rows,
        .charges_until_us = stats->charges_until_us,
        .currency = stats->sum_nr == 1 ? fth_str_c(stats->sums[0].currency) : (struct fth_str){0},
        .has_tail = stats->has_tail,
        .has_cubes = true,
        .has_values = true,
        .has_side = stats->has_side,
        .has_long = stats->has_long,
        .cube_tags = stats->cube_tags,
    };
}

static struct fth_catalogue_segment read_segment(const struct fth_val *row)
{
    return (struct fth_catalogue_segment){
        .id = row[0].i64,
        .source_id = row[1].i64,
        .delivery_id = row[2].i64,
        .billing_period = row[3].text,
        .charge_from = (int32_t)row[4].i64,
        .charge_to = (int32_t)row[5].i64,
        .rows = row[6].i64,
        .charges_until_us = row[7].i64,
        .currency = row[8].text,
        .has_tail = row[9].i64 != 0,
        .has_cubes = row[10].i64 != 0,
        .has_side = row[11].i64 != 0,
        .has_long = row[12].i64 != 0,
        .sums = row[13].text,
        .cube_tags = row[14].text,
        .has_values = row[15].i64 != 0,
        .archived = row[16].type != FTH_V_NULL,
        .received_us = row[17].i64,
        .final = row[18].type == FTH_V_NULL ? -1 : row[18].i64 != 0,
    };
}

enum fth_rc fth_catalogue_segments(struct fth_db *db, struct fth_arena *arena, int64_t version,
                                   struct fth_catalogue_segment **out, size_t *out_nr,
                                   struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(version);
    struct fth_catalogue_segment *segments;
    struct fth_table table = {0};
    enum fth_rc rc = fth_db_read(db, SQL "segments", &val, 1, arena, ROWS_MAX, &table, err);

    if (rc)
        return rc;
    segments = FTH_NEW_ARRAY(arena, struct fth_catalogue_segment, table.row_nr);
    if (!segments)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        segments[i] = read_segment(fth_table_val(&table, i, 0));
    *out = segments;
    *out_nr = table.row_nr;
    return FTH_OK;
}

static enum fth_rc read_ids(struct fth_db *db, struct fth_arena *arena, const char *name,
                            const struct fth_val *vals, size_t val_nr, int64_t **out,
                            size_t *out_nr, struct fth_err *err)
{
    struct fth_table table = {0};
    int64_t *ids;
    enum fth_rc rc = fth_db_read(db, name, vals, val_nr, arena, ROWS_MAX, &table, err);

    if (rc)
        return rc;
    ids = FTH_NEW_ARRAY(arena, int64_t, table.row_nr);
    if (!ids)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        ids[i] = fth_table_val(&table, i, 0)->i64;
    *out = ids;
    *out_nr = table.row_nr;
    return FTH_OK;
}

enum fth_rc fth_catalogue_segment_ids(struct fth_db *db, struct fth_arena *arena, int64_t **out,
                                      size_t *out_nr, struct fth_err *err)
{
    return read_ids(db, arena, SQL "segment_ids", NULL, 0, out, out_nr, err);
}

enum fth_rc fth_catalogue_has_segment(struct fth_db *db, struct fth_arena *arena, int64_t id,
                                      bool *out, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(id);
    struct fth_table table = {0};

    if (!fth_db_read(db, SQL "segment_until", &val, 1, arena, 1, &table, err))
        *out = table.row_nr > 0;
    return err->rc;
}

/* ---- past segments ---- */

enum fth_rc fth_catalogue_closed(struct fth_db *db, struct fth_arena *arena,
                                 struct fth_catalogue_closed **out, size_t *out_nr,
                                 struct fth_err *err)
{
    struct fth_catalogue_closed *closed;
    struct fth_table table = {0};

    if (fth_db_read(db, SQL "closed", NULL, 0, arena, ROWS_MAX, &table, err))
        return err->rc;
    closed = FTH_NEW_ARRAY(arena, struct fth_catalogue_closed, table.row_nr);
    if (!closed)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        closed[i] = (struct fth_catalogue_closed){fth_table_val(&table, i, 0)->i64,
                                                  fth_table_val(&table, i, 1)->i64 != 0};
    *out = closed;
    *out_nr = table.row_nr;
    return FTH_OK;
}

enum fth_rc fth_catalogue_archive(struct fth_db *db, int64_t id, int64_t now_us,
                                  struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(id), FTH_VAL_I64(now_us)};
    int64_t changed = 0;

    if (!fth_db_exec(db, SQL "archive", vals, FTH_NR(vals), &changed, err) && !changed)
        fth_err_set(err, FTH_E_CONFLICT, "segment %" PRId64 " is not to be archived", id);
    return err->rc;
}

enum fth_rc fth_catalogue_archived(struct fth_db *db, struct fth_arena *arena, int64_t **out,
                                   size_t *out_nr, struct fth_err *err)
{
    return read_ids(db, arena, SQL "archived", NULL, 0, out, out_nr, err);
}

enum fth_rc fth_catalogue_past(struct fth_db *db, struct fth_arena *arena, int64_t before_us,
                               int64_t **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(before_us);

    return read_ids(db, arena, SQL "past", &val, 1, out, out_nr, err);
}

struct forget_call {
    const int64_t *ids;
    size_t nr;
};

static enum fth_rc forget_one(struct fth_tx *tx, struct fth_arena *arena, int64_t id,
                              struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(id);
    struct fth_table table = {0};
    enum fth_rc rc = fth_tx_read(tx, SQL "segment_until", &val, 1, arena, 1, &table, err);

    if (rc || table.row_nr == 0)
        return rc;
    if (table.at[0].type == FTH_V_NULL)
        return fth_err_set(err, FTH_E_CONFLICT, "segment %" PRId64 " is current", id);
    rc = fth_tx_exec(tx, SQL "segment_forget", &val, 1, NULL, err);
    if (!rc)
        rc = fth_tx_exec(tx, SQL "oldest_raise", table.at, 1, NULL, err);
    return rc;
}

static enum fth_rc forget_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct forget_call *call = ctx;
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    enum fth_rc rc = FTH_OK;

    if (!arena)
        return fth_err_nomem(err);
    for (size_t i = 0; i < call->nr && !rc; i++) {
        rc = forget_one(tx, arena, call->ids[i], err);
        fth_arena_clear(arena);
    }
    fth_arena_free(arena);
    return rc;
}

enum fth_rc fth_catalogue_forget(struct fth_db *db, const int64_t *ids, size_t id_nr,
                                 struct fth_err *err)
{
    struct forget_call call = {ids, id_nr};

    return fth_db_in_tx(db, forget_work, &call, err);
}
