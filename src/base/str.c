#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include "base/int128.h"

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct fth_str fth_str_c(const char *text)
{
    return (struct fth_str){text, text ? strlen(text) : 0};
}

int fth_str_cmp(struct fth_str a, struct fth_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool fth_str_eq(struct fth_str a, struct fth_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool fth_str_eq_c(struct fth_str a, const char *b)
{
    return fth_str_eq(a, fth_str_c(b));
}

int fth_str_casecmp(struct fth_str a, struct fth_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int order = lower(a.p[i]) - lower(b.p[i]);

        if (order)
            return order;
    }
    return (a.n > b.n) - (a.n < b.n);
}

bool fth_str_caseeq(struct fth_str a, struct fth_str b)
{
    return a.n == b.n && fth_str_casecmp(a, b) == 0;
}

bool fth_str_starts(struct fth_str text, struct fth_str prefix)
{
    return text.n >= prefix.n && fth_str_eq(fth_str_sub(text, 0, prefix.n), prefix);
}

bool fth_str_ends(struct fth_str text, struct fth_str suffix)
{
    return text.n >= suffix.n && fth_str_eq(fth_str_sub(text, text.n - suffix.n, suffix.n), suffix);
}

struct fth_str fth_str_sub(struct fth_str text, size_t at, size_t n)
{
    if (at > text.n)
        at = text.n;
    if (n > text.n - at)
        n = text.n - at;
    return (struct fth_str){at ? text.p + at : text.p, n};
}

struct fth_str fth_str_trim(struct fth_str text)
{
    while (text.n && is_space(text.p[0]))
        text = fth_str_sub(text, 1, text.n);
    while (text.n && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

size_t fth_str_find(struct fth_str text, char c)
{
    const char *at = text.n ? memchr(text.p, c, text.n) : NULL;

    return at ? (size_t)(at - text.p) : SIZE_MAX;
}

size_t fth_str_rfind(struct fth_str text, char c)
{
    const char *at = text.n ? memrchr(text.p, c, text.n) : NULL;

    return at ? (size_t)(at - text.p) : SIZE_MAX;
}

size_t fth_str_search(struct fth_str text, struct fth_str part)
{
    const char *at;

    if (part.n == 0)
        return 0;
    at = text.n ? memmem(text.p, text.n, part.p, part.n) : NULL;
    return at ? (size_t)(at - text.p) : SIZE_MAX;
}

bool fth_str_split(struct fth_str text, char c, struct fth_str *before, struct fth_str *after)
{
    size_t at = fth_str_find(text, c);

    if (at == SIZE_MAX)
        return false;
    *before = fth_str_sub(text, 0, at);
    *after = fth_str_sub(text, at + 1, text.n);
    return true;
}

bool fth_str_next(struct fth_str *text, char c, struct fth_str *piece)
{
    struct fth_str rest;

    if (text->n == 0)
        return false;
    if (!fth_str_split(*text, c, piece, &rest)) {
        *piece = *text;
        rest = fth_str_sub(*text, text->n, 0);
    }
    *text = rest;
    return true;
}

bool fth_str_to_u64(struct fth_str text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.p[i] - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

bool fth_str_to_double(struct fth_str text, double *out)
{
    enum { MOST = 512 };
    char copy[MOST], *end;

    if (text.n == 0 || text.n >= MOST)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!(text.p[i] >= '0' && text.p[i] <= '9') && !(text.p[i] && strchr("+-.eE", text.p[i])))
            return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    *out = strtod(copy, &end);
    return end == copy + text.n;
}

bool fth_str_to_i64(struct fth_str text, int64_t *out)
{
    bool negative = text.n > 1 && text.p[0] == '-';
    uint64_t size;

    if (!fth_str_to_u64(negative ? fth_str_sub(text, 1, text.n) : text, &size))
        return false;
    if (size > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

/* Folded 128-bit multiplication, the mixing step of the wyhash family. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    fth_u128 product = (fth_u128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t fth_str_hash(struct fth_str text, uint64_t seed)
{
    uint64_t hash = seed ^ 0x9e3779b97f4a7c15ULL, word;
    size_t i = 0;

    for (; i + 8 <= text.n; i += 8) {
        memcpy(&word, text.p + i, 8);
        hash = mix(hash ^ word, 0xd6e8feb86659fd93ULL);
    }
    if (i < text.n) {
        word = 0;
        memcpy(&word, text.p + i, text.n - i);
        hash = mix(hash ^ word, 0xa0761d6478bd642fULL);
    }
    return mix(hash ^ text.n, 0xe7037ed1a0b428dbULL);
}

size_t fth_str_distance(struct fth_str a, struct fth_str b)
{
    enum { MOST = 64 };
    size_t rows[3][MOST + 1], *two = rows[0], *one = rows[1], *now = rows[2];

    if (a.n > MOST || b.n > MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        one[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *spare = two;

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            bool same = lower(a.p[i - 1]) == lower(b.p[j - 1]);
            size_t best = one[j - 1] + !same;

            if (one[j] + 1 < best)
                best = one[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
                lower(a.p[i - 2]) == lower(b.p[j - 1]) && two[j - 2] + 1 < best)
                best = two[j - 2] + 1;
            now[j] = best;
        }
        two = one;
        one = now;
        now = spare;
    }
    return one[b.n];
}

void fth_nearest_offer(struct fth_nearest *nearest, struct fth_str candidate)
{
    size_t distance = fth_str_distance(nearest->text, candidate);
    size_t most = candidate.n < 6 ? 1 : candidate.n / 3;

    if (distance > most || (nearest->best.p && distance >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}
