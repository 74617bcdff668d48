/*
 * feed_demand: what a record must satisfy beyond the kinds of its columns. Private to the feed.
 *
 * Thread rule: a worker's own state.
 */
#ifndef FTH_FEED_DEMAND_H
#define FTH_FEED_DEMAND_H

#include "base/err.h"

struct fth_import_feed;
struct fth_feed_worker;

struct fth_feed_demand_cols {
    const size_t *cols;
    size_t nr, than;
};

/* Texts that were found to satisfy a demand: records beside each other mostly have the same. */
struct fth_feed_demand_memo {
    char text[2][40];
    unsigned char n[2];
    bool set;
};

enum fth_rc fth_feed_demands_resolve(struct fth_import_feed *feed, struct fth_err *err);
/* Refuses the records of the block that do not satisfy the layout's demands. */
enum fth_rc fth_feed_see_demands(struct fth_feed_worker *worker, struct fth_err *err);

#endif
