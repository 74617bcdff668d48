/*
 * Time zones as RFC 8536 stores them: a table of moments at which the offset changed, and behind it
 * a POSIX TZ rule that says how it goes on.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/file.h"

#define ZONE_DIR "/usr/share/zoneinfo/"
enum { MAX_FILE = 1 << 20, MAX_NAME = 64, DAY_S = 86400, HEADER = 44 };

/* A day of the year in a POSIX rule. */
struct rule_day {
    enum {
        JULIAN, /* Jn: 1 to 365, 29 February is never counted */
        DAY,    /* n: 0 to 365, it is */
        MONTH   /* Mm.w.d: the w-th weekday d of month m, 5 is the last */
    } kind;
    int day, month, week;
    int32_t time_s; /* local, from midnight; may be negative or beyond a day */
};

struct rule {
    bool there, has_dst;
    int32_t std_s, dst_s; /* east of UTC */
    struct rule_day start, end;
};

struct fth_zone {
    size_t nr;
    const int64_t *at_s;     /* rising */
    const int32_t *offset_s; /* nr + 1: [0] before the first, [i + 1] from at_s[i] on */
    struct rule rule;
};

/* ---- the POSIX rule ---- */

static bool take_char(struct fth_str *text, char c)
{
    if (text->n == 0 || text->p[0] != c)
        return false;
    *text = fth_str_sub(*text, 1, text->n);
    return true;
}

static bool take_number(struct fth_str *text, int most, int *out)
{
    int value = 0;
    size_t n = 0;

    for (; n < text->n && n < 4 && text->p[n] >= '0' && text->p[n] <= '9'; n++)
        value = value * 10 + (text->p[n] - '0');
    if (n == 0 || value > most)
        return false;
    *text = fth_str_sub(*text, n, text->n);
    *out = value;
    return true;
}

/* "CET" or "<+03>". */
static bool take_name(struct fth_str *text)
{
    size_t n = 0;

    if (take_char(text, '<')) {
        n = fth_str_find(*text, '>');
        if (n == SIZE_MAX)
            return false;
        *text = fth_str_sub(*text, n + 1, text->n);
        return n > 0;
    }
    while (n < text->n && ((text->p[n] | 0x20) >= 'a' && (text->p[n] | 0x20) <= 'z'))
        n++;
    *text = fth_str_sub(*text, n, text->n);
    return n >= 3;
}

/* "[+-]h[h[h]][:mm[:ss]]" */
static bool take_time(struct fth_str *text, int32_t *out_s)
{
    int hours, minutes = 0, seconds = 0;
    bool negative = take_char(text, '-');

    if (!negative)
        (void)take_char(text, '+');
    if (!take_number(text, 167, &hours))
        return false;
    if (take_char(text, ':') && !take_number(text, 59, &minutes))
        return false;
    if (take_char(text, ':') && !take_number(text, 59, &seconds))
        return false;
    *out_s = (hours * 60 + minutes) * 60 + seconds;
    if (negative)
        *out_s = -*out_s;
    return true;
}

static bool take_day(struct fth_str *text, struct rule_day *out)
{
    bool ok;

    if (take_char(text, 'M')) {
        out->kind = MONTH;
        ok = take_number(text, 12, &out->month) && out->month > 0 && take_char(text, '.') &&
             take_number(text, 5, &out->week) && out->week > 0 && take_char(text, '.') &&
             take_number(text, 6, &out->day);
    } else if (take_char(text, 'J')) {
        out->kind = JULIAN;
        ok = take_number(text, 365, &out->day) && out->day > 0;
    } else {
        out->kind = DAY;
        ok = take_number(text, 365, &out->day);
    }
    out->time_s = 2 * 3600;
    return ok && (!take_char(text, '/') || take_time(text, &out->time_s));
}

static bool parse_rule(struct fth_str text, struct rule *out)
{
    int32_t west_s;

    out->there = text.n > 0;
    if (!out->there)
        return true;
    if (!take_name(&text) || !take_time(&text, &west_s))
        return false;
    out->std_s = -west_s;
    out->has_dst = text.n > 0;
    if (!out->has_dst)
        return true;
    if (!take_name(&text))
        return false;
    out->dst_s = out->std_s + 3600;
    if (text.n && text.p[0] != ',') {
        if (!take_time(&text, &west_s))
            return false;
        out->dst_s = -west_s;
    }
    return take_char(&text, ',') && take_day(&text, &out->start) && take_char(&text, ',') &&
           take_day(&text, &out->end) && text.n == 0;
}

