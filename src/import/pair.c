/*
 * pair: a bill that comes as two exports becomes one delivery.
 *
 * Each half is exact for its own amounts and silent about the other's, so together they are read
 * as files of one parcel, told apart by their roles. They seldom arrive together: a half that comes
 * later takes the other from what is loaded, by the path and hash that the report remembers, so
 * that the ledger ends the same whatever came first. Is that file gone, the half is refused: alone
 * it would undo what the other says.
 */
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "import/import_int.h"
#include "import/settle.h"

static int role_nr(const struct fth_importer_halves *halves, const char *role)
{
    for (int i = 0; role && i < FTH_HALF_NR; i++)
        if (strcmp(halves->roles[i], role) == 0)
            return i;
    return -1;
}

bool fth_lot_has_half(const struct fth_parcel *parcel, const struct fth_lot *lot, size_t half)
{
    for (size_t i = 0; parcel->roles && i < parcel->file_nr; i++)
        if (lot->uses[i] && role_nr(parcel->importer->halves, parcel->roles[i]) == (int)half)
            return true;
    return false;
}

const char *fth_parcel_role(const struct fth_parcel *parcel, const struct fth_lot *lot, size_t k)
{
    for (size_t i = 0; parcel->roles && i < parcel->file_nr; i++)
        if (lot->uses[i] && k-- == 0)
            return parcel->roles[i];
    return NULL;
}

/* ---- the role of a loose file ---- */

static bool contains_folded(struct fth_str text, struct fth_str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++)
        if (fth_str_caseeq(fth_str_sub(text, i, word.n), word))
            return true;
    return false;
}

/* By its name, else by that of a folder above it: the nearest that names one half alone. */
static int role_by_path(const struct fth_importer_halves *halves, const char *path)
{
    enum { FOLDERS = 4 };
    struct fth_str rest = fth_str_c(path);

    for (int depth = 0; depth < FOLDERS && rest.n; depth++) {
        size_t slash = fth_str_rfind(rest, '/');
        struct fth_str name = slash == SIZE_MAX ? rest : fth_str_sub(rest, slash + 1, rest.n);
        bool first = contains_folded(name, fth_str_c(halves->words[0]));
        bool second = contains_folded(name, fth_str_c(halves->words[1]));

        if (first != second)
            return second;
        rest.n = slash == SIZE_MAX ? 0 : slash;
    }
    return -1;
}

/* Reads a file until a record tells. */
static enum fth_rc role_by_records(const struct fth_importer *importer, const char *path, int *out,
                                   struct fth_err *err)
{
    const struct fth_importer_halves *halves = importer->halves;
    const struct fth_csv_opts opts = {.keep_bad = true,
                                      .long_header = importer->layout->long_header};
    struct fth_str values[FTH_HALF_COLUMNS];
    struct fth_feed_head head = {0};
    size_t at[FTH_HALF_COLUMNS];
    struct fth_csv_chunk chunk = {0};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    bool more = true;
    enum fth_rc rc = fth_unpack_open(path, NULL, &in, err);

    *out = -1;
    if (!rc)
        rc = fth_csv_open(in, &opts, &csv, err);
    if (!rc) {
        head.headers = fth_csv_header(csv);
        head.header_nr = fth_csv_columns(csv);
        for (size_t i = 0; i < FTH_HALF_COLUMNS; i++)
            at[i] = fth_importer_column(importer->layout, &head, halves->columns[i]);
    }
    while (!rc && more && *out < 0) {
        rc = fth_csv_chunk_next(csv, &chunk, &more, err);
        for (size_t r = 0; !rc && r < chunk.nr && *out < 0; r++) {
            for (size_t i = 0; i < FTH_HALF_COLUMNS; i++) {
                values[i] = at[i] == SIZE_MAX ? (struct fth_str){0} : fth_csv_raw(&chunk, r, at[i]);
                if (values[i].n > 1 && values[i].p[0] == '"')
                    values[i] = fth_str_sub(values[i], 1, values[i].n - 2);
            }
            *out = halves->half_of(values);
        }
    }
    fth_csv_chunk_release(&chunk);
    fth_csv_close(csv);
    fth_unpack_close(in);
    return rc;
}

