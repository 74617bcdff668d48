/* Names and values of a plan, looked up in the ledger as it is. */
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "plan/query.h"
#include "plan/sql_int.h"

enum { SOME_MAX = 4096, NEAR_MAX = 5000 }; /* values that are looked through for the nearest */

enum fth_rc fth_query_warn(struct fth_query_env *env, struct fth_err *err, const char *format, ...)
{
    char piece[1000];
    struct fth_str copy;
    va_list args;
    int n;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is the line above */
    n = vsnprintf(piece, sizeof(piece), format, args);
    va_end(args);
    if (n < 0)
        return fth_err_set(err, FTH_E_FAILED, "a warning could not be written");
    if (fth_arena_str(env->arena, fth_str_c(piece), &copy, err))
        return err->rc;
    for (size_t i = 0; i < env->warnings.nr; i++)
        if (fth_str_eq(env->warnings.at[i], copy))
            return FTH_OK;
    return fth_str_vec_push(&env->warnings, copy, err);
}

/* By letters, whatever their case: a name that holds the other, the shortest such; else one that is
 * a few strokes away. Empty when none is near. */
static struct fth_str nearest(struct fth_str name, const struct fth_str *names, size_t nr)
{
    struct fth_str best = {0}, holds = {0};
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < nr; i++) {
        size_t distance = fth_str_distance(name, names[i]);

        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
        if (name.n > 1 && names[i].n > 1 && (!holds.n || names[i].n < holds.n) &&
            (fth_contains_folded(names[i], name) || fth_contains_folded(name, names[i])))
            holds = names[i];
    }
    return best_distance <= (name.n + 2) / 3 ? best : holds;
}

/* ---- tags ---- */

/* Is `key` this business name: letters folded, without '-', '_' and blanks? */
static bool is_business(struct fth_str key, struct fth_str id)
{
    size_t k = 0;

    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] == '_')
            continue;
        while (k < key.n && (key.p[k] == '-' || key.p[k] == '_' || key.p[k] == ' '))
            k++;
        if (k == key.n || !fth_str_caseeq(fth_str_sub(key, k, 1), fth_str_sub(id, i, 1)))
            return false;
        k++;
    }
    return k == key.n;
}

static enum fth_rc business_keys(struct fth_query_env *env, struct fth_dim *dim,
                                 struct fth_err *err)
{
    struct fth_str_vec keys = fth_str_vec_in(env->arena);

    /* The exact spelling first: when a charge has several, it is the one that counts. */
    for (int exact = 1; exact >= 0; exact--)
        for (size_t i = 0; i < env->tag_key_nr; i++) {
            struct fth_str key = env->tag_keys[i];

            if (is_business(key, dim->name) && fth_str_eq(key, dim->name) == exact &&
                fth_str_vec_push(&keys, key, err))
                return err->rc;
        }
    dim->tag_keys = keys.at;
    dim->tag_key_nr = keys.nr;
    if (keys.nr == 0)
        return fth_query_warn(env, err, "no charge has a tag \"" FTH_STR_F "\"",
                              FTH_STR_A(dim->name));
    return FTH_OK;
}

static enum fth_rc no_such_tag(struct fth_query_env *env, struct fth_str key, struct fth_err *err)
{
    struct fth_str near = nearest(key, env->tag_keys, env->tag_key_nr);

    if (near.n)
        return fth_query_warn(
            env, err, "no charge has a tag \"" FTH_STR_F "\"; the nearest is \"" FTH_STR_F "\"",
            FTH_STR_A(key), FTH_STR_A(near));
    return fth_query_warn(env, err, "no charge has a tag \"" FTH_STR_F "\"", FTH_STR_A(key));
}

static enum fth_rc tag_key(struct fth_query_env *env, struct fth_str key, struct fth_dim *dim,
                           struct fth_err *err)
{
    const struct fth_str *folded = NULL, *found = NULL;
    size_t folded_nr = 0;

    for (size_t i = 0; i < env->tag_key_nr; i++) {
        if (fth_str_eq(env->tag_keys[i], key))
            found = &env->tag_keys[i];
        if (!fth_str_caseeq(env->tag_keys[i], key))
            continue;
        folded_nr++;
        if (folded && !found)
            fth_err_hint(err, "Write it as \"" FTH_STR_F "\" or \"" FTH_STR_F "\".",
                         FTH_STR_A(*folded), FTH_STR_A(env->tag_keys[i]));
        folded = &env->tag_keys[i];
    }
    if (!found && folded_nr == 1)
        found = folded;
    if (!found && folded_nr > 1)
        return fth_err_set(err, FTH_E_INVALID, "tag \"" FTH_STR_F "\" is spelled in %zu ways",
                           FTH_STR_A(key), folded_nr);
    err->hint[0] = 0;
    dim->tag_keys = found;
    dim->tag_key_nr = found ? 1 : 0;
    return found ? FTH_OK : no_such_tag(env, key, err);
}

