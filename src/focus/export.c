/*
 * The export: which files there are to be, what each holds, and whether it all adds up.
 *
 * A file is one source and billing period. Its rows are those of a plan; every plan of an export
 * asks the same version of the ledger. Nothing has its name before the sums were compared.
 *
 * Parquet is made in two steps: all rows as CSV in the engine's folder, which tells how many digits
 * each column needs, the same ones in all files; then the engine makes Parquet of them.
 */
#include "focus/export.h"

#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/file_copy.h"
#include "focus/export_int.h"
#include "plan/filter.h"
#include "plan/scope.h"

enum { PLAN_MAX = 1 << 20, FILES_MAX = 100000, NAME_MAX_BYTES = 120, TELL_ROWS = 4096 };

/* Of credits that wait for their record, of one file. */
#define CREDITS_MAX ((size_t)1 << 30)

FTH_VEC(file_vec, struct fth_focus_export_file)

struct export
{
    const struct fth_focus_export_request *request;
    struct fth_arena *arena;
    struct fth_focus_exported *done;
    struct fth_focus_layout layout;
    struct file_vec files;
    struct fth_focus_folder *folder;
    struct place {
        const char *path;   /* where the file is written */
        size_t number;      /* that the folder knows it by */
        const char *inside; /* of Parquet: its rows as CSV, in the engine's folder */
    } * places;             /* of the files, by their order */
    uint64_t written;       /* rows */
};

static void tell(const struct export *x, const char *phase, uint64_t rows)
{
    if (x->request->progress && rows % TELL_ROWS == 0)
        x->request->progress(x->request->progress_ctx, phase, rows);
}

/* ---- forms ---- */

static const char *const forms[] = {[FTH_FOCUS_CSV_GZ] = "csv.gz", [FTH_FOCUS_PARQUET] = "parquet"};

const char *fth_focus_form_name(enum fth_focus_form form)
{
    return forms[form];
}

bool fth_focus_form_parse(struct fth_str text, enum fth_focus_form *out)
{
    for (int form = 0; form < FTH_FOCUS_FORM_NR; form++)
        if (fth_str_eq_c(text, forms[form])) {
            *out = (enum fth_focus_form)form;
            return true;
        }
    return false;
}

/* ---- plans ---- */

static void put_time(struct fth_jw *jw, const struct fth_focus_export_request *request)
{
    if (request->has_time) {
        fth_jw_kv_range(jw, "time", request->from, request->to);
        return;
    }
    fth_jw_key(jw, "time");
    fth_jw_null(jw);
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
        fth_filter_put_json(jw, "source", FTH_FILTER_IN, file->source);
    if (period.n)
        fth_filter_put_json(jw, "billing_period", FTH_FILTER_IN, period);
    if (asked == ASKED_CREDITS)
        fth_filter_put_json(jw, "credit_type", FTH_FILTER_PRESENT, (struct fth_str){0});
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
                         FTH_STR_A(file->period)))
        return err->rc;
    /* Names that differ only in what a file name cannot hold. */
    for (size_t i = 0; i < x->files.nr; i++)
        number += fth_str_starts(x->files.at[i].name, stem);
    return fth_arena_printf(x->arena, &file->name, err, FTH_STR_F "-%05u.%s", FTH_STR_A(stem),
                            number, fth_focus_form_name(x->request->form));
}

static enum fth_rc add_file(struct export *x, const struct fth_segment *segment,
                            struct fth_err *err)
{
    struct fth_focus_export_file file = {0};
    struct fth_str month;
    char text[FTH_MONTH_TEXT];

    /* Every import files its charges under a month. */
    if (segment->billing_month == INT32_MIN)
        return fth_err_set(err, FTH_E_CORRUPT,
                           "segment %lld: billing period \"" FTH_STR_F "\" is no month",
                           (long long)segment->id, FTH_STR_A(segment->billing_period));
    month = fth_month_text(segment->billing_month, text);
    if (!fth_arena_str(x->arena, segment->source, &file.source, err))
        fth_arena_str(x->arena, month, &file.period, err);
    if (err->rc || (x->request->period.n && !fth_str_eq(file.period, x->request->period)))
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
    struct fth_sight sight;

    if (fth_sight_open(x->request->run, 0, &sight, err))
        return err->rc;
    x->done->ledger_version = sight.snapshot->version;
    for (size_t i = 0; i < sight.snapshot->nr && !err->rc; i++)
        if (sight.snapshot->at[i].rows)
            add_file(x, &sight.snapshot->at[i], err);
    fth_sight_close(x->request->run, &sight);
    x->places = FTH_NEW_ARRAY(x->arena, struct place, x->files.nr + 1);
    if (!err->rc && !x->places)
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

    file->rows++;
    tell(filling->x, "writing", ++filling->x->written);
    if (!filling->writer->packed)
        fth_buf_printf(&filling->writer->fresh, "%llu,", (unsigned long long)file->rows);
    fth_focus_put_row(&filling->writer->fresh, &filling->x->layout, filling->cols, cells);
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

static enum fth_rc name_places(struct export *x, size_t i, struct fth_err *err)
{
    struct place *place = &x->places[i];
    struct fth_engine *engine = fth_ledger_engine(x->request->run->ledger);

    if (fth_focus_folder_add(x->folder, x->files.at[i].name, &place->path, &place->number, err) ||
        x->request->form != FTH_FOCUS_PARQUET)
        return err->rc;
    return fth_engine_scratch(engine, "csv", x->arena, &place->inside, err);
}

static enum fth_rc write_file(struct export *x, size_t i, struct fth_err *err)
{
    const struct place *place = &x->places[i];
    struct fth_focus_writer writer;
    struct filling filling = {.x = x, .writer = &writer};
    bool packed;

