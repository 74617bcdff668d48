/* One entity: what is known of it, what it cost by kind of charge and by month, its tags. */
#include <inttypes.h>
#include <string.h>

#include "app/desk_int.h"
#include "app/entities_int.h"
#include "base/date.h"
#include "base/vec.h"

/* What one key (a kind of charge, a month; empty: all) cost in one currency. */
struct part {
    struct fth_str key, currency;
    struct fth_money cost;
};
FTH_VEC(part_vec, struct part)

struct one {
    const struct fth_asked *asked;
    const struct fth_entities_request *request;
    const struct fth_entity_kind *kind;
    struct fth_entity entity;
    struct fth_rows costs; /* by kind of charge and month */
    struct fth_rows whole;
    struct fth_str tags; /* JSON; empty: none are known */
    int64_t version;
};

/* ---- costs ---- */

/* Into a list in order of key, then currency. */
static enum fth_rc add(struct part_vec *parts, struct part part, struct fth_err *err)
{
    size_t at = 0;
    int order = 1;

    while (at < parts->nr) {
        order = fth_str_cmp(parts->at[at].key, part.key);
        if (!order)
            order = fth_str_cmp(parts->at[at].currency, part.currency);
        if (order >= 0)
            break;
        at++;
    }
    if (at < parts->nr && order == 0)
        return fth_money_add(&parts->at[at].cost, part.cost, err);
    if (part_vec_push(parts, part, err))
        return err->rc;
    for (size_t i = parts->nr - 1; i > at; i--)
        parts->at[i] = parts->at[i - 1];
    parts->at[at] = part;
    return FTH_OK;
}

/* What was found by its label is another one, and does not count. */
static enum fth_rc add_up(const struct one *one, const char *column, struct part_vec *out,
                          struct fth_err *err)
{
    const struct fth_rows *rows = &one->costs;
    const char *metric = fth_entity_metric(one->request);

