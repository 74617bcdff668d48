/* value: how numbers, dates, units and objects have to be written. */
#include "base/check.h"
#include "focus/expr.h"
#include "test.h"

static struct fth_focus_number number(const char *text)
{
    struct fth_focus_number n;

    fth_focus_number(fth_str_c(text), &n);
    return n;
}

static void plain_decimals_and_e_notation_are_numbers(void **state)
{
    static const char *const good[] = {"0",      "-7.0E-10", "1.4724E-6", ".5", "7.",
                                       "1234.5", "3E5",      "1e-06",     "-0"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(good); i++)
        assert_true(number(good[i]).strict);
}

static void dressed_numbers_are_numbers_that_are_not_written_well(void **state)
{
    static const char *const dressed[] = {"$50,000.00 ", "+5", "1E+5", " 7", "1'000", "€3"};
    static const char *const none[] = {"",    "-",     ".",  "abc", "NaN",
                                       "0x1", "1.2.3", "5%", "E5",  "1E"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(dressed); i++) {
        assert_true(number(dressed[i]).is);
        assert_false(number(dressed[i]).strict);
    }
    for (size_t i = 0; i < FTH_NR(none); i++)
        assert_false(number(none[i]).is);
}

static void sign_and_zero_are_seen(void **state)
{
    (void)state;
    assert_true(number("0.000").zero);
    assert_false(number("-0.0").negative);
    assert_true(number("-0.1").negative);
    assert_false(number("0.0000000000000000000000000001").zero);
    assert_int_equal(number("12.50").mantissa, 1250);
    assert_int_equal(number("12.50").exponent, -2);
    assert_int_equal(number("12.50").decimals, 2);
    assert_false(number("123456789012345678901234567890").small);
}

static void times_are_in_utc_with_t_and_z(void **state)
{
    static const char *const good[] = {"2025-01-31T00:00:00Z", "2024-02-29T23:59:59.123Z"};
    static const char *const moments[] = {"2025-01-31 00:00:00", "2025-01-31T00:00:00",
                                          "2025-01-31T00:00:00+01:00", "4/1/25", "2025-01-31"};
    static const char *const none[] = {"soon", "2025-02-29T00:00:00Z", "2025-01-31T30:00:00Z", "5"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(good); i++)
        assert_true(fth_focus_is_datetime(fth_str_c(good[i])));
    for (size_t i = 0; i < FTH_NR(moments); i++) {
        assert_true(fth_focus_is_moment(fth_str_c(moments[i])));
        assert_false(fth_focus_is_datetime(fth_str_c(moments[i])));
    }
    for (size_t i = 0; i < FTH_NR(none); i++)
        assert_false(fth_focus_is_moment(fth_str_c(none[i])));
}

static void units_are_words_with_a_quantity_or_a_time(void **state)
{
    static const char *const good[] = {"Hours",           "GB-Hours",         "GB/Hour",
                                       "1000 Requests",   "Normalized Hours", "vCPU-Hours",
                                       "GB-Months/3 Days"};
    static const char *const bad[] = {"",       "%",         "10K",  "per hour!", "Hours ",
                                      " Hours", "GB--Hours", "1000", "-Hours"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(good); i++)
        assert_true(fth_focus_is_unit(fth_str_c(good[i])));
    for (size_t i = 0; i < FTH_NR(bad); i++)
        assert_false(fth_focus_is_unit(fth_str_c(bad[i])));
}

static void key_values_are_flat_objects_with_unique_keys(void **state)
{
    static const char *const good[] = {"{}", " { \"a\" : -1.5e3 , \"b\": null}",
                                       "{\"\\u00e4\":\"\\\"\",\"c\":true,\"d\":false}"};
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"a\":1,}",
                                      "{\"a\":01}",
                                      "{\"a\":{}}",
                                      "{\"a\":[1]}",
                                      "{\"a\":1}x",
                                      "{a:1}",
                                      "{\"a\"}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":+1}",
                                      "{\"a\":tru}"};
    bool pascal;

    (void)state;
    for (size_t i = 0; i < FTH_NR(good); i++)
        assert_true(fth_focus_is_keyvalue(fth_str_c(good[i]), &pascal));
    for (size_t i = 0; i < FTH_NR(bad); i++)
        assert_false(fth_focus_is_keyvalue(fth_str_c(bad[i]), &pascal));
    assert_true(fth_focus_is_keyvalue(FTH_STR("{\"CoreCount\":2,\"x_a\":1}"), &pascal) && pascal);
    assert_true(fth_focus_is_keyvalue(FTH_STR("{\"coreCount\":2}"), &pascal) && !pascal);
}

