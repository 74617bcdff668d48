/*
 * Golden cases of the import: tests/golden/import/<importer>/<case>/case.json lists steps on one
 * fresh ledger, each an import and what must be true after it. A test each.
 *
 * A step: {"say", "paths": […], "mode": "replace"|"append", "tolerate": N, "dry_run": true,
 *   "rc": "OK", or "refused": true for any code that refuses,
 *   "deliveries": [subset of the report's objects, in order],
 *   "error": {subset of the first error}, "message": [words of the message],
 *   "notes": [words in some note], "totals": [{"by": […], "rows": [[…, billed, effective,
 * count]]}]}
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/import/import_world.h"
#include "base/file.h"
#include "base/json.h"

enum { CASES_MAX = 256, PATHS_MAX = 16 };

struct golden {
    char dir[512], name[128];
    const char *say; /* of the running step, for messages */
};

static struct golden goldens[CASES_MAX];
static size_t golden_nr;

static const char *step_of(const struct golden *golden)
{
    return golden->say ? golden->say : "";
}

/* Every member of `want` is in `got` with that value. */
static void expect_subset(const struct golden *golden, const struct fth_json *want,
                          const struct fth_json *got, struct fth_str report)
{
    for (size_t i = 0; i < want->nr; i++) {
        const struct fth_json *value = fth_json_get_str(got, want->members[i].key);

        if (value && fth_json_equal(value, &want->members[i].value))
            continue;
        print_error("%s (%s): \"" FTH_STR_F "\" is not as expected\n", golden->name,
                    step_of(golden), FTH_STR_A(want->members[i].key));
        fail_msg("report: " FTH_STR_F, FTH_STR_A(report));
    }
}

static void expect_deliveries(const struct golden *golden, const struct fth_json *want,
                              const struct import_said *said)
{
    const struct fth_json *got = fth_json_get(said->json, "deliveries");

    if (!want)
        return;
    if (!got || got->nr != want->nr)
        fail_msg("%s (%s): %zu deliveries instead of %zu: " FTH_STR_F, golden->name,
                 step_of(golden), got ? got->nr : 0, want->nr, FTH_STR_A(said->report));
    for (size_t i = 0; i < want->nr; i++)
        expect_subset(golden, &want->items[i], &got->items[i], said->report);
}

static void expect_words(const struct golden *golden, const struct fth_json *words,
                         struct fth_str text)
{
    for (size_t i = 0; words && i < words->nr; i++)
        if (fth_str_search(text, words->items[i].text) == SIZE_MAX)
            fail_msg("%s (%s): \"" FTH_STR_F "\" is not in: " FTH_STR_F, golden->name,
                     step_of(golden), FTH_STR_A(words->items[i].text), FTH_STR_A(text));
}

static void expect_error(const struct golden *golden, const struct fth_json *step,
                         const struct import_said *said)
{
    const struct fth_json *want = fth_json_get(step, "error");
    const struct fth_json *got = fth_json_at(said->json, FTH_STR("/deliveries/0/errors/0"));

    expect_words(golden, fth_json_get(step, "message"), fth_str_c(said->err.msg));
    if (want)
        expect_subset(golden, want, got, said->report);
}

static void expect_code(const struct golden *golden, const struct fth_json *step,
                        const struct import_said *said)
{
    struct fth_str want = fth_json_str(step, "rc", FTH_STR(""));
    const char *got = fth_rc_info(said->rc)->name;

    if (fth_json_get(step, "refused")) {
        if (said->rc != FTH_E_SYNTAX && said->rc != FTH_E_RANGE && said->rc != FTH_E_INVALID &&
            said->rc != FTH_E_CORRUPT)
            fail_msg("%s (%s): not refused but %s: %s", golden->name, step_of(golden), got,
                     said->err.msg);
    } else if (!fth_str_eq_c(want, got)) {
        fail_msg("%s (%s): %s instead of " FTH_STR_F ": %s\n" FTH_STR_F, golden->name,
                 step_of(golden), got, FTH_STR_A(want), said->err.msg, FTH_STR_A(said->report));
    }
}

static void print_sums(const struct import_sums *sums)
{
    for (size_t i = 0; i < sums->row_nr; i++) {
        for (size_t k = 0; k < sums->col_nr; k++)
            print_error("%s" FTH_STR_F, k ? " | " : "  ",
                        FTH_STR_A(sums->cells[i * sums->col_nr + k]));
        print_error("\n");
    }
}

static bool cell_is(const struct fth_json *want, struct fth_str got)
{
    if (fth_json_is(want, FTH_JSON_NULL))
        return got.n == 0;
    return fth_str_eq(want->text, got);
}

