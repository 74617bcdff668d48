/* unpack: what reading a big file promises, whatever packed it. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/rand.h"
#include "base/sha256.h"
#include "base/unpack.h"

/* Bytes that pack well in places and badly in others. */
static struct fth_str content(size_t n, uint64_t seed)
{
    char *p = fth_arena_alloc(test_arena(n + 64), n + 1);
    struct fth_rng rng = fth_rng_seeded(seed);

    for (size_t i = 0; i < n; i++)
        p[i] = i / 1000 % 2 ? (char)('a' + i % 7) : (char)fth_rng_below(&rng, 256);
    return (struct fth_str){p, n};
}

static struct fth_str gzip(struct fth_str text)
{
    size_t cap = text.n + text.n / 100 + 256;
    char *p = fth_arena_alloc(test_arena(cap + 64), cap);
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = (Bytef *)p;
    z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    cap = z.total_out;
    deflateEnd(&z);
    return (struct fth_str){p, cap};
}

static struct fth_str zstd(struct fth_str text)
{
    size_t cap = ZSTD_compressBound(text.n);
    char *p = fth_arena_alloc(test_arena(cap + 64), cap);
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    size_t n;

    ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
    n = ZSTD_compress2(ctx, p, cap, text.p, text.n);
    ZSTD_freeCCtx(ctx);
    assert_false(ZSTD_isError(n));
    return (struct fth_str){p, n};
}

static struct fth_str join(struct fth_str a, struct fth_str b)
{
    char *p = fth_arena_alloc(test_arena(a.n + b.n + 64), a.n + b.n + 1);

    if (a.n)
        memcpy(p, a.p, a.n);
    if (b.n)
        memcpy(p + a.n, b.p, b.n);
    return (struct fth_str){p, a.n + b.n};
}

/* Reads all in steps of `step` bytes. */
static enum fth_rc read_all(const char *path, size_t step, struct fth_buf *out, struct fth_err *err)
{
    struct fth_unpack *stream = NULL;
    enum fth_rc rc = fth_unpack_open(path, NULL, &stream, err);
    size_t got = 1;

    while (!rc && got) {
        char *room = fth_buf_room(out, step);

        if (!room) {
            rc = fth_buf_done(out, err);
            break;
        }
        rc = fth_unpack_read(stream, room, step, &got, err);
        if (!rc)
            out->n += got;
    }
    fth_unpack_close(stream);
    return rc;
}

static void reads(struct fth_str packed, struct fth_str want)
{
    static const size_t steps[] = {1000, 4096, 1 << 20};
    const char *path = test_file(packed);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct fth_buf buf = fth_buf_max(16 << 20);
        struct fth_err err = {0};

        assert_ok(read_all(path, steps[i], &buf, &err), &err);
        assert_true(fth_str_eq(fth_buf_view(&buf), want));
        fth_buf_release(&buf);
    }
}

static void refused(struct fth_str packed, const char *message)
{
    struct fth_buf buf = fth_buf_max(16 << 20);
    struct fth_err err = {0};

    char path[128];

    snprintf(path, sizeof(path), "%s/bad", test_dir());
    assert_ok(fth_file_write(path, packed, &err), &err);
    if (read_all(path, 65536, &buf, &err) != FTH_E_SYNTAX)
        fail_msg("taken; wanted \"%s\"", message);
    if (!strstr(err.msg, message) || !strstr(err.msg, "byte "))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, message);
    fth_buf_release(&buf);
}

static void all_kinds_give_the_same_bytes(void **state)
{
    struct fth_str text = content(700001, 1);

    (void)state;
    reads(text, text);
    reads(gzip(text), text);
    reads(zstd(text), text);
    reads(FTH_STR(""), FTH_STR(""));
    reads(FTH_STR("a"), FTH_STR("a"));
    reads(gzip(FTH_STR("")), FTH_STR(""));
    reads(zstd(FTH_STR("")), FTH_STR(""));
}

static void members_and_frames_follow_each_other(void **state)
{
    struct fth_str a = content(300000, 2), b = content(5, 3), both = join(a, b);
    struct fth_str skippable = {"\x53\x2a\x4d\x18\x03\x00\x00\x00xyz", 11};

    (void)state;
    reads(join(gzip(a), gzip(b)), both);
    reads(join(join(gzip(a), gzip(FTH_STR(""))), gzip(b)), both);
    reads(join(zstd(a), zstd(b)), both);
    reads(join(skippable, join(zstd(a), zstd(b))), both);
}

static void a_cut_file_is_an_error_wherever_it_is_cut(void **state)
{
    struct fth_str text = content(3000, 4), packed[2];

    (void)state;
    packed[0] = gzip(text);
    packed[1] = join(zstd(text), zstd(text));
    for (size_t n = 2; n < packed[0].n; n += n < 40 ? 1 : 97)
        refused(fth_str_sub(packed[0], 0, n), "the compressed data is cut");
    for (size_t n = 1; n < 9; n++)
        refused(fth_str_sub(packed[0], 0, packed[0].n - n), "the compressed data is cut");
    for (size_t n = 4; n < packed[1].n; n += n < 40 ? 1 : 97)
        if (n != packed[1].n / 2 && n < packed[1].n / 2)
            refused(fth_str_sub(packed[1], 0, n), "the compressed data is cut");
}

