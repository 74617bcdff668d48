/*
 * deliver: a parcel into deliveries, one for each billing period.
 *
 * Which periods a file holds is known only when it has been read. Each file starts in the lot of
 * its first record's period; a lot that was read names all periods that its files hold, and those
 * lots then read the same files too. A lot that gains a file after it was read is read again.
 * Nothing is committed before all lots of the parcel stand.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/date.h"
#include "import/import_int.h"
#include "import/settle.h"

/* ---- lots ---- */

static enum fth_rc new_lot(struct fth_run *run, const struct fth_parcel *parcel, int64_t period_us,
                           struct fth_lot *out, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    *out = (struct fth_lot){.period_us = period_us,
                            .final = -1,
                            .checks = fth_check_vec_in(run->arena),
                            .warnings = fth_text_vec_in(run->arena)};
    out->uses = FTH_NEW_ARRAY(run->arena, bool, parcel->file_nr + 1);
    out->passed = FTH_NEW_ARRAY(run->arena, bool, parcel->file_nr + 1);
    if (!out->uses || !out->passed)
        return fth_err_nomem(err);
    if (parcel->bundle) {
        out->period = parcel->bundle->manifest.billing_period;
        out->identity = parcel->bundle->manifest.identity;
    }
    if (period_us != FTH_FEED_ANY_PERIOD)
        rc = fth_period_text(run->arena, period_us, &out->period, err);
    return rc;
}

static enum fth_rc lot_of(struct fth_run *run, const struct fth_parcel *parcel,
                          struct fth_lot_vec *lots, int64_t period_us, struct fth_lot **out,
                          struct fth_err *err)
{
    struct fth_lot lot;
    enum fth_rc rc;

    for (size_t i = 0; i < lots->nr; i++)
        if (lots->at[i].period_us == period_us) {
            *out = &lots->at[i];
            return FTH_OK;
        }
    rc = new_lot(run, parcel, period_us, &lot, err);
    if (!rc)
        rc = fth_lot_vec_push(lots, lot, err);
    if (!rc)
        *out = &lots->at[lots->nr - 1];
    return rc;
}

static bool wanted(const struct fth_run *run, const struct fth_lot *lot)
{
    return !run->request->period.n || fth_str_eq(run->request->period, lot->period);
}

/* Of one period that was asked for, any file may have records. */
static enum fth_rc asked_lot(struct fth_run *run, const struct fth_parcel *parcel,
                             struct fth_lot_vec *lots, struct fth_err *err)
{
    struct fth_lot *lot = NULL;
    int32_t month;
    enum fth_rc rc;

    if (!fth_month_parse(run->request->period, &month))
        return fth_err_set(err, FTH_E_USAGE, "\"" FTH_STR_F "\" is no billing period",
                           FTH_STR_A(run->request->period));
    if (parcel->bundle && parcel->bundle->manifest.billing_period.n &&
        !fth_str_eq(parcel->bundle->manifest.billing_period, run->request->period))
        return FTH_OK;
    rc = lot_of(run, parcel, lots, fth_month_first_date(month) * FTH_DAY_US, &lot, err);
    for (size_t i = 0; i < parcel->file_nr && !rc; i++)
        lot->uses[i] = true;
    return rc;
}

/* Files go to the lot of their first record; one without records goes to all. */
static enum fth_rc first_lots(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot_vec *lots, struct fth_err *err)
{
    struct fth_lot *lot = NULL;
    enum fth_rc rc = FTH_OK;

    if (run->request->period.n)
        return asked_lot(run, parcel, lots, err);
    for (size_t i = 0; i < parcel->file_nr && !rc; i++) {
        if (parcel->periods[i] == FTH_FEED_ANY_PERIOD)
            continue;
        rc = lot_of(run, parcel, lots, parcel->periods[i], &lot, err);
        if (!rc && lot)
            lot->uses[i] = true;
    }
    if (!rc && !lots->nr)
        rc = lot_of(run, parcel, lots, FTH_FEED_ANY_PERIOD, &lot, err);
    for (size_t i = 0; i < parcel->file_nr && !rc; i++)
        for (size_t k = 0; k < lots->nr && parcel->periods[i] == FTH_FEED_ANY_PERIOD; k++)
            lots->at[k].uses[i] = true;
    return rc;
}

