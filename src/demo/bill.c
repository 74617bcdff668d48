/* What all lines have in common, and the days. */
#include "demo/bill.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"

static enum fth_rc put_instants(struct fth_bill *bill, struct fth_cur_line *line, int32_t from,
                                int32_t until, struct fth_err *err)
{
    struct fth_civil a = fth_date_to_civil(from), b = fth_date_to_civil(until + 1);
    struct fth_civil first = fth_date_to_civil(fth_month_first_date(bill->month));
    struct fth_civil next = fth_date_to_civil(fth_month_first_date(bill->month + 1));
    const struct {
        enum fth_cur_column column;
        struct fth_civil at;
    } instants[] = {{FTH_CUR_START, a},
                    {FTH_CUR_END, b},
                    {FTH_CUR_PERIOD_START, first},
                    {FTH_CUR_PERIOD_END, next}};
    struct fth_str text;
    enum fth_rc rc;

    for (size_t i = 0; i < FTH_NR(instants); i++) {
        rc = fth_arena_printf(bill->scratch, &text, err, "%04d-%02d-%02dT00:00:00.000Z",
                              instants[i].at.year, instants[i].at.month, instants[i].at.day);
        if (rc)
            return rc;
        fth_cur_str(line, instants[i].column, text);
    }
    rc = fth_arena_printf(bill->scratch, &text, err,
                          "%04d-%02d-%02dT00:00:00Z/%04d-%02d-%02dT00:00:00Z", a.year, a.month,
                          a.day, b.year, b.month, b.day);
    fth_cur_str(line, FTH_CUR_INTERVAL, text);
    return rc;
}

enum fth_rc fth_bill_start(struct fth_bill *bill, struct fth_cur_line *line, const char *type,
                           const struct fth_account *account, int32_t from, int32_t until,
                           struct fth_err *err)
{
    const struct fth_account *payer = &bill->estate->accounts[0];

    *line = (struct fth_cur_line){0};
    fth_cur_c(line, FTH_CUR_INVOICE, bill->invoice);
    fth_cur_c(line, FTH_CUR_INVOICING_ENTITY, "Amazon Web Services, Inc.");
    fth_cur_c(line, FTH_CUR_LEGAL_ENTITY, "Amazon Web Services, Inc.");
    fth_cur_c(line, FTH_CUR_BILLING_ENTITY, "AWS");
    fth_cur_c(line, FTH_CUR_BILL_TYPE, "Anniversary");
    fth_cur_c(line, FTH_CUR_PAYER, payer->id);
    fth_cur_c(line, FTH_CUR_PAYER_NAME, payer->name);
    fth_cur_c(line, FTH_CUR_ACCOUNT, account->id);
    fth_cur_c(line, FTH_CUR_ACCOUNT_NAME, account->name);
    fth_cur_c(line, FTH_CUR_LINE_TYPE, type);
    fth_cur_c(line, FTH_CUR_CURRENCY, "USD");
    fth_cur_c(line, FTH_CUR_PRICING_CURRENCY, "USD");
    fth_cur_c(line, FTH_CUR_COST_CATEGORY, "{}");
    fth_cur_c(line, FTH_CUR_DISCOUNT, "{}");
    fth_cur_c(line, FTH_CUR_RESOURCE_TAGS, "{}");
    fth_cur_c(line, FTH_CUR_TAGS, "{}");
    return put_instants(bill, line, from, until, err);
}

enum fth_rc fth_bill_product(struct fth_bill *bill, struct fth_cur_line *line, const char *code,
                             const char *name, const char *usage_type, const char *operation,
                             struct fth_err *err)
{
    struct fth_str map;
    enum fth_rc rc = fth_arena_printf(bill->scratch, &map, err, "{\"product_name\":\"%s\"}", name);

    fth_cur_c(line, FTH_CUR_PRODUCT_CODE, code);
    fth_cur_c(line, FTH_CUR_SERVICE_CODE, code);
    fth_cur_c(line, FTH_CUR_PRODUCT_NAME, name);
    fth_cur_str(line, FTH_CUR_PRODUCT, map);
    fth_cur_c(line, FTH_CUR_USAGE_TYPE, usage_type);
    fth_cur_c(line, FTH_CUR_OPERATION, operation);
    return rc;
}

