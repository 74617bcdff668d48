/*
 * What the document says of an operation that goes: "deprecated": true with x-deprecated-since and
 * x-sunset (days, UTC) and, where there is one, x-successor (a path). Every answer of it says so in
 * Deprecation (RFC 9745), Sunset (RFC 8594) and Link, refusals too.
 */
#include "api/openapi_int.h"
#include "base/date.h"

#define DOCUMENT "/api/v1/openapi.json"

static enum fth_rc corrupt(const struct fth_operation *operation, const char *what,
                           struct fth_err *err)
{
    return fth_err_set(err, FTH_E_CORRUPT, "openapi.json: %s: %s", operation->id, what);
}

/* "Sat, 01 May 2027 00:00:00 GMT": the first moment of the day. */
static enum fth_rc http_date(struct fth_arena *arena, int32_t date, struct fth_str *out,
                             struct fth_err *err)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[10];

    fth_date_text(date, text);
    return fth_arena_printf(arena, out, err, "%s, %.2s %s %.4s 00:00:00 GMT",
                            days[fth_date_weekday(date) - 1], text + 8,
                            months[(text[5] - '0') * 10 + text[6] - '0' - 1], text);
}

static enum fth_rc write_link(struct fth_arena *arena, struct fth_str successor,
                              struct fth_str *out, struct fth_err *err)
{
    if (!successor.n)
        return fth_arena_str(arena, FTH_STR("<" DOCUMENT ">; rel=\"deprecation\""), out, err);
    return fth_arena_printf(arena, out, err,
                            "<" DOCUMENT ">; rel=\"deprecation\", <" FTH_STR_F
                            ">; rel=\"successor-version\"",
                            FTH_STR_A(successor));
}

enum fth_rc fth_deprecation_read(struct fth_arena *arena, const struct fth_json *json,
                                 struct fth_operation *out, struct fth_err *err)
{
    struct fth_str successor = fth_json_str(json, "x-successor", FTH_STR(""));
    int32_t since, sunset;

    if (!fth_json_bool(fth_json_get(json, "deprecated"), false)) {
        if (fth_json_get(json, "x-sunset") || fth_json_get(json, "x-deprecated-since"))
            return corrupt(out, "x-sunset and x-deprecated-since are of what is deprecated", err);
        return FTH_OK;
    }
    if (!fth_date_parse(fth_json_str(json, "x-deprecated-since", FTH_STR("")), &since) ||
        !fth_date_parse(fth_json_str(json, "x-sunset", FTH_STR("")), &sunset))
        return corrupt(out, "what is deprecated has x-deprecated-since and x-sunset, as days", err);
    if (sunset < since)
        return corrupt(out, "x-sunset is before x-deprecated-since", err);
    if (fth_arena_printf(arena, &out->deprecation, err, "@%lld",
                         (long long)(since * FTH_DAY_US / 1000000)) ||
        http_date(arena, sunset, &out->sunset, err))
        return err->rc;
    return write_link(arena, successor, &out->link, err);
}

void fth_deprecation_headers(const struct fth_operation *operation, struct fth_reply *reply)
{
    struct fth_err ignored = {0};

    if (!operation->deprecation.n)
        return;
    (void)fth_reply_header(reply, "Deprecation", operation->deprecation, &ignored);
    (void)fth_reply_header(reply, "Sunset", operation->sunset, &ignored);
    (void)fth_reply_header(reply, "Link", operation->link, &ignored);
}
