#include "plan/scope.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cache.h"
#include "base/check.h"
#include "base/sha256.h"
#include "plan/grid.h"
#include "plan/sql_int.h"

/* ---- the condition ---- */

static enum fth_rc resolve(struct fth_query_env *env, const struct fth_filter *filter,
                           const struct fth_clause **out, struct fth_err *err);

/* A tag's key is not looked up without case, as it is for questions: another spelling that comes
 * later must not let others in. */
static enum fth_rc find_dim(struct fth_query_env *env, struct fth_str name, struct fth_dim *out,
                            struct fth_err *err)
{
    struct fth_str key;

    if (!fth_dimension_tag(name, &key))
        return fth_dim_find(env, name, out, err);
    *out = (struct fth_dim){.name = name, .kind = FTH_DIMENSION_TAG};
    for (size_t i = 0; i < env->tag_key_nr; i++)
        if (fth_str_eq(env->tag_keys[i], key)) {
            out->tag_keys = &env->tag_keys[i];
            out->tag_key_nr = 1;
        }
    return FTH_OK;
}

static struct fth_clause *new_leaf(struct fth_query_env *env, enum fth_filter_op op,
                                   const struct fth_dim *dim, struct fth_err *err)
{
    struct fth_clause *leaf = FTH_NEW(env->arena, struct fth_clause);

    if (leaf)
        *leaf = (struct fth_clause){.op = op, .dim = *dim, .id = ++env->cond_nr};
    else
        fth_err_nomem(err);
    return leaf;
}

static enum fth_rc new_node(struct fth_query_env *env, enum fth_filter_op op,
                            const struct fth_clause *first, const struct fth_clause *second,
                            const struct fth_clause **out, struct fth_err *err)
{
    struct fth_clause *node = FTH_NEW(env->arena, struct fth_clause);
    const struct fth_clause **parts = FTH_NEW_ARRAY(env->arena, const struct fth_clause *, 2);

    if (!node || !parts)
        return fth_err_nomem(err);
    parts[0] = first;
    parts[1] = second;
    *node = (struct fth_clause){.op = op, .parts = parts, .part_nr = second ? 2 : 1};
    *out = node;
    return FTH_OK;
}

static enum fth_rc push_lower(struct fth_query_env *env, struct fth_str_vec *to,
                              struct fth_str text, struct fth_err *err)
{
    char *lower = fth_arena_alloc(env->arena, text.n + 1);

    if (!lower)
        return fth_err_nomem(err);
    for (size_t i = 0; i < text.n; i++)
        lower[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 0x20) : text.p[i];
    return fth_str_vec_push(to, (struct fth_str){lower, text.n}, err);
}

/* Everything that a charge may carry for this value of ours. */
static enum fth_rc push_names(struct fth_query_env *env, struct fth_str_vec *to,
                              const struct fth_value *value, struct fth_err *err)
{
    struct fth_str rest = fth_str_c(value->aliases), alias;

    if (push_lower(env, to, fth_str_c(value->id), err) ||
        push_lower(env, to, fth_str_c(value->label), err))
        return err->rc;
    while (fth_value_next_alias(&rest, &alias))
        if (push_lower(env, to, alias, err))
            return err->rc;
    return FTH_OK;
}

/* Values with a name of ours by all their names, the others as they are. */
static enum fth_rc resolve_named(struct fth_query_env *env, const struct fth_filter *filter,
                                 const struct fth_dim *dim, const struct fth_clause **out,
                                 struct fth_err *err)
{
    bool contains = filter->op == FTH_FILTER_CONTAINS, negated = filter->op == FTH_FILTER_NOT_IN;
    enum fth_filter_op op = contains ? FTH_FILTER_CONTAINS : FTH_FILTER_IN;
    struct fth_str_vec names = fth_str_vec_in(env->arena), others = fth_str_vec_in(env->arena);
    struct fth_clause *by_name = new_leaf(env, FTH_FILTER_IN, dim, err);
    struct fth_clause *as_is = new_leaf(env, op, dim, err);
    const char *id = dim->info->id;

