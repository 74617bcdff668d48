#include "import/settle.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/sha256.h"

static const struct fth_str SEVERAL = FTH_STR_INIT("several");

/* ---- identity ---- */

/* Which hash it is stands before it, so that one of another kind is known for what it is. */
#define HASH_KIND "sha256:"

static int by_hex(const void *a, const void *b)
{
    return memcmp(a, b, FTH_SHA256_HEX);
}

static enum fth_rc hash_files(struct fth_run *run, const struct fth_parcel *parcel,
                              const struct fth_lot *lot, char (*hashes)[FTH_SHA256_HEX],
                              size_t *out_nr, struct fth_err *err)
{
    char file[FTH_SHA256_HEX];
    size_t nr = 0;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < parcel->file_nr && !rc; i++)
        if (lot->uses[i])
            rc = fth_import_feed_hash(parcel->files[i], run->request->cancel, hashes[nr++], file,
                                      err);
    *out_nr = nr;
    return rc;
}

enum fth_rc fth_lot_identify(struct fth_run *run, const struct fth_parcel *parcel,
                             struct fth_lot *lot, struct fth_err *err)
{
    char(*hashes)[FTH_SHA256_HEX] =
        fth_arena_array(run->arena, parcel->file_nr + 1, FTH_SHA256_HEX);
    struct fth_sha256 hash;
    char hex[FTH_SHA256_HEX];
    size_t nr = lot->counts.file_nr;
    enum fth_rc rc = FTH_OK;

    if (!hashes)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++)
        memcpy(hashes[i], lot->counts.files[i].content, FTH_SHA256_HEX);
    if (!nr)
        rc = hash_files(run, parcel, lot, hashes, &nr, err);
    if (rc || fth_sha256_init(&hash, err))
        return err->rc;
    qsort(hashes, nr, FTH_SHA256_HEX, by_hex);
    for (size_t i = 0; i < nr; i++)
        fth_sha256_add(&hash, hashes[i], FTH_SHA256_HEX - 1);
    /* The same file by another mapping is another bill. */
    if (parcel->mapping)
        fth_sha256_add(&hash, parcel->mapping->digest, FTH_SHA256_HEX - 1);
    fth_sha256_hex(&hash, hex);
    return fth_arena_printf(run->arena, &lot->identity, err, "%s%s", HASH_KIND, hex);
}

/* ---- the source ---- */

static struct fth_str one_or_several(const struct fth_cover *covers, size_t nr, bool account)
{
    struct fth_str first = {0};

    for (size_t i = 0; i < nr; i++) {
        struct fth_str text = account ? covers[i].account : covers[i].provider;

        if (i == 0)
            first = text;
        else if (!fth_str_eq(first, text))
            return SEVERAL;
    }
    return first.n ? first : FTH_STR("unknown");
}

static const struct fth_source *find_source(const struct fth_source *sources, size_t nr,
                                            const struct fth_source *want)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq(sources[i].provider, want->provider) &&
            fth_str_eq(sources[i].billing_account, want->billing_account) &&
            fth_str_eq(sources[i].dataset, want->dataset))
            return &sources[i];
    return NULL;
}

/* A name chosen by the user is that source, wherever its charges come from. */
static void use_name(const struct fth_source *sources, size_t nr, struct fth_str name,
                     struct fth_source *want)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq(sources[i].name, name)) {
            *want = sources[i];
            return;
        }
    if (find_source(sources, nr, want))
        want->dataset = name; /* its own source, beside the one that has another name */
    want->name = name;
}

enum fth_rc fth_lot_find_source(struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot *lot, const struct fth_cover *covers,
                                size_t cover_nr, struct fth_err *err)
{
    struct fth_source want = {.provider = one_or_several(covers, cover_nr, false),
                              .billing_account = one_or_several(covers, cover_nr, true),
                              .dataset = parcel->dataset,
                              .format = fth_str_c(parcel->importer->id)};
    struct fth_source *sources = NULL;
    const struct fth_source *found;
    size_t nr = 0;
    enum fth_rc rc = fth_catalogue_sources(run->db, run->arena, &sources, &nr, err);

    if (rc)
        return rc;
    if (run->request->source.n)
        use_name(sources, nr, run->request->source, &want);
    found = find_source(sources, nr, &want);
    lot->source = found ? *found : want;
    return FTH_OK;
}

