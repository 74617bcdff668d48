#include "app/series_file.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/date.h"
#include "base/map.h"
#include "base/unpack.h"
#include "base/vec.h"

enum { VALUES_MOST = 1000000 };

FTH_VEC(value_vec, double)

/* A series while it is read: one value a step (a day) from `first` on. */
struct reading {
    struct fth_series_row row;
    struct value_vec values;
    int64_t first;
    bool dates;
    bool weeks, months; /* all dates so far are whole weeks apart, firsts of a month */
};

FTH_VEC(reading_vec, struct reading *)

/* What a file's columns are called, and whether they are costs of days: rows of a day are added up.
 */
struct form {
    const char *t, *y;
    bool costs;
};

static const struct form steps_form = {"t", "y", false};
static const struct form costs_form = {"date", "cost", true};

struct reader {
    const char *path;
    const struct form *form;
    struct fth_unpack *in;
    struct fth_csv *csv;
};

static enum fth_rc reader_open(struct reader *r, const char *path, struct fth_err *err)
{
    r->path = path;
    if (fth_unpack_open(path, NULL, &r->in, err))
        return err->rc;
    return fth_csv_open(r->in, NULL, &r->csv, err);
}

static void reader_close(struct reader *r)
{
    fth_csv_close(r->csv);
    fth_unpack_close(r->in);
}

/* The column of this name; SIZE_MAX when there is none. */
static size_t column(const struct reader *r, const char *name)
{
    const struct fth_str *header = fth_csv_header(r->csv);

    for (size_t i = 0; i < fth_csv_columns(r->csv); i++)
        if (fth_str_eq_c(header[i], name))
            return i;
    return SIZE_MAX;
}

static enum fth_rc bad(const struct reader *r, const struct fth_csv_row *row, const char *what,
                       struct fth_str value, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_SYNTAX, "%s:%lld: %s \"" FTH_STR_F "\"", r->path,
                       (long long)row->line, what, FTH_STR_A(value));
}

/* A finite number; NaN for an empty text. */
static bool read_number(struct fth_str text, double *out)
{
    text = fth_str_trim(text);
    *out = NAN;
    return text.n == 0 || (fth_str_to_double(text, out) && isfinite(*out));
}

static bool read_time(const struct form *form, struct fth_str text, int64_t *out, bool *date)
{
    int64_t instant;
    int32_t day;

    if (form->costs) {
        *date = fth_instant_parse(text, &instant);
        *out = *date ? fth_instant_date(instant) : 0;
        return *date;
    }
    *date = fth_date_parse(text, &day);
    if (*date)
        *out = day;
    return *date || fth_str_to_i64(text, out);
}

/* ---- values ---- */

/* The series of this name, a new one the first time; NULL when there is no memory. */
static struct reading *series_of(struct fth_map *map, struct reading_vec *all, struct fth_str id,
                                 struct fth_err *err)
{
    struct reading *reading = fth_map_get(map, id);

    if (reading)
        return reading;
    reading = FTH_NEW(all->arena, struct reading);
    if (!reading) {
        fth_err_nomem(err);
        return NULL;
    }
    reading->values = value_vec_in(all->arena);
    if (fth_arena_str(all->arena, id, &reading->row.id, err) ||
        fth_map_put(map, id, reading, NULL, err) || reading_vec_push(all, reading, err))
        return NULL;
    return reading;
}

/* One more charge of a day that has one: what is missing adds nothing. */
static void add_up(double *sum, double y)
{
    if (isnan(*sum))
        *sum = y;
    else if (!isnan(y))
        *sum += y;
}

static enum fth_rc add(const struct reader *r, const struct fth_csv_row *row, struct reading *to,
                       struct fth_str time, double y, struct fth_err *err)
{
    bool date;
    int64_t t, step;

    if (!read_time(r->form, fth_str_trim(time), &t, &date))
        return bad(r, row,
                   r->form->costs ? "date is no date and no timestamp:"
                                  : "t is no whole number and no date:",
                   time, err);
    if (to->values.nr == 0) {
        to->first = t;
        to->dates = to->weeks = to->months = date;
    }
    if (date != to->dates)
        return bad(r, row, "t mixes numbers and dates:", time, err);
    if (__builtin_sub_overflow(t, to->first, &step))
        step = t < to->first ? -1 : VALUES_MOST;
    if (r->form->costs && to->values.nr > 0 && step == (int64_t)to->values.nr - 1) {
        add_up(&to->values.at[step], y);
        return FTH_OK;
    }
    if (step < (int64_t)to->values.nr)
        return bad(r, row,
                   r->form->costs ? "date is before the one before:"
                                  : "t is not behind the one before:",
                   time, err);
    if (step >= VALUES_MOST)
        return fth_err_set(err, FTH_E_LIMIT, "%s:%lld: series \"" FTH_STR_F "\" has over %d steps",
                           r->path, (long long)row->line, FTH_STR_A(to->row.id), VALUES_MOST);
    to->weeks = to->weeks && step % 7 == 0;
    to->months = to->months && fth_date_to_civil((int32_t)t).day == 1;
    while ((int64_t)to->values.nr < step)
        if (value_vec_push(&to->values, NAN, err))
            return err->rc;
    return value_vec_push(&to->values, y, err);
}

static enum fth_rc read_values(struct reader *r, struct fth_map *map, struct reading_vec *all,
                               struct fth_err *err)
{
    size_t id = column(r, "series_id"), t = column(r, r->form->t), y = column(r, r->form->y);
    struct fth_csv_row row;
    bool more;