static enum fth_rc role_by_head(struct fth_run *run, const struct fth_importer *importer,
                                const char *path, int *out, struct fth_err *err)
{
    enum { ROWS = 5000 };
    const struct fth_importer_halves *halves = importer->halves;
    struct fth_arena *arena = fth_arena_new((size_t)256 << 20);
    struct fth_feed_head head = {0};
    enum fth_rc rc = arena ? FTH_OK : fth_err_nomem(err);

    *out = -1;
    if (!rc)
        rc = fth_import_feed_head(run->ledger, path, ROWS, 0, arena, &head, err);
    for (size_t r = 0; !rc && r < head.row_nr && *out < 0; r++) {
        struct fth_str values[FTH_HALF_COLUMNS] = {0};

        for (size_t i = 0; i < FTH_HALF_COLUMNS; i++) {
            size_t at = fth_importer_column(importer->layout, &head, halves->columns[i]);

            if (at != SIZE_MAX)
                values[i] = head.cells[r * head.header_nr + at];
        }
        *out = halves->half_of(values);
    }
    fth_arena_free(arena);
    return rc;
}

/* *out is -1 when neither the file's name nor its records tell. */
static enum fth_rc loose_role(struct fth_run *run, const struct fth_importer *importer,
                              const char *path, int *out, struct fth_err *err)
{
    struct fth_feed_head head = {0};
    struct fth_arena *arena;
    enum fth_rc rc;

    *out = role_by_path(importer->halves, path);
    if (*out >= 0)
        return FTH_OK;
    arena = fth_arena_new((size_t)64 << 20);
    rc = arena ? fth_import_feed_head(run->ledger, path, 1, 0, arena, &head, err)
               : fth_err_nomem(err);
    if (!rc)
        rc = head.parquet ? role_by_head(run, importer, path, out, err)
                          : role_by_records(importer, path, out, err);
    fth_arena_free(arena);
    return rc;
}

/* ---- one run's files ---- */

/* A file whose records could be of both halves says the same in both: alone in its month it counts
 * as the first. Beside another one it could be the same records again. */
static enum fth_rc settle_unsure(struct fth_run *run, struct fth_parcel *parcel, const bool *unsure,
                                 struct fth_err *err)
{
    const struct fth_importer_halves *halves = parcel->importer->halves;

    for (size_t i = 0; i < parcel->file_nr; i++)
        for (size_t k = 0; unsure[i] && k < parcel->file_nr; k++) {
            if (k == i || parcel->periods[i] == FTH_FEED_ANY_PERIOD ||
                parcel->periods[k] != parcel->periods[i])
                continue;
            parcel->rc = FTH_E_INVALID;
            return fth_arena_printf(
                run->arena, &parcel->why, err,
                "%s: nothing says whether it is the %s or the %s export of its month, and with %s "
                "its records could count twice\nName the files after what they are, "
                "\"%s.csv\" and \"%s.csv\", or give the whole folders with their manifests.",
                parcel->files[i], halves->roles[0], halves->roles[1], parcel->files[k],
                halves->roles[0], halves->roles[1]);
        }
    return FTH_OK;
}

static enum fth_rc set_roles(struct fth_run *run, struct fth_parcel *parcel, struct fth_err *err)
{
    const struct fth_importer_halves *halves = parcel->importer->halves;
    enum fth_rc rc = FTH_OK;
    bool *unsure = FTH_NEW_ARRAY(run->arena, bool, parcel->file_nr + 1);

    parcel->roles = FTH_NEW_ARRAY(run->arena, const char *, parcel->file_nr + 1);
    if (!parcel->roles || !unsure)
        return fth_err_nomem(err);
    for (size_t i = 0; i < parcel->file_nr && !rc; i++) {
        int half = -1;

        for (int k = 0; parcel->bundle && k < FTH_HALF_NR; k++)
            if (fth_str_eq_c(parcel->bundle->manifest.role, halves->roles[k]))
                half = k;
        if (half < 0)
            rc = loose_role(run, parcel->importer, parcel->files[i], &half, err);
        if (rc)
            break;
        unsure[i] = half < 0;
        half = half < 0 ? 0 : half;
        parcel->roles[i] = halves->roles[half];
        parcel->half[half].there = true;
        if (parcel->bundle) {
            parcel->half[half].identity = parcel->bundle->manifest.identity;
            parcel->half[half].submitted_us = parcel->bundle->manifest.submitted_us;
        }
    }
    return rc ? rc : settle_unsure(run, parcel, unsure, err);
}

