/* sha256: the published vectors, and that how the text is cut does not matter. */
#include "test.h"

#include "base/fault.h"
#include "base/sha256.h"

static void hashes(struct fth_str text, const char *want)
{
    struct fth_err err = {0};
    char hex[FTH_SHA256_HEX];

    assert_ok(fth_sha256_text(text, hex, &err), &err);
    assert_string_equal(hex, want);
}

static void vectors_of_the_standard_hold(void **state)
{
    (void)state;
    hashes(FTH_STR(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hashes(FTH_STR("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hashes(FTH_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    hashes(test_repeat("a", 1000000),
           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void any_cut_of_a_text_gives_the_same(void **state)
{
    char text[1500], whole[FTH_SHA256_HEX], cut[FTH_SHA256_HEX];
    struct fth_err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7 + i / 256);
    for (size_t n = 0; n < sizeof(text); n += 13) {
        struct fth_sha256 sha;

        assert_ok(fth_sha256_text((struct fth_str){text, n}, whole, &err), &err);
        assert_ok(fth_sha256_init(&sha, &err), &err);
        for (size_t at = 0, len = 1; at < n; at += len, len = len * 3 % 701) {
            len = len < n - at ? len : n - at;
            fth_sha256_add(&sha, text + at, len);
        }
        fth_sha256_hex(&sha, cut);
        assert_string_equal(cut, whole);
    }
}

static void without_memory_there_is_no_context_and_no_digest(void **state)
{
    struct fth_err err = {0};
    struct fth_sha256 sha;
    char hex[FTH_SHA256_HEX];

    (void)state;
    fth_fault_arm(FTH_FAULT_ALLOC, 1);
    assert_int_equal(fth_sha256_init(&sha, &err), FTH_E_NOMEM);
    fth_sha256_release(&sha);
    fth_fault_arm(FTH_FAULT_ALLOC, 1);
    assert_int_equal(fth_sha256_text(FTH_STR("abc"), hex, &err), FTH_E_NOMEM);
    fth_fault_arm(FTH_FAULT_ALLOC, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(vectors_of_the_standard_hold),
        TEST(any_cut_of_a_text_gives_the_same),
        TEST(without_memory_there_is_no_context_and_no_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
