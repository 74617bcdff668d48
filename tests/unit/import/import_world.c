#include "import_world.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/vec.h"

enum { ARENA = 512 << 20, SQL_MAX = 1 << 20, REPORT_MAX = 4 << 20 };

static void open_ledger(struct import_world *world)
{
    char url[512], engine[512], archive[512];
    struct fth_ledger_conf conf = {
        .engine = {.memory_bytes = (uint64_t)512 << 20, .threads = 2, .dir = engine},
        .archive = archive};
    struct fth_err err = {0};

    snprintf(url, sizeof(url), "sqlite:%s/state.db", world->dir);
    snprintf(engine, sizeof(engine), "%s/ledger", world->dir);
    snprintf(archive, sizeof(archive), "%s/archive", world->dir);
    assert_ok(fth_db_open(url, &world->db, &err), &err);
    assert_ok(fth_db_migrate(world->db, NULL, NULL, &err), &err);
    assert_ok(fth_ledger_open(&conf, world->db, &world->clock, world->log, &world->ledger, &err),
              &err);
}

void import_world_open(struct import_world *world)
{
    static unsigned worlds; /* a folder each, for tests that open several */
    struct fth_err err = {0};

    world->arena = fth_arena_new(ARENA);
    assert_non_null(world->arena);
    snprintf(world->dir, sizeof(world->dir), "%s/world-%u", test_dir(), worlds++);
    assert_ok(fth_file_mkdirs(world->dir, &err), &err);
    world->now_us = INT64_C(1748800000000000);
    world->clock = fth_clock_fixed(&world->now_us);
    open_ledger(world);
}

void import_world_reopen(struct import_world *world)
{
    fth_ledger_close(world->ledger);
    fth_db_close(world->db);
    open_ledger(world);
}

void import_world_close(struct import_world *world)
{
    fth_ledger_close(world->ledger);
    fth_db_close(world->db);
    fth_arena_free(world->arena);
    *world = (struct import_world){0};
}

struct import_said import_run(struct import_world *world, struct fth_import_request request)
{
    struct import_said said = {0};
    struct fth_buf report = fth_buf_max(REPORT_MAX);
    struct fth_arena *arena = world->arena;
    struct fth_err err = {0};

    request.ledger = world->ledger;
    request.clock = &world->clock;
    said.rc = fth_import_run(&request, &report, &said.err);
    assert_ok(fth_buf_done(&report, &err), &err);
    assert_ok(fth_arena_str(arena, fth_buf_view(&report), &said.report, &err), &err);
    fth_buf_release(&report);
    if (said.report.n)
        assert_ok(fth_json_parse(arena, said.report, NULL, &said.json, &err), &err);
    return said;
}

/* ---- questions ---- */

/* Of the current segments: "SELECT … FROM seg_1 UNION ALL SELECT … FROM seg_2". False: none. */
static bool put_segments(struct import_world *world, struct fth_buf *sql)
{
    const struct fth_snapshot *snapshot;
    struct fth_err err = {0};
    size_t nr;

    assert_ok(fth_ledger_snapshot(world->ledger, 0, &snapshot, &err), &err);
    nr = snapshot->nr;
    for (size_t i = 0; i < nr; i++)
        fth_buf_printf(sql, "%sSELECT * FROM %s", i ? " UNION ALL BY NAME " : "",
                       snapshot->at[i].table);
    fth_snapshot_release(world->ledger, snapshot);
    return nr > 0;
}

static void put_group(struct fth_buf *sql, struct fth_str by)
{
    struct fth_str kind, key;

    if (fth_str_eq_c(by, "day"))
        fth_buf_c(sql, "strftime(ChargePeriodStart, '%Y-%m-%d')");
    else if (fth_str_eq_c(by, "month"))
        fth_buf_c(sql, "strftime(BillingPeriodStart, '%Y-%m')");
    else if (fth_str_split(by, ':', &kind, &key))
        fth_buf_printf(sql,
                       "(SELECT Tags['" FTH_STR_F "'] FROM tag_set t "
                       "WHERE t.TagSetId = c.TagSetId)",
                       FTH_STR_A(key));
    else
        fth_buf_str(sql, by);
}

FTH_VEC(cell_vec, struct fth_str)

static struct fth_str money_cell(struct fth_arena *arena, struct fth_str head, struct fth_str tail)
{
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_money whole, units, sum;
    struct fth_err err = {0};
    struct fth_str out;

    assert_ok(fth_money_parse(head, &whole, &err), &err);
    assert_ok(fth_money_parse(tail, &units, &err), &err);
    assert_ok(fth_money_make(whole.head, units.head / INT64_C(10000000000), &sum, &err), &err);
    assert_ok(fth_arena_str(arena, (struct fth_str){text, fth_money_text(sum, text)}, &out, &err),
              &err);
    return out;
}

static struct fth_str cell_at(const struct fth_batch *batch, size_t row, size_t col)
{
    const struct fth_vec *vec = &batch->cols[col];

    return fth_vec_is_valid(vec, row) ? vec->text[vec->constant ? 0 : row] : (struct fth_str){0};
}

/* Rows of text columns; the last five are billed, its tail, effective, its tail, count. */
static struct import_sums ask(struct import_world *world, struct fth_str sql)
{
    struct fth_arena *arena = world->arena;
    struct cell_vec cells = cell_vec_in(arena);
    struct fth_session *session;
    struct fth_result *result;
    struct fth_batch batch;
    struct import_sums out = {0};
    struct fth_err err = {0};

