/* Is a value what a schema wants, and if not, what to tell the person who wrote it. */
#include "base/check.h"
#include "base/date.h"
#include "base/schema.h"
#include "base/schema_int.h"
#include "base/utf8.h"

enum { MAX_STEPS = 1000000, SHOWN = 12 };

/*
 * How much a failure says about which branch of an anyOf was meant, the higher the better: the
 * deeper the more, and at one depth in this order. A const or an unknown name tells that another
 * branch was meant, so they count as if one level up.
 */
enum { RANK_TYPE, RANK_CONST, RANK_NAME, RANK_OTHER, RANKS };

struct check {
    unsigned steps;
    unsigned rank; /* of the last failure */
};

static enum fth_rc check(struct check *c, const struct fth_schema *schema,
                         const struct fth_json *value, const struct fth_json_place *place,
                         struct fth_err *err);

/* ---- messages ---- */

static unsigned depth_of(const struct fth_json_place *place)
{
    unsigned depth = 0;

    for (; place; place = place->up)
        depth++;
    return depth;
}

static void put_value(struct fth_buf *buf, const struct fth_json *value)
{
    static const char *const words[] = {
        [FTH_JSON_NULL] = "null", [FTH_JSON_ARRAY] = "an array", [FTH_JSON_OBJECT] = "an object"};
    struct fth_str shown = fth_str_sub(value->text, 0, 60);
    size_t bad;

    /* A cut in the middle of a character would be shown as a broken one. */
    if (!fth_utf8_check(shown, &bad))
        shown = fth_str_sub(shown, 0, bad);
    if (value->type == FTH_JSON_STRING)
        fth_json_put_string(buf, shown);
    else if (value->type == FTH_JSON_NUMBER)
        fth_buf_str(buf, shown);
    else if (value->type == FTH_JSON_BOOL)
        fth_buf_c(buf, value->boolean ? "true" : "false");
    else
        fth_buf_c(buf, words[value->type]);
    if (shown.n < value->text.n)
        fth_buf_c(buf, "…");
}

/* "PLACE: TEXT", with the place also as the error's pointer. Empties `text`. */
static enum fth_rc fail(struct check *c, const struct fth_json_place *place, unsigned rank,
                        struct fth_buf *text, struct fth_err *err)
{
    struct fth_buf pointer = fth_buf_max(4096);

    fth_json_place_put(&pointer, place);
    fth_err_set(err, FTH_E_INVALID, FTH_STR_F "%s" FTH_STR_F, FTH_STR_A(fth_buf_view(&pointer)),
                place ? ": " : "", FTH_STR_A(fth_buf_view(text)));
    fth_err_at(err, FTH_STR_F, FTH_STR_A(fth_buf_view(&pointer)));
    fth_buf_release(&pointer);
    fth_buf_release(text);
    c->rank = rank;
    return FTH_E_INVALID;
}

static unsigned rank(const struct fth_json_place *place, unsigned kind)
{
    return depth_of(place) * RANKS + kind;
}

/* "VALUE WHAT", for most rules. */
static enum fth_rc fail_value(struct check *c, const struct fth_json_place *place,
                              const struct fth_json *value, const char *what, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);

    put_value(&text, value);
    fth_buf_c(&text, what);
    return fail(c, place, rank(place, RANK_OTHER), &text, err);
}

static void hint_nearest(struct fth_err *err, struct fth_str nearest)
{
    if (nearest.p)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest));
}

