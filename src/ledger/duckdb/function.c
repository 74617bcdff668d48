/* Functions of our own for statements: arithmetic of amounts, which the dialect has no room for. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "ledger/duckdb/duckdb_int.h"

enum { FACTOR_NR = FTH_MONEY_FACTORS, ARGUMENT_NR = FACTOR_NR + 1 };

static struct fth_str text_at(const duckdb_string_t *texts, idx_t row)
{
    duckdb_string_t text = texts[row];
    uint32_t nr = duckdb_string_t_length(text);

    /* A short text is inside the struct: point to the vector's, not to the copy. */
    return (struct fth_str){duckdb_string_is_inlined(text) ? texts[row].value.inlined.inlined
                                                           : text.value.pointer.ptr,
                            nr};
}

static bool is_valid(uint64_t *validity, idx_t row)
{
    return !validity || duckdb_validity_row_is_valid(validity, row);
}

/* Digits below the 28th decimal are rounded, as where amounts are stored. */
static enum fth_rc amount_of(struct fth_str text, struct fth_money *out, struct fth_err *err)
{
    struct fth_err ignored = {0};

    return fth_money_parse(text, out, &ignored) ? fth_money_parse_rounded(text, out, err) : FTH_OK;
}

/* *has is false where the product is NULL. */
static enum fth_rc product_of(const struct fth_str texts[ARGUMENT_NR], struct fth_money *out,
                              bool *has, struct fth_err *err)
{
    struct fth_money amounts[ARGUMENT_NR];

    for (size_t i = 0; i < ARGUMENT_NR; i++)
        if (amount_of(texts[i], &amounts[i], err))
            return err->rc;
    *has = !fth_money_is_zero(amounts[FACTOR_NR]);
    return *has ? fth_money_product(amounts, FACTOR_NR, amounts[FACTOR_NR], 28, out, err) : FTH_OK;
}

/* The engine tells errors of functions apart by their words only: duckdb_error.c. */
static void fail(duckdb_function_info info, const struct fth_err *err)
{
    char text[sizeof(err->msg) + 32];

    snprintf(text, sizeof(text), "%s%s", err->rc == FTH_E_RANGE ? "out of range: " : "", err->msg);
    duckdb_scalar_function_set_error(info, text);
}

static void exact_product(duckdb_function_info info, duckdb_data_chunk in, duckdb_vector out)
{
    duckdb_vector parts[] = {duckdb_struct_vector_get_child(out, 0),
                             duckdb_struct_vector_get_child(out, 1)};
    const duckdb_string_t *columns[ARGUMENT_NR];
    uint64_t *valid[ARGUMENT_NR];
    duckdb_hugeint *heads = duckdb_vector_get_data(parts[0]);
    int64_t *tails = duckdb_vector_get_data(parts[1]);
    idx_t nr = duckdb_data_chunk_get_size(in);

    for (size_t i = 0; i < ARGUMENT_NR; i++) {
        duckdb_vector column = duckdb_data_chunk_get_vector(in, i);

        columns[i] = duckdb_vector_get_data(column);
        valid[i] = duckdb_vector_get_validity(column);
    }
    for (idx_t row = 0; row < nr; row++) {
        struct fth_str texts[ARGUMENT_NR];
        struct fth_money product = {0};
        struct fth_err err = {0};
        bool has = true;

        for (size_t i = 0; i < ARGUMENT_NR && has; i++) {
            has = is_valid(valid[i], row);
            if (has)
                texts[i] = text_at(columns[i], row);
        }
        if (has && product_of(texts, &product, &has, &err)) {
            fail(info, &err);
            return;
        }
        heads[row] = (duckdb_hugeint){(uint64_t)product.head, (int64_t)(product.head >> 64)};
        tails[row] = (int64_t)product.tail;
        if (has)
            continue;
        duckdb_vector_ensure_validity_writable(out);
        duckdb_validity_set_row_invalid(duckdb_vector_get_validity(out), row);
        for (size_t i = 0; i < FTH_NR(parts); i++) {
            duckdb_vector_ensure_validity_writable(parts[i]);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(parts[i]), row);
        }
    }
}

enum fth_rc fth_functions_register(struct fth_session *session, struct fth_err *err)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type text = fth_duckdb_type(FTH_T_TEXT);
    duckdb_logical_type parts[] = {fth_duckdb_type(FTH_T_DEC_WIDE), fth_duckdb_type(FTH_T_I64)};
    const char *names[] = {"head", "tail"};
    duckdb_logical_type amount = duckdb_create_struct_type(parts, names, FTH_NR(parts));

    duckdb_scalar_function_set_name(function, "exact_product");
    for (size_t i = 0; i < ARGUMENT_NR; i++)
        duckdb_scalar_function_add_parameter(function, text);
    duckdb_scalar_function_set_return_type(function, amount);
    duckdb_scalar_function_set_function(function, exact_product);
    if (duckdb_register_scalar_function(session->con, function) != DuckDBSuccess)
        fth_err_set(err, FTH_E_FAILED, "ledger engine: functions cannot be registered");
    duckdb_destroy_logical_type(&amount);
    for (size_t i = 0; i < FTH_NR(parts); i++)
        duckdb_destroy_logical_type(&parts[i]);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_scalar_function(&function);
    return err->rc;
}
