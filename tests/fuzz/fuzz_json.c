/* json: what is accepted is written so that it reads the same, and has one canonical form. */
#include "base/check.h"
#include "base/json.h"
#include "fuzz.h"

static const struct fth_json *reread(struct fth_arena *arena, const struct fth_buf *buf)
{
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    FTH_CHECK(fth_json_parse(arena, fth_buf_view(buf), NULL, &json, &err) == FTH_OK);
    return json;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fth_json_limits limits = {.max_len = 1 << 20, .max_depth = 40};
    struct fth_arena *arena = fth_arena_new(256 << 20);
    struct fth_buf plain = fth_buf_max(16 << 20), canonical = fth_buf_max(16 << 20);
    const struct fth_json *json = NULL, *again;
    struct fth_err err = {0};
    struct fth_money money;
    double number;
    int64_t whole;

    if (!arena)
        return 0;
    if (fth_json_parse(arena, (struct fth_str){(const char *)data, size}, &limits, &json, &err) ==
        FTH_OK) {
        fth_json_put(&plain, json);
        again = reread(arena, &plain);
        FTH_CHECK(fth_json_equal(json, again));
        fth_json_put_canonical(&canonical, json);
        again = reread(arena, &canonical);
        FTH_CHECK(fth_json_equal(json, again));
        fth_buf_clear(&plain);
        fth_json_put_canonical(&plain, again);
        FTH_CHECK(fth_str_eq(fth_buf_view(&plain), fth_buf_view(&canonical)));
        if (fth_json_i64(json, &whole))
            FTH_CHECK(fth_json_double(json, &number));
        fth_json_money(json, &money);
    } else {
        FTH_CHECK(!json && err.rc != FTH_OK && fth_arena_used(arena) == 0);
    }
    fth_buf_release(&plain);
    fth_buf_release(&canonical);
    fth_arena_free(arena);
    return 0;
}
