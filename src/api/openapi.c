#include "api/openapi_int.h"

#include <string.h>

#include "api/call.h"
#include "auth/permission.h"
#include "base/check.h"

extern const char fth_embedded_openapi[];
extern const uint64_t fth_embedded_openapi_len;

enum { PART_MAX = 8, LIMIT_COST_MAX = 1000 };

struct route {
    const char *id;
    enum fth_rc (*run)(struct fth_call *call, struct fth_err *err);
    enum fth_how how;
};

static const struct route routes[] = {
#define FTH_ROUTE(id, function, how) {#id, function, FTH_HOW_##how},
#include "api/route.def"
#undef FTH_ROUTE
};

/* What reading the document needs everywhere. */
struct loader {
    struct fth_arena *arena;
    const struct fth_json *document;
    struct fth_schemas *schemas;
    bool used[FTH_NR(routes)];
};

static enum fth_rc corrupt(struct fth_err *err, const char *where, const char *what)
{
    return fth_err_set(err, FTH_E_CORRUPT, "openapi.json: %s: %s", where, what);
}

/* Follows a $ref, if it is one; NULL when that leads nowhere. */
static const struct fth_json *follow(const struct loader *loader, const struct fth_json *json,
                                     struct fth_str *pointer)
{
    struct fth_str ref = fth_json_str(json, "$ref", (struct fth_str){0});

    if (ref.n == 0)
        return json;
    *pointer = fth_str_sub(ref, 1, ref.n);
    return fth_json_at(loader->document, *pointer);
}

/* A schema is compiled by where it stands in the document. */
static enum fth_rc compile_at(struct loader *loader, struct fth_str pointer,
                              const struct fth_schema **out, struct fth_err *err)
{
    if (fth_schema_compile(loader->schemas, pointer, out, err)) {
        err->rc = FTH_E_CORRUPT;
        fth_err_prefix(err, "openapi.json: " FTH_STR_F, FTH_STR_A(pointer));
    }
    return err->rc;
}

