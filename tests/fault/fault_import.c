/*
 * import: whatever fails in a run, the run fails whole and leaves the ledger as it was; what the
 * next run imports is the truth.
 *
 * Every allocation, statement and write of a whole import fails once. The allocations are many, so
 * that two programs walk them side by side; the program's name says which half is its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "import/import_world.h"

/* Two months; tags, a column of the provider's own, tails, a record that is set aside. */
static const char bill[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,Tags,x_Note\n"
    "1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,\"{\"\"env\"\":\"\"a\"\"}\",n0\n"
    "2.4999999999999,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,,\n"
    "many,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,,\n"
    "4.0000000000001,USD,a-1,2025-06-01,2025-06-02,2025-06-03,Usage,B,Contoso,,\n";

struct walk {
    struct import_world world;
    const char *path;
    struct fth_import_request request;
};

/* The same amounts with another note, so that it is a delivery of its own. */
static void write_round(const struct walk *walk, unsigned n)
{
    const char *note = strstr(bill, ",n0\n") + 1;
    char text[2048];
    struct fth_err err = {0};

    snprintf(text, sizeof(text), "%.*sn%u%s", (int)(note - bill), bill, n, note + 2);
    assert_ok(fth_file_write(walk->path, fth_str_c(text), &err), &err);
}

static void walk_open(struct walk *walk)
{
    *walk = (struct walk){.path = test_file_named("bill.csv", FTH_STR(""))};
    import_world_open(&walk->world);
    walk->request = (struct fth_import_request){.paths = &walk->path,
                                                .path_nr = 1,
                                                .mode = FTH_IMPORT_REPLACE,
                                                .tolerate = 1,
                                                .rejects = test_dir(),
                                                .ledger = walk->world.ledger,
                                                .clock = &walk->world.clock};
    write_round(walk, 0);
    assert_int_equal(import_run(&walk->world, walk->request).rc, FTH_OK);
}

static void is_the_truth(struct walk *walk)
{
    struct import_sums sums = import_sums(&walk->world, NULL, 0);

    assert_int_equal(sums.row_nr, 1);
    assert_str(sums.cells[0], "8");
    assert_str(sums.cells[2], "3");
    fth_arena_clear(walk->world.arena);
}

/* One run in which the n-th call of a kind fails. True while there was one. */
static bool fails_whole(struct walk *walk, enum fth_fault kind, unsigned n)
{
    int64_t before = fth_ledger_version(walk->world.ledger);
    struct fth_buf report = fth_buf_max(1 << 20);
    unsigned long reached = 0;
    struct fth_err err = {0};
    enum fth_rc rc;

    write_round(walk, n);
#ifdef FTH_FAULTS
    fth_fault_arm(kind, n);
#endif
    rc = fth_import_run(&walk->request, &report, &err);
#ifdef FTH_FAULTS
    reached = fth_fault_count(kind);
    fth_fault_arm(kind, 0);
#endif
    fth_buf_release(&report);
    assert_int_equal(rc, err.rc);
    assert_true(rc == FTH_OK || err.msg[0]);
    /* Each month is a delivery of its own: one may be in when the other fails, and both when only
     * the report could not be told. */
    assert_in_range(fth_ledger_version(walk->world.ledger) - before, rc == FTH_OK ? 2 : 0, 2);
    is_the_truth(walk);
    return reached >= n;
}

static void every_site(enum fth_fault kind, const char *name, unsigned from, unsigned step)
{
    struct walk walk;
    unsigned rounds = 0;

    walk_open(&walk);
    while (fails_whole(&walk, kind, from + rounds * step))
        rounds++;
    test_fault_sites(kind, name, rounds);
    import_cubes_agree(&walk.world);
    import_world_close(&walk.world);
}

static void whichever_odd_allocation_fails_the_run_fails_whole(void **state)
{
    every_site(FTH_FAULT_ALLOC, __func__, 1, 2);
}

static void whichever_even_allocation_fails_the_run_fails_whole(void **state)
{
    every_site(FTH_FAULT_ALLOC, __func__, 2, 2);
}

static void whichever_statement_fails_the_run_fails_whole(void **state)
{
    every_site(FTH_FAULT_SQL, __func__, 1, 1);
}

static void whichever_write_fails_the_run_fails_whole(void **state)
{
    every_site(FTH_FAULT_WRITE, __func__, 1, 1);
}

/* ASan's record of who allocated what would cost as much as the walk itself. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "malloc_context_size=2:quarantine_size_mb=16";
}

int main(void)
{
    const struct CMUnitTest odd[] = {TEST(whichever_odd_allocation_fails_the_run_fails_whole)};
    const struct CMUnitTest even[] = {TEST(whichever_even_allocation_fails_the_run_fails_whole)};
    const struct CMUnitTest rest[] = {
        TEST(whichever_statement_fails_the_run_fails_whole),
        TEST(whichever_write_fails_the_run_fails_whole),
    };

    /* Syncs are of no interest here, and memory has none. */
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    if (strstr(program_invocation_short_name, "odd"))
        return cmocka_run_group_tests(odd, NULL, NULL);
    if (strstr(program_invocation_short_name, "even"))
        return cmocka_run_group_tests(even, NULL, NULL);
    return cmocka_run_group_tests(rest, NULL, NULL);
}
