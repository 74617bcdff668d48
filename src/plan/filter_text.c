/* The text form of filters; the grammar is in docs/ref/filter.md. */
#include "base/utf8.h"
#include "plan/filter.h"
#include "plan/filter_int.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_MARK };

struct token {
    enum token_kind kind;
    struct fth_str raw;  /* as it stands */
    struct fth_str text; /* WORD as it stands, TEXT without quotes and escapes */
    size_t at;           /* byte */
};

struct reader {
    struct fth_arena *arena;
    struct fth_str text;
    size_t at; /* behind `token` */
    struct token token;
    size_t value_nr;
    unsigned depth;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80 || c == '_' || c == '-' || c == '.' || c == ':' || c == '/' ||
           c == '@' || c == '+' || c == '*' || c == '%' || c == '$' || c == '#';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum fth_rc expected(const struct reader *r, const char *what, struct fth_err *err)
{
    struct fth_str raw = fth_str_sub(r->token.raw, 0, 60);

    while (raw.n && !fth_utf8_valid(raw))
        raw.n--; /* not in the middle of a character */
    if (r->token.kind == TOKEN_END)
        return fth_err_set(err, FTH_E_SYNTAX, "at %zu: expected %s, found the end", r->token.at + 1,
                           what);
    return fth_err_set(err, FTH_E_SYNTAX, "at %zu: expected %s, found '" FTH_STR_F "'",
                       r->token.at + 1, what, FTH_STR_A(raw));
}

/* A text in quotes that starts at r->at; a backslash takes the next character as it is. */
static enum fth_rc quoted(struct reader *r, struct fth_str *out, struct fth_err *err)
{
    char quote = r->text.p[r->at];
    size_t start = r->at, at = start + 1, n = 0;
    char *copy = fth_arena_alloc(r->arena, r->text.n - start);

    if (!copy)
        return fth_err_nomem(err);
    while (at < r->text.n && r->text.p[at] != quote) {
        if (r->text.p[at] == '\\' && at + 1 < r->text.n)
            at++;
        copy[n++] = r->text.p[at++];
    }
    if (at >= r->text.n)
        return fth_err_set(err, FTH_E_SYNTAX, "at %zu: text without a closing %c", start + 1,
                           quote);
    r->at = at + 1;
    *out = (struct fth_str){copy, n};
    return FTH_OK;
}

static enum fth_rc next(struct reader *r, struct fth_err *err)
{
    struct token token = {.kind = TOKEN_END};
    size_t at = r->at;

    while (at < r->text.n && is_space(r->text.p[at]))
        at++;
    r->at = token.at = at;
    if (at == r->text.n) {
        r->token = token;
        return FTH_OK;
    }
    if (r->text.p[at] == '"' || r->text.p[at] == '\'') {
        token.kind = TOKEN_TEXT;
        if (quoted(r, &token.text, err))
            return err->rc;
    } else if (is_word(r->text.p[at])) {
        token.kind = TOKEN_WORD;
        while (r->at < r->text.n && is_word(r->text.p[r->at]))
            r->at++;
    } else {
        bool two = at + 1 < r->text.n &&
                   (r->text.p[at] == '!' || r->text.p[at] == '=' || r->text.p[at] == '<');

        token.kind = TOKEN_MARK;
        r->at += two && (r->text.p[at + 1] == '=' || r->text.p[at + 1] == '>') ? 2 : 1;
    }
    token.raw = fth_str_sub(r->text, at, r->at - at);
    if (token.kind == TOKEN_WORD)
        token.text = token.raw;
    r->token = token;
    return FTH_OK;
}

static bool is_keyword(const struct reader *r, const char *word)
{
    return r->token.kind == TOKEN_WORD && fth_str_caseeq(r->token.text, fth_str_c(word));
}

static bool is_mark(const struct reader *r, const char *mark)
{
    return r->token.kind == TOKEN_MARK && fth_str_eq_c(r->token.raw, mark);
}

/* FIELD = name | "tag" ("." | ":") (key | text). The name is canonical, the key as written. */
static enum fth_rc field(struct reader *r, struct fth_str *out, struct fth_err *err)
{
    struct fth_str word = r->token.text, name = word;
    struct fth_str prefix = fth_str_sub(word, 0, 4), rest = fth_str_sub(word, 4, SIZE_MAX);
    size_t at = r->token.at;

