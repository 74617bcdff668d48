#include "demo/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/csv.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/vec.h"

enum { FLUSH_LEN = 256 * 1024, MAX_LINE = 64 * 1024, DEPTH_MAX = 4 };

FTH_VEC(file_vec, struct fth_sheet_file)

struct fth_sheet {
    struct fth_arena *arena;
    struct fth_sheet_form form;
    struct fth_buf buf;
    gzFile file;
    struct file_vec files;
    const char *path; /* of the last file */
};

void fth_sheet_str(struct fth_sheet_cell *cell, struct fth_str text)
{
    *cell = (struct fth_sheet_cell){.text = text};
}

void fth_sheet_c(struct fth_sheet_cell *cell, const char *text)
{
    fth_sheet_str(cell, fth_str_c(text));
}

void fth_sheet_json(struct fth_sheet_cell *cell, struct fth_str json)
{
    *cell = (struct fth_sheet_cell){.text = json, .is_json = true};
}

void fth_sheet_number(struct fth_sheet_cell *cell, int64_t units)
{
    *cell = (struct fth_sheet_cell){.units = units, .is_number = true};
}

/* ---- numbers ---- */

static void put_fixed(struct fth_buf *buf, int64_t units)
{
    const uint64_t one = UINT64_C(10000000000);
    uint64_t magnitude = units < 0 ? -(uint64_t)units : (uint64_t)units;

    fth_buf_printf(buf, "%s%llu.%010llu", units < 0 ? "-" : "",
                   (unsigned long long)(magnitude / one), (unsigned long long)(magnitude % one));
}

/* Plain from 1e-3 to 1e7, else d.dddE-x, at least one decimal. */
static void put_double(struct fth_buf *buf, int64_t units)
{
    uint64_t magnitude = units < 0 ? -(uint64_t)units : (uint64_t)units;
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)magnitude);
    int point = n - 10; /* value = 0.DIGITS * 10^point */
    int whole = point > -3 && point <= 7 ? point : 1;

    if (units < 0)
        fth_buf_char(buf, '-');
    if (magnitude == 0) {
        fth_buf_c(buf, "0.0");
        return;
    }
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (whole <= 0)
        fth_buf_c(buf, "0.");
    for (int i = whole; i < 0; i++)
        fth_buf_char(buf, '0');
    for (int i = 0; i < n || i <= whole; i++) {
        if (i == whole && whole > 0)
            fth_buf_char(buf, '.');
        fth_buf_char(buf, i < n ? digits[i] : '0');
    }
    if (whole != point)
        fth_buf_printf(buf, "E%d", point - 1);
}

static void put_number(struct fth_buf *buf, int64_t units, enum fth_number_form form)
{
    switch (form) {
    case FTH_NUMBER_FIXED:
        put_fixed(buf, units);
        break;
    case FTH_NUMBER_DOUBLE:
        put_double(buf, units);
        break;
    case FTH_NUMBER_PLAIN:
        fth_money_put(buf, (struct fth_money){.head = units});
        break;
    }
}

/* ---- lines ---- */

static size_t column_nr(const struct fth_sheet_form *form)
{
    return form->order ? form->order_nr : form->nr;
}

static size_t column_at(const struct fth_sheet_form *form, size_t i)
{
    return form->order ? form->order[i] : i;
}

static void put_csv(struct fth_sheet *sheet, const struct fth_sheet_cell *cells)
{
    const struct fth_sheet_form *form = &sheet->form;
    bool first = true;

    for (size_t i = 0; i < column_nr(form); i++) {
        size_t at = column_at(form, i);
        const struct fth_sheet_cell *cell = &cells[at];

        if (!form->names[at][0])
            continue;
        if (!first)
            fth_buf_char(&sheet->buf, ',');
        first = false;
        if (cell->text.n)
            fth_csv_put(&sheet->buf, cell->text);
        else if (cell->is_number)
            put_number(&sheet->buf, cell->units, form->numbers);
    }
    fth_buf_c(&sheet->buf, form->windows ? "\r\n" : "\n");
}

