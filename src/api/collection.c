#include "api/collection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/collection_int.h"
#include "api/cursor_int.h"
#include "api/router_int.h"
#include "app/app.h"
#include "app/costs.h"
#include "auth/who.h"
#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "state/db.h"

#define STAR "state/star/"

enum { SQL_MAX = 4096, VALUE_MAX = 1 << 20 };

#define ORGANISATION FTH_STR("default")

static const struct fth_collection *collection_of(const struct fth_call *call)
{
    const struct fth_router *router = call->router;

    for (size_t i = 0; i < router->collection_nr; i++)
        if (fth_str_eq(router->collections[i].name, call->operation->collection))
            return &router->collections[i];
    fth_check_failed(__FILE__, __LINE__, call->operation->id);
}

/* ---- rows ---- */

struct row_view {
    const struct fth_call *call;
    const struct fth_collection *collection;
    struct fth_table table;
};

static bool is_starred(const struct row_view *view, size_t row)
{
    return fth_table_val(&view->table, row, fth_collection_revision_col(view->collection) + 5)
               ->i64 > 0;
}

static struct fth_str owner_of(const struct row_view *view, size_t row)
{
    return fth_table_val(&view->table, row, fth_collection_revision_col(view->collection) + 4)
        ->text;
}

/* Of those who see it. */
static bool may_change(const struct row_view *view, size_t row)
{
    const struct fth_who *who = view->call->request->who;

    if (!view->collection->shared || !who)
        return true;
    if (!fth_who_may(who, view->collection->write))
        return false;
    if (fth_str_eq(owner_of(view, row), who->id))
        return true;
    return !fth_who_scope(who) && fth_who_may(who, view->collection->manage);
}

static void put_field(struct fth_jw *jw, const struct fth_field *field, struct fth_str text)
{
    fth_jw_key_str(jw, field->name);
    if (field->type == FTH_FIELD_PLAN || field->type == FTH_FIELD_TILES)
        fth_jw_raw(jw, text);
    else
        fth_jw_str(jw, text);
}

static void put_row(struct fth_jw *jw, const struct row_view *view, size_t row)
{
    const struct fth_collection *collection = view->collection;
    const struct fth_val *fixed =
        fth_table_val(&view->table, row, fth_collection_revision_col(collection));

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", fth_table_val(&view->table, row, 0)->text);
    for (size_t i = 0; i < collection->field_nr; i++)
        put_field(jw, &collection->fields[i], fth_table_val(&view->table, row, i + 1)->text);
    if (collection->shared) {
        fth_jw_key(jw, "owner");
        if (fixed[3].type == FTH_V_NULL)
            fth_jw_null(jw);
        else
            fth_jw_str(jw, fixed[3].text);
        fth_jw_kv_bool(jw, "editable", may_change(view, row));
        fth_jw_kv_bool(jw, "starred", is_starred(view, row));
    }
    fth_jw_kv_instant(jw, "created_at", fixed[1].i64);
    fth_jw_kv_instant(jw, "updated_at", fixed[2].i64);
    fth_jw_object_end(jw);
}

static enum fth_rc put_one(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    put_row(jw, ctx, 0);
    return FTH_OK;
}

/* What else of a row depends on who asks: "r" read only, "s" starred. */
static const char *const shades[] = {"", "-r", "-s", "-rs"};

static int64_t revision_of(const struct row_view *view)
{
    return fth_table_val(&view->table, 0, fth_collection_revision_col(view->collection))->i64;
}

static enum fth_rc shaded_etag(const struct row_view *view, struct fth_arena *arena, size_t shade,
                               struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(arena, out, err, "\"%" PRId64 "%s\"", revision_of(view), shades[shade]);
}

static enum fth_rc row_etag(const struct row_view *view, struct fth_arena *arena,
                            struct fth_str *out, struct fth_err *err)
{
    size_t shade = 0;

    if (view->collection->shared)
        shade = (may_change(view, 0) ? 0u : 1u) + (is_starred(view, 0) ? 2u : 0u);
    return shaded_etag(view, arena, shade, out, err);
}

/* What people write names what they see, so who has a scope sees his own rows, and those that were
 * made for everyone. */
static enum fth_sight sight_of(const struct fth_call *call, const struct fth_collection *collection)
{
    const struct fth_who *who = call->request->who;

    if (fth_who_scope(who)) {
        FTH_CHECK(who->id.n > 0);
        return collection->shared ? FTH_SIGHT_GIVEN : FTH_SIGHT_OWN;
    }
    return who && collection->shared ? FTH_SIGHT_SHARED : FTH_SIGHT_ALL;
}

