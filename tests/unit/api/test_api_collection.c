/* collection: views, dashboards and annotations, on SQLite and on PostgreSQL. */
#include <pthread.h>
#include <stdio.h>

#include "api_db_test.h"
#include "app/app.h"
#include "auth/who.h"
#include "base/check.h"
#include "state/db.h"

static const char *path_of(const struct asked *asked)
{
    assert_int_equal(asked->reply.status, 201);
    return asked_header(asked, "Location").p;
}

static void a_view_is_made_read_changed_and_deleted(void **state)
{
    const struct asked *made, *asked;
    const char *path;

    open_on(state);
    made = send_json("POST", "/api/v1/views",
                     "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                     "\"measures\":[\"billed_cost\"],\"time\":null}}");
    path = path_of(made);
    assert_str(asked_at(made, "/name"), "Mine");
    assert_str(asked_header(made, "ETag"), "\"1\"");

    asked = ask("GET", path);
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/plan/measures/0"), "billed_cost");
    assert_str(asked_at(asked, "/created_at"), asked_at(made, "/created_at").p);

    asked = send_json("PATCH", path, "{\"plan\":{\"group_by\":[\"service\"]}}");
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/plan/group_by/0"), "service");
    assert_str(asked_at(asked, "/plan/measures/0"), "billed_cost");
    assert_str(asked_at(asked, "/name"), "Mine");
    assert_str(asked_header(asked, "ETag"), "\"2\"");

    assert_int_equal(ask("DELETE", path)->reply.status, 204);
    assert_problem(ask("GET", path), 404, "no such id");
    assert_problem(ask("DELETE", path), 404, "no such id");
    assert_problem(send_json("PATCH", path, "{}"), 404, "no such id");
}

static const struct asked *with_header(const char *method, const char *path, const char *name,
                                       const char *value, const char *body)
{
    const char *const headers[] = {"Content-Type", "application/json", name, value, NULL};

    return ask_full(FTH_PEER_PROCESS, method, path, headers, fth_str_c(body));
}

static void a_change_of_what_has_changed_since_is_refused(void **state)
{
    const char *path;

    open_on(state);
    path = path_of(send_json("POST", "/api/v1/annotations",
                             "{\"date\":\"2025-01-31\",\"text\":\"moved to the new region\"}"));
    assert_int_equal(
        with_header("PATCH", path, "If-Match", "\"1\"", "{\"text\":\"b\"}")->reply.status, 200);
    assert_problem(with_header("PATCH", path, "If-Match", "\"1\"", "{\"text\":\"c\"}"), 412,
                   "\"2\"");
    assert_problem(with_header("DELETE", path, "If-Match", "\"1\"", NULL), 412, "changed");
    assert_int_equal(with_header("GET", path, "If-None-Match", "\"2\"", NULL)->reply.status, 304);
    assert_int_equal(with_header("DELETE", path, "If-Match", "\"2\"", NULL)->reply.status, 204);
}

static void a_date_must_be_one(void **state)
{
    open_on(state);
    assert_problem(
        send_json("POST", "/api/v1/annotations", "{\"date\":\"2025-02-30\",\"text\":\"a\"}"), 422,
        "no such date");
    assert_problem(
        send_json("POST", "/api/v1/annotations", "{\"date\":\"2025-2-3\",\"text\":\"a\"}"), 422,
        "/date");
    assert_problem(send_json("POST", "/api/v1/annotations",
                             "{\"date\":\"2025-02-03\",\"text\":\"a\",\"colour\":1}"),
                   422, "colour");
    assert_int_equal(ask("GET", "/api/v1/annotations")->reply.status, 200);
}

