/* json: what is accepted, what is refused and where, and that every digit stays. */
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "test.h"

static const struct fth_json *parsed(const char *text)
{
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(test_arena(1 << 20), fth_str_c(text), NULL, &json, &err), &err);
    return json;
}

static void refused_str(struct fth_str text, enum fth_rc want, const char *message)
{
    const struct fth_json *json = NULL;
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_err err = {0};

    assert_int_equal(fth_json_parse(arena, text, NULL, &json, &err), want);
    if (!strstr(err.msg, message)) {
        print_error("\"%s\" does not say \"%s\"\n", err.msg, message);
        fail();
    }
    assert_null(json);
    assert_int_equal(fth_arena_used(arena), 0);
}

static void refused(const char *text, const char *message)
{
    refused_str(fth_str_c(text), FTH_E_SYNTAX, message);
}

static void assert_canonical(const char *text, const char *want)
{
    struct fth_buf buf = fth_buf_max(1 << 16);

    fth_json_put_canonical(&buf, parsed(text));
    assert_str(fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

static void numbers_stay_as_they_were_written(void **state)
{
    const struct fth_json *json = parsed("[0.10000000000000000000000001, -0, 1E+2, 1.50]");

    assert_str(json->items[0].text, "0.10000000000000000000000001");
    assert_str(json->items[1].text, "-0");
    assert_str(json->items[2].text, "1E+2");
    assert_str(json->items[3].text, "1.50");
}

static void numbers_are_read_as_what_the_caller_asks_for_or_not_at_all(void **state)
{
    const struct fth_json *json =
        parsed("[12, 1.0, 1e3, 1.5, 9223372036854775808, -9223372036854775808, \"1\", 1e999]");
    struct fth_money money;
    int64_t n = 7;
    double d = 7;

    assert_true(fth_json_i64(&json->items[0], &n) && n == 12);
    assert_true(fth_json_i64(&json->items[1], &n) && n == 1);
    assert_true(fth_json_i64(&json->items[2], &n) && n == 1000);
    assert_false(fth_json_i64(&json->items[3], &n));
    assert_false(fth_json_i64(&json->items[4], &n));
    assert_int_equal(n, 1000);
    assert_true(fth_json_i64(&json->items[5], &n) && n == INT64_MIN);
    assert_false(fth_json_i64(&json->items[6], &n));
    assert_false(fth_json_i64(NULL, &n));
    assert_true(fth_json_double(&json->items[3], &d) && d == 1.5);
    assert_false(fth_json_double(&json->items[7], &d));
    assert_true(fth_json_money(&json->items[3], &money) && money.head == 15000000000);
    assert_false(fth_json_money(&json->items[7], &money));
}

static void strings_are_decoded(void **state)
{
    const struct fth_json *json = parsed(
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\u20AC\\ud83d\\ude00\", \"a\\u0000b\", \"\"]");

    assert_str(json->items[0].text, "\"\\/\b\f\n\r\t");
    assert_str(json->items[1].text, "é€😀");
    assert_int_equal(json->items[2].text.n, 3);
    assert_memory_equal(json->items[2].text.p, "a\0b", 4);
    assert_int_equal(json->items[3].text.n, 0);
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
    refused("", "line 1, column 1 (byte 0): expected a value, found the end");
    refused("[1,\n  2,\n  x]", "line 3, column 3 (byte 11): expected a value, found 'x'");
    refused("[\"é\", ?]", "line 1, column 7 (byte 7): expected a value, found '?'");
    refused("[1,]", "expected a value, found ']'");
    refused("[1 2]", "expected ',' or ']', found '2'");
    refused("{\"a\":1,}", "expected a key in quotes, found '}'");
    refused("{a:1}", "expected a key in quotes");
    refused("{\"a\" 1}", "expected ':'");
    refused("{\"a\":1", "expected ',' or '}', found the end");
    refused("1 1", "expected the end of the text, found '1'");
    refused("// no\n1", "expected a value, found '/'");
    refused("nul", "expected a value");
    refused("NaN", "expected a value");
    refused("01", "leading zero");
    refused("-", "expected a digit");
    refused("+1", "expected a value");
    refused(".5", "expected a value");
    refused("1.", "expected a digit");
    refused("1e", "expected a digit of the exponent");
    refused("\"a", "string without an end");
    refused("\"a\\\"", "string without an end");
    refused("\"a\nb\"", "control character");
    refused("\"\\x\"", "behind a backslash");
    refused("\"\\u12g4\"", "hexadecimal");
    refused("\"\\ud800\"", "half of a surrogate pair");
    refused("\"\\ude00\"", "half of a surrogate pair");
    refused("\"\\ud800\\u0041\"", "half of a surrogate pair");
    refused("\"\\ud800\\n\"", "half of a surrogate pair");
    refused("\"\xc3\"", "(byte 1): not UTF-8");
    refused("\xef\xbb\xbf{}", "found byte 0xef");
    refused_str((struct fth_str){"1\0", 2}, FTH_E_SYNTAX, "found byte 0x00");
}

static void a_key_may_be_there_once(void **state)
{
    refused("{\"a\":1,\"b\":2,\"\\u0061\":3}", "column 14 (byte 13): key \"a\" again");
    refused("{\"k1\":1,\"k2\":1,\"k3\":1,\"k4\":1,\"k5\":1,\"k6\":1,\"k7\":1,\"k8\":1,\"k9\":1,"
            "\"k2\":1,\"k1\":1}",
            "(byte 64): key \"k2\" again");
}

static void length_depth_and_exponent_have_limits(void **state)
{
    const struct fth_json_limits limits = {.max_len = 8, .max_depth = 2};
    const struct fth_json *json;
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_err err = {0};

    assert_ok(fth_json_parse(arena, FTH_STR("[[1,2]]"), &limits, &json, &err), &err);
    assert_int_equal(fth_json_parse(arena, FTH_STR("[[[1]]]"), &limits, &json, &err), FTH_E_LIMIT);
    assert_non_null(strstr(err.msg, "column 3 (byte 2): nested too deeply"));
    fth_err_clear(&err);
    assert_int_equal(fth_json_parse(arena, FTH_STR("[1,2,3,4]"), &limits, &json, &err),
                     FTH_E_LIMIT);
    assert_non_null(strstr(err.msg, "larger than 8 bytes"));
    refused_str(test_repeat("[", 100000), FTH_E_LIMIT, "nested too deeply");
    refused_str(FTH_STR("1e1000000000"), FTH_E_LIMIT, "exponent");
    refused_str(FTH_STR("12e999999999"), FTH_E_LIMIT, "exponent");
    assert_non_null(parsed("1e-000000000000000000999999999"));
}

static void a_tree_that_would_pass_the_arenas_cap_is_refused(void **state)
{
    const struct fth_json *json = NULL;
    struct fth_arena *arena = test_arena(64 * 1024);
    struct fth_str text = test_repeat("1,", 50000);
    struct fth_buf buf = fth_buf_max(1 << 20);
    struct fth_err err = {0};

    fth_buf_char(&buf, '[');
    fth_buf_str(&buf, text);
    fth_buf_c(&buf, "1]");
    assert_int_equal(fth_json_parse(arena, fth_buf_view(&buf), NULL, &json, &err), FTH_E_NOMEM);
    assert_int_equal(fth_arena_used(arena), 0);
    fth_buf_release(&buf);
}

static void members_are_found_among_few_and_among_many(void **state)
{
    struct fth_buf buf = fth_buf_max(1 << 16);
    const struct fth_json *json;
    char key[16];
    int64_t n;

    for (int nr = 0; nr < 40; nr += 3) {
        fth_buf_clear(&buf);
        fth_buf_char(&buf, '{');
        for (int i = 0; i < nr; i++)
            fth_buf_printf(&buf, "%s\"k%d\":%d", i ? "," : "", i * 7 % 40, i);
        fth_buf_c(&buf, "}");
        fth_buf_add(&buf, "", 1);
        json = parsed(buf.p);
        assert_int_equal(json->nr, nr);
        for (int i = 0; i < nr; i++) {
            snprintf(key, sizeof(key), "k%d", i * 7 % 40);
            assert_true(fth_json_i64(fth_json_get(json, key), &n) && n == i);
        }
        assert_null(fth_json_get(json, "k"));
        assert_null(fth_json_get(json, "k999"));
    }
    assert_null(fth_json_get(NULL, "k"));
    assert_null(fth_json_get(parsed("[]"), "k"));
    fth_buf_release(&buf);
}

static void pointers_lead_to_their_value(void **state)
{
    const struct fth_json *json =
        parsed("{\"a\":[10,{\"b/c\":1,\"d~e\":2,\"\":3}],\"m~n\":4,\"0\":5}");

    assert_ptr_equal(fth_json_at(json, FTH_STR("")), json);
    assert_str(fth_json_at(json, FTH_STR("/a/0"))->text, "10");
    assert_str(fth_json_at(json, FTH_STR("/a/1/b~1c"))->text, "1");
    assert_str(fth_json_at(json, FTH_STR("/a/1/d~0e"))->text, "2");
    assert_str(fth_json_at(json, FTH_STR("/a/1/"))->text, "3");
    assert_str(fth_json_at(json, FTH_STR("/m~0n"))->text, "4");
    assert_str(fth_json_at(json, FTH_STR("/0"))->text, "5");
    assert_null(fth_json_at(json, FTH_STR("/a/2")));
    assert_null(fth_json_at(json, FTH_STR("/a/00")));
    assert_null(fth_json_at(json, FTH_STR("/a/-")));
    assert_null(fth_json_at(json, FTH_STR("a")));
    assert_null(fth_json_at(json, FTH_STR("/m~n")));
    assert_null(fth_json_at(json, FTH_STR("/m~0n/x")));
}

static void the_canonical_form_is_one_for_each_value(void **state)
{
    static const char *const same[][3] = {
        {"{\"b\":1,\"a\":[true,null]}", " { \"a\" : [true , null], \"b\" : 1.0 } ",
         "{\"a\":[true,null],\"b\":1}"},
        {"[100000000000000000000]", "[1e20]", "[100000000000000000000]"},
        {"[100,0,1500]", "[1e2,-0.0e5,1.5E3]", "[100,0,1500]"},
        {"[0.001,-12.34]", "[1e-3,-1234.00e-2]", "[0.001,-12.34]"},
        {"[1e21,1e22,123e30]", "[1000000000000000000000,10e21,1.23e+32]", "[1e+21,1e+22,1.23e+32]"},
        {"[0.000001,1e-7]", "[1e-6,0.0000001]", "[0.000001,1e-7]"},
        {"\"\\u00e9\\/\"", "\"é/\"", "\"é/\""},
        {"1e999999999", "10e999999998", "1e+999999999"},
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        assert_canonical(same[i][0], same[i][2]);
        assert_canonical(same[i][1], same[i][2]);
        assert_true(fth_json_equal(parsed(same[i][0]), parsed(same[i][1])));
    }
    assert_canonical(
        "{\"k9\":1,\"k8\":1,\"k7\":1,\"k6\":1,\"k5\":1,\"k4\":1,\"k3\":1,\"k2\":1,\"k1\":1}",
        "{\"k1\":1,\"k2\":1,\"k3\":1,\"k4\":1,\"k5\":1,\"k6\":1,\"k7\":1,\"k8\":1,\"k9\":1}");
    assert_false(fth_json_equal(parsed("{\"a\":1}"), parsed("{\"b\":1}")));
    assert_false(fth_json_equal(parsed("[1,2]"), parsed("[2,1]")));
    assert_false(fth_json_equal(parsed("1"), parsed("1.0000000000000000000000000000000001")));
    assert_false(fth_json_equal(parsed("1"), parsed("-1")));
    assert_false(fth_json_equal(parsed("1"), parsed("\"1\"")));
    assert_false(fth_json_equal(parsed("true"), parsed("false")));
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        const struct fth_json *json = NULL;
        struct fth_err err = {0};
        struct fth_arena *arena = fth_arena_new(1 << 20);
        enum fth_rc rc;

        if (!arena)
            continue;
        rc = fth_json_parse(arena,
                            FTH_STR("{\"a\":[1,\"x\",null],\"b\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,"
                                    "\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9}}"),
                            NULL, &json, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        assert_int_equal(json != NULL, rc == FTH_OK);
        assert_int_equal(fth_arena_used(arena) == 0, rc != FTH_OK);
        fth_arena_free(arena);
    }
}

/* ---- writer ---- */

static void write_sample(struct fth_jw *jw)
{
    struct fth_money money = {.head = -12345000000, .tail = -1};

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "text", "a\"b\\c\x01\n");
    fth_jw_kv_money(jw, "money", money);
    fth_jw_kv_i64(jw, "least", INT64_MIN);
    fth_jw_kv_opt(jw, "given", FTH_STR("x"));
    fth_jw_kv_opt(jw, "left", FTH_STR(""));
    fth_jw_kv_instant(jw, "at", 1500000);
    fth_jw_kv_instant(jw, "never", 0);
    fth_jw_key(jw, "list");
    fth_jw_array(jw);
    fth_jw_u64(jw, UINT64_MAX);
    fth_jw_double(jw, 0.1);
    fth_jw_double(jw, 1e300);
    fth_jw_double(jw, (double)NAN);
    fth_jw_bool(jw, true);
    fth_jw_c(jw, NULL);
    fth_jw_object(jw);
    fth_jw_object_end(jw);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "raw");
    fth_jw_raw(jw, FTH_STR("[1, 2]"));
    fth_jw_key(jw, "tree");
    fth_jw_json(jw, parsed("{\"b\":[],\"a\":[1.50]}"));
    fth_jw_object_end(jw);
}

