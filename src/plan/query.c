/* From a pass to its statement: which segments, and what serves each; the text is pass_text.c's. */
#include "plan/query.h"
#include "base/check.h"
#include "plan/query_int.h"

static const struct {
    int id;
    const char *k1, *k2;
} cubes[] = {
#define FTH_CUBE(id, k1, k2) {id, k1, k2},
#include "ledger/cube.def"
#undef FTH_CUBE
};

enum { TAG_CUBES = 100 };

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

/* Tags of which no charge has any key need nothing. */
static void need_tag(struct needs *needs, const struct fth_dim *dim)
{
    if (dim->tag_key_nr == 0)
        return;
    if (dim->tag_key_nr > 1 || (needs->tag.n && !fth_str_eq(needs->tag, dim->tag_keys[0])))
        needs->facts = true;
    needs->tag = dim->tag_keys[0];
}

static void need_dim(struct needs *needs, const struct fth_dim *dim, bool label)
{
    switch (dim->kind) {
    case FTH_DIMENSION_TAG:
    case FTH_DIMENSION_BUSINESS:
        need_tag(needs, dim);
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

bool fth_sql_columns(const struct fth_clause *cond, const char **columns, size_t *nr)
{
    struct needs needs = {0};

    need_cond(&needs, cond);
    for (size_t i = 0; i < needs.nr && *nr < FTH_SQL_COLUMNS_MAX; i++)
        columns[(*nr)++] = needs.columns[i];
    return !needs.facts && !needs.tag.n && *nr < FTH_SQL_COLUMNS_MAX;
}

bool fth_dim_is_tag(const struct fth_dim *dim)
{
    return dim->kind == FTH_DIMENSION_TAG || dim->kind == FTH_DIMENSION_BUSINESS;
}

static bool has_slot(const struct fth_pass *pass, enum fth_slot slot)
{
    return pass->slots >> slot & 1;
}

static void need_pass(struct needs *needs, const struct fth_pass *pass,
                      const struct fth_clause *scope)
{
    for (size_t i = 0; i < pass->key_nr; i++) {
        enum fth_dimension_kind kind = pass->keys[i].kind;

        need_dim(needs, &pass->keys[i], false);
        needs->segment |= kind == FTH_DIMENSION_SOURCE || kind == FTH_DIMENSION_PERIOD;
        needs->tags |= pass->keys[i].tag_key_nr > 0;
    }
    if (pass->cond)
        need_cond(needs, pass->cond);
    if (scope)
        need_cond(needs, scope);
    if (has_slot(pass, FTH_SLOT_CREDIT)) {
        need(needs, "ChargeCategory");
        need(needs, "x_CreditType");
    }
    if (has_slot(pass, FTH_SLOT_RESOURCES))
        need(needs, "ResourceId");
    if (has_slot(pass, FTH_SLOT_UNTAGGED) && pass->untagged)
        need_tag(needs, pass->untagged);
    needs->facts |= pass->part || (has_slot(pass, FTH_SLOT_UNTAGGED) && !pass->untagged) ||
                    has_slot(pass, FTH_SLOT_QUANTITY) || pass->grain == FTH_GRAIN_HOUR ||
                    pass->long_only;
}

bool fth_sql_covers(const struct fth_sql_source *source, const char *const *columns, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (!*fth_sql_column(source, columns[i]))
            return false;
    return true;
}

bool fth_sql_is_listed(const char *column, const char *label)
{
    static const char *const lists[][2] = {
#define FTH_VALUE_LIST(column, label) {#column, label},
#include "ledger/value_list.def"
#undef FTH_VALUE_LIST
    };

    for (size_t i = 0; i < FTH_NR(lists); i++)
        if (fth_str_eq_c(fth_str_c(column), lists[i][0]) &&
            (!*label || fth_str_eq_c(fth_str_c(label), lists[i][1])))
            return true;
    return false;
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

/* The number of the segment's cube by this tag, or -1. */
static int tag_cube(const struct fth_segment *segment, struct fth_str tag)
{
    for (size_t i = 0; i < segment->cube_tag_nr; i++)
        if (fth_str_eq(segment->cube_tags[i], tag))
            return TAG_CUBES + (int)i;
    return -1;
}

/* The cube of the segment that has all that is needed. */
static bool find_cube(const struct compiler *c, const struct fth_segment *segment,
                      struct branch *out)
{
    const struct needs *needs = &c->needs;
    const struct fth_sql_source none = {.kind = FTH_SERVED_CUBE, .k1 = "", .k2 = ""};
    int cube;

    if (needs->facts || has_slot(c->pass, FTH_SLOT_RESOURCES))
        return false;
    if (needs->tag.n == 0) {
        out->cube = fth_sql_cube(needs->columns, needs->nr, &out->source);
        return out->cube >= 0;
    }
    cube = tag_cube(segment, needs->tag);
    if (cube < 0 || !fth_sql_covers(&none, needs->columns, needs->nr))
        return false;
    out->cube = cube;
    out->source = none;
    out->source.tag = needs->tag;
    return true;
}

/* ---- segments ---- */

bool fth_month_known(const struct fth_segment *segment)
{
    return segment->billing_month != INT32_MIN;
}

bool fth_pass_touches(const struct fth_pass *pass, const struct fth_segment *segment)
{
    int32_t first;

    if (pass->long_only && !segment->has_long)
        return false;
    if (!pass->has_time)
        return true;
    if (pass->by_billing) {
        if (!fth_month_known(segment))
            return true;
        first = fth_month_first_date(segment->billing_month);
        return first >= pass->time.start && first < pass->time.end;
    }
    /* How far a long charge reaches is not known. */
    if (pass->long_only)
        return segment->charge_from < pass->time.end;
    return segment->charge_to >= pass->time.start && segment->charge_from < pass->time.end;
}

bool fth_pass_holds(const struct fth_pass *pass, const struct fth_segment *segment)
{
    if (!pass->has_time)
        return true;
    if (pass->by_billing)
        return fth_month_known(segment);
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

    if (c->needs.facts || c->needs.tag.n ||
        !fth_sql_covers(&rollup, c->needs.columns, c->needs.nr) || pass->grain == FTH_GRAIN_DAY ||
        (pass->grain == FTH_GRAIN_WEEK))
        return false;
    if (fth_pass_holds(pass, segment))
        return true;
    whole_months = (is_month_start(pass->time.start) || pass->time.start <= segment->charge_from) &&
                   (is_month_start(pass->time.end) || pass->time.end > segment->charge_to);
    return whole_months && !pass->by_billing;
}

/* The cheapest that can serve the segment, as a branch without segments. */
static struct branch served_by(const struct compiler *c, const struct fth_segment *segment)
{
    struct branch cube, rollup = {.source = {.kind = FTH_SERVED_ROLLUP}, .cube = -1};
    const struct branch facts = {.source = {.kind = FTH_SERVED_FACTS}, .cube = -1};

    if (c->env->never_cube || !segment->has_cubes || (c->pass->spread && segment->has_long) ||
        (!fth_month_known(segment) && (c->pass->by_billing || c->needs.segment)))
        return facts;
    if (find_cube(c, segment, &cube))
        return cube;
    return rollup_serves(c, segment) ? rollup : facts;
}

/* What serves each segment, in their order. */
static struct branch *choose(struct compiler *c)
{
    const struct fth_segment_vec *all = &c->out->segments;
    struct branch *chosen = FTH_NEW_ARRAY(c->env->arena, struct branch, all->nr);

    if (!chosen) {
        fth_err_nomem(c->err);
        return NULL;
    }
    for (size_t i = 0; i < all->nr; i++) {
        chosen[i] = served_by(c, all->at[i]);
        if (chosen[i].source.kind > c->out->served)
            c->out->served = chosen[i].source.kind;
        if (chosen[i].source.kind == FTH_SERVED_FACTS)
            c->out->fact_rows += all->at[i]->rows;
        c->from_facts |= chosen[i].source.kind == FTH_SERVED_FACTS;
        c->from_cube_by_tag |= chosen[i].source.tag.n > 0;
    }
    return chosen;
}

enum fth_rc fth_query_segments(const struct fth_query_env *env, const struct fth_pass *passes,
                               size_t nr, struct fth_segment_vec *out, struct fth_err *err)
{
    *out = fth_segment_vec_in(env->arena);
    for (size_t i = 0; i < env->snapshot->nr; i++) {
        const struct fth_segment *segment = &env->snapshot->at[i];
        bool touched = false;

        for (size_t k = 0; k < nr && segment->rows; k++)
            touched |= fth_pass_touches(&passes[k], segment);
        if (touched && fth_segment_vec_push(out, segment, err))
            return err->rc;
    }
    return FTH_OK;
}

struct fth_str fth_segments_currency(const struct fth_segment_vec *segments)
{
    for (size_t i = 0; i < segments->nr; i++)
        if (!segments->at[i]->one_currency ||
            !fth_str_eq(segments->at[i]->currency, segments->at[0]->currency))
            return (struct fth_str){0};
    return segments->at[0]->currency;
}

enum fth_rc fth_pass_end(struct compiler *c)
{
    struct fth_statement *out = c->out;

    fth_sql_done(&c->sql, c->env, &out->sql, c->err);
    fth_sql_release(&c->sql);
    out->params = c->sql.params;
    out->told = c->sql.told.at;
    out->has_tail = c->tail;
    out->currency = c->currency;
    return c->err->rc;
}

enum fth_rc fth_query_compile(struct fth_query_env *env, const struct fth_pass *pass,
                              struct fth_statement *out, struct fth_err *err)
{
    struct compiler c = {.env = env, .pass = pass, .out = out, .err = err};
    const struct branch *chosen;

    *out = (struct fth_statement){0};
    if (fth_query_segments(env, pass, 1, &out->segments, err))
        return err->rc;
    for (size_t i = 0; i < out->segments.nr; i++)
        c.tail |= out->segments.at[i]->has_tail;
    if (out->segments.nr == 0)
        return FTH_OK;
    c.currency = fth_segments_currency(&out->segments);
    c.sql = fth_sql_begin(env, err);
    need_pass(&c.needs, pass, env->scope);
    chosen = choose(&c);
    if (chosen)
        fth_pass_text(&c, chosen);
    return fth_pass_end(&c);
}
