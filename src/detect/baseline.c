#include "detect/baseline.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "stats/order.h"
#include "stats/series.h"

enum {
    LEVEL_DAYS = 7,
    FORTNIGHT = 14,
    FORTNIGHT_SLACK = 8,
    FORTNIGHT_FEWEST = 10,
    SPREAD_DAYS = 56,
    SAME_WEEKDAYS = 8,
    SCALE_DAYS = 56,
    RUN_DAYS = 84, /* in which a series shows that it is on and off */
    ASLEEP_DAYS = 14,
    RUNS = 12, /* that say what a run costs */
};

static const double scale_share = 0.03;   /* c in medians, as forecasting does */
static const double spread_floor = 0.012; /* changes of a few percent are nobody's alarm */
static const double run_spread_floor = 0.05;
static const double few_days = 15;       /* at which a spread is doubled: so few may be chance */
static const double few_runs = 5;        /* the same for runs, by its first power */
static const double weekday_share = 0.5; /* of a weekday's own spread, which few days tell */

static uint32_t least_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ago < FTH_BASELINE_DAYS. */
static size_t place(const struct fth_baseline *b, uint32_t ago)
{
    return b->head >= ago ? b->head - ago : b->head + FTH_BASELINE_DAYS - ago;
}

/* Days that are remembered and count. */
static uint32_t reach(const struct fth_baseline *b)
{
    return least_u32(b->nr - b->from, FTH_BASELINE_DAYS);
}

bool fth_baseline_has(const struct fth_baseline *b, uint32_t ago)
{
    return ago < reach(b) && !(b->mark[place(b, ago)] & FTH_DAY_MISSING);
}

static int weekday_ago(const struct fth_baseline *b, uint32_t ago)
{
    return fth_date_weekday(b->date - (int32_t)ago) - 1;
}

double fth_baseline_flat(const struct fth_baseline *b, uint32_t ago)
{
    return (double)b->v[place(b, ago)] - b->weekday[weekday_ago(b, ago)];
}

double fth_baseline_r(const struct fth_baseline *b, uint32_t ago)
{
    return (double)b->r[place(b, ago)];
}

double fth_baseline_y(const struct fth_baseline *b, uint32_t ago)
{
    return (double)b->y[place(b, ago)];
}

uint8_t fth_baseline_mark(const struct fth_baseline *b, uint32_t ago)
{
    return b->mark[place(b, ago)];
}

static uint32_t window(const struct fth_baseline *b, uint32_t ago, uint32_t nr, uint32_t within,
                       uint8_t without, double *out)
{
    uint32_t end = least_u32(ago + within, reach(b)), got = 0;

    for (uint32_t i = ago; i < end && got < nr; i++)
        if (!(b->mark[place(b, i)] & (FTH_DAY_MISSING | without)))
            out[got++] = fth_baseline_flat(b, i);
    return got;
}

uint32_t fth_baseline_window(const struct fth_baseline *b, uint32_t ago, uint32_t nr, double *out)
{
    return window(b, ago, nr, nr, 0, out);
}

uint32_t fth_baseline_calm(const struct fth_baseline *b, uint32_t ago, uint32_t nr, uint32_t within,
                           double *out)
{
    return window(b, ago, nr, within, FTH_DAY_ALARM, out);
}

static double fortnight(const struct fth_baseline *b, uint32_t ago)
{
    double seen[FORTNIGHT];
    uint32_t nr = fth_baseline_calm(b, ago, FORTNIGHT, FORTNIGHT + FORTNIGHT_SLACK, seen);

    return nr >= FORTNIGHT_FEWEST ? fth_stats_median(seen, nr) : NAN;
}

/* The past looks different now. */
static void see_fortnights(struct fth_baseline *b)
{
    for (uint32_t ago = 0; ago < FTH_BASELINE_RECENT; ago++)
        b->fortnight[ago] = (float)fortnight(b, ago);
}

double fth_baseline_fortnight(const struct fth_baseline *b, uint32_t ago)
{
    return (double)b->fortnight[ago];
}

double fth_baseline_value(const struct fth_baseline *b, double x)
{
    return fth_stats_asinh_back(x, b->c);
}

/* ---- the scale ---- */

