/* The parser. Reading the tree is json_read.c, writing json_write.c. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/json_int.h"
#include "base/utf8.h"

enum { DEFAULT_DEPTH = 64, SORTED_FROM = 9, EXPONENT_DIGITS = 9, MAX_EXPONENT = 999999999 };

/* A value whose container is still open. Array items leave the key empty. */
struct slot {
    struct fth_json_member member;
    size_t at; /* of the key, for messages */
};

struct parser {
    struct fth_arena *arena;
    struct fth_str text;
    size_t at;
    unsigned depth, max_depth;
    struct slot *slots; /* a stack on the heap: containers are copied to the arena at full size */
    size_t slot_nr, slot_cap;
    struct fth_err *err;
};

static enum fth_rc parse_value(struct parser *p, struct fth_json *out);

/* ---- errors ---- */

static enum fth_rc fail_at(struct parser *p, size_t at, enum fth_rc rc, const char *what)
{
    size_t line = 1, column = 1;

    for (size_t i = 0; i < at; i++) {
        if (p->text.p[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)p->text.p[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    return fth_err_set(p->err, rc, "line %zu, column %zu (byte %zu): %s", line, column, at, what);
}

static enum fth_rc expected(struct parser *p, const char *what)
{
    char text[96];
    unsigned char c = p->at < p->text.n ? (unsigned char)p->text.p[p->at] : 0;

    if (p->at == p->text.n)
        snprintf(text, sizeof(text), "expected %s, found the end of the text", what);
    else if (c > ' ' && c < 0x7f)
        snprintf(text, sizeof(text), "expected %s, found '%c'", what, c);
    else
        snprintf(text, sizeof(text), "expected %s, found byte 0x%02x", what, c);
    return fail_at(p, p->at, FTH_E_SYNTAX, text);
}

/* ---- characters ---- */

static bool look(const struct parser *p, char c)
{
    return p->at < p->text.n && p->text.p[p->at] == c;
}

static bool take(struct parser *p, char c)
{
    bool there = look(p, c);

    p->at += there;
    return there;
}

static void skip_space(struct parser *p)
{
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\n' ||
                                 p->text.p[p->at] == '\r' || p->text.p[p->at] == '\t'))
        p->at++;
}

static size_t skip_digits(struct parser *p)
{
    size_t start = p->at;

    while (p->at < p->text.n && p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9')
        p->at++;
    return p->at - start;
}

/* ---- scalars ---- */

static enum fth_rc parse_word(struct parser *p, struct fth_str word, struct fth_json value,
                              struct fth_json *out)
{
    if (!fth_str_starts(fth_str_sub(p->text, p->at, word.n), word))
        return expected(p, "a value");
    p->at += word.n;
    *out = value;
    return FTH_OK;
}

static enum fth_rc exponent_too_large(struct parser *p, size_t at)
{
    return fail_at(p, at, FTH_E_LIMIT, "exponent beyond 999999999");
}

static enum fth_rc parse_exponent(struct parser *p, size_t number)
{
    size_t digits;
    int64_t point;

    p->at++;
    if (look(p, '+') || look(p, '-'))
        p->at++;
    while (look(p, '0') && p->at + 1 < p->text.n && p->text.p[p->at + 1] >= '0' &&
           p->text.p[p->at + 1] <= '9')
        p->at++;
    digits = skip_digits(p);
    if (digits == 0)
        return expected(p, "a digit of the exponent");
    if (digits > EXPONENT_DIGITS)
        return exponent_too_large(p, number);
    /* Also in the canonical form, where one digit stands before the point. */
    point = fth_json_number(fth_str_sub(p->text, number, p->at - number)).point;
    if (point > MAX_EXPONENT + 1 || point < -MAX_EXPONENT + 1)
        return exponent_too_large(p, number);
    return FTH_OK;
}

static enum fth_rc parse_number(struct parser *p, struct fth_json *out)
{
    size_t start = p->at;
    enum fth_rc rc;

    take(p, '-');
    if (take(p, '0')) {
        if (p->at < p->text.n && p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9')
            return fail_at(p, start, FTH_E_SYNTAX, "number with a leading zero");
    } else if (skip_digits(p) == 0) {
        return expected(p, "a digit");
    }
    if (take(p, '.') && skip_digits(p) == 0)
        return expected(p, "a digit");
    if (look(p, 'e') || look(p, 'E')) {
        rc = parse_exponent(p, start);
        if (rc)
            return rc;
    }
    *out = (struct fth_json){.type = FTH_JSON_NUMBER};
    return fth_arena_str(p->arena, fth_str_sub(p->text, start, p->at - start), &out->text, p->err);
}

/* ---- strings ---- */

static enum fth_rc parse_hex4(struct parser *p, uint32_t *out)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++, p->at++) {
        char c = p->at < p->text.n ? p->text.p[p->at] : '\0';

        if (c >= '0' && c <= '9')
            value = value * 16 + (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + (uint32_t)(c - 'A') + 10;
        else
            return expected(p, "a hexadecimal digit");
    }
    *out = value;
    return FTH_OK;
}

/* Behind "\u". */
static enum fth_rc parse_unicode(struct parser *p, char **to)
{
    size_t start = p->at - 2;
    uint32_t c = 0, low = 0;
    enum fth_rc rc = parse_hex4(p, &c);

    if (rc)
        return rc;
    if (c >= 0xd800 && c <= 0xdbff && take(p, '\\')) {
        if (!take(p, 'u'))
            return fail_at(p, start, FTH_E_SYNTAX, "half of a surrogate pair");
        rc = parse_hex4(p, &low);
        if (rc)
            return rc;
        if (low < 0xdc00 || low > 0xdfff)
            return fail_at(p, start, FTH_E_SYNTAX, "half of a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (c >= 0xd800 && c <= 0xdfff)
        return fail_at(p, start, FTH_E_SYNTAX, "half of a surrogate pair");
    *to += fth_utf8_put(c, *to);
    return FTH_OK;
}

/* Behind the backslash. */
static enum fth_rc parse_escape(struct parser *p, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = p->at < p->text.n ? p->text.p[p->at] : '\0';
    const char *name = c ? strchr(names, c) : NULL;

    if (name) {
        p->at++;
        *(*to)++ = values[name - names];
        return FTH_OK;
    }
    if (c == 'u') {
        p->at++;
        return parse_unicode(p, to);
    }
    return expected(p, "one of \"\\/bfnrtu behind a backslash");
}

/* Where the closing quote is: every escape is at least as long as what it stands for, so this also
 * bounds the decoded text. */
static enum fth_rc find_quote(struct parser *p, size_t *out)
{
    size_t at = p->at;

    for (; at < p->text.n && p->text.p[at] != '"'; at++) {
        if ((unsigned char)p->text.p[at] < ' ')
            return fail_at(p, at, FTH_E_SYNTAX, "control character in a string");
        if (p->text.p[at] == '\\' && at + 1 < p->text.n)
            at++;
    }
    if (at == p->text.n)
        return fail_at(p, p->at - 1, FTH_E_SYNTAX, "string without an end");
    *out = at;
    return FTH_OK;
}

static enum fth_rc parse_string(struct parser *p, struct fth_str *out)
{
    size_t end = 0;
    char *text, *to;
    enum fth_rc rc;

    p->at++;
    rc = find_quote(p, &end);
    if (rc)
        return rc;
    text = to = fth_arena_alloc(p->arena, end - p->at + 1);
    if (!text)
        return fth_err_nomem(p->err);
    while (p->at < end) {
        const char *escape = memchr(p->text.p + p->at, '\\', end - p->at);
        size_t n = escape ? (size_t)(escape - p->text.p) - p->at : end - p->at;

        memcpy(to, p->text.p + p->at, n);
        to += n;
        p->at += n;
        if (escape) {
            p->at++;
            rc = parse_escape(p, &to);
            if (rc)
                return rc;
        }
    }
    p->at++;
    *to = '\0';
    *out = (struct fth_str){text, (size_t)(to - text)};
    return FTH_OK;
}

/* ---- containers ---- */

/* The stack holds what the arena will have to hold, so it obeys the arena's cap. */
static enum fth_rc push_slot(struct parser *p, struct slot slot)
{
    if (p->slot_nr == p->slot_cap) {
        size_t cap = p->slot_cap ? p->slot_cap * 2 : 32;
        size_t free_len = fth_arena_cap(p->arena) - fth_arena_used(p->arena);
        struct slot *grown = NULL;

        if (p->slot_cap == 0 || p->slot_nr <= free_len / sizeof(struct fth_json))
            grown = fth_realloc(p->slots, cap, sizeof(*grown));
        if (!grown)
            return fth_err_nomem(p->err);
        p->slots = grown;
        p->slot_cap = cap;
    }
    p->slots[p->slot_nr++] = slot;
    return FTH_OK;
}

static enum fth_rc enter(struct parser *p)
{
    if (p->depth == p->max_depth)
        return fail_at(p, p->at, FTH_E_LIMIT, "nested too deeply");
    p->depth++;
    p->at++;
    skip_space(p);
    return FTH_OK;
}

static enum fth_rc close_array(struct parser *p, size_t first, struct fth_json *out)
{
    size_t nr = p->slot_nr - first;
    struct fth_json *items = FTH_NEW_ARRAY(p->arena, struct fth_json, nr);

    if (!items)
        return fth_err_nomem(p->err);
    for (size_t i = 0; i < nr; i++)
        items[i] = p->slots[first + i].member.value;
    *out = (struct fth_json){.type = FTH_JSON_ARRAY, .nr = nr, .items = items};
    p->slot_nr = first;
    p->depth--;
    return FTH_OK;
}

static enum fth_rc parse_array(struct parser *p, struct fth_json *out)
{
    size_t first = p->slot_nr;
    enum fth_rc rc = enter(p);

    if (rc)
        return rc;
    if (take(p, ']'))
        return close_array(p, first, out);
    for (;;) {
        struct slot slot = {0};

        rc = parse_value(p, &slot.member.value);
        if (rc)
            return rc;
        rc = push_slot(p, slot);
        if (rc)
            return rc;
        skip_space(p);
        if (take(p, ']'))
            return close_array(p, first, out);
        if (!take(p, ','))
            return expected(p, "',' or ']'");
        skip_space(p);
    }
}

struct slot_ref {
    const struct slot *slot;
};

static int by_key_then_place(const void *a, const void *b)
{
    const struct slot *x = ((const struct slot_ref *)a)->slot;
    const struct slot *y = ((const struct slot_ref *)b)->slot;
    int order = fth_str_cmp(x->member.key, y->member.key);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static enum fth_rc refuse_key(struct parser *p, const struct slot *again)
{
    char text[96];
    struct fth_str key = fth_str_sub(again->member.key, 0, 40);

    snprintf(text, sizeof(text), "key \"" FTH_STR_F "\" again in the same object", FTH_STR_A(key));
    return fail_at(p, again->at, FTH_E_SYNTAX, text);
}

/* Sorts the keys of an object with many members: finds repeated ones, and lookups use the order. */
static enum fth_rc sort_keys(struct parser *p, size_t first, const uint32_t **out)
{
    size_t nr = p->slot_nr - first;
    struct slot_ref *sorted = fth_calloc(nr, sizeof(*sorted));
    uint32_t *by_key = FTH_NEW_ARRAY(p->arena, uint32_t, nr);
    const struct slot *again = NULL;

    if (!sorted || !by_key) {
        fth_free(sorted);
        return fth_err_nomem(p->err);
    }
    for (size_t i = 0; i < nr; i++)
        sorted[i].slot = &p->slots[first + i];
    qsort(sorted, nr, sizeof(*sorted), by_key_then_place);
    for (size_t i = 0; i < nr; i++) {
        by_key[i] = (uint32_t)(sorted[i].slot - &p->slots[first]);
        if (i && fth_str_eq(sorted[i - 1].slot->member.key, sorted[i].slot->member.key) &&
            (!again || sorted[i].slot->at < again->at))
            again = sorted[i].slot;
    }
    fth_free(sorted);
    *out = by_key;
    return again ? refuse_key(p, again) : FTH_OK;
}

static enum fth_rc check_few_keys(struct parser *p, size_t first)
{
    for (size_t i = first + 1; i < p->slot_nr; i++) {
        for (size_t j = first; j < i; j++) {
            if (fth_str_eq(p->slots[j].member.key, p->slots[i].member.key))
                return refuse_key(p, &p->slots[i]);
        }
    }
    return FTH_OK;
}

static enum fth_rc close_object(struct parser *p, size_t first, struct fth_json *out)
{
    size_t nr = p->slot_nr - first;
    struct fth_json_member *members = FTH_NEW_ARRAY(p->arena, struct fth_json_member, nr);
    const uint32_t *by_key = NULL;
    enum fth_rc rc;

    if (!members)
        return fth_err_nomem(p->err);
    rc = nr < SORTED_FROM ? check_few_keys(p, first) : sort_keys(p, first, &by_key);
    if (rc)
        return rc;
    for (size_t i = 0; i < nr; i++)
        members[i] = p->slots[first + i].member;
    *out =
        (struct fth_json){.type = FTH_JSON_OBJECT, .nr = nr, .members = members, .by_key = by_key};
    p->slot_nr = first;
    p->depth--;
    return FTH_OK;
}

static enum fth_rc parse_member(struct parser *p, struct slot *out)
{
    enum fth_rc rc;

    if (!look(p, '"'))
        return expected(p, "a key in quotes");
    out->at = p->at;
    rc = parse_string(p, &out->member.key);
    if (rc)
        return rc;
    skip_space(p);
    if (!take(p, ':'))
        return expected(p, "':'");
    skip_space(p);
    return parse_value(p, &out->member.value);
}

static enum fth_rc parse_object(struct parser *p, struct fth_json *out)
{
    size_t first = p->slot_nr;
    enum fth_rc rc = enter(p);

    if (rc)
        return rc;
    if (take(p, '}'))
        return close_object(p, first, out);
    for (;;) {
        struct slot slot = {0};

        rc = parse_member(p, &slot);
        if (rc)
            return rc;
        rc = push_slot(p, slot);
        if (rc)
            return rc;
        skip_space(p);
        if (take(p, '}'))
            return close_object(p, first, out);
        if (!take(p, ','))
            return expected(p, "',' or '}'");
        skip_space(p);
    }
}

static enum fth_rc parse_value(struct parser *p, struct fth_json *out)
{
    switch (p->at < p->text.n ? p->text.p[p->at] : '\0') {
    case '{':
        return parse_object(p, out);
    case '[':
        return parse_array(p, out);
    case '"':
        *out = (struct fth_json){.type = FTH_JSON_STRING};
        return parse_string(p, &out->text);
    case 't':
        return parse_word(p, FTH_STR("true"),
                          (struct fth_json){.type = FTH_JSON_BOOL, .boolean = true}, out);
    case 'f':
        return parse_word(p, FTH_STR("false"), (struct fth_json){.type = FTH_JSON_BOOL}, out);
    case 'n':
        return parse_word(p, FTH_STR("null"), (struct fth_json){.type = FTH_JSON_NULL}, out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return parse_number(p, out);
    default:
        return expected(p, "a value");
    }
}

static enum fth_rc parse_text(struct parser *p, size_t max_len, struct fth_json *out)
{
    size_t bad;
    enum fth_rc rc;

    if (p->text.n > max_len)
        return fth_err_set(p->err, FTH_E_LIMIT, "json text of %zu bytes, larger than %zu bytes",
                           p->text.n, max_len);
    if (!fth_utf8_check(p->text, &bad))
        return fail_at(p, bad, FTH_E_SYNTAX, "not UTF-8");
    skip_space(p);
    rc = parse_value(p, out);
    if (rc)
        return rc;
    skip_space(p);
    return p->at == p->text.n ? FTH_OK : expected(p, "the end of the text");
}

enum fth_rc fth_json_parse(struct fth_arena *arena, struct fth_str text,
                           const struct fth_json_limits *limits, const struct fth_json **out,
                           struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    size_t max_len = limits && limits->max_len ? limits->max_len : (size_t)16 << 20;
    struct parser p = {
        .arena = arena,
        .text = text,
        .max_depth = limits && limits->max_depth ? limits->max_depth : DEFAULT_DEPTH,
        .err = err,
    };
    struct fth_json *root = FTH_NEW(arena, struct fth_json);
    enum fth_rc rc;

    FTH_CHECK(max_len <= UINT32_MAX); /* by_key counts in 32 bits */
    rc = root ? parse_text(&p, max_len, root) : fth_err_nomem(err);
    fth_free(p.slots);
    if (rc)
        fth_arena_rewind(arena, start);
    else
        *out = root;
    return rc;
}
