/* Cases, as they are listed and shown. */
#include "app/anomalies.h"

#include <stdio.h>

#include "app/anomaly_int.h"
#include "base/check.h"
#include "jobs/jobs.h"

#define SQL FTH_ANOMALY_SQL

enum { BATCH = 200, COUNTS_MOST = 200000, NUMBER_TEXT = 24 };

/* ---- who sees it ---- */

/* What a condition says of charges of which only a case's scope is known. */
enum says { SAYS_NO, SAYS_YES, SAYS_UNKNOWN };

/* The value that all its charges have of a field; false: they may have several. */
static bool value_of(const struct fth_monitor_scope *of, struct fth_str field, struct fth_str *out)
{
    bool account = of->level == FTH_LEVEL_ACCOUNT || of->level == FTH_LEVEL_ACCOUNT_SERVICE;
    bool service = of->level == FTH_LEVEL_SERVICE || of->level == FTH_LEVEL_ACCOUNT_SERVICE;

    if (account && fth_str_eq_c(field, "sub_account"))
        *out = of->account;
    else if (service && fth_str_eq_c(field, "service"))
        *out = of->service;
    else if (of->level == FTH_LEVEL_TAG && fth_str_starts(field, FTH_STR("tag:")) &&
             fth_str_eq(fth_str_sub(field, 4, SIZE_MAX), of->tag))
        *out = of->value;
    else
        return false;
    return true;
}

static bool is_among(const struct fth_filter *filter, struct fth_str value)
{
    for (size_t i = 0; i < filter->value_nr; i++)
        if (value.p && fth_str_eq(filter->values[i], value))
            return true;
    return false;
}

/* Values of a scope are those that are stored, letter for letter (plan/scope.h). */
static enum says say_leaf(const struct fth_filter *filter, const struct fth_monitor_scope *of)
{
    struct fth_str value = {0};

    if (!value_of(of, filter->field, &value))
        return SAYS_UNKNOWN;
    switch (filter->op) {
    case FTH_FILTER_IN:
        return is_among(filter, value) ? SAYS_YES : SAYS_NO;
    case FTH_FILTER_NOT_IN:
        return value.p ? (is_among(filter, value) ? SAYS_NO : SAYS_YES) : SAYS_UNKNOWN;
    case FTH_FILTER_MISSING:
        return value.p ? SAYS_NO : SAYS_YES;
    case FTH_FILTER_PRESENT:
        return value.p ? SAYS_YES : SAYS_NO;
    default:
        return SAYS_UNKNOWN;
    }
}

static enum says say(const struct fth_filter *filter, const struct fth_monitor_scope *of);

/* The first that is `decides` decides; else what is not known makes it unknown. */
static enum says say_all(const struct fth_filter *filter, const struct fth_monitor_scope *of,
                         enum says decides)
{
    enum says all = decides == SAYS_NO ? SAYS_YES : SAYS_NO;

    for (size_t i = 0; i < filter->part_nr; i++) {
        enum says one = say(filter->parts[i], of);

        if (one == decides)
            return one;
        if (one == SAYS_UNKNOWN)
            all = one;
    }
    return all;
}

static enum says say(const struct fth_filter *filter, const struct fth_monitor_scope *of)
{
    enum says one;

    switch (filter->op) {
    case FTH_FILTER_AND:
        return say_all(filter, of, SAYS_NO);
    case FTH_FILTER_OR:
        return say_all(filter, of, SAYS_YES);
    case FTH_FILTER_NOT:
        one = say(filter->parts[0], of);
        return one == SAYS_YES ? SAYS_NO : one == SAYS_NO ? SAYS_YES : SAYS_UNKNOWN;
    default:
        return say_leaf(filter, of);
    }
}

bool fth_anomaly_inside(const struct fth_filter *scope, const struct fth_monitor_scope *of)
{
    return !scope || say(scope, of) == SAYS_YES;
}

/* ---- pages ---- */

/* With commas in front and behind, so that LIKE finds a whole word. */
static enum fth_rc words(struct fth_arena *arena, struct fth_str list, struct fth_str *out,
                         struct fth_err *err)
{
    if (list.n)
        return fth_arena_printf(arena, out, err, "," FTH_STR_F ",", FTH_STR_A(list));
    *out = FTH_STR("");
    return FTH_OK;
}

enum { FILTERS = 7 };

/* Severities, level, account, service, direction, from, to. */
static enum fth_rc filters_of(const struct fth_asked *asked,
                              const struct fth_anomalies_request *request,
                              struct fth_val vals[FILTERS], struct fth_err *err)
{
    const struct fth_str days[] = {request->from, request->to};
    struct fth_str severities;
    int32_t ignored;

