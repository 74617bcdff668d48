/* http: what reading parts of a request promises, and what a reply does without sockets. */
#include "api/http.h"
#include "base/buf.h"
#include "base/json.h"
#include "test.h"

static struct fth_str only_value(const char *query, const char *name)
{
    struct fth_arena *arena = test_arena(4096);
    struct fth_str rest = fth_str_c(query), key, value;
    struct fth_err err = {0};
    bool more;

    for (;;) {
        assert_ok(fth_query_next(arena, &rest, &key, &value, &more, &err), &err);
        if (!more)
            return (struct fth_str){0};
        if (fth_str_eq_c(key, name))
            return value;
    }
}

static void a_query_string_is_decoded(void **state)
{
    assert_str(only_value("a=1&plan=%7B%22x%22%3A1%7D&b", "plan"), "{\"x\":1}");
    assert_str(only_value("q=a+b%2Bc", "q"), "a b+c");
    assert_str(only_value("&&q=&r=2", "r"), "2");
    assert_str(only_value("q=a=b", "q"), "a=b");
    assert_str(only_value("q=%C3%A9", "q"), "\xc3\xa9");
}

static void query_refused(const char *query)
{
    struct fth_str rest = fth_str_c(query), key = FTH_STR("untouched"), value = key;
    struct fth_err err = {0};
    bool more = true;

    assert_int_equal(fth_query_next(test_arena(4096), &rest, &key, &value, &more, &err),
                     FTH_E_SYNTAX);
    assert_str(key, "untouched");
}

static void broken_escapes_zero_bytes_and_bad_text_are_refused(void **state)
{
    query_refused("a=%");
    query_refused("a=%4");
    query_refused("a=%zz");
    query_refused("%00=1");
    query_refused("a=%ff");
}

static void a_path_segment_keeps_its_plus(void **state)
{
    struct fth_err err = {0};
    struct fth_str out;

    assert_ok(fth_http_decode(test_arena(100), FTH_STR("tag%3Aa+b"), &out, &err), &err);
    assert_str(out, "tag:a+b");
}

static unsigned accepts(const char *header, const char *type)
{
    return fth_accept_quality(fth_str_c(header), fth_str_c(type));
}

static void the_most_specific_media_range_decides(void **state)
{
    assert_int_equal(accepts("", "text/csv"), 1000);
    assert_int_equal(accepts("text/csv", "text/csv"), 1000);
    assert_int_equal(accepts("text/*;q=0.5, text/csv;q=0.25", "text/csv"), 250);
    assert_int_equal(accepts("text/csv;q=0.25, text/*;q=0.5", "text/csv"), 250);
    assert_int_equal(accepts("*/*;q=0.1, text/html", "application/json"), 100);
    assert_int_equal(accepts("text/html", "application/json"), 0);
    assert_int_equal(accepts("text/html, application/xhtml+xml;q=0.9", "text/html"), 1000);
    assert_int_equal(accepts("application/json;charset=utf-8;q=0.5", "application/json"), 500);
    assert_int_equal(accepts("application/json;q=2", "application/json"), 0);
}

static unsigned encodes(const char *header, const char *coding)
{
    return fth_encoding_quality(fth_str_c(header), fth_str_c(coding));
}

static void only_identity_needs_no_permission(void **state)
{
    assert_int_equal(encodes("", "identity"), 1000);
    assert_int_equal(encodes("", "br"), 0);
    assert_int_equal(encodes("gzip, br;q=0.8", "br"), 800);
    assert_int_equal(encodes("gzip;q=0", "gzip"), 0);
    assert_int_equal(encodes("*;q=0.5", "br"), 500);
    assert_int_equal(encodes("*;q=0", "identity"), 0);
    assert_int_equal(encodes("identity;q=0.1, *;q=0", "identity"), 100);
}

static bool matches(const char *header, const char *etag, bool strong)
{
    return fth_etag_matches(fth_str_c(header), fth_str_c(etag), strong);
}

static void entity_tags_are_compared_as_rfc_9110_says(void **state)
{
    assert_true(matches("\"a\"", "\"a\"", false));
    assert_true(matches("\"x\", W/\"a\"", "\"a\"", false));
    assert_false(matches("\"x\", W/\"a\"", "\"a\"", true));
    assert_true(matches("\"x\" , \"a\"", "\"a\"", true));
    assert_true(matches("*", "\"a\"", true));
    assert_true(matches("\"a,b\",\"c\"", "\"c\"", true));
    assert_false(matches("", "\"a\"", false));
    assert_false(matches("a", "\"a\"", false));
    assert_false(matches("\"a", "\"a\"", false));
    assert_false(matches("\"x\" \"a\"", "\"a\"", false));
}

static enum fth_http_ranges ranged(const char *header, uint64_t size, uint64_t first, uint64_t len)
{
    struct fth_http_range got = {77, 77};
    enum fth_http_ranges ranges = fth_http_range(fth_str_c(header), size, &got);

    assert_int_equal(got.first, ranges == FTH_RANGE_PART ? first : 77);
    assert_int_equal(got.len, ranges == FTH_RANGE_PART ? len : 77);
    return ranges;
}