/* Inside a transaction, or outside of one when `tx` is NULL. */
static enum fth_rc read_row(struct fth_call *call, struct fth_tx *tx, struct fth_str id,
                            struct row_view *out, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);
    const struct fth_val vals[] = {FTH_VAL_STR(ORGANISATION),
                                   FTH_VAL_STR(fth_who_id(call->request->who)), FTH_VAL_STR(id)};
    struct fth_buf sql = fth_buf_max(SQL_MAX);

    out->call = call;
    out->collection = collection;
    fth_collection_get_sql(&sql, collection, sight_of(call, collection));
    if (!fth_buf_done(&sql, err) && tx)
        (void)fth_tx_read_text(tx, fth_buf_view(&sql), vals, FTH_NR(vals), call->arena, 1,
                               &out->table, err);
    else if (!err->rc)
        (void)fth_db_read_text(fth_app_db(call->app), fth_buf_view(&sql), vals, FTH_NR(vals),
                               call->arena, 1, &out->table, err);
    fth_buf_release(&sql);
    if (!err->rc && out->table.row_nr == 0)
        fth_err_set(err, FTH_E_NOTFOUND, FTH_STR_F ": no such id: " FTH_STR_F,
                    FTH_STR_A(collection->name), FTH_STR_A(id));
    return err->rc;
}

static enum fth_rc send_row(struct fth_call *call, int status, const struct row_view *view,
                            struct fth_err *err)
{
    struct row_view copy = *view;
    struct fth_str etag;

    FTH_CHECK(view->collection != NULL);
    if (row_etag(view, call->arena, &etag, err) || fth_reply_header(call->reply, "ETag", etag, err))
        return err->rc;
    return fth_call_json(call, status, put_one, &copy, err);
}

/* ---- values ---- */

static enum fth_rc check_value(const struct fth_field *field, struct fth_str value,
                               struct fth_err *err)
{
    int32_t date;

    if (field->type == FTH_FIELD_DATE && !fth_date_parse(value, &date)) {
        fth_err_set(err, FTH_E_INVALID, "/" FTH_STR_F ": \"" FTH_STR_F "\" is no such date",
                    FTH_STR_A(field->name), FTH_STR_A(value));
        fth_err_at(err, "/" FTH_STR_F, FTH_STR_A(field->name));
    }
    return err->rc;
}

/* RFC 7396: members of the patch replace those of the target, null removes, objects are merged. */
static void put_merged(struct fth_jw *jw, const struct fth_json *target,
                       const struct fth_json *patch)
{
    bool merges = fth_json_is(target, FTH_JSON_OBJECT);

    if (!fth_json_is(patch, FTH_JSON_OBJECT)) {
        fth_jw_json(jw, patch);
        return;
    }
    fth_jw_object(jw);
    for (size_t i = 0; merges && i < target->nr; i++)
        if (!fth_json_get_str(patch, target->members[i].key)) {
            fth_jw_key_str(jw, target->members[i].key);
            fth_jw_json(jw, &target->members[i].value);
        }
    for (size_t i = 0; i < patch->nr; i++) {
        if (patch->members[i].value.type == FTH_JSON_NULL)
            continue;
        fth_jw_key_str(jw, patch->members[i].key);
        put_merged(jw, merges ? fth_json_get_str(target, patch->members[i].key) : NULL,
                   &patch->members[i].value);
    }
    fth_jw_object_end(jw);
}

/* An object field as text: the old one, if there is one, with the new one merged into it. */
static enum fth_rc merged_text(struct fth_call *call, const struct fth_val *old,
                               const struct fth_json *given, struct fth_str *out,
                               struct fth_err *err)
{
    const struct fth_json *target = NULL;
    struct fth_buf buf = fth_buf_max(VALUE_MAX);
    struct fth_jw jw;

