#include "app/desk_int.h"

#include "app/rates.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/rand.h"

enum { POLL_MS = 50, SESSIONS_KEPT = 64 };

/* A place, while somebody has it. The user's id lives as long as he has it. */
struct place {
    bool taken;
    struct fth_str user;
    uint64_t round;
};

/* Who waits, on his own stack; in the order of coming. */
struct waiter {
    struct waiter *next;
    struct fth_str user;
    uint64_t round;
    bool has_place;
    unsigned place;
};

/* Free sessions are kept, because a fresh one would have to learn the engine's catalogue anew. */
struct fth_desk {
    struct fth_mutex mutex;
    struct fth_cond freed;
    struct place *places;
    unsigned place_nr, taken;
    struct waiter *waiting;
    uint64_t round; /* of the last who got a place */
    struct fth_session *sessions[SESSIONS_KEPT];
    unsigned session_nr;
    struct fth_str cursor_key;
    unsigned char key_bytes[32];
};

enum fth_rc fth_desk_open(struct fth_app *app, unsigned places, struct fth_err *err)
{
    struct fth_desk *desk = fth_calloc(1, sizeof(*desk));

    if (!desk)
        return fth_err_nomem(err);
    desk->places = fth_calloc(places, sizeof(*desk->places));
    if (!desk->places) {
        fth_free(desk);
        return fth_err_nomem(err);
    }
    fth_mutex_init(&desk->mutex, FTH_LOCK_DESK);
    fth_cond_init(&desk->freed);
    desk->place_nr = places;
    /* Cursors of an earlier process are refused; the client begins again. */
    fth_rand_bytes(desk->key_bytes, sizeof(desk->key_bytes));
    desk->cursor_key = (struct fth_str){(const char *)desk->key_bytes, sizeof(desk->key_bytes)};
    app->desk = desk;
    return FTH_OK;
}

void fth_desk_close(struct fth_app *app)
{
    struct fth_desk *desk = app->desk;

    if (!desk)
        return;
    while (desk->session_nr > 0)
        fth_session_close(desk->sessions[--desk->session_nr]);
    fth_cond_release(&desk->freed);
    fth_mutex_release(&desk->mutex);
    fth_free(desk->places);
    fth_free(desk);
    app->desk = NULL;
}

/* ---- turns; all with the lock held ---- */

/*
 * Every question belongs to a round: the one that goes on now, or the one behind the last that its
 * user has a question in. The lowest round goes first, and in it who came first. So a user who asks
 * a hundred at once fills a hundred rounds, and another one's first question is in the next.
 */
static uint64_t round_of(const struct fth_desk *desk, struct fth_str user)
{
    uint64_t round = desk->round;

    for (unsigned i = 0; i < desk->place_nr; i++)
        if (desk->places[i].taken && fth_str_eq(desk->places[i].user, user) &&
            desk->places[i].round >= round)
            round = desk->places[i].round + 1;
    for (const struct waiter *w = desk->waiting; w; w = w->next)
        if (fth_str_eq(w->user, user) && w->round >= round)
            round = w->round + 1;
    return round;
}

static void join(struct fth_desk *desk, struct waiter *waiter)
{
    struct waiter **at = &desk->waiting;

    waiter->round = round_of(desk, waiter->user);
    while (*at)
        at = &(*at)->next;
    *at = waiter;
}

static void leave(struct fth_desk *desk, const struct waiter *waiter)
{
    struct waiter **at = &desk->waiting;

    while (*at && *at != waiter)
        at = &(*at)->next;
    if (*at)
        *at = waiter->next;
}

static unsigned free_place(const struct fth_desk *desk)
{
    unsigned place = 0;

    while (desk->places[place].taken)
        place++;
    return place;
}

/* Free places go to those whose turn it is. */
static void give_turns(struct fth_desk *desk)
{
    bool given = false;

    while (desk->waiting && desk->taken < desk->place_nr) {
        struct waiter *next = desk->waiting;

        for (struct waiter *w = next->next; w; w = w->next)
            if (w->round < next->round)
                next = w;
        leave(desk, next);
        next->has_place = true;
        next->place = free_place(desk);
        desk->places[next->place] =
            (struct place){.taken = true, .user = next->user, .round = next->round};
        desk->taken++;
        desk->round = next->round > desk->round ? next->round : desk->round;
        given = true;
    }
    if (given)
        fth_cond_broadcast(&desk->freed);
}

