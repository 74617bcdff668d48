/*
 * The export: which files there are to be, what each holds, and whether it all adds up.
 *
 * A file is one source and billing period. Its rows are those of a plan; every plan of an export
 * asks the same version of the ledger. Nothing has its name before the sums were compared.
 */
#include "focus/export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "focus/export_int.h"

enum { PLAN_MAX = 1 << 20, FILES_MAX = 100000, NAME_MAX_BYTES = 120 };

FTH_VEC(file_vec, struct fth_focus_export_file)

struct export
{
    const struct fth_focus_export_request *request;
    struct fth_arena *arena;
    struct fth_focus_exported *done;
    struct fth_focus_layout layout;
    struct file_vec files;
    const char **temps; /* of the files, by their order */
};

/* ---- plans ---- */

static void put_filter(struct fth_jw *jw, const char *field, const char *op, struct fth_str value)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "field", field);
    fth_jw_kv_c(jw, "op", op);
    fth_jw_key(jw, "values");
    fth_jw_array(jw);
    if (value.p)
        fth_jw_str(jw, value);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_time(struct fth_jw *jw, const struct fth_focus_export_request *request)
{
    char text[10];

    fth_jw_key(jw, "time");
    if (!request->has_time) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_date_text(request->from, text);
    fth_jw_kv(jw, "start", (struct fth_str){text, sizeof(text)});
    fth_date_text(request->to, text);
    fth_jw_kv(jw, "end", (struct fth_str){text, sizeof(text)});
    fth_jw_object_end(jw);
}

enum asked { ASKED_SUMS, ASKED_ROWS, ASKED_CREDITS };

/* `file` NULL: all files together. */
static void put_plan(struct fth_jw *jw, const struct export *x, enum asked asked,
                     const struct fth_focus_export_file *file)
{
    struct fth_str period = file ? file->period : x->request->period;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", "query");
    fth_jw_kv_c(jw, "subject", "cost");
    if (asked == ASKED_SUMS) {
        fth_jw_key(jw, "measures");
        fth_jw_array(jw);
        fth_jw_c(jw, "billed_cost");
        fth_jw_c(jw, "effective_cost");
        fth_jw_array_end(jw);
    } else {
        fth_jw_kv_bool(jw, "rows", true);
    }
    put_time(jw, x->request);
    fth_jw_kv_i64(jw, "as_of", x->done->ledger_version);
    fth_jw_key(jw, "filters");
    fth_jw_array(jw);
    if (file)
        put_filter(jw, "source", "in", file->source);
    if (period.n)
        put_filter(jw, "billing_period", "in", period);
    if (asked == ASKED_CREDITS)
        put_filter(jw, "credit_type", "present", (struct fth_str){0});
    fth_jw_array_end(jw);
    if (x->request->where.n)
        fth_jw_kv(jw, "where", x->request->where);
    fth_jw_object_end(jw);
}

static enum fth_rc run_plan(const struct export *x, enum asked asked,
                            const struct fth_focus_export_file *file,
                            const struct fth_answer_sink *sink, struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(x->arena);
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    const struct fth_json *json;
    const struct fth_plan *plan;
    struct fth_jw jw;

    fth_jw_init(&jw, &text);
    put_plan(&jw, x, asked, file);
    if (!fth_jw_done(&jw, err) &&
        !fth_json_parse(x->arena, fth_buf_view(&text), NULL, &json, err) &&
        !fth_plan_parse(x->arena, json, &plan, err))
        fth_plan_run(x->request->run, plan, sink, err);
    fth_buf_release(&text);
    fth_arena_rewind(x->arena, start);
    return err->rc;
}

/* ---- which files ---- */

static enum fth_rc file_name(struct export *x, struct fth_focus_export_file *file,
                             struct fth_err *err)
{
    char clean[NAME_MAX_BYTES + 1];
    size_t n = file->source.n < NAME_MAX_BYTES ? file->source.n : NAME_MAX_BYTES;
    struct fth_str stem;
    unsigned number = 1;