static void the_writer_puts_commas_and_escapes(void **state)
{
    struct fth_buf buf = fth_buf_max(4096);
    struct fth_jw jw;
    struct fth_err err = {0};

    fth_jw_init(&jw, &buf);
    write_sample(&jw);
    assert_ok(fth_jw_done(&jw, &err), &err);
    assert_str(fth_buf_view(&buf),
               "{\"text\":\"a\\\"b\\\\c\\u0001\\n\",\"money\":\"-1.2345000000000000000000000001\","
               "\"least\":-9223372036854775808,\"given\":\"x\",\"left\":null,"
               "\"at\":\"1970-01-01T00:00:01.5Z\",\"never\":null,"
               "\"list\":[18446744073709551615,0.1,1e+300,null,true,null,{}],\"raw\":[1, "
               "2],\"tree\":{\"b\":[],\"a\":[1.50]}}");
    fth_buf_release(&buf);
}

static void pretty_text_has_two_spaces_a_level(void **state)
{
    struct fth_buf buf = fth_buf_max(4096);
    struct fth_jw jw;
    struct fth_err err = {0};

    fth_jw_init(&jw, &buf);
    jw.pretty = true;
    fth_jw_object(&jw);
    fth_jw_key(&jw, "a");
    fth_jw_array(&jw);
    fth_jw_i64(&jw, 1);
    fth_jw_json(&jw, parsed("{\"b\":[2],\"c\":{}}"));
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "d");
    fth_jw_array(&jw);
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    assert_ok(fth_jw_done(&jw, &err), &err);
    assert_str(
        fth_buf_view(&buf),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": [\n        2\n      ],\n      \"c\": {}\n"
        "    }\n  ],\n  \"d\": []\n}");
    fth_buf_release(&buf);
}

