#include "import/import.h"

#include <time.h>

#include "import/import_int.h"

enum { ARENA_MAX = 1 << 30, REPORT_MAX = 8 << 20 };

/* ---- progress ---- */

struct watcher {
    struct fth_run *run;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop;
};

enum { TICK_MS = 200 };

static void show(struct fth_run *run)
{
    struct fth_import_progress progress;

    pthread_mutex_lock(run->lock);
    progress = run->progress;
    if (run->feed) {
        const struct fth_feed_progress *feed = fth_import_feed_progress(run->feed);

        progress.bytes = atomic_load(&feed->bytes);
        progress.rows = atomic_load(&feed->rows);
    }
    progress.us = fth_clock_mono_us(run->request->clock) - run->began_us;
    run->progress = progress;
    pthread_mutex_unlock(run->lock);
    run->request->progress(run->request->progress_ctx, &progress);
}

static void *watch(void *arg)
{
    struct watcher *watcher = arg;
    bool stop = false;

    while (!stop) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        pthread_mutex_lock(&watcher->lock);
        if (!watcher->stop)
            pthread_cond_timedwait(&watcher->wake, &watcher->lock, &until);
        stop = watcher->stop;
        pthread_mutex_unlock(&watcher->lock);
        show(watcher->run);
    }
    return NULL;
}

static enum fth_rc watcher_start(struct watcher *watcher, struct fth_run *run, struct fth_err *err)
{
    enum fth_rc rc;

    watcher->run = run;
    pthread_mutex_init(&watcher->lock, NULL);
    pthread_cond_init(&watcher->wake, NULL);
    run->lock = &watcher->lock;
    if (!run->request->progress)
        return FTH_OK;
    rc = fth_thread_start(&watcher->thread, watch, watcher, err);
    watcher->started = !rc;
    return rc;
}

static void watcher_stop(struct watcher *watcher)
{
    if (watcher->started) {
        pthread_mutex_lock(&watcher->lock);
        watcher->stop = true;
        watcher->run->progress.step = "done";
        pthread_cond_signal(&watcher->wake);
        pthread_mutex_unlock(&watcher->lock);
        pthread_join(watcher->thread, NULL);
    }
    pthread_cond_destroy(&watcher->wake);
    pthread_mutex_destroy(&watcher->lock);
}

/* ---- the run ---- */

struct outcome {
    size_t good, refused;
    struct fth_err first; /* of the refused ones */
};

static void count(struct outcome *outcome, const struct fth_lot *lot)
{
    if (lot->status != FTH_DELIVERY_REFUSED) {
        outcome->good++;
        return;
    }
    if (!outcome->refused++)
        outcome->first = lot->err;
}

static enum fth_rc report_lots(const struct fth_run *run, const struct fth_parcel *parcel,
                               const struct fth_lot_vec *lots, struct fth_jw *jw,
                               struct outcome *outcome, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lots->nr && !rc; i++) {
        struct fth_buf one = fth_buf_max(REPORT_MAX);

        count(outcome, &lots->at[i]);
        rc = fth_lot_report(run, parcel, &lots->at[i], &one, err);
        if (!rc)
            fth_jw_raw(jw, fth_buf_view(&one));
        fth_buf_release(&one);
    }
    return rc;
}

static void begin_parcel(struct fth_run *run, size_t i)
{
    const struct fth_parcel *parcel = &run->parcels.at[i];

    pthread_mutex_lock(run->lock);
    run->began_us = fth_clock_mono_us(run->request->clock);
    run->progress = (struct fth_import_progress){.step = "reading",
                                                 .what = parcel->label.p,
                                                 .delivery = i + 1,
                                                 .delivery_nr = run->parcels.nr,
                                                 .bytes_all = parcel->bytes};
    pthread_mutex_unlock(run->lock);
}

static enum fth_rc deliver_all(struct fth_run *run, struct fth_jw *jw, struct outcome *outcome,
                               struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < run->parcels.nr && !rc; i++) {
        struct fth_lot_vec lots = fth_lot_vec_in(run->arena);
        struct fth_err why = {0};

        begin_parcel(run, i);
        rc = fth_run_deliver(run, &run->parcels.at[i], &lots, &why);
        report_lots(run, &run->parcels.at[i], &lots, jw, outcome, &why);
        if (why.rc) {
            *err = why;
            rc = why.rc;
        }
    }
    return rc;
}

static enum fth_rc conclude(const struct fth_run *run, const struct outcome *outcome,
                            struct fth_err *err)
{
    if (!outcome->refused && outcome->good)
        return FTH_OK;
    if (outcome->refused == 1 && !outcome->good) {
        *err = outcome->first;
        return err->rc;
    }
    if (outcome->refused) {
        /* Nothing was imported: the first reason stands for all. */
        fth_err_set(err, outcome->good ? FTH_E_PARTIAL : outcome->first.rc,
                    "%zu of %zu deliveries refused, the first: %s", outcome->refused,
                    outcome->refused + outcome->good, outcome->first.msg);
        if (outcome->first.hint[0])
            fth_err_hint(err, "%s", outcome->first.hint);
        return err->rc;
    }
    if (run->request->period.n && run->parcels.nr)
        return fth_err_set(err, FTH_E_NOTFOUND, "nothing of billing period " FTH_STR_F,
                           FTH_STR_A(run->request->period));
    return fth_err_set(err, FTH_E_NOTFOUND, "%s: no bill of a known kind",
                       run->request->path_nr ? run->request->paths[0] : "");
}

static void put_note(const struct fth_run *run, struct fth_jw *jw, struct fth_str note)
{
    struct fth_err ignored = {0};

    (void)fth_run_shown(run, note, &note, &ignored);
    fth_jw_str(jw, note);
}

static enum fth_rc run_it(struct fth_run *run, struct fth_buf *report, struct fth_err *err)
{
    const struct fth_import_request *request = run->request;
    struct fth_discovery found = {0};
    struct outcome outcome = {0};
    struct fth_err wrote = {0};
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, report);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "deliveries");
    fth_jw_array(&jw);
    rc = fth_discover(run->arena, request->paths, request->path_nr, request->cancel, &found, err);
    if (!rc)
        rc = fth_run_sort(run, &found, err);
    if (!rc)
        rc = deliver_all(run, &jw, &outcome, err);
    if (!rc)
        rc = conclude(run, &outcome, err);
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "notes");
    fth_jw_array(&jw);
    for (size_t i = 0; i < run->notes.nr; i++)
        put_note(run, &jw, run->notes.at[i]);
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, &wrote) && !rc) {
        *err = wrote;
        rc = wrote.rc;
    }
    return rc;
}

enum fth_rc fth_import_run(const struct fth_import_request *request, struct fth_buf *report,
                           struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(ARENA_MAX);
    struct watcher watcher = {0};
    struct fth_run run = {.request = request,
                          .arena = arena,
                          .ledger = request->ledger,
                          .db = fth_ledger_db(request->ledger),
                          .parcels = fth_parcel_vec_in(arena),
                          .notes = fth_text_vec_in(arena),
                          .mappings = fth_mapping_vec_in(arena),
                          .seen = fth_seen_vec_in(arena),
                          .began_us = fth_clock_mono_us(request->clock),
                          .progress = {.step = "reading", .what = ""}};
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = watcher_start(&watcher, &run, err);
    if (!rc)
        rc = run_it(&run, report, err);
    fth_run_shown_error(&run, err);
    watcher_stop(&watcher);
    fth_arena_free(arena);
    return rc;
}
