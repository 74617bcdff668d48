/* money_int: what money.c and money_div.c share: an amount as sign and magnitude. */
#ifndef FTH_MONEY_INT_H
#define FTH_MONEY_INT_H

#include "base/money.h"

#define FTH_MONEY_TAIL_ONE UINT64_C(1000000000000000000) /* tail units in one head unit */
enum { FTH_MONEY_HEAD_DIGITS = 10, FTH_MONEY_DECIMALS = 28, FTH_MONEY_INT_DIGITS = 28 };

struct fth_money_mag {
    fth_u128 head;
    uint64_t tail;
    bool negative;
};

/* 10^n, n <= 38. */
fth_u128 fth_money_pow10(unsigned n);

struct fth_money_mag fth_money_mag(struct fth_money a);

/* The amount of a magnitude whose head is at most 1e38. */
struct fth_money fth_money_unmag(struct fth_money_mag mag);

#endif
