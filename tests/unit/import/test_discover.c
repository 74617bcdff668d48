/* discover: which files under some paths make up which deliveries. */
#include <stdio.h>

#include "base/file.h"
#include "import/discover.h"
#include "test.h"

static struct fth_discovery discover(const char *path)
{
    struct fth_discovery found = {0};
    struct fth_err err = {0};

    assert_ok(fth_discover(test_arena(16 << 20), &path, 1, NULL, &found, &err), &err);
    return found;
}

static void put(const char *name, const char *text)
{
    char path[1024];
    struct fth_err err = {0};
    char *slash;

    snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
    slash = strrchr(path, '/');
    *slash = 0;
    assert_ok(fth_file_mkdirs(path, &err), &err);
    *slash = '/';
    assert_ok(fth_file_write(path, fth_str_c(text), &err), &err);
}

static void put_report(const char *name, const char *assembly, const char *keys)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "{\"assemblyId\":\"%s\",\"account\":\"111122223333\",\"reportName\":\"bill\","
             "\"billingPeriod\":{\"start\":\"20250101T000000.000Z\"},\"reportKeys\":[%s]}",
             assembly, keys);
    put(name, text);
}

static void put_export(const char *name, const char *run, const char *keys)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "{\"executionId\":\"%s\",\"exportArn\":\"arn:aws:bcm-data-exports:us-east-1:"
             "111122223333:export/bill\",\"dataFiles\":[%s]}",
             run, keys);
    put(name, text);
}

static bool noted(const struct fth_discovery *found, const char *words)
{
    for (size_t i = 0; i < found->note_nr; i++)
        if (strstr(found->notes[i].p, words))
            return true;
    return false;
}

static void only_files_of_the_top_manifest_count_and_orphans_are_named(void **state)
{
    struct fth_discovery found;

    put("bill/20250101-20250201/aaa/bill-00001.csv.gz", "x");
    put_report("bill/20250101-20250201/aaa/bill-Manifest.json", "aaa",
               "\"p/bill/20250101-20250201/aaa/bill-00001.csv.gz\"");
    put("bill/20250101-20250201/bbb/bill-00001.csv.gz", "x");
    put("bill/20250101-20250201/bbb/bill-00002.csv.gz", "x");
    put_report("bill/20250101-20250201/bill-Manifest.json", "bbb",
               "\"p/bill/20250101-20250201/bbb/bill-00001.csv.gz\","
               "\"p/bill/20250101-20250201/bbb/bill-00002.csv.gz\"");
    found = discover(test_dir());

    assert_int_equal(found.nr, 1);
    assert_false(found.at[0].loose);
    assert_int_equal(found.at[0].file_nr, 2);
    assert_non_null(strstr(found.at[0].files[1], "/bbb/bill-00002.csv.gz"));
    assert_str(found.at[0].manifest.identity, "bbb");
    assert_str(found.at[0].manifest.billing_period, "2025-01");
    assert_str(found.at[0].manifest.account, "111122223333");
    assert_true(noted(&found, "/aaa/bill-Manifest.json: an older run"));
    assert_true(noted(&found, "/aaa/bill-00001.csv.gz: an orphan"));
}

static void an_export_finds_its_data_beside_its_metadata(void **state)
{
    struct fth_discovery found;

    put("bill/data/BILLING_PERIOD=2025-01/bill-00001.csv.gz", "x");
    put("bill/data/BILLING_PERIOD=2025-02/bill-00001.csv.gz", "x");
    put_export("bill/metadata/BILLING_PERIOD=2025-01/bill-Manifest.json", "e1",
               "\"s3://bucket/prefix/bill/data/BILLING_PERIOD=2025-01/bill-00001.csv.gz\"");
    found = discover(test_dir());

    assert_int_equal(found.nr, 1);
    assert_str(found.at[0].manifest.billing_period, "2025-01");
    assert_str(found.at[0].manifest.dataset, "bill");
    assert_non_null(strstr(found.at[0].files[0], "BILLING_PERIOD=2025-01/bill-00001.csv.gz"));
    assert_true(noted(&found, "BILLING_PERIOD=2025-02/bill-00001.csv.gz: an orphan"));
}

static void of_several_runs_the_newest_by_its_name_counts(void **state)
{
    struct fth_discovery found;

    put("b/data/BILLING_PERIOD=2025-01/2025-01-05T00:00:00.000Z-x1/b-1.csv.gz", "x");
    put("b/data/BILLING_PERIOD=2025-01/2025-02-05T00:00:00.000Z-x2/b-1.csv.gz", "x");
    put_export("b/metadata/BILLING_PERIOD=2025-01/2025-01-05T00:00:00.000Z-x1/b-Manifest.json",
               "x1",
               "\"s3://k/b/data/BILLING_PERIOD=2025-01/2025-01-05T00:00:00.000Z-x1/b-1.csv.gz\"");
    put_export("b/metadata/BILLING_PERIOD=2025-01/2025-02-05T00:00:00.000Z-x2/b-Manifest.json",
               "x2",
               "\"s3://k/b/data/BILLING_PERIOD=2025-01/2025-02-05T00:00:00.000Z-x2/b-1.csv.gz\"");
    found = discover(test_dir());

    assert_int_equal(found.nr, 1);
    assert_str(found.at[0].manifest.identity, "x2");
    assert_int_equal(found.at[0].file_nr, 1);
    assert_non_null(strstr(found.at[0].files[0], "x2/b-1.csv.gz"));
    assert_true(noted(&found, "x1/b-Manifest.json: an older run"));
}

