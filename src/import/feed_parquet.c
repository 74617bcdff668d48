/* Parquet files, read by the ledger's engine as one stream of batches. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"

/*
 * The file that is being scanned, under the feed's lock: workers take rows from it one after the
 * other and convert them at the same time. The engine gives rows in no order, so each batch also
 * has the place of its rows in the file.
 */
struct fth_feed_parquet {
    struct fth_engine *engine;
    struct fth_session *session;
    struct fth_arena *arena;
    const char *inside; /* where the engine sees it */
    struct fth_result *result;
    size_t *batch_col; /* lives as long as the feed: blocks point to it */
    size_t place_col;  /* column of the batch with the place in the file */
};

bool fth_feed_is_parquet(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char magic[4];
    bool is = fd >= 0 && read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
              memcmp(magic, "PAR1", sizeof(magic)) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

static void scan_close(struct fth_feed_parquet *scan)
{
    if (!scan)
        return;
    fth_result_free(scan->result);
    fth_session_close(scan->session);
    if (scan->inside)
        fth_engine_forget(scan->engine, scan->inside);
    fth_arena_free(scan->arena);
    fth_free(scan);
}

/* NULL on failure. */
static struct fth_feed_parquet *scan_open(struct fth_ledger *ledger, const char *path,
                                          struct fth_err *err)
{
    enum { NAMES_CAP = 16 << 20 };
    struct fth_feed_parquet *scan = fth_calloc(1, sizeof(*scan));

    FTH_CHECK(ledger);
    if (!scan) {
        fth_err_nomem(err);
        return NULL;
    }
    scan->engine = fth_ledger_engine(ledger);
    scan->arena = fth_arena_new(NAMES_CAP);
    if (!scan->arena)
        fth_err_nomem(err);
    else if (!fth_engine_adopt(scan->engine, path, scan->arena, &scan->inside, err) &&
             !fth_session_open(scan->engine, &scan->session, err))
        return scan;
    scan_close(scan);
    return NULL;
}

/* Errors name the file that the user knows, not the engine's link to it. */
static enum fth_rc blame(const char *path, struct fth_err *err)
{
    fth_err_prefix(err, "%s", path);
    return err->rc;
}

/* Is column i a struct, whose members follow it? */
static bool has_members(const struct fth_column *cols, size_t nr, size_t i)
{
    size_t n = strlen(cols[i].name);

    return i + 1 < nr && strncmp(cols[i + 1].name, cols[i].name, n) == 0 &&
           cols[i + 1].name[n] == '.';
}

/* Is column i a member of column `whole`? */
static bool is_member(const struct fth_column *cols, size_t whole, size_t i)
{
    size_t n = strlen(cols[whole].name);

    return strncmp(cols[i].name, cols[whole].name, n) == 0 && cols[i].name[n] == '.';
}

/* A struct that the layout has a name for is one column; of any other its members are columns.
 * Without a layout both are there. */
static size_t choose_columns(const struct fth_feed_layout *layout, struct fth_column *cols,
                             size_t nr)
{
    size_t kept = 0, whole = SIZE_MAX;

    for (size_t i = 0; i < nr; i++) {
        bool members = has_members(cols, nr, i);

        if (whole != SIZE_MAX && is_member(cols, whole, i))
            continue;
        whole = SIZE_MAX;
        if (layout && members && fth_feed_is_name(layout, fth_str_c(cols[i].name)))
            whole = i;
        if (!layout || !members || whole != SIZE_MAX)
            cols[kept++] = cols[i];
        /* What was kept moved down: `whole` must be found where it is now. */
        if (whole != SIZE_MAX)
            whole = kept - 1;
    }
    return kept;
}

static enum fth_rc header_of(struct fth_feed_parquet *scan, const struct fth_feed_layout *layout,
                             struct fth_arena *arena, struct fth_str **out, size_t *out_nr,
                             struct fth_err *err)
{
    struct fth_column *cols;
    uint64_t rows;
    size_t nr;
    struct fth_str *names;
    enum fth_rc rc = fth_session_parquet_columns(scan->session, scan->inside, scan->arena, &cols,
                                                 &nr, &rows, err);

    if (rc)
        return rc;
    nr = choose_columns(layout, cols, nr);
    names = FTH_NEW_ARRAY(arena, struct fth_str, nr);
    if (!names)
        return fth_err_nomem(err);
    for (size_t i = 0; !rc && i < nr; i++)
        rc = fth_arena_str(arena, fth_str_c(cols[i].name), &names[i], err);
    *out = names;
    *out_nr = nr;
    return rc;
}

enum fth_rc fth_feed_parquet_header(struct fth_import_feed *feed, const char *path,
                                    struct fth_str **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_feed_parquet *scan = scan_open(feed->request.ledger, path, err);
    enum fth_rc rc;

    if (!scan)
        return blame(path, err);
    rc = header_of(scan, feed->layout, feed->arena, out, out_nr, err);
    scan_close(scan);
    return rc ? blame(path, err) : FTH_OK;
}

/* ---- the scan ---- */

static void need(bool *needed, const struct fth_feed_binding *b, size_t col)
{
    if (col != SIZE_MAX && b->source[col].at != SIZE_MAX)
        needed[b->source[col].at] = true;
}

static void need_all(bool *needed, const size_t *columns, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        needed[columns[i]] = true;
}

/* The columns of the file that this worker has to see. */
static void find_needed(const struct fth_feed_worker *w, const struct fth_feed_binding *b,
                        bool *needed)
{
    const struct fth_import_feed *feed = w->feed;

    need(needed, b, feed->period_col);
    need(needed, b, feed->period_else);
    need(needed, b, feed->group_col);
    need(needed, b, feed->invoice_col);
    need(needed, b, feed->cancel_hour_col);
    for (size_t i = 0; i < feed->commitment_nr; i++)
        need(needed, b, feed->commitment_col[i]);
    for (size_t i = 0; i < feed->layout->rule_nr; i++) {
        need(needed, b, feed->rule_col[i]);
        need(needed, b, feed->rule_also[i]);
    }
    for (size_t i = 0; i < feed->layout->demand_nr; i++) {
        for (size_t k = 0; k < feed->demand_cols[i].nr; k++)
            need(needed, b, feed->demand_cols[i].cols[k]);
        need(needed, b, feed->demand_cols[i].than);
    }
    for (size_t i = 0; i < w->money_nr; i++)
        need(needed, b, w->money_col[i]);
    for (size_t i = 0; i < w->out_nr; i++) {
        if (w->outs[i].what == FTH_OUT_COL || w->outs[i].what == FTH_OUT_TEXT)
            need(needed, b, w->outs[i].col);
        if (w->outs[i].what == FTH_OUT_TAGS) {
            need_all(needed, b->maps, b->map_nr);
            need_all(needed, b->tag_cols, b->tag_col_nr);
        }
    }
    if (feed->request.side)
        need_all(needed, b->unknown, b->unknown_nr);
}

static enum fth_rc scan_start(struct fth_feed_worker *w, const struct fth_feed_file *file,
                              struct fth_feed_parquet *scan, struct fth_err *err)
{
    const struct fth_feed_binding *b = &file->binding;
    const char **names = FTH_NEW_ARRAY(scan->arena, const char *, b->header_nr + 1);
    bool *needed = FTH_NEW_ARRAY(scan->arena, bool, b->header_nr);
    size_t nr = 0;

    scan->batch_col = FTH_NEW_ARRAY(w->feed->arena, size_t, b->header_nr);
    if (!names || !needed || !scan->batch_col)
        return fth_err_nomem(err);
    find_needed(w, b, needed);
    for (size_t i = 0; i < b->header_nr; i++) {
        scan->batch_col[i] = needed[i] ? nr : SIZE_MAX;
        if (needed[i])
            names[nr++] = b->headers[i].p;
        if (fth_str_eq_c(b->headers[i], FTH_PARQUET_PLACE))
            return fth_err_set(err, FTH_E_UNSUPPORTED,
                               "a column is called \"" FTH_PARQUET_PLACE "\"");
    }
    scan->place_col = nr;
    names[nr++] = FTH_PARQUET_PLACE;
    return fth_session_parquet_scan(scan->session, scan->inside, names, nr, w->feed->request.cancel,
                                    &scan->result, err);
}

static enum fth_rc begin(struct fth_feed_worker *w, const struct fth_feed_file *file,
                         struct fth_err *err)
{
    struct fth_import_feed *feed = w->feed;

    feed->parquet = scan_open(feed->request.ledger, file->path, err);
    feed->scan_nr++;
    return feed->parquet ? scan_start(w, file, feed->parquet, err) : err->rc;
}

/* What a worker takes rows into, anew for each scan: columns differ from file to file. */
static enum fth_rc make_rows(struct fth_feed_worker *w, const struct fth_feed_parquet *scan,
                             struct fth_err *err)
{
    enum fth_rc rc;

    if (w->engine_rows && w->scan_nr == w->feed->scan_nr)
        return FTH_OK;
    fth_rows_free(w->engine_rows);
    w->engine_rows = NULL;
    rc = fth_rows_new(scan->result, &w->engine_rows, err);
    w->scan_nr = w->feed->scan_nr;
    return rc;
}

enum fth_rc fth_feed_parquet_take(struct fth_feed_worker *worker, bool *more, struct fth_err *err)
{
    struct fth_import_feed *feed = worker->feed;
    const struct fth_feed_file *file = &feed->files[feed->file];
    enum fth_rc rc = feed->parquet ? FTH_OK : begin(worker, file, err);

    *more = false;
    if (!rc)
        rc = make_rows(worker, feed->parquet, err);
    if (!rc)
        rc = fth_result_take(feed->parquet->result, worker->engine_rows, more, err);
    if (rc)
        return rc == FTH_E_CANCELLED ? rc : blame(file->path, err);
    worker->source_nr = 0;
    worker->source = (struct fth_feed_block){.file = file,
                                             .batch = &worker->batch,
                                             .batch_col = feed->parquet->batch_col,
                                             .place_col = feed->parquet->place_col,
                                             .base = feed->base};
    if (*more) {
        size_t nr = fth_rows_nr(worker->engine_rows);

        feed->counts.files[feed->file].rows += (int64_t)nr;
        atomic_fetch_add_explicit(&feed->progress.rows, (int64_t)nr, memory_order_relaxed);
    }
    return FTH_OK;
}

enum fth_rc fth_feed_parquet_look(struct fth_feed_worker *worker, struct fth_err *err)
{
    enum fth_rc rc = fth_rows_batch(worker->engine_rows, &worker->batch, err);

    if (rc)
        return blame(worker->source.file->path, err);
    worker->source_nr = worker->batch.nr;
    worker->source.place = worker->batch.cols[worker->source.place_col].i64;
    return FTH_OK;
}

void fth_feed_parquet_close(struct fth_import_feed *feed)
{
    scan_close(feed->parquet);
    feed->parquet = NULL;
}

/* ---- the head ---- */

/* The first rows of a file as text: the machinery of a worker without a layout. */
static enum fth_rc head_rows(struct fth_feed_parquet *scan, size_t max, struct fth_arena *arena,
                             struct fth_feed_head *out, struct fth_str *cells, struct fth_err *err)
{
    static const struct fth_feed_layout none = {0};
    struct fth_import_feed feed = {.layout = &none};
    struct fth_feed_worker *w = fth_calloc(1, sizeof(*w));
    struct fth_batch batch;
    size_t rows = 0;
    enum fth_rc rc = FTH_OK;

    if (!w)
        return fth_err_nomem(err);
    while (!rc && rows < max) {
        rc = fth_result_next(scan->result, &batch, err);
        if (rc || batch.nr == 0)
            break;
        w->feed = &feed;
        w->scratch = arena;
        w->block =
            (struct fth_feed_block){.batch = &batch, .batch_col = scan->batch_col, .nr = batch.nr};
        for (size_t r = 0; !rc && r < batch.nr && rows < max; r++, rows++)
            for (size_t c = 0; !rc && c < out->header_nr; c++) {
                struct fth_str text = {0};

                rc = fth_feed_cell(w, r, c, &text, err);
                if (!rc)
                    rc = fth_arena_str(arena, text, &cells[rows * out->header_nr + c], err);
            }
    }
    fth_free(w);
    out->cells = cells;
    out->row_nr = rows;
    return rc;
}

/* The first `max` rows, or the one at `row` when that is not negative. */
static enum fth_rc read_head(struct fth_feed_parquet *scan, size_t max, int64_t row,
                             struct fth_arena *arena, struct fth_feed_head *out,
                             struct fth_err *err)
{
    struct fth_str *headers = NULL, *cells;
    const char **names;
    size_t nr = 0;
    enum fth_rc rc = header_of(scan, NULL, arena, &headers, &nr, err);

    if (rc || nr == 0)
        return rc;
    cells = FTH_NEW_ARRAY(arena, struct fth_str, nr * (max + 1));
    names = FTH_NEW_ARRAY(scan->arena, const char *, nr);
    scan->batch_col = FTH_NEW_ARRAY(scan->arena, size_t, nr);
    if (!cells || !names || !scan->batch_col)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        names[i] = headers[i].p;
        scan->batch_col[i] = i;
    }
    *out = (struct fth_feed_head){.headers = headers, .header_nr = nr, .parquet = true};
    rc = row < 0 ? fth_session_parquet_scan(scan->session, scan->inside, names, nr, NULL,
                                            &scan->result, err)
                 : fth_session_parquet_row(scan->session, scan->inside, names, nr, row, NULL,
                                           &scan->result, err);
    return rc ? rc : head_rows(scan, max, arena, out, cells, err);
}

static enum fth_rc head_of(struct fth_ledger *ledger, const char *path, size_t max, int64_t row,
                           struct fth_arena *arena, struct fth_feed_head *out, struct fth_err *err)
{
    struct fth_feed_parquet *scan = scan_open(ledger, path, err);
    enum fth_rc rc;

    if (!scan)
        return blame(path, err);
    rc = read_head(scan, max, row, arena, out, err);
    scan_close(scan);
    return rc ? blame(path, err) : FTH_OK;
}

enum fth_rc fth_feed_parquet_head(struct fth_ledger *ledger, const char *path, size_t max,
                                  struct fth_arena *arena, struct fth_feed_head *out,
                                  struct fth_err *err)
{
    return head_of(ledger, path, max, -1, arena, out, err);
}

enum fth_rc fth_feed_parquet_row(struct fth_ledger *ledger, const char *path, int64_t row,
                                 struct fth_arena *arena, struct fth_feed_head *out,
                                 struct fth_err *err)
{
    return head_of(ledger, path, 1, row, arena, out, err);
}
