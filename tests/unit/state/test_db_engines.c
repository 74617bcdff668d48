/* db: what both engines promise alike. */
#include <pthread.h>
#include <stdio.h>

#include "base/check.h"
#include "base/fault.h"
#include "base/sql.h"
#include "test_db.h"

static void sql_on(struct fth_db *db, const char *sql)
{
    struct fth_err err = {0};
    struct fth_tx *tx = NULL;

    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, fth_str_c(sql), NULL, 0, NULL, &err), &err);
    assert_ok(fth_tx_commit(tx, &err), &err);
}

static struct fth_table read_on(struct fth_db *db, const char *sql)
{
    struct fth_err err = {0};
    struct fth_table table = {0};

    assert_ok(
        fth_db_read_text(db, fth_str_c(sql), NULL, 0, test_arena(1 << 20), 1000, &table, &err),
        &err);
    return table;
}

static int64_t number_on(struct fth_db *db, const char *sql)
{
    struct fth_table table = read_on(db, sql);

    assert_int_equal(table.row_nr, 1);
    return fth_table_val(&table, 0, 0)->i64;
}

static enum fth_rc try_exec(struct fth_db *db, const char *sql, const struct fth_val *vals,
                            size_t nr, struct fth_err *err)
{
    struct fth_tx *tx = NULL;
    enum fth_rc rc;

    *err = (struct fth_err){0};
    assert_ok(fth_tx_begin(db, &tx, err), err);
    rc = fth_tx_exec_text(tx, fth_str_c(sql), vals, nr, NULL, err);
    fth_tx_rollback(tx);
    return rc;
}

static bool is_own_script(const char *name)
{
    /* Migrations and the engines' own scripts are several statements each; they ran already. */
    return (name[6] >= '0' && name[6] <= '9') || strncmp(name, "state/sqlite/", 13) == 0 ||
           strncmp(name, "state/postgres/", 15) == 0;
}

static void every_statement_of_the_schema_prepares(void **state)
{
    struct fth_db *db = test_db(state);
    unsigned prepared = 0;

    for (size_t i = 0; i < fth_sql_nr(); i++) {
        struct fth_err err = {0};
        const char *name;

        (void)fth_sql_at(i, &name);
        if (strncmp(name, "state/", 6) != 0 || is_own_script(name))
            continue;
        assert_ok(fth_db_prepare(db, name, NULL, &err), &err);
        prepared++;
    }
    print_message("# %u statements\n", prepared);
    assert_true(prepared > 0);
}

static void values_come_back_as_they_went_in(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_val vals[] = {FTH_VAL_I64(INT64_MIN), FTH_VAL_C("gr\xc3\xbc\xc3\x9f' $1 \"?\\"),
                             FTH_VAL_NULL, FTH_VAL_C(""), FTH_VAL_I64(INT64_MAX)};
    struct fth_err err = {0};
    struct fth_table table = {0};
    struct fth_tx *tx = NULL;
    int64_t changed = 0;

    sql_on(db, "CREATE TABLE t (a BIGINT, b TEXT, c TEXT, d TEXT, e BIGINT)");
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, FTH_STR("INSERT INTO t VALUES ($1, $2, $3, $4, $5)"), vals, 5,
                               &changed, &err),
              &err);
    assert_int_equal(changed, 1);
    assert_ok(fth_tx_read_text(tx, FTH_STR("SELECT a, b, c, d, e FROM t WHERE b = $2 AND a = $1"),
                               vals, 2, test_arena(1 << 16), 10, &table, &err),
              &err);
    assert_ok(fth_tx_commit(tx, &err), &err);
    assert_int_equal(table.row_nr, 1);
    assert_int_equal(table.col_nr, 5);
    assert_int_equal(table.at[0].i64, INT64_MIN);
    assert_str(table.at[1].text, vals[1].text.p);
    assert_int_equal(table.at[2].type, FTH_V_NULL);
    assert_int_equal(table.at[3].type, FTH_V_TEXT);
    assert_int_equal(table.at[3].text.n, 0);
    assert_int_equal(table.at[4].i64, INT64_MAX);
}

