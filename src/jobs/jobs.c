#include "jobs/jobs.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/rand.h"
#include "jobs/jobs_int.h"

enum {
    THREADS_MAX = 16,
    THREADS = 2,
    QUEUED_MAX = 100,
    ENDED_KEPT = 32,
    TELL_US = 200000,
    POLL_MS = 100,
    WRITE_TRIES = 5,
    CHECK_ARENA = 64 << 20,
    JOB_ARENA = 64 << 20
};

struct fth_jobs {
    struct fth_jobs_conf conf;
    struct fth_mutex mutex;
    struct fth_cond changed; /* a job came, ended, or it is time to close */
    struct fth_job *oldest, *youngest;
    bool closing;
    pthread_t threads[THREADS_MAX];
    unsigned thread_nr;
};

/* ---- one job ---- */

struct fth_str fth_job_id(const struct fth_job *job)
{
    return fth_str_c(job->id);
}

struct fth_job_of fth_job_of(const struct fth_job *job)
{
    return (struct fth_job_of){fth_str_c(job->user), fth_str_c(job->scope)};
}

const char *fth_job_request_id(const struct fth_job *job)
{
    return job->request_id[0] ? job->request_id : NULL;
}

struct fth_cancel *fth_job_cancel(struct fth_job *job)
{
    return &job->cancel;
}

struct fth_arena *fth_job_arena(struct fth_job *job)
{
    return job->arena;
}

static int64_t mono_us(const struct fth_jobs *jobs)
{
    return fth_clock_mono_us(jobs->conf.clock);
}

struct fth_job_info fth_job_progress_info(struct fth_job *job)
{
    return (struct fth_job_info){
        .id = fth_str_c(job->id),
        .kind = fth_str_c(job->kind->name),
        .of = {fth_str_c(job->user), fth_str_c(job->scope)},
        .phase = fth_str_c(atomic_load(&job->phase)),
        .rows_done = atomic_load(&job->rows_done),
        .rows_total = atomic_load(&job->rows_total),
        .bytes_done = atomic_load(&job->bytes_done),
        .bytes_total = atomic_load(&job->bytes_total),
        .counted_us = atomic_load(&job->counted_us),
        .created_us = job->created_us,
    };
}

static void tell(struct fth_jobs *jobs, const struct fth_job_info *info)
{
    if (jobs->conf.changed)
        jobs->conf.changed(jobs->conf.changed_ctx, info);
}

/* Result and error are left out: they may be changing under another thread's hands. */
static void tell_progress(struct fth_job *job)
{
    struct fth_job_info info = fth_job_progress_info(job);

    info.state = FTH_JOB_RUNNING;
    info.started_us = job->started_us;
    info.ran_us = mono_us(job->jobs) - job->started_mono_us;
    tell(job->jobs, &info);
}

void fth_job_phase(struct fth_job *job, const char *phase)
{
    atomic_store(&job->phase, phase);
    tell_progress(job);
}

void fth_job_progress(struct fth_job *job, int64_t rows_done, int64_t rows_total,
                      int64_t bytes_done, int64_t bytes_total, int64_t counted_us)
{
    int_fast64_t told = atomic_load(&job->told_mono_us);
    int64_t now = mono_us(job->jobs);

    atomic_store(&job->rows_done, rows_done);
    atomic_store(&job->rows_total, rows_total);
    atomic_store(&job->bytes_done, bytes_done);
    atomic_store(&job->bytes_total, bytes_total);
    atomic_store(&job->counted_us, counted_us);
    /* Of several threads that come at the same time, one tells. */
    if (now - told >= TELL_US && atomic_compare_exchange_strong(&job->told_mono_us, &told, now))
        tell_progress(job);
}

enum fth_rc fth_job_result(struct fth_job *job, struct fth_str json, struct fth_err *err)
{
    char *copy = fth_calloc(json.n + 1, 1);

    if (!copy)
        return fth_err_nomem(err);
    memcpy(copy, json.p, json.n);
    fth_free(job->result);
    job->result = copy;
    return FTH_OK;
}

