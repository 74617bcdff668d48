#include "stats/arma.h"

#include <math.h>
#include <string.h>

#include "base/check.h"

enum { MOST = FTH_ARMA_MOST, STATES = FTH_ARMA_STATE_MOST };

/* F_t this near to its limit 1 stays there: of the likelihood of 1,000 values that is 1e-6. */
static const double settled = 1e-9;

static const double log_turn = 1.8378770664093454836; /* log(2 pi) */

size_t fth_arma_states(const struct fth_arma *arma)
{
    return arma->p > arma->q + 1 ? arma->p : arma->q + 1;
}

/* ---- stationary or not ---- */

/* Coefficients of order k + 1 from those of order k, and the partial autocorrelation of k + 1. */
static void step_up(double *coef, size_t k, double partial)
{
    for (size_t i = 0, j = k; i < j--; i++) {
        double low = coef[i], high = coef[j];

        coef[i] = low - partial * high;
        coef[j] = high - partial * low;
    }
    coef[k] = partial;
}

void fth_arma_from_partial(const double *partial, size_t n, double *coef)
{
    for (size_t k = 0; k < n; k++)
        step_up(coef, k, partial[k]);
}

bool fth_arma_partial(const double *coef, size_t n, double *partial)
{
    memcpy(partial, coef, n * sizeof(*coef));
    for (size_t k = n; k-- > 0;) {
        double last = partial[k], rest = 1 - last * last;

        if (!(fabs(last) < 1))
            return false;
        /* The inverse of step_up(), on the k that are left. */
        for (size_t i = 0, j = k; i < j--; i++) {
            double low = partial[i], high = partial[j];

            partial[i] = (low + last * high) / rest;
            partial[j] = (high + last * low) / rest;
        }
    }
    return true;
}

bool fth_arma_roots_beyond(const double *coef, size_t n, double modulus)
{
    double moved[MOST], partial[MOST], power = 1;

    for (size_t i = 0; i < n; i++)
        moved[i] = coef[i] * (power *= modulus);
    return fth_arma_partial(moved, n, partial);
}

/* ---- moments ---- */

void fth_arma_terms(const double *coef, size_t n, struct fth_arma_terms *out)
{
    out->nr = 0;
    for (size_t i = 0; i < n; i++)
        if (coef[i] != 0) {
            out->lag[out->nr] = i + 1;
            out->coef[out->nr++] = coef[i];
        }
}

/* Autocovariances 0 to `last` of the autoregression alone (Durbin-Levinson). */
static bool ar_covariances(const struct fth_arma *arma, size_t last, double *gamma)
{
    double partial[MOST], coef[MOST] = {0}, variance = 1;

    if (!fth_arma_partial(arma->phi, arma->p, partial))
        return false;
    for (size_t k = 0; k < arma->p; k++)
        variance /= 1 - partial[k] * partial[k];
    gamma[0] = variance;
    for (size_t k = 1; k <= last; k++) {
        size_t known = k <= arma->p ? k - 1 : arma->p;
        const double *by = k <= arma->p ? coef : arma->phi;

        gamma[k] = 0;
        for (size_t i = 0; i < known; i++)
            gamma[k] += by[i] * gamma[k - 1 - i];
        if (k > arma->p)
            continue;
        gamma[k] += partial[k - 1] * variance;
        variance *= 1 - partial[k - 1] * partial[k - 1];
        step_up(coef, k - 1, partial[k - 1]);
    }
    return true;
}

static double theta_at(const struct fth_arma *arma, size_t lag)
{
    if (lag == 0)
        return 1;
    return lag <= arma->q ? arma->theta[lag - 1] : 0;
}

static void set_psi(const struct fth_arma *arma, const struct fth_arma_terms *phi, double *psi)
{
    for (size_t k = 0; k <= arma->q; k++) {
        psi[k] = theta_at(arma, k);
        for (size_t i = 0; i < phi->nr && phi->lag[i] <= k; i++)
            psi[k] += phi->coef[i] * psi[k - phi->lag[i]];
    }
}

