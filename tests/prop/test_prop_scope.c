/*
 * scope: a caller who may see some charges is answered as if there were no others.
 *
 * A random bill is imported into one data directory, and what of it is inside a random scope into
 * another. Every operation of the document is called in the first with that scope, and in the
 * second without one. Answers must be the same but for what is normalised (see normalise()), and no
 * text that only charges outside have may stand anywhere in the bytes of an answer. An operation
 * that scoped.def does not name, or that nobody asks here, fails.
 *
 * The seed is printed; SCOPE_SEED sets it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "api/openapi.h"
#include "api/router.h"
#include "app/app_int.h"
#include "auth/who.h"
#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "scope_bill.h"
#include "test.h"

enum { PLANS = 36, BODY_MAX = 64 << 20, TEXT_MAX = 1 << 16, ASKED_MAX = 64 };

#define ME "scoped-user"

/* ---- a data directory ---- */

struct place {
    struct fth_app *app;
    struct fth_router *router;
    struct fth_router_conf conf;
    char dir[300];
};

struct said {
    struct fth_arena *arena;
    struct fth_reply reply;
    struct fth_reply_memory memory;
    struct fth_buf body;
};

struct question {
    const char *id; /* operationId */
    const char *method;
    struct fth_str path, body; /* body empty: none */
    struct fth_str says;       /* the id in a path that is coded: it may be said again */
    const char *accept;        /* NULL: none */
    bool same;                 /* the answers are compared */
    bool unordered;            /* rows as they are stored: those of one key in no order */
};

static void say_once(struct place *place, const struct question *q, const struct fth_who *who,
                     struct said *said)
{
    struct fth_header headers[4];
    struct fth_http_request request = {.method = fth_str_c(q->method),
                                       .path = q->path,
                                       .headers = headers,
                                       .body = q->body,
                                       .peer = FTH_PEER_PROCESS,
                                       .who = who};
    struct fth_http_sink sink = fth_reply_to_memory();
    struct fth_cancel cancel = {0};

    headers[request.header_nr++] = (struct fth_header){FTH_STR("Prefer"), FTH_STR("wait=60")};
    headers[request.header_nr++] = (struct fth_header){FTH_STR("Last-Event-ID"), FTH_STR("0")};
    if (q->body.n)
        headers[request.header_nr++] = (struct fth_header){
            FTH_STR("Content-Type"),
            fth_str_c(q->body.p[0] == '{' ? "application/json" : "application/octet-stream")};
    if (q->accept)
        headers[request.header_nr++] = (struct fth_header){FTH_STR("Accept"), fth_str_c(q->accept)};
    *said = (struct said){.arena = fth_arena_new(BODY_MAX), .body = fth_buf_max(BODY_MAX)};
    said->memory.body = &said->body;
    request.arena = said->arena;
    if (strcmp(q->id, "events_stream") == 0) { /* ends when all that there is has been sent */
        struct fth_clock clock = fth_clock_system();

        atomic_store(&cancel.deadline_mono_us, fth_clock_mono_us(&clock) + 200000);
        request.cancel = &cancel;
    }
    fth_reply_init(&said->reply, said->arena, &sink, &said->memory);
    fth_router_call(place->router, &request, &said->reply);
    assert_true(said->memory.ended);
}

static void forget(struct said *said)
{
    fth_buf_release(&said->body);
    fth_arena_free(said->arena);
}

/* A job is followed to its end. */
static void say(struct place *place, const struct question *q, const struct fth_who *who,
                struct said *said)
{
    say_once(place, q, who, said);
    while (said->reply.status == 202) {
        char path[200];

        snprintf(path, sizeof(path), FTH_STR_F,
                 FTH_STR_A(fth_reply_get_header(&said->reply, "Location")));
        forget(said);
        say_once(place, &(struct question){.id = q->id, .method = "GET", .path = fth_str_c(path)},
                 who, said);
        if (fth_str_search(fth_buf_view(&said->body), FTH_STR("\"finished_at\":null")) != SIZE_MAX)
            fail_msg("%s: a job does not end", q->id);
    }
}

/* The clock stands, for dates and times of answers, but what runs out of time runs. */
static int64_t mono_us(void *ctx)
{
    struct fth_clock clock = fth_clock_system();

    (void)ctx;
    return fth_clock_mono_us(&clock);
}

static void open_place(struct world *w, struct place *place, const char *name)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_err err = {0};

    snprintf(place->dir, sizeof(place->dir), "%s/%s", test_dir(), name);
    conf.log_fd = -1;
    conf.clock = fth_clock_fixed(&w->now_us);
    conf.clock.mono_us = mono_us;
    assert_ok(fth_app_open(place->dir, &conf, &place->app, &err), &err);
    place->conf = fth_router_conf_default();
    assert_ok(fth_router_new(place->app, &place->conf, &place->router, &err), &err);
}

static void close_place(struct place *place)
{
    fth_router_free(place->router);
    fth_app_close(place->app);
}

