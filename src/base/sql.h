/*
 * sql: the statements of sql/, embedded at build.
 *
 * A file holds one statement, named by its path without ending ("import/aws_cur"), or several, each
 * opened by a line "-- @name NAME" and then named "PATH/NAME" ("state/catalogue/delivery_add"). SQL
 * text stands nowhere else but in the plan compiler and the collection generator (tools/check_sql).
 *
 * Thread rule: constant data.
 */
#ifndef FTH_SQL_H
#define FTH_SQL_H

#include <stddef.h>

#include "base/str.h"

/* The statement of that name; one that does not exist is a broken invariant. */
struct fth_str fth_sql(const char *name);

/* All of them, sorted by name, for tests that prepare every one. */
size_t fth_sql_nr(void);
struct fth_str fth_sql_at(size_t i, const char **name);

#endif
