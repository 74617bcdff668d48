/*
 * file_copy: files of any size, hashed as they are read, and copied on the way, as they are or
 * packed.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_FILE_COPY_H
#define FTH_FILE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/thread.h"

struct fth_file_digest {
    int64_t bytes; /* of what was read, as it is on disk, and its hash: */
    char sha256[FTH_SHA256_HEX];
    bool packed;    /* it is gzip, zstd or Parquet */
    int64_t stored; /* bytes of the copy */
    bool zstd;      /* which was packed on the way */
};

/* Reads `from` to its end; with `to`, a file that is not there yet, all of it is copied and on the
 * disk when this returns, on blocks of the disk that are shared where the file system can. A copy
 * that failed is removed. `cancel` may be NULL. FTH_E_IO with a hint when the disk is full;
 * FTH_E_CONFLICT when `to` is there, FTH_E_INVALID when `from` is no regular file. */
enum fth_rc fth_file_copy(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err);
/* The same, packed as zstd unless it is packed already. */
enum fth_rc fth_file_pack(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err);

/* FTH_E_IO with what there is to do about it, when the file system of `path` (which exists) has
 * less than `bytes` left. For work that is better not begun on a disk that is nearly full. */
enum fth_rc fth_disk_room(const char *path, int64_t bytes, struct fth_err *err);
/* Puts what to do into an error that a full disk caused; any other is left alone. */
void fth_disk_full_hint(struct fth_err *err);

#endif
