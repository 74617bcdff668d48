/*
 * baseline: what is usual for a series of daily costs, learned a day at a time.
 *
 * On the scale asinh(y / 2c) (stats/series.h) a usual day is level + weekday. The level is the
 * median of the last seven days without their weekday, so it takes over a step on the fourth day
 * and ignores what lasts less; the offset of a weekday is the median of its last ten; the spread is
 * robust, too. Nothing here knows of alarms.
 *
 * A baseline is plain data without pointers: a copy of its bytes is a copy of it.
 *
 * Thread rule: pure functions; a baseline belongs to one thread.
 */
#ifndef FTH_DETECT_BASELINE_H
#define FTH_DETECT_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/calendar.h"

enum {
    FTH_BASELINE_DAYS = 400,  /* that are remembered: a year and the weeks around its day */
    FTH_BASELINE_WEEKS = 10,  /* that say what a weekday is */
    FTH_BASELINE_RECENT = 16, /* of which fth_baseline_fortnight() speaks */
};

enum fth_baseline_mark {
    FTH_DAY_MISSING = 1,   /* no value */
    FTH_DAY_EXPLAINED = 2, /* unusual, but the calendar says why */
    FTH_DAY_IDLE = 4,      /* costs nothing */
    FTH_DAY_ALARM = 8,     /* alarmed; says nothing of what is usual */
    FTH_DAY_HABIT = 16,    /* alarmed so often that it does no more */
};

struct fth_baseline {
    int32_t date;    /* of the last day */
    uint32_t nr;     /* days up to it, missing ones included */
    uint32_t from;   /* the first day (from 0) that still counts: the series began anew there */
    double c;        /* of the scale; 0: not known yet */
    bool on_and_off; /* idle on many days */
    bool by_month;   /* prices are per month: short months have dearer days */
    uint8_t months;  /* changes of the month's length so far */
    float month_plain, month_by;          /* steps there, as they are and weighed by length */
    double weekday[7];                    /* offsets, Monday first; their mean is 0 */
    float offset[7][FTH_BASELINE_WEEKS];  /* the last samples of each */
    uint16_t offset_nr[7];                /* samples so far */
    float fortnight[FTH_BASELINE_RECENT]; /* medians of two weeks, up to today, yesterday, … */
    uint32_t head; /* where the last day stands in the rings below; the one before is before it */
    float y[FTH_BASELINE_DAYS]; /* as given */
    float v[FTH_BASELINE_DAYS]; /* on the scale, explained parts taken out, accepted steps undone */
    float r[FTH_BASELINE_DAYS]; /* distance from what was usual on that day */
    uint8_t mark[FTH_BASELINE_DAYS];
};

/* A day against what is usual. */
struct fth_baseline_day {
    int32_t date;
    struct fth_day cal;
    double y, x;     /* as given, and on the scale */
    double usual;    /* level + weekday, on the scale */
    double level;    /* without the weekday */
    double r;        /* x - usual */
    double spread;   /* robust standard deviation of r, larger where few days say it */
    bool known;      /* there are enough days to say so, and not only idle ones */
    bool on_and_off; /* the series is idle on many days: level and spread are those of its runs */
};

/* The days that a baseline needs before it says anything. */
enum { FTH_BASELINE_FEWEST = 28 };

/* Compares a value (not NaN) of the day behind the last one. Does not learn it, but may set the
 * scale anew. */
struct fth_baseline_day fth_baseline_judge(struct fth_baseline *b, int32_t date, double y);

/* Learns the day judged; `explained` is the part of its r that the calendar explains. */
void fth_baseline_learn(struct fth_baseline *b, const struct fth_baseline_day *day,
                        double explained);

/* Marks the last day. */
void fth_baseline_set_mark(struct fth_baseline *b, enum fth_baseline_mark mark);

/* A day without a value. */
void fth_baseline_skip(struct fth_baseline *b, int32_t date);

/* Forgets all but what the calendar did: the series begins anew `ago` days ago. */
void fth_baseline_restart(struct fth_baseline *b, uint32_t ago);

/* The days from `ago` days ago to today alarm: they do not count for level, spread and weekdays. */
void fth_baseline_alarm(struct fth_baseline *b, uint32_t ago);

/* Raises the days before `ago` days ago by `shift`: a step there is what is usual now, and the days
 * since count again. */
void fth_baseline_accept(struct fth_baseline *b, uint32_t ago, double shift);

/* ---- the last days; `ago` counts from the last learned day (0) ---- */

bool fth_baseline_has(const struct fth_baseline *b, uint32_t ago);    /* remembered, with a value */
double fth_baseline_flat(const struct fth_baseline *b, uint32_t ago); /* v without its weekday */
double fth_baseline_r(const struct fth_baseline *b, uint32_t ago);
double fth_baseline_y(const struct fth_baseline *b, uint32_t ago);
uint8_t fth_baseline_mark(const struct fth_baseline *b, uint32_t ago);

/* Copies flat values of the `nr` days from `ago` backwards into out; returns how many there are. */
uint32_t fth_baseline_window(const struct fth_baseline *b, uint32_t ago, uint32_t nr, double *out);

/* The same for days that did not alarm, up to `nr` of the last `within`. */
uint32_t fth_baseline_calm(const struct fth_baseline *b, uint32_t ago, uint32_t nr, uint32_t within,
                           double *out);

/* Median of the flat values of 14 days that did not alarm, up to the one `ago` days ago
 * (< FTH_BASELINE_RECENT); NaN when there are fewer than ten of them in the last 22. */
double fth_baseline_fortnight(const struct fth_baseline *b, uint32_t ago);

/* The value that a place on the scale is. */
double fth_baseline_value(const struct fth_baseline *b, double x);

#endif
