#include "state/db_int.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/rand.h"
#include "base/sql.h"
#include "base/thread.h"
#include "base/utf8.h"

enum { POOL_MAX = 8, WAIT_MS = 10000, ROUNDS = 12, NAME_MAX_LEN = 64 };

/* Connections that wait to be lent. `lent` counts those that are out, so that lent + idle never
 * exceeds `most`. */
struct pool {
    struct fth_conn *idle[POOL_MAX];
    unsigned idle_nr, lent, most;
    bool may_write;
};

struct fth_db {
    const struct fth_backend *backend;
    char *url;
    struct fth_mutex mutex;
    struct fth_cond freed;
    struct pool readers, writers; /* engines without one_writer use `readers` for both */
};

struct fth_tx {
    struct fth_db *db;
    struct fth_conn *conn;
    enum fth_rc failed; /* of the first statement that failed */
    pthread_t owner;
};

struct fth_val fth_val_opt(struct fth_str text)
{
    return text.n ? FTH_VAL_STR(text) : FTH_VAL_NULL;
}

/* ---- connections ---- */

static struct pool *pool_for(struct fth_db *db, bool write)
{
    return write && db->backend->one_writer ? &db->writers : &db->readers;
}

/* A statement of the engine's own, such as "begin". */
static struct fth_str own_sql(const struct fth_db *db, const char *what)
{
    char name[NAME_MAX_LEN];

    snprintf(name, sizeof(name), "state/%s/%s", db->backend->dialect, what);
    return fth_sql(name);
}

static enum fth_rc fault(const char *what, struct fth_err *err)
{
    if (fth_fault_hit(FTH_FAULT_SQL))
        return fth_err_set(err, FTH_E_IO, "state store: %s: made to fail", what);
    return FTH_OK;
}

static enum fth_rc connect_new(struct fth_db *db, bool may_write, struct fth_conn **out,
                               struct fth_err *err)
{
    struct fth_conn *conn = NULL;
    enum fth_rc rc = db->backend->connect(db->url, may_write, &conn, err);

    if (rc)
        return rc;
    rc = db->backend->script(conn, own_sql(db, may_write ? "open_writer" : "open_reader"), err);
    if (rc)
        db->backend->disconnect(conn);
    else
        *out = conn;
    return rc;
}

static void unlend(struct fth_db *db, struct pool *pool)
{
    fth_mutex_lock(&db->mutex);
    pool->lent--;
    fth_cond_signal(&db->freed);
    fth_mutex_unlock(&db->mutex);
}

/* Takes a connection out of the pool, or makes one; *fresh tells which. */
static enum fth_rc lend(struct fth_db *db, bool write, struct fth_conn **out, bool *fresh,
                        struct fth_err *err)
{
    struct pool *pool = pool_for(db, write);
    struct fth_conn *conn = NULL;
    enum fth_rc rc = FTH_OK;

    fth_mutex_lock(&db->mutex);
    while (pool->idle_nr == 0 && pool->lent == pool->most)
        if (!fth_cond_wait(&db->freed, &db->mutex, WAIT_MS)) {
            fth_mutex_unlock(&db->mutex);
            return fth_err_set(err, FTH_E_BUSY, "state store: no connection free after %d s",
                               WAIT_MS / 1000);
        }
    if (pool->idle_nr)
        conn = pool->idle[--pool->idle_nr];
    pool->lent++;
    fth_mutex_unlock(&db->mutex);

    *fresh = !conn;
    if (!conn)
        rc = connect_new(db, pool->may_write, &conn, err);
    if (rc)
        unlend(db, pool);
    else
        *out = conn;
    return rc;
}

static void give_back(struct fth_db *db, bool write, struct fth_conn *conn)
{
    struct pool *pool = pool_for(db, write);

    if (!db->backend->alive(conn)) {
        db->backend->disconnect(conn);
        unlend(db, pool);
        return;
    }
    fth_mutex_lock(&db->mutex);
    pool->lent--;
    pool->idle[pool->idle_nr++] = conn;
    /* Readers and the writer wait on the same condition, so one signal might wake the wrong one. */
    fth_cond_broadcast(&db->freed);
    fth_mutex_unlock(&db->mutex);
}

static const struct fth_backend *backend_of(const char *url)
{
    struct fth_str text = fth_str_c(url);

    if (fth_str_starts(text, FTH_STR("sqlite:")))
        return &fth_backend_sqlite;
    if (fth_str_starts(text, FTH_STR("postgres://")) ||
        fth_str_starts(text, FTH_STR("postgresql://")))
        return &fth_backend_postgres;
    return NULL;
}

