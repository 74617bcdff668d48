/*
 * Snapshots: the segments of one version, counted while somebody reads them.
 *
 * Each is read from the catalogue once and shared by all its readers; the newest is kept by the
 * ledger itself, so that a reader of today asks no database at all.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "ledger/ledger_int.h"

enum { SNAPSHOT_MAX = 256 * 1024 * 1024 };

static const struct fth_source *source_of(const struct fth_source *sources, size_t nr, int64_t id)
{
    for (size_t i = 0; i < nr; i++)
        if (sources[i].id == id)
            return &sources[i];
    return NULL;
}

static struct fth_segment segment_of(const struct fth_catalogue_segment *row,
                                     const struct fth_source *source)
{
    struct fth_segment segment = {
        .id = row->id,
        .source_id = row->source_id,
        .source = source ? source->name : (struct fth_str){0},
        .provider = source ? source->provider : (struct fth_str){0},
        .charge_from = row->charge_from,
        .charge_to = row->charge_to,
        .rows = row->rows,
        .one_currency = row->currency.n > 0,
        .currency = row->currency,
        .has_tail = row->has_tail,
        .has_cubes = row->has_cubes,
        .has_values = row->has_values,
        .has_side = row->has_side,
        .has_long = row->has_long,
        .billing_period = row->billing_period,
        .charges_until_us = row->charges_until_us,
        .loaded_us = row->received_us,
        .final = row->final,
    };

    if (!fth_month_parse(row->billing_period, &segment.billing_month))
        segment.billing_month = INT32_MIN;
    segment.archived = row->archived;
    return segment;
}

/* Where its charges are. */
static enum fth_rc place(const struct fth_ledger *ledger, struct fth_arena *arena,
                         struct fth_segment *segment, struct fth_err *err)
{
    struct fth_str table = {0};

    if (!segment->archived) {
        if (!fth_arena_printf(arena, &table, err, "seg_%" PRId64, segment->id))
            segment->table = table.p;
        return err->rc;
    }
    if (!ledger->archive)
        return fth_err_set(err, FTH_E_NOTFOUND,
                           "segment %" PRId64 " is archived, and there is no "
                           "archive",
                           segment->id);
    if (!fth_archive_table(ledger, arena, segment->id, false, &segment->table, err) &&
        segment->has_side)
        (void)fth_archive_table(ledger, arena, segment->id, true, &segment->side, err);
    return err->rc;
}

/* What the catalogue says of cubes by tag. Anything else than a list of texts is none. */
static enum fth_rc read_cube_tags(struct fth_arena *arena, struct fth_str text,
                                  struct fth_segment *segment, struct fth_err *err)
{
    const struct fth_json *list = NULL;
    struct fth_str *keys;

    if (!segment->has_cubes || text.n == 0)
        return FTH_OK;
    if (fth_json_parse(arena, text, NULL, &list, err))
        return err->rc;
    keys = FTH_NEW_ARRAY(arena, struct fth_str, list->nr);
    if (!keys)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr && fth_json_is(list, FTH_JSON_ARRAY); i++)
        keys[segment->cube_tag_nr++] = list->items[i].text;
    segment->cube_tags = keys;
    return FTH_OK;
}

static enum fth_rc read_segments(struct fth_ledger *ledger, int64_t version,
                                 struct fth_pinned *into, struct fth_err *err)
{
    struct fth_catalogue_segment *rows = NULL;
    struct fth_source *sources = NULL;
    struct fth_segment *segments;
    size_t nr = 0, source_nr = 0;

    if (fth_catalogue_sources(ledger->db, into->arena, &sources, &source_nr, err) ||
        fth_catalogue_segments(ledger->db, into->arena, version, &rows, &nr, err))
        return err->rc;
    segments = FTH_NEW_ARRAY(into->arena, struct fth_segment, nr);
    if (!segments)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        segments[i] = segment_of(&rows[i], source_of(sources, source_nr, rows[i].source_id));
        if (place(ledger, into->arena, &segments[i], err) ||
            read_cube_tags(into->arena, rows[i].cube_tags, &segments[i], err))
            return err->rc;
    }
    into->pub = (struct fth_snapshot){version, segments, nr};
    return FTH_OK;
}

static void free_pinned(struct fth_pinned *pinned)
{
    fth_arena_free(pinned->arena);
    fth_free(pinned);
}

static void count_reader(struct fth_ledger *ledger, int by)
{
    fth_mutex_lock(&ledger->mutex);
    ledger->reading += (unsigned)by;
    fth_mutex_unlock(&ledger->mutex);
}

/* Is that version one that can be asked? Asked once its segments have been read: what is forgotten
 * meanwhile would be missing in them, and the oldest version moves in the same commit. */
static enum fth_rc check_version(struct fth_ledger *ledger, int64_t version, struct fth_err *err)
{
    int64_t oldest;

    if (version < 0 || version > fth_ledger_version(ledger))
        return fth_err_set(err, FTH_E_NOTFOUND,
                           "ledger version %" PRId64 ": the newest is %" PRId64, version,
                           fth_ledger_version(ledger));
    if (fth_catalogue_oldest(ledger->db, &oldest, err))
        return err->rc;
    if (version < oldest)
        return fth_err_set(err, FTH_E_NOTFOUND,
                           "ledger version %" PRId64 ": not kept any more, the oldest is %" PRId64,
                           version, oldest);
    return FTH_OK;
}

