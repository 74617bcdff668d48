/* Reads plans: one function a field, listed in `fields`; what spans several fields is checked last.
 */
#include <stdlib.h>

#include "base/check.h"
#include "plan/filter_int.h"
#include "plan/plan_int.h"

struct reader {
    struct fth_arena *arena;
    struct fth_plan *plan;
    const char *pointer; /* of the field that is read: "/time" */
};

static const char *const grains[] = {"none", "hour", "day", "week", "month", "quarter", "year"};
static const char *const cmps[] = {"gt", "gte", "lt", "lte", "eq"};
static const char *const subjects[] = {
    "cost",      "unit_cost",  "forecast", "budget",     "anomaly",          "recommendation",
    "savings",   "commitment", "resource", "kubernetes", "policy_violation", "approval",
    "execution",
};
/* Measures of the plan's schema that belong to subjects which are not there yet. */
static const char *const other_measures[] = {
    "cost_per_unit",
    "forecast_cost",
    "anomaly_count",
    "impact",
    "recommendation_count",
    "estimated_monthly_savings",
    "realized_savings",
    "realization_rate",
    "effective_savings_rate",
    "budget_amount",
    "actual_cost",
    "utilization",
    "remaining",
    "forecast_variance",
    "exhaustion_date",
    "coverage",
    "unused_commitment_cost",
    "expiring_commitment",
    "commitment_count",
    "violation_count",
    "approval_count",
    "execution_count",
    "k8s_cost",
    "k8s_idle_cost",
    "cpu_efficiency",
    "memory_efficiency",
    "cpu_waste_cost",
    "memory_waste_cost",
};
static const char *const derived[] = {"change", "change_pct", "slope"};

const char *fth_grain_name(enum fth_grain grain)
{
    return grains[grain];
}

const char *fth_cmp_name(enum fth_cmp cmp)
{
    return cmps[cmp];
}

const char *fth_plan_term_name(struct fth_plan_term term)
{
    if (term.term == FTH_TERM_MEASURE)
        return fth_measure_info(term.measure)->id;
    return derived[term.term - FTH_TERM_CHANGE];
}

bool fth_plan_uses(const struct fth_plan *plan, enum fth_term term)
{
    for (size_t i = 0; i < plan->having_nr; i++)
        if (plan->having[i].what.term == term)
            return true;
    return (plan->has_assert && plan->assertion.what.term == term) ||
           (plan->has_order && plan->order.term == term);
}

/* ---- errors ---- */

static enum fth_rc wrong(const struct reader *r, struct fth_err *err, const char *below,
                         const char *what)
{
    fth_err_set(err, FTH_E_INVALID, "%s%s: %s", r->pointer, below, what);
    fth_err_at(err, "%s%s", r->pointer, below);
    return err->rc;
}

static size_t find_name(struct fth_str text, const char *const *names, size_t nr)
{
    size_t i = 0;

    while (i < nr && !fth_str_eq_c(text, names[i]))
        i++;
    return i;
}

/* "unknown "x", expected one of a, b, c", with the nearest as hint. */
static enum fth_rc unknown(const struct reader *r, struct fth_err *err, const char *below,
                           struct fth_str text, const char *const *names, size_t nr)
{
    struct fth_buf list = fth_buf_max(sizeof(err->msg));
    const char *near = fth_nearest(text, names, nr);

    for (size_t i = 0; i < nr; i++)
        fth_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    fth_err_set(err, FTH_E_INVALID, "%s%s: unknown \"" FTH_STR_F "\", expected one of " FTH_STR_F,
                r->pointer, below, FTH_STR_A(fth_str_sub(text, 0, 100)),
                FTH_STR_A(fth_buf_view(&list)));
    fth_err_at(err, "%s%s", r->pointer, below);
    if (near)
        fth_err_hint(err, "Did you mean \"%s\"?", near);
    fth_buf_release(&list);
    return err->rc;
}

static enum fth_rc one_of(const struct reader *r, const struct fth_json *json, const char *below,
                          const char *const *names, size_t nr, size_t *out, struct fth_err *err)
{
    size_t i;

    if (!fth_json_is(json, FTH_JSON_STRING))
        return wrong(r, err, below, "expected a text");
    i = find_name(json->text, names, nr);
    if (i == nr)
        return unknown(r, err, below, json->text, names, nr);
    *out = i;
    return FTH_OK;
}

