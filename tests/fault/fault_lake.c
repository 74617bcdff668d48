/*
 * lake: whichever allocation, statement or write fails, an export has no manifest or is whole, a
 * verification is an error or tells of a file, and a restore leaves an empty ledger or a whole one.
 *
 * Of the many allocations each walk takes every so manieth: to fail each one would take minutes and
 * run the same lines over and over. One ledger is exported and restored again and again: what
 * failed must not stand in the way of what comes next.
 */
#include <stdio.h>

#include "base/file.h"
#include "import/import_world.h"
#include "ledger/lake.h"

static const char bill[] = "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,"
                           "BillingPeriodStart,ChargePeriodStart,"
                           "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,Tags,x_Note\n"
                           "1.5,1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,\"{"
                           "\"\"team\"\":\"\"x\"\"}\",n\n"
                           "2.5,0.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,,\n";

#ifdef FTH_FAULTS

static const char *below(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *out = paths[turn++ % 4];

    snprintf(out, sizeof(paths[0]), "%s/%s", test_dir(), name);
    return out;
}

static void open_with_bill(struct import_world *world)
{
    const char *path = test_file_named("bill.csv", fth_str_c(bill));

    import_world_open(world);
    assert_int_equal(
        import_run(world, (struct fth_import_request){.paths = &path, .path_nr = 1}).rc, FTH_OK);
}

static enum fth_rc export_to(struct import_world *world, const char *dir, struct fth_err *err)
{
    struct fth_lake_summary out;

    return fth_lake_export(world->ledger, dir, "test", NULL, &out, err);
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

static void walk_export(enum fth_fault kind, unsigned step, const char *name)
{
    struct import_world world = {0};
    unsigned long n = 1UL - step, calls, rounds = 0;

    open_with_bill(&world);
    do {
        struct fth_err err = {0}, ignored = {0};

        fth_file_remove(below("lake"), &ignored);
        fth_fault_arm(kind, n += step);
        rounds++;
        export_to(&world, below("lake"), &err);
        calls = fth_fault_count(kind);
        fth_fault_arm(kind, 0);
        /* A line of the log may do without memory. */
        assert_true(err.rc || calls < n || kind == FTH_FAULT_ALLOC);
        if (err.rc)
            assert_false(fth_file_is_file(below("lake/manifest.json")));
    } while (calls >= n);
    assert_int_equal(wrong(&world, below("lake")), 0);
    import_world_close(&world);
    test_fault_sites(kind, name, rounds - 1);
}

static void walk_verify(enum fth_fault kind, unsigned step, const char *name)
{
    struct import_world world = {0};
    struct fth_err err = {0};
    unsigned long n = 1UL - step, calls, rounds = 0;

    open_with_bill(&world);
    assert_ok(export_to(&world, below("lake"), &err), &err);
    do {
        unsigned said;

        fth_fault_arm(kind, n += step);
        rounds++;
        said = wrong(&world, below("lake"));
        calls = fth_fault_count(kind);
        fth_fault_arm(kind, 0);
        assert_true(said || calls < n || kind == FTH_FAULT_ALLOC);
    } while (calls >= n);
    assert_int_equal(wrong(&world, below("lake")), 0);
    import_world_close(&world);
    test_fault_sites(kind, name, rounds - 1);
}

static void walk_restore(enum fth_fault kind, unsigned step, const char *name)
{
    struct import_world from = {0}, to = {0};
    struct fth_err err = {0};
    int64_t version;
    unsigned long n = 1UL - step, calls, rounds = 0;

    open_with_bill(&from);
    version = fth_ledger_version(from.ledger);
    assert_ok(export_to(&from, below("lake"), &err), &err);
    import_world_close(&from);
    import_world_open(&to);
    do {
        struct fth_lake_summary out;
        struct fth_err why = {0};

        fth_fault_arm(kind, n += step);
        rounds++;
        fth_lake_restore(to.ledger, below("lake"), NULL, &out, &why);
        calls = fth_fault_count(kind);
        fth_fault_arm(kind, 0);
        assert_int_equal(fth_ledger_version(to.ledger), why.rc ? 0 : version);
        if (!why.rc && calls >= n) {
            /* It did without: begin anew for the next one. */
            import_world_close(&to);
            to = (struct import_world){0};
            import_world_open(&to);
        }
    } while (calls >= n);
    assert_int_equal(fth_ledger_version(to.ledger), version);
    import_cubes_agree(&to);
    import_world_close(&to);
    test_fault_sites(kind, name, rounds - 1);
}

static void an_export_whose_allocation_fails(void **state)
{
    walk_export(FTH_FAULT_ALLOC, 7, __func__);
}

static void an_export_whose_statement_fails(void **state)
{
    walk_export(FTH_FAULT_SQL, 1, __func__);
}

static void an_export_whose_write_fails(void **state)
{
    walk_export(FTH_FAULT_WRITE, 1, __func__);
}

static void a_verification_whose_allocation_fails(void **state)
{
    walk_verify(FTH_FAULT_ALLOC, 7, __func__);
}

static void a_verification_whose_statement_fails(void **state)
{
    walk_verify(FTH_FAULT_SQL, 1, __func__);
}

static void a_restore_whose_allocation_fails(void **state)
{
    walk_restore(FTH_FAULT_ALLOC, 23, __func__);
}

static void a_restore_whose_statement_fails(void **state)
{
    walk_restore(FTH_FAULT_SQL, 1, __func__);
}

static void a_restore_whose_write_fails(void **state)
{
    walk_restore(FTH_FAULT_WRITE, 1, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_export_whose_allocation_fails),     TEST(an_export_whose_statement_fails),
        TEST(an_export_whose_write_fails),          TEST(a_verification_whose_allocation_fails),
        TEST(a_verification_whose_statement_fails), TEST(a_restore_whose_allocation_fails),
        TEST(a_restore_whose_statement_fails),      TEST(a_restore_whose_write_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    puts("1..0 # skip built without faults");
    return 0;
}

#endif