    *out = part_vec_in(one->asked->arena);
    for (size_t row = 0; row < rows->nr; row++) {
        const struct fth_cell *id = fth_rows_cell(rows, row, one->kind->dimension);
        const struct fth_cell *key = column ? fth_rows_cell(rows, row, column) : NULL;
        struct part part = {.currency = fth_rows_currency(rows, row),
                            .cost = fth_rows_cell(rows, row, metric)->money};

        if (key)
            part.key = key->text;
        if (!id->null && fth_str_eq(id->text, one->request->id) && add(out, part, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc ask_costs(struct one *one, struct fth_err *err)
{
    const struct fth_entity_plan wish = {.group_by = {one->kind->dimension, "charge_category"},
                                         .grain = "month",
                                         .only = one->request->id,
                                         .version = one->version};
    const struct fth_entity_plan all = {.version = one->version};
    const struct fth_plan *plan = NULL;

    if (fth_entity_plan(one->asked, one->request, &wish, &plan, err) ||
        fth_rows_ask(one->asked, plan, (struct fth_str){0}, 0, &one->costs, err) ||
        fth_entity_plan(one->asked, one->request, &all, &plan, err))
        return err->rc;
    return fth_rows_ask(one->asked, plan, (struct fth_str){0}, 0, &one->whole, err);
}

/* ---- tags ---- */

/* Of one of the last day's charges; a charge without tags is passed over when another has some. */
static enum fth_rc ask_tags(struct one *one, struct fth_err *err)
{
    struct fth_entity_plan wish = {.only = one->request->id, .rows = true, .version = one->version};
    struct fth_entities_request whole = *one->request;
    const struct fth_plan *plan = NULL;
    struct fth_rows rows = {0};

    if (!one->kind->tags || !fth_date_parse(one->entity.last_seen, &wish.day))
        return FTH_OK;
    whole.filter = (struct fth_str){0};
    if (fth_entity_plan(one->asked, &whole, &wish, &plan, err) ||
        fth_rows_ask(one->asked, plan, (struct fth_str){0}, 100, &rows, err))
        return err->rc;
    for (size_t row = 0; row < rows.nr; row++) {
        const struct fth_cell *id = fth_rows_cell(&rows, row, "ResourceId");
        const struct fth_cell *tags = fth_rows_cell(&rows, row, "Tags");

        if (id && !id->null && fth_str_eq(id->text, one->request->id) && tags && !tags->null &&
            tags->text.n > one->tags.n)
            one->tags = tags->text;
    }
    return FTH_OK;
}

/* ---- the object ---- */

static void put_amount(struct fth_jw *jw, const struct part *part)
{
    fth_jw_kv_money(jw, "cost", part->cost);
    fth_jw_kv_opt(jw, "currency", part->currency);
}

static enum fth_rc put_totals(const struct one *one, struct fth_jw *jw, struct fth_err *err)
{
    const char *metric = fth_entity_metric(one->request);
    struct part_vec parts;

    if (add_up(one, NULL, &parts, err))
        return err->rc;
    fth_jw_key(jw, "totals");
    fth_jw_array(jw);
    for (size_t i = 0; i < parts.nr; i++) {
        fth_jw_object(jw);
        put_amount(jw, &parts.at[i]);
        if (fth_entity_put_share(jw, &one->whole, metric, parts.at[i].currency, parts.at[i].cost,
                                 err))
            return err->rc;
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

static enum fth_rc put_parts(const struct one *one, const char *column, const char *name,
                             const char *key, struct fth_jw *jw, struct fth_err *err)
{
    struct part_vec parts;

    if (add_up(one, column, &parts, err))
        return err->rc;
    fth_jw_key(jw, name);
    fth_jw_array(jw);
    for (size_t i = 0; i < parts.nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_opt(jw, key, parts.at[i].key);
        put_amount(jw, &parts.at[i]);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

static enum fth_rc put_one(const struct one *one, struct fth_jw *jw, struct fth_err *err)
{
    fth_jw_object(jw);
    fth_entity_put(jw, one->kind, &one->entity);
    fth_jw_kv_i64(jw, "charges", one->entity.charges);
    fth_jw_kv(jw, "metric", one->request->metric);
    if (put_totals(one, jw, err) ||
        put_parts(one, "charge_category", "by_charge_category", "charge_category", jw, err) ||
        put_parts(one, "time", "by_month", "month", jw, err))
        return err->rc;
    if (one->kind->tags) {
        fth_jw_key(jw, "tags");
        if (one->tags.n)
            fth_jw_raw(jw, one->tags);
        else
            fth_jw_null(jw);
    }
    fth_jw_kv_i64(jw, "ledger_version", one->version);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc no_such(const struct one *one, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_NOTFOUND, "%s: no charge names \"" FTH_STR_F "\"",
                       one->kind->collection, FTH_STR_A(fth_str_sub(one->request->id, 0, 200)));
}

/* Which version it is, when the request says a time. */
static enum fth_rc find_version(struct one *one, struct fth_err *err)
{
    struct fth_str as_of = one->request->as_of;
    int64_t instant;

    if (!as_of.n || fth_str_to_i64(as_of, &one->version))
        return FTH_OK;
    if (!fth_instant_parse(as_of, &instant))
        return fth_err_set(err, FTH_E_INVALID, "as_of: \"" FTH_STR_F "\" is no version and no time",
                           FTH_STR_A(as_of));
    return fth_ledger_version_at(one->asked->app->ledger, instant, &one->version, err);
}

static enum fth_rc work_out_one(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct one *one = ctx;

    if (find_version(one, err) || fth_entities_seen(one->asked, one->kind, &one->request->id, 1,
                                                    one->version, &one->entity, err))
        return err->rc;
    if (!one->entity.id.p)
        return no_such(one, err);
    if (ask_costs(one, err))
        return err->rc;
    one->version = one->costs.version;
    if (ask_tags(one, err))
        return err->rc;
    return put_one(one, jw, err);
}

enum fth_rc fth_entities_get(const struct fth_asked *asked,
                             const struct fth_entities_request *request, struct fth_str *out,
                             struct fth_err *err)
{
    struct one one = {
        .asked = asked, .request = request, .kind = fth_entity_kind(request->collection)};
    int64_t version = fth_ledger_version(asked->app->ledger);
    struct fth_str key = {0};

    if (fth_entities_key(asked, request, &key, err) ||
        fth_arena_printf(asked->arena, &key, err, "%" PRId64 " " FTH_STR_F, version,
                         FTH_STR_A(key)))
        return err->rc;
    one.version = version;
    return fth_desk_cached(asked, key, version, work_out_one, &one, out, NULL, err);
}
