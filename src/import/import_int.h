/*
 * import_int: what the steps of a run hand to each other. Private to src/import.
 *
 * A run has parcels (files of one source, found together); a parcel has lots, one for each billing
 * period; a lot ends as a delivery.
 */
#ifndef FTH_IMPORT_INT_H
#define FTH_IMPORT_INT_H

#include "base/vec.h"
#include "import/discover.h"
#include "import/import.h"
#include "import/importer.h"
#include "import/mapping.h"

/* One of the two exports that a bill came as. */
struct fth_half {
    bool there;
    struct fth_str identity; /* of its run; empty: loose files */
    int64_t submitted_us;
};

/* SHA-256 of a file as it is on disk, and of what is in it. */
struct fth_file_hash {
    char disk[FTH_SHA256_HEX], content[FTH_SHA256_HEX];
};

/* Files of one kind and one source that are imported together. */
struct fth_parcel {
    const struct fth_importer *importer;
    const struct fth_mapping *mapping; /* of custom costs; NULL: none */
    struct fth_probe probe;            /* of the first file that has records */
    const struct fth_bundle *bundle;   /* of a manifest, or NULL: loose files */
    struct fth_str label;              /* the manifest or the first file */
    struct fth_str dataset;
    const char **files;
    int64_t *periods;      /* billing period of each file's first record, or FTH_FEED_ANY_PERIOD */
    const char **roles;    /* per file: of the importer's halves; NULL: it has none */
    const int64_t *expect; /* per file: records, by the manifest; -1: unknown. NULL: nobody says */
    struct fth_half half[FTH_HALF_NR];
    bool stale;                /* what is loaded is newer */
    bool completes;            /* what is loaded is its other half */
    struct fth_str recognised; /* why it is what it is */
    size_t file_nr;
    struct fth_file_hash *hashes; /* of the files, once somebody asked for them; "": not yet */
    int64_t bytes;                /* of all files, as on disk */
    enum fth_rc rc;               /* refused at sight: why */
    struct fth_str why;
};

FTH_VEC(fth_parcel_vec, struct fth_parcel)
FTH_VEC(fth_mapping_vec, const struct fth_mapping *)
FTH_VEC(fth_text_vec, struct fth_str)

struct fth_check {
    const char *id; /* "rows", "native-total", … */
    bool ok;
    bool remark; /* where it does not hold that is told, and not held against the delivery */
    struct fth_str detail;
    struct fth_str currency; /* of the amounts that were compared; empty: it is not about amounts */
    struct fth_money expected, found;
    size_t wrong_nr;           /* of a check of groups: amounts that differ */
    struct fth_text_vec where; /* lines that say where it does not hold */
};

FTH_VEC(fth_check_vec, struct fth_check)

/* Who is billed in a segment. */
struct fth_cover {
    struct fth_str provider, account;
};

/* One billing period of a parcel. */
struct fth_lot {
    int64_t period_us; /* FTH_FEED_ANY_PERIOD: nothing said it yet */
    struct fth_str period;
    bool *uses;   /* which files of the parcel may have its records */
    bool *passed; /* which of them are copies of what is loaded, and do not count again */
    bool settled; /* status is known */

    enum fth_delivery_status status;
    struct fth_source source; /* id 0: none yet */
    struct fth_str identity;
    int64_t delivery_id, segment_id /* 0: nothing written */;
    int64_t taken_id;    /* number taken for it, to be given back when nothing comes of it */
    const char *rejects; /* where its bad records are kept, or NULL */
    int64_t supersedes;
    bool has_segment;
    int final; /* as struct fth_delivery */
    struct fth_segment_stats stats;
    struct fth_feed_counts counts;     /* deep copy, but for what has no use in a report */
    struct fth_arena *groups;          /* of the counts by group, until they are compared */
    const struct fth_feed_totals *net; /* the counts' sums, before net columns were left out */
    size_t net_nr;
    struct fth_cover *covers;
    size_t cover_nr;
    struct fth_check_vec checks;
    struct fth_text_vec warnings;
    struct fth_err err;           /* why it was refused */
    struct fth_str stored_report; /* of an unchanged delivery: its own, as it is kept */
    int64_t seconds_us;
};

FTH_VEC(fth_lot_vec, struct fth_lot)

