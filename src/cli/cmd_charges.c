/* charges: single charges, and where they come from. */
#include "base/check.h"
#include "cli/show.h"
#include "cli/verb_int.h"

static enum fth_rc origin(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id", "record", "text", NULL};
    const struct fth_json *answer;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/charges/", cli->args.args[1], "/origin", &path, err) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_origin(cli, answer, err)
                                          : fth_cli_list(cli, answer, NULL, fields, err);
}

enum fth_rc cmd_charges(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"origin", "CHARGE", 1, 1, origin}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
