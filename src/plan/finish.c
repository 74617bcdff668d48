/* From gathered rows to the sink: having, totals, order, limit, page. */
#include <stdlib.h>

#include "base/check.h"
#include "base/map.h"
#include "plan/answer_int.h"
#include "plan/sql_int.h"

/* A row and what it is ordered by. */
struct placed {
    const struct fth_grid_row *row;
    struct fth_cell key;
};

struct order {
    const struct fth_answer *answer;
    bool desc, by_time_first, by_name;
};

/* ---- which rows ---- */

static enum fth_rc holds_all(const struct fth_answer *a, const struct fth_grid_row *row, bool *out,
                             struct fth_err *err)
{
    const struct fth_plan *plan = a->plan;

    *out = true;
    if (plan->trend) {
        const struct fth_trend *trend = row->trend;

        *out =
            trend && trend->found && !trend->noise && fth_money_sign(trend->slope) == plan->trend;
    }
    for (size_t i = 0; *out && i < plan->having_nr; i++) {
        struct fth_column_of what = fth_answer_term(a, plan->having[i].what);
        struct fth_cell cell;

        if (fth_answer_cell(a, row, &what, &cell, err))
            return err->rc;
        *out = fth_test_holds(&plan->having[i], &cell);
    }
    return FTH_OK;
}

static enum fth_rc keep_rows(struct fth_answer *a, struct fth_err *err)
{
    struct fth_grid_row_vec *rows = &a->grid.rows;
    size_t kept = 0;

    for (size_t i = 0; i < rows->nr; i++) {
        bool holds = false;

        if (holds_all(a, rows->at[i], &holds, err))
            return err->rc;
        if (holds)
            rows->at[kept++] = rows->at[i];
    }
    rows->nr = kept;
    return FTH_OK;
}

/* ---- order ---- */

static int text_cmp(struct fth_str a, struct fth_str b)
{
    if (!a.p || !b.p)
        return !a.p - !b.p; /* nulls last */
    return fth_str_cmp(a, b);
}

/* As people look for a name: letters folded, what differs in case alone in one order all the same.
 */
static int name_cmp(const struct fth_cell *a, const struct fth_cell *b)
{
    int cmp = a->null || b->null ? a->null - b->null : fth_str_casecmp(a->text, b->text);

    return cmp ? cmp : text_cmp(a->text, b->text);
}

static int row_cmp(const void *x, const void *y, void *ctx)
{
    const struct order *order = ctx;
    const struct placed *a = x, *b = y;
    int cmp = 0;

    if (order->by_time_first)
        cmp = (a->row->bucket > b->row->bucket) - (a->row->bucket < b->row->bucket);
    if (!cmp)
        cmp = order->by_name ? name_cmp(&a->key, &b->key)
                             : fth_cell_cmp(&a->key, &b->key, order->desc);
    if (!cmp)
        cmp = (a->row->bucket > b->row->bucket) - (a->row->bucket < b->row->bucket);
    for (size_t i = 0; !cmp && i < order->answer->dim_nr; i++)
        cmp = text_cmp(a->row->keys[i], b->row->keys[i]);
    return cmp ? cmp : fth_str_cmp(a->row->currency, b->row->currency);
}

/* Without an order the dearest come first, within each bucket; drivers by the size of the change.
 */
static enum fth_rc place_rows(struct fth_answer *a, struct placed **out, struct fth_err *err)
{
    const struct fth_plan *plan = a->plan;
    size_t nr = a->grid.rows.nr;
    struct placed *placed = FTH_NEW_ARRAY(a->arena, struct placed, nr);
    struct order order = {.answer = a, .desc = true, .by_time_first = !plan->has_order};
    struct fth_plan_term by = {.term = FTH_TERM_MEASURE, .measure = plan->measures[0]};
    struct fth_column_of what;

