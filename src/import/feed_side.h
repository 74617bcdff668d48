/*
 * feed_side: the columns that nobody knows, as JSON text by row. Private to the feed.
 *
 * They are wide, and no statement looks at them: instead of going through the mapping and its sort
 * the workers write them to a file, and a second feed gives them back when the first is at its end.
 */
#ifndef FTH_IMPORT_FEED_SIDE_H
#define FTH_IMPORT_FEED_SIDE_H

#include "import/feed_int.h"

/* The second feed, of a request that names a file. */
void fth_feed_side_init(struct fth_import_feed *feed);
/* Closes the file. */
void fth_feed_side_release(struct fth_import_feed *feed);
/* Adds what the rows of the worker's block have; once a block. */
enum fth_rc fth_feed_side_add(struct fth_feed_worker *worker, struct fth_err *err);
/* Writes what the worker still holds. */
enum fth_rc fth_feed_side_flush(struct fth_feed_worker *worker, struct fth_err *err);

#endif
