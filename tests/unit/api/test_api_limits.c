/* limits, CORS and HSTS: what the API promises to callers from the network, in this process. */
#include "api_test.h"
#include "auth/people.h"
#include "base/check.h"

static const char *const proxies[] = {""}; /* requests of this test come from no address */
static const char *const origins[] = {"https://wiki.example.org", "http://10.0.0.7:3000"};

static int64_t now_us = INT64_C(1764500000000000);

static int open_at_a_time(void **state)
{
    struct fth_app_conf conf = fth_app_conf_default();

    conf.clock = fth_clock_fixed(&now_us);
    return api_open_with(conf);
}

static const struct asked *from(const char *address, const char *method, const char *path,
                                const char *name, const char *value)
{
    const char *const headers[] = {"Host", "localhost", "X-Forwarded-For", address, name,
                                   value,  NULL};

    return ask_full(FTH_PEER_NETWORK, method, path, headers, (struct fth_str){0});
}

static const struct asked *get_from(const char *address, const char *path)
{
    return from(address, "GET", path, NULL, NULL);
}

/* Beyond loopback, with limits of so much. */
static void expose(uint32_t most)
{
    for (size_t i = 0; i < FTH_LIMIT_NR; i++)
        router_conf.limits[i] = most;
    router_conf.proxies = proxies;
    router_conf.proxy_nr = 1;
    fth_people_expose(fth_app_people(app));
}

/* ---- limits ---- */

static void every_answer_says_what_is_left(void **state)
{
    const struct asked *asked;

    expose(3);
    asked = get_from("192.0.2.1", "/api/v1/session");
    assert_str(asked_header(asked, "RateLimit-Policy"), "\"default\";q=3;w=60");
    assert_str(asked_header(asked, "RateLimit"), "\"default\";r=2;t=61");
    asked = get_from("192.0.2.1", "/api/v1/jobs");
    assert_problem(asked, 401, "");
    assert_str(asked_header(asked, "RateLimit"), "\"default\";r=1;t=61");
}

static void over_the_limit_is_a_429_that_is_counted(void **state)
{
    const struct asked *asked = NULL;

    expose(3);
    for (int i = 0; i < 4; i++)
        asked = get_from("192.0.2.1", "/api/v1/session");
    assert_problem(asked, 429, "more than 3 in 60 seconds (limit \"default\")");
    assert_str(asked_at(asked, "/type"), "/problems/quota-exceeded");
    assert_str(asked_header(asked, "Retry-After"), "61");
    assert_str(asked_header(asked, "RateLimit"), "\"default\";r=0;t=61");
    assert_int_equal(get_from("192.0.2.2", "/api/v1/session")->reply.status, 200);
    assert_int_equal(get_from("192.0.2.1", "/api/v1/openapi.json")->reply.status, 429);
    now_us += 61000000;
    assert_int_equal(get_from("192.0.2.1", "/api/v1/session")->reply.status, 200);
    /* Questions are counted apart. */
    assert_int_equal(get_from("192.0.2.1", "/api/v1/costs/query?plan={}")->reply.status, 401);
    asked = ask("GET", "/metrics");
    fth_buf_char(&all_asked[asked_nr - 1].body, '\0');
    assert_non_null(strstr(asked->body.p, "farthing_http_limited_total{limit=\"default\"} 2\n"));
    assert_non_null(strstr(asked->body.p, "farthing_http_limited_total{limit=\"auth\"} 0\n"));
}

static void a_network_of_ipv6_is_one_caller(void **state)
{
    expose(1);
    assert_int_equal(get_from("2001:db8::1", "/api/v1/session")->reply.status, 200);
    assert_int_equal(get_from("2001:db8::2", "/api/v1/session")->reply.status, 429);
    assert_int_equal(get_from("2001:db8:0:1::1", "/api/v1/session")->reply.status, 200);
}

static void a_question_costs_what_the_document_says(void **state)
{
    expose(25);
    assert_str(asked_header(get_from("192.0.2.1", "/api/v1/costs/query?plan={}"), "RateLimit"),
               "\"query\";r=15;t=61");
    assert_str(
        asked_header(get_from("192.0.2.1", "/api/v1/dimensions/service/values"), "RateLimit"),
        "\"query\";r=10;t=61");
}

