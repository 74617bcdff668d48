/* mapping_int: what the parts of mappings share. Private to src/import. */
#ifndef FTH_IMPORT_MAPPING_INT_H
#define FTH_IMPORT_MAPPING_INT_H

#include "base/money.h"
#include "import/mapping.h"

/* ---- mapping_text.c: numbers and dates as people write them ---- */

struct fth_mapping_numbers {
    char point; /* '.' or ',' */
    char group; /* 0, ',', '.', ' ' or '\'' */
};

/* "1.234,50 €" -> "1234.50", "(5)" -> "-5", "15%" -> "15E-2", in `out`; false when it is none.
 * Groups are three digits; a sign of currency before or behind is left out. */
enum { FTH_MAPPING_NUMBER_MAX = 96 };
bool fth_mapping_number(struct fth_str text, struct fth_mapping_numbers form,
                        char out[FTH_MAPPING_NUMBER_MAX], size_t *n);

/* A form of dates: "iso", "us", "eu", "unix", "excel", or a pattern with '%'. */
bool fth_mapping_is_dates(struct fth_str form);
/* *day: it names a day (or a month), not a moment of it. */
bool fth_mapping_date(struct fth_str text, struct fth_str form, int64_t *out, bool *day);

/* White space of all kinds off both ends. */
struct fth_str fth_mapping_trim(struct fth_str text);

/* ---- mapping_expr.c ---- */

/*
 *   sum     = product { ("+" | "-") product }
 *   product = factor { ("*" | "/") factor }
 *   factor  = "-" factor | number | "[" column "]" | word | "(" sum ")"
 *           | "round" "(" sum "," whole number ")" | "abs" "(" sum ")"
 *           | "default" "(" sum "," sum ")"
 *
 * A word is the name of a column. Exact: a result that does not end within 28 decimals is odd,
 * unless round() says to how many (half even). An empty cell makes the whole empty, unless
 * default() says what stands for it.
 */
struct fth_mapping_expr;

/* Finds, or adds, an input by its name. */
struct fth_mapping_inputs {
    enum fth_rc (*find)(void *ctx, struct fth_str name, size_t *out, struct fth_err *err);
    void *ctx;
};

/* FTH_E_INVALID with what is wrong and where in the text; FTH_E_LIMIT. */
enum fth_rc fth_mapping_expr_read(struct fth_arena *arena, struct fth_str text,
                                  const struct fth_mapping_inputs *inputs,
                                  const struct fth_mapping_expr **out, struct fth_err *err);
/* The first input. */
size_t fth_mapping_expr_from(const struct fth_mapping_expr *expr);
/* *has is false for an empty one, and for one that is odd. */
enum fth_rc fth_mapping_expr_value(const struct fth_mapping_expr *expr,
                                   struct fth_mapping_numbers numbers,
                                   const struct fth_feed_cells *cells, struct fth_money *out,
                                   bool *has, struct fth_feed_odd *odd, struct fth_err *err);

/* ---- mapping_make.c ---- */

enum fth_mapping_how {
    FTH_MAPPING_NOTHING,
    FTH_MAPPING_COLUMN,
    FTH_MAPPING_VALUE,
    FTH_MAPPING_EXPRESSION,
    FTH_MAPPING_SAME,     /* as the column `of` */
    FTH_MAPPING_LATER,    /* `of` and how long a charge lasts */
    FTH_MAPPING_MONTH_OF, /* the month's start of `of` … */
    FTH_MAPPING_MONTH_END /* … and of the month after */
};

struct fth_mapping_table {
    const struct fth_str *from, *to;
    size_t nr;
    bool any; /* there is a table */
};

struct fth_mapping_entry {
    enum fth_mapping_how how;
    size_t input;            /* COLUMN */
    struct fth_str constant; /* VALUE */
    size_t of;               /* column of the layout */
    const struct fth_mapping_expr *expr;
    struct fth_mapping_table table;
    struct fth_str otherwise; /* p NULL: none */
    struct fth_str dates;
    bool included;
    size_t negative; /* input; SIZE_MAX: none */
    struct fth_mapping_table negative_words;
    unsigned line;
};

enum fth_mapping_lasts { FTH_LASTS_HOUR, FTH_LASTS_DAY, FTH_LASTS_MONTH };

struct fth_mapping_int {
    const struct fth_mapping_entry *entries; /* per column of the layout */
    struct fth_mapping_numbers numbers;
    enum fth_mapping_lasts lasts;
    const struct fth_feed_col *cols;
    size_t tags, period; /* columns of the layout */
    const struct fth_str *tag_keys;
    const size_t *tag_inputs;
    size_t tag_nr;
    size_t tag_map; /* input; SIZE_MAX: none */
};

/* struct fth_feed_derive, over a struct fth_mapping_int. */
size_t fth_mapping_from(const void *ctx, size_t col);
enum fth_rc fth_mapping_make(const void *ctx, size_t col, const struct fth_feed_cells *cells,
                             struct fth_str *out, struct fth_feed_odd *odd, struct fth_err *err);
/* A constant as a column keeps it; false when it is none of its kind. */
bool fth_mapping_constant(const struct fth_mapping_int *in, const struct fth_mapping_entry *entry,
                          enum fth_feed_kind kind, struct fth_str text, struct fth_arena *arena,
                          struct fth_str *out);

#endif
