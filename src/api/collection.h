/*
 * collection: list, get, create, patch and delete over a table of the state store, as a
 * collection's spec file says (x-collection): one implementation for all of them.
 *
 * The table has id, organisation_id, revision, created_us, updated_us and a column for each field.
 * The ETag of a row is its revision. Pages are ordered by the collection's order field, then id.
 *
 * Rows of a shared collection have the fields visibility and folder. They are seen by who made
 * them, and by others as visibility says (private, organisation: who sees all charges, everyone:
 * callers with a scope too, ADR 0029). Of those who have the permission NAME.write they are changed
 * by who made them, and by callers without a scope who have NAME.manage; these cannot make
 * another's row private, which would take it from their own sight. Whoever sees a row can star it,
 * for himself. What nobody made who is a user counts as the organisation's.
 *
 * Plans are read and checked before a transaction is begun, so that nobody waits for it.
 *
 * Thread rule: immutable once loaded.
 */
#ifndef FTH_COLLECTION_H
#define FTH_COLLECTION_H

#include "base/json.h"

/* DATE is text that must be a real date; PLAN an object that must be a plan; TILES an array of
 * objects, of which each plan must be one. */
enum fth_field_type { FTH_FIELD_TEXT, FTH_FIELD_DATE, FTH_FIELD_PLAN, FTH_FIELD_TILES };

struct fth_field {
    struct fth_str name; /* in JSON and in the table */
    enum fth_field_type type;
    struct fth_str or_else; /* of a new row that does not say; p NULL: null */
    struct fth_str of;      /* a field whose change makes this one or_else again, or empty */
};

struct fth_collection {
    struct fth_str name, table, order;
    struct fth_str owner; /* column with the id of who made a row, null: the owner */
    bool shared;
    struct fth_str write;  /* the permission to change what is one's own */
    struct fth_str manage; /* and what others share */
    const struct fth_field *fields;
    size_t field_nr;
};

/* The collections of a document's "x-collections". FTH_E_CORRUPT when one names what can be no
 * column, or has no fields. */
enum fth_rc fth_collections_read(struct fth_arena *arena, const struct fth_json *document,
                                 const struct fth_collection **out, size_t *out_nr,
                                 struct fth_err *err);

#endif
