/*
 * The statement of the parts of a change: what kind each charge is of, and sums by price and unit
 * in both windows, in one pass over the facts. What becomes of the sums is parts.c's.
 *
 * A window that a segment has no day of is a null, one that holds all of its days needs no test of
 * a row; so a question of whole months costs what two plain sums do.
 */
#include "base/check.h"
#include "plan/query_int.h"

/* Kinds by the charge alone, as numbers of enum fth_part. COMPARED is what has a price and a
 * quantity; it may turn out new, gone or other when its sums are seen. */
#define CREDIT "ChargeCategory = 'Credit' OR x_CreditType IS NOT NULL"
#define COMMITMENT                                                                 \
    "CommitmentDiscountId IS NOT NULL OR CommitmentDiscountStatus IS NOT NULL OR " \
    "PricingCategory = 'Committed'"
#define ORDINARY "ChargeClass IS NULL AND (ChargeCategory = 'Usage' OR ChargeCategory = 'Purchase')"
#define KIND_UNLESS(priced)                                                        \
    "CASE WHEN " CREDIT " THEN 5 WHEN " COMMITMENT " THEN 4 WHEN " ORDINARY priced \
    " THEN 1 ELSE 6 END"
#define QUANTITY "coalesce(PricingQuantity, ConsumedQuantity)"
#define NAMED "coalesce(SkuPriceId, SkuId, SkuMeter) IS NOT NULL"
#define KIND KIND_UNLESS(" AND " QUANTITY " IS NOT NULL AND " NAMED)
/* Where there is no id of the price: what is sold, and how it is metered. The sign between them is
 * in no id. */
#define PRICE \
    "coalesce(SkuPriceId, chr(31) || coalesce(SkuId, '') || chr(31) || coalesce(SkuMeter, ''))"
#define UNIT_IF(pricing_is_null) \
    "coalesce(CASE WHEN " pricing_is_null " THEN ConsumedUnit ELSE PricingUnit END, '')"
#define UNIT UNIT_IF("PricingQuantity IS NULL")
/* What these come from, as it is stored: expressions over text cost more than all else, and there
 * are far fewer combinations than charges. `lacks`: 1 no pricing quantity, 2 no consumed one. */
#define STORED "SkuPriceId, SkuId, SkuMeter, PricingUnit, ConsumedUnit"
#define LACKS \
    "(PricingQuantity IS NULL)::TINYINT + (ConsumedQuantity IS NULL)::TINYINT * 2::TINYINT"

_Static_assert(FTH_PART_COMPARED == 1 && FTH_PART_COMMITMENT == 4 && FTH_PART_CREDIT == 5 &&
                   FTH_PART_OTHER == 6,
               "the numbers in KIND_UNLESS and SUMMED");

/* The part of a price's change by its quantities now (q0) and before (q1). */
#define SUMMED                                                                       \
    "CASE WHEN kind <> 1 THEN kind "                                                 \
    "WHEN coalesce(q0, 0) = 0 THEN CASE WHEN coalesce(q1, 0) = 0 THEN 6 ELSE 3 END " \
    "WHEN coalesce(q1, 0) = 0 THEN 2 WHEN q0 > 0 AND q1 > 0 THEN 1 ELSE 6 END"

static const char *const names[FTH_PART_NR] = {
    [FTH_PART_COMPARED] = "compared",     [FTH_PART_NEW] = "new",       [FTH_PART_GONE] = "gone",
    [FTH_PART_COMMITMENT] = "commitment", [FTH_PART_CREDIT] = "credit", [FTH_PART_OTHER] = "other"};

const char *fth_part_name(enum fth_part part)
{
    return names[part];
}

/* ---- windows ---- */

enum holds { NONE, SOME, ALL };

static struct fth_pass window_of(const struct fth_pass *pass, int window)
{
    struct fth_pass one = *pass;

    one.has_time = true;
    one.time = pass->windows[window];
    return one;
}