enum fth_rc fth_lot_source(struct fth_run *run, const struct fth_parcel *parcel,
                           struct fth_lot *lot, struct fth_err *err)
{
    struct fth_source *source = &lot->source;

    if (source->id)
        return FTH_OK;
    return fth_catalogue_source(run->db, run->arena, source->name, source->provider,
                                source->billing_account, source->dataset, source->format,
                                fth_clock_now_us(run->request->clock), source, err);
}

/* ---- other sources ---- */

static bool overlap(const struct fth_cover *a, size_t a_nr, const struct fth_cover *b, size_t b_nr,
                    const struct fth_cover **where)
{
    for (size_t i = 0; i < a_nr; i++)
        for (size_t k = 0; k < b_nr; k++)
            if (a[i].account.n && fth_str_eq(a[i].provider, b[k].provider) &&
                fth_str_eq(a[i].account, b[k].account)) {
                *where = &a[i];
                return true;
            }
    return false;
}

static enum fth_rc refuse_overlap(struct fth_run *run, const struct fth_parcel *parcel,
                                  struct fth_lot *lot, int64_t delivery_id,
                                  const struct fth_cover *covers, size_t cover_nr,
                                  struct fth_err *err)
{
    struct fth_delivery other = {0};
    struct fth_cover *theirs = NULL;
    const struct fth_cover *where;
    size_t their_nr = 0;
    enum fth_rc rc = fth_catalogue_delivery(run->db, run->arena, delivery_id, &other, err);

    if (!rc)
        rc = fth_report_covers(run->arena, other.report, &theirs, &their_nr, err);
    if (rc || !overlap(covers, cover_nr, theirs, their_nr, &where))
        return rc;
    fth_err_set(&lot->err, FTH_E_CONFLICT,
                FTH_STR_F ": source \"" FTH_STR_F "\" (" FTH_STR_F
                          ") already holds the charges of " FTH_STR_F " account " FTH_STR_F
                          " for " FTH_STR_F ", and this is " FTH_STR_F,
                FTH_STR_A(parcel->label), FTH_STR_A(other.source), FTH_STR_A(other.format),
                FTH_STR_A(where->provider), FTH_STR_A(where->account), FTH_STR_A(lot->period),
                FTH_STR_A(parcel->dataset));
    fth_err_hint(&lot->err, "One bill counts once: keep one of its forms.");
    lot->status = FTH_DELIVERY_REFUSED;
    lot->settled = true;
    return FTH_OK;
}

/* ---- the source's own deliveries ---- */

static void settle(struct fth_lot *lot, enum fth_delivery_status status,
                   const struct fth_delivery *by)
{
    lot->settled = true;
    lot->status = status;
    lot->delivery_id = status == FTH_DELIVERY_UNCHANGED ? by->id : lot->delivery_id;
    lot->stored_report = status == FTH_DELIVERY_UNCHANGED ? by->report : (struct fth_str){0};
    lot->supersedes = 0;
}

/* There were other kinds, and before there were kinds the bare 64 digits of a SHA-256. */
static bool is_old_hash(struct fth_str identity)
{
    return identity.n == FTH_SHA256_HEX - 1 || fth_str_starts(identity, FTH_STR("blake3:"));
}

static void refuse_other_content(const struct fth_parcel *parcel, struct fth_lot *lot,
                                 const struct fth_delivery *current)
{
    fth_err_set(&lot->err, FTH_E_CONFLICT,
                FTH_STR_F ": other content than delivery %" PRId64 " of source \"" FTH_STR_F
                          "\" for " FTH_STR_F,
                FTH_STR_A(parcel->label), current->id, FTH_STR_A(current->source),
                FTH_STR_A(lot->period));
    if (is_old_hash(current->identity))
        fth_err_hint(&lot->err, "It was hashed by an earlier version in a way that cannot be "
                                "compared: say --replace even if it is the same.");
    else
        fth_err_hint(&lot->err, "Say --replace if it is the whole period anew, or --append if it "
                                "comes on top.");
    settle(lot, FTH_DELIVERY_REFUSED, current);
}

/* Is it older than what is loaded? By what the provider says of the runs, else by how far their
 * charges go; with neither, what comes later is newer. */
static bool is_older(const struct fth_parcel *parcel, const struct fth_lot *lot,
                     const struct fth_delivery *current, int64_t current_until_us)
{
    int64_t submitted = parcel->bundle->manifest.submitted_us;

    if (submitted && current->submitted_us)
        return submitted < current->submitted_us;
    return lot->has_segment && lot->stats.charges_until_us < current_until_us;
}

