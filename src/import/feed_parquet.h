/*
 * feed_parquet: Parquet files as a source of the feed, read by the ledger's engine. Private to the
 * feed.
 *
 * Thread rule: as the feed; one scan at a time, under its lock.
 */
#ifndef FTH_FEED_PARQUET_H
#define FTH_FEED_PARQUET_H

#include "import/feed_int.h"

/* Does the file begin as Parquet does? false also when it cannot be read. */
bool fth_feed_is_parquet(const char *path);
/* Its columns' names. */
enum fth_rc fth_feed_parquet_header(struct fth_import_feed *feed, const char *path,
                                    struct fth_str **out, size_t *out_nr, struct fth_err *err);
/* Takes the next rows of the feed's current file; *more is false when there are none. Under the
 * lock. */
enum fth_rc fth_feed_parquet_take(struct fth_feed_worker *worker, bool *more, struct fth_err *err);
/* Makes what was taken the worker's source. Without the lock. */
enum fth_rc fth_feed_parquet_look(struct fth_feed_worker *worker, struct fth_err *err);
/* fth_import_feed_head() of a Parquet file. */
enum fth_rc fth_feed_parquet_head(struct fth_ledger *ledger, const char *path, size_t max,
                                  struct fth_arena *arena, struct fth_feed_head *out,
                                  struct fth_err *err);
/* The same of the one row at `row`, from 0; none when the file ends before it. */
enum fth_rc fth_feed_parquet_row(struct fth_ledger *ledger, const char *path, int64_t row,
                                 struct fth_arena *arena, struct fth_feed_head *out,
                                 struct fth_err *err);
/* Ends the scan of the current file; NULL is allowed. */
void fth_feed_parquet_close(struct fth_import_feed *feed);

#endif
