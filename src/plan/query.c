/* From a pass to its statement: which segments, from which source, and the text. */
#include "plan/query.h"

#include "base/check.h"
#include "plan/sql_int.h"

static const struct {
    int id;
    const char *k1, *k2;
} cubes[] = {
#define FTH_CUBE(id, k1, k2) {id, k1, k2},
#include "ledger/cube.def"
#undef FTH_CUBE
};

static const struct {
    const char *column; /* of facts, cubes and roll-up; the tail's has "Tail" behind it */
} money_slots[FTH_SLOT_MONEY_NR] = {
    [FTH_SLOT_EFFECTIVE] = {"EffectiveCost"}, [FTH_SLOT_BILLED] = {"BilledCost"},
    [FTH_SLOT_LIST] = {"ListCost"},           [FTH_SLOT_CONTRACTED] = {"ContractedCost"},
    [FTH_SLOT_CREDIT] = {"BilledCost"},       [FTH_SLOT_UNTAGGED] = {"EffectiveCost"},
};

/* The columns that keys and conditions need, for the choice of a source. */
struct needs {
    const char *columns[64];
    size_t nr;
    bool facts;   /* something that only facts have */
    bool segment; /* a key that is the segment's own: one branch each */
    bool tags;    /* a key in the tag dictionary */
};

/* One SELECT of the union. */
struct branch {
    struct fth_sql_source source;
    int cube;
};

struct compiler {
    struct fth_query_env *env;
    const struct fth_pass *pass;
    struct fth_statement *out;
    struct fth_sql sql;
    struct needs needs;
    struct fth_err *err;
    bool tail;
    size_t branch_nr;
};

const char *fth_served_name(enum fth_served served)
{
    static const char *const names[] = {"none", "cube", "roll-up", "facts"};

    return names[served];
}

int32_t fth_bucket(enum fth_grain grain, int32_t date)
{
    switch (grain) {
    case FTH_GRAIN_WEEK:
        return fth_date_week(date);
    case FTH_GRAIN_MONTH:
        return fth_month_first_date(fth_month_of_date(date));
    case FTH_GRAIN_QUARTER:
        return fth_date_quarter(date);
    case FTH_GRAIN_YEAR:
        return fth_date_year(date);
    default:
        return date;
    }
}

/* ---- what is needed ---- */

static void need(struct needs *needs, const char *column)
{
    for (size_t i = 0; i < needs->nr; i++)
        if (fth_str_eq_c(fth_str_c(column), needs->columns[i]))
            return;
    if (needs->nr == FTH_NR(needs->columns))
        needs->facts = true;
    else
        needs->columns[needs->nr++] = column;
}

static void need_dim(struct needs *needs, const struct fth_dim *dim, bool label)
{
    switch (dim->kind) {
    case FTH_DIMENSION_TAG:
    case FTH_DIMENSION_BUSINESS:
        needs->facts = true;
        break;
    case FTH_DIMENSION_COLUMN:
        need(needs, dim->info->column);
        if (label && *dim->info->label_column)
            need(needs, dim->info->label_column);
        break;
    default:
        break; /* of the segment */
    }
}

static void need_cond(struct needs *needs, const struct fth_clause *cond)
{
    for (size_t i = 0; i < cond->part_nr; i++)
        need_cond(needs, cond->parts[i]);
    if (cond->part_nr == 0)
        need_dim(needs, &cond->dim, cond->op == FTH_FILTER_CONTAINS);
}

static bool has_slot(const struct fth_pass *pass, enum fth_slot slot)
{
    return pass->slots >> slot & 1;
}

static void need_pass(struct needs *needs, const struct fth_pass *pass)
{
    for (size_t i = 0; i < pass->key_nr; i++) {
        enum fth_dimension_kind kind = pass->keys[i].kind;

        need_dim(needs, &pass->keys[i], false);
        needs->segment |= kind == FTH_DIMENSION_SOURCE || kind == FTH_DIMENSION_PERIOD;
        needs->tags |= kind == FTH_DIMENSION_TAG || kind == FTH_DIMENSION_BUSINESS;
    }
    if (pass->cond)
        need_cond(needs, pass->cond);
    if (has_slot(pass, FTH_SLOT_CREDIT))
        need(needs, "ChargeCategory");
    if (has_slot(pass, FTH_SLOT_RESOURCES))
        need(needs, "ResourceId");
    needs->facts |= has_slot(pass, FTH_SLOT_UNTAGGED) || has_slot(pass, FTH_SLOT_QUANTITY) ||
                    pass->grain == FTH_GRAIN_HOUR || pass->long_only;
}

