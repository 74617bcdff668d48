/*
 * detect_series: how fast the anomaly detector is on one core, and how large.
 *
 * usage: detect_series SERIES SECONDS
 *
 * Made daily costs of two years. Prints "replay SERIES_A_SECOND" (all of 730 days, events and
 * scores), "stream DAYS_A_SECOND" (one new day of each of many detectors) and "state BYTES", by CPU
 * time, over at least so many seconds each.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/rand.h"
#include "detect/detect.h"

enum { N = 730, ARENA = 64 << 20 };

static const double turn = 6.283185307179586;

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(turn * fth_rng_unit(rng));
}

/* Weekends, growth, a fee on the first, noise, an accident now and then. */
static void make(uint64_t seed, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);
    double weekend = 0.3 + 0.7 * fth_rng_unit(&rng);
    int32_t start = fth_date_from_civil(2023, 1, 2);

    for (int t = 0; t < N; t++) {
        struct fth_civil day = fth_date_to_civil(start + t);

        y[t] = 100 * exp(0.001 * t + 0.05 * normal(&rng)) * (t % 7 > 4 ? weekend : 1);
        y[t] += day.day == 1 ? 400 : 0;
        y[t] *= fth_rng_below(&rng, 150) == 0 ? 5 : 1;
    }
}

static double seconds_since(clock_t before)
{
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

static int replay(size_t nr, double least)
{
    struct fth_arena *arena = fth_arena_new(ARENA);
    struct fth_err err = {0};
    double y[N], spent = 0;
    size_t done = 0;

    for (; arena && !err.rc && (done < nr || spent < least); done++) {
        struct fth_detection found;
        clock_t before;

        make(done % nr, y);
        before = clock();
        fth_detect_replay(y, N, fth_date_from_civil(2023, 1, 2), FTH_DETECT_FALSE_ALARMS, arena,
                          &found, &err);
        fth_arena_clear(arena);
        spent += seconds_since(before);
    }
    fth_arena_free(arena);
    if (!arena || err.rc) {
        fprintf(stderr, "detect_series: %s\n", err.msg);
        return 1;
    }
    printf("replay %.1f\n", (double)done / spent);
    return 0;
}

/* Every detector its next day, so that none is in the cache. */
static int stream(size_t nr, double least)
{
    struct fth_detector *all = fth_calloc(nr, sizeof(*all));
    double(*y)[N] = fth_calloc(nr, sizeof(*y)), spent = 0, sum = 0;
    size_t days = 0;

    if (!all || !y)
        return 1;
    for (size_t i = 0; i < nr; i++)
        make(i, y[i]);
    while (spent < least) {
        clock_t before = clock();

        for (size_t i = 0; i < nr; i++)
            fth_detector_init(&all[i], FTH_DETECT_FALSE_ALARMS);
        for (int t = 0; t < N; t++)
            for (size_t i = 0; i < nr; i++)
                sum +=
                    fth_detector_add(&all[i], fth_date_from_civil(2023, 1, 2) + t, y[i][t]).score;
        spent += seconds_since(before);
        days += nr * N;
    }
    fth_free(all);
    fth_free(y);
    printf("stream %.0f\n", (double)days / spent);
    return !isfinite(sum);
}

int main(int argc, char **argv)
{
    size_t nr = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;

    if (nr == 0)
        return 2;
    if (replay(nr, seconds) || stream(nr, seconds))
        return 1;
    printf("state %zu\n", sizeof(struct fth_detector));
    return 0;
}
