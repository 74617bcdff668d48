/*
 * filter: conditions over dimensions, as a tree and as text.
 *
 * One grammar for the command line, the API and the web (docs/ref/filter.md has its EBNF):
 *     service in ("Amazon EC2", "Amazon S3") and tag.env = "prod" and not region in (…)
 *     sub_account contains "prod" or tag."cost centre" is missing
 */
#ifndef FTH_FILTER_H
#define FTH_FILTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum fth_filter_op {
    FTH_FILTER_AND,
    FTH_FILTER_OR,
    FTH_FILTER_NOT,
    FTH_FILTER_IN,
    FTH_FILTER_NOT_IN,
    FTH_FILTER_CONTAINS,
    FTH_FILTER_MISSING,
    FTH_FILTER_PRESENT
};

struct fth_filter {
    enum fth_filter_op op;
    struct fth_str field; /* "service", "tag:env" */
    const struct fth_str *values;
    size_t value_nr;
    const struct fth_filter *const *parts; /* AND, OR, NOT */
    size_t part_nr;
    /* IN: values are ids as charges have them, letter for letter, and looked up nowhere; of
     * dimensions whose values have names of ours, any of the names. Nothing that is read says so.
     */
    bool exact;
};

/* Text to tree. FTH_E_SYNTAX ("at 12: …, expected …"), FTH_E_INVALID for an unknown field with the
 * nearest, FTH_E_LIMIT over 64 KiB, depth 64 or 10,000 values. */
enum fth_rc fth_filter_parse(struct fth_arena *arena, struct fth_str text,
                             const struct fth_filter **out, struct fth_err *err);
/* The tree back as text that parses to an equal tree. */
void fth_filter_put(struct fth_buf *buf, const struct fth_filter *filter);
/* A condition with one value, or with none when `value` is empty, as a JSON node. */
void fth_filter_put_json(struct fth_jw *jw, const char *field, enum fth_filter_op op,
                         struct fth_str value);
/* JSON nodes of a plan's `filters` and `where`. */
enum fth_rc fth_filter_from_json(struct fth_arena *arena, const struct fth_json *json,
                                 const char *pointer, const struct fth_filter **out,
                                 struct fth_err *err);

#endif
