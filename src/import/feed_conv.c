/* Texts of CSV files and values of the engine to typed columns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "import/feed_dates.h"
#include "import/feed_parts.h"
#include "import/feed_tags.h"

/* ---- cells ---- */

static bool is_null_word(const struct fth_feed_worker *w, struct fth_str text)
{
    for (const char *const *word = w->feed->layout->nulls; word && *word; word++)
        if (fth_str_eq_c(text, *word))
            return true;
    return false;
}

static enum fth_rc unquote(struct fth_feed_worker *w, struct fth_str raw, struct fth_str *out,
                           struct fth_err *err)
{
    struct fth_str inner = fth_str_sub(raw, 1, raw.n - 2);
    char *room;

    *out = inner;
    if (fth_str_find(inner, '"') == SIZE_MAX)
        return FTH_OK;
    room = fth_arena_alloc(w->scratch, raw.n);
    if (!room)
        return fth_err_nomem(err);
    *out = fth_csv_unquote(raw, room);
    return FTH_OK;
}

/* A value of the engine as text, in the worker's scratch. */
static enum fth_rc vec_text(struct fth_feed_worker *w, const struct fth_vec *vec, size_t row,
                            struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(1 << 24);
    enum fth_rc rc;

    row = vec->constant ? 0 : row;
    switch (vec->type) {
    case FTH_T_BOOL:
        fth_buf_c(&buf, vec->boolean[row] ? "true" : "false");
        break;
    case FTH_T_I32:
        fth_buf_printf(&buf, "%ld", (long)vec->i32[row]);
        break;
    case FTH_T_I64:
        fth_buf_printf(&buf, "%lld", (long long)vec->i64[row]);
        break;
    case FTH_T_DATE:
        fth_date_put(&buf, vec->i32[row]);
        break;
    case FTH_T_INSTANT:
        fth_instant_put(&buf, vec->i64[row]);
        break;
    case FTH_T_DOUBLE: {
        struct fth_jw jw;

        fth_jw_init(&jw, &buf);
        fth_jw_double(&jw, vec->f64[row]);
        break;
    }
    case FTH_T_TEXT_MAP:
        fth_feed_put_map(&buf, &vec->map[row]);
        break;
    default: {
        struct fth_money amount = FTH_MONEY_ZERO;
        bool whole = vec->type == FTH_T_I128;
        fth_i128 units = vec->type == FTH_T_DEC ? vec->i64[row] : vec->i128[row];

        rc = fth_money_from_scaled(units, whole ? 0 : 10, &amount, err);
        if (rc)
            return rc;
        fth_money_put(&buf, amount);
        break;
    }
    }
    rc = fth_buf_done(&buf, err);
    if (!rc)
        rc = fth_arena_str(w->scratch, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return rc;
}

static const struct fth_vec *vec_of(const struct fth_feed_worker *w, size_t column)
{
    size_t at = w->block.batch_col[column];

    FTH_CHECK(at != SIZE_MAX);
    return &w->block.batch->cols[at];
}

static enum fth_rc parquet_cell(struct fth_feed_worker *w, size_t record, size_t column,
                                struct fth_str *out, struct fth_err *err)
{
    const struct fth_vec *vec = vec_of(w, column);
    size_t row = w->block.first + record;

    *out = (struct fth_str){0};
    if (!fth_vec_is_valid(vec, row))
        return FTH_OK;
    if (vec->type == FTH_T_TEXT)
        *out = vec->text[vec->constant ? 0 : row];
    else
        return vec_text(w, vec, row, out, err);
    return FTH_OK;
}

/*
 * A field of a CSV record. Fields are mostly asked for down a column, and the text of a block is
 * more than the processor has at hand: the one that is asked for soon is fetched meanwhile.
 */
static inline struct fth_str csv_cell(const struct fth_csv_chunk *chunk, size_t record,
                                      size_t column)
{
    enum { AHEAD = 16 };
    size_t soon = (record + AHEAD) * chunk->columns + column;

    if (record + AHEAD < chunk->nr)
        __builtin_prefetch(chunk->text + chunk->ends[soon - 1]);
    return fth_csv_raw(chunk, record, column);
}

static inline enum fth_rc cell(struct fth_feed_worker *w, size_t record, size_t column,
                               struct fth_str *out, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (w->block.chunk) {
        *out = csv_cell(w->block.chunk, w->block.first + record, column);
        if (out->n && out->p[0] == '"')
            rc = unquote(w, *out, out, err);
    } else if (w->block.lines) {
        *out = w->cells[record * w->block.file->binding.header_nr + column];
    } else {
        rc = parquet_cell(w, record, column, out, err);
    }
    if (w->feed->layout->nulls && !rc && is_null_word(w, *out))
        out->n = 0;
    return rc;
}

enum fth_rc fth_feed_cell(struct fth_feed_worker *worker, size_t record, size_t column,
                          struct fth_str *out, struct fth_err *err)
{
    if (worker->feed->layout->derive && column >= worker->block.file->binding.header_nr)
        return fth_feed_value(worker, record, column - worker->block.file->binding.header_nr, out,
                              err);
    return cell(worker, record, column, out, err);
}

struct place {
    struct fth_feed_worker *w;
    size_t record;
};

static enum fth_rc input_cell(void *ctx, size_t input, struct fth_str *out, struct fth_err *err)
{
    const struct place *place = ctx;

    return cell(place->w, place->record, place->w->block.file->binding.inputs[input], out, err);
}

/* The value that the layout makes of the record's cells; empty where it is refused. */
static enum fth_rc derived(struct fth_feed_worker *w, size_t record, size_t col,
                           struct fth_str *out, struct fth_err *err)
{
    const struct fth_feed_derive *derive = w->feed->layout->derive;
    struct place place = {w, record};
    const struct fth_feed_cells cells = {input_cell, &place, w->scratch};
    struct fth_feed_odd odd = {0};
    struct fth_feed_fault fault;
    enum fth_rc rc = derive->make(derive->ctx, col, &cells, out, &odd, err);

    if (rc || !odd.rule)
        return rc;
    *out = (struct fth_str){0};
    fault = (struct fth_feed_fault){.column = w->block.file->binding.inputs[odd.input],
                                    .value = odd.value,
                                    .rule = odd.rule,
                                    .why = odd.why,
                                    .rc = FTH_E_SYNTAX};
    return fth_feed_refuse(w, record, &fault, err);
}

static inline enum fth_rc value(struct fth_feed_worker *w, size_t record,
                                const struct fth_feed_source *source, struct fth_str *out,
                                struct fth_err *err)
{
    *out = (struct fth_str){0};
    if (source->at == SIZE_MAX)
        return FTH_OK;
    if (source->derived)
        return derived(w, record, source->derived - 1, out, err);
    if (source->key.n)
        return fth_feed_map_value(w, record, source->at, source->key, out, err);
    return cell(w, record, source->at, out, err);
}

static const struct fth_feed_source *source_of(const struct fth_feed_worker *w, size_t col)
{
    return &w->block.file->binding.source[col];
}

enum fth_rc fth_feed_value(struct fth_feed_worker *worker, size_t record, size_t col,
                           struct fth_str *out, struct fth_err *err)
{
    return value(worker, record, source_of(worker, col), out, err);
}

/* The engine's own value of a record, when the file has one that need not go through text. */
static const struct fth_vec *typed(const struct fth_feed_worker *w,
                                   const struct fth_feed_source *source, enum fth_type type,
                                   size_t record, size_t *row)
{
    const struct fth_vec *vec;

    if (!w->block.batch || source->at == SIZE_MAX || source->key.n || source->member)
        return NULL;
    vec = vec_of(w, source->at);
    *row = w->block.first + record;
    if (vec->type != type || !fth_vec_is_valid(vec, *row))
        return NULL;
    if (vec->constant)
        *row = 0;
    return vec;
}

/* ---- numbers ---- */

enum { HEAD_DECIMALS = 10, TAIL_DECIMALS = 18, NARROW_INT = 99999999 };

static const int64_t tens[] = {1,
                               10,
                               100,
                               1000,
                               10000,
                               100000,
                               1000000,
                               10000000,
                               100000000,
                               1000000000,
                               10000000000,
                               100000000000,
                               1000000000000,
                               10000000000000,
                               100000000000000,
                               1000000000000000,
                               10000000000000000,
                               100000000000000000,
                               1000000000000000000};

/* Up to `most` digits from text[*at] on; returns how many. */
static inline unsigned take_digits(struct fth_str text, size_t *at, unsigned most, int64_t *value)
{
    unsigned nr = 0;

    while (nr < most && *at < text.n) {
        unsigned digit = (unsigned char)text.p[*at] - (unsigned)'0';

        if (digit > 9)
            break;
        *value = *value * 10 + (int64_t)digit;
        nr++;
        (*at)++;
    }
    return nr;
}

/* Plain decimals that fit a narrow head: one loop over the digits, 10 decimals to the head, 18 to
 * the tail. Whatever is not so is left to fth_money_parse(). */
static inline bool plain_amount(struct fth_str text, struct fth_money *out)
{
    int64_t whole = 0, head = 0, tail = 0;
    size_t at = text.n && text.p[0] == '-';
    unsigned nr = take_digits(text, &at, 18, &whole), decimals = 0, more = 0;

    if (whole > NARROW_INT)
        return false;
    if (at < text.n && text.p[at] == '.') {
        at++;
        decimals = take_digits(text, &at, HEAD_DECIMALS, &head);
        if (decimals == HEAD_DECIMALS)
            more = take_digits(text, &at, TAIL_DECIMALS, &tail);
    }
    if (at != text.n || nr + decimals == 0 || !text.p)
        return false;
    head = whole * tens[HEAD_DECIMALS] + head * tens[HEAD_DECIMALS - decimals];
    tail *= tens[TAIL_DECIMALS - more];
    *out = text.p[0] == '-' ? (struct fth_money){-(fth_i128)head, -(fth_i128)tail}
                            : (struct fth_money){head, tail};
    return true;
}

/* Correctly rounded: a mantissa and a power of ten that are exact doubles need one operation. */
static bool plain_double(struct fth_str text, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t mantissa = 0;
    size_t at = text.n && text.p[0] == '-';
    unsigned nr = take_digits(text, &at, 18, &mantissa), decimals = 0;

    if (at < text.n && text.p[at] == '.') {
        at++;
        decimals = take_digits(text, &at, 18 - nr, &mantissa);
    }
    if (at != text.n || nr + decimals == 0 || mantissa > INT64_C(1) << 53)
        return false;
    *out = (double)mantissa / powers[decimals];
    if (text.p[0] == '-')
        *out = -*out;
    return true;
}

/* ---- refusals ---- */

static enum fth_rc refuse_value(struct fth_feed_worker *w, size_t record, size_t column,
                                struct fth_str text, const char *rule, const char *why,
                                struct fth_err *err)
{
    bool range = strcmp(rule, "too-many-digits") == 0;
    const struct fth_feed_fault fault = {.column = column,
                                         .value = text,
                                         .rule = rule,
                                         .why = why,
                                         .rc = range ? FTH_E_RANGE : FTH_E_SYNTAX};

    return fth_feed_refuse(w, record, &fault, err);
}

static enum fth_rc refuse_number(struct fth_feed_worker *w, size_t record, size_t column,
                                 struct fth_str text, enum fth_rc why, struct fth_err *err)
{
    if (why == FTH_E_RANGE)
        return refuse_value(w, record, column, text, "too-many-digits",
                            "has more digits than an amount can keep", err);
    return refuse_value(w, record, column, text, "not-a-number", "is not a number", err);
}

/* ---- amounts, moments ---- */

static enum fth_rc amount_of_double(double value, struct fth_money *out, struct fth_err *why)
{
    enum fth_rc rc = fth_money_from_double(value, out, why);

    return rc && !isfinite(value) ? FTH_E_SYNTAX : rc;
}

static enum fth_rc amount_of_text(const struct fth_feed_worker *w, struct fth_str text,
                                  struct fth_money *out)
{
    struct fth_err why = {0};
    enum fth_rc rc = plain_amount(text, out) ? FTH_OK : fth_money_parse(text, out, &why);

    if (rc == FTH_E_RANGE && w->feed->layout->doubles)
        rc = fth_money_parse_rounded(text, out, &why);
    return rc;
}

enum fth_rc fth_feed_element_amount(struct fth_feed_worker *worker, size_t record, size_t element,
                                    size_t col, struct fth_money *out, bool *has,
                                    struct fth_err *err)
{
    const struct fth_feed_source *source = source_of(worker, col);
    struct fth_str text = fth_feed_member(worker, element, source->member);
    enum fth_rc rc;

    *has = false;
    if (text.n == 0)
        return FTH_OK;
    rc = amount_of_text(worker, text, out);
    if (rc)
        return refuse_number(worker, record, source->at, text, rc, err);
    *has = true;
    return FTH_OK;
}

enum fth_rc fth_feed_amount(struct fth_feed_worker *worker, size_t record, size_t col,
                            struct fth_money *out, bool *has, struct fth_err *err)
{
    const struct fth_feed_source *source = source_of(worker, col);
    const struct fth_vec *vec;
    struct fth_str text = {0};
    struct fth_err why = {0};
    size_t row;
    enum fth_rc rc;

    *has = false;
    vec = typed(worker, source, FTH_T_DOUBLE, record, &row);
    if (vec) {
        rc = amount_of_double(vec->f64[row], out, &why);
        if (rc == FTH_E_RANGE && worker->feed->layout->doubles &&
            !parquet_cell(worker, record, source->at, &text, &why))
            rc = amount_of_text(worker, text, out);
        if (rc && isnan(vec->f64[row]))
            text = FTH_STR("NaN");
        else if (rc)
            (void)parquet_cell(worker, record, source->at, &text, &why);
    } else {
        rc = value(worker, record, source, &text, err);
        if (rc || text.n == 0)
            return rc;
        rc = amount_of_text(worker, text, out);
    }
    if (rc)
        return refuse_number(worker, record, source->at, text, rc, err);
    *has = true;
    return FTH_OK;
}

bool fth_feed_moment(enum fth_feed_kind kind, struct fth_str text, int64_t *out)
{
    char month[] = "0000-00";
    int32_t at;

    if (kind != FTH_K_MONTH)
        return fth_instant_parse(text, out);
    if (text.n == 6) {
        memcpy(month, text.p, 4);
        memcpy(month + 5, text.p + 4, 2);
        text = (struct fth_str){month, 7};
    }
    if (fth_month_parse(text, &at)) {
        *out = fth_month_first_date(at) * FTH_DAY_US;
        return true;
    }
    if (!fth_instant_parse(text, out))
        return false;
    *out = fth_month_first_date(fth_month_of_date(fth_instant_date(*out))) * FTH_DAY_US;
    return true;
}

enum fth_rc fth_feed_instant(struct fth_feed_worker *worker, size_t record, size_t col,
                             int64_t *out, bool *has, struct fth_err *err)
{
    const struct fth_feed_source *source = source_of(worker, col);
    const struct fth_vec *vec;
    struct fth_str text;
    size_t row;
    enum fth_rc rc;

    *has = false;
    vec = typed(worker, source, FTH_T_INSTANT, record, &row);
    if (vec) {
        *out = vec->i64[row];
        *has = true;
        return FTH_OK;
    }
    rc = value(worker, record, source, &text, err);
    if (rc || text.n == 0)
        return rc;
    if (!fth_feed_moment(worker->feed->layout->cols[col].kind, text, out) &&
        (worker->feed->layout->dates == FTH_DATES_ISO_ONLY ||
         !fth_feed_date(text, worker->block.file->dates, out)))
        return refuse_value(worker, record, source->at, text, "not-a-time", "is not a date or time",
                            err);
    *has = true;
    return FTH_OK;
}

static enum fth_rc number(struct fth_feed_worker *w, size_t record,
                          const struct fth_feed_source *source, double *out, bool *has,
                          struct fth_err *err)
{
    size_t row;
    const struct fth_vec *vec = typed(w, source, FTH_T_DOUBLE, record, &row);
    struct fth_str text = {0};
    enum fth_rc rc;

    *has = false;
    if (vec) {
        *out = vec->f64[row];
        text = isfinite(*out) ? text : isnan(*out) ? FTH_STR("NaN") : FTH_STR("Infinity");
    } else {
        rc = value(w, record, source, &text, err);
        if (rc || text.n == 0)
            return rc;
        if (!plain_double(text, out) && !fth_str_to_double(text, out))
            *out = NAN;
    }
    if (!isfinite(*out))
        return refuse_value(w, record, source->at, text, "not-a-number",
                            "is not a number that can be kept", err);
    *has = true;
    return FTH_OK;
}

static enum fth_rc truth(struct fth_feed_worker *w, size_t record,
                         const struct fth_feed_source *source, uint8_t *out, bool *has,
                         struct fth_err *err)
{
    struct fth_str text;
    enum fth_rc rc = value(w, record, source, &text, err);

    *has = false;
    if (rc || text.n == 0)
        return rc;
    if (fth_str_caseeq(text, FTH_STR("true")) || fth_str_eq_c(text, "1"))
        *out = 1;
    else if (fth_str_caseeq(text, FTH_STR("false")) || fth_str_eq_c(text, "0"))
        *out = 0;
    else
        return refuse_value(w, record, source->at, text, "not-a-boolean",
                            "is neither true nor false", err);
    *has = true;
    return FTH_OK;
}

/* ---- columns ---- */

struct target {
    struct fth_vec *vec;
    void *data;
    uint64_t *valid;
    bool nulls; /* some value is missing */
};

static inline void set_null(struct target *to, size_t row)
{
    to->valid[row / 64] &= ~(UINT64_C(1) << (row % 64));
    to->nulls = true;
}

/* Rows of one record follow each other: what one has, the next has too. */
static inline bool is_same_record(const struct fth_feed_worker *w, size_t row)
{
    return row && w->rows[row].record == w->rows[row - 1].record;
}

/* The same for its missing values. */
static inline void copy_null(struct target *to, size_t row)
{
    if (!(to->valid[(row - 1) / 64] >> ((row - 1) % 64) & 1))
        set_null(to, row);
}

static enum fth_rc put_texts(struct fth_feed_worker *w, size_t col, struct target *to,
                             struct fth_err *err)
{
    const struct fth_feed_source source = *source_of(w, col);
    struct fth_str *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        enum fth_rc rc = FTH_OK;

        if (source.member)
            out[i] = w->rows[i].element == FTH_FEED_NO_ELEMENT
                         ? (struct fth_str){0}
                         : fth_feed_member(w, w->rows[i].element, source.member);
        else if (is_same_record(w, i))
            out[i] = out[i - 1];
        else
            rc = value(w, w->rows[i].record, &source, &out[i], err);
        if (rc)
            return rc;
        if (out[i].n == 0)
            set_null(to, i);
    }
    return FTH_OK;
}

