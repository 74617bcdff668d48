/*
 * feed_demand: what a record must satisfy beyond the kinds of its columns.
 *
 * The first part belongs to layouts; the rest is the feed's own. Thread rule: constant data, and a
 * worker's own state.
 */
#ifndef FTH_FEED_DEMAND_H
#define FTH_FEED_DEMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What a record must satisfy beyond the kinds of its columns; the first that it does not makes it a
 * bad record. A column that a file lacks asks nothing. */
enum fth_feed_demand_kind {
    FTH_DEMAND_VALUE,      /* a column has a value */
    FTH_DEMAND_ONE_OF,     /* a text column is one of `names` */
    FTH_DEMAND_CURRENCY,   /* a text column is a code of ISO 4217 */
    FTH_DEMAND_NOT_BEFORE, /* an instant column, if it has a value, is not before the one `than` */
    FTH_DEMAND_AFTER,      /* … is after it */
    FTH_DEMAND_ANY         /* some of the money columns `names` has a value */
};

struct fth_feed_demand {
    const char *rule;          /* "charge-category" */
    const char *column, *than; /* of the layout; NULL where the kind needs none */
    const char *const *names;
    enum fth_feed_demand_kind kind;
    bool optional;        /* the text may be missing; how often, is counted */
    const char *fallback; /* of an optional currency: what the amounts are then in */
};

/* ---- the feed's own ---- */

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
