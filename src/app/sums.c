#include "app/sums_int.h"

#include <stdlib.h>
#include <string.h>

#include "app/rows_int.h"
#include "base/date.h"
#include "base/vec.h"
#include "plan/filter.h"

enum { PLAN_MAX = 64 * 1024 };

FTH_VEC(sum_vec, struct fth_sum)

/* ---- the plan ---- */

static void put_filter(struct fth_jw *jw, const char *field, struct fth_str value)
{
    if (value.n)
        fth_filter_put_json(jw, field, FTH_FILTER_IN, value);
}

static enum fth_rc put_plan(const struct fth_sums_request *request, struct fth_buf *out,
                            struct fth_err *err)
{
    static const char *const measures[] = {"billed_cost", "effective_cost", "charge_count"};
    struct fth_jw jw;

    fth_jw_init(&jw, out);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "kind", "query");
    fth_jw_kv_c(&jw, "subject", "cost");
    fth_jw_key(&jw, "measures");
    fth_jw_array(&jw);
    for (size_t i = 0; i < sizeof(measures) / sizeof(*measures); i++)
        fth_jw_c(&jw, measures[i]);
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "time");
    fth_jw_null(&jw);
    fth_jw_key(&jw, "group_by");
    fth_jw_array(&jw);
    fth_jw_c(&jw, "currency");
    for (size_t i = 0; i < FTH_SUM_KEYS && request->by[i]; i++)
        if (strcmp(request->by[i], "time") != 0)
            fth_jw_c(&jw, request->by[i]);
    fth_jw_array_end(&jw);
    for (size_t i = 0; i < FTH_SUM_KEYS && request->by[i]; i++)
        if (strcmp(request->by[i], "time") == 0)
            fth_jw_kv_c(&jw, "grain", "day");
    fth_jw_key(&jw, "filters");
    fth_jw_array(&jw);
    put_filter(&jw, "source", request->source);
    put_filter(&jw, "billing_period", request->period);
    put_filter(&jw, "invoice", request->invoice);
    fth_jw_array_end(&jw);
    if (request->version)
        fth_jw_kv_i64(&jw, "as_of", request->version);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

static enum fth_rc parse_plan(const struct fth_asked *asked, const struct fth_sums_request *request,
                              const struct fth_plan **out, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    const struct fth_json *json = NULL;
    struct fth_str kept;
    enum fth_rc rc = put_plan(request, &text, err);

    if (!rc)
        rc = fth_arena_str(asked->arena, fth_buf_view(&text), &kept, err);
    if (!rc)
        rc = fth_json_parse(asked->arena, kept, NULL, &json, err);
    if (!rc)
        rc = fth_plan_parse(asked->arena, json, out, err);
    fth_buf_release(&text);
    return rc;
}

/* ---- its answer ---- */

struct collector {
    const struct fth_sums_request *request;
    struct fth_arena *arena;
    const struct fth_answer_col *cols;
    size_t col_nr;
    struct sum_vec sums;
};

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct collector *collector = ctx;

    (void)currency;
    (void)err;
    collector->cols = cols;
    collector->col_nr = col_nr;
    return FTH_OK;
}

static enum fth_rc keep_text(struct collector *collector, const char *column, struct fth_str text,
                             struct fth_sum *sum, struct fth_err *err)
{
    const char *const *by = collector->request->by;

    if (strcmp(column, "currency") == 0)
        return fth_arena_str(collector->arena, text, &sum->currency, err);
    for (size_t i = 0; i < FTH_SUM_KEYS && by[i]; i++)
        if (strcmp(column, by[i]) == 0)
            return fth_arena_str(collector->arena, text, &sum->key[i], err);
    return FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct collector *collector = ctx;
    struct fth_sum sum = {0};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < collector->col_nr && !rc; i++) {
        const struct fth_answer_col *col = &collector->cols[i];

        if (cells[i].null)
            continue;
        if (strcmp(col->name, "billed_cost") == 0)
            sum.billed = cells[i].money;
        else if (strcmp(col->name, "effective_cost") == 0)
            sum.effective = cells[i].money;
        else if (strcmp(col->name, "charge_count") == 0)
            sum.charges = cells[i].i64;
        else
            rc = keep_text(collector, col->name, cells[i].text, &sum, err);
    }
    return rc ? rc : sum_vec_push(&collector->sums, sum, err);
}

static enum fth_rc end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    (void)ctx;
    (void)end;
    (void)err;
    return FTH_OK;
}

int32_t fth_open_day(int32_t today, int64_t loaded_us)
{
    int32_t loaded = fth_instant_date(loaded_us);

    return loaded_us && loaded < today ? loaded : today;
}

static int text_cmp(struct fth_str a, struct fth_str b)
{
    if (!a.p || !b.p)
        return (a.p != NULL) - (b.p != NULL);
    return fth_str_cmp(a, b);
}

int fth_sum_cmp(const struct fth_sum *a, const struct fth_sum *b)
{
    int order = text_cmp(a->currency, b->currency);

    for (size_t i = 0; i < FTH_SUM_KEYS && !order; i++)
        order = text_cmp(a->key[i], b->key[i]);
    return order;
}

static int by_keys(const void *a, const void *b)
{
    return fth_sum_cmp(a, b);
}

enum fth_rc fth_sums(const struct fth_asked *asked, const struct fth_sums_request *request,
                     struct fth_sum **out, size_t *out_nr, struct fth_err *err)
{
    struct collector collector = {
        .request = request, .arena = asked->arena, .sums = sum_vec_in(asked->arena)};
    const struct fth_answer_sink sink = {begin, row, end, &collector};
    const struct fth_plan *plan = NULL;

    if (parse_plan(asked, request, &plan, err) ||
        fth_rows_each(asked, plan, (struct fth_str){0}, 0, &sink, err))
        return err->rc;
    if (collector.sums.nr)
        qsort(collector.sums.at, collector.sums.nr, sizeof(*collector.sums.at), by_keys);
    *out = collector.sums.at;
    *out_nr = collector.sums.nr;
    return FTH_OK;
}
