#include "demo/estate.h"

#include <ctype.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/json.h"

#define FTH_KIND(id, code, name, usage, op, what, unit, family, type, rate, step, day, shape,     \
                 grow, weight, arn)                                                               \
    {code,   name, usage, op, what, unit, family, type, rate, step, day, grow, FTH_SHAPE_##shape, \
     weight, arn},
static const struct fth_kind aws_kinds[] = {
#include "demo/kinds.def"
};
static const struct fth_kind google_kinds[] = {
#include "demo/kinds_google.def"
};
static const struct fth_kind azure_kinds[] = {
#include "demo/kinds_azure.def"
};
static const struct fth_kind oracle_kinds[] = {
#include "demo/kinds_oracle.def"
};
static const struct fth_kind vendor_kinds[] = {
#include "demo/kinds_vendor.def"
};
#undef FTH_KIND

/* Kinds go by their place in the table; of AWS they have names. */
static const struct fth_anomaly_plan aws_anomalies[] = {
    {FTH_KIND_NATBYTES, 6, 4, 5200},   {FTH_KIND_GPU, 23, 3, 4000},
    {FTH_KIND_LAMBDAGBS, 52, 2, 9500}, {FTH_KIND_LOGS, 88, 6, 6000},
    {FTH_KIND_TRANSFER, 131, 3, 7000}, {FTH_KIND_S3PUT, 190, 1, 30000},
    {FTH_KIND_BEDROCK, 247, 5, 4500},
};

#define KINDS(of) .kinds = of##_kinds, .kind_nr = FTH_NR(of##_kinds)

const struct fth_cloud fth_cloud_aws = {
    KINDS(aws),
    .regions = {{"us-east-1", ""},
                {"eu-west-1", "EU-"},
                {"eu-central-1", "EUC1-"},
                {"us-west-2", "USW2-"}},
    .zone_mark = "",
    .account_id = FTH_ACCOUNT_DIGITS,
    .anomalies = aws_anomalies,
    .anomaly_nr = FTH_NR(aws_anomalies),
};

const struct fth_cloud fth_cloud_google = {
    KINDS(google),
    .regions = {{"us-central1", ""}, {"europe-west1", ""}, {"europe-west3", ""}, {"us-west1", ""}},
    .zone_mark = "-",
    .account_id = FTH_ACCOUNT_SLUG,
};

const struct fth_cloud fth_cloud_azure = {
    KINDS(azure),
    .regions = {{"eastus", ""}, {"westeurope", ""}, {"germanywestcentral", ""}, {"westus2", ""}},
    .zone_mark = "-",
    .account_id = FTH_ACCOUNT_GUID,
};

const struct fth_cloud fth_cloud_oracle = {
    KINDS(oracle),
    .regions = {{"us-ashburn-1", ""},
                {"eu-frankfurt-1", ""},
                {"uk-london-1", ""},
                {"us-phoenix-1", ""}},
    .zone_mark = "-AD-",
    .account_id = FTH_ACCOUNT_OCID,
};

const struct fth_cloud fth_cloud_vendor = {
    KINDS(vendor),
    .regions = {{"us-east", ""}, {"eu-west", ""}, {"eu-central", ""}, {"us-west", ""}},
    .zone_mark = "-",
    .account_id = FTH_ACCOUNT_SLUG,
};

enum { RESOURCES_MAX = 200000 };

static const struct {
    const char *name, *env;
} account_rows[FTH_ACCOUNT_NR] = {
    {"Meridian Management", "prod"},   {"Storefront Production", "prod"},
    {"Storefront Staging", "staging"}, {"Data Platform", "prod"},
    {"Machine Learning", "prod"},      {"Shared Services", "prod"},
    {"Developer Sandbox", "dev"},      {"Storefront Europe", "prod"},
};

/* A comma, quotes and an umlaut are in on purpose. */
static const char *const teams[] = {"storefront",  "checkout",       "search",
                                    "payments",    "data-platform",  "growth, EMEA",
                                    "ml-research", "Zürich \"core\""};
