/* One entity: what is known of it, what it cost by kind of charge and by month, its tags. */
#include "app/entities_int.h"
#include "base/date.h"
#include "base/vec.h"

enum { TAG_ROWS = 100 };

/* What one key (a kind of charge, a month; empty: all) cost in one currency. */
struct part {
    struct fth_str key, currency;
    struct fth_money cost;
};
FTH_VEC(part_vec, struct part)

struct one {
    const struct fth_entities *of;
    const struct fth_entity_kind *kind;
    struct fth_entity entity;
    struct fth_rows months, categories; /* its costs */
    struct fth_rows whole;              /* those of all charges */
    struct fth_str tags;                /* JSON; empty: none are known */
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

static enum fth_rc add_up(const struct one *one, const struct fth_rows *rows, const char *column,
                          struct part_vec *out, struct fth_err *err)
{
    const char *metric = fth_entity_metric(one->of->request);

    *out = part_vec_in(one->of->asked->arena);
    for (size_t row = 0; row < rows->nr; row++) {
        const struct fth_cell *key = column ? fth_rows_cell(rows, row, column) : NULL;
        struct part part = {.currency = fth_rows_currency(rows, row),
                            .cost = fth_rows_cell(rows, row, metric)->money};

        if (key)
            part.key = key->text;
        if (add(out, part, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc ask(const struct one *one, const struct fth_entity_plan *wish,
                       struct fth_rows *out, struct fth_err *err)
{
    const struct fth_plan *plan = NULL;

    if (fth_entity_plan(one->of, wish, &plan, err))
        return err->rc;
    return fth_rows_ask(one->of->asked, plan, (struct fth_str){0}, 0, out, err);
}

/* The days that it has charges in, of those asked for; none when `to` is not behind `from`. That
 * the dates of the request are some, the plan of all charges has said. */
static struct fth_days days_of(const struct one *one)
{
    struct fth_days days = {0, 0};
    int32_t from, to;

    if (!fth_date_parse(one->entity.first_seen, &days.from) ||
        !fth_date_parse(one->entity.last_seen, &days.to))
        return days;
    days.to++;
    if (fth_date_parse(one->of->request->from, &from) && from > days.from)
        days.from = from;
    if (fth_date_parse(one->of->request->to, &to) && to < days.to)
        days.to = to;
    return days;
}

/* Months are in a cube or the roll-up; what is by kind of charge is read from the charges, so only
 * of the days that it has any in. */
static enum fth_rc ask_costs(struct one *one, struct fth_err *err)
{
    const struct fth_days days = days_of(one);
    struct fth_entity_plan wish = {
        .grain = "month", .only = one->of->request->id, .version = one->whole.version};

    if (days.to <= days.from)
        return FTH_OK;
    if (ask(one, &wish, &one->months, err))
        return err->rc;
    wish.grain = NULL;
    wish.group_by = "charge_category";
    wish.days = &days;
    return ask(one, &wish, &one->categories, err);
}

/* ---- tags ---- */

/* Of one of the last day's charges; a charge without tags is passed over when another has some. */
static enum fth_rc ask_tags(struct one *one, struct fth_err *err)
{
    struct fth_days day;
    const struct fth_entity_plan wish = {
        .only = one->of->request->id, .rows = true, .days = &day, .version = one->whole.version};
    const struct fth_plan *plan = NULL;
    struct fth_rows rows = {0};

    if (!one->kind->tags || !fth_date_parse(one->entity.last_seen, &day.from))
        return FTH_OK;
    day.to = day.from + 1;
    if (fth_entity_plan(one->of, &wish, &plan, err) ||
        fth_rows_ask(one->of->asked, plan, (struct fth_str){0}, TAG_ROWS, &rows, err))
        return err->rc;
    for (size_t row = 0; row < rows.nr; row++) {
        const struct fth_cell *tags = fth_rows_cell(&rows, row, "Tags");

        if (tags && !tags->null && tags->text.n > one->tags.n)
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
    const char *metric = fth_entity_metric(one->of->request);
    struct part_vec parts;

    if (add_up(one, &one->months, NULL, &parts, err))
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

static enum fth_rc put_parts(const struct one *one, const struct fth_rows *rows, const char *column,
                             const char *name, const char *key, struct fth_jw *jw,
                             struct fth_err *err)
{
    struct part_vec parts;

    if (add_up(one, rows, column, &parts, err))
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
    fth_jw_kv(jw, "metric", one->of->request->metric);
    if (put_totals(one, jw, err) ||
        put_parts(one, &one->categories, "charge_category", "by_charge_category", "charge_category",
                  jw, err) ||
        put_parts(one, &one->months, "time", "by_month", "month", jw, err))
        return err->rc;
    if (one->kind->tags) {
        fth_jw_key(jw, "tags");
        if (one->tags.n)
            fth_jw_raw(jw, one->tags);
        else
            fth_jw_null(jw);
    }
    fth_jw_kv_i64(jw, "ledger_version", one->whole.version);
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc no_such(const struct one *one, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_NOTFOUND, "%s: no charge names \"" FTH_STR_F "\"",
                       one->kind->collection, FTH_STR_A(fth_str_sub(one->of->request->id, 0, 200)));
}

/* The first question says which version the others are of. */
static enum fth_rc work_out_one(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    static const struct fth_entity_plan all;
    struct one *one = ctx;

    if (ask(one, &all, &one->whole, err) ||
        fth_entities_seen(one->of->asked, one->kind, &one->of->request->id, 1, one->whole.version,
                          &one->entity, err))
        return err->rc;
    if (!one->entity.id.p)
        return no_such(one, err);
    if (ask_costs(one, err) || ask_tags(one, err))
        return err->rc;
    return put_one(one, jw, err);
}

enum fth_rc fth_entities_get(const struct fth_entities *entities, struct fth_str *out,
                             struct fth_err *err)
{
    struct one one = {.of = entities, .kind = fth_entity_kind(entities->request->collection)};

    return fth_entities_cached(entities, work_out_one, &one, out, err);
}