/* "/paths" + "/api/v1" as a pointer: '/' and '~' of the name are escaped. */
static enum fth_rc pointer_to(struct loader *loader, struct fth_str base, struct fth_str name,
                              struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(4096);

    fth_buf_str(&buf, base);
    fth_buf_char(&buf, '/');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '/')
            fth_buf_c(&buf, "~1");
        else if (name.p[i] == '~')
            fth_buf_c(&buf, "~0");
        else
            fth_buf_char(&buf, name.p[i]);
    }
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(loader->arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc pointer_nth(struct loader *loader, struct fth_str base, size_t i,
                               struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(loader->arena, out, err, FTH_STR_F "/%zu", FTH_STR_A(base), i);
}

/* ---- bodies ---- */

/* The media types of a "content" object, with their schemas unless they are plain bytes or text. */
static enum fth_rc read_media(struct loader *loader, const struct fth_json *owner,
                              struct fth_str pointer, const struct fth_media **out, size_t *out_nr,
                              struct fth_err *err)
{
    const struct fth_json *content = fth_json_get(owner, "content");
    struct fth_media *media;

    if (!content)
        return FTH_OK;
    media = FTH_NEW_ARRAY(loader->arena, struct fth_media, content->nr);
    if (!media)
        return fth_err_nomem(err);
    if (pointer_to(loader, pointer, FTH_STR("content"), &pointer, err))
        return err->rc;
    for (size_t i = 0; i < content->nr; i++) {
        struct fth_str at;

        media[i].type = content->members[i].key;
        if (!fth_str_ends(media[i].type, FTH_STR("json")) ||
            fth_str_ends(media[i].type, FTH_STR("ndjson")))
            continue;
        if (pointer_to(loader, pointer, media[i].type, &at, err) ||
            pointer_to(loader, at, FTH_STR("schema"), &at, err) ||
            compile_at(loader, at, &media[i].schema, err))
            return err->rc;
    }
    *out = media;
    *out_nr = content->nr;
    return FTH_OK;
}

static enum fth_rc read_body(struct loader *loader, const struct fth_json *json,
                             struct fth_str pointer, struct fth_operation *out, struct fth_err *err)
{
    const struct fth_json *body = fth_json_get(json, "requestBody");

    if (!body)
        return FTH_OK;
    out->has_body = true;
    out->body_required = fth_json_bool(fth_json_get(body, "required"), false);
    if (pointer_to(loader, pointer, FTH_STR("requestBody"), &pointer, err))
        return err->rc;
    return read_media(loader, body, pointer, &out->body, &out->body_nr, err);
}

static enum fth_rc read_responses(struct loader *loader, const struct fth_json *json,
                                  struct fth_str pointer, struct fth_operation *out,
                                  struct fth_err *err)
{
    const struct fth_json *all = fth_json_get(json, "responses");
    struct fth_response *responses;

    if (!all || pointer_to(loader, pointer, FTH_STR("responses"), &pointer, err))
        return corrupt(err, out->id, "no responses");
    responses = FTH_NEW_ARRAY(loader->arena, struct fth_response, all->nr);
    if (!responses)
        return fth_err_nomem(err);
    for (size_t i = 0; i < all->nr; i++) {
        const struct fth_json *response;
        struct fth_str at;
        uint64_t status = 0;

        (void)fth_str_to_u64(all->members[i].key, &status);
        responses[i].status = (int)status;
        if (pointer_to(loader, pointer, all->members[i].key, &at, err))
            return err->rc;
        response = follow(loader, &all->members[i].value, &at);
        if (!response)
            return corrupt(err, out->id, "a response leads nowhere");
        if (read_media(loader, response, at, &responses[i].media, &responses[i].media_nr, err))
            return err->rc;
    }
    out->responses = responses;
    out->response_nr = all->nr;
    return FTH_OK;
}

/* ---- parameters ---- */

static bool parse_in(struct fth_str text, enum fth_param_in *out)
{
    static const char *const names[] = {"path", "query", "header"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(text, names[i])) {
            *out = (enum fth_param_in)i;
            return true;
        }
    return false;
}

static enum fth_rc read_param(struct loader *loader, const struct fth_json *json,
                              struct fth_str pointer, struct fth_param_info *out,
                              struct fth_err *err)
{
    const struct fth_json *param = follow(loader, json, &pointer);
    const struct fth_json *or_else;

    out->name = fth_json_str(param, "name", FTH_STR("")).p;
    if (!out->name[0] || !parse_in(fth_json_str(param, "in", FTH_STR("")), &out->in))
        return corrupt(err, "parameters", "one has no name or place");
    out->required = fth_json_bool(fth_json_get(param, "required"), false);
    or_else = fth_json_get(fth_json_get(param, "schema"), "default");
    if (or_else)
        out->or_else = or_else->text;
    if (pointer_to(loader, pointer, FTH_STR("schema"), &pointer, err))
        return err->rc;
    return compile_at(loader, pointer, &out->schema, err);
}

static enum fth_rc append_params(struct loader *loader, const struct fth_json *owner,
                                 struct fth_str pointer, struct fth_param_info *params, size_t *nr,
                                 struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(owner, "parameters");

    if (!list)
        return FTH_OK;
    if (pointer_to(loader, pointer, FTH_STR("parameters"), &pointer, err))
        return err->rc;
    for (size_t i = 0; i < list->nr; i++) {
        struct fth_str at;

        if (pointer_nth(loader, pointer, i, &at, err) ||
            read_param(loader, &list->items[i], at, &params[*nr], err))
            return err->rc;
        ++*nr;
    }
    return FTH_OK;
}

static size_t list_nr(const struct fth_json *owner)
{
    const struct fth_json *list = fth_json_get(owner, "parameters");

    return list ? list->nr : 0;
}

/* Those of the path come first, in its order. */
static enum fth_rc read_params(struct loader *loader, const struct fth_json *path,
                               struct fth_str path_pointer, const struct fth_json *operation,
                               struct fth_str pointer, struct fth_operation *out,
                               struct fth_err *err)
{
    size_t most = list_nr(path) + list_nr(operation);
    struct fth_param_info *params = FTH_NEW_ARRAY(loader->arena, struct fth_param_info, most);

    if (!params)
        return fth_err_nomem(err);
    out->params = params;
    if (append_params(loader, path, path_pointer, params, &out->param_nr, err))
        return err->rc;
    return append_params(loader, operation, pointer, params, &out->param_nr, err);
}

/* ---- operations and paths ---- */

static enum fth_scoped scoped_of(const char *id)
{
    static const struct {
        const char *id;
        enum fth_scoped scoped;
    } rows[] = {
#define FTH_SCOPED(id, what) {#id, FTH_SCOPED_##what},
#include "api/scoped.def"
#undef FTH_SCOPED
    };

    for (size_t i = 0; i < FTH_NR(rows); i++)
        if (strcmp(rows[i].id, id) == 0)
            return rows[i].scoped;
    return FTH_SCOPED_REFUSED;
}

static enum fth_rc tie(struct loader *loader, struct fth_operation *operation, struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(routes); i++)
        if (strcmp(routes[i].id, operation->id) == 0) {
            loader->used[i] = true;
            operation->run = routes[i].run;
            operation->how = routes[i].how;
            operation->scoped = scoped_of(operation->id);
            return FTH_OK;
        }
    return corrupt(err, operation->id, "has no row in route.def");
}

