/* Conditions as SQL. Negation is pushed down to the leaves, so that a null is never "unknown": a
 * leaf holds or does not, and so does its opposite. */
#include <stdio.h>

#include "base/check.h"
#include "plan/sql_int.h"

struct fth_sql fth_sql_begin(struct fth_query_env *env, struct fth_err *err)
{
    struct fth_sql sql = {
        .with = fth_buf_max(FTH_SQL_MAX),
        .body = fth_buf_max(FTH_SQL_MAX),
        .params = fth_param_vec_in(env->arena),
        .told = fth_bool_vec_in(env->arena),
        .first = FTH_NEW_ARRAY(env->arena, size_t, env->cond_nr + 1),
        .has_with = FTH_NEW_ARRAY(env->arena, bool, env->cond_nr + 1),
        .env = env,
        .err = err,
    };

    if (!sql.first || !sql.has_with)
        fth_err_nomem(err);
    return sql;
}

void fth_sql_release(struct fth_sql *sql)
{
    fth_buf_release(&sql->with);
    fth_buf_release(&sql->body);
}

enum fth_rc fth_sql_done(struct fth_sql *sql, struct fth_query_env *env, struct fth_str *out,
                         struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(2 * FTH_SQL_MAX);

    if (err->rc || fth_buf_done(&sql->with, err) || fth_buf_done(&sql->body, err))
        return err->rc;
    fth_buf_str(&text, fth_buf_view(&sql->with));
    fth_buf_str(&text, fth_buf_view(&sql->body));
    if (!fth_buf_done(&text, err))
        fth_arena_str(env->arena, fth_buf_view(&text), out, err);
    fth_buf_release(&text);
    return err->rc;
}

static size_t bind_value(struct fth_sql *sql, struct fth_param param)
{
    if (!sql->err->rc && !fth_param_vec_push(&sql->params, param, sql->err))
        fth_bool_vec_push(&sql->told, !sql->in_scope, sql->err);
    return sql->params.nr;
}

void fth_sql_bind(struct fth_sql *sql, struct fth_param param)
{
    fth_buf_printf(&sql->body, "$%zu", bind_value(sql, param));
}

void fth_sql_bind_text(struct fth_sql *sql, struct fth_str text)
{
    fth_sql_bind(sql, (struct fth_param){.type = FTH_T_TEXT, .text = text});
}

void fth_sql_segment_list(struct fth_buf *buf, const struct fth_segment *const *at, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        fth_buf_printf(buf, "%s%lld", i ? ", " : "", (long long)at[i]->id);
}

const char *fth_sql_column(const struct fth_sql_source *source, const char *column)
{
    static const char *const rollup[] = {"ResourceId",  "ResourceName", "ResourceType",
                                         "ServiceName", "SubAccountId", "RegionId"};
    struct fth_str name = fth_str_c(column);

    if (source->kind == FTH_SERVED_FACTS || fth_str_eq_c(name, "BillingCurrency"))
        return column;
    if (source->kind == FTH_SERVED_CUBE) {
        if (name.n && fth_str_eq_c(name, source->k1))
            return "k1";
        return name.n && fth_str_eq_c(name, source->k2) ? "k2" : "";
    }
    for (size_t i = 0; i < FTH_NR(rollup); i++)
        if (fth_str_eq_c(name, rollup[i]))
            return column;
    return "";
}

void fth_sql_tag(struct fth_sql *sql, struct fth_buf *buf, const struct fth_dim *dim,
                 const char *alias)
{
    if (dim->tag_key_nr == 0) {
        fth_buf_c(buf, "NULL::VARCHAR");
        return;
    }
    fth_buf_c(buf, "coalesce(");
    for (size_t i = 0; i < dim->tag_key_nr; i++) {
        size_t n =
            bind_value(sql, (struct fth_param){.type = FTH_T_TEXT, .text = dim->tag_keys[i]});

        fth_buf_printf(buf, "%smap_extract_value(%s.Tags, $%zu)", i ? ", " : "", alias, n);
    }
    fth_buf_char(buf, ')');
}

/* The parameters of a leaf's values, bound once however often the leaf is written. */
static size_t values_of(struct fth_sql *sql, const struct fth_clause *cond)
{
    if (!sql->err->rc && !sql->first[cond->id]) {
        sql->first[cond->id] = sql->params.nr + 1;
        for (size_t i = 0; i < cond->value_nr; i++)
            bind_value(sql, (struct fth_param){.type = FTH_T_TEXT, .text = cond->values[i]});
    }
    return sql->err->rc ? 0 : sql->first[cond->id];
}

static void put_values(struct fth_sql *sql, struct fth_buf *buf, const struct fth_clause *cond)
{
    size_t first = values_of(sql, cond);

    for (size_t i = 0; i < cond->value_nr; i++)
        fth_buf_printf(buf, "%s$%zu", i ? ", " : "", first + i);
}