static void runs_that_nothing_ranks_are_refused(void **state)
{
    struct fth_discovery found;

    put("aaa/b-1.csv", "x");
    put_report("aaa/b-Manifest.json", "aaa", "\"b/aaa/b-1.csv\"");
    put("bbb/b-1.csv", "x");
    put_report("bbb/b-Manifest.json", "bbb", "\"b/bbb/b-1.csv\"");
    found = discover(test_dir());

    assert_int_equal(found.nr, 1);
    assert_int_equal(found.at[0].rc, FTH_E_INVALID);
    assert_non_null(strstr(found.at[0].why.p, "nothing says which is newer"));
}

static void a_file_that_the_manifest_names_and_nobody_has_is_named(void **state)
{
    struct fth_discovery found;

    put("r/aaa/b-1.csv", "x");
    put_report("r/b-Manifest.json", "aaa", "\"r/aaa/b-1.csv\",\"r/aaa/b-2.csv\"");
    found = discover(test_dir());

    assert_int_equal(found.nr, 1);
    assert_int_equal(found.at[0].rc, FTH_E_NOTFOUND);
    assert_non_null(strstr(found.at[0].why.p, "\"r/aaa/b-2.csv\", which is not there"));
}

static void files_without_a_manifest_are_loose(void **state)
{
    struct fth_discovery found;

    put("year=2018/month=10/a.snappy.parquet", "x");
    put("year=2018/month=11/a.snappy.parquet", "x");
    put("notes.txt", "x");
    put("settings.json", "{\"colour\":\"red\"}");
    put(".hidden.csv", "x");
    put("_temporary/b.csv", "x");
    found = discover(test_dir());

    assert_int_equal(found.nr, 2);
    assert_true(found.at[0].loose);
    assert_non_null(strstr(found.at[0].path.p, "month=10/a.snappy.parquet"));
    assert_int_equal(found.note_nr, 0);
}

static void json_lines_are_loose_files_whatever_they_are_called(void **state)
{
    struct fth_discovery found;

    put("a.jsonl", "{\"cost\":1}");
    put("b.json", "{\"cost\":1}\n{\"cost\":2}\n");
    put("c.json", "{\n \"colour\": \"red\"\n}\n");
    put("d.ndjson", "{}");
    found = discover(test_dir());

    assert_int_equal(found.nr, 3);
    assert_non_null(strstr(found.at[1].path.p, "b.json"));
    assert_true(found.at[1].loose);
}

static void a_file_that_is_given_itself_counts_whatever_its_name(void **state)
{
    struct fth_discovery found = discover(test_file_named("bill.txt", FTH_STR("x")));

    assert_int_equal(found.nr, 1);
    assert_true(found.at[0].loose);
}

static void a_damaged_manifest_is_refused_by_name(void **state)
{
    struct fth_discovery found;

    put("b-Manifest.json", "{\"assemblyId\":");
    put("c-Manifest.json", "{\"assemblyId\":\"x\",\"reportKeys\":[]}");
    found = discover(test_dir());

    assert_int_equal(found.nr, 2);
    assert_int_equal(found.at[0].rc, FTH_E_SYNTAX);
    assert_non_null(strstr(found.at[0].why.p, "b-Manifest.json"));
    assert_int_equal(found.at[1].rc, FTH_E_INVALID);
    assert_non_null(strstr(found.at[1].why.p, "without reportKeys"));
}

static void a_path_that_is_not_there_is_an_error(void **state)
{
    const char *path = "/nonexistent/bill.csv";
    struct fth_discovery found = {0};
    struct fth_err err = {0};

    assert_int_equal(fth_discover(test_arena(1 << 20), &path, 1, NULL, &found, &err),
                     FTH_E_NOTFOUND);
    assert_non_null(strstr(err.msg, path));
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *path;

    put("r/aaa/b-1.csv", "x");
    put_report("r/b-Manifest.json", "aaa", "\"r/aaa/b-1.csv\"");
    path = test_dir();
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        struct fth_discovery found = {0};
        struct fth_err err = {0};
        enum fth_rc rc = arena ? fth_discover(arena, &path, 1, NULL, &found, &err) : FTH_E_NOMEM;

        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        if (!rc)
            assert_int_equal(found.nr, 1);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_files_of_the_top_manifest_count_and_orphans_are_named),
        TEST(an_export_finds_its_data_beside_its_metadata),
        TEST(of_several_runs_the_newest_by_its_name_counts),
        TEST(runs_that_nothing_ranks_are_refused),
        TEST(a_file_that_the_manifest_names_and_nobody_has_is_named),
        TEST(files_without_a_manifest_are_loose),
        TEST(json_lines_are_loose_files_whatever_they_are_called),
        TEST(a_file_that_is_given_itself_counts_whatever_its_name),
        TEST(a_damaged_manifest_is_refused_by_name),
        TEST(a_path_that_is_not_there_is_an_error),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
