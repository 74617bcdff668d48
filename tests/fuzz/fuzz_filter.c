/* filter: what parses is written as text that parses to the same tree. */
#include "base/check.h"
#include "fuzz.h"
#include "plan/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_arena *arena = fth_arena_new(64 << 20);
    struct fth_buf once = fth_buf_max(1 << 20), twice = fth_buf_max(1 << 20);
    const struct fth_filter *filter = NULL;
    struct fth_err err = {0};

    if (!arena)
        return 0;
    if (fth_filter_parse(arena, (struct fth_str){(const char *)data, size}, &filter, &err) ==
        FTH_OK) {
        const struct fth_filter *again = NULL;

        fth_filter_put(&once, filter);
        /* Quotes and brackets may make it longer than what may be read. */
        if (once.n <= 64 * 1024 &&
            fth_filter_parse(arena, fth_buf_view(&once), &again, &err) == FTH_OK) {
            fth_filter_put(&twice, again);
            FTH_CHECK(fth_str_eq(fth_buf_view(&once), fth_buf_view(&twice)));
        } else {
            /* Brackets that the text did not need may also pass the depth. */
            FTH_CHECK(once.n > 64 * 1024 || err.rc == FTH_E_LIMIT || err.rc == FTH_E_NOMEM);
        }
    } else {
        FTH_CHECK(err.msg[0]);
        FTH_CHECK(!filter);
    }
    fth_buf_release(&twice);
    fth_buf_release(&once);
    fth_arena_free(arena);
    return 0;
}