static void free_job(struct fth_job *job)
{
    if (!job)
        return;
    fth_free(job->params);
    fth_free(job->user);
    fth_free(job->scope);
    fth_free(job->result);
    fth_free(job->error);
    fth_free(job);
}

static char *copy_text(struct fth_str text)
{
    char *copy = fth_calloc(text.n + 1, 1);

    if (copy && text.n)
        memcpy(copy, text.p, text.n);
    return copy;
}

static struct fth_job *new_job(struct fth_jobs *jobs, const struct fth_job_kind *kind,
                               struct fth_str params, struct fth_job_of of, const char *request_id)
{
    struct fth_job *job = fth_calloc(1, sizeof(*job));

    if (!job)
        return NULL;
    job->jobs = jobs;
    job->kind = kind;
    job->params = copy_text(params);
    job->user = copy_text(of.user);
    job->scope = copy_text(of.scope);
    if (!job->params || !job->user || !job->scope) {
        free_job(job);
        return NULL;
    }
    job->created_us = fth_clock_now_us(jobs->conf.clock);
    fth_rand_uuid7(job->created_us, job->id);
    for (size_t i = 0; request_id && request_id[i] && i < FTH_JOB_REQUEST_ID_MAX; i++)
        job->request_id[i] = request_id[i];
    atomic_store(&job->phase, "");
    atomic_store(&job->rows_total, -1);
    atomic_store(&job->bytes_total, -1);
    return job;
}

/* ---- the list; all under the lock ---- */

static struct fth_job *find(struct fth_jobs *jobs, struct fth_str id)
{
    struct fth_job *job = jobs->oldest;

    while (job && !fth_str_eq_c(id, job->id))
        job = job->next;
    return job;
}

static void append(struct fth_jobs *jobs, struct fth_job *job)
{
    if (jobs->youngest)
        jobs->youngest->next = job;
    else
        jobs->oldest = job;
    jobs->youngest = job;
}

static struct fth_job *waiting(struct fth_jobs *jobs)
{
    struct fth_job *job = jobs->oldest;

    while (job && job->taken)
        job = job->next;
    return job;
}

static size_t count(const struct fth_jobs *jobs, enum fth_job_state state)
{
    size_t nr = 0;

    for (const struct fth_job *job = jobs->oldest; job; job = job->next)
        nr += job->state == state;
    return nr;
}

/* Ended jobs are in the store; the newest of them stay here for those who ask right after. */
static void forget_some(struct fth_jobs *jobs)
{
    struct fth_job **at = &jobs->oldest, *before = NULL;
    size_t ended = 0;

    for (const struct fth_job *job = jobs->oldest; job; job = job->next)
        ended += fth_job_has_ended(job->state);
    while (*at) {
        struct fth_job *job = *at;

        if (ended > ENDED_KEPT && fth_job_has_ended(job->state) && job->refs == 0) {
            *at = job->next;
            if (jobs->youngest == job)
                jobs->youngest = before;
            free_job(job);
            ended--;
        } else {
            before = job;
            at = &job->next;
        }
    }
}

/* How it stands; texts are copied to `arena`. */
static enum fth_rc copy_info(struct fth_job *job, struct fth_arena *arena, struct fth_job_info *out,
                             struct fth_err *err)
{
    struct fth_job_info info = fth_job_progress_info(job);
    bool ended = fth_job_has_ended(job->state);
    enum fth_rc rc;

    info.state = job->state;
    info.started_us = job->started_us;
    info.finished_us = job->finished_us;
    info.ran_us =
        job->state == FTH_JOB_RUNNING ? mono_us(job->jobs) - job->started_mono_us : job->ran_us;
    rc = fth_arena_str(arena, info.id, &info.id, err);
    if (!rc)
        rc = fth_arena_str(arena, info.kind, &info.kind, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_str_c(job->params), &info.params, err);
    if (!rc)
        rc = fth_arena_str(arena, info.of.user, &info.of.user, err);
    if (!rc)
        rc = fth_arena_str(arena, info.of.scope, &info.of.scope, err);
    if (!rc && ended)
        rc = fth_arena_str(arena, fth_str_c(job->result), &info.result, err);
    if (!rc && ended)
        rc = fth_arena_str(arena, fth_str_c(job->error), &info.error, err);
    if (!rc)
        *out = info;
    return rc;
}

