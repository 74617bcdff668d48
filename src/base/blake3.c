#include "base/blake3.h"

#include <string.h>

/*
 * Whole batches of 64 pieces go the fast way: eight pieces, or eight pairs of values, a step. What
 * is left at the end goes piece by piece. The bytes that come last are always held back, for only
 * the node at the top of the tree is marked as the root.
 */
enum {
    BLOCK = 64,
    CHUNK = 1024,
    LANES = 8,
    WORDS = 16,
    ROUNDS = 7,
    BATCH_CHUNKS = FTH_BLAKE3_BATCH / CHUNK,
    CHUNK_START = 1,
    CHUNK_END = 2,
    PARENT = 4,
    ROOT = 8
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "words are taken as they stand in memory");

typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));

#define INLINE static inline __attribute__((always_inline))
/* So that the arrays below become registers. */
#define UNROLL _Pragma("GCC unroll 16")
#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))

static const uint32_t iv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* Which word of the block each step of a round takes. */
static const unsigned char order[ROUNDS][WORDS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13}};

#define MIX(a, b, c, d, x, y) \
    do {                      \
        a += b + (x);         \
        d = ROTR(d ^ a, 16);  \
        c += d;               \
        b = ROTR(b ^ c, 12);  \
        a += b + (y);         \
        d = ROTR(d ^ a, 8);   \
        c += d;               \
        b = ROTR(b ^ c, 7);   \
    } while (0)

#define ROUND(v, m, o)                                     \
    do {                                                   \
        MIX(v[0], v[4], v[8], v[12], m[o[0]], m[o[1]]);    \
        MIX(v[1], v[5], v[9], v[13], m[o[2]], m[o[3]]);    \
        MIX(v[2], v[6], v[10], v[14], m[o[4]], m[o[5]]);   \
        MIX(v[3], v[7], v[11], v[15], m[o[6]], m[o[7]]);   \
        MIX(v[0], v[5], v[10], v[15], m[o[8]], m[o[9]]);   \
        MIX(v[1], v[6], v[11], v[12], m[o[10]], m[o[11]]); \
        MIX(v[2], v[7], v[8], v[13], m[o[12]], m[o[13]]);  \
        MIX(v[3], v[4], v[9], v[14], m[o[14]], m[o[15]]);  \
    } while (0)

/* ---- one block ---- */

static void compress(uint32_t cv[8], const uint32_t m[WORDS], uint64_t counter, uint32_t len,
                     uint32_t flags)
{
    uint32_t v[WORDS];

    memcpy(v, cv, 8 * sizeof(*v));
    memcpy(v + 8, iv, 4 * sizeof(*v));
    v[12] = (uint32_t)counter;
    v[13] = (uint32_t)(counter >> 32);
    v[14] = len;
    v[15] = flags;
    for (unsigned r = 0; r < ROUNDS; r++)
        ROUND(v, m, order[r]);
    for (unsigned i = 0; i < 8; i++)
        cv[i] = v[i] ^ v[i + 8];
}

/* A piece of at most 1 KiB; `root` when it is all there is. */
static void hash_chunk(const unsigned char *p, size_t n, uint64_t counter, uint32_t root,
                       uint32_t cv[8])
{
    uint32_t flags = CHUNK_START;

    memcpy(cv, iv, sizeof(iv));
    for (;;) {
        size_t take = n < BLOCK ? n : BLOCK;
        uint32_t m[WORDS] = {0};

        if (take)
            memcpy(m, p, take);
        if (n <= BLOCK)
            flags |= CHUNK_END | root;
        compress(cv, m, counter, (uint32_t)take, flags);
        if (n <= BLOCK)
            return;
        flags = 0;
        p += take;
        n -= take;
    }
}

static void hash_parent(const uint32_t left[8], const uint32_t right[8], uint32_t root,
                        uint32_t out[8])
{
    uint32_t m[WORDS];

    memcpy(m, left, 8 * sizeof(*m));
    memcpy(m + 8, right, 8 * sizeof(*m));
    memcpy(out, iv, sizeof(iv));
    compress(out, m, 0, BLOCK, PARENT | root);
}

/* ---- eight at a time ---- */

#define PICK __builtin_shufflevector