enum fth_rc fth_db_open(const char *url, struct fth_db **out, struct fth_err *err)
{
    const struct fth_backend *backend = backend_of(url);
    struct fth_conn *conn;
    struct fth_db *db;
    enum fth_rc rc;
    bool fresh;

    if (!backend) {
        /* The address may hold a password, so it is not quoted. */
        rc = fth_err_set(err, FTH_E_INVALID, "state store: address of an unknown kind");
        fth_err_hint(err, "Use sqlite:PATH or postgres://USER@HOST/DATABASE.");
        return rc;
    }
    db = fth_calloc(1, sizeof(*db));
    if (!db)
        return fth_err_nomem(err);
    db->backend = backend;
    db->url = fth_strdup(url);
    db->readers = (struct pool){.most = backend->readers, .may_write = !backend->one_writer};
    db->writers = (struct pool){.most = 1, .may_write = true};
    fth_mutex_init(&db->mutex, FTH_LOCK_STATE);
    fth_cond_init(&db->freed);
    if (!db->url) {
        rc = fth_err_nomem(err);
        goto out;
    }
    rc = lend(db, true, &conn, &fresh, err);
    if (rc)
        goto out;
    give_back(db, true, conn);
    *out = db;
    return FTH_OK;
out:
    fth_db_close(db);
    return rc;
}

static void drain(struct fth_db *db, struct pool *pool)
{
    FTH_CHECK(pool->lent == 0);
    while (pool->idle_nr)
        db->backend->disconnect(pool->idle[--pool->idle_nr]);
}

void fth_db_close(struct fth_db *db)
{
    if (!db)
        return;
    /* The writer goes last: SQLite's last connection folds the log into the file. */
    drain(db, &db->readers);
    drain(db, &db->writers);
    fth_cond_release(&db->freed);
    fth_mutex_release(&db->mutex);
    fth_free(db->url);
    fth_free(db);
}

enum fth_db_kind fth_db_kind(const struct fth_db *db)
{
    return db->backend->kind;
}

/* ---- statements ---- */

/* The two engines disagree about what text may hold; the narrower rule holds for both. */
static enum fth_rc check_vals(const struct fth_val *vals, size_t nr, struct fth_err *err)
{
    for (size_t i = 0; i < nr; i++) {
        if (vals[i].type != FTH_V_TEXT)
            continue;
        if (fth_str_find(vals[i].text, '\0') != SIZE_MAX || !fth_utf8_valid(vals[i].text))
            return fth_err_set(err, FTH_E_INVALID,
                               "state store: value %zu is not UTF-8 text, or has a zero byte",
                               i + 1);
    }
    return FTH_OK;
}

static enum fth_rc run_on(struct fth_db *db, struct fth_conn *conn, struct fth_str sql,
                          const struct fth_val *vals, size_t val_nr, const struct fth_want *want,
                          struct fth_err *err)
{
    enum fth_rc rc = fault("a statement", err);

    if (!rc)
        rc = check_vals(vals, val_nr, err);
    if (!rc)
        rc = db->backend->run(conn, sql, vals, val_nr, want, err);
    return rc;
}

static enum fth_rc read_text(struct fth_db *db, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, const struct fth_want *want, struct fth_err *err)
{
    struct fth_conn *conn = NULL;
    bool fresh = false;
    enum fth_rc rc;

    /* A connection that waited may have died with a restarted server: such a read is tried once
     * more on each that is left, the last time on a new one. */
    for (;;) {
        rc = lend(db, false, &conn, &fresh, err);
        if (rc)
            return rc;
        rc = run_on(db, conn, sql, vals, val_nr, want, err);
        bool again = rc == FTH_E_NET && !fresh && !db->backend->alive(conn);

        give_back(db, false, conn);
        if (!again)
            return rc;
        fth_err_clear(err);
    }
}

enum fth_rc fth_db_read(struct fth_db *db, const char *name, const struct fth_val *vals,
                        size_t val_nr, struct fth_arena *arena, size_t max_rows,
                        struct fth_table *out, struct fth_err *err)
{
    struct fth_want want = {.arena = arena, .max_rows = max_rows, .table = out, .keep = true};
    enum fth_rc rc = read_text(db, fth_sql(name), vals, val_nr, &want, err);