static void one_range_of_bytes_is_a_part_and_all_else_the_whole(void **state)
{
    static const char *const whole[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-0",
        "bytes=0-1,",
        "bytes=0-1,3-",
        "lines=0-1",
        "bytes 0-1",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1 -2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "=0-1",
        "bytes==0-1",
        "bytes=1.0-2",
        "bytes=0-\xff",
        "bytes=,",
        "bytes=-,-1",
        "bytes=18446744073709551616-1",
    };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        assert_int_equal(ranged(whole[i], 10, 0, 0), FTH_RANGE_WHOLE);
    assert_int_equal(ranged("bytes=0-0", 10, 0, 1), FTH_RANGE_PART);
    assert_int_equal(ranged("Bytes=2-5", 10, 2, 4), FTH_RANGE_PART);
    assert_int_equal(ranged("bytes=9-", 10, 9, 1), FTH_RANGE_PART);
    assert_int_equal(ranged("bytes=3-99999999999999999999999", 10, 3, 7), FTH_RANGE_PART);
    assert_int_equal(ranged("bytes=-3", 10, 7, 3), FTH_RANGE_PART);
    assert_int_equal(ranged("bytes=-99999999999999999999999", 10, 0, 10), FTH_RANGE_PART);
    assert_int_equal(ranged("bytes=10-", 10, 0, 0), FTH_RANGE_NONE);
    assert_int_equal(ranged("bytes=18446744073709551615-", 10, 0, 0), FTH_RANGE_NONE);
    assert_int_equal(ranged("bytes=-0", 10, 0, 0), FTH_RANGE_NONE);
    assert_int_equal(ranged("bytes=0-", 0, 0, 0), FTH_RANGE_NONE);
    assert_int_equal(ranged("bytes=-1", 0, 0, 0), FTH_RANGE_NONE);
}

static void preferences_are_found_by_name(void **state)
{
    struct fth_str value;

    assert_true(fth_prefer(FTH_STR("respond-async, wait=5"), "wait", &value));
    assert_str(value, "5");
    assert_true(fth_prefer(FTH_STR("Wait = 10; x=1"), "wait", &value));
    assert_str(value, "10");
    assert_false(fth_prefer(FTH_STR("respond-async"), "wait", &value));
}

static void a_host_is_a_name_or_an_address(void **state)
{
    struct fth_str host;
    uint16_t port;

    assert_true(fth_http_host(FTH_STR("localhost:8642"), &host, &port));
    assert_str(host, "localhost");
    assert_int_equal(port, 8642);
    assert_true(fth_http_host(FTH_STR("[::1]:80"), &host, &port));
    assert_str(host, "[::1]");
    assert_true(fth_http_host(FTH_STR("[::1]"), &host, &port));
    assert_int_equal(port, 0);
    assert_false(fth_http_host(FTH_STR("::1"), &host, &port));
    assert_false(fth_http_host(FTH_STR("a b"), &host, &port));
    assert_false(fth_http_host(FTH_STR("a@b"), &host, &port));
    assert_false(fth_http_host(FTH_STR("localhost:0"), &host, &port));
    assert_false(fth_http_host(FTH_STR("localhost:65536"), &host, &port));
    assert_false(fth_http_host(FTH_STR(":80"), &host, &port));
    assert_false(fth_http_host(FTH_STR(""), &host, &port));
}

static void a_given_request_id_is_kept_when_it_is_harmless(void **state)
{
    struct fth_header header = {FTH_STR("x-request-id"), FTH_STR("abc-1.2_3")};
    struct fth_http_request request = {.headers = &header, .header_nr = 1};

    fth_request_identify(&request, 0);
    assert_string_equal(request.id, "abc-1.2_3");
    header.value = FTH_STR("a b");
    fth_request_identify(&request, 0);
    assert_int_equal(strlen(request.id), 36);
    header.value = test_repeat("a", FTH_REQUEST_ID_MAX + 1);
    fth_request_identify(&request, 0);
    assert_int_equal(strlen(request.id), 36);
}

/* ---- replies ---- */

struct kept {
    struct fth_reply reply;
    struct fth_reply_memory memory;
    struct fth_buf body;
    struct fth_http_sink sink;
};

static void keep(struct kept *kept, struct fth_arena *arena)
{
    *kept = (struct kept){.body = fth_buf_max(1 << 20), .sink = fth_reply_to_memory()};
    kept->memory.body = &kept->body;
    fth_reply_init(&kept->reply, arena, &kept->sink, &kept->memory);
}

