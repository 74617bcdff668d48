/*
 * check: invariants that stay on in release.
 *
 * FTH_CHECK(cond) is for what can only be false when the program itself is wrong. It never judges
 * input: what a user, a file or the network can cause is an error, not a check.
 */
#ifndef FTH_CHECK_H
#define FTH_CHECK_H

/* Prints where and what to stderr and aborts. */
_Noreturn void fth_check_failed(const char *file, int line, const char *cond);

#define FTH_CHECK(cond) ((cond) ? (void)0 : fth_check_failed(__FILE__, __LINE__, #cond))

/* The number of elements of an array. */
#define FTH_NR(array) (sizeof(array) / sizeof((array)[0]))

#endif