static enum fth_rc put_doubles(struct fth_feed_worker *w, size_t col, struct target *to,
                               struct fth_err *err)
{
    const struct fth_feed_source source = *source_of(w, col);
    double *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        bool has;
        enum fth_rc rc;

        if (is_same_record(w, i)) {
            out[i] = out[i - 1];
            copy_null(to, i);
            continue;
        }
        rc = number(w, w->rows[i].record, &source, &out[i], &has, err);
        if (rc)
            return rc;
        if (!has)
            set_null(to, i);
    }
    return FTH_OK;
}

static enum fth_rc put_instants(struct fth_feed_worker *w, size_t col, struct target *to,
                                struct fth_err *err)
{
    int64_t *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        bool has;
        enum fth_rc rc;

        if (is_same_record(w, i)) {
            out[i] = out[i - 1];
            copy_null(to, i);
            continue;
        }
        rc = fth_feed_instant(w, w->rows[i].record, col, &out[i], &has, err);
        if (rc)
            return rc;
        if (!has)
            set_null(to, i);
    }
    return FTH_OK;
}

static enum fth_rc put_truths(struct fth_feed_worker *w, size_t col, struct target *to,
                              struct fth_err *err)
{
    const struct fth_feed_source source = *source_of(w, col);
    uint8_t *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        bool has;
        enum fth_rc rc = truth(w, w->rows[i].record, &source, &out[i], &has, err);

