/* Sources as a scope leaves them: the segments that hold any of its charges, and what these were
 * billed. */
#include "app/desk_int.h"
#include "app/sources_int.h"
#include "plan/scope.h"

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

/* Leaves the version pinned that was looked at. */
static enum fth_rc look(const struct fth_asked *asked, struct fth_plan_run *run,
                        struct fth_sight *sight, struct fth_seen *out, struct fth_err *err)
{
    struct fth_seat seat;

    if (fth_desk_take(asked, true, &seat, err))
        return err->rc;
    *run = seat.run;
    seat.run.arena = fth_arena_new(FTH_ANSWER_MAX);
    if (!seat.run.arena)
        fth_err_nomem(err);
    else if (!fth_sight_open(&seat.run, 0, sight, err))
        take_periods(sight->snapshot, asked->arena, out, err);
    fth_arena_free(seat.run.arena);
    fth_desk_give(&seat);
    return err->rc;
}

enum fth_rc fth_sources_seen(const struct fth_asked *asked, struct fth_seen *out,
                             struct fth_err *err)
{
    struct fth_sums_request request = {.by = {"source"}};
    struct fth_sight sight = {0};
    struct fth_plan_run run;

    (void)look(asked, &run, &sight, out, err);
    if (!sight.pinned)
        return err->rc;
    request.version = sight.pinned->version;
    if (!err->rc && out->period_nr)
        (void)fth_sums(asked, &request, &out->billed, &out->billed_nr, err);
    fth_sight_close(&run, &sight);
    return err->rc;
}
