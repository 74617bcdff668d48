/* The result object of an answer. */
#include "base/check.h"
#include "plan/answer_int.h"
#include "plan/cell_text.h"

static const char *kind_name(enum fth_cell_kind kind)
{
    static const char *const names[] = {
        [FTH_CELL_DIMENSION] = "dimension", [FTH_CELL_LABEL] = "label",
        [FTH_CELL_TIME] = "time",           [FTH_CELL_MONEY] = "money",
        [FTH_CELL_COUNT] = "count",         [FTH_CELL_QUANTITY] = "quantity",
        [FTH_CELL_RATIO] = "ratio",         [FTH_CELL_PERCENT] = "percent",
        [FTH_CELL_TEXT] = "text",           [FTH_CELL_INSTANT] = "instant",
        [FTH_CELL_TAGS] = "tags",
    };

    return names[kind];
}

void fth_cell_json(struct fth_jw *jw, enum fth_cell_kind kind, const struct fth_cell *cell)
{
    char text[32];

    if (cell->null) {
        fth_jw_null(jw);
        return;
    }
    switch (kind) {
    case FTH_CELL_MONEY:
    case FTH_CELL_RATIO:
    case FTH_CELL_PERCENT:
        fth_jw_money(jw, cell->money);
        break;
    case FTH_CELL_COUNT:
        fth_jw_i64(jw, cell->i64);
        break;
    case FTH_CELL_QUANTITY:
        fth_jw_double(jw, cell->f64);
        break;
    case FTH_CELL_INSTANT:
        fth_jw_str(jw, (struct fth_str){text, fth_instant_text(cell->i64, text)});
        break;
    case FTH_CELL_TAGS:
        fth_jw_raw(jw, cell->text);
        break;
    default:
        fth_jw_str(jw, cell->text);
    }
}

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct fth_answer_json *json = ctx;
    struct fth_jw *jw = json->jw;

    json->cols = cols;
    json->col_nr = col_nr;
    json->currency = currency;
    fth_jw_object(jw);
    fth_jw_key(jw, "plan");
    fth_plan_write(jw, json->plan);
    fth_jw_key(jw, "currency");
    if (currency.n)
        fth_jw_str(jw, currency);
    else
        fth_jw_null(jw);
    fth_jw_key(jw, "columns");
    fth_jw_array(jw);
    for (size_t i = 0; i < col_nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "name", cols[i].name);
        fth_jw_kv_c(jw, "kind", kind_name(cols[i].kind));
        if (cols[i].unit.n)
            fth_jw_kv(jw, "unit", cols[i].unit);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_key(jw, "rows");
    fth_jw_array(jw);
    return jw->err.rc ? fth_err_set(err, jw->err.rc, "%s", jw->err.msg) : FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct fth_answer_json *json = ctx;

    fth_jw_object(json->jw);
    for (size_t i = 0; i < json->col_nr; i++) {
        fth_jw_key(json->jw, json->cols[i].name);
        fth_cell_json(json->jw, json->cols[i].kind, &cells[i]);
    }
    fth_jw_object_end(json->jw);
    if (json->jw->err.rc)
        return fth_err_set(err, json->jw->err.rc, "%s", json->jw->err.msg);
    return FTH_OK;
}

static bool has_total(enum fth_cell_kind kind)
{
    return kind == FTH_CELL_MONEY || kind == FTH_CELL_COUNT || kind == FTH_CELL_QUANTITY ||
           kind == FTH_CELL_RATIO || kind == FTH_CELL_PERCENT;
}

/* Numbers of raw rows (records, parts, prices) have none; null says so where a measure has none. */
static void put_totals(const struct fth_answer_json *json, const struct fth_answer_end *end)
{
    struct fth_jw *jw = json->jw;
    bool raw = json->plan->rows;

    fth_jw_key(jw, "totals");
    fth_jw_array(jw);
    for (size_t t = 0; t < end->total_nr; t++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "currency", end->totals[t].currency);
        for (size_t i = 0; i < json->col_nr; i++) {
            if (!has_total(json->cols[i].kind) || (raw && end->totals[t].cells[i].null))
                continue;
            fth_jw_key(jw, json->cols[i].name);
            fth_cell_json(jw, json->cols[i].kind, &end->totals[t].cells[i]);
        }
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_freshness(struct fth_jw *jw, const struct fth_answer_end *end)
{
    fth_jw_key(jw, "freshness");
    fth_jw_array(jw);
    for (size_t i = 0; i < end->freshness_nr; i++) {
        const struct fth_freshness *fresh = &end->freshness[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "source", fresh->source);
        fth_jw_kv(jw, "provider", fresh->provider);
        fth_jw_kv(jw, "billing_period", fresh->billing_period);
        fth_jw_kv_instant(jw, "loaded_at", fresh->loaded_us);
        fth_jw_kv_instant(jw, "charges_until", fresh->charges_until_us);
        fth_jw_key(jw, "final");
        if (fresh->final < 0)
            fth_jw_null(jw);
        else
            fth_jw_bool(jw, fresh->final > 0);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

/* Those that amounts were converted by; there is no member when none was. */
static void put_rates(const struct fth_answer_json *json, const struct fth_answer_end *end)
{
    struct fth_jw *jw = json->jw;

    if (end->rate_nr == 0)
        return;
    fth_jw_key(jw, "rates");
    fth_jw_array(jw);
    for (size_t i = 0; i < end->rate_nr; i++) {
        const struct fth_rate_used *used = &end->rates[i];

        fth_jw_object(jw);
        fth_jw_kv(jw, "from", used->from);
        fth_jw_kv(jw, "to", json->currency);
        fth_jw_kv_money(jw, "rate", used->rate);
        fth_jw_kv_bool(jw, "exact", used->exact);
        fth_jw_key(jw, "by");
        fth_jw_c(jw, used->by_euro ? "EUR" : NULL);
        fth_jw_kv_date(jw, "rate_date", used->rate_day);
        fth_jw_kv_date(jw, "first_day", used->first);
        fth_jw_kv_date(jw, "last_day", used->last);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static enum fth_rc end_of(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct fth_answer_json *json = ctx;
    struct fth_jw *jw = json->jw;

    fth_jw_array_end(jw);
    put_totals(json, end);
    fth_jw_kv_i64(jw, "row_count", end->row_count);
    fth_jw_kv_bool(jw, "truncated", end->truncated);
    fth_jw_key(jw, "next_cursor");
    if (end->next_cursor.n)
        fth_jw_str(jw, end->next_cursor);
    else
        fth_jw_null(jw);
    put_freshness(jw, end);
    put_rates(json, end);
    fth_jw_kv_i64(jw, "ledger_version", end->ledger_version);
    fth_jw_key(jw, "warnings");
    fth_jw_array(jw);
    for (size_t i = 0; i < end->warning_nr; i++)
        fth_jw_str(jw, end->warnings[i]);
    fth_jw_array_end(jw);
    if (end->has_assert)
        fth_jw_kv_bool(jw, "assert", end->assert_holds);
    fth_jw_kv_c(jw, "served_by", end->served_by);
    fth_jw_object_end(jw);
    return jw->err.rc ? fth_err_set(err, jw->err.rc, "%s", jw->err.msg) : FTH_OK;
}

struct fth_answer_sink fth_answer_to_json(struct fth_answer_json *ctx)
{
    return (struct fth_answer_sink){.begin = begin, .row = row, .end = end_of, .ctx = ctx};
}
