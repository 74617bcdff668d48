/*
 * An answer as a Parquet file: its rows go as CSV into the engine's folder, where the engine makes
 * Parquet of them, and the file is handed out. By then every row has been seen, so that each column
 * of money has the decimals that its values need and no more.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "app/costs_int.h"
#include "base/check.h"
#include "base/file.h"
#include "ledger/engine.h"

enum { COLS_MAX = 256, PIECE = 64 * 1024, MONEY_TEXT_MAX = 128 };

struct export
{
    struct fth_arena *arena;
    struct fth_answer_text text;
    struct fth_answer_sink csv;
    struct fth_buf money;
    const char *path;
    int fd;
    int64_t row;
    struct fth_parquet_col cols[COLS_MAX];
    struct fth_parquet_digits digits[COLS_MAX];
    size_t col_nr;
};

static enum fth_rc to_file(void *ctx, struct fth_str text, struct fth_err *err)
{
    const struct export *export = ctx;

    return fth_file_write_all(export->fd, export->path, text, err);
}

static enum fth_parquet_type type_of(enum fth_cell_kind kind)
{
    switch (kind) {
    case FTH_CELL_MONEY:
    case FTH_CELL_RATIO:
    case FTH_CELL_PERCENT:
        return FTH_PARQUET_DECIMAL;
    case FTH_CELL_COUNT:
        return FTH_PARQUET_I64;
    case FTH_CELL_QUANTITY:
        return FTH_PARQUET_DOUBLE;
    case FTH_CELL_INSTANT:
        return FTH_PARQUET_INSTANT;
    default:
        return FTH_PARQUET_TEXT;
    }
}

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct export *export = ctx;

    if (col_nr > COLS_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%zu columns; Parquet is written of at most %d",
                           col_nr, COLS_MAX);
    for (size_t i = 0; i < col_nr; i++) {
        struct fth_str name;

        if (fth_arena_str(export->arena, fth_str_c(cols[i].name), &name, err))
            return err->rc;
        export->cols[i] = (struct fth_parquet_col){.name = name.p, .type = type_of(cols[i].kind)};
    }
    export->col_nr = col_nr;
    fth_buf_c(export->text.buf, "row,");
    return export->csv.begin(export->csv.ctx, cols, col_nr, currency, err);
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct export *export = ctx;

    for (size_t i = 0; i < export->col_nr; i++)
        if (export->cols[i].type == FTH_PARQUET_DECIMAL && !cells[i].null) {
            fth_buf_clear(&export->money);
            fth_money_put(&export->money, cells[i].money);
            fth_parquet_see(&export->digits[i], fth_buf_view(&export->money));
        }
    fth_buf_printf(export->text.buf, "%lld,", (long long)++export->row);
    return export->csv.row(export->csv.ctx, cells, err);
}

static enum fth_rc end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct export *export = ctx;

    return export->csv.end(export->csv.ctx, end, err);
}

static enum fth_rc settle(struct export *export, struct fth_str *warning, struct fth_err *err)
{
    for (size_t i = 0; i < export->col_nr; i++) {
        struct fth_parquet_col *col = &export->cols[i];

        if (fth_parquet_settle(col, &export->digits[i]))
            continue;
        if (fth_arena_printf(export->arena, warning, err,
                             FTH_STR_F "%s%s has values of more than %d digits and is text",
                             FTH_STR_A(*warning), warning->n ? "; " : "", col->name,
                             FTH_PARQUET_DIGITS))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc write_rows(const struct fth_seat *seat, const struct fth_plan *plan,
                              struct export *export, struct fth_err *err)
{
    const struct fth_answer_sink sink = {begin, row, end, export};
    struct fth_buf buf = fth_buf_max(FTH_ANSWER_MAX);

    export->fd = open(export->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (export->fd < 0)
        return fth_err_errno(err, errno, "%s", export->path);
    export->money = fth_buf_max(MONEY_TEXT_MAX);
    export->text = (struct fth_answer_text){.buf = &buf, .flush = to_file, .flush_ctx = export};
    export->csv = fth_answer_to_csv(&export->text);
    (void)fth_plan_run(&seat->run, plan, &sink, err);
    fth_buf_release(&export->money);
    fth_buf_release(&buf);
    close(export->fd);
    return err->rc;
}

enum fth_rc fth_costs_hand_out(const char *path,
                               enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                    struct fth_err *err),
                               void *ctx, struct fth_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char piece[PIECE];
    ssize_t got = 0;

    if (fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    while (!err->rc && (got = read(fd, piece, sizeof(piece))) > 0)
        (void)flush(ctx, (struct fth_str){piece, (size_t)got}, err);
    if (!err->rc && got < 0)
        (void)fth_err_errno(err, errno, "%s", path);
    close(fd);
    return err->rc;
}

enum fth_rc fth_parquet_stream(const struct fth_asked *asked, const struct fth_plan *plan,
                               struct fth_str *warning,
                               enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                    struct fth_err *err),
                               void *ctx, struct fth_err *err)
{
    struct fth_engine *engine = fth_ledger_engine(asked->app->ledger);
    struct export *export = FTH_NEW(asked->arena, struct export);
    const char *parquet;
    struct fth_seat seat;

    if (!export)
        return fth_err_nomem(err);
    export->arena = asked->arena;
    if (fth_engine_scratch(engine, "csv", asked->arena, &export->path, err) ||
        fth_engine_scratch(engine, "parquet", asked->arena, &parquet, err) ||
        fth_desk_take(asked, false, &seat, err))
        return err->rc;
    if (!fth_desk_rates(asked, plan, &seat, err) && !write_rows(&seat, plan, export, err) &&
        !settle(export, warning, err))
        (void)fth_session_parquet_write(seat.session, export->path, export->cols, export->col_nr,
                                        parquet, seat.run.cancel, err);
    /* A slow reader of the file keeps nobody from asking. */
    fth_desk_give(&seat);
    if (!err->rc)
        (void)fth_costs_hand_out(parquet, flush, ctx, err);
    fth_engine_forget(engine, export->path);
    fth_engine_forget(engine, parquet);
    return err->rc;
}
