/*
 * str: text to read. A pointer and a length, never an owner.
 *
 * A struct fth_str points into memory that somebody else keeps (an arena, a file's buffer, a string
 * literal) and is passed by value. It need not end with a zero byte. {NULL, 0} is the empty text.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_STR_H
#define FTH_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fth_str {
    const char *p;
    size_t n;
};

/* A literal, and a zero-terminated text (NULL gives the empty text). */
#define FTH_STR(literal) ((struct fth_str){"" literal, sizeof(literal) - 1})
struct fth_str fth_str_c(const char *text);
/* A literal in the initialiser of a static table, where FTH_STR() is not constant enough. */
#define FTH_STR_INIT(literal)           \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

/* For printf: FTH_STR_F in the format, FTH_STR_A(s) as argument. Cuts at INT_MAX. */
#define FTH_STR_F "%.*s"
#define FTH_STR_A(s) ((s).n > 0x7fffffff ? 0x7fffffff : (int)(s).n), ((s).n ? (s).p : "")

/* Bytes: memcmp order, a prefix comes first. */
int fth_str_cmp(struct fth_str a, struct fth_str b);
bool fth_str_eq(struct fth_str a, struct fth_str b);
bool fth_str_eq_c(struct fth_str a, const char *b);

/* The same with ASCII letters folded. */
int fth_str_casecmp(struct fth_str a, struct fth_str b);
bool fth_str_caseeq(struct fth_str a, struct fth_str b);

bool fth_str_starts(struct fth_str text, struct fth_str prefix);
bool fth_str_ends(struct fth_str text, struct fth_str suffix);

/* From byte `at` (clamped to the end), at most `n` bytes. */
struct fth_str fth_str_sub(struct fth_str text, size_t at, size_t n);

/* Without ASCII white space at both ends. */
struct fth_str fth_str_trim(struct fth_str text);

/* Position of the first `c`, of the last `c`, of the first `part`; SIZE_MAX when there is none. */
size_t fth_str_find(struct fth_str text, char c);
size_t fth_str_rfind(struct fth_str text, char c);
size_t fth_str_search(struct fth_str text, struct fth_str part);

/* Splits at the first `c`; false, and nothing set, when there is none. */
bool fth_str_split(struct fth_str text, char c, struct fth_str *before, struct fth_str *after);

/* Takes the next piece up to `c` off the front of *text; false when *text is used up. A text that
 * ends in `c` does not have an empty piece behind it. */
bool fth_str_next(struct fth_str *text, char c, struct fth_str *piece);

/* Whole numbers, no sign but '-', no white space; false when it is none or does not fit. */
bool fth_str_to_i64(struct fth_str text, int64_t *out);
bool fth_str_to_u64(struct fth_str text, uint64_t *out);
/* The nearest double; digits with sign, point and exponent only (no hexadecimal, no "nan"), in less
 * than 512 bytes. May be infinite. */
bool fth_str_to_double(struct fth_str text, double *out);

/* 64-bit hash, the same in every run for one seed; fast, not for secrets. */
uint64_t fth_str_hash(struct fth_str text, uint64_t seed);

/* Damerau-Levenshtein distance of two short texts with ASCII case folded, for "did you mean";
 * SIZE_MAX when either is longer than 64 bytes. */
size_t fth_str_distance(struct fth_str a, struct fth_str b);

/* "Did you mean": set `text`, offer candidates; `best` is the nearest one that differs by no more
 * than a third of its length (at least one letter), the first of equals, or {NULL, 0}. */
struct fth_nearest {
    struct fth_str text, best;
    size_t distance;
};

void fth_nearest_offer(struct fth_nearest *nearest, struct fth_str candidate);

#endif
