/* import: what a run promises beside exact sums: it can be stopped, narrowed, and fails whole. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "import_world.h"
#include "ledger/catalogue.h"

static const char bill[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,x_Note\n"
    "1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,n\n"
    "2.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,\n"
    "4,USD,a-1,2025-06-01,2025-06-02,2025-06-03,Usage,B,Contoso,\n";

static struct import_said import_file(struct import_world *world, const char *path,
                                      struct fth_import_request request)
{
    request.paths = &path;
    request.path_nr = 1;
    return import_run(world, request);
}

static void billed(struct import_world *world, const char *want)
{
    struct import_sums sums = import_sums(world, NULL, 0);

    if (!want)
        assert_int_equal(sums.row_nr, 0);
    else
        assert_str(sums.cells[0], want);
}

static struct fth_str member(const struct import_said *said, const char *pointer)
{
    const struct fth_json *value = fth_json_at(said->json, fth_str_c(pointer));

    return value ? value->text : (struct fth_str){0};
}

static void a_period_can_be_asked_for(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){.period = FTH_STR("2025-06")});
    assert_int_equal(said.rc, FTH_OK);
    billed(&world, "4");
    said = import_file(&world, path, (struct fth_import_request){.period = FTH_STR("2024-01")});
    assert_int_equal(said.rc, FTH_E_NOTFOUND);
    import_world_close(&world);
}

static void a_source_has_the_name_that_it_is_given(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){.source = FTH_STR("mine")});
    assert_int_equal(said.rc, FTH_OK);
    assert_str(member(&said, "/deliveries/0/source"), "mine");
    assert_str(member(&said, "/deliveries/0/side_columns/0"), "x_Note");
    said = import_file(&world, path, (struct fth_import_request){0});
    assert_str(member(&said, "/deliveries/1/status"), "unchanged");
    billed(&world, "8");
    import_world_close(&world);
}

/* A second bill of May, and one that is bad in its second record. */
static const char more[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargeCategory,ProviderName\n"
    "10,USD,a-1,2025-05-01,2025-05-03,Usage,Contoso\n";
static const char bad[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargeCategory,ProviderName\n"
    "10,USD,a-1,2025-05-01,2025-05-03,Usage,Contoso\n"
    "20,USD,a-1,2025-05-01,2025-05-03,Gift,Contoso\n";

static void one_of_several_deliveries_can_replace_them_all(void **state)
{
    struct import_world world = {0};
    const char *first = test_file_named("bill.csv", fth_str_c(bill));
    const char *second = test_file_named("more.csv", fth_str_c(more));
    struct fth_import_request may = {.period = FTH_STR("2025-05")};
    struct import_said said;

    import_world_open(&world);
    assert_int_equal(import_file(&world, first, may).rc, FTH_OK);
    may.mode = FTH_IMPORT_APPEND;
    assert_int_equal(import_file(&world, second, may).rc, FTH_OK);
    billed(&world, "14");
    said = import_file(&world, second, may);
    assert_str(member(&said, "/deliveries/0/status"), "unchanged");
    may.mode = FTH_IMPORT_REPLACE;
    said = import_file(&world, second, may);
    assert_str(member(&said, "/deliveries/0/status"), "loaded");
    billed(&world, "10");
    said = import_file(&world, second, may);
    assert_str(member(&said, "/deliveries/0/status"), "unchanged");
    billed(&world, "10");
    import_world_close(&world);
}

/* What is appended may hold what is there: by content, whatever the files are called. */
static void a_copy_among_files_that_are_appended_does_not_count_again(void **state)
{
    struct import_world world = {0};
    const char *first = test_file_named("bill.csv", fth_str_c(bill));
    const char *both[] = {test_file_named("more.csv", fth_str_c(more)),
                          test_file_named("copy.csv", fth_str_c(bill))};
    struct fth_import_request append = {.mode = FTH_IMPORT_APPEND, .paths = both, .path_nr = 2};
    struct import_said said;

    import_world_open(&world);
    assert_int_equal(import_file(&world, first, (struct fth_import_request){0}).rc, FTH_OK);
    billed(&world, "8");
    said = import_run(&world, append);
    assert_int_equal(said.rc, FTH_OK);
    billed(&world, "18");
    assert_true(
        fth_str_search(said.report, FTH_STR("the same content as bill.csv of delivery 1 for "
                                            "2025-05, passed over")) != SIZE_MAX);
    said = import_run(&world, append);
    assert_int_equal(said.rc, FTH_OK);
    billed(&world, "18");
    said = import_file(&world, both[1], (struct fth_import_request){.mode = FTH_IMPORT_APPEND});
    assert_str(member(&said, "/deliveries/0/status"), "unchanged");
    billed(&world, "18");
    import_world_close(&world);
}

static void a_report_under_another_name_is_passed_over_and_said_so(void **state)
{
    static const char report[] =
        "lineItem/tenantId,lineItem/intervalUsageStart,product/service,cost/myCost,"
        "cost/currencyCode\n"
        "t-1,2025-05-01T00:00Z,COMPUTE,1.5,USD\n";
    struct import_world world = {0};
    const char *both[] = {test_file_named("a.csv", fth_str_c(report)),
                          test_file_named("b.csv", fth_str_c(report))};
    struct fth_import_request request = {.dry_run = true, .paths = both, .path_nr = 2};
    struct import_said said;

    import_world_open(&world);
    for (int dry = 1; dry >= 0; dry--) {
        request.dry_run = dry;
        said = import_run(&world, request);
        assert_int_equal(said.rc, FTH_OK);
        assert_str(member(&said, "/deliveries/0/status"), "loaded");
        assert_str(member(&said, "/deliveries/1/status"), "unchanged");
        assert_non_null(strstr(member(&said, "/notes/0").p, "b.csv: the same content as"));
        billed(&world, dry ? NULL : "1.5");
    }
    import_world_close(&world);
}

/* Whoever looks for the delivery's period before there is one must not be the one who refuses. */
static void a_first_record_of_no_period_is_refused(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named(
        "soon.csv", FTH_STR("BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
                            "ChargePeriodStart,ChargeCategory,ProviderName\n"
                            "10,USD,a-1,soon,2025-05-03,Usage,Contoso\n"));
    struct import_said said;

    (void)state;
    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){0});
    assert_int_not_equal(said.rc, FTH_OK);
    assert_non_null(strstr(said.err.msg, "\"soon\" is not a date or time"));
    billed(&world, NULL);
    import_world_close(&world);
}

