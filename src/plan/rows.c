/*
 * Raw rows: the charges themselves, every column of charge.def in order, tags as JSON, and behind
 * them x_source: what else the source delivered of the charge, from the side table, as JSON; and
 * x_id, by which the charge is known (ledger/origin.h).
 *
 * Without an order they come segment by segment, each as it is stored (by day, account, service,
 * resource), so that a page costs what it shows and not what is in front of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "ledger/origin.h"
#include "plan/answer_int.h"
#include "plan/query_int.h"

struct charge_column {
    const char *name;
    enum fth_cell_kind kind;
    bool money;
};

static const struct charge_column columns[] = {
#define KIND_TEXT FTH_CELL_TEXT
#define KIND_I32 FTH_CELL_COUNT
#define KIND_I64 FTH_CELL_COUNT
#define KIND_DOUBLE FTH_CELL_QUANTITY
#define KIND_INSTANT FTH_CELL_INSTANT
#define FTH_CHARGE(name, type, text) {#name, KIND_##type, false},
#define FTH_CHARGE_MONEY(name, text) {#name, FTH_CELL_MONEY, true},
#include "model/charge.def"
#undef FTH_CHARGE
#undef FTH_CHARGE_MONEY
};

enum { CHARGE_NR = sizeof(columns) / sizeof(*columns), SOURCE_AT = CHARGE_NR, ID_AT, COLUMN_NR };

static const char *const ordered_by[] = {
    [FTH_M_effective_cost] = "EffectiveCost",
    [FTH_M_billed_cost] = "BilledCost",
    [FTH_M_list_cost] = "ListCost",
    [FTH_M_contracted_cost] = "ContractedCost",
};

struct rows {
    struct fth_ask *ask;
    struct fth_answer *answer; /* prepared for the four costs: condition, totals */
    const struct fth_answer_sink *sink;
    struct fth_answer_col cols[COLUMN_NR];
    int64_t skip, left; /* rows still to leave out; to give, -1: all */
    int64_t given;
    bool more;
};

static bool is_tag_set(size_t i)
{
    return fth_str_eq_c(fth_str_c(columns[i].name), "TagSetId");
}

static bool any_side(const struct fth_segment *const *at, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (at[i]->has_side)
            return true;
    return false;
}

static void put_columns(struct fth_sql *sql, const struct fth_segment *const *at, size_t nr)
{
    for (size_t i = 0; i < CHARGE_NR; i++) {
        if (i)
            fth_buf_c(&sql->body, ", ");
        if (is_tag_set(i))
            fth_buf_c(&sql->body, "to_json(g.Tags)::VARCHAR AS Tags");
        else
            fth_buf_printf(&sql->body,
                           columns[i].money ? "c.%s::DECIMAL(38,10) AS %s" : "c.%s AS %s",
                           columns[i].name, columns[i].name);
        if (columns[i].money)
            fth_buf_printf(&sql->body, ", c.%sTail::BIGINT AS %sTail", columns[i].name,
                           columns[i].name);
    }
    fth_buf_c(&sql->body,
              any_side(at, nr) ? ", x.Columns AS x_source" : ", NULL::VARCHAR AS x_source");
}

/* What stands beside the rows `c`: their tags, and their columns of the side table. */
static void put_joins(struct fth_sql *sql, const struct fth_segment *const *at, size_t nr)
{
    fth_buf_c(&sql->body, ") c LEFT JOIN tag_set g ON g.TagSetId = c.TagSetId");
    if (!any_side(at, nr))
        return;
    fth_buf_c(&sql->body, " LEFT JOIN (SELECT * FROM side WHERE Segment IN (");
    fth_sql_segment_list(&sql->body, at, nr);
    fth_buf_char(&sql->body, ')');
    for (size_t i = 0; i < nr; i++)
        if (at[i]->side)
            fth_buf_printf(&sql->body, " UNION ALL BY NAME SELECT * FROM %s", at[i]->side);
    fth_buf_c(&sql->body, ") x ON x.Segment = c.InSegment AND x.Record = c.Record AND x.Part = "
                          "c.Part AND coalesce(x.Delivery, c.Delivery) = c.Delivery");
}