static enum fth_rc fail_type(struct check *c, const struct fth_json_place *place,
                             const struct fth_json *value, unsigned types, struct fth_err *err)
{
    static const char *const names[] = {
        [FTH_JSON_NULL] = "null",     [FTH_JSON_BOOL] = "true or false",
        [FTH_JSON_NUMBER] = "number", [FTH_JSON_STRING] = "string",
        [FTH_JSON_ARRAY] = "array",   [FTH_JSON_OBJECT] = "object",
        [6] = "whole number"};
    struct fth_buf text = fth_buf_max(1024);
    const char *before = "must be ";

    if (types & 1u << FTH_JSON_NUMBER)
        types &= ~FTH_SCHEMA_INTEGER;
    for (unsigned i = 0; i < FTH_NR(names); i++) {
        if (!(types & 1u << i))
            continue;
        fth_buf_c(&text, before);
        fth_buf_c(&text, names[i]);
        before = " or ";
    }
    if (value->type == FTH_JSON_NUMBER && types & FTH_SCHEMA_INTEGER) {
        fth_buf_c(&text, ", not ");
        put_value(&text, value);
    } else {
        fth_buf_printf(&text, ", not %s",
                       value->type == FTH_JSON_BOOL ? "a boolean" : names[value->type]);
    }
    return fail(c, place, rank(place, RANK_TYPE), &text, err);
}

/* ---- scalars ---- */

static enum fth_rc check_type(struct check *c, const struct fth_schema *schema,
                              const struct fth_json *value, const struct fth_json_place *place,
                              struct fth_err *err)
{
    unsigned bit = 1u << value->type;

    if (value->type == FTH_JSON_NUMBER && fth_json_number_is_whole(fth_json_number(value->text)))
        bit |= FTH_SCHEMA_INTEGER;
    return schema->types & bit ? FTH_OK : fail_type(c, place, value, schema->types, err);
}

static enum fth_rc check_const(struct check *c, const struct fth_json *constant,
                               const struct fth_json *value, const struct fth_json_place *place,
                               struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);

    if (fth_json_equal(constant, value))
        return FTH_OK;
    put_value(&text, value);
    fth_buf_c(&text, " is not ");
    put_value(&text, constant);
    return fail(c, place, rank(place ? place->up : NULL, RANK_CONST), &text, err);
}

static enum fth_rc check_enum(struct check *c, const struct fth_json *allowed,
                              const struct fth_json *value, const struct fth_json_place *place,
                              struct fth_err *err)
{
    struct fth_nearest nearest = {.text = value->text};
    struct fth_buf text = fth_buf_max(1024);

    for (size_t i = 0; i < allowed->nr; i++) {
        if (fth_json_equal(&allowed->items[i], value))
            return FTH_OK;
    }
    put_value(&text, value);
    fth_buf_c(&text, " is not one of ");
    for (size_t i = 0; i < allowed->nr; i++) {
        if (i < SHOWN) {
            fth_buf_c(&text, i ? ", " : "");
            put_value(&text, &allowed->items[i]);
        }
        if (value->type == FTH_JSON_STRING && allowed->items[i].type == FTH_JSON_STRING)
            fth_nearest_offer(&nearest, allowed->items[i].text);
    }
    if (allowed->nr > SHOWN)
        fth_buf_printf(&text, ", … (%zu in all)", allowed->nr);
    fail(c, place, rank(place, RANK_OTHER), &text, err);
    hint_nearest(err, nearest.best);
    return FTH_E_INVALID;
}

static enum fth_rc check_bound(struct check *c, const struct fth_json *value,
                               const struct fth_json *bound, bool holds, const char *what,
                               const struct fth_json_place *place, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);

    if (holds)
        return FTH_OK;
    put_value(&text, value);
    fth_buf_c(&text, what);
    put_value(&text, bound);
    return fail(c, place, rank(place, RANK_OTHER), &text, err);
}

static int compare(const struct fth_json *a, const struct fth_json *b)
{
    return fth_json_number_cmp(fth_json_number(a->text), fth_json_number(b->text));
}

