/* app_int: what the parts of the application share. Nobody outside of this folder includes it. */
#ifndef FTH_APP_INT_H
#define FTH_APP_INT_H

#include "app/app.h"
#include "app/cache.h"
#include "app/events.h"
#include "app/metrics.h"
#include "base/thread.h"
#include "state/db.h"

struct fth_app {
    char *dir;
    int lock_fd;
    struct fth_clock clock;
    struct fth_log *log;
    struct fth_db *db;
    struct fth_events *events;
    struct fth_metrics *metrics;
    struct fth_cache *cache;
    int schema_version;
    int64_t query_timeout_ms;
};

#endif
