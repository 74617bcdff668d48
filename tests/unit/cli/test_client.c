/* client: an answer of the API becomes JSON, a stream, or the error that its problem says. */
#include "cli/client.h"

#include <stdio.h>

#include "test.h"

/* A server that gives one answer, in pieces of a few bytes. */
struct canned {
    int status;
    const char *body;
    enum fth_rc fails;
};

static enum fth_rc answer(void *ctx, const struct fth_client_call *request,
                          const struct fth_client_sink *sink, struct fth_cancel *cancel,
                          struct fth_err *err)
{
    const struct canned *canned = ctx;
    struct fth_str left = fth_str_c(canned->body);
    enum fth_rc rc = FTH_OK;

    (void)request;
    (void)cancel;
    if (canned->fails)
        return fth_err_set(err, canned->fails, "the line is cut");
    rc = sink->head(sink->ctx, canned->status, FTH_STR("application/json"), err);
    while (!rc && left.n) {
        rc = sink->data(sink->ctx, fth_str_sub(left, 0, 5), err);
        left = fth_str_sub(left, 5, SIZE_MAX);
    }
    return rc;
}

static enum fth_rc ask(struct canned canned, size_t max_len, const struct fth_json **out,
                       struct fth_err *err)
{
    const struct fth_client client = {.call = answer, .ctx = &canned};
    const struct fth_client_call request = {.method = "GET", .path = FTH_STR("/x"), .body_fd = -1};

    return fth_client_json(&client, &request, NULL, test_arena(1 << 16), max_len, out, err);
}

static void a_good_answer_is_json(void **state)
{
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    (void)state;
    assert_ok(
        ask((struct canned){200, "{\"amount\":\"1.10\",\"n\":1.50}", FTH_OK}, 1000, &json, &err),
        &err);
    assert_str(fth_json_str(json, "amount", FTH_STR("")), "1.10");
    assert_str(fth_json_get(json, "n")->text, "1.50"); /* as delivered */
}

static void an_empty_answer_is_no_json(void **state)
{
    const struct fth_json *json = NULL;
    struct fth_err err = {0};

    (void)state;
    assert_ok(ask((struct canned){204, "", FTH_OK}, 1000, &json, &err), &err);
    assert_null(json);
}

static void every_problem_comes_back_as_the_error_it_was(void **state)
{
    (void)state;
    for (int rc = FTH_OK + 1; rc < FTH_RC_NR; rc++) {
        const struct fth_rc_info *info = fth_rc_info((enum fth_rc)rc);
        const struct fth_json *json = NULL;
        struct fth_err err = {0};
        char body[512];

        if (info->http_status < 400)
            continue;
        snprintf(body, sizeof(body),
                 "{\"type\":\"/problems/%s\",\"title\":\"T\",\"status\":%d,\"detail\":\"no %d\","
                 "\"hint\":\"Do it.\",\"errors\":[{\"pointer\":\"/a/0\",\"code\":\"x\"}]}",
                 info->type, info->http_status, rc);
        assert_int_equal(ask((struct canned){info->http_status, body, FTH_OK}, 1000, &json, &err),
                         rc);
        assert_non_null(strstr(err.msg, "no "));
        assert_string_equal(err.hint, "Do it.");
        assert_string_equal(err.pointer, "/a/0");
        assert_null(json);
    }
}

static void a_status_says_enough_when_nothing_else_does(void **state)
{
    static const struct {
        int status;
        enum fth_rc rc;
    } cases[] = {{401, FTH_E_UNAUTHENTICATED}, {403, FTH_E_DENIED},  {404, FTH_E_NOTFOUND},
                 {409, FTH_E_CONFLICT},        {418, FTH_E_INVALID}, {599, FTH_E_FAILED}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct fth_json *json = NULL;
        struct fth_err err = {0}, title = {0};

        assert_int_equal(ask((struct canned){cases[i].status, "<html>", FTH_OK}, 1000, &json, &err),
                         cases[i].rc);
        assert_non_null(strstr(err.msg, "status"));
        assert_int_equal(ask((struct canned){cases[i].status, "{\"title\":\"Sorry\"}", FTH_OK},
                             1000, &json, &title),
                         cases[i].rc);
        assert_string_equal(title.msg, "Sorry");
    }
}

