/*
 * wide_cur: writes a wide AWS CUR 2.0 file for benchmarks, gzip CSV.
 *
 * usage: wide_cur ROWS OUT.csv.gz
 *        wide_cur --columns      one line a column: NAME KIND (text, money, double, instant, map)
 *
 * January 2025 by the hour in random order: 40 accounts, 80 services, 130,000 resources, 55,000 tag
 * sets of 4 to 9 keys in both map columns, line-item ids and costs of high entropy, a few costs in
 * E notation, reservations, savings plans with their negations, taxes. No row is copied. It is a
 * right bill: costs are price times quantity, and fees of commitments, at its end, what was used
 * and left unused of them. The same ROWS give the same bytes.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ACCOUNTS = 40, SERVICES = 80, RESOURCES = 130000, TAG_SETS = 55000, LINE_MAX_LEN = 1 << 14 };

/* A commitment is known by the resource it covers, modulo these: its account, region and number. */
enum { RESERVATIONS = 3000, PLANS = 600, COMMITMENTS = RESERVATIONS + PLANS };

static const struct {
    const char *name, *kind;
} columns[] = {
    {"bill_bill_type", "text"},
    {"bill_billing_entity", "text"},
    {"bill_billing_period_end_date", "instant"},
    {"bill_billing_period_start_date", "instant"},
    {"bill_invoice_id", "text"},
    {"bill_invoicing_entity", "text"},
    {"bill_payer_account_id", "text"},
    {"bill_payer_account_name", "text"},
    {"cost_category", "text"},
    {"discount", "text"},
    {"identity_line_item_id", "text"},
    {"identity_time_interval", "text"},
    {"line_item_availability_zone", "text"},
    {"line_item_blended_cost", "money"},
    {"line_item_blended_rate", "double"},
    {"line_item_currency_code", "text"},
    {"line_item_legal_entity", "text"},
    {"line_item_line_item_description", "text"},
    {"line_item_line_item_type", "text"},
    {"line_item_normalization_factor", "double"},
    {"line_item_normalized_usage_amount", "double"},
    {"line_item_operation", "text"},
    {"line_item_product_code", "text"},
    {"line_item_resource_id", "text"},
    {"line_item_tax_type", "text"},
    {"line_item_unblended_cost", "money"},
    {"line_item_unblended_rate", "double"},
    {"line_item_usage_account_id", "text"},
    {"line_item_usage_account_name", "text"},
    {"line_item_usage_amount", "double"},
    {"line_item_usage_end_date", "instant"},
    {"line_item_usage_start_date", "instant"},
    {"line_item_usage_type", "text"},
    {"pricing_currency", "text"},
    {"pricing_lease_contract_length", "text"},
    {"pricing_offering_class", "text"},
    {"pricing_public_on_demand_cost", "money"},
    {"pricing_public_on_demand_rate", "double"},
    {"pricing_purchase_option", "text"},
    {"pricing_rate_code", "text"},
    {"pricing_rate_id", "text"},
    {"pricing_term", "text"},
    {"pricing_unit", "text"},
    {"product", "map"},
    {"product_instance_type", "text"},
    {"product_product_family", "text"},
    {"product_region_code", "text"},
    {"product_servicecode", "text"},
    {"product_sku", "text"},
    {"reservation_effective_cost", "money"},
    {"reservation_reservation_a_r_n", "text"},
    {"reservation_unused_amortized_upfront_fee_for_billing_period", "money"},
    {"reservation_unused_recurring_fee", "money"},
    {"resource_tags", "map"},
    {"savings_plan_amortized_upfront_commitment_for_billing_period", "money"},
    {"savings_plan_offering_type", "text"},
    {"savings_plan_recurring_commitment_for_billing_period", "money"},
    {"savings_plan_savings_plan_a_r_n", "text"},
    {"savings_plan_savings_plan_effective_cost", "money"},
    {"savings_plan_savings_plan_rate", "double"},
    {"savings_plan_total_commitment_to_date", "money"},
    {"savings_plan_used_commitment", "money"},
    {"tags", "map"},
};