static enum fth_rc check_number(struct check *c, const struct fth_schema *s,
                                const struct fth_json *value, const struct fth_json_place *place,
                                struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (s->least)
        rc = check_bound(c, value, s->least, compare(value, s->least) >= 0, " is less than ", place,
                         err);
    if (!rc && s->most)
        rc = check_bound(c, value, s->most, compare(value, s->most) <= 0, " is more than ", place,
                         err);
    if (!rc && s->above)
        rc = check_bound(c, value, s->above, compare(value, s->above) > 0, " is not more than ",
                         place, err);
    if (!rc && s->below)
        rc = check_bound(c, value, s->below, compare(value, s->below) < 0, " is not less than ",
                         place, err);
    return rc;
}

/* "has 0 items, at least 1 is wanted". */
static enum fth_rc check_span(struct check *c, struct fth_schema_span span, uint64_t nr,
                              const char *what, const struct fth_json_place *place,
                              struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);

    if (nr >= span.min && nr <= span.max)
        return FTH_OK;
    fth_buf_printf(&text, "has %llu %s, ", (unsigned long long)nr, what);
    if (nr < span.min)
        fth_buf_printf(&text, "fewer than %llu", (unsigned long long)span.min);
    else
        fth_buf_printf(&text, "more than %llu", (unsigned long long)span.max);
    return fail(c, place, rank(place, RANK_OTHER), &text, err);
}

/* Continuation bytes do not begin a character; the parser has refused what is not UTF-8. */
static uint64_t characters(struct fth_str text)
{
    uint64_t nr = 0;

    for (size_t i = 0; i < text.n; i++)
        nr += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return nr;
}

static enum fth_rc check_string(struct check *c, const struct fth_schema *s,
                                const struct fth_json *value, const struct fth_json_place *place,
                                struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);
    enum fth_rc rc = check_span(c, s->length, characters(value->text), "characters", place, err);
    int64_t instant;
    int32_t date;

    if (rc)
        return rc;
    if (s->format == FTH_SCHEMA_DATE && !fth_date_parse(value->text, &date))
        return fail_value(c, place, value, " is not a date like 2025-01-31", err);
    if (s->format == FTH_SCHEMA_DATE_TIME &&
        (!fth_instant_parse(value->text, &instant) || value->text.n < 20))
        return fail_value(c, place, value, " is not a time like 2025-01-31T05:06:07Z", err);
    if (!s->pattern || fth_pattern_matches(s->pattern, value->text))
        return FTH_OK;
    put_value(&text, value);
    fth_buf_printf(&text, " does not match " FTH_STR_F, FTH_STR_A(s->pattern_text));
    return fail(c, place, rank(place, RANK_OTHER), &text, err);
}

/* ---- containers ---- */

static enum fth_rc check_unique(struct check *c, const struct fth_json *value,
                                const struct fth_json_place *place, struct fth_err *err)
{
    for (size_t i = 1; i < value->nr; i++) {
        for (size_t j = 0; j < i; j++) {
            struct fth_json_place at = {.up = place, .index = i};

            if (++c->steps > MAX_STEPS)
                return fth_err_set(err, FTH_E_LIMIT, "value takes too long to check");
            if (fth_json_equal(&value->items[i], &value->items[j]))
                return fail_value(c, &at, &value->items[i], " again", err);
        }
    }
    return FTH_OK;
}

static enum fth_rc check_array(struct check *c, const struct fth_schema *s,
                               const struct fth_json *value, const struct fth_json_place *place,
                               struct fth_err *err)
{
    enum fth_rc rc = check_span(c, s->nr_items, value->nr, "items", place, err);

    for (size_t i = 0; !rc && s->items && i < value->nr; i++) {
        struct fth_json_place at = {.up = place, .index = i};

        rc = check(c, s->items, &value->items[i], &at, err);
    }
    return !rc && s->unique ? check_unique(c, value, place, err) : rc;
}

