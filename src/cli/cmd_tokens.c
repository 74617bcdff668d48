/* tokens: API tokens, by the API. */
#include "base/check.h"
#include "cli/verb_int.h"

enum { BODY_MAX = 16 * 1024 };

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id",           "name",       "user_email",
                                         "permissions",  "scope",      "expires_at",
                                         "last_used_at", "revoked_at", NULL};
    bool all = fth_args_has(&cli->args, "all");
    const struct fth_json *answer;

    if (fth_cli_get(cli, all ? FTH_STR("/api/v1/tokens?all=true") : FTH_STR("/api/v1/tokens"),
                    &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

static void put_permissions(struct fth_cli *cli, struct fth_jw *jw)
{
    struct fth_str rest = fth_str_c(fth_args_value(&cli->args, "permissions")), name;

    if (rest.n == 0)
        return;
    fth_jw_key(jw, "permissions");
    fth_jw_array(jw);
    while (fth_str_next(&rest, ',', &name))
        fth_jw_str(jw, fth_str_trim(name));
    fth_jw_array_end(jw);
}

static enum fth_rc put_token(struct fth_cli *cli, struct fth_jw *jw, struct fth_err *err)
{
    long long days;

    if (fth_args_number(&cli->args, "days", 1, 366, 90, &days, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "name", cli->args.args[1]);
    fth_cli_put_given(cli, jw, "user");
    fth_cli_put_given(cli, jw, "scope");
    put_permissions(cli, jw);
    fth_jw_kv_i64(jw, "expires_days", days);
    fth_jw_object_end(jw);
    return fth_jw_done(jw, err);
}

static enum fth_rc create(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"secret", NULL};
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *answer = NULL;
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    if (!put_token(cli, &jw, err))
        (void)fth_cli_post(cli, FTH_STR("/api/v1/tokens"), fth_buf_view(&body), &answer, err);
    fth_buf_release(&body);
    if (err->rc)
        return err->rc;
    fth_cli_note(cli, "note: it is not shown again; FARTHING_TOKEN is where it goes");
    return fth_cli_list(cli, answer, NULL, fields, err);
}

static enum fth_rc revoke(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *nothing;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/tokens/", cli->args.args[1], "", &path, err))
        return err->rc;
    return fth_cli_delete(cli, path, &nothing, err);
}

enum fth_rc cmd_tokens(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {
        {"list", "", 0, 0, list}, {"create", "NAME", 1, 1, create}, {"revoke", "ID", 1, 1, revoke}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
