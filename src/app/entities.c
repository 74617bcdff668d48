#include "app/entities_int.h"

#include <inttypes.h>

#include "app/desk_int.h"
#include "app/organisation.h"
#include "app/rates.h"
#include "base/check.h"
#include "base/date.h"
#include "base/map.h"
#include "plan/dimension.h"
#include "plan/filter.h"

enum { PLAN_MAX = 256 * 1024, SHARE_DECIMALS = 10 };

static const struct fth_entity_kind kinds[] = {
#define FTH_ENTITY(collection_, dimension_, tags_, ...) \
    {.collection = #collection_, .dimension = #dimension_, .tags = tags_, .parts = {__VA_ARGS__}},
#include "app/entity.def"
#undef FTH_ENTITY
};

const struct fth_entity_kind *fth_entity_kind(struct fth_str collection)
{
    size_t i = 0;

    while (i < FTH_NR(kinds) && !fth_str_eq_c(collection, kinds[i].collection))
        i++;
    FTH_CHECK(i < FTH_NR(kinds));
    return &kinds[i];
}

const char *fth_entity_metric(const struct fth_entities_request *request)
{
    enum fth_measure measure = fth_measure_find(request->metric);

    FTH_CHECK(measure != FTH_MEASURE_NR);
    return fth_measure_info(measure)->id;
}

/* ---- plans ---- */

static void put_filters(struct fth_jw *jw, const char *dimension,
                        const struct fth_entity_plan *wish)
{
    fth_jw_key(jw, "filters");
    fth_jw_array(jw);
    if (wish->present)
        fth_filter_put_json(jw, dimension, FTH_FILTER_PRESENT, (struct fth_str){0});
    if (wish->contains.n)
        fth_filter_put_json(jw, dimension, FTH_FILTER_CONTAINS, wish->contains);
    fth_jw_array_end(jw);
}

static void put_time(struct fth_jw *jw, const struct fth_entities_request *request,
                     const struct fth_days *days)
{
    fth_jw_key(jw, "time");
    if (!days && !request->from.n && !request->to.n) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    if (days) {
        fth_jw_kv_date(jw, "start", days->from);
        fth_jw_kv_date(jw, "end", days->to);
    } else {
        fth_jw_kv(jw, "start", request->from.n ? request->from : FTH_STR("0001-01-01"));
        fth_jw_kv(jw, "end", request->to.n ? request->to : FTH_STR("9999-12-31"));
    }
    fth_jw_object_end(jw);
}

/* What is ordered by names needs those of all; else they are looked up of what is on the page. */
static bool is_by_name(const struct fth_entities_request *request,
                       const struct fth_entity_plan *wish)
{
    return wish->ordered && fth_str_eq_c(request->sort, "name");
}

static void put_measures(struct fth_jw *jw, const struct fth_entities_request *request,
                         const struct fth_entity_plan *wish)
{
    fth_jw_key(jw, "measures");
    fth_jw_array(jw);
    fth_jw_str(jw, request->metric);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "group_by");
    fth_jw_array(jw);
    if (wish->group_by)
        fth_jw_c(jw, wish->group_by);
    fth_jw_array_end(jw);
    fth_jw_kv_bool(jw, "labels", is_by_name(request, wish));
    if (wish->grain)
        fth_jw_kv_c(jw, "grain", wish->grain);
    if (fth_str_eq_c(request->currency, "billed")) {
        fth_jw_key(jw, "currency");
        fth_jw_null(jw);
    } else if (request->currency.n) {
        fth_jw_kv(jw, "currency", request->currency);
    }
}

static void put_order(struct fth_jw *jw, const struct fth_entities_request *request)
{
    if (fth_str_eq_c(request->sort, "name"))
        return;
    fth_jw_key(jw, "order");
    fth_jw_object(jw);
    fth_jw_kv(jw, "by", request->metric);
    fth_jw_kv_c(jw, "dir", fth_str_eq_c(request->sort, "cost") ? "asc" : "desc");
    fth_jw_object_end(jw);
}