    if (rc)
        fth_err_prefix(err, "%s", name);
    return rc;
}

enum fth_rc fth_db_read_text(struct fth_db *db, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, struct fth_arena *arena, size_t max_rows,
                             struct fth_table *out, struct fth_err *err)
{
    struct fth_want want = {.arena = arena, .max_rows = max_rows, .table = out};

    return read_text(db, sql, vals, val_nr, &want, err);
}

/* ---- transactions ---- */

static enum fth_rc begin_on(struct fth_db *db, struct fth_conn *conn, const char *how,
                            struct fth_err *err)
{
    enum fth_rc rc = fault("begin", err);

    return rc ? rc : db->backend->script(conn, own_sql(db, how), err);
}

static void close_tx(struct fth_tx *tx)
{
    give_back(tx->db, true, tx->conn);
    fth_free(tx);
}

static enum fth_rc begin(struct fth_db *db, const char *how, struct fth_tx **out,
                         struct fth_err *err)
{
    struct fth_tx *tx = fth_calloc(1, sizeof(*tx));
    bool fresh = false, again;
    enum fth_rc rc;

    if (!tx)
        return fth_err_nomem(err);
    tx->db = db;
    tx->owner = pthread_self();
    do {
        rc = lend(db, true, &tx->conn, &fresh, err);
        if (rc) {
            fth_free(tx);
            return rc;
        }
        rc = begin_on(db, tx->conn, how, err);
        again = rc == FTH_E_NET && !fresh && !db->backend->alive(tx->conn);
        if (rc && db->backend->in_tx(tx->conn))
            (void)db->backend->script(tx->conn, own_sql(db, "rollback"), &(struct fth_err){0});
        if (rc)
            give_back(db, true, tx->conn);
        if (again)
            fth_err_clear(err);
    } while (again);
    if (rc)
        fth_free(tx);
    else
        *out = tx;
    return rc;
}

enum fth_rc fth_tx_begin(struct fth_db *db, struct fth_tx **out, struct fth_err *err)
{
    return begin(db, "begin", out, err);
}

enum fth_rc fth_db_migrate_begin(struct fth_db *db, struct fth_tx **out, struct fth_err *err)
{
    return begin(db, "migrate_lock", out, err);
}

void fth_tx_rollback(struct fth_tx *tx)
{
    struct fth_err ignored = {0};

    if (!tx)
        return;
    if (tx->db->backend->in_tx(tx->conn))
        (void)tx->db->backend->script(tx->conn, own_sql(tx->db, "rollback"), &ignored);
    close_tx(tx);
}

static enum fth_rc refuse_failed(const struct fth_tx *tx, struct fth_err *err)
{
    FTH_CHECK(pthread_equal(tx->owner, pthread_self()));
    if (tx->failed)
        return fth_err_set(err, tx->failed,
                           "state store: a statement of this transaction has failed before");
    return FTH_OK;
}

enum fth_rc fth_tx_commit(struct fth_tx *tx, struct fth_err *err)
{
    enum fth_rc rc = refuse_failed(tx, err);

    if (!rc)
        rc = fault("commit", err);
    if (!rc)
        rc = tx->db->backend->script(tx->conn, own_sql(tx->db, "commit"), err);
    if (rc == FTH_E_NET)
        fth_err_hint(err, "The connection was lost while committing: look whether it happened.");
    if (rc)
        fth_tx_rollback(tx);
    else
        close_tx(tx);
    return rc;
}

static enum fth_rc run_in(struct fth_tx *tx, struct fth_str sql, const struct fth_val *vals,
                          size_t val_nr, const struct fth_want *want, struct fth_err *err)
{
    enum fth_rc rc = refuse_failed(tx, err);

    if (rc)
        return rc;
    rc = run_on(tx->db, tx->conn, sql, vals, val_nr, want, err);
    tx->failed = rc;
    return rc;
}

enum fth_rc fth_tx_exec(struct fth_tx *tx, const char *name, const struct fth_val *vals,
                        size_t val_nr, int64_t *changed, struct fth_err *err)
{
    struct fth_want want = {.keep = true};
    enum fth_rc rc;

    want.changed = changed;
    rc = run_in(tx, fth_sql(name), vals, val_nr, &want, err);

    if (rc)
        fth_err_prefix(err, "%s", name);
    return rc;
}

