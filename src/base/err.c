#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct fth_rc_info infos[] = {
#define FTH_RC(name, http, type, title, code, retry) {#name, http, type, title, code, retry},
#include "base/rc.def"
#undef FTH_RC
};

const struct fth_rc_info *fth_rc_info(enum fth_rc rc)
{
    if ((unsigned)rc >= FTH_RC_NR)
        rc = FTH_E_FAILED;
    return &infos[rc];
}

/* Ends a text that was cut with an ellipsis, never in the middle of a UTF-8 character. */
static void mark_cut(char *text, size_t size)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t end = size - sizeof(ellipsis);

    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, ellipsis, sizeof(ellipsis));
}

static void format_into(char *text, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(text, size, format, args);

    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= size)
        mark_cut(text, size);
}

enum fth_rc fth_err_setv(struct fth_err *err, enum fth_rc rc, const char *format, va_list args)
{
    if (err->rc)
        return err->rc;
    err->rc = rc;
    format_into(err->msg, sizeof(err->msg), format, args);
    return rc;
}

enum fth_rc fth_err_set(struct fth_err *err, enum fth_rc rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    rc = fth_err_setv(err, rc, format, args);
    va_end(args);
    return rc;
}

enum fth_rc fth_err_nomem(struct fth_err *err)
{
    return fth_err_set(err, FTH_E_NOMEM, "out of memory");
}

static enum fth_rc rc_of_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return FTH_E_NOTFOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return FTH_E_DENIED;
    case ENOMEM:
        return FTH_E_NOMEM;
    case EEXIST:
        return FTH_E_CONFLICT;
    case ETIMEDOUT:
        return FTH_E_TIMEOUT;
    default:
        return FTH_E_IO;
    }
}

enum fth_rc fth_err_errno(struct fth_err *err, int errnum, const char *format, ...)
{
    char what[768], buffer[128];
    const char *why;
    va_list args;

    va_start(args, format);
    format_into(what, sizeof(what), format, args);
    va_end(args);
    why =
        strerror_r(errnum, buffer, sizeof(buffer)); /* the GNU one: may or may not use the buffer */
    return fth_err_set(err, rc_of_errno(errnum), "%s: %s", what, why);
}

static void rename_in(char *text, size_t size, const char *path, const char *shown)
{
    char rest[sizeof(((struct fth_err *)NULL)->msg)], *at = text;
    size_t path_len = strlen(path), shown_len = strlen(shown), room;

    while (path_len && (at = strstr(at, path))) {
        memcpy(rest, at + path_len, strlen(at + path_len) + 1);
        room = size - (size_t)(at - text);
        if ((size_t)snprintf(at, room, "%s%s", shown, rest) >= room) {
            mark_cut(text, size);
            return;
        }
        at += shown_len;
    }
}

void fth_err_rename(struct fth_err *err, const char *path, const char *shown)
{
    rename_in(err->msg, sizeof(err->msg), path, shown);
    rename_in(err->hint, sizeof(err->hint), path, shown);
}

void fth_err_prefix(struct fth_err *err, const char *format, ...)
{
    char old[sizeof(err->msg)], context[512];
    va_list args;

    if (!err->rc)
        return;
    va_start(args, format);
    format_into(context, sizeof(context), format, args);
    va_end(args);
    memcpy(old, err->msg, sizeof(old));
    if (snprintf(err->msg, sizeof(err->msg), "%s: %s", context, old) >= (int)sizeof(err->msg))
        mark_cut(err->msg, sizeof(err->msg));
}

void fth_err_hint(struct fth_err *err, const char *format, ...)
{
    va_list args;

    if (err->hint[0])
        return;
    va_start(args, format);
    format_into(err->hint, sizeof(err->hint), format, args);
    va_end(args);
}

void fth_err_at(struct fth_err *err, const char *format, ...)
{
    va_list args;

    if (err->pointer[0])
        return;
    va_start(args, format);
    format_into(err->pointer, sizeof(err->pointer), format, args);
    va_end(args);
}

void fth_err_clear(struct fth_err *err)
{
    *err = (struct fth_err){0};
}
