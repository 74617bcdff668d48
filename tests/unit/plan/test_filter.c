/* filter: one grammar and one JSON form for one kind of tree. */
#include <stdio.h>

#include "plan/filter.h"
#include "test.h"

static const struct fth_filter *parsed(const char *text)
{
    const struct fth_filter *filter = NULL;
    struct fth_err err = {0};

    assert_ok(fth_filter_parse(test_arena(1 << 20), fth_str_c(text), &filter, &err), &err);
    return filter;
}

static const struct fth_filter *from_json(const char *text)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_filter *filter = NULL;
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(arena, fth_str_c(text), NULL, &json, &err), &err);
    assert_ok(fth_filter_from_json(arena, json, "/where", &filter, &err), &err);
    return filter;
}

static void assert_put(const struct fth_filter *filter, const char *want)
{
    struct fth_buf buf = fth_buf_max(1 << 16);

    fth_filter_put(&buf, filter);
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

/* Reads `text`, writes it as `want`, and `want` reads as the same again. */
static void reads_as(const char *text, const char *want)
{
    assert_put(parsed(text), want);
    assert_put(parsed(want), want);
}

static void refused(const char *text, enum fth_rc want, const char *message)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_filter *filter = NULL;
    struct fth_err err = {0};

    assert_int_equal(fth_filter_parse(arena, fth_str_c(text), &filter, &err), want);
    if (!strstr(err.msg, message)) {
        print_error("\"%s\" does not say \"%s\"\n", err.msg, message);
        fail();
    }
    assert_null(filter);
    assert_int_equal(fth_arena_used(arena), 0);
}

static void refused_json(const char *text, enum fth_rc want, const char *pointer,
                         const char *message)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_filter *filter = NULL;
    const struct fth_json *json = NULL;
    struct fth_err err = {0};
    size_t used;

    assert_ok(fth_json_parse(arena, fth_str_c(text), NULL, &json, &err), &err);
    used = fth_arena_used(arena);
    assert_int_equal(fth_filter_from_json(arena, json, "/where", &filter, &err), want);
    if (!strstr(err.msg, message)) {
        print_error("\"%s\" does not say \"%s\"\n", err.msg, message);
        fail();
    }
    assert_string_equal(err.pointer, pointer);
    assert_null(filter);
    assert_int_equal(fth_arena_used(arena), used);
}

static void a_condition_names_a_dimension_and_its_values(void **state)
{
    const struct fth_filter *filter = parsed("service in (\"Amazon EC2\", 'Amazon S3')");

    (void)state;
    assert_int_equal(filter->op, FTH_FILTER_IN);
    assert_str(filter->field, "service");
    assert_int_equal(filter->value_nr, 2);
    assert_str(filter->values[0], "Amazon EC2");
    assert_str(filter->values[1], "Amazon S3");
}

static void every_operation_reads_and_writes(void **state)
{
    (void)state;
    reads_as("region=us-east-1", "region = \"us-east-1\"");
    reads_as("region == us-east-1", "region = \"us-east-1\"");
    reads_as("region != 'x' ", "region != \"x\"");
    reads_as("region <> 'x'", "region != \"x\"");
    reads_as("region NOT IN (a, b,)", "region not in (\"a\", \"b\")");
    reads_as("region in ()", "region in ()");
    reads_as("sub_account contains prod", "sub_account contains \"prod\"");
    reads_as("sub_account contains (a, b)", "sub_account contains (\"a\", \"b\")");
    reads_as("sub_account not contains prod", "not sub_account contains \"prod\"");
    reads_as("team is missing", "team is missing");
    reads_as("team is null", "team is missing");
    reads_as("team is not missing", "team is present");
    reads_as("team IS NOT PRESENT", "team is missing");
}

