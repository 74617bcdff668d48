/*
 * feed_tags: tags, and keys of maps, of a record. Private to the feed.
 *
 * Thread rule: a worker's own.
 */
#ifndef FTH_IMPORT_FEED_TAGS_H
#define FTH_IMPORT_FEED_TAGS_H

#include "import/feed_int.h"

enum fth_rc fth_feed_tag_id(struct fth_feed_worker *worker, size_t record, int32_t *out,
                            struct fth_err *err);
/* The value of `key` in the map of that cell; empty when there is none. */
enum fth_rc fth_feed_map_value(struct fth_feed_worker *worker, size_t record, size_t column,
                               struct fth_str key, struct fth_str *out, struct fth_err *err);
/* The JSON object of a map of the engine. */
void fth_feed_put_map(struct fth_buf *buf, const struct fth_text_map *map);
/* Between batches: forgets texts when there are very many. */
void fth_feed_caches_trim(struct fth_feed_worker *worker);

#endif
