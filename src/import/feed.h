/*
 * feed: the files of one delivery as typed rows for a ledger's mapping statement.
 *
 * A layout, written by an importer as const data, says which columns a source may have, under which
 * header spellings, of which kind, and what happens to rows that do not become one charge each. The
 * feed opens the files (CSV and JSON lines: plain, gzip, zstd; Parquet), matches their headers and
 * gives, for every record, one row of these columns:
 *
 *   Record     I64    number of the record in the delivery, from 1 over all its files in order
 *   Part       I32    0; 1 in the second row of a record that a rule doubles. With a list: k in the
 *                     row of its k-th element, and FTH_FEED_TWIN more in a row that a rule adds
 *   <name>            each column of the layout; NULL when a file lacks it
 *   <name>Tail I64    for each money column: units of 1e-28 below its head; NULL when that is
 *   <name>Text TEXT   for each decimal column: as it is written; NULL when that is
 *   TagSetId   I32    into the tag dictionary; 0 without tags
 *
 * The members of nested objects (JSON lines, Parquet structs) are columns of their own, with the
 * path as header: "project.id". Of JSON lines, whose members come and go, the headers are the
 * layout's names and what the first records have; a member that comes later is a column that
 * nobody knows.
 *
 * Text is NULL when empty. Values are exact: what does not fit its kind is refused with file, line,
 * column, value and rule, or set aside when the request tolerates it.
 *
 * Thread rule: one feed is read by as many workers as the engine opens; open, close and counts
 * belong to its owner. Progress may be read by any thread at any time.
 */
#ifndef FTH_IMPORT_FEED_H
#define FTH_IMPORT_FEED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/money.h"
#include "base/sha256.h"
#include "base/thread.h"
#include "import/feed_group.h"
#include "import/feed_layout.h"
#include "ledger/batch.h"
#include "ledger/ledger.h"

enum {
    FTH_FEED_TOTAL_MAX = 8,
    FTH_FEED_RULE_MAX = 16,
    FTH_FEED_PERIOD_MAX = 64,
    FTH_FEED_CURRENCY_MAX = 32,
    FTH_FEED_DEMAND_MAX = 8
};

struct fth_feed_request {
    const struct fth_feed_layout *layout;
    const char *const *paths; /* in order */
    size_t path_nr;
    const char *const *roles; /* per path, or NULL: what the file is to the others, "amortized" */
    /* Only records of this billing period (start, microseconds); the others are passed over and not
     * counted. FTH_FEED_ANY_PERIOD: that of the first record of the delivery. */
    int64_t period_us;
    const char *const *without; /* columns of the layout to treat as missing; may be NULL */
    unsigned wide;              /* bit i set: money column i (in layout order) as DEC_WIDE */
    int64_t tolerate;           /* so many bad records may be set aside */
    const char *rejects;        /* file to write them to; NULL: none */
    struct fth_ledger *ledger;  /* for tag sets, and to read Parquet */
    /* Instead of the ledger's dictionary (tests, checks without a ledger); NULL: the ledger's. */
    enum fth_rc (*tag_id)(void *ctx, const struct fth_str *keys, const struct fth_str *values,
                          size_t nr, int32_t *out, struct fth_err *err);
    void *tag_ctx;
    /* A file that is made anew, for the columns that nobody knows; NULL: they are not kept. */
    const char *side;
    struct fth_cancel *cancel;
};
#define FTH_FEED_ANY_PERIOD INT64_MIN

/* A bad record: where, what, why. `rule` is a stable id: "not-a-number", "too-many-digits",
 * "not-a-time", "not-a-boolean", "not-a-map", "not-a-list", "field-count", "not-utf8", "not-json",
 * or that of a demand of the layout. What breaks the file itself (an open quote, a cut stream)
 * cannot be set aside. */
struct fth_feed_reject {
    struct fth_str file, column, value, rule;
    int64_t line, record;
};

/* What the records of one currency add up to. */
struct fth_feed_totals {
    char currency[8];                              /* "": they name none */
    struct fth_money total[FTH_FEED_TOTAL_MAX];    /* in layout order */
    int64_t total_nr[FTH_FEED_TOTAL_MAX];          /* records that had a value */
    struct fth_money rule_cost[FTH_FEED_RULE_MAX]; /* of the rules' records, in layout order */
};

