#include "import/record.h"

#include <string.h>

#include "base/csv.h"
#include "base/json_pick.h"
#include "base/lines.h"
#include "base/vec.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"

FTH_VEC(field_vec, struct fth_record_field)

struct reading {
    const char *path;
    int64_t number;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    struct fth_record *out;
    bool found;
};

/* ---- CSV ---- */

static enum fth_rc csv_fields(struct reading *r, const struct fth_csv *csv,
                              const struct fth_csv_chunk *chunk, size_t at, struct fth_err *err)
{
    const struct fth_str *header = fth_csv_header(csv);
    size_t nr = fth_csv_columns(csv);
    struct fth_record_field *fields = FTH_NEW_ARRAY(r->arena, struct fth_record_field, nr);
    struct fth_str first = fth_csv_raw(chunk, at, 0), last = fth_csv_raw(chunk, at, nr - 1);

    if (!fields ||
        fth_arena_str(r->arena, (struct fth_str){first.p, (size_t)(last.p + last.n - first.p)},
                      &r->out->text, err))
        return fth_err_nomem(err);
    for (size_t c = 0; c < nr; c++) {
        struct fth_str raw = fth_csv_raw(chunk, at, c);
        char *scratch = fth_arena_alloc(r->arena, raw.n + 1);

        if (!scratch || fth_arena_str(r->arena, header[c], &fields[c].column, err) ||
            fth_arena_str(r->arena, fth_csv_value(raw, scratch), &fields[c].text, err))
            return fth_err_nomem(err);
    }
    r->out->line = fth_csv_chunk_line(chunk, at);
    r->out->fields = fields;
    r->out->nr = nr;
    r->found = true;
    return FTH_OK;
}

/* A record that was set aside has no fields that anybody could name. */
static enum fth_rc csv_bad(struct reading *r, const struct fth_csv_chunk *chunk,
                           struct fth_err *err)
{
    for (size_t i = 0; i < chunk->bad_nr && !r->found; i++)
        if (chunk->bad[i].record == r->number) {
            r->found = true;
            r->out->line = chunk->bad[i].line;
            if (fth_arena_str(r->arena, chunk->bad[i].text, &r->out->text, err))
                return err->rc;
        }
    return FTH_OK;
}

static enum fth_rc read_csv(struct reading *r, const struct fth_importer *importer,
                            struct fth_err *err)
{
    const struct fth_csv_opts opts = {.keep_bad = true,
                                      .long_header = importer->layout->long_header};
    struct fth_csv_chunk chunk = {0};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    bool more = true;

    if (!fth_unpack_open(r->path, NULL, &in, err))
        fth_csv_open(in, &opts, &csv, err);
    while (!err->rc && more && !r->found && !fth_cancel_check(r->cancel, err) &&
           !fth_csv_chunk_next(csv, &chunk, &more, err)) {
        for (size_t i = 0; i < chunk.nr && !r->found && !err->rc; i++)
            if (fth_csv_chunk_record(&chunk, i) == r->number)
                (void)csv_fields(r, csv, &chunk, i, err);
        if (!err->rc)
            (void)csv_bad(r, &chunk, err);
    }
    fth_csv_chunk_release(&chunk);
    fth_csv_close(csv);
    fth_unpack_close(in);
    return err->rc;
}

/* ---- JSON lines ---- */

static enum fth_rc add_member(void *ctx, struct fth_str path, struct fth_str value,
                              struct fth_err *err)
{
    struct field_vec *fields = ctx;
    struct fth_record_field field = {0};

    if (fth_arena_str(fields->arena, path, &field.column, err) ||
        (value.n && fth_arena_str(fields->arena, value, &field.text, err)))
        return err->rc;
    return field_vec_push(fields, field, err);
}

/* A line that is no object is shown as it stands there. */
static enum fth_rc json_fields(struct reading *r, struct fth_str line, struct fth_err *err)
{
    struct field_vec fields = field_vec_in(r->arena);
    const struct fth_json_others others = {add_member, &fields};
    struct fth_json_pick *pick = NULL;
    struct fth_json_bad bad = {0};
    struct fth_str cell;

    r->found = true;
    if (fth_arena_str(r->arena, line, &r->out->text, err) ||
        fth_json_pick_new(r->arena, NULL, 0, &pick, err))
        return err->rc;
    if (fth_json_pick_object(pick, r->out->text, r->arena, &others, &cell, &bad, err) ==
        FTH_E_SYNTAX)
        fth_err_clear(err);
    r->out->fields = fields.at;
    r->out->nr = fields.nr;
    return err->rc;
}

static enum fth_rc read_json(struct reading *r, struct fth_err *err)
{
    struct fth_lines_chunk chunk = {0};
    struct fth_unpack *in = NULL;
    struct fth_lines *lines = NULL;
    bool more = true;

