/* Reservations and savings plans: what they cover, what is left over, what they cost. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "demo/bill.h"

/*
 * A commitment is never used to its last minute here: it covers at most 98 of 100 parts of a
 * reservation's hours, and something is left of a savings plan every day. So every fee has an
 * unused part, and nobody has to decide whether a part of zero is a row.
 */
enum { HOURS_A_YEAR = 8760, DAY_HOURS = 240000, COVERED = 98 };

static bool runs(int32_t from, int32_t until, int32_t day)
{
    return day >= from && day <= until;
}

/* ---- choosing ---- */

static size_t count_resources(const struct fth_estate *estate, enum fth_kind_id kind)
{
    size_t nr = 0;

    for (size_t i = 0; i < estate->resource_nr; i++)
        nr += estate->resources[i].kind == fth_kind(kind) &&
              estate->resources[i].region == &estate->cloud->regions[0];
    return nr;
}

/* The `ago`-th day after the bill begins, or its first when it is shorter than that. */
static int32_t day_after(const struct fth_estate *estate, int32_t days)
{
    return estate->today - estate->first > days + 14 ? estate->first + days : estate->first;
}

static bool may_be_covered(const struct fth_savings_plan *plan, const struct fth_kind *kind)
{
    bool compute = (strcmp(kind->product_code, "AmazonEC2") == 0 && kind->instance_type[0] &&
                    kind != fth_kind(FTH_KIND_SPOT)) ||
                   strcmp(kind->product_code, "AmazonECS") == 0;

    return compute &&
           strncmp(kind->instance_type, plan->instance_prefix, strlen(plan->instance_prefix)) == 0;
}

/* In 1e-10, cut to 1e-6 so that every quantity costs a whole number of 1e-10. */
static int64_t plan_rate(const struct fth_savings_plan *plan, const struct fth_kind *kind)
{
    return kind->rate / 1000 * plan->discounted / 10000 * 10000;
}

/* Some parts in a hundred of what the plan could cover on its first day, an hour. */
static int64_t choose_hourly(const struct fth_bill *bill, const struct fth_savings_plan *plan,
                             int64_t parts)
{
    int64_t could = 0;

    for (size_t i = 0; i < bill->estate->resource_nr; i++) {
        const struct fth_resource *resource = &bill->estate->resources[i];

        if (may_be_covered(plan, resource->kind))
            could += fth_cost(fth_usage(bill->estate, resource, plan->from),
                              plan_rate(plan, resource->kind));
    }
    return could / 2400 * parts / 10000000 * 10000000; /* thousandths of a dollar */
}

static enum fth_rc choose_reservations(struct fth_arena *arena, struct fth_bill *bill,
                                       struct fth_err *err)
{
    const struct fth_estate *estate = bill->estate;
    struct fth_reservation *servers = &bill->reservations[0], *databases = &bill->reservations[1];
    struct fth_str arn;
    enum fth_rc rc;

    *servers = (struct fth_reservation){
        .kind = fth_kind(FTH_KIND_M5L),
        .owner = &estate->accounts[1],
        .usage_type = "HeavyUsage:m5.large",
        .operation = "RunInstances:0002",
        .payment = "Partial Upfront",
        .recurring = 310000000,
        .amortized = 342000000,
        .count = ((int64_t)count_resources(estate, FTH_KIND_M5L) * 3 + 3) / 4,
        .from = day_after(estate, 33),
    };
    *databases = (struct fth_reservation){
        .kind = fth_kind(FTH_KIND_DBM6GL),
        .owner = &estate->accounts[3],
        .usage_type = "HeavyUsage:db.m6g.large",
        .operation = "CreateDBInstance:0014",
        .payment = "No Upfront",
        .recurring = 1050000000,
        .count = ((int64_t)count_resources(estate, FTH_KIND_DBM6GL) + 1) / 2,
        .from = estate->first,
    };
    servers->until = servers->from + 364;
    databases->until = databases->from + 364;
    rc = fth_arena_printf(arena, &arn, err,
                          "arn:aws:ec2:us-east-1:%s:reserved-instances/4f1c2d3e-%04x-4a4a-9b9b-1",
                          servers->owner->id, (unsigned)(estate->seed & 0xffff));
    if (rc)
        return rc;
    servers->arn = arn.p;
    rc = fth_arena_printf(arena, &arn, err, "arn:aws:rds:us-east-1:%s:ri:ri-meridian-%u",
                          databases->owner->id, (unsigned)(estate->seed & 0xffff));
    databases->arn = arn.p;
    return rc;
}

