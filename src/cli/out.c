#include "cli/out.h"

#include <errno.h>
#include <string.h>

#include "base/csv.h"
#include "base/utf8.h"

enum { GAP = 2, NARROWEST = 8 };

bool fth_out_form(const char *name, enum fth_out_form *out)
{
    static const char *const names[] = {"table",    "json",    "ndjson", "csv",
                                        "markdown", "parquet", "xlsx"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum fth_out_form)i;
            return true;
        }
    return false;
}

bool fth_out_is_file(enum fth_out_form form)
{
    return form == FTH_OUT_PARQUET || form == FTH_OUT_XLSX;
}

enum fth_rc fth_out_text(struct fth_out *out, struct fth_str text, struct fth_err *err)
{
    if (out->closed || text.n == 0 || fwrite(text.p, 1, text.n, out->file) == text.n)
        return FTH_OK;
    if (errno == EPIPE) {
        out->closed = true;
        return FTH_OK;
    }
    return fth_err_errno(err, errno, "standard output");
}

enum fth_rc fth_out_done(struct fth_out *out, struct fth_err *err)
{
    if (out->closed || fflush(out->file) == 0)
        return FTH_OK;
    if (errno == EPIPE) {
        out->closed = true;
        return FTH_OK;
    }
    return fth_err_errno(err, errno, "standard output");
}

/* ---- for people ---- */

static struct fth_str shown(const struct fth_out *out, struct fth_str cell)
{
    if (cell.p)
        return cell;
    return out->utf8 ? FTH_STR("\xe2\x80\x93") : FTH_STR("-");
}

static void measure(const struct fth_out *out, const struct fth_out_table *table, size_t *widths)
{
    for (size_t c = 0; c < table->col_nr; c++)
        widths[c] = fth_utf8_width(table->cols[c].name);
    for (size_t i = 0; i < (table->row_nr + table->total_nr) * table->col_nr; i++) {
        size_t rows = table->row_nr * table->col_nr;
        struct fth_str cell = i < rows ? table->cells[i] : table->totals[i - rows];
        size_t width = fth_utf8_width(shown(out, cell));

        if (width > widths[i % table->col_nr])
            widths[i % table->col_nr] = width;
    }
}

/* Shortens the widest text columns until the table fits. Numbers keep every digit. */
static void fit(const struct fth_out *out, const struct fth_out_table *table, size_t *widths)
{
    size_t total = 0;

    for (size_t c = 0; c < table->col_nr; c++)
        total += widths[c] + (c ? GAP : 0);
    while (out->width && total > out->width) {
        size_t widest = table->col_nr;

        for (size_t c = 0; c < table->col_nr; c++)
            if (!table->cols[c].number && widths[c] > NARROWEST &&
                (widest == table->col_nr || widths[c] > widths[widest]))
                widest = c;
        if (widest == table->col_nr)
            return;
        widths[widest]--;
        total--;
    }
}

static void spaces(struct fth_buf *line, size_t n)
{
    while (n--)
        fth_buf_char(line, ' ');
}

/* A cell in its column, with control characters made harmless. */
static void put_cell(const struct fth_out *out, struct fth_buf *line, struct fth_str cell,
                     size_t width, bool number, bool last)
{
    size_t own = fth_utf8_width(cell), used = 0;
    bool cut = own > width;
    char c[4];

    if (number)
        spaces(line, own < width ? width - own : 0);
    while (cell.n && (!cut || used + 1 < width)) {
        uint32_t code = fth_utf8_take(&cell);

        if (code < 0x20 || code == 0x7F)
            code = ' ';
        fth_buf_add(line, c, fth_utf8_put(code, c));
        used++;
    }
    if (cut)
        fth_buf_c(line, out->utf8 ? "\xe2\x80\xa6" : "~");
    if (!number && !last)
        spaces(line, own < width ? width - own : 0);
}

static enum fth_rc put_line(struct fth_out *out, const struct fth_out_table *table,
                            const struct fth_str *cells, const size_t *widths, const char *style,
                            struct fth_err *err)
{
    struct fth_buf line = fth_buf_max(1024 * 1024);
    enum fth_rc rc;

    if (out->colour && style)
        fth_buf_c(&line, style);
    for (size_t c = 0; c < table->col_nr; c++) {
        if (c)
            spaces(&line, GAP);
        put_cell(out, &line, shown(out, cells[c]), widths[c], table->cols[c].number,
                 c + 1 == table->col_nr);
    }
    if (out->colour && style)
        fth_buf_c(&line, "\x1b[0m");
    fth_buf_char(&line, '\n');
    rc = fth_buf_done(&line, err);
    if (rc == FTH_OK)
        rc = fth_out_text(out, fth_buf_view(&line), err);
    fth_buf_release(&line);
    return rc;
}

static enum fth_rc put_rule(struct fth_out *out, const struct fth_out_table *table,
                            const size_t *widths, struct fth_err *err)
{
    struct fth_buf line = fth_buf_max(1024 * 1024);
    enum fth_rc rc;

    for (size_t c = 0; c < table->col_nr; c++) {
        spaces(&line, c ? GAP : 0);
        for (size_t i = 0; i < widths[c]; i++)
            fth_buf_c(&line, !table->cols[c].number ? " " : out->utf8 ? "\xe2\x94\x80" : "-");
    }
    fth_buf_char(&line, '\n');
    rc = fth_buf_done(&line, err);
    if (rc == FTH_OK)
        rc = fth_out_text(out, fth_buf_view(&line), err);
    fth_buf_release(&line);
    return rc;
}

