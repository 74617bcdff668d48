/*
 * focus export: whichever allocation, statement or write fails, the folder has the export that it
 * had, or the new one; nothing is left in the engine's folder.
 */
#include <dirent.h>

#include "base/file.h"
#include "fault_world.h"
#include "focus/export.h"
#include "focus/folder.h"

enum { ARENA = 64 << 20 };

static unsigned files_in(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    unsigned nr = 0;

    while (dir && (entry = readdir(dir)) != NULL)
        nr += entry->d_name[0] != '.' || (entry->d_name[1] != '.' && entry->d_name[1] != '\0');
    if (dir)
        closedir(dir);
    return nr;
}

static enum fth_rc export_as(struct import_world *world, struct fth_session *session,
                             enum fth_focus_form form, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(ARENA);
    const struct fth_plan_run run = {
        .ledger = world->ledger, .session = session, .arena = arena, .clock = &world->clock};
    const struct fth_focus_export_request request = {.run = &run,
                                                     .version = FTH_FOCUS_V12,
                                                     .form = form,
                                                     .period = FTH_STR("2025-05"),
                                                     .dir = fault_below("out"),
                                                     .force = true,
                                                     .generator = "test"};
    const struct fth_focus_exported *done;

    if (!arena)
        return fth_err_nomem(err);
    (void)fth_focus_export(&request, &done, err);
    fth_arena_free(arena);
    return err->rc;
}

/* By turns over an export of the other form: which one is there, its manifest says. */
static void walk(enum fth_fault kind, enum fth_focus_form form, const char *name)
{
    enum fth_focus_form other = form == FTH_FOCUS_PARQUET ? FTH_FOCUS_CSV_GZ : FTH_FOCUS_PARQUET;
    struct fth_session *session = NULL;
    struct import_world world = {0};
    struct fth_err err = {0};

    fault_world_open(&world);
    assert_ok(fth_session_open(fth_ledger_engine(world.ledger), &session, &err), &err);
    assert_ok(export_as(&world, session, other, &err), &err);
    for (unsigned n = 1; test_fault_places(kind, n, name); n++) {
        struct fth_err why = {0};
        bool failed;

        export_as(&world, session, form, &why);
        failed = test_fault_off();
        assert_true(failed ? why.rc : !why.rc);
        /* One file and its metadata, of the one or the other, and no half of either. */
        assert_int_equal(files_in(fault_below("out")), 2);
        assert_int_equal(files_in(fault_below("out/metadata")), 3);
        assert_int_equal(
            fth_file_is_file(fault_below("out/focus-1.2-contoso-a-1-focus-2025-05-00001.parquet")),
            (why.rc ? other : form) == FTH_FOCUS_PARQUET);
        assert_int_equal(files_in(fault_below("ledger/tmp")), 0);
        if (!why.rc)
            assert_ok(export_as(&world, session, other, &why), &why);
    }
    fth_session_close(session);
    import_world_close(&world);
}

static void text_whose_allocation_fails(void **state)
{
    walk(FTH_FAULT_ALLOC, FTH_FOCUS_CSV_GZ, __func__);
}

static void text_whose_statement_fails(void **state)
{
    walk(FTH_FAULT_SQL, FTH_FOCUS_CSV_GZ, __func__);
}

static void text_whose_write_fails(void **state)
{
    walk(FTH_FAULT_WRITE, FTH_FOCUS_CSV_GZ, __func__);
}

static void parquet_whose_statement_fails(void **state)
{
    walk(FTH_FAULT_SQL, FTH_FOCUS_PARQUET, __func__);
}

static void parquet_whose_write_fails(void **state)
{
    walk(FTH_FAULT_WRITE, FTH_FOCUS_PARQUET, __func__);
}

static void parquet_whose_allocation_fails(void **state)
{
    walk(FTH_FAULT_ALLOC, FTH_FOCUS_PARQUET, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_whose_allocation_fails), TEST(text_whose_statement_fails),
        TEST(text_whose_write_fails),      TEST(parquet_whose_statement_fails),
        TEST(parquet_whose_write_fails),   TEST(parquet_whose_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
