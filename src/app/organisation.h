/*
 * organisation: what is set for everybody who asks here. So far the currency of reports.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_APP_ORGANISATION_H
#define FTH_APP_ORGANISATION_H

#include "app/costs.h"

/* The currency of plans that say nothing of one; empty: as billed. Lives in asked->arena. */
enum fth_rc fth_organisation_currency(const struct fth_asked *asked, struct fth_str *out,
                                      struct fth_err *err);

/* Sets it (three capital letters; empty: as billed), with a row of the audit when it changes.
 * FTH_E_INVALID */
enum fth_rc fth_organisation_set_currency(const struct fth_asked *asked, struct fth_str currency,
                                          struct fth_str request_id, struct fth_err *err);

/* Schema Organisation. */
enum fth_rc fth_organisation_put(const struct fth_asked *asked, struct fth_jw *jw,
                                 struct fth_err *err);

#endif
