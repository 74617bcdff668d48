/*
 * memory: has the calendar seen this before?
 *
 * Fees on the first, jobs on the second Monday, peaks on the last business day of a month: what was
 * as unusual on the same kind of date before is no news. The same goes for the same time last year,
 * and for the step that prices per month make between months of different length.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_DETECT_MEMORY_H
#define FTH_DETECT_MEMORY_H

#include "detect/baseline.h"

/* The part of day->r that the calendar explains: 0, or of r's sign and not larger. The day is the
 * one behind the last learned. */
double fth_memory_explains(const struct fth_baseline *b, const struct fth_baseline_day *day);

/* Has it alarmed so often by as much that it is a habit of this series? */
bool fth_memory_habit(const struct fth_baseline *b, const struct fth_baseline_day *day,
                      double rest);

/* The part of `rest` that prices per month make in the first week behind a month of another length:
 * 0, or of its sign and not larger. */
double fth_memory_month_length(const struct fth_baseline_day *day, double rest);

#endif
