/*
 * grid: the groups of an answer while it is put together, exactly.
 *
 * A row is one combination of keys, bucket and currency, with its sums in two windows: the time
 * asked for and the one that it is compared with. Sums of money are pairs of limbs, brought
 * together exactly once, when they are read.
 *
 * Thread rule: as the run it belongs to.
 */
#ifndef FTH_PLAN_GRID_H
#define FTH_PLAN_GRID_H

#include "plan/query.h"

/* Moves a bucket to the one that it stands beside. */
typedef int64_t (*fth_shift)(const void *ctx, int64_t bucket);

struct fth_grid_sums {
    int64_t charges, resources;
    bool has_quantity, mixed_units;
    double quantity;
    struct fth_str unit;
    bool has_days;
    int32_t first_day, last_day;
    struct fth_money money[]; /* by place: see fth_grid_money() */
};

/* The robust line through a group's series. */
struct fth_trend {
    bool found;                     /* there are enough points */
    bool noise;                     /* the fitted change is no more than chance */
    struct fth_money slope;         /* a bucket */
    struct fth_money change, start; /* over the range; at its begin */
};

/* A change in parts, and of one unit and currency what its split into quantity and mix needs. */
struct fth_effects {
    struct fth_money part[FTH_EFFECT_NR];
    struct fth_money cost;             /* today's, of the prices that are compared */
    struct fth_money repriced;         /* what their old quantities cost at today's prices */
    struct fth_money quantity, before; /* their quantities now and before */
};

struct fth_grid_row {
    const struct fth_str *keys; /* p is NULL for null */
    struct fth_str currency;
    int64_t bucket;                          /* date, for hours µs */
    struct fth_grid_sums *sums[FTH_WINDOWS]; /* NULL: no charges */
    struct fth_trend *trend;                 /* NULL: not asked for, or too few points */
    struct fth_effects *effects;             /* NULL: not asked for, or none */
};

/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
FTH_VEC(fth_grid_row_vec, struct fth_grid_row *)

struct fth_grid {
    struct fth_arena *arena;
    size_t key_nr;
    unsigned slots;
    struct fth_grid_row_vec rows;
    struct fth_grid_row_vec totals; /* of a pass with only its first rows: one a currency */
    int64_t group_nr;               /* of that pass: how many rows there are in all */
    uint32_t *table;                /* open addressing: place in rows + 1 */
    size_t cap;
    uint64_t seed;
};

void fth_grid_init(struct fth_grid *grid, struct fth_arena *arena, size_t key_nr, unsigned slots);

/* The row of these keys, made when there is none; texts are copied. */
enum fth_rc fth_grid_row(struct fth_grid *grid, const struct fth_str *keys, int64_t bucket,
                         struct fth_str currency, struct fth_grid_row **out, struct fth_err *err);
/* Its sums of a window, made when there are none. */
enum fth_rc fth_grid_sums(struct fth_grid *grid, struct fth_grid_row *row, int window,
                          struct fth_grid_sums **out, struct fth_err *err);

/* Days that some of its charges are of. */
void fth_grid_add_days(struct fth_grid_sums *sums, int32_t first, int32_t last);

/* A text, p is NULL for null; any whole number or decimal as it is stored, 0 for null. */
struct fth_str fth_grid_text(const struct fth_vec *vec, size_t row);
fth_i128 fth_grid_whole(const struct fth_vec *vec, size_t row);

/* A slot of money; zero when there are no charges. */
struct fth_money fth_grid_money(const struct fth_grid *grid, const struct fth_grid_sums *sums,
                                enum fth_slot slot);

/*
 * Runs a pass and adds what it finds to `window`. `shift`, when given, moves a bucket of the pass
 * to the one that it stands beside. A pass that spreads long charges runs twice: *statement gets
 * the first of the two.
 */
enum fth_rc fth_grid_run(struct fth_grid *grid, struct fth_query_env *env,
                         const struct fth_pass *pass, int window, fth_shift shift,
                         const void *shift_ctx, struct fth_statement *statement,
                         struct fth_err *err);
/* Says what is too large when memory ends: the groups that are held, or what the engine does. */
enum fth_rc fth_grid_too_many(const struct fth_grid *grid, struct fth_err *err);

#endif
