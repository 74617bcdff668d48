/* The coding that a whole reply is sent in. */
#include <stdbool.h>

#include "api/http.h"
#include "base/pack.h"

/* Below that, the head of the reply is the larger part. */
enum { WORTH_IT = 1024 };

void fth_reply_offer_gzip(struct fth_reply *reply, struct fth_str accept)
{
    unsigned quality = fth_encoding_quality(accept, FTH_STR("gzip"));
    bool wanted = quality > 0 && quality >= fth_encoding_quality(accept, FTH_STR("identity"));

    reply->coding = wanted ? FTH_CODING_GZIP : FTH_CODING_PLAIN;
}

enum fth_rc fth_etag_gzip(struct fth_arena *arena, struct fth_str etag, struct fth_str *out,
                          struct fth_err *err)
{
    return fth_arena_printf(arena, out, err, FTH_STR_F "-gz\"",
                            FTH_STR_A(fth_str_sub(etag, 0, etag.n - 1)));
}

static enum fth_rc pack(struct fth_reply *reply, struct fth_str *body, struct fth_err *err)
{
    struct fth_str etag = fth_reply_get_header(reply, "ETag"), coded = {0}, packed;

    if (fth_gzip(reply->arena, *body, &packed, err) ||
        (etag.n > 0 && fth_etag_gzip(reply->arena, etag, &coded, err)) ||
        (etag.n > 0 && fth_reply_header(reply, "ETag", coded, err)) ||
        fth_reply_header(reply, "Content-Encoding", FTH_STR("gzip"), err))
        return err->rc;
    *body = packed;
    return FTH_OK;
}

void fth_reply_encode(struct fth_reply *reply, struct fth_str *body)
{
    struct fth_err ignored = {0};

    if (reply->coding == FTH_CODING_FIXED || fth_reply_get_header(reply, "Content-Encoding").n > 0)
        return;
    /* Caches must know that there is another form, also from the one that is sent as it is. A reply
     * that cannot be made smaller for want of memory is sent as it is. */
    if (!fth_reply_vary(reply, "Accept-Encoding", &ignored) && reply->coding == FTH_CODING_GZIP &&
        body->n >= WORTH_IT)
        (void)pack(reply, body, &ignored);
}
