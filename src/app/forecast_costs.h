/*
 * forecast_costs: forecasts of what a plan asks for.
 *
 * The days of a plan's groups are read from the ledger up to the last one that is known whole, and
 * forecast group by group, currency by currency: nothing is added or compared across currencies.
 * History stays exact; forecasts are doubles. Weeks and months are sums of days, whole ones only.
 * The answer to the same question of the same ledger on the same day is kept (cache.h).
 *
 * Thread rule: any thread, a request each; heavy, so it waits for a place (desk_int.h).
 */
#ifndef FTH_FORECAST_COSTS_H
#define FTH_FORECAST_COSTS_H

#include "app/costs.h"

enum {
    FTH_FORECAST_SERIES_MOST = 100, /* groups of a request: some four seconds of work */
    FTH_FORECAST_STEPS_MOST = 366,  /* of the horizon */
    FTH_FORECAST_PAST_MOST = 1096   /* steps of history, the last ones */
};

/*
 * Answers `request` (schema ForecastRequest) by the object ForecastAnswer; the text lives as long
 * as the request's arena. FTH_E_INVALID with err->pointer into the request: a plan that
 * fth_plan_parse() refuses or that cannot be forecast, an unknown model or level, no charge on a
 * whole day. FTH_E_LIMIT: more groups than FTH_FORECAST_SERIES_MOST. FTH_E_CANCELLED,
 * FTH_E_TIMEOUT, FTH_E_NOMEM, what the engine says.
 */
enum fth_rc fth_forecast_costs(const struct fth_asked *asked, const struct fth_json *request,
                               struct fth_str *out, struct fth_err *err);

#endif