/* No operation is open because somebody forgot to say for whom it is. */
static enum fth_rc read_permission(const struct fth_json *json, struct fth_operation *out,
                                   struct fth_err *err)
{
    struct fth_str name = fth_json_str(json, "x-permission", (struct fth_str){0});

    if (fth_str_eq_c(name, "none")) {
        out->wanted = FTH_WANTED_NOTHING;
        return FTH_OK;
    }
    if (fth_str_eq_c(name, "self")) {
        out->wanted = FTH_WANTED_SELF;
        return FTH_OK;
    }
    if (!fth_permission_named(name))
        return corrupt(err, out->id, "x-permission is missing or unknown");
    out->wanted = FTH_WANTED_PERMISSION;
    out->permission = name;
    return FTH_OK;
}

static enum fth_rc read_limit(const struct fth_json *json, struct fth_operation *out,
                              struct fth_err *err)
{
    const struct fth_json *given = fth_json_get(json, "x-limit-cost");
    int64_t cost = 1;

    if (!fth_limit_named(fth_json_str(json, "x-limit", (struct fth_str){0}), &out->limit))
        return corrupt(err, out->id, "x-limit is missing or unknown");
    if ((given && !fth_json_i64(given, &cost)) || cost < 1 || cost > LIMIT_COST_MAX)
        return corrupt(err, out->id, "x-limit-cost is none");
    out->cost = (uint32_t)cost;
    return FTH_OK;
}

static enum fth_rc read_operation(struct loader *loader, const struct fth_json *path,
                                  struct fth_str path_pointer, const struct fth_json_member *member,
                                  struct fth_operation *out, struct fth_err *err)
{
    const struct fth_json *json = &member->value;
    struct fth_str pointer;
    char *method;

    if (fth_arena_str(loader->arena, member->key, &out->method, err) ||
        pointer_to(loader, path_pointer, member->key, &pointer, err))
        return err->rc;
    method = fth_arena_alloc(loader->arena, member->key.n + 1);
    if (!method)
        return fth_err_nomem(err);
    for (size_t i = 0; i < member->key.n; i++)
        method[i] = (char)(member->key.p[i] - 'a' + 'A');
    out->method = (struct fth_str){method, member->key.n};
    out->id = fth_json_str(json, "operationId", FTH_STR("")).p;
    out->secret = fth_json_bool(fth_json_get(json, "x-secret"), false);
    out->collection = fth_json_str(json, "x-collection", (struct fth_str){0});
    if (tie(loader, out, err) || read_params(loader, path, path_pointer, json, pointer, out, err) ||
        read_body(loader, json, pointer, out, err))
        return err->rc;
    if (read_responses(loader, json, pointer, out, err) ||
        fth_deprecation_read(loader->arena, json, out, err))
        return err->rc;
    return read_permission(json, out, err) ? err->rc : read_limit(json, out, err);
}

static bool is_method(struct fth_str key)
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};

    for (size_t i = 0; i < FTH_NR(methods); i++)
        if (fth_str_eq_c(key, methods[i]))
            return true;
    return false;
}

