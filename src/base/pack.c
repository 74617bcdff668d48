#include "base/pack.h"

#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

/* What the library works in, in one block: 200 kB are too much for a stack. */
struct work {
    struct isal_zstream stream;
    uint8_t level[ISAL_DEF_LVL1_DEFAULT];
};

static enum fth_rc deflate(struct work *work, struct fth_str text, uint8_t *out,
                           struct fth_err *err)
{
    struct isal_zstream *stream = &work->stream;

    isal_deflate_stateless_init(stream);
    stream->gzip_flag = IGZIP_GZIP;
    stream->end_of_stream = 1;
    stream->level = 1;
    stream->level_buf = work->level;
    stream->level_buf_size = sizeof(work->level);
    /* The library takes it as non-const, and only reads it. */
    memcpy(&stream->next_in, &text.p, sizeof(text.p));
    stream->avail_in = (uint32_t)text.n;
    stream->next_out = out;
    stream->avail_out = (uint32_t)text.n;
    if (isal_deflate_stateless(stream) != COMP_OK || stream->total_out >= text.n)
        return fth_err_set(err, FTH_E_LIMIT, "gzip does not make %zu bytes fewer", text.n);
    return FTH_OK;
}

enum fth_rc fth_gzip(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                     struct fth_err *err)
{
    struct work *work = NULL;
    uint8_t *packed = NULL;

    if (text.n > UINT32_MAX) {
        (void)fth_err_set(err, FTH_E_LIMIT, "%zu bytes are too many for one gzip member", text.n);
        goto out;
    }
    work = fth_calloc(1, sizeof(*work));
    packed = fth_calloc(text.n + 1, 1);
    if (!work || !packed) {
        (void)fth_err_nomem(err);
        goto out;
    }
    /* By way of a block of its own, so that the arena holds no more than the result. */
    if (!deflate(work, text, packed, err))
        (void)fth_arena_str(arena, (struct fth_str){(char *)packed, work->stream.total_out}, out,
                            err);
out:
    fth_free(packed);
    fth_free(work);
    return err->rc;
}
