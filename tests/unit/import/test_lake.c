/* lake: what is exported comes back as an equal ledger, and what was damaged on the way is found.
 */
#include "ledger/lake.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "import_world.h"

/* Tails, an amount that needs a wide column, tags with odd characters, side columns, two months. */
static const char bill[] =
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,"
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
    "ServiceName,ProviderName,Tags,x_Note\n"
    "1.1234567890123456789012345678,1.1234567890123456789012345678,2,2,USD,a-1,2025-05-01,"
    "2025-06-01,2025-05-01,2025-05-02,Usage,A,Contoso,"
    "\"{\"\"team\"\":\"\"x\"\",\"\"it's\"\":\"\"{a}\"\"}\",n\n"
    "123456789012.5,2.5,3,3,USD,a-1,2025-05-01,2025-06-01,2025-05-02,2025-05-03,Usage,B,Contoso,"
    ",\n"
    "-0.0000000000000000000000000007,0,0,0,USD,a-1,2025-05-01,2025-06-01,2025-05-02,2025-05-04,"
    "Usage,B,Contoso,\"{\"\"team\"\":null}\",m\n"
    "4,4,4,4,USD,a-1,2025-06-01,2025-07-01,2025-06-02,2025-06-03,Usage,B,Contoso,,\n";

static struct import_said import_bill(struct import_world *world, const char *name,
                                      const char *text)
{
    const char *path = test_file_named(name, fth_str_c(text));

    return import_run(world, (struct fth_import_request){.paths = &path, .path_nr = 1});
}

static const char *lake_dir(const char *name)
{
    struct fth_str path;
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(4096), &path, &err, "%s/%s", test_dir(), name), &err);
    return path.p;
}

static struct fth_lake_summary export_to(struct import_world *world, const char *dir)
{
    struct fth_lake_summary out = {0};
    struct fth_err err = {0};

    assert_ok(fth_lake_export(world->ledger, dir, "test", NULL, &out, &err), &err);
    return out;
}

static void exported(struct import_world *world, const char *dir)
{
    import_world_open(world);
    assert_int_equal(import_bill(world, "bill.csv", bill).rc, FTH_OK);
    export_to(world, dir);
}

static enum fth_rc restore_from(struct import_world *world, const char *dir, struct fth_err *err)
{
    struct fth_lake_summary out;

    return fth_lake_restore(world->ledger, dir, NULL, &out, err);
}

/* What is wrong with the first file that is; NULL: nothing. */
static const struct fth_lake_problem *verify(struct import_world *world, const char *dir)
{
    const struct fth_lake_problem *problems = NULL;
    struct fth_lake_summary out;
    struct fth_err err = {0};

    assert_ok(fth_lake_verify(fth_ledger_engine(world->ledger), dir, NULL, world->arena, &out,
                              &problems, &err),
              &err);
    return problems;
}

static void same_cells(struct import_world *a, struct import_world *b, const char *by)
{
    const struct fth_str key = fth_str_c(by);
    struct import_sums left = import_sums(a, &key, 1), right = import_sums(b, &key, 1);

    assert_int_equal(left.row_nr, right.row_nr);
    assert_true(left.row_nr > 0);
    for (size_t i = 0; i < left.row_nr * left.col_nr; i++)
        if (!fth_str_eq(left.cells[i], right.cells[i]))
            fail_msg("by %s: " FTH_STR_F " became " FTH_STR_F, by, FTH_STR_A(left.cells[i]),
                     FTH_STR_A(right.cells[i]));
}

static void same_deliveries(struct import_world *a, struct import_world *b)
{
    struct fth_delivery *left, *right;
    size_t nr, other;
    struct fth_err err = {0};

    assert_ok(fth_catalogue_deliveries(a->db, a->arena, 0, &left, &nr, &err), &err);
    assert_ok(fth_catalogue_deliveries(b->db, b->arena, 0, &right, &other, &err), &err);
    assert_int_equal(nr, other);
    for (size_t i = 0; i < nr; i++) {
        struct fth_delivery x, y;

        assert_ok(fth_catalogue_delivery(a->db, a->arena, left[i].id, &x, &err), &err);
        assert_ok(fth_catalogue_delivery(b->db, b->arena, left[i].id, &y, &err), &err);
        assert_true(fth_str_eq(x.report, y.report) && fth_str_eq(x.identity, y.identity));
        assert_true(fth_str_eq(x.source, y.source) && x.version == y.version);
        assert_int_equal(x.until_version, y.until_version);
        assert_int_equal(x.status, y.status);
        assert_int_equal(x.file_nr, y.file_nr);
        for (size_t k = 0; k < x.file_nr; k++)
            assert_true(fth_str_eq(x.files[k].sha256, y.files[k].sha256));
    }
}

