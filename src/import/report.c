/* report: the object of one delivery, as the contract has it. */
#include <math.h>
#include <stdio.h>

#include "import/import_int.h"

#include "base/check.h"
#include "base/date.h"

static const char *const status_names[] = {
    [FTH_DELIVERY_LOADED] = "loaded",
    [FTH_DELIVERY_UNCHANGED] = "unchanged",
    [FTH_DELIVERY_SUPERSEDED] = "superseded",
    [FTH_DELIVERY_REFUSED] = "refused",
};

static void put_opt(struct fth_jw *jw, const char *key, struct fth_str text)
{
    fth_jw_key(jw, key);
    if (text.n)
        fth_jw_str(jw, text);
    else
        fth_jw_null(jw);
}

static struct fth_str shown_path(const struct fth_run *run, const char *path)
{
    struct fth_str text = fth_str_c(path);
    struct fth_err ignored = {0};

    (void)fth_run_shown(run, text, &text, &ignored);
    return text;
}

static void put_files(struct fth_jw *jw, const struct fth_run *run, const struct fth_parcel *parcel,
                      const struct fth_lot *lot)
{
    fth_jw_key(jw, "files");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->counts.file_nr; i++) {
        const struct fth_feed_file_count *file = &lot->counts.files[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "path", file->path);
        fth_jw_kv_i64(jw, "bytes", file->bytes);
        fth_jw_kv_c(jw, "sha256", file->sha256[0] ? file->sha256 : NULL);
        fth_jw_kv_i64(jw, "rows", file->rows);
        if (fth_parcel_role(parcel, lot, i))
            fth_jw_kv_c(jw, "role", fth_parcel_role(parcel, lot, i));
        fth_jw_object_end(jw);
    }
    for (size_t i = 0; !lot->counts.file_nr && i < parcel->file_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "path", shown_path(run, parcel->files[i]));
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

/* Records that were set aside are dropped too; what they would have cost, nobody can say. */
static void put_dropped_aside(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "rule", "set-aside");
    fth_jw_kv_i64(jw, "rows", lot->counts.rejected);
    fth_jw_key(jw, "billed_cost");
    fth_jw_null(jw);
    fth_jw_object_end(jw);
}

/* A line that is no charge need not have a cost that can be read. */
static void put_dropped_cost(struct fth_jw *jw, const struct fth_feed_rule *rule,
                             const struct fth_feed_count *count)
{
    fth_jw_key(jw, "billed_cost");
    if (rule->aside && count->costed < count->rows)
        fth_jw_null(jw);
    else
        fth_jw_money(jw, count->cost);
}

static void put_rules(struct fth_jw *jw, const struct fth_parcel *parcel, const struct fth_lot *lot,
                      const char *key, bool added)
{
    const struct fth_feed_layout *layout = parcel->importer->layout;

    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < layout->rule_nr; i++) {
        enum fth_feed_action action = layout->rules[i].action;

        if ((added ? !fth_feed_rule_adds(action) : action != FTH_RULE_DROP) ||
            !lot->counts.rule[i].rows)
            continue;
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "rule", layout->rules[i].id);
        fth_jw_kv_i64(jw, "rows", lot->counts.rule[i].rows);
        if (!added)
            put_dropped_cost(jw, &layout->rules[i], &lot->counts.rule[i]);
        fth_jw_object_end(jw);
    }
    if (!added && lot->counts.rejected)
        put_dropped_aside(jw, lot);
    fth_jw_array_end(jw);
}

static void put_currency(struct fth_jw *jw, const struct fth_segment_sums *sums)
{
    fth_jw_kv_c(jw, "currency", sums->currency[0] ? sums->currency : NULL);
    fth_jw_kv_money(jw, "billed_cost", sums->billed);
    fth_jw_kv_money(jw, "effective_cost", sums->effective);
    fth_jw_kv_money(jw, "list_cost", sums->list);
    fth_jw_kv_money(jw, "contracted_cost", sums->contracted);
}