static void expect_totals(const struct golden *golden, struct import_world *world,
                          const struct fth_json *total)
{
    const struct fth_json *keys = fth_json_get(total, "by"), *rows = fth_json_get(total, "rows");
    struct fth_str by[8];
    struct import_sums sums;
    bool same;

    assert_true(keys->nr <= 8);
    for (size_t i = 0; i < keys->nr; i++)
        by[i] = keys->items[i].text;
    sums = import_sums(world, by, keys->nr);
    same = sums.row_nr == rows->nr;
    for (size_t i = 0; i < rows->nr && same; i++)
        for (size_t k = 0; k < sums.col_nr && same; k++)
            same = rows->items[i].nr == sums.col_nr &&
                   cell_is(&rows->items[i].items[k], sums.cells[i * sums.col_nr + k]);
    if (same)
        return;
    print_sums(&sums);
    fail_msg("%s (%s): sums by " FTH_STR_F " differ, above", golden->name, step_of(golden),
             FTH_STR_A(by[0]));
}

static void run_step(struct golden *golden, struct import_world *world, const struct fth_json *step)
{
    const struct fth_json *paths = fth_json_get(step, "paths");
    const struct fth_json *totals = fth_json_get(step, "totals");
    struct fth_str mode = fth_json_str(step, "mode", FTH_STR(""));
    static char names[PATHS_MAX][1024];
    const char *list[PATHS_MAX];
    struct fth_import_request request = {.paths = list, .path_nr = paths->nr};
    struct import_said said;

    golden->say = fth_json_str(step, "say", FTH_STR("")).p;
    for (size_t i = 0; i < paths->nr; i++) {
        snprintf(names[i], sizeof(names[i]), "%s/" FTH_STR_F, golden->dir,
                 FTH_STR_A(paths->items[i].text));
        list[i] = names[i];
    }
    if (mode.n)
        request.mode = fth_str_eq_c(mode, "append") ? FTH_IMPORT_APPEND : FTH_IMPORT_REPLACE;
    fth_json_i64(fth_json_get(step, "tolerate"), &request.tolerate);
    request.dry_run = fth_json_bool(fth_json_get(step, "dry_run"), false);
    world->now_us += 1000000;
    said = import_run(world, request);
    expect_code(golden, step, &said);
    expect_deliveries(golden, fth_json_get(step, "deliveries"), &said);
    expect_error(golden, step, &said);
    expect_words(golden, fth_json_get(step, "notes"), said.report);
    for (size_t i = 0; totals && i < totals->nr; i++)
        expect_totals(golden, world, &totals->items[i]);
    import_cubes_agree(world);
}

static void run_case(void **state)
{
    struct golden *golden = *state;
    struct import_world world = {0};
    const struct fth_json *json, *steps;
    struct fth_err err = {0};
    struct fth_str text;
    char path[600];

    snprintf(path, sizeof(path), "%s/case.json", golden->dir);
    assert_ok(fth_file_read(test_arena(16 << 20), path, 1 << 20, &text, &err), &err);
    assert_ok(fth_json_parse(test_arena(16 << 20), text, NULL, &json, &err), &err);
    steps = fth_json_get(json, "steps");
    import_world_open(&world);
    for (size_t i = 0; i < steps->nr; i++)
        run_step(golden, &world, &steps->items[i]);
    import_world_close(&world);
}

static int by_name(const void *a, const void *b)
{
    const struct golden *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static void find_cases(const char *root, const char *importer)
{
    char dir[256];
    DIR *entries;
    struct dirent *entry;

    snprintf(dir, sizeof(dir), "%s/%s", root, importer);
    entries = opendir(dir);
    while (entries && (entry = readdir(entries))) {
        struct golden *golden = &goldens[golden_nr];
        char path[600];

        snprintf(path, sizeof(path), "%s/%.200s/case.json", dir, entry->d_name);
        if (entry->d_name[0] == '.' || golden_nr == CASES_MAX || !fth_file_is_file(path))
            continue;
        snprintf(golden->dir, sizeof(golden->dir), "%s/%.200s", dir, entry->d_name);
        snprintf(golden->name, sizeof(golden->name), "%s_%.80s", importer, entry->d_name);
        golden_nr++;
    }
    if (entries)
        closedir(entries);
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[CASES_MAX];
    const char *source = getenv("FARTHING_SOURCE");
    char root[200];

    snprintf(root, sizeof(root), "%s/tests/golden/import", source ? source : ".");
#define FTH_IMPORTER(id) find_cases(root, #id);
#include "import/importer.def"
#undef FTH_IMPORTER
    qsort(goldens, golden_nr, sizeof(*goldens), by_name);
    for (size_t i = 0; i < golden_nr; i++)
        tests[i] = (struct CMUnitTest){goldens[i].name, run_case, NULL, test_end, &goldens[i]};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("import", tests, golden_nr, NULL, NULL);
}
