/* What commands with verbs share. */
#include <string.h>

#include "cli/verb_int.h"

enum { ANSWER_MAX = 1 << 20, PATH_MAX_LEN = 16 * 1024 };

enum fth_rc fth_cli_delete(struct fth_cli *cli, struct fth_str path, const struct fth_json **out,
                           struct fth_err *err)
{
    const struct fth_client_call call = {.method = "DELETE", .path = path, .body_fd = -1};
    const struct fth_client *client;

    if (fth_cli_client(cli, &client, err))
        return err->rc;
    return fth_client_json(client, &call, &cli->cancel, cli->arena, ANSWER_MAX, out, err);
}

enum fth_rc fth_cli_path(struct fth_cli *cli, const char *before, const char *name,
                         const char *after, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_MAX_LEN);

    fth_buf_c(&path, before);
    fth_cli_put_query(&path, fth_str_c(name));
    fth_buf_c(&path, after);
    if (!fth_buf_done(&path, err))
        (void)fth_arena_str(cli->arena, fth_buf_view(&path), out, err);
    fth_buf_release(&path);
    return err->rc;
}

enum fth_rc fth_cli_filtered(struct fth_cli *cli, const char *path, const char *const *options,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PATH_MAX_LEN);
    char mark = '?';

    fth_buf_c(&buf, path);
    for (; *options; options++) {
        const char *value = fth_args_value(&cli->args, *options);

        if (!value)
            continue;
        fth_buf_printf(&buf, "%c%s=", mark, *options);
        fth_cli_put_query(&buf, fth_str_c(value));
        mark = '&';
    }
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(cli->arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

void fth_cli_put_given(struct fth_cli *cli, struct fth_jw *jw, const char *option)
{
    const char *value = fth_args_value(&cli->args, option);

    if (value)
        fth_jw_kv_c(jw, option, value);
}

enum fth_rc fth_cli_verb(struct fth_cli *cli, const struct fth_verb *verbs, size_t nr,
                         struct fth_err *err)
{
    const char *command = cli->args.command->name;
    const char *name = cli->args.arg_nr ? cli->args.args[0] : verbs[0].name;
    size_t given = cli->args.arg_nr ? cli->args.arg_nr - 1 : 0;

    for (size_t i = 0; i < nr; i++) {
        if (strcmp(verbs[i].name, name) != 0)
            continue;
        if (given < verbs[i].fewest || given > verbs[i].most)
            return fth_err_set(err, FTH_E_USAGE, "usage: farthing %s %s %s", command, name,
                               verbs[i].args);
        return verbs[i].run(cli, err);
    }
    fth_err_set(err, FTH_E_USAGE, "%s: no verb \"%s\"", command, name);
    fth_err_hint(err, "There are: %s.", cli->args.command->usage);
    return err->rc;
}
