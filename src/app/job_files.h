/*
 * job_files: files that a job leaves for whoever asked for it, under DIR/tmp/jobs/ID.
 *
 * They are there until they are dropped, until FTH_JOB_FOLDERS later jobs have left theirs, until
 * all of them together take more than FTH_JOB_BYTES and a later job begins, or until the directory
 * is opened again.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_JOB_FILES_H
#define FTH_JOB_FILES_H

#include "app/app.h"
#include "base/arena.h"
#include "jobs/jobs.h"

enum { FTH_JOB_FOLDERS = 16 };
#define FTH_JOB_BYTES (INT64_C(4) << 30)

/* The folder of a job that runs, made empty; the oldest of others that ended go, but never the
 * newest for its size. */
enum fth_rc fth_job_folder_make(struct fth_app *app, const struct fth_job *job,
                                struct fth_arena *arena, const char **out, struct fth_err *err);
/* With all that is in it; nothing there is fine. FTH_E_NOTFOUND for what is no id. */
enum fth_rc fth_job_folder_drop(struct fth_app *app, struct fth_str id, struct fth_err *err);

/* The path of a file in the folder of a job; `name` may have one folder in front. FTH_E_NOTFOUND.
 */
enum fth_rc fth_job_file_path(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                              struct fth_str name, const char **out, struct fth_err *err);

#endif
