/* What single records cannot tell is gathered from them: pairs that must agree, sums, references.
 */
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "focus/judge_int.h"

enum { SEEN_MASK = (1 << 14) - 1, KEY_MAX = 4096, LINES_MAX = 1000 };

/* Without the line, which takes counting. */
static struct fth_focus_place record_of(const struct fth_focus_rows *rows, size_t row)
{
    struct fth_focus_place place = {.file = rows->file,
                                    .record = rows->first_record + (int64_t)row};

    if (rows->chunk)
        place.record = fth_csv_chunk_record(rows->chunk, row);
    return place;
}

/* The sum of a key; a new one knows its line, as long as there are few. */
static struct fth_focus_sum *sum_of(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                    size_t row, enum fth_focus_sum_kind kind, struct fth_str key)
{
    struct fth_focus_sum *sum = fth_focus_sums_at(&w->sums[kind], key, record_of(rows, row));

    if (sum && sum->rows == 0 && w->sums[kind].keys.nr <= LINES_MAX)
        sum->place = fth_focus_place_of(rows, row);
    return sum;
}

/* ---- pairs ---- */

static void break_pair(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t row,
                       const struct fth_focus_pair *pair, struct fth_focus_keys *keys,
                       struct fth_focus_key *key, struct fth_str a, struct fth_str b)
{
    struct fth_str other = pair->b == SIZE_MAX ? a : fth_focus_texts_at(&keys->values, key->value);

    fth_buf_clear(&w->text);
    fth_buf_str(&w->text, w->plan->header[pair->a]);
    fth_buf_printf(&w->text, " = \"" FTH_STR_F "\"", FTH_STR_A(fth_str_sub(a, 0, 100)));
    if (pair->b == SIZE_MAX)
        fth_buf_printf(&w->text, " again, first in record %lld", (long long)key->place.record);
    else
        fth_buf_printf(&w->text,
                       ", " FTH_STR_F " = \"" FTH_STR_F "\" here, \"" FTH_STR_F "\" in record %lld",
                       FTH_STR_A(w->plan->header[pair->b]), FTH_STR_A(fth_str_sub(b, 0, 60)),
                       FTH_STR_A(fth_str_sub(other, 0, 60)), (long long)key->place.record);
    /* A key counts once, however often it is broken. */
    if (!key->broken || pair->b == SIZE_MAX)
        fth_focus_tally(&w->tallies.at[pair->rule], fth_focus_place_of(rows, row),
                        fth_buf_view(&w->text));
    key->broken = true;
}

static void put_pair(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t row,
                     const struct fth_focus_pair *pair, struct fth_str a, struct fth_str b)
{
    struct fth_focus_keys *keys = &w->run->memory.keys[pair->rule];
    struct fth_focus_key *key;
    bool is_new, value_is_new;
    size_t value;

    fth_mutex_lock(&w->run->lock);
    key = fth_focus_keys_at(keys, a, record_of(rows, row), &is_new);
    if (key && pair->b == SIZE_MAX) {
        if (!is_new)
            break_pair(w, rows, row, pair, keys, key, a, b);
    } else if (key) {
        value = fth_focus_texts_put(&keys->values, b, &value_is_new);
        if (value == SIZE_MAX)
            keys->full = true;
        else if (is_new)
            key->value = value;
        else if (key->value != value)
            break_pair(w, rows, row, pair, keys, key, a, b);
    }
    fth_mutex_unlock(&w->run->lock);
}

void fth_focus_gather_pair(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t p,
                           size_t begin, size_t end)
{
    const struct fth_focus_pair *pair = &w->plan->pairs[p];
    struct fth_str last_a = {0}, last_b = {0};

    for (size_t row = begin; row < end; row++) {
        struct fth_str raw_a = fth_focus_raw(rows, row, pair->a), a, b = {0};
        struct fth_str raw_b = {0};
        uint64_t hash, *seen;

        if (pair->b != SIZE_MAX) {
            raw_b = fth_focus_raw(rows, row, pair->b);
            if (fth_focus_same(raw_a, last_a) && fth_focus_same(raw_b, last_b))
                continue;
        }
        last_a = raw_a;
        last_b = raw_b;
        a = fth_focus_value(w, rows, row, pair->a, 0);
        if (pair->b != SIZE_MAX)
            b = fth_focus_value(w, rows, row, pair->b, 1);
        if (fth_focus_is_null(a) || (pair->b != SIZE_MAX && fth_focus_is_null(b)))
            continue;
        hash = fth_str_hash(a, w->run->seed + p) ^ (fth_str_hash(b, ~w->run->seed + p) * 31);
        seen = &w->pairs_seen[hash & SEEN_MASK];
        if (pair->b != SIZE_MAX && *seen == hash)
            continue;
        *seen = hash;
        put_pair(w, rows, row, pair, a, b);
    }
}

