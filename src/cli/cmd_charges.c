/* charges: single charges, and where they come from. */
#include <string.h>

#include "cli/cmd_int.h"
#include "cli/show.h"

enum { PATH_LEN_MAX = 4096 };

enum fth_rc cmd_charges(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id", "record", "text", NULL};
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);
    const struct fth_json *answer;

    if (strcmp(cli->args.args[0], "origin") != 0) {
        fth_err_set(err, FTH_E_USAGE, "charges: no verb \"%s\"", cli->args.args[0]);
        fth_err_hint(err, "There is origin.");
        return err->rc;
    }
    fth_buf_c(&path, "/api/v1/charges/");
    fth_cli_put_query(&path, fth_str_c(cli->args.args[1]));
    fth_buf_c(&path, "/origin");
    if (!fth_buf_done(&path, err) && !fth_cli_get(cli, fth_buf_view(&path), &answer, err))
        (void)(cli->out.form == FTH_OUT_TABLE ? fth_show_origin(cli, answer, err)
                                              : fth_cli_list(cli, answer, NULL, fields, err));
    fth_buf_release(&path);
    return err->rc;
}
