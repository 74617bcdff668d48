/* args: argv by the table of commands, and what `costs` options mean as a plan. */
#include "cli/args.h"

#include <stdio.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/cmd_int.h"
#include "test.h"

enum { MOST = 16 };

/* A command line in pieces; strings are not written to, but argv's type says that they might be. */
struct line {
    char text[512];
    char *argv[MOST];
    int argc;
    const char *order[MOST];
    struct fth_args args;
    struct fth_err err;
};

static enum fth_rc parse(struct line *line, const char *text)
{
    *line = (struct line){0};
    snprintf(line->text, sizeof(line->text), "%s", text);
    for (char *word = line->text; *word;) {
        char *end = strchr(word, '|');

        assert_true(line->argc < MOST);
        line->argv[line->argc++] = word;
        if (!end)
            break;
        *end = '\0';
        word = end + 1;
    }
    return fth_args_parse(line->argc, line->argv, line->order, &line->args, &line->err);
}

static void options_stand_where_one_likes(void **state)
{
    static const char *const lines[] = {
        "--data|d|ingest|--period|2025-01|a|b",
        "ingest|a|--period=2025-01|b|--data|d",
        "--data=d|ingest|--period|2025-01|--|a|b",
    };
    struct line line;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_ok(parse(&line, lines[i]), &line.err);
        assert_string_equal(line.args.command->name, "ingest");
        assert_int_equal(line.args.arg_nr, 2);
        assert_string_equal(line.args.args[0], "a");
        assert_string_equal(line.args.args[1], "b");
        assert_string_equal(fth_args_value(&line.args, "period"), "2025-01");
        assert_string_equal(fth_args_value(&line.args, "data"), "d");
        assert_false(fth_args_has(&line.args, "replace"));
    }
}

static void the_last_of_an_option_counts_and_a_dash_is_an_argument(void **state)
{
    struct line line;

    (void)state;
    assert_ok(parse(&line, "query|-|--data|a|--data|b"), &line.err);
    assert_string_equal(line.args.args[0], "-");
    assert_string_equal(fth_args_value(&line.args, "data"), "b");
    assert_ok(parse(&line, "ingest|--|--period"), &line.err);
    assert_string_equal(line.args.args[0], "--period");
}

static void help_asks_for_nothing_else(void **state)
{
    static const char *const lines[] = {"ingest|--help", "--help|ingest", "help|ingest"};
    struct line line;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_ok(parse(&line, lines[i]), &line.err);
        assert_true(line.args.help);
        assert_string_equal(line.args.command->name, "ingest");
    }
    assert_ok(parse(&line, "help"), &line.err);
    assert_true(line.args.help);
    assert_null(line.args.command);
    assert_ok(parse(&line, ""), &line.err);
    assert_null(line.args.command);
}

static void refused(const char *text, const char *message, const char *hint)
{
    struct line line;

    assert_int_equal(parse(&line, text), FTH_E_USAGE);
    if (!strstr(line.err.msg, message) || !strstr(line.err.hint, hint))
        print_error("%s: %s (%s)\n", text, line.err.msg, line.err.hint);
    assert_non_null(strstr(line.err.msg, message));
    assert_non_null(strstr(line.err.hint, hint));
    assert_null(line.args.command); /* untouched on failure */
}

static void what_is_wrong_is_named_with_what_was_meant(void **state)
{
    (void)state;
    refused("csots", "no command \"csots\"", "Did you mean \"costs\"?");
    refused("xyzzy", "no command \"xyzzy\"", "lists all commands");
    refused("costs|--gruop-by|service", "no option \"--gruop-by\"", "Did you mean \"--group-by\"?");
    refused("costs|--xyzzyxyzzy", "no option", "farthing costs --help");
    refused("costs|-x", "no option \"-x\"", "two dashes");
    refused("costs|--json=yes", "--json takes no value", "");
    refused("costs|--from", "--from needs a value: DATE", "");
    refused("query", "something is missing: FILE|-", "Usage: farthing query");
    refused("query|a|b", "\"b\" is one argument too many", "Usage: farthing query");
    refused("sources|--period|2025-01", "no option \"--period\"", "");
}

static void numbers_have_bounds(void **state)
{
    long long number = 0;
    struct line line;

    (void)state;
    assert_ok(parse(&line, "costs|--limit|25"), &line.err);
    assert_ok(fth_args_number(&line.args, "limit", 1, 100, 7, &number, &line.err), &line.err);
    assert_int_equal(number, 25);
    assert_int_equal(fth_args_number(&line.args, "limit", 1, 24, 7, &number, &line.err),
                     FTH_E_USAGE);
    assert_int_equal(number, 25);
    assert_ok(parse(&line, "costs"), &line.err);
    assert_ok(fth_args_number(&line.args, "limit", 1, 100, 7, &number, &line.err), &line.err);
    assert_int_equal(number, 7);
    assert_ok(parse(&line, "costs|--limit|1e3"), &line.err);
    assert_int_equal(fth_args_number(&line.args, "limit", 1, 10000, 7, &number, &line.err),
                     FTH_E_USAGE);
    assert_non_null(strstr(line.err.msg, "\"1e3\""));
}

