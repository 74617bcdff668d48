/*
 * Results: chunks of the engine seen as batches.
 *
 * Where the engine's layout is a batch's, the batch points into the chunk; the rest is converted
 * into memory that belongs to the column and is kept from chunk to chunk.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "ledger/duckdb/duckdb_int.h"

/* How a column of the engine becomes one of a batch. */
enum conv {
    CONV_SAME, /* same layout */
    CONV_TEXT,
    CONV_NULL, /* SELECT NULL: no value, whatever the type */
    CONV_I8,
    CONV_U8,
    CONV_I16,
    CONV_U16,
    CONV_U32,
    CONV_U64,
    CONV_F32,
    CONV_I128,    /* copied: the engine promises 8 bytes of alignment, not 16 */
    CONV_DEC_I16, /* decimals by the width of their integer, brought to scale 10 */
    CONV_DEC_I32,
    CONV_DEC_I64,
    CONV_DEC_I128,
    CONV_SECONDS, /* timestamps of other units, brought to microseconds */
    CONV_MILLIS,
    CONV_NANOS,
    CONV_MAP
};

struct col {
    enum conv conv;
    enum fth_type type;
    fth_i128 scale_up; /* DEC conversions: units times this are 1e-10 */
    void *own;         /* converted values, FTH_BATCH_MAX of them */
    struct fth_str *keys, *values;
    size_t entry_cap;
    uint64_t *no_bits; /* CONV_NULL: a bitmap without a bit */
};

/* Rows that were fetched, and what sees them as a batch. */
struct fth_rows {
    duckdb_data_chunk chunk;
    size_t col_nr;
    struct col *cols;
    struct fth_vec *vecs;
};

struct fth_result {
    struct fth_session *session;
    duckdb_result from;
    struct fth_rows *rows; /* of who reads it alone */
    bool ended;
};

static enum fth_rc classify_decimal(duckdb_logical_type type, struct col *col, struct fth_err *err)
{
    unsigned scale = duckdb_decimal_scale(type);
    duckdb_type stored = duckdb_decimal_internal_type(type);

    if (scale > 10)
        return fth_err_set(err, FTH_E_UNSUPPORTED, "a decimal of scale %u is finer than 10 places",
                           scale);
    col->scale_up = 1;
    for (; scale < 10; scale++)
        col->scale_up *= 10;
    col->type = FTH_T_DEC_WIDE;
    if (stored == DUCKDB_TYPE_BIGINT && col->scale_up == 1) {
        col->type = FTH_T_DEC;
        col->conv = CONV_SAME;
        return FTH_OK;
    }
    col->conv = stored == DUCKDB_TYPE_SMALLINT  ? CONV_DEC_I16
                : stored == DUCKDB_TYPE_INTEGER ? CONV_DEC_I32
                : stored == DUCKDB_TYPE_BIGINT  ? CONV_DEC_I64
                                                : CONV_DEC_I128;
    return FTH_OK;
}

static enum fth_rc classify_map(duckdb_logical_type type, struct col *col, struct fth_err *err)
{
    duckdb_logical_type key = duckdb_map_type_key_type(type);
    duckdb_logical_type value = duckdb_map_type_value_type(type);
    bool text = duckdb_get_type_id(key) == DUCKDB_TYPE_VARCHAR &&
                duckdb_get_type_id(value) == DUCKDB_TYPE_VARCHAR;

    duckdb_destroy_logical_type(&key);
    duckdb_destroy_logical_type(&value);
    if (!text)
        return fth_err_set(err, FTH_E_UNSUPPORTED, "a map of other things than text");
    *col = (struct col){.conv = CONV_MAP, .type = FTH_T_TEXT_MAP};
    return FTH_OK;
}

