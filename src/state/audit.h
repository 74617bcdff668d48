/*
 * audit: what was done to the state, as a chain: every row's hash covers the row and the one
 * before.
 *
 * Rows that are missing at the end leave no gap: who wants to be sure keeps the last hash
 * elsewhere.
 *
 * Thread rule: fth_audit_add() inside a transaction, all else any thread.
 */
#ifndef FTH_AUDIT_H
#define FTH_AUDIT_H

#include "base/arena.h"
#include "base/thread.h"
#include "state/db.h"

struct fth_audit {
    int64_t at_us;
    struct fth_str actor;      /* who: "owner" of the data directory, "nobody", or a user's id */
    struct fth_str action;     /* "source.remove" */
    struct fth_str object;     /* "source:7" */
    struct fth_str detail;     /* JSON object */
    struct fth_str request_id; /* empty: none */
};

/* Adds a row to the chain. FTH_E_BUSY when another writer was first. */
enum fth_rc fth_audit_add(struct fth_tx *tx, const struct fth_audit *entry, struct fth_err *err);

/* One row of it, as it is shown. */
struct fth_audit_row {
    int64_t seq;
    struct fth_audit entry;
    struct fth_str email; /* of the actor; empty: no user */
    struct fth_str hash;
};
struct fth_audit_wish {
    struct fth_str actor;   /* id; empty: anybody */
    struct fth_str action;  /* how it begins; empty: any */
    int64_t from_us, to_us; /* to_us 0: without end */
    int64_t seq; /* rows before this one; 0: the newest. With `ascending` those after it */
    bool ascending;
    size_t limit;
};
enum fth_rc fth_audit_list(struct fth_db *db, struct fth_arena *arena,
                           const struct fth_audit_wish *wish, struct fth_audit_row **out,
                           size_t *nr, struct fth_err *err);

/* Follows the chain from its first row to its last. */
struct fth_audit_state {
    int64_t rows;       /* that were looked at and hold */
    char hash[65];      /* of the last of them, "" when there is none */
    int64_t broken_seq; /* 0: it holds */
    char broken_why[128];
};
enum fth_rc fth_audit_verify(struct fth_db *db, const struct fth_cancel *cancel,
                             struct fth_audit_state *out, struct fth_err *err);

#endif
