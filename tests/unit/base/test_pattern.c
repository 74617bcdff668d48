/* pattern: what matches, what is refused, and that nothing makes it slow. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/pattern.h"
#include "base/rand.h"
#include "test.h"

static bool matches(const char *pattern, const char *text)
{
    const struct fth_pattern *compiled = NULL;
    struct fth_err err = {0};

    assert_ok(fth_pattern_compile(test_arena(1 << 20), fth_str_c(pattern), &compiled, &err), &err);
    return fth_pattern_matches(compiled, fth_str_c(text));
}

static void refused(const char *pattern, enum fth_rc want, const char *message)
{
    const struct fth_pattern *compiled = NULL;
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_err err = {0};

    assert_int_equal(fth_pattern_compile(arena, fth_str_c(pattern), &compiled, &err), want);
    if (!strstr(err.msg, message)) {
        print_error("\"%s\" does not say \"%s\"\n", err.msg, message);
        fail();
    }
    assert_null(compiled);
    assert_int_equal(fth_arena_used(arena), 0);
}

static void the_patterns_of_our_documents_mean_what_they_say(void **state)
{
    const char *date = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", *tag = "^(tag|label):.+$";
    const char *decimal = "^-?[0-9]+(\\.[0-9]+)?$";

    assert_true(matches(date, "2026-11-21"));
    assert_false(matches(date, "2026-11-2"));
    assert_false(matches(date, "x2026-11-21"));
    assert_false(matches(date, "2026-11-211"));
    assert_true(matches(tag, "tag:env"));
    assert_true(matches(tag, "label:é"));
    assert_false(matches(tag, "tag:"));
    assert_false(matches(tag, "other:x"));
    assert_true(matches(decimal, "-12.50"));
    assert_false(matches(decimal, "12."));
    assert_false(matches(decimal, "12x50"));
}

static void each_construct_does_its_part(void **state)
{
    assert_true(matches("b", "abc"));
    assert_true(matches("", ""));
    assert_true(matches("^$", ""));
    assert_false(matches("^$", "x"));
    assert_true(matches("a|b|", "c"));
    assert_true(matches("^(?:ab|cd)*$", "abcdab"));
    assert_false(matches("^(ab|cd)*$", "abc"));
    assert_true(matches("^(a*)*$", "aaa"));
    assert_true(matches("^a{2}$", "aa"));
    assert_false(matches("^a{2}$", "aaa"));
    assert_true(matches("^a{2,}$", "aaaaa"));
    assert_true(matches("^a{0,2}b$", "b"));
    assert_false(matches("^a{0,2}b$", "aaab"));
    assert_true(matches("^[^a-c]$", "d"));
    assert_false(matches("^[^a-c]$", "b"));
    assert_true(matches("^[a\\-z]$", "-"));
    assert_true(matches("^[-a]$", "-"));
    assert_true(matches("^[\\d_]+$", "12_3"));
    assert_true(matches("^\\w+\\s\\W$", "ab ;"));
    assert_true(matches("^\\D$", "x"));
    assert_false(matches("^\\D$", "5"));
    assert_true(matches("^[\\S]$", "x"));
    assert_false(matches("^[\\S]$", " "));
    assert_true(matches("^.$", "é"));
    assert_true(matches("^[à-ü]$", "é"));
    assert_false(matches("^.$", "\n"));
    assert_true(matches("\\$\\{x\\}\\t", "${x}\t"));
}

static void what_is_not_known_is_refused_with_its_place(void **state)
{
    refused("a(b", FTH_E_SYNTAX, "byte 3: '(' without ')'");
    refused("a)b", FTH_E_SYNTAX, "byte 1: ')' without '('");
    refused("[a", FTH_E_SYNTAX, "'[' without ']'");
    refused("[z-a]", FTH_E_SYNTAX, "range that ends before it starts");
    refused("*a", FTH_E_SYNTAX, "nothing to repeat");
    refused("a**", FTH_E_SYNTAX, "repetition of a repetition");
    refused("a+?", FTH_E_SYNTAX, "repetition of a repetition");
    refused("a{,2}", FTH_E_SYNTAX, "a number is expected");
    refused("a{2", FTH_E_SYNTAX, "'{' without '}'");
    refused("a{3,2}", FTH_E_SYNTAX, "at most fewer");
    refused("a{1001}", FTH_E_SYNTAX, "more than 1000");
    refused("(?=a)", FTH_E_SYNTAX, "only (?: )");
    refused("\\1", FTH_E_SYNTAX, "unknown escape");
    refused("\\b", FTH_E_SYNTAX, "unknown escape");
    refused("\\", FTH_E_SYNTAX, "unknown escape");
    refused("(((a{9}){9}){9}){9}", FTH_E_LIMIT, "more than 2000 steps");
    refused("(((){1000}){1000}){1000}", FTH_E_LIMIT, "more than 2000 steps");
    refused(test_repeat("(", 1000).p, FTH_E_SYNTAX, "nested too deeply");
}

static void a_hostile_pattern_takes_time_in_proportion(void **state)
{
    struct fth_str text = test_repeat("a", 100000);

    assert_false(matches("^(a+)+$b", text.p));
    assert_false(matches("^(a|a)*b$", text.p));
    assert_false(matches("^(a?){20}a{20}$", text.p));
}

/* Small random patterns over a, b, against the C library's. */
static void random_pattern(struct fth_rng *rng, struct fth_buf *buf, int depth)
{
    for (uint64_t n = 1 + fth_rng_below(rng, 3); n > 0; n--) {
        switch (fth_rng_below(rng, depth > 0 ? 6 : 3)) {
        case 0:
            fth_buf_char(buf, "ab"[fth_rng_below(rng, 2)]);
            break;
        case 1:
            fth_buf_c(buf, fth_rng_below(rng, 2) ? "[ab]" : "[^a]");
            break;
        case 2:
            fth_buf_char(buf, '.');
            break;
        default:
            fth_buf_char(buf, '(');
            random_pattern(rng, buf, depth - 1);
            if (fth_rng_below(rng, 2)) {
                fth_buf_char(buf, '|');
                random_pattern(rng, buf, depth - 1);
            }
            fth_buf_char(buf, ')');
        }
        if (fth_rng_below(rng, 3) == 0) {
            static const char *const counts[] = {"*", "+", "?", "{2}", "{1,3}", "{2,}"};

            fth_buf_c(buf, counts[fth_rng_below(rng, 6)]);
        }
    }
}

