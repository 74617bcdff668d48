/* costs, query, explain: questions to the ledger. */
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/cmd_int.h"
#include "cli/show.h"

enum { PLAN_MAX = 1024 * 1024 };

/* ---- options to plan ---- */

static void put_list(struct fth_jw *jw, const char *key, const char *list)
{
    struct fth_str rest = fth_str_c(list), item;

    fth_jw_key(jw, key);
    fth_jw_array(jw);
    while (fth_str_next(&rest, ',', &item))
        fth_jw_str(jw, fth_str_trim(item));
    fth_jw_array_end(jw);
}

static enum fth_rc read_date(const char *option, struct fth_str text, int32_t *out,
                             struct fth_err *err)
{
    if (fth_date_parse(text, out))
        return FTH_OK;
    return fth_err_set(err, FTH_E_USAGE, "--%s: \"" FTH_STR_F "\" is no date like 2025-01-31",
                       option, FTH_STR_A(text));
}

/* "30d": that many units, today the last day of them. */
static enum fth_rc read_since(const char *text, int32_t today, int32_t *start, int32_t *end,
                              struct fth_err *err)
{
    struct fth_str number = fth_str_c(text);
    char unit = number.n ? number.p[number.n - 1] : ' ';
    int64_t n;

    number = fth_str_sub(number, 0, number.n ? number.n - 1 : 0);
    if (!fth_str_to_i64(number, &n) || n < 1 || n > 36500 || !strchr("dwmy", unit))
        return fth_err_set(err, FTH_E_USAGE, "--since: \"%s\" is nothing like 30d, 12w, 3m or 1y",
                           text);
    *end = today + 1;
    if (unit == 'd' || unit == 'w')
        *start = *end - (int32_t)n * (unit == 'w' ? 7 : 1);
    else
        *start = fth_date_add_months(*end, -(int)n * (unit == 'y' ? 12 : 1));
    return FTH_OK;
}

struct span {
    bool set;
    int32_t start, end;
};

static enum fth_rc read_span(const struct fth_args *args, int32_t today, struct span *out,
                             struct fth_err *err)
{
    const char *from = fth_args_value(args, "from"), *to = fth_args_value(args, "to");
    const char *since = fth_args_value(args, "since");
    struct span span = {.set = from || to || since, .start = today, .end = today + 1};

    if (since && (from || to))
        return fth_err_set(err, FTH_E_USAGE, "--since stands alone, without --from and --to");
    if (to && !from)
        return fth_err_set(err, FTH_E_USAGE, "--to needs --from");
    if (since && read_since(since, today, &span.start, &span.end, err))
        return err->rc;
    if (from && read_date("from", fth_str_c(from), &span.start, err))
        return err->rc;
    if (to && read_date("to", fth_str_c(to), &span.end, err))
        return err->rc;
    if (span.set && span.end <= span.start)
        return fth_err_set(err, FTH_E_USAGE, "the range is empty: its end is not included");
    *out = span;
    return FTH_OK;
}

/* Whole months go back by months, anything else by its length in days. */
static void before(const struct span *span, struct span *out)
{
    bool whole = fth_date_to_civil(span->start).day == 1 && fth_date_to_civil(span->end).day == 1;
    int months = fth_month_of_date(span->end) - fth_month_of_date(span->start);

    out->end = span->start;
    out->start =
        whole ? fth_date_add_months(span->start, -months) : span->start - (span->end - span->start);
}

static enum fth_rc read_compare(const char *text, const struct span *span, struct span *out,
                                struct fth_err *err)
{
    size_t dots = fth_str_search(fth_str_c(text), FTH_STR(".."));

    out->set = true;
    if (dots != SIZE_MAX) {
        if (read_date("compare", fth_str_sub(fth_str_c(text), 0, dots), &out->start, err) == FTH_OK)
            read_date("compare", fth_str_sub(fth_str_c(text), dots + 2, SIZE_MAX), &out->end, err);
        return err->rc;
    }
    if (!span->set)
        return fth_err_set(err, FTH_E_USAGE,
                           "--compare needs a range: --from and --to, or --since");
    if (strcmp(text, "previous") == 0) {
        before(span, out);
    } else if (strcmp(text, "year") == 0) {
        out->start = fth_date_add_months(span->start, -12);
        out->end = fth_date_add_months(span->end, -12);
    } else {
        return fth_err_set(err, FTH_E_USAGE,
                           "--compare: \"%s\" is none of previous, year, FROM..TO", text);
    }
    return FTH_OK;
}

