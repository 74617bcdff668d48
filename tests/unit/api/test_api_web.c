/* web: how the files of the web application are served. */
#include "api/web.h"
#include "api_test.h"

#define ONE(text)              \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct fth_web_file files[] = {
    {"/assets/app-1a2b.js", "text/javascript; charset=utf-8", "11", ONE("plain"), ONE("gz"),
     ONE("br")},
    {"/index.html", "text/html; charset=utf-8", "22", ONE("<html>"), {0}, {0}},
    {"/theme.js", "text/javascript; charset=utf-8", "33", ONE("theme"), ONE("tz"), {0}},
};

static void with_files(void)
{
    router_conf.web = files;
    router_conf.web_nr = 3;
}

static const struct asked *get(const char *path, const char *name, const char *value)
{
    const char *const headers[] = {name, value, NULL};

    with_files();
    return ask_full(FTH_PEER_PROCESS, "GET", path, headers, (struct fth_str){0});
}

static void assert_body(const struct asked *asked, const char *want)
{
    assert_int_equal(asked->reply.status, 200);
    assert_str(fth_buf_view(&asked->body), want);
}

static void assets_are_kept_for_ever_and_pages_are_not(void **state)
{
    const struct asked *asset = get("/assets/app-1a2b.js", NULL, NULL);
    const struct asked *page = get("/", NULL, NULL);

    assert_body(asset, "plain");
    assert_str(asked_header(asset, "Cache-Control"), "public, max-age=31536000, immutable");
    assert_body(page, "<html>");
    assert_str(asked_header(page, "Cache-Control"), "no-cache");
    assert_true(fth_str_starts(asked_header(page, "Content-Security-Policy"),
                               FTH_STR("default-src 'none'; script-src 'self';")));
    assert_str(asked_header(page, "X-Content-Type-Options"), "nosniff");
    assert_str(asked_header(page, "Referrer-Policy"), "same-origin");
}

static void each_encoding_has_its_own_tag(void **state)
{
    const char *path = "/assets/app-1a2b.js";
    const struct asked *br = get(path, "Accept-Encoding", "gzip, br");
    const struct asked *gz = get(path, "Accept-Encoding", "br;q=0.5, gzip");
    const struct asked *plain = get(path, "Accept-Encoding", "br;q=0, gzip;q=0");

    assert_body(br, "br");
    assert_str(asked_header(br, "Content-Encoding"), "br");
    assert_str(asked_header(br, "ETag"), "\"11-br\"");
    assert_body(gz, "gz");
    assert_str(asked_header(gz, "ETag"), "\"11-gz\"");
    assert_str(asked_header(gz, "Vary"), "Accept-Encoding");
    assert_body(plain, "plain");
    assert_str(asked_header(plain, "ETag"), "\"11\"");
    assert_body(get("/theme.js", "Accept-Encoding", "br, gzip"), "tz");
}

static void a_known_tag_is_answered_with_304(void **state)
{
    const struct asked *asked = get("/index.html", "If-None-Match", "\"x\", W/\"22\"");

    assert_int_equal(asked->reply.status, 304);
    assert_int_equal(asked->body.n, 0);
    assert_body(get("/index.html", "If-None-Match", "\"22-gz\""), "<html>");
}

static void pages_fall_back_to_the_index_and_nothing_else_does(void **state)
{
    const char *html = "text/html,*/*;q=0.8";

    assert_body(get("/explore?group=service", "Accept", html), "<html>");
    assert_problem(get("/explore", "Accept", "application/json"), 404, "no such path");
    assert_problem(get("/explore", NULL, NULL), 404, "no such path");
    assert_problem(get("/assets/app-old.js", "Accept", html), 404, "no such path");
    assert_problem(get("/api/v1/nothing", "Accept", html), 404, "no such path");
    assert_problem(get("/auth/login", "Accept", html), 404, "no such path");
    assert_problem(send_json("POST", "/explore", "{}"), 404, "no such path");
}

static void a_folder_is_served_while_developing_and_nothing_above_it(void **state)
{
    const char *path = test_file_named("index.html", FTH_STR("<dev>"));

    (void)path;
    (void)test_file_named("secret.key", FTH_STR("x"));
    (void)test_file_named(".hidden", FTH_STR("x"));
    router_conf.web_dir = test_dir();
    assert_body(get("/", NULL, NULL), "<dev>");
    assert_body(get("/explore", "Accept", "text/html"), "<dev>");
    assert_problem(get("/../etc/passwd", NULL, NULL), 404, "no such path");
    assert_problem(get("/.hidden", NULL, NULL), 404, "no such path");
    assert_problem(get("/%2e%2e/etc/passwd", NULL, NULL), 404, "no such path");
    assert_problem(get("/missing.js", NULL, NULL), 404, "no such path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(assets_are_kept_for_ever_and_pages_are_not),
        API_TEST(each_encoding_has_its_own_tag),
        API_TEST(a_known_tag_is_answered_with_304),
        API_TEST(pages_fall_back_to_the_index_and_nothing_else_does),
        API_TEST(a_folder_is_served_while_developing_and_nothing_above_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
