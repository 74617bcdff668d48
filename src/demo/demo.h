/*
 * demo: makes up an organisation and writes its bills the way its providers deliver them, with the
 * exact totals beside them.
 *
 *   DIR/aws-cur-2.0/      CUR 2.0: the bill to import
 *   DIR/aws-cur-legacy/   the same bill in the old form (a second source of it must be refused)
 *   DIR/google-detailed/  the detailed export as JSON lines, and
 *   DIR/google-standard/  the standard one, which must be refused beside it
 *   DIR/azure-ea/         exports of an enterprise agreement, and
 *   DIR/azure-mca/        of a customer agreement in euros: actual and amortized, with manifests
 *   DIR/oracle/           cost reports
 *   DIR/focus/            FOCUS 1.2 of a maker of software
 *   DIR/truth/            <provider>_by_*.csv: totals by month, product and category, by account,
 *                         day, team and commitment; aws_anomalies.csv: what was let go wrong on
 *                         purpose
 *   DIR/restated/         when asked for: the last month that is over, billed again three times:
 *     late/               with usage that was metered late,
 *     corrected/          and some of it taken back,
 *     orphaned/           and what a run left behind that broke off; each has the folders above,
 *                         with the truth once it is imported after those before. Google and Oracle
 *                         add to what they delivered, the others replace it
 *
 * In the bills: several accounts, teams and environments in tags (and rows without), regions, kinds
 * of usage with trends, weekends and working hours, commitments with used and unused parts, upfront
 * and recurring fees, spot, split cost of containers, marketplace, support, domains, credits,
 * refunds (one of a closed period), tax, rounding: of each provider what its bills have. All months
 * but the present one are invoiced; the present one ends today.
 *
 * It shares nothing with what reads bills beyond base/: amounts are whole numbers of 1e-10 dollars
 * here, and the truth is added up from what each line was meant to be. Lines are written as they
 * are made: memory does not grow with their number.
 *
 * Thread rule: no shared state; one thread a call.
 */
#ifndef FTH_DEMO_H
#define FTH_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct fth_demo_options {
    uint64_t seed;
    unsigned months;         /* 1 to 120, the present one included */
    uint64_t rows;           /* of each provider, about how many lines in all; from 1000, and some
                                forty a day are the least there are */
    int32_t today;           /* the last day with charges */
    bool restate;            /* the last month that is over is billed again, DIR/restated/ */
    struct fth_str provider; /* "aws", "google", "azure-ea", "azure-mca", "oracle", "focus", or
                                "all"; empty means "aws" */
};

/* 13 months, 100,000 rows, seed 1, aws. */
struct fth_demo_options fth_demo_defaults(int32_t today);

struct fth_demo_summary {
    uint64_t rows; /* lines of the bills, each form; not of those billed again */
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
