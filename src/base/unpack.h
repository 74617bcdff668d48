/*
 * unpack: the bytes of a big file, decompressed, in pieces.
 *
 * What the file is (plain, gzip, zstd) is seen from its first bytes, not from its name. gzip files
 * may have several members and zstd files several frames; check sums and lengths are checked. A
 * compressed file that ends early, or goes on behind its end with something else, is an error that
 * names file and byte.
 *
 * Thread rule: one thread at a time, which may change between calls; fth_unpack_in() any thread.
 */
#ifndef FTH_UNPACK_H
#define FTH_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum fth_unpack_kind { FTH_UNPACK_PLAIN, FTH_UNPACK_GZIP, FTH_UNPACK_ZSTD };

struct fth_unpack;

/* For check sums; either may be NULL. Called with every byte once and in order: `bytes` with the
 * decompressed ones before the reader gets them, `raw` with those of the file as it is on disk. */
struct fth_unpack_tee {
    void (*bytes)(void *ctx, const void *bytes, size_t n);
    void (*raw)(void *ctx, const void *bytes, size_t n);
    void *ctx;
};

/* `tee` may be NULL. FTH_E_NOTFOUND, FTH_E_DENIED, FTH_E_IO, FTH_E_INVALID for a folder,
 * FTH_E_NOMEM. */
enum fth_rc fth_unpack_open(const char *path, const struct fth_unpack_tee *tee,
                            struct fth_unpack **out, struct fth_err *err);
/* From a descriptor, which stays the caller's; `name` is for messages. */
enum fth_rc fth_unpack_from_fd(int fd, const char *name, const struct fth_unpack_tee *tee,
                               struct fth_unpack **out, struct fth_err *err);
void fth_unpack_close(struct fth_unpack *stream);

/*
 * Fills `out` with `cap` bytes, fewer only at the end; *got is 0 there. After an error only closing
 * is allowed.
 * FTH_E_SYNTAX  damaged or cut: "x.csv.gz: byte 4711: …" (the byte in the file as it is on disk)
 * FTH_E_LIMIT   beyond its first 256 MiB it unpacks to more than 500 times its size
 * FTH_E_IO, FTH_E_NOMEM
 */
enum fth_rc fth_unpack_read(struct fth_unpack *stream, void *out, size_t cap, size_t *got,
                            struct fth_err *err);

const char *fth_unpack_name(const struct fth_unpack *stream);
enum fth_unpack_kind fth_unpack_kind(const struct fth_unpack *stream);
/* Bytes taken from the file so far, as it is on disk, and its size (-1: not a regular file). */
int64_t fth_unpack_in(const struct fth_unpack *stream);
int64_t fth_unpack_size(const struct fth_unpack *stream);

#endif