/* Each month and provider is a file; one without rows is not delivered. */
static void load(struct world *w, struct place *place, bool inside)
{
    const char *name = strrchr(place->dir, '/') + 1;

    for (int file = 0; file < SCOPE_MONTHS * SCOPE_PROVIDERS; file++) {
        struct question q = {
            .id = "jobs_create", .method = "POST", .path = FTH_STR("/api/v1/jobs")};
        struct fth_buf bill = fth_buf_max(1 << 22);
        struct fth_str path;
        struct said said;

        if (scope_bill(w, file / SCOPE_PROVIDERS, file % SCOPE_PROVIDERS, inside, &bill)) {
            path = text_of(w, "%s-%d-%s.csv", name, file, NEVER_TOLD);
            q.body = text_of(w, "{\"kind\":\"ingest\",\"paths\":[\"%s\"]}",
                             test_file_named(path.p, fth_buf_view(&bill)));
            say(place, &q, NULL, &said);
            if (fth_str_search(fth_buf_view(&said.body), FTH_STR("\"state\":\"done\"")) == SIZE_MAX)
                fail_msg("not loaded: " FTH_STR_F, FTH_STR_A(fth_buf_view(&said.body)));
            forget(&said);
        }
        fth_buf_release(&bill);
    }
}

/* What others have written, which names what is outside. */
static void write_as_others(struct place *place)
{
    const char *const made[][2] = {
        {"/api/v1/views", "{\"name\":\"" NEVER_TOLD "\",\"plan\":{\"kind\":\"query\",\"subject\":"
                          "\"cost\",\"measures\":[\"billed_cost\"],\"time\":null}}"},
        {"/api/v1/views", "{\"name\":\"" NEVER_TOLD "\",\"visibility\":\"organisation\",\"plan\":{"
                          "\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"],"
                          "\"time\":null}}"},
        {"/api/v1/dashboards", "{\"name\":\"" NEVER_TOLD "\",\"visibility\":\"organisation\"}"},
        {"/api/v1/annotations", "{\"date\":\"2025-01-05\",\"text\":\"" NEVER_TOLD "\"}"}};

    for (size_t i = 0; i < FTH_NR(made); i++) {
        const struct question q = {.id = "create",
                                   .method = "POST",
                                   .path = fth_str_c(made[i][0]),
                                   .body = fth_str_c(made[i][1])};
        struct said said;

        say(place, &q, NULL, &said);
        assert_int_equal(said.reply.status, 201);
        forget(&said);
    }
}

static void add_me(struct place *place)
{
    const struct fth_val vals[] = {FTH_VAL_C(ME)};
    struct fth_tx *tx;
    struct fth_err err = {0};

    assert_ok(fth_tx_begin(place->app->db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx,
                               FTH_STR("INSERT INTO user_account (id, email, name, role_id, "
                                       "created_us) VALUES ($1, 'me@example.com', 'Me', 'viewer', "
                                       "0)"),
                               vals, 1, NULL, &err),
              &err);
    assert_ok(fth_tx_commit(tx, &err), &err);
}

/* ---- plans ---- */

static const char *const dims[] = {
    "service",     "sub_account",     "region",           "charge_category",
    "resource",    "provider",        "tag:Team",         "team",
    "source",      "billing_period",  "currency",         "resource_name",
    "environment", "billing_account", "sub_account_name", "tag:TEAM"};

static const char *const wheres[] = {
    "not (sub_account = 'account-0000')",
    "service = 'Object Store' or sub_account = 'account-4004'",
    "sub_account contains 'phase 1'",
    "service in ('object store', 'Compute Worx')",
    "tag.Team = 'RED-TEAM' or tag.Team is missing",
    "tag.team contains 'blue'",
    "not tag.\\\"Key of 3\\\" is missing",
    "provider = aws",
    "provider != 'contoso cloud'",
    "resource contains 'res-1'",
    "sub_account in ('Name of 2 in phase 0', 'Name of 3 in phase 2')",
    "source contains 'aws'",
    "not (service = 'Query Engine') or not (tag.Team = 'green-team')",
    "resource_name = 'Machine 3 of 1'"};

static void put_groups(struct world *w, struct fth_buf *buf, size_t most)
{
    size_t nr = below(w, most + 1), first = below(w, FTH_NR(dims));

    fth_buf_c(buf, ",\"group_by\":[");
    for (size_t i = 0; i < nr; i++)
        fth_buf_printf(buf, "%s\"%s\"", i ? "," : "", dims[(first + i * 3) % FTH_NR(dims)]);
    fth_buf_char(buf, ']');
}

static void put_time(struct world *w, struct fth_buf *buf)
{
    static const char *const times[] = {
        "null",
        "null",
        "{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}",
        "{\"start\":\"2025-01-10\",\"end\":\"2025-03-05\"}",
        "{\"start\":\"2024-01-01\",\"end\":\"2024-02-01\"}",
    };

    fth_buf_printf(buf, ",\"time\":%s", ANY(w, times));
}

