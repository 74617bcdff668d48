#include "auth/permission.h"

#include <string.h>

#include "base/check.h"

static const struct fth_permission permissions[] = {
#define FTH_ROLE(letter, id, name, text)
#define FTH_PERMISSION(name, roles, text) {FTH_STR_INIT(name), roles, text},
#include "auth/permission.def"
#undef FTH_PERMISSION
#undef FTH_ROLE
};

static const struct fth_built_in built_in[] = {
#define FTH_ROLE(letter, id, name, text) {letter, FTH_STR_INIT(id), FTH_STR_INIT(name), text},
#define FTH_PERMISSION(name, roles, text)
#include "auth/permission.def"
#undef FTH_PERMISSION
#undef FTH_ROLE
};

const struct fth_str fth_administrator = FTH_STR_INIT("administrator");

const struct fth_permission *fth_permission_at(size_t i)
{
    return &permissions[i];
}

size_t fth_permission_nr(void)
{
    return FTH_NR(permissions);
}

const struct fth_permission *fth_permission_named(struct fth_str name)
{
    for (size_t i = 0; i < FTH_NR(permissions); i++)
        if (fth_str_eq(permissions[i].name, name))
            return &permissions[i];
    return NULL;
}

const struct fth_built_in *fth_built_in_at(size_t i)
{
    return &built_in[i];
}

size_t fth_built_in_nr(void)
{
    return FTH_NR(built_in);
}

const struct fth_built_in *fth_built_in_named(struct fth_str name)
{
    for (size_t i = 0; i < FTH_NR(built_in); i++)
        if (fth_str_eq(built_in[i].id, name) || fth_str_caseeq(built_in[i].name, name))
            return &built_in[i];
    return NULL;
}

bool fth_built_in_may(const struct fth_built_in *role, const struct fth_permission *permission)
{
    return fth_str_eq(role->id, fth_administrator) ||
           strstr(permission->roles, role->letter) != NULL;
}

bool fth_permission_among(const struct fth_str *names, size_t nr, struct fth_str name)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq(names[i], name))
            return true;
    return false;
}
