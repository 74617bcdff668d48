/* money: exact amounts, judged by arithmetic on decimal digits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/money.h"
#include "base/rand.h"
#include "big10.h"
#include "test.h"

enum { ROUNDS = 2000 };

static struct fth_money money(const char *text)
{
    struct fth_money a = {0};
    struct fth_err err = {0};

    assert_ok(fth_money_parse(fth_str_c(text), &a, &err), &err);
    return a;
}

static void assert_money(struct fth_money a, const char *want)
{
    char text[FTH_MONEY_TEXT_MAX];

    assert_str(((struct fth_str){text, fth_money_text(a, text)}), want);
}

static void assert_normal(struct fth_money a)
{
    const fth_i128 one = INT64_C(1000000000000000000);

    assert_true(a.tail > -one && a.tail < one);
    assert_false(a.head > 0 && a.tail < 0);
    assert_false(a.head < 0 && a.tail > 0);
}

static struct fth_rng seeded(void)
{
    const char *text = getenv("FARTHING_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : fth_rand_seed();

    print_message("# FARTHING_SEED=%llu\n", (unsigned long long)seed);
    return fth_rng_seeded(seed);
}

/* A plain decimal with up to `whole` digits before and up to `decimals` behind the point, with many
 * zeros and nines, where carries are. */
static void random_decimal(struct fth_rng *rng, unsigned whole, unsigned decimals, char *out)
{
    unsigned before = 1 + (unsigned)fth_rng_below(rng, whole);
    unsigned behind = (unsigned)fth_rng_below(rng, decimals + 1), mood = 0;

    if (fth_rng_below(rng, 2))
        *out++ = '-';
    for (unsigned i = 0; i < before + behind; i++) {
        if (i == before)
            *out++ = '.';
        if (i % 5 == 0)
            mood = (unsigned)fth_rng_below(rng, 4);
        *out++ = mood == 0 ? '0' : mood == 1 ? '9' : (char)('0' + fth_rng_below(rng, 10));
    }
    *out = '\0';
}

static struct big10 units_of(const char *decimal)
{
    return big10_from_text(decimal, strlen(decimal), 28);
}

static void assert_same(struct fth_money got, struct big10 want)
{
    char text[BIG10_DIGITS + 4];

    assert_normal(got);
    big10_text(&want, 28, text);
    assert_money(got, text);
}

static bool in_range(const struct big10 *units_28)
{
    for (int i = BIG10_DIGITS - 1; i >= 28 + 28; i--)
        if (units_28->digit[i])
            return false;
    return true;
}

