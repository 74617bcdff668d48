/*
 * sums_int: exact sums of charges as the application's own questions need them, by a plan.
 *
 * Thread rule: as the request that asks.
 */
#ifndef FTH_SUMS_INT_H
#define FTH_SUMS_INT_H

#include "app/costs.h"
#include "base/money.h"

enum { FTH_SUM_KEYS = 2 };

struct fth_sum {
    struct fth_str key[FTH_SUM_KEYS]; /* p NULL: the value is missing */
    struct fth_str currency;
    struct fth_money billed, effective;
    int64_t charges;
};

struct fth_sums_request {
    const char *by[FTH_SUM_KEYS]; /* dimensions, "time" for days of the charge; NULL: no more */
    struct fth_str source, period, invoice; /* only of these; empty: all */
    int64_t version;                        /* of the ledger; 0: the newest */
};

/* All groups, by currency, then by their keys, nulls first; they live in asked->arena. A version
 * that was swept is FTH_E_NOTFOUND. */
enum fth_rc fth_sums(const struct fth_asked *asked, const struct fth_sums_request *request,
                     struct fth_sum **out, size_t *out_nr, struct fth_err *err);

/* The first day that is not known whole, of bills that were loaded last at `loaded_us` (0: never):
 * what was loaded on a day knows that day in part, and nobody knows today whole. */
int32_t fth_open_day(int32_t today, int64_t loaded_us);

int fth_sum_cmp(const struct fth_sum *a, const struct fth_sum *b);

#endif
