/* Columns of feeds into the engine's vectors: the inner loop of every load. */
#include <string.h>

#include "base/check.h"
#include "ledger/duckdb/duckdb_int.h"

duckdb_logical_type fth_duckdb_type(enum fth_type type)
{
    static const duckdb_type plain[] = {
        [FTH_T_TEXT] = DUCKDB_TYPE_VARCHAR,    [FTH_T_BOOL] = DUCKDB_TYPE_BOOLEAN,
        [FTH_T_I32] = DUCKDB_TYPE_INTEGER,     [FTH_T_I64] = DUCKDB_TYPE_BIGINT,
        [FTH_T_I128] = DUCKDB_TYPE_HUGEINT,    [FTH_T_DOUBLE] = DUCKDB_TYPE_DOUBLE,
        [FTH_T_DATE] = DUCKDB_TYPE_DATE,       [FTH_T_INSTANT] = DUCKDB_TYPE_TIMESTAMP,
        [FTH_T_TEXT_MAP] = DUCKDB_TYPE_INVALID};
    duckdb_logical_type text, map;

    if (type == FTH_T_DEC)
        return duckdb_create_decimal_type(18, 10);
    if (type == FTH_T_DEC_WIDE)
        return duckdb_create_decimal_type(38, 10);
    if (type != FTH_T_TEXT_MAP)
        return duckdb_create_logical_type(plain[type]);
    text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    map = duckdb_create_map_type(text, text);
    duckdb_destroy_logical_type(&text);
    return map;
}

const char *fth_engine_type(const struct fth_engine *engine, enum fth_type type)
{
    static const char *const names[] = {[FTH_T_TEXT] = "VARCHAR",
                                        [FTH_T_BOOL] = "BOOLEAN",
                                        [FTH_T_I32] = "INTEGER",
                                        [FTH_T_I64] = "BIGINT",
                                        [FTH_T_I128] = "HUGEINT",
                                        [FTH_T_DOUBLE] = "DOUBLE",
                                        [FTH_T_DEC] = "DECIMAL(18,10)",
                                        [FTH_T_DEC_WIDE] = "DECIMAL(38,10)",
                                        [FTH_T_DATE] = "DATE",
                                        [FTH_T_INSTANT] = "TIMESTAMP",
                                        [FTH_T_TEXT_MAP] = "MAP(VARCHAR, VARCHAR)"};

    (void)engine;
    return names[type];
}

static size_t size_of(enum fth_type type)
{
    switch (type) {
    case FTH_T_BOOL:
        return 1;
    case FTH_T_I32:
    case FTH_T_DATE:
        return 4;
    case FTH_T_I64:
    case FTH_T_DOUBLE:
    case FTH_T_DEC:
    case FTH_T_INSTANT:
        return 8;
    case FTH_T_I128:
    case FTH_T_DEC_WIDE:
        return 16;
    case FTH_T_TEXT:
    case FTH_T_TEXT_MAP:
        break;
    }
    FTH_CHECK(!"a type without a fixed size");
    return 0;
}

static duckdb_value value_of(const struct fth_vec *from)
{
    switch (from->type) {
    case FTH_T_TEXT:
        return duckdb_create_varchar_length(from->text->n ? from->text->p : "", from->text->n);
    case FTH_T_BOOL:
        return duckdb_create_bool(*from->boolean != 0);
    case FTH_T_I32:
        return duckdb_create_int32(*from->i32);
    case FTH_T_I64:
        return duckdb_create_int64(*from->i64);
    case FTH_T_DOUBLE:
        return duckdb_create_double(*from->f64);
    case FTH_T_DATE:
        return duckdb_create_date((duckdb_date){*from->i32});
    case FTH_T_INSTANT:
        return duckdb_create_timestamp((duckdb_timestamp){*from->i64});
    case FTH_T_DEC:
        return duckdb_create_decimal(
            (duckdb_decimal){18, 10, {(uint64_t)*from->i64, *from->i64 < 0 ? -1 : 0}});
    case FTH_T_DEC_WIDE:
        return duckdb_create_decimal(
            (duckdb_decimal){38, 10, {(uint64_t)*from->i128, (int64_t)(*from->i128 >> 64)}});
    case FTH_T_I128:
        return duckdb_create_hugeint(
            (duckdb_hugeint){(uint64_t)*from->i128, (int64_t)(*from->i128 >> 64)});
    case FTH_T_TEXT_MAP:
        break;
    }
    FTH_CHECK(!"no constant maps");
    return NULL;
}

