/*
 * The API: an allocation or a statement that fails is an answer, 503 or 500 as problem+json, and
 * the server answers the next request as if nothing had been. A job in which a statement or a write
 * fails ends as done or as failed with a reason, and the ledger has all of its import or nothing.
 *
 * Over a real socket, each request of a list with every statement and write and every place of an
 * allocation that has not failed with an earlier request. The counters are the process's, so a
 * fault may also hit what runs beside the request; that must be survived too.
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
#include "focus/export.h"
#include "import/import_world.h"
#include "ledger/archive.h"
#include "ledger/compact.h"
#include "ledger/raw.h"

enum { ANSWER_MAX = 1 << 20 };

static const char bill[] =
    "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,InvoiceId\n"
    "1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,I-1\n"
    "2.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,I-1\n";

struct request {
    const char *method, *path, *headers, *body;
};

static const struct request requests[] = {
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
    {"POST", "/api/v1/forecasts", "Content-Type: application/json\r\n",
     "{\"plan\":{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],"
     "\"time\":null,\"grain\":\"day\",\"group_by\":[\"service\"]},"
     "\"horizon\":{\"until\":\"month_end\"},\"model\":\"ets\"}"},
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

/* The whole answer, zero-terminated; the client asks none of our memory. */
static void send_one(const struct serving *serving, const struct request *request, char *out)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(fth_http_server_port(serving->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {60, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[2048];
    ssize_t got;
    size_t n = 0;
    int len = snprintf(
        text, sizeof(text),
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%sContent-Length: %zu"
        "\r\n\r\n%s",
        request->method, request->path, request->headers, strlen(request->body), request->body);

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
    if ((status != 503 && status != 500) || !strstr(answer, "application/problem+json")) {
        (void)test_fault_spared(NULL);
        fail_msg("%s %s, fault %u: \"%.300s\"", requests[i].method, requests[i].path, n, answer);
    }
}

/* From now on the n-th call fails, or one that allocates at a new place. */
static void arm(enum fth_fault kind, unsigned n)
{
    if (kind == FTH_FAULT_ALLOC)
        fth_fault_arm_place(kind);
    else
        fth_fault_arm(kind, n);
}

static void every_site(enum fth_fault kind, const char *name)
{
    struct serving serving = serve_bill();
    char *answer = calloc(1, ANSWER_MAX);
    unsigned sites = 0;

    assert_non_null(answer);
    fth_fault_forget(NULL);
    for (size_t i = 0; i < FTH_NR(requests); i++) {
        int good;

        send_one(&serving, &requests[i], answer);
        good = status_of(answer);
        assert_in_range(good, 200, 404);
        for (unsigned n = 1;; n++) {
            bool failed;

            arm(kind, n);
            send_one(&serving, &requests[i], answer);
            failed = test_fault_off();
            is_an_answer(answer, good, i, n);
            if (!failed)
                break;
            sites++;
        }
        send_one(&serving, &requests[i], answer);
        assert_int_equal(status_of(answer), good);
    }
    free(answer);
    stop(&serving);
    test_fault_sites(kind, name, sites);
}

/* ---- jobs ---- */

enum { TEXT_LEN = 64, LOOKS = 60000 }; /* a job ends within minutes */

/* The text of a member of an answer; empty when there is none. */
static const char *member(const char *answer, const char *name, char out[TEXT_LEN + 1])
{
    char key[TEXT_LEN];
    const char *at;

    snprintf(key, sizeof(key), "\"%s\":\"", name);
    at = strstr(answer, key);
    out[0] = '\0';
    if (at)
        snprintf(out, TEXT_LEN + 1, "%.*s", (int)strcspn(at + strlen(key), "\""), at + strlen(key));
    return out;
}

/* A bill that was not there before. */
static void upload(const struct serving *serving, unsigned n, char *answer, char id[TEXT_LEN + 1])
{
    char text[1024];
    const struct request request = {"POST", "/api/v1/uploads?name=bill.csv",
                                    "Content-Type: application/octet-stream\r\n", text};

    snprintf(text, sizeof(text),
             "%s3.5,USD,a-1,2025-05-01,2025-05-03,2025-05-04,Usage,C%u,Contoso,\n", bill, n);
    send_one(serving, &request, answer);
    assert_int_equal(status_of(answer), 201);
    assert_true(member(answer, "id", id)[0] != '\0');
}

/* Starts it and follows it to its end: true when it is done, false when it was refused or failed
 * and says why. Looks that are hit are made again. */
static bool follow(const struct serving *serving, const struct request *start, char *answer)
{
    char path[2 * TEXT_LEN], id[TEXT_LEN + 1], state[TEXT_LEN + 1];
    const struct request look = {"GET", path, "", ""};
    unsigned looks = 0;
    int status;

    send_one(serving, start, answer);
    status = status_of(answer);
    if (status != 202 && status != 200) { /* under way, or ended already */
        if (status != 503 && status != 500)
            fail_msg("%s %s: \"%.300s\"", start->path, start->body, answer);
        return false;
    }
    snprintf(path, sizeof(path), "/api/v1/jobs/%s", member(answer, "id", id));
    do {
        assert_true(++looks < LOOKS);
        usleep(2000);
        send_one(serving, &look, answer);
        member(answer, "state", state);
    } while (!state[0] || strcmp(state, "queued") == 0 || strcmp(state, "running") == 0);
    if (strcmp(state, "done") == 0)
        return true;
    assert_string_equal(state, "failed");
    assert_non_null(strstr(answer, "\"title\""));
    return false;
}

static unsigned charges(const struct serving *serving, char *answer)
{
    static const struct request request = {
        "POST", "/api/v1/costs/query", "Content-Type: application/json\r\nAccept: text/csv\r\n",
        "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"charge_count\"],"
        "\"time\":null}"};

    send_one(serving, &request, answer);
    assert_int_equal(status_of(answer), 200);
    return strstr(answer, "\n3") ? 3 : strstr(answer, "\n2") ? 2 : 0;
}

/* All of the bill of three, or as many charges as there had been before. */
static void is_whole(const struct serving *serving, bool done, unsigned *had, char *answer)
{
    unsigned nr = charges(serving, answer);

    assert_true(nr == 3 || (nr == *had && !done));
    *had = nr;
}

/* What jobs do has walks of its own: this one is about what runs them. */
static const fth_fault_function walked[] = {(fth_fault_function)fth_import_run,
                                            (fth_fault_function)fth_focus_export,
                                            (fth_fault_function)fth_raw_keep,
                                            (fth_fault_function)fth_ledger_compact,
                                            (fth_fault_function)fth_ledger_archive,
                                            (fth_fault_function)fth_ledger_shrink,
                                            NULL};

static unsigned every_import(const struct serving *serving, enum fth_fault kind, char *answer)
{
    unsigned n = 0, had = 2;

    for (;;) {
        char id[TEXT_LEN + 1], body[256];
        const struct request start = {"POST", "/api/v1/jobs", "Content-Type: application/json\r\n",
                                      body};
        bool done;

        upload(serving, n, answer, id);
        snprintf(body, sizeof(body),
                 "{\"kind\":\"ingest\",\"uploads\":[\"%s\"],\"mode\":\"replace\"}", id);
        fth_fault_arm_place(kind);
        done = follow(serving, &start, answer);
        if (!test_fault_off()) {
            assert_true(done);
            is_whole(serving, done, &had, answer);
            return n;
        }
        is_whole(serving, done, &had, answer);
        n++;
    }
}

static unsigned every_export(const struct serving *serving, enum fth_fault kind, char *answer)
{
    static const struct request start = {"POST", "/api/v1/focus/exports",
                                         "Content-Type: application/json\r\n",
                                         "{\"version\":\"1.2\"}"};
    unsigned n = 0;

    for (;;) {
        bool done;

        fth_fault_arm_place(kind);
        done = follow(serving, &start, answer);
        if (!test_fault_off()) {
            assert_true(done);
            return n;
        }
        n++;
    }
}

static void every_job(enum fth_fault kind, const char *name)
{
    struct serving serving = serve_bill();
    char *answer = calloc(1, ANSWER_MAX);
    unsigned sites;

    assert_non_null(answer);
    fth_fault_forget(walked);
    sites = every_import(&serving, kind, answer);
    sites += every_export(&serving, kind, answer);
    free(answer);
    stop(&serving);
    test_fault_sites(kind, name, sites);
}

static void whichever_allocation_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_ALLOC, __func__);
}

static void whichever_statement_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_SQL, __func__);
}

static void whichever_write_fails_there_is_an_answer_and_the_server_lives_on(void **state)
{
    every_site(FTH_FAULT_WRITE, __func__);
}

static void whichever_statement_fails_a_job_ends_and_says_how(void **state)
{
    every_job(FTH_FAULT_SQL, __func__);
}

static void whichever_write_fails_a_job_ends_and_says_how(void **state)
{
    every_job(FTH_FAULT_WRITE, __func__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whichever_allocation_fails_there_is_an_answer_and_the_server_lives_on),
        TEST(whichever_statement_fails_there_is_an_answer_and_the_server_lives_on),
        TEST(whichever_write_fails_there_is_an_answer_and_the_server_lives_on),
        TEST(whichever_statement_fails_a_job_ends_and_says_how),
        TEST(whichever_write_fails_a_job_ends_and_says_how),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