static bool splits_days(const struct compiler *c, const struct branch *b)
{
    return c->pass->spread && b->source.at[0]->has_long;
}

static enum holds holds_of(const struct compiler *c, const struct branch *b, int window)
{
    const struct fth_pass pass = window_of(c->pass, window);
    const struct fth_segment *segment = b->source.at[0];

    if (splits_days(c, b))
        return SOME;
    if (!fth_pass_touches(&pass, segment))
        return NONE;
    return fth_pass_holds(&pass, segment) ? ALL : SOME;
}

static void put_inside(struct compiler *c, int window)
{
    const char *column = c->pass->by_billing ? "BillingPeriodStart" : "ChargePeriodStart";

    for (int end = 0; end < 2; end++) {
        int32_t date = end ? c->pass->windows[window].end : c->pass->windows[window].start;

        fth_buf_printf(&c->sql.body, "%s%s %s ", end ? " AND " : "", column, end ? "<" : ">=");
        fth_sql_bind(&c->sql, (struct fth_param){.type = FTH_T_INSTANT, .i64 = date * FTH_DAY_US});
    }
}

/* Days of a charge, and from (a) and to (b) which of them lie in each window. */
static void put_days(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf,
              "CASE WHEN coalesce(ChargePeriodEnd > ChargePeriodStart + INTERVAL 1 DAY, FALSE) "
              "THEN date_diff('day', ChargePeriodStart::DATE, (ChargePeriodEnd - INTERVAL 1 "
              "MICROSECOND)::DATE) + 1 ELSE 1 END AS days, ");
    for (int w = 0; w < FTH_WINDOWS; w++)
        for (int end = 0; end < 2; end++) {
            fth_buf_c(buf, "least(greatest(");
            fth_sql_bind(&c->sql, (struct fth_param){.type = FTH_T_DATE,
                                                     .i64 = end ? c->pass->windows[w].end
                                                                : c->pass->windows[w].start});
            fth_buf_printf(buf, "::DATE - ChargePeriodStart::DATE, 0), days) AS %c%d, ",
                           end ? 'b' : 'a', w);
        }
}

/* "AS w0", "AS w1": is the row in the window? Only where that differs by row. */
static void put_tests(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    if (splits_days(c, b))
        put_days(c);
    for (int w = 0; w < FTH_WINDOWS; w++) {
        if (holds_of(c, b, w) != SOME)
            continue;
        if (splits_days(c, b))
            fth_buf_printf(buf, "b%d > a%d", w, w);
        else
            put_inside(c, w);
        fth_buf_printf(buf, " AS w%d, ", w);
    }
}

/* ---- sums ---- */

static enum fth_slot slot_of(const struct fth_pass *pass)
{
    return (enum fth_slot)__builtin_ctz(pass->slots);
}

/* A whole number of units, or the part of it that falls in a window's days: the first days carry
 * what does not divide (as grid.c has it). */
static void put_units(struct compiler *c, const struct branch *b, int limb, int window)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, "(");
    fth_pass_part(c, b, slot_of(c->pass), limb);
    fth_buf_printf(buf, "%s)::HUGEINT AS u%d%d, ", limb ? "" : " * 10000000000", limb, window);
    if (!splits_days(c, b)) {
        fth_buf_printf(buf, "u%d%d", limb, window);
        return;
    }
    fth_buf_printf(buf,
                   "u%d%d %% days AS r%d%d, u%d%d // days * (b%d - a%d) + CASE WHEN r%d%d < 0 THEN "
                   "-1 ELSE 1 END * (least(b%d, abs(r%d%d)) - least(a%d, abs(r%d%d)))",
                   limb, window, limb, window, limb, window, window, window, limb, window, window,
                   limb, window, window, limb, window);
}

