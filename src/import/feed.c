/* The files of a delivery one after the other, and the workers that turn them into batches. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include "import/feed_dates.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"
#include "import/feed_side.h"
#include "import/feed_tags.h"

enum {
    SCRATCH_CAP = 256 << 20,
    KEPT_CAP = 256 << 20,
    KEY_MAX = 64 << 20,
    SIDE_MAX = 80 << 20,
    PICK_CAP = 64 << 20
};

/* ---- the producer, under the lock ---- */

static const char *path_of(const struct fth_import_feed *feed)
{
    return feed->files[feed->file].path;
}

static enum fth_rc open_csv(struct fth_import_feed *feed, struct fth_err *err)
{
    const struct fth_csv_opts opts = {.delimiter = feed->layout->delimiter,
                                      .keep_bad = feed->request.tolerate > 0,
                                      .long_header = feed->layout->long_header};
    enum fth_rc rc = fth_feed_digests_open(&feed->digests, path_of(feed), &feed->in, err);

    if (!rc)
        rc = fth_csv_open(feed->in, &opts, &feed->csv, err);
    if (!rc && fth_csv_columns(feed->csv) != feed->files[feed->file].binding.header_nr)
        rc = fth_err_set(err, FTH_E_CONFLICT, "%s: changed while it was read", path_of(feed));
    return rc;
}

static void close_csv(struct fth_import_feed *feed)
{
    fth_csv_close(feed->csv);
    fth_unpack_close(feed->in);
    feed->csv = NULL;
    feed->in = NULL;
}

static void show_progress(struct fth_import_feed *feed, int64_t rows)
{
    int64_t bytes = feed->bytes_before + (feed->in ? fth_unpack_in(feed->in) : 0);

    atomic_store_explicit(&feed->progress.bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&feed->progress.rows, rows, memory_order_relaxed);
}

/* The file is read to its end: its digest and numbers are complete. */
static void finish_file(struct fth_import_feed *feed)
{
    struct fth_feed_file_count *count = &feed->counts.files[feed->file];

    if (feed->csv || feed->lines)
        fth_feed_digests_hex(&feed->digests, count->content, count->sha256);
    fth_feed_json_close(feed);
    close_csv(feed);
    fth_feed_parquet_close(feed);
    feed->base += count->rows;
    feed->bytes_before += count->bytes;
    show_progress(feed, 0);
    feed->file++;
}

/* The billing period of the first record that has one is that of the delivery. */
static enum fth_rc learn_period(struct fth_feed_worker *w, struct fth_err *err)
{
    struct fth_import_feed *feed = w->feed;
    size_t column = fth_feed_period_column(feed, w->source.file), most = w->source_nr;

    if (feed->period_known || column == SIZE_MAX)
        return FTH_OK;
    if (w->source.batch && fth_feed_parquet_look(w, err))
        return err->rc;
    w->block = w->source;
    if (w->block.lines && most > FTH_FEED_JSON_BLOCK)
        most = FTH_FEED_JSON_BLOCK;
    for (size_t r = 0; r < most && !feed->period_known; r++)
        feed->period_known = (!w->block.lines || fth_feed_json_peek(w, r)) &&
                             fth_feed_period_peek(w, r, &feed->period_us);
    return FTH_OK;
}

static enum fth_rc next_chunk(struct fth_feed_worker *w, bool *more, struct fth_err *err)
{
    struct fth_import_feed *feed = w->feed;
    enum fth_rc rc = feed->csv ? FTH_OK : open_csv(feed, err);

    *more = false;
    if (!rc)
        rc = fth_csv_chunk_next(feed->csv, &w->chunk, more, err);
    if (rc)
        return rc;
    w->source = (struct fth_feed_block){
        .file = &feed->files[feed->file], .chunk = &w->chunk, .base = feed->base};
    w->source_nr = w->chunk.nr;
    feed->counts.files[feed->file].rows += (int64_t)(w->chunk.nr + w->chunk.bad_nr);
    show_progress(feed, (int64_t)w->chunk.nr);
    return FTH_OK;
}

