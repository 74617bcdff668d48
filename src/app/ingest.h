/*
 * ingest: imports as jobs.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_INGEST_H
#define FTH_INGEST_H

#include "app/costs.h"
#include "base/json.h"
#include "jobs/jobs.h"

/* Submits an import, which is written down as the caller's (delivery.import) unless it is a dry
 * run. `params` is a checked JobRequest of docs/ref/openapi.json. `may_open` says whether its
 * "paths" may be opened: only for callers who own the data directory, FTH_E_DENIED for others.
 * FTH_E_USAGE without anything to import, FTH_E_NOTFOUND for an upload that is not there,
 * FTH_E_QUOTA. */
enum fth_rc fth_ingest_submit(const struct fth_asked *asked, const struct fth_json *params,
                              bool may_open, const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                              struct fth_err *err);

#endif
