/*
 * The file of unknown columns: chunks, each a length and so many bytes of rows; a row is its head
 * and its text. Chunks are written and read whole, under the feed's lock, in any order.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "import/feed_parts.h"
#include "import/feed_side.h"

enum { CHUNK = 1 << 20 };

struct row_head {
    int64_t record;
    int32_t part;
    uint32_t n;
};

/* ---- writing ---- */

/* The file has no name from the beginning: it goes with the feed, however that ends. */
static enum fth_rc make_file(struct fth_import_feed *feed, struct fth_err *err)
{
    const char *path = feed->request.side;

    if (feed->side_fd >= 0)
        return FTH_OK;
    feed->side_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (feed->side_fd < 0 || unlink(path) != 0)
        return fth_err_errno(err, errno, "%s", path);
    return FTH_OK;
}

enum fth_rc fth_feed_side_flush(struct fth_feed_worker *worker, struct fth_err *err)
{
    struct fth_import_feed *feed = worker->feed;
    uint64_t n = worker->side.n;
    enum fth_rc rc;

    if (n == 0)
        return FTH_OK;
    fth_mutex_lock(&feed->lock);
    rc = make_file(feed, err);
    if (!rc)
        rc = fth_file_write_all(feed->side_fd, feed->request.side,
                                (struct fth_str){(const char *)&n, sizeof(n)}, err);
    if (!rc)
        rc =
            fth_file_write_all(feed->side_fd, feed->request.side, fth_buf_view(&worker->side), err);
    if (!rc)
        feed->side_end += (int64_t)(sizeof(n) + n);
    fth_mutex_unlock(&feed->lock);
    fth_buf_clear(&worker->side);
    return rc;
}

/* A member that came later than the headers: of the same use as one that came earlier. */
static bool is_kept(const struct fth_feed_worker *w, struct fth_str path)
{
    return !fth_feed_is_ignored(w->feed->layout, path);
}

/* The text of a record behind what is in `buf`; *any is false when it has none. */
static enum fth_rc put_record(struct fth_feed_worker *w, size_t record, struct fth_buf *buf,
                              bool *any, struct fth_err *err)
{
    const struct fth_feed_binding *b = &w->block.file->binding;
    struct fth_jw jw;
    enum fth_rc rc = FTH_OK;

    *any = false;
    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    for (size_t i = 0; !rc && i < b->unknown_nr; i++) {
        struct fth_str text = {0};

        rc = fth_feed_cell(w, record, b->unknown[i], &text, err);
        if (rc || text.n == 0 || fth_str_eq_c(text, "{}") || fth_str_eq_c(text, "[]"))
            continue;
        fth_jw_key_str(&jw, b->headers[b->unknown[i]]);
        fth_jw_str(&jw, text);
        *any = true;
    }
    for (size_t i = 0; w->block.lines && i < w->extras.nr; i++)
        if (w->extras.at[i].record == record && is_kept(w, w->extras.at[i].path)) {
            fth_jw_key_str(&jw, w->extras.at[i].path);
            fth_jw_str(&jw, w->extras.at[i].value);
            *any = true;
        }
    fth_jw_object_end(&jw);
    return rc ? rc : fth_jw_done(&jw, err);
}

static enum fth_rc put_row(struct fth_feed_worker *w, const struct fth_feed_row *row,
                           struct fth_err *err)
{
    struct row_head head = {.record = fth_feed_record_nr(&w->block, row->record),
                            .part = row->part};
    size_t at = w->side.n;
    bool any;
    enum fth_rc rc;

    fth_buf_add(&w->side, &head, sizeof(head));
    rc = put_record(w, row->record, &w->side, &any, err);
    if (rc)
        return rc;
    head.n = (uint32_t)(w->side.n - at - sizeof(head));
    if (any)
        memcpy(w->side.p + at, &head, sizeof(head));
    else
        fth_buf_cut(&w->side, w->side.n - at);
    return FTH_OK;
}

enum fth_rc fth_feed_side_add(struct fth_feed_worker *worker, struct fth_err *err)
{
    bool list = worker->feed->list_col != SIZE_MAX;
    enum fth_rc rc = FTH_OK;

    if (!worker->feed->request.side ||
        (worker->block.file->binding.unknown_nr == 0 && !worker->block.lines))
        return FTH_OK;
    for (size_t i = 0; !rc && i < worker->row_nr; i++) {
        const struct fth_feed_row *row = &worker->rows[i];

        /* Of the rows of a list the first has it: they are one record. */
        if (!list || i == 0 || row->record != row[-1].record)
            rc = put_row(worker, row, err);
        if (!rc && worker->side.n >= CHUNK)
            rc = fth_feed_side_flush(worker, err);
    }
    return rc;
}

