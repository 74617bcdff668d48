#include "base/csv.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/utf8.h"

enum {
    CHUNK_LEN = 4 << 20,
    MAX_RECORD = 16 << 20,
    MAX_COLUMNS = 4096,
    HEAD_LEN = 64 * 1024, /* enough for nearly every header */
    BOM_LEN = 3,
    MIN_HEAD = 4 /* to see a mark */
};

struct fth_csv {
    struct fth_unpack *in;
    struct fth_csv_opts opts;
    size_t columns;
    struct fth_arena *arena; /* of the header */
    struct fth_str *header;
    char *carry; /* the unfinished record behind the last chunk */
    size_t carry_nr, carry_cap;
    int64_t record, line, byte; /* of the next chunk's first record */
    bool in_end;                /* the stream has no more bytes */
    /* For reading record by record. */
    struct fth_csv_chunk chunk;
    size_t at;
    size_t row_at; /* the byte up to which row_line counts */
    int64_t row_line;
    struct fth_str *fields;
    char *scratch;
    size_t scratch_cap;
};

/* Memory of a chunk. */
struct fth_csv_room {
    char *text;
    uint32_t *ends;
    size_t cap; /* of both: a byte may be a field */
    uint32_t *starts, *skips;
    size_t start_cap;
    struct fth_csv_bad *bad;
    size_t bad_cap;
};

/* ---- memory ---- */

static enum fth_rc room_for_text(struct fth_csv_chunk *chunk, size_t n, struct fth_err *err)
{
    struct fth_csv_room *room = chunk->room;

    if (!room) {
        room = chunk->room = fth_calloc(1, sizeof(*room));
        if (!room)
            return fth_err_nomem(err);
    }
    if (n <= room->cap)
        return FTH_OK;
    fth_free(room->text);
    fth_free(room->ends);
    room->cap = 0;
    room->text = fth_calloc(n, 1);
    room->ends = fth_calloc(n, sizeof(*room->ends));
    if (!room->text || !room->ends)
        return fth_err_nomem(err);
    room->cap = n;
    return FTH_OK;
}

void fth_csv_chunk_release(struct fth_csv_chunk *chunk)
{
    struct fth_csv_room *room = chunk->room;

    if (room) {
        fth_free(room->text);
        fth_free(room->ends);
        fth_free(room->starts);
        fth_free(room->skips);
        fth_free(room->bad);
        fth_free(room);
    }
    *chunk = (struct fth_csv_chunk){0};
}

static enum fth_rc keep_carry(struct fth_csv *csv, const char *text, size_t n, struct fth_err *err)
{
    if (n > csv->carry_cap) {
        char *more = fth_realloc(csv->carry, n, 1);

        if (!more)
            return fth_err_nomem(err);
        csv->carry = more;
        csv->carry_cap = n;
    }
    if (n)
        memmove(csv->carry, text, n);
    csv->carry_nr = n;
    return FTH_OK;
}

/* ---- messages ---- */

static size_t count_lines(const char *text, size_t n)
{
    struct fth_str rest = {text, n};
    size_t nr = 0, at;

    while (rest.n && (at = fth_str_find(rest, '\n')) != SIZE_MAX) {
        rest = fth_str_sub(rest, at + 1, rest.n);
        nr++;
    }
    return nr;
}

int64_t fth_csv_chunk_line(const struct fth_csv_chunk *chunk, size_t record)
{
    struct fth_str first = fth_csv_raw(chunk, record, 0);

    return chunk->first_line + (int64_t)count_lines(chunk->text, (size_t)(first.p - chunk->text));
}

static enum fth_rc fail_at(const struct fth_csv *csv, const char *text, size_t at, const char *what,
                           struct fth_err *err)
{
    int64_t line = csv->line + (int64_t)count_lines(text, at);

    return fth_err_set(err, FTH_E_SYNTAX, "%s: line %lld: %s", fth_unpack_name(csv->in),
                       (long long)line, what);
}

