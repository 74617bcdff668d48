/* pair: a bill in two exports ends the same whatever comes first, or says what it lacks. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rand.h"
#include "import_world.h"

#define HEADER                                                                          \
    "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,Date," \
    "MeterCategory,Cost,BillingCurrency,ChargeType,PricingModel,benefitId\n"
#define ROW(day, cost, type, model, benefit) \
    "77,03/01/2025,03/31/2025,sub,03/" day "/2025,VM," cost ",USD," type "," model "," benefit "\n"

/* Of the runs of both halves the n-th knows the first n of these days. */
static const char *const bought[] = {ROW("01", "100", "Purchase", "Reservation", "/ri")};
static const char *const usage[] = {ROW("02", "1.25", "Usage", "OnDemand", ""),
                                    ROW("03", "2.5", "Usage", "OnDemand", "")};
static const char *const covered[2][2] = {
    {ROW("04", "0", "Usage", "Reservation", "/ri"), ROW("05", "0", "Usage", "Reservation", "/ri")},
    {ROW("04", "3", "Usage", "Reservation", "/ri"), ROW("05", "4", "Usage", "Reservation", "/ri")}};

enum { HALVES = 2, RUNS = 2 };

static const char *const names[HALVES] = {"actual", "amortized"};

static void put(const char *name, struct fth_str text)
{
    char path[1024];
    struct fth_err err = {0};
    char *slash;

    snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
    slash = strrchr(path, '/');
    *slash = 0;
    assert_ok(fth_file_mkdirs(path, &err), &err);
    *slash = '/';
    assert_ok(fth_file_write(path, text, &err), &err);
}

/* <half>/20250301-20250331/run-<n>/: what was known at the n-th run. */
static void put_run(size_t half, size_t run)
{
    struct fth_buf text = fth_buf_max(1 << 16), manifest = fth_buf_max(1 << 16);
    char path[256];

    fth_buf_c(&text, HEADER);
    if (half == 0)
        fth_buf_c(&text, bought[0]);
    for (size_t i = 0; i <= run; i++) {
        fth_buf_c(&text, usage[i]);
        fth_buf_c(&text, covered[half][i]);
    }
    snprintf(path, sizeof(path), "%s/20250301-20250331/run-%zu/part_0.csv", names[half], run);
    put(path, fth_buf_view(&text));
    fth_buf_printf(&manifest,
                   "{\"exportConfig\":{\"exportName\":\"%s\",\"type\":\"%s\"},"
                   "\"runInfo\":{\"runId\":\"run-%zu\",\"submittedTime\":\"2025-03-1%zuT0%zu:00Z\","
                   "\"startDate\":\"2025-03-01\",\"endDate\":\"2025-03-31\"},"
                   "\"blobs\":[{\"blobName\":\"%s\"}]}",
                   names[half], half ? "AmortizedCost" : "ActualCost", run, run, half, path);
    snprintf(path, sizeof(path), "%s/20250301-20250331/run-%zu/manifest.json", names[half], run);
    put(path, fth_buf_view(&manifest));
    fth_buf_release(&text);
    fth_buf_release(&manifest);
}

static struct import_said import_at(struct import_world *world, const char *name)
{
    char path[1024];
    const char *paths[] = {path};
    struct fth_import_request request = {.paths = paths, .path_nr = 1};

    snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
    world->now_us += 1000000;
    return import_run(world, request);
}

static void sums_are(struct import_world *world, const char *billed, const char *effective,
                     const char *charges)
{
    struct import_sums sums = import_sums(world, NULL, 0);

    assert_int_equal(sums.row_nr, 1);
    assert_str(sums.cells[0], billed);
    assert_str(sums.cells[1], effective);
    assert_str(sums.cells[2], charges);
}

static void put_all_runs(void)
{
    for (size_t half = 0; half < HALVES; half++)
        for (size_t run = 0; run < RUNS; run++)
            put_run(half, run);
}

/* Every run of both halves once, some twice, in any order. */
static void runs_in_any_order_end_in_the_same_ledger(void **state)
{
    enum { ROUNDS = 5, STEPS = 6 };
    uint64_t seed = fth_rand_seed();
    struct fth_rng rng = fth_rng_seeded(seed);

    put_all_runs();
    for (int round = 0; round < ROUNDS; round++) {
        struct import_world world = {0};
        bool seen[HALVES][RUNS] = {{false}};

        import_world_open(&world);
        for (int step = 0, left = HALVES * RUNS; step < STEPS || left; step++) {
            size_t half = fth_rng_below(&rng, HALVES), run = fth_rng_below(&rng, RUNS);
            struct import_said said;
            char name[64];

            snprintf(name, sizeof(name), "%s/20250301-20250331/run-%zu", names[half], run);
            said = import_at(&world, name);
            if (said.rc)
                fail_msg("seed %" PRIu64 ", round %d, step %d, %s: %s", seed, round, step, name,
                         said.err.msg);
            left -= !seen[half][run];
            seen[half][run] = true;
        }
        sums_are(&world, "103.75", "10.75", "5");
        import_cubes_agree(&world);
        import_world_close(&world);
    }
}

