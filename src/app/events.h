/*
 * events: what happens, as numbered events in memory that readers follow.
 *
 * The last 1,024 events are kept, so that a reader who was away for a moment misses nothing; one
 * who was away longer is told so by the first event he gets ("reset").
 *
 * Thread rule: any thread.
 */
#ifndef FTH_EVENTS_H
#define FTH_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct fth_events;

enum fth_topic {
    FTH_TOPIC_JOBS = 1,
    FTH_TOPIC_LEDGER = 2,
    FTH_TOPIC_ANOMALIES = 4,
    FTH_TOPIC_ALL = 7
};

struct fth_event {
    uint64_t id; /* counts from 1, over all topics */
    enum fth_topic topic;
    struct fth_str name; /* "job", "ledger", "anomaly.opened", "anomaly.changed", "reset" */
    struct fth_str data; /* JSON */
};

enum fth_rc fth_events_new(struct fth_events **out, struct fth_err *err);
void fth_events_free(struct fth_events *events);

/* Adds an event; its texts are copied. `of` says whose it is: readers of other things do not get
 * it; p NULL: everybody's. What does not fit into memory is lost, and readers get "reset". */
void fth_events_publish(struct fth_events *events, enum fth_topic topic, const char *name,
                        struct fth_str of, struct fth_str data);

/* The number of the newest event, 0 when there was none. */
uint64_t fth_events_last(struct fth_events *events);

/* Which events somebody follows. */
struct fth_events_wish {
    unsigned topics;
    struct fth_str of; /* everybody's events and those of this; p NULL: all */
};

/*
 * The next event after `after` that is wished for, copied to `arena`; waits at most
 * `timeout_ms` (0: not at all). FTH_E_TIMEOUT when none came; FTH_E_CANCELLED when the events are
 * being closed.
 */
enum fth_rc fth_events_next(struct fth_events *events, uint64_t after,
                            const struct fth_events_wish *wish, int64_t timeout_ms,
                            struct fth_arena *arena, struct fth_event *out, struct fth_err *err);

/* Wakes all who wait, as if their time were over. */
void fth_events_poke(struct fth_events *events);

/* Wakes all who wait; they end with FTH_E_CANCELLED from then on. */
void fth_events_shut(struct fth_events *events);

#endif
