/*
 * calendar: the almanac with a damped level: Holt's method on what is left without calendar and
 * outliers, its two weights by the least absolute error, its slope damped by 2 % a day.
 */
#include <math.h>
#include <string.h>

#include "forecast/almanac.h"
#include "forecast/model_int.h"
#include "stats/minimise.h"
#include "stats/order.h"

enum { LEAST = 14, MEMORY = 365 };

static const double damping = 0.98;

struct holt {
    const double *z;
    size_t n;
    double first; /* level to begin with */
    double level, slope;
};

static double run(struct holt *holt, double alpha, double beta)
{
    double level = holt->first, slope = 0, sum = 0;

    for (size_t t = 0; t < holt->n; t++) {
        double ahead = level + damping * slope, error = holt->z[t] - ahead;

        sum += fabs(error);
        level = ahead + alpha * error;
        slope = damping * slope + beta * error;
    }
    holt->level = level;
    holt->slope = slope;
    return sum;
}

/* Of alpha and beta / alpha. */
static double errors_of(void *ctx, const double *x)
{
    if (!(x[0] > 0.01 && x[0] < 1 && x[1] >= 0 && x[1] < 0.3))
        return INFINITY;
    return run(ctx, x[0], x[0] * x[1]);
}

static struct holt fit(const struct fth_almanac *a)
{
    static const double step[] = {0.2, 0.05};
    static const struct fth_simplex how = {.n = 2, .step = step, .tol = 1e-6, .most = 150};
    size_t from = a->n > MEMORY ? a->n - MEMORY : 0;
    struct holt holt = {.z = a->z + from, .n = a->n - from};
    double x[2] = {0.2, 0.02}, first[LEAST];

    memcpy(first, holt.z, sizeof(first));
    holt.first = fth_stats_median(first, LEAST);
    fth_stats_minimise(errors_of, &holt, &how, x);
    run(&holt, x[0], x[0] * x[1]);
    return holt;
}

enum fth_rc fc_calendar(const struct fth_series *series, size_t h, struct fth_arena *arena,
                        double *out, const char **declined, struct fth_err *err)
{
    struct fth_almanac almanac;
    struct holt holt;

    if (series->n < LEAST || series->n < 2 * series->m) {
        *declined = "fewer than 14 values, or than two seasons";
        return FTH_OK;
    }
    if (fth_almanac_fit(series, h, arena, &almanac, err))
        return err->rc;
    holt = fit(&almanac);
    for (size_t i = 0; i < h; i++) {
        holt.slope *= damping;
        holt.level += holt.slope;
        out[i] = fth_almanac_value(&almanac, series->n + i, holt.level);
    }
    return FTH_OK;
}
