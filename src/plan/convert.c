/*
 * Answers in one currency: what was billed in others is converted by dated rates.
 *
 * A pass is made by day and by the currency of billing; the sum of a group on a day in a currency
 * is converted by that day's rate and rounded half even, once, to 10 places. Everything else
 * (buckets, totals) adds up such amounts exactly, so rows sum to totals to the last digit. Without
 * a rate there is no answer.
 */
#include <stdlib.h>

#include "base/check.h"
#include "plan/answer_int.h"

enum { MONEY_SLOTS = (1u << FTH_SLOT_MONEY_NR) - 1, GAPS_TOLD = 3 };

enum state { NOT_NEEDED, NEEDED, FOUND, MISSING };

/* The rates of a currency for the days that have costs in it. */
struct book {
    struct fth_str from;
    int32_t first, last; /* both are needed */
    unsigned char *states;
    struct fth_rate_found *found;
};

FTH_VEC(book_vec, struct book)

struct converting {
    struct fth_answer *answer;
    struct fth_grid *days;
    struct book_vec books;
    int window;
    bool hours;
};

enum fth_rc fth_answer_currency(struct fth_answer *a, struct fth_err *err)
{
    struct fth_segment_vec segments;

    a->rates_used = fth_rate_used_vec_in(a->arena);
    if (!a->plan->currency.n || fth_answer_segments(a, &segments, err))
        return err->rc;
    for (size_t i = 0; i < segments.nr; i++)
        a->converted |= !segments.at[i]->one_currency ||
                        !fth_str_eq(segments.at[i]->currency, a->plan->currency);
    return FTH_OK;
}

enum fth_grain fth_answer_convert_grain(enum fth_grain grain)
{
    return grain == FTH_GRAIN_HOUR ? FTH_GRAIN_HOUR : FTH_GRAIN_DAY;
}

/* ---- which rates are needed ---- */

static int32_t day_of(const struct converting *c, const struct fth_grid_row *row)
{
    int64_t us = row->bucket;

    if (!c->hours)
        return (int32_t)row->bucket;
    return (int32_t)(us >= 0 ? us / FTH_DAY_US : (us - FTH_DAY_US + 1) / FTH_DAY_US);
}

static size_t money_nr(const struct fth_grid *grid)
{
    return (size_t)__builtin_popcount(grid->slots & MONEY_SLOTS);
}

/* Nothing is nothing in every currency. */
static bool needs_rate(const struct converting *c, const struct fth_grid_row *row)
{
    const struct fth_grid_sums *sums = row->sums[c->window];

    if (!sums || fth_str_eq(row->currency, c->answer->plan->currency))
        return false;
    for (size_t i = 0; i < money_nr(c->days); i++)
        if (!fth_money_is_zero(sums->money[i]))
            return true;
    return false;
}

static struct book *book_of(const struct converting *c, struct fth_str from)
{
    for (size_t i = 0; i < c->books.nr; i++)
        if (fth_str_eq(c->books.at[i].from, from))
            return &c->books.at[i];
    return NULL;
}

/* A book for each currency, with the stretch of its days. */
static enum fth_rc open_books(struct converting *c, struct fth_err *err)
{
    for (size_t i = 0; i < c->days->rows.nr; i++) {
        const struct fth_grid_row *row = c->days->rows.at[i];
        int32_t day = day_of(c, row);
        struct book *book;

        if (!needs_rate(c, row))
            continue;
        book = book_of(c, row->currency);
        if (!book) {
            const struct book fresh = {.from = row->currency, .first = day, .last = day};

            if (book_vec_push(&c->books, fresh, err))
                return err->rc;
            continue;
        }
        book->first = day < book->first ? day : book->first;
        book->last = day > book->last ? day : book->last;
    }
    for (size_t i = 0; i < c->books.nr; i++) {
        struct book *book = &c->books.at[i];
        size_t nr = (size_t)(book->last - book->first) + 1;

        book->states = FTH_NEW_ARRAY(c->answer->arena, unsigned char, nr);
        book->found = FTH_NEW_ARRAY(c->answer->arena, struct fth_rate_found, nr);
        if (!book->states || !book->found)
            return fth_err_nomem(err);
    }
    for (size_t i = 0; i < c->days->rows.nr; i++) {
        const struct fth_grid_row *row = c->days->rows.at[i];

        if (needs_rate(c, row)) {
            struct book *book = book_of(c, row->currency);

            book->states[day_of(c, row) - book->first] = NEEDED;
        }
    }
    return FTH_OK;
}

static enum fth_rc fill_book(const struct converting *c, struct book *book, bool *gap,
                             struct fth_err *err)
{
    const struct fth_rate_source *source = c->answer->ask->rates;
    struct fth_rate_vec rates = fth_rate_vec_in(c->answer->arena);
    struct fth_str to = c->answer->plan->currency;
    int max_age = source ? source->max_age : 0;

