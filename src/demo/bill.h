/*
 * bill: the lines of one month, and what each of them is meant to be.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_DEMO_BILL_H
#define FTH_DEMO_BILL_H

#include "demo/cur.h"
#include "demo/estate.h"
#include "demo/truth.h"

/* A reservation of instances of one kind in the first region. Rates in 1e-10 dollars an hour. */
struct fth_reservation {
    const struct fth_kind *kind;
    const struct fth_account *owner;
    const char *arn, *usage_type, *operation, *payment;
    int64_t recurring, amortized; /* of one instance; amortized * 8760 was paid upfront */
    int64_t count;
    int32_t from, until;
    int64_t left;       /* today, 1e-4 hours */
    int64_t month_used; /* 1e-4 hours */
};

/* A savings plan. */
struct fth_savings_plan {
    const struct fth_account *owner;
    const char *arn, *offering, *usage_type, *payment, *description;
    const char
        *instance_prefix; /* "m6i." for a plan of one family; "" for all that may be covered */
    bool upfront;         /* all of it; else nothing */
    int64_t hourly;       /* commitment, 1e-10 */
    int64_t discounted;   /* thousandths of the rate that covered usage costs */
    int32_t from, until;
    int64_t used; /* today, 1e-10 */
};

enum { FTH_RESERVATION_NR = 2, FTH_SAVINGS_PLAN_NR = 2, FTH_TAXED_MAX = 64 };

/* What tax is counted on: billed of one product in each account. */
struct fth_taxed {
    const char *product_code, *product_name;
    int64_t billed[FTH_ACCOUNT_NR];
};

struct fth_bill {
    const struct fth_estate *estate;
    struct fth_truth *truth;
    struct fth_reservation reservations[FTH_RESERVATION_NR];
    struct fth_savings_plan plans[FTH_SAVINGS_PLAN_NR];
    uint64_t rows;

    /* The month at hand. */
    struct fth_arena *scratch; /* texts of a day's lines; cleared between days */
    struct fth_cur_month *cur; /* NULL: only its truth is wanted */
    int32_t month, month_nr;
    int32_t first, last; /* days with charges */
    bool closed;         /* invoiced */
    char invoice[32];
    struct fth_taxed taxed[FTH_TAXED_MAX];
    size_t taxed_nr;
};

/* Chooses what is committed to; texts go to `arena`. */
enum fth_rc fth_bill_commit(struct fth_arena *arena, struct fth_bill *bill, struct fth_err *err);

/* A line of `account` from `from` to the end of `until`, with what every line has. */
enum fth_rc fth_bill_start(struct fth_bill *bill, struct fth_cur_line *line, const char *type,
                           const struct fth_account *account, int32_t from, int32_t until,
                           struct fth_err *err);
/* Product, usage type and operation of a line that is not of a resource; NULL leaves one out. */
enum fth_rc fth_bill_product(struct fth_bill *bill, struct fth_cur_line *line, const char *code,
                             const char *name, const char *usage_type, const char *operation,
                             struct fth_err *err);
/* Writes it. */
enum fth_rc fth_bill_end(struct fth_bill *bill, struct fth_cur_line *line, struct fth_err *err);

/* Tells what a line that has just been written is meant to be. Fields of `row` that are NULL become
 * "", the month is the bill's. Usage and purchases are taxed. */
enum fth_rc fth_bill_meant(struct fth_bill *bill, struct fth_truth_row row,
                           const char *product_name, struct fth_err *err);

/* All lines of a day: usage, covered or not, and the fees of savings plans. */
enum fth_rc fth_bill_day(struct fth_bill *bill, int32_t day, struct fth_err *err);

/* commit.c: takes what a commitment covers off *quantity and writes those lines. */
enum fth_rc fth_bill_cover(struct fth_bill *bill, const struct fth_resource *resource, int32_t day,
                           int64_t *quantity, struct fth_err *err);
/* A line of a resource with product, place, tags and list price. */
enum fth_rc fth_bill_resource(struct fth_bill *bill, struct fth_cur_line *line, const char *type,
                              const struct fth_resource *resource, int32_t day, int64_t quantity,
                              struct fth_err *err);
void fth_bill_start_day(struct fth_bill *bill, int32_t day);
enum fth_rc fth_bill_day_fees(struct fth_bill *bill, int32_t day, struct fth_err *err);
enum fth_rc fth_bill_month_fees(struct fth_bill *bill, struct fth_err *err);

/* fees.c: support, domains, marketplace, credits, refunds, tax. */
enum fth_rc fth_bill_close(struct fth_bill *bill, struct fth_err *err);

#endif
