/* The text of a pass: branches over segments, what groups them, and what an answer shows of it.
 *
 * Facts whose keys are the same for all segments are grouped once, over the rows of all of them;
 * where a bucket or key is a literal of its segment, each segment is grouped for itself, which the
 * engine does several times quicker than with one key more. What is grouped already is grouped
 * again only when several such blocks or keys of the dictionary make it necessary. */
#include "base/check.h"
#include "plan/query_int.h"

enum { LITERAL_BUCKETS = 8 };

static const struct {
    const char *column; /* of facts, cubes and roll-up; the tail's has "Tail" behind it */
} money_slots[FTH_SLOT_MONEY_NR] = {
    [FTH_SLOT_EFFECTIVE] = {"EffectiveCost"}, [FTH_SLOT_BILLED] = {"BilledCost"},
    [FTH_SLOT_LIST] = {"ListCost"},           [FTH_SLOT_CONTRACTED] = {"ContractedCost"},
    [FTH_SLOT_CREDIT] = {"BilledCost"},       [FTH_SLOT_UNTAGGED] = {"EffectiveCost"},
};

static bool has_slot(const struct fth_pass *pass, enum fth_slot slot)
{
    return pass->slots >> slot & 1;
}

static bool has_bucket(const struct compiler *c)
{
    return c->pass->grain != FTH_GRAIN_NONE && !c->pass->long_only;
}

/* ---- keys and buckets ---- */

static void put_date(struct fth_buf *buf, int32_t date)
{
    fth_buf_c(buf, "DATE '");
    fth_date_put(buf, date);
    fth_buf_char(buf, '\'');
}

/* The dates that the pass can find in the segment, both included; false: not known. */
static bool dates_of(const struct fth_pass *pass, const struct fth_segment *segment, int32_t *from,
                     int32_t *to)
{
    *from = segment->charge_from;
    *to = segment->charge_to;
    if (pass->by_billing) {
        *from = *to = fth_month_first_date(segment->billing_month);
        return fth_month_known(segment);
    }
    if (pass->has_time) {
        *from = *from < pass->time.start ? pass->time.start : *from;
        *to = *to >= pass->time.end ? pass->time.end - 1 : *to;
    }
    return true;
}

static bool one_bucket(const struct fth_pass *pass, const struct fth_segment *segment)
{
    int32_t from, to;

    return pass->grain != FTH_GRAIN_HOUR && dates_of(pass, segment, &from, &to) &&
           fth_bucket(pass->grain, from) == fth_bucket(pass->grain, to);
}

/* Few buckets are told apart by comparing with where they end: truncating dates costs many times
 * that. */
static bool put_literals(struct compiler *c, const struct branch *b)
{
    const struct fth_pass *pass = c->pass;
    struct fth_buf *buf = &c->sql.body;
    int32_t from, to, last;

    if (b->source.nr != 1 || pass->grain == FTH_GRAIN_HOUR ||
        (pass->grain == FTH_GRAIN_DAY && !pass->by_billing) ||
        !dates_of(pass, b->source.at[0], &from, &to))
        return false;
    last = fth_bucket(pass->grain, to);
    if (last - fth_bucket(pass->grain, from) >
        (LITERAL_BUCKETS - 1) * (pass->grain == FTH_GRAIN_WEEK ? 7 : 28))
        return false;
    if (fth_bucket(pass->grain, from) == last) {
        put_date(buf, last);
        return true;
    }
    if (b->source.kind != FTH_SERVED_FACTS)
        return false;
    fth_buf_c(buf, "CASE");
    for (int32_t at = last; at > from; at = fth_bucket(pass->grain, at - 1)) {
        fth_buf_c(buf, " WHEN ChargePeriodStart >= TIMESTAMP '");
        fth_date_put(buf, at);
        fth_buf_c(buf, "' THEN ");
        put_date(buf, at);
    }
    fth_buf_c(buf, " ELSE ");
    put_date(buf, fth_bucket(pass->grain, from));
    fth_buf_c(buf, " END");
    return true;
}

