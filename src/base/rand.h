/*
 * rand: two kinds of chance. fth_rand_bytes() is for secrets and ids, from the system;
 * struct fth_rng is for tests, samples and generators: the same seed gives the same numbers
 * on every machine (xoshiro256**, seeded by splitmix64; Blackman and Vigna, 2018).
 *
 * Thread rule: fth_rand_bytes() any thread; a generator belongs to one thread.
 */
#ifndef FTH_RAND_H
#define FTH_RAND_H

#include <stddef.h>
#include <stdint.h>

/* `n` random bytes that nobody can guess; aborts the program if the system has none. */
void fth_rand_bytes(void *out, size_t n);

/* A random seed from the same source. */
uint64_t fth_rand_seed(void);

/* A time-ordered UUID (version 7, RFC 9562) at `now_us` microseconds since 1970: 36 characters and
 * a zero byte. */
void fth_rand_uuid7(int64_t now_us, char out[37]);

struct fth_rng {
    uint64_t s[4];
};

struct fth_rng fth_rng_seeded(uint64_t seed);
uint64_t fth_rng_u64(struct fth_rng *rng);
/* 0 to n - 1, each as likely; n > 0. */
uint64_t fth_rng_below(struct fth_rng *rng, uint64_t n);
/* In [0, 1), 53 bits. */
double fth_rng_unit(struct fth_rng *rng);

#endif
