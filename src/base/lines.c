#include "base/lines.h"

#include <string.h>

#include "base/alloc.h"

enum {
    CHUNK_LEN = 4 << 20,
    MAX_LINE = 16 << 20,
    BOM_LEN = 3,
    MIN_CHUNK = 4, /* to see a mark */
    FIRST_LINES = 4096
};

struct fth_lines {
    struct fth_unpack *in;
    struct fth_lines_opts opts;
    char *carry; /* the unfinished line behind the last chunk */
    size_t carry_nr, carry_cap;
    int64_t record, line; /* of the next chunk's first */
    bool begun, in_end;
};

/* Memory of a chunk. */
struct fth_lines_room {
    char *text;
    size_t cap;
    struct fth_line *at;
    size_t at_cap;
};

static enum fth_rc room_for_text(struct fth_lines_chunk *chunk, size_t n, struct fth_err *err)
{
    struct fth_lines_room *room = chunk->room;

    if (!room) {
        room = chunk->room = fth_calloc(1, sizeof(*room));
        if (!room)
            return fth_err_nomem(err);
    }
    if (n <= room->cap)
        return FTH_OK;
    fth_free(room->text);
    room->cap = 0;
    room->text = fth_calloc(n + FTH_LINES_SLACK, 1);
    if (!room->text)
        return fth_err_nomem(err);
    room->cap = n;
    return FTH_OK;
}

void fth_lines_chunk_release(struct fth_lines_chunk *chunk)
{
    if (chunk->room) {
        fth_free(chunk->room->text);
        fth_free(chunk->room->at);
        fth_free(chunk->room);
    }
    *chunk = (struct fth_lines_chunk){0};
}

static enum fth_rc keep_carry(struct fth_lines *lines, const char *text, size_t n,
                              struct fth_err *err)
{
    if (n > lines->carry_cap) {
        char *more = fth_realloc(lines->carry, n, 1);

        if (!more)
            return fth_err_nomem(err);
        lines->carry = more;
        lines->carry_cap = n;
    }
    if (n)
        memcpy(lines->carry, text, n);
    lines->carry_nr = n;
    return FTH_OK;
}

/* At the very beginning: a mark is no text. */
static enum fth_rc drop_mark(struct fth_lines *lines, char *text, size_t *n, struct fth_err *err)
{
    if (lines->begun)
        return FTH_OK;
    lines->begun = true;
    if (*n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        fth_err_set(err, FTH_E_SYNTAX, "%s: UTF-16, not UTF-8", fth_unpack_name(lines->in));
        fth_err_hint(err, "Save the file as UTF-8.");
        return err->rc;
    }
    if (*n >= BOM_LEN && memcmp(text, "\xef\xbb\xbf", BOM_LEN) == 0) {
        *n -= BOM_LEN;
        memmove(text, text + BOM_LEN, *n);
    }
    return FTH_OK;
}

/* Fills `text` up to `cap` behind `n` bytes; at the end of the stream the last line has its
 * newline. There is room for one byte more than `cap`. */
static enum fth_rc read_on(struct fth_lines *lines, char *text, size_t cap, size_t *n,
                           struct fth_err *err)
{
    size_t got = 0;
    enum fth_rc rc = FTH_OK;

    if (!lines->in_end) {
        rc = fth_unpack_read(lines->in, text + *n, cap - *n, &got, err);
        lines->in_end = got < cap - *n;
        *n += got;
        if (!rc)
            rc = drop_mark(lines, text, n, err);
    }
    if (!rc && lines->in_end && *n && text[*n - 1] != '\n')
        text[(*n)++] = '\n';
    return rc;
}

static enum fth_rc grow(const struct fth_lines *lines, size_t n, size_t *cap, struct fth_err *err)
{
    if (n >= lines->opts.max_line)
        return fth_err_set(err, FTH_E_LIMIT, "%s: line %lld: longer than %zu bytes",
                           fth_unpack_name(lines->in), (long long)lines->line,
                           lines->opts.max_line);
    *cap = *cap * 2 < lines->opts.max_line ? *cap * 2 : lines->opts.max_line;
    return FTH_OK;
}

/* Reads until there is a whole line. On return chunk->n is the end of the last one and *all the
 * text that there is. */
static enum fth_rc fill(struct fth_lines *lines, struct fth_lines_chunk *chunk, size_t *all,
                        struct fth_err *err)
{
    size_t cap = lines->opts.chunk_len;

