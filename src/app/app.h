/*
 * app: the open data directory, and one function per thing that a person can do with it.
 *
 * One process owns a directory: it holds DIR/farthing.lock for as long as it has it open, and
 * answers on DIR/farthing.sock. The layout below DIR is that of the contract: ledger/, state.db,
 * archive/, tmp/.
 *
 * The functions of the other headers of this folder (costs.h, sources.h, uploads.h, …) are the use
 * cases; the API and the command line call nothing else.
 *
 * Thread rule: opening and closing by one thread, all else by any.
 */
#ifndef FTH_APP_H
#define FTH_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/people.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

struct fth_app;
struct fth_db;
struct fth_jobs;
struct fth_ledger;
struct fth_events;
struct fth_metrics;
struct fth_people;
struct fth_cancel;

/* The standing monitors (app/anomalies.h). Amounts are whole units of a case's currency. */
struct fth_anomaly_conf {
    bool after_import;              /* a server runs them behind imports by itself */
    double false_alarms;            /* a series and year that are borne */
    int64_t min_impact;             /* of a case */
    size_t series_most;             /* that are watched */
    int32_t days;                   /* what was over so long ago opens no case */
    int64_t medium, high, critical; /* impact of a day from which a case is so severe */
};

struct fth_app_conf {
    const char *state_url;   /* NULL: "sqlite:DIR/state.db" */
    uint64_t ledger_memory;  /* bytes; 0: the engine's default */
    uint64_t ledger_temp;    /* bytes; 0: the engine's default */
    unsigned ledger_threads; /* 0: one a core */
    const char *const *hot_tags;
    size_t hot_tag_nr;
    unsigned query_concurrency;    /* heavy queries at once; 0: one a core, at least two */
    int64_t query_timeout_ms;      /* 0: never */
    int64_t job_keep_days;         /* jobs that ended are forgotten after this; 0: never */
    bool raw_keep;                 /* delivered files are kept as they came … */
    int64_t raw_keep_days;         /* … for so long; 0: always */
    size_t compact_segments;       /* a period with so many small segments is merged; 0: never */
    unsigned compact_free_percent; /* of the ledger file, then it is written anew; 0: never */
    int64_t compact_free_bytes;    /* and at least so much */
    int64_t archive_keep_days;     /* replaced charges are forgotten after this; 0: never */
    int64_t rate_max_age_days;     /* an exchange rate serves so many days after its own */
    size_t cache_bytes;            /* of the result cache; 0: none */
    struct fth_anomaly_conf anomalies;
    enum fth_login login; /* must people sign in? */
    enum fth_password_cost password_cost;
    enum fth_log_level log_level;
    int log_fd; /* -1: no log */
    struct fth_clock clock;
};

/* The system's clock, log at info to stderr, cache of 64 MiB, time-out of two minutes. */
struct fth_app_conf fth_app_conf_default(void);

/* Makes DIR when it is missing, takes its lock, opens and migrates the state, opens the ledger.
 * FTH_E_BUSY when another process owns it; FTH_E_UNSUPPORTED when it was written by a newer
 * program; FTH_E_CORRUPT, FTH_E_IO, FTH_E_NOMEM. `dir` is copied, `conf` is not kept. */
enum fth_rc fth_app_open(const char *dir, const struct fth_app_conf *conf, struct fth_app **out,
                         struct fth_err *err);
/* Cancels jobs, waits for them, closes everything. NULL is allowed. */
void fth_app_close(struct fth_app *app);

const char *fth_app_dir(const struct fth_app *app);
const struct fth_clock *fth_app_clock(const struct fth_app *app);
struct fth_log *fth_app_log(const struct fth_app *app);
struct fth_metrics *fth_app_metrics(struct fth_app *app);
struct fth_events *fth_app_events(struct fth_app *app);
struct fth_db *fth_app_db(struct fth_app *app);
struct fth_jobs *fth_app_jobs(struct fth_app *app);
struct fth_people *fth_app_people(struct fth_app *app);

/* Is everything that answers need open and willing? Says what is not. */
enum fth_rc fth_app_ready(struct fth_app *app, struct fth_err *err);

struct fth_app_version {
    const char *version; /* of the program, "0.1.0" */
    const char *engine;  /* "duckdb 1.5.6" */
    const char *state;   /* "sqlite" or "postgresql" */
    int schema_version;  /* of the state store */
};
struct fth_app_version fth_app_version(const struct fth_app *app);

/* The version of the program, without opening anything. */
const char *fth_version(void);

#endif
