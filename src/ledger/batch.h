/*
 * batch: typed columns that flow into and out of a ledger engine.
 *
 * Flat arrays of at most FTH_BATCH_MAX values with a validity bitmap; nothing in it belongs to one
 * engine. Whoever fills a batch owns its memory, which stays valid until he is asked for the next.
 */
#ifndef FTH_BATCH_H
#define FTH_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/int128.h"
#include "base/money.h"
#include "base/str.h"

enum { FTH_BATCH_MAX = 2048 };

enum fth_type {
    FTH_T_TEXT,     /* struct fth_str, UTF-8 */
    FTH_T_BOOL,     /* uint8_t */
    FTH_T_I32,      /* int32_t */
    FTH_T_I64,      /* int64_t */
    FTH_T_I128,     /* fth_i128 */
    FTH_T_DOUBLE,   /* double */
    FTH_T_DEC,      /* int64_t, units of 1e-10: the narrow head of money */
    FTH_T_DEC_WIDE, /* fth_i128, units of 1e-10: wide heads and sums */
    FTH_T_DATE,     /* int32_t, days since 1970 */
    FTH_T_INSTANT,  /* int64_t, microseconds since 1970 UTC */
    FTH_T_TEXT_MAP  /* struct fth_text_map: keys and values, UTF-8 */
};

struct fth_text_map {
    const struct fth_str *keys, *values; /* a value with p == NULL is null */
    size_t nr;
};

struct fth_vec {
    enum fth_type type;
    bool constant;   /* only value 0 (and bit 0) is filled and stands for all */
    uint64_t *valid; /* bit i set: value i is there; NULL: all are */
    union {
        void *any;
        struct fth_str *text;
        uint8_t *boolean;
        int32_t *i32;
        int64_t *i64; /* I64, DEC, INSTANT */
        fth_i128 *i128;
        double *f64;
        struct fth_text_map *map;
    };
};

struct fth_batch {
    size_t nr; /* rows; 0: the end */
    size_t col_nr;
    struct fth_vec *cols;
};

static inline bool fth_vec_is_valid(const struct fth_vec *vec, size_t row)
{
    if (vec->constant)
        row = 0;
    return !vec->valid || (vec->valid[row / 64] >> (row % 64) & 1);
}

struct fth_column {
    const char *name;
    enum fth_type type;
};

/*
 * feed: rows that somebody pushes into an engine: the readers of imports, new tag sets.
 *
 * The engine opens one worker a thread and pulls batches from it until one has no rows. The columns
 * that the engine's statement needs are named when the worker is opened; the others need not be
 * filled. All functions may be called from several threads at once, each with its own worker.
 */
struct fth_feed {
    const char *name; /* what the statement calls it: FROM <name> */
    const struct fth_column *cols;
    size_t col_nr;
    unsigned max_workers; /* 0: as many as the engine has threads */
    void *ctx;
    /* wanted[i] is the index of a column in cols, for the i-th column of each batch. */
    enum fth_rc (*open)(void *ctx, const size_t *wanted, size_t wanted_nr, void **worker,
                        struct fth_err *err);
    enum fth_rc (*next)(void *worker, struct fth_batch *out, struct fth_err *err);
    void (*close)(void *worker);
};

#endif
