/* report: the object of one delivery, as the contract has it. */
#include <math.h>
#include <stdio.h>

#include "import/import_int.h"

#include "base/check.h"

static const char *const status_names[] = {
    [FTH_DELIVERY_LOADED] = "loaded",
    [FTH_DELIVERY_UNCHANGED] = "unchanged",
    [FTH_DELIVERY_SUPERSEDED] = "superseded",
    [FTH_DELIVERY_REFUSED] = "refused",
};

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
        fth_jw_kv_c(jw, "content", file->content[0] ? file->content : NULL);
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

/* What the records of a rule cost: one amount, or one for each currency. A line that is no charge
 * need not have a cost that can be read. */
static void put_rule_cost(struct fth_jw *jw, const struct fth_feed_layout *layout,
                          const struct fth_lot *lot, size_t rule)
{
    const struct fth_feed_counts *counts = &lot->counts;

    fth_jw_key(jw, "billed_cost");
    if (layout->rules[rule].aside && counts->rule_costed[rule] < counts->rule_rows[rule]) {
        fth_jw_null(jw);
        return;
    }
    if (counts->sum_nr == 1) {
        fth_jw_money(jw, counts->sums[0].rule_cost[rule]);
        return;
    }
    fth_jw_null(jw);
    fth_jw_key(jw, "by_currency");
    fth_jw_array(jw);
    for (size_t i = 0; i < counts->sum_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "currency", counts->sums[i].currency);
        fth_jw_kv_money(jw, "billed_cost", counts->sums[i].rule_cost[rule]);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
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
            !lot->counts.rule_rows[i])
            continue;
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "rule", layout->rules[i].id);
        fth_jw_kv_i64(jw, "rows", lot->counts.rule_rows[i]);
        if (!added)
            put_rule_cost(jw, layout, lot, i);
        fth_jw_object_end(jw);
    }
    if (!added && lot->counts.rejected)
        put_dropped_aside(jw, lot);
    fth_jw_array_end(jw);
}

