/* run: what answers of a small, known ledger are. */
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

static struct charge charge_of(const char *service, const char *account, int day, const char *cost)
{
    return (struct charge){.provider = "AWS",
                           .account = account,
                           .account_name = account && *account == '1' ? "Sandbox" : "Live",
                           .service = service,
                           .code = service ? "code" : NULL,
                           .region = "us-east-1",
                           .category = "Usage",
                           .resource = service,
                           .currency = "USD",
                           .billed = amount(cost),
                           .effective = amount(cost),
                           .start_us = plan_instant(day, 3),
                           .end_us = plan_instant(day, 4)};
}

/* January and February of 2025: 10 + 20 + 5 in January, 40 + 1 in February. */
static struct plan_ledger small(void)
{
    struct plan_ledger on = plan_ledger_open();
    const char *const red[] = {"Team=red", "env=prod", NULL}, *const blue[] = {"Team=blue", NULL};
    struct charge january[] = {charge_of("EC2", "111", 0, "10"), charge_of("S3", "111", 4, "20"),
                               charge_of(NULL, "222", 30, "5")};
    struct charge february[] = {charge_of("EC2", "222", 31, "40.5"),
                                charge_of("S3", "222", 45, "0.5")};

    january[0].tags = plan_tags(&on, red);
    january[1].tags = plan_tags(&on, blue);
    february[0].tags = january[0].tags;
    february[1].category = "Credit";
    january[0].commitment_type = "Savings Plan";
    january[0].unit = "Hours";
    january[0].quantity = 7;
    january[1].unit = "GB";
    january[1].resource_name = february[1].resource_name = "The bucket";
    january[1].quantity = 2.5;
    plan_load(&on, "bill", "2025-01", january, 3, false);
    plan_load(&on, "bill", "2025-02", february, 2, false);
    return on;
}

#define PLAN(measures, more) \
    "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[" measures "]," more "}"
#define ALL "\"time\":null"
#define JAN "\"time\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"}"
#define FEB "\"time\":{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}"
#define FEB_ON_JAN FEB ",\"compare\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"}"

/* The member of the answer is this text, however it is spaced. */
static void answers_of(struct plan_ledger *on, const char *plan, const char *member,
                       const char *want, const struct fth_rate_source *rates)
{
    const struct fth_json *answer = plan_ask(on, plan, (struct plan_options){.rates = rates});
    struct fth_buf buf = fth_buf_max(1 << 20);

    fth_json_put(&buf, fth_json_get(answer, member));
    if (!fth_str_eq_c(fth_buf_view(&buf), want))
        print_error("%s\n", plan);
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

static void answers(struct plan_ledger *on, const char *plan, const char *member, const char *want)
{
    answers_of(on, plan, member, want, NULL);
}

static void a_total_is_one_row(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL), "rows", "[{\"effective_cost\":\"76\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL), "totals",
            "[{\"currency\":\"USD\",\"effective_cost\":\"76\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL), "served_by", "\"cube\"");
    answers(&on, PLAN("\"billed_cost\",\"charge_count\"", JAN), "rows",
            "[{\"billed_cost\":\"35\",\"charge_count\":3}]");
    answers(&on, PLAN("\"effective_cost\"", JAN), "freshness",
            "[{\"source\":\"bill\",\"provider\":\"AWS\",\"billing_period\":\"2025-01\","
            "\"loaded_at\":\"2025-01-01T02:53:20Z\",\"charges_until\":\"2025-01-31T04:00:00Z\","
            "\"final\":null}]");
    plan_ledger_close(&on);
}

static void groups_come_dearest_first_and_null_is_one(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"service\"]"), "rows",
            "[{\"service\":\"EC2\",\"effective_cost\":\"50.5\"},{\"service\":\"S3\","
            "\"effective_cost\":\"20.5\"},{\"service\":null,\"effective_cost\":\"5\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"tag:team\"],\"order\":{\"by\":"
                                           "\"effective_cost\",\"dir\":\"asc\"}"),
            "rows",
            "[{\"tag:team\":null,\"effective_cost\":\"5.5\"},{\"tag:team\":\"blue\","
            "\"effective_cost\":\"20\"},{\"tag:team\":\"red\",\"effective_cost\":\"50.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", JAN ",\"group_by\":[\"team\",\"commitment_type\"]"),
            "rows",
            "[{\"team\":\"blue\",\"commitment_type\":null,\"effective_cost\":\"20\"},{\"team\":"
            "\"red\",\"commitment_type\":\"savings_plan\",\"effective_cost\":\"10\"},{\"team\":"
            "null,\"commitment_type\":null,\"effective_cost\":\"5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"source\",\"billing_period\"]"),
            "rows",
            "[{\"source\":\"bill\",\"billing_period\":\"2025-02\",\"effective_cost\":\"41\"},"
            "{\"source\":\"bill\",\"billing_period\":\"2025-01\",\"effective_cost\":\"35\"}]");
    plan_ledger_close(&on);
}

