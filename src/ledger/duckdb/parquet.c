/* Parquet files inside the engine's directory, read by the engine. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "ledger/duckdb/duckdb_int.h"

enum { SQL_MAX = 1024 * 1024 };

/* What the columns of `path` are to the engine: the rows of DESCRIBE. */
struct described {
    struct fth_str name, type;
};

static struct fth_param path_param(const char *path)
{
    return (struct fth_param){.type = FTH_T_TEXT, .text = fth_str_c(path)};
}

/* A file that the engine cannot read is the user's matter, not the program's. */
static enum fth_rc blame_file(struct fth_err *err, const char *path)
{
    if (err->rc == FTH_E_FAILED)
        err->rc = FTH_E_INVALID;
    fth_err_prefix(err, "%s", path);
    return err->rc;
}

static bool starts(struct fth_str text, const char *with)
{
    return fth_str_starts(text, fth_str_c(with));
}

static enum fth_type type_of(struct fth_str type)
{
    static const struct {
        const char *name;
        enum fth_type type;
    } table[] = {
        {"BOOLEAN", FTH_T_BOOL},  {"TINYINT", FTH_T_I32},
        {"UTINYINT", FTH_T_I32},  {"SMALLINT", FTH_T_I32},
        {"USMALLINT", FTH_T_I32}, {"INTEGER", FTH_T_I32},
        {"UINTEGER", FTH_T_I64},  {"BIGINT", FTH_T_I64},
        {"UBIGINT", FTH_T_I128},  {"HUGEINT", FTH_T_I128},
        {"FLOAT", FTH_T_DOUBLE},  {"DOUBLE", FTH_T_DOUBLE},
        {"DATE", FTH_T_DATE},     {"MAP(VARCHAR, VARCHAR)", FTH_T_TEXT_MAP},
    };

    for (size_t i = 0; i < FTH_NR(table); i++)
        if (fth_str_eq_c(type, table[i].name))
            return table[i].type;
    return starts(type, "TIMESTAMP") ? FTH_T_INSTANT : FTH_T_TEXT;
}

static bool is_nested(struct fth_str type)
{
    return fth_str_ends(type, FTH_STR("]")) || fth_str_ends(type, FTH_STR(")"))
               ? !starts(type, "DECIMAL")
               : false;
}

static enum fth_rc describe(struct fth_session *session, const char *path, struct fth_arena *arena,
                            struct described **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_param param = path_param(path);
    struct fth_result *result = NULL;
    struct described *at = NULL;
    struct fth_batch batch;
    size_t nr = 0;

    if (fth_session_query(session,
                          FTH_STR("SELECT column_name, column_type FROM (DESCRIBE "
                                  "FROM read_parquet($1, file_row_number = false))"),
                          &param, 1, NULL, &result, err))
        return blame_file(err, path);
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        struct described *more = FTH_NEW_ARRAY(arena, struct described, nr + batch.nr);

        if (!more) {
            fth_err_nomem(err);
            break;
        }
        if (nr)
            memcpy(more, at, nr * sizeof(*at));
        at = more;
        for (size_t i = 0; i < batch.nr && !err->rc; i++, nr++)
            if (!fth_arena_str(arena, batch.cols[0].text[i], &at[nr].name, err))
                fth_arena_str(arena, batch.cols[1].text[i], &at[nr].type, err);
    }
    fth_result_free(result);
    if (err->rc)
        return blame_file(err, path);
    *out = at;
    *out_nr = nr;
    return FTH_OK;
}

static enum fth_rc count_rows(struct fth_session *session, const char *path, uint64_t *out,
                              struct fth_err *err)
{
    struct fth_param param = path_param(path);
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(session, FTH_STR("SELECT count(*) FROM read_parquet($1)"), &param, 1,
                          NULL, &result, err))
        return blame_file(err, path);
    if (fth_result_next(result, &batch, err))
        blame_file(err, path);
    else
        *out = (uint64_t)batch.cols[0].i64[0];
    fth_result_free(result);
    return err->rc;
}

enum fth_rc fth_session_parquet_columns(struct fth_session *session, const char *path,
                                        struct fth_arena *arena, struct fth_column **out,
                                        size_t *out_nr, uint64_t *rows, struct fth_err *err)
{
    struct described *cols = NULL;
    struct fth_column *made;
    uint64_t counted = 0;
    size_t nr = 0;

    if (describe(session, path, arena, &cols, &nr, err) || count_rows(session, path, &counted, err))
        return err->rc;
    made = FTH_NEW_ARRAY(arena, struct fth_column, nr);
    if (!made)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++)
        made[i] = (struct fth_column){cols[i].name.p, type_of(cols[i].type)};
    *out = made;
    *out_nr = nr;
    *rows = counted;
    return FTH_OK;
}

static void put_identifier(struct fth_buf *sql, struct fth_str name)
{
    fth_buf_char(sql, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            fth_buf_char(sql, '"');
        fth_buf_char(sql, name.p[i]);
    }
    fth_buf_char(sql, '"');
}

/* A column in the form that engine.h promises. */
static void put_column(struct fth_buf *sql, const struct described *col)
{
    bool nested = is_nested(col->type);

    if (type_of(col->type) != FTH_T_TEXT) {
        put_identifier(sql, col->name);
        return;
    }
    fth_buf_c(sql, nested ? "CAST(to_json(" : "CAST(");
    put_identifier(sql, col->name);
    fth_buf_c(sql, nested ? ") AS VARCHAR)" : " AS VARCHAR)");
}

static enum fth_rc put_named(struct fth_buf *sql, const struct described *cols, size_t nr,
                             const char *name, const char *path, struct fth_err *err)
{
    for (size_t i = 0; i < nr; i++) {
        if (fth_str_eq_c(cols[i].name, name)) {
            put_column(sql, &cols[i]);
            return FTH_OK;
        }
    }
    if (strcmp(name, "file_row_number") == 0) {
        fth_buf_c(sql, name);
        return FTH_OK;
    }
    return fth_err_set(err, FTH_E_NOTFOUND, "%s: no column \"%s\"", path, name);
}

enum fth_rc fth_session_parquet_scan(struct fth_session *session, const char *path,
                                     const char *const *names, size_t name_nr,
                                     struct fth_cancel *cancel, struct fth_result **out,
                                     struct fth_err *err)
{
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    struct fth_arena *arena = fth_arena_new(SQL_MAX);
    struct fth_param param = path_param(path);
    struct described *cols = NULL;
    bool numbered = false;
    size_t nr = 0;

    FTH_CHECK(name_nr > 0);
    if (!arena) {
        fth_err_nomem(err);
        goto out;
    }
    if (describe(session, path, arena, &cols, &nr, err))
        goto out;
    fth_buf_c(&sql, "SELECT ");
    for (size_t i = 0; i < name_nr; i++) {
        fth_buf_c(&sql, i ? ", " : "");
        if (put_named(&sql, cols, nr, names[i], path, err))
            goto out;
        numbered |= fth_str_ends(fth_buf_view(&sql), FTH_STR("file_row_number"));
    }
    fth_buf_c(&sql, numbered ? " FROM read_parquet($1, file_row_number = true)"
                             : " FROM read_parquet($1)");
    if (fth_buf_done(&sql, err))
        goto out;
    if (fth_session_query(session, fth_buf_view(&sql), &param, 1, cancel, out, err))
        blame_file(err, path);
out:
    fth_arena_free(arena);
    fth_buf_release(&sql);
    return err->rc;
}
