/* Writing values, and the writer that knows where commas go. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "base/json_int.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 63 };

/* ---- strings and numbers ---- */

static void put_escape(struct fth_buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        fth_buf_c(buf, "\\\"");
        break;
    case '\\':
        fth_buf_c(buf, "\\\\");
        break;
    case '\b':
        fth_buf_c(buf, "\\b");
        break;
    case '\f':
        fth_buf_c(buf, "\\f");
        break;
    case '\n':
        fth_buf_c(buf, "\\n");
        break;
    case '\r':
        fth_buf_c(buf, "\\r");
        break;
    case '\t':
        fth_buf_c(buf, "\\t");
        break;
    default:
        fth_buf_printf(buf, "\\u%04x", c);
    }
}

static inline bool needs_escape(unsigned char c)
{
    return c < ' ' || c == '"' || c == '\\';
}

/* Does none of eight bytes? One below n borrows into its highest bit when n is taken away. */
static inline bool is_plain(const char *p)
{
    const uint64_t each = 0x0101010101010101, highest = 0x8080808080808080;
    uint64_t word, quote, slash;

    memcpy(&word, p, sizeof(word));
    quote = word ^ each * '"';
    slash = word ^ each * '\\';
    return !(
        (((word - each * ' ') & ~word) | ((quote - each) & ~quote) | ((slash - each) & ~slash)) &
        highest);
}

/* Valid UTF-8, so that only quotes, backslashes and control characters need care. */
static void put_valid(struct fth_buf *buf, struct fth_str text)
{
    size_t run = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c;

        while (i + 8 <= text.n && is_plain(text.p + i))
            i += 8;
        if (i == text.n)
            break;
        c = (unsigned char)text.p[i];
        if (!needs_escape(c))
            continue;
        fth_buf_add(buf, text.p + run, i - run);
        put_escape(buf, c);
        run = i + 1;
    }
    if (run < text.n)
        fth_buf_add(buf, text.p + run, text.n - run);
}

void fth_json_put_string(struct fth_buf *buf, struct fth_str text)
{
    size_t bad;
    char c[4];

    fth_buf_char(buf, '"');
    while (!fth_utf8_check(text, &bad)) {
        put_valid(buf, fth_str_sub(text, 0, bad));
        text = fth_str_sub(text, bad, text.n);
        fth_buf_add(buf, c, fth_utf8_put(fth_utf8_take(&text), c));
    }
    put_valid(buf, text);
    fth_buf_char(buf, '"');
}

static void put_zeros(struct fth_buf *buf, int64_t n)
{
    for (; n > 0; n--)
        fth_buf_char(buf, '0');
}

/* Digits from..to of a number, in reach of both its parts. */
static void put_digits(struct fth_buf *buf, const struct fth_json_number *number, size_t from,
                       size_t to)
{
    size_t whole = number->whole.n;

    if (from < whole)
        fth_buf_str(buf, fth_str_sub(number->whole, from, (to < whole ? to : whole) - from));
    if (to > whole) {
        size_t start = from > whole ? from - whole : 0;

        fth_buf_str(buf, fth_str_sub(number->fraction, start, to - whole - start));
    }
}

/* As JavaScript writes numbers: plain from 1e-6 up to 21 digits, else d.ddde±x; but all digits. */
static void put_number(struct fth_buf *buf, struct fth_str text)
{
    struct fth_json_number number = fth_json_number(text);
    size_t n = number.whole.n + number.fraction.n;
    int64_t point = number.point;

    if (number.negative)
        fth_buf_char(buf, '-');
    if (n == 0) {
        fth_buf_char(buf, '0');
    } else if (point >= (int64_t)n && point <= 21) {
        put_digits(buf, &number, 0, n);
        put_zeros(buf, point - (int64_t)n);
    } else if (point > 0 && point <= 21) {
        put_digits(buf, &number, 0, (size_t)point);
        fth_buf_char(buf, '.');
        put_digits(buf, &number, (size_t)point, n);
    } else if (point > -6 && point <= 0) {
        fth_buf_c(buf, "0.");
        put_zeros(buf, -point);
        put_digits(buf, &number, 0, n);
    } else {
        put_digits(buf, &number, 0, 1);
        if (n > 1)
            fth_buf_char(buf, '.');
        put_digits(buf, &number, 1, n);
        fth_buf_printf(buf, "e%+lld", (long long)(point - 1));
    }
}

/* ---- trees ---- */

struct style {
    bool canonical;
    bool pretty;
};

static void put_value(struct fth_buf *buf, const struct fth_json *json, struct style style,
                      unsigned level);

static void put_break(struct fth_buf *buf, unsigned level)
{
    fth_buf_char(buf, '\n');
    for (unsigned i = 0; i < level; i++)
        fth_buf_c(buf, "  ");
}

static void put_array(struct fth_buf *buf, const struct fth_json *json, struct style style,
                      unsigned level)
{
    fth_buf_char(buf, '[');
    for (size_t i = 0; i < json->nr; i++) {
        if (i)
            fth_buf_char(buf, ',');
        if (style.pretty)
            put_break(buf, level + 1);
        put_value(buf, &json->items[i], style, level + 1);
    }
    if (style.pretty && json->nr)
        put_break(buf, level);
    fth_buf_char(buf, ']');
}

