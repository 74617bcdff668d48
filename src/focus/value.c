/* How values are written: scanners that look at each byte once and allocate nothing. */
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/utf8.h"
#include "focus/focus_int.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- null ---- */

bool fth_focus_is_null(struct fth_str text)
{
    if (text.n == 0)
        return true;
    /* The word, as the specification's own examples write it. */
    return text.n == 4 && (text.p[0] | 0x20) == 'n' && fth_str_caseeq(text, FTH_STR("null"));
}

bool fth_focus_is_blank(struct fth_str text)
{
    return text.n > 0 && text.p[0] <= ' ' && fth_str_trim(text).n == 0;
}

bool fth_focus_is_placeholder(struct fth_str text)
{
    static const char *const words[] = {"n/a",       "na",     "none", "nil", "not applicable",
                                        "undefined", "(null)", "nan",  "-",   "not available"};

    if (text.n == 0 || text.n > 14 || !strchr("nNuU(-", text.p[0]))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (fth_str_caseeq(text, fth_str_c(words[i])))
            return true;
    return false;
}

bool fth_focus_is_string(struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* ---- numbers ---- */

/* Digits into the number; false when there was none. */
static bool take_digits(const char **p, const char *end, struct fth_focus_number *out, int point)
{
    const char *start = *p;

    while (*p < end && is_digit(**p)) {
        int digit = *(*p)++ - '0';

        if (digit)
            out->zero = false;
        if (out->mantissa > (INT64_MAX - 9) / 10) {
            out->small &= digit == 0;
            out->exponent += 1 + point;
            continue;
        }
        out->mantissa = out->mantissa * 10 + digit;
        out->exponent += point;
    }
    return *p > start;
}

static bool take_exponent(const char **p, const char *end, struct fth_focus_number *out)
{
    bool minus = false;
    int value = 0;
    const char *digits;

    if (*p == end || (**p != 'e' && **p != 'E'))
        return true;
    (*p)++;
    if (*p < end && **p == '-') {
        minus = true;
        (*p)++;
    }
    digits = *p;
    while (*p < end && is_digit(**p)) {
        if (value < 100000)
            value = value * 10 + (**p - '0');
        (*p)++;
    }
    out->exponent += minus ? -value : value;
    out->decimals += minus ? value : -value;
    return *p > digits;
}

static bool scan_number(struct fth_str text, struct fth_focus_number *out)
{
    const char *p = text.p, *end = text.p + text.n;
    bool whole, fraction = false;

    *out = (struct fth_focus_number){.small = true, .zero = true};
    if (p < end && *p == '-') {
        out->negative = true;
        p++;
    }
    whole = take_digits(&p, end, out, 0);
    if (p < end && *p == '.') {
        const char *start = ++p;

        fraction = take_digits(&p, end, out, -1);
        out->decimals = (int)(p - start > 100000 ? 100000 : p - start);
    }
    if ((!whole && !fraction) || !take_exponent(&p, end, out) || p != end)
        return false;
    out->negative &= !out->zero;
    return true;
}

/* Without what people put around and into numbers: "$1,000.00 ", "+5", "1E+5". */
static bool scan_dressed(struct fth_str text, struct fth_focus_number *out)
{
    static const char *const signs[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "+", " "};
    char plain[64];
    size_t n = 0;

    text = fth_str_trim(text);
    for (size_t i = 0; i < text.n;) {
        size_t skip = 0;

        for (size_t s = 0; !skip && s < sizeof(signs) / sizeof(signs[0]); s++)
            if (fth_str_starts(fth_str_sub(text, i, text.n), fth_str_c(signs[s])))
                skip = strlen(signs[s]);
        if (text.p[i] == ',' || text.p[i] == '\'')
            skip = 1;
        if (skip) {
            i += skip;
            continue;
        }
        if (n == sizeof(plain))
            return false;
        plain[n++] = text.p[i++];
    }
    return scan_number((struct fth_str){plain, n}, out);
}

void fth_focus_number(struct fth_str text, struct fth_focus_number *out)
{
    if (scan_number(text, out)) {
        out->is = out->strict = true;
        return;
    }
    if (scan_dressed(text, out)) {
        out->is = true;
        return;
    }
    *out = (struct fth_focus_number){0};
}

/* ---- dates ---- */

static int two(const char *p)
{
    return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : 100;
}

bool fth_focus_is_datetime(struct fth_str text)
{
    const char *p = text.p;
    size_t at = 19;
    int year, month, day;

    if (text.n < 20 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':')
        return false;
    year = two(p) * 100 + two(p + 2);
    month = two(p + 5);
    day = two(p + 8);
    if (year > 9999 || !fth_date_is_real(year, month, day) || two(p + 11) > 23 ||
        two(p + 14) > 59 || two(p + 17) > 59)
        return false;
    if (p[at] == '.') {
        at++;
        while (at < text.n && is_digit(p[at]))
            at++;
        if (at == 20)
            return false;
    }
    return at + 1 == text.n && p[at] == 'Z';
}

/* "5/1/25", "31.01.2025 10:00". */
static bool is_local_date(struct fth_str text)
{
    size_t at = 0, digits = 0, parts = 0;

    for (; at < text.n && text.p[at] != ' '; at++) {
        if (is_digit(text.p[at])) {
            if (++digits > 4)
                return false;
        } else if (strchr("/.-", text.p[at]) && digits) {
            parts++;
            digits = 0;
        } else {
            return false;
        }
    }
    return parts == 2 && digits >= 2;
}

bool fth_focus_is_moment(struct fth_str text)
{
    int64_t us;

    return fth_focus_is_datetime(text) || fth_instant_parse(text, &us) || is_local_date(text);
}

/* ---- units ---- */

static bool take_words(const char **p, const char *end)
{
    for (;;) {
        const char *start = *p;

        if (*p == end || !is_letter(**p))
            return false;
        while (*p < end && (is_letter(**p) || is_digit(**p)))
            (*p)++;
        if (*p == start || *p == end || **p != ' ')
            return true;
        (*p)++;
    }
}

static void take_quantity(const char **p, const char *end)
{
    const char *q = *p;

    while (q < end && is_digit(*q))
        q++;
    if (q > *p && q < end && *q == ' ')
        *p = q + 1;
}

bool fth_focus_is_unit(struct fth_str text)
{
    const char *p = text.p, *end = text.p + text.n;

    take_quantity(&p, end);
    if (!take_words(&p, end))
        return false;
    for (int parts = 0; p < end && parts < 3; parts++) {
        if (*p != '-' && *p != '/')
            return false;
        p++;
        take_quantity(&p, end);
        if (!take_words(&p, end))
            return false;
    }
    return p == end;
}

/* ---- currencies ---- */

static struct fth_str upper3(struct fth_str text, char out[3])
{
    for (size_t i = 0; i < 3; i++)
        out[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]);
    return (struct fth_str){out, 3};
}

bool fth_focus_is_currency(struct fth_str text)
{
    char out[3];

    if (text.n == 0 || fth_str_trim(text).n != text.n || !fth_focus_is_string(text))
        return false;
    return text.n != 3 || fth_focus_iso4217(text) || !fth_focus_iso4217(upper3(text, out));
}

bool fth_focus_is_national(struct fth_str text)
{
    /* How a code is written is another rule's matter. */
    char out[3];

    text = fth_str_trim(text);
    return text.n == 3 && fth_focus_iso4217(upper3(text, out));
}

bool fth_focus_is_capitals(struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 'A' || text.p[i] > 'Z')
            return false;
    return true;
}