/* The engine gives the row groups of a file in no order, and several threads take them. */
static void a_parquet_record_is_numbered_by_its_place_in_the_file(void **state)
{
    struct import_world world = {0};
    struct fth_session *session = NULL;
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct import_said said;
    struct fth_err err = {0};
    char sql[1024], path[512];

    (void)state;
    import_world_open(&world);
    snprintf(path, sizeof(path), "%s/ledger/bill.parquet", world.dir);
    snprintf(sql, sizeof(sql),
             "COPY (SELECT range::DOUBLE AS BilledCost, 'USD' AS BillingCurrency, "
             "'a-1' AS BillingAccountId, TIMESTAMP '2025-05-01' AS BillingPeriodStart, "
             "TIMESTAMP '2025-05-02' AS ChargePeriodStart, 'Usage' AS ChargeCategory, "
             "'Contoso' AS ProviderName, 'S ' || range %% 7 AS ServiceName FROM range(60000)) "
             "TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 4096)",
             path);
    assert_ok(fth_session_open(fth_ledger_engine(world.ledger), &session, &err), &err);
    assert_ok(fth_session_exec(session, fth_str_c(sql), NULL, 0, NULL, NULL, &err), &err);
    said = import_file(&world, path, (struct fth_import_request){0});
    assert_ok(said.rc, &said.err);
    assert_ok(fth_session_query(session,
                                FTH_STR("SELECT count(*), count(*) FILTER (Record = BilledCost + 1)"
                                        ", count(DISTINCT Record) FROM seg_1"),
                                NULL, 0, NULL, &result, &err),
              &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(batch.cols[i].i64[0], 60000);
    fth_result_free(result);
    fth_session_close(session);
    import_world_close(&world);
}

static size_t deliveries(struct import_world *world, struct fth_delivery **out)
{
    struct fth_err err = {0};
    size_t nr;

    assert_ok(fth_catalogue_deliveries(world->db, world->arena, 0, out, &nr, &err), &err);
    return nr;
}

static void a_refused_delivery_is_remembered_once(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bad.csv", fth_str_c(bad));
    struct fth_delivery *all;
    struct import_said said;

    import_world_open(&world);
    assert_int_equal(import_file(&world, path, (struct fth_import_request){0}).rc, FTH_E_INVALID);
    said = import_file(&world, path, (struct fth_import_request){0});
    assert_int_equal(said.rc, FTH_E_INVALID);
    assert_str(member(&said, "/deliveries/0/errors/0/value"), "Gift");
    assert_int_equal(deliveries(&world, &all), 1);
    assert_int_equal(all[0].id, 1);
    assert_int_equal(all[0].status, FTH_DELIVERY_REFUSED);
    assert_true(fth_str_search(all[0].report, FTH_STR("\"Gift\"")) != SIZE_MAX);
    path = test_file_named("more.csv", fth_str_c(more));
    assert_int_equal(import_file(&world, path, (struct fth_import_request){0}).rc, FTH_OK);
    assert_int_equal(deliveries(&world, &all), 2);
    assert_int_equal(all[0].id, 2);
    import_world_close(&world);
}

static void what_comes_to_nothing_takes_no_number(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct fth_delivery *all;
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){.dry_run = true});
    assert_int_equal(said.rc, FTH_OK);
    assert_true(fth_json_is(fth_json_at(said.json, FTH_STR("/deliveries/1/id")), FTH_JSON_NULL));
    assert_int_equal(import_file(&world, path, (struct fth_import_request){0}).rc, FTH_OK);
    assert_int_equal(import_file(&world, path, (struct fth_import_request){0}).rc, FTH_OK);
    assert_int_equal(deliveries(&world, &all), 2);
    assert_int_equal(all[0].id, 2);
    import_world_close(&world);
}

