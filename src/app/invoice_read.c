#include <inttypes.h>
#include <string.h>

#include "app/invoice_int.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/unpack.h"

enum column {
    INVOICE,
    AMOUNT,
    CURRENCY,
    PERIOD,
    SERVICE,
    ACCOUNT,
    CATEGORY,
    DESCRIPTION,
    STATUS,
    COLUMN_NR
};

static const struct {
    enum column column;
    const char *spelling;
} spellings[] = {
#define FTH_INVOICE_COLUMN(column, spelling) {column, spelling},
#include "app/invoice.def"
#undef FTH_INVOICE_COLUMN
};

struct reader {
    struct fth_arena *arena;
    struct fth_str name;
    size_t at[COLUMN_NR]; /* SIZE_MAX: the file has none */
    struct fth_invoice_line_vec *lines;
    int64_t *voided;
};

/* Is it that name, but for case, blanks and underscores? */
static bool is_spelled(struct fth_str header, const char *spelling)
{
    for (size_t i = 0; i < header.n; i++) {
        char c = header.p[i];

        if (c == ' ' || c == '_' || c == '-')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (*spelling++ != c)
            return false;
    }
    return *spelling == '\0';
}

/* Of several spellings that a file has, the first of the table counts. */
static enum fth_rc find_columns(struct reader *reader, const struct fth_str *header, size_t nr,
                                struct fth_err *err)
{
    static const char *const needed[] = {"invoice (InvoiceId)", "amount (BilledCost)",
                                         "currency (BillingCurrency)"};

    for (size_t c = 0; c < COLUMN_NR; c++)
        reader->at[c] = SIZE_MAX;
    for (size_t s = sizeof(spellings) / sizeof(*spellings); s-- > 0;)
        for (size_t i = 0; i < nr; i++)
            if (is_spelled(header[i], spellings[s].spelling))
                reader->at[spellings[s].column] = i;
    for (size_t c = 0; c < sizeof(needed) / sizeof(*needed); c++)
        if (reader->at[c] == SIZE_MAX) {
            fth_err_set(err, FTH_E_SYNTAX, FTH_STR_F ": no column for %s", FTH_STR_A(reader->name),
                        needed[c]);
            fth_err_hint(err, "An invoice is CSV with a header: InvoiceId, BilledCost, "
                              "BillingCurrency, and where it has them ServiceName, SubAccountId.");
            return err->rc;
        }
    return FTH_OK;
}

static struct fth_str cell(const struct reader *reader, const struct fth_csv_row *row,
                           enum column column)
{
    size_t at = reader->at[column];

    return at < row->nr ? fth_str_trim(row->fields[at]) : FTH_STR("");
}

static enum fth_rc wrong(const struct reader *reader, const struct fth_csv_row *row,
                         struct fth_str value, const char *why, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_SYNTAX, FTH_STR_F ":%" PRId64 ": \"" FTH_STR_F "\" is no %s",
                       FTH_STR_A(reader->name), row->line, FTH_STR_A(value), why);
}

static enum fth_rc take_line(struct reader *reader, const struct fth_csv_row *row,
                             struct fth_err *err)
{
    struct fth_str amount = cell(reader, row, AMOUNT), period = cell(reader, row, PERIOD);
    struct fth_invoice_line line = {.line = row->line};
    const struct {
        enum column column;
        struct fth_str *out;
    } texts[] = {{INVOICE, &line.invoice},   {CURRENCY, &line.currency},
                 {SERVICE, &line.service},   {ACCOUNT, &line.account},
                 {CATEGORY, &line.category}, {DESCRIPTION, &line.description}};
    struct fth_err why = {0};
    enum fth_rc rc = FTH_OK;

    if (fth_str_caseeq(cell(reader, row, STATUS), FTH_STR("Voided"))) {
        ++*reader->voided;
        return FTH_OK;
    }
    if (fth_money_parse(amount, &line.amount, &why))
        return wrong(reader, row, amount, "amount", err);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !rc; i++)
        rc = fth_arena_str(reader->arena, cell(reader, row, texts[i].column), texts[i].out, err);
    if (rc)
        return rc;
    if (!line.invoice.n)
        return wrong(reader, row, line.invoice, "invoice number", err);
    if (line.currency.n != 3)
        return wrong(reader, row, line.currency, "currency code", err);
    if (period.n) {
        int32_t month;

        if (!fth_month_parse(fth_str_sub(period, 0, 7), &month))
            return wrong(reader, row, period, "billing period like 2025-01", err);
        rc = fth_arena_str(reader->arena, fth_str_sub(period, 0, 7), &line.period, err);
    }
    if (!rc && reader->lines->nr == FTH_INVOICE_LINES_MAX)
        return fth_err_set(err, FTH_E_LIMIT, FTH_STR_F ": more than %d lines",
                           FTH_STR_A(reader->name), FTH_INVOICE_LINES_MAX);
    return rc ? rc : fth_invoice_line_vec_push(reader->lines, line, err);
}

enum fth_rc fth_invoice_read(struct fth_arena *arena, const char *path, struct fth_str name,
                             struct fth_invoice_line_vec *out, int64_t *voided, struct fth_err *err)
{
    struct reader reader = {.arena = arena, .name = name, .lines = out, .voided = voided};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_csv_row row;
    bool more = true;
    enum fth_rc rc = fth_unpack_open(path, NULL, &in, err);

    *voided = 0;
    *out = fth_invoice_line_vec_in(arena);
    if (!rc)
        rc = fth_csv_open(in, NULL, &csv, err);
    if (!rc)
        rc = find_columns(&reader, fth_csv_header(csv), fth_csv_columns(csv), err);
    while (!rc && more) {
        rc = fth_csv_next(csv, &row, &more, err);
        if (!rc && more)
            rc = take_line(&reader, &row, err);
    }
    if (!rc && !out->nr && !*voided)
        rc = fth_err_set(err, FTH_E_SYNTAX, FTH_STR_F ": no line of an invoice in it",
                         FTH_STR_A(name));
    fth_csv_close(csv);
    fth_unpack_close(in);
    return rc;
}