static void who_has_no_limit_is_told_of_none(void **state)
{
    const struct asked *asked;

    for (size_t i = 0; i < FTH_LIMIT_NR; i++)
        router_conf.limits[i] = 1;
    /* Nobody signs in here: who comes over loopback is the owner. */
    for (int i = 0; i < 3; i++) {
        asked = get_from("127.0.0.1", "/api/v1/session");
        assert_int_equal(asked->reply.status, 200);
        assert_int_equal(asked_header(asked, "RateLimit").n, 0);
    }
    expose(1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask("GET", "/api/v1/version")->reply.status, 200);
        assert_int_equal(get_from("192.0.2.1", "/healthz")->reply.status, 200);
        asked = from("192.0.2.1", "OPTIONS", "/api/v1/views", NULL, NULL);
        assert_int_equal(asked->reply.status, 204);
        assert_int_equal(asked_header(asked, "RateLimit").n, 0);
        assert_int_equal(asked_header(get_from("192.0.2.1", "/explore"), "RateLimit").n, 0);
        assert_int_equal(ask_full(FTH_PEER_SOCKET, "GET", "/api/v1/jobs", NULL, (struct fth_str){0})
                             ->reply.status,
                         200);
    }
    expose(0);
    asked = get_from("192.0.2.1", "/api/v1/session");
    assert_int_equal(asked->reply.status, 200);
    assert_int_equal(asked_header(asked, "RateLimit-Policy").n, 0);
}

/* ---- CORS ---- */

static void allow_origins(void)
{
    router_conf.cors_origins = origins;
    router_conf.cors_origin_nr = FTH_NR(origins);
}

static const struct asked *preflight_of(const char *origin, const char *method, const char *path)
{
    const char *const headers[] = {
        "Host", "localhost", "Origin", origin, "Access-Control-Request-Method", method, NULL};

    return ask_full(FTH_PEER_NETWORK, "OPTIONS", path, headers, (struct fth_str){0});
}

static const struct asked *preflight(const char *origin)
{
    return preflight_of(origin, "POST", "/api/v1/costs/query");
}

static void other_origins_are_refused_as_long_as_none_is_named(void **state)
{
    const struct asked *asked = preflight(origins[0]);

    assert_problem(asked, 403, "origin \"https://wiki.example.org\" may not");
    assert_int_equal(asked_header(asked, "Access-Control-Allow-Origin").n, 0);
    assert_int_equal(asked_header(asked, "Vary").n, 0);
}

static void a_named_origin_may_ask_and_read(void **state)
{
    const struct asked *asked;

    allow_origins();
    asked = preflight(origins[0]);
    assert_int_equal(asked->reply.status, 204);
    assert_str(asked_header(asked, "Access-Control-Allow-Origin"), origins[0]);
    assert_str(asked_header(asked, "Access-Control-Allow-Methods"), "POST, GET, HEAD, OPTIONS");
    assert_true(fth_str_search(asked_header(asked, "Access-Control-Allow-Headers"),
                               FTH_STR("Authorization")) != SIZE_MAX);
    assert_int_equal(asked_header(asked, "Access-Control-Allow-Credentials").n, 0);
    asked = from("", "GET", "/api/v1/version", "Origin", origins[1]);
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_header(asked, "Access-Control-Allow-Origin"), origins[1]);
    assert_str(asked_header(asked, "Vary"), "Origin, Accept-Encoding");
    assert_problem(preflight("https://evil.example"), 403, "origin");
}

