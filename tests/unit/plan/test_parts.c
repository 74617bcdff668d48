/* parts: what a change is made of, in numbers worked out by hand. */
#include <stdio.h>

#include "base/check.h"
#include "base/date.h"
#include "plan_ledger.h"
#include "test.h"

static struct fth_money amount(const char *text)
{
    struct fth_money money = {0};
    struct fth_err err = {0};

    assert_ok(fth_money_parse(fth_str_c(text), &money, &err), &err);
    return money;
}

/* Use of a service on a day: so much of a unit at a price, which costs so much. */
static struct charge use(const char *service, const char *price, int day, double quantity,
                         const char *unit, const char *cost)
{
    return (struct charge){.provider = "AWS",
                           .account = "111",
                           .service = service,
                           .category = "Usage",
                           .resource = price,
                           .currency = "USD",
                           .price = price,
                           .unit = unit,
                           .quantity = quantity,
                           .billed = amount(cost),
                           .effective = amount(cost),
                           .start_us = plan_instant(day, 3),
                           .end_us = plan_instant(day, 4)};
}

static struct charge in(struct charge charge, const char *currency)
{
    charge.currency = currency;
    return charge;
}

static struct charge of_category(struct charge charge, const char *category)
{
    charge.category = category;
    return charge;
}

static struct charge under(struct charge charge, const char *commitment)
{
    charge.commitment = commitment;
    return charge;
}

static struct charge correcting(struct charge charge)
{
    charge.charge_class = "Correction";
    return charge;
}

static struct charge credited(struct charge charge, const char *type)
{
    charge.credit_type = type;
    return charge;
}

static struct charge metered(struct charge charge, const char *meter)
{
    charge.meter = meter;
    return charge;
}

#define PLAN(more) \
    "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\"]," more "}"
#define JAN "{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"}"
#define FEB "{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}"
#define FEB_ON_JAN "\"time\":" FEB ",\"compare\":" JAN
#define DRIVERS(more) PLAN(FEB_ON_JAN ",\"analysis\":\"drivers\"," more)

static const char *const effects[] = {"price",      "quantity", "mix",      "new",  "gone",
                                      "commitment", "credit",   "currency", "other"};

/* "price 1 new 2": the parts of a row that are not zero, in their order. */
static void parts_are(const struct fth_json *row, const char *want)
{
    struct fth_buf got = fth_buf_max(4096);
    struct fth_money sum = {0};
    struct fth_err err = {0};

    for (size_t i = 0; i < FTH_NR(effects); i++) {
        char name[40];
        struct fth_money part;

        snprintf(name, sizeof(name), "%s_effect", effects[i]);
        part = plan_money(row, name);
        assert_ok(fth_money_add(&sum, part, &err), &err);
        if (fth_money_is_zero(part))
            continue;
        fth_buf_printf(&got, "%s%s ", fth_buf_view(&got).n ? " " : "", effects[i]);
        fth_money_put(&got, part);
    }
    assert_str(fth_buf_view(&got), want);
    assert_int_equal(fth_money_cmp(sum, plan_money(row, "change")), 0);
    fth_buf_release(&got);
}

static const struct fth_json *ask(struct plan_ledger *on, const char *plan)
{
    return plan_ask(on, plan, (struct plan_options){0});
}

static const struct fth_json *row_of(const struct fth_json *answer, const char *key,
                                     const char *value)
{
    const struct fth_json *rows = fth_json_get(answer, "rows");

    for (size_t i = 0; i < rows->nr; i++)
        if (fth_str_eq_c(fth_json_str(&rows->items[i], key, FTH_STR("")), value))
            return &rows->items[i];
    fail_msg("no row of %s", value);
    return NULL;
}

static void load(struct plan_ledger *on, const struct charge *january, size_t january_nr,
                 const struct charge *february, size_t february_nr)
{
    *on = plan_ledger_open();
    plan_load(on, "bill", "2025-01", january, january_nr, false);
    plan_load(on, "bill", "2025-02", february, february_nr, false);
}