static void a_problem_says_what_went_wrong_and_what_to_do(void **state)
{
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_http_request request = {.path = FTH_STR("/api/v1/x"), .id = "r1", .arena = arena};
    struct fth_err err = {0};
    const struct fth_json *json;
    struct kept kept;

    keep(&kept, arena);
    fth_err_set(&err, FTH_E_BUSY, "the ledger is being \"written\"");
    fth_err_hint(&err, "Try again.");
    fth_err_at(&err, "/plan/limit");
    assert_ok(fth_reply_header(&kept.reply, "ETag", FTH_STR("\"a\""), &(struct fth_err){0}),
              &(struct fth_err){0});
    fth_reply_problem(&kept.reply, &request, &err);
    fth_err_clear(&err);

    assert_int_equal(kept.reply.status, 503);
    assert_str(fth_reply_get_header(&kept.reply, "content-type"), "application/problem+json");
    assert_str(fth_reply_get_header(&kept.reply, "Retry-After"), "2");
    assert_str(fth_reply_get_header(&kept.reply, "ETag"), "");
    assert_true(kept.memory.ended && kept.memory.complete);
    assert_ok(fth_json_parse(arena, fth_buf_view(&kept.body), NULL, &json, &err), &err);
    assert_str(fth_json_str(json, "type", FTH_STR("")), "/problems/busy");
    assert_str(fth_json_str(json, "detail", FTH_STR("")), "the ledger is being \"written\"");
    assert_str(fth_json_str(json, "hint", FTH_STR("")), "Try again.");
    assert_str(fth_json_str(json, "request_id", FTH_STR("")), "r1");
    assert_str(fth_json_at(json, FTH_STR("/errors/0/pointer"))->text, "/plan/limit");
    fth_buf_release(&kept.body);
}

static void a_problem_is_told_even_without_memory(void **state)
{
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(4096);
        struct fth_http_request request = {.path = FTH_STR("/"), .id = "r", .arena = arena};
        struct fth_err err = {.rc = FTH_E_NOTFOUND, .msg = "no such thing"};
        char room[2048];
        struct fth_buf body = {.p = room, .cap = sizeof(room), .max = sizeof(room)};
        struct fth_reply_memory memory = {.body = &body};
        struct fth_http_sink sink = fth_reply_to_memory();
        struct fth_reply reply;

        if (!arena)
            continue;
        fth_reply_init(&reply, arena, &sink, &memory);
        fth_reply_problem(&reply, &request, &err);
        assert_true(memory.ended);
        assert_true(reply.status == 404 || reply.status == 503);
        assert_true(body.n > 0 && room[0] == '{');
        fth_arena_free(arena);
    }
}

static void a_head_only_stream_tells_its_writer_to_stop(void **state)
{
    struct fth_err err = {0};
    struct kept kept;

    keep(&kept, test_arena(4096));
    kept.reply.head_only = true;
    assert_ok(fth_reply_start(&kept.reply, 200, &err), &err);
    assert_int_equal(fth_reply_write(&kept.reply, FTH_STR("x"), &err), FTH_E_CANCELLED);
    fth_reply_end(&kept.reply, false);
    assert_true(kept.memory.complete);
    assert_int_equal(kept.body.n, 0);
}

static enum fth_rc framed(const char *a_name, const char *a, const char *b_name, const char *b)
{
    const struct fth_header headers[] = {
        {FTH_STR("Host"), FTH_STR("x")},
        {fth_str_c(a_name), fth_str_c(a)},
        {fth_str_c(b_name), fth_str_c(b)},
    };
    const struct fth_http_request request = {.headers = headers, .header_nr = 3};
    struct fth_err err = {0};

    return fth_request_framing(&request, &err);
}

static void where_a_body_ends_is_said_once(void **state)
{
    const char *length = "Content-Length", *coding = "Transfer-Encoding";

    assert_int_equal(framed(length, "5", "Accept", "*/*"), FTH_OK);
    assert_int_equal(framed(coding, "Chunked", "Accept", "*/*"), FTH_OK);
    assert_int_equal(framed(length, "5", "content-length", "5"), FTH_E_SYNTAX);
    assert_int_equal(framed(length, "5", coding, "chunked"), FTH_E_SYNTAX);
    assert_int_equal(framed(coding, "chunked", coding, "chunked"), FTH_E_SYNTAX);
    assert_int_equal(framed(coding, "gzip, chunked", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed(coding, "xchunked", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed(coding, "\"chunked\"", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed(length, "+5", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed(length, "5,5", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed(length, "", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed("Content-Length ", "5", "Accept", "*/*"), FTH_E_SYNTAX);
    assert_int_equal(framed("", "5", "Accept", "*/*"), FTH_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_query_string_is_decoded),
        TEST(where_a_body_ends_is_said_once),
        TEST(broken_escapes_zero_bytes_and_bad_text_are_refused),
        TEST(a_path_segment_keeps_its_plus),
        TEST(the_most_specific_media_range_decides),
        TEST(only_identity_needs_no_permission),
        TEST(entity_tags_are_compared_as_rfc_9110_says),
        TEST(one_range_of_bytes_is_a_part_and_all_else_the_whole),
        TEST(preferences_are_found_by_name),
        TEST(a_host_is_a_name_or_an_address),
        TEST(a_given_request_id_is_kept_when_it_is_harmless),
        TEST(a_problem_says_what_went_wrong_and_what_to_do),
        TEST(a_problem_is_told_even_without_memory),
        TEST(a_head_only_stream_tells_its_writer_to_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
