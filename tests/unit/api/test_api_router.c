/* router: what the API promises before any handler runs, in this process, without sockets. */
#include <stdio.h>
#include <zlib.h>

#include "api/openapi.h"
#include "api/router_int.h"
#include "api_test.h"
#include "base/check.h"

static const struct asked *ask_web(const char *method, const char *path, const char *host,
                                   const char *origin)
{
    const char *const headers[] = {"Host", host, origin ? "Origin" : NULL, origin, NULL};

    return ask_full(FTH_PEER_NETWORK, method, path, headers, (struct fth_str){0});
}

static void the_process_says_what_it_is(void **state)
{
    const struct asked *asked = ask("GET", "/api/v1/version");

    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/name"), "farthing");
    assert_str(asked_at(asked, "/version"), fth_version());
    assert_str(asked_header(asked, "Content-Type"), "application/json");
    assert_str(asked_header(asked, "X-Content-Type-Options"), "nosniff");
    assert_true(asked_header(asked, "X-Request-Id").n == 36);
    assert_int_equal(ask("GET", "/healthz")->reply.status, 200);
    assert_int_equal(ask("GET", "/readyz")->reply.status, 200);
}

static void the_document_has_an_etag_and_a_304(void **state)
{
    const struct asked *first = ask("GET", "/api/v1/openapi.json");
    const char *const headers[] = {"If-None-Match", asked_header(first, "ETag").p, NULL};
    const struct asked *again;

    assert_int_equal(first->reply.status, 200);
    assert_str(asked_at(first, "/openapi"), "3.1.0");
    again = ask_full(FTH_PEER_PROCESS, "GET", "/api/v1/openapi.json", headers, (struct fth_str){0});
    assert_int_equal(again->reply.status, 304);
    assert_int_equal(again->body.n, 0);
}

static void an_unknown_path_is_a_404(void **state)
{
    assert_problem(ask("GET", "/api/v1/nothing"), 404, "no such path: /api/v1/nothing");
    assert_problem(ask("GET", "/api/v1/jobs/"), 404, "no such path");
    assert_problem(ask("GET", "/api/v1/jobs/a/b"), 404, "no such path");
    assert_problem(ask("GET", "/api"), 404, "no such path");
}

static void a_wrong_method_names_the_right_ones(void **state)
{
    const struct asked *asked = ask("DELETE", "/api/v1/version");

    assert_problem(asked, 405, "DELETE is not a method of /api/v1/version");
    assert_str(asked_header(asked, "Allow"), "GET, HEAD, OPTIONS");
    asked = ask("OPTIONS", "/api/v1/costs/query");
    assert_int_equal(asked->reply.status, 204);
    assert_str(asked_header(asked, "Allow"), "POST, GET, HEAD, OPTIONS");
}

static void head_is_get_without_the_body(void **state)
{
    const struct asked *asked = ask("HEAD", "/api/v1/version");

    assert_int_equal(asked->reply.status, 200);
    assert_int_equal(asked->body.n, 0);
}

static void only_known_hosts_are_served(void **state)
{
    assert_int_equal(ask_web("GET", "/healthz", "localhost:8642", NULL)->reply.status, 200);
    assert_int_equal(ask_web("GET", "/healthz", "127.0.0.1:9999", NULL)->reply.status, 200);
    assert_int_equal(ask_web("GET", "/healthz", "[::1]", NULL)->reply.status, 200);
    assert_problem(ask_web("GET", "/healthz", "evil.example", NULL), 403, "evil.example");
    assert_problem(ask_web("GET", "/healthz", "", NULL), 403, "host");
    assert_problem(ask_web("GET", "/healthz", "localhost.evil.example", NULL), 403, "host");
}

static void a_configured_host_is_served(void **state)
{
    static const char *const hosts[] = {"costs.example.org", "other.example.org:8443"};

    router_conf.hosts = hosts;
    router_conf.host_nr = 2;
    assert_int_equal(ask_web("GET", "/healthz", "costs.example.org", NULL)->reply.status, 200);
    assert_int_equal(ask_web("GET", "/healthz", "Costs.example.org:80", NULL)->reply.status, 200);
    assert_int_equal(ask_web("GET", "/healthz", "other.example.org:8443", NULL)->reply.status, 200);
    assert_problem(ask_web("GET", "/healthz", "other.example.org:1", NULL), 403, "host");
}