enum fth_rc fth_dim_find(struct fth_query_env *env, struct fth_str name, struct fth_dim *out,
                         struct fth_err *err)
{
    const struct fth_dimension *info = fth_dimension_find(name);
    struct fth_str key;

    *out = (struct fth_dim){.name = name, .info = info};
    if (info) {
        out->kind = info->kind;
        return info->kind == FTH_DIMENSION_BUSINESS ? business_keys(env, out, err) : FTH_OK;
    }
    out->kind = FTH_DIMENSION_TAG;
    if (!fth_dimension_tag(name, &key))
        return fth_dimension_check(name, err);
    return tag_key(env, key, out, err);
}

/* ---- values ---- */

/* Runs a statement whose rows are texts and gives those of its first `col_nr` columns, copied. */
static enum fth_rc texts(struct fth_query_env *env, struct fth_str sql,
                         const struct fth_param_vec *params, size_t col_nr, struct fth_str_vec *out,
                         struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(env->session, sql, params->at, params->nr, env->cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t row = 0; row < batch.nr && !err->rc; row++)
            for (size_t col = 0; col < col_nr && !err->rc; col++) {
                const struct fth_vec *vec = &batch.cols[col];
                struct fth_str copy = {0};

                if (fth_vec_is_valid(vec, row))
                    fth_arena_str(env->arena, vec->text[vec->constant ? 0 : row], &copy, err);
                fth_str_vec_push(out, copy, err);
            }
        if (err->rc)
            break;
    }
    fth_result_free(result);
    return err->rc;
}

struct lookup {
    struct fth_query_env *env;
    const struct fth_filter *filter;
    const struct fth_dim *dim;
    const struct fth_segment_vec *segments; /* that columns are read of */
    struct fth_str_vec found;               /* stored values */
    bool *matched;                          /* for each value of the filter */
    bool partly;                            /* there are segments that were not looked at */
    struct fth_err *err;
};

/* The tag sets of charges in the scope, of all segments. */
static void put_sets_in_scope(const struct lookup *l, struct fth_sql *sql)
{
    const struct fth_snapshot *snapshot = l->env->snapshot;

    fth_buf_c(&sql->body, " AND t.TagSetId IN (SELECT NULL::INTEGER");
    for (size_t i = 0; i < snapshot->nr; i++) {
        const struct fth_segment *segment = &snapshot->at[i];
        const struct fth_sql_source facts = {.kind = FTH_SERVED_FACTS, .at = &segment, .nr = 1};

        fth_buf_printf(&sql->body, " UNION ALL SELECT TagSetId FROM %s WHERE TRUE", segment->table);
        fth_sql_scope(sql, l->env, &facts);
    }
    fth_buf_char(&sql->body, ')');
}

/* SELECT DISTINCT of the values of a tag, from the dictionary. */
static void put_distinct_tag(const struct lookup *l, struct fth_sql *sql)
{
    fth_buf_c(&sql->body, "SELECT DISTINCT v FROM (SELECT ");
    fth_sql_tag(sql, &sql->body, l->dim, "t");
    fth_buf_c(&sql->body, " AS v FROM tag_set t WHERE TRUE");
    if (l->env->scope)
        put_sets_in_scope(l, sql);
    fth_buf_c(&sql->body, ") WHERE v IS NOT NULL");
}

static void keep(struct lookup *l, struct fth_str stored)
{
    for (size_t i = 0; i < l->found.nr; i++)
        if (fth_str_eq(l->found.at[i], stored))
            return;
    fth_str_vec_push(&l->found, stored, l->err);
}

/* Statement: the values of a column whose folded text (or label's) is one of those not matched yet.
 * Rows: number of the value asked for, as text, and the stored value. */
