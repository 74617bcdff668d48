/*
 * rates: the exchange rates that are kept, and how questions get at them.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_APP_RATES_H
#define FTH_APP_RATES_H

#include "app/costs.h"

/* Keeps the rates of a file on disk (of at most FTH_RATES_FILE_MAX bytes) under `name`; `base` is
 * the currency of rates that do not say what they are of. All or nothing. Writes the report (schema
 * RatesImport). FTH_E_SYNTAX for what is no file of rates, FTH_E_LIMIT. */
enum fth_rc fth_rates_import(const struct fth_asked *asked, const char *path, struct fth_str name,
                             struct fth_str base, struct fth_str request_id, struct fth_jw *jw,
                             struct fth_err *err);

/* {"data":[RatePair…]} */
enum fth_rc fth_rates_put(const struct fth_asked *asked, struct fth_jw *jw, struct fth_err *err);

/* The currencies into which rates lead from each of `billed`, by name; a day may still have none.
 */
enum fth_rc fth_rates_reach(const struct fth_asked *asked, const struct fth_str *billed, size_t nr,
                            struct fth_str **out, size_t *out_nr, struct fth_err *err);

/* Rises with each change of a rate. */
enum fth_rc fth_rates_version(const struct fth_asked *asked, int64_t *out, struct fth_err *err);

/* For a run of a plan that names a currency. */
struct fth_rate_source;
enum fth_rc fth_rates_source(const struct fth_asked *asked, struct fth_rate_source *out,
                             struct fth_err *err);

#endif
