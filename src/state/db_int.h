/*
 * db_int: what db.c wants of SQLite and of PostgreSQL. Private to this folder and its tests.
 *
 * A connection is used by one thread at a time; db.c lends it. Everything that can fail for reasons
 * outside of the program is counted as FTH_FAULT_SQL by db.c, not by the backends.
 */
#ifndef FTH_DB_INT_H
#define FTH_DB_INT_H

#include "state/db.h"

struct fth_conn;

/* What a statement is asked to give. */
struct fth_want {
    struct fth_arena *arena; /* NULL: rows are not wanted */
    size_t max_rows;
    struct fth_table *table; /* written on success when arena is given */
    int64_t *changed;        /* may be NULL */
    bool keep;               /* the text is constant: what was prepared may be kept */
};

struct fth_backend {
    enum fth_db_kind kind;
    const char *dialect; /* the folder of sql/state/ with its own statements */
    unsigned readers;    /* connections for reading, at most */
    bool one_writer;     /* writers take turns on one connection; else they share the readers' */
    enum fth_rc (*connect)(const char *url, bool may_write, struct fth_conn **out,
                           struct fth_err *err);
    void (*disconnect)(struct fth_conn *conn);
    /* Can it be used again? */
    bool (*alive)(const struct fth_conn *conn);
    enum fth_rc (*run)(struct fth_conn *conn, struct fth_str sql, const struct fth_val *vals,
                       size_t val_nr, const struct fth_want *want, struct fth_err *err);
    /* Several statements without parameters and rows. */
    enum fth_rc (*script)(struct fth_conn *conn, struct fth_str sql, struct fth_err *err);
    /* Is the statement right for the schema, with how many parameters? */
    enum fth_rc (*prepare)(struct fth_conn *conn, struct fth_str sql, size_t *param_nr,
                           struct fth_err *err);
    /* Name and version of the library. */
    void (*library)(char out[32]);
    /* Is a transaction open? After a failure the engine may have closed it. */
    bool (*in_tx)(const struct fth_conn *conn);
};

extern const struct fth_backend fth_backend_sqlite, fth_backend_postgres;

/* One numbered migration. */
struct fth_migration {
    int version;
    const char *name;
    struct fth_str sql;
};

/* As fth_db_migrate() with a list of one's own, ordered by version. */
enum fth_rc fth_db_migrate_list(struct fth_db *db, const struct fth_migration *list, size_t nr,
                                int *from, int *to, struct fth_err *err);

/* Runs several statements without parameters inside `tx`. */
enum fth_rc fth_tx_script(struct fth_tx *tx, struct fth_str sql, struct fth_err *err);

/* Takes, and gives back, the store-wide right to migrate; other processes wait. */
enum fth_rc fth_db_migrate_begin(struct fth_db *db, struct fth_tx **out, struct fth_err *err);

#endif
