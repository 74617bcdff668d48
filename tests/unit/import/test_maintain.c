/* maintenance: whatever is merged and archived, every version says what it said before. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "import_world.h"
#include "ledger/archive.h"
#include "ledger/compact.h"
#include "ledger/lake.h"

#define HEAD                                                                                \
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,"    \
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory," \
    "ServiceName,ProviderName,Tags,x_Note\n"

/* Tails, a wide amount, tags, side columns; the same record numbers in each, in two currencies. */
static const char *const bills[] = {
    HEAD "1.1234567890123456789012345678,1,2,2,USD,a-1,2025-05-01,2025-06-01,2025-05-03,2025-05-04,"
         "Usage,A,Contoso,\"{\"\"team\"\":\"\"x\"\"}\",first\n"
         "2,2,2,2,USD,a-1,2025-05-01,2025-06-01,2025-05-01,2025-05-02,Usage,B,Contoso,,second\n",
    HEAD "123456789012.5,2.5,3,3,USD,a-1,2025-05-01,2025-06-01,2025-05-02,2025-05-03,Usage,B,"
         "Contoso,,third\n"
         "5,5,5,5,USD,a-1,2025-05-01,2025-06-01,2025-05-04,2025-05-05,Usage,A,Contoso,,\n",
    HEAD "-0.0000000000000000000000000007,0,0,0,EUR,a-1,2025-05-01,2025-06-01,2025-05-02,"
         "2025-05-04,Usage,C,Contoso,\"{\"\"team\"\":null}\",fifth\n",
};

static void load(struct import_world *world, const char *text, enum fth_import_mode mode)
{
    static unsigned nr;
    char name[32];
    const char *path;

    snprintf(name, sizeof(name), "bill-%u.csv", nr++);
    path = test_file_named(name, fth_str_c(text));
    assert_int_equal(
        import_run(world, (struct fth_import_request){.paths = &path, .path_nr = 1, .mode = mode})
            .rc,
        FTH_OK);
}

static void open_world(struct import_world *world)
{
    import_world_open(world);
    for (size_t i = 0; i < sizeof(bills) / sizeof(*bills); i++)
        load(world, bills[i], FTH_IMPORT_APPEND);
}

/* Every charge of a version with all of its columns and what stands beside it, as one text. In the
 * order in which a segment is stored, when `stored`. */
static struct fth_str said(struct import_world *world, int64_t version, bool stored)
{
    const struct fth_snapshot *snapshot = NULL;
    struct fth_session *session = NULL;
    struct fth_result *result = NULL;
    struct fth_buf sql = fth_buf_max(1 << 20), out = fth_buf_max(1 << 20);
    struct fth_batch batch;
    struct fth_str text = {0};
    struct fth_err err = {0};

    assert_ok(fth_ledger_snapshot(world->ledger, version, &snapshot, &err), &err);
    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *s = &snapshot->at[i];

        fth_buf_printf(
            &sql,
            "%sSELECT %zu AS n, place, concat_ws('|', Delivery, Record, Part, "
            "BilledCost::DECIMAL(38,10), BilledCostTail, EffectiveCost::DECIMAL(38,10), ListCost::"
            "DECIMAL(38,10), BillingCurrency, ChargePeriodStart, ServiceName, g.Tags, x.Columns) "
            "AS "
            "t FROM (SELECT *, rowid AS place FROM %s) c LEFT JOIN tag_set g USING (TagSetId) LEFT "
            "JOIN (SELECT Record AS R, Part AS P, Delivery AS D, Columns FROM %s WHERE Segment = "
            "%lld) x ON R = Record AND P = Part AND D = Delivery",
            i ? " UNION ALL " : "", i, s->table, s->side ? s->side : "side", (long long)s->id);
    }
    fth_buf_printf(&sql, stored ? " ORDER BY n, place" : " ORDER BY t");
    assert_ok(fth_buf_done(&sql, &err), &err);
    assert_ok(fth_session_open(fth_ledger_engine(world->ledger), &session, &err), &err);
    assert_ok(fth_session_query(session, fth_buf_view(&sql), NULL, 0, NULL, &result, &err), &err);
    while (!fth_result_next(result, &batch, &err) && batch.nr)
        for (size_t i = 0; i < batch.nr; i++)
            fth_buf_printf(&out, FTH_STR_F "\n",
                           FTH_STR_A(batch.cols[2].text[batch.cols[2].constant ? 0 : i]));
    assert_ok(fth_buf_done(&out, &err), &err);
    assert_ok(fth_arena_str(world->arena, fth_buf_view(&out), &text, &err), &err);
    fth_result_free(result);
    fth_session_close(session);
    fth_snapshot_release(world->ledger, snapshot);
    fth_buf_release(&sql);
    fth_buf_release(&out);
    return text;
}

