/* out: tables for people and for programs. */
#include "cli/out.h"
#include "test.h"

static const struct fth_out_col cols[] = {{FTH_STR_INIT("service"), false},
                                          {FTH_STR_INIT("cost"), true}};
static const struct fth_str cells[] = {
    FTH_STR_INIT("Amazon EC2, \"large\""), FTH_STR_INIT("12.5"), {0},
    FTH_STR_INIT("-0.0000000001"),         FTH_STR_INIT("a|b"),  {0},
};
static const struct fth_str totals[] = {FTH_STR_INIT("Total"), FTH_STR_INIT("12.4999999999")};
static const struct fth_out_table table = {cols, 2, cells, 3, totals, 1};

static void prints(struct fth_out out, const char *want)
{
    char text[4096] = "";
    struct fth_err err = {0};

    out.file = fmemopen(text, sizeof(text), "w");
    assert_non_null(out.file);
    assert_ok(fth_out_table(&out, &table, test_arena(1 << 20), &err), &err);
    fclose(out.file);
    assert_string_equal(text, want);
}

static void numbers_stand_right_and_keep_every_digit(void **state)
{
    (void)state;
    prints((struct fth_out){.form = FTH_OUT_TABLE, .utf8 = true},
           "service                       cost\n"
           "Amazon EC2, \"large\"           12.5\n"
           "\xe2\x80\x93                    -0.0000000001\n"
           "a|b                              \xe2\x80\x93\n"
           "                     "
           "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
           "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\n"
           "Total                12.4999999999\n");
}

static void texts_are_shortened_on_a_narrow_terminal_numbers_never(void **state)
{
    (void)state;
    prints((struct fth_out){.form = FTH_OUT_TABLE, .width = 25}, "service              cost\n"
                                                                 "Amazon EC~           12.5\n"
                                                                 "-           -0.0000000001\n"
                                                                 "a|b                     -\n"
                                                                 "            -------------\n"
                                                                 "Total       12.4999999999\n");
}

static void csv_quotes_what_needs_it_and_leaves_out_totals(void **state)
{
    (void)state;
    prints((struct fth_out){.form = FTH_OUT_CSV},
           "service,cost\n\"Amazon EC2, \"\"large\"\"\",12.5\n,-0.0000000001\na|b,\n");
}

static void ndjson_knows_null(void **state)
{
    (void)state;
    prints((struct fth_out){.form = FTH_OUT_NDJSON},
           "{\"service\":\"Amazon EC2, \\\"large\\\"\",\"cost\":\"12.5\"}\n"
           "{\"service\":null,\"cost\":\"-0.0000000001\"}\n"
           "{\"service\":\"a|b\",\"cost\":null}\n");
}

static void markdown_escapes_its_bars(void **state)
{
    (void)state;
    prints((struct fth_out){.form = FTH_OUT_MARKDOWN},
           "| service | cost |\n| --- | ---: |\n| Amazon EC2, \"large\" | 12.5 |\n"
           "| - | -0.0000000001 |\n| a\\|b | - |\n| Total | 12.4999999999 |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_stand_right_and_keep_every_digit),
        TEST(texts_are_shortened_on_a_narrow_terminal_numbers_never),
        TEST(csv_quotes_what_needs_it_and_leaves_out_totals),
        TEST(ndjson_knows_null),
        TEST(markdown_escapes_its_bars),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
