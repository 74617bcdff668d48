/*
 * Writing a segment: one pass over the feed into a sorted table, then what is derived from it, all
 * in one transaction of the engine. The catalogue's row comes later and from the caller; until then
 * the segment is known to nobody, and the next opening sweeps it.
 *
 * Tag sets are written before the cubes, whose hot tags join them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/sql.h"
#include "ledger/ledger_int.h"

enum { LOAD_ARENA = 16 * 1024 * 1024, LIST_MAX = 256 * 1024, KEY_MAX = 64, FIRST_HOT = 100 };

struct load {
    struct fth_ledger *ledger;
    const struct fth_segment_load *asked;
    struct fth_session *session;
    struct fth_arena *arena; /* of the statements */
    char segment[24], delivery[24], table[32];
    struct fth_str *hot_tags; /* the ledger's, as the charges spell them */
    bool yields_side;         /* the mapping does */
    struct fth_segment_stats stats;
    int64_t cpu_us; /* when the last step ended */
};

static struct fth_word word(const char *name, const char *text)
{
    return (struct fth_word){name, fth_str_c(text)};
}

static enum fth_rc run(struct load *load, const char *name, const struct fth_word *words,
                       size_t word_nr, struct fth_err *err)
{
    return fth_statement_exec(load->session, load->arena, name, words, word_nr, load->asked->cancel,
                              err);
}

/* ---- the segment ---- */

/* charge.def as columns; a money column names its bit of `wide`, its tail has none. */
static const struct {
    const char *name;
    enum fth_type type;
    bool money;
} columns[] = {
#define FTH_CHARGE(name, type, what) {#name, FTH_T_##type, false},
#define FTH_CHARGE_MONEY(name, what) {#name, FTH_T_DEC, true}, {#name "Tail", FTH_T_I64, false},
#include "model/charge.def"
#undef FTH_CHARGE
#undef FTH_CHARGE_MONEY
};

enum { COLUMN_NR = FTH_NR(columns) };

/* Which of them the mapping yields, and whether it yields Side. */
static enum fth_rc find_columns(struct load *load, struct fth_str mapping, bool given[COLUMN_NR],
                                struct fth_err *err)
{
    const struct fth_word words[] = {{"mapping", mapping}};
    struct fth_result *result = NULL;
    struct fth_str sql;

    if (fth_statement(load->arena, "ledger/load/mapping_columns", words, FTH_NR(words), &sql,
                      err) ||
        fth_session_query(load->session, sql, NULL, 0, load->asked->cancel, &result, err))
        return err->rc;
    for (size_t i = 0; i < COLUMN_NR; i++)
        for (size_t k = 0; k < fth_result_col_nr(result) && !given[i]; k++)
            given[i] = strcmp(columns[i].name, fth_result_col(result, k).name) == 0;
    for (size_t k = 0; k < fth_result_col_nr(result) && !load->yields_side; k++)
        load->yields_side = strcmp("Side", fth_result_col(result, k).name) == 0;
    fth_result_free(result);
    return FTH_OK;
}

static const char *type_name(const struct load *load, size_t column)
{
    enum fth_type type = columns[column].type;
    unsigned money = 0;

    for (size_t i = 0; i < column; i++)
        money += columns[i].money;
    if (columns[column].money && load->asked->wide >> money & 1)
        type = FTH_T_DEC_WIDE;
    return fth_engine_type(load->ledger->engine, type);
}

/* sorted: "CAST(Record AS BIGINT) AS Record, …", what the mapping yields. stored: "CAST(17 AS
 * INTEGER) AS Delivery, Record, …", all columns; what is one value for all rows is only there. */
