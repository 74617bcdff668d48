/* conf: settings, where they come from, and what is refused. */
#include "conf/conf.h"
#include "test.h"

static enum fth_rc load(const char *option, const char *variable, const char *yaml,
                        const struct fth_conf **out, struct fth_err *err)
{
    const char *environment[] = {"HOME=/x", variable, NULL};
    const struct fth_conf_input input = {
        .overrides = &option,
        .override_nr = option != NULL,
        .environment = variable ? environment : NULL,
        .file = yaml ? test_file_named("farthing.yaml", fth_str_c(yaml)) : NULL,
    };

    *err = (struct fth_err){0};
    return fth_conf_load(test_arena(1 << 20), &input, out, err);
}

static void refused(const char *option, const char *variable, const char *yaml, const char *message,
                    const char *hint)
{
    const struct fth_conf *conf = NULL;
    struct fth_err err;

    assert_int_not_equal(load(option, variable, yaml, &conf, &err), FTH_OK);
    if (!strstr(err.msg, message) || !strstr(err.hint, hint))
        print_error("%s | %s\n", err.msg, err.hint);
    assert_non_null(strstr(err.msg, message));
    assert_non_null(strstr(err.hint, hint));
    assert_null(conf);
}

static void the_stronger_origin_wins_and_is_remembered(void **state)
{
    static const char yaml[] = "# ours\nlisten: 127.0.0.1:1\nledger:\n  threads: 1\n";
    const struct fth_conf *conf;
    struct fth_err err;

    (void)state;
    assert_ok(load(NULL, NULL, NULL, &conf, &err), &err);
    assert_str(fth_conf_text(conf, FTH_SET_LISTEN), "127.0.0.1:8642");
    assert_str(fth_conf_place(conf, FTH_SET_LISTEN), "default");

    assert_ok(load(NULL, NULL, yaml, &conf, &err), &err);
    assert_str(fth_conf_text(conf, FTH_SET_LISTEN), "127.0.0.1:1");
    assert_str(fth_conf_place(conf, FTH_SET_LISTEN), "farthing.yaml:2");
    assert_int_equal(fth_conf_int(conf, FTH_SET_LEDGER_THREADS), 1);
    assert_str(fth_conf_place(conf, FTH_SET_LEDGER_THREADS), "farthing.yaml:4");

    assert_ok(load(NULL, "FARTHING_LEDGER_THREADS=2", yaml, &conf, &err), &err);
    assert_int_equal(fth_conf_int(conf, FTH_SET_LEDGER_THREADS), 2);
    assert_str(fth_conf_place(conf, FTH_SET_LEDGER_THREADS), "FARTHING_LEDGER_THREADS");

    assert_ok(load("ledger.threads=3", "FARTHING_LEDGER_THREADS=2", yaml, &conf, &err), &err);
    assert_int_equal(fth_conf_int(conf, FTH_SET_LEDGER_THREADS), 3);
    assert_int_equal(fth_conf_origin(conf, FTH_SET_LEDGER_THREADS), FTH_FROM_OPTION);
}

static void sizes_times_and_lists_have_units_and_commas(void **state)
{
    const struct fth_conf *conf;
    const char *const *items;
    struct fth_err err;
    size_t nr;

    (void)state;
    assert_ok(load("ledger.memory=2 GiB", "FARTHING_QUERY_TIMEOUT=1500ms",
                   "ledger.hot_tags: [Team, cost centre]\n", &conf, &err),
              &err);
    assert_true(fth_conf_int(conf, FTH_SET_LEDGER_MEMORY) == INT64_C(2) << 30);
    assert_int_equal(fth_conf_int(conf, FTH_SET_QUERY_TIMEOUT), 1500);
    items = fth_conf_list(conf, FTH_SET_HOT_TAGS, &nr);
    assert_int_equal(nr, 2);
    assert_string_equal(items[0], "Team");
    assert_string_equal(items[1], "cost centre");
}

static void what_does_not_exist_is_refused_with_the_nearest(void **state)
{
    (void)state;
    refused("ledger.memroy=1", NULL, NULL, "--set: no setting \"ledger.memroy\"", "ledger.memory");
    refused(NULL, "FARTHING_LISTN=1", NULL, "environment: no setting \"LISTN\"", "listen");
    refused(NULL, NULL, "ledger:\n  memmory: 1\n", "farthing.yaml:2: no setting \"ledger.memmory\"",
            "ledger.memory");
    refused("listen", NULL, NULL, "is not NAME=VALUE", "");
}

static void what_is_no_value_is_refused_with_its_place(void **state)
{
    (void)state;
    refused(NULL, NULL, "ledger.memory: much\n",
            "farthing.yaml:1: ledger.memory: \"much\" is no size", "");
    refused("ledger.threads=-1", NULL, NULL, "is no whole number", "");
    refused("ledger.threads=257", NULL, NULL, "is not between 0 and 256", "");
    refused("ledger.memory=99999999999999TB", NULL, NULL, "is no size", "");
    refused(NULL, NULL, "listen: a\nlisten: b\n", "farthing.yaml:2: listen again", "");
    refused(NULL, NULL, "listen: &x a\nlog.level: *x\n", "farthing.yaml:2: aliases", "");
    refused(NULL, NULL, "- a\n", "farthing.yaml:1: settings are a mapping", "");
    refused(NULL, NULL, "listen: [a, [b]]\n", "a list may only hold plain values", "");
    refused(NULL, NULL, "a:\n b:\n  c:\n   d:\n    e: 1\n", "nested too deeply", "");
    refused(NULL, NULL, "listen: \"\n", "farthing.yaml:", "");
}

static void a_file_that_was_asked_for_must_be_there(void **state)
{
    struct fth_conf_input input = {.file = "/nowhere/farthing.yaml"};
    const struct fth_conf *conf;
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(fth_conf_load(test_arena(1 << 20), &input, &conf, &err), FTH_E_NOTFOUND);
    input.file_may_miss = true;
    err = (struct fth_err){0};
    assert_ok(fth_conf_load(test_arena(1 << 20), &input, &conf, &err), &err);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *file = test_file_named("f.yaml", FTH_STR("ledger.hot_tags: [a, b]\n"));
    const struct fth_conf_input input = {.file = file};

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_conf *conf = NULL;
        struct fth_err err = {0};

        if (arena && fth_conf_load(arena, &input, &conf, &err) != FTH_OK) {
            assert_int_equal(err.rc, FTH_E_NOMEM);
            assert_null(conf);
        }
        fth_arena_free(arena);
    }
}

static void defaults_are_values_of_their_kind(void **state)
{
    const struct fth_conf *conf;
    struct fth_err err;

    (void)state;
    assert_ok(load(NULL, NULL, "", &conf, &err), &err);
    for (int id = 0; id < FTH_SETTING_NR; id++) {
        const struct fth_setting_info *info = fth_setting_info((enum fth_setting)id);

        assert_true(strlen(info->help) > 10);
        assert_str(fth_conf_written(conf, (enum fth_setting)id), info->value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_stronger_origin_wins_and_is_remembered),
        TEST(sizes_times_and_lists_have_units_and_commas),
        TEST(what_does_not_exist_is_refused_with_the_nearest),
        TEST(what_is_no_value_is_refused_with_its_place),
        TEST(a_file_that_was_asked_for_must_be_there),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
        TEST(defaults_are_values_of_their_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
