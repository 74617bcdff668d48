/*
 * The month so far beside the month before at the same day. One plan gives the days of the year by
 * currency; everything is added up from them here, exactly.
 */
#include <inttypes.h>
#include <string.h>

#include "app/desk_int.h"
#include "app/organisation.h"
#include "app/rates.h"
#include "app/sums_int.h"
#include "base/date.h"
#include "base/vec.h"

enum { KEEP_CAP = 16 << 20 };

/* What one currency cost on one day. */
struct day {
    int32_t date;
    struct fth_str currency;
    struct fth_money amount;
    int64_t charges;
};
FTH_VEC(day_vec, struct day)
FTH_VEC(str_vec, struct fth_str)
FTH_VEC(freshness_vec, struct fth_freshness)

/* A run of a plan gives memory of the request's arena back between rows, so what is taken from its
 * rows lives in an arena of its own. */
struct summary {
    const struct fth_asked *asked;
    struct fth_arena *keep;
    struct fth_str metric;
    struct fth_str into;      /* the currency that all is converted into; empty: as billed */
    struct fth_str reporting; /* the organisation's */
    int32_t today;
    bool known;          /* is there any charge that is not in the future? */
    int32_t month, next; /* first days of the month that is summed up and of the one after */
    int32_t previous, year;
    int32_t until; /* last day whose charges are all there */
    struct day_vec days;
    struct str_vec currencies; /* in order */
    struct str_vec billed;     /* in all of the ledger, not only in these days */
    struct freshness_vec freshness;
    int64_t version;
    int time_col, currency_col, amount_col, charges_col;
    size_t col_nr;
    struct fth_str unit;
};

/* ---- currencies ---- */

/* Into a list in order, once; *out (may be NULL) is what stands there. */
static enum fth_rc add_currency(struct summary *summary, struct str_vec *list, struct fth_str text,
                                struct fth_str *out, struct fth_err *err)
{
    struct fth_str kept;
    size_t at = 0;

    while (at < list->nr && fth_str_cmp(list->at[at], text) < 0)
        at++;
    if (at == list->nr || !fth_str_eq(list->at[at], text)) {
        if (fth_arena_str(summary->keep, text, &kept, err) || str_vec_push(list, kept, err))
            return err->rc;
        for (size_t i = list->nr - 1; i > at; i--)
            list->at[i] = list->at[i - 1];
        list->at[at] = kept;
    }
    if (out)
        *out = list->at[at];
    return FTH_OK;
}

/* Of the currencies of these days the one that most charges are billed in; empty when there is
 * none. Amounts would not tell: a hundred yen are not more than ten dollars. */
static struct fth_str main_currency(const struct summary *summary)
{
    struct fth_str best = {0};
    int64_t most = -1;

    for (size_t i = 0; i < summary->currencies.nr; i++) {
        int64_t charges = 0;

        for (size_t k = 0; k < summary->days.nr; k++)
            if (fth_str_eq(summary->days.at[k].currency, summary->currencies.at[i]))
                charges += summary->days.at[k].charges;
        if (charges > most) {
            most = charges;
            best = summary->currencies.at[i];
        }
    }
    return best;
}

/* ---- which month ---- */

/*
 * The first day of the newest month that the segment has charges of up to `last`, or INT32_MIN. A
 * charge behind its billing period (Google's months end at midnight in California, corrections come
 * late) belongs to the month that it is billed in and does not begin the next one.
 */
static int32_t month_of(const struct fth_segment *segment, int32_t last)
{
    int32_t month;

    if (segment->rows == 0 || segment->charge_from > last)
        return INT32_MIN;
    month = fth_month_of_date(segment->charge_to < last ? segment->charge_to : last);
    if (segment->billing_month != INT32_MIN && segment->billing_month < month)
        month = segment->billing_month;
    return fth_month_first_date(month);
}

