/*
 * A Cloud Billing export as gzip JSON lines, of any size, for bench/ingest.py.
 *
 * usage: gcp_export ROWS FILE.jsonl.gz
 *
 * Rows look like those of a detailed export: nested, some 1.3 kB each, two fifths of them with
 * credits, a commitment's fee each hour; costs are price times quantity. The same call gives the
 * same file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static uint64_t state = 42;

static uint32_t rnd(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

static const struct {
    const char *service, *sku, *unit, *pricing_unit;
} skus[] = {
    {"Compute Engine", "N2 Instance Core running in Netherlands", "seconds", "hour"},
    {"Compute Engine", "N2 Instance Ram running in Netherlands", "byte-seconds", "gibibyte hour"},
    {"Compute Engine", "Storage PD Capacity in Netherlands", "byte-seconds", "gibibyte month"},
    {"Cloud Storage", "Standard Storage Europe Multi-region", "byte-seconds", "gibibyte month"},
    {"BigQuery", "Analysis (europe-west4)", "bytes", "tebibyte"},
    {"Cloud SQL", "Cloud SQL for PostgreSQL: Zonal - vCPU in Netherlands", "seconds", "hour"},
    {"Kubernetes Engine", "Zonal Kubernetes Clusters", "seconds", "hour"},
    {"Networking", "Network Internet Data Transfer Out from EMEA to EMEA", "bytes", "gibibyte"},
};

static void put_credits(gzFile out, uint32_t cost, uint32_t sku)
{
    uint32_t kind = rnd(10);

    gzputs(out, "\"credits\":[");
    if (kind == 0 && sku == 0)
        gzprintf(out,
                 "{\"name\":\"Committed Usage Discount: CPU\",\"amount\":-0.%06u,\"full_name\":"
                 "\"Committed Usage Discount: CPU\",\"id\":\"Committed Usage Discount: CPU\","
                 "\"type\":\"COMMITTED_USAGE_DISCOUNT\"}",
                 cost);
    else if (kind <= 2)
        gzprintf(out,
                 "{\"name\":\"Sustained Usage Discount\",\"amount\":-0.%06u,\"full_name\":"
                 "\"Sustained Usage Discount\",\"id\":\"Sustained Usage Discount\",\"type\":"
                 "\"SUSTAINED_USAGE_DISCOUNT\"},{\"name\":\"Spending based discount\",\"amount\":"
                 "-0.%06u,\"full_name\":\"Spending based discount\",\"id\":\"contract-2025\","
                 "\"type\":\"DISCOUNT\"}",
                 cost / 5, cost / 20);
    else if (kind == 3)
        gzprintf(out,
                 "{\"name\":\"Free tier\",\"amount\":-0.%06u,\"full_name\":null,\"id\":\"free\","
                 "\"type\":\"FREE_TIER\"}",
                 cost / 2);
    gzputs(out, "],");
}

static void put_row(gzFile out, uint32_t hour, uint32_t i)
{
    uint32_t sku = rnd(8), project = rnd(40), vm = rnd(3000), price = rnd(99999);
    uint32_t quantity = 1 + vm % 10, cost = price * quantity; /* in millionths */
    int fee = i == 0;
    uint32_t day = hour / 24 + 1;

    gzprintf(
        out,
        "{\"billing_account_id\":\"01A2B3-C4D5E6-F70819\",\"service\":{\"id\":\"6F81-5844-%04u\","
        "\"description\":\"%s\"},\"sku\":{\"id\":\"2E27-4F75-%04u\",\"description\":\"%s\"},"
        "\"usage_start_time\":\"2025-01-%02u %02u:00:00 UTC\",\"usage_end_time\":"
        "\"2025-01-%02u %02u:59:59 UTC\",",
        sku, fee ? "Compute Engine" : skus[sku].service, fee ? 99 : sku,
        fee ? "Commitment v1: Cpu in Netherlands for 1 Year" : skus[sku].sku, day, hour % 24, day,
        hour % 24);
    gzprintf(
        out,
        "\"project\":{\"id\":\"project-%02u\",\"number\":\"2222222222%02u\",\"name\":\"Project "
        "%02u\",\"labels\":[{\"key\":\"cost-center\",\"value\":\"cc-%u\"}],\"ancestry_numbers\":"
        "\"/9988776655/2222222222%02u/\",\"ancestors\":[{\"resource_name\":"
        "\"projects/2222222222%02u\",\"display_name\":\"Project %02u\"}]},",
        project, project, project, project % 7, project, project, project);
    gzprintf(
        out,
        "\"labels\":[{\"key\":\"team\",\"value\":\"team-%u\"},{\"key\":\"env\",\"value\":\"%s\"}],"
        "\"system_labels\":[{\"key\":\"compute.googleapis.com/machine_spec\",\"value\":"
        "\"n2-standard-%u\"}],\"location\":{\"location\":\"europe-west4\",\"country\":\"NL\","
        "\"region\":\"europe-west4\",\"zone\":\"europe-west4-a\"},\"tags\":[],",
        vm % 23, vm % 3 ? "prod" : "dev", 1u << vm % 5);
    gzprintf(
        out,
        "\"resource\":{\"name\":\"projects/2222222222%02u/zones/europe-west4-a/instances/vm-%04u\","
        "\"global_name\":\"//compute.googleapis.com/projects/2222222222%02u/zones/"
        "europe-west4-a/instances/vm-%04u\"},\"cost\":0.%06u,\"currency\":\"USD\","
        "\"currency_conversion_rate\":1,\"usage\":{\"amount\":%u,\"unit\":\"%s\","
        "\"amount_in_pricing_units\":%u,\"pricing_unit\":\"%s\"},",
        project, vm, project, vm, cost, vm * 3600, skus[sku].unit, quantity,
        skus[sku].pricing_unit);
    put_credits(out, cost, fee ? 9 : sku);
    gzprintf(out,
             "\"invoice\":{\"month\":\"202501\",\"publisher_type\":\"GOOGLE\"},\"cost_type\":"
             "\"regular\","
             "\"adjustment_info\":{\"id\":null,\"description\":null,\"mode\":null,\"type\":null},"
             "\"export_time\":\"2025-01-%02u 12:%02u:00 UTC\",\"cost_at_list\":0.%06u,"
             "\"transaction_type\":\"GOOGLE\",\"seller_name\":\"Google\",\"subscription\":"
             "{\"instance_id\":%s},\"price\":{\"effective_price\":0.%06u,\"tier_start_amount\":0,"
             "\"unit\":\"%s\",\"pricing_unit_quantity\":1,\"list_price\":0.%06u},"
             "\"consumption_model\":{\"id\":\"7754-699E-0EBF\",\"description\":\"Default\"}}\n",
             day, i % 60, cost, fee ? "\"cud-31\"" : "null", price, skus[sku].pricing_unit, price);
}

int main(int argc, char **argv)
{
    enum { HOURS = 31 * 24 };
    uint32_t rows = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, per_hour;
    gzFile out = rows ? gzopen(argv[2], "wb1") : NULL;

    if (!out) {
        fprintf(stderr, "usage: gcp_export ROWS FILE.jsonl.gz\n");
        return 2;
    }
    per_hour = rows / HOURS + 1;
    for (uint32_t n = 0; n < rows; n++)
        put_row(out, n / per_hour, n % per_hour);
    return gzclose(out) == Z_OK ? 0 : 1;
}
