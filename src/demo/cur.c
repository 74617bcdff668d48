#include "demo/cur.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/vec.h"

enum { FLUSH_LEN = 256 * 1024, MAX_LINE = 64 * 1024, ROWS_A_FILE = 250000, PATH_LEN = 1024 };

#define LEGACY_NAME "meridian-cur"
#define NEW_NAME "meridian-cur2"

static const struct {
    const char *legacy, *name, *type;
} columns[] = {
#define FTH_CUR(id, legacy, name, type) {legacy, name, type},
#include "demo/cur.def"
#undef FTH_CUR
};

FTH_VEC(path_vec, struct fth_str)

/* One of the two forms: its files of this month. */
struct form {
    bool legacy;
    const char *dir;            /* what manifests name files relative to */
    struct fth_str folder;      /* below dir, where data files go */
    enum fth_cur_column *order; /* of its columns */
    size_t column_nr;
    struct fth_buf buf;
    gzFile file;
    uint64_t rows; /* in this file */
    struct path_vec files;
};

struct fth_cur_month {
    struct fth_arena *arena;
    int32_t month;
    const char *payer, *assembly, *run;
    struct form forms[2];
};

void fth_cur_str(struct fth_cur_line *line, enum fth_cur_column column, struct fth_str text)
{
    line->at[column] = (struct fth_cur_value){.text = text};
}

void fth_cur_c(struct fth_cur_line *line, enum fth_cur_column column, const char *text)
{
    fth_cur_str(line, column, fth_str_c(text));
}

void fth_cur_number(struct fth_cur_line *line, enum fth_cur_column column, int64_t units)
{
    line->at[column] = (struct fth_cur_value){.units = units, .is_number = true};
}

/* ---- fields ---- */

/* Ten decimals. */
static void put_fixed(struct fth_buf *buf, int64_t units)
{
    const uint64_t one = UINT64_C(10000000000);
    uint64_t magnitude = units < 0 ? -(uint64_t)units : (uint64_t)units;

    fth_buf_printf(buf, "%s%llu.%010llu", units < 0 ? "-" : "",
                   (unsigned long long)(magnitude / one), (unsigned long long)(magnitude % one));
}

/* As a JVM writes a double: plain from 1e-3 to 1e7, else d.dddE-x, at least one decimal. */
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

static void put_line(struct form *form, const struct fth_cur_line *line)
{
    for (size_t i = 0; i < form->column_nr; i++) {
        const struct fth_cur_value *value = &line->at[form->order[i]];

        if (i)
            fth_buf_char(&form->buf, ',');
        if (value->text.n)
            fth_csv_put(&form->buf, value->text);
        else if (value->is_number && form->legacy)
            put_fixed(&form->buf, value->units);
        else if (value->is_number)
            put_double(&form->buf, value->units);
    }
    fth_buf_char(&form->buf, '\n');
}

/* ---- files ---- */

static int by_name(const void *a, const void *b)
{
    const enum fth_cur_column *x = a, *y = b;

    return strcmp(columns[*x].name, columns[*y].name);
}

static enum fth_rc order_columns(struct fth_arena *arena, struct form *form, struct fth_err *err)
{
    form->order = FTH_NEW_ARRAY(arena, enum fth_cur_column, FTH_CUR_NR);
    if (!form->order)
        return fth_err_nomem(err);
    for (unsigned i = 0; i < FTH_CUR_NR; i++) {
        if ((form->legacy ? columns[i].legacy : columns[i].name)[0])
            form->order[form->column_nr++] = (enum fth_cur_column)i;
    }
    if (!form->legacy)
        qsort(form->order, form->column_nr, sizeof(*form->order), by_name);
    return FTH_OK;
}

static enum fth_rc flush(struct form *form, struct fth_err *err)
{
    enum fth_rc rc = fth_buf_done(&form->buf, err);

    if (rc)
        return rc;
    if (fth_fault_hit(FTH_FAULT_WRITE) ||
        gzwrite(form->file, form->buf.p, (unsigned)form->buf.n) != (int)form->buf.n)
        return fth_err_errno(err, errno ? errno : EIO, "%s", form->files.at[form->files.nr - 1].p);
    fth_buf_clear(&form->buf);
    return FTH_OK;
}

static enum fth_rc end_file(struct form *form, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (!form->file)
        return FTH_OK;
    if (form->buf.n)
        rc = flush(form, err);
    if (gzclose(form->file) != Z_OK && !rc)
        rc = fth_err_set(err, FTH_E_IO, "%s: cannot finish the file",
                         form->files.at[form->files.nr - 1].p);
    form->file = NULL;
    return rc;
}

static enum fth_rc start_file(struct fth_cur_month *month, struct form *form, struct fth_err *err)
{
    struct fth_str path, name;
    enum fth_rc rc = end_file(form, err);