static void time_comes_in_buckets(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"grain\":\"month\""), "rows",
            "[{\"time\":\"2025-01-01\",\"effective_cost\":\"35\"},{\"time\":\"2025-02-01\","
            "\"effective_cost\":\"41\"}]");
    answers(&on, PLAN("\"effective_cost\"", JAN ",\"grain\":\"week\""), "rows",
            "[{\"time\":\"2024-12-30\",\"effective_cost\":\"30\"},{\"time\":\"2025-01-27\","
            "\"effective_cost\":\"5\"}]");
    answers(&on, PLAN("\"effective_cost\"", FEB ",\"grain\":\"hour\""), "rows",
            "[{\"time\":\"2025-02-01T03:00:00Z\",\"effective_cost\":\"40.5\"},{\"time\":"
            "\"2025-02-15T03:00:00Z\",\"effective_cost\":\"0.5\"}]");
    answers(&on,
            PLAN("\"effective_cost\"",
                 "\"time\":{\"start\":\"2025-01-05\",\"end\":\"2025-02-02\"},\"grain\":\"day\""),
            "rows",
            "[{\"time\":\"2025-01-05\",\"effective_cost\":\"20\"},{\"time\":\"2025-01-31\","
            "\"effective_cost\":\"5\"},{\"time\":\"2025-02-01\",\"effective_cost\":\"40.5\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"grain\":\"quarter\",\"time_basis\":\"billing\""),
            "rows", "[{\"time\":\"2025-01-01\",\"effective_cost\":\"76\"}]");
    plan_ledger_close(&on);
}

static void a_range_to_compare_with_gives_before_and_change(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", FEB_ON_JAN ",\"group_by\":[\"service\"]"), "rows",
            "[{\"service\":\"EC2\",\"effective_cost\":\"40.5\",\"effective_cost_before\":\"10\","
            "\"change\":\"30.5\",\"change_pct\":\"305\"},{\"service\":\"S3\",\"effective_cost\":"
            "\"0.5\",\"effective_cost_before\":\"20\",\"change\":\"-19.5\",\"change_pct\":"
            "\"-97.5\"},{\"service\":null,\"effective_cost\":\"0\",\"effective_cost_before\":\"5\","
            "\"change\":\"-5\",\"change_pct\":\"-100\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", FEB_ON_JAN ",\"group_by\":[\"service\"],\"having\":[{"
                                                  "\"measure\":\"change_pct\",\"op\":\"gt\","
                                                  "\"value\":20}]"),
            "totals",
            "[{\"currency\":\"USD\",\"effective_cost\":\"40.5\",\"effective_cost_before\":\"10\","
            "\"change\":\"30.5\",\"change_pct\":\"305\"}]");
    /* Nothing is known of December: that is not 0. */
    answers(&on,
            PLAN("\"effective_cost\"",
                 JAN ",\"compare\":{\"start\":\"2024-12-01\",\"end\":\"2025-01-01\"}"),
            "rows",
            "[{\"effective_cost\":\"35\",\"effective_cost_before\":null,\"change\":null,"
            "\"change_pct\":null}]");
    answers(&on,
            PLAN("\"effective_cost\"", FEB_ON_JAN ",\"assert\":{\"measure\":\"change\",\"op\":"
                                                  "\"gt\",\"value\":0}"),
            "assert", "true");
    answers(&on, PLAN("\"effective_cost\"", FEB_ON_JAN ",\"grain\":\"month\""), "rows",
            "[{\"time\":\"2025-02-01\",\"effective_cost\":\"41\",\"effective_cost_before\":\"35\","
            "\"change\":\"6\",\"change_pct\":\"17.1429\"}]");
    plan_ledger_close(&on);
}

#define NO_PRICE                                                                                  \
    "\"price_effect\":\"0\",\"quantity_effect\":\"0\",\"mix_effect\":\"0\",\"new_effect\":\"0\"," \
    "\"gone_effect\":\"0\",\"commitment_effect\":\"0\","

/* Their charges have no ids of prices. */
static void drivers_add_up_to_the_change(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", FEB_ON_JAN ",\"analysis\":\"drivers\",\"limit\":2"),
            "rows",
            "[{\"service\":\"EC2\",\"effective_cost\":\"40.5\",\"effective_cost_before\":\"10\","
            "\"change\":\"30.5\",\"change_pct\":\"305\",\"contribution\":\"5.0833333333\"," NO_PRICE
            "\"credit_effect\":\"0\",\"currency_effect\":\"0\",\"other_effect\":\"30.5\"},"
            "{\"service\":\"S3\",\"effective_cost\":\"0.5\",\"effective_cost_before\":\"20\","
            "\"change\":\"-19.5\",\"change_pct\":\"-97.5\",\"contribution\":\"-3.25\"," NO_PRICE
            "\"credit_effect\":\"0.5\",\"currency_effect\":\"0\",\"other_effect\":\"-20\"}]");
    plan_ledger_close(&on);
}

static void filters_match_ids_labels_and_aliases_without_case(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = ec2\""), "totals",
            "[{\"currency\":\"USD\",\"effective_cost\":\"50.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"sub_account = sandbox\""), "totals",
            "[{\"currency\":\"USD\",\"effective_cost\":\"30\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"where\":\"provider = amazon and not (tag.TEAM "
                                           "in (RED) or service is missing)\""),
            "totals", "[{\"currency\":\"USD\",\"effective_cost\":\"20.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service != EC2\""), "totals",
            "[{\"currency\":\"USD\",\"effective_cost\":\"25.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"sub_account contains box\""),
            "totals", "[{\"currency\":\"USD\",\"effective_cost\":\"30\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"where\":\"tag.team contains LU or "
                                           "commitment_type = savings_plan\""),
            "totals", "[{\"currency\":\"USD\",\"effective_cost\":\"30\"}]");
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"where\":\"billing_period = '2025-01' and "
                                           "source = BILL\""),
            "totals", "[{\"currency\":\"USD\",\"effective_cost\":\"35\"}]");
    plan_ledger_close(&on);
}

static void only_says(struct plan_ledger *on, const char *dimension, const char *id,
                      const char *want)
{
    const struct plan_options options[] = {
        {.dimension = dimension, .only = id},
        {.dimension = dimension, .only = id, .never_cube = true}};
    const char *plan =
        PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"resource\"],\"labels\":true");

    for (size_t i = 0; i < FTH_NR(options); i++) {
        const struct fth_json *answer = plan_ask(on, plan, options[i]);
        struct fth_buf buf = fth_buf_max(1 << 20);

        fth_json_put(&buf, fth_json_get(answer, "rows"));
        assert_str(fth_buf_view(&buf), want);
        assert_int_equal(fth_json_get(answer, "warnings")->nr, 0);
        fth_buf_release(&buf);
    }
}