static void put_order(struct fth_jw *jw, const char *order)
{
    bool down = order[0] == '-';

    fth_jw_key(jw, "order");
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "by", order + down);
    fth_jw_kv_c(jw, "dir", down ? "desc" : "asc");
    fth_jw_object_end(jw);
}

static void put_as_of(struct fth_jw *jw, const char *as_of)
{
    int64_t version;

    fth_jw_key(jw, "as_of");
    if (fth_str_to_i64(fth_str_c(as_of), &version))
        fth_jw_i64(jw, version);
    else
        fth_jw_c(jw, as_of);
}

/* Options whose text goes into the plan as it is; the plan's own check judges it. */
static void put_plain(struct fth_jw *jw, const struct fth_args *args)
{
    static const struct {
        const char *option, *field;
    } plain[] = {
        {"grain", "grain"},
        {"where", "where"},
        {"time-basis", "time_basis"},
        {"part", "part"},
    };

    const char *currency = fth_args_value(args, "currency");

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (fth_args_value(args, plain[i].option))
            fth_jw_kv_c(jw, plain[i].field, fth_args_value(args, plain[i].option));
    if (currency)
        fth_cli_put_currency(jw, currency);
    if (fth_args_has(args, "drivers"))
        fth_jw_kv_c(jw, "analysis", "drivers");
}

enum fth_rc fth_costs_plan(const struct fth_args *args, int32_t today, struct fth_buf *out,
                           struct fth_err *err)
{
    const char *metric = fth_args_value(args, "metric"), *group = fth_args_value(args, "group-by");
    const char *compare = fth_args_value(args, "compare"), *order = fth_args_value(args, "order");
    struct span span = {0}, other = {0};
    long long limit;
    struct fth_jw jw;

    if (read_span(args, today, &span, err) ||
        (compare && read_compare(compare, &span, &other, err)) ||
        fth_args_number(args, "limit", 1, 1000000, 0, &limit, err))
        return err->rc;
    fth_jw_init(&jw, out);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "kind", "query");
    fth_jw_kv_c(&jw, "subject", "cost");
    put_list(&jw, "measures", metric ? metric : "effective_cost");
    if (span.set) {
        fth_jw_kv_range(&jw, "time", span.start, span.end);
    } else {
        fth_jw_key(&jw, "time");
        fth_jw_null(&jw);
    }
    if (group)
        put_list(&jw, "group_by", group);
    put_plain(&jw, args);
    if (order)
        put_order(&jw, order);
    if (limit)
        fth_jw_kv_i64(&jw, "limit", limit);
    if (fth_args_value(args, "as-of"))
        put_as_of(&jw, fth_args_value(args, "as-of"));
    if (other.set)
        fth_jw_kv_range(&jw, "compare", other.start, other.end);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- plan to pages to output ---- */

/* One answer of many pages: the pages' rows, and the object of the last page for the rest. */
struct pages {
    const struct fth_json *last;
    const struct fth_json **at;
    size_t nr, row_nr;
};

static enum fth_rc next_path(struct fth_cli *cli, const struct fth_json *page, struct fth_str *path,
                             struct fth_err *err)
{
    struct fth_str cursor = fth_json_str(page, "next_cursor", FTH_STR(""));
    struct fth_buf text = fth_buf_max(64 * 1024);
    enum fth_rc rc;

    fth_buf_c(&text, "/api/v1/costs/query?cursor=");
    fth_cli_put_query(&text, cursor);
    rc = fth_buf_done(&text, err);
    if (rc == FTH_OK)
        rc = fth_arena_str(cli->arena, fth_buf_view(&text), path, err);
    fth_buf_release(&text);
    return rc;
}

FTH_VEC(page_vec, const struct fth_json *)

static enum fth_rc fetch(struct fth_cli *cli, struct fth_str plan, struct pages *out,
                         struct fth_err *err)
{
    struct page_vec pages = page_vec_in(cli->arena);
    struct fth_str path = FTH_STR("/api/v1/costs/query");
    enum fth_rc rc;