    if (!fth_unpack_open(r->path, NULL, &in, err))
        fth_lines_open(in, NULL, &lines, err);
    while (!err->rc && more && !r->found && !fth_cancel_check(r->cancel, err) &&
           !fth_lines_next(lines, &chunk, &more, err)) {
        int64_t at = r->number - chunk.first_record;

        if (chunk.nr == 0 || at < 0 || at >= (int64_t)chunk.nr)
            continue;
        r->out->line = fth_lines_line(&chunk, (size_t)at);
        (void)json_fields(r, fth_lines_text(&chunk, (size_t)at), err);
    }
    fth_lines_chunk_release(&chunk);
    fth_lines_close(lines);
    fth_unpack_close(in);
    return err->rc;
}

/* ---- Parquet ---- */

static enum fth_rc read_parquet(struct reading *r, struct fth_ledger *ledger, struct fth_err *err)
{
    struct fth_record_field *fields;
    struct fth_feed_head head = {0};

    if (fth_feed_parquet_row(ledger, r->path, r->number - 1, r->arena, &head, err) ||
        head.row_nr == 0)
        return err->rc;
    fields = FTH_NEW_ARRAY(r->arena, struct fth_record_field, head.header_nr);
    if (!fields)
        return fth_err_nomem(err);
    for (size_t i = 0; i < head.header_nr; i++)
        fields[i] = (struct fth_record_field){
            head.headers[i], head.cells[i].n ? head.cells[i] : (struct fth_str){0}};
    r->out->fields = fields;
    r->out->nr = head.header_nr;
    r->found = true;
    return FTH_OK;
}

enum fth_rc fth_record_read(struct fth_ledger *ledger, const struct fth_importer *importer,
                            const char *path, int64_t number, struct fth_cancel *cancel,
                            struct fth_arena *arena, struct fth_record *out, struct fth_err *err)
{
    struct fth_record record = {0};
    struct reading r = {
        .path = path, .number = number, .cancel = cancel, .arena = arena, .out = &record};
    bool json = false;

    if (fth_feed_is_parquet(path))
        (void)read_parquet(&r, ledger, err);
    else if (fth_feed_is_json(path, &json, err))
        return err->rc;
    else if (json)
        (void)read_json(&r, err);
    else
        (void)read_csv(&r, importer, err);
    if (!err->rc && !r.found)
        fth_err_set(err, FTH_E_NOTFOUND, "%s: no record %lld", path, (long long)number);
    if (!err->rc)
        *out = record;
    return err->rc;
}

/* ---- the rule ---- */

static const struct fth_feed_col *column_of(const struct fth_feed_layout *layout, const char *name)
{
    for (size_t i = 0; name && i < layout->col_nr; i++)
        if (strcmp(layout->cols[i].name, name) == 0)
            return &layout->cols[i];
    return NULL;
}

static bool is_named(const struct fth_feed_col *col, struct fth_str header)
{
    bool is = fth_str_caseeq(header, fth_str_c(col->name));

    for (const char *const *s = col->spellings; !is && s && *s; s++)
        is = fth_str_caseeq(header, fth_str_c(*s));
    return is;
}

static bool matches(const char *const *values, struct fth_str text)
{
    bool is = values == NULL;

    for (; !is && *values; values++) {
        struct fth_str value = fth_str_c(*values);

        is = value.n && value.p[value.n - 1] == '*'
                 ? fth_str_starts(text, fth_str_sub(value, 0, value.n - 1))
                 : fth_str_eq(text, value);
    }
    return is;
}

static bool record_matches(const struct fth_feed_rule *rule, const struct fth_feed_col *col,
                           const struct fth_record *record)
{
    for (size_t i = 0; i < record->nr; i++)
        if (is_named(col, record->fields[i].column))
            return matches(rule->values, record->fields[i].text);
    return false;
}

/* The rules that double rows: of elements of a list, or of records. */
static struct fth_str doubling_rule(const struct fth_feed_layout *layout,
                                    const struct fth_record *record, bool of_elements)
{
    const struct fth_feed_rule *only = NULL;
    size_t nr = 0;

    for (size_t i = 0; i < layout->rule_nr; i++) {
        const struct fth_feed_rule *rule = &layout->rules[i];
        const struct fth_feed_col *col = column_of(layout, rule->column);

        if (rule->action != FTH_RULE_TWICE || !col || (col->member != NULL) != of_elements)
            continue;
        if (!of_elements && record && record_matches(rule, col, record))
            return fth_str_c(rule->id);
        only = rule;
        nr++;
    }
    return nr == 1 ? fth_str_c(only->id) : (struct fth_str){0};
}

struct fth_str fth_record_rule(const struct fth_importer *importer, const struct fth_record *record,
                               int32_t part)
{
    const struct fth_feed_layout *layout = importer->layout;

    if (part == 0)
        return (struct fth_str){0};
    if (!layout->list || part == FTH_FEED_TWIN)
        return doubling_rule(layout, record, false);
    if (part > FTH_FEED_TWIN)
        return doubling_rule(layout, record, true);
    for (size_t i = 0; i < layout->rule_nr; i++)
        if (layout->rules[i].action == FTH_RULE_EACH)
            return fth_str_c(layout->rules[i].id);
    return (struct fth_str){0};
}