enum fth_rc fth_bill_end(struct fth_bill *bill, struct fth_cur_line *line, struct fth_err *err)
{
    uint64_t seed = bill->estate->seed, nr = ++bill->rows;
    struct fth_str id;
    enum fth_rc rc = fth_arena_printf(bill->scratch, &id, err, "%016llx%016llx%016llx%04llx",
                                      (unsigned long long)fth_chance(seed, nr, 101),
                                      (unsigned long long)fth_chance(seed, nr, 102),
                                      (unsigned long long)fth_chance(seed, nr, 103),
                                      (unsigned long long)(fth_chance(seed, nr, 104) & 0xffff));

    if (rc)
        return rc;
    fth_cur_str(line, FTH_CUR_LINE_ID, id);
    return bill->cur ? fth_cur_write(bill->cur, line, err) : FTH_OK;
}

static struct fth_taxed *taxed_product(struct fth_bill *bill, const char *code, const char *name)
{
    for (size_t i = 0; i < bill->taxed_nr; i++) {
        if (strcmp(bill->taxed[i].product_code, code) == 0)
            return &bill->taxed[i];
    }
    FTH_CHECK(bill->taxed_nr < FTH_TAXED_MAX);
    bill->taxed[bill->taxed_nr] = (struct fth_taxed){.product_code = code, .product_name = name};
    return &bill->taxed[bill->taxed_nr++];
}

enum fth_rc fth_bill_meant(struct fth_bill *bill, struct fth_truth_row row,
                           const char *product_name, struct fth_err *err)
{
    if (strcmp(row.category, "Usage") == 0 || strcmp(row.category, "Purchase") == 0) {
        struct fth_taxed *taxed = taxed_product(bill, row.product_code, product_name);

        for (size_t i = 0; i < FTH_ACCOUNT_NR; i++) {
            if (strcmp(bill->estate->accounts[i].id, row.account) == 0)
                taxed->billed[i] += row.billed;
        }
    }
    row.month = bill->month;
    row.team = row.team ? row.team : "";
    row.commitment = row.commitment ? row.commitment : "";
    row.status = row.status ? row.status : "";
    return fth_truth_add(bill->truth, &row, err);
}

enum fth_rc fth_bill_resource(struct fth_bill *bill, struct fth_cur_line *line, const char *type,
                              const struct fth_resource *r, int32_t day, int64_t quantity,
                              struct fth_err *err)
{
    const struct fth_kind *kind = r->kind;
    enum fth_rc rc = fth_bill_start(bill, line, type, r->account, day, day, err);

    fth_cur_c(line, FTH_CUR_PRODUCT_CODE, kind->product_code);
    fth_cur_c(line, FTH_CUR_SERVICE_CODE, kind->product_code);
    fth_cur_c(line, FTH_CUR_PRODUCT_NAME, kind->product_name);
    fth_cur_c(line, FTH_CUR_PRODUCT, r->product);
    fth_cur_c(line, FTH_CUR_USAGE_TYPE, r->usage_type);
    fth_cur_c(line, FTH_CUR_OPERATION, kind->operation);
    fth_cur_c(line, FTH_CUR_ZONE, r->zone);
    fth_cur_c(line, FTH_CUR_RESOURCE, r->id);
    fth_cur_c(line, FTH_CUR_DESCRIPTION, kind->description);
    fth_cur_c(line, FTH_CUR_INSTANCE_TYPE, kind->instance_type);
    fth_cur_c(line, FTH_CUR_FAMILY, kind->family);
    fth_cur_c(line, FTH_CUR_REGION, r->region->code);
    fth_cur_c(line, FTH_CUR_REGION_CODE, r->region->code);
    fth_cur_c(line, FTH_CUR_SKU, r->sku);
    fth_cur_c(line, FTH_CUR_RATE_CODE, r->rate_code);
    fth_cur_c(line, FTH_CUR_UNIT, kind->unit);
    fth_cur_c(line, FTH_CUR_TERM, "OnDemand");
    fth_cur_c(line, FTH_CUR_TAG_TEAM, r->team);
    fth_cur_c(line, FTH_CUR_TAG_ENV, r->env);
    fth_cur_c(line, FTH_CUR_TAG_COST_CENTER, r->cost_center);
    fth_cur_c(line, FTH_CUR_RESOURCE_TAGS, r->resource_tags);
    fth_cur_c(line, FTH_CUR_TAGS, r->tags);
    fth_cur_number(line, FTH_CUR_AMOUNT, quantity * 1000000);
    fth_cur_number(line, FTH_CUR_LIST_RATE, kind->rate);
    fth_cur_number(line, FTH_CUR_LIST_COST, fth_cost(quantity, kind->rate));
    return rc;
}

