/* From a document to compiled schemas. Checking values is schema_check.c. */
#include "base/schema.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/map.h"
#include "base/schema_int.h"
#include "base/vec.h"

struct schema_ref {
    struct fth_schema *schema;
};
FTH_VEC(schema_vec, struct schema_ref)

struct fth_schemas {
    struct fth_arena *arena;
    const struct fth_json *document;
    struct fth_map by_pointer; /* of struct fth_schema: roots and what $ref leads to */
    struct schema_vec every;
    bool broken; /* a schema was wrong: what it would have been part of cannot be trusted */
};

struct compiler {
    struct fth_schemas *set;
    struct fth_err *err;
};

static enum fth_rc compile(struct compiler *c, const struct fth_json *node,
                           const struct fth_json_place *place, struct fth_schema **out);

/* ---- places and errors ---- */

void fth_json_place_put(struct fth_buf *buf, const struct fth_json_place *place)
{
    if (!place)
        return;
    fth_json_place_put(buf, place->up);
    if (place->pointer) {
        fth_buf_str(buf, place->key);
        return;
    }
    fth_buf_char(buf, '/');
    if (!place->key.p) {
        fth_buf_printf(buf, "%zu", place->index);
        return;
    }
    for (size_t i = 0; i < place->key.n; i++) {
        if (place->key.p[i] == '~' || place->key.p[i] == '/')
            fth_buf_c(buf, place->key.p[i] == '~' ? "~0" : "~1");
        else
            fth_buf_char(buf, place->key.p[i]);
    }
}

static enum fth_rc wrong(struct compiler *c, const struct fth_json_place *place, enum fth_rc rc,
                         const char *what)
{
    struct fth_buf pointer = fth_buf_max(4096);

    fth_json_place_put(&pointer, place);
    fth_err_set(c->err, rc, "schema at \"" FTH_STR_F "\": %s", FTH_STR_A(fth_buf_view(&pointer)),
                what);
    fth_err_at(c->err, FTH_STR_F, FTH_STR_A(fth_buf_view(&pointer)));
    fth_buf_release(&pointer);
    return c->err->rc;
}

static enum fth_rc want(struct compiler *c, const struct fth_json *value, enum fth_json_type type,
                        const struct fth_json_place *place, const char *what)
{
    return value->type == type ? FTH_OK : wrong(c, place, FTH_E_INVALID, what);
}

/* ---- keywords ---- */

static unsigned type_bit(struct fth_str name)
{
    static const struct {
        const char *name;
        unsigned bits;
    } types[] = {
        {"null", 1u << FTH_JSON_NULL},
        {"boolean", 1u << FTH_JSON_BOOL},
        {"string", 1u << FTH_JSON_STRING},
        {"array", 1u << FTH_JSON_ARRAY},
        {"object", 1u << FTH_JSON_OBJECT},
        {"integer", FTH_SCHEMA_INTEGER},
        {"number", 1u << FTH_JSON_NUMBER | FTH_SCHEMA_INTEGER},
    };

    for (size_t i = 0; i < FTH_NR(types); i++) {
        if (fth_str_eq_c(name, types[i].name))
            return types[i].bits;
    }
    return 0;
}

static enum fth_rc on_type(struct compiler *c, struct fth_schema *schema,
                           const struct fth_json *value, const struct fth_json_place *place)
{
    const struct fth_json *names = value->type == FTH_JSON_ARRAY ? value->items : value;
    size_t nr = value->type == FTH_JSON_ARRAY ? value->nr : 1;

    schema->types = 0;
    for (size_t i = 0; i < nr; i++) {
        unsigned bit = names[i].type == FTH_JSON_STRING ? type_bit(names[i].text) : 0;

        if (!bit)
            return wrong(c, place, FTH_E_INVALID, "no such type");
        schema->types |= bit;
    }
    return FTH_OK;
}

static enum fth_rc on_const(struct compiler *c, struct fth_schema *schema,
                            const struct fth_json *value, const struct fth_json_place *place)
{
    (void)c;
    (void)place;
    schema->constant = value;
    return FTH_OK;
}

static enum fth_rc on_enum(struct compiler *c, struct fth_schema *schema,
                           const struct fth_json *value, const struct fth_json_place *place)
{
    schema->allowed = value;
    return want(c, value, FTH_JSON_ARRAY, place, "must be an array");
}