/* What is no UTF-8 is mostly of Windows. */
static enum fth_rc hint_latin(struct fth_err *err)
{
    fth_err_hint(err, "Save the file as UTF-8, or: iconv -f WINDOWS-1252 -t UTF-8 FILE.");
    return err->rc;
}

static enum fth_rc bad_quote(const struct fth_csv *csv, const char *text, size_t at,
                             struct fth_err *err)
{
    return fail_at(csv, text, at,
                   text[at] == '"' ? "a quote inside of a field that is not quoted"
                                   : "text behind a closing quote",
                   err);
}

/* ---- chunks ---- */

/* Fills `text` up to `cap` behind `n` bytes; at the end of the stream every record has its newline.
 * There is room for one byte more than `cap`. */
static enum fth_rc read_on(struct fth_csv *csv, char *text, size_t cap, size_t *n,
                           struct fth_err *err)
{
    size_t got = 0;

    if (!csv->in_end) {
        enum fth_rc rc = fth_unpack_read(csv->in, text + *n, cap - *n, &got, err);

        if (rc)
            return rc;
        csv->in_end = got < cap - *n;
        *n += got;
    }
    if (csv->in_end && *n && text[*n - 1] != '\n')
        text[(*n)++] = '\n';
    return FTH_OK;
}

/* Position of the last separator that is a newline; SIZE_MAX: none. */
static size_t last_newline(const char *text, const uint32_t *ends, size_t nr)
{
    while (nr && text[ends[nr - 1]] != '\n')
        nr--;
    return nr ? nr - 1 : SIZE_MAX;
}

/* The text has no whole record: how long may it get? */
static enum fth_rc grow(const struct fth_csv *csv, const char *text, size_t n, size_t *cap,
                        struct fth_err *err)
{
    if (n >= csv->opts.max_record) {
        fth_err_set(err, FTH_E_LIMIT, "%s: line %lld: a record of more than %zu bytes",
                    fth_unpack_name(csv->in), (long long)csv->line, csv->opts.max_record);
        if (memchr(text, '"', n))
            fth_err_hint(err, "Look for a quote that is never closed.");
        return err->rc;
    }
    *cap = *cap * 2 < csv->opts.max_record ? *cap * 2 : csv->opts.max_record;
    return FTH_OK;
}

/* Reads text and its index until there is a whole record. On return chunk->n is the end of the last
 * one and *all the text that there is. */
static enum fth_rc fill(struct fth_csv *csv, struct fth_csv_chunk *chunk, size_t cap,
                        struct fth_csv_index *index, size_t *all, struct fth_err *err)
{
    size_t n = 0, last;
    enum fth_rc rc;

    for (;;) {
        if (cap < csv->carry_nr * 2)
            cap = csv->carry_nr * 2;
        rc = room_for_text(chunk, cap + 1, err);
        if (rc)
            return rc;
        if (csv->carry_nr)
            memcpy(chunk->room->text, csv->carry, csv->carry_nr);
        n = csv->carry_nr;
        rc = read_on(csv, chunk->room->text, cap, &n, err);
        if (rc)
            return rc;
        chunk->text = chunk->room->text;
        chunk->ends = chunk->room->ends;
        fth_csv_index(csv->opts.isa, chunk->text, n, csv->opts.delimiter, chunk->room->ends, index);
        if (index->bad != SIZE_MAX)
            return bad_quote(csv, chunk->text, index->bad, err);
        last = last_newline(chunk->text, chunk->ends, index->nr);
        if (csv->in_end && index->open)
            return fail_at(csv, chunk->text, last == SIZE_MAX ? 0 : chunk->ends[last] + 1,
                           "a quote in this record is open at the end of the file", err);
        if (last != SIZE_MAX || csv->in_end)
            break;
        rc = keep_carry(csv, chunk->text, n, err);
        if (!rc)
            rc = grow(csv, chunk->text, n, &cap, err);
        if (rc)
            return rc;
    }
    index->nr = last == SIZE_MAX ? 0 : last + 1;
    chunk->n = index->nr ? chunk->ends[last] + 1 : 0;
    *all = n;
    return FTH_OK;
}