/* ---- ending a job that one has taken ---- */

/* The row first: who sees that a job has ended may rely on it. */
static void write_end(struct fth_jobs *jobs, const struct fth_job_info *info)
{
    struct fth_err err = {0};

    for (unsigned i = 0; i < WRITE_TRIES; i++) {
        fth_err_clear(&err);
        if (fth_job_row_finish(jobs->conf.db, info, &err) == FTH_OK)
            return;
    }
    fth_err_prefix(&err, "job %s", info->id.p);
    fth_log_err(jobs->conf.log, FTH_LOG_ERROR, "jobs", NULL, &err);
}

static enum fth_job_state state_of(enum fth_rc rc)
{
    if (rc == FTH_OK)
        return FTH_JOB_DONE;
    return rc == FTH_E_CANCELLED ? FTH_JOB_CANCELLED : FTH_JOB_FAILED;
}

static void end_job(struct fth_job *job, enum fth_rc rc, const struct fth_err *err)
{
    struct fth_jobs *jobs = job->jobs;
    struct fth_job_info info;

    if (!job->began && job->kind->dropped)
        job->kind->dropped(job->kind->ctx);
    if (rc)
        job->error = fth_job_problem(job->id, job->request_id, err);
    info = fth_job_progress_info(job);
    info.state = state_of(rc);
    info.started_us = job->started_us;
    info.finished_us = fth_clock_now_us(jobs->conf.clock);
    info.ran_us = job->started_us ? mono_us(jobs) - job->started_mono_us : 0;
    info.params = fth_str_c(job->params);
    info.result = fth_str_c(job->result);
    info.error = fth_str_c(job->error);
    write_end(jobs, &info);
    if (info.state == FTH_JOB_FAILED)
        fth_log_err(jobs->conf.log, FTH_LOG_WARN, job->kind->name, fth_job_request_id(job), err);

    fth_mutex_lock(&jobs->mutex);
    job->refs++; /* until it has been told */
    job->state = info.state;
    job->finished_us = info.finished_us;
    job->ran_us = info.ran_us;
    fth_cond_broadcast(&jobs->changed);
    fth_mutex_unlock(&jobs->mutex);

    tell(jobs, &info);
    fth_mutex_lock(&jobs->mutex);
    job->refs--;
    forget_some(jobs);
    fth_mutex_unlock(&jobs->mutex);
}

static void end_cancelled(struct fth_job *job, const char *why)
{
    struct fth_err err = {0};

    (void)fth_err_set(&err, FTH_E_CANCELLED, "%s", why);
    end_job(job, FTH_E_CANCELLED, &err);
}

/* ---- the threads ---- */

static enum fth_rc run_job(struct fth_job *job, struct fth_err *err)
{
    const struct fth_json *params = NULL;
    enum fth_rc rc;

    job->arena = fth_arena_new(job->jobs->conf.arena_cap);
    if (!job->arena)
        return fth_err_nomem(err);
    rc = fth_job_row_start(job->jobs->conf.db, job, job->started_us, err);
    if (!rc)
        tell_progress(job);
    if (!rc)
        rc = fth_json_parse(job->arena, fth_str_c(job->params), NULL, &params, err);
    if (!rc)
        rc = fth_cancel_check(&job->cancel, err);
    job->began = rc == FTH_OK;
    if (!rc)
        rc = job->kind->run(job->kind->ctx, job, params, err);
    /* The error's texts are its own, so the arena may go. */
    fth_arena_free(job->arena);
    job->arena = NULL;
    return rc;
}

