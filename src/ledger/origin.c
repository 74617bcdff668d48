#include "ledger/origin.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/vec.h"
#include "ledger/ledger_int.h"

FTH_VEC(charge_vec, struct fth_origin_charge)

/* Columns of ledger/origin/charges. */
enum { O_PART, O_TEXTS, O_START = 7, O_END, O_COSTS };

struct fth_str fth_charge_id_text(struct fth_charge_id id, char out[FTH_CHARGE_ID_MAX])
{
    int n = snprintf(out, FTH_CHARGE_ID_MAX, "%" PRId64 "-%" PRId64 "-%" PRId32, id.delivery,
                     id.record, id.part);

    return (struct fth_str){out, (size_t)n};
}

enum fth_rc fth_charge_id_parse(struct fth_str text, struct fth_charge_id *out, struct fth_err *err)
{
    struct fth_str delivery = {0}, record = {0}, part = {0}, rest = {0};
    uint64_t d = 0, r = 0, p = 0;

    if (fth_str_split(text, '-', &delivery, &rest) && fth_str_split(rest, '-', &record, &part) &&
        fth_str_to_u64(delivery, &d) && fth_str_to_u64(record, &r) && fth_str_to_u64(part, &p) &&
        d <= INT64_MAX && r <= INT64_MAX && p <= INT32_MAX && d > 0 && r > 0) {
        *out = (struct fth_charge_id){(int64_t)d, (int64_t)r, (int32_t)p};
        return FTH_OK;
    }
    fth_err_hint(err, "An id is the column x_id of a raw charge row, like 12-3456-0.");
    return fth_err_set(err, FTH_E_INVALID, "\"" FTH_STR_F "\" is no charge id",
                       FTH_STR_A(fth_str_sub(text, 0, FTH_CHARGE_ID_MAX)));
}

/* ---- charges ---- */

static enum fth_rc read_text(const struct fth_batch *batch, size_t col, size_t row,
                             struct fth_arena *arena, struct fth_str *out, struct fth_err *err)
{
    const struct fth_vec *vec = &batch->cols[col];

    if (!fth_vec_is_valid(vec, row))
        return FTH_OK;
    return fth_arena_str(arena, vec->text[vec->constant ? 0 : row], out, err);
}

static int64_t read_i64(const struct fth_batch *batch, size_t col, size_t row, int64_t or_else)
{
    const struct fth_vec *vec = &batch->cols[col];

    return fth_vec_is_valid(vec, row) ? vec->i64[vec->constant ? 0 : row] : or_else;
}

static enum fth_rc read_cost(const struct fth_batch *batch, size_t col, size_t row,
                             struct fth_money *out, struct fth_err *err)
{
    const struct fth_vec *head = &batch->cols[col];

    if (!fth_vec_is_valid(head, row))
        return FTH_OK;
    return fth_money_make(head->i128[head->constant ? 0 : row], read_i64(batch, col + 1, row, 0),
                          out, err);
}

static enum fth_rc read_charge(const struct fth_batch *batch, size_t row, struct fth_arena *arena,
                               struct fth_origin_charge *out, struct fth_err *err)
{
    struct fth_str *texts[] = {&out->category,    &out->description, &out->service,
                               &out->sub_account, &out->resource,    &out->currency};
    struct fth_money *costs[] = {&out->billed, &out->effective, &out->list, &out->contracted};
    const struct fth_vec *part = &batch->cols[O_PART];

    out->part = part->i32[part->constant ? 0 : row];
    out->start_us = read_i64(batch, O_START, row, INT64_MIN);
    out->end_us = read_i64(batch, O_END, row, INT64_MIN);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !err->rc; i++)
        (void)read_text(batch, O_TEXTS + i, row, arena, texts[i], err);
    for (size_t i = 0; i < sizeof(costs) / sizeof(*costs) && !err->rc; i++)
        (void)read_cost(batch, O_COSTS + 2 * i, row, costs[i], err);
    return err->rc;
}

static enum fth_rc read_segment(struct fth_session *session, const struct fth_segment *segment,
                                const struct fth_param *params, struct fth_cancel *cancel,
                                struct charge_vec *into, struct fth_err *err)
{
    const struct fth_word words[] = {{"table", fth_str_c(segment->table)}};
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct fth_str sql = {0};

    if (fth_statement(into->arena, "ledger/origin/charges", words, 1, &sql, err) ||
        fth_session_query(session, sql, params, 2, cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr)
        for (size_t row = 0; row < batch.nr && !err->rc; row++) {
            struct fth_origin_charge charge = {0};

            if (!read_charge(&batch, row, into->arena, &charge, err))
                (void)charge_vec_push(into, charge, err);
        }
    fth_result_free(result);
    return err->rc;
}

enum fth_rc fth_origin_charges(struct fth_session *session, const struct fth_snapshot *snapshot,
                               const struct fth_delivery *delivery, int64_t record,
                               struct fth_cancel *cancel, struct fth_arena *arena,
                               struct fth_origin_charge **out, size_t *out_nr, struct fth_err *err)
{
    const struct fth_param params[] = {{.type = FTH_T_I64, .i64 = delivery->id},
                                       {.type = FTH_T_I64, .i64 = record}};
    struct charge_vec charges = charge_vec_in(arena);

    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *segment = &snapshot->at[i];

        if (segment->source_id == delivery->source_id &&
            fth_str_eq(segment->billing_period, delivery->billing_period) &&
            read_segment(session, segment, params, cancel, &charges, err))
            return err->rc;
    }
    *out = charges.at;
    *out_nr = charges.nr;
    return FTH_OK;
}
