/*
 * Azure and Oracle bills whose totals are known: those of ../shared/data where they are, each
 * imported into a fresh ledger and compared with its truth, to the last digit, by every break-down.
 */
#include <stdio.h>

#include "../unit/import/import_world.h"
#include "base/file.h"
#include "base/json.h"
#include "base/money.h"
#include "truth.h"

#define GOLDEN "data/billing/synthetic/golden/"
#define REAL "data/billing/real/"

enum { CELLS = 8, KEYS = 5, TABLE_MAX = 1 << 20 };

static const char *shared(const char *path)
{
    const char *found = test_shared(path);

    if (!found)
        skip();
    return found;
}

static struct import_said import_all(struct import_world *world, const char *path)
{
    struct fth_import_request request = {.paths = &path, .path_nr = 1};
    struct import_said said = import_run(world, request);

    if (said.rc)
        fail_msg("%s: %s\n" FTH_STR_F, path, said.err.msg, FTH_STR_A(said.report));
    return said;
}

static bool same_amount(struct fth_str a, struct fth_str b)
{
    struct fth_money x, y;
    struct fth_err err = {0};

    return !fth_money_parse(a, &x, &err) && !fth_money_parse(b, &y, &err) &&
           fth_money_cmp(x, y) == 0;
}

/* ---- tables of truth: keys, billed, effective, rows ---- */

/* What a key column of the truth is called in a charge. Pricing models are two of its columns. */
struct azure_truth {
    const char *file;
    const char *by[KEYS];
    size_t by_nr;
    bool by_model; /* the last key of the file is the pricing model */
};

static const struct azure_truth truths[] = {
    {"by_month_metercategory_type",
     {"month", "x_ServiceCode", "x_LineItemType", "CommitmentDiscountType", "PricingCategory"},
     5,
     true},
    {"by_commitment", {"month", "CommitmentDiscountId", "x_LineItemType"}, 3, false},
    {"by_subscription", {"month", "SubAccountId"}, 2, false},
};

static const struct {
    const char *model, *type, *usage, *other; /* usage, other: pricing category of such rows */
} models[] = {
    {"OnDemand", "", "Standard", "Standard"},
    {"Spot", "", "Dynamic", "Dynamic"},
    {"Reservation", "Reservation", "Committed", "Standard"},
    {"SavingsPlan", "Savings Plan", "Committed", "Standard"},
    {"", "", "", ""},
};

/* The keys as a charge has them. */
static void keys_of(const struct azure_truth *truth, const struct fth_str *cells,
                    struct fth_str *keys)
{
    size_t file_keys = truth->by_model ? truth->by_nr - 1 : truth->by_nr;

    for (size_t i = 0; i < file_keys; i++)
        keys[i] = cells[i];
    for (size_t i = 0; truth->by_model && i < sizeof(models) / sizeof(*models); i++) {
        bool usage =
            fth_str_ends(cells[2], FTH_STR("Usage")) || fth_str_starts(cells[2], FTH_STR("Unused"));

        if (!fth_str_eq_c(cells[3], models[i].model))
            continue;
        keys[3] = fth_str_c(models[i].type);
        keys[4] = fth_str_c(usage ? models[i].usage : models[i].other);
    }
}

static void check_line(const struct azure_truth *truth, const struct import_sums *sums,
                       struct fth_str line)
{
    struct fth_str cells[CELLS], keys[KEYS], rest = line;
    const struct fth_str *row;
    size_t nr = 0;

    while (nr < CELLS && fth_str_next(&rest, ',', &cells[nr]))
        nr++;
    assert_true(nr >= 5);
    keys_of(truth, cells, keys);
    row = truth_row(sums, keys, truth->by_nr);
    if (!row || !same_amount(row[truth->by_nr], cells[nr - 3]) ||
        !same_amount(row[truth->by_nr + 1], cells[nr - 2]) ||
        !fth_str_eq(row[truth->by_nr + 2], cells[nr - 1]))
        fail_msg("%s: " FTH_STR_F " is " FTH_STR_F " | " FTH_STR_F " | " FTH_STR_F, truth->file,
                 FTH_STR_A(line), FTH_STR_A(row ? row[truth->by_nr] : line),
                 FTH_STR_A(row ? row[truth->by_nr + 1] : line),
                 FTH_STR_A(row ? row[truth->by_nr + 2] : line));
}

static void check_truth(struct import_world *world, const char *which,
                        const struct azure_truth *truth)
{
    struct fth_str by[KEYS], text, line;
    struct import_sums sums;
    struct fth_err err = {0};
    size_t rows = 0, nulls = 0;
    char path[256];

    snprintf(path, sizeof(path), GOLDEN "truth/azure_%s_%s.csv", which, truth->file);
    assert_ok(fth_file_read(world->arena, shared(path), TABLE_MAX, &text, &err), &err);
    for (size_t i = 0; i < truth->by_nr; i++)
        by[i] = fth_str_c(truth->by[i]);
    sums = import_sums(world, by, truth->by_nr);
    fth_str_next(&text, '\n', &line); /* header */
    while (fth_str_next(&text, '\n', &line)) {
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (!line.n)
            continue;
        rows++;
        check_line(truth, &sums, line);
    }
    /* The table of commitments leaves out charges without one. */
    for (size_t i = 0; truth->by_nr == 3 && i < sums.row_nr; i++)
        nulls += sums.cells[i * sums.col_nr + 1].n == 0;
    assert_int_equal(sums.row_nr - nulls, rows);
}

