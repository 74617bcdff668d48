/* What can be seen of a file without a layout: its first records. */
#include "base/csv.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"

static enum fth_rc copy_cells(const struct fth_str *from, size_t nr, struct fth_arena *arena,
                              struct fth_str *to, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; !rc && i < nr; i++)
        rc = fth_arena_str(arena, from[i], &to[i], err);
    return rc;
}

static enum fth_rc csv_head(struct fth_csv *csv, bool pinned, size_t max, struct fth_arena *arena,
                            struct fth_feed_head *out, struct fth_err *err)
{
    size_t nr = fth_csv_columns(csv), rows = 0;
    struct fth_str *cells = FTH_NEW_ARRAY(arena, struct fth_str, nr * (max + 1));
    struct fth_csv_row row;
    bool more = true;
    enum fth_rc rc;

    if (!cells)
        return fth_err_nomem(err);
    rc = copy_cells(fth_csv_header(csv), nr, arena, cells, err);
    /* A single field may be all of them, by another separator: then no record has as many. */
    if (nr == 1 && !pinned)
        max = 0;
    while (!rc && rows < max) {
        rc = fth_csv_next(csv, &row, &more, err);
        if (rc || !more)
            break;
        rows++;
        rc = copy_cells(row.fields, nr, arena, cells + rows * nr, err);
    }
    *out = (struct fth_feed_head){
        .headers = cells, .header_nr = nr, .cells = cells + nr, .row_nr = rows, .csv = true};
    return rc;
}

enum fth_rc fth_import_feed_head(struct fth_ledger *ledger, const char *path, size_t max,
                                 char delimiter, struct fth_arena *arena, struct fth_feed_head *out,
                                 struct fth_err *err)
{
    /* Small chunks: a head must not cost megabytes. */
    const struct fth_csv_opts opts = {
        .delimiter = delimiter, .chunk_len = 64 * 1024, .long_header = true};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_feed_head head = {0};
    bool json = false;
    enum fth_rc rc;

    if (fth_feed_is_parquet(path)) {
        rc = fth_feed_parquet_head(ledger, path, max, arena, &head, err);
    } else if ((rc = fth_feed_is_json(path, &json, err))) {
        return rc;
    } else if (json) {
        rc = fth_feed_json_head(path, max, arena, &head, err);
    } else {
        rc = fth_unpack_open(path, NULL, &in, err);
        if (!rc)
            rc = fth_csv_open(in, &opts, &csv, err);
        if (!rc)
            rc = csv_head(csv, delimiter != 0, max, arena, &head, err);
        fth_csv_close(csv);
        fth_unpack_close(in);
    }
    if (!rc)
        *out = head;
    return rc;
}
