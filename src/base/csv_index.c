#include "base/csv_index.h"

#include <string.h>

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/*
 * Two steps, so that only the first one is written per instruction set: a stretch of text becomes
 * four bit masks a block, then the masks are walked by code that is the same everywhere.
 */
enum { BLOCK = 64, STRETCH = 64 };

struct masks {
    uint64_t quote, delimiter, newline, cr; /* bit i: byte i of the block is one */
    uint64_t high;                          /* not 0: some byte is not ASCII */
};

typedef void mask_fn(const char *text, size_t block_nr, char delimiter, struct masks *out);

static void masks_plain(const char *text, size_t block_nr, char delimiter, struct masks *out)
{
    for (size_t b = 0; b < block_nr; b++, text += BLOCK) {
        struct masks m = {0};

        for (unsigned i = 0; i < BLOCK; i++) {
            m.quote |= (uint64_t)(text[i] == '"') << i;
            m.delimiter |= (uint64_t)(text[i] == delimiter) << i;
            m.newline |= (uint64_t)(text[i] == '\n') << i;
            m.cr |= (uint64_t)(text[i] == '\r') << i;
            m.high |= (unsigned char)text[i] & 0x80U;
        }
        out[b] = m;
    }
}

#if defined(__x86_64__)
static inline uint64_t eq_sse2(const __m128i v[4], char c)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], _mm_set1_epi8(c)))
                << (16 * i);
    return mask;
}

static void masks_sse2(const char *text, size_t block_nr, char delimiter, struct masks *out)
{
    for (size_t b = 0; b < block_nr; b++, text += BLOCK) {
        __m128i v[4], any;

        for (unsigned i = 0; i < 4; i++)
            v[i] = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        any = _mm_or_si128(_mm_or_si128(v[0], v[1]), _mm_or_si128(v[2], v[3]));
        out[b] = (struct masks){.quote = eq_sse2(v, '"'),
                                .delimiter = eq_sse2(v, delimiter),
                                .newline = eq_sse2(v, '\n'),
                                .cr = eq_sse2(v, '\r'),
                                .high = (uint64_t)(uint32_t)_mm_movemask_epi8(any)};
    }
}

__attribute__((target("avx2"))) static inline uint64_t eq_avx2(__m256i lo, __m256i hi, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(lo, want));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(hi, want));

    return (uint64_t)high << 32 | low;
}

__attribute__((target("avx2"))) static void masks_avx2(const char *text, size_t block_nr,
                                                       char delimiter, struct masks *out)
{
    for (size_t b = 0; b < block_nr; b++, text += BLOCK) {
        __m256i lo = _mm256_loadu_si256((const __m256i *)(const void *)text);
        __m256i hi = _mm256_loadu_si256((const __m256i *)(const void *)(text + 32));

        out[b] = (struct masks){
            .quote = eq_avx2(lo, hi, '"'),
            .delimiter = eq_avx2(lo, hi, delimiter),
            .newline = eq_avx2(lo, hi, '\n'),
            .cr = eq_avx2(lo, hi, '\r'),
            .high = (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(lo, hi))};
    }
}

__attribute__((target("avx512bw"))) static void masks_avx512(const char *text, size_t block_nr,
                                                             char delimiter, struct masks *out)
{
    for (size_t b = 0; b < block_nr; b++, text += BLOCK) {
        __m512i v = _mm512_loadu_si512((const void *)text);

        out[b] = (struct masks){.quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
                                .delimiter = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(delimiter)),
                                .newline = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
                                .cr = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r')),
                                .high = _mm512_movepi8_mask(v)};
    }
}
#endif

/* What a block hands to the next. */
struct state {
    uint64_t inside;      /* all ones: in quotes */
    uint64_t may_open;    /* bit 0: a quote may open here, for a separator or quote was before */
    uint64_t after_close; /* bit 0: the byte before closed quotes */
    uint64_t after_cr;    /* bit 0: the two bytes before were a closing quote and CR */
};

/* Bit i of the result: the number of bits 0 to i that are set is odd. */
static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Bytes of the block where quotes break RFC 4180. */
static inline uint64_t bad_quotes(struct state *s, const struct masks *m, uint64_t inside,
                                  uint64_t separators)
{
    uint64_t open = m->quote & inside, close = m->quote & ~inside;
    uint64_t after = close << 1 | s->after_close;
    uint64_t after_cr = (after & m->cr) << 1 | s->after_cr;
    uint64_t bad = open & ~((separators | close) << 1 | s->may_open);

    bad |= after & ~(separators | m->quote | m->cr);
    bad |= after_cr & ~m->newline;
    s->after_close = close >> 63;
    s->after_cr = (after & m->cr) >> 63;
    s->may_open = (separators | close) >> 63;
    return bad;
}

