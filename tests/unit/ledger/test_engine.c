/* engine: what a ledger engine promises to those who query it and feed it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ledger/engine.h"
#include "test.h"

static struct fth_engine *open_engine(unsigned threads, uint64_t memory, bool copy_text)
{
    struct fth_engine_conf conf = {
        .dir = test_dir(), .threads = threads, .memory_bytes = memory, .copy_text = copy_text};
    struct fth_engine *engine = NULL;
    struct fth_err err = {0};

    assert_ok(fth_engine_open(&conf, &engine, &err), &err);
    return engine;
}

struct on {
    struct fth_engine *engine;
    struct fth_session *session;
};

static struct on open_on(unsigned threads)
{
    struct on on = {.engine = open_engine(threads, 256 << 20, false)};
    struct fth_err err = {0};

    assert_ok(fth_session_open(on.engine, &on.session, &err), &err);
    return on;
}

static void close_on(struct on on)
{
    fth_session_close(on.session);
    fth_engine_close(on.engine);
}

static void exec(struct fth_session *session, const char *sql)
{
    struct fth_err err = {0};

    assert_ok(fth_session_exec(session, fth_str_c(sql), NULL, 0, NULL, NULL, &err), &err);
}

/* The one value of a statement, as the first column of its first row. */
static int64_t one(struct fth_session *session, const char *sql)
{
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_err err = {0};
    int64_t value;

    assert_ok(fth_session_query(session, fth_str_c(sql), NULL, 0, NULL, &result, &err), &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_int_equal(batch.nr, 1);
    assert_int_equal(batch.cols[0].type, FTH_T_I64);
    value = batch.cols[0].i64[0];
    fth_result_free(result);
    return value;
}

static enum fth_rc failing(struct fth_session *session, const char *sql, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};

    if (fth_session_query(session, fth_str_c(sql), NULL, 0, NULL, &result, err))
        return err->rc;
    do {
        fth_result_next(result, &batch, err);
    } while (!err->rc && batch.nr);
    fth_result_free(result);
    return err->rc;
}

/* ---- values ---- */

static void values_arrive_in_the_types_of_a_batch(void **state)
{
    struct on on = open_on(2);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_err err = {0};
    const struct fth_vec *c;

    (void)state;
    assert_ok(
        fth_session_query(
            on.session,
            FTH_STR("SELECT 'short' AS a, 'longer than twelve bytes' AS b, true AS c, "
                    "7::TINYINT AS d, -5::SMALLINT AS e, 9::INTEGER AS f, 10 ::BIGINT AS g, "
                    "(-170141183460469231731687303715884105727)::HUGEINT AS h, 1.5::DOUBLE AS "
                    "i, 12.5::DECIMAL(18,10) AS j, 12.5::DECIMAL(38,10) AS k, "
                    "-0.25::DECIMAL(4,2) AS l, DATE '2025-01-31' AS m, TIMESTAMP '2025-01-31 "
                    "01:02:03.5' AS n, MAP {'k': 'v', 'w': NULL} AS o, NULL AS p, "
                    "3000000000::UINTEGER AS q, TIMESTAMP_S '1970-01-01 00:00:01' AS r, "
                    "12.5::DECIMAL(38,2) AS s, 0.5::FLOAT AS t"),
            NULL, 0, NULL, &result, &err),
        &err);
    assert_int_equal(fth_result_col_nr(result), 20);
    assert_string_equal(fth_result_col(result, 1).name, "b");
    assert_int_equal(fth_result_col(result, 9).type, FTH_T_DEC);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_int_equal(batch.nr, 1);
    c = batch.cols;
    assert_str(c[0].text[0], "short");
    assert_str(c[1].text[0], "longer than twelve bytes");
    assert_int_equal(c[2].boolean[0], 1);
    assert_int_equal(c[3].i32[0], 7);
    assert_int_equal(c[4].i32[0], -5);
    assert_int_equal(c[5].i32[0], 9);
    assert_int_equal(c[6].i64[0], 10);
    assert_true(c[7].i128[0] == -(fth_i128)(((fth_u128)1 << 127) - 1));
    assert_true(c[8].f64[0] == 1.5);
    assert_int_equal(c[9].i64[0], INT64_C(125000000000));
    assert_true(c[10].i128[0] == INT64_C(125000000000));
    assert_true(c[11].i128[0] == -INT64_C(2500000000));
    assert_int_equal(c[12].i32[0], 20119);
    assert_int_equal(c[13].i64[0], INT64_C(20119) * 86400000000 + INT64_C(3723500000));
    assert_int_equal(c[14].map[0].nr, 2);
    assert_str(c[14].map[0].keys[1], "w");
    assert_str(c[14].map[0].values[0], "v");
    assert_null(c[14].map[0].values[1].p);
    assert_false(fth_vec_is_valid(&c[15], 0));
    assert_int_equal(c[16].i64[0], INT64_C(3000000000));
    assert_int_equal(c[17].i64[0], 1000000);
    assert_true(c[18].i128[0] == INT64_C(125000000000));
    assert_true(c[19].f64[0] == 0.5);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_int_equal(batch.nr, 0);
    assert_ok(fth_result_next(result, &batch, &err), &err); /* asking again is fine */
    fth_result_free(result);
    close_on(on);
}

