/*
 * blake3: the BLAKE3 hash (the plain one, without key) of big content.
 *
 * For what is hashed whole and often: the decompressed text of a bill. It is a tree over pieces of
 * 1 KiB, so eight of them are hashed side by side in the lanes of a vector; collisions are as far
 * out of reach as with SHA-256. What people compare with other tools stays sha256.
 *
 * Thread rule: no shared state; one context, one thread. A context is large: not on the stack.
 */
#ifndef FTH_BLAKE3_H
#define FTH_BLAKE3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FTH_BLAKE3_LEN = 32, FTH_BLAKE3_HEX = 65, FTH_BLAKE3_BATCH = 64 * 1024 };

/* Instructions for the lanes; the best there are is the default. */
enum fth_blake3_isa { FTH_BLAKE3_PLAIN, FTH_BLAKE3_AVX2, FTH_BLAKE3_AVX512 };

struct fth_blake3 {
    uint32_t stack[54][8]; /* values of whole subtrees, the largest first */
    size_t stack_nr;
    uint64_t chunk_nr; /* pieces in the stack */
    unsigned char rest[FTH_BLAKE3_BATCH];
    size_t rest_nr;
    void (*subtree)(const unsigned char *batch, uint64_t first, uint32_t out[8]);
};

void fth_blake3_init(struct fth_blake3 *hash);
/* For tests, after init: false, and unusable, when the processor does not have them. */
bool fth_blake3_use(struct fth_blake3 *hash, enum fth_blake3_isa isa);
void fth_blake3_add(struct fth_blake3 *hash, const void *bytes, size_t n);
/* The digest as 64 lower-case hex digits and a zero byte; the context must be initialised again
 * before it is used again. */
void fth_blake3_hex(struct fth_blake3 *hash, char out[FTH_BLAKE3_HEX]);

#endif