/* ---- sums ---- */

static struct fth_str need(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                           size_t row, enum fth_focus_need which, unsigned s)
{
    size_t field = w->plan->need[which];

    return field == SIZE_MAX ? (struct fth_str){0} : fth_focus_value(w, rows, row, field, s);
}

/* The amount of a field; what is none is another rule's matter and counts as 0. */
static struct fth_money amount(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t row, enum fth_focus_need which)
{
    struct fth_money money = FTH_MONEY_ZERO;
    struct fth_err err = {0};
    struct fth_str text = need(w, rows, row, which, 2);

    if (!fth_focus_is_null(text) && fth_money_parse(text, &money, &err))
        return FTH_MONEY_ZERO;
    return money;
}

static enum fth_rc add_commitment(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                  size_t row, struct fth_str id, struct fth_err *err)
{
    struct fth_focus_sum *sum = sum_of(w, rows, row, FTH_FOCUS_S_COMMITMENT, id);
    struct fth_str category = need(w, rows, row, FTH_FOCUS_N_CATEGORY, 1);
    bool used = fth_str_eq_c(category, "Usage");
    bool bought = fth_str_eq_c(category, "Purchase");
    int64_t from, to;

    if (!sum || (!used && !bought) ||
        !fth_instant_parse(need(w, rows, row, FTH_FOCUS_N_START, 1), &from) ||
        !fth_instant_parse(need(w, rows, row, FTH_FOCUS_N_END, 1), &to))
        return FTH_OK;
    sum->rows++;
    if (bought) {
        bool once = fth_str_eq_c(need(w, rows, row, FTH_FOCUS_N_FREQUENCY, 1), "One-Time");

        sum->purchases++;
        sum->buy_from = from < sum->buy_from ? from : sum->buy_from;
        sum->buy_to = to > sum->buy_to ? to : sum->buy_to;
        if (once) {
            sum->once_from = from < sum->once_from ? from : sum->once_from;
            sum->once_to = to > sum->once_to ? to : sum->once_to;
        }
        return fth_money_add(once ? &sum->once : &sum->fees,
                             amount(w, rows, row, FTH_FOCUS_N_BILLED), err);
    }
    sum->uses++;
    sum->use_from = from < sum->use_from ? from : sum->use_from;
    sum->use_to = to > sum->use_to ? to : sum->use_to;
    return fth_money_add(&sum->effective, amount(w, rows, row, FTH_FOCUS_N_EFFECTIVE), err);
}

static enum fth_rc gather_commitments(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                      size_t begin, size_t end, struct fth_err *err)
{
    struct fth_str last_start = {0}, last_end = {0};

    for (size_t row = begin; row < end; row++) {
        struct fth_str start = fth_focus_raw(rows, row, w->plan->need[FTH_FOCUS_N_START]);
        struct fth_str until = fth_focus_raw(rows, row, w->plan->need[FTH_FOCUS_N_END]);
        struct fth_str id;
        int64_t us;

        if (!fth_focus_same(start, last_start) &&
            fth_instant_parse(need(w, rows, row, FTH_FOCUS_N_START, 0), &us) && us < w->first_us)
            w->first_us = us;
        if (!fth_focus_same(until, last_end) &&
            fth_instant_parse(need(w, rows, row, FTH_FOCUS_N_END, 0), &us) && us > w->last_us)
            w->last_us = us;
        last_start = start;
        last_end = until;
        if (fth_focus_raw(rows, row, w->plan->need[FTH_FOCUS_N_COMMITMENT]).n == 0)
            continue;
        id = need(w, rows, row, FTH_FOCUS_N_COMMITMENT, 0);
        if (!fth_focus_is_null(id) && add_commitment(w, rows, row, id, err))
            return err->rc;
    }
    return FTH_OK;
}

