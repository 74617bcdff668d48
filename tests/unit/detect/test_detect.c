/* detect: what the detector promises of any series. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "detect/detect.h"
#include "test.h"

enum { N = 420, ARENA = 8 << 20 };

static const int32_t first_day = 19700;

/* Weeks, noise, an accident now and then, by kind idle days, missing values, credits. */
static void made(uint64_t seed, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);
    int kind = (int)(seed % 4);

    for (int t = 0; t < N; t++) {
        y[t] = 100 * exp(0.1 * fth_rng_unit(&rng)) * (t % 7 > 4 ? 0.6 : 1);
        if (fth_rng_below(&rng, 100) == 0)
            y[t] *= 4;
        if (kind == 1 && t % 7 > 1)
            y[t] = 0;
        if (kind == 2 && fth_rng_below(&rng, 10) == 0)
            y[t] = NAN;
        if (kind == 3 && fth_rng_below(&rng, 40) == 0)
            y[t] -= 300;
    }
}

static struct fth_detection replay(const double *y, size_t n, double rate)
{
    struct fth_detection out;
    struct fth_err err = {0};

    assert_ok(fth_detect_replay(y, n, first_day, rate, test_arena(ARENA), &out, &err), &err);
    return out;
}

static void what_is_said_of_a_day_does_not_depend_on_later_ones(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct fth_detection whole, cut;

        made(seed, y);
        whole = replay(y, N, FTH_DETECT_FALSE_ALARMS);
        for (size_t n = 100; n < N; n += 37) {
            cut = replay(y, n, FTH_DETECT_FALSE_ALARMS);
            for (size_t t = 0; t < n; t++)
                assert_true(cut.scores[t] == whole.scores[t]);
        }
    }
}

static void saved_and_taken_up_again_it_goes_on_as_if_nothing_was(void **state)
{
    struct fth_detector one, other;
    unsigned char kept[sizeof(struct fth_detector)];
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        made(seed, y);
        fth_detector_init(&one, 1);
        fth_detector_init(&other, 1);
        for (int t = 0; t < N; t++) {
            struct fth_verdict a = fth_detector_add(&one, first_day + t, y[t]);
            struct fth_verdict b = fth_detector_add(&other, first_day + t, y[t]);

            assert_true(a.score == b.score && a.alarm == b.alarm && a.start == b.start);
            memcpy(kept, &other, sizeof(kept));
            memset(&other, 0xff, sizeof(other));
            memcpy(&other, kept, sizeof(kept));
        }
    }
}

static void a_detector_fits_into_its_bound(void **state)
{
    (void)state;
    assert_true(sizeof(struct fth_detector) <= FTH_DETECT_STATE_MOST);
}

static void scores_are_finite_and_days_without_value_have_none(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct fth_detection found;

        made(seed, y);
        found = replay(y, N, FTH_DETECT_FALSE_ALARMS);
        for (int t = 0; t < N; t++) {
            assert_true(isfinite(found.scores[t]) && found.scores[t] >= 0);
            assert_true(!isnan(y[t]) || found.scores[t] == 0);
        }
    }
}

static void events_are_in_order_known_after_they_began_and_apart(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct fth_detection found;
        int32_t last_alarm = 0;

        made(seed, y);
        found = replay(y, N, 2);
        for (size_t i = 0; i < found.event_nr; i++) {
            const struct fth_detect_event *event = &found.events[i];

            assert_true(event->score >= FTH_DETECT_SCORE_LEAST);
            assert_true(event->start <= event->end && event->start <= event->detected);
            assert_true(event->start >= first_day && event->end < first_day + N);
            assert_true(i == 0 || found.events[i - 1].start <= event->start);
            assert_true(isfinite(event->actual) && isfinite(event->expected));
            if (event->score < 1)
                continue;
            assert_true(event->start > last_alarm);
            last_alarm = event->end;
        }
    }
}

static void scores_do_not_depend_on_the_unit_of_money(void **state)
{
    double y[N], cents[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct fth_detection a, b;

        made(seed, y);
        for (int t = 0; t < N; t++)
            cents[t] = 1024 * y[t]; /* a power of two: rounding is the same */
        a = replay(y, N, 1);
        b = replay(cents, N, 1);
        for (int t = 0; t < N; t++)
            assert_true(fabs(a.scores[t] - b.scores[t]) < 1e-6 * (1 + a.scores[t]));
    }
}

static void more_false_alarms_make_no_fewer_alarms(void **state)
{
    double y[N];

    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct fth_detection few, many;
        size_t alarms[2] = {0, 0};

        made(seed, y);
        few = replay(y, N, 0.1);
        many = replay(y, N, 5);
        for (size_t i = 0; i < few.event_nr; i++)
            alarms[0] += few.events[i].score >= 1;
        for (size_t i = 0; i < many.event_nr; i++)
            alarms[1] += many.events[i].score >= 1;
        assert_true(alarms[1] >= alarms[0]);
    }
}

static void bad_input_is_refused(void **state)
{
    struct fth_detection out = {0};
    struct fth_err err = {0};
    double y[] = {1, 2, 1e40};

    (void)state;
    assert_int_equal(fth_detect_replay(y, 3, 0, 1, test_arena(ARENA), &out, &err), FTH_E_INVALID);
    assert_non_null(strstr(err.msg, "value 3 is beyond"));
    err = (struct fth_err){0};
    assert_int_equal(fth_detect_replay(y, 2, 0, 0, test_arena(ARENA), &out, &err), FTH_E_INVALID);
    assert_null(out.scores);
}

static void hopeless_series_end_well(void **state)
{
    double y[N];

    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        for (int t = 0; t < N; t++)
            y[t] = kind == 0   ? 0
                   : kind == 1 ? NAN
                   : kind == 2 ? -5
                   : kind == 3 ? (t % 2 ? 1e30 : -1e30)
                               : 1e-300;
        for (size_t n = 1; n < N; n += 59) {
            struct fth_detection found = replay(y, n, FTH_DETECT_FALSE_ALARMS);

            for (size_t t = 0; t < n; t++)
                assert_true(isfinite(found.scores[t]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_said_of_a_day_does_not_depend_on_later_ones),
        TEST(saved_and_taken_up_again_it_goes_on_as_if_nothing_was),
        TEST(a_detector_fits_into_its_bound),
        TEST(scores_are_finite_and_days_without_value_have_none),
        TEST(events_are_in_order_known_after_they_began_and_apart),
        TEST(scores_do_not_depend_on_the_unit_of_money),
        TEST(more_false_alarms_make_no_fewer_alarms),
        TEST(bad_input_is_refused),
        TEST(hopeless_series_end_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
