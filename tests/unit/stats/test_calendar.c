/* calendar: days as one counts them on a wall calendar. */
#include "stats/calendar.h"

#include "base/date.h"
#include "test.h"

/* Counts day by day what the functions work out. */
static void every_day_of_some_years_is_as_counted(void **state)
{
    int32_t first = fth_date_from_civil(2023, 1, 1), last = fth_date_from_civil(2025, 3, 1);
    int business = 0, nth[8] = {0};

    (void)state;
    for (int32_t date = first; date < last; date++) {
        struct fth_day day = fth_stats_day(date);
        struct fth_civil civil = fth_date_to_civil(date);
        int left = 0;

        if (civil.day == 1) {
            business = 0;
            memset(nth, 0, sizeof(nth));
        }
        business += day.weekday <= 5;
        nth[day.weekday]++;
        for (int32_t later = date + 1; fth_date_to_civil(later).month == civil.month; later++)
            left += fth_date_weekday(later) <= 5;
        assert_int_equal(day.weekday, fth_date_weekday(date));
        assert_int_equal(day.day, civil.day);
        assert_int_equal(day.month_days, fth_date_days_in_month(civil.year, civil.month));
        assert_int_equal(day.to_end, day.month_days - civil.day);
        assert_int_equal(day.business, business);
        assert_int_equal(day.business_end, left);
        assert_int_equal(day.nth, nth[day.weekday]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_day_of_some_years_is_as_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
