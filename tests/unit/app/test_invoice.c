/* invoice: what a file of invoice lines promises. */
#include "test.h"

#include <stdio.h>

#include "app/invoice_int.h"

static enum fth_rc read(struct fth_arena *arena, const char *text, struct fth_invoice_line_vec *out,
                        int64_t *voided, struct fth_err *err)
{
    const char *path = test_file_named("invoice.csv", fth_str_c(text));

    return fth_invoice_read(arena, path, FTH_STR("invoice.csv"), out, voided, err);
}

static void refused(const char *text, enum fth_rc want, const char *message)
{
    struct fth_invoice_line_vec lines;
    struct fth_err err = {0};
    int64_t voided;

    assert_int_equal(read(test_arena(1 << 20), text, &lines, &voided, &err), want);
    assert_non_null(strstr(err.msg, message));
}

static void columns_go_by_many_names(void **state)
{
    static const char *const heads[] = {"InvoiceId,BilledCost,BillingCurrency",
                                        "Invoice Number,Amount,Currency Code",
                                        "invoice_id,total,currency"};
    struct fth_invoice_line_vec lines;
    struct fth_err err = {0};
    char text[256];
    int64_t voided;

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        snprintf(text, sizeof(text), "%s\nI-1,1.0000000000000000000000000001,USD\n", heads[i]);
        assert_ok(read(test_arena(1 << 20), text, &lines, &voided, &err), &err);
        assert_int_equal(lines.nr, 1);
        assert_str(lines.at[0].invoice, "I-1");
        assert_str(lines.at[0].currency, "USD");
        assert_true(lines.at[0].amount.head == 10000000000 && lines.at[0].amount.tail == 1);
    }
}

static void voided_lines_are_counted_and_not_compared(void **state)
{
    struct fth_invoice_line_vec lines;
    struct fth_err err = {0};
    int64_t voided;

    (void)state;
    assert_ok(read(test_arena(1 << 20),
                   "InvoiceId,BilledCost,BillingCurrency,InvoiceIssueStatus,BillingPeriodStart\n"
                   "I-1,1,USD,Issued,2025-01-01T00:00:00Z\nI-2,1,USD,Voided,2025-01\n",
                   &lines, &voided, &err),
              &err);
    assert_int_equal(lines.nr, 1);
    assert_int_equal(voided, 1);
    assert_str(lines.at[0].period, "2025-01");
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    refused("invoice,currency\nI-1,USD\n", FTH_E_SYNTAX, "no column for amount");
    refused("invoice,amount,currency\nI-1,1,USD\nI-1,x,USD\n", FTH_E_SYNTAX,
            ":3: \"x\" is no amount");
    refused("invoice,amount,currency\n,1,USD\n", FTH_E_SYNTAX, ":2: \"\" is no invoice number");
    refused("invoice,amount,currency\nI-1,1,euro\n", FTH_E_SYNTAX, "is no currency code");
    refused("invoice,amount,currency,period\nI-1,1,USD,May\n", FTH_E_SYNTAX,
            "is no billing period");
    refused("invoice,amount,currency\n", FTH_E_SYNTAX, "no line of an invoice");
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *path = test_file_named(
        "invoice.csv", FTH_STR("invoice,amount,currency,service\nI-1,1,USD,A\nI-1,2,USD,B\n"));

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_arena *arena = fth_arena_new(1 << 20);
        struct fth_invoice_line_vec lines;
        struct fth_err err = {0};
        int64_t voided;
        enum fth_rc rc =
            arena ? fth_invoice_read(arena, path, FTH_STR("invoice.csv"), &lines, &voided, &err)
                  : FTH_E_NOMEM;

        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        fth_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_go_by_many_names),
        TEST(voided_lines_are_counted_and_not_compared),
        TEST(what_is_wrong_is_named_with_its_line),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