/* Parts of one charge: those of the same method, resource, period, price, currency and category. */
static struct fth_str ratio_key(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                size_t row, char *out)
{
    static const enum fth_focus_need parts[] = {FTH_FOCUS_N_RESOURCE, FTH_FOCUS_N_START,
                                                FTH_FOCUS_N_END,      FTH_FOCUS_N_PRICE,
                                                FTH_FOCUS_N_CATEGORY, FTH_FOCUS_N_METHOD};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct fth_str part = fth_str_sub(need(w, rows, row, parts[i], 1), 0, 500);

        if (part.n)
            memcpy(out + n, part.p, part.n);
        n += part.n;
        out[n++] = '|';
    }
    return (struct fth_str){out, n};
}

static const struct fth_json *elements_of(struct fth_focus_worker *w, struct fth_str text)
{
    const struct fth_json *json = NULL, *elements;
    struct fth_err err = {0};

    fth_arena_clear(w->arena);
    if (text.n == 0 || fth_json_parse(w->arena, text, NULL, &json, &err))
        return NULL;
    elements = fth_json_get(json, "Elements");
    return fth_json_is(elements, FTH_JSON_ARRAY) ? elements : NULL;
}

static enum fth_rc gather_ratios(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                 size_t begin, size_t end, struct fth_err *err)
{
    char key[KEY_MAX];

    for (size_t row = begin; row < end; row++) {
        const struct fth_json *elements;

        if (fth_focus_raw(rows, row, w->plan->need[FTH_FOCUS_N_DETAILS]).n == 0)
            continue;
        elements = elements_of(w, need(w, rows, row, FTH_FOCUS_N_DETAILS, 0));
        for (size_t i = 0; elements && i < elements->nr; i++) {
            const struct fth_json *ratio =
                fth_focus_member(&elements->items[i], FTH_STR("AllocatedRatio"));
            struct fth_focus_sum *sum;
            struct fth_money value;

            if (!fth_json_money(ratio, &value))
                continue;
            sum = sum_of(w, rows, row, FTH_FOCUS_S_RATIO, ratio_key(w, rows, row, key));
            if (sum && fth_money_add(&sum->ratio, value, err))
                return err->rc;
            if (sum)
                sum->rows++;
        }
    }
    return FTH_OK;
}

/* ---- references ---- */

static void refer(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t row,
                  enum fth_focus_ref_kind kind, struct fth_str key)
{
    struct fth_focus_keys *keys =
        w->plan->dataset == FTH_FOCUS_CAU ? &w->run->memory.uses[kind] : &w->run->memory.has[kind];
    struct fth_focus_key *made;
    bool is_new;

    if (fth_focus_is_null(key))
        return;
    fth_mutex_lock(&w->run->lock);
    made = fth_focus_keys_at(keys, key, record_of(rows, row), &is_new);
    if (made && is_new && keys->keys.nr <= LINES_MAX)
        made->place = fth_focus_place_of(rows, row);
    fth_mutex_unlock(&w->run->lock);
}

static void refer_to_period(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                            size_t row)
{
    struct fth_str issuer = fth_str_sub(need(w, rows, row, FTH_FOCUS_N_ISSUER, 1), 0, 1000);
    struct fth_str start = need(w, rows, row, FTH_FOCUS_N_PERIOD, 0);
    char key[KEY_MAX];
    int64_t us;
    size_t n;

    if (!fth_instant_parse(start, &us))
        return;
    n = fth_instant_text(us, key);
    if (issuer.n) {
        key[n++] = ' ';
        memcpy(key + n, issuer.p, issuer.n);
        n += issuer.n;
    }
    refer(w, rows, row, FTH_FOCUS_REF_PERIOD, (struct fth_str){key, n});
}

static void refer_to_contracts(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t row)
{
    const struct fth_json *elements;

    if (w->plan->dataset == FTH_FOCUS_CCT) {
        refer(w, rows, row, FTH_FOCUS_REF_CONTRACT,
              need(w, rows, row, FTH_FOCUS_N_CONTRACT_COMMITMENT, 0));
        return;
    }
    elements = elements_of(w, need(w, rows, row, FTH_FOCUS_N_APPLIED, 0));
    for (size_t i = 0; elements && i < elements->nr; i++) {
        const struct fth_json *id =
            fth_focus_member(&elements->items[i], FTH_STR("ContractCommitmentId"));

        if (fth_json_is(id, FTH_JSON_STRING))
            refer(w, rows, row, FTH_FOCUS_REF_CONTRACT, id->text);
    }
}

