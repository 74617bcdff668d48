/*
 * pattern: regular expressions in time linear to the text, for the patterns of schemas and rules.
 *
 * The part of ECMA-262 that such patterns use: literals, . (not a line feed), classes [a-z] [^…],
 * \d \w \s and \D \W \S (ASCII), escapes of punctuation, \n \r \t, groups ( ) and (?: ), |,
 * * + ? {n} {n,} {n,m}, ^ and $ (start and end of the text). No back references, no look-around,
 * nothing lazy: such a pattern is refused. Characters are those of UTF-8. A pattern is found
 * anywhere in the text unless it is anchored. It is run as Thompson and Pike do it, by all
 * possible states side by side, so no text makes it slow.
 *
 * Thread rule: a compiled pattern is immutable; any thread.
 */
#ifndef FTH_PATTERN_H
#define FTH_PATTERN_H

#include <stdbool.h>

#include "base/arena.h"

struct fth_pattern;

/* FTH_E_SYNTAX with the place; FTH_E_LIMIT when it would take more than 2,000 steps (counted
 * repetitions multiply). Lives as long as the arena. */
enum fth_rc fth_pattern_compile(struct fth_arena *arena, struct fth_str text,
                                const struct fth_pattern **out, struct fth_err *err);

bool fth_pattern_matches(const struct fth_pattern *pattern, struct fth_str text);

#endif
