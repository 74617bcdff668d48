/*
 * archive: segments that are past leave the engine's file and are read from Parquet.
 *
 *   DIR/17.parquet        the charges of segment 17, in the order of its load, as they are stored
 *   DIR/17.side.parquet   the further columns of its rows, where there are any
 *
 * A file is written, compared with the table, brought to the disk; then the segment's row says that
 * it is archived, and that is the commit. From then on readers of earlier versions are given the
 * file in the table's place and the same rows in the same order. The table, its cubes and lists of
 * values go when no reader is left who was given them; a run that was killed is made up for by the
 * next, or by the next opening.
 *
 * Thread rule: one run at a time; readers and loads go on.
 */
#ifndef FTH_ARCHIVE_H
#define FTH_ARCHIVE_H

#include "ledger/ledger.h"

struct fth_archived {
    int64_t segments, bytes; /* archived, and their files */
    int64_t dropped;         /* tables that left the engine */
    int64_t removed; /* segments that had their time: their versions cannot be asked any more */
};

/* Archives every past segment. `keep_us`: what has been past for longer is forgotten; 0: nothing
 * is. FTH_E_IO with a hint when the disk is full, FTH_E_CHECK when a file does not say what its
 * segment does; what was archived by then is. */
enum fth_rc fth_ledger_archive(struct fth_ledger *ledger, int64_t keep_us,
                               struct fth_cancel *cancel, struct fth_archived *out,
                               struct fth_err *err);

#endif
