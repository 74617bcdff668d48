/*
 * estate: the made-up organisation in one cloud: accounts, regions, teams, and what each runs.
 *
 * Thread rule: immutable once made.
 */
#ifndef FTH_DEMO_ESTATE_H
#define FTH_DEMO_ESTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum fth_kind_id {
#define FTH_KIND(id, code, name, usage, op, what, unit, family, type, rate, step, day, shape, \
                 grow, weight, arn)                                                           \
    FTH_KIND_##id,
#include "demo/kinds.def"
#undef FTH_KIND
    FTH_KIND_NR
};

/* How the quantity goes through a week. */
enum fth_shape {
    FTH_SHAPE_SERVER, /* all hours */
    FTH_SHAPE_OFFICE, /* working hours */
    FTH_SHAPE_DEMAND, /* with the customers: less at weekends, growing */
    FTH_SHAPE_STORED, /* always, growing */
    FTH_SHAPE_BATCH   /* on working days, very uneven */
};

/* A row of kinds.def. Rates in 1e-10 dollars, quantities in 1e-4. */
struct fth_kind {
    const char *product_code, *product_name, *usage_type, *operation, *description, *unit;
    const char *family, *instance_type;
    int64_t rate, step, day;
    int64_t growth;
    enum fth_shape shape;
    unsigned weight;
    const char *resource_id;
};

struct fth_account {
    char id[64];
    const char *name, *env;
};

struct fth_region {
    const char *code, *prefix; /* of usage types, "EU-" */
};

struct fth_resource {
    const struct fth_kind *kind;
    const struct fth_account *account;
    const struct fth_region *region;
    const char *id;         /* "" without */
    const char *usage_type; /* with the region's prefix */
    const char *sku, *rate_code;
    const char *team, *env, *cost_center;       /* "" without */
    const char *zone;                           /* "" without */
    const char *product, *tags, *resource_tags; /* the maps of CUR 2.0, as JSON */
    int32_t from, until;                        /* days it exists, both included */
    int64_t size;                               /* thousandths of the kind's day */
    uint64_t chance;                            /* seeds its days */
};

/* Something that was let go wrong: the resource's quantity is multiplied on these days. */
struct fth_anomaly {
    const struct fth_resource *resource;
    int32_t from, until;
    int64_t factor; /* thousandths */
};

enum { FTH_ACCOUNT_NR = 8, FTH_REGION_NR = 4, FTH_ANOMALY_MAX = 8, FTH_SLICE_MAX = 24 };

/* What the ids of accounts are made of. */
enum fth_account_id { FTH_ACCOUNT_DIGITS, FTH_ACCOUNT_SLUG, FTH_ACCOUNT_GUID, FTH_ACCOUNT_OCID };

/* Where an anomaly is made: in the kind at `kind`, `ago` days before today. */
struct fth_anomaly_plan {
    size_t kind;
    int32_t ago, days;
    int64_t factor;
};

/* What a provider sells, and where. */
struct fth_cloud {
    const struct fth_kind *kinds;
    size_t kind_nr;
    struct fth_region regions[FTH_REGION_NR];
    const char *zone_mark; /* between region and letter */
    enum fth_account_id account_id;
    const struct fth_anomaly_plan *anomalies;
    size_t anomaly_nr;
};

extern const struct fth_cloud fth_cloud_aws, fth_cloud_google, fth_cloud_azure, fth_cloud_oracle,
    fth_cloud_vendor;

/* How a month that has been billed is billed again. */
struct fth_restated {
    int32_t month;  /* only here */
    bool late;      /* usage that is metered late is added to some days */
    bool corrected; /* and too much of it, on a day, is taken back */
};

struct fth_estate {
    uint64_t seed;
    const struct fth_cloud *cloud;
    struct fth_restated restated;
    unsigned slices;      /* lines a resource has a day: 1, or more where there would be too many */
    int32_t first, today; /* days of the bill, both included */
    struct fth_account accounts[FTH_ACCOUNT_NR]; /* the first one pays */
    struct fth_resource *resources;
    size_t resource_nr;
    struct fth_anomaly anomalies[FTH_ANOMALY_MAX];
    size_t anomaly_nr;
};

const struct fth_kind *fth_kind(enum fth_kind_id id); /* of AWS */

/* For about `lines` lines a day, at least one resource of each kind. Memory is bounded: what would
 * be too many resources become several lines a day of fewer. FTH_E_NOMEM. */
enum fth_rc fth_estate_make(struct fth_arena *arena, const struct fth_cloud *cloud, uint64_t seed,
                            int32_t first, int32_t today, uint64_t lines, struct fth_estate **out,
                            struct fth_err *err);

/* A number that depends on nothing but these: the same day of the same resource is the same
 * whatever else is written. */
uint64_t fth_chance(uint64_t seed, uint64_t a, uint64_t b);
/* In 0 to n - 1. */
uint64_t fth_chance_below(uint64_t seed, uint64_t a, uint64_t b, uint64_t n);

/* The quantity of a day in 1e-4, a multiple of the kind's step; 0: no line. */
int64_t fth_usage(const struct fth_estate *estate, const struct fth_resource *resource,
                  int32_t day);

/* The part of it that stands in the line `slice`. */
int64_t fth_usage_slice(const struct fth_estate *estate, const struct fth_resource *resource,
                        int32_t day, unsigned slice);

/* quantity * rate, in 1e-10; whole, or the kind's row is wrong. */
int64_t fth_cost(int64_t quantity, int64_t rate);

#endif
