/*
 * detect: anomalies of a series of daily costs, found as its days come in.
 *
 * A detector is given one day after the other and says of each how unusual it is, from that day and
 * those before alone. Replaying a past is giving it its days: what is found there is what would
 * have been found then.
 *
 * Each channel (detector.def) makes a probability of what it sees; their weighted harmonic mean
 * (Wilson 2019) is that of the day. The score is a function of it: 1 where days as rare as that
 * come as often as false alarms are allowed to. From there on a day alarms; alarms within three
 * quiet days are one event.
 *
 * A detector is plain data without pointers, at most FTH_DETECT_STATE_MOST bytes: it may be kept as
 * its bytes and go on later.
 *
 * Thread rule: pure; a detector belongs to one thread.
 */
#ifndef FTH_DETECT_DETECT_H
#define FTH_DETECT_DETECT_H

#include "base/arena.h"
#include "detect/detector.h"

enum { FTH_DETECT_STATE_MOST = 16384, FTH_DETECT_QUIET_DAYS = 3 /* that end an event */ };

/* False alarms of a series and year that are borne unless somebody says otherwise. */
#define FTH_DETECT_FALSE_ALARMS 0.35
#define FTH_DETECT_FALSE_ALARMS_LEAST 0.001
#define FTH_DETECT_FALSE_ALARMS_MOST 50.0

/* What is watched after an alarm: has the level changed for good? */
struct fth_watch {
    bool on, up, accepted;
    int32_t start, last; /* first day, last day that alarmed */
    int32_t hot;         /* last day with a score of 1 or more */
    double usual;        /* the level before, in the unit of the series */
    double spread;
};

struct fth_detector {
    double rate; /* probability of a day that alarms */
    struct fth_baseline baseline;
    struct fth_channel channels[FTH_DETECTOR_NR];
    struct fth_judged past[FTH_SIGHT_DAYS]; /* today first */
    struct fth_watch watch;
};

enum fth_alarm {
    FTH_ALARM_NONE,
    FTH_ALARM_BEGINS,  /* a new event */
    FTH_ALARM_GOES_ON, /* the same event, one more day of it */
};

struct fth_verdict {
    double score; /* of the day; 1: it alarms, larger: worse. 0 without a value */
    double now;   /* the score of what is new today; an alarm's rests on it */
    enum fth_alarm alarm;
    int32_t start; /* of what is new: the day it speaks of began then */
    bool up;
    const struct fth_detector_kind *by; /* the channel that says most; NULL: none says anything */
    double expected;                    /* the usual value of the day, were there no event */
};

/* `false_alarms` per series and year, between _LEAST and _MOST. */
void fth_detector_init(struct fth_detector *detector, double false_alarms);

/* The next day; value NaN: it has none. Days in between are missing. The date has to be behind the
 * last one, the value finite and below FTH_DETECT_VALUE_MOST. */
#define FTH_DETECT_VALUE_MOST 1e30
struct fth_verdict fth_detector_add(struct fth_detector *detector, int32_t date, double value);

/* ---- a whole series ---- */

struct fth_detect_event {
    int32_t start, end; /* first and last day that is unusual */
    int32_t detected;   /* the day on which it could be known */
    double score;       /* the largest */
    const struct fth_detector_kind *by;
    bool up;
    double actual, expected; /* sums over its days */
};

struct fth_detection {
    const double *scores;                  /* a day; 0 where there is no value */
    const struct fth_detect_event *events; /* by start; scores from FTH_DETECT_SCORE_LEAST on */
    size_t event_nr;
};

/* Weak events are reported, too, for who wants to set the threshold lower. */
#define FTH_DETECT_SCORE_LEAST 0.25

/* Replays n > 0 days from `start` on; NaN: no value. In the arena. FTH_E_INVALID: false_alarms out
 * of bounds, or a value that is infinite or beyond FTH_DETECT_VALUE_MOST. FTH_E_NOMEM. */
enum fth_rc fth_detect_replay(const double *y, size_t n, int32_t start, double false_alarms,
                              struct fth_arena *arena, struct fth_detection *out,
                              struct fth_err *err);

#endif
