#include "state/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/sha256.h"

enum { ARENA_MAX = 64 * 1024, PAGE_ROWS = 500, PAGE_MAX = 64 << 20 };

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

/* ---- reading it ---- */

enum fth_rc fth_audit_list(struct fth_db *db, struct fth_arena *arena,
                           const struct fth_audit_wish *wish, struct fth_audit_row **out,
                           size_t *nr, struct fth_err *err)
{
    int64_t seq = wish->seq || wish->ascending ? wish->seq : INT64_MAX;
    const struct fth_val vals[] = {FTH_VAL_I64(seq),
                                   FTH_VAL_STR(wish->action),
                                   FTH_VAL_I64(wish->from_us),
                                   FTH_VAL_I64(wish->to_us ? wish->to_us : INT64_MAX),
                                   FTH_VAL_I64((int64_t)wish->limit),
                                   FTH_VAL_STR(wish->actor)};
    bool of = wish->actor.n > 0;
    const char *name =
        wish->ascending ? (of ? SQL "export_of" : SQL "export") : (of ? SQL "list_of" : SQL "list");
    struct fth_table table = {0};
    struct fth_audit_row *rows;

    if (fth_db_read(db, name, vals, of ? 6 : 5, arena, wish->limit, &table, err))
        return err->rc;
    rows = FTH_NEW_ARRAY(arena, struct fth_audit_row, table.row_nr);
    if (!rows)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);

        rows[i] = (struct fth_audit_row){.seq = row[0].i64,
                                         .entry = {.at_us = row[1].i64,
                                                   .actor = row[2].text,
                                                   .action = row[4].text,
                                                   .object = row[5].text,
                                                   .detail = row[6].text,
                                                   .request_id = row[7].text},
                                         .email = row[3].text,
                                         .hash = row[8].text};
    }
    *out = rows;
    *nr = table.row_nr;
    return FTH_OK;
}

/* ---- does it hold? ---- */

static bool broken(struct fth_audit_state *state, int64_t seq, const char *why)
{
    state->broken_seq = seq;
    snprintf(state->broken_why, sizeof(state->broken_why), "%s", why);
    return true;
}

/* The columns of "chain". True when it is not the next link. */
static bool is_broken(struct fth_audit_state *state, const struct fth_val *row, struct fth_err *err)
{
    const struct fth_audit entry = {.at_us = row[1].i64,
                                    .actor = row[2].text,
                                    .action = row[3].text,
                                    .object = row[4].text,
                                    .detail = row[5].text,
                                    .request_id = row[6].text};
    char hash[FTH_SHA256_HEX];

    if (row[0].i64 != state->rows + 1)
        return broken(state, row[0].i64, "the rows before it are missing");
    if (!fth_str_eq(row[7].text, fth_str_c(state->hash)))
        return broken(state, row[0].i64, "it does not follow the row before it");
    if (make_hash(row[7].text, row[0].i64, &entry, hash, err))
        return true;
    if (!fth_str_eq(row[8].text, fth_str_c(hash)))
        return broken(state, row[0].i64, "it is not as it was written");
    memcpy(state->hash, hash, sizeof(hash));
    state->rows++;
    return false;
}

/* *more: there may be further rows. */
static enum fth_rc verify_page(struct fth_db *db, struct fth_arena *arena,
                               struct fth_audit_state *state, bool *more, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_I64(state->rows), FTH_VAL_I64(PAGE_ROWS)};
    struct fth_table table = {0};

    if (fth_db_read(db, SQL "chain", vals, 2, arena, PAGE_ROWS, &table, err))
        return err->rc;
    *more = table.row_nr == PAGE_ROWS;
    for (size_t i = 0; i < table.row_nr; i++)
        if (is_broken(state, fth_table_val(&table, i, 0), err)) {
            *more = false;
            break;
        }
    return err->rc;
}

enum fth_rc fth_audit_verify(struct fth_db *db, const struct fth_cancel *cancel,
                             struct fth_audit_state *out, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(PAGE_MAX);
    struct fth_audit_state state = {0};
    bool more = true;

    if (!arena)
        return fth_err_nomem(err);
    while (more && !err->rc && !fth_cancel_check(cancel, err)) {
        (void)verify_page(db, arena, &state, &more, err);
        fth_arena_clear(arena);
    }
    fth_arena_free(arena);
    if (!err->rc)
        *out = state;
    return err->rc;
}
