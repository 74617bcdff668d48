/* entities: what lists and single ones of accounts, services and resources say of a small bill. */
#include <stdio.h>

#include "app/app_int.h"
#include "app/entities.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/json.h"
#include "import/import.h"
#include "test.h"

enum { ARENA = 64 << 20 };

/* Of the bucket the name changes, and with it the tags; what is folded alike is two resources. */
#define COLUMNS                                                                            \
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"        \
    "ChargePeriodStart,"                                                                   \
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,SubAccountId,SubAccountName," \
    "ResourceId,"                                                                          \
    "ResourceName,RegionId,Tags\n"
static const char bill[] = COLUMNS
    "1,2,USD,payer,2025-01-01,2025-01-03,2025-01-04,Usage,Storage,AWS,111,Live,arn:a/b,old,eu-1,"
    "\"{\"\"Team\"\":\"\"red\"\"}\"\n"
    "4,4,USD,payer,2025-02-01,2025-02-05,2025-02-06,Usage,Storage,AWS,111,Live,arn:a/b,new,eu-2,"
    "\"{\"\"Team\"\":\"\"blue\"\"}\"\n"
    "-1,-1,USD,payer,2025-02-01,2025-02-01,2025-02-02,Credit,Storage,AWS,111,Live,arn:a/b,,,\n"
    "3,3,USD,payer,2025-02-01,2025-02-07,2025-02-08,Usage,Compute,AWS,222,apple,vm,,eu-1,\n"
    "5,5,USD,payer,2025-02-01,2025-02-07,2025-02-08,Usage,Compute,AWS,333,Banana,VM,,eu-1,\n"
    "7,7,EUR,payer,2025-02-01,2025-02-09,2025-02-10,Usage,Storage,Contoso,444,cherry,disk,,x,\n"
    "2,2,USD,payer,2025-02-01,2025-02-09,2025-02-10,Tax,,AWS,,,,,,\n";

/* One that ended in January, and one that has had another name and a region until then. */
static const char two_months[] = COLUMNS
    "1,1,USD,p,2025-01-01,2025-01-03,2025-01-04,Usage,Storage,AWS,111,Live,gone,Gone,eu-1,\n"
    "1,1,USD,p,2025-01-01,2025-01-04,2025-01-05,Usage,Storage,AWS,111,Live,here,before,eu-1,\n"
    "2,2,USD,p,2025-02-01,2025-02-05,2025-02-06,Usage,Compute,AWS,222,Live,here,after,,\n"
    "4,4,USD,p,2025-02-01,2025-02-06,2025-02-07,Credit,,AWS,,,here,,,\n";

struct world {
    struct fth_app *app;
    struct fth_arena *arena;
    int64_t now_us;
};

static void open_bill(struct world *world, const char *text)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_buf report = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    const char *path = test_file_named("bill.csv", fth_str_c(text));

    *world = (struct world){.arena = fth_arena_new(ARENA), .now_us = INT64_C(1741000000000000)};
    conf.log_fd = -1;
    conf.clock = fth_clock_fixed(&world->now_us);
    assert_ok(fth_app_open(test_dir(), &conf, &world->app, &err), &err);
    assert_ok(fth_import_run(&(struct fth_import_request){.ledger = world->app->ledger,
                                                          .clock = &world->app->clock,
                                                          .paths = &path,
                                                          .path_nr = 1,
                                                          .mode = FTH_IMPORT_REPLACE},
                             &report, &err),
              &err);
    fth_buf_release(&report);
}

static void open_world(struct world *world)
{
    open_bill(world, bill);
}

static void close_world(struct world *world)
{
    fth_app_close(world->app);
    fth_arena_free(world->arena);
}

static struct fth_entities_request request_for(const char *collection)
{
    return (struct fth_entities_request){.collection = fth_str_c(collection),
                                         .metric = FTH_STR("effective_cost"),
                                         .sort = FTH_STR("-cost"),
                                         .limit = 50};
}

static const struct fth_json *ask(struct world *world, struct fth_entities_request request)
{
    struct fth_asked asked = {world->app, world->arena, NULL, NULL};
    const struct fth_json *json = NULL;
    struct fth_entities entities;
    struct fth_err err = {0};
    struct fth_str text;

    assert_ok(fth_entities_open(&asked, &request, &entities, &err), &err);
    if (request.id.n)
        assert_ok(fth_entities_get(&entities, &text, &err), &err);
    else
        assert_ok(fth_entities_list(&entities, &text, &err), &err);
    assert_ok(fth_json_parse(world->arena, text, NULL, &json, &err), &err);
    return json;
}