static void what_is_read_is_written_in_its_shortest_form(void **state)
{
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.000", "0"},
        {"0e999999999999999999999", "0"},
        {"1", "1"},
        {"+1", "1"},
        {"007.50", "7.5"},
        {".5", "0.5"},
        {"7.", "7"},
        {"-.25", "-0.25"},
        {"1.4724E-6", "0.0000014724"},
        {"-7.0E-10", "-0.0000000007"},
        {"1e3", "1000"},
        {"1.5e+3", "1500"},
        {"0.00000000000000000000000001e27", "10"},
        {"0.0000000000000000000000000001", "0.0000000000000000000000000001"},
        {"0.00000000001", "0.00000000001"},
        {"-99999999.9999999999", "-99999999.9999999999"},
        {"100000000", "100000000"},
        {"9999999999999999999999999999.9999999999999999999999999999",
         "9999999999999999999999999999.9999999999999999999999999999"},
        {"00000000000000000000000000000000000000000000001", "1"},
        {"0.10000000000000000000000000000000000000000000000", "0.1"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        assert_money(money(pairs[i][0]), pairs[i][1]);
}

static void what_is_no_number_is_refused_and_quoted(void **state)
{
    static const char *const bad[] = {
        "",     "-",  ".",  "-.",    "+-1", "1e",  "1e+",   "e5",       "NaN",   "inf", "1,5",
        "0x10", " 1", "1 ", "1.2.3", "1-",  "--1", "1e5.0", "Infinity", "1_000", "$1",  "\xd9\xa1"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct fth_money a = {7, 7};
        struct fth_err err = {0};

        assert_int_equal(fth_money_parse(fth_str_c(bad[i]), &a, &err), FTH_E_SYNTAX);
        assert_non_null(strstr(err.msg, bad[i]));
        assert_true(a.head == 7 && a.tail == 7);
    }
}

static void what_does_not_fit_is_refused_and_never_cut(void **state)
{
    static const char *const bad[] = {
        "10000000000000000000000000000",   "1e28",
        "-1e99999999999999999999999",      "1e-29",
        "0.00000000000000000000000000001", "1.00000000000000000000000000001",
        "1e-99999999999999999999999999",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct fth_money a = {7, 7};
        struct fth_err err = {0};

        assert_int_equal(fth_money_parse(fth_str_c(bad[i]), &a, &err), FTH_E_RANGE);
        assert_non_null(strstr(err.msg, "more than 28"));
        assert_true(a.head == 7 && a.tail == 7);
    }
}

static void sums_differences_and_order_are_those_of_the_digits(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        char a_text[80], b_text[80];
        struct fth_money a, b, sum, difference;
        struct big10 x, y, total;
        struct fth_err err = {0};
        enum fth_rc rc;

        random_decimal(&rng, i % 2 ? 28 : 8, i % 3 ? 28 : 10, a_text);
        random_decimal(&rng, i % 2 ? 28 : 8, i % 3 ? 28 : 10, b_text);
        a = sum = difference = money(a_text);
        b = money(b_text);
        x = units_of(a_text);
        y = units_of(b_text);
        assert_same(a, x);

        total = big10_add(x, y);
        rc = fth_money_add(&sum, b, &err);
        if (in_range(&total)) {
            assert_ok(rc, &err);
            assert_same(sum, total);
        } else {
            assert_int_equal(rc, FTH_E_RANGE);
            assert_same(sum, x);
            fth_err_clear(&err);
        }

        y.negative = !y.negative && !big10_is_zero(&y);
        total = big10_add(x, y);
        if (in_range(&total)) {
            assert_ok(fth_money_sub(&difference, b, &err), &err);
            assert_same(difference, total);
        }
        assert_int_equal(fth_money_cmp(a, b), big10_is_zero(&total) ? 0 : total.negative ? -1 : 1);
        assert_int_equal(fth_money_sign(a), big10_is_zero(&x) ? 0 : x.negative ? -1 : 1);
    }
}

static void products_and_quotients_are_rounded_once_half_to_even(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        unsigned whole = i % 4 == 0 ? 28 : i % 4 == 1 ? 14 : 5;
        unsigned places = i % 2 ? 10 : 28, decimals = (unsigned)fth_rng_below(&rng, 29);
        char text[3][80];
        struct big10 x, y, z, product, want;
        struct fth_money got;
        struct fth_err err = {0};
        enum fth_rc rc;

        for (int j = 0; j < 3; j++)
            random_decimal(&rng, whole, places, text[j]);
        if (i % 7 == 0) /* ties */
            snprintf(text[2], sizeof(text[2]), "%s", fth_rng_below(&rng, 2) ? "2" : "-0.0016");
        x = units_of(text[0]);
        y = units_of(text[1]);
        z = units_of(text[2]);
        if (big10_is_zero(&z))
            continue;
        product = big10_mul(&x, &y);
        z = big10_shift(&z, 28 - decimals);
        want = big10_div_round(&product, &z);
        want = big10_shift(&want, 28 - decimals);
        rc = fth_money_muldiv(money(text[0]), money(text[1]), money(text[2]), decimals, &got, &err);
        if (in_range(&want)) {
            assert_ok(rc, &err);
            assert_same(got, want);
        } else {
            assert_int_equal(rc, FTH_E_RANGE);
        }
    }
}

