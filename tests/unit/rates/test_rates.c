/* rates: files of rates, and which rate a day has. */
#include "rates/rates.h"

#include "test.h"

static struct fth_rate_vec read_ok(const char *text, const char *base)
{
    struct fth_rate_vec rates;
    struct fth_err err = {0};

    assert_ok(fth_rates_read(test_arena(1 << 20), fth_str_c(text), fth_str_c(base), &rates, &err),
              &err);
    return rates;
}

static void refused(const char *text, const char *why)
{
    struct fth_rate_vec rates;
    struct fth_err err = {0};

    assert_int_equal(
        fth_rates_read(test_arena(1 << 20), fth_str_c(text), FTH_STR("EUR"), &rates, &err),
        FTH_E_SYNTAX);
    if (!strstr(err.msg, why))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, why);
}

static void is(const struct fth_rate *rate, const char *from, const char *to, const char *day,
               const char *amount)
{
    char text[FTH_MONEY_TEXT_MAX], date[10];

    fth_date_text(rate->day, date);
    assert_str(rate->from, from);
    assert_str(rate->to, to);
    assert_str(((struct fth_str){date, 10}), day);
    assert_str(((struct fth_str){text, fth_money_text(rate->rate, text)}), amount);
}

#define XML(cubes)                                                                              \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><gesmes:Envelope xmlns:gesmes=\"http://g\" "     \
    "xmlns=\"http://e\"><gesmes:subject>Reference rates</gesmes:subject><Cube>" cubes "</Cube>" \
    "</gesmes:Envelope>"

static void the_central_banks_xml_is_read(void **state)
{
    struct fth_rate_vec rates =
        read_ok(XML("<Cube time=\"2025-01-03\"><Cube currency=\"USD\" rate=\"1.0299\"/><Cube "
                    "currency='JPY' rate='162.31'/></Cube><Cube time=\"2025-01-02\"><Cube "
                    "currency=\"USD\" rate=\"1.0321\"/></Cube>"),
                "EUR");

    (void)state;
    assert_int_equal(rates.nr, 3);
    is(&rates.at[0], "EUR", "JPY", "2025-01-03", "162.31");
    is(&rates.at[1], "EUR", "USD", "2025-01-02", "1.0321");
    is(&rates.at[2], "EUR", "USD", "2025-01-03", "1.0299");
}

static void xml_that_is_something_else_is_refused(void **state)
{
    (void)state;
    refused("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type");
    refused(XML("<Cube time=\"2025-01-32\"/>"), "\"2025-01-32\" is no date");
    refused(XML("<Cube currency=\"USD\" rate=\"1\"/>"), "without time");
    refused(XML("<Cube time=\"2025-01-02\"><Cube currency=\"USD\" rate=\"0\"/></Cube>"),
            "not above 0");
    refused(XML("<Cube time=\"2025-01-02\">"), "no well-formed XML");
    refused(XML(""), "no rates");
}

static void the_central_banks_csv_is_read(void **state)
{
    struct fth_rate_vec rates = read_ok("\xEF\xBB\xBF"
                                        "Date,USD,CYP,\r\n2025-01-03,1.0299,N/A,\r\n"
                                        "2025-01-02,1.0321,0.5,\r\n",
                                        "EUR");

    (void)state;
    assert_int_equal(rates.nr, 3);
    is(&rates.at[0], "EUR", "CYP", "2025-01-02", "0.5");
    is(&rates.at[2], "EUR", "USD", "2025-01-03", "1.0299");
    rates = read_ok("date,EUR\n2025-01-02,0.97\n", "USD");
    is(&rates.at[0], "USD", "EUR", "2025-01-02", "0.97");
}

static void a_table_is_read(void **state)
{
    struct fth_rate_vec rates = read_ok("\"date\",from,to,rate\n2025-01-03,GBP,CHF,\"1.1290\"\n"
                                        "2025-01-03, GBP, CHF, 1.129\n\n",
                                        "EUR");

    (void)state;
    assert_int_equal(rates.nr, 1);
    is(&rates.at[0], "GBP", "CHF", "2025-01-03", "1.129");
}