static enum fth_rc put_columns(const struct load *load, const bool given[COLUMN_NR],
                               struct fth_buf *sorted, struct fth_buf *stored, struct fth_err *err)
{
    for (size_t i = 0; i < COLUMN_NR; i++) {
        const char *name = columns[i].name, *type = type_name(load, i);

        if (load->asked->delivery_id && strcmp(name, "Delivery") == 0) {
            fth_buf_printf(stored, "CAST(%" PRId64 " AS %s) AS %s, ", load->asked->delivery_id,
                           type, name);
        } else if (!given[i]) {
            fth_buf_printf(stored, "CAST(NULL AS %s) AS %s, ", type, name);
        } else {
            fth_buf_printf(sorted, "CAST(%s AS %s) AS %s, ", name, type, name);
            fth_buf_printf(stored, "%s, ", name);
        }
    }
    if (load->yields_side) {
        fth_buf_c(sorted, "CAST(Side AS VARCHAR) AS Side, ");
        fth_buf_c(stored, "Side, ");
    }
    fth_buf_cut(sorted, 2);
    fth_buf_cut(stored, 2);
    return fth_buf_done(sorted, err) ? err->rc : fth_buf_done(stored, err);
}

static enum fth_rc write_segment(struct load *load, struct fth_err *err)
{
    struct fth_str mapping = load->asked->mapping_text;
    struct fth_buf sorted = fth_buf_max(LIST_MAX), stored = fth_buf_max(LIST_MAX);
    bool given[COLUMN_NR] = {false};
    char name[64];

    if (mapping.n == 0) {
        snprintf(name, sizeof(name), "import/%s", load->asked->mapping);
        mapping = fth_sql(name);
    }
    if (!find_columns(load, mapping, given, err) &&
        !put_columns(load, given, &sorted, &stored, err)) {
        const struct fth_word words[] = {word("table", load->table),
                                         {"sorted", fth_buf_view(&sorted)},
                                         {"stored", fth_buf_view(&stored)},
                                         {"mapping", mapping}};

        run(load, "ledger/load/segment", words, FTH_NR(words), err);
    }
    fth_buf_release(&sorted);
    fth_buf_release(&stored);
    if (err->rc == FTH_E_RANGE)
        fth_err_at(err, "/wide");
    return err->rc;
}

/* ---- what the catalogue keeps of it ---- */

/* Places in the row of the statement `stats`. */
enum {
    S_CURRENCY,
    S_CHARGES,
    S_MONEY, /* four heads, each with its tail behind it */
    S_FROM = S_MONEY + 2 * FTH_MONEY_COL_NR,
    S_TO,
    S_UNTIL,
    S_TAILS,
    S_LONGS,
    S_UNDATED,
    S_NR
};

static enum fth_rc read_money(const struct fth_batch *batch, size_t row, size_t col,
                              struct fth_money *out, struct fth_err *err)
{
    const struct fth_vec *head = &batch->cols[S_MONEY + 2 * col], *tail = head + 1;

    return fth_money_make(fth_vec_is_valid(head, row) ? head->i128[row] : 0,
                          fth_vec_is_valid(tail, row) ? tail->i128[row] : 0, out, err);
}

enum fth_rc fth_segment_sums_read(const struct fth_batch *batch, size_t row,
                                  struct fth_segment_sums *sums, struct fth_err *err)
{
    const struct fth_vec *currency = &batch->cols[S_CURRENCY];
    struct fth_str text =
        fth_vec_is_valid(currency, row) ? currency->text[row] : (struct fth_str){0};

    if (text.n >= sizeof(sums->currency))
        return fth_err_set(err, FTH_E_INVALID, "\"" FTH_STR_F "\" is no currency", FTH_STR_A(text));
    if (text.n)
        memcpy(sums->currency, text.p, text.n);
    sums->rows = batch->cols[S_CHARGES].i64[row];
    if (read_money(batch, row, FTH_BILLED, &sums->billed, err) ||
        read_money(batch, row, FTH_EFFECTIVE, &sums->effective, err) ||
        read_money(batch, row, FTH_LIST, &sums->list, err) ||
        read_money(batch, row, FTH_CONTRACTED, &sums->contracted, err))
        return err->rc;
    return FTH_OK;
}