static void put_plan(struct fth_jw *jw, const struct fth_entities_request *request,
                     const struct fth_entity_plan *wish)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", "query");
    fth_jw_kv_c(jw, "subject", "cost");
    if (wish->rows)
        fth_jw_kv_bool(jw, "rows", true);
    else
        put_measures(jw, request, wish);
    put_time(jw, request, wish->days);
    put_filters(jw, fth_entity_kind(request->collection)->dimension, wish);
    if (request->filter.n && !wish->rows)
        fth_jw_kv(jw, "where", request->filter);
    if (wish->version)
        fth_jw_kv_i64(jw, "as_of", wish->version);
    else if (request->as_of.n)
        fth_jw_kv(jw, "as_of", request->as_of);
    if (wish->ordered)
        put_order(jw, request);
    fth_jw_object_end(jw);
}

static enum fth_rc parse_plan(const struct fth_entities *entities, struct fth_str text,
                              const struct fth_entity_plan *wish, const struct fth_plan **out,
                              struct fth_err *err)
{
    const char *dimension = fth_entity_kind(entities->request->collection)->dimension;
    struct fth_arena *arena = entities->asked->arena;
    const struct fth_json *json = NULL;
    const struct fth_plan *plan = NULL;

    if (fth_json_parse(arena, text, NULL, &json, err) || fth_plan_parse(arena, json, &plan, err) ||
        fth_plan_in(arena, plan, entities->reporting, &plan, err) ||
        (wish->only.n && fth_plan_only(arena, plan, dimension, wish->only, &plan, err)) ||
        (is_by_name(entities->request, wish) && fth_plan_by_name(arena, plan, &plan, err)))
        return err->rc;
    *out = plan;
    return FTH_OK;
}

enum fth_rc fth_entity_plan(const struct fth_entities *entities, const struct fth_entity_plan *wish,
                            const struct fth_plan **out, struct fth_err *err)
{
    const struct fth_entities_request *request = entities->request;
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    const struct fth_filter *filter;
    struct fth_jw jw;

    if (request->filter.n &&
        fth_filter_parse(entities->asked->arena, request->filter, &filter, err)) {
        fth_err_prefix(err, "filter");
        return err->rc;
    }
    fth_jw_init(&jw, &text);
    put_plan(&jw, request, wish);
    if (!fth_jw_done(&jw, err))
        (void)parse_plan(entities, fth_buf_view(&text), wish, out, err);
    fth_buf_release(&text);
    return err->rc;
}

enum fth_rc fth_entities_open(const struct fth_asked *asked,
                              const struct fth_entities_request *request, struct fth_entities *out,
                              struct fth_err *err)
{
    const struct fth_str parts[] = {request->collection, request->id,   request->metric,
                                    request->currency,   request->from, request->to,
                                    request->filter,     request->q,    request->sort,
                                    request->cursor,     request->as_of};
    struct fth_entities entities = {.asked = asked, .request = request};
    struct fth_buf key = fth_buf_max(PLAN_MAX);
    int64_t rates;

    if (fth_organisation_currency(asked, &entities.reporting, err) ||
        fth_rates_version(asked, &rates, err))
        return err->rc;
    fth_buf_printf(&key, "entities %zu of " FTH_STR_F " rates %" PRId64, request->limit,
                   FTH_STR_A(entities.reporting), rates);
    /* With their lengths, so that no two requests have the same. */
    for (size_t i = 0; i < FTH_NR(parts); i++)
        fth_buf_printf(&key, " %zu:" FTH_STR_F, parts[i].n, FTH_STR_A(parts[i]));
    if (!fth_buf_done(&key, err) &&
        !fth_arena_str(asked->arena, fth_buf_view(&key), &entities.key, err))
        *out = entities;
    fth_buf_release(&key);
    return err->rc;
}

enum fth_rc fth_entities_cached(const struct fth_entities *entities,
                                enum fth_rc (*work)(void *ctx, struct fth_jw *jw,
                                                    struct fth_err *err),
                                void *ctx, struct fth_str *out, struct fth_err *err)
{
    int64_t version = fth_ledger_version(entities->asked->app->ledger);
    struct fth_str key;

    if (fth_arena_printf(entities->asked->arena, &key, err, "%" PRId64 " " FTH_STR_F, version,
                         FTH_STR_A(entities->key)))
        return err->rc;
    return fth_desk_cached(entities->asked, key, version, work, ctx, out, NULL, err);
}