    for (size_t i = 0; i < n; i++) {
        char c = file->source.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.';

        clean[i] = c;
        if (!plain)
            clean[i] = '-';
    }
    clean[n] = '\0';
    if (fth_arena_printf(x->arena, &stem, err, "focus-%s-%s-" FTH_STR_F,
                         fth_focus_version_name(x->request->version), clean,
                         FTH_STR_A(file->period.n ? file->period : FTH_STR("all"))))
        return err->rc;
    /* Names that differ only in what a file name cannot hold. */
    for (size_t i = 0; i < x->files.nr; i++)
        number += fth_str_starts(x->files.at[i].name, stem);
    return fth_arena_printf(x->arena, &file->name, err, FTH_STR_F "-%05u.csv.gz", FTH_STR_A(stem),
                            number);
}

static bool has_odd_period(const struct fth_snapshot *snapshot, int64_t source)
{
    for (size_t i = 0; i < snapshot->nr; i++)
        if (snapshot->at[i].source_id == source && snapshot->at[i].billing_month == INT32_MIN)
            return true;
    return false;
}

static enum fth_rc add_file(struct export *x, const struct fth_snapshot *snapshot,
                            const struct fth_segment *segment, struct fth_err *err)
{
    struct fth_focus_export_file file = {0};
    bool odd = has_odd_period(snapshot, segment->source_id);
    struct fth_buf month = fth_buf_max(16);

    if (!odd)
        fth_month_put(&month, segment->billing_month);
    if (!fth_buf_done(&month, err) && !fth_arena_str(x->arena, segment->source, &file.source, err))
        fth_arena_str(x->arena, fth_buf_view(&month), &file.period, err);
    fth_buf_release(&month);
    if (err->rc ||
        (file.period.n && x->request->period.n && !fth_str_eq(file.period, x->request->period)))
        return err->rc;
    for (size_t i = 0; i < x->files.nr; i++)
        if (fth_str_eq(x->files.at[i].source, file.source) &&
            fth_str_eq(x->files.at[i].period, file.period))
            return FTH_OK;
    if (x->files.nr == FILES_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "more than %d sources and periods", FILES_MAX);
    file.sums = FTH_NEW_ARRAY(x->arena, struct fth_focus_export_sum, FTH_FOCUS_EXPORT_CURRENCIES);
    if (!file.sums)
        return fth_err_nomem(err);
    if (file_name(x, &file, err))
        return err->rc;
    return file_vec_push(&x->files, file, err);
}

static enum fth_rc find_files(struct export *x, struct fth_err *err)
{
    struct fth_ledger *ledger = x->request->run->ledger;
    const struct fth_snapshot *snapshot;

    if (fth_ledger_snapshot(ledger, 0, &snapshot, err))
        return err->rc;
    x->done->ledger_version = snapshot->version;
    for (size_t i = 0; i < snapshot->nr && !err->rc; i++)
        if (snapshot->at[i].rows)
            add_file(x, snapshot, &snapshot->at[i], err);
    fth_snapshot_release(ledger, snapshot);
    x->temps = FTH_NEW_ARRAY(x->arena, const char *, x->files.nr + 1);
    if (!err->rc && !x->temps)
        fth_err_nomem(err);
    return err->rc;
}

/* ---- the rows of a file ---- */

enum pass {
    PASS_COLLECT, /* add up the credits that lower prices */
    PASS_WRITE,   /* all but these */
    PASS_LEFT     /* those of which the record is not in the scope */
};

struct filling {
    struct export *x;
    struct fth_focus_writer *writer;
    struct fth_arena *arena; /* of the credits */
    const struct fth_answer_col *cols;
    struct fth_map credits;
    enum pass pass;
};

static enum fth_rc on_begin(void *ctx, const struct fth_answer_col *cols, size_t nr,
                            struct fth_str currency, struct fth_err *err)
{
    struct filling *filling = ctx;

    (void)currency;
    (void)err;
    FTH_CHECK(nr == FTH_AT_NR);
    filling->cols = cols;
    return FTH_OK;
}

static enum fth_rc write_row(struct filling *filling, const struct fth_cell *cells,
                             struct fth_err *err)
{
    struct fth_focus_export_file *file = filling->writer->file;