static size_t segment_nr(struct import_world *world, int64_t version)
{
    const struct fth_snapshot *snapshot;
    struct fth_err err = {0};
    size_t nr;

    assert_ok(fth_ledger_snapshot(world->ledger, version, &snapshot, &err), &err);
    nr = snapshot->nr;
    fth_snapshot_release(world->ledger, snapshot);
    return nr;
}

static struct fth_compacted compact(struct import_world *world, size_t least)
{
    struct fth_compacted done;
    struct fth_err err = {0};

    assert_ok(fth_ledger_compact(world->ledger, least, NULL, &done, &err), &err);
    return done;
}

static struct fth_archived archive(struct import_world *world)
{
    struct fth_archived done;
    struct fth_err err = {0};

    assert_ok(fth_ledger_archive(world->ledger, 0, NULL, &done, &err), &err);
    return done;
}

static void small_segments_become_one_that_says_the_same(void **state)
{
    struct import_world world;
    struct fth_str before, first;
    struct fth_compacted done;

    open_world(&world);
    before = said(&world, 0, false);
    first = said(&world, 1, true);
    assert_int_equal(segment_nr(&world, 0), 3);
    assert_int_equal(compact(&world, 4).made, 0);
    done = compact(&world, 3);
    assert_int_equal(done.merged, 3);
    assert_int_equal(done.made, 1);
    assert_int_equal(done.rows, 5);
    assert_int_equal(segment_nr(&world, 0), 1);
    assert_true(fth_str_eq(said(&world, 0, false), before));
    assert_true(fth_str_eq(said(&world, 1, true), first));
    assert_true(fth_str_eq(said(&world, 3, false), before));
    import_cubes_agree(&world);
    /* And again, when another one was added. */
    load(&world,
         HEAD "9,9,9,9,USD,a-1,2025-05-01,2025-06-01,2025-05-09,2025-05-10,Usage,D,Contoso,,z\n",
         FTH_IMPORT_APPEND);
    before = said(&world, 0, false);
    assert_int_equal(compact(&world, 2).merged, 2);
    assert_true(fth_str_eq(said(&world, 0, false), before));
    import_cubes_agree(&world);
    import_world_close(&world);
}

static void a_large_segment_waits_until_the_small_ones_are_worth_it(void **state)
{
    struct import_world world;
    struct fth_buf large = fth_buf_max(1 << 20);

    import_world_open(&world);
    fth_buf_c(&large, HEAD);
    for (int i = 0; i < 40; i++)
        fth_buf_c(
            &large,
            "1,1,1,1,USD,a-1,2025-05-01,2025-06-01,2025-05-03,2025-05-04,Usage,A,Contoso,,\n");
    fth_buf_char(&large, '\0');
    load(&world, large.p, FTH_IMPORT_APPEND);
    fth_buf_release(&large);
    for (size_t i = 0; i < 3; i++)
        load(&world, bills[i], FTH_IMPORT_APPEND);
    assert_int_equal(compact(&world, 2).merged, 3);
    assert_int_equal(segment_nr(&world, 0), 2);
    import_world_close(&world);
}

static void past_segments_are_read_from_the_archive_as_they_were(void **state)
{
    struct import_world world;
    struct fth_str at[6];
    struct fth_archived done;

    open_world(&world);
    load(&world, bills[1], FTH_IMPORT_REPLACE);
    compact(&world, 2);
    for (int64_t v = 1; v <= 4; v++)
        at[v] = said(&world, v, true);
    done = archive(&world);
    assert_int_equal(done.segments, 3);
    assert_int_equal(done.dropped, 3);
    assert_true(done.bytes > 0);
    for (int64_t v = 1; v <= 4; v++)
        assert_true(fth_str_eq(said(&world, v, true), at[v]));
    import_cubes_agree(&world);
    assert_int_equal(archive(&world).segments, 0);
    /* And when the ledger is opened again. */
    import_world_reopen(&world);
    for (int64_t v = 1; v <= 4; v++)
        assert_true(fth_str_eq(said(&world, v, true), at[v]));
    import_world_close(&world);
}

