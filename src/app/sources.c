#include "app/sources.h"

#include <inttypes.h>
#include <string.h>

#include "app/app_int.h"
#include "app/sources_int.h"
#include "base/money.h"
#include "base/vec.h"
#include "ledger/catalogue.h"

FTH_VEC(period_vec, struct fth_str)

enum { CURRENCY_MAX = 64 };

/* Everything that is known of all sources, read once. */
struct catalogue {
    struct fth_source *sources;
    size_t source_nr;
    struct fth_catalogue_segment *segments;
    size_t segment_nr;
    struct fth_delivery *deliveries;
    size_t delivery_nr;
    bool scoped; /* `seen` is all that the caller may know */
    struct fth_seen seen;
};

static bool is_seen(const struct catalogue *all, int64_t source)
{
    for (size_t i = 0; i < all->seen.period_nr; i++)
        if (all->seen.periods[i].source_id == source)
            return true;
    return false;
}

/* Sources without a charge in the scope are not there. */
static enum fth_rc leave_seen(const struct fth_asked *asked, struct catalogue *all,
                              struct fth_err *err)
{
    size_t nr = 0;

    all->scoped = true;
    if (fth_sources_seen(asked, &all->seen, err))
        return err->rc;
    for (size_t i = 0; i < all->source_nr; i++)
        if (is_seen(all, all->sources[i].id))
            all->sources[nr++] = all->sources[i];
    all->source_nr = nr;
    return FTH_OK;
}

static enum fth_rc read_catalogue(const struct fth_asked *asked, struct catalogue *out,
                                  struct fth_err *err)
{
    struct fth_app *app = asked->app;
    struct fth_arena *arena = asked->arena;
    int64_t version;

    if (fth_catalogue_sources(app->db, arena, &out->sources, &out->source_nr, err) ||
        fth_catalogue_deliveries(app->db, arena, 0, &out->deliveries, &out->delivery_nr, err) ||
        fth_catalogue_version(app->db, &version, err))
        return err->rc;
    if (fth_who_scope(asked->who))
        return leave_seen(asked, out, err);
    return fth_catalogue_segments(app->db, arena, version, &out->segments, &out->segment_nr, err);
}

/* ---- sums ---- */

struct billed {
    struct fth_str currency;
    struct fth_money amount;
};

struct source_sums {
    int64_t rows, charges_until_us, last_loaded_us, deliveries;
    struct period_vec periods;
    struct billed billed[CURRENCY_MAX];
    size_t billed_nr;
    int final; /* of the newest period */
};

/* In order of currencies. */
static enum fth_rc add_billed(struct source_sums *sums, struct fth_str currency,
                              struct fth_money value, struct fth_err *err)
{
    size_t i = 0;

    while (i < sums->billed_nr && fth_str_cmp(sums->billed[i].currency, currency) < 0)
        i++;
    if (i < sums->billed_nr && fth_str_eq(sums->billed[i].currency, currency))
        return fth_money_add(&sums->billed[i].amount, value, err);
    if (sums->billed_nr == CURRENCY_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "more than %d currencies", CURRENCY_MAX);
    memmove(&sums->billed[i + 1], &sums->billed[i],
            (sums->billed_nr - i) * sizeof(sums->billed[0]));
    sums->billed[i] = (struct billed){currency, value};
    sums->billed_nr++;
    return FTH_OK;
}

static enum fth_rc add_rows(struct source_sums *sums, struct fth_str period, int64_t rows,
                            int64_t until_us, struct fth_err *err)
{
    struct fth_str *last = sums->periods.nr ? &sums->periods.at[sums->periods.nr - 1] : NULL;

    sums->rows += rows;
    if (until_us > sums->charges_until_us)
        sums->charges_until_us = until_us;
    return last && fth_str_eq(*last, period) ? FTH_OK
                                             : period_vec_push(&sums->periods, period, err);
}

