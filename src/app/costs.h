/*
 * costs: questions about cost, and their answers.
 *
 * A question is a checked plan over the ledger as it stands. Its key says all that an answer
 * depends on, so answers are kept by it (cache.h) and clients ask with it whether theirs is still
 * good. Heavy work waits for a free place (query_concurrency), ends when its caller goes away or
 * its time is over, and never runs on a thread that reads or writes connections.
 *
 * Thread rule: any thread; a question belongs to one.
 */
#ifndef FTH_COSTS_H
#define FTH_COSTS_H

#include "app/app.h"
#include "auth/who.h"
#include "base/json.h"
#include "base/thread.h"

struct fth_plan;
struct fth_question;

enum fth_form { FTH_FORM_JSON, FTH_FORM_CSV, FTH_FORM_NDJSON, FTH_FORM_PARQUET, FTH_FORM_XLSX };

struct fth_asked {
    struct fth_app *app;
    struct fth_arena *arena;   /* of the request; everything lives in it */
    struct fth_cancel *cancel; /* may be NULL */
    const struct fth_who *who; /* NULL: the owner of the data directory */
};

/* Checks a plan; one that says nothing of a currency is asked in the organisation's. Errors are
 * those of fth_plan_parse(). */
enum fth_rc fth_question_new(const struct fth_asked *asked, const struct fth_json *plan,
                             struct fth_question **out, struct fth_err *err);

/* An entity tag (with its quotes) for the answer to this question in this form from this cursor
 * (may be empty) on. */
enum fth_rc fth_question_etag(struct fth_question *question, enum fth_form form,
                              struct fth_str cursor, struct fth_str *out, struct fth_err *err);

/* One page of at most 1,000 rows as the result object (schema Answer). The text lives as long as
 * the arena. *current is false when the ledger moved meanwhile: then the tag is not the answer's.
 */
enum fth_rc fth_question_answer(struct fth_question *question, struct fth_str cursor,
                                struct fth_str *out, bool *current, struct fth_err *err);

/* All rows as CSV or NDJSON, piece by piece as they come, or as a Parquet file once it is whole:
 * money as DECIMAL(38, s) with the decimals that the column needs, or as text where a value has
 * more digits; then fth_question_warning() says so before the first piece. Or, whole too, as a
 * workbook (plan/xlsx.h): FTH_E_LIMIT for more rows than a sheet holds. */
enum fth_rc fth_question_stream(struct fth_question *question, enum fth_form form,
                                enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                     struct fth_err *err),
                                void *ctx, struct fth_err *err);

struct fth_str fth_question_warning(const struct fth_question *question);

/* How it would be answered (schema Explanation). */
enum fth_rc fth_question_explain(struct fth_question *question, struct fth_jw *jw,
                                 struct fth_err *err);

/* ---- dimensions ---- */

/* {"data":[Dimension…]}: dimensions, then tag keys. */
enum fth_rc fth_dimensions_put(const struct fth_asked *asked, struct fth_jw *jw,
                               struct fth_err *err);

struct fth_values_request {
    struct fth_str dimension, q;
    const struct fth_json *within; /* a plan, or NULL: the whole ledger */
    struct fth_str cursor;         /* of the page before; empty: the first */
    size_t limit;
};
/* {"data":[DimensionValue…],"next_cursor","rest"}, from the cache when it can. The further pages
 * are of the version that the first was of. FTH_E_INVALID: no such cursor. */
enum fth_rc fth_dimension_values_put(const struct fth_asked *asked,
                                     const struct fth_values_request *request, struct fth_str *out,
                                     struct fth_err *err);

/* A tag for what depends on the ledger's version and this text. */
enum fth_rc fth_version_etag(const struct fth_asked *asked, struct fth_str what,
                             struct fth_str *out, struct fth_err *err);

/* ---- summary ---- */

struct fth_summary_request {
    struct fth_str metric;
    struct fth_str currency; /* all is converted into; empty: as billed, by currency */
};

/* All that a summary depends on beside the ledger: for tags. */
enum fth_rc fth_costs_summary_key(const struct fth_asked *asked,
                                  const struct fth_summary_request *request, struct fth_str *out,
                                  struct fth_err *err);

/* The month so far (schema Summary). */
enum fth_rc fth_costs_summary(const struct fth_asked *asked,
                              const struct fth_summary_request *request, struct fth_str *out,
                              struct fth_err *err);

#endif