bool fth_sql_covers(const struct fth_sql_source *source, const char *const *columns, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (!*fth_sql_column(source, columns[i]))
            return false;
    return true;
}

/* The place of the cube of fewest keys that has every column, or -1. */
static int smallest_cube(const char *const *columns, size_t nr)
{
    int best = -1;
    unsigned best_keys = 3;

    for (size_t i = 0; i < FTH_NR(cubes); i++) {
        struct fth_sql_source source = {
            .kind = FTH_SERVED_CUBE, .k1 = cubes[i].k1, .k2 = cubes[i].k2};
        unsigned keys = (*cubes[i].k1 != 0) + (*cubes[i].k2 != 0);

        if (keys < best_keys && fth_sql_covers(&source, columns, nr)) {
            best = (int)i;
            best_keys = keys;
        }
    }
    return best;
}

int fth_sql_cube(const char *const *columns, size_t nr, struct fth_sql_source *out)
{
    int at = smallest_cube(columns, nr);

    if (at < 0)
        return -1;
    *out = (struct fth_sql_source){.kind = FTH_SERVED_CUBE, .k1 = cubes[at].k1, .k2 = cubes[at].k2};
    return cubes[at].id;
}

static int choose_cube(const struct compiler *c)
{
    if (c->needs.facts || has_slot(c->pass, FTH_SLOT_RESOURCES))
        return -1;
    return smallest_cube(c->needs.columns, c->needs.nr);
}

/* ---- segments ---- */

static bool month_known(const struct fth_segment *segment)
{
    return segment->billing_month != INT32_MIN;
}

static bool touches(const struct fth_pass *pass, const struct fth_segment *segment)
{
    int32_t first;

    if (pass->long_only && !segment->has_long)
        return false;
    if (!pass->has_time)
        return true;
    if (pass->by_billing) {
        if (!month_known(segment))
            return true;
        first = fth_month_first_date(segment->billing_month);
        return first >= pass->time.start && first < pass->time.end;
    }
    /* How far a long charge reaches is not known. */
    if (pass->long_only)
        return segment->charge_from < pass->time.end;
    return segment->charge_to >= pass->time.start && segment->charge_from < pass->time.end;
}

/* Does the time of the pass hold all rows of the segment? */
static bool inside(const struct fth_pass *pass, const struct fth_segment *segment)
{
    if (!pass->has_time)
        return true;
    if (pass->by_billing)
        return month_known(segment);
    return segment->charge_from >= pass->time.start && segment->charge_to < pass->time.end;
}

static bool is_month_start(int32_t date)
{
    return fth_date_to_civil(date).day == 1;
}

static bool rollup_serves(const struct compiler *c, const struct fth_segment *segment)
{
    static const struct fth_sql_source rollup = {.kind = FTH_SERVED_ROLLUP};
    const struct fth_pass *pass = c->pass;
    bool whole_months;

    if (c->needs.facts || !fth_sql_covers(&rollup, c->needs.columns, c->needs.nr) ||
        pass->grain == FTH_GRAIN_DAY || (pass->grain == FTH_GRAIN_WEEK))
        return false;
    if (inside(pass, segment))
        return true;
    whole_months = (is_month_start(pass->time.start) || pass->time.start <= segment->charge_from) &&
                   (is_month_start(pass->time.end) || pass->time.end > segment->charge_to);
    return whole_months && !pass->by_billing;
}

static enum fth_served served_by(const struct compiler *c, const struct fth_segment *segment,
                                 int cube)
{
    if (c->env->never_cube || !segment->has_cubes || (c->pass->spread && segment->has_long) ||
        (!month_known(segment) && (c->pass->by_billing || c->needs.segment)))
        return FTH_SERVED_FACTS;
    if (cube >= 0)
        return FTH_SERVED_CUBE;
    return rollup_serves(c, segment) ? FTH_SERVED_ROLLUP : FTH_SERVED_FACTS;
}

/* ---- text ---- */

static void put_date(struct fth_buf *buf, int32_t date)
{
    fth_buf_c(buf, "DATE '");
    fth_date_put(buf, date);
    fth_buf_char(buf, '\'');
}

/* The one bucket that all charges of the segment fall in; false when there are several. */
static bool one_bucket(const struct fth_pass *pass, const struct fth_segment *segment, int32_t *out)
{
    int32_t from = segment->charge_from, to = segment->charge_to;

    if (pass->by_billing) {
        if (!month_known(segment))
            return false;
        from = to = fth_month_first_date(segment->billing_month);
    } else if (pass->has_time) {
        from = from < pass->time.start ? pass->time.start : from;
        to = to >= pass->time.end ? pass->time.end - 1 : to;
    }
    *out = fth_bucket(pass->grain, from);
    return pass->grain != FTH_GRAIN_HOUR && *out == fth_bucket(pass->grain, to);
}

