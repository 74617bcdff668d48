/* rates: exchange rates by the API. */
#include <string.h>

#include "cli/cmd_int.h"

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"from",     "to",    "#days",  "first_day",
                                         "last_day", "#rate", "source", NULL};
    const struct fth_json *answer;

    if (fth_cli_get(cli, FTH_STR("/api/v1/rates"), &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

static enum fth_rc send(struct fth_cli *cli, const char *path, const struct fth_json **out,
                        struct fth_err *err)
{
    const char *from = fth_args_value(&cli->args, "from");
    struct fth_buf target = fth_buf_max(1024);
    enum fth_rc rc;

    fth_buf_c(&target, "/api/v1/rates");
    if (from) {
        fth_buf_c(&target, "?from=");
        fth_cli_put_query(&target, fth_str_c(from));
    }
    rc = fth_buf_done(&target, err);
    if (rc == FTH_OK)
        rc = fth_cli_send_file(cli, path, fth_buf_view(&target), out, err);
    fth_buf_release(&target);
    return rc;
}

static enum fth_rc import(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"name",      "#rates",   "#changed", "#pairs",
                                         "first_day", "last_day", NULL};
    const struct fth_json *answer = NULL;

    if (send(cli, cli->args.args[1], &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, NULL, fields, err);
}

enum fth_rc cmd_rates(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_args *args = &cli->args;
    const char *verb = args->arg_nr ? args->args[0] : "list";

    if (strcmp(verb, "list") == 0 && args->arg_nr <= 1)
        return list(cli, err);
    if (strcmp(verb, "import") == 0 && args->arg_nr == 2)
        return import(cli, err);
    if (strcmp(verb, "import") == 0)
        return fth_err_set(err, FTH_E_USAGE, "rates import: which file?");
    fth_err_set(err, FTH_E_USAGE, "rates: no verb \"%s\"", verb);
    fth_err_hint(err, "There are list and import FILE.");
    return err->rc;
}
