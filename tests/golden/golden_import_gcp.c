/*
 * Google bills whose totals are known: those of ../shared/data where they are, in each form, to the
 * last digit, by every break-down.
 */
#include <stdio.h>

#include "../unit/import/import_world.h"
#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/money.h"

#define GOLDEN "data/billing/synthetic/golden/"
#define REAL "data/billing/real/"

enum { CELLS_MAX = 12, NO_LIMIT = 1 << 24 };

static const char *shared(const char *path)
{
    const char *found = test_shared(path);

    if (!found)
        skip();
    return found;
}

static struct import_said import_path(struct import_world *world, const char *path)
{
    const char *paths[] = {path};
    struct fth_import_request request = {.paths = paths, .path_nr = 1};
    struct import_said said = import_run(world, request);

    if (said.rc)
        fail_msg("%s: %s\n" FTH_STR_F, path, said.err.msg, FTH_STR_A(said.report));
    return said;
}

/* ---- tables of truth ---- */

static struct fth_money money(struct fth_str text)
{
    struct fth_money amount = FTH_MONEY_ZERO;
    struct fth_err err = {0};

    assert_ok(fth_money_parse(text, &amount, &err), &err);
    return amount;
}

/* The amount of the row with these keys, 0 when there is none: billed, or effective. */
static struct fth_money amount_of(const struct import_sums *sums, const struct fth_str *keys,
                                  size_t key_nr, size_t which)
{
    for (size_t i = 0; i < sums->row_nr; i++) {
        const struct fth_str *row = &sums->cells[i * sums->col_nr];
        size_t same = 0;

        while (same < key_nr && fth_str_eq(row[same], keys[same]))
            same++;
        if (same == key_nr)
            return money(row[key_nr + which]);
    }
    return FTH_MONEY_ZERO;
}

struct table {
    struct fth_str line, cells[CELLS_MAX];
    char month[8];
    struct fth_str rest;
};

static void open_table(struct fth_arena *arena, const char *name, struct table *table)
{
    struct fth_err err = {0};
    char path[256];

    snprintf(path, sizeof(path), GOLDEN "truth/%s", name);
    assert_ok(fth_file_read(arena, shared(path), NO_LIMIT, &table->rest, &err), &err);
    fth_str_next(&table->rest, '\n', &table->line);
}

/* The next line; its month "202501" as "2025-01". */
static bool next_line(struct table *table)
{
    struct fth_str rest;
    size_t nr = 0;

    if (!fth_str_next(&table->rest, '\n', &table->line) || table->line.n == 0)
        return false;
    if (table->line.p[table->line.n - 1] == '\r')
        table->line.n--;
    rest = table->line;
    while (nr < CELLS_MAX && fth_str_next(&rest, ',', &table->cells[nr]))
        nr++;
    snprintf(table->month, sizeof(table->month), "%.4s-%.2s", table->cells[0].p,
             table->cells[0].p + 4);
    table->cells[0] = fth_str_c(table->month);
    return true;
}

static void same(const struct table *table, struct fth_money got, struct fth_money want)
{
    char a[FTH_MONEY_TEXT_MAX];

    if (fth_money_cmp(got, want) != 0)
        fail_msg(FTH_STR_F " is %.*s", FTH_STR_A(table->line), (int)fth_money_text(got, a), a);
}

/* Two keys and one amount a line. */
static void check_pairs(struct import_world *world, const char *name, const char *key)
{
    struct fth_arena *arena = test_arena(NO_LIMIT);
    const struct fth_str by[] = {FTH_STR("month"), fth_str_c(key)};
    struct import_sums sums = import_sums(world, by, 2);
    struct table table;
    size_t nr = 0;

    for (open_table(arena, name, &table); next_line(&table); nr++)
        same(&table, amount_of(&sums, table.cells, 2, 0), money(table.cells[2]));
    assert_true(nr > 0);
}

/* Grants are charges of their own; truth has them in the kind of their usage. Commitments are paid
 * monthly, so month and service are effective what they are billed. */
static void check_kinds(struct import_world *world)
{
    struct fth_arena *arena = test_arena(NO_LIMIT);
    const struct fth_str by[] = {FTH_STR("month"), FTH_STR("x_ServiceCode"),
                                 FTH_STR("ChargeCategory")};
    struct import_sums kinds = import_sums(world, by, 3), services = import_sums(world, by, 2);
    struct table table;
    struct fth_err err = {0};
    size_t nr = 0;

    for (open_table(arena, "gcp_by_invoice_service_kind.csv", &table); next_line(&table); nr++) {
        struct fth_str grant[] = {table.cells[0], table.cells[1], FTH_STR("Credit")};
        struct fth_money got = amount_of(&kinds, table.cells, 3, 0);

        if (fth_str_eq_c(table.cells[2], "Usage"))
            assert_ok(fth_money_add(&got, amount_of(&kinds, grant, 3, 0), &err), &err);
        same(&table, got, money(table.cells[5]));
        same(&table, amount_of(&services, table.cells, 2, 1),
             amount_of(&services, table.cells, 2, 0));
        if (fth_str_eq_c(table.cells[2], "Purchase") &&
            fth_str_eq_c(table.cells[1], "Compute Engine"))
            assert_true(fth_money_is_zero(amount_of(&kinds, table.cells, 3, 1)));
    }
    assert_true(nr > 0);
}

