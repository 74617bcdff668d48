/*
 * engine: the analytical database under the ledger, seen without knowing which.
 *
 * An engine holds immutable tables, runs statements of its dialect with bound parameters, takes
 * rows from feeds, and streams typed batches back. It has no transactions over several tables that
 * anybody relies on: what is current is the catalogue's business (ledger/catalogue.h). It may read
 * and write only inside its own directory and the archive.
 *
 * Statements come from sql/ files and from the plan compiler; the dialect's name says for which.
 * Beside the dialect's own functions they have
 *   exact_product(a, b, c, per): a * b * c / per of decimals as text, worked out exactly and
 *   rounded once, half even, at the 28th decimal: a struct of head (DEC_WIDE) and tail (I64), see
 *   base/money.h. NULL when one of them is NULL or per is 0; FTH_E_RANGE when no amount has room.
 *
 * Thread rule: the engine may be used by any thread; a session and its results by one at a time,
 * except fth_session_interrupt(). Everything is counted against the engine's memory limit; past it
 * a statement fails with FTH_E_NOMEM and the hint to narrow the query, and the engine lives.
 */
#ifndef FTH_ENGINE_H
#define FTH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/thread.h"
#include "ledger/batch.h"

struct fth_engine;
struct fth_session;
struct fth_result;

struct fth_engine_conf {
    const char *dir;       /* its directory; made when missing */
    const char *archive;   /* another one, absolute, that it may write and read; NULL: none */
    uint64_t memory_bytes; /* limit; 0: half of the machine's */
    uint64_t temp_bytes;   /* limit of spilled data; 0: ten times memory */
    unsigned threads;      /* 0: one a core */
    bool read_only;
    bool copy_text; /* copy text out of feeds at once, instead of pointing to it */
};

/* A bound value. */
struct fth_param {
    enum fth_type type;
    bool null;
    union {
        struct fth_str text; /* TEXT; DEC and DEC_WIDE too, as plain decimal text */
        bool boolean;
        int64_t i64; /* I32, I64, DATE, INSTANT */
        double f64;
    };
};

/* FTH_E_BUSY when another process has it open, FTH_E_UNSUPPORTED for a library version out of the
 * allowed range, FTH_E_CORRUPT, FTH_E_IO. */
enum fth_rc fth_engine_open(const struct fth_engine_conf *conf, struct fth_engine **out,
                            struct fth_err *err);
/* All sessions must be closed. Writes what is pending. */
void fth_engine_close(struct fth_engine *engine);

/* "duckdb": which dialect of sql/ files and of the compiler it takes. */
const char *fth_engine_dialect(const struct fth_engine *engine);
/* "duckdb 1.5.6", for version and doctor. */
const char *fth_engine_version(const struct fth_engine *engine);
/* The same of the library that is linked, without opening anything. */
void fth_engine_library(char out[32]);
/* What the dialect calls a type, for casts: "DECIMAL(18,10)". */
const char *fth_engine_type(const struct fth_engine *engine, enum fth_type type);

enum fth_rc fth_session_open(struct fth_engine *engine, struct fth_session **out,
                             struct fth_err *err);
void fth_session_close(struct fth_session *session);
/* From any thread: the statement that runs in `session` ends with FTH_E_CANCELLED. */
void fth_session_interrupt(struct fth_session *session);

/*
 * Runs one statement with values bound to $1, $2, … and gives its rows as a stream. `cancel` (may
 * be NULL) is polled between batches; a watcher of the engine interrupts long ones.
 */
enum fth_rc fth_session_query(struct fth_session *session, struct fth_str sql,
                              const struct fth_param *params, size_t param_nr,
                              struct fth_cancel *cancel, struct fth_result **out,
                              struct fth_err *err);
/* The same for statements without rows; *changed (may be NULL) gets the number of rows written. */
enum fth_rc fth_session_exec(struct fth_session *session, struct fth_str sql,
                             const struct fth_param *params, size_t param_nr,
                             struct fth_cancel *cancel, int64_t *changed, struct fth_err *err);

size_t fth_result_col_nr(const struct fth_result *result);
struct fth_column fth_result_col(const struct fth_result *result, size_t i);
/* The next rows; out->nr is 0 at the end. The batch belongs to the result and lives until the next
 * call. */
enum fth_rc fth_result_next(struct fth_result *result, struct fth_batch *out, struct fth_err *err);
/* Also before the end: the statement is cancelled. NULL is allowed. */
void fth_result_free(struct fth_result *result);

/*
 * For several readers of one result: each takes rows, one reader at a time, and then looks at them
 * on its own thread. What was taken lives until the reader takes again, also when the result is
 * freed before; a reader is not to outlive the engine. *more is false at the end.
 */
struct fth_rows;
enum fth_rc fth_rows_new(const struct fth_result *result, struct fth_rows **out,
                         struct fth_err *err);
enum fth_rc fth_result_take(struct fth_result *result, struct fth_rows *rows, bool *more,
                            struct fth_err *err);
enum fth_rc fth_rows_batch(struct fth_rows *rows, struct fth_batch *out, struct fth_err *err);
size_t fth_rows_nr(const struct fth_rows *rows);
void fth_rows_free(struct fth_rows *rows);

