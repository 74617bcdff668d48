/*
 * lake: whichever allocation, statement or write fails, an export has no manifest or is whole, one
 * that is brought up to date is whole at the latest when that is done again, a verification is an
 * error or tells of a file, and a restore leaves an empty ledger or a whole one.
 *
 * One ledger is exported and restored again and again: what failed must not stand in the way of
 * what comes next.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/file_copy.h"
#include "base/log.h"
#include "fault_world.h"
#include "ledger/lake.h"
#include "ledger/ledger_int.h"

/* What is committed is refreshed with the next question when that fails, a file that cannot be
 * linked is copied, and a line of the log may be lost. */
static const fth_fault_function spared[] = {(fth_fault_function)fth_ledger_refresh,
                                            (fth_fault_function)fth_engine_adopt,
                                            (fth_fault_function)fth_log_write, NULL};

static enum fth_rc export_to(struct import_world *world, const char *dir,
                             struct fth_lake_summary *out, struct fth_err *err)
{
    return fth_lake_export(world->ledger, dir, "test", NULL, out, err);
}

/* How many files are told of; an error counts as one. */
static unsigned wrong(struct import_world *world, const char *dir)
{
    struct fth_arena *arena = fth_arena_new(64 << 20);
    const struct fth_lake_problem *problems = NULL;
    struct fth_lake_summary out;
    struct fth_err err = {0};
    unsigned nr = 0;

    if (!arena ||
        fth_lake_verify(fth_ledger_engine(world->ledger), dir, NULL, arena, &out, &problems, &err))
        nr = 1;
    for (; problems; problems = problems->next)
        nr++;
    fth_arena_free(arena);
    return nr;
}

static void copy_folder(const char *from, const char *to)
{
    struct fth_err err = {0};
    const struct dirent *entry;
    DIR *list = opendir(from);

    assert_non_null(list);
    assert_ok(fth_file_mkdirs(to, &err), &err);
    while ((entry = readdir(list))) {
        struct fth_file_digest ignored;
        char source[512], target[512];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
        snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
        if (fth_file_is_dir(source))
            copy_folder(source, target);
        else
            assert_ok(fth_file_copy(source, target, NULL, &ignored, &err), &err);
    }
    closedir(list);
}

static void walk_export(enum fth_fault kind, const char *name)
{
    struct import_world world = {0};

    fault_world_open(&world);
    for (unsigned n = 1; test_fault_places(kind, n, name); n++) {
        struct fth_lake_summary out;
        struct fth_err err = {0}, ignored = {0};
        bool failed;

        export_to(&world, fault_below("lake"), &out, &err);
        failed = test_fault_off();
        assert_true(err.rc || !failed || test_fault_spared(spared));
        if (err.rc)
            assert_false(fth_file_is_file(fault_below("lake/manifest.json")));
        else
            assert_int_equal(wrong(&world, fault_below("lake")), 0);
        fth_file_remove(fault_below("lake"), &ignored);
    }
    import_world_close(&world);
}

/* One segment stays with both of its files, one goes, one is new. */
static void walk_update(enum fth_fault kind, const char *name)
{
    struct import_world world = {0};
    struct fth_lake_summary out;
    struct fth_err err = {0};

    fault_world_open(&world);
    assert_ok(export_to(&world, fault_below("earlier"), &out, &err), &err);
    fault_world_restate(&world);
    copy_folder(fault_below("earlier"), fault_below("lake"));
    for (unsigned n = 1; test_fault_places(kind, n, name); n++) {
        struct fth_err why = {0};
        bool failed;

        export_to(&world, fault_below("lake"), &out, &why);
        failed = test_fault_off();
        assert_true(why.rc || !failed || test_fault_spared(spared));
        assert_true(fth_file_is_file(fault_below("lake/manifest.json")));
        if (why.rc)
            assert_ok(export_to(&world, fault_below("lake"), &out, &err), &err);
        else
            assert_int_equal(out.kept_nr, 2);
        assert_int_equal(out.version, fth_ledger_version(world.ledger));
        assert_int_equal(out.segment_nr, 2);
        assert_int_equal(wrong(&world, fault_below("lake")), 0);
        assert_ok(fth_file_remove(fault_below("lake"), &err), &err);
        copy_folder(fault_below("earlier"), fault_below("lake"));
    }
    import_world_close(&world);
}