    if (!by_name || !as_is)
        return err->rc;
    for (size_t i = 0; i < filter->value_nr; i++) {
        struct fth_str asked = filter->values[i];
        bool found = false;

        for (size_t v = 0; v < fth_value_nr(); v++) {
            const struct fth_value *value = fth_value_at(v);

            if (!fth_str_eq_c(fth_str_c(id), value->dimension) ||
                !(contains ? fth_value_contains(value, asked) : fth_value_is(value, asked)))
                continue;
            found = true;
            if (push_names(env, &names, value, err))
                return err->rc;
        }
        if ((!found || contains) && fth_str_vec_push(&others, asked, err))
            return err->rc;
    }
    by_name->folded = true;
    by_name->values = names.at;
    by_name->value_nr = names.nr;
    as_is->values = others.at;
    as_is->value_nr = others.nr;
    if (new_node(env, FTH_FILTER_OR, by_name, as_is, out, err))
        return err->rc;
    return negated ? new_node(env, FTH_FILTER_NOT, *out, NULL, out, err) : FTH_OK;
}

static enum fth_rc resolve_leaf(struct fth_query_env *env, const struct fth_filter *filter,
                                const struct fth_clause **out, struct fth_err *err)
{
    struct fth_clause *leaf;
    struct fth_dim dim;

    if (find_dim(env, filter->field, &dim, err))
        return err->rc;
    if (filter->value_nr && dim.kind == FTH_DIMENSION_COLUMN && fth_value_has(dim.info->id))
        return resolve_named(env, filter, &dim, out, err);
    leaf = new_leaf(env, filter->op, &dim, err);
    if (!leaf)
        return err->rc;
    leaf->values = filter->values;
    leaf->value_nr = filter->value_nr;
    *out = leaf;
    return FTH_OK;
}

static enum fth_rc resolve(struct fth_query_env *env, const struct fth_filter *filter,
                           const struct fth_clause **out, struct fth_err *err)
{
    struct fth_clause *node;
    const struct fth_clause **parts;

    if (filter->part_nr == 0)
        return resolve_leaf(env, filter, out, err);
    node = FTH_NEW(env->arena, struct fth_clause);
    parts = FTH_NEW_ARRAY(env->arena, const struct fth_clause *, filter->part_nr);
    if (!node || !parts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < filter->part_nr; i++)
        if (resolve(env, filter->parts[i], &parts[i], err))
            return err->rc;
    *node = (struct fth_clause){.op = filter->op, .parts = parts, .part_nr = filter->part_nr};
    *out = node;
    return FTH_OK;
}

/* ---- what it leaves of a segment ---- */

enum { CURRENCY_LEN = 8, PACKED_MAX = 16 << 20 };

struct share {
    const struct fth_segment *segment;
    bool known;
    int64_t rows, until_us;
    int32_t from, to;
    bool one_currency, has_tail, has_long;
    char currency[CURRENCY_LEN];
    struct fth_str_vec keys;
};

struct looking {
    const struct fth_plan_run *run;
    struct fth_query_env env;
    const struct fth_clause *scope;
    struct share *shares;
    size_t nr, unknown;
    char mark[FTH_SHA256_HEX]; /* of the scope's text, which may be long */
};

/* A source may get another name, and a scope may name it. */
static enum fth_rc key_of(const struct looking *l, const struct share *share, struct fth_str *out,
                          struct fth_err *err)
{
    return fth_arena_printf(l->env.arena, out, err, "share %" PRId64 " %s " FTH_STR_F,
                            share->segment->id, l->mark, FTH_STR_A(share->segment->source));
}

/* A share as bytes: itself, then its keys, each behind its length. */
static enum fth_rc remember(const struct looking *l, const struct share *share, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PACKED_MAX);
    struct fth_arena_mark mark = fth_arena_mark(l->env.arena);
    struct share bare = *share;
    struct fth_str key;

    if (!l->run->cache)
        return FTH_OK;
    bare.segment = NULL;
    bare.keys = (struct fth_str_vec){0};
    fth_buf_add(&buf, &bare, sizeof(bare));
    for (size_t i = 0; i < share->keys.nr; i++) {
        fth_buf_add(&buf, &share->keys.at[i].n, sizeof(share->keys.at[i].n));
        fth_buf_str(&buf, share->keys.at[i]);
    }
    if (!buf.failed && !key_of(l, share, &key, err))
        fth_cache_put(l->run->cache, key, fth_buf_view(&buf));
    fth_buf_release(&buf);
    fth_arena_rewind(l->env.arena, mark);
    return err->rc;
}

