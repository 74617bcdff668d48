/*
 * series_file: reads files of series, the input of `farthing forecast` and `farthing detect`.
 *
 * CSV, plain, gzip or zstd, with a header that has `series_id`, `t` and `y` in any order; other
 * columns are left alone. t is a whole number or a date (YYYY-MM-DD), y a number, empty when it is
 * missing. Rows of a series are in the order of t; between them rows of others may stand. A step is
 * 1, or a day; when all dates of a series are firsts of a month it is a month, when they are whole
 * weeks apart a week. Steps that are not there are missing values.
 *
 * An optional second file says more by `series_id`: `m` (steps a season has), `h` (horizon) and
 * `start` (date of the first value where t is a number, which makes a step a day).
 *
 * Thread rule: one thread, one arena.
 */
#ifndef FTH_APP_SERIES_FILE_H
#define FTH_APP_SERIES_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* What a season and a horizon may be: ten years of days. */
enum { FTH_SERIES_STEPS_MOST = 3660 };

struct fth_series_row {
    struct fth_str id;
    double *y; /* NaN: missing */
    size_t n;
    size_t m;      /* of the second file, else 7 for days, 12 for months, 1 */
    size_t h;      /* of the second file; 0: it does not say */
    bool dated;    /* a step is a day, the first is `start` */
    int32_t start; /* of base/date.h */
};

struct fth_series_file {
    struct fth_series_row *at; /* in the order of their first rows */
    size_t nr;
};

/*
 * Reads `path`, and `meta` unless it is NULL. Lives as long as the arena.
 * FTH_E_NOTFOUND, FTH_E_IO; FTH_E_SYNTAX: no such column, a t or y that is none, rows out of order,
 * a series whose t mixes numbers and dates (the message names file and line); FTH_E_LIMIT: a series
 * of more than a million steps; FTH_E_NOMEM.
 */
enum fth_rc fth_series_file_read(const char *path, const char *meta, struct fth_arena *arena,
                                 struct fth_series_file *out, struct fth_err *err);

/*
 * Reads costs of days: a header with `series_id`, `date` and `cost`. date is a date or a timestamp
 * (its day in UTC counts), rows of one day are added up. Every row is dated, a step is a day.
 * Errors as above.
 */
enum fth_rc fth_series_file_read_costs(const char *path, struct fth_arena *arena,
                                       struct fth_series_file *out, struct fth_err *err);

#endif