static void bytes_may_be_anything(void **state)
{
    struct fth_db *db = test_db(state);
    const char raw[] = {0, 1, '\\', (char)0xff, '\'', 0};
    struct fth_val val = {FTH_V_BYTES, 0, {raw, sizeof(raw)}};
    struct fth_err err = {0};
    struct fth_table table;
    struct fth_tx *tx = NULL;

    sql_on(db, fth_db_kind(db) == FTH_DB_SQLITE ? "CREATE TABLE t (b BLOB)"
                                                : "CREATE TABLE t (b BYTEA)");
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, FTH_STR("INSERT INTO t VALUES ($1)"), &val, 1, NULL, &err),
              &err);
    assert_ok(fth_tx_commit(tx, &err), &err);
    table = read_on(db, "SELECT b FROM t");
    assert_int_equal(table.at[0].type, FTH_V_BYTES);
    assert_int_equal(table.at[0].text.n, sizeof(raw));
    assert_memory_equal(table.at[0].text.p, raw, sizeof(raw));
}

static void text_that_is_no_text_is_refused(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_val zero = FTH_VAL_STR(FTH_STR("a\0b")), latin = FTH_VAL_C("a\xff");
    struct fth_err err;

    sql_on(db, "CREATE TABLE t (b TEXT)");
    assert_int_equal(try_exec(db, "INSERT INTO t VALUES ($1)", &zero, 1, &err), FTH_E_INVALID);
    assert_int_equal(try_exec(db, "INSERT INTO t VALUES ($1)", &latin, 1, &err), FTH_E_INVALID);
}

static void text_is_ordered_by_its_bytes_and_nulls_where_it_is_said(void **state)
{
    struct fth_db *db = test_db(state);
    static const char *const want[] = {"B", "a", "a b", "ab", "\xc3\xa4"};
    struct fth_table table;

    sql_on(db, "CREATE TABLE t (b TEXT COLLATE \"C\")");
    sql_on(db, "INSERT INTO t VALUES ('\xc3\xa4'), ('ab'), (NULL), ('a b'), ('B'), ('a')");
    table = read_on(db, "SELECT b FROM t ORDER BY b NULLS LAST");
    for (size_t i = 0; i < FTH_NR(want); i++)
        assert_str(table.at[i].text, want[i]);
    assert_int_equal(table.at[FTH_NR(want)].type, FTH_V_NULL);
}

static void a_broken_key_is_a_conflict_and_a_broken_check_is_not_valid(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err;

    sql_on(db, "CREATE TABLE p (a BIGINT NOT NULL PRIMARY KEY)");
    sql_on(db, "CREATE TABLE c (a BIGINT NOT NULL REFERENCES p (a) CHECK (a < 9), u TEXT UNIQUE)");
    sql_on(db, "INSERT INTO p VALUES (1), (10)");
    sql_on(db, "INSERT INTO c VALUES (1, 'x')");
    assert_int_equal(try_exec(db, "INSERT INTO p VALUES (1)", NULL, 0, &err), FTH_E_CONFLICT);
    assert_int_equal(try_exec(db, "INSERT INTO c VALUES (1, 'x')", NULL, 0, &err), FTH_E_CONFLICT);
    assert_int_equal(try_exec(db, "INSERT INTO c VALUES (2, 'y')", NULL, 0, &err), FTH_E_CONFLICT);
    assert_int_equal(try_exec(db, "DELETE FROM p WHERE a = 1", NULL, 0, &err), FTH_E_CONFLICT);
    assert_int_equal(try_exec(db, "INSERT INTO c VALUES (10, 'z')", NULL, 0, &err), FTH_E_INVALID);
    assert_int_equal(try_exec(db, "INSERT INTO c VALUES (NULL, 'z')", NULL, 0, &err),
                     FTH_E_INVALID);
    assert_int_equal(try_exec(db, "INSERT INTO nowhere VALUES (1)", NULL, 0, &err), FTH_E_FAILED);
}