/* Always inlined into a caller that may have better instructions for counting and finding bits. */
static inline __attribute__((always_inline)) void walk(const struct masks *masks, size_t block_nr,
                                                       size_t base, uint64_t last,
                                                       struct state *state, uint32_t *ends,
                                                       struct fth_csv_index *out)
{
    for (size_t b = 0; b < block_nr; b++, base += BLOCK) {
        struct masks m = masks[b];
        uint64_t valid = b + 1 == block_nr ? last : ~UINT64_C(0);
        uint64_t inside = prefix_xor(m.quote) ^ state->inside;
        uint64_t newlines = m.newline & ~inside & valid;
        uint64_t separators = ((m.delimiter & ~inside) | newlines) & valid;
        uint64_t bad = bad_quotes(state, &m, inside, separators) & valid;

        state->inside = -(inside >> 63);
        out->lines += (size_t)__builtin_popcountll(m.newline & valid);
        out->newlines += (size_t)__builtin_popcountll(newlines);
        if (bad && out->bad == SIZE_MAX)
            out->bad = base + (size_t)__builtin_ctzll(bad);
        for (; separators; separators &= separators - 1)
            ends[out->nr++] = (uint32_t)(base + (size_t)__builtin_ctzll(separators));
    }
}

static void walk_any(const struct masks *masks, size_t block_nr, size_t base, uint64_t last,
                     struct state *state, uint32_t *ends, struct fth_csv_index *out)
{
    walk(masks, block_nr, base, last, state, ends, out);
}

#if defined(__x86_64__)
__attribute__((target("popcnt,bmi"))) static void walk_bmi(const struct masks *masks,
                                                           size_t block_nr, size_t base,
                                                           uint64_t last, struct state *state,
                                                           uint32_t *ends,
                                                           struct fth_csv_index *out)
{
    walk(masks, block_nr, base, last, state, ends, out);
}
#endif

bool fth_csv_isa_has(enum fth_csv_isa isa)
{
    switch (isa) {
    case FTH_CSV_BEST:
    case FTH_CSV_PLAIN:
#if defined(__x86_64__)
    case FTH_CSV_SSE2: /* every x86-64 has it */
#endif
        return true;
#if defined(__x86_64__)
    case FTH_CSV_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("popcnt");
    case FTH_CSV_AVX512:
        return fth_csv_isa_has(FTH_CSV_AVX2) && __builtin_cpu_supports("avx512bw");
#endif
    default:
        return false;
    }
}

static enum fth_csv_isa choose(enum fth_csv_isa isa)
{
    if (isa != FTH_CSV_BEST)
        return isa;
    isa = FTH_CSV_AVX512;
    while (!fth_csv_isa_has(isa))
        isa--;
    return isa;
}

static mask_fn *masks_of(enum fth_csv_isa isa)
{
#if defined(__x86_64__)
    if (isa == FTH_CSV_AVX512)
        return masks_avx512;
    if (isa == FTH_CSV_AVX2)
        return masks_avx2;
    if (isa == FTH_CSV_SSE2)
        return masks_sse2;
#endif
    (void)isa;
    return masks_plain;
}

void fth_csv_index(enum fth_csv_isa isa, const char *text, size_t n, char delimiter, uint32_t *ends,
                   struct fth_csv_index *out)
{
    struct state state = {.may_open = 1};
    struct masks masks[STRETCH];
    char tail[BLOCK] = {0};
    uint64_t high = 0;
    void (*walk_fn)(const struct masks *, size_t, size_t, uint64_t, struct state *, uint32_t *,
                    struct fth_csv_index *) = walk_any;
    mask_fn *fill;

    FTH_CHECK(n < UINT32_MAX);
    isa = choose(isa);
    FTH_CHECK(fth_csv_isa_has(isa));
    fill = masks_of(isa);
#if defined(__x86_64__)
    if (isa >= FTH_CSV_AVX2)
        walk_fn = walk_bmi;
#endif
    *out = (struct fth_csv_index){.bad = SIZE_MAX};
    for (size_t at = 0; at < n;) {
        size_t block_nr = (n - at) / BLOCK < STRETCH ? (n - at) / BLOCK : STRETCH;
        uint64_t last = ~UINT64_C(0);
        const char *from = text + at;

        if (block_nr == 0) {
            /* The last bytes: nothing is read behind the text. */
            memcpy(tail, from, n - at);
            from = tail;
            block_nr = 1;
            last >>= BLOCK - (n - at);
        }
        fill(from, block_nr, delimiter, masks);
        for (size_t b = 0; b < block_nr; b++)
            high |= masks[b].high;
        walk_fn(masks, block_nr, at, last, &state, ends, out);
        at += block_nr * BLOCK;
    }
    out->open = state.inside != 0;
    out->ascii = high == 0;
}
