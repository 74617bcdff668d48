/*
 * truth: tables of exact totals, and whether a ledger says the same.
 *
 * A table is CSV: key columns, then "billed" and "effective", at the end how many charges.
 */
#ifndef GOLDEN_TRUTH_H
#define GOLDEN_TRUTH_H

#include "../unit/import/import_world.h"

struct truth {
    const char *file;
    const char *by[4]; /* what its keys are called in a charge: import_sums() */
    size_t by_nr;
    size_t billed; /* column of billed; effective is the next */
};

/* Is each line of the table at `path` a total of the ledger, and each total one of its lines?
 * Only lines of `month`, unless that is NULL. Else `why`, of 1024 bytes, tells the first that is
 * not. A table by commitment (four keys) leaves out charges without one. */
bool truth_agrees(struct import_world *world, const char *path, const struct truth *truth,
                  const char *month, char *why);

/* Fails when it does not. */
void truth_check(struct import_world *world, const char *path, const struct truth *truth,
                 const char *month);

/* The row of sums with these keys; NULL when there is none. */
const struct fth_str *truth_row(const struct import_sums *sums, const struct fth_str *keys,
                                size_t key_nr);

#endif