    if (!rc)
        rc = fth_arena_printf(month->arena, &name, err, FTH_STR_F "/%s-%05zu.csv.gz",
                              FTH_STR_A(form->folder), form->legacy ? LEGACY_NAME : NEW_NAME,
                              form->files.nr + 1);
    if (!rc)
        rc =
            fth_arena_printf(month->arena, &path, err, "%s/" FTH_STR_F, form->dir, FTH_STR_A(name));
    if (!rc)
        rc = path_vec_push(&form->files, name, err);
    if (rc)
        return rc;
    errno = 0;
    form->file = gzopen(path.p, "wb6");
    if (!form->file)
        return fth_err_errno(err, errno ? errno : ENOMEM, "%s", path.p);
    form->rows = 0;
    for (size_t i = 0; i < form->column_nr; i++) {
        if (i)
            fth_buf_char(&form->buf, ',');
        fth_buf_c(&form->buf,
                  form->legacy ? columns[form->order[i]].legacy : columns[form->order[i]].name);
    }
    fth_buf_char(&form->buf, '\n');
    return FTH_OK;
}

static void release(void *object)
{
    struct fth_cur_month *month = object;

    for (size_t i = 0; i < FTH_NR(month->forms); i++) {
        if (month->forms[i].file)
            gzclose(month->forms[i].file);
        fth_buf_release(&month->forms[i].buf);
    }
}

/* "20250101-20250201" */
static enum fth_rc period_folder(struct fth_arena *arena, int32_t month, struct fth_str *out,
                                 struct fth_err *err)
{
    struct fth_civil from = fth_date_to_civil(fth_month_first_date(month));
    struct fth_civil to = fth_date_to_civil(fth_month_first_date(month + 1));

    return fth_arena_printf(arena, out, err, "%04d%02d01-%04d%02d01", from.year, from.month,
                            to.year, to.month);
}

static enum fth_rc make_folders(struct fth_cur_month *m, struct fth_err *err)
{
    struct form *legacy = &m->forms[0], *fresh = &m->forms[1];
    struct fth_civil at = fth_date_to_civil(fth_month_first_date(m->month));
    struct fth_str period, path;
    enum fth_rc rc = period_folder(m->arena, m->month, &period, err);

    if (!rc)
        rc = fth_arena_printf(m->arena, &legacy->folder, err, LEGACY_NAME "/" FTH_STR_F "/%s",
                              FTH_STR_A(period), m->assembly);
    if (!rc)
        rc = fth_arena_printf(m->arena, &fresh->folder, err,
                              NEW_NAME "/data/BILLING_PERIOD=%04d-%02d", at.year, at.month);
    for (size_t i = 0; !rc && i < FTH_NR(m->forms); i++) {
        rc = fth_arena_printf(m->arena, &path, err, "%s/" FTH_STR_F, m->forms[i].dir,
                              FTH_STR_A(m->forms[i].folder));
        if (!rc)
            rc = fth_file_mkdirs(path.p, err);
    }
    return rc;
}

enum fth_rc fth_cur_open(struct fth_arena *arena, const char *dir, int32_t month, const char *payer,
                         const char *assembly, const char *run, struct fth_cur_month **out,
                         struct fth_err *err)
{
    static const char *const places[] = {"aws-cur-legacy", "aws-cur-2.0"};
    struct fth_cur_month *made = FTH_NEW(arena, struct fth_cur_month);
    enum fth_rc rc;

    if (!made)
        return fth_err_nomem(err);
    *made = (struct fth_cur_month){
        .arena = arena, .month = month, .payer = payer, .assembly = assembly, .run = run};
    rc = fth_arena_hook(arena, release, made, err);
    for (size_t i = 0; !rc && i < FTH_NR(made->forms); i++) {
        struct form *form = &made->forms[i];
        struct fth_str path;

        form->legacy = i == 0;
        form->buf = fth_buf_max(FLUSH_LEN + MAX_LINE);
        form->files = path_vec_in(arena);
        rc = fth_arena_printf(arena, &path, err, "%s/%s", dir, places[i]);
        form->dir = path.p;
        if (!rc)
            rc = order_columns(arena, form, err);
    }
    if (!rc)
        rc = make_folders(made, err);
    for (size_t i = 0; !rc && i < FTH_NR(made->forms); i++)
        rc = start_file(made, &made->forms[i], err);
    if (!rc)
        *out = made;
    return rc;
}

enum fth_rc fth_cur_write(struct fth_cur_month *month, const struct fth_cur_line *line,
                          struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(month->forms); i++) {
        struct form *form = &month->forms[i];
        enum fth_rc rc = FTH_OK;

        if (form->rows == ROWS_A_FILE)
            rc = start_file(month, form, err);
        if (rc)
            return rc;
        put_line(form, line);
        form->rows++;
        if (form->buf.n >= FLUSH_LEN)
            rc = flush(form, err);
        if (rc)
            return rc;
    }
    return FTH_OK;
}

/* ---- manifests ---- */

