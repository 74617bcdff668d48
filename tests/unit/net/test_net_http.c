/* http: one request to somebody else, and all the ways in which it can end. */
#include "net/http.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

/* ---- a server for one connection, which does as it is told ---- */

struct peer {
    int listener;
    int port;
    char path[128];
    pthread_t thread;
    const char *answer; /* sent once the request is in; NULL: silence */
    const char *late;   /* sent after that, when `go` is set */
    bool hold;          /* keeps the connection open until `go` is set */
    atomic_bool go;
    char request[1 << 16]; /* as it came */
    size_t len;
};

static bool has_all(const struct peer *peer)
{
    const char *body = strstr(peer->request, "\r\n\r\n");
    const char *length = strstr(peer->request, "Content-Length: ");

    if (!body)
        return false;
    if (strstr(peer->request, "Transfer-Encoding: chunked"))
        return strstr(body, "\r\n0\r\n\r\n") != NULL || strncmp(body + 4, "0\r\n\r\n", 5) == 0;
    return !length || strlen(body + 4) >= strtoul(length + 16, NULL, 10);
}

static void say(int fd, const char *text)
{
    for (size_t at = 0, n = strlen(text); at < n;) {
        ssize_t sent = send(fd, text + at, n - at, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

static void await_go(struct peer *peer)
{
    for (int i = 0; i < 10000 && !atomic_load(&peer->go); i++)
        usleep(1000);
}

static void *serve(void *arg)
{
    struct peer *peer = arg;
    struct pollfd ready = {.fd = peer->listener, .events = POLLIN};
    int fd;

    if (poll(&ready, 1, 10000) != 1)
        return NULL;
    fd = accept(peer->listener, NULL, NULL);
    while (!has_all(peer) && peer->len < sizeof(peer->request) - 1) {
        ssize_t got = recv(fd, peer->request + peer->len, sizeof(peer->request) - 1 - peer->len, 0);

        if (got <= 0)
            break;
        peer->len += (size_t)got;
    }
    if (peer->answer)
        say(fd, peer->answer);
    if (peer->late || peer->hold)
        await_go(peer);
    if (peer->late)
        say(fd, peer->late);
    close(fd);
    return NULL;
}

static void start_tcp(struct peer *peer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(peer->listener, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(peer->listener, 5), 0);
    assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&address, &size), 0);
    peer->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

static void start_unix(struct peer *peer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(peer->path, sizeof(peer->path), "%s/s", test_dir());
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", peer->path);
    peer->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(peer->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listener, 5), 0);
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

static void stop(struct peer *peer)
{
    atomic_store(&peer->go, true);
    pthread_join(peer->thread, NULL);
    close(peer->listener);
}

/* ---- what came back ---- */

struct got {
    int status, heads;
    char type[64], etag[64], body[4096];
    size_t len;
    struct peer *release; /* lets the peer go on with the first piece */
    enum fth_rc refuse;
};

static enum fth_rc on_head(void *ctx, int status, struct fth_str content_type, struct fth_err *err)
{
    struct got *got = ctx;

    (void)err;
    got->heads++;
    got->status = status;
    snprintf(got->type, sizeof(got->type), FTH_STR_F, FTH_STR_A(content_type));
    return FTH_OK;
}

static enum fth_rc on_data(void *ctx, struct fth_str piece, struct fth_err *err)
{
    struct got *got = ctx;

    assert_int_equal(got->heads, 1); /* the head always comes first */
    if (got->refuse)
        return fth_err_set(err, got->refuse, "enough of \"" FTH_STR_F "\"", FTH_STR_A(piece));
    assert_true(got->len + piece.n < sizeof(got->body));
    memcpy(got->body + got->len, piece.p, piece.n);
    got->len += piece.n;
    if (got->release)
        atomic_store(&got->release->go, true);
    return FTH_OK;
}

static enum fth_rc on_header(void *ctx, struct fth_str name, struct fth_str value,
                             struct fth_err *err)
{
    struct got *got = ctx;

    (void)err;
    if (fth_str_caseeq(name, FTH_STR("ETag")))
        snprintf(got->etag, sizeof(got->etag), FTH_STR_F, FTH_STR_A(value));
    return FTH_OK;
}

static enum fth_rc perform(struct peer *peer, struct fth_net_call call, struct got *got,
                           struct fth_err *err)
{
    char url[128];

    assert_ok(fth_net_start(err), err);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/a/b?c=d", peer->port);
    call.method = call.method ? call.method : "GET";
    call.url = call.url ? call.url : url;
    call.ctx = got;
    call.head = on_head;
    call.data = on_data;
    call.header = on_header;
    return fth_net_perform(&call, err);
}

#define SAYS(head, body) "HTTP/1.1 " head "\r\nConnection: close\r\n\r\n" body

static void an_answer_is_its_head_and_then_its_body(void **state)
{
    const struct fth_net_header headers[] = {{{"Accept", 6}, {"text/csv", 8}}};
    struct peer peer = {.answer =
                            SAYS("200 OK\r\nContent-Type: text/csv\r\nETag: \"v7\"", "a,b\n")};
    struct fth_err err = {0};
    struct got got = {0};

    (void)state;
    start_tcp(&peer);
    assert_ok(perform(&peer,
                      (struct fth_net_call){.headers = headers, .header_nr = 1, .body_fd = -1},
                      &got, &err),
              &err);
    stop(&peer);
    assert_int_equal(got.status, 200);
    assert_string_equal(got.type, "text/csv");
    assert_string_equal(got.etag, "\"v7\"");
    assert_string_equal(got.body, "a,b\n");
    assert_non_null(strstr(peer.request, "GET /a/b?c=d HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.request, "\r\nAccept: text/csv\r\n"));
    assert_null(strstr(peer.request, "Expect:"));
}

static void it_goes_through_a_socket_as_well(void **state)
{
    struct peer peer = {.answer = SAYS("204 No Content", "")};
    struct fth_err err = {0};
    struct got got = {0};

    (void)state;
    start_unix(&peer);
    assert_ok(perform(&peer,
                      (struct fth_net_call){.method = "DELETE",
                                            .url = "http://localhost/x",
                                            .unix_socket = peer.path,
                                            .body_fd = -1},
                      &got, &err),
              &err);
    stop(&peer);
    assert_int_equal(got.status, 204);
    assert_int_equal(got.heads, 1); /* also without a body */
    assert_non_null(strstr(peer.request, "DELETE /x HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.request, "Host: localhost\r\n"));
}

static void a_body_comes_from_memory_or_from_a_file(void **state)
{
    struct peer peer = {.answer = SAYS("201 Created", "")}, again = {.answer = peer.answer};
    const char *path = test_file(FTH_STR("from a file"));
    FILE *file = fopen(path, "rb");
    struct fth_err err = {0};
    struct got got = {0};

    (void)state;
    assert_non_null(file);
    start_tcp(&peer);
    assert_ok(perform(&peer,
                      (struct fth_net_call){
                          .method = "POST", .body_fd = -1, .body = FTH_STR("from memory")},
                      &got, &err),
              &err);
    stop(&peer);
    assert_non_null(strstr(peer.request, "POST /a/b?c=d HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.request, "Content-Length: 11\r\n"));
    assert_non_null(strstr(peer.request, "\r\n\r\nfrom memory"));

    got = (struct got){0};
    start_tcp(&again);
    assert_ok(perform(&again, (struct fth_net_call){.method = "POST", .body_fd = fileno(file)},
                      &got, &err),
              &err);
    stop(&again);
    assert_non_null(strstr(again.request, "Transfer-Encoding: chunked\r\n"));
    assert_non_null(strstr(again.request, "\r\nb\r\nfrom a file\r\n0\r\n\r\n"));
    fclose(file);
}

static void pieces_come_as_they_are_sent(void **state)
{
    struct peer peer = {.answer = SAYS("200 OK", "first "), .late = "second"};
    struct fth_err err = {0};
    struct got got = {.release = &peer}; /* the second is only sent when the first was handed on */

    (void)state;
    start_tcp(&peer);
    assert_ok(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), &err);
    stop(&peer);
    assert_string_equal(got.body, "first second");
}

static void a_bad_status_is_an_answer_and_a_redirect_is_not_followed(void **state)
{
    struct peer missing = {.answer = SAYS("404 Not Found", "no")};
    struct peer moved = {.answer = SAYS("302 Found\r\nLocation: http://127.0.0.1:1/", "")};
    struct fth_err err = {0};
    struct got got = {0}, redirect = {0};

    (void)state;
    start_tcp(&missing);
    assert_ok(perform(&missing, (struct fth_net_call){.body_fd = -1}, &got, &err), &err);
    stop(&missing);
    assert_int_equal(got.status, 404);
    start_tcp(&moved);
    assert_ok(perform(&moved, (struct fth_net_call){.body_fd = -1}, &redirect, &err), &err);
    stop(&moved);
    assert_int_equal(redirect.status, 302);
}

static void nobody_there_is_said_so(void **state)
{
    struct fth_err err = {0}, socket_err = {0};
    struct peer peer = {.port = 1};
    struct got got = {0};

    (void)state;
    assert_int_equal(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), FTH_E_NET);
    assert_non_null(strstr(err.msg, "http://127.0.0.1:1/"));
    assert_int_equal(perform(&peer,
                             (struct fth_net_call){.body_fd = -1,
                                                   .url = "http://localhost/",
                                                   .unix_socket = "/nowhere/farthing.sock"},
                             &got, &socket_err),
                     FTH_E_BUSY);
    assert_non_null(strstr(socket_err.msg, "/nowhere/farthing.sock"));
    assert_int_equal(got.heads, 0);
}

static void an_answer_that_breaks_off_is_an_error(void **state)
{
    struct peer peer = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"};
    struct peer mute = {.answer = ""};
    struct fth_err err = {0}, none = {0};
    struct got got = {0}, nothing = {0};

    (void)state;
    start_tcp(&peer);
    assert_int_equal(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), FTH_E_NET);
    stop(&peer);
    start_tcp(&mute);
    assert_int_equal(perform(&mute, (struct fth_net_call){.body_fd = -1}, &nothing, &none),
                     FTH_E_NET);
    stop(&mute);
    assert_int_equal(nothing.heads, 0);
}

static void silence_ends_with_the_time(void **state)
{
    struct peer peer = {.hold = true};
    struct fth_err err = {0};
    struct got got = {0};

    (void)state;
    start_tcp(&peer);
    assert_int_equal(
        perform(&peer, (struct fth_net_call){.body_fd = -1, .timeout_ms = 100}, &got, &err),
        FTH_E_TIMEOUT);
    stop(&peer);
}

static void *cancel_soon(void *arg)
{
    usleep(100000);
    fth_cancel_set(arg, "enough");
    return NULL;
}

static void a_call_that_waits_can_be_cancelled(void **state)
{
    struct fth_clock clock = fth_clock_system();
    int64_t started = fth_clock_mono_us(&clock);
    struct peer peer = {.hold = true};
    struct fth_cancel cancel = {0};
    struct fth_err err = {0};
    struct got got = {0};
    pthread_t thread;

    (void)state;
    start_tcp(&peer);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
    assert_int_equal(
        perform(&peer, (struct fth_net_call){.body_fd = -1, .cancel = &cancel}, &got, &err),
        FTH_E_CANCELLED);
    assert_string_equal(err.msg, "enough");
    assert_true(fth_clock_mono_us(&clock) - started < 3000000);
    pthread_join(thread, NULL);
    stop(&peer);
}

static void the_error_of_a_callback_comes_back_unchanged(void **state)
{
    struct peer peer = {.answer = SAYS("200 OK", "words")};
    struct got got = {.refuse = FTH_E_LIMIT};
    struct fth_err err = {0};

    (void)state;
    start_tcp(&peer);
    assert_int_equal(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), FTH_E_LIMIT);
    stop(&peer);
    assert_string_equal(err.msg, "enough of \"words\"");
}

static void only_http_is_spoken(void **state)
{
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/",
                                       "no address at all"};
    struct peer peer = {0};
    struct got got = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fth_err err = {0};
        enum fth_rc rc =
            perform(&peer, (struct fth_net_call){.body_fd = -1, .url = urls[i]}, &got, &err);

        assert_int_equal(rc, FTH_E_USAGE);
        assert_int_equal(got.heads, 0);
    }
}

static void what_is_on_this_machine_is_reached_without_a_proxy(void **state)
{
    struct peer peer = {.answer = SAYS("200 OK", "tcp")},
                local = {.answer = SAYS("200 OK", "unix")};
    struct fth_err err = {0};
    struct got got = {0}, through = {0};

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    start_tcp(&peer);
    assert_ok(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), &err);
    stop(&peer);
    start_unix(&local);
    assert_ok(perform(&local,
                      (struct fth_net_call){
                          .url = "http://localhost/x", .unix_socket = local.path, .body_fd = -1},
                      &through, &err),
              &err);
    stop(&local);
    unsetenv("http_proxy");
    assert_string_equal(got.body, "tcp");
    assert_string_equal(through.body, "unix");
    assert_non_null(strstr(local.request, "GET /x HTTP/1.1\r\n"));
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const struct fth_net_header headers[] = {{{"Accept", 6}, {"text/csv", 8}}};
    enum fth_rc rc = FTH_E_FAILED;

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct peer peer = {.answer = SAYS("200 OK", "a")};
        struct fth_err err = {0};
        struct got got = {0};

        start_tcp(&peer);
        rc =
            perform(&peer, (struct fth_net_call){.headers = headers, .header_nr = 1, .body_fd = -1},
                    &got, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        shutdown(peer.listener, SHUT_RDWR);
        stop(&peer);
    }
    assert_int_equal(rc, FTH_OK);
}

static void a_network_that_fails_is_an_error(void **state)
{
    struct peer peer = {.port = 1};
    struct fth_err err = {0};
    struct got got = {0};

    (void)state;
#ifdef FTH_FAULTS
    fth_fault_arm(FTH_FAULT_NET, 1);
    assert_int_equal(perform(&peer, (struct fth_net_call){.body_fd = -1}, &got, &err), FTH_E_NET);
#else
    (void)peer;
    (void)err;
    (void)got;
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_its_head_and_then_its_body),
        TEST(it_goes_through_a_socket_as_well),
        TEST(a_body_comes_from_memory_or_from_a_file),
        TEST(pieces_come_as_they_are_sent),
        TEST(a_bad_status_is_an_answer_and_a_redirect_is_not_followed),
        TEST(nobody_there_is_said_so),
        TEST(an_answer_that_breaks_off_is_an_error),
        TEST(silence_ends_with_the_time),
        TEST(a_call_that_waits_can_be_cancelled),
        TEST(the_error_of_a_callback_comes_back_unchanged),
        TEST(only_http_is_spoken),
        TEST(what_is_on_this_machine_is_reached_without_a_proxy),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
        TEST(a_network_that_fails_is_an_error),
    };

    return cmocka_run_group_tests_name("net_http", tests, NULL, NULL);
}