/* A lot that gained files after it was read: what it wrote is not the whole of it. */
static enum fth_rc start_again(struct fth_run *run, const struct fth_parcel *parcel,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct fth_lot fresh;
    enum fth_rc rc = new_lot(run, parcel, lot->period_us, &fresh, err);

    fth_lot_discard(run, lot);
    if (rc)
        return rc;
    fresh.uses = lot->uses;
    fresh.passed = lot->passed;
    fresh.seconds_us = lot->seconds_us;
    fresh.taken_id = lot->taken_id;
    *lot = fresh;
    return FTH_OK;
}

/* The lot that was just read names the periods of its files; their lots need these files too. */
static enum fth_rc spread(struct fth_run *run, const struct fth_parcel *parcel,
                          struct fth_lot_vec *lots, size_t from, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lots->at[from].counts.period_nr && !rc; i++) {
        struct fth_lot *other = NULL;
        bool grew = false;

        rc = lot_of(run, parcel, lots, lots->at[from].counts.periods[i], &other, err);
        for (size_t k = 0; k < parcel->file_nr && !rc; k++)
            if (lots->at[from].uses[k] && !other->uses[k] && !other->passed[k])
                grew = other->uses[k] = true;
        if (!rc && grew && other->settled)
            rc = start_again(run, parcel, other, err);
    }
    return rc;
}

/* ---- one lot ---- */

/* What is wrong with a lot stands in it; what ends the run goes up. */
static enum fth_rc keep_error(const struct fth_run *run, struct fth_lot *lot,
                              const struct fth_err *why, struct fth_err *err)
{
    if (fth_import_is_fatal(why->rc)) {
        *err = *why;
        return why->rc;
    }
    lot->err = *why;
    fth_run_shown_error(run, &lot->err);
    lot->status = FTH_DELIVERY_REFUSED;
    lot->settled = true;
    return FTH_OK;
}

static enum fth_rc warn_rejected(struct fth_lot *lot, struct fth_err *err)
{
    if (!lot->counts.rejected)
        return FTH_OK;
    return fth_text_add(&lot->warnings, err, "%" PRId64 " bad record%s set aside, cost unknown%s%s",
                        lot->counts.rejected, lot->counts.rejected == 1 ? " was" : "s were",
                        lot->rejects ? ": " : "", lot->rejects ? lot->rejects : "");
}

static enum fth_rc read_lot(struct fth_run *run, const struct fth_parcel *parcel,
                            struct fth_lot *lot, struct fth_err *err)
{
    struct fth_err why = {0};
    enum fth_rc rc = fth_lot_load(run, parcel, lot, &why);

    if (!rc)
        rc = fth_lot_check(run, parcel, lot, &why);
    fth_lot_forget_groups(lot);
    if (rc) {
        fth_lot_discard(run, lot);
        return keep_error(run, lot, &why, err);
    }
    if (lot->period_us == FTH_FEED_ANY_PERIOD && lot->counts.period_nr) {
        lot->period_us = lot->counts.periods[0];
        rc = fth_period_text(run->arena, lot->period_us, &lot->period, err);
    }
    if (!rc && !lot->period.n) {
        fth_err_set(&why, FTH_E_INVALID, FTH_STR_F ": no record in it", FTH_STR_A(parcel->label));
        fth_lot_discard(run, lot);
        return keep_error(run, lot, &why, err);
    }
    if (!rc && !parcel->bundle)
        rc = fth_lot_identify(run, parcel, lot, err);
    return rc ? rc : warn_rejected(lot, err);
}

static enum fth_rc settle_lot(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot *lot, const struct fth_cover *covers, size_t cover_nr,
                              struct fth_err *err)
{
    struct fth_err why = {0};
    enum fth_rc rc = fth_lot_settle(run, parcel, lot, covers, cover_nr, &why);

