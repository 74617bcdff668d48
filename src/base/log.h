/*
 * log: one JSON object a line, with the request's id, and without secrets.
 *
 * {"ts":"2026-11-21T05:06:07.123456Z","level":"info","msg":"…","component":"import","request_id":"…",
 * fields…} The value of a field whose name says that it is secret (password, token, secret,
 * authorization, cookie, api_key, private_key, in any case, also as a part of the name) is written
 * as "[redacted]". Bytes that are not UTF-8 become U+FFFD, texts over 8 KiB are cut, and a line
 * over 64 KiB is replaced by one that says so. Low layers do not log an error that they return; it
 * is logged once, at the boundary.
 *
 * Thread rule: any thread; a line is written whole.
 */
#ifndef FTH_LOG_H
#define FTH_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

enum fth_log_level { FTH_LOG_DEBUG, FTH_LOG_INFO, FTH_LOG_WARN, FTH_LOG_ERROR, FTH_LOG_OFF };

struct fth_log;

struct fth_log_field {
    const char *name;
    enum { FTH_LOG_STR, FTH_LOG_C, FTH_LOG_I64, FTH_LOG_F64, FTH_LOG_BOOL } kind;
    union {
        struct fth_str str;
        const char *c;
        int64_t i64;
        double f64;
        bool boolean;
    };
};

#define FTH_LF_STR(name, v) ((struct fth_log_field){name, FTH_LOG_STR, {.str = (v)}})
#define FTH_LF_C(name, v) ((struct fth_log_field){name, FTH_LOG_C, {.c = (v)}})
#define FTH_LF_I64(name, v) ((struct fth_log_field){name, FTH_LOG_I64, {.i64 = (v)}})
#define FTH_LF_F64(name, v) ((struct fth_log_field){name, FTH_LOG_F64, {.f64 = (v)}})
#define FTH_LF_BOOL(name, v) ((struct fth_log_field){name, FTH_LOG_BOOL, {.boolean = (v)}})

/* Writes to `fd`, which stays the caller's. */
enum fth_rc fth_log_new(int fd, enum fth_log_level level, const struct fth_clock *clock,
                        struct fth_log **out, struct fth_err *err);
void fth_log_free(struct fth_log *log);
void fth_log_set_level(struct fth_log *log, enum fth_log_level level);

/* `log` may be NULL: nothing is written. `request_id` may be NULL. */
void fth_log_write(struct fth_log *log, enum fth_log_level level, const char *component,
                   const char *request_id, const char *msg, const struct fth_log_field *fields,
                   size_t field_nr);
#define FTH_LOG(log, level, component, request_id, msg, ...)                                 \
    fth_log_write(                                                                           \
        log, level, component, request_id, msg, (const struct fth_log_field[]){__VA_ARGS__}, \
        sizeof((const struct fth_log_field[]){__VA_ARGS__}) / sizeof(struct fth_log_field))

/* An error with its code, message, hint and pointer. */
void fth_log_err(struct fth_log *log, enum fth_log_level level, const char *component,
                 const char *request_id, const struct fth_err *err);

#endif