        if (rc)
            return rc;
        if (!has)
            set_null(to, i);
    }
    return FTH_OK;
}

static enum fth_rc too_wide(struct fth_feed_worker *w, size_t row, size_t col, struct fth_err *err)
{
    char text[FTH_MONEY_TEXT_MAX];
    size_t slot = fth_feed_slot(source_of(w, col), &w->rows[row]);
    size_t n = fth_money_text(*fth_feed_seen(w, col, slot), text);

    fth_err_set(err, FTH_E_RANGE, "%s: column \"%s\": %.*s needs a wide column",
                w->block.file->path, w->feed->layout->cols[col].name, (int)n, text);
    fth_err_at(err, "/wide/%s", w->feed->layout->cols[col].name);
    return err->rc;
}

/* What a row has in a money column, or NULL. */
static inline const struct fth_money *row_amount(const struct fth_feed_worker *w, size_t col,
                                                 size_t row)
{
    size_t slot = fth_feed_slot(source_of(w, col), &w->rows[row]);

    return slot == SIZE_MAX ? NULL : fth_feed_seen(w, col, slot);
}

static enum fth_rc put_heads(struct fth_feed_worker *w, size_t col, struct target *to,
                             struct fth_err *err)
{
    bool wide = to->vec->type == FTH_T_DEC_WIDE;

