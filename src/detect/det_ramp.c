/* ramp: this week's median against that of the two weeks a month ago. */
#include <math.h>

#include "detect/detector_int.h"
#include "stats/order.h"

enum { WEEK = 7, THEN = 21, THEN_DAYS = 14 };

static const double least_rise = 0.12; /* on the scale */
static const double least_usual = 0.012;
static const double first_usual = 0.3; /* median size for independent days, spreads */
static const double drift_step = 0.03;

/* The median of what is no news: a series that grows all the time. */
static void follow_drift(double *drift, double size, double rise)
{
    *drift += rise > *drift ? drift_step * size : -drift_step * size;
}

void det_ramp(const struct fth_detector_sight *sight, struct fth_channel *own,
              struct fth_finding *out)
{
    double now[WEEK], then[THEN_DAYS], rise, least;
    uint32_t nr, old;

    if (sight->day->on_and_off || !sight->day->known)
        return;
    nr = fth_baseline_window(sight->b, 0, WEEK, now);
    old = fth_baseline_calm(sight->b, THEN, THEN_DAYS, THEN_DAYS + WEEK, then);
    if (nr < WEEK - 1 || old < THEN_DAYS - 2)
        return;
    rise = fth_stats_median(now, nr) - fth_stats_median(then, old);
    least = fmax(first_usual * sight->day->spread, least_usual);
    if (own->usual[0] <= 0)
        own->usual[0] = least;
    follow_drift(&own->usual[1], own->usual[0], rise);
    rise -= own->usual[1];
    fth_channel_follow(&own->usual[0], fabs(rise));
    own->usual[0] = fmax(own->usual[0], least);
    *out = (struct fth_finding){.said = true, .up = true, .far = rise / (1.4826 * own->usual[0])};
    if (rise < least_rise)
        out->far = fmin(out->far, FTH_TAIL_FROM);
}
