/* feed_digest: the SHA-256 of a file as it is on disk and of what is in it, computed as it is read.
 * Private to the feed. */
#ifndef FTH_IMPORT_FEED_DIGEST_H
#define FTH_IMPORT_FEED_DIGEST_H

#include "base/sha256.h"
#include "base/unpack.h"

/* All zero: holds nothing. */
struct fth_feed_digests {
    struct fth_sha256 file, content; /* of a file that is not packed only the first */
};

/* Opens a file whose bytes pass through the digests, which must hold nothing and outlive *in. */
enum fth_rc fth_feed_digests_open(struct fth_feed_digests *digests, const char *path,
                                  struct fth_unpack **in, struct fth_err *err);
/* When all is read; they hold nothing then. */
void fth_feed_digests_hex(struct fth_feed_digests *digests, char content[FTH_SHA256_HEX],
                          char file[FTH_SHA256_HEX]);
void fth_feed_digests_release(struct fth_feed_digests *digests);

#endif
