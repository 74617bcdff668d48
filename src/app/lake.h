/*
 * lake: the ledger of an open data directory as a folder of Parquet files, and back
 * (ledger/lake.h).
 *
 * For callers in this process only: each opens a path of the caller's choice.
 *
 * Thread rule: as the ledger's: export and restore wait for their turn as the one writer.
 */
#ifndef FTH_APP_LAKE_H
#define FTH_APP_LAKE_H

#include "app/app.h"
#include "base/thread.h"
#include "ledger/lake.h"

enum fth_rc fth_app_lake_export(struct fth_app *app, const char *dir, struct fth_cancel *cancel,
                                struct fth_lake_summary *out, struct fth_err *err);
enum fth_rc fth_app_lake_restore(struct fth_app *app, const char *dir, struct fth_cancel *cancel,
                                 struct fth_lake_summary *out, struct fth_err *err);

/* Needs no data directory: an engine of its own looks at the files, in a folder that goes. */
enum fth_rc fth_app_lake_verify(const char *dir, struct fth_cancel *cancel, struct fth_arena *arena,
                                struct fth_lake_summary *out,
                                const struct fth_lake_problem **problems, struct fth_err *err);

#endif
