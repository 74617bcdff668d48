/*
 * dimension: the tables of dimensions, measures and named values of subject cost.
 *
 * Thread rule: constant data.
 */
#ifndef FTH_PLAN_DIMENSION_H
#define FTH_PLAN_DIMENSION_H

#include "plan/plan.h"

enum fth_dimension_kind {
    FTH_DIMENSION_COLUMN,
    FTH_DIMENSION_PERIOD,
    FTH_DIMENSION_SOURCE,
    FTH_DIMENSION_BUSINESS,
    FTH_DIMENSION_TAG /* "tag:KEY", in no table */
};

struct fth_dimension {
    const char *id, *label, *text, *column, *label_column, *drill;
    enum fth_dimension_kind kind;
};

enum fth_measure {
#define FTH_MEASURE(id, label, kind, additive) FTH_M_##id,
#include "plan/measure.def"
#undef FTH_MEASURE
    FTH_MEASURE_NR
};

struct fth_measure_info {
    const char *id, *label;
    enum fth_cell_kind kind;
    bool additive; /* rows add up to the total */
};

/* The row of `id`, or NULL. fth_dimension_alias() also takes a FOCUS column's name, letters folded.
 * Not for "tag:KEY". */
const struct fth_dimension *fth_dimension_find(struct fth_str id);
const struct fth_dimension *fth_dimension_alias(struct fth_str name);
/* The key of "tag:KEY", false when `field` is none. */
bool fth_dimension_tag(struct fth_str field, struct fth_str *key);

const struct fth_measure_info *fth_measure_info(enum fth_measure measure);
/* FTH_MEASURE_NR when there is none of that name. */
enum fth_measure fth_measure_find(struct fth_str id);

/*
 * Checks the name of a dimension as it stands in a plan or filter: one of ours or "tag:KEY".
 * FTH_E_UNSUPPORTED for those of other subjects, FTH_E_INVALID with the nearest for the rest.
 */
enum fth_rc fth_dimension_check(struct fth_str field, struct fth_err *err);

/* A value with a name of ours. */
struct fth_value {
    const char *dimension, *id, *label, *aliases;
};

size_t fth_value_nr(void);
const struct fth_value *fth_value_at(size_t i);
/* Is `text` this value's id, label or one of its aliases, letters folded? */
bool fth_value_is(const struct fth_value *value, struct fth_str text);
/* Does its id, label or an alias contain `part`? */
bool fth_value_contains(const struct fth_value *value, struct fth_str part);
/* Takes the next alias off *aliases. */
bool fth_value_next_alias(struct fth_str *aliases, struct fth_str *alias);
/* Has this dimension values of ours? */
bool fth_value_has(const char *dimension);
/* What a stored value is shown as: our id, or itself. */
struct fth_str fth_value_id(const char *dimension, struct fth_str stored);

/* Looks for the name nearest to `name` among `nr` candidates; NULL when none is near. */
const char *fth_nearest(struct fth_str name, const char *const *names, size_t nr);

/* Is `part` in `text`, letters of ASCII folded? */
bool fth_contains_folded(struct fth_str text, struct fth_str part);

#endif
