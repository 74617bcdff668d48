/*
 * quota: for any rule and any callers, against a log of every grant: no window of its length has
 * more than the rule grants, who keeps to it in 61/60 of the window is never refused, and who waits
 * as long as he was told to is granted what he was refused.
 *
 * The seed is printed; QUOTA_SEED sets it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/quota.h"
#include "base/rand.h"
#include "test.h"

enum { ROUNDS = 300, STEPS = 400, CALLERS = 3 };

struct grant {
    int64_t at_us;
    uint32_t cost;
};

struct caller {
    struct grant grants[STEPS];
    size_t nr;
};

static struct fth_rng seeded(void)
{
    const char *text = getenv("QUOTA_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : fth_rand_seed();

    print_message("# QUOTA_SEED=%llu\n", (unsigned long long)seed);
    return fth_rng_seeded(seed);
}

/* Units that were granted within the `span_us` before and at `now_us`. */
static uint64_t granted_in(const struct caller *caller, int64_t now_us, int64_t span_us)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < caller->nr; i++)
        if (caller->grants[i].at_us > now_us - span_us)
            sum += caller->grants[i].cost;
    return sum;
}

static void check(const struct fth_quota_rule *rule, struct caller *caller,
                  struct fth_quota_state got, int64_t now_us, uint32_t cost)
{
    int64_t window_us = (int64_t)rule->window_s * 1000000;
    int64_t longer_us = window_us + (window_us + 59) / 60 + 60;

    if (got.granted)
        caller->grants[caller->nr++] = (struct grant){now_us, cost};
    assert_true(granted_in(caller, now_us, window_us) <= rule->most);
    if (!got.granted)
        assert_true(granted_in(caller, now_us, longer_us) + cost > rule->most);
    assert_true(got.left <= rule->most && got.granted == (got.retry_s == 0));
    assert_true(got.left + granted_in(caller, now_us, window_us) <= rule->most);
    assert_in_range(got.reset_s, 1, rule->window_s + rule->window_s / 60 + 2);
}

static void one_round(struct fth_rng *rng)
{
    const struct fth_quota_rule rule = {.id = (uint8_t)fth_rng_below(rng, 4),
                                        .most = 1 + (uint32_t)fth_rng_below(rng, 50),
                                        .window_s = 1 + (uint32_t)fth_rng_below(rng, 120)};
    int64_t now_us = (int64_t)fth_rng_below(rng, 1000000000);
    uint64_t pause_us = 1 + fth_rng_below(rng, (uint64_t)rule.window_s * 200000);
    struct fth_clock clock = fth_clock_fixed(&now_us);
    struct caller *callers = calloc(CALLERS, sizeof(*callers));
    struct fth_quota *quota = NULL;
    struct fth_err err = {0};

    assert_non_null(callers);
    assert_ok(fth_quota_new(&clock, 64, &quota, &err), &err);
    for (int i = 0; i < STEPS; i++) {
        size_t who = (size_t)fth_rng_below(rng, CALLERS);
        uint32_t cost = (uint32_t)fth_rng_below(rng, 1 + rule.most);
        struct fth_str name = fth_str_sub(FTH_STR("abc"), who, 1);
        struct fth_quota_state got = fth_quota_take(quota, &rule, name, cost);

        check(&rule, &callers[who], got, now_us, cost);
        if (!got.granted && fth_rng_below(rng, 4) == 0) {
            now_us += (int64_t)got.retry_s * 1000000;
            got = fth_quota_take(quota, &rule, name, cost);
            assert_true(got.granted);
            callers[who].grants[callers[who].nr++] = (struct grant){now_us, cost};
            i++;
        }
        now_us += (int64_t)fth_rng_below(rng, pause_us);
    }
    fth_quota_free(quota);
    free(callers);
}

static void windows_are_kept(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++)
        one_round(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_are_kept)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
