/* mappings: what is taken, what is refused and where, and that nothing is rounded in silence. */
#include <stdio.h>

#include "import/mapping_int.h"
#include "import/propose.h"
#include "test.h"

static struct fth_arena *fresh(void)
{
    struct fth_arena *arena = test_arena(8 << 20);

    fth_arena_clear(arena);
    return arena;
}

/* ---- numbers and dates ---- */

static void number_is(const char *text, char point, char group, const char *want)
{
    char out[FTH_MAPPING_NUMBER_MAX];
    size_t n = 0;
    bool ok =
        fth_mapping_number(fth_str_c(text), (struct fth_mapping_numbers){point, group}, out, &n);

    if (!want && ok)
        fail_msg("\"%s\" is read as %.*s", text, (int)n, out);
    if (want && (!ok || !fth_str_eq_c((struct fth_str){out, n}, want)))
        fail_msg("\"%s\" is read as \"%.*s\" instead of %s", text, ok ? (int)n : 0, out, want);
}

static void numbers_are_read_as_they_are_written_or_not_at_all(void **state)
{
    number_is("1234.50", '.', 0, "1234.50");
    number_is(" 1,234.50 ", '.', ',', "1234.50");
    number_is("1.234.567,5", ',', '.', "1234567.5");
    number_is("1 234,50\xc2\xa0€", ',', ' ', "1234.50");
    number_is("1\xe2\x80\xaf"
              "234,50",
              ',', ' ', "1234.50");
    number_is("1\xe2\x80\x99"
              "234.50",
              '.', '\'', "1234.50");
    number_is("$ 12.50", '.', ',', "12.50");
    number_is("-$12.50", '.', ',', "-12.50");
    number_is("$-12.50", '.', ',', "-12.50");
    number_is("(12.50)", '.', ',', "-12.50");
    number_is("12.50-", '.', ',', "-12.50");
    number_is("USD 12.50", '.', ',', "12.50");
    number_is("12.50 EUR", '.', ',', "12.50");
    number_is("+5", '.', 0, "5");
    number_is("15%", '.', 0, "15E-2");
    number_is("1.5E-7", '.', 0, "1.5E-7");
    number_is(".5", '.', 0, ".5");
    number_is("1,234", '.', 0, NULL);
    number_is("1,23", '.', ',', NULL);
    number_is("1,2345", '.', ',', NULL);
    number_is("12,34,567", '.', ',', NULL);
    number_is("1234,567.5", '.', ',', NULL);
    number_is("1.2.3", '.', 0, NULL);
    number_is("", '.', 0, NULL);
    number_is("-", '.', 0, NULL);
    number_is(".", '.', 0, NULL);
    number_is("5 6", '.', 0, NULL);
    number_is("0x10", '.', 0, NULL);
    number_is("NaN", '.', 0, NULL);
    number_is("1E", '.', 0, NULL);
}

static void date_is(const char *text, const char *form, int64_t want)
{
    int64_t got = -1;
    bool day;
    bool ok = fth_mapping_date(fth_str_c(text), fth_str_c(form), &got, &day);

    if (ok != (want >= 0) || (ok && got != want * 1000000))
        fail_msg("\"%s\" as %s: %d, %lld", text, form, ok, (long long)got);
}

static void dates_are_read_by_their_form_only(void **state)
{
    date_is("2025-03-01", "iso", 1740787200);
    date_is("2025-03", "iso", 1740787200);
    date_is("20250301", "iso", 1740787200);
    date_is("2025-03-01T01:00:00Z", "iso", 1740790800);
    date_is("3/1/2025", "us", 1740787200);
    date_is("1.3.2025", "eu", 1740787200);
    date_is("01/03/25", "eu", 1740787200);
    date_is("01-03-2025 01:00", "eu", 1740790800);
    date_is("1740787200", "unix", 1740787200);
    date_is("1740787200000", "unix", 1740787200);
    date_is("45717", "excel", 1740787200);
    date_is("45717.0416666666666667", "excel", 1740790800);
    date_is("Mar 2025", "%b %Y", 1740787200);
    date_is("1 March 2025", "%d %B %Y", 1740787200);
    date_is("2025/03/01 01h", "%Y/%m/%d %Hh", 1740790800);
    date_is("13/1/2025", "us", -1);
    date_is("31.2.2025", "eu", -1);
    date_is("2025-02-30", "iso", -1);
    date_is("2025-03-01", "%d.%m.%Y", -1);
    date_is("1 March 2025 x", "%d %B %Y", -1);
    date_is("", "iso", -1);
    assert_true(fth_mapping_is_dates(FTH_STR("%d.%m.%Y")));
    assert_false(fth_mapping_is_dates(FTH_STR("%d.%q")));
    assert_false(fth_mapping_is_dates(FTH_STR("day")));
    assert_false(fth_mapping_is_dates(FTH_STR("%")));
}

