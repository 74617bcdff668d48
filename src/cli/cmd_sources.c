/* sources, deliveries, reconcile, dimensions: lists of the API. */
#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "cli/show.h"
#include "cli/verb_int.h"

/* ---- sources ---- */

static const char *const source_fields[] = {"id",    "name",          "provider",        "format",
                                            "#rows", "charges_until", "billing_periods", "#billed",
                                            NULL};

static enum fth_rc list_sources(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;
    struct fth_str path = fth_args_has(&cli->args, "all") ? FTH_STR("/api/v1/sources?removed=true")
                                                          : FTH_STR("/api/v1/sources");

    if (fth_cli_get(cli, path, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", source_fields, err);
}

static enum fth_rc show_source(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/sources/", cli->args.args[1], "", &path, err) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_source(cli, answer, err)
                                          : fth_cli_list(cli, answer, NULL, source_fields, err);
}

static enum fth_rc add_source(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const options[][2] = {{"provider", "provider"},
                                             {"account", "billing_account"},
                                             {"dataset", "dataset"},
                                             {"format", "format"}};
    struct fth_buf body = fth_buf_max(16 * 1024);
    const struct fth_json *answer;
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "name", cli->args.args[1]);
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        const char *value = fth_args_value(&cli->args, options[i][0]);

        if (!value && i < 3)
            return fth_err_set(err, FTH_E_USAGE, "sources add: --%s is missing", options[i][0]);
        if (value)
            fth_jw_kv_c(&jw, options[i][1], value);
    }
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (rc == FTH_OK)
        rc = fth_cli_post(cli, FTH_STR("/api/v1/sources"), fth_buf_view(&body), &answer, err);
    fth_buf_release(&body);
    if (rc)
        return rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_source(cli, answer, err)
                                          : fth_cli_list(cli, answer, NULL, source_fields, err);
}

/* Says what would go, and does it only when that was meant. */
static enum fth_rc remove_source(struct fth_cli *cli, struct fth_err *err)
{
    const char *rest = fth_args_has(&cli->args, "with-charges") ? "?with_charges=true" : "";
    const struct fth_json *source, *answer;
    int64_t charges = 0, version = 0;
    struct fth_str name, path, without;

    if (fth_cli_path(cli, "/api/v1/sources/", cli->args.args[1], "", &path, err) ||
        fth_cli_path(cli, "/api/v1/sources/", cli->args.args[1], rest, &without, err) ||
        fth_cli_get(cli, path, &source, err))
        return err->rc;
    name = fth_json_str(source, "name", FTH_STR(""));
    fth_json_i64(fth_json_get(source, "rows"), &charges);
    if (!fth_args_has(&cli->args, "yes")) {
        fth_err_set(err, FTH_E_USAGE,
                    "sources remove: \"" FTH_STR_F "\" holds %lld charge%s; nothing was done",
                    FTH_STR_A(name), (long long)charges, charges == 1 ? "" : "s");
        fth_err_hint(err, charges ? "Say --with-charges --yes to take them out of the ledger."
                                  : "Say --yes to remove it.");
        return err->rc;
    }
    if (fth_cli_delete(cli, without, &answer, err))
        return err->rc;
    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    if (fth_json_i64(fth_json_get(answer, "version"), &version))
        fth_cli_note(cli,
                     "%lld charge%s of " FTH_STR_F " left the ledger; --as-of %lld still has %s",
                     (long long)charges, charges == 1 ? "" : "s", FTH_STR_A(name),
                     (long long)(version - 1), charges == 1 ? "it" : "them");
    else
        fth_cli_note(cli, FTH_STR_F " is gone", FTH_STR_A(name));
    return FTH_OK;
}

enum fth_rc cmd_sources(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list_sources},
                                            {"show", "SOURCE", 1, 1, show_source},
                                            {"add", "NAME", 1, 1, add_source},
                                            {"remove", "SOURCE", 1, 1, remove_source}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}

/* ---- deliveries ---- */

static const char *const of_options[] = {"source", "period", NULL};

static enum fth_rc get_deliveries(struct fth_cli *cli, const struct fth_json **out,
                                  struct fth_err *err)
{
    struct fth_str path;
    long long limit = 0;

    if (fth_args_number(&cli->args, "limit", 1, FTH_LIST_MAX, 0, &limit, err) ||
        fth_cli_filtered(cli, "/api/v1/deliveries", of_options, &path, err))
        return err->rc;
    return fth_cli_get_all(cli, path, (size_t)limit, out, err);
}