    fth_focus_put_row(&filling->writer->fresh, &filling->x->layout, filling->cols, cells);
    file->rows++;
    if (fth_focus_sum_add(file->sums, &file->sum_nr, cells[FTH_AT_BillingCurrency].text,
                          cells[FTH_AT_BilledCost].money, cells[FTH_AT_EffectiveCost].money, err))
        return err->rc;
    return fth_focus_writer_more(filling->writer, err);
}

static enum fth_rc on_row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct filling *filling = ctx;
    bool reduction = fth_focus_is_reduction(cells);
    struct fth_cell own[FTH_AT_NR];
    struct fth_focus_credit *credit = NULL;

    if (filling->pass == PASS_COLLECT) {
        if (!reduction)
            return FTH_OK;
        if (fth_focus_credit_of(&filling->credits, cells, filling->arena, &credit, err))
            return err->rc;
        return fth_focus_credit_add(credit, cells, err);
    }
    if (!reduction && filling->pass == PASS_LEFT)
        return FTH_OK;
    if ((reduction || cells[FTH_AT_Part].i64 == 0) &&
        fth_focus_credit_of(&filling->credits, cells, NULL, &credit, err))
        return err->rc;
    if (reduction && (filling->pass == PASS_WRITE || credit->netted))
        return FTH_OK;
    if (!credit || reduction)
        return write_row(filling, cells, err);
    memcpy(own, cells, sizeof(own));
    credit->netted = true;
    filling->x->done->netted += credit->rows;
    if (fth_focus_credit_net(credit, own, err))
        return err->rc;
    return write_row(filling, own, err);
}

static enum fth_rc on_end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    (void)ctx;
    (void)end;
    (void)err;
    return FTH_OK;
}

static bool any_left(const struct fth_map *credits)
{
    size_t at = 0;
    struct fth_str key;
    void *value;

    while (fth_map_each(credits, &at, &key, &value))
        if (!((const struct fth_focus_credit *)value)->netted)
            return true;
    return false;
}

static enum fth_rc fill(struct filling *filling, struct fth_err *err)
{
    const struct fth_answer_sink sink = {on_begin, on_row, on_end, filling};
    const struct fth_focus_export_file *file = filling->writer->file;

    filling->pass = PASS_COLLECT;
    if (run_plan(filling->x, ASKED_CREDITS, file, &sink, err))
        return err->rc;
    filling->pass = PASS_WRITE;
    if (run_plan(filling->x, ASKED_ROWS, file, &sink, err) || !any_left(&filling->credits))
        return err->rc;
    filling->pass = PASS_LEFT;
    return run_plan(filling->x, ASKED_CREDITS, file, &sink, err);
}

static enum fth_rc write_file(struct export *x, size_t i, struct fth_err *err)
{
    struct fth_focus_export_file *file = &x->files.at[i];
    struct fth_focus_writer writer;
    struct filling filling = {.x = x, .writer = &writer};
    struct fth_str temp;

    if (fth_arena_printf(x->arena, &temp, err, "%s/." FTH_STR_F ".part", x->request->dir,
                         FTH_STR_A(file->name)))
        return err->rc;
    x->temps[i] = temp.p;
    fth_map_init(&filling.credits);
    filling.arena = fth_arena_new(fth_arena_cap(x->arena));
    if (!filling.arena)
        return fth_err_nomem(err);
    if (!fth_focus_writer_open(&writer, temp.p, file, err)) {
        fth_focus_put_header(&writer.fresh, &x->layout);
        fill(&filling, err);
    }
    fth_focus_writer_close(&writer, err);
    fth_map_release(&filling.credits);
    fth_arena_free(filling.arena);
    return err->rc;
}

/* ---- do the sums hold? ---- */

struct control {
    struct fth_focus_export_sum sums[FTH_FOCUS_EXPORT_CURRENCIES];
    size_t nr;
    size_t billed; /* column; effective is the next */
};

static enum fth_rc control_begin(void *ctx, const struct fth_answer_col *cols, size_t nr,
                                 struct fth_str currency, struct fth_err *err)
{
    struct control *control = ctx;

    (void)currency;
    (void)err;
    while (control->billed < nr && cols[control->billed].kind != FTH_CELL_MONEY)
        control->billed++;
    FTH_CHECK(control->billed + 1 < nr);
    return FTH_OK;
}