    if (name_places(x, i, err))
        return err->rc;
    packed = !place->inside;
    fth_map_init(&filling.credits);
    filling.arena = fth_arena_new(CREDITS_MAX);
    if (!filling.arena)
        return fth_err_nomem(err);
    if (!fth_focus_writer_open(&writer, packed ? place->path : place->inside, packed,
                               &x->files.at[i], err)) {
        fth_buf_c(&writer.fresh, packed ? "" : "row,");
        fth_focus_put_header(&writer.fresh, &x->layout);
        fill(&filling, err);
    }
    fth_focus_writer_close(&writer, err);
    fth_map_release(&filling.credits);
    fth_arena_free(filling.arena);
    return err->rc;
}

/* ---- Parquet ---- */

static enum fth_parquet_type parquet_type(const struct fth_focus_out *column)
{
    if (column->at == FTH_AT_TagSetId)
        return FTH_PARQUET_TEXT_MAP;
    if (column->type == FTH_FOCUS_DECIMAL)
        return FTH_PARQUET_DECIMAL;
    return column->type == FTH_FOCUS_DATETIME ? FTH_PARQUET_INSTANT : FTH_PARQUET_TEXT;
}

static enum fth_rc settle(struct export *x, struct fth_err *err)
{
    struct fth_str warning = {0};

    for (size_t i = 0; i < x->layout.nr; i++) {
        const struct fth_focus_out *column = &x->layout.at[i];
        struct fth_parquet_col *col = &x->layout.parquet[i];

        *col = (struct fth_parquet_col){.name = column->name, .type = parquet_type(column)};
        if (!fth_parquet_settle(col, &column->digits) &&
            fth_arena_printf(x->arena, &warning, err,
                             FTH_STR_F "%s%s has values of more than %d digits and is text",
                             FTH_STR_A(warning), warning.n ? "; " : "", column->name,
                             FTH_PARQUET_DIGITS))
            return err->rc;
    }
    x->done->warning = warning.p;
    return FTH_OK;
}

static enum fth_rc pack_file(const struct export *x, size_t i, struct fth_err *err)
{
    const struct fth_plan_run *run = x->request->run;
    struct fth_engine *engine = fth_ledger_engine(run->ledger);
    struct fth_focus_export_file *file = &x->files.at[i];
    struct fth_file_digest digest;
    const char *parquet = NULL;

    if (fth_engine_scratch(engine, "parquet", x->arena, &parquet, err))
        return err->rc;
    if (!fth_session_parquet_write(run->session, x->places[i].inside, x->layout.parquet,
                                   x->layout.nr, parquet, run->cancel, err) &&
        !fth_file_copy(parquet, x->places[i].path, run->cancel, &digest, err)) {
        file->bytes = (uint64_t)digest.bytes;
        memcpy(file->sha256, digest.sha256, sizeof(file->sha256));
    }
    fth_engine_forget(engine, parquet);
    return err->rc;
}

static enum fth_rc pack_files(struct export *x, struct fth_err *err)
{
    if (x->request->form != FTH_FOCUS_PARQUET || settle(x, err))
        return err->rc;
    for (size_t i = 0; i < x->files.nr; i++)
        if (x->files.at[i].rows && pack_file(x, i, err))
            return err->rc;
    return FTH_OK;
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
    FTH_CHECK(done->sums);
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

/* ---- all of it ---- */

/* Files of which the scope has no row are left out. */
static enum fth_rc publish(struct export *x, struct fth_err *err)
{
    size_t nr = 0;

    for (size_t i = 0; i < x->files.nr; i++) {
        if (x->files.at[i].rows == 0)
            fth_focus_folder_drop(x->folder, x->places[i].number);
        else
            x->files.at[nr++] = x->files.at[i];
    }
    x->done->files = x->files.at;
    x->done->file_nr = nr;
    if (fth_focus_put_metadata(x->request, x->folder, &x->layout, x->done, err))
        return err->rc;
    return fth_focus_folder_publish(x->folder, err);
}

static enum fth_rc write_all(struct export *x, struct fth_err *err)
{
    for (size_t i = 0; i < x->files.nr; i++)
        if (write_file(x, i, err))
            return err->rc;
    if (check_sums(x, err) || pack_files(x, err))
        return err->rc;
    return publish(x, err);
}

static void forget_inside(const struct export *x)
{
    struct fth_engine *engine = fth_ledger_engine(x->request->run->ledger);

    for (size_t i = 0; x->places && i < x->files.nr; i++)
        if (x->places[i].inside)
            fth_engine_forget(engine, x->places[i].inside);
}

enum fth_rc fth_focus_export(const struct fth_focus_export_request *request,
                             const struct fth_focus_exported **out, struct fth_err *err)
{
    struct fth_arena *arena = request->run->arena;
    struct export *x = FTH_NEW(arena, struct export);

    if (!x)
        return fth_err_nomem(err);
    *x = (struct export){.request = request,
                         .arena = arena,
                         .done = FTH_NEW(arena, struct fth_focus_exported),
                         .files = file_vec_in(arena)};
    if (!x->done)
        return fth_err_nomem(err);
    fth_focus_layout(request->version, &x->layout);
    if (!find_files(x, err) &&
        !fth_focus_folder_open(arena, request->dir, request->force, &x->folder, err))
        write_all(x, err);
    forget_inside(x);
    fth_focus_folder_close(x->folder);
    if (!err->rc)
        *out = x->done;
    return err->rc;
}
