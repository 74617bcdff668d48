/*
 * The API: an allocation or a statement that fails is an answer, 503 or 500 as problem+json, and
 * the server answers the next request as if nothing had been.
 *
 * Over a real socket, each request of a list with every single fault. The counters are the
 * process's, so a fault may also hit what runs beside the request; that must be survived too.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/router.h"
#include "base/check.h"
#include "base/file.h"
#include "import/import_world.h"

enum { ANSWER_MAX = 1 << 20 };

static const char bill[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,InvoiceId\n"
    "1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,I-1\n"
    "2.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,I-1\n";

static const struct {
    const char *method, *path, *headers, *body;
} requests[] = {
    {"GET", "/healthz", "", ""},
    {"GET", "/metrics", "", ""},
    {"GET", "/nothing/here", "", ""},
    {"GET", "/api/v1/deliveries", "", ""},
    {"GET", "/api/v1/costs/summary", "", ""},
    {"GET", "/api/v1/dimensions/service/values?q=a", "", ""},
    {"POST", "/api/v1/costs/query", "Content-Type: application/json\r\n",
     "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],\"time\":null,"
     "\"group_by\":[\"service\"]}"},
    {"POST", "/api/v1/costs/query", "Content-Type: application/json\r\nAccept: text/csv\r\n",
     "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],\"time\":null,"
     "\"group_by\":[\"service\"]}"},
    {"GET", "/api/v1/reconciliation", "", ""},
    {"POST", "/api/v1/reconciliation?name=i.csv", "Content-Type: application/octet-stream\r\n",
     "invoice,service,amount,currency\nI-1,A,1.5,USD\n"},
    {"POST", "/api/v1/costs/query",
     "Content-Type: application/json\r\nAccept: application/vnd.apache.parquet\r\n",
     "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],\"time\":null,"
     "\"group_by\":[\"service\"]}"},
    {"GET", "/api/v1/deliveries/1/diff", "", ""},
    {"POST", "/api/v1/rates?name=r.csv", "Content-Type: application/octet-stream\r\n",
     "date,from,to,rate\n2025-05-01,EUR,USD,1.1\n"},
    {"PATCH", "/api/v1/organisation", "Content-Type: application/json\r\n",
     "{\"currency\":\"USD\"}"},
    {"POST", "/api/v1/uploads?name=a.csv", "Content-Type: application/octet-stream\r\n", "a,b\n"},
};

struct serving {
    struct fth_app *app;
    struct fth_router *router;
    struct fth_http_server *server;
};

static struct serving serve_bill(void)
{
    const char *path = test_file_named("bill.csv", fth_str_c(bill));
    struct fth_import_request request = {.paths = &path, .path_nr = 1};
    struct fth_http_conf http = fth_http_conf_default();
    struct fth_app_conf conf = fth_app_conf_default();
    static struct fth_router_conf routes; /* the router keeps it */
    struct import_world world = {0};
    struct serving serving = {0};
    struct fth_http_handler handler;
    struct fth_clock clock = fth_clock_system();
    struct fth_err err = {0};
    char dir[512];

    import_world_open(&world);
    snprintf(dir, sizeof(dir), "%s", world.dir);
    assert_int_equal(import_run(&world, request).rc, FTH_OK);
    import_world_close(&world);

    routes = fth_router_conf_default();
    conf.log_fd = -1;
    conf.cache_bytes = 0; /* else the second question would have fewer sites than the first */
    assert_ok(fth_app_open(dir, &conf, &serving.app, &err), &err);
    assert_ok(fth_router_new(serving.app, &routes, &serving.router, &err), &err);
    http.listen = "127.0.0.1:0";
    http.grace_ms = 200;
    handler = fth_router_handler(serving.router);
    assert_ok(fth_http_server_start(&http, &handler, &clock, NULL, &serving.server, &err), &err);
    return serving;
}

static void stop(struct serving *serving)
{
    fth_http_server_stop(serving->server);
    fth_router_free(serving->router);
    fth_app_close(serving->app);
}

/* The whole answer to the i-th request, zero-terminated; the client asks none of our memory. */
static void ask(const struct serving *serving, size_t i, char *out)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(fth_http_server_port(serving->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {60, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[2048];
    ssize_t got;
    size_t n = 0;
    int len =
        snprintf(text, sizeof(text),
                 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%sContent-Length: %zu"
                 "\r\n\r\n%s",
                 requests[i].method, requests[i].path, requests[i].headers,
                 strlen(requests[i].body), requests[i].body);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(send(fd, text, (size_t)len, MSG_NOSIGNAL), len);
    while (n < ANSWER_MAX - 1 && (got = recv(fd, out + n, ANSWER_MAX - 1 - n, 0)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    close(fd);
}

static int status_of(const char *answer)
{
    struct fth_str text = fth_str_c(answer);
    int64_t status = 0;

    if (!fth_str_starts(text, FTH_STR("HTTP/1.1 ")) ||
        !fth_str_to_i64(fth_str_sub(text, 9, 3), &status))
        return 0;
    return (int)status;
}

/* What was asked for as if nothing had been, or a problem that says so. */
static void is_an_answer(const char *answer, int good, size_t i, unsigned n)
{
    int status = status_of(answer);

    if (status == good)
        return;
    if ((status != 503 && status != 500) || !strstr(answer, "application/problem+json"))
        fail_msg("%s %s, fault %u: \"%.300s\"", requests[i].method, requests[i].path, n, answer);
}

/* Every `step`-th site of each request, from another one for each: all of their allocations would
 * take minutes, and requests share most of their way. */
static void every_site(enum fth_fault kind, unsigned step, const char *name)
{
#ifdef FTH_FAULTS
    struct serving serving = serve_bill();
    char *answer = calloc(1, ANSWER_MAX);
    unsigned sites = 0;

    assert_non_null(answer);
    for (size_t i = 0; i < FTH_NR(requests); i++) {
        int good;

        ask(&serving, i, answer);
        good = status_of(answer);
        assert_in_range(good, 200, 404);
        for (unsigned n = 1 + (unsigned)i % step;; n += step) {
            bool reached;

            fth_fault_arm(kind, n);
            ask(&serving, i, answer);
            reached = fth_fault_count(kind) >= n;
            fth_fault_arm(kind, 0);
            is_an_answer(answer, good, i, n);
            if (!reached)
                break;
            sites++;
        }
        ask(&serving, i, answer);
        assert_int_equal(status_of(answer), good);
    }
    free(answer);
    stop(&serving);
    test_fault_sites(kind, name, sites);
#else
    skip();
#endif
}

static void whichever_allocation_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_ALLOC, 7, __func__);
}

static void whichever_statement_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_SQL, 1, __func__);
}

static void whichever_write_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_WRITE, 1, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whichever_allocation_fails_there_is_an_answer_and_the_server_lives_on),
        TEST(whichever_statement_fails_there_is_an_answer_and_the_server_lives_on),
        TEST(whichever_write_fails_there_is_an_answer_and_the_server_lives_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
