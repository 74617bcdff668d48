/* app: the directory has one owner; the cache, the events and the metrics keep what they promise.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"
#include "app/events.h"
#include "app/metrics.h"
#include "base/cache.h"
#include "test.h"

static struct fth_app *open_app(enum fth_rc want)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_app *app = NULL;
    struct fth_err err = {0};

    conf.log_fd = -1;
    assert_int_equal(fth_app_open(test_dir(), &conf, &app, &err), want);
    if (want == FTH_E_BUSY)
        assert_non_null(strstr(err.msg, "is in use by process "));
    return app;
}

static void a_directory_has_one_owner(void **state)
{
    struct fth_app *app = open_app(FTH_OK);

    assert_null(open_app(FTH_E_BUSY));
    fth_app_close(app);
    fth_app_close(open_app(FTH_OK));
}

static void a_directory_that_was_left_open_by_a_killed_process_opens(void **state)
{
    const char *dir = test_dir();
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct fth_app_conf conf = fth_app_conf_default();
        struct fth_app *app;
        struct fth_err err = {0};

        conf.log_fd = -1;
        _exit(fth_app_open(dir, &conf, &app, &err) ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    fth_app_close(open_app(FTH_OK));
}

static void tmp_is_empty_after_opening(void **state)
{
    char path[300];
    struct stat st;

    fth_app_close(open_app(FTH_OK));
    snprintf(path, sizeof(path), "%s/tmp", test_dir());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    (void)test_file_named("tmp/left", FTH_STR("x"));
    fth_app_close(open_app(FTH_OK));
    snprintf(path, sizeof(path), "%s/tmp/left", test_dir());
    assert_int_equal(stat(path, &st), -1);
}

/* ---- cache ---- */

static void kept(struct fth_cache *cache, const char *key, const char *want)
{
    struct fth_cache_entry *entry = fth_cache_get(cache, fth_str_c(key));

    if (!want) {
        assert_null(entry);
        return;
    }
    assert_non_null(entry);
    assert_str(fth_cache_bytes(entry), want);
    fth_cache_release(cache, entry);
}

static void the_least_recently_used_answer_leaves_first(void **state)
{
    struct fth_str much = test_repeat("x", 1000);
    struct fth_cache *cache;
    struct fth_err err = {0};
    char key[16];

    assert_ok(fth_cache_new(10000, &cache, &err), &err);
    fth_cache_put(cache, FTH_STR("first"), FTH_STR("one"));
    fth_cache_put(cache, FTH_STR("second"), FTH_STR("two"));
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "%d", i);
        fth_cache_put(cache, fth_str_c(key), much);
        kept(cache, "first", "one");
        assert_true(fth_cache_used(cache) <= 10000);
    }
    kept(cache, "second", NULL);
    kept(cache, "0", NULL);
    kept(cache, "19", much.p);
    fth_cache_put(cache, FTH_STR("19"), FTH_STR("other"));
    kept(cache, "19", "other");
    fth_cache_free(cache);
}

static void an_answer_that_is_held_outlives_its_leaving(void **state)
{
    struct fth_str much = test_repeat("x", 1000);
    struct fth_cache_entry *entry;
    struct fth_cache *cache;
    struct fth_err err = {0};
    char key[16];

    assert_ok(fth_cache_new(9000, &cache, &err), &err);
    fth_cache_put(cache, FTH_STR("held"), FTH_STR("value"));
    entry = fth_cache_get(cache, FTH_STR("held"));
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "%d", i);
        fth_cache_put(cache, fth_str_c(key), much);
    }
    kept(cache, "held", NULL);
    assert_str(fth_cache_bytes(entry), "value");
    fth_cache_release(cache, entry);
    fth_cache_free(cache);
}

static void what_is_too_large_is_not_kept(void **state)
{
    struct fth_cache *cache;
    struct fth_err err = {0};

    assert_ok(fth_cache_new(8000, &cache, &err), &err);
    fth_cache_put(cache, FTH_STR("k"), test_repeat("x", 1001));
    kept(cache, "k", NULL);
    fth_cache_free(cache);
    assert_ok(fth_cache_new(0, &cache, &err), &err);
    fth_cache_put(cache, FTH_STR("k"), FTH_STR("v"));
    kept(cache, "k", NULL);
    fth_cache_free(cache);
}

static void a_cache_without_memory_keeps_nothing_and_fails_nowhere(void **state)
{
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_cache *cache = NULL;
        struct fth_err err = {0};

        if (fth_cache_new(8000, &cache, &err))
            continue;
        fth_cache_put(cache, FTH_STR("k"), FTH_STR("v"));
        fth_cache_free(cache);
    }
}

/* ---- events ---- */

static struct fth_event next(struct fth_events *events, uint64_t after, unsigned topics)
{
    const struct fth_events_wish wish = {.topics = topics};
    struct fth_event event = {0};
    struct fth_err err = {0};

    (void)fth_events_next(events, after, &wish, 0, test_arena(4096), &event, &err);
    return event;
}