/* A patch is merged first: it is the plan that comes of it that must be one. */
static void a_plan_that_is_none_is_not_kept(void **state)
{
    const struct asked *asked;
    const char *path;

    open_on(state);
    asked = send_json("POST", "/api/v1/views",
                      "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                      "\"measures\":[\"bild_cost\"],\"time\":null}}");
    assert_problem(asked, 422, "bild_cost");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/measures/0");
    assert_str(asked_at(asked, "/hint"), "Did you mean \"billed_cost\"?");
    assert_int_equal(fth_json_get(ask("GET", "/api/v1/views")->json, "data")->nr, 0);

    path = path_of(send_json("POST", "/api/v1/views",
                             "{\"name\":\"Mine\",\"plan\":{\"kind\":\"query\",\"subject\":\"cost\","
                             "\"measures\":[\"billed_cost\"],\"time\":null}}"));
    asked = send_json("PATCH", path, "{\"plan\":{\"group_by\":[\"servcie\"]}}");
    assert_problem(asked, 422, "servcie");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/group_by/0");
    asked = send_json("PATCH", path, "{\"plan\":{\"kind\":null}}");
    assert_problem(asked, 422, "kind");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/plan/kind");
    assert_str(asked_header(ask("GET", path), "ETag"), "\"1\"");
    assert_int_equal(send_json("PATCH", path, "{\"name\":\"Ours\"}")->reply.status, 200);
}

static void pages_hold_each_row_once_in_order(void **state)
{
    static const char *const dates[] = {"2025-01-03", "2025-01-01", "2025-01-02", "2025-01-02",
                                        "2025-01-05"};
    const char *path = "/api/v1/annotations?limit=2";
    char body[100], next[500], last[11] = "";
    size_t seen = 0;

    open_on(state);
    for (size_t i = 0; i < 5; i++) {
        snprintf(body, sizeof(body), "{\"date\":\"%s\",\"text\":\"it's %zu\"}", dates[i], i);
        (void)path_of(send_json("POST", "/api/v1/annotations", body));
    }
    while (path) {
        const struct asked *asked = ask("GET", path);
        const struct fth_json *data = fth_json_get(asked->json, "data");

        assert_int_equal(asked->reply.status, 200);
        for (size_t i = 0; i < data->nr; i++) {
            const char *date = fth_json_str(&data->items[i], "date", FTH_STR("")).p;

            assert_true(strcmp(date, last) >= 0);
            snprintf(last, sizeof(last), "%s", date);
            seen++;
        }
        snprintf(next, sizeof(next), "/api/v1/annotations?limit=2&cursor=%s",
                 asked_at(asked, "/next_cursor").n ? asked_at(asked, "/next_cursor").p : "");
        path = asked_at(asked, "/next_cursor").n ? next : NULL;
    }
    assert_int_equal(seen, 5);
    assert_problem(ask("GET", "/api/v1/annotations?cursor=!"), 422, "cursor");
    assert_problem(ask("GET", "/api/v1/annotations?cursor=YWJj"), 422, "cursor");
}

/* ---- what is shared ---- */

#define PLAN                                                                   \
    "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"billed_cost\"]," \
    "\"time\":null}"
#define VIEW(name, more) "{\"name\":\"" name "\",\"plan\":" PLAN more "}"

enum person { OWNER, ANA, BO, CY, DI, EVE };

static const char *const names[] = {"owner", "ana", "bo", "cy", "di", "eve"};

/* Ana and Bo are people like others, Cy may change what is shared, Di sees some charges alone and
 * could do all the rest, Eve reads. */
static void come_in(enum person person)
{
    static const struct fth_filter some_charges;
    static struct fth_str permissions[5];
    static struct fth_who who;
    static const size_t permission_nr[] = {[ANA] = 3, [BO] = 3, [CY] = 5, [DI] = 5, [EVE] = 2};

    permissions[0] = FTH_STR("views.read");
    permissions[1] = FTH_STR("dashboards.read");
    permissions[2] = FTH_STR("views.write");
    permissions[3] = FTH_STR("views.manage");
    permissions[4] = FTH_STR("dashboards.manage");
    who = (struct fth_who){.id = fth_str_c(names[person]),
                           .permissions = permissions,
                           .permission_nr = permission_nr[person]};
    if (person == DI) {
        who.scope = &some_charges;
        who.scope_text = FTH_STR("service = \"a\"");
    }
    asked_by = person == OWNER ? NULL : &who;
}

static void add_people(void)
{
    struct fth_err err = {0};
    struct fth_tx *tx;

    assert_ok(fth_tx_begin(fth_app_db(app), &tx, &err), &err);
    for (size_t i = ANA; i < FTH_NR(names); i++) {
        const struct fth_val vals[] = {FTH_VAL_C(names[i])};

        assert_ok(fth_tx_exec_text(tx,
                                   FTH_STR("INSERT INTO user_account (id, email, name, role_id, "
                                           "created_us) VALUES ($1, $1, $1, 'viewer', 0)"),
                                   vals, 1, NULL, &err),
                  &err);
    }
    assert_ok(fth_tx_commit(tx, &err), &err);
}

