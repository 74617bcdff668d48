/* The days around a case, and what it is made of. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/anomaly_int.h"
#include "app/desk_int.h"
#include "app/rows_int.h"
#include "base/check.h"
#include "detect/detect.h"
#include "stats/series.h"

enum {
    BEFORE_DAYS = 42, /* that are shown, and behind it: */
    BEHIND_DAYS = 14,
    COMPARED_DAYS = 28, /* whose mean is what was expected */
    VALUES_MOST = 10,   /* of a dimension that are named */
    PLAN_MAX = 16 * 1024,
    DECIMALS = 10
};
#define WORK_CAP ((size_t)512 << 20)

/* Robust standard deviations on either side of what is expected that are nothing unusual. */
static const double band_width = 2;

/* ---- days ---- */

struct band {
    double expected, low, high; /* NAN: not known yet */
};

/* Of the day that the detector was given last. */
static struct band band_of(const struct fth_detector *d, const struct fth_verdict *v, size_t i)
{
    double c = d->baseline.c, x, wide;

    if (i < FTH_BASELINE_FEWEST || !(c > 0) || isnan(v->expected))
        return (struct band){NAN, NAN, NAN};
    x = fth_stats_asinh(v->expected, c);
    wide = band_width * (double)d->past[0].spread;
    return (struct band){v->expected, fth_stats_asinh_back(x - wide, c),
                         fth_stats_asinh_back(x + wide, c)};
}

static enum fth_rc bands_of(const struct fth_asked *asked, const struct fth_monitored *series,
                            struct band **out, struct fth_err *err)
{
    struct fth_detector *d = FTH_NEW(asked->arena, struct fth_detector);
    struct band *bands = FTH_NEW_ARRAY(asked->arena, struct band, series->n + 1);

    if (!d || !bands)
        return fth_err_nomem(err);
    fth_detector_init(d, asked->app->anomalies.false_alarms);
    for (size_t i = 0; i < series->n; i++) {
        struct fth_verdict v =
            fth_detector_add(d, series->start + (int32_t)i, fth_money_to_double(series->amount[i]));

        bands[i] = band_of(d, &v, i);
    }
    *out = bands;
    return FTH_OK;
}

/* Cents are enough of what is estimated. */
static void put_rounded(struct fth_jw *jw, const char *key, double value)
{
    fth_jw_key(jw, key);
    fth_jw_double(jw, round(value * 100) / 100);
}

static enum fth_rc put_days(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                            const struct fth_monitored *series, struct fth_jw *jw,
                            struct fth_err *err)
{
    int32_t from = anomaly->start - BEFORE_DAYS, to = anomaly->end + BEHIND_DAYS;
    struct band *bands = NULL;

