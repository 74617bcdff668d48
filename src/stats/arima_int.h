/* arima: what its files share. Private to stats/arima*.c. */
#ifndef FTH_STATS_ARIMA_INT_H
#define FTH_STATS_ARIMA_INT_H

#include "stats/arima.h"

/* The four parts in the order in which they stand in the array of coefficients. `turned`: a moving
 * average, whose signs are those of an autoregression turned. */
struct fth_arima_part {
    size_t nr, lag;
    bool turned;
};
enum { FTH_ARIMA_PARTS = 4 };
void fth_arima_parts(const struct fth_arima_order *order, struct fth_arima_part *out);

/* y_t = w_t + sum out[i] y_{t-1-i}; returns how many there are. */
size_t fth_arima_integrate_by(const struct fth_arima_order *order, double *out);

/* fth_arima_evaluate() for series with gaps; `work` holds three squares of the number of states. */
bool fth_arima_with_gaps(const struct fth_arima_order *order, const struct fth_arma *arma,
                         const double *y, size_t n, size_t h, double *work, double *out,
                         struct fth_arma_fit *fit);

#endif