static enum fth_rc only_keys(const struct reader *r, const struct fth_json *json,
                             const char *const *names, size_t nr, struct fth_err *err)
{
    if (!fth_json_is(json, FTH_JSON_OBJECT))
        return wrong(r, err, "", "expected an object");
    for (size_t i = 0; i < json->nr; i++)
        if (find_name(json->members[i].key, names, nr) == nr)
            return unknown(r, err, "", json->members[i].key, names, nr);
    return FTH_OK;
}

static enum fth_rc flag(const struct reader *r, const struct fth_json *json, bool *out,
                        struct fth_err *err)
{
    if (json->type != FTH_JSON_BOOL)
        return wrong(r, err, "", "expected true or false");
    *out = json->boolean;
    return FTH_OK;
}

/* A reader one level down, at POINTER/i. */
static enum fth_rc below(const struct reader *r, size_t i, struct reader *out, struct fth_err *err)
{
    struct fth_str pointer;

    if (fth_arena_printf(r->arena, &pointer, err, "%s/%zu", r->pointer, i))
        return err->rc;
    *out = *r;
    out->pointer = pointer.p;
    return FTH_OK;
}

/* ---- fields ---- */

static enum fth_rc read_kind(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    static const char *const kinds[] = {"query", "clarify", "refuse", "help"};
    size_t kind = 0;

    if (one_of(r, json, "", kinds, FTH_NR(kinds), &kind, err))
        return err->rc;
    if (kind == 0)
        return FTH_OK;
    fth_err_set(err, FTH_E_UNSUPPORTED, "/kind: a plan of kind \"%s\" cannot be run", kinds[kind]);
    fth_err_at(err, "/kind");
    fth_err_hint(err, "Only plans of kind \"query\" have an answer.");
    return err->rc;
}

static enum fth_rc read_subject(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    size_t subject = 0;

    if (one_of(r, json, "", subjects, FTH_NR(subjects), &subject, err))
        return err->rc;
    if (subject == 0)
        return FTH_OK;
    fth_err_set(err, FTH_E_UNSUPPORTED, "/subject: \"%s\" is not supported yet", subjects[subject]);
    fth_err_at(err, "/subject");
    fth_err_hint(err, "Plans of subject \"cost\" can be asked.");
    return err->rc;
}

static enum fth_rc measure_named(const struct reader *r, struct fth_str name, const char *at,
                                 const char *const *extra, size_t extra_nr, enum fth_measure *out,
                                 struct fth_err *err)
{
    const char *names[FTH_MEASURE_NR + FTH_NR(derived)];
    size_t nr = 0;

    *out = fth_measure_find(name);
    if (*out != FTH_MEASURE_NR)
        return FTH_OK;
    if (find_name(name, other_measures, FTH_NR(other_measures)) < FTH_NR(other_measures)) {
        fth_err_set(err, FTH_E_UNSUPPORTED, "%s%s: \"" FTH_STR_F "\" is no measure of subject cost",
                    r->pointer, at, FTH_STR_A(name));
        fth_err_at(err, "%s%s", r->pointer, at);
        return err->rc;
    }
    for (unsigned i = 0; i < FTH_MEASURE_NR; i++)
        names[nr++] = fth_measure_info((enum fth_measure)i)->id;
    for (size_t i = 0; i < extra_nr; i++)
        names[nr++] = extra[i];
    return unknown(r, err, at, name, names, nr);
}

static enum fth_rc read_measures(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type != FTH_JSON_ARRAY)
        return wrong(r, err, "", "expected an array of measures");
    for (size_t i = 0; i < json->nr; i++) {
        enum fth_measure measure = FTH_MEASURE_NR;
        struct reader at = {0};
        bool again = false;

        if (below(r, i, &at, err))
            return err->rc;
        if (json->items[i].type != FTH_JSON_STRING)
            return wrong(&at, err, "", "expected a text");
        if (measure_named(&at, json->items[i].text, "", NULL, 0, &measure, err))
            return err->rc;
        for (size_t k = 0; k < r->plan->measure_nr; k++)
            again |= r->plan->measures[k] == measure;
        if (!again)
            r->plan->measures[r->plan->measure_nr++] = measure;
    }
    return FTH_OK;
}