    if (source && source->read(source->ctx, c->answer->arena, book->from, to, book->first - max_age,
                               book->last, &rates, err))
        return err->rc;
    for (int32_t day = book->first; day <= book->last; day++) {
        size_t at = (size_t)(day - book->first);

        if (book->states[at] != NEEDED)
            continue;
        book->states[at] = MISSING;
        if (fth_rate_find(&rates, book->from, to, day, max_age, &book->found[at]))
            book->states[at] = FOUND;
        else
            *gap = true;
    }
    return FTH_OK;
}

/* ---- what is missing ---- */

/* " from USD to EUR for 2025-01-03 to 2025-01-09, 2025-02-01 and 12 more days": days between that
 * are not asked for belong to the gap. */
static void put_gaps(const struct converting *c, const struct book *book, struct fth_buf *out)
{
    size_t nr = (size_t)(book->last - book->first) + 1, told = 0;
    int64_t more = 0;

    for (size_t i = 0; i < nr; i++) {
        size_t end = i;

        if (book->states[i] != MISSING)
            continue;
        for (size_t k = i; k < nr && book->states[k] != FOUND; k++)
            end = book->states[k] == MISSING ? k : end;
        if (told == 0)
            fth_buf_printf(out, "from " FTH_STR_F " to " FTH_STR_F " for ", FTH_STR_A(book->from),
                           FTH_STR_A(c->answer->plan->currency));
        if (told++ < GAPS_TOLD) {
            fth_buf_c(out, told > 1 ? ", " : "");
            fth_date_put(out, book->first + (int32_t)i);
            if (end > i) {
                fth_buf_c(out, " to ");
                fth_date_put(out, book->first + (int32_t)end);
            }
        } else {
            for (size_t k = i; k <= end; k++)
                more += book->states[k] == MISSING;
        }
        i = end;
    }
    if (more)
        fth_buf_printf(out, " and %lld more days", (long long)more);
}

static enum fth_rc tell_gaps(const struct converting *c, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(4096);
    const struct fth_rate_source *source = c->answer->ask->rates;

    for (size_t i = 0; i < c->books.nr; i++) {
        size_t before = fth_buf_view(&text).n;

        put_gaps(c, &c->books.at[i], &text);
        if (fth_buf_view(&text).n > before)
            fth_buf_c(&text, "; ");
    }
    fth_err_set(err, FTH_E_INVALID, "/currency: there is no exchange rate %.*s",
                (int)fth_buf_view(&text).n - 2, fth_buf_view(&text).p);
    fth_buf_release(&text);
    fth_err_at(err, "/currency");
    fth_err_hint(
        err,
        "Import rates (farthing rates import FILE; a rate serves its day and the %d days "
        "after it), or say \"currency\": null (--currency billed) to see amounts as billed.",
        source ? source->max_age : 0);
    return err->rc;
}

/* ---- what was used ---- */

static bool same_rate(const struct fth_rate_used *used, const struct book *book,
                      const struct fth_rate_found *found, int32_t day)
{
    return fth_str_eq(used->from, book->from) && used->rate_day == found->day &&
           day - used->last <= 7 && used->by_euro == found->by_euro;
}

/* A line for each rate, with the days that it served. */
static enum fth_rc note_book(struct fth_answer *a, const struct book *book, struct fth_err *err)
{
    const struct fth_money one = {.head = INT64_C(10000000000)};

    for (int32_t day = book->first; day <= book->last; day++) {
        const struct fth_rate_found *found = &book->found[day - book->first];
        struct fth_rate_used used = {.from = book->from,
                                     .rate_day = found->day,
                                     .first = day,
                                     .last = day,
                                     .rate = found->num,
                                     .exact = found->as_given,
                                     .by_euro = found->by_euro};

        if (book->states[day - book->first] != FOUND)
            continue;
        if (a->rates_used.nr &&
            same_rate(&a->rates_used.at[a->rates_used.nr - 1], book, found, day)) {
            a->rates_used.at[a->rates_used.nr - 1].last = day;
            continue;
        }
        if ((!found->as_given && fth_rate_convert(found, one, &used.rate, err)) ||
            fth_rate_used_vec_push(&a->rates_used, used, err))
            return err->rc;
    }
    return FTH_OK;
}

static int by_currency_and_day(const void *x, const void *y)
{
    const struct fth_rate_used *a = x, *b = y;
    int order = fth_str_cmp(a->from, b->from);

    return order ? order : (a->first > b->first) - (a->first < b->first);
}

static enum fth_rc note_books(const struct converting *c, struct fth_err *err)
{
    struct fth_rate_used_vec *used = &c->answer->rates_used;

    for (size_t i = 0; i < c->books.nr; i++)
        if (note_book(c->answer, &c->books.at[i], err))
            return err->rc;
    if (used->nr)
        qsort(used->at, used->nr, sizeof(*used->at), by_currency_and_day);
    return FTH_OK;
}

/* ---- converting ---- */

static enum fth_rc add_money(const struct converting *c, const struct fth_grid_row *row,
                             struct fth_grid_sums *to, struct fth_err *err)
{
    const struct fth_grid_sums *from = row->sums[c->window];
    const struct fth_rate_found *rate = NULL;

