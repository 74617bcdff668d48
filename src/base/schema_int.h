/* schema_int: the compiled form, and places in a document. */
#ifndef FTH_SCHEMA_INT_H
#define FTH_SCHEMA_INT_H

#include "base/json_int.h"
#include "base/pattern.h"
#include "base/schema.h"

enum fth_schema_format { FTH_SCHEMA_NO_FORMAT, FTH_SCHEMA_DATE, FTH_SCHEMA_DATE_TIME };

struct fth_schema_list {
    struct fth_schema **at;
    size_t nr;
};

/* A least and a most of something that is counted. */
struct fth_schema_span {
    uint64_t min, max;
};

struct fth_schema {
    bool nothing; /* false: no value will do */
    unsigned types;
    const struct fth_json *constant; /* const */
    const struct fth_json *allowed;  /* enum: an array */

    const struct fth_json *properties; /* names, with … */
    struct fth_schema **property;      /* … their schemas in the same order */
    const struct fth_json *required;   /* an array of strings */
    bool closed;                       /* additionalProperties: false */
    struct fth_schema *additional;     /* additionalProperties: a schema */
    struct fth_schema *names;          /* propertyNames */
    struct fth_schema *items;          /* items */
    bool unique;                       /* uniqueItems */
    struct fth_schema_span nr_properties, nr_items, length;

    const struct fth_json *least, *most, *above, *below; /* minimum, maximum, exclusive… */
    const struct fth_pattern *pattern;
    struct fth_str pattern_text;
    enum fth_schema_format format;

    struct fth_schema_list all, any, one; /* …Of */
    struct fth_schema *not_this;          /* not */
    struct fth_schema *ref;               /* $ref */
    int visit; /* while compiling: 0 new, 1 on the way, 2 done, in the search for circles */
};

/* A place in a document, from the inside out; lives on the stack. */
struct fth_json_place {
    const struct fth_json_place *up; /* NULL at the top */
    struct fth_str key;
    size_t index; /* when the key is NULL */
    bool pointer; /* the key is a JSON pointer and written as it is */
};

/* Writes the place as a JSON pointer. */
void fth_json_place_put(struct fth_buf *buf, const struct fth_json_place *place);

#endif