/* Does each record have its number of fields? Then its last separator is a newline, and there are
 * no others. */
static bool is_regular(const struct fth_csv_chunk *chunk, const struct fth_csv_index *index)
{
    size_t columns = chunk->columns, nr = index->nr / columns;

    if (index->nr % columns != 0 || index->newlines != nr)
        return false;
    for (size_t r = 1; r <= nr; r++)
        if (chunk->text[chunk->ends[r * columns - 1]] != '\n')
            return false;
    return true;
}

static enum fth_rc room_for_walk(struct fth_csv_room *room, size_t nr, struct fth_err *err)
{
    if (nr <= room->start_cap)
        return FTH_OK;
    fth_free(room->starts);
    fth_free(room->skips);
    room->start_cap = 0;
    room->starts = fth_calloc(nr, sizeof(*room->starts));
    room->skips = fth_calloc(nr, sizeof(*room->skips));
    if (!room->starts || !room->skips)
        return fth_err_nomem(err);
    room->start_cap = nr;
    return FTH_OK;
}

static enum fth_rc add_bad(struct fth_csv *csv, struct fth_csv_chunk *chunk, struct fth_csv_bad bad,
                           struct fth_err *err)
{
    struct fth_csv_room *room = chunk->room;

    if (!csv->opts.keep_bad) {
        if (bad.fields != chunk->columns)
            return fth_err_set(err, FTH_E_SYNTAX,
                               "%s: line %lld (record %lld): %zu fields, but the first has %zu",
                               fth_unpack_name(csv->in), (long long)bad.line, (long long)bad.record,
                               bad.fields, chunk->columns);
        fth_err_set(err, FTH_E_SYNTAX,
                    "%s: line %lld (record %lld): not UTF-8, or it has a zero byte",
                    fth_unpack_name(csv->in), (long long)bad.line, (long long)bad.record);
        return hint_latin(err);
    }
    if (chunk->bad_nr == room->bad_cap) {
        size_t cap = room->bad_cap ? room->bad_cap * 2 : 16;
        struct fth_csv_bad *more = fth_realloc(room->bad, cap, sizeof(*more));

        if (!more)
            return fth_err_nomem(err);
        room->bad = more;
        room->bad_cap = cap;
    }
    room->bad[chunk->bad_nr++] = bad;
    chunk->bad = room->bad;
    return FTH_OK;
}

/* UTF-8 without zero bytes, which neither databases nor people have in a text. */
static bool is_text(struct fth_str text, bool ascii)
{
    return (ascii || fth_utf8_valid(text)) && (text.n == 0 || !memchr(text.p, '\0', text.n));
}

/* The record of `fields` fields that begins at `start` and whose first separator is `from`: keeps
 * it, skips it or sets it aside. Kept ones move down over those that were not, never past `from`.
 */
static enum fth_rc take_record(struct fth_csv *csv, struct fth_csv_chunk *chunk, size_t start,
                               size_t from, size_t fields, bool ascii, struct fth_err *err)
{
    struct fth_csv_room *room = chunk->room;
    struct fth_str text = {chunk->text + start, room->ends[from + fields - 1] - start};

    if (text.n && text.p[text.n - 1] == '\r')
        text.n--;
    if (text.n == 0 && chunk->columns > 1)
        return FTH_OK;
    if (fields != chunk->columns || !is_text(text, ascii)) {
        struct fth_csv_bad bad = {.record = csv->record + (int64_t)(chunk->nr + chunk->bad_nr),
                                  .line = csv->line + (int64_t)count_lines(chunk->text, start),
                                  .fields = fields,
                                  .text = text};

        return add_bad(csv, chunk, bad, err);
    }
    memmove(&room->ends[chunk->nr * chunk->columns], &room->ends[from],
            fields * sizeof(*room->ends));
    room->starts[chunk->nr] = (uint32_t)start;
    room->skips[chunk->nr] = (uint32_t)(chunk->nr + chunk->bad_nr);
    chunk->nr++;
    return FTH_OK;
}