/* The member whose key is the next above `last`'s (NULL: the smallest). Quadratic, but only for
 * objects that have few members or were put together by hand. */
static const struct fth_json_member *next_by_key(const struct fth_json *json,
                                                 const struct fth_json_member *last)
{
    const struct fth_json_member *next = NULL;

    for (size_t i = 0; i < json->nr; i++) {
        const struct fth_json_member *member = &json->members[i];

        if ((!last || fth_str_cmp(member->key, last->key) > 0) &&
            (!next || fth_str_cmp(member->key, next->key) < 0))
            next = member;
    }
    return next;
}

static void put_object(struct fth_buf *buf, const struct fth_json *json, struct style style,
                       unsigned level)
{
    const struct fth_json_member *member = NULL;

    fth_buf_char(buf, '{');
    for (size_t i = 0; i < json->nr; i++) {
        if (!style.canonical)
            member = &json->members[i];
        else if (json->by_key)
            member = fth_json_sorted(json, i);
        else
            member = next_by_key(json, member);
        if (i)
            fth_buf_char(buf, ',');
        if (style.pretty)
            put_break(buf, level + 1);
        fth_json_put_string(buf, member->key);
        fth_buf_c(buf, style.pretty ? ": " : ":");
        put_value(buf, &member->value, style, level + 1);
    }
    if (style.pretty && json->nr)
        put_break(buf, level);
    fth_buf_char(buf, '}');
}

static void put_value(struct fth_buf *buf, const struct fth_json *json, struct style style,
                      unsigned level)
{
    switch (json->type) {
    case FTH_JSON_NULL:
        fth_buf_c(buf, "null");
        break;
    case FTH_JSON_BOOL:
        fth_buf_c(buf, json->boolean ? "true" : "false");
        break;
    case FTH_JSON_NUMBER:
        if (style.canonical)
            put_number(buf, json->text);
        else
            fth_buf_str(buf, json->text);
        break;
    case FTH_JSON_STRING:
        fth_json_put_string(buf, json->text);
        break;
    case FTH_JSON_ARRAY:
        put_array(buf, json, style, level);
        break;
    case FTH_JSON_OBJECT:
        put_object(buf, json, style, level);
        break;
    }
}

void fth_json_put(struct fth_buf *buf, const struct fth_json *json)
{
    put_value(buf, json, (struct style){0}, 0);
}

void fth_json_put_canonical(struct fth_buf *buf, const struct fth_json *json)
{
    put_value(buf, json, (struct style){.canonical = true}, 0);
}

/* ---- the writer ---- */

static uint64_t bit(const struct fth_jw *jw)
{
    return UINT64_C(1) << jw->depth;
}

void fth_jw_init(struct fth_jw *jw, struct fth_buf *buf)
{
    *jw = (struct fth_jw){.buf = buf, .first = 1};
}

static void flush(struct fth_jw *jw)
{
    struct fth_err err = {0};

    /* After a failure text is dropped, so that a caller who goes on writing costs no memory. */
    if (!jw->err.rc && fth_buf_done(jw->buf, &err) == FTH_OK && jw->buf->n)
        jw->flush(jw->ctx, fth_buf_view(jw->buf), &err);
    if (err.rc && !jw->err.rc)
        jw->err = err;
    fth_buf_clear(jw->buf);
}

static void separate(struct fth_jw *jw)
{
    if (!(jw->first & bit(jw)))
        fth_buf_char(jw->buf, ',');
    jw->first &= ~bit(jw);
    if (jw->pretty && jw->depth)
        put_break(jw->buf, jw->depth);
}

/* Before every value: the comma, unless a key came before. */
static void before_value(struct fth_jw *jw)
{
    if (jw->after_key) {
        jw->after_key = false;
        return;
    }
    FTH_CHECK(!(jw->object & bit(jw)));                /* an object wants a key first */
    FTH_CHECK(jw->depth > 0 || (jw->first & bit(jw))); /* one value at the top */
    separate(jw);
}

static void after_value(struct fth_jw *jw)
{
    if (jw->flush && jw->buf->n > jw->chunk)
        flush(jw);
}

static void open_container(struct fth_jw *jw, char bracket, bool object)
{
    before_value(jw);
    fth_buf_char(jw->buf, bracket);
    FTH_CHECK(jw->depth < MAX_DEPTH - 1);
    jw->depth++;
    jw->first |= bit(jw);
    jw->object = object ? jw->object | bit(jw) : jw->object & ~bit(jw);
}

static void close_container(struct fth_jw *jw, char bracket, bool object)
{
    bool empty = jw->first & bit(jw);

    FTH_CHECK(jw->depth > 0 && !jw->after_key && !!(jw->object & bit(jw)) == object);
    jw->object &= ~bit(jw);
    jw->depth--;
    if (jw->pretty && !empty)
        put_break(jw->buf, jw->depth);
    fth_buf_char(jw->buf, bracket);
    after_value(jw);
}