    if (r->token.kind != TOKEN_WORD)
        return expected(r, "the name of a dimension", err);
    if (fth_str_eq_c(prefix, "tag.") || fth_str_eq_c(prefix, "tag:")) {
        bool in_quotes = rest.n == 0 && r->at < r->text.n &&
                         (r->text.p[r->at] == '"' || r->text.p[r->at] == '\'');

        if (in_quotes && quoted(r, &rest, err))
            return err->rc;
        if (rest.n == 0)
            return fth_err_set(err, FTH_E_SYNTAX,
                               "at %zu: expected the key of a tag behind '" FTH_STR_F "'", at + 1,
                               FTH_STR_A(prefix));
        if (fth_arena_printf(r->arena, &name, err, "tag:" FTH_STR_F, FTH_STR_A(rest)))
            return err->rc;
    }
    if (fth_filter_field(r->arena, name, out, err)) {
        fth_err_prefix(err, "at %zu", at + 1);
        return err->rc;
    }
    return next(r, err);
}

static enum fth_rc value(struct reader *r, struct fth_str_vec *values, struct fth_err *err)
{
    if (r->token.kind != TOKEN_WORD && r->token.kind != TOKEN_TEXT)
        return expected(r, "a value, in quotes or as a word", err);
    if (++r->value_nr > FTH_FILTER_VALUES_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "at %zu: more than %d values in one filter",
                           r->token.at + 1, FTH_FILTER_VALUES_MAX);
    if (fth_str_vec_push(values, r->token.text, err))
        return err->rc;
    return next(r, err);
}

/* LIST = "(" [ value { "," value } [ "," ] ] ")" */
static enum fth_rc list(struct reader *r, struct fth_str_vec *values, struct fth_err *err)
{
    if (!is_mark(r, "("))
        return expected(r, "'('", err);
    if (next(r, err))
        return err->rc;
    while (!is_mark(r, ")")) {
        if (value(r, values, err))
            return err->rc;
        if (is_mark(r, ","))
            next(r, err);
        else if (!is_mark(r, ")"))
            expected(r, "',' or ')'", err);
        if (err->rc)
            return err->rc;
    }
    return next(r, err);
}

static enum fth_rc value_or_list(struct reader *r, struct fth_str_vec *values, struct fth_err *err)
{
    return is_mark(r, "(") ? list(r, values, err) : value(r, values, err);
}

/* "is" [ "not" ] ( "missing" | "present" | "null" ) */
static enum fth_rc is_what(struct reader *r, enum fth_filter_op *op, struct fth_err *err)
{
    bool negated;

    if (next(r, err))
        return err->rc;
    negated = is_keyword(r, "not");
    if (negated && next(r, err))
        return err->rc;
    if (is_keyword(r, "missing") || is_keyword(r, "null"))
        *op = negated ? FTH_FILTER_PRESENT : FTH_FILTER_MISSING;
    else if (is_keyword(r, "present"))
        *op = negated ? FTH_FILTER_MISSING : FTH_FILTER_PRESENT;
    else
        return expected(r, "'missing' or 'present'", err);
    return next(r, err);
}

static enum fth_rc operation(struct reader *r, enum fth_filter_op *op, bool *negated,
                             struct fth_str_vec *values, struct fth_err *err)
{
    if (is_keyword(r, "is"))
        return is_what(r, op, err);
    if (is_mark(r, "=") || is_mark(r, "==") || is_mark(r, "!=") || is_mark(r, "<>")) {
        *op = is_mark(r, "!=") || is_mark(r, "<>") ? FTH_FILTER_NOT_IN : FTH_FILTER_IN;
        return next(r, err) ? err->rc : value(r, values, err);
    }
    *negated = is_keyword(r, "not");
    if (*negated && next(r, err))
        return err->rc;
    if (is_keyword(r, "in")) {
        *op = *negated ? FTH_FILTER_NOT_IN : FTH_FILTER_IN;
        *negated = false;
        return next(r, err) ? err->rc : list(r, values, err);
    }
    if (is_keyword(r, "contains")) {
        *op = FTH_FILTER_CONTAINS;
        return next(r, err) ? err->rc : value_or_list(r, values, err);
    }
    return expected(r, *negated ? "'in' or 'contains'" : "=, !=, in, not in, contains or is", err);
}

static enum fth_rc condition(struct reader *r, const struct fth_filter **out, struct fth_err *err)
{
    struct fth_str_vec values = fth_str_vec_in(r->arena);
    enum fth_filter_op op = FTH_FILTER_IN;
    const struct fth_filter *leaf = NULL;
    struct fth_str name = {0};
    bool negated = false;