/*
 * The newest month of which a whole day is known: on the first of a month that is the one that has
 * just ended. Only when no day is whole, the newest month of all.
 */
static enum fth_rc choose_month_of(struct summary *summary, const struct fth_snapshot *snapshot,
                                   struct fth_err *err)
{
    int32_t newest = INT32_MIN, whole = INT32_MIN, horizon;
    int64_t loaded_us = 0;

    for (size_t i = 0; i < snapshot->nr; i++)
        if (snapshot->at[i].loaded_us > loaded_us)
            loaded_us = snapshot->at[i].loaded_us;
    horizon = fth_open_day(summary->today, loaded_us);
    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *segment = &snapshot->at[i];
        int32_t any = month_of(segment, summary->today), over = month_of(segment, horizon - 1);

        newest = any > newest ? any : newest;
        whole = over > whole ? over : whole;
        if (segment->rows > 0 && segment->one_currency &&
            add_currency(summary, &summary->billed, segment->currency, NULL, err))
            break;
    }
    summary->version = snapshot->version;
    if (err->rc || newest == INT32_MIN)
        return err->rc;
    summary->known = true;
    summary->month = whole != INT32_MIN ? whole : newest;
    summary->next = fth_date_add_months(summary->month, 1);
    summary->previous = fth_date_add_months(summary->month, -1);
    summary->year = fth_date_year(summary->month);
    return FTH_OK;
}

static enum fth_rc choose_month(struct summary *summary, struct fth_err *err)
{
    struct fth_sight sight;
    struct fth_seat seat;

    if (fth_desk_look(summary->asked, &seat, &sight, err))
        return err->rc;
    (void)choose_month_of(summary, sight.snapshot, err);
    fth_desk_look_end(&seat, &sight);
    return err->rc;
}

/* ---- the days ---- */

static enum fth_rc take_columns(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                                struct fth_str currency, struct fth_err *err)
{
    struct summary *summary = ctx;

    summary->time_col = summary->currency_col = summary->amount_col = summary->charges_col = -1;
    for (size_t i = 0; i < col_nr; i++) {
        if (cols[i].kind == FTH_CELL_TIME)
            summary->time_col = (int)i;
        else if (strcmp(cols[i].name, "currency") == 0)
            summary->currency_col = (int)i;
        else if (strcmp(cols[i].name, "charge_count") == 0)
            summary->charges_col = (int)i;
        else if (cols[i].kind == FTH_CELL_MONEY && summary->amount_col < 0)
            summary->amount_col = (int)i;
    }
    if (summary->time_col < 0 || summary->amount_col < 0 || summary->charges_col < 0 ||
        (!summary->into.n && summary->currency_col < 0))
        return fth_err_set(err, FTH_E_FAILED, "summary: the answer lacks a column");
    return FTH_OK;
}

static enum fth_rc take_day(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct summary *summary = ctx;
    struct day day = {.amount = cells[summary->amount_col].money,
                      .charges = cells[summary->charges_col].i64};

    if (cells[summary->amount_col].null || cells[summary->time_col].null ||
        !fth_date_parse(cells[summary->time_col].text, &day.date))
        return FTH_OK;
    if (add_currency(summary, &summary->currencies,
                     summary->into.n ? summary->into : cells[summary->currency_col].text,
                     &day.currency, err))
        return err->rc;
    return day_vec_push(&summary->days, day, err);
}

