/*
 * Text → tree → instructions → all states side by side. After Russ Cox, "Regular Expression
 * Matching: the Virtual Machine Approach" (2009).
 */
#include "base/pattern.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"

enum { MAX_CODE = 2000, MAX_DEPTH = 32, MAX_COUNT = 1000, NO_MAX = -1 };
#define LAST_CHAR 0x10ffffu

struct range {
    uint32_t lo, hi;
};
FTH_VEC(range_vec, struct range)

struct set {
    struct range_vec ranges;
    bool negated;
};

enum kind { EMPTY, CHAR, SET, START, END, CAT, ALT, REPEAT };

struct node {
    enum kind kind;
    uint32_t c;
    struct set set;
    struct node *a, *b;
    int min, max; /* REPEAT */
};

enum op { OP_CHAR, OP_SET, OP_START, OP_END, OP_SPLIT, OP_JUMP, OP_MATCH };

struct code {
    enum op op;
    uint32_t c;
    struct set set;
    uint16_t x, y; /* SPLIT: both; JUMP: x */
};
FTH_VEC(code_vec, struct code)

struct fth_pattern {
    struct code_vec code;
};

/* ---- text to tree ---- */

struct parser {
    struct fth_arena *arena;
    struct fth_str text, rest;
    unsigned depth;
    struct fth_err *err;
};

static enum fth_rc parse_alternatives(struct parser *p, struct node **out);

static enum fth_rc fail(struct parser *p, const char *what)
{
    struct fth_str shown = fth_str_sub(p->text, 0, 120);

    return fth_err_set(p->err, FTH_E_SYNTAX, "pattern \"" FTH_STR_F "\", byte %zu: %s",
                       FTH_STR_A(shown), p->text.n - p->rest.n, what);
}

static bool look(const struct parser *p, char c)
{
    return p->rest.n && p->rest.p[0] == c;
}

static bool look_any(const struct parser *p, const char *characters)
{
    return p->rest.n && p->rest.p[0] && strchr(characters, p->rest.p[0]);
}

static bool take(struct parser *p, char c)
{
    bool there = look(p, c);

    if (there)
        p->rest = fth_str_sub(p->rest, 1, p->rest.n);
    return there;
}

static enum fth_rc new_node(struct parser *p, struct node node, struct node **out)
{
    struct node *made = FTH_NEW(p->arena, struct node);

    if (!made)
        return fth_err_nomem(p->err);
    *made = node;
    *out = made;
    return FTH_OK;
}

/* The ranges of \d, \w, \s; false for another letter. */
static bool class_ranges(char letter, const struct range **out, size_t *nr)
{
    static const struct range digits[] = {{'0', '9'}};
    static const struct range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    static const struct range spaces[] = {{'\t', '\r'}, {' ', ' '}};

    switch (letter | 0x20) {
    case 'd':
        *out = digits;
        *nr = 1;
        return true;
    case 'w':
        *out = words;
        *nr = 4;
        return true;
    case 's':
        *out = spaces;
        *nr = 2;
        return true;
    default:
        return false;
    }
}

static enum fth_rc add_range(struct parser *p, struct set *set, uint32_t lo, uint32_t hi)
{
    return range_vec_push(&set->ranges, (struct range){lo, hi}, p->err);
}

/* Adds \d … or, for the capital, all but \d …; the ranges are in order and apart. */
static enum fth_rc add_class(struct parser *p, struct set *set, char letter)
{
    const struct range *ranges = NULL;
    size_t nr = 0;
    uint32_t next = 0;
    enum fth_rc rc = FTH_OK;

    class_ranges(letter, &ranges, &nr);
    for (size_t i = 0; i < nr && !rc; i++) {
        if (letter >= 'a')
            rc = add_range(p, set, ranges[i].lo, ranges[i].hi);
        else
            rc = add_range(p, set, next, ranges[i].lo - 1);
        next = ranges[i].hi + 1;
    }
    if (!rc && letter < 'a')
        rc = add_range(p, set, next, LAST_CHAR);
    return rc;
}

/* Behind a backslash: one character, or a class letter that is returned in *letter. */
static enum fth_rc parse_escape(struct parser *p, uint32_t *c, char *letter)
{
    const struct range *ranges;
    size_t nr;
    char name = p->rest.n ? p->rest.p[0] : '\0';

