/*
 * down: a day below the usual, two days ago.
 *
 * By then the day is complete. A weekday alone between usual ones that is as low as a weekend, or
 * as single days were before, is a holiday that no list knows, and no fall.
 */
#include <math.h>

#include "base/date.h"
#include "detect/detector_int.h"

enum { HOLD = 2 };

static const double weekend_rest = 1.5; /* spreads by which weekends have to be lower */
static const double as_low = 1.25;      /* weekends, at the most */
static const double neighbour = 0.5;    /* of its fall make a neighbour low, too */

static const double alike_least = 0.75; /* of the fall, to be of its kind */
static const double alike_most = 1.33;

static bool is_weekday(int32_t date)
{
    return fth_date_weekday(date) <= 5;
}

/* Is a weekday beside it, up to three days away, low as well? */
static bool has_low_neighbour(const struct fth_detector_sight *s, int32_t date, double z)
{
    for (uint32_t ago = 0; ago <= HOLD + 3; ago++)
        if (ago != HOLD && is_weekday(date + HOLD - (int32_t)ago) &&
            (double)s->past[ago].z < neighbour * z)
            return true;
    return false;
}

/* Is it no lower than weekends are? */
static bool is_like_weekend(const struct fth_detector_sight *s, int32_t date,
                            const struct fth_judged *day)
{
    const double *weekday = s->b->weekday;
    double rest = fmin(weekday[5], weekday[6]) - weekday[fth_date_weekday(date) - 1];
    double spread = (double)day->spread, r = (double)day->z * spread;

    return rest < -weekend_rest * spread && r > as_low * rest - 2 * spread;
}

/* Did single weekdays fall as far before? */
static bool has_fallen_before(const struct fth_detector_sight *s, const struct fth_judged *day)
{
    double r = (double)day->z * (double)day->spread;
    int alike = 0;

    for (uint32_t ago = HOLD + 2; fth_baseline_has(s->b, ago + 1) && alike < 2; ago++) {
        double then = fth_baseline_r(s->b, ago);

        alike += then < alike_least * r && then > alike_most * r &&
                 fth_baseline_r(s->b, ago + 1) > neighbour * then &&
                 fth_baseline_r(s->b, ago - 1) > neighbour * then;
    }
    return alike >= 2;
}

static bool is_holiday(const struct fth_detector_sight *s, int32_t date,
                       const struct fth_judged *day)
{
    if (!is_weekday(date))
        return false;
    return !has_low_neighbour(s, date, (double)day->z) &&
           (is_like_weekend(s, date, day) || has_fallen_before(s, day));
}

void det_down(const struct fth_detector_sight *sight, struct fth_channel *own,
              struct fth_finding *out)
{
    const struct fth_judged *day = &sight->past[HOLD];
    int32_t date = sight->day->date - HOLD;

    (void)own;
    if (sight->day->on_and_off || !sight->day->known || !fth_baseline_has(sight->b, HOLD))
        return;
    *out = (struct fth_finding){.said = true, .far = -(double)day->z, .ago = HOLD};
    if (out->far > 0 && is_holiday(sight, date, day))
        out->far = 0;
}