static void words_for_nothing_are_seen(void **state)
{
    (void)state;
    assert_true(fth_focus_is_null(FTH_STR("")));
    assert_true(fth_focus_is_null(FTH_STR("NULL")));
    assert_false(fth_focus_is_null(FTH_STR("nullable")));
    assert_true(fth_focus_is_placeholder(FTH_STR("n/a")));
    assert_true(fth_focus_is_placeholder(FTH_STR("Not Applicable")));
    assert_false(fth_focus_is_placeholder(FTH_STR("Nashville")));
}

static void currencies_are_codes_or_names(void **state)
{
    (void)state;
    assert_true(fth_focus_is_currency(FTH_STR("EUR")));
    assert_true(fth_focus_is_currency(FTH_STR("Token")));
    assert_false(fth_focus_is_currency(FTH_STR("eur")));
    assert_false(fth_focus_is_currency(FTH_STR(" EUR")));
    assert_true(fth_focus_is_national(FTH_STR("EUR")));
    assert_false(fth_focus_is_national(FTH_STR("Token")));
}

static void every_row_of_the_tables_is_well_formed(void **state)
{
    struct fth_arena *arena = test_arena(16 << 20);

    (void)state;
    for (size_t i = 0; i < fth_focus_rule_nr(); i++) {
        const struct fth_focus_rule *rule = fth_focus_rule_at(i);
        const struct fth_focus_expr *expr;
        struct fth_err err = {0};

        assert_true(rule->since <= rule->until);
        assert_true(rule->text[0] && fth_focus_fix(rule)[0]);
        if (*rule->when)
            assert_ok(fth_focus_expr_parse(arena, fth_str_c(rule->when), &expr, &err), &err);
        if (strcmp(rule->subject, "*") != 0)
            assert_non_null(fth_focus_column(rule->dataset, fth_str_c(rule->subject)));
        for (size_t k = 0; k < i; k++) {
            const struct fth_focus_rule *other = fth_focus_rule_at(k);

            if (strcmp(other->id, rule->id) == 0 && other->dataset == rule->dataset)
                assert_true(other->until < rule->since || rule->until < other->since);
        }
    }
}

static void conditions_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"",           "A",          "A is",  "A is red", "A = 'x' or",
                                      "(A is null", "A is null)", "A * B", "A has",    "not"};

    (void)state;
    for (size_t i = 0; i < FTH_NR(bad); i++) {
        const struct fth_focus_expr *expr = NULL;
        struct fth_err err = {0};

        assert_int_not_equal(
            fth_focus_expr_parse(test_arena(1 << 16), fth_str_c(bad[i]), &expr, &err), FTH_OK);
        assert_null(expr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(plain_decimals_and_e_notation_are_numbers, test_end),
        cmocka_unit_test_teardown(dressed_numbers_are_numbers_that_are_not_written_well, test_end),
        cmocka_unit_test_teardown(sign_and_zero_are_seen, test_end),
        cmocka_unit_test_teardown(times_are_in_utc_with_t_and_z, test_end),
        cmocka_unit_test_teardown(units_are_words_with_a_quantity_or_a_time, test_end),
        cmocka_unit_test_teardown(key_values_are_flat_objects_with_unique_keys, test_end),
        cmocka_unit_test_teardown(words_for_nothing_are_seen, test_end),
        cmocka_unit_test_teardown(currencies_are_codes_or_names, test_end),
        cmocka_unit_test_teardown(every_row_of_the_tables_is_well_formed, test_end),
        cmocka_unit_test_teardown(conditions_that_are_none_are_refused, test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