#define UNUSED UINT64_C(3750000000) /* of each commitment, in units of 1e-10 */

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct line {
    char text[LINE_MAX_LEN];
    size_t n;
    unsigned fields;
};

static uint64_t chance_state = UINT64_C(0x9E3779B97F4A7C15);

/* splitmix64 */
static uint64_t chance(void)
{
    uint64_t z = chance_state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *line, const char *format, ...)
{
    va_list args;

    if (line->fields++)
        line->text[line->n++] = ',';
    va_start(args, format);
    line->n += (size_t)vsnprintf(line->text + line->n, LINE_MAX_LEN - line->n, format, args);
    va_end(args);
}

/* A tag set in the form of one map column; `prefix` is how that column writes keys. */
static void put_tags(struct line *line, const char *prefix, unsigned set)
{
    static const char *const keys[] = {"app",   "team",    "env",   "cost_center", "owner",
                                       "stage", "cluster", "shard", "component"};
    unsigned nr = 4 + set % 6;

    put(line, "\"{");
    for (unsigned k = 0; k < nr; k++) {
        unsigned value = k == 0 ? set : set / (k * 7 + 1) % (k == 2 ? 4 : 60);

        line->n += (size_t)snprintf(line->text + line->n, LINE_MAX_LEN - line->n,
                                    "%s\"\"%s%s\"\":\"\"%s-%05u\"\"", k ? "," : "", prefix, keys[k],
                                    keys[k], value);
    }
    line->n += (size_t)snprintf(line->text + line->n, LINE_MAX_LEN - line->n, "}\"");
}

/* Units of 1e-10; now and then as AWS writes tiny ones. */
static void money_text(char out[32], uint64_t units)
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%" PRIu64, units);

    if (units > 0 && n < 5)
        snprintf(out, 32, "%.1s.%sE-%d", digits, n > 1 ? digits + 1 : "0", 11 - n);
    else
        snprintf(out, 32, "%" PRIu64 ".%010" PRIu64, units / UINT64_C(10000000000),
                 units % UINT64_C(10000000000));
}

enum kind { USAGE, COVERED, NEGATION, DISCOUNTED, RI_FEE, SP_FEE, TAX };

static const char *const kinds[] = {"Usage",
                                    "SavingsPlanCoveredUsage",
                                    "SavingsPlanNegation",
                                    "DiscountedUsage",
                                    "RIFee",
                                    "SavingsPlanRecurringFee",
                                    "Tax"};

/* What a negation repeats of the covered row before it. */
struct charge {
    enum kind kind;
    unsigned account, service, resource, hour, region;
    uint64_t quantity;    /* units of 1e-6 */
    unsigned price, list; /* units of 1e-4 */
    uint64_t used;        /* of a fee: what it pays for, in units of 1e-10 */
    char cost[32], other[32];
};

/* What was used of each commitment, in units of 1e-10. */
static uint64_t used[COMMITMENTS];

static unsigned commitment_of(const struct charge *c)
{
    return c->kind == DISCOUNTED || c->kind == RI_FEE ? c->resource % RESERVATIONS
                                                      : RESERVATIONS + c->resource % PLANS;
}

static struct charge charge_of(enum kind kind, unsigned resource, unsigned hour)
{
    struct charge made = {.kind = kind, .resource = resource, .hour = hour};

    made.account = resource % ACCOUNTS;
    made.service = resource * 7 % SERVICES;
    made.region = resource % 12;
    made.price = made.service * 37 % 9000 + 1;
    made.list = made.service * 41 % 9000 + 1;
    return made;
}

static struct charge draw(const struct charge *before)
{
    uint64_t r = chance(), quantity = chance();
    unsigned lot = r % 1000;
    struct charge made;

    if (before->kind == COVERED) {
        made = *before;
        made.kind = NEGATION;
        return made;
    }
    made = charge_of(lot < 880   ? USAGE
                     : lot < 920 ? COVERED
                     : lot < 999 ? DISCOUNTED
                                 : TAX,
                     (unsigned)(r / 1000 % RESOURCES), (unsigned)(chance() % 744));
    made.quantity = quantity % 400 == 0 ? quantity / 400 % 10
                                        : quantity / 400 % (quantity % 7 ? 4000000 : 20000000);
    money_text(made.cost, made.quantity * made.price);
    money_text(made.other, made.quantity * made.list);
    if (made.kind == COVERED)
        used[commitment_of(&made)] += made.quantity * made.list;
    if (made.kind == DISCOUNTED)
        used[commitment_of(&made)] += made.quantity * made.price;
    return made;
}