static enum fth_rc dimension_list(const struct reader *r, const struct fth_json *json,
                                  struct fth_str *list, size_t *nr, struct fth_err *err)
{
    if (json->type != FTH_JSON_ARRAY)
        return wrong(r, err, "", "expected an array of dimensions");
    for (size_t i = 0; i < json->nr; i++) {
        struct fth_str name = {0};
        struct reader at = {0};
        bool again = false;

        if (below(r, i, &at, err))
            return err->rc;
        if (json->items[i].type != FTH_JSON_STRING)
            return wrong(&at, err, "", "expected a text");
        if (fth_filter_field(r->arena, json->items[i].text, &name, err)) {
            fth_err_prefix(err, "%s", at.pointer);
            fth_err_at(err, "%s", at.pointer);
            return err->rc;
        }
        for (size_t k = 0; k < *nr; k++)
            again |= fth_str_eq(list[k], name);
        if (again)
            continue;
        if (*nr == FTH_PLAN_GROUPS_MAX)
            return wrong(r, err, "", "more than 8 dimensions");
        list[(*nr)++] = name;
    }
    return FTH_OK;
}

static enum fth_rc read_group_by(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return dimension_list(r, json, r->plan->group_by, &r->plan->group_nr, err);
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

static enum fth_rc read_share_within(struct reader *r, const struct fth_json *json,
                                     struct fth_err *err)
{
    if (dimension_list(r, json, r->plan->share_within, &r->plan->share_within_nr, err))
        return err->rc;
    qsort(r->plan->share_within, r->plan->share_within_nr, sizeof(*r->plan->share_within), by_text);
    return FTH_OK;
}

static enum fth_rc date(const struct reader *r, const struct fth_json *range, const char *key,
                        int32_t *out, struct fth_err *err)
{
    const struct fth_json *json = fth_json_get(range, key);

    if (fth_json_is(json, FTH_JSON_STRING) && fth_date_parse(json->text, out))
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID, "%s/%s: expected a date such as \"2025-01-31\"", r->pointer,
                key);
    fth_err_at(err, "%s/%s", r->pointer, key);
    return err->rc;
}

static enum fth_rc range(const struct reader *r, const struct fth_json *json, bool *has,
                         struct fth_range *out, struct fth_err *err)
{
    static const char *const keys[] = {"start", "end"};

    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (only_keys(r, json, keys, FTH_NR(keys), err) || date(r, json, "start", &out->start, err) ||
        date(r, json, "end", &out->end, err))
        return err->rc;
    if (out->start >= out->end)
        return wrong(r, err, "",
                     "\"end\" is the first day behind the range and must be later than "
                     "\"start\"");
    *has = true;
    return FTH_OK;
}

static enum fth_rc read_time(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return range(r, json, &r->plan->has_time, &r->plan->time, err);
}

static enum fth_rc read_compare(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return range(r, json, &r->plan->has_compare, &r->plan->compare, err);
}

static enum fth_rc read_grain(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    size_t grain = 0;

    if (one_of(r, json, "", grains, FTH_NR(grains), &grain, err))
        return err->rc;
    r->plan->grain = (enum fth_grain)grain;
    return FTH_OK;
}

/* A leaf and the text that it is sorted by. */
struct sorted {
    struct fth_str text;
    const struct fth_filter *leaf;
};

static int by_leaf(const void *a, const void *b)
{
    return fth_str_cmp(((const struct sorted *)a)->text, ((const struct sorted *)b)->text);
}

static enum fth_rc sort_leaves(const struct reader *r, const struct fth_filter_vec *leaves,
                               struct fth_err *err)
{
    struct sorted *sorted = FTH_NEW_ARRAY(r->arena, struct sorted, leaves->nr);
    const struct fth_filter **out = FTH_NEW_ARRAY(r->arena, const struct fth_filter *, leaves->nr);
    struct fth_buf buf = fth_buf_max(fth_arena_cap(r->arena));
    size_t nr = 0;

