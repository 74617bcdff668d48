#include "api/pump.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/clock.h"

enum {
    HEARTBEAT_MS = 15000,
    MOST_US = 60 * 1000 * 1000,
    STREAM_MAX = 256,
    SCRATCH_CAP = 128 << 20,
    EVENT_MAX = 64 << 20
};

struct listener {
    struct listener *next;
    struct fth_reply_stream *stream;
    uint64_t after;
    unsigned topics;
    int64_t until_us; /* by the clock that never jumps; 0: without end */
};

struct fth_pump {
    struct fth_events *events;
    struct fth_metrics *metrics;
    struct fth_mutex mutex;
    struct fth_arena *scratch; /* used with the lock held */
    struct listener *listeners;
    size_t listener_nr;
    pthread_t thread;
    bool has_thread, stopped;
};

enum fth_rc fth_pump_new(struct fth_events *events, struct fth_metrics *metrics,
                         struct fth_pump **out, struct fth_err *err)
{
    struct fth_pump *pump = fth_calloc(1, sizeof(*pump));

    if (!pump)
        return fth_err_nomem(err);
    pump->scratch = fth_arena_new(SCRATCH_CAP);
    if (!pump->scratch) {
        fth_free(pump);
        return fth_err_nomem(err);
    }
    pump->events = events;
    pump->metrics = metrics;
    fth_mutex_init(&pump->mutex, FTH_LOCK_PUMP);
    *out = pump;
    return FTH_OK;
}

/* JSON as our writer makes it has no line breaks, which would end the event. */
static void put_event(struct fth_buf *buf, const struct fth_event *event)
{
    FTH_CHECK(fth_str_find(event->data, '\n') == SIZE_MAX);
    fth_buf_printf(buf, "id: %" PRIu64 "\nevent: " FTH_STR_F "\ndata: ", event->id,
                   FTH_STR_A(event->name));
    fth_buf_str(buf, event->data);
    fth_buf_c(buf, "\n\n");
}

/* Pushes all that there is for this listener; false when he is to be closed. */
static bool push_news(struct fth_pump *pump, struct listener *listener)
{
    struct fth_buf buf = fth_buf_max(EVENT_MAX);
    struct fth_event event;
    struct fth_err err = {0};
    bool good = true;

    while (good && !fth_events_next(pump->events, listener->after, listener->topics, 0,
                                    pump->scratch, &event, &err)) {
        fth_buf_clear(&buf);
        put_event(&buf, &event);
        good = !buf.failed && fth_stream_push(listener->stream, fth_buf_view(&buf));
        listener->after = event.id;
        fth_arena_clear(pump->scratch);
    }
    fth_buf_release(&buf);
    return good && err.rc == FTH_E_TIMEOUT;
}

static void close_listener(struct fth_pump *pump, struct listener **at)
{
    struct listener *listener = *at;

    *at = listener->next;
    pump->listener_nr--;
    fth_metrics_add(pump->metrics, FTH_GAUGE_EVENT_READERS, -1);
    fth_stream_close(listener->stream);
    fth_free(listener);
}

static int64_t mono_us(void)
{
    const struct fth_clock clock = fth_clock_system();

    return fth_clock_mono_us(&clock);
}

static void serve_all(struct fth_pump *pump, bool heartbeat)
{
    struct listener **at = &pump->listeners;
    int64_t now_us = mono_us();

    while (*at)
        if (push_news(pump, *at) && !((*at)->until_us && (*at)->until_us <= now_us) &&
            (!heartbeat || fth_stream_push((*at)->stream, FTH_STR(": still here\n\n"))))
            at = &(*at)->next;
        else
            close_listener(pump, at);
}

static void *run(void *arg)
{
    struct fth_pump *pump = arg;
    struct fth_arena *arena = fth_arena_new(SCRATCH_CAP);
    uint64_t seen = 0;
    bool stopped = arena == NULL;

    while (!stopped) {
        struct fth_event event;
        struct fth_err err = {0};
        enum fth_rc rc =
            fth_events_next(pump->events, seen, FTH_TOPIC_ALL, HEARTBEAT_MS, arena, &event, &err);

        if (!rc)
            seen = event.id;
        fth_arena_clear(arena);
        fth_mutex_lock(&pump->mutex);
        serve_all(pump, rc == FTH_E_TIMEOUT);
        stopped = pump->stopped || rc == FTH_E_CANCELLED;
        fth_mutex_unlock(&pump->mutex);
    }
    fth_arena_free(arena);
    return NULL;
}