/* Each commitment that charges name belongs to one contract. */
static void gather_contracts(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                             size_t begin, size_t end)
{
    struct fth_focus_pair pair = {.rule = w->plan->contract_rule,
                                  .a = w->plan->need[FTH_FOCUS_N_APPLIED],
                                  .b = w->plan->need[FTH_FOCUS_N_APPLIED]};
    struct fth_str last = {0};

    for (size_t row = begin; row < end; row++) {
        struct fth_str raw = fth_focus_raw(rows, row, pair.a);
        const struct fth_json *elements = NULL;

        if (raw.n && !fth_focus_same(raw, last))
            elements = elements_of(w, fth_focus_value(w, rows, row, pair.a, 0));
        last = raw;
        for (size_t i = 0; elements && i < elements->nr; i++) {
            const struct fth_json *element = &elements->items[i];
            const struct fth_json *id = fth_focus_member(element, FTH_STR("ContractCommitmentId"));
            const struct fth_json *of = fth_focus_member(element, FTH_STR("ContractId"));

            if (fth_json_is(id, FTH_JSON_STRING) && fth_json_is(of, FTH_JSON_STRING))
                put_pair(w, rows, row, &pair, id->text, of->text);
        }
    }
}

static enum fth_rc add_invoice(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t row, struct fth_err *err)
{
    struct fth_str id = need(w, rows, row, FTH_FOCUS_N_INVOICE, 0);
    enum fth_focus_sum_kind kind =
        w->plan->dataset == FTH_FOCUS_IND ? FTH_FOCUS_S_INVOICE_LINES : FTH_FOCUS_S_INVOICE;
    struct fth_focus_sum *sum;

    if (fth_focus_is_null(id))
        return FTH_OK;
    sum = sum_of(w, rows, row, kind, id);
    if (!sum)
        return FTH_OK;
    sum->rows++;
    return fth_money_add(&sum->once, amount(w, rows, row, FTH_FOCUS_N_BILLED), err);
}

static enum fth_rc gather_references(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                     size_t begin, size_t end, struct fth_err *err)
{
    const bool *seen = w->run->seen;
    bool invoices = w->plan->dataset == FTH_FOCUS_IND ||
                    (w->plan->dataset == FTH_FOCUS_CAU && seen[FTH_FOCUS_IND]);
    bool periods = w->plan->dataset == FTH_FOCUS_BPD ||
                   (w->plan->dataset == FTH_FOCUS_CAU && seen[FTH_FOCUS_BPD]);
    bool contracts = w->plan->dataset == FTH_FOCUS_CCT ||
                     (w->plan->dataset == FTH_FOCUS_CAU && seen[FTH_FOCUS_CCT]);

    for (size_t row = begin; row < end; row++) {
        if (periods)
            refer_to_period(w, rows, row);
        if (contracts)
            refer_to_contracts(w, rows, row);
        if (!invoices)
            continue;
        refer(w, rows, row, FTH_FOCUS_REF_INVOICE, need(w, rows, row, FTH_FOCUS_N_INVOICE, 0));
        refer(w, rows, row, FTH_FOCUS_REF_INVOICE_DETAIL,
              need(w, rows, row, FTH_FOCUS_N_INVOICE_DETAIL, 0));
        if (add_invoice(w, rows, row, err))
            return err->rc;
    }
    return FTH_OK;
}

enum fth_rc fth_focus_gather(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                             size_t begin, size_t end, struct fth_err *err)
{
    if (w->plan->sums_commitments && gather_commitments(w, rows, begin, end, err))
        return err->rc;
    if (w->plan->sums_ratios && gather_ratios(w, rows, begin, end, err))
        return err->rc;
    if (w->plan->contract_rule != SIZE_MAX)
        gather_contracts(w, rows, begin, end);
    if (w->plan->refers && gather_references(w, rows, begin, end, err))
        return err->rc;
    return FTH_OK;
}
