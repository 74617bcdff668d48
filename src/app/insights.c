#include "app/insights.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/desk_int.h"
#include "app/forecast_costs.h"
#include "app/insights_int.h"
#include "app/organisation.h"
#include "base/check.h"

enum { PLAN_MAX = 64 * 1024, MOVERS = 5, MOST = 3, TEXT_MAX = 4096 };

static const struct {
    const char *dimension, *plural;
} looked_at[] = {{"service", "service"}, {"sub_account", "account"}};

/* ---- plans ---- */

static void put_condition(struct fth_jw *jw, const char *field, const struct fth_str *value)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "field", field);
    fth_jw_kv_c(jw, "op", value->p ? "in" : "missing");
    fth_jw_key(jw, "values");
    fth_jw_array(jw);
    if (value->p)
        fth_jw_str(jw, *value);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_filters(const struct fth_insights *insights, struct fth_jw *jw,
                        const struct fth_insight_plan *wish)
{
    fth_jw_key(jw, "filters");
    fth_jw_array(jw);
    if (insights->only_currency)
        put_condition(jw, "currency", &insights->currency);
    if (wish->field)
        put_condition(jw, wish->field, &wish->value);
    fth_jw_array_end(jw);
}

static void put_plan(const struct fth_insights *insights, struct fth_jw *jw,
                     const struct fth_insight_plan *wish)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", "query");
    fth_jw_kv_c(jw, "subject", "cost");
    fth_jw_key(jw, "measures");
    fth_jw_array(jw);
    if (wish->untagged) {
        fth_jw_c(jw, "untagged_cost");
        fth_jw_c(jw, "untagged_share");
    } else {
        fth_jw_str(jw, insights->metric);
    }
    fth_jw_array_end(jw);
    if (insights->convert)
        fth_jw_kv(jw, "currency", insights->currency);
    if (wish->by) {
        fth_jw_key(jw, "group_by");
        fth_jw_array(jw);
        fth_jw_c(jw, wish->by);
        fth_jw_array_end(jw);
        fth_jw_kv_bool(jw, "labels", true);
    }
    put_filters(insights, jw, wish);
    if (wish->days)
        fth_jw_kv_c(jw, "grain", "day");
    fth_jw_kv_range(jw, "time", wish->history ? wish->history : insights->month,
                    insights->until + 1);
    if (wish->compare)
        fth_jw_kv_range(jw, "compare", insights->previous, insights->previous_until + 1);
    if (wish->order) {
        fth_jw_key(jw, "order");
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "by", "change");
        fth_jw_kv_c(jw, "dir", wish->order);
        fth_jw_object_end(jw);
        fth_jw_kv_i64(jw, "limit", MOVERS);
    }
    fth_jw_object_end(jw);
}