static void free_up(struct fth_desk *desk, unsigned place)
{
    desk->places[place] = (struct place){0};
    desk->taken--;
    give_turns(desk);
}

/* ---- places ---- */

/* Takes a place, and a session if one is free. */
static enum fth_rc wait_for_place(struct fth_desk *desk, struct fth_seat *seat, struct fth_str user,
                                  struct fth_err *err)
{
    struct waiter waiter = {.user = user};

    fth_mutex_lock(&desk->mutex);
    join(desk, &waiter);
    give_turns(desk);
    while (!waiter.has_place && !fth_cancel_check(seat->run.cancel, err))
        fth_cond_wait(&desk->freed, &desk->mutex, POLL_MS);
    if (!waiter.has_place) {
        leave(desk, &waiter);
    } else {
        seat->place = waiter.place;
        seat->session = desk->session_nr > 0 ? desk->sessions[--desk->session_nr] : NULL;
    }
    fth_mutex_unlock(&desk->mutex);
    return err->rc;
}

size_t fth_desk_waiting(struct fth_app *app)
{
    size_t nr = 0;

    fth_mutex_lock(&app->desk->mutex);
    for (const struct waiter *w = app->desk->waiting; w; w = w->next)
        nr++;
    fth_mutex_unlock(&app->desk->mutex);
    return nr;
}

/* Kept sessions of a file that the engine has replaced keep that file. */
void fth_desk_let_go(void *ctx)
{
    struct fth_app *app = ctx;
    struct fth_desk *desk = app->desk;
    struct fth_session *past[SESSIONS_KEPT];
    size_t nr = 0, kept = 0;

    fth_mutex_lock(&desk->mutex);
    for (size_t i = 0; i < desk->session_nr; i++) {
        if (fth_session_is_current(desk->sessions[i]))
            desk->sessions[kept++] = desk->sessions[i];
        else
            past[nr++] = desk->sessions[i];
    }
    desk->session_nr = kept;
    fth_mutex_unlock(&desk->mutex);
    for (size_t i = 0; i < nr; i++)
        fth_session_close(past[i]);
}

static void leave_place(struct fth_desk *desk, unsigned place, struct fth_session *session)
{
    fth_mutex_lock(&desk->mutex);
    if (session && fth_session_is_current(session) && desk->session_nr < SESSIONS_KEPT) {
        desk->sessions[desk->session_nr++] = session;
        session = NULL;
    }
    free_up(desk, place);
    fth_mutex_unlock(&desk->mutex);
    if (session)
        fth_session_close(session);
}

/* The sooner of what stands and now + `timeout_ms`. */
static void set_deadline(struct fth_cancel *cancel, const struct fth_clock *clock,
                         int64_t timeout_ms)
{
    int64_t deadline = fth_clock_mono_us(clock) + timeout_ms * 1000;
    int64_t stands = atomic_load(&cancel->deadline_mono_us);

    if (timeout_ms > 0 && (stands == 0 || stands > deadline))
        atomic_store(&cancel->deadline_mono_us, deadline);
}

enum fth_rc fth_desk_take(const struct fth_asked *asked, bool timed, struct fth_seat *out,
                          struct fth_err *err)
{
    struct fth_app *app = asked->app;

    *out = (struct fth_seat){.app = app};
    out->run = (struct fth_plan_run){.ledger = app->ledger,
                                     .arena = asked->arena,
                                     .cancel = asked->cancel ? asked->cancel : &out->own,
                                     .clock = &app->clock,
                                     .scope = fth_who_scope(asked->who),
                                     .scope_text = fth_who_scope_text(asked->who),
                                     .cache = app->cache,
                                     .cursor_key = app->desk->cursor_key};
    if (timed)
        set_deadline(out->run.cancel, &app->clock, app->query_timeout_ms);
    if (wait_for_place(app->desk, out, fth_who_id(asked->who), err))
        return err->rc;
    if (!out->session && fth_session_open(fth_ledger_engine(app->ledger), &out->session, err)) {
        leave_place(app->desk, out->place, NULL);
        return err->rc;
    }
    out->run.session = out->session;
    fth_metrics_add(app->metrics, FTH_GAUGE_QUERIES, 1);
    return FTH_OK;
}