    if (id == SIZE_MAX || t == SIZE_MAX || y == SIZE_MAX)
        return fth_err_set(err, FTH_E_SYNTAX, "%s: no column \"%s\"", r->path,
                           id == SIZE_MAX  ? "series_id"
                           : t == SIZE_MAX ? r->form->t
                                           : r->form->y);
    for (;;) {
        struct reading *reading;
        double value;

        if (fth_csv_next(r->csv, &row, &more, err) || !more)
            return err->rc;
        if (!read_number(row.fields[y], &value))
            return bad(r, &row,
                       r->form->costs ? "cost is no number:" : "y is no number:", row.fields[y],
                       err);
        reading = series_of(map, all, row.fields[id], err);
        if (!reading || add(r, &row, reading, row.fields[t], value, err))
            return err->rc;
    }
}

/* ---- what a step is ---- */

static void set_days(struct reading *reading)
{
    struct fth_series_row *row = &reading->row;

    row->y = reading->values.at;
    row->n = reading->values.nr;
    row->dated = reading->dates;
    row->start = (int32_t)reading->first;
    row->m = reading->dates ? 7 : 1;
}

/* Where dates say so, every seventh day only, or one value a month. */
static void set_steps(struct reading *reading)
{
    struct fth_series_row *row = &reading->row;
    double *y = reading->values.at;
    size_t n = reading->values.nr, kept = 0;
    bool more = reading->dates && n > 1;

    set_days(reading);
    if (!more || !(reading->weeks || reading->months))
        return;
    for (size_t i = 0; i < n; i++)
        if (reading->months ? fth_date_to_civil(row->start + (int32_t)i).day == 1 : i % 7 == 0)
            y[kept++] = y[i];
    row->n = kept;
    row->dated = false;
    row->m = reading->months ? 12 : 1;
}

/* ---- the second file ---- */

static enum fth_rc read_size(const struct reader *r, const struct fth_csv_row *row, size_t at,
                             const char *what, size_t *out, struct fth_err *err)
{
    uint64_t nr;

    if (at == SIZE_MAX || fth_str_trim(row->fields[at]).n == 0)
        return FTH_OK;
    if (!fth_str_to_u64(fth_str_trim(row->fields[at]), &nr) || nr == 0 ||
        nr > FTH_SERIES_STEPS_MOST)
        return bad(r, row, what, row->fields[at], err);
    *out = (size_t)nr;
    return FTH_OK;
}

static enum fth_rc read_meta(struct reader *r, struct fth_map *map, struct fth_err *err)
{
    size_t id = column(r, "series_id"), m = column(r, "m"), h = column(r, "h");
    size_t start = column(r, "start");
    struct fth_csv_row row;
    bool more;

    if (id == SIZE_MAX)
        return fth_err_set(err, FTH_E_SYNTAX, "%s: no column \"series_id\"", r->path);
    for (;;) {
        struct reading *reading;
        struct fth_str first;

        if (fth_csv_next(r->csv, &row, &more, err) || !more)
            return err->rc;
        reading = fth_map_get(map, row.fields[id]);
        if (!reading)
            continue;
        first = start == SIZE_MAX ? FTH_STR("") : fth_str_trim(row.fields[start]);
        if (first.n && !reading->dates)
            reading->row.m = 7; /* unless this row says more */
        if (read_size(r, &row, m, "m is no number of steps:", &reading->row.m, err) ||
            read_size(r, &row, h, "h is no number of steps:", &reading->row.h, err))
            return err->rc;
        if (first.n == 0 || reading->dates)
            continue;
        if (!fth_date_parse(first, &reading->row.start))
            return bad(r, &row, "start is no date:", first, err);
        /* Days have weeks; a season of 12 or 24 says that a step is something else. */
        reading->row.dated = reading->row.m == 1 || reading->row.m % 7 == 0;
    }
}

/* ---- all of it ---- */

static enum fth_rc read_file(const struct form *form, const char *path, const char *meta,
                             struct fth_arena *arena, struct fth_series_file *out,
                             struct fth_err *err)
{
    struct reader values = {.form = form}, more = {.form = form};
    struct reading_vec all = reading_vec_in(arena);
    struct fth_series_row *rows;
    struct fth_map map;

    fth_map_init(&map);
    if (reader_open(&values, path, err) || read_values(&values, &map, &all, err))
        goto out;
    for (size_t i = 0; i < all.nr; i++) {
        if (form->costs)
            set_days(all.at[i]);
        else
            set_steps(all.at[i]);
    }
    if (meta && (reader_open(&more, meta, err) || read_meta(&more, &map, err)))
        goto out;
    rows = FTH_NEW_ARRAY(arena, struct fth_series_row, all.nr);
    if (!rows) {
        fth_err_nomem(err);
        goto out;
    }
    for (size_t i = 0; i < all.nr; i++)
        rows[i] = all.at[i]->row;
    *out = (struct fth_series_file){rows, all.nr};
out:
    reader_close(&more);
    reader_close(&values);
    fth_map_release(&map);
    return err->rc;
}

enum fth_rc fth_series_file_read(const char *path, const char *meta, struct fth_arena *arena,
                                 struct fth_series_file *out, struct fth_err *err)
{
    return read_file(&steps_form, path, meta, arena, out, err);
}

enum fth_rc fth_series_file_read_costs(const char *path, struct fth_arena *arena,
                                       struct fth_series_file *out, struct fth_err *err)
{
    return read_file(&costs_form, path, NULL, arena, out, err);
}