    *letter = '\0';
    if (class_ranges(name, &ranges, &nr))
        *letter = name;
    else if (name == 'n')
        *c = '\n';
    else if (name == 'r')
        *c = '\r';
    else if (name == 't')
        *c = '\t';
    else if (name > ' ' && name < 0x7f && !strchr("_0123456789", name) &&
             !((name | 0x20) >= 'a' && (name | 0x20) <= 'z'))
        *c = (uint32_t)name;
    else
        return fail(p, "unknown escape");
    p->rest = fth_str_sub(p->rest, 1, p->rest.n);
    return FTH_OK;
}

/* One end of a range inside of [ ]. */
static enum fth_rc parse_class_char(struct parser *p, uint32_t *c, char *letter)
{
    *letter = '\0';
    if (p->rest.n == 0)
        return fail(p, "'[' without ']'");
    if (take(p, '\\'))
        return parse_escape(p, c, letter);
    *c = fth_utf8_take(&p->rest);
    return FTH_OK;
}

static enum fth_rc parse_class(struct parser *p, struct set *set)
{
    enum fth_rc rc = FTH_OK;

    set->negated = take(p, '^');
    while (!rc && !take(p, ']')) {
        uint32_t lo = 0, hi;
        char letter;

        rc = parse_class_char(p, &lo, &letter);
        if (rc)
            return rc;
        if (letter) {
            rc = add_class(p, set, letter);
            continue;
        }
        hi = lo;
        if (p->rest.n > 1 && p->rest.p[0] == '-' && p->rest.p[1] != ']') {
            take(p, '-');
            rc = parse_class_char(p, &hi, &letter);
            if (rc)
                return rc;
            if (letter || hi < lo)
                return fail(p, "range that ends before it starts");
        }
        rc = add_range(p, set, lo, hi);
    }
    return rc;
}

static enum fth_rc parse_group(struct parser *p, struct node **out)
{
    enum fth_rc rc;

    if (take(p, '?') && !take(p, ':'))
        return fail(p, "only (?: ) is known of the groups with '?'");
    if (p->depth == MAX_DEPTH)
        return fail(p, "groups nested too deeply");
    p->depth++;
    rc = parse_alternatives(p, out);
    p->depth--;
    if (!rc && !take(p, ')'))
        rc = fail(p, "'(' without ')'");
    return rc;
}

static enum fth_rc parse_atom(struct parser *p, struct node **out)
{
    struct node node = {.kind = SET, .set.ranges = range_vec_in(p->arena)};
    char letter = '\0';
    enum fth_rc rc = FTH_OK;

    if (take(p, '('))
        return parse_group(p, out);
    if (take(p, '^')) {
        node.kind = START;
    } else if (take(p, '$')) {
        node.kind = END;
    } else if (take(p, '.')) {
        node.set.negated = true;
        rc = add_range(p, &node.set, '\n', '\n');
    } else if (take(p, '[')) {
        rc = parse_class(p, &node.set);
    } else if (take(p, '\\')) {
        rc = parse_escape(p, &node.c, &letter);
        if (!rc && letter)
            rc = add_class(p, &node.set, letter);
        else
            node.kind = CHAR;
    } else if (look_any(p, "*+?{}]")) {
        return fail(p, "nothing to repeat, or a bracket without its partner");
    } else {
        node.kind = CHAR;
        node.c = fth_utf8_take(&p->rest);
    }
    return rc ? rc : new_node(p, node, out);
}

static enum fth_rc parse_count(struct parser *p, int *out)
{
    int value = 0;

    if (!p->rest.n || p->rest.p[0] < '0' || p->rest.p[0] > '9')
        return fail(p, "a number is expected between '{' and '}'");
    while (p->rest.n && p->rest.p[0] >= '0' && p->rest.p[0] <= '9') {
        value = value * 10 + (p->rest.p[0] - '0');
        p->rest = fth_str_sub(p->rest, 1, p->rest.n);
        if (value > MAX_COUNT)
            return fail(p, "repeated more than 1000 times");
    }
    *out = value;
    return FTH_OK;
}

/* Behind '{'. */
static enum fth_rc parse_counts(struct parser *p, int *min, int *max)
{
    enum fth_rc rc = parse_count(p, min);

    if (rc)
        return rc;
    *max = *min;
    if (take(p, ',')) {
        *max = NO_MAX;
        if (!look(p, '}'))
            rc = parse_count(p, max);
        if (rc)
            return rc;
    }
    if (!take(p, '}'))
        return fail(p, "'{' without '}'");
    if (*max != NO_MAX && *max < *min)
        return fail(p, "repeated at most fewer times than at least");
    return FTH_OK;
}