static enum fth_rc on_properties(struct compiler *c, struct fth_schema *schema,
                                 const struct fth_json *value, const struct fth_json_place *place)
{
    enum fth_rc rc = want(c, value, FTH_JSON_OBJECT, place, "must be an object");

    if (rc)
        return rc;
    schema->properties = value;
    schema->property = FTH_NEW_ARRAY(c->set->arena, struct fth_schema *, value->nr);
    if (!schema->property)
        return fth_err_nomem(c->err);
    for (size_t i = 0; i < value->nr && !rc; i++) {
        struct fth_json_place at = {.up = place, .key = value->members[i].key};

        rc = compile(c, &value->members[i].value, &at, &schema->property[i]);
    }
    return rc;
}

static enum fth_rc on_required(struct compiler *c, struct fth_schema *schema,
                               const struct fth_json *value, const struct fth_json_place *place)
{
    enum fth_rc rc = want(c, value, FTH_JSON_ARRAY, place, "must be an array of names");

    for (size_t i = 0; !rc && i < value->nr; i++)
        rc = want(c, &value->items[i], FTH_JSON_STRING, place, "must be an array of names");
    schema->required = value;
    return rc;
}

static enum fth_rc on_additional(struct compiler *c, struct fth_schema *schema,
                                 const struct fth_json *value, const struct fth_json_place *place)
{
    if (value->type == FTH_JSON_BOOL) {
        schema->closed = !value->boolean;
        return FTH_OK;
    }
    return compile(c, value, place, &schema->additional);
}

static enum fth_rc on_names(struct compiler *c, struct fth_schema *schema,
                            const struct fth_json *value, const struct fth_json_place *place)
{
    return compile(c, value, place, &schema->names);
}

static enum fth_rc on_items(struct compiler *c, struct fth_schema *schema,
                            const struct fth_json *value, const struct fth_json_place *place)
{
    return compile(c, value, place, &schema->items);
}

static enum fth_rc on_unique(struct compiler *c, struct fth_schema *schema,
                             const struct fth_json *value, const struct fth_json_place *place)
{
    schema->unique = value->boolean;
    return want(c, value, FTH_JSON_BOOL, place, "must be true or false");
}

static enum fth_rc count(struct compiler *c, const struct fth_json *value,
                         const struct fth_json_place *place, uint64_t *out)
{
    int64_t n;

    if (!fth_json_i64(value, &n) || n < 0)
        return wrong(c, place, FTH_E_INVALID, "must be a whole number from 0");
    *out = (uint64_t)n;
    return FTH_OK;
}

/* Keywords that set one field, count or number, of the schema. */
#define ON_COUNT(keyword, field)                                                                 \
    static enum fth_rc keyword(struct compiler *c, struct fth_schema *schema,                    \
                               const struct fth_json *value, const struct fth_json_place *place) \
    {                                                                                            \
        return count(c, value, place, &schema->field);                                           \
    }
#define ON_NUMBER(keyword, field)                                                                \
    static enum fth_rc keyword(struct compiler *c, struct fth_schema *schema,                    \
                               const struct fth_json *value, const struct fth_json_place *place) \
    {                                                                                            \
        schema->field = value;                                                                   \
        return want(c, value, FTH_JSON_NUMBER, place, "must be a number");                       \
    }

ON_COUNT(on_min_properties, nr_properties.min)
ON_COUNT(on_max_properties, nr_properties.max)
ON_COUNT(on_min_items, nr_items.min)
ON_COUNT(on_max_items, nr_items.max)
ON_COUNT(on_min_length, length.min)
ON_COUNT(on_max_length, length.max)
ON_NUMBER(on_minimum, least)
ON_NUMBER(on_maximum, most)
ON_NUMBER(on_above, above)
ON_NUMBER(on_below, below)

static enum fth_rc on_pattern(struct compiler *c, struct fth_schema *schema,
                              const struct fth_json *value, const struct fth_json_place *place)
{
    struct fth_err why = {0};
    enum fth_rc rc = want(c, value, FTH_JSON_STRING, place, "must be a string");

    if (rc)
        return rc;
    schema->pattern_text = value->text;
    rc = fth_pattern_compile(c->set->arena, value->text, &schema->pattern, &why);
    return rc ? wrong(c, place, rc, why.msg) : FTH_OK;
}

static enum fth_rc on_format(struct compiler *c, struct fth_schema *schema,
                             const struct fth_json *value, const struct fth_json_place *place)
{
    if (value->type == FTH_JSON_STRING && fth_str_eq_c(value->text, "date"))
        schema->format = FTH_SCHEMA_DATE;
    else if (value->type == FTH_JSON_STRING && fth_str_eq_c(value->text, "date-time"))
        schema->format = FTH_SCHEMA_DATE_TIME;
    return want(c, value, FTH_JSON_STRING, place, "must be a string");
}

