#include "api/collection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/cursor_int.h"
#include "api/router_int.h"
#include "app/app.h"
#include "app/costs.h"
#include "auth/who.h"
#include "base/check.h"
#include "base/date.h"
#include "base/rand.h"
#include "state/db.h"

enum { FIELD_MAX = 16, SQL_MAX = 4096, VALUE_MAX = 1 << 20 };

#define ORGANISATION FTH_STR("default")

/* ---- reading the description ---- */

static bool is_column(struct fth_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '_'))
            return false;
    return name.n > 0;
}

static bool parse_type(struct fth_str text, enum fth_field_type *out)
{
    static const char *const names[] = {"text", "date", "plan"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(text, names[i])) {
            *out = (enum fth_field_type)i;
            return true;
        }
    return false;
}

static enum fth_rc read_collection(struct fth_arena *arena, const struct fth_json *json,
                                   struct fth_collection *out, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(json, "fields");
    struct fth_field *fields;

    out->name = fth_json_str(json, "name", FTH_STR(""));
    out->table = fth_json_str(json, "table", FTH_STR(""));
    out->order = fth_json_str(json, "order", FTH_STR(""));
    out->owner = fth_json_str(json, "owner", FTH_STR(""));
    if (!is_column(out->table) || !is_column(out->order) || !is_column(out->owner) || !list ||
        list->nr == 0 || list->nr > FIELD_MAX)
        return fth_err_set(err, FTH_E_CORRUPT,
                           "openapi.json: collection " FTH_STR_F
                           " needs table, order, owner and fields",
                           FTH_STR_A(out->name));
    fields = FTH_NEW_ARRAY(arena, struct fth_field, list->nr);
    if (!fields)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++) {
        fields[i].name = fth_json_str(&list->items[i], "name", FTH_STR(""));
        if (!is_column(fields[i].name) ||
            !parse_type(fth_json_str(&list->items[i], "type", FTH_STR("")), &fields[i].type))
            return fth_err_set(err, FTH_E_CORRUPT,
                               "openapi.json: collection " FTH_STR_F ": field %zu is none",
                               FTH_STR_A(out->name), i);
    }
    out->fields = fields;
    out->field_nr = list->nr;
    return FTH_OK;
}

enum fth_rc fth_collections_read(struct fth_arena *arena, const struct fth_json *document,
                                 const struct fth_collection **out, size_t *out_nr,
                                 struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(document, "x-collections");
    struct fth_collection *all;

    if (!list)
        return FTH_OK;
    all = FTH_NEW_ARRAY(arena, struct fth_collection, list->nr);
    if (!all)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++)
        if (read_collection(arena, &list->items[i], &all[i], err))
            return err->rc;
    *out = all;
    *out_nr = list->nr;
    return FTH_OK;
}

static const struct fth_collection *collection_of(const struct fth_call *call)
{
    const struct fth_router *router = call->router;

    for (size_t i = 0; i < router->collection_nr; i++)
        if (fth_str_eq(router->collections[i].name, call->operation->collection))
            return &router->collections[i];
    fth_check_failed(__FILE__, __LINE__, call->operation->id);
}

/* ---- statements ---- */

/* Columns of a row as they are read: id, the fields, revision, created_us, updated_us. */
static void put_columns(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_c(sql, "id");
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", " FTH_STR_F, FTH_STR_A(collection->fields[i].name));
    fth_buf_c(sql, ", revision, created_us, updated_us");
}

/* $1 organisation, $2 the owner whose rows alone are wanted, or ''. */
static void put_select(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_c(sql, "SELECT ");
    put_columns(sql, collection);
    fth_buf_printf(
        sql, " FROM " FTH_STR_F " WHERE organisation_id = $1 AND ($2 = '' OR " FTH_STR_F " = $2)",
        FTH_STR_A(collection->table), FTH_STR_A(collection->owner));
}