static void other_origins_are_refused(void **state)
{
    static const char *const origins[] = {"https://costs.example.org"};
    const char *host = "localhost:8642";

    assert_int_equal(ask_web("GET", "/healthz", host, "http://localhost:8642")->reply.status, 200);
    assert_problem(ask_web("GET", "/healthz", host, "http://localhost:3000"), 403, "origin");
    assert_problem(ask_web("GET", "/healthz", host, "http://evil.example"), 403, "origin");
    assert_problem(ask_web("GET", "/healthz", host, "null"), 403, "origin");
    assert_problem(ask_web("GET", "/healthz", host, ""), 403, "origin");
    router_conf.origins = origins;
    router_conf.origin_nr = 1;
    assert_int_equal(ask_web("GET", "/healthz", host, origins[0])->reply.status, 200);
}

static void parameters_are_checked(void **state)
{
    assert_problem(ask("GET", "/api/v1/jobs?limit=0"), 422, "parameter limit: 0 is less than 1");
    assert_problem(ask("GET", "/api/v1/jobs?limit=x"), 422, "parameter limit");
    assert_problem(ask("GET", "/api/v1/jobs?limit=1&limit=2"), 400, "given twice");
    assert_problem(ask("GET", "/api/v1/jobs?limti=1"), 400, "unknown parameter \"limti\"");
    assert_str(asked_at(ask("GET", "/api/v1/jobs?limti=1"), "/hint"), "Did you mean \"limit\"?");
    assert_problem(ask("GET", "/api/v1/costs/query"), 400, "parameter \"plan\" is missing");
    assert_problem(ask("GET", "/api/v1/jobs?limit=%"), 400, "percent escape");
    assert_problem(ask("GET", "/api/v1/version?x=1"), 400, "unknown parameter");
}

static void bodies_are_checked(void **state)
{
    const char *const text[] = {"Content-Type", "text/plain", NULL};

    assert_problem(send_json("POST", "/api/v1/views", ""), 400, "no body");
    assert_problem(send_json("POST", "/api/v1/views", "{"), 400, "line 1");
    assert_problem(send_json("POST", "/api/v1/views", "[]"), 422, "object");
    assert_problem(send_json("POST", "/api/v1/views", "{\"name\":\"a\"}"), 422, "plan");
    assert_str(asked_at(send_json("POST", "/api/v1/views", "{\"name\":1,\"plan\":{}}"),
                        "/errors/0/pointer"),
               "/name");
    assert_problem(
        ask_full(FTH_PEER_PROCESS, "POST", "/api/v1/views", text, FTH_STR("{\"name\":\"a\"}")), 415,
        "text/plain");
    assert_problem(send_json("POST", "/api/v1/views", test_repeat("x", 2 << 20).p), 413, "bytes");
}

static void an_answer_that_nobody_accepts_is_a_406(void **state)
{
    const char *const csv[] = {"Accept", "text/csv", NULL};

    assert_problem(ask_full(FTH_PEER_PROCESS, "GET", "/api/v1/version", csv, (struct fth_str){0}),
                   406, "text/csv");
}

static void requests_are_counted(void **state)
{
    const struct asked *asked;

    (void)ask("GET", "/api/v1/version");
    (void)ask("GET", "/api/v1/nothing");
    asked = ask("GET", "/metrics");
    assert_int_equal(asked->reply.status, 200);
    fth_buf_char(&all_asked[asked_nr - 1].body, '\0');
    assert_non_null(strstr(asked->body.p,
                           "farthing_http_requests_total{operation=\"system_version\","
                           "status=\"2xx\"} 1\n"));
    assert_non_null(strstr(asked->body.p, "status=\"4xx\"} 1\n"));
    assert_non_null(strstr(asked->body.p, "farthing_http_requests_in_flight 1\n"));
    assert_non_null(strstr(asked->body.p, "process_resident_memory_bytes "));
}

