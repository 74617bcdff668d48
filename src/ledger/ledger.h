/*
 * ledger: immutable segments in an engine, and the catalogue that says which are current.
 *
 * A segment is one table of charges of one (source, billing period). A load writes its segment and
 * what is derived from it first; then one transaction of the state store (ledger/catalogue.h) makes
 * it current, and that is the only commit point. A segment in the engine that the catalogue does
 * not know is left over from a killed load and is swept at the next open.
 *
 * Readers take a snapshot: the segments of one ledger version, pinned until it is released. A sweep
 * never drops a pinned segment.
 *
 * Thread rule: one writer at a time (fth_ledger_write_begin() waits), any number of readers.
 */
#ifndef FTH_LEDGER_H
#define FTH_LEDGER_H

#include "base/clock.h"
#include "base/log.h"
#include "base/money.h"
#include "ledger/catalogue.h"
#include "ledger/engine.h"

struct fth_ledger;

struct fth_ledger_conf {
    struct fth_engine_conf engine;
    const char *archive;         /* folder of past segments; NULL: they stay in the engine */
    const char *const *hot_tags; /* tag keys that get a cube of their own */
    size_t hot_tag_nr;
};

/* Opens engine and tables, sweeps what no catalogue row knows. `db` and `log` must outlive it. */
enum fth_rc fth_ledger_open(const struct fth_ledger_conf *conf, struct fth_db *db,
                            const struct fth_clock *clock, struct fth_log *log,
                            struct fth_ledger **out, struct fth_err *err);
void fth_ledger_close(struct fth_ledger *ledger);

struct fth_engine *fth_ledger_engine(struct fth_ledger *ledger);
struct fth_db *fth_ledger_db(struct fth_ledger *ledger);

/* ---- reading ---- */

/* One segment of a snapshot, with what the compiler must know. */
struct fth_segment {
    int64_t id;
    bool archived;     /* its charges are Parquet, and `table` reads that */
    const char *table; /* what statements select it from: "seg_17" */
    const char *side;  /* the same for its rows of the table side; NULL: that one */
    int64_t source_id;
    struct fth_str source; /* name */
    struct fth_str provider;
    struct fth_str billing_period;
    int32_t billing_month;          /* fth_month; INT32_MIN when the period is no calendar month */
    int32_t charge_from, charge_to; /* first and last date of ChargePeriodStart, both included */
    int64_t rows;
    bool one_currency; /* all rows are billed in `currency` */
    struct fth_str currency;
    bool has_tail;                   /* some tail limb is not zero */
    bool has_cubes;                  /* cube_day and resource_month hold its rows */
    bool has_values;                 /* segment_value lists its values */
    bool has_side;                   /* some rows have further columns */
    bool has_long;                   /* some charges last longer than a day */
    const struct fth_str *cube_tags; /* the tag keys of cubes 100, 101, … */
    size_t cube_tag_nr;
    int64_t charges_until_us, loaded_us; /* latest ChargePeriodEnd; when its delivery came */
    int final;                           /* 1, 0, -1: the provider does not say */
};

struct fth_snapshot {
    int64_t version;
    const struct fth_segment *at; /* ordered by source, billing month, id */
    size_t nr;
};

/* The segments of `version` (0: the newest), pinned. FTH_E_NOTFOUND when they are not kept any more
 * or the version never was. Release it; it does not live in the arena. */
enum fth_rc fth_ledger_snapshot(struct fth_ledger *ledger, int64_t version,
                                const struct fth_snapshot **out, struct fth_err *err);
/* The version that stood at an instant. FTH_E_NOTFOUND before the first. */
enum fth_rc fth_ledger_version_at(struct fth_ledger *ledger, int64_t instant_us, int64_t *out,
                                  struct fth_err *err);
void fth_snapshot_release(struct fth_ledger *ledger, const struct fth_snapshot *snapshot);
/* The newest version, without a query (but for the first question behind a refresh that failed).
 */
int64_t fth_ledger_version(struct fth_ledger *ledger);
/* The tag keys that have cubes, *nr of them; they live as long as the ledger. */
char *const *fth_ledger_hot_tags(const struct fth_ledger *ledger, size_t *nr);

/* ---- writing ---- */

/* Sums of one currency over a segment. */
struct fth_segment_sums {
    char currency[8];
    int64_t rows;
    struct fth_money billed, effective, list, contracted;
};

