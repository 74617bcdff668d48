/* rates: exchange rates by the API. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd_int.h"

enum { ANSWER_MAX = 16 * 1024 * 1024 };

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
    bool standard_input = strcmp(path, "-") == 0;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *from = fth_args_value(&cli->args, "from");
    struct fth_buf target = fth_buf_max(4096);
    struct fth_client_call call = {.method = "POST", .content_type = "application/octet-stream"};
    const struct fth_client *client;
    enum fth_rc rc;

    call.body_fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (call.body_fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    fth_buf_c(&target, "/api/v1/rates?name=");
    fth_cli_put_query(&target, fth_str_c(standard_input ? "standard input" : name));
    if (from) {
        fth_buf_c(&target, "&from=");
        fth_cli_put_query(&target, fth_str_c(from));
    }
    call.path = fth_buf_view(&target);
    rc = fth_buf_done(&target, err);
    if (rc == FTH_OK)
        rc = fth_cli_client(cli, &client, err);
    if (rc == FTH_OK)
        rc = fth_client_json(client, &call, &cli->cancel, cli->arena, ANSWER_MAX, out, err);
    if (!standard_input)
        close(call.body_fd);
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
