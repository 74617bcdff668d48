#include "cli/show.h"

#include <inttypes.h>

enum { PAGE_MAX = 16 << 20, LABEL = 24, HASH_SHOWN = 12, MONTH = 7 };

static const char *none(const struct fth_cli *cli)
{
    return cli->out.utf8 ? "\xe2\x80\x93" : "-";
}

/* ---- lines ---- */

static void head(struct fth_cli *cli, struct fth_buf *page, const char *title)
{
    fth_buf_printf(page, "\n%s%s%s\n", cli->out.colour ? "\x1b[1m" : "", title,
                   cli->out.colour ? "\x1b[0m" : "");
}

static void line(struct fth_cli *cli, struct fth_buf *page, struct fth_str label,
                 struct fth_str value, const char *rest)
{
    fth_buf_printf(page, "  " FTH_STR_F, FTH_STR_A(label));
    for (size_t n = label.n; n < LABEL; n++)
        fth_buf_char(page, ' ');
    fth_buf_char(page, ' ');
    if (value.p)
        fth_buf_str(page, value);
    else
        fth_buf_c(page, none(cli));
    fth_buf_printf(page, "%s\n", rest);
}

static struct fth_str text(const struct fth_json *object, const char *name)
{
    const struct fth_json *value = fth_json_get(object, name);

    if (fth_json_is(value, FTH_JSON_BOOL))
        return value->boolean ? FTH_STR("yes") : FTH_STR("no");
    if (!fth_json_is(value, FTH_JSON_STRING) && !fth_json_is(value, FTH_JSON_NUMBER))
        return (struct fth_str){0};
    return value->text.p ? value->text : FTH_STR("");
}

static void field(struct fth_cli *cli, struct fth_buf *page, const char *label,
                  const struct fth_json *object, const char *name)
{
    line(cli, page, fth_str_c(label), text(object, name), "");
}

static const struct fth_json *list(const struct fth_json *object, const char *name)
{
    static const struct fth_json empty = {.type = FTH_JSON_ARRAY};
    const struct fth_json *items = fth_json_get(object, name);

    return fth_json_is(items, FTH_JSON_ARRAY) ? items : &empty;
}

static void names(struct fth_buf *page, const char *label, const struct fth_json *items)
{
    if (!items->nr)
        return;
    fth_buf_printf(page, "\n%s: ", label);
    for (size_t i = 0; i < items->nr; i++)
        fth_buf_printf(page, "%s" FTH_STR_F, i ? ", " : "", FTH_STR_A(items->items[i].text));
    fth_buf_char(page, '\n');
}

static enum fth_rc print(struct fth_cli *cli, struct fth_buf *page, struct fth_err *err)
{
    enum fth_rc rc = fth_buf_done(page, err);

    if (rc == FTH_OK)
        rc = fth_out_text(&cli->out, fth_buf_view(page), err);
    fth_buf_release(page);
    return rc;
}

/* ---- a delivery ---- */

static void put_rows(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *delivery)
{
    const struct fth_json *dropped = list(delivery, "rows_dropped"),
                          *added = list(delivery, "rows_added");

    head(cli, page, "Rows");
    field(cli, page, "read", delivery, "rows_read");
    for (size_t i = 0; i < dropped->nr; i++) {
        struct fth_str cost = text(&dropped->items[i], "billed_cost");

        fth_buf_printf(page, "  - " FTH_STR_F, FTH_STR_A(text(&dropped->items[i], "rule")));
        for (size_t n = text(&dropped->items[i], "rule").n + 2; n < LABEL; n++)
            fth_buf_char(page, ' ');
        fth_buf_printf(page, " " FTH_STR_F " dropped, billed " FTH_STR_F "\n",
                       FTH_STR_A(text(&dropped->items[i], "rows")),
                       FTH_STR_A(cost.p ? cost : FTH_STR("unknown")));
    }
    for (size_t i = 0; i < added->nr; i++) {
        fth_buf_printf(page, "  + " FTH_STR_F, FTH_STR_A(text(&added->items[i], "rule")));
        for (size_t n = text(&added->items[i], "rule").n + 2; n < LABEL; n++)
            fth_buf_char(page, ' ');
        fth_buf_printf(page, " " FTH_STR_F " added\n", FTH_STR_A(text(&added->items[i], "rows")));
    }
    field(cli, page, "stored", delivery, "rows_stored");
    if (text(delivery, "set_aside_file").p)
        field(cli, page, "set aside in", delivery, "set_aside_file");
}

