#include "app/costs.h"

#include <inttypes.h>

#include "app/costs_int.h"
#include "app/organisation.h"
#include "app/rates.h"
#include "base/sha256.h"

enum { CANONICAL_MAX = 1 << 20, FLUSH_BYTES = 64 * 1024 };

struct fth_question {
    struct fth_asked asked;
    const struct fth_plan *plan;
    struct fth_str canonical;
    int64_t version; /* of the ledger when it was asked */
    struct fth_str warning;
};

/* A converted answer depends on the rates, too. */
static void put_rates(const struct fth_question *question, struct fth_buf *text,
                      struct fth_err *err)
{
    int64_t version;

    if (fth_plan_currency(question->plan).n && !fth_rates_version(&question->asked, &version, err))
        fth_buf_printf(text, " rates %" PRId64, version);
}

enum fth_rc fth_question_new(const struct fth_asked *asked, const struct fth_json *plan,
                             struct fth_question **out, struct fth_err *err)
{
    struct fth_question *question = FTH_NEW(asked->arena, struct fth_question);
    struct fth_buf text = fth_buf_max(CANONICAL_MAX);
    const struct fth_plan *parsed = NULL;
    struct fth_str currency = {0};

    if (!question)
        return fth_err_nomem(err);
    question->asked = *asked;
    question->version = fth_ledger_version(asked->app->ledger);
    if (!fth_plan_parse(asked->arena, plan, &parsed, err) &&
        !fth_organisation_currency(asked, &currency, err) &&
        !fth_plan_in(asked->arena, parsed, currency, &question->plan, err)) {
        fth_plan_put(&text, question->plan);
        put_rates(question, &text, err);
        if (!err->rc && !fth_buf_done(&text, err))
            (void)fth_arena_str(asked->arena, fth_buf_view(&text), &question->canonical, err);
    }
    fth_buf_release(&text);
    if (!err->rc)
        *out = question;
    return err->rc;
}

/* ---- keys ---- */

/* All that an answer depends on beside the scope of its caller. */
static enum fth_rc make_key(const struct fth_question *question, const char *kind,
                            struct fth_str cursor, struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(question->asked.arena, out, err,
                            "%s %" PRId64 " " FTH_STR_F " " FTH_STR_F, kind, question->version,
                            FTH_STR_A(cursor), FTH_STR_A(question->canonical));
}

static enum fth_rc tag_of(const struct fth_asked *asked, struct fth_str key, struct fth_str *out,
                          struct fth_err *err)
{
    char hex[FTH_SHA256_HEX];

    if (fth_desk_key(asked, key, &key, err) || fth_sha256_text(key, hex, err))
        return err->rc;
    return fth_arena_printf(asked->arena, out, err, "\"%.32s\"", hex);
}

enum fth_rc fth_question_etag(struct fth_question *question, enum fth_form form,
                              struct fth_str cursor, struct fth_str *out, struct fth_err *err)
{
    static const char *const kinds[] = {"json", "csv", "ndjson", "parquet", "xlsx"};
    struct fth_str key;

    if (make_key(question, kinds[form], cursor, &key, err))
        return err->rc;
    return tag_of(&question->asked, key, out, err);
}

enum fth_rc fth_version_etag(const struct fth_asked *asked, struct fth_str what,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_str key;

    if (fth_arena_printf(asked->arena, &key, err, "%" PRId64 " " FTH_STR_F,
                         fth_ledger_version(asked->app->ledger), FTH_STR_A(what)))
        return err->rc;
    return tag_of(asked, key, out, err);
}

/* ---- answers ---- */

struct page {
    struct fth_question *question;
    struct fth_str cursor;
};

static enum fth_rc work_out_page(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct page *page = ctx;
    struct fth_answer_json json = {.jw = jw, .plan = page->question->plan};
    struct fth_answer_sink sink = fth_answer_to_json(&json);
    struct fth_seat seat;

    if (fth_desk_take(&page->question->asked, true, &seat, err))
        return err->rc;
    seat.run.cursor = page->cursor;
    seat.run.page_rows = FTH_PAGE_ROWS;
    if (!fth_desk_rates(&page->question->asked, page->question->plan, &seat, err))
        (void)fth_plan_run(&seat.run, page->question->plan, &sink, err);
    fth_desk_give(&seat);
    return err->rc;
}

