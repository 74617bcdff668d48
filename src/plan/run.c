/* Opens what a run needs: the version asked for, its segments, the tag keys; and lets them go. */
#include "base/check.h"
#include "plan/answer_int.h"
#include "plan/filter.h"
#include "plan/scope.h"
#include "plan/sql_int.h"

static enum fth_rc version_of(const struct fth_plan_run *run, const struct fth_plan *plan,
                              int64_t *out, struct fth_err *err)
{
    *out = 0;
    if (plan->as_of == FTH_AS_OF_VERSION)
        *out = plan->as_of_value;
    if (plan->as_of == FTH_AS_OF_INSTANT)
        return fth_ledger_version_at(run->ledger, plan->as_of_value, out, err);
    return FTH_OK;
}

static struct fth_freshness *line_of(struct fth_freshness *lines, size_t *nr, struct fth_str source,
                                     struct fth_str period)
{
    for (size_t i = 0; i < *nr; i++)
        if (fth_str_eq(lines[i].source, source) && fth_str_eq(lines[i].billing_period, period))
            return &lines[i];
    lines[*nr] = (struct fth_freshness){.source = source, .billing_period = period, .final = -1};
    return &lines[(*nr)++];
}

/* A line for each source and period that was read: the newest delivery speaks for it. */
static enum fth_rc freshen(struct fth_ask *ask, const struct fth_segment_vec *read,
                           struct fth_answer_end *end, struct fth_err *err)
{
    struct fth_freshness *lines = FTH_NEW_ARRAY(ask->env.arena, struct fth_freshness, read->nr);
    size_t nr = 0;

    if (!lines)
        return fth_err_nomem(err);
    for (size_t i = 0; i < read->nr; i++) {
        const struct fth_segment *segment = read->at[i];
        struct fth_freshness *line = line_of(lines, &nr, segment->source, segment->billing_period);

        line->provider = segment->provider;
        if (segment->loaded_us > line->loaded_us) {
            line->loaded_us = segment->loaded_us;
            line->final = segment->final;
        }
        if (segment->charges_until_us > line->charges_until_us)
            line->charges_until_us = segment->charges_until_us;
    }
    end->freshness = lines;
    end->freshness_nr = nr;
    return FTH_OK;
}

/* A run with its snapshot pinned. */
struct opened {
    const struct fth_plan_run *run;
    struct fth_sight sight;
    struct fth_ask ask;
};

/* Pages belong to the scope that the first was asked in, and those of a converted answer to its
 * rates. */
static enum fth_rc cursor_key(const struct fth_plan_run *run, const struct fth_plan *plan,
                              struct fth_str *out, struct fth_err *err)
{
    bool converted = plan && plan->currency.n;
    int64_t version = run->rates && converted ? run->rates->version : 0;
    struct fth_buf key = fth_buf_max(FTH_SQL_MAX);

    *out = run->cursor_key;
    if (!out->n || (!converted && !run->scope))
        return FTH_OK;
    fth_buf_str(&key, run->cursor_key);
    if (converted)
        fth_buf_add(&key, &version, sizeof(version));
    fth_buf_str(&key, run->scope_text);
    if (!fth_buf_done(&key, err))
        (void)fth_arena_str(run->arena, fth_buf_view(&key), out, err);
    fth_buf_release(&key);
    return err->rc;
}

struct fth_str fth_plan_currency(const struct fth_plan *plan)
{
    return plan->currency;
}

/* Single charges are evidence and stay as billed; counts are the same in every currency. */
static bool has_amounts(const struct fth_plan *plan)
{
    for (size_t i = 0; i < plan->measure_nr; i++) {
        enum fth_cell_kind kind = fth_measure_info(plan->measures[i])->kind;

        if (kind == FTH_CELL_MONEY || kind == FTH_CELL_RATIO)
            return true;
    }
    return plan->having_nr > 0 || plan->has_assert || plan->has_order;
}

