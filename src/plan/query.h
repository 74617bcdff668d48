/*
 * query: what one pass over the ledger asks, and its statement in the engine's dialect.
 *
 * A pass groups the charges of a stretch of time by keys, time bucket and currency and sums slots.
 * Names of tables and columns come from our own tables, everything that somebody wrote is bound.
 * Only segments that can hold an answer are named. What a daily cube or the resource roll-up covers
 * is read from there. A segment is a period: where all its charges fall in one bucket, the bucket
 * is a literal and not a function over its rows.
 *
 * Thread rule: as the run it belongs to.
 */
#ifndef FTH_PLAN_QUERY_H
#define FTH_PLAN_QUERY_H

#include "base/vec.h"
#include "plan/filter_int.h"
#include "plan/plan_int.h"

FTH_VEC(fth_param_vec, struct fth_param)
/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
FTH_VEC(fth_segment_vec, const struct fth_segment *)

/* What all passes of a run share. */
struct fth_query_env {
    struct fth_session *session;
    const struct fth_snapshot *snapshot;
    struct fth_arena *arena;
    struct fth_cancel *cancel;
    const struct fth_str *tag_keys; /* every key that there is, sorted */
    size_t tag_key_nr;
    /* What the caller may see: every statement heeds it. Snapshot and keys are of that alone
     * (scope.h). NULL: all. */
    const struct fth_clause *scope;
    bool never_cube;
    unsigned cond_nr; /* ids of conditions handed out */
    struct fth_str_vec warnings;
};

