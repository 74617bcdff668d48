/*
 * jobs_int: a job in memory. Private to this folder.
 *
 * Who has taken a job (a thread of the pool, or the one that cancels it while it waits) may read
 * and write its result and error; others read them under the lock, and they are only there once the
 * state says that it has ended.
 */
#ifndef FTH_JOBS_INT_H
#define FTH_JOBS_INT_H

#include <stdatomic.h>

#include "jobs/jobs.h"

enum { FTH_JOB_REQUEST_ID_MAX = 64, FTH_JOB_LIST_MAX = 10000 };

struct fth_job {
    struct fth_jobs *jobs;
    const struct fth_job_kind *kind;
    char id[FTH_JOB_ID_LEN + 1];
    char request_id[FTH_JOB_REQUEST_ID_MAX + 1];
    char *params;
    char *user, *scope; /* whose it is */
    int64_t created_us;
    struct fth_cancel cancel;
    struct fth_arena *arena;

    /* Under the lock of the jobs. */
    struct fth_job *next; /* younger */
    enum fth_job_state state;
    bool taken;    /* somebody runs or ends it */
    unsigned refs; /* who waits for it */
    int64_t started_us, finished_us, started_mono_us, ran_us;

    /* Of who has taken it. */
    bool began; /* run() was called */
    char *result, *error;

    /* Of any thread that works for it. */
    _Atomic(const char *) phase;
    atomic_int_fast64_t rows_done, rows_total, bytes_done, bytes_total, counted_us;
    atomic_int_fast64_t told_mono_us;
};

/* The numbers and the phase; the caller fills state, times, result and error. */
struct fth_job_info fth_job_progress_info(struct fth_job *job);

/* ---- rows ---- */

enum fth_rc fth_job_row_add(struct fth_db *db, const struct fth_job *job, struct fth_err *err);
enum fth_rc fth_job_row_start(struct fth_db *db, const struct fth_job *job, int64_t now_us,
                              struct fth_err *err);
enum fth_rc fth_job_row_finish(struct fth_db *db, const struct fth_job_info *info,
                               struct fth_err *err);
enum fth_rc fth_job_row_get(struct fth_db *db, struct fth_arena *arena, struct fth_str id,
                            struct fth_job_info *out, struct fth_err *err);
enum fth_rc fth_job_row_list(struct fth_db *db, struct fth_arena *arena, size_t limit,
                             struct fth_str before, struct fth_job_of of, struct fth_job_info **out,
                             size_t *out_nr, struct fth_err *err);
/* Marks what an earlier process left as failed. */
enum fth_rc fth_job_rows_sweep(struct fth_db *db, int64_t now_us, struct fth_err *err);
/* Forgets those that ended before that. */
enum fth_rc fth_job_rows_prune(struct fth_db *db, int64_t before_us, struct fth_err *err);

/* An error as a problem object on the heap; NULL without memory. `request_id` may be empty: then
 * the job's id stands for it. */
char *fth_job_problem(const char *id, const char *request_id, const struct fth_err *problem);

#endif