/* "actual:RUN+amortized:RUN", and when the younger of them was submitted. */
static enum fth_rc name_pair(struct fth_run *run, struct fth_parcel *parcel, struct fth_err *err)
{
    const struct fth_importer_halves *halves = parcel->importer->halves;
    struct fth_bundle *bundle = FTH_NEW(run->arena, struct fth_bundle);
    struct fth_str identity = {0};
    enum fth_rc rc = FTH_OK;

    if (!bundle)
        return fth_err_nomem(err);
    *bundle = *parcel->bundle;
    bundle->manifest.submitted_us = 0;
    for (size_t i = 0; i < FTH_HALF_NR && !rc; i++) {
        const struct fth_half *half = &parcel->half[i];

        if (!half->there)
            continue;
        rc = fth_arena_printf(run->arena, &identity, err, FTH_STR_F "%s%s:" FTH_STR_F,
                              FTH_STR_A(identity), identity.n ? "+" : "", halves->roles[i],
                              FTH_STR_A(half->identity));
        if (half->submitted_us > bundle->manifest.submitted_us)
            bundle->manifest.submitted_us = half->submitted_us;
    }
    bundle->manifest.identity = identity;
    parcel->bundle = bundle;
    return rc;
}

/* ---- two runs ---- */

static bool same_bill(const struct fth_parcel *a, const struct fth_parcel *b)
{
    return a->bundle && b->bundle && !a->rc && !b->rc && a->importer == b->importer &&
           a->importer->halves && fth_str_eq(a->probe.provider, b->probe.provider) &&
           fth_str_eq(a->probe.account, b->probe.account) && fth_str_eq(a->dataset, b->dataset) &&
           a->bundle->manifest.billing_period.n &&
           fth_str_eq(a->bundle->manifest.billing_period, b->bundle->manifest.billing_period);
}

static int half_of(const struct fth_parcel *parcel)
{
    return parcel->half[0].there ? 0 : 1;
}

/* Room for `more` further files at the end of a parcel's. */
static enum fth_rc make_room(struct fth_run *run, struct fth_parcel *parcel, size_t more,
                             struct fth_err *err)
{
    size_t nr = parcel->file_nr + more;
    const char **files = FTH_NEW_ARRAY(run->arena, const char *, nr + 1);
    const char **roles = FTH_NEW_ARRAY(run->arena, const char *, nr + 1);
    int64_t *periods = FTH_NEW_ARRAY(run->arena, int64_t, nr + 1);
    int64_t *expect = FTH_NEW_ARRAY(run->arena, int64_t, nr + 1);

    parcel->hashes = fth_arena_array(run->arena, nr + 1, sizeof(*parcel->hashes));
    if (!files || !roles || !periods || !expect || !parcel->hashes)
        return fth_err_nomem(err);
    for (size_t i = 0; i < parcel->file_nr; i++) {
        files[i] = parcel->files[i];
        roles[i] = parcel->roles[i];
        periods[i] = parcel->periods[i];
        expect[i] = parcel->expect ? parcel->expect[i] : -1;
    }
    for (size_t i = parcel->file_nr; i < nr; i++)
        expect[i] = -1;
    parcel->files = files;
    parcel->roles = roles;
    parcel->periods = periods;
    parcel->expect = expect;
    return FTH_OK;
}

/* The files of `from` behind those of `to`. */
static enum fth_rc merge(struct fth_run *run, struct fth_parcel *to, const struct fth_parcel *from,
                         struct fth_err *err)
{
    int64_t *expect;
    enum fth_rc rc = make_room(run, to, from->file_nr, err);

    if (rc)
        return rc;
    expect = (int64_t *)(uintptr_t)to->expect;
    for (size_t i = 0; i < from->file_nr; i++) {
        to->files[to->file_nr + i] = from->files[i];
        to->roles[to->file_nr + i] = from->roles[i];
        to->periods[to->file_nr + i] = from->periods[i];
        expect[to->file_nr + i] = from->expect ? from->expect[i] : -1;
    }
    to->file_nr += from->file_nr;
    to->bytes += from->bytes;
    for (size_t i = 0; i < FTH_HALF_NR; i++)
        if (from->half[i].there)
            to->half[i] = from->half[i];
    return FTH_OK;
}

