/*
 * Bills whose totals are known: those of ../shared/data where they are, each imported into a fresh
 * ledger and compared with its truth, to the last digit, by every break-down.
 */
#include <stdio.h>

#include "base/json.h"
#include "truth.h"

#define GOLDEN "data/billing/synthetic/golden/"
#define REAL "data/billing/real/"
#define OTHERS "data/billing/synthetic/third-party-focus/"

/* Paths of shared files live until the test ends; there may be many. */
static const char *shared(const char *path)
{
    const char *found = test_shared(path);

    if (!found)
        skip();
    return found;
}

static struct import_said import_all(struct import_world *world, const char *const *paths,
                                     size_t path_nr)
{
    struct fth_import_request request = {.paths = paths, .path_nr = path_nr};
    struct import_said said = import_run(world, request);

    if (said.rc)
        fail_msg("%s: %s\n" FTH_STR_F, paths[0], said.err.msg, FTH_STR_A(said.report));
    return said;
}

/* ---- tables of truth ---- */

static const struct truth aws_truth[] = {
    {"aws_by_account.csv", {"month", "SubAccountId"}, 2, 2},
    {"aws_by_commitment.csv",
     {"month", "CommitmentDiscountId", "ChargeCategory", "CommitmentDiscountStatus"},
     4,
     4},
    {"aws_by_month_service_category.csv", {"month", "x_ServiceCode", "ChargeCategory"}, 3, 3},
    {"aws_by_team_tag.csv", {"month", "tag:Team"}, 2, 2},
    {"aws_by_day.csv", {"day"}, 1, 1},
};

static void check_truth(struct import_world *world, const struct truth *truth, const char *month)
{
    char path[256];

    snprintf(path, sizeof(path), GOLDEN "truth/%s", truth->file);
    truth_check(world, shared(path), truth, month);
}

static void check_aws(struct import_world *world, const char *month, bool has_code)
{
    for (size_t i = 0; i < sizeof(aws_truth) / sizeof(*aws_truth); i++)
        if (has_code || strcmp(aws_truth[i].by[1] ? aws_truth[i].by[1] : "", "x_ServiceCode") != 0)
            if (!month || aws_truth[i].by_nr > 1)
                check_truth(world, &aws_truth[i], month);
    import_cubes_agree(world);
}

/* ---- one bill in four forms ---- */

static void one_form(const char *path, const char *month, bool has_code)
{
    struct import_world world = {0};
    const char *paths[] = {shared(path)};
    struct import_said said;

    import_world_open(&world);
    said = import_all(&world, paths, 1);
    import_said_well(&said);
    check_aws(&world, month, has_code);
    said = import_all(&world, paths, 1); /* again: nothing changes */
    assert_non_null(strstr(said.report.p, "\"unchanged\""));
    assert_null(strstr(said.report.p, "\"loaded\""));
    check_aws(&world, month, has_code);
    import_world_close(&world);
}

static void the_legacy_report_is_exact(void **state)
{
    one_form(GOLDEN "aws-cur-legacy", NULL, true);
}

static void cur_2_as_csv_is_exact(void **state)
{
    one_form(GOLDEN "aws-cur-2.0", NULL, true);
}

static void cur_2_as_parquet_is_exact(void **state)
{
    one_form(GOLDEN "aws-cur-2.0-parquet", "2025-02", true);
}

static void focus_is_exact(void **state)
{
    one_form(GOLDEN "aws-focus-1.2-reference", NULL, false);
}

static void an_early_assembly_changes_nothing_before_or_after(void **state)
{
    struct import_world world = {0};
    const char *early[] = {
        shared(GOLDEN "aws-cur-legacy/farthing-cur/20250101-20250201/20250116T120000Z-a")};
    const char *all[] = {shared(GOLDEN "aws-cur-legacy")};
    struct import_said said;

    import_world_open(&world);
    import_all(&world, early, 1);
    import_all(&world, all, 1);
    check_aws(&world, NULL, true);
    said = import_all(&world, early, 1);
    assert_non_null(strstr(said.report.p, "\"superseded\""));
    check_aws(&world, NULL, true);
    import_world_close(&world);
}

static void one_bill_in_two_forms_is_refused(void **state)
{
    struct import_world world = {0};
    const char *first[] = {shared(GOLDEN "aws-cur-2.0")};
    const char *second[] = {shared(GOLDEN "aws-cur-legacy")};
    const char *third[] = {shared(GOLDEN "aws-focus-1.2-reference")};
    struct fth_import_request request = {.path_nr = 1};
    struct import_said said;

    import_world_open(&world);
    import_all(&world, first, 1);
    request.paths = second;
    said = import_run(&world, request);
    assert_int_equal(said.rc, FTH_E_CONFLICT);
    request.paths = third;
    said = import_run(&world, request);
    assert_int_equal(said.rc, FTH_E_CONFLICT);
    check_aws(&world, NULL, true);
    import_world_close(&world);
}