static void a_type_without_a_place_in_a_batch_is_refused_by_its_name(void **state)
{
    struct on on = open_on(1);
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(failing(on.session, "SELECT [1, 2] AS numbers", &err), FTH_E_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "\"numbers\""));
    fth_err_clear(&err);
    assert_int_equal(failing(on.session, "SELECT 1::DECIMAL(38,11) AS d", &err), FTH_E_UNSUPPORTED);
    assert_int_equal(one(on.session, "SELECT 1::BIGINT"), 1); /* the session goes on */
    close_on(on);
}

static void values_are_bound_not_pasted(void **state)
{
    struct on on = open_on(1);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_err err = {0};
    const struct fth_param params[] = {
        {.type = FTH_T_TEXT, .text = FTH_STR("'; DROP TABLE t; --")},
        {.type = FTH_T_I64, .i64 = 42},
        {.type = FTH_T_TEXT, .null = true},
        {.type = FTH_T_DATE, .i64 = 20119},
        {.type = FTH_T_DEC, .text = FTH_STR("0.0000000001")},
        {.type = FTH_T_BOOL, .boolean = true},
    };

    (void)state;
    assert_ok(fth_session_query(on.session,
                                FTH_STR("SELECT $1::VARCHAR, $2::BIGINT, $3::VARCHAR, $4::DATE, "
                                        "$5::DECIMAL(18,10), $6::BOOLEAN"),
                                params, 6, NULL, &result, &err),
              &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_str(batch.cols[0].text[0], "'; DROP TABLE t; --");
    assert_int_equal(batch.cols[1].i64[0], 42);
    assert_false(fth_vec_is_valid(&batch.cols[2], 0));
    assert_int_equal(batch.cols[3].i32[0], 20119);
    assert_int_equal(batch.cols[4].i64[0], 1);
    assert_int_equal(batch.cols[5].boolean[0], 1);
    fth_result_free(result);
    result = NULL;
    assert_int_equal(
        fth_session_query(on.session, FTH_STR("SELECT $1"), NULL, 0, NULL, &result, &err),
        FTH_E_FAILED);
    close_on(on);
}

/* ---- the doors are closed ---- */

static void products_of_decimals_are_exact(void **state)
{
    static const struct {
        const char *sql, *want;
    } cases[] = {
        {"exact_product('0.0000000001000000000000000001', '3', '2.5', '1')",
         "0.0000000007 500000000000000008"},
        {"exact_product('-1E-28', '0.5', '3', '1')", "0.0000000000 -2"},
        {"exact_product('10', '1', '1', '3')", "3.3333333333 333333333333333333"},
        {"exact_product('0.1', NULL, '1', '1')", "NULL"},
        {"exact_product('0.1', '1', '1', '0.0')", "NULL"},
        {"exact_product('an unusually long text that is no number', NULL, '1', '1')", "NULL"},
    };
    struct on on = open_on(1);
    struct fth_err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char sql[256];

        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM (SELECT %s AS p) "
                 "WHERE coalesce(p.head::VARCHAR || ' ' || p.tail::VARCHAR, 'NULL') = '%s'",
                 cases[i].sql, cases[i].want);
        if (one(on.session, sql) != 1)
            fail_msg("%s is not %s", cases[i].sql, cases[i].want);
    }
    assert_int_equal(failing(on.session, "SELECT exact_product('1E20', '1E20', '1', '1')", &err),
                     FTH_E_RANGE);
    err = (struct fth_err){0};
    assert_int_equal(failing(on.session, "SELECT exact_product('1', 'a few', '1', '1')", &err),
                     FTH_E_FAILED);
    assert_non_null(strstr(err.msg, "a few"));
    close_on(on);
}

static void nothing_outside_of_the_directory_can_be_reached(void **state)
{
    static const char *const attempts[] = {
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/farthing-must-not-exist.csv'",
        "ATTACH '/tmp/farthing-must-not-exist.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SET threads = 64",
    };
    struct on on = open_on(1);

    (void)state;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
        struct fth_err err = {0};

        if (failing(on.session, attempts[i], &err) == FTH_OK)
            fail_msg("allowed: %s", attempts[i]);
    }
    close_on(on);
}

