/* Cases as JSON, and in words. */
#include <math.h>
#include <string.h>

#include "app/anomaly_int.h"
#include "base/check.h"

enum { TITLE_MAX = 8 * 1024, WHOLE_FROM = 100 };

static void put_text(struct fth_jw *jw, const char *key, struct fth_str text)
{
    fth_jw_key(jw, key);
    if (text.p)
        fth_jw_str(jw, text);
    else
        fth_jw_null(jw);
}

void fth_monitor_scope_put(struct fth_jw *jw, const struct fth_monitor_scope *scope)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "level", fth_level_name(scope->level));
    put_text(jw, "account", scope->account);
    fth_jw_kv_opt(jw, "account_name", scope->account_name);
    put_text(jw, "service", scope->service);
    fth_jw_key(jw, "tag");
    if (scope->level == FTH_LEVEL_TAG) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "key", scope->tag);
        put_text(jw, "value", scope->value);
        fth_jw_object_end(jw);
    } else {
        fth_jw_null(jw);
    }
    fth_jw_object_end(jw);
}

/* ---- in words ---- */

static struct fth_str or_none(struct fth_str text, const char *none)
{
    return text.n ? text : fth_str_c(none);
}

static void say_scope(struct fth_buf *buf, const struct fth_monitor_scope *scope)
{
    struct fth_str account = or_none(scope->account_name.n ? scope->account_name : scope->account,
                                     "charges without an account");
    struct fth_str service = or_none(scope->service, "Charges without a service");

    switch (scope->level) {
    case FTH_LEVEL_ACCOUNT:
        fth_buf_str(buf, account);
        break;
    case FTH_LEVEL_SERVICE:
        fth_buf_str(buf, service);
        break;
    case FTH_LEVEL_ACCOUNT_SERVICE:
        fth_buf_printf(buf, FTH_STR_F " in " FTH_STR_F, FTH_STR_A(service), FTH_STR_A(account));
        break;
    case FTH_LEVEL_TAG:
        fth_buf_printf(buf, FTH_STR_F ": " FTH_STR_F, FTH_STR_A(scope->tag),
                       FTH_STR_A(or_none(scope->value, "none")));
        break;
    default:
        fth_buf_c(buf, "All costs");
    }
}

/* The sign of a currency, or its name behind the amount. Pence are for small amounts. */
static void say_amount(struct fth_buf *buf, struct fth_str currency, double value)
{
    static const struct {
        const char *currency, *sign;
    } signs[] = {{"USD", "$"}, {"EUR", "€"}, {"GBP", "£"}, {"JPY", "¥"}};
    unsigned decimals = fabs(value) < WHOLE_FROM ? fth_currency_decimals(currency) : 0;
    struct fth_err ignored = {0};
    const char *sign = NULL;
    struct fth_money money;

    fth_buf_c(buf, value < 0 ? "−" : "+");
    for (size_t i = 0; i < FTH_NR(signs); i++)
        if (fth_str_eq_c(currency, signs[i].currency))
            sign = signs[i].sign;
    if (sign)
        fth_buf_c(buf, sign);
    if (fth_money_from_double(fabs(value), &money, &ignored))
        fth_buf_printf(buf, "%.0f", fabs(value));
    else
        fth_money_put_fixed(buf, money, decimals, ',');
    if (!sign)
        fth_buf_printf(buf, " " FTH_STR_F, FTH_STR_A(currency));
}

static void say_day(struct fth_buf *buf, int32_t date, bool month, int year)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct fth_civil civil = fth_date_to_civil(date);

    fth_buf_printf(buf, "%d", civil.day);
    if (month)
        fth_buf_printf(buf, " %s", months[civil.month - 1]);
    if (month && civil.year != year)
        fth_buf_printf(buf, " %d", civil.year);
}