/* 10 hours at 1.00 become 30 at 0.80. At today's price the old quantity costs 8: price -2; the rest
 * of 14 is quantity. Sums are of all charges of a price: 4 + 6 hours. */
static void one_price_is_split_into_price_and_quantity(void **state)
{
    const struct charge january[] = {use("EC2", "p", 0, 4, "h", "4"),
                                     use("EC2", "p", 1, 6, "h", "6")};
    const struct charge february[] = {use("EC2", "p", 31, 30, "h", "24")};
    struct plan_ledger on;

    (void)state;
    load(&on, january, 2, february, 1);
    parts_are(row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"]")), "service", "EC2"),
              "price -2 quantity 16");
    plan_ledger_close(&on);
}

/* 1 / 3 has no end: 0.3333333333 at ten decimals, once; the quantity takes what is left. And 0.1 +
 * 0.2 hours are 0.3. */
static void a_price_is_rounded_once_and_quantity_takes_the_rest(void **state)
{
    const struct charge january[] = {use("EC2", "p", 0, 1, "h", "0.2"),
                                     use("S3", "q", 0, 0.3, "GB", "1")};
    const struct charge february[] = {use("EC2", "p", 31, 3, "h", "1"),
                                      use("S3", "q", 31, 0.1, "GB", "1"),
                                      use("S3", "q", 32, 0.2, "GB", "1")};
    struct plan_ledger on;
    const struct fth_json *answer;

    (void)state;
    load(&on, january, 2, february, 3);
    answer = ask(&on, DRIVERS("\"group_by\":[\"service\"]"));
    parts_are(row_of(answer, "service", "EC2"), "price 0.1333333333 quantity 0.6666666667");
    parts_are(row_of(answer, "service", "S3"), "price 1");
    parts_are(&fth_json_get(answer, "totals")->items[0],
              "price 1.1333333333 quantity 0.6666666667");
    plan_ledger_close(&on);
}

/* Small hours at 1, large at 4. 8 + 2 become 6 + 14: at today's prices the old 10 hours cost 16,
 * and 32 if both had doubled; they cost 62, so growth gives 16 and the shift to large ones 30.
 * Storage is another unit, and alone in it: no mix. */
static void the_mix_is_what_a_uniform_growth_is_not(void **state)
{
    const struct charge january[] = {use("EC2", "small", 0, 8, "h", "8"),
                                     use("EC2", "large", 0, 2, "h", "8"),
                                     use("EC2", "disk", 0, 100, "GB", "10")};
    const struct charge february[] = {use("EC2", "small", 31, 6, "h", "6"),
                                      use("EC2", "large", 31, 14, "h", "56"),
                                      use("EC2", "disk", 31, 300, "GB", "30")};
    struct plan_ledger on;

    (void)state;
    load(&on, january, 3, february, 3);
    parts_are(row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"]")), "service", "EC2"),
              "quantity 36 mix 30");
    plan_ledger_close(&on);
}

static void what_was_not_there_is_new_and_what_went_is_gone(void **state)
{
    const struct charge january[] = {use("EC2", "old", 0, 5, "h", "7"),
                                     use("S3", "moved", 0, 5, "GB", "7")};
    const struct charge february[] = {use("EC2", "young", 31, 5, "h", "9"),
                                      use("S3", "moved", 31, 5, "GB-Mo", "8")};
    struct plan_ledger on;
    const struct fth_json *answer, *back;

    (void)state;
    load(&on, january, 2, february, 2);
    answer = ask(&on, DRIVERS("\"group_by\":[\"service\"]"));
    parts_are(row_of(answer, "service", "EC2"), "new 9 gone -7");
    /* A price in another unit is another price. */
    parts_are(row_of(answer, "service", "S3"), "new 8 gone -7");
    back = ask(&on, PLAN("\"time\":" JAN ",\"compare\":" FEB
                         ",\"analysis\":\"drivers\",\"group_by\":[\"service\"]"));
    parts_are(row_of(back, "service", "EC2"), "new 7 gone -9");
    plan_ledger_close(&on);
}

