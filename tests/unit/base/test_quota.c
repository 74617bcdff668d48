/* quota: what a window of time grants, and to whom; and where addresses are. */
#include <pthread.h>
#include <stdio.h>

#include "base/address.h"
#include "base/quota.h"
#include "test.h"

enum { CALLERS = 64, THREADS = 4, TIMES = 500 };

static const struct fth_quota_rule ten = {.id = 1, .most = 10, .window_s = 60};
static const struct fth_quota_rule other = {.id = 2, .most = 10, .window_s = 60};

static int64_t now_us;
static struct fth_clock clock_of_test;
static struct fth_quota *quota;

static int open_quota(void **state)
{
    struct fth_err err = {0};

    now_us = 5000000;
    clock_of_test = fth_clock_fixed(&now_us);
    assert_ok(fth_quota_new(&clock_of_test, CALLERS, &quota, &err), &err);
    return 0;
}

static int close_quota(void **state)
{
    fth_quota_free(quota);
    return 0;
}

static struct fth_quota_state take(const struct fth_quota_rule *rule, const char *caller,
                                   uint32_t cost)
{
    return fth_quota_take(quota, rule, fth_str_c(caller), cost);
}

static void a_window_grants_so_much_and_says_what_is_left(void **state)
{
    struct fth_quota_state got;

    for (uint32_t i = 0; i < 10; i++) {
        got = take(&ten, "a", 1);
        assert_true(got.granted);
        assert_int_equal(got.left, 9 - i);
        assert_int_equal(got.retry_s, 0);
    }
    got = take(&ten, "a", 1);
    assert_false(got.granted);
    assert_int_equal(got.left, 0);
    assert_in_range(got.retry_s, 60, 61);
    assert_true(take(&ten, "b", 1).granted);
    assert_true(take(&other, "a", 1).granted);
}

static void what_has_left_the_window_can_be_had_again(void **state)
{
    struct fth_quota_state got;

    (void)take(&ten, "a", 4);
    now_us += 30000000;
    (void)take(&ten, "a", 6);
    got = take(&ten, "a", 3);
    assert_false(got.granted);
    assert_in_range(got.retry_s, 30, 31);
    assert_int_equal(got.reset_s, got.retry_s);
    assert_in_range(take(&ten, "a", 5).retry_s, 60, 61);
    now_us += (int64_t)got.retry_s * 1000000;
    got = take(&ten, "a", 3);
    assert_true(got.granted);
    assert_int_equal(got.left, 1);
    now_us += 1000000000;
    assert_int_equal(take(&ten, "a", 0).left, 10);
    assert_int_equal(take(&ten, "a", 0).reset_s, 60);
}

static void what_costs_more_than_there_is_costs_all(void **state)
{
    assert_true(take(&ten, "a", 1000).granted);
    assert_false(take(&ten, "a", 1).granted);
    assert_true(take(&ten, "b", 1).granted);
    assert_false(take(&ten, "b", 1000).granted);
}

static void many_callers_push_out_the_stalest(void **state)
{
    char name[32];

    for (int i = 0; i < 20 * CALLERS; i++) {
        now_us += 1000;
        snprintf(name, sizeof(name), "n%d", i);
        assert_true(take(&ten, name, 10).granted);
        /* Who comes again and again is never the stalest. */
        (void)take(&ten, "kept", 10);
        assert_false(take(&ten, "kept", 1).granted);
    }
    /* One who left long ago was forgotten, and begins anew. */
    assert_true(take(&ten, "n0", 1).granted);
}

static void long_names_are_told_apart_by_their_beginning(void **state)
{
    struct fth_str name = test_repeat("x", 200);

    assert_true(fth_quota_take(quota, &ten, name, 10).granted);
    assert_false(fth_quota_take(quota, &ten, fth_str_sub(name, 0, 100), 1).granted);
}

static void *take_many(void *granted)
{
    for (int i = 0; i < TIMES; i++)
        *(int *)granted += take(&ten, "shared", 1).granted;
    return NULL;
}

static void threads_share_one_quota(void **state)
{
    int granted[THREADS] = {0}, sum = 0;
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &granted[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += granted[i];
    }
    assert_int_equal(sum, 10);
}

static void every_failing_allocation_is_an_error(void **state)
{
    struct fth_quota *made = NULL;
    struct fth_err err;

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        err = (struct fth_err){0};
        if (fth_quota_new(&clock_of_test, CALLERS, &made, &err))
            assert_int_equal(err.rc, FTH_E_NOMEM);
        fth_quota_free(made);
        made = NULL;
    }
}

static void is_at(const char *address, const char *want)
{
    char place[FTH_PLACE_MAX];

    fth_address_place(fth_str_c(address), place);
    assert_string_equal(place, want);
}

static void a_network_of_ipv6_is_one_place(void **state)
{
    is_at("192.0.2.7", "192.0.2.7");
    is_at("::ffff:192.0.2.7", "192.0.2.7");
    is_at("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    is_at("2001:db8:1:2::9", "2001:db8:1:2::/64");
    is_at("no address", "no address");
    is_at("", "");
}

#define QUOTA_TEST(function) cmocka_unit_test_setup_teardown(function, open_quota, close_quota)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUOTA_TEST(a_window_grants_so_much_and_says_what_is_left),
        QUOTA_TEST(what_has_left_the_window_can_be_had_again),
        QUOTA_TEST(what_costs_more_than_there_is_costs_all),
        QUOTA_TEST(many_callers_push_out_the_stalest),
        QUOTA_TEST(long_names_are_told_apart_by_their_beginning),
        QUOTA_TEST(threads_share_one_quota),
        QUOTA_TEST(every_failing_allocation_is_an_error),
        cmocka_unit_test(a_network_of_ipv6_is_one_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