static void same_segments(struct import_world *a, struct import_world *b)
{
    struct fth_catalogue_segment *left, *right;
    size_t nr, other;
    struct fth_err err = {0};
    int64_t version = fth_ledger_version(a->ledger);

    assert_int_equal(version, fth_ledger_version(b->ledger));
    assert_ok(fth_catalogue_segments(a->db, a->arena, version, &left, &nr, &err), &err);
    assert_ok(fth_catalogue_segments(b->db, b->arena, version, &right, &other, &err), &err);
    assert_int_equal(nr, other);
    for (size_t i = 0; i < nr; i++) {
        assert_int_equal(left[i].id, right[i].id);
        assert_int_equal(left[i].charge_from, right[i].charge_from);
        assert_int_equal(left[i].charge_to, right[i].charge_to);
        assert_int_equal(left[i].charges_until_us, right[i].charges_until_us);
        assert_true(left[i].has_tail == right[i].has_tail && left[i].has_side == right[i].has_side);
        assert_true(left[i].has_long == right[i].has_long && right[i].has_values);
        assert_true(fth_str_eq(left[i].sums, right[i].sums));
        assert_true(fth_str_eq(left[i].cube_tags, right[i].cube_tags));
    }
}

/* The further columns of all rows as one text. */
static struct fth_str side_of(struct import_world *world)
{
    struct fth_session *session;
    struct fth_result *result;
    struct fth_batch batch;
    struct fth_err err = {0};
    struct fth_str out;

    assert_ok(fth_session_open(fth_ledger_engine(world->ledger), &session, &err), &err);
    assert_ok(fth_session_query(session,
                                FTH_STR("SELECT string_agg(concat_ws(' ', Segment, Record, Part, "
                                        "Columns), ';' ORDER BY Segment, Record) FROM side"),
                                NULL, 0, NULL, &result, &err),
              &err);
    assert_ok(fth_result_next(result, &batch, &err), &err);
    assert_true(fth_vec_is_valid(&batch.cols[0], 0));
    assert_ok(fth_arena_str(world->arena, batch.cols[0].text[0], &out, &err), &err);
    fth_result_free(result);
    fth_session_close(session);
    return out;
}

static void what_is_exported_comes_back_as_an_equal_ledger(void **state)
{
    static const char *const by[] = {"ServiceName", "day", "tag:team", "ChargePeriodEnd::VARCHAR"};
    struct import_world from = {0}, to = {0};
    const char *dir = lake_dir("lake");
    struct fth_err err = {0};

    exported(&from, dir);
    import_world_open(&to);
    assert_null(verify(&to, dir));
    assert_ok(restore_from(&to, dir, &err), &err);
    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++)
        same_cells(&from, &to, by[i]);
    same_deliveries(&from, &to);
    same_segments(&from, &to);
    assert_true(fth_str_eq(side_of(&from), side_of(&to)));
    import_cubes_agree(&to);
    import_world_close(&to);
    import_world_close(&from);
}

/* A rate that is put, and all rates as one text. */
static void put_rate(struct import_world *world, const char *day, const char *rate)
{
    const struct fth_val vals[] = {FTH_VAL_STR(fth_str_c(day)), FTH_VAL_STR(FTH_STR("EUR")),
                                   FTH_VAL_STR(FTH_STR("USD")), FTH_VAL_STR(fth_str_c(rate)),
                                   FTH_VAL_STR(FTH_STR("bank.xml"))};
    struct fth_err err = {0};

    assert_ok(fth_db_exec(world->db, "state/rate/put", vals, 5, NULL, &err), &err);
}

static void exchange_rates_come_back_and_take_the_place_of_others(void **state)
{
    struct import_world from = {0}, to = {0};
    const char *dir = lake_dir("lake");
    struct fth_table table;
    struct fth_err err = {0};

    import_world_open(&from);
    put_rate(&from, "2025-05-01", "1.1325");
    put_rate(&from, "2025-05-02", "1.1400000001");
    assert_int_equal(import_bill(&from, "bill.csv", bill).rc, FTH_OK);
    export_to(&from, dir);
    import_world_close(&from);
    import_world_open(&to);
    put_rate(&to, "2025-05-01", "9");
    assert_ok(restore_from(&to, dir, &err), &err);
    assert_ok(fth_db_read(to.db, "state/lake/rates", NULL, 0, to.arena, 10, &table, &err), &err);
    assert_int_equal(table.row_nr, 2);
    assert_str(fth_table_val(&table, 0, 3)->text, "1.1325");
    assert_str(fth_table_val(&table, 1, 3)->text, "1.1400000001");
    assert_str(fth_table_val(&table, 1, 4)->text, "bank.xml");
    import_world_close(&to);
}