static void put_cost(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *sums)
{
    const struct fth_json *native = fth_json_get(sums, "native_total");

    field(cli, page, "currency", sums, "currency");
    line(cli, page, text(native, "column"), text(native, "amount"), " as delivered");
    field(cli, page, "billed", sums, "billed_cost");
    field(cli, page, "effective", sums, "effective_cost");
    field(cli, page, "difference", sums, "difference");
}

/* The same lines for each currency. */
static void put_costs(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *delivery)
{
    const struct fth_json *currencies = list(delivery, "by_currency");

    head(cli, page, "Costs");
    for (size_t i = 0; i < currencies->nr; i++)
        put_cost(cli, page, &currencies->items[i]);
    if (!currencies->nr)
        put_cost(cli, page, delivery);
}

void fth_show_where(struct fth_cli *cli, const struct fth_json *check)
{
    const struct fth_json *where = list(check, "where");

    for (size_t i = 0; i < where->nr; i++)
        fth_cli_note(cli, "  " FTH_STR_F, FTH_STR_A(where->items[i].text));
}

static void put_checks(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *checks)
{
    if (!checks->nr)
        return;
    head(cli, page, "Checks");
    for (size_t i = 0; i < checks->nr; i++) {
        const struct fth_json *check = &checks->items[i], *where = list(check, "where");
        bool ok = fth_json_bool(fth_json_get(check, "ok"), true);
        bool remark = fth_json_bool(fth_json_get(check, "remark"), false);

        fth_buf_printf(page, "  %s ", ok ? "holds " : remark ? "remark" : "FAILS ");
        fth_buf_printf(page, FTH_STR_F ": " FTH_STR_F "\n", FTH_STR_A(text(check, "id")),
                       FTH_STR_A(text(check, "detail")));
        for (size_t k = 0; k < where->nr; k++)
            fth_buf_printf(page, "           " FTH_STR_F "\n", FTH_STR_A(where->items[k].text));
    }
}

static void put_files(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *files)
{
    if (!files->nr)
        return;
    head(cli, page, "Files");
    for (size_t i = 0; i < files->nr; i++) {
        struct fth_str hash = text(&files->items[i], "sha256");

        fth_buf_printf(page, "  " FTH_STR_F "\n    " FTH_STR_F " bytes, " FTH_STR_F " rows",
                       FTH_STR_A(text(&files->items[i], "path")),
                       FTH_STR_A(text(&files->items[i], "bytes")),
                       FTH_STR_A(text(&files->items[i], "rows")));
        if (hash.n)
            fth_buf_printf(page, ", sha256 " FTH_STR_F,
                           FTH_STR_A(fth_str_sub(hash, 0, HASH_SHOWN)));
        fth_buf_char(page, '\n');
    }
}

static void put_bad(struct fth_cli *cli, struct fth_buf *page, const char *title,
                    const struct fth_json *bad)
{
    if (!bad->nr)
        return;
    head(cli, page, title);
    for (size_t i = 0; i < bad->nr; i++) {
        const struct fth_json *one = &bad->items[i];

        if (text(one, "message").p) {
            fth_buf_printf(page, "  " FTH_STR_F "\n", FTH_STR_A(text(one, "message")));
            continue;
        }
        fth_buf_printf(page, "  " FTH_STR_F ":" FTH_STR_F ": ", FTH_STR_A(text(one, "file")),
                       FTH_STR_A(text(one, "line")));
        if (text(one, "column").n)
            fth_buf_printf(page, FTH_STR_F " \"" FTH_STR_F "\": ", FTH_STR_A(text(one, "column")),
                           FTH_STR_A(text(one, "value")));
        fth_buf_printf(page, FTH_STR_F "\n", FTH_STR_A(text(one, "rule")));
    }
}

