/* date: what civil dates, instants and time zones promise. */
#include "test.h"

#include <unistd.h>

#include "base/date.h"

static int64_t at(const char *text)
{
    int64_t us = 0;

    if (!fth_instant_parse(fth_str_c(text), &us))
        fail_msg("no instant: %s", text);
    return us;
}

static int32_t day(const char *text)
{
    int32_t date = 0;

    if (!fth_date_parse(fth_str_c(text), &date))
        fail_msg("no date: %s", text);
    return date;
}

static void every_day_of_the_calendar_goes_there_and_back(void **state)
{
    int32_t date = fth_date_from_civil(1, 1, 1);
    int weekday = 1; /* 0001-01-01 is a Monday in the proleptic calendar */

    (void)state;
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int d = 1; d <= fth_date_days_in_month(year, month); d++, date++) {
                struct fth_civil c = fth_date_to_civil(date);

                if (fth_date_from_civil(year, month, d) != date || c.year != year ||
                    c.month != month || c.day != d || fth_date_weekday(date) != weekday)
                    fail_msg("%04d-%02d-%02d", year, month, d);
                weekday = weekday % 7 + 1;
            }
    assert_int_equal(date - 1, fth_date_from_civil(9999, 12, 31));
    assert_int_equal(fth_date_from_civil(1970, 1, 1), 0);
}

static void a_century_has_a_leap_day_only_every_400_years(void **state)
{
    (void)state;
    assert_false(fth_date_is_real(1900, 2, 29));
    assert_true(fth_date_is_real(2000, 2, 29));
    assert_false(fth_date_is_real(2100, 2, 29));
    assert_true(fth_date_is_real(2024, 2, 29));
    assert_false(fth_date_is_real(0, 1, 1));
    assert_false(fth_date_is_real(10000, 1, 1));
    assert_false(fth_date_is_real(2025, 13, 1));
    assert_false(fth_date_is_real(2025, 4, 31));
}

static void a_date_is_read_whole_or_not_at_all(void **state)
{
    static const char *const bad[] = {
        "",           "2025-1-31",  "2025-02-30", "2025/01/31", "2025-01-31 ", "2025-00-10",
        "0000-01-01", "2O25-01-31", "-025-01-31", "2025-01-3 ", "+025-01-31"};
    char text[10];
    int32_t date = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (fth_date_parse(fth_str_c(bad[i]), &date))
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(date, 7);
    fth_date_text(day("2024-02-29"), text);
    assert_memory_equal(text, "2024-02-29", 10);
}

static void buckets_start_on_their_first_day(void **state)
{
    (void)state;
    assert_int_equal(fth_date_week(day("2025-01-01")), day("2024-12-30"));
    assert_int_equal(fth_date_week(day("2024-12-30")), day("2024-12-30"));
    assert_int_equal(fth_date_week(day("1969-12-28")), day("1969-12-22"));
    assert_int_equal(fth_date_quarter(day("2025-03-31")), day("2025-01-01"));
    assert_int_equal(fth_date_quarter(day("2025-12-31")), day("2025-10-01"));
    assert_int_equal(fth_date_year(day("2025-12-31")), day("2025-01-01"));
}

static void months_later_keep_the_day_or_the_last_one(void **state)
{
    (void)state;
    assert_int_equal(fth_date_add_months(day("2025-01-31"), 1), day("2025-02-28"));
    assert_int_equal(fth_date_add_months(day("2024-01-31"), 1), day("2024-02-29"));
    assert_int_equal(fth_date_add_months(day("2024-03-31"), -1), day("2024-02-29"));
    assert_int_equal(fth_date_add_months(day("2025-01-15"), -13), day("2023-12-15"));
    assert_int_equal(fth_date_add_months(day("2025-12-01"), 1), day("2026-01-01"));
}

static void months_are_read_and_written(void **state)
{
    struct fth_buf buf = fth_buf_max(64);
    int32_t month = 0;

    (void)state;
    assert_true(fth_month_parse(FTH_STR("2025-02"), &month));
    assert_int_equal(month, 2025 * 12 + 1);
    assert_int_equal(fth_month_first_date(month), day("2025-02-01"));
    assert_int_equal(fth_month_of_date(day("2025-02-28")), month);
    assert_false(fth_month_parse(FTH_STR("2025-13"), &month));
    assert_false(fth_month_parse(FTH_STR("2025-1"), &month));
    fth_month_put(&buf, month);
    fth_buf_char(&buf, ' ');
    fth_date_put(&buf, day("2025-02-03"));
    assert_str(fth_buf_view(&buf), "2025-02 2025-02-03");
    fth_buf_release(&buf);
}