/* Rows of eight words become columns. */
INLINE void transpose(lanes r[LANES])
{
    lanes a[LANES], b[LANES];

    UNROLL
    for (unsigned i = 0; i < LANES; i += 2) {
        a[i] = PICK(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        a[i + 1] = PICK(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    UNROLL
    for (unsigned i = 0; i < LANES; i += 4) {
        b[i] = PICK(a[i], a[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        b[i + 1] = PICK(a[i], a[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        b[i + 2] = PICK(a[i + 1], a[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        b[i + 3] = PICK(a[i + 1], a[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        r[i] = PICK(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = PICK(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* counter: its low words and its high words. */
INLINE void compress8(lanes cv[8], const lanes m[WORDS], const lanes counter[2], uint32_t flags)
{
    const lanes none = {0};
    lanes v[WORDS] = {0};

    UNROLL
    for (unsigned i = 0; i < 8; i++)
        v[i] = cv[i];
    UNROLL
    for (unsigned i = 0; i < 4; i++)
        v[8 + i] = none + iv[i];
    v[12] = counter[0];
    v[13] = counter[1];
    v[14] = none + BLOCK;
    v[15] = none + flags;
    ROUND(v, m, order[0]);
    ROUND(v, m, order[1]);
    ROUND(v, m, order[2]);
    ROUND(v, m, order[3]);
    ROUND(v, m, order[4]);
    ROUND(v, m, order[5]);
    ROUND(v, m, order[6]);
    UNROLL
    for (unsigned i = 0; i < 8; i++)
        cv[i] = v[i] ^ v[i + 8];
}

INLINE void take_block(const unsigned char *p, size_t stride, lanes m[WORDS])
{
    UNROLL
    for (unsigned half = 0; half < WORDS; half += LANES) {
        UNROLL
        for (unsigned i = 0; i < LANES; i++)
            memcpy(&m[half + i], p + i * stride + half * 4, sizeof(*m));
        transpose(m + half);
    }
}

/* out[8 * i + w]: word w of the i-th piece's value. */
INLINE void hash_chunks8(const unsigned char *p, uint64_t first, uint32_t *out)
{
    uint32_t numbers[2][LANES];
    lanes cv[8], m[WORDS], counter[2];

    for (unsigned i = 0; i < LANES; i++) {
        numbers[0][i] = (uint32_t)(first + i);
        numbers[1][i] = (uint32_t)((first + i) >> 32);
    }
    memcpy(counter, numbers, sizeof(counter));
    UNROLL
    for (unsigned i = 0; i < 8; i++)
        cv[i] = (lanes){0} + iv[i];
    for (unsigned at = 0; at < CHUNK; at += BLOCK) {
        take_block(p + at, CHUNK, m);
        compress8(cv, m, counter,
                  (at == 0 ? CHUNK_START : 0U) | (at + BLOCK == CHUNK ? CHUNK_END : 0U));
    }
    transpose(cv);
    memcpy(out, cv, sizeof(cv));
}

/* Sixteen values become eight; `in` and `out` may be the same. */
INLINE void hash_parents8(const uint32_t *in, uint32_t *out)
{
    const lanes counter[2] = {{0}};
    lanes cv[8], m[WORDS];

    UNROLL
    for (unsigned half = 0; half < WORDS; half += LANES) {
        UNROLL
        for (unsigned i = 0; i < LANES; i++)
            memcpy(&m[half + i], in + i * WORDS + half, sizeof(*m));
        transpose(m + half);
    }
    UNROLL
    for (unsigned i = 0; i < 8; i++)
        cv[i] = counter[0] + iv[i];
    compress8(cv, m, counter, PARENT);
    transpose(cv);
    memcpy(out, cv, sizeof(cv));
}

INLINE void hash_batch(const unsigned char *batch, uint64_t first, uint32_t out[8])
{
    uint32_t cvs[BATCH_CHUNKS * 8];
    unsigned nr = BATCH_CHUNKS;

    for (unsigned i = 0; i < nr; i += LANES)
        hash_chunks8(batch + (size_t)i * CHUNK, first + i, cvs + (size_t)i * 8);
    for (; nr > LANES; nr /= 2)
        for (unsigned i = 0; i < nr; i += 2 * LANES)
            hash_parents8(cvs + (size_t)i * 8, cvs + (size_t)i * 4);
    for (; nr > 1; nr /= 2)
        for (unsigned i = 0; i < nr; i += 2)
            hash_parent(cvs + (size_t)i * 8, cvs + (size_t)i * 8 + 8, 0, cvs + (size_t)i * 4);
    memcpy(out, cvs, 8 * sizeof(*out));
}

static void batch_any(const unsigned char *batch, uint64_t first, uint32_t out[8])
{
    hash_batch(batch, first, out);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void batch_avx2(const unsigned char *batch, uint64_t first,
                                                       uint32_t out[8])
{
    hash_batch(batch, first, out);
}

__attribute__((target("avx2,avx512f,avx512vl"))) static void batch_avx512(
    const unsigned char *batch, uint64_t first, uint32_t out[8])
{
    hash_batch(batch, first, out);
}
#endif

/* ---- the tree ---- */

bool fth_blake3_use(struct fth_blake3 *hash, enum fth_blake3_isa isa)
{
    hash->subtree = NULL;
    if (isa == FTH_BLAKE3_PLAIN)
        hash->subtree = batch_any;
#if defined(__x86_64__)
    if (isa == FTH_BLAKE3_AVX2 && __builtin_cpu_supports("avx2"))
        hash->subtree = batch_avx2;
    if (isa == FTH_BLAKE3_AVX512 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512vl"))
        hash->subtree = batch_avx512;
#endif
    return hash->subtree != NULL;
}

void fth_blake3_init(struct fth_blake3 *hash)
{
    enum fth_blake3_isa isa = FTH_BLAKE3_AVX512;

    hash->stack_nr = 0;
    hash->chunk_nr = 0;
    hash->rest_nr = 0;
    while (!fth_blake3_use(hash, isa))
        isa--;
}

/* Adds the value of a subtree of `chunk_nr` pieces; equal neighbours become one. */
static void push(struct fth_blake3 *hash, uint32_t cv[8], uint64_t chunk_nr)
{
    hash->chunk_nr += chunk_nr;
    for (uint64_t nr = hash->chunk_nr / chunk_nr; nr % 2 == 0; nr /= 2)
        hash_parent(hash->stack[--hash->stack_nr], cv, 0, cv);
    memcpy(hash->stack[hash->stack_nr++], cv, 8 * sizeof(*cv));
}

static void add_batch(struct fth_blake3 *hash, const unsigned char *batch)
{
    uint32_t cv[8];

    hash->subtree(batch, hash->chunk_nr, cv);
    push(hash, cv, BATCH_CHUNKS);
}

void fth_blake3_add(struct fth_blake3 *hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    if (hash->rest_nr + n > FTH_BLAKE3_BATCH && hash->rest_nr) {
        size_t take = FTH_BLAKE3_BATCH - hash->rest_nr;

        memcpy(hash->rest + hash->rest_nr, p, take);
        add_batch(hash, hash->rest);
        hash->rest_nr = 0;
        p += take;
        n -= take;
    }
    for (; n > FTH_BLAKE3_BATCH; p += FTH_BLAKE3_BATCH, n -= FTH_BLAKE3_BATCH)
        add_batch(hash, p);
    if (n)
        memcpy(hash->rest + hash->rest_nr, p, n);
    hash->rest_nr += n;
}

static void finish(struct fth_blake3 *hash, uint32_t out[8])
{
    const unsigned char *p = hash->rest;
    size_t n = hash->rest_nr;

    for (; n > CHUNK; p += CHUNK, n -= CHUNK) {
        hash_chunk(p, CHUNK, hash->chunk_nr, 0, out);
        push(hash, out, 1);
    }
    hash_chunk(p, n, hash->chunk_nr, hash->stack_nr ? 0 : ROOT, out);
    while (hash->stack_nr) {
        hash->stack_nr--;
        hash_parent(hash->stack[hash->stack_nr], out, hash->stack_nr ? 0 : ROOT, out);
    }
}

void fth_blake3_hex(struct fth_blake3 *hash, char out[FTH_BLAKE3_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t words[8];

    finish(hash, words);
    for (size_t i = 0; i < FTH_BLAKE3_LEN; i++) {
        unsigned byte = words[i / 4] >> (i % 4 * 8) & 0xff;

        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
    out[FTH_BLAKE3_HEX - 1] = '\0';
}
