/*
 * deliveries: in whatever order a provider's deliveries arrive, repeated, overlapping, in parts,
 * early versions behind late ones, broken ones between: the ledger ends up the same, and equal to
 * the truth. The seed is printed; DELIVERY_SEED sets it, DELIVERY_SHUFFLES how many.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../golden/truth.h"
#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "demo/demo.h"

enum { SHUFFLES = 20, EVENT_MAX = 8, STEP_MAX = 16, PATH_LEN = 512, TEXT_MAX = 1 << 20 };

/* Something that arrives: one or two folders below the bills, or one month of them. */
struct event {
    const char *paths[2];
    const char *period;
    enum fth_import_mode mode;
};

struct provider {
    const char *id, *truth;
    struct event events[EVENT_MAX];
};

/* Google adds, so all of its deliveries may. Of files that replace each other and say nothing of
 * when they were made, the newest is told to replace; the others are only taken where there is
 * nothing. */
static const struct provider providers[] = {
    {"aws",
     "aws",
     {{{"aws-cur-2.0"}},
      {{"aws-cur-2.0"}, "2026-02"},
      {{"restated/late/aws-cur-2.0"}},
      {{"restated/corrected/aws-cur-2.0"}},
      {{"restated/orphaned/aws-cur-2.0"}},
      {{"aws-cur-2.0", "restated/late/aws-cur-2.0"}}}},
    {"azure-ea",
     "azure_ea",
     {{{"azure-ea"}},
      {{"azure-ea/meridian-ea-actual"}},
      {{"azure-ea"}, "2026-03"},
      {{"restated/late/azure-ea"}},
      {{"restated/corrected/azure-ea"}},
      {{"restated/corrected/azure-ea/meridian-ea-amortized"}},
      {{"restated/orphaned/azure-ea"}},
      {{"azure-ea", "restated/corrected/azure-ea"}}}},
    {"azure-mca",
     "azure_mca",
     {{{"azure-mca"}},
      {{"azure-mca/meridian-mca-amortized"}},
      {{"restated/late/azure-mca/meridian-mca-actual"}},
      {{"restated/late/azure-mca"}},
      {{"restated/corrected/azure-mca"}},
      {{"restated/orphaned/azure-mca"}}}},
    {"oracle",
     "oracle",
     {{{"oracle"}},
      {{"oracle"}, "2026-02"},
      {{"restated/late/oracle"}},
      {{"restated/corrected/oracle"}},
      {{"restated/orphaned/oracle"}},
      {{"restated/late/oracle", "restated/corrected/oracle"}}}},
    {"google",
     "google",
     {{{"google-detailed"}, NULL, FTH_IMPORT_APPEND},
      {{"restated/late/google-detailed"}, NULL, FTH_IMPORT_APPEND},
      {{"restated/corrected/google-detailed"}, NULL, FTH_IMPORT_APPEND},
      {{"restated/orphaned/google-detailed"}, NULL, FTH_IMPORT_APPEND}}},
    {"focus",
     "focus",
     {{{"focus"}},
      {{"focus"}, "2026-02"},
      {{"restated/late/focus"}},
      {{"restated/corrected/focus"}, NULL, FTH_IMPORT_REPLACE},
      {{"restated/orphaned/focus"}, NULL, FTH_IMPORT_REPLACE}}},
};

struct bills {
    char dir[PATH_LEN];
    char *ledger; /* what the first order came to */
};

static size_t event_nr(const struct provider *provider)
{
    size_t nr = 0;

    while (nr < EVENT_MAX && provider->events[nr].paths[0])
        nr++;
    return nr;
}

static void make_bills(const struct provider *provider, struct bills *bills)
{
    /* Two days into March: a month that is over is short, and so is the present one. */
    struct fth_demo_options options = fth_demo_defaults(fth_date_from_civil(2026, 3, 2));
    struct fth_err err = {0};

    snprintf(bills->dir, sizeof(bills->dir), "%s/%s", test_dir(), provider->id);
    options.months = 2;
    options.rows = 1000;
    options.seed = 3;
    options.restate = true;
    options.provider = fth_str_c(provider->id);
    assert_ok(fth_demo_write(bills->dir, &options, NULL, &err), &err);
}

/* An event may be refused: the ledger at the end says whether that was right. */
static void arrive(struct import_world *world, const struct bills *bills, const struct event *event)
{
    char text[2][PATH_LEN * 2];
    const char *paths[2] = {text[0], text[1]};
    struct fth_import_request request = {.paths = paths, .mode = event->mode};

    for (; request.path_nr < 2 && event->paths[request.path_nr]; request.path_nr++)
        snprintf(text[request.path_nr], sizeof(text[0]), "%s/%s", bills->dir,
                 event->paths[request.path_nr]);
    if (event->period)
        request.period = fth_str_c(event->period);
    import_run(world, request);
}