    for (;;) {
        const struct fth_json *page;

        rc = fth_cli_post(cli, path, plan, &page, err);
        if (rc == FTH_OK)
            rc = page_vec_push(&pages, page, err);
        if (rc)
            return rc;
        out->row_nr += fth_json_get(page, "rows") ? fth_json_get(page, "rows")->nr : 0;
        out->last = page;
        if (!fth_json_is(fth_json_get(page, "next_cursor"), FTH_JSON_STRING))
            break;
        rc = next_path(cli, page, &path, err);
        if (rc)
            return rc;
    }
    out->at = pages.at;
    out->nr = pages.nr;
    return FTH_OK;
}

/* The result object as the API gives it, with the rows of all pages. */
static enum fth_rc print_json(struct fth_cli *cli, const struct pages *pages, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max((size_t)1 << 31);
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    jw.pretty = cli->out.width != 0;
    fth_jw_object(&jw);
    for (size_t m = 0; m < pages->last->nr; m++) {
        const struct fth_json_member *member = &pages->last->members[m];

        fth_jw_key_str(&jw, member->key);
        if (fth_str_eq_c(member->key, "rows")) {
            fth_jw_array(&jw);
            for (size_t p = 0; p < pages->nr; p++) {
                const struct fth_json *rows = fth_json_get(pages->at[p], "rows");

                for (size_t r = 0; r < rows->nr; r++)
                    fth_jw_json(&jw, &rows->items[r]);
            }
            fth_jw_array_end(&jw);
        } else if (fth_str_eq_c(member->key, "row_count")) {
            fth_jw_i64(&jw, (int64_t)pages->row_nr);
        } else {
            fth_jw_json(&jw, &member->value);
        }
    }
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    fth_buf_char(&text, '\n');
    if (rc == FTH_OK)
        rc = fth_out_text(&cli->out, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return rc;
}

static struct fth_str cell_of(const struct fth_json *row, struct fth_str name)
{
    const struct fth_json *value = fth_json_get_str(row, name);

    if (!value || value->type == FTH_JSON_NULL)
        return (struct fth_str){0};
    if (value->type == FTH_JSON_BOOL)
        return value->boolean ? FTH_STR("true") : FTH_STR("false");
    if (value->text.p)
        return value->text;
    return FTH_STR("");
}

static bool is_number(struct fth_str kind)
{
    return !fth_str_eq_c(kind, "dimension") && !fth_str_eq_c(kind, "label") &&
           !fth_str_eq_c(kind, "time") && !fth_str_eq_c(kind, "text") &&
           !fth_str_eq_c(kind, "instant") && !fth_str_eq_c(kind, "tags");
}

static enum fth_rc name_columns(struct fth_cli *cli, const struct fth_json *columns,
                                struct fth_out_col *cols, struct fth_err *err)
{
    bool people = cli->out.form == FTH_OUT_TABLE || cli->out.form == FTH_OUT_MARKDOWN;

    for (size_t c = 0; c < columns->nr; c++) {
        struct fth_str name = fth_json_str(&columns->items[c], "name", FTH_STR("?"));
        struct fth_str unit = fth_json_str(&columns->items[c], "unit", FTH_STR(""));

        cols[c].number = is_number(fth_json_str(&columns->items[c], "kind", FTH_STR("")));
        cols[c].name = name;
        if (people && unit.n &&
            fth_arena_printf(cli->arena, &cols[c].name, err, FTH_STR_F ", " FTH_STR_F,
                             FTH_STR_A(name), FTH_STR_A(unit)))
            return err->rc;
    }
    return FTH_OK;
}

/* Totals stand in the columns that have them; the first text column says so. */
static void fill_totals(const struct fth_json *columns, const struct fth_json *totals,
                        const struct fth_out_col *cols, struct fth_str *out)
{
    for (size_t t = 0; t < totals->nr; t++) {
        struct fth_str *line = out + t * columns->nr;

        for (size_t c = 0; c < columns->nr; c++) {
            struct fth_str name = fth_json_str(&columns->items[c], "name", FTH_STR(""));

            line[c] = cell_of(&totals->items[t], name);
            if (!line[c].p && !cols[c].number)
                line[c] = FTH_STR("");
        }
        if (columns->nr && !cols[0].number && line[0].n == 0)
            line[0] = FTH_STR("Total");
    }
}

static enum fth_rc print_table(struct fth_cli *cli, const struct pages *pages, struct fth_err *err)
{
    const struct fth_json *columns = fth_json_get(pages->last, "columns");
    const struct fth_json *totals = fth_json_get(pages->last, "totals");
    size_t col_nr = columns ? columns->nr : 0, total_nr = totals ? totals->nr : 0, row = 0;
    struct fth_out_col *cols = FTH_NEW_ARRAY(cli->arena, struct fth_out_col, col_nr + 1);
    struct fth_str *cells = FTH_NEW_ARRAY(cli->arena, struct fth_str, pages->row_nr * col_nr + 1);
    struct fth_str *sums = FTH_NEW_ARRAY(cli->arena, struct fth_str, total_nr * col_nr + 1);
    struct fth_out_table table = {cols, col_nr, cells, pages->row_nr, sums, total_nr};

    if (!columns)
        return fth_err_set(err, FTH_E_FAILED, "the answer has no columns");
    if (!cols || !cells || !sums)
        return fth_err_nomem(err);
    if (name_columns(cli, columns, cols, err))
        return err->rc;
    for (size_t p = 0; p < pages->nr; p++) {
        const struct fth_json *rows = fth_json_get(pages->at[p], "rows");

        for (size_t r = 0; r < rows->nr; r++, row++)
            for (size_t c = 0; c < col_nr; c++)
                cells[row * col_nr + c] =
                    cell_of(&rows->items[r], fth_json_str(&columns->items[c], "name", FTH_STR("")));
    }
    if (total_nr)
        fill_totals(columns, totals, cols, sums);
    /* A table of one line that is its own total needs no second. */
    if (pages->row_nr <= 1 && total_nr == 1)
        table.total_nr = 0;
    return fth_out_table(&cli->out, &table, cli->arena, err);
}

/* One line for each currency that was converted: its first and last rate with their days. */
static void print_rates(struct fth_cli *cli, const struct fth_json *rates)
{
    for (size_t i = 0, end; rates && i < rates->nr; i = end) {
        const struct fth_json *first = &rates->items[i], *last;
        struct fth_str from = fth_json_str(first, "from", FTH_STR("?"));
        struct fth_str by = fth_json_str(first, "by", FTH_STR(""));

        for (end = i + 1; end < rates->nr; end++)
            if (!fth_str_eq(fth_json_str(&rates->items[end], "from", FTH_STR("?")), from))
                break;
        last = &rates->items[end - 1];
        fth_cli_note(
            cli,
            "note: converted at %s" FTH_STR_F " to " FTH_STR_F " = " FTH_STR_F " (" FTH_STR_F
            ")%s" FTH_STR_F "%s" FTH_STR_F "%s%s" FTH_STR_F "; %zu rate%s",
            fth_json_bool(fth_json_get(first, "exact"), true) ? "" : "about ", FTH_STR_A(from),
            FTH_STR_A(fth_json_str(first, "to", FTH_STR("?"))),
            FTH_STR_A(fth_json_str(first, "rate", FTH_STR("?"))),
            FTH_STR_A(fth_json_str(first, "rate_date", FTH_STR("?"))), first == last ? "" : " to ",
            FTH_STR_A(first == last ? FTH_STR("") : fth_json_str(last, "rate", FTH_STR("?"))),
            first == last ? "" : " (",
            FTH_STR_A(first == last ? FTH_STR("") : fth_json_str(last, "rate_date", FTH_STR("?"))),
            first == last ? "" : ")", by.n ? ", by way of " : "", FTH_STR_A(by), end - i,
            end - i == 1 ? "" : "s");
    }
}

static void print_remarks(struct fth_cli *cli, const struct fth_json *page)
{
    const struct fth_json *warnings = fth_json_get(page, "warnings");

    print_rates(cli, fth_json_get(page, "rates"));

    for (size_t i = 0; warnings && i < warnings->nr; i++)
        fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(warnings->items[i].text));
    if (fth_json_bool(fth_json_get(page, "truncated"), false))
        fth_cli_note(cli, "note: there are more rows; totals cover them all");
}

