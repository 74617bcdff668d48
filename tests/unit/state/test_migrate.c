/* migrate: the schema only moves forward, whole. */
#include <stdio.h>

#include "base/check.h"
#include "state/db_int.h"
#include "test_db.h"

static const struct fth_migration list[] = {
    {1, "0001_one", {"CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);", 56}},
    {2, "0002_two", {"CREATE TABLE two (a BIGINT); INSERT INTO two SELECT a + 1 FROM one;", 68}},
    {3, "0003_three", {"CREATE TABLE three (a BIGINT); INSERT INTO nowhere VALUES (3);", 62}},
};

static struct fth_db *empty_db(void **state)
{
    struct fth_err err = {0};
    struct fth_db *db = NULL;

    assert_ok(fth_db_open(test_db_url(state), &db, &err), &err);
    return db;
}

static bool has_table(struct fth_db *db, const char *table)
{
    struct fth_err err = {0};
    struct fth_table out = {0};
    char sql[64];

    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", table);
    return fth_db_read_text(db, fth_str_c(sql), NULL, 0, test_arena(1 << 12), 1, &out, &err) ==
           FTH_OK;
}

static void what_is_missing_runs_once_and_in_order(void **state)
{
    struct fth_db *db = empty_db(state);
    struct fth_err err = {0};
    int from = -1, to = -1;

    assert_ok(fth_db_migrate_list(db, list, 1, &from, &to, &err), &err);
    assert_int_equal(from, 0);
    assert_int_equal(to, 1);
    assert_ok(fth_db_migrate_list(db, list, 2, &from, &to, &err), &err);
    assert_int_equal(from, 1);
    assert_int_equal(to, 2);
    assert_ok(fth_db_migrate_list(db, list, 2, &from, &to, &err), &err);
    assert_int_equal(from, 2);
    assert_true(has_table(db, "two"));
    fth_db_close(db);
}

static void one_that_fails_leaves_the_store_to_the_version_before(void **state)
{
    struct fth_db *db = empty_db(state);
    struct fth_err err = {0}, failure = {0};
    int from = -1, to = -1;

    assert_ok(fth_db_migrate_list(db, list, 1, NULL, NULL, &err), &err);
    assert_int_not_equal(fth_db_migrate_list(db, list, 3, &from, &to, &failure), FTH_OK);
    assert_non_null(strstr(failure.msg, "0003_three"));
    assert_int_equal(to, -1);
    assert_false(has_table(db, "two")); /* the second would have worked: all or nothing */
    assert_false(has_table(db, "three"));
    assert_ok(fth_db_migrate_list(db, list, 1, &from, &to, &err), &err);
    assert_int_equal(to, 1);
    fth_db_close(db);
}

static void an_edited_one_is_noticed(void **state)
{
    struct fth_migration edited = list[0];
    struct fth_db *db = empty_db(state);
    struct fth_err err = {0}, failure = {0};

    edited.sql = FTH_STR("CREATE TABLE one (a TEXT);");
    assert_ok(fth_db_migrate_list(db, list, 2, NULL, NULL, &err), &err);
    assert_int_equal(fth_db_migrate_list(db, &edited, 1, NULL, NULL, &failure), FTH_E_CORRUPT);
    assert_non_null(strstr(failure.msg, "0001_one"));
    fth_db_close(db);
}

static void a_newer_store_is_refused(void **state)
{
    struct fth_db *db = empty_db(state);
    struct fth_err err = {0}, failure = {0};

    assert_ok(fth_db_migrate_list(db, list, 2, NULL, NULL, &err), &err);
    assert_int_equal(fth_db_migrate_list(db, list, 1, NULL, NULL, &failure), FTH_E_UNSUPPORTED);
    assert_non_null(strstr(failure.msg, "newer"));
    fth_db_close(db);
}

static void the_schema_of_the_program_runs_on_both(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    int from = 0, to = 0;

    assert_ok(fth_db_migrate(db, &from, &to, &err), &err);
    assert_true(to >= 1);
    assert_int_equal(from, to);
    assert_true(has_table(db, "segment"));
    assert_true(has_table(db, "view"));
}

static void whichever_statement_fails_nothing_is_left(void **state)
{
    struct fth_db *db = empty_db(state);
    enum fth_rc rc = FTH_E_FAILED;

    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        struct fth_err err = {0};
        bool left;

        rc = fth_db_migrate_list(db, list, 2, NULL, NULL, &err);
        left = rc && has_table(db, "schema_migration");
        assert_false(left);
    }
    assert_int_equal(rc, FTH_OK);
    assert_true(has_table(db, "two"));
    fth_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DB(what_is_missing_runs_once_and_in_order),
        TEST_DB(one_that_fails_leaves_the_store_to_the_version_before),
        TEST_DB(an_edited_one_is_noticed),
        TEST_DB(a_newer_store_is_refused),
        TEST_DB(the_schema_of_the_program_runs_on_both),
        TEST_DB(whichever_statement_fails_nothing_is_left),
    };

    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