/* Letter for letter, and no label; a value with names of ours goes by any of them. */
static void one_id_alone_is_that_id(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge charges[] = {charge_of("vm", "111", 1, "1"), charge_of("VM", "111", 2, "2"),
                               charge_of("other", "111", 3, "4"), charge_of("gone", "111", 4, "8")};

    (void)state;
    charges[0].resource_name = "The small one";
    charges[2].resource_name = "vm";
    charges[3].provider = "amazon";
    plan_load(&on, "bill", "2025-01", charges, FTH_NR(charges), false);
    only_says(
        &on, "resource", "vm",
        "[{\"resource\":\"vm\",\"resource_label\":\"The small one\",\"effective_cost\":\"1\"}]");
    only_says(&on, "resource", "VM",
              "[{\"resource\":\"VM\",\"resource_label\":\"VM\",\"effective_cost\":\"2\"}]");
    only_says(&on, "resource", "Vm", "[]");
    only_says(&on, "service", "Gone", "[]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"resource = Vm\""), "rows",
            "[{\"effective_cost\":\"3\"}]");
    assert_str(fth_json_at(plan_ask(&on, PLAN("\"effective_cost\"", ALL),
                                    (struct plan_options){.dimension = "provider", .only = "AWS"}),
                           FTH_STR("/rows/0/effective_cost"))
                   ->text,
               "15");
    plan_ledger_close(&on);
}

/* A resource that has had two names is found by either, with all that it cost in the time. */
static void a_part_of_a_name_means_all_charges_of_what_has_it(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge charges[] = {charge_of("S3", "111", 1, "1"), charge_of("S3", "111", 2, "2"),
                               charge_of("EC2", "111", 3, "4"), charge_of(NULL, "111", 4, "8"),
                               charge_of(NULL, "111", 5, "16")};
    const char *const first =
        PLAN("\"effective_cost\"", ALL ",\"where\":\"resource contains OLD\"");
    const char *const plans[][2] = {
        {first, "3"},
        {PLAN("\"effective_cost\"", ALL ",\"where\":\"resource contains (new, s3)\""), "3"},
        {PLAN("\"effective_cost\"", ALL ",\"where\":\"not resource contains old\""), "28"},
        {PLAN("\"effective_cost\"", ALL ",\"where\":\"resource contains disk\""), "8"},
        {PLAN("\"effective_cost\"", "\"time\":{\"start\":\"2025-01-03\",\"end\":\"2025-01-05\"},"
                                    "\"where\":\"resource contains "
                                    "old or resource contains ec\""),
         "6"}};
    char want[100];

    (void)state;
    charges[0].resource_name = "Old bucket";
    charges[1].resource_name = "New bucket";
    charges[3].resource_name = "Disk without an id";
    plan_load(&on, "bill", "2025-01", charges, FTH_NR(charges), false);
    for (size_t i = 0; i < FTH_NR(plans); i++) {
        snprintf(want, sizeof(want), "[{\"currency\":\"USD\",\"effective_cost\":\"%s\"}]",
                 plans[i][1]);
        answers(&on, plans[i][0], "totals", want);
    }
    answers(&on, PLAN("\"resource_count\"", ALL ",\"where\":\"resource contains old\""), "rows",
            "[{\"resource_count\":1}]");
    assert_str(
        fth_json_str(plan_ask(&on, first, (struct plan_options){0}), "served_by", FTH_STR("")),
        "roll-up");
    assert_str(fth_json_at(plan_ask(&on, first, (struct plan_options){.never_cube = true}),
                           FTH_STR("/totals/0/effective_cost"))
                   ->text,
               "3");
    plan_ledger_close(&on);
}

static void what_matches_nothing_is_a_warning_with_the_nearest(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = EC3\""), "warnings",
            "[\"no charge has service \\\"EC3\\\"; the nearest is \\\"EC2\\\"\"]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = EC3\""), "rows",
            "[{\"effective_cost\":\"0\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"tag.teams = x\""), "warnings",
            "[\"no charge has a tag \\\"teams\\\"; the nearest is \\\"Team\\\"\",\"no charge has "
            "tag:teams \\\"x\\\"\"]");
    /* Nothing is known of 2024: that is not 0. */
    answers(
        &on,
        PLAN("\"effective_cost\"", "\"time\":{\"start\":\"2024-01-01\",\"end\":\"2024-02-01\"}"),
        "rows", "[]");
    plan_ledger_close(&on);
}

/* The segments' tables out of the way: what still has an answer was not read from the facts. */
static void hide_facts(struct plan_ledger *on, bool back)
{
    char sql[80];
    struct fth_err err = {0};

    for (int i = 1; i <= 2; i++) {
        snprintf(sql, sizeof(sql),
                 back ? "ALTER TABLE hidden_%d RENAME TO seg_%d"
                      : "ALTER TABLE seg_%d RENAME TO hidden_%d",
                 i, i);
        assert_ok(fth_session_exec(on->session, fth_str_c(sql), NULL, 0, NULL, NULL, &err), &err);
    }
}