/* ---- what is known of them ---- */

static const char *label_column(const struct fth_asked *asked, const char *dimension,
                                struct fth_err *err)
{
    struct fth_str name;

    return fth_arena_printf(asked->arena, &name, err, "%s_label", dimension) ? "" : name.p;
}

static struct fth_str text_in(const struct fth_rows *rows, size_t row, const char *column)
{
    const struct fth_cell *cell = fth_rows_cell(rows, row, column);

    return cell && !cell->null ? cell->text : (struct fth_str){0};
}

struct looking {
    const struct fth_asked *asked;
    const struct fth_entity_kind *kind;
    int64_t version;
    const struct fth_str *ids;
    size_t nr;
    struct fth_map places; /* by id: where in `out` */
    struct fth_entity *out;
    const char *name, *labels[FTH_ENTITY_PARTS_MAX]; /* columns */
};

/* Over the whole ledger by the dimension alone, which a cube or the roll-up knows; or, in a month,
 * by all parts. */
static enum fth_rc ask_seen(const struct looking *l, const struct fth_str *ids, size_t nr,
                            const struct fth_days *month, struct fth_rows *out, struct fth_err *err)
{
    const char *dimensions[FTH_ENTITY_PARTS_MAX + 1] = {l->kind->dimension};
    struct fth_seen_wish wish = {.dimensions = dimensions,
                                 .dimension_nr = 1,
                                 .values = ids,
                                 .value_nr = nr,
                                 .version = l->version,
                                 .labels = true};
    const struct fth_plan *plan;

    if (month) {
        wish.has_time = true;
        wish.from = month->from;
        wish.to = month->to;
    }
    while (month && l->kind->parts[wish.dimension_nr - 1]) {
        dimensions[wish.dimension_nr] = l->kind->parts[wish.dimension_nr - 1];
        wish.dimension_nr++;
    }
    if (fth_plan_seen(l->asked->arena, &wish, &plan, err))
        return err->rc;
    return fth_rows_ask(l->asked, plan, (struct fth_str){0}, 0, out, err);
}

/* NULL: one that was not asked for. */
static struct fth_entity *place_of(const struct looking *l, const struct fth_rows *rows, size_t row)
{
    return fth_map_get(&l->places, text_in(rows, row, l->kind->dimension));
}

/* A row for each currency; each has the newest label. */
static void take_days(const struct looking *l, const struct fth_rows *rows)
{
    for (size_t row = 0; row < rows->nr; row++) {
        struct fth_entity *entity = place_of(l, rows, row);
        struct fth_str label = text_in(rows, row, l->name);
        struct fth_str first = text_in(rows, row, "first_seen");
        struct fth_str last = text_in(rows, row, "last_seen");

        if (!entity)
            continue;
        if (!entity->id.p || fth_str_cmp(first, entity->first_seen) < 0)
            entity->first_seen = first;
        if (!entity->id.p || fth_str_cmp(last, entity->last_seen) > 0)
            entity->last_seen = last;
        entity->id = text_in(rows, row, l->kind->dimension);
        entity->name = label.n ? label : entity->id;
        entity->charges += fth_rows_cell(rows, row, "charge_count")->i64;
    }
}

/* The first day of the month of its last one; INT32_MAX: not known. */
static int32_t last_month(const struct fth_entity *entity)
{
    int32_t last;

    if (!fth_date_parse(entity->last_seen, &last))
        return INT32_MAX;
    return fth_month_first_date(fth_month_of_date(last));
}

/* The later the charges, the more they say. Of one day those count that are the most: rows come
 * with the most first. */
static void take_parts(const struct looking *l, const struct fth_rows *rows, size_t row,
                       struct fth_entity *entity)
{
    struct fth_str last = text_in(rows, row, "last_seen"), label;

    for (size_t i = 0; l->kind->parts[i]; i++) {
        struct fth_part_of *part = &entity->parts[i];
        struct fth_str id = text_in(rows, row, l->kind->parts[i]);

        if (!id.n || (part->id.n && fth_str_cmp(last, part->since) <= 0))
            continue;
        label = text_in(rows, row, l->labels[i]);
        *part = (struct fth_part_of){.id = id, .name = label.n ? label : id, .since = last};
    }
}

