/*
 * step: the last two to eight days together against the two weeks before.
 *
 * A small step drowns in the noise of a day but not in that of several. What several days typically
 * differ by is followed, as in many series a day is like the one before. Downwards the last two
 * days do not count: they may be incomplete.
 */
#include <math.h>

#include "detect/detector_int.h"

enum { BEFORE = 14, LONG = 8, INCOMPLETE = 2 };

static const uint32_t spans[FTH_CHANNEL_USUAL] = {2, 3, 5, LONG};
/* Median sizes for independent days, in spreads. */
static const double first_usual[FTH_CHANNEL_USUAL] = {0.53, 0.45, 0.38, 0.33};
static const double most_usual = 1.8;  /* above, what makes it so is no noise */
static const double least_usual = 0.3; /* of that: below, a series is too even to be believed */
static const double cut = 4.6;         /* spreads that one day may count */

static double mean_of(const double *last, uint32_t nr, double base, double spread)
{
    double sum = 0;

    for (uint32_t i = 0; i < nr; i++)
        sum += fmax(fmin(last[i] - base, cut * spread), -cut * spread);
    return sum / nr;
}

/* What months of another length do to prices per month is no step. */
static double without_month_length(const struct fth_detector_sight *s, double distance)
{
    const struct fth_baseline_day *day = s->day;
    double step;

    if (s->b->by_month || day->cal.day > LONG + BEFORE)
        return distance;
    step = log((double)fth_stats_day(day->date - day->cal.day).month_days / day->cal.month_days);
    if (step * distance <= 0)
        return distance;
    return copysign(fmax(fabs(distance) - fabs(step), 0), distance);
}

/* How far the `nr` days up to `ago` are from those before; 0: that cannot be said. */
static double distance_of(const struct fth_detector_sight *s, uint32_t ago, uint32_t nr)
{
    double last[LONG], base = fth_baseline_fortnight(s->b, ago + nr);

    if (fth_baseline_window(s->b, ago, nr, last) < nr || isnan(base))
        return 0;
    return without_month_length(s, mean_of(last, nr, base, s->day->spread)) / s->day->spread;
}

void det_step(const struct fth_detector_sight *sight, struct fth_channel *own,
              struct fth_finding *out)
{
    if (sight->day->on_and_off || !sight->day->known)
        return;
    out->said = true;
    for (int i = 0; i < FTH_CHANNEL_USUAL; i++) {
        double up = distance_of(sight, 0, spans[i]);
        double down = -distance_of(sight, INCOMPLETE, spans[i]), typical;

        if (own->usual[i] <= 0)
            own->usual[i] = first_usual[i];
        if (up != 0)
            fth_channel_follow(&own->usual[i], fabs(up));
        own->usual[i] =
            fmin(fmax(own->usual[i], least_usual * first_usual[i]), most_usual * first_usual[i]);
        typical = 1.4826 * own->usual[i];
        if (up / typical > out->far)
            *out = (struct fth_finding){
                .said = true, .up = true, .far = up / typical, .ago = spans[i] - 1};
        if (down / typical > out->far)
            *out = (struct fth_finding){
                .said = true, .far = down / typical, .ago = INCOMPLETE + spans[i] - 1};
    }
}