static enum fth_rc classify(duckdb_logical_type type, struct col *col, struct fth_err *err)
{
    static const struct {
        duckdb_type from;
        enum fth_type to;
        enum conv conv;
    } table[] = {
        {DUCKDB_TYPE_BOOLEAN, FTH_T_BOOL, CONV_SAME},
        {DUCKDB_TYPE_TINYINT, FTH_T_I32, CONV_I8},
        {DUCKDB_TYPE_UTINYINT, FTH_T_I32, CONV_U8},
        {DUCKDB_TYPE_SMALLINT, FTH_T_I32, CONV_I16},
        {DUCKDB_TYPE_USMALLINT, FTH_T_I32, CONV_U16},
        {DUCKDB_TYPE_INTEGER, FTH_T_I32, CONV_SAME},
        {DUCKDB_TYPE_UINTEGER, FTH_T_I64, CONV_U32},
        {DUCKDB_TYPE_BIGINT, FTH_T_I64, CONV_SAME},
        {DUCKDB_TYPE_UBIGINT, FTH_T_I128, CONV_U64},
        {DUCKDB_TYPE_HUGEINT, FTH_T_I128, CONV_I128},
        {DUCKDB_TYPE_FLOAT, FTH_T_DOUBLE, CONV_F32},
        {DUCKDB_TYPE_DOUBLE, FTH_T_DOUBLE, CONV_SAME},
        {DUCKDB_TYPE_DATE, FTH_T_DATE, CONV_SAME},
        {DUCKDB_TYPE_TIMESTAMP, FTH_T_INSTANT, CONV_SAME},
        {DUCKDB_TYPE_TIMESTAMP_TZ, FTH_T_INSTANT, CONV_SAME},
        {DUCKDB_TYPE_TIMESTAMP_S, FTH_T_INSTANT, CONV_SECONDS},
        {DUCKDB_TYPE_TIMESTAMP_MS, FTH_T_INSTANT, CONV_MILLIS},
        {DUCKDB_TYPE_TIMESTAMP_NS, FTH_T_INSTANT, CONV_NANOS},
        {DUCKDB_TYPE_VARCHAR, FTH_T_TEXT, CONV_TEXT},
        {DUCKDB_TYPE_SQLNULL, FTH_T_TEXT, CONV_NULL},
    };
    duckdb_type id = duckdb_get_type_id(type);

    if (id == DUCKDB_TYPE_DECIMAL)
        return classify_decimal(type, col, err);
    if (id == DUCKDB_TYPE_MAP)
        return classify_map(type, col, err);
    for (size_t i = 0; i < FTH_NR(table); i++) {
        if (table[i].from == id) {
            *col = (struct col){.conv = table[i].conv, .type = table[i].to};
            return FTH_OK;
        }
    }
    return fth_err_set(err, FTH_E_UNSUPPORTED, "values of the engine's type %d", (int)id);
}

static enum fth_rc make_col(duckdb_result *from, size_t i, struct col *col, struct fth_err *err)
{
    duckdb_logical_type type = duckdb_column_logical_type(from, i);

    classify(type, col, err);
    duckdb_destroy_logical_type(&type);
    if (err->rc) {
        fth_err_prefix(err, "column \"%s\"", duckdb_column_name(from, i));
        fth_err_hint(err, "Cast the column to text.");
        return err->rc;
    }
    if (col->conv != CONV_SAME) {
        col->own = fth_calloc(FTH_BATCH_MAX, sizeof(struct fth_text_map));
        if (!col->own)
            return fth_err_nomem(err);
    }
    if (col->conv == CONV_NULL) {
        col->no_bits = fth_calloc(FTH_BATCH_MAX / 64, sizeof(uint64_t));
        if (!col->no_bits)
            return fth_err_nomem(err);
    }
    return FTH_OK;
}

void fth_rows_free(struct fth_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; rows->cols && i < rows->col_nr; i++) {
        fth_free(rows->cols[i].own);
        fth_free(rows->cols[i].keys);
        fth_free(rows->cols[i].values);
        fth_free(rows->cols[i].no_bits);
    }
    fth_free(rows->cols);
    fth_free(rows->vecs);
    if (rows->chunk)
        duckdb_destroy_data_chunk(&rows->chunk);
    fth_free(rows);
}

enum fth_rc fth_rows_new(const struct fth_result *result, struct fth_rows **out,
                         struct fth_err *err)
{
    /* The C interface only reads it, but does not say so in its types. */
    duckdb_result from = result->from;
    struct fth_rows *rows = fth_calloc(1, sizeof(*rows));

    if (!rows)
        return fth_err_nomem(err);
    rows->col_nr = duckdb_column_count(&from);
    rows->cols = fth_calloc(rows->col_nr, sizeof(*rows->cols));
    rows->vecs = fth_calloc(rows->col_nr, sizeof(*rows->vecs));
    if (!rows->cols || !rows->vecs) {
        fth_rows_free(rows);
        return fth_err_nomem(err);
    }
    for (size_t i = 0; i < rows->col_nr && !err->rc; i++)
        make_col(&from, i, &rows->cols[i], err);
    if (err->rc)
        fth_rows_free(rows);
    else
        *out = rows;
    return err->rc;
}

static void release(struct fth_result *result)
{
    fth_rows_free(result->rows);
    duckdb_destroy_result(&result->from);
    fth_free(result);
}

enum fth_rc fth_result_new(struct fth_session *session, duckdb_result *from,
                           struct fth_result **out, struct fth_err *err)
{
    struct fth_result *result = fth_calloc(1, sizeof(*result));

