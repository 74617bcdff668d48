/* The canonical form of a plan: every field, in order of its name, whatever was written. */
#include "plan/filter_int.h"
#include "plan/plan_int.h"

static void put_range(struct fth_jw *jw, const char *key, bool has, struct fth_range range)
{
    char text[10];

    fth_jw_key(jw, key);
    if (!has) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_date_text(range.end, text);
    fth_jw_kv(jw, "end", (struct fth_str){text, sizeof(text)});
    fth_date_text(range.start, text);
    fth_jw_kv(jw, "start", (struct fth_str){text, sizeof(text)});
    fth_jw_object_end(jw);
}

static void put_test(struct fth_jw *jw, const struct fth_plan_test *test)
{
    char number[FTH_MONEY_TEXT_MAX];

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "measure", fth_plan_term_name(test->what));
    fth_jw_kv_c(jw, "op", fth_cmp_name(test->cmp));
    fth_jw_key(jw, "value");
    fth_jw_raw(jw, (struct fth_str){number, fth_money_text(test->value, number)});
    fth_jw_object_end(jw);
}

static void put_list(struct fth_jw *jw, const char *key, const struct fth_str *list, size_t nr)
{
    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++)
        fth_jw_str(jw, list[i]);
    fth_jw_array_end(jw);
}

/* By hand: filters may nest deeper than the writer does. */
static void put_node(struct fth_buf *buf, const struct fth_filter *filter)
{
    static const char *const names[] = {
        [FTH_FILTER_AND] = "and",         [FTH_FILTER_OR] = "or",
        [FTH_FILTER_NOT] = "not",         [FTH_FILTER_IN] = "in",
        [FTH_FILTER_NOT_IN] = "not_in",   [FTH_FILTER_CONTAINS] = "contains",
        [FTH_FILTER_MISSING] = "missing", [FTH_FILTER_PRESENT] = "present",
    };
    bool join = filter->op == FTH_FILTER_AND || filter->op == FTH_FILTER_OR;

    if (filter->op == FTH_FILTER_NOT) {
        fth_buf_c(buf, "{\"not\":");
        put_node(buf, filter->parts[0]);
        fth_buf_char(buf, '}');
        return;
    }
    if (join) {
        fth_buf_printf(buf, "{\"%s\":[", names[filter->op]);
    } else {
        fth_buf_c(buf, "{\"field\":");
        fth_json_put_string(buf, filter->field);
        fth_buf_printf(buf, ",\"op\":\"%s\",\"values\":[", names[filter->op]);
    }
    for (size_t i = 0; i < (join ? filter->part_nr : filter->value_nr); i++) {
        if (i)
            fth_buf_char(buf, ',');
        if (join)
            put_node(buf, filter->parts[i]);
        else
            fth_json_put_string(buf, filter->values[i]);
    }
    fth_buf_c(buf, "]}");
}

static void put_filter(struct fth_jw *jw, const struct fth_filter *filter)
{
    struct fth_buf buf = fth_buf_max(jw->buf->max);

    put_node(&buf, filter);
    if (buf.failed)
        jw->buf->failed = true;
    else
        fth_jw_raw(jw, fth_buf_view(&buf));
    fth_buf_release(&buf);
}

/* As text, which people read; as nodes when the text would be too long to be read again. */
static void put_where(struct fth_jw *jw, const struct fth_filter *where)
{
    struct fth_buf text = fth_buf_max(FTH_FILTER_TEXT_MAX);

    fth_jw_key(jw, "where");
    if (!where) {
        fth_jw_null(jw);
        return;
    }
    fth_filter_put(&text, where);
    if (text.failed)
        put_filter(jw, where);
    else
        fth_jw_str(jw, fth_buf_view(&text));
    fth_buf_release(&text);
}

static void put_as_of(struct fth_jw *jw, const struct fth_plan *plan)
{
    char text[32];

    fth_jw_key(jw, "as_of");
    if (plan->as_of == FTH_AS_OF_NOW)
        fth_jw_null(jw);
    else if (plan->as_of == FTH_AS_OF_VERSION)
        fth_jw_i64(jw, plan->as_of_value);
    else
        fth_jw_str(jw, (struct fth_str){text, fth_instant_text(plan->as_of_value, text)});
}

static void put_assert(struct fth_jw *jw, const struct fth_plan *plan)
{
    fth_jw_key(jw, "assert");
    if (plan->has_assert)
        put_test(jw, &plan->assertion);
    else
        fth_jw_null(jw);
}

static void put_order(struct fth_jw *jw, const struct fth_plan *plan)
{
    fth_jw_key(jw, "order");
    if (!plan->has_order) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "by", plan->by_name ? "name" : fth_plan_term_name(plan->order));
    fth_jw_kv_c(jw, "dir", plan->order_desc ? "desc" : "asc");
    fth_jw_object_end(jw);
}

static void put_trend(struct fth_jw *jw, const struct fth_plan *plan)
{
    fth_jw_key(jw, "trend");
    if (!plan->trend) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "direction", plan->trend > 0 ? "rising" : "falling");
    fth_jw_object_end(jw);
}

static void put_questions(struct fth_jw *jw, const struct fth_plan *plan)
{
    fth_jw_key(jw, "filters");
    fth_jw_array(jw);
    for (size_t i = 0; i < plan->filter_nr; i++)
        put_filter(jw, plan->filters[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_c(jw, "grain", fth_grain_name(plan->grain));
    put_list(jw, "group_by", plan->group_by, plan->group_nr);
    fth_jw_key(jw, "having");
    fth_jw_array(jw);
    for (size_t i = 0; i < plan->having_nr; i++)
        put_test(jw, &plan->having[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_c(jw, "kind", "query");
    fth_jw_kv_bool(jw, "labels", plan->labels);
    fth_jw_key(jw, "limit");
    if (plan->limit)
        fth_jw_i64(jw, plan->limit);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "measures");
    fth_jw_array(jw);
    for (size_t i = 0; i < plan->measure_nr; i++)
        fth_jw_c(jw, fth_measure_info(plan->measures[i])->id);
    fth_jw_array_end(jw);
}

void fth_plan_write(struct fth_jw *jw, const struct fth_plan *plan)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "analysis", plan->drivers ? "drivers" : "none");
    put_as_of(jw, plan);
    put_assert(jw, plan);
    put_range(jw, "compare", plan->has_compare, plan->compare);
    fth_jw_kv_opt(jw, "currency", plan->currency);
    put_questions(jw, plan);
    put_order(jw, plan);
    if (plan->part)
        fth_jw_kv_c(jw, "part", fth_part_name(plan->part));
    fth_jw_kv_bool(jw, "rows", plan->rows);
    put_list(jw, "share_within", plan->share_within, plan->share_within_nr);
    fth_jw_kv_bool(jw, "spread", plan->spread);
    fth_jw_kv_c(jw, "subject", "cost");
    fth_jw_kv_opt(jw, "tag_key", plan->tag_key);
    put_range(jw, "time", plan->has_time, plan->time);
    fth_jw_kv_c(jw, "time_basis", plan->by_billing ? "billing" : "charge");
    put_trend(jw, plan);
    fth_jw_key(jw, "unit");
    fth_jw_null(jw);
    put_where(jw, plan->where);
    fth_jw_object_end(jw);
}

void fth_plan_put(struct fth_buf *buf, const struct fth_plan *plan)
{
    struct fth_jw jw;
    struct fth_err err = {0};

    fth_jw_init(&jw, buf);
    fth_plan_write(&jw, plan);
    fth_jw_done(&jw, &err); /* a buffer that is too small says so itself */
}