static void what_is_no_json_or_too_long_is_refused(void **state)
{
    const struct fth_json *json = NULL;
    struct fth_err syntax = {0}, limit = {0}, net = {0};

    (void)state;
    assert_int_equal(ask((struct canned){200, "<html>", FTH_OK}, 1000, &json, &syntax), FTH_E_NET);
    assert_non_null(strstr(syntax.msg, "the server's answer"));
    assert_int_equal(ask((struct canned){200, "\"0123456789\"", FTH_OK}, 11, &json, &limit),
                     FTH_E_LIMIT);
    assert_int_equal(ask((struct canned){200, "", FTH_E_NET}, 11, &json, &net), FTH_E_NET);
    assert_string_equal(net.msg, "the line is cut");
    assert_null(json);
}

/* ---- streams ---- */

struct collected {
    int heads;
    struct fth_buf text;
};

static enum fth_rc collect_head(void *ctx, int status, struct fth_str content_type,
                                struct fth_err *err)
{
    struct collected *collected = ctx;

    (void)content_type;
    (void)err;
    assert_true(status < 400);
    collected->heads++;
    return FTH_OK;
}

static enum fth_rc collect(void *ctx, struct fth_str piece, struct fth_err *err)
{
    struct collected *collected = ctx;

    fth_buf_str(&collected->text, piece);
    return fth_buf_done(&collected->text, err);
}

static enum fth_rc stream(struct canned canned, struct collected *collected, struct fth_err *err)
{
    const struct fth_client client = {.call = answer, .ctx = &canned};
    const struct fth_client_call request = {.method = "GET", .path = FTH_STR("/x"), .body_fd = -1};
    const struct fth_client_sink sink = {collect_head, collect, collected};

    return fth_client_stream(&client, &request, NULL, &sink, err);
}

static void a_stream_is_handed_on_only_when_it_is_good(void **state)
{
    struct collected good = {.text = fth_buf_max(100)}, bad = {.text = fth_buf_max(100)};
    struct collected small = {.text = fth_buf_max(3)};
    struct fth_err err = {0}, problem = {0}, limit = {0};

    (void)state;
    assert_ok(stream((struct canned){200, "a,b\n1,2\n", FTH_OK}, &good, &err), &err);
    assert_str(fth_buf_view(&good.text), "a,b\n1,2\n");
    assert_int_equal(good.heads, 1);
    assert_int_equal(stream((struct canned){404,
                                            "{\"type\":\"/problems/not-found\","
                                            "\"detail\":\"no such thing\"}",
                                            FTH_OK},
                            &bad, &problem),
                     FTH_E_NOTFOUND);
    assert_string_equal(problem.msg, "no such thing");
    assert_int_equal(bad.text.n, 0);
    assert_int_equal(bad.heads, 0);
    assert_int_equal(stream((struct canned){200, "a,b\n1,2\n", FTH_OK}, &small, &limit),
                     FTH_E_LIMIT);
    fth_buf_release(&good.text);
    fth_buf_release(&bad.text);
    fth_buf_release(&small.text);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    enum fth_rc rc = FTH_E_FAILED;

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 16);
        struct canned canned = {404, "{\"type\":\"/problems/not-found\",\"detail\":\"no\"}",
                                FTH_OK};
        const struct fth_client client = {.call = answer, .ctx = &canned};
        const struct fth_client_call request = {
            .method = "GET", .path = FTH_STR("/x"), .body_fd = -1};
        const struct fth_json *json = NULL;
        struct fth_err err = {0};

        rc = arena ? fth_client_json(&client, &request, NULL, arena, 1000, &json, &err)
                   : FTH_E_NOMEM;
        /* Without memory for the problem's text its status still counts. */
        assert_true(rc == FTH_E_NOTFOUND || rc == FTH_E_NOMEM);
        fth_arena_free(arena);
    }
    assert_int_equal(rc, FTH_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_answer_is_json),
        TEST(an_empty_answer_is_no_json),
        TEST(every_problem_comes_back_as_the_error_it_was),
        TEST(a_status_says_enough_when_nothing_else_does),
        TEST(what_is_no_json_or_too_long_is_refused),
        TEST(a_stream_is_handed_on_only_when_it_is_good),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests_name("cli_client", tests, NULL, NULL);
}