static enum fth_rc parse_repeat(struct parser *p, struct node **out)
{
    struct node node = {.kind = REPEAT, .max = NO_MAX};
    enum fth_rc rc = parse_atom(p, &node.a);

    *out = node.a;
    if (rc || !look_any(p, "*+?{"))
        return rc;
    if (take(p, '+'))
        node.min = 1;
    else if (take(p, '?'))
        node.max = 1;
    else if (take(p, '{'))
        rc = parse_counts(p, &node.min, &node.max);
    else
        take(p, '*');
    if (rc)
        return rc;
    if (look_any(p, "*+?{"))
        return fail(p, "repetition of a repetition");
    return new_node(p, node, out);
}

static enum fth_rc parse_sequence(struct parser *p, struct node **out)
{
    enum fth_rc rc = new_node(p, (struct node){.kind = EMPTY}, out);
    bool first = true;

    while (!rc && p->rest.n && !look(p, '|') && !look(p, ')')) {
        struct node *next = NULL;

        rc = parse_repeat(p, &next);
        if (rc)
            return rc;
        if (first)
            *out = next;
        else
            rc = new_node(p, (struct node){.kind = CAT, .a = *out, .b = next}, out);
        first = false;
    }
    return rc;
}

static enum fth_rc parse_alternatives(struct parser *p, struct node **out)
{
    enum fth_rc rc = parse_sequence(p, out);

    while (!rc && take(p, '|')) {
        struct node *next = NULL;

        rc = parse_sequence(p, &next);
        if (!rc)
            rc = new_node(p, (struct node){.kind = ALT, .a = *out, .b = next}, out);
    }
    return rc;
}

/* ---- tree to instructions ---- */

struct emitter {
    struct code_vec *code;
    struct fth_err *err;
};

static enum fth_rc emit(struct emitter *e, const struct node *node);

static enum fth_rc push(struct emitter *e, struct code code)
{
    if (e->code->nr == MAX_CODE)
        return fth_err_set(e->err, FTH_E_LIMIT, "pattern of more than %d steps", MAX_CODE);
    return code_vec_push(e->code, code, e->err);
}

static uint16_t here(const struct emitter *e)
{
    return (uint16_t)e->code->nr;
}

static enum fth_rc emit_alternatives(struct emitter *e, const struct node *node)
{
    uint16_t split = here(e), jump;
    enum fth_rc rc = push(e, (struct code){.op = OP_SPLIT, .x = (uint16_t)(split + 1)});

    if (!rc)
        rc = emit(e, node->a);
    jump = here(e);
    if (!rc)
        rc = push(e, (struct code){.op = OP_JUMP});
    if (rc)
        return rc;
    e->code->at[split].y = here(e);
    rc = emit(e, node->b);
    if (!rc)
        e->code->at[jump].x = here(e);
    return rc;
}

/* split L1, L3; L1: node; jump split; L3: — with `again`; without it, once at most. */
static enum fth_rc emit_optional(struct emitter *e, const struct node *node, bool again)
{
    uint16_t split = here(e);
    enum fth_rc rc = push(e, (struct code){.op = OP_SPLIT, .x = (uint16_t)(split + 1)});

    if (!rc)
        rc = emit(e, node);
    if (!rc && again)
        rc = push(e, (struct code){.op = OP_JUMP, .x = split});
    if (!rc)
        e->code->at[split].y = here(e);
    return rc;
}

static enum fth_rc emit_repeat(struct emitter *e, const struct node *node)
{
    enum fth_rc rc = FTH_OK;

    for (int i = 0; i < node->min && !rc; i++)
        rc = emit(e, node->a);
    if (!rc && node->max == NO_MAX)
        return emit_optional(e, node->a, true);
    for (int i = node->min; i < node->max && !rc; i++)
        rc = emit_optional(e, node->a, false);
    return rc;
}

static enum fth_rc emit(struct emitter *e, const struct node *node)
{
    enum fth_rc rc;

