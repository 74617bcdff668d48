/* feed_digest: both digests of a file, computed as it is read. Private to the feed. */
#ifndef FTH_IMPORT_FEED_DIGEST_H
#define FTH_IMPORT_FEED_DIGEST_H

#include "base/blake3.h"
#include "base/sha256.h"
#include "base/unpack.h"

struct fth_feed_digests {
    struct fth_sha256 file;
    struct fth_blake3 content;
};

/* Begins both anew; what is opened with the tee then passes through them. */
struct fth_unpack_tee fth_feed_digests_tee(struct fth_feed_digests *digests);

#endif
