/* lot: the files of one billing period, read into a segment of its own that nobody sees yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "import/import_int.h"

enum { GROUPS_MAX = 512 << 20 }; /* bytes */

static const unsigned ALL_WIDE = (1u << FTH_MONEY_COL_NR) - 1;

enum fth_rc fth_period_text(struct fth_arena *arena, int64_t period_us, struct fth_str *out,
                            struct fth_err *err)
{
    struct fth_civil civil = fth_date_to_civil(fth_instant_date(period_us));

    return fth_arena_printf(arena, out, err, "%04d-%02d", civil.year, civil.month);
}

enum fth_rc fth_text_add(struct fth_text_vec *vec, struct fth_err *err, const char *format, ...)
{
    char line[1500];
    va_list args;
    struct fth_str text;
    enum fth_rc rc;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    rc = fth_arena_str(vec->arena, fth_str_c(line), &text, err);
    return rc ? rc : fth_text_vec_push(vec, text, err);
}

enum fth_rc fth_run_shown(const struct fth_run *run, struct fth_str text, struct fth_str *out,
                          struct fth_err *err)
{
    const struct fth_import_request *request = run->request;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < request->alias_nr && !rc; i++) {
        const struct fth_import_alias *alias = &request->aliases[i];
        size_t at = fth_str_search(text, alias->path);

        if (at != SIZE_MAX)
            rc = fth_arena_printf(run->arena, &text, err, FTH_STR_F FTH_STR_F FTH_STR_F,
                                  FTH_STR_A(fth_str_sub(text, 0, at)), FTH_STR_A(alias->shown),
                                  FTH_STR_A(fth_str_sub(text, at + alias->path.n, SIZE_MAX)));
    }
    if (!rc)
        *out = text;
    return rc;
}

void fth_run_shown_error(const struct fth_run *run, struct fth_err *err)
{
    const struct fth_import_request *request = run->request;

    for (size_t i = 0; i < request->alias_nr; i++)
        fth_err_rename(err, request->aliases[i].path.p, request->aliases[i].shown.p);
}

bool fth_import_is_fatal(enum fth_rc rc)
{
    return rc == FTH_E_NOMEM || rc == FTH_E_CANCELLED || rc == FTH_E_TIMEOUT || rc == FTH_E_BUSY ||
           rc == FTH_E_FAILED || rc == FTH_E_CORRUPT || rc == FTH_E_NET;
}

/* ---- what survives of the feed's counts ---- */

static enum fth_rc copy_files(const struct fth_run *run, struct fth_feed_counts *counts,
                              struct fth_err *err)
{
    struct fth_arena *arena = run->arena;
    struct fth_feed_file_count *files =
        FTH_NEW_ARRAY(arena, struct fth_feed_file_count, counts->file_nr + 1);
    enum fth_rc rc = FTH_OK;

    if (!files)
        return fth_err_nomem(err);
    for (size_t i = 0; i < counts->file_nr && !rc; i++) {
        files[i] = counts->files[i];
        rc = fth_arena_str(arena, files[i].path, &files[i].path, err);
        if (!rc)
            rc = fth_run_shown(run, files[i].path, &files[i].path, err);
    }
    counts->files = files;
    return rc;
}

static enum fth_rc copy_reject(const struct fth_run *run, struct fth_feed_reject *reject,
                               struct fth_err *err)
{
    struct fth_str *texts[] = {&reject->file, &reject->column, &reject->value, &reject->rule};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !rc; i++)
        rc = fth_arena_str(run->arena, *texts[i], texts[i], err);
    return rc ? rc : fth_run_shown(run, reject->file, &reject->file, err);
}

static enum fth_rc copy_rejects(const struct fth_run *run, struct fth_feed_counts *counts,
                                struct fth_err *err)
{
    struct fth_feed_reject *rejects =
        FTH_NEW_ARRAY(run->arena, struct fth_feed_reject, counts->reject_nr + 1);
    enum fth_rc rc = FTH_OK;

    if (!rejects)
        return fth_err_nomem(err);
    for (size_t i = 0; i < counts->reject_nr && !rc; i++) {
        rejects[i] = counts->rejects[i];
        rc = copy_reject(run, &rejects[i], err);
    }
    if (!rc && counts->has_fatal)
        rc = copy_reject(run, &counts->fatal, err);
    counts->rejects = rejects;
    return rc;
}

