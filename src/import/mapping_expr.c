/*
 * Expressions over a record's cells, worked out in decimals.
 *
 * A value in between is a fraction of two products, a * b / under: so a quotient or a product of
 * many digits is rounded once, by the round() around it, or refused.
 */
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "import/mapping_int.h"

/* A level holds a sum, a product and an argument at most. */
enum { OPS_MAX = 200, DEPTH_MAX = 32, STACK_MAX = 3 * DEPTH_MAX + 4, DECIMALS = 28 };

enum op_kind {
    OP_NUMBER,
    OP_INPUT,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_NEG,
    OP_ROUND,
    OP_ABS,
    OP_DEFAULT
};

/* In postfix order. */
struct op {
    enum op_kind kind;
    struct fth_money number;
    size_t at; /* INPUT: which; ROUND: decimals */
};
FTH_VEC(op_vec, struct op)

struct fth_mapping_expr {
    const struct op *ops;
    size_t nr;
};

/* ---- reading ---- */

struct reader {
    struct fth_str all, rest;
    const struct fth_mapping_inputs *inputs;
    struct op_vec ops;
    unsigned depth;
};

static enum fth_rc refuse(const struct reader *reader, const char *what, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_INVALID, "\"" FTH_STR_F "\", at character %zu: %s",
                       FTH_STR_A(reader->all), reader->all.n - reader->rest.n + 1, what);
}

static void skip_blanks(struct reader *reader)
{
    reader->rest = fth_mapping_trim(reader->rest);
}

static bool take(struct reader *reader, char c)
{
    skip_blanks(reader);
    if (!reader->rest.n || reader->rest.p[0] != c)
        return false;
    reader->rest = fth_str_sub(reader->rest, 1, SIZE_MAX);
    return true;
}

static enum fth_rc push(struct reader *reader, struct op op, struct fth_err *err)
{
    if (reader->ops.nr == OPS_MAX)
        return refuse(reader, "too long", err);
    return op_vec_push(&reader->ops, op, err);
}

static bool is_word(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);

    return letter || (!first && c >= '0' && c <= '9');
}

static struct fth_str take_word(struct reader *reader)
{
    size_t n = 0;
    struct fth_str word;

    while (n < reader->rest.n && is_word(reader->rest.p[n], n == 0))
        n++;
    word = fth_str_sub(reader->rest, 0, n);
    reader->rest = fth_str_sub(reader->rest, n, SIZE_MAX);
    return word;
}

static enum fth_rc read_sum(struct reader *reader, struct fth_err *err);

static enum fth_rc read_number(struct reader *reader, struct fth_err *err)
{
    struct op op = {.kind = OP_NUMBER};
    struct fth_err why = {0};
    size_t n = 0;

    while (n < reader->rest.n &&
           ((reader->rest.p[n] >= '0' && reader->rest.p[n] <= '9') || reader->rest.p[n] == '.'))
        n++;
    if (fth_money_parse(fth_str_sub(reader->rest, 0, n), &op.number, &why))
        return refuse(reader, why.msg, err);
    reader->rest = fth_str_sub(reader->rest, n, SIZE_MAX);
    return push(reader, op, err);
}

static enum fth_rc read_input(struct reader *reader, struct fth_str name, struct fth_err *err)
{
    struct op op = {.kind = OP_INPUT};
    enum fth_rc rc = reader->inputs->find(reader->inputs->ctx, name, &op.at, err);

    return rc ? rc : push(reader, op, err);
}

static enum fth_rc read_bracket(struct reader *reader, struct fth_err *err)
{
    size_t end = fth_str_find(reader->rest, ']');
    struct fth_str name;

    if (end == SIZE_MAX || end == 0)
        return refuse(reader, "[ wants the name of a column and ]", err);
    name = fth_str_sub(reader->rest, 0, end);
    reader->rest = fth_str_sub(reader->rest, end + 1, SIZE_MAX);
    return read_input(reader, name, err);
}

