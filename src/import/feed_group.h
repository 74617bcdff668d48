/*
 * feed_group: the layout's totals by the values of one of its text columns.
 *
 * A worker adds to its own; at its end they are added to those of the feed. Private to the feed,
 * but for what the counts show.
 */
#ifndef FTH_FEED_GROUP_H
#define FTH_FEED_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/money.h"

enum { FTH_FEED_GROUP_TOTALS = 2, FTH_FEED_GROUP_MAX = 4096 };

struct fth_feed_group {
    struct fth_str name;
    struct fth_money total[FTH_FEED_GROUP_TOTALS]; /* the first totals of the layout */
};

struct fth_feed_groups {
    struct fth_arena *arena; /* NULL: nothing was added yet */
    struct fth_map index;    /* name -> its place + 1 */
    struct fth_feed_group *at;
    size_t nr;
    bool many; /* more than FTH_FEED_GROUP_MAX: they are not known */
};

enum fth_rc fth_feed_group_add(struct fth_feed_groups *groups, struct fth_str name, size_t total,
                               struct fth_money amount, struct fth_err *err);
enum fth_rc fth_feed_groups_merge(struct fth_feed_groups *to, const struct fth_feed_groups *from,
                                  struct fth_err *err);
void fth_feed_groups_release(struct fth_feed_groups *groups);

#endif