/* ---- costs ---- */

/* The plan of a costs line on 2025-03-15 as text, or the message why there is none. */
static const char *plan_of(const char *text)
{
    struct fth_buf buf = fth_buf_max(1 << 16);
    struct fth_str copy = {0};
    struct line line;

    assert_ok(parse(&line, text), &line.err);
    if (fth_costs_plan(&line.args, fth_date_from_civil(2025, 3, 15), &buf, &line.err))
        assert_ok(fth_arena_str(test_arena(1 << 16), fth_str_c(line.err.msg), &copy,
                                &(struct fth_err){0}),
                  &line.err);
    else
        assert_ok(fth_arena_str(test_arena(1 << 17), fth_buf_view(&buf), &copy, &line.err),
                  &line.err);
    fth_buf_release(&buf);
    return copy.p;
}

static void costs_without_options_is_everything(void **state)
{
    (void)state;
    assert_string_equal(plan_of("costs"), "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":"
                                          "[\"effective_cost\"],\"time\":null}");
}

static void lists_ranges_and_orders_become_fields(void **state)
{
    (void)state;
    assert_string_equal(
        plan_of("costs|--group-by|service, tag:Team|--metric|billed_cost,list_cost|--from|"
                "2025-01-01|--to|2025-02-01|--order|-billed_cost|--limit|5|--grain|day"),
        "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\",\"list_cost\"],"
        "\"time\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"},\"group_by\":[\"service\","
        "\"tag:Team\"],\"grain\":\"day\",\"order\":{\"by\":\"billed_cost\",\"dir\":\"desc\"},"
        "\"limit\":5}");
}

static void has(const char *text, const char *part)
{
    const char *plan = plan_of(text);

    if (!strstr(plan, part))
        print_error("%s gives %s\n", text, plan);
    assert_non_null(strstr(plan, part));
}

static void comparisons_are_with_the_range_before(void **state)
{
    (void)state;
    /* Whole months go back by months, other ranges by their days. */
    has("costs|--from|2025-03-01|--to|2025-04-01|--compare|previous",
        "\"compare\":{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}");
    has("costs|--from|2025-03-10|--to|2025-03-13|--compare|previous",
        "\"compare\":{\"start\":\"2025-03-07\",\"end\":\"2025-03-10\"}");
    has("costs|--from|2024-02-29|--to|2024-03-01|--compare|year",
        "\"compare\":{\"start\":\"2023-02-28\",\"end\":\"2023-03-01\"}");
    has("costs|--compare|2025-01-01..2025-01-08|--from|2025-02-01|--to|2025-02-08",
        "\"compare\":{\"start\":\"2025-01-01\",\"end\":\"2025-01-08\"}");
    has("costs|--from|2025-03-01", "\"time\":{\"start\":\"2025-03-01\",\"end\":\"2025-03-16\"}");
}

static void as_of_is_a_version_or_a_time(void **state)
{
    (void)state;
    has("costs|--as-of|17", "\"as_of\":17");
    has("costs|--as-of|2025-01-01T00:00:00Z", "\"as_of\":\"2025-01-01T00:00:00Z\"");
}

static void ranges_that_are_none_are_refused(void **state)
{
    (void)state;
    has("costs|--from|2025-02-30", "\"2025-02-30\" is no date");
    has("costs|--from|2025-02-02|--to|2025-02-02", "the range is empty");
    has("costs|--to|2025-02-02", "--to needs --from");
    has("costs|--since|30d|--from|2025-01-01", "--since stands alone");
    has("costs|--since|soon", "nothing like 30d");
    has("costs|--since|0d", "nothing like 30d");
    has("costs|--since|d", "nothing like 30d");
    has("costs|--compare|previous", "needs a range");
    has("costs|--since|7d|--compare|never", "none of previous, year");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(options_stand_where_one_likes),
        TEST(the_last_of_an_option_counts_and_a_dash_is_an_argument),
        TEST(help_asks_for_nothing_else),
        TEST(what_is_wrong_is_named_with_what_was_meant),
        TEST(numbers_have_bounds),
        TEST(costs_without_options_is_everything),
        TEST(lists_ranges_and_orders_become_fields),
        TEST(comparisons_are_with_the_range_before),
        TEST(as_of_is_a_version_or_a_time),
        TEST(ranges_that_are_none_are_refused),
    };

    return cmocka_run_group_tests_name("cli_args", tests, NULL, NULL);
}