static void put_currency(struct fth_jw *jw, const char *currency,
                         const struct fth_segment_sums *sums)
{
    fth_jw_kv_c(jw, "currency", currency[0] ? currency : NULL);
    fth_jw_kv_money(jw, "billed_cost", sums->billed);
    fth_jw_kv_money(jw, "effective_cost", sums->effective);
    fth_jw_kv_money(jw, "list_cost", sums->list);
    fth_jw_kv_money(jw, "contracted_cost", sums->contracted);
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
static bool is_accrued(const struct fth_parcel *parcel, const struct fth_lot *lot)
{
    return parcel->importer->halves && !fth_lot_has_half(parcel, lot, 0);
}

/* What the source's own column adds up to in a currency, and what differs from it in the ledger. */
static enum fth_rc native_of(const struct fth_parcel *parcel, const struct fth_lot *lot,
                             const struct fth_feed_totals *sums, struct fth_money *amount,
                             struct fth_money *difference, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    const struct fth_segment_sums *stored = fth_lot_stored(lot, sums->currency);
    bool accrued = is_accrued(parcel, lot);
    enum fth_rc rc = FTH_OK;

    if (accrued)
        *amount = sums->total[importer->totals.effective];
    else
        rc = fth_lot_native(importer, sums, amount, err);
    if (rc)
        return rc;
    *difference = *amount;
    return fth_money_sub(difference, accrued ? stored->effective : stored->billed, err);
}

static void put_native(struct fth_jw *jw, const struct fth_parcel *parcel,
                       const struct fth_lot *lot, const struct fth_money *amount,
                       const struct fth_money *difference)
{
    const struct fth_importer_totals *totals = &parcel->importer->totals;

    fth_jw_key(jw, "native_total");
    fth_jw_object(jw);
    put_native_column(jw, parcel->importer,
                      is_accrued(parcel, lot) ? totals->effective : totals->billed);
    if (is_accrued(parcel, lot))
        fth_jw_kv_c(jw, "measure", "effective_cost"); /* else it is billed cost */
    fth_jw_key(jw, "amount");
    if (amount)
        fth_jw_money(jw, *amount);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
    fth_jw_key(jw, "difference");
    if (difference)
        fth_jw_money(jw, *difference);
    else
        fth_jw_null(jw);
}

/* One currency stands in the object itself, several in a list: nothing is added across. */
static enum fth_rc put_sums(struct fth_jw *jw, const struct fth_parcel *parcel,
                            const struct fth_lot *lot, struct fth_err *err)
{
    static const struct fth_feed_totals nothing = {0};
    const struct fth_feed_counts *counts = &lot->counts;
    const struct fth_feed_totals *one = counts->sum_nr == 1 ? &counts->sums[0] : &nothing;
    struct fth_money amount = FTH_MONEY_ZERO, difference = FTH_MONEY_ZERO;
    enum fth_rc rc = FTH_OK;

    if (counts->sum_nr <= 1) {
        put_currency(jw, one->currency, fth_lot_stored(lot, one->currency));
        rc = native_of(parcel, lot, one, &amount, &difference, err);
        put_native(jw, parcel, lot, &amount, &difference);
        return rc;
    }
    fth_jw_kv_c(jw, "currency", NULL);
    fth_jw_kv_c(jw, "billed_cost", NULL);
    fth_jw_kv_c(jw, "effective_cost", NULL);
    put_native(jw, parcel, lot, NULL, NULL);
    fth_jw_key(jw, "by_currency");
    fth_jw_array(jw);
    for (size_t i = 0; i < counts->sum_nr && !rc; i++) {
        const struct fth_feed_totals *sums = &counts->sums[i];

        rc = native_of(parcel, lot, sums, &amount, &difference, err);
        fth_jw_object(jw);
        put_currency(jw, sums->currency, fth_lot_stored(lot, sums->currency));
        put_native(jw, parcel, lot, &amount, &difference);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return rc;
}

static void put_texts(struct fth_jw *jw, const char *key, const struct fth_text_vec *texts)
{
    fth_jw_key(jw, key);
    fth_jw_array(jw);
    for (size_t i = 0; i < texts->nr; i++)
        fth_jw_str(jw, texts->at[i]);
    fth_jw_array_end(jw);
}

/* What was compared, where it was amounts. */
static enum fth_rc put_compared(struct fth_jw *jw, const struct fth_check *check,
                                struct fth_err *err)
{
    struct fth_money difference = check->expected;
    enum fth_rc rc = FTH_OK;

    if (!check->currency.p)
        return FTH_OK;
    rc = fth_money_sub(&difference, check->found, err);
    fth_jw_kv_opt(jw, "currency", check->currency);
    fth_jw_kv_money(jw, "expected", check->expected);
    fth_jw_kv_money(jw, "found", check->found);
    fth_jw_kv_money(jw, "difference", difference);
    return rc;
}

static enum fth_rc put_checks(struct fth_jw *jw, const struct fth_lot *lot, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    fth_jw_key(jw, "checks");
    fth_jw_array(jw);
    for (size_t i = 0; i < lot->checks.nr && !rc; i++) {
        const struct fth_check *check = &lot->checks.at[i];

        fth_jw_object(jw);
        fth_jw_kv_c(jw, "id", check->id);
        fth_jw_kv_bool(jw, "ok", check->ok);
        if (check->remark)
            fth_jw_kv_bool(jw, "remark", true);
        fth_jw_kv(jw, "detail", check->detail);
        rc = put_compared(jw, check, err);
        if (check->where.nr)
            put_texts(jw, "where", &check->where);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return rc;
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

static void put_reject(struct fth_jw *jw, const struct fth_feed_reject *reject)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "file", reject->file);
    fth_jw_kv_i64(jw, "line", reject->line);
    fth_jw_kv_i64(jw, "record", reject->record);
    fth_jw_kv_opt(jw, "column", reject->column);
    fth_jw_kv_opt(jw, "value", reject->value);
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
        fth_jw_kv_opt(jw, "provider", lot->covers[i].provider);
        fth_jw_kv_opt(jw, "billing_account", lot->covers[i].account);
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
        fth_jw_kv_opt(jw, "id", (struct fth_str){0});
    fth_jw_kv_opt(jw, "source", lot->source.name.n ? lot->source.name : run->request->source);
    fth_jw_kv_opt(jw, "provider",
                  lot->source.provider.n ? lot->source.provider : parcel->probe.provider);
    fth_jw_kv_opt(jw, "billing_account",
                  lot->source.id ? lot->source.billing_account : parcel->probe.account);
    fth_jw_kv_c(jw, "format", parcel->importer ? parcel->importer->id : NULL);
    fth_jw_kv_opt(jw, "version", parcel->probe.version);
    fth_jw_kv_opt(jw, "recognised", parcel->recognised);
    fth_jw_kv_opt(jw, "billing_period", lot->period);
    fth_jw_kv_c(jw, "status", status_names[lot->status]);
    fth_jw_kv_opt(jw, "identity", lot->identity);
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
        rc = put_sums(&jw, parcel, lot, err);
        fth_jw_kv_i64(&jw, "rows_set_aside", lot->counts.rejected);
        put_rejects(&jw, lot);
        fth_jw_kv_c(&jw, "set_aside_file", lot->counts.rejected ? lot->rejects : NULL);
        if (!rc)
            rc = put_checks(&jw, lot, err);
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