    assert_ok(fth_session_open(fth_ledger_engine(world->ledger), &session, &err), &err);
    assert_ok(fth_session_query(session, sql, NULL, 0, NULL, &result, &err), &err);
    for (;;) {
        assert_ok(fth_result_next(result, &batch, &err), &err);
        if (!batch.nr)
            break;
        out.col_nr = batch.col_nr - 2;
        for (size_t row = 0; row < batch.nr; row++, out.row_nr++) {
            size_t group_nr = batch.col_nr - 5;
            struct fth_str text;

            for (size_t col = 0; col < group_nr; col++) {
                assert_ok(fth_arena_str(arena, cell_at(&batch, row, col), &text, &err), &err);
                assert_ok(cell_vec_push(&cells, text, &err), &err);
            }
            for (size_t col = group_nr; col < group_nr + 4; col += 2)
                assert_ok(cell_vec_push(&cells,
                                        money_cell(arena, cell_at(&batch, row, col),
                                                   cell_at(&batch, row, col + 1)),
                                        &err),
                          &err);
            assert_ok(fth_arena_str(arena, cell_at(&batch, row, group_nr + 4), &text, &err), &err);
            assert_ok(cell_vec_push(&cells, text, &err), &err);
        }
    }
    fth_result_free(result);
    fth_session_close(session);
    out.cells = cells.at;
    return out;
}

void import_said_well(const struct import_said *said)
{
    const struct fth_json *list = fth_json_get(said->json, "deliveries");

    assert_ok(said->rc, &said->err);
    assert_true(list->nr > 0);
    for (size_t i = 0; i < list->nr; i++) {
        const struct fth_json *checks = fth_json_get(&list->items[i], "checks");

        assert_str(fth_json_str(&list->items[i], "status", FTH_STR("")), "loaded");
        assert_str(fth_json_str(&list->items[i], "difference", FTH_STR("")), "0");
        for (size_t k = 0; k < checks->nr; k++)
            if (!fth_json_bool(fth_json_get(&checks->items[k], "ok"), false) &&
                !fth_json_bool(fth_json_get(&checks->items[k], "remark"), false))
                fail_msg("check " FTH_STR_F ": " FTH_STR_F,
                         FTH_STR_A(fth_json_str(&checks->items[k], "id", FTH_STR(""))),
                         FTH_STR_A(fth_json_str(&checks->items[k], "detail", FTH_STR(""))));
    }
}

static const char sums_sql[] = "CAST(sum(CAST(BilledCost AS DECIMAL(38,10))) AS VARCHAR), "
                               "CAST(sum(CAST(BilledCostTail AS HUGEINT)) AS VARCHAR), "
                               "CAST(sum(CAST(EffectiveCost AS DECIMAL(38,10))) AS VARCHAR), "
                               "CAST(sum(CAST(EffectiveCostTail AS HUGEINT)) AS VARCHAR), ";

struct import_sums import_sums(struct import_world *world, const struct fth_str *by, size_t by_nr)
{
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    struct import_sums out = {0};
    bool any;

    fth_buf_c(&sql, "SELECT ");
    for (size_t i = 0; i < by_nr; i++) {
        put_group(&sql, by[i]);
        fth_buf_printf(&sql, " AS k%zu, ", i);
    }
    fth_buf_printf(&sql, "%sCAST(count(*) AS VARCHAR) FROM (", sums_sql);
    any = put_segments(world, &sql);
    fth_buf_c(&sql, ") c");
    for (size_t i = 0; i < by_nr; i++)
        fth_buf_printf(&sql, "%s k%zu", i ? "," : " GROUP BY", i);
    for (size_t i = 0; i < by_nr; i++)
        fth_buf_printf(&sql, "%s k%zu NULLS FIRST", i ? "," : " ORDER BY", i);
    if (any)
        out = ask(world, fth_buf_view(&sql));
    fth_buf_release(&sql);
    return out;
}

static void total_of(struct import_world *world, const char *table, const char *where,
                     const struct import_sums *want)
{
    const struct fth_snapshot *snapshot;
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    struct import_sums got;
    struct fth_err err = {0};

    assert_ok(fth_ledger_snapshot(world->ledger, 0, &snapshot, &err), &err);
    fth_buf_printf(&sql,
                   "SELECT %sCAST(sum(ChargeCount) AS VARCHAR) FROM %s WHERE %s AND Segment "
                   "IN (0",
                   sums_sql, table, where);
    for (size_t i = 0; i < snapshot->nr; i++)
        fth_buf_printf(&sql, ", %" PRId64, snapshot->at[i].id);
    fth_buf_c(&sql, ")");
    fth_snapshot_release(world->ledger, snapshot);
    got = ask(world, fth_buf_view(&sql));
    fth_buf_release(&sql);
    assert_int_equal(got.row_nr, 1);
    for (size_t i = 0; i < got.col_nr; i++)
        if (!fth_str_eq(got.cells[i], want->cells[i]))
            fail_msg("%s where %s: " FTH_STR_F ", charges: " FTH_STR_F, table, where,
                     FTH_STR_A(got.cells[i]), FTH_STR_A(want->cells[i]));
}

void import_cubes_agree(struct import_world *world)
{
    struct import_sums want = import_sums(world, NULL, 0);

    if (!want.row_nr)
        return;
#define FTH_CUBE(id, k1, k2) total_of(world, "cube_day", "Cube = " #id, &want);
#include "ledger/cube.def"
#undef FTH_CUBE
}