/* ---- the document and route.def ---- */

static void document_refused(const char *text, const char *message)
{
    const struct fth_openapi *api = NULL;
    struct fth_err err = {0};

    assert_int_equal(fth_openapi_read(test_arena(1 << 20), fth_str_c(text), &api, &err),
                     FTH_E_CORRUPT);
    assert_null(api);
    if (!strstr(err.msg, message))
        fail_msg("\"%s\" is not in \"%s\"", message, err.msg);
}

static void document_and_routes_must_name_the_same_operations(void **state)
{
    document_refused("{}", "paths");
    document_refused("{\"paths\":{}}", "is in route.def but not in the document");
    document_refused("{\"paths\":{\"/x\":{\"get\":{\"operationId\":\"x_get\",\"responses\":{}}}}}",
                     "x_get: has no row in route.def");
    document_refused("{\"paths\":{\"/x\":{\"get\":{\"operationId\":\"jobs_list\","
                     "\"parameters\":[{\"name\":\"a\",\"in\":\"query\","
                     "\"schema\":{\"tpye\":\"string\"}}],\"responses\":{}}}}}",
                     "tpye");
}

static void an_operation_that_does_not_say_for_whom_it_is_stops_the_start(void **state)
{
    document_refused(
        "{\"paths\":{\"/x\":{\"get\":{\"operationId\":\"jobs_list\",\"responses\":{}}}}}",
        "jobs_list: x-permission is missing or unknown");
    document_refused("{\"paths\":{\"/x\":{\"get\":{\"operationId\":\"jobs_list\","
                     "\"x-permission\":\"jobs.rea\",\"responses\":{}}}}}",
                     "jobs_list: x-permission is missing or unknown");
}

/* ---- what goes ---- */

/* The document with these members in front of the operation system_version. */
static struct fth_str document_with(const char *members)
{
    struct fth_arena *arena = test_arena(64 << 20);
    const struct fth_openapi *own = NULL;
    struct fth_err err = {0};
    struct fth_str out;
    size_t at;

    assert_ok(fth_openapi_load(arena, &own, &err), &err);
    at = fth_str_search(own->text, FTH_STR("\"operationId\": \"system_version\""));
    assert_true(at != SIZE_MAX);
    assert_ok(fth_arena_printf(arena, &out, &err, FTH_STR_F "%s" FTH_STR_F,
                               FTH_STR_A(fth_str_sub(own->text, 0, at)), members,
                               FTH_STR_A(fth_str_sub(own->text, at, SIZE_MAX))),
              &err);
    return out;
}

static void read_document(const char *members, enum fth_rc want, const char *message)
{
    const struct fth_openapi *api = NULL;
    struct fth_err err = {0};

    assert_int_equal(fth_openapi_read(test_arena(64 << 20), document_with(members), &api, &err),
                     want);
    if (message && !strstr(err.msg, message))
        fail_msg("\"%s\" is not in \"%s\"", message, err.msg);
    if (!want)
        router->api = api;
}

static void an_operation_that_goes_says_since_when_until_when_and_what_comes(void **state)
{
    const struct asked *asked;

    read_document("\"deprecated\": true, \"x-deprecated-since\": \"2026-11-01\","
                  "\"x-sunset\": \"2027-05-01\", \"x-successor\": \"/api/v2/version\",",
                  FTH_OK, NULL);
    asked = ask("GET", "/api/v1/version");
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_header(asked, "Deprecation"), "@1793491200");
    assert_str(asked_header(asked, "Sunset"), "Sat, 01 May 2027 00:00:00 GMT");
    assert_str(asked_header(asked, "Link"), "</api/v1/openapi.json>; rel=\"deprecation\", "
                                            "</api/v2/version>; rel=\"successor-version\"");
    assert_int_equal(asked_header(ask("GET", "/api/v1/openapi.json"), "Deprecation").n, 0);
    asked = ask("GET", "/api/v1/version?nothing=1"); /* refusals say it, too */
    assert_true(asked->reply.status >= 400);
    assert_str(asked_header(asked, "Deprecation"), "@1793491200");
    assert_str(asked_header(asked, "Sunset"), "Sat, 01 May 2027 00:00:00 GMT");
    asked = ask("DELETE", "/api/v1/version"); /* which is no operation of it */
    assert_int_equal(asked->reply.status, 405);
    assert_int_equal(asked_header(asked, "Deprecation").n, 0);
    read_document("\"deprecated\": true, \"x-deprecated-since\": \"2026-11-01\","
                  "\"x-sunset\": \"2027-05-01\",",
                  FTH_OK, NULL);
    assert_str(asked_header(ask("GET", "/api/v1/version"), "Link"),
               "</api/v1/openapi.json>; rel=\"deprecation\"");
}