static enum fth_rc read_decimals(struct reader *reader, size_t *out, struct fth_err *err)
{
    uint64_t number = 0;
    size_t n = 0;

    skip_blanks(reader);
    while (n < reader->rest.n && reader->rest.p[n] >= '0' && reader->rest.p[n] <= '9')
        n++;
    if (!fth_str_to_u64(fth_str_sub(reader->rest, 0, n), &number) || number > DECIMALS)
        return refuse(reader, "round() wants a number of decimals from 0 to 28", err);
    reader->rest = fth_str_sub(reader->rest, n, SIZE_MAX);
    *out = (size_t)number;
    return FTH_OK;
}

/* Behind the opening bracket. */
static enum fth_rc read_call(struct reader *reader, struct fth_str name, struct fth_err *err)
{
    static const struct {
        struct fth_str name;
        enum op_kind kind;
        bool second;
    } calls[] = {{FTH_STR_INIT("round"), OP_ROUND, true},
                 {FTH_STR_INIT("abs"), OP_ABS, false},
                 {FTH_STR_INIT("default"), OP_DEFAULT, true}};
    struct op op = {0};
    size_t i = 0;
    enum fth_rc rc;

    while (i < FTH_NR(calls) && !fth_str_eq(calls[i].name, name))
        i++;
    if (i == FTH_NR(calls))
        return refuse(reader, "there are only round(), abs() and default()", err);
    op.kind = calls[i].kind;
    rc = read_sum(reader, err);
    if (!rc && calls[i].second && !take(reader, ','))
        rc = refuse(reader, "a comma and a second value are missing", err);
    if (!rc && op.kind == OP_ROUND) {
        rc = read_decimals(reader, &op.at, err);
    } else if (!rc && calls[i].second) {
        rc = read_sum(reader, err);
    }
    if (!rc && !take(reader, ')'))
        rc = refuse(reader, ") is missing", err);
    return rc ? rc : push(reader, op, err);
}

static enum fth_rc read_factor(struct reader *reader, struct fth_err *err)
{
    enum fth_rc rc;

    if (reader->depth == DEPTH_MAX)
        return refuse(reader, "nested too deeply", err);
    reader->depth++;
    if (take(reader, '-')) {
        rc = read_factor(reader, err);
        if (!rc)
            rc = push(reader, (struct op){.kind = OP_NEG}, err);
    } else if (take(reader, '(')) {
        rc = read_sum(reader, err);
        if (!rc && !take(reader, ')'))
            rc = refuse(reader, ") is missing", err);
    } else if (take(reader, '[')) {
        rc = read_bracket(reader, err);
    } else if (reader->rest.n && is_word(reader->rest.p[0], true)) {
        struct fth_str word = take_word(reader);

        rc = take(reader, '(') ? read_call(reader, word, err) : read_input(reader, word, err);
    } else if (reader->rest.n && ((reader->rest.p[0] >= '0' && reader->rest.p[0] <= '9') ||
                                  reader->rest.p[0] == '.')) {
        rc = read_number(reader, err);
    } else {
        rc = refuse(reader, "a number, a column in [ ] or ( was expected", err);
    }
    reader->depth--;
    return rc;
}

static enum fth_rc read_product(struct reader *reader, struct fth_err *err)
{
    enum fth_rc rc = read_factor(reader, err);

    while (!rc) {
        enum op_kind kind = take(reader, '*') ? OP_MUL : take(reader, '/') ? OP_DIV : OP_NUMBER;

        if (kind == OP_NUMBER)
            break;
        rc = read_factor(reader, err);
        if (!rc)
            rc = push(reader, (struct op){.kind = kind}, err);
    }
    return rc;
}

static enum fth_rc read_sum(struct reader *reader, struct fth_err *err)
{
    enum fth_rc rc = read_product(reader, err);

    while (!rc) {
        enum op_kind kind = take(reader, '+') ? OP_ADD : take(reader, '-') ? OP_SUB : OP_NUMBER;

        if (kind == OP_NUMBER)
            break;
        rc = read_product(reader, err);
        if (!rc)
            rc = push(reader, (struct op){.kind = kind}, err);
    }
    return rc;
}

