/*
 * detect_files: finds the anomalies in every series of a file, several at a time.
 *
 * Thread rule: one call by one thread; it starts threads of its own and joins them.
 */
#ifndef FTH_APP_DETECT_FILES_H
#define FTH_APP_DETECT_FILES_H

#include "app/series_file.h"
#include "base/thread.h"
#include "detect/detect.h"

struct fth_detect_files {
    const char *path;                /* fth_series_file_read_costs() */
    double false_alarms;             /* a series and year */
    unsigned threads;                /* 0: one a core */
    const struct fth_cancel *cancel; /* may be NULL */
};

struct fth_detect_row {
    const struct fth_series_row *series;
    struct fth_detection detection;
};

/*
 * Results in the order of the file; they live as long as the arena. What
 * fth_series_file_read_costs() gives; FTH_E_INVALID: false_alarms out of bounds, a cost that is too
 * large (its series is named); FTH_E_CANCELLED, FTH_E_TIMEOUT, FTH_E_NOMEM.
 */
enum fth_rc fth_detect_files(const struct fth_detect_files *request, struct fth_arena *arena,
                             const struct fth_detect_row **out, size_t *nr, struct fth_err *err);

#endif
