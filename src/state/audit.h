/*
 * audit: what was done to the state, as a chain: every row's hash covers the row and the one
 * before.
 *
 * Thread rule: inside a transaction.
 */
#ifndef FTH_AUDIT_H
#define FTH_AUDIT_H

#include "base/arena.h"
#include "state/db.h"

struct fth_audit {
    int64_t at_us;
    struct fth_str actor;      /* who: "owner" of the data directory, later a user's id */
    struct fth_str action;     /* "source.remove" */
    struct fth_str object;     /* "source:7" */
    struct fth_str detail;     /* JSON object */
    struct fth_str request_id; /* empty: none */
};

/* Adds a row to the chain. FTH_E_BUSY when another writer was first. */
enum fth_rc fth_audit_add(struct fth_tx *tx, const struct fth_audit *entry, struct fth_err *err);

#endif
