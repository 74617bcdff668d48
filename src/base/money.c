#include "base/money.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/money_int.h"

fth_u128 fth_money_pow10(unsigned n)
{
    static const uint64_t table[] = {
        UINT64_C(1),
        UINT64_C(10),
        UINT64_C(100),
        UINT64_C(1000),
        UINT64_C(10000),
        UINT64_C(100000),
        UINT64_C(1000000),
        UINT64_C(10000000),
        UINT64_C(100000000),
        UINT64_C(1000000000),
        UINT64_C(10000000000),
        UINT64_C(100000000000),
        UINT64_C(1000000000000),
        UINT64_C(10000000000000),
        UINT64_C(100000000000000),
        UINT64_C(1000000000000000),
        UINT64_C(10000000000000000),
        UINT64_C(100000000000000000),
        UINT64_C(1000000000000000000),
        UINT64_C(10000000000000000000),
    };

    FTH_CHECK(n <= 38);
    return n < FTH_NR(table) ? table[n] : (fth_u128)table[19] * table[n - 19];
}

struct fth_money_mag fth_money_mag(struct fth_money a)
{
    bool negative = a.head < 0 || a.tail < 0;

    return (struct fth_money_mag){
        .head = negative ? -(fth_u128)a.head : (fth_u128)a.head,
        .tail = (uint64_t)(negative ? -a.tail : a.tail),
        .negative = negative,
    };
}

struct fth_money fth_money_unmag(struct fth_money_mag mag)
{
    struct fth_money a = {(fth_i128)mag.head, (fth_i128)mag.tail};

    return mag.negative ? fth_money_neg(a) : a;
}

static enum fth_rc too_large(struct fth_err *err)
{
    return fth_err_set(err, FTH_E_RANGE, "amount has more than %d digits before the point",
                       FTH_MONEY_INT_DIGITS);
}

static bool in_range(fth_i128 head)
{
    fth_i128 most = (fth_i128)fth_money_pow10(38);

    return head >= -most && head <= most;
}

/* ---- text to amount ---- */

/* What a decimal is made of: its digits are `whole` then `fraction`, and the point between them
 * moves `exponent` places to the right. */
struct decimal {
    struct fth_str whole, fraction;
    int64_t exponent;
    bool negative;
};

static struct fth_str take_digits(struct fth_str *text)
{
    size_t n = 0;
    struct fth_str digits;

    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
        n++;
    digits = fth_str_sub(*text, 0, n);
    *text = fth_str_sub(*text, n, text->n);
    return digits;
}

static bool take_sign(struct fth_str *text)
{
    bool negative = text->n && text->p[0] == '-';

    if (text->n && (text->p[0] == '-' || text->p[0] == '+'))
        *text = fth_str_sub(*text, 1, text->n);
    return negative;
}

static bool take_exponent(struct fth_str *text, int64_t *out)
{
    struct fth_str digits;
    bool negative;
    int64_t value = 0;

    *text = fth_str_sub(*text, 1, text->n);
    negative = take_sign(text);
    digits = take_digits(text);
    if (digits.n == 0)
        return false;
    /* Any exponent this large puts every digit out of range; the cap only keeps it from wrapping,
     * far above the length of any text. */
    for (size_t i = 0; i < digits.n && value < INT64_C(1) << 56; i++)
        value = value * 10 + (digits.p[i] - '0');
    *out = negative ? -value : value;
    return true;
}

static bool split_decimal(struct fth_str text, struct decimal *out)
{
    out->negative = take_sign(&text);
    out->whole = take_digits(&text);
    out->fraction = (struct fth_str){0};
    out->exponent = 0;
    if (text.n && text.p[0] == '.') {
        text = fth_str_sub(text, 1, text.n);
        out->fraction = take_digits(&text);
    }
    if (out->whole.n + out->fraction.n == 0)
        return false;
    if (text.n && (text.p[0] == 'e' || text.p[0] == 'E') && !take_exponent(&text, &out->exponent))
        return false;
    return text.n == 0;
}

/* What lies below the last decimal that an amount has. */
struct below {
    unsigned first; /* the digit right below it */
    bool more;      /* some digit behind that */
};