static void put_amount(struct compiler *c, const struct branch *b, int limb, int window)
{
    static const char *const types[] = {"DECIMAL(18,10)", "HUGEINT"};
    struct fth_buf *buf = &c->sql.body;
    enum holds holds = holds_of(c, b, window);

    if (holds == NONE) {
        fth_buf_printf(buf, "NULL::%s", c->pass->spread ? "HUGEINT" : types[limb]);
    } else if (c->pass->spread) {
        put_units(c, b, limb, window);
        fth_buf_printf(buf, " AS v%d%d, ", limb, window);
        if (holds == SOME)
            fth_buf_printf(buf, "CASE WHEN w%d THEN v%d%d END", window, limb, window);
        else
            fth_buf_printf(buf, "v%d%d", limb, window);
    } else {
        if (holds == SOME)
            fth_buf_printf(buf, "CASE WHEN w%d THEN ", window);
        fth_pass_part(c, b, slot_of(c->pass), limb);
        fth_buf_c(buf, holds == SOME ? " END" : "");
    }
    fth_buf_printf(buf, " AS %c%d, ", limb ? 'x' : 'm', window);
}

static void put_quantity(struct compiler *c, const struct branch *b, int window)
{
    struct fth_buf *buf = &c->sql.body;
    enum holds holds = holds_of(c, b, window);

    if (holds == NONE)
        fth_buf_c(buf, "NULL::DOUBLE");
    else
        fth_buf_printf(buf, holds == ALL ? QUANTITY : "CASE WHEN w%d THEN " QUANTITY "%s END",
                       window,
                       !splits_days(c, b) ? ""
                       : window == 0      ? " * (b0 - a0) / days"
                                          : " * (b1 - a1) / days");
    fth_buf_printf(buf, " AS q%d%s", window, window ? "" : ", ");
}

/* ---- rows ---- */

static void put_where(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;
    enum fth_slot slot = slot_of(c->pass);
    enum holds now = holds_of(c, b, 0), before = holds_of(c, b, 1);

    fth_buf_printf(buf, " FROM %s WHERE TRUE", b->source.at[0]->table);
    if (!splits_days(c, b) && now != ALL && before != ALL) {
        fth_buf_c(buf, " AND (");
        if (now == SOME)
            put_inside(c, 0);
        fth_buf_c(buf, now == SOME && before == SOME ? " OR " : "");
        if (before == SOME)
            put_inside(c, 1);
        fth_buf_c(buf, now == NONE && before == NONE ? "FALSE)" : ")");
    }
    if (slot == FTH_SLOT_CREDIT || slot == FTH_SLOT_UNTAGGED) {
        fth_buf_c(buf, " AND (");
        fth_pass_part(c, b, slot, false);
        fth_buf_c(buf, ") IS NOT NULL");
    }
    if (c->pass->cond) {
        fth_buf_c(buf, " AND ");
        fth_sql_cond(&c->sql, c->pass->cond, &b->source, false);
    }
    fth_sql_scope(&c->sql, c->env, &b->source);
    if (c->pass->part)
        fth_part_cond(c->pass, &c->sql);
}

/* The sums by their names, a comma in front of each. */
static void put_sum_names(struct compiler *c)
{
    fth_buf_c(&c->sql.body, c->tail ? ", m0, x0, q0, m1, x1, q1" : ", m0, q0, m1, q1");
}

/* The inner SELECT also names what only some segments need, so an outer one takes its pick. */
static void put_branch(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, "SELECT ");
    fth_pass_key_names(c);
    fth_buf_c(buf, STORED ", raw, lacks");
    put_sum_names(c);
    fth_buf_c(buf, " FROM (SELECT ");
    fth_pass_keys(c, b);
    fth_buf_c(buf, STORED ", " KIND_UNLESS("") " AS raw, " LACKS " AS lacks, ");
    put_tests(c, b);
    for (int w = 0; w < FTH_WINDOWS; w++) {
        for (int limb = 0; limb <= (c->tail ? 1 : 0); limb++)
            put_amount(c, b, limb, w);
        put_quantity(c, b, w);
    }
    put_where(c, b);
    fth_buf_char(buf, ')');
}

