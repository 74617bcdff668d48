/* filter_int: how the two readers of filters (text and JSON) build the same trees. */
#ifndef FTH_PLAN_FILTER_INT_H
#define FTH_PLAN_FILTER_INT_H

#include "base/vec.h"
#include "plan/filter.h"

enum { FTH_FILTER_TEXT_MAX = 64 * 1024, FTH_FILTER_DEPTH_MAX = 64, FTH_FILTER_VALUES_MAX = 10000 };

/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
FTH_VEC(fth_filter_vec, const struct fth_filter *)
FTH_VEC(fth_str_vec, struct fth_str)

/* AND or OR of `parts`: one part is itself, parts of the same kind are taken in, so that a tree has
 * one form however it was bracketed. `parts` must not be empty. */
enum fth_rc fth_filter_join(struct fth_arena *arena, enum fth_filter_op op,
                            const struct fth_filter_vec *parts, const struct fth_filter **out,
                            struct fth_err *err);
enum fth_rc fth_filter_not(struct fth_arena *arena, const struct fth_filter *part,
                           const struct fth_filter **out, struct fth_err *err);
/* A condition. Values are sorted and each is kept once: they are a set. */
enum fth_rc fth_filter_leaf(struct fth_arena *arena, enum fth_filter_op op, struct fth_str field,
                            const struct fth_str_vec *values, const struct fth_filter **out,
                            struct fth_err *err);
/* The canonical name of a field as it was written, copied: "ServiceName" is "service". */
enum fth_rc fth_filter_field(struct fth_arena *arena, struct fth_str written, struct fth_str *out,
                             struct fth_err *err);

#endif