/* ---- whole mappings ---- */

#define NEEDED                           \
    "  BillingCurrency: {value: USD}\n"  \
    "  ProviderName: {value: Contoso}\n" \
    "  ChargePeriodStart: d\n"

static const struct fth_mapping *mapping_of(const char *text)
{
    const struct fth_mapping *mapping = NULL;
    struct fth_err err = {0};

    assert_ok(fth_mapping_read(test_arena(8 << 20), fth_str_c(text), "m.yaml", &mapping, &err),
              &err);
    return mapping;
}

static void refused(const char *text, const char *message, const char *hint)
{
    const struct fth_mapping *mapping = NULL;
    struct fth_err err = {0};

    if (!fth_mapping_read(fresh(), fth_str_c(text), "m.yaml", &mapping, &err))
        fail_msg("taken: %s", text);
    if (!strstr(err.msg, message))
        fail_msg("\"%s\" instead of \"%s\"", err.msg, message);
    if (hint && !strstr(err.hint, hint))
        fail_msg("hint \"%s\" instead of \"%s\" (%s)", err.hint, hint, err.msg);
}

static void what_is_wrong_is_named_by_line_and_place(void **state)
{
    refused("columns:\n  BilledCost: a\n  ProvidrName: x\n",
            "m.yaml:3: /columns/ProvidrName: is no column of FOCUS", "\"ProviderName\"");
    refused("columns:\n  BilledCost: {colum: a}\n",
            "m.yaml:2: /columns/BilledCost/colum: there is no such key", "\"column\"");
    refused("colums: {}\n", "m.yaml:1: /colums: there is no such key", "\"columns\"");
    refused("name: x\n", "/columns: is missing", NULL);
    refused("- a\n", "must be names with values", NULL);
    refused("delimiter: semicolons\ncolumns: {}\n",
            "/delimiter: \"semicolons\" is none of: comma semicolon", "\"semicolon\"");
    refused("dates: german\ncolumns: {}\n", "/dates: \"german\" is none of iso", "%d.%m.%Y");
    refused("decimal: comma\nthousands: comma\ncolumns: {}\n",
            "/thousands: is the mark of decimals too", NULL);
    refused("columns: [a]\n", "/columns: must be names with values", NULL);
    refused("columns:\n  BilledCost: {column: a, value: 1}\n",
            "wants one of column, value, expression", NULL);
    refused("columns:\n  BilledCost: {value: five}\n", "\"five\" is not a number", NULL);
    refused("columns:\n  BillingCurrency: {value: usd}\n", "\"usd\" is no currency code", NULL);
    refused("columns:\n  ChargeCategory: {column: a, values: {x: Gift}}\n",
            "\"Gift\" is none of Usage", NULL);
    refused("columns:\n  BillingPeriodStart: {value: soon}\n", "\"soon\" is no date", NULL);
    refused("columns:\n  ServiceName: {expression: a}\n", "only a number can be an expression",
            NULL);
    refused("columns:\n  BilledCost: {expression: a *}\n", "at character 4: a number, a column",
            NULL);
    refused("columns:\n  BilledCost: {expression: 'sum(a)'}\n", "there are only round()", NULL);
    refused("columns:\n  BilledCost: {expression: 'round(a, 40)'}\n", "from 0 to 28", NULL);
    refused("columns:\n  BilledCost: {expression: '2 * 3'}\n", "names no column", NULL);
    refused("columns:\n  BilledCost: {expression: 'a b'}\n", "an operator was expected", NULL);
    refused("columns:\n  BilledCost: a\n  BillingCurrency: b\n", "ProviderName is missing", NULL);
    refused("columns:\n  BilledCost: a\n  BillingCurrency: b\n  ProviderName: c\n",
            "ChargePeriodStart is missing", "BillingPeriodStart");
    refused("columns:\n  BilledCost: a\n" NEEDED "skip:\n  - {rule: x, column: a}\n",
            "m.yaml:7: /skip/0: wants a rule's name", NULL);
    refused("columns:\n  BilledCost: a\n  BilledCost: b\n",
            "m.yaml:3: \"BilledCost\" again, first on line 2", NULL);
    refused("columns: &a\n  BilledCost: *a\n", "aliases are not taken", NULL);
    refused("columns: {BilledCost: [\n", "m.yaml:", NULL);
}

/* ---- values ---- */

static const struct fth_str heads[] = {FTH_STR_INIT("a"), FTH_STR_INIT("b"), FTH_STR_INIT("d"),
                                       FTH_STR_INIT("My tags")};

