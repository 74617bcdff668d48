/* Handler of what is worth knowing now. */
#include "api/call.h"
#include "app/insights.h"

enum fth_rc h_insights_summary(struct fth_call *call, struct fth_err *err)
{
    const struct fth_summary_request request = {fth_call_param(call, "metric"),
                                                fth_call_param(call, "currency")};
    struct fth_asked asked = fth_call_asked(call);
    struct fth_str key, etag, body;
    bool fresh;

    if (fth_insights_summary_key(&asked, &request, &key, err) ||
        fth_version_etag(&asked, key, &etag, err) || fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh)
        return fth_call_empty(call, 304, err);
    if (fth_insights_summary(&asked, &request, &body, err))
        return err->rc;
    return fth_call_send(call, 200, "application/json", body, err);
}