    if (!placed)
        return fth_err_nomem(err);
    if (plan->has_order) {
        order.desc = plan->order_desc;
        by = plan->order;
    } else if (plan->drivers) {
        by.term = FTH_TERM_CHANGE;
    }
    what = fth_answer_term(a, by);
    order.by_name = plan->by_name;
    if (order.by_name)
        what = (struct fth_column_of){.role = FTH_ROLE_LABEL};
    for (size_t i = 0; i < nr; i++) {
        placed[i].row = a->grid.rows.at[i];
        if (fth_answer_cell(a, placed[i].row, &what, &placed[i].key, err))
            return err->rc;
        if (plan->drivers && !plan->has_order && fth_money_sign(placed[i].key.money) < 0)
            placed[i].key.money = fth_money_neg(placed[i].key.money);
    }
    if (nr)
        qsort_r(placed, nr, sizeof(*placed), row_cmp, &order);
    *out = placed;
    return FTH_OK;
}

/* ---- labels ---- */

static void release_map(void *map)
{
    fth_map_release(map);
}

static enum fth_rc read_labels(struct fth_answer *a, struct fth_map *map, struct fth_str sql,
                               const struct fth_param_vec *params, struct fth_err *err)
{
    struct fth_query_env *env = &a->ask->env;
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(env->session, sql, params->at, params->nr, env->cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t row = 0; row < batch.nr && !err->rc; row++) {
            struct fth_str *label = FTH_NEW(a->arena, struct fth_str);

            if (!label)
                fth_err_nomem(err);
            else if (!fth_arena_str(a->arena, batch.cols[1].text[batch.cols[1].constant ? 0 : row],
                                    label, err))
                fth_map_put(map, batch.cols[0].text[batch.cols[0].constant ? 0 : row], label, NULL,
                            err);
        }
        if (err->rc)
            break;
    }
    fth_result_free(result);
    return err->rc;
}

/* What has both columns of a dimension with labels. */
enum labels_from { FROM_FACTS, FROM_LIST, FROM_ROLLUP };

static enum labels_from labels_from(const struct fth_answer *a, const struct fth_dimension *info)
{
    const struct fth_query_env *env = &a->ask->env;
    const struct fth_sql_source rollup = {.kind = FTH_SERVED_ROLLUP};
    const char *columns[FTH_SQL_COLUMNS_MAX] = {info->column, info->label_column};
    size_t nr = 2;

    if (env->never_cube || (env->scope && !fth_sql_columns(env->scope, columns, &nr)))
        return FROM_FACTS;
    if (!env->scope && fth_sql_is_listed(info->column, info->label_column))
        return FROM_LIST;
    return fth_sql_covers(&rollup, columns, nr) ? FROM_ROLLUP : FROM_FACTS;
}

/* The segments of the answer, the first *derived of them read from what is derived if that has both
 * columns. */
static enum fth_rc label_segments(const struct fth_answer *a, enum labels_from from,
                                  struct fth_segment_vec *out, size_t *derived, struct fth_err *err)
{
    struct fth_segment_vec all;

    *out = fth_segment_vec_in(a->arena);
    if (fth_answer_segments(a, &all, err))
        return err->rc;
    for (int facts = 0; facts < 2; facts++) {
        for (size_t i = 0; i < all.nr; i++)
            if ((from != FROM_FACTS &&
                 (from == FROM_LIST ? all.at[i]->has_values : all.at[i]->has_cubes)) != facts &&
                fth_segment_vec_push(out, all.at[i], err))
                return err->rc;
        if (!facts)
            *derived = out->nr;
    }
    return FTH_OK;
}

/* The ids that the plan is of, when it says them; NULL: it does not. */
static const struct fth_filter *ids_of(const struct fth_answer *a, const struct fth_dimension *info)
{
    for (size_t i = 0; i < a->plan->filter_nr; i++)
        if (a->plan->filters[i]->exact && fth_str_eq_c(a->plan->filters[i]->field, info->id))
            return a->plan->filters[i];
    return NULL;
}

