/* Handler of forecasts. */
#include "api/call.h"
#include "app/forecast_costs.h"

enum fth_rc h_forecasts_make(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct fth_str body;

    if (fth_forecast_costs(&asked, call->body, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}
