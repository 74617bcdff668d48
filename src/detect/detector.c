#include "detect/detector.h"

#include "base/check.h"
#include "detect/detector_int.h"

static const struct fth_detector_kind kinds[] = {
#define FTH_DETECTOR(id, title, direction, hold, delay, weight, share, mean, shape, text) \
    {#id, FTH_DIRECTION_##direction, hold, delay, weight, {share, mean, shape}, det_##id},
#include "detect/detector.def"
#undef FTH_DETECTOR
};

const struct fth_detector_kind *fth_detector_kind_at(size_t i)
{
    return i < FTH_NR(kinds) ? &kinds[i] : NULL;
}

static const double follow_step = 1.01;

void fth_channel_follow(double *usual, double value)
{
    *usual = value > *usual ? *usual * follow_step : *usual / follow_step;
}