/* ---- bills of others ---- */

struct total {
    const char *path;
    const char *billed, *effective; /* NULL: not known */
    const char *charges;
    const char *by;              /* one more break-down, or NULL */
    const char *const *by_cells; /* value, billed, …, NULL */
};

static void check_total(const struct total *want)
{
    struct import_world world = {0};
    const char *paths[] = {shared(want->path)};
    struct import_said said;
    struct import_sums sums;

    import_world_open(&world);
    said = import_all(&world, paths, 1);
    assert_null(strstr(said.report.p, "\"refused\""));
    sums = import_sums(&world, NULL, 0);
    assert_int_equal(sums.row_nr, 1);
    assert_str(sums.cells[0], want->billed);
    if (want->effective)
        assert_str(sums.cells[1], want->effective);
    if (want->charges)
        assert_str(sums.cells[2], want->charges);
    if (want->by) {
        struct fth_str by = fth_str_c(want->by);

        sums = import_sums(&world, &by, 1);
        for (size_t i = 0; want->by_cells[i]; i += 2) {
            struct fth_str key = fth_str_c(want->by_cells[i]);
            const struct fth_str *row = truth_row(&sums, &key, 1);

            assert_non_null(row);
            assert_str(row[1], want->by_cells[i + 1]);
        }
    }
    import_cubes_agree(&world);
    import_world_close(&world);
}

#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void real_aws_reports_are_exact(void **state)
{
    const struct total totals[] = {
        {REAL "aws-cur-parquet/year=2018/month=10", "4064.4831315379", "4195.9571093179", NULL,
         "x_ServiceCode",
         CELLS("AmazonEC2", "737.497233862", "AWSGlue", "2389.3281275712", "AmazonRDS",
               "920.7477222548", "AWSConfig", "12.277", "AmazonS3", "0.279485", "AWSBudgets",
               "0.24", "AmazonAthena", "0.02233", "AWSEvents", "0.00027")},
        {REAL "aws-cur-parquet/year=2018/month=11", "3505.3269681268", "3632.5598464968", NULL,
         NULL, NULL},
        {REAL "aws-cur-csv-unit-economics/cur-2019-11-26.csv.gz", "89.170632878", "89.170632878",
         "7850", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(totals) / sizeof(*totals); i++)
        check_total(&totals[i]);
}

static void real_focus_files_are_exact(void **state)
{
    const struct total totals[] = {
        {REAL "focus-1.0-multicloud/focus_sample.csv.gz", "20.52022672899", NULL, "1000",
         "ProviderName",
         CELLS("AWS", "18.0066386184", "Microsoft", "1.97651418586", "Oracle", "0.53707392473")},
        {OTHERS "aws_1_2_cost_and_usage_rows25_seed7.csv.gz", "27.339199", NULL, "25", NULL, NULL},
        {OTHERS "aws_1_3_cost_and_usage_rows25_seed7.csv.gz", "1020.13743776197748", NULL, "25",
         NULL, NULL},
        {OTHERS "aws_1_3_cost_and_usage_rows25_seed7_credits.csv.gz", "929.19897776197748", NULL,
         "25", NULL, NULL},
        {OTHERS "azure_1_2_cost_and_usage_rows25_seed7.csv.gz", "624.24788387618795", NULL, "25",
         NULL, NULL},
        {OTHERS "azure_1_2_cost_and_usage_rows25_seed7_credits.csv.gz", "592.78529887618795", NULL,
         "25", NULL, NULL},
        {OTHERS "azure_1_3_cost_and_usage_rows25_seed7.csv.gz", "29.22750830938535", NULL, "25",
         NULL, NULL},
        {OTHERS "gcp_1_2_cost_and_usage_rows25_seed7.csv.gz", "1113.58922527449205", NULL, "25",
         NULL, NULL},
        {OTHERS "gcp_1_2_cost_and_usage_rows25_seed7_credits.csv.gz", "1010.67926227449205", NULL,
         "25", NULL, NULL},
        {OTHERS "gcp_1_3_cost_and_usage_rows25_seed7.csv.gz", "195.30688799351503", NULL, "25",
         NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(totals) / sizeof(*totals); i++)
        check_total(&totals[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_legacy_report_is_exact),
        TEST(cur_2_as_csv_is_exact),
        TEST(cur_2_as_parquet_is_exact),
        TEST(focus_is_exact),
        TEST(an_early_assembly_changes_nothing_before_or_after),
        TEST(one_bill_in_two_forms_is_refused),
        TEST(real_aws_reports_are_exact),
        TEST(real_focus_files_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