static enum fth_rc copy_names(struct fth_arena *arena, struct fth_feed_counts *counts,
                              struct fth_err *err)
{
    const char **missing = FTH_NEW_ARRAY(arena, const char *, counts->missing_nr + 1);
    struct fth_str *unknown = FTH_NEW_ARRAY(arena, struct fth_str, counts->unknown_nr + 1);
    enum fth_rc rc = FTH_OK;

    if (!missing || !unknown)
        return fth_err_nomem(err);
    /* Names of missing columns are the layout's own. */
    for (size_t i = 0; i < counts->missing_nr; i++)
        missing[i] = counts->missing[i];
    for (size_t i = 0; i < counts->unknown_nr && !rc; i++)
        rc = fth_arena_str(arena, counts->unknown[i], &unknown[i], err);
    counts->missing = missing;
    counts->unknown = unknown;
    return rc;
}

static enum fth_rc copy_groups(struct fth_arena *arena, const struct fth_feed_group **groups,
                               size_t nr, struct fth_err *err)
{
    struct fth_feed_group *copy = FTH_NEW_ARRAY(arena, struct fth_feed_group, nr + 1);
    enum fth_rc rc = copy ? FTH_OK : fth_err_nomem(err);

    for (size_t i = 0; i < nr && !rc; i++) {
        copy[i] = (*groups)[i];
        rc = fth_arena_str(arena, copy[i].name, &copy[i].name, err);
        if (!rc)
            rc = fth_arena_str(arena, copy[i].invoice, &copy[i].invoice, err);
        if (!rc)
            rc = fth_arena_str(arena, copy[i].currency, &copy[i].currency, err);
    }
    *groups = copy;
    return rc;
}

static int by_currency(const void *a, const void *b)
{
    const struct fth_feed_totals *x = a, *y = b;

    return strcmp(x->currency, y->currency);
}

const struct fth_segment_sums *fth_lot_stored(const struct fth_lot *lot, const char *currency)
{
    static const struct fth_segment_sums none = {0};

    for (size_t i = 0; i < lot->stats.sum_nr; i++)
        if (strcmp(lot->stats.sums[i].currency, currency) == 0)
            return &lot->stats.sums[i];
    return &none;
}

/* In the order of the currencies, with those that only what is stored has: then everything that is
 * compared by currency is compared for all of them. */
static enum fth_rc settle_sums(struct fth_lot *lot, struct fth_err *err)
{
    struct fth_feed_counts *counts = &lot->counts;

    for (size_t i = 0; i < lot->stats.sum_nr; i++) {
        const char *currency = lot->stats.sums[i].currency;
        size_t at = 0;

        while (at < counts->sum_nr && strcmp(counts->sums[at].currency, currency) != 0)
            at++;
        if (at < counts->sum_nr)
            continue;
        if (at == FTH_FEED_CURRENCY_MAX)
            return fth_err_set(err, FTH_E_LIMIT, "more than %d currencies in one delivery",
                               FTH_FEED_CURRENCY_MAX);
        counts->sums[at] = (struct fth_feed_totals){0};
        memcpy(counts->sums[at].currency, currency, sizeof(counts->sums[at].currency));
        counts->sum_nr++;
    }
    qsort(counts->sums, counts->sum_nr, sizeof(*counts->sums), by_currency);
    return FTH_OK;
}

void fth_lot_forget_groups(struct fth_lot *lot)
{
    struct fth_feed_counts *counts = &lot->counts;

    fth_arena_free(lot->groups);
    lot->groups = NULL;
    counts->groups = counts->commitments = counts->credits = NULL;
    counts->group_nr = counts->commitment_nr = counts->credit_nr = 0;
}

static enum fth_rc keep_groups(struct fth_lot *lot, struct fth_feed_counts *counts,
                               struct fth_err *err)
{
    fth_lot_forget_groups(lot);
    lot->groups = fth_arena_new(GROUPS_MAX);
    if (!lot->groups)
        return fth_err_nomem(err);
    if (copy_groups(lot->groups, &counts->groups, counts->group_nr, err) ||
        copy_groups(lot->groups, &counts->commitments, counts->commitment_nr, err) ||
        copy_groups(lot->groups, &counts->credits, counts->credit_nr, err))
        return err->rc;
    return FTH_OK;
}

