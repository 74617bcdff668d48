/* One more tick than the window has is counted: a window that begins within a tick reaches into the
 * one behind its sixtieth. An exact log of every grant would need as much memory as the rule
 * grants; a leaky bucket (GCRA) grants twice as much in a window that begins when it is full. */
#include "base/quota.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/rand.h"
#include "base/thread.h"

enum { TICKS = 60, SLOTS = TICKS + 1, WAYS = 8 };

struct cell {
    char caller[FTH_QUOTA_CALLER_MAX];
    uint8_t rule, caller_len;
    int64_t tick;         /* the latest that is counted; 0: a free cell */
    int64_t seen_us;      /* when it was asked about last */
    uint32_t used[SLOTS]; /* by tick modulo SLOTS */
    uint32_t sum;
};

struct fth_quota {
    struct fth_clock clock;
    uint64_t seed; /* nobody chooses names that crowd one set */
    size_t set_nr;
    struct cell *cells;
    struct fth_mutex mutex;
};

enum fth_rc fth_quota_new(const struct fth_clock *clock, size_t callers, struct fth_quota **out,
                          struct fth_err *err)
{
    struct fth_quota *quota = fth_calloc(1, sizeof(*quota));

    if (!quota)
        return fth_err_nomem(err);
    quota->clock = *clock;
    quota->seed = fth_rand_seed();
    quota->set_nr = (callers + WAYS - 1) / WAYS;
    quota->cells = fth_calloc(quota->set_nr * WAYS, sizeof(*quota->cells));
    if (!quota->cells) {
        fth_free(quota);
        return fth_err_nomem(err);
    }
    fth_mutex_init(&quota->mutex, FTH_LOCK_QUOTA);
    *out = quota;
    return FTH_OK;
}

void fth_quota_free(struct fth_quota *quota)
{
    if (!quota)
        return;
    fth_mutex_release(&quota->mutex);
    fth_free(quota->cells);
    fth_free(quota);
}

static bool is_of(const struct cell *cell, uint8_t rule, struct fth_str caller)
{
    return cell->tick != 0 && cell->rule == rule &&
           fth_str_eq((struct fth_str){cell->caller, cell->caller_len}, caller);
}

/* That of the caller, or the one that gives way, emptied. */
static struct cell *cell_of(struct fth_quota *quota, uint8_t rule, struct fth_str caller)
{
    uint64_t hash = fth_str_hash(caller, quota->seed + rule);
    struct cell *set = &quota->cells[hash % quota->set_nr * WAYS], *stalest = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (is_of(&set[i], rule, caller))
            return &set[i];
        if (set[i].seen_us < stalest->seen_us)
            stalest = &set[i];
    }
    *stalest = (struct cell){.rule = rule, .caller_len = (uint8_t)caller.n};
    memcpy(stalest->caller, caller.p, caller.n);
    return stalest;
}

/* Forgets what has left the window when `tick` has begun. */
static void advance(struct cell *cell, int64_t tick)
{
    if (tick - cell->tick >= SLOTS) {
        memset(cell->used, 0, sizeof(cell->used));
        cell->sum = 0;
    } else {
        for (int64_t t = cell->tick + 1; t <= tick; t++) {
            cell->sum -= cell->used[t % SLOTS];
            cell->used[t % SLOTS] = 0;
        }
    }
    cell->tick = tick;
}

/* Seconds until at least `wanted` units have left the window, 0 when no tick has any. */
static uint32_t seconds_until(const struct cell *cell, uint32_t wanted, int64_t tick_us,
                              int64_t now_us)
{
    uint32_t freed = 0;

    for (int64_t t = cell->tick - TICKS; t <= cell->tick; t++) {
        uint32_t used = t < 0 ? 0 : cell->used[t % SLOTS];

        freed += used;
        if (used > 0 && freed >= wanted)
            return (uint32_t)(((t + SLOTS) * tick_us - now_us + 999999) / 1000000);
    }
    return 0;
}

static struct fth_quota_state take(struct cell *cell, const struct fth_quota_rule *rule,
                                   uint32_t cost, int64_t tick_us, int64_t now_us)
{
    struct fth_quota_state state = {.granted = cell->sum + cost <= rule->most};

    if (state.granted) {
        cell->used[cell->tick % SLOTS] += cost;
        cell->sum += cost;
    } else {
        state.retry_s = seconds_until(cell, cell->sum + cost - rule->most, tick_us, now_us);
    }
    state.left = rule->most - cell->sum;
    state.reset_s = cell->sum ? seconds_until(cell, 1, tick_us, now_us) : rule->window_s;
    return state;
}

struct fth_quota_state fth_quota_take(struct fth_quota *quota, const struct fth_quota_rule *rule,
                                      struct fth_str caller, uint32_t cost)
{
    int64_t tick_us = ((int64_t)rule->window_s * 1000000 + TICKS - 1) / TICKS, now_us;
    struct fth_quota_state state;
    struct cell *cell;

    FTH_CHECK(rule->most > 0 && rule->window_s > 0);
    caller = fth_str_sub(caller, 0, FTH_QUOTA_CALLER_MAX);
    fth_mutex_lock(&quota->mutex);
    /* A free cell is one at 0, and time begins behind it. */
    now_us = fth_clock_mono_us(&quota->clock) + tick_us;
    cell = cell_of(quota, rule->id, caller);
    advance(cell, now_us / tick_us);
    cell->seen_us = now_us;
    state = take(cell, rule, cost < rule->most ? cost : rule->most, tick_us, now_us);
    fth_mutex_unlock(&quota->mutex);
    return state;
}
