/* Handlers of what a bill names: one pair for all collections of entity.def. */
#include <string.h>

#include "api/call.h"
#include "app/entities.h"
#include "app/metrics.h"
#include "base/check.h"

/* What stands in front of "_list" and "_get". */
static struct fth_str collection_of(const struct fth_call *call)
{
    struct fth_str id = fth_str_c(call->operation->id);
    size_t end = fth_str_rfind(id, '_');

    FTH_CHECK(end < id.n);
    return fth_str_sub(id, 0, end);
}

static struct fth_entities_request request_of(const struct fth_call *call)
{
    return (struct fth_entities_request){.collection = collection_of(call),
                                         .metric = fth_call_param(call, "metric"),
                                         .currency = fth_call_param(call, "currency"),
                                         .from = fth_call_param(call, "from"),
                                         .to = fth_call_param(call, "to"),
                                         .filter = fth_call_param(call, "filter"),
                                         .as_of = fth_call_param(call, "as_of")};
}

static enum fth_rc answer(struct fth_call *call, const struct fth_entities_request *request,
                          enum fth_rc (*ask)(const struct fth_entities *entities,
                                             struct fth_str *out, struct fth_err *err),
                          struct fth_err *err)
{
    struct fth_asked asked = fth_call_asked(call);
    struct fth_entities entities;
    struct fth_str etag, body;
    bool fresh;

    if (fth_entities_open(&asked, request, &entities, err) ||
        fth_version_etag(&asked, entities.key, &etag, err) ||
        fth_call_etag(call, etag, &fresh, err))
        return err->rc;
    if (fresh) {
        fth_metrics_count(fth_app_metrics(call->app), FTH_COUNT_NOT_MODIFIED, 1);
        return fth_call_empty(call, 304, err);
    }
    if (ask(&entities, &body, err)) {
        err->pointer[0] = '\0'; /* there is no body that it would point into */
        return err->rc;
    }
    return fth_call_send(call, 200, "application/json", body, err);
}

enum fth_rc h_entities_list(struct fth_call *call, struct fth_err *err)
{
    struct fth_entities_request request = request_of(call);

    request.q = fth_call_param(call, "q");
    request.sort = fth_call_param(call, "sort");
    request.cursor = fth_call_param(call, "cursor");
    request.limit = (size_t)fth_call_int(call, "limit", 50);
    return answer(call, &request, fth_entities_list, err);
}

enum fth_rc h_entities_get(struct fth_call *call, struct fth_err *err)
{
    struct fth_entities_request request = request_of(call);

    request.id = fth_call_param(call, "id");
    return answer(call, &request, fth_entities_get, err);
}
