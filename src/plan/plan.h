/*
 * plan: the one way to ask. A typed query, read from JSON, checked, scoped to its caller, compiled
 * to the engine's dialect with bound parameters, run over one version of the ledger, and handed out
 * row by row. Fields and meaning: docs/ref/plan.schema.json.
 *
 * Thread rule: a plan is immutable once checked; a run belongs to one thread.
 */
#ifndef FTH_PLAN_H
#define FTH_PLAN_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "base/thread.h"
#include "ledger/ledger.h"
#include "rates/rates.h"

struct fth_cache;
struct fth_plan;   /* checked */
struct fth_filter; /* a condition tree: plan/filter.h */

/* Reads and checks. FTH_E_INVALID with err->pointer at the field, the allowed values and the
 * nearest name in message and hint; FTH_E_UNSUPPORTED for a subject that is not there yet. Lives in
 * `arena`. */
enum fth_rc fth_plan_parse(struct fth_arena *arena, const struct fth_json *json,
                           const struct fth_plan **out, struct fth_err *err);

/* The plan as canonical JSON (defaults filled in, sets sorted): equal plans give equal text. */
void fth_plan_put(struct fth_buf *buf, const struct fth_plan *plan);

/* The currency that it wants the answer in; empty: as billed. */
struct fth_str fth_plan_currency(const struct fth_plan *plan);

/* The plan with `currency` where it says nothing of one ("currency": null says as billed), and has
 * amounts that are no single charges; else the plan itself. `currency` must live as long. */
enum fth_rc fth_plan_in(struct fth_arena *arena, const struct fth_plan *plan,
                        struct fth_str currency, const struct fth_plan **out, struct fth_err *err);

/* The same plan with its rows by the label of its first dimension, letters folded. */
enum fth_rc fth_plan_by_name(struct fth_arena *arena, const struct fth_plan *plan,
                             const struct fth_plan **out, struct fth_err *err);

/* The same plan over the charges alone that have this id in the dimension, letter for letter
 * (FTH_FILTER_IN, exact). Both texts must live as long. */
enum fth_rc fth_plan_only(struct fth_arena *arena, const struct fth_plan *plan,
                          const char *dimension, struct fth_str id, const struct fth_plan **out,
                          struct fth_err *err);

/* Of which values of dimensions[0], and by which dimensions beside it. Values are ids, letter for
 * letter; they and the names must live as long as the plan. */
struct fth_seen_wish {
    const char *const *dimensions;
    size_t dimension_nr;
    const struct fth_str *values;
    size_t value_nr;
    int64_t version; /* of the ledger; 0: the newest */
    bool labels, has_time;
    int32_t from, to; /* with has_time: only charges of these days, `to` not included */
};

/* A plan over the ledger: the number of charges of each combination, and beside it, as
 * dates, the days of the first and of the last: columns first_seen and last_seen. */
enum fth_rc fth_plan_seen(struct fth_arena *arena, const struct fth_seen_wish *seen,
                          const struct fth_plan **out, struct fth_err *err);

/* ---- running ---- */

enum fth_cell_kind {
    FTH_CELL_DIMENSION, /* text */
    FTH_CELL_LABEL,     /* text, of the dimension before it */
    FTH_CELL_TIME,      /* text: a date, for hours RFC 3339 */
    FTH_CELL_MONEY,
    FTH_CELL_COUNT,
    FTH_CELL_QUANTITY, /* double */
    FTH_CELL_RATIO,    /* decimal, 0 to 1 */
    FTH_CELL_PERCENT,  /* decimal, 20 means 20 % */
    FTH_CELL_TEXT,
    FTH_CELL_INSTANT,
    FTH_CELL_TAGS /* JSON text */
};

struct fth_answer_col {
    const char *name;
    enum fth_cell_kind kind;
    struct fth_str unit; /* currency of money when there is one for all rows, else empty */
};

struct fth_cell {
    bool null;
    struct fth_str text;
    struct fth_money money; /* MONEY, RATIO, PERCENT */
    int64_t i64;            /* COUNT, INSTANT (µs) */
    double f64;
};

/* A currency's line of totals: one cell a column that has a total, null for the others. */
struct fth_answer_total {
    struct fth_str currency;
    const struct fth_cell *cells;
};

/* A rate that amounts were converted by, and the days of the charges (both ends count). */
struct fth_rate_used {
    struct fth_str from;
    int32_t rate_day, first, last;
    struct fth_money rate;
    bool exact;   /* as it was published; else rounded here to 10 places, but not for converting */
    bool by_euro; /* from one rate to the euro and one from it */
};

FTH_VEC(fth_rate_used_vec, struct fth_rate_used)