static const char *const cost_centers[] = {"CC-1001", "CC-1002", "CC-1003", "CC-2001", "CC-2002"};
static const char *const names[] = {"cart",    "orders",   "catalog", "search-index", "sessions",
                                    "events",  "invoices", "media",   "recommend",    "pricing",
                                    "reports", "gateway",  "mailer",  "inventory",    "features"};

const struct fth_kind *fth_kind(enum fth_kind_id id)
{
    return &aws_kinds[id];
}

/* ---- chance ---- */

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t fth_chance(uint64_t seed, uint64_t a, uint64_t b)
{
    return mix(mix(mix(seed) ^ a) ^ b);
}

uint64_t fth_chance_below(uint64_t seed, uint64_t a, uint64_t b, uint64_t n)
{
    return fth_chance(seed, a, b) % n;
}

/* ---- resources ---- */

/* What the draws of one resource are for. */
enum {
    DRAW_REGION = 1,
    DRAW_ACCOUNT,
    DRAW_TEAM,
    DRAW_TAGS,
    DRAW_CENTER,
    DRAW_NAME,
    DRAW_ID,
    DRAW_LIFE,
    DRAW_BORN,
    DRAW_SIZE,
    DRAW_ZONE,
    DRAW_DAYS
};

static uint64_t draw(const struct fth_estate *estate, size_t i, uint64_t what, uint64_t n)
{
    return fth_chance_below(estate->seed, i + 1, what, n);
}

static enum fth_rc put_id(struct fth_arena *arena, const struct fth_estate *estate, size_t i,
                          struct fth_resource *resource, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(512);
    struct fth_str out = {0};
    enum fth_rc rc;

    for (const char *p = resource->kind->resource_id; *p; p++) {
        if (*p != '{') {
            fth_buf_char(&text, *p);
            continue;
        }
        if (p[1] == 'r')
            fth_buf_c(&text, resource->region->code);
        else if (p[1] == 'a')
            fth_buf_c(&text, resource->account->id);
        else if (p[1] == 'x')
            fth_buf_printf(&text, "0%016llx",
                           (unsigned long long)fth_chance(estate->seed, i + 1, DRAW_ID));
        else
            fth_buf_printf(&text, "%s-%zu", names[draw(estate, i, DRAW_NAME, FTH_NR(names))], i);
        p += 2;
    }
    rc = fth_buf_done(&text, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&text), &out, err);
    fth_buf_release(&text);
    resource->id = out.p;
    return rc;
}

static enum fth_rc put_names(struct fth_arena *arena, const struct fth_cloud *cloud,
                             struct fth_resource *resource, struct fth_err *err)
{
    uint64_t sku = fth_chance((uint64_t)(resource->kind - cloud->kinds) + 1,
                              (uint64_t)(resource->region - cloud->regions), 7);
    struct fth_str text;
    enum fth_rc rc = fth_arena_printf(arena, &text, err, "%s%s", resource->region->prefix,
                                      resource->kind->usage_type);

    if (rc)
        return rc;
    resource->usage_type = text.p;
    rc = fth_arena_printf(arena, &text, err, "SKU%012llX",
                          (unsigned long long)(sku & 0xffffffffffff));
    if (rc)
        return rc;
    resource->sku = text.p;
    rc = fth_arena_printf(arena, &text, err, "%s.JRTCKXETXF.6YS6EN2CT7", resource->sku);
    resource->rate_code = text.p;
    return rc;
}

/* A JSON object of up to three members; those without a value are left out. */
static enum fth_rc put_map(struct fth_arena *arena, const char *const names_values[3][2],
                           const char **out, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(1024);
    struct fth_str kept = {0};
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    for (int i = 0; i < 3; i++) {
        if (names_values[i][0] && names_values[i][1][0])
            fth_jw_kv_c(&jw, names_values[i][0], names_values[i][1]);
    }
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&text), &kept, err);
    fth_buf_release(&text);
    *out = kept.p;
    return rc;
}