static void tags_have_keys_of_any_kind(void **state)
{
    (void)state;
    reads_as("tag.env = prod", "tag.env = \"prod\"");
    reads_as("tag:env = prod", "tag.env = \"prod\"");
    reads_as("tag.\"cost centre\" is missing", "tag.\"cost centre\" is missing");
    reads_as("tag:'a\"b\\\\' is missing", "tag.\"a\\\"b\\\\\" is missing");
    reads_as("tag.aws:createdBy = x", "tag.\"aws:createdBy\" = \"x\"");
    reads_as("tag.a.b = x", "tag.\"a.b\" = \"x\"");
    refused("tag. = x", FTH_E_SYNTAX, "at 1: expected the key of a tag");
    refused("tag.\"\" = x", FTH_E_SYNTAX, "at 1: expected the key of a tag");
}

static void and_binds_more_than_or_and_not_most(void **state)
{
    const char *written = "team = a or team = b and not team = c";

    (void)state;
    reads_as(written, "team = \"a\" or (team = \"b\" and not team = \"c\")");
    reads_as("(team = a or team = b) and team = c",
             "(team = \"a\" or team = \"b\") and team = \"c\"");
    reads_as("not (team = a and team = b)", "not (team = \"a\" and team = \"b\")");
    reads_as("not not team = a", "not not team = \"a\"");
}

static void brackets_that_change_nothing_leave_no_trace(void **state)
{
    (void)state;
    reads_as("((team = a) and (team = b and (team = c)))",
             "team = \"a\" and team = \"b\" and team = \"c\"");
}

static void values_are_a_set(void **state)
{
    (void)state;
    reads_as("team in (b, a, b)", "team in (\"a\", \"b\")");
}

static void a_focus_column_is_a_name_of_its_dimension(void **state)
{
    (void)state;
    reads_as("ServiceName = x", "service = \"x\"");
    reads_as("subaccountname = x", "sub_account_name = \"x\"");
}

static void whatever_is_quoted_is_a_value(void **state)
{
    (void)state;
    reads_as("team = \"x' or 1=1; drop table seg_1 --\"",
             "team = \"x' or 1=1; drop table seg_1 --\"");
    reads_as("team = 'O\\'Brien'", "team = \"O'Brien\"");
    reads_as("team = \"é 名\"", "team = \"é 名\"");
    reads_as("team = and", "team = \"and\"");
}

static void what_does_not_parse_is_refused_with_its_place(void **state)
{
    (void)state;
    refused("", FTH_E_SYNTAX, "at 1: expected the name of a dimension, found the end");
    refused("team", FTH_E_SYNTAX,
            "at 5: expected =, !=, in, not in, contains or is, found the end");
    refused("team = ", FTH_E_SYNTAX, "at 8: expected a value");
    refused("team in a", FTH_E_SYNTAX, "at 9: expected '(', found 'a'");
    refused("team in (a b)", FTH_E_SYNTAX, "at 12: expected ',' or ')', found 'b'");
    refused("team in (,)", FTH_E_SYNTAX, "at 10: expected a value");
    refused("team = \"x", FTH_E_SYNTAX, "at 8: text without a closing \"");
    refused("team = a team = b", FTH_E_SYNTAX, "at 10: expected 'and', 'or' or the end");
    refused("(team = a", FTH_E_SYNTAX, "expected ')', 'and' or 'or', found the end");
    refused("team is a", FTH_E_SYNTAX, "expected 'missing' or 'present'");
    refused("team not = a", FTH_E_SYNTAX, "expected 'in' or 'contains'");
    refused("team = \xff", FTH_E_SYNTAX, "at 8: not UTF-8");
    refused("team ; drop", FTH_E_SYNTAX, "at 6: expected =");
}

static void an_unknown_dimension_is_refused_with_the_nearest(void **state)
{
    const struct fth_filter *filter = NULL;
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(
        fth_filter_parse(test_arena(4096), FTH_STR("team = a or servise = b"), &filter, &err),
        FTH_E_INVALID);
    assert_non_null(strstr(err.msg, "at 13: \"servise\" is no dimension"));
    assert_string_equal(err.hint, "Did you mean \"service\"?");
    refused("namespace = a", FTH_E_UNSUPPORTED, "\"namespace\" is no dimension of subject cost");
}

