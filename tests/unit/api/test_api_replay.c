/* replay: what is sent again with an Idempotency-Key, on SQLite and on PostgreSQL. */
#include <pthread.h>
#include <stdio.h>

#include "api_db_test.h"
#include "app/idempotency.h"
#include "base/check.h"

enum { THREADS = 4 };

#define VIEW(name)                                                              \
    "{\"name\":\"" name "\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\"," \
    "\"measures\":[\"billed_cost\"],\"time\":null}}"
#define DAY_US (24 * INT64_C(3600000000))

static int64_t now_us = INT64_C(1764500000000000);

static void open_at_a_time(void **state)
{
    struct fth_app_conf conf = fth_app_conf_default();

    conf.clock = fth_clock_fixed(&now_us);
    open_with(state, conf);
}

static const struct asked *post(const char *path, const char *key, const char *body)
{
    const char *const headers[] = {"Content-Type", "application/json", "Idempotency-Key", key,
                                   NULL};

    return ask_full(FTH_PEER_PROCESS, "POST", path, headers, fth_str_c(body));
}

static size_t view_nr(void)
{
    return fth_json_at(ask("GET", "/api/v1/views")->json, FTH_STR("/data"))->nr;
}

/* ---- through the router ---- */

static void the_same_request_gets_the_same_answer(void **state)
{
    const struct asked *first, *again;

    open_at_a_time(state);
    first = post("/api/v1/views", "\"k-1\"", VIEW("Mine"));
    assert_int_equal(first->reply.status, 201);
    assert_int_equal(asked_header(first, "Idempotency-Replayed").n, 0);
    now_us += DAY_US - 1;
    again = post("/api/v1/views", "k-1", VIEW("Mine"));
    assert_int_equal(again->reply.status, 201);
    assert_str(asked_header(again, "Idempotency-Replayed"), "true");
    assert_str(asked_header(again, "Location"), asked_header(first, "Location").p);
    assert_str(asked_header(again, "ETag"), asked_header(first, "ETag").p);
    assert_int_equal(again->body.n, first->body.n);
    assert_memory_equal(again->body.p, first->body.p, first->body.n);
    assert_int_equal(view_nr(), 1);
}

static void another_key_another_time_or_none_does_it_again(void **state)
{
    open_at_a_time(state);
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
    assert_int_equal(post("/api/v1/views", "k-2", VIEW("Mine"))->reply.status, 201);
    assert_int_equal(send_json("POST", "/api/v1/views", VIEW("Mine"))->reply.status, 201);
    now_us += DAY_US + 1;
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
    assert_int_equal(view_nr(), 4);
}

static void another_request_with_the_key_is_refused(void **state)
{
    open_at_a_time(state);
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
    assert_problem(post("/api/v1/views", "k-1", VIEW("Other")), 422, "with another request");
    assert_int_equal(view_nr(), 1);
    /* A key is that of one operation. */
    assert_int_equal(
        post("/api/v1/roles", "k-1", "{\"name\":\"R\",\"permissions\":[\"costs.read\"]}")
            ->reply.status,
        201);
}

static void a_request_that_was_refused_leaves_its_key_free(void **state)
{
    open_at_a_time(state);
    assert_problem(post("/api/v1/views", "k-1", "{\"name\":\"Mine\"}"), 422, "plan");
    assert_problem(post("/api/v1/views", "k-1",
                        "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                        "\"measures\":[\"no_such\"],\"time\":null}}"),
                   422, "no_such");
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
}

static void what_is_no_key_is_refused(void **state)
{
    open_at_a_time(state);
    assert_problem(post("/api/v1/views", "a b", VIEW("Mine")), 422, "Idempotency-Key");
    assert_problem(post("/api/v1/views", "", VIEW("Mine")), 422, "Idempotency-Key");
    assert_problem(post("/api/v1/views", "\"k-1", VIEW("Mine")), 422, "Idempotency-Key");
    assert_problem(post("/api/v1/views", "k-1\"", VIEW("Mine")), 422, "Idempotency-Key");
    assert_problem(post("/api/v1/views", test_repeat("k", 300).p, VIEW("Mine")), 422,
                   "Idempotency-Key");
}

#define ACCOUNT                                                \
    "{\"email\":\"a@example.org\",\"role\":\"administrator\"," \
    "\"password\":\"four words without meaning\"}"

