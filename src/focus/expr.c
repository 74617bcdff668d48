/* The parser of conditions. */
#include "focus/expr.h"

#include <string.h>

#include "base/check.h"

enum { DEPTH_MAX = 32 };

struct parser {
    struct fth_arena *arena;
    struct fth_str whole, rest, token;
    unsigned depth;
    struct fth_err *err;
};

static bool stands_alone(char c)
{
    return c == '(' || c == ')';
}

/* The next token: a parenthesis, a quoted text with its first quote, or a word. */
static void next(struct parser *p)
{
    size_t n = 0;

    while (p->rest.n && p->rest.p[0] == ' ')
        p->rest = fth_str_sub(p->rest, 1, p->rest.n);
    if (p->rest.n && p->rest.p[0] == '\'') {
        n = 1;
        while (n < p->rest.n && p->rest.p[n] != '\'')
            n++;
        p->token = fth_str_sub(p->rest, 0, n);
        p->rest = fth_str_sub(p->rest, n + 1, p->rest.n);
        return;
    }
    if (p->rest.n && stands_alone(p->rest.p[0]))
        n = 1;
    else
        while (n < p->rest.n && p->rest.p[n] != ' ' && !stands_alone(p->rest.p[n]))
            n++;
    p->token = fth_str_sub(p->rest, 0, n);
    p->rest = fth_str_sub(p->rest, n, p->rest.n);
}

static bool is(const struct parser *p, const char *word)
{
    return fth_str_eq_c(p->token, word);
}

static bool take(struct parser *p, const char *word)
{
    if (!is(p, word))
        return false;
    next(p);
    return true;
}

static struct fth_focus_expr *fail(struct parser *p, const char *what)
{
    fth_err_set(p->err, FTH_E_SYNTAX, "rule \"" FTH_STR_F "\": %s at \"" FTH_STR_F "\"",
                FTH_STR_A(p->whole), what, FTH_STR_A(p->token));
    return NULL;
}

static struct fth_focus_expr *node(struct parser *p, enum fth_focus_expr_op op)
{
    struct fth_focus_expr *made = FTH_NEW(p->arena, struct fth_focus_expr);

    if (!made) {
        fth_err_nomem(p->err);
        return NULL;
    }
    made->op = op;
    return made;
}

static struct fth_focus_expr *join(struct parser *p, enum fth_focus_expr_op op,
                                   const struct fth_focus_expr *a, const struct fth_focus_expr *b)
{
    struct fth_focus_expr *made = a && (b || op == FTH_FOCUS_NOT) ? node(p, op) : NULL;

    if (made) {
        made->a = a;
        made->b = b;
    }
    return made;
}

static struct fth_focus_expr *atom(struct parser *p, struct fth_str column,
                                   enum fth_focus_atom_kind kind)
{
    struct fth_focus_expr *made = node(p, FTH_FOCUS_ATOM);

    if (made) {
        made->atom = kind;
        made->columns[0] = column;
        made->column_nr = 1;
    }
    return made;
}

/* The column of `p->token` is the last one of the relation. */
static struct fth_focus_expr *relation(struct parser *p, enum fth_focus_relation_kind kind,
                                       struct fth_str a, struct fth_str b)
{
    struct fth_focus_expr *made;

    if (p->token.n == 0)
        return fail(p, "a column is missing");
    made = node(p, FTH_FOCUS_RELATION);
    if (!made)
        return NULL;
    made->relation = kind;
    made->columns[made->column_nr++] = a;
    if (b.n)
        made->columns[made->column_nr++] = b;
    made->columns[made->column_nr++] = p->token;
    next(p);
    return made;
}

