/*
 * err: result codes, and the one error that travels with them.
 *
 * A fallible function returns enum fth_rc, takes a non-NULL struct fth_err * last, and leaves its
 * results untouched on failure. The first error wins: fth_err_set() on an error that is already set
 * changes nothing, so clean-up code may fail without hiding the cause. Callers may add where it
 * happened with fth_err_prefix(). Messages: lower case, no full stop, values quoted; the hint is a
 * full sentence that says what to do.
 *
 * Thread rule: no shared state; an error belongs to the call that it was handed to.
 */
#ifndef FTH_ERR_H
#define FTH_ERR_H

#include <stdarg.h>
#include <stdbool.h>

enum fth_rc {
#define FTH_RC(name, http, type, title, code, retry) FTH_E_##name,
#include "base/rc.def"
#undef FTH_RC
    FTH_RC_NR,
    FTH_OK = FTH_E_OK
};

/* One row of rc.def. */
struct fth_rc_info {
    const char *name;  /* "NOTFOUND" */
    int http_status;   /* 404 */
    const char *type;  /* last part of the problem type URI, "not-found" */
    const char *title; /* "Not found" */
    int exit_code;     /* 5 */
    bool retryable;    /* trying again later may help */
};

/* Zero-initialise: {0} is "no error". */
struct fth_err {
    enum fth_rc rc;
    char msg[1024];    /* what, where, why */
    char hint[256];    /* what to do about it, or "" */
    char pointer[160]; /* JSON pointer into the request that is wrong, or "" */
};

/* The row of `rc`; FTH_E_FAILED's for a number that is no code. Never NULL. */
const struct fth_rc_info *fth_rc_info(enum fth_rc rc);

/*
 * Sets the error unless one is set already, and returns the code that now stands, so that
 * `return fth_err_set(err, FTH_E_SYNTAX, …)` is how a function fails. A message that is too long
 * ends in "…".
 */
enum fth_rc fth_err_set(struct fth_err *err, enum fth_rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum fth_rc fth_err_setv(struct fth_err *err, enum fth_rc rc, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* The usual words for an allocation that failed. */
enum fth_rc fth_err_nomem(struct fth_err *err);

/* Adds a system error's text: "WHAT: No such file or directory". Maps errno to a code. */
enum fth_rc fth_err_errno(struct fth_err *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "CONTEXT: " before the message of an error that is set. */
void fth_err_prefix(struct fth_err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts `shown` wherever message and hint have `path`: where a file lies is nobody's affair who only
 * knows its name. */
void fth_err_rename(struct fth_err *err, const char *path, const char *shown);

/* Sets the hint, respectively the JSON pointer, unless there is one. */
void fth_err_hint(struct fth_err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void fth_err_at(struct fth_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Back to "no error". */
void fth_err_clear(struct fth_err *err);

#endif
