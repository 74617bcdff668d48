/* up: a day above the usual. */
#include <math.h>

#include "detect/detector_int.h"

void det_up(const struct fth_detector_sight *sight, struct fth_channel *own,
            struct fth_finding *out)
{
    (void)own;
    if (sight->day->on_and_off || !sight->day->known)
        return;
    *out = (struct fth_finding){.said = true, .up = true, .far = (double)sight->past[0].z};
    if (sight->day->y <= 0)
        out->far = fmin(out->far, 0);
}
