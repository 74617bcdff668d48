/* How a plan would be answered, without answering it. */
#include "plan/answer_int.h"

/* What a scope consists of is not told to him who has it. */
static void put_param(struct fth_jw *jw, const struct fth_param *param, bool told)
{
    char text[32];

    if (param->null || !told) {
        fth_jw_null(jw);
        return;
    }
    switch (param->type) {
    case FTH_T_TEXT:
        fth_jw_str(jw, param->text);
        break;
    case FTH_T_DATE:
        fth_date_text((int32_t)param->i64, text);
        fth_jw_str(jw, (struct fth_str){text, 10});
        break;
    case FTH_T_INSTANT:
        fth_jw_str(jw, (struct fth_str){text, fth_instant_text(param->i64, text)});
        break;
    default:
        fth_jw_i64(jw, param->i64);
    }
}

static void put_segment(struct fth_jw *jw, const struct fth_segment *segment)
{
    char month[FTH_MONTH_TEXT];

    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "id", segment->id);
    fth_jw_kv(jw, "source", segment->source);
    fth_jw_key(jw, "billing_period");
    if (segment->billing_month == INT32_MIN)
        fth_jw_null(jw);
    else
        fth_jw_str(jw, fth_month_text(segment->billing_month, month));
    fth_jw_kv_i64(jw, "rows", segment->rows);
    fth_jw_object_end(jw);
}

/* Of the pass over the time asked for; comparing and shares run the same over other rows. Of
 * drivers what the parts of the change are read by, which costs the most. */
enum fth_rc fth_explain_run(struct fth_ask *ask, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_answer *a = FTH_NEW(ask->env.arena, struct fth_answer);
    struct fth_plan *plan = FTH_NEW(ask->env.arena, struct fth_plan);
    struct fth_statement s;

    if (!a || !plan)
        return fth_err_nomem(err);
    *plan = *ask->plan;
    for (unsigned m = 0; plan->rows && m <= FTH_M_contracted_cost; m++)
        plan->measures[plan->measure_nr++] = (enum fth_measure)m;
    ask->plan = plan;
    if (fth_answer_prepare(a, ask, err))
        return err->rc;
    fth_answer_pick(a, &a->pass);
    if (a->converted && !plan->drivers)
        a->pass.grain = fth_answer_convert_grain(a->pass.grain);
    if (plan->drivers ? fth_parts_compile(a, &s, err)
                      : fth_query_compile(&ask->env, &a->pass, &s, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv(jw, "sql", s.sql);
    fth_jw_key(jw, "parameters");
    fth_jw_array(jw);
    for (size_t i = 0; i < s.params.nr; i++)
        put_param(jw, &s.params.at[i], s.told[i]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "segments");
    fth_jw_array(jw);
    for (size_t i = 0; i < s.segments.nr; i++)
        put_segment(jw, s.segments.at[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_c(jw, "served_by", fth_served_name(s.served));
    fth_jw_key(jw, "estimated_rows");
    if (s.served == FTH_SERVED_FACTS || s.served == FTH_SERVED_NONE)
        fth_jw_i64(jw, s.fact_rows);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "warnings");
    fth_jw_array(jw);
    for (size_t i = 0; i < ask->env.warnings.nr; i++)
        fth_jw_str(jw, ask->env.warnings.at[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return jw->err.rc ? fth_err_set(err, jw->err.rc, "%s", jw->err.msg) : FTH_OK;
}