/* $3 limit, and after a cursor $4 its key, $5 its id. */
static void put_list_sql(struct fth_buf *sql, const struct fth_collection *collection, bool after)
{
    put_select(sql, collection);
    if (after)
        fth_buf_printf(sql, " AND (" FTH_STR_F ", id) > ($4, $5)", FTH_STR_A(collection->order));
    fth_buf_printf(sql, " ORDER BY " FTH_STR_F ", id LIMIT $3", FTH_STR_A(collection->order));
}

/* $3 id. */
static void put_get_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    put_select(sql, collection);
    fth_buf_c(sql, " AND id = $3");
}

/* $1 organisation, $2 id, $3 now, then the fields, then who makes it. What is made by nobody that
 * is a user, has no owner. */
static void put_insert_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(
        sql, "INSERT INTO " FTH_STR_F " (organisation_id, id, created_us, updated_us, " FTH_STR_F,
        FTH_STR_A(collection->table), FTH_STR_A(collection->owner));
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", " FTH_STR_F, FTH_STR_A(collection->fields[i].name));
    fth_buf_printf(sql, ") VALUES ($1, $2, $3, $3, (SELECT id FROM user_account WHERE id = $%zu)",
                   collection->field_nr + 4);
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", $%zu", i + 4);
    fth_buf_c(sql, ")");
}

/* $1 organisation, $2 id, $3 now, then the fields. */
static void put_update_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(sql, "UPDATE " FTH_STR_F " SET revision = revision + 1, updated_us = $3",
                   FTH_STR_A(collection->table));
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", " FTH_STR_F " = $%zu", FTH_STR_A(collection->fields[i].name), i + 4);
    fth_buf_c(sql, " WHERE organisation_id = $1 AND id = $2");
}

static void put_delete_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(sql, "DELETE FROM " FTH_STR_F " WHERE organisation_id = $1 AND id = $2",
                   FTH_STR_A(collection->table));
}

/* ---- rows ---- */

/* Where the fixed columns are behind the fields. */
static size_t revision_col(const struct fth_collection *collection)
{
    return collection->field_nr + 1;
}

static void put_row(struct fth_jw *jw, const struct fth_collection *collection,
                    const struct fth_table *table, size_t row)
{
    size_t revision = revision_col(collection);

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", fth_table_val(table, row, 0)->text);
    for (size_t i = 0; i < collection->field_nr; i++) {
        struct fth_str text = fth_table_val(table, row, i + 1)->text;

        fth_jw_key_str(jw, collection->fields[i].name);
        if (collection->fields[i].type == FTH_FIELD_PLAN)
            fth_jw_raw(jw, text);
        else
            fth_jw_str(jw, text);
    }
    fth_jw_kv_instant(jw, "created_at", fth_table_val(table, row, revision + 1)->i64);
    fth_jw_kv_instant(jw, "updated_at", fth_table_val(table, row, revision + 2)->i64);
    fth_jw_object_end(jw);
}

struct row_view {
    const struct fth_collection *collection;
    struct fth_table table;
};

static enum fth_rc put_one(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct row_view *view = ctx;

    put_row(jw, view->collection, &view->table, 0);
    return FTH_OK;
}

static enum fth_rc row_etag(const struct row_view *view, struct fth_arena *arena,
                            struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(arena, out, err, "\"%" PRId64 "\"",
                            fth_table_val(&view->table, 0, revision_col(view->collection))->i64);
}

/* What people write names what they see, so who has a scope sees his own rows; empty: all. */
static struct fth_str only_of(const struct fth_call *call)
{
    const struct fth_who *who = call->request->who;

    if (!fth_who_scope(who))
        return FTH_STR("");
    FTH_CHECK(who->id.n > 0);
    return who->id;
}

/* Inside a transaction, or outside of one when `tx` is NULL. */
static enum fth_rc read_row(struct fth_call *call, struct fth_tx *tx, struct fth_str id,
                            struct row_view *out, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);
    const struct fth_val vals[] = {FTH_VAL_STR(ORGANISATION), FTH_VAL_STR(only_of(call)),
                                   FTH_VAL_STR(id)};
    struct fth_buf sql = fth_buf_max(SQL_MAX);

    out->collection = collection;
    put_get_sql(&sql, collection);
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

