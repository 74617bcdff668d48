#include "auth/who.h"

#include "auth/permission.h"

bool fth_who_may(const struct fth_who *who, struct fth_str permission)
{
    return !who || fth_permission_among(who->permissions, who->permission_nr, permission);
}

struct fth_str fth_who_id(const struct fth_who *who)
{
    return who ? who->id : FTH_STR("owner");
}

const struct fth_filter *fth_who_scope(const struct fth_who *who)
{
    return who ? who->scope : NULL;
}

struct fth_str fth_who_scope_text(const struct fth_who *who)
{
    return who && who->scope ? who->scope_text : (struct fth_str){0};
}