/* Every kind of charge that has no price and quantity to compare, each in its own service. */
static void what_cannot_be_compared_has_a_part_of_its_own(void **state)
{
    const struct charge january[] = {
        under(use("SP", "p", 0, 5, "h", "5"), "sp-1"),
        of_category(use("Credit", NULL, 0, 0, NULL, "-3"), "Credit"),
        of_category(use("Tax", NULL, 0, 0, NULL, "19"), "Tax"),
        use("NoQuantity", "p", 0, 0, NULL, "4"),
        use("Returned", "p", 0, -5, "h", "-5"),
    };
    const struct charge february[] = {
        under(use("SP", "p", 31, 9, "h", "6.5"), "sp-1"),
        under(of_category(use("SP", NULL, 31, 0, NULL, "2"), "Purchase"), "sp-2"),
        of_category(use("Credit", NULL, 31, 0, NULL, "-4"), "Credit"),
        credited(use("Credit", "p", 31, 3, "h", "-2"), "PROMOTION"),
        of_category(use("Tax", NULL, 31, 0, NULL, "20"), "Tax"),
        use("NoQuantity", "p", 31, 0, NULL, "4.5"),
        use("Returned", "p", 31, 5, "h", "5"),
        correcting(use("Corrected", "p", 31, 5, "h", "-1")),
        use("Nameless", NULL, 31, 5, "h", "6"),
        metered(use("Metered", NULL, 31, 5, "h", "6"), "BoxUsage"),
    };
    struct plan_ledger on;
    const struct fth_json *answer;

    (void)state;
    load(&on, january, FTH_NR(january), february, FTH_NR(february));
    answer = ask(&on, DRIVERS("\"group_by\":[\"service\"]"));
    parts_are(row_of(answer, "service", "SP"), "commitment 3.5");
    parts_are(row_of(answer, "service", "Credit"), "credit -3");
    parts_are(row_of(answer, "service", "Tax"), "other 1");
    parts_are(row_of(answer, "service", "NoQuantity"), "other 0.5");
    parts_are(row_of(answer, "service", "Returned"), "other 10");
    parts_are(row_of(answer, "service", "Corrected"), "other -1");
    parts_are(row_of(answer, "service", "Nameless"), "other 6");
    parts_are(row_of(answer, "service", "Metered"), "new 6");
    plan_ledger_close(&on);
}

/* 2 dollars an euro in January, 4 in February. */
static enum fth_rc read_rates(void *ctx, struct fth_arena *arena, struct fth_str from,
                              struct fth_str to, int32_t first, int32_t last,
                              struct fth_rate_vec *out, struct fth_err *err)
{
    int32_t february = (int32_t)(plan_instant(31, 0) / FTH_DAY_US);

    (void)ctx;
    (void)arena;
    (void)from;
    (void)to;
    for (int32_t day = first; day <= last; day++) {
        struct fth_rate rate = {.from = FTH_STR("EUR"),
                                .to = FTH_STR("USD"),
                                .day = day,
                                .rate = amount(day < february ? "2" : "4")};

        if (fth_rate_vec_push(out, rate, err))
            return err->rc;
    }
    return FTH_OK;
}

/* 10 hours for 10 euros become 30 for 24: the parts in euros at today's 4, -8 and 64; the old 10
 * euros were 20 dollars and are 40: currency 20. Dollars know no rate. */