static void take_out(struct fth_run *run, size_t at)
{
    for (size_t i = at + 1; i < run->parcels.nr; i++)
        run->parcels.at[i - 1] = run->parcels.at[i];
    run->parcels.nr--;
}

/* Of two exports of the same half the one that ran later counts. */
static enum fth_rc drop_older(struct fth_run *run, size_t a, size_t b, struct fth_err *err)
{
    const struct fth_parcel *x = &run->parcels.at[a], *y = &run->parcels.at[b];
    int half = half_of(x);
    bool first = x->half[half].submitted_us < y->half[half].submitted_us;
    enum fth_rc rc = fth_text_add(
        &run->notes, err,
        FTH_STR_F ": an older run of the same half, not imported; newer is " FTH_STR_F,
        FTH_STR_A(first ? x->label : y->label), FTH_STR_A(first ? y->label : x->label));

    take_out(run, first ? a : b);
    return rc;
}

static enum fth_rc pair_up(struct fth_run *run, bool same_half, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < run->parcels.nr && !rc; i++)
        for (size_t k = i + 1; k < run->parcels.nr && !rc; k++) {
            struct fth_parcel *a = &run->parcels.at[i], *b = &run->parcels.at[k];
            size_t nr = run->parcels.nr;

            if (!same_bill(a, b) || (half_of(a) == half_of(b)) != same_half)
                continue;
            if (same_half) {
                rc = drop_older(run, i, k, err);
            } else {
                rc = half_of(a) == 0 ? merge(run, a, b, err) : merge(run, b, a, err);
                if (!rc && half_of(a) != 0)
                    *a = *b;
                take_out(run, k);
            }
            k = nr == run->parcels.nr ? k : i; /* what followed moved up */
        }
    return rc;
}

enum fth_rc fth_run_pair(struct fth_run *run, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < run->parcels.nr && !rc; i++)
        if (!run->parcels.at[i].rc && run->parcels.at[i].importer->halves)
            rc = set_roles(run, &run->parcels.at[i], err);
    if (!rc)
        rc = pair_up(run, true, err);
    if (!rc)
        rc = pair_up(run, false, err);
    for (size_t i = 0; i < run->parcels.nr && !rc; i++)
        if (!run->parcels.at[i].rc && run->parcels.at[i].importer->halves &&
            run->parcels.at[i].bundle)
            rc = name_pair(run, &run->parcels.at[i], err);
    return rc;
}

/* ---- the half that came before ---- */

/* What is loaded of the parcel's source and period. */
struct loaded {
    struct fth_delivery delivery;
    const struct fth_json *report;
    struct fth_half half[FTH_HALF_NR];
    bool runs; /* by manifests */
};

static enum fth_rc find_source(struct fth_run *run, const struct fth_parcel *parcel, int64_t *out,
                               struct fth_err *err)
{
    struct fth_source *sources = NULL;
    size_t nr = 0;
    enum fth_rc rc = fth_catalogue_sources(run->db, run->arena, &sources, &nr, err);

    *out = 0;
    for (size_t i = 0; i < nr && !rc; i++) {
        bool named = run->request->source.n && fth_str_eq(sources[i].name, run->request->source);
        bool same = !run->request->source.n &&
                    fth_str_eq(sources[i].provider, parcel->probe.provider) &&
                    fth_str_eq(sources[i].billing_account, parcel->probe.account) &&
                    fth_str_eq(sources[i].dataset, parcel->dataset);

        if (named || same)
            *out = sources[i].id;
    }
    return rc;
}

/* The halves that the parcel has of the period of its file `at`. */
static void halves_of(const struct fth_parcel *parcel, size_t at, struct fth_half mine[FTH_HALF_NR])
{
    for (size_t i = 0; i < FTH_HALF_NR; i++) {
        mine[i] = parcel->half[i];
        mine[i].there = false;
        for (size_t k = 0; k < parcel->file_nr; k++)
            mine[i].there |= parcel->periods[k] == parcel->periods[at] &&
                             role_nr(parcel->importer->halves, parcel->roles[k]) == (int)i;
    }
}

