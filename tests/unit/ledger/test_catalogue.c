/* catalogue: what is current, since when, and that a commit is whole or nothing. */
#include "ledger/catalogue.h"

#include "base/check.h"
#include "test_db.h"

static struct fth_source source_on(struct fth_db *db, const char *name, const char *account)
{
    struct fth_err err = {0};
    struct fth_source source = {0};

    assert_ok(fth_catalogue_source(db, test_arena(1 << 16), fth_str_c(name), FTH_STR("AWS"),
                                   fth_str_c(account), FTH_STR("cur"), FTH_STR("aws_cur"), 7,
                                   &source, &err),
              &err);
    return source;
}

static struct fth_delivery delivery_of(struct fth_db *db, int64_t source_id, const char *period,
                                       const char *identity)
{
    static const struct fth_delivery_file files[] = {
        {{"a.csv.gz", 8}, {"aa", 2}, 10, 3, 1},
        {{"b.csv.gz", 8}, {"bb", 2}, 20, 4, 4},
    };
    struct fth_err err = {0};
    struct fth_delivery delivery = {
        .source_id = source_id,
        .identity = fth_str_c(identity),
        .billing_period = fth_str_c(period),
        .format = FTH_STR("aws_cur"),
        .received_us = 1000,
        .submitted_us = 900,
        .rows_read = 7,
        .rows_stored = 7,
        .report = FTH_STR("{\"status\":\"loaded\"}"),
        .final = -1,
        .files = files,
        .file_nr = FTH_NR(files),
    };

    assert_ok(fth_catalogue_next_delivery_id(db, &delivery.id, &err), &err);
    return delivery;
}

static struct fth_catalogue_segment segment_of(struct fth_db *db,
                                               const struct fth_delivery *delivery)
{
    struct fth_err err = {0};
    struct fth_catalogue_segment segment = {
        .source_id = delivery->source_id,
        .delivery_id = delivery->id,
        .billing_period = delivery->billing_period,
        .charge_from = -3,
        .charge_to = 20100,
        .rows = 7,
        .charges_until_us = 123456789,
        .currency = FTH_STR("USD"),
        .has_cubes = true,
        .sums = FTH_STR("[{\"currency\":\"USD\",\"billed_cost\":\"1.5\"}]"),
    };

    assert_ok(fth_catalogue_next_segment_id(db, &segment.id, &err), &err);
    return segment;
}

static enum fth_rc commit_on(struct fth_db *db, const struct fth_delivery *delivery,
                             const struct fth_catalogue_segment *segment, bool replace,
                             int64_t now_us, int64_t *version, struct fth_err *err)
{
    struct fth_commit commit = {delivery, segment, segment ? 1 : 0, replace, now_us};

    return fth_catalogue_commit(db, &commit, version, err);
}

/* Loads one delivery with one segment; the segment's id. */
static int64_t load(struct fth_db *db, int64_t source_id, const char *period, const char *identity,
                    bool replace, int64_t now_us, int64_t *version)
{
    struct fth_delivery delivery = delivery_of(db, source_id, period, identity);
    struct fth_catalogue_segment segment = segment_of(db, &delivery);
    struct fth_err err = {0};

    assert_ok(commit_on(db, &delivery, &segment, replace, now_us, version, &err), &err);
    return segment.id;
}

static size_t segments_at(struct fth_db *db, int64_t version, int64_t *first)
{
    struct fth_catalogue_segment *segments = NULL;
    struct fth_err err = {0};
    size_t nr = 0;

    assert_ok(fth_catalogue_segments(db, test_arena(1 << 20), version, &segments, &nr, &err), &err);
    if (nr && first)
        *first = segments[0].id;
    return nr;
}

static int64_t version_of(struct fth_db *db)
{
    struct fth_err err = {0};
    int64_t version = -1;

    assert_ok(fth_catalogue_version(db, &version, &err), &err);
    return version;
}

