/* Parquet files inside the engine's directory, read by the engine. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/vec.h"
#include "ledger/duckdb/duckdb_int.h"

enum { SQL_MAX = 1024 * 1024, NAMES_CAP = 16 * 1024 * 1024, DEPTH_MAX = 16, COLUMNS_MAX = 16384 };

/* What the columns of a file are to the engine: the rows of DESCRIBE, each struct followed by its
 * members. */
struct described {
    struct fth_str name, type;
    struct fth_str expression; /* as it is selected */
};

FTH_VEC(described_vec, struct described)

static struct fth_param path_param(const char *path)
{
    return (struct fth_param){.type = FTH_T_TEXT, .text = fth_str_c(path)};
}

/* A file that the engine cannot read is the user's matter, not the program's. One that was adopted
 * is named by the caller, who knows it as the user does. */
static enum fth_rc blame_file(const struct fth_session *session, struct fth_err *err,
                              const char *path)
{
    if (err->rc == FTH_E_FAILED)
        err->rc = FTH_E_INVALID;
    if (!fth_engine_is_scratch(session->engine, path))
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

/* ---- structs ---- */

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

/* Behind the text in quotes that begins at `at`: a doubled quote does not end it. */
static size_t quoted_end(struct fth_str text, size_t at)
{
    for (at++; at < text.n; at++) {
        if (text.p[at] != '"')
            continue;
        if (at + 1 >= text.n || text.p[at + 1] != '"')
            return at + 1;
        at++;
    }
    return text.n;
}

/* Where the member that begins at `at` ends: at a comma or bracket that is not in another. */
static size_t member_end(struct fth_str type, size_t at)
{
    int depth = 0;

    while (at < type.n) {
        char c = type.p[at];

        if (c == '"') {
            at = quoted_end(type, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == ')'))
            break;
        depth += (c == '(') - (c == ')');
        at++;
    }
    return at;
}

/* The name at the start of a member, its quotes taken off, and the type behind it. */
static enum fth_rc split_member(struct fth_arena *arena, struct fth_str member,
                                struct fth_str *name, struct fth_str *type, struct fth_err *err)
{
    bool quoted = member.n && member.p[0] == '"';
    size_t end = quoted ? quoted_end(member, 0) : fth_str_find(member, ' ');
    char *plain = fth_arena_alloc(arena, member.n + 1);
    size_t n = 0;

    if (!plain)
        return fth_err_nomem(err);
    end = end > member.n ? member.n : end;
    *type = fth_str_trim(fth_str_sub(member, end, member.n));
    member = quoted && end >= 2 ? fth_str_sub(member, 1, end - 2) : fth_str_sub(member, 0, end);
    for (size_t i = 0; i < member.n; i++) {
        plain[n++] = member.p[i];
        if (member.p[i] == '"')
            i++;
    }
    *name = (struct fth_str){plain, n};
    return FTH_OK;
}

static bool is_struct(struct fth_str type)
{
    return starts(type, "STRUCT(") && fth_str_ends(type, FTH_STR(")"));
}

/* `whole`, if any, is the struct that the column is a member of. */
static enum fth_rc make_column(struct fth_arena *arena, const struct described *whole,
                               struct fth_str name, struct fth_str type, struct described *out,
                               struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(SQL_MAX);
    enum fth_rc rc = fth_arena_str(arena, type, &out->type, err);

    if (!rc && whole)
        rc = fth_arena_printf(arena, &out->name, err, FTH_STR_F "." FTH_STR_F,
                              FTH_STR_A(whole->name), FTH_STR_A(name));
    else if (!rc)
        rc = fth_arena_str(arena, name, &out->name, err);
    if (whole) {
        fth_buf_str(&buf, whole->expression);
        fth_buf_char(&buf, '.');
    }
    put_identifier(&buf, name);
    if (!rc)
        rc = fth_buf_done(&buf, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&buf), &out->expression, err);
    fth_buf_release(&buf);
    return rc;
}

/* Adds a column and, if it is a struct, its members under its name and a dot. */
static enum fth_rc add_column(struct described_vec *out, const struct described *whole,
                              struct fth_str name, struct fth_str type, unsigned depth,
                              struct fth_err *err)
{
    struct described column = {0};
    size_t at = sizeof("STRUCT(") - 1;
    enum fth_rc rc;

    if (depth > DEPTH_MAX || out->nr >= COLUMNS_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "columns nested deeper than %d, or more than %d",
                           DEPTH_MAX, COLUMNS_MAX);
    rc = make_column(out->arena, whole, name, type, &column, err);
    if (!rc)
        rc = described_vec_push(out, column, err);
    while (!rc && is_struct(column.type) && at < column.type.n) {
        size_t end = member_end(column.type, at);

        rc = split_member(out->arena, fth_str_trim(fth_str_sub(column.type, at, end - at)), &name,
                          &type, err);
        at = end + 1;
        if (!rc && name.n)
            rc = add_column(out, &column, name, type, depth + 1, err);
    }
    return rc;
}