static void *work(void *arg)
{
    struct fth_jobs *jobs = arg;

    fth_mutex_lock(&jobs->mutex);
    while (!jobs->closing) {
        struct fth_job *job = waiting(jobs);
        struct fth_err err = {0};
        enum fth_rc rc;

        if (!job) {
            (void)fth_cond_wait(&jobs->changed, &jobs->mutex, -1);
            continue;
        }
        job->taken = true;
        job->started_us = fth_clock_now_us(jobs->conf.clock);
        job->started_mono_us = mono_us(jobs);
        job->state = FTH_JOB_RUNNING;
        fth_mutex_unlock(&jobs->mutex);

        rc = run_job(job, &err);
        end_job(job, rc, &err);
        fth_mutex_lock(&jobs->mutex);
    }
    fth_mutex_unlock(&jobs->mutex);
    return NULL;
}

/* ---- open and close ---- */

static struct fth_jobs_conf with_defaults(struct fth_jobs_conf conf)
{
    if (conf.threads == 0)
        conf.threads = THREADS;
    if (conf.threads > THREADS_MAX)
        conf.threads = THREADS_MAX;
    if (conf.max_queued == 0)
        conf.max_queued = QUEUED_MAX;
    if (conf.arena_cap == 0)
        conf.arena_cap = JOB_ARENA;
    return conf;
}

static enum fth_rc prune(const struct fth_jobs *jobs, struct fth_err *err)
{
    int64_t keep_us = jobs->conf.keep_us;

    if (!keep_us)
        return FTH_OK;
    return fth_job_rows_prune(jobs->conf.db, fth_clock_now_us(jobs->conf.clock) - keep_us, err);
}

enum fth_rc fth_jobs_open(const struct fth_jobs_conf *conf, struct fth_jobs **out,
                          struct fth_err *err)
{
    struct fth_jobs *jobs = fth_calloc(1, sizeof(*jobs));
    enum fth_rc rc;

    if (!jobs)
        return fth_err_nomem(err);
    jobs->conf = with_defaults(*conf);
    fth_mutex_init(&jobs->mutex, FTH_LOCK_JOBS);
    fth_cond_init(&jobs->changed);
    rc = fth_job_rows_sweep(conf->db, fth_clock_now_us(conf->clock), err);
    if (!rc)
        rc = prune(jobs, err);
    while (!rc && jobs->thread_nr < jobs->conf.threads) {
        rc = fth_thread_start(&jobs->threads[jobs->thread_nr], work, jobs, err);
        jobs->thread_nr += rc == FTH_OK;
    }
    if (rc) {
        fth_jobs_close(jobs);
        return rc;
    }
    *out = jobs;
    return FTH_OK;
}

/* Takes what still waits, one after the other, and ends it. */
static void cancel_waiting(struct fth_jobs *jobs, const char *why)
{
    struct fth_job *job;

    do {
        fth_mutex_lock(&jobs->mutex);
        job = waiting(jobs);
        if (job)
            job->taken = true;
        fth_mutex_unlock(&jobs->mutex);
        if (job)
            end_cancelled(job, why);
    } while (job);
}

void fth_jobs_close(struct fth_jobs *jobs)
{
    static const char why[] = "the process is ending";

    if (!jobs)
        return;
    fth_mutex_lock(&jobs->mutex);
    jobs->closing = true;
    for (struct fth_job *job = jobs->oldest; job; job = job->next)
        fth_cancel_set(&job->cancel, why);
    fth_cond_broadcast(&jobs->changed);
    fth_mutex_unlock(&jobs->mutex);

    cancel_waiting(jobs, why);
    while (jobs->thread_nr)
        pthread_join(jobs->threads[--jobs->thread_nr], NULL);
    while (jobs->oldest) {
        struct fth_job *job = jobs->oldest;

        FTH_CHECK(job->refs == 0);
        jobs->oldest = job->next;
        free_job(job);
    }
    fth_cond_release(&jobs->changed);
    fth_mutex_release(&jobs->mutex);
    fth_free(jobs);
}

/* ---- submit ---- */

