/* plan: what a plan may say, what is refused and where, and its one canonical form. */
#include <stdio.h>

#include "base/file.h"
#include "plan/plan.h"
#include "test.h"

static const struct fth_json *json_of(struct fth_arena *arena, struct fth_str text)
{
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(arena, text, NULL, &json, &err), &err);
    return json;
}

/* A plan of subject cost with these fields too. */
static struct fth_str plan_text(const char *fields)
{
    struct fth_str text = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(1 << 20), &text, &err,
                               "{\"kind\":\"query\",\"subject\":\"cost\"%s%s}", *fields ? "," : "",
                               fields),
              &err);
    return text;
}

#define WEEK "\"time\":{\"start\":\"2025-01-06\",\"end\":\"2025-01-13\"}"
#define COST "\"measures\":[\"effective_cost\"]," WEEK

static struct fth_str canonical_of(struct fth_str text)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_plan *plan = NULL;
    struct fth_buf buf = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    struct fth_str out;

    assert_ok(fth_plan_parse(arena, json_of(arena, text), &plan, &err), &err);
    fth_plan_put(&buf, plan);
    assert_ok(fth_buf_done(&buf, &err), &err);
    assert_ok(fth_arena_str(arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

static struct fth_str canonical(const char *fields)
{
    struct fth_str once = canonical_of(plan_text(fields));

    assert_str(canonical_of(once), once.p);
    return once;
}

static void refused_text(struct fth_str text, enum fth_rc want, const char *pointer,
                         const char *message, const char *hint)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_json *json = json_of(arena, text);
    const struct fth_plan *plan = NULL;
    struct fth_err err = {0};
    size_t used = fth_arena_used(arena);

    assert_int_equal(fth_plan_parse(arena, json, &plan, &err), want);
    if (!strstr(err.msg, message)) {
        print_error("\"%s\" does not say \"%s\"\n", err.msg, message);
        fail();
    }
    assert_string_equal(err.pointer, pointer);
    assert_string_equal(err.hint, hint);
    assert_null(plan);
    assert_int_equal(fth_arena_used(arena), used);
}

static void refused(const char *fields, const char *pointer, const char *message)
{
    refused_text(plan_text(fields), FTH_E_INVALID, pointer, message, "");
}

static void the_canonical_form_has_every_field(void **state)
{
    (void)state;
    assert_str(
        canonical(COST),
        "{\"analysis\":\"none\",\"as_of\":null,\"assert\":null,\"compare\":null,"
        "\"currency\":null,\"filters\":[],\"grain\":\"none\",\"group_by\":[],\"having\":[],"
        "\"kind\":\"query\",\"labels\":false,\"limit\":null,\"measures\":[\"effective_cost\"],"
        "\"order\":null,\"rows\":false,\"share_within\":[],\"spread\":false,\"subject\":\"cost\","
        "\"tag_key\":null,\"time\":{\"end\":\"2025-01-13\",\"start\":\"2025-01-06\"},"
        "\"time_basis\":\"charge\",\"trend\":null,\"unit\":null,\"where\":null}");
}

static void plans_that_say_the_same_have_the_same_form(void **state)
{
    struct fth_str a = canonical(
        COST ",\"group_by\":[\"service\",\"tag:Env\"],\"filters\":[{\"field\":\"team\",\"op\":"
             "\"in\",\"values\":[\"b\",\"a\"]},{\"field\":\"region\",\"op\":\"missing\","
             "\"values\":[\"ignored\"]}],\"having\":[{\"measure\":\"effective_cost\",\"op\":\"gt\","
             "\"value\":1.50}],\"where\":\"(team = x)\",\"limit\":10.0,\"compare\":null");
    struct fth_str b = canonical(
        "\"where\":{\"field\":\"team\",\"op\":\"in\",\"values\":[\"x\"]},\"limit\":10,\"having\":"
        "[{\"op\":\"gt\",\"measure\":\"effective_cost\",\"value\":15e-1}],\"filters\":[{\"field\":"
        "\"region\",\"op\":\"missing\",\"values\":[]},{\"field\":\"team\",\"op\":\"in\","
        "\"values\":[\"a\",\"b\",\"a\"]}],\"group_by\":[\"ServiceName\",\"tag:Env\",\"service\"]"
        "," COST);

    (void)state;
    assert_str(a, b.p);
    assert_non_null(strstr(a.p, "\"where\":\"team = \\\"x\\\"\""));
    assert_non_null(strstr(a.p, "\"value\":1.5}"));
}

static void every_addition_is_read(void **state)
{
    struct fth_str all = canonical(
        "\"measures\":[\"credit_amount\",\"charge_count\"],\"time\":null,\"time_basis\":"
        "\"billing\","
        "\"currency\":\"USD\",\"as_of\":17,\"labels\":true,\"order\":{\"by\":\"charge_count\","
        "\"dir\":\"asc\"},\"tag_key\":\"owner\",\"share_within\":[\"service\"],\"unit\":null");

    (void)state;
    assert_non_null(strstr(all.p, "\"as_of\":17,"));
    assert_non_null(strstr(all.p, "\"time\":null,\"time_basis\":\"billing\""));
    assert_non_null(strstr(all.p, "\"tag_key\":\"owner\""));
    assert_non_null(strstr(canonical(COST ",\"as_of\":\"2025-01-31 12:00\"").p,
                           "\"as_of\":\"2025-01-31T12:00:00Z\""));
    assert_non_null(strstr(canonical(COST ",\"as_of\":\"17\"").p, "\"as_of\":17,"));
    assert_non_null(strstr(canonical("\"rows\":true,\"time\":null").p, "\"rows\":true"));
}

static void what_is_not_there_yet_is_said_to_be_so(void **state)
{
    (void)state;
    refused_text(FTH_STR("{\"kind\":\"help\",\"subject\":\"cost\",\"time\":null}"),
                 FTH_E_UNSUPPORTED, "/kind", "a plan of kind \"help\" cannot be run",
                 "Only plans of kind \"query\" have an answer.");
    refused_text(FTH_STR("{\"kind\":\"query\",\"subject\":\"budget\",\"time\":null}"),
                 FTH_E_UNSUPPORTED, "/subject", "\"budget\" is not supported yet",
                 "Plans of subject \"cost\" can be asked.");
    refused_text(plan_text("\"measures\":[\"k8s_cost\"],\"time\":null"), FTH_E_UNSUPPORTED,
                 "/measures/0", "\"k8s_cost\" is no measure of subject cost", "");
    refused_text(plan_text(COST ",\"group_by\":[\"label:app\"]"), FTH_E_UNSUPPORTED, "/group_by/0",
                 "\"label:app\" is no dimension of subject cost", "");
    refused_text(plan_text(COST ",\"unit\":\"orders\""), FTH_E_UNSUPPORTED, "/unit",
                 "business units belong to subject unit_cost", "");
}

static void a_name_that_is_nearly_right_is_named(void **state)
{
    (void)state;
    refused_text(plan_text(COST ",\"group-by\":[]"), FTH_E_INVALID, "/group-by",
                 "unknown field \"group-by\"", "Did you mean \"group_by\"?");
    refused_text(plan_text("\"measures\":[\"efective_cost\"],\"time\":null"), FTH_E_INVALID,
                 "/measures/0",
                 "/measures/0: unknown \"efective_cost\", expected one of "
                 "effective_cost, billed_cost",
                 "Did you mean \"effective_cost\"?");
    refused_text(plan_text(COST ",\"group_by\":[\"acount\"]"), FTH_E_INVALID, "/group_by/0",
                 "/group_by/0: \"acount\" is no dimension",
                 "The list of dimensions: farthing dimensions, GET /api/v1/dimensions.");
    refused_text(plan_text(COST ",\"grain\":\"mont\""), FTH_E_INVALID, "/grain",
                 "unknown \"mont\", expected one of none, hour, day, week, month, quarter, year",
                 "Did you mean \"month\"?");
}

static void every_field_has_its_rules(void **state)
{
    (void)state;
    refused("\"time\":null", "/measures", "expected at least one measure, or \"rows\": true");
    refused("\"measures\":[\"billed_cost\"]", "/time", "\"time\" is missing");
    refused("\"measures\":[],\"time\":null", "/measures", "at least one measure");
    refused("\"measures\":\"x\",\"time\":null", "/measures", "expected an array of measures");
    refused("\"measures\":[7],\"time\":null", "/measures/0", "expected a text");
    refused(
        "\"measures\":[\"billed_cost\"],\"time\":{\"start\":\"2025-02-30\",\"end\":\"2025-03-01\"}",
        "/time/start", "expected a date");
    refused("\"measures\":[\"billed_cost\"],\"time\":{\"start\":\"2025-03-01\"}", "/time/end",
            "expected a date");
    refused(
        "\"measures\":[\"billed_cost\"],\"time\":{\"start\":\"2025-03-01\",\"end\":\"2025-03-01\"}",
        "/time", "must be later than");
    refused("\"measures\":[\"billed_cost\"],\"time\":7", "/time", "expected an object");
    refused("\"measures\":[\"billed_cost\"],\"time\":{\"from\":1}", "/time", "unknown \"from\"");
    refused(COST ",\"group_by\":[\"service\",\"region\",\"sku\",\"team\",\"resource\",\"tag:a\","
                 "\"tag:b\",\"tag:c\",\"tag:d\"]",
            "/group_by", "more than 8 dimensions");
    refused(COST ",\"grain\":null", "/grain", "expected a text");
    refused(COST ",\"filters\":{}", "/filters", "expected an array of filters");
    refused(COST ",\"filters\":[{\"and\":[]}]", "/filters/0", "expected an object with field");
    refused(COST ",\"where\":[]", "/where", "expected a text, or an object");
    refused(COST ",\"trend\":{}", "/trend/direction", "expected a text");
    refused(COST ",\"having\":[{\"measure\":\"billed_cost\",\"op\":\"gt\",\"value\":\"1\"}]",
            "/having/0/value", "expected a number");
    refused(COST ",\"having\":[{\"measure\":\"billed_cost\",\"op\":\"gt\",\"value\":1e99}]",
            "/having/0/value", "expected a number");
    refused(COST ",\"assert\":{\"measure\":\"change\",\"op\":\"gt\",\"value\":1}", "/compare",
            "need a range to compare with");
    refused(COST ",\"limit\":0", "/limit", "a whole number from 1");
    refused(COST ",\"limit\":1.5", "/limit", "a whole number from 1");
    refused(COST ",\"tag_key\":\"\"", "/tag_key", "the key of a tag");
    refused(COST ",\"currency\":\"usd\"", "/currency", "a currency such as \"USD\"");
    refused(COST ",\"as_of\":\"soon\"", "/as_of", "a version of the ledger or a timestamp");
    refused(COST ",\"as_of\":-1", "/as_of", "a version of the ledger or a timestamp");
    refused(COST ",\"spread\":1", "/spread", "expected true or false");
    refused(COST ",\"analysis\":\"drivers\"", "/compare", "drivers need a range to compare with");
    refused("\"measures\":[\"cost_share\"],\"time\":null,\"trend\":{\"direction\":\"rising\"}",
            "/measures/0", "a trend is that of a cost");
    refused(COST ",\"time_basis\":\"billing\",\"grain\":\"hour\"", "/grain", "no finer than that");
    refused(COST ",\"rows\":true", "/measures", "raw rows");
    refused("\"rows\":true,\"time\":null,\"order\":{\"by\":\"charge_count\",\"dir\":\"asc\"}",
            "/order/by", "one of the four costs");
    refused_text(FTH_STR("[]"), FTH_E_INVALID, "", "a plan is a JSON object", "");
}

/* The question set of the assistant: every plan that asks for cost is one. */
static void every_cost_plan_of_the_question_set_is_valid(void **state)
{
    const char *path = test_shared("data/nlq/questions.jsonl");
    struct fth_arena *arena = test_arena(16 << 20);
    struct fth_str text, line;
    struct fth_err err = {0};
    unsigned nr = 0;

    (void)state;
    if (!path)
        skip();
    assert_ok(fth_file_read(arena, path, 1 << 20, &text, &err), &err);
    while (fth_str_next(&text, '\n', &line)) {
        const struct fth_json *json = json_of(arena, line),
                              *plan_json = fth_json_get(json, "expect");
        const struct fth_plan *plan = NULL;
        enum fth_rc rc = fth_plan_parse(arena, plan_json, &plan, &err);

        if (fth_str_eq_c(fth_json_str(plan_json, "subject", FTH_STR("")), "cost")) {
            assert_ok(rc, &err);
            nr++;
        } else {
            assert_int_equal(rc, FTH_E_UNSUPPORTED);
        }
        fth_err_clear(&err);
    }
    assert_true(nr > 20);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    struct fth_arena *source = test_arena(1 << 20);
    const struct fth_json *json = json_of(
        source,
        plan_text(COST ",\"group_by\":[\"tag:a\"],\"filters\":[{\"field\":\"team\",\"op\":\"in\","
                       "\"values\":[\"b\"]}],\"where\":\"team = a\",\"having\":[{\"measure\":"
                       "\"effective_cost\",\"op\":\"gt\",\"value\":1}]"));

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_plan *plan = NULL;
        struct fth_err err = {0};

        if (arena && fth_plan_parse(arena, json, &plan, &err)) {
            assert_int_equal(err.rc, FTH_E_NOMEM);
            assert_null(plan);
        }
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_canonical_form_has_every_field),
        TEST(plans_that_say_the_same_have_the_same_form),
        TEST(every_addition_is_read),
        TEST(what_is_not_there_yet_is_said_to_be_so),
        TEST(a_name_that_is_nearly_right_is_named),
        TEST(every_field_has_its_rules),
        TEST(every_cost_plan_of_the_question_set_is_valid),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