static void a_transaction_that_is_rolled_back_leaves_nothing(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    struct fth_tx *tx = NULL;

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, FTH_STR("INSERT INTO t VALUES (1)"), NULL, 0, NULL, &err), &err);
    fth_tx_rollback(tx);
    assert_int_equal(number_on(db, "SELECT COUNT(*) FROM t"), 0);
}

static void readers_do_not_see_what_is_not_committed(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    struct fth_tx *tx = NULL;

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, FTH_STR("INSERT INTO t VALUES (1)"), NULL, 0, NULL, &err), &err);
    assert_int_equal(number_on(db, "SELECT COUNT(*) FROM t"), 0);
    assert_ok(fth_tx_commit(tx, &err), &err);
    assert_int_equal(number_on(db, "SELECT COUNT(*) FROM t"), 1);
}

static void after_a_failed_statement_a_transaction_can_only_end(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_str insert = FTH_STR("INSERT INTO t VALUES (1)");
    struct fth_err err = {0}, later = {0}, last = {0};
    struct fth_tx *tx = NULL;

    sql_on(db, "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY)");
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, insert, NULL, 0, NULL, &err), &err);
    assert_int_equal(fth_tx_exec_text(tx, insert, NULL, 0, NULL, &err), FTH_E_CONFLICT);
    assert_int_equal(
        fth_tx_exec_text(tx, FTH_STR("INSERT INTO t VALUES (2)"), NULL, 0, NULL, &later),
        FTH_E_CONFLICT);
    assert_int_equal(fth_tx_commit(tx, &last), FTH_E_CONFLICT);
    assert_int_equal(number_on(db, "SELECT COUNT(*) FROM t"), 0);
}

static void more_rows_than_allowed_is_an_error(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    struct fth_table table = {.row_nr = 77};

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    sql_on(db, "INSERT INTO t VALUES (1), (2), (3)");
    assert_int_equal(fth_db_read_text(db, FTH_STR("SELECT a FROM t"), NULL, 0, test_arena(1 << 16),
                                      2, &table, &err),
                     FTH_E_LIMIT);
    assert_int_equal(table.row_nr, 77); /* untouched on failure */
}

static void floating_point_never_comes_out(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    struct fth_table table = {0};
    enum fth_rc rc =
        fth_db_read_text(db, FTH_STR("SELECT 1.5"), NULL, 0, test_arena(1 << 16), 2, &table, &err);

    assert_true(rc == FTH_E_CORRUPT || rc == FTH_E_FAILED);
}

/* ---- several threads, several processes ---- */

struct adder {
    struct fth_db *db;
    unsigned rounds;
    enum fth_rc rc;
    struct fth_err err;
};

static enum fth_rc add_one(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(1 << 16);
    struct fth_table table = {0};
    struct fth_val next;
    enum fth_rc rc;

    (void)ctx;
    if (!arena)
        return fth_err_nomem(err);
    rc = fth_tx_read_text(tx, FTH_STR("SELECT a FROM t"), NULL, 0, arena, 1, &table, err);
    if (!rc) {
        next = FTH_VAL_I64(table.at[0].i64 + 1);
        rc = fth_tx_exec_text(tx, FTH_STR("UPDATE t SET a = $1"), &next, 1, NULL, err);
    }
    fth_arena_free(arena);
    return rc;
}

static void *add_some(void *arg)
{
    struct adder *adder = arg;

    for (unsigned i = 0; i < adder->rounds && !adder->rc; i++)
        do {
            fth_err_clear(&adder->err);
            adder->rc = fth_db_in_tx(adder->db, add_one, NULL, &adder->err);
        } while (adder->rc == FTH_E_BUSY);
    return NULL;
}

static void transactions_that_read_and_write_do_not_lose_updates(void **state)
{
    struct fth_db *db = test_db(state), *other = test_db_again();
    struct adder adders[4] = {{db, 10}, {db, 10}, {other, 10}, {other, 10}};
    pthread_t threads[FTH_NR(adders)];

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    sql_on(db, "INSERT INTO t VALUES (0)");
    for (size_t i = 0; i < FTH_NR(adders); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_some, &adders[i]), 0);
    for (size_t i = 0; i < FTH_NR(adders); i++) {
        pthread_join(threads[i], NULL);
        assert_ok(adders[i].rc, &adders[i].err);
    }
    assert_int_equal(number_on(db, "SELECT a FROM t"), 40);
    fth_db_close(other);
}

