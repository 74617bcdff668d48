/* begin: the first cost after a long pause. */
#include "detect/detector_int.h"
#include "detect/pause.h"

enum { PAUSE = 14 };

static const double certain = 1e-6;

void det_begin(const struct fth_detector_sight *sight, struct fth_channel *own,
               struct fth_finding *out)
{
    struct fth_pauses pauses;

    (void)own;
    if (sight->day->y <= 0 || !(fth_baseline_mark(sight->b, 1) & FTH_DAY_IDLE))
        return;
    pauses = fth_pauses_until(sight->b, 1);
    if (fth_pause_is_long(&pauses, PAUSE))
        *out = (struct fth_finding){.said = true, .up = true, .p = certain};
}