static void csv_with_a_mistake_is_refused_by_its_line(void **state)
{
    (void)state;
    refused("", "no rates");
    refused("day;from;to\n", "line 1: no header");
    refused("date,from,to,rate\n2025-01-03,GBP,chf,1\n", "line 2: \"chf\" is no currency");
    refused("date,from,to,rate\n2025-01-03,GBP,GBP,1\n", "to itself");
    refused("date,from,to,rate\n2025-01-03,GBP,CHF\n", "line 2: expected");
    refused("date,from,to,rate\n03.01.2025,GBP,CHF,1\n", "is no date");
    refused("date,from,to,rate\n2025-01-03,GBP,CHF,-1\n", "not above 0");
    refused("date,from,to,rate\n2025-01-03,GBP,CHF,x\n", "line 2: rate");
    refused("date,from,to,rate\n2025-01-03,GBP,CHF,1\n2025-01-03,GBP,CHF,2\n",
            "two rates from GBP to CHF for 2025-01-03");
    refused("Date,USD\n2025-01-03,1,2\n", "more cells");
}

/* What 1,000 of `from` are in `to` on a day; "none" without a rate. */
static void converts(const struct fth_rate_vec *rates, const char *from, const char *to,
                     const char *day, const char *want)
{
    struct fth_money amount = {.head = (fth_i128)1000 * 10000000000};
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_rate_found found;
    struct fth_err err = {0};
    int32_t date = 0;

    assert_true(fth_date_parse(fth_str_c(day), &date));
    if (!fth_rate_find(rates, fth_str_c(from), fth_str_c(to), date, 7, &found)) {
        assert_string_equal(want, "none");
        return;
    }
    assert_ok(fth_rate_convert(&found, amount, &amount, &err), &err);
    assert_str(((struct fth_str){text, fth_money_text(amount, text)}), want);
}

static void a_day_has_its_rate_or_that_of_the_week_before(void **state)
{
    /* As a reader gives them: by day. A Friday and a Monday. */
    static struct fth_rate at[] = {
        {FTH_STR_INIT("EUR"), FTH_STR_INIT("GBP"), 20091, {.head = INT64_C(8000000000)}},
        {FTH_STR_INIT("EUR"), FTH_STR_INIT("USD"), 20091, {.head = INT64_C(10300000000)}},
        {FTH_STR_INIT("EUR"), FTH_STR_INIT("USD"), 20094, {.head = INT64_C(10400000000)}},
        {FTH_STR_INIT("USD"), FTH_STR_INIT("EUR"), 20095, {.head = INT64_C(9500000000)}},
        {FTH_STR_INIT("EUR"), FTH_STR_INIT("USD"), 20095, {.head = INT64_C(10500000000)}},
    };
    const struct fth_rate_vec rates = {.at = at, .nr = 5};

    (void)state;
    converts(&rates, "EUR", "USD", "2025-01-03", "1030");
    converts(&rates, "EUR", "USD", "2025-01-04", "1030");
    converts(&rates, "EUR", "USD", "2025-01-05", "1030");
    converts(&rates, "EUR", "USD", "2025-01-06", "1040");
    converts(&rates, "EUR", "USD", "2025-01-02", "none");
    converts(&rates, "EUR", "USD", "2025-01-14", "1050");
    converts(&rates, "EUR", "USD", "2025-01-15", "none");
    /* The other way round: the exact quotient, rounded once. What is published goes first. */
    converts(&rates, "USD", "EUR", "2025-01-06", "961.5384615385");
    converts(&rates, "USD", "EUR", "2025-01-07", "950");
    /* Across the euro: 1.03 / 0.8, by rates of one day. */
    converts(&rates, "GBP", "USD", "2025-01-03", "1287.5");
    converts(&rates, "GBP", "USD", "2025-01-08", "1287.5");
    converts(&rates, "USD", "GBP", "2025-01-04", "776.6990291262");
    converts(&rates, "CHF", "USD", "2025-01-06", "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_central_banks_xml_is_read),
        TEST(xml_that_is_something_else_is_refused),
        TEST(the_central_banks_csv_is_read),
        TEST(a_table_is_read),
        TEST(csv_with_a_mistake_is_refused_by_its_line),
        TEST(a_day_has_its_rate_or_that_of_the_week_before),
    };

    return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}