static enum fth_rc match_folded(struct lookup *l, const char *column, const char *label,
                                bool contains)
{
    struct fth_str_vec rows = fth_str_vec_in(l->env->arena);
    struct fth_sql sql = fth_sql_begin(l->env, l->err);
    struct fth_buf *buf = &sql.body;
    struct fth_str text = {0};
    size_t nr = 0;

    fth_buf_c(buf, " SELECT a.i, s.v FROM (VALUES ");
    for (size_t i = 0; i < l->filter->value_nr; i++) {
        struct fth_str at;

        if (l->matched[i])
            continue;
        fth_buf_c(buf, nr++ ? ", (" : "(");
        fth_arena_printf(l->env->arena, &at, l->err, "%zu", i);
        fth_sql_bind_text(&sql, at);
        fth_buf_c(buf, "::VARCHAR, lower(");
        fth_sql_bind_text(&sql, l->filter->values[i]);
        fth_buf_c(buf, "::VARCHAR))");
    }
    fth_buf_c(buf, ") a(i, f) JOIN (");
    if (column)
        fth_sql_distinct(&sql, l->segments, column, label);
    else
        put_distinct_tag(l, &sql);
    fth_buf_printf(buf, contains ? ") s ON contains(lower(s.%s), a.f)" : ") s ON lower(s.%s) = a.f",
                   *label ? "l" : "v");
    if (nr && !fth_sql_done(&sql, l->env, &text, l->err))
        texts(l->env, text, &sql.params, 2, &rows, l->err);
    fth_sql_release(&sql);
    for (size_t i = 0; i + 1 < rows.nr && !l->err->rc; i += 2) {
        int64_t at;

        FTH_CHECK(fth_str_to_i64(rows.at[i], &at));
        l->matched[at] = true;
        keep(l, rows.at[i + 1]);
    }
    return l->err->rc;
}

/* All stored values of the dimension, up to NEAR_MAX. */
static enum fth_rc stored_values(struct lookup *l, struct fth_str_vec *out)
{
    struct fth_sql sql;
    struct fth_str text = {0};

    if (l->dim->kind == FTH_DIMENSION_COLUMN && l->segments->nr == 0)
        return FTH_OK;
    sql = fth_sql_begin(l->env, l->err);
    if (l->dim->info && l->dim->kind == FTH_DIMENSION_COLUMN) {
        fth_sql_distinct(&sql, l->segments, l->dim->info->column, "");
    } else {
        put_distinct_tag(l, &sql);
    }
    fth_buf_printf(&sql.body, " ORDER BY v LIMIT %d", NEAR_MAX);
    if (!fth_sql_done(&sql, l->env, &text, l->err))
        texts(l->env, text, &sql.params, 1, out, l->err);
    fth_sql_release(&sql);
    return l->err->rc;
}

/* Values with a name of ours: by id, label and alias of the table as well as by what is stored. */
static enum fth_rc match_named(struct lookup *l)
{
    bool contains = l->filter->op == FTH_FILTER_CONTAINS;
    struct fth_str_vec stored = fth_str_vec_in(l->env->arena);
    const char *id = l->dim->info->id;

    if (stored_values(l, &stored))
        return l->err->rc;
    for (size_t s = 0; s < stored.nr; s++)
        for (size_t i = 0; i < l->filter->value_nr; i++) {
            struct fth_str asked = l->filter->values[i];
            bool same = fth_str_caseeq(stored.at[s], asked) ||
                        fth_str_caseeq(fth_value_id(id, stored.at[s]), fth_value_id(id, asked));

            for (size_t v = 0; contains && !same && v < fth_value_nr(); v++) {
                const struct fth_value *value = fth_value_at(v);

                same = fth_str_eq_c(fth_str_c(id), value->dimension) &&
                       fth_value_is(value, stored.at[s]) && fth_value_contains(value, asked);
            }
            if (!same)
                continue;
            l->matched[i] = true;
            keep(l, stored.at[s]);
        }
    return l->err->rc;
}

/* Source and billing period: of the segments, without a query. */
static void match_segments(struct lookup *l)
{
    for (size_t s = 0; s < l->env->snapshot->nr; s++) {
        const struct fth_segment *segment = &l->env->snapshot->at[s];
        bool is_source = l->dim->kind == FTH_DIMENSION_SOURCE;
        char text[FTH_MONTH_TEXT];
        struct fth_str month = {0};

        if (segment->billing_month != INT32_MIN)
            month = fth_month_text(segment->billing_month, text);
        for (size_t i = 0; i < l->filter->value_nr; i++) {
            struct fth_str asked = l->filter->values[i];
            bool contains = l->filter->op == FTH_FILTER_CONTAINS;
            struct fth_str has = is_source ? segment->source : month, copy;

            if (contains ? !fth_contains_folded(has, asked) : !fth_str_caseeq(has, asked))
                continue;
            l->matched[i] = true;
            if (!fth_arena_str(l->env->arena, has, &copy, l->err))
                keep(l, copy);
        }
        /* A period that is no calendar month is looked up in the rows. */
        if (!is_source && segment->billing_month == INT32_MIN)
            for (size_t i = 0; i < l->filter->value_nr; i++)
                keep(l, l->filter->values[i]);
    }
}