static void say_days(struct fth_buf *buf, const struct fth_anomaly *anomaly, int year)
{
    bool same_month = fth_month_of_date(anomaly->start) == fth_month_of_date(anomaly->end);
    bool same_year = fth_date_year(anomaly->start) == fth_date_year(anomaly->end);

    if (fth_anomaly_days(anomaly) == 1) {
        fth_buf_c(buf, " on ");
        say_day(buf, anomaly->start, true, year);
    } else if (anomaly->ongoing) {
        fth_buf_c(buf, " a day since ");
        say_day(buf, anomaly->start, true, year);
    } else {
        fth_buf_c(buf, " a day from ");
        say_day(buf, anomaly->start, !same_month,
                same_year ? fth_date_to_civil(anomaly->start).year : year);
        fth_buf_c(buf, " to ");
        say_day(buf, anomaly->end, true, year);
    }
}

static void say_times(struct fth_buf *buf, double actual, double expected)
{
    double times = actual / expected;

    if (expected <= 0)
        fth_buf_c(buf, ", where nothing was expected");
    else if (times >= 10)
        fth_buf_printf(buf, ", %.0f× expected", times);
    else if (times >= 1)
        fth_buf_printf(buf, ", %.1f× expected", times);
    else
        fth_buf_printf(buf, ", %.0f %% less than expected", fmin(100 * (1 - times), 100));
}

void fth_anomaly_put_title(struct fth_buf *buf, const struct fth_anomaly *anomaly, int year)
{
    double impact = fth_money_to_double(anomaly->impact);

    say_scope(buf, &anomaly->scope);
    fth_buf_char(buf, ' ');
    say_amount(buf, anomaly->currency, impact / fth_anomaly_days(anomaly));
    say_days(buf, anomaly, year);
    say_times(buf, fth_money_to_double(anomaly->actual), fth_money_to_double(anomaly->expected));
}

/* ---- as JSON ---- */

static enum fth_rc put_title(struct fth_jw *jw, const struct fth_anomaly *anomaly, int year,
                             struct fth_err *err)
{
    struct fth_buf title = fth_buf_max(TITLE_MAX);

    fth_anomaly_put_title(&title, anomaly, year);
    if (!fth_buf_done(&title, err))
        fth_jw_kv(jw, "title", fth_buf_view(&title));
    fth_buf_release(&title);
    return err->rc;
}

enum fth_rc fth_anomaly_put_finding(struct fth_jw *jw, const struct fth_anomaly *anomaly, int year,
                                    struct fth_err *err)
{
    if (put_title(jw, anomaly, year, err))
        return err->rc;
    fth_jw_kv(jw, "severity", anomaly->severity);
    fth_jw_key(jw, "scope");
    fth_monitor_scope_put(jw, &anomaly->scope);
    fth_jw_kv(jw, "currency", anomaly->currency);
    fth_jw_kv_c(jw, "direction", anomaly->up ? "up" : "down");
    fth_jw_kv(jw, "channel", anomaly->channel);
    fth_jw_key(jw, "score");
    fth_jw_double(jw, (double)anomaly->score_milli / 1000);
    fth_jw_kv_date(jw, "start", anomaly->start);
    fth_jw_kv_date(jw, "end", anomaly->end);
    fth_jw_kv_date(jw, "detected", anomaly->detected);
    fth_jw_kv_i64(jw, "days", fth_anomaly_days(anomaly));
    fth_jw_kv_money(jw, "actual", anomaly->actual);
    fth_jw_kv_money(jw, "expected", anomaly->expected);
    fth_jw_kv_money(jw, "impact", anomaly->impact);
    return FTH_OK;
}

static enum fth_rc put_a_day(struct fth_jw *jw, const struct fth_anomaly *anomaly,
                             struct fth_err *err)
{
    struct fth_money one, days, a_day;

    if (fth_money_from_scaled(1, 0, &one, err) ||
        fth_money_from_scaled(fth_anomaly_days(anomaly), 0, &days, err) ||
        fth_money_muldiv(anomaly->impact, one, days, fth_currency_decimals(anomaly->currency),
                         &a_day, err))
        return err->rc;
    fth_jw_kv_money(jw, "impact_per_day", a_day);
    return FTH_OK;
}

