/* sources, deliveries, reconcile, dimensions: lists of the API. */
#include <string.h>

#include "cli/cmd_int.h"

/* The verb of "list | show ID": list without one. */
static enum fth_rc is_show(const struct fth_cli *cli, bool *show, struct fth_err *err)
{
    const struct fth_args *args = &cli->args;
    const char *verb = args->arg_nr ? args->args[0] : "list";

    *show = strcmp(verb, "show") == 0;
    if (!*show && strcmp(verb, "list") != 0) {
        fth_err_set(err, FTH_E_USAGE, "%s: no verb \"%s\"", args->command->name, verb);
        fth_err_hint(err, "There are list and show.");
    } else if (*show != (args->arg_nr == 2)) {
        fth_err_set(err, FTH_E_USAGE, "%s %s: %s", args->command->name, verb,
                    *show ? "which one?" : "takes no argument");
    }
    return err->rc;
}

static enum fth_rc get_one(struct fth_cli *cli, const char *collection, const char *id,
                           const struct fth_json **out, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(4096);
    enum fth_rc rc;

    fth_buf_printf(&path, "/api/v1/%s/", collection);
    fth_cli_put_query(&path, fth_str_c(id));
    rc = fth_buf_done(&path, err);
    if (rc == FTH_OK)
        rc = fth_cli_get(cli, fth_buf_view(&path), out, err);
    fth_buf_release(&path);
    return rc;
}

enum fth_rc cmd_sources(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id",    "name",          "provider",        "format",
                                         "#rows", "charges_until", "billing_periods", "#billed",
                                         NULL};
    const struct fth_json *answer;
    bool show;

    if (is_show(cli, &show, err))
        return err->rc;
    if (show) {
        if (get_one(cli, "sources", cli->args.args[1], &answer, err))
            return err->rc;
        return fth_out_json(&cli->out, answer, err);
    }
    if (fth_cli_get(cli, FTH_STR("/api/v1/sources"), &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

static enum fth_rc get_deliveries(struct fth_cli *cli, const struct fth_json **out,
                                  struct fth_err *err)
{
    const char *source = fth_args_value(&cli->args, "source");
    struct fth_buf path = fth_buf_max(4096);
    enum fth_rc rc;

    fth_buf_c(&path, "/api/v1/deliveries?limit=1000");
    if (source) {
        fth_buf_c(&path, "&source=");
        fth_cli_put_query(&path, fth_str_c(source));
    }
    rc = fth_buf_done(&path, err);
    if (rc == FTH_OK)
        rc = fth_cli_get(cli, fth_buf_view(&path), out, err);
    fth_buf_release(&path);
    return rc;
}

enum fth_rc cmd_deliveries(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {
        "id",           "source",   "billing_period", "status",      "loaded_at",
        "#rows_stored", "currency", "#billed_cost",   "#difference", NULL};
    const struct fth_json *answer;
    bool show;

    if (is_show(cli, &show, err))
        return err->rc;
    if (show) {
        if (get_one(cli, "deliveries", cli->args.args[1], &answer, err))
            return err->rc;
        return fth_out_json(&cli->out, answer, err);
    }
    if (get_deliveries(cli, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", fields, err);
}

/* ---- reconcile ---- */

/* Does every check of a delivery hold? A difference that is not known is not a difference. */
static bool balances(const struct fth_json *delivery)
{
    const struct fth_json *checks = fth_json_get(delivery, "checks");
    struct fth_money difference;

    if (fth_json_money(fth_json_get(delivery, "difference"), &difference) &&
        !fth_money_is_zero(difference))
        return false;
    for (size_t i = 0; checks && i < checks->nr; i++)
        if (!fth_json_bool(fth_json_get(&checks->items[i], "ok"), true))
            return false;
    return true;
}

static void tell_checks(struct fth_cli *cli, const struct fth_json *delivery)
{
    const struct fth_json *checks = fth_json_get(delivery, "checks");

    for (size_t i = 0; checks && i < checks->nr; i++) {
        const struct fth_json *check = &checks->items[i];

        if (!fth_json_bool(fth_json_get(check, "ok"), true))
            fth_cli_note(cli, "does not hold: " FTH_STR_F " " FTH_STR_F ": " FTH_STR_F,
                         FTH_STR_A(fth_json_str(delivery, "source", FTH_STR(""))),
                         FTH_STR_A(fth_json_str(check, "id", FTH_STR(""))),
                         FTH_STR_A(fth_json_str(check, "detail", FTH_STR(""))));
    }
}

enum fth_rc cmd_reconcile(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {
        "source",       "billing_period", "currency", "#native_total",
        "#billed_cost", "#difference",    "balances", NULL};
    const char *period = fth_args_value(&cli->args, "period");
    struct fth_buf text = fth_buf_max(256 * 1024 * 1024);
    const struct fth_json *answer, *data, *kept;
    struct fth_jw jw;
    enum fth_rc rc;

    if (get_deliveries(cli, &answer, err))
        return err->rc;
    data = fth_json_get(answer, "data");
    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "deliveries");
    fth_jw_array(&jw);
    for (size_t i = 0; data && i < data->nr; i++) {
        const struct fth_json *delivery = &data->items[i];
        struct fth_str month = fth_json_str(delivery, "billing_period", FTH_STR(""));
        bool fine = balances(delivery);

        if (!fth_str_eq_c(fth_json_str(delivery, "status", FTH_STR("")), "loaded") ||
            (period && !fth_str_eq_c(month, period)))
            continue;
        if (!fine) {
            cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
            tell_checks(cli, delivery);
        }
        fth_jw_object(&jw);
        for (size_t m = 0; m < delivery->nr; m++) {
            fth_jw_key_str(&jw, delivery->members[m].key);
            fth_jw_json(&jw, &delivery->members[m].value);
        }
        fth_jw_kv_bool(&jw, "balances", fine);
        fth_jw_object_end(&jw);
    }
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (rc == FTH_OK)
        rc = fth_json_parse(cli->arena, fth_buf_view(&text),
                            &(struct fth_json_limits){.max_len = text.max}, &kept, err);
    if (rc == FTH_OK)
        rc = fth_cli_list(cli, kept, "deliveries", fields, err);
    fth_buf_release(&text);
    return rc;
}

/* ---- dimensions ---- */

enum fth_rc cmd_dimensions(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const names[] = {"id", "label", "description", NULL};
    static const char *const values[] = {"id", "label", "#cost", "currency", NULL};
    const char *search = fth_args_value(&cli->args, "search");
    struct fth_buf path = fth_buf_max(4096);
    const struct fth_json *answer;
    bool one = cli->args.arg_nr == 1;
    long long limit;
    enum fth_rc rc;

    if (fth_args_number(&cli->args, "limit", 1, 1000, 100, &limit, err))
        return err->rc;
    fth_buf_c(&path, "/api/v1/dimensions");
    if (one) {
        fth_buf_char(&path, '/');
        fth_cli_put_query(&path, fth_str_c(cli->args.args[0]));
        fth_buf_printf(&path, "/values?limit=%lld", limit);
        if (search) {
            fth_buf_c(&path, "&q=");
            fth_cli_put_query(&path, fth_str_c(search));
        }
    }
    rc = fth_buf_done(&path, err);
    if (rc == FTH_OK)
        rc = fth_cli_get(cli, fth_buf_view(&path), &answer, err);
    if (rc == FTH_OK)
        rc = fth_cli_list(cli, answer, "data", one ? values : names, err);
    fth_buf_release(&path);
    return rc;
}