static void what_is_not_utf8_is_written_as_the_replacement_character(void **state)
{
    struct fth_buf buf = fth_buf_max(256);

    fth_json_put_string(&buf, FTH_STR("a\xff\"\xc3\xa9\xc3"));
    assert_str(fth_buf_view(&buf), "\"a\xef\xbf\xbd\\\"é\xef\xbf\xbd\"");
    fth_buf_release(&buf);
}

struct sink {
    struct fth_buf all;
    unsigned calls, fail_at;
};

static enum fth_rc to_sink(void *ctx, struct fth_str text, struct fth_err *err)
{
    struct sink *sink = ctx;

    if (++sink->calls == sink->fail_at)
        return fth_err_set(err, FTH_E_IO, "peer has gone");
    fth_buf_str(&sink->all, text);
    return FTH_OK;
}

static void a_sink_gets_the_same_text_in_pieces(void **state)
{
    struct fth_buf whole = fth_buf_max(4096), piece = fth_buf_max(256);
    struct sink sink = {.all = fth_buf_max(4096)};
    struct fth_jw jw;
    struct fth_err err = {0};

    fth_jw_init(&jw, &whole);
    write_sample(&jw);
    assert_ok(fth_jw_done(&jw, &err), &err);
    fth_jw_init(&jw, &piece);
    jw.flush = to_sink;
    jw.ctx = &sink;
    jw.chunk = 20;
    write_sample(&jw);
    assert_ok(fth_jw_done(&jw, &err), &err);
    assert_true(sink.calls > 5);
    assert_true(fth_str_eq(fth_buf_view(&sink.all), fth_buf_view(&whole)));
    fth_buf_release(&whole);
    fth_buf_release(&piece);
    fth_buf_release(&sink.all);
}