static void a_restored_ledger_goes_on_where_the_other_stood(void **state)
{
    struct import_world from = {0}, to = {0};
    const char *dir = lake_dir("lake");
    struct import_said said;
    struct fth_err err = {0};

    exported(&from, dir);
    import_world_open(&to);
    assert_ok(restore_from(&to, dir, &err), &err);
    said = import_bill(&to, "bill.csv", bill);
    assert_int_equal(said.rc, FTH_OK);
    assert_str(fth_json_at(said.json, FTH_STR("/deliveries/0/status"))->text, "unchanged");
    said = import_bill(&to, "more.csv",
                       "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
                       "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,"
                       "Tags\n"
                       "5,USD,a-1,2025-07-01,2025-07-01,2025-07-02,Usage,A,Contoso,"
                       "\"{\"\"team\"\":\"\"x\"\",\"\"new\"\":\"\"y\"\"}\"\n");
    assert_int_equal(said.rc, FTH_OK);
    assert_int_equal(fth_ledger_version(to.ledger), fth_ledger_version(from.ledger) + 1);
    import_cubes_agree(&to);
    /* And what it holds can be exported again. */
    export_to(&to, lake_dir("again"));
    assert_null(verify(&to, lake_dir("again")));
    import_world_close(&to);
    import_world_close(&from);
}

static void flip_a_byte(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char byte;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 100), 1);
    byte = (char)(byte ^ 1);
    assert_int_equal(pwrite(fd, &byte, 1, 100), 1);
    close(fd);
}

static void each_damaged_file_is_found_by_name_and_not_restored(void **state)
{
    static const char *const files[] = {
        "catalogue.json", "tags/tag_set.parquet",
        "charges/source=contoso-a-1-focus/billing_period=2025-05/segment=2/charges.parquet",
        "side/source=contoso-a-1-focus/billing_period=2025-05/segment=2/side.parquet"};
    struct import_world from = {0}, to = {0};
    const char *dir = lake_dir("lake");

    exported(&from, dir);
    import_world_open(&to);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct fth_lake_problem *problem;
        struct fth_err err = {0};
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        if (!fth_file_is_file(path)) /* the wide segment was loaded twice, so it is 2 */
            fail_msg("no file %s", path);
        flip_a_byte(path);
        problem = verify(&to, dir);
        assert_non_null(problem);
        assert_str(problem->path, files[i]);
        assert_null(problem->next);
        assert_int_equal(restore_from(&to, dir, &err), FTH_E_CHECK);
        assert_non_null(strstr(err.msg, files[i]));
        assert_int_equal(fth_ledger_version(to.ledger), 0);
        flip_a_byte(path);
    }
    assert_null(verify(&to, dir));
    import_world_close(&to);
    import_world_close(&from);
}

/* Texts of an arena may be written to. */
static char *find(struct fth_str text, const char *what)
{
    size_t at = fth_str_search(text, fth_str_c(what));

    assert_true(at != SIZE_MAX);
    return (char *)(uintptr_t)text.p + at;
}

/* A manifest that was changed to fit another file is no good either: sums are read again. */
static void sums_that_the_files_do_not_hold_are_found(void **state)
{
    struct import_world from = {0};
    const char *dir = lake_dir("lake");
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_lake_problem *problem;
    struct fth_str text, path;
    struct fth_err err = {0};
    char *at;

    exported(&from, dir);
    assert_ok(fth_arena_printf(arena, &path, &err, "%s/manifest.json", dir), &err);
    assert_ok(fth_file_read(arena, path.p, 1 << 19, &text, &err), &err);
    at = find(text, "\"effective_cost\": \"4\"");
    at[strlen("\"effective_cost\": \"")] = '5';
    assert_ok(fth_file_write(path.p, text, &err), &err);
    problem = verify(&from, dir);
    assert_non_null(problem);
    assert_str(problem->detail, "its sums are not those of the manifest");
    import_world_close(&from);
}

