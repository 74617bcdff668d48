/*
 * import: whatever fails in a run, the run fails whole and leaves the ledger as it was; what the
 * next run imports is the truth.
 *
 * Every place of a whole import where memory is asked for, a statement runs or something is written
 * fails once.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "import/import_world.h"
#include "ledger/ledger_int.h"

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

/* What is committed is refreshed with the next question when that fails, and a line of the log may
 * be lost. */
static const fth_fault_function spared[] = {(fth_fault_function)fth_ledger_refresh,
                                            (fth_fault_function)fth_log_write, NULL};

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
    write_round(walk, 1);
}

static void is_the_truth(struct walk *walk)
{
    struct import_sums sums = import_sums(&walk->world, NULL, 0);

    assert_int_equal(sums.row_nr, 1);
    assert_str(sums.cells[0], "8");
    assert_str(sums.cells[2], "3");
    fth_arena_clear(walk->world.arena);
}

/* One run in which a call of a kind fails. `n` is none of the rounds before. */
static void fails_whole(struct walk *walk, unsigned n)
{
    int64_t before = fth_ledger_version(walk->world.ledger);
    struct fth_buf report = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    enum fth_rc rc = fth_import_run(&walk->request, &report, &err);
    bool failed = test_fault_off();

    fth_buf_release(&report);
    assert_int_equal(rc, err.rc);
    assert_true(rc == FTH_OK || err.msg[0]);
    assert_true(rc != FTH_OK || !failed || test_fault_spared(spared));
    /* Each month is a delivery of its own: one may be in when the other fails, and both when only
     * the report could not be told. */
    assert_in_range(fth_ledger_version(walk->world.ledger) - before, rc == FTH_OK ? 2 : 0, 2);
    is_the_truth(walk);
    write_round(walk, n);
}

static void every_place(enum fth_fault kind, const char *name)
{
    struct walk walk;

    walk_open(&walk);
    for (unsigned n = 1; test_fault_places(kind, n, name); n++)
        fails_whole(&walk, n + 1);
    import_cubes_agree(&walk.world);
    import_world_close(&walk.world);
}

static void whichever_allocation_fails_the_run_fails_whole(void **state)
{
    every_place(FTH_FAULT_ALLOC, __func__);
}

static void whichever_statement_fails_the_run_fails_whole(void **state)
{
    every_place(FTH_FAULT_SQL, __func__);
}

static void whichever_write_fails_the_run_fails_whole(void **state)
{
    every_place(FTH_FAULT_WRITE, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whichever_allocation_fails_the_run_fails_whole),
        TEST(whichever_statement_fails_the_run_fails_whole),
        TEST(whichever_write_fails_the_run_fails_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
