/*
 * Dates that are not ISO: which form a file writes; and the billing period of a record.
 *
 * 20250131 speaks for itself; 1/2/2025 does not. One value whose month or day is over 12 settles it
 * for its whole file, and bills have such a value early: the end of the billing period. So the file
 * is read on only until the first one. Where no value settles it, the maker's word does, by the
 * columns that only his exports have; else the file is refused rather than guessed. Where billing
 * periods are months, the first record's does: it starts on the first of one.
 */
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "import/feed_dates.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"

/* What a date with slashes shows by itself. */
enum evidence { NO_DATE, OPEN, MONTH_FIRST, DAY_FIRST };

struct slashes {
    int first, second, year;
    struct fth_str rest; /* the time of day, with its blank */
};

/* Up to `most` digits off the front of *text; -1 when there are none. */
static int take_number(struct fth_str *text, size_t most)
{
    int number = 0;
    size_t n = 0;

    while (n < most && n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
        number = number * 10 + (text->p[n++] - '0');
    *text = fth_str_sub(*text, n, text->n);
    return n ? number : -1;
}

static bool take_char(struct fth_str *text, char c)
{
    if (text->n == 0 || text->p[0] != c)
        return false;
    *text = fth_str_sub(*text, 1, text->n);
    return true;
}

static bool read_slashes(struct fth_str text, struct slashes *out)
{
    size_t before;

    out->first = take_number(&text, 2);
    if (out->first < 0 || !take_char(&text, '/'))
        return false;
    out->second = take_number(&text, 2);
    if (out->second < 0 || !take_char(&text, '/'))
        return false;
    before = text.n;
    out->year = take_number(&text, 4);
    if (before - text.n == 2)
        out->year += 2000;
    out->rest = text;
    return (before - text.n == 4 || before - text.n == 2) &&
           (text.n == 0 || text.p[0] == ' ' || text.p[0] == 'T');
}

/* " 13:05", " 1:05:09 PM": microseconds of the day; -1 when it is none. */
static int64_t time_of_day(struct fth_str text)
{
    int hour, minute, second = 0;

    if (text.n == 0)
        return 0;
    text = fth_str_sub(text, 1, text.n);
    hour = take_number(&text, 2);
    if (hour < 0 || !take_char(&text, ':'))
        return -1;
    minute = take_number(&text, 2);
    if (take_char(&text, ':'))
        second = take_number(&text, 2);
    text = fth_str_trim(text);
    if (fth_str_caseeq(text, FTH_STR("am")) || fth_str_caseeq(text, FTH_STR("pm"))) {
        if (hour < 1 || hour > 12)
            return -1;
        hour = hour % 12 + (text.p[0] == 'p' || text.p[0] == 'P' ? 12 : 0);
    } else if (text.n && !fth_str_eq_c(text, "Z")) {
        return -1;
    }
    if (hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -1;
    return ((hour * INT64_C(60) + minute) * 60 + second) * 1000000;
}

static bool compact(struct fth_str text, int64_t *out)
{
    int year = take_number(&text, 4), month = take_number(&text, 2), day = take_number(&text, 2);

    if (text.n || !fth_date_is_real(year, month, day))
        return false;
    *out = fth_date_from_civil(year, month, day) * FTH_DAY_US;
    return true;
}

bool fth_feed_date(struct fth_str text, enum fth_date_form form, int64_t *out)
{
    struct slashes date;
    int64_t time_us;
    int month, day;

    if (text.n == 8 && compact(text, out))
        return true;
    if (!read_slashes(text, &date))
        return false;
    month = form == FTH_DATE_DAY_FIRST ? date.second : date.first;
    day = form == FTH_DATE_DAY_FIRST ? date.first : date.second;
    time_us = time_of_day(date.rest);
    if ((form == FTH_DATE_UNKNOWN && month != day) || time_us < 0 ||
        !fth_date_is_real(date.year, month, day))
        return false;
    *out = fth_date_from_civil(date.year, month, day) * FTH_DAY_US + time_us;
    return true;
}

static enum evidence see(struct fth_str text)
{
    struct slashes date;

    if (!read_slashes(text, &date) || date.first == date.second)
        return NO_DATE; /* the same either way, or none of ours: the reader refuses it */
    if (date.first > 12)
        return DAY_FIRST;
    return date.second > 12 ? MONTH_FIRST : OPEN;
}

/* The same of the start of a billing period that is the first of a month. */
static enum evidence see_period(struct fth_str text)
{
    struct slashes date;

    if (read_slashes(text, &date) && date.first != date.second && date.second == 1)
        return MONTH_FIRST;
    if (read_slashes(text, &date) && date.first != date.second && date.first == 1)
        return DAY_FIRST;
    return see(text);
}

/* What the values that were seen say together. */
struct seen {
    bool open, month_first, day_first;
    struct fth_str example; /* of a date that can be read in two ways */
    int64_t line;
};

static void add(struct seen *seen, enum evidence is, struct fth_str text, int64_t line)
{
    if (is == OPEN && !seen->open) {
        seen->example = text;
        seen->line = line;
    }
    seen->open |= is == OPEN;
    seen->month_first |= is == MONTH_FIRST;
    seen->day_first |= is == DAY_FIRST;
}

static bool is_settled(const struct seen *seen)
{
    return seen->month_first || seen->day_first;
}

static enum fth_date_form form_of(const struct seen *seen, const struct fth_feed_layout *layout,
                                  const struct fth_str *headers, size_t header_nr)
{
    if (seen->day_first)
        return FTH_DATE_DAY_FIRST;
    if (seen->month_first)
        return FTH_DATE_MONTH_FIRST;
    for (const char *const *name = layout->month_first; name && *name; name++)
        for (size_t i = 0; i < header_nr; i++)
            if (fth_feed_header_is(headers[i], fth_str_c(*name), true))
                return FTH_DATE_MONTH_FIRST;
    return FTH_DATE_UNKNOWN;
}

bool fth_feed_head_instant(const struct fth_feed_layout *layout, const struct fth_feed_head *head,
                           struct fth_str text, int64_t *out)
{
    struct seen seen = {0};

    if (fth_instant_parse(text, out))
        return true;
    if (layout->dates == FTH_DATES_ISO_ONLY)
        return false;
    if (layout->dates == FTH_DATES_BY_MONTH)
        add(&seen, see_period(text), text, 0);
    for (size_t i = 0; i < head->row_nr * head->header_nr && layout->dates == FTH_DATES_BY_FILE;
         i++)
        add(&seen, see(head->cells[i]), head->cells[i], 0);
    return fth_feed_date(text, form_of(&seen, layout, head->headers, head->header_nr), out);
}

/* ---- a file ---- */

/* Does the column say how the file writes its dates? */
static bool is_telling(const struct fth_feed_layout *layout, const struct fth_feed_file *file,
                       size_t col)
{
    if (file->binding.source[col].at == SIZE_MAX)
        return false;
    if (layout->dates == FTH_DATES_BY_MONTH)
        return strcmp(layout->cols[col].name, layout->period) == 0;
    return layout->cols[col].kind == FTH_K_INSTANT;
}

/* Reads the file's dates until one settles its form; where they are ISO as a rule, its first part.
 */
static enum fth_rc see_csv(const struct fth_import_feed *feed, const struct fth_feed_file *file,
                           struct seen *seen, struct fth_err *err)
{
    const struct fth_csv_opts opts = {.delimiter = feed->layout->delimiter,
                                      .keep_bad = true,
                                      .long_header = feed->layout->long_header};
    const struct fth_feed_layout *layout = feed->layout;
    struct fth_csv_chunk chunk = {0};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    bool more = true, months = layout->dates == FTH_DATES_BY_MONTH;
    enum fth_rc rc = fth_unpack_open(file->path, NULL, &in, err);

    if (!rc)
        rc = fth_csv_open(in, &opts, &csv, err);
    while (!rc && more && !is_settled(seen)) {
        rc = fth_csv_chunk_next(csv, &chunk, &more, err);
        for (size_t r = 0; !rc && r < chunk.nr && !is_settled(seen); r++)
            for (size_t i = 0; i < layout->col_nr; i++) {
                enum evidence is;
                struct fth_str text;

                if (!is_telling(layout, file, i))
                    continue;
                text = fth_csv_raw(&chunk, r, file->binding.source[i].at);
                if (text.n > 1 && text.p[0] == '"')
                    text = fth_str_sub(text, 1, text.n - 2);
                is = months ? see_period(text) : see(text);
                if (!seen->open && is == OPEN && fth_arena_str(feed->arena, text, &text, err))
                    rc = err->rc;
                add(seen, is, text, chunk.first_line + (int64_t)r);
            }
        more = more && !months;
    }
    fth_csv_chunk_release(&chunk);
    fth_csv_close(csv);
    fth_unpack_close(in);
    return rc;
}

/* Parquet has real dates; where a file writes them as text, its first rows have to do. */
static enum fth_rc see_parquet(const struct fth_import_feed *feed, const struct fth_feed_file *file,
                               struct seen *seen, struct fth_err *err)
{
    enum { ROWS = 2000 };
    struct fth_feed_head head = {0};
    enum fth_rc rc =
        fth_feed_parquet_head(feed->request.ledger, file->path, ROWS, feed->arena, &head, err);

    for (size_t i = 0; !rc && i < head.row_nr * head.header_nr; i++)
        add(seen, see(head.cells[i]), head.cells[i], (int64_t)(i / head.header_nr) + 1);
    return rc;
}

enum fth_rc fth_feed_learn_dates(const struct fth_import_feed *feed, struct fth_feed_file *file,
                                 struct fth_err *err)
{
    const struct fth_feed_binding *b = &file->binding;
    struct seen seen = {0};
    enum fth_rc rc;

    if (feed->layout->dates == FTH_DATES_ISO_ONLY ||
        (feed->layout->dates == FTH_DATES_BY_MONTH && file->parquet))
        return FTH_OK;
    rc = file->parquet ? see_parquet(feed, file, &seen, err) : see_csv(feed, file, &seen, err);
    if (rc)
        return rc;
    file->dates = form_of(&seen, feed->layout, b->headers, b->header_nr);
    if (!seen.open || file->dates != FTH_DATE_UNKNOWN)
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID,
                "%s: line %lld: \"" FTH_STR_F "\" can be read as month/day or as day/month, and no "
                "other date of the file says which",
                file->path, (long long)seen.line, FTH_STR_A(seen.example));
    fth_err_hint(err, "Export more days, or dates as YYYY-MM-DD.");
    return err->rc;
}

/* ---- the billing period of a record ---- */

size_t fth_feed_period_column(const struct fth_import_feed *feed, const struct fth_feed_file *file)
{
    const size_t cols[] = {feed->period_col, feed->period_else};

    for (size_t i = 0; i < FTH_NR(cols); i++)
        if (cols[i] != SIZE_MAX && file->binding.source[cols[i]].at != SIZE_MAX)
            return file->binding.source[cols[i]].at;
    return SIZE_MAX;
}

static bool peek(struct fth_feed_worker *w, size_t record, size_t col, int64_t *out)
{
    struct fth_err ignored = {0};
    struct fth_str text = {0};
    bool ok;

    w->quiet = true;
    ok = col != SIZE_MAX && !fth_feed_value(w, record, col, &text, &ignored) && text.n &&
         fth_feed_moment(w->feed->layout->cols[col].kind, text, out);
    w->quiet = false;
    return ok;
}

bool fth_feed_period_peek(struct fth_feed_worker *worker, size_t record, int64_t *out)
{
    const struct fth_import_feed *feed = worker->feed;

    if (peek(worker, record, feed->period_col, out))
        return true;
    if (!peek(worker, record, feed->period_else, out))
        return false;
    *out = fth_month_first_date(fth_month_of_date(fth_instant_date(*out))) * FTH_DAY_US;
    return true;
}

enum fth_rc fth_feed_period(struct fth_feed_worker *worker, size_t record, int64_t *out, bool *has,
                            struct fth_err *err)
{
    const struct fth_import_feed *feed = worker->feed;
    enum fth_rc rc = FTH_OK;

    *has = false;
    if (feed->period_col != SIZE_MAX)
        rc = fth_feed_instant(worker, record, feed->period_col, out, has, err);
    if (rc || *has || feed->period_else == SIZE_MAX || worker->set_aside[record])
        return rc;
    rc = fth_feed_instant(worker, record, feed->period_else, out, has, err);
    if (!rc && *has)
        *out = fth_month_first_date(fth_month_of_date(fth_instant_date(*out))) * FTH_DAY_US;
    return rc;
}