static void put_columns(struct fth_jw *jw, const struct form *form)
{
    fth_jw_key(jw, "columns");
    fth_jw_array(jw);
    for (size_t i = 0; i < form->column_nr; i++) {
        const char *legacy = columns[form->order[i]].legacy;
        struct fth_str category, name;

        fth_jw_object(jw);
        if (form->legacy && fth_str_split(fth_str_c(legacy), '/', &category, &name)) {
            fth_jw_kv(jw, "category", category);
            fth_jw_kv(jw, "name", name);
            fth_jw_kv_c(jw, "type", columns[form->order[i]].type);
        } else {
            fth_jw_kv_c(jw, "name", columns[form->order[i]].name);
            fth_jw_kv_c(jw, "type", "string");
        }
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_legacy_manifest(struct fth_jw *jw, const struct fth_cur_month *m)
{
    const struct form *form = &m->forms[0];
    struct fth_buf period = fth_buf_max(64);

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "assemblyId", m->assembly);
    fth_jw_kv_c(jw, "account", m->payer);
    put_columns(jw, form);
    fth_jw_kv_c(jw, "charset", "UTF-8");
    fth_jw_kv_c(jw, "compression", "GZIP");
    fth_jw_kv_c(jw, "contentType", "text/csv");
    fth_jw_kv_c(jw, "reportId", "r-" LEGACY_NAME);
    fth_jw_kv_c(jw, "reportName", LEGACY_NAME);
    fth_jw_key(jw, "billingPeriod");
    fth_jw_object(jw);
    for (int end = 0; end < 2; end++) {
        struct fth_civil at = fth_date_to_civil(fth_month_first_date(m->month + end));

        fth_buf_clear(&period);
        fth_buf_printf(&period, "%04d%02d01T000000.000Z", at.year, at.month);
        fth_jw_kv(jw, end ? "end" : "start", fth_buf_view(&period));
    }
    fth_jw_object_end(jw);
    fth_buf_release(&period);
    fth_jw_kv_c(jw, "bucket", "meridian-billing");
    fth_jw_key(jw, "reportKeys");
    fth_jw_array(jw);
    for (size_t i = 0; i < form->files.nr; i++)
        fth_jw_str(jw, form->files.at[i]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "additionalArtifactKeys");
    fth_jw_array(jw);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_new_manifest(struct fth_jw *jw, const struct fth_cur_month *m)
{
    const struct form *form = &m->forms[1];
    struct fth_buf text = fth_buf_max(PATH_LEN);

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "executionId", m->run);
    fth_buf_printf(&text, "arn:aws:bcm-data-exports:us-east-1:%s:export/" NEW_NAME, m->payer);
    fth_jw_kv(jw, "exportArn", fth_buf_view(&text));
    put_columns(jw, form);
    fth_jw_key(jw, "dataFiles");
    fth_jw_array(jw);
    for (size_t i = 0; i < form->files.nr; i++) {
        fth_buf_clear(&text);
        fth_buf_printf(&text, "s3://meridian-billing/" FTH_STR_F, FTH_STR_A(form->files.at[i]));
        fth_jw_str(jw, fth_buf_view(&text));
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    fth_buf_release(&text);
}

static enum fth_rc write_manifest(const struct fth_cur_month *m, bool legacy, const char *dir,
                                  const char *folder, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(256 * 1024), path = fth_buf_max(PATH_LEN);
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    jw.pretty = true;
    if (legacy)
        put_legacy_manifest(&jw, m);
    else
        put_new_manifest(&jw, m);
    rc = fth_jw_done(&jw, err);
    fth_buf_printf(&path, "%s/%s", dir, folder);
    fth_buf_add(&path, "", 1);
    if (!rc)
        rc = fth_buf_done(&path, err);
    if (!rc)
        rc = fth_file_mkdirs(path.p, err);
    if (!rc) {
        path.n--;
        fth_buf_printf(&path, "/%s-Manifest.json", legacy ? LEGACY_NAME : NEW_NAME);
        fth_buf_add(&path, "", 1);
        rc = fth_buf_done(&path, err);
    }
    if (!rc)
        rc = fth_file_write(path.p, fth_buf_view(&text), err);
    fth_buf_release(&text);
    fth_buf_release(&path);
    return rc;
}

enum fth_rc fth_cur_close(struct fth_cur_month *m, unsigned *files, struct fth_err *err)
{
    struct fth_civil at = fth_date_to_civil(fth_month_first_date(m->month));
    struct form *legacy = &m->forms[0], *fresh = &m->forms[1];
    struct fth_str top, metadata;
    enum fth_rc rc = end_file(legacy, err);

    if (!rc)
        rc = end_file(fresh, err);
    if (!rc)
        rc = fth_arena_printf(m->arena, &metadata, err,
                              NEW_NAME "/metadata/BILLING_PERIOD=%04d-%02d", at.year, at.month);
    if (!rc)
        rc = write_manifest(m, false, fresh->dir, metadata.p, err);
    if (!rc)
        rc = write_manifest(m, true, legacy->dir, legacy->folder.p, err);
    /* The manifest above the assemblies says which of them counts: it comes last. */
    if (!rc)
        rc = fth_arena_str(m->arena,
                           fth_str_sub(legacy->folder, 0, fth_str_rfind(legacy->folder, '/')), &top,
                           err);
    if (!rc)
        rc = write_manifest(m, true, legacy->dir, top.p, err);
    if (!rc)
        *files += (unsigned)(legacy->files.nr + fresh->files.nr + 3);
    return rc;
}
