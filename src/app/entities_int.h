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

/* A plan over the time and the filter of the request. */
struct fth_entity_plan {
    const char *group_by[2]; /* NULL: no more */
    const char *grain;       /* NULL: none */
    struct fth_str only;     /* this entity alone; empty: all */
    struct fth_str contains; /* those whose id or label has this text; empty: all */
    bool present;            /* only charges that name one */
    bool rows;               /* the charges themselves */
    bool ordered;            /* by request->sort */
    int64_t version;         /* 0: as the request says */
    int32_t day;             /* with rows: of this day alone */
};
enum fth_rc fth_entity_plan(const struct fth_asked *asked,
                            const struct fth_entities_request *request,
                            const struct fth_entity_plan *wish, const struct fth_plan **out,
                            struct fth_err *err);

/* What else it belongs to, and the day that this is of. An empty id: not known. */
struct fth_part_of {
    struct fth_str id, name, since;
};

/* What is known of one. Its name and its parts, in the order of their kind, are as last seen in the
 * month of its last day. */
struct fth_entity {
    struct fth_str id, name;
    struct fth_part_of parts[FTH_ENTITY_PARTS_MAX];
    struct fth_str first_seen, last_seen; /* dates; empty: not known */
    int64_t charges;
};
/* Looks up several by their ids, `version` of the ledger (0: as the request says). out[i] has a p
 * of NULL as id when nothing has ids[i], or an earlier one is the same. */
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