    for (size_t i = 0; i < FTH_NR(days); i++)
        if (days[i].n && !fth_date_parse(days[i], &ignored))
            return fth_err_set(err, FTH_E_INVALID, "%s: \"" FTH_STR_F "\" is no date",
                               i ? "to" : "from", FTH_STR_A(days[i]));
    if (words(asked->arena, request->severities, &severities, err))
        return err->rc;

    const struct fth_str texts[FILTERS] = {severities,       request->level,     request->account,
                                           request->service, request->direction, request->from,
                                           request->to};

    for (size_t i = 0; i < FILTERS; i++)
        vals[i] = FTH_VAL_STR(texts[i].p ? texts[i] : FTH_STR(""));
    return FTH_OK;
}

/* Where a page goes on. */
struct place {
    struct fth_str day;
    int64_t rank, number;
};

static enum fth_rc place_of(const struct fth_anomalies_request *request, struct place *out,
                            struct fth_err *err)
{
    *out = (struct place){FTH_STR("9999-12-31"), INT64_MAX, INT64_MAX};
    if (!request->after_number.n)
        return FTH_OK;
    if (!fth_str_to_i64(request->after_number, &out->number) ||
        (!request->by_start && !fth_str_to_i64(request->after_key, &out->rank)))
        return fth_err_set(err, FTH_E_INVALID, "the cursor is not one of this list");
    out->day = request->after_key;
    return FTH_OK;
}

static enum fth_rc read_batch(const struct fth_asked *asked,
                              const struct fth_anomalies_request *request, struct place place,
                              struct fth_table *out, struct fth_err *err)
{
    struct fth_val vals[FILTERS + 4];
    struct fth_str states;

    if (words(asked->arena, request->states, &states, err) ||
        filters_of(asked, request, vals + 1, err))
        return err->rc;
    vals[0] = FTH_VAL_STR(states);
    vals[FILTERS + 1] = request->by_start ? FTH_VAL_STR(place.day) : FTH_VAL_I64(place.rank);
    vals[FILTERS + 2] = FTH_VAL_I64(place.number);
    vals[FILTERS + 3] = FTH_VAL_I64(BATCH);
    return fth_db_read(asked->app->db, request->by_start ? SQL "by_start" : SQL "by_impact", vals,
                       FTH_NR(vals), asked->arena, BATCH, out, err);
}

static enum fth_rc day_text(struct fth_arena *arena, int32_t date, struct fth_str *out,
                            struct fth_err *err)
{
    char text[10];

    fth_date_text(date, text);
    return fth_arena_str(arena, (struct fth_str){text, sizeof(text)}, out, err);
}

/* Goes on behind the row. */
static enum fth_rc move_behind(const struct fth_asked *asked, const struct fth_anomaly *row,
                               struct place *place, struct fth_err *err)
{
    place->rank = row->rank;
    place->number = row->number;
    return day_text(asked->arena, row->start, &place->day, err);
}