static enum fth_rc choose_plans(struct fth_arena *arena, struct fth_bill *bill, struct fth_err *err)
{
    const struct fth_estate *estate = bill->estate;
    struct fth_savings_plan *family = &bill->plans[0], *compute = &bill->plans[1];

    *family = (struct fth_savings_plan){
        .owner = &estate->accounts[0],
        .offering = "EC2InstanceSavingsPlans",
        .usage_type = "EC2SP:m6i.1yrAllUpfront",
        .payment = "All Upfront",
        .description = "1 year All Upfront EC2 Instance Savings Plan",
        .instance_prefix = "m6i.",
        .upfront = true,
        .discounted = 610,
        .from = day_after(estate, 74),
    };
    *compute = (struct fth_savings_plan){
        .owner = &estate->accounts[0],
        .offering = "ComputeSavingsPlans",
        .usage_type = "ComputeSP:1yrNoUpfront",
        .payment = "No Upfront",
        .description = "1 year No Upfront Compute Savings Plan",
        .instance_prefix = "",
        .discounted = 720,
        .from = day_after(estate, 12),
    };
    for (size_t i = 0; i < FTH_SAVINGS_PLAN_NR; i++) {
        struct fth_savings_plan *plan = &bill->plans[i];
        struct fth_str arn;
        enum fth_rc rc;

        plan->until = plan->from + 364;
        /* One plan was bought too large, the other one leaves much on demand. */
        plan->hourly = choose_hourly(bill, plan, i ? 45 : 108);
        rc = fth_arena_printf(arena, &arn, err,
                              "arn:aws:savingsplans::%s:savingsplan/7c6b5a49-%04x-4c4c-8d8d-%zu",
                              plan->owner->id, (unsigned)(estate->seed & 0xffff), i + 1);
        if (rc)
            return rc;
        plan->arn = arn.p;
    }
    return FTH_OK;
}

enum fth_rc fth_bill_commit(struct fth_arena *arena, struct fth_bill *bill, struct fth_err *err)
{
    enum fth_rc rc = choose_reservations(arena, bill, err);

    return rc ? rc : choose_plans(arena, bill, err);
}

void fth_bill_start_day(struct fth_bill *bill, int32_t day)
{
    for (size_t i = 0; i < FTH_RESERVATION_NR; i++) {
        struct fth_reservation *r = &bill->reservations[i];

        r->left = runs(r->from, r->until, day) ? r->count * DAY_HOURS * COVERED / 100 : 0;
    }
    for (size_t i = 0; i < FTH_SAVINGS_PLAN_NR; i++)
        bill->plans[i].used = 0;
}

/* ---- covered usage ---- */

static enum fth_rc reserved(struct fth_bill *bill, struct fth_reservation *r,
                            const struct fth_resource *resource, int32_t day, int64_t quantity,
                            struct fth_err *err)
{
    int64_t recurring = fth_cost(quantity, r->recurring);
    int64_t amortized = fth_cost(quantity, r->amortized);
    struct fth_cur_line line;
    enum fth_rc rc =
        fth_bill_resource(bill, &line, "DiscountedUsage", resource, day, quantity, err);