/* ---- reading ---- */

struct reader {
    struct fth_import_feed *feed;
    char *chunk;
    size_t n, cap, at;
    size_t col_nr;
    struct fth_vec vecs[3]; /* of the columns that are wanted */
    int64_t record[FTH_BATCH_MAX];
    int32_t part[FTH_BATCH_MAX];
    struct fth_str text[FTH_BATCH_MAX];
};

static enum fth_rc reader_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **out,
                               struct fth_err *err)
{
    struct reader *reader = fth_calloc(1, sizeof(*reader));

    if (!reader)
        return fth_err_nomem(err);
    const struct fth_vec vecs[] = {{.type = FTH_T_I64, .i64 = reader->record},
                                   {.type = FTH_T_I32, .i32 = reader->part},
                                   {.type = FTH_T_TEXT, .text = reader->text}};

    FTH_CHECK(wanted_nr <= FTH_NR(vecs));
    reader->feed = ctx;
    reader->col_nr = wanted_nr;
    for (size_t i = 0; i < wanted_nr; i++)
        reader->vecs[i] = vecs[wanted[i]];
    *out = reader;
    return FTH_OK;
}

static void reader_close(void *worker)
{
    struct reader *reader = worker;

    fth_free(reader->chunk);
    fth_free(reader);
}

static enum fth_rc read_at(const struct fth_import_feed *feed, void *to, size_t n, int64_t at,
                           struct fth_err *err)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(feed->side_fd, (char *)to + done, n - done, at + (int64_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fth_err_errno(err, got ? errno : EIO, "%s", feed->request.side);
        done += (size_t)got;
    }
    return FTH_OK;
}

/* Which chunk is the reader's; its length is 0 at the end. Under the lock. */
static enum fth_rc take_chunk(struct fth_import_feed *feed, uint64_t *n, int64_t *at,
                              struct fth_err *err)
{
    *n = 0;
    if (feed->side_at == feed->side_end || read_at(feed, n, sizeof(*n), feed->side_at, err))
        return err->rc;
    *at = feed->side_at + (int64_t)sizeof(*n);
    feed->side_at = *at + (int64_t)*n;
    return FTH_OK;
}

static enum fth_rc next_chunk(struct reader *reader, struct fth_err *err)
{
    struct fth_import_feed *feed = reader->feed;
    uint64_t n;
    int64_t at = 0;
    enum fth_rc rc;

    fth_mutex_lock(&feed->lock);
    rc = take_chunk(feed, &n, &at, err);
    fth_mutex_unlock(&feed->lock);
    reader->n = reader->at = 0;
    if (rc || n == 0)
        return rc;
    if (n > reader->cap) {
        fth_free(reader->chunk);
        reader->cap = n;
        reader->chunk = fth_calloc(n, 1);
        if (!reader->chunk)
            return fth_err_nomem(err);
    }
    reader->n = n;
    return read_at(feed, reader->chunk, n, at, err);
}

static enum fth_rc reader_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct reader *reader = worker;
    size_t nr = 0;

    if (reader->at == reader->n && next_chunk(reader, err))
        return err->rc;
    for (; nr < FTH_BATCH_MAX && reader->at < reader->n; nr++) {
        struct row_head head;

        memcpy(&head, reader->chunk + reader->at, sizeof(head));
        reader->at += sizeof(head);
        reader->record[nr] = head.record;
        reader->part[nr] = head.part;
        reader->text[nr] = (struct fth_str){reader->chunk + reader->at, head.n};
        reader->at += head.n;
    }
    *out = (struct fth_batch){.nr = nr, .col_nr = reader->col_nr, .cols = reader->vecs};
    return FTH_OK;
}

/* ---- the feed ---- */

void fth_feed_side_init(struct fth_import_feed *feed)
{
    static const struct fth_column cols[] = {
        {"Record", FTH_T_I64}, {"Part", FTH_T_I32}, {"Columns", FTH_T_TEXT}};

    feed->side_fd = -1;
    feed->side_feed = (struct fth_feed){.name = "feed_side",
                                        .cols = cols,
                                        .col_nr = FTH_NR(cols),
                                        .ctx = feed,
                                        .open = reader_open,
                                        .next = reader_next,
                                        .close = reader_close};
}

void fth_feed_side_release(struct fth_import_feed *feed)
{
    if (feed->side_fd >= 0)
        close(feed->side_fd);
}

struct fth_feed *fth_import_feed_side(struct fth_import_feed *feed)
{
    return feed->request.side ? &feed->side_feed : NULL;
}