static const struct fth_job_kind *find_kind(const struct fth_jobs *jobs, const char *name)
{
    for (size_t i = 0; i < jobs->conf.kind_nr; i++)
        if (strcmp(jobs->conf.kinds[i].name, name) == 0)
            return &jobs->conf.kinds[i];
    return NULL;
}

static enum fth_rc check_params(struct fth_str params, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(CHECK_ARENA);
    const struct fth_json *json = NULL;
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_json_parse(arena, params, NULL, &json, err);
    if (rc == FTH_E_SYNTAX) {
        err->rc = FTH_E_INVALID;
        rc = FTH_E_INVALID;
    }
    if (!rc && !fth_json_is(json, FTH_JSON_OBJECT))
        rc = fth_err_set(err, FTH_E_INVALID, "a job's parameters are an object");
    fth_arena_free(arena);
    return rc;
}

/* Makes room for it in the queue; only then is it written, so that a full queue leaves no row. */
static enum fth_rc enqueue(struct fth_jobs *jobs, struct fth_job *job, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    fth_mutex_lock(&jobs->mutex);
    if (jobs->closing)
        rc = fth_err_set(err, FTH_E_BUSY, "the process is ending");
    else if (count(jobs, FTH_JOB_QUEUED) >= jobs->conf.max_queued)
        rc = fth_err_set(err, FTH_E_QUOTA, "%u jobs are waiting already", jobs->conf.max_queued);
    if (!rc) {
        job->taken = true; /* not to be run before its row is there */
        append(jobs, job);
    }
    fth_mutex_unlock(&jobs->mutex);
    return rc;
}

static void remove_job(struct fth_jobs *jobs, struct fth_job *job)
{
    struct fth_job **at = &jobs->oldest, *before = NULL;

    fth_mutex_lock(&jobs->mutex);
    while (*at != job) {
        before = *at;
        at = &(*at)->next;
    }
    *at = job->next;
    if (jobs->youngest == job)
        jobs->youngest = before;
    fth_mutex_unlock(&jobs->mutex);
    free_job(job);
}

/* Lets the threads have it; true when they will not come any more. */
static bool release(struct fth_jobs *jobs, struct fth_job *job)
{
    bool closing;

    fth_mutex_lock(&jobs->mutex);
    closing = jobs->closing;
    job->taken = closing;
    fth_cond_broadcast(&jobs->changed);
    fth_mutex_unlock(&jobs->mutex);
    return closing;
}

enum fth_rc fth_jobs_submit(struct fth_jobs *jobs, const char *kind, struct fth_str params,
                            struct fth_job_of of, const char *request_id,
                            char id[FTH_JOB_ID_LEN + 1], struct fth_err *err)
{
    const struct fth_job_kind *found = find_kind(jobs, kind);
    struct fth_err ignored = {0};
    struct fth_job_info info;
    struct fth_job *job;
    enum fth_rc rc;

    if (!found)
        return fth_err_set(err, FTH_E_INVALID, "no job of kind \"%s\"", kind);
    rc = check_params(params, err);
    if (rc)
        return rc;
    (void)prune(jobs, &ignored); /* the next one tries again */
    job = new_job(jobs, found, params, of, request_id);
    if (!job)
        return fth_err_nomem(err);
    rc = enqueue(jobs, job, err);
    if (rc) {
        free_job(job);
        return rc;
    }
    rc = fth_job_row_add(jobs->conf.db, job, err);
    if (rc) {
        remove_job(jobs, job);
        return rc;
    }
    memcpy(id, job->id, FTH_JOB_ID_LEN + 1);
    info = fth_job_progress_info(job);
    tell(jobs, &info);
    if (release(jobs, job))
        end_cancelled(job, "the process is ending");
    return FTH_OK;
}

/* ---- watching ---- */

enum fth_rc fth_jobs_get(struct fth_jobs *jobs, struct fth_arena *arena, struct fth_str id,
                         struct fth_job_info *out, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;
    struct fth_job *job;

    fth_mutex_lock(&jobs->mutex);
    job = find(jobs, id);
    if (job)
        rc = copy_info(job, arena, out, err);
    fth_mutex_unlock(&jobs->mutex);
    return job ? rc : fth_job_row_get(jobs->conf.db, arena, id, out, err);
}

