/* users: who there is and what they may do, by the API. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/verb_int.h"

enum { BODY_MAX = 16 * 1024, PASSWORD_MAX = 1024 };

static const char *const fields[] = {"email", "name", "role_name",       "scope",
                                     "state", "totp", "last_sign_in_at", NULL};
static const char *const link_fields[] = {"kind", "link", "expires_at", NULL};

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;

    if (fth_cli_get_all(cli, FTH_STR("/api/v1/users"), 0, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

static enum fth_rc show(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/users/", cli->args.args[1], "", &path, err) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, NULL, fields, err);
}

static enum fth_rc roles(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const role_fields[] = {"id", "name", "#users", "permissions", NULL};
    const struct fth_json *answer;

    if (fth_cli_get(cli, FTH_STR("/api/v1/roles"), &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", role_fields, err);
}

/* ---- new ones ---- */

/* One line of standard input; a terminal is asked, and does not show it. */
static enum fth_rc read_password(char out[PASSWORD_MAX], struct fth_err *err)
{
    bool terminal = isatty(STDIN_FILENO) == 1;
    struct termios before, quiet;
    char *got;

    if (terminal && tcgetattr(STDIN_FILENO, &before) == 0) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        got = fgets(out, PASSWORD_MAX, stdin);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    } else {
        got = fgets(out, PASSWORD_MAX, stdin);
    }
    if (!got) {
        fth_err_set(err, FTH_E_USAGE, "users add: no password on standard input");
        fth_err_hint(err, "users invite lets them choose one themselves.");
        return err->rc;
    }
    out[strcspn(out, "\r\n")] = '\0';
    return FTH_OK;
}

static enum fth_rc send_new(struct fth_cli *cli, const char *password, const struct fth_json **out,
                            struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "email", cli->args.args[1]);
    if (!fth_args_value(&cli->args, "role"))
        fth_jw_kv_c(&jw, "role", "viewer");
    fth_cli_put_given(cli, &jw, "role");
    fth_cli_put_given(cli, &jw, "name");
    fth_cli_put_given(cli, &jw, "scope");
    if (password)
        fth_jw_kv_c(&jw, "password", password);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_cli_post(cli, FTH_STR("/api/v1/users"), fth_buf_view(&body), out, err);
    fth_buf_release(&body);
    return err->rc;
}

static enum fth_rc add(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer = NULL;
    char password[PASSWORD_MAX];

    if (read_password(password, err) || send_new(cli, password, &answer, err))
        return err->rc;
    return fth_cli_list(cli, fth_json_get(answer, "user"), NULL, fields, err);
}

static enum fth_rc print_link(struct fth_cli *cli, const struct fth_json *once, struct fth_err *err)
{
    fth_cli_note(cli, "note: the link stands behind the server's address; it works once and is not "
                      "shown again");
    return fth_cli_list(cli, once, NULL, link_fields, err);
}

static enum fth_rc invite(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer = NULL;

    if (send_new(cli, NULL, &answer, err))
        return err->rc;
    return print_link(cli, fth_json_get(answer, "one_time"), err);
}

static enum fth_rc setup_token(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;

    if (fth_cli_post(cli, FTH_STR("/api/v1/setup-token"), FTH_STR(""), &answer, err))
        return err->rc;
    return print_link(cli, answer, err);
}

/* ---- changes ---- */

/* PATCH with one member; `value` is JSON. */
static enum fth_rc change(struct fth_cli *cli, const char *member, struct fth_str value,
                          struct fth_err *err)
{
    const struct fth_json *answer = NULL;
    struct fth_buf body = fth_buf_max(BODY_MAX);
    struct fth_str path;
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    fth_jw_key(&jw, member);
    fth_jw_raw(&jw, value);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) &&
        !fth_cli_path(cli, "/api/v1/users/", cli->args.args[1], "", &path, err))
        (void)fth_cli_patch(cli, path, fth_buf_view(&body), &answer, err);
    fth_buf_release(&body);
    return err->rc ? err->rc : fth_cli_list(cli, answer, NULL, fields, err);
}

static enum fth_rc disable(struct fth_cli *cli, struct fth_err *err)
{
    return change(cli, "disabled", FTH_STR("true"), err);
}

static enum fth_rc enable(struct fth_cli *cli, struct fth_err *err)
{
    return change(cli, "disabled", FTH_STR("false"), err);
}

static enum fth_rc change_text(struct fth_cli *cli, const char *member, const char *text,
                               struct fth_err *err)
{
    struct fth_buf value = fth_buf_max(BODY_MAX);

    fth_json_put_string(&value, fth_str_c(text));
    if (!fth_buf_done(&value, err))
        (void)change(cli, member, fth_buf_view(&value), err);
    fth_buf_release(&value);
    return err->rc;
}

static enum fth_rc role(struct fth_cli *cli, struct fth_err *err)
{
    return change_text(cli, "role", cli->args.args[2], err);
}

static enum fth_rc scope(struct fth_cli *cli, struct fth_err *err)
{
    if (strcmp(cli->args.args[2], "all") == 0)
        return change(cli, "scope", FTH_STR("null"), err);
    return change_text(cli, "scope", cli->args.args[2], err);
}

static enum fth_rc reset(struct fth_cli *cli, struct fth_err *err)
{
    bool factor = fth_args_has(&cli->args, "second-factor");
    const struct fth_json *answer;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/users/", cli->args.args[1], "/reset", &path, err) ||
        fth_cli_post(cli, path, factor ? FTH_STR("{\"second_factor\":true}") : FTH_STR("{}"),
                     &answer, err))
        return err->rc;
    return print_link(cli, answer, err);
}

static enum fth_rc sign_out(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *nothing;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/users/", cli->args.args[1], "/sessions", &path, err))
        return err->rc;
    return fth_cli_delete(cli, path, &nothing, err);
}

enum fth_rc cmd_users(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {
        {"list", "", 0, 0, list},           {"show", "USER", 1, 1, show},
        {"add", "EMAIL", 1, 1, add},        {"invite", "EMAIL", 1, 1, invite},
        {"disable", "USER", 1, 1, disable}, {"enable", "USER", 1, 1, enable},
        {"role", "USER ROLE", 2, 2, role},  {"scope", "USER CONDITION|all", 2, 2, scope},
        {"reset", "USER", 1, 1, reset},     {"sign-out", "USER", 1, 1, sign_out},
        {"roles", "", 0, 0, roles},         {"setup-token", "", 0, 0, setup_token},
    };

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
