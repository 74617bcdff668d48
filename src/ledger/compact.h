/*
 * compact: many small segments of one source and billing period become one.
 *
 * Sources that append (Google, Oracle) make a segment with each delivery. Merged they say the same:
 * every charge keeps its delivery, record and part, and cubes, roll-up and lists of values are made
 * anew by the code of a load. The merged segment is a new version of the ledger with the same
 * answers; earlier versions keep the segments that they had.
 *
 * And what the engine's file has grown by is given back to the disk.
 *
 * Thread rule: any thread; each period takes its turn as the one writer of the ledger.
 */
#ifndef FTH_COMPACT_H
#define FTH_COMPACT_H

#include "ledger/ledger.h"

struct fth_compacted {
    int64_t merged; /* segments that became … */
    int64_t made;   /* … so many */
    int64_t rows;   /* in those */
};

/* Merges the small segments of every period that has at least `least` (2 or more) of them. What
 * fails leaves its period as it was. FTH_E_CHECK when a merged segment does not say what its parts
 * did. */
enum fth_rc fth_ledger_compact(struct fth_ledger *ledger, size_t least, struct fth_cancel *cancel,
                               struct fth_compacted *out, struct fth_err *err);

/* What the engine's file took and takes. */
struct fth_shrunk {
    int64_t before, after;
    bool rewritten;
};

/* When the engine's file is to be written anew. */
struct fth_shrink_conf {
    unsigned free_percent; /* that much of it holds nothing … */
    int64_t free_bytes;    /* … and so many bytes at least */
    /* Closes the sessions that are kept for later; may be NULL. */
    void (*let_go)(void *ctx);
    void *ctx;
};

/* Writes the engine's file anew when it is due. Readers go on; loads wait until the last reader of
 * the old file has ended, at most a minute. FTH_E_IO with a hint when the disk is full. */
enum fth_rc fth_ledger_shrink(struct fth_ledger *ledger, const struct fth_shrink_conf *conf,
                              struct fth_cancel *cancel, struct fth_shrunk *out,
                              struct fth_err *err);

#endif