static enum fth_rc set_allow(struct loader *loader, struct fth_path *path, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(200);

    for (size_t i = 0; i < path->operation_nr; i++) {
        fth_buf_str(&buf, path->operations[i].method);
        fth_buf_c(&buf, fth_str_eq_c(path->operations[i].method, "GET") ? ", HEAD, " : ", ");
    }
    fth_buf_c(&buf, "OPTIONS");
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(loader->arena, fth_buf_view(&buf), &path->allow, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc split_parts(struct loader *loader, struct fth_path *path, struct fth_err *err)
{
    struct fth_str *parts = FTH_NEW_ARRAY(loader->arena, struct fth_str, PART_MAX);
    struct fth_str rest = fth_str_sub(path->text, 1, path->text.n);

    if (!parts)
        return fth_err_nomem(err);
    while (path->part_nr < PART_MAX && fth_str_next(&rest, '/', &parts[path->part_nr]))
        path->part_nr++;
    path->parts = parts;
    return rest.n ? corrupt(err, path->text.p, "too many parts") : FTH_OK;
}

static enum fth_rc read_path(struct loader *loader, const struct fth_json_member *member,
                             struct fth_path *out, struct fth_err *err)
{
    const struct fth_json *json = &member->value;
    struct fth_operation *operations;
    struct fth_str pointer = {0};

    out->text = member->key;
    operations = FTH_NEW_ARRAY(loader->arena, struct fth_operation, json->nr);
    if (!operations)
        return fth_err_nomem(err);
    if (split_parts(loader, out, err) ||
        pointer_to(loader, FTH_STR("/paths"), member->key, &pointer, err))
        return err->rc;
    out->operations = operations;
    for (size_t i = 0; i < json->nr; i++) {
        if (!is_method(json->members[i].key))
            continue;
        if (read_operation(loader, json, pointer, &json->members[i], &operations[out->operation_nr],
                           err))
            return err->rc;
        out->operation_nr++;
    }
    return set_allow(loader, out, err);
}

static enum fth_rc read_paths(struct loader *loader, struct fth_openapi *out, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(loader->document, "paths");
    struct fth_path *paths;

    if (!list)
        return corrupt(err, "paths", "missing");
    paths = FTH_NEW_ARRAY(loader->arena, struct fth_path, list->nr);
    if (!paths)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++)
        if (read_path(loader, &list->members[i], &paths[i], err))
            return err->rc;
    for (size_t i = 0; i < FTH_NR(routes); i++)
        if (!loader->used[i])
            return corrupt(err, routes[i].id, "is in route.def but not in the document");
    out->paths = paths;
    out->path_nr = list->nr;
    return FTH_OK;
}

enum fth_rc fth_openapi_read(struct fth_arena *arena, struct fth_str text,
                             const struct fth_openapi **out, struct fth_err *err)
{
    struct loader loader = {.arena = arena};
    struct fth_openapi *api = FTH_NEW(arena, struct fth_openapi);

    if (!api)
        return fth_err_nomem(err);
    if (fth_json_parse(arena, text, NULL, &loader.document, err) ||
        fth_schemas_new(arena, loader.document, &loader.schemas, err) ||
        fth_arena_printf(arena, &api->etag, err, "\"%016llx\"",
                         (unsigned long long)fth_str_hash(text, 0)) ||
        read_paths(&loader, api, err))
        return err->rc;
    api->text = text;
    api->json = loader.document;
    *out = api;
    return FTH_OK;
}

enum fth_rc fth_openapi_load(struct fth_arena *arena, const struct fth_openapi **out,
                             struct fth_err *err)
{
    struct fth_str text = {fth_embedded_openapi, (size_t)fth_embedded_openapi_len};

    return fth_openapi_read(arena, text, out, err);
}

/* ---- finding ---- */

static bool is_variable(struct fth_str part)
{
    return part.n > 0 && part.p[0] == '{';
}

static bool path_matches(const struct fth_path *path, struct fth_str rest, struct fth_str vars[8],
                         size_t *var_nr)
{
    struct fth_str part;

    *var_nr = 0;
    for (size_t i = 0; i < path->part_nr; i++) {
        size_t slash = fth_str_find(rest, '/');

        part = fth_str_sub(rest, 0, slash);
        if (is_variable(path->parts[i])) {
            if (part.n == 0)
                return false;
            vars[(*var_nr)++] = part;
        } else if (!fth_str_eq(part, path->parts[i])) {
            return false;
        }
        if (i + 1 == path->part_nr)
            return slash == SIZE_MAX;
        if (slash == SIZE_MAX)
            return false;
        rest = fth_str_sub(rest, slash + 1, rest.n);
    }
    return false;
}

const struct fth_path *fth_openapi_match(const struct fth_openapi *api, struct fth_str text,
                                         struct fth_str vars[8], size_t *var_nr)
{
    if (text.n == 0 || text.p[0] != '/')
        return NULL;
    for (size_t i = 0; i < api->path_nr; i++)
        if (path_matches(&api->paths[i], fth_str_sub(text, 1, text.n), vars, var_nr))
            return &api->paths[i];
    return NULL;
}

const struct fth_operation *fth_path_operation(const struct fth_path *path, struct fth_str method)
{
    struct fth_str wanted = fth_str_eq_c(method, "HEAD") ? FTH_STR("GET") : method;

    for (size_t i = 0; i < path->operation_nr; i++)
        if (fth_str_eq(path->operations[i].method, wanted))
            return &path->operations[i];
    return NULL;
}

/* A media type without its parameters. */
static struct fth_str bare(struct fth_str media)
{
    return fth_str_trim(fth_str_sub(media, 0, fth_str_find(media, ';')));
}

const struct fth_schema *fth_operation_response(const struct fth_operation *operation, int status,
                                                struct fth_str media)
{
    const struct fth_response *found = NULL;

    for (size_t i = 0; i < operation->response_nr; i++)
        if (operation->responses[i].status == status ||
            (!found && operation->responses[i].status == 0 && status >= 400))
            found = &operation->responses[i];
    for (size_t i = 0; found && i < found->media_nr; i++)
        if (fth_str_caseeq(found->media[i].type, bare(media)))
            return found->media[i].schema;
    return NULL;
}