enum fth_rc fth_jobs_list(struct fth_jobs *jobs, struct fth_arena *arena, size_t limit,
                          struct fth_str before, struct fth_job_of of, struct fth_job_info **out,
                          size_t *out_nr, struct fth_err *err)
{
    struct fth_job_info *infos = NULL;
    size_t nr = 0;
    enum fth_rc rc;

    if (limit > FTH_JOB_LIST_MAX)
        limit = FTH_JOB_LIST_MAX;
    rc = fth_job_row_list(jobs->conf.db, arena, limit, before, of, &infos, &nr, err);
    fth_mutex_lock(&jobs->mutex);
    for (size_t i = 0; i < nr && !rc; i++) {
        struct fth_job *job = find(jobs, infos[i].id);

        if (job)
            rc = copy_info(job, arena, &infos[i], err);
    }
    fth_mutex_unlock(&jobs->mutex);
    if (rc)
        return rc;
    *out = infos;
    *out_nr = nr;
    return FTH_OK;
}

enum fth_rc fth_jobs_cancel(struct fth_jobs *jobs, struct fth_str id, struct fth_err *err)
{
    static const char why[] = "cancelled on request";
    struct fth_arena *arena;
    struct fth_job_info info;
    struct fth_job *job;
    bool waits = false;
    enum fth_rc rc;

    fth_mutex_lock(&jobs->mutex);
    job = find(jobs, id);
    if (job && !fth_job_has_ended(job->state)) {
        waits = !job->taken;
        job->taken = true;
        fth_cancel_set(&job->cancel, why);
    }
    fth_mutex_unlock(&jobs->mutex);
    if (waits)
        end_cancelled(job, why);
    if (job)
        return FTH_OK;

    /* Not in memory: it has ended, or never was. */
    arena = fth_arena_new(CHECK_ARENA);
    if (!arena)
        return fth_err_nomem(err);
    rc = fth_job_row_get(jobs->conf.db, arena, id, &info, err);
    fth_arena_free(arena);
    return rc;
}

/* Under the lock: until it has ended, the time is over, or the caller has had enough. */
static void await(struct fth_jobs *jobs, struct fth_job *job, int64_t timeout_ms,
                  struct fth_cancel *cancel)
{
    struct fth_clock clock = fth_clock_system();
    int64_t until = fth_clock_mono_us(&clock) + timeout_ms * 1000;

    while (!fth_job_has_ended(job->state) && !fth_cancel_is_set(cancel)) {
        int64_t left = timeout_ms < 0 ? POLL_MS : (until - fth_clock_mono_us(&clock)) / 1000;

        if (left <= 0)
            break;
        (void)fth_cond_wait(&jobs->changed, &jobs->mutex, left < POLL_MS ? left : POLL_MS);
    }
}

enum fth_rc fth_jobs_wait(struct fth_jobs *jobs, struct fth_arena *arena, struct fth_str id,
                          int64_t timeout_ms, struct fth_cancel *cancel, struct fth_job_info *out,
                          struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;
    struct fth_job *job;

    fth_mutex_lock(&jobs->mutex);
    job = find(jobs, id);
    if (job) {
        job->refs++;
        await(jobs, job, timeout_ms, cancel);
        rc = copy_info(job, arena, out, err);
        job->refs--;
    }
    fth_mutex_unlock(&jobs->mutex);
    return job ? rc : fth_job_row_get(jobs->conf.db, arena, id, out, err);
}

void fth_jobs_count(struct fth_jobs *jobs, size_t *running, size_t *queued)
{
    fth_mutex_lock(&jobs->mutex);
    *running = count(jobs, FTH_JOB_RUNNING);
    *queued = count(jobs, FTH_JOB_QUEUED);
    fth_mutex_unlock(&jobs->mutex);
}
