/* The history that a forecast is made from: whole days, weeks or months of each group, exact. */
#include <inttypes.h>
#include <string.h>

#include "app/forecast_costs_int.h"
#include "app/sums_int.h"

FTH_VEC(fresh_vec, struct fth_freshness)

struct reader {
    struct fth_forecast_history *history;
    const struct fth_answer_col *cols;
    size_t col_nr;
    struct fth_str currency;
    struct fresh_vec fresh;
};

/* ---- steps ---- */

int32_t fth_step_first(enum fth_step step, int32_t date)
{
    switch (step) {
    case FTH_STEP_WEEK:
        return fth_date_week(date);
    case FTH_STEP_MONTH:
        return fth_month_first_date(fth_month_of_date(date));
    default:
        return date;
    }
}

int32_t fth_step_after(enum fth_step step, int32_t first, size_t steps)
{
    switch (step) {
    case FTH_STEP_WEEK:
        return first + 7 * (int32_t)steps;
    case FTH_STEP_MONTH:
        return fth_date_add_months(first, (int)steps);
    default:
        return first + (int32_t)steps;
    }
}

/* ---- reading ---- */

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct reader *reader = ctx;

    reader->cols = cols;
    reader->col_nr = col_nr;
    return fth_arena_str(reader->history->keep, currency, &reader->currency, err);
}

static bool same(struct fth_str a, struct fth_str b)
{
    return a.p && b.p ? fth_str_eq(a, b) : a.p == b.p;
}

static enum fth_rc keep_text(struct fth_arena *arena, struct fth_str *text, struct fth_err *err)
{
    return text->p ? fth_arena_str(arena, *text, text, err) : FTH_OK;
}

static enum fth_rc refuse_many(struct fth_err *err)
{
    fth_err_set(err, FTH_E_LIMIT, "/plan/group_by: more than %d groups, which is the most",
                FTH_FORECAST_SERIES_MOST);
    fth_err_at(err, "/plan/group_by");
    fth_err_hint(err, "Group by less, or filter for those that matter.");
    return err->rc;
}

/* The group of a row; its texts are copied when it is a new one. */
static enum fth_rc group_of(struct fth_forecast_history *history,
                            struct fth_forecast_past_of *group, struct fth_forecast_past_of **out,
                            struct fth_err *err)
{
    for (size_t i = history->groups.nr; i-- > 0;) {
        struct fth_forecast_past_of *known = &history->groups.at[i];

        if (same(known->key[0], group->key[0]) && same(known->key[1], group->key[1]) &&
            same(known->currency, group->currency)) {
            *out = known;
            return FTH_OK;
        }
    }
    if (history->groups.nr == FTH_FORECAST_SERIES_MOST)
        return refuse_many(err);
    group->days = fth_forecast_day_vec_in(history->keep);
    if (keep_text(history->keep, &group->key[0], err) ||
        keep_text(history->keep, &group->key[1], err) ||
        keep_text(history->keep, &group->currency, err) ||
        fth_forecast_past_vec_push(&history->groups, *group, err))
        return err->rc;
    *out = &history->groups.at[history->groups.nr - 1];
    return FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct reader *reader = ctx;
    const struct fth_forecast_asked *request = reader->history->request;
    struct fth_forecast_past_of group = {.currency = reader->currency}, *found = NULL;
    struct fth_forecast_day day = {.date = INT32_MIN};

    for (size_t i = 0; i < reader->col_nr; i++) {
        const struct fth_answer_col *col = &reader->cols[i];

        if (cells[i].null)
            continue;
        if (col->kind == FTH_CELL_TIME)
            (void)fth_date_parse(cells[i].text, &day.date);
        else if (col->kind == FTH_CELL_MONEY)
            day.amount = cells[i].money;
        else if (strcmp(col->name, "currency") == 0)
            group.currency = cells[i].text;
        for (size_t k = 0; k < request->key_nr && col->kind == FTH_CELL_DIMENSION; k++)
            if (fth_str_eq_c(request->by[k], col->name))
                group.key[k] = cells[i].text;
    }
    if (day.date == INT32_MIN)
        return FTH_OK;
    if (group_of(reader->history, &group, &found, err) || !found)
        return err->rc;
    return fth_forecast_day_vec_push(&found->days, day, err);
}