static enum fth_rc unpack(struct looking *l, struct fth_str bytes, struct share *out,
                          struct fth_err *err)
{
    const struct fth_segment *segment = out->segment;

    FTH_CHECK(bytes.n >= sizeof(*out));
    memcpy(out, bytes.p, sizeof(*out));
    out->segment = segment;
    out->keys = fth_str_vec_in(l->env.arena);
    bytes = fth_str_sub(bytes, sizeof(*out), SIZE_MAX);
    while (bytes.n) {
        struct fth_str key;
        size_t n;

        memcpy(&n, bytes.p, sizeof(n));
        if (fth_arena_str(l->env.arena, fth_str_sub(bytes, sizeof(n), n), &key, err) ||
            fth_str_vec_push(&out->keys, key, err))
            return err->rc;
        bytes = fth_str_sub(bytes, sizeof(n) + n, SIZE_MAX);
    }
    return FTH_OK;
}

static enum fth_rc recall(struct looking *l, struct share *share, struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(l->env.arena);
    struct fth_cache_entry *entry;
    struct fth_str key;

    if (!l->run->cache || key_of(l, share, &key, err))
        return err->rc;
    entry = fth_cache_get(l->run->cache, key);
    fth_arena_rewind(l->env.arena, mark);
    if (!entry)
        return FTH_OK;
    (void)unpack(l, fth_cache_bytes(entry), share, err);
    fth_cache_release(l->run->cache, entry);
    return err->rc;
}

static void put_where(struct looking *l, struct fth_sql *sql, const struct fth_segment *segment)
{
    const struct fth_sql_source source = {.kind = FTH_SERVED_FACTS, .at = &segment, .nr = 1};

    fth_buf_printf(&sql->body, " FROM %s WHERE ", segment->table);
    fth_sql_cond(sql, l->scope, &source, false);
}

/* A row for each segment that is not known yet. Columns: enum below. */
enum { S_SEGMENT, S_ROWS, S_FROM, S_TO, S_UNTIL, S_LEAST, S_GREATEST, S_TAILS, S_LONGS, S_NR };

static void put_stats(struct looking *l, struct fth_sql *sql)
{
    const char *join = " SELECT ";

    for (size_t i = 0; i < l->nr; i++) {
        if (l->shares[i].known)
            continue;
        fth_buf_printf(&sql->body,
                       "%s%" PRId64 "::BIGINT, count(*)::BIGINT, min(ChargePeriodStart)::DATE, "
                       "max(ChargePeriodStart)::DATE, max(ChargePeriodEnd), min(BillingCurrency), "
                       "max(BillingCurrency), count(*) FILTER (BilledCostTail <> 0 OR "
                       "EffectiveCostTail <> 0 OR ListCostTail <> 0 OR ContractedCostTail <> "
                       "0)::BIGINT, count(*) FILTER (" FTH_SQL_LONG ")::BIGINT",
                       join, l->shares[i].segment->id);
        put_where(l, sql, l->shares[i].segment);
        join = " UNION ALL SELECT ";
    }
}

static struct share *share_of(struct looking *l, int64_t segment)
{
    for (size_t i = 0; i < l->nr; i++)
        if (l->shares[i].segment->id == segment)
            return &l->shares[i];
    fth_check_failed(__FILE__, __LINE__, "a segment that was not asked for");
}

