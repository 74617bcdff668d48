/*
 * entities: what a bill names (accounts, services, resources: entity.def), as lists and one by one.
 *
 * All of it is worked out from charges when it is asked for, by a handful of plans however long a
 * page is: so scopes, currencies and versions hold as they do for every question. Costs are of the
 * time asked for. First and last day, the newest name, and what else is known of a thing, are of
 * the whole ledger, whatever else is on its page: what else is known is what the charges of its
 * last day say, or else the last ones of that month that do.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_ENTITIES_H
#define FTH_ENTITIES_H

#include "app/costs.h"

struct fth_entities_request {
    struct fth_str collection;      /* of entity.def; another one is a broken invariant */
    struct fth_str id;              /* of the one that is asked for; for lists empty */
    struct fth_str metric;          /* one of the four costs */
    struct fth_str currency;        /* empty: the organisation's; "billed": as billed */
    struct fth_str from, to;        /* dates, `to` not included; empty: no such end */
    struct fth_str filter;          /* in the filter grammar; empty: all charges */
    struct fth_str as_of;           /* version or instant; empty: now */
    struct fth_str q, sort, cursor; /* lists; sort: "-cost", "cost", "name" */
    size_t limit;
};

/* A request, and what else its answer depends on. */
struct fth_entities {
    const struct fth_asked *asked;
    const struct fth_entities_request *request;
    struct fth_str reporting; /* the organisation's currency, or empty */
    struct fth_str key;       /* all that an answer depends on beside the ledger: for tags */
};

/* `asked` and `request` must live as long. */
enum fth_rc fth_entities_open(const struct fth_asked *asked,
                              const struct fth_entities_request *request, struct fth_entities *out,
                              struct fth_err *err);

/* A page of the list (schema EntityPage): one entry for each entity and currency. FTH_E_INVALID for
 * a filter, cursor or time that cannot be, what fth_plan_run() gives. */
enum fth_rc fth_entities_list(const struct fth_entities *entities, struct fth_str *out,
                              struct fth_err *err);

/* One (schema EntityDetail). FTH_E_NOTFOUND when no charge that the caller may see names it. */
enum fth_rc fth_entities_get(const struct fth_entities *entities, struct fth_str *out,
                             struct fth_err *err);

#endif