static void says(const struct fth_json *json, const char *member, const char *want)
{
    struct fth_buf buf = fth_buf_max(1 << 20);

    fth_json_put(&buf, fth_json_at(json, fth_str_c(member)));
    if (!fth_str_eq_c(fth_buf_view(&buf), want))
        print_error("%s\n", member);
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

/* The ids of a list, with blanks between them. */
static void ids_are(const struct fth_json *list, const char *want)
{
    const struct fth_json *data = fth_json_get(list, "data");
    struct fth_buf buf = fth_buf_max(4096);

    for (size_t i = 0; i < data->nr; i++)
        fth_buf_printf(&buf, "%s" FTH_STR_F, i ? " " : "",
                       FTH_STR_A(fth_json_str(&data->items[i], "id", FTH_STR("?"))));
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

static void a_list_has_the_dearest_first_with_what_is_known(void **state)
{
    struct world world;
    const struct fth_json *list;

    (void)state;
    open_world(&world);
    list = ask(&world, request_for("resources"));
    ids_are(list, "disk VM arn:a/b vm");
    says(list, "/data/2",
         "{\"id\":\"arn:a/b\",\"name\":\"new\",\"provider\":{\"id\":\"AWS\",\"name\":\"Amazon Web "
         "Services\"},\"sub_account\":{\"id\":\"111\",\"name\":\"Live\"},\"service\":{\"id\":"
         "\"Storage\",\"name\":\"Storage\"},\"region\":{\"id\":\"eu-2\",\"name\":\"eu-2\"},"
         "\"resource_type\":null,\"first_seen\":\"2025-01-03\",\"last_seen\":\"2025-02-05\","
         "\"cost\":\"5\",\"currency\":\"USD\",\"share\":\"0.3333333333\"}");
    says(list, "/totals",
         "[{\"currency\":\"EUR\",\"cost\":\"7\"},{\"currency\":\"USD\",\"cost\":\"15\"}]");
    says(list, "/next_cursor", "null");
    ids_are(ask(&world, request_for("services")), "Compute Storage Storage");
    close_world(&world);
}

static void names_order_without_regard_to_case_and_pages_follow(void **state)
{
    struct fth_entities_request request = request_for("accounts");
    struct world world;
    const struct fth_json *page;

    (void)state;
    open_world(&world);
    request.sort = FTH_STR("name");
    request.limit = 3;
    page = ask(&world, request);
    ids_are(page, "222 333 444");
    request.cursor = fth_json_str(page, "next_cursor", FTH_STR(""));
    ids_are(ask(&world, request), "111");
    request.cursor = FTH_STR("");
    request.q = FTH_STR("AN");
    ids_are(ask(&world, request), "333");
    close_world(&world);
}

/* Whatever stands beside it, and whatever time the costs are of. */
static void what_is_told_of_one_is_of_its_own_last_month(void **state)
{
    struct fth_entities_request request = request_for("resources");
    const struct fth_json *list;
    struct world world;

    (void)state;
    open_bill(&world, two_months);
    list = ask(&world, request);
    ids_are(list, "here gone");
    says(list, "/data/0/name", "\"after\"");
    says(list, "/data/0/region", "null");
    says(list, "/data/0/service/id", "\"Compute\"");
    says(list, "/data/0/sub_account/id", "\"222\"");
    says(list, "/data/1/region/id", "\"eu-1\"");
    says(list, "/data/1/last_seen", "\"2025-01-03\"");
    request.to = FTH_STR("2025-02-01");
    list = ask(&world, request);
    ids_are(list, "gone here");
    says(list, "/data/1/name", "\"after\"");
    says(list, "/data/1/cost", "\"1\"");
    says(list, "/data/1/last_seen", "\"2025-02-06\"");
    close_world(&world);
}

/* By any of its names, or its id: what it cost is what it cost. */
static void what_is_searched_for_has_its_whole_cost(void **state)
{
    static const char *const texts[] = {"OLD", "new", "a/B"};
    struct fth_entities_request request = request_for("resources");
    struct world world;
    const struct fth_json *list;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < FTH_NR(texts); i++) {
        request.q = fth_str_c(texts[i]);
        list = ask(&world, request);
        ids_are(list, "arn:a/b");
        says(list, "/data/0/name", "\"new\"");
        says(list, "/data/0/cost", "\"5\"");
        says(list, "/data/0/share", "\"0.3333333333\"");
        says(list, "/totals/1/cost", "\"15\"");
    }
    request.q = FTH_STR("nothing");
    ids_are(ask(&world, request), "");
    close_world(&world);
}

static void costs_are_of_the_time_and_the_filter_days_of_all(void **state)
{
    struct fth_entities_request request = request_for("accounts");
    struct world world;
    const struct fth_json *list;

    (void)state;
    open_world(&world);
    request.from = FTH_STR("2025-02-01");
    request.to = FTH_STR("2025-03-01");
    request.filter = FTH_STR("service = \"Storage\" and provider = aws");
    list = ask(&world, request);
    ids_are(list, "111");
    says(list, "/data/0/cost", "\"3\"");
    says(list, "/data/0/first_seen", "\"2025-01-03\"");
    says(list, "/data/0/share", "\"1\"");
    close_world(&world);
}

static void one_has_its_parts_and_the_tags_of_its_last_day(void **state)
{
    struct fth_entities_request request = request_for("resources");
    struct world world;
    const struct fth_json *one;

    (void)state;
    open_world(&world);
    request.id = FTH_STR("arn:a/b");
    one = ask(&world, request);
    says(one, "/name", "\"new\"");
    says(one, "/charges", "3");
    says(one, "/totals", "[{\"cost\":\"5\",\"currency\":\"USD\",\"share\":\"0.3333333333\"}]");
    says(one, "/by_charge_category",
         "[{\"charge_category\":\"Credit\",\"cost\":\"-1\",\"currency\":\"USD\"},{\"charge_"
         "category\":\"Usage\",\"cost\":\"6\",\"currency\":\"USD\"}]");
    says(
        one, "/by_month",
        "[{\"month\":\"2025-01-01\",\"cost\":\"2\",\"currency\":\"USD\"},{\"month\":\"2025-02-01\","
        "\"cost\":\"3\",\"currency\":\"USD\"}]");
    says(one, "/tags", "{\"Team\":\"blue\"}");
    request.id = FTH_STR("vm"); /* not VM */
    says(ask(&world, request), "/totals/0/cost", "\"3\"");
    request.id = FTH_STR("arn:a/b");
    request.to = FTH_STR("2025-02-02");
    one = ask(&world, request);
    says(one, "/totals/0/cost", "\"1\"");
    says(one, "/by_charge_category",
         "[{\"charge_category\":\"Credit\",\"cost\":\"-1\",\"currency\":\"USD\"},{\"charge_"
         "category\":\"Usage\",\"cost\":\"2\",\"currency\":\"USD\"}]");
    request.from = FTH_STR("2025-02-02");
    request.to = FTH_STR("2025-02-05");
    says(ask(&world, request), "/by_month", "[]");
    request.to = FTH_STR("");
    request.filter = FTH_STR("charge_category = Usage");
    says(ask(&world, request), "/by_charge_category/0/cost", "\"4\"");
    request = request_for("services");
    request.id = FTH_STR("Storage");
    says(ask(&world, request), "/charges", "4"); /* in two currencies */
    request.from = FTH_STR("2026-01-01");
    one = ask(&world, request);
    says(one, "/totals", "[]");
    says(one, "/last_seen", "\"2025-02-09\"");
    close_world(&world);
}

static enum fth_rc refused(struct world *world, struct fth_entities_request request)
{
    struct fth_asked asked = {world->app, world->arena, NULL, NULL};
    struct fth_entities entities;
    struct fth_err err = {0};
    struct fth_str text;

    assert_ok(fth_entities_open(&asked, &request, &entities, &err), &err);
    return request.id.n ? fth_entities_get(&entities, &text, &err)
                        : fth_entities_list(&entities, &text, &err);
}

static void what_cannot_be_is_refused(void **state)
{
    struct fth_entities_request request = request_for("accounts");
    struct world world;

    (void)state;
    open_world(&world);
    request.id = FTH_STR("Live"); /* a name, no id */
    assert_int_equal(refused(&world, request), FTH_E_NOTFOUND);
    request.id = FTH_STR("");
    request.filter = FTH_STR("nonsense = 1");
    assert_int_equal(refused(&world, request), FTH_E_INVALID);
    request.filter = FTH_STR("");
    request.cursor = FTH_STR("1.2.abc");
    assert_int_equal(refused(&world, request), FTH_E_INVALID);
    request.cursor = FTH_STR("");
    request.currency = FTH_STR("USD"); /* there are no rates */
    assert_int_equal(refused(&world, request), FTH_E_INVALID);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_has_the_dearest_first_with_what_is_known),
        TEST(names_order_without_regard_to_case_and_pages_follow),
        TEST(what_is_told_of_one_is_of_its_own_last_month),
        TEST(what_is_searched_for_has_its_whole_cost),
        TEST(costs_are_of_the_time_and_the_filter_days_of_all),
        TEST(one_has_its_parts_and_the_tags_of_its_last_day),
        TEST(what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