static void put_bucket(struct compiler *c, const struct branch *b)
{
    const struct fth_pass *pass = c->pass;
    struct fth_buf *buf = &c->sql.body;
    const char *day = b->source.kind == FTH_SERVED_CUBE     ? "Day"
                      : b->source.kind == FTH_SERVED_ROLLUP ? "Month"
                      : pass->by_billing                    ? "BillingPeriodStart::DATE"
                                                            : "ChargePeriodStart::DATE";
    int32_t only;

    if (b->source.nr == 1 && one_bucket(pass, b->source.at[0], &only))
        put_date(buf, only);
    else if (pass->grain == FTH_GRAIN_HOUR)
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
    struct fth_buf month = fth_buf_max(16);
    struct fth_str text = {0};

    if (dim->kind == FTH_DIMENSION_COLUMN) {
        fth_buf_c(buf, fth_sql_column(&b->source, dim->info->column));
    } else if (dim->kind == FTH_DIMENSION_SOURCE) {
        fth_sql_bind_text(&c->sql, segment->source);
        fth_buf_c(buf, "::VARCHAR");
    } else if (!month_known(segment)) {
        fth_buf_c(buf, "strftime(BillingPeriodStart, '%Y-%m')");
    } else {
        fth_month_put(&month, segment->billing_month);
        fth_arena_str(c->env->arena, fth_buf_view(&month), &text, c->err);
        fth_sql_bind_text(&c->sql, text);
        fth_buf_c(buf, "::VARCHAR");
        fth_buf_release(&month);
    }
}

static void put_untagged(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    if (!c->pass->untagged)
        fth_buf_c(buf, "TagSetId = 0");
    else
        fth_buf_c(buf, "TagSetId NOT IN (SELECT TagSetId FROM tags_0)");
}

/* The sums of money of one branch: heads mN and, if the pass has any, tails xN. */
static void put_money(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;
    bool tail = false;

    for (size_t i = 0; i < b->source.nr; i++)
        tail |= b->source.at[i]->has_tail;
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++) {
        if (!has_slot(c->pass, (enum fth_slot)slot))
            continue;
        for (int limb = 0; limb <= (c->tail ? 1 : 0); limb++) {
            if (limb && !tail) {
                fth_buf_printf(buf, ", 0::HUGEINT AS x%u", slot);
                continue;
            }
            fth_buf_printf(buf, ", sum(%s%s)", money_slots[slot].column, limb ? "Tail" : "");
            if (slot == FTH_SLOT_CREDIT)
                fth_buf_printf(buf, " FILTER (WHERE %s = 'Credit')",
                               fth_sql_column(&b->source, "ChargeCategory"));
            if (slot == FTH_SLOT_UNTAGGED) {
                fth_buf_c(buf, " FILTER (WHERE ");
                put_untagged(c);
                fth_buf_char(buf, ')');
            }
            fth_buf_printf(buf, " AS %c%u", limb ? 'x' : 'm', slot);
        }
    }
}

static void put_others(struct compiler *c)
{
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(&c->sql.body, ", fsum(ConsumedQuantity) AS q, min(coalesce(ConsumedUnit, '')) "
                                "FILTER (WHERE ConsumedQuantity IS NOT NULL) AS u0, "
                                "max(coalesce(ConsumedUnit, '')) "
                                "FILTER (WHERE ConsumedQuantity IS NOT NULL) AS u1");
}

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
        all &= inside(pass, b->source.at[i]);
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

static void put_currency(struct compiler *c, const struct branch *b)
{
    const struct fth_segment *segment = b->source.at[0];

    if (b->source.kind != FTH_SERVED_FACTS || !segment->one_currency) {
        fth_buf_c(&c->sql.body, "BillingCurrency AS cur");
        return;
    }
    fth_sql_bind_text(&c->sql, segment->currency);
    fth_buf_c(&c->sql.body, "::VARCHAR AS cur");
}

#define LONG "coalesce(ChargePeriodEnd > ChargePeriodStart + INTERVAL 1 DAY, FALSE)"

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
}

