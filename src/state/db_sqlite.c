#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/vec.h"
#include "state/db_int.h"

enum { KEPT_MAX = 64, BUSY_MS = 10000 };

/* A statement that stays prepared, found by the address of its constant text. */
struct kept {
    const char *sql;
    sqlite3_stmt *stmt;
};

struct fth_conn {
    sqlite3 *db;
    struct kept kept[KEPT_MAX];
    unsigned kept_nr, kept_next;
};

FTH_VEC(val_vec, struct fth_val)

static enum fth_rc rc_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FTH_E_BUSY;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       code == SQLITE_CONSTRAINT_FOREIGNKEY || code == SQLITE_CONSTRAINT_ROWID
                   ? FTH_E_CONFLICT
                   : FTH_E_INVALID;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return FTH_E_CORRUPT;
    case SQLITE_NOMEM:
        return FTH_E_NOMEM;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return FTH_E_DENIED;
    case SQLITE_INTERRUPT:
        return FTH_E_CANCELLED;
    case SQLITE_TOOBIG:
        return FTH_E_LIMIT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return FTH_E_IO;
    default:
        return FTH_E_FAILED;
    }
}

static enum fth_rc failed(sqlite3 *db, struct fth_err *err)
{
    enum fth_rc rc = rc_of(sqlite3_extended_errcode(db));
    const char *file = sqlite3_db_filename(db, "main");

    (void)fth_err_set(err, rc, "state store: %s", sqlite3_errmsg(db));
    if (rc == FTH_E_BUSY)
        fth_err_hint(err, "Another process writes to %s. Try again.", file ? file : "it");
    if (rc == FTH_E_CORRUPT)
        fth_err_hint(err, "%s is damaged or no state store. Restore it.", file ? file : "The file");
    return rc;
}

/* PostgreSQL's name for "compare bytes", so that one schema serves both. */
static int compare_bytes(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
    (void)ctx;
    return fth_str_cmp((struct fth_str){a, (size_t)a_len}, (struct fth_str){b, (size_t)b_len});
}

static void disconnect_sqlite(struct fth_conn *conn)
{
    for (unsigned i = 0; i < conn->kept_nr; i++)
        sqlite3_finalize(conn->kept[i].stmt);
    sqlite3_close(conn->db);
    fth_free(conn);
}

static enum fth_rc connect_sqlite(const char *url, bool may_write, struct fth_conn **out,
                                  struct fth_err *err)
{
    const char *path = url + strlen("sqlite:");
    struct fth_conn *conn = fth_calloc(1, sizeof(*conn));
    enum fth_rc rc = FTH_OK;
    int code;

    if (!conn)
        return fth_err_nomem(err);
    /* Readers may write too as far as the file goes (WAL needs its index written); query_only keeps
     * them from it. */
    code = sqlite3_open_v2(
        path, &conn->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (may_write ? SQLITE_OPEN_CREATE : 0), NULL);
    if (code == SQLITE_OK)
        code = sqlite3_extended_result_codes(conn->db, 1);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(conn->db, BUSY_MS);
    if (code == SQLITE_OK)
        code = sqlite3_create_collation_v2(conn->db, "C", SQLITE_UTF8, NULL, compare_bytes, NULL);
    if (code != SQLITE_OK) {
        rc = conn->db ? failed(conn->db, err) : fth_err_nomem(err);
        fth_err_prefix(err, "%s", path);
        disconnect_sqlite(conn);
        return rc;
    }
    *out = conn;
    return FTH_OK;
}

static bool alive_sqlite(const struct fth_conn *conn)
{
    /* A transaction that could not even be rolled back must not reach the next borrower. */
    return sqlite3_get_autocommit(conn->db) != 0;
}

static bool in_tx_sqlite(const struct fth_conn *conn)
{
    return sqlite3_get_autocommit(conn->db) == 0;
}