static void put_bucket(struct compiler *c, const struct branch *b)
{
    const struct fth_pass *pass = c->pass;
    struct fth_buf *buf = &c->sql.body;
    const char *day = b->source.kind == FTH_SERVED_CUBE     ? "Day"
                      : b->source.kind == FTH_SERVED_ROLLUP ? "Month"
                      : pass->by_billing                    ? "BillingPeriodStart::DATE"
                                                            : "ChargePeriodStart::DATE";

    if (put_literals(c, b))
        return;
    if (pass->grain == FTH_GRAIN_HOUR)
        fth_buf_c(buf, "date_trunc('hour', ChargePeriodStart)");
    else if (pass->grain == FTH_GRAIN_DAY)
        fth_buf_c(buf, day);
    else
        fth_buf_printf(buf, "date_trunc('%s', %s)::DATE", fth_grain_name(pass->grain), day);
}

static void put_key(struct compiler *c, const struct fth_dim *dim, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;
    const struct fth_segment *segment = b->source.at[0];
    struct fth_str text = {0};
    char month[FTH_MONTH_TEXT];

    if (dim->kind == FTH_DIMENSION_COLUMN) {
        fth_buf_c(buf, fth_sql_column(&b->source, dim->info->column));
    } else if (dim->kind == FTH_DIMENSION_SOURCE) {
        fth_sql_bind_text(&c->sql, segment->source);
        fth_buf_c(buf, "::VARCHAR");
    } else if (!fth_month_known(segment)) {
        fth_buf_c(buf, "strftime(BillingPeriodStart, '%Y-%m')");
    } else {
        fth_arena_str(c->env->arena, fth_month_text(segment->billing_month, month), &text, c->err);
        fth_sql_bind_text(&c->sql, text);
        fth_buf_c(buf, "::VARCHAR");
    }
}

/* Keys as a branch has them, each behind a comma or nothing: kN, the tag set or the tag when some
 * key is one, the resource, the bucket, and the currency unless all have the same. */
void fth_pass_keys(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    for (size_t i = 0; i < c->pass->key_nr; i++) {
        if (fth_dim_is_tag(&c->pass->keys[i]))
            continue;
        put_key(c, &c->pass->keys[i], b);
        fth_buf_printf(buf, " AS k%zu, ", i);
    }
    if (c->needs.tags && c->from_facts)
        fth_buf_c(buf, b->source.tag.n ? "NULL::INTEGER AS ts, " : "TagSetId AS ts, ");
    if (c->needs.tags && c->from_cube_by_tag)
        fth_buf_c(buf, b->source.tag.n ? "k1 AS tag, " : "NULL::VARCHAR AS tag, ");
    if (has_slot(c->pass, FTH_SLOT_RESOURCES))
        fth_buf_c(buf, "ResourceId AS r, ");
    if (has_bucket(c)) {
        put_bucket(c, b);
        fth_buf_c(buf, " AS t, ");
    }
    if (!c->currency.p)
        fth_buf_c(buf, "BillingCurrency AS cur, ");
}

/* The names of the same, each with a comma behind it. */
void fth_pass_key_names(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    for (size_t i = 0; i < c->pass->key_nr; i++)
        if (!fth_dim_is_tag(&c->pass->keys[i]))
            fth_buf_printf(buf, "k%zu, ", i);
    fth_buf_c(buf, c->needs.tags && c->from_facts ? "ts, " : "");
    fth_buf_c(buf, c->needs.tags && c->from_cube_by_tag ? "tag, " : "");
    fth_buf_c(buf, has_slot(c->pass, FTH_SLOT_RESOURCES) ? "r, " : "");
    fth_buf_c(buf, has_bucket(c) ? "t, " : "");
    fth_buf_c(buf, c->currency.p ? "" : "cur, ");
}

/* Are there names at all? A sum without a key has a row over nothing. */
static bool has_key_names(const struct compiler *c)
{
    for (size_t i = 0; i < c->pass->key_nr; i++)
        if (!fth_dim_is_tag(&c->pass->keys[i]))
            return true;
    return c->needs.tags || has_slot(c->pass, FTH_SLOT_RESOURCES) || has_bucket(c) ||
           !c->currency.p;
}

/* " GROUP BY " the names. */
static void put_grouping(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    if (!has_key_names(c))
        return;
    fth_buf_c(buf, " GROUP BY ");
    fth_pass_key_names(c);
    fth_buf_cut(buf, 2); /* the last comma */
}

