#include "api/http.h"

#include <string.h>

#include "base/rand.h"
#include "base/utf8.h"

struct fth_str fth_request_header(const struct fth_http_request *request, const char *name)
{
    struct fth_str wanted = fth_str_c(name);

    for (size_t i = 0; i < request->header_nr; i++)
        if (fth_str_caseeq(request->headers[i].name, wanted))
            return request->headers[i].value;
    return (struct fth_str){0};
}

bool fth_request_has_header(const struct fth_http_request *request, const char *name)
{
    struct fth_str wanted = fth_str_c(name);

    for (size_t i = 0; i < request->header_nr; i++)
        if (fth_str_caseeq(request->headers[i].name, wanted))
            return true;
    return false;
}

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
}

void fth_request_identify(struct fth_http_request *request, int64_t now_us)
{
    struct fth_str given = fth_request_header(request, "X-Request-Id");
    bool good = given.n > 0 && given.n <= FTH_REQUEST_ID_MAX;

    for (size_t i = 0; good && i < given.n; i++)
        good = is_id_char(given.p[i]);
    if (good) {
        memcpy(request->id, given.p, given.n);
        request->id[given.n] = '\0';
    } else {
        fth_rand_uuid7(now_us, request->id);
    }
}

/* ---- framing ---- */

static bool is_token(struct fth_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!is_id_char(name.p[i]) && fth_str_find(FTH_STR("!#$%&'*+^`|~"), name.p[i]) == SIZE_MAX)
            return false;
    return name.n > 0;
}

enum fth_rc fth_request_framing(const struct fth_http_request *request, struct fth_err *err)
{
    size_t lengths = 0, codings = 0;
    uint64_t length;

    for (size_t i = 0; i < request->header_nr; i++) {
        const struct fth_header *header = &request->headers[i];

        if (!is_token(header->name))
            return fth_err_set(err, FTH_E_SYNTAX, "the head has a name that is none");
        if (fth_str_caseeq(header->name, FTH_STR("Content-Length"))) {
            lengths++;
            if (!fth_str_to_u64(header->value, &length))
                return fth_err_set(err, FTH_E_SYNTAX, "Content-Length is no number");
        } else if (fth_str_caseeq(header->name, FTH_STR("Transfer-Encoding"))) {
            codings++;
            if (!fth_str_caseeq(header->value, FTH_STR("chunked")))
                return fth_err_set(err, FTH_E_SYNTAX, "Transfer-Encoding other than chunked");
        }
    }
    if (lengths + codings > 1)
        return fth_err_set(err, FTH_E_SYNTAX, "the head says more than once how long the body is");
    return FTH_OK;
}

/* ---- percent encoding ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes into `out`, which has room for text.n bytes; the length, or SIZE_MAX for a bad escape. */
static size_t decode_into(struct fth_str text, bool plus_is_blank, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '%') {
            int high = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return SIZE_MAX;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out[n++] = c;
    }
    return n;
}

static enum fth_rc decode(struct fth_arena *arena, struct fth_str text, bool plus_is_blank,
                          struct fth_str *out, struct fth_err *err)
{
    char *copy = fth_arena_alloc(arena, text.n + 1);
    size_t n;

    if (!copy)
        return fth_err_nomem(err);
    n = decode_into(text, plus_is_blank, copy);
    if (n == SIZE_MAX)
        return fth_err_set(err, FTH_E_SYNTAX, "broken percent escape in \"" FTH_STR_F "\"",
                           FTH_STR_A(fth_str_sub(text, 0, 80)));
    if (memchr(copy, '\0', n) || !fth_utf8_valid((struct fth_str){copy, n}))
        return fth_err_set(err, FTH_E_SYNTAX, "not UTF-8 text: \"" FTH_STR_F "\"",
                           FTH_STR_A(fth_str_sub(text, 0, 80)));
    *out = (struct fth_str){copy, n};
    return FTH_OK;
}

enum fth_rc fth_http_decode(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                            struct fth_err *err)
{
    return decode(arena, text, false, out, err);
}

enum fth_rc fth_query_next(struct fth_arena *arena, struct fth_str *query, struct fth_str *name,
                           struct fth_str *value, bool *more, struct fth_err *err)
{
    struct fth_str piece, raw_name, raw_value, got_name, got_value;