enum fth_rc fth_show_delivery(struct fth_cli *cli, const struct fth_json *delivery,
                              struct fth_err *err)
{
    struct fth_buf page = fth_buf_max(PAGE_MAX);
    const struct fth_json *warnings = list(delivery, "warnings");
    bool refused = fth_str_eq_c(text(delivery, "status"), "refused");

    fth_buf_printf(&page, "Delivery " FTH_STR_F ", " FTH_STR_F "\n",
                   FTH_STR_A(text(delivery, "id")), FTH_STR_A(text(delivery, "status")));
    field(cli, &page, "source", delivery, "source");
    field(cli, &page, "provider", delivery, "provider");
    field(cli, &page, "billing period", delivery, "billing_period");
    field(cli, &page, "format", delivery, "format");
    field(cli, &page, refused ? "refused at" : "loaded at", delivery, "loaded_at");
    field(cli, &page, "ledger version", delivery, "version");
    field(cli, &page, "supersedes", delivery, "supersedes");
    field(cli, &page, "identity", delivery, "identity");
    if (!refused) {
        put_rows(cli, &page, delivery);
        put_costs(cli, &page, delivery);
    }
    put_bad(cli, &page, "Refused", list(delivery, "errors"));
    put_checks(cli, &page, list(delivery, "checks"));
    put_files(cli, &page, list(delivery, "files"));
    put_bad(cli, &page, "Set aside", list(delivery, "set_aside"));
    if (warnings->nr)
        head(cli, &page, "Warnings");
    for (size_t i = 0; i < warnings->nr; i++)
        fth_buf_printf(&page, "  " FTH_STR_F "\n", FTH_STR_A(warnings->items[i].text));
    names(&page, "Columns that the files lack", list(delivery, "missing_columns"));
    names(&page, "Columns kept beside", list(delivery, "side_columns"));
    return print(cli, &page, err);
}

/* ---- a source ---- */

enum fth_rc fth_show_source(struct fth_cli *cli, const struct fth_json *source, struct fth_err *err)
{
    static const char *const fields[][2] = {{"id", "id"},
                                            {"provider", "provider"},
                                            {"billing account", "billing_account"},
                                            {"dataset", "dataset"},
                                            {"format", "format"},
                                            {"since", "created_at"},
                                            {"deliveries", "deliveries"},
                                            {"last loaded", "last_loaded_at"},
                                            {"charges", "rows"},
                                            {"charges until", "charges_until"},
                                            {"newest period final", "final"}};
    const struct fth_json *billed = list(source, "billed"),
                          *periods = list(source, "billing_periods");
    struct fth_buf page = fth_buf_max(PAGE_MAX);

    fth_buf_printf(&page, "Source " FTH_STR_F "\n", FTH_STR_A(text(source, "name")));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        field(cli, &page, fields[i][0], source, fields[i][1]);
    for (size_t i = 0; i < billed->nr; i++) {
        struct fth_str amount = text(&billed->items[i], "amount");

        fth_buf_printf(&page, "  %-*s " FTH_STR_F " " FTH_STR_F "\n", LABEL, i ? "" : "billed",
                       FTH_STR_A(amount), FTH_STR_A(text(&billed->items[i], "currency")));
    }
    names(&page, "Billing periods", periods);
    return print(cli, &page, err);
}

/* ---- an account, a service, a resource ---- */

/* Amounts under `title`, each behind the first `most` letters of its member `key`; NULL: of all. */
static void put_amounts(struct fth_cli *cli, struct fth_buf *page, const char *title,
                        const struct fth_json *items, const char *key, size_t most)
{
    if (items->nr)
        head(cli, page, title);
    for (size_t i = 0; i < items->nr; i++) {
        const struct fth_json *item = &items->items[i];
        struct fth_str label = key ? fth_str_sub(text(item, key), 0, most) : FTH_STR("in all");

        fth_buf_printf(page, "  %-*.*s " FTH_STR_F " " FTH_STR_F "\n", LABEL,
                       label.p ? (int)label.n : 1, label.p ? label.p : "-",
                       FTH_STR_A(text(item, "cost")), FTH_STR_A(text(item, "currency")));
    }
}

