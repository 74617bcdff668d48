/*
 * arma: autoregressive moving-average processes: stationarity, exact likelihood, forecasts.
 *
 *     x_t - mu = sum phi_i (x_{t-i} - mu) + e_t + sum theta_j e_{t-j},   e_t independent N(0, s2)
 *
 * Sources: partial autocorrelations as free parameters, Barndorff-Nielsen and Schou (1973), Monahan
 * (1984); the state form, Harvey (1989) 3.3; the filter's recursions for a stationary state, whose
 * covariance changes by rank one a step, Morf, Sidhu and Kailath (1974), as Pearlman (1980) and
 * Melard (1984, AS 197) use them for ARMA.
 *
 * Thread rule: pure functions; nothing allocates.
 */
#ifndef FTH_STATS_ARMA_H
#define FTH_STATS_ARMA_H

#include <stdbool.h>
#include <stddef.h>

/* The highest lag on either side: five plain ones and two seasons of 24 steps. */
enum { FTH_ARMA_MOST = 53, FTH_ARMA_STATE_MOST = FTH_ARMA_MOST + 1 };

struct fth_arma {
    size_t p, q; /* the highest lags, at most FTH_ARMA_MOST each */
    double phi[FTH_ARMA_MOST], theta[FTH_ARMA_MOST]; /* [i]: of lag i + 1 */
};

/* Lags of the state: max(p, q + 1). */
size_t fth_arma_states(const struct fth_arma *arma);

/* The n coefficients of a stationary autoregression from its partial autocorrelations, all within
 * (-1, 1), and back. Back is false, `partial` without meaning, when it is not stationary. n <=
 * FTH_ARMA_MOST; the arrays may not overlap. For a moving average take theta with the sign turned:
 * invertible is there what stationary is here. */
void fth_arma_from_partial(const double *partial, size_t n, double *coef);
bool fth_arma_partial(const double *coef, size_t n, double *partial);

/* Are all roots of 1 - sum coef_i z^i further than `modulus` from 0? */
bool fth_arma_roots_beyond(const double *coef, size_t n, double modulus);

/* Autocovariances gamma_0 to gamma_p and the weights psi_0 to psi_q of past e, for s2 = 1. False
 * when it is not stationary. `gamma` and `psi` have FTH_ARMA_STATE_MOST places. */
bool fth_arma_moments(const struct fth_arma *arma, double *gamma, double *psi);

/* What the filter leaves. */
struct fth_arma_fit {
    size_t n;       /* values that count */
    double mean;    /* mu, 0 when it was not asked for */
    double squares; /* sum of v_t^2 / F_t, the errors over their variances in units of s2 */
    double log_det; /* sum of log F_t */
    double state[FTH_ARMA_STATE_MOST]; /* behind the last value, around the mean */
};

/*
 * Filters n values, n > 0. With `mean` mu is the generalised least-squares estimate, that is the
 * maximum of the likelihood. `work` holds 2 n numbers. False when the process is not stationary.
 * O(n (p + q)) at first, O(n) times the coefficients that are not 0 once F_t is 1 but for 1e-9.
 */
bool fth_arma_filter(const struct fth_arma *arma, const double *w, size_t n, bool mean,
                     double *work, struct fth_arma_fit *fit);

/* The logarithm of the normal likelihood at the best s2, squares / n. */
double fth_arma_log_likelihood(const struct fth_arma_fit *fit);

/* The h values behind the filtered ones. */
void fth_arma_forecast(const struct fth_arma *arma, const struct fth_arma_fit *fit, size_t h,
                       double *out);

/* Coefficients that are not 0, with their lags, for recursions that are run often. */
struct fth_arma_terms {
    size_t nr, lag[FTH_ARMA_MOST];
    double coef[FTH_ARMA_MOST];
};
void fth_arma_terms(const double *coef, size_t n, struct fth_arma_terms *out);

/* The errors e_t of values t >= from, from >= p, when those before are as they stand in e. */
void fth_arma_errors(const struct fth_arma *arma, const double *w, size_t n, size_t from,
                     double *e);

#endif