static enum fth_rc fail_unknown(struct check *c, const struct fth_schema *s,
                                const struct fth_json_place *place, struct fth_err *err)
{
    struct fth_nearest nearest = {.text = place->key};
    struct fth_buf text = fth_buf_max(1024);
    size_t nr = s->properties ? s->properties->nr : 0;

    fth_buf_c(&text, "unknown property ");
    fth_json_put_string(&text, fth_str_sub(place->key, 0, 60));
    for (size_t i = 0; i < nr; i++)
        fth_nearest_offer(&nearest, s->properties->members[i].key);
    if (nr && nr <= SHOWN && !nearest.best.p) {
        for (size_t i = 0; i < nr; i++)
            fth_buf_printf(&text, "%s" FTH_STR_F, i ? ", " : "; known are ",
                           FTH_STR_A(s->properties->members[i].key));
    }
    fail(c, place, rank(place->up, nearest.best.p ? RANK_NAME : RANK_CONST), &text, err);
    hint_nearest(err, nearest.best);
    return FTH_E_INVALID;
}

static enum fth_rc check_member(struct check *c, const struct fth_schema *s,
                                const struct fth_json_member *member,
                                const struct fth_json_place *up, struct fth_err *err)
{
    struct fth_json_place place = {.up = up, .key = member->key};
    const struct fth_json name = {.type = FTH_JSON_STRING, .text = member->key};
    const struct fth_json_member *known =
        s->properties ? fth_json_member(s->properties, member->key) : NULL;
    enum fth_rc rc = s->names ? check(c, s->names, &name, &place, err) : FTH_OK;

    if (rc)
        return rc;
    if (known)
        return check(c, s->property[known - s->properties->members], &member->value, &place, err);
    if (s->additional)
        return check(c, s->additional, &member->value, &place, err);
    return s->closed ? fail_unknown(c, s, &place, err) : FTH_OK;
}

static enum fth_rc check_object(struct check *c, const struct fth_schema *s,
                                const struct fth_json *value, const struct fth_json_place *place,
                                struct fth_err *err)
{
    enum fth_rc rc = check_span(c, s->nr_properties, value->nr, "properties", place, err);

    for (size_t i = 0; !rc && i < value->nr; i++)
        rc = check_member(c, s, &value->members[i], place, err);
    for (size_t i = 0; !rc && s->required && i < s->required->nr; i++) {
        struct fth_str name = s->required->items[i].text;
        struct fth_buf text = fth_buf_max(1024);

        if (fth_json_member(value, name))
            continue;
        fth_buf_printf(&text, "property \"" FTH_STR_F "\" is missing", FTH_STR_A(name));
        rc = fail(c, place, rank(place, RANK_NAME), &text, err);
    }
    return rc;
}

/* ---- branches ---- */

/* How many branches hold (no more than two are counted); the best failure in *best. */
static enum fth_rc try_branches(struct check *c, const struct fth_schema_list *list,
                                const struct fth_json *value, const struct fth_json_place *place,
                                bool first_only, unsigned *hold, unsigned *best_rank,
                                struct fth_err *best)
{
    *hold = 0;
    *best_rank = 0;
    for (size_t i = 0; i < list->nr && *hold < (first_only ? 1 : 2); i++) {
        struct fth_err err = {0};
        enum fth_rc rc = check(c, list->at[i], value, place, &err);

        if (rc == FTH_OK)
            ++*hold;
        else if (rc != FTH_E_INVALID || !best->rc || c->rank > *best_rank) {
            *best_rank = c->rank;
            *best = err;
        }
        if (rc && rc != FTH_E_INVALID)
            return rc;
    }
    return FTH_OK;
}

static unsigned types_of_list(const struct fth_schema_list *list)
{
    unsigned types = 0;

    for (size_t i = 0; i < list->nr; i++)
        types |= fth_schema_types(list->at[i]);
    return types;
}

