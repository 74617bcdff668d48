/* Cursors: where the next page starts, of which version and which plan, signed. */
#include "base/sha256.h"
#include "plan/answer_int.h"

enum { BLOCK = 64, MAC_HEX = 32 };

/* RFC 2104 over SHA-256, cut to 128 bits; hex. */
static enum fth_rc mac(struct fth_str key, struct fth_str text, char out[FTH_SHA256_HEX],
                       struct fth_err *err)
{
    unsigned char pad[BLOCK] = {0}, digest[FTH_SHA256_LEN];
    struct fth_sha256 sha;

    if (key.n > BLOCK) {
        if (fth_sha256_init(&sha, err))
            return err->rc;
        fth_sha256_add(&sha, key.p, key.n);
        fth_sha256_done(&sha, pad);
    } else if (key.n) {
        memcpy(pad, key.p, key.n);
    }
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    if (fth_sha256_init(&sha, err))
        return err->rc;
    fth_sha256_add(&sha, pad, BLOCK);
    fth_sha256_add(&sha, text.p, text.n);
    fth_sha256_done(&sha, digest);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    if (fth_sha256_init(&sha, err))
        return err->rc;
    fth_sha256_add(&sha, pad, BLOCK);
    fth_sha256_add(&sha, digest, sizeof(digest));
    fth_sha256_hex(&sha, out);
    return FTH_OK;
}

/* "VERSION.OFFSET.MAC"; the plan is in what is signed, not in the cursor. */
static enum fth_rc sign(struct fth_arena *arena, struct fth_plan_cursor cursor,
                        const struct fth_plan *plan, struct fth_str key, struct fth_str *out,
                        struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(16 << 20);
    char hex[FTH_SHA256_HEX];

    fth_buf_printf(&text, "%lld.%lld.", (long long)cursor.version, (long long)cursor.offset);
    fth_plan_put(&text, plan);
    if (!fth_buf_done(&text, err) && !mac(key, fth_buf_view(&text), hex, err))
        fth_arena_printf(arena, out, err, "%lld.%lld.%.*s", (long long)cursor.version,
                         (long long)cursor.offset, (int)MAC_HEX, hex);
    fth_buf_release(&text);
    return err->rc;
}

enum fth_rc fth_plan_cursor_put(struct fth_arena *arena, struct fth_plan_cursor cursor,
                                const struct fth_plan *plan, struct fth_str key,
                                struct fth_str *out, struct fth_err *err)
{
    return sign(arena, cursor, plan, key, out, err);
}

enum fth_rc fth_plan_cursor_read(struct fth_str text, const struct fth_plan *plan,
                                 struct fth_str key, struct fth_plan_cursor *out,
                                 struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(4096);
    struct fth_str version, rest, offset, hex, want = {0};
    struct fth_plan_cursor cursor = {0};
    unsigned differ = 1;

    if (!arena)
        return fth_err_nomem(err);
    if (fth_str_split(text, '.', &version, &rest) && fth_str_split(rest, '.', &offset, &hex) &&
        fth_str_to_i64(version, &cursor.version) && fth_str_to_i64(offset, &cursor.offset) &&
        cursor.version >= 0 && cursor.offset >= 0) {
        if (sign(arena, cursor, plan, key, &want, err)) {
            fth_arena_free(arena);
            return err->rc;
        }
        differ = want.n != text.n;
        /* In a time that does not tell how much of it is right. */
        for (size_t i = 0; i < text.n && i < want.n; i++)
            differ |= (unsigned char)(want.p[i] ^ text.p[i]);
    }
    fth_arena_free(arena);
    if (differ) {
        fth_err_set(err, FTH_E_INVALID, "the cursor is not one of this plan");
        fth_err_at(err, "/cursor");
        fth_err_hint(err, "Ask for the first page again.");
        return err->rc;
    }
    *out = cursor;
    return FTH_OK;
}
