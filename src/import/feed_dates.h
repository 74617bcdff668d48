/*
 * feed_dates: dates that are not ISO, and the billing period of a record. Private to the feed.
 *
 * Thread rule: a file's form is learnt before its records are read, then constant.
 */
#ifndef FTH_IMPORT_FEED_DATES_H
#define FTH_IMPORT_FEED_DATES_H

#include "import/feed_int.h"

/* Column of the file that says the billing period; SIZE_MAX: none does. */
size_t fth_feed_period_column(const struct fth_import_feed *feed, const struct fth_feed_file *file);
/* The billing period that a record says; *has is false when it says none. */
enum fth_rc fth_feed_period(struct fth_feed_worker *worker, size_t record, int64_t *out, bool *has,
                            struct fth_err *err);
/* The same for who only looks ahead, under the lock: what is bad is refused when it is read. */
bool fth_feed_period_peek(struct fth_feed_worker *worker, size_t record, int64_t *out);

/* Finds out how the file writes dates with slashes, when the layout says that there may be some.
 * FTH_E_INVALID when its values contradict each other or leave it open. */
enum fth_rc fth_feed_learn_dates(const struct fth_import_feed *feed, struct fth_feed_file *file,
                                 struct fth_err *err);
/* A moment in the file's form, or in an unmistakable one. */
bool fth_feed_date(struct fth_str text, enum fth_date_form form, int64_t *out);

#endif
