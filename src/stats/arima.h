/*
 * arima: seasonal ARIMA models of a given order, (p,d,q)(sp,sd,sq)m: likelihood, fit, forecasts.
 *
 *     phi(B) Phi(B^m) ((1-B)^d (1-B^m)^sd y_t - c) = theta(B) Theta(B^m) e_t
 *
 * Coefficients stand in one array: phi (p), theta (q), Phi (sp), Theta (sq), with the signs of
 * arma.h. The constant c is none of them: it follows from them by generalised least squares. It is
 * a mean for d + sd = 0 and a drift for 1.
 *
 * Without missing values the likelihood is that of the differences (Box and Jenkins). With some
 * (NaN) it is that of the values behind those that the differences need to begin: a Kalman filter
 * whose state holds the last values, with a first covariance of 1e7 times s2 for them, as Harvey
 * and Pierse (1984) skip what is missing. Both are the same number for a series without gaps.
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_ARIMA_H
#define FTH_STATS_ARIMA_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/arma.h"

enum {
    FTH_ARIMA_LAG_MOST = 5,     /* p, q */
    FTH_ARIMA_SEASONS_MOST = 2, /* sp, sq */
    FTH_ARIMA_PERIOD_MOST = 24, /* m */
    FTH_ARIMA_COEF_MOST = 8,    /* p + q + sp + sq */
    FTH_ARIMA_DIFF_MOST = 26,   /* d + sd m: d at most 2, sd at most 1 */
};

struct fth_arima_order {
    size_t p, d, q, sp, sd, sq, m; /* m: 1 without a season */
    bool constant;                 /* c; d + sd at most 1 */
};

size_t fth_arima_coef_nr(const struct fth_arima_order *order);

/* Values that the differences use up: d + sd m. */
size_t fth_arima_diff_lag(const struct fth_arima_order *order);

/* The product of plain and seasonal parts. */
void fth_arima_expand(const struct fth_arima_order *order, const double *coef,
                      struct fth_arma *out);

/* Are all roots of the four parts, as polynomials in B, further than `modulus` from 0? */
bool fth_arima_roots_beyond(const struct fth_arima_order *order, const double *coef,
                            double modulus);

/* The differences of y, n - fth_arima_diff_lag() of them. out may be y. */
void fth_arima_difference(const struct fth_arima_order *order, const double *y, size_t n,
                          double *out);

/* Numbers that `work` of the functions below has to hold for n values. */
size_t fth_arima_work(const struct fth_arima_order *order, size_t n);

struct fth_arima_fit {
    double log_likelihood;
    double variance; /* s2 */
    double constant; /* c */
    size_t n;        /* values that count */
};

/*
 * Log-likelihood of the coefficients, and the next h values into out. y: n > fth_arima_diff_lag()
 * values, missing ones NaN. False when the coefficients are not stationary, or the values leave
 * nothing to estimate s2 from.
 */
bool fth_arima_evaluate(const struct fth_arima_order *order, const double *coef, const double *y,
                        size_t n, size_t h, double *work, double *out, struct fth_arima_fit *fit);

/*
 * Coefficients of the greatest likelihood whose roots are beyond `modulus`, at least 1, by
 * Nelder-Mead from those in `coef`, with at most `calls` evaluations. y should have a spread of
 * about 1. False: there is no likelihood at the start, or one of its roots is nearer; it stays.
 */
bool fth_arima_maximise(const struct fth_arima_order *order, const double *y, size_t n,
                        double modulus, unsigned calls, double *work, double *coef);

/*
 * Coefficients of the least sum of squared errors of the differences w (n; without their mean),
 * conditional on errors of 0 before (Box and Jenkins 7.1.2), by Levenberg and Marquardt's steps
 * from those in `coef`; returns the sum over t >= from, infinity when the start is not stationary
 * and invertible. from is at least the highest lag; `work` holds 5 n numbers.
 */
double fth_arima_least_squares(const struct fth_arima_order *order, const double *w, size_t n,
                               size_t from, double *work, double *coef);

#endif
