/* jobs: uploads, jobs, sources and events as their callers see them. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "api_test.h"
#include "app/events.h"

static size_t files_in(const char *folder)
{
    char path[300];
    struct dirent *entry;
    size_t nr = 0;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/%s", test_dir(), folder);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        nr += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return nr;
}

static const struct asked *upload(const char *name, struct fth_str body)
{
    const char *const headers[] = {"Content-Type", "application/octet-stream", NULL};
    char path[400];

    snprintf(path, sizeof(path), "/api/v1/uploads?name=%s", name);
    return ask_full(FTH_PEER_NETWORK, "POST", path,
                    (const char *const[]){"Host", "localhost", headers[0], headers[1], NULL}, body);
}

static void an_upload_is_on_disk_under_its_name(void **state)
{
    const struct asked *asked = upload("bill%201.csv", FTH_STR("abc"));
    char path[400];
    struct stat st;

    assert_int_equal(asked->reply.status, 201);
    assert_str(asked_at(asked, "/name"), "bill 1.csv");
    assert_str(asked_at(asked, "/bytes"), "3");
    assert_str(asked_at(asked, "/sha256"),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    snprintf(path, sizeof(path), "%s/tmp/uploads/%s/bill 1.csv", test_dir(),
             asked_at(asked, "/id").p);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 3);
    assert_int_equal(ask("DELETE", asked_header(asked, "Location").p)->reply.status, 204);
    assert_int_equal(files_in("tmp/uploads"), 0);
    assert_problem(ask("DELETE", asked_header(asked, "Location").p), 404, "no upload");
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    assert_problem(upload("..", FTH_STR("a")), 422, "no name for a file");
    assert_problem(upload("a%2Fb", FTH_STR("a")), 422, "no name for a file");
    assert_problem(upload(".hidden", FTH_STR("a")), 422, "no name for a file");
    assert_problem(upload("a%0Ab", FTH_STR("a")), 422, "no name for a file");
    assert_problem(upload("%00", FTH_STR("a")), 400, "percent escape");
    assert_problem(ask("POST", "/api/v1/uploads"), 400, "\"name\" is missing");
    assert_int_equal(files_in("tmp/uploads"), 0);
}

static void an_upload_over_the_limit_leaves_nothing(void **state)
{
    router_conf.max_upload = 2;
    assert_problem(upload("a.csv", FTH_STR("abc")), 413, "more than 2 bytes");
    forget_asked();
    assert_int_equal(files_in("tmp/uploads"), 0);
}

static void a_remote_caller_names_no_paths(void **state)
{
    const char *const headers[] = {"Host", "localhost", "Content-Type", "application/json", NULL};
    const struct asked *asked =
        ask_full(FTH_PEER_NETWORK, "POST", "/api/v1/jobs", headers,
                 FTH_STR("{\"kind\":\"ingest\",\"paths\":[\"/etc/passwd\"]}"));

    assert_problem(asked, 403, "remote caller");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/paths");
}

static void a_job_needs_something_to_do(void **state)
{
    assert_problem(send_json("POST", "/api/v1/jobs", "{\"kind\":\"ingest\"}"), 400, "neither");
    assert_problem(send_json("POST", "/api/v1/jobs", "{\"kind\":\"dance\"}"), 422, "kind");
    assert_problem(send_json("POST", "/api/v1/jobs", "{\"kind\":\"ingest\",\"paths\":[\"a\"]}"),
                   400, "not absolute");
    assert_problem(send_json("POST", "/api/v1/jobs",
                             "{\"kind\":\"ingest\",\"uploads\":"
                             "[\"00000000-0000-0000-0000-000000000000\"]}"),
                   404, "no upload");
    assert_problem(ask("GET", "/api/v1/jobs/nothing"), 404, "");
    assert_problem(ask("DELETE", "/api/v1/jobs/nothing"), 404, "");
    assert_int_equal(ask("GET", "/api/v1/jobs")->reply.status, 200);
}

static void a_failed_import_is_a_failed_job_with_its_problem(void **state)
{
    const char *const headers[] = {"Content-Type", "application/json", "Prefer", "wait=20", NULL};
    const struct asked *asked =
        ask_full(FTH_PEER_PROCESS, "POST", "/api/v1/jobs", headers,
                 FTH_STR("{\"kind\":\"ingest\",\"paths\":[\"/nowhere/at/all\"]}"));
    const struct asked *again;

    if (asked->reply.status != 200)
        print_error(FTH_STR_F "\n", FTH_STR_A(fth_buf_view(&asked->body)));
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/state"), "failed");
    assert_str(asked_at(asked, "/error/status"), "404");
    again = ask("GET", asked_header(asked, "Location").p);
    assert_str(asked_at(again, "/state"), "failed");
    assert_str(asked_at(ask("GET", "/api/v1/jobs"), "/data/0/id"), asked_at(asked, "/id").p);
}

static void an_empty_ledger_has_no_sources_and_no_deliveries(void **state)
{
    assert_int_equal(fth_json_get(ask("GET", "/api/v1/sources")->json, "data")->nr, 0);
    assert_int_equal(fth_json_get(ask("GET", "/api/v1/deliveries")->json, "data")->nr, 0);
    assert_problem(ask("GET", "/api/v1/sources/mine"), 404, "no source \"mine\"");
    assert_problem(ask("GET", "/api/v1/deliveries?source=mine"), 404, "no source \"mine\"");
    assert_problem(ask("GET", "/api/v1/deliveries/7"), 404, "7");
    assert_problem(ask("GET", "/api/v1/deliveries/x"), 404, "x");
}

static void events_in_this_process_end_with_the_events(void **state)
{
    const char *const headers[] = {"Last-Event-ID", "0", NULL};
    struct fth_events *events = fth_app_events(app);
    const struct asked *asked;

    fth_events_publish(events, FTH_TOPIC_JOBS, "job", (struct fth_str){0},
                       FTH_STR("{\"id\":\"a\"}"));
    fth_events_publish(events, FTH_TOPIC_LEDGER, "ledger", (struct fth_str){0},
                       FTH_STR("{\"version\":3}"));
    fth_events_shut(events);
    asked = ask_full(FTH_PEER_PROCESS, "GET", "/api/v1/events?topics=ledger", headers,
                     (struct fth_str){0});
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_header(asked, "Content-Type"), "text/event-stream");
    fth_buf_char(&all_asked[asked_nr - 1].body, '\0');
    assert_non_null(strstr(asked->body.p, "event: ledger\ndata: {\"version\":3}\n\n"));
    assert_null(strstr(asked->body.p, "event: job"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(an_upload_is_on_disk_under_its_name),
        API_TEST(names_that_lead_elsewhere_are_refused),
        API_TEST(an_upload_over_the_limit_leaves_nothing),
        API_TEST(a_remote_caller_names_no_paths),
        API_TEST(a_job_needs_something_to_do),
        API_TEST(a_failed_import_is_a_failed_job_with_its_problem),
        API_TEST(an_empty_ledger_has_no_sources_and_no_deliveries),
        API_TEST(events_in_this_process_end_with_the_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