static void a_second_process_is_told_that_it_is_busy(void **state)
{
    struct fth_engine_conf conf = {.dir = test_dir(), .threads = 1};
    struct fth_engine *engine = NULL;
    struct fth_err err = {0};
    int gate[2], status = 0;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(gate), 0);
    fflush(NULL);
    child = fork(); /* before there are threads; it waits until the ledger is open here */
    if (child == 0) {
        char go;
        bool busy =
            read(gate[0], &go, 1) == 1 && fth_engine_open(&conf, &engine, &err) == FTH_E_BUSY;

        _exit(busy ? 0 : 1);
    }
    assert_ok(fth_engine_open(&conf, &engine, &err), &err);
    assert_int_equal(write(gate[1], "", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fth_engine_close(engine);
    close(gate[0]);
    close(gate[1]);
}

static void a_file_that_is_no_ledger_is_called_damaged(void **state)
{
    struct fth_engine_conf conf = {.dir = test_dir(), .threads = 1};
    struct fth_engine *engine = NULL;
    struct fth_err err = {0};

    (void)state;
    test_file_named("ledger.duckdb", test_repeat("this is not a ledger ", 1000));
    assert_int_equal(fth_engine_open(&conf, &engine, &err), FTH_E_CORRUPT);
    assert_null(engine);
}

static void what_was_written_is_there_after_reopening(void **state)
{
    struct on on = open_on(1);
    struct fth_err err = {0};

    (void)state;
    exec(on.session, "CREATE TABLE t AS SELECT range AS i FROM range(1000)");
    assert_ok(fth_engine_checkpoint(on.engine, &err), &err);
    close_on(on);
    on = open_on(1);
    assert_int_equal(one(on.session, "SELECT sum(i)::BIGINT FROM t"), 499500);
    assert_string_equal(fth_engine_dialect(on.engine), "duckdb");
    assert_memory_equal(fth_engine_version(on.engine), "duckdb 1.5.", 11);
    close_on(on);
}

/* ---- stopping ---- */

static const char endless[] =
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range < 0";

static void *cancel_soon(void *arg)
{
    usleep(100 * 1000);
    fth_cancel_set(arg, "the user said stop");
    return NULL;
}

static void a_long_statement_ends_when_its_token_says_so(void **state)
{
    struct on on = open_on(2);
    struct fth_cancel cancel = {0};
    struct fth_result *result = NULL;
    struct fth_err err = {0};
    pthread_t thread;

    (void)state;
    assert_ok(fth_thread_start(&thread, cancel_soon, &cancel, &err), &err);
    assert_int_equal(
        fth_session_query(on.session, fth_str_c(endless), NULL, 0, &cancel, &result, &err),
        FTH_E_CANCELLED);
    assert_string_equal(err.msg, "the user said stop");
    pthread_join(thread, NULL);
    assert_int_equal(one(on.session, "SELECT 1::BIGINT"), 1);
    close_on(on);
}

static void a_deadline_is_a_timeout(void **state)
{
    struct on on = open_on(2);
    struct fth_clock clock = fth_clock_system();
    struct fth_cancel cancel = {0};
    struct fth_err err = {0};

    (void)state;
    atomic_store(&cancel.deadline_mono_us, fth_clock_mono_us(&clock) + 50000);
    assert_int_equal(fth_session_exec(on.session, fth_str_c(endless), NULL, 0, &cancel, NULL, &err),
                     FTH_E_TIMEOUT);
    close_on(on);
}

static void *interrupt_soon(void *arg)
{
    usleep(100 * 1000);
    fth_session_interrupt(arg);
    return NULL;
}

static void a_session_can_be_interrupted_from_another_thread(void **state)
{
    struct on on = open_on(2);
    struct fth_err err = {0};
    pthread_t thread;

    (void)state;
    assert_ok(fth_thread_start(&thread, interrupt_soon, on.session, &err), &err);
    assert_int_equal(fth_session_exec(on.session, fth_str_c(endless), NULL, 0, NULL, NULL, &err),
                     FTH_E_CANCELLED);
    pthread_join(thread, NULL);
    close_on(on);
}

static void a_result_may_be_left_before_its_end(void **state)
{
    struct on on = open_on(2);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_session_query(on.session, FTH_STR("SELECT range FROM range(100000000)"), NULL, 0,
                                NULL, &result, &err),
              &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_true(batch.nr > 0);
    fth_result_free(result);
    assert_int_equal(one(on.session, "SELECT 1::BIGINT"), 1);
    close_on(on);
}

static void an_error_in_the_middle_of_the_rows_is_reported(void **state)
{
    struct on on = open_on(2);
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(failing(on.session,
                             "SELECT CASE WHEN range = 900000 THEN error('bad row') ELSE '' END "
                             "FROM range(1000000)",
                             &err),
                     FTH_E_FAILED);
    assert_non_null(strstr(err.msg, "bad row"));
    close_on(on);
}

static void past_the_memory_limit_the_statement_fails_and_the_engine_lives(void **state)
{
    struct fth_engine_conf conf = {
        .dir = test_dir(), .threads = 1, .memory_bytes = 32 << 20, .temp_bytes = 1 << 20};
    struct on on = {0};
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_engine_open(&conf, &on.engine, &err), &err);
    assert_ok(fth_session_open(on.engine, &on.session, &err), &err);
    assert_int_equal(failing(on.session,
                             "SELECT count(*) FROM (SELECT range % 7919 * 104729 + range AS k, "
                             "list(range::VARCHAR) AS l FROM range(2000000) GROUP BY k) "
                             "WHERE len(l) > 0",
                             &err),
                     FTH_E_NOMEM);
    assert_non_null(strstr(err.hint, "Narrow the query"));
    assert_int_equal(one(on.session, "SELECT 1::BIGINT"), 1);
    close_on(on);
}

