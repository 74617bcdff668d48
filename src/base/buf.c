#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

struct fth_buf fth_buf_max(size_t max)
{
    return (struct fth_buf){.max = max};
}

void fth_buf_release(struct fth_buf *buf)
{
    fth_free(buf->p);
    *buf = fth_buf_max(buf->max);
}

void fth_buf_clear(struct fth_buf *buf)
{
    buf->n = 0;
    buf->failed = buf->over_limit = false;
}

char *fth_buf_room(struct fth_buf *buf, size_t n)
{
    size_t cap = buf->cap ? buf->cap : buf->max < 256 ? buf->max : 256;
    char *p;

    if (buf->failed)
        return NULL;
    if (n <= buf->cap - buf->n)
        return buf->p + buf->n;
    if (n > buf->max - buf->n) {
        buf->failed = buf->over_limit = true;
        return NULL;
    }
    while (cap < buf->n + n)
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    p = fth_realloc(buf->p, cap, 1);
    if (!p) {
        buf->failed = true;
        return NULL;
    }
    buf->p = p;
    buf->cap = cap;
    return p + buf->n;
}

void fth_buf_add(struct fth_buf *buf, const void *bytes, size_t n)
{
    char *room = n ? fth_buf_room(buf, n) : NULL;

    if (!room)
        return;
    memcpy(room, bytes, n);
    buf->n += n;
}

void fth_buf_str(struct fth_buf *buf, struct fth_str text)
{
    fth_buf_add(buf, text.p, text.n);
}

void fth_buf_c(struct fth_buf *buf, const char *text)
{
    fth_buf_add(buf, text, strlen(text));
}

void fth_buf_char(struct fth_buf *buf, char c)
{
    fth_buf_add(buf, &c, 1);
}

void fth_buf_printf(struct fth_buf *buf, const char *format, ...)
{
    va_list args, again;
    char *room;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        buf->failed = true;
    room = n < 0 ? NULL : fth_buf_room(buf, (size_t)n + 1); /* vsnprintf writes a zero byte too */
    if (room) {
        vsnprintf(room, (size_t)n + 1, format, again);
        buf->n += (size_t)n;
    }
    va_end(again);
}

void fth_buf_cut(struct fth_buf *buf, size_t n)
{
    if (buf->failed)
        return;
    FTH_CHECK(n <= buf->n);
    buf->n -= n;
}

void fth_buf_move(struct fth_buf *to, struct fth_buf *from)
{
    fth_buf_add(to, from->p, from->n);
    to->failed |= from->failed;
    to->over_limit |= from->over_limit;
    fth_buf_clear(from);
}

struct fth_str fth_buf_view(const struct fth_buf *buf)
{
    return (struct fth_str){buf->p, buf->n};
}

enum fth_rc fth_buf_done(const struct fth_buf *buf, struct fth_err *err)
{
    if (buf->over_limit)
        return fth_err_set(err, FTH_E_LIMIT, "text larger than %zu bytes", buf->max);
    return buf->failed ? fth_err_nomem(err) : FTH_OK;
}