/* The fee of a commitment: what was used of it, and something that was not. */
static struct charge fee_of(unsigned commitment)
{
    bool plan = commitment >= RESERVATIONS;
    struct charge made =
        charge_of(plan ? SP_FEE : RI_FEE, plan ? commitment - RESERVATIONS : commitment, 0);

    made.used = used[commitment];
    money_text(made.cost, made.used + UNUSED);
    return made;
}

static void put_row(struct line *line, const struct charge *c)
{
    static const char *const regions[] = {"us-east-1",      "us-east-2",      "us-west-2",
                                          "eu-west-1",      "eu-central-1",   "eu-north-1",
                                          "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
                                          "ap-south-1",     "sa-east-1",      "ca-central-1"};
    static const char *const types[] = {"m5.large", "m6i.xlarge", "c6g.2xlarge", "r5.4xlarge",
                                        "t3.micro"};
    const char *type = types[c->resource % 5], *region = regions[c->region];
    unsigned day = c->hour / 24 + 1, hour = c->hour % 24, end = c->hour + 1;
    bool reserved = c->kind == DISCOUNTED || c->kind == RI_FEE;
    bool planned = c->kind == COVERED || c->kind == NEGATION || c->kind == SP_FEE;
    bool fee = c->kind == RI_FEE || c->kind == SP_FEE || c->kind == TAX;
    char id[64] = "", used_text[32];

    money_text(used_text, c->used);

    for (int i = 0; i < 4; i++)
        snprintf(id + i * 13, sizeof(id) - (size_t)i * 13, "%013" PRIx64, chance() >> 12);
    put(line, "Anniversary");
    put(line, "AWS");
    put(line, "2025-02-01T00:00:00.000Z");
    put(line, "2025-01-01T00:00:00.000Z");
    put(line, "302430101");
    put(line, "\"Amazon Web Services, Inc.\"");
    put(line, "111122223333");
    put(line, "Example Payer");
    put(line, "{}");
    put(line, "{}");
    put(line, "%s", id);
    put(line, "2025-01-%02uT%02u:00:00Z/2025-01-%02uT%02u:59:59Z", day, hour, day, hour);
    put(line, "%s%.1s", fee ? "" : region, fee ? "" : &"abc"[c->resource % 3]);
    put(line, "%s%s", c->kind == NEGATION ? "-" : "", c->cost);
    put(line, "0.%04u", c->price);
    put(line, "USD");
    put(line, "\"Amazon Web Services, Inc.\"");
    put(line, "\"$0.%04u per hour for service %u, %s in %s\"", c->price, c->service, type, region);
    put(line, "%s", kinds[c->kind]);
    put(line, "%u", 1u << c->resource % 5);
    put(line, "%u.5", c->resource % 16);
    put(line, "Run%u", c->service);
    put(line, "AmazonService%02u", c->service);
    if (fee)
        put(line, "%s", "");
    else
        put(line, "arn:aws:svc%02u:%s:%012u:thing/i-%012x", c->service, region,
            200000000 + c->account, c->resource);
    put(line, "%s", c->kind == TAX ? "VAT" : "");
    put(line, "%s%s", c->kind == NEGATION ? "-" : "", reserved && !fee ? "0" : c->cost);
    put(line, "0.%04u", c->price);
    put(line, "%012u", 200000000 + c->account);
    put(line, "account-%02u", c->account);
    put(line, "%u.%06u", (unsigned)(c->quantity / 1000000), (unsigned)(c->quantity % 1000000));
    if (end == 744)
        put(line, "2025-02-01T00:00:00.000Z");
    else
        put(line, "2025-01-%02uT%02u:00:00.000Z", end / 24 + 1, end % 24);
    put(line, "2025-01-%02uT%02u:00:00.000Z", day, hour);
    put(line, "USE%u-Usage:%s", c->service, type);
    put(line, "USD");
    put(line, "%s", reserved ? "1yr" : "");
    put(line, "%s", reserved ? "standard" : "");
    put(line, "%s", c->other);
    put(line, "0.%04u", c->list);
    put(line, "%s", reserved ? "No Upfront" : "");
    put(line, "SKU%06u.JRTCKXETXF.6YS6EN2CT7", c->resource % 3000);
    put(line, "%u", 100000 + c->resource % 3000);
    put(line, "%s", reserved ? "Reserved" : "OnDemand");
    put(line, "Hrs");
    put(line, "\"{\"\"product_name\"\":\"\"Amazon Service %02u\"\",\"\"region\"\":\"\"%s\"\"}\"",
        c->service, region);
    put(line, "%s", type);
    put(line, "Compute Instance");
    put(line, "%s", region);
    put(line, "AmazonService%02u", c->service);
    put(line, "SKU%06u", c->resource % 3000);
    put(line, "%s", c->kind == DISCOUNTED ? c->cost : "");
    if (reserved)
        put(line, "arn:aws:ec2:%s:%012u:reserved-instances/%08x", region, 200000000 + c->account,
            c->resource % 500);
    else
        put(line, "%s", "");
    put(line, "%s", c->kind == RI_FEE ? "0" : "");
    put(line, "%s", c->kind == RI_FEE ? "0.3750000000" : "");
    put_tags(line, "user_", c->resource % TAG_SETS);
    put(line, "%s", c->kind == SP_FEE ? "0" : "");
    put(line, "%s", planned ? "ComputeSavingsPlans" : "");
    put(line, "%s", c->kind == SP_FEE ? c->cost : "");
    if (planned)
        put(line, "arn:aws:savingsplans::%012u:savingsplan/%08x", 200000000 + c->account,
            c->resource % 300);
    else
        put(line, "%s", "");
    put(line, "%s", c->kind == COVERED ? c->other : "");
    put(line, "%s", c->kind == COVERED ? "0.0321" : "");
    put(line, "%s", c->kind == SP_FEE ? c->cost : "");
    put(line, "%s", c->kind == SP_FEE ? used_text : "");
    put_tags(line, "resourceTags/user:", c->resource % TAG_SETS);
    line->text[line->n++] = '\n';
}