static void a_source_is_made_once_and_named_after_itself(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source made = source_on(db, "", "1111 2222"), again = source_on(db, "", "1111 2222");
    struct fth_source *all = NULL;
    struct fth_err err = {0};
    size_t nr = 0;

    assert_str(made.name, "aws-1111-2222-cur");
    assert_int_equal(made.id, again.id);
    assert_str(again.billing_account, "1111 2222");
    assert_str(source_on(db, "", "1111-2222").name, "aws-1111-2222-cur-2");
    assert_ok(fth_catalogue_sources(db, test_arena(1 << 16), &all, &nr, &err), &err);
    assert_int_equal(nr, 2);
    assert_str(all[0].name, "aws-1111-2222-cur");
    assert_int_equal(all[0].created_us, 7);
}

static void a_source_is_called_as_one_wishes_unless_another_is(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source made = source_on(db, "", "1"), got = {0};
    struct fth_err err = {0};

    assert_int_equal(source_on(db, "main bill", "1").id, made.id);
    assert_str(source_on(db, "", "1").name, "main bill");
    assert_int_equal(fth_catalogue_source(db, test_arena(1 << 16), FTH_STR("main bill"),
                                          FTH_STR("AWS"), FTH_STR("2"), FTH_STR("cur"),
                                          FTH_STR("aws_cur"), 7, &got, &err),
                     FTH_E_CONFLICT);
    assert_int_equal(got.id, 0); /* untouched on failure */
}

static void numbers_are_used_up(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    int64_t a = 0, b = 0;

    assert_ok(fth_catalogue_next_segment_id(db, &a, &err), &err);
    assert_ok(fth_catalogue_next_segment_id(db, &b, &err), &err);
    assert_int_equal(a, 1);
    assert_int_equal(b, 2);
    assert_ok(fth_catalogue_next_delivery_id(db, &a, &err), &err);
    assert_int_equal(a, 1);
}