/* What `column` is for a record a, b, d, My tags; "!rule" when it is refused. */
static const char *value_of(const struct fth_mapping *mapping, const char *column, const char *a,
                            const char *b, const char *d, const char *tags)
{
    const struct fth_str cells[] = {fth_str_c(a), fth_str_c(b), fth_str_c(d), fth_str_c(tags)};
    const struct fth_feed_head head = {
        .headers = heads, .header_nr = 4, .cells = cells, .row_nr = 1, .csv = true};
    struct fth_feed_odd odd;
    struct fth_str out, copy;
    struct fth_err err = {0};

    assert_ok(fth_mapping_show(mapping, "bill.csv", &head, 0, column, test_arena(8 << 20), &out,
                               &odd, &err),
              &err);
    assert_ok(fth_arena_printf(test_arena(8 << 20), &copy, &err, "%s" FTH_STR_F,
                               odd.rule ? "!" : "",
                               FTH_STR_A(odd.rule ? fth_str_c(odd.rule) : out)),
              &err);
    return copy.p;
}

static void amount(const char *expression, const char *a, const char *b, const char *want)
{
    char text[512];
    const struct fth_mapping *mapping;

    snprintf(text, sizeof(text), "columns:\n  BilledCost: {expression: \"%s\"}\n" NEEDED,
             expression);
    mapping = mapping_of(text);
    assert_string_equal(value_of(mapping, "BilledCost", a, b, "", ""), want);
}

static void expressions_are_exact_or_refused(void **state)
{
    amount("a * b", "3", "0.1", "0.3");
    amount("a + b * 2", "1", "2", "5");
    amount("(a + b) * 2", "1", "2", "6");
    amount("-a - -b", "1", "2", "1");
    amount("a * (1 - [b] / 100)", "200", "19", "162");
    amount("a * (1 - b)", "200", "19%", "162");
    amount("a / b", "1", "8", "0.125");
    amount("a / b", "1", "3", "!not-exact");
    amount("a / b * 3", "1", "3", "1");
    amount("round(a / b, 2)", "2", "3", "0.67");
    amount("round(a * b, 10)", "0.1234567890123456789", "0.00001234567890123456", "0.0000015242");
    amount("a * b", "0.1234567890123456789", "0.00001234567890123456", "!not-exact");
    amount("a * b", "123456789.123456789", "1000000.000001", "123456789123580.245789123456789");
    amount("round(a, 2)", "0.125", "", "0.12");
    amount("abs(a)", "-5", "", "5");
    amount("a + default(b, 0)", "5", "", "5");
    amount("a + b", "5", "", "");
    amount("a / b", "5", "0", "!not-exact");
    amount("a * b", "5", "x", "!not-a-number");
    amount("a * a * a * a", "9999999999999999999", "", "!not-exact");
}

static void what_is_not_mapped_has_its_stated_default(void **state)
{
    const struct fth_mapping *m = mapping_of("columns:\n  BilledCost: a\n" NEEDED);

    assert_string_equal(value_of(m, "BilledCost", "1.5", "", "2025-03-31", ""), "1.5");
    assert_string_equal(value_of(m, "ChargePeriodStart", "1", "", "2025-01-31", ""),
                        "2025-01-31T00:00:00Z");
    assert_string_equal(value_of(m, "ChargePeriodEnd", "1", "", "2025-01-31", ""),
                        "2025-02-01T00:00:00Z");
    assert_string_equal(value_of(m, "BillingPeriodStart", "1", "", "2025-01-31", ""),
                        "2025-01-01T00:00:00Z");
    assert_string_equal(value_of(m, "BillingPeriodEnd", "1", "", "2025-01-31", ""),
                        "2025-02-01T00:00:00Z");
    assert_string_equal(value_of(m, "BillingAccountId", "1", "", "2025-01-31", ""), "Contoso");
    assert_string_equal(value_of(m, "ServiceName", "1", "", "2025-01-31", ""), "Contoso");
    assert_string_equal(value_of(m, "ChargeCategory", "1", "", "2025-01-31", ""), "Usage");
    assert_string_equal(value_of(m, "InvoiceId", "1", "", "2025-01-31", ""), "");
    assert_string_equal(value_of(m, "ChargePeriodStart", "1", "", "0025-01-31", ""), "!not-a-time");
    m = mapping_of("columns:\n  BilledCost: a\n  BillingCurrency: b\n  ProviderName: {value: C}\n"
                   "  BillingPeriodStart: d\n");
    assert_string_equal(value_of(m, "ChargePeriodStart", "1", "", "2025-02", ""),
                        "2025-02-01T00:00:00Z");
    assert_string_equal(value_of(m, "ChargePeriodEnd", "1", "", "2025-02", ""),
                        "2025-03-01T00:00:00Z");
    assert_string_equal(value_of(m, "BillingPeriodStart", "1", "", "2025-02-17", ""),
                        "2025-02-01T00:00:00Z");
}

