/* json: agrees with jansson on generated documents, whole and damaged. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/rand.h"
#include "test.h"

enum { ROUNDS = 20000 };

static void put_string(struct fth_rng *rng, struct fth_buf *buf)
{
    static const char *const parts[] = {
        "a",
        "b",
        "key",
        "é",
        "😀",
        " ",
        "\\n",
        "\\\"",
        "\\\\",
        "\\u00e9",
        "\\u0041",
        "\\u0001",
        "\\ud83d\\ude00",
        "\\/",
        "~1",
    };

    fth_buf_char(buf, '"');
    for (uint64_t n = fth_rng_below(rng, 5); n > 0; n--)
        fth_buf_c(buf, parts[fth_rng_below(rng, sizeof(parts) / sizeof(*parts))]);
    fth_buf_char(buf, '"');
}

static void put_number(struct fth_rng *rng, struct fth_buf *buf)
{
    static const char *const special[] = {
        "0", "-0", "1e5", "1E-7", "0.10", "-1.5e+3", "123456789012345678"};

    switch (fth_rng_below(rng, 3)) {
    case 0:
        fth_buf_c(buf, special[fth_rng_below(rng, sizeof(special) / sizeof(*special))]);
        break;
    case 1:
        fth_buf_printf(buf, "%lld", (long long)fth_rng_u64(rng));
        break;
    default:
        fth_buf_printf(buf, "%.*g", 1 + (int)fth_rng_below(rng, 17),
                       (fth_rng_unit(rng) - 0.5) * 1e6);
    }
}

static void put_document(struct fth_rng *rng, struct fth_buf *buf, int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    uint64_t kind = fth_rng_below(rng, depth > 0 ? 5 : 3), nr = fth_rng_below(rng, 14);

    if (fth_rng_below(rng, 5) == 0)
        fth_buf_char(buf, " \n\t\r"[fth_rng_below(rng, 4)]);
    switch (kind) {
    case 0:
        fth_buf_c(buf, words[fth_rng_below(rng, 3)]);
        break;
    case 1:
        put_number(rng, buf);
        break;
    case 2:
        put_string(rng, buf);
        break;
    default:
        fth_buf_char(buf, kind == 3 ? '[' : '{');
        for (uint64_t i = 0; i < nr; i++) {
            if (i)
                fth_buf_char(buf, ',');
            if (kind == 4) {
                put_string(rng, buf); /* sometimes the same key again: both must refuse */
                fth_buf_char(buf, ':');
            }
            put_document(rng, buf, depth - 1);
        }
        fth_buf_char(buf, kind == 3 ? ']' : '}');
    }
}

static void damage(struct fth_rng *rng, struct fth_buf *buf)
{
    static const char bytes[] = "{}[]\",:0-.eE\\u tn\x01\x80\xc3\xff";

    for (uint64_t n = 1 + fth_rng_below(rng, 3); n > 0 && buf->n > 0; n--) {
        size_t at = fth_rng_below(rng, buf->n);

        if (fth_rng_below(rng, 3) == 0)
            buf->n = at;
        else
            buf->p[at] = bytes[fth_rng_below(rng, sizeof(bytes) - 1)];
    }
}

/* Numbers that do not fit its types, and zero bytes in keys, are jansson's own limits. */
static bool peer_cannot_say(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

static void compare(struct fth_str text, unsigned *accepted)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    struct fth_arena *arena = fth_arena_new(8 << 20);
    struct fth_buf again = fth_buf_max(1 << 20), canonical = fth_buf_max(1 << 20);
    const struct fth_json *ours = NULL, *reread = NULL;
    struct fth_err err = {0};
    json_error_t error = {0};
    json_t *theirs = json_loadb(text.p, text.n, flags, &error), *theirs_again;
    enum fth_rc rc = fth_json_parse(arena, text, NULL, &ours, &err);

    if (theirs && rc == FTH_OK) {
        ++*accepted;
        fth_json_put(&again, ours);
        theirs_again = json_loadb(again.p, again.n, flags, &error);
        assert_true(json_equal(theirs, theirs_again));
        json_decref(theirs_again);

        fth_json_put_canonical(&canonical, ours);
        assert_ok(fth_json_parse(arena, fth_buf_view(&canonical), NULL, &reread, &err), &err);
        assert_true(fth_json_equal(ours, reread));
        fth_buf_clear(&again);
        fth_json_put_canonical(&again, reread);
        assert_true(fth_str_eq(fth_buf_view(&again), fth_buf_view(&canonical)));
    } else if (!!theirs != (rc == FTH_OK) && rc != FTH_E_LIMIT && !peer_cannot_say(&error)) {
        print_error(FTH_STR_F "\nwe: %s\njansson: %s\n", FTH_STR_A(text), rc ? err.msg : "fine",
                    theirs ? "fine" : error.text);
        fail();
    }
    json_decref(theirs);
    fth_buf_release(&again);
    fth_buf_release(&canonical);
    fth_arena_free(arena);
}

static void it_accepts_and_means_what_jansson_does(void **state)
{
    const char *given = getenv("FARTHING_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : fth_rand_seed();
    struct fth_rng rng = fth_rng_seeded(seed);
    struct fth_buf buf = fth_buf_max(1 << 20);
    unsigned accepted = 0;

    print_message("# FARTHING_SEED=%llu\n", (unsigned long long)seed);
    for (int i = 0; i < ROUNDS; i++) {
        fth_buf_clear(&buf);
        put_document(&rng, &buf, 1 + i % 4);
        if (i % 2)
            damage(&rng, &buf);
        compare(fth_buf_view(&buf), &accepted);
    }
    print_message("# %u of %d accepted by both\n", accepted, ROUNDS);
    assert_true(accepted > ROUNDS / 5 && accepted < ROUNDS - ROUNDS / 20);
    fth_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(it_accepts_and_means_what_jansson_does)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
