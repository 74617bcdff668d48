/*
 * focus: does a file keep to the FOCUS specification?
 *
 * fth_focus_validate() reads files or folders (CSV, plain, gzip or zstd; Parquet), finds out which
 * dataset and which version of FOCUS each one is, checks every rule of the tables (rule_*.def) and
 * gives one report. Values are read as text, exactly as they stand there; nothing is guessed.
 * Memory does not grow with rows: some megabytes a worker, and what must be remembered
 * (commitments, invoices, pairs that must agree), within the cap of the request.
 *
 * Whatever is wrong with the files is in the report, also that one cannot be read to its end; an
 * error is only what keeps the question from being answered.
 *
 * Thread rule: one call by one thread, which starts workers of its own and joins them.
 */
#ifndef FTH_FOCUS_H
#define FTH_FOCUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/thread.h"

enum fth_focus_version {
    FTH_FOCUS_V10,
    FTH_FOCUS_V11,
    FTH_FOCUS_V12,
    FTH_FOCUS_V13,
    FTH_FOCUS_V14,
    FTH_FOCUS_OFFICIAL, /* 1.2 as the official validator judges it */
    FTH_FOCUS_VERSION_NR
};

enum fth_focus_dataset {
    FTH_FOCUS_CAU, /* Cost and Usage */
    FTH_FOCUS_CCT, /* Contract Commitment */
    FTH_FOCUS_BPD, /* Billing Period */
    FTH_FOCUS_IND, /* Invoice Detail */
    FTH_FOCUS_DATASET_NR
};

/* How binding a rule is. MUST and MUST NOT are violations, the others warnings. */
enum fth_focus_level {
    FTH_FOCUS_MUST,
    FTH_FOCUS_MUST_NOT,
    FTH_FOCUS_SHOULD,
    FTH_FOCUS_SHOULD_NOT,
    FTH_FOCUS_RECOMMENDED
};

/* A row of the rule tables. */
struct fth_focus_rule {
    const char *id;       /* without the dataset's prefix; "FTH-…" is a rule of our own */
    const char *subject;  /* the column that it is about; "*" for the file or all its text */
    const char *when;     /* where it applies (focus/expr.h); "" everywhere */
    const char *check;    /* what must hold there */
    const char *text;     /* the same in words */
    const char *criteria; /* what a provider must support for it to apply, or "" */
    enum fth_focus_dataset dataset;
    enum fth_focus_version since, until;
    enum fth_focus_level level;
};

const struct fth_focus_rule *fth_focus_rule_at(size_t i);
size_t fth_focus_rule_nr(void);

/* "1.2"; "Cost and Usage"; "MUST NOT"; is it one of MUST and MUST NOT? */
const char *fth_focus_version_name(enum fth_focus_version version);
bool fth_focus_version_parse(const char *text, enum fth_focus_version *out);
const char *fth_focus_dataset_name(enum fth_focus_dataset dataset);
const char *fth_focus_level_name(enum fth_focus_level level);
bool fth_focus_level_binds(enum fth_focus_level level);

/* How to mend what breaks a rule. */
const char *fth_focus_fix(const struct fth_focus_rule *rule);

struct fth_focus_request {
    const char *const *paths; /* files and folders */
    size_t path_nr;
    const char *version;  /* "1.2"; NULL: seen from the columns */
    const char *criteria; /* names with commas between them, "ALL", or NULL: as the files show */
    bool as_official;     /* judge as the official validator does, its faults included (1.2 only) */
    unsigned workers;     /* 0: one a core, at most 8 */
    size_t memory;        /* for what must be remembered; 0: 512 MiB */
    const char *tmp;      /* folder for Parquet files; NULL: TMPDIR, else /tmp */
    bool base_names;      /* the report names files without their folders */
    /* Told now and then, by one thread at a time; bytes as they are on disk, of all files. NULL. */
    void (*progress)(void *ctx, uint64_t rows, int64_t bytes, int64_t bytes_all);
    void *progress_ctx;
    struct fth_cancel *cancel; /* may be NULL */
};

/* Where a rule is broken. */
struct fth_focus_sample {
    struct fth_str file;
    int64_t line;          /* of a CSV file, from 1 with the header; 0: the file as a whole */
    int64_t record;        /* from 1; 0: the file as a whole */
    struct fth_str values; /* "BilledCost = 1,5" */
};

enum { FTH_FOCUS_SAMPLES = 5 };

struct fth_focus_finding {
    const struct fth_focus_rule *rule; /* NULL: it joins others (--as-official) */
    struct fth_str id;                 /* with the prefix that the version has */
    enum fth_focus_level level;
    const char *text, *fix;
    uint64_t count;
    const struct fth_focus_sample *samples; /* the first ones whose values differ */
    size_t sample_nr;
    const char *joined; /* the broken rules that it joins, or NULL */
};

struct fth_focus_file {
    struct fth_str path;
    bool known; /* the header is that of a FOCUS dataset; else only `why` is told */
    enum fth_focus_dataset dataset;
    enum fth_focus_version version;
    struct fth_str why; /* how the version was known */
    uint64_t rows;
    size_t columns;
};

/* A rule that was looked at, whatever came of it. */
struct fth_focus_outcome {
    const struct fth_focus_rule *rule;
    struct fth_str id;
    enum fth_focus_verdict {
        FTH_FOCUS_PASSED,
        FTH_FOCUS_FAILED,
        FTH_FOCUS_ASIDE, /* its column, or what it takes to tell, is not there */
    } verdict;
    const char *why; /* of one that stands aside */
    int64_t cpu_ns;  /* its share of the time of all workers */
};

struct fth_focus_time {
    const char *what;
    int64_t cpu_ns; /* of all workers */
};

struct fth_focus_report {
    const struct fth_focus_file *files;
    size_t file_nr;
    uint64_t rows;
    const struct fth_focus_finding *findings; /* most binding first, then by count */
    size_t finding_nr;
    const struct fth_focus_outcome *outcomes; /* in the order of the tables */
    size_t outcome_nr;
    size_t passed, violated, warned, aside; /* rules */
    const struct fth_focus_time *times;
    size_t time_nr;
    int64_t wall_ns, cpu_ns;
    bool as_official;
};

/* The report lives as long as the arena.
 * FTH_E_NOTFOUND, FTH_E_DENIED  a path that cannot be opened
 * FTH_E_USAGE   an unknown version or criterion, nothing to read, a version that --as-official
 *               has no rules for
 * FTH_E_LIMIT   more than 1000 files, or memory
 * FTH_E_CANCELLED, FTH_E_NOMEM, FTH_E_IO */
enum fth_rc fth_focus_validate(const struct fth_focus_request *request, struct fth_arena *arena,
                               const struct fth_focus_report **out, struct fth_err *err);

/* The report as JSON, as JUnit XML (a test case a rule), as a page without outside resources. */
void fth_focus_put_json(struct fth_buf *buf, const struct fth_focus_report *report);
void fth_focus_put_junit(struct fth_buf *buf, const struct fth_focus_report *report);
void fth_focus_put_html(struct fth_buf *buf, const struct fth_focus_report *report);

#endif
