#include "base/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

enum { BLOCK = 1024 * 1024 };

static enum fth_rc read_blocks(int in, int out, const char *from, const char *to,
                               struct fth_cancel *cancel, struct fth_file_digest *digest,
                               struct fth_err *err)
{
    char *block = fth_calloc(1, BLOCK);
    struct fth_sha256 sha;
    ssize_t got = 1;

    if (!block)
        return fth_err_nomem(err);
    if (fth_sha256_init(&sha, err)) {
        fth_free(block);
        return err->rc;
    }
    digest->bytes = 0;
    while (got != 0 && !err->rc && !fth_cancel_check(cancel, err)) {
        got = read(in, block, BLOCK);
        if (got < 0 && errno != EINTR)
            fth_err_errno(err, errno, "%s", from);
        if (got <= 0)
            continue;
        fth_sha256_add(&sha, block, (size_t)got);
        digest->bytes += got;
        if (out >= 0)
            fth_file_write_all(out, to, (struct fth_str){block, (size_t)got}, err);
    }
    fth_sha256_hex(&sha, digest->sha256);
    fth_free(block);
    return err->rc;
}

enum fth_rc fth_file_copy(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), copy = -1;
    struct fth_file_digest digest;

    if (in < 0)
        return fth_err_errno(err, errno, "%s", from);
    if (to && (copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        fth_err_errno(err, errno, "%s", to);
    if (!err->rc && !read_blocks(in, copy, from, to, cancel, &digest, err) && copy >= 0)
        fth_file_sync(copy, to, err);
    close(in);
    if (copy >= 0 && close(copy) != 0 && !err->rc)
        fth_err_errno(err, errno, "%s", to);
    if (!err->rc)
        *out = digest;
    return err->rc;
}