static void values_are_looked_up_without_the_facts_where_a_sum_has_them(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    hide_facts(&on, false);
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = ec2\""), "rows",
            "[{\"effective_cost\":\"50.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service_code contains OD\""), "rows",
            "[{\"effective_cost\":\"71\"}]");
    answers(&on,
            PLAN("\"effective_cost\"",
                 ALL ",\"where\":\"charge_category = credit and currency = usd\""),
            "rows", "[{\"effective_cost\":\"0.5\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"sub_account = 111\""), "rows",
            "[{\"effective_cost\":\"30\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"resource = 'the bucket'\""), "rows",
            "[{\"effective_cost\":\"20.5\"}]");
    answers(
        &on, PLAN("\"effective_cost\"", ALL ",\"where\":\"resource_name = 'the bucke'\""),
        "warnings",
        "[\"no charge has resource_name \\\"the bucke\\\"; the nearest is \\\"The bucket\\\"\"]");
    hide_facts(&on, true);
    plan_ledger_close(&on);
}

static void values_are_looked_up_in_the_time_asked_for(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    /* A commitment of January, which no sum has. */
    answers(&on, PLAN("\"effective_cost\"", JAN ",\"where\":\"commitment_type = savings_plan\""),
            "warnings", "[]");
    answers(&on, PLAN("\"effective_cost\"", FEB ",\"where\":\"commitment_type = savings_plan\""),
            "warnings",
            "[\"no charge in the time asked for has commitment_type \\\"savings_plan\\\"\"]");
    answers(&on,
            PLAN("\"effective_cost\"", FEB_ON_JAN ",\"where\":\"commitment_type = savings_plan\""),
            "warnings", "[]");
    answers(&on,
            PLAN("\"effective_cost\"", FEB_ON_JAN ",\"where\":\"commitment_type = savings_plan\""),
            "rows",
            "[{\"effective_cost\":\"0\",\"effective_cost_before\":\"10\",\"change\":\"-10\","
            "\"change_pct\":\"-100\"}]");
    plan_ledger_close(&on);
}

static void an_id_of_another_time_is_known(void **state)
{
    struct plan_ledger on = small();
    const char *plan = PLAN("\"effective_cost\"", FEB ",\"where\":\"sub_account in (111, 223)\"");
    const struct fth_json *cubes = plan_ask(&on, plan, (struct plan_options){0});
    const struct fth_json *facts = plan_ask(&on, plan, (struct plan_options){.never_cube = true});

    (void)state;
    answers(&on, plan, "rows", "[{\"effective_cost\":\"0\"}]");
    answers(&on, plan, "warnings",
            "[\"no charge in the time asked for has sub_account \\\"223\\\"; the nearest is "
            "\\\"222\\\"\"]");
    assert_true(fth_json_equal(fth_json_get(cubes, "rows"), fth_json_get(facts, "rows")));
    assert_true(fth_json_equal(fth_json_get(cubes, "warnings"), fth_json_get(facts, "warnings")));
    plan_ledger_close(&on);
}

static void a_condition_on_an_empty_ledger_is_no_error(void **state)
{
    struct plan_ledger on = plan_ledger_open();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = EC2\""), "rows", "[]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = EC2\""), "warnings",
            "[\"no charge has service \\\"EC2\\\"\"]");
    plan_ledger_close(&on);
}

static void a_spread_charge_of_an_earlier_month_is_found_by_its_value(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge fee = charge_of("Support", "111", 30, "3"), other = charge_of("S3", "1", 40, "1");

    (void)state;
    fee.start_us = plan_instant(30, 0);
    fee.end_us = plan_instant(33, 0);
    plan_load(&on, "bill", "2025-01", &fee, 1, false);
    plan_load(&on, "bill", "2025-02", &other, 1, false);
    answers(
        &on,
        PLAN("\"effective_cost\"", FEB ",\"spread\":true,\"labels\":true,\"group_by\":["
                                       "\"sub_account\"],\"where\":\"service = support\""),
        "rows",
        "[{\"sub_account\":\"111\",\"sub_account_label\":\"Sandbox\",\"effective_cost\":\"2\"}]");
    plan_ledger_close(&on);
}

static void whatever_is_asked_stays_a_value(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on,
            PLAN("\"effective_cost\"", ALL ",\"filters\":[{\"field\":\"tag:x') OR 1=1 --\",\"op\":"
                                           "\"in\",\"values\":[\"' OR '1'='1\"]},{\"field\":"
                                           "\"service\",\"op\":\"contains\",\"values\":[\"'); DROP "
                                           "TABLE seg_1; --\"]}]"),
            "rows", "[{\"effective_cost\":\"0\"}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"tag:a'b\\\"c\"]"), "rows",
            "[{\"tag:a'b\\\"c\":null,\"effective_cost\":\"76\"}]");
    plan_ledger_close(&on);
}

static void shares_are_of_the_whole_or_of_what_share_within_says(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"cost_share\"", JAN ",\"where\":\"service = EC2\""), "rows",
            "[{\"cost_share\":\"0.2857142857\"}]");
    answers(&on,
            PLAN("\"cost_share\"",
                 JAN ",\"share_within\":[\"sub_account\"],\"filters\":[{\"field\":\"sub_account\","
                     "\"op\":\"in\",\"values\":[\"111\"]},{\"field\":\"service\",\"op\":\"in\","
                     "\"values\":[\"S3\"]}]"),
            "rows", "[{\"cost_share\":\"0.6666666667\"}]");
    answers(&on, PLAN("\"untagged_cost\",\"untagged_share\"", JAN), "rows",
            "[{\"untagged_cost\":\"5\",\"untagged_share\":\"0.1428571429\"}]");
    answers(&on, PLAN("\"untagged_cost\"", JAN ",\"tag_key\":\"env\""), "rows",
            "[{\"untagged_cost\":\"25\"}]");
    plan_ledger_close(&on);
}

