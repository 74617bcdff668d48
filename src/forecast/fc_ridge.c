/*
 * ridge: level times shape. The almanac gives the shape of a week; its mean level, week by week, is
 * forecast by a ridge regression of its change on its distance from the long-run mean, its last
 * changes and, where a season is a day of hours, the level a week ago. A season of the year in it
 * did not help on two years of training data. After FLAIR (Honda 2026), with the almanac's cleaning
 * before it.
 */

#include <math.h>

#include "forecast/almanac.h"
#include "forecast/model_int.h"
#include "stats/order.h"
#include "stats/ridge.h"
#include "stats/series.h"

enum { LEAST = 12, FEATURES = 7, FIRST = 8 };

struct folded {
    double *level; /* nr of the past, then those forecast */
    size_t nr, m;
    double mean;
    bool daily; /* a season is a day of hours: weeks are seven of them */
};

/* What speaks for the change from level[j - 1] to level[j]. */
static void features(const struct folded *f, size_t j, double *x)
{
    const double *l = f->level;
    size_t k = 0;

    x[k++] = f->mean - l[j - 1];
    x[k++] = l[j - 1] - l[j - 2];
    x[k++] = l[j - 2] - l[j - 3];
    x[k++] = l[j - 3] - l[j - 4];
    x[k++] = (l[j - 1] + l[j - 2] + l[j - 3] + l[j - 4]) / 4 - l[j - 1];
    x[k++] = f->daily ? l[j - 7] - l[j - 1] : 0;
    x[k] = 0.02; /* a drift */
}

static void fold(const struct fth_almanac *a, struct folded *f)
{
    size_t first = a->n - f->nr * f->m;

    for (size_t j = 0; j < f->nr; j++)
        f->level[j] = fth_stats_mean(a->z + first + j * f->m, f->m);
    f->mean = fth_stats_mean(f->level, f->nr);
}

/* A series that runs away at its end teaches a regression to run on: no change is larger than one
 * in ten of the past, and, weeks being damped as the calendar model's days are, later ones less. */
static void draw_on(struct folded *f, const double *coef, double most, size_t ahead)
{
    double damping = f->daily ? 1 : pow(0.98, (double)f->m), left = 1;

    for (size_t j = f->nr; j < f->nr + ahead; j++) {
        double now[FEATURES], change = 0;

        features(f, j, now);
        for (size_t k = 0; k < FEATURES; k++)
            change += coef[k] * now[k];
        left *= damping;
        f->level[j] = f->level[j - 1] + left * fmax(-most, fmin(most, change));
    }
}

static enum fth_rc forecast(struct folded *f, size_t ahead, struct fth_arena *arena,
                            struct fth_err *err)
{
    size_t rows = f->nr - FIRST;
    double *x = FTH_NEW_ARRAY(arena, double, rows *FEATURES), coef[FEATURES];
    double *y = FTH_NEW_ARRAY(arena, double, rows),
           *work = FTH_NEW_ARRAY(arena, double, rows *FEATURES);

    if (!x || !y || !work)
        return fth_err_nomem(err);
    for (size_t i = 0; i < rows; i++) {
        features(f, FIRST + i, x + i * FEATURES);
        y[i] = f->level[FIRST + i] - f->level[FIRST + i - 1];
    }
    fth_stats_ridge(x, y, rows, FEATURES, work, coef);
    for (size_t i = 0; i < rows; i++)
        work[i] = fabs(y[i]);
    draw_on(f, coef, fth_stats_quantile(work, rows, 0.9), ahead);
    return FTH_OK;
}

enum fth_rc fc_ridge(const struct fth_series *series, size_t h, struct fth_arena *arena,
                     double *out, const char **declined, struct fth_err *err)
{
    struct folded f = {.m = series->m, .nr = series->n / series->m, .daily = series->m == 24};
    size_t ahead = (h + f.m - 1) / f.m;
    struct fth_almanac almanac;

    if (series->m < 2 || f.nr < LEAST) {
        *declined = series->m < 2 ? "no season" : "fewer than twelve seasons";
        return FTH_OK;
    }
    f.level = FTH_NEW_ARRAY(arena, double, f.nr + ahead);
    if (!f.level)
        return fth_err_nomem(err);
    if (fth_almanac_fit(series, h, arena, &almanac, err))
        return err->rc;
    fold(&almanac, &f);
    if (forecast(&f, ahead, arena, err))
        return err->rc;
    for (size_t i = 0; i < h; i++)
        out[i] = fth_almanac_value(&almanac, series->n + i, f.level[f.nr + i / f.m]);
    return FTH_OK;
}