static void an_answer_with_a_secret_is_not_kept(void **state)
{
    const char *body = "{\"name\":\"t\",\"user\":\"a@example.org\"}";
    const struct asked *first;

    open_at_a_time(state);
    assert_int_equal(send_json("POST", "/api/v1/users", ACCOUNT)->reply.status, 201);
    first = post("/api/v1/tokens", "k-1", body);
    assert_int_equal(first->reply.status, 201);
    assert_true(asked_at(first, "/secret").n > 0);
    assert_problem(post("/api/v1/tokens", "k-1", body), 409, "its answer was not kept");
    assert_int_equal(post("/api/v1/tokens", "k-2", body)->reply.status, 201);
}

static int64_t forget_ended(void)
{
    struct fth_err err = {0};
    int64_t nr = -1;

    assert_ok(fth_idempotency_prune(app, &nr, &err), &err);
    return nr;
}

/* A hash of the request would let a password be guessed at by who has the store. */
static void of_a_request_with_a_password_nothing_is_kept(void **state)
{
    open_at_a_time(state);
    assert_int_equal(post("/api/v1/users", "k-1", ACCOUNT)->reply.status, 201);
    assert_problem(post("/api/v1/users", "k-1", ACCOUNT), 409, "a@example.org");
    now_us += DAY_US + 1;
    assert_int_equal(forget_ended(), 0);
}

static void what_has_ended_is_forgotten_by_maintenance(void **state)
{
    open_at_a_time(state);
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
    assert_int_equal(post("/api/v1/views", "k-2", VIEW("Mine"))->reply.status, 201);
    assert_int_equal(forget_ended(), 0);
    now_us += DAY_US + 1;
    /* Somebody else's request is not kept waiting for it. */
    asked_by = &(struct fth_who){.id = FTH_STR("ana")};
    assert_int_equal(post("/api/v1/views", "k-1", VIEW("Mine"))->reply.status, 201);
    asked_by = NULL;
    assert_int_equal(forget_ended(), 2);
}

/* ---- beneath it ---- */

static void make(struct fth_idempotency *out, const struct fth_asked *asked, const char *key)
{
    struct fth_err err = {0};

    assert_ok(fth_idempotency_init(out, asked, FTH_STR("views_create"), fth_str_c(key),
                                   FTH_STR("request"), &err),
              &err);
}

static struct fth_asked asked_here(void)
{
    return (struct fth_asked){.app = app, .arena = test_arena(64 << 20)};
}

static enum fth_rc begin(const struct fth_asked *asked, const char *key,
                         struct fth_idempotency_answer *answer, bool *running, struct fth_err *err)
{
    struct fth_idempotency idempotency;

    make(&idempotency, asked, key);
    return fth_idempotency_begin(&idempotency, answer, running, err);
}

static void what_is_being_done_is_told_so_until_it_was_broken_off(void **state)
{
    struct fth_idempotency_answer answer;
    struct fth_err err = {0};
    struct fth_asked asked;
    bool running;

    open_at_a_time(state);
    asked = asked_here();
    assert_ok(begin(&asked, "k", &answer, &running, &err), &err);
    assert_int_equal(answer.status, 0);
    assert_int_equal(begin(&asked, "k", &answer, &running, &err), FTH_E_CONFLICT);
    assert_true(running);
    fth_err_clear(&err);
    now_us += INT64_C(601000000);
    assert_int_equal(begin(&asked, "k", &answer, &running, &err), FTH_E_CONFLICT);
    assert_false(running);
    assert_non_null(strstr(err.msg, "broken off"));
}

static void put_answer(const struct fth_asked *asked, const char *key, int status,
                       struct fth_str body)
{
    const struct fth_idempotency_answer answer = {.status = status, .body = body};
    struct fth_idempotency idempotency;
    struct fth_err err = {0};

    make(&idempotency, asked, key);
    assert_ok(fth_idempotency_answer(&idempotency, &answer, &err), &err);
}

static void what_failed_or_is_too_large_is_not_done_again(void **state)
{
    struct fth_idempotency_answer answer;
    struct fth_err err = {0};
    struct fth_asked asked;
    bool running;

    open_at_a_time(state);
    asked = asked_here();
    assert_ok(begin(&asked, "large", &answer, &running, &err), &err);
    put_answer(&asked, "large", 201, test_repeat("x", FTH_IDEMPOTENCY_ANSWER + 1));
    assert_int_equal(begin(&asked, "large", &answer, &running, &err), FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "was not kept"));
    fth_err_clear(&err);
    assert_ok(begin(&asked, "failed", &answer, &running, &err), &err);
    put_answer(&asked, "failed", 500, (struct fth_str){0});
    assert_int_equal(begin(&asked, "failed", &answer, &running, &err), FTH_E_CONFLICT);
    assert_non_null(strstr(err.msg, "ended with an error (500)"));
}

