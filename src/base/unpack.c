#include "base/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/alloc.h"

enum { IN_LEN = 256 * 1024, MAGIC_LEN = 4, MAX_RATIO = 500 };
#define FREE_LEN (INT64_C(256) << 20)

struct fth_unpack {
    char *name;
    int fd;
    bool own_fd;
    bool in_end; /* the file has no more bytes */
    bool inside; /* a member or frame has begun and not ended */
    enum fth_unpack_kind kind;
    int64_t size;
    atomic_int_fast64_t in_total; /* bytes read from the file */
    int64_t out_total;
    unsigned char *in;
    size_t in_at, in_nr;
    struct inflate_state *gzip;
    ZSTD_DCtx *zstd;
    struct fth_unpack_tee tee;
};

const char *fth_unpack_name(const struct fth_unpack *stream)
{
    return stream->name;
}

enum fth_unpack_kind fth_unpack_kind(const struct fth_unpack *stream)
{
    return stream->kind;
}

int64_t fth_unpack_in(const struct fth_unpack *stream)
{
    return atomic_load_explicit(&stream->in_total, memory_order_relaxed);
}

int64_t fth_unpack_size(const struct fth_unpack *stream)
{
    return stream->size;
}

/* Reads on behind what is still unused in the input buffer. */
static enum fth_rc fill(struct fth_unpack *s, struct fth_err *err)
{
    ssize_t got;

    memmove(s->in, s->in + s->in_at, s->in_nr - s->in_at);
    s->in_nr -= s->in_at;
    s->in_at = 0;
    do
        got = read(s->fd, s->in + s->in_nr, IN_LEN - s->in_nr);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fth_err_errno(err, errno, "%s", s->name);
    s->in_end = got == 0;
    if (s->tee.raw && got)
        s->tee.raw(s->tee.ctx, s->in + s->in_nr, (size_t)got);
    s->in_nr += (size_t)got;
    atomic_fetch_add_explicit(&s->in_total, got, memory_order_relaxed);
    return FTH_OK;
}

/* Position in the file of the next unused byte. */
static long long position(const struct fth_unpack *s)
{
    return (long long)(fth_unpack_in(s) - (int64_t)(s->in_nr - s->in_at));
}

static enum fth_rc damaged(struct fth_unpack *s, const char *what, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_SYNTAX, "%s: byte %lld: %s", s->name, position(s), what);
}

static bool starts_with(const struct fth_unpack *s, const char *magic, size_t n)
{
    return s->in_nr - s->in_at >= n && memcmp(s->in + s->in_at, magic, n) == 0;
}

static bool is_gzip(const struct fth_unpack *s)
{
    return starts_with(s, "\x1f\x8b", 2);
}

static bool is_zstd(const struct fth_unpack *s)
{
    static const char skippable[] = "\x2a\x4d\x18"; /* behind any of 0x50 to 0x5f */

    return starts_with(s, "\x28\xb5\x2f\xfd", 4) ||
           (s->in_nr - s->in_at >= 4 && (s->in[s->in_at] & 0xf0) == 0x50 &&
            memcmp(s->in + s->in_at + 1, skippable, 3) == 0);
}

static enum fth_rc detect(struct fth_unpack *s, struct fth_err *err)
{
    while (s->in_nr < MAGIC_LEN && !s->in_end) {
        enum fth_rc rc = fill(s, err);

        if (rc)
            return rc;
    }
    if (is_gzip(s)) {
        s->kind = FTH_UNPACK_GZIP;
        s->gzip = fth_calloc(1, sizeof(*s->gzip));
    } else if (is_zstd(s)) {
        s->kind = FTH_UNPACK_ZSTD;
        s->zstd = ZSTD_createDCtx();
    }
    if (s->kind != FTH_UNPACK_PLAIN && !s->gzip && !s->zstd)
        return fth_err_nomem(err);
    return FTH_OK;
}

static enum fth_rc open_fd(struct fth_unpack *s, const char *name, struct fth_err *err)
{
    struct stat st;

    s->name = fth_strdup(name);
    s->in = fth_calloc(IN_LEN, 1);
    if (!s->name || !s->in)
        return fth_err_nomem(err);
    if (fstat(s->fd, &st) != 0)
        return fth_err_errno(err, errno, "%s", name);
    if (S_ISDIR(st.st_mode))
        return fth_err_set(err, FTH_E_INVALID, "%s: a folder, not a file", name);
    s->size = S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
    return detect(s, err);
}

static enum fth_rc new_stream(int fd, bool own_fd, const char *name,
                              const struct fth_unpack_tee *tee, struct fth_unpack **out,
                              struct fth_err *err)
{
    struct fth_unpack *s = fth_calloc(1, sizeof(*s));
    enum fth_rc rc;

    if (!s) {
        if (own_fd)
            close(fd);
        return fth_err_nomem(err);
    }
    s->fd = fd;
    s->own_fd = own_fd;
    if (tee)
        s->tee = *tee;
    rc = open_fd(s, name, err);
    if (rc)
        fth_unpack_close(s);
    else
        *out = s;
    return rc;
}

enum fth_rc fth_unpack_open(const char *path, const struct fth_unpack_tee *tee,
                            struct fth_unpack **out, struct fth_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return new_stream(fd, true, path, tee, out, err);
}

