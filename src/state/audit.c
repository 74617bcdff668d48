#include "state/audit.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/sha256.h"

enum { ARENA_MAX = 64 * 1024 };

#define SQL "state/audit/"

static void add_text(struct fth_sha256 *sha, struct fth_str text)
{
    const char nothing = '\0';

    if (text.n)
        fth_sha256_add(sha, text.p, text.n);
    fth_sha256_add(sha, &nothing, 1);
}

/* SHA-256 over the previous hash and the fields, each with a zero byte behind it. */
static enum fth_rc make_hash(struct fth_str previous, int64_t seq, const struct fth_audit *entry,
                             char out[FTH_SHA256_HEX], struct fth_err *err)
{
    char numbers[64];
    struct fth_buf buf = {.p = numbers, .cap = sizeof(numbers), .max = sizeof(numbers)};
    const struct fth_str texts[] = {entry->actor, entry->action, entry->object, entry->detail,
                                    entry->request_id};
    struct fth_sha256 sha;

    fth_buf_printf(&buf, "%" PRId64 " %" PRId64, seq, entry->at_us);
    if (fth_sha256_init(&sha, err))
        return err->rc;
    add_text(&sha, previous);
    add_text(&sha, fth_buf_view(&buf));
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        add_text(&sha, texts[i]);
    fth_sha256_hex(&sha, out);
    return FTH_OK;
}

enum fth_rc fth_audit_add(struct fth_tx *tx, const struct fth_audit *entry, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(ARENA_MAX);
    struct fth_str previous = FTH_STR("");
    struct fth_table last = {0};
    char hash[FTH_SHA256_HEX];
    int64_t seq = 1;
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_tx_read(tx, SQL "last", NULL, 0, arena, 1, &last, err);
    if (!rc && last.row_nr) {
        seq = last.at[0].i64 + 1;
        previous = last.at[1].text;
    }
    if (!rc)
        rc = make_hash(previous, seq, entry, hash, err);
    if (!rc) {
        struct fth_val vals[] = {
            FTH_VAL_I64(seq),
            FTH_VAL_I64(entry->at_us),
            FTH_VAL_STR(entry->actor),
            FTH_VAL_STR(entry->action),
            FTH_VAL_STR(entry->object),
            FTH_VAL_STR(entry->detail),
            entry->request_id.n ? FTH_VAL_STR(entry->request_id) : FTH_VAL_NULL,
            FTH_VAL_STR(previous),
            FTH_VAL_C(hash),
        };

        rc = fth_tx_exec(tx, SQL "add", vals, sizeof(vals) / sizeof(*vals), NULL, err);
    }
    /* Two writers at once want the same number. */
    if (rc == FTH_E_CONFLICT) {
        fth_err_clear(err);
        rc = fth_err_set(err, FTH_E_BUSY, "something else was written down meanwhile");
    }
    fth_arena_free(arena);
    return rc;
}
