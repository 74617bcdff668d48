/*
 * anomaly_int: cases as rows of the state store, shared by what lists, decides, finds and explains
 * them (anomaly_*.c).
 *
 * Thread rule: as the request or job.
 */
#ifndef FTH_ANOMALY_INT_H
#define FTH_ANOMALY_INT_H

#include "app/anomalies.h"
#include "app/app_int.h"
#include "app/monitor_int.h"
#include "base/date.h"

#define FTH_ANOMALY_SQL "state/anomaly/"

enum { FTH_ANOMALY_JSON_MAX = 256 * 1024 };

/* Texts that are null have a p of NULL. */
struct fth_anomaly {
    struct fth_str id;
    int64_t number;
    struct fth_monitor_scope scope;
    struct fth_str currency;
    bool up, ongoing;
    struct fth_str channel;
    int64_t score_milli;
    int32_t start, end, detected;
    struct fth_money actual, expected, impact;
    int64_t rank; /* impact without its sign, in hundredths */
    struct fth_str severity;
    struct fth_str levels; /* JSON array */
    struct fth_str state, snoozed_until, reason, cause, kind, owner_id, owner, merged_into;
    int64_t comments, revision, created_us, updated_us;
};

static inline int32_t fth_anomaly_days(const struct fth_anomaly *anomaly)
{
    return anomaly->end - anomaly->start + 1;
}

static inline bool fth_anomaly_is(const struct fth_anomaly *anomaly, const char *state)
{
    return fth_str_eq_c(anomaly->state, state);
}

/* ---- rows ---- */

/* A row of the statements that have the columns of a case; FTH_E_CORRUPT for one that is none. */
enum fth_rc fth_anomaly_of_row(const struct fth_table *table, size_t row, struct fth_anomaly *out,
                               struct fth_err *err);

/* The parameters of the statements add and found. Texts live in `arena`. */
enum { FTH_ANOMALY_VALS = 23 };
enum fth_rc fth_anomaly_vals(const struct fth_anomaly *anomaly, struct fth_arena *arena,
                             int64_t now_us, struct fth_val vals[FTH_ANOMALY_VALS],
                             struct fth_err *err);

/* State and what belongs to it; FTH_E_CONFLICT when its revision is another by now. */
enum fth_rc fth_anomaly_write_state(struct fth_tx *tx, const struct fth_anomaly *anomaly,
                                    int64_t now_us, struct fth_err *err);

/* Adds to its history. `user` empty: nobody who is a user; `text` empty: none. */
enum fth_rc fth_anomaly_say(struct fth_tx *tx, struct fth_str id, int64_t at_us,
                            struct fth_str user, const char *what, struct fth_str text,
                            struct fth_str detail, struct fth_err *err);

/* What a case is, of what was found: all but its id, state and history. */
enum fth_rc fth_anomaly_of_found(const struct fth_app *app, const struct fth_monitor_case *found,
                                 struct fth_arena *arena, struct fth_anomaly *out,
                                 struct fth_err *err);

/* The scopes of `levels`, read back. */
FTH_VEC(fth_monitor_scope_vec, struct fth_monitor_scope)
enum fth_rc fth_anomaly_levels(const struct fth_anomaly *anomaly, struct fth_arena *arena,
                               struct fth_monitor_scope_vec *out, struct fth_err *err);

/* What people have said of cases that were none, for the monitors. */
enum fth_rc fth_anomaly_lessons(const struct fth_anomaly *cases, size_t nr, struct fth_arena *arena,
                                struct fth_lesson_vec *out, struct fth_err *err);

/* ---- who sees it ---- */

/* May somebody with this scope (NULL: all) see what is of these charges? */
bool fth_anomaly_inside(const struct fth_filter *scope, const struct fth_monitor_scope *of);

/* ---- as JSON ---- */

void fth_monitor_scope_put(struct fth_jw *jw, const struct fth_monitor_scope *scope);
/* What it is and cost: the members of AnomalyFinding. `year` is the one that dates need not name.
 */
enum fth_rc fth_anomaly_put_finding(struct fth_jw *jw, const struct fth_anomaly *anomaly, int year,
                                    struct fth_err *err);
/* Its title: NAT Gateway in prod-core +$412.00 a day from 3 to 9 March, 3.4× expected. */
void fth_anomaly_put_title(struct fth_buf *buf, const struct fth_anomaly *anomaly, int year);

/* ---- sync ---- */

struct fth_anomaly_changes {
    int64_t opened, changed, gone;
};

/* Brings what was found into the store, in one transaction; the same again changes nothing. Events
 * for followers are published behind it. `cases` are the groups of events from score 1 on, `hints`
 * all events that are still somewhat unusual: while there is one, a case is not gone. */
struct fth_anomaly_found {
    const struct fth_monitor *monitor;
    const struct fth_monitor_case *cases;
    size_t case_nr;
    const struct fth_monitor_event *hints;
    size_t hint_nr;
};
enum fth_rc fth_anomaly_sync(const struct fth_asked *asked, const struct fth_anomaly_found *found,
                             struct fth_anomaly_changes *out, struct fth_err *err);

/* Cases whose rest is over are open again. */
enum fth_rc fth_anomalies_wake(const struct fth_asked *asked, struct fth_err *err);

/* Tells those who follow. `what` is "opened" or "changed". */
void fth_anomaly_tell(struct fth_app *app, const struct fth_anomaly *anomaly, const char *what);

/* All stored cases that were not over before a day. In asked->arena. */
enum fth_rc fth_anomalies_since(const struct fth_asked *asked, struct fth_tx *tx, int32_t day,
                                struct fth_anomaly **out, size_t *nr, struct fth_err *err);

/* ---- what it is made of ---- */

/* The members series and contributions of AnomalyDetail, kept as answers are. */
enum fth_rc fth_anomaly_put_cause(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                  struct fth_jw *jw, struct fth_err *err);

#endif
