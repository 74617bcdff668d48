/*
 * invoice_int: the lines of invoices, as a file has them. Private to src/app.
 *
 * Thread rule: as the request that asks.
 */
#ifndef FTH_INVOICE_INT_H
#define FTH_INVOICE_INT_H

#include "base/arena.h"
#include "base/money.h"
#include "base/vec.h"

struct fth_invoice_line {
    struct fth_str invoice, currency;
    struct fth_str period;                                  /* "2025-01", empty: it says none */
    struct fth_str service, account, category, description; /* empty: it names none */
    struct fth_money amount;
    int64_t line; /* in the file */
};

FTH_VEC(fth_invoice_line_vec, struct fth_invoice_line)

/* Lines that one file may have. */
enum { FTH_INVOICE_LINES_MAX = 20000 };

/*
 * Reads CSV (plain, gzip or zstd) with a header; columns by invoice.def. Lines of a voided invoice
 * are passed over and counted in *voided. `name` is what the file is called in messages.
 *
 * FTH_E_SYNTAX   a column for invoice, amount or currency is missing, or a value is none: with line
 * FTH_E_LIMIT    more than FTH_INVOICE_LINES_MAX lines
 */
enum fth_rc fth_invoice_read(struct fth_arena *arena, const char *path, struct fth_str name,
                             struct fth_invoice_line_vec *out, int64_t *voided,
                             struct fth_err *err);

#endif