enum fth_rc fth_query_warn(struct fth_query_env *env, struct fth_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A dimension as this ledger has it: tags by the keys that are there. */
struct fth_dim {
    struct fth_str name; /* as in the plan */
    enum fth_dimension_kind kind;
    const struct fth_dimension *info; /* NULL for TAG */
    const struct fth_str *tag_keys;   /* TAG, BUSINESS: the first that a charge has counts */
    size_t tag_key_nr;
};

/* FTH_E_INVALID when a tag's key is there in several spellings and none is exact. A key that is not
 * there is a warning. */
enum fth_rc fth_dim_find(struct fth_query_env *env, struct fth_str name, struct fth_dim *out,
                         struct fth_err *err);

/* A filter whose values are those that are stored: by id, else by label or alias, letters folded.
 */
struct fth_clause {
    enum fth_filter_op op;
    struct fth_dim dim;
    const struct fth_str *values;
    size_t value_nr;
    const struct fth_clause *const *parts;
    size_t part_nr;
    unsigned id; /* of a leaf, from 1 */
    /* CONTAINS: the charges of these of which one has the part in id or label say which ids are
     * meant, so that all of an id is there or nothing; NULL: each charge speaks for itself. */
    const struct fth_segment_vec *within;
    bool folded; /* values are lower case, and compared with what is stored in lower case */
};

/*
 * Looks values up as they are stored `within` these segments, which must be all that the clause is
 * asked of. They are read from the cube of the fewest keys that has the column, else the roll-up,
 * and only as a last resort from the facts. An id that is not there is looked up in the other
 * segments too where a cube has it. Sources and billing periods are those of all segments, tags
 * those of the dictionary. What matches nothing is a warning, which says so if only charges of the
 * time asked for were looked at.
 */
enum fth_rc fth_clause_resolve(struct fth_query_env *env, const struct fth_filter *filter,
                               const struct fth_segment_vec *within, const struct fth_clause **out,
                               struct fth_err *err);

/* ---- passes ---- */

enum fth_slot {
    FTH_SLOT_EFFECTIVE,
    FTH_SLOT_BILLED,
    FTH_SLOT_LIST,
    FTH_SLOT_CONTRACTED,
    FTH_SLOT_CREDIT,
    FTH_SLOT_UNTAGGED,
    FTH_SLOT_MONEY_NR,
    FTH_SLOT_QUANTITY = FTH_SLOT_MONEY_NR,
    FTH_SLOT_RESOURCES,
    FTH_SLOT_CHARGES,
    FTH_SLOT_DAYS, /* the first and the last day of the charges */
    FTH_SLOT_NR
};

/* Only some of the rows, by their order in an answer. */
struct fth_top {
    enum fth_slot by; /* money, RESOURCES or CHARGES */
    bool desc;
    bool by_time_first;
    int64_t limit, offset;
};

/* The parts of a change as an answer has them: currency is of no charges. */
enum fth_effect {
    FTH_EFFECT_PRICE,
    FTH_EFFECT_QUANTITY,
    FTH_EFFECT_MIX,
    FTH_EFFECT_NEW,
    FTH_EFFECT_GONE,
    FTH_EFFECT_COMMITMENT,
    FTH_EFFECT_CREDIT,
    FTH_EFFECT_CURRENCY,
    FTH_EFFECT_OTHER,
    FTH_EFFECT_NR
};

struct fth_pass {
    const struct fth_dim *keys;
    size_t key_nr;
    const struct fth_clause *cond;
    const struct fth_dim *untagged; /* UNTAGGED: the tag that is missing; NULL: no tag at all */
    enum fth_grain grain;
    unsigned slots;            /* bit of enum fth_slot */
    const struct fth_top *top; /* NULL: all rows. Not heeded where money has tails. */
    struct fth_range time;
    enum fth_part part; /* only the charges of this part of the change between the windows */
    struct fth_range windows[FTH_WINDOWS];
    bool has_time, by_billing, spread;
    bool long_only; /* with spread: the charges longer than a day, one a row */
};

/* The segments with rows that at least one of the passes can find charges in, in their order. */
enum fth_rc fth_query_segments(const struct fth_query_env *env, const struct fth_pass *passes,
                               size_t nr, struct fth_segment_vec *out, struct fth_err *err);

enum fth_served { FTH_SERVED_NONE, FTH_SERVED_CUBE, FTH_SERVED_ROLLUP, FTH_SERVED_FACTS };

struct fth_statement {
    struct fth_str sql; /* empty: no segment can hold an answer */
    struct fth_param_vec params;
    struct fth_segment_vec segments; /* that it reads */
    enum fth_served served;          /* the most expensive of its sources */
    bool has_tail;                   /* money has a column of tails behind it */
    struct fth_str currency;         /* of all rows; p is NULL: a column says it */
    bool topped;                     /* rows are those of pass->top, with lines of totals */
    int64_t fact_rows;               /* rows of the segments that are read as facts */
    const bool *told;                /* by parameter: false for those of the caller's scope */
};

/*
 * Columns of the statement's rows: with `topped` 0, or in a line of totals the number of groups of
 * its currency (I64); one text a key, the bucket (DATE, for hours INSTANT) if there is a grain,
 * currency if it is not that of all rows, number of charges (I64; any but 0 when they were not
 * asked for), for each slot of money the head (DEC_WIDE) and, with has_tail, the tail (I128), then
 * QUANTITY (DOUBLE) with least and greatest unit (TEXT), RESOURCES (I64), DAYS (two DATEs; not with
 * `top` or spread charges). With long_only also first day (DATE) and days (I64) behind the number
 * of charges, no bucket, and heads may be DEC.
 */
enum fth_rc fth_query_compile(struct fth_query_env *env, const struct fth_pass *pass,
                              struct fth_statement *out, struct fth_err *err);

/*
 * The statement of the parts of a change, in one pass over the facts of both windows of `pass`: a
 * row for each combination of keys, currency, kind of charge, price and unit. Columns: one text a
 * key, currency as above, kind (I32, enum fth_part; COMPARED: of a price, whichever of COMPARED,
 * NEW, GONE and OTHER it turns out to be), unit (TEXT), then for each window the head of the
 * pass's one slot of money (DEC_WIDE; with spread I128, units of 1e-10), with has_tail the tail
 * (I128), and the quantity (DOUBLE), which counts for COMPARED alone; all null where the window
 * has no such charges.
 */
enum fth_rc fth_query_compile_parts(struct fth_query_env *env, const struct fth_pass *pass,
                                    struct fth_statement *out, struct fth_err *err);
/* First date of the bucket that holds `date`. */
int32_t fth_bucket(enum fth_grain grain, int32_t date);

const char *fth_served_name(enum fth_served served);

#endif