enum fth_rc fth_unpack_from_fd(int fd, const char *name, const struct fth_unpack_tee *tee,
                               struct fth_unpack **out, struct fth_err *err)
{
    return new_stream(fd, false, name, tee, out, err);
}

void fth_unpack_close(struct fth_unpack *stream)
{
    if (!stream)
        return;
    if (stream->own_fd)
        close(stream->fd);
    ZSTD_freeDCtx(stream->zstd);
    fth_free(stream->gzip);
    fth_free(stream->in);
    fth_free(stream->name);
    fth_free(stream);
}

/* ---- one step of each kind: uses input, writes at most `cap` bytes ---- */

static enum fth_rc step_plain(struct fth_unpack *s, unsigned char *out, size_t cap, size_t *got,
                              struct fth_err *err)
{
    size_t n = s->in_nr - s->in_at;

    (void)err;
    n = n < cap ? n : cap;
    memcpy(out, s->in + s->in_at, n);
    s->in_at += n;
    *got = n;
    return FTH_OK;
}

static const char *gzip_problem(int code)
{
    switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
        return "the check sum or length of the gzip member is wrong";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
        return "not a gzip header";
    default:
        return "the compressed data is damaged";
    }
}

static enum fth_rc step_gzip(struct fth_unpack *s, unsigned char *out, size_t cap, size_t *got,
                             struct fth_err *err)
{
    struct inflate_state *state = s->gzip;
    int code;

    if (!s->inside) {
        if (!is_gzip(s))
            return damaged(s, "more bytes behind the end of the gzip data", err);
        isal_inflate_init(state);
        state->crc_flag = ISAL_GZIP;
        s->inside = true;
    }
    state->next_in = s->in + s->in_at;
    state->avail_in = (uint32_t)(s->in_nr - s->in_at);
    state->next_out = out;
    state->avail_out = (uint32_t)(cap < UINT32_MAX ? cap : UINT32_MAX);
    code = isal_inflate(state);
    s->in_at = s->in_nr - state->avail_in;
    *got = (size_t)(state->next_out - out);
    if (code < 0 || code > ISAL_END_INPUT)
        return damaged(s, gzip_problem(code), err);
    if (state->block_state == ISAL_BLOCK_FINISH)
        s->inside = false;
    return FTH_OK;
}

static enum fth_rc step_zstd(struct fth_unpack *s, void *out, size_t cap, size_t *got,
                             struct fth_err *err)
{
    ZSTD_inBuffer in = {s->in, s->in_nr, s->in_at};
    ZSTD_outBuffer to = {.dst = out, .size = cap};
    size_t hint;

    if (!s->inside && !is_zstd(s))
        return damaged(s, "more bytes behind the end of the zstd data", err);
    hint = ZSTD_decompressStream(s->zstd, &to, &in);
    s->in_at = in.pos;
    *got = to.pos;
    if (ZSTD_isError(hint))
        return damaged(s, ZSTD_getErrorName(hint), err);
    s->inside = hint != 0;
    return FTH_OK;
}

static enum fth_rc step(struct fth_unpack *s, unsigned char *out, size_t cap, size_t *got,
                        struct fth_err *err)
{
    switch (s->kind) {
    case FTH_UNPACK_GZIP:
        return step_gzip(s, out, cap, got, err);
    case FTH_UNPACK_ZSTD:
        return step_zstd(s, out, cap, got, err);
    default:
        return step_plain(s, out, cap, got, err);
    }
}

/* Between members the next magic must be seen whole, inside of one any byte is progress. */
static bool wants_input(const struct fth_unpack *s)
{
    size_t have = s->in_nr - s->in_at;

    return !s->in_end && (have == 0 || (!s->inside && have < MAGIC_LEN));
}

static enum fth_rc check_ratio(const struct fth_unpack *s, struct fth_err *err)
{
    if (s->kind == FTH_UNPACK_PLAIN || s->out_total <= FREE_LEN ||
        s->out_total / MAX_RATIO <= fth_unpack_in(s))
        return FTH_OK;
    fth_err_set(err, FTH_E_LIMIT, "%s: byte %lld: unpacks to more than %d times its size", s->name,
                (long long)fth_unpack_in(s), MAX_RATIO);
    fth_err_hint(err,
                 "No bill does that. If you trust the file, unpack it and import what is in it.");
    return err->rc;
}

enum fth_rc fth_unpack_read(struct fth_unpack *stream, void *out, size_t cap, size_t *got,
                            struct fth_err *err)
{
    struct fth_unpack *s = stream;
    unsigned char *to = out;
    size_t n = 0;
    enum fth_rc rc;

    while (n < cap) {
        size_t before, now = 0;

        if (wants_input(s)) {
            rc = fill(s, err);
            if (rc)
                return rc;
            continue;
        }
        if (s->in_at == s->in_nr && !s->inside)
            break;
        before = s->in_at;
        rc = step(s, to + n, cap - n, &now, err);
        if (rc)
            return rc;
        n += now;
        s->out_total += (int64_t)now;
        rc = check_ratio(s, err);
        if (rc)
            return rc;
        if (now == 0 && before == s->in_at && s->in_end && s->inside)
            return damaged(s, "the compressed data is cut", err);
    }
    if (s->tee.bytes && n)
        s->tee.bytes(s->tee.ctx, to, n);
    *got = n;
    return FTH_OK;
}