static enum fth_rc add_row(struct fth_segment_stats *stats, const struct fth_batch *batch,
                           size_t row, struct fth_err *err)
{
    int32_t from = batch->cols[S_FROM].i32[row], to = batch->cols[S_TO].i32[row];
    bool first = stats->rows == 0;

    if (batch->cols[S_UNDATED].i64[row])
        return fth_err_set(err, FTH_E_INVALID, "%" PRId64 " charges have no ChargePeriodStart",
                           batch->cols[S_UNDATED].i64[row]);
    if (fth_segment_sums_read(batch, row, &stats->sums[stats->sum_nr++], err))
        return err->rc;
    stats->rows += batch->cols[S_CHARGES].i64[row];
    stats->charge_from = first || from < stats->charge_from ? from : stats->charge_from;
    stats->charge_to = first || to > stats->charge_to ? to : stats->charge_to;
    if (fth_vec_is_valid(&batch->cols[S_UNTIL], row) &&
        batch->cols[S_UNTIL].i64[row] > stats->charges_until_us)
        stats->charges_until_us = batch->cols[S_UNTIL].i64[row];
    stats->has_tail |= batch->cols[S_TAILS].i64[row] > 0;
    stats->has_long |= batch->cols[S_LONGS].i64[row] > 0;
    return FTH_OK;
}

static enum fth_rc add_batch(struct fth_segment_stats *stats, const struct fth_batch *batch,
                             struct fth_arena *arena, struct fth_err *err)
{
    struct fth_segment_sums *sums =
        FTH_NEW_ARRAY(arena, struct fth_segment_sums, stats->sum_nr + batch->nr);

    if (!sums)
        return fth_err_nomem(err);
    if (stats->sum_nr)
        memcpy(sums, stats->sums, stats->sum_nr * sizeof(*sums));
    stats->sums = sums;
    for (size_t i = 0; i < batch->nr; i++)
        if (add_row(stats, batch, i, err))
            return err->rc;
    return FTH_OK;
}

/* The sums live in `arena`. */
static enum fth_rc read_stats(struct load *load, struct fth_arena *arena, struct fth_err *err)
{
    const struct fth_word words[] = {word("table", load->table)};
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct fth_str sql;

    if (fth_statement(load->arena, "ledger/load/stats", words, FTH_NR(words), &sql, err) ||
        fth_session_query(load->session, sql, NULL, 0, load->asked->cancel, &result, err))
        return err->rc;
    FTH_CHECK(fth_result_col_nr(result) == S_NR);
    while (!fth_result_next(result, &batch, err) && batch.nr)
        if (add_batch(&load->stats, &batch, arena, err))
            break;
    fth_result_free(result);
    return err->rc;
}

/* ---- what has no place in a segment ---- */

static enum fth_rc split_side(struct load *load, struct fth_err *err)
{
    const struct fth_word words[] = {word("segment", load->segment), word("table", load->table),
                                     word("delivery", load->delivery)};
    const char *name = load->yields_side ? "ledger/load/side" : "ledger/load/side_feed";
    struct fth_str sql;
    int64_t rows = 0;

    if (!load->yields_side && !load->asked->side)
        return FTH_OK;
    if (fth_statement(load->arena, name, words, FTH_NR(words), &sql, err) ||
        fth_session_exec(load->session, sql, NULL, 0, load->asked->cancel, &rows, err))
        return err->rc;
    load->stats.has_side = rows > 0;
    return load->yields_side ? run(load, "ledger/load/side_drop", words, FTH_NR(words), err)
                             : FTH_OK;
}

/* ---- derived rows ---- */

static const struct {
    int id;
    const char *k1, *k2;
} cubes[] = {
#define FTH_CUBE(id, k1, k2) {id, k1, k2},
#include "ledger/cube.def"
#undef FTH_CUBE
};

/* The columns that some cube is grouped by, once each; then Hot0, Hot1, … */
struct keys {
    const char *at[KEY_MAX];
    char hot[KEY_MAX][24];
    size_t nr;
};

