/* A charge of the ledger as a record of FOCUS. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "focus/export_int.h"

static const char *const cell_names[] = {
#define FTH_CHARGE(name, type, text) #name,
#define FTH_CHARGE_MONEY(name, text) #name,
#include "model/charge.def"
#undef FTH_CHARGE
#undef FTH_CHARGE_MONEY
};

enum when {
    WHEN_ANY,
    WHEN_USAGE,
    WHEN_SOLD,
    WHEN_COMMITTED,
    WHEN_CONSUMED,
    WHEN_COVERED,
    WHEN_HELD,
    WHEN_UNMETERED,
    WHEN_TAX,
    WHEN_UNPRICED,
    WHEN_NO_SKU,
    WHEN_NO_SUB_ACCOUNT,
    WHEN_NOT_LIST,
    WHEN_NOT_CONTRACTED,
    WHEN_HOME
};
enum how { HOW_COLUMN, HOW_TEXT, HOW_NUMBER, HOW_PER_UNIT, HOW_OTHER };

struct fill {
    const char *argument;
    enum fth_focus_at column;
    enum when when;
    enum how how;
    enum fth_focus_at from; /* COLUMN, PER_UNIT, OTHER */
};

/* A column on rows of a kind. */
struct place {
    enum fth_focus_at column;
    enum when when;
};

#define FROM_COLUMN(name) FTH_AT_##name
#define FROM_PER_UNIT(name) FTH_AT_##name
#define FROM_OTHER(name) FTH_AT_##name
#define FROM_TEXT(text) FTH_AT_Delivery
#define FROM_NUMBER(text) FTH_AT_Delivery

