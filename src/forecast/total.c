#include "forecast/total.h"

#include <math.h>

#include "base/check.h"
#include "base/rand.h"
#include "stats/order.h"

enum { DRAWS = 2000, STAY_OF_FOUR = 3 };

/* What was missed: of each origin some weeks, a sum each; NaN where nothing was seen. */
struct misses {
    size_t origin_nr, block, week_nr; /* steps of a week; weeks of the horizon */
    size_t apart;                     /* origins that speak of steps of their own */
    size_t weeks[FTH_ORIGINS];        /* that an origin has, at most week_nr */
    double *at;                       /* of week w of origin k: at[k * week_nr + w] */
};

/* The mean miss of a step in [from, to) of origin k, NaN: none was seen. */
static double miss(const struct fth_series *s, const struct fth_forecast_past *past, size_t k,
                   size_t from, size_t to)
{
    double sum = 0;
    size_t seen = 0;

    for (size_t i = from; i < to; i++) {
        size_t t = past->origin[k] + i;

        if (s->gap && s->gap[t])
            continue;
        sum += s->y[t] - past->at[k][i];
        seen++;
    }
    return seen ? sum / (double)seen : NAN;
}

static void collect(struct misses *m, const struct fth_series *s,
                    const struct fth_forecast_past *past)
{
    for (size_t k = 0; k < past->origin_nr; k++) {
        size_t weeks = 0;

        for (size_t from = 0; from < past->len[k] && weeks < m->week_nr; from += m->block) {
            size_t to = from + m->block < past->len[k] ? from + m->block : past->len[k];
            double value = miss(s, past, k, from, to);

            if (!isnan(value))
                m->at[m->origin_nr * m->week_nr + weeks++] = value;
        }
        if (weeks > 0)
            m->weeks[m->origin_nr++] = weeks;
    }
}

/* Origins closer than a horizon see the same steps: as many count as horizons fit into all that was
 * seen, but two at least, for a week of one origin tells something of the next. */
static size_t apart(const struct misses *m, const struct fth_series *s,
                    const struct fth_forecast *forecast)
{
    size_t first = s->n, nr;

    for (size_t k = 0; k < forecast->past.origin_nr; k++)
        first = forecast->past.origin[k] < first ? forecast->past.origin[k] : first;
    nr = (s->n - first + forecast->h / 2) / forecast->h;
    nr = nr > 2 ? nr : 2;
    return nr < m->origin_nr ? nr : m->origin_nr;
}

/* Without origins: steps from season to season, as if the last had been the forecast of the next.
 * Those of a week count as if all went the same way, since up and down alternate in steps, but not
 * in what a forecast misses. */
static void collect_steps(struct misses *m, const struct fth_series *s)
{
    size_t season = s->n > s->m ? s->m : 1;

    for (size_t from = season; from < s->n && m->origin_nr < FTH_ORIGINS; from += m->block) {
        double sum = 0;
        size_t seen = 0;

        for (size_t t = from; t < s->n && t < from + m->block; t++, seen++)
            sum += fabs(s->y[t] - s->y[t - season]);
        m->at[m->origin_nr * m->week_nr] = sum / (double)seen;
        m->weeks[m->origin_nr++] = 1;
    }
}

/* An origin that has week w, else one of those that have most weeks. */
static size_t draw_origin(const struct misses *m, size_t w, struct fth_rng *rng)
{
    size_t fit[FTH_ORIGINS], nr = 0, most = 0;

    for (size_t k = 0; k < m->origin_nr; k++)
        most = m->weeks[k] > most ? m->weeks[k] : most;
    for (size_t k = 0; k < m->origin_nr; k++)
        if (m->weeks[k] > w || m->weeks[k] == most)
            fit[nr++] = k;
    return fit[fth_rng_below(rng, nr)];
}

