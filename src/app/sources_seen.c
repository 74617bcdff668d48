/* Sources as a scope leaves them: the segments that hold any of its charges, and what these were
 * billed. */
#include <string.h>

#include "app/desk_int.h"
#include "app/sources_int.h"
#include "base/vec.h"
#include "plan/scope.h"

FTH_VEC(billed_vec, struct fth_seen_billed)

/* A run takes its arena back between rows, so what is kept of them lies in another. */
struct seeing {
    struct fth_arena *keep;
    struct billed_vec billed;
    size_t source, currency, amount; /* columns */
};

static enum fth_rc take_columns(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                                struct fth_str currency, struct fth_err *err)
{
    struct seeing *s = ctx;

    (void)currency;
    (void)err;
    for (size_t i = 0; i < col_nr; i++) {
        if (strcmp(cols[i].name, "source") == 0)
            s->source = i;
        else if (strcmp(cols[i].name, "currency") == 0)
            s->currency = i;
        else
            s->amount = i;
    }
    return FTH_OK;
}

static enum fth_rc take_row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct seeing *s = ctx;
    struct fth_seen_billed billed = {.amount = cells[s->amount].money};

    if (fth_arena_str(s->keep, cells[s->source].text, &billed.source, err) ||
        fth_arena_str(s->keep, cells[s->currency].text, &billed.currency, err))
        return err->rc;
    return billed_vec_push(&s->billed, billed, err);
}

static enum fth_rc take_end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    (void)ctx;
    (void)end;
    (void)err;
    return FTH_OK;
}

static enum fth_rc read_billed(struct seeing *s, const struct fth_plan_run *run, int64_t version,
                               struct fth_err *err)
{
    const struct fth_answer_sink sink = {take_columns, take_row, take_end, s};
    const struct fth_json *json;
    const struct fth_plan *plan;
    struct fth_str text;

    if (fth_arena_printf(run->arena, &text, err,
                         "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],"
                         "\"time\":null,\"group_by\":[\"source\",\"currency\"],\"as_of\":%lld}",
                         (long long)version) ||
        fth_json_parse(run->arena, text, NULL, &json, err) ||
        fth_plan_parse(run->arena, json, &plan, err))
        return err->rc;
    return fth_plan_run(run, plan, &sink, err);
}

static enum fth_rc take_periods(const struct fth_snapshot *snapshot, struct fth_arena *keep,
                                struct fth_seen *out, struct fth_err *err)
{
    struct fth_seen_period *periods = FTH_NEW_ARRAY(keep, struct fth_seen_period, snapshot->nr);

    if (!periods)
        return fth_err_nomem(err);
    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *segment = &snapshot->at[i];

        periods[i] = (struct fth_seen_period){.source_id = segment->source_id,
                                              .rows = segment->rows,
                                              .charges_until_us = segment->charges_until_us};
        if (fth_arena_str(keep, segment->billing_period, &periods[i].period, err))
            return err->rc;
    }
    out->periods = periods;
    out->period_nr = snapshot->nr;
    return FTH_OK;
}

enum fth_rc fth_sources_seen(const struct fth_asked *asked, struct fth_seen *out,
                             struct fth_err *err)
{
    struct seeing s = {.keep = asked->arena, .billed = billed_vec_in(asked->arena)};
    struct fth_sight sight;
    struct fth_seat seat;

    if (fth_desk_take(asked, true, &seat, err))
        return err->rc;
    seat.run.arena = fth_arena_new(FTH_ANSWER_MAX);
    if (!seat.run.arena) {
        fth_err_nomem(err);
    } else if (!fth_sight_open(&seat.run, 0, &sight, err)) {
        if (!take_periods(sight.snapshot, asked->arena, out, err) && out->period_nr)
            (void)read_billed(&s, &seat.run, sight.snapshot->version, err);
        fth_sight_close(&seat.run, &sight);
    }
    fth_arena_free(seat.run.arena);
    fth_desk_give(&seat);
    out->billed = s.billed.at;
    out->billed_nr = s.billed.nr;
    return err->rc;
}
