#include "ledger/export.h"

#include "base/buf.h"
#include "ledger/ledger_int.h"

enum { EXPORT_ARENA = 4 << 20, LIST_MAX = 1 << 20 };

static void put_quoted(struct fth_buf *buf, const char *text, char quote)
{
    fth_buf_char(buf, quote);
    for (; *text; text++) {
        if (*text == quote)
            fth_buf_char(buf, quote);
        fth_buf_char(buf, *text);
    }
    fth_buf_char(buf, quote);
}

/* "CAST(C0 AS DECIMAL(38,4)) AS "effective_cost", …" */
static void put_values(struct fth_buf *buf, const struct fth_export_col *cols, size_t col_nr)
{
    static const char *const types[] = {[FTH_EXPORT_TEXT] = "VARCHAR",
                                        [FTH_EXPORT_I64] = "BIGINT",
                                        [FTH_EXPORT_DOUBLE] = "DOUBLE",
                                        [FTH_EXPORT_INSTANT] = "TIMESTAMPTZ"};

    for (size_t i = 0; i < col_nr; i++) {
        fth_buf_printf(buf, "%sCAST(C%zu AS ", i ? ", " : "", i);
        if (cols[i].type == FTH_EXPORT_DECIMAL)
            fth_buf_printf(buf, "DECIMAL(%d, %u)", FTH_EXPORT_DIGITS, cols[i].scale);
        else
            fth_buf_c(buf, types[cols[i].type]);
        fth_buf_c(buf, ") AS ");
        put_quoted(buf, cols[i].name, '"');
    }
}

static void put_columns(struct fth_buf *buf, size_t col_nr)
{
    fth_buf_c(buf, "{'RowNumber': 'BIGINT'");
    for (size_t i = 0; i < col_nr; i++)
        fth_buf_printf(buf, ", 'C%zu': 'VARCHAR'", i);
    fth_buf_char(buf, '}');
}

/* For the inside of a literal. */
static enum fth_rc escaped(struct fth_arena *arena, const char *path, struct fth_str *out,
                           struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(LIST_MAX);

    put_quoted(&buf, path, '\'');
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(arena, fth_str_sub(fth_buf_view(&buf), 1, buf.n - 2), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc fth_export_parquet(struct fth_session *session, const char *csv,
                               const struct fth_export_col *cols, size_t col_nr,
                               const char *parquet, struct fth_cancel *cancel, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(EXPORT_ARENA);
    struct fth_buf values = fth_buf_max(LIST_MAX), columns = fth_buf_max(LIST_MAX);
    struct fth_str from, to;

    if (!arena) {
        (void)fth_err_nomem(err);
        goto out;
    }
    put_values(&values, cols, col_nr);
    put_columns(&columns, col_nr);
    if (!fth_buf_done(&values, err) && !fth_buf_done(&columns, err) &&
        !escaped(arena, csv, &from, err) && !escaped(arena, parquet, &to, err)) {
        const struct fth_word words[] = {{"values", fth_buf_view(&values)},
                                         {"columns", fth_buf_view(&columns)},
                                         {"from", from},
                                         {"to", to}};

        (void)fth_statement_exec(session, arena, "ledger/export/parquet", words, 4, cancel, err);
    }
out:
    fth_buf_release(&columns);
    fth_buf_release(&values);
    fth_arena_free(arena);
    return err->rc;
}
