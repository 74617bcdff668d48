/* focus: what a validation promises. */
#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "focus_world.h"

static const struct edit none = {-2, NULL, NULL};

static const char *good(const char *name)
{
    return edited(name, &none, 0);
}

static void correct_files_have_no_finding(void **state)
{
    static const char *const names[] = {"good-1.2.csv", "good-1.3.csv", "good-1.4.csv"};
    static const enum fth_focus_version versions[] = {FTH_FOCUS_V12, FTH_FOCUS_V13, FTH_FOCUS_V14};

    (void)state;
    for (size_t i = 0; i < FTH_NR(names); i++) {
        const char *paths[] = {good(names[i]), NULL};
        const struct fth_focus_report *report = validate((struct fth_focus_request){0}, paths);

        assert_str(findings(report), "");
        assert_int_equal(report->files[0].version, versions[i]);
        assert_int_equal(report->files[0].rows, 17);
        assert_true(report->passed > 280);
    }
}

static void a_sample_says_where_and_which_values(void **state)
{
    struct edit edits[] = {
        {11, "BilledCost", "x"}, {12, "BilledCost", "y"}, {13, "BilledCost", "x"}};
    const char *paths[] = {edited("good-1.2.csv", edits, 3), NULL};
    const struct fth_focus_finding *found =
        finding(validate((struct fth_focus_request){0}, paths), "BilledCost-C-001-M");

    (void)state;
    assert_int_equal(found->count, 3);
    assert_int_equal(found->sample_nr, 2); /* values that differ */
    assert_int_equal(found->samples[0].record, 11);
    assert_int_equal(found->samples[0].line, 13); /* record 10 has a line end in a field */
    assert_str(found->samples[0].values, "BilledCost = \"x\"");
    assert_str(found->samples[1].values, "BilledCost = \"y\"");
    assert_true(strstr(found->fix, "null") != NULL);
}

static void should_rules_warn_and_must_rules_break(void **state)
{
    struct edit should = {1, "ChargeDescription", ""}, must = {1, "BilledCost", ""};
    const char *warned[] = {edited("good-1.2.csv", &should, 1), NULL};
    const struct fth_focus_report *report = validate((struct fth_focus_request){0}, warned);
    const char *violated[2] = {NULL, NULL};

    (void)state;
    assert_int_equal(report->warned, 1);
    assert_int_equal(report->violated, 0);
    violated[0] = edited("good-1.2.csv", &must, 1);
    report = validate((struct fth_focus_request){0}, violated);
    assert_int_equal(report->violated, 1);
}

static void datasets_are_checked_against_each_other(void **state)
{
    struct edit invoice = {1, "BilledCost", "99"}, detail = {1, "InvoiceDetailId", "D-2"};
    struct edit period = {1, "BillingPeriodStart", "2025-02-01T00:00:00Z"};
    const char *paths[] = {good("good-1.4.csv"), good("billing-period-1.4.csv"),
                           good("invoice-detail-1.4.csv"), NULL};

    (void)state;
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "");
    paths[2] = edited("invoice-detail-1.4.csv", &invoice, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "CAU-BilledCost-C-007-M");
    paths[2] = edited("invoice-detail-1.4.csv", &detail, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "FTH-InvoiceDetailKnown");
    paths[2] = good("invoice-detail-1.4.csv");
    paths[1] = edited("billing-period-1.4.csv", &period, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "FTH-BillingPeriodKnown");
}

static void an_invoice_may_differ_by_what_rounding_allows(void **state)
{
    /* The rows sum to 27.3600024; so few may differ by one whole unit. */
    struct edit within = {1, "BilledCost", "28.3600024"}, beyond = {1, "BilledCost", "28.3601024"};
    const char *paths[] = {good("good-1.4.csv"), good("billing-period-1.4.csv"), NULL, NULL};

    (void)state;
    paths[2] = edited("invoice-detail-1.4.csv", &within, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "");
    paths[2] = edited("invoice-detail-1.4.csv", &beyond, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "CAU-BilledCost-C-007-M");
}