    if (!result) {
        duckdb_destroy_result(from);
        return fth_err_nomem(err);
    }
    result->session = session;
    result->from = *from;
    if (fth_rows_new(result, &result->rows, err))
        release(result);
    else
        *out = result;
    return err->rc;
}

void fth_result_free(struct fth_result *result)
{
    struct fth_session *session = result ? result->session : NULL;

    if (!result)
        return;
    release(result);
    fth_session_done(session);
}

size_t fth_result_col_nr(const struct fth_result *result)
{
    return result->rows->col_nr;
}

struct fth_column fth_result_col(const struct fth_result *result, size_t i)
{
    /* The C interface reads the name only, but does not say so in its types. */
    duckdb_result from = result->from;

    FTH_CHECK(i < result->rows->col_nr);
    return (struct fth_column){duckdb_column_name(&from, i), result->rows->cols[i].type};
}

static struct fth_str view(const duckdb_string_t *text)
{
    uint32_t n = text->value.inlined.length;

    return (struct fth_str){n <= 12 ? text->value.inlined.inlined : text->value.pointer.ptr, n};
}

/* Keys and values of all maps of the chunk lie in two arrays, each map pointing to its part. */
static enum fth_rc convert_map(struct col *col, duckdb_vector vector, size_t nr,
                               struct fth_err *err)
{
    const duckdb_list_entry *entries = duckdb_vector_get_data(vector);
    duckdb_vector pairs = duckdb_list_vector_get_child(vector);
    duckdb_vector value_vector = duckdb_struct_vector_get_child(pairs, 1);
    const duckdb_string_t *keys = duckdb_vector_get_data(duckdb_struct_vector_get_child(pairs, 0));
    const duckdb_string_t *values = duckdb_vector_get_data(value_vector);
    uint64_t *there = duckdb_vector_get_validity(value_vector);
    uint64_t *valid = duckdb_vector_get_validity(vector);
    struct fth_text_map *out = col->own;
    size_t all = duckdb_list_vector_get_size(vector);

    if (all > col->entry_cap) {
        void *more_keys = fth_realloc(col->keys, all, sizeof(*col->keys));
        void *more_values = NULL;

        if (more_keys)
            col->keys = more_keys;
        more_values = more_keys ? fth_realloc(col->values, all, sizeof(*col->values)) : NULL;
        if (!more_values)
            return fth_err_nomem(err);
        col->values = more_values;
        col->entry_cap = all;
    }
    for (size_t i = 0; i < all; i++) {
        bool is_null = there && !(there[i / 64] >> (i % 64) & 1);

        col->keys[i] = view(&keys[i]);
        col->values[i] = is_null ? (struct fth_str){0} : view(&values[i]);
    }
    for (size_t i = 0; i < nr; i++) {
        if (valid && !(valid[i / 64] >> (i % 64) & 1))
            out[i] = (struct fth_text_map){0};
        else
            out[i] = (struct fth_text_map){col->keys + entries[i].offset,
                                           col->values + entries[i].offset, entries[i].length};
    }
    return FTH_OK;
}

#define EACH(to_type, from_type, expr)  \
    do {                                \
        to_type *to = col->own;         \
        const from_type *from = data;   \
                                        \
        for (size_t i = 0; i < nr; i++) \
            to[i] = (to_type)(expr);    \
    } while (0)

/* What lies under a null is undefined, so text is only looked at where there is a value. */
static void convert_text(struct col *col, duckdb_vector vector, size_t nr)
{
    const duckdb_string_t *from = duckdb_vector_get_data(vector);
    uint64_t *valid = duckdb_vector_get_validity(vector);
    struct fth_str *to = col->own;

    for (size_t i = 0; i < nr; i++)
        to[i] = !valid || valid[i / 64] >> (i % 64) & 1 ? view(&from[i]) : (struct fth_str){0};
}

static fth_i128 wide_at(const void *data, size_t i)
{
    fth_i128 value;

    memcpy(&value, (const char *)data + i * sizeof(value), sizeof(value));
    return value;
}

/* Brings 128-bit decimals of a coarser scale to scale 10. */
static enum fth_rc convert_wide(struct col *col, duckdb_vector vector, size_t nr,
                                struct fth_err *err)
{
    const void *data = duckdb_vector_get_data(vector);
    uint64_t *valid = duckdb_vector_get_validity(vector);
    fth_i128 *to = col->own;

    for (size_t i = 0; i < nr; i++) {
        bool there = !valid || valid[i / 64] >> (i % 64) & 1;

        if (__builtin_mul_overflow(there ? wide_at(data, i) : 0, col->scale_up, &to[i]))
            return fth_err_set(err, FTH_E_RANGE, "ledger engine: a decimal is too large");
    }
    return FTH_OK;
}

