/* err: what an error keeps of its message, and names that stand for paths. */
#include <string.h>

#include "base/err.h"
#include "test.h"

static void a_path_is_shown_by_its_name(void **state)
{
    struct fth_err err = {0};

    fth_err_set(&err, FTH_E_SYNTAX, "/data/tmp/1/a.csv: line 3: not like /data/tmp/1/a.csv");
    fth_err_hint(&err, "Look into /data/tmp/1/a.csv.");
    fth_err_rename(&err, "/data/tmp/1/a.csv", "a.csv");
    assert_string_equal(err.msg, "a.csv: line 3: not like a.csv");
    assert_string_equal(err.hint, "Look into a.csv.");
    fth_err_rename(&err, "", "b");
    fth_err_rename(&err, "elsewhere", "b");
    assert_string_equal(err.msg, "a.csv: line 3: not like a.csv");
    (void)state;
}

/* A name that has the path in it is put there once, not for ever. */
static void a_name_may_have_the_path_in_it(void **state)
{
    struct fth_err err = {0};

    fth_err_set(&err, FTH_E_SYNTAX, "xx");
    fth_err_rename(&err, "x", "axa");
    assert_string_equal(err.msg, "axaaxa");
    (void)state;
}

static void what_grows_too_long_is_cut(void **state)
{
    struct fth_err err = {0};
    char shown[900];

    memset(shown, 'n', sizeof(shown));
    shown[sizeof(shown) - 1] = '\0';
    fth_err_set(&err, FTH_E_SYNTAX, "@ and @");
    fth_err_rename(&err, "@", shown);
    assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
    assert_string_equal(err.msg + sizeof(err.msg) - 4, "\xe2\x80\xa6");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_is_shown_by_its_name),
        TEST(a_name_may_have_the_path_in_it),
        TEST(what_grows_too_long_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
