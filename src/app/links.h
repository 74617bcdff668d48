/*
 * links: short names for places of the web application, that nobody guesses (130 random bits).
 *
 * A link is kept until nobody has opened it for 180 days. A caller has at most FTH_LINKS_MAX; the
 * same place again is the same link. Whoever has the id reads it: nothing of the ledger is in it,
 * and what stands at the place is asked anew, by who opens it.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_APP_LINKS_H
#define FTH_APP_LINKS_H

#include "app/costs.h"

enum { FTH_LINKS_MAX = 1000, FTH_LINK_ID_LEN = 26 };

/* *id lives in asked->arena. FTH_E_LIMIT when the caller has as many as there may be. */
enum fth_rc fth_link_make(const struct fth_asked *asked, struct fth_str search, struct fth_str *id,
                          struct fth_err *err);

/* The place, for longer from now on. FTH_E_NOTFOUND also when it has ended. */
enum fth_rc fth_link_open(const struct fth_asked *asked, struct fth_str id, struct fth_str *search,
                          struct fth_err *err);

/* FTH_E_NOTFOUND when it is none of the caller's; who is no user ends anybody's. */
enum fth_rc fth_link_end(const struct fth_asked *asked, struct fth_str id, struct fth_err *err);

/* Forgets everybody's that have ended; *ended is how many. For maintenance. */
enum fth_rc fth_links_prune(struct fth_app *app, int64_t *ended, struct fth_err *err);

#endif