/* Adds the digits to `mag`, the first of them worth 10^place; those that it has no place for to
 * `below`, where that is not NULL. */
static const char *add_digits(struct fth_str digits, int64_t place, struct fth_money_mag *mag,
                              struct below *below)
{
    for (size_t i = 0; i < digits.n; i++, place--) {
        unsigned digit = (unsigned)(digits.p[i] - '0');

        if (digit == 0)
            continue;
        if (place >= FTH_MONEY_INT_DIGITS)
            return "has more than 28 digits before the point";
        if (place < -FTH_MONEY_DECIMALS && !below)
            return "has more than 28 decimals";
        if (place == -FTH_MONEY_DECIMALS - 1)
            below->first = digit;
        else if (place < -FTH_MONEY_DECIMALS)
            below->more = true;
        else if (place >= -FTH_MONEY_HEAD_DIGITS)
            mag->head += digit * fth_money_pow10((unsigned)(place + FTH_MONEY_HEAD_DIGITS));
        else
            mag->tail += digit * (uint64_t)fth_money_pow10((unsigned)(place + FTH_MONEY_DECIMALS));
    }
    return NULL;
}

/* Most amounts of most bills: no exponent, at most 8 digits before the point and 10 behind, so that
 * one pass in 64 bits does it. */
static bool parse_short(const struct decimal *d, struct fth_money *out)
{
    uint64_t units = 0;

    if (d->exponent != 0 || d->whole.n > 8 || d->fraction.n > FTH_MONEY_HEAD_DIGITS)
        return false;
    for (size_t i = 0; i < d->whole.n; i++)
        units = units * 10 + (uint64_t)(d->whole.p[i] - '0');
    for (size_t i = 0; i < d->fraction.n; i++)
        units = units * 10 + (uint64_t)(d->fraction.p[i] - '0');
    units *= (uint64_t)fth_money_pow10((unsigned)(FTH_MONEY_HEAD_DIGITS - d->fraction.n));
    *out = (struct fth_money){.head = d->negative ? -(fth_i128)units : (fth_i128)units};
    return true;
}

static bool rounds_up(const struct below *below, uint64_t tail)
{
    return below->first > 5 || (below->first == 5 && (below->more || tail % 2));
}

static enum fth_rc parse(struct fth_str text, struct below *below, struct fth_money *out,
                         struct fth_err *err)
{
    struct fth_str shown = fth_str_sub(text, 0, 80);
    struct fth_money_mag mag = {0};
    struct decimal d;
    const char *wrong;
    int64_t place;

    if (!split_decimal(text, &d))
        return fth_err_set(err, FTH_E_SYNTAX, "\"" FTH_STR_F "\" is not a decimal number",
                           FTH_STR_A(shown));
    if (parse_short(&d, out))
        return FTH_OK;

    mag.negative = d.negative;
    place = (int64_t)d.whole.n - 1 + d.exponent;
    wrong = add_digits(d.whole, place, &mag, below);
    if (!wrong)
        wrong = add_digits(d.fraction, place - (int64_t)d.whole.n, &mag, below);
    if (wrong)
        return fth_err_set(err, FTH_E_RANGE, "\"" FTH_STR_F "\" %s", FTH_STR_A(shown), wrong);
    mag.tail += below && rounds_up(below, mag.tail);
    mag.head += mag.tail / FTH_MONEY_TAIL_ONE;
    mag.tail %= FTH_MONEY_TAIL_ONE;
    *out = fth_money_unmag(mag);
    return FTH_OK;
}

enum fth_rc fth_money_parse(struct fth_str text, struct fth_money *out, struct fth_err *err)
{
    return parse(text, NULL, out, err);
}

enum fth_rc fth_money_parse_rounded(struct fth_str text, struct fth_money *out, struct fth_err *err)
{
    struct below below = {0};

    return parse(text, &below, out, err);
}

/* ---- doubles ---- */

/* Adds one to the last digit of "d.ddde±xx"; false when that would need another digit. */
static bool next_decimal_up(char *text)
{
    char *at = strchr(text, 'e');

    while (at > text && (*--at == '9' || *at == '.')) {
        if (*at == '9')
            *at = '0';
    }
    if (*at < '0' || *at > '8')
        return false;
    (*at)++;
    return true;
}