/* The next records of the delivery as w->source; *more is false when there are none. */
static enum fth_rc next_source(struct fth_feed_worker *w, bool *more, struct fth_err *err)
{
    struct fth_import_feed *feed = w->feed;
    enum fth_rc rc = FTH_OK;

    *more = false;
    fth_mutex_lock(&feed->lock);
    while (!rc && !*more && feed->file < feed->file_nr) {
        if (feed->files[feed->file].parquet) {
            rc = fth_feed_parquet_take(w, more, err);
        } else if (feed->files[feed->file].json) {
            rc = fth_feed_json_next(w, more, err);
            show_progress(feed, rc || !*more ? 0 : (int64_t)w->source_nr);
        } else {
            rc = next_chunk(w, more, err);
        }
        if (!rc && !*more)
            finish_file(feed);
    }
    if (!rc && *more && !feed->period_known)
        rc = learn_period(w, err);
    /* The others find nothing more; this worker says why. */
    if (rc)
        feed->file = feed->file_nr;
    fth_mutex_unlock(&feed->lock);
    if (!rc && *more && w->source.batch)
        rc = fth_feed_parquet_look(w, err);
    if (!rc && *more && w->source.lines)
        w->not_utf8 = !fth_utf8_valid((struct fth_str){w->lines.text, w->lines.n});
    for (size_t i = 0; !rc && *more && w->source.chunk && i < w->chunk.bad_nr; i++)
        rc = fth_feed_refuse_bad(feed, w->source.file, &w->chunk.bad[i], w->chunk.columns, err);
    return rc;
}

/* ---- workers ---- */

static size_t value_size(enum fth_type type)
{
    switch (type) {
    case FTH_T_TEXT:
        return sizeof(struct fth_str);
    case FTH_T_BOOL:
        return sizeof(uint8_t);
    case FTH_T_I32:
        return sizeof(int32_t);
    case FTH_T_DEC_WIDE:
        return sizeof(fth_i128);
    default:
        return sizeof(int64_t);
    }
}

/* A column of the layout whose amounts the worker has to know. */
static void want_money(struct fth_feed_worker *w, size_t *list, size_t col)
{
    if (col == SIZE_MAX || w->feed->layout->cols[col].kind != FTH_K_MONEY ||
        w->money_slot[col] != UINT8_MAX)
        return;
    FTH_CHECK(w->money_nr < UINT8_MAX);
    w->money_slot[col] = (uint8_t)w->money_nr;
    list[w->money_nr++] = col;
}

static enum fth_rc make_money(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;
    size_t *list = fth_calloc(feed->layout->col_nr, sizeof(*list));

    w->money_col = list;
    w->money_slot = fth_calloc(feed->layout->col_nr, 1);
    if (!list || !w->money_slot)
        return fth_err_nomem(err);
    memset(w->money_slot, UINT8_MAX, feed->layout->col_nr);
    for (size_t i = 0; i < feed->cost_nr; i++)
        want_money(w, list, feed->cost_col[i]);
    for (size_t i = 0; i < feed->total_nr; i++)
        want_money(w, list, feed->total_col[i]);
    for (size_t i = 0; i < feed->layout->rule_nr; i++)
        want_money(w, list, feed->rule_zero[i]);
    for (size_t i = 0; i < w->out_nr; i++)
        if (w->outs[i].what == FTH_OUT_COL || w->outs[i].what == FTH_OUT_TAIL)
            want_money(w, list, w->outs[i].col);
    w->money = fth_calloc(w->money_nr * FTH_BATCH_MAX + 1, sizeof(*w->money));
    w->has_money = fth_calloc(w->money_nr * FTH_BATCH_MAX + 1, sizeof(*w->has_money));
    return w->money && w->has_money ? FTH_OK : fth_err_nomem(err);
}