static void put_contains(struct fth_sql *sql, struct fth_buf *buf, const struct fth_clause *cond,
                         const char *expression, bool more)
{
    size_t first = values_of(sql, cond);

    for (size_t i = 0; i < cond->value_nr; i++)
        fth_buf_printf(buf, "%scontains(lower(%s), lower($%zu))", i || more ? " OR " : "",
                       expression, first + i);
}

/* A leaf over an expression that may be null. */
static void put_plain(struct fth_sql *sql, const struct fth_clause *cond, const char *expression,
                      const char *label, bool negated)
{
    struct fth_buf *buf = &sql->body;

    switch (cond->op) {
    case FTH_FILTER_MISSING:
    case FTH_FILTER_PRESENT:
        negated ^= cond->op == FTH_FILTER_PRESENT;
        fth_buf_printf(buf, "%s IS %sNULL", expression, negated ? "NOT " : "");
        return;
    case FTH_FILTER_CONTAINS:
        fth_buf_printf(buf, "%scoalesce(", negated ? "NOT " : "");
        put_contains(sql, buf, cond, expression, false);
        if (*label)
            put_contains(sql, buf, cond, label, true);
        fth_buf_c(buf, ", FALSE)");
        return;
    default:
        negated ^= cond->op == FTH_FILTER_NOT_IN;
        fth_buf_printf(buf, negated ? "(%s IS NULL OR %s NOT IN (" : "(%s IN (", expression,
                       expression);
        put_values(sql, buf, cond);
        fth_buf_c(buf, "))");
    }
}

/* The tag sets that a leaf speaks of, once, in front of everything. */
static void with_tags(struct fth_sql *sql, const struct fth_clause *cond)
{
    struct fth_buf value = fth_buf_max(FTH_SQL_MAX);
    struct fth_buf *buf = &sql->with;

    if (sql->err->rc || sql->has_with[cond->id])
        return;
    sql->has_with[cond->id] = true;
    fth_sql_tag(sql, &value, &cond->dim, "s");
    fth_buf_printf(buf, "%s tags_%u AS MATERIALIZED (SELECT s.TagSetId FROM tag_set s WHERE ",
                   sql->with_nr++ ? "," : "WITH", cond->id);
    if (cond->op == FTH_FILTER_MISSING || cond->op == FTH_FILTER_PRESENT) {
        fth_buf_move(buf, &value);
        fth_buf_c(buf, " IS NOT NULL");
    } else if (cond->op == FTH_FILTER_CONTAINS) {
        fth_buf_char(&value, 0);
        if (!fth_buf_done(&value, sql->err))
            put_contains(sql, buf, cond, value.p, false);
    } else {
        fth_buf_move(buf, &value);
        fth_buf_c(buf, " IN (");
        put_values(sql, buf, cond);
        fth_buf_char(buf, ')');
    }
    fth_buf_c(buf, ")");
    fth_buf_release(&value);
}

static void put_tags(struct fth_sql *sql, const struct fth_clause *cond,
                     const struct fth_sql_source *source, bool negated)
{
    if (cond->dim.tag_key_nr == 0) { /* nobody has it */
        fth_buf_c(&sql->body,
                  (cond->op == FTH_FILTER_MISSING || cond->op == FTH_FILTER_NOT_IN) != negated
                      ? "TRUE"
                      : "FALSE");
        return;
    }
    if (source->tag.n) {
        put_plain(sql, cond, "k1", "", negated);
        return;
    }
    with_tags(sql, cond);
    /* The WITH clause holds the sets of IN, CONTAINS and PRESENT. */
    negated ^= cond->op == FTH_FILTER_NOT_IN || cond->op == FTH_FILTER_MISSING;
    fth_buf_printf(&sql->body, "TagSetId %sIN (SELECT TagSetId FROM tags_%u)",
                   negated ? "NOT " : "", cond->id);
}

static bool has_value(const struct fth_clause *cond, struct fth_str value)
{
    for (size_t i = 0; i < cond->value_nr; i++)
        if (fth_str_eq(cond->values[i], value) ||
            (cond->op == FTH_FILTER_CONTAINS && fth_contains_folded(value, cond->values[i])))
            return true;
    return false;
}

static bool holds_for(const struct fth_clause *cond, const struct fth_segment *segment)
{
    struct fth_str value = segment->source;
    char month[FTH_MONTH_TEXT];

    if (cond->op == FTH_FILTER_MISSING || cond->op == FTH_FILTER_PRESENT)
        return cond->op == FTH_FILTER_PRESENT;
    if (cond->dim.kind == FTH_DIMENSION_PERIOD)
        value = fth_month_text(segment->billing_month, month);
    return has_value(cond, value) != (cond->op == FTH_FILTER_NOT_IN);
}

