#include "detect/memory.h"

#include <math.h>

#include "base/date.h"
#include "detect/holiday.h"

enum { IN_A_ROW = 2 /* days that the calendar explains, at the most */ };
enum { LOOK_BACK = 200, OCCASIONS = 6, YEAR = 365, YEAR_SLACK = 4 };
enum { HABIT_DAYS = 180, HABIT_TIMES = 5 };

static const double similar = 0.5;       /* of the size, to be of the same kind */
static const double tolerance = 1.7;     /* of the largest occasion, what is still explained */
static const double notable = 3.4;       /* spreads; below nobody asks */
static const double holiday_fall = 1.2;  /* on the scale: to three tenths of the usual */
static const double holiday_notable = 1; /* spreads */
static const double sales_rise = 1; /* on the scale: days of sales may reach e times the usual */

/* A day that stands out for a day or two, not one of a step. */
static bool stands_out(const struct fth_baseline *b, uint32_t ago)
{
    double r = fth_baseline_r(b, ago);

    for (uint32_t i = 1; i <= IN_A_ROW; i++) {
        bool behind = ago >= i && fth_baseline_r(b, ago - i) * r > similar * r * r;
        bool before =
            fth_baseline_has(b, ago + i) && fth_baseline_r(b, ago + i) * r > similar * r * r;

        if (!behind && !before)
            return true;
    }
    return false;
}

/* What the occasions of one kind of date say. */
struct occasions {
    uint32_t nr, alike;
    bool last; /* the last one was alike, and no date's of another kind */
    double largest;
};

static void hear(struct occasions *o, const struct fth_baseline *b, double r, uint32_t ago)
{
    double was = fth_baseline_r(b, ago);
    bool alike = r * was > 0 && fabs(was) >= similar * fabs(r) && similar * fabs(was) <= fabs(r) &&
                 stands_out(b, ago);

    if (alike) {
        o->alike++;
        o->last = o->last || (o->nr == 0 && !(fth_baseline_mark(b, ago) & FTH_DAY_EXPLAINED));
        o->largest = fmax(o->largest, fabs(was));
    }
    o->nr++;
}

/* Two that agree, or the last one on the same day of the month: dates of other kinds fall on so
 * many days that one alone may be chance. */
static bool convincing(const struct occasions *o, int kind)
{
    return (o->last && (kind == FTH_DAY_OF_MONTH || kind == FTH_DAY_TO_END)) ||
           (o->alike >= 2 && 2 * o->alike >= o->nr);
}

/* Is there any day like it? Mostly there is none, and no calendar has to be asked. */
static bool is_new(const struct fth_baseline *b, double r)
{
    for (uint32_t i = 0; i < LOOK_BACK; i++) {
        double was = fth_baseline_has(b, i) ? fth_baseline_r(b, i) : 0;

        if (r * was > 0 && fabs(was) >= similar * fabs(r) && similar * fabs(was) <= fabs(r))
            return false;
    }
    return true;
}

/* The largest size that dates of the same kind explain. */
static double by_month(const struct fth_baseline *b, const struct fth_baseline_day *day)
{
    struct occasions kinds[FTH_DAY_KEYS] = {{0}};
    double size = 0;

    if (is_new(b, day->r))
        return 0;
    for (uint32_t i = 0; i < LOOK_BACK; i++) {
        struct fth_day then;

        if (!fth_baseline_has(b, i))
            continue;
        then = fth_stats_day(b->date - (int32_t)i);
        for (int kind = 0; kind < FTH_DAY_KEYS; kind++) {
            int key = fth_stats_day_key(&day->cal, kind);

            if (key >= 0 && kinds[kind].nr < OCCASIONS && fth_stats_day_key(&then, kind) == key)
                hear(&kinds[kind], b, day->r, i);
        }
    }
    for (int kind = 0; kind < FTH_DAY_KEYS; kind++)
        if (convincing(&kinds[kind], kind))
            size = fmax(size, kinds[kind].largest);
    return tolerance * size;
}

static double by_year(const struct fth_baseline *b, const struct fth_baseline_day *day)
{
    struct occasions around = {0};

    for (uint32_t i = YEAR - 1 - YEAR_SLACK; i < YEAR + YEAR_SLACK; i++)
        if (fth_baseline_has(b, i))
            hear(&around, b, day->r, i);
    return tolerance * around.largest;
}

/* What goes on and on is no date. */
static bool explained_in_a_row(const struct fth_baseline *b, double r)
{
    for (uint32_t i = 0; i < IN_A_ROW; i++)
        if (!fth_baseline_has(b, i) || !(fth_baseline_mark(b, i) & FTH_DAY_EXPLAINED) ||
            fth_baseline_r(b, i) * r < 0)
            return false;
    return true;
}

/* A fall on a weekday on which offices are closed, unless it is one that no holiday makes. */
static bool is_holiday(const struct fth_baseline_day *day)
{
    return day->r < -holiday_notable * day->spread && day->r > -holiday_fall &&
           day->cal.weekday <= 5 && fth_holiday_closed(day->date);
}

double fth_memory_explains(const struct fth_baseline *b, const struct fth_baseline_day *day)
{
    double size;

    if (is_holiday(day))
        return day->r;
    if (fabs(day->r) < notable * day->spread || explained_in_a_row(b, day->r))
        return 0;
    size = fmax(by_month(b, day), by_year(b, day));
    if (day->r > 0 && fth_holiday_sales(day->date))
        size = fmax(size, sales_rise);
    return copysign(fmin(size, fabs(day->r)), day->r);
}

bool fth_memory_habit(const struct fth_baseline *b, const struct fth_baseline_day *day, double rest)
{
    uint32_t times = 0;
    bool behind = false; /* the day behind it was one: the same time */

    if (fabs(rest) < notable * day->spread)
        return false;
    for (uint32_t i = 0; i < HABIT_DAYS && times < HABIT_TIMES; i++) {
        bool alike =
            fth_baseline_has(b, i) && fth_baseline_mark(b, i) & (FTH_DAY_ALARM | FTH_DAY_HABIT) &&
            fth_baseline_r(b, i) * rest > 0 && fabs(fth_baseline_r(b, i)) > similar * fabs(rest);

        times += alike && !behind;
        behind = alike;
    }
    return times >= HABIT_TIMES;
}

double fth_memory_month_length(const struct fth_baseline_day *day, double rest)
{
    double step;

    if (day->cal.day > 7)
        return 0;
    step = log((double)fth_stats_day(day->date - day->cal.day).month_days / day->cal.month_days);
    return step * rest > 0 ? copysign(fmin(fabs(step), fabs(rest)), rest) : 0;
}