/* What a dry run would have loaded. */
struct fth_seen {
    struct fth_str provider, account, dataset, period, identity;
};
FTH_VEC(fth_seen_vec, struct fth_seen)

struct fth_run {
    const struct fth_import_request *request;
    struct fth_arena *arena; /* lives as long as the run */
    struct fth_ledger *ledger;
    struct fth_db *db;
    struct fth_parcel_vec parcels;
    struct fth_text_vec notes;       /* of the run */
    struct fth_mapping_vec mappings; /* that were read */
    struct fth_seen_vec seen;
    int64_t began_us; /* this delivery */

    /* What the watcher thread shows; `feed` only while a lot is read. */
    pthread_mutex_t *lock;
    struct fth_import_feed *feed;
    struct fth_import_progress progress;
};

/* "2025-01" of a billing period's start. */
enum fth_rc fth_period_text(struct fth_arena *arena, int64_t period_us, struct fth_str *out,
                            struct fth_err *err);
/* printf onto a vector of texts. */
enum fth_rc fth_text_add(struct fth_text_vec *vec, struct fth_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The text with what the request's aliases say in the place of their paths. */
enum fth_rc fth_run_shown(const struct fth_run *run, struct fth_str text, struct fth_str *out,
                          struct fth_err *err);
/* The same for an error's message and hint. */
void fth_run_shown_error(const struct fth_run *run, struct fth_err *err);
/* Errors that end the run, not only one delivery. */
bool fth_import_is_fatal(enum fth_rc rc);

/* sort.c: bundles into parcels. */
enum fth_rc fth_run_sort(struct fth_run *run, const struct fth_discovery *found,
                         struct fth_err *err);

/* pair.c: halves of one bill become one parcel. */
enum fth_rc fth_run_pair(struct fth_run *run, struct fth_err *err);
/* The half that this parcel lacks, or has older, from what is loaded. Sets parcel->rc when that is
 * no longer there. */
enum fth_rc fth_parcel_complete(struct fth_run *run, struct fth_parcel *parcel,
                                struct fth_err *err);
/* Has the lot files of this half? */
bool fth_lot_has_half(const struct fth_parcel *parcel, const struct fth_lot *lot, size_t half);
/* Role of the k-th of the files that a lot has read; NULL: it has none. */
const char *fth_parcel_role(const struct fth_parcel *parcel, const struct fth_lot *lot, size_t k);

/* deliver.c: a parcel into deliveries, one for each lot appended to `out`. What is wrong with a
 * lot stands in it; returned are only errors that end the run. */
enum fth_rc fth_run_deliver(struct fth_run *run, struct fth_parcel *parcel, struct fth_lot_vec *out,
                            struct fth_err *err);

/* lot.c: reads a lot's files into a segment of its own. Errors are the lot's. */
enum fth_rc fth_lot_load(struct fth_run *run, const struct fth_parcel *parcel, struct fth_lot *lot,
                         struct fth_err *err);
void fth_lot_discard(struct fth_run *run, struct fth_lot *lot);
/* The counts by group, which are large, once they are compared. */
void fth_lot_forget_groups(struct fth_lot *lot);

/* check.c: what a segment that was just written must satisfy. */
enum fth_rc fth_lot_check(struct fth_run *run, const struct fth_parcel *parcel, struct fth_lot *lot,
                          struct fth_err *err);
/* check_closed.c: whether it changes a month that was final. The lot is about to be committed. */
enum fth_rc fth_lot_check_closed(struct fth_run *run, struct fth_lot *lot, struct fth_err *err);
/* What the source's own columns say that was billed in one currency. */
enum fth_rc fth_lot_native(const struct fth_importer *importer, const struct fth_feed_totals *sums,
                           struct fth_money *out, struct fth_err *err);
/* What of a currency is stored: zeros when there is nothing. */
const struct fth_segment_sums *fth_lot_stored(const struct fth_lot *lot, const char *currency);

/* report.c: the object of one delivery (contract: "deliveries"). */
enum fth_rc fth_lot_report(const struct fth_run *run, const struct fth_parcel *parcel,
                           const struct fth_lot *lot, struct fth_buf *out, struct fth_err *err);
/* Who is billed, from a stored report. */
enum fth_rc fth_report_covers(struct fth_arena *arena, struct fth_str report,
                              struct fth_cover **out, size_t *out_nr, struct fth_err *err);

#endif