static void contracts_that_charges_name_must_be_there(void **state)
{
    struct edit other = {1, "ContractCommitmentId", "KC-9"};
    const char *paths[] = {good("good-1.3.csv"), good("contract-commitment-1.3.csv"), NULL};

    (void)state;
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "");
    paths[1] = edited("contract-commitment-1.3.csv", &other, 1);
    assert_str(findings(validate((struct fth_focus_request){0}, paths)), "FTH-ContractKnown");
}

/* The correct file so many times over, so that several workers get a part; with the edits in the
 * first and in the last copy. */
static const char *long_file(size_t copies, const struct edit *edits, size_t nr)
{
    struct fth_arena *arena = test_arena(64 << 20);
    struct fth_str good_text, bad_text, header, body, bad_header, bad_body;
    struct fth_buf out = fth_buf_max(64 << 20);
    struct fth_err err = {0};
    const char *path;

    assert_ok(fth_file_read(arena, good("good-1.2.csv"), 1 << 20, &good_text, &err), &err);
    assert_ok(fth_file_read(arena, edited("good-1.2.csv", edits, nr), 1 << 20, &bad_text, &err),
              &err);
    assert_true(fth_str_split(good_text, '\n', &header, &body));
    assert_true(fth_str_split(bad_text, '\n', &bad_header, &bad_body));
    fth_buf_str(&out, header);
    fth_buf_char(&out, '\n');
    for (size_t i = 0; i < copies; i++)
        fth_buf_str(&out, i == 0 || i + 1 == copies ? bad_body : body);
    assert_ok(fth_buf_done(&out, &err), &err);
    path = test_file_named("long.csv", fth_buf_view(&out));
    fth_buf_release(&out);
    return path;
}

static void workers_do_not_change_the_report(void **state)
{
    enum { COPIES = 1500, RECORDS = 17 };
    struct edit edits[] = {{3, "BilledCost", ""}, {9, "BilledCost", "z"}, {17, "SkuId", "SKU-X"}};
    const char *paths[] = {long_file(COPIES, edits, 3), NULL};

    (void)state;
    for (unsigned workers = 1; workers <= 4; workers += 3) {
        const struct fth_focus_report *report =
            validate((struct fth_focus_request){.workers = workers}, paths);
        const struct fth_focus_finding *found = finding(report, "BilledCost-C-003-M");

        assert_str(findings(report), "BilledCost-C-001-M BilledCost-C-003-M SkuPriceId-C-008-M");
        assert_int_equal(report->rows, COPIES * RECORDS);
        assert_int_equal(found->count, 2);
        assert_int_equal(found->samples[0].record, 3);
        assert_int_equal(finding(report, "BilledCost-C-001-M")->samples[0].record, 9);
        assert_int_equal(finding(report, "SkuPriceId-C-008-M")->count, 1);
    }
}

static void a_broken_file_is_a_finding_and_not_an_error(void **state)
{
    const char *open_quote[] = {
        test_file(FTH_STR("BilledCost,BillingAccountId,ChargeCategory,ServiceName,EffectiveCost\n"
                          "1,\"a,Usage,S,1\n")),
        NULL};
    const char *other[2] = {NULL, NULL};

    (void)state;
    finding(validate((struct fth_focus_request){0}, open_quote), "FTH-Readable");
    other[0] = test_file(FTH_STR("a,b\n1,2\n"));
    finding(validate((struct fth_focus_request){0}, other), "FTH-Readable");
    other[0] = test_file(FTH_STR(""));
    finding(validate((struct fth_focus_request){0}, other), "FTH-Readable");
    other[0] = test_file(FTH_STR("PAR1 and then nothing"));
    finding(validate((struct fth_focus_request){0}, other), "FTH-Readable");
}

static void wrong_questions_are_refused(void **state)
{
    const char *path[] = {good("good-1.2.csv")};
    const char *missing[] = {"/nowhere/at/all.csv"};
    struct fth_focus_request bad[] = {
        {.paths = path, .path_nr = 1, .version = "2.0"},
        {.paths = path, .path_nr = 1, .criteria = "SUN_SHINES"},
        {.paths = path, .path_nr = 1, .version = "1.3", .as_official = true},
        {.paths = missing, .path_nr = 1},
    };

    (void)state;
    for (size_t i = 0; i < FTH_NR(bad); i++) {
        const struct fth_focus_report *report = NULL;
        struct fth_err err = {0};

        assert_int_not_equal(fth_focus_validate(&bad[i], test_arena(8 << 20), &report, &err),
                             FTH_OK);
        assert_null(report);
    }
}