/* ---- sums ---- */

static void put_untagged(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    if (!c->pass->untagged)
        fth_buf_c(buf, "TagSetId = 0");
    else if (c->pass->untagged->tag_key_nr == 0)
        fth_buf_c(buf, "TRUE");
    else if (b->source.tag.n)
        fth_buf_c(buf, "k1 IS NULL");
    else
        fth_buf_c(buf, "TagSetId NOT IN (SELECT TagSetId FROM tags_0)");
}

static bool tail_in(const struct branch *b)
{
    for (size_t i = 0; i < b->source.nr; i++)
        if (b->source.at[i]->has_tail)
            return true;
    return false;
}

/* A charge's part of a slot: its column, null where it does not count. */
void fth_pass_part(struct compiler *c, const struct branch *b, enum fth_slot slot, bool tail)
{
    struct fth_buf *buf = &c->sql.body;
    bool some = slot == FTH_SLOT_CREDIT || slot == FTH_SLOT_UNTAGGED;

    if (tail && !tail_in(b)) {
        fth_buf_c(buf, "0::HUGEINT");
        return;
    }
    if (some)
        fth_buf_c(buf, "CASE WHEN ");
    if (slot == FTH_SLOT_CREDIT)
        fth_buf_printf(buf, "(%s = 'Credit' OR %s IS NOT NULL)",
                       fth_sql_column(&b->source, "ChargeCategory"),
                       fth_sql_column(&b->source, "x_CreditType"));
    else if (slot == FTH_SLOT_UNTAGGED)
        put_untagged(c, b);
    if (some)
        fth_buf_c(buf, " THEN ");
    fth_buf_printf(buf, "%s%s", money_slots[slot].column, tail ? "Tail" : "");
    if (some)
        fth_buf_c(buf, " END");
}

/* Heads mN and, if the pass has any, tails xN, of the rows as they are. */
static void put_parts(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;
    bool counts = has_slot(c->pass, FTH_SLOT_CHARGES) || !has_key_names(c);

    if (b->source.kind == FTH_SERVED_FACTS)
        fth_buf_c(buf, counts ? "1 AS n" : "0 AS n");
    else
        fth_buf_c(buf, "ChargeCount AS n");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        for (int tail = 0; tail <= (c->tail ? 1 : 0) && has_slot(c->pass, slot); tail++) {
            fth_buf_c(buf, ", ");
            fth_pass_part(c, b, (enum fth_slot)slot, tail);
            fth_buf_printf(buf, " AS %c%u", tail ? 'x' : 'm', slot);
        }
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", ConsumedQuantity AS q, CASE WHEN ConsumedQuantity IS NOT NULL THEN "
                       "coalesce(ConsumedUnit, '') END AS u0");
    if (has_slot(c->pass, FTH_SLOT_DAYS))
        fth_buf_c(buf, b->source.kind == FTH_SERVED_CUBE     ? ", Day AS f0, Day AS f1"
                       : b->source.kind == FTH_SERVED_ROLLUP ? ", FirstDay AS f0, LastDay AS f1"
                                                             : ", ChargePeriodStart AS f0, "
                                                               "ChargePeriodStart AS f1");
}

/* ---- branches ---- */

static void put_from(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    switch (b->source.kind) {
    case FTH_SERVED_CUBE:
        fth_buf_printf(buf, " FROM cube_day WHERE Cube = %d AND Segment IN (", b->cube);
        break;
    case FTH_SERVED_ROLLUP:
        fth_buf_c(buf, " FROM resource_month WHERE Segment IN (");
        break;
    default:
        fth_buf_printf(buf, " FROM %s WHERE TRUE", b->source.at[0]->table);
        return;
    }
    fth_sql_segment_list(buf, b->source.at, b->source.nr);
    fth_buf_char(buf, ')');
}

