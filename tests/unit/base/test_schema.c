/* schema: what is refused, where it says the fault is, and what it says about it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/schema.h"
#include "test.h"

/* A filter tree as the plans have it: recursion, branches, constants, closed objects. */
static const char tree[] =
    "{\"$defs\":{\"node\":{\"oneOf\":["
    "{\"type\":\"object\",\"properties\":{\"and\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/"
    "$defs/node\"},"
    "\"minItems\":1}},\"required\":[\"and\"],\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"not\":{\"$ref\":\"#/$defs/"
    "node\"}},\"required\":[\"not\"],"
    "\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"op\":{\"const\":\"in\"},\"dimension\":{\"enum\":["
    "\"service\","
    "\"region\",\"account\"]},\"values\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},"
    "\"required\":[\"op\",\"dimension\",\"values\"],\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"op\":{\"const\":\"gt\"},\"value\":{\"type\":\"number\"}"
    "},"
    "\"required\":[\"op\",\"value\"],\"additionalProperties\":false}]}},"
    "\"$ref\":\"#/$defs/node\"}";

static const struct fth_json *json(const char *text)
{
    const struct fth_json *out = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(test_arena(1 << 20), fth_str_c(text), NULL, &out, &err), &err);
    return out;
}

static const struct fth_schema *compiled(const char *text)
{
    const struct fth_schema *schema = NULL;
    struct fth_schemas *set;
    struct fth_err err = {0};

    assert_ok(fth_schemas_new(test_arena(1 << 20), json(text), &set, &err), &err);
    assert_ok(fth_schema_compile(set, FTH_STR(""), &schema, &err), &err);
    return schema;
}

static void assert_says(const struct fth_err *err, const char *message, const char *pointer)
{
    if (!strstr(err->msg, message) || strcmp(err->pointer, pointer) != 0) {
        print_error("\"%s\" at \"%s\" is not \"%s\" at \"%s\"\n", err->msg, err->pointer, message,
                    pointer);
        fail();
    }
}

static void accepts(const char *schema, const char *value)
{
    struct fth_err err = {0};

    assert_ok(fth_schema_check(compiled(schema), json(value), &err), &err);
    test_end(NULL);
}

static struct fth_err refused(const char *schema, const char *value, const char *pointer,
                              const char *message)
{
    struct fth_err err = {0};

    assert_int_equal(fth_schema_check(compiled(schema), json(value), &err), FTH_E_INVALID);
    assert_says(&err, message, pointer);
    test_end(NULL);
    return err;
}

static void uncompiled(const char *text, enum fth_rc want, const char *pointer, const char *message)
{
    const struct fth_schema *schema = NULL;
    struct fth_schemas *set;
    struct fth_err err = {0};

    assert_ok(fth_schemas_new(test_arena(1 << 20), json(text), &set, &err), &err);
    assert_int_equal(fth_schema_compile(set, FTH_STR(""), &schema, &err), want);
    assert_says(&err, message, pointer);
    assert_null(schema);
    fth_err_clear(&err);
    assert_int_equal(fth_schema_compile(set, FTH_STR(""), &schema, &err), FTH_E_INVALID);
    test_end(NULL);
}

static void types_are_told_apart(void **state)
{
    accepts("true", "1");
    refused("false", "1", "", "1 is not allowed here");
    accepts("{\"type\":\"integer\"}", "1.0");
    accepts("{\"type\":\"integer\"}", "1e3");
    refused("{\"type\":\"integer\"}", "1.5", "", "must be whole number, not 1.5");
    accepts("{\"type\":\"number\"}", "1.5");
    accepts("{\"type\":[\"string\",\"null\"]}", "null");
    refused("{\"type\":[\"string\",\"null\"]}", "true", "",
            "must be null or string, not a boolean");
    refused("{\"type\":\"object\"}", "[]", "", "must be object, not array");
}

static void values_are_compared_whole(void **state)
{
    struct fth_err err;

    accepts("{\"const\":{\"a\":[1]}}", "{\"a\":[1.0]}");
    refused("{\"const\":\"in\"}", "\"out\"", "", "\"out\" is not \"in\"");
    accepts("{\"enum\":[1,\"a\",null]}", "null");
    err = refused("{\"enum\":[\"daily\",\"monthly\"]}", "\"dayly\"", "",
                  "\"dayly\" is not one of \"daily\", \"monthly\"");
    assert_string_equal(err.hint, "Did you mean \"daily\"?");
    refused("{\"enum\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14]}", "0", "", "11, 12, … (14 in all)");
}

static void numbers_are_bounded_exactly(void **state)
{
    accepts("{\"minimum\":0.1,\"maximum\":0.30}", "0.3");
    refused("{\"maximum\":0.3}", "0.3000000000000000000000000000000001", "",
            "0.3000000000000000000000000000000001 is more than 0.3");
    refused("{\"minimum\":1}", "-1e400", "", "-1e400 is less than 1");
    refused("{\"minimum\":-1}", "-1.5", "", "-1.5 is less than -1");
    refused("{\"exclusiveMinimum\":0}", "0e5", "", "0e5 is not more than 0");
    accepts("{\"exclusiveMinimum\":0,\"exclusiveMaximum\":10}", "9.99");
    refused("{\"exclusiveMaximum\":10}", "10.0", "", "10.0 is not less than 10");
}