/* Keys as a branch has them: kN, and the tag set when some key is a tag. */
static void put_keys(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    for (size_t i = 0; i < c->pass->key_nr; i++) {
        const struct fth_dim *dim = &c->pass->keys[i];

        if (dim->kind == FTH_DIMENSION_TAG || dim->kind == FTH_DIMENSION_BUSINESS)
            continue;
        put_key(c, dim, b);
        fth_buf_printf(buf, " AS k%zu, ", i);
    }
    if (c->needs.tags)
        fth_buf_c(buf, "TagSetId AS ts, ");
    if (has_slot(c->pass, FTH_SLOT_RESOURCES))
        fth_buf_c(buf, "ResourceId AS r, ");
    if (c->pass->grain != FTH_GRAIN_NONE && !c->pass->long_only) {
        put_bucket(c, b);
        fth_buf_c(buf, " AS t, ");
    }
    put_currency(c, b);
}

static void put_branch(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, c->branch_nr++ ? " UNION ALL SELECT " : "SELECT ");
    put_keys(c, b);
    if (b->source.kind == FTH_SERVED_FACTS)
        fth_buf_c(buf, ", count(*) AS n");
    else
        fth_buf_c(buf, ", sum(ChargeCount) AS n");
    put_money(c, b);
    put_others(c);
    put_where(c, b);
    fth_buf_c(buf, " GROUP BY ALL");
}

/* A charge that is spread is a row of its own: each is split exactly, whatever it is grouped by. */
static void put_long_branch(struct compiler *c, const struct branch *b)
{
    struct fth_buf *buf = &c->sql.body;
    bool tail = b->source.at[0]->has_tail;

    fth_buf_c(buf, c->branch_nr++ ? " UNION ALL SELECT " : "SELECT ");
    put_keys(c, b);
    fth_buf_c(buf, ", 1::BIGINT AS n, ChargePeriodStart::DATE AS first, "
                   "date_diff('day', ChargePeriodStart::DATE, (ChargePeriodEnd - INTERVAL 1 "
                   "MICROSECOND)::DATE) + 1 AS days");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++) {
        if (!has_slot(c->pass, (enum fth_slot)slot))
            continue;
        for (int limb = 0; limb <= (c->tail ? 1 : 0); limb++) {
            if (limb && !tail) {
                fth_buf_printf(buf, ", 0::HUGEINT AS x%u", slot);
                continue;
            }
            fth_buf_c(buf, ", CASE WHEN ");
            if (slot == FTH_SLOT_CREDIT)
                fth_buf_c(buf, "ChargeCategory = 'Credit'");
            else if (slot == FTH_SLOT_UNTAGGED)
                put_untagged(c);
            else
                fth_buf_c(buf, "TRUE");
            fth_buf_printf(buf, " THEN %s%s END::%s AS %c%u", money_slots[slot].column,
                           limb ? "Tail" : "", limb ? "HUGEINT" : "DECIMAL(38,10)",
                           limb ? 'x' : 'm', slot);
        }
    }
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", ConsumedQuantity AS q, CASE WHEN ConsumedQuantity IS NOT NULL THEN "
                       "coalesce(ConsumedUnit, '') END AS u0, u0 AS u1");
    put_where(c, b);
}

/* A key as the answer has it: tags by value, named values by our id. */
static void put_outer_key(struct compiler *c, size_t i)
{
    const struct fth_dim *dim = &c->pass->keys[i];
    struct fth_buf *buf = &c->sql.body;

    if (dim->kind == FTH_DIMENSION_TAG || dim->kind == FTH_DIMENSION_BUSINESS) {
        fth_sql_tag(&c->sql, buf, dim, "g");
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

static void put_outer_sums(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, ", sum(u.n)::BIGINT AS n");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot)) {
            fth_buf_printf(buf, ", sum(u.m%u) AS m%u", slot, slot);
            if (c->tail)
                fth_buf_printf(buf, ", sum(u.x%u) AS x%u", slot, slot);
        }
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", fsum(u.q) AS q, min(u.u0) AS u0, max(u.u1) AS u1");
    if (has_slot(c->pass, FTH_SLOT_RESOURCES))
        fth_buf_c(buf, ", count(DISTINCT u.r) AS r");
}

static void put_outer_long(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, ", u.n, u.first, u.days");
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
        if (has_slot(c->pass, (enum fth_slot)slot))
            fth_buf_printf(buf, c->tail ? ", u.m%u, u.x%u" : ", u.m%u", slot, slot);
    if (has_slot(c->pass, FTH_SLOT_QUANTITY))
        fth_buf_c(buf, ", u.q, u.u0, u.u1");
}

static void put_outer(struct compiler *c)
{
    struct fth_buf *buf = &c->sql.body;

    fth_buf_c(buf, " SELECT ");
    for (size_t i = 0; i < c->pass->key_nr; i++)
        put_outer_key(c, i);
    if (c->pass->grain != FTH_GRAIN_NONE && !c->pass->long_only)
        fth_buf_c(buf, "u.t AS t, ");
    fth_buf_c(buf, "u.cur AS cur");
    if (c->pass->long_only)
        put_outer_long(c);
    else
        put_outer_sums(c);
    fth_buf_c(buf, " FROM (");
}