static void every_failing_statement_is_an_error_and_the_store_goes_on(void **state)
{
    struct fth_db *db = test_db(state);
    enum fth_rc rc = FTH_E_FAILED;

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    sql_on(db, "INSERT INTO t VALUES (0)");
    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        struct fth_err err = {0};

        rc = fth_db_in_tx(db, add_one, NULL, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_IO);
    }
    assert_int_equal(rc, FTH_OK);
    assert_int_equal(number_on(db, "SELECT a FROM t"), 1);
}

static void every_failing_allocation_is_an_error_and_the_store_goes_on(void **state)
{
    struct fth_db *db = test_db(state);
    unsigned added = 0;

    sql_on(db, "CREATE TABLE t (a BIGINT)");
    sql_on(db, "INSERT INTO t VALUES (0)");
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_err err = {0};
        enum fth_rc rc = fth_db_in_tx(db, add_one, NULL, &err);

        if (rc == FTH_OK)
            added++;
        else
            assert_int_equal(rc, FTH_E_NOMEM);
    }
    assert_int_equal(number_on(db, "SELECT a FROM t"), added);
}

static void the_version_names_the_engine(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_err err = {0};
    struct fth_str version = {0};
    char library[32];

    fth_db_library(fth_db_kind(db), library);
    assert_non_null(strstr(library, fth_db_kind(db) == FTH_DB_SQLITE ? "sqlite 3." : "libpq "));
    assert_ok(fth_db_version(db, test_arena(1 << 12), &version, &err), &err);
    assert_true(fth_str_starts(version, fth_db_kind(db) == FTH_DB_SQLITE ? FTH_STR("sqlite 3.")
                                                                         : FTH_STR("postgresql ")));
}

static void an_address_that_leads_nowhere_is_named(void **state)
{
    struct fth_err err = {0}, net = {0}, kind = {0};
    struct fth_db *db = NULL;
    const char *junk = test_file(test_repeat("no database at all ", 100));
    char url[256];

    (void)state;
    assert_int_equal(fth_db_open("sqlite:/nowhere/at/all.db", &db, &err), FTH_E_IO);
    assert_non_null(strstr(err.msg, "/nowhere/at/all.db"));
    assert_int_equal(fth_db_open("postgres://x@/x?host=/nowhere", &db, &net), FTH_E_NET);
    assert_int_equal(fth_db_open("mysql://user:secret@host/", &db, &kind), FTH_E_INVALID);
    assert_null(strstr(kind.msg, "secret"));
    snprintf(url, sizeof(url), "sqlite:%s", junk);
    err = (struct fth_err){0};
    assert_int_equal(fth_db_open(url, &db, &err), FTH_E_CORRUPT);
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DB(every_statement_of_the_schema_prepares),
        TEST_DB(values_come_back_as_they_went_in),
        TEST_DB(bytes_may_be_anything),
        TEST_DB(text_that_is_no_text_is_refused),
        TEST_DB(text_is_ordered_by_its_bytes_and_nulls_where_it_is_said),
        TEST_DB(a_broken_key_is_a_conflict_and_a_broken_check_is_not_valid),
        TEST_DB(a_transaction_that_is_rolled_back_leaves_nothing),
        TEST_DB(readers_do_not_see_what_is_not_committed),
        TEST_DB(after_a_failed_statement_a_transaction_can_only_end),
        TEST_DB(more_rows_than_allowed_is_an_error),
        TEST_DB(floating_point_never_comes_out),
        TEST_DB(transactions_that_read_and_write_do_not_lose_updates),
        TEST_DB(every_failing_statement_is_an_error_and_the_store_goes_on),
        TEST_DB(every_failing_allocation_is_an_error_and_the_store_goes_on),
        TEST_DB(the_version_names_the_engine),
        TEST(an_address_that_leads_nowhere_is_named),
    };

    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