static void a_rate_has_its_own_part(void **state)
{
    const struct fth_rate_source rates = {.read = read_rates, .version = 1};
    const struct charge january[] = {in(use("EC2", "p", 0, 10, "h", "10"), "EUR"),
                                     use("EC2", "q", 0, 1, "h", "1")};
    const struct charge february[] = {in(use("EC2", "p", 31, 30, "h", "24"), "EUR"),
                                      use("EC2", "q", 31, 1, "h", "2")};
    struct plan_ledger on;
    const struct fth_json *answer;

    (void)state;
    load(&on, january, 2, february, 2);
    answer = plan_ask(&on, DRIVERS("\"group_by\":[\"service\"],\"currency\":\"USD\""),
                      (struct plan_options){.rates = &rates});
    parts_are(row_of(answer, "service", "EC2"), "price -7 quantity 64 currency 20");
    answer = ask(&on, DRIVERS("\"group_by\":[\"service\"]"));
    assert_int_equal(fth_json_get(answer, "rows")->nr, 2);
    parts_are(row_of(answer, "currency", "EUR"), "price -2 quantity 16");
    parts_are(row_of(answer, "currency", "USD"), "price 1");
    plan_ledger_close(&on);
}

/* A charge of 4 days over the end of January: half of it, and half of its hours, on each side. */
static void a_charge_that_is_spread_is_in_both_ranges(void **state)
{
    struct charge january[] = {use("EC2", "p", 29, 8, "h", "4.0000000001")};
    const struct charge february[] = {use("EC2", "p", 40, 4, "h", "6")};
    struct plan_ledger on;

    (void)state;
    january[0].end_us = plan_instant(33, 3);
    january[0].start_us = plan_instant(29, 3) - 3 * FTH_HOUR_US;
    january[0].end_us = plan_instant(33, 0);
    load(&on, january, 1, february, 1);
    /* 2.0000000001 for 4 hours before; 8 for 8 hours now. */
    parts_are(
        row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"],\"spread\":true")), "service", "EC2"),
        "price 1.9999999999 quantity 4");
    plan_ledger_close(&on);
}

static void sums_to(struct plan_ledger *on, const char *part, const char *change)
{
    static const char *const orders[] = {"",
                                         ",\"order\":{\"by\":\"effective_cost\",\"dir\":\"desc\"}"};
    char plan[600];
    const struct fth_json *answer, *rows;

    snprintf(plan, sizeof(plan), PLAN(FEB_ON_JAN ",\"group_by\":[\"resource\"],\"part\":\"%s\""),
             part);
    answer = ask(on, plan);
    assert_int_equal(fth_money_cmp(plan_money(&fth_json_get(answer, "totals")->items[0], "change"),
                                   amount(change)),
                     0);
    for (size_t i = 0; i < FTH_NR(orders); i++) {
        snprintf(plan, sizeof(plan),
                 "{\"kind\":\"query\",\"subject\":\"cost\"," FEB_ON_JAN
                 ",\"rows\":true,\"part\":\"%s\"%s}",
                 part, orders[i]);
        rows = fth_json_get(ask(on, plan), "rows");
        assert_int_equal(rows->nr, strcmp(part, "gone") == 0 ? 0 : 1);
    }
}

static void a_part_opens_to_the_charges_it_is_made_of(void **state)
{
    const struct charge january[] = {use("EC2", "p", 0, 10, "h", "10"),
                                     use("EC2", "old", 0, 5, "h", "7"),
                                     under(use("EC2", "p", 0, 5, "h", "5"), "sp-1"),
                                     of_category(use("EC2", NULL, 0, 0, NULL, "-3"), "Credit"),
                                     of_category(use("EC2", NULL, 0, 0, NULL, "19"), "Tax")};
    const struct charge february[] = {use("EC2", "p", 31, 30, "h", "24"),
                                      use("EC2", "young", 31, 5, "h", "9"),
                                      under(use("EC2", "p", 31, 9, "h", "6.5"), "sp-1"),
                                      of_category(use("EC2", NULL, 31, 0, NULL, "-4"), "Credit"),
                                      of_category(use("EC2", NULL, 31, 0, NULL, "20"), "Tax")};
    struct plan_ledger on;

    (void)state;
    load(&on, january, FTH_NR(january), february, FTH_NR(february));
    parts_are(row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"]")), "service", "EC2"),
              "price -2 quantity 16 new 9 gone -7 commitment 1.5 credit -1 other 1");
    sums_to(&on, "compared", "14");
    sums_to(&on, "new", "9");
    sums_to(&on, "gone", "-7");
    sums_to(&on, "commitment", "1.5");
    sums_to(&on, "credit", "-1");
    sums_to(&on, "other", "1");
    plan_ledger_close(&on);
}

