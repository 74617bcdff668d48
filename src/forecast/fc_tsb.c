/* tsb: the size of what comes, and how likely it is to come, smoothed apart; the second at every
 * step, so that what has ended fades away (Teunter, Syntetos and Babai 2011). */
#include <math.h>

#include "base/check.h"
#include "forecast/intermittent.h"
#include "forecast/model_int.h"

/* The forecast behind the series; sets *errors to the sum of squares of those on the way. */
static double smooth(const struct fth_series *series, double of_size, double of_chance,
                     double *errors)
{
    double size = 0, chance = 0;
    bool any = false;

    *errors = 0;
    for (size_t i = 0; i < series->n; i++) {
        double y = series->y[i], error = y - chance * size;
        bool comes = y < 0 || y > 0;

        if (any)
            *errors += error * error;
        if (comes)
            size = any ? size + of_size * (y - size) : y;
        /* Until the first, how often there was one is known only with it. */
        if (any)
            chance += of_chance * (comes - chance);
        else if (comes)
            chance = 1 / (double)(i + 1);
        any |= comes;
    }
    return chance * size;
}

enum fth_rc fc_tsb(const struct fth_series *series, size_t h, struct fth_arena *arena, double *out,
                   const char **declined, struct fth_err *err)
{
    static const double weights[] = {0.02, 0.05, 0.1, 0.2, 0.3};
    double least = INFINITY, best = 0;

    (void)arena;
    *declined = fth_not_intermittent(series);
    if (*declined)
        return err->rc;
    for (size_t i = 0; i < FTH_NR(weights); i++)
        for (size_t k = 0; k < FTH_NR(weights); k++) {
            double errors, value = smooth(series, weights[i], weights[k], &errors);

            if (errors < least) {
                least = errors;
                best = value;
            }
        }
    for (size_t i = 0; i < h; i++)
        out[i] = best;
    return FTH_OK;
}
