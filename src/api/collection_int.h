/* collection_int: what collection.c (rows and operations) has of collection_sql.c (the description
 * of a collection, and the statements that follow from it). Nobody else includes it. */
#ifndef FTH_COLLECTION_INT_H
#define FTH_COLLECTION_INT_H

#include "api/collection.h"

enum { FTH_COLLECTION_FIELDS = 16 };

/* Which rows of others a caller sees beside his own. */
enum fth_sight {
    FTH_SIGHT_ALL,    /* all */
    FTH_SIGHT_SHARED, /* of a shared collection: what is not private, and what nobody owns */
    FTH_SIGHT_GIVEN,  /* of a shared collection: what is for everyone */
    FTH_SIGHT_OWN     /* none */
};

/* What a list is narrowed to; p NULL: not asked for. */
struct fth_narrow {
    bool after;   /* behind a cursor */
    bool folder;  /* in a folder, and those inside it; the empty one: in none */
    bool starred; /* by who asks */
};

/* Columns of a row as they are read: id, the fields, revision, created_us, updated_us; those of
 * shared collections then: owner_name, owner_id, starred (0 or more). */
static inline size_t fth_collection_revision_col(const struct fth_collection *collection)
{
    return collection->field_nr + 1;
}

/* $1 organisation, $2 who asks, $3 limit; with a cursor its key and its id; then the folder. */
void fth_collection_list_sql(struct fth_buf *sql, const struct fth_collection *collection,
                             enum fth_sight sight, const struct fth_narrow *narrow);

/* $1 organisation, $2 who asks, $3 id. */
void fth_collection_get_sql(struct fth_buf *sql, const struct fth_collection *collection,
                            enum fth_sight sight);

/* $1 organisation, $2 id, $3 now, then the fields, then who makes it. What is made by nobody that
 * is a user, has no owner. */
void fth_collection_insert_sql(struct fth_buf *sql, const struct fth_collection *collection);

/* $1 organisation, $2 id, $3 now, then the fields. */
void fth_collection_update_sql(struct fth_buf *sql, const struct fth_collection *collection);

/* $1 organisation, $2 id. */
void fth_collection_delete_sql(struct fth_buf *sql, const struct fth_collection *collection);

#endif