    if (needs_rate(c, row)) {
        const struct book *book = book_of(c, row->currency);

        rate = &book->found[day_of(c, row) - book->first];
    }
    for (size_t i = 0; i < money_nr(c->days); i++) {
        struct fth_money money = from->money[i];

        if ((rate && fth_rate_convert(rate, money, &money, err)) ||
            fth_money_add(&to->money[i], money, err))
            return err->rc;
    }
    return FTH_OK;
}

static void add_rest(const struct fth_grid_sums *from, struct fth_grid_sums *to)
{
    to->charges += from->charges;
    if (!from->has_quantity)
        return;
    to->mixed_units |= from->mixed_units || (to->has_quantity && !fth_str_eq(to->unit, from->unit));
    to->quantity += from->quantity;
    to->unit = from->unit;
    to->has_quantity = true;
}

static int64_t bucket_of(const struct converting *c, enum fth_grain grain,
                         const struct fth_grid_row *row)
{
    if (grain == FTH_GRAIN_NONE)
        return 0;
    return c->hours ? row->bucket : fth_bucket(grain, (int32_t)row->bucket);
}

static enum fth_rc convert_days(struct converting *c, struct fth_grid *grid,
                                const struct fth_pass *pass, fth_shift shift, const void *shift_ctx,
                                struct fth_err *err)
{
    for (size_t i = 0; i < c->days->rows.nr; i++) {
        const struct fth_grid_row *row = c->days->rows.at[i];
        int64_t bucket = bucket_of(c, pass->grain, row);
        struct fth_grid_row *to;
        struct fth_grid_sums *sums;

        if (!row->sums[c->window])
            continue;
        if (fth_grid_row(grid, row->keys, shift ? shift(shift_ctx, bucket) : bucket,
                         c->answer->plan->currency, &to, err) ||
            fth_grid_sums(grid, to, c->window, &sums, err) || add_money(c, row, sums, err))
            return err->rc;
        add_rest(row->sums[c->window], sums);
    }
    return FTH_OK;
}

static enum fth_rc by_days(struct converting *c, struct fth_grid *grid, const struct fth_pass *pass,
                           fth_shift shift, const void *shift_ctx, struct fth_statement *statement,
                           struct fth_err *err)
{
    struct fth_pass daily = *pass;
    bool gap = false;

    daily.grain = fth_answer_convert_grain(pass->grain);
    daily.slots &= ~(1u << FTH_SLOT_RESOURCES);
    c->hours = daily.grain == FTH_GRAIN_HOUR;
    fth_grid_init(c->days, c->answer->arena, grid->key_nr, daily.slots);
    if (fth_grid_run(c->days, &c->answer->ask->env, &daily, c->window, NULL, NULL, statement,
                     err) ||
        open_books(c, err))
        return err->rc;
    for (size_t i = 0; i < c->books.nr; i++)
        if (fill_book(c, &c->books.at[i], &gap, err))
            return err->rc;
    if (gap)
        return tell_gaps(c, err);
    if (grid == &c->answer->grid && note_books(c, err))
        return err->rc;
    return convert_days(c, grid, pass, shift, shift_ctx, err);
}

/* Resources of several days are often the same, so they are counted by the buckets asked for. One
 * that was billed in two currencies may be one or two: then there is no number. */
static enum fth_rc count_resources(struct converting *c, struct fth_grid *grid,
                                   const struct fth_pass *pass, fth_shift shift,
                                   const void *shift_ctx, struct fth_statement *statement,
                                   struct fth_err *err)
{
    struct fth_pass counting = *pass;
    struct fth_grid counts;

    counting.slots = 1u << FTH_SLOT_RESOURCES;
    fth_grid_init(&counts, c->answer->arena, grid->key_nr, counting.slots);
    if (fth_grid_run(&counts, &c->answer->ask->env, &counting, c->window, shift, shift_ctx,
                     statement, err))
        return err->rc;
    for (size_t i = 0; i < counts.rows.nr; i++) {
        const struct fth_grid_row *row = counts.rows.at[i];
        struct fth_grid_row *to;
        struct fth_grid_sums *sums;

        if (!row->sums[c->window] || row->sums[c->window]->resources == 0)
            continue;
        if (fth_grid_row(grid, row->keys, row->bucket, c->answer->plan->currency, &to, err) ||
            fth_grid_sums(grid, to, c->window, &sums, err))
            return err->rc;
        sums->resources = sums->resources ? -1 : row->sums[c->window]->resources;
    }
    return FTH_OK;
}

enum fth_rc fth_answer_convert(struct fth_answer *a, struct fth_grid *grid,
                               const struct fth_pass *pass, int window, fth_shift shift,
                               const void *shift_ctx, struct fth_statement *statement,
                               struct fth_err *err)
{
    struct fth_grid days;
    struct fth_statement counting;
    struct converting c = {
        .answer = a, .days = &days, .books = book_vec_in(a->arena), .window = window};

    if (by_days(&c, grid, pass, shift, shift_ctx, statement, err))
        return err->rc;
    if (pass->slots >> FTH_SLOT_RESOURCES & 1)
        return count_resources(&c, grid, pass, shift, shift_ctx, &counting, err);
    return FTH_OK;
}