static void products_of_three_are_rounded_once_half_to_even(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        unsigned whole = i % 4 == 0 ? 9 : 3, places = i % 3 == 0 ? 2 : i % 3 == 1 ? 10 : 28;
        unsigned decimals = i % 2 ? 28 : (unsigned)fth_rng_below(&rng, 29);
        struct big10 product = {.digit = {1}}, per, want;
        struct fth_money factors[3], got;
        struct fth_err err = {0};
        char text[80];
        enum fth_rc rc;

        for (int j = 0; j < 3; j++) {
            struct big10 factor;

            random_decimal(&rng, whole, places, text);
            factor = units_of(text);
            product = big10_mul(&product, &factor);
            factors[j] = money(text);
        }
        snprintf(text, sizeof(text), "%s", i % 5 ? i % 5 > 2 ? "10000" : "100" : "0.0003");
        per = units_of(text);
        per = big10_shift(&per, 28 + 28 - decimals);
        want = big10_div_round(&product, &per);
        want = big10_shift(&want, 28 - decimals);
        rc = fth_money_product(factors, 3, money(text), decimals, &got, &err);
        if (in_range(&want)) {
            assert_ok(rc, &err);
            assert_same(got, want);
        } else {
            assert_int_equal(rc, FTH_E_RANGE);
        }
    }
}

/* The case of algorithm D that random numbers meet once in 2^31 digits: a digit of the quotient was
 * guessed from the first limbs and is one too large. */
static void a_digit_guessed_too_large_is_put_right(void **state)
{
    const fth_i128 divisor = ((fth_i128)0x80000000 << 64) + 1;
    struct fth_money a, num, den, got;
    struct fth_err err = {0};

    assert_ok(fth_money_from_scaled(0x7fffffff80000000, 28, &a, &err), &err);
    assert_ok(fth_money_from_scaled((fth_i128)1 << 64, 28, &num, &err), &err);
    assert_ok(fth_money_from_scaled(divisor, 28, &den, &err), &err);
    assert_ok(fth_money_muldiv(a, num, den, 28, &got, &err), &err);
    assert_money(got, "0.0000000000000000004294967295"); /* 0xfffffffe.ffff… */
}

static void rounding_is_half_to_even_at_every_place(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        unsigned decimals = (unsigned)fth_rng_below(&rng, 29);
        struct big10 x, step = {.digit = {1}}, want;
        char text[80];

        random_decimal(&rng, i % 2 ? 28 : 3, 28, text);
        if (i % 3 == 0)
            snprintf(text, sizeof(text), "%s0.%0*d5", i % 2 ? "-" : "", (int)decimals, i % 10);
        if (i % 3 == 0 && decimals >= 28)
            continue;
        x = units_of(text);
        step = big10_shift(&step, 28 - decimals);
        want = big10_div_round(&x, &step);
        want = big10_shift(&want, 28 - decimals);
        assert_same(fth_money_round(money(text), decimals), want);
    }
    assert_money(fth_money_round(money("0.5"), 0), "0");
    assert_money(fth_money_round(money("1.5"), 0), "2");
    assert_money(fth_money_round(money("-2.5"), 0), "-2");
    assert_money(fth_money_round(money("2.5000000000000000000000000001"), 0), "3");
    assert_money(fth_money_round(money("0.00000000005"), 10), "0");
    assert_money(fth_money_round(money("9999999999999999999999999999.5"), 0),
                 "10000000000000000000000000000");
}