/* Closes the objects of the path before and opens those of `name`; its last piece is the key. */
static void put_path(struct fth_jw *jw, struct fth_str name, struct fth_str *open, size_t *open_nr)
{
    struct fth_str rest = name, piece;
    size_t depth = 0;

    while (fth_str_next(&rest, '.', &piece) && rest.n) {
        if (depth < *open_nr && fth_str_eq(open[depth], piece)) {
            depth++;
            continue;
        }
        for (; *open_nr > depth; --*open_nr)
            fth_jw_object_end(jw);
        FTH_CHECK(depth < DEPTH_MAX);
        open[depth++] = piece;
        *open_nr = depth;
        fth_jw_key_str(jw, piece);
        fth_jw_object(jw);
    }
    for (; *open_nr > depth; --*open_nr)
        fth_jw_object_end(jw);
    fth_jw_key_str(jw, piece);
}

/* What is empty is left out, as BigQuery does. */
static enum fth_rc put_json(struct fth_sheet *sheet, const struct fth_sheet_cell *cells,
                            struct fth_err *err)
{
    const struct fth_sheet_form *form = &sheet->form;
    struct fth_str open[DEPTH_MAX];
    size_t open_nr = 0;
    struct fth_buf number = fth_buf_max(64);
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &sheet->buf);
    fth_jw_object(&jw);
    for (size_t i = 0; i < column_nr(form); i++) {
        size_t at = column_at(form, i);
        const struct fth_sheet_cell *cell = &cells[at];

        if (!form->names[at][0] || (!cell->text.n && !cell->is_number))
            continue;
        put_path(&jw, fth_str_c(form->names[at]), open, &open_nr);
        if (cell->is_json) {
            fth_jw_raw(&jw, cell->text);
        } else if (cell->text.n) {
            fth_jw_str(&jw, cell->text);
        } else {
            fth_buf_clear(&number);
            put_number(&number, cell->units, form->numbers);
            fth_jw_raw(&jw, fth_buf_view(&number));
        }
    }
    for (; open_nr > 0; open_nr--)
        fth_jw_object_end(&jw);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (!rc)
        rc = fth_buf_done(&number, err);
    fth_buf_release(&number);
    fth_buf_char(&sheet->buf, '\n');
    return rc;
}

static void put_header(struct fth_sheet *sheet)
{
    const struct fth_sheet_form *form = &sheet->form;
    bool first = true;

    if (form->json)
        return;
    if (form->windows)
        fth_buf_c(&sheet->buf, "\xEF\xBB\xBF");
    for (size_t i = 0; i < column_nr(form); i++) {
        const char *name = form->names[column_at(form, i)];

        if (!name[0])
            continue;
        if (!first)
            fth_buf_char(&sheet->buf, ',');
        first = false;
        fth_buf_c(&sheet->buf, name);
    }
    fth_buf_c(&sheet->buf, form->windows ? "\r\n" : "\n");
}

/* ---- files ---- */

static enum fth_rc flush(struct fth_sheet *sheet, struct fth_err *err)
{
    enum fth_rc rc = fth_buf_done(&sheet->buf, err);

    if (rc)
        return rc;
    if (sheet->buf.n == 0)
        return FTH_OK;
    if (fth_fault_hit(FTH_FAULT_WRITE) ||
        gzwrite(sheet->file, sheet->buf.p, (unsigned)sheet->buf.n) != (int)sheet->buf.n)
        return fth_err_errno(err, errno ? errno : EIO, "%s", sheet->path);
    fth_buf_clear(&sheet->buf);
    return FTH_OK;
}

static enum fth_rc end_file(struct fth_sheet *sheet, struct fth_err *err)
{
    struct stat st;
    enum fth_rc rc;

    if (!sheet->file)
        return FTH_OK;
    rc = flush(sheet, err); /* also an empty one: it tells what failed */
    if (gzclose(sheet->file) != Z_OK && !rc)
        rc = fth_err_set(err, FTH_E_IO, "%s: cannot finish the file", sheet->path);
    sheet->file = NULL;
    if (!rc && stat(sheet->path, &st))
        rc = fth_err_errno(err, errno, "%s", sheet->path);
    if (!rc)
        sheet->files.at[sheet->files.nr - 1].bytes = st.st_size;
    return rc;
}