/* The slow way, for a chunk in which something is not as it should be: record by record. */
static enum fth_rc walk(struct fth_csv *csv, struct fth_csv_chunk *chunk,
                        const struct fth_csv_index *index, struct fth_err *err)
{
    size_t from = 0, start = 0;
    enum fth_rc rc = room_for_walk(chunk->room, index->newlines, err);

    for (size_t i = 0; !rc && i < index->nr; i++) {
        size_t end = chunk->ends[i];

        if (chunk->text[end] != '\n')
            continue;
        rc = take_record(csv, chunk, start, from, i + 1 - from, index->ascii, err);
        from = i + 1;
        start = end + 1;
    }
    chunk->starts = chunk->room->starts;
    chunk->skips = chunk->room->skips;
    return rc;
}

/* One chunk, which may turn out to hold nothing but empty lines. */
static enum fth_rc next_chunk(struct fth_csv *csv, struct fth_csv_chunk *chunk, struct fth_err *err)
{
    struct fth_csv_index index = {0};
    struct fth_csv_room *room = chunk->room;
    size_t all = 0;
    enum fth_rc rc;

    *chunk = (struct fth_csv_chunk){.columns = csv->columns, .room = room};
    rc = fill(csv, chunk, csv->opts.chunk_len, &index, &all, err);
    if (rc)
        return rc;
    chunk->first_record = csv->record;
    chunk->first_line = csv->line;
    chunk->first_byte = csv->byte;
    if (is_regular(chunk, &index) && is_text((struct fth_str){chunk->text, chunk->n}, index.ascii))
        chunk->nr = index.nr / csv->columns;
    else
        rc = walk(csv, chunk, &index, err);
    if (!rc)
        rc = keep_carry(csv, chunk->text + chunk->n, all - chunk->n, err);
    if (rc)
        return rc;
    csv->record += (int64_t)(chunk->nr + chunk->bad_nr);
    csv->line += (int64_t)(index.lines - count_lines(csv->carry, csv->carry_nr));
    csv->byte += (int64_t)chunk->n;
    return FTH_OK;
}

enum fth_rc fth_csv_chunk_next(struct fth_csv *csv, struct fth_csv_chunk *chunk, bool *more,
                               struct fth_err *err)
{
    bool end;

    do {
        enum fth_rc rc = next_chunk(csv, chunk, err);

        if (rc)
            return rc;
        end = csv->in_end && csv->carry_nr == 0;
    } while (chunk->nr == 0 && chunk->bad_nr == 0 && !end);
    *more = chunk->nr || chunk->bad_nr;
    return FTH_OK;
}

struct fth_str fth_csv_unquote(struct fth_str raw, char *scratch)
{
    struct fth_str inner = fth_str_sub(raw, 1, raw.n - 2);
    size_t n = 0;

    if (fth_str_find(inner, '"') == SIZE_MAX)
        return inner;
    for (size_t i = 0; i < inner.n; i++) {
        scratch[n++] = inner.p[i];
        /* The index has seen to it that a quote in here is followed by another. */
        if (inner.p[i] == '"')
            i++;
    }
    return (struct fth_str){scratch, n};
}

/* ---- opening ---- */

static void set_defaults(struct fth_csv_opts *opts)
{
    if (!opts->delimiter)
        opts->delimiter = ',';
    if (!opts->chunk_len)
        opts->chunk_len = CHUNK_LEN;
    if (!opts->max_record)
        opts->max_record = MAX_RECORD;
    if (!opts->max_columns)
        opts->max_columns = MAX_COLUMNS;
}

static enum fth_rc drop_mark(struct fth_csv *csv, struct fth_csv_chunk *head, size_t cap,
                             struct fth_err *err)
{
    size_t n = 0;
    const char *text;
    enum fth_rc rc = room_for_text(head, cap + 1, err);