static enum fth_rc check_branches(struct check *c, const struct fth_schema_list *list,
                                  bool first_only, const struct fth_json *value,
                                  const struct fth_json_place *place, struct fth_err *err)
{
    struct fth_err best = {0};
    unsigned hold, best_rank;
    enum fth_rc rc = try_branches(c, list, value, place, first_only, &hold, &best_rank, &best);

    if (!rc && hold == 1)
        return FTH_OK;
    if (!rc && hold > 1)
        return fail_value(c, place, value, " is more than one of the allowed forms", err);
    if (!rc && best_rank == rank(place, RANK_TYPE))
        return fail_type(c, place, value, types_of_list(list), err);
    if (!err->rc)
        *err = best;
    c->rank = best_rank;
    return best.rc;
}

static enum fth_rc check_not(struct check *c, const struct fth_schema *schema,
                             const struct fth_json *value, const struct fth_json_place *place,
                             struct fth_err *err)
{
    struct fth_err ignored = {0};
    enum fth_rc rc = check(c, schema, value, place, &ignored);

    if (rc == FTH_OK)
        return fail_value(c, place, value, " is of a form that is not allowed", err);
    if (rc != FTH_E_INVALID)
        return fth_err_set(err, rc, "%s", ignored.msg);
    return FTH_OK;
}

static enum fth_rc check_in_place(struct check *c, const struct fth_schema *s,
                                  const struct fth_json *value, const struct fth_json_place *place,
                                  struct fth_err *err)
{
    enum fth_rc rc = s->ref ? check(c, s->ref, value, place, err) : FTH_OK;

    for (size_t i = 0; !rc && i < s->all.nr; i++)
        rc = check(c, s->all.at[i], value, place, err);
    if (!rc && s->any.nr)
        rc = check_branches(c, &s->any, true, value, place, err);
    if (!rc && s->one.nr)
        rc = check_branches(c, &s->one, false, value, place, err);
    if (!rc && s->not_this)
        rc = check_not(c, s->not_this, value, place, err);
    return rc;
}

static enum fth_rc check(struct check *c, const struct fth_schema *s, const struct fth_json *value,
                         const struct fth_json_place *place, struct fth_err *err)
{
    enum fth_rc rc;

    if (++c->steps > MAX_STEPS)
        return fth_err_set(err, FTH_E_LIMIT, "value takes too long to check");
    if (s->nothing)
        return fail_value(c, place, value, " is not allowed here", err);
    rc = check_type(c, s, value, place, err);
    if (!rc && s->constant)
        rc = check_const(c, s->constant, value, place, err);
    if (!rc && s->allowed)
        rc = check_enum(c, s->allowed, value, place, err);
    if (!rc && value->type == FTH_JSON_NUMBER)
        rc = check_number(c, s, value, place, err);
    if (!rc && value->type == FTH_JSON_STRING)
        rc = check_string(c, s, value, place, err);
    if (!rc && value->type == FTH_JSON_ARRAY)
        rc = check_array(c, s, value, place, err);
    if (!rc && value->type == FTH_JSON_OBJECT)
        rc = check_object(c, s, value, place, err);
    return rc ? rc : check_in_place(c, s, value, place, err);
}

enum fth_rc fth_schema_check(const struct fth_schema *schema, const struct fth_json *value,
                             struct fth_err *err)
{
    struct check c = {0};

    return check(&c, schema, value, NULL, err);
}

/* ---- what a schema says ---- */

unsigned fth_schema_types(const struct fth_schema *schema)
{
    unsigned types = schema->nothing ? 0 : schema->types;

    if (schema->ref)
        types &= fth_schema_types(schema->ref);
    for (size_t i = 0; i < schema->all.nr; i++)
        types &= fth_schema_types(schema->all.at[i]);
    if (schema->any.nr)
        types &= types_of_list(&schema->any);
    if (schema->one.nr)
        types &= types_of_list(&schema->one);
    return types;
}

const struct fth_schema *fth_schema_items(const struct fth_schema *schema)
{
    const struct fth_schema *items = schema->items;

    if (!items && schema->ref)
        items = fth_schema_items(schema->ref);
    for (size_t i = 0; !items && i < schema->all.nr; i++)
        items = fth_schema_items(schema->all.at[i]);
    return items;
}