static enum fth_rc read_loaded(struct fth_run *run, const struct fth_importer_halves *halves,
                               struct loaded *out, struct fth_err *err)
{
    const struct fth_json *files, *parts;
    enum fth_rc rc = fth_json_parse(run->arena, out->delivery.report, NULL, &out->report, err);

    if (rc)
        return rc;
    files = fth_json_get(out->report, "files");
    parts = fth_json_get(out->report, "halves");
    for (size_t i = 0; fth_json_is(files, FTH_JSON_ARRAY) && i < files->nr; i++) {
        int half = role_nr(halves, fth_json_str(&files->items[i], "role", FTH_STR("")).p);

        if (half >= 0)
            out->half[half].there = true;
    }
    out->runs = fth_json_is(parts, FTH_JSON_ARRAY);
    for (size_t i = 0; out->runs && i < parts->nr; i++) {
        int half = role_nr(halves, fth_json_str(&parts->items[i], "role", FTH_STR("")).p);

        if (half < 0)
            continue;
        out->half[half].identity = fth_json_str(&parts->items[i], "run", FTH_STR(""));
        fth_json_i64(fth_json_get(&parts->items[i], "submitted_us"), &out->half[half].submitted_us);
    }
    return FTH_OK;
}

/* Does the loaded half stand against the one that comes? */
static bool keeps(const struct fth_half *theirs, const struct fth_half *mine)
{
    if (!theirs->there || !mine->there)
        return theirs->there;
    if (!mine->identity.n)
        return false; /* loose files: what is in them decides later */
    return !fth_str_eq(mine->identity, theirs->identity) && mine->submitted_us &&
           mine->submitted_us < theirs->submitted_us;
}

static enum fth_rc gone(struct fth_run *run, struct fth_parcel *parcel, const struct loaded *loaded,
                        size_t half, struct fth_str path, const char *why, struct fth_err *err)
{
    const char *role = parcel->importer->halves->roles[half];

    parcel->rc = FTH_E_CONFLICT;
    return fth_arena_printf(
        run->arena, &parcel->why, err,
        FTH_STR_F ": the %s half of this bill was loaded as delivery %lld from "
                  "\"" FTH_STR_F "\", which %s\nGive the %s half again, together "
                  "with this one.",
        FTH_STR_A(parcel->label), role, (long long)loaded->delivery.id, FTH_STR_A(path), why, role);
}

/* Adds the files of a half that is loaded, when they are still what they were. */
static enum fth_rc add_loaded(struct fth_run *run, struct fth_parcel *parcel,
                              const struct loaded *loaded, size_t half, int64_t period_us,
                              struct fth_err *err)
{
    const struct fth_json *files = fth_json_get(loaded->report, "files");
    const char *role = parcel->importer->halves->roles[half];
    enum fth_rc rc = make_room(run, parcel, files->nr, err);

    for (size_t i = 0; i < files->nr && !rc; i++) {
        struct fth_str path = fth_json_str(&files->items[i], "path", FTH_STR(""));
        struct fth_str was = fth_json_str(&files->items[i], "sha256", FTH_STR(""));
        struct fth_err why = {0};
        char content[FTH_SHA256_HEX], is[FTH_SHA256_HEX];

        if (!fth_str_eq_c(fth_json_str(&files->items[i], "role", FTH_STR("")), role))
            continue;
        if (!fth_file_is_file(path.p))
            return gone(run, parcel, loaded, half, path, "is not there any more", err);
        rc = fth_import_feed_hash(path.p, run->request->cancel, content, is, &why);
        if (rc == FTH_E_CANCELLED || rc == FTH_E_NOMEM)
            return fth_err_set(err, rc, "%s", why.msg);
        if (rc || !fth_str_eq_c(was, is))
            return gone(run, parcel, loaded, half, path, "has changed since", err);
        parcel->files[parcel->file_nr] = path.p;
        parcel->roles[parcel->file_nr] = role;
        parcel->periods[parcel->file_nr] = period_us;
        parcel->file_nr++;
    }
    parcel->half[half] = loaded->half[half];
    return rc;
}

