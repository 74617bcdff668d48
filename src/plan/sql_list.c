/* The distinct values of a column, from the cheapest that has them. */
#include "plan/sql_int.h"

/* Where they and their labels are read; not of facts if it can be helped. */
struct listed {
    struct fth_sql_source source;
    int cube;
    bool list; /* segment_value */
};

static bool is_derived(const struct fth_query_env *env, const struct listed *from,
                       const struct fth_segment *segment)
{
    if (env->never_cube)
        return false;
    if (from->list)
        return segment->has_values;
    return from->source.kind != FTH_SERVED_FACTS && segment->has_cubes;
}

/* In a scope it must have the columns of that too; a list of values has no other. */
static struct listed find_list(const struct fth_query_env *env, const char *column,
                               const char *label)
{
    const char *columns[FTH_SQL_COLUMNS_MAX] = {column, label};
    size_t nr = *label ? 2 : 1;
    struct listed from = {.cube = -1, .source = {.kind = FTH_SERVED_FACTS}};

    if (env->scope && !fth_sql_columns(env->scope, columns, &nr))
        return from;
    from.cube = fth_sql_cube(columns, nr, &from.source);
    if (from.cube >= 0)
        return from;
    from.source = (struct fth_sql_source){.kind = FTH_SERVED_ROLLUP};
    from.list = !env->scope && fth_sql_is_listed(column, label);
    if (!from.list && !fth_sql_covers(&from.source, columns, nr))
        from.source.kind = FTH_SERVED_FACTS;
    return from;
}

/* FROM what is derived, of the segments `of`. */
static void put_list(struct fth_sql *sql, const struct listed *from, const char *column,
                     const char *label, const struct fth_segment_vec *of)
{
    struct fth_sql_source source = from->source;
    struct fth_buf *buf = &sql->body;

    fth_buf_printf(buf, "SELECT DISTINCT %s AS v",
                   from->list ? "Value" : fth_sql_column(&from->source, column));
    if (*label)
        fth_buf_printf(buf, ", %s AS l",
                       from->list ? "Label" : fth_sql_column(&from->source, label));
    if (from->cube >= 0)
        fth_buf_printf(buf, " FROM cube_day WHERE Cube = %d AND Segment IN (", from->cube);
    else if (from->list)
        fth_buf_printf(buf, " FROM segment_value WHERE Name = '%s' AND Segment IN (", column);
    else
        fth_buf_c(buf, " FROM resource_month WHERE Segment IN (");
    fth_sql_segment_list(buf, of->at, of->nr);
    fth_buf_char(buf, ')');
    source.at = of->at;
    source.nr = of->nr;
    fth_sql_scope(sql, sql->env, &source);
}

void fth_sql_distinct(struct fth_sql *sql, const struct fth_segment_vec *of, const char *column,
                      const char *label)
{
    const struct fth_query_env *env = sql->env;
    struct fth_segment_vec shared = fth_segment_vec_in(env->arena);
    struct listed from = find_list(env, column, label);
    struct fth_buf *buf = &sql->body;
    size_t nr = 0;

    fth_buf_printf(buf, "SELECT DISTINCT v%s FROM (", *label ? ", l" : "");
    for (size_t i = 0; i < of->nr; i++) {
        const struct fth_segment *segment = of->at[i];
        const struct fth_sql_source facts = {.kind = FTH_SERVED_FACTS, .at = &segment, .nr = 1};

        if (is_derived(env, &from, segment)) {
            fth_segment_vec_push(&shared, segment, sql->err);
            continue;
        }
        fth_buf_printf(buf, "%sSELECT DISTINCT %s AS v", nr++ ? " UNION ALL " : "", column);
        if (*label)
            fth_buf_printf(buf, ", %s AS l", label);
        fth_buf_printf(buf, " FROM %s WHERE TRUE", segment->table);
        fth_sql_scope(sql, env, &facts);
    }
    if (shared.nr) {
        fth_buf_c(buf, nr ? " UNION ALL " : "");
        put_list(sql, &from, column, label, &shared);
    }
    fth_buf_c(buf, ") WHERE v IS NOT NULL");
}
