/* forecast_files: what a file of series may look like, and that threads change nothing. */
#include "app/forecast_files.h"

#include <math.h>

#include "base/date.h"
#include "test.h"

enum { ARENA = 64 << 20 };

static struct fth_series_file read(const char *text, const char *meta)
{
    struct fth_series_file file;
    struct fth_err err = {0};
    const char *path = test_file_named("series.csv", fth_str_c(text));

    assert_ok(fth_series_file_read(path, meta ? test_file_named("meta.csv", fth_str_c(meta)) : NULL,
                                   test_arena(ARENA), &file, &err),
              &err);
    return file;
}

static void refused(const char *text, const char *meta, enum fth_rc want, const char *message)
{
    struct fth_series_file file = {0};
    struct fth_err err = {0};
    const char *path = test_file_named("series.csv", fth_str_c(text));

    assert_int_equal(
        fth_series_file_read(path, meta ? test_file_named("meta.csv", fth_str_c(meta)) : NULL,
                             test_arena(ARENA), &file, &err),
        want);
    if (!strstr(err.msg, message))
        fail_msg("\"%s\" lacks \"%s\"", err.msg, message);
    assert_null(file.at);
}

static void series_may_be_mixed_and_columns_in_any_order(void **state)
{
    struct fth_series_file file =
        read("y,note,series_id,t\n1,x,a,1\n5,,b,7\n2.5,x,a,2\n,x,b,8\n", NULL);

    (void)state;
    assert_int_equal(file.nr, 2);
    assert_str(file.at[0].id, "a");
    assert_int_equal(file.at[0].n, 2);
    assert_float_equal(file.at[0].y[1], 2.5, 0);
    assert_int_equal(file.at[0].m, 1);
    assert_false(file.at[0].dated);
    assert_int_equal(file.at[1].n, 2);
    assert_true(isnan(file.at[1].y[1]));
}

static void steps_that_are_not_there_are_missing(void **state)
{
    struct fth_series_file file =
        read("series_id,t,y\na,2024-02-28,1\na,2024-03-02,4\nb,-3,1\nb,-1,2\n", NULL);

    (void)state;
    assert_int_equal(file.at[0].n, 4);
    assert_true(isnan(file.at[0].y[2]));
    assert_float_equal(file.at[0].y[3], 4, 0);
    assert_true(file.at[0].dated);
    assert_int_equal(file.at[0].start, fth_date_from_civil(2024, 2, 28));
    assert_int_equal(file.at[0].m, 7);
    assert_int_equal(file.at[1].n, 3);
    assert_false(file.at[1].dated);
}

static void firsts_of_months_are_months_and_whole_weeks_are_weeks(void **state)
{
    struct fth_series_file file =
        read("series_id,t,y\na,2024-01-01,1\na,2024-02-01,2\na,2024-04-01,4\n"
             "w,2024-01-03,1\nw,2024-01-10,2\nw,2024-01-31,5\n"
             "d,2024-01-01,1\nd,2024-01-02,\nd,2024-02-01,2\n",
             NULL);

    (void)state;
    assert_int_equal(file.at[0].n, 4);
    assert_int_equal(file.at[0].m, 12);
    assert_true(isnan(file.at[0].y[2]));
    assert_float_equal(file.at[0].y[3], 4, 0);
    assert_int_equal(file.at[1].n, 5);
    assert_int_equal(file.at[1].m, 1);
    assert_float_equal(file.at[1].y[4], 5, 0);
    assert_false(file.at[0].dated || file.at[1].dated);
    assert_true(file.at[2].dated); /* a day without a value is a day */
    assert_int_equal(file.at[2].n, 32);
}

