#include "demo/cur.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"

enum { ROWS_A_FILE = 250000, PATH_LEN = 1024 };

#define LEGACY_NAME "meridian-cur"
#define NEW_NAME "meridian-cur2"

static const struct {
    const char *legacy, *name, *type;
} columns[] = {
#define FTH_CUR(id, legacy, name, type) {legacy, name, type},
#include "demo/cur.def"
#undef FTH_CUR
};

/* One of the two forms: its files of this month. */
struct form {
    bool legacy;
    const char *dir;       /* what manifests name files relative to */
    struct fth_str folder; /* below dir, where data files go */
    const char **names;
    size_t *order; /* of its columns */
    size_t column_nr;
    struct fth_sheet *sheet;
};

struct fth_cur_month {
    struct fth_arena *arena;
    int32_t month;
    const char *payer, *assembly, *run;
    struct form forms[2];
};

void fth_cur_str(struct fth_cur_line *line, enum fth_cur_column column, struct fth_str text)
{
    fth_sheet_str(&line->at[column], text);
}

void fth_cur_c(struct fth_cur_line *line, enum fth_cur_column column, const char *text)
{
    fth_sheet_c(&line->at[column], text);
}

void fth_cur_number(struct fth_cur_line *line, enum fth_cur_column column, int64_t units)
{
    fth_sheet_number(&line->at[column], units);
}

/* ---- files ---- */

static int by_name(const void *a, const void *b)
{
    const size_t *x = a, *y = b;

    return strcmp(columns[*x].name, columns[*y].name);
}

static enum fth_rc order_columns(struct fth_arena *arena, struct form *form, struct fth_err *err)
{
    form->order = FTH_NEW_ARRAY(arena, size_t, FTH_CUR_NR);
    form->names = FTH_NEW_ARRAY(arena, const char *, FTH_CUR_NR);
    if (!form->order || !form->names)
        return fth_err_nomem(err);
    for (size_t i = 0; i < FTH_CUR_NR; i++) {
        form->names[i] = form->legacy ? columns[i].legacy : columns[i].name;
        if (form->names[i][0])
            form->order[form->column_nr++] = i;
    }
    if (!form->legacy)
        qsort(form->order, form->column_nr, sizeof(*form->order), by_name);
    return FTH_OK;
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

static enum fth_rc name_folders(struct fth_cur_month *m, struct fth_err *err)
{
    struct form *legacy = &m->forms[0], *fresh = &m->forms[1];
    struct fth_civil at = fth_date_to_civil(fth_month_first_date(m->month));
    struct fth_str period;
    enum fth_rc rc = period_folder(m->arena, m->month, &period, err);

    if (!rc)
        rc = fth_arena_printf(m->arena, &legacy->folder, err, LEGACY_NAME "/" FTH_STR_F "/%s",
                              FTH_STR_A(period), m->assembly);
    return rc ? rc
              : fth_arena_printf(m->arena, &fresh->folder, err,
                                 NEW_NAME "/data/BILLING_PERIOD=%04d-%02d", at.year, at.month);
}

/* A file that is not the run's own has a number far behind those that are. */
static enum fth_rc open_sheet(struct fth_cur_month *m, const struct form *form, size_t first,
                              struct fth_sheet **out, struct fth_err *err)
{
    struct fth_str stem;
    enum fth_rc rc =
        fth_arena_printf(m->arena, &stem, err, FTH_STR_F "/%s-", FTH_STR_A(form->folder),
                         form->legacy ? LEGACY_NAME : NEW_NAME);