    return rc ? keep_error(run, lot, &why, err) : FTH_OK;
}

/* A dry run commits nothing, so what it has seen of a source whose reports stand beside each other
 * is kept here: a copy in the same run would not count again. */
static enum fth_rc see_dry(struct fth_run *run, const struct fth_parcel *parcel,
                           struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_source *source = &lot->source;

    if (!parcel->importer->appends)
        return FTH_OK;
    for (size_t i = 0; i < run->seen.nr; i++) {
        const struct fth_seen *seen = &run->seen.at[i];

        if (!fth_str_eq(seen->identity, lot->identity) || !fth_str_eq(seen->period, lot->period) ||
            !fth_str_eq(seen->provider, source->provider) ||
            !fth_str_eq(seen->account, source->billing_account) ||
            !fth_str_eq(seen->dataset, source->dataset))
            continue;
        lot->status = FTH_DELIVERY_UNCHANGED;
        lot->settled = true;
        return fth_text_add(&run->notes, err,
                            FTH_STR_F ": the same content as another file of this "
                                      "run for " FTH_STR_F ", passed over",
                            FTH_STR_A(parcel->label), FTH_STR_A(lot->period));
    }
    return fth_seen_vec_push(&run->seen,
                             (struct fth_seen){source->provider, source->billing_account,
                                               source->dataset, lot->period, lot->identity},
                             err);
}

static enum fth_rc take_lot(struct fth_run *run, const struct fth_parcel *parcel,
                            struct fth_lot *lot, struct fth_err *err)
{
    struct fth_cover first = {parcel->probe.provider, parcel->probe.account};
    int64_t began = fth_clock_mono_us(run->request->clock);
    enum fth_rc rc = FTH_OK;

    if (lot->period_us != FTH_FEED_ANY_PERIOD)
        rc = settle_lot(run, parcel, lot, &first, 1, err);
    if (!rc && !lot->settled) {
        rc = read_lot(run, parcel, lot, err);
        if (!rc && !lot->settled)
            rc = settle_lot(run, parcel, lot, lot->covers, lot->cover_nr, err);
        if (!rc && !lot->settled && run->request->dry_run)
            rc = see_dry(run, parcel, lot, err);
        if (!rc && !lot->settled) {
            lot->status = FTH_DELIVERY_LOADED;
            lot->settled = true;
            rc = fth_lot_check_closed(run, lot, err);
        } else {
            fth_lot_discard(run, lot);
        }
    }
    lot->seconds_us += fth_clock_mono_us(run->request->clock) - began;
    return rc;
}

/* An unchanged delivery is not read, so the ledger says which other periods its files hold. */
static enum fth_rc add_siblings(struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot_vec *lots, size_t from, struct fth_err *err)
{
    struct fth_delivery *all = NULL;
    struct fth_str identity = lots->at[from].identity;
    size_t nr = 0;
    enum fth_rc rc =
        fth_catalogue_deliveries(run->db, run->arena, lots->at[from].source.id, &all, &nr, err);

    for (size_t i = 0; i < nr && !rc; i++) {
        struct fth_lot *other = NULL;
        int32_t month;

        if (all[i].status != FTH_DELIVERY_LOADED || !fth_str_eq(all[i].identity, identity) ||
            !fth_month_parse(all[i].billing_period, &month))
            continue;
        rc = lot_of(run, parcel, lots, fth_month_first_date(month) * FTH_DAY_US, &other, err);
        for (size_t k = 0; k < parcel->file_nr && !rc; k++)
            other->uses[k] |= lots->at[from].uses[k];
    }
    return rc;
}

static size_t next_lot(const struct fth_run *run, const struct fth_lot_vec *lots)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < lots->nr; i++)
        if (!lots->at[i].settled && wanted(run, &lots->at[i]) &&
            (best == SIZE_MAX || lots->at[i].period_us < lots->at[best].period_us))
            best = i;
    return best;
}

