/* Numbers and dates as people and their programs write them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/date.h"
#include "import/feed_dates.h"
#include "import/mapping_int.h"

/* ---- white space ---- */

/* Bytes of white space that `text` begins with: ASCII, or a blank that does not break. */
static size_t blank(struct fth_str text)
{
    static const struct fth_str blanks[] = {FTH_STR_INIT("\xc2\xa0"), FTH_STR_INIT("\xe2\x80\xaf"),
                                            FTH_STR_INIT("\xe2\x80\x89")};

    if (text.n && (text.p[0] == ' ' || (text.p[0] >= '\t' && text.p[0] <= '\r')))
        return 1;
    for (size_t i = 0; i < FTH_NR(blanks); i++)
        if (fth_str_starts(text, blanks[i]))
            return blanks[i].n;
    return 0;
}

struct fth_str fth_mapping_trim(struct fth_str text)
{
    bool more = true;
    size_t n;

    while ((n = blank(text)))
        text = fth_str_sub(text, n, SIZE_MAX);
    while (more) {
        more = false;
        for (size_t i = 1; i <= 3 && i <= text.n && !more; i++)
            if (blank(fth_str_sub(text, text.n - i, i)) == i) {
                text.n -= i;
                more = true;
            }
    }
    return text;
}

/* ---- numbers ---- */

static bool take(struct fth_str *text, const char *word)
{
    struct fth_str it = fth_str_c(word);

    if (!fth_str_starts(*text, it))
        return false;
    *text = fth_mapping_trim(fth_str_sub(*text, it.n, SIZE_MAX));
    return true;
}

static bool take_end(struct fth_str *text, const char *word)
{
    struct fth_str it = fth_str_c(word);

    if (!fth_str_ends(*text, it))
        return false;
    *text = fth_mapping_trim(fth_str_sub(*text, 0, text->n - it.n));
    return true;
}

static bool is_code(struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 'A' || text.p[i] > 'Z')
            return false;
    return text.n == 3;
}

/* One sign or code of a currency, before or behind. */
static void take_currency(struct fth_str *text)
{
    static const char *const signs[] = {"$", "€", "£", "¥", "US$"};

    for (size_t i = 0; i < FTH_NR(signs); i++)
        if (take(text, signs[i]) || take_end(text, signs[i]))
            return;
    if (text->n > 3 && is_code(fth_str_sub(*text, 0, 3)))
        *text = fth_mapping_trim(fth_str_sub(*text, 3, SIZE_MAX));
    else if (text->n > 3 && is_code(fth_str_sub(*text, text->n - 3, 3)))
        *text = fth_mapping_trim(fth_str_sub(*text, 0, text->n - 3));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of a group's mark at the front of `text`; 0: it is none. */
static size_t group_mark(struct fth_str text, char group)
{
    if (group == '\'' && fth_str_starts(text, FTH_STR("\xe2\x80\x99")))
        return 3;
    if (group == ' ')
        return blank(text);
    return group && text.n && text.p[0] == group;
}

/* Whole digits, with marks between groups of three or without any. */
static bool whole_part(struct fth_str *text, char group, char *out, size_t *n, size_t max)
{
    size_t run = 0, from = *n;
    bool marked = false;

    while (text->n) {
        size_t mark = group_mark(*text, group);

        if (is_digit(text->p[0])) {
            if (*n == max || (marked && run == 3))
                return false;
            out[(*n)++] = text->p[0];
            run++;
            *text = fth_str_sub(*text, 1, SIZE_MAX);
        } else if (mark && text->n > mark && is_digit(text->p[mark])) {
            if (marked ? run != 3 : run == 0 || run > 3)
                return false;
            marked = true;
            run = 0;
            *text = fth_str_sub(*text, mark, SIZE_MAX);
        } else {
            break;
        }
    }
    return !marked || (run == 3 && out[from] != '0');
}

static bool digits(struct fth_str *text, char *out, size_t *n, size_t max)
{
    while (text->n && is_digit(text->p[0])) {
        if (*n == max)
            return false;
        out[(*n)++] = text->p[0];
        *text = fth_str_sub(*text, 1, SIZE_MAX);
    }
    return true;
}

/* "E-7" at the end. */
static bool exponent(struct fth_str *text, char *out, size_t *n, size_t max)
{
    if (!text->n || (text->p[0] != 'E' && text->p[0] != 'e'))
        return true;
    if (*n + 2 > max)
        return false;
    out[(*n)++] = 'E';
    *text = fth_str_sub(*text, 1, SIZE_MAX);
    if (text->n && (text->p[0] == '-' || text->p[0] == '+')) {
        out[(*n)++] = text->p[0];
        *text = fth_str_sub(*text, 1, SIZE_MAX);
    }
    return text->n && digits(text, out, n, max);
}

bool fth_mapping_number(struct fth_str text, struct fth_mapping_numbers form,
                        char out[FTH_MAPPING_NUMBER_MAX], size_t *n)
{
    enum { MAX = FTH_MAPPING_NUMBER_MAX - 4 };
    bool negative = false, percent;
    size_t begin;

    text = fth_mapping_trim(text);
    if (text.n > 2 && text.p[0] == '(' && text.p[text.n - 1] == ')') {
        negative = true;
        text = fth_mapping_trim(fth_str_sub(text, 1, text.n - 2));
    }
    percent = take_end(&text, "%");
    for (int pass = 0; pass < 2; pass++) {
        if (!negative)
            negative = take(&text, "-") || take(&text, "\xe2\x88\x92") || take_end(&text, "-");
        if (!pass && !negative)
            (void)take(&text, "+");
        if (!pass)
            take_currency(&text);
    }
    *n = 0;
    if (negative)
        out[(*n)++] = '-';
    begin = *n;
    if (!whole_part(&text, form.group, out, n, MAX))
        return false;
    if (text.n && text.p[0] == form.point) {
        out[(*n)++] = '.';
        text = fth_str_sub(text, 1, SIZE_MAX);
        begin++;
        if (!digits(&text, out, n, MAX))
            return false;
    }
    if (*n <= begin || (percent && (fth_str_find(text, 'E') != SIZE_MAX)) ||
        !exponent(&text, out, n, MAX) || text.n)
        return false;
    for (const char *c = "E-2"; percent && *c; c++)
        out[(*n)++] = *c;
    return true;
}

/* ---- dates ---- */

enum { DATE_MAX = 64 };

bool fth_mapping_is_dates(struct fth_str form)
{
    static const char *const names[] = {"iso", "us", "eu", "unix", "excel"};
    bool any = false;

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(form, names[i]))
            return true;
    for (size_t i = 0; i < form.n; i++) {
        if (form.p[i] != '%')
            continue;
        if (++i == form.n || !form.p[i] || !strchr("YymdeHMSIpbB%", form.p[i]))
            return false;
        any = any || form.p[i] != '%';
    }
    return any && form.n < DATE_MAX && !memchr(form.p, 0, form.n);
}

