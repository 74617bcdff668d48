/*
 * mapping: what makes the columns of FOCUS of any CSV file, as a small YAML file says it.
 *
 * A mapping is checked whole before a line of a bill is read; a message names file, line and place
 * ("bill.yaml:7: /columns/BilledCost/colum: …") and the nearest name. What may stand there:
 * mapping.def and docs/ref/importer/custom.md. What makes a column is a column of the file, a
 * constant, or an expression (mapping_expr.c); every column that FOCUS wants has a value or a
 * default that is stated there. Amounts are decimals all the way.
 *
 * Thread rule: a mapping that was read is immutable.
 */
#ifndef FTH_IMPORT_MAPPING_H
#define FTH_IMPORT_MAPPING_H

#include "import/importer.h"

enum { FTH_MAPPING_MAX = 256 * 1024 };
/* Behind a bill's name: its own mapping, beside it. */
#define FTH_MAPPING_BESIDE ".farthing.yaml"

struct fth_mapping {
    const char *name;              /* for messages */
    char digest[65];               /* SHA-256 of its text, hex */
    struct fth_importer importer;  /* that of custom costs, with the mapping's own layout */
    struct fth_feed_layout layout; /* … which is this */
    struct fth_feed_derive derive;
    struct fth_str dataset;
    const struct fth_mapping_int *in;
};

/* `name` is what messages call it; text and name are copied. It lives as long as the arena.
 * FTH_E_SYNTAX (no YAML), FTH_E_INVALID (no mapping), FTH_E_LIMIT. */
enum fth_rc fth_mapping_read(struct fth_arena *arena, struct fth_str text, const char *name,
                             const struct fth_mapping **out, struct fth_err *err);

/* What the head of a file says by the mapping. FTH_E_INVALID when it lacks columns, or is no CSV.
 */
enum fth_rc fth_mapping_probe(const struct fth_mapping *mapping, const char *path,
                              const struct fth_feed_head *head, struct fth_arena *arena,
                              struct fth_probe *out, struct fth_err *err);

/* The text of one column of FOCUS for a record of the head, for previews; empty when there is none
 * or it would be refused: then *odd says why. */
enum fth_rc fth_mapping_show(const struct fth_mapping *mapping, const char *path,
                             const struct fth_feed_head *head, size_t row, const char *column,
                             struct fth_arena *arena, struct fth_str *out, struct fth_feed_odd *odd,
                             struct fth_err *err);

#endif