static void check_all(struct import_world *world)
{
    check_pairs(world, "gcp_by_invoice_project.csv", "SubAccountId");
    check_pairs(world, "gcp_credits_by_type.csv", "x_CreditType");
    check_kinds(world);
    import_cubes_agree(world);
}

static void json_lines_are_exact(void **state)
{
    struct import_world world = {0};
    const char *path = shared(GOLDEN "gcp-detailed-export");
    struct import_said said;

    import_world_open(&world);
    said = import_path(&world, path);
    import_said_well(&said);
    check_all(&world);
    said = import_path(&world, path); /* again: nothing changes */
    assert_non_null(strstr(said.report.p, "\"unchanged\""));
    assert_null(strstr(said.report.p, "\"loaded\""));
    check_all(&world);
    import_world_close(&world);
}

/* Costs are in euros, prices in dollars: the rate of the bill has to be in between. */
static void prices_are_in_the_bills_currency(void **state)
{
    struct import_world world = {0};
    struct import_said said;
    const struct fth_json *list;

    import_world_open(&world);
    said = import_path(&world, shared(GOLDEN "gcp-detailed-export"));
    list = fth_json_get(said.json, "deliveries");
    for (size_t i = 0; i < list->nr; i++) {
        const struct fth_json *checks = fth_json_get(&list->items[i], "checks");

        for (size_t k = 0; k < checks->nr; k++) {
            struct fth_str id = fth_json_str(&checks->items[k], "id", FTH_STR(""));

            if ((fth_str_eq_c(id, "list-price") || fth_str_eq_c(id, "contracted-price")) &&
                !fth_json_bool(fth_json_get(&checks->items[k], "ok"), false))
                fail_msg(FTH_STR_F,
                         FTH_STR_A(fth_json_str(&checks->items[k], "detail", FTH_STR(""))));
        }
    }
    import_world_close(&world);
}

static char json_said[65536];

/* The one month that is there as Parquet says what it says as JSON lines, charge by charge sum. */
static void parquet_says_what_json_lines_say(void **state)
{
    static const char *const keys[] = {"month",        "x_ServiceCode", "ChargeCategory",
                                       "x_CreditType", "SubAccountId",  "CommitmentDiscountStatus",
                                       "RegionId",     "tag:team",      "ResourceType",
                                       "SkuId"};
    struct fth_str by[FTH_NR(keys)];
    struct import_sums sums[2];
    struct import_world world = {0};
    const char *paths[] = {shared(GOLDEN "gcp-detailed-export"),
                           shared(GOLDEN "gcp-detailed-export-parquet")};

    for (size_t i = 0; i < FTH_NR(keys); i++)
        by[i] = fth_str_c(keys[i]);
    for (size_t i = 0; i < 2; i++) {
        struct fth_import_request request = {
            .paths = &paths[i], .path_nr = 1, .period = FTH_STR("2025-01")};
        struct import_said said;
        char copy[65536] = "";
        size_t n = 0;

        import_world_open(&world);
        said = import_run(&world, request);
        assert_ok(said.rc, &said.err);
        import_said_well(&said);
        sums[i] = import_sums(&world, by, FTH_NR(keys));
        assert_true(sums[i].row_nr > 10);
        for (size_t c = 0; c < sums[i].row_nr * sums[i].col_nr; c++)
            n += (size_t)snprintf(copy + n, sizeof(copy) - n, FTH_STR_F "|",
                                  FTH_STR_A(sums[i].cells[c]));
        assert_true(n < sizeof(copy));
        if (i == 0)
            memcpy(json_said, copy, sizeof(copy));
        else
            assert_string_equal(copy, json_said);
        import_world_close(&world);
    }
}

static void a_flattened_csv_with_pythons_lists_is_exact(void **state)
{
    struct import_world world = {0};
    const struct fth_str by[] = {FTH_STR("x_CreditType"), FTH_STR("ChargeCategory")};
    const char *path = shared(REAL "gcp-standard-csv");
    struct import_sums sums;
    struct import_said said;

    import_world_open(&world);
    said = import_path(&world, path);
    import_said_well(&said);
    sums = import_sums(&world, NULL, 0);
    assert_str(sums.cells[0], "0");
    sums = import_sums(&world, by, 2);
    assert_int_equal(sums.row_nr, 2);
    assert_str(sums.cells[1], "Usage");
    assert_str(sums.cells[2], "0.000032");
    assert_str(sums.cells[sums.col_nr], "PROMOTION");
    assert_str(sums.cells[sums.col_nr + 1], "Credit");
    assert_str(sums.cells[sums.col_nr + 2], "-0.000032");
    import_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_lines_are_exact),
        TEST(prices_are_in_the_bills_currency),
        TEST(parquet_says_what_json_lines_say),
        TEST(a_flattened_csv_with_pythons_lists_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