static void put_time(struct compiler *c, const struct branch *b)
{
    const struct fth_pass *pass = c->pass;
    struct fth_buf *buf = &c->sql.body;
    bool facts = b->source.kind == FTH_SERVED_FACTS, all = true;
    const char *column = b->source.kind == FTH_SERVED_CUBE     ? "Day"
                         : b->source.kind == FTH_SERVED_ROLLUP ? "Month"
                         : pass->by_billing                    ? "BillingPeriodStart"
                                                               : "ChargePeriodStart";

    for (size_t i = 0; i < b->source.nr; i++)
        all &= fth_pass_holds(pass, b->source.at[i]);
    if (all)
        return;
    for (int end = 0; end < 2; end++) {
        int32_t date = end ? pass->time.end : pass->time.start;

        fth_buf_printf(buf, " AND %s %s ", column, end ? "<" : ">=");
        fth_sql_bind(&c->sql,
                     facts ? (struct fth_param){.type = FTH_T_INSTANT, .i64 = date * FTH_DAY_US}
                           : (struct fth_param){.type = FTH_T_DATE, .i64 = date});
    }
}

#define LONG "coalesce(" FTH_SQL_LONG ", FALSE)"

static void put_where(struct compiler *c, const struct branch *b)
{
    const struct fth_pass *pass = c->pass;
    struct fth_buf *buf = &c->sql.body;

    put_from(c, b);
    if (!pass->long_only)
        put_time(c, b);
    if (pass->long_only)
        fth_buf_c(buf, " AND " LONG);
    else if (pass->spread && b->source.at[0]->has_long)
        fth_buf_c(buf, " AND NOT " LONG);
    if (pass->cond) {
        fth_buf_c(buf, " AND ");
        fth_sql_cond(&c->sql, pass->cond, &b->source, false);
    }
    fth_sql_scope(&c->sql, c->env, &b->source);
    if (pass->part)
        fth_part_cond(pass, &c->sql);
}

/* The rows of one branch: keys and parts. */
static void put_branch(struct compiler *c, const struct branch *b)
{
    fth_buf_c(&c->sql.body, "SELECT ");
    fth_pass_keys(c, b);
    put_parts(c, b);
    put_where(c, b);
}

/* A charge that is spread is a row of its own: each is split exactly, whatever it is grouped by. */
static void put_long_branch(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, "SELECT ");
    fth_pass_keys(c, b);
    fth_buf_c(buf, "1::BIGINT AS n, ChargePeriodStart::DATE AS first, "
                   "date_diff('day', ChargePeriodStart::DATE, (ChargePeriodEnd - INTERVAL 1 "
                   "MICROSECOND)::DATE) + 1 AS days");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++) {
        if (!has_slot(c->pass, (enum fth_slot)slot))
            continue;
        for (int limb = 0; limb <= (c->tail ? 1 : 0); limb++) {
            fth_buf_c(buf, ", (");
            fth_pass_part(c, b, (enum fth_slot)slot, limb);
            fth_buf_printf(buf, ")::%s AS %c%u", limb ? "HUGEINT" : "DECIMAL(38,10)",
                           limb ? 'x' : 'm', slot);
        }
    }
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", ConsumedQuantity AS q, CASE WHEN ConsumedQuantity IS NOT NULL THEN "
                       "coalesce(ConsumedUnit, '') END AS u0, u0 AS u1");
    put_where(c, b);
}

/* ---- blocks ---- */

/* The sums over the rows of a block's branches, in front of them. */
static void put_sums(struct compiler *c, bool facts)
{
    struct fth_buf *buf = &c->sql.body;
    bool counts = has_slot(c->pass, FTH_SLOT_CHARGES) || !has_key_names(c);

    fth_buf_c(buf, c->block_nr++ ? " UNION ALL SELECT " : "SELECT ");
    fth_pass_key_names(c);
    fth_buf_c(buf, !counts ? "1::BIGINT AS n" : facts ? "count(*) AS n" : "sum(n)::BIGINT AS n");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot))
            fth_buf_printf(buf,
                           c->tail ? ", sum(m%u) AS m%u, sum(x%u) AS x%u" : ", sum(m%u) AS m%u",
                           slot, slot, slot, slot);
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", fsum(q) AS q, min(u0) AS u0, max(u0) AS u1");
    if (has_slot(c->pass, FTH_SLOT_DAYS))
        fth_buf_c(buf, ", min(f0) AS f0, max(f1) AS f1");
    fth_buf_c(buf, " FROM (");
}

/* Is it a segment of facts that is grouped for itself, since its bucket or a key is a literal? */
static bool stands_alone(const struct compiler *c, const struct branch *b)
{
    return b->source.kind == FTH_SERVED_FACTS &&
           (c->needs.segment || (has_bucket(c) && one_bucket(c->pass, b->source.at[0])));
}

