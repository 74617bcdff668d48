/*
 * insights: what is worth knowing now of what the caller may see, as a ranked list.
 *
 * Nothing is worked out here: the month so far is fth_costs_summary()'s, its risers and fallers,
 * what is new and what lacks a tag are answers to plans, the month's end is fth_forecast_costs()'s,
 * late sources are of what the ledger holds, what was delivered anew of the deliveries. Each
 * insight has its sentence, and the plan of its figures where there is one. What could not be told
 * is listed with why.
 *
 * A delivery is anew (a restatement) when the one that it supersedes had come after the end of
 * their billing period: until then bills grow day by day.
 *
 * Amounts of several currencies cannot be ranked: without a currency to convert into, insights are
 * of the main currency, and the others are named.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_INSIGHTS_H
#define FTH_INSIGHTS_H

#include "app/costs.h"

/* The object InsightSummary of docs/ref/openapi.json; the text lives as long as the request's
 * arena. Errors are those of the use cases that it asks. A caller with a scope is told nothing of
 * deliveries, which hold charges of others, too; nor is one without the permission sources.read. */
enum fth_rc fth_insights_summary(const struct fth_asked *asked,
                                 const struct fth_summary_request *request, struct fth_str *out,
                                 struct fth_err *err);
/* All that it depends on beside the ledger and the scope: for tags. */
enum fth_rc fth_insights_summary_key(const struct fth_asked *asked,
                                     const struct fth_summary_request *request, struct fth_str *out,
                                     struct fth_err *err);

#endif