    if (bands_of(asked, series, &bands, err) || !bands)
        return err->rc;
    fth_jw_array(jw);
    for (size_t i = 0; i < series->n; i++) {
        int32_t date = series->start + (int32_t)i;

        if (date < from || date > to)
            continue;
        fth_jw_object(jw);
        fth_jw_kv_date(jw, "date", date);
        fth_jw_kv_money(jw, "actual", series->amount[i]);
        put_rounded(jw, "expected", bands[i].expected);
        put_rounded(jw, "low", bands[i].low);
        put_rounded(jw, "high", bands[i].high);
        fth_jw_kv_bool(jw, "unusual", date >= anomaly->start && date <= anomaly->end);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

/* ---- what it is made of ---- */

struct part {
    struct fth_str value, label; /* p NULL: missing, or none */
    struct fth_money actual, before, expected, change;
    double weight;
};
FTH_VEC(part_vec, struct part)

struct dimension {
    struct fth_str name;
    struct part_vec parts; /* the largest change first */
    double tells;          /* 0 to 1 */
};

struct cause {
    const struct fth_asked *asked;
    const struct fth_anomaly *anomaly;
    int32_t start, end, before_start; /* end: the day behind; before ends with start */
    struct fth_money actual, expected, change;
    struct dimension *at;
    size_t nr;
};

/* The cost of a range by a dimension (empty: as a whole). */
static enum fth_rc plan_of(const struct cause *cause, struct fth_str dimension, bool before,
                           struct fth_arena *arena, const struct fth_plan **out,
                           struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    const struct fth_json *json;
    struct fth_jw jw;

    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "kind", "query");
    fth_jw_kv_c(&jw, "subject", "cost");
    fth_jw_key(&jw, "measures");
    fth_jw_raw(&jw, FTH_STR("[\"effective_cost\"]"));
    fth_jw_kv_range(&jw, "time", before ? cause->before_start : cause->start,
                    before ? cause->start : cause->end);
    fth_jw_key(&jw, "currency");
    fth_jw_null(&jw);
    fth_jw_key(&jw, "group_by");
    fth_jw_array(&jw);
    fth_jw_c(&jw, "currency");
    if (dimension.n)
        fth_jw_str(&jw, dimension);
    fth_jw_array_end(&jw);
    fth_jw_kv_bool(&jw, "spread", true);
    fth_jw_kv_bool(&jw, "labels", true);
    fth_jw_key(&jw, "filters");
    fth_monitor_put_filters(&jw, &cause->anomaly->scope);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) && !fth_json_parse(arena, fth_buf_view(&text), NULL, &json, err))
        (void)fth_plan_parse(arena, json, out, err);
    fth_buf_release(&text);
    return err->rc;
}

/* Rounded where the mean has no end. */
static enum fth_rc expected_of(const struct cause *cause, struct fth_money before,
                               struct fth_money *out, struct fth_err *err)
{
    struct fth_money days, all;

    if (cause->start == cause->before_start) {
        *out = FTH_MONEY_ZERO;
        return FTH_OK;
    }
    if (fth_money_from_scaled(cause->end - cause->start, 0, &days, err) ||
        fth_money_from_scaled(cause->start - cause->before_start, 0, &all, err))
        return err->rc;
    return fth_money_muldiv(before, days, all, DECIMALS, out, err);
}

static bool same(struct fth_str a, struct fth_str b)
{
    return a.p && b.p ? fth_str_eq(a, b) : a.p == b.p;
}

static int by_value(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (!x->value.p || !y->value.p)
        return (x->value.p != NULL) - (y->value.p != NULL);
    return fth_str_cmp(x->value, y->value);
}

static int by_change(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return by_value(a, b);
}

static enum fth_rc keep_text(struct fth_arena *arena, struct fth_str *text, struct fth_err *err)
{
    return text->p ? fth_arena_str(arena, *text, text, err) : FTH_OK;
}

/* The rows of one range; they live in the arena of `inner`, the parts in that of the request. */
static enum fth_rc read_parts(const struct cause *cause, const struct fth_asked *inner,
                              struct fth_str dimension, bool before, struct part_vec *parts,
                              struct fth_err *err)
{
    const struct fth_plan *plan = NULL;
    struct fth_rows rows;
    size_t column = SIZE_MAX;

    if (cause->start == cause->before_start && before)
        return FTH_OK;
    if (plan_of(cause, dimension, before, inner->arena, &plan, err) || !plan ||
        fth_rows_ask(inner, plan, (struct fth_str){0}, 0, &rows, err))
        return err->rc;
    for (size_t c = 0; c < rows.col_nr && dimension.n; c++)
        if (rows.cols[c].kind == FTH_CELL_DIMENSION && strcmp(rows.cols[c].name, "currency") != 0)
            column = c;
    for (size_t i = 0; i < rows.nr; i++) {
        const struct fth_cell *cells = &rows.cells[i * rows.col_nr];
        const struct fth_cell *cost = fth_rows_cell(&rows, i, "effective_cost");
        struct part part = {0};

        if (!cost || cost->null ||
            !fth_str_eq(fth_rows_currency(&rows, i), cause->anomaly->currency))
            continue;
        if (column != SIZE_MAX && !cells[column].null)
            part.value = cells[column].text;
        if (column != SIZE_MAX && column + 1 < rows.col_nr &&
            rows.cols[column + 1].kind == FTH_CELL_LABEL && !cells[column + 1].null)
            part.label = cells[column + 1].text;
        *(before ? &part.before : &part.actual) = cost->money;
        if (keep_text(parts->arena, &part.value, err) ||
            keep_text(parts->arena, &part.label, err) || part_vec_push(parts, part, err))
            return err->rc;
    }
    return FTH_OK;
}