static void a_file_is_called_what_its_sender_calls_it(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bad.csv", fth_str_c(bad));
    const struct fth_import_alias alias = {fth_str_c(path), FTH_STR("standard input")};
    struct fth_import_request request = {.aliases = &alias, .alias_nr = 1};
    struct fth_delivery *all;
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, request);
    if (strncmp(said.err.msg, "standard input: line 3", 22) != 0)
        fail_msg("%s", said.err.msg);
    assert_str(member(&said, "/deliveries/0/errors/0/file"), "standard input");
    request.tolerate = 1;
    said = import_file(&world, path, request);
    assert_int_equal(said.rc, FTH_OK);
    assert_str(member(&said, "/deliveries/0/files/0/path"), "standard input");
    assert_str(member(&said, "/deliveries/0/set_aside/0/file"), "standard input");
    assert_true(fth_str_search(said.report, fth_str_c(path)) == SIZE_MAX);
    assert_int_equal(deliveries(&world, &all), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(fth_str_search(all[i].report, fth_str_c(path)) == SIZE_MAX);
    import_world_close(&world);
}

static void an_unknown_format_is_wrong_usage_and_names_the_known(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){.format = FTH_STR("gcp")});
    assert_int_equal(said.rc, FTH_E_USAGE);
    assert_non_null(strstr(said.err.hint, "aws_cur, azure, custom, focus, gcp_billing, oracle"));
    said = import_file(&world, path, (struct fth_import_request){.format = FTH_STR("aws_cur")});
    assert_int_equal(said.rc, FTH_E_INVALID);
    said = import_file(&world, "/nonexistent", (struct fth_import_request){0});
    assert_int_equal(said.rc, FTH_E_NOTFOUND);
    billed(&world, NULL);
    import_world_close(&world);
}

static void a_file_without_records_is_refused(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named(
        "bill.csv", (struct fth_str){bill, (size_t)(strchr(bill, '\n') - bill) + 1});
    struct import_said said;

    import_world_open(&world);
    said = import_file(&world, path, (struct fth_import_request){0});
    assert_int_equal(said.rc, FTH_E_INVALID);
    assert_non_null(strstr(said.err.msg, "no record"));
    import_world_close(&world);
}