    if (field(r, &name, err) || operation(r, &op, &negated, &values, err) ||
        fth_filter_leaf(r->arena, op, name, &values, &leaf, err))
        return err->rc;
    if (negated)
        return fth_filter_not(r->arena, leaf, out, err);
    *out = leaf;
    return FTH_OK;
}

static enum fth_rc expression(struct reader *r, const struct fth_filter **out, struct fth_err *err);

static enum fth_rc factor(struct reader *r, const struct fth_filter **out, struct fth_err *err)
{
    const struct fth_filter *part = NULL;

    if (++r->depth > FTH_FILTER_DEPTH_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "at %zu: nested more than %d deep", r->token.at + 1,
                           FTH_FILTER_DEPTH_MAX);
    if (is_keyword(r, "not")) {
        if (next(r, err) || factor(r, &part, err) || fth_filter_not(r->arena, part, out, err))
            return err->rc;
    } else if (is_mark(r, "(")) {
        if (next(r, err) || expression(r, out, err))
            return err->rc;
        if (!is_mark(r, ")"))
            return expected(r, "')', 'and' or 'or'", err);
        if (next(r, err))
            return err->rc;
    } else if (condition(r, out, err)) {
        return err->rc;
    }
    r->depth--;
    return FTH_OK;
}

/* A chain of `op` over what `part` reads. */
static enum fth_rc chain(struct reader *r, enum fth_filter_op op, const char *word,
                         enum fth_rc (*part)(struct reader *, const struct fth_filter **,
                                             struct fth_err *),
                         const struct fth_filter **out, struct fth_err *err)
{
    struct fth_filter_vec parts = fth_filter_vec_in(r->arena);

    for (;;) {
        const struct fth_filter *one = NULL;

        if (part(r, &one, err) || fth_filter_vec_push(&parts, one, err))
            return err->rc;
        if (!is_keyword(r, word))
            return fth_filter_join(r->arena, op, &parts, out, err);
        if (next(r, err))
            return err->rc;
    }
}

static enum fth_rc term(struct reader *r, const struct fth_filter **out, struct fth_err *err)
{
    return chain(r, FTH_FILTER_AND, "and", factor, out, err);
}

static enum fth_rc expression(struct reader *r, const struct fth_filter **out, struct fth_err *err)
{
    return chain(r, FTH_FILTER_OR, "or", term, out, err);
}

enum fth_rc fth_filter_parse(struct fth_arena *arena, struct fth_str text,
                             const struct fth_filter **out, struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct reader r = {.arena = arena, .text = text};
    const struct fth_filter *filter = NULL;
    size_t bad;

    if (text.n > FTH_FILTER_TEXT_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "filter of %zu bytes, the most is %d", text.n,
                           FTH_FILTER_TEXT_MAX);
    if (!fth_utf8_check(text, &bad))
        return fth_err_set(err, FTH_E_SYNTAX, "at %zu: not UTF-8", bad + 1);
    if (fth_str_find(text, 0) != SIZE_MAX)
        return fth_err_set(err, FTH_E_SYNTAX, "at %zu: a zero byte", fth_str_find(text, 0) + 1);
    if (!next(&r, err) && !expression(&r, &filter, err) && r.token.kind != TOKEN_END)
        expected(&r, "'and', 'or' or the end", err);
    if (err->rc)
        fth_arena_rewind(arena, start);
    else
        *out = filter;
    return err->rc;
}