static enum fth_rc make_columns(struct fth_feed_worker *w, const size_t *wanted,
                                struct fth_err *err)
{
    struct fth_feed_out_col *outs = fth_calloc(w->out_nr + 1, sizeof(*outs));

    w->outs = outs;
    w->vecs = fth_calloc(w->out_nr + 1, sizeof(*w->vecs));
    w->data = fth_calloc(w->out_nr + 1, sizeof(*w->data));
    w->valid = fth_calloc(w->out_nr + 1, sizeof(*w->valid));
    if (!outs || !w->vecs || !w->data || !w->valid)
        return fth_err_nomem(err);
    for (size_t i = 0; i < w->out_nr; i++) {
        enum fth_type type = w->feed->feed.cols[wanted[i]].type;

        outs[i] = w->feed->outs[wanted[i]];
        w->data[i] = fth_calloc(FTH_BATCH_MAX, value_size(type));
        w->valid[i] = fth_calloc(FTH_BATCH_MAX / 64, sizeof(**w->valid));
        if (!w->data[i] || !w->valid[i])
            return fth_err_nomem(err);
        w->vecs[i] = (struct fth_vec){.type = type, .any = w->data[i]};
    }
    return FTH_OK;
}

static void free_worker(struct fth_feed_worker *w)
{
    for (size_t i = 0; i < w->out_nr; i++) {
        if (w->data)
            fth_free(w->data[i]);
        if (w->valid)
            fth_free(w->valid[i]);
    }
    fth_free((void *)(uintptr_t)w->outs);
    fth_free((void *)(uintptr_t)w->money_col);
    fth_free(w->vecs);
    fth_free(w->data);
    fth_free(w->valid);
    fth_free(w->money_slot);
    fth_free(w->money);
    fth_free(w->has_money);
    fth_map_release(&w->tag_ids);
    fth_map_release(&w->maps);
    fth_feed_groups_release(&w->groups);
    fth_feed_groups_release(&w->commitments);
    fth_feed_groups_release(&w->credits);
    fth_arena_free(w->kept);
    fth_arena_free(w->scratch);
    fth_buf_release(&w->key);
    fth_buf_release(&w->side);
    fth_csv_chunk_release(&w->chunk);
    fth_rows_free(w->engine_rows);
    fth_lines_chunk_release(&w->lines);
    fth_arena_free(w->pick_arena);
    fth_free(w->elements);
    fth_free(w);
}

static enum fth_rc worker_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **out,
                               struct fth_err *err)
{
    struct fth_feed_worker *w = fth_calloc(1, sizeof(*w));
    enum fth_rc rc;

    if (!w)
        return fth_err_nomem(err);
    w->feed = ctx;
    w->out_nr = wanted_nr;
    fth_map_init(&w->tag_ids);
    fth_map_init(&w->maps);
    w->key = fth_buf_max(KEY_MAX);
    w->side = fth_buf_max(SIDE_MAX);
    w->scratch = fth_arena_new(SCRATCH_CAP);
    w->kept = fth_arena_new(KEPT_CAP);
    w->pick_arena = fth_arena_new(PICK_CAP);
    rc = w->scratch && w->kept && w->pick_arena ? make_columns(w, wanted, err) : fth_err_nomem(err);
    if (!rc)
        rc = make_money(w, err);
    if (!rc && w->feed->list_col != SIZE_MAX) {
        w->elements = fth_calloc(FTH_BATCH_MAX * w->feed->member_nr, sizeof(*w->elements));
        if (!w->elements)
            rc = fth_err_nomem(err);
    }
    if (rc)
        free_worker(w);
    else
        *out = w;
    return rc;
}

/* Reads what of the block has to be read before anything is asked of it: JSON, lists. Ends the
 * block where its rows would not fit the batch. */