    if (old && fth_json_parse(call->arena, old->text, NULL, &target, err))
        return err->rc;
    fth_jw_init(&jw, &buf);
    if (target)
        put_merged(&jw, target, given);
    else
        fth_jw_json(&jw, given);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(call->arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

/* A plan that nobody could run is not kept. The error points into the body, not into the plan. */
static enum fth_rc check_plan(struct fth_call *call, const char *where, const struct fth_json *plan,
                              struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_question *question;
    char inside[sizeof(err->pointer)];

    if (!fth_question_new(&asked, plan, &question, err))
        return FTH_OK;
    snprintf(inside, sizeof(inside), "%s", err->pointer);
    err->pointer[0] = '\0';
    fth_err_at(err, "%s%s", where, inside);
    return err->rc;
}

/* What a field holds is a plan, or tiles that may have some. */
static enum fth_rc check_plans(struct fth_call *call, const struct fth_field *field,
                               struct fth_str text, struct fth_err *err)
{
    const struct fth_json *json;
    char where[sizeof(err->pointer)];

    if (fth_json_parse(call->arena, text, NULL, &json, err))
        return err->rc;
    snprintf(where, sizeof(where), "/" FTH_STR_F, FTH_STR_A(field->name));
    if (field->type == FTH_FIELD_PLAN)
        return check_plan(call, where, json, err);
    for (size_t i = 0; i < json->nr; i++) {
        const struct fth_json *plan = fth_json_get(&json->items[i], "plan");

        snprintf(where, sizeof(where), "/" FTH_STR_F "/%zu/plan", FTH_STR_A(field->name), i);
        if (plan && check_plan(call, where, plan, err))
            return err->rc;
    }
    return FTH_OK;
}

/* Of a field that the body does not name. */
static struct fth_val not_given(const struct fth_call *call, const struct fth_field *field,
                                const struct fth_val *old)
{
    if (old && !(field->of.n && fth_json_get_str(call->body, field->of)))
        return *old;
    return field->or_else.p ? FTH_VAL_STR(field->or_else) : FTH_VAL_NULL;
}

/* The value of a field: from the body, else from the row that is changed. */
static enum fth_rc field_value(struct fth_call *call, const struct fth_field *field,
                               const struct fth_val *old, struct fth_val *out, struct fth_err *err)
{
    const struct fth_json *given = fth_json_get_str(call->body, field->name);
    bool has_plans = field->type == FTH_FIELD_PLAN || field->type == FTH_FIELD_TILES;
    struct fth_str text;

    if (!given) {
        *out = not_given(call, field, old);
        return FTH_OK;
    }
    text = given->text;
    if (has_plans &&
        (merged_text(call, old, given, &text, err) || check_plans(call, field, text, err)))
        return err->rc;
    if (check_value(field, text, err))
        return err->rc;
    *out = FTH_VAL_STR(text);
    return FTH_OK;
}

/* What an insert is given, or an update of `old`. */
struct values {
    struct fth_val at[FTH_COLLECTION_FIELDS + 4];
    size_t nr;
};

static enum fth_rc take_values(struct fth_call *call, struct fth_str id, const struct row_view *old,
                               struct values *out, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);

    *out = (struct values){.at = {FTH_VAL_STR(ORGANISATION), FTH_VAL_STR(id),
                                  FTH_VAL_I64(fth_clock_now_us(fth_app_clock(call->app)))},
                           .nr = 3};
    for (size_t i = 0; i < collection->field_nr; i++)
        if (field_value(call, &collection->fields[i],
                        old ? fth_table_val(&old->table, 0, i + 1) : NULL, &out->at[out->nr++],
                        err))
            return err->rc;
    if (!old)
        out->at[out->nr++] = FTH_VAL_STR(fth_who_id(call->request->who));
    return FTH_OK;
}

static enum fth_rc exec(struct fth_call *call, struct fth_tx *tx,
                        void (*put_sql)(struct fth_buf *, const struct fth_collection *),
                        const struct fth_val *vals, size_t nr, struct fth_err *err)
{
    struct fth_buf sql = fth_buf_max(SQL_MAX);

    put_sql(&sql, collection_of(call));
    if (!fth_buf_done(&sql, err))
        (void)fth_tx_exec_text(tx, fth_buf_view(&sql), vals, nr, NULL, err);
    fth_buf_release(&sql);
    return err->rc;
}

/* That a caller has starred it meanwhile, or may change it, is no change of the row. */
static enum fth_rc matches(struct fth_call *call, const struct row_view *row, bool *out,
                           struct fth_err *err)
{
    struct fth_str wanted = fth_request_header(call->request, "If-Match"), etag, coded;

    *out = wanted.n == 0;
    for (size_t i = 0; i < (row->collection->shared ? FTH_NR(shades) : 1) && !*out; i++) {
        if (shaded_etag(row, call->arena, i, &etag, err) ||
            fth_etag_gzip(call->arena, etag, &coded, err))
            return err->rc;
        *out = fth_etag_matches(wanted, etag, true) || fth_etag_matches(wanted, coded, true);
    }
    return FTH_OK;
}

/* May this caller change it, and is it what he has seen? */
static enum fth_rc check_change(struct fth_call *call, const struct row_view *row,
                                struct fth_err *err)
{
    struct fth_str etag;
    bool same;

