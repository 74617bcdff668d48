#include "plan/filter.h"

#include <stdlib.h>

#include "base/check.h"
#include "plan/dimension.h"
#include "plan/filter_int.h"

static const struct {
    const char *name;
    enum fth_filter_op op;
} leaf_ops[] = {
    {"in", FTH_FILTER_IN},
    {"not_in", FTH_FILTER_NOT_IN},
    {"contains", FTH_FILTER_CONTAINS},
    {"missing", FTH_FILTER_MISSING},
    {"present", FTH_FILTER_PRESENT},
};

/* ---- building ---- */

static enum fth_rc take_in(struct fth_filter_vec *flat, enum fth_filter_op op,
                           const struct fth_filter *part, struct fth_err *err)
{
    if (part->op != op)
        return fth_filter_vec_push(flat, part, err);
    for (size_t i = 0; i < part->part_nr; i++)
        if (fth_filter_vec_push(flat, part->parts[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_filter_join(struct fth_arena *arena, enum fth_filter_op op,
                            const struct fth_filter_vec *parts, const struct fth_filter **out,
                            struct fth_err *err)
{
    struct fth_filter_vec flat = fth_filter_vec_in(arena);
    struct fth_filter *node;

    for (size_t i = 0; i < parts->nr; i++)
        if (take_in(&flat, op, parts->at[i], err))
            return err->rc;
    if (flat.nr == 1) {
        *out = flat.at[0];
        return FTH_OK;
    }
    node = FTH_NEW(arena, struct fth_filter);
    if (!node)
        return fth_err_nomem(err);
    *node = (struct fth_filter){.op = op, .parts = flat.at, .part_nr = flat.nr};
    *out = node;
    return FTH_OK;
}

enum fth_rc fth_filter_not(struct fth_arena *arena, const struct fth_filter *part,
                           const struct fth_filter **out, struct fth_err *err)
{
    struct fth_filter *node = FTH_NEW(arena, struct fth_filter);
    const struct fth_filter **parts = FTH_NEW_ARRAY(arena, const struct fth_filter *, 1);

    if (!node || !parts)
        return fth_err_nomem(err);
    parts[0] = part;
    *node = (struct fth_filter){.op = FTH_FILTER_NOT, .parts = parts, .part_nr = 1};
    *out = node;
    return FTH_OK;
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

enum fth_rc fth_filter_leaf(struct fth_arena *arena, enum fth_filter_op op, struct fth_str field,
                            const struct fth_str_vec *values, const struct fth_filter **out,
                            struct fth_err *err)
{
    struct fth_filter *node = FTH_NEW(arena, struct fth_filter);
    struct fth_str *set = FTH_NEW_ARRAY(arena, struct fth_str, values->nr);
    bool takes_values = op != FTH_FILTER_MISSING && op != FTH_FILTER_PRESENT;
    size_t nr = 0;

    if (!node || !set)
        return fth_err_nomem(err);
    for (size_t i = 0; takes_values && i < values->nr; i++)
        if (fth_arena_str(arena, values->at[i], &set[i], err))
            return err->rc;
    if (takes_values && values->nr) {
        qsort(set, values->nr, sizeof(*set), by_text);
        for (size_t i = 0; i < values->nr; i++)
            if (i == 0 || !fth_str_eq(set[i], set[nr - 1]))
                set[nr++] = set[i];
    }
    *node = (struct fth_filter){.op = op, .field = field, .values = set, .value_nr = nr};
    *out = node;
    return FTH_OK;
}

enum fth_rc fth_filter_field(struct fth_arena *arena, struct fth_str written, struct fth_str *out,
                             struct fth_err *err)
{
    const struct fth_dimension *dimension = fth_dimension_alias(written);

    if (dimension) {
        *out = fth_str_c(dimension->id);
        return FTH_OK;
    }
    if (fth_dimension_check(written, err))
        return err->rc;
    return fth_arena_str(arena, written, out, err);
}

/* ---- JSON ---- */

struct from_json {
    struct fth_arena *arena;
    size_t value_nr;
};

static enum fth_rc node_from_json(struct from_json *from, const struct fth_json *json,
                                  const char *pointer, unsigned depth,
                                  const struct fth_filter **out, struct fth_err *err);

static enum fth_rc wrong(struct fth_err *err, const char *pointer, const char *what)
{
    fth_err_set(err, FTH_E_INVALID, "%s: expected %s", pointer, what);
    fth_err_at(err, "%s", pointer);
    return err->rc;
}

static enum fth_rc join_json(struct from_json *from, enum fth_filter_op op,
                             const struct fth_json *list, const char *pointer, unsigned depth,
                             const struct fth_filter **out, struct fth_err *err)
{
    struct fth_filter_vec parts = fth_filter_vec_in(from->arena);

    if (!fth_json_is(list, FTH_JSON_ARRAY) || list->nr == 0)
        return wrong(err, pointer, "an array of at least one condition");
    for (size_t i = 0; i < list->nr; i++) {
        const struct fth_filter *part = NULL;
        struct fth_str at;

        if (fth_arena_printf(from->arena, &at, err, "%s/%zu", pointer, i) ||
            node_from_json(from, &list->items[i], at.p, depth + 1, &part, err) ||
            fth_filter_vec_push(&parts, part, err))
            return err->rc;
    }
    return fth_filter_join(from->arena, op, &parts, out, err);
}

static enum fth_rc values_from_json(struct from_json *from, const struct fth_json *list,
                                    const char *pointer, struct fth_str_vec *values,
                                    struct fth_err *err)
{
    if (!fth_json_is(list, FTH_JSON_ARRAY)) {
        wrong(err, pointer, "\"values\", an array of texts");
        return err->rc;
    }
    from->value_nr += list->nr;
    if (from->value_nr > FTH_FILTER_VALUES_MAX) {
        fth_err_set(err, FTH_E_LIMIT, "%s: more than %d values in one filter", pointer,
                    FTH_FILTER_VALUES_MAX);
        fth_err_at(err, "%s", pointer);
        return err->rc;
    }
    for (size_t i = 0; i < list->nr; i++) {
        if (list->items[i].type != FTH_JSON_STRING)
            return wrong(err, pointer, "\"values\", an array of texts");
        if (fth_str_find(list->items[i].text, 0) != SIZE_MAX)
            return wrong(err, pointer, "values without a zero byte");
        if (fth_str_vec_push(values, list->items[i].text, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc op_from_json(const struct fth_json *json, const char *pointer,
                                enum fth_filter_op *out, struct fth_err *err)
{
    const char *names[sizeof(leaf_ops) / sizeof(*leaf_ops)];
    const char *near;

    if (!fth_json_is(json, FTH_JSON_STRING))
        return wrong(err, pointer, "\"op\", one of in, not_in, contains, missing, present");
    for (size_t i = 0; i < sizeof(leaf_ops) / sizeof(*leaf_ops); i++) {
        names[i] = leaf_ops[i].name;
        if (fth_str_eq_c(json->text, leaf_ops[i].name)) {
            *out = leaf_ops[i].op;
            return FTH_OK;
        }
    }
    fth_err_set(err, FTH_E_INVALID,
                "%s/op: unknown \"" FTH_STR_F
                "\", expected one of in, not_in, contains, missing, present",
                pointer, FTH_STR_A(json->text));
    near = fth_nearest(json->text, names, sizeof(names) / sizeof(*names));
    if (near)
        fth_err_hint(err, "Did you mean \"%s\"?", near);
    fth_err_at(err, "%s/op", pointer);
    return err->rc;
}

static enum fth_rc leaf_from_json(struct from_json *from, const struct fth_json *json,
                                  const char *pointer, const struct fth_filter **out,
                                  struct fth_err *err)
{
    struct fth_str_vec values = fth_str_vec_in(from->arena);
    const struct fth_json *field = fth_json_get(json, "field");
    enum fth_filter_op op = FTH_FILTER_IN;
    struct fth_str name = {0};

    for (size_t i = 0; i < json->nr; i++) {
        struct fth_str key = json->members[i].key;

        if (!fth_str_eq_c(key, "field") && !fth_str_eq_c(key, "op") &&
            !fth_str_eq_c(key, "values")) {
            fth_err_set(err, FTH_E_INVALID,
                        "%s: unknown \"" FTH_STR_F "\", expected field, op, values, and, or, not",
                        pointer, FTH_STR_A(key));
            fth_err_at(err, "%s", pointer);
            return err->rc;
        }
    }
    if (!fth_json_is(field, FTH_JSON_STRING))
        return wrong(err, pointer, "\"field\", the name of a dimension");
    if (fth_filter_field(from->arena, field->text, &name, err)) {
        fth_err_prefix(err, "%s/field", pointer);
        fth_err_at(err, "%s/field", pointer);
        return err->rc;
    }
    if (op_from_json(fth_json_get(json, "op"), pointer, &op, err) ||
        values_from_json(from, fth_json_get(json, "values"), pointer, &values, err))
        return err->rc;
    return fth_filter_leaf(from->arena, op, name, &values, out, err);
}

static enum fth_rc not_from_json(struct from_json *from, const struct fth_json *json,
                                 const char *pointer, unsigned depth, const struct fth_filter **out,
                                 struct fth_err *err)
{
    const struct fth_filter *part = NULL;
    struct fth_str at;

    if (fth_arena_printf(from->arena, &at, err, "%s/not", pointer) ||
        node_from_json(from, json, at.p, depth + 1, &part, err))
        return err->rc;
    return fth_filter_not(from->arena, part, out, err);
}

static enum fth_rc text_from_json(struct from_json *from, struct fth_str text, const char *pointer,
                                  const struct fth_filter **out, struct fth_err *err)
{
    if (fth_filter_parse(from->arena, text, out, err)) {
        fth_err_prefix(err, "%s", pointer);
        fth_err_at(err, "%s", pointer);
    }
    return err->rc;
}

static enum fth_rc node_from_json(struct from_json *from, const struct fth_json *json,
                                  const char *pointer, unsigned depth,
                                  const struct fth_filter **out, struct fth_err *err)
{
    static const struct {
        const char *key;
        enum fth_filter_op op;
    } joins[] = {{"and", FTH_FILTER_AND}, {"or", FTH_FILTER_OR}};
    struct fth_str at;

    if (depth > FTH_FILTER_DEPTH_MAX) {
        fth_err_set(err, FTH_E_LIMIT, "%s: nested more than %d deep", pointer,
                    FTH_FILTER_DEPTH_MAX);
        fth_err_at(err, "%s", pointer);
        return err->rc;
    }
    if (json->type == FTH_JSON_ARRAY)
        return join_json(from, FTH_FILTER_AND, json, pointer, depth, out, err);
    if (json->type != FTH_JSON_OBJECT)
        return wrong(err, pointer, "an object with field, op and values, or with and, or, not");
    for (size_t i = 0; json->nr == 1 && i < 2; i++) {
        const struct fth_json *list = fth_json_get(json, joins[i].key);

        if (list)
            return fth_arena_printf(from->arena, &at, err, "%s/%s", pointer, joins[i].key)
                       ? err->rc
                       : join_json(from, joins[i].op, list, at.p, depth, out, err);
    }
    if (json->nr == 1 && fth_json_get(json, "not"))
        return not_from_json(from, fth_json_get(json, "not"), pointer, depth, out, err);
    return leaf_from_json(from, json, pointer, out, err);
}

enum fth_rc fth_filter_from_json(struct fth_arena *arena, const struct fth_json *json,
                                 const char *pointer, const struct fth_filter **out,
                                 struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct from_json from = {.arena = arena};
    const struct fth_filter *filter = NULL;
    enum fth_rc rc;

    if (json->type == FTH_JSON_STRING)
        rc = text_from_json(&from, json->text, pointer, &filter, err);
    else
        rc = node_from_json(&from, json, pointer, 1, &filter, err);
    if (rc)
        fth_arena_rewind(arena, start);
    else
        *out = filter;
    return rc;
}

/* ---- writing ---- */

static bool is_plain_key(struct fth_str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '_' && c != '-')
            return false;
    }
    return key.n > 0;
}

static void put_quoted(struct fth_buf *buf, struct fth_str text)
{
    fth_buf_char(buf, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            fth_buf_char(buf, '\\');
        fth_buf_char(buf, text.p[i]);
    }
    fth_buf_char(buf, '"');
}

static void put_field(struct fth_buf *buf, struct fth_str field)
{
    struct fth_str key;

    if (!fth_dimension_tag(field, &key)) {
        fth_buf_str(buf, field);
        return;
    }
    fth_buf_c(buf, "tag.");
    if (is_plain_key(key))
        fth_buf_str(buf, key);
    else
        put_quoted(buf, key);
}

static void put_values(struct fth_buf *buf, const struct fth_filter *filter)
{
    fth_buf_char(buf, '(');
    for (size_t i = 0; i < filter->value_nr; i++) {
        if (i)
            fth_buf_c(buf, ", ");
        put_quoted(buf, filter->values[i]);
    }
    fth_buf_char(buf, ')');
}

static void put_leaf(struct fth_buf *buf, const struct fth_filter *filter)
{
    bool single = filter->value_nr == 1;

    put_field(buf, filter->field);
    switch (filter->op) {
    case FTH_FILTER_MISSING:
        fth_buf_c(buf, " is missing");
        return;
    case FTH_FILTER_PRESENT:
        fth_buf_c(buf, " is present");
        return;
    case FTH_FILTER_CONTAINS:
        fth_buf_c(buf, " contains ");
        break;
    case FTH_FILTER_NOT_IN:
        fth_buf_c(buf, single ? " != " : " not in ");
        break;
    default:
        fth_buf_c(buf, single ? " = " : " in ");
        break;
    }
    if (single)
        put_quoted(buf, filter->values[0]);
    else
        put_values(buf, filter);
}

static void put_node(struct fth_buf *buf, const struct fth_filter *filter, bool bracket)
{
    bool join = filter->op == FTH_FILTER_AND || filter->op == FTH_FILTER_OR;

    if (filter->op == FTH_FILTER_NOT) {
        fth_buf_c(buf, "not ");
        put_node(buf, filter->parts[0], true);
        return;
    }
    if (!join) {
        put_leaf(buf, filter);
        return;
    }
    if (bracket)
        fth_buf_char(buf, '(');
    for (size_t i = 0; i < filter->part_nr; i++) {
        if (i)
            fth_buf_c(buf, filter->op == FTH_FILTER_AND ? " and " : " or ");
        put_node(buf, filter->parts[i], true);
    }
    if (bracket)
        fth_buf_char(buf, ')');
}

void fth_filter_put(struct fth_buf *buf, const struct fth_filter *filter)
{
    put_node(buf, filter, false);
}

void fth_filter_put_json(struct fth_jw *jw, const char *field, enum fth_filter_op op,
                         struct fth_str value)
{
    size_t i = 0;

    while (i < FTH_NR(leaf_ops) && leaf_ops[i].op != op)
        i++;
    FTH_CHECK(i < FTH_NR(leaf_ops));
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "field", field);
    fth_jw_kv_c(jw, "op", leaf_ops[i].name);
    fth_jw_key(jw, "values");
    fth_jw_array(jw);
    if (value.n)
        fth_jw_str(jw, value);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}