static void put_ids(struct fth_sql *sql, const struct fth_filter *ids)
{
    fth_buf_c(&sql->body, " WHERE v IN (");
    for (size_t i = 0; i < ids->value_nr; i++) {
        fth_buf_c(&sql->body, i ? ", " : "");
        fth_sql_bind_text(sql, ids->values[i]);
    }
    fth_buf_char(&sql->body, ')');
}

/* The newest label of each id, of the segments that were read: from the list of values or, to the
 * day, the roll-up. */
static void put_labels(struct fth_sql *sql, const struct fth_answer *a,
                       const struct fth_dimension *info, enum labels_from from,
                       const struct fth_segment_vec *segments, size_t derived)
{
    const struct fth_filter *ids = ids_of(a, info);
    const struct fth_sql_source rollup = {
        .kind = FTH_SERVED_ROLLUP, .at = segments->at, .nr = derived};
    const char *id = info->column, *label = info->label_column;
    bool to_the_day = !fth_sql_is_listed(id, label);
    struct fth_buf *buf = &sql->body;

    /* Of two of the same time the greater, so that the same question has the same answer. */
    fth_buf_c(buf, " SELECT v, arg_max(l, (p, l)) FROM (");
    if (derived) {
        if (from == FROM_LIST)
            fth_buf_printf(buf,
                           "SELECT Value AS v, Label AS l, LastStart AS p FROM segment_value "
                           "WHERE Name = '%s' AND l IS NOT NULL AND Segment IN (",
                           id);
        else
            fth_buf_printf(buf,
                           "SELECT %s AS v, %s AS l, LastDay::TIMESTAMP AS p FROM resource_month "
                           "WHERE v IS NOT NULL AND l IS NOT NULL AND Segment IN (",
                           id, label);
        fth_sql_segment_list(buf, segments->at, derived);
        fth_buf_char(buf, ')');
        fth_sql_scope(sql, &a->ask->env, &rollup);
    }
    for (size_t i = derived; i < segments->nr; i++) {
        const struct fth_sql_source facts = {
            .kind = FTH_SERVED_FACTS, .at = &segments->at[i], .nr = 1};

        fth_buf_printf(buf,
                       "%sSELECT %s AS v, %s AS l, max(ChargePeriodStart)%s AS p FROM %s WHERE "
                       "v IS NOT NULL AND l IS NOT NULL",
                       i ? " UNION ALL " : "", id, label, to_the_day ? "::DATE::TIMESTAMP" : "",
                       segments->at[i]->table);
        fth_sql_scope(sql, &a->ask->env, &facts);
        fth_buf_c(buf, " GROUP BY v, l");
    }
    fth_buf_char(buf, ')');
    if (ids)
        put_ids(sql, ids);
    fth_buf_c(buf, " GROUP BY v");
}

static enum fth_rc labels_of(struct fth_answer *a, size_t dim, struct fth_err *err)
{
    const struct fth_dimension *info = a->dims[dim].info;
    enum labels_from from = labels_from(a, info);
    struct fth_map *map = FTH_NEW(a->arena, struct fth_map);
    struct fth_segment_vec segments;
    struct fth_str text = {0};
    struct fth_sql sql;
    size_t derived = 0;

    if (!map)
        return fth_err_nomem(err);
    fth_map_init(map);
    if (fth_arena_hook(a->arena, release_map, map, err) ||
        label_segments(a, from, &segments, &derived, err))
        return err->rc;
    sql = fth_sql_begin(&a->ask->env, err);
    put_labels(&sql, a, info, from, &segments, derived);
    if (segments.nr && !fth_sql_done(&sql, &a->ask->env, &text, err))
        read_labels(a, map, text, &sql.params, err);
    fth_sql_release(&sql);
    a->labels[dim] = map;
    return err->rc;
}

