/*
 * collection: list, get, create, patch and delete over a table of the state store, as a
 * collection's spec file says (x-collection): one implementation for all of them.
 *
 * The table has id, organisation_id, revision, created_us, updated_us and a column for each field.
 * The ETag of a row is its revision. Pages are ordered by the collection's order field, then id.
 *
 * Thread rule: immutable once loaded.
 */
#ifndef FTH_COLLECTION_H
#define FTH_COLLECTION_H

#include "base/json.h"

/* DATE is text that must be a real date; PLAN an object that must be a plan. */
enum fth_field_type { FTH_FIELD_TEXT, FTH_FIELD_DATE, FTH_FIELD_PLAN };

struct fth_field {
    struct fth_str name; /* in JSON and in the table */
    enum fth_field_type type;
};

struct fth_collection {
    struct fth_str name, table, order;
    struct fth_str owner; /* column with the id of who made a row, null: the owner */
    const struct fth_field *fields;
    size_t field_nr;
};

/* The collections of a document's "x-collections". FTH_E_CORRUPT when one names what can be no
 * column, or has no fields. */
enum fth_rc fth_collections_read(struct fth_arena *arena, const struct fth_json *document,
                                 const struct fth_collection **out, size_t *out_nr,
                                 struct fth_err *err);

#endif
