/*
 * forecast_models: how many series a second each forecasting model does on one core.
 *
 * usage: forecast_models SERIES SECONDS
 *
 * Made daily costs of two years, a season of 7, 90 steps ahead. A model's figure is one forecast,
 * from the end of the series; "auto" is all of it: every model from the end and from five origins,
 * weights and bands. One line a model: "ID SERIES_A_SECOND", by CPU time, over at least so many
 * seconds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/date.h"
#include "base/rand.h"
#include "forecast/forecast.h"

enum { N = 730, M = 7, H = 90, ARENA = 64 << 20 };

static const double turn = 6.283185307179586;

static double normal(struct fth_rng *rng)
{
    return sqrt(-2 * log(1 - fth_rng_unit(rng))) * cos(turn * fth_rng_unit(rng));
}

/* Weekends, growth, a fee on the first, noise that lasts, an accident now and then. */
static void make(uint64_t seed, double *y)
{
    struct fth_rng rng = fth_rng_seeded(seed);
    double wander = 0, weekend = 0.3 + 0.7 * fth_rng_unit(&rng);
    int32_t start = fth_date_from_civil(2023, 1, 2);

    for (int t = 0; t < N; t++) {
        struct fth_civil day = fth_date_to_civil(start + t);

        wander = 0.9 * wander + 0.03 * normal(&rng);
        y[t] = 100 * exp(0.001 * t + wander + 0.05 * normal(&rng)) * (t % 7 > 4 ? weekend : 1);
        y[t] += day.day == 1 ? 400 : 0;
        y[t] *= fth_rng_below(&rng, 150) == 0 ? 5 : 1;
    }
}

static enum fth_rc one(const struct fth_forecast_model *model, const struct fth_series *series,
                       struct fth_arena *arena, double *sum, struct fth_err *err)
{
    struct fth_forecast_answer answer;
    struct fth_forecast all;
    double out[H];

    if (!model && !fth_forecast_make(series, "auto", H, 0.95, arena, &all, err))
        *sum += all.mean[H - 1];
    else if (model && !fth_forecast_run(model, series, H, arena, out, &answer, err))
        *sum += out[H - 1];
    return err->rc;
}

static int measure(const struct fth_forecast_model *model, size_t nr, double seconds)
{
    struct fth_arena *arena = fth_arena_new(ARENA);
    struct fth_err err = {0};
    double y[N], sum = 0, spent = 0;
    size_t done = 0;

    for (; arena && !err.rc && (done < nr || spent < seconds); done++) {
        struct fth_series series;
        clock_t before;

        make(done % nr, y);
        before = clock();
        if (!fth_series_set(y, N, M, true, fth_date_from_civil(2023, 1, 2), arena, &series, &err))
            one(model, &series, arena, &sum, &err);
        fth_arena_clear(arena);
        spent += (double)(clock() - before) / CLOCKS_PER_SEC;
    }
    fth_arena_free(arena);
    if (!arena || err.rc || !isfinite(sum)) {
        fprintf(stderr, "forecast_models: %s\n", err.msg);
        return 1;
    }
    printf("%s %.1f\n", model ? model->id : "auto", (double)done / spent);
    return 0;
}

int main(int argc, char **argv)
{
    size_t nr = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;
    const struct fth_forecast_model *model;

    if (nr == 0)
        return 2;
    for (size_t i = 0; (model = fth_forecast_model_at(i)) != NULL; i++)
        if (measure(model, nr, seconds))
            return 1;
    return measure(NULL, nr, seconds);
}
