#include <string.h>

#include "api/cursor_int.h"
#include "base/buf.h"
#include "base/utf8.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put_base64(struct fth_buf *buf, struct fth_str bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        unsigned value = 0;

        for (size_t k = 0; k < 3; k++)
            value = value << 8 | (k < n ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k <= n; k++)
            fth_buf_char(buf, digits[value >> (18 - 6 * k) & 63]);
    }
}

/* SIZE_MAX when it is not base64url. `out` has room for 3 bytes of each 4 begun. */
static size_t take_base64(struct fth_str text, char *out)
{
    unsigned value = 0, bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        const char *digit = text.p[i] ? strchr(digits, text.p[i]) : NULL;

        if (!digit)
            return SIZE_MAX;
        value = value << 6 | (unsigned)(digit - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(value >> bits & 255);
        }
    }
    return n;
}

enum fth_rc fth_cursor_make(struct fth_arena *arena, struct fth_str key, struct fth_str id,
                            struct fth_str *out, struct fth_err *err)
{
    struct fth_buf plain = fth_buf_max(8192), text = fth_buf_max(16384);

    fth_buf_str(&plain, key);
    fth_buf_char(&plain, '\0');
    fth_buf_str(&plain, id);
    if (!fth_buf_done(&plain, err)) {
        put_base64(&text, fth_buf_view(&plain));
        if (!fth_buf_done(&text, err))
            (void)fth_arena_str(arena, fth_buf_view(&text), out, err);
    }
    fth_buf_release(&plain);
    fth_buf_release(&text);
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
    n = take_base64(cursor, plain);
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