/* ---- feeds ---- */

enum { NUMBERS_COLS = 13, NUMBERS_BATCH = 1500 };

/* A feed of numbers 0 … nr - 1 and what can be made of them, handed out batch by batch. */
struct numbers {
    atomic_int_fast64_t at;
    int64_t nr, fail_at;
    atomic_int open, most_open, opened;
    size_t last_wanted_nr;
};

struct numbers_worker {
    struct numbers *of;
    size_t wanted[NUMBERS_COLS], wanted_nr;
    struct fth_vec vecs[NUMBERS_COLS];
    uint64_t valid[NUMBERS_BATCH / 64 + 1];
    struct fth_str text[NUMBERS_BATCH];
    char bytes[NUMBERS_BATCH][40];
    int64_t i64[NUMBERS_BATCH];
    int32_t i32[NUMBERS_BATCH];
    double f64[NUMBERS_BATCH];
    fth_i128 i128[NUMBERS_BATCH];
    uint8_t boolean[NUMBERS_BATCH];
    struct fth_text_map maps[NUMBERS_BATCH];
};

static const struct fth_column numbers_cols[NUMBERS_COLS] = {
    {"n", FTH_T_I64},          {"short", FTH_T_TEXT},    {"long", FTH_T_TEXT},
    {"odd", FTH_T_BOOL},       {"i", FTH_T_I32},         {"x", FTH_T_DOUBLE},
    {"money", FTH_T_DEC},      {"wide", FTH_T_DEC_WIDE}, {"day", FTH_T_DATE},
    {"moment", FTH_T_INSTANT}, {"tags", FTH_T_TEXT_MAP}, {"constant", FTH_T_TEXT},
    {"nothing", FTH_T_TEXT}};

static enum fth_rc numbers_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **worker,
                                struct fth_err *err)
{
    struct numbers *of = ctx;
    struct numbers_worker *made = calloc(1, sizeof(*made));
    int open = atomic_fetch_add(&of->open, 1) + 1;

    (void)err;
    atomic_fetch_add(&of->opened, 1);
    if (open > atomic_load(&of->most_open))
        atomic_store(&of->most_open, open);
    made->of = of;
    made->wanted_nr = wanted_nr;
    of->last_wanted_nr = wanted_nr;
    if (wanted_nr)
        memcpy(made->wanted, wanted, wanted_nr * sizeof(*wanted));
    *worker = made;
    return FTH_OK;
}

static void numbers_close(void *worker)
{
    struct numbers_worker *w = worker;

    atomic_fetch_sub(&w->of->open, 1);
    free(w);
}

static void numbers_fill(struct numbers_worker *w, struct fth_vec *vec, size_t col, int64_t from,
                         size_t nr)
{
    static struct fth_str keys[] = {{"key", 3}, {"other", 5}}, values[] = {{"value", 5}, {NULL, 0}};
    static struct fth_str constant = {"the same for all of them", 24};
    static uint64_t none[1];

    *vec = (struct fth_vec){.type = numbers_cols[col].type};
    if (col == 11 || col == 12) {
        vec->constant = true;
        vec->text = &constant;
        vec->valid = col == 12 ? none : NULL;
        return;
    }
    if (vec->type == FTH_T_TEXT)
        vec->valid = w->valid;
    for (size_t i = 0; i < nr; i++) {
        int64_t n = from + (int64_t)i;

        w->i64[i] = n;
        w->i32[i] = (int32_t)n;
        w->f64[i] = (double)n;
        w->i128[i] = (fth_i128)n * 10000000000;
        w->boolean[i] = n & 1;
        w->maps[i] = (struct fth_text_map){keys, values, n % 3};
        if (n % 10 == 9)
            w->valid[i / 64] &= ~(1ull << (i % 64));
        else
            w->valid[i / 64] |= 1ull << (i % 64);
        if (vec->type == FTH_T_TEXT) {
            w->text[i].p = w->bytes[i];
            w->text[i].n =
                (size_t)snprintf(w->bytes[i], sizeof(w->bytes[i]),
                                 col == 1 ? "n%lld" : "the number %020lld", (long long)n);
        }
    }
    vec->any = vec->type == FTH_T_TEXT                             ? (void *)w->text
               : vec->type == FTH_T_BOOL                           ? (void *)w->boolean
               : vec->type == FTH_T_I32 || vec->type == FTH_T_DATE ? (void *)w->i32
               : vec->type == FTH_T_DOUBLE                         ? (void *)w->f64
               : vec->type == FTH_T_DEC_WIDE                       ? (void *)w->i128
               : vec->type == FTH_T_TEXT_MAP                       ? (void *)w->maps
                                                                   : (void *)w->i64;
}

