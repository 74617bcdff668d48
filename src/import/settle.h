/*
 * settle: what a lot is to the ledger as it stands. Private to src/import.
 *
 * Asked twice: with what the head of the files says, so that nothing is read in vain, and again
 * with what was read. Thread rule: the ledger's writer.
 */
#ifndef FTH_IMPORT_SETTLE_H
#define FTH_IMPORT_SETTLE_H

#include "import/import_int.h"

/*
 * Finds the lot's source (id 0: it would be a new one) for charges of `covers`, and settles the lot
 * when it is unchanged, superseded or to be refused; else lot->supersedes is what it replaces.
 * Returned are only errors that end the run.
 */
enum fth_rc fth_lot_settle(struct fth_run *run, const struct fth_parcel *parcel,
                           struct fth_lot *lot, const struct fth_cover *covers, size_t cover_nr,
                           struct fth_err *err);

/* Finds only the source. */
enum fth_rc fth_lot_find_source(struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot *lot, const struct fth_cover *covers,
                                size_t cover_nr, struct fth_err *err);

/* Identity of loose files: "sha256:" and the hash over the sorted hashes of their decompressed
 * contents. Hashes those that lot->counts does not know yet. */
enum fth_rc fth_lot_identify(struct fth_run *run, const struct fth_parcel *parcel,
                             struct fth_lot *lot, struct fth_err *err);

/* Makes the source's row when it is new, and takes its name. */
enum fth_rc fth_lot_source(struct fth_run *run, const struct fth_parcel *parcel,
                           struct fth_lot *lot, struct fth_err *err);

#endif
