/* raw files and records: what was delivered is kept as it came, and a record is found in it again.
 */
#include "ledger/raw.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_copy.h"
#include "base/pack.h"
#include "base/unpack.h"
#include "import/record.h"
#include "import_world.h"

static const char bill[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,x_Note\n"
    "1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,\"two\nlines, \"\"so\"\"\"\n"
    "2.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,\n";

struct raw_world {
    struct import_world world;
    struct fth_raw raw;
    const char *bill;
};

static const char *path_in_dir(const char *name)
{
    struct fth_str path = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(4096), &path, &err, "%s/%s", test_dir(), name), &err);
    return path.p;
}

/* One bill is loaded. */
static void open_world(struct raw_world *w)
{
    import_world_open(&w->world);
    w->bill = test_file_named("bill.csv", fth_str_c(bill));
    assert_int_equal(
        import_run(&w->world, (struct fth_import_request){.paths = &w->bill, .path_nr = 1}).rc,
        FTH_OK);
    w->raw = (struct fth_raw){
        .dir = path_in_dir("raw"), .db = w->world.db, .clock = &w->world.clock, .keep = true};
}

static struct fth_delivery_file delivered(struct raw_world *w)
{
    struct fth_delivery delivery;
    struct fth_err err = {0};

    assert_ok(fth_catalogue_delivery(w->world.db, w->world.arena, 1, &delivery, &err), &err);
    return delivery.files[0];
}

static struct fth_raw_kept keep(struct raw_world *w)
{
    struct fth_raw_kept kept;
    struct fth_err err = {0};

    assert_ok(fth_raw_keep(&w->raw, NULL, &kept, &err), &err);
    return kept;
}

static struct fth_raw_file found(struct raw_world *w)
{
    struct fth_raw_file file;
    struct fth_err err = {0};

    assert_ok(fth_raw_find(&w->raw, w->world.arena, delivered(w).sha256, &file, &err), &err);
    return file;
}

/* What is kept is, unpacked, the bill to the last byte. */
static void is_the_bill(const char *path)
{
    struct fth_unpack *in = NULL;
    struct fth_err err = {0};
    char bytes[4096];
    size_t got = 0;

    assert_ok(fth_unpack_open(path, NULL, &in, &err), &err);
    assert_ok(fth_unpack_read(in, bytes, sizeof(bytes), &got, &err), &err);
    fth_unpack_close(in);
    assert_str(((struct fth_str){bytes, got}), bill);
}

static void a_delivered_file_is_kept_to_the_last_byte(void **state)
{
    struct raw_world w;

    open_world(&w);
    assert_int_equal(found(&w).state, FTH_RAW_WAITING);
    assert_int_equal(keep(&w).files, 1);
    /* Whatever becomes of the original. */
    test_file_named("bill.csv", FTH_STR("changed\n"));
    assert_int_equal(found(&w).state, FTH_RAW_KEPT);
    is_the_bill(found(&w).path);
    assert_int_equal(keep(&w).files, 0);
    import_world_close(&w.world);
}

static void a_file_that_changed_or_went_is_missed_and_says_so(void **state)
{
    struct raw_world w;

    open_world(&w);
    test_file_named("bill.csv", FTH_STR("changed\n"));
    assert_int_equal(keep(&w).missed, 1);
    assert_str(found(&w).why, "it had been changed since");
    assert_int_equal(keep(&w).missed, 0); /* once is enough */
    import_world_close(&w.world);
    open_world(&w);
    unlink(w.bill);
    assert_int_equal(keep(&w).missed, 1);
    assert_str(found(&w).why, "it was no longer there");
    import_world_close(&w.world);
}

static void a_kept_file_goes_when_its_time_is_over(void **state)
{
    struct raw_world w;
    struct fth_raw_file file;

    open_world(&w);
    w.raw.keep_us = 1000;
    keep(&w);
    file = found(&w);
    assert_int_equal(file.state, FTH_RAW_KEPT);
    w.world.now_us += 1000;
    assert_int_equal(keep(&w).swept, 0); /* not yet over */
    w.world.now_us += 1;
    assert_int_equal(keep(&w).swept, 1);
    assert_int_equal(found(&w).state, FTH_RAW_SWEPT);
    assert_false(fth_file_is_file(file.path));
    assert_int_equal(keep(&w).swept, 0);
    import_world_close(&w.world);
}