static enum fth_rc list(struct compiler *c, const struct fth_json *value,
                        const struct fth_json_place *place, struct fth_schema_list *out)
{
    enum fth_rc rc = want(c, value, FTH_JSON_ARRAY, place, "must be an array of schemas");

    if (rc)
        return rc;
    if (value->nr == 0)
        return wrong(c, place, FTH_E_INVALID, "must not be empty");
    out->at = FTH_NEW_ARRAY(c->set->arena, struct fth_schema *, value->nr);
    if (!out->at)
        return fth_err_nomem(c->err);
    for (size_t i = 0; i < value->nr && !rc; i++) {
        struct fth_json_place at = {.up = place, .index = i};

        rc = compile(c, &value->items[i], &at, &out->at[i]);
    }
    out->nr = value->nr;
    return rc;
}

static enum fth_rc on_all(struct compiler *c, struct fth_schema *schema,
                          const struct fth_json *value, const struct fth_json_place *place)
{
    return list(c, value, place, &schema->all);
}

static enum fth_rc on_any(struct compiler *c, struct fth_schema *schema,
                          const struct fth_json *value, const struct fth_json_place *place)
{
    return list(c, value, place, &schema->any);
}

static enum fth_rc on_one(struct compiler *c, struct fth_schema *schema,
                          const struct fth_json *value, const struct fth_json_place *place)
{
    return list(c, value, place, &schema->one);
}

static enum fth_rc on_not(struct compiler *c, struct fth_schema *schema,
                          const struct fth_json *value, const struct fth_json_place *place)
{
    return compile(c, value, place, &schema->not_this);
}

static enum fth_rc compile_at(struct compiler *c, struct fth_str pointer, struct fth_schema **out);

static enum fth_rc on_ref(struct compiler *c, struct fth_schema *schema,
                          const struct fth_json *value, const struct fth_json_place *place)
{
    enum fth_rc rc = want(c, value, FTH_JSON_STRING, place, "must be a string");

    if (rc)
        return rc;
    if (!fth_str_starts(value->text, FTH_STR("#")) || fth_str_find(value->text, '%') != SIZE_MAX)
        return wrong(c, place, FTH_E_INVALID, "only \"#\" and a JSON pointer are understood");
    rc = compile_at(c, fth_str_sub(value->text, 1, value->text.n), &schema->ref);
    if (rc == FTH_E_NOTFOUND)
        fth_err_prefix(c->err, "$ref");
    return rc;
}

/* Keywords without a function are passed over. */
static const struct {
    const char *name;
    enum fth_rc (*run)(struct compiler *c, struct fth_schema *schema, const struct fth_json *value,
                       const struct fth_json_place *place);
} keywords[] = {
    {"type", on_type},
    {"const", on_const},
    {"enum", on_enum},
    {"properties", on_properties},
    {"required", on_required},
    {"additionalProperties", on_additional},
    {"propertyNames", on_names},
    {"minProperties", on_min_properties},
    {"maxProperties", on_max_properties},
    {"items", on_items},
    {"minItems", on_min_items},
    {"maxItems", on_max_items},
    {"uniqueItems", on_unique},
    {"minimum", on_minimum},
    {"maximum", on_maximum},
    {"exclusiveMinimum", on_above},
    {"exclusiveMaximum", on_below},
    {"minLength", on_min_length},
    {"maxLength", on_max_length},
    {"pattern", on_pattern},
    {"format", on_format},
    {"allOf", on_all},
    {"anyOf", on_any},
    {"oneOf", on_one},
    {"not", on_not},
    {"$ref", on_ref},
    {"title", NULL},
    {"description", NULL},
    {"default", NULL},
    {"example", NULL},
    {"examples", NULL},
    {"deprecated", NULL},
    {"readOnly", NULL},
    {"writeOnly", NULL},
    {"discriminator", NULL},
    {"$schema", NULL},
    {"$id", NULL},
    {"$comment", NULL},
    {"$defs", NULL},
};

static enum fth_rc compile_keyword(struct compiler *c, struct fth_schema *schema,
                                   const struct fth_json_member *member,
                                   const struct fth_json_place *up)
{
    struct fth_json_place place = {.up = up, .key = member->key};

    if (fth_str_starts(member->key, FTH_STR("x-")))
        return FTH_OK;
    for (size_t i = 0; i < FTH_NR(keywords); i++) {
        if (!fth_str_eq_c(member->key, keywords[i].name))
            continue;
        return keywords[i].run ? keywords[i].run(c, schema, &member->value, &place) : FTH_OK;
    }
    return wrong(c, &place, FTH_E_INVALID, "unknown keyword");
}