static void a_cancelled_run_leaves_nothing(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct fth_cancel cancel = {0};
    struct import_said said;

    import_world_open(&world);
    fth_cancel_set(&cancel, "by the test");
    said = import_file(&world, path, (struct fth_import_request){.cancel = &cancel});
    assert_int_equal(said.rc, FTH_E_CANCELLED);
    billed(&world, NULL);
    assert_int_equal(fth_ledger_version(world.ledger), 0);
    import_world_close(&world);
}

static void see(void *ctx, const struct fth_import_progress *progress)
{
    struct fth_import_progress *last = ctx;

    *last = *progress;
}

static void progress_ends_with_done(void **state)
{
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct fth_import_progress last = {0};

    import_world_open(&world);
    import_file(&world, path, (struct fth_import_request){.progress = see, .progress_ctx = &last});
    assert_string_equal(last.step, "done");
    assert_int_equal(last.bytes_all, sizeof(bill) - 1);
    import_world_close(&world);
}

/* The same amounts with another note, so that it is a delivery of its own. */
static void write_round(const char *path, unsigned n)
{
    char text[1024];
    struct fth_err err = {0};

    snprintf(text, sizeof(text), "%.*sn%u%s", (int)(strstr(bill, ",n\n") - bill) + 1, bill, n,
             strstr(bill, ",n\n") + 2);
    assert_ok(fth_file_write(path, fth_str_c(text), &err), &err);
}

/* Every so many-th call fails, until none does: whatever fails, it is the whole run, and what was
 * there before is there again. */
static void fails_whole(enum fth_fault kind)
{
#ifdef FTH_FAULTS
    struct import_world world = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct fth_import_request request = {.paths = &path, .path_nr = 1, .mode = FTH_IMPORT_REPLACE};
    unsigned long n, reached = 0, failed = 0;

    import_world_open(&world);
    import_file(&world, path, (struct fth_import_request){0});
    request.ledger = world.ledger;
    request.clock = &world.clock;
    for (n = 1;; n += 1 + n / 4) {
        struct fth_buf report = fth_buf_max(1 << 20);
        struct fth_err err = {0};
        enum fth_rc rc;

        write_round(path, (unsigned)n);
        fth_fault_arm(kind, n);
        rc = fth_import_run(&request, &report, &err);
        reached = fth_fault_count(kind);
        fth_fault_arm(kind, 0);
        failed += rc != FTH_OK;
        assert_true(rc == FTH_OK || err.msg[0]);
        fth_buf_release(&report);
        billed(&world, "8");
        if (reached < n)
            break;
    }
    print_message("# %lu calls of kind %d, %lu rounds failed\n", reached, kind, failed);
    assert_true(failed > 5);
    import_cubes_agree(&world);
    import_world_close(&world);
#else
    (void)kind;
    skip();
#endif
}

static void a_failing_allocation_fails_the_run_whole(void **state)
{
    fails_whole(FTH_FAULT_ALLOC);
}

static void a_failing_statement_fails_the_run_whole(void **state)
{
    fails_whole(FTH_FAULT_SQL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_parquet_record_is_numbered_by_its_place_in_the_file),
        TEST(a_first_record_of_no_period_is_refused),
        TEST(a_period_can_be_asked_for),
        TEST(a_source_has_the_name_that_it_is_given),
        TEST(one_of_several_deliveries_can_replace_them_all),
        TEST(a_copy_among_files_that_are_appended_does_not_count_again),
        TEST(a_report_under_another_name_is_passed_over_and_said_so),
        TEST(a_refused_delivery_is_remembered_once),
        TEST(what_comes_to_nothing_takes_no_number),
        TEST(a_file_is_called_what_its_sender_calls_it),
        TEST(an_unknown_format_is_wrong_usage_and_names_the_known),
        TEST(a_file_without_records_is_refused),
        TEST(a_cancelled_run_leaves_nothing),
        TEST(progress_ends_with_done),
        TEST(a_failing_allocation_fails_the_run_whole),
        TEST(a_failing_statement_fails_the_run_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
