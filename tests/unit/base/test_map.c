/* map: from text to pointer. */
#include <stdio.h>

#include "base/map.h"
#include "test.h"

static void what_is_put_is_found_until_it_is_taken(void **state)
{
    enum { NR = 2000 };
    static int values[NR];
    struct fth_err err = {0};
    struct fth_map map;
    char key[16];

    (void)state;
    fth_map_init(&map);
    for (int i = 0; i < NR; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_ok(fth_map_put(&map, fth_str_c(key), &values[i], NULL, &err), &err);
    }
    for (int i = 0; i < NR; i += 3) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_ptr_equal(fth_map_take(&map, fth_str_c(key)), &values[i]);
    }
    for (int i = 0; i < NR; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_ptr_equal(fth_map_get(&map, fth_str_c(key)), i % 3 ? &values[i] : NULL);
        assert_int_equal(fth_map_has(&map, fth_str_c(key)), i % 3 != 0);
    }
    fth_map_release(&map);
}

static void putting_again_replaces_and_tells_the_old_value(void **state)
{
    struct fth_err err = {0};
    struct fth_map map;
    int a, b;
    void *old;

    (void)state;
    fth_map_init(&map);
    assert_ok(fth_map_put(&map, FTH_STR(""), &a, &old, &err), &err);
    assert_null(old);
    assert_ok(fth_map_put(&map, FTH_STR(""), &b, &old, &err), &err);
    assert_ptr_equal(old, &a);
    assert_int_equal(map.nr, 1);
    fth_map_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_found_until_it_is_taken),
        TEST(putting_again_replaces_and_tells_the_old_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