static const char *const delivery_fields[] = {
    "id",           "source",   "billing_period", "status",      "loaded_at",
    "#rows_stored", "currency", "#billed_cost",   "#difference", NULL};

static enum fth_rc list_deliveries(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer = NULL;

    if (get_deliveries(cli, &answer, err))
        return err->rc;
    return fth_cli_list(cli, answer, "data", delivery_fields, err);
}

static enum fth_rc show_delivery(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/deliveries/", cli->args.args[1], "", &path, err) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_delivery(cli, answer, err)
                                          : fth_cli_list(cli, answer, NULL, delivery_fields, err);
}

/* Whoever answers may be of another version: what is not as it should be is named. */
static enum fth_rc no_diff(const char *what, struct fth_err *err)
{
    fth_err_set(err, FTH_E_NET, "the server's answer is no comparison of deliveries: %s", what);
    fth_err_hint(err, "Is it a Farthing of another version? \"version\" and /api/v1/version tell.");
    return err->rc;
}

enum { DIFF_COLS = 9 };

/* The columns of a row (or a total) behind the first. */
static enum fth_rc diff_cells(const struct fth_json *row, struct fth_str *out, struct fth_err *err)
{
    static const char *const amounts[][2] = {{"billed_cost", "before"},
                                             {"billed_cost", "after"},
                                             {"billed_cost", "change"},
                                             {"effective_cost", "change"},
                                             {"charges", "change"}};
    const struct fth_json *value = fth_json_get(row, "value");

    out[1] = fth_json_is(value, FTH_JSON_STRING) ? value->text : (struct fth_str){0};
    if (fth_json_is(value, FTH_JSON_STRING) && !out[1].p)
        out[1] = FTH_STR("");
    out[2] = fth_json_str(row, "currency", FTH_STR(""));
    out[3] = fth_json_str(row, "status", FTH_STR(""));
    for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++) {
        const struct fth_json *cell = fth_json_get(fth_json_get(row, amounts[i][0]), amounts[i][1]);

        if (!fth_json_is(cell, FTH_JSON_STRING) && !fth_json_is(cell, FTH_JSON_NUMBER))
            return no_diff(amounts[i][0], err);
        out[4 + i] = cell->text;
    }
    return FTH_OK;
}

/* The rows of a dimension, then what its other values changed. */
static enum fth_rc dimension_lines(struct fth_cli *cli, const struct fth_json *of,
                                   struct fth_str *lines, struct fth_err *err)
{
    const struct fth_json *rows = fth_json_get(of, "rows"), *others = fth_json_get(of, "others");

