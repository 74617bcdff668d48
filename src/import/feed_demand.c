/* What a record must satisfy: the layout's demands. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "import/currency.h"
#include "import/feed_parts.h"

enum { WHY_MAX = 256 };

/* ---- columns ---- */

enum fth_rc fth_feed_demands_resolve(struct fth_import_feed *feed, struct fth_err *err)
{
    const struct fth_feed_layout *layout = feed->layout;
    struct fth_feed_demand_cols *all =
        FTH_NEW_ARRAY(feed->arena, struct fth_feed_demand_cols, layout->demand_nr + 1);

    FTH_CHECK(layout->demand_nr <= FTH_FEED_DEMAND_MAX);
    if (!all)
        return fth_err_nomem(err);
    for (size_t i = 0; i < layout->demand_nr; i++) {
        const struct fth_feed_demand *demand = &layout->demands[i];
        const char *const one[] = {demand->column, NULL};
        const char *const *names = demand->column ? one : demand->names;
        size_t nr = 0, *cols;

        while (names[nr])
            nr++;
        cols = FTH_NEW_ARRAY(feed->arena, size_t, nr);
        if (!cols)
            return fth_err_nomem(err);
        for (size_t k = 0; k < nr; k++)
            cols[k] = fth_feed_col_named(layout, names[k]);
        all[i] = (struct fth_feed_demand_cols){
            cols, nr, demand->than ? fth_feed_col_named(layout, demand->than) : SIZE_MAX};
        FTH_CHECK(cols[0] != SIZE_MAX && (!demand->than || all[i].than != SIZE_MAX));
    }
    feed->demand_cols = all;
    return FTH_OK;
}

static size_t column_of(const struct fth_feed_worker *w, size_t col)
{
    return w->block.file->binding.source[col].at;
}

/* ---- what was found right before ---- */

static bool is_remembered(const struct fth_feed_demand_memo *memo, const struct fth_str text[2])
{
    return memo->set && text[0].n == memo->n[0] && text[1].n == memo->n[1] &&
           memcmp(text[0].p, memo->text[0], text[0].n) == 0 &&
           memcmp(text[1].p, memo->text[1], text[1].n) == 0;
}

static void remember(struct fth_feed_demand_memo *memo, const struct fth_str text[2])
{
    memo->set = text[0].n <= sizeof(memo->text[0]) && text[1].n <= sizeof(memo->text[1]) &&
                text[0].p && text[1].p;
    for (size_t i = 0; memo->set && i < 2; i++) {
        memcpy(memo->text[i], text[i].p, text[i].n);
        memo->n[i] = (unsigned char)text[i].n;
    }
}

/* ---- one demand ---- */

static enum fth_rc refuse(struct fth_feed_worker *w, size_t r, size_t d, struct fth_str value,
                          const char *why, struct fth_err *err)
{
    const struct fth_feed_demand *demand = &w->feed->layout->demands[d];
    const struct fth_feed_fault fault = {.column = column_of(w, w->feed->demand_cols[d].cols[0]),
                                         .value = value,
                                         .rule = demand->rule,
                                         .why = why,
                                         .rc = FTH_E_INVALID};

    return fth_feed_refuse(w, r, &fault, err);
}

static bool is_one_of(struct fth_str text, const char *const *names)
{
    while (*names && !fth_str_eq_c(text, *names))
        names++;
    return *names != NULL;
}

static void list_names(char *why, const char *const *names)
{
    size_t n = (size_t)snprintf(why, WHY_MAX, "is none of");

    for (; *names && n < WHY_MAX; names++)
        n += (size_t)snprintf(why + n, WHY_MAX - n, " %s%s", *names, names[1] ? "," : "");
}

static enum fth_rc ask_text(struct fth_feed_worker *w, size_t r, size_t d, struct fth_err *err)
{
    const struct fth_feed_demand *demand = &w->feed->layout->demands[d];
    struct fth_str text[2] = {{0}, FTH_STR("")};
    char why[WHY_MAX] = "is no currency code of ISO 4217";
    enum fth_rc rc = fth_feed_value(w, r, w->feed->demand_cols[d].cols[0], &text[0], err);
    bool right;

    if (rc || (text[0].n && is_remembered(&w->memo[d], text)))
        return rc;
    if (demand->optional && !text[0].n) {
        w->lacking[d]++;
        return FTH_OK;
    }
    if (demand->kind == FTH_DEMAND_CURRENCY) {
        right = fth_currency_is_code(text[0]);
    } else if (demand->kind == FTH_DEMAND_VALUE) {
        right = text[0].n > 0;
    } else {
        right = is_one_of(text[0], demand->names);
        if (!right)
            list_names(why, demand->names);
    }
    if (!right)
        return refuse(w, r, d, text[0], text[0].n ? why : "is missing", err);
    remember(&w->memo[d], text);
    return FTH_OK;
}