    if (!sorted || !out)
        return fth_err_nomem(err);
    for (size_t i = 0; i < leaves->nr && !err->rc; i++) {
        fth_buf_clear(&buf);
        fth_filter_put(&buf, leaves->at[i]);
        sorted[i].leaf = leaves->at[i];
        if (!fth_buf_done(&buf, err))
            fth_arena_str(r->arena, fth_buf_view(&buf), &sorted[i].text, err);
    }
    fth_buf_release(&buf);
    if (err->rc)
        return err->rc;
    if (leaves->nr)
        qsort(sorted, leaves->nr, sizeof(*sorted), by_leaf);
    for (size_t i = 0; i < leaves->nr; i++)
        if (i == 0 || !fth_str_eq(sorted[i].text, sorted[i - 1].text))
            out[nr++] = sorted[i].leaf;
    r->plan->filters = out;
    r->plan->filter_nr = nr;
    return FTH_OK;
}

static enum fth_rc read_filters(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    struct fth_filter_vec leaves = fth_filter_vec_in(r->arena);

    if (json->type != FTH_JSON_ARRAY)
        return wrong(r, err, "", "expected an array of filters");
    for (size_t i = 0; i < json->nr; i++) {
        const struct fth_filter *leaf = NULL;
        struct reader at = {0};

        if (below(r, i, &at, err))
            return err->rc;
        if (!fth_json_is(&json->items[i], FTH_JSON_OBJECT) ||
            !fth_json_get(&json->items[i], "field"))
            return wrong(&at, err, "", "expected an object with field, op and values");
        if (fth_filter_from_json(r->arena, &json->items[i], at.pointer, &leaf, err) ||
            fth_filter_vec_push(&leaves, leaf, err))
            return err->rc;
    }
    return sort_leaves(r, &leaves, err);
}

static enum fth_rc read_where(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (json->type == FTH_JSON_ARRAY)
        return wrong(r, err, "", "expected a text, or an object with and, or, not or field");
    if (json->type == FTH_JSON_STRING && fth_str_trim(json->text).n == 0)
        return FTH_OK;
    return fth_filter_from_json(r->arena, json, r->pointer, &r->plan->where, err);
}

static enum fth_rc read_trend(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    static const char *const keys[] = {"direction"};
    static const char *const directions[] = {"rising", "falling"};
    size_t direction = 0;

    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (only_keys(r, json, keys, FTH_NR(keys), err) ||
        one_of(r, fth_json_get(json, "direction"), "/direction", directions, FTH_NR(directions),
               &direction, err))
        return err->rc;
    r->plan->trend = direction == 0 ? 1 : -1;
    return FTH_OK;
}

static enum fth_rc term(const struct reader *r, const struct fth_json *json, const char *at,
                        struct fth_plan_term *out, struct fth_err *err)
{
    size_t which;

    if (!fth_json_is(json, FTH_JSON_STRING))
        return wrong(r, err, at, "expected the name of a measure, change, change_pct or slope");
    which = find_name(json->text, derived, FTH_NR(derived));
    if (which < FTH_NR(derived)) {
        *out = (struct fth_plan_term){.term = (enum fth_term)(FTH_TERM_CHANGE + which)};
        return FTH_OK;
    }
    out->term = FTH_TERM_MEASURE;
    return measure_named(r, json->text, at, derived, FTH_NR(derived), &out->measure, err);
}

static enum fth_rc test(const struct reader *r, const struct fth_json *json,
                        struct fth_plan_test *out, struct fth_err *err)
{
    static const char *const keys[] = {"measure", "op", "value"};
    size_t cmp = 0;

    if (only_keys(r, json, keys, FTH_NR(keys), err) ||
        term(r, fth_json_get(json, "measure"), "/measure", &out->what, err) ||
        one_of(r, fth_json_get(json, "op"), "/op", cmps, FTH_NR(cmps), &cmp, err))
        return err->rc;
    out->cmp = (enum fth_cmp)cmp;
    if (!fth_json_money(fth_json_get(json, "value"), &out->value))
        return wrong(r, err, "/value", "expected a number of at most 28 decimals");
    return FTH_OK;
}

