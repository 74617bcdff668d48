/*
 * pump: what happens, as server-sent events to everybody who listens.
 *
 * One thread serves all open streams. A stream that was away (Last-Event-ID) first gets what it
 * missed; each gets a comment every 15 seconds, so that proxies keep it and dead clients show. One
 * from the network ends after a minute or so: its client comes again with what it has seen last,
 * and is asked anew who it is, so that nobody listens on who was shut out.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_PUMP_H
#define FTH_PUMP_H

#include "api/http_server.h"
#include "app/events.h"
#include "app/metrics.h"

struct fth_pump;

/* `events` and `metrics` must outlive it. Starts no thread before the first stream. */
enum fth_rc fth_pump_new(struct fth_events *events, struct fth_metrics *metrics,
                         struct fth_pump **out, struct fth_err *err);
/* Closes all streams; later ones are refused. */
void fth_pump_stop(struct fth_pump *pump);
/* Stops, and waits for its thread. NULL is allowed. */
void fth_pump_free(struct fth_pump *pump);

/* Sends events after `after` of those topics as `reply`, which must be new: in the background when
 * its sink can be detached, else in this thread until its reader has gone or the events end. */
enum fth_rc fth_pump_serve(struct fth_pump *pump, struct fth_reply *reply,
                           const struct fth_http_request *request, uint64_t after, unsigned topics,
                           struct fth_err *err);

#endif
