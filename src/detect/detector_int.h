/* detector_int: the functions of the rows of detector.def. */
#ifndef FTH_DETECT_DETECTOR_INT_H
#define FTH_DETECT_DETECTOR_INT_H

#include "detect/detector.h"

#define FTH_DETECTOR(id, ...)                                                      \
    void det_##id(const struct fth_detector_sight *sight, struct fth_channel *own, \
                  struct fth_finding *out);
#include "detect/detector.def"
#undef FTH_DETECTOR

#endif
