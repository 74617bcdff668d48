/* detect_files: what a file of costs may look like, and that threads change nothing. */
#include "app/detect_files.h"

#include <math.h>

#include "base/buf.h"
#include "base/date.h"
#include "test.h"

enum { ARENA = 64 << 20, TEXT_MAX = 1 << 20, DAYS = 200, SERIES = 9 };

static struct fth_series_file read(const char *text)
{
    struct fth_series_file file;
    struct fth_err err = {0};

    assert_ok(fth_series_file_read_costs(test_file_named("costs.csv", fth_str_c(text)),
                                         test_arena(ARENA), &file, &err),
              &err);
    return file;
}

static void refused(const char *text, enum fth_rc want, const char *message)
{
    struct fth_series_file file = {0};
    struct fth_err err = {0};

    assert_int_equal(fth_series_file_read_costs(test_file_named("costs.csv", fth_str_c(text)),
                                                test_arena(ARENA), &file, &err),
                     want);
    if (!strstr(err.msg, message))
        fail_msg("\"%s\" lacks \"%s\"", err.msg, message);
    assert_null(file.at);
}

static void charges_of_a_day_are_added_up(void **state)
{
    struct fth_series_file file = read("cost,date,series_id\n1,2024-01-01,a\n"
                                       "2.5,2024-01-01T05:00:00Z,a\n,2024-01-01,a\n"
                                       ",2024-01-02,a\n4,2024-01-02T23:59:59.9Z,a\n"
                                       "1,2024-01-03T01:00:00+02:00,a\n");

    (void)state;
    assert_int_equal(file.nr, 1);
    assert_int_equal(file.at[0].start, fth_date_from_civil(2024, 1, 1));
    assert_int_equal(file.at[0].n, 2); /* the last one is still 2 January in UTC */
    assert_float_equal(file.at[0].y[0], 3.5, 1e-12);
    assert_float_equal(file.at[0].y[1], 5, 1e-12);
}

static void days_that_are_not_there_are_missing(void **state)
{
    struct fth_series_file file =
        read("series_id,date,cost\na,2024-02-28,1\na,2024-03-02,4\nb,2024-01-01,\n");

    (void)state;
    assert_int_equal(file.at[0].n, 4);
    assert_true(isnan(file.at[0].y[1]) && isnan(file.at[0].y[2]));
    assert_true(isnan(file.at[1].y[0]));
}

static void firsts_of_months_are_days_like_others(void **state)
{
    struct fth_series_file file = read("series_id,date,cost\na,2024-01-01,1\na,2024-02-01,2\n");

    (void)state;
    assert_int_equal(file.at[0].n, 32);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    refused("series_id,t,y\na,1,1\n", FTH_E_SYNTAX, "no column \"date\"");
    refused("series_id,date,y\na,1,1\n", FTH_E_SYNTAX, "no column \"cost\"");
    refused("series_id,date,cost\na,1,1\n", FTH_E_SYNTAX,
            ":2: date is no date and no timestamp: \"1\"");
    refused("series_id,date,cost\na,2024-01-01,x\n", FTH_E_SYNTAX, ":2: cost is no number: \"x\"");
    refused("series_id,date,cost\na,2024-01-02,1\na,2024-01-01,1\n", FTH_E_SYNTAX,
            ":3: date is before the one before: \"2024-01-01\"");
    refused("series_id,date,cost\na,0001-01-01,1\na,9999-01-01,1\n", FTH_E_LIMIT,
            "over 1000000 steps");
}

/* ---- detection ---- */

static const char *costs(void)
{
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    const char *path;

    fth_buf_c(&buf, "series_id,date,cost\n");
    for (int series = 0; series < SERIES; series++)
        for (int t = 0; t < DAYS; t++) {
            fth_buf_printf(&buf, "s%d,", series);
            fth_date_put(&buf, 19723 + t);
            fth_buf_printf(&buf, ",%d\n",
                           (t == 150 + series ? 400 : 100) + (t * 7 + series * 3) % 11);
        }
    path = test_file_named("many.csv", fth_buf_view(&buf));
    fth_buf_release(&buf);
    return path;
}