static void limits_hold(void **state)
{
    struct fth_str deep = test_repeat("(", 65), deep_not = test_repeat("not ", 65);
    struct fth_str values = test_repeat("a,", 10001);
    struct fth_buf buf = fth_buf_max(1 << 20);

    (void)state;
    refused(deep.p, FTH_E_LIMIT, "nested more than 64 deep");
    refused(deep_not.p, FTH_E_LIMIT, "nested more than 64 deep");
    refused(test_repeat(" ", 65537).p, FTH_E_LIMIT, "filter of 65537 bytes");
    fth_buf_c(&buf, "team in (");
    fth_buf_str(&buf, values);
    fth_buf_add(&buf, ")", 2);
    refused(buf.p, FTH_E_LIMIT, "more than 10000 values");
    fth_buf_release(&buf);
}

static void json_nodes_make_the_same_trees(void **state)
{
    (void)state;
    assert_put(from_json("[{\"field\":\"team\",\"op\":\"in\",\"values\":[\"b\",\"a\"]},"
                         "{\"field\":\"tag:Env\",\"op\":\"missing\",\"values\":[]}]"),
               "team in (\"a\", \"b\") and tag.Env is missing");
    assert_put(from_json("{\"or\":[{\"not\":{\"field\":\"team\",\"op\":\"contains\","
                         "\"values\":[\"x\"]}},{\"or\":[{\"field\":\"region\",\"op\":\"not_in\","
                         "\"values\":[\"y\"]}]}]}"),
               "not team contains \"x\" or region != \"y\"");
    assert_put(from_json("\"team = a\""), "team = \"a\"");
}

static void json_that_is_no_filter_is_refused_with_its_pointer(void **state)
{
    (void)state;
    refused_json("7", FTH_E_INVALID, "/where", "expected an object");
    refused_json("[]", FTH_E_INVALID, "/where", "at least one condition");
    refused_json("{\"and\":[{\"field\":\"team\",\"op\":\"is\",\"values\":[]}]}", FTH_E_INVALID,
                 "/where/and/0/op", "unknown \"is\"");
    refused_json("{\"field\":\"teem\",\"op\":\"in\",\"values\":[]}", FTH_E_INVALID, "/where/field",
                 "\"teem\" is no dimension");
    refused_json("{\"field\":\"team\",\"op\":\"in\",\"values\":[1]}", FTH_E_INVALID, "/where",
                 "an array of texts");
    refused_json("{\"field\":\"team\",\"op\":\"in\",\"values\":[\"a\\u0000\"]}", FTH_E_INVALID,
                 "/where", "zero byte");
    refused_json("{\"field\":\"team\",\"op\":\"in\",\"values\":[],\"x\":1}", FTH_E_INVALID,
                 "/where", "unknown \"x\"");
    refused_json("{\"not\":{\"not\":1}}", FTH_E_INVALID, "/where/not/not", "expected an object");
    refused_json("\"team\"", FTH_E_SYNTAX, "/where", "/where: at 5: expected =");
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_filter *filter = NULL;
        struct fth_err err = {0};

        if (arena && fth_filter_parse(arena, FTH_STR("tag.\"a b\" in (x, y) and not team = \"z\""),
                                      &filter, &err)) {
            assert_int_equal(err.rc, FTH_E_NOMEM);
            assert_null(filter);
        }
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_condition_names_a_dimension_and_its_values),
        TEST(every_operation_reads_and_writes),
        TEST(tags_have_keys_of_any_kind),
        TEST(and_binds_more_than_or_and_not_most),
        TEST(brackets_that_change_nothing_leave_no_trace),
        TEST(values_are_a_set),
        TEST(a_focus_column_is_a_name_of_its_dimension),
        TEST(whatever_is_quoted_is_a_value),
        TEST(what_does_not_parse_is_refused_with_its_place),
        TEST(an_unknown_dimension_is_refused_with_the_nearest),
        TEST(limits_hold),
        TEST(json_nodes_make_the_same_trees),
        TEST(json_that_is_no_filter_is_refused_with_its_pointer),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests_name("plan filter", tests, NULL, NULL);
}
