#include "app/events.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/thread.h"

enum { KEPT = 1024 };

/* One event in the ring; `text` is its data and whose it is, on the heap, NULL when there was no
 * memory for it. */
struct slot {
    uint64_t id;
    enum fth_topic topic;
    const char *name;
    char *text;
    struct fth_str of, data;
};

struct fth_events {
    struct fth_mutex mutex;
    struct fth_cond news;
    struct slot slots[KEPT]; /* event n is in slot n % KEPT */
    uint64_t last;
    uint64_t pokes;
    bool shut;
};

enum fth_rc fth_events_new(struct fth_events **out, struct fth_err *err)
{
    struct fth_events *events = fth_calloc(1, sizeof(*events));

    if (!events)
        return fth_err_nomem(err);
    fth_mutex_init(&events->mutex, FTH_LOCK_EVENTS);
    fth_cond_init(&events->news);
    *out = events;
    return FTH_OK;
}

void fth_events_free(struct fth_events *events)
{
    if (!events)
        return;
    for (size_t i = 0; i < KEPT; i++)
        fth_free(events->slots[i].text);
    fth_cond_release(&events->news);
    fth_mutex_release(&events->mutex);
    fth_free(events);
}

void fth_events_publish(struct fth_events *events, enum fth_topic topic, const char *name,
                        struct fth_str of, struct fth_str data)
{
    char *text = fth_calloc(data.n + of.n + 1, 1);
    struct slot *slot;

    if (text && data.n)
        memcpy(text, data.p, data.n);
    if (text && of.n)
        memcpy(text + data.n, of.p, of.n);
    fth_mutex_lock(&events->mutex);
    slot = &events->slots[++events->last % KEPT];
    fth_free(slot->text);
    *slot = (struct slot){
        .id = events->last, .topic = topic, .name = name, .text = text, .data = {text, data.n}};
    if (of.p && text)
        slot->of = (struct fth_str){text + data.n, of.n};
    fth_cond_broadcast(&events->news);
    fth_mutex_unlock(&events->mutex);
}

uint64_t fth_events_last(struct fth_events *events)
{
    uint64_t last;

    fth_mutex_lock(&events->mutex);
    last = events->last;
    fth_mutex_unlock(&events->mutex);
    return last;
}

/* What is lost is told to all, since nobody knows any more whose it was. */
static bool is_wished(const struct slot *slot, const struct fth_events_wish *wish)
{
    return wish->topics & slot->topic &&
           (!slot->of.p || !wish->of.p || fth_str_eq(slot->of, wish->of));
}

/* With the lock held: the next slot after `after` that is wished for, or NULL; *lost says that
 * there were events in between that are not kept. */
static const struct slot *next_slot(const struct fth_events *events, uint64_t after,
                                    const struct fth_events_wish *wish, bool *lost)
{
    uint64_t first = events->last > KEPT ? events->last - KEPT + 1 : 1;

    /* A reader may bring a number of an earlier process's events. */
    *lost = after > events->last || after + 1 < first;
    for (uint64_t id = after + 1 > first ? after + 1 : first; id <= events->last; id++) {
        const struct slot *slot = &events->slots[id % KEPT];

        if (is_wished(slot, wish)) {
            *lost = *lost || !slot->text;
            return slot;
        }
    }
    return NULL;
}

static enum fth_rc copy_slot(const struct slot *slot, struct fth_arena *arena,
                             struct fth_event *out, struct fth_err *err)
{
    struct fth_event event = {.id = slot->id, .topic = slot->topic, .name = fth_str_c(slot->name)};

    if (fth_arena_str(arena, slot->data, &event.data, err))
        return err->rc;
    *out = event;
    return FTH_OK;
}

/* With the lock held: waits for news. FTH_E_TIMEOUT, FTH_E_CANCELLED. */
static enum fth_rc wait_for_news(struct fth_events *events, int64_t timeout_ms, struct fth_err *err)
{
    uint64_t pokes = events->pokes;

    if (events->shut)
        return fth_err_set(err, FTH_E_CANCELLED, "the process is stopping");
    if (timeout_ms == 0 || !fth_cond_wait(&events->news, &events->mutex, timeout_ms) ||
        pokes != events->pokes)
        return fth_err_set(err, FTH_E_TIMEOUT, "nothing happened");
    return FTH_OK;
}

enum fth_rc fth_events_next(struct fth_events *events, uint64_t after,
                            const struct fth_events_wish *wish, int64_t timeout_ms,
                            struct fth_arena *arena, struct fth_event *out, struct fth_err *err)
{
    const struct slot *slot;
    bool lost;

    fth_mutex_lock(&events->mutex);
    while (!(slot = next_slot(events, after, wish, &lost)) && !lost &&
           !wait_for_news(events, timeout_ms, err))
        ;
    if (lost)
        *out = (struct fth_event){.id = events->last,
                                  .topic = FTH_TOPIC_ALL,
                                  .name = FTH_STR("reset"),
                                  .data = FTH_STR("{}")};
    else if (slot)
        (void)copy_slot(slot, arena, out, err);
    fth_mutex_unlock(&events->mutex);
    return err->rc;
}

void fth_events_poke(struct fth_events *events)
{
    fth_mutex_lock(&events->mutex);
    events->pokes++;
    fth_cond_broadcast(&events->news);
    fth_mutex_unlock(&events->mutex);
}

void fth_events_shut(struct fth_events *events)
{
    fth_mutex_lock(&events->mutex);
    events->shut = true;
    fth_cond_broadcast(&events->news);
    fth_mutex_unlock(&events->mutex);
}
