/*
 * json: RFC 8259, with every digit kept.
 *
 * The parser builds a tree in an arena: strings decoded, numbers left as the text they were written
 * as (fth_json_i64, fth_json_money and fth_json_double read them when asked). Strict: no comments,
 * no trailing commas, no NaN, no second key of the same name in an object, UTF-8 checked, lone
 * surrogate escapes refused, depth and size limited. Errors name line, column (in characters) and
 * byte.
 *
 * The writer appends to a struct fth_buf or a sink, puts commas itself and checks nesting. Bytes of
 * a string that are not UTF-8 are written as U+FFFD, so that what comes out is always JSON.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_JSON_H
#define FTH_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/money.h"
#include "base/str.h"

enum fth_json_type {
    FTH_JSON_NULL,
    FTH_JSON_BOOL,
    FTH_JSON_NUMBER,
    FTH_JSON_STRING,
    FTH_JSON_ARRAY,
    FTH_JSON_OBJECT
};

struct fth_json {
    enum fth_json_type type;
    bool boolean;        /* BOOL */
    struct fth_str text; /* STRING decoded, NUMBER as written; ends with a zero byte not counted */
    size_t nr;           /* ARRAY, OBJECT: how many */
    const struct fth_json *items;          /* ARRAY */
    const struct fth_json_member *members; /* OBJECT, in the order written */
    const uint32_t *by_key; /* OBJECT: positions of its members sorted by key, or NULL (few of them,
                               or not made by the parser) */
};

struct fth_json_member {
    struct fth_str key;
    struct fth_json value;
};

struct fth_json_limits {
    size_t max_len;     /* bytes of text; 0: 16 MiB */
    unsigned max_depth; /* 0: 64 */
};

/* Parses one value with nothing but white space around it. FTH_E_SYNTAX ("line 3, column 14 (byte
 * 52): …"), FTH_E_LIMIT (length, depth, an exponent beyond ±999999999), FTH_E_NOMEM. `limits` may
 * be NULL. The tree lives as long as the arena; it does not point into `text`. */
enum fth_rc fth_json_parse(struct fth_arena *arena, struct fth_str text,
                           const struct fth_json_limits *limits, const struct fth_json **out,
                           struct fth_err *err);

/* The member of an object, or NULL (also when `json` is NULL or no object). */
const struct fth_json *fth_json_get(const struct fth_json *json, const char *key);
const struct fth_json *fth_json_get_str(const struct fth_json *json, struct fth_str key);

/* By JSON pointer (RFC 6901), or NULL. */
const struct fth_json *fth_json_at(const struct fth_json *json, struct fth_str pointer);

bool fth_json_is(const struct fth_json *json, enum fth_json_type type); /* false for NULL */
/* The string of a member; `or_else` when it is missing, null or no string. */
struct fth_str fth_json_str(const struct fth_json *json, const char *key, struct fth_str or_else);
/* Numbers: false when it is NULL, no number, or does not fit. 1.0 and 1e3 are whole numbers. */
bool fth_json_i64(const struct fth_json *json, int64_t *out);
bool fth_json_double(const struct fth_json *json, double *out);
bool fth_json_money(const struct fth_json *json, struct fth_money *out);
bool fth_json_bool(const struct fth_json *json, bool or_else);

/* Same value: objects without regard to order, numbers by value. */
bool fth_json_equal(const struct fth_json *a, const struct fth_json *b);

/* Writes `json` as it is, without white space. */
void fth_json_put(struct fth_buf *buf, const struct fth_json *json);

/* Writes `json` with members sorted by key, no white space and numbers in one form for each value:
 * the canonical form that is hashed. Two values that are equal give the same bytes. */
void fth_json_put_canonical(struct fth_buf *buf, const struct fth_json *json);

/* A string literal with quotes and escapes. */
void fth_json_put_string(struct fth_buf *buf, struct fth_str text);

/* ---- writer ---- */

/* Where the text goes: a buffer that is handed to `flush` and emptied whenever it holds more than
 * `chunk` bytes; without `flush` it all stays in the buffer. */
struct fth_jw {
    struct fth_buf *buf;
    enum fth_rc (*flush)(void *ctx, struct fth_str text, struct fth_err *err);
    void *ctx;
    size_t chunk;
    unsigned depth;
    uint64_t first;  /* bit per depth: nothing written there yet */
    uint64_t object; /* bit per depth: it is an object */
    bool after_key;
    bool pretty; /* two spaces a level, for people and committed files */
    struct fth_err err;
};

/* A writer of one value. Nesting it wrongly (a key in an array, two values at the top) is a broken
 * invariant; at most 62 levels, except inside of fth_jw_json(). */
void fth_jw_init(struct fth_jw *jw, struct fth_buf *buf);

void fth_jw_object(struct fth_jw *jw);
void fth_jw_object_end(struct fth_jw *jw);
void fth_jw_array(struct fth_jw *jw);
void fth_jw_array_end(struct fth_jw *jw);
void fth_jw_key(struct fth_jw *jw, const char *key);
void fth_jw_key_str(struct fth_jw *jw, struct fth_str key);

void fth_jw_null(struct fth_jw *jw);
void fth_jw_bool(struct fth_jw *jw, bool value);
void fth_jw_i64(struct fth_jw *jw, int64_t value);
void fth_jw_u64(struct fth_jw *jw, uint64_t value);
void fth_jw_double(struct fth_jw *jw, double value); /* shortest that reads back; null for NaN */
void fth_jw_str(struct fth_jw *jw, struct fth_str text);
void fth_jw_c(struct fth_jw *jw, const char *text);           /* null for NULL */
void fth_jw_money(struct fth_jw *jw, struct fth_money value); /* as a string, every digit */
void fth_jw_json(struct fth_jw *jw, const struct fth_json *value);
void fth_jw_raw(struct fth_jw *jw, struct fth_str json); /* already JSON; not checked */

/* Shorthand for a key and its value. */
void fth_jw_kv(struct fth_jw *jw, const char *key, struct fth_str text);
void fth_jw_kv_c(struct fth_jw *jw, const char *key, const char *text);
void fth_jw_kv_i64(struct fth_jw *jw, const char *key, int64_t value);
void fth_jw_kv_bool(struct fth_jw *jw, const char *key, bool value);
void fth_jw_kv_money(struct fth_jw *jw, const char *key, struct fth_money value);
void fth_jw_kv_opt(struct fth_jw *jw, const char *key, struct fth_str text); /* empty: null */
/* Microseconds since 1970 as RFC 3339; 0: null. */
void fth_jw_kv_instant(struct fth_jw *jw, const char *key, int64_t us);
/* Dates of base/date.h as "2025-01-31"; a range as {"start","end"}. */
void fth_jw_kv_date(struct fth_jw *jw, const char *key, int32_t date);
void fth_jw_kv_range(struct fth_jw *jw, const char *key, int32_t start, int32_t end);

/* Flushes what is left; the first failure of buffer or sink, else FTH_OK. */
enum fth_rc fth_jw_done(struct fth_jw *jw, struct fth_err *err);

#endif