/* Normal, by Box and Muller (1958). */
static double draw_normal(struct fth_rng *rng)
{
    const double turn = 6.283185307179586;
    double length = sqrt(-2 * log(1 - fth_rng_unit(rng)));

    return length * cos(turn * fth_rng_unit(rng));
}

/* How much larger than what `nr` origins show the spread may be. */
static double draw_doubt(size_t nr, struct fth_rng *rng)
{
    double sum = 0;

    for (size_t i = 0; i < nr; i++) {
        double z = draw_normal(rng);

        sum += z * z;
    }
    return sqrt((double)nr / fmax(sum, 1e-12));
}

/* The size of one drawn sum over the horizon. */
static double draw(const struct misses *m, size_t h, struct fth_rng *rng)
{
    size_t k = draw_origin(m, 0, rng);
    double sum = 0;

    for (size_t w = 0; w < m->week_nr; w++) {
        size_t steps = (w + 1) * m->block <= h ? m->block : h - w * m->block, at;

        if (w > 0 && (fth_rng_below(rng, 4) >= STAY_OF_FOUR || m->weeks[k] <= w))
            k = draw_origin(m, w, rng);
        at = w < m->weeks[k] ? w : m->weeks[k] - 1;
        sum += m->at[k * m->week_nr + at] * (double)steps;
    }
    return fabs(sum) * draw_doubt(m->apart, rng);
}

static bool never_below_zero(const struct fth_series *s)
{
    for (size_t t = 0; t < s->n; t++)
        if (s->y[t] < 0)
            return false;
    return true;
}

static void set_bands(const struct fth_series *series, const struct misses *m, size_t h,
                      const double *levels, size_t level_nr, uint64_t seed, double *draws,
                      struct fth_forecast_total *total)
{
    struct fth_rng rng = fth_rng_seeded(seed);
    bool floor = never_below_zero(series);

    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = draw(m, h, &rng);
    for (size_t i = 0; i < level_nr; i++) {
        double half = fth_stats_quantile(draws, DRAWS, levels[i]);

        total->lo[i] = total->mean - half;
        total->hi[i] = total->mean + half;
        if (floor)
            total->lo[i] = fmin(fmax(total->lo[i], 0), total->mean);
    }
    total->has_band = true;
}

enum fth_rc fth_forecast_total(const struct fth_series *series, const struct fth_forecast *forecast,
                               const double *levels, size_t level_nr, uint64_t seed,
                               struct fth_arena *arena, struct fth_forecast_total *out,
                               struct fth_err *err)
{
    /* Seasons longer than a few steps (weeks of a year) are no block: too few would be left. */
    size_t block = series->m <= 7 ? series->m : 1;
    struct misses m = {.block = block, .week_nr = (forecast->h + block - 1) / block};
    struct fth_forecast_total total = {.lo = FTH_NEW_ARRAY(arena, double, level_nr),
                                       .hi = FTH_NEW_ARRAY(arena, double, level_nr)};
    struct fth_arena_mark work;
    double *draws;

    FTH_CHECK(forecast->h > 0);
    if (!total.lo || !total.hi)
        return fth_err_nomem(err);
    work = fth_arena_mark(arena);
    m.at = FTH_NEW_ARRAY(arena, double, FTH_ORIGINS *m.week_nr);
    draws = FTH_NEW_ARRAY(arena, double, DRAWS);
    if (!m.at || !draws) {
        fth_arena_rewind(arena, work);
        return fth_err_nomem(err);
    }
    for (size_t i = 0; i < forecast->h; i++)
        total.mean += forecast->mean[i];
    collect(&m, series, &forecast->past);
    m.apart = apart(&m, series, forecast);
    if (m.origin_nr == 0) {
        collect_steps(&m, series);
        m.apart = m.origin_nr;
    }
    if (m.origin_nr > 0)
        set_bands(series, &m, forecast->h, levels, level_nr, seed, draws, &total);
    fth_arena_rewind(arena, work);
    *out = total;
    return FTH_OK;
}