enum fth_rc fth_answer_labels(struct fth_answer *a, struct fth_err *err)
{
    for (size_t i = 0; a->plan->labels && i < a->dim_nr; i++)
        if (a->dims[i].info && *a->dims[i].info->label_column && labels_of(a, i, err))
            return err->rc;
    return FTH_OK;
}

/* ---- emitting ---- */

static enum fth_rc emit_row(const struct fth_answer *a, const struct fth_grid_row *row,
                            struct fth_cell *cells, struct fth_err *err)
{
    for (size_t i = 0; i < a->col_nr; i++)
        if (fth_answer_cell(a, row, &a->what[i], &cells[i], err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc emit_rows(const struct fth_answer *a, const struct placed *placed, size_t from,
                             size_t to, const struct fth_answer_sink *sink, struct fth_err *err)
{
    struct fth_cell cells[FTH_COLUMNS_MAX];

    for (size_t i = from; i < to; i++) {
        struct fth_arena_mark mark = fth_arena_mark(a->arena);

        if (emit_row(a, placed[i].row, cells, err) || sink->row(sink->ctx, cells, err))
            return err->rc;
        fth_arena_rewind(a->arena, mark);
        if (i % 1024 == 0 && fth_cancel_check(a->ask->env.cancel, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc total_lines(const struct fth_answer *a, struct fth_answer_end *end,
                               struct fth_err *err)
{
    struct fth_answer_total *totals = FTH_NEW_ARRAY(a->arena, struct fth_answer_total, a->total_nr);

    if (!totals)
        return fth_err_nomem(err);
    for (size_t i = 0; i < a->total_nr; i++) {
        struct fth_cell *cells = FTH_NEW_ARRAY(a->arena, struct fth_cell, a->col_nr);

        if (!cells)
            return fth_err_nomem(err);
        if (emit_row(a, &a->totals[i], cells, err))
            return err->rc;
        totals[i] = (struct fth_answer_total){.currency = a->totals[i].currency, .cells = cells};
    }
    end->totals = totals;
    end->total_nr = a->total_nr;
    return FTH_OK;
}

static enum fth_rc assertion(const struct fth_answer *a, struct fth_answer_end *end,
                             struct fth_err *err)
{
    struct fth_column_of what;

    end->has_assert = a->plan->has_assert;
    if (!end->has_assert)
        return FTH_OK;
    what = fth_answer_term(a, a->plan->assertion.what);
    end->assert_holds = a->total_nr > 0;
    for (size_t i = 0; i < a->total_nr; i++) {
        struct fth_cell cell;

        if (fth_answer_cell(a, &a->totals[i], &what, &cell, err))
            return err->rc;
        end->assert_holds &= fth_test_holds(&a->plan->assertion, &cell);
    }
    return FTH_OK;
}

static enum fth_rc warn_units(struct fth_answer *a, struct fth_err *err)
{
    bool mixed = false;

    for (size_t i = 0; i < a->total_nr; i++)
        mixed |= a->totals[i].sums[0] && a->totals[i].sums[0]->mixed_units;
    if (!mixed)
        return FTH_OK;
    return fth_query_warn(&a->ask->env, err,
                          "quantities of several units are not added; group by pricing_unit or "
                          "usage_type");
}

static void set_unit(struct fth_answer *a)
{
    for (size_t i = 0; i < a->col_nr; i++)
        if (a->cols[i].kind == FTH_CELL_QUANTITY && a->total_nr == 1 && a->totals[0].sums[0] &&
            !a->totals[0].sums[0]->mixed_units)
            a->cols[i].unit = a->totals[0].sums[0]->unit;
}

static enum fth_rc next_page(const struct fth_ask *ask, size_t next, struct fth_answer_end *end,
                             struct fth_err *err)
{
    struct fth_plan_cursor cursor = {.version = ask->env.snapshot->version,
                                     .offset = (int64_t)next};

    if (ask->cursor_key.n == 0)
        return FTH_OK;
    return fth_plan_cursor_put(ask->env.arena, cursor, ask->plan, ask->cursor_key,
                               &end->next_cursor, err);
}

static enum fth_served most_served(const struct fth_answer *a)
{
    enum fth_served served = a->statements[0].served;

    served = a->statements[1].served > served ? a->statements[1].served : served;
    return a->parts.served > served ? a->parts.served : served;
}

static enum fth_rc segments_read(const struct fth_answer *a, struct fth_segment_vec *out,
                                 struct fth_err *err)
{
    for (int window = 0; window < FTH_WINDOWS; window++)
        for (size_t i = 0; i < a->statements[window].segments.nr; i++)
            if (fth_segment_vec_push(out, a->statements[window].segments.at[i], err))
                return err->rc;
    return FTH_OK;
}

static enum fth_rc finish(struct fth_answer *a, const struct fth_answer_sink *sink,
                          struct fth_err *err)
{
    struct fth_ask *ask = a->ask;
    struct fth_segment_vec read = fth_segment_vec_in(a->arena);
    struct fth_answer_end end = {.ledger_version = ask->env.snapshot->version};
    size_t nr = a->topped ? (size_t)a->grid.group_nr : a->grid.rows.nr, most = nr, from, to, first;
    struct placed *placed = NULL;

    if (a->plan->limit && (int64_t)most > a->plan->limit)
        most = (size_t)a->plan->limit;
    from = ask->offset < (int64_t)most ? (size_t)ask->offset : most;
    to = ask->page_rows && most - from > ask->page_rows ? from + ask->page_rows : most;
    first = a->topped ? from : 0; /* the place of the first row of the grid */
    end.row_count = (int64_t)(to - from);
    end.truncated = to < nr;
    end.served_by = fth_served_name(most_served(a));
    if (place_rows(a, &placed, err) || (to < most && next_page(ask, to, &end, err)) ||
        total_lines(a, &end, err) || assertion(a, &end, err) || segments_read(a, &read, err) ||
        (ask->freshen && ask->freshen(ask, &read, &end, err)))
        return err->rc;
    end.rates = a->rates_used.at;
    end.rate_nr = a->rates_used.nr;
    end.warnings = ask->env.warnings.at;
    end.warning_nr = ask->env.warnings.nr;
    if (sink->begin(sink->ctx, a->cols, a->col_nr, a->currency, err) ||
        emit_rows(a, placed, from - first, to - first, sink, err))
        return err->rc;
    return sink->end(sink->ctx, &end, err);
}

/* Drivers without a dimension: by the one that explains most. */
static enum fth_rc choose_driver(struct fth_ask *ask, struct fth_err *err)
{
    struct fth_plan *plan;

    if (!ask->plan->drivers || ask->plan->group_nr)
        return FTH_OK;
    plan = FTH_NEW(ask->env.arena, struct fth_plan);
    if (!plan)
        return fth_err_nomem(err);
    *plan = *ask->plan;
    if (fth_answer_driver(ask, &plan->group_by[0], err))
        return err->rc;
    plan->group_nr = 1;
    ask->plan = plan;
    return FTH_OK;
}

enum fth_rc fth_answer_run(struct fth_ask *ask, const struct fth_answer_sink *sink,
                           struct fth_err *err)
{
    const struct fth_plan *asked = ask->plan;
    struct fth_answer *a = FTH_NEW(ask->env.arena, struct fth_answer);

    if (!a)
        return fth_err_nomem(err);
    if (asked->rows)
        return fth_rows_run(ask, sink, err);
    if (choose_driver(ask, err) || fth_answer_prepare(a, ask, err) || fth_answer_gather(a, err) ||
        (ask->plan->drivers && fth_answer_parts(a, err)) || keep_rows(a, err) ||
        fth_answer_total(a, err) || fth_answer_columns(a, err) || fth_answer_labels(a, err) ||
        warn_units(a, err))
        return err->rc;
    set_unit(a);
    ask->plan = asked; /* cursors are of the plan that was asked */
    return finish(a, sink, err);
}