bool fth_arma_moments(const struct fth_arma *arma, double *gamma, double *psi)
{
    double of_ar[2 * MOST + 1] = {0}, of_ma[STATES] = {0};
    struct fth_arma_terms phi, theta;

    FTH_CHECK(arma->p <= MOST && arma->q <= MOST);
    if (!ar_covariances(arma, arma->p + arma->q, of_ar))
        return false;
    fth_arma_terms(arma->phi, arma->p, &phi);
    fth_arma_terms(arma->theta, arma->q, &theta);
    set_psi(arma, &phi, psi);
    of_ma[0] = 1;
    for (size_t i = 0; i < theta.nr; i++) {
        of_ma[theta.lag[i]] += theta.coef[i];
        for (size_t j = 0; j <= i; j++)
            of_ma[theta.lag[i] - theta.lag[j]] += theta.coef[i] * theta.coef[j];
    }
    for (size_t k = 0; k <= arma->p; k++) {
        gamma[k] = of_ma[0] * of_ar[k];
        for (size_t d = 1; d <= arma->q; d++)
            gamma[k] += of_ma[d] * (of_ar[k + d] + of_ar[k > d ? k - d : d - k]);
    }
    return true;
}

/* ---- likelihood ---- */

/* The filter's state twice: of the values, and of a series of ones, from which comes the mean. */
struct filter {
    size_t r;
    double phi[STATES + 1];
    double value[STATES + 1], one[STATES + 1];
    double gain[STATES + 1];   /* times F */
    double change[STATES + 1]; /* the covariance moves by - change change' / F */
    double f;
};

static bool start(const struct fth_arma *arma, struct filter *s)
{
    double gamma[STATES], psi[STATES];

    memset(s, 0, sizeof(*s));
    if (!fth_arma_moments(arma, gamma, psi))
        return false;
    s->r = fth_arma_states(arma);
    memcpy(s->phi, arma->phi, arma->p * sizeof(*arma->phi));
    s->f = gamma[0];
    /* Covariance of the next state with this value. */
    for (size_t i = 0; i < s->r; i++) {
        for (size_t k = 0; i + k < arma->p; k++)
            s->gain[i] += arma->phi[i + k] * gamma[k];
        for (size_t k = 1; i + k <= arma->q; k++)
            s->gain[i] += arma->theta[i + k - 1] * psi[k - 1];
    }
    memcpy(s->change, s->gain, sizeof(s->change));
    return true;
}

/* One step of a state that has seen an error, in units of F. */
static void move(const struct filter *s, double *state, double by)
{
    double was = state[0];

    for (size_t i = 0; i < s->r; i++)
        state[i] = s->phi[i] * was + state[i + 1] + s->gain[i] * by;
}

static void step(struct filter *s)
{
    double c = s->change[0], share = c / s->f;

    for (size_t i = 0; i < s->r; i++) {
        double moved = s->phi[i] * c + s->change[i + 1], gain = s->gain[i];

        s->change[i] = moved - gain * share;
        s->gain[i] = gain - moved * share;
    }
    s->f -= c * share;
}

struct sums {
    double yy, y1, ones, log_det;
};

static void add(struct sums *sums, double value, double one, double f)
{
    sums->yy += value * value / f;
    sums->y1 += value * one / f;
    sums->ones += one * one / f;
}

void fth_arma_errors(const struct fth_arma *arma, const double *w, size_t n, size_t from, double *e)
{
    struct fth_arma_terms phi, theta;

    fth_arma_terms(arma->phi, arma->p, &phi);
    fth_arma_terms(arma->theta, arma->q, &theta);
    for (size_t t = from; t < n; t++) {
        double error = w[t];

        for (size_t i = 0; i < phi.nr; i++)
            error -= phi.coef[i] * w[t - phi.lag[i]];
        for (size_t i = 0; i < theta.nr && theta.lag[i] <= t; i++)
            error -= theta.coef[i] * e[t - theta.lag[i]];
        e[t] = error;
    }
}