/* Fills a schema from its place in the document. */
static enum fth_rc fill(struct compiler *c, const struct fth_json *node,
                        const struct fth_json_place *place, struct fth_schema *schema)
{
    enum fth_rc rc = FTH_OK;

    *schema = (struct fth_schema){
        .types = FTH_SCHEMA_ANY,
        .nr_properties.max = UINT64_MAX,
        .nr_items.max = UINT64_MAX,
        .length.max = UINT64_MAX,
    };
    if (node->type == FTH_JSON_BOOL) {
        schema->nothing = !node->boolean;
        return FTH_OK;
    }
    rc = want(c, node, FTH_JSON_OBJECT, place, "must be an object, true or false");
    for (size_t i = 0; !rc && i < node->nr; i++)
        rc = compile_keyword(c, schema, &node->members[i], place);
    return rc;
}

/* NULL when there is no memory. */
static struct fth_schema *add_schema(struct compiler *c)
{
    struct fth_schema *schema = FTH_NEW(c->set->arena, struct fth_schema);

    if (!schema)
        fth_err_nomem(c->err);
    else if (schema_vec_push(&c->set->every, (struct schema_ref){schema}, c->err))
        schema = NULL;
    return schema;
}

static enum fth_rc compile(struct compiler *c, const struct fth_json *node,
                           const struct fth_json_place *place, struct fth_schema **out)
{
    struct fth_schema *schema = add_schema(c);

    if (!schema)
        return c->err->rc;
    *out = schema;
    return fill(c, node, place, schema);
}

/* Known before it is filled, so that it may refer to itself. */
static enum fth_rc compile_at(struct compiler *c, struct fth_str pointer, struct fth_schema **out)
{
    const struct fth_json *node = fth_json_at(c->set->document, pointer);
    struct fth_json_place place = {.key = pointer, .pointer = true};
    struct fth_schema *schema = fth_map_get(&c->set->by_pointer, pointer);
    enum fth_rc rc;

    if (schema) {
        *out = schema;
        return FTH_OK;
    }
    if (!node)
        return fth_err_set(c->err, FTH_E_NOTFOUND, "no schema at \"" FTH_STR_F "\"",
                           FTH_STR_A(pointer));
    schema = add_schema(c);
    if (!schema)
        return c->err->rc;
    rc = fth_map_put(&c->set->by_pointer, pointer, schema, NULL, c->err);
    if (rc)
        return rc;
    *out = schema;
    return fill(c, node, pointer.n ? &place : NULL, schema);
}

/* ---- circles ---- */

static bool in_circle(struct fth_schema *schema);

static bool list_in_circle(const struct fth_schema_list *list)
{
    for (size_t i = 0; i < list->nr; i++) {
        if (in_circle(list->at[i]))
            return true;
    }
    return false;
}

/* Does it lead back to itself by what is about the same value? Checking would not end. */
static bool in_circle(struct fth_schema *schema)
{
    bool found;

    if (!schema || schema->visit)
        return schema && schema->visit == 1;
    schema->visit = 1;
    found = in_circle(schema->ref) || in_circle(schema->not_this) || list_in_circle(&schema->all) ||
            list_in_circle(&schema->any) || list_in_circle(&schema->one);
    schema->visit = 2;
    return found;
}

static enum fth_rc refuse_circles(struct compiler *c)
{
    for (size_t i = 0; i < c->set->every.nr; i++) {
        if (in_circle(c->set->every.at[i].schema))
            return fth_err_set(c->err, FTH_E_INVALID,
                               "a $ref leads to itself without going into the value");
    }
    return FTH_OK;
}

/* ---- the outside ---- */

static void release_map(void *map)
{
    fth_map_release(map);
}

enum fth_rc fth_schemas_new(struct fth_arena *arena, const struct fth_json *document,
                            struct fth_schemas **out, struct fth_err *err)
{
    struct fth_schemas *set = FTH_NEW(arena, struct fth_schemas);
    enum fth_rc rc;

    if (!set)
        return fth_err_nomem(err);
    set->arena = arena;
    set->document = document;
    set->every = schema_vec_in(arena);
    fth_map_init(&set->by_pointer);
    rc = fth_arena_hook(arena, release_map, &set->by_pointer, err);
    if (!rc)
        *out = set;
    return rc;
}

enum fth_rc fth_schema_compile(struct fth_schemas *set, struct fth_str pointer,
                               const struct fth_schema **out, struct fth_err *err)
{
    struct compiler c = {.set = set, .err = err};
    struct fth_schema *schema = NULL;
    enum fth_rc rc;

    if (set->broken)
        return fth_err_set(err, FTH_E_INVALID, "another schema of the document is wrong");
    rc = compile_at(&c, pointer, &schema);
    if (!rc)
        rc = refuse_circles(&c);
    if (rc)
        set->broken = true;
    else
        *out = schema;
    return rc;
}
