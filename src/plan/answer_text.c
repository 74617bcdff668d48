/* The rows of an answer as CSV and as lines of JSON, which stream. */
#include <math.h>

#include "base/csv.h"
#include "plan/answer_int.h"
#include "plan/cell_text.h"

enum { CHUNK = 64 * 1024 };

static enum fth_rc flush(struct fth_answer_text *text, bool last, struct fth_err *err)
{
    if (fth_buf_done(text->buf, err))
        return err->rc;
    if (!text->flush || (!last && text->buf->n < CHUNK) || text->buf->n == 0)
        return FTH_OK;
    if (text->flush(text->flush_ctx, fth_buf_view(text->buf), err))
        return err->rc;
    fth_buf_clear(text->buf);
    return FTH_OK;
}

/* ---- CSV ---- */

/* An empty text is written in quotes, so that it can be told from a null. */
static void put_field(struct fth_buf *buf, struct fth_str text)
{
    if (text.n)
        fth_csv_put(buf, text);
    else
        fth_buf_c(buf, "\"\"");
}

/* A null is an empty field; an empty text is one in quotes. */
static void put_cell(struct fth_buf *buf, enum fth_cell_kind kind, const struct fth_cell *cell)
{
    struct fth_jw jw;
    struct fth_err ignored = {0};

    if (cell->null)
        return;
    switch (kind) {
    case FTH_CELL_MONEY:
    case FTH_CELL_RATIO:
    case FTH_CELL_PERCENT:
        fth_money_put(buf, cell->money);
        break;
    case FTH_CELL_COUNT:
        fth_buf_printf(buf, "%lld", (long long)cell->i64);
        break;
    case FTH_CELL_QUANTITY:
        if (isnan(cell->f64))
            break;
        fth_jw_init(&jw, buf);
        fth_jw_double(&jw, cell->f64);
        fth_jw_done(&jw, &ignored); /* the buffer keeps its failure */
        break;
    case FTH_CELL_INSTANT:
        fth_instant_put(buf, cell->i64);
        break;
    default:
        put_field(buf, cell->text);
    }
}

static enum fth_rc csv_begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                             struct fth_str currency, struct fth_err *err)
{
    struct fth_answer_text *text = ctx;

    (void)currency;
    text->cols = cols;
    text->col_nr = col_nr;
    for (size_t i = 0; i < col_nr; i++) {
        if (i)
            fth_buf_char(text->buf, ',');
        put_field(text->buf, fth_str_c(cols[i].name));
    }
    fth_buf_char(text->buf, '\n');
    return flush(text, false, err);
}

static enum fth_rc csv_row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct fth_answer_text *text = ctx;

    for (size_t i = 0; i < text->col_nr; i++) {
        if (i)
            fth_buf_char(text->buf, ',');
        put_cell(text->buf, text->cols[i].kind, &cells[i]);
    }
    fth_buf_char(text->buf, '\n');
    return flush(text, false, err);
}

static enum fth_rc text_end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    (void)end;
    return flush(ctx, true, err);
}

struct fth_answer_sink fth_answer_to_csv(struct fth_answer_text *ctx)
{
    return (struct fth_answer_sink){
        .begin = csv_begin, .row = csv_row, .end = text_end, .ctx = ctx};
}

/* ---- NDJSON ---- */

static enum fth_rc ndjson_begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                                struct fth_str currency, struct fth_err *err)
{
    struct fth_answer_text *text = ctx;

    (void)currency;
    (void)err;
    text->cols = cols;
    text->col_nr = col_nr;
    return FTH_OK;
}

static enum fth_rc ndjson_row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct fth_answer_text *text = ctx;
    struct fth_jw jw;

    fth_jw_init(&jw, text->buf);
    fth_jw_object(&jw);
    for (size_t i = 0; i < text->col_nr; i++) {
        fth_jw_key(&jw, text->cols[i].name);
        fth_cell_json(&jw, text->cols[i].kind, &cells[i]);
    }
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, err))
        return err->rc;
    fth_buf_char(text->buf, '\n');
    return flush(text, false, err);
}

struct fth_answer_sink fth_answer_to_ndjson(struct fth_answer_text *ctx)
{
    return (struct fth_answer_sink){
        .begin = ndjson_begin, .row = ndjson_row, .end = text_end, .ctx = ctx};
}