    return rc ? rc
              : fth_sheet_open(m->arena,
                               &(struct fth_sheet_form){.names = form->names,
                                                        .nr = FTH_CUR_NR,
                                                        .order = form->order,
                                                        .order_nr = form->column_nr,
                                                        .numbers = form->legacy ? FTH_NUMBER_FIXED
                                                                                : FTH_NUMBER_DOUBLE,
                                                        .dir = form->dir,
                                                        .stem = stem.p,
                                                        .tail = ".csv.gz",
                                                        .width = 5,
                                                        .first = first,
                                                        .rows_a_file = ROWS_A_FILE},
                               out, err);
}

enum fth_rc fth_cur_open(struct fth_arena *arena, const char *dir, int32_t month, const char *payer,
                         const char *assembly, const char *run, struct fth_cur_month **out,
                         struct fth_err *err)
{
    static const char *const places[] = {"aws-cur-legacy", "aws-cur-2.0"};
    struct fth_cur_month *made = FTH_NEW(arena, struct fth_cur_month);
    enum fth_rc rc = FTH_OK;

    if (!made)
        return fth_err_nomem(err);
    *made = (struct fth_cur_month){
        .arena = arena, .month = month, .payer = payer, .assembly = assembly, .run = run};
    for (size_t i = 0; !rc && i < FTH_NR(made->forms); i++) {
        struct form *form = &made->forms[i];
        struct fth_str path;

        form->legacy = i == 0;
        rc = fth_arena_printf(arena, &path, err, "%s/%s", dir, places[i]);
        form->dir = path.p;
        if (!rc)
            rc = order_columns(arena, form, err);
    }
    if (!rc)
        rc = name_folders(made, err);
    for (size_t i = 0; !rc && i < FTH_NR(made->forms); i++)
        rc = open_sheet(made, &made->forms[i], 1, &made->forms[i].sheet, err);
    if (!rc)
        *out = made;
    return rc;
}

enum fth_rc fth_cur_write(struct fth_cur_month *month, const struct fth_cur_line *line,
                          struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(month->forms) && !rc; i++)
        rc = fth_sheet_write(month->forms[i].sheet, line->at, err);
    return rc;
}

enum fth_rc fth_cur_orphan(struct fth_cur_month *month, const struct fth_cur_line *line,
                           unsigned *files, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(month->forms) && !rc; i++) {
        struct fth_sheet *sheet;

        rc = open_sheet(month, &month->forms[i], 99901, &sheet, err);
        if (!rc)
            rc = fth_sheet_write(sheet, line->at, err);
        if (!rc)
            rc = fth_sheet_close(sheet, err);
        *files += !rc;
    }
    return rc;
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
    const struct fth_sheet_file *files;
    size_t file_nr = fth_sheet_files(form->sheet, &files);
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
    for (size_t i = 0; i < file_nr; i++)
        fth_jw_str(jw, files[i].name);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "additionalArtifactKeys");
    fth_jw_array(jw);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_new_manifest(struct fth_jw *jw, const struct fth_cur_month *m)
{
    const struct form *form = &m->forms[1];
    const struct fth_sheet_file *files;
    size_t file_nr = fth_sheet_files(form->sheet, &files);
    struct fth_buf text = fth_buf_max(PATH_LEN);

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "executionId", m->run);
    fth_buf_printf(&text, "arn:aws:bcm-data-exports:us-east-1:%s:export/" NEW_NAME, m->payer);
    fth_jw_kv(jw, "exportArn", fth_buf_view(&text));
    put_columns(jw, form);
    fth_jw_key(jw, "dataFiles");
    fth_jw_array(jw);
    for (size_t i = 0; i < file_nr; i++) {
        fth_buf_clear(&text);
        fth_buf_printf(&text, "s3://meridian-billing/" FTH_STR_F, FTH_STR_A(files[i].name));
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
    const struct fth_sheet_file *ignored;
    enum fth_rc rc = fth_sheet_close(legacy->sheet, err);

    if (!rc)
        rc = fth_sheet_close(fresh->sheet, err);
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
        *files += (unsigned)(fth_sheet_files(legacy->sheet, &ignored) +
                             fth_sheet_files(fresh->sheet, &ignored) + 3);
    return rc;
}