    switch (node->kind) {
    case EMPTY: /* one instruction, so that repeating nothing also comes to the limit */
        return push(e, (struct code){.op = OP_JUMP, .x = (uint16_t)(here(e) + 1)});
    case CHAR:
        return push(e, (struct code){.op = OP_CHAR, .c = node->c});
    case SET:
        return push(e, (struct code){.op = OP_SET, .set = node->set});
    case START:
        return push(e, (struct code){.op = OP_START});
    case END:
        return push(e, (struct code){.op = OP_END});
    case CAT:
        rc = emit(e, node->a);
        return rc ? rc : emit(e, node->b);
    case ALT:
        return emit_alternatives(e, node);
    case REPEAT:
        return emit_repeat(e, node);
    }
    return FTH_OK;
}

enum fth_rc fth_pattern_compile(struct fth_arena *arena, struct fth_str text,
                                const struct fth_pattern **out, struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct parser p = {.arena = arena, .text = text, .rest = text, .err = err};
    struct fth_pattern *pattern = FTH_NEW(arena, struct fth_pattern);
    struct emitter e = {.err = err};
    struct node *root = NULL;
    enum fth_rc rc;

    if (!pattern) {
        rc = fth_err_nomem(err);
        goto out;
    }
    pattern->code = code_vec_in(arena);
    e.code = &pattern->code;
    rc = parse_alternatives(&p, &root);
    if (!rc && p.rest.n)
        rc = fail(&p, "')' without '('");
    if (!rc)
        rc = emit(&e, root);
    if (!rc)
        rc = push(&e, (struct code){.op = OP_MATCH});
    if (!rc)
        *out = pattern;
out:
    if (rc)
        fth_arena_rewind(arena, start);
    return rc;
}

/* ---- running ---- */

struct states {
    uint16_t at[MAX_CODE];
    unsigned nr;
};

struct run {
    const struct fth_pattern *pattern;
    uint32_t seen[MAX_CODE]; /* the round in which a state was added last */
    uint16_t stack[MAX_CODE];
    uint32_t round;
    struct states lists[2];
};

/* Adds `start` and all that is reached from it without a character; true when that is a match. */
static bool add_states(struct run *run, struct states *list, uint16_t start, bool at_start,
                       bool at_end)
{
    const struct code *code = run->pattern->code.at;
    unsigned depth = 0;

    if (run->seen[start] != run->round)
        run->stack[depth++] = start;
    run->seen[start] = run->round;
    while (depth) {
        uint16_t at = run->stack[--depth], next[2];
        unsigned nr = 0;

        switch (code[at].op) {
        case OP_MATCH:
            return true;
        case OP_SPLIT:
            next[nr++] = code[at].y;
            next[nr++] = code[at].x;
            break;
        case OP_JUMP:
            next[nr++] = code[at].x;
            break;
        case OP_START:
            next[0] = (uint16_t)(at + 1);
            nr = at_start;
            break;
        case OP_END:
            next[0] = (uint16_t)(at + 1);
            nr = at_end;
            break;
        case OP_CHAR:
        case OP_SET:
            list->at[list->nr++] = at;
            break;
        }
        for (unsigned i = 0; i < nr; i++) {
            if (run->seen[next[i]] != run->round) {
                run->seen[next[i]] = run->round;
                run->stack[depth++] = next[i];
            }
        }
    }
    return false;
}

static bool accepts(const struct code *code, uint32_t c)
{
    if (code->op == OP_CHAR)
        return code->c == c;
    for (size_t i = 0; i < code->set.ranges.nr; i++) {
        if (c >= code->set.ranges.at[i].lo && c <= code->set.ranges.at[i].hi)
            return !code->set.negated;
    }
    return code->set.negated;
}

bool fth_pattern_matches(const struct fth_pattern *pattern, struct fth_str text)
{
    struct run run;
    struct states *now = &run.lists[0], *next = &run.lists[1], *swap;

    run.pattern = pattern;
    run.round = 1;
    memset(run.seen, 0, sizeof(run.seen));
    now->nr = 0;
    if (add_states(&run, now, 0, true, text.n == 0))
        return true;
    while (text.n) {
        uint32_t c = fth_utf8_take(&text);

        run.round++;
        next->nr = 0;
        for (unsigned i = 0; i < now->nr; i++) {
            if (accepts(&pattern->code.at[now->at[i]], c) &&
                add_states(&run, next, (uint16_t)(now->at[i] + 1), false, text.n == 0))
                return true;
        }
        if (add_states(&run, next, 0, false, text.n == 0))
            return true;
        swap = now;
        now = next;
        next = swap;
    }
    return false;
}
