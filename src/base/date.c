#include "base/date.h"

#include <string.h>

#include "base/check.h"

enum { FIRST_YEAR = 1, LAST_YEAR = 9999 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 of any year; months count from March so that the leap day comes last. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct fth_civil civil_from_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (struct fth_civil){.year = (int)(yoe + era * 400) + (month <= 2),
                              .month = month,
                              .day = (int)(doy - (153 * mp + 2) / 5 + 1)};
}

int fth_date_days_in_month(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    FTH_CHECK(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool fth_date_is_real(int year, int month, int day)
{
    return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1 &&
           day <= fth_date_days_in_month(year, month);
}

int32_t fth_date_from_civil(int year, int month, int day)
{
    FTH_CHECK(fth_date_is_real(year, month, day));
    return (int32_t)days_from_civil(year, (unsigned)month, (unsigned)day);
}

struct fth_civil fth_date_to_civil(int32_t date)
{
    return civil_from_days(date);
}

int fth_date_weekday(int32_t date)
{
    /* 1970-01-01 was a Thursday. */
    int day = (int)(((int64_t)date + 3) % 7);

    return (day < 0 ? day + 7 : day) + 1;
}

/* `n` digits at `p`, or -1. */
static int digits(const char *p, unsigned n)
{
    int value = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned digit = (unsigned char)p[i] - (unsigned)'0';

        if (digit > 9)
            return -1;
        value = value * 10 + (int)digit;
    }
    return value;
}

static void put_digits(char *p, unsigned n, unsigned value)
{
    while (n--) {
        p[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* The ten bytes of a date at `p`. */
static bool parse_date(const char *p, int32_t *out)
{
    int year = digits(p, 4), month = digits(p + 5, 2), day = digits(p + 8, 2);

    if (p[4] != '-' || p[7] != '-' || !fth_date_is_real(year, month, day))
        return false;
    *out = (int32_t)days_from_civil(year, (unsigned)month, (unsigned)day);
    return true;
}

bool fth_date_parse(struct fth_str text, int32_t *out)
{
    return text.n == 10 && parse_date(text.p, out);
}

void fth_date_text(int32_t date, char out[10])
{
    struct fth_civil c = civil_from_days(date);

    FTH_CHECK(c.year >= FIRST_YEAR && c.year <= LAST_YEAR);
    put_digits(out, 4, (unsigned)c.year);
    out[4] = '-';
    put_digits(out + 5, 2, (unsigned)c.month);
    out[7] = '-';
    put_digits(out + 8, 2, (unsigned)c.day);
}

void fth_date_put(struct fth_buf *buf, int32_t date)
{
    char text[10];

    fth_date_text(date, text);
    fth_buf_add(buf, text, sizeof(text));
}

static int32_t month_of(struct fth_civil c)
{
    return c.year * 12 + c.month - 1;
}

int32_t fth_month_of_date(int32_t date)
{
    return month_of(civil_from_days(date));
}

/* Month numbers may be below 0 (a year before 0 is no year, but arithmetic passes through). */
static struct fth_civil civil_of_month(int32_t month)
{
    int year = month / 12, rest = month % 12;

    if (rest < 0) {
        rest += 12;
        year--;
    }
    return (struct fth_civil){.year = year, .month = rest + 1, .day = 1};
}

int32_t fth_month_first_date(int32_t month)
{
    struct fth_civil c = civil_of_month(month);

    return (int32_t)days_from_civil(c.year, (unsigned)c.month, 1);
}

bool fth_month_parse(struct fth_str text, int32_t *out)
{
    int year, month;

    if (text.n != 7 || text.p[4] != '-')
        return false;
    year = digits(text.p, 4);
    month = digits(text.p + 5, 2);
    if (!fth_date_is_real(year, month, 1))
        return false;
    *out = year * 12 + month - 1;
    return true;
}

struct fth_str fth_month_text(int32_t month, char out[FTH_MONTH_TEXT])
{
    char text[10];

    fth_date_text(fth_month_first_date(month), text);
    memcpy(out, text, FTH_MONTH_TEXT);
    return (struct fth_str){out, FTH_MONTH_TEXT};
}

void fth_month_put(struct fth_buf *buf, int32_t month)
{
    char text[FTH_MONTH_TEXT];

    fth_buf_str(buf, fth_month_text(month, text));
}

int32_t fth_date_week(int32_t date)
{
    return date - (fth_date_weekday(date) - 1);
}

int32_t fth_date_quarter(int32_t date)
{
    int32_t month = fth_month_of_date(date);

    return fth_month_first_date(month - month % 3);
}

int32_t fth_date_year(int32_t date)
{
    int32_t month = fth_month_of_date(date);

    return fth_month_first_date(month - month % 12);
}

int32_t fth_date_add_months(int32_t date, int months)
{
    struct fth_civil c = civil_from_days(date);
    int32_t month = month_of(c) + months;
    struct fth_civil to = civil_of_month(month);
    int most = fth_date_days_in_month(to.year, to.month);

    return fth_month_first_date(month) + (c.day < most ? c.day : most) - 1;
}

/* ---- instants ---- */

/* Takes ":SS" and ".FFFFFF" off the front of *rest. */
static bool take_seconds(struct fth_str *rest, int64_t *us)
{
    int second;
    int64_t fraction = 0, unit = 100000;
    size_t i = 1;

    if (rest->n == 0 || rest->p[0] != ':')
        return true;
    if (rest->n < 3 || (second = digits(rest->p + 1, 2)) < 0 || second > 59)
        return false;
    *us += second * INT64_C(1000000);
    *rest = fth_str_sub(*rest, 3, rest->n);
    if (rest->n == 0 || rest->p[0] != '.')
        return true;
    for (; i < rest->n && rest->p[i] >= '0' && rest->p[i] <= '9'; i++) {
        fraction += (rest->p[i] - '0') * unit;
        unit /= 10;
    }
    *us += fraction;
    *rest = fth_str_sub(*rest, i, rest->n);
    return i > 1;
}

/* "+02:00", "-0330", "+05". */
static bool parse_offset(struct fth_str text, int64_t *offset_us)
{
    bool colon = text.n == 6;
    int hours, minutes = 0;

    if (text.n != 3 && text.n != 5 && !(colon && text.p[3] == ':'))
        return false;
    if (text.p[0] != '+' && text.p[0] != '-')
        return false;
    hours = digits(text.p + 1, 2);
    if (text.n > 3)
        minutes = digits(text.p + 3 + colon, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_us = (hours * INT64_C(60) + minutes) * 60000000;
    if (text.p[0] == '-')
        *offset_us = -*offset_us;
    return true;
}

/* What stands behind the time of day. */
static bool parse_zone(struct fth_str text, int64_t *offset_us)
{
    *offset_us = 0;
    if (text.n == 0)
        return true;
    if (text.n == 1 && (text.p[0] == 'Z' || text.p[0] == 'z'))
        return true;
    if (text.n > 1 && text.p[0] == ' ')
        text = fth_str_sub(text, 1, text.n);
    return fth_str_eq_c(text, "UTC") || parse_offset(text, offset_us);
}

bool fth_instant_parse(struct fth_str text, int64_t *out_us)
{
    int32_t date;
    int hour, minute;
    int64_t us, offset_us;
    struct fth_str rest;

    if (text.n < 10 || !parse_date(text.p, &date))
        return false;
    us = date * FTH_DAY_US;
    if (text.n == 10) {
        *out_us = us;
        return true;
    }
    if (text.n < 16 || (text.p[10] != 'T' && text.p[10] != ' ' && text.p[10] != 't') ||
        text.p[13] != ':')
        return false;
    hour = digits(text.p + 11, 2);
    minute = digits(text.p + 14, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    us += (hour * INT64_C(60) + minute) * 60000000;
    rest = fth_str_sub(text, 16, text.n);
    if (!take_seconds(&rest, &us) || !parse_zone(rest, &offset_us))
        return false;
    *out_us = us - offset_us;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t fth_instant_date(int64_t us)
{
    return (int32_t)floor_div(us, FTH_DAY_US);
}

/* Years that do not have four digits are written as ISO 8601 does by agreement: +012345. */
static size_t put_date(char *out, int64_t day)
{
    struct fth_civil c = civil_from_days(day);
    size_t n = 0;

    if (c.year >= 0 && c.year <= LAST_YEAR) {
        put_digits(out, 4, (unsigned)c.year);
        n = 4;
    } else {
        out[n++] = c.year < 0 ? '-' : '+';
        put_digits(out + n, 6, (unsigned)(c.year < 0 ? -c.year : c.year));
        n += 6;
    }
    out[n++] = '-';
    put_digits(out + n, 2, (unsigned)c.month);
    out[n + 2] = '-';
    put_digits(out + n + 3, 2, (unsigned)c.day);
    return n + 5;
}

size_t fth_instant_text(int64_t us, char out[32])
{
    int64_t day = floor_div(us, FTH_DAY_US);
    /* Not us - day * FTH_DAY_US, which overflows for the earliest instants. */
    int64_t rest = us % FTH_DAY_US < 0 ? us % FTH_DAY_US + FTH_DAY_US : us % FTH_DAY_US;
    unsigned second = (unsigned)(rest / 1000000), micro = (unsigned)(rest % 1000000);
    size_t n = put_date(out, day);

    out[n++] = 'T';
    put_digits(out + n, 2, second / 3600);
    out[n + 2] = ':';
    put_digits(out + n + 3, 2, second / 60 % 60);
    out[n + 5] = ':';
    put_digits(out + n + 6, 2, second % 60);
    n += 8;
    if (micro) {
        out[n] = '.';
        put_digits(out + n + 1, 6, micro);
        n += 7;
        while (out[n - 1] == '0')
            n--;
    }
    out[n++] = 'Z';
    return n;
}

void fth_instant_put(struct fth_buf *buf, int64_t us)
{
    char text[32];

    fth_buf_add(buf, text, fth_instant_text(us, text));
}
