/*
 * maintain: what keeps a data directory in shape, as a job of its own and off the path of loads:
 * delivered files are kept as they came (ledger/raw.h), small segments are merged
 * (ledger/compact.h), past ones go to the archive (ledger/archive.h),
 * the ledger's file is written anew when much of it holds nothing, and rows of the state store
 * whose time is over go (keys of requests, short links).
 *
 * It is submitted behind every import and when a server starts. Each step does what is due by the
 * settings, leaves what is not, and is made up for by the next job when this one is killed.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_MAINTAIN_H
#define FTH_MAINTAIN_H

#include "app/app.h"
#include "jobs/jobs.h"

/* Queues one, unless one waits already: then `id` is empty. FTH_E_QUOTA. */
enum fth_rc fth_maintain_submit(struct fth_app *app, struct fth_job_of of, const char *request_id,
                                char id[FTH_JOB_ID_LEN + 1], struct fth_err *err);
/* The same for what may be due behind an import, and nobody waits for: while one runs, the next is
 * queued when it ends, so that it does not hold a thread that an import could have. */
void fth_maintain_due(struct fth_app *app, const char *request_id);

#endif