/* 3 % of the median of the days that cost anything; 0 when none did. */
static double scale_now(const struct fth_baseline *b, double y)
{
    double seen[SCALE_DAYS + 1];
    uint32_t nr = 0, days = reach(b);

    if (y != 0)
        seen[nr++] = fabs(y);
    for (uint32_t i = 0; i < days && nr < SCALE_DAYS; i++)
        if (fth_baseline_has(b, i) && fth_baseline_y(b, i) != 0)
            seen[nr++] = fabs(fth_baseline_y(b, i));
    return nr ? scale_share * fth_stats_median(seen, nr) : 0;
}

static void set_scale(struct fth_baseline *b, double c)
{
    uint32_t days = least_u32(b->nr, FTH_BASELINE_DAYS);

    for (uint32_t i = 0; i < days; i++) {
        size_t at = place(b, i);
        double y = (double)b->y[at];

        if (b->c > 0)
            b->v[at] += (float)(fth_stats_asinh(y, c) - fth_stats_asinh(y, b->c));
        else
            b->v[at] = (float)fth_stats_asinh(y, c);
    }
    b->c = c;
    see_fortnights(b);
}

/* Once a week, and then only when the level has moved by far: a scale that moves all the time would
 * make old distances incomparable. */
static void look_at_scale(struct fth_baseline *b, double y)
{
    double c;

    if (b->c > 0 && b->nr % 7 != 0)
        return;
    c = scale_now(b, y);
    if (c > 0 && (b->c <= 0 || c > 2 * b->c || c < b->c / 2))
        set_scale(b, c);
}

/* ---- level and spread ---- */

static double usual_level(const struct fth_baseline *b)
{
    double last[LEVEL_DAYS];
    uint32_t nr = fth_baseline_calm(b, 0, LEVEL_DAYS, 3 * LEVEL_DAYS, last);

    return nr ? fth_stats_median(last, nr) : NAN;
}

/* Median size of r over the days of the last `days`, every step-th. */
static double spread_of(const struct fth_baseline *b, uint32_t first, uint32_t step, uint32_t most)
{
    double seen[SPREAD_DAYS];
    uint32_t nr = 0;

    for (uint32_t i = first; nr < most && i < reach(b) && i < first + step * most * 2; i += step)
        if (fth_baseline_has(b, i) &&
            !(fth_baseline_mark(b, i) & (FTH_DAY_EXPLAINED | FTH_DAY_ALARM | FTH_DAY_HABIT)))
            seen[nr++] = fth_baseline_r(b, i);
    return nr ? fth_stats_mad(seen, nr, 0) : 0;
}

static double usual_spread(const struct fth_baseline *b)
{
    double all = spread_of(b, 0, 1, SPREAD_DAYS);
    double same = spread_of(b, 6, 7, SAME_WEEKDAYS); /* six days before the last: today's weekday */

    return fmax(fmax(all, weekday_share * same), spread_floor);
}

/* ---- prices per month ---- */

static const double mean_month = 30.4375;
static const double month_step_most = 0.2; /* what one step may say */
static const double clearly = 0.6;         /* of the steps as they are, to be believed */
static const double month_fade = 0.8;

static double month_effect(const struct fth_baseline *b, int month_days)
{
    return b->by_month ? log(mean_month / month_days) : 0;
}

/* The whole past as it is seen with, or without, prices per month. */
static void set_by_month(struct fth_baseline *b, bool by_month)
{
    double sign = by_month ? -1 : 1;

    for (uint32_t i = 0; i < least_u32(b->nr, FTH_BASELINE_DAYS); i++) {
        int days = fth_stats_day(b->date - (int32_t)i).month_days;

        b->v[place(b, i)] += (float)(sign * log(mean_month / days));
    }
    b->by_month = by_month;
    see_fortnights(b);
}

