/*
 * check_int: what the checks of an import share. Private to check*.c.
 *
 * Thread rule: as the run.
 */
#ifndef FTH_CHECK_INT_H
#define FTH_CHECK_INT_H

#include "import/import_int.h"
#include "ledger/statement.h"

/* Lines that say where a check does not hold, at most. */
enum { FTH_CHECK_WHERE_MAX = 4 };

/* Two amounts of one currency. */
struct fth_compared {
    const char *id, *currency;
    struct fth_money expected, found, tolerance;
    const char *expected_name, *found_name;
};

/* check.c */

enum fth_rc fth_check_add(struct fth_lot *lot, const char *id, bool ok, struct fth_err *err,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));
enum fth_rc fth_check_amounts(struct fth_lot *lot, const struct fth_compared *two,
                              struct fth_err *err);
/* A line for the check that was added last. */
enum fth_rc fth_check_where(struct fth_lot *lot, struct fth_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The last part of a path. */
struct fth_str fth_check_base(struct fth_str path);
/* Are they equal, to the tolerance? */
bool fth_check_same(struct fth_money a, struct fth_money b, struct fth_money tolerance);

/* Runs a statement of sql/import/check.sql and hands each row to `row`. */
enum fth_rc fth_check_query(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                            const char *name, const struct fth_word *words, size_t word_nr,
                            enum fth_rc (*row)(void *ctx, const struct fth_batch *batch, size_t i,
                                               struct fth_err *err),
                            void *ctx, struct fth_err *err);
struct fth_str fth_check_text(const struct fth_batch *batch, size_t col, size_t row);
int64_t fth_check_i64(const struct fth_batch *batch, size_t col, size_t row);
/* The amount in a column and its tail in the one behind. */
enum fth_rc fth_check_money(const struct fth_batch *batch, size_t col, size_t row,
                            struct fth_money *out, struct fth_err *err);

/* check_row.c: FTH_CHECK_ROW of check.def. */
enum fth_rc fth_check_rows(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                           struct fth_err *err);

/* check_group.c: by invoice and service, by commitment, by type of credit. */
enum fth_rc fth_check_groups(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err);
enum fth_rc fth_check_commitments(struct fth_session *session, struct fth_run *run,
                                  const struct fth_parcel *parcel, struct fth_lot *lot,
                                  struct fth_err *err);
enum fth_rc fth_check_credits(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                              struct fth_err *err);

/* check_bisect.c: reads the bill again, where a sum of it differs, and says where. */
enum fth_rc fth_check_bisect(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err);

#endif