static enum fth_rc keep_counts(const struct fth_run *run, const struct fth_feed_counts *from,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct fth_feed_counts counts = *from;
    enum fth_rc rc = copy_files(run, &counts, err);

    if (!rc)
        rc = copy_rejects(run, &counts, err);
    if (!rc)
        rc = copy_names(run->arena, &counts, err);
    if (!rc)
        rc = keep_groups(lot, &counts, err);
    if (!rc)
        lot->counts = counts;
    return rc;
}

/* ---- one attempt ---- */

struct attempt {
    unsigned wide;
    const char *const *without;
};

static void watch(struct fth_run *run, struct fth_import_feed *feed, const char *step)
{
    pthread_mutex_lock(run->lock);
    run->feed = feed;
    run->progress.step = step;
    pthread_mutex_unlock(run->lock);
}

static enum fth_rc reject_path(struct fth_run *run, struct fth_lot *lot, const char **out,
                               struct fth_err *err)
{
    struct fth_str path;
    enum fth_rc rc;

    *out = NULL;
    if (!run->request->tolerate || !run->request->rejects)
        return FTH_OK;
    rc = fth_file_mkdirs(run->request->rejects, err);
    if (!rc)
        rc = fth_arena_printf(run->arena, &path, err, "%s/delivery-%lld.csv", run->request->rejects,
                              (long long)lot->delivery_id);
    if (!rc)
        lot->rejects = *out = path.p;
    return rc;
}

static enum fth_rc feed_request(struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot *lot, const struct attempt *attempt,
                                struct fth_feed_request *out, struct fth_err *err)
{
    const char **paths = FTH_NEW_ARRAY(run->arena, const char *, parcel->file_nr);
    const char **roles = FTH_NEW_ARRAY(run->arena, const char *, parcel->file_nr);
    struct fth_feed_request request = {.layout = parcel->importer->layout,
                                       .paths = paths,
                                       .roles = roles,
                                       .period_us = lot->period_us,
                                       .without = attempt->without,
                                       .wide = attempt->wide ? ~0u : 0,
                                       .tolerate = run->request->tolerate,
                                       .ledger = run->ledger,
                                       .cancel = run->request->cancel};
    enum fth_rc rc;

    if (!paths || !roles)
        return fth_err_nomem(err);
    for (size_t i = 0; i < parcel->file_nr; i++) {
        if (!lot->uses[i])
            continue;
        roles[request.path_nr] = parcel->roles ? parcel->roles[i] : NULL;
        paths[request.path_nr++] = parcel->files[i];
    }
    rc = reject_path(run, lot, &request.rejects, err);
    if (!rc)
        rc = fth_engine_scratch(fth_ledger_engine(run->ledger), "side", run->arena, &request.side,
                                err);
    if (!rc)
        *out = request;
    return rc;
}

static enum fth_rc try_load(struct fth_run *run, const struct fth_parcel *parcel,
                            struct fth_lot *lot, const struct attempt *attempt, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new((size_t)256 << 20);
    struct fth_feed_request request = {0};
    struct fth_import_feed *feed = NULL;
    enum fth_rc rc = arena ? FTH_OK : fth_err_nomem(err);

    if (!rc)
        rc = fth_catalogue_next_segment_id(run->db, &lot->segment_id, err);
    if (!rc)
        rc = feed_request(run, parcel, lot, attempt, &request, err);
    if (!rc)
        rc = fth_import_feed_open(&request, arena, &feed, err);
    if (!rc) {
        struct fth_segment_load load = {
            .segment_id = lot->segment_id,
            .delivery_id = lot->delivery_id,
            .mapping = parcel->importer->mapping ? parcel->importer->mapping : parcel->importer->id,
            .feed = fth_import_feed_feed(feed),
            .side = fth_import_feed_side(feed),
            .wide = attempt->wide,
            .cancel = run->request->cancel};

        watch(run, feed, "reading");
        rc = fth_ledger_load(run->ledger, &load, run->arena, &lot->stats, err);
        watch(run, NULL, "writing");
        lot->has_segment = !rc;
    }
    if (feed) {
        struct fth_err ignored = {0};

        if (keep_counts(run, fth_import_feed_counts(feed), lot, rc ? &ignored : err) && !rc)
            rc = FTH_E_NOMEM;
        fth_import_feed_close(feed);
    }
    if (!rc)
        rc = settle_sums(lot, err);
    fth_arena_free(arena);
    if (rc)
        fth_lot_discard(run, lot);
    return rc;
}

