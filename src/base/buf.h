/*
 * buf: text to write. Grows up to a maximum that is given when it is made, never beyond.
 *
 * Appending does not need to be checked call by call: the first append that does not fit marks the
 * buffer as failed and changes nothing, later ones are ignored, and fth_buf_done() says it at the
 * end. The content of a failed buffer is not to be used.
 *
 * Thread rule: no shared state; one writer.
 */
#ifndef FTH_BUF_H
#define FTH_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct fth_buf {
    char *p;
    size_t n, cap, max;
    bool failed;     /* something did not fit, or memory ran out */
    bool over_limit; /* of the two, it was the maximum */
};

/* An empty buffer of at most `max` bytes. Allocates nothing yet. Release it. */
struct fth_buf fth_buf_max(size_t max);
void fth_buf_release(struct fth_buf *buf);

/* Empties it, keeps the memory, forgets a failure. */
void fth_buf_clear(struct fth_buf *buf);

void fth_buf_add(struct fth_buf *buf, const void *bytes, size_t n);
void fth_buf_str(struct fth_buf *buf, struct fth_str text);
void fth_buf_c(struct fth_buf *buf, const char *text);
void fth_buf_char(struct fth_buf *buf, char c);
void fth_buf_printf(struct fth_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for `n` more bytes at the end, to be filled by the caller, who then adds to buf->n what he
 * used; NULL when it does not fit. */
char *fth_buf_room(struct fth_buf *buf, size_t n);

/* Takes the last n bytes away; nothing when the buffer has failed. */
void fth_buf_cut(struct fth_buf *buf, size_t n);
/* Appends what is in `from` to `to` and clears `from`. When `from` has failed, so has `to`. */
void fth_buf_move(struct fth_buf *to, struct fth_buf *from);

/* The content. Valid until the next change. */
struct fth_str fth_buf_view(const struct fth_buf *buf);

/* FTH_OK, FTH_E_LIMIT (larger than its maximum) or FTH_E_NOMEM. */
enum fth_rc fth_buf_done(const struct fth_buf *buf, struct fth_err *err);

#endif