struct standing {
    const struct fth_catalogue_segment *segments; /* current ones, all sources */
    size_t nr;
    bool any; /* of the lot's source and period */
    int64_t until_us;
};

/* Is all of the period this delivery? */
static bool is_alone(const struct standing *standing, const struct fth_lot *lot,
                     int64_t delivery_id)
{
    for (size_t i = 0; i < standing->nr; i++)
        if (standing->segments[i].source_id == lot->source.id &&
            fth_str_eq(standing->segments[i].billing_period, lot->period) &&
            standing->segments[i].delivery_id != delivery_id)
            return false;
    return true;
}

static bool is_current(const struct standing *standing, int64_t delivery_id)
{
    for (size_t i = 0; i < standing->nr; i++)
        if (standing->segments[i].delivery_id == delivery_id)
            return true;
    return false;
}

static struct fth_str name_of(struct fth_str path)
{
    size_t slash = fth_str_rfind(path, '/');

    return slash == SIZE_MAX ? path : fth_str_sub(path, slash + 1, path.n);
}

/* A source that appends keeps each report once, by its name: the same name with other content is
 * nothing that its provider does. */
static enum fth_rc settle_beside(struct fth_run *run, const struct fth_parcel *parcel,
                                 struct fth_lot *lot, const struct standing *standing,
                                 struct fth_err *err)
{
    struct fth_str mine = name_of(fth_str_c(parcel->files[0]));
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < standing->nr && !rc && !lot->settled; i++) {
        const struct fth_catalogue_segment *segment = &standing->segments[i];
        struct fth_delivery other = {0};

        if (segment->source_id != lot->source.id ||
            !fth_str_eq(segment->billing_period, lot->period))
            continue;
        rc = fth_catalogue_delivery(run->db, run->arena, segment->delivery_id, &other, err);
        for (size_t k = 0; k < other.file_nr && !rc && !lot->settled; k++) {
            if (!fth_str_eq(name_of(other.files[k].path), mine))
                continue;
            fth_err_set(&lot->err, FTH_E_CONFLICT,
                        FTH_STR_F ": other content than the report of the same name in delivery "
                                  "%" PRId64 " of source \"" FTH_STR_F "\" for " FTH_STR_F,
                        FTH_STR_A(parcel->label), other.id, FTH_STR_A(other.source),
                        FTH_STR_A(lot->period));
            fth_err_hint(&lot->err, "Reports of this source are kept once each, by name; give it "
                                    "another name if it is another report.");
            settle(lot, FTH_DELIVERY_REFUSED, &other);
        }
    }
    return rc;
}

/* The hashes of a file of the parcel; a file is read for them once. */
static enum fth_rc hash_of(const struct fth_run *run, const struct fth_parcel *parcel, size_t i,
                           const struct fth_file_hash **out, struct fth_err *err)
{
    struct fth_file_hash *hash = &parcel->hashes[i];
    enum fth_rc rc = FTH_OK;

    if (!hash->disk[0])
        rc = fth_import_feed_hash(parcel->files[i], run->request->cancel, hash->content, hash->disk,
                                  err);
    *out = hash;
    return rc;
}

/* The file of a report that is this one, however it was packed; NULL: none. Reports of before do
 * not say what is in a file. */
static const struct fth_json *find_file(const struct fth_json *report,
                                        const struct fth_file_hash *hash)
{
    const struct fth_json *files = fth_json_get(report, "files");

    for (size_t i = 0; fth_json_is(files, FTH_JSON_ARRAY) && i < files->nr; i++)
        if (fth_str_eq_c(fth_json_str(&files->items[i], "content", FTH_STR("")), hash->content) ||
            fth_str_eq_c(fth_json_str(&files->items[i], "sha256", FTH_STR("")), hash->disk))
            return &files->items[i];
    return NULL;
}

/* Which files have records of a period is known only when they have been read. Of those that the
 * current delivery was made of, the ledger knows: loose files that came again are the same again.
 */
static enum fth_rc recall_files(const struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot *lot, const struct fth_delivery *current,
                                struct fth_err *err)
{
    const struct fth_json *report = NULL;
    const struct fth_file_hash *hash;
    enum fth_rc rc = FTH_OK;