static void an_upload_is_moved_and_then_kept_if_it_was_delivered(void **state)
{
    struct raw_world w;
    struct fth_err err = {0};
    const char *other;

    open_world(&w);
    other = test_file_named("other.csv", FTH_STR("never delivered\n"));
    assert_ok(fth_raw_take(&w.raw, w.bill, &err), &err);
    assert_ok(fth_raw_take(&w.raw, other, &err), &err);
    assert_false(fth_file_is_file(w.bill) || fth_file_is_file(other));
    assert_int_equal(keep(&w).files, 1);
    is_the_bill(found(&w).path);
    import_world_close(&w.world);
}

static void nothing_is_kept_when_it_is_not_wanted(void **state)
{
    struct raw_world w;

    open_world(&w);
    w.raw.keep = false;
    assert_int_equal(keep(&w).files, 0);
    assert_int_equal(found(&w).state, FTH_RAW_WAITING);
    import_world_close(&w.world);
}

/* As it was before the file was kept. */
static void forget(struct raw_world *w)
{
    const struct fth_val vals[] = {FTH_VAL_STR(delivered(w).sha256),
                                   FTH_VAL_C("missed"),
                                   FTH_VAL_I64(0),
                                   FTH_VAL_I64(0),
                                   FTH_VAL_I64(0),
                                   FTH_VAL_C("")};
    struct fth_err err = {0};

    assert_ok(fth_db_exec(w->world.db, "state/raw/put", vals, 6, NULL, &err), &err);
    assert_ok(fth_file_remove(w->raw.dir, &err), &err);
}

/* One run in which the n-th call of a kind fails. True while there was one. */
static bool fails(struct raw_world *w, enum fth_fault kind, unsigned n)
{
    unsigned long reached = 0;
    struct fth_raw_kept kept;
    struct fth_err err = {0};
    enum fth_rc rc;

    forget(w);
#ifdef FTH_FAULTS
    fth_fault_arm(kind, n);
#endif
    rc = fth_raw_keep(&w->raw, NULL, &kept, &err);
#ifdef FTH_FAULTS
    reached = fth_fault_count(kind);
    fth_fault_arm(kind, 0);
#endif
    assert_int_equal(rc, err.rc);
    assert_true(rc == FTH_OK || err.msg[0]);
    if (rc)
        keep(w);
    assert_int_equal(found(w).state, FTH_RAW_KEPT);
    is_the_bill(found(w).path);
    return reached >= n;
}

/* Whatever fails, the next run keeps the file, and nothing half is ever taken for it. */
static void every_site(enum fth_fault kind, const char *name)
{
    struct raw_world w;
    unsigned n = 1;

    open_world(&w);
    while (fails(&w, kind, n))
        n++;
    test_fault_sites(kind, name, n - 1);
    import_world_close(&w.world);
}

static void whichever_allocation_fails_the_next_run_keeps_the_file(void **state)
{
    every_site(FTH_FAULT_ALLOC, __func__);
}

static void whichever_write_fails_the_next_run_keeps_the_file(void **state)
{
    every_site(FTH_FAULT_WRITE, __func__);
}

static void whichever_statement_fails_the_next_run_keeps_the_file(void **state)
{
    every_site(FTH_FAULT_SQL, __func__);
}

static void a_full_disk_is_told_with_what_to_do(void **state)
{
#ifdef FTH_FAULTS
    struct fth_file_digest copied;
    struct fth_err err = {0};
    const char *to = path_in_dir("copy");

    fth_fault_arm(FTH_FAULT_WRITE, 1);
    assert_int_equal(fth_file_pack(test_file(FTH_STR("text")), to, NULL, &copied, &err), FTH_E_IO);
    fth_fault_arm(FTH_FAULT_WRITE, 0);
    assert_non_null(strstr(err.msg, "No space left on device"));
    assert_non_null(strstr(err.hint, "make room"));
    assert_false(fth_file_is_file(to));
#else
    skip();
#endif
}

