/*
 * pause: how long a series rests.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_DETECT_PAUSE_H
#define FTH_DETECT_PAUSE_H

#include "detect/baseline.h"

struct fth_pauses {
    uint32_t last;    /* idle days up to `ago`, without a break (missing days count as idle) */
    uint32_t longest; /* of the pauses before it that a cost ended */
    bool ever;        /* there was a cost before */
};

/* The pauses up to the day `ago` days ago. Before the first cost there is none. */
struct fth_pauses fth_pauses_until(const struct fth_baseline *b, uint32_t ago);

/* Is a pause of this length unheard of: a half longer than any before, and then some. */
bool fth_pause_is_long(const struct fth_pauses *pauses, uint32_t fewest);

#endif
