/*
 * arima_choice: which seasonal ARIMA model a series wants, after Hyndman and Khandakar (2008).
 *
 * Thread rule: pure; one arena a call.
 */
#ifndef FTH_FORECAST_ARIMA_CHOICE_H
#define FTH_FORECAST_ARIMA_CHOICE_H

#include "base/arena.h"
#include "base/err.h"
#include "stats/arima.h"

struct fth_arima_choice {
    struct fth_arima_order order;
    double coef[FTH_ARIMA_COEF_MOST];
    double aicc; /* of the greatest likelihood */
};

/*
 * Chooses for n values x with a spread of about 1, none missing; m: a season's steps. Differences:
 * sd = 1 where the strength of the season (stats/stl.h) is above 0.64, then d = 0, 1 or 2 until the
 * KPSS test accepts a level, d + sd at most 2. Orders: from (2,d,2)(1,sd,1), (0,d,0)(0,sd,0),
 * (1,d,0)(1,sd,0) and (0,d,1)(0,sd,1), a constant where d + sd < 2, to the neighbour with a lower
 * AICc, until there is none. Above 150 values, or 12 steps a season, models are compared by their
 * conditional sum of squares; one with a root within FTH_ARIMA_ROOTS is none. The coefficients of
 * the best are those of the greatest likelihood with roots beyond that.
 *
 * At least FTH_ARIMA_VALUES values and m <= FTH_ARIMA_PERIOD_MOST. `found` is false when no model
 * qualifies, or the differences are all the same. FTH_E_NOMEM; the arena is as before.
 */
#define FTH_ARIMA_ROOTS 1.01
enum { FTH_ARIMA_VALUES = 10 };

enum fth_rc fth_arima_choose(const double *x, size_t n, size_t m, struct fth_arena *arena,
                             struct fth_arima_choice *out, bool *found, struct fth_err *err);

#endif