static void walk_verify(enum fth_fault kind, const char *name)
{
    struct import_world world = {0};
    struct fth_lake_summary out;
    struct fth_err err = {0};

    fault_world_open(&world);
    assert_ok(export_to(&world, fault_below("lake"), &out, &err), &err);
    for (unsigned n = 1; test_fault_places(kind, n, name); n++) {
        unsigned said = wrong(&world, fault_below("lake"));

        assert_true(!test_fault_off() ? !said : said || test_fault_spared(spared));
    }
    import_world_close(&world);
}

static void walk_restore(enum fth_fault kind, const char *name)
{
    struct import_world from = {0}, to = {0};
    struct fth_lake_summary out;
    struct fth_err err = {0};
    int64_t version;

    fault_world_open(&from);
    version = fth_ledger_version(from.ledger);
    assert_ok(export_to(&from, fault_below("lake"), &out, &err), &err);
    import_world_close(&from);
    import_world_open(&to);
    for (unsigned n = 1; test_fault_places(kind, n, name); n++) {
        struct fth_err why = {0};
        bool failed;

        fth_lake_restore(to.ledger, fault_below("lake"), NULL, &out, &why);
        failed = test_fault_off();
        assert_true(why.rc || !failed || test_fault_spared(spared));
        assert_int_equal(fth_ledger_version(to.ledger), why.rc ? 0 : version);
        if (why.rc)
            continue;
        import_cubes_agree(&to);
        import_world_close(&to);
        to = (struct import_world){0};
        import_world_open(&to);
    }
    import_world_close(&to);
}

static void an_export_whose_allocation_fails(void **state)
{
    walk_export(FTH_FAULT_ALLOC, __func__);
}

static void an_export_whose_statement_fails(void **state)
{
    walk_export(FTH_FAULT_SQL, __func__);
}

static void an_export_whose_write_fails(void **state)
{
    walk_export(FTH_FAULT_WRITE, __func__);
}

static void an_update_whose_allocation_fails(void **state)
{
    walk_update(FTH_FAULT_ALLOC, __func__);
}

static void an_update_whose_statement_fails(void **state)
{
    walk_update(FTH_FAULT_SQL, __func__);
}

static void an_update_whose_write_fails(void **state)
{
    walk_update(FTH_FAULT_WRITE, __func__);
}

static void a_verification_whose_allocation_fails(void **state)
{
    walk_verify(FTH_FAULT_ALLOC, __func__);
}

static void a_verification_whose_statement_fails(void **state)
{
    walk_verify(FTH_FAULT_SQL, __func__);
}

static void a_restore_whose_allocation_fails(void **state)
{
    walk_restore(FTH_FAULT_ALLOC, __func__);
}

static void a_restore_whose_statement_fails(void **state)
{
    walk_restore(FTH_FAULT_SQL, __func__);
}

static void a_restore_whose_write_fails(void **state)
{
    walk_restore(FTH_FAULT_WRITE, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_update_whose_write_fails),          TEST(an_update_whose_statement_fails),
        TEST(an_update_whose_allocation_fails),     TEST(an_export_whose_write_fails),
        TEST(an_export_whose_statement_fails),      TEST(an_export_whose_allocation_fails),
        TEST(a_verification_whose_statement_fails), TEST(a_verification_whose_allocation_fails),
        TEST(a_restore_whose_write_fails),          TEST(a_restore_whose_statement_fails),
        TEST(a_restore_whose_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