static void other_measures_count(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"credit_amount\",\"resource_count\"", ALL), "rows",
            "[{\"credit_amount\":\"0.5\",\"resource_count\":2}]");
    answers(&on, PLAN("\"resource_count\"", JAN ",\"group_by\":[\"service\"],\"limit\":1"),
            "totals", "[{\"currency\":\"USD\",\"resource_count\":null}]");
    answers(&on, PLAN("\"consumed_quantity\"", JAN), "rows", "[{\"consumed_quantity\":null}]");
    answers(&on, PLAN("\"consumed_quantity\"", JAN), "warnings",
            "[\"quantities of several units are not added; group by pricing_unit or usage_type\"]");
    answers(&on, PLAN("\"consumed_quantity\"", JAN ",\"where\":\"service = S3\""), "columns",
            "[{\"name\":\"consumed_quantity\",\"kind\":\"quantity\",\"unit\":\"GB\"}]");
    plan_ledger_close(&on);
}

static void labels_stand_beside_ids(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on,
            PLAN("\"effective_cost\"", JAN ",\"labels\":true,\"group_by\":[\"sub_account\","
                                           "\"provider\"],\"limit\":1"),
            "rows",
            "[{\"sub_account\":\"111\",\"sub_account_label\":\"Sandbox\",\"provider\":\"AWS\","
            "\"provider_label\":\"Amazon Web Services\",\"effective_cost\":\"30\"}]");
    hide_facts(&on, false);
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"labels\":true,\"group_by\":[\"resource\"]"),
            "rows",
            "[{\"resource\":\"EC2\",\"resource_label\":\"EC2\",\"effective_cost\":\"50.5\"},"
            "{\"resource\":\"S3\",\"resource_label\":\"The bucket\",\"effective_cost\":\"20.5\"},"
            "{\"resource\":null,\"resource_label\":null,\"effective_cost\":\"5\"}]");
    hide_facts(&on, true);
    plan_ledger_close(&on);
}

static void pages_follow_each_other_and_a_forged_cursor_is_refused(void **state)
{
    struct plan_ledger on = small();
    const char *plan = PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"service\"]");
    struct plan_options options = {.page_rows = 2};
    const struct fth_json *first = plan_ask(&on, plan, options), *out = NULL;
    struct fth_err err = {0};
    struct fth_str text;

    (void)state;
    assert_int_equal(fth_json_get(first, "rows")->nr, 2);
    assert_true(fth_json_bool(fth_json_get(first, "truncated"), false));
    options.cursor = fth_json_get(first, "next_cursor")->text;
    first = plan_ask(&on, plan, options);
    assert_int_equal(fth_json_get(first, "rows")->nr, 1);
    assert_false(fth_json_bool(fth_json_get(first, "truncated"), true));
    assert_int_equal(fth_json_get(first, "next_cursor")->type, FTH_JSON_NULL);
    assert_str(fth_json_get(fth_json_get(first, "totals")->items, "effective_cost")->text, "76");
    assert_int_equal(plan_try(&on, PLAN("\"billed_cost\"", ALL), options, &out, &err),
                     FTH_E_INVALID);
    fth_err_clear(&err);
    assert_ok(
        fth_arena_printf(test_arena(4096), &text, &err, "1" FTH_STR_F, FTH_STR_A(options.cursor)),
        &err);
    options.cursor = text;
    assert_int_equal(plan_try(&on, plan, options, &out, &err), FTH_E_INVALID);
    plan_ledger_close(&on);
}

static void raw_rows_are_the_charges(void **state)
{
    struct plan_ledger on = small();
    const char *plan = "{\"kind\":\"query\",\"subject\":\"cost\",\"rows\":true," ALL "}";
    struct plan_options options = {.page_rows = 2};
    const struct fth_json *answer;
    size_t nr = 0;

    (void)state;
    for (;;) {
        const struct fth_json *cursor;

        answer = plan_ask(&on, plan, options);
        nr += fth_json_get(answer, "rows")->nr;
        cursor = fth_json_get(answer, "next_cursor");
        if (cursor->type == FTH_JSON_NULL)
            break;
        options.cursor = cursor->text;
    }
    assert_int_equal(nr, 5);
    assert_str(fth_json_get(fth_json_get(answer, "totals")->items, "BilledCost")->text, "76");
    answer = plan_ask(&on,
                      "{\"kind\":\"query\",\"subject\":\"cost\",\"rows\":true," ALL
                      ",\"order\":{\"by\":\"effective_cost\",\"dir\":\"desc\"},\"limit\":1}",
                      (struct plan_options){0});
    answer = fth_json_get(answer, "rows")->items;
    assert_str(fth_json_get(answer, "EffectiveCost")->text, "40.5");
    assert_str(fth_json_get(fth_json_get(answer, "Tags"), "Team")->text, "red");
    assert_str(fth_json_get(answer, "ChargePeriodStart")->text, "2025-02-01T03:00:00Z");
    plan_ledger_close(&on);
}

static void long_charges_are_spread_to_the_last_digit(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge fee = charge_of("Support", "111", 0, "100.0000000000000000000000000001");

    (void)state;
    fee.end_us = plan_instant(3, 0);
    fee.start_us = plan_instant(0, 0);
    plan_load(&on, "bill", "2025-01", &fee, 1, false);
    answers(&on,
            PLAN("\"effective_cost\",\"charge_count\"", ALL ",\"grain\":\"day\",\"spread\":true"),
            "rows",
            "[{\"time\":\"2025-01-01\",\"effective_cost\":\"33.3333333334000000000000000001\","
            "\"charge_count\":1},{\"time\":\"2025-01-02\",\"effective_cost\":\"33.3333333333\","
            "\"charge_count\":0},{\"time\":\"2025-01-03\",\"effective_cost\":\"33.3333333333\","
            "\"charge_count\":0}]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"grain\":\"day\""), "rows",
            "[{\"time\":\"2025-01-01\",\"effective_cost\":\"100.0000000000000000000000000001\"}]");
    plan_ledger_close(&on);
}

