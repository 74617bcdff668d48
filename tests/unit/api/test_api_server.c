/* http_server: what connections promise, with a handler of the test's own behind them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api/http_server.h"
#include "base/file.h"
#include "test.h"

/* What the handler saw; guarded by nothing but that each test asks one thing at a time. */
struct seen {
    atomic_int begun, ran, failed, done, cancelled;
    atomic_llong written;
    struct fth_reply_stream *_Atomic stream;
    uint64_t max_body;
    atomic_bool release;
};

static void nap(void)
{
    struct timespec step = {0, 5 * 1000 * 1000};

    nanosleep(&step, NULL);
}

static enum fth_rc take(void *ctx, struct fth_str bytes, struct fth_err *err)
{
    struct seen *seen = ctx;

    atomic_fetch_add(&seen->written, (long long)bytes.n);
    return FTH_OK;
}

static enum fth_rc begin(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                         struct fth_err *err)
{
    struct seen *seen = ctx;

    atomic_fetch_add(&seen->begun, 1);
    exchange->max_body = seen->max_body;
    exchange->quick = fth_str_starts(request->path, FTH_STR("/quick"));
    if (fth_str_eq_c(request->path, "/refused"))
        return fth_err_set(err, FTH_E_DENIED, "refused");
    if (fth_str_eq_c(request->path, "/upload")) {
        exchange->write = take;
        exchange->write_ctx = seen;
        exchange->max_body = 1 << 30;
    }
    return FTH_OK;
}

static void stream_much(struct seen *seen, struct fth_http_request *request,
                        struct fth_reply *reply)
{
    struct fth_err err = {0};
    struct fth_str piece = test_repeat("0123456789abcdef", 4096);

    (void)fth_reply_start(reply, 200, &err);
    for (int i = 0; i < 128 && !err.rc; i++)
        (void)fth_reply_write(reply, piece, &err);
    if (err.rc == FTH_E_CANCELLED)
        atomic_fetch_add(&seen->cancelled, 1);
    fth_reply_end(reply, err.rc == FTH_OK);
}

static void wait_for_cancel(struct seen *seen, struct fth_http_request *request,
                            struct fth_reply *reply)
{
    struct fth_err err = {0};

    while (!fth_cancel_check(request->cancel, &err) && !atomic_load(&seen->release))
        nap();
    if (err.rc)
        atomic_fetch_add(&seen->cancelled, 1);
    (void)fth_reply_send(reply, 200, FTH_STR("waited"), &(struct fth_err){0});
}

static void run(void *ctx, struct fth_http_request *request, struct fth_exchange *exchange,
                struct fth_reply *reply)
{
    struct seen *seen = ctx;
    struct fth_err err = {0};

    atomic_fetch_add(&seen->ran, 1);
    if (fth_str_eq_c(request->path, "/much")) {
        stream_much(seen, request, reply);
    } else if (fth_str_eq_c(request->path, "/wait")) {
        wait_for_cancel(seen, request, reply);
    } else if (fth_str_eq_c(request->path, "/quick/events")) {
        (void)fth_reply_start(reply, 200, &err);
        atomic_store(&seen->stream, fth_reply_detach(reply));
    } else {
        (void)fth_reply_header(reply, "X-Query", request->query, &err);
        (void)fth_reply_send(reply, 200, request->body.n ? request->body : FTH_STR("hello"), &err);
    }
}

static void reply_problem(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                          const struct fth_err *err)
{
    struct seen *seen = ctx;

    atomic_fetch_add(&seen->failed, 1);
    fth_reply_problem(reply, request, err);
}

static void done(void *ctx, struct fth_http_request *request, struct fth_reply *reply,
                 int64_t duration_us)
{
    struct seen *seen = ctx;

    assert_true(duration_us >= 0);
    atomic_fetch_add(&seen->done, 1);
}

static struct fth_http_server *serve(struct seen *seen, struct fth_http_conf conf)
{
    struct fth_http_handler handler = {seen, begin, run, reply_problem, done, NULL};
    struct fth_clock clock = fth_clock_system();
    struct fth_http_server *server = NULL;
    struct fth_err err = {0};

    if (!conf.unix_path)
        conf.listen = "127.0.0.1:0";
    if (!seen->max_body)
        seen->max_body = 1000;
    conf.grace_ms = 200;
    assert_ok(fth_http_server_start(&conf, &handler, &clock, NULL, &server, &err), &err);
    return server;
}