/* As the catalogue and the lake's manifest keep them: an array of objects. */
struct fth_jw;
void fth_segment_sums_put(struct fth_jw *jw, const struct fth_segment_sums *sums, size_t nr);

/* Steps of a load, in order: the one pass of reading, mapping, sorting and writing; what the
 * catalogue keeps of it; new tag sets; cubes; the roll-up and the lists of values; the engine's
 * commit. */
enum fth_load_step {
    FTH_LOAD_SEGMENT,
    FTH_LOAD_STATS,
    FTH_LOAD_TAGS,
    FTH_LOAD_CUBES,
    FTH_LOAD_ROLLUP,
    FTH_LOAD_COMMIT,
    FTH_LOAD_STEP_NR
};

struct fth_segment_stats {
    int64_t rows;
    int32_t charge_from, charge_to;
    int64_t charges_until_us; /* latest ChargePeriodEnd */
    bool has_tail, has_side, has_long;
    struct fth_str cube_tags; /* as the catalogue keeps them; in the arena given */
    size_t sum_nr;
    struct fth_segment_sums *sums;    /* in the arena given, ordered by currency */
    int64_t cpu_us[FTH_LOAD_STEP_NR]; /* of the whole process, whatever else it did meanwhile */
};

/* "0, 1, 2": the cubes that a segment is loaded with (cube.def). */
struct fth_buf;
void fth_ledger_cubes(const struct fth_ledger *ledger, struct fth_buf *out);

struct fth_segment_load {
    int64_t segment_id;          /* from fth_catalogue_next_segment_id() */
    int64_t delivery_id;         /* 0: the mapping has a column Delivery */
    const char *mapping;         /* name of the statement in sql/import/, "aws_cur" */
    struct fth_str mapping_text; /* used instead of a named one when it is not empty */
    struct fth_feed *feed; /* the source rows; the mapping selects from it. NULL: it has its own */
    /* Further columns of rows: Record, Part, Columns, of a feed "feed_side" that is read when the
     * mapping has been. NULL: the mapping has them as Side, or there are none. */
    struct fth_feed *side;
    unsigned wide; /* bit set of enum fth_money_col that need DECIMAL(38,10) */
    struct fth_cancel *cancel;
};

/* Bits for `wide`. */
enum fth_money_col { FTH_BILLED, FTH_EFFECTIVE, FTH_LIST, FTH_CONTRACTED, FTH_MONEY_COL_NR };

/* Waits for its turn as the one writer; every begin needs an end. FTH_E_CANCELLED, FTH_E_TIMEOUT.
 */
enum fth_rc fth_ledger_write_begin(struct fth_ledger *ledger, struct fth_cancel *cancel,
                                   struct fth_err *err);
void fth_ledger_write_end(struct fth_ledger *ledger);

/* Writes the segment's table, sorted, with its derived rows. Not current until the catalogue says
 * so. On failure nothing of it is left. FTH_E_RANGE with err->pointer "/wide" when a head does not
 * fit: load again with the bit set. */
enum fth_rc fth_ledger_load(struct fth_ledger *ledger, const struct fth_segment_load *asked,
                            struct fth_arena *arena, struct fth_segment_stats *out,
                            struct fth_err *err);
/* Drops a segment that was written and was not committed; one that the catalogue knows stays. */
enum fth_rc fth_ledger_discard(struct fth_ledger *ledger, int64_t segment_id, struct fth_err *err);
/* Tells readers that the catalogue moved; call after the state transaction. When the catalogue
 * cannot be read just then, the next question for the newest version tries again. */
enum fth_rc fth_ledger_refresh(struct fth_ledger *ledger, struct fth_err *err);

/* ---- tag dictionary ---- */

/* Id of a set of tags. Keys must be unique, their order does not matter; a value with p == NULL is
 * null; the empty set has id 0. A new set costs a strong hash, so callers remember the raw texts
 * that they have seen. New sets are held in memory and written with the load that needs them.
 * Thread rule: any thread. FTH_E_NOMEM, FTH_E_LIMIT. */
enum fth_rc fth_tagsets_id(struct fth_ledger *ledger, const struct fth_str *keys,
                           const struct fth_str *values, size_t nr, int32_t *out,
                           struct fth_err *err);
/* Every tag key in use, sorted, copied into `arena`. */
enum fth_rc fth_tagsets_keys(struct fth_ledger *ledger, struct fth_arena *arena,
                             struct fth_str **out, size_t *out_nr, struct fth_err *err);

#endif
