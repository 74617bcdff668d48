#include "stats/loess.h"

#include <math.h>

static double tricube(double distance, double reach)
{
    double r = distance / reach;

    if (r <= 0.001)
        return 1;
    if (r > 0.999)
        return 0;
    r = 1 - r * r * r;
    return r * r * r;
}

/* A window that is cut short reaches as far as if it had all its points. */
static double reach_of(size_t n, size_t span, double x, size_t from, size_t to)
{
    double reach = fmax(x - (double)from, (double)to - x);
    size_t half = span > n ? (span - n) / 2 : 0;

    return reach + (double)half;
}

double fth_loess_at(const double *y, size_t n, const struct fth_loess *how, double x, size_t from,
                    size_t to)
{
    double reach = reach_of(n, how->span, x, from, to);
    double w = 0, wd = 0, wdd = 0, wy = 0, wdy = 0, det;
    size_t nearest = x <= 0 ? 0 : x >= (double)(n - 1) ? n - 1 : (size_t)(x + 0.5);

    if (!(reach > 0))
        return y[nearest];
    for (size_t i = from; i <= to; i++) {
        double d = (double)i - x, weight = tricube(fabs(d), reach);

        if (how->weight)
            weight *= how->weight[i];
        w += weight;
        wd += weight * d;
        wdd += weight * d * d;
        wy += weight * y[i];
        wdy += weight * d * y[i];
    }
    if (!(w > 0))
        return y[nearest];
    /* Points that lie in one place have no slope. */
    det = w * wdd - wd * wd;
    if (how->degree == 0 || !(det > 1e-6 * w * w * (double)(n - 1) * (double)(n - 1)))
        return wy / w;
    return (wdd * wy - wd * wdy) / det;
}

static void window(size_t n, size_t span, size_t i, size_t *from, size_t *to)
{
    size_t half = (span - 1) / 2;

    if (span >= n) {
        *from = 0;
        *to = n - 1;
        return;
    }
    *from = i > half ? i - half : 0;
    if (*from + span > n)
        *from = n - span;
    *to = *from + span - 1;
}

static double fit(const double *y, size_t n, const struct fth_loess *how, size_t i)
{
    size_t from, to;

    window(n, how->span, i, &from, &to);
    return fth_loess_at(y, n, how, (double)i, from, to);
}

void fth_loess(const double *y, size_t n, const struct fth_loess *how, double *out)
{
    size_t last = 0;

    out[0] = fit(y, n, how, 0);
    while (last + 1 < n) {
        size_t next = last + how->jump < n ? last + how->jump : n - 1;
        double step;

        out[next] = fit(y, n, how, next);
        step = (out[next] - out[last]) / (double)(next - last);
        for (size_t i = last + 1; i < next; i++)
            out[i] = out[last] + step * (double)(i - last);
        last = next;
    }
}

double fth_loess_before(const double *y, size_t n, const struct fth_loess *how)
{
    return fth_loess_at(y, n, how, -1, 0, (how->span < n ? how->span : n) - 1);
}

double fth_loess_behind(const double *y, size_t n, const struct fth_loess *how)
{
    return fth_loess_at(y, n, how, (double)n, how->span < n ? n - how->span : 0, n - 1);
}
