#include "stats/order.h"

#include <math.h>

static void swap(double *a, double *b)
{
    double kept = *a;

    *a = *b;
    *b = kept;
}

static double middle_of_three(double a, double b, double c)
{
    if ((a <= b) == (b <= c))
        return b;
    return (b <= a) == (a <= c) ? a : c;
}

double fth_stats_select(double *x, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;

    while (lo < hi) {
        double pivot = middle_of_three(x[lo], x[lo + (hi - lo) / 2], x[hi]);
        size_t i = lo, j = hi;

        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            swap(&x[i++], &x[j--]);
        }
        /* [lo, i) <= pivot <= (j, hi]; i == j is the pivot itself, j < i that both met. */
        if (k < i)
            hi = i - 1;
        else if (k > j)
            lo = j + 1;
        else
            return x[k];
    }
    return x[k];
}

/* The smallest of x[from, n). */
static double least(const double *x, size_t from, size_t n)
{
    double min = x[from];

    for (size_t i = from + 1; i < n; i++)
        min = fmin(min, x[i]);
    return min;
}

double fth_stats_median(double *x, size_t n)
{
    return fth_stats_quantile(x, n, 0.5);
}

double fth_stats_quantile(double *x, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t k = (size_t)at;
    double below = fth_stats_select(x, n, k), share = at - (double)k;

    return share > 0 && k + 1 < n ? below + share * (least(x, k + 1, n) - below) : below;
}

double fth_stats_mad(double *x, size_t n, double centre)
{
    for (size_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - centre);
    return 1.4826 * fth_stats_median(x, n);
}

double fth_stats_weighted_median(double *x, double *weight, size_t n)
{
    double total = 0, below = 0;

    /* Insertion sort: n is the number of models, a dozen. */
    for (size_t i = 0; i < n; i++) {
        total += weight[i];
        for (size_t j = i; j > 0 && x[j] < x[j - 1]; j--) {
            swap(&x[j], &x[j - 1]);
            swap(&weight[j], &weight[j - 1]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        below += weight[i];
        if (below > total / 2)
            return x[i];
        if (below == total / 2 && i + 1 < n)
            return (x[i] + x[i + 1]) / 2;
    }
    return x[n - 1];
}

/* The window is kept sorted: a step costs two short shifts. */
static void window_add(double *sorted, size_t n, double x)
{
    for (; n > 0 && sorted[n - 1] > x; n--)
        sorted[n] = sorted[n - 1];
    sorted[n] = x;
}

static void window_drop(double *sorted, size_t n, double x)
{
    size_t i = 0;

    while (sorted[i] != x)
        i++;
    for (; i + 1 < n; i++)
        sorted[i] = sorted[i + 1];
}

void fth_stats_running_median(const double *x, size_t n, size_t span, double *work, double *out)
{
    size_t half = span / 2, nr = 0;

    for (size_t i = 0; i < half && i < n; i++)
        window_add(work, nr++, x[i]);
    for (size_t i = 0; i < n; i++) {
        if (i > half)
            window_drop(work, nr--, x[i - half - 1]);
        if (i + half < n)
            window_add(work, nr++, x[i + half]);
        out[i] = nr % 2 ? work[nr / 2] : (work[nr / 2 - 1] + work[nr / 2]) / 2;
    }
}