enum fth_rc fth_mapping_expr_read(struct fth_arena *arena, struct fth_str text,
                                  const struct fth_mapping_inputs *inputs,
                                  const struct fth_mapping_expr **out, struct fth_err *err)
{
    struct reader reader = {.all = text, .rest = text, .inputs = inputs, .ops = op_vec_in(arena)};
    struct fth_mapping_expr *expr = FTH_NEW(arena, struct fth_mapping_expr);
    enum fth_rc rc = expr ? read_sum(&reader, err) : fth_err_nomem(err);

    if (!rc) {
        skip_blanks(&reader);
        if (reader.rest.n)
            rc = refuse(&reader, "an operator was expected", err);
    }
    if (rc)
        return rc;
    *expr = (struct fth_mapping_expr){reader.ops.at, reader.ops.nr};
    if (fth_mapping_expr_from(expr) == FTH_FEED_CONSTANT)
        return refuse(&reader, "it names no column; a constant is a value", err);
    *out = expr;
    return FTH_OK;
}

size_t fth_mapping_expr_from(const struct fth_mapping_expr *expr)
{
    for (size_t i = 0; i < expr->nr; i++)
        if (expr->ops[i].kind == OP_INPUT)
            return expr->ops[i].at;
    return FTH_FEED_CONSTANT;
}

/* ---- working out ---- */

static const struct fth_money one = {.head = INT64_C(10000000000)};

struct value {
    bool has;
    struct fth_money a, b, under; /* a * b / under */
};

static bool is_one(struct fth_money a)
{
    return fth_money_cmp(a, one) == 0;
}

static unsigned decimals(struct fth_money a)
{
    char text[FTH_MONEY_TEXT_MAX];
    size_t n = fth_money_text(a, text), at = fth_str_find((struct fth_str){text, n}, '.');

    return at == SIZE_MAX ? 0 : (unsigned)(n - at - 1);
}

/* a * b when that is exact. */
static bool product(struct fth_money a, struct fth_money b, struct fth_money *out)
{
    struct fth_err ignored = {0};

    return decimals(a) + decimals(b) <= DECIMALS &&
           !fth_money_muldiv(a, b, one, DECIMALS, out, &ignored);
}

/* The value as one amount, when it is exactly one. */
static bool settle(struct value *v)
{
    struct fth_err ignored = {0};
    struct fth_money whole, back;

    if (is_one(v->under)) {
        if (!product(v->a, v->b, &whole))
            return false;
    } else if (fth_money_muldiv(v->a, v->b, v->under, DECIMALS, &whole, &ignored) ||
               !product(v->a, v->b, &v->a) || !product(whole, v->under, &back) ||
               fth_money_cmp(back, v->a) != 0) {
        return false;
    }
    *v = (struct value){true, whole, one, one};
    return true;
}

static bool multiply(struct value *x, const struct value *y)
{
    struct value v = *x, w = *y;

    if (!product(x->under, y->under, &v.under))
        return false;
    if (product(v.a, v.b, &v.a) && product(w.a, w.b, &w.a)) {
        v.b = w.a;
        if (product(v.a, v.b, &w.b)) {
            v.a = w.b;
            v.b = one;
        }
        *x = v;
        return true;
    }
    return false;
}

/* x / y: y is turned over. */
static bool divide(struct value *x, const struct value *y)
{
    struct value over = {true, y->under, one, one};

    return product(y->a, y->b, &over.under) && multiply(x, &over);
}

static bool add(struct value *x, struct value y, bool minus)
{
    struct fth_err ignored = {0};

    if (!settle(x) || !settle(&y))
        return false;
    return !(minus ? fth_money_sub(&x->a, y.a, &ignored) : fth_money_add(&x->a, y.a, &ignored));
}