/*
 * The fewest digits that read back. `digits` significant ones always do at 17. At a power of two
 * the doubles below are twice as dense as those above, so the nearest decimal of a length can miss
 * while the next one up reads back: both are tried.
 */
static void shortest_text(double magnitude, char *text, size_t size)
{
    int exponent;
    bool power_of_two = frexp(magnitude, &exponent) == 0.5;

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, size, "%.*e", digits - 1, magnitude);
        if (strtod(text, NULL) == magnitude)
            return;
        if (power_of_two && next_decimal_up(text) && strtod(text, NULL) == magnitude)
            return;
    }
}

enum fth_rc fth_money_from_double(double value, struct fth_money *out, struct fth_err *err)
{
    double magnitude = fabs(value), units;
    struct fth_money a;
    char text[32];
    enum fth_rc rc;

    if (!isfinite(value))
        return fth_err_set(err, FTH_E_RANGE, "%s is not an amount",
                           isnan(value) ? "not-a-number" : "infinity");
    /* Below 1e15 no two integers of 1e-10 read as the same double, so one that reads back is the
     * shortest decimal; dividing by 1e10 (exact as a double) rounds as reading the text would. */
    units = nearbyint(magnitude * 1e10);
    if (units < 1e15 && units / 1e10 == magnitude) {
        a = (struct fth_money){.head = (int64_t)units};
    } else {
        shortest_text(magnitude, text, sizeof(text));
        rc = fth_money_parse(fth_str_c(text), &a, err);
        if (rc)
            return rc;
    }
    *out = value < 0 ? fth_money_neg(a) : a;
    return FTH_OK;
}

double fth_money_to_double(struct fth_money a)
{
    const fth_i128 exact = INT64_C(1) << 53;
    char text[FTH_MONEY_TEXT_MAX + 1];

    /* Both operands exact, so the one rounding is that of the division. */
    if (a.tail == 0 && a.head >= -exact && a.head <= exact)
        return (double)a.head / 1e10;
    text[fth_money_text(a, text)] = '\0';
    return strtod(text, NULL);
}

/* ---- limbs ---- */

enum fth_rc fth_money_make(fth_i128 head, fth_i128 tail, struct fth_money *out, struct fth_err *err)
{
    const fth_i128 one = (fth_i128)FTH_MONEY_TAIL_ONE;

    if (__builtin_add_overflow(head, tail / one, &head))
        return too_large(err);
    tail %= one;
    if (head > 0 && tail < 0) {
        head--;
        tail += one;
    } else if (head < 0 && tail > 0) {
        head++;
        tail -= one;
    }
    if (!in_range(head))
        return too_large(err);
    *out = (struct fth_money){head, tail};
    return FTH_OK;
}

enum fth_rc fth_money_from_scaled(fth_i128 units, unsigned scale, struct fth_money *out,
                                  struct fth_err *err)
{
    fth_i128 factor, head;

    FTH_CHECK(scale <= FTH_MONEY_DECIMALS);
    if (scale <= FTH_MONEY_HEAD_DIGITS) {
        factor = (fth_i128)fth_money_pow10(FTH_MONEY_HEAD_DIGITS - scale);
        if (__builtin_mul_overflow(units, factor, &head))
            return too_large(err);
        return fth_money_make(head, 0, out, err);
    }
    factor = (fth_i128)fth_money_pow10(scale - FTH_MONEY_HEAD_DIGITS);
    return fth_money_make(units / factor,
                          units % factor * (fth_i128)fth_money_pow10(FTH_MONEY_DECIMALS - scale),
                          out, err);
}

bool fth_money_is_narrow(struct fth_money a)
{
    return a.tail == 0 && a.head >= -FTH_MONEY_HEAD_MAX && a.head <= FTH_MONEY_HEAD_MAX;
}

bool fth_money_is_zero(struct fth_money a)
{
    return a.head == 0 && a.tail == 0;
}

int fth_money_sign(struct fth_money a)
{
    if (a.head)
        return a.head < 0 ? -1 : 1;
    return (a.tail > 0) - (a.tail < 0);
}