/* Ends the transaction whichever way `err` says. */
static enum fth_rc end(struct fth_tx *tx, struct fth_err *err)
{
    if (!err->rc)
        return fth_tx_commit(tx, err);
    fth_tx_rollback(tx);
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
static enum fth_rc check_plan(struct fth_call *call, const struct fth_field *field,
                              struct fth_str text, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_question *question;
    const struct fth_json *plan;
    char inside[sizeof(err->pointer)];

    if (fth_json_parse(call->arena, text, NULL, &plan, err) ||
        !fth_question_new(&asked, plan, &question, err))
        return err->rc;
    snprintf(inside, sizeof(inside), "%s", err->pointer);
    err->pointer[0] = '\0';
    fth_err_at(err, "/" FTH_STR_F "%s", FTH_STR_A(field->name), inside);
    return err->rc;
}

/* The value of a field: from the body, else from the row that is changed. */
static enum fth_rc field_value(struct fth_call *call, const struct fth_field *field,
                               const struct fth_val *old, struct fth_val *out, struct fth_err *err)
{
    const struct fth_json *given = fth_json_get_str(call->body, field->name);
    struct fth_str text;

    if (!given) {
        *out = old ? *old : FTH_VAL_NULL;
        return FTH_OK;
    }
    text = given->text;
    if (field->type == FTH_FIELD_PLAN &&
        (merged_text(call, old, given, &text, err) || check_plan(call, field, text, err)))
        return err->rc;
    if (check_value(field, text, err))
        return err->rc;
    *out = FTH_VAL_STR(text);
    return FTH_OK;
}

/* Runs an insert, or an update of `old`. */
static enum fth_rc write_row(struct fth_call *call, struct fth_tx *tx,
                             void (*put_sql)(struct fth_buf *, const struct fth_collection *),
                             struct fth_str id, const struct row_view *old, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    struct fth_val vals[FIELD_MAX + 4] = {FTH_VAL_STR(ORGANISATION), FTH_VAL_STR(id),
                                          FTH_VAL_I64(fth_clock_now_us(fth_app_clock(call->app)))};
    size_t nr = collection->field_nr + 3;

    for (size_t i = 0; i < collection->field_nr && !err->rc; i++)
        (void)field_value(call, &collection->fields[i],
                          old ? fth_table_val(&old->table, 0, i + 1) : NULL, &vals[i + 3], err);
    if (!old)
        vals[nr++] = FTH_VAL_STR(fth_who_id(call->request->who));
    put_sql(&sql, collection);
    if (!err->rc && !fth_buf_done(&sql, err))
        (void)fth_tx_exec_text(tx, fth_buf_view(&sql), vals, nr, NULL, err);
    fth_buf_release(&sql);
    return err->rc;
}

static enum fth_rc check_if_match(struct fth_call *call, const struct row_view *row,
                                  struct fth_err *err)
{
    struct fth_str wanted = fth_request_header(call->request, "If-Match"), etag, coded;

    if (wanted.n == 0)
        return FTH_OK;
    if (row_etag(row, call->arena, &etag, err) || fth_etag_gzip(call->arena, etag, &coded, err))
        return err->rc;
    if (!fth_etag_matches(wanted, etag, true) && !fth_etag_matches(wanted, coded, true)) {
        fth_err_set(err, FTH_E_PRECONDITION, "it has changed since: its ETag is " FTH_STR_F,
                    FTH_STR_A(etag));
        fth_err_hint(err, "Read it again, then change that.");
    }
    return err->rc;
}

/* ---- the five operations ---- */

struct page_view {
    const struct fth_collection *collection;
    struct fth_table table;
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
        put_row(jw, page->collection, &page->table, i);
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

/* One row more than the page tells whether there is another. */
static enum fth_rc read_page(struct fth_call *call, size_t limit, struct page_view *page,
                             struct fth_err *err)
{
    struct fth_str cursor = fth_call_param(call, "cursor");
    struct fth_str key = {0}, id = {0};
    struct fth_buf sql = fth_buf_max(SQL_MAX);