/* Quantities that cancel each other out leave a residue that depends on the order of the charges:
 * far below what a double holds of them, it is nothing. */
static void put_quantity_sum(struct fth_buf *buf, int window)
{
    fth_buf_printf(buf,
                   ", CASE WHEN abs(fsum(q%d)) < sum(abs(q%d)) * 1e-13 THEN 0 ELSE fsum(q%d) END "
                   "AS q%d",
                   window, window, window, window);
}

static void put_sums(struct compiler *c)
{
    for (int w = 0; w < FTH_WINDOWS; w++) {
        fth_buf_printf(&c->sql.body, ", sum(m%d) AS m%d", w, w);
        if (c->tail)
            fth_buf_printf(&c->sql.body, ", sum(x%d) AS x%d", w, w);
        put_quantity_sum(&c->sql.body, w);
    }
}

/* Sums by what charges have stored, then named: kind, price and unit. */
static void put_groups(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, "SELECT ");
    fth_pass_key_names(c);
    fth_buf_c(buf, "CASE WHEN raw = 1 AND (lacks = 3 OR NOT " NAMED
                   ") THEN 6 ELSE raw END AS kind, CASE WHEN kind = 1 THEN " PRICE
                   " END AS price, CASE WHEN kind = 1 THEN " UNIT_IF("lacks = 1") " END AS unit");
    put_sum_names(c);
    fth_buf_c(buf, " FROM (SELECT ");
    fth_pass_key_names(c);
    fth_buf_c(buf, STORED ", raw, lacks");
    put_sums(c);
    fth_buf_c(buf, " FROM (");
    for (size_t i = 0; i < c->out->segments.nr; i++) {
        const struct branch b = {
            .source = {.kind = FTH_SERVED_FACTS, .at = &c->out->segments.at[i], .nr = 1},
            .cube = -1};

        fth_buf_c(buf, i ? " UNION ALL " : "");
        put_branch(c, &b);
    }
    fth_buf_c(buf, ") GROUP BY ");
    fth_pass_key_names(c);
    fth_buf_c(buf, STORED ", raw, lacks)");
}

/* By the keys as the answer has them. */
static void put_answer(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;
    size_t nr = c->pass->key_nr;

    fth_buf_c(buf, " SELECT ");
    for (size_t i = 0; i < nr; i++)
        fth_pass_outer_key(c, i);
    fth_buf_c(buf,
              c->currency.p ? "kind::INTEGER AS kind, unit" : "cur, kind::INTEGER AS kind, unit");
    put_sums(c);
    fth_buf_c(buf, " FROM (");
    put_groups(c);
    fth_buf_c(buf, ") u");
    if (c->needs.tags)
        fth_buf_c(buf, " LEFT JOIN tag_set g ON g.TagSetId = u.ts");
    fth_buf_c(buf, " GROUP BY ");
    for (size_t i = 0; i < nr; i++)
        fth_buf_printf(buf, "d%zu, ", i);
    fth_buf_c(buf, c->currency.p ? "kind, price, unit" : "cur, kind, price, unit");
}

/* Those of both windows, and of the charges that reach into them. */
static enum fth_rc segments_of(const struct fth_query_env *env, const struct fth_pass *pass,
                               struct fth_segment_vec *out, struct fth_err *err)
{
    struct fth_pass passes[2 * FTH_WINDOWS];
    size_t nr = 0;

    for (int w = 0; w < FTH_WINDOWS; w++) {
        passes[nr++] = window_of(pass, w);
        if (!pass->spread)
            continue;
        passes[nr] = passes[nr - 1];
        passes[nr++].long_only = true;
    }
    return fth_query_segments(env, passes, nr, out, err);
}