static enum fth_rc take_end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct summary *summary = ctx;

    summary->version = end->ledger_version;
    for (size_t i = 0; i < end->freshness_nr; i++) {
        struct fth_freshness copy = end->freshness[i];

        if (fth_arena_str(summary->keep, copy.source, &copy.source, err) ||
            fth_arena_str(summary->keep, copy.provider, &copy.provider, err) ||
            fth_arena_str(summary->keep, copy.billing_period, &copy.billing_period, err) ||
            freshness_vec_push(&summary->freshness, copy, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc make_plan(const struct summary *summary, const struct fth_plan **out,
                             struct fth_err *err)
{
    int32_t start = summary->previous < summary->year ? summary->previous : summary->year;
    struct fth_buf buf = fth_buf_max(4096);
    const struct fth_json *json;
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "kind", "query");
    fth_jw_kv_c(&jw, "subject", "cost");
    fth_jw_key(&jw, "measures");
    fth_jw_array(&jw);
    fth_jw_str(&jw, summary->metric);
    fth_jw_c(&jw, "charge_count");
    fth_jw_array_end(&jw);
    if (summary->into.n) {
        fth_jw_kv(&jw, "currency", summary->into);
    } else {
        fth_jw_key(&jw, "group_by");
        fth_jw_array(&jw);
        fth_jw_c(&jw, "currency");
        fth_jw_array_end(&jw);
    }
    fth_jw_kv_c(&jw, "grain", "day");
    fth_jw_kv_range(&jw, "time", start, summary->next);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) &&
        !fth_json_parse(summary->asked->arena, fth_buf_view(&buf), NULL, &json, err))
        (void)fth_plan_parse(summary->asked->arena, json, out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc read_days(struct summary *summary, struct fth_err *err)
{
    const struct fth_answer_sink sink = {take_columns, take_day, take_end, summary};
    const struct fth_plan *plan = NULL;
    struct fth_seat seat;

    if (make_plan(summary, &plan, err) || fth_desk_take(summary->asked, true, &seat, err))
        return err->rc;
    if (!fth_desk_rates(summary->asked, plan, &seat, err))
        (void)fth_plan_run(&seat.run, plan, &sink, err);
    fth_desk_give(&seat);
    return err->rc;
}

/*
 * The last day of the month whose charges are all there: not today, not the day on which the data
 * was loaded, and no later than the last day that has charges. Fees of a whole month stand on its
 * first day and say nothing about later ones; charges of days that were still to come when the data
 * was loaded (commitments, often to the end of the month) say nothing about the days before them.
 */
static void find_until(struct summary *summary)
{
    int32_t last = summary->month - 1, horizon;
    int64_t loaded_us = 0;

    for (size_t i = 0; i < summary->freshness.nr; i++)
        if (summary->freshness.at[i].loaded_us > loaded_us)
            loaded_us = summary->freshness.at[i].loaded_us;
    horizon = fth_open_day(summary->today, loaded_us);
    for (size_t i = 0; i < summary->days.nr; i++) {
        int32_t date = summary->days.at[i].date;

        if (date < summary->next && date <= horizon && date > last)
            last = date;
    }
    summary->until = last < horizon ? last : horizon - 1;
}

/* ---- sums ---- */

struct sums {
    bool has_month, has_previous, has_year;
    struct fth_money month_to_date, previous, whole_previous, year_to_date, change, change_pct;
    bool has_pct;
    int32_t previous_until;
};

static enum fth_rc add_day(const struct summary *summary, const struct day *day, struct sums *sums,
                           struct fth_err *err)
{
    if (day->date >= summary->year && day->date <= summary->until) {
        sums->has_year = true;
        if (fth_money_add(&sums->year_to_date, day->amount, err))
            return err->rc;
    }
    if (day->date >= summary->month && day->date <= summary->until) {
        sums->has_month = true;
        if (fth_money_add(&sums->month_to_date, day->amount, err))
            return err->rc;
    }
    if (day->date >= summary->previous && day->date < summary->month) {
        sums->has_previous = true;
        if (fth_money_add(&sums->whole_previous, day->amount, err))
            return err->rc;
        if (day->date <= sums->previous_until)
            return fth_money_add(&sums->previous, day->amount, err);
    }
    return FTH_OK;
}

static enum fth_rc add_up(const struct summary *summary, struct fth_str currency, struct sums *sums,
                          struct fth_err *err)
{
    *sums = (struct sums){.previous_until = summary->previous + (summary->until - summary->month)};
    /* The end of a longer month is compared with the whole of a shorter one; the end of a month
     * with that of the month before. */
    if (sums->previous_until >= summary->month || summary->until == summary->next - 1)
        sums->previous_until = summary->month - 1;
    for (size_t i = 0; i < summary->days.nr; i++)
        if (fth_str_eq(summary->days.at[i].currency, currency) &&
            add_day(summary, &summary->days.at[i], sums, err))
            return err->rc;
    sums->change = sums->month_to_date;
    if (fth_money_sub(&sums->change, sums->previous, err))
        return err->rc;
    sums->has_pct = sums->has_month && sums->has_previous &&
                    fth_money_percent(sums->change, sums->previous, &sums->change_pct);
    return FTH_OK;
}

/* ---- the object ---- */

static void put_date_if(struct fth_jw *jw, const char *key, bool known, int32_t date)
{
    if (known) {
        fth_jw_kv_date(jw, key, date);
        return;
    }
    fth_jw_key(jw, key);
    fth_jw_null(jw);
}

static void put_money_if(struct fth_jw *jw, const char *key, bool known, struct fth_money amount)
{
    fth_jw_key(jw, key);
    if (known)
        fth_jw_money(jw, amount);
    else
        fth_jw_null(jw);
}

static void put_sums(const struct summary *summary, const struct sums *sums, struct fth_jw *jw)
{
    bool complete_day = summary->until >= summary->month;

    fth_jw_key(jw, "month");
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", summary->month);
    fth_jw_kv_date(jw, "end", summary->next);
    put_date_if(jw, "until", complete_day, summary->until);
    fth_jw_object_end(jw);
    put_money_if(jw, "month_to_date", sums->has_month, sums->month_to_date);
    fth_jw_key(jw, "previous");
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", summary->previous);
    put_date_if(jw, "until", complete_day, sums->previous_until);
    put_money_if(jw, "amount", sums->has_previous && complete_day, sums->previous);
    put_money_if(jw, "whole_month", sums->has_previous, sums->whole_previous);
    fth_jw_object_end(jw);
    put_money_if(jw, "change", sums->has_month && sums->has_previous, sums->change);
    put_money_if(jw, "change_pct", sums->has_pct, sums->change_pct);
    put_money_if(jw, "year_to_date", sums->has_year, sums->year_to_date);
}

static enum fth_rc put_currency(const struct summary *summary, struct fth_str currency,
                                bool with_name, struct fth_jw *jw, struct fth_err *err)
{
    struct sums sums;

    if (add_up(summary, currency, &sums, err))
        return err->rc;
    if (with_name)
        fth_jw_kv(jw, "currency", currency);
    put_sums(summary, &sums, jw);
    return FTH_OK;
}

static void put_nothing(struct fth_jw *jw)
{
    static const char *const keys[] = {"month",  "month_to_date", "previous",
                                       "change", "change_pct",    "year_to_date"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        fth_jw_key(jw, keys[i]);
        fth_jw_null(jw);
    }
}

static void put_freshness(const struct summary *summary, struct fth_jw *jw)
{
    fth_jw_key(jw, "freshness");
    fth_jw_array(jw);
    for (size_t i = 0; i < summary->freshness.nr; i++) {
        const struct fth_freshness *fresh = &summary->freshness.at[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "source", fresh->source);
        fth_jw_kv(jw, "provider", fresh->provider);
        fth_jw_kv(jw, "billing_period", fresh->billing_period);
        fth_jw_kv_instant(jw, "loaded_at", fresh->loaded_us);
        fth_jw_kv_instant(jw, "charges_until", fresh->charges_until_us);
        fth_jw_key(jw, "final");
        if (fresh->final < 0)
            fth_jw_null(jw);
        else
            fth_jw_bool(jw, fresh->final);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_list(struct fth_jw *jw, const char *key, const struct fth_str *at, size_t nr)
{
    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++)
        fth_jw_str(jw, at[i]);
    fth_jw_array_end(jw);
}

static enum fth_rc put_summary(const struct summary *summary, struct fth_jw *jw,
                               struct fth_err *err)
{
    const struct str_vec *currencies = &summary->currencies, *billed = &summary->billed;
    struct fth_str *reached;
    size_t reached_nr;

    if (fth_rates_reach(summary->asked, billed->at, billed->nr, &reached, &reached_nr, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "today", summary->today);
    fth_jw_kv(jw, "metric", summary->metric);
    fth_jw_key(jw, "currency");
    if (currencies->nr == 1)
        fth_jw_str(jw, currencies->at[0]);
    else
        fth_jw_null(jw);
    put_list(jw, "currencies", currencies->at, currencies->nr);
    fth_jw_key(jw, "main_currency");
    if (currencies->nr)
        fth_jw_str(jw, main_currency(summary));
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "reporting_currency");
    if (summary->reporting.n)
        fth_jw_str(jw, summary->reporting);
    else
        fth_jw_null(jw);
    put_list(jw, "convertible", reached, reached_nr);
    /* One currency's figures stand at the top too; those of several are never added. */
    if (currencies->nr != 1)
        put_nothing(jw);
    else if (put_currency(summary, currencies->at[0], false, jw, err))
        return err->rc;
    fth_jw_key(jw, "by_currency");
    fth_jw_array(jw);
    for (size_t i = 0; i < currencies->nr; i++) {
        fth_jw_object(jw);
        if (put_currency(summary, currencies->at[i], true, jw, err))
            return err->rc;
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    put_freshness(summary, jw);
    fth_jw_kv_i64(jw, "ledger_version", summary->version);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc work_out_summary(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct summary *summary = ctx;

    if (choose_month(summary, err) || (summary->known && read_days(summary, err)))
        return err->rc;
    find_until(summary);
    return put_summary(summary, jw, err);
}

static int32_t today_of(const struct fth_app *app)
{
    return fth_instant_date(fth_clock_now_us(&app->clock));
}

enum fth_rc fth_costs_summary_key(const struct fth_asked *asked,
                                  const struct fth_summary_request *request, struct fth_str *out,
                                  struct fth_err *err)
{
    struct fth_str reporting;
    int64_t rates;

    if (fth_organisation_currency(asked, &reporting, err) || fth_rates_version(asked, &rates, err))
        return err->rc;
    return fth_arena_printf(asked->arena, out, err,
                            "summary %d " FTH_STR_F " in " FTH_STR_F " of " FTH_STR_F
                            " rates %" PRId64,
                            today_of(asked->app), FTH_STR_A(request->metric),
                            FTH_STR_A(request->currency), FTH_STR_A(reporting), rates);
}

enum fth_rc fth_costs_summary(const struct fth_asked *asked,
                              const struct fth_summary_request *request, struct fth_str *out,
                              struct fth_err *err)
{
    struct fth_arena *keep = fth_arena_new(KEEP_CAP);
    struct summary summary = {.asked = asked,
                              .keep = keep,
                              .metric = request->metric,
                              .into = request->currency,
                              .today = today_of(asked->app),
                              .days = day_vec_in(keep),
                              .currencies = str_vec_in(keep),
                              .billed = str_vec_in(keep),
                              .freshness = freshness_vec_in(keep)};
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct fth_str what = {0}, key;

    if (!keep)
        return fth_err_nomem(err);
    if (!fth_organisation_currency(asked, &summary.reporting, err) &&
        !fth_costs_summary_key(asked, request, &what, err) &&
        !fth_arena_printf(asked->arena, &key, err, "%" PRId64 " " FTH_STR_F, version,
                          FTH_STR_A(what)))
        (void)fth_desk_cached(asked, key, version, work_out_summary, &summary, out, NULL, err);
    fth_arena_free(keep);
    return err->rc;
}