static enum fth_rc put_maps(struct fth_arena *arena, struct fth_resource *r, struct fth_err *err)
{
    const char *const product[3][2] = {{"product_name", r->kind->product_name},
                                       {"region", r->region->code}};
    const char *const tags[3][2] = {{"resourceTags/user:CostCenter", r->cost_center},
                                    {"resourceTags/user:Team", r->team},
                                    {"resourceTags/user:env", r->env}};
    const char *const lowered[3][2] = {
        {"user_cost_center", r->cost_center}, {"user_team", r->team}, {"user_env", r->env}};
    enum fth_rc rc = put_map(arena, product, &r->product, err);

    if (!rc)
        rc = put_map(arena, tags, &r->tags, err);
    return rc ? rc : put_map(arena, lowered, &r->resource_tags, err);
}

/* Most have been there before the bill begins; some come, some go. */
static void put_life(const struct fth_estate *estate, size_t i, struct fth_resource *resource)
{
    int32_t days = estate->today - estate->first + 1;
    int32_t at = estate->first + (int32_t)draw(estate, i, DRAW_BORN, (uint64_t)days);
    uint64_t life = draw(estate, i, DRAW_LIFE, 10);

    resource->from = life == 8 ? at : estate->first;
    resource->until = life == 9 ? at : estate->today;
}

static void put_tags(const struct fth_estate *estate, size_t i, struct fth_resource *resource)
{
    uint64_t tagged = draw(estate, i, DRAW_TAGS, 100);

    resource->team = tagged < 82 ? teams[draw(estate, i, DRAW_TEAM, FTH_NR(teams))] : "";
    resource->env = tagged < 92 ? resource->account->env : "";
    resource->cost_center =
        tagged < 60 ? cost_centers[draw(estate, i, DRAW_CENTER, FTH_NR(cost_centers))] : "";
}

static enum fth_rc put_zone(struct fth_arena *arena, const struct fth_estate *estate, size_t i,
                            struct fth_resource *resource, struct fth_err *err)
{
    struct fth_str zone = {.p = ""};
    enum fth_rc rc = FTH_OK;

    if (resource->kind->instance_type[0])
        rc = fth_arena_printf(arena, &zone, err, "%s%s%c", resource->region->code,
                              estate->cloud->zone_mark, 'a' + (int)draw(estate, i, DRAW_ZONE, 3));
    resource->zone = zone.p;
    return rc;
}

static enum fth_rc make_resource(struct fth_arena *arena, const struct fth_estate *estate, size_t i,
                                 const struct fth_kind *kind, struct fth_err *err)
{
    struct fth_resource *resource = &estate->resources[i];
    size_t account = draw(estate, i, DRAW_ACCOUNT, 20), region = draw(estate, i, DRAW_REGION, 10);
    enum fth_rc rc;

    /* Nothing of a size runs in the paying account, and the sandbox is where office hours are. */
    account = account < FTH_ACCOUNT_NR - 1 ? account + 1 : account < 15 ? 1 : 3;
    if (kind->shape == FTH_SHAPE_OFFICE)
        account = i % 3 ? 6 : 2;
    if (kind == fth_kind(FTH_KIND_GPU) || kind == fth_kind(FTH_KIND_BEDROCK))
        account = 4;
    region = account == 7 ? 1 : region < 6 ? 0 : region < 8 ? 1 : region - 6;

    resource->kind = kind;
    resource->account = &estate->accounts[account];
    resource->region = &estate->cloud->regions[region];
    resource->size = 400 + (int64_t)draw(estate, i, DRAW_SIZE, 1200);
    resource->chance = fth_chance(estate->seed, i + 1, DRAW_DAYS);
    put_life(estate, i, resource);
    put_tags(estate, i, resource);
    rc = put_zone(arena, estate, i, resource, err);
    if (!rc)
        rc = put_id(arena, estate, i, resource, err);
    if (!rc)
        rc = put_names(arena, estate->cloud, resource, err);
    return rc ? rc : put_maps(arena, resource, err);
}

