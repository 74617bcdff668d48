/* Insights about where data comes from: what is late, what was delivered anew. */
#include "app/app_int.h"
#include "app/insights_int.h"
#include "app/sources.h"

enum { LATE_DAYS = 2, ANEW_DAYS = 30, DELIVERIES = 200, LIST_MAX = 16 << 20, TEXT_MAX = 4096 };

/* ---- late ---- */

/* The last day of which a source has charges; false when that is not known. */
static bool last_day(const struct fth_json *fresh, int32_t *out)
{
    int64_t until;

    if (!fth_instant_parse(fth_json_str(fresh, "charges_until", FTH_STR("")), &until))
        return false;
    *out = fth_instant_date(until - 1);
    return true;
}

/* Has the source of this row a newer period? */
static bool is_newest(const struct fth_json *all, const struct fth_json *fresh)
{
    struct fth_str source = fth_json_str(fresh, "source", FTH_STR(""));
    struct fth_str period = fth_json_str(fresh, "billing_period", FTH_STR(""));

    for (size_t i = 0; i < all->nr; i++)
        if (fth_str_eq(fth_json_str(&all->items[i], "source", FTH_STR("")), source) &&
            fth_str_cmp(fth_json_str(&all->items[i], "billing_period", FTH_STR("")), period) > 0)
            return false;
    return true;
}

static enum fth_rc add_late(struct fth_insights *insights, const struct fth_json *fresh, int days,
                            struct fth_err *err)
{
    struct fth_insight insight = {.kind = "stale_source",
                                  .severity = "warning",
                                  .dimension = "source",
                                  .value = fth_json_str(fresh, "source", FTH_STR(""))};
    struct fth_buf sentence = fth_buf_max(TEXT_MAX);

    insight.name = insight.value;
    fth_buf_printf(&sentence,
                   FTH_STR_F " is %d days behind: its newest charges end at " FTH_STR_F ".",
                   FTH_STR_A(insight.value), days,
                   FTH_STR_A(fth_json_str(fresh, "charges_until", FTH_STR("?"))));
    return fth_insight_add(insights, &insight, &sentence, err);
}

/* Behind yesterday: whoever reads this wants to know it, even when all sources are. A source whose
 * newest period is final has ended, or its next bill has not begun. */
static enum fth_rc find_late(struct fth_insights *insights, struct fth_err *err)
{
    const struct fth_json *all = fth_json_get(insights->summary, "freshness");
    int32_t today, last;

    if (!fth_date_parse(fth_json_str(insights->summary, "today", FTH_STR("")), &today))
        return FTH_OK;
    for (size_t i = 0; all && i < all->nr; i++) {
        const struct fth_json *fresh = &all->items[i];

        if (!is_newest(all, fresh) || fth_json_bool(fth_json_get(fresh, "final"), false) ||
            !last_day(fresh, &last) || today - 1 - last < LATE_DAYS)
            continue;
        if (add_late(insights, fresh, today - 1 - last, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- delivered anew ---- */

static const struct fth_json *by_id(const struct fth_json *all, const struct fth_json *id)
{
    for (size_t i = 0; fth_json_is(id, FTH_JSON_STRING) && i < all->nr; i++)
        if (fth_str_eq(fth_json_str(&all->items[i], "id", FTH_STR("")), id->text))
            return &all->items[i];
    return NULL;
}

static void put_difference(const struct fth_json *now, const struct fth_json *before,
                           struct fth_insight *insight, struct fth_buf *sentence)
{
    struct fth_err ignored = {0};
    struct fth_money b;

    insight->currency = fth_json_str(now, "currency", FTH_STR(""));
    if (!before || !insight->currency.n ||
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

static enum fth_rc add_anew(struct fth_insights *insights, const struct fth_json *all,
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
    put_difference(delivery, by_id(all, fth_json_get(delivery, "supersedes")), &insight, &sentence);
    return fth_insight_add(insights, &insight, &sentence, err);
}

static bool is_anew(const struct fth_insights *insights, const struct fth_json *delivery)
{
    int32_t today;
    int64_t loaded;

    return fth_json_is(fth_json_get(delivery, "supersedes"), FTH_JSON_STRING) &&
           fth_str_eq_c(fth_json_str(delivery, "status", FTH_STR("")), "loaded") &&
           fth_date_parse(fth_json_str(insights->summary, "today", FTH_STR("")), &today) &&
           fth_instant_parse(fth_json_str(delivery, "loaded_at", FTH_STR("")), &loaded) &&
           today - fth_instant_date(loaded) <= ANEW_DAYS;
}

static enum fth_rc read_deliveries(struct fth_insights *insights, const struct fth_json **out,
                                   struct fth_err *err)
{
    const struct fth_deliveries_wish wish = {.limit = DELIVERIES};
    struct fth_arena *arena = insights->asked->arena;
    struct fth_buf buf = fth_buf_max(LIST_MAX);
    struct fth_str text;
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    if (!fth_deliveries_put(insights->asked->app, arena, &wish, &jw, err) &&
        !fth_jw_done(&jw, err) && !fth_arena_str(arena, fth_buf_view(&buf), &text, err))
        (void)fth_json_parse(arena, text, NULL, out, err);
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
        if (is_anew(insights, &all->items[i]) && add_anew(insights, all, &all->items[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_insight_sources(struct fth_insights *insights, struct fth_err *err)
{
    if (find_late(insights, err))
        return err->rc;
    return fth_who_scope(insights->asked->who) ? FTH_OK : find_anew(insights, err);
}
