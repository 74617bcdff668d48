#include "cli/cli.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"

FTH_VEC(item_vec, struct fth_json)

/* ---- reading ---- */

enum { PAGE_ITEMS = 1000 };

static enum fth_rc get_page(struct fth_cli *cli, struct fth_str path, size_t items,
                            struct fth_str cursor, const struct fth_json **out, struct fth_err *err)
{
    struct fth_buf page = fth_buf_max(16 * 1024);
    enum fth_rc rc;

    fth_buf_str(&page, path);
    fth_buf_printf(&page, "%slimit=%zu", memchr(path.p, '?', path.n) ? "&" : "?", items);
    if (cursor.n) {
        fth_buf_c(&page, "&cursor=");
        fth_cli_put_query(&page, cursor);
    }
    rc = fth_buf_done(&page, err);
    if (!rc)
        rc = fth_cli_get(cli, fth_buf_view(&page), out, err);
    fth_buf_release(&page);
    return rc;
}

static void tell_cut(struct fth_cli *cli, const struct fth_json *page)
{
    int64_t rest = 0;

    if (fth_json_i64(fth_json_get(page, "rest"), &rest))
        fth_cli_note(cli, "%" PRId64 " more", rest);
    else
        fth_cli_note(cli, "there are more");
}

enum fth_rc fth_cli_get_all(struct fth_cli *cli, struct fth_str path, size_t limit,
                            const struct fth_json **out, struct fth_err *err)
{
    struct item_vec items = item_vec_in(cli->arena);
    struct fth_json_member *members = FTH_NEW_ARRAY(cli->arena, struct fth_json_member, 2);
    struct fth_json *whole = FTH_NEW(cli->arena, struct fth_json);
    const struct fth_json *page = NULL, *data;
    struct fth_str cursor = {0};
    size_t most = limit ? limit : FTH_LIST_MAX;

    if (!members || !whole)
        return fth_err_nomem(err);
    do {
        size_t left = most - items.nr;

        if (get_page(cli, path, left < PAGE_ITEMS ? left : PAGE_ITEMS, cursor, &page, err))
            return err->rc;
        data = fth_json_get(page, "data");
        for (size_t i = 0; fth_json_is(data, FTH_JSON_ARRAY) && i < data->nr; i++)
            if (item_vec_push(&items, data->items[i], err))
                return err->rc;
        cursor = fth_json_str(page, "next_cursor", FTH_STR(""));
    } while (cursor.n && items.nr < most && data && data->nr);
    if (cursor.n)
        tell_cut(cli, page);
    members[0] = (struct fth_json_member){
        FTH_STR("data"), {.type = FTH_JSON_ARRAY, .items = items.at, .nr = items.nr}};
    members[1] = (struct fth_json_member){
        FTH_STR("next_cursor"),
        {.type = cursor.n ? FTH_JSON_STRING : FTH_JSON_NULL, .text = cursor}};
    *whole = (struct fth_json){.type = FTH_JSON_OBJECT, .members = members, .nr = 2};
    *out = whole;
    return FTH_OK;
}

/* ---- printing ---- */

/* A member as text: money and names as they are, lists joined, {"currency","amount"} as an amount,
 * {"id","name"} as a name. */
static struct fth_str text_of(struct fth_cli *cli, const struct fth_json *value)
{
    static const char *const said_by[] = {"amount", "cost", "name"};
    struct fth_buf joined = fth_buf_max(1024 * 1024);
    struct fth_str out = {0};
    struct fth_err ignored = {0};

    if (!value || value->type == FTH_JSON_NULL)
        return out;
    if (value->type == FTH_JSON_BOOL)
        return value->boolean ? FTH_STR("yes") : FTH_STR("no");
    if (value->type == FTH_JSON_STRING || value->type == FTH_JSON_NUMBER)
        return value->text.p ? value->text : FTH_STR("");
    for (size_t i = 0; value->type == FTH_JSON_OBJECT && i < FTH_NR(said_by); i++)
        if (fth_json_get(value, said_by[i]))
            return text_of(cli, fth_json_get(value, said_by[i]));
    if (value->type == FTH_JSON_OBJECT)
        return out;
    for (size_t i = 0; i < value->nr; i++) {
        const struct fth_json *item = &value->items[i];
        struct fth_str currency = fth_json_str(item, "currency", FTH_STR(""));

        fth_buf_c(&joined, i ? ", " : "");
        fth_buf_str(&joined, text_of(cli, item));
        if (currency.n)
            fth_buf_printf(&joined, " " FTH_STR_F, FTH_STR_A(currency));
    }
    if (fth_arena_str(cli->arena, fth_buf_view(&joined), &out, &ignored))
        out = (struct fth_str){0};
    fth_buf_release(&joined);
    return out;
}

enum fth_rc fth_cli_list(struct fth_cli *cli, const struct fth_json *answer, const char *member,
                         const char *const *fields, struct fth_err *err)
{
    const struct fth_json one = {.type = FTH_JSON_ARRAY, .items = answer, .nr = 1};
    const struct fth_json *items = member ? fth_json_get(answer, member) : &one;
    size_t col_nr = 0, row_nr = items ? items->nr : 0;
    struct fth_out_table table;
    struct fth_out_col *cols;
    struct fth_str *cells;

    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    while (fields[col_nr])
        col_nr++;
    cols = FTH_NEW_ARRAY(cli->arena, struct fth_out_col, col_nr);
    cells = FTH_NEW_ARRAY(cli->arena, struct fth_str, row_nr * col_nr + 1);
    if (!cols || !cells)
        return fth_err_nomem(err);
    for (size_t c = 0; c < col_nr; c++) {
        cols[c].number = fields[c][0] == '#';
        cols[c].name = fth_str_c(fields[c] + cols[c].number);
    }
    for (size_t r = 0; r < row_nr; r++)
        for (size_t c = 0; c < col_nr; c++)
            cells[r * col_nr + c] = text_of(cli, fth_json_get_str(&items->items[r], cols[c].name));
    table = (struct fth_out_table){cols, col_nr, cells, row_nr, NULL, 0};
    if (row_nr == 0 && cli->out.form == FTH_OUT_TABLE) {
        fth_cli_note(cli, "nothing there");
        return FTH_OK;
    }
    return fth_out_table(&cli->out, &table, cli->arena, err);
}