static void what_goes_without_saying_when_stops_the_start(void **state)
{
    read_document("\"deprecated\": true,", FTH_E_CORRUPT, "system_version: what is deprecated has");
    read_document("\"deprecated\": true, \"x-deprecated-since\": \"2026-11-01\","
                  "\"x-sunset\": \"soon\",",
                  FTH_E_CORRUPT, "as days");
    read_document("\"deprecated\": true, \"x-deprecated-since\": \"2026-11-01\","
                  "\"x-sunset\": \"2026-10-01\",",
                  FTH_E_CORRUPT, "before");
    read_document("\"x-sunset\": \"2026-10-01\",", FTH_E_CORRUPT, "of what is deprecated");
}

/* ---- gzip ---- */

static const struct asked *ask_coded(const char *path, const char *accept, const char *known)
{
    const char *const headers[] = {"Accept-Encoding", accept, known ? "If-None-Match" : NULL, known,
                                   NULL};

    return ask_full(FTH_PEER_SOCKET, "GET", path, headers, (struct fth_str){0});
}

static struct fth_str unpacked(const struct asked *asked)
{
    static char text[1 << 20];
    z_stream stream = {.next_in = (unsigned char *)asked->body.p,
                       .avail_in = (unsigned)asked->body.n,
                       .next_out = (unsigned char *)text,
                       .avail_out = sizeof(text)};

    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    inflateEnd(&stream);
    return (struct fth_str){text, stream.total_out};
}

static void a_long_answer_is_packed_for_who_takes_it(void **state)
{
    const struct asked *plain = ask_coded("/api/v1/openapi.json", "identity", NULL);
    const struct asked *packed = ask_coded("/api/v1/openapi.json", "gzip, deflate, br", NULL);

    assert_str(asked_header(plain, "Content-Encoding"), "");
    assert_str(asked_header(plain, "Vary"), "Accept-Encoding");
    assert_str(asked_header(packed, "Content-Encoding"), "gzip");
    assert_str(asked_header(packed, "Vary"), "Accept-Encoding");
    assert_true(packed->body.n < plain->body.n / 4);
    assert_true(fth_str_eq(unpacked(packed), fth_buf_view(&plain->body)));
}

static void a_short_answer_is_not_packed(void **state)
{
    const struct asked *asked = ask_coded("/api/v1/sources", "gzip", NULL);

    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_header(asked, "Content-Encoding"), "");
    assert_str(asked_header(asked, "Vary"), "Accept-Encoding");
}

static void whoever_likes_it_less_or_not_at_all_gets_it_plain(void **state)
{
    static const char *const accepts[] = {"", "br", "gzip;q=0", "gzip;q=0.5, identity"};

    for (size_t i = 0; i < FTH_NR(accepts); i++) {
        const struct asked *asked = ask_coded("/api/v1/openapi.json", accepts[i], NULL);

        assert_int_equal(asked->reply.status, 200);
        assert_str(asked_header(asked, "Content-Encoding"), "");
    }
}

