#include "api/web.h"

#include <string.h>

#include "api/router_int.h"
#include "base/check.h"
#include "base/file.h"
#include "base/sha256.h"

enum { DISK_FILE_MAX = 32 << 20 };

static const char security_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'";

/* ---- finding ---- */

static const struct fth_web_file *find(const struct fth_router_conf *conf, struct fth_str path)
{
    size_t lo = 0, hi = conf->web_nr;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = fth_str_cmp(path, fth_str_c(conf->web[mid].path));

        if (order == 0)
            return &conf->web[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static bool is_under(struct fth_str path, const char *root)
{
    struct fth_str text = fth_str_c(root);

    return fth_str_starts(path, text) && (path.n == text.n || path.p[text.n] == '/');
}

bool fth_web_owns(struct fth_str path)
{
    static const char *const others[] = {"/api", "/graphql", "/metrics", "/auth"};

    for (size_t i = 0; i < FTH_NR(others); i++)
        if (is_under(path, others[i]))
            return false;
    return true;
}

static bool is_page(const struct fth_http_request *request)
{
    return !is_under(request->path, "/assets") && fth_request_has_header(request, "Accept") &&
           fth_accept_quality(fth_request_header(request, "Accept"), FTH_STR("text/html")) > 0;
}

/* ---- sending ---- */

struct choice {
    struct fth_str body;
    const char *coding; /* NULL: as it is */
    const char *suffix; /* of the entity tag */
};

/* The best coding that the client allows; among equals the smallest. */
static struct choice choose(const struct fth_web_file *file, struct fth_str accept)
{
    const struct choice choices[] = {
        {file->br, "br", "-br"}, {file->gz, "gzip", "-gz"}, {file->raw, NULL, ""}};
    unsigned best_quality = 0;
    struct choice best = choices[2];

    for (size_t i = 0; i < FTH_NR(choices); i++) {
        unsigned quality = fth_encoding_quality(
            accept, fth_str_c(choices[i].coding ? choices[i].coding : "identity"));

        if (choices[i].body.n > 0 && quality > best_quality) {
            best_quality = quality;
            best = choices[i];
        }
    }
    return best;
}

static enum fth_rc set_headers(struct fth_call *call, const struct fth_web_file *file,
                               const struct choice *choice, struct fth_err *err)
{
    bool asset = fth_str_starts(fth_str_c(file->path), FTH_STR("/assets/"));
    const char *headers[][2] = {
        {"Cache-Control", asset ? "public, max-age=31536000, immutable" : "no-cache"},
        {"Content-Security-Policy", security_policy},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "same-origin"},
        {"Vary", "Accept-Encoding"},
        {"Content-Encoding", choice->coding}};

    for (size_t i = 0; i < FTH_NR(headers); i++)
        if (headers[i][1] &&
            fth_reply_header(call->reply, headers[i][0], fth_str_c(headers[i][1]), err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc send_file(struct fth_call *call, const struct fth_web_file *file,
                             struct fth_err *err)
{
    struct choice choice = choose(file, fth_request_header(call->request, "Accept-Encoding"));
    struct fth_str etag;
    bool fresh;

    if (fth_arena_printf(call->arena, &etag, err, "\"%s%s\"", file->hash, choice.suffix) ||
        set_headers(call, file, &choice, err) || fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh) {
        fth_reply_unset_header(call->reply, "Content-Encoding");
        return fth_call_empty(call, 304, err);
    }
    return fth_call_send(call, 200, file->type, choice.body, err);
}

/* ---- from a folder ---- */

static const char *type_of(struct fth_str path)
{
    static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".json", "application/json"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".woff2", "font/woff2"},
                                           {".ico", "image/x-icon"}};

    for (size_t i = 0; i < FTH_NR(types); i++)
        if (fth_str_ends(path, fth_str_c(types[i][0])))
            return types[i][1];
    return "application/octet-stream";
}

/* No part of the path may lead up, or to a hidden file. */
static bool stays_inside(struct fth_str path)
{
    return path.n > 0 && path.p[0] == '/' && fth_str_search(path, FTH_STR("/.")) == SIZE_MAX &&
           fth_str_find(path, '\\') == SIZE_MAX && fth_str_find(path, '%') == SIZE_MAX;
}

static enum fth_rc read_file(struct fth_call *call, struct fth_str path, struct fth_web_file **out,
                             struct fth_err *err)
{
    struct fth_web_file *file = FTH_NEW(call->arena, struct fth_web_file);
    struct fth_str whole, name, hash;
    char hex[FTH_SHA256_HEX];

    if (!file)
        return fth_err_nomem(err);
    if (!stays_inside(path))
        return fth_err_set(err, FTH_E_NOTFOUND, "no such path: " FTH_STR_F, FTH_STR_A(path));
    if (fth_arena_str(call->arena, path, &name, err) ||
        fth_arena_printf(call->arena, &whole, err, "%s" FTH_STR_F, call->router->conf->web_dir,
                         FTH_STR_A(path)) ||
        fth_file_read(call->arena, whole.p, DISK_FILE_MAX, &file->raw, err))
        return err->rc;
    if (fth_sha256_text(file->raw, hex, err) ||
        fth_arena_str(call->arena, (struct fth_str){hex, 24}, &hash, err))
        return err->rc;
    file->path = name.p;
    file->type = type_of(path);
    file->hash = hash.p;
    *out = file;
    return FTH_OK;
}

static enum fth_rc find_on_disk(struct fth_call *call, struct fth_str path,
                                const struct fth_web_file **out, struct fth_err *err)
{
    struct fth_web_file *file = NULL;
    struct fth_err missing = {0};

    if (!read_file(call, path, &file, &missing)) {
        *out = file;
        return FTH_OK;
    }
    if (missing.rc == FTH_E_NOTFOUND || missing.rc == FTH_E_INVALID)
        return FTH_OK;
    *err = missing;
    return err->rc;
}

/* ---- */

static enum fth_rc look_up(struct fth_call *call, struct fth_str path,
                           const struct fth_web_file **out, struct fth_err *err)
{
    *out = NULL;
    if (call->router->conf->web_dir)
        return find_on_disk(call, path, out, err);
    *out = find(call->router->conf, path);
    return FTH_OK;
}

static enum fth_rc answer_web(struct fth_call *call, struct fth_err *err)
{
    const struct fth_http_request *request = call->request;
    struct fth_str index = FTH_STR("/index.html");
    struct fth_str path = fth_str_eq_c(request->path, "/") ? index : request->path;
    const struct fth_web_file *file;

    if (look_up(call, path, &file, err) ||
        (!file && is_page(request) && look_up(call, index, &file, err)))
        return err->rc;
    if (file)
        return send_file(call, file, err);
    fth_err_set(err, FTH_E_NOTFOUND, "no such path: " FTH_STR_F,
                FTH_STR_A(fth_str_sub(request->path, 0, 200)));
    if (fth_str_eq_c(request->path, "/") && !call->router->conf->web_dir)
        fth_err_hint(err, "This build is without the web application; the API is at /api/v1.");
    return err->rc;
}

const struct fth_operation fth_web_operation = {
    .id = "web", .how = FTH_HOW_QUICK, .scoped = FTH_SCOPED_OPEN, .run = answer_web};
const struct fth_operation fth_web_dir_operation = {
    .id = "web", .how = FTH_HOW_STORE, .scoped = FTH_SCOPED_OPEN, .run = answer_web};