static void a_reader_keeps_the_table_that_he_was_given(void **state)
{
    const struct fth_snapshot *pinned = NULL;
    struct import_world world;
    struct fth_err err = {0};
    struct fth_str before;

    open_world(&world);
    load(&world, bills[1], FTH_IMPORT_REPLACE);
    before = said(&world, 3, true);
    assert_ok(fth_ledger_snapshot(world.ledger, 3, &pinned, &err), &err);
    assert_int_equal(archive(&world).dropped, 0);
    assert_false(pinned->at[0].archived);
    assert_true(fth_str_eq(said(&world, 3, true), before));
    fth_snapshot_release(world.ledger, pinned);
    assert_int_equal(archive(&world).dropped, 3);
    assert_true(fth_str_eq(said(&world, 3, true), before));
    import_world_close(&world);
}

static void what_has_had_its_time_is_forgotten_with_its_versions(void **state)
{
    const struct fth_snapshot *snapshot = NULL;
    struct import_world world;
    struct fth_archived done;
    struct fth_err err = {0};
    struct fth_str now;

    open_world(&world);
    load(&world, bills[1], FTH_IMPORT_REPLACE);
    now = said(&world, 4, true);
    archive(&world);
    world.now_us += 10;
    assert_ok(fth_ledger_archive(world.ledger, 20, NULL, &done, &err), &err);
    assert_int_equal(done.removed, 0);
    world.now_us += 11;
    assert_ok(fth_ledger_archive(world.ledger, 20, NULL, &done, &err), &err);
    assert_int_equal(done.removed, 3);
    assert_int_equal(fth_ledger_snapshot(world.ledger, 3, &snapshot, &err), FTH_E_NOTFOUND);
    assert_true(fth_str_eq(said(&world, 4, true), now));
    import_world_close(&world);
}

static const char *beside(const struct import_world *world, const char *name, const char *text)
{
    struct fth_str path = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(world->arena, &path, &err, "%s/%s", world->dir, name), &err);
    if (text)
        assert_ok(fth_file_write(path.p, fth_str_c(text), &err), &err);
    return path.p;
}

static void what_a_killed_run_left_in_the_archive_goes(void **state)
{
    struct import_world world;
    const char *orphan, *part, *other, *kept;

    open_world(&world);
    load(&world, bills[1], FTH_IMPORT_REPLACE);
    orphan = beside(&world, "archive/99.parquet", "x");
    part = beside(&world, "archive/99.side.parquet.part", "x");
    other = beside(&world, "archive/notes", "x");
    archive(&world);
    kept = beside(&world, "archive/1.parquet", NULL);
    assert_false(fth_file_is_file(orphan));
    assert_false(fth_file_is_file(part));
    assert_true(fth_file_is_file(other));
    assert_true(fth_file_is_file(kept));
    import_world_close(&world);
}

/* The answer to a commit may be lost: what the catalogue has is not thrown away. */
static void a_segment_that_was_committed_is_not_discarded(void **state)
{
    const struct fth_snapshot *snapshot = NULL;
    struct import_world world;
    struct fth_err err = {0};
    struct fth_str now;

    open_world(&world);
    now = said(&world, 0, true);
    assert_ok(fth_ledger_snapshot(world.ledger, 0, &snapshot, &err), &err);
    assert_ok(fth_ledger_discard(world.ledger, snapshot->at[0].id, &err), &err);
    fth_snapshot_release(world.ledger, snapshot);
    assert_true(fth_str_eq(said(&world, 0, true), now));
    import_world_close(&world);
}

static void a_lake_of_merged_segments_comes_back_equal(void **state)
{
    struct import_world world, other;
    struct fth_lake_summary summary;
    struct fth_err err = {0};
    struct fth_str before, path = {0};

    open_world(&world);
    compact(&world, 2);
    archive(&world);
    before = said(&world, 0, false);
    assert_ok(fth_arena_printf(test_arena(4096), &path, &err, "%s/lake", test_dir()), &err);
    assert_ok(fth_lake_export(world.ledger, path.p, "test", NULL, &summary, &err), &err);
    import_world_open(&other);
    assert_ok(fth_lake_restore(other.ledger, path.p, NULL, &summary, &err), &err);
    assert_true(fth_str_eq(said(&other, 0, false), before));
    import_world_close(&other);
    import_world_close(&world);
}

