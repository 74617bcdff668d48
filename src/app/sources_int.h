/* sources_int: what a caller with a scope sees of sources. Private to sources*.c. */
#ifndef FTH_SOURCES_INT_H
#define FTH_SOURCES_INT_H

#include "app/sums_int.h"

/* A source's charges of one billing period, of the scope alone. */
struct fth_seen_period {
    int64_t source_id, rows, charges_until_us;
    struct fth_str period;
};

struct fth_seen {
    const struct fth_seen_period *periods; /* ordered by source and month */
    size_t period_nr;
    struct fth_sum *billed; /* by source */
    size_t billed_nr;
};

/* Of the newest version, in asked->arena. */
enum fth_rc fth_sources_seen(const struct fth_asked *asked, struct fth_seen *out,
                             struct fth_err *err);

#endif
