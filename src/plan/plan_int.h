/* plan_int: a checked plan, as compiler and runner see it. */
#ifndef FTH_PLAN_INT_H
#define FTH_PLAN_INT_H

#include "base/date.h"
#include "plan/dimension.h"
#include "plan/filter.h"
#include "plan/plan.h"

enum { FTH_PLAN_GROUPS_MAX = 8, FTH_PLAN_LIMIT_MAX = 1000000 };

/* From `start`, `end` excluded. */
struct fth_range {
    int32_t start, end;
};

enum fth_grain {
    FTH_GRAIN_NONE,
    FTH_GRAIN_HOUR,
    FTH_GRAIN_DAY,
    FTH_GRAIN_WEEK,
    FTH_GRAIN_MONTH,
    FTH_GRAIN_QUARTER,
    FTH_GRAIN_YEAR
};

enum fth_term { FTH_TERM_MEASURE, FTH_TERM_CHANGE, FTH_TERM_CHANGE_PCT, FTH_TERM_SLOPE };

/* What having, assert and order look at: a measure, or what is derived of the first one. */
struct fth_plan_term {
    enum fth_term term;
    enum fth_measure measure; /* MEASURE */
};

enum fth_cmp { FTH_CMP_GT, FTH_CMP_GTE, FTH_CMP_LT, FTH_CMP_LTE, FTH_CMP_EQ };

struct fth_plan_test {
    struct fth_plan_term what;
    enum fth_cmp cmp;
    struct fth_money value;
};

enum { FTH_WINDOWS = 2 }; /* the time asked for and the one that it is compared with */

/* Which charges a part of a change is made of: ADR 26 has the definitions. */
enum fth_part {
    FTH_PART_ANY,
    FTH_PART_COMPARED, /* of prices with a quantity in both windows: price, quantity, mix */
    FTH_PART_NEW,
    FTH_PART_GONE,
    FTH_PART_COMMITMENT,
    FTH_PART_CREDIT,
    FTH_PART_OTHER,
    FTH_PART_NR
};

enum fth_as_of { FTH_AS_OF_NOW, FTH_AS_OF_VERSION, FTH_AS_OF_INSTANT };

struct fth_plan {
    struct fth_plan_test assertion;
    const struct fth_plan_test *having;
    size_t having_nr;
    size_t measure_nr, group_nr, filter_nr, share_within_nr;
    struct fth_str group_by[FTH_PLAN_GROUPS_MAX];
    struct fth_str share_within[FTH_PLAN_GROUPS_MAX];
    const struct fth_filter *const *filters; /* leaves, sorted by their text */
    const struct fth_filter *where;          /* NULL: none */
    struct fth_str tag_key;                  /* empty: no tag at all */
    struct fth_str currency;                 /* empty: as billed */
    int64_t limit;                           /* 0: none */
    int64_t as_of_value;                     /* version, or µs */
    enum fth_measure measures[FTH_MEASURE_NR];
    struct fth_range time, compare;
    enum fth_grain grain;
    enum fth_as_of as_of;
    struct fth_plan_term order;
    enum fth_part part;
    int trend; /* 1 rising, -1 falling, 0 none */
    bool has_time, has_compare, has_assert, has_order, order_desc;
    bool has_currency; /* it says which, or that it wants none */
    bool by_billing;   /* time_basis */
    bool drivers, spread, rows, labels;
    bool by_name; /* fth_plan_by_name() */
    bool seen;    /* fth_plan_seen() */
};

const char *fth_grain_name(enum fth_grain grain);
const char *fth_cmp_name(enum fth_cmp cmp);
/* NULL for ANY. */
const char *fth_part_name(enum fth_part part);
/* "effective_cost", "change", … */
const char *fth_plan_term_name(struct fth_plan_term term);
/* The canonical form as a value of `jw`. */
void fth_plan_write(struct fth_jw *jw, const struct fth_plan *plan);
/* Do any of having, assert and order look at `term`? */
bool fth_plan_uses(const struct fth_plan *plan, enum fth_term term);

#endif