static void instants_of_all_bills_are_read(void **state)
{
    int64_t want = at("2025-01-31T05:06:07Z");

    (void)state;
    assert_true(want == (day("2025-01-31") * INT64_C(86400) + 5 * 3600 + 6 * 60 + 7) * 1000000);
    assert_true(at("2025-01-31T05:06:07") == want);
    assert_true(at("2025-01-31 05:06:07") == want);
    assert_true(at("2025-01-31 05:06:07 UTC") == want);
    assert_true(at("2025-01-31 05:06:07UTC") == want);
    assert_true(at("2025-01-31t05:06:07z") == want);
    assert_true(at("2025-01-31T07:06:07+02:00") == want);
    assert_true(at("2025-01-31 01:36:07 -0330") == want);
    assert_true(at("2025-01-31 00:06:07-05") == want);
    assert_true(at("2025-01-31T05:06:07.000Z") == want);
    assert_true(at("2025-01-31T05:06:07.0000000Z") == want);
    assert_true(at("2025-01-31T05:06:07.25Z") == want + 250000);
    assert_true(at("2025-01-31T05:06:07.1234567Z") == want + 123456);
    assert_true(at("2025-01-31T05:06Z") == want - 7000000);
    assert_true(at("2025-01-31") == day("2025-01-31") * FTH_DAY_US);
    assert_true(at("1969-12-31T23:59:59.999999Z") == -1);
}

static void a_moment_that_never_was_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "2025-02-30T00:00:00Z",
        "2025-01-31T25:00:00Z",
        "2025-01-31T24:00:00Z",
        "2025-01-31T23:60:00Z",
        "2025-01-31T23:59:60Z",
        "2025-01-31T05",
        "2025-01-31T",
        "2025-01-31T05:06:",
        "2025-01-31T05:06:7Z",
        "2025-01-31T05:06:07.Z",
        "2025-01-31T05:06:07 ",
        "2025-01-31T05:06:07+2",
        "2025-01-31T05:06:07+02:0",
        "2025-01-31T05:06:07+02-00",
        "2025-01-31T05:06:07+24:00",
        "2025-01-31T05:06:07 GMT+1",
        "2025-01-31X05:06:07Z",
        "01/31/2025 05:06:07",
    };
    int64_t us = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (fth_instant_parse(fth_str_c(bad[i]), &us))
            fail_msg("taken: %s", bad[i]);
    assert_true(us == 7);
}

static void written(int64_t us, const char *want)
{
    char text[32];

    assert_str(((struct fth_str){text, fth_instant_text(us, text)}), want);
}

static void instants_are_written_as_short_as_they_are(void **state)
{
    (void)state;
    written(at("2025-01-31T05:06:07Z"), "2025-01-31T05:06:07Z");
    written(at("2025-01-31T05:06:07.25Z"), "2025-01-31T05:06:07.25Z");
    written(at("2025-01-31T05:06:07.000001Z"), "2025-01-31T05:06:07.000001Z");
    written(-1, "1969-12-31T23:59:59.999999Z");
    written(INT64_MIN, "-290308-12-21T19:59:05.224192Z");
    written(INT64_MAX, "+294247-01-10T04:00:54.775807Z");
    assert_int_equal(fth_instant_date(-1), -1);
    assert_int_equal(fth_instant_date(0), 0);
}

/* ---- zones ---- */

static const struct fth_zone *zone(const char *name)
{
    const struct fth_zone *out = NULL;
    struct fth_err err = {0};

    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0 && strcmp(name, "UTC") != 0)
        skip();
    assert_ok(fth_zone_load(test_arena(1 << 20), fth_str_c(name), &out, &err), &err);
    return out;
}

static int hours(const struct fth_zone *z, const char *when)
{
    return fth_zone_offset_s(z, at(when)) / 3600;
}

static void utc_needs_no_file(void **state)
{
    const struct fth_zone *z = zone("UTC");

    (void)state;
    assert_int_equal(fth_zone_offset_s(z, at("2025-07-01")), 0);
    assert_true(fth_zone_midnight(z, day("2025-07-01")) == at("2025-07-01"));
    assert_int_equal(fth_zone_date(z, -1), -1);
}