static void scaled_integers_keep_their_value(void **state)
{
    const fth_i128 most = (fth_i128)(((fth_u128)1 << 127) - 1);
    struct fth_money a;
    struct fth_err err = {0};

    assert_ok(fth_money_from_scaled(-12345, 2, &a, &err), &err);
    assert_money(a, "-123.45");
    assert_ok(fth_money_from_scaled(-1, 28, &a, &err), &err);
    assert_money(a, "-0.0000000000000000000000000001");
    assert_ok(fth_money_from_scaled(most, 28, &a, &err), &err);
    assert_money(a, "17014118346.0469231731687303715884105727");
    assert_int_equal(fth_money_from_scaled(most, 10, &a, &err), FTH_E_RANGE);
    fth_err_clear(&err);
    assert_int_equal(fth_money_from_scaled(most, 0, &a, &err), FTH_E_RANGE);
    fth_err_clear(&err);
    assert_int_equal(fth_money_make(most, most, &a, &err), FTH_E_RANGE);
    fth_err_clear(&err);
    assert_ok(fth_money_make(1, -1, &a, &err), &err);
    assert_normal(a);
    assert_money(a, "0.0000000000999999999999999999");
}

static void doubles_are_read_as_their_shortest_decimal(void **state)
{
    struct fth_money a;
    struct fth_err err = {0};
    double never[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e28, 1e-300};

    assert_ok(fth_money_from_double(0.1, &a, &err), &err);
    assert_money(a, "0.1");
    assert_ok(fth_money_from_double(0.1 + 0.2, &a, &err), &err);
    assert_money(a, "0.30000000000000004");
    assert_ok(fth_money_from_double(-0.0, &a, &err), &err);
    assert_money(a, "0");
    assert_ok(fth_money_from_double(-1234.5678, &a, &err), &err);
    assert_money(a, "-1234.5678");
    assert_ok(fth_money_from_double(1e-12, &a, &err), &err);
    assert_money(a, "0.000000000001");
    assert_ok(fth_money_from_double(123456789012345680.0, &a, &err), &err);
    assert_money(a, "123456789012345680");
    for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
        assert_int_equal(fth_money_from_double(never[i], &a, &err), FTH_E_RANGE);
        fth_err_clear(&err);
    }
}

/* Is there a decimal of fewer significant digits, near `value`, that reads back? */
static bool shorter_reads_back(double value, int digits)
{
    char text[40];
    double step;

    for (int less = digits - 1; less >= 1; less--) {
        snprintf(text, sizeof(text), "%.*e", less - 1, value);
        if (strtod(text, NULL) == value)
            return true;
        step = pow(10, floor(log10(value)) - (less - 1));
        snprintf(text, sizeof(text), "%.*e", less - 1, value + step / 2);
        if (strtod(text, NULL) == value)
            return true;
    }
    return false;
}

static void a_double_reads_back_and_no_shorter_decimal_does(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        double value = i < 120 ? ldexp(1, i - 30)
                               : ldexp(fth_rng_unit(&rng) + 0.5, (int)fth_rng_below(&rng, 70) - 10);
        struct fth_money a;
        struct fth_err err = {0};
        char text[FTH_MONEY_TEXT_MAX + 1];
        int first = -1, last = 0, nr = 0;
        size_t n;

        assert_ok(fth_money_from_double(value, &a, &err), &err);
        n = fth_money_text(a, text);
        text[n] = '\0';
        assert_true(strtod(text, NULL) == value);
        assert_true(fth_money_to_double(a) == value);
        for (size_t at = 0; at < n; at++) {
            if (text[at] == '.')
                continue;
            if (text[at] != '0') {
                first = first < 0 ? nr : first;
                last = nr;
            }
            nr++;
        }
        if (shorter_reads_back(value, last - first + 1)) {
            print_error("%.17g became %s\n", value, text);
            fail();
        }
    }
}

static void the_nearest_double_is_that_of_the_whole_text(void **state)
{
    struct fth_rng rng = seeded();

    for (int i = 0; i < ROUNDS; i++) {
        char text[80];

        random_decimal(&rng, i % 2 ? 20 : 6, i % 3 ? 10 : 28, text);
        assert_true(fth_money_to_double(money(text)) == strtod(text, NULL));
    }
}

