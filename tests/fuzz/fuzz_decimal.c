/* decimal: what is read is written so that it reads the same, and arithmetic keeps its laws. */
#include "base/check.h"
#include "base/money.h"
#include "fuzz.h"

static void check_laws(struct fth_money a)
{
    const struct fth_money one = {.head = INT64_C(10000000000)};
    struct fth_money sum = a, same = FTH_MONEY_ZERO;
    struct fth_err err = {0};

    FTH_CHECK(fth_money_sub(&sum, a, &err) == FTH_OK && fth_money_is_zero(sum));
    FTH_CHECK(fth_money_muldiv(a, one, one, 28, &same, &err) == FTH_OK);
    FTH_CHECK(fth_money_cmp(a, same) == 0);
    FTH_CHECK(fth_money_cmp(fth_money_round(a, 28), a) == 0);
    for (unsigned decimals = 0; decimals <= 28; decimals++) {
        FTH_CHECK(fth_money_muldiv(a, one, one, decimals, &same, &err) == FTH_OK);
        FTH_CHECK(fth_money_cmp(fth_money_round(a, decimals), same) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_str text = {(const char *)data, size};
    struct fth_money a, again;
    struct fth_err err = {0};
    char out[FTH_MONEY_TEXT_MAX];
    double nearest;

    if (fth_money_parse(text, &a, &err) != FTH_OK)
        return 0;
    text = (struct fth_str){out, fth_money_text(a, out)};
    FTH_CHECK(fth_money_parse(text, &again, &err) == FTH_OK && fth_money_cmp(a, again) == 0);
    check_laws(a);
    nearest = fth_money_to_double(a);
    if (fth_money_from_double(nearest, &again, &err) == FTH_OK)
        FTH_CHECK(fth_money_to_double(again) == nearest);
    return 0;
}
