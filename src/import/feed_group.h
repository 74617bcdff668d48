/*
 * feed_group: a record's cost and amounts by invoice and service, by commitment, by type of credit.
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

enum { FTH_FEED_GROUP_AMOUNTS = 3, FTH_FEED_GROUP_MAX = 128 * 1024 };

/* Amounts of a group of invoice and service … */
enum { FTH_GROUP_FIRST, FTH_GROUP_SECOND };
/* … of one of a commitment, the latter two in an hour of it … */
enum { FTH_GROUP_UPFRONT, FTH_GROUP_CANCELS, FTH_GROUP_CANCELLED };
/* … and of one of a type of credit. */
enum { FTH_GROUP_CREDIT };

struct fth_feed_group {
    struct fth_str currency, invoice, name; /* invoice, name: empty where a record says none */
    int64_t hour_us;                        /* its start; 0: it is not by hour */
    struct fth_money amount[FTH_FEED_GROUP_AMOUNTS];
};

struct fth_feed_groups {
    struct fth_arena *arena; /* NULL: nothing was added yet */
    struct fth_map index;    /* the three names -> its place + 1 */
    struct fth_feed_group *at;
    size_t nr, room;
    struct fth_feed_group *last; /* records beside each other mostly are of one group */
    bool many;                   /* more than FTH_FEED_GROUP_MAX: they are not known */
};

/* The group of these names and this hour, made when there is none; NULL when there are too many. It
 * lives until the next call. */
enum fth_rc fth_feed_group_find(struct fth_feed_groups *groups, const struct fth_feed_group *names,
                                struct fth_feed_group **out, struct fth_err *err);
enum fth_rc fth_feed_groups_merge(struct fth_feed_groups *to, const struct fth_feed_groups *from,
                                  struct fth_err *err);
void fth_feed_groups_release(struct fth_feed_groups *groups);

#endif
