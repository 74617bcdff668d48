/* folder: an export takes the place of an earlier one whole, or leaves all as it was. */
#include "focus/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "test.h"

enum { ARENA = 1 << 20, LIST_MAX = 4096 };

/* test_dir()/out, and what is in it; `name` NULL: itself. */
static const char *below(const char *name)
{
    static char path[2][512];
    static unsigned turn;
    char *out = path[turn++ % 2];

    snprintf(out, sizeof(path[0]), "%s/out%s%s", test_dir(), name ? "/" : "", name ? name : "");
    return out;
}

static void put(const char *name, const char *text)
{
    struct fth_err err = {0};

    assert_ok(fth_file_write(below(name), fth_str_c(text), &err), &err);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_into(struct fth_arena *arena, const char *prefix, const char *folder,
                      char *lines[], size_t *nr)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        struct fth_str path, text, line;
        struct fth_err err = {0};

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        assert_ok(fth_arena_printf(arena, &path, &err, "%s/%s", folder, entry->d_name), &err);
        if (fth_file_is_dir(path.p)) {
            list_into(arena, "metadata/", path.p, lines, nr);
            continue;
        }
        assert_ok(fth_file_read(arena, path.p, 1 << 12, &text, &err), &err);
        assert_ok(fth_arena_printf(arena, &line, &err, "%s%s=%s ", prefix, entry->d_name,
                                   fth_str_starts(text, FTH_STR("{")) ? "{}" : text.p),
                  &err);
        assert_true(*nr < 32);
        lines[(*nr)++] = (char *)(uintptr_t)line.p;
    }
    if (dir)
        closedir(dir);
}

/* "NAME=CONTENT …" of all files, sorted; what is JSON as {}. */
static void list(char out[LIST_MAX])
{
    struct fth_arena *arena = fth_arena_new(ARENA);
    char *lines[32];
    size_t nr = 0;

    assert_non_null(arena);
    list_into(arena, "", below(NULL), lines, &nr);
    qsort(lines, nr, sizeof(lines[0]), by_text);
    out[0] = '\0';
    for (size_t i = 0; i < nr; i++)
        strncat(out, lines[i], LIST_MAX - strlen(out) - 1);
    fth_arena_free(arena);
}

static void assert_list(const char *want)
{
    char now[LIST_MAX];

    list(now);
    assert_string_equal(now, want);
}

static enum fth_rc write_one(struct fth_focus_folder *folder, const char *name, const char *text,
                             struct fth_err *err)
{
    const char *path = NULL;
    size_t number;

    if (fth_focus_folder_add(folder, fth_str_c(name), &path, &number, err))
        return err->rc;
    return fth_file_write(path, fth_str_c(text), err);
}

/* Two files of data and the manifest that names them. */
static enum fth_rc run(struct fth_arena *arena, bool force, const char *a, const char *b,
                       const char *text, struct fth_err *err)
{
    struct fth_focus_folder *folder = NULL;
    char manifest[512];

    snprintf(manifest, sizeof(manifest), "{\"files\":[{\"name\":\"%s\"},{\"name\":\"%s\"}]}", a, b);
    if (!fth_focus_folder_open(arena, below(NULL), force, &folder, err) &&
        !write_one(folder, a, text, err) && !write_one(folder, b, text, err) &&
        !write_one(folder, FTH_FOCUS_MANIFEST, manifest, err))
        fth_focus_folder_publish(folder, err);
    fth_focus_folder_close(folder);
    return err->rc;
}

static void exported(const char *a, const char *b, const char *text)
{
    struct fth_arena *arena = fth_arena_new(ARENA);
    struct fth_err err = {0};

    assert_non_null(arena);
    assert_ok(run(arena, false, a, b, text, &err), &err);
    fth_arena_free(arena);
}

#define OLD "focus-a.csv.gz=old focus-b.csv.gz=old metadata/focus-export.json={} "
#define NEW "focus-b.csv.gz=new focus-c.parquet=new metadata/focus-export.json={} "

static void a_new_export_takes_the_place_of_the_earlier_one(void **state)
{
    struct fth_err err = {0};

    exported("focus-a.csv.gz", "focus-b.csv.gz", "old");
    assert_list(OLD);
    assert_int_equal(
        run(test_arena(ARENA), false, "focus-b.csv.gz", "focus-c.parquet", "new", &err),
        FTH_E_CONFLICT);
    assert_list(OLD);
    fth_err_clear(&err);
    assert_ok(run(test_arena(ARENA), true, "focus-b.csv.gz", "focus-c.parquet", "new", &err), &err);
    assert_list(NEW);
}