static bool write_row(gzFile out, const struct charge *charge)
{
    static struct line line;

    line.n = line.fields = 0;
    put_row(&line, charge);
    return line.fields == COLUMNS && gzwrite(out, line.text, (unsigned)line.n) == (int)line.n;
}

/* The fees take the place of the last rows, and what is left of that a few taxes. */
static bool write_rows(gzFile out, long rows)
{
    long fees = rows > 2 * COMMITMENTS ? COMMITMENTS : rows / 2, done = 0;
    struct charge charge = {.kind = USAGE};

    for (; done < rows - fees - 1 || charge.kind == COVERED; done++) {
        charge = draw(&charge);
        if (!write_row(out, &charge))
            return false;
    }
    for (unsigned i = 0; i < COMMITMENTS && done < rows; i++)
        if (used[i]) {
            charge = fee_of(i);
            if (!write_row(out, &charge))
                return false;
            done++;
        }
    for (; done < rows; done++) {
        charge = charge_of(TAX, (unsigned)done % RESOURCES, 0);
        money_text(charge.cost, (uint64_t)done * 1000003);
        if (!write_row(out, &charge))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    gzFile out;
    long rows;

    if (argc == 2 && strcmp(argv[1], "--columns") == 0) {
        for (size_t i = 0; i < COLUMNS; i++)
            printf("%s %s\n", columns[i].name, columns[i].kind);
        return 0;
    }
    rows = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    out = rows > 0 ? gzopen(argv[2], "wb4") : NULL;
    if (!out)
        return 2;
    for (size_t i = 0; i < COLUMNS; i++)
        gzprintf(out, "%s%s", i ? "," : "", columns[i].name);
    gzputs(out, "\n");
    if (!write_rows(out, rows))
        return 1;
    return gzclose(out) == Z_OK ? 0 : 1;
}