static size_t key_at(struct keys *keys, const char *name)
{
    size_t i = 0;

    while (i < keys->nr && strcmp(keys->at[i], name) != 0)
        i++;
    FTH_CHECK(i < KEY_MAX);
    if (i == keys->nr)
        keys->at[keys->nr++] = name;
    return i;
}

static void collect_keys(struct keys *keys, size_t hot_nr)
{
    for (size_t i = 0; i < FTH_NR(cubes); i++) {
        if (*cubes[i].k1)
            key_at(keys, cubes[i].k1);
        if (*cubes[i].k2)
            key_at(keys, cubes[i].k2);
    }
    for (size_t i = 0; i < hot_nr; i++) {
        FTH_CHECK(keys->nr < KEY_MAX);
        snprintf(keys->hot[i], sizeof(keys->hot[i]), "Hot%zu", i);
        keys->at[keys->nr++] = keys->hot[i];
    }
}

/* The lists of the statement cube_day. */
struct cube_lists {
    struct fth_buf keys, masks, k1, k2, sets;
};

/* GROUPING() has a bit for each key, the last key's the lowest, set when a row is not of its group.
 */
static uint64_t bit_of(struct keys *keys, const char *name)
{
    size_t at = key_at(keys, name);

    FTH_CHECK(at < keys->nr && keys->nr < KEY_MAX);
    return UINT64_C(1) << (keys->nr - 1 - at);
}

void fth_ledger_cubes(const struct fth_ledger *ledger, struct fth_buf *out)
{
    for (size_t i = 0; i < FTH_NR(cubes); i++)
        fth_buf_printf(out, "%s%d", i ? ", " : "", cubes[i].id);
    for (size_t i = 0; i < ledger->hot_tag_nr; i++)
        fth_buf_printf(out, ", %zu", (size_t)FIRST_HOT + i);
}

static void put_cube(struct cube_lists *lists, struct keys *keys, int id, const char *k1,
                     const char *k2)
{
    uint64_t mask = (UINT64_C(1) << keys->nr) - 1;

    fth_buf_printf(&lists->sets, "%s(Day, BillingCurrency", lists->sets.n ? ", " : "");
    if (*k1) {
        mask &= ~bit_of(keys, k1);
        fth_buf_printf(&lists->k1, " WHEN %d THEN %s", id, k1);
        fth_buf_printf(&lists->sets, ", %s", k1);
    }
    if (*k2) {
        mask &= ~bit_of(keys, k2);
        fth_buf_printf(&lists->k2, " WHEN %d THEN %s", id, k2);
        fth_buf_printf(&lists->sets, ", %s", k2);
    }
    fth_buf_c(&lists->sets, ")");
    fth_buf_printf(&lists->masks, " WHEN %" PRIu64 " THEN %d", mask, id);
}

static enum fth_rc put_cubes(struct cube_lists *lists, size_t hot_nr, struct fth_err *err)
{
    struct keys keys = {0};

    collect_keys(&keys, hot_nr);
    for (size_t i = 0; i < keys.nr; i++)
        fth_buf_printf(&lists->keys, "%s%s", i ? ", " : "", keys.at[i]);
    fth_buf_c(&lists->k1, "CASE Cube");
    fth_buf_c(&lists->k2, "CASE Cube");
    for (size_t i = 0; i < FTH_NR(cubes); i++)
        put_cube(lists, &keys, cubes[i].id, cubes[i].k1, cubes[i].k2);
    for (size_t i = 0; i < hot_nr; i++)
        put_cube(lists, &keys, FIRST_HOT + (int)i, keys.hot[i], "");
    fth_buf_c(&lists->k1, " END");
    fth_buf_c(&lists->k2, " END");
    if (fth_buf_done(&lists->keys, err) || fth_buf_done(&lists->masks, err) ||
        fth_buf_done(&lists->k1, err) || fth_buf_done(&lists->k2, err) ||
        fth_buf_done(&lists->sets, err))
        return err->rc;
    return FTH_OK;
}

