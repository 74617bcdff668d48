#include <string.h>

#include "api/cursor_int.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "crypt/secret.h"

enum fth_rc fth_cursor_make(struct fth_arena *arena, struct fth_str key, struct fth_str id,
                            struct fth_str *out, struct fth_err *err)
{
    struct fth_buf plain = fth_buf_max(8192);
    char *text;

    fth_buf_str(&plain, key);
    fth_buf_char(&plain, '\0');
    fth_buf_str(&plain, id);
    if (!fth_buf_done(&plain, err)) {
        text = fth_arena_alloc(arena, FTH_BASE64_LEN(plain.n));
        if (text) {
            fth_base64url_put(fth_buf_view(&plain), text);
            *out = fth_str_c(text);
        } else {
            fth_err_nomem(err);
        }
    }
    fth_buf_release(&plain);
    return err->rc;
}

enum fth_rc fth_cursor_read(struct fth_arena *arena, struct fth_str cursor, struct fth_str *key,
                            struct fth_str *id, struct fth_err *err)
{
    char *plain = fth_arena_alloc(arena, cursor.n + 1);
    struct fth_str before, after;
    size_t n;

    if (!plain)
        return fth_err_nomem(err);
    n = fth_base64url_take(cursor, plain, cursor.n);
    if (n == SIZE_MAX || !fth_str_split((struct fth_str){plain, n}, '\0', &before, &after) ||
        memchr(after.p, '\0', after.n) || !fth_utf8_valid(before) || !fth_utf8_valid(after)) {
        fth_err_set(err, FTH_E_INVALID, "cursor is none that this server gave");
        fth_err_hint(err, "Begin again without a cursor.");
        return err->rc;
    }
    *key = before;
    *id = after;
    return FTH_OK;
}