    for (size_t i = 0; i < w->row_nr; i++) {
        const struct fth_money *amount = row_amount(w, col, i);

        if (!amount)
            set_null(to, i);
        else if (wide)
            ((fth_i128 *)to->data)[i] = amount->head;
        else if (amount->head > FTH_MONEY_HEAD_MAX || amount->head < -FTH_MONEY_HEAD_MAX)
            return too_wide(w, i, col, err);
        else
            ((int64_t *)to->data)[i] = (int64_t)amount->head;
    }
    return FTH_OK;
}

static void put_tails(struct fth_feed_worker *w, size_t col, struct target *to)
{
    int64_t *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        const struct fth_money *amount = row_amount(w, col, i);

        if (!amount) {
            set_null(to, i);
            continue;
        }
        out[i] = (int64_t)amount->tail;
        w->counts.has_tail = w->counts.has_tail || amount->tail;
    }
}

static enum fth_rc put_tags(struct fth_feed_worker *w, struct target *to, struct fth_err *err)
{
    int32_t *out = to->data;

    for (size_t i = 0; i < w->row_nr; i++) {
        enum fth_rc rc;

        if (is_same_record(w, i)) {
            out[i] = out[i - 1];
            continue;
        }
        rc = fth_feed_tag_id(w, w->rows[i].record, &out[i], err);
        if (rc)
            return rc;
    }
    return FTH_OK;
}