static void currencies_are_never_added(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge two[] = {charge_of("EC2", "111", 0, "1"), charge_of("EC2", "111", 0, "2")};
    const struct fth_json *out = NULL;
    struct fth_err err = {0};

    (void)state;
    two[1].currency = "EUR";
    plan_load(&on, "bill", "2025-01", two, 2, false);
    answers(&on, PLAN("\"billed_cost\"", ALL), "rows",
            "[{\"currency\":\"EUR\",\"billed_cost\":\"2\"},{\"currency\":\"USD\",\"billed_cost\":"
            "\"1\"}]");
    answers(&on, PLAN("\"billed_cost\"", ALL), "totals",
            "[{\"currency\":\"EUR\",\"billed_cost\":\"2\"},{\"currency\":\"USD\",\"billed_cost\":"
            "\"1\"}]");
    assert_int_equal(plan_try(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"USD\""),
                              (struct plan_options){0}, &out, &err),
                     FTH_E_INVALID);
    plan_ledger_close(&on);
}

/* What one euro is: 1.25 USD until 3 January, 1.6 USD and 0.8 GBP from 6 January on. */
static enum fth_rc read_rates(void *ctx, struct fth_arena *arena, struct fth_str from,
                              struct fth_str to, int32_t first, int32_t last,
                              struct fth_rate_vec *out, struct fth_err *err)
{
    const int32_t day_one = fth_date_from_civil(2025, 1, 1);

    (void)ctx;
    (void)arena;
    (void)from;
    (void)to;
    for (int32_t day = first; day <= last; day++) {
        struct fth_rate usd = {FTH_STR("EUR"), FTH_STR("USD"), day, amount("1.25")};
        struct fth_rate gbp = {FTH_STR("EUR"), FTH_STR("GBP"), day, amount("0.8")};

        if (day > day_one + 2)
            usd.rate = amount("1.6");
        if (day > day_one + 2 && day < day_one + 5)
            continue;
        if (day < day_one || day > day_one + 20)
            continue;
        if (fth_rate_vec_push(out, usd, err) ||
            (day > day_one + 2 && fth_rate_vec_push(out, gbp, err)))
            return err->rc;
    }
    return FTH_OK;
}

static const struct fth_rate_source rate_source = {.read = read_rates, .max_age = 7, .version = 1};

static struct plan_ledger several(void)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge charges[] = {charge_of("EC2", "111", 0, "10"), charge_of("EC2", "111", 4, "1"),
                               charge_of("EC2", "111", 5, "16"), charge_of("S3", "222", 0, "2"),
                               charge_of("S3", "222", 6, "4"),   charge_of("S3", "222", 9, "0")};

    charges[3].currency = "EUR";
    charges[4].currency = "GBP";
    charges[5].currency = "ZZZ";
    plan_load(&on, "bill", "2025-01", charges, 6, false);
    return on;
}

static void costs_are_converted_by_the_rate_of_their_day(void **state)
{
    struct plan_ledger on = several();

    (void)state;
    /* 10 / 1.25 + 1 / 1.25 (of Friday) + 16 / 1.6 in dollars, 2 euros, 4 / 0.8 in pounds; of a
     * currency without a rate there is nothing. */
    answers_of(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"EUR\",\"group_by\":[\"service\"]"),
               "rows",
               "[{\"service\":\"EC2\",\"billed_cost\":\"18.8\"},{\"service\":\"S3\","
               "\"billed_cost\":\"7\"}]",
               &rate_source);
    answers_of(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"EUR\",\"group_by\":[\"service\"]"),
               "totals", "[{\"currency\":\"EUR\",\"billed_cost\":\"25.8\"}]", &rate_source);
    answers_of(&on,
               PLAN("\"billed_cost\"", ALL ",\"currency\":\"EUR\",\"grain\":\"day\",\"limit\":2"),
               "rows",
               "[{\"time\":\"2025-01-01\",\"billed_cost\":\"10\"},{\"time\":\"2025-01-05\","
               "\"billed_cost\":\"0.8\"}]",
               &rate_source);
    /* Across the euro; what is in dollars stays: 27, 2 * 1.25, 4 / 0.8 * 1.6. */
    answers_of(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"USD\""), "rows",
               "[{\"billed_cost\":\"37.5\"}]", &rate_source);
    answers_of(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"USD\""), "rates",
               "[{\"from\":\"EUR\",\"to\":\"USD\",\"rate\":\"1.25\",\"exact\":true,\"by\":null,"
               "\"rate_date\":\"2025-01-01\",\"first_day\":\"2025-01-01\",\"last_day\":"
               "\"2025-01-01\"},{\"from\":\"GBP\",\"to\":\"USD\",\"rate\":\"2\",\"exact\":"
               "false,\"by\":\"EUR\",\"rate_date\":\"2025-01-07\",\"first_day\":\"2025-01-07\","
               "\"last_day\":\"2025-01-07\"}]",
               &rate_source);
    answers_of(&on,
               PLAN("\"charge_count\",\"resource_count\"",
                    ALL ",\"currency\":\"EUR\",\"group_by\":[\"service\"]"),
               "rows",
               "[{\"service\":\"EC2\",\"charge_count\":3,\"resource_count\":1},"
               "{\"service\":\"S3\",\"charge_count\":3,\"resource_count\":null}]",
               &rate_source);
    plan_ledger_close(&on);
}