    fth_cur_number(&line, FTH_CUR_RATE, 0);
    fth_cur_number(&line, FTH_CUR_COST, 0);
    fth_cur_c(&line, FTH_CUR_TERM, "Reserved");
    fth_cur_c(&line, FTH_CUR_RI_ARN, r->arn);
    fth_cur_number(&line, FTH_CUR_RI_RECURRING_USED, recurring);
    fth_cur_number(&line, FTH_CUR_RI_UPFRONT_USED, amortized);
    fth_cur_number(&line, FTH_CUR_RI_EFFECTIVE, recurring + amortized);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    if (rc)
        return rc;
    r->left -= quantity;
    r->month_used += quantity;
    return fth_bill_meant(bill,
                          (struct fth_truth_row){.day = day,
                                                 .product_code = resource->kind->product_code,
                                                 .category = "Usage",
                                                 .account = resource->account->id,
                                                 .team = resource->team,
                                                 .commitment = r->arn,
                                                 .status = "Used",
                                                 .effective = recurring + amortized,
                                                 .list = fth_cost(quantity, resource->kind->rate)},
                          resource->kind->product_name, err);
}

/* The line that takes the on-demand cost of covered usage back; without resource and tags. */
static enum fth_rc negation(struct fth_bill *bill, const struct fth_savings_plan *plan,
                            const struct fth_resource *resource, int32_t day, int64_t quantity,
                            struct fth_err *err)
{
    const struct fth_kind *kind = resource->kind;
    struct fth_cur_line line;
    struct fth_str text;
    enum fth_rc rc =
        fth_bill_start(bill, &line, "SavingsPlanNegation", resource->account, day, day, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, kind->product_code, kind->product_name,
                              resource->usage_type, NULL, err);
    if (!rc)
        rc = fth_arena_printf(bill->scratch, &text, err,
                              "SavingsPlanNegation used by AccountId : %s", resource->account->id);
    if (rc)
        return rc;
    fth_cur_str(&line, FTH_CUR_DESCRIPTION, text);
    fth_cur_c(&line, FTH_CUR_REGION, resource->region->code);
    fth_cur_c(&line, FTH_CUR_REGION_CODE, resource->region->code);
    fth_cur_c(&line, FTH_CUR_SP_ARN, plan->arn);
    fth_cur_number(&line, FTH_CUR_AMOUNT, quantity * 1000000);
    fth_cur_number(&line, FTH_CUR_COST, -fth_cost(quantity, kind->rate));
    return fth_bill_end(bill, &line, err);
}

static enum fth_rc planned(struct fth_bill *bill, struct fth_savings_plan *plan,
                           const struct fth_resource *resource, int32_t day, int64_t quantity,
                           struct fth_err *err)
{
    const struct fth_kind *kind = resource->kind;
    int64_t effective = fth_cost(quantity, plan_rate(plan, kind));
    struct fth_cur_line line;
    enum fth_rc rc =
        fth_bill_resource(bill, &line, "SavingsPlanCoveredUsage", resource, day, quantity, err);

    fth_cur_number(&line, FTH_CUR_RATE, kind->rate);
    fth_cur_number(&line, FTH_CUR_COST, fth_cost(quantity, kind->rate));
    fth_cur_c(&line, FTH_CUR_SP_ARN, plan->arn);
    fth_cur_c(&line, FTH_CUR_SP_OFFERING, plan->offering);
    fth_cur_c(&line, FTH_CUR_SP_PAYMENT, plan->payment);
    fth_cur_c(&line, FTH_CUR_SP_PURCHASE_TERM, "1yr");
    fth_cur_number(&line, FTH_CUR_SP_RATE, plan_rate(plan, kind));
    fth_cur_number(&line, FTH_CUR_SP_EFFECTIVE, effective);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    if (!rc)
        rc = negation(bill, plan, resource, day, quantity, err);
    if (rc)
        return rc;
    plan->used += effective;
    return fth_bill_meant(bill,
                          (struct fth_truth_row){.day = day,
                                                 .product_code = kind->product_code,
                                                 .category = "Usage",
                                                 .account = resource->account->id,
                                                 .team = resource->team,
                                                 .commitment = plan->arn,
                                                 .status = "Used",
                                                 .effective = effective,
                                                 .list = fth_cost(quantity, kind->rate)},
                          kind->product_name, err);
}