static void put_branches(struct compiler *c, int cube)
{
    struct fth_segment_vec shared = fth_segment_vec_in(c->env->arena);
    struct fth_segment_vec *all = &c->out->segments;

    /* Cubes and roll-up are tables of all segments: one branch, unless a key differs by segment. */
    for (int kind = FTH_SERVED_CUBE; kind <= FTH_SERVED_FACTS && !c->err->rc; kind++) {
        shared.nr = 0;
        for (size_t i = 0; i < all->nr; i++) {
            enum fth_served served = served_by(c, all->at[i], cube);
            struct branch b = {.source = {.kind = served, .at = &all->at[i], .nr = 1}};

            if ((int)served != kind)
                continue;
            if (served > c->out->served)
                c->out->served = served;
            if (served == FTH_SERVED_CUBE) {
                b.source.k1 = cubes[cube].k1;
                b.source.k2 = cubes[cube].k2;
                b.cube = cubes[cube].id;
            }
            if (served == FTH_SERVED_FACTS)
                c->out->fact_rows += all->at[i]->rows;
            if (c->pass->long_only)
                put_long_branch(c, &b);
            else if (served == FTH_SERVED_FACTS || c->needs.segment || c->pass->by_billing)
                put_branch(c, &b);
            else if (fth_segment_vec_push(&shared, all->at[i], c->err))
                return;
        }
        if (shared.nr) {
            struct branch b = {.source = {.kind = (enum fth_served)kind,
                                          .at = shared.at,
                                          .nr = shared.nr,
                                          .k1 = cube >= 0 ? cubes[cube].k1 : "",
                                          .k2 = cube >= 0 ? cubes[cube].k2 : ""},
                               .cube = cube >= 0 ? cubes[cube].id : 0};

            put_branch(c, &b);
        }
    }
}

/* The sets that have the tag whose lack is summed: tags_0. */
static void with_untagged(struct compiler *c)
{
    struct fth_buf *with = &c->sql.with;

    if (!has_slot(c->pass, FTH_SLOT_UNTAGGED) || !c->pass->untagged)
        return;
    fth_buf_c(with, c->sql.with_nr++ ? "," : "WITH");
    fth_buf_c(with, " tags_0 AS MATERIALIZED (SELECT s.TagSetId FROM tag_set s WHERE ");
    fth_sql_tag(&c->sql, with, c->pass->untagged, "s");
    fth_buf_c(with, " IS NOT NULL)");
}

enum fth_rc fth_query_segments(const struct fth_query_env *env, const struct fth_pass *passes,
                               size_t nr, struct fth_segment_vec *out, struct fth_err *err)
{
    *out = fth_segment_vec_in(env->arena);
    for (size_t i = 0; i < env->snapshot->nr; i++) {
        const struct fth_segment *segment = &env->snapshot->at[i];
        bool touched = false;

        for (size_t k = 0; k < nr && segment->rows; k++)
            touched |= touches(&passes[k], segment);
        if (touched && fth_segment_vec_push(out, segment, err))
            return err->rc;
    }
    return FTH_OK;
}

enum fth_rc fth_query_compile(struct fth_query_env *env, const struct fth_pass *pass,
                              struct fth_statement *out, struct fth_err *err)
{
    struct compiler c = {.env = env, .pass = pass, .out = out, .err = err};

    *out = (struct fth_statement){0};
    if (fth_query_segments(env, pass, 1, &out->segments, err))
        return err->rc;
    for (size_t i = 0; i < out->segments.nr; i++)
        c.tail |= out->segments.at[i]->has_tail;
    if (out->segments.nr == 0)
        return FTH_OK;
    c.sql = fth_sql_begin(env, err);
    need_pass(&c.needs, pass);
    with_untagged(&c);
    put_outer(&c);
    put_branches(&c, choose_cube(&c));
    fth_buf_c(&c.sql.body, ") u");
    if (c.needs.tags)
        fth_buf_c(&c.sql.body, " LEFT JOIN tag_set g ON g.TagSetId = u.ts");
    if (!pass->long_only)
        fth_buf_c(&c.sql.body, " GROUP BY ALL");
    fth_sql_done(&c.sql, env, &out->sql, err);
    fth_sql_release(&c.sql);
    out->params = c.sql.params;
    out->has_tail = c.tail;
    return err->rc;
}
