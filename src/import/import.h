/*
 * import: files and folders of bills into the ledger, and the report about it.
 *
 * A run discovers the deliveries under its paths (manifests decide which files count), finds the
 * importer of each, and for each delivery and billing period writes a segment and commits it, or
 * says why not. Deliveries stand alone: one that is refused leaves the ledger as it was and does
 * not stop the others.
 *
 * What a delivery is, when it is unchanged, superseded, replaced or refused, and the report's
 * shape: README.md of this folder.
 *
 * Thread rule: one run at a time for a ledger (a second waits); `progress` is called from a thread
 * of the run's own, a few times a second, and once at the end.
 */
#ifndef FTH_IMPORT_H
#define FTH_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/thread.h"
#include "ledger/ledger.h"

enum fth_import_mode {
    FTH_IMPORT_DECIDE, /* manifests say it; a loose delivery over another one is refused */
    FTH_IMPORT_REPLACE,
    FTH_IMPORT_APPEND
};

struct fth_import_progress {
    const char *step; /* "reading", "writing", "done": a literal */
    const char *what; /* the delivery's first file, "" between deliveries */
    size_t delivery, delivery_nr;
    int64_t bytes, bytes_all; /* of this delivery's files as on disk */
    int64_t rows;             /* of this delivery so far */
    int64_t us;               /* since this delivery began */
};

/* A path that means nothing to whoever reads a message: what it is called there. */
struct fth_import_alias {
    struct fth_str path, shown; /* "…/tmp/uploads/ID/bill.csv", "bill.csv" */
};

struct fth_import_request {
    struct fth_ledger *ledger;
    const struct fth_clock *clock;
    const char *const *paths; /* files or folders */
    size_t path_nr;
    const struct fth_import_alias *aliases; /* for messages, reports and the catalogue */
    size_t alias_nr;
    struct fth_str source;    /* name of the source; empty: its own */
    struct fth_str format;    /* importer id; empty: by manifest and header */
    struct fth_str mapping;   /* text of the mapping of all files (import/mapping.h); empty: none */
    const char *mapping_name; /* what messages call it; NULL: "mapping" */
    struct fth_str period;    /* "2025-01": only charges of this billing period; empty: all */
    enum fth_import_mode mode;
    int64_t tolerate;    /* so many bad records of a delivery are set aside */
    const char *rejects; /* folder for lists of records set aside; NULL: not kept */
    bool dry_run;        /* read and check everything, commit nothing */
    struct fth_cancel *cancel;
    void (*progress)(void *ctx, const struct fth_import_progress *progress); /* may be NULL */
    void *progress_ctx;
};

/*
 * Runs it and writes the report, a JSON object (spec: "deliveries", …), into `report`, also when
 * it fails half way.
 *
 * FTH_OK           each delivery is loaded, unchanged or superseded
 * FTH_E_PARTIAL    some were refused, and some were not
 * FTH_E_NOTFOUND   no such path, or nothing under the paths is a bill that an importer knows
 * FTH_E_CONFLICT   the one delivery (or all) was refused: other content for a period that is
 * loaded, or another source covers the same account and period FTH_E_SYNTAX, FTH_E_RANGE,
 * FTH_E_INVALID  … was refused for what is in it FTH_E_CANCELLED, FTH_E_NOMEM, FTH_E_IO, FTH_E_BUSY
 */
enum fth_rc fth_import_run(const struct fth_import_request *request, struct fth_buf *report,
                           struct fth_err *err);

#endif
