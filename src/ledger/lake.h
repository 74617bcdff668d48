/*
 * lake: the ledger as a folder of Parquet files that any tool can read, and a ledger from one.
 *
 *   DIR/manifest.json    what there is: each file with its SHA-256, rows, columns and sums
 *   DIR/catalogue.json   sources, versions, deliveries with reports and files, segments
 *   DIR/tags/            the tag dictionary: TagSetId, Tags
 *   DIR/charges/source=NAME/billing_period=PERIOD/segment=ID/charges.parquet
 *   DIR/side/…           further columns of those rows, by Record and Part, as JSON
 *
 * It holds the segments that are current; earlier versions are known, but cannot be asked after a
 * restore. The manifest is written last: a folder without one is an export that did not end.
 * What is derived from the charges (cubes, roll-up, lists of values) is not in it; a restore makes
 * it as a load does.
 *
 * Thread rule: one thread each; export and restore are writers of the ledger.
 */
#ifndef FTH_LAKE_H
#define FTH_LAKE_H

#include "ledger/ledger.h"

struct fth_lake_summary {
    int64_t version; /* of the ledger */
    size_t segment_nr, file_nr;
    size_t kept_nr; /* of an export: files of segments that were there already, and whole */
    int64_t rows, bytes;
};

/* Writes the newest version into `dir`, which is made. An earlier lake of the same ledger is
 * brought up to date: a segment's file that is what its manifest says is not written again, and
 * files that no longer belong to it go. FTH_E_CONFLICT when the folder holds anything else. */
enum fth_rc fth_lake_export(struct fth_ledger *ledger, const char *dir, const char *program,
                            struct fth_cancel *cancel, struct fth_lake_summary *out,
                            struct fth_err *err);

/* A file that is not what the manifest says. */
struct fth_lake_problem {
    struct fth_str path, detail;
    struct fth_lake_problem *next;
};

/* Reads every file and compares it with the manifest. *problems, in `arena`, is NULL when all is
 * well. FTH_E_NOTFOUND without a manifest, FTH_E_SYNTAX, FTH_E_UNSUPPORTED for a later form of it;
 * `engine` may be any. */
enum fth_rc fth_lake_verify(struct fth_engine *engine, const char *dir, struct fth_cancel *cancel,
                            struct fth_arena *arena, struct fth_lake_summary *out,
                            const struct fth_lake_problem **problems, struct fth_err *err);

/* Fills an empty ledger: the same ids, versions, deliveries and charges. The catalogue's
 * transaction is the only commit; before it the ledger is empty, and what was written is swept.
 * FTH_E_CONFLICT when the ledger is not empty, FTH_E_CHECK when a file is not what it should be. */
enum fth_rc fth_lake_restore(struct fth_ledger *ledger, const char *dir, struct fth_cancel *cancel,
                             struct fth_lake_summary *out, struct fth_err *err);

#endif
