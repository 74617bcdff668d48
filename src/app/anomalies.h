/*
 * anomalies: what the standing monitors found unusual, as cases that people decide.
 *
 * A case is one event of costs, at whatever levels it was seen (monitor_int.h); it belongs to the
 * smallest scope that explains it, and keeps its id when the monitors run again: what they
 * find then in its scope on its days, or up to three beside, or in one of those in which it was
 * seen, on its days, is it. What a person has closed takes in nothing beside its days, a false
 * positive nothing of other scopes. A part that is found alone is the case that it is merged into.
 * Amounts follow restatements of the bills; what people have decided stays.
 *
 * open, acknowledged, snoozed (until a day), resolved, false_positive, merged (into another)
 *
 * Callers with a scope see cases whose own scope lies within theirs: by account, service and tag
 * alone, as these are all that a case's scope says.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_ANOMALIES_H
#define FTH_ANOMALIES_H

#include "app/costs.h"
#include "jobs/jobs.h"

enum { FTH_ANOMALY_PAGE = 1000 };

/* ---- reading ---- */

struct fth_anomalies_request {
    struct fth_str states, severities; /* with commas in between; empty: all that are not merged */
    struct fth_str level, account, service, direction; /* empty: any */
    struct fth_str from, to;                           /* dates; empty: any */
    bool by_start;                                     /* else by impact */
    struct fth_str after_key, after_number; /* of the page before; after_number empty: the first */
    size_t limit;                           /* at most FTH_ANOMALY_PAGE */
};

struct fth_anomaly;
struct fth_anomaly_page {
    const struct fth_anomaly **at;
    size_t nr;
    bool more;
    struct fth_str key, number; /* of the last, with `more` */
};

/* In asked->arena. FTH_E_INVALID: a date that is none, a key that no page ended with. */
enum fth_rc fth_anomalies_page(const struct fth_asked *asked,
                               const struct fth_anomalies_request *request,
                               struct fth_anomaly_page *out, struct fth_err *err);

/* The object AnomalyPage; `cursor` (may be empty) is that of the next one. */
enum fth_rc fth_anomalies_put(const struct fth_asked *asked,
                              const struct fth_anomalies_request *request,
                              const struct fth_anomaly_page *page, struct fth_str cursor,
                              struct fth_jw *jw, struct fth_err *err);

/* One of them: FTH_E_NOTFOUND when there is none, or the caller may not see it. */
enum fth_rc fth_anomaly_find(const struct fth_asked *asked, struct fth_str id,
                             const struct fth_anomaly **out, struct fth_err *err);

/* Its entity tag, with quotes. */
enum fth_rc fth_anomaly_etag(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                             struct fth_str *out, struct fth_err *err);

/* The objects Anomaly and AnomalyDetail; the second asks the ledger. */
enum fth_rc fth_anomaly_put(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                            struct fth_jw *jw, struct fth_err *err);
enum fth_rc fth_anomaly_put_detail(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                   struct fth_jw *jw, struct fth_err *err);

/* ---- deciding ---- */

/*
 * Changes a case as `patch` (schema AnomalyPatch) says; *out is what it is then. `anomaly` is what
 * the caller has read and tested: FTH_E_CONFLICT when it has changed since. FTH_E_INVALID with
 * err->pointer: what a state wants is missing, what another state has is given, a day that is none
 * or is over, no such user, a case that cannot be merged. FTH_E_DENIED: somebody with a scope names
 * another as owner.
 */
enum fth_rc fth_anomaly_decide(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                               const struct fth_json *patch, struct fth_str request_id,
                               const struct fth_anomaly **out, struct fth_err *err);

/* Adds a comment and writes it (schema AnomalyEvent). */
enum fth_rc fth_anomaly_comment(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                struct fth_str text, struct fth_jw *jw, struct fth_err *err);

/* ---- finding ---- */

/* Queues a run of the standing monitors. FTH_E_CONFLICT when one waits already. FTH_E_QUOTA. */
enum fth_rc fth_anomalies_submit(const struct fth_asked *asked, const char *request_id,
                                 char id[FTH_JOB_ID_LEN + 1], struct fth_err *err);

/* From now on the monitors run behind every import, if they are set to; and at once when the ledger
 * has moved since they ran last. */
void fth_anomalies_watch(struct fth_app *app);

/* The ledger has moved: the monitors run once what runs has ended. */
void fth_anomalies_due(struct fth_app *app, const char *request_id);

/* What would have been found with the settings of `request` (schema AnomalyPreviewRequest), as the
 * object AnomalyPreview; kept as answers are. */
enum fth_rc fth_anomalies_preview(const struct fth_asked *asked, const struct fth_json *request,
                                  struct fth_str *out, struct fth_err *err);

/* What is unusual in the costs that a plan asks for (schema AnomalyFindRequest), as the object
 * AnomalyFindAnswer. Errors as fth_forecast_costs() has them. */
enum fth_rc fth_anomalies_find(const struct fth_asked *asked, const struct fth_json *request,
                               struct fth_str *out, struct fth_err *err);

#endif
