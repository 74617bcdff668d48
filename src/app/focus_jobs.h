/*
 * focus_jobs: FOCUS as jobs: charges of the ledger as files, and what is wrong with files that were
 * uploaded. What they make is left as files of the job (job_files.h), the result says which.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_FOCUS_JOBS_H
#define FTH_FOCUS_JOBS_H

#include "app/costs.h"
#include "base/json.h"
#include "jobs/jobs.h"

/* `params` is a checked FocusExportRequest of docs/ref/openapi.json. FTH_E_USAGE for a range that
 * is empty, FTH_E_QUOTA. The job's files are an export's (focus/folder.h).
 * It holds what its caller may see. */
enum fth_rc fth_focus_export_submit(const struct fth_asked *asked, const struct fth_json *params,
                                    const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                                    struct fth_err *err);

/* `params` is a checked FocusValidationRequest. FTH_E_NOTFOUND for an upload that is not there,
 * FTH_E_QUOTA. Uploads go when the job has ended. Its files are report.json, report.xml (JUnit) and
 * report.html. */
enum fth_rc fth_focus_validate_submit(const struct fth_asked *asked, const struct fth_json *params,
                                      const char *request_id, char id[FTH_JOB_ID_LEN + 1],
                                      struct fth_err *err);

#endif