static enum fth_rc numbers_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct numbers_worker *w = worker;
    int64_t from = atomic_fetch_add(&w->of->at, NUMBERS_BATCH);
    int64_t nr = w->of->nr - from;

    if (w->of->fail_at && from >= w->of->fail_at) {
        fth_err_at(err, "/files/0");
        fth_err_hint(err, "Ask the sender.");
        fth_err_set(err, FTH_E_INVALID, "bill.csv:%lld: no such number", (long long)from);
        return err->rc;
    }
    nr = nr < 0 ? 0 : nr > NUMBERS_BATCH ? NUMBERS_BATCH : nr;
    /* Each text column needs memory of its own; the tests ask for one at a time. */
    for (size_t i = 0; i < w->wanted_nr; i++)
        numbers_fill(w, &w->vecs[i], w->wanted[i], from, (size_t)nr);
    *out = (struct fth_batch){(size_t)nr, w->wanted_nr, w->vecs};
    return FTH_OK;
}

static struct fth_feed numbers_feed(struct numbers *numbers)
{
    return (struct fth_feed){.name = "numbers",
                             .cols = numbers_cols,
                             .col_nr = NUMBERS_COLS,
                             .ctx = numbers,
                             .open = numbers_open,
                             .next = numbers_next,
                             .close = numbers_close};
}

static int64_t fed(struct on on, const char *sql)
{
    struct numbers numbers = {.nr = 100000};
    struct fth_feed feed = numbers_feed(&numbers);
    struct fth_err err = {0};
    int64_t value;

    assert_ok(fth_session_feed(on.session, &feed, &err), &err);
    value = one(on.session, sql);
    fth_session_unfeed(on.session, &feed);
    assert_int_equal(atomic_load(&numbers.open), 0);
    assert_true(atomic_load(&numbers.opened) > 0);
    return value;
}

static void a_feed_is_a_table_of_its_session(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct on on = open_on(threads);

        assert_int_equal(fed(on, "SELECT count(*) FROM numbers"), 100000);
        assert_int_equal(fed(on, "SELECT sum(n)::BIGINT FROM numbers"), 4999950000);
        assert_int_equal(fed(on, "SELECT sum(i)::BIGINT FROM numbers"), 4999950000);
        assert_int_equal(fed(on, "SELECT sum(x)::BIGINT FROM numbers"), 4999950000);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE odd"), 50000);
        assert_int_equal(fed(on, "SELECT (sum(money) * 10000000000)::BIGINT FROM numbers"),
                         4999950000);
        assert_int_equal(fed(on, "SELECT sum(wide)::BIGINT FROM numbers"), 4999950000);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE day = DATE '1970-01-31'"), 1);
        assert_int_equal(fed(on, "SELECT epoch_us(max(moment)) FROM numbers"), 99999);
        assert_int_equal(fed(on, "SELECT sum(cardinality(tags))::BIGINT FROM numbers"), 99999);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE tags['key'] = 'value'"),
                         66666);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE map_contains(tags, 'other') "
                                 "AND tags['other'] IS NULL"),
                         33333);
        assert_int_equal(
            fed(on, "SELECT count(*) FROM numbers WHERE constant = 'the same for all of them'"),
            100000);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE nothing IS NULL"), 100000);
        assert_int_equal(fed(on, "SELECT count(*) FROM numbers WHERE short IS NULL"), 10000);
        assert_int_equal(fed(on, "SELECT count(DISTINCT short) FROM numbers"), 90000);
        close_on(on);
    }
}

