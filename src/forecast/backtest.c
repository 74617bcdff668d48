#include "forecast/backtest.h"

#include <math.h>

#include "stats/series.h"

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Five origins over the last five horizons; when these are long over less: 150 steps, but at least
 * 5/3 of one. */
static void set_origins(struct fth_backtest *back, const struct fth_series *s)
{
    size_t before = most(most((s->n + 1) / 2, 3 * s->m), 8);
    size_t reach = most(least(5 * back->h, 150), 5 * back->h / 3);

    if (s->n <= before)
        return;
    reach = least(reach, s->n - before);
    for (size_t k = 1; k <= FTH_ORIGINS; k++) {
        size_t off = reach * k / FTH_ORIGINS;

        if (off == 0 || (back->origin_nr && s->n - off == back->origin[back->origin_nr - 1]))
            continue;
        back->origin[back->origin_nr] = s->n - off;
        back->len[back->origin_nr++] = least(off, back->h);
    }
}

/* What was known at an origin: values that were missing are filled from before it only, in `known`
 * (n; NULL: none is missing). */
static struct fth_series past_of(const struct fth_series *series, size_t origin, double *known)
{
    struct fth_series past = *series;

    past.n = origin;
    if (!known)
        return past;
    for (size_t i = 0; i < origin; i++)
        known[i] = series->gap[i] ? NAN : series->y[i];
    fth_stats_fill(known, origin, series->m);
    past.y = known;
    return past;
}

enum fth_rc fth_backtest_run(const struct fth_series *series,
                             const struct fth_forecast_model *const *models, size_t model_nr,
                             size_t h, struct fth_arena *arena, struct fth_backtest *out,
                             struct fth_err *err)
{
    struct fth_backtest back = {.h = h};
    double *known = series->gap ? FTH_NEW_ARRAY(arena, double, series->n) : NULL;

    set_origins(&back, series);
    back.at = FTH_NEW_ARRAY(arena, double, model_nr *back.origin_nr *h);
    if (!back.at || (series->gap && !known))
        return fth_err_nomem(err);
    for (size_t k = 0; k < back.origin_nr; k++) {
        struct fth_series past = past_of(series, back.origin[k], known);

        for (size_t i = 0; i < model_nr; i++) {
            struct fth_forecast_answer answer;

            if (fth_forecast_run(models[i], &past, h, arena, fth_backtest_at(&back, i, k), &answer,
                                 err))
                return err->rc;
        }
    }
    *out = back;
    return FTH_OK;
}

void fth_backtest_judge(const struct fth_backtest *back, const struct fth_series *series,
                        size_t model, struct fth_forecast_trial *trial)
{
    double naive = fth_stats_naive_error(series->y, series->n, series->m), mase = 0, total = 0;
    size_t nr = 0;

    if (naive == 0)
        naive = 1;
    for (size_t k = 0; k < back->origin_nr; k++) {
        const double *f = fth_backtest_at(back, model, k);
        double sum = 0, off = 0, errors = 0;
        size_t seen = 0;

        for (size_t i = 0; i < back->len[k]; i++) {
            size_t t = back->origin[k] + i;
            double error = f[i] - series->y[t], cut = fmax(-5 * naive, fmin(5 * naive, error));

            if (series->gap && series->gap[t])
                continue;
            errors += fabs(cut);
            off += cut;
            sum += fabs(series->y[t]);
            seen++;
        }
        if (seen == 0)
            continue;
        mase += errors / (naive * (double)seen);
        total += fmin(fabs(off) / fmax(sum, 1e-300), 1);
        nr++;
    }
    trial->origin_nr = nr;
    if (nr == 0)
        return;
    trial->mase = mase / (double)nr;
    trial->total = total / (double)nr;
}
