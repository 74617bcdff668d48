/*
 * desk_int: where heavy questions wait for a place and a session, shared by costs.c and summary.c.
 *
 * Thread rule: any thread; what was taken belongs to its taker until he gives it back.
 */
#ifndef FTH_DESK_INT_H
#define FTH_DESK_INT_H

#include "app/app_int.h"
#include "app/costs.h"
#include "plan/scope.h"

enum { FTH_PAGE_ROWS = 1000, FTH_ANSWER_MAX = 64 << 20 };

/* A place at the desk: a session of the engine, and the run that uses it. */
struct fth_seat {
    struct fth_app *app;
    struct fth_session *session;
    unsigned place;        /* which of the desk's */
    struct fth_cancel own; /* for callers who bring none */
    struct fth_rate_source rates;
    struct fth_plan_run run;
};

enum fth_rc fth_desk_open(struct fth_app *app, unsigned places, struct fth_err *err);
void fth_desk_close(struct fth_app *app);

/* Waits for a place. Who wait here take turns by user, so that the many questions of one do not
 * keep others waiting: among the requests that a worker has taken, which come in their order. With
 * `timed` the work must end within the query time-out. FTH_E_CANCELLED, FTH_E_TIMEOUT, what opening
 * a session says. */
enum fth_rc fth_desk_take(const struct fth_asked *asked, bool timed, struct fth_seat *out,
                          struct fth_err *err);
/* How many wait for a place now. */
size_t fth_desk_waiting(struct fth_app *app);
/* Lets the run convert to the plan's currency, if it names one. The seat must stay where it is. */
enum fth_rc fth_desk_rates(const struct fth_asked *asked, const struct fth_plan *plan,
                           struct fth_seat *seat, struct fth_err *err);
/* The newest version as the caller sees it; takes a place only for one with a scope. What was
 * looked at is let go by the second. */
enum fth_rc fth_desk_look(const struct fth_asked *asked, struct fth_seat *seat,
                          struct fth_sight *out, struct fth_err *err);
void fth_desk_look_end(struct fth_seat *seat, struct fth_sight *sight);
/* Closes the sessions that nobody has and that the engine has moved on from. `ctx` is the
 * application. */
void fth_desk_let_go(void *ctx);
void fth_desk_give(struct fth_seat *seat);

/* A key of what is asked, and of the scope that it is asked in: two scopes never share an answer,
 * equal ones do. */
enum fth_rc fth_desk_key(const struct fth_asked *asked, struct fth_str key, struct fth_str *out,
                         struct fth_err *err);

/* From the cache (by the key and the scope), or by `work`, whose answer is kept if the ledger did
 * not move meanwhile. *current (may be NULL) says whether it did not. */
enum fth_rc fth_desk_cached(const struct fth_asked *asked, struct fth_str key, int64_t version,
                            enum fth_rc (*work)(void *ctx, struct fth_jw *jw, struct fth_err *err),
                            void *ctx, struct fth_str *out, bool *current, struct fth_err *err);

#endif