/* ---- commit ---- */

static enum fth_rc put_sums(const struct fth_lot *lot, struct fth_buf *out, struct fth_err *err)
{
    struct fth_jw jw;

    fth_jw_init(&jw, out);
    fth_segment_sums_put(&jw, lot->stats.sums, lot->stats.sum_nr);
    return fth_jw_done(&jw, err);
}

static enum fth_rc catalogue_files(struct fth_run *run, const struct fth_lot *lot,
                                   struct fth_delivery *delivery, struct fth_err *err)
{
    const struct fth_feed_counts *counts = &lot->counts;
    struct fth_delivery_file *files =
        FTH_NEW_ARRAY(run->arena, struct fth_delivery_file, counts->file_nr + 1);
    int64_t record = 1;

    if (!files)
        return fth_err_nomem(err);
    for (size_t i = 0; i < counts->file_nr; i++) {
        files[i] = (struct fth_delivery_file){.path = counts->files[i].path,
                                              .sha256 = fth_str_c(counts->files[i].sha256),
                                              .bytes = counts->files[i].bytes,
                                              .rows = counts->files[i].rows,
                                              .first_record = record};
        record += counts->files[i].rows;
    }
    delivery->files = files;
    delivery->file_nr = counts->file_nr;
    return FTH_OK;
}

static struct fth_delivery delivery_of(const struct fth_run *run, const struct fth_parcel *parcel,
                                       const struct fth_lot *lot, struct fth_str report)
{
    return (struct fth_delivery){
        .id = lot->delivery_id,
        .source_id = lot->source.id,
        .source = lot->source.name,
        .provider = lot->source.provider,
        .format = fth_str_c(parcel->importer->id),
        .identity = lot->identity,
        .billing_period = lot->period,
        .status = lot->status,
        .received_us = fth_clock_now_us(run->request->clock),
        .submitted_us = parcel->bundle ? parcel->bundle->manifest.submitted_us : 0,
        .rows_read = lot->counts.rows_read,
        .rows_stored = lot->stats.rows,
        .report = report,
        .supersedes = lot->supersedes,
        .final = lot->final,
    };
}

static bool replaces(const struct fth_run *run, const struct fth_parcel *parcel)
{
    enum fth_import_mode mode = run->request->mode;

    return mode == FTH_IMPORT_REPLACE || (mode == FTH_IMPORT_DECIDE && !parcel->importer->appends);
}

static enum fth_rc commit_with(struct fth_run *run, const struct fth_parcel *parcel,
                               struct fth_lot *lot, struct fth_str report, struct fth_str sums,
                               struct fth_err *err)
{
    struct fth_delivery delivery = delivery_of(run, parcel, lot, report);
    struct fth_catalogue_segment segment = fth_catalogue_segment_of(&lot->stats);
    struct fth_commit commit = {.delivery = &delivery,
                                .segments = &segment,
                                .segment_nr = 1,
                                .replace = replaces(run, parcel),
                                .now_us = delivery.received_us};
    struct fth_err ignored = {0};
    int64_t version;
    enum fth_rc rc = catalogue_files(run, lot, &delivery, err);

    segment.id = lot->segment_id;
    segment.source_id = lot->source.id;
    segment.delivery_id = lot->delivery_id;
    segment.billing_period = lot->period;
    segment.sums = sums;
    if (!rc)
        rc = fth_catalogue_commit(run->db, &commit, &version, err);
    if (!rc) {
        lot->has_segment = false; /* the catalogue's now */
        /* It is committed; a refresh that fails is made up for by the next question. */
        (void)fth_ledger_refresh(run->ledger, &ignored);
    }
    return rc;
}

enum { REPORT_MAX = 4 << 20, SUMS_MAX = 1 << 20 };

static enum fth_rc commit_lot(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot *lot, struct fth_err *err)
{
    struct fth_buf report = fth_buf_max(REPORT_MAX), sums = fth_buf_max(SUMS_MAX);
    enum fth_rc rc = fth_lot_source(run, parcel, lot, err);