static enum fth_rc read_having(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    struct fth_plan_test *tests;

    if (json->type != FTH_JSON_ARRAY)
        return wrong(r, err, "", "expected an array of tests");
    if (json->nr > 100)
        return wrong(r, err, "", "more than 100 tests");
    tests = FTH_NEW_ARRAY(r->arena, struct fth_plan_test, json->nr);
    if (!tests)
        return fth_err_nomem(err);
    for (size_t i = 0; i < json->nr; i++) {
        struct reader at = {0};

        if (below(r, i, &at, err) || test(&at, &json->items[i], &tests[i], err))
            return err->rc;
    }
    r->plan->having = tests;
    r->plan->having_nr = json->nr;
    return FTH_OK;
}

static enum fth_rc read_assert(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    r->plan->has_assert = true;
    return test(r, json, &r->plan->assertion, err);
}

static enum fth_rc read_order(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    static const char *const keys[] = {"by", "dir"};
    static const char *const dirs[] = {"asc", "desc"};
    size_t dir = 0;

    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (only_keys(r, json, keys, FTH_NR(keys), err) ||
        term(r, fth_json_get(json, "by"), "/by", &r->plan->order, err) ||
        one_of(r, fth_json_get(json, "dir"), "/dir", dirs, FTH_NR(dirs), &dir, err))
        return err->rc;
    r->plan->has_order = true;
    r->plan->order_desc = dir == 1;
    return FTH_OK;
}

static enum fth_rc read_limit(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (!fth_json_i64(json, &r->plan->limit) || r->plan->limit < 1 ||
        r->plan->limit > FTH_PLAN_LIMIT_MAX)
        return wrong(r, err, "", "expected a whole number from 1 to 1000000");
    return FTH_OK;
}

static enum fth_rc read_unit(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (json->type != FTH_JSON_STRING)
        return wrong(r, err, "", "expected a text or null");
    fth_err_set(err, FTH_E_UNSUPPORTED, "/unit: business units belong to subject unit_cost");
    fth_err_at(err, "/unit");
    return err->rc;
}

static enum fth_rc read_tag_key(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (json->type != FTH_JSON_STRING || json->text.n == 0 ||
        fth_str_find(json->text, 0) != SIZE_MAX)
        return wrong(r, err, "", "expected the key of a tag, or null");
    return fth_arena_str(r->arena, json->text, &r->plan->tag_key, err);
}

static enum fth_rc read_analysis(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    static const char *const names[] = {"none", "drivers"};
    size_t which = 0;

    if (one_of(r, json, "", names, FTH_NR(names), &which, err))
        return err->rc;
    r->plan->drivers = which == 1;
    return FTH_OK;
}

static enum fth_rc read_part(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    const char *list[FTH_PART_NR - 1];
    size_t which = 0;

    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    for (size_t i = 0; i < FTH_NR(list); i++)
        list[i] = fth_part_name((enum fth_part)(i + 1));
    if (one_of(r, json, "", list, FTH_NR(list), &which, err))
        return err->rc;
    r->plan->part = (enum fth_part)(which + 1);
    return FTH_OK;
}

static enum fth_rc read_time_basis(struct reader *r, const struct fth_json *json,
                                   struct fth_err *err)
{
    static const char *const names[] = {"charge", "billing"};
    size_t which = 0;

    if (one_of(r, json, "", names, FTH_NR(names), &which, err))
        return err->rc;
    r->plan->by_billing = which == 1;
    return FTH_OK;
}

static enum fth_rc read_currency(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    r->plan->has_currency = true;
    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    if (json->type != FTH_JSON_STRING || !fth_rate_is_currency(json->text))
        return wrong(r, err, "", "expected a currency such as \"USD\"");
    return fth_arena_str(r->arena, json->text, &r->plan->currency, err);
}

