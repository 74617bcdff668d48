/*
 * sources: where data comes from and what was delivered, as the API's objects (schemas Source and
 * Delivery of docs/ref/openapi.json).
 *
 * Thread rule: any thread.
 */
#ifndef FTH_SOURCES_H
#define FTH_SOURCES_H

#include "app/app.h"
#include "base/json.h"

/* {"data":[Source…],"next_cursor":null}, by name. */
enum fth_rc fth_sources_put(struct fth_app *app, struct fth_arena *arena, struct fth_jw *jw,
                            struct fth_err *err);
/* One Source, by id or name. FTH_E_NOTFOUND. */
enum fth_rc fth_source_put(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                           struct fth_jw *jw, struct fth_err *err);

/* {"data":[Delivery…],"next_cursor"}, newest first, without files; of one source (id or name) when
 * `source` is not empty; those before the delivery `cursor` when that is not empty. */
enum fth_rc fth_deliveries_put(struct fth_app *app, struct fth_arena *arena, struct fth_str source,
                               size_t limit, struct fth_str cursor, struct fth_jw *jw,
                               struct fth_err *err);
/* One Delivery, with files. FTH_E_NOTFOUND. */
enum fth_rc fth_delivery_put(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                             struct fth_jw *jw, struct fth_err *err);

#endif
