/* audit: what was done, and whether the chain of it holds, by the API. */
#include "base/check.h"
#include "cli/verb_int.h"

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"#seq",   "at",     "actor", "actor_email",
                                         "action", "object", NULL};
    static const char *const options[] = {"actor", "action", "from", "to", NULL};
    const struct fth_json *answer;
    struct fth_str path;
    long long limit;

    if (fth_args_number(&cli->args, "limit", 1, FTH_LIST_MAX, 100, &limit, err) ||
        fth_cli_filtered(cli, "/api/v1/audit", options, &path, err) ||
        fth_cli_get_all(cli, path, (size_t)limit, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

static enum fth_rc verify(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"holds", "#rows", "last_hash", NULL};
    const struct fth_json *answer, *broken;
    int64_t seq = 0;

    if (fth_cli_get(cli, FTH_STR("/api/v1/audit/verification"), &answer, err) ||
        fth_cli_list(cli, answer, NULL, fields, err))
        return err->rc;
    broken = fth_json_get(answer, "broken");
    if (!fth_json_is(broken, FTH_JSON_OBJECT))
        return FTH_OK;
    (void)fth_json_i64(fth_json_get(broken, "seq"), &seq);
    fth_cli_note(cli, "row %lld: " FTH_STR_F, (long long)seq,
                 FTH_STR_A(fth_json_str(broken, "why", FTH_STR(""))));
    cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    return FTH_OK;
}

enum fth_rc cmd_audit(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list}, {"verify", "", 0, 0, verify}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