enum fth_rc fth_show_entity(struct fth_cli *cli, const struct fth_json *entity, struct fth_err *err)
{
    static const char *const parts[][2] = {
        {"provider", "provider"},         {"billing account", "billing_account"},
        {"account", "sub_account"},       {"service", "service"},
        {"category", "service_category"}, {"region", "region"},
        {"type", "resource_type"}};
    static const char *const fields[][2] = {{"id", "id"},
                                            {"first seen", "first_seen"},
                                            {"last seen", "last_seen"},
                                            {"charges", "charges"}};
    const struct fth_json *tags = fth_json_get(entity, "tags");
    struct fth_buf page = fth_buf_max(PAGE_MAX);

    fth_buf_printf(&page, FTH_STR_F "\n", FTH_STR_A(text(entity, "name")));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        field(cli, &page, fields[i][0], entity, fields[i][1]);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (fth_json_get(entity, parts[i][1]))
            field(cli, &page, parts[i][0], fth_json_get(entity, parts[i][1]), "name");
    put_amounts(cli, &page, "Cost", list(entity, "totals"), NULL, 0);
    put_amounts(cli, &page, "By kind of charge", list(entity, "by_charge_category"),
                "charge_category", SIZE_MAX);
    put_amounts(cli, &page, "By month", list(entity, "by_month"), "month", MONTH);
    if (fth_json_is(tags, FTH_JSON_OBJECT) && tags->nr)
        head(cli, &page, "Tags");
    for (size_t i = 0; fth_json_is(tags, FTH_JSON_OBJECT) && i < tags->nr; i++)
        line(cli, &page, tags->members[i].key, tags->members[i].value.text, "");
    return print(cli, &page, err);
}

/* ---- the origin of a charge ---- */

static void put_origin_charge(struct fth_cli *cli, struct fth_buf *page,
                              const struct fth_json *charge)
{
    struct fth_str rule = text(charge, "rule");
    bool added = fth_json_bool(fth_json_get(charge, "added"), false);

    fth_buf_printf(page, "  %s " FTH_STR_F ": ",
                   fth_json_bool(fth_json_get(charge, "asked"), false) ? ">" : " ",
                   FTH_STR_A(text(charge, "id")));
    fth_buf_str(page, text(charge, "charge_category"));
    fth_buf_printf(page, ", billed " FTH_STR_F ", effective " FTH_STR_F " " FTH_STR_F,
                   FTH_STR_A(text(charge, "billed_cost")),
                   FTH_STR_A(text(charge, "effective_cost")), FTH_STR_A(text(charge, "currency")));
    if (added)
        fth_buf_printf(page, ", added by rule " FTH_STR_F,
                       FTH_STR_A(rule.p ? rule : fth_str_c(none(cli))));
    fth_buf_char(page, '\n');
}

enum fth_rc fth_show_origin(struct fth_cli *cli, const struct fth_json *origin, struct fth_err *err)
{
    const struct fth_json *delivery = fth_json_get(origin, "delivery"),
                          *file = fth_json_get(origin, "file"), *record = list(origin, "record"),
                          *charges = list(origin, "charges");
    struct fth_buf page = fth_buf_max(PAGE_MAX);

