#include "detect/holiday.h"

#include "base/check.h"
#include "base/date.h"

enum kind { FIXED, EASTER, NTH };

static const struct rule {
    enum kind kind;
    int a, b, c;
} rules[] = {
#define FTH_HOLIDAY_FIXED(month, day) {FIXED, month, day, 0},
#define FTH_HOLIDAY_EASTER(days) {EASTER, days, 0, 0},
#define FTH_HOLIDAY_NTH(month, weekday, which) {NTH, month, weekday, which},
#define FTH_HOLIDAY_SALES(first, last)
#include "detect/holiday.def"
#undef FTH_HOLIDAY_FIXED
#undef FTH_HOLIDAY_EASTER
#undef FTH_HOLIDAY_NTH
#undef FTH_HOLIDAY_SALES
};

static const struct {
    int first, last;
} sales[] = {
#define FTH_HOLIDAY_FIXED(month, day)
#define FTH_HOLIDAY_EASTER(days)
#define FTH_HOLIDAY_NTH(month, weekday, which)
#define FTH_HOLIDAY_SALES(first, last) {first, last},
#include "detect/holiday.def"
#undef FTH_HOLIDAY_FIXED
#undef FTH_HOLIDAY_EASTER
#undef FTH_HOLIDAY_NTH
#undef FTH_HOLIDAY_SALES
};

/* Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher). */
static int32_t easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int month = (h + l - 7 * m + 114) / 31;

    return fth_date_from_civil(year, month, (h + l - 7 * m + 114) % 31 + 1);
}

static int32_t nth_weekday(int year, int month, int weekday, int which)
{
    int32_t first = fth_date_from_civil(year, month, 1);
    int days = fth_date_days_in_month(year, month);
    int day = (weekday - fth_date_weekday(first) + 7) % 7 + 1;

    if (which > 0)
        return first + day - 1 + 7 * (which - 1);
    return first + day - 1 + (days - day) / 7 * 7;
}

/* A fixed holiday on a weekend is kept on the Monday behind it. */
static bool is_fixed(int32_t date, int32_t holiday)
{
    int weekday = fth_date_weekday(holiday);

    return date == holiday || (weekday > 5 && date == holiday + 8 - weekday);
}

static bool matches(const struct rule *rule, int32_t date, int year)
{
    switch (rule->kind) {
    case FIXED:
        return is_fixed(date, fth_date_from_civil(year, rule->a, rule->b));
    case EASTER:
        return date == easter(year) + rule->a;
    default:
        return date == nth_weekday(year, rule->a, rule->b, rule->c);
    }
}

bool fth_holiday_closed(int32_t date)
{
    struct fth_civil day = fth_date_to_civil(date);

    if ((day.month == 12 && day.day >= 23) || (day.month == 1 && day.day <= 2))
        return true;
    for (size_t i = 0; i < FTH_NR(rules); i++)
        if (matches(&rules[i], date, day.year))
            return true;
    return false;
}

bool fth_holiday_sales(int32_t date)
{
    int32_t thursday = nth_weekday(fth_date_to_civil(date).year, 11, 4, 4);

    for (size_t i = 0; i < FTH_NR(sales); i++)
        if (date >= thursday + sales[i].first && date <= thursday + sales[i].last)
            return true;
    return false;
}
