/* http: raw bytes as query string, path segment, Accept, entity tags, preferences, hosts and
 * framing. */
#include <stddef.h>
#include <stdint.h>

#include "api/http.h"
#include "base/check.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct fth_str part, struct fth_str whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void queries(struct fth_arena *arena, struct fth_str text)
{
    struct fth_str rest = text, name, value;
    struct fth_err err = {0};
    bool more = true;

    while (more && !fth_query_next(arena, &rest, &name, &value, &more, &err)) {
        FTH_CHECK(inside(rest, text));
        if (more)
            FTH_CHECK(fth_utf8_valid(name) && fth_utf8_valid(value) && name.n + value.n <= text.n);
    }
    FTH_CHECK(!err.rc || err.rc == FTH_E_SYNTAX || err.rc == FTH_E_NOMEM);
}

static void negotiation(struct fth_str text)
{
    const struct fth_str etag = FTH_STR("\"a\"");
    struct fth_str value, host;
    uint16_t port;

    FTH_CHECK(fth_accept_quality(text, FTH_STR("text/html")) <= 1000);
    FTH_CHECK(fth_encoding_quality(text, FTH_STR("br")) <= 1000);
    /* What matches strongly matches weakly. */
    FTH_CHECK(!fth_etag_matches(text, etag, true) || fth_etag_matches(text, etag, false));
    if (fth_prefer(text, "wait", &value))
        FTH_CHECK(inside(value, text));
    if (fth_http_host(text, &host, &port))
        FTH_CHECK(inside(host, text) && host.n > 0);
}

static void request_ids(struct fth_str text)
{
    const struct fth_header header = {FTH_STR("X-Request-Id"), text};
    struct fth_http_request request = {.headers = &header, .header_nr = 1};

    fth_request_identify(&request, 0);
    for (size_t i = 0; request.id[i]; i++)
        FTH_CHECK(request.id[i] > ' ' && request.id[i] < 0x7f && request.id[i] != '"');
}

/* A length that passes is digits alone, and a name that passes has no end of another in it. */
static void framing(struct fth_str text)
{
    const struct fth_header length = {FTH_STR("Content-Length"), text}, name = {text, FTH_STR("1")};
    struct fth_http_request request = {.headers = &length, .header_nr = 1};
    struct fth_err err = {0};

    if (!fth_request_framing(&request, &err))
        for (size_t i = 0; i < text.n; i++)
            FTH_CHECK(text.p[i] >= '0' && text.p[i] <= '9');
    fth_err_clear(&err);
    request.headers = &name;
    if (!fth_request_framing(&request, &err))
        for (size_t i = 0; i < text.n; i++)
            FTH_CHECK(text.p[i] > ' ' && text.p[i] < 0x7f && text.p[i] != ':');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_arena *arena = fth_arena_new(1 << 20);
    struct fth_str text = {(const char *)data, size}, out;
    struct fth_err err = {0};

    if (!arena)
        return 0;
    queries(arena, text);
    if (!fth_http_decode(arena, text, &out, &err))
        FTH_CHECK(out.n <= text.n);
    negotiation(text);
    framing(text);
    request_ids(text);
    fth_arena_free(arena);
    return 0;
}
