/* parquet: an answer as a file for other programs is the answer, to the last digit. */
#include <stdio.h>

#include "api_test.h"
#include "base/file.h"
#include "base/money.h"
#include "ledger/engine.h"

enum { ROWS_MAX = 16 };

#define HEAD                                                                        \
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart," \
    "BillingPeriodEnd,"                                                             \
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,ConsumedQuantity\n"
#define LINE(cost, service)                                                              \
    cost "," cost ",EUR,acct,2025-05-01,2025-06-01,2025-05-01,2025-05-02,Usage," service \
         ",Contoso,1.5\n"

static void load(const char *bill)
{
    const char *const headers[] = {"Content-Type", "application/json", "Prefer", "wait=60", NULL};
    char body[400];

    snprintf(body, sizeof(body), "{\"kind\":\"ingest\",\"paths\":[\"%s\"]}",
             test_file_named("bill.csv", fth_str_c(bill)));
    assert_str(
        asked_at(ask_full(FTH_PEER_PROCESS, "POST", "/api/v1/jobs", headers, fth_str_c(body)),
                 "/state"),
        "done");
}

static const struct asked *query(const char *plan, const char *accept)
{
    const char *const headers[] = {"Content-Type", "application/json", "Accept", accept, NULL};

    return ask_full(FTH_PEER_PROCESS, "POST", "/api/v1/costs/query", headers, fth_str_c(plan));
}

/* What the engine reads of a file: columns with their types, and the cells of two of them. */
struct seen {
    struct fth_column *cols;
    size_t col_nr, row_nr;
    struct fth_str cells[ROWS_MAX][2]; /* p == NULL: null */
};

static void keep(struct seen *seen, const struct fth_batch *batch, struct fth_arena *arena)
{
    struct fth_err err = {0};

    for (size_t r = 0; r < batch->nr; r++, seen->row_nr++)
        for (size_t c = 0; c < 2; c++) {
            assert_true(seen->row_nr < ROWS_MAX);
            if (fth_vec_is_valid(&batch->cols[c], r))
                assert_ok(fth_arena_str(arena, batch->cols[c].text[r],
                                        &seen->cells[seen->row_nr][c], &err),
                          &err);
        }
}

static struct seen read_back(const struct asked *asked, const char *const names[2])
{
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_engine_conf conf = {.threads = 1, .memory_bytes = 256 << 20};
    struct fth_engine *engine;
    struct fth_session *session;
    struct fth_result *result;
    struct fth_batch batch;
    struct fth_err err = {0};
    struct fth_str dir;
    struct seen seen = {0};
    const char *inside;
    uint64_t rows;

    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_header(asked, "Content-Type"), "application/vnd.apache.parquet");
    assert_ok(fth_arena_printf(arena, &dir, &err, "%s/reader", test_dir()), &err);
    conf.dir = dir.p;
    assert_ok(fth_engine_open(&conf, &engine, &err), &err);
    assert_ok(fth_session_open(engine, &session, &err), &err);
    assert_ok(fth_engine_adopt(engine, test_file_named("out.parquet", fth_buf_view(&asked->body)),
                               arena, &inside, &err),
              &err);
    assert_ok(
        fth_session_parquet_columns(session, inside, arena, &seen.cols, &seen.col_nr, &rows, &err),
        &err);
    assert_ok(fth_session_parquet_scan(session, inside, names, 2, NULL, &result, &err), &err);
    while (!fth_result_next(result, &batch, &err) && batch.nr)
        keep(&seen, &batch, arena);
    assert_int_equal(seen.row_nr, rows);
    fth_result_free(result);
    fth_session_close(session);
    fth_engine_close(engine);
    return seen;
}

static int files_left(void)
{
    char command[400];
    FILE *out;
    int nr = -1;

    snprintf(command, sizeof(command),
             "find '%s' -path '*/ledger/tmp/*' -name '[0-9]*.*' ! -path '*/reader/*' | wc -l",
             test_dir());
    out = popen(command, "r");
    assert_non_null(out);
    assert_int_equal(fscanf(out, "%d", &nr), 1);
    pclose(out);
    return nr;
}

#define PLAN                                                                                 \
    "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],\"time\":null," \
    "\"group_by\":[\"service\"],\"order\":{\"by\":\"billed_cost\",\"dir\":\"desc\"}}"

static const char *const names[2] = {"service", "billed_cost"};

static void its_sum_is_the_total_and_nulls_stay_nulls(void **state)
{
    struct fth_money sum = {0}, money, total;
    struct fth_err err = {0};
    struct seen seen;

    load(HEAD LINE("1000000.1", "A") LINE("0.000000000000000001", "\"b, \"\"c\"\"\nd\"")
             LINE("-2.5", ""));
    seen = read_back(query(PLAN, "application/vnd.apache.parquet"), names);
    assert_int_equal(seen.row_nr, 3);
    for (size_t r = 0; r < 3; r++) {
        assert_ok(fth_money_parse(seen.cells[r][1], &money, &err), &err);
        assert_ok(fth_money_add(&sum, money, &err), &err);
    }
    assert_ok(fth_money_parse(asked_at(query(PLAN, "application/json"), "/totals/0/billed_cost"),
                              &total, &err),
              &err);
    assert_int_equal(fth_money_cmp(sum, total), 0);
    /* In the order that was asked for; every value with the decimals of the finest. */
    assert_str(seen.cells[0][0], "A");
    assert_str(seen.cells[0][1], "1000000.100000000000000000");
    assert_str(seen.cells[1][0], "b, \"c\"\nd");
    assert_str(seen.cells[1][1], "0.000000000000000001");
    assert_null(seen.cells[2][0].p);
    assert_str(asked_header(query(PLAN, "application/vnd.apache.parquet"), "X-Farthing-Warning"),
               "");
    assert_int_equal(files_left(), 0);
}

static void more_digits_than_a_decimal_has_are_kept_as_text(void **state)
{
    const struct asked *asked;
    struct seen seen;

    load(HEAD LINE("1234567890123456789.1", "A") LINE("0.00000000000000000000000001", "B"));
    asked = query(PLAN, "application/vnd.apache.parquet");
    seen = read_back(asked, names);
    assert_str(asked_header(asked, "X-Farthing-Warning"),
               "billed_cost has values of more than 38 digits and is text");
    assert_str(seen.cells[0][1], "1234567890123456789.1");
    assert_str(seen.cells[1][1], "0.00000000000000000000000001");
}

static void an_answer_without_rows_is_a_file_too(void **state)
{
    const char *plan =
        "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],\"time\":null,"
        "\"group_by\":[\"service\"],\"where\":\"service = none\"}";

    load(HEAD LINE("1", "A"));
    assert_int_equal(read_back(query(plan, "application/vnd.apache.parquet"), names).row_nr, 0);
}

static void a_plan_that_is_wrong_is_a_problem(void **state)
{
    assert_problem(query("{\"kind\":\"query\"}", "application/vnd.apache.parquet"), 422, "");
    assert_int_equal(files_left(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(its_sum_is_the_total_and_nulls_stay_nulls),
        API_TEST(more_digits_than_a_decimal_has_are_kept_as_text),
        API_TEST(an_answer_without_rows_is_a_file_too),
        API_TEST(a_plan_that_is_wrong_is_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