static void only_the_wanted_columns_are_asked_for(void **state)
{
    struct on on = open_on(1);
    struct numbers numbers = {.nr = 10};
    struct fth_feed feed = numbers_feed(&numbers);
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_session_feed(on.session, &feed, &err), &err);
    assert_int_equal(one(on.session, "SELECT sum(n)::BIGINT FROM numbers WHERE money > 0"), 45);
    assert_int_equal(numbers.last_wanted_nr, 2);
    atomic_store(&numbers.at, 0);
    assert_int_equal(one(on.session, "SELECT count(*) FROM numbers"), 10);
    assert_true(numbers.last_wanted_nr <= 1); /* counting may cost a column, not all */
    fth_session_unfeed(on.session, &feed);
    close_on(on);
}

/* Hash over all rows of a table made from the feed, sorted, under each way of taking text over. */
static int64_t text_hash(unsigned threads, uint64_t memory, bool copy_text)
{
    struct on on = {.engine = open_engine(threads, memory, copy_text)};
    struct numbers numbers = {.nr = 400000};
    struct fth_feed feed = numbers_feed(&numbers);
    struct fth_err err = {0};
    int64_t hash;

    assert_ok(fth_session_open(on.engine, &on.session, &err), &err);
    assert_ok(fth_session_feed(on.session, &feed, &err), &err);
    exec(on.session, "CREATE OR REPLACE TABLE t AS SELECT n, long, upper(long) AS u FROM numbers "
                     "ORDER BY n % 1000, n");
    fth_session_unfeed(on.session, &feed);
    assert_int_equal(one(on.session, "SELECT count(*) FROM t WHERE long <> "
                                     "printf('the number %020d', n)"),
                     0);
    hash = one(on.session, "SELECT (sum(hash(n, long, u)) % 1000000007)::BIGINT FROM t");
    exec(on.session, "DROP TABLE t");
    close_on(on);
    return hash;
}

static void text_that_is_pointed_to_arrives_like_text_that_is_copied(void **state)
{
    int64_t hash = text_hash(1, 0, true);

    (void)state;
    assert_int_equal(text_hash(1, 0, false), hash);
    assert_int_equal(text_hash(2, 0, false), hash);
    assert_int_equal(text_hash(2, 40 << 20, false), hash); /* the sort spills */
}

static void a_feeds_error_comes_back_unchanged(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct on on = open_on(threads);
        struct numbers numbers = {.nr = 100000, .fail_at = 50000};
        struct fth_feed feed = numbers_feed(&numbers);
        struct fth_err err = {0};

        assert_ok(fth_session_feed(on.session, &feed, &err), &err);
        assert_int_equal(fth_session_exec(on.session,
                                          FTH_STR("CREATE TABLE t AS SELECT n, long FROM numbers "
                                                  "ORDER BY n"),
                                          NULL, 0, NULL, NULL, &err),
                         FTH_E_INVALID);
        assert_non_null(strstr(err.msg, "no such number"));
        assert_string_equal(err.hint, "Ask the sender.");
        assert_string_equal(err.pointer, "/files/0");
        assert_int_equal(atomic_load(&numbers.open), 0);
        fth_session_unfeed(on.session, &feed);
        assert_int_equal(one(on.session, "SELECT count(*) FROM duckdb_tables()"), 0);
        close_on(on);
    }
}

static void a_feed_is_not_seen_by_other_sessions(void **state)
{
    struct on on = open_on(1);
    struct numbers numbers = {.nr = 10};
    struct fth_feed feed = numbers_feed(&numbers);
    struct fth_session *other = NULL;
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_session_feed(on.session, &feed, &err), &err);
    assert_ok(fth_session_open(on.engine, &other, &err), &err);
    assert_int_equal(failing(other, "SELECT count(*) FROM numbers", &err), FTH_E_FAILED);
    fth_session_close(other);
    fth_session_unfeed(on.session, &feed);
    close_on(on);
}

/* ---- Parquet ---- */

static const char *make_parquet(struct on on, struct fth_arena *arena)
{
    struct fth_str inside, sql;
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(arena, &inside, &err, "%s/made.parquet", test_dir()), &err);
    assert_ok(
        fth_arena_printf(
            arena, &sql, &err,
            "COPY (SELECT range AS n, 'row ' || range AS name, range / 4 AS x, "
            "(range / 8)::DECIMAL(20,12) AS d, MAP {'k': range::VARCHAR} AS tags, [range] AS "
            "list, TIMESTAMP '2025-01-01' + to_seconds(range) AS moment FROM range(300000)) TO "
            "'%s' (FORMAT parquet, ROW_GROUP_SIZE 50000)",
            inside.p),
        &err);
    exec(on.session, sql.p);
    return inside.p;
}