static void put_selection(struct rows *r, struct fth_sql *sql, const struct fth_segment *const *at)
{
    const struct fth_pass *pass = &r->answer->pass;
    const struct fth_sql_source source = {.kind = FTH_SERVED_FACTS, .at = at, .nr = 1};
    const char *column = pass->by_billing ? "BillingPeriodStart" : "ChargePeriodStart";

    fth_buf_printf(&sql->body, " FROM %s WHERE TRUE", at[0]->table);
    if (pass->has_time) {
        fth_buf_printf(&sql->body, " AND %s >= ", column);
        fth_sql_bind(
            sql, (struct fth_param){.type = FTH_T_INSTANT, .i64 = pass->time.start * FTH_DAY_US});
        fth_buf_printf(&sql->body, " AND %s < ", column);
        fth_sql_bind(sql,
                     (struct fth_param){.type = FTH_T_INSTANT, .i64 = pass->time.end * FTH_DAY_US});
    }
    if (pass->cond) {
        fth_buf_c(&sql->body, " AND ");
        fth_sql_cond(sql, pass->cond, &source, false);
    }
    fth_sql_scope(sql, &r->ask->env, &source);
    if (pass->part)
        fth_part_cond(pass, sql);
}

static void put_page(struct rows *r, struct fth_sql *sql)
{
    /* One row more than is given tells whether there are more. */
    if (r->left >= 0)
        fth_buf_printf(&sql->body, " LIMIT %lld", (long long)r->left + 1);
    if (r->skip)
        fth_buf_printf(&sql->body, " OFFSET %lld", (long long)r->skip);
}

static void money_cell(const struct fth_vec *col, size_t row, struct fth_cell *out,
                       struct fth_err *err)
{
    size_t at = col[0].constant ? 0 : row, tail_at = col[1].constant ? 0 : row;
    fth_i128 tail = fth_vec_is_valid(&col[1], row) ? col[1].i64[tail_at] : 0;

    out->null = !fth_vec_is_valid(&col[0], row);
    if (!out->null)
        fth_money_make(col[0].i128[at], tail, &out->money, err);
}

static void plain_cell(const struct fth_vec *col, enum fth_cell_kind kind, size_t row,
                       struct fth_cell *out)
{
    size_t at = col->constant ? 0 : row;

    out->null = !fth_vec_is_valid(col, row);
    if (out->null)
        return;
    if (kind == FTH_CELL_COUNT)
        out->i64 = col->type == FTH_T_I32 ? col->i32[at] : col->i64[at];
    else if (kind == FTH_CELL_QUANTITY)
        out->f64 = col->f64[at];
    else if (kind == FTH_CELL_INSTANT)
        out->i64 = col->i64[at];
    else
        out->text = col->text[at];
}

static enum fth_rc give_row(struct rows *r, const struct fth_batch *batch, size_t row,
                            struct fth_err *err)
{
    const struct fth_vec *col = batch->cols;
    struct fth_cell cells[COLUMN_NR] = {0};
    char id[FTH_CHARGE_ID_MAX];

    for (size_t i = 0; i < CHARGE_NR; i++)
        if (columns[i].money) {
            money_cell(col, row, &cells[i], err);
            col += 2;
        } else {
            plain_cell(col++, r->cols[i].kind, row, &cells[i]);
        }
    if (err->rc)
        return err->rc;
    plain_cell(col, FTH_CELL_TAGS, row, &cells[SOURCE_AT]);
    cells[ID_AT].text = fth_charge_id_text(
        (struct fth_charge_id){cells[0].i64, cells[1].i64, (int32_t)cells[2].i64}, id);
    r->given++;
    return r->sink->row(r->sink->ctx, cells, err);
}

/* Runs one statement and gives its rows until enough were given. */
static enum fth_rc give(struct rows *r, struct fth_sql *sql, struct fth_err *err)
{
    struct fth_query_env *env = &r->ask->env;
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct fth_str text = {0};

    if (fth_sql_done(sql, env, &text, err) ||
        fth_session_query(env->session, text, sql->params.at, sql->params.nr, env->cancel, &result,
                          err))
        return err->rc;
    while (!r->more && !fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t row = 0; row < batch.nr && !err->rc && !r->more; row++) {
            r->more = r->left == 0;
            if (r->more)
                break;
            if (r->left > 0)
                r->left--;
            give_row(r, &batch, row, err);
        }
        if (err->rc)
            break;
    }
    fth_result_free(result);
    return err->rc;
}

static enum fth_rc count(struct rows *r, const struct fth_segment *const *at, int64_t *out,
                         struct fth_err *err)
{
    struct fth_query_env *env = &r->ask->env;
    struct fth_sql sql = fth_sql_begin(env, err);
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct fth_str text = {0};

    fth_buf_c(&sql.body, " SELECT count(*)::BIGINT");
    put_selection(r, &sql, at);
    if (!fth_sql_done(&sql, env, &text, err) &&
        !fth_session_query(env->session, text, sql.params.at, sql.params.nr, env->cancel, &result,
                           err) &&
        !fth_result_next(result, &batch, err))
        *out = batch.nr ? batch.cols[0].i64[0] : 0;
    fth_result_free(result);
    fth_sql_release(&sql);
    return err->rc;
}