    if (!rc)
        rc = fth_lot_report(run, parcel, lot, &report, err);
    if (!rc)
        rc = put_sums(lot, &sums, err);
    if (!rc)
        rc = commit_with(run, parcel, lot, fth_buf_view(&report), fth_buf_view(&sums), err);
    fth_buf_release(&report);
    fth_buf_release(&sums);
    return rc;
}

/* Which content was refused. It was not read to its end, so loose files go by name and size. */
static enum fth_rc identify_refused(struct fth_run *run, const struct fth_parcel *parcel,
                                    struct fth_lot *lot, struct fth_err *err)
{
    if (lot->identity.n)
        return FTH_OK;
    return fth_arena_printf(run->arena, &lot->identity, err, "unread:" FTH_STR_F ":%" PRId64,
                            FTH_STR_A(parcel->label), parcel->bytes);
}

/* Refused and superseded deliveries are remembered, each once: *id is its number. */
static enum fth_rc number_noted(struct fth_run *run, struct fth_lot *lot, bool *known,
                                struct fth_err *err)
{
    struct fth_err none = {0};
    struct fth_delivery before;
    int64_t again = 0;
    enum fth_rc rc = FTH_OK;

    *known = lot->status == FTH_DELIVERY_SUPERSEDED &&
             fth_catalogue_find(run->db, run->arena, lot->source.id, lot->period, lot->identity,
                                &before, &none) == FTH_OK;
    if (*known) {
        lot->delivery_id = before.id;
        return FTH_OK;
    }
    lot->delivery_id = lot->taken_id;
    /* Bad records lie under the number that was taken for them. */
    if (lot->status == FTH_DELIVERY_REFUSED && !lot->counts.rejected)
        rc =
            fth_catalogue_refused(run->db, lot->source.id, lot->period, lot->identity, &again, err);
    if (!rc && again)
        lot->delivery_id = again;
    else if (!rc && !lot->delivery_id)
        rc = fth_catalogue_next_delivery_id(run->db, &lot->delivery_id, err);
    if (!rc && lot->delivery_id == lot->taken_id)
        lot->taken_id = 0;
    return rc;
}

static enum fth_rc note_lot(struct fth_run *run, const struct fth_parcel *parcel,
                            struct fth_lot *lot, struct fth_err *err)
{
    struct fth_buf report = fth_buf_max(REPORT_MAX);
    struct fth_delivery delivery;
    bool known = false;
    enum fth_rc rc = fth_lot_source(run, parcel, lot, err);

    if (!rc && lot->status == FTH_DELIVERY_REFUSED)
        rc = identify_refused(run, parcel, lot, err);
    if (!rc)
        rc = number_noted(run, lot, &known, err);
    if (rc || known)
        return rc;
    rc = fth_lot_report(run, parcel, lot, &report, err);
    if (!rc) {
        delivery = delivery_of(run, parcel, lot, fth_buf_view(&report));
        rc = catalogue_files(run, lot, &delivery, err);
    }
    if (!rc)
        rc = fth_catalogue_note(run->db, &delivery, err);
    fth_buf_release(&report);
    return rc;
}

static enum fth_rc finish_lot(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot *lot, struct fth_err *err)
{
    if (run->request->dry_run || lot->status == FTH_DELIVERY_UNCHANGED) {
        fth_lot_discard(run, lot);
        return FTH_OK;
    }
    if (lot->status != FTH_DELIVERY_LOADED)
        return parcel->importer && lot->period.n ? note_lot(run, parcel, lot, err) : FTH_OK;
    lot->taken_id = 0;
    return commit_lot(run, parcel, lot, err);
}

/* ---- a parcel ---- */

/* The period that was asked for, and no record of it: not a delivery. */
static bool is_empty(const struct fth_run *run, const struct fth_lot *lot)
{
    return run->request->period.n && lot->status == FTH_DELIVERY_LOADED && !lot->counts.rows_read;
}