static const struct fth_detect_row *detect(const char *path, unsigned threads, size_t *nr)
{
    const struct fth_detect_files request = {
        .path = path, .false_alarms = FTH_DETECT_FALSE_ALARMS, .threads = threads};
    const struct fth_detect_row *rows;
    struct fth_err err = {0};

    assert_ok(fth_detect_files(&request, test_arena(ARENA), &rows, nr, &err), &err);
    return rows;
}

static void threads_change_nothing(void **state)
{
    const char *path = costs();
    size_t nr, again;
    const struct fth_detect_row *one = detect(path, 1, &nr), *more = detect(path, 4, &again);

    (void)state;
    assert_int_equal(nr, SERIES);
    assert_int_equal(again, SERIES);
    for (size_t i = 0; i < nr; i++) {
        const struct fth_detection *a = &one[i].detection, *b = &more[i].detection;

        assert_true(fth_str_eq(one[i].series->id, more[i].series->id));
        assert_memory_equal(a->scores, b->scores, DAYS * sizeof(*a->scores));
        assert_int_equal(a->event_nr, b->event_nr);
        assert_true(a->event_nr >= 1);
        for (size_t k = 0; k < a->event_nr; k++)
            assert_true(a->events[k].start == b->events[k].start &&
                        a->events[k].by == b->events[k].by);
        assert_true(a->scores[150 + i] > 1);
    }
}

static void a_series_that_cannot_be_is_named(void **state)
{
    struct fth_detect_files request = {.false_alarms = 1};
    const struct fth_detect_row *rows = NULL;
    struct fth_err err = {0};
    size_t nr = 0;

    (void)state;
    request.path = test_file_named(
        "costs.csv", FTH_STR("series_id,date,cost\na,2024-01-01,1\nb,2024-01-01,1e31\n"));
    assert_int_equal(fth_detect_files(&request, test_arena(ARENA), &rows, &nr, &err),
                     FTH_E_INVALID);
    assert_non_null(strstr(err.msg, "series \"b\": value 1 is beyond"));
    assert_null(rows);
}

static void what_is_cancelled_ends(void **state)
{
    struct fth_cancel cancel = {0};
    struct fth_detect_files request = {
        .path = costs(), .false_alarms = 1, .threads = 2, .cancel = &cancel};
    const struct fth_detect_row *rows = NULL;
    struct fth_err err = {0};
    size_t nr;

    (void)state;
    fth_cancel_set(&cancel, "enough");
    assert_int_equal(fth_detect_files(&request, test_arena(ARENA), &rows, &nr, &err),
                     FTH_E_CANCELLED);
    assert_null(rows);
}

static void whichever_allocation_fails_is_told(void **state)
{
    const char *path = costs();

    (void)state;
    for (unsigned n = 1; test_fault_places(FTH_FAULT_ALLOC, n, __func__); n++) {
        struct fth_detect_files request = {.path = path, .false_alarms = 1, .threads = 1};
        struct fth_arena *arena = fth_arena_new(ARENA);
        const struct fth_detect_row *rows = NULL;
        struct fth_err err = {0};
        size_t nr = 0;
        bool failed;

        if (arena)
            fth_detect_files(&request, arena, &rows, &nr, &err);
        failed = test_fault_off();
        if (arena && failed)
            assert_true(err.rc == FTH_E_NOMEM && !rows);
        if (arena && !failed)
            assert_int_equal(nr, SERIES);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(charges_of_a_day_are_added_up),
        TEST(days_that_are_not_there_are_missing),
        TEST(firsts_of_months_are_days_like_others),
        TEST(what_is_wrong_is_named_with_its_line),
        TEST(threads_change_nothing),
        TEST(a_series_that_cannot_be_is_named),
        TEST(what_is_cancelled_ends),
        TEST(whichever_allocation_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
