/*
 * each: does the same with every item of a list, several at a time.
 *
 * Thread rule: one call by one thread; it starts threads of its own and joins them.
 */
#ifndef FTH_APP_EACH_H
#define FTH_APP_EACH_H

#include "base/arena.h"
#include "base/thread.h"

struct fth_each {
    size_t nr;
    unsigned threads;                /* 0: one a core */
    size_t work_cap;                 /* of the arena that an item is worked on in */
    const struct fth_cancel *cancel; /* may be NULL */
    /* Item i, in an arena that is cleared behind it; on any thread. */
    enum fth_rc (*run)(struct fth_each *each, size_t i, struct fth_arena *arena,
                       struct fth_err *err);
    void *ctx;                 /* for run */
    struct fth_arena *results; /* what fth_each_keep() takes from; guarded by the lock */
    struct fth_mutex lock;     /* from here on: private */
    atomic_size_t next;
    atomic_bool failed;
    struct fth_err err; /* the first; guarded by the lock */
};

/* The first error of an item, FTH_E_CANCELLED, FTH_E_TIMEOUT, FTH_E_NOMEM. Items that were begun
 * when another failed are ended, later ones are not begun. */
enum fth_rc fth_each_run(struct fth_each *each, struct fth_err *err);

/* Zeroed memory that outlives the item: of `results`. NULL: none. For run(), on any thread. */
void *fth_each_keep(struct fth_each *each, size_t nr, size_t size);

#endif