static enum fth_rc control_row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    (void)ctx;
    (void)cells;
    (void)err;
    return FTH_OK;
}

static enum fth_rc control_end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct control *control = ctx;

    for (size_t i = 0; i < end->total_nr; i++) {
        const struct fth_cell *cells = &end->totals[i].cells[control->billed];

        if (fth_focus_sum_add(control->sums, &control->nr, end->totals[i].currency, cells[0].money,
                              cells[1].money, err))
            return err->rc;
    }
    return FTH_OK;
}

static const struct fth_focus_export_sum *sum_of(const struct fth_focus_export_sum *sums, size_t nr,
                                                 const char *currency)
{
    for (size_t i = 0; i < nr; i++)
        if (strcmp(sums[i].currency, currency) == 0)
            return &sums[i];
    return NULL;
}

static enum fth_rc not_same(const struct fth_focus_export_sum *written,
                            const struct fth_focus_export_sum *held, struct fth_err *err)
{
    char texts[4][FTH_MONEY_TEXT_MAX];
    struct fth_str at[4];
    const struct fth_money sums[] = {written->billed, held ? held->billed : FTH_MONEY_ZERO,
                                     written->effective, held ? held->effective : FTH_MONEY_ZERO};

    for (size_t i = 0; i < 4; i++)
        at[i] = (struct fth_str){texts[i], fth_money_text(sums[i], texts[i])};
    return fth_err_set(
        err, FTH_E_FAILED,
        "what was written is not what the ledger answers, in %s: billed " FTH_STR_F
        " for " FTH_STR_F ", effective " FTH_STR_F " for " FTH_STR_F "; nothing was kept",
        written->currency, FTH_STR_A(at[0]), FTH_STR_A(at[1]), FTH_STR_A(at[2]), FTH_STR_A(at[3]));
}

static enum fth_rc compare(const struct fth_focus_exported *done, const struct control *control,
                           struct fth_err *err)
{
    for (size_t i = 0; i < done->sum_nr; i++) {
        const struct fth_focus_export_sum *written = &done->sums[i];
        const struct fth_focus_export_sum *held =
            sum_of(control->sums, control->nr, written->currency);

        if (!held || fth_money_cmp(held->billed, written->billed) != 0 ||
            fth_money_cmp(held->effective, written->effective) != 0)
            return not_same(written, held, err);
    }
    if (done->sum_nr != control->nr)
        fth_err_set(err, FTH_E_FAILED, "%zu currencies were written and the ledger has %zu",
                    done->sum_nr, control->nr);
    return err->rc;
}

static enum fth_rc add_up(struct export *x, struct fth_err *err)
{
    struct fth_focus_exported *done = x->done;

    done->sums = FTH_NEW_ARRAY(x->arena, struct fth_focus_export_sum, FTH_FOCUS_EXPORT_CURRENCIES);
    if (!done->sums)
        return fth_err_nomem(err);
    for (size_t i = 0; i < x->files.nr; i++) {
        const struct fth_focus_export_file *file = &x->files.at[i];

        done->rows += file->rows;
        for (size_t s = 0; s < file->sum_nr; s++) {
            const struct fth_focus_export_sum *sum = &file->sums[s];

            if (fth_focus_sum_add(done->sums, &done->sum_nr, fth_str_c(sum->currency), sum->billed,
                                  sum->effective, err))
                return err->rc;
        }
    }
    for (size_t s = 0; s < done->sum_nr; s++) {
        done->sums[s].rows = 0;
        for (size_t i = 0; i < x->files.nr; i++) {
            const struct fth_focus_export_sum *sum =
                sum_of(x->files.at[i].sums, x->files.at[i].sum_nr, done->sums[s].currency);

            done->sums[s].rows += sum ? sum->rows : 0;
        }
    }
    return FTH_OK;
}

static enum fth_rc check_sums(struct export *x, struct fth_err *err)
{
    struct control *control = FTH_NEW(x->arena, struct control);
    const struct fth_answer_sink sink = {control_begin, control_row, control_end, control};

