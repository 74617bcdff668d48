/* What comes once a month, when it is invoiced. */
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "demo/bill.h"

#define CENT INT64_C(100000000) /* in 1e-10 */
enum { TAX_PERCENT = 8, SUPPORT_PERCENT = 3 };

/* A line with a cost and little else, and what it means. */
struct fee {
    const char *type, *category; /* of the bill, and meant */
    const char *code, *name, *usage_type, *description;
    const struct fth_account *account;
    int32_t from, until;
    int64_t cost;
    const char *tax_type, *bill_type, *billing_entity, *legal_entity, *unit; /* or NULL */
};

static enum fth_rc add(struct fth_bill *bill, const struct fee *fee, struct fth_err *err)
{
    struct fth_cur_line line;
    enum fth_rc rc =
        fth_bill_start(bill, &line, fee->type, fee->account, fee->from, fee->until, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, fee->code, fee->name, fee->usage_type, NULL, err);
    fth_cur_c(&line, FTH_CUR_DESCRIPTION, fee->description);
    fth_cur_c(&line, FTH_CUR_TAX_TYPE, fee->tax_type);
    fth_cur_c(&line, FTH_CUR_UNIT, fee->unit);
    if (fee->bill_type)
        fth_cur_c(&line, FTH_CUR_BILL_TYPE, fee->bill_type);
    if (fee->billing_entity)
        fth_cur_c(&line, FTH_CUR_BILLING_ENTITY, fee->billing_entity);
    if (fee->legal_entity)
        fth_cur_c(&line, FTH_CUR_LEGAL_ENTITY, fee->legal_entity);
    fth_cur_number(&line, FTH_CUR_AMOUNT, INT64_C(10000000000));
    fth_cur_number(&line, FTH_CUR_COST, fee->cost);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    if (rc)
        return rc;
    return fth_bill_meant(bill,
                          (struct fth_truth_row){.day = fee->from,
                                                 .product_code = fee->code,
                                                 .category = fee->category,
                                                 .account = fee->account->id,
                                                 .billed = fee->cost,
                                                 .effective = fee->cost},
                          fee->name, err);
}

/* Percent of an amount, in whole cents, a half up as invoices do. */
static int64_t percent(int64_t amount, int64_t parts)
{
    return (amount / 100 * parts + CENT / 2) / CENT * CENT;
}

static enum fth_rc support(struct fth_bill *bill, struct fth_err *err)
{
    int64_t total = 0;

    for (size_t i = 0; i < bill->taxed_nr; i++) {
        for (size_t a = 0; a < FTH_ACCOUNT_NR; a++)
            total += bill->taxed[i].billed[a];
    }
    total = percent(total, SUPPORT_PERCENT);
    return add(bill,
               &(struct fee){.type = "Fee",
                             .category = "Purchase",
                             .code = "AWSSupportBusiness",
                             .name = "AWS Support (Business)",
                             .usage_type = "Dollar",
                             .description = "Support Charges - Business",
                             .account = &bill->estate->accounts[0],
                             .from = bill->first,
                             .until = bill->last,
                             .cost = total < 100 * 100 * CENT ? 100 * 100 * CENT : total},
               err);
}

static enum fth_rc marketplace(struct fth_bill *bill, struct fth_err *err)
{
    enum fth_rc rc =
        add(bill,
            &(struct fee){.type = "Usage",
                          .category = "Usage",
                          .code = "7k2q9fathommarket",
                          .name = "Fathom Observability Suite",
                          .usage_type = "MP:events-ingested",
                          .description = "AWS Marketplace software usage|us-east-1|events",
                          .account = &bill->estate->accounts[5],
                          .from = bill->first,
                          .until = bill->last,
                          .cost = INT64_C(4125030000000) + bill->month_nr * INT64_C(61170000000),
                          .billing_entity = "AWS Marketplace",
                          .legal_entity = "Fathom Labs, Inc.",
                          .unit = "Units"},
            err);

