/*
 * monitor_int: the standing monitors: which series of daily costs are watched, what alarms in them,
 * and which alarms are one event. Nothing here is stored; anomaly_sync.c makes cases of it.
 *
 * A series is the effective cost of the usage of a scope: everything, an account, a service, a
 * service in an account, or a hot tag's value, in one billing currency. Purchases, taxes, credits
 * and adjustments are left out: they come when they are written, not when something happens.
 * Charges longer than a day count on each of their days.
 *
 * A series ends on the last day that all of its sources know whole. Sources that have brought
 * nothing for FTH_MONITOR_STALE days behind the others count in no sum of several, nor do those
 * that are too young, so that a source that comes or goes alarms nobody.
 *
 * Thread rule: one thread a call; detecting starts threads of its own and joins them.
 */
#ifndef FTH_MONITOR_INT_H
#define FTH_MONITOR_INT_H

#include "app/costs.h"
#include "base/money.h"
#include "base/vec.h"

enum {
    FTH_MONITOR_DAYS = 550,   /* of history, at most; from the first of a month */
    FTH_MONITOR_STALE = 10,   /* days behind the newest source */
    FTH_MONITOR_YOUNG = 90,   /* days that a source needs to count in sums of several */
    FTH_MONITOR_SETTLES = 60, /* days at the start of a series in which verdicts may still change */
    FTH_MONITOR_QUIET = 3,    /* whole days without alarm at the end, then an event is over */
    FTH_MONITOR_LEFT_OUT = 20, /* that are named */
};

enum fth_level {
    FTH_LEVEL_TOTAL,
    FTH_LEVEL_ACCOUNT,
    FTH_LEVEL_SERVICE,
    FTH_LEVEL_ACCOUNT_SERVICE,
    FTH_LEVEL_TAG,
    FTH_LEVEL_NR
};

/* Texts of other levels have a p of NULL; so has a value that charges do not name. */
struct fth_monitor_scope {
    enum fth_level level;
    struct fth_str account, account_name, service; /* the name: empty where it is not known */
    struct fth_str tag, value;
};

const char *fth_level_name(enum fth_level level);
bool fth_level_named(struct fth_str name, enum fth_level *out);
/* Names count for nothing: an account is its id. */
bool fth_monitor_scope_eq(const struct fth_monitor_scope *a, const struct fth_monitor_scope *b);
/* Is a part of the other, and not the same? */
bool fth_monitor_scope_within(const struct fth_monitor_scope *part,
                              const struct fth_monitor_scope *whole);

/* ---- series ---- */

struct fth_monitored {
    struct fth_monitor_scope scope;
    struct fth_str currency;
    int32_t start;
    size_t n; /* days, none left out */
    const struct fth_money *amount;
    /* From the first to behind the last day of charges of those of its sources that do not count,
     * as they are behind or too young; the same: all count. */
    int32_t uncounted_first, uncounted_end;
};

struct fth_monitor_left {
    struct fth_monitor_scope scope;
    struct fth_str currency;
    struct fth_money cost; /* of its last three months */
};

struct fth_monitor {
    struct fth_monitored *at; /* totals first, then by money */
    size_t nr;
    struct fth_monitor_left *left; /* the dearest of those beyond the most */
    size_t left_nr, left_out_nr;   /* named, and all */
    int32_t until;                 /* the last day of the newest series; 0 without series */
    int64_t version;               /* of the ledger */
};

/* Reads the series, at most `most` of them. With `timed` the questions must end within the query
 * time-out. All lives in asked->arena. */
enum fth_rc fth_monitor_read(const struct fth_asked *asked, size_t most, bool timed,
                             struct fth_monitor *out, struct fth_err *err);

/* One of them, as the caller sees its charges: *out has n 0 where there are none. */
enum fth_rc fth_monitor_read_one(const struct fth_asked *asked,
                                 const struct fth_monitor_scope *scope, struct fth_str currency,
                                 struct fth_monitored *out, struct fth_err *err);

/* The array of conditions of a plan that let through what is watched of a scope (NULL: all). */
void fth_monitor_put_filters(struct fth_jw *jw, const struct fth_monitor_scope *scope);

/* ---- what people have said of earlier cases ---- */

enum fth_lesson_kind { FTH_LESSON_ONE_OFF, FTH_LESSON_SEASONAL, FTH_LESSON_PLANNED };

/* A case that was none, in one of the scopes in which it was seen. */
struct fth_lesson {
    enum fth_lesson_kind kind;
    struct fth_monitor_scope scope;
    struct fth_str currency;
    bool up;
    int32_t start, end;
    double actual, expected; /* of its days */
};
FTH_VEC(fth_lesson_vec, struct fth_lesson)

/* ---- what alarms ---- */

struct fth_monitor_event {
    const struct fth_monitored *series;
    int32_t start, end, detected;
    double score;
    const char *channel;
    bool up;
    struct fth_money actual, expected, impact; /* expected: rounded to the currency's unit */
    double weight;                             /* impact without its sign */
};
FTH_VEC(fth_monitor_event_vec, struct fth_monitor_event)

struct fth_monitor_wish {
    double false_alarms; /* a series and year */
    double score_least;  /* of the events that are wanted */
    const struct fth_lesson *lessons;
    size_t lesson_nr;
    unsigned threads; /* 0: one a core */
    const struct fth_cancel *cancel;
};

/* The events of all series, in their order. In `arena`. */
enum fth_rc fth_monitor_detect(const struct fth_monitor *monitor,
                               const struct fth_monitor_wish *wish, struct fth_arena *arena,
                               struct fth_monitor_event_vec *out, struct fth_err *err);

/* The series as the detector is given it, with what lessons change in it: n values. */
enum fth_rc fth_monitor_values(const struct fth_monitored *series, const struct fth_lesson *lessons,
                               size_t lesson_nr, struct fth_arena *arena, double **out,
                               struct fth_err *err);

/* One event, seen at one or several levels; `root` is where it belongs. */
struct fth_monitor_case {
    const struct fth_monitor_event *root;
    const struct fth_monitor_event **seen; /* the others, the largest first */
    size_t seen_nr;
};

/*
 * Which events are one: those that overlap in days, go the same way in the same currency, and of
 * which one's scope holds the other's. An event belongs to the smallest scope that explains it: to
 * a part that makes FTH_MONITOR_EXPLAINS of it; else parts of an account or service belong to it,
 * and the total to the largest of the events that explain it together. An account and a service are
 * one where what they share, which may not have alarmed itself, makes so much of the smaller.
 * The largest first. In `arena`.
 */
#define FTH_MONITOR_EXPLAINS 0.6
enum fth_rc fth_monitor_group(const struct fth_monitor *monitor,
                              const struct fth_monitor_event *events, size_t nr,
                              struct fth_arena *arena, struct fth_monitor_case **out,
                              size_t *out_nr, struct fth_err *err);

#endif
