/*
 * file_copy: files of any size, hashed as they are read, and copied on the way.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_FILE_COPY_H
#define FTH_FILE_COPY_H

#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/thread.h"

struct fth_file_digest {
    int64_t bytes;
    char sha256[FTH_SHA256_HEX];
};

/* Reads `from` to its end; with `to`, a file that is not there yet, all of it is copied and on the
 * disk when this returns. `cancel` may be NULL. A copy that failed is left to the caller. */
enum fth_rc fth_file_copy(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err);

#endif