/* Segment by segment, each in the order of its rows. */
static enum fth_rc give_stored(struct rows *r, struct fth_err *err)
{
    const struct fth_segment_vec *read = &r->answer->statements[0].segments;

    for (size_t i = 0; i < read->nr && !r->more && !err->rc; i++) {
        struct fth_sql sql;
        int64_t nr = 0;

        if (r->skip) {
            if (count(r, &read->at[i], &nr, err))
                return err->rc;
            if (nr <= r->skip) {
                r->skip -= nr;
                continue;
            }
        }
        sql = fth_sql_begin(&r->ask->env, err);
        fth_buf_c(&sql.body, " SELECT ");
        put_columns(&sql, &read->at[i], 1);
        fth_buf_printf(&sql.body, " FROM (SELECT *, rowid AS place, %lld AS InSegment",
                       (long long)read->at[i]->id);
        put_selection(r, &sql, &read->at[i]);
        fth_buf_c(&sql.body, " ORDER BY place");
        put_page(r, &sql);
        put_joins(&sql, &read->at[i], 1);
        fth_buf_c(&sql.body, " ORDER BY c.place");
        give(r, &sql, err);
        fth_sql_release(&sql);
        r->skip = 0;
    }
    return err->rc;
}

/* All segments at once, in that order: of what stands in a segment, and again of `c`. */
static enum fth_rc give_together(struct rows *r, const char *order, const char *again,
                                 struct fth_err *err)
{
    const struct fth_segment_vec *read = &r->answer->statements[0].segments;
    struct fth_sql sql;

    if (read->nr == 0)
        return FTH_OK;
    sql = fth_sql_begin(&r->ask->env, err);
    if (r->answer->pass.part)
        fth_part_with(&r->ask->env, &r->answer->pass, &sql);
    fth_buf_c(&sql.body, " SELECT ");
    put_columns(&sql, read->at, read->nr);
    fth_buf_c(&sql.body, " FROM (");
    for (size_t i = 0; i < read->nr; i++) {
        fth_buf_printf(&sql.body, "%sSELECT *, rowid AS place, %zu AS turn, %lld AS InSegment",
                       i ? " UNION ALL BY NAME " : "", i, (long long)read->at[i]->id);
        put_selection(r, &sql, &read->at[i]);
    }
    fth_buf_printf(&sql.body, " ORDER BY %s", order);
    put_page(r, &sql);
    put_joins(&sql, read->at, read->nr);
    fth_buf_printf(&sql.body, " ORDER BY %s", again);
    give(r, &sql, err);
    fth_sql_release(&sql);
    return err->rc;
}

/* By one of the costs. */
static enum fth_rc give_ordered(struct rows *r, struct fth_err *err)
{
    const struct fth_plan *plan = r->ask->plan;
    const char *by = ordered_by[plan->order.measure], *dir = plan->order_desc ? "DESC" : "ASC";
    char order[200], again[200];

    snprintf(order, sizeof(order), "%s %s NULLS LAST, %sTail %s, Delivery, Record, Part", by, dir,
             by, dir);
    snprintf(again, sizeof(again), "c.%s %s NULLS LAST, c.%sTail %s, c.Delivery, c.Record, c.Part",
             by, dir, by, dir);
    return give_together(r, order, again, err);
}

/* What a part is takes a look at all charges, which is not done for each segment anew. */
static enum fth_rc give_selected(struct rows *r, struct fth_err *err)
{
    if (r->ask->plan->has_order)
        return give_ordered(r, err);
    if (r->answer->pass.part)
        return give_together(r, "turn, place", "c.turn, c.place", err);
    return give_stored(r, err);
}

/* The sums of the four costs of everything that was selected, in the columns of the rows. */
static enum fth_rc total_lines(struct rows *r, struct fth_answer_end *end, struct fth_err *err)
{
    struct fth_answer *a = r->answer;
    struct fth_answer_total *totals = FTH_NEW_ARRAY(a->arena, struct fth_answer_total, a->total_nr);