    if (cursor.n && fth_cursor_read(call->arena, cursor, &key, &id, err))
        return err->rc;
    put_list_sql(&sql, page->collection, cursor.n > 0);
    if (!fth_buf_done(&sql, err)) {
        const struct fth_val vals[] = {FTH_VAL_STR(ORGANISATION), FTH_VAL_STR(only_of(call)),
                                       FTH_VAL_I64((int64_t)limit + 1), FTH_VAL_STR(key),
                                       FTH_VAL_STR(id)};

        (void)fth_db_read_text(fth_app_db(call->app), fth_buf_view(&sql), vals, cursor.n ? 5 : 3,
                               call->arena, limit + 1, &page->table, err);
    }
    fth_buf_release(&sql);
    return err->rc;
}

enum fth_rc h_collection_list(struct fth_call *call, struct fth_err *err)
{
    size_t limit = (size_t)fth_call_int(call, "limit", 50);
    struct page_view page = {.collection = collection_of(call)};

    if (read_page(call, limit, &page, err))
        return err->rc;
    page.nr = page.table.row_nr < limit ? page.table.row_nr : limit;
    if (page.table.row_nr > limit &&
        fth_cursor_make(call->arena,
                        fth_table_val(&page.table, limit - 1, order_col(page.collection))->text,
                        fth_table_val(&page.table, limit - 1, 0)->text, &page.cursor, err))
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

enum fth_rc h_collection_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_collection *collection = collection_of(call);
    struct row_view row = {0};
    struct fth_str location;
    struct fth_tx *tx;
    char id[37];

    fth_rand_uuid7(fth_clock_now_us(fth_app_clock(call->app)), id);
    if (fth_tx_begin(fth_app_db(call->app), &tx, err))
        return err->rc;
    if (!write_row(call, tx, put_insert_sql, fth_str_c(id), NULL, err))
        (void)read_row(call, tx, fth_str_c(id), &row, err);
    if (end(tx, err) ||
        fth_arena_printf(call->arena, &location, err, "/api/v1/" FTH_STR_F "/%s",
                         FTH_STR_A(collection->name), id) ||
        fth_reply_header(call->reply, "Location", location, err))
        return err->rc;
    return send_row(call, 201, &row, err);
}

enum fth_rc h_collection_patch(struct fth_call *call, struct fth_err *err)
{
    struct fth_str id = fth_call_param(call, "id");
    struct row_view old = {0}, row = {0};
    struct fth_tx *tx;

    if (fth_tx_begin(fth_app_db(call->app), &tx, err))
        return err->rc;
    if (!read_row(call, tx, id, &old, err) && !check_if_match(call, &old, err) &&
        !write_row(call, tx, put_update_sql, id, &old, err))
        (void)read_row(call, tx, id, &row, err);
    if (end(tx, err))
        return err->rc;
    return send_row(call, 200, &row, err);
}

enum fth_rc h_collection_delete(struct fth_call *call, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(ORGANISATION),
                                   FTH_VAL_STR(fth_call_param(call, "id"))};
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    struct row_view row = {0};
    struct fth_tx *tx;

    put_delete_sql(&sql, collection_of(call));
    if (!fth_buf_done(&sql, err) && !fth_tx_begin(fth_app_db(call->app), &tx, err)) {
        if (!read_row(call, tx, vals[1].text, &row, err) && !check_if_match(call, &row, err))
            (void)fth_tx_exec_text(tx, fth_buf_view(&sql), vals, FTH_NR(vals), NULL, err);
        (void)end(tx, err);
    }
    fth_buf_release(&sql);
    return err->rc ? err->rc : fth_call_empty(call, 204, err);
}
