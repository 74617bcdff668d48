/* weekend: Saturday and Sunday together against the usual weekend. */
#include <math.h>

#include "detect/detector_int.h"
#include "detect/holiday.h"

static const double rest = 2.3;        /* spreads by which weekends have to be lower */
static const double least_rise = 0.45; /* of the way to a weekday */
static const double day_most = 1.2;    /* of the way, what one day counts */
static const double like_least = 0.6;  /* of the way, to be like a weekday */
static const double like_most = 1.4;
static const double like_weekday = 1.4; /* what such a weekend counts */
static const double first_usual = 0.5;  /* median size for independent days, spreads */

void det_weekend(const struct fth_detector_sight *sight, struct fth_channel *own,
                 struct fth_finding *out)
{
    const double *weekday = sight->b->weekday;
    double spread = sight->day->spread, low, saturday, sunday, rise, far;

    if (sight->day->on_and_off || !sight->day->known || sight->day->cal.weekday != 7 ||
        !fth_baseline_has(sight->b, 0) || !fth_baseline_has(sight->b, 1) ||
        fth_holiday_sales(sight->day->date))
        return;
    low = (weekday[0] + weekday[1] + weekday[2] + weekday[3] + weekday[4]) / 5 -
          (weekday[5] + weekday[6]) / 2;
    if (low < rest * spread)
        return;
    sunday = fmin(fth_baseline_r(sight->b, 0), day_most * low);
    saturday = fmin(fth_baseline_r(sight->b, 1), day_most * low);
    rise = (saturday + sunday) / 2;
    if (own->usual[0] <= 0)
        own->usual[0] = first_usual;
    far = rise / spread;
    fth_channel_follow(&own->usual[0], fabs(far));
    *out = (struct fth_finding){
        .said = true, .up = true, .far = far / (1.4826 * own->usual[0]), .ago = 1};
    if (rise > like_least * low && rise < like_most * low && out->far > 0)
        out->far *= like_weekday;
    if (fmin(saturday, sunday) < least_rise * low)
        out->far = fmin(out->far, FTH_TAIL_FROM);
}