/* One currency stands in the object itself, several in a list: nothing is added across. */
static void put_sums(struct fth_jw *jw, const struct fth_lot *lot)
{
    if (lot->stats.sum_nr == 1) {
        put_currency(jw, &lot->stats.sums[0]);
        return;
    }
    fth_jw_key(jw, "currency");
    fth_jw_null(jw);
    fth_jw_key(jw, "billed_cost");
    fth_jw_null(jw);
    fth_jw_key(jw, "effective_cost");
    fth_jw_null(jw);
    fth_jw_key(jw, "by_currency");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->stats.sum_nr; i++) {
        fth_jw_object(jw);
        put_currency(jw, &lot->stats.sums[i]);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

/* "cost", or "cost + credit_amount". */
static void put_native_column(struct fth_jw *jw, const struct fth_importer *importer, int column)
{
    const char *const *totals = importer->layout->totals + column;
    char name[128];

    snprintf(name, sizeof(name), "%s%s%s", totals[0], importer->totals.with_next ? " + " : "",
             importer->totals.with_next ? totals[1] : "");
    fth_jw_kv_c(jw, "column", name);
}

/* Of a bill without the half that has the invoice's amounts, the accrued ones are compared. */
static enum fth_rc put_native(struct fth_jw *jw, const struct fth_parcel *parcel,
                              const struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    bool accrued = importer->halves && !fth_lot_has_half(parcel, lot, 0);
    int column = accrued ? importer->totals.effective : importer->totals.billed;
    struct fth_money difference = lot->counts.total[column];
    enum fth_rc rc = FTH_OK;

    if (!accrued)
        rc = fth_lot_native(importer, lot, &difference, err);
    fth_jw_key(jw, "native_total");
    fth_jw_object(jw);
    put_native_column(jw, importer, column);
    fth_jw_kv_money(jw, "amount", difference);
    fth_jw_object_end(jw);
    for (size_t i = 0; i < lot->stats.sum_nr && !rc; i++)
        rc = fth_money_sub(&difference,
                           accrued ? lot->stats.sums[i].effective : lot->stats.sums[i].billed, err);
    fth_jw_kv_money(jw, "difference", difference);
    return rc;
}

static void put_checks(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_key(jw, "checks");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->checks.nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "id", lot->checks.at[i].id);
        fth_jw_kv_bool(jw, "ok", lot->checks.at[i].ok);
        fth_jw_kv(jw, "detail", lot->checks.at[i].detail);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_names(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_key(jw, "missing_columns");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->counts.missing_nr; i++)
        fth_jw_c(jw, lot->counts.missing[i]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "side_columns");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->counts.unknown_nr; i++)
        fth_jw_str(jw, lot->counts.unknown[i]);
    fth_jw_array_end(jw);
}

static void put_texts(struct fth_jw *jw, const char *key, const struct fth_text_vec *texts)
{
    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < texts->nr; i++)
        fth_jw_str(jw, texts->at[i]);
    fth_jw_array_end(jw);
}

static void put_reject(struct fth_jw *jw, const struct fth_feed_reject *reject)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "file", reject->file);
    fth_jw_kv_i64(jw, "line", reject->line);
    fth_jw_kv_i64(jw, "record", reject->record);
    put_opt(jw, "column", reject->column);
    put_opt(jw, "value", reject->value);
    fth_jw_kv(jw, "rule", reject->rule);
    fth_jw_object_end(jw);
}

static void put_rejects(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_key(jw, "set_aside");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->counts.reject_nr; i++)
        put_reject(jw, &lot->counts.rejects[i]);
    fth_jw_array_end(jw);
}