static void a_parquet_files_columns_and_rows_are_told(void **state)
{
    static const char *const names[] = {"d", "n", "file_row_number", "tags", "list", "moment"};
    struct on on = open_on(2);
    struct fth_arena *arena = test_arena(1 << 20);
    const char *path = make_parquet(on, arena);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    struct fth_column *cols;
    struct fth_err err = {0};
    uint64_t rows;
    int64_t sum = 0;
    size_t nr;

    (void)state;
    assert_ok(fth_session_parquet_columns(on.session, path, arena, &cols, &nr, &rows, &err), &err);
    assert_int_equal(rows, 300000);
    assert_int_equal(nr, 7);
    assert_string_equal(cols[3].name, "d");
    assert_int_equal(cols[2].type, FTH_T_DOUBLE);
    assert_int_equal(cols[3].type, FTH_T_TEXT);
    assert_int_equal(cols[4].type, FTH_T_TEXT_MAP);
    assert_int_equal(cols[5].type, FTH_T_TEXT);
    assert_int_equal(cols[6].type, FTH_T_INSTANT);

    assert_ok(fth_session_parquet_scan(on.session, path, names, 6, NULL, &result, &err), &err);
    for (;;) {
        assert_ok(fth_result_next(result, &batch, &err), &err);
        if (batch.nr == 0)
            break;
        for (size_t i = 0; i < batch.nr; i++) {
            char want[32];

            assert_int_equal(batch.cols[1].i64[i], batch.cols[2].i64[i]);
            snprintf(want, sizeof(want), "[%lld]", (long long)batch.cols[1].i64[i]);
            assert_str(batch.cols[4].text[i], want);
            sum += batch.cols[1].i64[i];
            if (batch.cols[1].i64[i] == 1)
                assert_str(batch.cols[0].text[i], "0.125000000000");
        }
    }
    assert_int_equal(sum, INT64_C(300000) * 299999 / 2);
    fth_result_free(result);
    close_on(on);
}

static void a_bad_parquet_file_or_column_is_named(void **state)
{
    static const char *const names[] = {"n", "no_such"};
    struct on on = open_on(1);
    struct fth_arena *arena = test_arena(1 << 20);
    const char *good = make_parquet(on, arena);
    const char *bad = test_file_named("bad.parquet", FTH_STR("PAR1 or not"));
    struct fth_result *result = NULL;
    struct fth_column *cols;
    struct fth_err err = {0};
    uint64_t rows;
    size_t nr;

    (void)state;
    assert_int_equal(fth_session_parquet_columns(on.session, bad, arena, &cols, &nr, &rows, &err),
                     FTH_E_INVALID);
    assert_non_null(strstr(err.msg, "bad.parquet"));
    fth_err_clear(&err);
    assert_int_equal(fth_session_parquet_scan(on.session, good, names, 2, NULL, &result, &err),
                     FTH_E_NOTFOUND);
    assert_non_null(strstr(err.msg, "\"no_such\""));
    close_on(on);
}

static void a_file_of_the_outside_is_brought_in_by_link_or_copy(void **state)
{
    struct on on = open_on(1);
    struct fth_arena *arena = test_arena(1 << 20);
    const char *made = make_parquet(on, arena), *inside = NULL;
    char outside[] = "/tmp/fth-adopt-XXXXXX", link_path[64];
    struct fth_column *cols;
    struct fth_err err = {0};
    uint64_t rows;
    size_t nr;
    int fd = mkstemp(outside);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(rename(made, outside), 0);
    snprintf(link_path, sizeof(link_path), "%s.link", outside);
    assert_int_equal(symlink(outside, link_path), 0);
    assert_int_not_equal(
        fth_session_parquet_columns(on.session, outside, arena, &cols, &nr, &rows, &err), FTH_OK);
    for (int round = 0; round < 4; round++) {
        fth_err_clear(&err);
#ifdef FTH_FAULTS
        fth_fault_arm(FTH_FAULT_WRITE, round & 1); /* the link fails: then a copy */
#endif
        assert_ok(
            fth_engine_adopt(on.engine, round & 2 ? link_path : outside, arena, &inside, &err),
            &err);
        assert_ok(fth_session_parquet_columns(on.session, inside, arena, &cols, &nr, &rows, &err),
                  &err);
        assert_int_equal(rows, 300000);
        fth_engine_forget(on.engine, inside);
        assert_false(fth_file_is_file(inside));
    }
    assert_true(fth_file_is_file(outside));
    assert_int_equal(fth_engine_adopt(on.engine, "/tmp", arena, &inside, &err), FTH_E_INVALID);
    unlink(outside);
    unlink(link_path);
    close_on(on);
}

/* A feed whose rows come out of another session's statement, as imports of Parquet do it. */
struct relay {
    struct fth_result *result;
    pthread_mutex_t mutex;
};

struct relay_worker {
    struct relay *of;
    int64_t copy[FTH_BATCH_MAX];
    struct fth_vec vec;
};

static enum fth_rc relay_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **worker,
                              struct fth_err *err)
{
    struct relay_worker *made = calloc(1, sizeof(*made));