static void a_missing_rate_is_an_error_that_names_the_gap(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge charges[] = {charge_of("EC2", "111", 0, "1"), charge_of("EC2", "111", 2, "1"),
                               charge_of("EC2", "111", 30, "1"), charge_of("EC2", "111", 6, "1"),
                               charge_of("S3", "111", 28, "1")};
    const struct fth_json *out = NULL;
    struct fth_err err = {0};

    (void)state;
    charges[0].currency = charges[1].currency = charges[3].currency = "GBP";
    plan_load(&on, "bill", "2025-01", charges, 5, false);
    assert_int_equal(plan_try(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"EUR\""),
                              (struct plan_options){.rates = &rate_source}, &out, &err),
                     FTH_E_INVALID);
    assert_string_equal(err.pointer, "/currency");
    assert_non_null(strstr(err.msg, "from GBP to EUR for 2025-01-01 to 2025-01-03"));
    assert_non_null(strstr(err.msg, "from USD to EUR for 2025-01-29 to 2025-01-31"));
    err = (struct fth_err){0};
    assert_int_equal(plan_try(&on, PLAN("\"billed_cost\"", ALL ",\"currency\":\"JPY\""),
                              (struct plan_options){0}, &out, &err),
                     FTH_E_INVALID);
    err = (struct fth_err){0};
    assert_int_equal(plan_try(&on,
                              "{\"kind\":\"query\",\"subject\":\"cost\",\"rows\":true," ALL
                              ",\"currency\":\"EUR\"}",
                              (struct plan_options){.rates = &rate_source}, &out, &err),
                     FTH_E_UNSUPPORTED);
    plan_ledger_close(&on);
}

static void a_trend_is_more_than_noise(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    struct charge days[60];
    char cost[32];

    (void)state;
    for (int i = 0; i < 30; i++) {
        snprintf(cost, sizeof(cost), "%d.%d", 10 + i, i * 7 % 10);
        days[2 * i] = charge_of("rising", "111", i, cost);
        snprintf(cost, sizeof(cost), "%d", 20 + i * 7 % 11);
        days[2 * i + 1] = charge_of("noise", "111", i, cost);
    }
    plan_load(&on, "bill", "2025-01", days, 60, false);
    {
        const struct fth_json *answer = plan_ask(
            &on,
            PLAN("\"effective_cost\"", JAN ",\"group_by\":[\"service\"],\"trend\":{\"direction\":"
                                           "\"rising\"},\"order\":{\"by\":\"change\",\"dir\":"
                                           "\"desc\"}"),
            (struct plan_options){0});

        assert_int_equal(fth_json_get(answer, "rows")->nr, 1);
        assert_str(fth_json_get(fth_json_get(answer, "rows")->items, "service")->text, "rising");
    }
    answers(&on,
            PLAN("\"effective_cost\"", JAN ",\"assert\":{\"measure\":\"slope\",\"op\":\"gt\","
                                           "\"value\":0}"),
            "assert", "true");
    plan_ledger_close(&on);
}

static void a_past_version_answers_as_it_did(void **state)
{
    struct plan_ledger on = small();

    (void)state;
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"as_of\":1"), "rows",
            "[{\"effective_cost\":\"35\"}]");
    plan_ledger_close(&on);
}

static void a_scope_hides_what_is_not_the_callers(void **state)
{
    struct plan_ledger on = small();
    struct plan_options options = {0};
    struct fth_err err = {0};
    const struct fth_json *answer;

    (void)state;
    assert_ok(
        fth_filter_parse(test_arena(4096), FTH_STR("sub_account = 111"), &options.scope, &err),
        &err);
    answer = plan_ask(&on, PLAN("\"cost_share\"", ALL ",\"where\":\"service = EC2\""), options);
    assert_str(fth_json_get(fth_json_get(answer, "rows")->items, "cost_share")->text,
               "0.3333333333");
    plan_ledger_close(&on);
}

static void a_hot_tag_is_answered_from_its_cube(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    const char *const red[] = {"team=red", NULL};
    struct charge charges[] = {charge_of("EC2", "111", 0, "10"), charge_of("S3", "111", 4, "20")};
    const char *plans[] = {
        PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"tag:team\"]"),
        PLAN("\"untagged_cost\"", ALL ",\"tag_key\":\"team\",\"grain\":\"day\""),
        PLAN("\"effective_cost\"", ALL ",\"where\":\"team = red\""),
        PLAN("\"effective_cost\"", ALL ",\"where\":\"not tag.team contains re\"")};

    (void)state;
    charges[0].tags = plan_tags(&on, red);
    plan_load(&on, "bill", "2025-01", charges, 2, false);
    for (size_t i = 0; i < FTH_NR(plans); i++)
        answers(&on, plans[i], "served_by", "\"cube\"");
    answers(&on, plans[0], "rows",
            "[{\"tag:team\":null,\"effective_cost\":\"20\"},{\"tag:team\":\"red\","
            "\"effective_cost\":\"10\"}]");
    answers(&on, plans[1], "totals", "[{\"currency\":\"USD\",\"untagged_cost\":\"20\"}]");
    answers(&on, plans[2], "rows", "[{\"effective_cost\":\"10\"}]");
    answers(&on, plans[3], "rows", "[{\"effective_cost\":\"20\"}]");
    on.forget_cube_tags = true; /* as if the tag was not hot yet */
    plan_load(&on, "bill", "2025-02", charges, 2, false);
    answers(&on, plans[0], "served_by", "\"facts\"");
    answers(&on, plans[0], "rows",
            "[{\"tag:team\":null,\"effective_cost\":\"40\"},{\"tag:team\":\"red\","
            "\"effective_cost\":\"20\"}]");
    plan_ledger_close(&on);
}