static void check_azure(struct import_world *world, const char *which)
{
    for (size_t i = 0; i < sizeof(truths) / sizeof(*truths); i++)
        check_truth(world, which, &truths[i]);
    import_cubes_agree(world);
}

static void a_bill_in_two_exports_is_exact(void **state)
{
    static const char *const which[] = {"ea", "mca"};

    for (size_t i = 0; i < 2; i++) {
        struct import_world world = {0};
        struct import_said said;
        char path[128];

        snprintf(path, sizeof(path), GOLDEN "azure-%s", which[i]);
        import_world_open(&world);
        said = import_all(&world, shared(path));
        import_said_well(&said);
        check_azure(&world, which[i]);
        said = import_all(&world, shared(path));
        assert_null(strstr(said.report.p, "\"loaded\""));
        check_azure(&world, which[i]);
        import_world_close(&world);
    }
}

/* Early runs and halves in any order: the same in the end. */
static void the_order_in_which_exports_come_does_not_matter(void **state)
{
    static const char *const steps[][5] = {
        {"actual/20250101-20250131/0a-run-mtd", "amortized", "actual", NULL, NULL},
        {"amortized/20250101-20250131/0a-run-mtd", "actual", "actual/20250101-20250131/0a-run-mtd",
         "amortized", NULL},
        {"amortized", "actual/20250101-20250131/7f-run-final", "actual/20250201-20250228",
         "amortized/20250101-20250131/0a-run-mtd", NULL},
    };

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        struct import_world world = {0};

        import_world_open(&world);
        for (size_t k = 0; steps[i][k]; k++) {
            char path[160];

            snprintf(path, sizeof(path), GOLDEN "azure-mca/contoso-mca-%s", steps[i][k]);
            import_all(&world, shared(path));
        }
        check_azure(&world, "mca");
        import_world_close(&world);
    }
}

static void accounts_in_one_folder_are_taken_apart(void **state)
{
    struct import_world world = {0};
    const char *paths[] = {shared(GOLDEN "azure-ea"), shared(GOLDEN "azure-mca")};
    struct fth_import_request request = {.paths = paths, .path_nr = 2};
    struct fth_str by = FTH_STR("BillingAccountId");
    struct import_said said;
    struct import_sums sums;

    import_world_open(&world);
    said = import_run(&world, request);
    assert_int_equal(said.rc, FTH_OK);
    import_said_well(&said);
    sums = import_sums(&world, &by, 1);
    assert_int_equal(sums.row_nr, 2);
    assert_str(sums.cells[0], "8611537");
    assert_str(sums.cells[1], "2665.357092999795");
    assert_str(sums.cells[4], "BP-12");
    assert_str(sums.cells[5], "2445.510000000001");
    import_world_close(&world);
}

/* ---- real ones ---- */

static void real_exports_are_exact(void **state)
{
    static const struct {
        const char *path, *billed, *charges;
    } wanted[] = {
        {REAL "oci-cost-report", "2.523589325400648027", "506"},
        {REAL "azure-ea-2020", "1.26136926505726", "27"},
        {REAL "azure-header-variants/opencost-template-rows.csv", "16.393506212224391", "87"},
        {REAL "azure-header-variants/header-Enterprise.csv", "0", "1"},
        {REAL "azure-header-variants/header-EnterpriseCamel.csv", "0.012", "1"},
        {REAL "azure-header-variants/header-German.csv", "0.075", "1"},
        {REAL "azure-header-variants/header-PayAsYouGo.csv", "0.075", "1"},
        {REAL "azure-header-variants/header-YA.csv", "0.075", "1"},
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        struct import_world world = {0};
        struct import_sums sums;

        import_world_open(&world);
        import_all(&world, shared(wanted[i].path));
        sums = import_sums(&world, NULL, 0);
        assert_str(sums.cells[0], wanted[i].billed);
        assert_str(sums.cells[2], wanted[i].charges);
        import_cubes_agree(&world);
        import_world_close(&world);
    }
}

static void a_real_report_of_oracle_is_exact_by_service(void **state)
{
    static const char *const wanted[][2] = {
        {"COMPUTE", "0.076431106730741889"},
        {"DATABASE", "1.088888220304052466"},
        {"MYSQL", "1.340275542575400059"},
        {"BLOCK_STORAGE", "0.01780321703745159"},
    };
    struct import_world world = {0};
    struct fth_str by = FTH_STR("x_ServiceCode");
    struct import_sums sums;

    import_world_open(&world);
    import_all(&world, shared(REAL "oci-cost-report"));
    sums = import_sums(&world, &by, 1);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        struct fth_str key = fth_str_c(wanted[i][0]);
        const struct fth_str *row = truth_row(&sums, &key, 1);

        assert_non_null(row);
        assert_str(row[1], wanted[i][1]);
    }
    import_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bill_in_two_exports_is_exact),
        TEST(the_order_in_which_exports_come_does_not_matter),
        TEST(accounts_in_one_folder_are_taken_apart),
        TEST(real_exports_are_exact),
        TEST(a_real_report_of_oracle_is_exact_by_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