/* Begins and answers keys FROM to TO - 1 of one principal, a second apart. */
static void answer_many(const struct fth_asked *asked, int from, int to, struct fth_str body)
{
    struct fth_idempotency_answer answer;
    struct fth_err err = {0};
    bool running;
    char key[16];

    for (int i = from; i < to; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_ok(begin(asked, key, &answer, &running, &err), &err);
        assert_int_equal(answer.status, 0);
        put_answer(asked, key, 201, body);
        now_us += 1000000;
    }
}

static bool is_known(const struct fth_asked *asked, const char *key)
{
    struct fth_idempotency_answer answer;
    struct fth_err err = {0};
    bool running;

    assert_ok(begin(asked, key, &answer, &running, &err), &err);
    return answer.status == 201;
}

static void the_oldest_answers_give_way(void **state)
{
    enum { FIT = FTH_IDEMPOTENCY_BYTES / FTH_IDEMPOTENCY_ANSWER };
    struct fth_str large = test_repeat("x", FTH_IDEMPOTENCY_ANSWER);
    struct fth_asked asked;
    char last[16];

    open_at_a_time(state);
    asked = asked_here();
    answer_many(&asked, 0, FIT + 3, large);
    snprintf(last, sizeof(last), "k%d", FIT + 2);
    assert_true(is_known(&asked, last));
    assert_true(is_known(&asked, "k3"));
    assert_false(is_known(&asked, "k0"));
}

static void so_many_keys_are_held_and_no_more(void **state)
{
    struct fth_asked asked;
    char last[16];

    open_at_a_time(state);
    asked = asked_here();
    answer_many(&asked, 0, FTH_IDEMPOTENCY_MOST + 2, FTH_STR("x"));
    snprintf(last, sizeof(last), "k%d", FTH_IDEMPOTENCY_MOST + 1);
    assert_true(is_known(&asked, last));
    assert_true(is_known(&asked, "k2"));
    assert_false(is_known(&asked, "k1"));
}

static void *begin_at_once(void *out)
{
    struct fth_arena *arena = fth_arena_new(1 << 20);
    struct fth_asked asked = {.app = app, .arena = arena};
    struct fth_idempotency_answer answer;
    struct fth_err err = {0};
    bool running;

    *(enum fth_rc *)out = begin(&asked, "k", &answer, &running, &err);
    fth_arena_free(arena);
    return NULL;
}

static void of_many_at_once_one_begins(void **state)
{
    enum fth_rc rcs[THREADS];
    pthread_t threads[THREADS];
    int begun = 0;

    open_at_a_time(state);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, begin_at_once, &rcs[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_true(rcs[i] == FTH_OK || rcs[i] == FTH_E_CONFLICT || rcs[i] == FTH_E_BUSY);
        begun += rcs[i] == FTH_OK;
    }
    assert_int_equal(begun, 1);
}

static void whichever_statement_fails_nothing_is_done_twice(void **state)
{
    size_t made;

    open_at_a_time(state);
    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        (void)post("/api/v1/views", "k-1", VIEW("Mine"));
        forget_asked();
    }
    (void)post("/api/v1/views", "k-1", VIEW("Mine"));
    made = view_nr();
    assert_true(made <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_same_request_gets_the_same_answer),
        BOTH(another_key_another_time_or_none_does_it_again),
        BOTH(another_request_with_the_key_is_refused),
        BOTH(a_request_that_was_refused_leaves_its_key_free),
        BOTH(what_is_no_key_is_refused),
        BOTH(an_answer_with_a_secret_is_not_kept),
        BOTH(of_a_request_with_a_password_nothing_is_kept),
        BOTH(what_has_ended_is_forgotten_by_maintenance),
        BOTH(what_is_being_done_is_told_so_until_it_was_broken_off),
        BOTH(what_failed_or_is_too_large_is_not_done_again),
        BOTH(the_oldest_answers_give_way),
        ON_SQLITE(so_many_keys_are_held_and_no_more), /* a thousand of them take a while */
        BOTH(of_many_at_once_one_begins),
        BOTH(whichever_statement_fails_nothing_is_done_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