static enum fth_rc read_block(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;
    bool fits = true;
    enum fth_rc rc = FTH_OK;

    w->elements_nr = 0;
    if (w->block.lines && w->block.nr > FTH_FEED_JSON_BLOCK)
        w->block.nr = FTH_FEED_JSON_BLOCK;
    if (!w->block.lines && feed->list_col == SIZE_MAX)
        return FTH_OK;
    for (size_t r = 0; !rc && r < w->block.nr; r++) {
        if (w->block.lines)
            rc = fth_feed_json_record(w, r, err);
        if (!rc && feed->list_col != SIZE_MAX)
            rc = fth_feed_list(w, r, r * feed->record_rows + w->elements_nr * feed->element_rows,
                               &fits, err);
        if (!fits)
            w->block.nr = r;
    }
    return rc;
}

/* The next block of the source, chosen and converted. */
static enum fth_rc make_block(struct fth_feed_worker *w, struct fth_err *err)
{
    size_t left = w->source_nr - w->source.first;
    enum fth_rc rc;

    w->block = w->source;
    w->block.nr = left < w->feed->block_max ? left : w->feed->block_max;
    w->map_column = SIZE_MAX;
    memset(w->set_aside, 0, sizeof(w->set_aside));
    rc = read_block(w, err);
    if (rc)
        return rc;
    w->source.first += w->block.nr;
    do {
        w->again = false;
        rc = fth_feed_choose(w, err);
        if (!rc && !w->again)
            rc = fth_feed_convert(w, err);
    } while (!rc && w->again);
    if (!rc)
        rc = fth_feed_count_block(w, err);
    return rc ? rc : fth_feed_side_add(w, err);
}

/* At the end of its records a worker hands over what it counted, once. */
static enum fth_rc hand_over(struct fth_feed_worker *w, struct fth_err *err)
{
    enum fth_rc rc;

    fth_mutex_lock(&w->feed->lock);
    rc = fth_feed_merge(&w->feed->counts, &w->counts, err);
    if (!rc)
        rc = fth_feed_groups_merge(&w->feed->groups, &w->groups, err);
    if (!rc)
        rc = fth_feed_groups_merge(&w->feed->commitments, &w->commitments, err);
    if (!rc)
        rc = fth_feed_groups_merge(&w->feed->credits, &w->credits, err);
    w->feed->counts.groups = w->feed->groups.at;
    w->feed->counts.group_nr = w->feed->groups.many ? 0 : w->feed->groups.nr;
    w->feed->counts.commitments = w->feed->commitments.at;
    w->feed->counts.commitment_nr = w->feed->commitments.many ? 0 : w->feed->commitments.nr;
    w->feed->counts.credits = w->feed->credits.at;
    w->feed->counts.credit_nr = w->feed->credits.many ? 0 : w->feed->credits.nr;
    fth_mutex_unlock(&w->feed->lock);
    w->counts = (struct fth_feed_counts){0};
    fth_feed_groups_release(&w->groups);
    fth_feed_groups_release(&w->commitments);
    fth_feed_groups_release(&w->credits);
    return rc;
}

static enum fth_rc worker_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct fth_feed_worker *w = worker;
    int64_t began = fth_clock_thread_cpu_us(), read = 0;
    bool more = true;
    enum fth_rc rc = FTH_OK;

    w->row_nr = 0;
    while (!rc && more && w->row_nr == 0) {
        fth_arena_clear(w->scratch);
        fth_feed_caches_trim(w);
        rc = fth_cancel_check(w->feed->request.cancel, err);
        if (!rc && w->source.first == w->source_nr) {
            int64_t asked = fth_clock_thread_cpu_us();

            rc = next_source(w, &more, err);
            read += fth_clock_thread_cpu_us() - asked;
        }
        if (!rc && more && w->source.first < w->source_nr)
            rc = make_block(w, err);
    }
    w->counts.read_cpu_us += read;
    w->counts.convert_cpu_us += fth_clock_thread_cpu_us() - began - read;
    if (!rc && !more)
        rc = fth_feed_side_flush(w, err);
    if (!rc && !more)
        rc = hand_over(w, err);
    if (!rc)
        *out = (struct fth_batch){.nr = w->row_nr, .col_nr = w->out_nr, .cols = w->vecs};
    return rc;
}