int fth_money_cmp(struct fth_money a, struct fth_money b)
{
    if (a.head != b.head)
        return a.head < b.head ? -1 : 1;
    return (a.tail > b.tail) - (a.tail < b.tail);
}

enum fth_rc fth_money_add(struct fth_money *sum, struct fth_money a, struct fth_err *err)
{
    fth_i128 head;

    if (__builtin_add_overflow(sum->head, a.head, &head))
        return too_large(err);
    return fth_money_make(head, sum->tail + a.tail, sum, err);
}

enum fth_rc fth_money_sub(struct fth_money *sum, struct fth_money a, struct fth_err *err)
{
    return fth_money_add(sum, fth_money_neg(a), err);
}

struct fth_money fth_money_neg(struct fth_money a)
{
    return (struct fth_money){-a.head, -a.tail};
}

struct fth_money fth_money_abs(struct fth_money a)
{
    return fth_money_sign(a) < 0 ? fth_money_neg(a) : a;
}

/* ---- amount to text ---- */

/* Writes exactly `digits` of them. */
static void put_digits(fth_u128 value, unsigned digits, char *out)
{
    while (digits && value > UINT64_MAX) {
        out[--digits] = (char)('0' + (unsigned)(value % 10));
        value /= 10;
    }
    for (uint64_t low = (uint64_t)value; digits; low /= 10)
        out[--digits] = (char)('0' + low % 10);
}

static unsigned count_digits(fth_u128 value)
{
    unsigned n = 1;

    while (n < 38 && value >= fth_money_pow10(n))
        n++;
    return n;
}

/* Writes the digits before the point, then 28 behind it, no sign, no point; how many before. */
static unsigned put_magnitude(struct fth_money_mag mag, char *out)
{
    fth_u128 one = fth_money_pow10(FTH_MONEY_HEAD_DIGITS), whole = mag.head / one;
    unsigned n = count_digits(whole);

    put_digits(whole, n, out);
    put_digits(mag.head % one, FTH_MONEY_HEAD_DIGITS, out + n);
    put_digits(mag.tail, FTH_MONEY_DECIMALS - FTH_MONEY_HEAD_DIGITS,
               out + n + FTH_MONEY_HEAD_DIGITS);
    return n;
}

size_t fth_money_text(struct fth_money a, char out[FTH_MONEY_TEXT_MAX])
{
    struct fth_money_mag mag = fth_money_mag(a);
    char digits[FTH_MONEY_TEXT_MAX];
    unsigned whole = put_magnitude(mag, digits), decimals = FTH_MONEY_DECIMALS;
    size_t n = 0;

    while (decimals && digits[whole + decimals - 1] == '0')
        decimals--;
    if (mag.negative)
        out[n++] = '-';
    memcpy(out + n, digits, whole);
    n += whole;
    if (decimals) {
        out[n++] = '.';
        memcpy(out + n, digits + whole, decimals);
        n += decimals;
    }
    return n;
}

void fth_money_put(struct fth_buf *buf, struct fth_money a)
{
    char text[FTH_MONEY_TEXT_MAX];

    fth_buf_add(buf, text, fth_money_text(a, text));
}

void fth_money_put_fixed(struct fth_buf *buf, struct fth_money a, unsigned decimals, char thousands)
{
    struct fth_money_mag mag = fth_money_mag(fth_money_round(a, decimals));
    char digits[FTH_MONEY_TEXT_MAX];
    unsigned whole = put_magnitude(mag, digits);

    if (mag.negative)
        fth_buf_char(buf, '-');
    for (unsigned i = 0; i < whole; i++) {
        if (thousands && i && (whole - i) % 3 == 0)
            fth_buf_char(buf, thousands);
        fth_buf_char(buf, digits[i]);
    }
    if (decimals) {
        fth_buf_char(buf, '.');
        fth_buf_add(buf, digits + whole, decimals);
    }
}

unsigned fth_currency_decimals(struct fth_str currency)
{
    static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
    static const char three[] = "BHD IQD JOD KWD LYD OMR TND";

    if (currency.n != 3)
        return 2;
    if (fth_str_search(fth_str_c(none), currency) != SIZE_MAX)
        return 0;
    return fth_str_search(fth_str_c(three), currency) != SIZE_MAX ? 3 : 2;
}