/* A vector of one value for all rows spares the engine the work behind it, row by row. */
static void put_constant(duckdb_vector to, const struct fth_vec *from)
{
    duckdb_value value = value_of(from);

    duckdb_vector_reference_value(to, value);
    duckdb_destroy_value(&value);
}

static void put_nulls(duckdb_vector to, size_t nr)
{
    duckdb_vector_ensure_validity_writable(to);
    memset(duckdb_vector_get_validity(to), 0, (nr + 63) / 64 * sizeof(uint64_t));
}

static void put_text(duckdb_vector to, const struct fth_vec *from, size_t nr)
{
    duckdb_string_t *at = duckdb_vector_get_data(to);

    for (size_t i = 0; i < nr; i++) {
        struct fth_str text = from->text[i];
        duckdb_string_t made = {0};

        if (from->valid && !(from->valid[i / 64] >> (i % 64) & 1)) {
            at[i] = made;
            continue;
        }
        FTH_CHECK(text.n <= UINT32_MAX);
        made.value.inlined.length = (uint32_t)text.n;
        if (text.n <= sizeof(made.value.inlined.inlined)) {
            if (text.n)
                memcpy(made.value.inlined.inlined, text.p, text.n);
        } else {
            memcpy(made.value.pointer.prefix, text.p, sizeof(made.value.pointer.prefix));
            memcpy(&made.value.pointer.ptr, &text.p, sizeof(text.p));
        }
        at[i] = made;
    }
}

static void copy_text_in(duckdb_vector to, const struct fth_vec *from, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_vec_is_valid(from, i))
            duckdb_vector_assign_string_element_len(to, i, from->text[i].n ? from->text[i].p : "",
                                                    from->text[i].n);
}

/* Maps are rare (new tag sets) and always copied. */
static void put_maps(duckdb_vector to, const struct fth_vec *from, size_t nr)
{
    duckdb_list_entry *entries = duckdb_vector_get_data(to);
    size_t all = 0, at = 0;
    duckdb_vector pairs, keys, values;

    for (size_t i = 0; i < nr; i++)
        all += fth_vec_is_valid(from, i) ? from->map[i].nr : 0;
    duckdb_list_vector_reserve(to, all);
    duckdb_list_vector_set_size(to, all);
    pairs = duckdb_list_vector_get_child(to);
    keys = duckdb_struct_vector_get_child(pairs, 0);
    values = duckdb_struct_vector_get_child(pairs, 1);
    for (size_t i = 0; i < nr; i++) {
        const struct fth_text_map *map = &from->map[i];
        size_t pair_nr = fth_vec_is_valid(from, i) ? map->nr : 0;

        entries[i] = (duckdb_list_entry){at, pair_nr};
        for (size_t k = 0; k < pair_nr; k++, at++) {
            duckdb_vector_assign_string_element_len(keys, at, map->keys[k].n ? map->keys[k].p : "",
                                                    map->keys[k].n);
            if (map->values[k].p) {
                duckdb_vector_assign_string_element_len(values, at, map->values[k].p,
                                                        map->values[k].n);
                continue;
            }
            duckdb_vector_ensure_validity_writable(values);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(values), at);
        }
    }
}

void fth_vec_put(duckdb_vector to, const struct fth_vec *from, size_t nr, bool copy_text)
{
    if (from->constant) {
        if (fth_vec_is_valid(from, 0))
            put_constant(to, from);
        else
            put_nulls(to, nr);
        return;
    }
    if (from->valid) {
        duckdb_vector_ensure_validity_writable(to);
        memcpy(duckdb_vector_get_validity(to), from->valid, (nr + 63) / 64 * sizeof(uint64_t));
    }
    if (from->type == FTH_T_TEXT_MAP)
        put_maps(to, from, nr);
    else if (from->type == FTH_T_TEXT && copy_text)
        copy_text_in(to, from, nr);
    else if (from->type == FTH_T_TEXT)
        put_text(to, from, nr);
    else
        memcpy(duckdb_vector_get_data(to), from->any, nr * size_of(from->type));
}