static void worker_close(void *worker)
{
    free_worker(worker);
}

/* ---- opening ---- */

static enum fth_rc copy_header(struct fth_import_feed *feed, const struct fth_csv *csv,
                               struct fth_str **out, struct fth_err *err)
{
    const struct fth_str *header = fth_csv_header(csv);
    size_t nr = fth_csv_columns(csv);
    struct fth_str *copy = FTH_NEW_ARRAY(feed->arena, struct fth_str, nr);
    enum fth_rc rc = copy ? FTH_OK : fth_err_nomem(err);

    for (size_t i = 0; !rc && i < nr; i++)
        rc = fth_arena_str(feed->arena, header[i], &copy[i], err);
    *out = copy;
    return rc;
}

static enum fth_rc csv_header(struct fth_import_feed *feed, const char *path, struct fth_str **out,
                              size_t *out_nr, struct fth_err *err)
{
    const struct fth_csv_opts opts = {.delimiter = feed->layout->delimiter,
                                      .long_header = feed->layout->long_header};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    enum fth_rc rc = fth_unpack_open(path, NULL, &in, err);

    if (!rc)
        rc = fth_csv_open(in, &opts, &csv, err);
    if (!rc)
        rc = copy_header(feed, csv, out, err);
    if (!rc)
        *out_nr = fth_csv_columns(csv);
    fth_csv_close(csv);
    fth_unpack_close(in);
    return rc;
}

static enum fth_rc open_file(struct fth_import_feed *feed, size_t i, struct fth_err *err)
{
    struct fth_feed_file *file = &feed->files[i];
    struct fth_feed_file_count *count = &feed->counts.files[i];
    struct fth_str *headers = NULL;
    size_t header_nr = 0;
    struct stat st;
    enum fth_rc rc;

    file->path = feed->request.paths[i];
    file->role =
        fth_str_c(feed->request.roles && feed->request.roles[i] ? feed->request.roles[i] : "");
    if (stat(file->path, &st) != 0)
        return fth_err_errno(err, errno, "%s", file->path);
    count->path = fth_str_c(file->path);
    count->bytes = (int64_t)st.st_size;
    file->parquet = fth_feed_is_parquet(file->path);
    if (file->parquet) {
        rc = fth_feed_parquet_header(feed, file->path, &headers, &header_nr, err);
        if (!rc)
            rc = fth_import_feed_hash(file->path, feed->request.cancel, count->content,
                                      count->sha256, err);
    } else if ((rc = fth_feed_is_json(file->path, &file->json, err))) {
        return rc;
    } else if (file->json) {
        rc = fth_feed_json_header(feed->layout, file->path, feed->arena, &headers, &header_nr, err);
    } else {
        rc = csv_header(feed, file->path, &headers, &header_nr, err);
    }
    if (!rc)
        rc = fth_feed_bind(feed, file, headers, header_nr, err);
    return rc ? rc : fth_feed_learn_dates(feed, file, err);
}

static enum fth_rc open_files(struct fth_import_feed *feed, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    feed->files = FTH_NEW_ARRAY(feed->arena, struct fth_feed_file, feed->file_nr);
    feed->counts.files = FTH_NEW_ARRAY(feed->arena, struct fth_feed_file_count, feed->file_nr);
    if (!feed->files || !feed->counts.files)
        return fth_err_nomem(err);
    feed->counts.file_nr = feed->file_nr;
    for (size_t i = 0; !rc && i < feed->file_nr; i++)
        rc = open_file(feed, i, err);
    return rc;
}

/* Columns of the layout for a list of names; SIZE_MAX for NULL. */
static enum fth_rc resolve(struct fth_import_feed *feed, const char *const *names,
                           enum fth_feed_kind kind, size_t *nr, const size_t **out,
                           struct fth_err *err)
{
    size_t *cols;