/* Rows that the caller may see are put on the page; *full: there is one more than it holds. */
static enum fth_rc take_batch(const struct fth_asked *asked, const struct fth_table *table,
                              size_t limit, struct fth_anomaly_page *page, struct place *place,
                              bool *full, struct fth_err *err)
{
    for (size_t i = 0; i < table->row_nr; i++) {
        struct fth_anomaly *row = FTH_NEW(asked->arena, struct fth_anomaly);

        if (!row)
            return fth_err_nomem(err);
        if (fth_anomaly_of_row(table, i, row, err))
            return err->rc;
        if (fth_anomaly_inside(fth_who_scope(asked->who), &row->scope)) {
            *full = page->nr == limit;
            if (*full)
                return FTH_OK;
            page->at[page->nr++] = row;
        }
        if (move_behind(asked, row, place, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc set_end(const struct fth_asked *asked,
                           const struct fth_anomalies_request *request,
                           struct fth_anomaly_page *page, struct fth_err *err)
{
    const struct fth_anomaly *last = page->at[page->nr - 1];

    if (fth_arena_printf(asked->arena, &page->number, err, "%lld", (long long)last->number))
        return err->rc;
    if (request->by_start)
        return day_text(asked->arena, last->start, &page->key, err);
    return fth_arena_printf(asked->arena, &page->key, err, "%lld", (long long)last->rank);
}

enum fth_rc fth_anomalies_page(const struct fth_asked *asked,
                               const struct fth_anomalies_request *request,
                               struct fth_anomaly_page *out, struct fth_err *err)
{
    struct fth_anomaly_page page = {
        .at = FTH_NEW_ARRAY(asked->arena, const struct fth_anomaly *, request->limit + 1)};
    struct fth_table table = {.row_nr = BATCH};
    struct place place;

    FTH_CHECK(request->limit >= 1 && request->limit <= FTH_ANOMALY_PAGE);
    if (!page.at)
        return fth_err_nomem(err);
    if (place_of(request, &place, err) || fth_anomalies_wake(asked, err))
        return err->rc;
    while (!page.more && table.row_nr == BATCH)
        if (read_batch(asked, request, place, &table, err) ||
            take_batch(asked, &table, request->limit, &page, &place, &page.more, err))
            return err->rc;
    if (page.more && set_end(asked, request, &page, err))
        return err->rc;
    *out = page;
    return FTH_OK;
}

/* ---- how many there are ---- */

enum { COUNT_STATE, COUNT_LEVEL, COUNT_ACCOUNT, COUNT_SERVICE, COUNT_TAG, COUNT_VALUE, COUNT_NR };

static struct fth_str count_text(const struct fth_table *table, size_t row, size_t col)
{
    const struct fth_val *val = fth_table_val(table, row, col);

    return val->type == FTH_V_NULL ? (struct fth_str){0} : val->text;
}

static enum fth_rc put_counts(const struct fth_asked *asked,
                              const struct fth_anomalies_request *request, struct fth_jw *jw,
                              struct fth_err *err)
{
    static const char *const states[] = {"open",     "acknowledged",   "snoozed",
                                         "resolved", "false_positive", "merged"};
    int64_t nr[FTH_NR(states)] = {0};
    struct fth_val vals[FILTERS];
    struct fth_table table;

    if (filters_of(asked, request, vals, err) ||
        fth_db_read(asked->app->db, SQL "counts", vals, FILTERS, asked->arena, COUNTS_MOST, &table,
                    err))
        return err->rc;
    for (size_t i = 0; i < table.row_nr; i++) {
        struct fth_monitor_scope scope = {.account = count_text(&table, i, COUNT_ACCOUNT),
                                          .service = count_text(&table, i, COUNT_SERVICE),
                                          .tag = count_text(&table, i, COUNT_TAG),
                                          .value = count_text(&table, i, COUNT_VALUE)};

        if (!fth_level_named(count_text(&table, i, COUNT_LEVEL), &scope.level) ||
            !fth_anomaly_inside(fth_who_scope(asked->who), &scope))
            continue;
        for (size_t s = 0; s < FTH_NR(states); s++)
            if (fth_str_eq_c(count_text(&table, i, COUNT_STATE), states[s]))
                nr[s] += fth_table_val(&table, i, COUNT_NR)->i64;
    }
    fth_jw_key(jw, "counts");
    fth_jw_object(jw);
    for (size_t s = 0; s < FTH_NR(states); s++)
        fth_jw_kv_i64(jw, states[s], nr[s]);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* The object AnomalyRun, as the run left it. */
static enum fth_rc put_last_run(const struct fth_asked *asked, struct fth_jw *jw,
                                struct fth_err *err)
{
    const struct fth_val name = FTH_VAL_C("anomalies.last_run");
    struct fth_table table = {0};

    if (!fth_who_scope(asked->who) &&
        fth_db_read(asked->app->db, "state/setting/one", &name, 1, asked->arena, 1, &table, err))
        return err->rc;
    fth_jw_key(jw, "last_run");
    if (table.row_nr)
        fth_jw_raw(jw, fth_table_val(&table, 0, 0)->text);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "ledger_version");
    if (fth_who_scope(asked->who))
        fth_jw_null(jw);
    else
        fth_jw_i64(jw, fth_ledger_version(asked->app->ledger));
    return FTH_OK;
}

enum fth_rc fth_anomalies_put(const struct fth_asked *asked,
                              const struct fth_anomalies_request *request,
                              const struct fth_anomaly_page *page, struct fth_str cursor,
                              struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < page->nr; i++)
        if (fth_anomaly_put(asked, page->at[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_opt(jw, "next_cursor", cursor);
    if (put_counts(asked, request, jw, err) || put_last_run(asked, jw, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* ---- one ---- */

enum fth_rc fth_anomaly_find(const struct fth_asked *asked, struct fth_str id,
                             const struct fth_anomaly **out, struct fth_err *err)
{
    const struct fth_val val = FTH_VAL_STR(id);
    struct fth_anomaly *row = FTH_NEW(asked->arena, struct fth_anomaly);
    struct fth_table table;

    if (!row)
        return fth_err_nomem(err);
    if (fth_anomalies_wake(asked, err) ||
        fth_db_read(asked->app->db, SQL "one", &val, 1, asked->arena, 1, &table, err) ||
        (table.row_nr && fth_anomaly_of_row(&table, 0, row, err)))
        return err->rc;
    if (table.row_nr == 0 || !fth_anomaly_inside(fth_who_scope(asked->who), &row->scope))
        return fth_err_set(err, FTH_E_NOTFOUND, "no anomaly \"" FTH_STR_F "\"", FTH_STR_A(id));
    *out = row;
    return FTH_OK;
}

enum fth_rc fth_anomaly_etag(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                             struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(asked->arena, out, err, "\"" FTH_STR_F ".%lld\"",
                            FTH_STR_A(anomaly->id), (long long)anomaly->revision);
}