static void files_of_others_stay_and_are_never_written_over(void **state)
{
    struct fth_err err = {0};

    exported("focus-a.csv.gz", "focus-b.csv.gz", "old");
    put("focus-other.csv.gz", "theirs");
    assert_ok(run(test_arena(ARENA), true, "focus-b.csv.gz", "focus-c.parquet", "new", &err), &err);
    assert_list("focus-b.csv.gz=new focus-c.parquet=new focus-other.csv.gz=theirs "
                "metadata/focus-export.json={} ");
    assert_int_equal(
        run(test_arena(ARENA), true, "focus-other.csv.gz", "focus-c.parquet", "newer", &err),
        FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "focus-other.csv.gz"));
    assert_list("focus-b.csv.gz=new focus-c.parquet=new focus-other.csv.gz=theirs "
                "metadata/focus-export.json={} ");
}

static void a_manifest_that_says_nothing_useful_refuses(void **state)
{
    static const char *const manifests[] = {"", "{", "{}", "{\"files\":[{\"name\":\"../x\"}]}",
                                            "{\"files\":[{\"name\":\"focus-../../x.csv.gz\"}]}"};

    exported("focus-a.csv.gz", "focus-b.csv.gz", "old");
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        struct fth_err err = {0};

        put(FTH_FOCUS_MANIFEST, manifests[i]);
        assert_int_equal(
            run(test_arena(ARENA), true, "focus-b.csv.gz", "focus-c.parquet", "new", &err),
            FTH_E_CONFLICT);
        assert_non_null(strstr(err.msg, "cannot be read"));
    }
}

static void a_name_of_another_place_is_no_file_of_an_export(void **state)
{
    assert_true(fth_focus_folder_allows(FTH_STR("focus-1.2-x-00001.csv.gz")));
    assert_true(fth_focus_folder_allows(FTH_STR("metadata/focus-schema.json")));
    assert_false(fth_focus_folder_allows(FTH_STR("metadata/other.json")));
    assert_false(fth_focus_folder_allows(FTH_STR("focus-/../x.csv.gz")));
    assert_false(fth_focus_folder_allows(FTH_STR("notes.csv.gz")));
}

static void an_export_that_fails_leaves_no_folder(void **state)
{
    struct fth_focus_folder *folder = NULL;
    struct fth_err err = {0};

    assert_ok(fth_focus_folder_open(test_arena(ARENA), below(NULL), false, &folder, &err), &err);
    assert_ok(write_one(folder, "focus-a.csv.gz", "half", &err), &err);
    fth_focus_folder_close(folder);
    assert_false(fth_file_is_dir(below(NULL)));
}

#ifdef FTH_FAULTS
/* What was there, or what was to be: never less, never a mixture. */
static void walk(enum fth_fault kind, const char *name)
{
    unsigned long n = 0, calls;

    do {
        struct fth_arena *arena;
        struct fth_err err = {0}, ignored = {0};

        fth_file_remove(below(NULL), &ignored);
        exported("focus-a.csv.gz", "focus-b.csv.gz", "old");
        fth_fault_arm(kind, ++n);
        arena = fth_arena_new(ARENA);
        if (arena)
            run(arena, true, "focus-b.csv.gz", "focus-c.parquet", "new", &err);
        fth_arena_free(arena);
        calls = fth_fault_count(kind);
        fth_fault_arm(kind, 0);
        assert_int_equal(arena && !err.rc, calls < n);
        assert_list(arena && !err.rc ? NEW : OLD);
    } while (calls >= n);
    test_fault_sites(kind, name, n - 1);
}

static void whichever_write_fails_the_earlier_export_is_as_it_was(void **state)
{
    walk(FTH_FAULT_WRITE, __func__);
}

static void whichever_allocation_fails_the_earlier_export_is_as_it_was(void **state)
{
    walk(FTH_FAULT_ALLOC, __func__);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_export_takes_the_place_of_the_earlier_one),
        TEST(files_of_others_stay_and_are_never_written_over),
        TEST(a_manifest_that_says_nothing_useful_refuses),
        TEST(a_name_of_another_place_is_no_file_of_an_export),
        TEST(an_export_that_fails_leaves_no_folder),
#ifdef FTH_FAULTS
        TEST(whichever_write_fails_the_earlier_export_is_as_it_was),
        TEST(whichever_allocation_fails_the_earlier_export_is_as_it_was),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