static enum fth_rc put_column(struct fth_feed_worker *w, const struct fth_feed_out_col *col,
                              struct target *to, struct fth_err *err)
{
    switch (col->what) {
    case FTH_OUT_RECORD:
        for (size_t i = 0; i < w->row_nr; i++)
            ((int64_t *)to->data)[i] = fth_feed_record_nr(&w->block, w->rows[i].record);
        return FTH_OK;
    case FTH_OUT_PART:
        for (size_t i = 0; i < w->row_nr; i++)
            ((int32_t *)to->data)[i] = w->rows[i].part;
        return FTH_OK;
    case FTH_OUT_TAGS:
        return put_tags(w, to, err);
    case FTH_OUT_TAIL:
        put_tails(w, col->col, to);
        return FTH_OK;
    case FTH_OUT_TEXT:
        return put_texts(w, col->col, to, err);
    default:
        break;
    }
    switch (w->feed->layout->cols[col->col].kind) {
    case FTH_K_MONEY:
        return put_heads(w, col->col, to, err);
    case FTH_K_DOUBLE:
    case FTH_K_DECIMAL:
        return put_doubles(w, col->col, to, err);
    case FTH_K_INSTANT:
    case FTH_K_MONTH:
        return put_instants(w, col->col, to, err);
    case FTH_K_BOOL:
        return put_truths(w, col->col, to, err);
    default:
        return put_texts(w, col->col, to, err);
    }
}

/* Nothing of it is in this file: one null stands for all. */
static bool is_absent(const struct fth_feed_worker *w, const struct fth_feed_out_col *col)
{
    const struct fth_feed_binding *b = &w->block.file->binding;

    return (col->what == FTH_OUT_COL || col->what == FTH_OUT_TAIL || col->what == FTH_OUT_TEXT) &&
           b->source[col->col].at == SIZE_MAX;
}

enum fth_rc fth_feed_convert(struct fth_feed_worker *worker, struct fth_err *err)
{
    for (size_t i = 0; i < worker->out_nr; i++) {
        struct target to = {&worker->vecs[i], worker->data[i], worker->valid[i], false};
        bool absent = is_absent(worker, &worker->outs[i]);
        enum fth_rc rc;

        memset(to.valid, absent ? 0 : 0xff, FTH_BATCH_MAX / 8);
        to.vec->constant = absent;
        to.vec->valid = to.valid;
        if (absent)
            continue;
        rc = put_column(worker, &worker->outs[i], &to, err);
        if (rc)
            return rc;
        if (!to.nulls)
            to.vec->valid = NULL;
    }
    return FTH_OK;
}