    do {
        if (!fth_str_next(query, '&', &piece)) {
            *more = false;
            return FTH_OK;
        }
    } while (piece.n == 0);

    if (!fth_str_split(piece, '=', &raw_name, &raw_value)) {
        raw_name = piece;
        raw_value = (struct fth_str){0};
    }
    if (decode(arena, raw_name, true, &got_name, err) ||
        decode(arena, raw_value, true, &got_value, err))
        return err->rc;
    *name = got_name;
    *value = got_value;
    *more = true;
    return FTH_OK;
}

/* ---- negotiation ---- */

/* Takes the next element of a comma-separated list and splits its parameters off. */
static bool next_element(struct fth_str *header, struct fth_str *value, struct fth_str *params)
{
    struct fth_str piece;

    while (fth_str_next(header, ',', &piece)) {
        piece = fth_str_trim(piece);
        if (piece.n == 0)
            continue;
        if (!fth_str_split(piece, ';', value, params)) {
            *value = piece;
            *params = (struct fth_str){0};
        }
        *value = fth_str_trim(*value);
        return true;
    }
    return false;
}

/* "0.85" as 850; false for what RFC 9110 does not call a qvalue. */
static bool parse_quality(struct fth_str text, unsigned *out)
{
    unsigned value, unit = 100;

    if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1'))
        return false;
    value = text.p[0] == '1' ? 1000 : 0;
    if (text.n > 1 && text.p[1] != '.')
        return false;
    for (size_t i = 2; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        value += (unsigned)(text.p[i] - '0') * unit;
        unit /= 10;
    }
    if (value > 1000)
        return false;
    *out = value;
    return true;
}

/* The q parameter, 1000 without one; false when it cannot be read. */
static bool quality_of(struct fth_str params, unsigned *out)
{
    struct fth_str piece, name, value;

    *out = 1000;
    while (fth_str_next(&params, ';', &piece))
        if (fth_str_split(fth_str_trim(piece), '=', &name, &value) &&
            fth_str_caseeq(fth_str_trim(name), FTH_STR("q")))
            return parse_quality(fth_str_trim(value), out);
    return true;
}

/* How exactly a media range names a type: 0 not, 1 by * / *, 2 by type / *, 3 by name. */
static unsigned media_match(struct fth_str range, struct fth_str media_type)
{
    size_t slash = fth_str_find(media_type, '/');

    if (fth_str_caseeq(range, media_type))
        return 3;
    if (fth_str_eq_c(range, "*/*"))
        return 1;
    if (slash != SIZE_MAX && range.n == slash + 2 && fth_str_ends(range, FTH_STR("/*")) &&
        fth_str_caseeq(fth_str_sub(range, 0, slash), fth_str_sub(media_type, 0, slash)))
        return 2;
    return 0;
}

unsigned fth_accept_quality(struct fth_str header, struct fth_str media_type)
{
    struct fth_str range, params;
    unsigned best_match = 0, best = 0;

    if (fth_str_trim(header).n == 0)
        return 1000;
    while (next_element(&header, &range, &params)) {
        unsigned match = media_match(range, media_type), quality;

        if (match > best_match && quality_of(params, &quality)) {
            best_match = match;
            best = quality;
        }
    }
    return best;
}

unsigned fth_encoding_quality(struct fth_str header, struct fth_str coding)
{
    bool identity = fth_str_caseeq(coding, FTH_STR("identity"));
    unsigned best_match = 0, best = identity ? 1000 : 0;
    struct fth_str name, params;

    while (next_element(&header, &name, &params)) {
        unsigned match = fth_str_caseeq(name, coding) ? 2 : fth_str_eq_c(name, "*") ? 1 : 0;
        unsigned quality;

        if (match > best_match && quality_of(params, &quality)) {
            best_match = match;
            best = quality;
        }
    }
    return best;
}

