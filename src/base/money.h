/*
 * money: exact decimal amounts.
 *
 * An amount is two limbs: `head` in units of 1e-10 and `tail` in units of 1e-28, value =
 * head * 1e-10 + tail * 1e-28. Stored amounts of a charge have a head of 64 bits (DECIMAL(18,10) of
 * the ledger: ±99,999,999.9999999999) or, in a wide column, 128 bits cut to 38 digits; sums have
 * room for any bill. Amounts without a currency are plain decimals; adding two currencies is the
 * caller's error to prevent (struct fth_amount carries one).
 *
 * Normal form: |tail| < 1e18, head and tail do not have opposite signs, |head| <= 1e38 (so amounts
 * have up to 28 digits before the point). All functions return it.
 * No function rounds unless it says so, none ever goes through a double unless it says so.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_MONEY_H
#define FTH_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/int128.h"
#include "base/str.h"

struct fth_money {
    fth_i128 head; /* units of 1e-10 */
    fth_i128 tail; /* units of 1e-28 */
};

#define FTH_MONEY_ZERO ((struct fth_money){0, 0})
#define FTH_MONEY_HEAD_MAX INT64_C(999999999999999999) /* of a narrow column */
#define FTH_MONEY_TEXT_MAX 64                          /* bytes that fth_money_text() may write */

/*
 * Reads a decimal: optional '-' or '+', digits with at most one '.', optional E and exponent
 * ("1.4724E-6", ".5", "7.", "-7.0E-10"). Exact, or an error:
 * FTH_E_SYNTAX  not a number ("", "NaN", "Infinity", "1,5", "0x1", white space)
 * FTH_E_RANGE   more than 28 decimals that are not zero, or more than 28 digits before the point
 * The message quotes the text and says which; it does not say where, the caller does.
 */
enum fth_rc fth_money_parse(struct fth_str text, struct fth_money *out, struct fth_err *err);

/* The same, but what lies below the 28th decimal is rounded half even, as a decimal. */
enum fth_rc fth_money_parse_rounded(struct fth_str text, struct fth_money *out,
                                    struct fth_err *err);

/* The shortest decimal that reads back as `value` (what JSON and Parquet doubles mean).
 * FTH_E_RANGE for NaN, infinities and what fth_money_parse() refuses of that decimal. */
enum fth_rc fth_money_from_double(double value, struct fth_money *out, struct fth_err *err);

/* From an integer of units of 10^-scale, 0 <= scale <= 28. FTH_E_RANGE. */
enum fth_rc fth_money_from_scaled(fth_i128 units, unsigned scale, struct fth_money *out,
                                  struct fth_err *err);

/* Brings any two limbs to normal form. FTH_E_RANGE on overflow. */
enum fth_rc fth_money_make(fth_i128 head, fth_i128 tail, struct fth_money *out,
                           struct fth_err *err);

/* Does it fit a narrow column, and is the tail zero? */
bool fth_money_is_narrow(struct fth_money a);
bool fth_money_is_zero(struct fth_money a);
int fth_money_sign(struct fth_money a);
int fth_money_cmp(struct fth_money a, struct fth_money b);

/* *sum += a, *sum -= a; FTH_E_RANGE on overflow, *sum untouched. */
enum fth_rc fth_money_add(struct fth_money *sum, struct fth_money a, struct fth_err *err);
enum fth_rc fth_money_sub(struct fth_money *sum, struct fth_money a, struct fth_err *err);
struct fth_money fth_money_neg(struct fth_money a);
struct fth_money fth_money_abs(struct fth_money a);

/* a * num / den, rounded half even to `decimals` (0 to 28) places, once, at the end: what is
 * between is exact, whatever the operands. den != 0. FTH_E_RANGE. */
enum fth_rc fth_money_muldiv(struct fth_money a, struct fth_money num, struct fth_money den,
                             unsigned decimals, struct fth_money *out, struct fth_err *err);

/* The same of two or three factors: their product / den. */
enum { FTH_MONEY_FACTORS = 3 };
enum fth_rc fth_money_product(const struct fth_money *factors, size_t nr, struct fth_money den,
                              unsigned decimals, struct fth_money *out, struct fth_err *err);

/* Rounded half even to `decimals` (0 to 28) places. */
struct fth_money fth_money_round(struct fth_money a, unsigned decimals);

/* Every digit that is true and none that is not: no exponent, no trailing zeros, "0" for zero, "-"
 * in front of negative ones. Returns the number of bytes, no zero byte. */
size_t fth_money_text(struct fth_money a, char out[FTH_MONEY_TEXT_MAX]);
void fth_money_put(struct fth_buf *buf, struct fth_money a);

/* With exactly `decimals` places (rounded half even if it has more), for tables that people read.
 */
void fth_money_put_fixed(struct fth_buf *buf, struct fth_money a, unsigned decimals,
                         char thousands /* 0: none */);

/* The nearest double, for statistics and ratios only. */
double fth_money_to_double(struct fth_money a);

/* a / b * 100 as a decimal with 4 places, half even ("12.5"); false when b is zero, or so small
 * that the result is no amount. */
bool fth_money_percent(struct fth_money a, struct fth_money b, struct fth_money *out);

/* Decimals of a currency's smallest unit (ISO 4217): 2 unless it is known to have others. */
unsigned fth_currency_decimals(struct fth_str currency);

#endif