static enum fth_rc end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct reader *reader = ctx;
    struct fth_arena *keep = reader->history->keep;

    reader->history->version = end->ledger_version;
    for (size_t i = 0; i < end->freshness_nr; i++) {
        struct fth_freshness copy = end->freshness[i];

        if (keep_text(keep, &copy.source, err) || fresh_vec_push(&reader->fresh, copy, err))
            return err->rc;
    }
    for (size_t i = 0; i < end->warning_nr; i++) {
        struct fth_str text = end->warnings[i];

        if (keep_text(keep, &text, err) ||
            fth_forecast_text_vec_push(&reader->history->warnings, text, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- where history ends ---- */

static int32_t last_day(const struct fth_forecast_history *history, int32_t open_day)
{
    int32_t last = INT32_MIN;

    for (size_t g = 0; g < history->groups.nr; g++)
        for (size_t i = 0; i < history->groups.at[g].days.nr; i++) {
            int32_t date = history->groups.at[g].days.at[i].date;

            if (date > last && date <= open_day)
                last = date;
        }
    return last;
}

/* Does some bill end in the middle of that day? Then it is there in part only. */
static bool ends_within(const struct fresh_vec *fresh, int32_t date)
{
    for (size_t i = 0; i < fresh->nr; i++) {
        int64_t until = fresh->at[i].charges_until_us;

        if (until % FTH_DAY_US != 0 && fth_instant_date(until) == date)
            return true;
    }
    return false;
}

/* Sources whose charges end earlier than history: the days behind them lack a part. */
static enum fth_rc warn_of_late_ones(struct reader *reader, struct fth_err *err)
{
    struct fth_forecast_history *history = reader->history;
    const struct fresh_vec *fresh = &reader->fresh;

    for (size_t i = 0; i < fresh->nr; i++) {
        int64_t until = fresh->at[i].charges_until_us;
        bool first = true;
        char date[10];
        struct fth_str text;

        for (size_t k = 0; k < fresh->nr; k++)
            if (fth_str_eq(fresh->at[k].source, fresh->at[i].source)) {
                first &= k >= i;
                until =
                    until > fresh->at[k].charges_until_us ? until : fresh->at[k].charges_until_us;
            }
        if (!first || until <= 0 || fth_instant_date(until - 1) >= history->until)
            continue;
        fth_date_text(fth_instant_date(until - 1), date);
        if (fth_arena_printf(history->keep, &text, err,
                             "source " FTH_STR_F " has charges until %.10s only: the days behind "
                             "are without it",
                             FTH_STR_A(fresh->at[i].source), date) ||
            fth_forecast_text_vec_push(&history->warnings, text, err))
            return err->rc;
    }
    return FTH_OK;
}

/*
 * Not today, not the day on which the bills were loaded, not a day in the middle of which a bill
 * ends, and no later than the last day with charges: what is behind was to come when they were
 * loaded (commitments, often to the end of the month).
 */
static enum fth_rc find_until(struct reader *reader, struct fth_err *err)
{
    struct fth_forecast_history *history = reader->history;
    int32_t open_day, last, whole;
    int64_t loaded_us = 0;

    for (size_t i = 0; i < reader->fresh.nr; i++)
        if (reader->fresh.at[i].loaded_us > loaded_us)
            loaded_us = reader->fresh.at[i].loaded_us;
    open_day = fth_open_day(history->today, loaded_us);
    last = last_day(history, open_day);
    history->reason = "last_charge";
    if (last == INT32_MIN) {
        fth_err_set(err, FTH_E_INVALID, "/plan: there is no charge on a day that is over");
        fth_err_at(err, "/plan");
        return err->rc;
    }
    if (last >= open_day) {
        last = open_day - 1;
        history->reason = open_day == history->today ? "today" : "loaded";
    } else if (ends_within(&reader->fresh, last)) {
        last--;
        history->reason = "partial_day";
    } else if (last == history->request->end - 1) {
        history->reason = "range";
    }
    whole = fth_step_first(history->request->step, last + 1) - 1;
    if (whole != last)
        history->reason = "whole_step";
    history->until = whole;
    return warn_of_late_ones(reader, err);
}

/* ---- steps of a group ---- */

static size_t steps_between(enum fth_step step, int32_t first, int32_t end)
{
    if (step == FTH_STEP_MONTH)
        return (size_t)(fth_month_of_date(end) - fth_month_of_date(first));
    return (size_t)(end - first) / (step == FTH_STEP_WEEK ? 7 : 1);
}

/* From its first day on (from `known`, before which nothing is known, the first whole step). */
static enum fth_rc add_up(struct fth_forecast_history *history, struct fth_forecast_past_of *group,
                          int32_t known, struct fth_err *err)
{
    enum fth_step step = history->request->step;
    int32_t first = INT32_MAX, end = history->until + 1;

    for (size_t i = 0; i < group->days.nr; i++)
        first = group->days.at[i].date < first ? group->days.at[i].date : first;
    first = fth_step_first(step, first);
    if (first < known)
        first = fth_step_after(step, first, 1);
    if (first >= end)
        return FTH_OK;
    group->n = steps_between(step, first, end);
    if (group->n > FTH_FORECAST_PAST_MOST) {
        first = fth_step_after(step, first, group->n - FTH_FORECAST_PAST_MOST);
        group->n = FTH_FORECAST_PAST_MOST;
    }
    group->start = first;
    group->amount = FTH_NEW_ARRAY(history->keep, struct fth_money, group->n);
    if (!group->amount)
        return fth_err_nomem(err);
    for (size_t i = 0; i < group->days.nr; i++) {
        const struct fth_forecast_day *day = &group->days.at[i];

        if (day->date >= first && day->date < end &&
            fth_money_add(&group->amount[steps_between(step, first, day->date)], day->amount, err))
            return err->rc;
    }
    return FTH_OK;
}

static int32_t first_day(const struct fth_forecast_history *history)
{
    int32_t first = INT32_MAX;

    for (size_t g = 0; g < history->groups.nr; g++)
        for (size_t i = 0; i < history->groups.at[g].days.nr; i++)
            if (history->groups.at[g].days.at[i].date < first)
                first = history->groups.at[g].days.at[i].date;
    return first;
}

static enum fth_rc add_up_all(struct fth_forecast_history *history, struct fth_err *err)
{
    int32_t known = first_day(history);
    struct fth_str text;
    size_t without = 0;

    for (size_t i = 0; i < history->groups.nr; i++) {
        if (add_up(history, &history->groups.at[i], known, err))
            return err->rc;
        without += history->groups.at[i].n == 0;
    }
    if (without == history->groups.nr) {
        fth_err_set(err, FTH_E_INVALID, "/plan: there is no whole step of history");
        fth_err_at(err, "/plan");
        return err->rc;
    }
    if (without == 0)
        return FTH_OK;
    if (fth_arena_printf(history->keep, &text, err,
                         "%zu of %zu groups have no whole step of history and no forecast", without,
                         history->groups.nr))
        return err->rc;
    return fth_forecast_text_vec_push(&history->warnings, text, err);
}

enum fth_rc fth_forecast_history(struct fth_seat *seat, struct fth_forecast_history *history,
                                 struct fth_err *err)
{
    struct reader reader = {.history = history, .fresh = fresh_vec_in(history->keep)};
    const struct fth_answer_sink sink = {begin, row, end, &reader};

    history->groups = fth_forecast_past_vec_in(history->keep);
    history->warnings = fth_forecast_text_vec_in(history->keep);
    if (fth_plan_run(&seat->run, history->request->plan, &sink, err) || find_until(&reader, err))
        return err->rc;
    return add_up_all(history, err);
}
