/* args and the plan of `costs`: what a command line means. */
#include "base/date.h"
#include "cli/cmd_int.h"
#include "test.h"

static const char *order[64];

static enum fth_rc parse(const char *line, struct fth_args *out, struct fth_err *err)
{
    static char text[1024];
    static char *argv[64];
    int argc = 0;

    *err = (struct fth_err){0};
    snprintf(text, sizeof(text), "%s", line);
    for (char *p = text; *p; p++) {
        if (*p == ' ')
            *p = '\0';
        else if (p == text || p[-1] == '\0')
            argv[argc++] = p;
    }
    return fth_args_parse(argc, argv, order, out, err);
}

static void refused(const char *line, const char *message, const char *hint)
{
    struct fth_args args = {0};
    struct fth_err err;

    assert_int_equal(parse(line, &args, &err), FTH_E_USAGE);
    if (!strstr(err.msg, message) || !strstr(err.hint, hint))
        print_error("%s | %s\n", err.msg, err.hint);
    assert_non_null(strstr(err.msg, message));
    assert_non_null(strstr(err.hint, hint));
    assert_null(args.command);
}

static void options_may_stand_anywhere(void **state)
{
    struct fth_args args;
    struct fth_err err;

    (void)state;
    assert_ok(parse("--data D ingest a --replace b --source=S", &args, &err), &err);
    assert_string_equal(args.command->name, "ingest");
    assert_string_equal(fth_args_value(&args, "data"), "D");
    assert_string_equal(fth_args_value(&args, "source"), "S");
    assert_true(fth_args_has(&args, "replace"));
    assert_int_equal(args.arg_nr, 2);
    assert_string_equal(args.args[0], "a");
    assert_string_equal(args.args[1], "b");
}

static void two_dashes_end_the_options_and_one_is_standard_input(void **state)
{
    struct fth_args args;
    struct fth_err err;

    (void)state;
    assert_ok(parse("ingest - -- --replace", &args, &err), &err);
    assert_int_equal(args.arg_nr, 2);
    assert_string_equal(args.args[0], "-");
    assert_string_equal(args.args[1], "--replace");
    assert_false(fth_args_has(&args, "replace"));
}

static void what_is_mistyped_is_named_with_the_nearest(void **state)
{
    (void)state;
    refused("cots", "no command \"cots\"", "Did you mean \"costs\"?");
    refused("costs --gruop-by service", "costs: no option \"--gruop-by\"", "\"--group-by\"");
    refused("costs --group-by", "--group-by needs a value", "");
    refused("ingest --replace=yes x", "--replace takes no value", "");
    refused("ingest", "something is missing: PATH", "Usage: farthing ingest");
    refused("version 1", "\"1\" is one argument too many", "Usage");
    refused("costs -x", "no option \"-x\"", "two dashes");
}

static void help_is_not_checked_for_arguments(void **state)
{
    struct fth_args args;
    struct fth_err err;

    (void)state;
    assert_ok(parse("help ingest", &args, &err), &err);
    assert_true(args.help);
    assert_string_equal(args.command->name, "ingest");
    assert_ok(parse("ingest --help", &args, &err), &err);
    assert_true(args.help);
    assert_ok(parse("", &args, &err), &err);
    assert_null(args.command);
}

static void plan_is(const char *line, const char *today, const char *want)
{
    struct fth_buf plan = fth_buf_max(4096);
    struct fth_args args;
    struct fth_err err;
    int32_t date;

    assert_true(fth_date_parse(fth_str_c(today), &date));
    assert_ok(parse(line, &args, &err), &err);
    assert_ok(fth_costs_plan(&args, date, &plan, &err), &err);
    assert_str(fth_buf_view(&plan), want);
    fth_buf_release(&plan);
}

static void costs_options_become_a_plan(void **state)
{
    (void)state;
    plan_is("costs", "2025-03-01",
            "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\"],"
            "\"time\":null}");
    plan_is("costs --group-by service,tag:Team --metric billed_cost --from 2025-01-01 --to "
            "2025-02-01 --compare previous --order -billed_cost --limit 5",
            "2025-03-01",
            "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],"
            "\"time\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"},"
            "\"group_by\":[\"service\",\"tag:Team\"],"
            "\"order\":{\"by\":\"billed_cost\",\"dir\":\"desc\"},\"limit\":5,"
            "\"compare\":{\"start\":\"2024-12-01\",\"end\":\"2025-01-01\"}}");
    plan_is("costs --since 7d --compare previous", "2025-03-10",
            "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\"],"
            "\"time\":{\"start\":\"2025-03-04\",\"end\":\"2025-03-11\"},"
            "\"compare\":{\"start\":\"2025-02-25\",\"end\":\"2025-03-04\"}}");
    plan_is("costs --from 2024-02-01 --to 2024-03-01 --compare year --as-of 7", "2025-03-10",
            "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\"],"
            "\"time\":{\"start\":\"2024-02-01\",\"end\":\"2024-03-01\"},\"as_of\":7,"
            "\"compare\":{\"start\":\"2023-02-01\",\"end\":\"2023-03-01\"}}");
}

