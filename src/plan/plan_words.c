/* A plan in words, for who reads an answer without knowing plans. */
#include "plan/filter_int.h"
#include "plan/plan_int.h"
#include "plan/xlsx.h"

/* The name for people; a tag's is its key. */
static void put_field(struct fth_buf *buf, struct fth_str field)
{
    const struct fth_dimension *dimension = fth_dimension_find(field);
    struct fth_str key;

    if (dimension)
        fth_buf_c(buf, dimension->label);
    else if (fth_dimension_tag(field, &key))
        fth_buf_printf(buf, "tag " FTH_STR_F, FTH_STR_A(key));
    else
        fth_buf_str(buf, field);
}

static void put_range(struct fth_buf *buf, struct fth_range range)
{
    char first[10], last[10];

    fth_date_text(range.start, first);
    fth_date_text(range.end - 1, last);
    fth_buf_printf(buf, "%.10s to %.10s", first, last);
}

static void put_term(struct fth_buf *buf, struct fth_plan_term term)
{
    fth_buf_c(buf, term.term == FTH_TERM_MEASURE ? fth_measure_info(term.measure)->label
                                                 : fth_plan_term_name(term));
}

static void put_subject(struct fth_buf *buf, const struct fth_plan *plan)
{
    if (plan->rows)
        fth_buf_c(buf, "Single charges: ");
    for (size_t i = 0; i < plan->measure_nr; i++)
        fth_buf_printf(buf, "%s%s", i ? ", " : "", fth_measure_info(plan->measures[i])->label);
    if (plan->tag_key.n)
        fth_buf_printf(buf, " (tag " FTH_STR_F ")", FTH_STR_A(plan->tag_key));
    for (size_t i = 0; i < plan->group_nr; i++) {
        fth_buf_c(buf, i ? ", " : " by ");
        put_field(buf, plan->group_by[i]);
    }
    if (plan->grain != FTH_GRAIN_NONE)
        fth_buf_printf(buf, ", each %s", fth_grain_name(plan->grain));
    if (plan->drivers)
        fth_buf_c(buf, ", with what each change is made of");
}

static void put_when(struct fth_buf *buf, const struct fth_plan *plan)
{
    fth_buf_c(buf, ", ");
    if (plan->has_time)
        put_range(buf, plan->time);
    else
        fth_buf_c(buf, "all time");
    if (plan->by_billing)
        fth_buf_c(buf, " by billing period");
    if (plan->has_compare) {
        fth_buf_c(buf, ", compared with ");
        put_range(buf, plan->compare);
    }
    if (plan->as_of == FTH_AS_OF_VERSION)
        fth_buf_printf(buf, ", as of version %lld of the ledger", (long long)plan->as_of_value);
    else if (plan->as_of == FTH_AS_OF_INSTANT) {
        fth_buf_c(buf, ", as of ");
        fth_instant_put(buf, plan->as_of_value);
    }
}

static void put_narrowing(struct fth_buf *buf, const struct fth_plan *plan)
{
    for (size_t i = 0; i < plan->filter_nr; i++) {
        fth_buf_c(buf, i ? " and " : ", where ");
        fth_filter_put(buf, plan->filters[i]);
    }
    if (plan->where) {
        fth_buf_c(buf, plan->filter_nr ? " and " : ", where ");
        fth_filter_put(buf, plan->where);
    }
    if (plan->part)
        fth_buf_printf(buf, ", part of the change: %s", fth_part_name(plan->part));
    for (size_t i = 0; i < plan->having_nr; i++) {
        fth_buf_c(buf, ", only ");
        put_term(buf, plan->having[i].what);
        fth_buf_printf(buf, " %s ", fth_cmp_name(plan->having[i].cmp));
        fth_money_put(buf, plan->having[i].value);
    }
    if (plan->trend)
        fth_buf_c(buf, plan->trend > 0 ? ", only what rises" : ", only what falls");
}

void fth_plan_words(struct fth_buf *buf, const struct fth_plan *plan)
{
    put_subject(buf, plan);
    put_when(buf, plan);
    put_narrowing(buf, plan);
    if (plan->has_order) {
        fth_buf_c(buf, plan->order_desc ? ", highest " : ", lowest ");
        if (plan->by_name)
            fth_buf_c(buf, "name");
        else
            put_term(buf, plan->order);
        fth_buf_c(buf, " first");
    }
    if (plan->limit)
        fth_buf_printf(buf, ", at most %lld rows", (long long)plan->limit);
}