static void it_agrees_with_the_c_library(void **state)
{
    uint64_t seed = fth_rand_seed();
    struct fth_rng rng = fth_rng_seeded(seed);
    struct fth_buf buf = fth_buf_max(4096);

    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < 2000; i++) {
        struct fth_arena *arena = fth_arena_new(1 << 22);
        const struct fth_pattern *ours;
        struct fth_err err = {0};
        regex_t theirs;

        fth_buf_clear(&buf);
        fth_buf_c(&buf, i % 2 ? "^(" : "(");
        random_pattern(&rng, &buf, 2);
        fth_buf_c(&buf, i % 3 ? ")$" : ")");
        fth_buf_add(&buf, "", 1);
        if (fth_pattern_compile(arena, fth_str_c(buf.p), &ours, &err) == FTH_E_LIMIT) {
            fth_arena_free(arena);
            continue;
        }
        assert_int_equal(err.rc, FTH_OK);
        assert_int_equal(regcomp(&theirs, buf.p, REG_EXTENDED | REG_NOSUB), 0);
        for (int j = 0; j < 10; j++) {
            char text[10] = {0};

            for (uint64_t n = fth_rng_below(&rng, 9), k = 0; k < n; k++)
                text[k] = "abc"[fth_rng_below(&rng, 3)];
            if (fth_pattern_matches(ours, fth_str_c(text)) != !regexec(&theirs, text, 0, NULL, 0)) {
                print_error("%s on \"%s\"\n", buf.p, text);
                fail();
            }
        }
        regfree(&theirs);
        fth_arena_free(arena);
    }
    fth_buf_release(&buf);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_pattern *pattern = NULL;
        struct fth_err err = {0};
        enum fth_rc rc;

        if (!arena)
            continue;
        rc = fth_pattern_compile(arena, FTH_STR("^([a-z]{1,40}|\\d+)*$"), &pattern, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        assert_int_equal(rc == FTH_OK, pattern != NULL);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_patterns_of_our_documents_mean_what_they_say),
        TEST(each_construct_does_its_part),
        TEST(what_is_not_known_is_refused_with_its_place),
        TEST(a_hostile_pattern_takes_time_in_proportion),
        TEST(it_agrees_with_the_c_library),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