/* On the seventh of a month of another length: which view makes the step to it smaller? */
static void learn_month(struct fth_baseline *b)
{
    enum { WEEK = 7 };
    struct fth_day today = fth_stats_day(b->date), before;
    double now[WEEK], then[WEEK], step, length;
    bool by_month;

    before = fth_stats_day(b->date - WEEK);
    if (today.day != WEEK || before.month_days == today.month_days ||
        fth_baseline_window(b, 0, WEEK, now) < WEEK ||
        fth_baseline_window(b, WEEK, WEEK, then) < WEEK)
        return;
    length = log((double)before.month_days / today.month_days);
    step = fth_stats_median(now, WEEK) - fth_stats_median(then, WEEK) + (b->by_month ? length : 0);
    b->month_plain = (float)(b->month_plain * month_fade + fmin(fabs(step), month_step_most));
    b->month_by = (float)(b->month_by * month_fade + fmin(fabs(step - length), month_step_most));
    b->months += b->months < UINT8_MAX;
    by_month = b->months > 1 && (double)b->month_by < clearly * (double)b->month_plain;
    if (by_month != b->by_month)
        set_by_month(b, by_month);
}

/* ---- series that are on and off ---- */

/* Idle on more than three of ten of the last days, and not always; once it is, until fewer than one
 * of ten is idle. */
static bool is_on_and_off(const struct fth_baseline *b)
{
    uint32_t days = least_u32(reach(b), RUN_DAYS), idle = 0, seen = 0;

    for (uint32_t i = 0; i < days; i++) {
        if (!fth_baseline_has(b, i))
            continue;
        idle += (fth_baseline_mark(b, i) & FTH_DAY_IDLE) != 0;
        seen++;
    }
    return 10 * idle > (b->on_and_off ? 1 : 2) * seen && idle < seen;
}

/* Level and spread of the last runs. */
static void usual_run(const struct fth_baseline *b, struct fth_baseline_day *day)
{
    double runs[RUNS];
    uint32_t nr = 0;

    for (uint32_t i = 0; i < reach(b) && nr < RUNS; i++)
        if (fth_baseline_has(b, i) && !(fth_baseline_mark(b, i) & FTH_DAY_IDLE))
            runs[nr++] = (double)b->v[place(b, i)];
    day->level = nr ? fth_stats_median(runs, nr) : day->x;
    day->usual = day->level + month_effect(b, day->cal.month_days);
    day->spread = nr > 1 ? fmax(fth_stats_mad(runs, nr, day->level), run_spread_floor) : 1;
    day->spread *= 1 + few_runs / (1 + nr);
    day->r = day->y != 0 ? day->x - day->usual : 0;
}

/* ---- a day ---- */

static uint32_t days_with_value(const struct fth_baseline *b, uint32_t most)
{
    uint32_t nr = 0;

    for (uint32_t i = 0; i < reach(b) && nr < most; i++)
        nr += fth_baseline_has(b, i);
    return nr;
}

/* Has it cost nothing for two weeks? Then there is nothing to be compared with. */
static bool is_asleep(const struct fth_baseline *b)
{
    for (uint32_t i = 0; i < ASLEEP_DAYS && i < reach(b); i++)
        if (!(b->mark[place(b, i)] & (FTH_DAY_IDLE | FTH_DAY_MISSING)))
            return false;
    return true;
}

struct fth_baseline_day fth_baseline_judge(struct fth_baseline *b, int32_t date, double y)
{
    struct fth_baseline_day day = {.date = date, .cal = fth_stats_day(date), .y = y};

    look_at_scale(b, y);
    day.x = b->c > 0 ? fth_stats_asinh(y, b->c) : 0;
    day.known =
        b->c > 0 && days_with_value(b, FTH_BASELINE_FEWEST) >= FTH_BASELINE_FEWEST && !is_asleep(b);
    day.on_and_off = b->on_and_off = is_on_and_off(b);
    if (day.on_and_off) {
        usual_run(b, &day);
        return day;
    }
    day.level = usual_level(b);
    if (isnan(day.level))
        day.level = day.x;
    day.usual = day.level + b->weekday[day.cal.weekday - 1] + month_effect(b, day.cal.month_days);
    day.r = day.x - day.usual;
    day.spread = usual_spread(b) * (1 + pow(few_days / (1 + (double)(b->nr - b->from)), 2));
    return day;
}

/* ---- weekdays ---- */

