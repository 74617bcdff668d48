#include "import/feed_digest.h"

#include <string.h>

#include "base/arena.h"
#include "import/feed.h"

static void add_content(void *ctx, const void *bytes, size_t n)
{
    struct fth_feed_digests *digests = ctx;

    if (digests->content.state)
        fth_sha256_add(&digests->content, bytes, n);
}

static void add_file(void *ctx, const void *bytes, size_t n)
{
    struct fth_feed_digests *digests = ctx;

    fth_sha256_add(&digests->file, bytes, n);
}

enum fth_rc fth_feed_digests_open(struct fth_feed_digests *digests, const char *path,
                                  struct fth_unpack **in, struct fth_err *err)
{
    const struct fth_unpack_tee tee = {.bytes = add_content, .raw = add_file, .ctx = digests};

    if (fth_sha256_init(&digests->file, err) || fth_sha256_init(&digests->content, err) ||
        fth_unpack_open(path, &tee, in, err))
        return err->rc;
    /* Of a plain file both would be the same. */
    if (fth_unpack_kind(*in) == FTH_UNPACK_PLAIN)
        fth_sha256_release(&digests->content);
    return FTH_OK;
}

void fth_feed_digests_hex(struct fth_feed_digests *digests, char content[FTH_SHA256_HEX],
                          char file[FTH_SHA256_HEX])
{
    bool packed = digests->content.state;

    fth_sha256_hex(&digests->file, file);
    if (packed)
        fth_sha256_hex(&digests->content, content);
    else
        memcpy(content, file, FTH_SHA256_HEX);
}

void fth_feed_digests_release(struct fth_feed_digests *digests)
{
    fth_sha256_release(&digests->file);
    fth_sha256_release(&digests->content);
}

enum fth_rc fth_import_feed_hash(const char *path, struct fth_cancel *cancel,
                                 char content[FTH_SHA256_HEX], char sha256[FTH_SHA256_HEX],
                                 struct fth_err *err)
{
    enum { STEP = 1 << 20 };
    struct fth_feed_digests digests = {0};
    struct fth_arena *arena = fth_arena_new(2 * STEP);
    char *bytes = arena ? fth_arena_alloc(arena, STEP) : NULL;
    struct fth_unpack *in = NULL;
    size_t got = 1;
    enum fth_rc rc = bytes ? fth_feed_digests_open(&digests, path, &in, err) : fth_err_nomem(err);

    while (!rc && got) {
        rc = fth_cancel_check(cancel, err);
        if (!rc)
            rc = fth_unpack_read(in, bytes, STEP, &got, err);
    }
    if (!rc)
        fth_feed_digests_hex(&digests, content, sha256);
    fth_feed_digests_release(&digests);
    fth_unpack_close(in);
    fth_arena_free(arena);
    return rc;
}
