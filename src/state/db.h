/*
 * db: rows and transactions of the state store, over SQLite or PostgreSQL.
 *
 * Statements are named: fth_sql() texts of sql/state/, in the common subset of both, with
 * parameters $1, $2, …. A transaction that writes is serialised: SQLite begins it IMMEDIATE,
 * PostgreSQL at SERIALIZABLE with retry by the caller on FTH_E_BUSY. Money, times and JSON are text
 * or BIGINT (microseconds), never floating point.
 *
 * Thread rule: fth_db may be used by any thread: it lends each call, or each transaction, a
 * connection of its own. A transaction belongs to the thread that began it.
 */
#ifndef FTH_DB_H
#define FTH_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct fth_db;
struct fth_tx;
struct fth_rows;

enum fth_db_kind { FTH_DB_SQLITE, FTH_DB_POSTGRES };

/* "sqlite:PATH" or a "postgres://…" / "postgresql://…" address. Opens, checks that it answers; does
 * not migrate. FTH_E_NET, FTH_E_CORRUPT, FTH_E_DENIED, FTH_E_IO. */
enum fth_rc fth_db_open(const char *url, struct fth_db **out, struct fth_err *err);
void fth_db_close(struct fth_db *db);
enum fth_db_kind fth_db_kind(const struct fth_db *db);

/* Brings the schema to the newest version: each sql/state/NNNN_*.sql that is not in the table
 * schema_migration yet, in order, in one transaction with the row that records its checksum.
 * FTH_E_CORRUPT when one that ran has another checksum now, FTH_E_UNSUPPORTED when the store is
 * newer than the program; a failed one leaves the store as it was. *from and *to may be NULL. */
enum fth_rc fth_db_migrate(struct fth_db *db, int *from, int *to, struct fth_err *err);

/* A bound value, or a value of a row. */
struct fth_val {
    enum { FTH_V_NULL, FTH_V_I64, FTH_V_TEXT, FTH_V_BYTES } type;
    int64_t i64;
    struct fth_str text; /* TEXT, BYTES */
};

/* Text must be UTF-8 without zero bytes (FTH_E_INVALID). */
#define FTH_VAL_NULL ((struct fth_val){FTH_V_NULL, 0, {0}})
#define FTH_VAL_I64(v) ((struct fth_val){FTH_V_I64, (v), {0}})
#define FTH_VAL_STR(v) ((struct fth_val){FTH_V_TEXT, 0, (v)})
#define FTH_VAL_C(v) ((struct fth_val){FTH_V_TEXT, 0, fth_str_c(v)})
#define FTH_VAL_BOOL(v) FTH_VAL_I64((v) ? 1 : 0)
/* NULL for the empty text. */
struct fth_val fth_val_opt(struct fth_str text);

/* A transaction that may write. Commit or roll back; both give the handle back. fth_tx_commit()
 * that fails has rolled back. After a statement that failed, the transaction can only be rolled
 * back: later statements and the commit fail too, on both engines. A thread has at most one.
 * FTH_E_BUSY when no connection was free in time. */
enum fth_rc fth_tx_begin(struct fth_db *db, struct fth_tx **out, struct fth_err *err);
enum fth_rc fth_tx_commit(struct fth_tx *tx, struct fth_err *err);
void fth_tx_rollback(struct fth_tx *tx); /* NULL is allowed */

/* Runs a named statement without rows inside `tx`. *changed may be NULL. FTH_E_CONFLICT for a
 * broken unique or foreign key. */
enum fth_rc fth_tx_exec(struct fth_tx *tx, const char *name, const struct fth_val *vals,
                        size_t val_nr, int64_t *changed, struct fth_err *err);

/* Runs a named statement and reads all its rows into `arena`, at most `max_rows` (more:
 * FTH_E_LIMIT). */
struct fth_table {
    size_t row_nr, col_nr;
    const struct fth_val *at; /* row-major */
};
enum fth_rc fth_tx_read(struct fth_tx *tx, const char *name, const struct fth_val *vals,
                        size_t val_nr, struct fth_arena *arena, size_t max_rows,
                        struct fth_table *out, struct fth_err *err);
/* The same outside of a transaction, on a reader's connection. */
enum fth_rc fth_db_read(struct fth_db *db, const char *name, const struct fth_val *vals,
                        size_t val_nr, struct fth_arena *arena, size_t max_rows,
                        struct fth_table *out, struct fth_err *err);
/* One statement in a transaction of its own. */
enum fth_rc fth_db_exec(struct fth_db *db, const char *name, const struct fth_val *vals,
                        size_t val_nr, int64_t *changed, struct fth_err *err);
/* The same three with statement text from a generator (api collections) instead of a name. */
enum fth_rc fth_db_read_text(struct fth_db *db, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, struct fth_arena *arena, size_t max_rows,
                             struct fth_table *out, struct fth_err *err);
enum fth_rc fth_tx_read_text(struct fth_tx *tx, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, struct fth_arena *arena, size_t max_rows,
                             struct fth_table *out, struct fth_err *err);
enum fth_rc fth_tx_exec_text(struct fth_tx *tx, struct fth_str sql, const struct fth_val *vals,
                             size_t val_nr, int64_t *changed, struct fth_err *err);

/* Runs `work` in a transaction of its own and commits it; again, for up to about half a second,
 * when one of them failed with FTH_E_BUSY because others wrote at the same time. When `work` fails,
 * or the commit, all that it has written is undone. `work` must not keep anything of a round that
 * failed, and begins no other transaction. */
enum fth_rc fth_db_in_tx(struct fth_db *db,
                         enum fth_rc (*work)(struct fth_tx *tx, void *ctx, struct fth_err *err),
                         void *ctx, struct fth_err *err);

/* Is a named statement right for the schema as it is? For tests and `doctor`; runs nothing.
 * *param_nr (may be NULL) is how many parameters it has. */
enum fth_rc fth_db_prepare(struct fth_db *db, const char *name, size_t *param_nr,
                           struct fth_err *err);

/* "sqlite 3.40.1", "postgresql 15.14"; lives as long as the arena. */
enum fth_rc fth_db_version(struct fth_db *db, struct fth_arena *arena, struct fth_str *out,
                           struct fth_err *err);

/* The library that is linked, without opening anything: "sqlite 3.40.1", "libpq 15.14". */
void fth_db_library(enum fth_db_kind kind, char out[32]);

static inline const struct fth_val *fth_table_val(const struct fth_table *table, size_t row,
                                                  size_t col)
{
    return &table->at[row * table->col_nr + col];
}

#endif