static void strings_have_length_pattern_and_format(void **state)
{
    accepts("{\"minLength\":2,\"maxLength\":2}", "\"é😀\"");
    refused("{\"maxLength\":2}", "\"abc\"", "", "has 3 characters, more than 2");
    refused("{\"minLength\":1}", "\"\"", "", "has 0 characters, fewer than 1");
    refused("{\"pattern\":\"^[a-z]+$\"}", "\"a1\"", "", "\"a1\" does not match ^[a-z]+$");
    accepts("{\"format\":\"date\"}", "\"2024-02-29\"");
    refused("{\"format\":\"date\"}", "\"2025-02-29\"", "", "is not a date like");
    accepts("{\"format\":\"date-time\"}", "\"2025-01-31T05:06:07Z\"");
    refused("{\"format\":\"date-time\"}", "\"2025-01-31\"", "", "is not a time like");
    accepts("{\"format\":\"uuid\"}", "\"whatever\"");
}

static void arrays_are_checked_item_by_item(void **state)
{
    accepts("{\"items\":{\"type\":\"string\"},\"minItems\":1}", "[\"a\"]");
    refused("{\"items\":{\"type\":\"string\"}}", "[\"a\",2]", "/1",
            "/1: must be string, not number");
    refused("{\"minItems\":1}", "[]", "", "has 0 items, fewer than 1");
    refused("{\"maxItems\":1}", "[1,2]", "", "has 2 items, more than 1");
    refused("{\"uniqueItems\":true}", "[1,2,1.0]", "/2", "1.0 again");
}

static void objects_are_closed_when_they_say_so(void **state)
{
    const char *schema =
        "{\"properties\":{\"group_by\":{\"type\":\"array\"},\"limit\":{\"minimum\":1}},"
        "\"required\":[\"limit\"],\"additionalProperties\":false}";
    struct fth_err err;

    accepts(schema, "{\"limit\":1}");
    err =
        refused(schema, "{\"limit\":1,\"groupby\":[]}", "/groupby", "unknown property \"groupby\"");
    assert_string_equal(err.hint, "Did you mean \"group_by\"?");
    err = refused(schema, "{\"limit\":1,\"x\":[]}", "/x", "known are group_by, limit");
    assert_string_equal(err.hint, "");
    refused(schema, "{\"group_by\":[]}", "", "property \"limit\" is missing");
    refused(schema, "{\"limit\":0}", "/limit", "/limit: 0 is less than 1");
    refused("{\"additionalProperties\":{\"type\":\"string\"}}", "{\"a/b~c\":1}", "/a~1b~0c",
            "must be string, not number");
    refused("{\"propertyNames\":{\"pattern\":\"^[a-z]+$\"}}", "{\"A\":1}", "/A", "does not match");
    refused("{\"minProperties\":1}", "{}", "", "has 0 properties, fewer than 1");
}

