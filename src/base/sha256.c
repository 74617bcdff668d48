#include "base/sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/*
 * A block's message schedule depends on the block alone, its rounds on the block before. So the
 * schedules of eight blocks are computed side by side in the lanes of a vector, and only the rounds
 * one after the other. With BMI2 for the rotations that comes near OpenSSL's assembly. Processors
 * with instructions for SHA-256 use those, four times as quick.
 */
enum { BLOCK = 64, LANES = 8, ROUNDS = 64 };

typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));

static const uint32_t round_key[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t be32(const unsigned char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof(word));
    return __builtin_bswap32(word);
}

/* w[t] = schedule + round key of step t, a block in each lane. */
INLINE void schedule(const unsigned char *p, size_t nr, lanes w[ROUNDS])
{
    for (unsigned t = 0; t < 16; t++) {
        w[t] = (lanes){0};
        for (size_t lane = 0; lane < nr; lane++)
            w[t][lane] = be32(p + lane * BLOCK + t * 4);
    }
    for (unsigned t = 16; t < ROUNDS; t++) {
        lanes a = w[t - 15], b = w[t - 2];

        w[t] = w[t - 16] + (ROTR(a, 7) ^ ROTR(a, 18) ^ a >> 3) + w[t - 7] +
               (ROTR(b, 17) ^ ROTR(b, 19) ^ b >> 10);
    }
    for (unsigned t = 0; t < ROUNDS; t++)
        w[t] += round_key[t];
}

/* One round; the names of the eight words rotate instead of their values. */
#define ROUND(a, b, c, d, e, f, g, h, wt)                                            \
    do {                                                                             \
        h += (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + ((f & e) ^ (~e & g)) + (wt); \
        d += h;                                                                      \
        h += (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) ^ (c & (a ^ b)));   \
    } while (0)

INLINE void rounds(uint32_t s[8], const lanes w[ROUNDS], size_t lane)
{
    uint32_t a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

    for (unsigned t = 0; t < ROUNDS; t += 8) {
        ROUND(a, b, c, d, e, f, g, h, w[t][lane]);
        ROUND(h, a, b, c, d, e, f, g, w[t + 1][lane]);
        ROUND(g, h, a, b, c, d, e, f, w[t + 2][lane]);
        ROUND(f, g, h, a, b, c, d, e, w[t + 3][lane]);
        ROUND(e, f, g, h, a, b, c, d, w[t + 4][lane]);
        ROUND(d, e, f, g, h, a, b, c, w[t + 5][lane]);
        ROUND(c, d, e, f, g, h, a, b, w[t + 6][lane]);
        ROUND(b, c, d, e, f, g, h, a, w[t + 7][lane]);
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
    s[5] += f;
    s[6] += g;
    s[7] += h;
}

INLINE void many(uint32_t h[8], const unsigned char *p, size_t nr)
{
    lanes w[ROUNDS];

    while (nr) {
        size_t now = nr < LANES ? nr : LANES;

        schedule(p, now, w);
        for (size_t lane = 0; lane < now; lane++)
            rounds(h, w, lane);
        p += now * BLOCK;
        nr -= now;
    }
}

static void blocks_any(uint32_t h[8], const unsigned char *p, size_t nr)
{
    many(h, p, nr);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi2"))) static void blocks_avx2(uint32_t h[8], const unsigned char *p,
                                                             size_t nr)
{
    many(h, p, nr);
}

/* Four rounds on the words m; the instruction takes two of them at a time. */
#define ROUNDS4(abef, cdgh, m, t)                                                       \
    do {                                                                                \
        __m128i wk = _mm_add_epi32(m, _mm_loadu_si128((const __m128i *)&round_key[t])); \
                                                                                        \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                                   \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));          \
    } while (0)

