/*
 * who: who asks, what they may do, and which charges they may see.
 *
 * Made once for a request or a job, before anything is done for it, and handed down with it
 * (fth_asked). Where one is missing (NULL) the owner of the data directory asks, who may do and see
 * all: the command line in its own process, jobs that nobody started, the socket.
 *
 * Thread rule: immutable; it lives in the arena of the request or job that it was made for.
 */
#ifndef FTH_WHO_H
#define FTH_WHO_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "plan/filter.h"

struct fth_who {
    struct fth_str id;   /* of the user: for audit, ownership and limits */
    struct fth_str name; /* how people know them: an e-mail address */
    /* What they may do, as the spec files name it in x-permission ("costs.read"). */
    const struct fth_str *permissions;
    size_t permission_nr;
    /* The charges they may see: a condition that stands beside that of every question. NULL: all.
     * Who has a scope is told nothing that could only be known from charges outside of it. */
    const struct fth_filter *scope;
    struct fth_str scope_text; /* the same as text, canonical: part of cache keys and entity tags */
};

/* NULL may do all. */
bool fth_who_may(const struct fth_who *who, struct fth_str permission);

/* The id for audit rows and for what they make: "owner" for NULL. */
struct fth_str fth_who_id(const struct fth_who *who);

/* The scope, NULL for all; and its text, empty for all. */
const struct fth_filter *fth_who_scope(const struct fth_who *who);
struct fth_str fth_who_scope_text(const struct fth_who *who);

#endif
