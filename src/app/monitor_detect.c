/* What alarms in the series that are watched, with what people have taught. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/each.h"
#include "app/monitor_int.h"
#include "base/date.h"
#include "detect/detect.h"

enum { WORK_CAP = 64 << 20, MONTH_DAYS = 2, YEAR_DAYS = 7 };

/* What is remembered of a season may be so much larger before it is news again. */
static const double season_grows = 1.5;

/* ---- lessons ---- */

static bool is_about(const struct fth_lesson *lesson, const struct fth_monitored *series)
{
    return fth_monitor_scope_eq(&lesson->scope, &series->scope) &&
           fth_str_eq(lesson->currency, series->currency);
}

/* One-off days are none of the past. */
static void leave_out(const struct fth_lesson *lesson, const struct fth_monitored *series,
                      double *y)
{
    for (int32_t day = lesson->start; day <= lesson->end; day++)
        if (day >= series->start && day - series->start < (int32_t)series->n)
            y[day - series->start] = NAN;
}

/* As if the new level had always been there; where nothing was before, the series begins with it.
 */
static void accept_level(const struct fth_lesson *lesson, const struct fth_monitored *series,
                         double *y)
{
    double factor =
        lesson->expected > 0 && lesson->actual > 0 ? lesson->actual / lesson->expected : NAN;

    for (int32_t i = 0; i < (int32_t)series->n && series->start + i < lesson->start; i++)
        y[i] *= factor;
}

enum fth_rc fth_monitor_values(const struct fth_monitored *series, const struct fth_lesson *lessons,
                               size_t lesson_nr, struct fth_arena *arena, double **out,
                               struct fth_err *err)
{
    double *y = FTH_NEW_ARRAY(arena, double, series->n);

    if (!y)
        return fth_err_nomem(err);
    for (size_t i = 0; i < series->n; i++)
        y[i] = fth_money_to_double(series->amount[i]);
    for (size_t i = 0; i < lesson_nr; i++) {
        if (!is_about(&lessons[i], series))
            continue;
        if (lessons[i].kind == FTH_LESSON_ONE_OFF)
            leave_out(&lessons[i], series, y);
        else if (lessons[i].kind == FTH_LESSON_PLANNED)
            accept_level(&lessons[i], series, y);
    }
    *out = y;
    return FTH_OK;
}

/* Days between two dates, were they in the same month: 30 January and 2 March are 3 apart. */
static int apart_in_month(int32_t a, int32_t b)
{
    struct fth_civil x = fth_date_to_civil(a), y = fth_date_to_civil(b);
    int length = fth_date_days_in_month(x.year, x.month);
    int days = abs(x.day - y.day);

    return days < length - days ? days : length - days;
}

static bool same_season(const struct fth_lesson *lesson, int32_t start)
{
    int years = (start - lesson->start + 182) / 365;
    int32_t then = fth_date_add_months(lesson->start, 12 * years);

    return (years > 0 && abs(start - then) <= YEAR_DAYS) ||
           apart_in_month(start, lesson->start) <= MONTH_DAYS;
}

/* Is it what was said to come again, and not much larger? The case itself is no longer found. */
static bool is_season(const struct fth_monitored *series, const struct fth_detect_event *event,
                      const struct fth_lesson *lessons, size_t nr)
{
    double impact = (event->actual - event->expected) / (event->end - event->start + 1);

    for (size_t i = 0; i < nr; i++) {
        const struct fth_lesson *lesson = &lessons[i];
        double known = (lesson->actual - lesson->expected) / (lesson->end - lesson->start + 1);

        if (lesson->kind == FTH_LESSON_SEASONAL && lesson->up == event->up &&
            is_about(lesson, series) && event->end >= lesson->start &&
            (event->start <= lesson->end || same_season(lesson, event->start)) &&
            fabs(impact) <= season_grows * fabs(known))
            return true;
    }
    return false;
}

/* ---- events ---- */

struct found {
    struct fth_monitor_event *at;
    size_t nr;
};

