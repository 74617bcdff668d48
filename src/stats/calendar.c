#include "stats/calendar.h"

#include <stdbool.h>

#include "base/date.h"

/* Monday-to-Friday days in the `days` days that begin with a day of this weekday. */
static int business_days(int weekday, int days)
{
    int nr = days / 7 * 5;

    for (int i = 0; i < days % 7; i++)
        nr += (weekday - 1 + i) % 7 < 5;
    return nr;
}

struct fth_day fth_stats_day(int32_t date)
{
    struct fth_civil civil = fth_date_to_civil(date);
    struct fth_day day = {.weekday = fth_date_weekday(date), .day = civil.day};

    day.month_days = fth_date_days_in_month(civil.year, civil.month);
    day.to_end = day.month_days - day.day;
    day.business = business_days(fth_date_weekday(date - day.day + 1), day.day);
    day.business_end = business_days(day.weekday % 7 + 1, day.to_end);
    day.nth = (day.day - 1) / 7 + 1;
    return day;
}

int fth_stats_day_key(const struct fth_day *day, int kind)
{
    bool business = day->weekday <= 5;

    switch (kind) {
    case FTH_DAY_OF_MONTH:
        return day->day;
    case FTH_DAY_TO_END:
        return day->to_end < 10 ? day->to_end : -1;
    case FTH_DAY_BUSINESS:
        return business && day->business <= 12 ? day->business : -1;
    case FTH_DAY_BUSINESS_END:
        return business && day->business_end < 12 ? day->business_end : -1;
    default:
        return (day->nth - 1) * 7 + day->weekday;
    }
}