static const struct {
    const char *word;
    enum fth_focus_atom_kind kind;
} kinds[] = {
    {"null", FTH_FOCUS_A_NULL},         {"string", FTH_FOCUS_A_STRING},
    {"number", FTH_FOCUS_A_NUMBER},     {"decimal", FTH_FOCUS_A_DECIMAL},
    {"moment", FTH_FOCUS_A_MOMENT},     {"datetime", FTH_FOCUS_A_DATETIME},
    {"unit", FTH_FOCUS_A_UNIT},         {"currency", FTH_FOCUS_A_CURRENCY},
    {"national", FTH_FOCUS_A_NATIONAL}, {"key-value", FTH_FOCUS_A_KEYVALUE},
    {"json", FTH_FOCUS_A_JSON},         {"listed", FTH_FOCUS_A_LISTED},
    {"blank", FTH_FOCUS_A_BLANK},       {"placeholder", FTH_FOCUS_A_PLACEHOLDER},
    {"ascii", FTH_FOCUS_A_ASCII},       {"capitals", FTH_FOCUS_A_CAPITALS},
    {"anyjson", FTH_FOCUS_A_ANYJSON},
};

static struct fth_focus_expr *parse_is(struct parser *p, struct fth_str column)
{
    bool negated = take(p, "not");

    for (size_t i = 0; i < FTH_NR(kinds); i++) {
        struct fth_focus_expr *made;

        if (!take(p, kinds[i].word))
            continue;
        if (kinds[i].kind == FTH_FOCUS_A_NATIONAL && !take(p, "currency"))
            return fail(p, "\"currency\" is missing");
        made = atom(p, column, kinds[i].kind);
        return negated ? join(p, FTH_FOCUS_NOT, made, NULL) : made;
    }
    return fail(p, "no such kind");
}

static struct fth_focus_expr *parse_equals(struct parser *p, struct fth_str column, const char *op)
{
    struct fth_focus_expr *made;

    if (is(p, "0")) {
        next(p);
        made = atom(p, column, FTH_FOCUS_A_ZERO);
    } else if (p->token.n && p->token.p[0] == '\'') {
        made = atom(p, column, FTH_FOCUS_A_EQUALS);
        if (made)
            made->text = fth_str_sub(p->token, 1, p->token.n);
        next(p);
    } else {
        struct fth_str other = p->token;

        made = relation(p, FTH_FOCUS_R_SAME, column, (struct fth_str){0});
        if (made && op[0] == '!')
            return join(p, FTH_FOCUS_AND,
                        join(p, FTH_FOCUS_NOT, atom(p, other, FTH_FOCUS_A_NULL), NULL),
                        join(p, FTH_FOCUS_AND,
                             join(p, FTH_FOCUS_NOT, atom(p, column, FTH_FOCUS_A_NULL), NULL),
                             join(p, FTH_FOCUS_NOT, made, NULL)));
    }
    if (op[0] == '=')
        return made;
    made = join(p, FTH_FOCUS_NOT, made, NULL);
    if (op[0] == '<')
        return made;
    return join(p, FTH_FOCUS_AND, join(p, FTH_FOCUS_NOT, atom(p, column, FTH_FOCUS_A_NULL), NULL),
                made);
}

static struct fth_focus_expr *parse_product(struct parser *p, struct fth_str column)
{
    struct fth_str other = p->token;

    next(p);
    if (take(p, "~"))
        return relation(p, FTH_FOCUS_R_PRODUCT, column, other);
    if (take(p, "=~"))
        return relation(p, FTH_FOCUS_R_PRODUCT_OFFICIAL, column, other);
    return fail(p, "\"~\" is missing");
}

/* ---- "has" ---- */

static bool take_keys(struct parser *p, struct fth_focus_expr *made)
{
    enum { MOST = 8 };
    struct fth_str *keys = FTH_NEW_ARRAY(p->arena, struct fth_str, MOST);

    if (!keys)
        return false;
    while (p->token.n && !is(p, ")") && made->ask.key_nr < MOST) {
        if (is(p, "with"))
            made->ask.kind = FTH_FOCUS_HAS_KEY_WITH;
        else if (is(p, "or"))
            made->ask.kind = FTH_FOCUS_HAS_KEY_OR;
        else if (is(p, "only"))
            made->ask.kind = FTH_FOCUS_HAS_KEY_ONLY;
        else
            keys[made->ask.key_nr++] = p->token;
        next(p);
        if (made->ask.kind == FTH_FOCUS_HAS_KEY_ONLY && is(p, "with"))
            next(p);
    }
    made->ask.keys = keys;
    return true;
}