/* Did the day alarm, and not the one a week before? What comes every week is a weekday's. */
static bool is_alone(const struct fth_baseline *b, uint32_t ago)
{
    return (fth_baseline_mark(b, ago) & FTH_DAY_ALARM) &&
           !(fth_baseline_has(b, ago + 7) && (fth_baseline_mark(b, ago + 7) & FTH_DAY_ALARM));
}

/* The day three days ago against the median of the week around it. */
static void learn_weekday(struct fth_baseline *b)
{
    enum { HALF = 3, WEEK = 2 * HALF + 1 };
    double week[WEEK], samples[FTH_BASELINE_WEEKS], mean = 0;
    int w = weekday_ago(b, HALF);
    uint32_t nr;

    if (!fth_baseline_has(b, HALF) || is_alone(b, HALF) ||
        fth_baseline_window(b, 0, WEEK, week) < WEEK)
        return;
    b->offset[w][b->offset_nr[w] % FTH_BASELINE_WEEKS] =
        (float)((double)b->v[place(b, HALF)] - fth_stats_median(week, WEEK));
    b->offset_nr[w]++;
    if (b->offset_nr[w] < 2)
        return;
    nr = least_u32(b->offset_nr[w], FTH_BASELINE_WEEKS);
    for (uint32_t k = 0; k < nr; k++)
        samples[k] = (double)b->offset[w][k];
    b->weekday[w] = fth_stats_median(samples, nr);
    for (int i = 0; i < 7; i++)
        mean += b->weekday[i] / 7;
    for (int i = 0; i < 7; i++)
        b->weekday[i] -= mean;
}

static void push(struct fth_baseline *b, int32_t date, double y, double v, double r, uint8_t mark)
{
    size_t at;

    b->nr++;
    b->date = date;
    b->head = (b->head + 1) % FTH_BASELINE_DAYS;
    at = b->head;
    b->y[at] = (float)y;
    b->v[at] = (float)v;
    b->r[at] = (float)r;
    b->mark[at] = mark;
}

static void next_fortnight(struct fth_baseline *b)
{
    memmove(b->fortnight + 1, b->fortnight, (FTH_BASELINE_RECENT - 1) * sizeof(*b->fortnight));
    b->fortnight[0] = (float)fortnight(b, 0);
}

void fth_baseline_learn(struct fth_baseline *b, const struct fth_baseline_day *day,
                        double explained)
{
    uint8_t mark =
        (uint8_t)((explained != 0 ? FTH_DAY_EXPLAINED : 0) | (day->y == 0 ? FTH_DAY_IDLE : 0));

    push(b, day->date, day->y, day->x - explained - month_effect(b, day->cal.month_days), day->r,
         mark);
    if (!day->on_and_off) {
        learn_weekday(b);
        learn_month(b);
    }
    next_fortnight(b);
}

void fth_baseline_set_mark(struct fth_baseline *b, enum fth_baseline_mark mark)
{
    b->mark[b->head] |= (uint8_t)mark;
}

void fth_baseline_skip(struct fth_baseline *b, int32_t date)
{
    push(b, date, 0, 0, 0, FTH_DAY_MISSING);
    next_fortnight(b);
}

void fth_baseline_restart(struct fth_baseline *b, uint32_t ago)
{
    b->from = b->nr - ago;
    b->c = 0;
    b->by_month = b->on_and_off = false;
    b->months = 0;
    b->month_plain = b->month_by = 0;
    memset(b->weekday, 0, sizeof(b->weekday));
    memset(b->offset_nr, 0, sizeof(b->offset_nr));
}

void fth_baseline_alarm(struct fth_baseline *b, uint32_t ago)
{
    for (uint32_t i = 0; i <= ago && i < reach(b); i++)
        b->mark[place(b, i)] |= FTH_DAY_ALARM;
    see_fortnights(b);
}

void fth_baseline_accept(struct fth_baseline *b, uint32_t ago, double shift)
{
    for (uint32_t i = 0; i <= ago && i < reach(b); i++) {
        b->mark[place(b, i)] &= (uint8_t)~FTH_DAY_ALARM;
        b->r[place(b, i)] -= (float)shift;
    }
    for (uint32_t i = ago + 1; i < reach(b); i++)
        b->v[place(b, i)] += (float)shift;
    see_fortnights(b);
}