static void offsets_change_at_the_second(void **state)
{
    const struct fth_zone *berlin = zone("Europe/Berlin");

    (void)state;
    assert_int_equal(hours(berlin, "2025-03-30T00:59:59.999999Z"), 1);
    assert_int_equal(hours(berlin, "2025-03-30T01:00:00Z"), 2);
    assert_int_equal(hours(berlin, "2025-10-26T00:59:59Z"), 2);
    assert_int_equal(hours(berlin, "2025-10-26T01:00:00Z"), 1);
    assert_int_equal(fth_zone_offset_s(berlin, at("1800-01-01")), 3208); /* local mean time */
    assert_int_equal(fth_zone_date(berlin, at("2025-06-30T22:00:00Z")), day("2025-07-01"));
}

static void the_rule_of_the_file_goes_on_beyond_its_table(void **state)
{
    const struct fth_zone *berlin = zone("Europe/Berlin"), *sydney = zone("Australia/Sydney");

    (void)state;
    assert_int_equal(hours(berlin, "2099-03-29T00:59:59Z"), 1);
    assert_int_equal(hours(berlin, "2099-03-29T01:00:00Z"), 2);
    assert_int_equal(hours(berlin, "2400-01-01T00:00:00Z"), 1);
    assert_int_equal(hours(sydney, "2099-01-01T00:00:00Z"), 11); /* summer over the new year */
    assert_int_equal(hours(sydney, "2099-07-01T00:00:00Z"), 10);
    assert_int_equal(hours(zone("Asia/Kolkata"), "2099-07-01T00:00:00Z"), 5);
    assert_int_equal(hours(zone("America/New_York"), "2099-07-01T00:00:00Z"), -4);
    assert_int_equal(hours(zone("America/Sao_Paulo"), "2099-01-01T00:00:00Z"), -3); /* "<-03>3" */
    assert_int_equal(hours(zone("Europe/Dublin"), "2099-07-01T00:00:00Z"), 1); /* negative DST */
    assert_int_equal(hours(zone("Europe/Dublin"), "2099-01-01T00:00:00Z"), 0);
}

static void midnight_in_a_gap_is_the_first_instant_after_it(void **state)
{
    const struct fth_zone *beirut = zone("Asia/Beirut"), *apia = zone("Pacific/Apia");

    (void)state;
    /* 00:00 to 01:00 of 2022-03-27 did not happen in Beirut. */
    assert_true(fth_zone_midnight(beirut, day("2022-03-27")) == at("2022-03-26T22:00:00Z"));
    assert_int_equal(fth_zone_date(beirut, at("2022-03-26T22:00:00Z")), day("2022-03-27"));
    assert_int_equal(fth_zone_date(beirut, at("2022-03-26T21:59:59Z")), day("2022-03-26"));
    /* Samoa left out a whole day. */
    assert_true(fth_zone_midnight(apia, day("2011-12-30")) == at("2011-12-30T10:00:00Z"));
    assert_true(fth_zone_midnight(apia, day("2011-12-31")) == at("2011-12-30T10:00:00Z"));
}

static void midnight_that_comes_twice_is_the_first(void **state)
{
    const struct fth_zone *havana = zone("America/Havana"), *berlin = zone("Europe/Berlin");

    (void)state;
    /* 2024-11-03: at 01:00 summer time the clock goes back to 00:00. */
    assert_true(fth_zone_midnight(havana, day("2024-11-03")) == at("2024-11-03T04:00:00Z"));
    assert_true(fth_zone_midnight(berlin, day("2025-10-26")) == at("2025-10-25T22:00:00Z"));
    assert_true(fth_zone_midnight(berlin, day("2025-10-27")) == at("2025-10-26T23:00:00Z"));
    assert_true(fth_zone_midnight(berlin, day("2025-03-30")) == at("2025-03-29T23:00:00Z"));
}

static void a_name_cannot_leave_the_folder(void **state)
{
    static const char *const bad[] = {"",        "../passwd", "/etc/passwd", "Europe/../../x",
                                      "Europe/", "Europe",    "Nowhere",     "Europe//Berlin",
                                      ".",       "Euro\npe"};
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_zone *z = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct fth_err err = {0};

        assert_int_equal(fth_zone_load(arena, fth_str_c(bad[i]), &z, &err), FTH_E_NOTFOUND);
        assert_non_null(strstr(err.msg, "no time zone"));
    }
    assert_null(z);
    assert_int_equal(fth_arena_used(arena), 0);
}

/* A file of no transitions, one type of UTC, and `rule`. */
static struct fth_str tzif(const char *rule)
{
    static const char header[44] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                   "\0\0\0\1\0\0\0\4";
    struct fth_arena *arena = test_arena(4096);
    struct fth_buf buf = fth_buf_max(1024);
    struct fth_str out;
    struct fth_err err = {0};

