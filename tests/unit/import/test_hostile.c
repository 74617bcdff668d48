/* Files that somebody made to do harm, or that broke: each is refused within its limits, with what
 * is wrong, where, and nothing of it is in the ledger. */
#include <stdio.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/json.h"
#include "import_world.h"

/* Of the whole process; sanitizers take a good part of it. */
enum { PATH_LEN = 512, TEXT_MAX = 64 << 20, PIECE = 1 << 20, RSS_MAX_KB = 1536 * 1024 };

#define ORACLE \
    "lineItem/tenantId,lineItem/intervalUsageStart,product/service,cost/myCost,cost/currencyCode"
#define ROW "t,2025-01-01T00:00Z,COMPUTE,1.5,USD\n"

static long rss_kb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static const char *named(const char *name)
{
    static char path[PATH_LEN];

    snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
    return path;
}

/* Imports it; it must be refused, and the message must name the file and say `what`. */
static void refused(const char *path, const char *what)
{
    struct import_world world = {0};
    struct fth_import_request request = {.paths = &path, .path_nr = 1};
    struct import_said said;
    const char *base = strrchr(path, '/') + 1;

    import_world_open(&world);
    said = import_run(&world, request);
    if (!said.rc)
        fail_msg("%s: imported", base);
    if (!strstr(said.err.msg, base))
        fail_msg("\"%s\" does not name %s", said.err.msg, base);
    if (!strstr(said.err.msg, what))
        fail_msg("\"%s\" does not say \"%s\"", said.err.msg, what);
    assert_int_equal(import_sums(&world, NULL, 0).row_nr, 0);
    import_world_close(&world);
    print_message("# %s: %s; %ld MB\n", base, said.err.msg, rss_kb() / 1024);
    assert_true(rss_kb() < RSS_MAX_KB);
}

/* `head`, then `megabytes` of `fill`. */
static const char *packed(const char *name, const char *head, int fill, int megabytes)
{
    const char *path = named(name);
    gzFile file = gzopen(path, "wb9");
    char *piece = fth_arena_alloc(test_arena(PIECE * 2), PIECE);

    assert_non_null(file);
    memset(piece, fill, PIECE);
    assert_true(gzputs(file, head) > 0);
    for (int i = 0; i < megabytes; i++)
        assert_int_equal(gzwrite(file, piece, PIECE), PIECE);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static void a_bomb_of_empty_lines_is_refused(void **state)
{
    refused(packed("bomb.csv.gz", ORACLE "\n" ROW, '\n', 300), "500 times its size");
}

static void an_endless_line_is_refused(void **state)
{
    refused(packed("line.csv.gz", ORACLE "\n" ROW, 'x', 48), "line 3");
    refused(
        packed("line.json.gz", "{\"cost\":1,\"invoice\":{\"month\":\"202501\"},\"x\":\"", 'x', 48),
        "line 1");
}

static void a_hundred_thousand_columns_are_refused(void **state)
{
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    struct fth_err err = {0};

    fth_buf_c(&text, ORACLE);
    for (int i = 0; i < 100000; i++)
        fth_buf_printf(&text, ",column%d", i);
    fth_buf_c(&text, "\n" ROW);
    assert_ok(fth_buf_done(&text, &err), &err);
    refused(test_file_named("wide.csv", fth_buf_view(&text)), "columns");
    fth_buf_release(&text);
}

static void deep_json_is_refused(void **state)
{
    static const char *const opens[] = {"[", "{\"a\":"};

    for (size_t i = 0; i < FTH_NR(opens); i++) {
        struct fth_buf text = fth_buf_max(TEXT_MAX);
        struct fth_err err = {0};

        fth_buf_c(&text,
                  "{\"cost\":1,\"sku\":{\"description\":\"x\"},\"invoice\":{\"month\":"
                  "\"202501\"},\"usage_start_time\":\"2025-01-01 00:00:00 UTC\",\"labels\":");
        fth_buf_str(&text, test_repeat(opens[i], 100000));
        fth_buf_c(&text, "\n");
        assert_ok(fth_buf_done(&text, &err), &err);
        refused(test_file_named("deep.json", fth_buf_view(&text)), "line 1");
        fth_buf_release(&text);
    }
}

static void broken_parquet_is_refused(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } files[] = {
        {"magic.parquet", "PAR1", 4},
        {"twice.parquet", "PAR1PAR1", 8},
        {"length.parquet", "PAR1\xff\xff\xff\xffPAR1", 12},
        {"negative.parquet", "PAR1\x00\x00\x00\x80PAR1", 12},
        {"footer.parquet", "PAR1\x15\xff\xff\xff\xff\xff\x0f\x19\x08\x00\x00\x00PAR1", 20},
        {"noend.parquet", "PAR1\x15\x02\x19\x0c\x00\x00\x00\x00", 12},
    };

    for (size_t i = 0; i < FTH_NR(files); i++)
        refused(test_file_named(files[i].name, (struct fth_str){files[i].bytes, files[i].n}), "");
}

static void stray_bytes_are_refused(void **state)
{
    static const char nul[] = ORACLE "\nt,2025-01-01T00:00Z,COM\0PUTE,1.5,USD\n";

    refused(test_file_named("nul.csv", (struct fth_str){nul, sizeof(nul) - 1}), "line 2");
    refused(test_file_named("quote.csv", FTH_STR(ORACLE "\n" ROW "t,2025-01-01T00:00Z,\"COMPUTE")),
            "line 3");
    refused(
        test_file_named("utf8.csv", FTH_STR(ORACLE "\n" ROW "t,2025-01-01T00:00Z,\xff,1,USD\n")),
        "line 3");
}

static void bytes_behind_the_end_are_refused(void **state)
{
    const char *path = packed("tail.csv.gz", ORACLE "\n" ROW, '\n', 0);
    FILE *file = fopen(path, "ab");

    assert_non_null(file);
    assert_true(fputs("and more", file) >= 0);
    assert_int_equal(fclose(file), 0);
    refused(path, "byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bomb_of_empty_lines_is_refused),
        TEST(an_endless_line_is_refused),
        TEST(a_hundred_thousand_columns_are_refused),
        TEST(deep_json_is_refused),
        TEST(broken_parquet_is_refused),
        TEST(stray_bytes_are_refused),
        TEST(bytes_behind_the_end_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