/* The texts of a CSV file, so that the same two moments are not read again and again. */
static enum fth_rc moments_as_text(struct fth_feed_worker *w, size_t r, size_t d,
                                   struct fth_str text[2], struct fth_err *err)
{
    enum fth_rc rc = fth_feed_value(w, r, w->feed->demand_cols[d].cols[0], &text[0], err);

    return rc ? rc : fth_feed_value(w, r, w->feed->demand_cols[d].than, &text[1], err);
}

static enum fth_rc ask_order(struct fth_feed_worker *w, size_t r, size_t d, struct fth_err *err)
{
    const struct fth_feed_demand *demand = &w->feed->layout->demands[d];
    const struct fth_feed_demand_cols *cols = &w->feed->demand_cols[d];
    bool csv = w->block.chunk != NULL, has_end = false, has_start = false;
    struct fth_str text[2] = {{0}};
    int64_t end = 0, start = 0;
    char why[WHY_MAX];
    enum fth_rc rc = csv ? moments_as_text(w, r, d, text, err) : FTH_OK;

    if (rc || (csv && (!text[0].n || is_remembered(&w->memo[d], text))))
        return rc;
    rc = fth_feed_instant(w, r, cols->cols[0], &end, &has_end, err);
    if (!rc)
        rc = fth_feed_instant(w, r, cols->than, &start, &has_start, err);
    if (rc || !has_end || !has_start)
        return rc;
    if (demand->kind == FTH_DEMAND_AFTER ? end > start : end >= start) {
        remember(&w->memo[d], text);
        return FTH_OK;
    }
    if (!csv)
        rc = moments_as_text(w, r, d, text, err);
    snprintf(why, sizeof(why), "is %s %s \"%.*s\"", end < start ? "before" : "not after",
             demand->than, (int)(text[1].n < 100 ? text[1].n : 100), text[1].p);
    return rc ? rc : refuse(w, r, d, text[0], why, err);
}

static enum fth_rc ask_any(struct fth_feed_worker *w, size_t r, size_t d, struct fth_err *err)
{
    const struct fth_feed_demand_cols *cols = &w->feed->demand_cols[d];
    char why[WHY_MAX];

    for (size_t i = 0; i < cols->nr; i++) {
        struct fth_str text = {0};

        if (w->money_slot[cols->cols[i]] != UINT8_MAX) {
            if (fth_feed_seen(w, cols->cols[i], r))
                return FTH_OK;
        } else if (fth_feed_value(w, r, cols->cols[i], &text, err) || text.n) {
            return err->rc;
        }
    }
    snprintf(why, sizeof(why), "is missing, and so is every other cost");
    return refuse(w, r, d, FTH_STR(""), why, err);
}

static bool is_asked(const struct fth_feed_worker *w, size_t d)
{
    const struct fth_feed_demand_cols *cols = &w->feed->demand_cols[d];

    return column_of(w, cols->cols[0]) != SIZE_MAX &&
           (cols->than == SIZE_MAX || column_of(w, cols->than) != SIZE_MAX);
}

static enum fth_rc ask(struct fth_feed_worker *w, size_t r, size_t d, struct fth_err *err)
{
    switch (w->feed->layout->demands[d].kind) {
    case FTH_DEMAND_NOT_BEFORE:
    case FTH_DEMAND_AFTER:
        return ask_order(w, r, d, err);
    case FTH_DEMAND_ANY:
        return ask_any(w, r, d, err);
    default:
        return ask_text(w, r, d, err);
    }
}

/* Record by record, so that of several bad ones the first is named. */
enum fth_rc fth_feed_see_demands(struct fth_feed_worker *worker, struct fth_err *err)
{
    size_t asked[FTH_FEED_DEMAND_MAX], nr = 0;

    memset(worker->lacking, 0, sizeof(worker->lacking));
    for (size_t d = 0; d < worker->feed->layout->demand_nr; d++)
        if (is_asked(worker, d))
            asked[nr++] = d;
    for (size_t r = 0; r < worker->block.nr; r++)
        for (size_t i = 0;
             i < nr && !worker->set_aside[r] && !worker->other[r] && !worker->aside[r]; i++)
            if (ask(worker, r, asked[i], err))
                return err->rc;
    return FTH_OK;
}