static void a_manifest_names_nothing_outside_of_its_folder(void **state)
{
    struct import_world from = {0};
    const char *dir = lake_dir("lake");
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_lake_problem *problems = NULL;
    struct fth_lake_summary out;
    struct fth_str text, path;
    struct fth_err err = {0};
    char *at;

    exported(&from, dir);
    assert_ok(fth_arena_printf(arena, &path, &err, "%s/manifest.json", dir), &err);
    assert_ok(fth_file_read(arena, path.p, 1 << 19, &text, &err), &err);
    at = find(text, "tags/tag_set.parquet");
    memcpy(at, "../s/tag_set.parquet", strlen("../s/tag_set.parquet"));
    assert_ok(fth_file_write(path.p, text, &err), &err);
    assert_int_equal(fth_lake_verify(fth_ledger_engine(from.ledger), dir, NULL, from.arena, &out,
                                     &problems, &err),
                     FTH_E_INVALID);
    import_world_close(&from);
}

static void only_empty_places_are_written_to(void **state)
{
    struct import_world from = {0};
    const char *dir = lake_dir("lake");
    struct fth_lake_summary out;
    struct fth_err err = {0};

    exported(&from, dir);
    assert_int_equal(fth_lake_export(from.ledger, test_dir(), "test", NULL, &out, &err),
                     FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "not empty"));
    fth_err_clear(&err);
    assert_int_equal(restore_from(&from, dir, &err), FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "the ledger is not empty"));
    import_world_close(&from);
}

static const char *charges_of(const char *dir, int month, int segment)
{
    struct fth_str path;
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(4096), &path, &err,
                               "%s/charges/source=contoso-a-1-focus/billing_period=2025-0%d/"
                               "segment=%d/charges.parquet",
                               dir, month, segment),
              &err);
    return path.p;
}

/* An equal ledger comes back from what was brought up to date, and nothing old lies about. */
static void an_earlier_export_is_brought_up_to_date(void **state)
{
    static const char june[] =
        "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
        "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,"
        "ProviderName\n"
        "5,5,USD,a-1,2025-06-01,2025-07-01,2025-06-02,2025-06-03,Usage,C,Contoso\n";
    struct import_world from = {0}, to = {0};
    const char *dir = lake_dir("lake"), *path = test_file_named("june.csv", fth_str_c(june));
    const struct fth_import_request again = {
        .paths = &path, .path_nr = 1, .mode = FTH_IMPORT_REPLACE};
    struct fth_err err = {0};

    exported(&from, dir);
    assert_int_equal(export_to(&from, dir).kept_nr, 3); /* two of charges, one beside them */
    assert_null(verify(&from, dir));
    assert_true(fth_file_is_file(charges_of(dir, 6, 3)));
    assert_int_equal(import_run(&from, again).rc, FTH_OK);
    assert_int_equal(export_to(&from, dir).kept_nr, 2);
    assert_false(fth_file_is_file(charges_of(dir, 6, 3)));
    assert_null(verify(&from, dir));
    import_world_open(&to);
    assert_ok(restore_from(&to, dir, &err), &err);
    same_segments(&from, &to);
    same_cells(&from, &to, "ServiceName");
    import_world_close(&to);
    import_world_close(&from);
}

static void a_damaged_file_is_written_anew(void **state)
{
    struct import_world from = {0};
    const char *dir = lake_dir("lake");

    exported(&from, dir);
    flip_a_byte(charges_of(dir, 5, 2));
    assert_int_equal(unlink(charges_of(dir, 6, 3)), 0);
    assert_non_null(verify(&from, dir));
    assert_int_equal(export_to(&from, dir).kept_nr, 1);
    assert_null(verify(&from, dir));
    import_world_close(&from);
}

/* Ids of segments are the same in both, and so are the sums. */
static void a_lake_of_another_ledger_is_left_alone(void **state)
{
    struct import_world from = {0}, other = {0};
    const char *dir = lake_dir("lake");
    struct fth_lake_summary out;
    struct fth_err err = {0};

    exported(&from, dir);
    import_world_open(&other);
    other.now_us++;
    assert_int_equal(import_bill(&other, "bill.csv", bill).rc, FTH_OK);
    assert_int_equal(fth_lake_export(other.ledger, dir, "test", NULL, &out, &err), FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "of another ledger"));
    assert_null(verify(&from, dir));
    import_world_close(&other);
    import_world_close(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_exported_comes_back_as_an_equal_ledger),
        TEST(exchange_rates_come_back_and_take_the_place_of_others),
        TEST(a_restored_ledger_goes_on_where_the_other_stood),
        TEST(each_damaged_file_is_found_by_name_and_not_restored),
        TEST(sums_that_the_files_do_not_hold_are_found),
        TEST(a_manifest_names_nothing_outside_of_its_folder),
        TEST(only_empty_places_are_written_to),
        TEST(an_earlier_export_is_brought_up_to_date),
        TEST(a_damaged_file_is_written_anew),
        TEST(a_lake_of_another_ledger_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
