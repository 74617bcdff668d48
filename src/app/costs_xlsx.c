/* An answer as a workbook: written into the engine's folder, where its rows wait on disk, too, and
 * handed out once it is whole. */
#include "app/costs_int.h"
#include "base/clock.h"
#include "ledger/engine.h"
#include "plan/xlsx.h"

static enum fth_rc write_book(const struct fth_seat *seat, const struct fth_plan *plan,
                              const char *path, struct fth_err *err)
{
    struct fth_arena *arena = seat->run.arena;
    size_t slash = fth_str_rfind(fth_str_c(path), '/');
    struct fth_xlsx *xlsx = NULL;
    struct fth_xlsx_wish wish = {.path = path};
    struct fth_answer_sink sink;
    struct fth_str folder;

    if (fth_arena_str(arena, fth_str_sub(fth_str_c(path), 0, slash), &folder, err))
        return err->rc;
    wish.folder = folder.p;
    wish.made_us = fth_clock_now_us(seat->run.clock);
    if (fth_xlsx_new(arena, plan, &wish, &xlsx, err))
        return err->rc;
    sink = fth_answer_to_xlsx(xlsx);
    (void)fth_plan_run(&seat->run, plan, &sink, err);
    fth_xlsx_free(xlsx);
    return err->rc;
}

enum fth_rc fth_xlsx_stream(const struct fth_asked *asked, const struct fth_plan *plan,
                            enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                 struct fth_err *err),
                            void *ctx, struct fth_err *err)
{
    struct fth_engine *engine = fth_ledger_engine(asked->app->ledger);
    struct fth_seat seat;
    const char *path;

    if (fth_engine_scratch(engine, "xlsx", asked->arena, &path, err) ||
        fth_desk_take(asked, false, &seat, err))
        return err->rc;
    if (!fth_desk_rates(asked, plan, &seat, err))
        (void)write_book(&seat, plan, path, err);
    /* A slow reader of the file keeps nobody from asking. */
    fth_desk_give(&seat);
    if (!err->rc)
        (void)fth_costs_hand_out(path, flush, ctx, err);
    fth_engine_forget(engine, path);
    return err->rc;
}
