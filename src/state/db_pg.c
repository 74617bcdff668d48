#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "state/db_int.h"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_UNKNOWN = 705,
    PARAM_MAX = 64,
    I64_TEXT = 24
};

struct fth_conn {
    PGconn *pg;
};

/* SQLSTATE to code, the longest matching prefix first. */
static const struct {
    const char *prefix;
    enum fth_rc rc;
} states[] = {
    {"40001", FTH_E_BUSY},     {"40P01", FTH_E_BUSY},     {"55P03", FTH_E_BUSY},
    {"23505", FTH_E_CONFLICT}, {"23503", FTH_E_CONFLICT}, {"23", FTH_E_INVALID},
    {"22", FTH_E_INVALID},     {"53200", FTH_E_NOMEM},    {"53100", FTH_E_IO},
    {"53", FTH_E_BUSY},        {"57014", FTH_E_TIMEOUT},  {"57P", FTH_E_NET},
    {"08", FTH_E_NET},         {"28", FTH_E_DENIED},      {"42501", FTH_E_DENIED},
    {"54", FTH_E_LIMIT},       {"58", FTH_E_IO},          {"XX001", FTH_E_CORRUPT},
    {"XX002", FTH_E_CORRUPT},
};

static enum fth_rc rc_of(const char *state)
{
    for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
        if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) == 0)
            return states[i].rc;
    return FTH_E_FAILED;
}

/* libpq's messages have several lines and end with one; ours are one line. */
static struct fth_str first_line(const char *text)
{
    struct fth_str all = fth_str_c(text), line = {0};

    (void)fth_str_next(&all, '\n', &line);
    return fth_str_trim(line);
}

static enum fth_rc failed(struct fth_conn *conn, const PGresult *result, struct fth_err *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    enum fth_rc rc = PQstatus(conn->pg) == CONNECTION_BAD ? FTH_E_NET : rc_of(state);
    struct fth_str line = first_line(text ? text : PQerrorMessage(conn->pg));

    return fth_err_set(err, rc, "state store: " FTH_STR_F, FTH_STR_A(line));
}

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

static void disconnect_pg(struct fth_conn *conn)
{
    PQfinish(conn->pg);
    fth_free(conn);
}

/* At connecting there is no SQLSTATE: the server's words decide, and they are not translated away
 * because lc_messages only applies later. */
static enum fth_rc connect_failed(struct fth_conn *conn, struct fth_err *err)
{
    struct fth_str line = first_line(PQerrorMessage(conn->pg));
    bool denied = fth_str_search(line, FTH_STR("authentication")) != SIZE_MAX ||
                  fth_str_search(line, FTH_STR("no password")) != SIZE_MAX ||
                  fth_str_search(line, FTH_STR("pg_hba.conf")) != SIZE_MAX;

    return fth_err_set(err, denied ? FTH_E_DENIED : FTH_E_NET, "state store: " FTH_STR_F,
                       FTH_STR_A(line));
}

static enum fth_rc connect_pg(const char *url, bool may_write, struct fth_conn **out,
                              struct fth_err *err)
{
    const char *const keys[] = {"dbname", "client_encoding", "application_name", "connect_timeout",
                                NULL};
    const char *const values[] = {url, "UTF8", "farthing", "10", NULL};
    struct fth_conn *conn = fth_calloc(1, sizeof(*conn));
    enum fth_rc rc = FTH_OK;

    (void)may_write;
    if (!conn)
        return fth_err_nomem(err);
    conn->pg = PQconnectdbParams(keys, values, 1);
    if (!conn->pg)
        rc = fth_err_nomem(err);
    else if (PQstatus(conn->pg) != CONNECTION_OK)
        rc = connect_failed(conn, err);
    else if (PQserverVersion(conn->pg) < 130000)
        rc = fth_err_set(err, FTH_E_UNSUPPORTED, "state store: PostgreSQL %d is too old",
                         PQserverVersion(conn->pg) / 10000);
    if (rc) {
        disconnect_pg(conn);
        return rc;
    }
    PQsetNoticeReceiver(conn->pg, ignore_notice, NULL);
    *out = conn;
    return FTH_OK;
}