    if (rc || bill->month_nr % 4 != 1)
        return rc;
    return add(bill,
               &(struct fee){.type = "Fee",
                             .category = "Purchase",
                             .code = "AmazonRoute53",
                             .name = "Amazon Route 53",
                             .usage_type = "DomainRegistration-com",
                             .description = "Registration of meridian-shop.com",
                             .account = &bill->estate->accounts[5],
                             .from = bill->last,
                             .until = bill->last,
                             .cost = 1400 * CENT},
               err);
}

static enum fth_rc credits(struct fth_bill *bill, struct fth_err *err)
{
    struct fee fee = {.type = "Credit",
                      .category = "Credit",
                      .code = "AmazonEC2",
                      .name = "Amazon Elastic Compute Cloud",
                      .description = "AWS Activate credit",
                      .account = &bill->estate->accounts[6],
                      .from = bill->first,
                      .until = bill->last,
                      .cost = -12500 * CENT};
    enum fth_rc rc = bill->month_nr < 6 ? add(bill, &fee, err) : FTH_OK;

    if (rc)
        return rc;
    fee.code = "AmazonS3";
    fee.name = "Amazon Simple Storage Service";
    fee.account = &bill->estate->accounts[3];
    fee.cost = INT64_C(-7512345678);
    return add(bill, &fee, err);
}

/* One inside its period every third month; one of a closed period the month after. */
static enum fth_rc refunds(struct fth_bill *bill, struct fth_err *err)
{
    struct fee fee = {.type = "Refund",
                      .category = "Usage",
                      .code = "AmazonRDS",
                      .name = "Amazon Relational Database Service",
                      .usage_type = "InstanceUsage:db.m6g.large",
                      .description = "Refund for overcharge in this period",
                      .account = &bill->estate->accounts[3],
                      .from = bill->first + 4,
                      .until = bill->first + 4,
                      .cost = -333 * CENT,
                      .bill_type = "Refund"};

    if (bill->month_nr % 3 == 1)
        return add(bill, &fee, err);
    if (bill->month_nr % 3 != 2)
        return FTH_OK;
    fee.code = "AmazonEC2";
    fee.name = "Amazon Elastic Compute Cloud";
    fee.usage_type = "BoxUsage:m5.large";
    fee.description = "Refund for prior billing period";
    fee.account = &bill->estate->accounts[1];
    fee.from = fee.until = bill->first - 18;
    fee.cost = INT64_C(-71234567890);
    return add(bill, &fee, err);
}

static enum fth_rc tax(struct fth_bill *bill, struct fth_err *err)
{
    for (size_t i = 0; i < bill->taxed_nr; i++) {
        for (size_t a = 0; a < FTH_ACCOUNT_NR; a++) {
            struct fee fee = {.type = "Tax",
                              .category = "Tax",
                              .code = bill->taxed[i].product_code,
                              .name = bill->taxed[i].product_name,
                              .account = &bill->estate->accounts[a],
                              .from = bill->first,
                              .until = bill->last,
                              .cost = percent(bill->taxed[i].billed[a], TAX_PERCENT),
                              .tax_type = "USSalesTax"};
            struct fth_str text;
            enum fth_rc rc;

            if (fee.cost <= 0)
                continue;
            rc = fth_arena_printf(bill->scratch, &text, err, "Tax for product code %s", fee.code);
            fee.description = text.p;
            if (!rc)
                rc = add(bill, &fee, err);
            if (rc)
                return rc;
        }
    }
    return FTH_OK;
}

enum fth_rc fth_bill_close(struct fth_bill *bill, struct fth_err *err)
{
    enum fth_rc rc = marketplace(bill, err);

    if (!rc)
        rc = refunds(bill, err);
    if (!rc)
        rc = support(bill, err);
    if (!rc)
        rc = tax(bill, err);
    return rc ? rc : credits(bill, err);
}