void fth_jw_object(struct fth_jw *jw)
{
    open_container(jw, '{', true);
}

void fth_jw_object_end(struct fth_jw *jw)
{
    close_container(jw, '}', true);
}

void fth_jw_array(struct fth_jw *jw)
{
    open_container(jw, '[', false);
}

void fth_jw_array_end(struct fth_jw *jw)
{
    close_container(jw, ']', false);
}

void fth_jw_key_str(struct fth_jw *jw, struct fth_str key)
{
    FTH_CHECK((jw->object & bit(jw)) && !jw->after_key);
    separate(jw);
    fth_json_put_string(jw->buf, key);
    fth_buf_c(jw->buf, jw->pretty ? ": " : ":");
    jw->after_key = true;
}

void fth_jw_key(struct fth_jw *jw, const char *key)
{
    fth_jw_key_str(jw, fth_str_c(key));
}

void fth_jw_raw(struct fth_jw *jw, struct fth_str json)
{
    before_value(jw);
    fth_buf_str(jw->buf, json);
    after_value(jw);
}

void fth_jw_null(struct fth_jw *jw)
{
    fth_jw_raw(jw, FTH_STR("null"));
}

void fth_jw_bool(struct fth_jw *jw, bool value)
{
    fth_jw_raw(jw, value ? FTH_STR("true") : FTH_STR("false"));
}

void fth_jw_i64(struct fth_jw *jw, int64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%lld", (long long)value);

    fth_jw_raw(jw, (struct fth_str){text, (size_t)n});
}

void fth_jw_u64(struct fth_jw *jw, uint64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

    fth_jw_raw(jw, (struct fth_str){text, (size_t)n});
}

void fth_jw_double(struct fth_jw *jw, double value)
{
    char text[40];
    int n = 0;

    if (!isfinite(value)) {
        fth_jw_null(jw);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fth_jw_raw(jw, (struct fth_str){text, (size_t)n});
}

void fth_jw_str(struct fth_jw *jw, struct fth_str text)
{
    before_value(jw);
    fth_json_put_string(jw->buf, text);
    after_value(jw);
}

void fth_jw_c(struct fth_jw *jw, const char *text)
{
    if (text)
        fth_jw_str(jw, fth_str_c(text));
    else
        fth_jw_null(jw);
}

void fth_jw_money(struct fth_jw *jw, struct fth_money value)
{
    char text[FTH_MONEY_TEXT_MAX];

    fth_jw_str(jw, (struct fth_str){text, fth_money_text(value, text)});
}

void fth_jw_json(struct fth_jw *jw, const struct fth_json *value)
{
    before_value(jw);
    put_value(jw->buf, value, (struct style){.pretty = jw->pretty}, jw->depth);
    after_value(jw);
}

void fth_jw_kv(struct fth_jw *jw, const char *key, struct fth_str text)
{
    fth_jw_key(jw, key);
    fth_jw_str(jw, text);
}

void fth_jw_kv_c(struct fth_jw *jw, const char *key, const char *text)
{
    fth_jw_key(jw, key);
    fth_jw_c(jw, text);
}

void fth_jw_kv_i64(struct fth_jw *jw, const char *key, int64_t value)
{
    fth_jw_key(jw, key);
    fth_jw_i64(jw, value);
}

void fth_jw_kv_bool(struct fth_jw *jw, const char *key, bool value)
{
    fth_jw_key(jw, key);
    fth_jw_bool(jw, value);
}

void fth_jw_kv_money(struct fth_jw *jw, const char *key, struct fth_money value)
{
    fth_jw_key(jw, key);
    fth_jw_money(jw, value);
}

void fth_jw_kv_opt(struct fth_jw *jw, const char *key, struct fth_str text)
{
    fth_jw_key(jw, key);
    if (text.n)
        fth_jw_str(jw, text);
    else
        fth_jw_null(jw);
}

void fth_jw_kv_instant(struct fth_jw *jw, const char *key, int64_t us)
{
    char text[32];

    fth_jw_key(jw, key);
    if (us)
        fth_jw_str(jw, (struct fth_str){text, fth_instant_text(us, text)});
    else
        fth_jw_null(jw);
}

void fth_jw_kv_date(struct fth_jw *jw, const char *key, int32_t date)
{
    char text[10];

    fth_date_text(date, text);
    fth_jw_kv(jw, key, (struct fth_str){text, sizeof(text)});
}

void fth_jw_kv_range(struct fth_jw *jw, const char *key, int32_t start, int32_t end)
{
    fth_jw_key(jw, key);
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", start);
    fth_jw_kv_date(jw, "end", end);
    fth_jw_object_end(jw);
}

enum fth_rc fth_jw_done(struct fth_jw *jw, struct fth_err *err)
{
    FTH_CHECK(jw->depth == 0 && !jw->after_key && !(jw->first & 1));
    if (!jw->flush)
        return fth_buf_done(jw->buf, err);
    flush(jw);
    if (jw->err.rc && !err->rc)
        *err = jw->err;
    return jw->err.rc;
}
