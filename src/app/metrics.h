/*
 * metrics: counters and histograms in memory, written out as Prometheus reads them.
 *
 * Names and units are those of docs/ref/metrics.md. Operations are the operationIds of the API, so
 * their number is bounded by the program, not by its callers.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_METRICS_H
#define FTH_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct fth_metrics;

enum fth_counter {
    FTH_COUNT_CACHE_HIT,    /* answers from the result cache */
    FTH_COUNT_CACHE_MISS,   /* answers that were worked out */
    FTH_COUNT_NOT_MODIFIED, /* 304: not even looked up */
    FTH_COUNT_UPLOAD_BYTES,
    FTH_COUNT_IMPORT_DONE,
    FTH_COUNT_IMPORT_FAILED,
    FTH_COUNT_IMPORT_ROWS,
    FTH_COUNT_LIMITED, /* requests over a limit: one counter for each row of limit.def, in its order
                        */
    FTH_COUNT_LIMITED_BEFORE = FTH_COUNT_LIMITED - 1,
#define FTH_LIMIT(id, name, window_s, by, what) FTH_COUNT_LIMITED_##id,
#include "app/limit.def"
#undef FTH_LIMIT
    FTH_COUNTER_NR
};

enum fth_gauge {
    FTH_GAUGE_IN_FLIGHT,     /* requests being read, run or sent */
    FTH_GAUGE_QUERIES,       /* heavy queries that run */
    FTH_GAUGE_EVENT_READERS, /* open event streams */
    FTH_GAUGE_CACHE_BYTES,
    FTH_GAUGE_LEDGER_VERSION,
    FTH_GAUGE_NR
};

enum fth_rc fth_metrics_new(struct fth_metrics **out, struct fth_err *err);
void fth_metrics_free(struct fth_metrics *metrics);

void fth_metrics_count(struct fth_metrics *metrics, enum fth_counter counter, int64_t by);
void fth_metrics_add(struct fth_metrics *metrics, enum fth_gauge gauge, int64_t by);
void fth_metrics_set(struct fth_metrics *metrics, enum fth_gauge gauge, int64_t value);

/* A request that is over. `operation` is a literal that outlives the metrics. */
void fth_metrics_request(struct fth_metrics *metrics, const char *operation, int status,
                         int64_t duration_us);

/* Everything, with process_resident_memory_bytes and process_cpu_seconds_total of now, in text
 * exposition format 0.0.4. */
void fth_metrics_put(struct fth_metrics *metrics, struct fth_buf *buf);

#endif