/* Both ranges of a value in one part. */
static enum fth_rc join_parts(struct part_vec *parts, struct fth_err *err)
{
    size_t nr = 0;

    if (parts->nr)
        qsort(parts->at, parts->nr, sizeof(*parts->at), by_value);
    for (size_t i = 0; i < parts->nr; i++) {
        struct part *last = nr ? &parts->at[nr - 1] : NULL;

        if (!last || !same(last->value, parts->at[i].value)) {
            parts->at[nr++] = parts->at[i];
            continue;
        }
        if (!last->label.p)
            last->label = parts->at[i].label;
        if (fth_money_add(&last->actual, parts->at[i].actual, err) ||
            fth_money_add(&last->before, parts->at[i].before, err))
            return err->rc;
    }
    parts->nr = nr;
    return FTH_OK;
}

/* What rounding leaves of the whole goes to the largest, so that the parts add up to it. */
static enum fth_rc expect_parts(const struct cause *cause, struct part_vec *parts,
                                struct fth_err *err)
{
    struct fth_money rest = cause->expected;
    struct part *largest = NULL;

    for (size_t i = 0; i < parts->nr; i++) {
        struct part *part = &parts->at[i];

        if (expected_of(cause, part->before, &part->expected, err) ||
            fth_money_sub(&rest, part->expected, err))
            return err->rc;
        if (!largest ||
            fth_money_cmp(fth_money_abs(part->before), fth_money_abs(largest->before)) > 0)
            largest = part;
    }
    if (largest && fth_money_add(&largest->expected, rest, err))
        return err->rc;
    for (size_t i = 0; i < parts->nr; i++) {
        struct part *part = &parts->at[i];

        part->change = part->actual;
        if (fth_money_sub(&part->change, part->expected, err))
            return err->rc;
        part->weight = fabs(fth_money_to_double(part->change));
    }
    return FTH_OK;
}

/* How far the change is spread over the values in another way than the cost is: 0 where it is the
 * same, as where there is one value. A region with an eighth of the cost and all of the change
 * tells much; a price category with most of either tells little. Where nothing was expected, all
 * values count alike. */
static double tells(const struct part_vec *parts)
{
    double changes = 0, costs = 0, apart = 0;

    for (size_t i = 0; i < parts->nr; i++) {
        changes += parts->at[i].weight;
        costs += fabs(fth_money_to_double(parts->at[i].expected));
    }
    for (size_t i = 0; i < parts->nr && changes > 0; i++) {
        double cost = fabs(fth_money_to_double(parts->at[i].expected));

        apart += fabs(parts->at[i].weight / changes -
                      (costs > 0 ? cost / costs : 1 / (double)parts->nr));
    }
    return apart / 2;
}

static enum fth_rc explain_by(struct cause *cause, struct fth_str name, struct fth_err *err)
{
    struct dimension *dimension = &cause->at[cause->nr];
    struct fth_asked inner = *cause->asked;

