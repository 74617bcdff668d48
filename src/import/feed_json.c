/* JSON lines: one object a line. Its members, by path, are the columns of the file. */
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "import/feed_parts.h"

enum {
    LEARN_LEN = 64 * 1024, /* bytes whose records say what members there are */
    LEARN_RECORDS = 200,
    LEARN_CAP = 64 << 20,
    MAX_HEADERS = 4096,
    SNIFF_LEN = 4096
};

FTH_VEC(name_vec, struct fth_str)

enum fth_rc fth_feed_is_json(const char *path, bool *out, struct fth_err *err)
{
    struct fth_unpack *in = NULL;
    struct fth_err why = {0};
    char bytes[SNIFF_LEN];
    size_t got = 0, at = 0;

    *out = false;
    if (!fth_unpack_open(path, NULL, &in, &why) &&
        !fth_unpack_read(in, bytes, sizeof(bytes), &got, &why)) {
        if (got >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
            at = 3;
        while (at < got &&
               (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n'))
            at++;
        *out = at < got && bytes[at] == '{';
    }
    fth_unpack_close(in);
    if (why.rc == FTH_E_NOMEM)
        *err = why;
    return err->rc;
}

/* ---- headers ---- */

/* What is learned from the first records. */
struct learner {
    struct fth_arena *arena; /* of the headers */
    struct fth_map seen;
    struct name_vec headers;
};

static enum fth_rc add_header(struct learner *learner, struct fth_str name, struct fth_err *err)
{
    struct fth_str copy;
    enum fth_rc rc;

    if (fth_map_has(&learner->seen, name))
        return FTH_OK;
    if (learner->headers.nr == MAX_HEADERS)
        return fth_err_set(err, FTH_E_LIMIT, "more than %d members", MAX_HEADERS);
    rc = fth_arena_str(learner->arena, name, &copy, err);
    if (!rc)
        rc = fth_map_put(&learner->seen, copy, learner, NULL, err);
    return rc ? rc : name_vec_push(&learner->headers, copy, err);
}

static enum fth_rc other_header(void *ctx, struct fth_str path, struct fth_str value,
                                struct fth_err *err)
{
    (void)value;
    return add_header(ctx, path, err);
}

static enum fth_rc push_names(struct name_vec *names, const char *const *list, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (; !rc && list && *list; list++)
        if (fth_str_find(fth_str_c(*list), '[') == SIZE_MAX)
            rc = name_vec_push(names, fth_str_c(*list), err);
        else
            rc = name_vec_push(
                names, fth_str_sub(fth_str_c(*list), 0, fth_str_find(fth_str_c(*list), '[')), err);
    return rc;
}

/* What the layout has names for: such a member is a column, whatever its value is. */
static enum fth_rc layout_names(const struct fth_feed_layout *layout, struct name_vec *names,
                                struct fth_err *err)
{
    enum fth_rc rc = push_names(names, layout->tags.maps, err);

    for (size_t i = 0; !rc && i < layout->col_nr; i++) {
        if (layout->cols[i].member)
            continue;
        rc = name_vec_push(names, fth_str_c(layout->cols[i].name), err);
        if (!rc)
            rc = push_names(names, layout->cols[i].spellings, err);
    }
    return rc;
}

bool fth_feed_is_name(const struct fth_feed_layout *layout, struct fth_str name)
{
    struct fth_arena *arena = fth_arena_new(LEARN_CAP);
    struct name_vec names = name_vec_in(arena);
    struct fth_err ignored = {0};
    bool is = false;

    if (arena && !layout_names(layout, &names, &ignored))
        for (size_t i = 0; i < names.nr && !is; i++)
            is = fth_str_eq(names.at[i], name);
    fth_arena_free(arena);
    return is;
}

static bool has_any(const struct learner *learner, const struct fth_feed_col *col)
{
    bool has = fth_map_has(&learner->seen, fth_str_c(col->name));

    for (const char *const *s = col->spellings; !has && s && *s; s++)
        has = fth_map_has(&learner->seen, fth_str_c(*s));
    return has;
}

/* Members that the first records do not have may still come. */
static enum fth_rc add_expected(struct learner *learner, const struct fth_feed_layout *layout,
                                struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; !rc && i < layout->col_nr; i++) {
        const struct fth_feed_col *col = &layout->cols[i];
        const char *name = col->spellings ? col->spellings[0] : col->name;

        if (!col->member && !has_any(learner, col) && !strchr(name, '['))
            rc = add_header(learner, fth_str_c(name), err);
    }
    for (const char *const *map = layout->tags.maps; !rc && map && *map; map++)
        rc = add_header(learner, fth_str_c(*map), err);
    return rc;
}

/* Adds the members of a chunk's records. A record that is bad is told when it is read. */
static enum fth_rc learn_chunk(struct learner *learner, const struct fth_lines_chunk *chunk,
                               const struct name_vec *names, struct fth_arena *scratch,
                               struct fth_err *err)
{
    const struct fth_json_others others = {other_header, learner};
    struct fth_str *cells = FTH_NEW_ARRAY(scratch, struct fth_str, names->nr + 1);
    struct fth_json_pick *pick = NULL;
    enum fth_rc rc = cells ? FTH_OK : fth_err_nomem(err);

    if (!rc)
        rc = fth_json_pick_new(scratch, names->at, names->nr, &pick, err);
    for (size_t r = 0; !rc && r < chunk->nr && r < LEARN_RECORDS; r++) {
        struct fth_json_bad bad;
        struct fth_str line = fth_lines_text(chunk, r);

        if (!fth_utf8_valid(line))
            continue;
        rc = fth_json_pick_object(pick, line, scratch, &others, cells, &bad, err);
        if (rc == FTH_E_SYNTAX)
            rc = FTH_OK;
        for (size_t i = 0; !rc && i < names->nr; i++)
            if (cells[i].n)
                rc = add_header(learner, names->at[i], err);
    }
    return rc;
}

static enum fth_rc first_chunk(const char *path, struct fth_lines_chunk *chunk, struct fth_err *err)
{
    const struct fth_lines_opts opts = {.chunk_len = LEARN_LEN};
    struct fth_unpack *in = NULL;
    struct fth_lines *lines = NULL;
    bool more;
    enum fth_rc rc = fth_unpack_open(path, NULL, &in, err);

    if (!rc)
        rc = fth_lines_open(in, &opts, &lines, err);
    if (!rc)
        rc = fth_lines_next(lines, chunk, &more, err);
    fth_lines_close(lines);
    fth_unpack_close(in);
    return rc;
}

static enum fth_rc blame(const char *path, struct fth_err *err)
{
    if (err->rc == FTH_E_LIMIT && !fth_str_starts(fth_str_c(err->msg), fth_str_c(path)))
        fth_err_prefix(err, "%s", path);
    return err->rc;
}

enum fth_rc fth_feed_json_header(const struct fth_feed_layout *layout, const char *path,
                                 struct fth_arena *arena, struct fth_str **out, size_t *out_nr,
                                 struct fth_err *err)
{
    struct fth_arena *scratch = fth_arena_new(LEARN_CAP);
    struct learner learner = {.arena = arena, .headers = name_vec_in(arena)};
    struct name_vec names = name_vec_in(scratch);
    struct fth_lines_chunk chunk = {0};
    enum fth_rc rc = scratch ? first_chunk(path, &chunk, err) : fth_err_nomem(err);

    fth_map_init(&learner.seen);
    if (!rc)
        rc = layout_names(layout, &names, err);
    if (!rc)
        rc = learn_chunk(&learner, &chunk, &names, scratch, err);
    if (!rc)
        rc = add_expected(&learner, layout, err);
    fth_map_release(&learner.seen);
    fth_lines_chunk_release(&chunk);
    fth_arena_free(scratch);
    if (rc)
        return blame(path, err);
    *out = learner.headers.at;
    *out_nr = learner.headers.nr;
    return FTH_OK;
}

/* ---- records ---- */

static enum fth_rc open_lines(struct fth_import_feed *feed, struct fth_err *err)
{
    enum fth_rc rc =
        fth_feed_digests_open(&feed->digests, feed->files[feed->file].path, &feed->in, err);

    return rc ? rc : fth_lines_open(feed->in, NULL, &feed->lines, err);
}

void fth_feed_json_close(struct fth_import_feed *feed)
{
    fth_lines_close(feed->lines);
    feed->lines = NULL;
}

enum fth_rc fth_feed_json_next(struct fth_feed_worker *worker, bool *more, struct fth_err *err)
{
    struct fth_import_feed *feed = worker->feed;
    enum fth_rc rc = feed->lines ? FTH_OK : open_lines(feed, err);

    *more = false;
    if (!rc)
        rc = fth_lines_next(feed->lines, &worker->lines, more, err);
    if (rc)
        return rc;
    worker->source = (struct fth_feed_block){
        .file = &feed->files[feed->file], .lines = &worker->lines, .base = feed->base};
    worker->source_nr = worker->lines.nr;
    feed->counts.files[feed->file].rows += (int64_t)worker->lines.nr;
    return FTH_OK;
}

/* What the worker picks from the lines of a file. */
static enum fth_rc make_pick(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_feed_file *file = w->block.file;
    size_t nr = file->binding.header_nr;

    if (w->picked == file)
        return FTH_OK;
    fth_arena_clear(w->pick_arena);
    w->list_pick = NULL;
    w->picked = file;
    w->cells = FTH_NEW_ARRAY(w->pick_arena, struct fth_str, nr * FTH_FEED_JSON_BLOCK);
    if (!w->cells)
        return fth_err_nomem(err);
    return fth_json_pick_new(w->pick_arena, file->binding.headers, nr, &w->pick, err);
}

struct extra_to {
    struct fth_feed_worker *w;
    size_t record;
};

static enum fth_rc add_extra(void *ctx, struct fth_str path, struct fth_str value,
                             struct fth_err *err)
{
    struct extra_to *to = ctx;
    enum fth_rc rc;

    if (!value.n)
        return FTH_OK;
    rc = fth_arena_str(to->w->scratch, path, &path, err);
    return rc ? rc
              : fth_feed_extra_vec_push(&to->w->extras,
                                        (struct fth_feed_extra){(uint16_t)to->record, path, value},
                                        err);
}

static size_t header_at(const struct fth_feed_file *file, struct fth_str path)
{
    for (size_t i = 0; path.n && i < file->binding.header_nr; i++)
        if (fth_str_eq(file->binding.headers[i], path))
            return i;
    return SIZE_MAX;
}

static enum fth_rc refuse_record(struct fth_feed_worker *w, size_t record,
                                 const struct fth_json_bad *bad, struct fth_err *err)
{
    struct fth_str line = fth_lines_text(w->block.lines, w->block.first + record), why;
    struct fth_feed_fault fault = {.column = SIZE_MAX, .value = line, .rc = FTH_E_SYNTAX};

    if (!bad) {
        fault.rule = "not-utf8";
        fault.why = "not UTF-8";
        return fth_feed_refuse(w, record, &fault, err);
    }
    if (fth_arena_printf(w->scratch, &why, err, "no JSON object: byte %zu: %s", bad->at + 1,
                         bad->why))
        return err->rc;
    fault.column = header_at(w->block.file, bad->path);
    fault.value = fth_str_sub(line, bad->at, line.n);
    fault.rule = "not-json";
    fault.why = why.p;
    return fth_feed_refuse(w, record, &fault, err);
}

enum fth_rc fth_feed_json_record(struct fth_feed_worker *worker, size_t record, struct fth_err *err)
{
    const struct fth_feed_file *file = worker->block.file;
    struct extra_to to = {worker, record};
    const struct fth_json_others others = {add_extra, &to};
    struct fth_str line = fth_lines_text(worker->block.lines, worker->block.first + record);
    struct fth_json_bad bad;
    struct fth_str *cells;
    enum fth_rc rc = make_pick(worker, err);

    FTH_CHECK(record < FTH_FEED_JSON_BLOCK);
    if (rc)
        return rc;
    if (record == 0)
        worker->extras = fth_feed_extra_vec_in(worker->scratch);
    cells = worker->cells + record * file->binding.header_nr;
    if (worker->not_utf8 && !fth_utf8_valid(line)) {
        memset(cells, 0, file->binding.header_nr * sizeof(*cells));
        return refuse_record(worker, record, NULL, err);
    }
    rc = fth_json_pick_object(worker->pick, line, worker->scratch, &others, cells, &bad, err);
    if (rc != FTH_E_SYNTAX || err->rc)
        return rc;
    memset(cells, 0, file->binding.header_nr * sizeof(*cells));
    return refuse_record(worker, record, &bad, err);
}

bool fth_feed_json_peek(struct fth_feed_worker *worker, size_t record)
{
    struct fth_str line = fth_lines_text(worker->block.lines, worker->block.first + record);
    struct fth_json_bad bad;
    struct fth_err ignored = {0};

    return fth_utf8_valid(line) && !make_pick(worker, &ignored) &&
           !fth_json_pick_object(worker->pick, line, worker->scratch, NULL,
                                 worker->cells + record * worker->block.file->binding.header_nr,
                                 &bad, &ignored);
}

/* ---- the head ---- */

static enum fth_rc copy_cells(const struct fth_lines_chunk *chunk, size_t max,
                              const struct fth_feed_head *head, struct fth_arena *arena,
                              struct fth_str *cells, size_t *row_nr, struct fth_err *err)
{
    struct fth_arena *scratch = fth_arena_new(LEARN_CAP);
    struct fth_json_pick *pick = NULL;
    enum fth_rc rc = scratch
                         ? fth_json_pick_new(scratch, head->headers, head->header_nr, &pick, err)
                         : fth_err_nomem(err);

    *row_nr = 0;
    for (size_t r = 0; !rc && r < chunk->nr && *row_nr < max; r++) {
        struct fth_str *row = cells + *row_nr * head->header_nr, line = fth_lines_text(chunk, r);
        struct fth_json_bad bad;

        if (!fth_utf8_valid(line))
            continue;
        rc = fth_json_pick_object(pick, line, scratch, NULL, row, &bad, err);
        if (rc == FTH_E_SYNTAX) {
            rc = FTH_OK;
            continue;
        }
        for (size_t c = 0; !rc && c < head->header_nr; c++)
            rc = fth_arena_str(arena, row[c], &row[c], err);
        ++*row_nr;
    }
    fth_arena_free(scratch);
    return rc;
}

enum fth_rc fth_feed_json_head(const char *path, size_t max, struct fth_arena *arena,
                               struct fth_feed_head *out, struct fth_err *err)
{
    static const struct name_vec none = {0};
    struct fth_arena *scratch = fth_arena_new(LEARN_CAP);
    struct learner learner = {.arena = arena, .headers = name_vec_in(arena)};
    struct fth_lines_chunk chunk = {0};
    struct fth_feed_head head = {0};
    struct fth_str *cells = NULL;
    enum fth_rc rc = scratch ? first_chunk(path, &chunk, err) : fth_err_nomem(err);

    fth_map_init(&learner.seen);
    if (!rc)
        rc = learn_chunk(&learner, &chunk, &none, scratch, err);
    head.headers = learner.headers.at;
    head.header_nr = learner.headers.nr;
    if (!rc)
        cells = FTH_NEW_ARRAY(arena, struct fth_str, head.header_nr * (max + 1));
    if (!rc && !cells)
        rc = fth_err_nomem(err);
    head.cells = cells;
    if (!rc)
        rc = copy_cells(&chunk, max, &head, arena, cells, &head.row_nr, err);
    fth_map_release(&learner.seen);
    fth_lines_chunk_release(&chunk);
    fth_arena_free(scratch);
    if (rc)
        return blame(path, err);
    *out = head;
    return FTH_OK;
}