static void a_reader_follows_his_topics(void **state)
{
    struct fth_events *events;
    struct fth_err err = {0};

    assert_ok(fth_events_new(&events, &err), &err);
    fth_events_publish(events, FTH_TOPIC_JOBS, "job", (struct fth_str){0}, FTH_STR("{\"n\":1}"));
    fth_events_publish(events, FTH_TOPIC_LEDGER, "ledger", (struct fth_str){0},
                       FTH_STR("{\"version\":2}"));
    assert_str(next(events, 0, FTH_TOPIC_ALL).data, "{\"n\":1}");
    assert_int_equal(next(events, 0, FTH_TOPIC_LEDGER).id, 2);
    assert_str(next(events, 1, FTH_TOPIC_ALL).name, "ledger");
    assert_int_equal(next(events, 1, FTH_TOPIC_JOBS).id, 0);
    assert_int_equal(next(events, 2, FTH_TOPIC_ALL).id, 0);
    fth_events_free(events);
}

static void a_reader_who_missed_events_is_told_so(void **state)
{
    struct fth_events *events;
    struct fth_err err = {0};

    assert_ok(fth_events_new(&events, &err), &err);
    for (int i = 0; i < 1030; i++)
        fth_events_publish(events, FTH_TOPIC_JOBS, "job", (struct fth_str){0}, FTH_STR("{}"));
    assert_str(next(events, 3, FTH_TOPIC_ALL).name, "reset");
    assert_int_equal(next(events, 3, FTH_TOPIC_ALL).id, 1030);
    assert_int_equal(next(events, 6, FTH_TOPIC_ALL).id, 7);
    assert_str(next(events, 5000, FTH_TOPIC_ALL).name, "reset");
    fth_events_free(events);
}

static void *publish_soon(void *arg)
{
    usleep(20000);
    fth_events_publish(arg, FTH_TOPIC_JOBS, "job", (struct fth_str){0}, FTH_STR("{}"));
    usleep(20000);
    fth_events_shut(arg);
    return NULL;
}

static void a_reader_waits_until_something_happens_or_all_is_over(void **state)
{
    const struct fth_events_wish all = {.topics = FTH_TOPIC_ALL};
    struct fth_arena *arena = test_arena(4096);
    struct fth_events *events;
    struct fth_event event;
    struct fth_err err = {0};
    pthread_t thread;

    assert_ok(fth_events_new(&events, &err), &err);
    assert_int_equal(pthread_create(&thread, NULL, publish_soon, events), 0);
    assert_ok(fth_events_next(events, 0, &all, 5000, arena, &event, &err), &err);
    assert_int_equal(event.id, 1);
    assert_int_equal(fth_events_next(events, 1, &all, 5000, arena, &event, &err), FTH_E_CANCELLED);
    pthread_join(thread, NULL);
    fth_events_free(events);
}

/* ---- metrics ---- */

static void durations_fall_into_their_buckets(void **state)
{
    struct fth_buf buf = fth_buf_max(1 << 20);
    struct fth_metrics *metrics;
    struct fth_err err = {0};

    assert_ok(fth_metrics_new(&metrics, &err), &err);
    fth_metrics_request(metrics, "a_b", 200, 1000);
    fth_metrics_request(metrics, "a_b", 503, 1500);
    fth_metrics_request(metrics, "a_b", 200, 99000000);
    fth_metrics_count(metrics, FTH_COUNT_CACHE_HIT, 3);
    fth_metrics_put(metrics, &buf);
    fth_buf_char(&buf, '\0');
    assert_non_null(strstr(buf.p, "_bucket{operation=\"a_b\",le=\"0.001\"} 1\n"));
    assert_non_null(strstr(buf.p, "_bucket{operation=\"a_b\",le=\"0.002\"} 2\n"));
    assert_non_null(strstr(buf.p, "_bucket{operation=\"a_b\",le=\"10\"} 2\n"));
    assert_non_null(strstr(buf.p, "_bucket{operation=\"a_b\",le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(buf.p, "_sum{operation=\"a_b\"} 99.002500\n"));
    assert_non_null(strstr(buf.p, "farthing_query_answers_total{from=\"cache\"} 3\n"));
    assert_non_null(strstr(buf.p, "{operation=\"a_b\",status=\"5xx\"} 1\n"));
    fth_buf_release(&buf);
    fth_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_directory_has_one_owner),
        TEST(a_directory_that_was_left_open_by_a_killed_process_opens),
        TEST(tmp_is_empty_after_opening),
        TEST(the_least_recently_used_answer_leaves_first),
        TEST(an_answer_that_is_held_outlives_its_leaving),
        TEST(what_is_too_large_is_not_kept),
        TEST(a_cache_without_memory_keeps_nothing_and_fails_nowhere),
        TEST(a_reader_follows_his_topics),
        TEST(a_reader_who_missed_events_is_told_so),
        TEST(a_reader_waits_until_something_happens_or_all_is_over),
        TEST(durations_fall_into_their_buckets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