static enum fth_rc script_sqlite(struct fth_conn *conn, struct fth_str sql, struct fth_err *err)
{
    /* Embedded texts end with a zero byte. */
    if (sqlite3_exec(conn->db, sql.p, NULL, NULL, NULL) != SQLITE_OK)
        return failed(conn->db, err);
    return FTH_OK;
}

/* ---- statements ---- */

static bool is_kept(const struct fth_conn *conn, const sqlite3_stmt *stmt)
{
    for (unsigned i = 0; i < conn->kept_nr; i++)
        if (conn->kept[i].stmt == stmt)
            return true;
    return false;
}

static enum fth_rc prepare_new(struct fth_conn *conn, struct fth_str sql, sqlite3_stmt **out,
                               struct fth_err *err)
{
    const char *rest = NULL;

    if (sqlite3_prepare_v3(conn->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, out, &rest) !=
        SQLITE_OK)
        return failed(conn->db, err);
    if (!*out)
        return fth_err_set(err, FTH_E_SYNTAX, "state store: no statement in \"" FTH_STR_F "\"",
                           FTH_STR_A(sql));
    return FTH_OK;
}

static enum fth_rc take_stmt(struct fth_conn *conn, struct fth_str sql, bool keep,
                             sqlite3_stmt **out, struct fth_err *err)
{
    struct kept *slot;
    enum fth_rc rc;

    for (unsigned i = 0; keep && i < conn->kept_nr; i++)
        if (conn->kept[i].sql == sql.p) {
            *out = conn->kept[i].stmt;
            return FTH_OK;
        }
    rc = prepare_new(conn, sql, out, err);
    if (rc || !keep)
        return rc;
    if (conn->kept_nr < KEPT_MAX) {
        slot = &conn->kept[conn->kept_nr++];
    } else {
        slot = &conn->kept[conn->kept_next++ % KEPT_MAX];
        sqlite3_finalize(slot->stmt);
    }
    *slot = (struct kept){sql.p, *out};
    return FTH_OK;
}