/* Cubes and roll-up are tables of all segments: one branch for those that the same one serves,
 * unless a key differs by segment. */
static bool shares(const struct compiler *c, const struct branch *b)
{
    return b->source.kind != FTH_SERVED_FACTS && !c->needs.segment && !c->pass->by_billing;
}

static bool same_source(const struct branch *a, const struct branch *b)
{
    return a->source.kind == b->source.kind && a->cube == b->cube;
}

/* The branch of the i-th segment and of those that share it; false: an earlier one has it. */
static bool gather_branch(struct compiler *c, const struct branch *chosen, size_t i,
                          struct branch *out)
{
    const struct fth_segment_vec *all = &c->out->segments;
    struct fth_segment_vec of = fth_segment_vec_in(c->env->arena);
    bool shared = shares(c, &chosen[i]);

    for (size_t k = 0; k < i && shared; k++)
        if (same_source(&chosen[k], &chosen[i]))
            return false;
    fth_segment_vec_push(&of, all->at[i], c->err);
    for (size_t k = i + 1; k < all->nr && shared && !c->err->rc; k++)
        if (same_source(&chosen[k], &chosen[i]))
            fth_segment_vec_push(&of, all->at[k], c->err);
    if (c->err->rc)
        return false;
    FTH_CHECK(of.nr > 0 && of.at);
    *out = chosen[i];
    out->source.at = of.at;
    out->source.nr = of.nr;
    return true;
}

/* One block of all branches of facts (or of what is derived) that do not stand alone. */
static void put_block(struct compiler *c, const struct branch *chosen, bool facts)
{
    size_t nr = 0;

    for (size_t i = 0; i < c->out->segments.nr && !c->err->rc; i++) {
        struct branch b;

        if ((chosen[i].source.kind == FTH_SERVED_FACTS) != facts ||
            !gather_branch(c, chosen, i, &b) || stands_alone(c, &b))
            continue;
        if (nr++)
            fth_buf_c(&c->sql.body, " UNION ALL ");
        else
            put_sums(c, facts);
        put_branch(c, &b);
    }
    if (nr) {
        fth_buf_c(&c->sql.body, ")");
        put_grouping(c);
    }
}

static void put_blocks(struct compiler *c, const struct branch *chosen)
{
    for (size_t i = 0; i < c->out->segments.nr && !c->err->rc; i++) {
        struct branch b;

        if (c->pass->long_only ? !gather_branch(c, chosen, i, &b)
                               : chosen[i].source.kind != FTH_SERVED_FACTS ||
                                     !gather_branch(c, chosen, i, &b) || !stands_alone(c, &b))
            continue;
        if (c->pass->long_only) {
            fth_buf_c(&c->sql.body, c->block_nr++ ? " UNION ALL " : "");
            put_long_branch(c, &b);
            continue;
        }
        put_sums(c, true);
        put_branch(c, &b);
        fth_buf_c(&c->sql.body, ")");
        put_grouping(c);
    }
    if (c->pass->long_only)
        return;
    put_block(c, chosen, true);
    put_block(c, chosen, false);
}

/* ---- what the answer has ---- */

/* The value of a tag: of the dictionary's set in rows of facts, as it is in rows of its cube. */
static void put_outer_tag(struct compiler *c, const struct fth_dim *dim)
{
    struct fth_buf *buf = &c->sql.body;

    if (dim->tag_key_nr && c->from_cube_by_tag && c->from_facts) {
        fth_buf_c(buf, "coalesce(u.tag, ");
        fth_sql_tag(&c->sql, buf, dim, "g");
        fth_buf_char(buf, ')');
    } else if (dim->tag_key_nr && c->from_cube_by_tag) {
        fth_buf_c(buf, "u.tag");
    } else {
        fth_sql_tag(&c->sql, buf, dim, "g");
    }
}