static void fixed_places_and_thousands_are_for_people(void **state)
{
    struct fth_buf buf = fth_buf_max(256);

    fth_money_put_fixed(&buf, money("-1234567.895"), 2, ',');
    fth_buf_char(&buf, ' ');
    fth_money_put_fixed(&buf, money("-0.001"), 2, ',');
    fth_buf_char(&buf, ' ');
    fth_money_put_fixed(&buf, money("999.5"), 0, ',');
    fth_buf_char(&buf, ' ');
    fth_money_put_fixed(&buf, money("999999.999"), 2, 0);
    fth_buf_char(&buf, ' ');
    fth_money_put(&buf, money("12.50"));
    assert_str(fth_buf_view(&buf), "-1,234,567.90 0.00 1,000 1000000.00 12.5");
    fth_buf_release(&buf);
}

static void percentages_have_four_places(void **state)
{
    struct fth_money out;

    assert_true(fth_money_percent(money("1"), money("8"), &out));
    assert_money(out, "12.5");
    assert_true(fth_money_percent(money("-2"), money("3"), &out));
    assert_money(out, "-66.6667");
    assert_false(fth_money_percent(money("1"), FTH_MONEY_ZERO, &out));
    assert_false(fth_money_percent(money("1e27"), money("1e-28"), &out));
}

static void narrow_is_what_a_64_bit_column_holds(void **state)
{
    assert_true(fth_money_is_narrow(money("-99999999.9999999999")));
    assert_false(fth_money_is_narrow(money("100000000")));
    assert_false(fth_money_is_narrow(money("0.00000000001")));
    assert_true(fth_money_is_zero(money("-0.0")));
    assert_false(fth_money_is_zero(money("1e-28")));
}

static void what_is_below_the_last_decimal_can_be_rounded_half_to_even(void **state)
{
    /* Behind 27 decimals of 1: an even or odd last one, and what lies below it. */
#define AT_27 "0.111111111111111111111111111"
    static const struct {
        const char *text, *want;
    } cases[] = {
        {AT_27 "2", AT_27 "2"},
        {AT_27 "24999999999999999999999999999", AT_27 "2"},
        {AT_27 "25", AT_27 "2"},
        {AT_27 "2500000000000000000000000000000000001", AT_27 "3"},
        {AT_27 "35", AT_27 "4"},
        {"-" AT_27 "35", "-" AT_27 "4"},
        {AT_27 "3500e0", AT_27 "4"},
        {"0.99999999999999999999999999999", "1"},
        {"-9.99999999999999999999999999995", "-10"},
        {"5e-29", "0"},
        {"5.0000000000000000000000000000001E-29", "0.0000000000000000000000000001"},
        {"15e-29", "0.0000000000000000000000000002"},
        {"9e-400", "0"},
        {"0.00000000009999999999999999995", "0.0000000001"},
    };
    struct fth_money a = {0};
    struct fth_err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_ok(fth_money_parse_rounded(fth_str_c(cases[i].text), &a, &err), &err);
        assert_normal(a);
        assert_money(a, cases[i].want);
    }
    assert_int_equal(fth_money_parse_rounded(FTH_STR("1e28"), &a, &err), FTH_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_read_is_written_in_its_shortest_form),
        TEST(what_is_no_number_is_refused_and_quoted),
        TEST(what_does_not_fit_is_refused_and_never_cut),
        TEST(sums_differences_and_order_are_those_of_the_digits),
        TEST(products_and_quotients_are_rounded_once_half_to_even),
        TEST(products_of_three_are_rounded_once_half_to_even),
        TEST(a_digit_guessed_too_large_is_put_right),
        TEST(rounding_is_half_to_even_at_every_place),
        TEST(what_is_below_the_last_decimal_can_be_rounded_half_to_even),
        TEST(scaled_integers_keep_their_value),
        TEST(doubles_are_read_as_their_shortest_decimal),
        TEST(a_double_reads_back_and_no_shorter_decimal_does),
        TEST(the_nearest_double_is_that_of_the_whole_text),
        TEST(fixed_places_and_thousands_are_for_people),
        TEST(percentages_have_four_places),
        TEST(narrow_is_what_a_64_bit_column_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