static struct fth_focus_expr *parse_has(struct parser *p, struct fth_str column)
{
    static const struct {
        const char *word;
        enum fth_focus_object_kind kind;
    } asks[] = {
        {"elements", FTH_FOCUS_HAS_ELEMENTS}, {"objects", FTH_FOCUS_HAS_OBJECTS},
        {"flat", FTH_FOCUS_HAS_FLAT},         {"keys", FTH_FOCUS_HAS_KEYS},
        {"element", FTH_FOCUS_HAS_KEY},       {"number", FTH_FOCUS_HAS_NUMBER},
        {"text", FTH_FOCUS_HAS_TEXT},         {"unit", FTH_FOCUS_HAS_UNIT},
    };

    if (take(p, "pascal"))
        return take(p, "keys") ? atom(p, column, FTH_FOCUS_A_PASCAL) : fail(p, "no \"keys\"");
    for (size_t i = 0; i < FTH_NR(asks); i++) {
        struct fth_focus_expr *made;

        if (!take(p, asks[i].word))
            continue;
        made = atom(p, column, FTH_FOCUS_A_HAS);
        if (!made)
            return NULL;
        made->ask.kind = asks[i].kind;
        if (made->ask.kind == FTH_FOCUS_HAS_FLAT)
            next(p);
        else if (made->ask.kind >= FTH_FOCUS_HAS_KEYS && !take_keys(p, made))
            return NULL;
        return made;
    }
    return fail(p, "nothing that an object has");
}

/* ---- structure ---- */

static struct fth_focus_expr *parse_claim(struct parser *p)
{
    struct fth_str column = p->token;

    next(p);
    if (take(p, "is"))
        return parse_is(p, column);
    if (take(p, "="))
        return parse_equals(p, column, "=");
    if (take(p, "<>"))
        return parse_equals(p, column, "<>");
    if (take(p, "!="))
        return parse_equals(p, column, "!=");
    if (take(p, ">="))
        return take(p, "0") ? atom(p, column, FTH_FOCUS_A_NOT_NEGATIVE) : fail(p, "no 0");
    if (take(p, "<"))
        return relation(p, FTH_FOCUS_R_BEFORE, column, (struct fth_str){0});
    if (take(p, "<="))
        return relation(p, FTH_FOCUS_R_NOT_AFTER, column, (struct fth_str){0});
    if (take(p, "under"))
        return relation(p, FTH_FOCUS_R_UNDER, column, (struct fth_str){0});
    if (take(p, "in"))
        return relation(p, FTH_FOCUS_R_ELEMENT, column, (struct fth_str){0});
    if (take(p, "*"))
        return parse_product(p, column);
    if (take(p, "has"))
        return parse_has(p, column);
    return fail(p, "no operator");
}

static struct fth_focus_expr *parse_or(struct parser *p);

static struct fth_focus_expr *parse_not(struct parser *p)
{
    struct fth_focus_expr *made;

    if (take(p, "not"))
        return join(p, FTH_FOCUS_NOT, parse_not(p), NULL);
    if (!take(p, "("))
        return parse_claim(p);
    if (++p->depth > DEPTH_MAX)
        return fail(p, "nested too deep");
    made = parse_or(p);
    p->depth--;
    if (made && !take(p, ")"))
        return fail(p, "\")\" is missing");
    return made;
}

static struct fth_focus_expr *parse_and(struct parser *p)
{
    struct fth_focus_expr *made = parse_not(p);

    while (made && take(p, "and"))
        made = join(p, FTH_FOCUS_AND, made, parse_not(p));
    return made;
}

static struct fth_focus_expr *parse_or(struct parser *p)
{
    struct fth_focus_expr *made = parse_and(p);

    while (made && take(p, "or"))
        made = join(p, FTH_FOCUS_OR, made, parse_and(p));
    return made;
}

enum fth_rc fth_focus_expr_parse(struct fth_arena *arena, struct fth_str text,
                                 const struct fth_focus_expr **out, struct fth_err *err)
{
    struct parser p = {.arena = arena, .whole = text, .rest = text, .err = err};
    const struct fth_focus_expr *made;

    next(&p);
    made = parse_or(&p);
    if (made && p.token.n)
        made = fail(&p, "something is left");
    if (!made)
        return err->rc ? err->rc : fth_err_nomem(err);
    *out = made;
    return FTH_OK;
}
