/*
 * export: charges of the ledger as files of FOCUS.
 *
 * fth_focus_export() writes what a plan would list, one file a source and billing period, with the
 * metadata that FOCUS asks for and a manifest of hashes and sums. The sums of what was written are
 * held against the ledger's own answer before anything gets its name; when they differ, nothing is
 * left behind. How the ledger's columns become those of a version: export.def. What becomes of an
 * export that is in the folder already: folder.h.
 *
 * Thread rule: one call by one thread, with a session of its own.
 */
#ifndef FTH_FOCUS_EXPORT_H
#define FTH_FOCUS_EXPORT_H

#include "base/sha256.h"
#include "focus/focus.h"
#include "plan/plan.h"

/* CSV packed with gzip; Parquet with zstd, where decimals are decimals, moments are moments and
 * tags are maps. */
enum fth_focus_form { FTH_FOCUS_CSV_GZ, FTH_FOCUS_PARQUET, FTH_FOCUS_FORM_NR };

/* "csv.gz" */
const char *fth_focus_form_name(enum fth_focus_form form);
bool fth_focus_form_parse(struct fth_str text, enum fth_focus_form *out);

struct fth_focus_export_request {
    const struct fth_plan_run *run; /* of whoever asks; its arena holds the result */
    enum fth_focus_version version;
    enum fth_focus_form form;
    const char *dir;       /* made when missing */
    struct fth_str where;  /* a condition, or empty */
    struct fth_str period; /* YYYY-MM: this billing period only; empty: all */
    bool has_time;         /* charges of these days only */
    int32_t from, to;      /* dates; the end is not included */
    bool force;            /* replace the export that is in `dir` */
    const char *generator; /* version of the program, for the metadata */
    /* Told now and then, with a literal and how many rows have been written; may be NULL. */
    void (*progress)(void *ctx, const char *phase, uint64_t rows);
    void *progress_ctx;
};

struct fth_focus_export_sum {
    char currency[8];
    uint64_t rows;
    struct fth_money billed, effective;
};

enum { FTH_FOCUS_EXPORT_CURRENCIES = 64 };

struct fth_focus_export_file {
    struct fth_str name, source, period; /* period is empty for one that is no calendar month */
    uint64_t rows, bytes;
    char sha256[FTH_SHA256_HEX];
    struct fth_focus_export_sum *sums; /* by currency */
    size_t sum_nr;
};

struct fth_focus_exported {
    struct fth_focus_export_file *files;
    size_t file_nr;
    uint64_t rows, netted; /* charges that went into the row of the record that they reduce */
    struct fth_focus_export_sum *sums;
    size_t sum_nr;
    int64_t ledger_version;
    const char *warning; /* which columns of Parquet are text, and why; or NULL */
};

/* FTH_E_CONFLICT  the folder has an export, and not `force`; or a file of another
 * FTH_E_NOTFOUND  no charge is in the scope
 * FTH_E_FAILED    the sums are not the ledger's; nothing was kept
 * and what plans, files and memory say. */
enum fth_rc fth_focus_export(const struct fth_focus_export_request *request,
                             const struct fth_focus_exported **out, struct fth_err *err);

#endif