    if (!control)
        return fth_err_nomem(err);
    if (add_up(x, err) || run_plan(x, ASKED_SUMS, NULL, &sink, err))
        return err->rc;
    if (x->done->rows == 0) {
        fth_err_set(err, FTH_E_NOTFOUND, "no charge is in this scope: nothing was written");
        fth_err_hint(err, "farthing sources lists the billing periods that there are.");
        return err->rc;
    }
    return compare(x->done, control, err);
}

/* ---- the folder ---- */

static bool is_ours(const char *name)
{
    struct fth_str text = fth_str_c(name);

    return fth_str_starts(text, FTH_STR("focus-")) && fth_str_ends(text, FTH_STR(".csv.gz"));
}

/* Finds what an export left in the folder; with `remove` it goes. */
static enum fth_rc look_for_old(const struct export *x, bool remove, struct fth_err *err)
{
    DIR *dir = opendir(x->request->dir);
    const struct dirent *entry;
    struct fth_str path;

    if (!dir)
        return fth_err_errno(err, errno, "%s", x->request->dir);
    while (!err->rc && (entry = readdir(dir)) != NULL) {
        if (!is_ours(entry->d_name))
            continue;
        if (!remove) {
            fth_err_set(err, FTH_E_CONFLICT, "%s: an export is there: %s", x->request->dir,
                        entry->d_name);
            fth_err_hint(err, "Choose another folder, or replace it with --force.");
        } else if (!fth_arena_printf(x->arena, &path, err, "%s/%s", x->request->dir,
                                     entry->d_name)) {
            fth_file_remove(path.p, err);
        }
    }
    closedir(dir);
    return err->rc;
}

static enum fth_rc make_folder(const struct export *x, struct fth_err *err)
{
    struct fth_str metadata;

    if (fth_arena_printf(x->arena, &metadata, err, "%s/metadata", x->request->dir) ||
        fth_file_mkdirs(metadata.p, err))
        return err->rc;
    return x->request->force ? FTH_OK : look_for_old(x, false, err);
}

static enum fth_rc sync_folder(const char *path, struct fth_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0)
        fth_err_errno(err, errno, "%s", path);
    if (fd >= 0)
        close(fd);
    return err->rc;
}

/* Files of which the scope has no row are left out. */
static enum fth_rc publish(struct export *x, struct fth_err *err)
{
    struct fth_str path;
    size_t nr = 0;

    if (x->request->force && look_for_old(x, true, err))
        return err->rc;
    for (size_t i = 0; i < x->files.nr; i++) {
        if (x->files.at[i].rows == 0) {
            unlink(x->temps[i]);
            continue;
        }
        if (fth_arena_printf(x->arena, &path, err, "%s/" FTH_STR_F, x->request->dir,
                             FTH_STR_A(x->files.at[i].name)))
            return err->rc;
        if (rename(x->temps[i], path.p) != 0)
            return fth_err_errno(err, errno, "%s", path.p);
        x->files.at[nr++] = x->files.at[i];
    }
    x->done->files = x->files.at;
    x->done->file_nr = nr;
    if (sync_folder(x->request->dir, err))
        return err->rc;
    return fth_focus_put_metadata(x->request, &x->layout, x->done, err);
}

static void clean_up(const struct export *x)
{
    for (size_t i = 0; x->temps && i < x->files.nr; i++)
        if (x->temps[i])
            unlink(x->temps[i]);
}

enum fth_rc fth_focus_export(const struct fth_focus_export_request *request,
                             const struct fth_focus_exported **out, struct fth_err *err)
{
    struct fth_arena *arena = request->run->arena;
    struct export x = {.request = request,
                       .arena = arena,
                       .done = FTH_NEW(arena, struct fth_focus_exported),
                       .files = file_vec_in(arena)};

    if (!x.done)
        return fth_err_nomem(err);
    fth_focus_layout(request->version, &x.layout);
    if (!find_files(&x, err) && !make_folder(&x, err)) {
        for (size_t i = 0; i < x.files.nr && !err->rc; i++)
            write_file(&x, i, err);
        if (!err->rc && !check_sums(&x, err))
            publish(&x, err);
    }
    if (err->rc) {
        clean_up(&x);
        return err->rc;
    }
    *out = x.done;
    return FTH_OK;
}
