/* The description of a collection, and the statements that follow from it. Names in statements are
 * those that is_column() let through. */
#include "api/collection_int.h"

#include "base/check.h"

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
    static const char *const names[] = {"text", "date", "plan", "tiles"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(text, names[i])) {
            *out = (enum fth_field_type)i;
            return true;
        }
    return false;
}

static enum fth_rc read_fields(struct fth_arena *arena, const struct fth_json *list,
                               struct fth_collection *out, struct fth_err *err)
{
    struct fth_field *fields = FTH_NEW_ARRAY(arena, struct fth_field, list->nr);

    if (!fields)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++) {
        const struct fth_json *json = &list->items[i];

        fields[i].name = fth_json_str(json, "name", FTH_STR(""));
        fields[i].or_else = fth_json_str(json, "default", (struct fth_str){0});
        fields[i].of = fth_json_str(json, "of", FTH_STR(""));
        if (!is_column(fields[i].name) ||
            !parse_type(fth_json_str(json, "type", FTH_STR("")), &fields[i].type))
            return fth_err_set(err, FTH_E_CORRUPT,
                               "openapi.json: collection " FTH_STR_F ": field %zu is none",
                               FTH_STR_A(out->name), i);
    }
    out->fields = fields;
    out->field_nr = list->nr;
    return FTH_OK;
}

static enum fth_rc read_collection(struct fth_arena *arena, const struct fth_json *json,
                                   struct fth_collection *out, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(json, "fields");

    out->name = fth_json_str(json, "name", FTH_STR(""));
    out->table = fth_json_str(json, "table", FTH_STR(""));
    out->order = fth_json_str(json, "order", FTH_STR(""));
    out->owner = fth_json_str(json, "owner", FTH_STR(""));
    out->shared = fth_json_bool(fth_json_get(json, "shared"), false);
    if (!is_column(out->name) || !is_column(out->table) || !is_column(out->order) ||
        !is_column(out->owner) || !list || list->nr == 0 || list->nr > FTH_COLLECTION_FIELDS)
        return fth_err_set(err, FTH_E_CORRUPT,
                           "openapi.json: collection " FTH_STR_F
                           " needs table, order, owner and fields",
                           FTH_STR_A(out->name));
    if (fth_arena_printf(arena, &out->write, err, FTH_STR_F ".write", FTH_STR_A(out->name)) ||
        fth_arena_printf(arena, &out->manage, err, FTH_STR_F ".manage", FTH_STR_A(out->name)))
        return err->rc;
    return read_fields(arena, list, out, err);
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

/* ---- statements ---- */

/* Stars of $2 on a row. A count, since the engines differ in what a condition is as a column. */
static void put_stars(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(sql,
                   "(SELECT COUNT(*) FROM star WHERE star.user_id = $2 AND star.collection = "
                   "'" FTH_STR_F "' AND star.item_id = " FTH_STR_F ".id)",
                   FTH_STR_A(collection->name), FTH_STR_A(collection->table));
}

static void put_columns(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_c(sql, "id");
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", " FTH_STR_F, FTH_STR_A(collection->fields[i].name));
    fth_buf_c(sql, ", revision, created_us, updated_us");
    if (!collection->shared)
        return;
    fth_buf_printf(sql,
                   ", (SELECT u.name FROM user_account AS u WHERE u.id = " FTH_STR_F "." FTH_STR_F
                   ") AS owner_name, " FTH_STR_F ", ",
                   FTH_STR_A(collection->table), FTH_STR_A(collection->owner),
                   FTH_STR_A(collection->owner));
    put_stars(sql, collection);
}

static void put_sight(struct fth_buf *sql, const struct fth_collection *collection,
                      enum fth_sight sight)
{
    switch (sight) {
    case FTH_SIGHT_ALL:
        fth_buf_c(sql, "1 = 1");
        break;
    case FTH_SIGHT_SHARED:
        fth_buf_printf(sql, FTH_STR_F " IS NULL OR visibility <> 'private'",
                       FTH_STR_A(collection->owner));
        break;
    case FTH_SIGHT_GIVEN:
        fth_buf_c(sql, "visibility = 'everyone'");
        break;
    case FTH_SIGHT_OWN:
        fth_buf_c(sql, "1 = 0");
        break;
    }
}

/* $1 organisation, $2 who asks. */
static void put_select(struct fth_buf *sql, const struct fth_collection *collection,
                       enum fth_sight sight)
{
    fth_buf_c(sql, "SELECT ");
    put_columns(sql, collection);
    fth_buf_printf(sql,
                   " FROM " FTH_STR_F " WHERE organisation_id = $1 AND (" FTH_STR_F " = $2 OR ",
                   FTH_STR_A(collection->table), FTH_STR_A(collection->owner));
    put_sight(sql, collection, sight);
    fth_buf_char(sql, ')');
}

void fth_collection_list_sql(struct fth_buf *sql, const struct fth_collection *collection,
                             enum fth_sight sight, const struct fth_narrow *narrow)
{
    unsigned folder = narrow->after ? 6 : 4;

    put_select(sql, collection, sight);
    if (narrow->after)
        fth_buf_printf(sql, " AND (" FTH_STR_F ", id) > ($4, $5)", FTH_STR_A(collection->order));
    if (narrow->folder)
        fth_buf_printf(sql,
                       " AND (folder = $%u OR ($%u <> '' AND "
                       "SUBSTR(folder, 1, LENGTH($%u) + 1) = $%u || '/'))",
                       folder, folder, folder, folder);
    if (narrow->starred) {
        fth_buf_c(sql, " AND ");
        put_stars(sql, collection);
        fth_buf_c(sql, " > 0");
    }
    fth_buf_printf(sql, " ORDER BY " FTH_STR_F ", id LIMIT $3", FTH_STR_A(collection->order));
}

void fth_collection_get_sql(struct fth_buf *sql, const struct fth_collection *collection,
                            enum fth_sight sight)
{
    put_select(sql, collection, sight);
    fth_buf_c(sql, " AND id = $3");
}

void fth_collection_insert_sql(struct fth_buf *sql, const struct fth_collection *collection)
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

void fth_collection_update_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(sql, "UPDATE " FTH_STR_F " SET revision = revision + 1, updated_us = $3",
                   FTH_STR_A(collection->table));
    for (size_t i = 0; i < collection->field_nr; i++)
        fth_buf_printf(sql, ", " FTH_STR_F " = $%zu", FTH_STR_A(collection->fields[i].name), i + 4);
    fth_buf_c(sql, " WHERE organisation_id = $1 AND id = $2");
}

void fth_collection_delete_sql(struct fth_buf *sql, const struct fth_collection *collection)
{
    fth_buf_printf(sql, "DELETE FROM " FTH_STR_F " WHERE organisation_id = $1 AND id = $2",
                   FTH_STR_A(collection->table));
}