/* As much of `quantity` as the plan still covers today; something stays unused. */
static int64_t plan_share(const struct fth_savings_plan *plan, const struct fth_resource *resource,
                          int32_t day, int64_t quantity)
{
    int64_t left = plan->hourly * 24 - plan->used - 1, most;

    if (!runs(plan->from, plan->until, day) || !may_be_covered(plan, resource->kind) || left <= 0)
        return 0;
    most = left / (plan_rate(plan, resource->kind) / 10000); /* rate of 1e-4 units */
    return most < quantity ? most : quantity;
}

enum fth_rc fth_bill_cover(struct fth_bill *bill, const struct fth_resource *resource, int32_t day,
                           int64_t *quantity, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_RESERVATION_NR && *quantity && !rc; i++) {
        struct fth_reservation *r = &bill->reservations[i];
        int64_t share = r->left < *quantity ? r->left : *quantity;

        if (r->kind != resource->kind || resource->region != &bill->estate->cloud->regions[0] ||
            share == 0)
            continue;
        rc = reserved(bill, r, resource, day, share, err);
        *quantity -= share;
    }
    for (size_t i = 0; i < FTH_SAVINGS_PLAN_NR && *quantity && !rc; i++) {
        int64_t share = plan_share(&bill->plans[i], resource, day, *quantity);

        if (share == 0)
            continue;
        rc = planned(bill, &bill->plans[i], resource, day, share, err);
        *quantity -= share;
    }
    return rc;
}

/* ---- fees ---- */

/* What a fee comes to: the purchase, and usage that nobody used. */
static enum fth_rc meant_fee(struct fth_bill *bill, int32_t day, const char *code, const char *name,
                             const struct fth_account *owner, const char *arn, int64_t fee,
                             int64_t unused, struct fth_err *err)
{
    struct fth_truth_row row = {.day = day,
                                .product_code = code,
                                .category = "Purchase",
                                .account = owner->id,
                                .commitment = arn,
                                .billed = fee};
    enum fth_rc rc = fth_bill_meant(bill, row, name, err);

    if (rc || unused == 0)
        return rc;
    row.category = "Usage";
    row.status = "Unused";
    row.billed = 0;
    row.effective = unused;
    return fth_bill_meant(bill, row, name, err);
}

static void put_plan(struct fth_cur_line *line, const struct fth_savings_plan *plan)
{
    fth_cur_c(line, FTH_CUR_DESCRIPTION, plan->description);
    fth_cur_c(line, FTH_CUR_SP_ARN, plan->arn);
    fth_cur_c(line, FTH_CUR_SP_OFFERING, plan->offering);
    fth_cur_c(line, FTH_CUR_SP_PAYMENT, plan->payment);
    fth_cur_c(line, FTH_CUR_SP_PURCHASE_TERM, "1yr");
    fth_cur_number(line, FTH_CUR_AMOUNT, INT64_C(10000000000));
}

#define SP_CODE "ComputeSavingsPlans"
#define SP_NAME "Savings Plans for AWS Compute usage"