static bool alive_pg(const struct fth_conn *conn)
{
    return PQstatus(conn->pg) == CONNECTION_OK && PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
}

static bool in_tx_pg(const struct fth_conn *conn)
{
    PGTransactionStatusType status = PQtransactionStatus(conn->pg);

    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static bool is_ok(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static enum fth_rc script_pg(struct fth_conn *conn, struct fth_str sql, struct fth_err *err)
{
    PGresult *result = PQexec(conn->pg, sql.p);
    enum fth_rc rc = is_ok(result) ? FTH_OK : failed(conn, result, err);

    /* COMMIT of a transaction that had failed is answered with a polite ROLLBACK. */
    if (!rc && strcmp(PQcmdStatus(result), "ROLLBACK") == 0 &&
        fth_str_starts(fth_str_trim(sql), FTH_STR("COMMIT")))
        rc = fth_err_set(err, FTH_E_FAILED, "state store: rolled back instead of committed");
    PQclear(result);
    return rc;
}

/* ---- statements ---- */

/* Values as libpq wants them: whole numbers as text, the rest as it is, in binary. */
struct bound {
    Oid types[PARAM_MAX];
    const char *values[PARAM_MAX];
    int lengths[PARAM_MAX], formats[PARAM_MAX];
    char numbers[PARAM_MAX][I64_TEXT];
};

static enum fth_rc bind(struct bound *bound, const struct fth_val *vals, size_t nr,
                        struct fth_err *err)
{
    if (nr > PARAM_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "state store: more than %d values", PARAM_MAX);
    for (size_t i = 0; i < nr; i++) {
        const struct fth_val *val = &vals[i];

        if (val->text.n > INT32_MAX)
            return fth_err_set(err, FTH_E_LIMIT, "state store: value %zu is too long", i + 1);
        bound->types[i] = 0;
        bound->values[i] = NULL;
        bound->lengths[i] = 0;
        bound->formats[i] = 0;
        if (val->type == FTH_V_I64) {
            snprintf(bound->numbers[i], I64_TEXT, "%lld", (long long)val->i64);
            bound->types[i] = OID_INT8;
            bound->values[i] = bound->numbers[i];
        } else if (val->type != FTH_V_NULL) {
            bound->types[i] = val->type == FTH_V_TEXT ? OID_TEXT : OID_BYTEA;
            bound->values[i] = val->text.p ? val->text.p : "";
            bound->lengths[i] = (int)val->text.n;
            bound->formats[i] = 1;
        }
    }
    return FTH_OK;
}

static enum fth_rc take_bytes(const char *escaped, struct fth_arena *arena, struct fth_val *out,
                              struct fth_err *err)
{
    size_t n = 0;
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)escaped, &n);
    enum fth_rc rc;

    if (!bytes)
        return fth_err_nomem(err);
    out->type = FTH_V_BYTES;
    rc = fth_arena_str(arena, (struct fth_str){(const char *)bytes, n}, &out->text, err);
    PQfreemem(bytes);
    return rc;
}

static enum fth_rc take_cell(const PGresult *result, int row, int col, struct fth_arena *arena,
                             struct fth_val *out, struct fth_err *err)
{
    const char *text = PQgetvalue(result, row, col);
    struct fth_str str = {text, (size_t)PQgetlength(result, row, col)};

