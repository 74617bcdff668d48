/*
 * estate: the made-up organisation: accounts, regions, teams, and what each of them runs.
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
    char id[13];
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

enum { FTH_ACCOUNT_NR = 8, FTH_REGION_NR = 4, FTH_ANOMALY_MAX = 8 };

struct fth_estate {
    uint64_t seed;
    int32_t first, today;                        /* days of the bill, both included */
    struct fth_account accounts[FTH_ACCOUNT_NR]; /* the first one pays */
    struct fth_resource *resources;
    size_t resource_nr;
    struct fth_anomaly anomalies[FTH_ANOMALY_MAX];
    size_t anomaly_nr;
};

const struct fth_kind *fth_kind(enum fth_kind_id id);
const struct fth_region *fth_region(unsigned i);

/* About `resource_nr` resources, at least one of each kind. FTH_E_NOMEM. */
enum fth_rc fth_estate_make(struct fth_arena *arena, uint64_t seed, int32_t first, int32_t today,
                            size_t resource_nr, struct fth_estate **out, struct fth_err *err);

/* A number that depends on nothing but these: the same day of the same resource is the same
 * whatever else is written. */
uint64_t fth_chance(uint64_t seed, uint64_t a, uint64_t b);
/* In 0 to n - 1. */
uint64_t fth_chance_below(uint64_t seed, uint64_t a, uint64_t b, uint64_t n);

/* The quantity of a day in 1e-4, a multiple of the kind's step; 0: no line. */
int64_t fth_usage(const struct fth_estate *estate, const struct fth_resource *resource,
                  int32_t day);

/* quantity * rate, in 1e-10; whole, or the kind's row is wrong. */
int64_t fth_cost(int64_t quantity, int64_t rate);

#endif