static enum fth_rc convert(struct col *col, duckdb_vector vector, size_t nr, struct fth_err *err)
{
    const void *data = duckdb_vector_get_data(vector);
    fth_i128 up = col->scale_up;

    switch (col->conv) {
    case CONV_SAME:
    case CONV_NULL:
        break;
    case CONV_TEXT:
        convert_text(col, vector, nr);
        break;
    case CONV_I8:
        EACH(int32_t, int8_t, from[i]);
        break;
    case CONV_U8:
        EACH(int32_t, uint8_t, from[i]);
        break;
    case CONV_I16:
        EACH(int32_t, int16_t, from[i]);
        break;
    case CONV_U16:
        EACH(int32_t, uint16_t, from[i]);
        break;
    case CONV_U32:
        EACH(int64_t, uint32_t, from[i]);
        break;
    case CONV_U64:
        EACH(fth_i128, uint64_t, from[i]);
        break;
    case CONV_F32:
        EACH(double, float, from[i]);
        break;
    case CONV_I128:
        memcpy(col->own, data, nr * sizeof(fth_i128));
        break;
    case CONV_DEC_I16:
        EACH(fth_i128, int16_t, from[i] * up);
        break;
    case CONV_DEC_I32:
        EACH(fth_i128, int32_t, from[i] * up);
        break;
    case CONV_DEC_I64:
        EACH(fth_i128, int64_t, from[i] * up);
        break;
    case CONV_DEC_I128:
        return convert_wide(col, vector, nr, err);
    case CONV_SECONDS:
        EACH(int64_t, int64_t, (int64_t)((uint64_t)from[i] * 1000000));
        break;
    case CONV_MILLIS:
        EACH(int64_t, int64_t, (int64_t)((uint64_t)from[i] * 1000));
        break;
    case CONV_NANOS:
        EACH(int64_t, int64_t, from[i] / 1000 - (from[i] % 1000 < 0));
        break;
    case CONV_MAP:
        return convert_map(col, vector, nr, err);
    }
    return FTH_OK;
}

/* The next chunk with rows, or none at the end. */
static enum fth_rc fetch(struct fth_result *result, struct fth_rows *rows, struct fth_err *err)
{
    do {
        if (rows->chunk)
            duckdb_destroy_data_chunk(&rows->chunk);
        rows->chunk = NULL;
        if (fth_cancel_check(result->session->cancel, err))
            return err->rc;
        rows->chunk = duckdb_fetch_chunk(result->from);
    } while (rows->chunk && duckdb_data_chunk_get_size(rows->chunk) == 0);
    if (!rows->chunk) {
        const char *message = duckdb_result_error(&result->from);

        result->ended = true;
        if (message && *message)
            return fth_duckdb_session_error(result->session, err,
                                            duckdb_result_error_type(&result->from), message);
    }
    return FTH_OK;
}

enum fth_rc fth_result_take(struct fth_result *result, struct fth_rows *rows, bool *more,
                            struct fth_err *err)
{
    *more = false;
    if (!result->ended && fetch(result, rows, err))
        return err->rc;
    *more = !result->ended;
    return FTH_OK;
}

size_t fth_rows_nr(const struct fth_rows *rows)
{
    return rows->chunk ? duckdb_data_chunk_get_size(rows->chunk) : 0;
}

enum fth_rc fth_rows_batch(struct fth_rows *rows, struct fth_batch *out, struct fth_err *err)
{
    size_t nr = fth_rows_nr(rows);

    FTH_CHECK(nr <= FTH_BATCH_MAX);
    for (size_t i = 0; i < rows->col_nr && nr; i++) {
        struct col *col = &rows->cols[i];
        duckdb_vector vector = duckdb_data_chunk_get_vector(rows->chunk, i);

        if (convert(col, vector, nr, err))
            return err->rc;
        rows->vecs[i] = (struct fth_vec){
            .type = col->type,
            .valid = col->no_bits ? col->no_bits : duckdb_vector_get_validity(vector),
            .any = col->own ? col->own : duckdb_vector_get_data(vector)};
    }
    *out = (struct fth_batch){.nr = nr, .col_nr = rows->col_nr, .cols = rows->vecs};
    return FTH_OK;
}

enum fth_rc fth_result_next(struct fth_result *result, struct fth_batch *out, struct fth_err *err)
{
    bool more;

    if (fth_result_take(result, result->rows, &more, err))
        return err->rc;
    return fth_rows_batch(result->rows, out, err);
}