/* A key as it is written, or as the only one that differs in case alone: as in questions. */
static struct fth_str spelled(struct fth_str wanted, const struct fth_str *keys, size_t nr)
{
    const struct fth_str *folded = NULL;
    size_t folded_nr = 0;

    for (size_t i = 0; i < nr; i++) {
        if (fth_str_eq(keys[i], wanted))
            return wanted;
        if (fth_str_caseeq(keys[i], wanted)) {
            folded = &keys[i];
            folded_nr++;
        }
    }
    return folded_nr == 1 ? *folded : wanted;
}

static enum fth_rc spell_hot_tags(struct load *load, struct fth_err *err)
{
    size_t hot_nr = load->ledger->hot_tag_nr, key_nr = 0;
    struct fth_str *keys;

    if (hot_nr == 0)
        return FTH_OK;
    load->hot_tags = FTH_NEW_ARRAY(load->arena, struct fth_str, hot_nr);
    if (!load->hot_tags)
        return fth_err_nomem(err);
    if (fth_tagsets_keys(load->ledger, load->arena, &keys, &key_nr, err))
        return err->rc;
    for (size_t i = 0; i < hot_nr; i++)
        load->hot_tags[i] = spelled(fth_str_c(load->ledger->hot_tags[i]), keys, key_nr);
    return FTH_OK;
}

/* " LEFT JOIN …" with the hot tags' values, or nothing. */
static enum fth_rc join_hot_tags(struct load *load, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf values = fth_buf_max(LIST_MAX);

    *out = (struct fth_str){0};
    for (size_t i = 0; i < load->ledger->hot_tag_nr; i++)
        fth_buf_printf(&values, ", Tags[$%zu] AS Hot%zu", i + 1, i);
    if (!fth_buf_done(&values, err) && load->ledger->hot_tag_nr) {
        const struct fth_word words[] = {{"values", fth_buf_view(&values)},
                                         word("table", load->table)};
        struct fth_str join;

        if (!fth_statement(load->arena, "ledger/load/hot_tags", words, FTH_NR(words), &join, err))
            fth_arena_printf(load->arena, out, err, " " FTH_STR_F, FTH_STR_A(join));
    }
    fth_buf_release(&values);
    return err->rc;
}

/* Sums of tails cost a fifth of the pass and are rare. */
#define TAIL_WORDS(load)                                                                    \
    word("BilledCostTail", (load)->stats.has_tail ? "sum(BilledCostTail)" : "0"),           \
        word("EffectiveCostTail", (load)->stats.has_tail ? "sum(EffectiveCostTail)" : "0"), \
        word("ListCostTail", (load)->stats.has_tail ? "sum(ListCostTail)" : "0"),           \
        word("ContractedCostTail", (load)->stats.has_tail ? "sum(ContractedCostTail)" : "0")

static enum fth_rc exec_cubes(struct load *load, const struct cube_lists *lists,
                              struct fth_str tagged, struct fth_err *err)
{
    const struct fth_word words[] = {word("segment", load->segment),
                                     word("table", load->table),
                                     {"keys", fth_buf_view(&lists->keys)},
                                     {"masks", fth_buf_view(&lists->masks)},
                                     {"k1", fth_buf_view(&lists->k1)},
                                     {"k2", fth_buf_view(&lists->k2)},
                                     {"sets", fth_buf_view(&lists->sets)},
                                     {"tagged", tagged},
                                     TAIL_WORDS(load)};
    size_t hot_nr = load->ledger->hot_tag_nr;
    struct fth_param *params = FTH_NEW_ARRAY(load->arena, struct fth_param, hot_nr);
    struct fth_str sql;

    if (!params)
        return fth_err_nomem(err);
    for (size_t i = 0; i < hot_nr; i++)
        params[i] = (struct fth_param){.type = FTH_T_TEXT, .text = load->hot_tags[i]};
    if (fth_statement(load->arena, "ledger/load/cube_day", words, FTH_NR(words), &sql, err))
        return err->rc;
    return fth_session_exec(load->session, sql, params, hot_nr, load->asked->cancel, NULL, err);
}

