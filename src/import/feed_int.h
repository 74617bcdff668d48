/*
 * feed_int: what the parts of the feed share.
 *
 * feed.c        files one after the other, workers, the batches that they give
 * feed_bind.c   which column of a file is which column of the layout
 * feed_rows.c   records to rows: period, rules, cost; counting; setting aside
 * feed_demand.c (feed_demand.h) what a record must satisfy
 * feed_conv.c   texts and engine values to typed columns
 * feed_dates.c (feed_dates.h) dates that are not ISO, and the billing period of a record
 * feed_tags.c (feed_tags.h) tags, keys of maps, the JSON text of unknown columns
 * feed_parquet.c (feed_parquet.h), feed_head.c
 */
#ifndef FTH_IMPORT_FEED_INT_H
#define FTH_IMPORT_FEED_INT_H

#include "base/csv.h"
#include "base/json.h"
#include "base/map.h"
#include "import/feed.h"
#include "import/feed_digest.h"

enum { FTH_FEED_REJECTS = 100 };

/* Where a column of the layout comes from in one file. */
struct fth_feed_source {
    size_t at;          /* column of the file; SIZE_MAX: none */
    struct fth_str key; /* not empty: the value of this key of a map there */
};

struct fth_feed_binding {
    const struct fth_str *headers;
    size_t header_nr;
    const struct fth_feed_source *source; /* per column of the layout */
    const size_t *maps;                   /* tag maps, by precedence */
    size_t map_nr;
    const size_t *tag_cols; /* columns that are one tag each */
    size_t tag_col_nr;
    const size_t *unknown; /* columns for Side */
    size_t unknown_nr;
    size_t tag_class; /* files with the same number have the same tag columns */
};

/* What the dates with slashes of a file are. */
enum fth_date_form { FTH_DATE_UNKNOWN, FTH_DATE_MONTH_FIRST, FTH_DATE_DAY_FIRST };

struct fth_feed_file {
    const char *path;
    bool parquet;
    struct fth_str role;
    enum fth_date_form dates;
    struct fth_feed_binding binding;
};

/* The output columns behind those of the layout. */
enum fth_feed_out {
    FTH_OUT_COL,
    FTH_OUT_TAIL,
    FTH_OUT_RECORD,
    FTH_OUT_PART,
    FTH_OUT_TAGS,
    FTH_OUT_SIDE
};

struct fth_feed_out_col {
    enum fth_feed_out what;
    size_t col; /* of the layout, for COL and TAIL */
};

struct fth_feed_parquet; /* the file that is being scanned */

struct fth_import_feed {
    struct fth_feed feed; /* what the engine sees; ctx is this */
    struct fth_feed_request request;
    const struct fth_feed_layout *layout;
    struct fth_arena *arena;
    struct fth_feed_file *files;
    size_t file_nr;
    const struct fth_feed_out_col *outs; /* parallel to feed.cols */
    /* Per rule: columns of the layout; SIZE_MAX: none. */
    const size_t *rule_col, *rule_zero, *rule_also;
    const size_t *cost_col, *total_col;
    size_t cost_nr, total_nr;
    /* Per demand: columns of the layout, `column` or all `names`, and `than`. */
    const struct fth_feed_demand_cols *demand_cols;
    size_t block_max; /* records a block: all its rows must fit one batch */
    size_t period_col, period_else, group_col; /* SIZE_MAX: none */

    /* Under the lock: */
    struct fth_mutex lock;
    size_t file; /* the file that is read */
    struct fth_unpack *in;
    struct fth_csv *csv;
    struct fth_feed_digests digests;
    int64_t base;         /* records of the files before */
    int64_t bytes_before; /* their size on disk */
    int64_t period_us;    /* set before the first chunk is handed out */
    int64_t rejected;
    struct fth_feed_reject rejects[FTH_FEED_REJECTS];
    struct fth_feed_counts counts;
    struct fth_feed_groups groups;
    struct fth_feed_parquet *parquet;
    unsigned scan_nr; /* scans that were begun */

    int reject_fd; /* -1: none */
    bool period_known;
    struct fth_feed_progress progress;
};

/* A block of source records that becomes one batch. */
struct fth_feed_block {
    const struct fth_feed_file *file;
    const struct fth_csv_chunk *chunk; /* CSV: records from `first` on */
    const struct fth_batch *batch;     /* Parquet: rows from `first` on; its columns … */
    const size_t *batch_col;           /* … by column of the file; SIZE_MAX: not read */
    size_t first, nr;
    size_t place_col;     /* of the batch: */
    const int64_t *place; /* where each of its rows is in the file, from 0 */
    int64_t base;         /* records of the files before */
};

/* A row that comes out: a record of the block, and its part. */
struct fth_feed_row {
    uint16_t record;
    uint16_t part;
};

struct fth_feed_sums {
    fth_i128 head, tail;
};

