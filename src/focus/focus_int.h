/* focus_int: what the files of focus/ share. */
#ifndef FTH_FOCUS_INT_H
#define FTH_FOCUS_INT_H

#include "base/csv.h"
#include "base/json.h"
#include "base/money.h"
#include "base/vec.h"
#include "focus/focus.h"

/* ---- tables (table.c) ---- */

enum fth_focus_type {
    FTH_FOCUS_STRING,
    FTH_FOCUS_DECIMAL,
    FTH_FOCUS_DATETIME,
    FTH_FOCUS_JSON,
    FTH_FOCUS_KEYVALUE
};

struct fth_focus_column {
    const char *name;
    const char *values; /* "Used; Unused" */
    enum fth_focus_dataset dataset;
    enum fth_focus_type type;
    enum fth_focus_version since, until;
};

const struct fth_focus_column *fth_focus_column_at(size_t i);
size_t fth_focus_column_nr(void);
/* Of any version; NULL when there is none. */
const struct fth_focus_column *fth_focus_column(enum fth_focus_dataset dataset,
                                                struct fth_str name);
/* Is `value` one of its values? */
bool fth_focus_listed(const struct fth_focus_column *column, struct fth_str value);
/* The category of a subcategory, or NULL. */
const char *fth_focus_parent(struct fth_str subcategory);
bool fth_focus_iso4217(struct fth_str code);
/* The prefix that ids have in a version: "CAU-" or "". */
const char *fth_focus_prefix(const struct fth_focus_rule *rule, enum fth_focus_version version);
size_t fth_focus_rule_index(const struct fth_focus_rule *rule);

/* ---- values (value.c, object.c): pure ---- */

/* What a number's text says, as far as 18 digits go. */
struct fth_focus_number {
    bool is;     /* a number, whatever signs and separators it is dressed in */
    bool strict; /* written as FOCUS wants it */
    bool small;  /* mantissa and exponent are exact */
    bool zero, negative;
    int64_t mantissa; /* without sign */
    int exponent;     /* value = mantissa * 10^exponent */
    int decimals;     /* written behind the point, less the E exponent */
};

void fth_focus_number(struct fth_str text, struct fth_focus_number *out);
bool fth_focus_is_null(struct fth_str text);
bool fth_focus_is_blank(struct fth_str text);
bool fth_focus_is_placeholder(struct fth_str text);
bool fth_focus_is_string(struct fth_str text);
bool fth_focus_is_moment(struct fth_str text);
bool fth_focus_is_datetime(struct fth_str text);
bool fth_focus_is_unit(struct fth_str text);
bool fth_focus_is_currency(struct fth_str text);
bool fth_focus_is_national(struct fth_str text);
bool fth_focus_is_capitals(struct fth_str text);
/* A flat JSON object with unique keys; *pascal: all keys are PascalCase or begin with x_. */
bool fth_focus_is_keyvalue(struct fth_str text, bool *pascal);

/* A question about a JSON object with an array "Elements" (object.c). */
enum fth_focus_object_kind {
    FTH_FOCUS_HAS_ELEMENTS,
    FTH_FOCUS_HAS_OBJECTS,
    FTH_FOCUS_HAS_FLAT,
    FTH_FOCUS_HAS_KEYS,
    FTH_FOCUS_HAS_KEY,
    FTH_FOCUS_HAS_KEY_WITH, /* a, where b has a value */
    FTH_FOCUS_HAS_KEY_ONLY, /* no a where b has none */
    FTH_FOCUS_HAS_KEY_OR,
    FTH_FOCUS_HAS_NUMBER,
    FTH_FOCUS_HAS_TEXT,
    FTH_FOCUS_HAS_UNIT
};

struct fth_focus_object_ask {
    enum fth_focus_object_kind kind;
    const struct fth_str *keys;
    size_t key_nr;
};

/* True also for what other rules name: text that is no object, elements that are none. */
bool fth_focus_object_holds(const struct fth_json *object, const struct fth_focus_object_ask *ask);
/* A member without regard to case ("…ID" and "…Id"). */
const struct fth_json *fth_focus_member(const struct fth_json *object, struct fth_str key);

/* ---- conditions (expr.c) ---- */

enum fth_focus_atom_kind {
    FTH_FOCUS_A_NULL,
    FTH_FOCUS_A_EQUALS, /* a text; null never does */
    FTH_FOCUS_A_STRING,
    FTH_FOCUS_A_NUMBER,
    FTH_FOCUS_A_DECIMAL,
    FTH_FOCUS_A_MOMENT,
    FTH_FOCUS_A_DATETIME,
    FTH_FOCUS_A_UNIT,
    FTH_FOCUS_A_CURRENCY,
    FTH_FOCUS_A_NATIONAL,
    FTH_FOCUS_A_KEYVALUE,
    FTH_FOCUS_A_PASCAL,
    FTH_FOCUS_A_JSON,
    FTH_FOCUS_A_LISTED,
    FTH_FOCUS_A_BLANK,
    FTH_FOCUS_A_PLACEHOLDER,
    FTH_FOCUS_A_NOT_NEGATIVE,
    FTH_FOCUS_A_ZERO,
    FTH_FOCUS_A_WHOLE,
    FTH_FOCUS_A_ASCII,
    FTH_FOCUS_A_CAPITALS, /* three of them */
    FTH_FOCUS_A_ANYJSON,
    FTH_FOCUS_A_HAS
};

enum fth_focus_relation_kind {
    FTH_FOCUS_R_SAME,
    FTH_FOCUS_R_BEFORE,
    FTH_FOCUS_R_NOT_AFTER,
    FTH_FOCUS_R_UNDER,
    FTH_FOCUS_R_PRODUCT,
    FTH_FOCUS_R_PRODUCT_OFFICIAL,
    FTH_FOCUS_R_ELEMENT
};

struct fth_focus_expr {
    enum fth_focus_expr_op {
        FTH_FOCUS_AND,
        FTH_FOCUS_OR,
        FTH_FOCUS_NOT,
        FTH_FOCUS_ATOM,
        FTH_FOCUS_RELATION
    } op;
    const struct fth_focus_expr *a, *b;
    /* ATOM */
    enum fth_focus_atom_kind atom;
    struct fth_str text; /* of EQUALS */
    struct fth_focus_object_ask ask;
    /* RELATION */
    enum fth_focus_relation_kind relation;
    struct fth_str columns[3]; /* names; "*" is the column that is asked for */
    size_t column_nr;
};

/* Parses a condition of the grammar in expr.h. FTH_E_SYNTAX, FTH_E_NOMEM. */
enum fth_rc fth_focus_expr_parse(struct fth_arena *arena, struct fth_str text,
                                 const struct fth_focus_expr **out, struct fth_err *err);

#endif