static enum fth_rc plan_fee(struct fth_bill *bill, const struct fth_savings_plan *plan, int32_t day,
                            struct fth_err *err)
{
    int64_t total = plan->hourly * 24, fee = plan->upfront ? 0 : total;
    struct fth_cur_line line;
    enum fth_rc rc =
        fth_bill_start(bill, &line, "SavingsPlanRecurringFee", plan->owner, day, day, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, SP_CODE, SP_NAME, plan->usage_type, NULL, err);
    put_plan(&line, plan);
    fth_cur_number(&line, FTH_CUR_COST, fee);
    fth_cur_number(&line, FTH_CUR_SP_TOTAL, total);
    fth_cur_number(&line, FTH_CUR_SP_USED, plan->used);
    fth_cur_number(&line, FTH_CUR_SP_UPFRONT_PERIOD, total - fee);
    fth_cur_number(&line, FTH_CUR_SP_RECURRING_PERIOD, fee);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    return rc ? rc
              : meant_fee(bill, day, SP_CODE, SP_NAME, plan->owner, plan->arn, fee,
                          total - plan->used, err);
}

static enum fth_rc plan_upfront(struct fth_bill *bill, const struct fth_savings_plan *plan,
                                int32_t day, struct fth_err *err)
{
    int64_t fee = plan->hourly * HOURS_A_YEAR;
    struct fth_cur_line line;
    enum fth_rc rc =
        fth_bill_start(bill, &line, "SavingsPlanUpfrontFee", plan->owner, day, day, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, SP_CODE, SP_NAME, plan->usage_type, NULL, err);
    put_plan(&line, plan);
    fth_cur_c(&line, FTH_CUR_BILL_TYPE, "Purchase");
    fth_cur_number(&line, FTH_CUR_COST, fee);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    return rc ? rc : meant_fee(bill, day, SP_CODE, SP_NAME, plan->owner, plan->arn, fee, 0, err);
}

static void put_reservation(struct fth_cur_line *line, const struct fth_reservation *r)
{
    fth_cur_c(line, FTH_CUR_RI_ARN, r->arn);
    fth_cur_c(line, FTH_CUR_LEASE, "1yr");
    fth_cur_c(line, FTH_CUR_OFFERING_CLASS, "standard");
    fth_cur_c(line, FTH_CUR_PURCHASE_OPTION, r->payment);
    fth_cur_c(line, FTH_CUR_INSTANCE_TYPE, r->kind->instance_type);
    fth_cur_c(line, FTH_CUR_REGION, "us-east-1");
    fth_cur_c(line, FTH_CUR_REGION_CODE, "us-east-1");
}

static enum fth_rc reservation_upfront(struct fth_bill *bill, const struct fth_reservation *r,
                                       int32_t day, struct fth_err *err)
{
    int64_t fee = r->amortized * HOURS_A_YEAR * r->count;
    struct fth_cur_line line;
    enum fth_rc rc = fth_bill_start(bill, &line, "Fee", r->owner, day, day, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, r->kind->product_code, r->kind->product_name,
                              r->usage_type, r->operation, err);
    put_reservation(&line, r);
    fth_cur_c(&line, FTH_CUR_BILL_TYPE, "Purchase");
    fth_cur_c(&line, FTH_CUR_DESCRIPTION, "Sign up charge for subscription: 48151623, planId: 42");
    fth_cur_number(&line, FTH_CUR_AMOUNT, r->count * INT64_C(10000000000));
    fth_cur_number(&line, FTH_CUR_COST, fee);
    fth_cur_number(&line, FTH_CUR_RI_UPFRONT_VALUE, fee);
    if (!rc)
        rc = fth_bill_end(bill, &line, err);
    return rc ? rc
              : meant_fee(bill, day, r->kind->product_code, r->kind->product_name, r->owner, r->arn,
                          fee, 0, err);
}

enum fth_rc fth_bill_day_fees(struct fth_bill *bill, int32_t day, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_RESERVATION_NR && !rc; i++) {
        const struct fth_reservation *r = &bill->reservations[i];

        if (day == r->from && r->count && r->amortized)
            rc = reservation_upfront(bill, r, day, err);
    }
    for (size_t i = 0; i < FTH_SAVINGS_PLAN_NR && !rc; i++) {
        const struct fth_savings_plan *plan = &bill->plans[i];

        if (!runs(plan->from, plan->until, day) || plan->hourly == 0)
            continue;
        if (day == plan->from && plan->upfront)
            rc = plan_upfront(bill, plan, day, err);
        if (!rc)
            rc = plan_fee(bill, plan, day, err);
    }
    return rc;
}

