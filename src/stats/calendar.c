#include "stats/calendar.h"

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
