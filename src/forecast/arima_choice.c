#include "forecast/arima_choice.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "stats/series.h"
#include "stats/stationary.h"
#include "stats/stl.h"

enum {
    MODELS_MOST = 94, /* as in the authors' program */
    EXACT_VALUES = 150,
    EXACT_PERIOD = 12,
    CALLS_SEARCH = 100, /* of the likelihood, for one model of the search */
    CALLS_FINAL = 200,
    SEASONS_FOR_TWO = 6,
    SEASON_SPAN = 11, /* as the authors' program has it */
};

static const double strong = 0.64;

struct tried {
    struct fth_arima_order order;
    double coef[FTH_ARIMA_COEF_MOST];
    double criterion;
};

struct search {
    const double *x;
    size_t n;
    double *w; /* differences, nw of them, without and with their mean */
    double *centred;
    size_t nw, from;
    double *work;
    bool exact;
    struct fth_arima_order most; /* bounds of p, q, sp, sq; d, sd and m as they are */
    struct tried *tried;
    size_t tried_nr;
    size_t best;
};

/* ---- differences ---- */

/* But for what rounding leaves. */
static bool all_same(const double *x, size_t n)
{
    return !(fth_stats_squares(x, n) > 1e-20 * (double)n);
}

static enum fth_rc seasonal_difference(const struct search *s, size_t m, struct fth_arena *arena,
                                       size_t *out, struct fth_err *err)
{
    const struct fth_stl how = {m, SEASON_SPAN, false};
    double *work, *season, *trend;

    *out = 0;
    if (m < 2 || s->n < 3 * m)
        return FTH_OK;
    work = FTH_NEW_ARRAY(arena, double, fth_stl_work(s->n, m));
    season = FTH_NEW_ARRAY(arena, double, s->n);
    trend = FTH_NEW_ARRAY(arena, double, s->n);
    if (!work || !season || !trend)
        return fth_err_nomem(err);
    fth_stl(s->x, s->n, &how, work, season, trend);
    *out = fth_stl_strength(s->x, season, trend, s->n, work) > strong;
    return FTH_OK;
}