    *nr = 0;
    while (names && names[*nr])
        ++*nr;
    cols = FTH_NEW_ARRAY(feed->arena, size_t, *nr);
    if (!cols)
        return fth_err_nomem(err);
    for (size_t i = 0; i < *nr; i++) {
        cols[i] = fth_feed_col_named(feed->layout, names[i]);
        FTH_CHECK(cols[i] != SIZE_MAX && feed->layout->cols[cols[i]].kind == kind);
    }
    *out = cols;
    return FTH_OK;
}

/* The list's column and the members of its elements. */
static enum fth_rc resolve_list(struct fth_import_feed *feed, struct fth_err *err)
{
    const struct fth_feed_layout *layout = feed->layout;
    struct fth_str *members = FTH_NEW_ARRAY(feed->arena, struct fth_str, layout->col_nr);

    if (!members)
        return fth_err_nomem(err);
    feed->record_rows = feed->element_rows = 1;
    feed->list_col = layout->list ? fth_feed_col_named(layout, layout->list) : SIZE_MAX;
    FTH_CHECK((feed->list_col != SIZE_MAX) == (layout->list != NULL));
    for (size_t i = 0; i < layout->col_nr; i++)
        if (layout->cols[i].member)
            members[feed->member_nr++] = fth_str_c(layout->cols[i].member);
    feed->members = members;
    FTH_CHECK(!feed->member_nr || layout->list);
    return FTH_OK;
}

static enum fth_rc resolve_layout(struct fth_import_feed *feed, struct fth_err *err)
{
    const struct fth_feed_layout *layout = feed->layout;
    size_t *rule_col = FTH_NEW_ARRAY(feed->arena, size_t, 3 * layout->rule_nr);
    size_t *rule_zero, *rule_also;
    enum fth_rc rc;

    if (!rule_col)
        return fth_err_nomem(err);
    rule_zero = rule_col + layout->rule_nr;
    rule_also = rule_zero + layout->rule_nr;
    FTH_CHECK(layout->rule_nr <= FTH_FEED_RULE_MAX);
    rc = resolve_list(feed, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < layout->rule_nr; i++) {
        const struct fth_feed_rule *rule = &layout->rules[i];

        rule_col[i] = rule->column ? fth_feed_col_named(layout, rule->column) : SIZE_MAX;
        rule_zero[i] = rule->zero ? fth_feed_col_named(layout, rule->zero) : SIZE_MAX;
        rule_also[i] = rule->also ? fth_feed_col_named(layout, rule->also) : SIZE_MAX;
        FTH_CHECK((!rule->column || rule_col[i] != SIZE_MAX) &&
                  (!rule->zero || rule_zero[i] != SIZE_MAX) &&
                  (!rule->also || rule_also[i] != SIZE_MAX));
        if (rule->action == FTH_RULE_TWICE)
            *(rule->column && layout->cols[rule_col[i]].member ? &feed->element_rows
                                                               : &feed->record_rows) = 2;
    }
    feed->block_max = FTH_BATCH_MAX / feed->record_rows;
    feed->rule_col = rule_col;
    feed->rule_zero = rule_zero;
    feed->rule_also = rule_also;
    feed->period_col = layout->period ? fth_feed_col_named(layout, layout->period) : SIZE_MAX;
    feed->invoice_col = layout->invoice ? fth_feed_col_named(layout, layout->invoice) : SIZE_MAX;
    feed->group_col = layout->group ? fth_feed_col_named(layout, layout->group) : SIZE_MAX;
    feed->currency_col = SIZE_MAX;
    for (size_t i = 0; i < layout->demand_nr; i++)
        if (layout->demands[i].kind == FTH_DEMAND_CURRENCY) {
            feed->currency_col = fth_feed_col_named(layout, layout->demands[i].column);
            feed->currency_else = fth_str_c(layout->demands[i].fallback);
        }
    feed->period_else =
        layout->period_else ? fth_feed_col_named(layout, layout->period_else) : SIZE_MAX;
    rc = resolve(feed, layout->cost, FTH_K_MONEY, &feed->cost_nr, &feed->cost_col, err);
    if (!rc)
        rc = resolve(feed, layout->totals, FTH_K_MONEY, &feed->total_nr, &feed->total_col, err);
    if (!rc)
        rc = resolve(feed, layout->commitments, FTH_K_TEXT, &feed->commitment_nr,
                     &feed->commitment_col, err);
    if (!rc)
        rc =
            resolve(feed, layout->upfront, FTH_K_MONEY, &feed->upfront_nr, &feed->upfront_col, err);
    for (size_t i = 0; i < 2; i++) {
        feed->cancels[i] = -1;
        for (size_t k = 0; k < layout->rule_nr && layout->cancels[i]; k++)
            if (strcmp(layout->rules[k].id, layout->cancels[i]) == 0)
                feed->cancels[i] = (int)k;
    }
    feed->cancel_hour_col =
        layout->cancel_hour ? fth_feed_col_named(layout, layout->cancel_hour) : SIZE_MAX;
    feed->credit_type_col =
        layout->credit_type ? fth_feed_col_named(layout, layout->credit_type) : SIZE_MAX;
    FTH_CHECK(feed->total_nr <= FTH_FEED_TOTAL_MAX);
    return rc ? rc : fth_feed_demands_resolve(feed, err);
}

