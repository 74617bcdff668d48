/*
 * xlsx: an answer as an Excel workbook (ECMA-376) for people.
 *
 * Sheet "Costs": a head of column names that stays in sight, the rows, a row of totals a currency.
 * Sheet "About": the question in words and as its plan, period, currency, measures, sources with
 * what they hold until when, version of the ledger, when the file was made, how many rows there are
 * and whether there are more.
 *
 * An amount is a number only when it has at most 15 digits, which is what a spreadsheet shows of a
 * double; else it is text with every digit, and "About" says how many are. Days and instants (UTC)
 * are dates. Counts above 15 digits are text. Ratios, percents and quantities are numbers of about
 * 15 digits. Null is an empty cell. Every text is a string cell, never a formula or a link.
 *
 * Memory does not grow with rows: they wait in a temporary file.
 *
 * Thread rule: a workbook belongs to one thread.
 */
#ifndef FTH_PLAN_XLSX_H
#define FTH_PLAN_XLSX_H

#include "plan/plan.h"

struct fth_xlsx;

enum { FTH_XLSX_ROWS = 1048576 }; /* what a sheet holds, head and totals included */
/* Of rows before they are packed; a zip file without extensions holds 4 GiB of a part. */
#define FTH_XLSX_BYTES (UINT64_C(3840) << 20)

struct fth_xlsx_wish {
    const char *path;   /* of the file; must not be there yet */
    const char *folder; /* for what is temporary */
    int64_t made_us;
    size_t rows_max;    /* 0: FTH_XLSX_ROWS */
    uint64_t bytes_max; /* 0: FTH_XLSX_BYTES; looked at every 1,024 rows and at the end */
};

/* `wish` and its texts, `plan` and `arena` must live as long. FTH_E_NOMEM, FTH_E_IO. */
enum fth_rc fth_xlsx_new(struct fth_arena *arena, const struct fth_plan *plan,
                         const struct fth_xlsx_wish *wish, struct fth_xlsx **out,
                         struct fth_err *err);
/* NULL is fine. Leaves the file; temporary ones go. */
void fth_xlsx_free(struct fth_xlsx *xlsx);

/* The file is whole once the sink's end has succeeded. FTH_E_LIMIT: more rows, columns or bytes
 * than a sheet holds, a text of more than 32,767 characters; the hint says what to do. FTH_E_IO,
 * also when the disk has no room for putting the file together. */
struct fth_answer_sink fth_answer_to_xlsx(struct fth_xlsx *xlsx);

/* "Effective cost by service, daily, 2025-01-01 to 2025-01-31, where …": what is asked, in words.
 */
void fth_plan_words(struct fth_buf *buf, const struct fth_plan *plan);

#endif
