/*
 * rates: dated exchange rates, exact decimals as they were published.
 *
 * A rate says how many units of `to` one unit of `from` is on a day. What is not there is found
 * the other way round (1 / rate), or by way of the euro where that has rates to both on one day.
 * Each of these is a fraction of two decimals: nothing is rounded before an amount is converted. A
 * day without a rate takes the last one before it, if that is not older than a few days.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_RATES_H
#define FTH_RATES_H

#include "base/date.h"
#include "base/money.h"
#include "base/vec.h"

enum { FTH_RATES_FILE_MAX = 16 << 20 };

struct fth_rate {
    struct fth_str from, to; /* three capital letters */
    int32_t day;
    struct fth_money rate; /* above 0 */
};

FTH_VEC(fth_rate_vec, struct fth_rate)

/* A currency's name: three capital letters. */
bool fth_rate_is_currency(struct fth_str text);

/* Where a question gets its rates from. */
struct fth_rate_source {
    /* All that can say what `from` is in `to`, of the days from `first` to `last`, by day. */
    enum fth_rc (*read)(void *ctx, struct fth_arena *arena, struct fth_str from, struct fth_str to,
                        int32_t first, int32_t last, struct fth_rate_vec *out, struct fth_err *err);
    void *ctx;
    int max_age;     /* days that a rate serves after its own */
    int64_t version; /* rises with each change */
};

/* amount in `to` = amount in `from` * num / den. */
struct fth_rate_found {
    struct fth_money num, den;
    int32_t day;   /* of the rate */
    bool by_euro;  /* of two rates: from and to the euro */
    bool as_given; /* den is 1 */
};

/* What serves `day`. `rates` are by day; others than those between the two currencies and of the
 * euro are passed over. false: there is none. */
bool fth_rate_find(const struct fth_rate_vec *rates, struct fth_str from, struct fth_str to,
                   int32_t day, int max_age, struct fth_rate_found *out);

/* Rounded half even, once, to 10 places. FTH_E_RANGE. */
enum fth_rc fth_rate_convert(const struct fth_rate_found *rate, struct fth_money amount,
                             struct fth_money *out, struct fth_err *err);

/*
 * Reads a file of rates, whichever it is:
 *   XML of the European Central Bank: <Cube time="2025-01-31"><Cube currency="USD" rate="1.0393"/>
 *   CSV of the same: Date,USD,JPY,… with a line a day; empty and N/A are no rate
 *   a table: date,from,to,rate
 * In the first two `base` (a currency) is what one unit of is said. Sorted by from, to and day; a
 * rate that is said twice counts once, two that differ are an error. The texts live in the arena.
 * FTH_E_SYNTAX with the line, FTH_E_NOMEM.
 */
enum fth_rc fth_rates_read(struct fth_arena *arena, struct fth_str text, struct fth_str base,
                           struct fth_rate_vec *out, struct fth_err *err);

#endif