bool fth_etag_matches(struct fth_str header, struct fth_str etag, bool strong)
{
    const struct fth_str weak = FTH_STR("W/");
    struct fth_str rest = fth_str_trim(header);

    if (fth_str_eq_c(rest, "*"))
        return true;
    while (rest.n > 0) {
        bool is_weak = fth_str_starts(rest, weak);
        struct fth_str tag = is_weak ? fth_str_sub(rest, 2, rest.n) : rest;
        size_t close;

        /* Entity tags may hold commas, so a list is cut at the quotes. */
        if (tag.n < 2 || tag.p[0] != '"')
            return false;
        close = fth_str_find(fth_str_sub(tag, 1, tag.n), '"');
        if (close == SIZE_MAX)
            return false;
        if (!(strong && is_weak) && fth_str_eq(fth_str_sub(tag, 0, close + 2), etag))
            return true;
        rest = fth_str_trim(fth_str_sub(tag, close + 2, tag.n));
        if (rest.n > 0 && rest.p[0] != ',')
            return false;
        rest = fth_str_trim(fth_str_sub(rest, 1, rest.n));
    }
    return false;
}

/* Digits alone; more than fit are as many as fit. */
static bool read_place(struct fth_str text, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        value =
            value > (UINT64_MAX - 9) / 10 ? UINT64_MAX : value * 10 + (uint64_t)(text.p[i] - '0');
    }
    *out = value;
    return text.n > 0;
}

/* "-COUNT": the last ones. */
static enum fth_http_ranges last_bytes(uint64_t count, uint64_t size, struct fth_http_range *out)
{
    if (count == 0 || size == 0)
        return FTH_RANGE_NONE;
    count = count < size ? count : size;
    *out = (struct fth_http_range){size - count, count};
    return FTH_RANGE_PART;
}

enum fth_http_ranges fth_http_range(struct fth_str header, uint64_t size,
                                    struct fth_http_range *out)
{
    struct fth_str unit, range, from, to;
    uint64_t first, last = UINT64_MAX;

    if (!fth_str_split(header, '=', &unit, &range) || !fth_str_caseeq(unit, FTH_STR("bytes")) ||
        !fth_str_split(fth_str_trim(range), '-', &from, &to))
        return FTH_RANGE_WHOLE;
    if (from.n == 0)
        return read_place(to, &last) ? last_bytes(last, size, out) : FTH_RANGE_WHOLE;
    if (!read_place(from, &first) || (to.n > 0 && !read_place(to, &last)) || first > last)
        return FTH_RANGE_WHOLE;
    if (first >= size)
        return FTH_RANGE_NONE;
    last = last < size ? last : size - 1;
    *out = (struct fth_http_range){first, last - first + 1};
    return FTH_RANGE_PART;
}

bool fth_prefer(struct fth_str header, const char *name, struct fth_str *value)
{
    struct fth_str element, params, key, rest;

    while (next_element(&header, &element, &params)) {
        if (!fth_str_split(element, '=', &key, &rest)) {
            key = element;
            rest = (struct fth_str){0};
        }
        if (fth_str_caseeq(fth_str_trim(key), fth_str_c(name))) {
            *value = fth_str_trim(rest);
            return true;
        }
    }
    return false;
}

/* ---- hosts ---- */

static bool is_host_text(struct fth_str host)
{
    if (host.n == 0 || host.n > 255)
        return false;
    for (size_t i = 0; i < host.n; i++)
        if (!is_id_char(host.p[i]))
            return false;
    return true;
}

static bool is_ipv6_text(struct fth_str host)
{
    if (host.n < 4 || host.p[0] != '[' || host.p[host.n - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < host.n; i++)
        if (hex_value(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.')
            return false;
    return true;
}

bool fth_http_host(struct fth_str text, struct fth_str *host, uint16_t *port)
{
    size_t bracket = fth_str_rfind(text, ']');
    size_t from = bracket == SIZE_MAX ? 0 : bracket;
    size_t colon = fth_str_rfind(fth_str_sub(text, from, text.n), ':');
    struct fth_str name = colon == SIZE_MAX ? text : fth_str_sub(text, 0, from + colon);
    uint64_t number = 0;

    if (colon != SIZE_MAX &&
        (!fth_str_to_u64(fth_str_sub(text, from + colon + 1, text.n), &number) || number == 0 ||
         number > UINT16_MAX))
        return false;
    if (!is_host_text(name) && !is_ipv6_text(name))
        return false;
    *host = name;
    *port = (uint16_t)number;
    return true;
}
