/* JSON in columns: flat objects, which nearly every row has, by a scanner of its own; objects with
 * an array "Elements" by the parser. */
#include <string.h>

#include "base/json.h"
#include "focus/focus_int.h"

enum { KEYS_MAX = 1024 };

struct scan {
    const char *p, *end;
    struct fth_str keys[KEYS_MAX];
    size_t key_nr;
};

static void skip_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    skip_space(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static bool take_hex(struct scan *s)
{
    for (int i = 0; i < 4; i++, s->p++)
        if (s->p == s->end || !strchr("0123456789abcdefABCDEF", *s->p) || !*s->p)
            return false;
    return true;
}

/* A string; `out` is what stands between the quotes, escapes as they are. */
static bool take_string(struct scan *s, struct fth_str *out)
{
    const char *start;

    if (!take(s, '"'))
        return false;
    start = s->p;
    while (s->p < s->end && *s->p != '"') {
        if ((unsigned char)*s->p < 0x20)
            return false;
        if (*s->p++ != '\\')
            continue;
        if (s->p == s->end || !*s->p || !strchr("\"\\/bfnrtu", *s->p))
            return false;
        if (*s->p++ == 'u' && !take_hex(s))
            return false;
    }
    if (s->p == s->end)
        return false;
    *out = (struct fth_str){start, (size_t)(s->p - start)};
    s->p++;
    return true;
}

static bool take_word(struct scan *s, struct fth_str word)
{
    if (!fth_str_starts((struct fth_str){s->p, (size_t)(s->end - s->p)}, word))
        return false;
    s->p += word.n;
    return true;
}

static bool take_digits(struct scan *s)
{
    const char *start = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > start;
}

/* As RFC 8259 has it. */
static bool take_number(struct scan *s)
{
    if (s->p < s->end && *s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!take_digits(s))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!take_digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
            s->p++;
        return take_digits(s);
    }
    return true;
}

static bool take_value(struct scan *s)
{
    struct fth_str text;

    skip_space(s);
    if (s->p == s->end)
        return false;
    switch (*s->p) {
    case '"':
        return take_string(s, &text);
    case 't':
        return take_word(s, FTH_STR("true"));
    case 'f':
        return take_word(s, FTH_STR("false"));
    case 'n':
        return take_word(s, FTH_STR("null"));
    default:
        return take_number(s);
    }
}

/* Unique, as far as keys with escapes can be told apart by their text. */
static bool add_key(struct scan *s, struct fth_str key)
{
    for (size_t i = 0; i < s->key_nr; i++)
        if (fth_str_eq(s->keys[i], key))
            return false;
    if (s->key_nr < KEYS_MAX)
        s->keys[s->key_nr++] = key;
    return true;
}

static bool is_pascal(struct fth_str key)
{
    if (fth_str_starts(key, FTH_STR("x_")))
        return true;
    if (key.n == 0 || key.p[0] < 'A' || key.p[0] > 'Z')
        return false;
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];

        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

bool fth_focus_is_keyvalue(struct fth_str text, bool *pascal)
{
    struct scan s;

    s.p = text.p;
    s.end = text.p + text.n;
    s.key_nr = 0;
    *pascal = true;
    if (!take(&s, '{'))
        return false;
    if (take(&s, '}')) {
        skip_space(&s);
        return s.p == s.end;
    }
    do {
        struct fth_str key;

        if (!take_string(&s, &key) || !add_key(&s, key) || !take(&s, ':') || !take_value(&s))
            return false;
        *pascal &= is_pascal(key);
    } while (take(&s, ','));
    if (!take(&s, '}'))
        return false;
    skip_space(&s);
    return s.p == s.end;
}

/* ---- elements ---- */

const struct fth_json *fth_focus_member(const struct fth_json *object, struct fth_str key)
{
    if (!fth_json_is(object, FTH_JSON_OBJECT))
        return NULL;
    for (size_t i = 0; i < object->nr; i++)
        if (fth_str_caseeq(object->members[i].key, key))
            return &object->members[i].value;
    return NULL;
}

static bool has_value(const struct fth_json *element, struct fth_str key)
{
    const struct fth_json *value = fth_focus_member(element, key);

    return value && value->type != FTH_JSON_NULL;
}

static bool is_flat(const struct fth_json *element)
{
    for (size_t i = 0; i < element->nr; i++)
        if (element->members[i].value.type >= FTH_JSON_ARRAY)
            return false;
    return true;
}

static bool keys_known(const struct fth_json *element, const struct fth_focus_object_ask *ask)
{
    for (size_t i = 0; i < element->nr; i++) {
        struct fth_str key = element->members[i].key;
        bool known = fth_str_starts(key, FTH_STR("x_"));

        for (size_t k = 0; !known && k < ask->key_nr; k++)
            known = fth_str_caseeq(key, ask->keys[k]);
        if (!known)
            return false;
    }
    return true;
}

static bool is_of(const struct fth_json *element, const struct fth_focus_object_ask *ask)
{
    const struct fth_json *value = fth_focus_member(element, ask->keys[0]);

    if (!value || value->type == FTH_JSON_NULL)
        return true;
    if (ask->kind == FTH_FOCUS_HAS_NUMBER)
        return value->type == FTH_JSON_NUMBER;
    if (value->type != FTH_JSON_STRING)
        return ask->kind == FTH_FOCUS_HAS_UNIT;
    return ask->kind == FTH_FOCUS_HAS_TEXT || fth_focus_is_unit(value->text);
}

static bool element_holds(const struct fth_json *element, const struct fth_focus_object_ask *ask)
{
    bool object = element->type == FTH_JSON_OBJECT;

    if (ask->kind == FTH_FOCUS_HAS_OBJECTS || !object)
        return object || ask->kind != FTH_FOCUS_HAS_OBJECTS;
    switch (ask->kind) {
    case FTH_FOCUS_HAS_FLAT:
        return is_flat(element);
    case FTH_FOCUS_HAS_KEYS:
        return keys_known(element, ask);
    case FTH_FOCUS_HAS_KEY:
        return fth_focus_member(element, ask->keys[0]) != NULL;
    case FTH_FOCUS_HAS_KEY_WITH:
        return !has_value(element, ask->keys[1]) || has_value(element, ask->keys[0]);
    case FTH_FOCUS_HAS_KEY_ONLY:
        return has_value(element, ask->keys[1]) || !has_value(element, ask->keys[0]);
    case FTH_FOCUS_HAS_KEY_OR:
        return has_value(element, ask->keys[0]) || has_value(element, ask->keys[1]);
    default:
        return is_of(element, ask);
    }
}

bool fth_focus_object_holds(const struct fth_json *object, const struct fth_focus_object_ask *ask)
{
    const struct fth_json *elements = fth_json_get(object, "Elements");

    if (!fth_json_is(object, FTH_JSON_OBJECT))
        return true;
    if (ask->kind == FTH_FOCUS_HAS_ELEMENTS || !fth_json_is(elements, FTH_JSON_ARRAY))
        return fth_json_is(elements, FTH_JSON_ARRAY) || ask->kind != FTH_FOCUS_HAS_ELEMENTS;
    for (size_t i = 0; i < elements->nr; i++)
        if (!element_holds(&elements->items[i], ask))
            return false;
    return true;
}