/* The end of a reservation's fee is 23:59:59, unlike that of every other line. */
static enum fth_rc put_last_second(struct fth_bill *bill, struct fth_cur_line *line, int32_t from,
                                   int32_t last, struct fth_err *err)
{
    struct fth_civil a = fth_date_to_civil(from), b = fth_date_to_civil(last);
    struct fth_str text;
    enum fth_rc rc = fth_arena_printf(bill->scratch, &text, err, "%04d-%02d-%02dT23:59:59.000Z",
                                      b.year, b.month, b.day);

    if (rc)
        return rc;
    fth_cur_str(line, FTH_CUR_END, text);
    rc = fth_arena_printf(bill->scratch, &text, err,
                          "%04d-%02d-%02dT00:00:00Z/%04d-%02d-%02dT23:59:59Z", a.year, a.month,
                          a.day, b.year, b.month, b.day);
    fth_cur_str(line, FTH_CUR_INTERVAL, text);
    return rc;
}

static enum fth_rc reservation_fee(struct fth_bill *bill, const struct fth_reservation *r,
                                   int32_t from, int32_t last, struct fth_err *err)
{
    int64_t hours = (last - from + 1) * r->count * DAY_HOURS, unused = hours - r->month_used;
    int64_t fee = fth_cost(hours, r->recurring);
    struct fth_cur_line line;
    struct fth_str text;
    enum fth_rc rc = fth_bill_start(bill, &line, "RIFee", r->owner, from, last, err);

    if (!rc)
        rc = fth_bill_product(bill, &line, r->kind->product_code, r->kind->product_name,
                              r->usage_type, r->operation, err);
    if (!rc)
        rc = put_last_second(bill, &line, from, last, err);
    if (!rc)
        rc = fth_arena_printf(bill->scratch, &text, err, "%lld.0", (long long)(hours / 10000));
    if (rc)
        return rc;
    put_reservation(&line, r);
    fth_cur_c(&line, FTH_CUR_DESCRIPTION, "Hourly fee per reserved instance");
    fth_cur_number(&line, FTH_CUR_AMOUNT, hours * 1000000);
    fth_cur_number(&line, FTH_CUR_RATE, r->recurring);
    fth_cur_number(&line, FTH_CUR_COST, fee);
    fth_cur_number(&line, FTH_CUR_RI_UPFRONT_PERIOD, fth_cost(hours, r->amortized));
    fth_cur_number(&line, FTH_CUR_RI_NUMBER, r->count * INT64_C(10000000000));
    fth_cur_str(&line, FTH_CUR_RI_UNITS, text);
    fth_cur_number(&line, FTH_CUR_RI_UNUSED_QUANTITY, unused * 1000000);
    fth_cur_number(&line, FTH_CUR_RI_UNUSED_RECURRING, fth_cost(unused, r->recurring));
    fth_cur_number(&line, FTH_CUR_RI_UNUSED_UPFRONT, fth_cost(unused, r->amortized));
    rc = fth_bill_end(bill, &line, err);
    return rc ? rc
              : meant_fee(bill, from, r->kind->product_code, r->kind->product_name, r->owner,
                          r->arn, fee, fth_cost(unused, r->recurring + r->amortized), err);
}

enum fth_rc fth_bill_month_fees(struct fth_bill *bill, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_RESERVATION_NR && !rc; i++) {
        struct fth_reservation *r = &bill->reservations[i];
        int32_t from = r->from > bill->first ? r->from : bill->first;
        int32_t last = r->until < bill->last ? r->until : bill->last;

        if (r->count && from <= last)
            rc = reservation_fee(bill, r, from, last, err);
        r->month_used = 0;
    }
    return rc;
}
