/*
 * season: takes a season out of a series and puts it back, as theta models want it.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_SEASON_H
#define FTH_FORECAST_SEASON_H

#include "forecast/model.h"

struct fth_season {
    double *adjusted; /* n values without the season */
    double *index;    /* m of them: a factor each, or a difference; index[t % m] is of value t */
    bool factor;
};

/*
 * Classical decomposition (centred moving average, mean of each phase): by factors where all values
 * and all indices are well above zero, else by differences; not at all (adjusted equals y) when
 * fth_stats_seasonal() sees no season. In the arena. FTH_E_NOMEM.
 */
enum fth_rc fth_season_split(const struct fth_series *series, struct fth_arena *arena,
                             struct fth_season *out, struct fth_err *err);

/* Gives h forecasts of the adjusted series their season; the first is of step n. */
void fth_season_join(const struct fth_season *season, size_t n, size_t m, size_t h, double *out);

#endif
