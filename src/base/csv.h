/*
 * csv: records of a CSV stream, with exact positions.
 *
 * RFC 4180: fields may be quoted, a quote inside of quotes is doubled, quoted fields may hold
 * newlines. LF or CRLF ends a record, the last one may lack it; a byte order mark is skipped; empty
 * lines are skipped where a record has more than one field. Strict beyond that: every record has as
 * many fields as the first, text is UTF-8 without zero bytes, a quote inside of an unquoted field,
 * text behind a closing quote and a quote that is open at the end are errors. Errors name file,
 * line and record. The delimiter is given, never guessed.
 *
 * Two ways to read: record by record (fth_csv_next), or in chunks of some megabytes that several
 * threads take one after the other and then read at the same time (fth_csv_chunk_next).
 *
 * Thread rule: a reader by one thread at a time (chunk consumers lock around fth_csv_chunk_next); a
 * chunk belongs to its thread.
 */
#ifndef FTH_CSV_H
#define FTH_CSV_H

#include "base/buf.h"
#include "base/csv_index.h"
#include "base/err.h"
#include "base/str.h"
#include "base/unpack.h"

struct fth_csv;

struct fth_csv_opts {
    char delimiter;       /* 0: comma */
    bool no_header;       /* the first record is data */
    bool keep_bad;        /* records that cannot be used are put into chunk->bad, not errors */
    bool long_header;     /* names at the header's end that the first record has no fields for are
                             left out, and records have as many fields as that one */
    size_t chunk_len;     /* bytes of text a chunk; 0: 4 MiB */
    size_t max_record;    /* bytes of a record; 0: 16 MiB */
    size_t max_columns;   /* 0: 4096 */
    enum fth_csv_isa isa; /* for tests */
};

/* Reads the header. `in` stays the caller's and must outlive the reader; `opts` may be NULL.
 * FTH_E_SYNTAX (also for an empty file), FTH_E_LIMIT, FTH_E_NOMEM, and what reading gives. */
enum fth_rc fth_csv_open(struct fth_unpack *in, const struct fth_csv_opts *opts,
                         struct fth_csv **out, struct fth_err *err);
void fth_csv_close(struct fth_csv *csv);

/* Fields a record has, and their names (NULL without a header). */
size_t fth_csv_columns(const struct fth_csv *csv);
const struct fth_str *fth_csv_header(const struct fth_csv *csv);

/* ---- record by record ---- */

struct fth_csv_row {
    const struct fth_str *fields; /* without quotes; until the next call */
    size_t nr;
    int64_t record, line; /* from 1; records without the header, lines with it */
};

/* Sets *more to false at the end. Not to be mixed with chunks. */
enum fth_rc fth_csv_next(struct fth_csv *csv, struct fth_csv_row *row, bool *more,
                         struct fth_err *err);

/* ---- in chunks ---- */

/* A record that was set aside. */
struct fth_csv_bad {
    int64_t record, line;
    size_t fields;       /* it has so many; as many as it should: it is not UTF-8 */
    struct fth_str text; /* in the chunk, without the line end */
};

struct fth_csv_chunk {
    const char *text; /* whole records */
    size_t n;
    const uint32_t *ends; /* of field `c` of record `r`: ends[r * columns + c] */
    size_t nr, columns;
    int64_t first_record, first_line, first_byte; /* of the text; bytes from 0, decompressed */
    const uint32_t *starts; /* where each record begins; NULL: behind the one before */
    const uint32_t *skips;  /* record numbers: first_record + skips[r]; NULL: first_record + r */
    const struct fth_csv_bad *bad;
    size_t bad_nr;
    struct fth_csv_room *room; /* what it owns */
};

/* An empty chunk needs no memory: {0}. Release it. */
void fth_csv_chunk_release(struct fth_csv_chunk *chunk);
/* Fills the chunk, whose memory is used again; *more is false, and nr and bad_nr are 0, at the end.
 */
enum fth_rc fth_csv_chunk_next(struct fth_csv *csv, struct fth_csv_chunk *chunk, bool *more,
                               struct fth_err *err);

/* Line on which a record begins. Counts, so for messages. */
int64_t fth_csv_chunk_line(const struct fth_csv_chunk *chunk, size_t record);

static inline int64_t fth_csv_chunk_record(const struct fth_csv_chunk *chunk, size_t record)
{
    return chunk->first_record + (int64_t)(chunk->skips ? chunk->skips[record] : record);
}

/* A field as it stands there, quotes included. */
static inline struct fth_str fth_csv_raw(const struct fth_csv_chunk *chunk, size_t record,
                                         size_t column)
{
    size_t i = record * chunk->columns + column;
    size_t end = chunk->ends[i], begin = 0;

    if (column == 0 && chunk->starts)
        begin = chunk->starts[record];
    else if (i > 0)
        begin = chunk->ends[i - 1] + 1;
    if (column + 1 == chunk->columns && end > begin && chunk->text[end - 1] == '\r')
        end--;
    return (struct fth_str){chunk->text + begin, end - begin};
}

/* Its value: the quotes taken off. Only a field with doubled quotes is copied, to `scratch`, which
 * has room for raw.n bytes. */
struct fth_str fth_csv_unquote(struct fth_str raw, char *scratch);

static inline struct fth_str fth_csv_value(struct fth_str raw, char *scratch)
{
    return raw.n && raw.p[0] == '"' ? fth_csv_unquote(raw, scratch) : raw;
}

/* Appends a field as RFC 4180 wants it written: in quotes, inner ones doubled, when it holds a
 * comma, a quote or a line end; else as it is. An empty text stays nothing. */
void fth_csv_put(struct fth_buf *buf, struct fth_str text);

#endif