static enum fth_rc read_as_of(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    struct fth_plan *plan = r->plan;
    bool version;

    if (json->type == FTH_JSON_NULL)
        return FTH_OK;
    version = json->type == FTH_JSON_STRING ? fth_str_to_i64(json->text, &plan->as_of_value)
                                            : fth_json_i64(json, &plan->as_of_value);
    if (version && plan->as_of_value >= 0) {
        plan->as_of = FTH_AS_OF_VERSION;
    } else if (!version && json->type == FTH_JSON_STRING &&
               fth_instant_parse(json->text, &plan->as_of_value)) {
        plan->as_of = FTH_AS_OF_INSTANT;
    } else {
        return wrong(r, err, "",
                     "expected a version of the ledger or a timestamp such as "
                     "\"2025-01-31T12:00:00Z\"");
    }
    return FTH_OK;
}

static enum fth_rc read_spread(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return flag(r, json, &r->plan->spread, err);
}

static enum fth_rc read_rows(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return flag(r, json, &r->plan->rows, err);
}

static enum fth_rc read_labels(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    return flag(r, json, &r->plan->labels, err);
}

static const struct field {
    const char *name;
    enum fth_rc (*read)(struct reader *r, const struct fth_json *json, struct fth_err *err);
} fields[] = {
    /* kind and subject first: they decide what the rest may say. */
    {"kind", read_kind},
    {"subject", read_subject},
    {"measures", read_measures},
    {"time", read_time},
    {"group_by", read_group_by},
    {"grain", read_grain},
    {"filters", read_filters},
    {"where", read_where},
    {"compare", read_compare},
    {"trend", read_trend},
    {"having", read_having},
    {"assert", read_assert},
    {"order", read_order},
    {"limit", read_limit},
    {"unit", read_unit},
    {"tag_key", read_tag_key},
    {"share_within", read_share_within},
    {"analysis", read_analysis},
    {"part", read_part},
    {"time_basis", read_time_basis},
    {"currency", read_currency},
    {"as_of", read_as_of},
    {"spread", read_spread},
    {"rows", read_rows},
    {"labels", read_labels},
};

/* ---- what spans several fields ---- */

static enum fth_rc refuse(struct fth_err *err, const char *pointer, const char *what)
{
    fth_err_set(err, FTH_E_INVALID, "%s: %s", pointer, what);
    fth_err_at(err, "%s", pointer);
    return err->rc;
}

static enum fth_rc check_rows(const struct fth_plan *plan, struct fth_err *err)
{
    const struct {
        bool is;
        const char *pointer;
    } not_with_rows[] = {
        {plan->measure_nr > 0, "/measures"},
        {plan->group_nr > 0, "/group_by"},
        {plan->grain != FTH_GRAIN_NONE, "/grain"},
        {plan->has_compare && !plan->part, "/compare"},
        {plan->trend != 0, "/trend"},
        {plan->having_nr > 0, "/having"},
        {plan->has_assert, "/assert"},
        {plan->drivers, "/analysis"},
        {plan->spread, "/spread"},
        {plan->labels, "/labels"},
    };

    for (size_t i = 0; i < FTH_NR(not_with_rows); i++)
        if (not_with_rows[i].is)
            return refuse(err, not_with_rows[i].pointer,
                          "raw rows (\"rows\": true) have no such thing");
    if (plan->has_order &&
        (plan->order.term != FTH_TERM_MEASURE || plan->order.measure > FTH_M_contracted_cost))
        return refuse(err, "/order/by", "raw rows can be ordered by one of the four costs");
    return FTH_OK;
}

static bool is_sum_of_money(enum fth_measure measure)
{
    const struct fth_measure_info *info = fth_measure_info(measure);

    return info->kind == FTH_CELL_MONEY && info->additive;
}

static enum fth_rc check_whole(const struct fth_plan *plan, struct fth_err *err)
{
    bool money;