/* Source and billing period are the same for all rows of a segment. */
static void put_segment(struct fth_sql *sql, const struct fth_clause *cond,
                        const struct fth_sql_source *source, bool negated)
{
    if (source->kind == FTH_SERVED_FACTS) {
        fth_buf_c(&sql->body, holds_for(cond, source->at[0]) != negated ? "TRUE" : "FALSE");
        return;
    }
    fth_buf_c(&sql->body, "Segment IN (-1");
    for (size_t i = 0; i < source->nr; i++)
        if (holds_for(cond, source->at[i]) != negated)
            fth_buf_printf(&sql->body, ", %lld", (long long)source->at[i]->id);
    fth_buf_char(&sql->body, ')');
}

/* The ids of which some charge has the part, once, in front of everything. */
static void with_ids(struct fth_sql *sql, const struct fth_clause *cond)
{
    const struct fth_dimension *info = cond->dim.info;
    struct fth_buf body = sql->body;

    if (sql->err->rc || sql->has_with[cond->id])
        return;
    sql->has_with[cond->id] = true;
    sql->body = fth_buf_max(FTH_SQL_MAX);
    fth_sql_distinct(sql, cond->within, info->column, info->label_column);
    fth_buf_printf(&sql->with, "%s ids_%u AS MATERIALIZED (SELECT DISTINCT v FROM (",
                   sql->with_nr++ ? "," : "WITH", cond->id);
    fth_buf_move(&sql->with, &sql->body);
    fth_buf_c(&sql->with, ") WHERE ");
    put_contains(sql, &sql->with, cond, "v", false);
    put_contains(sql, &sql->with, cond, "l", true);
    fth_buf_char(&sql->with, ')');
    fth_buf_release(&sql->body);
    sql->body = body;
}

/* What has a label and no id speaks for itself. */
static void put_ids(struct fth_sql *sql, const struct fth_clause *cond, const char *column,
                    const char *label, bool negated)
{
    struct fth_buf *buf = &sql->body;

    with_ids(sql, cond);
    fth_buf_printf(buf, "%scoalesce(%s IN (SELECT v FROM ids_%u) OR (%s IS NULL AND (",
                   negated ? "NOT " : "", column, cond->id, column);
    put_contains(sql, buf, cond, label, false);
    fth_buf_c(buf, ")), FALSE)");
}

static void put_column(struct fth_sql *sql, const struct fth_clause *cond,
                       const struct fth_sql_source *source, bool negated)
{
    const struct fth_dimension *info = cond->dim.info;
    const char *column = fth_sql_column(source, info->column);
    char lower[96];

    if (cond->within) {
        put_ids(sql, cond, column, fth_sql_column(source, info->label_column), negated);
        return;
    }

    if (cond->folded) {
        snprintf(lower, sizeof(lower), "lower(%s)", column);
        column = lower;
    }
    put_plain(sql, cond, column,
              *info->label_column ? fth_sql_column(source, info->label_column) : "", negated);
}

static void put_leaf(struct fth_sql *sql, const struct fth_clause *cond,
                     const struct fth_sql_source *source, bool negated)
{
    bool takes_values = cond->op != FTH_FILTER_MISSING && cond->op != FTH_FILTER_PRESENT;

    if (takes_values && cond->value_nr == 0) {
        fth_buf_c(&sql->body, (cond->op == FTH_FILTER_NOT_IN) != negated ? "TRUE" : "FALSE");
        return;
    }
    switch (cond->dim.kind) {
    case FTH_DIMENSION_TAG:
    case FTH_DIMENSION_BUSINESS:
        put_tags(sql, cond, source, negated);
        return;
    case FTH_DIMENSION_PERIOD:
        if (source->at[0]->billing_month == INT32_MIN) {
            put_plain(sql, cond, "strftime(BillingPeriodStart, '%Y-%m')", "", negated);
            return;
        }
        put_segment(sql, cond, source, negated);
        return;
    case FTH_DIMENSION_SOURCE:
        put_segment(sql, cond, source, negated);
        return;
    case FTH_DIMENSION_COLUMN:
        put_column(sql, cond, source, negated);
    }
}

void fth_sql_cond(struct fth_sql *sql, const struct fth_clause *cond,
                  const struct fth_sql_source *source, bool negated)
{
    bool all;

    switch (cond->op) {
    case FTH_FILTER_NOT:
        fth_sql_cond(sql, cond->parts[0], source, !negated);
        return;
    case FTH_FILTER_AND:
    case FTH_FILTER_OR:
        all = (cond->op == FTH_FILTER_AND) != negated;
        fth_buf_char(&sql->body, '(');
        for (size_t i = 0; i < cond->part_nr; i++) {
            if (i)
                fth_buf_c(&sql->body, all ? " AND " : " OR ");
            fth_sql_cond(sql, cond->parts[i], source, negated);
        }
        fth_buf_char(&sql->body, ')');
        return;
    default:
        put_leaf(sql, cond, source, negated);
    }
}

void fth_sql_scope(struct fth_sql *sql, const struct fth_query_env *env,
                   const struct fth_sql_source *source)
{
    if (!env->scope)
        return;
    fth_buf_c(&sql->body, " AND ");
    sql->in_scope = true;
    fth_sql_cond(sql, env->scope, source, false);
    sql->in_scope = false;
}