/* The same for a series of ones. */
static void errors_of_ones(const struct fth_arma *arma, size_t n, size_t from, double *e)
{
    struct fth_arma_terms theta;
    double level = 1;

    fth_arma_terms(arma->theta, arma->q, &theta);
    for (size_t i = 0; i < arma->p; i++)
        level -= arma->phi[i];
    for (size_t t = from; t < n; t++) {
        double error = level;

        for (size_t i = 0; i < theta.nr && theta.lag[i] <= t; i++)
            error -= theta.coef[i] * e[t - theta.lag[i]];
        e[t] = error;
    }
}

/* The state behind value n, from the values and the errors before: what of the next values they
 * say. */
static void state_after(const struct fth_arma *arma, const double *w, const double *e, size_t n,
                        double mean, double *state)
{
    size_t r = fth_arma_states(arma);

    for (size_t i = 0; i < r; i++) {
        state[i] = 0;
        for (size_t k = 0; i + k < arma->p; k++)
            state[i] += arma->phi[i + k] * (w[n - 1 - k] - mean);
        for (size_t k = 0; i + k < arma->q; k++)
            state[i] += arma->theta[i + k] * e[n - 1 - k];
    }
}

bool fth_arma_filter(const struct fth_arma *arma, const double *w, size_t n, bool mean,
                     double *work, struct fth_arma_fit *fit)
{
    double *value = work, *one = work + n;
    struct sums sums = {0};
    struct filter s;
    size_t t = 0, early = arma->p > arma->q ? arma->p : arma->q;

    if (!start(arma, &s))
        return false;
    for (; t < n && !(t >= early && s.f < 1 + settled); t++) {
        value[t] = w[t] - s.value[0];
        one[t] = 1 - s.one[0];
        add(&sums, value[t], one[t], s.f);
        sums.log_det += log(s.f);
        move(&s, s.value, value[t] / s.f);
        if (mean)
            move(&s, s.one, one[t] / s.f);
        step(&s);
    }
    *fit = (struct fth_arma_fit){.n = n, .log_det = sums.log_det};
    if (t < n) {
        fth_arma_errors(arma, w, n, t, value);
        if (mean)
            errors_of_ones(arma, n, t, one);
        for (size_t i = t; i < n; i++)
            add(&sums, value[i], mean ? one[i] : 0, 1);
    }
    if (mean && sums.ones > 0)
        fit->mean = sums.y1 / sums.ones;
    fit->squares = fmax(sums.yy - fit->mean * sums.y1, 0);
    if (t < n) {
        for (size_t i = n - early; i < n && fit->mean != 0; i++)
            value[i] -= fit->mean * one[i];
        state_after(arma, w, value, n, fit->mean, fit->state);
        return isfinite(fit->squares);
    }
    for (size_t i = 0; i < s.r; i++)
        fit->state[i] = s.value[i] - fit->mean * s.one[i];
    return isfinite(fit->squares);
}

double fth_arma_log_likelihood(const struct fth_arma_fit *fit)
{
    double n = (double)fit->n;

    return -(n * (log_turn + log(fit->squares / n) + 1) + fit->log_det) / 2;
}

void fth_arma_forecast(const struct fth_arma *arma, const struct fth_arma_fit *fit, size_t h,
                       double *out)
{
    double state[STATES + 1] = {0};
    size_t r = fth_arma_states(arma);

    memcpy(state, fit->state, sizeof(fit->state));
    for (size_t t = 0; t < h; t++) {
        double next = state[0];

        out[t] = fit->mean + next;
        for (size_t i = 0; i < r; i++)
            state[i] = (i < arma->p ? arma->phi[i] * next : 0) + state[i + 1];
    }
}