static enum fth_rc make_resources(struct fth_arena *arena, struct fth_estate *estate, size_t nr,
                                  struct fth_err *err)
{
    const struct fth_kind *kinds = estate->cloud->kinds;
    unsigned weights = 0;
    size_t made = 0;
    enum fth_rc rc = FTH_OK;

    for (size_t k = 0; k < estate->cloud->kind_nr; k++)
        weights += kinds[k].weight;
    estate->resources = FTH_NEW_ARRAY(arena, struct fth_resource, nr + estate->cloud->kind_nr);
    if (!estate->resources)
        return fth_err_nomem(err);
    for (size_t k = 0; k < estate->cloud->kind_nr; k++) {
        size_t of_kind = nr * kinds[k].weight / weights;

        for (size_t i = 0; i < of_kind + (of_kind == 0) && !rc; i++)
            rc = make_resource(arena, estate, made++, &kinds[k], err);
    }
    estate->resource_nr = made;
    return rc;
}

/* ---- anomalies ---- */

/* From the last days backwards; those that would begin before the bill does are left out. */
static void make_anomalies(struct fth_estate *estate)
{
    for (size_t i = 0; i < estate->cloud->anomaly_nr; i++) {
        const struct fth_anomaly_plan *plan = &estate->cloud->anomalies[i];
        int32_t from = estate->today - plan->ago;

        if (from < estate->first)
            continue;
        for (size_t r = 0; r < estate->resource_nr; r++) {
            const struct fth_resource *resource = &estate->resources[r];

            if (resource->kind != &estate->cloud->kinds[plan->kind] ||
                resource->from != estate->first || resource->until != estate->today)
                continue;
            estate->anomalies[estate->anomaly_nr++] =
                (struct fth_anomaly){resource, from, from + plan->days - 1, plan->factor};
            break;
        }
    }
}

/* ---- accounts ---- */

/* "Storefront Production" as "meridian-storefront-production". */
static void put_slug(char *out, size_t size, const char *name)
{
    size_t n = (size_t)snprintf(out, size, "meridian-%s", name);

    for (size_t i = 0; i < n && i < size; i++)
        out[i] = out[i] == ' ' ? '-' : (char)tolower((unsigned char)out[i]);
}

static void put_account(struct fth_estate *estate, size_t i)
{
    struct fth_account *account = &estate->accounts[i];
    uint64_t chance = fth_chance(estate->seed, 0, i + 1);
    unsigned long long a = chance, b = fth_chance(chance, i, 2);

    account->name = account_rows[i].name;
    account->env = account_rows[i].env;
    switch (estate->cloud->account_id) {
    case FTH_ACCOUNT_DIGITS:
        snprintf(account->id, sizeof(account->id), "%012llu",
                 UINT64_C(100000000000) + a % UINT64_C(899999999999));
        break;
    case FTH_ACCOUNT_SLUG:
        put_slug(account->id, sizeof(account->id), account->name);
        break;
    case FTH_ACCOUNT_GUID:
        snprintf(account->id, sizeof(account->id), "%08llx-%04llx-4%03llx-8%03llx-%012llx", a >> 32,
                 a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffffffffffff);
        break;
    case FTH_ACCOUNT_OCID:
        snprintf(account->id, sizeof(account->id), "ocid1.compartment.oc1..%016llx%016llx", a, b);
        break;
    }
}

enum fth_rc fth_estate_make(struct fth_arena *arena, const struct fth_cloud *cloud, uint64_t seed,
                            int32_t first, int32_t today, uint64_t lines, struct fth_estate **out,
                            struct fth_err *err)
{
    struct fth_estate *estate = FTH_NEW(arena, struct fth_estate);
    enum fth_rc rc;

    if (!estate)
        return fth_err_nomem(err);
    estate->seed = seed;
    estate->cloud = cloud;
    estate->first = first;
    estate->today = today;
    estate->slices = (unsigned)(lines / RESOURCES_MAX) + 1;
    if (estate->slices > FTH_SLICE_MAX)
        estate->slices = FTH_SLICE_MAX;
    for (size_t i = 0; i < FTH_ACCOUNT_NR; i++)
        put_account(estate, i);
    rc = make_resources(arena, estate, (size_t)(lines / estate->slices), err);
    if (rc)
        return rc;
    make_anomalies(estate);
    *out = estate;
    return FTH_OK;
}

