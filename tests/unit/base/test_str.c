/* str and buf: text to read and to write. */
#include "base/buf.h"
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

static void a_buffer_that_failed_stays_failed_when_it_is_cut_or_moved(void **state)
{
    struct fth_buf from = fth_buf_max(4), to = fth_buf_max(64);
    struct fth_err err = {0};

    (void)state;
    fth_buf_c(&to, "a, ");
    fth_buf_cut(&to, 2);
    fth_buf_c(&from, "bc");
    fth_buf_move(&to, &from);
    assert_str(fth_buf_view(&to), "abc");
    assert_int_equal(from.n, 0);

    fth_buf_c(&from, "too long");
    fth_buf_cut(&from, 2);
    assert_int_equal(from.n, 0);
    fth_buf_move(&to, &from);
    assert_int_equal(fth_buf_done(&to, &err), FTH_E_LIMIT);
    assert_int_equal(fth_buf_done(&from, &err), FTH_OK);
    fth_buf_release(&from);
    fth_buf_release(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_end_at_the_separator_and_at_the_end),
        TEST(numbers_are_whole_or_nothing),
        TEST(distance_counts_swaps_as_one),
        TEST(order_is_of_bytes_and_prefixes_come_first),
        TEST(a_buffer_that_failed_stays_failed_when_it_is_cut_or_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