/* Takes the files of a half out of the parcel. */
static void leave_out(struct fth_parcel *parcel, size_t half)
{
    size_t nr = 0;
    int64_t *expect = (int64_t *)(uintptr_t)parcel->expect;

    for (size_t i = 0; i < parcel->file_nr; i++) {
        if (role_nr(parcel->importer->halves, parcel->roles[i]) == (int)half)
            continue;
        parcel->files[nr] = parcel->files[i];
        parcel->roles[nr] = parcel->roles[i];
        parcel->periods[nr] = parcel->periods[i];
        if (expect)
            expect[nr] = expect[i];
        nr++;
    }
    parcel->file_nr = nr;
}

static enum fth_rc complete(struct fth_run *run, struct fth_parcel *parcel, size_t at,
                            const struct loaded *loaded, struct fth_err *err)
{
    bool keep[FTH_HALF_NR] = {false}, newer = false, older = false;
    int64_t period_us = parcel->periods[at];
    struct fth_half mine[FTH_HALF_NR];
    enum fth_rc rc = make_room(run, parcel, 0, err);

    halves_of(parcel, at, mine);
    for (size_t i = 0; i < FTH_HALF_NR && !rc; i++) {
        const struct fth_half *theirs = &loaded->half[i];

        keep[i] = keeps(theirs, &mine[i]);
        older |= keep[i] && mine[i].there;
        newer |= mine[i].there && !keep[i] &&
                 (!mine[i].identity.n || !fth_str_eq(mine[i].identity, theirs->identity));
    }
    if (!rc && !newer && loaded->runs) {
        parcel->stale = older; /* nothing new in it */
        if (!older) {
            struct fth_bundle *bundle = (struct fth_bundle *)(uintptr_t)parcel->bundle;

            bundle->manifest.identity = loaded->delivery.identity;
        }
        return FTH_OK;
    }
    for (size_t i = 0; i < FTH_HALF_NR && !rc && !parcel->rc; i++) {
        /* Only beside the other half that is known to be there. */
        parcel->completes |=
            mine[i].there && !loaded->half[i].there && loaded->half[FTH_HALF_NR - 1 - i].there;
        if (!keep[i])
            continue;
        if (mine[i].there)
            leave_out(parcel, i);
        rc = add_loaded(run, parcel, loaded, i, period_us, err);
    }
    return rc || parcel->rc || !parcel->bundle ? rc : name_pair(run, parcel, err);
}

/* For the period of the parcel's file `at`. */
static enum fth_rc complete_period(struct fth_run *run, struct fth_parcel *parcel, size_t at,
                                   int64_t source_id, struct fth_err *err)
{
    struct loaded loaded = {0};
    struct fth_str period;
    struct fth_err none = {0};
    enum fth_rc rc = fth_period_text(run->arena, parcel->periods[at], &period, err);

    if (rc)
        return rc;
    rc = fth_catalogue_current(run->db, run->arena, source_id, period, &loaded.delivery, &none);
    if (rc == FTH_E_NOTFOUND)
        return FTH_OK;
    if (rc) {
        *err = none;
        return rc;
    }
    rc = read_loaded(run, parcel->importer->halves, &loaded, err);
    if (rc || loaded.runs != (parcel->bundle != NULL))
        return rc;
    return complete(run, parcel, at, &loaded, err);
}

enum fth_rc fth_parcel_complete(struct fth_run *run, struct fth_parcel *parcel, struct fth_err *err)
{
    size_t nr = parcel->bundle ? 1 : parcel->file_nr;
    int64_t source_id = 0;
    enum fth_rc rc = FTH_OK;

    if (run->request->mode == FTH_IMPORT_DECIDE)
        rc = find_source(run, parcel, &source_id, err);
    for (size_t i = 0; i < nr && source_id && !rc && !parcel->rc; i++) {
        bool seen = parcel->periods[i] == FTH_FEED_ANY_PERIOD;

        for (size_t k = 0; k < i; k++)
            seen |= parcel->periods[k] == parcel->periods[i];
        if (!seen)
            rc = complete_period(run, parcel, i, source_id, err);
    }
    return rc;
}