/* Quantities that cancel each other out in doubles leave next to nothing, which is no quantity: not
 * of use that has gone, and not one to divide by. */
static void what_cancels_out_is_no_quantity(void **state)
{
    const struct charge january[] = {use("EC2", "p", 0, 5, "h", "5"),
                                     use("EC2", "q", 0, 1e10, "B", "3")};
    const struct charge february[] = {
        use("EC2", "p", 31, 1.1, "h", "1"),   use("EC2", "p", 32, 2.2, "h", "1"),
        use("EC2", "p", 33, -3.3, "h", "1"),  use("EC2", "q", 31, 0.1, "B", "100"),
        use("EC2", "q", 32, 0.2, "B", "100"), use("EC2", "q", 33, -0.3, "B", "100")};
    struct plan_ledger on;

    (void)state;
    load(&on, january, FTH_NR(january), february, FTH_NR(february));
    parts_are(row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"]")), "service", "EC2"),
              "gone 295");
    plan_ledger_close(&on);
}

/* A price that is beyond all decimals takes no answer down. */
static void what_is_too_large_to_compare_has_a_part_of_its_own(void **state)
{
    const struct charge january[] = {use("EC2", "p", 0, 1e17, "B", "1"),
                                     use("EC2", "q", 0, 2, "h", "2")};
    const struct charge february[] = {use("EC2", "p", 31, 1e-13, "B", "100"),
                                      use("EC2", "q", 31, 3, "h", "3")};
    struct plan_ledger on;

    (void)state;
    load(&on, january, FTH_NR(january), february, FTH_NR(february));
    parts_are(row_of(ask(&on, DRIVERS("\"group_by\":[\"service\"]")), "service", "EC2"),
              "quantity 1 other 99");
    plan_ledger_close(&on);
}

static void what_has_no_charges_of_its_own_does_not_open(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct fth_err err = {0};
    const struct fth_plan *plan = NULL;
    const struct fth_json *json = NULL;

    (void)state;
    assert_ok(fth_json_parse(on.arena,
                             FTH_STR("{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":"
                                     "[\"untagged_cost\"],\"part\":\"new\"," FEB_ON_JAN "}"),
                             NULL, &json, &err),
              &err);
    assert_int_equal(fth_plan_parse(on.arena, json, &plan, &err), FTH_E_INVALID);
    assert_string_equal(err.pointer, "/part");
    plan_ledger_close(&on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_price_is_split_into_price_and_quantity),
        TEST(a_price_is_rounded_once_and_quantity_takes_the_rest),
        TEST(the_mix_is_what_a_uniform_growth_is_not),
        TEST(what_was_not_there_is_new_and_what_went_is_gone),
        TEST(what_cannot_be_compared_has_a_part_of_its_own),
        TEST(a_rate_has_its_own_part),
        TEST(what_cancels_out_is_no_quantity),
        TEST(what_is_too_large_to_compare_has_a_part_of_its_own),
        TEST(a_charge_that_is_spread_is_in_both_ranges),
        TEST(a_part_opens_to_the_charges_it_is_made_of),
        TEST(what_has_no_charges_of_its_own_does_not_open),
    };

    return cmocka_run_group_tests_name("plan parts", tests, NULL, NULL);
}
