/* accounts, services, resources: what a bill names, by the API. */
#include "base/check.h"
#include "cli/cmd_int.h"
#include "cli/show.h"
#include "cli/verb_int.h"

enum { PATH_LEN = 64 * 1024 };

/* Options by the parameter that they are. */
static const char *const shared[][2] = {
    {"where", "filter"}, {"metric", "metric"}, {"currency", "currency"},
    {"from", "from"},    {"to", "to"},         {"as-of", "as_of"}};
static const char *const of_lists[][2] = {{"search", "q"}, {"sort", "sort"}};

static void put_params(struct fth_cli *cli, struct fth_buf *path, const char *const (*params)[2],
                       size_t nr)
{
    for (size_t i = 0; i < nr; i++) {
        const char *value = fth_args_value(&cli->args, params[i][0]);

        if (!value)
            continue;
        fth_buf_printf(path, "%c%s=", fth_str_find(fth_buf_view(path), '?') == SIZE_MAX ? '?' : '&',
                       params[i][1]);
        fth_cli_put_query(path, fth_str_c(value));
    }
}

/* The commands are named as their collections are. */
static enum fth_rc put_path(struct fth_cli *cli, const char *id, struct fth_buf *path,
                            struct fth_err *err)
{
    fth_buf_printf(path, "/api/v1/%s", cli->args.command->name);
    if (id) {
        fth_buf_char(path, '/');
        fth_cli_put_query(path, fth_str_c(id));
    } else {
        put_params(cli, path, of_lists, FTH_NR(of_lists));
    }
    put_params(cli, path, shared, FTH_NR(shared));
    return fth_buf_done(path, err);
}

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id",       "name",       "provider",  "#cost",
                                         "currency", "first_seen", "last_seen", NULL};
    struct fth_buf path = fth_buf_max(PATH_LEN);
    const struct fth_json *answer = NULL;
    long long limit;

    if (!fth_args_number(&cli->args, "limit", 1, FTH_LIST_MAX, 0, &limit, err) &&
        !put_path(cli, NULL, &path, err))
        (void)fth_cli_get_all(cli, fth_buf_view(&path), (size_t)limit, &answer, err);
    fth_buf_release(&path);
    return err->rc ? err->rc : fth_cli_list(cli, answer, "data", fields, err);
}

static enum fth_rc show(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id",         "name",      "provider", "#totals",
                                         "first_seen", "last_seen", "#charges", NULL};
    struct fth_buf path = fth_buf_max(PATH_LEN);
    const struct fth_json *answer = NULL;

    if (!put_path(cli, cli->args.args[1], &path, err))
        (void)fth_cli_get(cli, fth_buf_view(&path), &answer, err);
    fth_buf_release(&path);
    if (err->rc)
        return err->rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_entity(cli, answer, err)
                                          : fth_cli_list(cli, answer, NULL, fields, err);
}

static enum fth_rc run(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list}, {"show", "ID", 1, 1, show}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}

enum fth_rc cmd_accounts(struct fth_cli *cli, struct fth_err *err)
{
    return run(cli, err);
}

enum fth_rc cmd_services(struct fth_cli *cli, struct fth_err *err)
{
    return run(cli, err);
}

enum fth_rc cmd_resources(struct fth_cli *cli, struct fth_err *err)
{
    return run(cli, err);
}
