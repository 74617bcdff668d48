/*
 * api_test: the API in this process, for unit tests: a data directory, a router, and requests.
 * Each test opens and closes its own (API_TEST); replies live until the test ends.
 */
#ifndef FTH_API_TEST_H
#define FTH_API_TEST_H

#include "api/router.h"
#include "base/buf.h"
#include "base/json.h"
#include "test.h"

enum { ASKED_MAX = 64 };

struct asked {
    struct fth_arena *arena;
    struct fth_reply reply;
    struct fth_reply_memory memory;
    struct fth_buf body;
    const struct fth_json *json; /* NULL when the body is none */
};

static struct fth_app *app;
static struct fth_router *router;
static struct fth_router_conf router_conf;
static struct fth_http_sink memory_sink;
static struct asked all_asked[ASKED_MAX];
static size_t asked_nr;
static const struct fth_who *asked_by; /* NULL: the owner of the data directory */

static inline int api_open_with(struct fth_app_conf conf)
{
    struct fth_err err = {0};

    conf.log_fd = -1;
    assert_ok(fth_app_open(test_dir(), &conf, &app, &err), &err);
    router_conf = fth_router_conf_default();
    assert_ok(fth_router_new(app, &router_conf, &router, &err), &err);
    return 0;
}

static inline int api_open(void **state)
{
    return api_open_with(fth_app_conf_default());
}

/* Not every test program has a use for every helper. */
static inline void forget_asked(void)
{
    for (size_t i = 0; i < asked_nr; i++) {
        fth_buf_release(&all_asked[i].body);
        fth_arena_free(all_asked[i].arena);
    }
    asked_nr = 0;
}

static inline void api_release(void)
{
    forget_asked();
    fth_router_free(router);
    fth_app_close(app);
    router = NULL;
    app = NULL;
    asked_by = NULL;
}

static inline int api_close(void **state)
{
    api_release();
    return test_end(state);
}

#define API_TEST(function) cmocka_unit_test_setup_teardown(function, api_open, api_close)

/* Headers are pairs of name and value, closed by a NULL; NULL alone: none. */
static const struct asked *ask_full(enum fth_peer peer, const char *method, const char *path,
                                    const char *const *headers, struct fth_str body)
{
    struct asked *asked = &all_asked[asked_nr++];
    struct fth_header list[16];
    struct fth_http_request request = {.method = fth_str_c(method),
                                       .path = fth_str_c(path),
                                       .headers = list,
                                       .body = body,
                                       .peer = peer,
                                       .port = 8642,
                                       .who = asked_by};
    struct fth_err ignored = {0};

    assert_true(asked_nr < ASKED_MAX);
    for (; headers && headers[0]; headers += 2)
        list[request.header_nr++] =
            (struct fth_header){fth_str_c(headers[0]), fth_str_c(headers[1])};
    *asked = (struct asked){.arena = fth_arena_new(64 << 20), .body = fth_buf_max(64 << 20)};
    asked->memory.body = &asked->body;
    request.arena = asked->arena;
    memory_sink = fth_reply_to_memory();
    fth_reply_init(&asked->reply, asked->arena, &memory_sink, &asked->memory);
    fth_router_call(router, &request, &asked->reply);
    assert_true(asked->memory.ended);
    (void)fth_json_parse(asked->arena, fth_buf_view(&asked->body), NULL, &asked->json, &ignored);
    return asked;
}

static inline const struct asked *ask(const char *method, const char *path)
{
    return ask_full(FTH_PEER_PROCESS, method, path, NULL, (struct fth_str){0});
}

static inline const struct asked *send_json(const char *method, const char *path, const char *body)
{
    const char *const headers[] = {"Content-Type", "application/json", NULL};

    return ask_full(FTH_PEER_PROCESS, method, path, headers, fth_str_c(body));
}

static inline struct fth_str asked_at(const struct asked *asked, const char *pointer)
{
    const struct fth_json *json = fth_json_at(asked->json, fth_str_c(pointer));

    assert_non_null(json);
    return json->text;
}

static inline struct fth_str asked_header(const struct asked *asked, const char *name)
{
    return fth_reply_get_header(&asked->reply, name);
}

/* Every error is a problem that says its status and the request. */
static inline void assert_problem(const struct asked *asked, int status, const char *detail)
{
    assert_int_equal(asked->reply.status, status);
    assert_str(asked_header(asked, "Content-Type"), "application/problem+json");
    assert_int_equal(asked_at(asked, "/request_id").n > 0, 1);
    if (fth_str_search(asked_at(asked, "/detail"), fth_str_c(detail)) == SIZE_MAX)
        fail_msg("\"%s\" is not in \"" FTH_STR_F "\"", detail,
                 FTH_STR_A(asked_at(asked, "/detail")));
}

#endif
