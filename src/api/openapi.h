/*
 * openapi: the API's document as tables: paths, operations, parameters, bodies, responses.
 *
 * Thread rule: immutable once loaded.
 */
#ifndef FTH_OPENAPI_H
#define FTH_OPENAPI_H

#include "api/limit.h"
#include "base/json.h"
#include "base/schema.h"

struct fth_call;

enum fth_how { FTH_HOW_QUICK, FTH_HOW_STORE, FTH_HOW_UPLOAD };

/* What a caller with a scope gets of an operation: scoped.def. */
enum fth_scoped {
    FTH_SCOPED_REFUSED,
    FTH_SCOPED_OPEN,
    FTH_SCOPED_CUT,
    FTH_SCOPED_OWN,
    FTH_SCOPED_WITHIN
};

/* What x-permission wants of who asks: nothing, to be somebody, or a permission. */
enum fth_wanted { FTH_WANTED_NOTHING, FTH_WANTED_SELF, FTH_WANTED_PERMISSION };

enum fth_param_in { FTH_IN_PATH, FTH_IN_QUERY, FTH_IN_HEADER };

struct fth_param_info {
    const char *name;
    enum fth_param_in in;
    bool required;
    struct fth_str or_else; /* its default as text; p NULL: none */
    const struct fth_schema *schema;
};

/* One media type of a request's or a response's body. */
struct fth_media {
    struct fth_str type;
    const struct fth_schema *schema; /* NULL: any bytes */
};

struct fth_response {
    int status; /* 0: default */
    const struct fth_media *media;
    size_t media_nr;
};

struct fth_operation {
    const char *id;
    struct fth_str method;     /* "GET" */
    struct fth_str collection; /* x-collection, or empty */
    enum fth_wanted wanted;
    struct fth_str permission; /* of FTH_WANTED_PERMISSION */
    enum fth_how how;
    enum fth_scoped scoped;
    enum fth_limit limit; /* that it counts for, and how much */
    uint32_t cost;
    bool secret;                              /* its answer has a secret that is told once */
    struct fth_str deprecation, sunset, link; /* headers of its answers; empty: it stays */
    enum fth_rc (*run)(struct fth_call *call, struct fth_err *err);
    const struct fth_param_info *params;
    size_t param_nr;
    bool has_body, body_required;
    const struct fth_media *body;
    size_t body_nr;
    const struct fth_response *responses;
    size_t response_nr;
};

struct fth_path {
    struct fth_str text;         /* "/api/v1/jobs/{id}" */
    const struct fth_str *parts; /* "api", "v1", "jobs", "{id}" */
    size_t part_nr;
    const struct fth_operation *operations;
    size_t operation_nr;
    struct fth_str allow; /* "GET, HEAD, OPTIONS" */
};

struct fth_openapi {
    struct fth_str text; /* the document as it is served */
    struct fth_str etag;
    const struct fth_json *json;
    const struct fth_path *paths;
    size_t path_nr;
};

/* Reads the embedded document and ties it to route.def. FTH_E_CORRUPT as in router.h. */
enum fth_rc fth_openapi_load(struct fth_arena *arena, const struct fth_openapi **out,
                             struct fth_err *err);

/* The same for another document, for tests. */
enum fth_rc fth_openapi_read(struct fth_arena *arena, struct fth_str text,
                             const struct fth_openapi **out, struct fth_err *err);

/* The path that `text` (as sent) names; its variable parts go to `vars` (room for 8), still
 * encoded, in order. NULL when there is none. */
const struct fth_path *fth_openapi_match(const struct fth_openapi *api, struct fth_str text,
                                         struct fth_str vars[8], size_t *var_nr);
const struct fth_operation *fth_path_operation(const struct fth_path *path, struct fth_str method);

/* The schema that a response of this status and media type must keep to, or NULL. */
const struct fth_schema *fth_operation_response(const struct fth_operation *operation, int status,
                                                struct fth_str media);

#endif