static enum fth_rc put_people(struct fth_out *out, const struct fth_out_table *table,
                              struct fth_arena *arena, struct fth_err *err)
{
    size_t *widths = FTH_NEW_ARRAY(arena, size_t, table->col_nr + 1);
    struct fth_str *heads = FTH_NEW_ARRAY(arena, struct fth_str, table->col_nr + 1);
    enum fth_rc rc;

    if (!widths || !heads)
        return fth_err_nomem(err);
    measure(out, table, widths);
    fit(out, table, widths);
    for (size_t c = 0; c < table->col_nr; c++)
        heads[c] = table->cols[c].name;
    rc = put_line(out, table, heads, widths, "\x1b[1m", err);
    for (size_t r = 0; rc == FTH_OK && r < table->row_nr; r++)
        rc = put_line(out, table, table->cells + r * table->col_nr, widths, NULL, err);
    if (rc == FTH_OK && table->total_nr)
        rc = put_rule(out, table, widths, err);
    for (size_t r = 0; rc == FTH_OK && r < table->total_nr; r++)
        rc = put_line(out, table, table->totals + r * table->col_nr, widths, "\x1b[1m", err);
    return rc;
}

/* ---- for programs ---- */

static void put_markdown_cell(struct fth_buf *line, struct fth_str cell)
{
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '|' || cell.p[i] == '\\')
            fth_buf_char(line, '\\');
        fth_buf_char(line, cell.p[i] == '\n' ? ' ' : cell.p[i]);
    }
}

static void put_record(const struct fth_out *out, const struct fth_out_table *table,
                       const struct fth_str *cells, struct fth_buf *line)
{
    if (out->form == FTH_OUT_NDJSON) {
        fth_buf_char(line, '{');
        for (size_t c = 0; c < table->col_nr; c++) {
            fth_buf_c(line, c ? "," : "");
            fth_json_put_string(line, table->cols[c].name);
            fth_buf_char(line, ':');
            if (cells[c].p)
                fth_json_put_string(line, cells[c]);
            else
                fth_buf_c(line, "null");
        }
        fth_buf_c(line, "}\n");
        return;
    }
    for (size_t c = 0; c < table->col_nr; c++) {
        if (out->form == FTH_OUT_MARKDOWN) {
            fth_buf_c(line, "| ");
            put_markdown_cell(line, shown(out, cells[c]));
            fth_buf_char(line, ' ');
        } else {
            fth_buf_c(line, c ? "," : "");
            fth_csv_put(line, cells[c]);
        }
    }
    fth_buf_c(line, out->form == FTH_OUT_MARKDOWN ? "|\n" : "\n");
}

static void put_heads(const struct fth_out *out, const struct fth_out_table *table,
                      struct fth_buf *line)
{
    for (size_t c = 0; c < table->col_nr; c++) {
        fth_buf_c(line, out->form == FTH_OUT_MARKDOWN ? "| " : c ? "," : "");
        if (out->form == FTH_OUT_MARKDOWN) {
            put_markdown_cell(line, table->cols[c].name);
            fth_buf_char(line, ' ');
        } else {
            fth_csv_put(line, table->cols[c].name);
        }
    }
    fth_buf_c(line, out->form == FTH_OUT_MARKDOWN ? "|\n" : "\n");
    if (out->form != FTH_OUT_MARKDOWN)
        return;
    for (size_t c = 0; c < table->col_nr; c++)
        fth_buf_c(line, table->cols[c].number ? "| ---: " : "| --- ");
    fth_buf_c(line, "|\n");
}

static enum fth_rc put_records(struct fth_out *out, const struct fth_out_table *table,
                               struct fth_err *err)
{
    struct fth_buf line = fth_buf_max(16 * 1024 * 1024);
    enum fth_rc rc = FTH_OK;

    if (out->form != FTH_OUT_NDJSON)
        put_heads(out, table, &line);
    for (size_t r = 0; rc == FTH_OK && r < table->row_nr; r++) {
        put_record(out, table, table->cells + r * table->col_nr, &line);
        rc = fth_buf_done(&line, err);
        if (rc == FTH_OK)
            rc = fth_out_text(out, fth_buf_view(&line), err);
        fth_buf_clear(&line);
    }
    /* Totals are for people; a program adds up itself, and would count them twice. */
    for (size_t r = 0; out->form == FTH_OUT_MARKDOWN && r < table->total_nr; r++)
        put_record(out, table, table->totals + r * table->col_nr, &line);
    if (rc == FTH_OK)
        rc = fth_buf_done(&line, err);
    if (rc == FTH_OK)
        rc = fth_out_text(out, fth_buf_view(&line), err);
    fth_buf_release(&line);
    return rc;
}

enum fth_rc fth_out_table(struct fth_out *out, const struct fth_out_table *table,
                          struct fth_arena *arena, struct fth_err *err)
{
    if (out->form == FTH_OUT_TABLE)
        return put_people(out, table, arena, err);
    return put_records(out, table, err);
}

enum fth_rc fth_out_json(struct fth_out *out, const struct fth_json *json, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max((size_t)1 << 30);
    struct fth_jw jw;
    enum fth_rc rc;

    fth_jw_init(&jw, &text);
    jw.pretty = out->width != 0;
    fth_jw_json(&jw, json);
    rc = fth_jw_done(&jw, err);
    fth_buf_char(&text, '\n');
    if (rc == FTH_OK)
        rc = fth_buf_done(&text, err);
    if (rc == FTH_OK)
        rc = fth_out_text(out, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return rc;
}