__attribute__((target("sha,sse4.1"))) static void blocks_sha(uint32_t h[8], const unsigned char *p,
                                                             size_t nr)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

    for (; nr; nr--, p += BLOCK) {
        const __m128i *from = (const __m128i *)(const void *)p;
        __m128i m[4], abef_before = abef, cdgh_before = cdgh;

        for (unsigned i = 0; i < 4; i++)
            m[i] = _mm_shuffle_epi8(_mm_loadu_si128(from + i), swap);
#pragma GCC unroll 16
        for (unsigned t = 0; t < ROUNDS; t += 4) {
            __m128i *now = &m[t / 4 % 4], *last = &m[(t / 4 + 3) % 4];

            ROUNDS4(abef, cdgh, *now, t);
            if (t >= ROUNDS - 16)
                continue;
            /* The words of sixteen rounds on, where these have stood. */
            *now = _mm_sha256msg1_epu32(*now, m[(t / 4 + 1) % 4]);
            *now = _mm_add_epi32(*now, _mm_alignr_epi8(*last, m[(t / 4 + 2) % 4], 4));
            *now = _mm_sha256msg2_epu32(*now, *last);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    cdab = _mm_shuffle_epi32(abef, 0x1b);
    efgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)h, _mm_blend_epi16(cdab, efgh, 0xf0));
    _mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(efgh, cdab, 8));
}

/* Asking the processor itself is slow under a hypervisor; the compiler's library has asked once. */
static bool has_sha(void)
{
#if defined(__clang__)
    return false; /* does not know the name */
#else
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
#endif
}
#endif

bool fth_sha256_use(struct fth_sha256 *sha, enum fth_sha256_isa isa)
{
    sha->blocks = isa == FTH_SHA256_PLAIN ? blocks_any : NULL;
#if defined(__x86_64__)
    if (isa == FTH_SHA256_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        sha->blocks = blocks_avx2;
    if (isa == FTH_SHA256_NI && has_sha())
        sha->blocks = blocks_sha;
#endif
    return sha->blocks != NULL;
}

void fth_sha256_init(struct fth_sha256 *sha)
{
    enum fth_sha256_isa isa = FTH_SHA256_NI;

    *sha = (struct fth_sha256){
        .h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
              0x5be0cd19},
    };
    while (!fth_sha256_use(sha, isa))
        isa--;
}

void fth_sha256_add(struct fth_sha256 *sha, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t held = sha->len % BLOCK;

    if (n == 0)
        return;
    sha->len += n;
    if (held) {
        size_t take = BLOCK - held < n ? BLOCK - held : n;

        memcpy(sha->rest + held, p, take);
        if (held + take < BLOCK)
            return;
        sha->blocks(sha->h, sha->rest, 1);
        p += take;
        n -= take;
    }
    sha->blocks(sha->h, p, n / BLOCK);
    memcpy(sha->rest, p + n / BLOCK * BLOCK, n % BLOCK);
}

void fth_sha256_done(struct fth_sha256 *sha, unsigned char out[FTH_SHA256_LEN])
{
    uint64_t bits = sha->len * 8;
    size_t held = sha->len % BLOCK;
    unsigned char last[2 * BLOCK] = {0};
    size_t nr = held < BLOCK - 8 ? 1 : 2;

    memcpy(last, sha->rest, held);
    last[held] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        last[nr * BLOCK - 1 - i] = (unsigned char)(bits >> (8 * i));
    sha->blocks(sha->h, last, nr);
    for (unsigned i = 0; i < FTH_SHA256_LEN; i++)
        out[i] = (unsigned char)(sha->h[i / 4] >> (24 - i % 4 * 8));
}

void fth_sha256_hex(struct fth_sha256 *sha, char out[FTH_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[FTH_SHA256_LEN];

    fth_sha256_done(sha, digest);
    for (size_t i = 0; i < FTH_SHA256_LEN; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[FTH_SHA256_HEX - 1] = '\0';
}

void fth_sha256_text(struct fth_str text, char out[FTH_SHA256_HEX])
{
    struct fth_sha256 sha;

    fth_sha256_init(&sha);
    fth_sha256_add(&sha, text.p, text.n);
    fth_sha256_hex(&sha, out);
}
