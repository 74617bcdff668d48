/*
 * The bills that the product makes itself, of every provider, each imported into a fresh ledger and
 * compared with its truth to the last digit; then billed again, late, corrected, orphaned. The
 * truth is added up by the generator, which shares nothing with the importers.
 */
#include <glob.h>
#include <stdio.h>
#include <zlib.h>

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "demo/demo.h"
#include "truth.h"

enum { PATH_LEN = 512, WHY = 1024, FILE_MAX = 64 << 20 };

struct provider {
    const char *id, *truth, *folder, *team;
    enum fth_import_mode again; /* how what is billed again comes in */
    /* For the digit: files of a month, the column of the cost, "" in JSON; of Azure two halves. */
    const char *files[2];
    const char *column;
};

static const struct provider providers[] = {
    {"aws",
     "aws",
     "aws-cur-2.0",
     "tag:Team",
     FTH_IMPORT_DECIDE,
     {"aws-cur-2.0/meridian-cur2/data/BILLING_PERIOD=2026-02/meridian-cur2-00001.csv.gz"},
     "line_item_unblended_cost"},
    {"google",
     "google",
     "google-detailed",
     "tag:Team",
     FTH_IMPORT_APPEND,
     {"google-detailed/gcp_billing_export_resource_v1_2026-02-final-000.json.gz"},
     ""},
    {"azure-ea",
     "azure_ea",
     "azure-ea",
     "tag:Team",
     FTH_IMPORT_DECIDE,
     {"azure-ea/meridian-ea-actual/20260201-20260228/*/part_0_0001.csv.gz",
      "azure-ea/meridian-ea-amortized/20260201-20260228/*/part_0_0001.csv.gz"},
     "Cost"},
    {"azure-mca",
     "azure_mca",
     "azure-mca",
     "tag:Team",
     FTH_IMPORT_DECIDE,
     {"azure-mca/meridian-mca-actual/20260201-20260228/*/part_0_0001.csv.gz",
      "azure-mca/meridian-mca-amortized/20260201-20260228/*/part_0_0001.csv.gz"},
     "costInBillingCurrency"},
    {"oracle",
     "oracle",
     "oracle",
     "tag:Meridian.Team",
     FTH_IMPORT_DECIDE,
     {"oracle/reports/cost-csv/reports_cost-csv_*24313*.csv.gz"},
     "cost/myCost"},
    {"focus",
     "focus",
     "focus",
     "tag:Team",
     FTH_IMPORT_REPLACE,
     {"focus/focus-1.2-2026-02-final-001.csv.gz"},
     "BilledCost"},
};

static const char *const steps[] = {"late", "corrected", "orphaned"};

static const char *in_dir(const char *dir, const char *name)
{
    struct fth_str path = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(PATH_LEN * 8), &path, &err, "%s/%s", dir, name), &err);
    return path.p;
}

static const char *make_bills(const char *provider, bool restate)
{
    struct fth_demo_options options = fth_demo_defaults(fth_date_from_civil(2026, 3, 9));
    struct fth_err err = {0};
    const char *dir = in_dir(test_dir(), provider);

    options.months = 2;
    options.rows = 1500;
    options.seed = 11;
    options.restate = restate;
    options.provider = fth_str_c(provider);
    assert_ok(fth_demo_write(dir, &options, NULL, &err), &err);
    return dir;
}

static bool agrees(struct import_world *world, const struct provider *provider, const char *dir,
                   const char *month, char *why)
{
    static const char *const names[] = {"by_month_service_category", "by_account", "by_day",
                                        "by_team_tag", "by_commitment"};
    const struct truth truths[] = {
        {names[0], {"month", "x_ServiceCode", "ChargeCategory"}, 3, 3},
        {names[1], {"month", "SubAccountId"}, 2, 2},
        {names[2], {"day"}, 1, 1},
        {names[3], {"month", provider->team}, 2, 2},
        {names[4],
         {"month", "CommitmentDiscountId", "ChargeCategory", "CommitmentDiscountStatus"},
         4,
         4},
    };

    for (size_t i = 0; i < FTH_NR(truths); i++) {
        char path[PATH_LEN];

        snprintf(path, sizeof(path), "%s/truth/%s_%s.csv", dir, provider->truth, names[i]);
        if (!truth_agrees(world, path, &truths[i], month, why))
            return false;
    }
    return true;
}

static void check(struct import_world *world, const struct provider *provider, const char *dir)
{
    char why[WHY];

    if (!agrees(world, provider, dir, NULL, why))
        fail_msg("%s: %s", dir, why);
    import_cubes_agree(world);
}

static struct import_said import_in(struct import_world *world, const char *path,
                                    enum fth_import_mode mode)
{
    struct fth_import_request request = {.paths = &path, .path_nr = 1, .mode = mode};

    return import_run(world, request);
}

static void one_provider(const struct provider *provider)
{
    const char *dir = make_bills(provider->id, true);
    struct import_world world = {0};
    struct import_said said;

    import_world_open(&world);
    said = import_in(&world, in_dir(dir, provider->folder), FTH_IMPORT_DECIDE);
    import_said_well(&said);
    check(&world, provider, dir);
    said = import_in(&world, in_dir(dir, provider->folder), FTH_IMPORT_DECIDE);
    assert_null(strstr(said.report.p, "\"loaded\""));
    check(&world, provider, dir);
    for (size_t i = 0; i < FTH_NR(steps); i++) {
        char step[PATH_LEN];

        snprintf(step, sizeof(step), "%s/restated/%s", dir, steps[i]);
        said = import_in(&world, in_dir(step, provider->folder), provider->again);
        if (i < 2)
            assert_ok(said.rc, &said.err);
        /* What broke off is passed over with a note, or refused with a message. */
        else if (said.rc)
            assert_true(said.err.msg[0] != '\0');
        check(&world, provider, step);
    }
    import_world_close(&world);
}

