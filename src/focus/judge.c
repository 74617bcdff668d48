/* Claims about one value, and about several values of a record. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "focus/judge_int.h"

enum { JSON_MAX = 1 << 20, JSON_DEPTH = 16 };

/* ---- one value ---- */

struct value {
    struct fth_str text;
    bool null;
    struct fth_focus_number number;
    bool keyvalue, pascal;
    const struct fth_json *object;
    bool json; /* any JSON value */
};

static const struct fth_json *parse_json(struct fth_arena *arena, struct fth_str text)
{
    static const struct fth_json_limits limits = {.max_len = JSON_MAX, .max_depth = JSON_DEPTH};
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    fth_arena_clear(arena);
    if (fth_json_parse(arena, text, &limits, &json, &err))
        return NULL;
    return json;
}

static const struct fth_json *parse_object(struct fth_arena *arena, struct fth_str text)
{
    const struct fth_json *json = parse_json(arena, text);

    return fth_json_is(json, FTH_JSON_OBJECT) ? json : NULL;
}

static bool is_ascii(struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > 0x7f)
            return false;
    return true;
}

/* Of a value that is not null. */
static bool form_holds(const struct fth_focus_slot *slot, const struct fth_focus_expr *asked,
                       const struct value *v)
{
    switch (asked->atom) {
    case FTH_FOCUS_A_STRING:
        return fth_focus_is_string(v->text);
    case FTH_FOCUS_A_NUMBER:
        return v->number.is;
    case FTH_FOCUS_A_DECIMAL:
        return !v->number.is || v->number.strict;
    case FTH_FOCUS_A_NOT_NEGATIVE:
        return !v->number.negative;
    case FTH_FOCUS_A_ZERO:
        return !v->number.is || v->number.zero;
    case FTH_FOCUS_A_MOMENT:
        return fth_focus_is_moment(v->text);
    case FTH_FOCUS_A_DATETIME:
        return fth_focus_is_datetime(v->text) || !fth_focus_is_moment(v->text);
    case FTH_FOCUS_A_UNIT:
        return fth_focus_is_unit(v->text);
    case FTH_FOCUS_A_CURRENCY:
        return fth_focus_is_currency(v->text);
    case FTH_FOCUS_A_NATIONAL:
        return fth_focus_is_national(v->text);
    case FTH_FOCUS_A_KEYVALUE:
        return v->keyvalue;
    case FTH_FOCUS_A_PASCAL:
        return !v->keyvalue || v->pascal;
    case FTH_FOCUS_A_JSON:
        return v->object != NULL;
    case FTH_FOCUS_A_HAS:
        return !v->object || fth_focus_object_holds(v->object, &asked->ask);
    case FTH_FOCUS_A_LISTED:
        return fth_focus_listed(slot->column, v->text);
    case FTH_FOCUS_A_WHOLE:
        return v->number.strict && v->number.decimals == 0 &&
               fth_str_find(v->text, '.') == SIZE_MAX;
    case FTH_FOCUS_A_CAPITALS:
        return v->text.n == 3 && fth_focus_is_capitals(v->text);
    case FTH_FOCUS_A_ANYJSON:
        return v->json;
    default:
        return is_ascii(v->text);
    }
}

static bool holds(const struct fth_focus_slot *slot, const struct fth_focus_expr *asked,
                  const struct value *v)
{
    switch (asked->atom) {
    case FTH_FOCUS_A_NULL:
        return v->null;
    case FTH_FOCUS_A_EQUALS:
        return !v->null && fth_str_eq(v->text, asked->text);
    case FTH_FOCUS_A_BLANK:
        return !v->null && fth_focus_is_blank(v->text);
    case FTH_FOCUS_A_PLACEHOLDER:
        return !v->null && fth_focus_is_placeholder(v->text);
    default:
        return v->null || form_holds(slot, asked, v);
    }
}

uint32_t fth_focus_mask(const struct fth_focus_slot *slot, struct fth_str text,
                        struct fth_arena *arena)
{
    struct value v = {.text = text, .null = fth_focus_is_null(text)};
    uint32_t mask = 0;

    if (!v.null && slot->number)
        fth_focus_number(text, &v.number);
    if (!v.null && slot->keyvalue)
        v.keyvalue = fth_focus_is_keyvalue(text, &v.pascal);
    if (!v.null && slot->object) {
        const struct fth_json *json = parse_json(arena, text);

        v.json = json != NULL;
        v.object = fth_json_is(json, FTH_JSON_OBJECT) ? json : NULL;
    }
    for (unsigned i = 0; i < slot->asked_nr; i++)
        mask |= (uint32_t)holds(slot, slot->asked[i], &v) << i;
    return mask;
}

/* ---- several values ---- */

/* Long double holds 19 digits: beside a tolerance of 1e-9 and half a digit that is exact enough,
 * and no amount is taken from it. */
static long double ten_to(int exponent)
{
    static const long double tens[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                       1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                       1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L};
    int size = exponent < 0 ? -exponent : exponent;

    if (size < (int)FTH_NR(tens))
        return exponent < 0 ? 1 / tens[size] : tens[size];
    return powl(10.0L, (long double)exponent);
}