    (void)wanted;
    (void)wanted_nr;
    (void)err;
    made->of = ctx;
    *worker = made;
    return FTH_OK;
}

static enum fth_rc relay_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct relay_worker *w = worker;
    struct fth_batch got = {0};

    pthread_mutex_lock(&w->of->mutex);
    if (!fth_result_next(w->of->result, &got, err) && got.nr)
        memcpy(w->copy, got.cols[0].i64, got.nr * sizeof(*w->copy));
    pthread_mutex_unlock(&w->of->mutex);
    w->vec = (struct fth_vec){.type = FTH_T_I64, .i64 = w->copy};
    *out = (struct fth_batch){got.nr, 1, &w->vec};
    return err->rc;
}

static void relay_close(void *worker)
{
    free(worker);
}

static void a_scan_that_feeds_another_sessions_load_does_not_stand_still(void **state)
{
    static const char *const names[] = {"n"};
    static const struct fth_column cols[] = {{"n", FTH_T_I64}};

    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct on on = open_on(threads);
        const char *path = make_parquet(on, test_arena(1 << 20));
        struct relay relay = {.mutex = PTHREAD_MUTEX_INITIALIZER};
        struct fth_feed feed = {"relay", cols, 1, 0, &relay, relay_open, relay_next, relay_close};
        struct fth_session *reader = NULL;
        struct fth_err err = {0};

        assert_ok(fth_session_open(on.engine, &reader, &err), &err);
        assert_ok(fth_session_parquet_scan(reader, path, names, 1, NULL, &relay.result, &err),
                  &err);
        assert_ok(fth_session_feed(on.session, &feed, &err), &err);
        exec(on.session, "CREATE TABLE t AS SELECT n FROM relay ORDER BY n % 100, n");
        fth_session_unfeed(on.session, &feed);
        fth_result_free(relay.result);
        fth_session_close(reader);
        assert_int_equal(one(on.session, "SELECT sum(n)::BIGINT FROM t"),
                         INT64_C(300000) * 299999 / 2);
        exec(on.session, "DROP TABLE t");
        close_on(on);
    }
}

/* ---- faults ---- */

static void every_failing_allocation_and_statement_is_an_error_and_nothing_else(void **state)
{
    static const enum fth_fault kinds[] = {FTH_FAULT_ALLOC, FTH_FAULT_SQL};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        for (unsigned n = 1; test_fault(kinds[k], n); n++) {
            struct fth_engine_conf conf = {.dir = test_dir(), .threads = 1};
            struct numbers numbers = {.nr = 5000};
            struct fth_feed feed = numbers_feed(&numbers);
            struct fth_engine *engine = NULL;
            struct fth_session *session = NULL;
            struct fth_err err = {0};

            if (fth_engine_open(&conf, &engine, &err))
                continue;
            if (!fth_session_open(engine, &session, &err) &&
                !fth_session_feed(session, &feed, &err)) {
                failing(session, "SELECT long, n, tags FROM numbers", &err);
                fth_session_unfeed(session, &feed);
            }
            fth_session_close(session);
            fth_engine_close(engine);
            assert_int_equal(atomic_load(&numbers.open), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_arrive_in_the_types_of_a_batch),
        TEST(a_type_without_a_place_in_a_batch_is_refused_by_its_name),
        TEST(values_are_bound_not_pasted),
        TEST(products_of_decimals_are_exact),
        TEST(nothing_outside_of_the_directory_can_be_reached),
        TEST(a_second_process_is_told_that_it_is_busy),
        TEST(a_file_that_is_no_ledger_is_called_damaged),
        TEST(what_was_written_is_there_after_reopening),
        TEST(a_long_statement_ends_when_its_token_says_so),
        TEST(a_deadline_is_a_timeout),
        TEST(a_session_can_be_interrupted_from_another_thread),
        TEST(a_result_may_be_left_before_its_end),
        TEST(an_error_in_the_middle_of_the_rows_is_reported),
        TEST(past_the_memory_limit_the_statement_fails_and_the_engine_lives),
        TEST(a_feed_is_a_table_of_its_session),
        TEST(only_the_wanted_columns_are_asked_for),
        TEST(text_that_is_pointed_to_arrives_like_text_that_is_copied),
        TEST(a_feeds_error_comes_back_unchanged),
        TEST(a_feed_is_not_seen_by_other_sessions),
        TEST(a_parquet_files_columns_and_rows_are_told),
        TEST(a_bad_parquet_file_or_column_is_named),
        TEST(a_file_of_the_outside_is_brought_in_by_link_or_copy),
        TEST(a_scan_that_feeds_another_sessions_load_does_not_stand_still),
        TEST(every_failing_allocation_and_statement_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