enum fth_rc fth_desk_rates(const struct fth_asked *asked, const struct fth_plan *plan,
                           struct fth_seat *seat, struct fth_err *err)
{
    if (!fth_plan_currency(plan).n || fth_rates_source(asked, &seat->rates, err))
        return err->rc;
    seat->run.rates = &seat->rates;
    return FTH_OK;
}

void fth_desk_give(struct fth_seat *seat)
{
    fth_metrics_add(seat->app->metrics, FTH_GAUGE_QUERIES, -1);
    leave_place(seat->app->desk, seat->place, seat->session);
}

enum fth_rc fth_desk_look(const struct fth_asked *asked, struct fth_seat *seat,
                          struct fth_sight *out, struct fth_err *err)
{
    if (!fth_who_scope(asked->who)) {
        *seat = (struct fth_seat){.app = asked->app};
        seat->run = (struct fth_plan_run){.ledger = asked->app->ledger, .arena = asked->arena};
    } else if (fth_desk_take(asked, true, seat, err)) {
        return err->rc;
    }
    if (fth_sight_open(&seat->run, 0, out, err) && seat->session)
        fth_desk_give(seat);
    return err->rc;
}

void fth_desk_look_end(struct fth_seat *seat, struct fth_sight *sight)
{
    fth_sight_close(&seat->run, sight);
    if (seat->session)
        fth_desk_give(seat);
}

/* ---- cache ---- */

struct held {
    struct fth_cache *cache;
    struct fth_cache_entry *entry;
};

static void let_go(void *object)
{
    struct held *held = object;

    fth_cache_release(held->cache, held->entry);
}

/* The entry's bytes, held until the arena goes; false when there are none. */
static bool find(const struct fth_asked *asked, struct fth_str key, struct fth_str *out)
{
    struct held *held = FTH_NEW(asked->arena, struct held);
    struct fth_err ignored = {0};

    if (!held)
        return false;
    held->cache = asked->app->cache;
    held->entry = fth_cache_get(held->cache, key);
    if (!held->entry)
        return false;
    if (fth_arena_hook(asked->arena, let_go, held, &ignored)) {
        let_go(held);
        return false;
    }
    *out = fth_cache_bytes(held->entry);
    return true;
}

enum fth_rc fth_desk_key(const struct fth_asked *asked, struct fth_str key, struct fth_str *out,
                         struct fth_err *err)
{
    struct fth_str scope = fth_who_scope_text(asked->who);

    if (!fth_who_scope(asked->who)) {
        *out = key;
        return FTH_OK;
    }
    FTH_CHECK(scope.n > 0);
    return fth_arena_printf(asked->arena, out, err, "scope %zu " FTH_STR_F " " FTH_STR_F, scope.n,
                            FTH_STR_A(scope), FTH_STR_A(key));
}

enum fth_rc fth_desk_cached(const struct fth_asked *asked, struct fth_str key, int64_t version,
                            enum fth_rc (*work)(void *ctx, struct fth_jw *jw, struct fth_err *err),
                            void *ctx, struct fth_str *out, bool *current, struct fth_err *err)
{
    struct fth_app *app = asked->app;
    struct fth_buf buf = fth_buf_max(FTH_ANSWER_MAX);
    bool same = true;
    struct fth_jw jw;

    if (fth_desk_key(asked, key, &key, err))
        return err->rc;
    if (find(asked, key, out)) {
        fth_metrics_count(app->metrics, FTH_COUNT_CACHE_HIT, 1);
    } else {
        fth_metrics_count(app->metrics, FTH_COUNT_CACHE_MISS, 1);
        fth_jw_init(&jw, &buf);
        if (!work(ctx, &jw, err) && !fth_jw_done(&jw, err) &&
            !fth_arena_str(asked->arena, fth_buf_view(&buf), out, err)) {
            same = fth_ledger_version(app->ledger) == version;
            if (same)
                fth_cache_put(app->cache, key, *out);
            fth_metrics_set(app->metrics, FTH_GAUGE_CACHE_BYTES,
                            (int64_t)fth_cache_used(app->cache));
        }
    }
    fth_buf_release(&buf);
    if (current)
        *current = same;
    return err->rc;
}
