#include "app/own.h"

#include "app/app_int.h"
#include "base/check.h"

struct fth_job_of fth_own_jobs(const struct fth_asked *asked)
{
    const struct fth_who *who = asked->who;

    FTH_CHECK(!fth_who_scope(who) || fth_who_scope_text(who).n);
    return who ? (struct fth_job_of){who->id, fth_who_scope_text(who)} : (struct fth_job_of){0};
}

enum fth_rc fth_own_job(const struct fth_asked *asked, struct fth_str id, struct fth_err *err)
{
    struct fth_job_of of = fth_own_jobs(asked);
    struct fth_job_info info;

    if (!of.scope.n || fth_jobs_get(asked->app->jobs, asked->arena, id, &info, err))
        return err->rc;
    if (!fth_str_eq(info.of.user, of.user) || !fth_str_eq(info.of.scope, of.scope))
        fth_err_set(err, FTH_E_NOTFOUND, "no job \"" FTH_STR_F "\"", FTH_STR_A(id));
    return err->rc;
}

enum fth_rc fth_own_events(struct fth_arena *arena, struct fth_job_of of, struct fth_str *out,
                           struct fth_err *err)
{
    *out = (struct fth_str){0};
    if (!of.scope.n)
        return FTH_OK;
    return fth_arena_printf(arena, out, err, FTH_STR_F "\n" FTH_STR_F, FTH_STR_A(of.user),
                            FTH_STR_A(of.scope));
}
