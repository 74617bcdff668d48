/* arena: memory given back all at once, with a cap. */
#include "test.h"

static void nothing_beyond_the_cap_is_handed_out(void **state)
{
    struct fth_arena *arena = test_arena(100);

    (void)state;
    assert_non_null(fth_arena_alloc(arena, 64));
    assert_null(fth_arena_alloc(arena, 64));
    assert_int_equal(fth_arena_used(arena), 64);
    assert_null(fth_arena_array(arena, SIZE_MAX / 2, 8));
}

static void memory_is_zeroed_also_after_a_rewind(void **state)
{
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_arena_mark start = fth_arena_mark(arena);

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 20000; size = size * 3 + 1) {
            unsigned char *p = fth_arena_alloc(arena, size);

            assert_non_null(p);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, size);
        }
        fth_arena_rewind(arena, start);
        assert_int_equal(fth_arena_used(arena), 0);
    }
}

static void count(void *object)
{
    ++*(int *)object;
}

static void hooks_run_when_their_mark_is_passed(void **state)
{
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_err err = {0};
    struct fth_arena_mark middle;
    int early = 0, late = 0;

    (void)state;
    assert_ok(fth_arena_hook(arena, count, &early, &err), &err);
    middle = fth_arena_mark(arena);
    assert_ok(fth_arena_hook(arena, count, &late, &err), &err);
    fth_arena_rewind(arena, middle);
    assert_int_equal(late, 1);
    assert_int_equal(early, 0);
    fth_arena_clear(arena);
    assert_int_equal(early, 1);
    assert_int_equal(late, 1);
}

static void text_is_copied_and_ends_with_a_zero_byte(void **state)
{
    struct fth_arena *arena = test_arena(1 << 16);
    struct fth_err err = {0};
    struct fth_str text;

    (void)state;
    assert_ok(fth_arena_printf(arena, &text, &err, "%d-%s", 7, "x"), &err);
    assert_str(text, "7-x");
    assert_int_equal(text.p[text.n], 0);
    assert_ok(fth_arena_str(arena, FTH_STR(""), &text, &err), &err);
    assert_int_equal(text.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_beyond_the_cap_is_handed_out),
        TEST(memory_is_zeroed_also_after_a_rewind),
        TEST(hooks_run_when_their_mark_is_passed),
        TEST(text_is_copied_and_ends_with_a_zero_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