    fth_buf_printf(&page, "Charge " FTH_STR_F "\n\n", FTH_STR_A(text(origin, "id")));
    field(cli, &page, "source", delivery, "source");
    field(cli, &page, "billing period", delivery, "billing_period");
    field(cli, &page, "delivery", delivery, "id");
    field(cli, &page, "loaded", delivery, "loaded_at");
    field(cli, &page, "current", delivery, "current");
    head(cli, &page, "File, as it was delivered");
    field(cli, &page, "path", file, "path");
    field(cli, &page, "sha256", file, "sha256");
    field(cli, &page, "record", file, "record");
    field(cli, &page, "line", file, "line");
    head(cli, &page, "Record, as it was delivered");
    for (size_t i = 0; i < record->nr; i++)
        if (text(&record->items[i], "text").n)
            line(cli, &page, text(&record->items[i], "column"), text(&record->items[i], "text"),
                 "");
    if (!record->nr && text(origin, "text").p)
        fth_buf_printf(&page, "  " FTH_STR_F "\n", FTH_STR_A(text(origin, "text")));
    if (text(file, "why").p)
        fth_buf_printf(&page, "  " FTH_STR_F "\n", FTH_STR_A(text(file, "why")));
    head(cli, &page, "Charges that came of it");
    for (size_t i = 0; i < charges->nr; i++)
        put_origin_charge(cli, &page, &charges->items[i]);
    if (!fth_json_is(fth_json_get(origin, "charges"), FTH_JSON_ARRAY))
        fth_buf_c(&page, "  that version of the ledger is not kept\n");
    return print(cli, &page, err);
}

/* ---- an explanation ---- */

static void put_parameters(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *params)
{
    if (!params->nr)
        return;
    head(cli, page, "Parameters");
    for (size_t i = 0; i < params->nr; i++) {
        const struct fth_json *param = &params->items[i];
        bool quoted = param->type == FTH_JSON_STRING;

        fth_buf_printf(page, "  $%zu = ", i + 1);
        if (param->type == FTH_JSON_NULL)
            fth_buf_c(page, "NULL");
        else
            fth_buf_printf(page, "%s" FTH_STR_F "%s", quoted ? "'" : "", FTH_STR_A(param->text),
                           quoted ? "'" : "");
        fth_buf_char(page, '\n');
    }
}

static void put_segments(struct fth_cli *cli, struct fth_buf *page, const struct fth_json *segments)
{
    int64_t all = 0, rows;

    head(cli, page, "Segments");
    for (size_t i = 0; i < segments->nr; i++) {
        const struct fth_json *segment = &segments->items[i];

        if (fth_json_i64(fth_json_get(segment, "rows"), &rows))
            all += rows;
        fth_buf_printf(page,
                       "  " FTH_STR_F ": " FTH_STR_F " " FTH_STR_F ", " FTH_STR_F " charge%s\n",
                       FTH_STR_A(text(segment, "id")), FTH_STR_A(text(segment, "source")),
                       FTH_STR_A(text(segment, "billing_period")), FTH_STR_A(text(segment, "rows")),
                       fth_str_eq_c(text(segment, "rows"), "1") ? "" : "s");
    }
    if (segments->nr)
        fth_buf_printf(page, "  %zu with %" PRId64 " charge%s in all\n", segments->nr, all,
                       all == 1 ? "" : "s");
    else
        fth_buf_c(page, "  none can hold an answer\n");
}

enum fth_rc fth_show_explanation(struct fth_cli *cli, const struct fth_json *explanation,
                                 struct fth_err *err)
{
    struct fth_buf page = fth_buf_max(PAGE_MAX);
    const struct fth_json *warnings = list(explanation, "warnings");
    struct fth_str served = text(explanation, "served_by");
    const char *rest = fth_str_eq_c(served, "cube") ? ": sums by day, made when it was imported"
                       : fth_str_eq_c(served, "roll-up")
                           ? ": sums by resource, made with the import"
                       : fth_str_eq_c(served, "facts") ? ": the charges themselves"
                                                       : "";

    fth_buf_str(&page, text(explanation, "sql"));
    fth_buf_char(&page, '\n');
    put_parameters(cli, &page, list(explanation, "parameters"));
    put_segments(cli, &page, list(explanation, "segments"));
    head(cli, &page, "Answered from");
    line(cli, &page, FTH_STR("served by"), served, rest);
    line(cli, &page, FTH_STR("charges to read"), text(explanation, "estimated_rows"),
         text(explanation, "estimated_rows").p ? ""
                                               : ", not estimated: fewer than the segments hold");
    for (size_t i = 0; i < warnings->nr; i++)
        fth_buf_printf(&page, "note: " FTH_STR_F "\n", FTH_STR_A(warnings->items[i].text));
    return print(cli, &page, err);
}