static void ranges_that_make_no_sense_are_refused(void **state)
{
    static const char *const lines[] = {
        "costs --to 2025-01-01",
        "costs --from 2025-02-30",
        "costs --from 2025-02-01 --to 2025-02-01",
        "costs --since 0d",
        "costs --since 3x",
        "costs --since 3d --from 2025-01-01",
        "costs --compare previous",
        "costs --from 2025-01-01 --compare sometimes",
        "costs --limit 0",
    };
    struct fth_buf plan = fth_buf_max(4096);

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct fth_args args;
        struct fth_err err;

        assert_ok(parse(lines[i], &args, &err), &err);
        if (fth_costs_plan(&args, 20000, &plan, &err) != FTH_E_USAGE)
            fail_msg("taken: %s", lines[i]);
    }
    fth_buf_release(&plan);
}

static void every_command_can_be_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < fth_command_nr(); i++) {
        const struct fth_command *command = fth_command_at(i);

        assert_true(strlen(command->brief) > 5 && strlen(command->brief) < 60);
        assert_non_null(strchr(command->examples, '|'));
    }
    for (size_t i = 0; i < fth_option_nr(); i++) {
        const struct fth_option *option = fth_option_at(i);
        bool known = option->command[0] == '\0';

        for (size_t c = 0; c < fth_command_nr(); c++)
            known = known || fth_option_is_of(option, fth_command_at(c));
        assert_true(known);
    }
}

static void numbers_have_bounds(void **state)
{
    long long number = 0;
    struct fth_args args;
    struct fth_err err;

    (void)state;
    assert_ok(parse("costs --limit 25", &args, &err), &err);
    assert_ok(fth_args_number(&args, "limit", 1, 100, 7, &number, &err), &err);
    assert_int_equal(number, 25);
    assert_int_equal(fth_args_number(&args, "limit", 1, 24, 7, &number, &err), FTH_E_USAGE);
    assert_int_equal(number, 25); /* untouched on failure */
    assert_ok(parse("costs", &args, &err), &err);
    assert_ok(fth_args_number(&args, "limit", 1, 100, 7, &number, &err), &err);
    assert_int_equal(number, 7);
    assert_ok(parse("costs --limit 1e3", &args, &err), &err);
    assert_int_equal(fth_args_number(&args, "limit", 1, 10000, 7, &number, &err), FTH_E_USAGE);
    assert_non_null(strstr(err.msg, "\"1e3\""));
}

static void the_last_of_an_option_counts(void **state)
{
    struct fth_args args;
    struct fth_err err;

    (void)state;
    assert_ok(parse("query - --data a --data b", &args, &err), &err);
    assert_string_equal(fth_args_value(&args, "data"), "b");
}

/* The plan of a line on 2025-03-15 has this part. */
static void plan_has(const char *line, const char *part)
{
    struct fth_buf plan = fth_buf_max(4096);
    struct fth_args args;
    struct fth_err err;

    assert_ok(parse(line, &args, &err), &err);
    assert_ok(fth_costs_plan(&args, fth_date_from_civil(2025, 3, 15), &plan, &err), &err);
    if (fth_str_search(fth_buf_view(&plan), fth_str_c(part)) == SIZE_MAX)
        print_error("%s gives " FTH_STR_F "\n", line, FTH_STR_A(fth_buf_view(&plan)));
    assert_int_not_equal(fth_str_search(fth_buf_view(&plan), fth_str_c(part)), SIZE_MAX);
    fth_buf_release(&plan);
}

static void whole_months_are_compared_with_months_and_others_by_days(void **state)
{
    (void)state;
    plan_has("costs --from 2025-03-01 --to 2025-04-01 --compare previous",
             "\"compare\":{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}");
    plan_has("costs --from 2025-03-10 --to 2025-03-13 --compare previous",
             "\"compare\":{\"start\":\"2025-03-07\",\"end\":\"2025-03-10\"}");
    plan_has("costs --from 2024-02-29 --to 2024-03-01 --compare year",
             "\"compare\":{\"start\":\"2023-02-28\",\"end\":\"2023-03-01\"}");
    plan_has("costs --compare 2025-01-01..2025-01-08 --from 2025-02-01 --to 2025-02-08",
             "\"compare\":{\"start\":\"2025-01-01\",\"end\":\"2025-01-08\"}");
}

static void a_range_without_end_goes_to_today_and_as_of_may_be_a_time(void **state)
{
    (void)state;
    plan_has("costs --from 2025-03-01",
             "\"time\":{\"start\":\"2025-03-01\",\"end\":\"2025-03-16\"}");
    plan_has("costs --as-of 2025-01-01T00:00:00Z", "\"as_of\":\"2025-01-01T00:00:00Z\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(options_may_stand_anywhere),
        TEST(two_dashes_end_the_options_and_one_is_standard_input),
        TEST(what_is_mistyped_is_named_with_the_nearest),
        TEST(help_is_not_checked_for_arguments),
        TEST(costs_options_become_a_plan),
        TEST(ranges_that_make_no_sense_are_refused),
        TEST(every_command_can_be_explained),
        TEST(numbers_have_bounds),
        TEST(the_last_of_an_option_counts),
        TEST(whole_months_are_compared_with_months_and_others_by_days),
        TEST(a_range_without_end_goes_to_today_and_as_of_may_be_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
