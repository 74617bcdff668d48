/*
 * cursor_int: the place where a page ended, as text that a client hands back.
 *
 * A cursor holds the sort key and the id of the last row; who makes one up gets another page of
 * what he may see anyway, so it is not signed.
 */
#ifndef FTH_CURSOR_INT_H
#define FTH_CURSOR_INT_H

#include "base/arena.h"

/* base64url without padding of "key NUL id". */
enum fth_rc fth_cursor_make(struct fth_arena *arena, struct fth_str key, struct fth_str id,
                            struct fth_str *out, struct fth_err *err);
/* FTH_E_INVALID when it is none. */
enum fth_rc fth_cursor_read(struct fth_arena *arena, struct fth_str cursor, struct fth_str *key,
                            struct fth_str *id, struct fth_err *err);

#endif