/* Complete when the last worker has ended; lives as long as the feed. */
struct fth_feed_counts {
    int64_t rows_read; /* records of the period, and all that were set aside */
    int64_t rows_out;
    int64_t rows_other;                     /* records of other periods */
    int64_t rule_rows[FTH_FEED_RULE_MAX];   /* in layout order, and */
    int64_t rule_costed[FTH_FEED_RULE_MAX]; /* how many of them have a cost */
    struct fth_feed_totals sums[FTH_FEED_CURRENCY_MAX];
    size_t sum_nr;
    int64_t periods[FTH_FEED_PERIOD_MAX]; /* billing periods seen, ascending */
    size_t period_nr;
    int64_t lacking[FTH_FEED_DEMAND_MAX]; /* records without an optional text, by demand */
    bool has_tail;
    int64_t read_cpu_us;    /* of all workers: unpacking, digests, finding the fields */
    int64_t convert_cpu_us; /* checking and converting */
    int64_t rejected;
    const struct fth_feed_reject *rejects; /* the first 100 */
    size_t reject_nr;
    bool has_fatal; /* the reading ended at a bad record that was one too many: */
    struct fth_feed_reject fatal;
    struct fth_feed_file_count {
        struct fth_str path;
        int64_t bytes;                /* as on disk */
        int64_t rows;                 /* all its records */
        char sha256[FTH_SHA256_HEX];  /* SHA-256 of the file as it is on disk, and … */
        char content[FTH_SHA256_HEX]; /* of what is in it, decompressed */
    } * files;
    size_t file_nr;
    /* By invoice and service: the records' cost, or the first two totals where those are by role;
     * else the second total, credits of the record's elements included. */
    const struct fth_feed_group *groups;
    size_t group_nr; /* 0 also when there were very many */
    const struct fth_feed_group *commitments;
    size_t commitment_nr;                 /* the same */
    const struct fth_feed_group *credits; /* by the type of credit */
    size_t credit_nr;                     /* the same */
    const char *const *missing;           /* columns of the layout that no file had */
    size_t missing_nr;
    const struct fth_str *unknown; /* headers kept beside the rows */
    size_t unknown_nr;
};

struct fth_feed_progress {
    _Atomic int64_t bytes; /* of the files as on disk */
    _Atomic int64_t rows;
};

struct fth_import_feed;

/*
 * Opens the files' headers and sets *out; data is read when the engine asks. `arena` must outlive
 * it.
 *
 * FTH_E_NOTFOUND, FTH_E_IO  a file that cannot be read
 * FTH_E_SYNTAX              a header that is repeated or not UTF-8; not a file of this kind
 * While it is read also, with the place in the message: FTH_E_SYNTAX, FTH_E_RANGE with err->pointer
 * "/wide/<money column>" when a value needs a wide head, FTH_E_CANCELLED.
 */
enum fth_rc fth_import_feed_open(const struct fth_feed_request *request, struct fth_arena *arena,
                                 struct fth_import_feed **out, struct fth_err *err);
void fth_import_feed_close(struct fth_import_feed *feed);

/* What a load takes: struct fth_segment_load.feed. Its name is "feed". */
struct fth_feed *fth_import_feed_feed(struct fth_import_feed *feed);
/*
 * The same for struct fth_segment_load.side: a row of Record (I64), Part (I32), Columns (TEXT) for
 * each row of the first feed that has columns that nobody knows, as a JSON object without empty
 * values and empty maps. Of the rows of a list only that of the record itself has them. To be read
 * once, when the first feed is at its end. Its name is "feed_side"; NULL when the request names no
 * file.
 */
struct fth_feed *fth_import_feed_side(struct fth_import_feed *feed);
const struct fth_feed_counts *fth_import_feed_counts(struct fth_import_feed *feed);
const struct fth_feed_progress *fth_import_feed_progress(const struct fth_import_feed *feed);

/*
 * The first `max` records of a file as text under the spellings of its header, for probes: cells is
 * row-major, empty text for a missing value. Parquet values come as text too.
 */
struct fth_feed_head {
    const struct fth_str *headers;
    size_t header_nr;
    const struct fth_str *cells;
    size_t row_nr;
    bool parquet, csv;
};
/* Is this the header of that name: the name itself, or one in another language with it in brackets,
 * "Abonnement (SubscriptionId)"? Folded: without case. */
bool fth_feed_header_is(struct fth_str header, struct fth_str name, bool folded);
/* The moment of a cell of the head, read as the head's own values say. */
bool fth_feed_head_instant(const struct fth_feed_layout *layout, const struct fth_feed_head *head,
                           struct fth_str text, int64_t *out);
enum fth_rc fth_import_feed_head(struct fth_ledger *ledger, const char *path, size_t max,
                                 char delimiter, struct fth_arena *arena, struct fth_feed_head *out,
                                 struct fth_err *err);

/* A text as a column of kind INSTANT or MONTH reads it; false when it is none. */
bool fth_feed_moment(enum fth_feed_kind kind, struct fth_str text, int64_t *out);

/* SHA-256 of a file's decompressed content, and of the file as it is on disk, as hex digits. */
enum fth_rc fth_import_feed_hash(const char *path, struct fth_cancel *cancel,
                                 char content[FTH_SHA256_HEX], char sha256[FTH_SHA256_HEX],
                                 struct fth_err *err);

#endif