/* A segment keeps its sums by currency. */
static enum fth_rc add_segment(struct source_sums *sums, struct fth_arena *arena,
                               const struct fth_catalogue_segment *segment, struct fth_err *err)
{
    const struct fth_json *json;

    if (add_rows(sums, segment->billing_period, segment->rows, segment->charges_until_us, err) ||
        fth_json_parse(arena, segment->sums, NULL, &json, err))
        return err->rc;
    for (size_t i = 0; i < json->nr; i++) {
        struct fth_money value;

        if (fth_money_parse(fth_json_str(&json->items[i], "billed_cost", FTH_STR("0")), &value,
                            err) ||
            add_billed(sums, fth_json_str(&json->items[i], "currency", FTH_STR("")), value, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc add_seen(struct source_sums *sums, const struct fth_seen *seen,
                            const struct fth_source *source, struct fth_err *err)
{
    for (size_t i = 0; i < seen->period_nr; i++) {
        const struct fth_seen_period *at = &seen->periods[i];

        if (at->source_id == source->id &&
            add_rows(sums, at->period, at->rows, at->charges_until_us, err))
            return err->rc;
    }
    for (size_t i = 0; i < seen->billed_nr; i++)
        if (fth_str_eq(seen->billed[i].key[0], source->name) &&
            add_billed(sums, seen->billed[i].currency, seen->billed[i].billed, err))
            return err->rc;
    return FTH_OK;
}

static bool has_period(const struct source_sums *sums, struct fth_str period)
{
    for (size_t i = 0; i < sums->periods.nr; i++)
        if (fth_str_eq(sums->periods.at[i], period))
            return true;
    return false;
}

static void add_delivery(struct source_sums *sums, const struct fth_delivery *delivery)
{
    struct fth_str newest =
        sums->periods.nr ? sums->periods.at[sums->periods.nr - 1] : (struct fth_str){0};

    sums->deliveries++;
    if (delivery->status != FTH_DELIVERY_LOADED)
        return;
    if (delivery->received_us > sums->last_loaded_us)
        sums->last_loaded_us = delivery->received_us;
    if (!delivery->until_version && fth_str_eq(delivery->billing_period, newest))
        sums->final = delivery->final;
}

/* In a scope only deliveries of periods with charges inside count. */
static enum fth_rc sum_source(const struct catalogue *all, struct fth_arena *arena,
                              const struct fth_source *source, struct source_sums *out,
                              struct fth_err *err)
{
    int64_t id = source->id;

    *out = (struct source_sums){.periods = period_vec_in(arena), .final = -1};
    if (all->scoped && add_seen(out, &all->seen, source, err))
        return err->rc;
    for (size_t i = 0; i < all->segment_nr; i++)
        if (all->segments[i].source_id == id && add_segment(out, arena, &all->segments[i], err))
            return err->rc;
    for (size_t i = 0; i < all->delivery_nr; i++)
        if (all->deliveries[i].source_id == id &&
            (!all->scoped || has_period(out, all->deliveries[i].billing_period)))
            add_delivery(out, &all->deliveries[i]);
    return FTH_OK;
}

/* ---- objects ---- */

static void put_id(struct fth_jw *jw, const char *key, int64_t id)
{
    char text[24];
    struct fth_buf buf = {.p = text, .cap = sizeof(text), .max = sizeof(text)};

    fth_jw_key(jw, key);
    if (!id) {
        fth_jw_null(jw);
        return;
    }
    fth_buf_printf(&buf, "%" PRId64, id);
    fth_jw_str(jw, fth_buf_view(&buf));
}

static void put_final(struct fth_jw *jw, int final)
{
    fth_jw_key(jw, "final");
    if (final < 0)
        fth_jw_null(jw);
    else
        fth_jw_bool(jw, final);
}

static enum fth_rc put_source(const struct catalogue *all, struct fth_arena *arena,
                              const struct fth_source *source, struct fth_jw *jw,
                              struct fth_err *err)
{
    struct source_sums sums;

    if (sum_source(all, arena, source, &sums, err))
        return err->rc;
    fth_jw_object(jw);
    put_id(jw, "id", source->id);
    fth_jw_kv(jw, "name", source->name);
    fth_jw_kv(jw, "provider", source->provider);
    fth_jw_kv_opt(jw, "billing_account", source->billing_account);
    fth_jw_kv_opt(jw, "dataset", source->dataset);
    fth_jw_kv(jw, "format", source->format);
    fth_jw_kv_instant(jw, "created_at", source->created_us);
    fth_jw_kv_instant(jw, "removed_at", source->removed_us);
    fth_jw_kv_i64(jw, "deliveries", sums.deliveries);
    fth_jw_kv_i64(jw, "rows", sums.rows);
    fth_jw_key(jw, "billing_periods");
    fth_jw_array(jw);
    for (size_t i = 0; i < sums.periods.nr; i++)
        fth_jw_str(jw, sums.periods.at[i]);
    fth_jw_array_end(jw);
    fth_jw_kv_instant(jw, "charges_until", sums.charges_until_us);
    fth_jw_kv_instant(jw, "last_loaded_at", sums.last_loaded_us);
    fth_jw_key(jw, "billed");
    fth_jw_array(jw);
    for (size_t i = 0; i < sums.billed_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "currency", sums.billed[i].currency);
        fth_jw_kv_money(jw, "amount", sums.billed[i].amount);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    put_final(jw, sums.final);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc fth_sources_put(const struct fth_asked *asked, bool removed, struct fth_jw *jw,
                            struct fth_err *err)
{
    struct catalogue all = {0};

    if (read_catalogue(asked, &all, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (size_t i = 0; i < all.source_nr; i++)
        if ((removed || !all.sources[i].removed_us) &&
            put_source(&all, asked->arena, &all.sources[i], jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_key(jw, "next_cursor");
    fth_jw_null(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* A name wins over an id, since names are given by people who may call a source "7". */
static const struct fth_source *find_source(const struct fth_source *sources, size_t nr,
                                            struct fth_str text)
{
    int64_t id;

    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq(sources[i].name, text))
            return &sources[i];
    if (fth_str_to_i64(text, &id))
        for (size_t i = 0; i < nr; i++)
            if (sources[i].id == id)
                return &sources[i];
    return NULL;
}

static enum fth_rc no_source(const struct fth_source *sources, size_t nr, struct fth_str text,
                             struct fth_err *err)
{
    size_t best = 0, least = 4;

    fth_err_set(err, FTH_E_NOTFOUND, "no source \"" FTH_STR_F "\"", FTH_STR_A(text));
    for (size_t i = 0; i < nr; i++) {
        size_t distance = fth_str_distance(sources[i].name, text);

        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    if (least < 4)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(sources[best].name));
    return err->rc;
}

enum fth_rc fth_source_put(const struct fth_asked *asked, struct fth_str id, struct fth_jw *jw,
                           struct fth_err *err)
{
    const struct fth_source *source;
    struct catalogue all = {0};

    if (read_catalogue(asked, &all, err))
        return err->rc;
    source = find_source(all.sources, all.source_nr, id);
    if (!source)
        return no_source(all.sources, all.source_nr, id, err);
    return put_source(&all, asked->arena, source, jw, err);
}

/* ---- deliveries ---- */

static const char *status_name(enum fth_delivery_status status)
{
    switch (status) {
    case FTH_DELIVERY_LOADED:
        return "loaded";
    case FTH_DELIVERY_UNCHANGED:
        return "unchanged";
    case FTH_DELIVERY_SUPERSEDED:
        return "superseded";
    case FTH_DELIVERY_REFUSED:
        break;
    }
    return "refused";
}

/* One that was replaced is superseded from then on; its own row keeps how it came in. */
static const char *delivery_status(const struct fth_delivery *delivery)
{
    if (delivery->status == FTH_DELIVERY_LOADED && delivery->until_version)
        return status_name(FTH_DELIVERY_SUPERSEDED);
    return status_name(delivery->status);
}

static void put_files(struct fth_jw *jw, const struct fth_delivery *delivery)
{
    fth_jw_key(jw, "files");
    fth_jw_array(jw);
    for (size_t i = 0; i < delivery->file_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "path", delivery->files[i].path);
        fth_jw_kv_i64(jw, "bytes", delivery->files[i].bytes);
        fth_jw_kv(jw, "sha256", delivery->files[i].sha256);
        fth_jw_kv_i64(jw, "rows", delivery->files[i].rows);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

/* What the catalogue itself knows is not taken from the report, which was written before. */
static bool is_catalogues(struct fth_str key)
{
    static const char *const keys[] = {"id",     "source",    "provider",    "format",
                                       "status", "loaded_at", "supersedes",  "version",
                                       "files",  "rows_read", "rows_stored", "billing_period"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (fth_str_eq_c(key, keys[i]))
            return true;
    return false;
}

static void put_report_rest(struct fth_jw *jw, const struct fth_json *report)
{
    const struct fth_json *list = fth_json_get(report, "deliveries");

    if (list && fth_json_is(list, FTH_JSON_ARRAY) && list->nr == 1)
        report = &list->items[0];
    if (!report || !fth_json_is(report, FTH_JSON_OBJECT))
        return;
    for (size_t i = 0; i < report->nr; i++)
        if (!is_catalogues(report->members[i].key)) {
            fth_jw_key_str(jw, report->members[i].key);
            fth_jw_json(jw, &report->members[i].value);
        }
}

static enum fth_rc put_delivery(struct fth_arena *arena, const struct fth_delivery *delivery,
                                bool with_files, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(arena);
    const struct fth_json *report = NULL;

    if (delivery->report.n && fth_json_parse(arena, delivery->report, NULL, &report, err))
        return err->rc;
    fth_jw_object(jw);
    put_id(jw, "id", delivery->id);
    fth_jw_kv(jw, "source", delivery->source);
    fth_jw_kv(jw, "provider", delivery->provider);
    fth_jw_kv(jw, "format", delivery->format);
    fth_jw_kv(jw, "billing_period", delivery->billing_period);
    fth_jw_kv_c(jw, "status", delivery_status(delivery));
    fth_jw_kv_instant(jw, "loaded_at", delivery->received_us);
    fth_jw_key(jw, "version");
    if (delivery->version)
        fth_jw_i64(jw, delivery->version);
    else
        fth_jw_null(jw);
    put_id(jw, "supersedes", delivery->supersedes);
    fth_jw_kv_i64(jw, "rows_read", delivery->rows_read);
    fth_jw_kv_i64(jw, "rows_stored", delivery->rows_stored);
    put_report_rest(jw, report);
    if (with_files)
        put_files(jw, delivery);
    fth_jw_object_end(jw);
    fth_arena_rewind(arena, mark);
    return FTH_OK;
}

enum fth_rc fth_source_named(struct fth_app *app, struct fth_arena *arena, struct fth_str name,
                             struct fth_source *out, struct fth_err *err)
{
    const struct fth_source *source;
    struct fth_source *all;
    size_t nr;

    if (fth_catalogue_sources(app->db, arena, &all, &nr, err))
        return err->rc;
    source = find_source(all, nr, name);
    if (!source)
        return no_source(all, nr, name, err);
    *out = *source;
    return FTH_OK;
}

enum fth_rc fth_deliveries_put(struct fth_app *app, struct fth_arena *arena,
                               const struct fth_deliveries_wish *wish, struct fth_jw *jw,
                               struct fth_err *err)
{
    struct fth_str cursor = wish->cursor;
    int64_t before = INT64_MAX, last = 0;
    struct fth_source wanted = {0};
    struct fth_delivery *all;
    size_t nr, put = 0, i = 0;

    if (cursor.n && !fth_str_to_i64(cursor, &before))
        return fth_err_set(err, FTH_E_INVALID, "cursor is none that this server gave");
    if ((wish->source.n && fth_source_named(app, arena, wish->source, &wanted, err)) ||
        fth_catalogue_deliveries(app->db, arena, wanted.id, &all, &nr, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_key(jw, "data");
    fth_jw_array(jw);
    for (; i < nr && put < wish->limit; i++) {
        if (all[i].id >= before ||
            (wish->period.n && !fth_str_eq(all[i].billing_period, wish->period)))
            continue;
        if (put_delivery(arena, &all[i], false, jw, err))
            return err->rc;
        last = all[i].id;
        put++;
    }
    fth_jw_array_end(jw);
    put_id(jw, "next_cursor", i < nr ? last : 0);
    fth_jw_object_end(jw);
    return FTH_OK;
}

enum fth_rc fth_delivery_put(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                             struct fth_jw *jw, struct fth_err *err)
{
    struct fth_delivery delivery;
    int64_t number;

    if (!fth_str_to_i64(id, &number))
        return fth_err_set(err, FTH_E_NOTFOUND, "no delivery \"" FTH_STR_F "\"", FTH_STR_A(id));
    if (fth_catalogue_delivery(app->db, arena, number, &delivery, err))
        return err->rc;
    return put_delivery(arena, &delivery, true, jw, err);
}