static enum fth_rc start_file(struct fth_sheet *sheet, struct fth_err *err)
{
    const struct fth_sheet_form *form = &sheet->form;
    struct fth_sheet_file file = {0};
    struct fth_str path;
    enum fth_rc rc = end_file(sheet, err);

    if (!rc)
        rc = fth_arena_printf(sheet->arena, &file.name, err, "%s%0*zu%s", form->stem, form->width,
                              form->first + sheet->files.nr, form->tail);
    if (!rc)
        rc = fth_arena_printf(sheet->arena, &path, err, "%s/" FTH_STR_F, form->dir,
                              FTH_STR_A(file.name));
    if (!rc)
        rc = file_vec_push(&sheet->files, file, err);
    if (rc)
        return rc;
    sheet->path = path.p;
    errno = 0;
    sheet->file = gzopen(path.p, "wb6");
    if (!sheet->file)
        return fth_err_errno(err, errno ? errno : ENOMEM, "%s", path.p);
    put_header(sheet);
    return FTH_OK;
}

static void release(void *object)
{
    struct fth_sheet *sheet = object;

    if (sheet->file)
        gzclose(sheet->file);
    fth_buf_release(&sheet->buf);
}

static enum fth_rc make_folder(struct fth_sheet *sheet, struct fth_err *err)
{
    struct fth_str path;
    size_t slash;
    enum fth_rc rc =
        fth_arena_printf(sheet->arena, &path, err, "%s/%s", sheet->form.dir, sheet->form.stem);

    if (rc)
        return rc;
    slash = fth_str_rfind(path, '/');
    rc = fth_arena_str(sheet->arena, fth_str_sub(path, 0, slash), &path, err);
    return rc ? rc : fth_file_mkdirs(path.p, err);
}

enum fth_rc fth_sheet_open(struct fth_arena *arena, const struct fth_sheet_form *form,
                           struct fth_sheet **out, struct fth_err *err)
{
    struct fth_sheet *sheet = FTH_NEW(arena, struct fth_sheet);
    enum fth_rc rc;

    if (!sheet)
        return fth_err_nomem(err);
    *sheet = (struct fth_sheet){.arena = arena,
                                .form = *form,
                                .buf = fth_buf_max(FLUSH_LEN + MAX_LINE),
                                .files = file_vec_in(arena)};
    rc = fth_arena_hook(arena, release, sheet, err);
    if (!rc)
        rc = make_folder(sheet, err);
    if (!rc)
        rc = start_file(sheet, err);
    if (!rc)
        *out = sheet;
    return rc;
}

enum fth_rc fth_sheet_write(struct fth_sheet *sheet, const struct fth_sheet_cell *cells,
                            struct fth_err *err)
{
    struct fth_sheet_file *file = &sheet->files.at[sheet->files.nr - 1];
    enum fth_rc rc = FTH_OK;

    if (sheet->form.rows_a_file && file->rows == sheet->form.rows_a_file) {
        rc = start_file(sheet, err);
        file = &sheet->files.at[sheet->files.nr - 1];
    }
    if (rc)
        return rc;
    if (sheet->form.json)
        rc = put_json(sheet, cells, err);
    else
        put_csv(sheet, cells);
    if (rc)
        return rc;
    file->rows++;
    return sheet->buf.n >= FLUSH_LEN ? flush(sheet, err) : FTH_OK;
}

enum fth_rc fth_sheet_close(struct fth_sheet *sheet, struct fth_err *err)
{
    return end_file(sheet, err);
}

size_t fth_sheet_files(const struct fth_sheet *sheet, const struct fth_sheet_file **files)
{
    *files = sheet->files.at;
    return sheet->files.nr;
}

enum fth_rc fth_sheet_break(struct fth_sheet *sheet, struct fth_err *err)
{
    struct fth_sheet_file *file = &sheet->files.at[sheet->files.nr - 1];

    FTH_CHECK(!sheet->file);
    file->bytes /= 2;
    return truncate(sheet->path, file->bytes) ? fth_err_errno(err, errno, "%s", sheet->path)
                                              : FTH_OK;
}