static int dial(const struct fth_http_server *server)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(fth_http_server_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {10, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    struct fth_err err = {0};

    assert_ok(fth_file_write_all(fd, "socket", fth_str_c(text), &err), &err);
}

/* Reads until the peer closes or `most` bytes have come. */
static size_t hear(int fd, char *out, size_t most)
{
    size_t n = 0;
    ssize_t got;

    while (n < most && (got = read(fd, out + n, most - n)) > 0)
        n += (size_t)got;
    out[n < most ? n : most - 1] = '\0';
    return n;
}

static void answers(const struct fth_http_server *server, const char *request, const char *want)
{
    char text[8192];
    int fd = dial(server);

    say(fd, request);
    hear(fd, text, sizeof(text));
    close(fd);
    if (!strstr(text, want))
        fail_msg("\"%s\" is not in \"%s\"", want, text);
}

static void wait_for(atomic_int *counter, int want)
{
    for (int i = 0; i < 2000 && atomic_load(counter) < want; i++)
        nap();
    assert_int_equal(atomic_load(counter), want);
}

static void a_request_is_answered_by_a_worker(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());

    answers(server, "GET /a?b=%20c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "X-Query: b=%20c");
    answers(server, "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "hello");
    answers(server,
            "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
            "\r\n\r\nabc");
    wait_for(&seen.done, 3);
    fth_http_server_stop(server);
}

static void head_tells_the_length_and_sends_nothing(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    char text[4096];
    int fd = dial(server);

    say(fd, "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    hear(fd, text, sizeof(text));
    close(fd);
    assert_non_null(strstr(text, "Content-Length: 5"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    fth_http_server_stop(server);
}

static void a_refusal_comes_before_the_body_is_read(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());

    answers(server, "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
            " 403 ");
    answers(server, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", " 413 ");
    assert_int_equal(atomic_load(&seen.ran), 0);
    fth_http_server_stop(server);
}

static void a_chunked_body_over_the_limit_is_refused_at_its_end(void **state)
{
    struct seen seen = {.max_body = 4};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());

    answers(server,
            "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nabcde\r\n0\r\n\r\n",
            " 413 ");
    assert_int_equal(atomic_load(&seen.ran), 0);
    fth_http_server_stop(server);
}

static void a_head_over_the_limit_is_refused(void **state)
{
    struct seen seen = {0};
    struct fth_http_conf conf = fth_http_conf_default();
    struct fth_http_server *server;
    char request[3000];

    conf.max_head = 1024;
    server = serve(&seen, conf);
    snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\nX: " FTH_STR_F "\r\n\r\n",
             FTH_STR_A(test_repeat("a", 2000)));
    answers(server, request, " 431 ");
    fth_http_server_stop(server);
}

static void a_long_stream_arrives_whole(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    size_t most = 10 << 20, n;
    char *text = fth_arena_alloc(test_arena(most + 100), most);
    int fd = dial(server);

    say(fd, "GET /much HTTP/1.0\r\nHost: x\r\n\r\n");
    n = hear(fd, text, most);
    close(fd);
    n -= (size_t)(strstr(text, "\r\n\r\n") + 4 - text);
    assert_int_equal(n, 128 * 65536);
    fth_http_server_stop(server);
}

static void a_writer_learns_that_its_reader_has_left(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    int fd = dial(server);

    say(fd, "GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
    nap();
    close(fd);
    wait_for(&seen.done, 1);
    assert_int_equal(atomic_load(&seen.cancelled), 1);
    fth_http_server_stop(server);
}

static void work_is_cancelled_when_the_client_leaves(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    int fd = dial(server);

    say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&seen.ran, 1);
    close(fd);
    wait_for(&seen.cancelled, 1);
    wait_for(&seen.done, 1);
    fth_http_server_stop(server);
}

static void work_is_cancelled_when_its_time_is_over(void **state)
{
    struct seen seen = {0};
    struct fth_http_conf conf = fth_http_conf_default();
    struct fth_http_server *server;

    conf.run_s = 1;
    server = serve(&seen, conf);
    answers(server, "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "waited");
    assert_int_equal(atomic_load(&seen.cancelled), 1);
    fth_http_server_stop(server);
}

static void stopping_cancels_what_runs(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    int fd = dial(server);

    say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&seen.ran, 1);
    fth_http_server_stop(server);
    assert_int_equal(atomic_load(&seen.cancelled), 1);
    assert_int_equal(atomic_load(&seen.done), 1);
    close(fd);
}

static void too_many_waiting_requests_are_told_to_come_back(void **state)
{
    struct seen seen = {0};
    struct fth_http_conf conf = fth_http_conf_default();
    struct fth_http_server *server;
    int fds[2];

    conf.workers = 1;
    conf.max_waiting = 1;
    server = serve(&seen, conf);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(server);
        say(fds[i], "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        wait_for(i == 0 ? &seen.ran : &seen.begun, i + 1);
    }
    for (int i = 0; i < 20; i++)
        nap();
    answers(server, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "Retry-After: 2");
    answers(server, "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "hello");
    atomic_store(&seen.release, true);
    wait_for(&seen.done, 4);
    close(fds[0]);
    close(fds[1]);
    fth_http_server_stop(server);
}

static void a_detached_stream_is_written_by_others(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    struct fth_reply_stream *stream;
    char text[4096];
    int fd = dial(server);

    say(fd, "GET /quick/events HTTP/1.0\r\nHost: x\r\n\r\n");
    while (!(stream = atomic_load(&seen.stream)))
        nap();
    assert_true(fth_stream_push(stream, FTH_STR("one ")));
    for (int i = 0; i < 10; i++)
        nap();
    assert_true(fth_stream_push(stream, FTH_STR("two")));
    fth_stream_close(stream);
    hear(fd, text, sizeof(text));
    assert_non_null(strstr(text, "one two"));
    close(fd);
    wait_for(&seen.done, 1);
    fth_http_server_stop(server);
}

static void a_detached_stream_without_reader_says_so(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    struct fth_reply_stream *stream;
    bool alive = true;
    int fd = dial(server);

    say(fd, "GET /quick/events HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!(stream = atomic_load(&seen.stream)))
        nap();
    close(fd);
    for (int i = 0; i < 1000 && alive; i++) {
        alive = fth_stream_push(stream, FTH_STR("x"));
        nap();
    }
    assert_false(alive);
    fth_stream_close(stream);
    wait_for(&seen.done, 1);
    fth_http_server_stop(server);
}

static void an_upload_is_handed_on_piece_by_piece(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    struct fth_str piece = test_repeat("x", 65536);
    struct fth_err err = {0};
    char text[4096];
    int fd = dial(server);

    say(fd,
        "PUT /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6553600\r\n\r\n");
    for (int i = 0; i < 100; i++)
        assert_ok(fth_file_write_all(fd, "socket", piece, &err), &err);
    hear(fd, text, sizeof(text));
    assert_non_null(strstr(text, "hello"));
    assert_int_equal(atomic_load(&seen.written), 6553600);
    close(fd);
    fth_http_server_stop(server);
}

static void a_head_that_trickles_in_is_cut_off(void **state)
{
    struct seen seen = {0};
    struct fth_http_conf conf = fth_http_conf_default();
    struct fth_http_server *server;
    char text[256];
    int fd;

    conf.head_s = 1;
    server = serve(&seen, conf);
    fd = dial(server);
    for (int i = 0; i < 60; i++) {
        if (send(fd, i == 0 ? "GET / HTTP/1.1\r\nX: " : "a", i == 0 ? 19 : 1, MSG_NOSIGNAL) < 0)
            break;
        for (int k = 0; k < 10; k++)
            nap();
    }
    assert_int_equal(hear(fd, text, sizeof(text)), 0);
    assert_int_equal(atomic_load(&seen.begun), 0);
    close(fd);
    fth_http_server_stop(server);
}

static void a_unix_socket_serves_its_owner(void **state)
{
    struct seen seen = {0};
    struct fth_http_conf conf = fth_http_conf_default();
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct fth_http_server *server;
    char text[4096];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", test_dir());
    conf.unix_path = at.sun_path;
    server = serve(&seen, conf);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    say(fd, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    hear(fd, text, sizeof(text));
    assert_non_null(strstr(text, "hello"));
    close(fd);
    fth_http_server_stop(server);
    assert_int_equal(access(at.sun_path, F_OK), -1);
}

static void refuses_to_listen(const char *address, enum fth_rc want)
{
    struct seen seen = {0};
    struct fth_http_handler handler = {&seen, begin, run, reply_problem, done, NULL};
    struct fth_http_conf conf = fth_http_conf_default();
    struct fth_clock clock = fth_clock_system();
    struct fth_http_server *server = NULL;
    struct fth_err err = {0};

    conf.listen = address;
    assert_int_equal(fth_http_server_start(&conf, &handler, &clock, NULL, &server, &err), want);
    assert_null(server);
    assert_non_null(strstr(err.msg, address));
}

static void only_loopback_can_be_listened_on(void **state)
{
    refuses_to_listen("0.0.0.0:0", FTH_E_DENIED);
    refuses_to_listen("[::]:0", FTH_E_DENIED);
    refuses_to_listen("10.1.2.3:80", FTH_E_DENIED);
    refuses_to_listen("example.com:80", FTH_E_INVALID);
    refuses_to_listen("127.0.0.1", FTH_E_INVALID);
    refuses_to_listen("127.0.0.1:70000", FTH_E_INVALID);
}

static void an_address_in_use_is_named(void **state)
{
    struct seen seen = {0};
    struct fth_http_server *server = serve(&seen, fth_http_conf_default());
    char address[32];

    snprintf(address, sizeof(address), "127.0.0.1:%u", fth_http_server_port(server));
    refuses_to_listen(address, FTH_E_BUSY);
    fth_http_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered_by_a_worker),
        TEST(head_tells_the_length_and_sends_nothing),
        TEST(a_refusal_comes_before_the_body_is_read),
        TEST(a_chunked_body_over_the_limit_is_refused_at_its_end),
        TEST(a_head_over_the_limit_is_refused),
        TEST(a_long_stream_arrives_whole),
        TEST(a_writer_learns_that_its_reader_has_left),
        TEST(work_is_cancelled_when_the_client_leaves),
        TEST(work_is_cancelled_when_its_time_is_over),
        TEST(stopping_cancels_what_runs),
        TEST(too_many_waiting_requests_are_told_to_come_back),
        TEST(a_detached_stream_is_written_by_others),
        TEST(a_detached_stream_without_reader_says_so),
        TEST(an_upload_is_handed_on_piece_by_piece),
        TEST(a_head_that_trickles_in_is_cut_off),
        TEST(a_unix_socket_serves_its_owner),
        TEST(only_loopback_can_be_listened_on),
        TEST(an_address_in_use_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