/* Totals by service, day and account, and the deliveries that stand. */
static void put_ledger(struct import_world *world, struct fth_buf *out)
{
    static const struct fth_str by[] = {FTH_STR_INIT("x_ServiceCode"), FTH_STR_INIT("day"),
                                        FTH_STR_INIT("SubAccountId")};
    struct import_sums sums = import_sums(world, by, FTH_NR(by));
    struct fth_table table;
    struct fth_err err = {0};

    for (size_t i = 0; i < sums.row_nr * sums.col_nr; i++)
        fth_buf_printf(out, FTH_STR_F "%c", FTH_STR_A(sums.cells[i]),
                       (i + 1) % sums.col_nr ? '|' : '\n');
    assert_ok(fth_db_read_text(world->db,
                               FTH_STR("SELECT billing_period, identity FROM delivery WHERE status "
                                       "= 'loaded' AND until_version IS NULL ORDER BY 1, 2"),
                               NULL, 0, world->arena, 1000, &table, &err),
              &err);
    for (size_t i = 0; i < table.row_nr; i++)
        fth_buf_printf(out, FTH_STR_F " " FTH_STR_F "\n",
                       FTH_STR_A(fth_table_val(&table, i, 0)->text),
                       FTH_STR_A(fth_table_val(&table, i, 1)->text));
    fth_buf_add(out, "", 1);
    assert_ok(fth_buf_done(out, &err), &err);
}

static void is_true(struct import_world *world, const struct provider *provider,
                    const struct bills *bills)
{
    const struct truth truths[] = {
        {"by_month_service_category", {"month", "x_ServiceCode", "ChargeCategory"}, 3, 3},
        {"by_account", {"month", "SubAccountId"}, 2, 2},
        {"by_day", {"day"}, 1, 1},
    };

    for (size_t i = 0; i < FTH_NR(truths); i++) {
        char path[PATH_LEN * 2];

        snprintf(path, sizeof(path), "%s/restated/orphaned/truth/%s_%s.csv", bills->dir,
                 provider->truth, truths[i].file);
        truth_check(world, path, &truths[i], NULL);
    }
    import_cubes_agree(world);
}

static void say_order(const struct provider *provider, const size_t *order, size_t nr)
{
    char text[256];
    size_t n = 0;

    for (size_t i = 0; i < nr; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, " %zu", order[i]);
    print_message("# %s:%s\n", provider->id, text);
}

/* Each event once, some of them again, in any order. */
static size_t shuffle(struct fth_rng *rng, size_t events, size_t *order)
{
    size_t nr = events + fth_rng_below(rng, 3);

    for (size_t i = 0; i < nr; i++)
        order[i] = i < events ? i : fth_rng_below(rng, events);
    for (size_t i = nr; i > 1; i--) {
        size_t k = fth_rng_below(rng, i), kept = order[i - 1];

        order[i - 1] = order[k];
        order[k] = kept;
    }
    return nr;
}

static void one_order(struct fth_rng *rng, const struct provider *provider, struct bills *bills)
{
    size_t order[STEP_MAX], nr = shuffle(rng, event_nr(provider), order);
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    struct import_world world = {0};

    say_order(provider, order, nr);
    import_world_open(&world);
    for (size_t i = 0; i < nr; i++)
        arrive(&world, bills, &provider->events[order[i]]);
    is_true(&world, provider, bills);
    put_ledger(&world, &text);
    if (!bills->ledger)
        bills->ledger = strdup(text.p);
    assert_string_equal(text.p, bills->ledger);
    import_world_close(&world);
    fth_buf_release(&text);
}

static void any_order_ends_in_the_same_ledger(void **state)
{
    const char *seed_text = getenv("DELIVERY_SEED"), *nr_text = getenv("DELIVERY_SHUFFLES");
    uint64_t seed = seed_text ? strtoull(seed_text, NULL, 0) : fth_rand_seed();
    unsigned long nr = nr_text ? strtoul(nr_text, NULL, 10) : SHUFFLES;
    struct bills bills[FTH_NR(providers)] = {0};
    struct fth_rng rng = fth_rng_seeded(seed);

    print_message("# DELIVERY_SEED=%llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < FTH_NR(providers); i++)
        make_bills(&providers[i], &bills[i]);
    for (unsigned long i = 0; i < nr; i++)
        one_order(&rng, &providers[i % FTH_NR(providers)], &bills[i % FTH_NR(providers)]);
    for (size_t i = 0; i < FTH_NR(providers); i++)
        free(bills[i].ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(any_order_ends_in_the_same_ledger)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