/* ---- columns ---- */

static enum fth_rc describe(struct fth_session *session, const char *path, struct fth_arena *arena,
                            struct described **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_param param = path_param(path);
    struct fth_result *result = NULL;
    struct described_vec columns = described_vec_in(arena);
    struct fth_batch batch;

    if (fth_session_query(session,
                          FTH_STR("SELECT column_name, column_type FROM (DESCRIBE "
                                  "FROM read_parquet($1, file_row_number = false))"),
                          &param, 1, NULL, &result, err))
        return blame_file(session, err, path);
    while (!fth_result_next(result, &batch, err) && batch.nr)
        for (size_t i = 0; i < batch.nr && !err->rc; i++)
            add_column(&columns, NULL, batch.cols[0].text[i], batch.cols[1].text[i], 0, err);
    fth_result_free(result);
    if (err->rc)
        return blame_file(session, err, path);
    *out = columns.at;
    *out_nr = columns.nr;
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
        return blame_file(session, err, path);
    if (fth_result_next(result, &batch, err))
        blame_file(session, err, path);
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

/* A column in the form that engine.h promises. */
static void put_column(struct fth_buf *sql, const struct described *col)
{
    bool nested = is_nested(col->type);

    if (type_of(col->type) != FTH_T_TEXT) {
        fth_buf_str(sql, col->expression);
        return;
    }
    fth_buf_c(sql, nested ? "CAST(to_json(" : "CAST(");
    fth_buf_str(sql, col->expression);
    fth_buf_c(sql, nested ? ") AS VARCHAR)" : " AS VARCHAR)");
}

static enum fth_rc put_named(struct fth_buf *sql, const struct described *cols, size_t nr,
                             const char *name, struct fth_err *err)
{
    for (size_t i = 0; i < nr; i++) {
        if (fth_str_eq_c(cols[i].name, name)) {
            put_column(sql, &cols[i]);
            return FTH_OK;
        }
    }
    if (strcmp(name, FTH_PARQUET_PLACE) == 0) {
        fth_buf_c(sql, name);
        return FTH_OK;
    }
    return fth_err_set(err, FTH_E_NOTFOUND, "no column \"%s\"", name);
}

/* Columns and whether the place in the file is wanted, too. */
static enum fth_rc put_select(struct fth_session *session, const char *path,
                              const char *const *names, size_t name_nr, struct fth_buf *sql,
                              bool *numbered, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(NAMES_CAP);
    struct described *cols = NULL;
    size_t nr = 0;

    if (!arena)
        return fth_err_nomem(err);
    if (!describe(session, path, arena, &cols, &nr, err))
        fth_buf_c(sql, "SELECT ");
    for (size_t i = 0; i < name_nr && !err->rc; i++) {
        fth_buf_c(sql, i ? ", " : "");
        if (put_named(sql, cols, nr, names[i], err))
            blame_file(session, err, path);
        else
            *numbered |= fth_str_ends(fth_buf_view(sql), FTH_STR(FTH_PARQUET_PLACE));
    }
    fth_arena_free(arena);
    return err->rc;
}

/* All rows, or the one at `row` when that is not negative. */
static enum fth_rc scan(struct fth_session *session, const char *path, const char *const *names,
                        size_t name_nr, int64_t row, struct fth_cancel *cancel,
                        struct fth_result **out, struct fth_err *err)
{
    const struct fth_param params[] = {path_param(path), {.type = FTH_T_I64, .i64 = row}};
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    bool numbered = row >= 0;

    FTH_CHECK(name_nr > 0);
    if (put_select(session, path, names, name_nr, &sql, &numbered, err))
        goto out;
    fth_buf_c(&sql, numbered ? " FROM read_parquet($1, file_row_number = true)"
                             : " FROM read_parquet($1)");
    if (row >= 0)
        fth_buf_c(&sql, " WHERE file_row_number = $2");
    if (fth_buf_done(&sql, err))
        goto out;
    if (fth_session_query(session, fth_buf_view(&sql), params, row >= 0 ? 2 : 1, cancel, out, err))
        blame_file(session, err, path);
out:
    fth_buf_release(&sql);
    return err->rc;
}

enum fth_rc fth_session_parquet_scan(struct fth_session *session, const char *path,
                                     const char *const *names, size_t name_nr,
                                     struct fth_cancel *cancel, struct fth_result **out,
                                     struct fth_err *err)
{
    return scan(session, path, names, name_nr, -1, cancel, out, err);
}

enum fth_rc fth_session_parquet_row(struct fth_session *session, const char *path,
                                    const char *const *names, size_t name_nr, int64_t row,
                                    struct fth_cancel *cancel, struct fth_result **out,
                                    struct fth_err *err)
{
    return scan(session, path, names, name_nr, row, cancel, out, err);
}