    if (!rc)
        rc = read_on(csv, head->room->text, cap, &n, err);
    if (rc)
        return rc;
    text = head->room->text;
    if (n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        fth_err_set(err, FTH_E_SYNTAX, "%s: UTF-16, not UTF-8", fth_unpack_name(csv->in));
        fth_err_hint(err, "Save the file as UTF-8, or: iconv -f UTF-16 -t UTF-8 FILE.");
        return err->rc;
    }
    if (n >= BOM_LEN && memcmp(text, "\xef\xbb\xbf", BOM_LEN) == 0) {
        csv->byte = BOM_LEN;
        text += BOM_LEN;
        n -= BOM_LEN;
    }
    return keep_carry(csv, text, n, err);
}

/* Reads a field's text into the header, which outlives the chunk. */
static enum fth_rc add_name(struct fth_csv *csv, const struct fth_csv_chunk *head, size_t column,
                            struct fth_err *err)
{
    struct fth_str raw = fth_csv_raw(head, 0, column);
    char *copy = fth_arena_alloc(csv->arena, raw.n + 1);

    if (!copy)
        return fth_err_nomem(err);
    if (raw.n)
        memcpy(copy, raw.p, raw.n);
    csv->header[column] = fth_csv_value((struct fth_str){copy, raw.n}, copy);
    return FTH_OK;
}

static enum fth_rc read_header(struct fth_csv *csv, const struct fth_csv_chunk *head,
                               struct fth_err *err)
{
    size_t end = head->ends[csv->columns - 1] + 1;
    enum fth_rc rc = FTH_OK;

    if (!is_text((struct fth_str){head->text, end}, false)) {
        fail_at(csv, head->text, 0, "the header is not UTF-8, or it has a zero byte", err);
        return hint_latin(err);
    }
    csv->arena = fth_arena_new(end + csv->columns * (sizeof(*csv->header) + 16) + 1024);
    if (!csv->arena)
        return fth_err_nomem(err);
    csv->header = FTH_NEW_ARRAY(csv->arena, struct fth_str, csv->columns);
    if (!csv->header)
        return fth_err_nomem(err);
    for (size_t i = 0; !rc && i < csv->columns; i++)
        rc = add_name(csv, head, i, err);
    if (rc)
        return rc;
    csv->line += (int64_t)count_lines(head->text, end);
    csv->byte += (int64_t)end;
    memmove(csv->carry, csv->carry + end, csv->carry_nr - end);
    csv->carry_nr -= end;
    return FTH_OK;
}

/* How many fields has the record behind the header? As many as that when it is not all there. */
static size_t fields_behind(const struct fth_csv_chunk *head, const struct fth_csv_index *index,
                            size_t columns)
{
    for (size_t i = columns; i < index->nr && i < 2 * columns; i++)
        if (head->text[head->ends[i]] == '\n')
            return i - columns + 1;
    return columns;
}

/* Learns the number of fields from the first record. All that was read stays in the carry. */
static enum fth_rc read_first(struct fth_csv *csv, struct fth_csv_chunk *head, struct fth_err *err)
{
    struct fth_csv_index index = {0};
    size_t behind, all = 0, cap = HEAD_LEN < csv->opts.chunk_len ? HEAD_LEN : csv->opts.chunk_len;
    enum fth_rc rc = drop_mark(csv, head, cap < MIN_HEAD ? MIN_HEAD : cap, err);

    if (!rc)
        rc = fill(csv, head, cap, &index, &all, err);
    if (!rc)
        rc = keep_carry(csv, head->text, all, err);
    if (rc)
        return rc;
    if (index.nr == 0)
        return fth_err_set(err, FTH_E_SYNTAX, "%s: empty, without a header",
                           fth_unpack_name(csv->in));
    while (head->text[head->ends[csv->columns++]] != '\n')
        ;
    head->columns = csv->columns;
    if (csv->columns > csv->opts.max_columns)
        return fth_err_set(err, FTH_E_LIMIT, "%s: %zu columns, more than %zu",
                           fth_unpack_name(csv->in), csv->columns, csv->opts.max_columns);
    if (csv->opts.no_header)
        return FTH_OK;
    behind = fields_behind(head, &index, csv->columns);
    rc = read_header(csv, head, err);
    if (csv->opts.long_header && behind < csv->columns && behind > 1)
        csv->columns = behind;
    return rc;
}