/* The local second, since 1970, at which a rule's day and time stand in `year`. */
static int64_t rule_local_s(const struct rule_day *day, int year)
{
    int64_t january = fth_month_first_date(year * 12);
    int64_t date;

    if (day->kind == DAY) {
        date = january + day->day;
    } else if (day->kind == JULIAN) {
        bool leap = fth_date_days_in_month(year, 2) == 29;

        date = january + day->day - 1 + (leap && day->day > 59);
    } else {
        int32_t first = fth_month_first_date(year * 12 + day->month - 1);
        int weekday = fth_date_weekday(first) % 7; /* 0 Sunday, as the rule counts */
        int shift = (day->day - weekday + 7) % 7 + (day->week - 1) * 7;

        while (shift >= fth_date_days_in_month(year, day->month))
            shift -= 7;
        date = (int64_t)first + shift;
    }
    return date * DAY_S + day->time_s;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int32_t rule_offset(const struct rule *rule, int64_t s)
{
    int year;
    int64_t start, end;

    if (!rule->has_dst)
        return rule->std_s;
    year = fth_date_to_civil((int32_t)floor_div(s + rule->std_s, DAY_S)).year;
    start = rule_local_s(&rule->start, year) - rule->std_s;
    end = rule_local_s(&rule->end, year) - rule->dst_s;
    if (start < end)
        return s >= start && s < end ? rule->dst_s : rule->std_s;
    /* In the south summer goes over the turn of the year. */
    return s >= end && s < start ? rule->std_s : rule->dst_s;
}

/* ---- the file ---- */

static uint32_t be32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int64_t be64(const char *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* The counts of a header, as RFC 8536 3.1 names them. */
struct tz_header {
    size_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static bool read_header(struct fth_str text, struct tz_header *out)
{
    size_t *const counts[] = {&out->isutcnt, &out->isstdcnt, &out->leapcnt,
                              &out->timecnt, &out->typecnt,  &out->charcnt};

    if (text.n < HEADER || memcmp(text.p, "TZif", 4) != 0)
        return false;
    for (size_t i = 0; i < FTH_NR(counts); i++) {
        *counts[i] = be32(text.p + 20 + i * 4);
        if (*counts[i] > MAX_FILE)
            return false;
    }
    return true;
}

static size_t data_len(const struct tz_header *h, size_t time_len)
{
    return h->timecnt * (time_len + 1) + h->typecnt * 6 + h->charcnt + h->leapcnt * (time_len + 4) +
           h->isstdcnt + h->isutcnt;
}

/* The table of the second block, whose data starts at `data`. */
static enum fth_rc read_table(struct fth_arena *arena, const struct tz_header *h, const char *data,
                              struct fth_zone *zone, struct fth_err *err)
{
    const char *indexes = data + h->timecnt * 8, *types = indexes + h->timecnt;
    int64_t *at_s = FTH_NEW_ARRAY(arena, int64_t, h->timecnt);
    int32_t *offset_s = FTH_NEW_ARRAY(arena, int32_t, h->timecnt + 1);

    if (!at_s || !offset_s)
        return fth_err_nomem(err);
    offset_s[0] = (int32_t)be32(types);
    for (size_t i = 0; i < h->timecnt; i++) {
        size_t type = (unsigned char)indexes[i];

        at_s[i] = be64(data + i * 8);
        if (type >= h->typecnt || (i > 0 && at_s[i] <= at_s[i - 1]))
            return fth_err_set(err, FTH_E_CORRUPT, "its table of changes is not in order");
        offset_s[i + 1] = (int32_t)be32(types + type * 6);
    }
    zone->nr = h->timecnt;
    zone->at_s = at_s;
    zone->offset_s = offset_s;
    return FTH_OK;
}

/* Versions 2 and later hold everything twice: first with 32-bit times, for readers of old. */
enum fth_rc fth_zone_parse(struct fth_arena *arena, struct fth_str bytes,
                           const struct fth_zone **out, struct fth_err *err)
{
    struct fth_zone *zone = FTH_NEW(arena, struct fth_zone);
    struct tz_header h;
    struct fth_str rest, rule;
    enum fth_rc rc;

    if (!zone)
        return fth_err_nomem(err);
    if (!read_header(bytes, &h) || bytes.p[4] < '2' || bytes.n < HEADER + data_len(&h, 4))
        return fth_err_set(err, FTH_E_CORRUPT, "not a time zone file of version 2 or later");
    rest = fth_str_sub(bytes, HEADER + data_len(&h, 4), bytes.n);
    if (!read_header(rest, &h) || h.typecnt == 0 || rest.n < HEADER + data_len(&h, 8))
        return fth_err_set(err, FTH_E_CORRUPT, "the file is cut");
    rc = read_table(arena, &h, rest.p + HEADER, zone, err);
    if (rc)
        return rc;
    rest = fth_str_sub(rest, HEADER + data_len(&h, 8), rest.n);
    if (!take_char(&rest, '\n') || !fth_str_split(rest, '\n', &rule, &rest) ||
        !parse_rule(rule, &zone->rule))
        return fth_err_set(err, FTH_E_CORRUPT, "its rule for the future cannot be read");
    *out = zone;
    return FTH_OK;
}

/* Parts of letters, digits, '_', '+', '-', divided by '/': nothing that could leave the folder. */
static bool is_name(struct fth_str name)
{
    bool start = true;

    if (name.n == 0 || name.n > MAX_NAME)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i], lower = (char)(c | 0x20);
        bool letter = lower >= 'a' && lower <= 'z';

        if (!letter && (start || !((c >= '0' && c <= '9') || (c && strchr("/_+-", c)))))
            return false;
        start = c == '/';
    }
    return !start;
}

static enum fth_rc not_found(struct fth_str name, struct fth_err *err)
{
    fth_err_clear(err);
    fth_err_set(err, FTH_E_NOTFOUND, "no time zone \"" FTH_STR_F "\"", FTH_STR_A(name));
    fth_err_hint(err, "Use a name of the IANA list such as Europe/Berlin; the system's tzdata "
                      "package must be installed.");
    return err->rc;
}

static const struct fth_zone *utc(void)
{
    static const int32_t zero[1] = {0};
    static const struct fth_zone zone = {.offset_s = zero};

    return &zone;
}

enum fth_rc fth_zone_load(struct fth_arena *arena, struct fth_str name, const struct fth_zone **out,
                          struct fth_err *err)
{
    char path[sizeof(ZONE_DIR) + MAX_NAME];
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct fth_str bytes;
    enum fth_rc rc;

    if (fth_str_eq_c(name, "UTC")) {
        *out = utc();
        return FTH_OK;
    }
    if (!is_name(name))
        return not_found(name, err);
    snprintf(path, sizeof(path), ZONE_DIR FTH_STR_F, FTH_STR_A(name));
    rc = fth_file_read(arena, path, MAX_FILE, &bytes, err);
    if (rc == FTH_E_NOTFOUND || rc == FTH_E_INVALID)
        rc = not_found(name, err);
    if (!rc) {
        rc = fth_zone_parse(arena, bytes, out, err);
        if (rc)
            fth_err_prefix(err, "time zone \"" FTH_STR_F "\"", FTH_STR_A(name));
    }
    if (rc)
        fth_arena_rewind(arena, start);
    return rc;
}

int32_t fth_zone_offset_s(const struct fth_zone *zone, int64_t us)
{
    int64_t s = floor_div(us, 1000000);
    size_t lo = 0, hi = zone->nr;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (zone->at_s[mid] <= s)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == zone->nr && zone->rule.there)
        return rule_offset(&zone->rule, s);
    return zone->offset_s[lo];
}

int32_t fth_zone_date(const struct fth_zone *zone, int64_t us)
{
    int64_t s = floor_div(us, 1000000) + fth_zone_offset_s(zone, us);

    return (int32_t)floor_div(s, DAY_S);
}

static int32_t offset_at(const struct fth_zone *zone, int64_t s)
{
    return fth_zone_offset_s(zone, s * 1000000);
}

int64_t fth_zone_midnight(const struct fth_zone *zone, int32_t date)
{
    int64_t local = (int64_t)date * DAY_S;
    int32_t before = offset_at(zone, local - DAY_S), after = offset_at(zone, local + DAY_S);
    int64_t lo = local - after, hi = local - before;

    /* Twice that day: the first of the two, which is by the offset that held before. */
    if (offset_at(zone, hi) == before)
        return hi * 1000000;
    if (offset_at(zone, lo) == after)
        return lo * 1000000;
    /* In the gap: `lo` is still before the change, `hi` is not. */
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;

        if (offset_at(zone, mid) == before)
            lo = mid;
        else
            hi = mid;
    }
    return hi * 1000000;
}
