/* Statements of sql/ledger with their lists filled in. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/sql.h"
#include "ledger/ledger_int.h"

enum { STATEMENT_MAX = 1024 * 1024 };

static struct fth_str word_text(const struct fth_word *words, size_t word_nr, struct fth_str name)
{
    for (size_t i = 0; i < word_nr; i++)
        if (fth_str_eq_c(name, words[i].name))
            return words[i].text;
    FTH_CHECK(!"a word of the statement that nobody gave");
    return (struct fth_str){0};
}

enum fth_rc fth_statement(struct fth_arena *arena, const char *name, const struct fth_word *words,
                          size_t word_nr, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(STATEMENT_MAX);
    struct fth_str rest = fth_sql(name), before = {0}, after = {0}, word = {0};

    while (fth_str_split(rest, '{', &before, &after)) {
        fth_buf_str(&buf, before);
        FTH_CHECK(fth_str_split(after, '}', &word, &rest));
        fth_buf_str(&buf, word_text(words, word_nr, word));
    }
    fth_buf_str(&buf, rest);
    if (!fth_buf_done(&buf, err))
        fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc fth_statement_exec(struct fth_session *session, struct fth_arena *arena,
                               const char *name, const struct fth_word *words, size_t word_nr,
                               struct fth_cancel *cancel, struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(arena);
    struct fth_str sql = {0};

    if (!fth_statement(arena, name, words, word_nr, &sql, err))
        fth_session_exec(session, sql, NULL, 0, cancel, NULL, err);
    fth_arena_rewind(arena, mark);
    return err->rc;
}