static void aws_is_exact(void **state)
{
    one_provider(&providers[0]);
}

static void google_is_exact(void **state)
{
    one_provider(&providers[1]);
}

static void an_enterprise_agreement_is_exact(void **state)
{
    one_provider(&providers[2]);
}

static void a_customer_agreement_is_exact(void **state)
{
    one_provider(&providers[3]);
}

static void oracle_is_exact(void **state)
{
    one_provider(&providers[4]);
}

static void a_vendors_focus_is_exact(void **state)
{
    one_provider(&providers[5]);
}

/* All of them in one ledger; what is the same bill once more is refused. */
static void all_providers_go_into_one_ledger(void **state)
{
    const char *dir = make_bills("all", false);
    struct fth_str by = FTH_STR("ProviderName");
    struct import_world world = {0};
    struct import_said said;

    import_world_open(&world);
    for (size_t i = 0; i < FTH_NR(providers); i++) {
        said = import_in(&world, in_dir(dir, providers[i].folder), FTH_IMPORT_DECIDE);
        import_said_well(&said);
    }
    assert_int_equal(import_sums(&world, &by, 1).row_nr, 5);
    said = import_in(&world, in_dir(dir, "aws-cur-legacy"), FTH_IMPORT_DECIDE);
    assert_int_equal(said.rc, FTH_E_CONFLICT);
    said = import_in(&world, in_dir(dir, "google-standard"), FTH_IMPORT_DECIDE);
    assert_int_equal(said.rc, FTH_E_CONFLICT);
    import_world_close(&world);
}

/* ---- one digit ---- */

/* The one path that fits. */
static const char *find_file(const char *dir, const char *pattern)
{
    struct fth_str path = {0};
    struct fth_err err = {0};
    glob_t found;

    assert_int_equal(glob(in_dir(dir, pattern), 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    assert_ok(fth_arena_str(test_arena(PATH_LEN * 8), fth_str_c(found.gl_pathv[0]), &path, &err),
              &err);
    globfree(&found);
    return path.p;
}

static char *read_gz(const char *path, size_t *n)
{
    char *text = fth_arena_alloc(test_arena(FILE_MAX), FILE_MAX / 2);
    gzFile file = gzopen(path, "rb");
    int got;

    assert_non_null(file);
    for (*n = 0; (got = gzread(file, text + *n, 65536)) > 0; *n += (size_t)got)
        assert_true(*n + 131072 < FILE_MAX / 2);
    assert_int_equal(gzclose(file), Z_OK);
    text[*n] = '\0';
    return text;
}

static void write_gz(const char *path, const char *text, size_t n)
{
    gzFile file = gzopen(path, "wb1");

    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)n), (int)n);
    assert_int_equal(gzclose(file), Z_OK);
}

/* Where field `column` of a CSV line begins; quotes are minded. */
static char *field_of(char *line, size_t column)
{
    bool quoted = false;

    for (; column > 0; line++) {
        quoted ^= *line == '"';
        column -= *line == ',' && !quoted;
    }
    return line;
}

static size_t column_of(const char *header, const char *name)
{
    struct fth_str rest = fth_str_c(header), cell;
    size_t at = 0;

    rest.n = strcspn(header, "\r\n");
    while (fth_str_next(&rest, ',', &cell) && !fth_str_eq_c(cell, name))
        at++;
    return at;
}

/* Makes the last digit of the cost of some line another one. */
static void change_digit(char *text, const char *column)
{
    size_t at = column[0] ? column_of(text, column) : 0, n = 0;
    char *line = text, *cost = NULL;

    for (int i = 0; i < 40; i++)
        line = strchr(line, '\n') + 1;
    for (; n < 3; line = strchr(line, '\n') + 1) {
        cost = column[0] ? field_of(line, at) : strstr(line, "\"cost\":") + 7;
        n = strspn(cost, "0123456789.");
        if (cost[n] == 'E')
            n = 0;
    }
    print_message("# %.*s\n", (int)n, cost);
    cost[n - 1] = cost[n - 1] == '3' ? '4' : '3';
}

static void import_files(struct import_world *world, const char *const *files, size_t nr)
{
    struct fth_import_request request = {.paths = files, .path_nr = nr};
    struct import_said said = import_run(world, request);

    assert_ok(said.rc, &said.err);
}

/* The files of a month by name, as they are and with the digit. */
static void a_changed_digit_is_noticed(void **state)
{
    for (size_t i = 0; i < FTH_NR(providers); i++) {
        const struct provider *provider = &providers[i];
        const char *dir = make_bills(provider->id, false), *files[2];
        size_t nr = provider->files[1] ? 2 : 1;

        for (size_t k = 0; k < nr; k++)
            files[k] = find_file(dir, provider->files[k]);
        for (int changed = 0; changed < 2; changed++) {
            struct import_world world = {0};
            char why[WHY] = "", *text;
            size_t n;

            text = read_gz(files[nr - 1], &n);
            if (changed)
                change_digit(text, provider->column);
            write_gz(files[nr - 1], text, n);
            import_world_open(&world);
            import_files(&world, files, nr);
            if (agrees(&world, provider, dir, "2026-02", why) == changed)
                fail_msg("%s: %s: %s", provider->id, changed ? "not noticed" : "not green", why);
            import_world_close(&world);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(aws_is_exact),
        TEST(google_is_exact),
        TEST(an_enterprise_agreement_is_exact),
        TEST(a_customer_agreement_is_exact),
        TEST(oracle_is_exact),
        TEST(a_vendors_focus_is_exact),
        TEST(all_providers_go_into_one_ledger),
        TEST(a_changed_digit_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