static enum fth_rc write_cubes(struct load *load, struct fth_err *err)
{
    struct cube_lists lists = {fth_buf_max(LIST_MAX), fth_buf_max(LIST_MAX), fth_buf_max(LIST_MAX),
                               fth_buf_max(LIST_MAX), fth_buf_max(LIST_MAX)};
    struct fth_str tagged;

    if (!spell_hot_tags(load, err) && !put_cubes(&lists, load->ledger->hot_tag_nr, err) &&
        !join_hot_tags(load, &tagged, err))
        exec_cubes(load, &lists, tagged, err);
    fth_buf_release(&lists.keys);
    fth_buf_release(&lists.masks);
    fth_buf_release(&lists.k1);
    fth_buf_release(&lists.k2);
    fth_buf_release(&lists.sets);
    return err->rc;
}

static const struct {
    const char *column, *label;
} value_lists[] = {
#define FTH_VALUE_LIST(column, label) {#column, label},
#include "ledger/value_list.def"
#undef FTH_VALUE_LIST
};

static enum fth_rc put_values(struct load *load, struct fth_buf *lists, struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(value_lists); i++) {
        struct fth_str list;
        const char *label = value_lists[i].label;
        char key[64] = "";

        if (*label)
            snprintf(key, sizeof(key), ", %s", label);
        const struct fth_word words[] = {word("segment", load->segment), word("table", load->table),
                                         word("column", value_lists[i].column),
                                         word("label", *label ? label : "NULL"),
                                         word("label_key", key)};

        if (fth_statement(load->arena, "ledger/load/value_list", words, FTH_NR(words), &list, err))
            return err->rc;
        fth_buf_c(lists, i ? "\nUNION ALL\n" : "");
        fth_buf_str(lists, list);
    }
    return fth_buf_done(lists, err);
}

static enum fth_rc write_values(struct load *load, struct fth_err *err)
{
    struct fth_buf lists = fth_buf_max(LIST_MAX);

    if (!put_values(load, &lists, err)) {
        const struct fth_word words[] = {{"lists", fth_buf_view(&lists)}};

        run(load, "ledger/load/segment_value", words, FTH_NR(words), err);
    }
    fth_buf_release(&lists);
    return err->rc;
}