/* A key as the answer has it: tags by value, named values by our id. */
void fth_pass_outer_key(struct compiler *c, size_t i)
{
    const struct fth_dim *dim = &c->pass->keys[i];
    struct fth_buf *buf = &c->sql.body;

    if (fth_dim_is_tag(dim)) {
        put_outer_tag(c, dim);
    } else if (dim->info && fth_value_has(dim->info->id)) {
        fth_buf_printf(buf, "CASE lower(u.k%zu)", i);
        for (size_t v = 0; v < fth_value_nr(); v++) {
            const struct fth_value *value = fth_value_at(v);
            struct fth_str names = fth_str_c(value->aliases), name = fth_str_c(value->id);

            if (!fth_str_eq_c(fth_str_c(dim->info->id), value->dimension))
                continue;
            for (int label = 1; name.n; label = 0) {
                fth_buf_c(buf, " WHEN lower(");
                fth_sql_bind_text(&c->sql, name);
                fth_buf_c(buf, ") THEN ");
                fth_sql_bind_text(&c->sql, fth_str_c(value->id));
                if (label)
                    name = fth_str_c(value->label);
                else if (!fth_value_next_alias(&names, &name))
                    break;
            }
        }
        fth_buf_printf(buf, " ELSE u.k%zu END", i);
    } else {
        fth_buf_printf(buf, "u.k%zu", i);
    }
    fth_buf_printf(buf, " AS d%zu, ", i);
}

/* Does a group of the blocks become part of a larger one? */
static bool regroups(const struct compiler *c, const struct branch *chosen)
{
    size_t alone = 0, facts = 0, derived = 0;

    for (size_t i = 0; i < c->pass->key_nr; i++)
        if (c->pass->keys[i].info && fth_value_has(c->pass->keys[i].info->id))
            return true;
    for (size_t i = 0; i < c->out->segments.nr; i++) {
        struct branch b = chosen[i];

        b.source.at = &c->out->segments.at[i];
        b.source.nr = 1;
        if (stands_alone(c, &b))
            alone++;
        else if (b.source.kind == FTH_SERVED_FACTS)
            facts = 1;
        else
            derived = 1;
    }
    return c->needs.tags || has_slot(c->pass, FTH_SLOT_RESOURCES) || alone + facts + derived > 1;
}

static void put_outer_sums(struct compiler *c, bool regroups)
{
    struct fth_buf *buf = &c->sql.body;
    const char *sum = regroups ? "sum" : "";

    fth_buf_printf(buf, "%s(u.n)::BIGINT AS n", sum);
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot)) {
            fth_buf_printf(buf, ", %s(u.m%u) AS m%u", sum, slot, slot);
            if (c->tail)
                fth_buf_printf(buf, ", %s(u.x%u) AS x%u", sum, slot, slot);
        }
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, regroups ? ", fsum(u.q) AS q, min(u.u0) AS u0, max(u.u1) AS u1"
                                : ", u.q, u.u0, u.u1");
    if (has_slot(c->pass, FTH_SLOT_RESOURCES))
        fth_buf_c(buf, ", count(DISTINCT u.r) AS r");
    if (has_slot(c->pass, FTH_SLOT_DAYS))
        fth_buf_printf(buf, ", %s(u.f0)::DATE AS f0, %s(u.f1)::DATE AS f1", regroups ? "min" : "",
                       regroups ? "max" : "");
}

static void put_outer_long(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, "u.n, u.first, u.days");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot))
            fth_buf_printf(buf, c->tail ? ", u.m%u, u.x%u" : ", u.m%u", slot, slot);
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", u.q, u.u0, u.u1");
}

static void put_outer(struct compiler *c, bool regroups)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, " SELECT ");
    for (size_t i = 0; i < c->pass->key_nr; i++)
        fth_pass_outer_key(c, i);
    if (has_bucket(c))
        fth_buf_c(buf, "u.t AS t, ");
    if (!c->currency.p)
        fth_buf_c(buf, "u.cur AS cur, ");
    if (c->pass->long_only)
        put_outer_long(c);
    else
        put_outer_sums(c, regroups);
    fth_buf_c(buf, " FROM (");
}

/* Keys by their place; none where nothing differs. */
static void put_outer_grouping(struct compiler *c)
{
    size_t nr = c->pass->key_nr + has_bucket(c) + !c->currency.p;

    for (size_t i = 1; i <= nr; i++)
        fth_buf_printf(&c->sql.body, "%s%zu", i == 1 ? " GROUP BY " : ", ", i);
}