static void set_differences(struct search *s, size_t m, size_t seasonal)
{
    struct fth_arima_order *o = &s->most;

    *o = (struct fth_arima_order){.m = m};
    o->sd = seasonal;
    for (;; o->d++) {
        fth_arima_difference(o, s->x, s->n, s->w);
        s->nw = s->n - fth_arima_diff_lag(o);
        if (o->d + o->sd == 2 || all_same(s->w, s->nw) ||
            fth_stats_kpss(s->w, s->nw) <= FTH_STATS_KPSS_LEVEL)
            break;
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void set_bounds(struct search *s, size_t m)
{
    struct fth_arima_order *o = &s->most;
    size_t lags = least(FTH_ARIMA_LAG_MOST, s->nw / 3);
    double mean = fth_stats_mean(s->w, s->nw);

    if (m > 1) {
        lags = least(lags, m - 1);
        o->sp = o->sq = s->nw >= SEASONS_FOR_TWO * m ? 2 : s->nw >= 3 * m;
    }
    o->p = o->q = lags;
    o->constant = o->d + o->sd < 2;
    s->from = o->p + o->sp * m;
    s->exact = s->n <= EXACT_VALUES && m <= EXACT_PERIOD;
    for (size_t i = 0; i < s->nw; i++)
        s->centred[i] = s->w[i] - mean;
}

/* ---- one model ---- */

static double aicc(double twice_unlikelihood, size_t n, size_t k)
{
    double room = (double)n - (double)k - 1;

    return room > 0 ? twice_unlikelihood + 2 * (double)k * (double)n / room : INFINITY;
}

static size_t free_nr(const struct fth_arima_order *o)
{
    return fth_arima_coef_nr(o) + 1 + o->constant;
}

/* Copies what two orders have in common of one part. */
static void keep(const double **from, size_t from_nr, double **to, size_t to_nr)
{
    memcpy(*to, *from, least(from_nr, to_nr) * sizeof(**to));
    *from += from_nr;
    *to += to_nr;
}

static void start_from(const struct tried *old, struct tried *t)
{
    const struct fth_arima_order *a = &old->order, *b = &t->order;
    const double *from = old->coef;
    double *to = t->coef;

    keep(&from, a->p, &to, b->p);
    keep(&from, a->q, &to, b->q);
    keep(&from, a->sp, &to, b->sp);
    keep(&from, a->sq, &to, b->sq);
}

/* Something that is not flat: coefficients of 0 on both sides have the same slope. */
static void start_new(struct tried *t)
{
    const struct fth_arima_order *o = &t->order;
    double *coef = t->coef;

    for (size_t i = 0; i < fth_arima_coef_nr(o); i++)
        coef[i] = i == 0 || i == o->p + o->q ? 0.2 : 0.05;
}

static double criterion(struct search *s, struct tried *t)
{
    const double *w = t->order.constant ? s->centred : s->w;
    size_t k = free_nr(&t->order);
    struct fth_arima_fit fit;
    double sum, n = (double)s->nw;

    if (s->exact) {
        if (!fth_arima_maximise(&t->order, s->x, s->n, 1, CALLS_SEARCH, s->work, t->coef) ||
            !fth_arima_evaluate(&t->order, t->coef, s->x, s->n, 0, s->work, NULL, &fit))
            return INFINITY;
        sum = -2 * fit.log_likelihood;
    } else {
        sum = fth_arima_least_squares(&t->order, w, s->nw, s->from, s->work, t->coef);
        sum = n * log(sum / (double)(s->nw - s->from) + 1e-300);
    }
    if (!fth_arima_roots_beyond(&t->order, t->coef, FTH_ARIMA_ROOTS))
        return INFINITY;
    return aicc(sum, s->nw, k);
}

static bool same(const struct fth_arima_order *a, const struct fth_arima_order *b)
{
    return a->p == b->p && a->q == b->q && a->sp == b->sp && a->sq == b->sq &&
           a->constant == b->constant;
}

static bool allowed(const struct search *s, const struct fth_arima_order *o)
{
    const struct fth_arima_order *most = &s->most;

    if (o->p > most->p || o->q > most->q || o->sp > most->sp || o->sq > most->sq ||
        (o->constant && !most->constant) || fth_arima_coef_nr(o) > FTH_ARIMA_COEF_MOST)
        return false;
    for (size_t i = 0; i < s->tried_nr; i++)
        if (same(&s->tried[i].order, o))
            return false;
    return s->tried_nr < MODELS_MOST;
}

/* Tries one, unless it is not allowed or known; true when it is the best so far. */
static bool try_order(struct search *s, const struct fth_arima_order *o, bool fresh)
{
    struct tried *t = &s->tried[s->tried_nr];

    if (!allowed(s, o))
        return false;
    *t = (struct tried){.order = *o};
    if (fresh)
        start_new(t);
    else
        start_from(&s->tried[s->best], t);
    t->criterion = criterion(s, t);
    /* What is left of the best without one of its coefficients may be no model to begin from. */
    if (isinf(t->criterion) && !fresh) {
        start_new(t);
        t->criterion = criterion(s, t);
    }
    s->tried_nr++;
    if (s->tried_nr > 1 && !(t->criterion < s->tried[s->best].criterion))
        return false;
    s->best = s->tried_nr - 1;
    return true;
}

/* ---- the walk ---- */

static void try_starts(struct search *s)
{
    static const size_t starts[][4] = {{2, 2, 1, 1}, {0, 0, 0, 0}, {1, 0, 1, 0}, {0, 1, 0, 1}};
    struct fth_arima_order o = s->most;

    for (size_t i = 0; i < FTH_NR(starts); i++) {
        o.p = least(starts[i][0], s->most.p);
        o.q = least(starts[i][1], s->most.q);
        o.sp = least(starts[i][2], s->most.sp);
        o.sq = least(starts[i][3], s->most.sq);
        try_order(s, &o, true);
    }
    o.p = o.q = o.sp = o.sq = 0;
    o.constant = false;
    try_order(s, &o, true);
}

static bool move(struct search *s)
{
    static const signed char moves[][4] = {
        {0, 0, -1, 0},  {0, 0, 0, -1}, {0, 0, 1, 0},  {0, 0, 0, 1},  {0, 0, -1, -1}, {0, 0, -1, 1},
        {0, 0, 1, -1},  {0, 0, 1, 1},  {-1, 0, 0, 0}, {0, -1, 0, 0}, {1, 0, 0, 0},   {0, 1, 0, 0},
        {-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0},
    };
    struct fth_arima_order best = s->tried[s->best].order, o;

    for (size_t i = 0; i < FTH_NR(moves); i++) {
        o = best;
        /* Below 0 it is beyond every bound. */
        o.p += (size_t)moves[i][0];
        o.q += (size_t)moves[i][1];
        o.sp += (size_t)moves[i][2];
        o.sq += (size_t)moves[i][3];
        if (try_order(s, &o, false))
            return true;
    }
    o = best;
    o.constant = !o.constant;
    return try_order(s, &o, false);
}

/* The greatest likelihood of the best. */
static bool finish(struct search *s, struct fth_arima_choice *out)
{
    struct tried *t = &s->tried[s->best];
    struct fth_arima_fit fit;

    if (isinf(t->criterion) ||
        !fth_arima_maximise(&t->order, s->x, s->n, FTH_ARIMA_ROOTS, CALLS_FINAL, s->work,
                            t->coef) ||
        !fth_arima_evaluate(&t->order, t->coef, s->x, s->n, 0, s->work, NULL, &fit))
        return false;
    out->order = t->order;
    memcpy(out->coef, t->coef, sizeof(out->coef));
    out->aicc = aicc(-2 * fit.log_likelihood, s->nw, free_nr(&t->order));
    return true;
}

/* Room for any order with a season of m. */
static size_t work_most(size_t n, size_t m)
{
    struct fth_arima_order o = {.p = FTH_ARIMA_LAG_MOST, .q = FTH_ARIMA_LAG_MOST, .d = 2, .m = m};

    o.sp = o.sq = m > 1 ? FTH_ARIMA_SEASONS_MOST : 0;
    o.sd = m > 1;
    return fth_arima_work(&o, n) + 5 * n;
}

enum fth_rc fth_arima_choose(const double *x, size_t n, size_t m, struct fth_arena *arena,
                             struct fth_arima_choice *out, bool *found, struct fth_err *err)
{
    struct fth_arena_mark before = fth_arena_mark(arena);
    struct search s = {.x = x, .n = n};
    size_t seasonal = 0;

    FTH_CHECK(n >= FTH_ARIMA_VALUES && m > 0 && m <= FTH_ARIMA_PERIOD_MOST);
    s.w = FTH_NEW_ARRAY(arena, double, n);
    s.centred = FTH_NEW_ARRAY(arena, double, n);
    s.work = FTH_NEW_ARRAY(arena, double, work_most(n, m));
    s.tried = FTH_NEW_ARRAY(arena, struct tried, MODELS_MOST);
    if (!s.w || !s.centred || !s.work || !s.tried) {
        fth_err_nomem(err);
        goto out;
    }
    *found = false;
    if (seasonal_difference(&s, m, arena, &seasonal, err))
        goto out;
    set_differences(&s, m, seasonal);
    if (all_same(s.w, s.nw))
        goto out;
    set_bounds(&s, m);
    try_starts(&s);
    while (move(&s))
        continue;
    *found = finish(&s, out);
out:
    fth_arena_rewind(arena, before);
    return err->rc;
}
