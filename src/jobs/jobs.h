/*
 * jobs: work that takes longer than a request: queued, run by threads of this process, watched.
 *
 * A job is a row of the state store; while it waits or runs, what changes quickly (phase, counts)
 * is in memory only and is written when its state changes. Ids are time-ordered. A process that
 * ends takes its jobs with it: at the next open those that had not ended are marked failed.
 *
 * Jobs that ended are forgotten after a time, looked at when jobs are opened and submitted.
 *
 * queued → running → done | failed | cancelled; queued → cancelled
 *
 * Thread rule: any thread, but for open and close. The functions of "inside a job" are called by
 * the thread that runs it, progress by any thread that works for it.
 */
#ifndef FTH_JOBS_H
#define FTH_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "state/db.h"

struct fth_jobs;
struct fth_job; /* one that runs */

enum { FTH_JOB_ID_LEN = 36 };

enum fth_job_state {
    FTH_JOB_QUEUED,
    FTH_JOB_RUNNING,
    FTH_JOB_DONE,
    FTH_JOB_FAILED,
    FTH_JOB_CANCELLED
};

/* A kind of work. `params` is the object that was submitted. FTH_E_CANCELLED ends the job as
 * cancelled, any other error as failed; a result that was set before is kept in either case. */
struct fth_job_kind {
    const char *name; /* "ingest" */
    enum fth_rc (*run)(void *ctx, struct fth_job *job, const struct fth_json *params,
                       struct fth_err *err);
    void *ctx;
    /* Called in place of run for a job that ends before it is run (cancelled while it waits, or it
     * could not be started), by whichever thread ends it and before others see that it has ended:
     * of every job that was submitted exactly one of both is called. May be NULL. */
    void (*dropped)(void *ctx);
};

/* Whose a job is: the user's id, and the scope that they had as text (auth/who.h). Both empty: the
 * owner of the data directory, who sees all. */
struct fth_job_of {
    struct fth_str user, scope;
};

/* How a job stands. */
struct fth_job_info {
    struct fth_str id, kind;
    struct fth_job_of of;
    enum fth_job_state state;
    struct fth_str phase; /* "reading", or empty */
    int64_t rows_done;    /* 0 until it says so */
    int64_t rows_total;   /* -1: not known */
    int64_t bytes_done;   /* 0 until it says so */
    int64_t bytes_total;  /* -1: not known */
    int64_t created_us;
    int64_t started_us, finished_us; /* 0: not yet */
    int64_t ran_us;        /* how long it has been running, by a clock that does not jump */
    int64_t counted_us;    /* how long rows and bytes have been counted; 0: as long as it runs */
    struct fth_str params; /* JSON */
    struct fth_str result; /* JSON object, or empty */
    struct fth_str error;  /* problem object (RFC 9457), or empty */
};

struct fth_jobs_conf {
    struct fth_db *db;
    const struct fth_clock *clock;
    struct fth_log *log; /* may be NULL */
    const struct fth_job_kind *kinds;
    size_t kind_nr;
    unsigned threads;    /* 0: 2 */
    unsigned max_queued; /* more are refused; 0: 100 */
    size_t arena_cap;    /* of fth_job_arena(); 0: 64 MiB */
    int64_t keep_us;     /* jobs that ended are forgotten after this; 0: never */
    /* Called after every change, for progress at most every 200 ms a job; may be NULL. It must not
     * call back into jobs. */
    void (*changed)(void *ctx, const struct fth_job_info *info);
    void *changed_ctx;
};

/* Marks what an earlier process left as failed and starts the threads. `conf` is copied; what it
 * points to must outlive the jobs. */
enum fth_rc fth_jobs_open(const struct fth_jobs_conf *conf, struct fth_jobs **out,
                          struct fth_err *err);
/* Cancels what runs, waits for it; what waits is marked cancelled. NULL is allowed. */
void fth_jobs_close(struct fth_jobs *jobs);

/* Queues a job; `id` gets its id and a zero byte. FTH_E_INVALID for an unknown kind or params that
 * are no JSON object; FTH_E_QUOTA when too many wait. `request_id` (may be NULL) goes to the log
 * and into its error. */
enum fth_rc fth_jobs_submit(struct fth_jobs *jobs, const char *kind, struct fth_str params,
                            struct fth_job_of of, const char *request_id,
                            char id[FTH_JOB_ID_LEN + 1], struct fth_err *err);

/* FTH_E_NOTFOUND. */
enum fth_rc fth_jobs_get(struct fth_jobs *jobs, struct fth_arena *arena, struct fth_str id,
                         struct fth_job_info *out, struct fth_err *err);

/* The newest `limit`, newest first; those before the job `before` when that is not empty; with a
 * scope in `of` only those of that user and scope. */
enum fth_rc fth_jobs_list(struct fth_jobs *jobs, struct fth_arena *arena, size_t limit,
                          struct fth_str before, struct fth_job_of of, struct fth_job_info **out,
                          size_t *out_nr, struct fth_err *err);

/* Tells a job to stop; one that has ended stays as it is. FTH_E_NOTFOUND. */
enum fth_rc fth_jobs_cancel(struct fth_jobs *jobs, struct fth_str id, struct fth_err *err);

/* Waits until it has ended, at most `timeout_ms` (negative: however long it takes); then, or when
 * the time is over or `cancel` (may be NULL) is set, gives how it stands. FTH_E_NOTFOUND. */
enum fth_rc fth_jobs_wait(struct fth_jobs *jobs, struct fth_arena *arena, struct fth_str id,
                          int64_t timeout_ms, struct fth_cancel *cancel, struct fth_job_info *out,
                          struct fth_err *err);

/* How many run and wait now. */
void fth_jobs_count(struct fth_jobs *jobs, size_t *running, size_t *queued);

bool fth_job_has_ended(enum fth_job_state state);
const char *fth_job_state_name(enum fth_job_state state);

/* The job as the API's object (schema Job). */
void fth_job_put(struct fth_jw *jw, const struct fth_job_info *info);

/* ---- inside a job ---- */

struct fth_str fth_job_id(const struct fth_job *job);
struct fth_job_of fth_job_of(const struct fth_job *job);
const char *fth_job_request_id(const struct fth_job *job); /* NULL: none */
/* To be polled, and handed down to whatever takes long. */
struct fth_cancel *fth_job_cancel(struct fth_job *job);
/* Lives as long as the job runs. */
struct fth_arena *fth_job_arena(struct fth_job *job);
/* What it does now; a literal. */
void fth_job_phase(struct fth_job *job, const char *phase);
/* Absolute counts, and for how long they have been counted: less than the job runs when it does one
 * thing after the other, and 0 for as long as it runs. -1 for a total that is not known. Cheap
 * enough to be called for every batch. */
void fth_job_progress(struct fth_job *job, int64_t rows_done, int64_t rows_total,
                      int64_t bytes_done, int64_t bytes_total, int64_t counted_us);
/* Sets the result, a JSON object; the last one counts. Copied. */
enum fth_rc fth_job_result(struct fth_job *job, struct fth_str json, struct fth_err *err);

#endif