struct fth_freshness {
    struct fth_str source, provider, billing_period;
    int64_t loaded_us, charges_until_us;
    int final; /* 1, 0, -1 unknown */
};

struct fth_answer_end {
    const struct fth_answer_total *totals;
    size_t total_nr;
    int64_t row_count;
    bool truncated;             /* there are more rows: limit, or the page is full */
    struct fth_str next_cursor; /* empty: none */
    const struct fth_freshness *freshness;
    size_t freshness_nr;
    int64_t ledger_version;
    const struct fth_rate_used *rates;
    size_t rate_nr;
    const struct fth_str *warnings;
    size_t warning_nr;
    bool has_assert, assert_holds;
    const char *served_by; /* "cube", "roll-up", "facts", "none": for explain and tests */
};

/* Receives an answer: begin once, row for each, end once; not end after a failure. A failing
 * callback stops the run with its error. Values live until the callback returns. */
struct fth_answer_sink {
    enum fth_rc (*begin)(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err);
    enum fth_rc (*row)(void *ctx, const struct fth_cell *cells, struct fth_err *err);
    enum fth_rc (*end)(void *ctx, const struct fth_answer_end *end, struct fth_err *err);
    void *ctx;
};

struct fth_plan_run {
    struct fth_ledger *ledger;
    struct fth_session *session;
    struct fth_arena *arena;
    struct fth_cancel *cancel; /* may be NULL */
    const struct fth_clock *clock;
    const struct fth_filter *scope;      /* charges the caller may see; NULL: all */
    struct fth_str scope_text;           /* the same as canonical text; never empty with one */
    struct fth_cache *cache;             /* of what a scope leaves of segments; NULL: none */
    struct fth_str cursor;               /* of the page before, or empty */
    struct fth_str cursor_key;           /* secret that signs cursors */
    size_t page_rows;                    /* 0: no paging, all rows */
    const struct fth_rate_source *rates; /* for plans with a currency; NULL: none */
    bool never_cube;                     /* answer from the facts, for tests that compare both */
};

/* FTH_E_INVALID (cursor of another plan), FTH_E_NOTFOUND (as_of), FTH_E_CANCELLED, FTH_E_TIMEOUT,
 * FTH_E_NOMEM with the hint to narrow the question, what the engine says. */
enum fth_rc fth_plan_run(const struct fth_plan_run *run, const struct fth_plan *plan,
                         const struct fth_answer_sink *sink, struct fth_err *err);

/* {"sql","parameters","segments","served_by","estimated_rows",…} */
enum fth_rc fth_plan_explain(const struct fth_plan_run *run, const struct fth_plan *plan,
                             struct fth_jw *jw, struct fth_err *err);

/* Writes the result object of contract §3; `plan` is put in front. The sink's ctx is the struct. */
struct fth_answer_json {
    struct fth_jw *jw;
    const struct fth_plan *plan;
    const struct fth_answer_col *cols;
    size_t col_nr;
    struct fth_str currency;
};
struct fth_answer_sink fth_answer_to_json(struct fth_answer_json *ctx);

/* CSV with a header line (RFC 4180, LF) and NDJSON of the rows alone, flushed through `flush`. */
struct fth_answer_text {
    struct fth_buf *buf;
    enum fth_rc (*flush)(void *ctx, struct fth_str text, struct fth_err *err);
    void *flush_ctx;
    const struct fth_answer_col *cols;
    size_t col_nr;
};
struct fth_answer_sink fth_answer_to_csv(struct fth_answer_text *ctx);
struct fth_answer_sink fth_answer_to_ndjson(struct fth_answer_text *ctx);

/* ---- dimensions ---- */

struct fth_dimension_info {
    const char *name, *label, *text, *focus_column;
};
/* All dimensions of subject cost, in their natural order. Tag keys are fth_tagsets_keys(). */
size_t fth_dimension_nr(void);
struct fth_dimension_info fth_dimension_at(size_t i);

/* Which part of a list of values. */
struct fth_values_page {
    size_t skip, limit; /* limit 0: all */
    int64_t version;    /* of the ledger; 0: the plan's, else the newest. Set to the one read */
    size_t rest;        /* set: values behind the page */
};

/* Values of a dimension or "tag:KEY" whose id, label or alias contains `q` (case-folded), with cost
 * in the plan's time, dearest first. The JSON array {"id","label","aliases","cost","currency"}. */
enum fth_rc fth_dimension_values(const struct fth_plan_run *run, struct fth_str dimension,
                                 struct fth_str q, const struct fth_plan *within,
                                 struct fth_values_page *page, struct fth_jw *jw,
                                 struct fth_err *err);

#endif