struct fth_feed_worker {
    struct fth_import_feed *feed;
    const struct fth_feed_out_col *outs; /* what the engine wants */
    size_t out_nr;
    struct fth_vec *vecs;
    void **data;      /* FTH_BATCH_MAX values each */
    uint64_t **valid; /* and their bits */
    struct fth_csv_chunk chunk;
    struct fth_rows *engine_rows; /* Parquet: what was taken last, of the scan number … */
    unsigned scan_nr;
    struct fth_batch batch;
    struct fth_feed_block source; /* what is being taken blocks from; first: the next record */
    size_t source_nr;             /* its records */
    struct fth_arena *scratch;    /* texts of one batch */
    struct fth_feed_block block;
    struct fth_feed_row rows[FTH_BATCH_MAX];
    size_t row_nr;
    bool set_aside[FTH_BATCH_MAX];  /* records of the block that were found bad */
    bool again;                     /* since the block was chosen */
    int64_t period[FTH_BATCH_MAX];  /* INT64_MIN: none */
    bool other[FTH_BATCH_MAX];      /* records of other periods */
    int16_t rule_of[FTH_BATCH_MAX]; /* -1: none */
    struct fth_feed_demand_memo memo[FTH_FEED_DEMAND_MAX];
    int64_t lacking[FTH_FEED_DEMAND_MAX]; /* in the block */
    const size_t *money_col; /* columns of the layout: wanted, added up, or tested by a rule */
    size_t money_nr;
    uint8_t *money_slot;     /* per column of the layout: which of money_col; UINT8_MAX: none */
    struct fth_money *money; /* money_nr arrays of FTH_BATCH_MAX */
    bool *has_money;
    struct fth_map tag_ids;                           /* raw tag texts -> id + 1 */
    struct fth_map maps;                              /* raw map texts -> struct fth_text_map */
    const struct fth_text_map *map_of[FTH_BATCH_MAX]; /* of the block's records, in … */
    size_t map_column;                                /* … this column; SIZE_MAX: none */
    struct fth_arena *kept;                           /* of `maps` */
    size_t cached;                                    /* bytes in both */
    struct fth_buf key;                               /* being looked up */
    struct fth_feed_counts counts;
    struct fth_feed_groups groups;
};

/* ---- feed_bind.c ---- */

enum fth_rc fth_feed_bind(const struct fth_import_feed *feed, struct fth_feed_file *file,
                          const struct fth_str *headers, size_t header_nr, struct fth_err *err);
/* Column of the layout by its canonical name; SIZE_MAX. */
size_t fth_feed_col_named(const struct fth_feed_layout *layout, const char *name);

/* ---- feed_rows.c ---- */

/* Decides what becomes of each record of the block and fills worker->rows. */
enum fth_rc fth_feed_choose(struct fth_feed_worker *worker, struct fth_err *err);
/* The amount of a column of the layout in a record of the block, or NULL. */
const struct fth_money *fth_feed_seen(const struct fth_feed_worker *w, size_t col, size_t r);
/* Counts the block. After this it must not be tried again. */
enum fth_rc fth_feed_count_block(struct fth_feed_worker *worker, struct fth_err *err);
/* Adds what a worker has counted. Under the lock. */
enum fth_rc fth_feed_merge(struct fth_feed_counts *to, const struct fth_feed_counts *from,
                           struct fth_err *err);

/* What is wrong with a value. */
struct fth_feed_fault {
    size_t column; /* of the file; SIZE_MAX: the whole record */
    struct fth_str value;
    const char *rule, *why;
    enum fth_rc rc;
};

/* Refuses a record of the block (the error), or sets it aside: then FTH_OK, and worker->again says
 * that the block has to be chosen and converted once more. */
enum fth_rc fth_feed_refuse(struct fth_feed_worker *worker, size_t record,
                            const struct fth_feed_fault *fault, struct fth_err *err);
/* The same for records that the CSV reader set aside. */
enum fth_rc fth_feed_refuse_bad(struct fth_import_feed *feed, const struct fth_feed_file *file,
                                const struct fth_csv_bad *bad, size_t columns, struct fth_err *err);

/* ---- feed_conv.c ---- */

/* The text of a cell, empty when there is none. Lives until the worker's next batch. */
enum fth_rc fth_feed_cell(struct fth_feed_worker *worker, size_t record, size_t column,
                          struct fth_str *out, struct fth_err *err);
/* Number of a record of the block in its file, and in the delivery. */
int64_t fth_feed_record_in_file(const struct fth_feed_block *block, size_t record);
int64_t fth_feed_record_nr(const struct fth_feed_block *block, size_t record);
/* The cell of a layout's column, map keys resolved. */
enum fth_rc fth_feed_value(struct fth_feed_worker *worker, size_t record, size_t col,
                           struct fth_str *out, struct fth_err *err);
/* Its amount, its moment; *has is false when there is none, or when it is bad and the record was
 * set aside. */
enum fth_rc fth_feed_amount(struct fth_feed_worker *worker, size_t record, size_t col,
                            struct fth_money *out, bool *has, struct fth_err *err);
enum fth_rc fth_feed_instant(struct fth_feed_worker *worker, size_t record, size_t col,
                             int64_t *out, bool *has, struct fth_err *err);
/* Fills all wanted columns for worker->rows. */
enum fth_rc fth_feed_convert(struct fth_feed_worker *worker, struct fth_err *err);

#endif
