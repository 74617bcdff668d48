/*
 * raw: the files of deliveries as they came, kept by their hash.
 *
 *   DIR/ab/<sha256>       gzip, zstd or Parquet, as it was delivered
 *   DIR/ab/<sha256>.zst   anything else, packed
 *   DIR/incoming/         uploads whose import has ended, until they are kept
 *
 * A load does not wait for it: what is to be kept is what the catalogue has files of and no row of
 * raw_file, so that a copy that was killed, or found the disk full, is made by the next run. A file
 * that was changed or taken away before it could be copied is noted as missed, with the reason.
 *
 * Thread rule: one fth_raw_keep() at a time; all else by any thread.
 */
#ifndef FTH_RAW_H
#define FTH_RAW_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/thread.h"
#include "state/db.h"

struct fth_raw {
    const char *dir;
    struct fth_db *db;
    const struct fth_clock *clock;
    struct fth_log *log; /* may be NULL */
    bool keep;           /* false: nothing new is kept */
    int64_t keep_us;     /* so long after the last delivery that had it; 0: always */
};

/* What a run did. */
struct fth_raw_kept {
    int64_t files, bytes; /* kept, and what they take on the disk */
    int64_t missed;
    int64_t swept, swept_bytes; /* their time was over */
};

/* Copies what is not kept yet, takes over what is in incoming/, removes what has had its time.
 * FTH_E_IO when the disk is full; what was kept by then is. */
enum fth_rc fth_raw_keep(const struct fth_raw *raw, struct fth_cancel *cancel,
                         struct fth_raw_kept *out, struct fth_err *err);

/* Moves a file of the same file system to incoming/, under a name that nobody else has. */
enum fth_rc fth_raw_take(const struct fth_raw *raw, const char *path, struct fth_err *err);

enum fth_raw_state {
    FTH_RAW_WAITING, /* to be kept by the next run */
    FTH_RAW_KEPT,
    FTH_RAW_MISSED,
    FTH_RAW_SWEPT
};

struct fth_raw_file {
    enum fth_raw_state state;
    const char *path;   /* KEPT: where it is */
    int64_t at_us;      /* when it came to be so; WAITING: 0 */
    struct fth_str why; /* MISSED */
};

/* How a file of a delivery is kept. One that was swept from outside counts as swept. */
enum fth_rc fth_raw_find(const struct fth_raw *raw, struct fth_arena *arena, struct fth_str sha256,
                         struct fth_raw_file *out, struct fth_err *err);

#endif
