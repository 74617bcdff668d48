/* Insights about where data comes from: what is late, what was delivered anew. */
#include "app/desk_int.h"
#include "app/insights_int.h"
#include "app/sources.h"

enum { LATE_DAYS = 2, ANEW_DAYS = 30, DELIVERIES = 200, LIST_MAX = 16 << 20, TEXT_MAX = 4096 };

/* ---- late ---- */

/* The newest billing period of a source. */
struct newest {
    struct fth_str source, period;
    int64_t until_us, loaded_us;
    int final; /* as the newest delivery says */
};
FTH_VEC(newest_vec, struct newest)

/* Segments of a source come one after the other. */
static enum fth_rc take_segment(struct newest_vec *list, const struct fth_segment *segment,
                                struct fth_err *err)
{
    const struct newest own = {segment->source, segment->billing_period, segment->charges_until_us,
                               segment->loaded_us, segment->final};
    struct newest *newest = list->nr ? &list->at[list->nr - 1] : NULL;
    int order;

    if (!newest || !fth_str_eq(newest->source, own.source))
        return newest_vec_push(list, own, err);
    order = fth_str_cmp(own.period, newest->period);
    if (order > 0)
        *newest = own;
    if (order != 0)
        return FTH_OK;
    if (own.loaded_us > newest->loaded_us) {
        newest->loaded_us = own.loaded_us;
        newest->final = own.final;
    }
    if (own.until_us > newest->until_us)
        newest->until_us = own.until_us;
    return FTH_OK;
}

static enum fth_rc add_late(struct fth_insights *insights, const struct newest *newest, int days,
                            struct fth_err *err)
{
    struct fth_insight insight = {
        .kind = "stale_source", .severity = "warning", .dimension = "source"};
    struct fth_buf sentence = fth_buf_max(TEXT_MAX);

    if (fth_arena_str(insights->asked->arena, newest->source, &insight.value, err))
        return err->rc;
    insight.name = insight.value;
    fth_buf_printf(&sentence, FTH_STR_F " is %d days behind: its newest charges end at ",
                   FTH_STR_A(insight.value), days);
    fth_instant_put(&sentence, newest->until_us);
    fth_buf_char(&sentence, '.');
    return fth_insight_add(insights, &insight, &sentence, err);
}

/* Behind yesterday: whoever reads this wants to know it, even when all sources are. A source whose
 * newest period is final has ended, or its next bill has not begun. */
static enum fth_rc find_late_of(struct fth_insights *insights, const struct fth_snapshot *snapshot,
                                int32_t today, struct fth_err *err)
{
    struct newest_vec list = newest_vec_in(insights->asked->arena);

    for (size_t i = 0; i < snapshot->nr; i++)
        if (snapshot->at[i].rows > 0 && take_segment(&list, &snapshot->at[i], err))
            return err->rc;
    for (size_t i = 0; i < list.nr; i++) {
        int days = today - 1 - fth_instant_date(list.at[i].until_us - 1);

        if (list.at[i].final <= 0 && days >= LATE_DAYS &&
            add_late(insights, &list.at[i], days, err))
            return err->rc;
    }
    return FTH_OK;
}

/* From all that the ledger holds, not from what the summary read: a source that ended last year is
 * late, too. */
static enum fth_rc find_late(struct fth_insights *insights, struct fth_err *err)
{
    struct fth_sight sight;
    struct fth_seat seat;
    int32_t today;

    if (!fth_date_parse(fth_json_str(insights->summary, "today", FTH_STR("")), &today))
        return FTH_OK;
    if (fth_desk_look(insights->asked, &seat, &sight, err))
        return err->rc;
    (void)find_late_of(insights, sight.snapshot, today, err);
    fth_desk_look_end(&seat, &sight);
    return err->rc;
}

/* ---- delivered anew ---- */

/* What one of the use cases of deliveries writes. */
static enum fth_rc parse(struct fth_insights *insights, struct fth_jw *jw, struct fth_buf *buf,
                         const struct fth_json **out, struct fth_err *err)
{
    struct fth_arena *arena = insights->asked->arena;
    struct fth_str text;

    if (!fth_jw_done(jw, err) && !fth_arena_str(arena, fth_buf_view(buf), &text, err))
        (void)fth_json_parse(arena, text, NULL, out, err);
    return err->rc;
}