enum fth_rc fth_csv_open(struct fth_unpack *in, const struct fth_csv_opts *opts,
                         struct fth_csv **out, struct fth_err *err)
{
    struct fth_csv *csv = fth_calloc(1, sizeof(*csv));
    struct fth_csv_chunk head = {0};
    enum fth_rc rc;

    if (!csv)
        return fth_err_nomem(err);
    csv->in = in;
    csv->record = csv->line = 1;
    if (opts)
        csv->opts = *opts;
    set_defaults(&csv->opts);
    rc = read_first(csv, &head, err);
    fth_csv_chunk_release(&head);
    if (rc)
        fth_csv_close(csv);
    else
        *out = csv;
    return rc;
}

void fth_csv_close(struct fth_csv *csv)
{
    if (!csv)
        return;
    fth_csv_chunk_release(&csv->chunk);
    fth_arena_free(csv->arena);
    fth_free(csv->carry);
    fth_free(csv->fields);
    fth_free(csv->scratch);
    fth_free(csv);
}

size_t fth_csv_columns(const struct fth_csv *csv)
{
    return csv->columns;
}

const struct fth_str *fth_csv_header(const struct fth_csv *csv)
{
    return csv->header;
}

/* ---- record by record ---- */

static enum fth_rc room_for_row(struct fth_csv *csv, size_t n, struct fth_err *err)
{
    if (!csv->fields)
        csv->fields = fth_calloc(csv->columns, sizeof(*csv->fields));
    if (!csv->fields)
        return fth_err_nomem(err);
    if (n > csv->scratch_cap) {
        char *more = fth_realloc(csv->scratch, n, 1);

        if (!more)
            return fth_err_nomem(err);
        csv->scratch = more;
        csv->scratch_cap = n;
    }
    return FTH_OK;
}

/* The line of a byte of the chunk, counted on from the row before. */
static int64_t row_line(struct fth_csv *csv, size_t at)
{
    csv->row_line += (int64_t)count_lines(csv->chunk.text + csv->row_at, at - csv->row_at);
    csv->row_at = at;
    return csv->row_line;
}

enum fth_rc fth_csv_next(struct fth_csv *csv, struct fth_csv_row *row, bool *more,
                         struct fth_err *err)
{
    struct fth_csv_chunk *chunk = &csv->chunk;
    struct fth_str first, last;
    char *scratch;
    enum fth_rc rc;

    FTH_CHECK(!csv->opts.keep_bad);
    if (csv->at == chunk->nr) {
        csv->at = 0;
        rc = fth_csv_chunk_next(csv, chunk, more, err);
        if (rc || !*more)
            return rc;
        csv->row_at = 0;
        csv->row_line = chunk->first_line;
    }
    first = fth_csv_raw(chunk, csv->at, 0);
    last = fth_csv_raw(chunk, csv->at, csv->columns - 1);
    rc = room_for_row(csv, (size_t)(last.p + last.n - first.p) + 1, err);
    if (rc)
        return rc;
    scratch = csv->scratch;
    for (size_t i = 0; i < csv->columns; i++) {
        struct fth_str raw = fth_csv_raw(chunk, csv->at, i);

        csv->fields[i] = fth_csv_value(raw, scratch);
        scratch += raw.n;
    }
    row->fields = csv->fields;
    row->nr = csv->columns;
    row->record = fth_csv_chunk_record(chunk, csv->at);
    row->line = row_line(csv, (size_t)(first.p - chunk->text));
    csv->at++;
    *more = true;
    return FTH_OK;
}