    *out = FTH_VAL_NULL;
    if (PQgetisnull(result, row, col))
        return FTH_OK;
    switch (PQftype(result, col)) {
    case OID_BOOL:
        *out = FTH_VAL_BOOL(text[0] == 't');
        return FTH_OK;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        out->type = FTH_V_I64;
        if (!fth_str_to_i64(str, &out->i64))
            return fth_err_set(err, FTH_E_CORRUPT, "state store: \"%s\" is no whole number", text);
        return FTH_OK;
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_BPCHAR:
    case OID_NAME:
    case OID_UNKNOWN:
        out->type = FTH_V_TEXT;
        return fth_arena_str(arena, str, &out->text, err);
    case OID_BYTEA:
        return take_bytes(text, arena, out, err);
    default:
        return fth_err_set(err, FTH_E_FAILED,
                           "state store: column \"%s\" has a type that is not used here (%u)",
                           PQfname(result, col), (unsigned)PQftype(result, col));
    }
}

static enum fth_rc take_table(const PGresult *result, const struct fth_want *want,
                              struct fth_err *err)
{
    size_t row_nr = (size_t)PQntuples(result), col_nr = (size_t)PQnfields(result);
    struct fth_val *cells;

    if (row_nr > want->max_rows)
        return fth_err_set(err, FTH_E_LIMIT, "state store: more than %zu rows", want->max_rows);
    cells = FTH_NEW_ARRAY(want->arena, struct fth_val, row_nr * col_nr);
    if (!cells)
        return fth_err_nomem(err);
    for (size_t i = 0; i < row_nr * col_nr; i++) {
        enum fth_rc rc =
            take_cell(result, (int)(i / col_nr), (int)(i % col_nr), want->arena, &cells[i], err);

        if (rc)
            return rc;
    }
    *want->table = (struct fth_table){row_nr, col_nr, cells};
    return FTH_OK;
}

static enum fth_rc run_pg(struct fth_conn *conn, struct fth_str sql, const struct fth_val *vals,
                          size_t val_nr, const struct fth_want *want, struct fth_err *err)
{
    struct bound bound;
    PGresult *result;
    int64_t changed = 0;
    char *copy = NULL;
    enum fth_rc rc = bind(&bound, vals, val_nr, err);

    if (rc)
        return rc;
    /* libpq wants a zero byte at the end: constant texts have one, generated ones need not. */
    if (!want->keep) {
        copy = fth_calloc(sql.n + 1, 1);
        if (!copy)
            return fth_err_nomem(err);
        memcpy(copy, sql.p, sql.n);
    }
    result = PQexecParams(conn->pg, copy ? copy : sql.p, (int)val_nr, bound.types, bound.values,
                          bound.lengths, bound.formats, 0);
    fth_free(copy);
    rc = is_ok(result) ? FTH_OK : failed(conn, result, err);
    if (!rc && want->arena)
        rc = take_table(result, want, err);
    if (!rc && want->changed) {
        /* A SELECT reports its rows here; it changed none. */
        if (strncmp(PQcmdStatus(result), "SELECT", 6) != 0)
            (void)fth_str_to_i64(fth_str_c(PQcmdTuples(result)), &changed);
        *want->changed = changed;
    }
    PQclear(result);
    return rc;
}

static enum fth_rc prepare_pg(struct fth_conn *conn, struct fth_str sql, size_t *param_nr,
                              struct fth_err *err)
{
    PGresult *result = PQprepare(conn->pg, "", sql.p, 0, NULL);
    enum fth_rc rc = is_ok(result) ? FTH_OK : failed(conn, result, err);

    PQclear(result);
    if (rc)
        return rc;
    result = PQdescribePrepared(conn->pg, "");
    rc = is_ok(result) ? FTH_OK : failed(conn, result, err);
    if (!rc)
        *param_nr = (size_t)PQnparams(result);
    PQclear(result);
    return rc;
}

static void library_pg(char out[32])
{
    snprintf(out, 32, "libpq %d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}

const struct fth_backend fth_backend_postgres = {
    .kind = FTH_DB_POSTGRES,
    .dialect = "postgres",
    .readers = 8,
    .one_writer = false,
    .connect = connect_pg,
    .disconnect = disconnect_pg,
    .alive = alive_pg,
    .run = run_pg,
    .script = script_pg,
    .prepare = prepare_pg,
    .library = library_pg,
    .in_tx = in_tx_pg,
};