static enum fth_rc read_delivery(struct fth_insights *insights, struct fth_str id,
                                 const struct fth_json **out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(LIST_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    if (!fth_delivery_put(insights->asked->app, insights->asked->arena, id, &jw, err))
        (void)parse(insights, &jw, &buf, out, err);
    else if (err->rc == FTH_E_NOTFOUND)
        fth_err_clear(err);
    fth_buf_release(&buf);
    return err->rc;
}

/* The delivery that this one superseded: among those that were read, or read alone. *out stays NULL
 * when it is not kept any more. */
static enum fth_rc find_before(struct fth_insights *insights, const struct fth_json *all,
                               const struct fth_json *delivery, const struct fth_json **out,
                               struct fth_err *err)
{
    struct fth_str id = fth_json_str(delivery, "supersedes", FTH_STR(""));

    for (size_t i = 0; i < all->nr; i++)
        if (fth_str_eq(fth_json_str(&all->items[i], "id", FTH_STR("")), id)) {
            *out = &all->items[i];
            return FTH_OK;
        }
    return read_delivery(insights, id, out, err);
}

static void put_difference(const struct fth_json *now, const struct fth_json *before,
                           struct fth_insight *insight, struct fth_buf *sentence)
{
    struct fth_err ignored = {0};
    struct fth_money b;

    insight->currency = fth_json_str(now, "currency", FTH_STR(""));
    if (!insight->currency.n ||
        !fth_str_eq(insight->currency, fth_json_str(before, "currency", FTH_STR(""))) ||
        !fth_insight_amount(fth_json_get(now, "billed_cost"), &insight->amount) ||
        !fth_insight_amount(fth_json_get(before, "billed_cost"), &b) ||
        fth_money_sub(&insight->amount, b, &ignored)) {
        insight->currency = (struct fth_str){0};
        fth_buf_char(sentence, '.');
        return;
    }
    insight->has_amount = true;
    if (fth_money_is_zero(insight->amount)) {
        fth_buf_c(sentence, "; its billed cost stayed the same.");
        return;
    }
    fth_buf_c(sentence, ": ");
    fth_insight_money(sentence, insight->amount, insight->currency);
    fth_buf_c(sentence, fth_money_sign(insight->amount) > 0 ? " more billed than before."
                                                            : " less billed than before.");
}

static enum fth_rc add_anew(struct fth_insights *insights, const struct fth_json *before,
                            const struct fth_json *delivery, struct fth_err *err)
{
    struct fth_insight insight = {.kind = "restatement",
                                  .severity = "notice",
                                  .dimension = "source",
                                  .value = fth_json_str(delivery, "source", FTH_STR(""))};
    struct fth_buf sentence = fth_buf_max(TEXT_MAX);

    insight.name = insight.value;
    fth_buf_printf(
        &sentence, FTH_STR_F " of " FTH_STR_F " was delivered anew on " FTH_STR_F,
        FTH_STR_A(fth_json_str(delivery, "billing_period", FTH_STR("?"))), FTH_STR_A(insight.value),
        FTH_STR_A(fth_str_sub(fth_json_str(delivery, "loaded_at", FTH_STR("?")), 0, 10)));
    put_difference(delivery, before, &insight, &sentence);
    return fth_insight_add(insights, &insight, &sentence, err);
}

static bool is_recent(const struct fth_insights *insights, const struct fth_json *delivery)
{
    int32_t today;
    int64_t loaded;

    return fth_json_is(fth_json_get(delivery, "supersedes"), FTH_JSON_STRING) &&
           fth_str_eq_c(fth_json_str(delivery, "status", FTH_STR("")), "loaded") &&
           fth_date_parse(fth_json_str(insights->summary, "today", FTH_STR("")), &today) &&
           fth_instant_parse(fth_json_str(delivery, "loaded_at", FTH_STR("")), &loaded) &&
           today - fth_instant_date(loaded) <= ANEW_DAYS;
}

/* Bills of an open month come again and again and grow. */
static bool came_after_its_end(const struct fth_json *delivery)
{
    int64_t loaded;
    int32_t month;

    return fth_month_parse(fth_json_str(delivery, "billing_period", FTH_STR("")), &month) &&
           fth_instant_parse(fth_json_str(delivery, "loaded_at", FTH_STR("")), &loaded) &&
           fth_instant_date(loaded) >= fth_date_add_months(fth_month_first_date(month), 1);
}

static enum fth_rc add_if_anew(struct fth_insights *insights, const struct fth_json *all,
                               const struct fth_json *delivery, struct fth_err *err)
{
    const struct fth_json *before = NULL;

    if (!is_recent(insights, delivery) || find_before(insights, all, delivery, &before, err) ||
        !came_after_its_end(before))
        return err->rc;
    return add_anew(insights, before, delivery, err);
}

static enum fth_rc read_deliveries(struct fth_insights *insights, const struct fth_json **out,
                                   struct fth_err *err)
{
    const struct fth_deliveries_wish wish = {.limit = DELIVERIES};
    struct fth_buf buf = fth_buf_max(LIST_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    if (!fth_deliveries_put(insights->asked->app, insights->asked->arena, &wish, &jw, err))
        (void)parse(insights, &jw, &buf, out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc find_anew(struct fth_insights *insights, struct fth_err *err)
{
    const struct fth_json *answer = NULL, *all;

    if (read_deliveries(insights, &answer, err))
        return err->rc;
    all = fth_json_get(answer, "data");
    for (size_t i = 0; all && i < all->nr; i++)
        if (add_if_anew(insights, all, &all->items[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_insight_sources(struct fth_insights *insights, struct fth_err *err)
{
    if (find_late(insights, err))
        return err->rc;
    return fth_insight_may_deliveries(insights->asked) ? find_anew(insights, err) : FTH_OK;
}
