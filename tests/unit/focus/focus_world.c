#include "focus_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/csv.h"

static const struct edit *edit_of(const struct edit *edits, size_t nr, int record,
                                  struct fth_str column)
{
    for (size_t i = 0; i < nr; i++) {
        bool here = edits[i].record == record || (edits[i].record == -1 && record > 0);

        if (column.p ? edits[i].column && fth_str_eq_c(column, edits[i].column) : !edits[i].column)
            if (here || (column.p && !edits[i].value))
                return &edits[i];
    }
    return NULL;
}

static void put_record(struct fth_buf *out, const struct fth_str *header,
                       const struct fth_str *fields, size_t nr, int record,
                       const struct edit *edits, size_t edit_nr)
{
    const struct edit *whole = edit_of(edits, edit_nr, record, (struct fth_str){0});
    bool first = true;

    if (whole) {
        fth_buf_c(out, whole->value ? whole->value : "");
        fth_buf_c(out, whole->value ? "\n" : "");
        return;
    }
    for (size_t i = 0; i < nr; i++) {
        const struct edit *edit = edit_of(edits, edit_nr, record, header[i]);

        if (edit && !edit->value)
            continue;
        fth_buf_c(out, first ? "" : ",");
        first = false;
        if (edit)
            fth_csv_put(out, fth_str_c(edit->value));
        else
            fth_csv_put(out, fields[i]);
    }
    fth_buf_char(out, '\n');
}

const char *edited(const char *name, const struct edit *edits, size_t nr)
{
    char path[200];
    struct fth_buf out = fth_buf_max(1 << 20);
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_csv_row row;
    struct fth_err err = {0};
    bool more = true;
    const char *made;

    snprintf(path, sizeof(path), "tests/unit/focus/data/%s", name);
    assert_ok(fth_unpack_open(test_source(path), NULL, &in, &err), &err);
    assert_ok(fth_csv_open(in, NULL, &csv, &err), &err);
    put_record(&out, fth_csv_header(csv), fth_csv_header(csv), fth_csv_columns(csv), 0, edits, nr);
    for (;;) {
        assert_ok(fth_csv_next(csv, &row, &more, &err), &err);
        if (!more)
            break;
        put_record(&out, fth_csv_header(csv), row.fields, row.nr, (int)row.record, edits, nr);
    }
    fth_csv_close(csv);
    fth_unpack_close(in);
    assert_ok(fth_buf_done(&out, &err), &err);
    made = test_file_named(name, fth_buf_view(&out));
    fth_buf_release(&out);
    return made;
}

const struct fth_focus_report *validate(struct fth_focus_request request, const char *const *paths)
{
    const struct fth_focus_report *report = NULL;
    struct fth_err err = {0};

    request.paths = paths;
    while (paths[request.path_nr])
        request.path_nr++;
    assert_ok(fth_focus_validate(&request, test_arena(64 << 20), &report, &err), &err);
    return report;
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

struct fth_str findings(const struct fth_focus_report *report)
{
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_str *ids = FTH_NEW_ARRAY(arena, struct fth_str, report->finding_nr);
    struct fth_buf text = fth_buf_max(1 << 16);
    struct fth_err err = {0};
    struct fth_str out;

    for (size_t i = 0; i < report->finding_nr; i++)
        ids[i] = report->findings[i].id;
    qsort(ids, report->finding_nr, sizeof(*ids), by_text);
    for (size_t i = 0; i < report->finding_nr; i++) {
        fth_buf_c(&text, i ? " " : "");
        fth_buf_str(&text, ids[i]);
    }
    assert_ok(fth_arena_str(arena, fth_buf_view(&text), &out, &err), &err);
    fth_buf_release(&text);
    return out;
}

const struct fth_focus_finding *finding(const struct fth_focus_report *report, const char *id)
{
    for (size_t i = 0; i < report->finding_nr; i++)
        if (fth_str_eq_c(report->findings[i].id, id))
            return &report->findings[i];
    fail_msg("no finding %s", id);
    return NULL;
}