static void a_damaged_file_is_an_error(void **state)
{
    struct fth_str text = content(100000, 5), whole = gzip(text), bad;

    (void)state;
    for (size_t back = 1; back <= 8; back++) {
        bad = join(whole, FTH_STR(""));
        ((char *)(uintptr_t)bad.p)[bad.n - back] ^= 0x11;
        refused(bad, "check sum or length");
    }
    refused(join(whole, FTH_STR("garbage")), "more bytes behind the end of the gzip data");
    refused(join(zstd(text), FTH_STR("garbage")), "more bytes behind the end of the zstd data");
    bad = join(whole, FTH_STR(""));
    memset((char *)(uintptr_t)bad.p + 5000, 0xff, 64);
    refused(bad, "");
    bad = join(zstd(text), FTH_STR(""));
    memset((char *)(uintptr_t)bad.p + 5000, 0xff, 64);
    refused(bad, "");
    refused((struct fth_str){"\x1f\x8b\x07\0\0\0\0\0\0\0\0\0\0", 13}, "not a gzip header");
}

static void what_is_no_file_is_named(void **state)
{
    struct fth_unpack *stream = NULL;
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(fth_unpack_open("/nowhere/x.csv", NULL, &stream, &err), FTH_E_NOTFOUND);
    assert_non_null(strstr(err.msg, "/nowhere/x.csv"));
    fth_err_clear(&err);
    assert_int_equal(fth_unpack_open(test_dir(), NULL, &stream, &err), FTH_E_INVALID);
    assert_null(stream);
}

static void add(void *ctx, const void *bytes, size_t n)
{
    struct fth_sha256 *sha = ctx;

    fth_sha256_add(&sha[0], bytes, n);
}

static void add_raw(void *ctx, const void *bytes, size_t n)
{
    struct fth_sha256 *sha = ctx;

    fth_sha256_add(&sha[1], bytes, n);
}

static void the_tee_sees_every_byte_once_decompressed_and_as_it_was(void **state)
{
    struct fth_str text = content(600000, 6), packed = gzip(text);
    const char *path = test_file(packed);
    struct fth_sha256 sha[2];
    struct fth_unpack_tee tee = {.bytes = add, .raw = add_raw, .ctx = sha};
    struct fth_unpack *stream = NULL;
    struct fth_err err = {0};
    char want[FTH_SHA256_HEX], got_hex[FTH_SHA256_HEX], bytes[7777];
    size_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_ok(fth_sha256_init(&sha[0], &err), &err);
    assert_ok(fth_sha256_init(&sha[1], &err), &err);
    assert_ok(fth_unpack_from_fd(fd, "stdin", &tee, &stream, &err), &err);
    assert_int_equal(fth_unpack_kind(stream), FTH_UNPACK_GZIP);
    while (got)
        assert_ok(fth_unpack_read(stream, bytes, sizeof(bytes), &got, &err), &err);
    assert_ok(fth_sha256_text(text, want, &err), &err);
    fth_sha256_hex(&sha[0], got_hex);
    assert_string_equal(got_hex, want);
    assert_ok(fth_sha256_text(packed, want, &err), &err);
    fth_sha256_hex(&sha[1], got_hex);
    assert_string_equal(got_hex, want);
    assert_true(fth_unpack_in(stream) == fth_unpack_size(stream));
    fth_unpack_close(stream);
    close(fd);
}

static void a_pipe_has_no_size_and_reads_on(void **state)
{
    struct fth_unpack *stream = NULL;
    struct fth_err err = {0};
    char bytes[16];
    size_t got = 0;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    assert_ok(fth_unpack_from_fd(ends[0], "-", NULL, &stream, &err), &err);
    close(ends[1]);
    assert_ok(fth_unpack_read(stream, bytes, sizeof(bytes), &got, &err), &err);
    assert_int_equal(got, 5);
    assert_true(fth_unpack_size(stream) == -1);
    fth_unpack_close(stream);
    close(ends[0]);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *path = test_file(gzip(content(1000, 7)));

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_unpack *stream = NULL;
        struct fth_err err = {0};

        if (fth_unpack_open(path, NULL, &stream, &err) != FTH_OK)
            assert_int_equal(err.rc, FTH_E_NOMEM);
        fth_unpack_close(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_kinds_give_the_same_bytes),
        TEST(members_and_frames_follow_each_other),
        TEST(a_cut_file_is_an_error_wherever_it_is_cut),
        TEST(a_damaged_file_is_an_error),
        TEST(what_is_no_file_is_named),
        TEST(the_tee_sees_every_byte_once_decompressed_and_as_it_was),
        TEST(a_pipe_has_no_size_and_reads_on),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
