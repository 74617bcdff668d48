/*
 * own: what a caller with a scope sees of what people have made: his own alone, made in this scope.
 *
 * Jobs tell of charges by their files, parameters and errors, and a scope may have been wider when
 * a job was started. Without a scope a caller sees all.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_OWN_H
#define FTH_OWN_H

#include "app/costs.h"
#include "jobs/jobs.h"

/* Whose jobs they are that the caller starts and sees. */
struct fth_job_of fth_own_jobs(const struct fth_asked *asked);

/* FTH_E_NOTFOUND when there is no such job, or the caller may not know of it. */
enum fth_rc fth_own_job(const struct fth_asked *asked, struct fth_str id, struct fth_err *err);

/* Which events he gets beside everybody's (struct fth_events_wish); p NULL: all. */
enum fth_rc fth_own_events(struct fth_arena *arena, struct fth_job_of of, struct fth_str *out,
                           struct fth_err *err);

#endif
