/* app_int: what the parts of the application share. Nobody outside of this folder includes it. */
#ifndef FTH_APP_INT_H
#define FTH_APP_INT_H

#include "app/app.h"
#include "app/events.h"
#include "app/metrics.h"
#include "base/cache.h"
#include "base/json.h"
#include "base/thread.h"
#include "jobs/jobs.h"
#include "ledger/ledger.h"
#include "ledger/raw.h"
#include "state/db.h"

struct fth_desk;

struct fth_app {
    char *dir;
    int lock_fd;
    struct fth_clock clock;
    struct fth_log *log;
    struct fth_db *db;
    struct fth_ledger *ledger;
    struct fth_jobs *jobs;
    struct fth_job_kind job_kinds[5]; /* for as long as the jobs are open */
    struct fth_desk *desk;
    struct fth_events *events;
    struct fth_metrics *metrics;
    struct fth_people *people;
    struct fth_cache *cache;
    int schema_version;
    int64_t query_timeout_ms;
    int rate_max_age_days;
    int64_t told_version; /* of the ledger, that the events have told last; guarded by `mutex` */
    unsigned compact_free_percent; /* 0: never */
    int64_t compact_free_bytes;
    int64_t archive_keep_us; /* 0: always */
    size_t compact_segments; /* 0: never */
    struct fth_raw raw;
    char *raw_dir;
    struct fth_mutex mutex;
    struct fth_cond maintained; /* with `mutex`: */
    bool maintaining;           /* a job does it; another waits */
    bool to_maintain;           /* one is queued */
    bool maintain_again;        /* something came due while one runs */
    struct fth_anomaly_conf anomalies;
    bool watches;      /* it serves: the monitors run behind imports; with `mutex`, too: */
    bool detecting;    /* a job does it */
    bool to_detect;    /* one is queued */
    bool detect_again; /* something came due while one runs */
};

/* Tells everybody when the ledger has a new version. */
void fth_app_ledger_moved(struct fth_app *app);

/* A source by name or id. FTH_E_NOTFOUND with the nearest name. */
struct fth_source;
enum fth_rc fth_source_named(struct fth_app *app, struct fth_arena *arena, struct fth_str name,
                             struct fth_source *out, struct fth_err *err);

/* Could this be the id of an upload or a job? (It is the name of a folder, then.) */
bool fth_app_is_id(struct fth_str id);

/* The kinds of jobs; `ctx` is the application. */
enum fth_rc fth_ingest_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                           struct fth_err *err);
enum fth_rc fth_focus_export_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                                 struct fth_err *err);
enum fth_rc fth_focus_validate_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                                   struct fth_err *err);

/* The job kind "detect"; `ctx` is the application. */
enum fth_rc fth_anomalies_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                              struct fth_err *err);
void fth_anomalies_dropped(void *ctx);

/* The job kind "maintain"; `ctx` is the application. */
enum fth_rc fth_maintain_run(void *ctx, struct fth_job *job, const struct fth_json *params,
                             struct fth_err *err);
void fth_maintain_dropped(void *ctx);

#endif
