/*
 * demo: makes up an organisation and writes its AWS bills the way AWS delivers them, with the exact
 * totals beside them.
 *
 *   DIR/aws-cur-2.0/     CUR 2.0: the bill to import
 *   DIR/aws-cur-legacy/  the same bill in the old form (a second source of it must be refused)
 *   DIR/truth/           aws_by_*.csv: totals by month, product and category, by account, day, team
 *                        and commitment; aws_anomalies.csv: what was let go wrong on purpose
 *
 * In the bill: several accounts, teams and environments in tags (and rows without), regions, some
 * forty kinds of usage with trends, weekends and working hours, reservations and savings plans with
 * used and unused parts, upfront and recurring fees, spot, split cost of containers, marketplace,
 * support, domains, credits, refunds (one of a closed period), tax. All months but the present one
 * are invoiced; the present one ends today.
 *
 * It shares nothing with what reads bills beyond base/: amounts are whole numbers of 1e-10 dollars
 * here, and the truth is added up from what each line was meant to be.
 *
 * Thread rule: no shared state; one thread a call.
 */
#ifndef FTH_DEMO_H
#define FTH_DEMO_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct fth_demo_options {
    uint64_t seed;
    unsigned months;         /* 1 to 120, the present one included */
    uint64_t rows;           /* about how many lines in all; from 1000, and some
                                forty a day are the least there are */
    int32_t today;           /* the last day with charges */
    struct fth_str provider; /* "aws"; empty means the same */
};

/* 13 months, 100,000 rows, seed 1, aws. */
struct fth_demo_options fth_demo_defaults(int32_t today);

struct fth_demo_summary {
    uint64_t rows; /* lines of the bill, each form */
    unsigned months;
    unsigned files; /* written, manifests and truth included */
};

/*
 * The same options give the same bytes. `dir` is made when it is missing; `summary` may be NULL.
 * FTH_E_CONFLICT     there is a bill in `dir` already
 * FTH_E_RANGE        an option is out of its bounds
 * FTH_E_UNSUPPORTED  a provider that it cannot play
 * FTH_E_IO, FTH_E_NOMEM; what has been written by then stays
 */
enum fth_rc fth_demo_write(const char *dir, const struct fth_demo_options *options,
                           struct fth_demo_summary *summary, struct fth_err *err);

#endif