    if (!totals)
        return fth_err_nomem(err);
    for (size_t t = 0; t < a->total_nr; t++) {
        struct fth_cell *cells = FTH_NEW_ARRAY(a->arena, struct fth_cell, COLUMN_NR);

        if (!cells)
            return fth_err_nomem(err);
        cells[SOURCE_AT].null = cells[ID_AT].null = true;
        for (size_t i = 0; i < CHARGE_NR; i++) {
            cells[i].null = true;
            for (size_t m = 0; m < FTH_NR(ordered_by); m++) {
                struct fth_column_of what = {.role = FTH_ROLE_VALUE,
                                             .measure = (enum fth_measure)m};

                if (fth_str_eq_c(fth_str_c(columns[i].name), ordered_by[m]) &&
                    fth_answer_cell(a, &a->totals[t], &what, &cells[i], err))
                    return err->rc;
            }
        }
        totals[t] = (struct fth_answer_total){.currency = a->totals[t].currency, .cells = cells};
    }
    end->totals = totals;
    end->total_nr = a->total_nr;
    return FTH_OK;
}

static enum fth_rc refuse_converting(const struct fth_answer *a, struct fth_err *err)
{
    if (!a->converted)
        return FTH_OK;
    fth_err_set(
        err, FTH_E_UNSUPPORTED,
        "/currency: single charges are shown as they were billed, not all of these in " FTH_STR_F,
        FTH_STR_A(a->plan->currency));
    fth_err_at(err, "/currency");
    fth_err_hint(err, "Say \"currency\": null, or group instead of asking for \"rows\".");
    return err->rc;
}

static enum fth_rc prepare(struct rows *r, struct fth_err *err)
{
    struct fth_plan *plan = FTH_NEW(r->ask->env.arena, struct fth_plan);
    const struct fth_plan *asked = r->ask->plan;

    if (!plan)
        return fth_err_nomem(err);
    *plan = *asked;
    plan->rows = plan->has_order = plan->has_compare = false;
    for (size_t m = 0; m < FTH_NR(ordered_by); m++)
        plan->measures[plan->measure_nr++] = (enum fth_measure)m;
    r->ask->plan = plan;
    if (!fth_answer_prepare(r->answer, r->ask, err) && !refuse_converting(r->answer, err) &&
        !fth_answer_gather(r->answer, err))
        fth_answer_total(r->answer, err);
    r->ask->plan = asked;
    r->cols[SOURCE_AT] = (struct fth_answer_col){.name = "x_source", .kind = FTH_CELL_TAGS};
    r->cols[ID_AT] = (struct fth_answer_col){.name = "x_id", .kind = FTH_CELL_TEXT};
    for (size_t i = 0; i < CHARGE_NR; i++) {
        r->cols[i] = (struct fth_answer_col){.name = columns[i].name, .kind = columns[i].kind};
        if (columns[i].money)
            r->cols[i].unit = r->answer->currency;
        if (is_tag_set(i))
            r->cols[i] = (struct fth_answer_col){.name = "Tags", .kind = FTH_CELL_TAGS};
    }
    return err->rc;
}

static enum fth_rc finish(struct rows *r, struct fth_err *err)
{
    struct fth_ask *ask = r->ask;
    struct fth_answer_end end = {.ledger_version = ask->env.snapshot->version,
                                 .row_count = r->given,
                                 .served_by = "facts",
                                 .truncated = r->more};
    struct fth_plan_cursor cursor = {.version = end.ledger_version,
                                     .offset = ask->offset + r->given};
    bool page =
        ask->cursor_key.n && r->more && (!ask->plan->limit || cursor.offset < ask->plan->limit);

    if (total_lines(r, &end, err) ||
        (page && fth_plan_cursor_put(ask->env.arena, cursor, ask->plan, ask->cursor_key,
                                     &end.next_cursor, err)) ||
        (ask->freshen && ask->freshen(ask, &r->answer->statements[0].segments, &end, err)))
        return err->rc;
    end.warnings = ask->env.warnings.at;
    end.warning_nr = ask->env.warnings.nr;
    return r->sink->end(r->sink->ctx, &end, err);
}

enum fth_rc fth_rows_run(struct fth_ask *ask, const struct fth_answer_sink *sink,
                         struct fth_err *err)
{
    struct rows *r = FTH_NEW(ask->env.arena, struct rows);
    struct fth_answer *answer = FTH_NEW(ask->env.arena, struct fth_answer);

    if (!r || !answer)
        return fth_err_nomem(err);
    *r = (struct rows){.ask = ask, .answer = answer, .sink = sink, .skip = ask->offset, .left = -1};
    if (ask->page_rows)
        r->left = (int64_t)ask->page_rows;
    if (ask->plan->limit) {
        int64_t rest = ask->plan->limit > ask->offset ? ask->plan->limit - ask->offset : 0;

        if (r->left < 0 || rest < r->left)
            r->left = rest;
    }
    if (prepare(r, err) || sink->begin(sink->ctx, r->cols, COLUMN_NR, answer->currency, err) ||
        give_selected(r, err))
        return err->rc;
    return finish(r, err);
}
