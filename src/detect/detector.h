/*
 * detector: what every channel of the anomaly detector is shown and says.
 *
 * Channels are rows of detector.def, each in a file det_<id>.c. A channel looks at one series on
 * one day, learned already, and says how far out it is, in robust standard deviations of what it
 * looks at; its tail (detect/tail.h), which the detector keeps, makes a probability of that. A
 * channel that knows a probability itself says that instead.
 *
 * Thread rule: pure; any number of threads, one detector each.
 */
#ifndef FTH_DETECT_DETECTOR_H
#define FTH_DETECT_DETECTOR_H

#include <stddef.h>

#include "detect/baseline.h"
#include "detect/tail.h"

enum fth_direction { FTH_DIRECTION_UP, FTH_DIRECTION_DOWN, FTH_DIRECTION_BOTH };

enum { FTH_SIGHT_DAYS = 16 };

/* A day as it was judged. */
struct fth_judged {
    float level; /* what was usual, without the weekday, on the scale */
    float spread;
    float z; /* distance from the usual that nothing explains, in spreads */
};

/* What a channel sees: day 0 is today, 1 yesterday, … */
struct fth_detector_sight {
    const struct fth_baseline *b;       /* today included */
    const struct fth_baseline_day *day; /* today */
    const struct fth_judged *past;      /* FTH_SIGHT_DAYS */
};

enum { FTH_CHANNEL_USUAL = 4, FTH_CHANNEL_LATE = 28 };

/* What a channel keeps from day to day. */
struct fth_channel {
    struct fth_tail tail;
    double usual[FTH_CHANNEL_USUAL]; /* typical sizes of what it looks at; 0: not known */
    float late[FTH_CHANNEL_LATE];    /* what it said, until its tail learns it */
    uint8_t late_nr;
};

struct fth_finding {
    bool said;    /* it has an opinion today */
    bool up;      /* more than usual, or less */
    double far;   /* robust standard deviations; what p is made of, unless */
    double p;     /* it is set (over 0) */
    uint32_t ago; /* the day that it speaks of began so many days ago */
};

struct fth_detector_kind {
    const char *id;
    enum fth_direction direction;
    int hold;  /* days that it waits */
    int delay; /* days until its tail learns what it said; those before an alarm never are */
    double weight;
    struct fth_tail_prior prior;
    /* *out is zero on entry. `own` may be changed, but for its tail. */
    void (*look)(const struct fth_detector_sight *sight, struct fth_channel *own,
                 struct fth_finding *out);
};

enum {
#define FTH_DETECTOR(id, ...) FTH_DETECTOR_##id,
#include "detect/detector.def"
#undef FTH_DETECTOR
    FTH_DETECTOR_NR
};

/* All channels in the order of detector.def; NULL beyond the last. */
const struct fth_detector_kind *fth_detector_kind_at(size_t i);

/* Follows the typical size of values, robustly: the median, a step of 1 % a value. */
void fth_channel_follow(double *usual, double value);

#endif
