/* log: what a line promises. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/log.h"

struct sink {
    const char *path;
    int fd;
    struct fth_log *log;
};

static struct sink sink_open(enum fth_log_level level)
{
    static int64_t now_us = INT64_C(1763701567123456);
    struct sink sink = {.path = test_file(FTH_STR(""))};
    struct fth_clock clock = fth_clock_fixed(&now_us);
    struct fth_err err = {0};

    sink.fd = open(sink.path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(sink.fd >= 0);
    assert_ok(fth_log_new(sink.fd, level, &clock, &sink.log, &err), &err);
    return sink;
}

static struct fth_str sink_close(struct sink *sink)
{
    struct fth_str text = {0};
    struct fth_err err = {0};

    fth_log_free(sink->log);
    close(sink->fd);
    assert_ok(fth_file_read(test_arena(1 << 21), sink->path, 1 << 20, &text, &err), &err);
    return text;
}

static void a_line_is_one_object_with_all_its_fields(void **state)
{
    struct sink sink = sink_open(FTH_LOG_DEBUG);

    (void)state;
    FTH_LOG(sink.log, FTH_LOG_INFO, "import", "r-1", "say \"hi\"\n", FTH_LF_I64("rows", -5),
            FTH_LF_F64("seconds", 0.25), FTH_LF_BOOL("ok", true), FTH_LF_C("none", NULL),
            FTH_LF_STR("file", FTH_STR("a\tb\x7f")));
    assert_str(sink_close(&sink),
               "{\"ts\":\"2025-11-21T05:06:07.123456Z\",\"level\":\"info\","
               "\"msg\":\"say \\\"hi\\\"\\n\",\"component\":\"import\",\"request_id\":\"r-1\","
               "\"rows\":-5,\"seconds\":0.25,\"ok\":true,\"none\":null,"
               "\"file\":\"a\\u0009b\\u007f\"}\n");
}

static void secrets_are_never_written(void **state)
{
    static const char *const names[] = {"password",    "db_PassWord", "Authorization", "x-api-key",
                                        "set_cookie",  "token_id",    "client_secret", "API_KEY",
                                        "Private-Key", "accessToken"};
    struct sink sink = sink_open(FTH_LOG_DEBUG);
    struct fth_str text;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        FTH_LOG(sink.log, FTH_LOG_INFO, "t", NULL, "m", FTH_LF_C(names[i], "hunter2"),
                FTH_LF_I64(names[i], 4711), FTH_LF_C("user", "ada"));
    text = sink_close(&sink);
    assert_true(fth_str_search(text, FTH_STR("hunter2")) == SIZE_MAX);
    assert_true(fth_str_search(text, FTH_STR("4711")) == SIZE_MAX);
    assert_true(fth_str_search(text, FTH_STR("\"accessToken\":\"[redacted]\"")) != SIZE_MAX);
    assert_true(fth_str_search(text, FTH_STR("\"user\":\"ada\"")) != SIZE_MAX);
}

static void lines_below_the_level_are_not_written(void **state)
{
    struct sink sink = sink_open(FTH_LOG_WARN);

    (void)state;
    fth_log_write(NULL, FTH_LOG_ERROR, "t", NULL, "no log at all", NULL, 0);
    fth_log_write(sink.log, FTH_LOG_INFO, "t", NULL, "quiet", NULL, 0);
    fth_log_set_level(sink.log, FTH_LOG_OFF);
    fth_log_write(sink.log, FTH_LOG_ERROR, "t", NULL, "off", NULL, 0);
    assert_str(sink_close(&sink), "");
}

static void bytes_that_are_no_text_leave_the_line_readable(void **state)
{
    struct sink sink = sink_open(FTH_LOG_DEBUG);

    (void)state;
    FTH_LOG(sink.log, FTH_LOG_WARN, "t", NULL, "a\xff\x62", FTH_LF_F64("nan", 0.0 / 0.0));
    assert_str(sink_close(&sink), "{\"ts\":\"2025-11-21T05:06:07.123456Z\",\"level\":\"warn\","
                                  "\"msg\":\"a\xef\xbf\xbd"
                                  "b\",\"component\":\"t\",\"nan\":null}\n");
}

static void a_line_that_is_too_long_says_so(void **state)
{
    struct sink sink = sink_open(FTH_LOG_DEBUG);
    struct fth_str big = test_repeat("0123456789", 2000);
    struct fth_log_field fields[12];
    struct fth_str text;

    (void)state;
    for (size_t i = 0; i < 12; i++)
        fields[i] = FTH_LF_STR("part", big);
    fth_log_write(sink.log, FTH_LOG_INFO, "t", NULL, "m", fields, 1);
    fth_log_write(sink.log, FTH_LOG_INFO, "t", NULL, "m", fields, 12);
    text = sink_close(&sink);
    assert_true(fth_str_search(text, FTH_STR("…\"}\n")) < 9000);
    assert_true(fth_str_ends(text, FTH_STR("too long or memory is short\"}\n")));
    assert_true(text.n < 10000);
}

static void an_error_is_logged_with_code_hint_and_pointer(void **state)
{
    struct sink sink = sink_open(FTH_LOG_DEBUG);
    struct fth_err err = {0};
    struct fth_str text;

    (void)state;
    fth_err_set(&err, FTH_E_NOTFOUND, "no source \"x\"");
    fth_err_hint(&err, "List them.");
    fth_err_at(&err, "/source");
    fth_log_err(sink.log, FTH_LOG_ERROR, "api", "r-9", &err);
    text = sink_close(&sink);
    assert_true(fth_str_ends(text, FTH_STR("\"msg\":\"no source \\\"x\\\"\",\"component\":\"api\","
                                           "\"request_id\":\"r-9\",\"code\":\"NOTFOUND\","
                                           "\"hint\":\"List them.\",\"pointer\":\"/source\"}\n")));
}

static void *write_many(void *arg)
{
    for (int i = 0; i < 200; i++)
        fth_log_write(arg, FTH_LOG_INFO, "t", NULL, "0123456789012345678901234567890", NULL, 0);
    return NULL;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    struct sink sink = sink_open(FTH_LOG_DEBUG);
    pthread_t threads[4];
    struct fth_str text, line, first;
    size_t nr = 1;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, sink.log), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    text = sink_close(&sink);
    assert_true(fth_str_next(&text, '\n', &first));
    for (; fth_str_next(&text, '\n', &line); nr++)
        assert_true(fth_str_eq(line, first));
    assert_int_equal(nr, 800);
}

static void without_memory_a_line_is_still_noted(void **state)
{
    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct sink sink;

        fth_fault_arm(FTH_FAULT_ALLOC, 0);
        sink = sink_open(FTH_LOG_DEBUG);
        fth_fault_arm(FTH_FAULT_ALLOC, n);
        fth_log_write(sink.log, FTH_LOG_INFO, "t", NULL, "m", NULL, 0);
        lseek(sink.fd, 0, SEEK_SET);
        assert_true(lseek(sink.fd, 0, SEEK_END) > 40);
        fth_log_free(sink.log);
        close(sink.fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_one_object_with_all_its_fields),
        TEST(secrets_are_never_written),
        TEST(lines_below_the_level_are_not_written),
        TEST(bytes_that_are_no_text_leave_the_line_readable),
        TEST(a_line_that_is_too_long_says_so),
        TEST(an_error_is_logged_with_code_hint_and_pointer),
        TEST(lines_of_several_threads_do_not_mix),
        TEST(without_memory_a_line_is_still_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
