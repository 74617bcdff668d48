/* insights_int: insights while they are found. Nobody outside insights*.c includes it. */
#ifndef FTH_INSIGHTS_INT_H
#define FTH_INSIGHTS_INT_H

#include "app/costs.h"
#include "base/date.h"
#include "base/money.h"
#include "base/vec.h"

struct fth_insight {
    const char *kind, *severity; /* "warning", "notice", "info" */
    struct fth_str sentence;
    const char *dimension; /* of the thing that it is about; NULL: none */
    struct fth_str value;  /* its id; p NULL: none, or missing */
    struct fth_str name;
    struct fth_money amount; /* signed; what it is ranked by */
    bool has_amount;
    struct fth_str currency; /* empty: none */
    struct fth_str plan;     /* JSON; empty: none */
    size_t found;            /* its place before ranking */
    bool other_currency;     /* than the insights are of */
};
FTH_VEC(fth_insight_vec, struct fth_insight)

struct fth_insight_gap {
    const char *kind;
    struct fth_str why;
};
FTH_VEC(fth_insight_gap_vec, struct fth_insight_gap)

struct fth_insights {
    const struct fth_asked *asked;
    struct fth_str metric;
    struct fth_str currency; /* of all amounts of costs; empty: nothing is known */
    bool convert;            /* into it */
    bool only_currency;      /* amounts are as billed, and there are others */
    const struct fth_json *summary;
    bool known, has_previous;
    int32_t month, until, previous, previous_until; /* first and last days */
    struct fth_money total;                         /* of the month so far */
    struct fth_insight_vec list;
    struct fth_insight_gap_vec gaps;
};

/* A plan of the month so far. */
struct fth_insight_plan {
    const char *by, *field; /* grouped by; only where this is `value` (p NULL: missing) */
    struct fth_str value;
    const char *order; /* of the change: "asc", "desc"; NULL: none */
    bool compare, days, untagged;
    int32_t history; /* begins here instead of with the month; 0: no */
};

/* An amount as answers have it, a string; false for anything else. */
bool fth_insight_amount(const struct fth_json *json, struct fth_money *out);
/* Takes the sentence out of the buffer and releases that. */
enum fth_rc fth_insight_add(struct fth_insights *insights, struct fth_insight *insight,
                            struct fth_buf *sentence, struct fth_err *err);
/* Without its sign. */
void fth_insight_money(struct fth_buf *buf, struct fth_money amount, struct fth_str currency);
enum fth_rc fth_insight_left_out(struct fth_insights *insights, const char *kind,
                                 struct fth_str why, struct fth_err *err);

/* May the caller be told what was delivered? */
bool fth_insight_may_deliveries(const struct fth_asked *asked);

/* Sources that are late, and periods that were delivered anew. */
enum fth_rc fth_insight_sources(struct fth_insights *insights, struct fth_err *err);

#endif
