/* utf8: is it UTF-8, and how wide is it. No shared state. */
#ifndef FTH_UTF8_H
#define FTH_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Well-formed as in RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
bool fth_utf8_valid(struct fth_str text);

/* The same; on failure *bad is the byte where the first ill-formed character starts. */
bool fth_utf8_check(struct fth_str text, size_t *bad);

/* Reads the character at the start of *text and moves past it; U+FFFD for an ill-formed byte.
 * `text` must not be empty. */
uint32_t fth_utf8_take(struct fth_str *text);

/* Writes a character, 1 to 4 bytes; returns how many. */
size_t fth_utf8_put(uint32_t c, char out[4]);

/* Columns on a terminal, by wcwidth-like rules for the common blocks (wide East Asian and emoji 2,
 * combining marks 0). */
size_t fth_utf8_width(struct fth_str text);

#endif
