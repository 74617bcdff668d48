/* The values of a dimension, dearest first. */
#include <stdlib.h>

#include "base/check.h"
#include "plan/answer_int.h"

/* One value while the answer goes by. */
struct values {
    struct fth_jw *jw;
    const char *dimension;
    struct fth_str q;
    struct fth_values_page *page;
    size_t seen;             /* that were asked for */
    size_t dim, label, cost; /* columns */
    size_t currency;         /* SIZE_MAX: one for all */
    struct fth_str one_currency;
};

static const struct fth_value *named(const char *dimension, struct fth_str id)
{
    for (size_t i = 0; i < fth_value_nr(); i++)
        if (fth_str_eq_c(fth_str_c(dimension), fth_value_at(i)->dimension) &&
            fth_str_eq_c(id, fth_value_at(i)->id))
            return fth_value_at(i);
    return NULL;
}

static bool asked_for(const struct values *v, const struct fth_cell *id, struct fth_str label,
                      const struct fth_value *value)
{
    if (v->q.n == 0)
        return true;
    if (id->null)
        return false;
    return fth_contains_folded(id->text, v->q) || fth_contains_folded(label, v->q) ||
           (value && fth_value_contains(value, v->q));
}

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct values *v = ctx;

    (void)err;
    v->currency = v->label = SIZE_MAX;
    v->one_currency = currency;
    for (size_t i = 0; i < col_nr; i++) {
        if (cols[i].kind == FTH_CELL_LABEL)
            v->label = i;
        else if (cols[i].kind == FTH_CELL_MONEY)
            v->cost = i;
        else if (fth_str_eq_c(fth_str_c(v->dimension), cols[i].name))
            v->dim = i;
        else
            v->currency = i;
    }
    fth_jw_array(v->jw);
    return FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct values *v = ctx;
    const struct fth_cell *id = &cells[v->dim];
    struct fth_str label = v->label != SIZE_MAX ? cells[v->label].text : id->text;
    struct fth_str currency = v->currency != SIZE_MAX ? cells[v->currency].text : v->one_currency;
    const struct fth_value *value = id->null ? NULL : named(v->dimension, id->text);
    struct fth_str aliases = value ? fth_str_c(value->aliases) : (struct fth_str){0}, alias;
    struct fth_jw *jw = v->jw;

    if (!asked_for(v, id, label, value) || v->seen++ < v->page->skip)
        return FTH_OK;
    if (v->page->limit && v->seen > v->page->skip + v->page->limit) {
        v->page->rest++;
        return FTH_OK;
    }
    fth_jw_object(jw);
    fth_jw_key(jw, "id");
    if (id->null)
        fth_jw_null(jw);
    else
        fth_jw_str(jw, id->text);
    fth_jw_key(jw, "label");
    if (id->null)
        fth_jw_null(jw);
    else
        fth_jw_str(jw, label);
    fth_jw_key(jw, "aliases");
    fth_jw_array(jw);
    while (fth_value_next_alias(&aliases, &alias))
        fth_jw_str(jw, alias);
    fth_jw_array_end(jw);
    fth_jw_kv_money(jw, "cost", cells[v->cost].money);
    fth_jw_key(jw, "currency");
    if (currency.n)
        fth_jw_str(jw, currency);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
    return jw->err.rc ? fth_err_set(err, jw->err.rc, "%s", jw->err.msg) : FTH_OK;
}

static enum fth_rc end_of(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct values *v = ctx;

    (void)end;
    (void)err;
    fth_jw_array_end(v->jw);
    return FTH_OK;
}

/* What the plan would count, by the dimension alone. */
enum fth_rc fth_values_run(struct fth_ask *ask, struct fth_str dimension, struct fth_str q,
                           struct fth_values_page *page, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_plan *plan = FTH_NEW(ask->env.arena, struct fth_plan);
    const struct fth_plan *within = ask->plan;
    struct values values = {.jw = jw, .q = q, .page = page};
    const struct fth_answer_sink sink = {.begin = begin, .row = row, .end = end_of, .ctx = &values};
    struct fth_str name;

    page->rest = 0;
    if (!plan)
        return fth_err_nomem(err);
    if (fth_filter_field(ask->env.arena, dimension, &name, err))
        return err->rc;
    *plan = (struct fth_plan){.group_nr = 1, .measure_nr = 1, .labels = true};
    plan->group_by[0] = name;
    if (within) {
        plan->has_time = within->has_time;
        plan->time = within->time;
        plan->filters = within->filters;
        plan->filter_nr = within->filter_nr;
        plan->where = within->where;
        plan->by_billing = within->by_billing;
        if (within->measure_nr && within->measures[0] <= FTH_M_contracted_cost)
            plan->measures[0] = within->measures[0];
    }
    values.dimension = name.p;
    ask->plan = plan;
    ask->page_rows = 0;
    return fth_answer_run(ask, &sink, err);
}