static void words_signs_ends_and_tags_become_what_the_mapping_says(void **state)
{
    const struct fth_mapping *m =
        mapping_of("empty: ['-']\ncolumns:\n"
                   "  BilledCost: {column: a, negative: {column: b, values: [refund]}}\n"
                   "  ChargePeriodEnd: {column: d, included: true}\n"
                   "  ChargeCategory: {column: b, values: {refund: Credit, use: Usage}}\n"
                   "  InvoiceId: {column: b, values: {refund: R}, otherwise: O}\n" NEEDED
                   "tags:\n  columns: {Kind: b}\n  map: My tags\n");

    assert_string_equal(value_of(m, "BilledCost", "5", "Refund", "", ""), "-5");
    assert_string_equal(value_of(m, "BilledCost", "-5", "refund", "", ""), "-5");
    assert_string_equal(value_of(m, "BilledCost", "5", "use", "", ""), "5");
    assert_string_equal(value_of(m, "BilledCost", "-", "refund", "", ""), "");
    assert_string_equal(value_of(m, "ChargeCategory", "5", "REFUND", "", ""), "Credit");
    assert_string_equal(value_of(m, "ChargeCategory", "5", "gift", "", ""), "!not-in-table");
    assert_string_equal(value_of(m, "InvoiceId", "5", "gift", "", ""), "O");
    assert_string_equal(value_of(m, "ChargePeriodEnd", "5", "", "2025-01-31", ""),
                        "2025-02-01T00:00:00Z");
    assert_string_equal(value_of(m, "ChargePeriodEnd", "5", "", "2025-01-31T12:00:00Z", ""),
                        "2025-01-31T12:00:00Z");
    assert_string_equal(value_of(m, "Tags", "", "x", "", "team=web; env: prod;Kind=no;lone"),
                        "{\"Kind\":\"x\",\"team\":\"web\",\"env\":\"prod\",\"lone\":\"true\"}");
    assert_string_equal(value_of(m, "Tags", "", "", "", "{\"n\":1.50,\"t\":true}"),
                        "{\"n\":\"1.50\",\"t\":\"true\"}");
    assert_string_equal(value_of(m, "Tags", "", "", "", "{\"n\":"), "!not-a-map");
    assert_string_equal(value_of(m, "Tags", "", "", "", ""), "");
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    static const char text[] =
        "name: x\nempty: [n/a]\nleave: [x]\ncolumns:\n  BilledCost: {expression: 'a * default(b, "
        "1)'}\n"
        "  ChargeCategory: {column: b, values: {r: Credit}, otherwise: Usage}\n" NEEDED
        "tags: {columns: {k: b}, map: My tags}\nskip:\n  - {rule: r, column: a, values: [x]}\n";

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        const struct fth_mapping *mapping = NULL;
        struct fth_err err = {0};
        enum fth_rc rc = arena ? fth_mapping_read(arena, fth_str_c(text), "m.yaml", &mapping, &err)
                               : FTH_E_NOMEM;

        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        assert_int_equal(rc == FTH_OK, mapping != NULL);
        fth_arena_free(arena);
    }
}

static void every_failing_allocation_of_a_proposal_is_an_error_and_nothing_else(void **state)
{
    const char *path = test_file_named(
        "contoso.csv", FTH_STR("Date;Type;Qty;Unit price;Tags;Team\n31.01.2025;usage;2;1,50;a=b;x\n"
                               "Total;;;3;;\n"));

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(64 << 20);
        struct fth_proposal proposal = {0};
        struct fth_err err = {0};
        enum fth_rc rc =
            arena ? fth_mapping_propose(arena, path, FTH_STR("contoso.csv"), &proposal, &err)
                  : FTH_E_NOMEM;

        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        if (!rc)
            assert_true(fth_str_search(proposal.text, FTH_STR("[Qty] * [Unit price]")) != SIZE_MAX);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_read_as_they_are_written_or_not_at_all),
        TEST(dates_are_read_by_their_form_only),
        TEST(what_is_wrong_is_named_by_line_and_place),
        TEST(expressions_are_exact_or_refused),
        TEST(what_is_not_mapped_has_its_stated_default),
        TEST(words_signs_ends_and_tags_become_what_the_mapping_says),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
        TEST(every_failing_allocation_of_a_proposal_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