enum fth_rc fth_question_answer(struct fth_question *question, struct fth_str cursor,
                                struct fth_str *out, bool *current, struct fth_err *err)
{
    struct page page = {question, cursor};
    struct fth_str key;

    if (make_key(question, "page", cursor, &key, err))
        return err->rc;
    return fth_desk_cached(&question->asked, key, question->version, work_out_page, &page, out,
                           current, err);
}

enum fth_rc fth_question_stream(struct fth_question *question, enum fth_form form,
                                enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                     struct fth_err *err),
                                void *ctx, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(FTH_ANSWER_MAX);
    struct fth_answer_text text = {.buf = &buf, .flush = flush, .flush_ctx = ctx};
    struct fth_answer_sink sink =
        form == FTH_FORM_CSV ? fth_answer_to_csv(&text) : fth_answer_to_ndjson(&text);
    struct fth_seat seat;

    fth_metrics_count(question->asked.app->metrics, FTH_COUNT_CACHE_MISS, 1);
    if (form == FTH_FORM_PARQUET)
        return fth_parquet_stream(&question->asked, question->plan, &question->warning, flush, ctx,
                                  err);
    if (form == FTH_FORM_XLSX)
        return fth_xlsx_stream(&question->asked, question->plan, flush, ctx, err);
    /* How long it takes is up to the reader. */
    if (!fth_desk_take(&question->asked, false, &seat, err)) {
        if (!fth_desk_rates(&question->asked, question->plan, &seat, err))
            (void)fth_plan_run(&seat.run, question->plan, &sink, err);
        fth_desk_give(&seat);
    }
    fth_buf_release(&buf);
    return err->rc;
}

struct fth_str fth_question_warning(const struct fth_question *question)
{
    return question->warning;
}

enum fth_rc fth_question_explain(struct fth_question *question, struct fth_jw *jw,
                                 struct fth_err *err)
{
    struct fth_seat seat;

    if (fth_desk_take(&question->asked, true, &seat, err))
        return err->rc;
    seat.run.page_rows = FTH_PAGE_ROWS;
    (void)fth_plan_explain(&seat.run, question->plan, jw, err);
    fth_desk_give(&seat);
    return err->rc;
}

/* ---- dimensions ---- */

static void put_dimension(struct fth_jw *jw, const struct fth_dimension_info *info)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "id", info->name);
    fth_jw_kv_c(jw, "label", info->label);
    fth_jw_kv_c(jw, "description", info->text);
    fth_jw_kv_c(jw, "kind", "dimension");
    fth_jw_object_end(jw);
}

static enum fth_rc put_tag(struct fth_arena *arena, struct fth_str key, struct fth_jw *jw,
                           struct fth_err *err)
{
    struct fth_str id, text;