static void a_delivery_comes_back_as_it_was_committed(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_delivery made = delivery_of(db, source.id, "2025-01", "run-1"), got = {0};
    struct fth_catalogue_segment segment = segment_of(db, &made), *segments = NULL;
    struct fth_err err = {0};
    int64_t version = 0;
    size_t nr = 0;

    made.final = 1;
    assert_ok(commit_on(db, &made, &segment, true, 5000, &version, &err), &err);
    assert_int_equal(version, 1);
    assert_ok(fth_catalogue_delivery(db, test_arena(1 << 16), made.id, &got, &err), &err);
    assert_str(got.source, "s");
    assert_str(got.provider, "AWS");
    assert_str(got.identity, "run-1");
    assert_str(got.report, "{\"status\":\"loaded\"}");
    assert_int_equal(got.status, FTH_DELIVERY_LOADED);
    assert_int_equal(got.version, 1);
    assert_int_equal(got.until_version, 0);
    assert_int_equal(got.submitted_us, 900);
    assert_int_equal(got.final, 1);
    assert_int_equal(got.file_nr, 2);
    assert_str(got.files[1].path, "b.csv.gz");
    assert_int_equal(got.files[1].first_record, 4);
    assert_ok(fth_catalogue_segments(db, test_arena(1 << 16), 1, &segments, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(segments[0].charge_from, -3);
    assert_int_equal(segments[0].charges_until_us, 123456789);
    assert_true(segments[0].has_cubes);
    assert_false(segments[0].has_tail);
    assert_str(segments[0].currency, "USD");
    assert_str(segments[0].sums, "[{\"currency\":\"USD\",\"billed_cost\":\"1.5\"}]");
}

static void a_restatement_replaces_its_period_and_the_past_stays_askable(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_delivery current = {0};
    struct fth_err err = {0};
    int64_t v1, v2, v3, first = 0, at = 0;
    int64_t old = load(db, source.id, "2025-01", "run-1", true, 1000, &v1);
    int64_t other = load(db, source.id, "2025-02", "run-1", true, 2000, &v2);
    int64_t young = load(db, source.id, "2025-01", "run-2", true, 3000, &v3);

    assert_int_equal(v3, 3);
    assert_int_equal(version_of(db), 3);
    assert_int_equal(segments_at(db, 0, NULL), 0);
    assert_int_equal(segments_at(db, v1, &first), 1);
    assert_int_equal(first, old);
    assert_int_equal(segments_at(db, v2, &first), 2);
    assert_int_equal(first, old);
    assert_int_equal(segments_at(db, v3, &first), 2);
    assert_int_equal(first, young);
    assert_int_not_equal(other, young);
    assert_ok(fth_catalogue_current(db, test_arena(1 << 16), source.id, FTH_STR("2025-01"),
                                    &current, &err),
              &err);
    assert_str(current.identity, "run-2");
    assert_ok(fth_catalogue_version_at(db, 2999, &at, &err), &err);
    assert_int_equal(at, 2);
    assert_int_equal(fth_catalogue_version_at(db, 999, &at, &err), FTH_E_NOTFOUND);
}

static void what_is_appended_closes_nothing(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    int64_t version;

    load(db, source.id, "2025-01", "run-1", true, 1000, &version);
    load(db, source.id, "2025-01", "run-2", false, 1000, &version);
    assert_int_equal(segments_at(db, version, NULL), 2);
}

static void versions_never_go_back_in_time(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_err err = {0};
    int64_t version, at = 0;

    load(db, source.id, "2025-01", "run-1", true, 5000, &version);
    load(db, source.id, "2025-02", "run-1", true, 4000, &version);
    assert_int_equal(fth_catalogue_version_at(db, 4500, &at, &err), FTH_E_NOTFOUND);
    err = (struct fth_err){0};
    assert_ok(fth_catalogue_version_at(db, 5000, &at, &err), &err);
    assert_int_equal(at, 2);
}

static void a_note_changes_nothing_but_is_kept(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_delivery refused = delivery_of(db, source.id, "2025-01", "run-1"), *all = NULL;
    struct fth_delivery got = {0};
    struct fth_err err = {0};
    size_t nr = 0;

    refused.status = FTH_DELIVERY_REFUSED;
    assert_ok(fth_catalogue_note(db, &refused, &err), &err);
    assert_int_equal(version_of(db), 0);
    assert_ok(fth_catalogue_deliveries(db, test_arena(1 << 16), source.id, &all, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(all[0].status, FTH_DELIVERY_REFUSED);
    assert_int_equal(all[0].version, 0);
    /* The same delivery, repaired, is not "unchanged". */
    assert_int_equal(fth_catalogue_find(db, test_arena(1 << 16), source.id, FTH_STR("2025-01"),
                                        FTH_STR("run-1"), &got, &err),
                     FTH_E_NOTFOUND);
    err = (struct fth_err){0};
    assert_int_equal(
        fth_catalogue_current(db, test_arena(1 << 16), source.id, FTH_STR("2025-01"), &got, &err),
        FTH_E_NOTFOUND);
    err = (struct fth_err){0};
    assert_int_equal(fth_catalogue_delivery(db, test_arena(1 << 16), 99, &got, &err),
                     FTH_E_NOTFOUND);
}

static void a_delivery_is_found_again_by_its_identity(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_delivery older = {0}, got = {0};
    struct fth_err err = {0};
    int64_t version;

    load(db, source.id, "2025-01", "run-1", true, 1000, &version);
    load(db, source.id, "2025-01", "run-2", true, 1000, &version);
    older = delivery_of(db, source.id, "2025-01", "run-1");
    older.status = FTH_DELIVERY_SUPERSEDED;
    assert_ok(fth_catalogue_note(db, &older, &err), &err);
    assert_ok(fth_catalogue_find(db, test_arena(1 << 16), source.id, FTH_STR("2025-01"),
                                 FTH_STR("run-1"), &got, &err),
              &err);
    assert_int_equal(got.status, FTH_DELIVERY_LOADED);
    assert_int_equal(got.until_version, 2);
}

static void closed_segments_can_be_forgotten_current_ones_cannot(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_err err = {0};
    int64_t version, oldest = -1, *ids = NULL;
    int64_t old = load(db, source.id, "2025-01", "run-1", true, 1000, &version);
    int64_t young = load(db, source.id, "2025-01", "run-2", true, 1000, &version);
    const int64_t both[] = {old, young}, gone[] = {old, 4711};
    size_t nr = 0;

    assert_int_equal(fth_catalogue_forget(db, both, 2, &err), FTH_E_CONFLICT);
    err = (struct fth_err){0};
    assert_ok(fth_catalogue_segment_ids(db, test_arena(1 << 16), &ids, &nr, &err), &err);
    assert_int_equal(nr, 2);
    assert_ok(fth_catalogue_oldest(db, &oldest, &err), &err);
    assert_int_equal(oldest, 0);
    assert_ok(fth_catalogue_forget(db, gone, 2, &err), &err);
    assert_ok(fth_catalogue_segment_ids(db, test_arena(1 << 16), &ids, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(ids[0], young);
    assert_ok(fth_catalogue_oldest(db, &oldest, &err), &err);
    assert_int_equal(oldest, 2);
}

static void a_source_goes_whole_or_leaves_with_its_charges(void **state)
{
    struct fth_db *db = test_db(state);
    const struct fth_audit audit = {.at_us = 50,
                                    .actor = FTH_STR("owner"),
                                    .action = FTH_STR("source.remove"),
                                    .object = FTH_STR("source:1"),
                                    .detail = FTH_STR("{}")};
    struct fth_source empty = source_on(db, "", "2"), full = source_on(db, "", "1");
    struct fth_source_removal done = {0};
    struct fth_catalogue_segment *segments;
    struct fth_source *sources;
    struct fth_err err = {0}, held = {0}, gone = {0}, none = {0};
    int64_t version;
    size_t nr;

    load(db, full.id, "2025-01", "a", true, 10, &version);
    assert_ok(fth_catalogue_source_remove(db, empty.id, false, &audit, &done, &err), &err);
    assert_true(done.gone && done.version == 0);
    assert_int_equal(fth_catalogue_source_remove(db, empty.id, true, &audit, &done, &none),
                     FTH_E_NOTFOUND);
    assert_int_equal(fth_catalogue_source_remove(db, full.id, false, &audit, &done, &held),
                     FTH_E_CONFLICT);
    assert_ok(fth_catalogue_source_remove(db, full.id, true, &audit, &done, &err), &err);
    assert_true(!done.gone && done.charges == 7 && done.version == version + 1);
    assert_ok(fth_catalogue_segments(db, test_arena(1 << 16), version + 1, &segments, &nr, &err),
              &err);
    assert_int_equal(nr, 0);
    assert_ok(fth_catalogue_segments(db, test_arena(1 << 16), version, &segments, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(fth_catalogue_source_remove(db, full.id, true, &audit, &done, &gone),
                     FTH_E_CONFLICT);
    assert_ok(fth_catalogue_sources(db, test_arena(1 << 16), &sources, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(sources[0].removed_us, 50);
    load(db, full.id, "2025-02", "b", true, 10, &version); /* brings it back */
    assert_ok(fth_catalogue_sources(db, test_arena(1 << 16), &sources, &nr, &err), &err);
    assert_int_equal(sources[0].removed_us, 0);
}

static int64_t audit_rows(struct fth_db *db)
{
    struct fth_table table = {0};
    struct fth_err err = {0};

    assert_ok(fth_db_read(db, "state/audit/last", NULL, 0, test_arena(1 << 14), 1, &table, &err),
              &err);
    return table.row_nr ? table.at[0].i64 : 0;
}

static void a_source_is_declared_with_its_row_of_the_chain_or_not_at_all(void **state)
{
    struct fth_db *db = test_db(state);
    const struct fth_audit audit = {.at_us = 50,
                                    .actor = FTH_STR("owner"),
                                    .action = FTH_STR("source.add"),
                                    .detail = FTH_STR("{}")};
    const struct fth_source want = {.name = FTH_STR("mine"),
                                    .provider = FTH_STR("AWS"),
                                    .billing_account = FTH_STR("1"),
                                    .dataset = FTH_STR("cur"),
                                    .format = FTH_STR("aws_cur")};
    struct fth_source made = {0}, *sources;
    struct fth_err err = {0};
    enum fth_rc rc = FTH_E_FAILED;
    size_t nr;

    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        err = (struct fth_err){0};
        rc = fth_catalogue_source_add(db, test_arena(1 << 16), &want, &audit, &made, &err);
    }
    assert_ok(rc, &err);
    assert_int_equal(made.id, 1); /* no number was used for what failed */
    assert_int_equal(audit_rows(db), 1);
    assert_int_equal(fth_catalogue_source_add(db, test_arena(1 << 16), &want, &audit, &made, &err),
                     FTH_E_CONFLICT);
    err = (struct fth_err){0};
    assert_ok(fth_catalogue_sources(db, test_arena(1 << 16), &sources, &nr, &err), &err);
    assert_int_equal(nr, 1);
    assert_int_equal(audit_rows(db), 1);
}

static void what_was_done_is_a_chain(void **state)
{
    struct fth_db *db = test_db(state);
    const struct fth_audit audit = {.at_us = 50,
                                    .actor = FTH_STR("owner"),
                                    .action = FTH_STR("source.remove"),
                                    .object = FTH_STR("source:1"),
                                    .detail = FTH_STR("{}")};
    struct fth_str last[3] = {{0}};
    struct fth_err err = {0};
    struct fth_table table;

    for (int64_t i = 0; i < 3; i++) {
        struct fth_source source = source_on(db, "", "1");
        struct fth_source_removal done;

        assert_ok(fth_catalogue_source_remove(db, source.id, false, &audit, &done, &err), &err);
        assert_ok(
            fth_db_read(db, "state/audit/last", NULL, 0, test_arena(1 << 14), 1, &table, &err),
            &err);
        assert_int_equal(table.at[0].i64, i + 1);
        last[i] = table.at[1].text;
        assert_int_equal(last[i].n, 64);
    }
    /* The same entry again has another hash: it covers the one before. */
    assert_false(fth_str_eq(last[1], last[2]));
}

static void whichever_statement_of_a_commit_fails_nothing_of_it_shows(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    struct fth_delivery made = delivery_of(db, source.id, "2025-01", "run-1");
    struct fth_catalogue_segment segment = segment_of(db, &made);
    struct fth_err err = {0};
    int64_t moved = 0;
    unsigned failed = 0;
    enum fth_rc rc = FTH_E_FAILED;

    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        err = (struct fth_err){0};
        rc = commit_on(db, &made, &segment, true, 2, &moved, &err);
        failed += rc != FTH_OK;
        if (rc)
            assert_int_equal(rc, FTH_E_IO);
    }
    assert_ok(rc, &err);
    assert_int_equal(moved, 1);   /* every failed one was rolled back */
    assert_int_equal(failed, 10); /* begin, 8 statements, commit */
    assert_int_equal(segments_at(db, 1, NULL), 1);
}

static void every_failing_allocation_of_reading_is_an_error_and_nothing_else(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_source source = source_on(db, "s", "1");
    int64_t version, id = load(db, source.id, "2025-01", "run-1", true, 1000, &version);
    enum fth_rc rc = FTH_E_FAILED;

    (void)id;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        struct fth_delivery got = {0};
        struct fth_err err = {0};

        rc = arena ? fth_catalogue_delivery(db, arena, 1, &got, &err) : FTH_E_NOMEM;
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        fth_arena_free(arena);
    }
    assert_int_equal(rc, FTH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DB(a_source_is_made_once_and_named_after_itself),
        TEST_DB(a_source_is_called_as_one_wishes_unless_another_is),
        TEST_DB(numbers_are_used_up),
        TEST_DB(a_delivery_comes_back_as_it_was_committed),
        TEST_DB(a_restatement_replaces_its_period_and_the_past_stays_askable),
        TEST_DB(what_is_appended_closes_nothing),
        TEST_DB(versions_never_go_back_in_time),
        TEST_DB(a_note_changes_nothing_but_is_kept),
        TEST_DB(a_delivery_is_found_again_by_its_identity),
        TEST_DB(closed_segments_can_be_forgotten_current_ones_cannot),
        TEST_DB(a_source_goes_whole_or_leaves_with_its_charges),
        TEST_DB(what_was_done_is_a_chain),
        TEST_DB(a_source_is_declared_with_its_row_of_the_chain_or_not_at_all),
        TEST_DB(whichever_statement_of_a_commit_fails_nothing_of_it_shows),
        TEST_DB(every_failing_allocation_of_reading_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests_name("ledger_catalogue", tests, NULL, NULL);
}
