/* blake3: the vectors of the reference, however the text is cut and whatever the processor can. */
#include "test.h"

#include "base/blake3.h"
#include "base/check.h"

enum { MOST = 1000000 };

/* Byte i of the text is i % 251, as in the reference's own vectors; digests are the reference's. */
static const struct {
    size_t n;
    const char *hex;
} vectors[] = {
    {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
    {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
    {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"},
    {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
    {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
    {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
    {5120, "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833"},
    {65536, "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe"},
    {65537, "7c99f9840a73dfcb6e5bfe4ff6d1558acab7e015640790c26411818bdbe17eca"},
    {66560, "ac803d7940a0bb6c8c8c2bd5235da72b3aa79af0738707c1fa7230714bdc9579"},
    {131072, "306baba93b1a393cbd35172837c98b0f59a41f64e1b2682ae102d8b2534b9e1c"},
    {131073, "f837d4254d24ba3d50fe3743d46e4af6db5f5d6ab0469197d94e7ba1e906c4d8"},
    {1000000, "5e82c663d164c54e4fcdfcd70e3ca464662228bdbad45cce2e0c2bff999064ef"},
};

static const char *text_of_the_vectors(void)
{
    char *text = fth_arena_alloc(test_arena(MOST + 1024), MOST);

    for (size_t i = 0; i < MOST; i++)
        text[i] = (char)(i % 251);
    return text;
}

static struct fth_blake3 *new_hash(void)
{
    struct fth_blake3 *hash = fth_arena_alloc(test_arena(2 * sizeof(*hash)), sizeof(*hash));

    fth_blake3_init(hash);
    return hash;
}

static void vectors_of_the_reference_hold(void **state)
{
    const char *text = text_of_the_vectors();
    struct fth_blake3 *hash = new_hash();
    char hex[FTH_BLAKE3_HEX];

    (void)state;
    for (size_t i = 0; i < FTH_NR(vectors); i++)
        for (enum fth_blake3_isa isa = FTH_BLAKE3_PLAIN; isa <= FTH_BLAKE3_AVX512; isa++) {
            fth_blake3_init(hash);
            if (!fth_blake3_use(hash, isa))
                continue;
            fth_blake3_add(hash, text, vectors[i].n);
            fth_blake3_hex(hash, hex);
            assert_string_equal(hex, vectors[i].hex);
        }
}

static void any_cut_of_a_text_gives_the_same(void **state)
{
    const char *text = text_of_the_vectors();
    struct fth_blake3 *hash = new_hash();
    char hex[FTH_BLAKE3_HEX];

    (void)state;
    for (size_t i = 0; i < FTH_NR(vectors); i++) {
        fth_blake3_init(hash);
        for (size_t at = 0, len = 1; at < vectors[i].n; at += len, len = (len * 3 + i) % 70001) {
            len = len < vectors[i].n - at ? len : vectors[i].n - at;
            fth_blake3_add(hash, text + at, len);
        }
        fth_blake3_hex(hash, hex);
        assert_string_equal(hex, vectors[i].hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(vectors_of_the_reference_hold),
        TEST(any_cut_of_a_text_gives_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