/* Brings the `most` values that are fewest strokes away from `asked` to the front; returns how many
 * there are. */
static size_t nearest_first(struct fth_str asked, struct fth_str_vec *stored, size_t most)
{
    size_t nr = 0;

    for (; nr < stored->nr && nr < most; nr++) {
        struct fth_str spare;
        size_t best = nr;

        for (size_t i = nr + 1; i < stored->nr; i++)
            if (fth_str_distance(asked, stored->at[i]) < fth_str_distance(asked, stored->at[best]))
                best = i;
        spare = stored->at[nr];
        stored->at[nr] = stored->at[best];
        stored->at[best] = spare;
    }
    return nr;
}

/* With some of those that there are. */
static void warn_none_near(struct lookup *l, const char *where, struct fth_str asked,
                           struct fth_str_vec *stored)
{
    struct fth_buf some = fth_buf_max(SOME_MAX);
    size_t named = nearest_first(asked, stored, 3);

    for (size_t i = 0; i < named; i++)
        fth_buf_printf(&some, "%s\"" FTH_STR_F "\"",
                       i                 ? ", "
                       : stored->nr == 1 ? "; there is only "
                                         : "; there are ",
                       FTH_STR_A(fth_str_sub(stored->at[i], 0, 60)));
    if (stored->nr > named)
        fth_buf_printf(&some, " and %zu%s more", stored->nr - named,
                       stored->nr == NEAR_MAX ? " or" : "");
    fth_query_warn(l->env, l->err, "no charge%s has " FTH_STR_F " \"" FTH_STR_F "\"" FTH_STR_F,
                   where, FTH_STR_A(l->dim->name), FTH_STR_A(asked),
                   FTH_STR_A(fth_buf_view(&some)));
    fth_buf_release(&some);
}

static enum fth_rc warn_unmatched(struct lookup *l)
{
    struct fth_str_vec stored = fth_str_vec_in(l->env->arena);
    const char *where = l->partly ? " in the time asked for" : "";
    bool looked = false;

    for (size_t i = 0; i < l->filter->value_nr && !l->err->rc; i++) {
        struct fth_str asked = l->filter->values[i], near;

        if (l->matched[i])
            continue;
        if (!looked && l->dim->kind != FTH_DIMENSION_SOURCE &&
            l->dim->kind != FTH_DIMENSION_PERIOD && stored_values(l, &stored))
            return l->err->rc;
        looked = true;
        near = nearest(asked, stored.at, stored.nr);
        if (near.n)
            fth_query_warn(l->env, l->err,
                           "no charge%s has " FTH_STR_F " \"" FTH_STR_F
                           "\"; the nearest is \"" FTH_STR_F "\"",
                           where, FTH_STR_A(l->dim->name), FTH_STR_A(asked), FTH_STR_A(near));
        else
            warn_none_near(l, where, asked, &stored);
    }
    return l->err->rc;
}

/* Conditions on parts of ids of resources and tags stay what they are: there may be millions. */
static bool stays_contains(const struct fth_filter *filter, const struct fth_dim *dim)
{
    if (filter->op != FTH_FILTER_CONTAINS || dim->kind == FTH_DIMENSION_SOURCE ||
        dim->kind == FTH_DIMENSION_PERIOD)
        return false;
    return !dim->info || dim->kind == FTH_DIMENSION_BUSINESS ||
           fth_str_eq_c(dim->name, "resource") ||
           (!*dim->info->label_column && !fth_value_has(dim->info->id));
}

static bool all_matched(const struct lookup *l)
{
    for (size_t i = 0; i < l->filter->value_nr; i++)
        if (!l->matched[i])
            return false;
    return true;
}

/* Ids that a cube has but that no charge of the time has: they are known, and that costs little.
 * Asked of the facts as well when no cube may be used, so that the answers are the same. */
static enum fth_rc match_elsewhere(struct lookup *l)
{
    const struct fth_pass always = {0};
    const struct fth_dimension *info = l->dim->info;
    const struct fth_segment_vec *within = l->segments;
    struct fth_segment_vec every;
    struct fth_sql_source cube;

    if (fth_query_segments(l->env, &always, 1, &every, l->err))
        return l->err->rc;
    l->partly = every.nr != within->nr;
    if (!l->partly || l->filter->op == FTH_FILTER_CONTAINS || fth_value_has(info->id) ||
        fth_sql_cube(&info->column, 1, &cube) < 0)
        return FTH_OK;
    l->segments = &every;
    match_folded(l, info->column, "", false);
    l->segments = within;
    l->partly = *info->label_column; /* labels are in no cube */
    return l->err->rc;
}