static void take_stats(struct looking *l, const struct fth_batch *batch, size_t row)
{
    struct share *share = share_of(l, (int64_t)fth_grid_whole(&batch->cols[S_SEGMENT], row));
    struct fth_str least = fth_grid_text(&batch->cols[S_LEAST], row);

    share->rows = (int64_t)fth_grid_whole(&batch->cols[S_ROWS], row);
    share->from = (int32_t)fth_grid_whole(&batch->cols[S_FROM], row);
    share->to = (int32_t)fth_grid_whole(&batch->cols[S_TO], row);
    share->until_us = (int64_t)fth_grid_whole(&batch->cols[S_UNTIL], row);
    share->has_tail = (int64_t)fth_grid_whole(&batch->cols[S_TAILS], row) > 0;
    share->has_long = (int64_t)fth_grid_whole(&batch->cols[S_LONGS], row) > 0;
    share->one_currency = least.n && least.n < CURRENCY_LEN &&
                          fth_str_eq(least, fth_grid_text(&batch->cols[S_GREATEST], row));
    if (share->one_currency)
        memcpy(share->currency, least.p, least.n);
}

/* Columns: segment, key. */
static void put_keys(struct looking *l, struct fth_sql *sql)
{
    const char *join = "";

    fth_buf_c(&sql->body, " SELECT DISTINCT x.s, unnest(map_keys(t.Tags)) AS k FROM (");
    for (size_t i = 0; i < l->nr; i++) {
        if (l->shares[i].known)
            continue;
        fth_buf_printf(&sql->body, "%sSELECT DISTINCT %" PRId64 "::BIGINT AS s, TagSetId AS g",
                       join, l->shares[i].segment->id);
        put_where(l, sql, l->shares[i].segment);
        join = " UNION ALL ";
    }
    fth_buf_c(&sql->body, ") x JOIN tag_set t ON t.TagSetId = x.g");
}

static enum fth_rc take_key(struct looking *l, const struct fth_batch *batch, size_t row,
                            struct fth_err *err)
{
    struct share *share = share_of(l, (int64_t)fth_grid_whole(&batch->cols[0], row));
    struct fth_str key;

    if (fth_arena_str(l->env.arena, fth_grid_text(&batch->cols[1], row), &key, err))
        return err->rc;
    return fth_str_vec_push(&share->keys, key, err);
}

static enum fth_rc read_unknown(struct looking *l, bool keys, struct fth_err *err)
{
    struct fth_sql sql = fth_sql_begin(&l->env, err);
    struct fth_result *result = NULL;
    struct fth_batch batch;
    struct fth_str text = {0};

    if (keys)
        put_keys(l, &sql);
    else
        put_stats(l, &sql);
    if (!fth_sql_done(&sql, &l->env, &text, err) &&
        !fth_session_query(l->env.session, text, sql.params.at, sql.params.nr, l->env.cancel,
                           &result, err)) {
        while (!fth_result_next(result, &batch, err) && batch.nr)
            for (size_t row = 0; row < batch.nr && !err->rc; row++) {
                if (!keys)
                    take_stats(l, &batch, row);
                else if (take_key(l, &batch, row, err))
                    break;
            }
        fth_result_free(result);
    }
    fth_sql_release(&sql);
    return err->rc;
}

static enum fth_rc find_shares(struct looking *l, struct fth_err *err)
{
    const struct fth_snapshot *all = l->env.snapshot;

    l->shares = FTH_NEW_ARRAY(l->env.arena, struct share, all->nr);
    if (!l->shares)
        return fth_err_nomem(err);
    for (size_t i = 0; i < all->nr; i++) {
        struct share *share = &l->shares[l->nr];

        if (all->at[i].rows == 0)
            continue;
        *share = (struct share){.segment = &all->at[i], .keys = fth_str_vec_in(l->env.arena)};
        if (recall(l, share, err))
            return err->rc;
        l->unknown += !share->known;
        l->nr++;
    }
    if (l->unknown == 0)
        return FTH_OK;
    if (read_unknown(l, false, err) || read_unknown(l, true, err))
        return err->rc;
    for (size_t i = 0; i < l->nr; i++)
        if (!l->shares[i].known) {
            l->shares[i].known = true;
            if (remember(l, &l->shares[i], err))
                return err->rc;
        }
    return FTH_OK;
}

/* ---- the sight ---- */

