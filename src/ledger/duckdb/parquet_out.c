/* Rows as Parquet: the engine reads them from CSV and writes the file beside it. */
#include "base/buf.h"
#include "ledger/duckdb/duckdb_int.h"

enum { SQL_MAX = 1024 * 1024 };

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

/* "CAST(C0 AS DECIMAL(38, 4)) AS "effective_cost", …" */
static void put_values(struct fth_buf *sql, const struct fth_parquet_col *cols, size_t col_nr)
{
    static const char *const types[] = {[FTH_PARQUET_TEXT] = "VARCHAR",
                                        [FTH_PARQUET_I64] = "BIGINT",
                                        [FTH_PARQUET_DOUBLE] = "DOUBLE",
                                        [FTH_PARQUET_INSTANT] = "TIMESTAMPTZ"};

    for (size_t i = 0; i < col_nr; i++) {
        fth_buf_c(sql, i ? ", " : "");
        if (cols[i].type == FTH_PARQUET_TEXT_MAP)
            fth_buf_printf(sql, "CAST(CAST(C%zu AS JSON) AS MAP(VARCHAR, VARCHAR)) AS ", i);
        else if (cols[i].type == FTH_PARQUET_DECIMAL)
            fth_buf_printf(sql, "CAST(C%zu AS DECIMAL(%d, %u)) AS ", i, FTH_PARQUET_DIGITS,
                           cols[i].scale);
        else
            fth_buf_printf(sql, "CAST(C%zu AS %s) AS ", i, types[cols[i].type]);
        put_quoted(sql, cols[i].name, '"');
    }
}

static void put_columns(struct fth_buf *sql, size_t col_nr)
{
    fth_buf_c(sql, "{'RowNumber': 'BIGINT'");
    for (size_t i = 0; i < col_nr; i++)
        fth_buf_printf(sql, ", 'C%zu': 'VARCHAR'", i);
    fth_buf_char(sql, '}');
}

enum fth_rc fth_session_parquet_write(struct fth_session *session, const char *csv,
                                      const struct fth_parquet_col *cols, size_t col_nr,
                                      const char *parquet, struct fth_cancel *cancel,
                                      struct fth_err *err)
{
    struct fth_buf sql = fth_buf_max(SQL_MAX);

    fth_buf_c(&sql, "COPY (SELECT ");
    put_values(&sql, cols, col_nr);
    fth_buf_c(&sql, " FROM read_csv(");
    put_quoted(&sql, csv, '\'');
    fth_buf_c(&sql, ", auto_detect = false, header = true, columns = ");
    put_columns(&sql, col_nr);
    fth_buf_c(&sql, ", delim = ',', quote = '\"', escape = '\"', nullstr = '', "
                    "allow_quoted_nulls = false, strict_mode = true, parallel = false, "
                    "max_line_size = 67108864, buffer_size = 134217728) ORDER BY RowNumber) TO ");
    put_quoted(&sql, parquet, '\'');
    fth_buf_c(&sql, " (FORMAT parquet, COMPRESSION zstd)");
    if (!fth_buf_done(&sql, err))
        fth_session_exec(session, fth_buf_view(&sql), NULL, 0, cancel, NULL, err);
    fth_buf_release(&sql);
    return err->rc;
}

/* ---- decimals ---- */

void fth_parquet_see(struct fth_parquet_digits *digits, struct fth_str value)
{
    struct fth_str whole, rest = {0};

    if (!fth_str_split(value, '.', &whole, &rest))
        whole = value;
    if (whole.n && whole.p[0] == '-')
        whole = fth_str_sub(whole, 1, whole.n);
    if (whole.n > digits->before)
        digits->before = (unsigned)whole.n;
    if (rest.n > digits->behind)
        digits->behind = (unsigned)rest.n;
}

bool fth_parquet_settle(struct fth_parquet_col *col, const struct fth_parquet_digits *digits)
{
    if (col->type != FTH_PARQUET_DECIMAL)
        return true;
    col->scale = digits->behind;
    if (digits->before + digits->behind <= FTH_PARQUET_DIGITS)
        return true;
    col->type = FTH_PARQUET_TEXT;
    return false;
}
