/* The sheet that says what the rows are an answer to, and what they were read from. */
#include <inttypes.h>

#include "plan/xlsx_int.h"

enum { PIECE_BYTES = 30000, WORDS_MAX = 1 << 20, SOURCE_COLS = 6 };

struct about {
    struct fth_xlsx *xlsx;
    struct fth_buf text;
    uint32_t row;
};

static enum fth_rc put(struct about *about, uint16_t col, struct fth_str text, lxw_format *format,
                       struct fth_err *err)
{
    return fth_xlsx_text(about->xlsx, about->xlsx->about, about->row, col, text, format, err);
}

/* A name and its value; long ones go on in the lines below. */
static enum fth_rc line(struct about *about, const char *name, struct fth_str value,
                        struct fth_err *err)
{
    do {
        size_t n = value.n < PIECE_BYTES ? value.n : PIECE_BYTES;

        while (n < value.n && ((unsigned char)value.p[n] & 0xC0) == 0x80)
            n--;
        if (put(about, 0, fth_str_c(name), about->xlsx->head, err) ||
            put(about, 1, fth_str_sub(value, 0, n), about->xlsx->wrap, err))
            return err->rc;
        about->row++;
        value = fth_str_sub(value, n, SIZE_MAX);
        name = "(continued)";
    } while (value.n);
    return FTH_OK;
}

/* What is in the buffer as the value. */
static enum fth_rc line_of_text(struct about *about, const char *name, struct fth_err *err)
{
    if (fth_buf_done(&about->text, err) || line(about, name, fth_buf_view(&about->text), err))
        return err->rc;
    fth_buf_clear(&about->text);
    return FTH_OK;
}

static enum fth_rc line_of_range(struct about *about, const char *name, bool has,
                                 struct fth_range range, const char *none, struct fth_err *err)
{
    char first[10], last[10];

    if (!has)
        return line(about, name, fth_str_c(none), err);
    fth_date_text(range.start, first);
    fth_date_text(range.end - 1, last);
    fth_buf_printf(&about->text, "%.10s to %.10s, both included", first, last);
    return line_of_text(about, name, err);
}

static enum fth_rc put_question(struct about *about, struct fth_err *err)
{
    const struct fth_plan *plan = about->xlsx->plan;

    fth_plan_words(&about->text, plan);
    if (line_of_text(about, "Question", err))
        return err->rc;
    fth_plan_put(&about->text, plan);
    if (line_of_text(about, "Plan", err) ||
        line_of_range(about, "Period", plan->has_time, plan->time, "all that there is", err) ||
        line_of_range(about, "Compared with", plan->has_compare, plan->compare, "nothing", err) ||
        line(about, "Currency",
             about->xlsx->currency.n ? about->xlsx->currency : FTH_STR("as billed, several"), err))
        return err->rc;
    for (size_t i = 0; i < plan->measure_nr; i++)
        fth_buf_printf(&about->text, "%s%s", i ? ", " : "",
                       fth_measure_info(plan->measures[i])->label);
    return line_of_text(about, "Measures", err);
}

static enum fth_rc put_counts(struct about *about, const struct fth_answer_end *end,
                              struct fth_err *err)
{
    fth_buf_printf(&about->text, "%" PRId64, end->row_count);
    if (line_of_text(about, "Rows", err) ||
        line(about, "Rows cut",
             end->truncated ? FTH_STR("Yes: there are more rows than these. Totals cover them all.")
                            : FTH_STR("No: these are all rows."),
             err))
        return err->rc;
    fth_buf_printf(&about->text, "%" PRId64, about->xlsx->as_text_nr);
    if (about->xlsx->as_text_nr)
        fth_buf_c(&about->text, ": they have more than the 15 digits that a spreadsheet shows, are "
                                "text with every digit, and are not in sums over cells.");
    return line_of_text(about, "Amounts that are text", err);
}