    if (!may_change(row, 0)) {
        fth_err_set(err, FTH_E_DENIED, "somebody else has made it");
        fth_err_hint(err, "Make a copy, or have somebody change it who has " FTH_STR_F ".",
                     FTH_STR_A(row->collection->manage));
        return err->rc;
    }
    if (matches(call, row, &same, err) || same)
        return err->rc;
    if (!row_etag(row, call->arena, &etag, err)) {
        fth_err_set(err, FTH_E_PRECONDITION, "it has changed since: its ETag is " FTH_STR_F,
                    FTH_STR_A(etag));
        fth_err_hint(err, "Read it again, then change that.");
    }
    return err->rc;
}

/* ---- operations ---- */

struct page_view {
    struct row_view rows;
    size_t nr;
    struct fth_str cursor;
};

static enum fth_rc put_page(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct page_view *page = ctx;

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < page->nr; i++)
        put_row(jw, &page->rows, i);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "next_cursor");
    if (page->cursor.n)
        fth_jw_str(jw, page->cursor);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static size_t order_col(const struct fth_collection *collection)
{
    for (size_t i = 0; i < collection->field_nr; i++)
        if (fth_str_eq(collection->fields[i].name, collection->order))
            return i + 1;
    return 0;
}

static struct fth_narrow narrow_of(const struct fth_call *call,
                                   const struct fth_collection *collection)
{
    struct fth_narrow narrow = {.after = fth_call_param(call, "cursor").n > 0};

    if (collection->shared) {
        narrow.folder = fth_call_has_param(call, "folder");
        narrow.starred = fth_str_eq_c(fth_call_param(call, "starred"), "true");
    }
    return narrow;
}

/* One row more than the page tells whether there is another. */
static enum fth_rc read_page(struct fth_call *call, size_t limit, struct page_view *page,
                             struct fth_err *err)
{
    const struct fth_collection *collection = page->rows.collection;
    const struct fth_narrow narrow = narrow_of(call, collection);
    struct fth_val vals[6] = {FTH_VAL_STR(ORGANISATION),
                              FTH_VAL_STR(fth_who_id(call->request->who)),
                              FTH_VAL_I64((int64_t)limit + 1)};
    struct fth_str key = {0}, id = {0};
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    size_t nr = 3;

    if (narrow.after) {
        if (fth_cursor_read(call->arena, fth_call_param(call, "cursor"), &key, &id, err))
            return err->rc;
        vals[nr++] = FTH_VAL_STR(key);
        vals[nr++] = FTH_VAL_STR(id);
    }
    if (narrow.folder)
        vals[nr++] = FTH_VAL_STR(fth_call_param(call, "folder"));
    fth_collection_list_sql(&sql, collection, sight_of(call, collection), &narrow);
    if (!fth_buf_done(&sql, err))
        (void)fth_db_read_text(fth_app_db(call->app), fth_buf_view(&sql), vals, nr, call->arena,
                               limit + 1, &page->rows.table, err);
    fth_buf_release(&sql);
    return err->rc;
}

enum fth_rc h_collection_list(struct fth_call *call, struct fth_err *err)
{
    size_t limit = (size_t)fth_call_int(call, "limit", 50);
    struct page_view page = {.rows = {.call = call, .collection = collection_of(call)}};
    const struct fth_table *table = &page.rows.table;

    if (read_page(call, limit, &page, err))
        return err->rc;
    page.nr = table->row_nr < limit ? table->row_nr : limit;
    if (table->row_nr > limit &&
        fth_cursor_make(call->arena,
                        fth_table_val(table, limit - 1, order_col(page.rows.collection))->text,
                        fth_table_val(table, limit - 1, 0)->text, &page.cursor, err))
        return err->rc;
    return fth_call_json(call, 200, put_page, &page, err);
}

enum fth_rc h_collection_get(struct fth_call *call, struct fth_err *err)
{
    struct row_view row = {0};
    struct fth_str etag;
    bool fresh;