/* The sets that have the tag whose lack is summed: tags_0. */
void fth_pass_with_untagged(struct compiler *c)
{
    struct fth_buf *with = &c->sql.with;

    if (!has_slot(c->pass, FTH_SLOT_UNTAGGED) || !c->pass->untagged ||
        !c->pass->untagged->tag_key_nr || !c->from_facts)
        return;
    fth_buf_c(with, c->sql.with_nr++ ? "," : "WITH");
    fth_buf_c(with, " tags_0 AS MATERIALIZED (SELECT s.TagSetId FROM tag_set s WHERE ");
    fth_sql_tag(&c->sql, with, c->pass->untagged, "s");
    fth_buf_c(with, " IS NOT NULL)");
}

/* ---- the first rows alone ---- */

static void put_top_order(struct compiler *c)
{
    const struct fth_top *top = c->pass->top;
    struct fth_buf *buf = &c->sql.body;
    const char *dir = top->desc ? "DESC" : "ASC";

    fth_buf_c(buf, " ORDER BY ");
    if (top->by_time_first && has_bucket(c))
        fth_buf_c(buf, "t, ");
    if (top->by < FTH_SLOT_MONEY_NR)
        fth_buf_printf(buf, "coalesce(m%u, 0) %s", (unsigned)top->by, dir);
    else
        fth_buf_printf(buf, "%s %s", top->by == FTH_SLOT_CHARGES ? "n" : "r", dir);
    if (!top->by_time_first && has_bucket(c))
        fth_buf_c(buf, ", t");
    for (size_t i = 0; i < c->pass->key_nr; i++)
        fth_buf_printf(buf, ", d%zu ASC NULLS LAST", i);
    if (!c->currency.p)
        fth_buf_c(buf, ", cur ASC NULLS FIRST");
}

/* Wraps the statement: its first rows (z is 0), and a line of totals a currency, whose z is the
 * number of groups. What is not asked for is never brought out of the engine. */
static void put_top(struct compiler *c)
{
    const struct fth_top *top = c->pass->top;
    struct fth_buf *with = &c->sql.with, *buf = &c->sql.body;

    fth_buf_c(with, c->sql.with_nr++ ? ", " : "WITH ");
    fth_buf_c(with, "g AS MATERIALIZED (");
    fth_buf_move(with, buf);
    fth_buf_c(with, ")");
    fth_buf_c(buf, " SELECT 0::BIGINT AS z, * FROM (SELECT * FROM g");
    put_top_order(c);
    fth_buf_printf(buf, " LIMIT %lld OFFSET %lld) UNION ALL SELECT count(*)", (long long)top->limit,
                   (long long)top->offset);
    for (size_t i = 0; i < c->pass->key_nr; i++)
        fth_buf_c(buf, ", NULL::VARCHAR");
    if (has_bucket(c))
        fth_buf_c(buf, c->pass->grain == FTH_GRAIN_HOUR ? ", NULL::TIMESTAMP" : ", NULL::DATE");
    fth_buf_c(buf, c->currency.p ? ", sum(n)::BIGINT" : ", cur, sum(n)::BIGINT");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot))
            fth_buf_printf(buf, ", sum(m%u)", slot);
    if (has_slot(c->pass, FTH_SLOT_RESOURCES))
        fth_buf_c(buf, ", CASE WHEN count(*) = 1 THEN any_value(r) ELSE -1 END");
    fth_buf_c(buf, c->currency.p ? " FROM g HAVING count(*) > 0" : " FROM g GROUP BY cur");
    c->out->topped = true;
}

void fth_pass_text(struct compiler *c, const struct branch *chosen)
{
    bool again = !c->pass->long_only && regroups(c, chosen);

    if (c->pass->part)
        fth_part_with(c->env, c->pass, &c->sql);
    fth_pass_with_untagged(c);
    put_outer(c, again);
    put_blocks(c, chosen);
    fth_buf_c(&c->sql.body, ") u");
    if (c->needs.tags && c->from_facts)
        fth_buf_c(&c->sql.body, " LEFT JOIN tag_set g ON g.TagSetId = u.ts");
    if (again)
        put_outer_grouping(c);
    if (c->pass->top && !c->tail)
        put_top(c);
}