/* ---- the file ---- */

static struct fth_shrunk shrink(struct import_world *world)
{
    const struct fth_shrink_conf conf = {0};
    struct fth_shrunk done;
    struct fth_err err = {0};

    assert_ok(fth_ledger_shrink(world->ledger, &conf, NULL, &done, &err), &err);
    return done;
}

static void a_new_file_says_the_same_and_readers_of_the_old_go_on(void **state)
{
    struct fth_session *reader = NULL;
    struct import_world world;
    struct fth_err err = {0};
    struct fth_str now, past;

    open_world(&world);
    now = said(&world, 0, true);
    past = said(&world, 1, true);
    assert_ok(fth_session_open(fth_ledger_engine(world.ledger), &reader, &err), &err);
    assert_ok(fth_engine_rewrite(fth_ledger_engine(world.ledger), NULL, &err), &err);
    assert_false(fth_engine_drained(fth_ledger_engine(world.ledger)));
    assert_false(fth_session_is_current(reader));
    assert_ok(fth_session_exec(reader, FTH_STR("SELECT count(*) FROM tag_set"), NULL, 0, NULL, NULL,
                               &err),
              &err);
    assert_true(fth_str_eq(said(&world, 0, true), now));
    fth_session_close(reader);
    assert_true(fth_engine_drained(fth_ledger_engine(world.ledger)));
    assert_true(shrink(&world).rewritten);
    assert_true(fth_str_eq(said(&world, 0, true), now));
    /* Loads go to the new file, and the next process finds it. */
    load(&world, bills[1], FTH_IMPORT_REPLACE);
    now = said(&world, 0, true);
    import_world_reopen(&world);
    assert_true(fth_str_eq(said(&world, 0, true), now));
    assert_true(fth_str_eq(said(&world, 1, true), past));
    import_cubes_agree(&world);
    import_world_close(&world);
}

/* Commits that come while a checkpoint runs are in a log of their own until it has ended. */
static void logs_of_a_killed_checkpoint_are_kept_at_opening(void **state)
{
    static const char *const names[] = {"ledger/ledger-1.duckdb.wal.checkpoint",
                                        "ledger/ledger-1.duckdb.wal.recovery"};
    struct import_world world;
    const char *other;

    open_world(&world);
    assert_true(shrink(&world).rewritten);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        beside(&world, names[i], "");
    other = beside(&world, "ledger/ledger-2.duckdb.wal", "x");
    import_world_reopen(&world);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_true(fth_file_is_file(beside(&world, names[i], NULL)));
    assert_false(fth_file_is_file(other));
    import_world_close(&world);
}