static enum fth_type type_of(enum fth_feed_kind kind, bool wide)
{
    switch (kind) {
    case FTH_K_MONEY:
        return wide ? FTH_T_DEC_WIDE : FTH_T_DEC;
    case FTH_K_DOUBLE:
    case FTH_K_DECIMAL:
        return FTH_T_DOUBLE;
    case FTH_K_INSTANT:
    case FTH_K_MONTH:
        return FTH_T_INSTANT;
    case FTH_K_BOOL:
        return FTH_T_BOOL;
    default:
        return FTH_T_TEXT;
    }
}

/* The columns that the engine sees. */
static enum fth_rc make_outs(struct fth_import_feed *feed, struct fth_err *err)
{
    static const struct {
        struct fth_column column;
        enum fth_feed_out what;
    } own[] = {{{"Record", FTH_T_I64}, FTH_OUT_RECORD},
               {{"Part", FTH_T_I32}, FTH_OUT_PART},
               {{"TagSetId", FTH_T_I32}, FTH_OUT_TAGS}};
    const struct fth_feed_layout *layout = feed->layout;
    size_t most = 2 * layout->col_nr + FTH_NR(own), nr = 0, money = 0;
    struct fth_column *cols = FTH_NEW_ARRAY(feed->arena, struct fth_column, most);
    struct fth_feed_out_col *outs = FTH_NEW_ARRAY(feed->arena, struct fth_feed_out_col, most);

    if (!cols || !outs)
        return fth_err_nomem(err);
    for (size_t i = 0; i < FTH_NR(own); i++, nr++) {
        cols[nr] = own[i].column;
        outs[nr] = (struct fth_feed_out_col){own[i].what, SIZE_MAX};
    }
    for (size_t i = 0; i < layout->col_nr; i++) {
        const struct fth_feed_col *col = &layout->cols[i];
        bool is_money = col->kind == FTH_K_MONEY, is_decimal = col->kind == FTH_K_DECIMAL;
        bool wide = is_money && money < 32 && (feed->request.wide >> money & 1);
        struct fth_str beside;

        cols[nr] = (struct fth_column){col->name, type_of(col->kind, wide)};
        outs[nr++] = (struct fth_feed_out_col){FTH_OUT_COL, i};
        if (!is_money && !is_decimal)
            continue;
        money += is_money;
        if (fth_arena_printf(feed->arena, &beside, err, "%s%s", col->name,
                             is_money ? "Tail" : "Text"))
            return err->rc;
        cols[nr] = (struct fth_column){beside.p, is_money ? FTH_T_I64 : FTH_T_TEXT};
        outs[nr++] = (struct fth_feed_out_col){is_money ? FTH_OUT_TAIL : FTH_OUT_TEXT, i};
    }
    feed->outs = outs;
    feed->feed.cols = cols;
    feed->feed.col_nr = nr;
    return FTH_OK;
}

