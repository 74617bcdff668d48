/*
 * entities_int: what entities.c (lists, and what is known of an entity) and entity.c (one) share.
 *
 * Thread rule: as the request that asks.
 */
#ifndef FTH_ENTITIES_INT_H
#define FTH_ENTITIES_INT_H

#include "app/entities.h"
#include "app/rows_int.h"

enum { FTH_ENTITY_PARTS_MAX = 7 };

struct fth_entity_kind {
    const char *collection, *dimension;
    bool tags;
    const char *parts[FTH_ENTITY_PARTS_MAX + 1]; /* ended by NULL */
};

const struct fth_entity_kind *fth_entity_kind(struct fth_str collection);
/* The column of the request's metric. */
const char *fth_entity_metric(const struct fth_entities_request *request);

/* The answer from the cache, or by `work`. */
enum fth_rc fth_entities_cached(const struct fth_entities *entities,
                                enum fth_rc (*work)(void *ctx, struct fth_jw *jw,
                                                    struct fth_err *err),
                                void *ctx, struct fth_str *out, struct fth_err *err);

/* `to` is not included. */
struct fth_days {
    int32_t from, to;
};

/* A plan over the filter of the request, and its time. */
struct fth_entity_plan {
    const char *group_by;        /* NULL: nothing */
    const char *grain;           /* NULL: none */
    struct fth_str only;         /* the entity with this id alone; empty: all */
    struct fth_str contains;     /* those whose id or label has this text; empty: all */
    bool present;                /* only charges that name one */
    bool rows;                   /* the charges themselves, whatever the filter */
    bool ordered;                /* by request->sort */
    int64_t version;             /* 0: as the request says */
    const struct fth_days *days; /* instead of the request's time; NULL: that */
};
enum fth_rc fth_entity_plan(const struct fth_entities *entities, const struct fth_entity_plan *wish,
                            const struct fth_plan **out, struct fth_err *err);

/* What else it belongs to, and the day that this is of. An empty id: not known. */
struct fth_part_of {
    struct fth_str id, name, since;
};

/* What is known of one: its newest name, else its id; its parts, in the order of their kind, as
 * last seen in the month of its last day. */
struct fth_entity {
    struct fth_str id, name;
    struct fth_part_of parts[FTH_ENTITY_PARTS_MAX];
    struct fth_str first_seen, last_seen; /* dates */
    int64_t charges;
};
/* Looks up several by their ids, letter for letter, in `version` of the ledger. out[i] has a p of
 * NULL as id when nothing has ids[i], or an earlier one is the same. */
enum fth_rc fth_entities_seen(const struct fth_asked *asked, const struct fth_entity_kind *kind,
                              const struct fth_str *ids, size_t nr, int64_t version,
                              struct fth_entity *out, struct fth_err *err);

/* The members id, name, those of its parts, first_seen and last_seen. */
void fth_entity_put(struct fth_jw *jw, const struct fth_entity_kind *kind,
                    const struct fth_entity *entity);
/* "share" of `cost` in what is there of its currency: null of nothing. */
enum fth_rc fth_entity_put_share(struct fth_jw *jw, const struct fth_rows *whole,
                                 const char *metric, struct fth_str currency, struct fth_money cost,
                                 struct fth_err *err);

#endif