/* The parts of those whose last month this is. */
static enum fth_rc look_in(const struct looking *l, int32_t first, struct fth_err *err)
{
    const struct fth_days month = {first, fth_date_add_months(first, 1)};
    struct fth_str *ids = FTH_NEW_ARRAY(l->asked->arena, struct fth_str, l->nr);
    struct fth_rows rows = {0};
    size_t nr = 0;

    if (!ids)
        return fth_err_nomem(err);
    for (size_t i = 0; i < l->nr; i++)
        if (last_month(&l->out[i]) == first)
            ids[nr++] = l->ids[i];
    if (ask_seen(l, ids, nr, &month, &rows, err))
        return err->rc;
    for (size_t row = 0; row < rows.nr; row++) {
        struct fth_entity *entity = place_of(l, &rows, row);

        if (entity)
            take_parts(l, &rows, row, entity);
    }
    return FTH_OK;
}

/* Each month that is some entity's last is read once. */
static enum fth_rc look(struct looking *l, struct fth_err *err)
{
    struct fth_rows rows = {0};
    int32_t month = INT32_MIN;

    for (size_t i = 0; i < l->nr; i++)
        if (!fth_map_has(&l->places, l->ids[i]) &&
            fth_map_put(&l->places, l->ids[i], &l->out[i], NULL, err))
            return err->rc;
    if (ask_seen(l, l->ids, l->nr, NULL, &rows, err))
        return err->rc;
    take_days(l, &rows);
    for (;;) {
        int32_t next = INT32_MAX;

        for (size_t i = 0; i < l->nr; i++) {
            int32_t last = last_month(&l->out[i]);

            next = last > month && last < next ? last : next;
        }
        if (next == INT32_MAX)
            return FTH_OK;
        month = next;
        if (look_in(l, month, err))
            return err->rc;
    }
}

enum fth_rc fth_entities_seen(const struct fth_asked *asked, const struct fth_entity_kind *kind,
                              const struct fth_str *ids, size_t nr, int64_t version,
                              struct fth_entity *out, struct fth_err *err)
{
    struct looking looking = {.asked = asked,
                              .kind = kind,
                              .version = version,
                              .ids = ids,
                              .nr = nr,
                              .out = out,
                              .name = label_column(asked, kind->dimension, err)};

    for (size_t i = 0; i < nr; i++)
        out[i] = (struct fth_entity){0};
    for (size_t i = 0; kind->parts[i]; i++)
        looking.labels[i] = label_column(asked, kind->parts[i], err);
    if (err->rc || nr == 0)
        return err->rc;
    fth_map_init(&looking.places);
    (void)look(&looking, err);
    fth_map_release(&looking.places);
    return err->rc;
}

/* ---- objects ---- */

void fth_entity_put(struct fth_jw *jw, const struct fth_entity_kind *kind,
                    const struct fth_entity *entity)
{
    fth_jw_kv(jw, "id", entity->id);
    fth_jw_kv(jw, "name", entity->name);
    for (size_t i = 0; kind->parts[i]; i++) {
        fth_jw_key(jw, kind->parts[i]);
        if (!entity->parts[i].id.n) {
            fth_jw_null(jw);
            continue;
        }
        fth_jw_object(jw);
        fth_jw_kv(jw, "id", entity->parts[i].id);
        fth_jw_kv(jw, "name", entity->parts[i].name);
        fth_jw_object_end(jw);
    }
    fth_jw_kv_opt(jw, "first_seen", entity->first_seen);
    fth_jw_kv_opt(jw, "last_seen", entity->last_seen);
}

enum fth_rc fth_entity_put_share(struct fth_jw *jw, const struct fth_rows *whole,
                                 const char *metric, struct fth_str currency, struct fth_money cost,
                                 struct fth_err *err)
{
    static const struct fth_money one = {.head = INT64_C(10000000000)};
    struct fth_money all, share;