static const struct fill fills[] = {
#define FTH_FOCUS_FILL(column, when, how, argument) \
    {#argument, FTH_AT_##column, WHEN_##when, HOW_##how, FROM_##how(argument)},
#define FTH_FOCUS_BLANK(column, when)
#define FTH_FOCUS_REDO(column, when)
#include "focus/export.def"
#undef FTH_FOCUS_FILL
#undef FTH_FOCUS_BLANK
#undef FTH_FOCUS_REDO
};

static const struct place blanks[] = {
#define FTH_FOCUS_FILL(column, when, how, argument)
#define FTH_FOCUS_BLANK(column, when) {FTH_AT_##column, WHEN_##when},
#define FTH_FOCUS_REDO(column, when)
#include "focus/export.def"
#undef FTH_FOCUS_FILL
#undef FTH_FOCUS_BLANK
#undef FTH_FOCUS_REDO
};

static const struct place redone[] = {
#define FTH_FOCUS_FILL(column, when, how, argument)
#define FTH_FOCUS_BLANK(column, when)
#define FTH_FOCUS_REDO(column, when) {FTH_AT_##column, WHEN_##when},
#include "focus/export.def"
#undef FTH_FOCUS_FILL
#undef FTH_FOCUS_BLANK
#undef FTH_FOCUS_REDO
};

static int cell_of(const char *name)
{
    if (strcmp(name, "Tags") == 0)
        return FTH_AT_TagSetId;
    for (size_t i = 0; i < FTH_NR(cell_names); i++)
        if (strcmp(cell_names[i], name) == 0)
            return (int)i;
    return -1;
}

static void add_column(struct fth_focus_layout *layout, const char *name, enum fth_focus_type type)
{
    int at = cell_of(name);

    FTH_CHECK(layout->nr < FTH_FOCUS_OUT_MAX && at >= 0);
    layout->at[layout->nr++] = (struct fth_focus_out){.name = name, .type = type, .at = at};
}

void fth_focus_layout(enum fth_focus_version version, struct fth_focus_layout *out)
{
    *out = (struct fth_focus_layout){0};
    for (size_t i = 0; i < fth_focus_column_nr(); i++) {
        const struct fth_focus_column *column = fth_focus_column_at(i);

        if (column->dataset == FTH_FOCUS_CAU && column->since <= version &&
            version <= column->until)
            add_column(out, column->name, column->type);
    }
    for (size_t i = 0; i < FTH_NR(cell_names); i++)
        if (strncmp(cell_names[i], "x_", 2) == 0)
            add_column(out, cell_names[i], FTH_FOCUS_STRING);
}

void fth_focus_put_header(struct fth_buf *buf, const struct fth_focus_layout *layout)
{
    for (size_t i = 0; i < layout->nr; i++) {
        if (i)
            fth_buf_char(buf, ',');
        fth_buf_c(buf, layout->at[i].name);
    }
    fth_buf_char(buf, '\n');
}

/* ---- values ---- */

/* A cell that may be of another kind than its column. */
struct value {
    enum fth_cell_kind kind;
    struct fth_cell cell;
};

struct row {
    const struct fth_answer_col *cols;
    const struct fth_cell *cells;
};

enum { DEPTH_MAX = 16, PRICE_DECIMALS = 18 };

static void value_of(const struct row *row, enum fth_focus_at at, unsigned depth,
                     struct value *out);

static bool is_sold(const struct row *row)
{
    struct fth_str category = row->cells[FTH_AT_ChargeCategory].text;

    return row->cells[FTH_AT_ChargeClass].null &&
           (fth_str_eq_c(category, "Usage") || fth_str_eq_c(category, "Purchase"));
}

static bool exact(const struct value *value, struct fth_money *out)
{
    struct fth_err err = {0};

    if (value->cell.null)
        return false;
    if (value->kind == FTH_CELL_QUANTITY)
        return fth_money_from_double(value->cell.f64, out, &err) == FTH_OK;
    *out = value->cell.money;
    return value->kind == FTH_CELL_MONEY;
}

/* Is the ledger's unit price, by the quantity that is written, the cost? To 1e-9 of it. */
static bool is_price_of(const struct row *row, enum fth_focus_at price, enum fth_focus_at cost,
                        unsigned depth)
{
    const struct fth_cell *cells = row->cells;
    struct value by, of = {FTH_CELL_MONEY, cells[cost]};
    struct fth_money quantity, amount;
    double want, got;

    value_of(row, FTH_AT_PricingQuantity, depth, &by);
    if (cells[price].null || cells[price].f64 < 0 || !exact(&by, &quantity) || !exact(&of, &amount))
        return false;
    want = fth_money_to_double(amount);
    got = cells[price].f64 * fth_money_to_double(quantity);
    return fabs(got - want) <= 1e-9 * (fabs(want) > 1 ? fabs(want) : 1) / 4;
}

/* The bill is paid in its own currency and priced in another, and all that is known. */
static bool is_foreign(const struct fth_cell *cells)
{
    return !cells[FTH_AT_PricingCurrency].null &&
           !fth_str_eq(cells[FTH_AT_PricingCurrency].text, cells[FTH_AT_BillingCurrency].text) &&
           !cells[FTH_AT_PricingCurrencyListUnitPrice].null &&
           !cells[FTH_AT_PricingCurrencyContractedUnitPrice].null &&
           !cells[FTH_AT_PricingCurrencyEffectiveCost].null &&
           cells[FTH_AT_PricingCurrencyListUnitPrice].f64 >= 0 &&
           cells[FTH_AT_PricingCurrencyContractedUnitPrice].f64 >= 0;
}

static bool is_of(const struct row *row, enum fth_focus_at at, const char *text)
{
    return !row->cells[at].null && fth_str_eq_c(row->cells[at].text, text);
}

static bool is_usage(const struct row *row)
{
    return is_of(row, FTH_AT_ChargeCategory, "Usage");
}

static bool is_metered(const struct row *row)
{
    return is_usage(row) && !is_of(row, FTH_AT_CommitmentDiscountStatus, "Unused");
}

static bool holds(const struct row *row, enum when when, unsigned depth)
{
    const struct fth_cell *cells = row->cells;
    struct value price;

    switch (when) {
    case WHEN_ANY:
        return true;
    case WHEN_SOLD:
        return is_sold(row);
    case WHEN_COMMITTED:
        return is_sold(row) && !cells[FTH_AT_CommitmentDiscountId].null;
    case WHEN_USAGE:
        return is_usage(row);
    case WHEN_CONSUMED:
        return is_sold(row) && is_metered(row);
    case WHEN_UNMETERED:
        return !is_metered(row);
    case WHEN_COVERED:
        return is_usage(row) && !cells[FTH_AT_CommitmentDiscountStatus].null;
    case WHEN_HELD:
        return !cells[FTH_AT_CommitmentDiscountId].null &&
               (is_of(row, FTH_AT_ChargeCategory, "Purchase") ||
                is_of(row, FTH_AT_CommitmentDiscountStatus, "Unused"));
    case WHEN_NOT_LIST:
        return !is_price_of(row, FTH_AT_ListUnitPrice, FTH_AT_ListCost, depth);
    case WHEN_NOT_CONTRACTED:
        return !is_price_of(row, FTH_AT_ContractedUnitPrice, FTH_AT_ContractedCost, depth);
    case WHEN_HOME:
        return !is_foreign(cells);
    case WHEN_TAX:
        return is_of(row, FTH_AT_ChargeCategory, "Tax");
    case WHEN_NO_SKU:
        return cells[FTH_AT_SkuId].null && !is_sold(row);
    case WHEN_NO_SUB_ACCOUNT:
        return cells[FTH_AT_SubAccountId].null;
    case WHEN_UNPRICED:
        value_of(row, FTH_AT_SkuPriceId, depth, &price);
        return price.cell.null;
    }
    return false;
}

static void per_unit(const struct row *row, enum fth_focus_at cost, unsigned depth,
                     struct value *out)
{
    const struct fth_money one = {INT64_C(10000000000), 0};
    struct fth_err err = {0};
    struct fth_money amount, quantity;
    struct value of, by;

    value_of(row, cost, depth, &of);
    value_of(row, FTH_AT_PricingQuantity, depth, &by);
    out->kind = FTH_CELL_MONEY;
    out->cell.money = FTH_MONEY_ZERO;
    if (!exact(&of, &amount) || !exact(&by, &quantity))
        return;
    if (fth_money_is_zero(quantity))
        out->cell.null = !fth_money_is_zero(amount);
    else
        out->cell.null = fth_money_muldiv(amount, one, quantity, PRICE_DECIMALS, &out->cell.money,
                                          &err) != FTH_OK ||
                         fth_money_sign(out->cell.money) < 0;
}

/* "Compute" -> "Other (Compute)"; nothing where there is no such subcategory. */
static void other_of(const struct value *category, struct value *out)
{
    static const struct {
        const char *name, *parent;
    } all[] = {
#define FTH_FOCUS_SUBCATEGORY(subcategory, category) {subcategory, category},
#include "focus/subcategory.def"
#undef FTH_FOCUS_SUBCATEGORY
    };

    for (size_t i = 0; i < FTH_NR(all) && !category->cell.null; i++)
        if (strncmp(all[i].name, "Other (", 7) == 0 &&
            fth_str_eq_c(category->cell.text, all[i].parent)) {
            *out = (struct value){FTH_CELL_TEXT, {.text = fth_str_c(all[i].name)}};
            return;
        }
}

static void below_zero(struct value *value)
{
    if (value->cell.null)
        return;
    if (value->kind == FTH_CELL_QUANTITY)
        value->cell.f64 = -fabs(value->cell.f64);
    else if (fth_money_sign(value->cell.money) > 0)
        value->cell.money = fth_money_neg(value->cell.money);
}

static void try_fill(const struct row *row, const struct fill *fill, unsigned depth,
                     struct value *out)
{
    struct fth_err err = {0};
    struct value from;

    switch (fill->how) {
    case HOW_COLUMN:
        value_of(row, fill->from, depth, out);
        break;
    case HOW_TEXT:
        *out = (struct value){FTH_CELL_TEXT, {.text = fth_str_c(fill->argument)}};
        break;
    case HOW_NUMBER:
        out->kind = FTH_CELL_MONEY;
        out->cell.null =
            fth_money_parse(fth_str_c(fill->argument), &out->cell.money, &err) != FTH_OK;
        break;
    case HOW_PER_UNIT:
        per_unit(row, fill->from, depth, out);
        break;
    case HOW_OTHER:
        value_of(row, fill->from, depth, &from);
        other_of(&from, out);
        break;
    }
}

static void value_of(const struct row *row, enum fth_focus_at at, unsigned depth, struct value *out)
{
    *out = (struct value){row->cols[at].kind, row->cells[at]};
    FTH_CHECK(depth < DEPTH_MAX);
    for (size_t i = 0; i < FTH_NR(blanks); i++)
        if (blanks[i].column == at && holds(row, blanks[i].when, depth + 1)) {
            out->cell.null = true;
            return;
        }
    for (size_t i = 0; i < FTH_NR(redone) && !out->cell.null; i++)
        if (redone[i].column == at)
            out->cell.null = holds(row, redone[i].when, depth + 1);
    for (size_t i = 0; i < FTH_NR(fills) && out->cell.null; i++)
        if (fills[i].column == at && holds(row, fills[i].when, depth + 1))
            try_fill(row, &fills[i], depth + 1, out);
    if (at == FTH_AT_PricingQuantity && fth_money_sign(row->cells[FTH_AT_ListCost].money) < 0)
        below_zero(out);
}

/* The shortest decimal that reads back, without an exponent; what is below 1e-28 is cut. */
static void put_double(struct fth_buf *buf, double value)
{
    struct fth_err err = {0};
    struct fth_money amount;

    if (fth_money_from_double(value, &amount, &err) == FTH_OK)
        fth_money_put(buf, amount);
    else
        fth_buf_printf(buf, "%.28f", value);
}

static void put_value(struct fth_buf *buf, const struct value *value)
{
    const struct fth_cell *cell = &value->cell;

    if (cell->null)
        return;
    switch (value->kind) {
    case FTH_CELL_MONEY:
        fth_money_put(buf, cell->money);
        break;
    case FTH_CELL_QUANTITY:
        put_double(buf, cell->f64);
        break;
    case FTH_CELL_INSTANT:
        fth_instant_put(buf, cell->i64 - cell->i64 % 1000000);
        break;
    case FTH_CELL_COUNT:
        fth_buf_printf(buf, "%lld", (long long)cell->i64);
        break;
    default:
        fth_csv_put(buf, cell->text);
    }
}

void fth_focus_put_row(struct fth_buf *buf, struct fth_focus_layout *layout,
                       const struct fth_answer_col *cols, const struct fth_cell *cells)
{
    struct row row = {cols, cells};
    struct value value;

    for (size_t i = 0; i < layout->nr; i++) {
        struct fth_focus_out *out = &layout->at[i];
        size_t start;

        if (i)
            fth_buf_char(buf, ',');
        start = buf->n;
        value_of(&row, (enum fth_focus_at)out->at, 0, &value);
        put_value(buf, &value);
        if (out->type == FTH_FOCUS_DECIMAL && !buf->failed)
            fth_parquet_see(&out->digits, fth_str_sub(fth_buf_view(buf), start, SIZE_MAX));
    }
    fth_buf_char(buf, '\n');
}

/* ---- credits that lower a price ---- */

/* Parts from here on stand for what commitments cost where they were used. */
enum { PART_COMMITMENT = 1000 };

bool fth_focus_is_reduction(const struct fth_cell *cells)
{
    int64_t part = cells[FTH_AT_Part].i64;

    return part >= 1 && part < PART_COMMITMENT && !cells[FTH_AT_x_CreditType].null &&
           !fth_str_eq_c(cells[FTH_AT_ChargeCategory].text, "Credit");
}

enum fth_rc fth_focus_credit_of(struct fth_map *credits, const struct fth_cell *cells,
                                struct fth_arena *make_in, struct fth_focus_credit **out,
                                struct fth_err *err)
{
    struct fth_str category = cells[FTH_AT_ChargeCategory].text;
    int64_t parts[3] = {cells[FTH_AT_Delivery].i64, cells[FTH_AT_Record].i64,
                        category.n ? category.p[0] : 0};
    struct fth_str key = {(const char *)parts, sizeof(parts)};

    *out = fth_map_get(credits, key);
    if (*out || !make_in)
        return FTH_OK;
    *out = FTH_NEW(make_in, struct fth_focus_credit);
    if (!*out)
        return fth_err_nomem(err);
    return fth_map_put(credits, key, *out, NULL, err);
}

enum fth_rc fth_focus_credit_add(struct fth_focus_credit *credit, const struct fth_cell *cells,
                                 struct fth_err *err)
{
    credit->rows++;
    if (fth_money_add(&credit->billed, cells[FTH_AT_BilledCost].money, err) ||
        fth_money_add(&credit->effective, cells[FTH_AT_EffectiveCost].money, err) ||
        fth_money_add(&credit->list, cells[FTH_AT_ListCost].money, err))
        return err->rc;
    return fth_money_add(&credit->contracted, cells[FTH_AT_ContractedCost].money, err);
}

enum fth_rc fth_focus_credit_net(const struct fth_focus_credit *credit, struct fth_cell *cells,
                                 struct fth_err *err)
{
    if (fth_money_add(&cells[FTH_AT_BilledCost].money, credit->billed, err) ||
        fth_money_add(&cells[FTH_AT_EffectiveCost].money, credit->effective, err) ||
        fth_money_add(&cells[FTH_AT_ListCost].money, credit->list, err))
        return err->rc;
    return fth_money_add(&cells[FTH_AT_ContractedCost].money, credit->contracted, err);
}