void fth_lot_discard(struct fth_run *run, struct fth_lot *lot)
{
    struct fth_err ignored = {0};

    /* What cannot be dropped now is swept when the ledger is opened next. */
    if (lot->has_segment)
        fth_ledger_discard(run->ledger, lot->segment_id, &ignored);
    lot->has_segment = false;
}

/* Net prices stand for the bill only if they add up to it: the first currency of which they do not,
 * or NULL. */
static const struct fth_feed_totals *net_differs(const struct fth_importer *importer,
                                                 const struct fth_feed_counts *counts)
{
    int billed = importer->totals.billed, net = importer->totals.net;

    for (size_t i = 0; net >= 0 && importer->net_columns && i < counts->sum_nr; i++) {
        const struct fth_feed_totals *sums = &counts->sums[i];

        if (sums->total_nr[net] && fth_money_cmp(sums->total[billed], sums->total[net]) != 0)
            return sums;
    }
    return NULL;
}

static enum fth_rc warn_net(struct fth_lot *lot, const struct fth_importer *importer,
                            const struct fth_feed_totals *sums, struct fth_err *err)
{
    char billed[FTH_MONEY_TEXT_MAX], net[FTH_MONEY_TEXT_MAX];
    size_t billed_n = fth_money_text(sums->total[importer->totals.billed], billed);
    size_t net_n = fth_money_text(sums->total[importer->totals.net], net);

    return fth_text_add(&lot->warnings, err,
                        "net costs add up to %.*s and unblended costs to %.*s: net prices were "
                        "left out, and discounts count as charges",
                        (int)net_n, net, (int)billed_n, billed);
}

/* They are compared with the total when all is loaded. */
static enum fth_rc keep_net(const struct fth_run *run, struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_feed_counts *counts = &lot->counts;
    struct fth_feed_totals *copy =
        FTH_NEW_ARRAY(run->arena, struct fth_feed_totals, counts->sum_nr + 1);

    if (!copy)
        return fth_err_nomem(err);
    memcpy(copy, counts->sums, counts->sum_nr * sizeof(*copy));
    lot->net = copy;
    lot->net_nr = counts->sum_nr;
    return FTH_OK;
}

static enum fth_rc load_again(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot *lot, struct attempt *attempt, struct fth_err *err)
{
    struct fth_err first = {0};
    enum fth_rc rc = try_load(run, parcel, lot, attempt, &first);

    if (rc == FTH_E_RANGE && !attempt->wide &&
        fth_str_starts(fth_str_c(first.pointer), FTH_STR("/wide"))) {
        attempt->wide = ALL_WIDE;
        return try_load(run, parcel, lot, attempt, err);
    }
    if (rc)
        *err = first;
    return rc;
}

enum fth_rc fth_lot_load(struct fth_run *run, const struct fth_parcel *parcel, struct fth_lot *lot,
                         struct fth_err *err)
{
    struct attempt attempt = {0};
    const struct fth_feed_totals *differs = NULL;
    enum fth_rc rc = FTH_OK;

    if (!lot->taken_id)
        rc = fth_catalogue_next_delivery_id(run->db, &lot->taken_id, err);
    lot->delivery_id = lot->taken_id;
    if (!rc)
        rc = load_again(run, parcel, lot, &attempt, err);
    if (!rc)
        rc = keep_net(run, lot, err);
    if (!rc)
        differs = net_differs(parcel->importer, &lot->counts);
    if (!differs)
        return rc;
    rc = warn_net(lot, parcel->importer, differs, err);
    if (rc)
        return rc;
    fth_lot_discard(run, lot);
    attempt.without = parcel->importer->net_columns;
    return load_again(run, parcel, lot, &attempt, err);
}