enum fth_rc fth_tx_read(struct fth_tx *tx, const char *name, const struct fth_val *vals,
                        size_t val_nr, struct fth_arena *arena, size_t max_rows,
                        struct fth_table *out, struct fth_err *err)
{
    struct fth_want want = {.arena = arena, .max_rows = max_rows, .table = out, .keep = true};
    enum fth_rc rc = run_in(tx, fth_sql(name), vals, val_nr, &want, err);

    if (rc)
        fth_err_prefix(err, "%s", name);
    return rc;
}

enum fth_rc fth_tx_read_text(struct fth_tx *tx, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, struct fth_arena *arena, size_t max_rows,
                             struct fth_table *out, struct fth_err *err)
{
    struct fth_want want = {.arena = arena, .max_rows = max_rows, .table = out};

    return run_in(tx, sql, vals, val_nr, &want, err);
}

enum fth_rc fth_tx_exec_text(struct fth_tx *tx, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, int64_t *changed, struct fth_err *err)
{
    struct fth_want want = {0};

    want.changed = changed;
    return run_in(tx, sql, vals, val_nr, &want, err);
}

enum fth_rc fth_tx_script(struct fth_tx *tx, struct fth_str sql, struct fth_err *err)
{
    enum fth_rc rc = refuse_failed(tx, err);

    if (!rc)
        rc = fault("a script", err);
    if (!rc)
        rc = tx->db->backend->script(tx->conn, sql, err);
    tx->failed = rc;
    return rc;
}

/* ---- conveniences ---- */

/* Writers that met once would meet again if all waited alike: 1, 2, 4, … 64 ms, more or less. */
static void back_off(unsigned round)
{
    int64_t ms = 1 << (round < 6 ? round : 6);
    uint64_t chance;

    fth_rand_bytes(&chance, sizeof(chance));
    nanosleep(&(struct timespec){.tv_nsec = (long)(ms * 500000 + (int64_t)(chance % 1000000) * ms)},
              NULL);
}

enum fth_rc fth_db_in_tx(struct fth_db *db,
                         enum fth_rc (*work)(struct fth_tx *tx, void *ctx, struct fth_err *err),
                         void *ctx, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct fth_tx *tx = NULL;

        if (round) {
            back_off(round - 1);
            fth_err_clear(err);
        }
        /* That others are busy here, was waited for long enough. */
        rc = fth_tx_begin(db, &tx, err);
        if (rc)
            return rc;
        FTH_CHECK(tx);
        rc = work(tx, ctx, err);
        if (rc)
            fth_tx_rollback(tx);
        else
            rc = fth_tx_commit(tx, err);
        if (rc != FTH_E_BUSY)
            break;
    }
    return rc;
}

struct exec_call {
    const char *name;
    const struct fth_val *vals;
    size_t val_nr;
    int64_t *changed;
};

static enum fth_rc exec_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct exec_call *call = ctx;

    return fth_tx_exec(tx, call->name, call->vals, call->val_nr, call->changed, err);
}

enum fth_rc fth_db_exec(struct fth_db *db, const char *name, const struct fth_val *vals,
                        size_t val_nr, int64_t *changed, struct fth_err *err)
{
    struct exec_call call = {.name = name, .vals = vals, .val_nr = val_nr};

    call.changed = changed;
    return fth_db_in_tx(db, exec_work, &call, err);
}

enum fth_rc fth_db_prepare(struct fth_db *db, const char *name, size_t *param_nr,
                           struct fth_err *err)
{
    struct fth_conn *conn = NULL;
    size_t nr = 0;
    bool fresh;
    enum fth_rc rc = lend(db, true, &conn, &fresh, err);

    if (rc)
        return rc;
    rc = db->backend->prepare(conn, fth_sql(name), &nr, err);
    give_back(db, true, conn);
    if (rc)
        fth_err_prefix(err, "%s", name);
    else if (param_nr)
        *param_nr = nr;
    return rc;
}

void fth_db_library(enum fth_db_kind kind, char out[32])
{
    (kind == FTH_DB_SQLITE ? &fth_backend_sqlite : &fth_backend_postgres)->library(out);
}

enum fth_rc fth_db_version(struct fth_db *db, struct fth_arena *arena, struct fth_str *out,
                           struct fth_err *err)
{
    struct fth_want want = {.arena = arena, .max_rows = 1, .table = &(struct fth_table){0}};
    enum fth_rc rc = read_text(db, own_sql(db, "version"), NULL, 0, &want, err);

    if (!rc)
        *out = fth_table_val(want.table, 0, 0)->text;
    return rc;
}
