/* end: nothing for three days, which never was. */
#include "detect/detector_int.h"
#include "detect/pause.h"

enum { PAUSE = 3, JUST = 2 };

static const double certain = 1e-6;

void det_end(const struct fth_detector_sight *sight, struct fth_channel *own,
             struct fth_finding *out)
{
    struct fth_pauses pauses;

    (void)own;
    if (!sight->day->known || !(fth_baseline_mark(sight->b, 0) & FTH_DAY_IDLE))
        return;
    pauses = fth_pauses_until(sight->b, 0);
    /* Only at the beginning: a series that ended long ago is no news. */
    if (pauses.ever && fth_pause_is_long(&pauses, PAUSE) && pauses.last <= PAUSE + JUST)
        *out = (struct fth_finding){.said = true, .p = certain, .ago = pauses.last - 1};
}