static void the_official_view_has_the_official_faults(void **state)
{
    const char *paths[] = {good("good-1.2.csv"), NULL};
    const struct fth_focus_report *report =
        validate((struct fth_focus_request){.as_official = true}, paths);

    (void)state;
    finding(report, "InvoiceId-C-004-C");                 /* demands null on every row */
    finding(report, "CommitmentDiscountStatus-C-004-C");  /* its condition is inverted */
    finding(report, "CapacityReservationStatus-C-004-C"); /* its condition is lost */
    assert_int_equal(finding(report, "InvoiceId-C-004-C")->count, 17);
    /* and what joins them */
    finding(report, "CommitmentDiscountStatus-C-000-C");
    finding(report, "CostAndUsage-D-000-M");
}

static void nothing_is_left_behind_when_memory_runs_out(void **state)
{
    const char *path[] = {good("good-1.2.csv")};

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_focus_request request = {.paths = path, .path_nr = 1, .workers = 1};
        const struct fth_focus_report *report = NULL;
        struct fth_arena *arena = fth_arena_new(64 << 20);
        struct fth_err err = {0};

        if (arena && fth_focus_validate(&request, arena, &report, &err))
            if (err.rc != FTH_E_NOMEM)
                fail_msg("allocation %u: %d %s", n, (int)err.rc, err.msg);
        fth_arena_free(arena);
    }
}

static void reports_are_well_formed(void **state)
{
    struct edit edit = {1, "ResourceName", "<b>&\"\001"};
    const char *paths[] = {edited("good-1.2.csv", &edit, 1), NULL};
    const struct fth_focus_report *report = validate((struct fth_focus_request){0}, paths);
    struct fth_buf text = fth_buf_max(8 << 20);
    const struct fth_json *json;
    struct fth_err err = {0};

    (void)state;
    fth_focus_put_json(&text, report);
    assert_ok(fth_json_parse(test_arena(8 << 20), fth_buf_view(&text), NULL, &json, &err), &err);
    assert_int_equal(fth_json_get(json, "findings")->nr, 1);
    fth_buf_clear(&text);
    fth_focus_put_junit(&text, report);
    assert_true(fth_str_search(fth_buf_view(&text), FTH_STR("&lt;b&gt;&amp;&quot;")) != SIZE_MAX);
    assert_true(fth_str_find(fth_buf_view(&text), '\001') == SIZE_MAX);
    fth_buf_clear(&text);
    fth_focus_put_html(&text, report);
    assert_true(fth_str_search(fth_buf_view(&text), FTH_STR("&lt;b&gt;&amp;&quot;")) != SIZE_MAX);
    assert_true(fth_str_search(fth_buf_view(&text), FTH_STR("<b>&\"")) == SIZE_MAX);
    assert_true(fth_str_search(fth_buf_view(&text), FTH_STR("http")) == SIZE_MAX);
    fth_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(correct_files_have_no_finding, test_end),
        cmocka_unit_test_teardown(a_sample_says_where_and_which_values, test_end),
        cmocka_unit_test_teardown(should_rules_warn_and_must_rules_break, test_end),
        cmocka_unit_test_teardown(datasets_are_checked_against_each_other, test_end),
        cmocka_unit_test_teardown(an_invoice_may_differ_by_what_rounding_allows, test_end),
        cmocka_unit_test_teardown(contracts_that_charges_name_must_be_there, test_end),
        cmocka_unit_test_teardown(workers_do_not_change_the_report, test_end),
        cmocka_unit_test_teardown(a_broken_file_is_a_finding_and_not_an_error, test_end),
        cmocka_unit_test_teardown(wrong_questions_are_refused, test_end),
        cmocka_unit_test_teardown(the_official_view_has_the_official_faults, test_end),
        cmocka_unit_test_teardown(nothing_is_left_behind_when_memory_runs_out, test_end),
        cmocka_unit_test_teardown(reports_are_well_formed, test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