void fth_pump_stop(struct fth_pump *pump)
{
    fth_mutex_lock(&pump->mutex);
    pump->stopped = true;
    while (pump->listeners)
        close_listener(pump, &pump->listeners);
    fth_mutex_unlock(&pump->mutex);
    fth_events_poke(pump->events);
}

void fth_pump_free(struct fth_pump *pump)
{
    if (!pump)
        return;
    fth_pump_stop(pump);
    if (pump->has_thread)
        pthread_join(pump->thread, NULL);
    fth_arena_free(pump->scratch);
    fth_mutex_release(&pump->mutex);
    fth_free(pump);
}

/* ---- new streams ---- */

/* With the lock held. */
static enum fth_rc check_room(struct fth_pump *pump, struct fth_err *err)
{
    if (pump->stopped)
        return fth_err_set(err, FTH_E_BUSY, "the server is stopping");
    if (pump->listener_nr >= STREAM_MAX)
        return fth_err_set(err, FTH_E_BUSY, "%d event streams are open already", STREAM_MAX);
    if (!pump->has_thread && !fth_thread_start(&pump->thread, run, pump, err))
        pump->has_thread = true;
    return err->rc;
}

/* With the lock held: the reply has been started and handed over. */
static void add_listener(struct fth_pump *pump, struct listener *listener)
{
    char head[64];

    /* With its place from the start, so that it comes back to it even if nothing happened. */
    snprintf(head, sizeof(head), "id: %" PRIu64 "\nretry: 2000\n\n", listener->after);
    listener->next = pump->listeners;
    pump->listeners = listener;
    pump->listener_nr++;
    fth_metrics_add(pump->metrics, FTH_GAUGE_EVENT_READERS, 1);
    if (!fth_stream_push(listener->stream, fth_str_c(head)) || !push_news(pump, listener))
        close_listener(pump, &pump->listeners);
}

/* For a reply that stays in its thread. */
static enum fth_rc write_here(struct fth_pump *pump, struct fth_reply *reply,
                              const struct fth_http_request *request, uint64_t after,
                              unsigned topics, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(EVENT_MAX);
    struct fth_event event;

    while (!err->rc && !fth_cancel_check(request->cancel, err)) {
        struct fth_arena_mark mark = fth_arena_mark(request->arena);
        struct fth_err waited = {0};

        fth_buf_clear(&buf);
        if (!fth_events_next(pump->events, after, topics, 1000, request->arena, &event, &waited)) {
            put_event(&buf, &event);
            after = event.id;
            if (!fth_buf_done(&buf, err))
                (void)fth_reply_write(reply, fth_buf_view(&buf), err);
        } else if (waited.rc != FTH_E_TIMEOUT) {
            *err = waited;
        }
        fth_arena_rewind(request->arena, mark);
    }
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc fth_pump_serve(struct fth_pump *pump, struct fth_reply *reply,
                           const struct fth_http_request *request, uint64_t after, unsigned topics,
                           struct fth_err *err)
{
    struct listener *listener = fth_calloc(1, sizeof(*listener));

    if (!listener)
        return fth_err_nomem(err);
    fth_mutex_lock(&pump->mutex);
    if (!check_room(pump, err) && !fth_reply_start(reply, 200, err)) {
        *listener = (struct listener){
            .stream = fth_reply_detach(reply),
            .after = after,
            .topics = topics,
            .until_us = request->peer == FTH_PEER_NETWORK ? mono_us() + MOST_US : 0};
        if (listener->stream)
            add_listener(pump, listener);
    }
    fth_mutex_unlock(&pump->mutex);
    if (reply->state == FTH_REPLY_DETACHED)
        return FTH_OK;
    fth_free(listener);
    return err->rc ? err->rc : write_here(pump, reply, request, after, topics, err);
}