static bool by_pattern(struct fth_str text, struct fth_str form, int64_t *out, bool *day)
{
    char value[DATE_MAX], pattern[DATE_MAX];
    struct tm tm = {.tm_mday = 1};
    const char *end;
    int year;

    if (text.n >= DATE_MAX || form.n >= DATE_MAX || memchr(text.p, 0, text.n))
        return false;
    snprintf(value, sizeof(value), FTH_STR_F, FTH_STR_A(text));
    snprintf(pattern, sizeof(pattern), FTH_STR_F, FTH_STR_A(form));
    end = strptime(value, pattern, &tm);
    year = tm.tm_year + 1900;
    if (!end || *end || tm.tm_sec > 59 || !fth_date_is_real(year, tm.tm_mon + 1, tm.tm_mday))
        return false;
    *out = fth_date_from_civil(year, tm.tm_mon + 1, tm.tm_mday) * FTH_DAY_US +
           ((tm.tm_hour * INT64_C(60) + tm.tm_min) * 60 + tm.tm_sec) * 1000000;
    *day = !strstr(pattern, "%H") && !strstr(pattern, "%I");
    return true;
}

/* Dashes between the numbers of a day are as good as slashes, and points where the day is first. */
static bool by_numbers(struct fth_str text, enum fth_date_form form, int64_t *out, bool *day)
{
    char copy[DATE_MAX];
    size_t marks = 0;

    if (text.n >= DATE_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool mark = text.p[i] == '-' || text.p[i] == '/' ||
                    (text.p[i] == '.' && form == FTH_DATE_DAY_FIRST);

        copy[i] = mark && marks < 2 ? '/' : text.p[i];
        marks += mark;
    }
    text.p = copy;
    *day = fth_str_find(text, ':') == SIZE_MAX;
    return text.n != 8 ? fth_feed_date(text, form, out) : marks && fth_feed_date(text, form, out);
}

static bool iso(struct fth_str text, int64_t *out, bool *day)
{
    *day = text.n <= 10;
    if (fth_instant_parse(text, out) || fth_feed_moment(FTH_K_MONTH, text, out))
        return true;
    return text.n == 8 && fth_feed_date(text, FTH_DATE_UNKNOWN, out);
}

static bool unix_time(struct fth_str text, int64_t *out, bool *day)
{
    int64_t number;

    *day = false;
    if (!fth_str_to_i64(text, &number) || number < 0 || number > INT64_C(99999999999999))
        return false;
    /* Seconds until the year 5138; beyond that they are milliseconds. */
    *out = number > INT64_C(99999999999) ? number * 1000 : number * 1000000;
    return true;
}

/* Days since 1899-12-30, with the time of day as their fraction. */
static bool excel(struct fth_str text, int64_t *out, bool *day)
{
    struct fth_money days, us;
    struct fth_err ignored = {0};
    const struct fth_money one = {.head = INT64_C(10000000000)};
    const struct fth_money of_day = {.head = (fth_i128)FTH_DAY_US / 1000000 * INT64_C(10000000000)};

    if (fth_money_parse(text, &days, &ignored) || fth_money_sign(days) <= 0 ||
        days.head > INT64_C(2958466) * INT64_C(10000000000) ||
        fth_money_muldiv(days, of_day, one, 0, &us, &ignored))
        return false;
    *day = fth_str_find(text, '.') == SIZE_MAX;
    *out = (int64_t)(us.head / INT64_C(10000000000)) * 1000000 +
           fth_date_from_civil(1899, 12, 30) * FTH_DAY_US;
    return true;
}

bool fth_mapping_date(struct fth_str text, struct fth_str form, int64_t *out, bool *day)
{
    text = fth_mapping_trim(text);
    if (text.n == 0)
        return false;
    if (fth_str_eq_c(form, "iso"))
        return iso(text, out, day);
    if (fth_str_eq_c(form, "us"))
        return by_numbers(text, FTH_DATE_MONTH_FIRST, out, day);
    if (fth_str_eq_c(form, "eu"))
        return by_numbers(text, FTH_DATE_DAY_FIRST, out, day);
    if (fth_str_eq_c(form, "unix"))
        return unix_time(text, out, day);
    if (fth_str_eq_c(form, "excel"))
        return excel(text, out, day);
    return by_pattern(text, form, out, day);
}