/* Makes `feed` readable by statements of `session` under its name, until it is withdrawn, which
 * waits for threads of the engine that have not put it away yet. The feed must outlive that. An
 * error of the feed comes back unchanged from the statement that read it. */
enum fth_rc fth_session_feed(struct fth_session *session, struct fth_feed *feed,
                             struct fth_err *err);
void fth_session_unfeed(struct fth_session *session, struct fth_feed *feed);

/*
 * Columns of a Parquet file inside the engine's directory (fth_engine_adopt() brings it there), as
 * the file has them. Decimals up to 38 digits come as text, timestamps as INSTANT, maps of text as
 * TEXT_MAP, nested values as JSON text. Behind a struct its members follow as columns of their own,
 * under its name and a dot before theirs ("project.id").
 */
enum fth_rc fth_session_parquet_columns(struct fth_session *session, const char *path,
                                        struct fth_arena *arena, struct fth_column **out,
                                        size_t *out_nr, uint64_t *rows, struct fth_err *err);
/* The rows of the named columns as a stream, in no order. The name FTH_PARQUET_PLACE gives the
 * row's place in the file, from 0 (I64), when the file has no such column. FTH_E_NOTFOUND. */
#define FTH_PARQUET_PLACE "file_row_number"
enum fth_rc fth_session_parquet_scan(struct fth_session *session, const char *path,
                                     const char *const *names, size_t name_nr,
                                     struct fth_cancel *cancel, struct fth_result **out,
                                     struct fth_err *err);

/*
 * Rows as a Parquet file (zstd). Whoever has them writes CSV (base/csv.h) into a scratch file, with
 * a head line and the row's number, from 1, as the first column; an empty field is a null, "" an
 * empty text. Both paths are fth_engine_scratch()'s.
 */
enum fth_parquet_type {
    FTH_PARQUET_TEXT,
    FTH_PARQUET_DECIMAL, /* of FTH_PARQUET_DIGITS, `scale` of them behind the point */
    FTH_PARQUET_I64,
    FTH_PARQUET_DOUBLE,
    FTH_PARQUET_INSTANT, /* RFC 3339 */
    FTH_PARQUET_TEXT_MAP /* a JSON object without nesting */
};

enum { FTH_PARQUET_DIGITS = 38 };

struct fth_parquet_col {
    const char *name; /* in the Parquet file */
    enum fth_parquet_type type;
    unsigned scale;
};

enum fth_rc fth_session_parquet_write(struct fth_session *session, const char *csv,
                                      const struct fth_parquet_col *cols, size_t col_nr,
                                      const char *parquet, struct fth_cancel *cancel,
                                      struct fth_err *err);

/* The most digits that the values of a column have before and behind the point; zero-initialise. */
struct fth_parquet_digits {
    unsigned before, behind;
};

/* `value` is a decimal without exponent. */
void fth_parquet_see(struct fth_parquet_digits *digits, struct fth_str value);
/* A column of decimals gets the smallest scale that keeps every digit that was seen; it becomes
 * text, and this false, where no decimal can. */
bool fth_parquet_settle(struct fth_parquet_col *col, const struct fth_parquet_digits *digits);
/* The same of one row alone, by its place in the file from 0; none when the file ends before it. */
enum fth_rc fth_session_parquet_row(struct fth_session *session, const char *path,
                                    const char *const *names, size_t name_nr, int64_t row,
                                    struct fth_cancel *cancel, struct fth_result **out,
                                    struct fth_err *err);

/* Brings a file of the outside into the engine's directory (hard link, else copy) under tmp/ and
 * sets *inside; fth_engine_forget() removes it. */
enum fth_rc fth_engine_adopt(struct fth_engine *engine, const char *outside,
                             struct fth_arena *arena, const char **inside, struct fth_err *err);
void fth_engine_forget(struct fth_engine *engine, const char *inside);
/* A path under tmp/ that nobody else has, for a file that statements write or read; nothing is
 * made. fth_engine_forget() removes what became of it. */
enum fth_rc fth_engine_scratch(struct fth_engine *engine, const char *suffix,
                               struct fth_arena *arena, const char **inside, struct fth_err *err);

/* What its file takes on the disk, and how much of that holds nothing. */
struct fth_engine_size {
    int64_t bytes, free;
};
enum fth_rc fth_engine_size(struct fth_engine *engine, struct fth_engine_size *out,
                            struct fth_err *err);
/*
 * Writes what it holds into a new file, in the same order, and goes on with that. Sessions that are
 * open read on from the old file, which goes with the last of them; those that are opened from now
 * on use the new one. Killed, or on failure, it is as it was. Nobody else may write meanwhile, nor
 * before fth_engine_drained(): a session of before does not see what is written afterwards.
 */
enum fth_rc fth_engine_rewrite(struct fth_engine *engine, struct fth_cancel *cancel,
                               struct fth_err *err);
/* Have all sessions of before the last rewrite been closed? */
bool fth_engine_drained(struct fth_engine *engine);
/* Was it opened since the last rewrite? A session that is kept for later and was not should be
 * closed. */
bool fth_session_is_current(struct fth_session *session);

/* Folds the write-ahead log into the file. FTH_E_BUSY while somebody is in the middle of an answer:
 * the log stays as it is. */
enum fth_rc fth_engine_checkpoint(struct fth_engine *engine, struct fth_err *err);

#endif