/* The text of a plan, in the request's arena. */
static enum fth_rc plan_text(struct fth_insights *insights, const struct fth_insight_plan *wish,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PLAN_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    put_plan(insights, &jw, wish);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(insights->asked->arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc ask(struct fth_insights *insights, const struct fth_insight_plan *wish,
                       const struct fth_json **out, struct fth_err *err)
{
    struct fth_arena *arena = insights->asked->arena;
    struct fth_question *question = NULL;
    const struct fth_json *plan = NULL;
    struct fth_str text = {0};
    bool current;

    if (plan_text(insights, wish, &text, err) || fth_json_parse(arena, text, NULL, &plan, err) ||
        fth_question_new(insights->asked, plan, &question, err) ||
        fth_question_answer(question, FTH_STR(""), &text, &current, err))
        return err->rc;
    return fth_json_parse(arena, text, NULL, out, err);
}

/* ---- sentences ---- */

bool fth_insight_amount(const struct fth_json *json, struct fth_money *out)
{
    struct fth_err ignored = {0};

    return fth_json_is(json, FTH_JSON_STRING) && !fth_money_parse(json->text, out, &ignored);
}

enum fth_rc fth_insight_add(struct fth_insights *insights, struct fth_insight *insight,
                            struct fth_buf *sentence, struct fth_err *err)
{
    if (!fth_buf_done(sentence, err) &&
        !fth_arena_str(insights->asked->arena, fth_buf_view(sentence), &insight->sentence, err))
        (void)fth_insight_vec_push(&insights->list, *insight, err);
    fth_buf_release(sentence);
    return err->rc;
}

void fth_insight_money(struct fth_buf *buf, struct fth_money amount, struct fth_str currency)
{
    fth_money_put_fixed(buf, fth_money_abs(amount), fth_currency_decimals(currency), ',');
    fth_buf_printf(buf, " " FTH_STR_F, FTH_STR_A(currency));
}

enum fth_rc fth_insight_left_out(struct fth_insights *insights, const char *kind,
                                 struct fth_str why, struct fth_err *err)
{
    struct fth_insight_gap gap = {.kind = kind};

    if (fth_arena_str(insights->asked->arena, why, &gap.why, err))
        return err->rc;
    return fth_insight_gap_vec_push(&insights->gaps, gap, err);
}

/* ---- what rose and fell ---- */

static bool is_below_one(struct fth_money percent)
{
    struct fth_money one = {0};
    struct fth_err ignored = {0};

    return !fth_money_parse(FTH_STR("1"), &one, &ignored) &&
           fth_money_cmp(fth_money_abs(percent), one) < 0;
}

/* Less than a hundredth of the month is not worth a word. */
static bool is_small(const struct fth_insights *insights, struct fth_money change)
{
    struct fth_money percent;

    if (!fth_money_percent(change, insights->total, &percent))
        return fth_money_is_zero(change);
    return is_below_one(percent);
}

static bool money_of(const struct fth_json *row, struct fth_str metric, const char *suffix,
                     struct fth_money *out)
{
    char name[80];
    int n = snprintf(name, sizeof(name), FTH_STR_F "%s", FTH_STR_A(metric), suffix);

    return n > 0 && (size_t)n < sizeof(name) &&
           fth_insight_amount(fth_json_get_str(row, (struct fth_str){name, (size_t)n}), out);
}

static void put_move(const struct fth_insight *insight, const char *thing, struct fth_str pct,
                     struct fth_buf *buf)
{
    struct fth_err ignored = {0};
    struct fth_money percent;

    if (insight->value.p)
        fth_buf_printf(buf, FTH_STR_F, FTH_STR_A(insight->name));
    else
        fth_buf_printf(buf, "What has no %s", thing);
    if (strcmp(insight->kind, "new") == 0) {
        fth_buf_c(buf, " is new: ");
        fth_insight_money(buf, insight->amount, insight->currency);
        fth_buf_c(buf, " this month, nothing in the month before to the same day.");
        return;
    }
    if (strcmp(insight->kind, "gone") == 0) {
        fth_buf_c(buf, " cost nothing this month, ");
        fth_insight_money(buf, insight->amount, insight->currency);
        fth_buf_c(buf, " in the month before to the same day.");
        return;
    }
    fth_buf_c(buf, strcmp(insight->kind, "riser") == 0 ? " rose by " : " fell by ");
    fth_insight_money(buf, insight->amount, insight->currency);
    fth_buf_c(buf, " against the month before at the same day");
    if (!fth_money_parse(pct, &percent, &ignored)) {
        fth_buf_c(buf, fth_money_sign(percent) > 0 ? " (+" : " (");
        fth_money_put_fixed(buf, percent, 1, ',');
        fth_buf_c(buf, " %)");
    }
    fth_buf_char(buf, '.');
}

/* Amounts that are not known and those that are nothing say the same of a thing here: no charge. */
static bool is_some(const struct fth_json *row, struct fth_str metric, const char *suffix)
{
    struct fth_money amount;

    return money_of(row, metric, suffix, &amount) && !fth_money_is_zero(amount);
}

static enum fth_rc take_mover(struct fth_insights *insights, size_t which,
                              const struct fth_json *row, bool up, bool *stop, struct fth_err *err)
{
    const char *dimension = looked_at[which].dimension;
    const struct fth_json *value = fth_json_get(row, dimension);
    struct fth_insight insight = {.severity = "info",
                                  .dimension = dimension,
                                  .has_amount = true,
                                  .currency = insights->currency};
    struct fth_buf sentence = fth_buf_max(TEXT_MAX);
    struct fth_insight_plan wish = {.field = dimension, .days = true, .compare = true};
    char label[64];

    *stop = !fth_insight_amount(fth_json_get(row, "change"), &insight.amount) ||
            (fth_money_sign(insight.amount) > 0) != up || is_small(insights, insight.amount);
    if (*stop)
        return FTH_OK;
    if (fth_json_is(value, FTH_JSON_STRING))
        insight.value = value->text;
    snprintf(label, sizeof(label), "%s_label", dimension);
    insight.name = fth_json_str(row, label, insight.value);
    insight.kind = up ? (is_some(row, insights->metric, "_before") ? "riser" : "new")
                      : (is_some(row, insights->metric, "") ? "faller" : "gone");
    wish.value = insight.value;
    put_move(&insight, looked_at[which].plural, fth_json_str(row, "change_pct", FTH_STR("")),
             &sentence);
    if (plan_text(insights, &wish, &insight.plan, err)) {
        fth_buf_release(&sentence);
        return err->rc;
    }
    return fth_insight_add(insights, &insight, &sentence, err);
}

static enum fth_rc find_movers(struct fth_insights *insights, struct fth_err *err)
{
    for (size_t i = 0; i < 2 * FTH_NR(looked_at); i++) {
        bool up = i % 2 == 0, stop = false;
        const struct fth_insight_plan wish = {
            .by = looked_at[i / 2].dimension, .compare = true, .order = up ? "desc" : "asc"};
        const struct fth_json *answer = NULL, *rows;

        if (ask(insights, &wish, &answer, err))
            return err->rc;
        rows = fth_json_get(answer, "rows");
        for (size_t r = 0; rows && r < rows->nr && r < MOST && !stop; r++)
            if (take_mover(insights, i / 2, &rows->items[r], up, &stop, err))
                return err->rc;
    }
    return FTH_OK;
}

/* ---- what lacks a tag, and where the month will end ---- */

/* The answer's own share, as percent: it is of effective cost, whatever the insights are of. False
 * when there is none (the effective cost is nothing). */
static bool untagged_percent(const struct fth_json *total, struct fth_money *out)
{
    struct fth_money share, one = {0};
    struct fth_err ignored = {0};

    return fth_insight_amount(fth_json_get(total, "untagged_share"), &share) &&
           !fth_money_parse(FTH_STR("1"), &one, &ignored) && fth_money_percent(share, one, out);
}

static void put_untagged(const struct fth_insights *insights, const struct fth_insight *insight,
                         const struct fth_money *percent, struct fth_buf *buf)
{
    bool other = !fth_str_eq_c(insights->metric, "effective_cost");

    fth_insight_money(buf, insight->amount, insight->currency);
    fth_buf_c(buf,
              other ? " of this month's effective cost has no tag" : " of this month has no tag");
    if (percent) {
        fth_buf_c(buf, ", ");
        fth_money_put_fixed(buf, *percent, 1, 0);
        fth_buf_c(buf, " % of all");
    }
    fth_buf_char(buf, '.');
}

static enum fth_rc find_untagged(struct fth_insights *insights, struct fth_err *err)
{
    const struct fth_insight_plan wish = {.untagged = true},
                                  link = {.untagged = true, .by = "service"};
    struct fth_insight insight = {
        .kind = "untagged", .severity = "info", .has_amount = true, .currency = insights->currency};
    struct fth_buf sentence = fth_buf_max(TEXT_MAX);
    const struct fth_json *answer = NULL, *totals, *row;
    struct fth_money percent;
    bool has_percent;

    if (ask(insights, &wish, &answer, err))
        return err->rc;
    totals = fth_json_get(answer, "totals");
    row = totals && totals->nr ? &totals->items[0] : NULL;
    if (!row || !fth_insight_amount(fth_json_get(row, "untagged_cost"), &insight.amount))
        return FTH_OK;
    has_percent = untagged_percent(row, &percent);
    if (has_percent ? is_below_one(percent) : fth_money_is_zero(insight.amount))
        return FTH_OK;
    put_untagged(insights, &insight, has_percent ? &percent : NULL, &sentence);
    if (plan_text(insights, &link, &insight.plan, err)) {
        fth_buf_release(&sentence);
        return err->rc;
    }
    return fth_insight_add(insights, &insight, &sentence, err);
}

static enum fth_rc forecast_request(struct fth_insights *insights, struct fth_str plan,
                                    const struct fth_json **out, struct fth_err *err)
{
    struct fth_str text;

    if (fth_arena_printf(insights->asked->arena, &text, err,
                         "{\"plan\":" FTH_STR_F ",\"horizon\":{\"until\":\"month_end\"}}",
                         FTH_STR_A(plan)))
        return err->rc;
    return fth_json_parse(insights->asked->arena, text, NULL, out, err);
}

/* What cannot be forecast (too little is known) is left out, with why. */
static enum fth_rc find_forecast(struct fth_insights *insights, struct fth_err *err)
{
    const struct fth_insight_plan wish = {.days = true,
                                          .history = fth_date_add_months(insights->month, -12)};
    struct fth_insight insight = {
        .kind = "forecast", .severity = "info", .currency = insights->currency};
    const struct fth_json *request = NULL, *answer = NULL, *series;
    struct fth_str text;

    if (insights->until + 1 >= fth_date_add_months(insights->month, 1))
        return FTH_OK;
    if (plan_text(insights, &wish, &insight.plan, err) ||
        forecast_request(insights, insight.plan, &request, err))
        return err->rc;
    if (fth_forecast_costs(insights->asked, request, &text, err)) {
        struct fth_err why = *err;

        if (err->rc != FTH_E_INVALID && err->rc != FTH_E_LIMIT)
            return err->rc;
        fth_err_clear(err);
        return fth_insight_left_out(insights, insight.kind, fth_str_c(why.msg), err);
    }
    if (fth_json_parse(insights->asked->arena, text, NULL, &answer, err))
        return err->rc;
    series = fth_json_get(answer, "series");
    if (!series || series->nr == 0)
        return FTH_OK;
    insight.sentence = fth_json_str(&series->items[0], "sentence", FTH_STR(""));
    return fth_insight_vec_push(&insights->list, insight, err);
}

/* ---- all of it ---- */

static int severity_rank(const char *severity)
{
    return strcmp(severity, "warning") == 0 ? 0 : strcmp(severity, "notice") == 0 ? 1 : 2;
}

/* What warns first, then the most money; what has none comes before what has, as it was found.
 * Amounts of different currencies are not compared: that of the insights comes first. */
static int by_rank(const void *a, const void *b)
{
    const struct fth_insight *x = a, *y = b;
    int order = severity_rank(x->severity) - severity_rank(y->severity);

    if (!order)
        order = (int)x->has_amount - (int)y->has_amount;
    if (!order && x->has_amount)
        order = (int)x->other_currency - (int)y->other_currency;
    if (!order && x->has_amount)
        order = fth_str_cmp(x->currency, y->currency);
    if (!order && x->has_amount)
        order = fth_money_cmp(fth_money_abs(y->amount), fth_money_abs(x->amount));
    return order ? order : (x->found > y->found) - (x->found < y->found);
}

static void put_insight(struct fth_jw *jw, const struct fth_insight *insight)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", insight->kind);
    fth_jw_kv_c(jw, "severity", insight->severity);
    fth_jw_kv(jw, "sentence", insight->sentence);
    fth_jw_kv_c(jw, "dimension", insight->dimension);
    fth_jw_kv_opt(jw, "value", insight->value);
    fth_jw_kv_opt(jw, "name", insight->name);
    fth_jw_key(jw, "amount");
    if (insight->has_amount)
        fth_jw_money(jw, insight->amount);
    else
        fth_jw_null(jw);
    fth_jw_kv_opt(jw, "currency", insight->currency);
    fth_jw_key(jw, "plan");
    if (insight->plan.n)
        fth_jw_raw(jw, insight->plan);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
}

static void put_month(const struct fth_insights *insights, struct fth_jw *jw)
{
    if (!insights->known) {
        fth_jw_key(jw, "time");
        fth_jw_null(jw);
        fth_jw_key(jw, "compare");
        fth_jw_null(jw);
        return;
    }
    fth_jw_kv_range(jw, "time", insights->month, insights->until + 1);
    if (insights->has_previous) {
        fth_jw_kv_range(jw, "compare", insights->previous, insights->previous_until + 1);
    } else {
        fth_jw_key(jw, "compare");
        fth_jw_null(jw);
    }
}

static void put_others(const struct fth_insights *insights, struct fth_jw *jw)
{
    const struct fth_json *all = fth_json_get(insights->summary, "currencies");

    fth_jw_key(jw, "other_currencies");
    fth_jw_array(jw);
    for (size_t i = 0; insights->only_currency && all && i < all->nr; i++)
        if (!fth_str_eq(all->items[i].text, insights->currency))
            fth_jw_str(jw, all->items[i].text);
    fth_jw_array_end(jw);
}

static void put_all(struct fth_insights *insights, struct fth_jw *jw)
{
    static const char *const severities[] = {"warning", "notice", "info"};
    int64_t version = 0;

    (void)fth_json_i64(fth_json_get(insights->summary, "ledger_version"), &version);
    fth_jw_object(jw);
    fth_jw_kv(jw, "today", fth_json_str(insights->summary, "today", FTH_STR("")));
    fth_jw_kv(jw, "metric", insights->metric);
    fth_jw_kv_opt(jw, "currency", insights->currency);
    put_others(insights, jw);
    put_month(insights, jw);
    fth_jw_key(jw, "counts");
    fth_jw_object(jw);
    for (size_t s = 0; s < FTH_NR(severities); s++) {
        int64_t nr = 0;

        for (size_t i = 0; i < insights->list.nr; i++)
            nr += strcmp(insights->list.at[i].severity, severities[s]) == 0;
        fth_jw_kv_i64(jw, severities[s], nr);
    }
    fth_jw_object_end(jw);
    fth_jw_key(jw, "insights");
    fth_jw_array(jw);
    for (size_t i = 0; i < insights->list.nr; i++)
        put_insight(jw, &insights->list.at[i]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "left_out");
    fth_jw_array(jw);
    for (size_t i = 0; i < insights->gaps.nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "kind", insights->gaps.at[i].kind);
        fth_jw_kv(jw, "why", insights->gaps.at[i].why);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_kv_i64(jw, "ledger_version", version);
    fth_jw_object_end(jw);
}

/* The object of the currency that insights are of, or NULL. */
static const struct fth_json *of_currency(const struct fth_insights *insights)
{
    const struct fth_json *all = fth_json_get(insights->summary, "by_currency");

    for (size_t i = 0; all && i < all->nr; i++)
        if (fth_str_eq(fth_json_str(&all->items[i], "currency", FTH_STR("")), insights->currency))
            return &all->items[i];
    return NULL;
}

/* Which month, against which, in which currency: as the summary has it. */
static void take_summary(struct fth_insights *insights)
{
    const struct fth_json *own, *month, *previous;

    insights->convert = insights->currency.n > 0;
    if (!insights->convert) {
        const struct fth_json *all = fth_json_get(insights->summary, "currencies");

        insights->currency = fth_json_str(insights->summary, "main_currency", FTH_STR(""));
        insights->only_currency = all && all->nr > 1;
    }
    own = of_currency(insights);
    month = fth_json_get(own, "month");
    previous = fth_json_get(own, "previous");
    insights->known = fth_insight_amount(fth_json_get(own, "month_to_date"), &insights->total) &&
                      fth_date_parse(fth_json_str(month, "start", FTH_STR("")), &insights->month) &&
                      fth_date_parse(fth_json_str(month, "until", FTH_STR("")), &insights->until);
    insights->has_previous =
        insights->known &&
        fth_date_parse(fth_json_str(previous, "start", FTH_STR("")), &insights->previous) &&
        fth_date_parse(fth_json_str(previous, "until", FTH_STR("")), &insights->previous_until);
}

static enum fth_rc look(struct fth_insights *insights, struct fth_err *err)
{
    if (!insights->known)
        return fth_insight_left_out(insights, "costs", FTH_STR("no whole day of a month is known"),
                                    err);
    if (insights->has_previous
            ? find_movers(insights, err)
            : fth_insight_left_out(insights, "movers", FTH_STR("there is no month before"), err))
        return err->rc;
    if (find_untagged(insights, err))
        return err->rc;
    return find_forecast(insights, err);
}

struct work {
    const struct fth_asked *asked;
    struct fth_summary_request request;
};

static enum fth_rc work_out(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct work *work = ctx;
    struct fth_insights insights = {.asked = work->asked,
                                    .metric = work->request.metric,
                                    .currency = work->request.currency,
                                    .list = fth_insight_vec_in(work->asked->arena),
                                    .gaps = fth_insight_gap_vec_in(work->asked->arena)};
    struct fth_str text;

    if (fth_costs_summary(work->asked, &work->request, &text, err) ||
        fth_json_parse(work->asked->arena, text, NULL, &insights.summary, err))
        return err->rc;
    take_summary(&insights);
    if (look(&insights, err) || fth_insight_sources(&insights, err))
        return err->rc;
    for (size_t i = 0; i < insights.list.nr; i++) {
        insights.list.at[i].found = i;
        insights.list.at[i].other_currency =
            !fth_str_eq(insights.list.at[i].currency, insights.currency);
    }
    if (insights.list.nr)
        qsort(insights.list.at, insights.list.nr, sizeof(*insights.list.at), by_rank);
    put_all(&insights, jw);
    return FTH_OK;
}

bool fth_insight_may_deliveries(const struct fth_asked *asked)
{
    return !fth_who_scope(asked->who) && fth_who_may(asked->who, FTH_STR("sources.read"));
}

enum fth_rc fth_insights_summary_key(const struct fth_asked *asked,
                                     const struct fth_summary_request *request, struct fth_str *out,
                                     struct fth_err *err)
{
    struct fth_str what;

    if (fth_costs_summary_key(asked, request, &what, err))
        return err->rc;
    return fth_arena_printf(asked->arena, out, err, "insights%s of " FTH_STR_F,
                            fth_insight_may_deliveries(asked) ? " with deliveries" : "",
                            FTH_STR_A(what));
}

enum fth_rc fth_insights_summary(const struct fth_asked *asked,
                                 const struct fth_summary_request *request, struct fth_str *out,
                                 struct fth_err *err)
{
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct work work = {asked, *request};
    struct fth_str what = {0}, key;

    if (fth_insights_summary_key(asked, request, &what, err) ||
        (!request->currency.n && fth_organisation_currency(asked, &work.request.currency, err)) ||
        fth_arena_printf(asked->arena, &key, err, "%" PRId64 " " FTH_STR_F, version,
                         FTH_STR_A(what)))
        return err->rc;
    return fth_desk_cached(asked, key, version, work_out, &work, out, NULL, err);
}
