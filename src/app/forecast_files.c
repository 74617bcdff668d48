#include "app/forecast_files.h"

#include <string.h>

enum { THREADS_MOST = 64, HORIZON = 30, WORK_CAP = 256 << 20 };

struct crew {
    const struct fth_forecast_files *request;
    const struct fth_series_file *file;
    struct fth_forecast_row *rows;
    struct fth_arena *results; /* guarded by the lock */
    struct fth_mutex lock;
    atomic_size_t next;
    struct fth_err err; /* the first; guarded by the lock */
    atomic_bool failed;
};

/* A copy that outlives the worker's arena. */
static enum fth_rc keep(struct crew *crew, size_t i, const struct fth_forecast *made,
                        struct fth_err *err)
{
    struct fth_forecast *to = &crew->rows[i].forecast;
    struct fth_forecast_trial *trials;
    double *values;

    fth_mutex_lock(&crew->lock);
    values = FTH_NEW_ARRAY(crew->results, double, 3 * made->h);
    trials = FTH_NEW_ARRAY(crew->results, struct fth_forecast_trial, made->trial_nr);
    fth_mutex_unlock(&crew->lock);
    if (!values || !trials)
        return fth_err_nomem(err);
    memcpy(trials, made->trials, made->trial_nr * sizeof(*trials));
    *to = *made;
    to->trials = trials;
    to->past = (struct fth_forecast_past){0}; /* not kept: nobody asks */
    to->mean = memcpy(values, made->mean, made->h * sizeof(double));
    to->lo = memcpy(values + made->h, made->lo, made->h * sizeof(double));
    to->hi = memcpy(values + 2 * made->h, made->hi, made->h * sizeof(double));
    return FTH_OK;
}

static enum fth_rc forecast_one(struct crew *crew, size_t i, struct fth_arena *arena,
                                struct fth_err *err)
{
    const struct fth_series_row *row = &crew->file->at[i];
    const struct fth_forecast_files *request = crew->request;
    size_t m = request->m ? request->m : row->m;
    size_t h = request->h ? request->h : row->h ? row->h : HORIZON;
    struct fth_series series;
    struct fth_forecast made;

    if (fth_cancel_check(request->cancel, err))
        return err->rc;
    if (fth_series_set(row->y, row->n, m, row->dated, row->start, arena, &series, err) ||
        fth_forecast_make(&series, request->model, h, request->level, arena, &made, err)) {
        fth_err_prefix(err, "series \"" FTH_STR_F "\"", FTH_STR_A(row->id));
        return err->rc;
    }
    crew->rows[i].id = row->id;
    crew->rows[i].m = m;
    return keep(crew, i, &made, err);
}

static void *work(void *arg)
{
    struct crew *crew = arg;
    struct fth_arena *arena = fth_arena_new(WORK_CAP);
    struct fth_err err = {0};

    if (!arena)
        fth_err_nomem(&err);
    while (!err.rc && !atomic_load(&crew->failed)) {
        size_t i = atomic_fetch_add(&crew->next, 1);

        if (i >= crew->file->nr)
            break;
        forecast_one(crew, i, arena, &err);
        fth_arena_clear(arena);
    }
    fth_arena_free(arena);
    if (err.rc) {
        atomic_store(&crew->failed, true);
        fth_mutex_lock(&crew->lock);
        if (!crew->err.rc)
            crew->err = err;
        fth_mutex_unlock(&crew->lock);
    }
    return NULL;
}

static unsigned threads_of(const struct fth_forecast_files *request, size_t series)
{
    size_t nr = request->threads ? request->threads : fth_cores();

    nr = nr < series ? nr : series;
    return (unsigned)(nr < THREADS_MOST ? nr : THREADS_MOST);
}

/* This thread works, too. */
static enum fth_rc run(struct crew *crew, struct fth_err *err)
{
    unsigned nr = threads_of(crew->request, crew->file->nr), started = 0;
    pthread_t threads[THREADS_MOST];
    struct fth_err start = {0};

    while (started + 1 < nr && !fth_thread_start(&threads[started], work, crew, &start))
        started++;
    work(crew);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (crew->err.rc)
        *err = crew->err;
    return err->rc;
}

enum fth_rc fth_forecast_files(const struct fth_forecast_files *request, struct fth_arena *arena,
                               const struct fth_forecast_row **out, size_t *nr, struct fth_err *err)
{
    struct fth_series_file file;
    struct crew crew = {.request = request, .file = &file, .results = arena};

    if (fth_forecast_check(request->model, err) ||
        fth_series_file_read(request->path, request->meta, arena, &file, err))
        return err->rc;
    crew.rows = FTH_NEW_ARRAY(arena, struct fth_forecast_row, file.nr);
    if (!crew.rows)
        return fth_err_nomem(err);
    fth_mutex_init(&crew.lock, FTH_LOCK_FORECAST);
    if (!run(&crew, err)) {
        *out = crew.rows;
        *nr = file.nr;
    }
    fth_mutex_release(&crew.lock);
    return err->rc;
}