static void prepare(struct compiler *c)
{
    const struct fth_segment_vec *all = &c->out->segments;

    c->from_facts = true;
    c->currency = fth_segments_currency(all);
    for (size_t i = 0; i < all->nr; i++) {
        c->tail |= all->at[i]->has_tail;
        c->out->fact_rows += all->at[i]->rows;
    }
    for (size_t i = 0; i < c->pass->key_nr; i++)
        c->needs.tags |= fth_dim_is_tag(&c->pass->keys[i]) && c->pass->keys[i].tag_key_nr > 0;
    c->out->served = FTH_SERVED_FACTS;
}

enum fth_rc fth_query_compile_parts(struct fth_query_env *env, const struct fth_pass *pass,
                                    struct fth_statement *out, struct fth_err *err)
{
    struct compiler c = {.env = env, .pass = pass, .out = out, .err = err};

    *out = (struct fth_statement){0};
    if (segments_of(env, pass, &out->segments, err) || out->segments.nr == 0)
        return err->rc;
    prepare(&c);
    c.sql = fth_sql_begin(env, err);
    if (pass->part)
        fth_part_with(env, pass, &c.sql);
    fth_pass_with_untagged(&c);
    put_answer(&c);
    return fth_pass_end(&c);
}

/* ---- the charges of a part ---- */

static bool is_of_prices(enum fth_part part)
{
    return part != FTH_PART_COMMITMENT && part != FTH_PART_CREDIT;
}

void fth_part_with(struct fth_query_env *env, const struct fth_pass *pass, struct fth_sql *sql)
{
    struct fth_statement all = {0};
    struct fth_pass keyless = *pass;
    struct compiler c = {.env = env, .pass = &keyless, .out = &all, .err = sql->err};
    struct fth_buf body = sql->body;

    if (!is_of_prices(pass->part) || segments_of(env, pass, &all.segments, sql->err))
        return;
    keyless.key_nr = 0;
    keyless.grain = FTH_GRAIN_NONE; /* prices are compared over the whole of both ranges */
    keyless.part = FTH_PART_ANY;
    keyless.slots = 1u << FTH_SLOT_EFFECTIVE; /* some cost: it is not looked at */
    c.sql = *sql;
    c.sql.body = fth_buf_max(FTH_SQL_MAX);
    if (all.segments.nr) {
        prepare(&c);
        c.currency = (struct fth_str){0};
        put_groups(&c);
    }
    fth_buf_c(&c.sql.with, c.sql.with_nr++ ? ", " : "WITH ");
    fth_buf_c(&c.sql.with, "part_prices AS MATERIALIZED (SELECT cur, price, unit FROM (SELECT cur, "
                           "price, unit, kind");
    for (int w = 0; w < FTH_WINDOWS; w++)
        put_quantity_sum(&c.sql.with, w);
    fth_buf_c(&c.sql.with, " FROM (");
    if (all.segments.nr)
        fth_buf_move(&c.sql.with, &c.sql.body);
    else
        fth_buf_c(&c.sql.with,
                  "SELECT '' AS cur, '' AS price, '' AS unit, 0 AS kind, 0 AS q0, 0 AS q1");
    fth_buf_printf(&c.sql.with, ") GROUP BY ALL) WHERE kind = 1 AND " SUMMED " = %d)",
                   (int)pass->part);
    fth_buf_release(&c.sql.body);
    *sql = c.sql;
    sql->body = body;
}

void fth_part_cond(const struct fth_pass *pass, struct fth_sql *sql)
{
    struct fth_buf *buf = &sql->body;

    if (!is_of_prices(pass->part)) {
        fth_buf_printf(buf, " AND " KIND " = %d", (int)pass->part);
        return;
    }
    fth_buf_c(buf, pass->part == FTH_PART_OTHER ? " AND (" KIND " = 6 OR " : " AND (");
    fth_buf_c(buf, KIND " = 1 AND (coalesce(BillingCurrency, ''), " PRICE ", " UNIT
                        ") IN (SELECT (coalesce(cur, ''), price, unit) FROM part_prices))");
}
