/*
 * tail: how rare a value is among those of its series, far out where there are few.
 *
 * Peaks over a threshold (Siffer and others 2017): what is over `FTH_TAIL_FROM` follows a
 * generalised Pareto law, fitted by its first two moments. Old values fade, and as long as there
 * are few a usual tail speaks with them.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_DETECT_TAIL_H
#define FTH_DETECT_TAIL_H

/* Where the tail begins, in robust standard deviations. */
#define FTH_TAIL_FROM 2.0

struct fth_tail {
    double nr, over;     /* values, and those in the tail; both fade */
    double sum, squares; /* of what they are over the threshold by */
};

/* What the tail of a series is taken for before it is known. */
struct fth_tail_prior {
    double share; /* of the values that lie in the tail */
    double mean;  /* of what they are over the threshold by */
    double shape; /* of the Pareto law, 0 to 0.45 */
};

void fth_tail_learn(struct fth_tail *tail, double value);

/* The probability of a value as large as this or larger: 1 at 0 and below. */
double fth_tail_p(const struct fth_tail *tail, const struct fth_tail_prior *prior, double value);

#endif