/* A browser asks for the address of the request to come, its query included. */
static void the_query_of_the_request_to_come_is_no_matter(void **state)
{
    const struct asked *asked;

    allow_origins();
    asked = preflight_of(origins[0], "GET", "/api/v1/resources?q=vm%20a&limit=10&nonsense");
    assert_int_equal(asked->reply.status, 204);
    assert_str(asked_header(asked, "Access-Control-Allow-Origin"), origins[0]);
    assert_str(asked_header(asked, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
    assert_problem(preflight_of(origins[0], "GET", "/api/v1/nothing?q=a"), 404, "no such path");
}

static void problems_can_be_read_there_too(void **state)
{
    const struct asked *asked;

    allow_origins();
    asked = from("", "GET", "/api/v1/nothing", "Origin", origins[0]);
    assert_problem(asked, 404, "no such path");
    assert_str(asked_header(asked, "Access-Control-Allow-Origin"), origins[0]);
    assert_true(fth_str_starts(asked_header(asked, "Vary"), FTH_STR("Origin")));
}

static void caches_are_told_that_answers_differ_by_origin(void **state)
{
    const struct asked *asked;

    allow_origins();
    asked = get_from("", "/api/v1/version");
    assert_str(asked_header(asked, "Vary"), "Origin, Accept-Encoding");
    assert_int_equal(asked_header(asked, "Access-Control-Allow-Origin").n, 0);
}

static void only_the_api_is_open_to_other_origins(void **state)
{
    allow_origins();
    assert_problem(from("", "GET", "/healthz", "Origin", origins[0]), 403, "origin");
    assert_problem(from("", "GET", "/metrics", "Origin", origins[0]), 403, "origin");
}

static void what_is_no_origin_stops_the_start(void **state)
{
    static const char *const wrong[] = {"*", "https://", "wiki.example.org", "https://a/b", "null"};
    struct fth_router *other = NULL;
    struct fth_err err;

    for (size_t i = 0; i < FTH_NR(wrong); i++) {
        err = (struct fth_err){0};
        router_conf.cors_origins = &wrong[i];
        router_conf.cors_origin_nr = 1;
        assert_int_equal(fth_router_new(app, &router_conf, &other, &err), FTH_E_INVALID);
        assert_null(other);
    }
}

/* ---- HSTS ---- */

static void under_tls_browsers_are_told_to_come_by_it_alone(void **state)
{
    const char *name = "Strict-Transport-Security";
    const struct asked *asked;

    router_conf.hsts_s = 86400;
    asked = from("192.0.2.1", "GET", "/api/v1/version", "X-Forwarded-Proto", "https");
    assert_int_equal(asked_header(asked, name).n, 0); /* of no proxy that is trusted */
    expose(0);
    asked = from("192.0.2.1", "GET", "/api/v1/version", "X-Forwarded-Proto", "https");
    assert_str(asked_header(asked, name), "max-age=86400");
    asked = from("192.0.2.1", "GET", "/api/v1/nothing", "X-Forwarded-Proto", "https");
    assert_str(asked_header(asked, name), "max-age=86400");
    asked = from("192.0.2.1", "GET", "/api/v1/version", "X-Forwarded-Proto", "http");
    assert_int_equal(asked_header(asked, name).n, 0);
    router_conf.hsts_s = 0;
    asked = from("192.0.2.1", "GET", "/api/v1/version", "X-Forwarded-Proto", "https");
    assert_int_equal(asked_header(asked, name).n, 0);
}

#define LIMITS_TEST(function) cmocka_unit_test_setup_teardown(function, open_at_a_time, api_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIMITS_TEST(every_answer_says_what_is_left),
        LIMITS_TEST(over_the_limit_is_a_429_that_is_counted),
        LIMITS_TEST(a_network_of_ipv6_is_one_caller),
        LIMITS_TEST(a_question_costs_what_the_document_says),
        LIMITS_TEST(who_has_no_limit_is_told_of_none),
        LIMITS_TEST(other_origins_are_refused_as_long_as_none_is_named),
        LIMITS_TEST(a_named_origin_may_ask_and_read),
        LIMITS_TEST(the_query_of_the_request_to_come_is_no_matter),
        LIMITS_TEST(problems_can_be_read_there_too),
        LIMITS_TEST(caches_are_told_that_answers_differ_by_origin),
        LIMITS_TEST(only_the_api_is_open_to_other_origins),
        LIMITS_TEST(what_is_no_origin_stops_the_start),
        LIMITS_TEST(under_tls_browsers_are_told_to_come_by_it_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
