/* plan: what is accepted has one canonical form, which is a plan with the same form. */
#include "base/check.h"
#include "fuzz.h"
#include "plan/plan.h"

static const struct fth_plan *plan_of(struct fth_arena *arena, struct fth_str text,
                                      struct fth_err *err)
{
    const struct fth_json_limits limits = {.max_len = 1 << 20, .max_depth = 200};
    const struct fth_json *json = NULL;
    const struct fth_plan *plan = NULL;

    if (fth_json_parse(arena, text, &limits, &json, err))
        return NULL;
    if (fth_plan_parse(arena, json, &plan, err))
        FTH_CHECK(!plan && err->msg[0]);
    return plan;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_arena *arena = fth_arena_new(64 << 20);
    struct fth_buf once = fth_buf_max(1 << 20), twice = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    const struct fth_plan *plan;

    if (!arena)
        return 0;
    plan = plan_of(arena, (struct fth_str){(const char *)data, size}, &err);
    if (plan) {
        fth_plan_put(&once, plan);
        FTH_CHECK(!once.failed);
        plan = plan_of(arena, fth_buf_view(&once), &err);
        FTH_CHECK(plan || err.rc == FTH_E_LIMIT || err.rc == FTH_E_NOMEM);
        if (plan) {
            fth_plan_put(&twice, plan);
            FTH_CHECK(fth_str_eq(fth_buf_view(&once), fth_buf_view(&twice)));
        }
    }
    fth_buf_release(&twice);
    fth_buf_release(&once);
    fth_arena_free(arena);
    return 0;
}
