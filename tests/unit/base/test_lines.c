/* lines, json_pick: what records of JSON lines promise. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/json_pick.h"
#include "base/lines.h"

/* ---- lines ---- */

/* "record:line:text|" of all records; the error's code. */
static enum fth_rc all_lines(struct fth_str text, size_t chunk, size_t max, struct fth_buf *out,
                             struct fth_err *err)
{
    const struct fth_lines_opts opts = {.chunk_len = chunk, .max_line = max};
    struct fth_lines_chunk at = {0};
    struct fth_unpack *in = NULL;
    struct fth_lines *lines = NULL;
    bool more = true;
    enum fth_rc rc = fth_unpack_open(test_file(text), NULL, &in, err);

    fth_buf_clear(out);
    if (!rc)
        rc = fth_lines_open(in, &opts, &lines, err);
    while (!rc && more) {
        rc = fth_lines_next(lines, &at, &more, err);
        for (size_t r = 0; !rc && r < at.nr; r++)
            fth_buf_printf(out, "%lld:%lld:" FTH_STR_F "|",
                           (long long)(at.first_record + (int64_t)r),
                           (long long)fth_lines_line(&at, r), FTH_STR_A(fth_lines_text(&at, r)));
    }
    fth_lines_chunk_release(&at);
    fth_lines_close(lines);
    fth_unpack_close(in);
    return rc;
}

static void blank_lines_count_as_lines_and_are_no_records(void **state)
{
    static const size_t chunks[] = {4, 7, 100, 0};
    struct fth_buf out = fth_buf_max(4096);

    for (size_t i = 0; i < FTH_NR(chunks); i++) {
        struct fth_err err = {0};

        assert_ok(all_lines(FTH_STR("\xef\xbb\xbf{1}\r\n\n \t\n  {22} \n{333}"), chunks[i], 0, &out,
                            &err),
                  &err);
        assert_str(fth_buf_view(&out), "1:1:{1}|2:4:{22}|3:5:{333}|");
        assert_ok(all_lines(FTH_STR(""), chunks[i], 0, &out, &err), &err);
        assert_str(fth_buf_view(&out), "");
    }
    fth_buf_release(&out);
}

static void a_line_over_the_limit_is_refused_by_its_number(void **state)
{
    struct fth_buf out = fth_buf_max(1 << 20);
    struct fth_err err = {0};
    struct fth_str text = test_repeat("0123456789", 1000);

    assert_int_equal(all_lines(text, 64, 5000, &out, &err), FTH_E_LIMIT);
    assert_non_null(strstr(err.msg, "line 1: longer than 5000 bytes"));
    err = (struct fth_err){0};
    assert_ok(all_lines(text, 64, 10000, &out, &err), &err);
    err = (struct fth_err){0};
    assert_int_equal(all_lines(FTH_STR("\xff\xfe{"), 0, 0, &out, &err), FTH_E_SYNTAX);
    fth_buf_release(&out);
}

/* ---- json_pick ---- */

static const struct fth_str paths[] = {
    FTH_STR_INIT("a"),    FTH_STR_INIT("b.c"),    FTH_STR_INIT("b.d.e"),
    FTH_STR_INIT("list"), FTH_STR_INIT("b.none"),
};

struct picked {
    struct fth_buf text;
    struct fth_json_bad bad;
    enum fth_rc rc;
};

static enum fth_rc add_other(void *ctx, struct fth_str path, struct fth_str value,
                             struct fth_err *err)
{
    (void)err;
    fth_buf_printf(ctx, " " FTH_STR_F "=" FTH_STR_F, FTH_STR_A(path), FTH_STR_A(value));
    return FTH_OK;
}

/* "a|b.c|b.d.e|list|b.none" and the others. */
static struct fth_str pick(const char *json, struct fth_json_bad *bad, enum fth_rc want)
{
    static struct fth_buf others;
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_json_others to = {add_other, &others};
    struct fth_json_pick *it = NULL;
    struct fth_str cells[FTH_NR(paths)], out;
    struct fth_err err = {0};

    fth_buf_release(&others);
    others = fth_buf_max(4096);
    assert_ok(fth_json_pick_new(arena, paths, FTH_NR(paths), &it, &err), &err);
    /* Twice: what it remembers of the first must not change the second. */
    fth_json_pick_object(it, fth_str_c(json), arena, NULL, cells, bad, &err);
    assert_int_equal(fth_json_pick_object(it, fth_str_c(json), arena, &to, cells, bad, &err), want);
    if (want)
        return FTH_STR("");
    assert_ok(fth_arena_printf(
                  arena, &out, &err,
                  FTH_STR_F "|" FTH_STR_F "|" FTH_STR_F "|" FTH_STR_F "|" FTH_STR_F ";" FTH_STR_F,
                  FTH_STR_A(cells[0]), FTH_STR_A(cells[1]), FTH_STR_A(cells[2]),
                  FTH_STR_A(cells[3]), FTH_STR_A(cells[4]), FTH_STR_A(fth_buf_view(&others))),
              &err);
    fth_buf_release(&others);
    return out;
}

