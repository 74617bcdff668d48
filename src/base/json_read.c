/* Asking a parsed tree: members, pointers, numbers, sameness. */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_int.h"

const struct fth_json_member *fth_json_sorted(const struct fth_json *object, size_t i)
{
    return object->by_key ? &object->members[object->by_key[i]] : NULL;
}

static const struct fth_json_member *search_sorted(const struct fth_json *json, struct fth_str key)
{
    size_t lo = 0, hi = json->nr;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct fth_json_member *member = fth_json_sorted(json, mid);
        int order = fth_str_cmp(key, member->key);

        if (order == 0)
            return member;
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const struct fth_json_member *fth_json_member(const struct fth_json *object, struct fth_str key)
{
    if (object->by_key)
        return search_sorted(object, key);
    for (size_t i = 0; i < object->nr; i++) {
        if (fth_str_eq(object->members[i].key, key))
            return &object->members[i];
    }
    return NULL;
}

const struct fth_json *fth_json_get_str(const struct fth_json *json, struct fth_str key)
{
    const struct fth_json_member *member =
        fth_json_is(json, FTH_JSON_OBJECT) ? fth_json_member(json, key) : NULL;

    return member ? &member->value : NULL;
}

const struct fth_json *fth_json_get(const struct fth_json *json, const char *key)
{
    return fth_json_get_str(json, fth_str_c(key));
}

/* ---- pointers ---- */

/* Is `key` what the token of a pointer says, where ~1 stands for '/' and ~0 for '~'? */
static bool token_is(struct fth_str token, struct fth_str key)
{
    size_t at = 0;

    for (size_t i = 0; i < token.n; i++, at++) {
        char c = token.p[i];

        if (c == '~') {
            if (++i == token.n || (token.p[i] != '0' && token.p[i] != '1'))
                return false;
            c = token.p[i] == '0' ? '~' : '/';
        }
        if (at == key.n || key.p[at] != c)
            return false;
    }
    return at == key.n;
}

static const struct fth_json *step(const struct fth_json *json, struct fth_str token)
{
    uint64_t index;

    if (json->type == FTH_JSON_ARRAY) {
        if (!fth_str_to_u64(token, &index) || (token.n > 1 && token.p[0] == '0'))
            return NULL;
        return index < json->nr ? &json->items[index] : NULL;
    }
    if (fth_str_find(token, '~') == SIZE_MAX)
        return fth_json_get_str(json, token);
    for (size_t i = 0; json->type == FTH_JSON_OBJECT && i < json->nr; i++) {
        if (token_is(token, json->members[i].key))
            return &json->members[i].value;
    }
    return NULL;
}

const struct fth_json *fth_json_at(const struct fth_json *json, struct fth_str pointer)
{
    while (json && pointer.n) {
        size_t end;

        if (pointer.p[0] != '/')
            return NULL;
        pointer = fth_str_sub(pointer, 1, pointer.n);
        end = fth_str_find(pointer, '/');
        json = step(json, fth_str_sub(pointer, 0, end));
        pointer = fth_str_sub(pointer, end, pointer.n);
    }
    return json;
}

/* ---- scalars ---- */

bool fth_json_is(const struct fth_json *json, enum fth_json_type type)
{
    return json && json->type == type;
}

struct fth_str fth_json_str(const struct fth_json *json, const char *key, struct fth_str or_else)
{
    const struct fth_json *value = fth_json_get(json, key);

    return fth_json_is(value, FTH_JSON_STRING) ? value->text : or_else;
}

bool fth_json_bool(const struct fth_json *json, bool or_else)
{
    return fth_json_is(json, FTH_JSON_BOOL) ? json->boolean : or_else;
}

bool fth_json_money(const struct fth_json *json, struct fth_money *out)
{
    struct fth_err ignored = {0};

    return fth_json_is(json, FTH_JSON_NUMBER) &&
           fth_money_parse(json->text, out, &ignored) == FTH_OK;
}

bool fth_json_i64(const struct fth_json *json, int64_t *out)
{
    const int64_t unit = INT64_C(10000000000); /* of a head */
    struct fth_money value;
    fth_i128 whole;

    if (!fth_json_is(json, FTH_JSON_NUMBER))
        return false;
    if (fth_str_to_i64(json->text, out))
        return true;
    if (!fth_json_money(json, &value) || value.tail != 0 || value.head % unit != 0)
        return false;
    whole = value.head / unit;
    if (whole < INT64_MIN || whole > INT64_MAX)
        return false;
    *out = (int64_t)whole;
    return true;
}

bool fth_json_double(const struct fth_json *json, double *out)
{
    double value;

    if (!fth_json_is(json, FTH_JSON_NUMBER))
        return false;
    value = strtod(json->text.p, NULL);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

/* ---- sameness ---- */

static void strip_leading(struct fth_str *digits)
{
    while (digits->n && digits->p[0] == '0')
        *digits = fth_str_sub(*digits, 1, digits->n);
}

static void strip_trailing(struct fth_str *digits)
{
    while (digits->n && digits->p[digits->n - 1] == '0')
        digits->n--;
}

struct fth_json_number fth_json_number(struct fth_str text)
{
    struct fth_json_number out = {.negative = text.n && text.p[0] == '-'};
    struct fth_str rest = fth_str_sub(text, out.negative, text.n), exponent = {0};
    size_t n = 0, dot;

    while (n < rest.n && rest.p[n] != 'e' && rest.p[n] != 'E')
        n++;
    exponent = fth_str_sub(rest, n + 1, rest.n);
    rest = fth_str_sub(rest, 0, n);
    if (exponent.n && exponent.p[0] == '+')
        exponent = fth_str_sub(exponent, 1, exponent.n);
    if (exponent.n)
        fth_str_to_i64(exponent, &out.point); /* the parser has bounded it */

    dot = fth_str_find(rest, '.');
    out.whole = fth_str_sub(rest, 0, dot);
    out.fraction = dot == SIZE_MAX ? (struct fth_str){0} : fth_str_sub(rest, dot + 1, rest.n);
    strip_leading(&out.whole);
    strip_trailing(&out.fraction);
    out.point += (int64_t)out.whole.n;
    if (out.whole.n == 0) {
        size_t before = out.fraction.n;

        strip_leading(&out.fraction);
        out.point -= (int64_t)(before - out.fraction.n);
    }
    if (out.fraction.n == 0)
        strip_trailing(&out.whole);
    if (out.whole.n + out.fraction.n == 0)
        return (struct fth_json_number){0};
    return out;
}

static char digit_at(const struct fth_json_number *number, size_t i)
{
    return i < number->whole.n ? number->whole.p[i] : number->fraction.p[i - number->whole.n];
}

static int magnitude_cmp(const struct fth_json_number *a, const struct fth_json_number *b)
{
    size_t a_nr = a->whole.n + a->fraction.n, b_nr = b->whole.n + b->fraction.n;

    if (a_nr == 0 || b_nr == 0)
        return (a_nr > 0) - (b_nr > 0);
    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    for (size_t i = 0; i < a_nr && i < b_nr; i++) {
        if (digit_at(a, i) != digit_at(b, i))
            return digit_at(a, i) < digit_at(b, i) ? -1 : 1;
    }
    return (a_nr > b_nr) - (a_nr < b_nr);
}

int fth_json_number_cmp(struct fth_json_number a, struct fth_json_number b)
{
    if (a.negative != b.negative)
        return a.negative ? -1 : 1;
    return a.negative ? magnitude_cmp(&b, &a) : magnitude_cmp(&a, &b);
}

bool fth_json_number_is_whole(struct fth_json_number number)
{
    int64_t nr = (int64_t)(number.whole.n + number.fraction.n);

    return nr == 0 || number.point >= nr;
}

static bool objects_equal(const struct fth_json *a, const struct fth_json *b)
{
    for (size_t i = 0; i < a->nr; i++) {
        const struct fth_json *other = fth_json_get_str(b, a->members[i].key);

        if (!other || !fth_json_equal(&a->members[i].value, other))
            return false;
    }
    return true;
}

static bool arrays_equal(const struct fth_json *a, const struct fth_json *b)
{
    for (size_t i = 0; i < a->nr; i++) {
        if (!fth_json_equal(&a->items[i], &b->items[i]))
            return false;
    }
    return true;
}

bool fth_json_equal(const struct fth_json *a, const struct fth_json *b)
{
    if (a->type != b->type || a->nr != b->nr)
        return false;
    switch (a->type) {
    case FTH_JSON_NULL:
        return true;
    case FTH_JSON_BOOL:
        return a->boolean == b->boolean;
    case FTH_JSON_NUMBER:
        return fth_json_number_cmp(fth_json_number(a->text), fth_json_number(b->text)) == 0;
    case FTH_JSON_STRING:
        return fth_str_eq(a->text, b->text);
    case FTH_JSON_ARRAY:
        return arrays_equal(a, b);
    case FTH_JSON_OBJECT:
        return objects_equal(a, b);
    }
    return false;
}