/* What no file has, and what nobody knows. */
static enum fth_rc list_columns(struct fth_import_feed *feed, struct fth_err *err)
{
    struct fth_feed_counts *counts = &feed->counts;
    const char **missing = FTH_NEW_ARRAY(feed->arena, const char *, feed->layout->col_nr);
    struct fth_str *unknown;
    size_t most = 0;

    for (size_t f = 0; f < feed->file_nr; f++)
        most += feed->files[f].binding.unknown_nr;
    unknown = FTH_NEW_ARRAY(feed->arena, struct fth_str, most);
    if (!missing || !unknown)
        return fth_err_nomem(err);
    for (size_t i = 0; i < feed->layout->col_nr; i++) {
        size_t f = 0;

        while (f < feed->file_nr && feed->files[f].binding.source[i].at == SIZE_MAX)
            f++;
        if (f == feed->file_nr)
            missing[counts->missing_nr++] = feed->layout->cols[i].name;
    }
    for (size_t f = 0; f < feed->file_nr; f++) {
        const struct fth_feed_binding *b = &feed->files[f].binding;

        for (size_t i = 0; i < b->unknown_nr; i++) {
            struct fth_str name = b->headers[b->unknown[i]];
            size_t at = 0;

            while (at < counts->unknown_nr && !fth_str_eq(unknown[at], name))
                at++;
            if (at == counts->unknown_nr)
                unknown[counts->unknown_nr++] = name;
        }
    }
    counts->missing = missing;
    counts->unknown = unknown;
    counts->rejects = feed->rejects;
    return FTH_OK;
}

enum fth_rc fth_import_feed_open(const struct fth_feed_request *request, struct fth_arena *arena,
                                 struct fth_import_feed **out, struct fth_err *err)
{
    struct fth_import_feed *feed = fth_calloc(1, sizeof(*feed));
    enum fth_rc rc;

    if (!feed)
        return fth_err_nomem(err);
    fth_mutex_init(&feed->lock, FTH_LOCK_FEED);
    feed->request = *request;
    feed->layout = request->layout;
    feed->arena = arena;
    feed->file_nr = request->path_nr;
    feed->period_us = request->period_us;
    feed->period_known = request->period_us != FTH_FEED_ANY_PERIOD;
    feed->reject_fd = -1;
    fth_feed_side_init(feed);
    feed->feed = (struct fth_feed){.name = "feed",
                                   .ctx = feed,
                                   .open = worker_open,
                                   .next = worker_next,
                                   .close = worker_close};
    rc = resolve_layout(feed, err);
    if (!rc)
        rc = open_files(feed, err);
    if (!rc)
        rc = make_outs(feed, err);
    if (!rc)
        rc = list_columns(feed, err);
    if (rc)
        fth_import_feed_close(feed);
    else
        *out = feed;
    return rc;
}

void fth_import_feed_close(struct fth_import_feed *feed)
{
    if (!feed)
        return;
    fth_feed_json_close(feed);
    close_csv(feed);
    fth_feed_digests_release(&feed->digests);
    fth_feed_parquet_close(feed);
    fth_feed_groups_release(&feed->groups);
    fth_feed_groups_release(&feed->commitments);
    fth_feed_groups_release(&feed->credits);
    fth_feed_side_release(feed);
    if (feed->reject_fd >= 0)
        close(feed->reject_fd);
    fth_mutex_release(&feed->lock);
    fth_free(feed);
}

struct fth_feed *fth_import_feed_feed(struct fth_import_feed *feed)
{
    return &feed->feed;
}

const struct fth_feed_counts *fth_import_feed_counts(struct fth_import_feed *feed)
{
    return &feed->counts;
}

const struct fth_feed_progress *fth_import_feed_progress(const struct fth_import_feed *feed)
{
    return &feed->progress;
}