/* Where it is known, the record that ended the reading; else the words alone. */
static void put_errors(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_key(jw, "errors");
    fth_jw_array(jw);
    if (lot->counts.has_fatal) {
        put_reject(jw, &lot->counts.fatal);
    } else {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "message", lot->err.msg);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_covers(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_key(jw, "covers");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->cover_nr; i++) {
        fth_jw_object(jw);
        put_opt(jw, "provider", lot->covers[i].provider);
        put_opt(jw, "billing_account", lot->covers[i].account);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

/* The runs that a bill of two halves came as. */
static void put_halves(struct fth_jw *jw, const struct fth_parcel *parcel)
{
    if (!parcel->importer || !parcel->importer->halves || !parcel->bundle)
        return;
    fth_jw_key(jw, "halves");
    fth_jw_array(jw);
    for (size_t i = 0; i < FTH_HALF_NR; i++) {
        const struct fth_half *half = &parcel->half[i];

        if (!half->there)
            continue;
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "role", parcel->importer->halves->roles[i]);
        fth_jw_kv(jw, "run", half->identity);
        fth_jw_kv_i64(jw, "submitted_us", half->submitted_us);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_head(struct fth_jw *jw, const struct fth_run *run, const struct fth_parcel *parcel,
                     const struct fth_lot *lot)
{
    if (lot->delivery_id && (!run->request->dry_run || lot->status == FTH_DELIVERY_UNCHANGED))
        fth_jw_kv_i64(jw, "id", lot->delivery_id);
    else
        put_opt(jw, "id", (struct fth_str){0});
    put_opt(jw, "source", lot->source.name.n ? lot->source.name : run->request->source);
    put_opt(jw, "provider", lot->source.provider.n ? lot->source.provider : parcel->probe.provider);
    put_opt(jw, "billing_account",
            lot->source.id ? lot->source.billing_account : parcel->probe.account);
    fth_jw_kv_c(jw, "format", parcel->importer ? parcel->importer->id : NULL);
    put_opt(jw, "version", parcel->probe.version);
    put_opt(jw, "recognised", parcel->recognised);
    put_opt(jw, "billing_period", lot->period);
    fth_jw_kv_c(jw, "status", status_names[lot->status]);
    put_opt(jw, "identity", lot->identity);
    put_halves(jw, parcel);
    if (run->request->dry_run)
        fth_jw_kv_bool(jw, "dry_run", true);
}

static void put_error(struct fth_jw *jw, const struct fth_lot *lot)
{
    fth_jw_kv_c(jw, "type", fth_rc_info(lot->err.rc)->type);
    fth_jw_kv_c(jw, "message", lot->err.msg);
    if (lot->err.hint[0])
        fth_jw_kv_c(jw, "hint", lot->err.hint);
    put_errors(jw, lot);
}

/* An unchanged delivery has the report that it was loaded with; only its status is new. */
static enum fth_rc put_stored(struct fth_jw *jw, struct fth_arena *arena, const struct fth_lot *lot,
                              struct fth_err *err)
{
    const struct fth_json *json = NULL;
    enum fth_rc rc = fth_json_parse(arena, lot->stored_report, NULL, &json, err);

    if (rc)
        return rc;
    fth_jw_object(jw);
    for (size_t i = 0; fth_json_is(json, FTH_JSON_OBJECT) && i < json->nr; i++) {
        fth_jw_key_str(jw, json->members[i].key);
        if (fth_str_eq_c(json->members[i].key, "status"))
            fth_jw_c(jw, status_names[lot->status]);
        else
            fth_jw_json(jw, &json->members[i].value);
    }
    fth_jw_object_end(jw);
    return fth_jw_done(jw, err);
}

/* Where the CPU seconds went. Reading and converting are threads of the segment's one pass; the
 * steps are of the whole process. */
static void put_phases(struct fth_jw *jw, const struct fth_lot *lot)
{
    const int64_t *steps = lot->stats.cpu_us;
    int64_t read = lot->counts.read_cpu_us, convert = lot->counts.convert_cpu_us;
    const struct {
        const char *name;
        int64_t us;
    } phases[] = {
        {"read", read},
        {"convert", convert},
        {"map_sort_write", steps[FTH_LOAD_SEGMENT] - read - convert},
        {"stats", steps[FTH_LOAD_STATS]},
        {"tags", steps[FTH_LOAD_TAGS]},
        {"cubes", steps[FTH_LOAD_CUBES]},
        {"rollup", steps[FTH_LOAD_ROLLUP]},
        {"commit", steps[FTH_LOAD_COMMIT]},
    };

    fth_jw_key(jw, "phases");
    fth_jw_object(jw);
    for (size_t i = 0; i < FTH_NR(phases); i++) {
        fth_jw_key(jw, phases[i].name);
        fth_jw_double(jw, round((double)(phases[i].us > 0 ? phases[i].us : 0) / 1000.0) / 1000.0);
    }
    fth_jw_object_end(jw);
}

enum fth_rc fth_lot_report(const struct fth_run *run, const struct fth_parcel *parcel,
                           const struct fth_lot *lot, struct fth_buf *out, struct fth_err *err)
{
    bool counted = lot->counts.file_nr && parcel->importer;
    struct fth_jw jw;
    enum fth_rc rc = FTH_OK;

    fth_jw_init(&jw, out);
    if (lot->status == FTH_DELIVERY_UNCHANGED && lot->stored_report.n)
        return put_stored(&jw, run->arena, lot, err);
    fth_jw_object(&jw);
    put_head(&jw, run, parcel, lot);
    put_files(&jw, run, parcel, lot);
    if (counted && lot->status != FTH_DELIVERY_REFUSED) {
        fth_jw_kv_i64(&jw, "rows_read", lot->counts.rows_read);
        fth_jw_kv_i64(&jw, "rows_stored", lot->stats.rows);
        put_rules(&jw, parcel, lot, "rows_dropped", false);
        put_rules(&jw, parcel, lot, "rows_added", true);
        put_sums(&jw, lot);
        rc = put_native(&jw, parcel, lot, err);
        fth_jw_kv_i64(&jw, "rows_set_aside", lot->counts.rejected);
        put_rejects(&jw, lot);
        fth_jw_kv_c(&jw, "set_aside_file", lot->counts.rejected ? lot->rejects : NULL);
        put_checks(&jw, lot);
        put_covers(&jw, lot);
        put_names(&jw, lot);
        put_phases(&jw, lot);
    }
    if (lot->status == FTH_DELIVERY_REFUSED)
        put_error(&jw, lot);
    fth_jw_key(&jw, "supersedes");
    if (lot->supersedes)
        fth_jw_i64(&jw, lot->supersedes);
    else
        fth_jw_null(&jw);
    put_texts(&jw, "warnings", &lot->warnings);
    fth_jw_key(&jw, "seconds");
    fth_jw_double(&jw, round((double)lot->seconds_us / 1000.0) / 1000.0);
    fth_jw_object_end(&jw);
    return rc ? rc : fth_jw_done(&jw, err);
}

enum fth_rc fth_report_covers(struct fth_arena *arena, struct fth_str report,
                              struct fth_cover **out, size_t *out_nr, struct fth_err *err)
{
    const struct fth_json *json, *list;
    struct fth_cover *covers;
    enum fth_rc rc = fth_json_parse(arena, report, NULL, &json, err);

    if (rc)
        return rc;
    list = fth_json_get(json, "covers");
    if (!fth_json_is(list, FTH_JSON_ARRAY)) {
        *out_nr = 0;
        return FTH_OK;
    }
    covers = FTH_NEW_ARRAY(arena, struct fth_cover, list->nr + 1);
    if (!covers)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++) {
        covers[i].provider = fth_json_str(&list->items[i], "provider", FTH_STR(""));
        covers[i].account = fth_json_str(&list->items[i], "billing_account", FTH_STR(""));
    }
    *out = covers;
    *out_nr = list->nr;
    return FTH_OK;
}