static void branches_hold_as_they_are_counted(void **state)
{
    accepts("{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":5}]}", "7");
    refused("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "7", "",
            "must be null or string, not number");
    refused("{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "3", "", "3 is more than one of");
    accepts("{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "1");
    refused("{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "3", "", "3 is more than 2");
    refused("{\"not\":{\"const\":\"\"}}", "\"\"", "", "of a form that is not allowed");
    accepts("{\"not\":{\"const\":\"\"}}", "\"x\"");
}

static void the_branch_that_was_meant_is_blamed(void **state)
{
    struct fth_err err;

    accepts(
        tree,
        "{\"and\":[{\"not\":{\"op\":\"gt\",\"value\":5}},{\"op\":\"in\",\"dimension\":\"region\","
        "\"values\":[\"eu\"]}]}");
    refused(tree, "{\"and\":[{\"op\":\"in\",\"dimension\":\"region\",\"values\":[1]}]}",
            "/and/0/values/0", "must be string, not number");
    err = refused(tree, "{\"and\":[{\"op\":\"in\",\"dimension\":\"regoin\",\"values\":[]}]}",
                  "/and/0/dimension", "\"regoin\" is not one of");
    assert_string_equal(err.hint, "Did you mean \"region\"?");
    refused(tree, "{\"op\":\"gt\",\"value\":\"5\"}", "/value", "must be number, not string");
    refused(tree, "{\"and\":[]}", "/and", "has 0 items");
    err = refused(tree, "{\"nto\":{}}", "/nto", "unknown property");
    assert_string_equal(err.hint, "Did you mean \"not\"?");
    refused(tree, "5", "", "must be object, not number");
}

static void what_is_not_understood_is_refused_when_compiled(void **state)
{
    uncompiled("{\"properties\":{\"a\":{\"mininum\":1}}}", FTH_E_INVALID, "/properties/a/mininum",
               "unknown keyword");
    uncompiled("{\"type\":\"text\"}", FTH_E_INVALID, "/type", "no such type");
    uncompiled("{\"pattern\":\"(\"}", FTH_E_SYNTAX, "/pattern", "'(' without ')'");
    uncompiled("{\"$ref\":\"#/$defs/x\"}", FTH_E_NOTFOUND, "", "no schema at \"/$defs/x\"");
    uncompiled("{\"$ref\":\"other.json\"}", FTH_E_INVALID, "/$ref", "only \"#\"");
    uncompiled("{\"$ref\":\"#\"}", FTH_E_INVALID, "", "leads to itself");
    uncompiled("{\"$defs\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/$defs/a\"}]}},"
               "\"items\":{\"$ref\":\"#/$defs/a\"}}",
               FTH_E_INVALID, "", "leads to itself");
    uncompiled("{\"$defs\":{\"a\":{\"items\":{\"typ\":1}}},\"$ref\":\"#/$defs/a\"}", FTH_E_INVALID,
               "/$defs/a/items/typ", "unknown keyword");
    uncompiled("{\"minItems\":-1}", FTH_E_INVALID, "/minItems", "whole number");
    uncompiled("{\"required\":[1]}", FTH_E_INVALID, "/required", "array of names");
    uncompiled("{\"anyOf\":[]}", FTH_E_INVALID, "/anyOf", "must not be empty");
    uncompiled("[]", FTH_E_INVALID, "", "must be an object, true or false");
}

static void schemas_of_one_document_are_found_by_pointer(void **state)
{
    const struct fth_schema *list, *name;
    struct fth_schemas *set;
    struct fth_err err = {0};

    assert_ok(
        fth_schemas_new(
            test_arena(1 << 20),
            json("{\"components\":{\"schemas\":{\"List\":{\"type\":\"array\",\"items\":{\"$ref\":"
                 "\"#/components/schemas/Name\"},\"x-note\":1},\"Name\":{\"type\":\"string\"},"
                 "\"Wrong\":{\"type\":1}}}}"),
            &set, &err),
        &err);
    assert_ok(fth_schema_compile(set, FTH_STR("/components/schemas/List"), &list, &err), &err);
    assert_ok(fth_schema_compile(set, FTH_STR("/components/schemas/Name"), &name, &err), &err);
    assert_int_equal(fth_schema_types(list), 1u << FTH_JSON_ARRAY);
    assert_int_equal(fth_schema_types(fth_schema_items(list)), 1u << FTH_JSON_STRING);
    assert_null(fth_schema_items(name));
    assert_int_equal(fth_schema_check(list, json("[1]"), &err), FTH_E_INVALID);
    assert_int_equal(
        fth_schema_types(compiled("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}")),
        FTH_SCHEMA_INTEGER | 1u << FTH_JSON_NULL);
}

static void a_hostile_value_is_given_up(void **state)
{
    /* Each level doubles the work: both branches go into the value and fail at its bottom. */
    const char *schema =
        "{\"$defs\":{\"n\":{\"anyOf\":[{\"properties\":{\"a\":{\"$ref\":\"#/$defs/n\"},"
        "\"z\":false}},{\"properties\":{\"a\":{\"$ref\":\"#/$defs/n\"},\"z\":false}}]}},"
        "\"$ref\":\"#/$defs/n\"}";
    struct fth_buf buf = fth_buf_max(4096);
    struct fth_err err = {0};

    for (int i = 0; i < 50; i++)
        fth_buf_c(&buf, "{\"a\":");
    fth_buf_c(&buf, "{\"z\":1}");
    for (int i = 0; i < 50; i++)
        fth_buf_char(&buf, '}');
    fth_buf_add(&buf, "", 1);
    assert_int_equal(fth_schema_check(compiled(schema), json(buf.p), &err), FTH_E_LIMIT);
    fth_buf_release(&buf);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const struct fth_json *document = json(tree);

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_schema *schema = NULL;
        struct fth_schemas *set;
        struct fth_err err = {0};
        enum fth_rc rc;

        if (!arena)
            continue;
        rc = fth_schemas_new(arena, document, &set, &err);
        if (!rc)
            rc = fth_schema_compile(set, FTH_STR(""), &schema, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        assert_int_equal(rc == FTH_OK, schema != NULL);
        fth_arena_free(arena);
    }
}

static void the_plan_schema_of_the_exchange_compiles(void **state)
{
    const char *path = test_shared("data/nlq/plan.schema.json");
    char text[65536];
    FILE *file;
    size_t n;

    if (!path)
        skip();
    file = fopen(path, "rb");
    assert_non_null(file);
    n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    compiled(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(types_are_told_apart),
        TEST(values_are_compared_whole),
        TEST(numbers_are_bounded_exactly),
        TEST(strings_have_length_pattern_and_format),
        TEST(arrays_are_checked_item_by_item),
        TEST(objects_are_closed_when_they_say_so),
        TEST(branches_hold_as_they_are_counted),
        TEST(the_branch_that_was_meant_is_blamed),
        TEST(what_is_not_understood_is_refused_when_compiled),
        TEST(schemas_of_one_document_are_found_by_pointer),
        TEST(a_hostile_value_is_given_up),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
        TEST(the_plan_schema_of_the_exchange_compiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