    fth_jw_key(jw, "share");
    if (!fth_rows_total(whole, currency, metric, &all) || fth_money_is_zero(all)) {
        fth_jw_null(jw);
        return FTH_OK;
    }
    if (fth_money_muldiv(cost, one, all, SHARE_DECIMALS, &share, err))
        return err->rc;
    fth_jw_money(jw, share);
    return FTH_OK;
}

/* ---- lists ---- */

struct list {
    const struct fth_entities *of;
    const struct fth_entity_kind *kind;
    struct fth_rows page, whole;
    struct fth_entity *entities; /* by row of the page */
};

static enum fth_rc put_item(const struct list *list, size_t row, struct fth_jw *jw,
                            struct fth_err *err)
{
    struct fth_str currency = fth_rows_currency(&list->page, row);
    const char *metric = fth_entity_metric(list->of->request);
    struct fth_money cost = fth_rows_cell(&list->page, row, metric)->money;

    fth_jw_object(jw);
    fth_entity_put(jw, list->kind, &list->entities[row]);
    fth_jw_kv_money(jw, "cost", cost);
    fth_jw_kv_opt(jw, "currency", currency);
    if (fth_entity_put_share(jw, &list->whole, metric, currency, cost, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

static enum fth_rc put_list(const struct list *list, struct fth_jw *jw, struct fth_err *err)
{
    const char *metric = fth_entity_metric(list->of->request);

    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t row = 0; row < list->page.nr; row++)
        if (put_item(list, row, jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_kv_opt(jw, "next_cursor", list->page.next_cursor);
    fth_jw_key(jw, "totals");
    fth_jw_array(jw);
    for (size_t i = 0; i < list->whole.total_nr; i++) {
        struct fth_money cost = FTH_MONEY_ZERO;

        (void)fth_rows_total(&list->whole, list->whole.totals[i].currency, metric, &cost);
        fth_jw_object(jw);
        fth_jw_kv(jw, "currency", list->whole.totals[i].currency);
        fth_jw_kv_money(jw, "cost", cost);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_kv(jw, "metric", list->of->request->metric);
    fth_jw_kv_i64(jw, "ledger_version", list->page.version);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* The page's entities; an id with several currencies is on it several times. */
static enum fth_rc know(struct list *list, struct fth_err *err)
{
    const struct fth_asked *asked = list->of->asked;
    size_t nr = list->page.nr;
    struct fth_str *ids = FTH_NEW_ARRAY(asked->arena, struct fth_str, nr);
    struct fth_entity *entities = FTH_NEW_ARRAY(asked->arena, struct fth_entity, nr);

    if (!ids || !entities)
        return fth_err_nomem(err);
    for (size_t row = 0; row < nr; row++)
        ids[row] = text_in(&list->page, row, list->kind->dimension);
    if (fth_entities_seen(asked, list->kind, ids, nr, list->page.version, entities, err))
        return err->rc;
    for (size_t row = 0; row < nr; row++)
        for (size_t k = 0; k < row && !entities[row].id.p; k++)
            if (fth_str_eq(ids[k], ids[row]))
                entities[row] = entities[k];
    list->entities = entities;
    return FTH_OK;
}

static enum fth_rc work_out_list(void *ctx, struct fth_jw *jw, struct fth_err *err)
{
    struct list *list = ctx;
    const struct fth_entities *of = list->of;
    struct fth_entity_plan wish = {.group_by = list->kind->dimension,
                                   .contains = of->request->q,
                                   .present = true,
                                   .ordered = true};
    struct fth_entity_plan all = {0};
    const struct fth_plan *plan = NULL;

    if (fth_entity_plan(of, &wish, &plan, err) ||
        fth_rows_ask(of->asked, plan, of->request->cursor, of->request->limit, &list->page, err))
        return err->rc;
    all.version = list->page.version;
    if (fth_entity_plan(of, &all, &plan, err) ||
        fth_rows_ask(of->asked, plan, (struct fth_str){0}, 0, &list->whole, err) || know(list, err))
        return err->rc;
    return put_list(list, jw, err);
}

enum fth_rc fth_entities_list(const struct fth_entities *entities, struct fth_str *out,
                              struct fth_err *err)
{
    struct list list = {.of = entities, .kind = fth_entity_kind(entities->request->collection)};

    return fth_entities_cached(entities, work_out_list, &list, out, err);
}
