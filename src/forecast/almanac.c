#include "forecast/almanac.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "forecast/scale.h"
#include "stats/calendar.h"
#include "stats/order.h"
#include "stats/series.h"

enum {
    LEVEL_SPAN = 15,  /* days of the local median */
    SEASON_SPAN = 12, /* seasons that say what a weekday is */
    OCCASIONS = 6,    /* the last times of a repeating date that are heard */
    DATES_MOST = 12,  /* repeating dates of a series */
    ROUNDS = 3,
};

struct work {
    const struct fth_series *s;
    struct fth_almanac *a;
    struct fth_day *days; /* n + h; NULL: no dates */
    double *x;            /* values without fees, on the scale */
    double *month;        /* n + h: effect of the month's length, or 0 */
    double *dates;        /* n + h: effect of repeating dates */
    double *residual;     /* n */
    double *copy;         /* n, for what reorders */
    double season[366];   /* by phase; for longer seasons none */
    double spread;        /* robust standard deviation of z around its local median */
};

static size_t phases(const struct work *w)
{
    return w->s->m > 1 && w->s->m <= FTH_NR(w->season) ? w->s->m : 1;
}

/* z from x, and its local median. */
static void set_level(struct work *w)
{
    size_t n = w->a->n, m = phases(w);
    double span[LEVEL_SPAN];

    for (size_t t = 0; t < n; t++)
        w->a->z[t] = w->x[t] - w->season[t % m] - w->month[t] - w->dates[t];
    fth_stats_running_median(w->a->z, n, LEVEL_SPAN, span, w->a->level);
}

static void set_season(struct work *w)
{
    size_t n = w->a->n, m = phases(w), span = SEASON_SPAN * m;
    size_t from = n > span ? n - span : 0;
    double mean = 0;

    if (m == 1 || n < 2 * m)
        return;
    for (size_t phase = 0; phase < m; phase++) {
        size_t nr = 0;

        for (size_t t = from + (phase + m - from % m) % m; t < n; t += m)
            w->copy[nr++] = w->a->z[t] + w->season[phase] - w->a->level[t];
        w->season[phase] = fth_stats_median(w->copy, nr);
        mean += w->season[phase] / (double)m;
    }
    for (size_t phase = 0; phase < m; phase++)
        w->season[phase] -= mean;
}

/* ---- months of different length ---- */

/* Level on both sides of the first of a month at t: medians of up to seven days. */
static double step_at(struct work *w, size_t t)
{
    size_t side = 7;
    double before, behind;

    memcpy(w->copy, w->a->z + t - side, side * sizeof(double));
    before = fth_stats_median(w->copy, side);
    memcpy(w->copy, w->a->z + t, side * sizeof(double));
    behind = fth_stats_median(w->copy, side);
    return behind - before;
}

/* Do prices per month show? Then steps between months are smaller when each day is weighed with the
 * length of its month. */
static void set_month(struct work *w)
{
    double plain = 0, weighed = 0;
    size_t nr = 0;

    memset(w->month, 0, (w->a->n + w->a->h) * sizeof(double));
    set_level(w);
    for (size_t t = 7; t + 7 <= w->a->n; t++) {
        double step, length;

        if (w->days[t].day != 1 || w->days[t].month_days == w->days[t - 1].month_days)
            continue;
        step = step_at(w, t);
        length = log((double)w->days[t - 1].month_days / w->days[t].month_days);
        plain += fmin(fabs(step), 0.2);
        weighed += fmin(fabs(step - length), 0.2);
        nr++;
    }
    if (nr < 2 || weighed > 0.7 * plain)
        return;
    for (size_t t = 0; t < w->a->n + w->a->h; t++)
        w->month[t] = log(30.4375 / w->days[t].month_days);
}

/* ---- repeating dates ---- */

struct date_effect {
    int kind, key;
    double size, gain;
};

/* What the last occasions of a key agree on; gain 0: on nothing. */
static struct date_effect agreed(struct work *w, int kind, int key, const double *occasions,
                                 size_t nr)
{
    struct date_effect e = {kind, key, 0, 0};
    double copy[OCCASIONS], spread = fmax(w->spread, 0.01);
    size_t agree = 0;

    if (nr < 2)
        return e;
    memcpy(copy, occasions, nr * sizeof(*copy));
    e.size = fth_stats_median(copy, nr);
    if (fabs(e.size) < 3 * spread)
        return e;
    for (size_t i = 0; i < nr; i++) {
        agree += occasions[i] * e.size > 0.4 * e.size * e.size;
        e.gain += fabs(occasions[i]) - fabs(occasions[i] - e.size);
    }
    if (agree < 2 || (double)agree < 0.7 * (double)nr)
        e.gain = 0;
    return e;
}

static struct date_effect best_date(struct work *w)
{
    struct date_effect best = {0};

    for (int kind = 0; kind < FTH_DAY_KEYS; kind++) {
        double seen[FTH_DAY_KEY_MOST][OCCASIONS] = {{0}};
        size_t nr[FTH_DAY_KEY_MOST] = {0};

        for (size_t t = w->a->n; t-- > 0;) {
            int key = fth_stats_day_key(&w->days[t], kind);

            if (key >= 0 && nr[key] < OCCASIONS)
                seen[key][nr[key]++] = w->residual[t];
        }
        for (int key = 0; key < FTH_DAY_KEY_MOST; key++) {
            struct date_effect e = agreed(w, kind, key, seen[key], nr[key]);

            if (e.gain > best.gain * (1 + 1e-9))
                best = e;
        }
    }
    return best;
}