struct crew {
    const struct fth_monitor *monitor;
    const struct fth_monitor_wish *wish;
    struct found *found; /* a series each */
};

static enum fth_rc expected_of(const struct fth_monitored *series, double value,
                               struct fth_money *out, struct fth_err *err)
{
    struct fth_money money;

    if (fth_money_from_double(value, &money, err))
        return err->rc;
    *out = fth_money_round(money, fth_currency_decimals(series->currency));
    return FTH_OK;
}

/* Days that are left out of the past count on neither side. */
static enum fth_rc event_of(const struct fth_monitored *series,
                            const struct fth_detect_event *event, const double *y,
                            struct fth_monitor_event *out, struct fth_err *err)
{
    struct fth_monitor_event made = {.series = series,
                                     .start = event->start,
                                     .end = event->end,
                                     .detected = event->detected,
                                     .score = event->score,
                                     .channel = event->by->id,
                                     .up = event->up};

    for (int32_t day = event->start; day <= event->end; day++)
        if (!isnan(y[day - series->start]) &&
            fth_money_add(&made.actual, series->amount[day - series->start], err))
            return err->rc;
    if (expected_of(series, event->expected, &made.expected, err))
        return err->rc;
    made.impact = made.actual;
    if (fth_money_sub(&made.impact, made.expected, err))
        return err->rc;
    made.weight = fth_money_to_double(fth_money_abs(made.impact));
    *out = made;
    return FTH_OK;
}

/* What a channel calls more must have cost more. */
static bool is_wanted(const struct crew *crew, const struct fth_monitored *series,
                      const struct fth_detect_event *event)
{
    const struct fth_monitor_wish *wish = crew->wish;

    return event->score >= wish->score_least &&
           (event->up ? event->actual > event->expected : event->actual < event->expected) &&
           !is_season(series, event, wish->lessons, wish->lesson_nr);
}

static enum fth_rc detect_one(struct fth_each *each, size_t i, struct fth_arena *arena,
                              struct fth_err *err)
{
    const struct crew *crew = each->ctx;
    const struct fth_monitored *series = &crew->monitor->at[i];
    struct found *found = &crew->found[i];
    struct fth_detection made;
    double *y = NULL;

    if (fth_monitor_values(series, crew->wish->lessons, crew->wish->lesson_nr, arena, &y, err) ||
        !y ||
        fth_detect_replay(y, series->n, series->start, crew->wish->false_alarms, arena, &made, err))
        return err->rc;
    if (made.event_nr == 0)
        return FTH_OK;
    found->at = fth_each_keep(each, made.event_nr, sizeof(*found->at));
    if (!found->at)
        return fth_err_nomem(err);
    for (size_t k = 0; k < made.event_nr; k++)
        if (is_wanted(crew, series, &made.events[k]) &&
            event_of(series, &made.events[k], y, &found->at[found->nr++], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_monitor_detect(const struct fth_monitor *monitor,
                               const struct fth_monitor_wish *wish, struct fth_arena *arena,
                               struct fth_monitor_event_vec *out, struct fth_err *err)
{
    struct crew crew = {.monitor = monitor, .wish = wish};
    struct fth_each each = {.nr = monitor->nr,
                            .threads = wish->threads,
                            .work_cap = WORK_CAP,
                            .cancel = wish->cancel,
                            .run = detect_one,
                            .ctx = &crew,
                            .results = arena};
    struct fth_monitor_event_vec all = fth_monitor_event_vec_in(arena);

    crew.found = FTH_NEW_ARRAY(arena, struct found, monitor->nr + 1);
    if (!crew.found)
        return fth_err_nomem(err);
    if (monitor->nr && fth_each_run(&each, err))
        return err->rc;
    for (size_t i = 0; i < monitor->nr; i++)
        for (size_t k = 0; k < crew.found[i].nr; k++)
            if (fth_monitor_event_vec_push(&all, crew.found[i].at[k], err))
                return err->rc;
    *out = all;
    return FTH_OK;
}
