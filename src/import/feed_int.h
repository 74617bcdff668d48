/* feed_int: the data that the parts of the feed share. What they do: feed_parts.h. */
#ifndef FTH_IMPORT_FEED_INT_H
#define FTH_IMPORT_FEED_INT_H

#include "base/csv.h"
#include "base/json.h"
#include "base/json_pick.h"
#include "base/lines.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "import/feed.h"
#include "import/feed_digest.h"

enum { FTH_FEED_REJECTS = 100 };

/* Where a column of the layout comes from in one file. */
struct fth_feed_source {
    size_t at;          /* column of the file; SIZE_MAX: none */
    struct fth_str key; /* not empty: the value of this key of a map there */
    size_t member;      /* not 0: `at` is the list, and this member of its elements, from 1 */
    size_t derived; /* not 0: made for this column of the layout, from 1; `at` is for messages */
};

struct fth_feed_binding {
    const struct fth_str *headers;
    size_t header_nr;
    const struct fth_feed_source *source; /* per column of the layout */
    /* Tag maps, by precedence; from header_nr on it is a column of the layout that is derived. */
    const size_t *maps;
    const struct fth_str *map_prefix; /* what is put before their keys */
    size_t map_nr;
    const size_t *tag_cols; /* columns that are one tag each */
    size_t tag_col_nr;
    const size_t *unknown; /* columns that nobody knows */
    size_t unknown_nr;
    const size_t *inputs; /* of a layout that derives: columns of the file */
    size_t tag_class;     /* files with the same number have the same tag columns */
};

/* What the dates with slashes of a file are. */
enum fth_date_form { FTH_DATE_UNKNOWN, FTH_DATE_MONTH_FIRST, FTH_DATE_DAY_FIRST };

struct fth_feed_file {
    const char *path;
    bool parquet, json;
    struct fth_str role;
    enum fth_date_form dates;
    struct fth_feed_binding binding;
};

/* The output columns behind those of the layout. */
enum fth_feed_out {
    FTH_OUT_COL,
    FTH_OUT_TAIL,
    FTH_OUT_TEXT,
    FTH_OUT_RECORD,
    FTH_OUT_PART,
    FTH_OUT_TAGS
};

struct fth_feed_out_col {
    enum fth_feed_out what;
    size_t col; /* of the layout, for COL, TAIL and TEXT */
};

struct fth_feed_parquet; /* the file that is being scanned */

struct fth_import_feed {
    struct fth_feed feed, side_feed; /* what the engine sees; ctx is this */
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
    size_t period_col, period_else, group_col, invoice_col, currency_col; /* SIZE_MAX: none */
    const size_t *commitment_col, *upfront_col;
    size_t commitment_nr, upfront_nr;
    int cancels[2];                          /* rules; -1: none */
    size_t cancel_hour_col, credit_type_col; /* SIZE_MAX: none */
    struct fth_str currency_else;            /* where a record names none */
    size_t list_col;                         /* SIZE_MAX: none; the members of its elements: */
    const struct fth_str *members;
    size_t member_nr;
    size_t record_rows, element_rows; /* the most rows that one becomes */

    /* Under the lock: */
    struct fth_mutex lock;
    size_t file; /* the file that is read */
    struct fth_unpack *in;
    struct fth_csv *csv;
    struct fth_lines *lines;
    struct fth_feed_digests digests;
    int64_t base;         /* records of the files before */
    int64_t bytes_before; /* their size on disk */
    int64_t period_us;    /* set before the first chunk is handed out */
    int64_t rejected;
    struct fth_feed_reject rejects[FTH_FEED_REJECTS];
    struct fth_feed_counts counts;
    struct fth_feed_groups groups, commitments, credits;
    struct fth_feed_parquet *parquet;
    unsigned scan_nr;          /* scans that were begun */
    int side_fd;               /* -1: no row had unknown columns */
    int64_t side_at, side_end; /* how much of it was read and is there */

    int reject_fd; /* -1: none */
    bool period_known;
    struct fth_feed_progress progress;
};

/* A block of source records that becomes one batch. */
struct fth_feed_block {
    const struct fth_feed_file *file;
    const struct fth_csv_chunk *chunk;   /* CSV: records from `first` on */
    const struct fth_lines_chunk *lines; /* JSON lines: the same */
    const struct fth_batch *batch;       /* Parquet: rows from `first` on; its columns … */
    const size_t *batch_col;             /* … by column of the file; SIZE_MAX: not read */
    size_t first, nr;
    size_t place_col;     /* of the batch: */
    const int64_t *place; /* where each of its rows is in the file, from 0 */
    int64_t base;         /* records of the files before */
};

/* A row that comes out: a record of the block, its part, and the element of the block that it is.
 */
struct fth_feed_row {
    uint16_t record;
    uint16_t part;
    uint16_t element; /* FTH_FEED_NO_ELEMENT: none */
};
enum { FTH_FEED_NO_ELEMENT = UINT16_MAX };

/* A member of a record of JSON lines that no header names. */
struct fth_feed_extra {
    uint16_t record;
    struct fth_str path, value;
};
FTH_VEC(fth_feed_extra_vec, struct fth_feed_extra)

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
    struct fth_lines_chunk lines;
    /* JSON lines: what is picked from the lines of `picked`, and the block's cells by record. */
    const struct fth_feed_file *picked;
    struct fth_json_pick *pick;
    struct fth_arena *pick_arena;
    struct fth_str *cells;
    struct fth_feed_extra_vec extras;
    bool not_utf8; /* something in the chunk */
    bool again;    /* a record of the block was set aside since it was chosen */
    bool quiet;    /* nothing is refused: what is bad is missing */
    /* The lists of the block's records: their elements, and the cells of these. */
    struct fth_json_pick *list_pick;
    struct fth_str *elements;
    uint16_t element_at[FTH_BATCH_MAX], element_nr[FTH_BATCH_MAX];
    int16_t element_rule[FTH_BATCH_MAX];
    size_t elements_nr;
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
    bool aside[FTH_BATCH_MAX];      /* records that a rule takes for no record of the bill */
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
    struct fth_buf side; /* rows with unknown columns that are not in the file yet */
    size_t sum_at;       /* of the record that was counted last */
    struct fth_feed_counts counts;
    struct fth_feed_groups groups, commitments, credits;
};

#endif
