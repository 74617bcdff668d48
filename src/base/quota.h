/*
 * quota: how much each of many callers has used of what they may use in a window of time.
 *
 * The window slides in ticks of a sixtieth of it. In no window of its length is ever more granted
 * than the rule says; who keeps to that in any 61/60 of the window is never refused. What is
 * refused counts for nothing.
 *
 * Memory is bounded: a table of fixed size, in which of eight places that a caller could have the
 * one that was used the longest time ago gives way. Who gave way begins anew.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_QUOTA_H
#define FTH_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct fth_quota;

/* Callers longer than that are told apart by their first bytes. */
enum { FTH_QUOTA_CALLER_MAX = 63 };

struct fth_quota_rule {
    uint8_t id;        /* callers of different rules are different */
    uint32_t most;     /* units in any window; more than 0 */
    uint32_t window_s; /* at least 1 */
};

struct fth_quota_state {
    bool granted;
    uint32_t left;    /* units that could be had now */
    uint32_t reset_s; /* until there are more again; the window when nothing is used */
    uint32_t retry_s; /* until what was refused would be granted; 0 when it was granted */
};

/* For about `callers` of them at once. `clock` must outlive it. FTH_E_NOMEM. */
enum fth_rc fth_quota_new(const struct fth_clock *clock, size_t callers, struct fth_quota **out,
                          struct fth_err *err);
void fth_quota_free(struct fth_quota *quota); /* NULL is allowed */

/* Takes `cost` units for `caller`, or refuses. What costs more than there ever is costs all of it.
 */
struct fth_quota_state fth_quota_take(struct fth_quota *quota, const struct fth_quota_rule *rule,
                                      struct fth_str caller, uint32_t cost);

#endif
