/*
 * plan_ledger: a small ledger with known charges, and plans asked of it.
 *
 * Thread rule: one test, one thread.
 */
#ifndef FTH_TEST_PLAN_LEDGER_H
#define FTH_TEST_PLAN_LEDGER_H

#include "base/clock.h"
#include "plan/filter.h"
#include "plan/plan.h"

/* NULL texts are null. List and contracted cost are the billed one. */
struct charge {
    const char *provider, *account, *account_name, *service, *code, *region, *category, *resource,
        *resource_name, *unit, *commitment_type, *currency, *price, *meter, *charge_class,
        *credit_type, *commitment;
    struct fth_money billed, effective;
    double quantity;
    int64_t start_us, end_us;
    int32_t tags; /* from plan_tags() */
};

struct plan_ledger {
    struct fth_db *db;
    struct fth_ledger *ledger;
    struct fth_session *session;
    struct fth_clock clock;
    int64_t segment, version;
    bool forget_cube_tags;   /* loads do not tell the catalogue of cubes by tag */
    struct fth_arena *arena; /* of answers; may be cleared between questions */
};

/* A ledger in the test's folder. Close it. */
struct plan_ledger plan_ledger_open(void);
void plan_ledger_close(struct plan_ledger *on);

/* The set of "key=value" texts, ended by NULL. */
int32_t plan_tags(struct plan_ledger *on, const char *const *tags);

/* A segment of source "AWS/<account>" (in the catalogue) and period, current from now on. */
void plan_load(struct plan_ledger *on, const char *source, const char *period,
               const struct charge *charges, size_t nr, bool wide);

/* Asks; the error is given back, the result object is in on->arena. */
struct plan_options {
    bool never_cube;
    size_t page_rows;
    struct fth_str cursor;
    const struct fth_filter *scope;
    const struct fth_rate_source *rates;
    const char *dimension, *only; /* fth_plan_only(); NULL: all */
};
enum fth_rc plan_try(struct plan_ledger *on, const char *plan, struct plan_options options,
                     const struct fth_json **out, struct fth_err *err);
const struct fth_json *plan_ask(struct plan_ledger *on, const char *plan,
                                struct plan_options options);

/* The amount in a cell, which must be a text. */
struct fth_money plan_money(const struct fth_json *row, const char *column);

/* 2025-01-01 and days behind it, at an hour. */
int64_t plan_instant(int day, int hour);

#endif
