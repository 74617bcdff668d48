/* str: text to read. */
#include "test.h"

static void pieces_end_at_the_separator_and_at_the_end(void **state)
{
    struct fth_str text = FTH_STR("a,,b"), piece;

    (void)state;
    assert_true(fth_str_next(&text, ',', &piece));
    assert_str(piece, "a");
    assert_true(fth_str_next(&text, ',', &piece));
    assert_str(piece, "");
    assert_true(fth_str_next(&text, ',', &piece));
    assert_str(piece, "b");
    assert_false(fth_str_next(&text, ',', &piece));
}

static void numbers_are_whole_or_nothing(void **state)
{
    int64_t value = 5;

    (void)state;
    assert_true(fth_str_to_i64(FTH_STR("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_false(fth_str_to_i64(FTH_STR("9223372036854775808"), &value));
    assert_false(fth_str_to_i64(FTH_STR("-"), &value));
    assert_false(fth_str_to_i64(FTH_STR(""), &value));
    assert_false(fth_str_to_i64(FTH_STR(" 1"), &value));
    assert_true(value == INT64_MIN);
}

static void distance_counts_swaps_as_one(void **state)
{
    (void)state;
    assert_int_equal(fth_str_distance(FTH_STR("serivce"), FTH_STR("Service")), 1);
    assert_int_equal(fth_str_distance(FTH_STR(""), FTH_STR("abc")), 3);
    assert_int_equal(fth_str_distance(FTH_STR("region"), FTH_STR("reason")), 2);
}

static void order_is_of_bytes_and_prefixes_come_first(void **state)
{
    (void)state;
    assert_true(fth_str_cmp(FTH_STR("a"), FTH_STR("ab")) < 0);
    assert_true(fth_str_cmp(FTH_STR("\xff"), FTH_STR("a")) > 0);
    assert_true(fth_str_caseeq(FTH_STR("EC2"), FTH_STR("ec2")));
    assert_true(fth_str_starts(FTH_STR("abc"), FTH_STR("ab")));
    assert_true(fth_str_ends(FTH_STR("abc"), FTH_STR("bc")));
    assert_str(fth_str_trim(FTH_STR(" \t x y\n")), "x y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_end_at_the_separator_and_at_the_end),
        TEST(numbers_are_whole_or_nothing),
        TEST(distance_counts_swaps_as_one),
        TEST(order_is_of_bytes_and_prefixes_come_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