    if (parcel->bundle || lot->has_segment || parcel->file_nr < 2 || !current->report.n)
        return FTH_OK;
    rc = fth_json_parse(run->arena, current->report, NULL, &report, err);
    for (size_t i = 0; i < parcel->file_nr && !rc; i++) {
        if (lot->uses[i])
            continue;
        rc = hash_of(run, parcel, i, &hash, err);
        lot->uses[i] = !rc && find_file(report, hash) != NULL;
    }
    return rc;
}

/* ---- copies ---- */

/* A file of the lot, and the file of a delivery of its source and period that is the same. */
static enum fth_rc pass_over(struct fth_run *run, const struct fth_parcel *parcel,
                             struct fth_lot *lot, size_t i, const struct fth_delivery *other,
                             struct fth_str was, struct fth_err *err)
{
    if (lot->has_segment) {
        fth_err_set(&lot->err, FTH_E_CONFLICT,
                    "%s: the same content as " FTH_STR_F ", which delivery %" PRId64
                    " of source \"" FTH_STR_F "\" holds for " FTH_STR_F,
                    parcel->files[i], FTH_STR_A(was), other->id, FTH_STR_A(other->source),
                    FTH_STR_A(lot->period));
        fth_err_hint(&lot->err, "Leave it out: a file counts once.");
        settle(lot, FTH_DELIVERY_REFUSED, other);
        return FTH_OK;
    }
    lot->uses[i] = false;
    lot->passed[i] = true;
    return fth_text_add(&run->notes, err,
                        "%s: the same content as " FTH_STR_F " of delivery %" PRId64
                        " for " FTH_STR_F ", passed over",
                        parcel->files[i], FTH_STR_A(was), other->id, FTH_STR_A(lot->period));
}

/* Copies of what another delivery of the source and period holds do not count again, whatever they
 * are called and however they are packed. *last is such a delivery. */
static enum fth_rc pass_copies(struct fth_run *run, const struct fth_parcel *parcel,
                               struct fth_lot *lot, const struct standing *standing,
                               struct fth_delivery *last, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t s = 0; s < standing->nr && !rc && !lot->settled; s++) {
        const struct fth_catalogue_segment *segment = &standing->segments[s];
        const struct fth_json *report = NULL;
        struct fth_delivery other = {0};

        if (segment->source_id != lot->source.id ||
            !fth_str_eq(segment->billing_period, lot->period))
            continue;
        rc = fth_catalogue_delivery(run->db, run->arena, segment->delivery_id, &other, err);
        if (!rc && other.report.n)
            rc = fth_json_parse(run->arena, other.report, NULL, &report, err);
        for (size_t i = 0; i < parcel->file_nr && !rc && !lot->settled; i++) {
            const struct fth_file_hash *hash;
            const struct fth_json *file;

            rc = lot->uses[i] ? hash_of(run, parcel, i, &hash, err) : FTH_OK;
            file = rc || !lot->uses[i] ? NULL : find_file(report, hash);
            if (!file)
                continue;
            *last = other;
            rc = pass_over(run, parcel, lot, i, &other,
                           name_of(fth_json_str(file, "path", FTH_STR("?"))), err);
        }
    }
    return rc;
}

static bool uses_any(const struct fth_parcel *parcel, const struct fth_lot *lot)
{
    for (size_t i = 0; i < parcel->file_nr; i++)
        if (lot->uses[i])
            return true;
    return false;
}

/* What comes on top of what is loaded: without the copies in it. */
static enum fth_rc settle_on_top(struct fth_run *run, const struct fth_parcel *parcel,
                                 struct fth_lot *lot, const struct standing *standing,
                                 struct fth_err *err)
{
    struct fth_delivery last = {0};
    enum fth_rc rc = FTH_OK;

    if (!parcel->bundle)
        rc = pass_copies(run, parcel, lot, standing, &last, err);
    if (rc || lot->settled || !last.id)
        return rc;
    if (!uses_any(parcel, lot)) {
        settle(lot, FTH_DELIVERY_UNCHANGED, &last);
        return FTH_OK;
    }
    lot->identity = (struct fth_str){0};
    return fth_lot_identify(run, parcel, lot, err);
}

/* A copy by another name is said to be one. */
static enum fth_rc tell_copy(struct fth_run *run, const struct fth_parcel *parcel, int64_t id,
                             struct fth_err *err)
{
    struct fth_str mine = name_of(parcel->label);
    struct fth_delivery same = {0};
    enum fth_rc rc;