/* The keys of cubes 100, 101, … for the catalogue. */
static enum fth_rc name_cube_tags(struct load *load, struct fth_arena *arena, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(LIST_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_array(&jw);
    for (size_t i = 0; i < load->ledger->hot_tag_nr; i++)
        fth_jw_str(&jw, load->hot_tags[i]);
    fth_jw_array_end(&jw);
    if (!fth_jw_done(&jw, err))
        fth_arena_str(arena, fth_buf_view(&buf), &load->stats.cube_tags, err);
    fth_buf_release(&buf);
    return err->rc;
}

/* Most segments lie within one month, which then is a literal and no work per row. */
static enum fth_rc write_resources(struct load *load, struct fth_err *err)
{
    int32_t month = fth_month_of_date(load->stats.charge_from);
    bool one_month = month == fth_month_of_date(load->stats.charge_to);
    struct fth_str text = fth_sql("ledger/load/month_of_row");
    char literal[10];

    fth_date_text(fth_month_first_date(month), literal);
    if (one_month && fth_arena_printf(load->arena, &text, err, "DATE '%.10s'", literal))
        return err->rc;
    const struct fth_word words[] = {word("segment", load->segment),
                                     word("table", load->table),
                                     {"month", text},
                                     word("month_key", one_month ? "" : "Month, "),
                                     TAIL_WORDS(load)};

    return run(load, "ledger/load/resource_month", words, FTH_NR(words), err);
}

/* ---- all of it ---- */

static enum fth_rc ended(struct load *load, enum fth_load_step step, enum fth_rc rc)
{
    int64_t now = fth_clock_cpu_us();

    load->stats.cpu_us[step] = now - load->cpu_us;
    load->cpu_us = now;
    return rc;
}

/* In the transaction. *tags_written: how many new tag sets are in it. */
static enum fth_rc write_all(struct load *load, struct fth_arena *arena, size_t *tags_written,
                             struct fth_err *err)
{
    load->cpu_us = fth_clock_cpu_us();
    if (ended(load, FTH_LOAD_SEGMENT, write_segment(load, err)) ||
        ended(load, FTH_LOAD_STATS, read_stats(load, arena, err)) || split_side(load, err) ||
        ended(load, FTH_LOAD_TAGS,
              fth_tagsets_write(&load->ledger->tags, load->session, load->asked->cancel,
                                tags_written, err)) ||
        ended(load, FTH_LOAD_CUBES, write_cubes(load, err)) || name_cube_tags(load, arena, err) ||
        ended(load, FTH_LOAD_ROLLUP,
              write_resources(load, err) ? err->rc : write_values(load, err)))
        return err->rc;
    return fth_cancel_check(load->asked->cancel, err);
}

static enum fth_rc transact(struct load *load, struct fth_arena *arena, struct fth_err *err)
{
    struct fth_err ignored = {0};
    size_t tags_written = 0;

    if (fth_session_exec(load->session, fth_sql("ledger/load/begin"), NULL, 0, NULL, NULL, err))
        return err->rc;
    if (!write_all(load, arena, &tags_written, err) &&
        !ended(load, FTH_LOAD_COMMIT,
               fth_session_exec(load->session, fth_sql("ledger/load/commit"), NULL, 0, NULL, NULL,
                                err))) {
        fth_tagsets_keep(&load->ledger->tags, tags_written);
        return FTH_OK;
    }
    /* When this fails too, closing the session rolls back. */
    fth_session_exec(load->session, fth_sql("ledger/load/rollback"), NULL, 0, NULL, NULL, &ignored);
    return err->rc;
}

enum fth_rc fth_ledger_load(struct fth_ledger *ledger, const struct fth_segment_load *asked,
                            struct fth_arena *arena, struct fth_segment_stats *out,
                            struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(arena);
    struct load load = {.ledger = ledger, .asked = asked, .arena = fth_arena_new(LOAD_ARENA)};
    struct fth_feed *const feeds[] = {asked->feed, asked->side};
    size_t fed = 0;

    snprintf(load.segment, sizeof(load.segment), "%" PRId64, asked->segment_id);
    snprintf(load.delivery, sizeof(load.delivery), "%" PRId64, asked->delivery_id);
    snprintf(load.table, sizeof(load.table), "seg_%" PRId64, asked->segment_id);
    if (!load.arena) {
        fth_err_nomem(err);
        goto out;
    }
    if (fth_session_open(ledger->engine, &load.session, err))
        goto out;
    while (fed < FTH_NR(feeds) && !(feeds[fed] && fth_session_feed(load.session, feeds[fed], err)))
        fed++;
    if (!err->rc)
        transact(&load, arena, err);
    while (fed--)
        if (feeds[fed])
            fth_session_unfeed(load.session, feeds[fed]);
    if (!err->rc)
        *out = load.stats;
out:
    fth_session_close(load.session);
    fth_arena_free(load.arena);
    if (err->rc)
        fth_arena_rewind(arena, mark);
    return err->rc;
}

void fth_segment_sums_put(struct fth_jw *jw, const struct fth_segment_sums *sums, size_t nr)
{
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "currency", sums[i].currency);
        fth_jw_kv_i64(jw, "rows", sums[i].rows);
        fth_jw_kv_money(jw, "billed_cost", sums[i].billed);
        fth_jw_kv_money(jw, "effective_cost", sums[i].effective);
        fth_jw_kv_money(jw, "list_cost", sums[i].list);
        fth_jw_kv_money(jw, "contracted_cost", sums[i].contracted);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}