#define FEB_JAN                                                   \
    ",\"time\":{\"start\":\"2025-02-01\",\"end\":\"2025-03-01\"}" \
    ",\"compare\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"}"

static struct fth_str random_plan(struct world *w)
{
    static const char *const kinds[] = {
        "\"measures\":[\"effective_cost\",\"charge_count\"],\"labels\":true",
        "\"measures\":[\"billed_cost\",\"resource_count\"],\"order\":{\"by\":\"billed_cost\","
        "\"dir\":"
        "\"asc\"}",
        "\"measures\":[\"cost_share\",\"effective_cost\"],\"share_within\":[\"sub_account\"],"
        "\"filters\":[{\"field\":\"sub_account\",\"op\":\"in\",\"values\":[\"account-0000\","
        "\"account-3003\"]}]",
        "\"measures\":[\"cost_share\"]",
        "\"measures\":[\"untagged_cost\",\"untagged_share\"],\"tag_key\":\"Team\"",
        "\"measures\":[\"untagged_cost\"],\"tag_key\":null",
        "\"measures\":[\"effective_cost\"],\"having\":[{\"measure\":\"effective_cost\",\"op\":"
        "\"gt\","
        "\"value\":500}]",
        "\"measures\":[\"effective_cost\"],\"spread\":true",
        "\"measures\":[\"list_cost\"],\"currency\":\"USD\"",
        "\"measures\":[\"effective_cost\"],\"limit\":3",
        "\"rows\":true",
        "\"rows\":true,\"order\":{\"by\":\"effective_cost\",\"dir\":\"desc\"}",
        "\"measures\":[\"effective_cost\"]" FEB_JAN,
        "\"measures\":[\"effective_cost\"]" FEB_JAN ",\"analysis\":\"drivers\"",
        "\"measures\":[\"effective_cost\"]" FEB_JAN ",\"part\":\"compared\"",
        "\"rows\":true" FEB_JAN ",\"part\":\"new\"",
        "\"measures\":[\"effective_cost\"],\"trend\":{\"direction\":\"rising\"}",
        "\"measures\":[\"billed_cost\"],\"time_basis\":\"billing\"",
    };
    static const char *const grains[] = {"none", "none", "day", "month", "week", "hour"};
    const char *kind = ANY(w, kinds);
    bool rows = strstr(kind, "rows") != NULL, analysis = strstr(kind, "analysis") != NULL;
    bool compares = strstr(kind, "compare") != NULL, trend = strstr(kind, "trend") != NULL;
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    struct fth_str out;

    fth_buf_printf(&buf, "{\"kind\":\"query\",\"subject\":\"cost\",%s", kind);
    if (!compares)
        put_time(w, &buf);
    if (!rows && !analysis)
        put_groups(w, &buf, 2);
    if (!rows && !analysis && !trend)
        fth_buf_printf(&buf, ",\"grain\":\"%s\"", ANY(w, grains));
    if (below(w, 2))
        fth_buf_printf(&buf, ",\"where\":\"%s\"", ANY(w, wheres));
    fth_buf_char(&buf, '}');
    out = copy_of(w, &buf);
    fth_buf_release(&buf);
    return out;
}

static struct fth_str encoded(struct world *w, const char *before, struct fth_str text)
{
    struct fth_buf buf = fth_buf_max(TEXT_MAX * 4);
    struct fth_str out;

    fth_buf_c(&buf, before);
    for (size_t i = 0; i < text.n; i++)
        fth_buf_printf(&buf, "%%%02X", (unsigned char)text.p[i]);
    out = copy_of(w, &buf);
    fth_buf_release(&buf);
    return out;
}

static struct fth_str link_to(struct world *w, struct fth_str plan)
{
    return encoded(w, "/api/v1/costs/query?plan=", plan);
}

/* ---- what is compared ---- */

/*
 * What differs between the two directories by how they were made, and not by what is seen:
 *  - ids of deliveries, segments, sources, jobs and charges, versions of the ledger, cursors and
 *    what they sign: the second directory lacks deliveries;
 *  - how an answer was come by (served_by, sql, parameters, estimated_rows): a scope may need the
 *    facts where a cube is enough without one;
 *  - who made a view: nobody who is a user asks in the second directory;
 *  - names and sizes of files that a job has left, since their rows have numbers of their own.
 */
static bool is_normal(struct fth_str key)
{
    static const char *const keys[] = {
        "id",          "Delivery",   "Record",      "x_id",        "ledger_version",
        "next_cursor", "served_by",  "sql",         "parameters",  "estimated_rows",
        "request_id",  "instance",   "sha256",      "bytes",       "schema_id",
        "ran_ms",      "seconds",    "TagSetId",    "created_at",  "updated_at",
        "created",     "started_at", "finished_at", "eta_seconds", "duration_seconds",
        "owner"};

    for (size_t i = 0; i < FTH_NR(keys); i++)
        if (fth_str_eq_c(key, keys[i]))
            return true;
    return false;
}