    *dimension = (struct dimension){.name = name, .parts = part_vec_in(cause->asked->arena)};
    inner.arena = fth_arena_new(WORK_CAP);
    if (!inner.arena)
        return fth_err_nomem(err);
    if (!read_parts(cause, &inner, name, false, &dimension->parts, err))
        (void)read_parts(cause, &inner, name, true, &dimension->parts, err);
    fth_arena_free(inner.arena);
    if (err->rc || join_parts(&dimension->parts, err) ||
        expect_parts(cause, &dimension->parts, err))
        return err->rc;
    if (dimension->parts.nr)
        qsort(dimension->parts.at, dimension->parts.nr, sizeof(*dimension->parts.at), by_change);
    dimension->tells = tells(&dimension->parts);
    cause->nr++;
    return FTH_OK;
}

static enum fth_rc sum_up(struct cause *cause, struct fth_err *err)
{
    struct part_vec whole = part_vec_in(cause->asked->arena);

    if (read_parts(cause, cause->asked, (struct fth_str){0}, false, &whole, err) ||
        read_parts(cause, cause->asked, (struct fth_str){0}, true, &whole, err) ||
        join_parts(&whole, err))
        return err->rc;
    if (whole.nr) {
        cause->actual = whole.at[0].actual;
        if (expected_of(cause, whole.at[0].before, &cause->expected, err))
            return err->rc;
    }
    cause->change = cause->actual;
    return fth_money_sub(&cause->change, cause->expected, err);
}

static bool is_fixed(const struct fth_monitor_scope *scope, const char *dimension)
{
    return (strcmp(dimension, "sub_account") == 0 &&
            (scope->level == FTH_LEVEL_ACCOUNT || scope->level == FTH_LEVEL_ACCOUNT_SERVICE)) ||
           (strcmp(dimension, "service") == 0 &&
            (scope->level == FTH_LEVEL_SERVICE || scope->level == FTH_LEVEL_ACCOUNT_SERVICE));
}

static int by_tells(const void *a, const void *b)
{
    const struct dimension *x = a, *y = b;

    return (x->tells < y->tells) - (x->tells > y->tells);
}

/* What the scope says already tells nothing more. */
static enum fth_rc explain(struct cause *cause, struct fth_err *err)
{
    static const char *const dimensions[] = {"sub_account",     "service",  "region",
                                             "usage_type",      "resource", "charge_category",
                                             "pricing_category"};
    const struct fth_monitor_scope *scope = &cause->anomaly->scope;
    size_t tag_nr;
    char *const *tags = fth_ledger_hot_tags(cause->asked->app->ledger, &tag_nr);

    cause->at = FTH_NEW_ARRAY(cause->asked->arena, struct dimension, FTH_NR(dimensions) + tag_nr);
    if (!cause->at)
        return fth_err_nomem(err);
    if (sum_up(cause, err))
        return err->rc;
    for (size_t i = 0; i < FTH_NR(dimensions); i++)
        if (!is_fixed(scope, dimensions[i]) && explain_by(cause, fth_str_c(dimensions[i]), err))
            return err->rc;
    for (size_t i = 0; i < tag_nr; i++) {
        struct fth_str name;

        if (fth_str_eq_c(scope->tag, tags[i]))
            continue;
        if (fth_arena_printf(cause->asked->arena, &name, err, "tag:%s", tags[i]) ||
            explain_by(cause, name, err))
            return err->rc;
    }
    qsort(cause->at, cause->nr, sizeof(*cause->at), by_tells);
    return FTH_OK;
}

/* ---- as JSON ---- */

static void put_amounts(struct fth_jw *jw, const struct cause *cause, const struct part *part)
{
    double all = fth_money_to_double(cause->change);

    fth_jw_kv_money(jw, "actual", part->actual);
    fth_jw_kv_money(jw, "expected", part->expected);
    fth_jw_kv_money(jw, "change", part->change);
    fth_jw_key(jw, "share");
    fth_jw_double(jw, all != 0 ? round(1e4 * fth_money_to_double(part->change) / all) / 1e4 : NAN);
}

static void put_text(struct fth_jw *jw, const char *key, struct fth_str text)
{
    fth_jw_key(jw, key);
    if (text.p)
        fth_jw_str(jw, text);
    else
        fth_jw_null(jw);
}