/* A rise is a charge of its own (a fee), a fall a factor. */
static void apply(struct work *w, const struct date_effect *e)
{
    double amounts[OCCASIONS], amount = 0;
    size_t nr = 0;

    if (e->size > 0) {
        for (size_t t = w->a->n; t-- > 0 && nr < OCCASIONS;)
            if (fth_stats_day_key(&w->days[t], e->kind) == e->key)
                amounts[nr++] = w->s->y[t] - w->a->fee[t] -
                                fth_stats_asinh_back(w->x[t] - w->residual[t], w->a->c);
        amount = fmax(fth_stats_median(amounts, nr), 0);
    }
    for (size_t t = 0; t < w->a->n + w->a->h; t++) {
        if (fth_stats_day_key(&w->days[t], e->kind) != e->key)
            continue;
        if (e->size > 0)
            w->a->fee[t] += amount;
        else
            w->dates[t] += e->size;
        if (t < w->a->n)
            w->residual[t] -= e->size;
    }
}

static void set_dates(struct work *w)
{
    size_t n = w->a->n, all = n + w->a->h;

    memset(w->a->fee, 0, all * sizeof(double));
    memset(w->dates, 0, all * sizeof(double));
    for (size_t t = 0; t < n; t++) {
        w->x[t] = fth_stats_asinh(w->s->y[t], w->a->c);
        w->residual[t] = w->x[t] - w->a->level[t] - w->season[t % phases(w)] - w->month[t];
    }
    for (int i = 0; i < DATES_MOST; i++) {
        struct date_effect e = best_date(w);

        if (e.gain <= 0)
            break;
        apply(w, &e);
    }
    for (size_t t = 0; t < n; t++)
        w->x[t] = fth_stats_asinh(w->s->y[t] - w->a->fee[t], w->a->c);
}

/* ---- all together ---- */

static void set_spread(struct work *w)
{
    size_t n = w->a->n, from = n > 180 ? n - 180 : 0;

    for (size_t t = from; t < n; t++)
        w->copy[t - from] = w->a->z[t] - w->a->level[t];
    w->spread = fth_stats_mad(w->copy, n - from, 0);
}

static void clean(struct work *w)
{
    double most = 4 * fmax(w->spread, 0.005);

    for (size_t t = 0; t < w->a->n; t++)
        if (fabs(w->a->z[t] - w->a->level[t]) > most)
            w->a->z[t] = w->a->level[t];
}

static enum fth_rc begin(struct work *w, struct fth_arena *arena, struct fth_err *err)
{
    size_t n = w->a->n, all = n + w->a->h;

    w->x = FTH_NEW_ARRAY(arena, double, n);
    w->month = FTH_NEW_ARRAY(arena, double, all);
    w->dates = FTH_NEW_ARRAY(arena, double, all);
    w->residual = FTH_NEW_ARRAY(arena, double, n);
    w->copy = FTH_NEW_ARRAY(arena, double, n > LEVEL_SPAN ? n : LEVEL_SPAN);
    w->a->z = FTH_NEW_ARRAY(arena, double, n);
    w->a->level = FTH_NEW_ARRAY(arena, double, n);
    w->a->effect = FTH_NEW_ARRAY(arena, double, all);
    w->a->fee = FTH_NEW_ARRAY(arena, double, all);
    if (!w->x || !w->month || !w->dates || !w->residual || !w->copy || !w->a->z || !w->a->level ||
        !w->a->effect || !w->a->fee)
        return fth_err_nomem(err);
    if (w->s->dated) {
        w->days = FTH_NEW_ARRAY(arena, struct fth_day, all);
        if (!w->days)
            return fth_err_nomem(err);
        for (size_t t = 0; t < all; t++)
            w->days[t] = fth_stats_day(w->s->start + (int32_t)t);
    }
    return FTH_OK;
}

enum fth_rc fth_almanac_fit(const struct fth_series *series, size_t h, struct fth_arena *arena,
                            struct fth_almanac *out, struct fth_err *err)
{
    struct fth_almanac a = {.n = series->n, .h = h};
    struct work w = {.s = series, .a = &a};

    if (begin(&w, arena, err))
        return err->rc;
    a.c = fth_scale_of(series->y, a.n, w.copy);
    for (size_t t = 0; t < a.n; t++)
        w.x[t] = fth_stats_asinh(series->y[t], a.c);
    for (int round = 0; round < ROUNDS; round++) {
        set_level(&w);
        set_season(&w);
        set_level(&w);
        set_spread(&w);
        if (!w.days)
            continue;
        if (round > 0)
            set_month(&w);
        set_level(&w);
        set_dates(&w);
    }
    set_level(&w);
    set_spread(&w);
    clean(&w);
    for (size_t t = 0; t < a.n + h; t++)
        a.effect[t] = w.season[t % phases(&w)] + w.month[t] + w.dates[t];
    *out = a;
    return FTH_OK;
}

double fth_almanac_value(const struct fth_almanac *almanac, size_t t, double z)
{
    return fth_stats_asinh_back(z + almanac->effect[t], almanac->c) + almanac->fee[t];
}