/* Lists of values and labels are of whole segments. */
static struct fth_segment narrowed(const struct share *share)
{
    struct fth_segment segment = *share->segment;

    segment.rows = share->rows;
    segment.charge_from = share->from;
    segment.charge_to = share->to;
    segment.charges_until_us = share->until_us;
    segment.one_currency = share->one_currency;
    segment.currency = share->one_currency ? fth_str_c(share->currency) : (struct fth_str){0};
    segment.has_tail = share->has_tail;
    segment.has_long = share->has_long;
    segment.has_values = false;
    return segment;
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

static enum fth_rc unite_keys(const struct looking *l, struct fth_sight *out, struct fth_err *err)
{
    struct fth_str_vec keys = fth_str_vec_in(l->env.arena);
    size_t nr = 0;

    for (size_t i = 0; i < l->nr; i++)
        for (size_t k = 0; k < l->shares[i].keys.nr; k++)
            if (fth_str_vec_push(&keys, l->shares[i].keys.at[k], err))
                return err->rc;
    if (keys.nr)
        qsort(keys.at, keys.nr, sizeof(*keys.at), by_text);
    for (size_t i = 0; i < keys.nr; i++)
        if (nr == 0 || !fth_str_eq(keys.at[nr - 1], keys.at[i]))
            keys.at[nr++] = keys.at[i];
    out->tag_keys = keys.at;
    out->tag_key_nr = nr;
    return FTH_OK;
}

static enum fth_rc narrow(struct looking *l, struct fth_sight *out, struct fth_err *err)
{
    struct fth_snapshot *snapshot = FTH_NEW(l->env.arena, struct fth_snapshot);
    struct fth_segment *segments = FTH_NEW_ARRAY(l->env.arena, struct fth_segment, l->nr);

    if (!snapshot || !segments)
        return fth_err_nomem(err);
    *snapshot = (struct fth_snapshot){.version = out->pinned->version, .at = segments};
    for (size_t i = 0; i < l->nr; i++)
        if (l->shares[i].rows)
            segments[snapshot->nr++] = narrowed(&l->shares[i]);
    out->snapshot = snapshot;
    return unite_keys(l, out, err);
}

static enum fth_rc look(const struct fth_plan_run *run, struct fth_sight *out, struct fth_err *err)
{
    struct looking l = {.run = run,
                        .env = {.session = run->session,
                                .snapshot = out->pinned,
                                .arena = run->arena,
                                .cancel = run->cancel,
                                .tag_keys = out->tag_keys,
                                .tag_key_nr = out->tag_key_nr,
                                .warnings = fth_str_vec_in(run->arena)}};

    FTH_CHECK(run->session != NULL && run->scope_text.n > 0);
    if (fth_sha256_text(run->scope_text, l.mark, err))
        return err->rc;
    if (resolve(&l.env, run->scope, &l.scope, err))
        return err->rc;
    out->scope = l.scope;
    out->cond_nr = l.env.cond_nr;
    if (find_shares(&l, err))
        return err->rc;
    return narrow(&l, out, err);
}

enum fth_rc fth_sight_open(const struct fth_plan_run *run, int64_t version, struct fth_sight *out,
                           struct fth_err *err)
{
    struct fth_sight sight = {0};
    struct fth_str *keys = NULL;

    /* Keys after the version: there may be more of them than it has, but never fewer. */
    if (fth_ledger_snapshot(run->ledger, version, &sight.pinned, err))
        return err->rc;
    if (!fth_tagsets_keys(run->ledger, run->arena, &keys, &sight.tag_key_nr, err)) {
        sight.tag_keys = keys;
        sight.snapshot = sight.pinned;
        if (run->scope)
            look(run, &sight, err);
    }
    if (err->rc) {
        fth_snapshot_release(run->ledger, sight.pinned);
        return err->rc;
    }
    *out = sight;
    return FTH_OK;
}

void fth_sight_close(const struct fth_plan_run *run, struct fth_sight *sight)
{
    if (sight->pinned)
        fth_snapshot_release(run->ledger, sight->pinned);
    sight->pinned = NULL;
}
