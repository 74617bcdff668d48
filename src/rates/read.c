/* Files of rates: tables and the central bank's CSV; which of them it is. */
#include "rates/read_int.h"

#include <stdlib.h>

#include "base/check.h"

enum { COLUMNS_MAX = 512 };

enum fth_rc fth_rates_add(struct fth_rate_vec *out, struct fth_rate rate, struct fth_str amount,
                          size_t line, struct fth_err *err)
{
    if (!fth_rate_is_currency(rate.from) || !fth_rate_is_currency(rate.to))
        return fth_err_set(err, FTH_E_SYNTAX,
                           "line %zu: \"" FTH_STR_F "\" is no currency such as \"USD\"", line,
                           FTH_STR_A(fth_rate_is_currency(rate.from) ? rate.to : rate.from));
    if (fth_str_eq(rate.from, rate.to))
        return fth_err_set(err, FTH_E_SYNTAX, "line %zu: a rate from " FTH_STR_F " to itself", line,
                           FTH_STR_A(rate.from));
    if (fth_money_parse(amount, &rate.rate, err)) {
        fth_err_prefix(err, "line %zu: rate", line);
        return err->rc;
    }
    if (fth_money_sign(rate.rate) <= 0)
        return fth_err_set(err, FTH_E_SYNTAX, "line %zu: \"" FTH_STR_F "\" is no rate: not above 0",
                           line, FTH_STR_A(amount));
    if (fth_arena_str(out->arena, rate.from, &rate.from, err) ||
        fth_arena_str(out->arena, rate.to, &rate.to, err))
        return err->rc;
    return fth_rate_vec_push(out, rate, err);
}

/* ---- CSV ---- */

/* A cell without blanks and quotes around it. No value that is wanted here has a comma in it. */
static bool next_cell(struct fth_str *line, struct fth_str *cell)
{
    if (!fth_str_next(line, ',', cell))
        return false;
    *cell = fth_str_trim(*cell);
    if (cell->n >= 2 && cell->p[0] == '"' && cell->p[cell->n - 1] == '"')
        *cell = fth_str_trim(fth_str_sub(*cell, 1, cell->n - 2));
    return true;
}

static size_t cells_of(struct fth_str line, struct fth_str *out, size_t most)
{
    size_t nr = 0;

    while (nr < most && next_cell(&line, &out[nr]))
        nr++;
    while (nr > 0 && out[nr - 1].n == 0) /* the central bank ends its lines with a comma */
        nr--;
    return nr;
}

static enum fth_rc read_day(struct fth_str text, size_t line, int32_t *out, struct fth_err *err)
{
    if (!fth_date_parse(text, out))
        return fth_err_set(err, FTH_E_SYNTAX,
                           "line %zu: \"" FTH_STR_F "\" is no date such as \"2025-01-31\"", line,
                           FTH_STR_A(text));
    return FTH_OK;
}

static bool is_table(const struct fth_str *header, size_t nr)
{
    static const char *const names[] = {"date", "from", "to", "rate"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (nr != FTH_NR(names) || !fth_str_caseeq(header[i], fth_str_c(names[i])))
            return false;
    return true;
}

/* date,from,to,rate */
static enum fth_rc table_line(const struct fth_str *cells, size_t nr, size_t line,
                              struct fth_rate_vec *out, struct fth_err *err)
{
    struct fth_rate rate = {0};

    if (nr != 4)
        return fth_err_set(err, FTH_E_SYNTAX, "line %zu: expected date,from,to,rate", line);
    rate.from = cells[1];
    rate.to = cells[2];
    if (read_day(cells[0], line, &rate.day, err))
        return err->rc;
    return fth_rates_add(out, rate, cells[3], line, err);
}

/* The day's rate of each currency that the header names. */
static enum fth_rc wide_line(const struct fth_str *header, size_t nr, struct fth_str base,
                             const struct fth_str *cells, size_t cell_nr, size_t line,
                             struct fth_rate_vec *out, struct fth_err *err)
{
    struct fth_rate rate = {.from = base};

    if (cell_nr > nr)
        return fth_err_set(err, FTH_E_SYNTAX, "line %zu: more cells than the header has names",
                           line);
    if (read_day(cells[0], line, &rate.day, err))
        return err->rc;
    for (size_t i = 1; i < cell_nr; i++) {
        rate.to = header[i];
        if (cells[i].n && !fth_str_eq_c(cells[i], "N/A") &&
            fth_rates_add(out, rate, cells[i], line, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc read_csv(struct fth_arena *arena, struct fth_str text, struct fth_str base,
                            struct fth_rate_vec *out, struct fth_err *err)
{
    struct fth_str *header = FTH_NEW_ARRAY(arena, struct fth_str, 2 * (size_t)COLUMNS_MAX), line;
    struct fth_str *cells = header + COLUMNS_MAX;
    size_t nr = 0, number = 0;
    bool table = false;

    if (!header)
        return fth_err_nomem(err);
    while (fth_str_next(&text, '\n', &line)) {
        size_t cell_nr = cells_of(line, nr ? cells : header, COLUMNS_MAX);

        number++;
        if (cell_nr == 0)
            continue;
        if (nr == 0) {
            nr = cell_nr;
            table = is_table(header, nr);
            if (!table && (nr < 2 || !fth_str_caseeq(header[0], FTH_STR("date"))))
                return fth_err_set(err, FTH_E_SYNTAX,
                                   "line %zu: no header of rates: expected \"date,from,to,rate\" "
                                   "or \"Date\" and currencies",
                                   number);
        } else if (table ? table_line(cells, cell_nr, number, out, err)
                         : wide_line(header, nr, base, cells, cell_nr, number, out, err)) {
            return err->rc;
        }
    }
    return FTH_OK;
}

/* ---- all ---- */

static int by_pair_and_day(const void *x, const void *y)
{
    const struct fth_rate *a = x, *b = y;
    int order = fth_str_cmp(a->from, b->from);

    if (!order)
        order = fth_str_cmp(a->to, b->to);
    return order ? order : (a->day > b->day) - (a->day < b->day);
}

static enum fth_rc drop_twins(struct fth_rate_vec *rates, struct fth_err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < rates->nr; i++) {
        const struct fth_rate *rate = &rates->at[i];
        char day[10];

        if (kept && by_pair_and_day(&rates->at[kept - 1], rate) == 0) {
            if (fth_money_cmp(rates->at[kept - 1].rate, rate->rate) == 0)
                continue;
            fth_date_text(rate->day, day);
            return fth_err_set(err, FTH_E_SYNTAX,
                               "two rates from " FTH_STR_F " to " FTH_STR_F " for %.10s",
                               FTH_STR_A(rate->from), FTH_STR_A(rate->to), day);
        }
        rates->at[kept++] = *rate;
    }
    rates->nr = kept;
    return FTH_OK;
}

enum fth_rc fth_rates_read(struct fth_arena *arena, struct fth_str text, struct fth_str base,
                           struct fth_rate_vec *out, struct fth_err *err)
{
    *out = fth_rate_vec_in(arena);
    if (fth_str_starts(text, FTH_STR("\xEF\xBB\xBF")))
        text = fth_str_sub(text, 3, text.n - 3);
    text = fth_str_trim(text);
    if (text.n && text.p[0] == '<' ? fth_rates_read_xml(text, base, out, err)
                                   : read_csv(arena, text, base, out, err))
        return err->rc;
    if (out->nr == 0)
        return fth_err_set(err, FTH_E_SYNTAX, "no rates in it");
    qsort(out->at, out->nr, sizeof(*out->at), by_pair_and_day);
    return drop_twins(out, err);
}
