/*
 * holiday: days on which less, or more, than usual surprises nobody. The list is holiday.def.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_DETECT_HOLIDAY_H
#define FTH_DETECT_HOLIDAY_H

#include <stdbool.h>
#include <stdint.h>

/* A holiday in some large country, or one of the days from 23 December to 2 January. A holiday on a
 * weekend is kept on the Monday behind it, too. */
bool fth_holiday_closed(int32_t date);

/* Days of sales: from the fourth Thursday of November to the Monday behind it. */
bool fth_holiday_sales(int32_t date);

#endif
