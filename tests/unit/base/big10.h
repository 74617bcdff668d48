/*
 * big10: whole numbers as decimal digits, by the methods of school: a reference that shares nothing
 * with what it judges.
 */
#ifndef FTH_TEST_BIG10_H
#define FTH_TEST_BIG10_H

#include <stdbool.h>
#include <string.h>

enum { BIG10_DIGITS = 200 };

/* digit[0] is the ones. */
struct big10 {
    unsigned char digit[BIG10_DIGITS];
    bool negative;
};

static inline bool big10_is_zero(const struct big10 *a)
{
    for (int i = 0; i < BIG10_DIGITS; i++)
        if (a->digit[i])
            return false;
    return true;
}

static inline int big10_cmp_magnitude(const struct big10 *a, const struct big10 *b)
{
    for (int i = BIG10_DIGITS - 1; i >= 0; i--)
        if (a->digit[i] != b->digit[i])
            return a->digit[i] < b->digit[i] ? -1 : 1;
    return 0;
}

static inline void big10_sub_magnitude(struct big10 *a, const struct big10 *b)
{
    int borrow = 0;

    for (int i = 0; i < BIG10_DIGITS; i++) {
        int d = a->digit[i] - b->digit[i] - borrow;

        borrow = d < 0;
        a->digit[i] = (unsigned char)(d + borrow * 10);
    }
}

static inline struct big10 big10_add(struct big10 a, struct big10 b)
{
    if (a.negative == b.negative) {
        int carry = 0;

        for (int i = 0; i < BIG10_DIGITS; i++) {
            int d = a.digit[i] + b.digit[i] + carry;

            carry = d > 9;
            a.digit[i] = (unsigned char)(d % 10);
        }
        return a;
    }
    if (big10_cmp_magnitude(&a, &b) < 0) {
        struct big10 swap = a;

        a = b;
        b = swap;
    }
    big10_sub_magnitude(&a, &b);
    if (big10_is_zero(&a))
        a.negative = false;
    return a;
}

static inline struct big10 big10_mul(const struct big10 *a, const struct big10 *b)
{
    struct big10 out = {.negative = a->negative != b->negative};

    for (int i = 0; i < BIG10_DIGITS; i++) {
        int carry = 0;

        for (int j = 0; a->digit[i] && i + j < BIG10_DIGITS; j++) {
            int d = out.digit[i + j] + a->digit[i] * b->digit[j] + carry;

            out.digit[i + j] = (unsigned char)(d % 10);
            carry = d / 10;
        }
    }
    if (big10_is_zero(&out))
        out.negative = false;
    return out;
}

/* Times 10^n. */
static inline struct big10 big10_shift(const struct big10 *a, unsigned n)
{
    struct big10 out = {.negative = a->negative};

    memcpy(out.digit + n, a->digit, BIG10_DIGITS - n);
    return out;
}

/* a / b, half even. */
static inline struct big10 big10_div_round(const struct big10 *a, const struct big10 *b)
{
    struct big10 quotient = {0}, rest = {0}, one = {.digit = {1}};
    int half;

    for (int i = BIG10_DIGITS - 1; i >= 0; i--) {
        struct big10 magnitude = *b;

        memmove(rest.digit + 1, rest.digit, BIG10_DIGITS - 1);
        rest.digit[0] = a->digit[i];
        magnitude.negative = false;
        while (big10_cmp_magnitude(&rest, &magnitude) >= 0) {
            big10_sub_magnitude(&rest, &magnitude);
            quotient.digit[i]++;
        }
    }
    rest = big10_add(rest, rest);
    half = big10_cmp_magnitude(&rest, b);
    if (half > 0 || (half == 0 && quotient.digit[0] % 2))
        quotient = big10_add(quotient, one);
    quotient.negative = a->negative != b->negative && !big10_is_zero(&quotient);
    return quotient;
}

/* A plain decimal ("-12.5") in units of 10^-scale; it must not have more places. */
static inline struct big10 big10_from_text(const char *text, size_t n, unsigned scale)
{
    struct big10 out = {0};
    size_t at = n, places = 0;
    int digit = 0;

    for (size_t i = 0; i < n; i++)
        if (text[i] == '.')
            places = n - i - 1;
    digit = (int)(scale - places);
    while (at-- > 0) {
        if (text[at] == '-')
            out.negative = true;
        else if (text[at] >= '0' && text[at] <= '9')
            out.digit[digit++] = (unsigned char)(text[at] - '0');
    }
    if (big10_is_zero(&out))
        out.negative = false;
    return out;
}

/* The shortest decimal of a number in units of 10^-scale. `out` holds BIG10_DIGITS + 4. */
static inline void big10_text(const struct big10 *a, unsigned scale, char *out)
{
    int top = BIG10_DIGITS - 1, low = 0;

    while (top > (int)scale && a->digit[top] == 0)
        top--;
    while (low < (int)scale && a->digit[low] == 0)
        low++;
    if (a->negative)
        *out++ = '-';
    for (int i = top; i >= low; i--) {
        if (i == (int)scale - 1)
            *out++ = '.';
        *out++ = (char)('0' + a->digit[i]);
    }
    *out = '\0';
}

#endif