static enum fth_rc on_demand(struct fth_bill *bill, const struct fth_resource *resource,
                             int32_t day, int64_t quantity, struct fth_err *err)
{
    int64_t cost = fth_cost(quantity, resource->kind->rate);
    struct fth_cur_line line;
    enum fth_rc rc = fth_bill_resource(bill, &line, "Usage", resource, day, quantity, err);

    fth_cur_number(&line, FTH_CUR_RATE, resource->kind->rate);
    fth_cur_number(&line, FTH_CUR_COST, cost);
    fth_cur_number(&line, FTH_CUR_BLENDED_RATE, resource->kind->rate);
    fth_cur_number(&line, FTH_CUR_BLENDED_COST, cost);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    if (rc)
        return rc;
    return fth_bill_meant(bill,
                          (struct fth_truth_row){.day = day,
                                                 .product_code = resource->kind->product_code,
                                                 .category = "Usage",
                                                 .account = resource->account->id,
                                                 .team = resource->team,
                                                 .billed = cost,
                                                 .effective = cost,
                                                 .list = cost},
                          resource->kind->product_name, err);
}

/* A container of the cluster: detail beside what its instance costs, worth nothing itself. */
static enum fth_rc split_cost(struct fth_bill *bill, const struct fth_resource *cluster,
                              int32_t day, unsigned pod, struct fth_err *err)
{
    struct fth_cur_line line;
    struct fth_str id;
    enum fth_rc rc = fth_bill_resource(bill, &line, "Usage", cluster, day, 240000, err);

    if (!rc)
        rc = fth_arena_printf(bill->scratch, &id, err, "%s/pod/shop/web/%u", cluster->id, pod);
    if (rc)
        return rc;
    fth_cur_str(&line, FTH_CUR_RESOURCE, id);
    fth_cur_c(&line, FTH_CUR_OPERATION, "EKSPod-EC2");
    fth_cur_c(&line, FTH_CUR_USAGE_TYPE, "EKS-EC2-vCPU-Hours");
    fth_cur_c(&line, FTH_CUR_DESCRIPTION, "Amazon EKS pod split cost");
    fth_cur_c(&line, FTH_CUR_UNIT, "vCPU-Hours");
    line.at[FTH_CUR_LIST_RATE] = line.at[FTH_CUR_LIST_COST] = (struct fth_sheet_cell){0};
    fth_cur_number(&line, FTH_CUR_COST, 0);
    fth_cur_c(&line, FTH_CUR_SPLIT_PARENT, cluster->id);
    fth_cur_number(&line, FTH_CUR_SPLIT_COST, INT64_C(3600000000) * (pod + 1));
    fth_cur_number(&line, FTH_CUR_SPLIT_UNUSED, 500000000);
    fth_cur_c(&line, FTH_CUR_SPLIT_RATIO, pod ? "0.4" : "0.2");
    rc = fth_bill_end(bill, &line, err);
    if (rc)
        return rc;
    return fth_bill_meant(bill,
                          (struct fth_truth_row){.day = day,
                                                 .product_code = cluster->kind->product_code,
                                                 .category = "Usage",
                                                 .account = cluster->account->id,
                                                 .team = cluster->team},
                          cluster->kind->product_name, err);
}

static enum fth_rc resource_day(struct fth_bill *bill, const struct fth_resource *resource,
                                int32_t day, unsigned slice, struct fth_err *err)
{
    int64_t quantity = fth_usage_slice(bill->estate, resource, day, slice);
    enum fth_rc rc = FTH_OK;

    if (quantity == 0)
        return FTH_OK;
    rc = fth_bill_cover(bill, resource, day, &quantity, err);
    if (!rc && quantity)
        rc = on_demand(bill, resource, day, quantity, err);
    for (unsigned pod = 0; !rc && !slice && pod < 2 && resource->kind == fth_kind(FTH_KIND_EKS);
         pod++)
        rc = split_cost(bill, resource, day, pod, err);
    return rc;
}

enum fth_rc fth_bill_day(struct fth_bill *bill, int32_t day, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    fth_bill_start_day(bill, day);
    for (size_t i = 0; i < bill->estate->resource_nr && !rc; i++) {
        for (unsigned slice = 0; slice < bill->estate->slices && !rc; slice++)
            rc = resource_day(bill, &bill->estate->resources[i], day, slice, err);
        if (i % 64 == 63)
            fth_arena_clear(bill->scratch);
    }
    if (!rc)
        rc = fth_bill_day_fees(bill, day, err);
    fth_arena_clear(bill->scratch);
    return rc;
}