/* That there is no further page is the same for both. */
static bool is_null_told(const struct fth_json_member *member)
{
    return member->value.type == FTH_JSON_NULL && fth_str_eq_c(member->key, "next_cursor");
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

static void normalise(struct fth_jw *jw, const struct fth_json *json, bool sorted);

/* Its values, by their text. */
static void normalise_sorted(struct fth_jw *jw, const struct fth_json *json)
{
    struct fth_arena *arena = fth_arena_new(BODY_MAX);
    struct fth_str *texts = FTH_NEW_ARRAY(arena, struct fth_str, json->nr);
    struct fth_err err = {0};

    for (size_t i = 0; i < json->nr; i++) {
        struct fth_buf buf = fth_buf_max(BODY_MAX);
        struct fth_jw one;

        fth_jw_init(&one, &buf);
        normalise(&one, &json->items[i], false);
        assert_ok(fth_arena_str(arena, fth_buf_view(&buf), &texts[i], &err), &err);
        fth_buf_release(&buf);
    }
    qsort(texts, json->nr, sizeof(*texts), by_text);
    fth_jw_array(jw);
    for (size_t i = 0; i < json->nr; i++)
        fth_jw_raw(jw, texts[i]);
    fth_jw_array_end(jw);
    fth_arena_free(arena);
}

static void normalise(struct fth_jw *jw, const struct fth_json *json, bool sorted)
{
    if (fth_json_is(json, FTH_JSON_OBJECT)) {
        fth_jw_object(jw);
        for (size_t i = 0; i < json->nr; i++) {
            struct fth_str key = json->members[i].key;

            fth_jw_key_str(jw, key);
            if (is_normal(key))
                fth_jw_c(jw, is_null_told(&json->members[i]) ? "none" : "some");
            else if (sorted && fth_str_eq_c(key, "rows"))
                normalise_sorted(jw, &json->members[i].value);
            else
                normalise(jw, &json->members[i].value, false);
        }
        fth_jw_object_end(jw);
    } else if (fth_json_is(json, FTH_JSON_ARRAY)) {
        fth_jw_array(jw);
        for (size_t i = 0; i < json->nr; i++)
            normalise(jw, &json->items[i], false);
        fth_jw_array_end(jw);
    } else {
        fth_jw_json(jw, json);
    }
}

/* What is no JSON stays as it is. */
static struct fth_str normal(struct said *said, const struct question *q)
{
    struct fth_buf buf = fth_buf_max(BODY_MAX);
    const struct fth_json *json;
    struct fth_err err = {0}, none = {0};
    struct fth_str out;
    struct fth_jw jw;

    if (fth_json_parse(said->arena, fth_buf_view(&said->body), NULL, &json, &none))
        return fth_buf_view(&said->body);
    fth_jw_init(&jw, &buf);
    normalise(&jw, json, q->unordered);
    assert_ok(fth_arena_str(said->arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

static void print_difference(struct fth_str a, struct fth_str b)
{
    size_t at = 0, from;

    while (at < a.n && at < b.n && a.p[at] == b.p[at])
        at++;
    from = at > 300 ? at - 300 : 0;
    print_error("with the scope:   …" FTH_STR_F "\n", FTH_STR_A(fth_str_sub(a, from, 600)));
    print_error("inside alone: …" FTH_STR_F "\n", FTH_STR_A(fth_str_sub(b, from, 600)));
}

/* What the question itself says may be said again. */
static void tells_nothing(const struct world *w, const struct question *q, struct said *said)
{
    struct fth_buf all = fth_buf_max(BODY_MAX);

    for (size_t i = 0; i < said->reply.headers.nr; i++) {
        fth_buf_str(&all, said->reply.headers.at[i].value);
        fth_buf_char(&all, '\n');
    }
    fth_buf_str(&all, fth_buf_view(&said->body));
    assert_false(all.failed);
    for (size_t i = 0; i < w->outside.nr; i++) {
        struct fth_str text = w->outside.at[i];
        size_t at = fth_str_search(fth_buf_view(&all), text);

        if (at != SIZE_MAX && fth_str_search(q->body, text) == SIZE_MAX &&
            fth_str_search(q->path, text) == SIZE_MAX &&
            fth_str_search(q->says, text) == SIZE_MAX) {
            print_error("scope " FTH_STR_F "\n%s " FTH_STR_F "\n" FTH_STR_F "\n",
                        FTH_STR_A(w->scope_text), q->method, FTH_STR_A(q->path),
                        FTH_STR_A(q->body));
            print_error("…" FTH_STR_F "\n",
                        FTH_STR_A(fth_str_sub(fth_buf_view(&all), at > 200 ? at - 200 : 0, 400)));
            fail_msg("%s tells \"" FTH_STR_F "\"", q->id, FTH_STR_A(text));
        }
    }
    fth_buf_release(&all);
}

struct pair {
    struct place whole, part;
    struct fth_who who;
    const char *answered[ASKED_MAX]; /* operations that had an answer other than an error */
    size_t answered_nr;
};

static bool was_answered(const struct pair *pair, const char *id)
{
    for (size_t i = 0; i < pair->answered_nr; i++)
        if (strcmp(pair->answered[i], id) == 0)
            return true;
    return false;
}

static void check(struct world *w, struct pair *pair, const struct question *q)
{
    struct said scoped, alone;

    say(&pair->whole, q, &pair->who, &scoped);
    say(&pair->part, q, NULL, &alone);
    tells_nothing(w, q, &scoped);
    if (scoped.reply.status < 400 && !was_answered(pair, q->id)) {
        assert_true(pair->answered_nr < ASKED_MAX);
        pair->answered[pair->answered_nr++] = q->id;
    }
    if (scoped.reply.status >= 500)
        fail_msg("%s of " FTH_STR_F ": " FTH_STR_F, q->id, FTH_STR_A(q->body),
                 FTH_STR_A(fth_buf_view(&scoped.body)));
    if (q->same) {
        struct fth_str a = normal(&scoped, q), b = normal(&alone, q);

        if (!fth_str_eq(a, b) || scoped.reply.status != alone.reply.status) {
            print_error("scope " FTH_STR_F "\n%s " FTH_STR_F "\n" FTH_STR_F "\n",
                        FTH_STR_A(w->scope_text), q->method, FTH_STR_A(q->path),
                        FTH_STR_A(q->body));
            print_difference(a, b);
            fail_msg("%s: %d differs from %d", q->id, scoped.reply.status, alone.reply.status);
        }
    }
    forget(&scoped);
    forget(&alone);
}

/* ---- every operation ---- */

static void ask_plans(struct world *w, struct pair *pair)
{
    static const char *const forms[] = {"application/json", "application/json",
                                        "application/x-ndjson", "text/csv"};

    for (int i = 0; i < PLANS; i++) {
        struct fth_str plan = random_plan(w);
        bool rows = fth_str_search(plan, FTH_STR("\"rows\":true")) != SIZE_MAX;
        struct question q = {.id = "costs_query",
                             .method = "POST",
                             .path = FTH_STR("/api/v1/costs/query"),
                             .body = plan,
                             .accept = rows ? forms[0] : ANY(w, forms),
                             .same = true,
                             .unordered = fth_str_search(plan, FTH_STR("order")) == SIZE_MAX};

        check(w, pair, &q);
        if (i % 3 == 0) {
            q.id = "costs_explain";
            q.path = FTH_STR("/api/v1/costs/explain");
            q.accept = NULL;
            check(w, pair, &q);
        }
    }
}

/* Those that `who` is told of first: with all to see also some outside, which are not there.
 * `kind`: collection, operation. */
static void ask_each_entity_of(struct world *w, struct pair *pair, const char *const *kind,
                               const struct fth_who *who)
{
    struct question q = {.id = kind[0],
                         .method = "GET",
                         .path = text_of(w, "/api/v1/%s?limit=8&sort=name", kind[0])};
    struct fth_str before = text_of(w, "/api/v1/%s/", kind[0]);
    const struct fth_json *all;
    struct fth_err err = {0};
    struct said said;

    say(&pair->whole, &q, who, &said);
    assert_ok(fth_json_parse(w->arena, fth_buf_view(&said.body), NULL, &all, &err), &err);
    forget(&said);
    all = fth_json_get(all, "data");
    for (size_t i = 0; i < all->nr; i++) {
        struct fth_str id = fth_json_str(&all->items[i], "id", FTH_STR(""));

        q = (struct question){.id = kind[1],
                              .method = "GET",
                              .path = encoded(w, before.p, id),
                              .says = id,
                              .same = true};
        check(w, pair, &q);
    }
}

static void ask_dimensions(struct world *w, struct pair *pair)
{
    static const char *const asked[] = {"service",
                                        "sub_account",
                                        "region",
                                        "resource",
                                        "provider",
                                        "tag:Team",
                                        "team",
                                        "tag:Key%20of%203",
                                        "source",
                                        "currency",
                                        "billing_period",
                                        "sub_account?q=phase",
                                        "sub_account?limit=1",
                                        "resource?q=machine",
                                        "tag:nothing"};
    struct question q = {.id = "dimensions_list",
                         .method = "GET",
                         .path = FTH_STR("/api/v1/dimensions"),
                         .same = true};

    check(w, pair, &q);
    for (size_t i = 0; i < FTH_NR(asked); i++) {
        char name[60] = "";
        const char *query = strchr(asked[i], '?');

        snprintf(name, sizeof(name), "%.*s", (int)(query ? query - asked[i] : 60), asked[i]);
        q.id = "dimensions_values";
        q.path = text_of(w, "/api/v1/dimensions/%s/values%s", name, query ? query : "");
        check(w, pair, &q);
    }
}

static void ask_entities(struct world *w, struct pair *pair)
{
    static const char *const asked[][2] = {
        {"accounts_list", "accounts"},
        {"accounts_list", "accounts?sort=name&q=phase"},
        {"accounts_list", "accounts?limit=1"},
        {"services_list", "services?from=2025-02-01&to=2025-03-01&metric=billed_cost"},
        {"services_list", "services?filter=tag.Team%20%3D%20%22red-team%22"},
        {"resources_list", "resources?sort=cost"},
        {"resources_list", "resources?q=machine&limit=3"},
    };
    static const char *const kinds[][2] = {
        {"accounts", "accounts_get"}, {"services", "services_get"}, {"resources", "resources_get"}};
    struct question q = {.method = "GET", .same = true};

    for (size_t i = 0; i < FTH_NR(asked); i++) {
        q.id = asked[i][0];
        q.path = text_of(w, "/api/v1/%s", asked[i][1]);
        check(w, pair, &q);
    }
    for (size_t i = 0; i < FTH_NR(kinds); i++) {
        ask_each_entity_of(w, pair, kinds[i], NULL);
        ask_each_entity_of(w, pair, kinds[i], &pair->who);
    }
}

static void ask_forecasts(struct world *w, struct pair *pair)
{
    static const char *const bodies[] = {
        "{\"model\":\"theta\",\"horizon\":{\"steps\":7},\"plan\":{\"kind\":\"query\",\"subject\":"
        "\"cost\",\"measures\":"
        "[\"effective_cost\"],\"group_by\":[\"service\"],\"grain\":\"day\",\"time\":null}}",
        "{\"model\":\"theta\",\"horizon\":{\"steps\":5},\"plan\":{\"kind\":\"query\",\"subject\":"
        "\"cost\",\"measures\":"
        "[\"billed_cost\"],\"grain\":\"day\",\"time\":null}}"};

    for (size_t i = 0; i < FTH_NR(bodies); i++) {
        const struct question q = {.id = "forecasts_make",
                                   .method = "POST",
                                   .path = FTH_STR("/api/v1/forecasts"),
                                   .body = fth_str_c(bodies[i]),
                                   .same = true};

        check(w, pair, &q);
    }
}

static void ask_anomalies(struct world *w, struct pair *pair)
{
    const struct question list = {.id = "anomalies_list",
                                  .method = "GET",
                                  .path = FTH_STR("/api/v1/anomalies"),
                                  .same = true};
    const struct question find = {
        .id = "anomalies_find",
        .method = "POST",
        .path = FTH_STR("/api/v1/anomalies/find"),
        .body = FTH_STR("{\"plan\":{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":"
                        "[\"effective_cost\"],\"group_by\":[\"service\"],\"grain\":\"day\","
                        "\"time\":null}}"),
        .same = true};

    check(w, pair, &list);
    check(w, pair, &find);
}

static void ask_links(struct world *w, struct pair *pair)
{
    for (int i = 0, asked = 0; i < 100 && asked < 4; i++) {
        struct fth_str plan = random_plan(w);
        const struct question q = {.id = "costs_query_link",
                                   .method = "GET",
                                   .path = link_to(w, plan),
                                   .same = true,
                                   .unordered = true};

        /* What a plan names may be named again, and nobody looks for that in a path. */
        if (fth_str_search(plan, FTH_STR("where")) == SIZE_MAX &&
            fth_str_search(plan, FTH_STR("filters")) == SIZE_MAX) {
            check(w, pair, &q);
            asked++;
        }
    }
}

static void ask_rest(struct world *w, struct pair *pair)
{
    static const struct {
        const char *id, *method, *path, *body;
        bool same;
    } rest[] = {
        {"costs_summary", "GET", "/api/v1/costs/summary", "", true},
        {"costs_summary", "GET", "/api/v1/costs/summary?metric=billed_cost&currency=USD", "", true},
        {"insights_summary", "GET", "/api/v1/insights/summary?metric=billed_cost&currency=USD", "",
         true},
        {"insights_summary", "GET", "/api/v1/insights/summary", "", true},
        {"sources_list", "GET", "/api/v1/sources", "", true},
        {"sources_list", "GET", "/api/v1/sources?removed=true", "", true},
        {"sources_get", "GET", "/api/v1/sources/aws-payer-0-focus", "", true},
        {"sources_get", "GET", "/api/v1/sources/contoso-cloud-payer-1-focus", "", true},
        {"sources_get", "GET", "/api/v1/sources/contoso-cloud-payer-1", "", true},
        {"views_list", "GET", "/api/v1/views", "", true},
        {"dashboards_list", "GET", "/api/v1/dashboards", "", true},
        {"annotations_list", "GET", "/api/v1/annotations", "", true},
        {"jobs_list", "GET", "/api/v1/jobs", "", false},
        {"events_stream", "GET", "/api/v1/events", "", false},
        {"organisation_get", "GET", "/api/v1/organisation", "", true},
        {"rates_list", "GET", "/api/v1/rates?from=USD&to=EUR", "", true},
        {"system_health", "GET", "/healthz", "", true},
        {"system_ready", "GET", "/readyz", "", true},
        {"system_version", "GET", "/api/v1/version", "", true},
        {"system_openapi", "GET", "/api/v1/openapi.json", "", true},
        {"uploads_create", "POST", "/api/v1/uploads?name=a.csv", "x", false},
        {"views_create", "POST", "/api/v1/views",
         "{\"name\":\"mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":"
         "[\"billed_cost\"],\"time\":null}}",
         true},
        {"views_list", "GET", "/api/v1/views", "", true},
        {"dashboards_create", "POST", "/api/v1/dashboards", "{\"name\":\"mine\"}", false},
        {"links_create", "POST", "/api/v1/links", "{\"search\":\"time=30d\"}", true},
        {"focus_export", "POST", "/api/v1/focus/exports", "{\"version\":\"1.2\"}", true},
    };

    for (size_t i = 0; i < FTH_NR(rest); i++) {
        const struct question q = {.id = rest[i].id,
                                   .method = rest[i].method,
                                   .path = fth_str_c(rest[i].path),
                                   .body = fth_str_c(rest[i].body),
                                   .same = rest[i].same};

        check(w, pair, &q);
    }
}

/* Ids that only others may use: their jobs, views, dashboards and annotations are not there. */
static void ask_for_what_is_not_mine(struct world *w, struct pair *pair)
{
    static const char *const lists[] = {"jobs", "views", "dashboards", "annotations"};

    for (size_t i = 0; i < FTH_NR(lists); i++) {
        struct question q = {
            .id = lists[i], .method = "GET", .path = text_of(w, "/api/v1/%s", lists[i])};
        const struct fth_json *all;
        struct fth_err err = {0};
        struct said said;

        say(&pair->whole, &q, NULL, &said);
        assert_ok(fth_json_parse(w->arena, fth_buf_view(&said.body), NULL, &all, &err), &err);
        forget(&said);
        all = fth_json_get(all, "data");
        for (size_t k = 0; k < all->nr; k++) {
            static const char *const methods[] = {"GET", "DELETE"};
            bool mine = false;

            say(&pair->whole, &q, &pair->who, &said);
            mine = fth_str_search(fth_buf_view(&said.body),
                                  fth_json_str(&all->items[k], "id", FTH_STR(""))) != SIZE_MAX;
            forget(&said);
            for (size_t m = 0; !mine && m < FTH_NR(methods); m++) {
                struct question one = q;

                one.method = methods[m];
                one.path = text_of(w, "/api/v1/%s/%s", lists[i],
                                   fth_json_str(&all->items[k], "id", FTH_STR("")).p);
                say(&pair->whole, &one, &pair->who, &said);
                assert_int_equal(said.reply.status, 404);
                tells_nothing(w, &one, &said);
                forget(&said);
            }
        }
    }
}

static const struct {
    const char *id, *what;
} classes[] = {
#define FTH_SCOPED(id, what) {#id, #what},
#include "api/scoped.def"
#undef FTH_SCOPED
};

/* Operations that are asked above, or that take an id of what is the caller's own (404 for
 * others). */
static const char *const asked_here[] = {
    "costs_query",        "costs_query_link",  "costs_explain",     "costs_summary",
    "insights_summary",   "dimensions_list",   "dimensions_values", "forecasts_make",
    "sources_list",       "sources_get",       "views_list",        "views_create",
    "views_get",          "views_patch",       "views_delete",      "views_star",
    "views_unstar",       "dashboards_list",   "dashboards_create", "dashboards_get",
    "dashboards_patch",   "dashboards_delete", "dashboards_star",   "dashboards_unstar",
    "links_create",       "links_get",         "links_delete",      "annotations_list",
    "annotations_create", "annotations_get",   "annotations_patch", "annotations_delete",
    "jobs_list",          "jobs_get",          "jobs_cancel",       "jobs_file",
    "jobs_files_drop",    "events_stream",     "organisation_get",  "rates_list",
    "system_health",      "system_ready",      "system_version",    "system_openapi",
    "uploads_create",     "uploads_delete",    "focus_export",      "focus_validate",
    "accounts_list",      "accounts_get",      "services_list",     "services_get",
    "resources_list",     "resources_get",     "anomalies_list",    "anomalies_get",
    "anomalies_patch",    "anomalies_comment", "anomalies_find"};

/* Operations about the caller as a person, who sees his own: tests/api/auth.py has them. */
static const char *const of_people[] = {
    "session_get",       "session_create",  "session_end",       "sessions_list",
    "sessions_revoke",   "auth_setup",      "auth_invitation",   "auth_accept",
    "auth_password",     "auth_totp_begin", "auth_totp_confirm", "auth_totp_remove",
    "auth_access_token", "auth_jwks",       "tokens_list",       "tokens_create",
    "tokens_revoke"};

static const char *class_of(const char *id)
{
    for (size_t i = 0; i < FTH_NR(classes); i++)
        if (strcmp(classes[i].id, id) == 0)
            return classes[i].what;
    return NULL;
}

static bool is_asked(const char *id)
{
    for (size_t i = 0; i < FTH_NR(asked_here); i++)
        if (strcmp(asked_here[i], id) == 0)
            return true;
    for (size_t i = 0; i < FTH_NR(of_people); i++)
        if (strcmp(of_people[i], id) == 0)
            return true;
    return false;
}

static void all_were_answered(const struct pair *pair)
{
    for (size_t i = 0; i < FTH_NR(classes); i++)
        if (strcmp(classes[i].what, "CUT") == 0 && !was_answered(pair, classes[i].id))
            fail_msg("%s: nothing that was asked had an answer", classes[i].id);
}

static void check_operation(struct world *w, struct pair *pair, const struct fth_path *path,
                            const struct fth_operation *operation)
{
    const char *what = class_of(operation->id);
    struct question q = {.id = operation->id, .method = operation->method.p};
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    struct said said;

    if (!what) {
        fail_msg("%s has no row in scoped.def", operation->id);
        return;
    }
    if (strcmp(what, "REFUSED") != 0) {
        if (!is_asked(operation->id))
            fail_msg("%s is answered to callers with a scope, and is not asked here",
                     operation->id);
        fth_buf_release(&text);
        return;
    }
    for (size_t i = 0; i < path->part_nr; i++)
        fth_buf_printf(&text, "/" FTH_STR_F,
                       FTH_STR_A(path->parts[i].p[0] == '{' ? FTH_STR("1-2-0") : path->parts[i]));
    q.path = text_of(w, "%.*s", (int)text.n, text.p);
    say(&pair->whole, &q, &pair->who, &said);
    if (said.reply.status != 403)
        fail_msg("%s: %d, not 403", operation->id, said.reply.status);
    tells_nothing(w, &q, &said);
    forget(&said);
    fth_buf_release(&text);
}

static void ask_document(struct world *w, struct pair *pair)
{
    const struct fth_openapi *api;
    struct fth_err err = {0};

    assert_ok(fth_openapi_load(w->arena, &api, &err), &err);
    for (size_t i = 0; i < api->path_nr; i++)
        for (size_t k = 0; k < api->paths[i].operation_nr; k++)
            check_operation(w, pair, &api->paths[i], &api->paths[i].operations[k]);
}

static void check_scope(size_t nth)
{
    static const struct fth_str may[] = {FTH_STR_INIT("views.write"),
                                         FTH_STR_INIT("dashboards.write")};
    struct world w = scope_world();
    const char *scope = scope_choose(&w, nth);
    struct pair pair = {0};

    print_message("# %s: %zu of %zu charges, %zu texts are outside alone\n", scope, w.inside,
                  SCOPE_ROWS, w.outside.nr);
    open_place(&w, &pair.whole, "whole");
    open_place(&w, &pair.part, "part");
    add_me(&pair.whole);
    load(&w, &pair.whole, false);
    load(&w, &pair.part, true);
    write_as_others(&pair.whole);
    pair.who = (struct fth_who){.id = FTH_STR(ME),
                                .name = FTH_STR("me@example.com"),
                                .permissions = may,
                                .permission_nr = FTH_NR(may),
                                .scope = w.scope,
                                .scope_text = w.scope_text};
    ask_plans(&w, &pair);
    ask_dimensions(&w, &pair);
    ask_entities(&w, &pair);
    ask_forecasts(&w, &pair);
    ask_anomalies(&w, &pair);
    ask_links(&w, &pair);
    ask_rest(&w, &pair);
    ask_for_what_is_not_mine(&w, &pair);
    ask_document(&w, &pair);
    if (w.inside)
        all_were_answered(&pair);
    close_place(&pair.whole);
    close_place(&pair.part);
}

/* Directories are closed with their test, so each scope is one. */
#define SCOPE_TEST(nth)                                                                \
    static void an_answer_in_a_scope_is_that_of_the_charges_inside_##nth(void **state) \
    {                                                                                  \
        (void)state;                                                                   \
        check_scope(nth);                                                              \
    }
SCOPE_TEST(0)
SCOPE_TEST(1)
SCOPE_TEST(2)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_in_a_scope_is_that_of_the_charges_inside_0),
        TEST(an_answer_in_a_scope_is_that_of_the_charges_inside_1),
        TEST(an_answer_in_a_scope_is_that_of_the_charges_inside_2),
    };

    return cmocka_run_group_tests_name("scope properties", tests, NULL, NULL);
}
