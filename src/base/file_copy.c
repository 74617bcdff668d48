#include "base/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/file.h"

/* Level 1: a bill is packed once and hardly ever read; higher levels cost more than they save. */
enum { BLOCK = 1024 * 1024, LEVEL = 1, MAGIC_LEN = 4 };

struct copy {
    const char *from, *to;
    int in, out; /* out -1: only hashed */
    bool shared; /* the blocks are there already */
    char *block, *packed;
    ZSTD_CCtx *zstd; /* NULL: as it is */
    struct fth_sha256 sha;
    struct fth_file_digest *done;
};

void fth_disk_full_hint(struct fth_err *err)
{
    if (err->rc && strstr(err->msg, strerror(ENOSPC)))
        fth_err_hint(err, "The disk is full: make room and try again; nothing was lost.");
}

enum fth_rc fth_disk_room(const char *path, int64_t bytes, struct fth_err *err)
{
    struct statvfs fs;

    if (statvfs(path, &fs) != 0)
        return fth_err_errno(err, errno, "%s", path);
    if (fth_fault_hit(FTH_FAULT_WRITE) ||
        (uint64_t)fs.f_bavail * fs.f_frsize < (uint64_t)(bytes > 0 ? bytes : 0)) {
        fth_err_errno(err, ENOSPC, "%s: %lld MiB are needed", path, (long long)(bytes >> 20) + 1);
        fth_disk_full_hint(err);
    }
    return err->rc;
}

static bool is_packed(const char *bytes, size_t n)
{
    return (n >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) ||
           (n >= MAGIC_LEN && (memcmp(bytes, "\x28\xb5\x2f\xfd", MAGIC_LEN) == 0 ||
                               memcmp(bytes, "PAR1", MAGIC_LEN) == 0));
}

static enum fth_rc write_block(struct copy *copy, const char *bytes, size_t n, struct fth_err *err)
{
    copy->done->stored += (int64_t)n;
    return fth_file_write_all(copy->out, copy->to, (struct fth_str){bytes, n}, err);
}

static enum fth_rc pack_block(struct copy *copy, size_t n, ZSTD_EndDirective how,
                              struct fth_err *err)
{
    ZSTD_inBuffer in = {copy->block, n, 0};
    size_t left = 0;

    do {
        ZSTD_outBuffer out = {copy->packed, BLOCK, 0};

        left = ZSTD_compressStream2(copy->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return fth_err_set(err, FTH_E_FAILED, "%s: %s", copy->to, ZSTD_getErrorName(left));
        if (out.pos && write_block(copy, copy->packed, out.pos, err))
            return err->rc;
    } while (in.pos < in.size || (how == ZSTD_e_end && left));
    return FTH_OK;
}

static enum fth_rc make_zstd(struct copy *copy, struct fth_err *err)
{
    copy->packed = fth_calloc(1, BLOCK);
    copy->zstd = fth_fault_hit(FTH_FAULT_ALLOC) ? NULL : ZSTD_createCCtx();
    if (!copy->packed || !copy->zstd ||
        ZSTD_isError(ZSTD_CCtx_setParameter(copy->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(copy->zstd, ZSTD_c_checksumFlag, 1)))
        return fth_err_nomem(err);
    copy->done->zstd = true;
    return FTH_OK;
}

/* What is read first says what is done with it. */
static enum fth_rc begin(struct copy *copy, bool pack, size_t n, struct fth_err *err)
{
    struct stat st;

    copy->done->packed = is_packed(copy->block, n);
    if (copy->out < 0)
        return FTH_OK;
    if (pack && !copy->done->packed)
        return make_zstd(copy, err);
    copy->shared = ioctl(copy->out, FICLONE, copy->in) == 0;
    if (copy->shared && fstat(copy->out, &st) == 0)
        copy->done->stored = st.st_size;
    return FTH_OK;
}

/* A whole block, less only at the end: the first must hold what the file begins with. */
static enum fth_rc read_block(struct copy *copy, size_t *out, struct fth_err *err)
{
    /* Shared blocks are read where they stay as they are. */
    int fd = copy->shared ? copy->out : copy->in;
    size_t n = 0;

    while (n < BLOCK) {
        ssize_t got = copy->shared
                          ? pread(fd, copy->block + n, BLOCK - n, copy->done->bytes + (off_t)n)
                          : read(fd, copy->block + n, BLOCK - n);

        if (got < 0 && errno != EINTR)
            return fth_err_errno(err, errno, "%s", copy->from);
        if (got == 0)
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    *out = n;
    return FTH_OK;
}

static enum fth_rc run(struct copy *copy, bool pack, struct fth_cancel *cancel, struct fth_err *err)
{
    size_t n = 0;

    if (read_block(copy, &n, err) || begin(copy, pack, n, err))
        return err->rc;
    while (n && !fth_cancel_check(cancel, err)) {
        fth_sha256_add(&copy->sha, copy->block, n);
        copy->done->bytes += (int64_t)n;
        if (copy->zstd)
            pack_block(copy, n, ZSTD_e_continue, err);
        else if (copy->out >= 0 && !copy->shared)
            write_block(copy, copy->block, n, err);
        if (err->rc || read_block(copy, &n, err))
            return err->rc;
    }
    if (!err->rc && copy->zstd)
        pack_block(copy, 0, ZSTD_e_end, err);
    if (!err->rc && copy->out >= 0)
        fth_file_sync(copy->out, copy->to, err);
    fth_sha256_hex(&copy->sha, copy->done->sha256);
    return err->rc;
}

static enum fth_rc open_both(struct copy *copy, struct fth_err *err)
{
    struct stat st;

    copy->in = open(copy->from, O_RDONLY | O_CLOEXEC);
    if (copy->in < 0 || fstat(copy->in, &st) != 0)
        return fth_err_errno(err, errno, "%s", copy->from);
    if (!S_ISREG(st.st_mode))
        return fth_err_set(err, FTH_E_INVALID, "%s: not a regular file", copy->from);
    if (copy->to) {
        copy->out = open(copy->to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (copy->out < 0)
            return fth_err_errno(err, errno, "%s", copy->to);
    }
    copy->block = fth_calloc(1, BLOCK);
    return copy->block ? FTH_OK : fth_err_nomem(err);
}

static enum fth_rc copy_it(const char *from, const char *to, bool pack, struct fth_cancel *cancel,
                           struct fth_file_digest *out, struct fth_err *err)
{
    struct fth_file_digest done = {0};
    struct copy copy = {.from = from, .to = to, .in = -1, .out = -1, .done = &done};

    if (!fth_sha256_init(&copy.sha, err) && !open_both(&copy, err))
        run(&copy, pack, cancel, err);
    fth_sha256_release(&copy.sha);
    ZSTD_freeCCtx(copy.zstd);
    fth_free(copy.packed);
    fth_free(copy.block);
    if (copy.in >= 0)
        close(copy.in);
    if (copy.out >= 0 && close(copy.out) != 0)
        fth_err_errno(err, errno, "%s", to);
    if (err->rc && copy.out >= 0)
        unlink(to);
    fth_disk_full_hint(err);
    if (!err->rc)
        *out = done;
    return err->rc;
}

enum fth_rc fth_file_copy(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err)
{
    return copy_it(from, to, false, cancel, out, err);
}

enum fth_rc fth_file_pack(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_file_digest *out, struct fth_err *err)
{
    return copy_it(from, to, true, cancel, out, err);
}