static enum fth_rc put_rest(struct fth_jw *jw, const struct cause *cause,
                            const struct part_vec *parts, struct fth_err *err)
{
    struct part rest = {0};

    fth_jw_key(jw, "rest");
    if (parts->nr <= VALUES_MOST) {
        fth_jw_null(jw);
        return FTH_OK;
    }
    for (size_t i = VALUES_MOST; i < parts->nr; i++)
        if (fth_money_add(&rest.actual, parts->at[i].actual, err) ||
            fth_money_add(&rest.expected, parts->at[i].expected, err) ||
            fth_money_add(&rest.change, parts->at[i].change, err))
            return err->rc;
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "value_count", (int64_t)(parts->nr - VALUES_MOST));
    put_amounts(jw, cause, &rest);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_dimension(struct fth_jw *jw, const struct cause *cause,
                                 const struct dimension *dimension, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "dimension", dimension->name);
    fth_jw_key(jw, "values");
    fth_jw_array(jw);
    for (size_t i = 0; i < dimension->parts.nr && i < VALUES_MOST; i++) {
        const struct part *part = &dimension->parts.at[i];

        fth_jw_object(jw);
        put_text(jw, "value", part->value);
        put_text(jw, "label", part->label);
        put_amounts(jw, cause, part);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    if (put_rest(jw, cause, &dimension->parts, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_cause(const struct cause *cause, struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", cause->start);
    fth_jw_kv_date(jw, "end", cause->end);
    fth_jw_kv_date(jw, "before_start", cause->before_start);
    fth_jw_kv_date(jw, "before_end", cause->start);
    fth_jw_kv_money(jw, "actual", cause->actual);
    fth_jw_kv_money(jw, "expected", cause->expected);
    fth_jw_kv_money(jw, "change", cause->change);
    fth_jw_key(jw, "dimensions");
    fth_jw_array(jw);
    for (size_t i = 0; i < cause->nr; i++)
        if (put_dimension(jw, cause, &cause->at[i], err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* ---- both, kept as answers are ---- */

static enum fth_rc work_out(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct cause *cause = ctx;
    const struct fth_anomaly *anomaly = cause->anomaly;
    struct fth_monitored series;

    if (fth_monitor_read_one(cause->asked, &anomaly->scope, anomaly->currency, &series, err))
        return err->rc;
    cause->start = anomaly->start;
    cause->end = anomaly->end + 1;
    cause->before_start = cause->start - COMPARED_DAYS;
    if (series.n && cause->before_start < series.start)
        cause->before_start = series.start < cause->start ? series.start : cause->start;
    fth_jw_object(jw);
    fth_jw_key(jw, "series");
    if (put_days(cause->asked, anomaly, &series, jw, err) || explain(cause, err))
        return err->rc;
    fth_jw_key(jw, "contributions");
    if (put_cause(cause, jw, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc fth_anomaly_put_cause(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                  struct fth_jw *jw, struct fth_err *err)
{
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct cause cause = {.asked = asked, .anomaly = anomaly};
    const struct fth_json *json;
    struct fth_str key, text;

    if (fth_arena_printf(asked->arena, &key, err,
                         "anomaly %" PRId64 " " FTH_STR_F " %" PRId64 " %" PRId32, version,
                         FTH_STR_A(anomaly->id), anomaly->revision,
                         fth_instant_date(fth_clock_now_us(&asked->app->clock))) ||
        fth_desk_cached(asked, key, version, work_out, &cause, &text, NULL, err) ||
        fth_json_parse(asked->arena, text, NULL, &json, err))
        return err->rc;
    for (size_t i = 0; i < json->nr; i++) {
        fth_jw_key_str(jw, json->members[i].key);
        fth_jw_json(jw, &json->members[i].value);
    }
    return FTH_OK;
}