    for (int i = 0; i < 2; i++) {
        fth_buf_add(&buf, header, sizeof(header));
        fth_buf_add(&buf, "\0\0\0\0\0\0UTC", 10);
    }
    fth_buf_printf(&buf, "\n%s\n", rule);
    assert_ok(fth_arena_str(arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

static int32_t rule_offset(const char *rule, const char *when)
{
    const struct fth_zone *z = NULL;
    struct fth_err err = {0};

    assert_ok(fth_zone_parse(test_arena(4096), tzif(rule), &z, &err), &err);
    return fth_zone_offset_s(z, at(when));
}

static void posix_rules_are_read_in_all_their_forms(void **state)
{
    (void)state;
    assert_int_equal(rule_offset("", "2025-01-01"), 0);
    assert_int_equal(rule_offset("<+0545>-5:45", "2025-01-01"), 5 * 3600 + 45 * 60);
    /* J60 is 1 March in every year, 60 is that only in common ones (29 February + 1). */
    assert_int_equal(rule_offset("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z"), 3600);
    assert_int_equal(rule_offset("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z"), 0);
    assert_int_equal(rule_offset("AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z"), 3600);
    assert_int_equal(rule_offset("AAA0BBB,59/0,300/0", "2025-03-01T00:00:00Z"), 3600);
    /* Times before midnight and far behind it. */
    assert_int_equal(rule_offset("AAA0BBB-2,M3.5.0/-2,M10.5.0/-1", "2025-03-29T22:00:00Z"), 7200);
    assert_int_equal(rule_offset("AAA0BBB-2,M3.5.0/-2,M10.5.0/-1", "2025-03-29T21:59:59Z"), 0);
    assert_int_equal(rule_offset("AAA0BBB,M3.4.4/50,M10.4.4/50", "2025-03-29T02:00:00Z"), 3600);
}

static void a_damaged_file_is_an_error(void **state)
{
    static const char *const bad[] = {"A0",
                                      "AAA",
                                      "AAA0BBB",
                                      "AAA168",
                                      "AAA0BBB,",
                                      "AAA0BBB,M13.1.0,M1.1.0",
                                      "AAA0BBB,M1.1.7,M2.1.0",
                                      "AAA0BBB,M1.0.0,M2.1.0",
                                      "AAA0BBB,J0,J1",
                                      "AAA0BBB,J1,J2x",
                                      "<AAA0"};
    struct fth_str whole = tzif("AAA0BBB,M3.2.0,M11.1.0");
    struct fth_arena *arena = test_arena(1 << 16);
    const struct fth_zone *z = NULL;

    (void)state;
    for (size_t n = 0; n < whole.n; n++) {
        struct fth_err err = {0};

        assert_int_equal(fth_zone_parse(arena, fth_str_sub(whole, 0, n), &z, &err), FTH_E_CORRUPT);
        fth_arena_clear(arena);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct fth_err err = {0};

        if (fth_zone_parse(arena, tzif(bad[i]), &z, &err) != FTH_E_CORRUPT)
            fail_msg("taken: %s", bad[i]);
    }
    assert_null(z);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    struct fth_str bytes = tzif("AAA0");

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(4096);
        const struct fth_zone *z = NULL;
        struct fth_err err = {0};

        if (arena && fth_zone_parse(arena, bytes, &z, &err) != FTH_OK)
            assert_int_equal(err.rc, FTH_E_NOMEM);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_day_of_the_calendar_goes_there_and_back),
        TEST(a_century_has_a_leap_day_only_every_400_years),
        TEST(a_date_is_read_whole_or_not_at_all),
        TEST(buckets_start_on_their_first_day),
        TEST(months_later_keep_the_day_or_the_last_one),
        TEST(months_are_read_and_written),
        TEST(instants_of_all_bills_are_read),
        TEST(a_moment_that_never_was_is_refused),
        TEST(instants_are_written_as_short_as_they_are),
        TEST(utc_needs_no_file),
        TEST(offsets_change_at_the_second),
        TEST(the_rule_of_the_file_goes_on_beyond_its_table),
        TEST(midnight_in_a_gap_is_the_first_instant_after_it),
        TEST(midnight_that_comes_twice_is_the_first),
        TEST(a_name_cannot_leave_the_folder),
        TEST(posix_rules_are_read_in_all_their_forms),
        TEST(a_damaged_file_is_an_error),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