static void a_late_half_is_refused_when_the_other_is_gone(void **state)
{
    struct import_world world = {0};
    struct import_said said;
    char path[1024];

    put_all_runs();
    import_world_open(&world);
    said = import_at(&world, "actual/20250301-20250331/run-1");
    assert_int_equal(said.rc, FTH_OK);
    sums_are(&world, "103.75", "3.75", "5");
    snprintf(path, sizeof(path), "%s/actual/20250301-20250331/run-1/part_0.csv", test_dir());
    assert_int_equal(unlink(path), 0);
    said = import_at(&world, "amortized/20250301-20250331/run-1");
    assert_int_equal(said.rc, FTH_E_CONFLICT);
    assert_non_null(strstr(said.err.msg, "the actual half of this bill was loaded as delivery 1"));
    assert_non_null(strstr(said.err.msg, "not there any more"));
    assert_non_null(strstr(said.err.hint, "Give the actual half again"));
    sums_are(&world, "103.75", "3.75", "5");

    put(strstr(path, "actual/"), FTH_STR(HEADER));
    said = import_at(&world, "amortized/20250301-20250331/run-1");
    assert_non_null(strstr(said.err.msg, "has changed since"));
    put_run(0, 1);
    said = import_at(&world, "amortized/20250301-20250331/run-1");
    assert_int_equal(said.rc, FTH_OK);
    sums_are(&world, "103.75", "10.75", "5");
    import_world_close(&world);
}

static void a_half_replaces_the_whole_when_it_is_said_to(void **state)
{
    struct import_world world = {0};
    char path[1024];
    const char *paths[] = {path};
    struct fth_import_request request = {.paths = paths, .path_nr = 1, .mode = FTH_IMPORT_REPLACE};

    put_all_runs();
    import_world_open(&world);
    assert_int_equal(import_at(&world, "actual/20250301-20250331/run-1").rc, FTH_OK);
    snprintf(path, sizeof(path), "%s/amortized/20250301-20250331/run-1", test_dir());
    assert_int_equal(import_run(&world, request).rc, FTH_OK);
    sums_are(&world, "3.75", "10.75", "4");
    import_world_close(&world);
}

/* ---- loose files ---- */

static struct import_said import_loose(struct import_world *world, const char *one,
                                       const char *other)
{
    const char *paths[] = {test_file_named("march-a.csv", fth_str_c(one)),
                           other ? test_file_named("march-b.csv", fth_str_c(other)) : NULL};

    world->now_us += 1000000;
    return import_run(world, (struct fth_import_request){.paths = paths, .path_nr = other ? 2 : 1});
}

static void two_files_that_may_be_the_same_records_are_refused(void **state)
{
    static const char one[] = HEADER ROW("02", "1.25", "Usage", "OnDemand", "");
    static const char other[] =
        HEADER ROW("02", "1.25", "Usage", "OnDemand", "") ROW("03", "2.5", "Usage", "OnDemand", "");
    struct import_world world = {0};
    struct import_said said;

    (void)state;
    import_world_open(&world);
    said = import_loose(&world, one, other);
    assert_int_equal(said.rc, FTH_E_INVALID);
    assert_non_null(strstr(said.err.msg, "could count twice"));
    assert_int_equal(import_sums(&world, NULL, 0).row_nr, 0);
    assert_int_equal(import_loose(&world, other, NULL).rc, FTH_OK);
    sums_are(&world, "3.75", "3.75", "2");
    import_world_close(&world);
}

/* However the pricing model is written: the accrued half alone is not taken for the invoice's. */
static void savings_plans_tell_the_half_in_both_spellings(void **state)
{
    static const char *const spellings[] = {HEADER ROW("04", "3", "Usage", "SavingsPlan", "/sp"),
                                            HEADER ROW("04", "3", "Usage", "Savings Plan", "/sp")};

    (void)state;
    for (size_t i = 0; i < FTH_NR(spellings); i++) {
        struct import_world world = {0};

        import_world_open(&world);
        assert_int_equal(import_loose(&world, spellings[i], NULL).rc, FTH_OK);
        sums_are(&world, "0", "3", "1");
        import_world_close(&world);
    }
}

static void a_copy_of_a_file_does_not_count_again(void **state)
{
    static const char bill[] = HEADER ROW("01", "100", "Purchase", "Reservation", "/ri")
        ROW("02", "1.25", "Usage", "OnDemand", "");
    struct import_world world = {0};
    struct import_said said;

    (void)state;
    import_world_open(&world);
    said = import_loose(&world, bill, bill);
    assert_int_equal(said.rc, FTH_E_INVALID);
    assert_non_null(strstr(said.err.msg, "same content"));
    assert_int_equal(import_sums(&world, NULL, 0).row_nr, 0);
    import_world_close(&world);
}

/* A file that comes through standard input or an upload is known by another name than its own. */
static void a_half_without_the_other_does_not_replace_it(void **state)
{
    static const char *const bills[HALVES] = {
        HEADER ROW("01", "100", "Purchase", "Reservation", "/ri")
            ROW("02", "1.25", "Usage", "OnDemand", ""),
        HEADER ROW("02", "1.25", "Usage", "OnDemand", "")
            ROW("04", "3", "Usage", "Reservation", "/ri")};
    struct import_world world = {0};

    (void)state;
    import_world_open(&world);
    for (size_t i = 0; i < HALVES; i++) {
        const char *path = test_file_named(i ? "y.tmp" : "x.tmp", fth_str_c(bills[i]));
        const struct fth_import_alias alias = {fth_str_c(path), FTH_STR("-")};
        struct import_said said =
            import_run(&world, (struct fth_import_request){
                                   .paths = &path, .path_nr = 1, .aliases = &alias, .alias_nr = 1});

        assert_int_equal(said.rc, i ? FTH_E_CONFLICT : FTH_OK);
    }
    sums_are(&world, "101.25", "1.25", "2");
    import_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_in_any_order_end_in_the_same_ledger),
        TEST(a_late_half_is_refused_when_the_other_is_gone),
        TEST(a_half_replaces_the_whole_when_it_is_said_to),
        TEST(two_files_that_may_be_the_same_records_are_refused),
        TEST(savings_plans_tell_the_half_in_both_spellings),
        TEST(a_copy_of_a_file_does_not_count_again),
        TEST(a_half_without_the_other_does_not_replace_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
