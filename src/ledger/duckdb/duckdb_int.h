/*
 * duckdb_int: what the files of this folder share. Private; nobody else includes duckdb.h.
 *
 * The engine owns the database, the list of its sessions (so that a feed is found by the connection
 * that binds it) and one watcher thread, which interrupts statements whose cancel token says so.
 */
#ifndef FTH_DUCKDB_INT_H
#define FTH_DUCKDB_INT_H

#include <limits.h>
#include <stdatomic.h>

#include <duckdb.h>

#include "base/buf.h"
#include "base/thread.h"
#include "ledger/engine.h"

/* A feed while it is readable by one session. */
struct fth_feed_slot {
    struct fth_feed_slot *next;
    struct fth_feed *feed;
    struct fth_engine *engine;
    struct fth_err err; /* the first error of the feed since the statement began */
    size_t scans; /* that threads of the engine have open; with `ended`, guarded by its lock */
    struct fth_cond ended;
};

/* A database file and the sessions on it. There are two while readers of before a rewrite are left.
 */
struct fth_store {
    duckdb_database db;
    unsigned nr;       /* "ledger.duckdb" is 0, "ledger-1.duckdb" 1 */
    unsigned sessions; /* guarded by the engine's lock, as is … */
    bool past;         /* the engine has another */
};

struct fth_session {
    struct fth_session *next;
    struct fth_engine *engine;
    struct fth_store *store;
    duckdb_connection con;
    idx_t con_id;
    struct fth_feed_slot *feeds; /* the list is guarded by the engine's lock */
    struct fth_cancel *cancel;   /* of the statement that runs; guarded by the engine's lock */
    bool running;
};

struct fth_engine {
    char dir[PATH_MAX];
    char archive[PATH_MAX]; /* "": none */
    uint64_t memory, temp;
    bool read_only;
    char version[32];
    unsigned threads;
    bool copy_text;
    atomic_uint adopted; /* names of adopted files */

    struct fth_mutex mutex; /* guards what follows, and the fields of sessions that say so */
    struct fth_cond wake;   /* a statement with a token began, or the watcher has to stop */
    struct fth_session *sessions;
    struct fth_store *store; /* for sessions that are opened now */
    unsigned past_nr;        /* stores that readers have left */
    bool stop;
    pthread_t watcher;
    bool has_watcher;
};

/* engine.c */

/* A path between single quotes, as it stands in a statement. */
void fth_sql_path(struct fth_buf *sql, const char *dir);
void fth_store_path(const struct fth_engine *engine, unsigned nr, char out[PATH_MAX + 32]);
/* Opens the file (which is made when missing), closes its doors, makes feeds known to it. */
enum fth_rc fth_store_open(struct fth_engine *engine, unsigned nr, struct fth_store **out,
                           struct fth_err *err);
/* NULL is allowed. */
void fth_store_close(struct fth_store *store);
/* The same for one that is past, whose file goes, too. */
void fth_store_drop(struct fth_engine *engine, struct fth_store *store);

/* rewrite.c */

/* Which file is the engine's; others of its kind are removed, unless it is only read. */
enum fth_rc fth_store_find(struct fth_engine *engine, unsigned *nr, struct fth_err *err);

/* duckdb_error.c */

/* The kind that a message begins with ("Out of Memory Error: …"), of those that make a difference
 * here; else that of the executor. */
duckdb_error_type fth_duckdb_type_in_words(const char *message);
/* Sets the error of a failed statement. `message` may be NULL. Out of memory gets its hint. */
enum fth_rc fth_duckdb_error(struct fth_err *err, duckdb_error_type type, const char *message);
/* The same for a statement of `session`: an error of its feeds or a cancel token that was set comes
 * before what the engine says about them. */
enum fth_rc fth_duckdb_session_error(struct fth_session *session, struct fth_err *err,
                                     duckdb_error_type type, const char *message);

/* Is it a path under tmp/, which nobody outside knows? */
bool fth_engine_is_scratch(const struct fth_engine *engine, const char *path);

/* session.c */

/* A session on a store that is not the engine's, or not yet. */
enum fth_rc fth_session_on(struct fth_engine *engine, struct fth_store *store,
                           struct fth_session **out, struct fth_err *err);

/* The statement of `session` is over: the watcher looks away. */
void fth_session_done(struct fth_session *session);

/* result.c */

/* Takes over `from`, and with it the end of the session's statement. On failure `from` is destroyed
 * and the statement over. */
enum fth_rc fth_result_new(struct fth_session *session, duckdb_result *from,
                           struct fth_result **out, struct fth_err *err);

/* feed_in.c */

/* Makes the database understand FROM <feed>. */
enum fth_rc fth_feed_register(struct fth_session *session, struct fth_err *err);

/* function.c */

/* Makes the database understand what engine.h promises beside the dialect's own functions. */
enum fth_rc fth_functions_register(struct fth_session *session, struct fth_err *err);

/* vec_in.c */

/* The engine's type of a feed's column; the caller destroys it. */
duckdb_logical_type fth_duckdb_type(enum fth_type type);
/* Writes a feed's column into a vector of the engine. Text is copied when `copy_text`, else the
 * vector points to the feed's. */
void fth_vec_put(duckdb_vector to, const struct fth_vec *from, size_t nr, bool copy_text);

#endif