static void the_second_file_says_season_horizon_and_start(void **state)
{
    struct fth_series_file file =
        read("series_id,t,y\na,1,1\nb,1,1\nc,1,1\nd,2024-01-01,1\ne,1,1\n",
             "series_id,m,h,n,start,source\na,7,90,1,2024-05-06,x\nb,12,18,1,2024-05-01,x\n"
             "d,14,,,2020-01-01,\ne,,,, 2024-05-06 ,\nnobody,7,7,7,,\n");

    (void)state;
    assert_int_equal(file.at[0].m, 7);
    assert_int_equal(file.at[0].h, 90);
    assert_true(file.at[0].dated);
    assert_int_equal(file.at[0].start, fth_date_from_civil(2024, 5, 6));
    assert_int_equal(file.at[1].m, 12);
    assert_false(file.at[1].dated); /* a step is no day */
    assert_int_equal(file.at[2].h, 0);
    assert_int_equal(file.at[3].m, 14);
    assert_int_equal(file.at[3].start, fth_date_from_civil(2024, 1, 1)); /* t knows better */
    assert_int_equal(file.at[4].m, 7);                                   /* days have weeks */
    assert_true(file.at[4].dated);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    refused("series_id,y\na,1\n", NULL, FTH_E_SYNTAX, "no column \"t\"");
    refused("series_id,t,y\na,1,2\na,x,2\n", NULL, FTH_E_SYNTAX,
            ":3: t is no whole number and no date: \"x\"");
    refused("series_id,t,y\na,1,2e\n", NULL, FTH_E_SYNTAX, ":2: y is no number: \"2e\"");
    refused("series_id,t,y\na,1,0x1F\n", NULL, FTH_E_SYNTAX, "y is no number");
    refused("series_id,t,y\na,9223372036854775807,2\na,9223372036854775807,2\n", NULL, FTH_E_SYNTAX,
            ":3: t is not behind");
    refused("series_id,t,y\na,-9000000000000000000,2\na,9000000000000000000,2\n", NULL, FTH_E_LIMIT,
            "over 1000000 steps");
    refused("series_id,t,y\na,1,1\n", "series_id,h\na,99999\n", FTH_E_SYNTAX,
            ":2: h is no number of steps");
    refused("series_id,t,y\na,1,inf\n", NULL, FTH_E_SYNTAX, "y is no number");
    refused("series_id,t,y\na,2,1\na,2,1\n", NULL, FTH_E_SYNTAX,
            ":3: t is not behind the one before: \"2\"");
    refused("series_id,t,y\na,2,1\na,2024-01-01,1\n", NULL, FTH_E_SYNTAX,
            "mixes numbers and dates");
    refused("series_id,t,y\na,1,1\na,99999999,1\n", NULL, FTH_E_LIMIT, "over 1000000 steps");
    refused("series_id,t,y\na,1,1\n", "id,m\na,7\n", FTH_E_SYNTAX, "no column \"series_id\"");
    refused("series_id,t,y\na,1,1\n", "series_id,m\na,0\n", FTH_E_SYNTAX,
            ":2: m is no number of steps");
    refused("series_id,t,y\na,1,1\n", "series_id,start\na,May\n", FTH_E_SYNTAX,
            ":2: start is no date");
    refused("", NULL, FTH_E_SYNTAX, "series.csv");
}

/* ---- forecasts ---- */

static const struct fth_forecast_row *forecast(const char *path, unsigned threads, size_t *nr)
{
    const struct fth_forecast_files request = {
        .path = path, .model = "auto", .h = 9, .level = 0.9, .threads = threads};
    const struct fth_forecast_row *rows;
    struct fth_err err = {0};

    assert_ok(fth_forecast_files(&request, test_arena(ARENA), &rows, nr, &err), &err);
    return rows;
}

static void threads_change_nothing(void **state)
{
    const char *path = test_source("tests/golden/forecast_series.csv");
    size_t nr, same;
    const struct fth_forecast_row *one = forecast(path, 1, &nr), *many = forecast(path, 5, &same);

    (void)state;
    assert_int_equal(nr, same);
    assert_true(nr > 4);
    for (size_t i = 0; i < nr; i++) {
        assert_true(fth_str_eq(one[i].id, many[i].id));
        assert_memory_equal(one[i].forecast.mean, many[i].forecast.mean, 9 * sizeof(double));
        assert_memory_equal(one[i].forecast.hi, many[i].forecast.hi, 9 * sizeof(double));
    }
}

static void a_series_that_fails_is_named_and_told_to_stop_it_stops(void **state)
{
    struct fth_cancel cancel = {0};
    struct fth_forecast_files request = {
        .path = test_file(FTH_STR("series_id,t,y\ngood,1,1\nbad,1,\n")),
        .model = "auto",
        .level = 0.9};
    const struct fth_forecast_row *rows = NULL;
    struct fth_err err = {0};
    size_t nr;

    (void)state;
    assert_int_equal(fth_forecast_files(&request, test_arena(ARENA), &rows, &nr, &err),
                     FTH_E_INVALID);
    assert_string_equal(err.msg, "series \"bad\": no value in 1");
    assert_null(rows);
    fth_err_clear(&err);
    fth_cancel_set(&cancel, "told to");
    request.cancel = &cancel;
    assert_int_equal(fth_forecast_files(&request, test_arena(ARENA), &rows, &nr, &err),
                     FTH_E_CANCELLED);
    fth_err_clear(&err);
    request.model = "oracle";
    assert_int_equal(fth_forecast_files(&request, test_arena(ARENA), &rows, &nr, &err),
                     FTH_E_INVALID);
    assert_string_equal(err.msg, "no forecasting model \"oracle\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(series_may_be_mixed_and_columns_in_any_order),
        TEST(steps_that_are_not_there_are_missing),
        TEST(firsts_of_months_are_months_and_whole_weeks_are_weeks),
        TEST(the_second_file_says_season_horizon_and_start),
        TEST(what_is_wrong_is_named_with_its_line),
        TEST(threads_change_nothing),
        TEST(a_series_that_fails_is_named_and_told_to_stop_it_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
