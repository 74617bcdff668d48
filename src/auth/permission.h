/*
 * permission: what can be allowed, and the roles that are built in (permission.def).
 *
 * Thread rule: constant.
 */
#ifndef FTH_PERMISSION_H
#define FTH_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct fth_permission {
    struct fth_str name; /* "costs.read" */
    const char *roles;   /* letters of the roles that have it, beside the administrator */
    const char *text;    /* what it allows */
};
const struct fth_permission *fth_permission_at(size_t i);
size_t fth_permission_nr(void);
/* NULL when there is none of that name. */
const struct fth_permission *fth_permission_named(struct fth_str name);

/* Is it one of these names? */
bool fth_permission_among(const struct fth_str *names, size_t nr, struct fth_str name);

struct fth_built_in {
    const char *letter; /* one */
    struct fth_str id, name;
    const char *text;
};
const struct fth_built_in *fth_built_in_at(size_t i);
size_t fth_built_in_nr(void);
/* By id, or by name whatever its case; NULL when it is none that is built in. */
const struct fth_built_in *fth_built_in_named(struct fth_str name);
bool fth_built_in_may(const struct fth_built_in *role, const struct fth_permission *permission);

/* The role that may do all. */
extern const struct fth_str fth_administrator;

#endif