static const struct asked *as(enum person person, const char *method, const char *path,
                              const char *body)
{
    come_in(person);
    return body ? send_json(method, path, body) : ask(method, path);
}

/* The names of a list, a space behind each. */
static const char *names_of(const struct asked *asked)
{
    const struct fth_json *data = fth_json_get(asked->json, "data");
    struct fth_buf buf = fth_buf_max(1000);
    struct fth_str out;
    struct fth_err err = {0};

    assert_int_equal(asked->reply.status, 200);
    for (size_t i = 0; i < data->nr; i++)
        fth_buf_printf(&buf, FTH_STR_F " ",
                       FTH_STR_A(fth_json_str(&data->items[i], "name", FTH_STR("?"))));
    assert_ok(fth_arena_str(asked->arena, fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out.n ? out.p : "";
}

static void others_see_what_is_shared_with_them(void **state)
{
    const char *mine, *ours, *all;

    open_on(state);
    add_people();
    mine = path_of(as(ANA, "POST", "/api/v1/views", VIEW("mine", "")));
    ours =
        path_of(as(ANA, "POST", "/api/v1/views", VIEW("ours", ",\"visibility\":\"organisation\"")));
    all = path_of(as(ANA, "POST", "/api/v1/views", VIEW("all", ",\"visibility\":\"everyone\"")));
    (void)path_of(as(OWNER, "POST", "/api/v1/views", VIEW("nobodys", "")));

    assert_string_equal(names_of(as(ANA, "GET", "/api/v1/views", NULL)), "all mine nobodys ours ");
    assert_string_equal(names_of(as(BO, "GET", "/api/v1/views", NULL)), "all nobodys ours ");
    assert_string_equal(names_of(as(CY, "GET", "/api/v1/views", NULL)), "all nobodys ours ");
    assert_string_equal(names_of(as(DI, "GET", "/api/v1/views", NULL)), "all ");
    assert_string_equal(names_of(as(OWNER, "GET", "/api/v1/views", NULL)),
                        "all mine nobodys ours ");
    assert_problem(as(BO, "GET", mine, NULL), 404, "no such id");
    assert_problem(as(CY, "DELETE", mine, NULL), 404, "no such id");
    assert_problem(as(DI, "PATCH", ours, "{}"), 404, "no such id");
    assert_str(asked_at(as(DI, "GET", all, NULL), "/owner"), "ana");
    assert_problem(as(DI, "PATCH", all, "{}"), 403, "somebody else");
}

static void who_made_it_changes_it_and_who_manages(void **state)
{
    const struct asked *seen;
    const char *ours;

    open_on(state);
    add_people();
    ours =
        path_of(as(ANA, "POST", "/api/v1/views", VIEW("ours", ",\"visibility\":\"organisation\"")));
    seen = as(BO, "GET", ours, NULL);
    assert_false(fth_json_bool(fth_json_get(seen->json, "editable"), true));
    assert_str(asked_header(seen, "ETag"), "\"1-r\"");
    assert_problem(as(BO, "PATCH", ours, "{\"name\":\"bos\"}"), 403, "somebody else");
    assert_problem(as(BO, "DELETE", ours, NULL), 403, "somebody else");
    assert_int_equal(as(CY, "PATCH", ours, "{\"name\":\"b\"}")->reply.status, 200);
    assert_int_equal(as(ANA, "PATCH", ours, "{\"name\":\"c\"}")->reply.status, 200);
    assert_int_equal(as(ANA, "PATCH", ours, "{\"visibility\":\"private\"}")->reply.status, 200);
    assert_problem(as(CY, "GET", ours, NULL), 404, "no such id");
    assert_int_equal(as(ANA, "DELETE", ours, NULL)->reply.status, 204);
}

/* Who has made something and may no longer write. The router is not asked here. */
static void without_the_permission_to_write_nothing_is_editable(void **state)
{
    const struct asked *made, *seen;
    const char *path;

    open_on(state);
    add_people();
    made = as(EVE, "POST", "/api/v1/views", VIEW("mine", ""));
    path = path_of(made);
    assert_false(fth_json_bool(fth_json_get(made->json, "editable"), true));
    seen = as(EVE, "GET", path, NULL);
    assert_false(fth_json_bool(fth_json_get(seen->json, "editable"), true));
    assert_str(asked_header(seen, "ETag"), "\"1-r\"");
}

static void who_did_not_make_it_cannot_make_it_private(void **state)
{
    const struct asked *seen;
    const char *ours, *nobodys;

    open_on(state);
    add_people();
    ours = path_of(as(ANA, "POST", "/api/v1/views", VIEW("ours", ",\"visibility\":\"everyone\"")));
    nobodys =
        path_of(as(OWNER, "POST", "/api/v1/views", VIEW("b", ",\"visibility\":\"everyone\"")));
    assert_problem(as(CY, "PATCH", ours, "{\"visibility\":\"private\"}"), 403, "only who made it");
    seen = as(CY, "GET", ours, NULL);
    assert_str(asked_at(seen, "/visibility"), "everyone");
    assert_str(asked_header(seen, "ETag"), "\"1\"");
    assert_int_equal(as(CY, "PATCH", ours, "{\"visibility\":\"organisation\"}")->reply.status, 200);
    assert_int_equal(as(CY, "PATCH", nobodys, "{\"visibility\":\"private\"}")->reply.status, 200);
    assert_int_equal(as(CY, "GET", nobodys, NULL)->reply.status, 200);
}

/* It is refused while another transaction writes, so it was not looked at within one. */
static void a_plan_is_checked_before_anything_is_written(void **state)
{
    static const char bad[] = "{\"plan\":{\"measures\":[\"bild_cost\"]}}";
    struct fth_err err = {0};
    const char *path;
    struct fth_tx *tx;

    open_on(state);
    path = path_of(as(OWNER, "POST", "/api/v1/views", VIEW("a", "")));
    assert_ok(fth_tx_begin(fth_app_db(app), &tx, &err), &err);
    assert_problem(send_json("PATCH", path, bad), 422, "bild_cost");
    assert_problem(send_json("POST", "/api/v1/dashboards",
                             "{\"name\":\"a\",\"tiles\":[{\"plan\":{\"kind\":\"query\"},"
                             "\"title\":\"\",\"form\":\"line\",\"width\":1,\"height\":1}]}"),
                   422, "");
    fth_tx_rollback(tx);
}

enum { PATCHES = 20 };

/* Who changes one member of a row again and again, beside others who change other members. */
struct patcher {
    const char *path, *member;
    int wrong;
};

/* In a thread of its own: ask() is for one. */
static struct fth_str patch_here(const struct patcher *patcher, struct fth_arena *arena,
                                 const char *body)
{
    const struct fth_header headers[] = {{FTH_STR("Content-Type"), FTH_STR("application/json")}};
    const struct fth_http_sink sink = fth_reply_to_memory();
    struct fth_http_request request = {.method = FTH_STR("PATCH"),
                                       .path = fth_str_c(patcher->path),
                                       .headers = headers,
                                       .header_nr = 1,
                                       .body = fth_str_c(body),
                                       .arena = arena};
    struct fth_buf out = fth_buf_max(1 << 20);
    struct fth_reply_memory memory = {.body = &out};
    const struct fth_json *json = NULL;
    struct fth_err err = {0};
    struct fth_reply reply;
    struct fth_str text = {0};

    fth_reply_init(&reply, arena, &sink, &memory);
    fth_router_call(router, &request, &reply);
    if (reply.status == 200 && !fth_json_parse(arena, fth_buf_view(&out), NULL, &json, &err))
        (void)fth_arena_str(arena, fth_json_str(json, patcher->member, FTH_STR("")), &text, &err);
    fth_buf_release(&out);
    return text;
}

static void *patch_often(void *ctx)
{
    struct patcher *patcher = ctx;
    char body[100], want[20];

    for (int i = 0; i < PATCHES; i++) {
        struct fth_arena *arena = fth_arena_new(16 << 20);

        snprintf(want, sizeof(want), "%d", i);
        snprintf(body, sizeof(body), "{\"%s\":\"%s\"}", patcher->member, want);
        patcher->wrong += !fth_str_eq_c(patch_here(patcher, arena, body), want);
        patcher->wrong += !fth_str_eq_c(patch_here(patcher, arena, "{}"), want);
        fth_arena_free(arena);
    }
    return NULL;
}

static void patches_at_once_lose_nothing_of_each_other(void **state)
{
    static const char *const members[] = {"name", "folder"};
    struct patcher patchers[FTH_NR(members)];
    pthread_t threads[FTH_NR(members)];
    char etag[20];
    const char *path;

    open_on(state);
    path = path_of(as(OWNER, "POST", "/api/v1/views", VIEW("a", "")));
    for (size_t i = 0; i < FTH_NR(members); i++) {
        patchers[i] = (struct patcher){.path = path, .member = members[i]};
        assert_int_equal(pthread_create(&threads[i], NULL, patch_often, &patchers[i]), 0);
    }
    for (size_t i = 0; i < FTH_NR(members); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(patchers[i].wrong, 0);
    }
    snprintf(etag, sizeof(etag), "\"%zu\"", 1 + FTH_NR(members) * PATCHES * 2);
    assert_str(asked_header(ask("GET", path), "ETag"), etag);
}

static void a_star_is_of_who_gave_it(void **state)
{
    const char *path, *star;
    char text[200];

    open_on(state);
    add_people();
    path =
        path_of(as(ANA, "POST", "/api/v1/views", VIEW("ours", ",\"visibility\":\"organisation\"")));
    (void)path_of(as(ANA, "POST", "/api/v1/views", VIEW("mine", "")));
    snprintf(text, sizeof(text), "%s/star", path);
    star = text;
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(as(BO, "PUT", star, NULL)->reply.status, 204);
    assert_string_equal(names_of(as(BO, "GET", "/api/v1/views?starred=true", NULL)), "ours ");
    assert_string_equal(names_of(as(ANA, "GET", "/api/v1/views?starred=true", NULL)), "");
    assert_str(asked_header(as(BO, "GET", path, NULL), "ETag"), "\"1-rs\"");
    assert_int_equal(as(ANA, "PUT", star, NULL)->reply.status, 204);
    assert_str(asked_header(as(ANA, "GET", path, NULL), "ETag"), "\"1-s\"");
    assert_int_equal(
        with_header("PATCH", path, "If-Match", "\"1\"", "{\"name\":\"b\"}")->reply.status, 200);
    assert_problem(with_header("PATCH", path, "If-Match", "\"1-s\"", "{}"), 412, "changed");
    assert_int_equal(as(BO, "DELETE", star, NULL)->reply.status, 204);
    assert_string_equal(names_of(as(BO, "GET", "/api/v1/views?starred=true", NULL)), "");
    assert_problem(as(DI, "PUT", star, NULL), 404, "no such id");
    assert_int_equal(as(ANA, "DELETE", path, NULL)->reply.status, 204);
    assert_problem(as(ANA, "PUT", star, NULL), 404, "no such id");
}

static void a_folder_holds_what_is_in_those_inside_it(void **state)
{
    open_on(state);
    (void)path_of(as(OWNER, "POST", "/api/v1/views", VIEW("a", ",\"folder\":\"Money\"")));
    (void)path_of(
        as(OWNER, "POST", "/api/v1/views", VIEW("b", ",\"folder\":\"Money/Each month\"")));
    (void)path_of(as(OWNER, "POST", "/api/v1/views", VIEW("c", ",\"folder\":\"Money%\"")));
    (void)path_of(as(OWNER, "POST", "/api/v1/views", VIEW("d", "")));
    assert_string_equal(names_of(ask("GET", "/api/v1/views?folder=Money")), "a b ");
    assert_string_equal(names_of(ask("GET", "/api/v1/views?folder=Money/Each%20month")), "b ");
    assert_string_equal(names_of(ask("GET", "/api/v1/views?folder=Money%25")), "c ");
    assert_string_equal(names_of(ask("GET", "/api/v1/views?folder=")), "d ");
    assert_problem(send_json("POST", "/api/v1/views", VIEW("e", ",\"folder\":\"/a\"")), 422,
                   "folder");
    assert_problem(send_json("POST", "/api/v1/views", VIEW("e", ",\"folder\":\"a//b\"")), 422,
                   "folder");
}

static void the_words_of_a_plan_go_with_it(void **state)
{
    const char *path;

    open_on(state);
    path = path_of(send_json("POST", "/api/v1/views", VIEW("a", ",\"search\":\"time=30d\"")));
    assert_str(asked_at(send_json("PATCH", path, "{\"name\":\"b\"}"), "/search"), "time=30d");
    assert_str(asked_at(send_json("PATCH", path, "{\"plan\":{\"limit\":3}}"), "/search"), "");
    assert_str(asked_at(send_json("PATCH", path, "{\"plan\":{\"limit\":4},\"search\":\"time=7d\"}"),
                        "/search"),
               "time=7d");
}

#define TILE(what) "{" what ",\"title\":\"\",\"form\":\"line\",\"width\":2,\"height\":1}"

static void a_dashboard_has_tiles(void **state)
{
    static const char bad[] = "{\"name\":\"a\",\"tiles\":[" TILE("\"view\":\"x\"") "," TILE(
        "\"plan\":{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"bild_cost\"],"
        "\"time\":null}") "]}";
    const struct asked *asked;
    const char *path;

    open_on(state);
    path = path_of(send_json("POST", "/api/v1/dashboards", "{\"name\":\"Empty\"}"));
    asked = ask("GET", path);
    assert_int_equal(fth_json_get(asked->json, "tiles")->nr, 0);
    assert_str(asked_at(asked, "/visibility"), "private");
    asked = with_header("PATCH", path, "If-Match", "\"1\"",
                        "{\"tiles\":[" TILE("\"view\":\"gone\"") "," TILE(
                            "\"plan\":" PLAN ",\"search\":\"time=30d\"") "]}");
    assert_int_equal(asked->reply.status, 200);
    assert_str(asked_at(asked, "/tiles/1/plan/measures/0"), "billed_cost");
    assert_str(asked_header(asked, "ETag"), "\"2\"");
    assert_problem(with_header("PATCH", path, "If-Match", "\"1\"", "{\"tiles\":[]}"), 412,
                   "changed");
    assert_problem(send_json("PATCH", path, "{\"tiles\":[" TILE("\"search\":\"\"") "]}"), 422, "");
    asked = send_json("POST", "/api/v1/dashboards", bad);
    assert_problem(asked, 422, "bild_cost");
    assert_str(asked_at(asked, "/errors/0/pointer"), "/tiles/1/plan/measures/0");
}

static void tiles_are_bounded(void **state)
{
    struct fth_buf body = fth_buf_max(1 << 16);

    open_on(state);
    fth_buf_c(&body, "{\"name\":\"a\",\"tiles\":[");
    for (int i = 0; i < 41; i++)
        fth_buf_printf(&body, "%s%s", i ? "," : "", TILE("\"view\":\"x\""));
    fth_buf_c(&body, "]}");
    fth_buf_char(&body, '\0');
    assert_problem(send_json("POST", "/api/v1/dashboards", fth_buf_view(&body).p), 422, "/tiles");
    assert_problem(send_json("POST", "/api/v1/dashboards",
                             "{\"name\":\"a\",\"tiles\":[{\"view\":\"x\",\"title\":\"\","
                             "\"form\":\"line\",\"width\":5,\"height\":1}]}"),
                   422, "width");
    assert_problem(
        send_json("POST", "/api/v1/dashboards",
                  "{\"name\":\"a\",\"tiles\":[" TILE("\"view\":\"x\",\"plan\":" PLAN) "]}"),
        422, "");
    fth_buf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_view_is_made_read_changed_and_deleted),
        BOTH(a_change_of_what_has_changed_since_is_refused),
        BOTH(a_date_must_be_one),
        BOTH(a_plan_that_is_none_is_not_kept),
        BOTH(pages_hold_each_row_once_in_order),
        BOTH(others_see_what_is_shared_with_them),
        BOTH(who_made_it_changes_it_and_who_manages),
        BOTH(without_the_permission_to_write_nothing_is_editable),
        BOTH(who_did_not_make_it_cannot_make_it_private),
        BOTH(a_plan_is_checked_before_anything_is_written),
        BOTH(patches_at_once_lose_nothing_of_each_other),
        BOTH(a_star_is_of_who_gave_it),
        BOTH(a_folder_holds_what_is_in_those_inside_it),
        BOTH(the_words_of_a_plan_go_with_it),
        BOTH(a_dashboard_has_tiles),
        BOTH(tiles_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