    for (size_t r = 0; r < rows->nr + others->nr; r++, lines += DIFF_COLS) {
        const struct fth_json *row = r < rows->nr ? &rows->items[r] : &others->items[r - rows->nr];
        int64_t values = 0;

        lines[0] = fth_json_str(of, "dimension", FTH_STR("?"));
        if (diff_cells(row, lines, err))
            return err->rc;
        if (r < rows->nr)
            continue;
        (void)fth_json_i64(fth_json_get(row, "values"), &values);
        if (fth_arena_printf(cli->arena, &lines[1], err, "%" PRId64 " others", values))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc total_lines(const struct fth_json *totals, struct fth_str *lines,
                               struct fth_err *err)
{
    for (size_t t = 0; t < totals->nr; t++, lines += DIFF_COLS) {
        lines[0] = FTH_STR("Total");
        if (diff_cells(&totals->items[t], lines, err))
            return err->rc;
        lines[1] = lines[3] = FTH_STR("");
    }
    return FTH_OK;
}

/* The dimensions below each other; what is in all of them is the change of the totals. */
static enum fth_rc print_diff(struct fth_cli *cli, const struct fth_json *diff, struct fth_err *err)
{
    static const char *const names[DIFF_COLS] = {
        "dimension",    "value",         "currency",         "status",        "billed_before",
        "billed_after", "billed_change", "effective_change", "charges_change"};
    const struct fth_json *by = fth_json_get(diff, "by"), *totals = fth_json_get(diff, "totals");
    struct fth_out_col cols[DIFF_COLS];
    struct fth_str *lines, *end;
    size_t nr = 0;

    if (!fth_json_is(by, FTH_JSON_ARRAY) || !fth_json_is(totals, FTH_JSON_ARRAY))
        return no_diff("by and totals", err);
    for (size_t d = 0; d < by->nr; d++) {
        const struct fth_json *rows = fth_json_get(&by->items[d], "rows");
        const struct fth_json *others = fth_json_get(&by->items[d], "others");

        if (!fth_json_is(rows, FTH_JSON_ARRAY) || !fth_json_is(others, FTH_JSON_ARRAY))
            return no_diff("rows and others", err);
        nr += rows->nr + others->nr;
    }
    end = lines = FTH_NEW_ARRAY(cli->arena, struct fth_str, (nr + totals->nr + 1) * DIFF_COLS);
    if (!lines)
        return fth_err_nomem(err);
    for (size_t c = 0; c < DIFF_COLS; c++)
        cols[c] = (struct fth_out_col){fth_str_c(names[c]), c > 3};
    for (size_t d = 0; d < by->nr; d++) {
        const struct fth_json *of = &by->items[d];

        if (dimension_lines(cli, of, end, err))
            return err->rc;
        end += (fth_json_get(of, "rows")->nr + fth_json_get(of, "others")->nr) * DIFF_COLS;
        if (!fth_json_bool(fth_json_get(of, "complete"), true))
            fth_cli_note(cli, "by " FTH_STR_F ": too many values to compare",
                         FTH_STR_A(fth_json_str(of, "dimension", FTH_STR("?"))));
    }
    if (total_lines(totals, end, err))
        return err->rc;
    return fth_out_table(&cli->out,
                         &(struct fth_out_table){cols, DIFF_COLS, lines, nr, end, totals->nr},
                         cli->arena, err);
}

static enum fth_rc diff_deliveries(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_args *args = &cli->args;
    bool against = args->arg_nr == 3;
    const struct fth_json *answer, *before, *after;
    struct fth_str path;

    if (fth_cli_path(cli, "/api/v1/deliveries/", args->args[1],
                     against ? "/diff?against=" : "/diff", &path, err) ||
        (against && fth_cli_path(cli, path.p, args->args[2], "", &path, err)) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    before = fth_json_get(answer, "before");
    after = fth_json_get(answer, "after");
    if (cli->out.form == FTH_OUT_TABLE)
        fth_cli_note(cli, FTH_STR_F " " FTH_STR_F ": delivery " FTH_STR_F " against " FTH_STR_F,
                     FTH_STR_A(fth_json_str(answer, "source", FTH_STR(""))),
                     FTH_STR_A(fth_json_str(answer, "billing_period", FTH_STR(""))),
                     FTH_STR_A(fth_json_str(after, "delivery", FTH_STR("?"))),
                     FTH_STR_A(fth_json_str(before, "delivery", FTH_STR("what was there before"))));
    return print_diff(cli, answer, err);
}

enum fth_rc cmd_deliveries(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list_deliveries},
                                            {"show", "ID", 1, 1, show_delivery},
                                            {"diff", "ID [ID]", 1, 2, diff_deliveries}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}

/* ---- reconcile ---- */

static void tell_checks(struct fth_cli *cli, const struct fth_json *entry)
{
    const struct fth_json *checks = fth_json_get(entry, "checks");
    struct fth_str source = fth_json_str(entry, "source", FTH_STR(""));
    struct fth_str period = fth_json_str(entry, "billing_period", FTH_STR(""));

    for (size_t i = 0; checks && i < checks->nr; i++) {
        const struct fth_json *check = &checks->items[i];

        if (fth_json_bool(fth_json_get(check, "ok"), true) ||
            fth_json_bool(fth_json_get(check, "remark"), false))
            continue;
        fth_cli_note(cli,
                     "does not hold: " FTH_STR_F " " FTH_STR_F ", delivery " FTH_STR_F
                     ": " FTH_STR_F ": " FTH_STR_F,
                     FTH_STR_A(source), FTH_STR_A(period),
                     FTH_STR_A(fth_json_str(check, "delivery", FTH_STR("?"))),
                     FTH_STR_A(fth_json_str(check, "id", FTH_STR(""))),
                     FTH_STR_A(fth_json_str(check, "detail", FTH_STR(""))));
        fth_show_where(cli, check);
    }
}

/* Charges that the ledger holds beyond those of its deliveries, or lacks. */
static void tell_rows(struct fth_cli *cli, const struct fth_json *entry)
{
    const struct fth_json *deliveries = fth_json_get(entry, "deliveries");
    struct fth_str source = fth_json_str(entry, "source", FTH_STR(""));
    struct fth_str period = fth_json_str(entry, "billing_period", FTH_STR(""));
    int64_t stored = 0, held = 0;

    if (!fth_json_i64(fth_json_get(entry, "rows_stored"), &stored) ||
        !fth_json_i64(fth_json_get(entry, "ledger_rows"), &held) || stored == held)
        return;
    if (!deliveries || !deliveries->nr)
        fth_cli_note(cli,
                     "does not hold: " FTH_STR_F " " FTH_STR_F ": %" PRId64
                     " charge%s in the ledger that no current delivery brought",
                     FTH_STR_A(source), FTH_STR_A(period), held, held == 1 ? "" : "s");
    else
        fth_cli_note(cli,
                     "does not hold: " FTH_STR_F " " FTH_STR_F ": its deliveries stored %" PRId64
                     " charge%s, the ledger holds %" PRId64,
                     FTH_STR_A(source), FTH_STR_A(period), stored, stored == 1 ? "" : "s", held);
}

#define RECONCILIATION "/api/v1/reconciliation"

static enum fth_rc get_reconciliation(struct fth_cli *cli, const struct fth_json **out,
                                      struct fth_err *err)
{
    struct fth_str path;

    if (fth_cli_filtered(cli, RECONCILIATION, of_options, &path, err))
        return err->rc;
    return fth_cli_get(cli, path, out, err);
}

/* An object with the members of both; of those with one name the first's. */
static enum fth_rc join(struct fth_arena *arena, const struct fth_json *a, const struct fth_json *b,
                        struct fth_json *out, struct fth_err *err)
{
    struct fth_json_member *members = FTH_NEW_ARRAY(arena, struct fth_json_member, a->nr + b->nr);
    size_t nr = 0;

    if (!members)
        return fth_err_nomem(err);
    for (size_t i = 0; i < a->nr; i++)
        members[nr++] = a->members[i];
    for (size_t i = 0; i < b->nr; i++)
        if (!fth_json_get_str(a, b->members[i].key))
            members[nr++] = b->members[i];
    *out = (struct fth_json){.type = FTH_JSON_OBJECT, .members = members, .nr = nr};
    return FTH_OK;
}

FTH_VEC(json_vec, struct fth_json)

/* A line for each currency of an entry, one for an entry that has none. */
static enum fth_rc add_lines(struct fth_cli *cli, const struct fth_json *entry,
                             struct json_vec *lines, struct fth_err *err)
{
    const struct fth_json *by = fth_json_get(entry, "by_currency");
    size_t nr = fth_json_is(by, FTH_JSON_ARRAY) ? by->nr : 0;
    struct fth_json line;
    enum fth_rc rc = FTH_OK;

    if (!fth_json_is(entry, FTH_JSON_OBJECT))
        return FTH_OK;
    if (!nr)
        return json_vec_push(lines, *entry, err);
    for (size_t i = 0; i < nr && !rc; i++) {
        if (!fth_json_is(&by->items[i], FTH_JSON_OBJECT))
            continue;
        rc = join(cli->arena, &by->items[i], entry, &line, err);
        if (!rc)
            rc = json_vec_push(lines, line, err);
    }
    return rc;
}

static enum fth_rc list_lines(struct fth_cli *cli, const struct fth_json *data,
                              const char *const *fields, struct fth_err *err)
{
    struct json_vec lines = json_vec_in(cli->arena);
    struct fth_json_member member = {.key = FTH_STR("data")};
    const struct fth_json answer = {.type = FTH_JSON_OBJECT, .members = &member, .nr = 1};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; data && i < data->nr && !rc; i++)
        rc = add_lines(cli, &data->items[i], &lines, err);
    member.value = (struct fth_json){.type = FTH_JSON_ARRAY, .items = lines.at, .nr = lines.nr};
    return rc ? rc : fth_cli_list(cli, &answer, "data", fields, err);
}

/* ---- invoices ---- */

/* What of an invoice is not explained, and what may be it. */
static void tell_invoice(struct fth_cli *cli, const struct fth_json *invoice)
{
    const struct fth_json *lines = fth_json_get(invoice, "lines");
    const struct fth_json *candidates = fth_json_get(invoice, "candidates");
    struct fth_str id = fth_json_str(invoice, "invoice", FTH_STR("?"));

    for (size_t i = 0; fth_json_is(lines, FTH_JSON_ARRAY) && i < lines->nr; i++) {
        struct fth_str status = fth_json_str(&lines->items[i], "status", FTH_STR(""));
        struct fth_str account = fth_json_str(&lines->items[i], "account", FTH_STR(""));

        if (!fth_str_eq_c(status, "matched"))
            fth_cli_note(
                cli,
                FTH_STR_F ": " FTH_STR_F "%s" FTH_STR_F ": " FTH_STR_F ": invoiced " FTH_STR_F
                          ", ledger " FTH_STR_F ", difference " FTH_STR_F,
                FTH_STR_A(id),
                FTH_STR_A(fth_json_str(&lines->items[i], "service", FTH_STR("any service"))),
                account.n ? ", account " : "", FTH_STR_A(account), FTH_STR_A(status),
                FTH_STR_A(fth_json_str(&lines->items[i], "invoiced", FTH_STR("?"))),
                FTH_STR_A(fth_json_str(&lines->items[i], "ledger", FTH_STR("?"))),
                FTH_STR_A(fth_json_str(&lines->items[i], "difference", FTH_STR("?"))));
    }
    for (size_t i = 0; fth_json_is(candidates, FTH_JSON_ARRAY) && i < candidates->nr; i++) {
        const struct fth_json *one = &candidates->items[i];
        int64_t charges = 0;

        fth_json_i64(fth_json_get(one, "charges"), &charges);
        fth_cli_note(cli,
                     FTH_STR_F ": as large as the difference: " FTH_STR_F " \"" FTH_STR_F
                               "\", %" PRId64 " charge%s, " FTH_STR_F,
                     FTH_STR_A(id), FTH_STR_A(fth_json_str(one, "dimension", FTH_STR("?"))),
                     FTH_STR_A(fth_json_str(one, "value", FTH_STR("none"))), charges,
                     charges == 1 ? "" : "s",
                     FTH_STR_A(fth_json_str(one, "billed_cost", FTH_STR("?"))));
    }
}

static enum fth_rc reconcile_invoice(struct fth_cli *cli, const char *file, struct fth_err *err)
{
    static const char *const fields[] = {"invoice",     "currency",  "#invoiced",   "#ledger",
                                         "#difference", "#rounding", "#line_count", "#charges",
                                         "status",      NULL};
    const struct fth_json *answer = NULL, *data;
    struct fth_str path;