    if (fth_arena_printf(arena, &id, err, "tag:" FTH_STR_F, FTH_STR_A(key)) ||
        fth_arena_printf(arena, &text, err, "Value of the tag " FTH_STR_F ".", FTH_STR_A(key)))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv(jw, "id", id);
    fth_jw_kv(jw, "label", key);
    fth_jw_kv(jw, "description", text);
    fth_jw_kv_c(jw, "kind", "tag");
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_dimensions(const struct fth_asked *asked, const struct fth_sight *sight,
                                  struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < fth_dimension_nr(); i++) {
        struct fth_dimension_info info = fth_dimension_at(i);

        put_dimension(jw, &info);
    }
    for (size_t i = 0; i < sight->tag_key_nr; i++)
        if (put_tag(asked->arena, sight->tag_keys[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc fth_dimensions_put(const struct fth_asked *asked, struct fth_jw *jw,
                               struct fth_err *err)
{
    struct fth_sight sight;
    struct fth_seat seat;

    if (fth_desk_look(asked, &seat, &sight, err))
        return err->rc;
    (void)put_dimensions(asked, &sight, jw, err);
    fth_desk_look_end(&seat, &sight);
    return err->rc;
}

struct values {
    const struct fth_asked *asked;
    const struct fth_values_request *request;
    const struct fth_plan *within;
    struct fth_values_page page;
};

enum { SCOPE_MARK_LEN = 16 };

/* What cursors of values end with: empty without a scope. */
static enum fth_rc scope_mark(const struct fth_asked *asked, struct fth_str *out,
                              struct fth_err *err)
{
    char hex[FTH_SHA256_HEX];

    *out = (struct fth_str){0};
    if (!fth_who_scope(asked->who) || fth_sha256_text(fth_who_scope_text(asked->who), hex, err))
        return err->rc;
    return fth_arena_printf(asked->arena, out, err, ".%.*s", (int)SCOPE_MARK_LEN, hex);
}

/* "17.100": the version, and the values before; then the mark of the scope. */
static enum fth_rc read_values_cursor(const struct fth_asked *asked, struct fth_str cursor,
                                      struct fth_values_page *out, struct fth_err *err)
{
    struct fth_str version, skip, mark;
    int64_t nr = 0;

    if (!cursor.n || scope_mark(asked, &mark, err))
        return err->rc;
    if (!fth_str_ends(cursor, mark) ||
        !fth_str_split(fth_str_sub(cursor, 0, cursor.n - mark.n), '.', &version, &skip) ||
        !fth_str_to_i64(version, &out->version) || !fth_str_to_i64(skip, &nr) ||
        out->version <= 0 || nr <= 0)
        return fth_err_set(err, FTH_E_INVALID, "cursor is none that this server gave");
    out->skip = (size_t)nr;
    return FTH_OK;
}

static enum fth_rc put_values_end(const struct values *values, struct fth_jw *jw,
                                  struct fth_err *err)
{
    const struct fth_values_page *page = &values->page;
    struct fth_str cursor = {0}, mark;

    if (scope_mark(values->asked, &mark, err) ||
        (page->rest &&
         fth_arena_printf(values->asked->arena, &cursor, err, "%" PRId64 ".%zu" FTH_STR_F,
                          page->version, page->skip + page->limit, FTH_STR_A(mark))))
        return err->rc;
    fth_jw_kv_c(jw, "next_cursor", cursor.p);
    fth_jw_kv_i64(jw, "rest", (int64_t)page->rest);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc work_out_values(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct values *values = ctx;
    struct fth_seat seat;

    if (fth_desk_take(values->asked, true, &seat, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    /* After a failure there is a key without a value, which nobody reads. */
    if (!fth_dimension_values(&seat.run, values->request->dimension, values->request->q,
                              values->within, &values->page, jw, err))
        (void)put_values_end(values, jw, err);
    fth_desk_give(&seat);
    return err->rc;
}

enum fth_rc fth_dimension_values_put(const struct fth_asked *asked,
                                     const struct fth_values_request *request, struct fth_str *out,
                                     struct fth_err *err)
{
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct values values = {.asked = asked, .request = request, .page = {.limit = request->limit}};
    struct fth_question *question = NULL;
    struct fth_str key;

    if (read_values_cursor(asked, request->cursor, &values.page, err) ||
        (request->within && fth_question_new(asked, request->within, &question, err)))
        return err->rc;
    if (question)
        values.within = question->plan;
    if (fth_arena_printf(
            asked->arena, &key, err,
            "values %" PRId64 " %zu " FTH_STR_F " " FTH_STR_F "\n" FTH_STR_F "\n" FTH_STR_F,
            version, request->limit, FTH_STR_A(request->cursor), FTH_STR_A(request->dimension),
            FTH_STR_A(request->q), FTH_STR_A(question ? question->canonical : FTH_STR(""))))
        return err->rc;
    return fth_desk_cached(asked, key, version, work_out_values, &values, out, NULL, err);
}