    if (plan->part && !plan->has_compare)
        return refuse(err, "/compare",
                      "a part is that of a change: it needs a range to compare with");
    if (plan->has_compare && !plan->has_time)
        return refuse(err, "/time", "a range to compare with needs a range of time");
    if (plan->rows)
        return check_rows(plan, err);
    if (plan->measure_nr == 0)
        return refuse(err, "/measures", "expected at least one measure, or \"rows\": true");
    for (size_t i = 0; plan->part && i < plan->measure_nr; i++)
        if (plan->measures[i] == FTH_M_untagged_cost || plan->measures[i] == FTH_M_untagged_share)
            return refuse(err, "/part",
                          "prices are those of all charges, not of those without tags alone");
    if ((fth_plan_uses(plan, FTH_TERM_CHANGE) || fth_plan_uses(plan, FTH_TERM_CHANGE_PCT)) &&
        !plan->has_compare && !plan->trend)
        return refuse(err, "/compare",
                      "change and change_pct need a range to compare with, or a "
                      "trend");
    money = is_sum_of_money(plan->measures[0]);
    if ((plan->trend || fth_plan_uses(plan, FTH_TERM_SLOPE)) && !money)
        return refuse(err, "/measures/0", "a trend is that of a cost");
    if (plan->drivers && !money)
        return refuse(err, "/measures/0", "drivers are those of a cost");
    if (plan->drivers && !plan->has_compare)
        return refuse(err, "/compare", "drivers need a range to compare with");
    if (plan->drivers && plan->grain != FTH_GRAIN_NONE)
        return refuse(err, "/grain", "drivers have no time series");
    if (plan->by_billing && (plan->grain == FTH_GRAIN_HOUR || plan->spread))
        return refuse(err, plan->spread ? "/spread" : "/grain",
                      "time by billing period is no finer than that");
    return FTH_OK;
}

static enum fth_rc check_keys(const struct fth_json *json, struct fth_err *err)
{
    static const char *const required[] = {"kind", "subject", "time"};
    const char *names[FTH_NR(fields)];

    for (size_t i = 0; i < FTH_NR(fields); i++)
        names[i] = fields[i].name;
    for (size_t i = 0; i < json->nr; i++) {
        struct fth_str key = json->members[i].key;

        if (find_name(key, names, FTH_NR(names)) == FTH_NR(names)) {
            const char *near = fth_nearest(key, names, FTH_NR(names));

            fth_err_set(err, FTH_E_INVALID, "unknown field \"" FTH_STR_F "\"",
                        FTH_STR_A(fth_str_sub(key, 0, 100)));
            fth_err_at(err, "/" FTH_STR_F, FTH_STR_A(fth_str_sub(key, 0, 100)));
            if (near)
                fth_err_hint(err, "Did you mean \"%s\"?", near);
            return err->rc;
        }
    }
    for (size_t i = 0; i < FTH_NR(required); i++)
        if (!fth_json_get(json, required[i])) {
            fth_err_set(err, FTH_E_INVALID, "\"%s\" is missing", required[i]);
            fth_err_at(err, "/%s", required[i]);
            return err->rc;
        }
    return FTH_OK;
}

static enum fth_rc read_field(struct reader *r, const struct fth_json *json,
                              const struct field *field, struct fth_err *err)
{
    const struct fth_json *value = fth_json_get(json, field->name);
    struct fth_str pointer;

    if (!value)
        return FTH_OK;
    if (fth_arena_printf(r->arena, &pointer, err, "/%s", field->name))
        return err->rc;
    r->pointer = pointer.p;
    return field->read(r, value, err);
}

static enum fth_rc read_plan(struct reader *r, const struct fth_json *json, struct fth_err *err)
{
    if (!fth_json_is(json, FTH_JSON_OBJECT))
        return fth_err_set(err, FTH_E_INVALID, "a plan is a JSON object");
    for (size_t i = 0; i < FTH_NR(fields); i++) {
        /* Kind and subject decide which fields there are. */
        if (i == 2 && check_keys(json, err))
            return err->rc;
        if (read_field(r, json, &fields[i], err))
            return err->rc;
    }
    return check_whole(r->plan, err);
}

enum fth_rc fth_plan_parse(struct fth_arena *arena, const struct fth_json *json,
                           const struct fth_plan **out, struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct fth_plan *plan = FTH_NEW(arena, struct fth_plan);
    struct reader r = {.arena = arena, .plan = plan};

    if (!plan)
        return fth_err_nomem(err);
    if (read_plan(&r, json, err)) {
        fth_arena_rewind(arena, start);
        return err->rc;
    }
    *out = plan;
    return FTH_OK;
}
