/* collection: views and annotations, on SQLite and on PostgreSQL. */
#include <stdio.h>

#include "api_db_test.h"

static const char *path_of(const struct asked *asked)
{
    assert_int_equal(asked->reply.status, 201);
    return asked_header(asked, "Location").p;
}

static void a_view_is_made_read_changed_and_deleted(void **state)
{
    const struct asked *made, *asked;
    const char *path;

    open_on(state);
    made = send_json("POST", "/api/v1/views",
                     "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                     "\"measures\":[\"billed_cost\"],\"time\":null}}");
    path = path_of(made);
    assert_str(asked_at(made, "/name"), "Mine");
    assert_str(asked_header(made, "ETag"), "\"1\"");

    asked = ask("GET", path);
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/plan/measures/0"), "billed_cost");
    assert_str(asked_at(asked, "/created_at"), asked_at(made, "/created_at").p);

    asked = send_json("PATCH", path, "{\"plan\":{\"group_by\":[\"service\"]}}");
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/plan/group_by/0"), "service");
    assert_str(asked_at(asked, "/plan/measures/0"), "billed_cost");
    assert_str(asked_at(asked, "/name"), "Mine");
    assert_str(asked_header(asked, "ETag"), "\"2\"");

    assert_int_equal(ask("DELETE", path)->reply.status, 204);
    assert_problem(ask("GET", path), 404, "no such id");
    assert_problem(ask("DELETE", path), 404, "no such id");
    assert_problem(send_json("PATCH", path, "{}"), 404, "no such id");
}

static const struct asked *with_header(const char *method, const char *path, const char *name,
                                       const char *value, const char *body)
{
    const char *const headers[] = {"Content-Type", "application/json", name, value, NULL};

    return ask_full(FTH_PEER_PROCESS, method, path, headers, fth_str_c(body));
}

static void a_change_of_what_has_changed_since_is_refused(void **state)
{
    const char *path;

    open_on(state);
    path = path_of(send_json("POST", "/api/v1/annotations",
                             "{\"date\":\"2025-01-31\",\"text\":\"moved to the new region\"}"));
    assert_int_equal(
        with_header("PATCH", path, "If-Match", "\"1\"", "{\"text\":\"b\"}")->reply.status, 200);
    assert_problem(with_header("PATCH", path, "If-Match", "\"1\"", "{\"text\":\"c\"}"), 412,
                   "\"2\"");
    assert_problem(with_header("DELETE", path, "If-Match", "\"1\"", NULL), 412, "changed");
    assert_int_equal(with_header("GET", path, "If-None-Match", "\"2\"", NULL)->reply.status, 304);
    assert_int_equal(with_header("DELETE", path, "If-Match", "\"2\"", NULL)->reply.status, 204);
}

static void a_date_must_be_one(void **state)
{
    open_on(state);
    assert_problem(
        send_json("POST", "/api/v1/annotations", "{\"date\":\"2025-02-30\",\"text\":\"a\"}"), 422,
        "no such date");
    assert_problem(
        send_json("POST", "/api/v1/annotations", "{\"date\":\"2025-2-3\",\"text\":\"a\"}"), 422,
        "/date");
    assert_problem(send_json("POST", "/api/v1/annotations",
                             "{\"date\":\"2025-02-03\",\"text\":\"a\",\"colour\":1}"),
                   422, "colour");
    assert_int_equal(ask("GET", "/api/v1/annotations")->reply.status, 200);
}

/* A patch is merged first: it is the plan that comes of it that must be one. */
static void a_plan_that_is_none_is_not_kept(void **state)
{
    const struct asked *asked;
    const char *path;

    open_on(state);
    asked = send_json("POST", "/api/v1/views",
                      "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                      "\"measures\":[\"bild_cost\"],\"time\":null}}");
    assert_problem(asked, 422, "bild_cost");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/measures/0");
    assert_str(asked_at(asked, "/hint"), "Did you mean \"billed_cost\"?");
    assert_int_equal(fth_json_get(ask("GET", "/api/v1/views")->json, "data")->nr, 0);

    path = path_of(send_json("POST", "/api/v1/views",
                             "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                             "\"measures\":[\"billed_cost\"],\"time\":null}}"));
    asked = send_json("PATCH", path, "{\"plan\":{\"group_by\":[\"servcie\"]}}");
    assert_problem(asked, 422, "servcie");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/group_by/0");
    asked = send_json("PATCH", path, "{\"plan\":{\"kind\":null}}");
    assert_problem(asked, 422, "kind");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/kind");
    assert_str(asked_header(ask("GET", path), "ETag"), "\"1\"");
    assert_int_equal(send_json("PATCH", path, "{\"name\":\"Ours\"}")->reply.status, 200);
}

static void pages_hold_each_row_once_in_order(void **state)
{
    static const char *const dates[] = {"2025-01-03", "2025-01-01", "2025-01-02", "2025-01-02",
                                        "2025-01-05"};
    const char *path = "/api/v1/annotations?limit=2";
    char body[100], next[500], last[11] = "";
    size_t seen = 0;

    open_on(state);
    for (size_t i = 0; i < 5; i++) {
        snprintf(body, sizeof(body), "{\"date\":\"%s\",\"text\":\"it's %zu\"}", dates[i], i);
        (void)path_of(send_json("POST", "/api/v1/annotations", body));
    }
    while (path) {
        const struct asked *asked = ask("GET", path);
        const struct fth_json *data = fth_json_get(asked->json, "data");

        assert_int_equal(asked->reply.status, 200);
        for (size_t i = 0; i < data->nr; i++) {
            const char *date = fth_json_str(&data->items[i], "date", FTH_STR("")).p;

            assert_true(strcmp(date, last) >= 0);
            snprintf(last, sizeof(last), "%s", date);
            seen++;
        }
        snprintf(next, sizeof(next), "/api/v1/annotations?limit=2&cursor=%s",
                 asked_at(asked, "/next_cursor").n ? asked_at(asked, "/next_cursor").p : "");
        path = asked_at(asked, "/next_cursor").n ? next : NULL;
    }
    assert_int_equal(seen, 5);
    assert_problem(ask("GET", "/api/v1/annotations?cursor=!"), 422, "cursor");
    assert_problem(ask("GET", "/api/v1/annotations?cursor=YWJj"), 422, "cursor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_view_is_made_read_changed_and_deleted),
        BOTH(a_change_of_what_has_changed_since_is_refused),
        BOTH(a_date_must_be_one),
        BOTH(a_plan_that_is_none_is_not_kept),
        BOTH(pages_hold_each_row_once_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
