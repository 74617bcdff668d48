#include "stats/minimise.h"

#include <math.h>
#include <string.h>

double fth_stats_minimise_line(double (*f)(void *ctx, double x), void *ctx, double lo, double hi,
                               double tol)
{
    const double golden = 0.61803398874989484820;
    double a = hi - golden * (hi - lo), b = lo + golden * (hi - lo);
    double fa = f(ctx, a), fb = f(ctx, b);

    while (hi - lo > tol) {
        if (fa <= fb) {
            hi = b;
            b = a;
            fb = fa;
            a = hi - golden * (hi - lo);
            fa = f(ctx, a);
        } else {
            lo = a;
            a = b;
            fa = fb;
            b = lo + golden * (hi - lo);
            fb = f(ctx, b);
        }
    }
    return fa <= fb ? a : b;
}

enum { MOST = FTH_STATS_SIMPLEX_MOST };

struct corner {
    double x[MOST], value;
};

struct simplex {
    size_t n;
    unsigned calls;
    double (*f)(void *ctx, const double *x);
    void *ctx;
    struct corner at[MOST + 1]; /* best first */
    double centre[MOST];        /* of all but the worst */
};

static double call(struct simplex *s, struct corner *corner)
{
    s->calls++;
    return corner->value = s->f(s->ctx, corner->x);
}

static void sort(struct simplex *s)
{
    for (size_t i = 1; i <= s->n; i++) {
        struct corner moving = s->at[i];
        size_t j = i;

        for (; j > 0 && moving.value < s->at[j - 1].value; j--)
            s->at[j] = s->at[j - 1];
        s->at[j] = moving;
    }
}

static void set_centre(struct simplex *s)
{
    for (size_t k = 0; k < s->n; k++) {
        double sum = 0;

        for (size_t i = 0; i < s->n; i++)
            sum += s->at[i].x[k];
        s->centre[k] = sum / (double)s->n;
    }
}

/* The worst corner moved through the centre: -1 reflects, -2 expands, 1/2 contracts. */
static struct corner moved(struct simplex *s, double by)
{
    struct corner corner;

    for (size_t k = 0; k < s->n; k++)
        corner.x[k] = s->centre[k] + by * (s->at[s->n].x[k] - s->centre[k]);
    call(s, &corner);
    return corner;
}

static void shrink(struct simplex *s)
{
    for (size_t i = 1; i <= s->n; i++) {
        for (size_t k = 0; k < s->n; k++)
            s->at[i].x[k] = (s->at[0].x[k] + s->at[i].x[k]) / 2;
        call(s, &s->at[i]);
    }
}

static void step(struct simplex *s)
{
    struct corner *worst = &s->at[s->n], next;

    set_centre(s);
    next = moved(s, -1);
    if (next.value < s->at[0].value) {
        struct corner further = moved(s, -2);

        *worst = further.value < next.value ? further : next;
    } else if (next.value < s->at[s->n - 1].value) {
        *worst = next;
    } else {
        struct corner nearer = moved(s, next.value < worst->value ? -0.5 : 0.5);

        if (nearer.value < fmin(worst->value, next.value))
            *worst = nearer;
        else
            shrink(s);
    }
    sort(s);
}

double fth_stats_minimise(double (*f)(void *ctx, const double *x), void *ctx,
                          const struct fth_simplex *how, double *x)
{
    struct simplex s = {.n = how->n, .f = f, .ctx = ctx};

    for (size_t i = 0; i <= s.n; i++) {
        memcpy(s.at[i].x, x, s.n * sizeof(*x));
        if (i > 0)
            s.at[i].x[i - 1] += how->step[i - 1];
        call(&s, &s.at[i]);
    }
    sort(&s);
    while (s.calls < how->most &&
           !(s.at[s.n].value - s.at[0].value <= how->tol * (fabs(s.at[0].value) + 1e-300)))
        step(&s);
    memcpy(x, s.at[0].x, s.n * sizeof(*x));
    return s.at[0].value;
}
