/*
 * statement: statements of sql/ that have words in braces, with these filled in.
 *
 * What stands for a word is text of ours (names of tables, lists of columns), never a value: values
 * are bound. Thread rule: as the session.
 */
#ifndef FTH_STATEMENT_H
#define FTH_STATEMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/engine.h"

/* What stands for a word in braces. */
struct fth_word {
    const char *name;
    struct fth_str text;
};

/* The statement `name` of sql/ with {words} filled in, in `arena`. A word in braces that is not
 * given is a broken invariant. FTH_E_NOMEM. */
enum fth_rc fth_statement(struct fth_arena *arena, const char *name, const struct fth_word *words,
                          size_t word_nr, struct fth_str *out, struct fth_err *err);
/* The same, run. */
enum fth_rc fth_statement_exec(struct fth_session *session, struct fth_arena *arena,
                               const char *name, const struct fth_word *words, size_t word_nr,
                               struct fth_cancel *cancel, struct fth_err *err);

#endif
