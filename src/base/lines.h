/*
 * lines: a text stream as lines, in chunks of some megabytes.
 *
 * For JSON lines and whatever else has one record a line. LF or CRLF ends a line, the last one may
 * lack it; a byte order mark is skipped; lines of nothing but blanks are no records, but count as
 * lines. Several threads take chunks one after the other and read them at the same time; what a
 * line says is theirs to find out.
 *
 * Thread rule: a reader by one thread at a time (consumers lock around fth_lines_next); a chunk
 * belongs to its thread.
 */
#ifndef FTH_LINES_H
#define FTH_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/unpack.h"

struct fth_lines;

struct fth_lines_opts {
    size_t chunk_len; /* bytes of text a chunk; 0: 4 MiB */
    size_t max_line;  /* bytes of a line; 0: 16 MiB */
};

struct fth_line {
    uint32_t begin, end; /* in the chunk's text, without blanks around and without the line end */
    uint32_t below;      /* lines of the chunk before it, blank ones too */
};

/* Records of whole lines. At least FTH_LINES_SLACK bytes may be read behind any of them. */
struct fth_lines_chunk {
    const char *text;
    size_t n;
    const struct fth_line *at;
    size_t nr;
    int64_t first_record; /* from 1 over the file: the number of the first; blank lines have none */
    int64_t first_line;   /* from 1 */
    struct fth_lines_room *room; /* what it owns */
};

enum { FTH_LINES_SLACK = 64 };

/* `in` stays the caller's and must outlive the reader; `opts` may be NULL. FTH_E_NOMEM. */
enum fth_rc fth_lines_open(struct fth_unpack *in, const struct fth_lines_opts *opts,
                           struct fth_lines **out, struct fth_err *err);
void fth_lines_close(struct fth_lines *lines);

/* Fills the chunk, whose memory is used again; *more is false, and nr is 0, at the end.
 * FTH_E_SYNTAX for UTF-16, FTH_E_LIMIT for a line that is too long (both name file and line),
 * FTH_E_NOMEM, and what reading gives. */
enum fth_rc fth_lines_next(struct fth_lines *lines, struct fth_lines_chunk *chunk, bool *more,
                           struct fth_err *err);
/* An empty chunk needs no memory: {0}. Release it. */
void fth_lines_chunk_release(struct fth_lines_chunk *chunk);

static inline struct fth_str fth_lines_text(const struct fth_lines_chunk *chunk, size_t record)
{
    return (struct fth_str){chunk->text + chunk->at[record].begin,
                            chunk->at[record].end - chunk->at[record].begin};
}

static inline int64_t fth_lines_line(const struct fth_lines_chunk *chunk, size_t record)
{
    return chunk->first_line + chunk->at[record].below;
}

#endif