static void put_decision(struct fth_jw *jw, const struct fth_anomaly *anomaly)
{
    put_text(jw, "owner", anomaly->owner);
    put_text(jw, "snoozed_until", anomaly->snoozed_until);
    put_text(jw, "reason", anomaly->reason);
    put_text(jw, "cause", anomaly->cause);
    put_text(jw, "kind", anomaly->kind);
    put_text(jw, "merged_into", anomaly->merged_into);
    fth_jw_kv_i64(jw, "comment_count", anomaly->comments);
    fth_jw_kv_instant(jw, "created_at", anomaly->created_us);
    fth_jw_kv_instant(jw, "updated_at", anomaly->updated_us);
}

/* The members of Anomaly. */
static enum fth_rc put_members(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                               struct fth_jw *jw, struct fth_err *err)
{
    int32_t today = fth_instant_date(fth_clock_now_us(&asked->app->clock));
    double actual = fth_money_to_double(anomaly->actual),
           expected = fth_money_to_double(anomaly->expected);

    fth_jw_kv(jw, "id", anomaly->id);
    fth_jw_kv(jw, "state", anomaly->state);
    if (fth_anomaly_put_finding(jw, anomaly, fth_date_to_civil(today).year, err))
        return err->rc;
    fth_jw_kv_bool(jw, "ongoing", anomaly->ongoing);
    if (put_a_day(jw, anomaly, err))
        return err->rc;
    fth_jw_key(jw, "times");
    fth_jw_double(jw, expected > 0 ? round(100 * actual / expected) / 100 : NAN);
    fth_jw_key(jw, "levels");
    fth_jw_raw(jw, fth_who_scope(asked->who) ? FTH_STR("[]") : anomaly->levels);
    put_decision(jw, anomaly);
    return FTH_OK;
}

enum fth_rc fth_anomaly_put(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                            struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    if (put_members(asked, anomaly, jw, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* ---- with all that is known of it ---- */

enum { SAID_AT, SAID_BY, SAID_WHAT, SAID_TEXT, SAID_DETAIL, SAID_MOST = 100000 };

static void put_said(struct fth_jw *jw, const struct fth_table *table, size_t row)
{
    const struct fth_val *by = fth_table_val(table, row, SAID_BY);
    const struct fth_val *text = fth_table_val(table, row, SAID_TEXT);

    fth_jw_object(jw);
    fth_jw_kv_instant(jw, "at", fth_table_val(table, row, SAID_AT)->i64);
    put_text(jw, "by", by->type == FTH_V_NULL ? (struct fth_str){0} : by->text);
    fth_jw_kv(jw, "what", fth_table_val(table, row, SAID_WHAT)->text);
    put_text(jw, "text", text->type == FTH_V_NULL ? (struct fth_str){0} : text->text);
    fth_jw_key(jw, "detail");
    fth_jw_raw(jw, fth_table_val(table, row, SAID_DETAIL)->text);
    fth_jw_object_end(jw);
}

/* Before a case moved into the caller's scope it may have been of what lies outside of it. */
static size_t first_seen(const struct fth_asked *asked, const struct fth_table *said)
{
    size_t first = 0;

    for (size_t i = 0; i < said->row_nr && fth_who_scope(asked->who); i++)
        if (fth_str_eq_c(fth_table_val(said, i, SAID_WHAT)->text, "moved"))
            first = i + 1;
    return first;
}

static enum fth_rc put_history(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                               struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_val id = FTH_VAL_STR(anomaly->id);
    struct fth_table table;

    if (fth_db_read(asked->app->db, FTH_ANOMALY_SQL "said", &id, 1, asked->arena, SAID_MOST, &table,
                    err))
        return err->rc;
    fth_jw_key(jw, "history");
    fth_jw_array(jw);
    for (size_t i = first_seen(asked, &table); i < table.row_nr; i++)
        put_said(jw, &table, i);
    fth_jw_array_end(jw);
    return FTH_OK;
}

enum fth_rc fth_anomaly_put_detail(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                   struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    if (put_members(asked, anomaly, jw, err))
        return err->rc;
    fth_jw_kv_bool(jw, "may_decide", fth_who_may(asked->who, FTH_STR("anomalies.decide")));
    if (put_history(asked, anomaly, jw, err) || fth_anomaly_put_cause(asked, anomaly, jw, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}
