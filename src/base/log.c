#include "base/log.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "base/thread.h"
#include "base/utf8.h"

enum { MAX_LINE = 64 * 1024, MAX_TEXT = 8 * 1024 };

struct fth_log {
    int fd;
    atomic_int level;
    struct fth_clock clock;
    struct fth_mutex lock; /* of fd: a line is one piece even where write() is not */
};

enum fth_rc fth_log_new(int fd, enum fth_log_level level, const struct fth_clock *clock,
                        struct fth_log **out, struct fth_err *err)
{
    struct fth_log *log = fth_calloc(1, sizeof(*log));

    if (!log)
        return fth_err_nomem(err);
    log->fd = fd;
    atomic_init(&log->level, (int)level);
    log->clock = *clock;
    fth_mutex_init(&log->lock, FTH_LOCK_LOG);
    *out = log;
    return FTH_OK;
}

void fth_log_free(struct fth_log *log)
{
    if (!log)
        return;
    fth_mutex_release(&log->lock);
    fth_free(log);
}

void fth_log_set_level(struct fth_log *log, enum fth_log_level level)
{
    atomic_store(&log->level, (int)level);
}

static const char *level_name(enum fth_log_level level)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    FTH_CHECK(level >= FTH_LOG_DEBUG && level < FTH_LOG_OFF);
    return names[level];
}

/* Does the name say that the value must not be seen? */
static bool is_secret(const char *name)
{
    static const char *const words[] = {"password", "token",   "secret",     "authorization",
                                        "cookie",   "api_key", "private_key"};
    char folded[128];
    size_t n = 0;

    for (; name[n] && n < sizeof(folded) - 1; n++) {
        char c = name[n] == '-' ? '_' : name[n];

        folded[n] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    folded[n] = '\0';
    for (size_t i = 0; i < FTH_NR(words); i++)
        if (strstr(folded, words[i]))
            return true;
    return name[n] != '\0'; /* longer than can be judged */
}

/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD, so that a line can always be read,
 * and a text that is very long is cut. */
static void put_text(struct fth_buf *buf, struct fth_str text)
{
    bool cut = text.n > MAX_TEXT;

    text = fth_str_sub(text, 0, MAX_TEXT);
    fth_buf_char(buf, '"');
    while (text.n) {
        char bytes[4];
        uint32_t c = fth_utf8_take(&text);

        if (c == '"' || c == '\\')
            fth_buf_printf(buf, "\\%c", (char)c);
        else if (c == '\n')
            fth_buf_c(buf, "\\n");
        else if (c < 0x20 || c == 0x7f)
            fth_buf_printf(buf, "\\u%04x", (unsigned)c);
        else
            fth_buf_add(buf, bytes, fth_utf8_put(c, bytes));
    }
    fth_buf_c(buf, cut ? "…\"" : "\"");
}

static void put_double(struct fth_buf *buf, double value)
{
    if (isfinite(value))
        fth_buf_printf(buf, "%.15g", value);
    else
        fth_buf_c(buf, "null");
}

static void put_field(struct fth_buf *buf, const struct fth_log_field *field)
{
    fth_buf_char(buf, ',');
    put_text(buf, fth_str_c(field->name));
    fth_buf_char(buf, ':');
    if (is_secret(field->name)) {
        fth_buf_c(buf, "\"[redacted]\"");
        return;
    }
    switch (field->kind) {
    case FTH_LOG_STR:
        put_text(buf, field->str);
        break;
    case FTH_LOG_C:
        if (field->c)
            put_text(buf, fth_str_c(field->c));
        else
            fth_buf_c(buf, "null");
        break;
    case FTH_LOG_I64:
        fth_buf_printf(buf, "%lld", (long long)field->i64);
        break;
    case FTH_LOG_F64:
        put_double(buf, field->f64);
        break;
    case FTH_LOG_BOOL:
        fth_buf_c(buf, field->boolean ? "true" : "false");
        break;
    }
}

static void put_line(struct fth_buf *buf, int64_t now_us, enum fth_log_level level,
                     const char *component, const char *request_id, const char *msg,
                     const struct fth_log_field *fields, size_t field_nr)
{
    fth_buf_c(buf, "{\"ts\":\"");
    fth_instant_put(buf, now_us);
    fth_buf_printf(buf, "\",\"level\":\"%s\",\"msg\":", level_name(level));
    put_text(buf, fth_str_c(msg));
    fth_buf_c(buf, ",\"component\":");
    put_text(buf, fth_str_c(component));
    if (request_id) {
        fth_buf_c(buf, ",\"request_id\":");
        put_text(buf, fth_str_c(request_id));
    }
    for (size_t i = 0; i < field_nr; i++)
        put_field(buf, &fields[i]);
    fth_buf_c(buf, "}\n");
}

static void write_out(struct fth_log *log, struct fth_str line)
{
    struct fth_err ignored = {0};

    /* There is no place to report that reporting failed. */
    fth_mutex_lock(&log->lock);
    (void)fth_file_write_all(log->fd, "log", line, &ignored);
    fth_mutex_unlock(&log->lock);
}

/* For a line that does not fit or finds no memory: say that it was there, without the heap. */
static void write_stub(struct fth_log *log, int64_t now_us, enum fth_log_level level)
{
    char ts[32], line[160];
    int ts_len = (int)fth_instant_text(now_us, ts);
    int n = snprintf(line, sizeof(line),
                     "{\"ts\":\"%.*s\",\"level\":\"%s\",\"msg\":\"a line was lost: it is too long "
                     "or memory is short\"}\n",
                     ts_len, ts, level_name(level));

    write_out(log, (struct fth_str){line, (size_t)n});
}

void fth_log_write(struct fth_log *log, enum fth_log_level level, const char *component,
                   const char *request_id, const char *msg, const struct fth_log_field *fields,
                   size_t field_nr)
{
    struct fth_buf buf = fth_buf_max(MAX_LINE);
    struct fth_err full = {0};
    int64_t now_us;

    if (!log || level >= FTH_LOG_OFF || (int)level < atomic_load(&log->level))
        return;
    now_us = fth_clock_now_us(&log->clock);
    put_line(&buf, now_us, level, component, request_id, msg, fields, field_nr);
    if (fth_buf_done(&buf, &full))
        write_stub(log, now_us, level);
    else
        write_out(log, fth_buf_view(&buf));
    fth_buf_release(&buf);
}

void fth_log_err(struct fth_log *log, enum fth_log_level level, const char *component,
                 const char *request_id, const struct fth_err *err)
{
    struct fth_log_field fields[3];
    size_t nr = 0;

    fields[nr++] = FTH_LF_C("code", fth_rc_info(err->rc)->name);
    if (err->hint[0])
        fields[nr++] = FTH_LF_C("hint", err->hint);
    if (err->pointer[0])
        fields[nr++] = FTH_LF_C("pointer", err->pointer);
    fth_log_write(log, level, component, request_id, err->msg, fields, nr);
}