static void a_reader_in_the_middle_of_an_answer_does_not_stop_it(void **state)
{
    struct fth_session *reader = NULL;
    struct fth_result *result = NULL;
    struct import_world world;
    struct fth_batch batch;
    struct fth_err err = {0};
    int64_t rows = 0;
    struct fth_str now;

    open_world(&world);
    now = said(&world, 0, true);
    assert_ok(fth_session_open(fth_ledger_engine(world.ledger), &reader, &err), &err);
    assert_ok(fth_session_query(reader, FTH_STR("SELECT BilledCost FROM seg_1, range(100000) AS r"),
                                NULL, 0, NULL, &result, &err),
              &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    rows += (int64_t)batch.nr;
    compact(&world, 2);
    archive(&world);
    assert_ok(fth_engine_rewrite(fth_ledger_engine(world.ledger), NULL, &err), &err);
    while (!fth_result_next(result, &batch, &err) && batch.nr)
        rows += (int64_t)batch.nr;
    assert_ok(err.rc, &err);
    assert_int_equal(rows, 200000);
    fth_result_free(result);
    fth_session_close(reader);
    assert_true(fth_str_eq(said(&world, 0, false), said(&world, 3, false)));
    assert_int_equal(now.n, said(&world, 3, true).n);
    import_world_close(&world);
}

/* ---- whatever fails ---- */

/* Two deliveries in place of those before: something to merge and, from the second round on,
 * something to archive. */
static void next_round(struct import_world *world, const char *path, unsigned n)
{
    struct fth_import_request request = {.paths = &path, .path_nr = 1, .mode = FTH_IMPORT_REPLACE};
    struct fth_err err = {0};
    char text[2048];

    for (int half = 0; half < 2; half++) {
        snprintf(text, sizeof(text),
                 HEAD "%u.0000000000001,1,1,1,USD,a-1,2025-05-01,2025-06-01,2025-05-0%d,2025-05-07,"
                      "Usage,A,Contoso,\"{\"\"n\"\":\"\"%u\"\"}\",note %u\n",
                 n, half + 1, n, n);
        assert_ok(fth_file_write(path, fth_str_c(text), &err), &err);
        assert_int_equal(import_run(world, request).rc, FTH_OK);
        request.mode = FTH_IMPORT_APPEND;
    }
}

/* A run of both in which the n-th call of a kind fails; then all is as it was, and the next run
 * does what is left to do. True while there was such a call. */
static bool fails(struct import_world *world, const char *path, enum fth_fault kind, unsigned n)
{
    const struct fth_shrink_conf conf = {0};
    struct fth_compacted compacted;
    struct fth_archived archived;
    struct fth_shrunk shrunk;
    unsigned long reached = 0;
    struct fth_err err = {0};
    struct fth_str now, past;
    int64_t version;
    enum fth_rc rc;

    next_round(world, path, n);
    version = fth_ledger_version(world->ledger);
    now = said(world, version, false);
    past = said(world, version - 1, true);
#ifdef FTH_FAULTS
    fth_fault_arm(kind, n);
#endif
    rc = fth_ledger_compact(world->ledger, 2, NULL, &compacted, &err);
    if (!rc)
        rc = fth_ledger_archive(world->ledger, 0, NULL, &archived, &err);
    if (!rc)
        rc = fth_ledger_shrink(world->ledger, &conf, NULL, &shrunk, &err);
#ifdef FTH_FAULTS
    reached = fth_fault_count(kind);
    fth_fault_arm(kind, 0);
#endif
    assert_int_equal(rc, err.rc);
    assert_true(rc == FTH_OK || err.msg[0]);
    for (int again = 0; again < 2; again++) {
        assert_true(fth_str_eq(said(world, 0, false), now));
        assert_true(fth_str_eq(said(world, version, false), now));
        assert_true(fth_str_eq(said(world, version - 1, true), past));
        import_cubes_agree(world);
        compact(world, 2);
        archive(world);
    }
    assert_int_equal(segment_nr(world, 0), 1);
    return reached >= n;
}

/* Of many sites each walk takes every so manieth. */
static void sites(enum fth_fault kind, const char *name, unsigned step)
{
    const char *path = test_file_named("round.csv", FTH_STR(""));
    struct import_world world;
    unsigned n = 1, rounds = 0;

    import_world_open(&world);
    next_round(&world, path, 0);
    for (; fails(&world, path, kind, n); n += step)
        rounds++;
    test_fault_sites(kind, name, rounds);
    import_world_close(&world);
}

static void whichever_allocation_fails_every_version_says_the_same(void **state)
{
    sites(FTH_FAULT_ALLOC, __func__, 127);
}

static void whichever_statement_fails_every_version_says_the_same(void **state)
{
    sites(FTH_FAULT_SQL, __func__, 43);
}

static void whichever_write_fails_every_version_says_the_same(void **state)
{
    sites(FTH_FAULT_WRITE, __func__, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_segments_become_one_that_says_the_same),
        TEST(a_large_segment_waits_until_the_small_ones_are_worth_it),
        TEST(past_segments_are_read_from_the_archive_as_they_were),
        TEST(a_reader_keeps_the_table_that_he_was_given),
        TEST(what_has_had_its_time_is_forgotten_with_its_versions),
        TEST(a_lake_of_merged_segments_comes_back_equal),
        TEST(a_new_file_says_the_same_and_readers_of_the_old_go_on),
        TEST(what_a_killed_run_left_in_the_archive_goes),
        TEST(a_segment_that_was_committed_is_not_discarded),
        TEST(logs_of_a_killed_checkpoint_are_kept_at_opening),
        TEST(a_reader_in_the_middle_of_an_answer_does_not_stop_it),
        TEST(whichever_allocation_fails_every_version_says_the_same),
        TEST(whichever_statement_fails_every_version_says_the_same),
        TEST(whichever_write_fails_every_version_says_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
