/* Which rate serves a day, and what an amount is by it. */
#include "rates/rates.h"

#define EURO "EUR"

bool fth_rate_is_currency(struct fth_str text)
{
    if (text.n != 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (text.p[i] < 'A' || text.p[i] > 'Z')
            return false;
    return true;
}

/* How many rates are of `day` or before. */
static size_t until(const struct fth_rate_vec *rates, int32_t day)
{
    size_t low = 0, high = rates->nr;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rates->at[middle].day <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_pair(const struct fth_rate *rate, struct fth_str from, struct fth_str to)
{
    return fth_str_eq(rate->from, from) && fth_str_eq(rate->to, to);
}

/* By the rates [first, last), which are of one day: as given, else the other way round, else across
 * the euro. */
static bool of_day(const struct fth_rate *first, const struct fth_rate *last, struct fth_str from,
                   struct fth_str to, struct fth_rate_found *out)
{
    const struct fth_rate *given = NULL, *inverse = NULL, *euro_from = NULL, *euro_to = NULL;
    struct fth_money one = {.head = INT64_C(10000000000)};

    for (const struct fth_rate *rate = first; rate < last; rate++) {
        if (is_pair(rate, from, to))
            given = rate;
        else if (is_pair(rate, to, from))
            inverse = rate;
        else if (is_pair(rate, FTH_STR(EURO), from))
            euro_from = rate;
        else if (is_pair(rate, FTH_STR(EURO), to))
            euro_to = rate;
    }
    *out = (struct fth_rate_found){.num = one, .den = one, .day = first->day};
    if (given) {
        out->num = given->rate;
        out->as_given = true;
    } else if (inverse) {
        out->den = inverse->rate;
    } else if (euro_from && euro_to) {
        out->num = euro_to->rate;
        out->den = euro_from->rate;
        out->by_euro = true;
    } else {
        return false;
    }
    return true;
}

bool fth_rate_find(const struct fth_rate_vec *rates, struct fth_str from, struct fth_str to,
                   int32_t day, int max_age, struct fth_rate_found *out)
{
    size_t end = until(rates, day);

    while (end > 0 && day - rates->at[end - 1].day <= max_age) {
        size_t begin = end - 1;

        while (begin > 0 && rates->at[begin - 1].day == rates->at[begin].day)
            begin--;
        if (of_day(rates->at + begin, rates->at + end, from, to, out))
            return true;
        end = begin;
    }
    return false;
}

enum fth_rc fth_rate_convert(const struct fth_rate_found *rate, struct fth_money amount,
                             struct fth_money *out, struct fth_err *err)
{
    return fth_money_muldiv(amount, rate->num, rate->den, 10, out, err);
}