static long double value_of(const struct fth_focus_number *n)
{
    long double value = (long double)n->mantissa * ten_to(n->exponent);

    return n->negative ? -value : value;
}

static long double half_digit(int decimals)
{
    return 0.5L * ten_to(-decimals);
}

/* Does the cost agree with price times quantity, as far as the digits written can tell? The cost
 * may be rounded to its last digit (cents at most); a price with four decimals or more may be, too.
 */
static bool product_holds(const struct fth_str *texts, bool official)
{
    struct fth_focus_number n[3];
    long double difference, cost, quantity, allowed;

    for (size_t i = 0; i < 3; i++) {
        if (fth_focus_is_null(texts[i]))
            return true;
        fth_focus_number(texts[i], &n[i]);
        if (!n[i].is)
            return true;
    }
    cost = value_of(&n[2]);
    quantity = value_of(&n[1]);
    difference = fabsl(value_of(&n[0]) * quantity - cost);
    allowed = 1e-9L * fmaxl(fabsl(cost), 1.0L);
    if (official)
        return difference <= allowed;
    allowed += half_digit(n[2].decimals < 2 ? 2 : n[2].decimals);
    if (n[0].decimals >= 4)
        allowed += half_digit(n[0].decimals) * fabsl(quantity);
    if (n[1].decimals >= 4)
        allowed += half_digit(n[1].decimals) * fabsl(value_of(&n[0]));
    return difference <= allowed;
}

static void strip_zeros(struct fth_focus_number *n)
{
    while (n->mantissa && n->mantissa % 10 == 0) {
        n->mantissa /= 10;
        n->exponent++;
    }
    if (n->mantissa == 0)
        n->exponent = 0;
}

static bool same_number(struct fth_str a, struct fth_str b)
{
    struct fth_focus_number x, y;

    if (fth_focus_is_null(a) || fth_focus_is_null(b) || fth_str_eq(a, b))
        return true;
    fth_focus_number(a, &x);
    fth_focus_number(b, &y);
    if (!x.is || !y.is)
        return true;
    if (!x.small || !y.small)
        return fabsl(value_of(&x) - value_of(&y)) <= 1e-15L * fabsl(value_of(&x));
    strip_zeros(&x);
    strip_zeros(&y);
    return x.mantissa == y.mantissa && x.exponent == y.exponent && x.negative == y.negative;
}

static bool in_order(struct fth_str a, struct fth_str b, bool may_equal)
{
    int64_t x, y;

    /* Written as they should be, texts sort as times do. */
    if (a.n == 20 && b.n == 20 && a.p[19] == 'Z' && b.p[19] == 'Z') {
        int order = memcmp(a.p, b.p, 20);

        if (order < 0 || (may_equal && order == 0))
            return true;
    }
    if (!fth_instant_parse(a, &x) || !fth_instant_parse(b, &y))
        return true;
    return x < y || (may_equal && x == y);
}

static bool is_under(struct fth_str subcategory, struct fth_str category)
{
    const char *parent = fth_focus_parent(subcategory);

    /* A category that is missing or unknown breaks a rule of its own. */
    if (!parent || fth_focus_is_null(category) ||
        !fth_focus_listed(fth_focus_column(FTH_FOCUS_CAU, FTH_STR("ServiceCategory")), category))
        return true;
    return fth_str_eq_c(category, parent);
}

static bool in_elements(struct fth_str text, struct fth_str object, struct fth_arena *arena)
{
    const struct fth_json *json = parse_object(arena, object);
    const struct fth_json *elements = json ? fth_json_get(json, "Elements") : NULL;

    if (!elements || elements->type != FTH_JSON_ARRAY)
        return true;
    for (size_t i = 0; i < elements->nr; i++) {
        const struct fth_json *id =
            fth_focus_member(&elements->items[i], FTH_STR("ContractCommitmentId"));

        if (fth_json_is(id, FTH_JSON_STRING) && fth_str_eq(id->text, text))
            return true;
    }
    return false;
}

bool fth_focus_related(const struct fth_focus_relation *relation, const struct fth_str *texts,
                       struct fth_arena *arena)
{
    switch (relation->kind) {
    case FTH_FOCUS_R_SAME:
        if (relation->decimal)
            return same_number(texts[0], texts[1]);
        if (fth_focus_is_null(texts[0]) || fth_focus_is_null(texts[1]))
            return fth_focus_is_null(texts[0]) && fth_focus_is_null(texts[1]);
        return fth_str_eq(texts[0], texts[1]);
    case FTH_FOCUS_R_BEFORE:
        return in_order(texts[0], texts[1], false);
    case FTH_FOCUS_R_NOT_AFTER:
        return in_order(texts[0], texts[1], true);
    case FTH_FOCUS_R_UNDER:
        return is_under(texts[0], texts[1]);
    case FTH_FOCUS_R_PRODUCT:
        return product_holds(texts, false);
    case FTH_FOCUS_R_PRODUCT_OFFICIAL:
        return product_holds(texts, true);
    default:
        return in_elements(texts[0], texts[1], arena);
    }
}