    if (read_row(call, NULL, fth_call_param(call, "id"), &row, err) ||
        row_etag(&row, call->arena, &etag, err) || fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return fth_call_empty(call, 304, err);
    return fth_call_json(call, 200, put_one, &row, err);
}

/* ---- changes ---- */

/* What a transaction does to a row. */
struct change {
    struct fth_call *call;
    struct fth_str id;
    struct row_view old, row; /* as it was when it was looked at, as it is afterwards */
    struct values values;
};

static enum fth_rc create(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct change *change = ctx;

    if (exec(change->call, tx, fth_collection_insert_sql, change->values.at, change->values.nr,
             err))
        return err->rc;
    return read_row(change->call, tx, change->id, &change->row, err);
}

enum fth_rc h_collection_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);
    struct change change = {.call = call};
    struct fth_str location;
    char id[37];

    fth_rand_uuid7(fth_clock_now_us(fth_app_clock(call->app)), id);
    change.id = fth_str_c(id);
    if (take_values(call, change.id, NULL, &change.values, err) ||
        fth_db_in_tx(fth_app_db(call->app), create, &change, err) ||
        fth_arena_printf(call->arena, &location, err, "/api/v1/" FTH_STR_F "/%s",
                         FTH_STR_A(collection->name), id) ||
        fth_reply_header(call->reply, "Location", location, err))
        return err->rc;
    return send_row(call, 201, &change.row, err);
}

/* What is private is seen by who made it alone, and so is the answer. */
static enum fth_rc not_theirs(struct fth_err *err)
{
    fth_err_clear(err);
    fth_err_set(err, FTH_E_DENIED, "only who made it can make it private");
    fth_err_hint(err, "You would not see it any more. Share it with fewer, or delete it.");
    return err->rc;
}

/* The values are those of `old`; when that has changed since, which is rare, they are made anew. */
static enum fth_rc patch(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct change *change = ctx;
    struct fth_call *call = change->call;
    struct values values = change->values;
    struct row_view now = {0};

    if (read_row(call, tx, change->id, &now, err) || check_change(call, &now, err))
        return err->rc;
    if (revision_of(&now) != revision_of(&change->old) &&
        take_values(call, change->id, &now, &values, err))
        return err->rc;
    if (exec(call, tx, fth_collection_update_sql, values.at, values.nr, err))
        return err->rc;
    if (read_row(call, tx, change->id, &change->row, err) == FTH_E_NOTFOUND)
        return not_theirs(err);
    return err->rc;
}

enum fth_rc h_collection_patch(struct fth_call *call, struct fth_err *err)
{
    struct change change = {.call = call, .id = fth_call_param(call, "id")};

    if (read_row(call, NULL, change.id, &change.old, err) || check_change(call, &change.old, err) ||
        take_values(call, change.id, &change.old, &change.values, err) ||
        fth_db_in_tx(fth_app_db(call->app), patch, &change, err))
        return err->rc;
    return send_row(call, 200, &change.row, err);
}

static enum fth_rc take_out(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct change *change = ctx;
    const struct fth_val vals[] = {FTH_VAL_STR(ORGANISATION), FTH_VAL_STR(change->id)};

    if (read_row(change->call, tx, change->id, &change->old, err) ||
        check_change(change->call, &change->old, err) ||
        exec(change->call, tx, fth_collection_delete_sql, vals, FTH_NR(vals), err))
        return err->rc;
    return fth_tx_exec(tx, STAR "forget", &vals[1], 1, NULL, err);
}

enum fth_rc h_collection_delete(struct fth_call *call, struct fth_err *err)
{
    struct change change = {.call = call, .id = fth_call_param(call, "id")};

    if (fth_db_in_tx(fth_app_db(call->app), take_out, &change, err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

/* ---- stars ---- */

struct starring {
    struct fth_call *call;
    const char *statement;
};

static enum fth_rc set_star(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct starring *starring = ctx;
    struct fth_call *call = starring->call;
    const struct fth_val vals[] = {FTH_VAL_STR(fth_who_id(call->request->who)),
                                   FTH_VAL_STR(collection_of(call)->name),
                                   FTH_VAL_STR(fth_call_param(call, "id"))};
    struct row_view row = {0};

    if (read_row(call, tx, vals[2].text, &row, err))
        return err->rc;
    return fth_tx_exec(tx, starring->statement, vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc star(struct fth_call *call, const char *statement, struct fth_err *err)
{
    struct starring starring = {call, statement};

    if (fth_db_in_tx(fth_app_db(call->app), set_star, &starring, err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}

enum fth_rc h_collection_star(struct fth_call *call, struct fth_err *err)
{
    return star(call, STAR "add", err);
}

enum fth_rc h_collection_unstar(struct fth_call *call, struct fth_err *err)
{
    return star(call, STAR "remove", err);
}