static void members_are_picked_by_path_in_any_order(void **state)
{
    struct fth_json_bad bad;

    assert_str(pick("{\"a\":\"x\",\"b\":{\"c\":1.50e-7,\"d\":{\"e\":true}},\"list\":[ {} ,2]}",
                    &bad, FTH_OK),
               "x|1.50e-7|true|[ {} ,2]|;");
    assert_str(pick(" { \"list\" : null , \"b\" : { \"d\" : { \"e\" : \"\" } , \"c\" : -0 } } ",
                    &bad, FTH_OK),
               "|-0|||;");
    assert_str(pick("{\"b\":null,\"a\":{\"c\":\"inner\"}}", &bad, FTH_OK),
               "{\"c\":\"inner\"}||||;");
    assert_str(pick("{\"b.c\":\"flat\"}", &bad, FTH_OK), "|flat|||;");
    assert_str(pick("{\"\\u0061\":\"\\\"\\u00e9\\n\"}", &bad, FTH_OK), "\"\xc3\xa9\n||||;");
}

static void others_come_leaf_by_leaf_with_their_path(void **state)
{
    struct fth_json_bad bad;

    assert_str(pick("{\"x\":1,\"b\":{\"y\":{\"z\":\"deep\",\"l\":[1,{\"q\":2}]}},\"n\":null}", &bad,
                    FTH_OK),
               "||||; x=1 b.y.z=deep b.y.l=[1,{\"q\":2}] n=");
    assert_str(pick("{\"b\":5}", &bad, FTH_OK), "||||; b=5");
}

static void what_is_no_json_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *json, *why;
        size_t at;
    } cases[] = {
        {"", "not an object", 0},
        {"[]", "not an object", 0},
        {"{\"a\":1}x", "something behind its end", 7},
        {"{\"a\":1", "neither ',' nor '}'", 6},
        {"{\"a\":}", "neither a value nor a number", 5},
        {"{\"a\":01}", "neither a value nor a number", 5},
        {"{\"a\":1.}", "without digits", 7},
        {"{\"a\":1e}", "without digits", 7},
        {"{\"a\":\"x}", "open at its end", 8},
        {"{\"a\":\"x\\", "open at its end", 7},
        {"{\"a\":\"\x01\"}", "control character", 6},
        {"{\"a\":\"\\q\"}", "escape", 6},
        {"{\"a\":\"\\ud800\"}", "escape", 6},
        {"{\"a\":\"\\u0000\"}", "zero byte", 6},
        {"{\"a\":1,\"a\":2}", "twice", 11},
        {"{\"b\":{\"c\":1},\"b\":{}}", "twice", 17},
        {"{\"u\":[1,]}", "neither a value nor a number", 8},
        {"{\"u\":{\"v\" 1}}", "no ':'", 10},
        {"{a:1}", "no key", 1},
        {"{\"u\":nul}", "no value", 5},
    };

    for (size_t i = 0; i < FTH_NR(cases); i++) {
        struct fth_json_bad bad;

        pick(cases[i].json, &bad, FTH_E_SYNTAX);
        if (!bad.why || !strstr(bad.why, cases[i].why) || bad.at != cases[i].at)
            fail_msg("%s: %s at %zu", cases[i].json, bad.why ? bad.why : "nothing", bad.at);
    }
}

static void nesting_ends_somewhere(void **state)
{
    struct fth_json_bad bad;
    struct fth_buf buf = fth_buf_max(1 << 20);

    fth_buf_c(&buf, "{\"u\":");
    fth_buf_str(&buf, test_repeat("[", 100000));
    fth_buf_char(&buf, '\0');
    pick(fth_buf_view(&buf).p, &bad, FTH_E_SYNTAX);
    assert_string_equal(bad.why, "nested too deep");
    fth_buf_clear(&buf);
    for (int i = 0; i < 1000; i++)
        fth_buf_c(&buf, "{\"b\":");
    fth_buf_char(&buf, '\0');
    pick(fth_buf_view(&buf).p, &bad, FTH_E_SYNTAX);
    assert_string_equal(bad.why, "nested too deep");
    fth_buf_release(&buf);
}

static void arrays_of_objects_are_rows_of_cells(void **state)
{
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_json_pick *it = NULL;
    struct fth_str cells[3 * FTH_NR(paths)];
    struct fth_json_bad bad;
    struct fth_err err = {0};
    size_t nr = 0;

    assert_ok(fth_json_pick_new(arena, paths, FTH_NR(paths), &it, &err), &err);
    assert_ok(fth_json_pick_array(it, FTH_STR(" [ ] "), arena, 3, cells, &nr, &bad, &err), &err);
    assert_int_equal(nr, 0);
    assert_ok(fth_json_pick_array(it, FTH_STR("[{\"a\":1},{\"list\":[]},{\"a\":\"3\"}]"), arena, 3,
                                  cells, &nr, &bad, &err),
              &err);
    assert_int_equal(nr, 3);
    assert_str(cells[0], "1");
    assert_str(cells[FTH_NR(paths)], "");
    assert_str(cells[FTH_NR(paths) + 3], "[]");
    assert_str(cells[2 * FTH_NR(paths)], "3");
    assert_int_equal(
        fth_json_pick_array(it, FTH_STR("[{},{},{},{}]"), arena, 3, cells, &nr, &bad, &err),
        FTH_E_LIMIT);
    assert_int_equal(fth_json_pick_array(it, FTH_STR("[1]"), arena, 3, cells, &nr, &bad, &err),
                     FTH_E_SYNTAX);
    assert_int_equal(nr, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blank_lines_count_as_lines_and_are_no_records),
        TEST(a_line_over_the_limit_is_refused_by_its_number),
        TEST(members_are_picked_by_path_in_any_order),
        TEST(others_come_leaf_by_leaf_with_their_path),
        TEST(what_is_no_json_is_refused_at_its_byte),
        TEST(nesting_ends_somewhere),
        TEST(arrays_of_objects_are_rows_of_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