/* ---- days ---- */

static int64_t anomaly_factor(const struct fth_estate *estate, const struct fth_resource *resource,
                              int32_t day)
{
    for (size_t i = 0; i < estate->anomaly_nr; i++) {
        const struct fth_anomaly *anomaly = &estate->anomalies[i];

        if (anomaly->resource == resource && day >= anomaly->from && day <= anomaly->until)
            return anomaly->factor;
    }
    return 1000;
}

/* Thousandths of the present level `day` had: linear growth, never below a quarter. */
static int64_t trend(const struct fth_estate *estate, const struct fth_kind *kind, int32_t day)
{
    int64_t factor = 1000 - kind->growth * (estate->today - day) / 30;

    return factor < 250 ? 250 : factor;
}

/* Thousandths for a day of the week and luck. */
static int64_t rhythm(const struct fth_resource *resource, int32_t day)
{
    int weekday = fth_date_weekday(day);
    int64_t luck = (int64_t)fth_chance_below(resource->chance, (uint64_t)(uint32_t)day, 1, 1000);

    switch (resource->kind->shape) {
    case FTH_SHAPE_OFFICE:
        return weekday > 5 ? 0 : 850 + luck * 300 / 1000;
    case FTH_SHAPE_DEMAND:
        return (weekday == 6 ? 760 : weekday == 7 ? 700 : 1000) * (930 + luck * 140 / 1000) / 1000;
    case FTH_SHAPE_BATCH:
        return weekday > 5 ? 150 + luck * 100 / 1000 : 700 + luck * 600 / 1000;
    case FTH_SHAPE_SERVER:
    case FTH_SHAPE_STORED:
        break;
    }
    return 1000;
}

/* Usage with the customers is what is metered late, and at times wrongly: nothing that commitments
 * of the other clouds cover. */
static int64_t restated_factor(const struct fth_estate *estate, const struct fth_resource *resource,
                               int32_t day)
{
    const struct fth_restated *again = &estate->restated;
    int32_t first;

    if (!again->late || resource->kind->shape != FTH_SHAPE_DEMAND ||
        fth_month_of_date(day) != again->month)
        return 1000;
    first = fth_month_first_date(again->month);
    if (again->corrected && day == first + 13)
        return 500;
    return day >= first + 9 && day < first + 12 ? 1250 : 1000;
}

int64_t fth_usage(const struct fth_estate *estate, const struct fth_resource *resource, int32_t day)
{
    const struct fth_kind *kind = resource->kind;
    int64_t quantity = kind->day;

    if (day < resource->from || day > resource->until)
        return 0;
    /* A server runs its hours whatever its size; what there is more of is bought as another. */
    if (kind->shape != FTH_SHAPE_SERVER && kind->shape != FTH_SHAPE_OFFICE)
        quantity = quantity * resource->size / 1000;
    quantity = quantity * trend(estate, kind, day) / 1000;
    quantity = quantity * rhythm(resource, day) / 1000;
    quantity = quantity * anomaly_factor(estate, resource, day) / 1000;
    quantity = quantity * restated_factor(estate, resource, day) / 1000;
    return quantity / kind->step * kind->step;
}

int64_t fth_usage_slice(const struct fth_estate *estate, const struct fth_resource *resource,
                        int32_t day, unsigned slice)
{
    int64_t quantity = fth_usage(estate, resource, day), step = resource->kind->step;
    int64_t part = quantity / step / estate->slices * step;

    return slice ? part : quantity - part * (estate->slices - 1);
}

int64_t fth_cost(int64_t quantity, int64_t rate)
{
    int64_t product;

    FTH_CHECK(!__builtin_mul_overflow(quantity / 10000, rate, &product));
    FTH_CHECK(quantity % 10000 * (rate % 10000) % 10000 == 0);
    return product + quantity % 10000 * (rate / 10000) + quantity % 10000 * (rate % 10000) / 10000;
}
