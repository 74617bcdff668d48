/* check_closed: a bill that was final, and is delivered again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "import/check_int.h"
#include "ledger/catalogue.h"

/* Billed of one currency, before and now. */
struct closed {
    char currency[8];
    struct fth_money before, now;
};

struct closes {
    struct closed at[FTH_FEED_CURRENCY_MAX];
    size_t nr;
};

static enum fth_rc find(struct closes *closes, struct fth_str currency, struct closed **out,
                        struct fth_err *err)
{
    size_t at = 0;

    while (at < closes->nr && !fth_str_eq_c(currency, closes->at[at].currency))
        at++;
    if (at == FTH_FEED_CURRENCY_MAX || currency.n >= sizeof(closes->at[at].currency))
        return fth_err_set(err, FTH_E_LIMIT, "more than %d currencies in one delivery",
                           FTH_FEED_CURRENCY_MAX);
    *out = &closes->at[at];
    if (at < closes->nr)
        return FTH_OK;
    closes->nr++;
    **out = (struct closed){.before = FTH_MONEY_ZERO};
    snprintf((*out)->currency, sizeof((*out)->currency), FTH_STR_F, FTH_STR_A(currency));
    return FTH_OK;
}

static enum fth_rc add_before(struct fth_run *run, const struct fth_catalogue_segment *segment,
                              struct closes *closes, struct fth_err *err)
{
    const struct fth_json *sums = NULL;
    enum fth_rc rc = fth_json_parse(run->arena, segment->sums, NULL, &sums, err);

    for (size_t i = 0; !rc && i < sums->nr; i++) {
        struct fth_money billed = FTH_MONEY_ZERO;
        struct closed *closed = NULL;

        rc = find(closes, fth_json_str(&sums->items[i], "currency", (struct fth_str){0}), &closed,
                  err);
        if (!rc)
            rc = fth_money_parse(fth_json_str(&sums->items[i], "billed_cost", FTH_STR("0")),
                                 &billed, err);
        if (!rc)
            rc = fth_money_add(&closed->before, billed, err);
    }
    return rc;
}

/* What the ledger has of the lot's source and period; none where not all of it is final. */
static enum fth_rc find_before(struct fth_run *run, const struct fth_lot *lot,
                               struct closes *closes, struct fth_err *err)
{
    struct fth_catalogue_segment *segments = NULL;
    int64_t version = 0;
    size_t nr = 0;
    enum fth_rc rc = fth_catalogue_version(run->db, &version, err);

    if (!rc)
        rc = fth_catalogue_segments(run->db, run->arena, version, &segments, &nr, err);
    for (size_t i = 0; i < nr && !rc; i++) {
        if (segments[i].source_id != lot->source.id ||
            !fth_str_eq(segments[i].billing_period, lot->period))
            continue;
        if (segments[i].final != 1) {
            closes->nr = 0;
            break;
        }
        rc = add_before(run, &segments[i], closes, err);
    }
    return rc;
}

enum fth_rc fth_lot_check_closed(struct fth_run *run, struct fth_lot *lot, struct fth_err *err)
{
    struct closes closes = {.nr = 0};
    enum fth_rc rc = FTH_OK;

    if (lot->supersedes)
        rc = find_before(run, lot, &closes, err);
    if (rc || !closes.nr)
        return rc;
    for (size_t i = 0; i < lot->stats.sum_nr && !rc; i++) {
        struct closed *closed = NULL;

        rc = find(&closes, fth_str_c(lot->stats.sums[i].currency), &closed, err);
        if (!rc)
            closed->now = lot->stats.sums[i].billed;
    }
    for (size_t i = 0; i < closes.nr && !rc; i++) {
        const struct fth_compared two = {.id = "closed-period",
                                         .currency = closes.at[i].currency,
                                         .expected = closes.at[i].before,
                                         .expected_name = "billed when it was final",
                                         .found = closes.at[i].now,
                                         .found_name = "billed now"};

        rc = fth_check_amounts(lot, &two, err);
        if (rc || lot->checks.at[lot->checks.nr - 1].ok)
            continue;
        lot->checks.at[lot->checks.nr - 1].remark = true;
        if (run->request->dry_run)
            continue; /* nothing is kept that could be compared */
        rc = fth_check_where(lot, err,
                             "farthing deliveries diff %" PRId64 " %" PRId64 " says what changed",
                             lot->supersedes, lot->delivery_id);
    }
    return rc;
}