/* The reader counts as one who reads until he publishes, or has failed: else what he is about to
 * pin could leave the engine between the two. */
static enum fth_rc read_pinned(struct fth_ledger *ledger, int64_t version, bool checked,
                               struct fth_pinned **out, struct fth_err *err)
{
    struct fth_pinned *pinned = fth_calloc(1, sizeof(*pinned));

    if (!pinned)
        return fth_err_nomem(err);
    count_reader(ledger, 1);
    pinned->arena = fth_arena_new(SNAPSHOT_MAX);
    if (!pinned->arena)
        fth_err_nomem(err);
    else if (!read_segments(ledger, version, pinned, err) && checked)
        check_version(ledger, version, err);
    if (err->rc) {
        count_reader(ledger, -1);
        free_pinned(pinned);
    } else {
        *out = pinned;
    }
    return err->rc;
}

/* Under the lock: the snapshot of `version` with one pin more, or NULL. */
static struct fth_pinned *pin(struct fth_ledger *ledger, int64_t version)
{
    struct fth_pinned *at = ledger->snapshots;

    while (at && at->pub.version != version)
        at = at->next;
    if (at)
        at->pins++;
    return at;
}

/* Under the lock: one pin less; takes it out of the list and returns it when that was the last. */
static struct fth_pinned *unpin(struct fth_ledger *ledger, const struct fth_snapshot *snapshot)
{
    struct fth_pinned **at = &ledger->snapshots, *found;

    while (*at && &(*at)->pub != snapshot)
        at = &(*at)->next;
    found = *at;
    FTH_CHECK(found && found->pins > 0);
    if (--found->pins)
        return NULL;
    *at = found->next;
    return found;
}

/* Pins `made`, or the snapshot of the same version that another thread was quicker to make. */
static struct fth_pinned *publish(struct fth_ledger *ledger, struct fth_pinned *made)
{
    struct fth_pinned *there;

    FTH_CHECK(made);
    fth_mutex_lock(&ledger->mutex);
    ledger->reading--;
    there = pin(ledger, made->pub.version);
    if (!there) {
        made->pins = 1;
        made->next = ledger->snapshots;
        ledger->snapshots = made;
    }
    fth_mutex_unlock(&ledger->mutex);
    if (there)
        free_pinned(made);
    return there ? there : made;
}

enum fth_rc fth_ledger_snapshot(struct fth_ledger *ledger, int64_t version,
                                const struct fth_snapshot **out, struct fth_err *err)
{
    struct fth_pinned *pinned = NULL;

    if (!version)
        (void)fth_ledger_version(ledger); /* catches up when it is behind */
    fth_mutex_lock(&ledger->mutex);
    pinned = pin(ledger, version ? version : ledger->newest->pub.version);
    fth_mutex_unlock(&ledger->mutex);
    if (!pinned) {
        if (read_pinned(ledger, version, true, &pinned, err))
            return err->rc;
        pinned = publish(ledger, pinned);
    }
    *out = &pinned->pub;
    return FTH_OK;
}

void fth_snapshot_release(struct fth_ledger *ledger, const struct fth_snapshot *snapshot)
{
    struct fth_pinned *last;

    if (!snapshot)
        return;
    fth_mutex_lock(&ledger->mutex);
    last = unpin(ledger, snapshot);
    fth_mutex_unlock(&ledger->mutex);
    if (last)
        free_pinned(last);
}

enum fth_rc fth_snapshots_refresh(struct fth_ledger *ledger, struct fth_err *err)
{
    struct fth_pinned *made = NULL, *before = NULL;
    int64_t version = 0;

    if (fth_catalogue_version(ledger->db, &version, err) ||
        read_pinned(ledger, version, false, &made, err))
        return err->rc;
    made = publish(ledger, made);
    fth_mutex_lock(&ledger->mutex);
    /* Two refreshes may overtake each other: the newer stays. */
    if (ledger->newest && ledger->newest->pub.version >= version) {
        before = unpin(ledger, &made->pub);
    } else {
        if (ledger->newest)
            before = unpin(ledger, &ledger->newest->pub);
        ledger->newest = made;
        atomic_store(&ledger->version, version);
    }
    fth_mutex_unlock(&ledger->mutex);
    if (before)
        free_pinned(before);
    return FTH_OK;
}

void fth_snapshots_release(struct fth_ledger *ledger)
{
    if (ledger->newest)
        fth_snapshot_release(ledger, &ledger->newest->pub);
    FTH_CHECK(!ledger->snapshots); /* a reader that has not let go */
}

enum fth_rc fth_ledger_refresh(struct fth_ledger *ledger, struct fth_err *err)
{
    (void)fth_snapshots_refresh(ledger, err);
    if (err->rc)
        atomic_store(&ledger->stale, true);
    return err->rc;
}

enum fth_rc fth_ledger_version_at(struct fth_ledger *ledger, int64_t instant_us, int64_t *out,
                                  struct fth_err *err)
{
    return fth_catalogue_version_at(ledger->db, instant_us, out, err);
}

int64_t fth_ledger_version(struct fth_ledger *ledger)
{
    struct fth_err ignored = {0};

    if (atomic_exchange(&ledger->stale, false))
        (void)fth_ledger_refresh(ledger, &ignored);
    return atomic_load(&ledger->version);
}