/* ---- streamed forms ---- */

static enum fth_rc write_piece(void *ctx, struct fth_str piece, struct fth_err *err)
{
    return fth_out_text(ctx, piece, err);
}

/* CSV and NDJSON come from the API as they are printed, row by row, however many there are. */
static enum fth_rc stream(struct fth_cli *cli, struct fth_str plan, const char *type,
                          struct fth_err *err)
{
    const struct fth_client_call call = {.method = "POST",
                                         .path = FTH_STR("/api/v1/costs/query"),
                                         .accept = type,
                                         .body = plan,
                                         .body_fd = -1};
    const struct fth_client_sink sink = {NULL, write_piece, &cli->out};
    const struct fth_client *client;
    enum fth_rc rc = fth_cli_client(cli, &client, err);

    if (rc == FTH_OK)
        rc = fth_cli_blame_usage(cli, fth_client_stream(client, &call, &cli->cancel, &sink, err));
    return rc;
}

enum fth_rc fth_cmd_run_plan(struct fth_cli *cli, struct fth_str plan, struct fth_err *err)
{
    struct pages pages = {0};
    enum fth_rc rc;

    if (cli->out.form == FTH_OUT_CSV)
        return stream(cli, plan, "text/csv", err);
    if (cli->out.form == FTH_OUT_NDJSON)
        return stream(cli, plan, "application/x-ndjson", err);
    if (cli->out.form == FTH_OUT_PARQUET)
        return stream(cli, plan, "application/vnd.apache.parquet", err);
    if (cli->out.form == FTH_OUT_XLSX)
        return stream(cli, plan,
                      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", err);
    rc = fetch(cli, plan, &pages, err);
    if (rc == FTH_OK)
        rc = cli->out.form == FTH_OUT_JSON ? print_json(cli, &pages, err)
                                           : print_table(cli, &pages, err);
    if (rc == FTH_OK && cli->out.form != FTH_OUT_JSON)
        print_remarks(cli, pages.last);
    return rc;
}

enum fth_rc cmd_costs(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf plan = fth_buf_max(PLAN_MAX);
    struct fth_clock clock = fth_clock_system();
    enum fth_rc rc;

    rc = fth_costs_plan(&cli->args, fth_instant_date(fth_clock_now_us(&clock)), &plan, err);
    if (rc == FTH_OK)
        rc = fth_cmd_run_plan(cli, fth_buf_view(&plan), err);
    fth_buf_release(&plan);
    return rc;
}

enum fth_rc fth_cmd_read_plan(struct fth_cli *cli, const char *path, struct fth_str *out,
                              struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    enum fth_rc rc;
    char *room;
    size_t got;

    if (strcmp(path, "-") != 0)
        return fth_file_read(cli->arena, path, PLAN_MAX, out, err);
    do {
        room = fth_buf_room(&text, 4096);
        got = room ? fread(room, 1, 4096, stdin) : 0;
        text.n += got;
    } while (got);
    rc = fth_buf_done(&text, err);
    if (rc == FTH_OK && fth_str_trim(fth_buf_view(&text)).n == 0)
        rc = fth_err_set(err, FTH_E_USAGE, "standard input: no plan, it is empty");
    if (rc == FTH_OK)
        rc = fth_arena_str(cli->arena, fth_buf_view(&text), out, err);
    fth_buf_release(&text);
    return rc;
}

enum fth_rc cmd_query(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_str plan;
    enum fth_rc rc = fth_cmd_read_plan(cli, cli->args.args[0], &plan, err);

    return rc ? rc : fth_cmd_run_plan(cli, plan, err);
}

enum fth_rc cmd_explain(struct fth_cli *cli, struct fth_err *err)
{
    const struct fth_json *answer;
    struct fth_str plan;
    enum fth_rc rc = fth_cmd_read_plan(cli, cli->args.args[0], &plan, err);

    if (rc == FTH_OK)
        rc = fth_cli_post(cli, FTH_STR("/api/v1/costs/explain"), plan, &answer, err);
    if (rc)
        return rc;
    return cli->out.form == FTH_OUT_TABLE ? fth_show_explanation(cli, answer, err)
                                          : fth_out_json(&cli->out, answer, err);
}