    if (fth_cli_filtered(cli, RECONCILIATION, of_options, &path, err) ||
        fth_cli_send_file(cli, file, path, &answer, err))
        return err->rc;
    data = fth_json_get(answer, "data");
    if (!fth_json_bool(fth_json_get(answer, "explained"), false))
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    for (size_t i = 0;
         cli->out.form == FTH_OUT_TABLE && fth_json_is(data, FTH_JSON_ARRAY) && i < data->nr; i++)
        tell_invoice(cli, &data->items[i]);
    return fth_cli_list(cli, answer, "data", fields, err);
}

enum fth_rc cmd_reconcile(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {
        "source",      "billing_period", "currency",     "#native_total", "#ledger_billed",
        "#difference", "#rows_stored",   "#ledger_rows", "#deliveries",   "balances",
        NULL};
    const char *invoice = fth_args_value(&cli->args, "invoice");
    const struct fth_json *answer = NULL, *data;

    if (invoice)
        return reconcile_invoice(cli, invoice, err);
    if (get_reconciliation(cli, &answer, err))
        return err->rc;
    data = fth_json_get(answer, "data");
    for (size_t i = 0; data && i < data->nr; i++)
        if (!fth_json_bool(fth_json_get(&data->items[i], "balances"), true)) {
            tell_checks(cli, &data->items[i]);
            tell_rows(cli, &data->items[i]);
        }
    if (!fth_json_bool(fth_json_get(answer, "balances"), false))
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    return list_lines(cli, data, fields, err);
}

/* ---- dimensions ---- */

enum fth_rc cmd_dimensions(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const names[] = {"id", "label", "description", NULL};
    static const char *const values[] = {"id", "label", "#cost", "currency", NULL};
    const char *search = fth_args_value(&cli->args, "search");
    struct fth_str path = FTH_STR("/api/v1/dimensions");
    const struct fth_json *answer;
    bool one = cli->args.arg_nr == 1;
    long long limit;

    if (fth_args_number(&cli->args, "limit", 1, FTH_LIST_MAX, 0, &limit, err) ||
        (one && fth_cli_path(cli, "/api/v1/dimensions/", cli->args.args[0],
                             search ? "/values?q=" : "/values", &path, err)) ||
        (one && search && fth_cli_path(cli, path.p, search, "", &path, err)) ||
        (one ? fth_cli_get_all(cli, path, (size_t)limit, &answer, err)
             : fth_cli_get(cli, path, &answer, err)))
        return err->rc;
    return fth_cli_list(cli, answer, "data", one ? values : names, err);
}
