/* detect: what holds for every series. The seed is printed; DETECT_SEED sets it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rand.h"
#include "detect/detect.h"
#include "test.h"

enum {
    MOST = 500,
    SERIES = 60,
    ARENA = 8 << 20,
    CLEAN_SERIES = 60,
    CLEAN_DAYS = 560,
    WARM_UP = 60
};

static const double turn = 6.283185307179586;

static struct fth_rng seeded(void)
{
    const char *text = getenv("DETECT_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : fth_rand_seed();

    print_message("# DETECT_SEED=%llu\n", (unsigned long long)seed);
    return fth_rng_seeded(seed);
}

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(turn * fth_rng_unit(rng));
}

/* Anything that a bill may be: any size, weeks, growth, runs, steps, gaps, credits, accidents. */
static size_t any(struct fth_rng *rng, double *y)
{
    size_t n = 1 + (size_t)fth_rng_below(rng, MOST);
    double level = pow(10, 12 * fth_rng_unit(rng) - 4), noise = 0.3 * fth_rng_unit(rng);
    double weekend = fth_rng_unit(rng), growth = 0.01 * (fth_rng_unit(rng) - 0.5);
    uint64_t idle = fth_rng_below(rng, 3), gaps = fth_rng_below(rng, 3);

    for (size_t t = 0; t < n; t++) {
        y[t] = level * exp(growth * (double)t + noise * normal(rng)) * (t % 7 > 4 ? weekend : 1);
        if (fth_rng_below(rng, 60) == 0)
            level *= exp(normal(rng));
        if (fth_rng_below(rng, 40) == 0)
            y[t] *= 10 * normal(rng);
        if (idle == 2 && fth_rng_below(rng, 3) > 0)
            y[t] = 0;
        if (gaps == 2 && fth_rng_below(rng, 5) == 0)
            y[t] = NAN;
    }
    return n;
}

static struct fth_detection replay(const double *y, size_t n, int32_t start, double rate)
{
    struct fth_detection out;
    struct fth_err err = {0};

    assert_ok(fth_detect_replay(y, n, start, rate, test_arena(ARENA), &out, &err), &err);
    return out;
}

static void check_events(const struct fth_detection *found, const double *y, size_t n,
                         int32_t start)
{
    for (size_t t = 0; t < n; t++)
        assert_true(isfinite(found->scores[t]) && found->scores[t] >= 0 &&
                    (!isnan(y[t]) || found->scores[t] == 0));
    for (size_t i = 0; i < found->event_nr; i++) {
        const struct fth_detect_event *event = &found->events[i];

        assert_true(event->score >= FTH_DETECT_SCORE_LEAST);
        assert_true(event->start >= start && event->end < start + (int32_t)n);
        assert_true(event->start <= event->end && event->start <= event->detected);
        assert_true(isfinite(event->actual) && isfinite(event->expected));
        /* An alarm is an alarm of its day. */
        assert_true(event->score < 1 || found->scores[event->detected - start] >= 1);
    }
}

static void every_series_has_sane_answers_that_later_days_do_not_change(void **state)
{
    struct fth_rng rng = seeded();
    double y[MOST];

    (void)state;
    for (int i = 0; i < SERIES; i++) {
        size_t n = any(&rng, y), cut = 1 + (size_t)fth_rng_below(&rng, n);
        int32_t start = (int32_t)fth_rng_below(&rng, 20000);
        double rate = exp(3 * (fth_rng_unit(&rng) - 0.5));
        struct fth_detection whole = replay(y, n, start, rate), part = replay(y, cut, start, rate);

        check_events(&whole, y, n, start);
        for (size_t t = 0; t < cut; t++)
            assert_true(part.scores[t] == whole.scores[t]);
        test_end(state); /* the arenas of this round */
    }
}

static void the_rate_that_is_set_is_not_exceeded_on_clean_series(void **state)
{
    struct fth_rng rng = seeded();
    double y[CLEAN_DAYS], years = CLEAN_SERIES * (CLEAN_DAYS - WARM_UP) / 365.25;
    size_t alarms = 0;

    (void)state;
    for (int i = 0; i < CLEAN_SERIES; i++) {
        double noise = 0.01 + 0.09 * fth_rng_unit(&rng), weekend = 0.4 + 0.6 * fth_rng_unit(&rng);
        struct fth_detection found;

        for (int t = 0; t < CLEAN_DAYS; t++)
            y[t] = exp(noise * normal(&rng)) * (t % 7 > 4 ? weekend : 1);
        found = replay(y, CLEAN_DAYS, 19723, 2);
        for (size_t k = 0; k < found.event_nr; k++)
            alarms += found.events[k].score >= 1 && found.events[k].start >= 19723 + WARM_UP;
        test_end(state);
    }
    print_message("# %.2f alarms a series and year, 2 are allowed\n", (double)alarms / years);
    assert_true((double)alarms / years <
                2 * 1.4); /* 164 expected: three standard deviations more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_series_has_sane_answers_that_later_days_do_not_change),
        TEST(the_rate_that_is_set_is_not_exceeded_on_clean_series),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
