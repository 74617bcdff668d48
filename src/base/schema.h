/*
 * schema: the part of JSON Schema 2020-12 that the documents of the house need.
 *
 * Checked: true and false, type, enum, const, properties, required, additionalProperties,
 * propertyNames, minProperties, maxProperties, items, minItems, maxItems, uniqueItems, minimum,
 * maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern (base/pattern.h),
 * format date and date-time, allOf, anyOf, oneOf, not, and $ref to a JSON pointer in the same
 * document ("#/$defs/filter"). Numbers are compared by value, exactly, whatever their size.
 * Passed over: title, description, default, example, examples, deprecated, readOnly, writeOnly,
 * discriminator, other formats, $schema, $id, $comment, $defs, and keys that start with "x-".
 * Any other keyword is an error when the schema is compiled: a rule that is not understood is not
 * silently left out.
 *
 * Thread rule: compiling belongs to one thread; a compiled schema is immutable, any thread may
 * check with it.
 */
#ifndef FTH_SCHEMA_H
#define FTH_SCHEMA_H

#include "base/json.h"

struct fth_schema;

/* The schemas of one document (an OpenAPI description, a schema with $defs): what is compiled once
 * is shared by all that refer to it. */
struct fth_schemas;

/* `document` and all that comes of it must live as long as the arena. FTH_E_NOMEM. */
enum fth_rc fth_schemas_new(struct fth_arena *arena, const struct fth_json *document,
                            struct fth_schemas **out, struct fth_err *err);

/*
 * The schema at a JSON pointer into the document ("" is the whole, "/components/schemas/View").
 * FTH_E_NOTFOUND  nothing is there, or where a $ref leads
 * FTH_E_INVALID   an unknown keyword, a keyword with a wrong value, a $ref that leads to itself
 *                 without going into the value
 * FTH_E_SYNTAX    a pattern that is none
 * err->pointer says where in the document.
 */
enum fth_rc fth_schema_compile(struct fth_schemas *set, struct fth_str pointer,
                               const struct fth_schema **out, struct fth_err *err);

/*
 * FTH_OK, or FTH_E_INVALID with the first thing that is wrong: err->pointer is where in the value,
 * the message says it too ("/limit: 0 is less than 1"), with the allowed values when they are few,
 * and the hint names the nearest one for a name that may be a slip. Where anyOf and oneOf fail, the
 * message is that of the branch that went deepest. FTH_E_LIMIT after a million steps (branches of
 * branches of a hostile value).
 */
enum fth_rc fth_schema_check(const struct fth_schema *schema, const struct fth_json *value,
                             struct fth_err *err);

/* What a value may be, $ref followed: bits 1u << FTH_JSON_STRING, …, and FTH_SCHEMA_INTEGER, with
 * or without FTH_JSON_NUMBER's. For parameters, which arrive as text. */
#define FTH_SCHEMA_INTEGER (1u << 6)
#define FTH_SCHEMA_ANY 0x7fu
unsigned fth_schema_types(const struct fth_schema *schema);

/* The schema of an array's items, or NULL when any will do. */
const struct fth_schema *fth_schema_items(const struct fth_schema *schema);

#endif
