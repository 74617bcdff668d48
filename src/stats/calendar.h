/*
 * calendar: what a date is to people who pay bills. Dates are those of base/date.h.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_STATS_CALENDAR_H
#define FTH_STATS_CALENDAR_H

#include <stdint.h>

struct fth_day {
    int weekday;      /* 1 Monday to 7 Sunday */
    int day;          /* of the month, from 1 */
    int to_end;       /* days to the end of the month, 0 on the last */
    int month_days;   /* days in the month */
    int business;     /* which Monday-to-Friday day of the month, from 1; on a weekend the number of
                         the one before (0: none) */
    int business_end; /* Monday-to-Friday days left in the month, 0 on the last of them and on a
                         weekend behind it */
    int nth;          /* which Monday (Tuesday, …) of the month, from 1 */
};

/* Monday to Friday are business days; holidays are not known. */
struct fth_day fth_stats_day(int32_t date);

/* Kinds of repeating dates: the n-th of the month, n days before its end, the n-th business day
 * from either side, the n-th Monday (Tuesday, …). */
enum {
    FTH_DAY_OF_MONTH,
    FTH_DAY_TO_END,
    FTH_DAY_BUSINESS,
    FTH_DAY_BUSINESS_END,
    FTH_DAY_NTH,
    FTH_DAY_KEYS,
};
enum { FTH_DAY_KEY_MOST = 40 };

/* Which of its kind a day is: from 0, below FTH_DAY_KEY_MOST; -1: none, no two days of a month are
 * the same. */
int fth_stats_day_key(const struct fth_day *day, int kind);

#endif
