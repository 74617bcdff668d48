/* Handlers of short links. */
#include "api/call.h"
#include "app/links.h"

struct link {
    struct fth_str id, search;
};

static enum fth_rc put_link(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    const struct link *link = ctx;

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", link->id);
    fth_jw_kv(jw, "search", link->search);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc h_links_create(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct link link = {.search = fth_json_str(call->body, "search", FTH_STR(""))};
    struct fth_str location;

    if (fth_link_make(&asked, link.search, &link.id, err) ||
        fth_arena_printf(call->arena, &location, err, "/api/v1/links/" FTH_STR_F,
                         FTH_STR_A(link.id)) ||
        fth_reply_header(call->reply, "Location", location, err))
        return err->rc;
    return fth_call_json(call, 201, put_link, &link, err);
}

enum fth_rc h_links_get(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);
    struct link link = {.id = fth_call_param(call, "id")};

    if (fth_link_open(&asked, link.id, &link.search, err))
        return err->rc;
    return fth_call_json(call, 200, put_link, &link, err);
}

enum fth_rc h_links_delete(struct fth_call *call, struct fth_err *err)
{
    const struct fth_asked asked = fth_call_asked(call);

    if (fth_link_end(&asked, fth_call_param(call, "id"), err))
        return err->rc;
    return fth_call_empty(call, 204, err);
}