/* The setting says "team", the bill "Team". */
static void a_hot_tag_need_not_be_spelled_as_the_bill_does(void **state)
{
    struct plan_ledger on = plan_ledger_open();
    const char *const red[] = {"Team=red", NULL}, *const both[] = {"Team=a", "TEAM=b", NULL};
    struct charge charges[] = {charge_of("EC2", "111", 0, "10"), charge_of("S3", "111", 4, "20")};
    const char *plan = PLAN("\"effective_cost\"", ALL ",\"group_by\":[\"tag:Team\"]");

    (void)state;
    charges[0].tags = plan_tags(&on, red);
    plan_load(&on, "bill", "2025-01", charges, 2, false);
    answers(&on, plan, "served_by", "\"cube\"");
    answers(&on, plan, "rows",
            "[{\"tag:Team\":null,\"effective_cost\":\"20\"},{\"tag:Team\":\"red\","
            "\"effective_cost\":\"10\"}]");
    /* Spelled in two ways and not as either: nobody knows which is meant. */
    charges[0].tags = plan_tags(&on, both);
    plan_load(&on, "bill", "2025-02", charges, 2, false);
    answers(&on, plan, "served_by", "\"facts\"");
    answers(&on, plan, "rows",
            "[{\"tag:Team\":null,\"effective_cost\":\"40\"},{\"tag:Team\":\"a\","
            "\"effective_cost\":\"10\"},{\"tag:Team\":\"red\",\"effective_cost\":\"10\"}]");
    plan_ledger_close(&on);
}

static void what_is_not_there_is_answered_with_what_is(void **state)
{
    struct plan_ledger on = small();
    struct plan_options options = {0};
    struct fth_err err = {0};
    const struct fth_json *answer;

    (void)state;
    answers(
        &on,
        PLAN("\"effective_cost\"", "\"time\":{\"start\":\"2030-01-01\",\"end\":\"2030-02-01\"}"),
        "warnings",
        "[\"no charges were loaded for this time; there are some from 2025-01-01 to "
        "2025-02-15\"]");
    answers(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"service = Lambda\""), "warnings",
            "[\"no charge has service \\\"Lambda\\\"; there are \\\"EC2\\\", \\\"S3\\\"\"]");
    assert_ok(
        fth_filter_parse(test_arena(4096), FTH_STR("sub_account = 222"), &options.scope, &err),
        &err);
    answer =
        plan_ask(&on, PLAN("\"effective_cost\"", ALL ",\"where\":\"sub_account = 333\""), options);
    assert_str(fth_json_get(answer, "warnings")->items[0].text,
               "no charge has sub_account \"333\"; there is only \"222\"");
    plan_ledger_close(&on);
}

static void raw_rows_show_what_stands_beside_them(void **state)
{
    struct plan_ledger on = small();
    const char *plans[] = {"{\"kind\":\"query\",\"subject\":\"cost\",\"rows\":true," JAN "}",
                           "{\"kind\":\"query\",\"subject\":\"cost\",\"rows\":true," ALL
                           ",\"order\":{\"by\":\"effective_cost\",\"dir\":\"desc\"}}"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(plans); i++) {
        const struct fth_json *rows =
            fth_json_get(plan_ask(&on, plans[i], (struct plan_options){0}), "rows");
        size_t sides = 0;

        for (size_t row = 0; row < rows->nr; row++) {
            const struct fth_json *side = fth_json_get(&rows->items[row], "x_source");
            struct fth_str unit = fth_json_str(&rows->items[row], "ConsumedUnit", FTH_STR(""));

            sides += fth_json_is(side, FTH_JSON_OBJECT);
            assert_str(fth_json_str(side, "Unit", FTH_STR("")), unit.n ? unit.p : "");
        }
        assert_int_equal(sides, 2);
        assert_str(fth_json_str(fth_json_get(&rows->items[1], "x_source"), "Unit", FTH_STR("")),
                   "GB");
    }
    plan_ledger_close(&on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_total_is_one_row),
        TEST(groups_come_dearest_first_and_null_is_one),
        TEST(time_comes_in_buckets),
        TEST(a_range_to_compare_with_gives_before_and_change),
        TEST(drivers_add_up_to_the_change),
        TEST(filters_match_ids_labels_and_aliases_without_case),
        TEST(one_id_alone_is_that_id),
        TEST(a_part_of_a_name_means_all_charges_of_what_has_it),
        TEST(what_matches_nothing_is_a_warning_with_the_nearest),
        TEST(values_are_looked_up_without_the_facts_where_a_sum_has_them),
        TEST(values_are_looked_up_in_the_time_asked_for),
        TEST(an_id_of_another_time_is_known),
        TEST(a_condition_on_an_empty_ledger_is_no_error),
        TEST(a_spread_charge_of_an_earlier_month_is_found_by_its_value),
        TEST(whatever_is_asked_stays_a_value),
        TEST(shares_are_of_the_whole_or_of_what_share_within_says),
        TEST(other_measures_count),
        TEST(labels_stand_beside_ids),
        TEST(pages_follow_each_other_and_a_forged_cursor_is_refused),
        TEST(raw_rows_are_the_charges),
        TEST(long_charges_are_spread_to_the_last_digit),
        TEST(currencies_are_never_added),
        TEST(costs_are_converted_by_the_rate_of_their_day),
        TEST(a_missing_rate_is_an_error_that_names_the_gap),
        TEST(a_trend_is_more_than_noise),
        TEST(a_past_version_answers_as_it_did),
        TEST(a_scope_hides_what_is_not_the_callers),
        TEST(a_hot_tag_is_answered_from_its_cube),
        TEST(a_hot_tag_need_not_be_spelled_as_the_bill_does),
        TEST(what_is_not_there_is_answered_with_what_is),
        TEST(raw_rows_show_what_stands_beside_them),
    };

    return cmocka_run_group_tests_name("plan run", tests, NULL, NULL);
}
