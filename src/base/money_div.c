/*
 * Multiplying, dividing and rounding of amounts.
 *
 * An amount in units of 1e-28 has up to 187 bits (1e56), a product of three 560, a divisor that is
 * scaled to the wanted places 373. So what is between is a number of 18 limbs of 32 bits, and the
 * division is Knuth's algorithm D (The Art of Computer Programming 2, 4.3.1).
 */
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/money_int.h"

enum { LIMBS = 18 };

/* Little end first. */
struct wide {
    uint32_t limb[LIMBS];
};

static unsigned wide_len(const struct wide *a)
{
    unsigned n = LIMBS;

    while (n && a->limb[n - 1] == 0)
        n--;
    return n;
}

/* a = a * factor + addend; nothing may be carried out of the top. */
static void wide_mul_add(struct wide *a, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;

    for (unsigned i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    FTH_CHECK(carry == 0);
}

static void wide_mul_pow10(struct wide *a, unsigned n)
{
    for (; n >= 9; n -= 9)
        wide_mul_add(a, 1000000000, 0);
    wide_mul_add(a, (uint32_t)fth_money_pow10(n), 0);
}

static struct wide wide_mul(const struct wide *a, const struct wide *b)
{
    unsigned a_len = wide_len(a), b_len = wide_len(b);
    struct wide product = {0};

    FTH_CHECK(a_len + b_len <= LIMBS);
    for (unsigned i = 0; i < a_len; i++) {
        uint64_t carry = 0;

        for (unsigned j = 0; j < b_len; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + product.limb[i + j];
            product.limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry)
            product.limb[i + b_len] = (uint32_t)carry;
    }
    return product;
}

/* Shifts towards the high end by fewer than 32 bits; what leaves the top is returned. */
static uint32_t wide_shift(struct wide *a, unsigned bits)
{
    uint64_t carry = 0;

    for (unsigned i = 0; i < LIMBS; i++) {
        carry |= (uint64_t)a->limb[i] << bits;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

static uint32_t wide_div_small(struct wide *a, uint32_t divisor)
{
    uint64_t rest = 0;

    for (unsigned i = LIMBS; i-- > 0;) {
        rest = rest << 32 | a->limb[i];
        a->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

/* The digit of the quotient for u[0..n], v[0..n-1], by the first three limbs: at most one too
 * large. */
static uint64_t guess_digit(const uint32_t *u, const uint32_t *v, unsigned n)
{
    uint64_t top = (uint64_t)u[n] << 32 | u[n - 1];
    uint64_t digit = top / v[n - 1], rest = top % v[n - 1];

    while (digit >> 32 || digit * v[n - 2] > (rest << 32 | u[n - 2])) {
        digit--;
        rest += v[n - 1];
        if (rest >> 32)
            break;
    }
    return digit;
}

/* u[0..n] -= digit * v[0..n-1]; true when that went below zero. */
static bool subtract_digit(uint32_t *u, const uint32_t *v, unsigned n, uint64_t digit)
{
    uint64_t carry = 0;
    int64_t borrow = 0;

    for (unsigned i = 0; i <= n; i++) {
        carry += i < n ? digit * v[i] : 0;
        borrow += (int64_t)u[i] - (int64_t)(uint32_t)carry;
        u[i] = (uint32_t)borrow;
        borrow >>= 32;
        carry >>= 32;
    }
    return borrow < 0;
}

static void add_back(uint32_t *u, const uint32_t *v, unsigned n)
{
    uint64_t carry = 0;

    for (unsigned i = 0; i <= n; i++) {
        carry += (uint64_t)u[i] + (i < n ? v[i] : 0);
        u[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* quotient = a / b, *a becomes 2 * remainder compared to b: -1 below, 0 the same, 1 above. */
static int wide_div(struct wide *a, struct wide *b, struct wide *quotient)
{
    unsigned n = wide_len(b), shift;
    uint32_t u[LIMBS + 1];
    struct wide rest = {0};

    FTH_CHECK(n > 0);
    *quotient = (struct wide){0};
    if (n == 1) { /* algorithm D wants two limbs */
        *quotient = *a;
        rest.limb[0] = wide_div_small(quotient, b->limb[0]);
    } else {
        shift = (unsigned)__builtin_clz(b->limb[n - 1]);
        wide_shift(b, shift);
        u[LIMBS] = wide_shift(a, shift);
        memcpy(u, a->limb, sizeof(a->limb));
        for (unsigned j = LIMBS - n + 1; j-- > 0;) {
            uint64_t digit = guess_digit(u + j, b->limb, n);

            if (subtract_digit(u + j, b->limb, n, digit)) {
                digit--;
                add_back(u + j, b->limb, n);
            }
            quotient->limb[j] = (uint32_t)digit;
        }
        memcpy(rest.limb, u, n * sizeof(*u));
    }

    wide_shift(&rest, 1);
    for (unsigned i = LIMBS; i-- > 0;) {
        if (rest.limb[i] != b->limb[i])
            return rest.limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

/* In units of 1e-28. */
static struct wide wide_of(struct fth_money_mag mag)
{
    struct wide out = {{(uint32_t)mag.head, (uint32_t)(mag.head >> 32), (uint32_t)(mag.head >> 64),
                        (uint32_t)(mag.head >> 96)}};

    wide_mul_add(&out, 1000000000, (uint32_t)(mag.tail / 1000000000));
    wide_mul_add(&out, 1000000000, (uint32_t)(mag.tail % 1000000000));
    return out;
}

/* From units of 1e-28; false beyond 1e38 units of 1e-10. */
static bool mag_of(struct wide units, bool negative, struct fth_money_mag *out)
{
    uint64_t low = wide_div_small(&units, 1000000000);
    uint64_t high = wide_div_small(&units, 1000000000);

    if (wide_len(&units) > 4)
        return false;
    out->head = (fth_u128)units.limb[3] << 96 | (fth_u128)units.limb[2] << 64 |
                (fth_u128)units.limb[1] << 32 | units.limb[0];
    out->tail = high * 1000000000 + low;
    out->negative = negative;
    return out->head <= fth_money_pow10(38);
}

/* Half even, from the last digit and twice the rest compared to the divisor. */
static bool rounds_up(bool odd, int rest)
{
    return rest > 0 || (rest == 0 && odd);
}

/* A whole number of 10^-scale. */
struct scaled {
    uint64_t units;
    unsigned scale;
};

/* `strip`: without the zeros at its end, so that more of its kind can be multiplied. */
static bool scaled_of(struct fth_money a, bool strip, struct scaled *out)
{
    if (!fth_money_is_narrow(a))
        return false;
    *out = (struct scaled){(uint64_t)fth_money_mag(a).head, FTH_MONEY_HEAD_DIGITS};
    while (strip && out->scale && out->units % 10 == 0) {
        out->units /= 10;
        out->scale--;
    }
    return true;
}

/* units * 10^n, as long as it fits. */
static bool times_pow10(fth_u128 *units, unsigned n)
{
    return n <= 38 && !__builtin_mul_overflow(*units, fth_money_pow10(n), units);
}

/* What bills mostly have: operands of narrow columns, everything fits 128 bits. */
static bool product_narrow(const struct fth_money *factors, size_t nr, struct fth_money den,
                           unsigned decimals, bool negative, struct fth_money *out)
{
    bool strip = nr > 2 || decimals > FTH_MONEY_HEAD_DIGITS;
    fth_u128 product = 1, divisor, quotient, rest;
    unsigned places = decimals, scale = 0;
    struct fth_err ignored = {0};
    struct scaled one;

    for (size_t i = 0; i < nr; i++) {
        if (!scaled_of(factors[i], strip, &one) ||
            __builtin_mul_overflow(product, one.units, &product))
            return false;
        scale += one.scale;
    }
    if (!scaled_of(den, strip, &one))
        return false;
    divisor = one.units;
    places += one.scale;
    if (places >= scale ? !times_pow10(&product, places - scale)
                        : !times_pow10(&divisor, scale - places))
        return false;
    quotient = product / divisor;
    rest = product % divisor;
    if (rest >> 127 || quotient >> 126)
        return false;
    rest *= 2;
    quotient += rounds_up(quotient & 1, (rest > divisor) - (rest < divisor));
    return !fth_money_from_scaled(negative ? -(fth_i128)quotient : (fth_i128)quotient, decimals,
                                  out, &ignored);
}

static bool product_wide(const struct fth_money *factors, size_t nr, struct fth_money den,
                         unsigned decimals, bool negative, struct fth_money *out)
{
    struct wide product = wide_of(fth_money_mag(factors[0])), quotient, next;
    struct wide divisor = wide_of(fth_money_mag(den));
    struct fth_money_mag mag;
    int rest;

    for (size_t i = 1; i < nr; i++) {
        next = wide_of(fth_money_mag(factors[i]));
        product = wide_mul(&product, &next);
        if (i > 1)
            wide_mul_pow10(&divisor, FTH_MONEY_DECIMALS);
    }
    wide_mul_pow10(&divisor, FTH_MONEY_DECIMALS - decimals);
    rest = wide_div(&product, &divisor, &quotient);
    wide_mul_add(&quotient, 1, rounds_up(quotient.limb[0] & 1, rest));
    if (wide_len(&quotient) > 8)
        return false; /* above 1e57 of the smallest unit; also keeps the next line within limbs */
    wide_mul_pow10(&quotient, FTH_MONEY_DECIMALS - decimals);
    if (!mag_of(quotient, negative, &mag))
        return false;
    *out = fth_money_unmag(mag);
    return true;
}

enum fth_rc fth_money_product(const struct fth_money *factors, size_t nr, struct fth_money den,
                              unsigned decimals, struct fth_money *out, struct fth_err *err)
{
    int sign = fth_money_sign(den);

    FTH_CHECK(nr >= 2 && nr <= FTH_MONEY_FACTORS && sign != 0 && decimals <= FTH_MONEY_DECIMALS);
    for (size_t i = 0; i < nr; i++)
        sign *= fth_money_sign(factors[i]);
    if (!product_narrow(factors, nr, den, decimals, sign < 0, out) &&
        !product_wide(factors, nr, den, decimals, sign < 0, out))
        return fth_err_set(err, FTH_E_RANGE,
                           "result of a division has more than %d digits before the point",
                           FTH_MONEY_INT_DIGITS);
    return FTH_OK;
}

enum fth_rc fth_money_muldiv(struct fth_money a, struct fth_money num, struct fth_money den,
                             unsigned decimals, struct fth_money *out, struct fth_err *err)
{
    const struct fth_money factors[] = {a, num};

    return fth_money_product(factors, FTH_NR(factors), den, decimals, out, err);
}

bool fth_money_percent(struct fth_money a, struct fth_money b, struct fth_money *out)
{
    const struct fth_money hundred = {.head = (fth_i128)fth_money_pow10(FTH_MONEY_HEAD_DIGITS + 2)};
    struct fth_err ignored = {0};

    return !fth_money_is_zero(b) && fth_money_muldiv(a, hundred, b, 4, out, &ignored) == FTH_OK;
}

static int compare(fth_u128 a, fth_u128 b)
{
    return (a > b) - (a < b);
}

struct fth_money fth_money_round(struct fth_money a, unsigned decimals)
{
    struct fth_money_mag mag = fth_money_mag(a);
    fth_u128 unit, rest;
    int half;

    FTH_CHECK(decimals <= FTH_MONEY_DECIMALS);
    if (decimals > FTH_MONEY_HEAD_DIGITS) {
        unit = fth_money_pow10(FTH_MONEY_DECIMALS - decimals);
        rest = mag.tail % unit;
        mag.tail -= (uint64_t)rest;
        if (rounds_up(mag.tail / unit & 1, compare(rest * 2, unit)))
            mag.tail += (uint64_t)unit;
        if (mag.tail == FTH_MONEY_TAIL_ONE) {
            mag.tail = 0;
            mag.head++;
        }
    } else {
        unit = fth_money_pow10(FTH_MONEY_HEAD_DIGITS - decimals);
        rest = mag.head % unit;
        mag.head -= rest;
        /* Twice (rest + tail), compared in head units first and in tail units when that is a tie.
         */
        half = compare(rest * 2 + (mag.tail * 2 >= FTH_MONEY_TAIL_ONE), unit);
        if (half == 0 && mag.tail * 2 % FTH_MONEY_TAIL_ONE)
            half = 1;
        if (rounds_up(mag.head / unit & 1, half))
            mag.head += unit;
        mag.tail = 0;
    }
    return fth_money_unmag(mag);
}
