/* rates: exchange rates by the API. */
#include <string.h>

#include "base/check.h"
#include "cli/verb_int.h"

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
    static const char *const options[] = {"from", NULL};
    struct fth_str target;

    if (fth_cli_filtered(cli, "/api/v1/rates", options, &target, err))
        return err->rc;
    return fth_cli_send_file(cli, path, target, out, err);
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

/* ---- the organisation's currency ---- */

void fth_cli_put_currency(struct fth_jw *jw, const char *currency)
{
    fth_jw_key(jw, "currency");
    if (strcmp(currency, "billed") == 0)
        fth_jw_null(jw);
    else
        fth_jw_c(jw, currency);
}

static enum fth_rc set_currency(struct fth_cli *cli, const char *currency,
                                const struct fth_json **out, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(1024);
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    fth_cli_put_currency(&jw, currency);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_cli_patch(cli, FTH_STR("/api/v1/organisation"), fth_buf_view(&body), out, err);
    fth_buf_release(&body);
    return err->rc;
}

static enum fth_rc currency(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"currency", NULL};
    const struct fth_json *answer = NULL;

    if (cli->args.arg_nr == 2 ? set_currency(cli, cli->args.args[1], &answer, err)
                              : fth_cli_get(cli, FTH_STR("/api/v1/organisation"), &answer, err))
        return err->rc;
    if (fth_json_get(answer, "currency")->type == FTH_JSON_NULL)
        fth_cli_note(cli, "note: amounts are reported as billed");
    return fth_cli_list(cli, answer, NULL, fields, err);
}

enum fth_rc cmd_rates(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list},
                                            {"import", "FILE", 1, 1, import},
                                            {"currency", "[CURRENCY]", 0, 1, currency}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