enum fth_rc fth_plan_in(struct fth_arena *arena, const struct fth_plan *plan,
                        struct fth_str currency, const struct fth_plan **out, struct fth_err *err)
{
    struct fth_plan *copy;

    if (!currency.n || plan->has_currency || plan->rows || !has_amounts(plan)) {
        *out = plan;
        return FTH_OK;
    }
    copy = FTH_NEW(arena, struct fth_plan);
    if (!copy)
        return fth_err_nomem(err);
    *copy = *plan;
    copy->has_currency = true;
    copy->currency = currency;
    *out = copy;
    return FTH_OK;
}

static enum fth_rc open_run(const struct fth_plan_run *run, const struct fth_plan *plan,
                            struct opened *out, struct fth_err *err)
{
    struct fth_plan_cursor cursor = {0};
    struct fth_str secret;
    int64_t version = 0;

    *out = (struct opened){.run = run};
    if (cursor_key(run, plan, &secret, err))
        return err->rc;
    if (run->cursor.n) {
        if (fth_plan_cursor_read(run->cursor, plan, secret, &cursor, err))
            return err->rc;
        version = cursor.version;
    } else if (plan && version_of(run, plan, &version, err)) {
        fth_err_at(err, "/as_of");
        return err->rc;
    }
    if (fth_sight_open(run, version, &out->sight, err))
        return err->rc;
    out->ask = (struct fth_ask){
        .env = {.session = run->session,
                .snapshot = out->sight.snapshot,
                .arena = run->arena,
                .cancel = run->cancel,
                .tag_keys = out->sight.tag_keys,
                .tag_key_nr = out->sight.tag_key_nr,
                .scope = out->sight.scope,
                .cond_nr = out->sight.cond_nr,
                .never_cube = run->never_cube,
                .warnings = fth_str_vec_in(run->arena)},
        .plan = plan,
        .page_rows = run->page_rows,
        .offset = cursor.offset,
        .cursor_key = run->page_rows ? secret : (struct fth_str){0},
        .rates = run->rates,
        .freshen = freshen,
    };
    return FTH_OK;
}

static void close_run(struct opened *opened)
{
    fth_sight_close(opened->run, &opened->sight);
}

enum fth_rc fth_plan_run(const struct fth_plan_run *run, const struct fth_plan *plan,
                         const struct fth_answer_sink *sink, struct fth_err *err)
{
    struct opened opened;

    if (!open_run(run, plan, &opened, err))
        fth_answer_run(&opened.ask, sink, err);
    close_run(&opened);
    return err->rc;
}

enum fth_rc fth_plan_explain(const struct fth_plan_run *run, const struct fth_plan *plan,
                             struct fth_jw *jw, struct fth_err *err)
{
    struct opened opened;

    if (!open_run(run, plan, &opened, err))
        fth_explain_run(&opened.ask, jw, err);
    close_run(&opened);
    return err->rc;
}

enum fth_rc fth_dimension_values(const struct fth_plan_run *run, struct fth_str dimension,
                                 struct fth_str q, const struct fth_plan *within,
                                 struct fth_values_page *page, struct fth_jw *jw,
                                 struct fth_err *err)
{
    struct fth_plan pinned = within ? *within : (struct fth_plan){0};
    struct fth_plan_run paged = *run;
    struct opened opened;

    if (page->version) {
        pinned.as_of = FTH_AS_OF_VERSION;
        pinned.as_of_value = page->version;
    }

    paged.cursor = (struct fth_str){0};
    paged.page_rows = 0;
    if (!open_run(&paged, &pinned, &opened, err)) {
        opened.ask.freshen = NULL;
        FTH_CHECK(opened.sight.snapshot != NULL);
        page->version = opened.sight.snapshot->version;
        fth_values_run(&opened.ask, dimension, q, page, jw, err);
    }
    close_run(&opened);
    return err->rc;
}