/* ---- records ---- */

static struct fth_record record(struct raw_world *w, const char *importer, const char *path,
                                int64_t number)
{
    struct fth_record out = {0};
    struct fth_err err = {0};

    assert_ok(fth_record_read(w->world.ledger, fth_importer_named(fth_str_c(importer)), path,
                              number, NULL, w->world.arena, &out, &err),
              &err);
    return out;
}

static struct fth_str value(const struct fth_record *record, const char *column)
{
    for (size_t i = 0; i < record->nr; i++)
        if (fth_str_eq_c(record->fields[i].column, column))
            return record->fields[i].text;
    fail_msg("no column %s", column);
    return (struct fth_str){0};
}

static void a_record_of_csv_is_shown_as_it_stands_there(void **state)
{
    struct fth_err err = {0};
    struct fth_record r;
    struct raw_world w;

    open_world(&w);
    keep(&w);
    r = record(&w, "focus", found(&w).path, 1);
    assert_int_equal(r.line, 2);
    assert_str(value(&r, "BilledCost"), "1.5");
    assert_str(value(&r, "x_Note"), "two\nlines, \"so\"");
    assert_true(fth_str_starts(r.text, FTH_STR("1.5,USD,")));
    r = record(&w, "focus", found(&w).path, 2);
    assert_int_equal(r.line, 4);
    assert_str(value(&r, "x_Note"), "");
    assert_int_equal(fth_record_read(w.world.ledger, fth_importer_named(FTH_STR("focus")),
                                     found(&w).path, 3, NULL, w.world.arena, &r, &err),
                     FTH_E_NOTFOUND);
    import_world_close(&w.world);
}

static void a_record_of_json_lines_is_shown_by_its_paths(void **state)
{
    struct fth_record r;
    struct raw_world w;
    const char *path;

    open_world(&w);
    path =
        test_file_named("lines.json", FTH_STR("{\"a\":1}\n\n{\"p\":{\"id\":\"x\"},\"n\":null}\n"));
    r = record(&w, "gcp_billing", path, 2);
    assert_int_equal(r.line, 3);
    assert_str(value(&r, "p.id"), "x");
    assert_str(r.text, "{\"p\":{\"id\":\"x\"},\"n\":null}");
    import_world_close(&w.world);
}

static void the_rule_that_added_a_row_is_named(void **state)
{
    static const struct fth_record_field fee[] = {
        {FTH_STR_INIT("lineItem/LineItemType"), FTH_STR_INIT("RIFee")}};
    const struct fth_record record = {.fields = fee, .nr = 1};
    const struct fth_importer *aws = fth_importer_named(FTH_STR("aws_cur")),
                              *gcp = fth_importer_named(FTH_STR("gcp_billing"));

    assert_str(fth_record_rule(aws, &record, 1), "unused-reservation");
    assert_str(fth_record_rule(aws, &record, 0), "");
    assert_str(fth_record_rule(aws, NULL, 1), ""); /* two rules could have */
    assert_str(fth_record_rule(gcp, NULL, 3), "credit");
    assert_str(fth_record_rule(gcp, NULL, 1000), "unused-commitment");
    assert_str(fth_record_rule(gcp, NULL, 1003), "used-commitment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_delivered_file_is_kept_to_the_last_byte),
        TEST(a_file_that_changed_or_went_is_missed_and_says_so),
        TEST(a_kept_file_goes_when_its_time_is_over),
        TEST(an_upload_is_moved_and_then_kept_if_it_was_delivered),
        TEST(nothing_is_kept_when_it_is_not_wanted),
        TEST(whichever_allocation_fails_the_next_run_keeps_the_file),
        TEST(whichever_write_fails_the_next_run_keeps_the_file),
        TEST(whichever_statement_fails_the_next_run_keeps_the_file),
        TEST(a_full_disk_is_told_with_what_to_do),
        TEST(a_record_of_csv_is_shown_as_it_stands_there),
        TEST(a_record_of_json_lines_is_shown_by_its_paths),
        TEST(the_rule_that_added_a_row_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