static bool rounded(struct value *x, unsigned to)
{
    struct fth_err ignored = {0};
    struct fth_money whole;

    if (fth_money_muldiv(x->a, x->b, x->under, to, &whole, &ignored))
        return false;
    *x = (struct value){true, whole, one, one};
    return true;
}

static bool is_zero(const struct value *x)
{
    return fth_money_is_zero(x->a) || fth_money_is_zero(x->b);
}

static bool two(enum op_kind kind, struct value *x, const struct value *y, const char **why)
{
    if (kind == OP_DEFAULT) {
        if (!x->has)
            *x = *y;
        return true;
    }
    x->has = x->has && y->has;
    if (!x->has)
        return true;
    if (kind == OP_DIV && is_zero(y)) {
        *why = "divides by zero in the mapping's expression";
        return false;
    }
    return kind == OP_MUL   ? multiply(x, y)
           : kind == OP_DIV ? divide(x, y)
                            : add(x, *y, kind == OP_SUB);
}

static bool single(const struct op *op, struct value *x)
{
    if (!x->has)
        return true;
    if (op->kind == OP_ROUND)
        return rounded(x, (unsigned)op->at);
    if (op->kind == OP_ABS && !settle(x))
        return false;
    if (op->kind == OP_NEG || fth_money_sign(x->a) < 0)
        x->a = fth_money_neg(x->a);
    return true;
}

/* A cell as a value; *odd when it is no number. */
static enum fth_rc load(size_t input, struct fth_mapping_numbers form,
                        const struct fth_feed_cells *cells, struct value *out,
                        struct fth_feed_odd *odd, struct fth_err *err)
{
    char number[FTH_MAPPING_NUMBER_MAX];
    struct fth_err ignored = {0};
    struct fth_str text = {0};
    size_t n;
    enum fth_rc rc = cells->cell(cells->ctx, input, &text, err);

    *out = (struct value){false, one, one, one};
    text = fth_mapping_trim(text);
    if (rc || !text.n)
        return rc;
    out->has = true;
    if (!fth_mapping_number(text, form, number, &n))
        *odd = (struct fth_feed_odd){input, text, "not-a-number", "is not a number"};
    else if (fth_money_parse((struct fth_str){number, n}, &out->a, &ignored))
        *odd = (struct fth_feed_odd){input, text, "too-many-digits",
                                     "has more digits than an amount can keep"};
    return FTH_OK;
}

enum fth_rc fth_mapping_expr_value(const struct fth_mapping_expr *expr,
                                   struct fth_mapping_numbers numbers,
                                   const struct fth_feed_cells *cells, struct fth_money *out,
                                   bool *has, struct fth_feed_odd *odd, struct fth_err *err)
{
    struct value stack[STACK_MAX] = {0};
    const char *why = "makes more than 28 decimals in the mapping's expression; round() them";
    size_t n = 0, from = fth_mapping_expr_from(expr);
    bool ok = true;
    enum fth_rc rc = FTH_OK;

    *has = false;
    for (size_t i = 0; i < expr->nr && ok && !rc && !odd->rule; i++) {
        const struct op *op = &expr->ops[i];

        FTH_CHECK(n < STACK_MAX);
        if (op->kind == OP_NUMBER) {
            stack[n++] = (struct value){true, op->number, one, one};
        } else if (op->kind == OP_INPUT) {
            rc = load(op->at, numbers, cells, &stack[n++], odd, err);
        } else if (op->kind == OP_NEG || op->kind == OP_ROUND || op->kind == OP_ABS) {
            ok = single(op, &stack[n - 1]);
        } else {
            n--;
            ok = two(op->kind, &stack[n - 1], &stack[n], &why);
        }
    }
    if (rc || odd->rule)
        return rc;
    if (ok && stack[0].has)
        ok = settle(&stack[0]);
    if (!ok) {
        *odd = (struct fth_feed_odd){from, {0}, "not-exact", why};
        return cells->cell(cells->ctx, odd->input, &odd->value, err);
    }
    *has = stack[0].has;
    *out = stack[0].a;
    return FTH_OK;
}