static enum fth_rc read_lots(struct fth_run *run, const struct fth_parcel *parcel,
                             struct fth_lot_vec *lots, struct fth_err *err)
{
    enum fth_rc rc = first_lots(run, parcel, lots, err);
    size_t at;

    while (!rc && (at = next_lot(run, lots)) != SIZE_MAX) {
        rc = fth_cancel_check(run->request->cancel, err);
        if (!rc)
            rc = take_lot(run, parcel, &lots->at[at], err);
        if (!rc && lots->at[at].status == FTH_DELIVERY_UNCHANGED)
            rc = add_siblings(run, parcel, lots, at, err);
        else if (!rc)
            rc = spread(run, parcel, lots, at, err);
    }
    return rc;
}

/* What is wrong at sight. It is kept when it is known well enough whose it would have been. */
static enum fth_rc refuse_parcel(struct fth_run *run, const struct fth_parcel *parcel,
                                 struct fth_lot_vec *out, struct fth_err *err)
{
    struct fth_lot lot;
    struct fth_str message, hint;
    enum fth_rc rc = new_lot(run, parcel, parcel->probe.period_us, &lot, err);

    if (rc)
        return rc;
    if (!fth_str_split(parcel->why, '\n', &message, &hint)) {
        message = parcel->why;
        hint = (struct fth_str){0};
    }
    fth_err_set(&lot.err, parcel->rc, FTH_STR_F, FTH_STR_A(message));
    if (hint.n)
        fth_err_hint(&lot.err, FTH_STR_F, FTH_STR_A(hint));
    fth_run_shown_error(run, &lot.err);
    lot.status = FTH_DELIVERY_REFUSED;
    lot.settled = true;
    if (parcel->importer && lot.period.n && !run->request->dry_run) {
        struct fth_cover first = {parcel->probe.provider, parcel->probe.account};

        rc = fth_ledger_write_begin(run->ledger, run->request->cancel, err);
        if (rc)
            return rc;
        rc = fth_lot_find_source(run, parcel, &lot, &first, 1, err);
        if (!rc)
            rc = note_lot(run, parcel, &lot, err);
        fth_ledger_write_end(run->ledger);
    }
    return rc ? rc : fth_lot_vec_push(out, lot, err);
}

/* The last first, since only the last that was given out can go back. A gap does no harm. */
static void give_back(struct fth_run *run, const struct fth_lot_vec *lots)
{
    struct fth_err ignored = {0};

    for (size_t i = lots->nr; i-- > 0;)
        if (lots->at[i].taken_id)
            (void)fth_catalogue_delivery_id_back(run->db, lots->at[i].taken_id, &ignored);
}

enum fth_rc fth_run_deliver(struct fth_run *run, struct fth_parcel *parcel, struct fth_lot_vec *out,
                            struct fth_err *err)
{
    struct fth_lot_vec lots = fth_lot_vec_in(run->arena);
    enum fth_rc rc;

    if (parcel->rc)
        return refuse_parcel(run, parcel, out, err);
    rc = fth_ledger_write_begin(run->ledger, run->request->cancel, err);
    if (rc)
        return rc;
    if (parcel->importer->halves)
        rc = fth_parcel_complete(run, parcel, err);
    if (!rc && !parcel->rc)
        rc = read_lots(run, parcel, &lots, err);
    for (size_t i = 0; i < lots.nr && !rc; i++) {
        if (!lots.at[i].settled || is_empty(run, &lots.at[i]))
            continue;
        rc = finish_lot(run, parcel, &lots.at[i], err);
        if (!rc)
            rc = fth_lot_vec_push(out, lots.at[i], err);
    }
    for (size_t i = 0; i < lots.nr; i++)
        fth_lot_discard(run, &lots.at[i]);
    give_back(run, &lots);
    fth_ledger_write_end(run->ledger);
    /* Its other half is gone: only now, since a refusal takes its own turn as writer. */
    return rc || !parcel->rc ? rc : refuse_parcel(run, parcel, out, err);
}
