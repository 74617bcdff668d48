/* Handlers of what was done. */
#include <inttypes.h>

#include "api/cursor_int.h"
#include "api/people_int.h"
#include "auth/people.h"
#include "base/csv.h"
#include "base/date.h"
#include "state/audit.h"

enum { EXPORT_PAGE = 500, EXPORT_ARENA = 64 << 20, EXPORT_MAX = 64 << 20 };

static void put_row(struct fth_jw *jw, const struct fth_audit_row *row)
{
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "seq", row->seq);
    fth_jw_kv_instant(jw, "at", row->entry.at_us);
    fth_jw_kv(jw, "actor", row->entry.actor);
    fth_jw_kv_opt(jw, "actor_email", row->email);
    fth_jw_kv(jw, "action", row->entry.action);
    fth_jw_kv(jw, "object", row->entry.object);
    fth_jw_key(jw, "detail");
    fth_jw_raw(jw, row->entry.detail);
    fth_jw_kv_opt(jw, "request_id", row->entry.request_id);
    fth_jw_kv(jw, "hash", row->hash);
    fth_jw_object_end(jw);
}

/* ---- pages ---- */

struct page_view {
    struct fth_audit_row *rows;
    size_t nr;
    struct fth_str cursor;
};

static enum fth_rc put_page(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct page_view *view = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < view->nr; i++)
        put_row(jw, &view->rows[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_opt(jw, "next_cursor", view->cursor);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc take_time(const struct fth_call *call, const char *name, int64_t *out,
                             struct fth_err *err)
{
    struct fth_str text = fth_call_param(call, name);

    if (text.n && !fth_instant_parse(text, out))
        return fth_err_set(err, FTH_E_INVALID, "parameter %s: \"" FTH_STR_F "\" is no such time",
                           name, FTH_STR_A(text));
    return FTH_OK;
}

/* By id or e-mail address. What is neither any user's may still stand in rows: "owner", "nobody".
 */
static enum fth_rc find_actor(const struct fth_call *call, struct fth_str *actor,
                              struct fth_err *err)
{
    const struct fth_deed deed = fth_call_deed(call);
    struct fth_user user = {0};
    struct fth_err missing = {0};

    if (actor->n == 0)
        return FTH_OK;
    if (!fth_user_find(&deed, *actor, &user, &missing))
        *actor = user.id;
    else if (missing.rc != FTH_E_NOTFOUND)
        *err = missing;
    return err->rc;
}

static enum fth_rc read_wish(const struct fth_call *call, struct fth_audit_wish *out,
                             struct fth_err *err)
{
    struct fth_str cursor = fth_call_param(call, "cursor"), key, rest;

    *out = (struct fth_audit_wish){.actor = fth_call_param(call, "actor"),
                                   .action = fth_call_param(call, "action")};
    if (find_actor(call, &out->actor, err) || take_time(call, "from", &out->from_us, err) ||
        take_time(call, "to", &out->to_us, err))
        return err->rc;
    if (cursor.n == 0)
        return FTH_OK;
    if (fth_cursor_read(call->arena, cursor, &key, &rest, err))
        return err->rc;
    if (!fth_str_to_i64(key, &out->seq) || out->seq <= 0)
        return fth_err_set(err, FTH_E_INVALID, "cursor is none that this server gave");
    return FTH_OK;
}

static enum fth_rc send_page(struct fth_call *call, struct fth_audit_wish *wish,
                             struct fth_err *err)
{
    size_t limit = (size_t)fth_call_int(call, "limit", 50);
    struct page_view view = {0};
    struct fth_str key;

    wish->limit = limit + 1;
    if (fth_audit_list(fth_app_db(call->app), call->arena, wish, &view.rows, &view.nr, err))
        return err->rc;
    if (view.nr > limit) {
        view.nr = limit;
        if (fth_arena_printf(call->arena, &key, err, "%" PRId64, view.rows[limit - 1].seq) ||
            fth_cursor_make(call->arena, key, FTH_STR(""), &view.cursor, err))
            return err->rc;
    }
    return fth_call_json(call, 200, put_page, &view, err);
}

/* ---- exports ---- */

static void put_csv(struct fth_buf *buf, const struct fth_audit_row *row)
{
    const struct fth_str texts[] = {row->entry.actor,  row->email,        row->entry.action,
                                    row->entry.object, row->entry.detail, row->entry.request_id,
                                    row->hash};
    char at[32];

    fth_buf_printf(buf, "%" PRId64 ",%.*s", row->seq, (int)fth_instant_text(row->entry.at_us, at),
                   at);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        fth_buf_char(buf, ',');
        fth_csv_put(buf, texts[i]);
    }
    fth_buf_char(buf, '\n');
}

static void put_line(struct fth_buf *buf, const struct fth_audit_row *row)
{
    struct fth_jw jw;
    struct fth_err failed = {0};

    fth_jw_init(&jw, buf);
    put_row(&jw, row);
    if (fth_jw_done(&jw, &failed))
        buf->failed = true;
    fth_buf_char(buf, '\n');
}

/* Writes pages of rows until there are no more. */
static enum fth_rc write_rows(struct fth_call *call, struct fth_audit_wish *wish, bool csv,
                              struct fth_arena *arena, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(EXPORT_MAX);
    struct fth_audit_row *rows = NULL;
    size_t nr = wish->limit;

    while (nr == wish->limit && !fth_cancel_check(call->request->cancel, err)) {
        if (fth_audit_list(fth_app_db(call->app), arena, wish, &rows, &nr, err))
            break;
        for (size_t i = 0; i < nr; i++)
            (csv ? put_csv : put_line)(&buf, &rows[i]);
        if (nr)
            wish->seq = rows[nr - 1].seq;
        if (fth_buf_done(&buf, err) ||
            (nr && fth_reply_write(call->reply, fth_buf_view(&buf), err)))
            break;
        fth_buf_clear(&buf);
        fth_arena_clear(arena);
    }
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc send_export(struct fth_call *call, struct fth_audit_wish *wish, bool csv,
                               struct fth_err *err)
{
    const struct fth_str head =
        FTH_STR("seq,at,actor,actor_email,action,object,detail,request_id,hash\n");
    struct fth_arena *arena = fth_arena_new(EXPORT_ARENA);

    if (!arena)
        return fth_err_nomem(err);
    wish->ascending = true;
    wish->limit = EXPORT_PAGE;
    if (!fth_call_exported(call, FTH_STR(""), err) &&
        !fth_reply_header(
            call->reply, "Content-Type",
            csv ? FTH_STR("text/csv; charset=utf-8") : FTH_STR("application/x-ndjson"), err) &&
        !fth_reply_start(call->reply, 200, err) &&
        !(csv && fth_reply_write(call->reply, head, err)) &&
        !write_rows(call, wish, csv, arena, err))
        fth_reply_end(call->reply, true);
    fth_arena_free(arena);
    return err->rc;
}

enum fth_rc h_audit_list(struct fth_call *call, struct fth_err *err)
{
    struct fth_str accept = fth_request_header(call->request, "Accept");
    unsigned json = fth_accept_quality(accept, FTH_STR("application/json"));
    unsigned lines = fth_accept_quality(accept, FTH_STR("application/x-ndjson"));
    unsigned csv = fth_accept_quality(accept, FTH_STR("text/csv"));
    struct fth_audit_wish wish;

    if (read_wish(call, &wish, err) || fth_reply_vary(call->reply, "Accept", err))
        return err->rc;
    if (json >= lines && json >= csv)
        return send_page(call, &wish, err);
    return send_export(call, &wish, csv > lines, err);
}

/* ---- does it hold? ---- */

static enum fth_rc put_state(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_audit_state *state = ctx;

    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "rows", state->rows);
    fth_jw_kv_bool(jw, "holds", state->broken_seq == 0);
    fth_jw_key(jw, "broken");
    if (state->broken_seq) {
        fth_jw_object(jw);
        fth_jw_kv_i64(jw, "seq", state->broken_seq);
        fth_jw_kv_c(jw, "why", state->broken_why);
        fth_jw_object_end(jw);
    } else {
        fth_jw_null(jw);
    }
    fth_jw_kv_opt(jw, "last_hash", fth_str_c(state->hash));
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_audit_verify(struct fth_call *call, struct fth_err *err)
{
    struct fth_audit_state state = {0};

    if (fth_audit_verify(fth_app_db(call->app), call->request->cancel, &state, err))
        return err->rc;
    return fth_call_json(call, 200, put_state, &state, err);
}