static void a_sink_or_buffer_that_fails_is_told_at_the_end(void **state)
{
    struct fth_buf buf = fth_buf_max(300), tiny = fth_buf_max(10);
    struct sink sink = {.all = fth_buf_max(4096), .fail_at = 2};
    struct fth_jw jw;
    struct fth_err err = {0};

    fth_jw_init(&jw, &buf);
    jw.flush = to_sink;
    jw.ctx = &sink;
    jw.chunk = 20;
    write_sample(&jw);
    assert_int_equal(fth_jw_done(&jw, &err), FTH_E_IO);
    assert_string_equal(err.msg, "peer has gone");
    assert_int_equal(sink.calls, 2);
    fth_err_clear(&err);

    fth_jw_init(&jw, &tiny);
    write_sample(&jw);
    assert_int_equal(fth_jw_done(&jw, &err), FTH_E_LIMIT);
    fth_buf_release(&buf);
    fth_buf_release(&tiny);
    fth_buf_release(&sink.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_stay_as_they_were_written),
        TEST(numbers_are_read_as_what_the_caller_asks_for_or_not_at_all),
        TEST(strings_are_decoded),
        TEST(what_is_not_json_is_refused_with_its_place),
        TEST(a_key_may_be_there_once),
        TEST(length_depth_and_exponent_have_limits),
        TEST(a_tree_that_would_pass_the_arenas_cap_is_refused),
        TEST(members_are_found_among_few_and_among_many),
        TEST(pointers_lead_to_their_value),
        TEST(the_canonical_form_is_one_for_each_value),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
        TEST(the_writer_puts_commas_and_escapes),
        TEST(pretty_text_has_two_spaces_a_level),
        TEST(what_is_not_utf8_is_written_as_the_replacement_character),
        TEST(a_sink_gets_the_same_text_in_pieces),
        TEST(a_sink_or_buffer_that_fails_is_told_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