static enum fth_rc put_making(struct about *about, const struct fth_answer_end *end,
                              struct fth_err *err)
{
    fth_instant_put(&about->text, about->xlsx->wish.made_us);
    if (line_of_text(about, "Made at", err))
        return err->rc;
    fth_buf_c(&about->text, "Farthing " FTH_VERSION);
    if (line_of_text(about, "Made by", err))
        return err->rc;
    fth_buf_printf(&about->text, "%" PRId64, end->ledger_version);
    if (line_of_text(about, "Version of the ledger", err) ||
        line(about, "Times", FTH_STR("UTC; empty cells are values that are not known"), err))
        return err->rc;
    for (size_t i = 0; i < end->warning_nr; i++)
        if (line(about, "Warning", end->warnings[i], err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc put_rates(struct about *about, const struct fth_answer_end *end,
                             struct fth_err *err)
{
    for (size_t i = 0; i < end->rate_nr; i++) {
        const struct fth_rate_used *rate = &end->rates[i];
        char day[10], first[10], last[10];

        fth_date_text(rate->rate_day, day);
        fth_date_text(rate->first, first);
        fth_date_text(rate->last, last);
        fth_buf_printf(&about->text, "1 " FTH_STR_F " = ", FTH_STR_A(rate->from));
        fth_money_put(&about->text, rate->rate);
        fth_buf_printf(&about->text,
                       " " FTH_STR_F "%s, rate of %.10s, for charges of %.10s to %.10s%s",
                       FTH_STR_A(about->xlsx->currency), rate->exact ? "" : " (rounded here)", day,
                       first, last, rate->by_euro ? ", by way of the euro" : "");
        if (line_of_text(about, "Exchange rate", err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc put_source(struct about *about, const struct fth_freshness *fresh,
                              struct fth_err *err)
{
    char loaded[32], until[32];
    const struct fth_str cells[SOURCE_COLS] = {
        fresh->source,
        fresh->provider,
        fresh->billing_period,
        {loaded, fth_instant_text(fresh->loaded_us, loaded)},
        {until, fth_instant_text(fresh->charges_until_us, until)},
        fresh->final < 0   ? FTH_STR("not known")
        : fresh->final > 0 ? FTH_STR("yes")
                           : FTH_STR("no"),
    };

    for (size_t c = 0; c < SOURCE_COLS; c++)
        if (put(about, (uint16_t)c, cells[c], NULL, err))
            return err->rc;
    about->row++;
    return FTH_OK;
}

static enum fth_rc put_sources(struct about *about, const struct fth_answer_end *end,
                               struct fth_err *err)
{
    static const char *const heads[SOURCE_COLS] = {"Source",    "Provider",      "Billing period",
                                                   "Loaded at", "Charges until", "Final"};

    about->row++;
    for (size_t c = 0; c < SOURCE_COLS; c++)
        if (put(about, (uint16_t)c, fth_str_c(heads[c]), about->xlsx->head, err))
            return err->rc;
    about->row++;
    for (size_t i = 0; i < end->freshness_nr; i++)
        if (put_source(about, &end->freshness[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_xlsx_about(struct fth_xlsx *xlsx, const struct fth_answer_end *end,
                           struct fth_err *err)
{
    struct about about = {.xlsx = xlsx, .text = fth_buf_max(WORDS_MAX)};

    if (!fth_xlsx_said(xlsx, worksheet_set_column(xlsx->about, 0, 0, 32, NULL), err) &&
        !fth_xlsx_said(xlsx, worksheet_set_column(xlsx->about, 1, 1, 80, NULL), err) &&
        !fth_xlsx_said(xlsx, worksheet_set_column(xlsx->about, 2, 5, 22, NULL), err) &&
        !put_question(&about, err) && !put_counts(&about, end, err) &&
        !put_making(&about, end, err) && !put_rates(&about, end, err))
        (void)put_sources(&about, end, err);
    fth_buf_release(&about.text);
    return err->rc;
}