/* SQLite numbers $1 and $2 in the order in which they appear, so values go by name. */
static enum fth_rc bind(struct fth_conn *conn, sqlite3_stmt *stmt, const struct fth_val *vals,
                        size_t val_nr, struct fth_err *err)
{
    int code = SQLITE_OK;

    if ((size_t)sqlite3_bind_parameter_count(stmt) > val_nr)
        return fth_err_set(err, FTH_E_FAILED, "state store: %d parameters, %zu values",
                           sqlite3_bind_parameter_count(stmt), val_nr);
    for (size_t i = 0; i < val_nr && code == SQLITE_OK; i++) {
        const struct fth_val *val = &vals[i];
        const char *text = val->text.p ? val->text.p : "";
        char name[32];
        int at;

        snprintf(name, sizeof(name), "$%zu", i + 1);
        at = sqlite3_bind_parameter_index(stmt, name);
        if (at == 0)
            continue;
        switch (val->type) {
        case FTH_V_NULL:
            code = sqlite3_bind_null(stmt, at);
            break;
        case FTH_V_I64:
            code = sqlite3_bind_int64(stmt, at, val->i64);
            break;
        case FTH_V_TEXT:
            code = sqlite3_bind_text64(stmt, at, text, val->text.n, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case FTH_V_BYTES:
            code = sqlite3_bind_blob64(stmt, at, text, val->text.n, SQLITE_STATIC);
            break;
        }
    }
    return code == SQLITE_OK ? FTH_OK : failed(conn->db, err);
}

static enum fth_rc take_cell(sqlite3_stmt *stmt, int col, struct fth_arena *arena,
                             struct fth_val *out, struct fth_err *err)
{
    const void *bytes;

    switch (sqlite3_column_type(stmt, col)) {
    case SQLITE_NULL:
        *out = FTH_VAL_NULL;
        return FTH_OK;
    case SQLITE_INTEGER:
        *out = FTH_VAL_I64(sqlite3_column_int64(stmt, col));
        return FTH_OK;
    case SQLITE_TEXT:
        bytes = sqlite3_column_text(stmt, col);
        *out = (struct fth_val){.type = FTH_V_TEXT};
        break;
    case SQLITE_BLOB:
        bytes = sqlite3_column_blob(stmt, col);
        *out = (struct fth_val){.type = FTH_V_BYTES};
        break;
    default:
        return fth_err_set(err, FTH_E_CORRUPT, "state store: column \"%s\" is floating point",
                           sqlite3_column_name(stmt, col));
    }
    if (!bytes && sqlite3_column_bytes(stmt, col) > 0)
        return fth_err_nomem(err);
    return fth_arena_str(arena, (struct fth_str){bytes, (size_t)sqlite3_column_bytes(stmt, col)},
                         &out->text, err);
}

static enum fth_rc take_row(sqlite3_stmt *stmt, const struct fth_want *want, struct val_vec *cells,
                            size_t *row_nr, struct fth_err *err)
{
    int col_nr = sqlite3_column_count(stmt);

    if (!want->arena)
        return FTH_OK;
    if (*row_nr == want->max_rows)
        return fth_err_set(err, FTH_E_LIMIT, "state store: more than %zu rows", want->max_rows);
    for (int col = 0; col < col_nr; col++) {
        struct fth_val cell;
        enum fth_rc rc = take_cell(stmt, col, want->arena, &cell, err);

        if (!rc)
            rc = val_vec_push(cells, cell, err);
        if (rc)
            return rc;
    }
    ++*row_nr;
    return FTH_OK;
}

static enum fth_rc step_all(struct fth_conn *conn, sqlite3_stmt *stmt, const struct fth_want *want,
                            struct fth_err *err)
{
    struct val_vec cells = val_vec_in(want->arena);
    size_t row_nr = 0;
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        enum fth_rc rc = take_row(stmt, want, &cells, &row_nr, err);

        if (rc)
            return rc;
    }
    if (code != SQLITE_DONE)
        return failed(conn->db, err);
    if (want->arena)
        *want->table = (struct fth_table){row_nr, (size_t)sqlite3_column_count(stmt), cells.at};
    if (want->changed)
        *want->changed = sqlite3_stmt_readonly(stmt) ? 0 : sqlite3_changes64(conn->db);
    return FTH_OK;
}

static enum fth_rc run_sqlite(struct fth_conn *conn, struct fth_str sql, const struct fth_val *vals,
                              size_t val_nr, const struct fth_want *want, struct fth_err *err)
{
    sqlite3_stmt *stmt = NULL;
    enum fth_rc rc = take_stmt(conn, sql, want->keep, &stmt, err);

    if (rc)
        return rc;
    rc = bind(conn, stmt, vals, val_nr, err);
    if (!rc)
        rc = step_all(conn, stmt, want, err);
    sqlite3_reset(stmt);
    /* Values are not copied by bind(), so they must not be seen after this call. */
    sqlite3_clear_bindings(stmt);
    if (!is_kept(conn, stmt))
        sqlite3_finalize(stmt);
    return rc;
}

static enum fth_rc prepare_sqlite(struct fth_conn *conn, struct fth_str sql, size_t *param_nr,
                                  struct fth_err *err)
{
    sqlite3_stmt *stmt = NULL;
    enum fth_rc rc = prepare_new(conn, sql, &stmt, err);

    if (!rc)
        *param_nr = (size_t)sqlite3_bind_parameter_count(stmt);
    sqlite3_finalize(stmt);
    return rc;
}

static void library_sqlite(char out[32])
{
    snprintf(out, 32, "sqlite %s", sqlite3_libversion());
}

const struct fth_backend fth_backend_sqlite = {
    .kind = FTH_DB_SQLITE,
    .dialect = "sqlite",
    .readers = 4,
    .one_writer = true,
    .connect = connect_sqlite,
    .disconnect = disconnect_sqlite,
    .alive = alive_sqlite,
    .run = run_sqlite,
    .script = script_sqlite,
    .prepare = prepare_sqlite,
    .library = library_sqlite,
    .in_tx = in_tx_sqlite,
};