    for (;;) {
        size_t n = lines->carry_nr;
        const char *last;
        enum fth_rc rc;

        if (cap < n * 2)
            cap = n * 2;
        rc = room_for_text(chunk, cap + 1, err);
        if (rc)
            return rc;
        if (n)
            memcpy(chunk->room->text, lines->carry, n);
        rc = read_on(lines, chunk->room->text, cap, &n, err);
        if (rc)
            return rc;
        chunk->text = chunk->room->text;
        last = n ? memrchr(chunk->text, '\n', n) : NULL;
        *all = n;
        chunk->n = last ? (size_t)(last - chunk->text) + 1 : 0;
        if (last || lines->in_end)
            return FTH_OK;
        rc = keep_carry(lines, chunk->text, n, err);
        if (!rc)
            rc = grow(lines, n, &cap, err);
        if (rc)
            return rc;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static enum fth_rc add_line(struct fth_lines_chunk *chunk, struct fth_line line,
                            struct fth_err *err)
{
    struct fth_lines_room *room = chunk->room;

    if (chunk->nr == room->at_cap) {
        size_t cap = room->at_cap ? room->at_cap * 2 : FIRST_LINES;
        struct fth_line *more = fth_realloc(room->at, cap, sizeof(*more));

        if (!more)
            return fth_err_nomem(err);
        room->at = more;
        room->at_cap = cap;
    }
    room->at[chunk->nr++] = line;
    chunk->at = room->at;
    return FTH_OK;
}

/* Where the records of the text stand; *line_nr gets how many lines there are. */
static enum fth_rc divide(const struct fth_lines *lines, struct fth_lines_chunk *chunk,
                          uint32_t *line_nr, struct fth_err *err)
{
    const char *text = chunk->text;
    size_t at = 0;
    enum fth_rc rc = FTH_OK;

    for (*line_nr = 0; !rc && at < chunk->n; ++*line_nr) {
        const char *newline = memchr(text + at, '\n', chunk->n - at);
        size_t begin = at, end = (size_t)(newline - text);

        at = end + 1;
        if (end - begin > lines->opts.max_line)
            return fth_err_set(err, FTH_E_LIMIT, "%s: line %lld: longer than %zu bytes",
                               fth_unpack_name(lines->in), (long long)lines->line + *line_nr,
                               lines->opts.max_line);
        while (begin < end && is_blank(text[begin]))
            begin++;
        while (begin < end && is_blank(text[end - 1]))
            end--;
        if (begin < end)
            rc = add_line(chunk, (struct fth_line){(uint32_t)begin, (uint32_t)end, *line_nr}, err);
    }
    return rc;
}

/* One chunk, which may turn out to hold nothing but blank lines. */
static enum fth_rc next_chunk(struct fth_lines *lines, struct fth_lines_chunk *chunk,
                              struct fth_err *err)
{
    struct fth_lines_room *room = chunk->room;
    uint32_t line_nr = 0;
    size_t all = 0;
    enum fth_rc rc;

    *chunk = (struct fth_lines_chunk){
        .first_record = lines->record, .first_line = lines->line, .room = room};
    rc = fill(lines, chunk, &all, err);
    if (!rc)
        rc = divide(lines, chunk, &line_nr, err);
    if (!rc)
        rc = keep_carry(lines, chunk->text + chunk->n, all - chunk->n, err);
    if (rc)
        return rc;
    lines->record += (int64_t)chunk->nr;
    lines->line += line_nr;
    return FTH_OK;
}

enum fth_rc fth_lines_next(struct fth_lines *lines, struct fth_lines_chunk *chunk, bool *more,
                           struct fth_err *err)
{
    bool end;

    *more = false;
    do {
        enum fth_rc rc = next_chunk(lines, chunk, err);

        if (rc)
            return rc;
        end = lines->in_end && lines->carry_nr == 0;
    } while (chunk->nr == 0 && !end);
    *more = chunk->nr > 0;
    return FTH_OK;
}

enum fth_rc fth_lines_open(struct fth_unpack *in, const struct fth_lines_opts *opts,
                           struct fth_lines **out, struct fth_err *err)
{
    struct fth_lines *lines = fth_calloc(1, sizeof(*lines));

    if (!lines)
        return fth_err_nomem(err);
    lines->in = in;
    lines->record = lines->line = 1;
    if (opts)
        lines->opts = *opts;
    if (!lines->opts.chunk_len)
        lines->opts.chunk_len = CHUNK_LEN;
    if (lines->opts.chunk_len < MIN_CHUNK)
        lines->opts.chunk_len = MIN_CHUNK;
    if (!lines->opts.max_line)
        lines->opts.max_line = MAX_LINE;
    *out = lines;
    return FTH_OK;
}

void fth_lines_close(struct fth_lines *lines)
{
    if (!lines)
        return;
    fth_free(lines->carry);
    fth_free(lines);
}