static enum fth_rc match_column(struct lookup *l)
{
    const struct fth_dimension *info = l->dim->info;
    bool contains = l->filter->op == FTH_FILTER_CONTAINS;

    if (l->segments->nr) {
        if (fth_value_has(info->id))
            match_named(l);
        else
            match_folded(l, info->column, "", contains);
    }
    if (!l->err->rc && !all_matched(l))
        match_elsewhere(l);
    if (contains) /* a part of the label is as good as one of the id */
        memset(l->matched, 0, l->filter->value_nr * sizeof(*l->matched));
    if (!l->err->rc && l->segments->nr && *info->label_column)
        match_folded(l, info->column, info->label_column, contains);
    if (contains && l->found.nr)
        memset(l->matched, 1, l->filter->value_nr * sizeof(*l->matched));
    return l->err->rc;
}

static enum fth_rc match(struct lookup *l)
{
    switch (l->dim->kind) {
    case FTH_DIMENSION_SOURCE:
    case FTH_DIMENSION_PERIOD:
        match_segments(l);
        break;
    case FTH_DIMENSION_TAG:
    case FTH_DIMENSION_BUSINESS:
        if (l->dim->tag_key_nr)
            match_folded(l, NULL, "", false);
        break;
    case FTH_DIMENSION_COLUMN:
        match_column(l);
    }
    return l->err->rc;
}

/* Are the values those of the charges already? */
static bool is_stored(const struct fth_filter *filter, const struct fth_dim *dim)
{
    return filter->exact && dim->kind == FTH_DIMENSION_COLUMN && !fth_value_has(dim->info->id);
}

static bool by_label(const struct fth_dim *dim)
{
    return dim->kind == FTH_DIMENSION_COLUMN && *dim->info->label_column;
}

static enum fth_rc keep_within(struct fth_query_env *env, const struct fth_segment_vec *within,
                               struct fth_clause *cond, struct fth_err *err)
{
    struct fth_segment_vec *copy;

    if (within->nr == 0)
        return FTH_OK;
    copy = FTH_NEW(env->arena, struct fth_segment_vec);
    if (!copy)
        return fth_err_nomem(err);
    *copy = *within;
    cond->within = copy;
    return FTH_OK;
}

static enum fth_rc resolve_leaf(struct fth_query_env *env, const struct fth_filter *filter,
                                const struct fth_segment_vec *within, struct fth_clause *cond,
                                struct fth_err *err)
{
    struct lookup l = {.env = env,
                       .filter = filter,
                       .dim = &cond->dim,
                       .segments = within,
                       .found = fth_str_vec_in(env->arena),
                       .err = err};

    cond->id = ++env->cond_nr;
    if (fth_dim_find(env, filter->field, &cond->dim, err))
        return err->rc;
    cond->values = filter->values;
    cond->value_nr = filter->value_nr;
    if (filter->value_nr == 0 || is_stored(filter, &cond->dim))
        return FTH_OK;
    if (stays_contains(filter, &cond->dim))
        return by_label(&cond->dim) ? keep_within(env, within, cond, err) : FTH_OK;
    l.matched = FTH_NEW_ARRAY(env->arena, bool, filter->value_nr);
    if (!l.matched)
        return fth_err_nomem(err);
    if (match(&l) || warn_unmatched(&l))
        return err->rc;
    if (cond->op == FTH_FILTER_CONTAINS)
        cond->op = FTH_FILTER_IN;
    cond->values = l.found.at;
    cond->value_nr = l.found.nr;
    return FTH_OK;
}

enum fth_rc fth_clause_resolve(struct fth_query_env *env, const struct fth_filter *filter,
                               const struct fth_segment_vec *within, const struct fth_clause **out,
                               struct fth_err *err)
{
    struct fth_clause *cond = FTH_NEW(env->arena, struct fth_clause);
    const struct fth_clause **parts =
        FTH_NEW_ARRAY(env->arena, const struct fth_clause *, filter->part_nr);

    if (!cond || !parts)
        return fth_err_nomem(err);
    *cond = (struct fth_clause){.op = filter->op, .parts = parts, .part_nr = filter->part_nr};
    for (size_t i = 0; i < filter->part_nr; i++)
        if (fth_clause_resolve(env, filter->parts[i], within, &parts[i], err))
            return err->rc;
    if (filter->part_nr == 0 && resolve_leaf(env, filter, within, cond, err))
        return err->rc;
    *out = cond;
    return FTH_OK;
}