    if (parcel->bundle || parcel->file_nr != 1)
        return FTH_OK;
    rc = fth_catalogue_delivery(run->db, run->arena, id, &same, err);
    for (size_t i = 0; i < same.file_nr && !rc; i++)
        if (fth_str_eq(name_of(same.files[i].path), mine))
            return FTH_OK;
    if (rc || !same.file_nr)
        return rc;
    return fth_text_add(&run->notes, err,
                        FTH_STR_F ": the same content as " FTH_STR_F " of delivery %" PRId64
                                  " for " FTH_STR_F ", passed over",
                        FTH_STR_A(parcel->label), FTH_STR_A(name_of(same.files[0].path)), same.id,
                        FTH_STR_A(same.billing_period));
}

static enum fth_rc settle_own(struct fth_run *run, const struct fth_parcel *parcel,
                              struct fth_lot *lot, const struct standing *standing,
                              struct fth_err *err)
{
    enum fth_import_mode mode = run->request->mode;
    struct fth_delivery current = {0}, same = {0};
    struct fth_err none = {0};
    enum fth_rc rc =
        fth_catalogue_current(run->db, run->arena, lot->source.id, lot->period, &current, err);
    enum fth_rc found;

    if (rc)
        return rc;
    if (!lot->identity.n) {
        rc = recall_files(run, parcel, lot, &current, err);
        if (!rc)
            rc = fth_lot_identify(run, parcel, lot, err);
        if (rc)
            return rc;
    }
    found = fth_catalogue_find(run->db, run->arena, lot->source.id, lot->period, lot->identity,
                               &same, &none);
    if (found && found != FTH_E_NOTFOUND) {
        *err = none;
        return found;
    }
    /* To replace several deliveries by one of them is a change. */
    if (!found && is_current(standing, same.id) &&
        (mode != FTH_IMPORT_REPLACE || is_alone(standing, lot, same.id))) {
        settle(lot, FTH_DELIVERY_UNCHANGED, &same);
        return tell_copy(run, parcel, same.id, err);
    }
    if (mode == FTH_IMPORT_APPEND || (parcel->importer->appends && mode != FTH_IMPORT_REPLACE)) {
        rc = settle_on_top(run, parcel, lot, standing, err);
        if (rc || lot->settled)
            return rc;
    }
    if (parcel->importer->appends && mode != FTH_IMPORT_REPLACE)
        return settle_beside(run, parcel, lot, standing, err);
    lot->supersedes = mode == FTH_IMPORT_APPEND ? 0 : current.id;
    if (mode != FTH_IMPORT_DECIDE)
        return FTH_OK;
    if (!parcel->bundle && !parcel->completes)
        refuse_other_content(parcel, lot, &current);
    else if (parcel->bundle && (parcel->stale || (!found && same.status == FTH_DELIVERY_LOADED) ||
                                is_older(parcel, lot, &current, standing->until_us)))
        settle(lot, FTH_DELIVERY_SUPERSEDED, &current);
    return FTH_OK;
}

enum fth_rc fth_lot_settle(struct fth_run *run, const struct fth_parcel *parcel,
                           struct fth_lot *lot, const struct fth_cover *covers, size_t cover_nr,
                           struct fth_err *err)
{
    struct standing standing = {0};
    struct fth_catalogue_segment *segments = NULL;
    int64_t version = 0;
    enum fth_rc rc = fth_lot_find_source(run, parcel, lot, covers, cover_nr, err);

    if (!rc)
        rc = fth_catalogue_version(run->db, &version, err);
    if (!rc && version)
        rc = fth_catalogue_segments(run->db, run->arena, version, &segments, &standing.nr, err);
    standing.segments = segments;
    for (size_t i = 0; i < standing.nr && !rc && !lot->settled; i++) {
        const struct fth_catalogue_segment *segment = &segments[i];

        if (!fth_str_eq(segment->billing_period, lot->period))
            continue;
        if (lot->source.id && segment->source_id == lot->source.id) {
            standing.any = true;
            if (segment->charges_until_us > standing.until_us)
                standing.until_us = segment->charges_until_us;
        } else {
            rc = refuse_overlap(run, parcel, lot, segment->delivery_id, covers, cover_nr, err);
        }
    }
    if (!rc && !lot->settled && standing.any)
        rc = settle_own(run, parcel, lot, &standing, err);
    return rc;
}