/* One tag for each coding; who has either has the answer. */
static void both_tags_of_an_answer_are_known_again(void **state)
{
    const struct asked *plain = ask_coded("/api/v1/openapi.json", "identity", NULL);
    const struct asked *packed = ask_coded("/api/v1/openapi.json", "gzip", NULL);
    const struct asked *all[] = {plain, packed};

    assert_false(fth_str_eq(asked_header(plain, "ETag"), asked_header(packed, "ETag")));
    for (size_t i = 0; i < 2; i++) {
        struct fth_str tag = asked_header(all[i], "ETag");
        const struct asked *again;
        char known[80];

        snprintf(known, sizeof(known), FTH_STR_F, FTH_STR_A(tag));
        again = ask_coded("/api/v1/openapi.json", "gzip", known);
        assert_int_equal(again->reply.status, 304);
        assert_int_equal(again->body.n, 0);
        assert_true(fth_str_eq(asked_header(again, "ETag"), tag));
        assert_str(asked_header(again, "Content-Encoding"), "");
    }
    assert_int_equal(ask_coded("/api/v1/openapi.json", "gzip", "\"x-gz\"")->reply.status, 200);
}

static void a_change_may_be_tied_to_the_tag_of_a_packed_answer(void **state)
{
    const struct asked *view = send_json("POST", "/api/v1/views",
                                         "{\"name\":\"a\",\"plan\":{\"kind\":\"query\",\"subject\":"
                                         "\"cost\",\"measures\":[\"billed_cost\"],"
                                         "\"time\":null}}");
    const char *headers[] = {"If-Match", "\"1-gz\"", NULL};
    char path[80];

    snprintf(path, sizeof(path), FTH_STR_F, FTH_STR_A(asked_header(view, "Location")));
    assert_int_equal(
        ask_full(FTH_PEER_PROCESS, "DELETE", path, headers, (struct fth_str){0})->reply.status,
        204);
}

static void every_kind_of_answer_says_what_a_browser_may_do_with_it(void **state)
{
    static const char *const asked[][2] = {{"GET", "/api/v1/version"}, {"GET", "/api/v1/nothing"},
                                           {"PUT", "/api/v1/version"}, {"OPTIONS", "/api/v1/jobs"},
                                           {"HEAD", "/healthz"},       {"GET", "/metrics"},
                                           {"POST", "/api/v1/views"},  {"GET", "/"},
                                           {"GET", "/assets/none.js"}};
    static const char *const headers[] = {
        "Content-Security-Policy", "X-Content-Type-Options",     "X-Frame-Options",
        "Referrer-Policy",         "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"};

    (void)state;
    for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
        for (size_t h = 0; h < sizeof(headers) / sizeof(*headers); h++) {
            const struct asked *answer = ask(asked[i][0], asked[i][1]);

            if (asked_header(answer, headers[h]).n == 0)
                fail_msg("%s %s: no %s", asked[i][0], asked[i][1], headers[h]);
            forget_asked();
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(every_kind_of_answer_says_what_a_browser_may_do_with_it),
        API_TEST(the_process_says_what_it_is),
        API_TEST(the_document_has_an_etag_and_a_304),
        API_TEST(an_unknown_path_is_a_404),
        API_TEST(a_wrong_method_names_the_right_ones),
        API_TEST(head_is_get_without_the_body),
        API_TEST(only_known_hosts_are_served),
        API_TEST(a_configured_host_is_served),
        API_TEST(other_origins_are_refused),
        API_TEST(parameters_are_checked),
        API_TEST(bodies_are_checked),
        API_TEST(an_answer_that_nobody_accepts_is_a_406),
        API_TEST(requests_are_counted),
        API_TEST(a_long_answer_is_packed_for_who_takes_it),
        API_TEST(a_short_answer_is_not_packed),
        API_TEST(whoever_likes_it_less_or_not_at_all_gets_it_plain),
        API_TEST(both_tags_of_an_answer_are_known_again),
        API_TEST(a_change_may_be_tied_to_the_tag_of_a_packed_answer),
        TEST(document_and_routes_must_name_the_same_operations),
        API_TEST(an_operation_that_goes_says_since_when_until_when_and_what_comes),
        API_TEST(what_goes_without_saying_when_stops_the_start),
        TEST(an_operation_that_does_not_say_for_whom_it_is_stops_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
