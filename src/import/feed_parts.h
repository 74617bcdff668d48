/*
 * feed_parts: what the parts of the feed do for each other.
 *
 * feed.c        files one after the other, workers, the batches that they give
 * feed_bind.c   which column of a file is which column of the layout
 * feed_rows.c   records to rows: period, rules, cost; counting; setting aside
 * feed_demand.c (feed_demand.h) what a record must satisfy
 * feed_conv.c   texts and engine values to typed columns
 * feed_dates.c (feed_dates.h) dates that are not ISO, and the billing period of a record
 * feed_tags.c (feed_tags.h) tags, keys of maps
 * feed_side.c (feed_side.h) the JSON text of unknown columns, in a file until it is asked for
 * feed_list.c   lists whose elements are rows
 * feed_json.c   JSON lines: their headers, their records as cells
 * feed_parquet.c (feed_parquet.h) Parquet files, read by the engine
 * feed_digest.c (feed_digest.h) digests of a file and its content, computed as it is read
 * feed_group.c (feed_group.h) sums by name within a currency
 * feed_head.c   the first records of a file as text, for looking at it
 */
#ifndef FTH_IMPORT_FEED_PARTS_H
#define FTH_IMPORT_FEED_PARTS_H

#include "import/feed_int.h"

/* ---- feed_bind.c ---- */

enum fth_rc fth_feed_bind(const struct fth_import_feed *feed, struct fth_feed_file *file,
                          const struct fth_str *headers, size_t header_nr, struct fth_err *err);
/* Where a file has the inputs of a layout that derives, in `arena`. FTH_E_INVALID names one that is
 * missing, and the nearest that is there. */
enum fth_rc fth_feed_inputs(const struct fth_feed_derive *derive, const char *path,
                            const struct fth_str *headers, size_t header_nr,
                            struct fth_arena *arena, const size_t **out, struct fth_err *err);
/* Is it the header of a column that is known and not kept? */
bool fth_feed_is_ignored(const struct fth_feed_layout *layout, struct fth_str header);
/* Column of the layout by its canonical name; SIZE_MAX. */
size_t fth_feed_col_named(const struct fth_feed_layout *layout, const char *name);

/* ---- feed_rows.c ---- */

/* Decides what becomes of each record of the block and fills worker->rows. */
enum fth_rc fth_feed_choose(struct fth_feed_worker *worker, struct fth_err *err);
/* The amount of a column of the layout in a record of the block, or NULL. */
const struct fth_money *fth_feed_seen(const struct fth_feed_worker *w, size_t col, size_t r);
/* Counts the block. After this it must not be tried again. */
enum fth_rc fth_feed_count_block(struct fth_feed_worker *worker, struct fth_err *err);
/* The one that a row of such a column stands for: its record or its element; SIZE_MAX: none. */
static inline size_t fth_feed_slot(const struct fth_feed_source *source,
                                   const struct fth_feed_row *row)
{
    if (!source->member)
        return row->record;
    return row->element == FTH_FEED_NO_ELEMENT ? SIZE_MAX : row->element;
}
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

/* The text of a cell (or of a derived column: those count on from header_nr), empty when there is
 * none. Lives until the worker's next batch. */
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
/* The amount of an element of a record. */
enum fth_rc fth_feed_element_amount(struct fth_feed_worker *worker, size_t record, size_t element,
                                    size_t col, struct fth_money *out, bool *has,
                                    struct fth_err *err);
/* Fills all wanted columns for worker->rows. */
enum fth_rc fth_feed_convert(struct fth_feed_worker *worker, struct fth_err *err);

/* ---- feed_list.c ---- */

/* Reads the list of a record of the block behind those before it. *fits is false when its rows may
 * not fit the batch any more: then nothing is kept of it. */
enum fth_rc fth_feed_list(struct fth_feed_worker *worker, size_t record, size_t rows_before,
                          bool *fits, struct fth_err *err);
/* A list or dictionary as Python writes it, as JSON in the scratch; empty when it is none. */
enum fth_rc fth_feed_from_python(struct fth_arena *scratch, struct fth_str text,
                                 struct fth_str *out, struct fth_err *err);
static inline struct fth_str fth_feed_member(const struct fth_feed_worker *w, size_t element,
                                             size_t member)
{
    return w->elements[element * w->feed->member_nr + member - 1];
}

/* ---- feed_json.c ---- */

/* Sets *out: does the file begin as JSON lines do? A file that cannot be read does not. Fails for
 * want of memory only. */
enum fth_rc fth_feed_is_json(const char *path, bool *out, struct fth_err *err);
/* Headers for a file of JSON lines: members of its first records, and what the layout names. */
enum fth_rc fth_feed_json_header(const struct fth_feed_layout *layout, const char *path,
                                 struct fth_arena *arena, struct fth_str **out, size_t *out_nr,
                                 struct fth_err *err);
/* The next chunk of the feed's current file as worker->source; *more is false when there is none.
 */
enum fth_rc fth_feed_json_next(struct fth_feed_worker *worker, bool *more, struct fth_err *err);
/* Reads a record of worker->block into worker->cells; one that is bad is refused or set aside. */
enum fth_rc fth_feed_json_record(struct fth_feed_worker *worker, size_t record,
                                 struct fth_err *err);
/* The same outside of a block's reading, and without a word about what is bad. */
bool fth_feed_json_peek(struct fth_feed_worker *worker, size_t record);
/* Has the layout this name for a column, or for one of maps? */
bool fth_feed_is_name(const struct fth_feed_layout *layout, struct fth_str name);
enum fth_rc fth_feed_json_head(const char *path, size_t max, struct fth_arena *arena,
                               struct fth_feed_head *out, struct fth_err *err);
void fth_feed_json_close(struct fth_import_feed *feed);
/* Records of JSON lines that one block has at most: their cells should stay in the cache. */
enum { FTH_FEED_JSON_BLOCK = 512 };

#endif
