/*
 * sources: where data comes from and what was delivered, as the API's objects (schemas Source and
 * Delivery of docs/ref/openapi.json).
 *
 * Thread rule: any thread.
 */
#ifndef FTH_SOURCES_H
#define FTH_SOURCES_H

#include "app/app.h"
#include "app/costs.h"
#include "base/json.h"

/* {"data":[Source…],"next_cursor":null}, by name; with `removed` also those that are known for
 * earlier versions of the ledger alone. A caller with a scope is told of sources that have charges
 * in it now, with the numbers of these. */
enum fth_rc fth_sources_put(const struct fth_asked *asked, bool removed, struct fth_jw *jw,
                            struct fth_err *err);
/* One Source, by id or name. FTH_E_NOTFOUND. */
enum fth_rc fth_source_put(const struct fth_asked *asked, struct fth_str id, struct fth_jw *jw,
                           struct fth_err *err);

/* A source that nothing was imported into yet. `format` may be empty: told by the dataset. */
struct fth_source_wish {
    struct fth_str name, provider, billing_account, dataset, format;
};
/* Declares it and writes the Source. FTH_E_CONFLICT when the name, or what it stands for, is there
 * already; FTH_E_INVALID for a format that nobody knows. */
enum fth_rc fth_source_add(const struct fth_asked *asked, const struct fth_source_wish *wish,
                           struct fth_str request_id, struct fth_jw *jw, struct fth_err *err);
/* Takes it out and writes {"name","removed","charges","version"}; see ledger/catalogue.h. */
enum fth_rc fth_source_remove(const struct fth_asked *asked, struct fth_str id, bool with_charges,
                              struct fth_str request_id, struct fth_jw *jw, struct fth_err *err);

/* Which deliveries; what is empty asks nothing. */
struct fth_deliveries_wish {
    struct fth_str source; /* id or name */
    struct fth_str period; /* "2025-01" */
    struct fth_str cursor; /* those before this one */
    size_t limit;
};
/* {"data":[Delivery…],"next_cursor"}, newest first, without files. */
enum fth_rc fth_deliveries_put(struct fth_app *app, struct fth_arena *arena,
                               const struct fth_deliveries_wish *wish, struct fth_jw *jw,
                               struct fth_err *err);
/* One Delivery, with files. FTH_E_NOTFOUND. */
enum fth_rc fth_delivery_put(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                             struct fth_jw *jw, struct fth_err *err);

/* What delivery `id` changed of its source's billing period (schema DeliveryDiff): against what
 * stood before it, or against another delivery of the same source and period, the older of the two
 * being the one before. FTH_E_NOTFOUND; FTH_E_CONFLICT for one that was never loaded;
 * FTH_E_INVALID for two that cannot be compared. */
enum fth_rc fth_delivery_diff_put(const struct fth_asked *asked, struct fth_str id,
                                  struct fth_str against, struct fth_jw *jw, struct fth_err *err);

/* For every source and billing period (of one source, of one period when they are not empty): what
 * its current deliveries said, what the ledger holds now, and every check (schema Reconciliation).
 */
enum fth_rc fth_reconcile_put(const struct fth_asked *asked, struct fth_str source,
                              struct fth_str period, struct fth_jw *jw, struct fth_err *err);

/* A file of invoice lines against the ledger (schema InvoiceReconciliation). Errors of the file are
 * those of fth_invoice_read(): FTH_E_SYNTAX, FTH_E_LIMIT. */
struct fth_invoices_wish {
    struct fth_str source, period; /* empty: all; else the ledger's other invoices are told too */
    const char *path;
    struct fth_str name; /* of the file, for messages */
};
enum fth_rc fth_invoices_put(const struct fth_asked *asked, const struct fth_invoices_wish *wish,
                             struct fth_jw *jw, struct fth_err *err);

#endif
