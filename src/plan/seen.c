/* Plans that no JSON says: rows by name, and when values were seen. */
#include "base/check.h"
#include "plan/filter_int.h"
#include "plan/plan_int.h"

enum fth_rc fth_plan_by_name(struct fth_arena *arena, const struct fth_plan *plan,
                             const struct fth_plan **out, struct fth_err *err)
{
    struct fth_plan *copy = FTH_NEW(arena, struct fth_plan);

    FTH_CHECK(plan->group_nr > 0 && plan->measure_nr > 0);
    if (!copy)
        return fth_err_nomem(err);
    *copy = *plan;
    copy->by_name = copy->has_order = true;
    copy->order_desc = false;
    copy->order = (struct fth_plan_term){.measure = plan->measures[0]};
    *out = copy;
    return FTH_OK;
}

static const struct fth_filter *any_of(struct fth_arena *arena, const char *dimension,
                                       const struct fth_str *ids, size_t nr)
{
    struct fth_filter *filter = FTH_NEW(arena, struct fth_filter);

    if (filter)
        *filter = (struct fth_filter){.op = FTH_FILTER_IN,
                                      .field = fth_str_c(dimension),
                                      .values = ids,
                                      .value_nr = nr,
                                      .exact = true};
    return filter;
}

enum fth_rc fth_plan_only(struct fth_arena *arena, const struct fth_plan *plan,
                          const char *dimension, struct fth_str id, const struct fth_plan **out,
                          struct fth_err *err)
{
    struct fth_plan *copy = FTH_NEW(arena, struct fth_plan);
    struct fth_str *value = FTH_NEW(arena, struct fth_str);
    const struct fth_filter **filters =
        FTH_NEW_ARRAY(arena, const struct fth_filter *, plan->filter_nr + 1);

    if (!copy || !value || !filters)
        return fth_err_nomem(err);
    *value = id;
    for (size_t i = 0; i < plan->filter_nr; i++)
        filters[i] = plan->filters[i];
    filters[plan->filter_nr] = any_of(arena, dimension, value, 1);
    if (!filters[plan->filter_nr])
        return fth_err_nomem(err);
    *copy = *plan;
    copy->filters = filters;
    copy->filter_nr = plan->filter_nr + 1;
    *out = copy;
    return FTH_OK;
}

enum fth_rc fth_plan_seen(struct fth_arena *arena, const struct fth_seen_wish *seen,
                          const struct fth_plan **out, struct fth_err *err)
{
    struct fth_plan *plan = FTH_NEW(arena, struct fth_plan);
    const struct fth_filter **filters = FTH_NEW_ARRAY(arena, const struct fth_filter *, 1);
    const struct fth_filter *filter =
        any_of(arena, seen->dimensions[0], seen->values, seen->value_nr);

    FTH_CHECK(seen->dimension_nr > 0 && seen->dimension_nr <= FTH_PLAN_GROUPS_MAX);
    if (!plan || !filters || !filter)
        return fth_err_nomem(err);
    filters[0] = filter;
    *plan = (struct fth_plan){.group_nr = seen->dimension_nr,
                              .measure_nr = 1,
                              .measures = {FTH_M_charge_count},
                              .filters = filters,
                              .filter_nr = 1,
                              .labels = seen->labels,
                              .has_time = seen->has_time,
                              .time = {seen->from, seen->to},
                              .seen = true};
    for (size_t i = 0; i < seen->dimension_nr; i++)
        plan->group_by[i] = fth_str_c(seen->dimensions[i]);
    if (seen->version) {
        plan->as_of = FTH_AS_OF_VERSION;
        plan->as_of_value = seen->version;
    }
    *out = plan;
    return FTH_OK;
}
