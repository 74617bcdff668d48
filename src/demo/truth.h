/*
 * truth: exact totals of a bill, added up from what each line was meant to be.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_DEMO_TRUTH_H
#define FTH_DEMO_TRUTH_H

#include <stdint.h>

#include "base/arena.h"

/* What one line comes to in the terms of FOCUS; a fee of a commitment comes to two of these. */
struct fth_truth_row {
    int32_t month; /* billing month */
    int32_t day;   /* on which the charge starts */
    const char *product_code;
    const char *category; /* as in FOCUS */
    const char *account;
    const char *team;          /* "" without */
    const char *commitment;    /* "" without */
    const char *status;        /* "Used", "Unused" or "" */
    int64_t billed, effective; /* 1e-10 */
    int64_t list;              /* of usage */
};

struct fth_truth;

/* Lives as long as the arena. `provider` begins the names of its files. */
enum fth_rc fth_truth_new(struct fth_arena *arena, const char *provider, struct fth_truth **out,
                          struct fth_err *err);

enum fth_rc fth_truth_add(struct fth_truth *truth, const struct fth_truth_row *row,
                          struct fth_err *err);

/* Writes <provider>_by_*.csv into `dir`, rows in the order of their keys. Adds the files to *files.
 */
enum fth_rc fth_truth_write(const struct fth_truth *truth, const char *dir, unsigned *files,
                            struct fth_err *err);

#endif
