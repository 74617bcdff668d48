/* sort: of what kind the files are, and which belong together. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"
#include "import/import_int.h"

enum { SURE = 80, MARGIN = 15, HEAD_ROWS = 20, WORDS_MAX = 400 };

struct guess {
    const struct fth_importer *importer;
    const struct fth_mapping *mapping;
    int score;
    struct fth_probe probe;
    struct fth_str reason; /* in the run's arena */
};

/* The needed columns that the file lacks, " (without MeterCategory)". */
static void put_lacking(struct fth_buf *buf, const struct fth_importer *importer,
                        const struct fth_feed_head *head)
{
    bool first = true;

    for (size_t i = 0; importer->needed[i]; i++) {
        if (fth_importer_column(importer->layout, head, importer->needed[i]) != SIZE_MAX)
            continue;
        fth_buf_printf(buf, "%s%s", first ? " (without " : ", ", importer->needed[i]);
        first = false;
    }
    if (!first)
        fth_buf_char(buf, ')');
}

/* Ids of importers, for messages: all, or those that think it may be theirs. */
static void put_ids(struct fth_buf *buf, const struct fth_feed_head *head)
{
    bool first = true;

    for (size_t i = 0; i < fth_importer_nr(); i++) {
        struct fth_probe probe;

        if (head && fth_importer_at(i)->probe(head, &probe) == 0)
            continue;
        fth_buf_printf(buf, "%s%s", first ? "" : ", ", fth_importer_at(i)->id);
        if (head)
            put_lacking(buf, fth_importer_at(i), head);
        first = false;
    }
}

/* The datasets of FOCUS that hold no charges, by the column that only they have. */
static const struct {
    const char *column, *name, *use;
} no_charges[] = {
    {"ContractCommitmentId", "Contract Commitment", ""},
    {"InvoiceDetailId", "Invoice Detail",
     "farthing reconcile --invoice FILE compares the charges with it; "},
    {"BillingPeriodStatus", "Billing Period", ""},
};

/* FTH_OK when it is none of them. */
static enum fth_rc refuse_without_charges(const char *path, const struct fth_feed_head *head,
                                          struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(no_charges); i++)
        if (fth_importer_has(head, no_charges[i].column)) {
            fth_err_set(err, FTH_E_NOTFOUND, "%s: a FOCUS %s file, which holds no charges", path,
                        no_charges[i].name);
            fth_err_hint(err, "%sfarthing focus validate FILE checks it.", no_charges[i].use);
            return err->rc;
        }
    return FTH_OK;
}

/* What separates the fields of a header that has no comma; NULL: nothing that is known. */
static const char *separator_of(const struct fth_feed_head *head)
{
    static const char *const names[][2] = {{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}};

    for (size_t i = 0; i < FTH_NR(names) && head->header_nr == 1; i++)
        if (fth_str_search(head->headers[0], fth_str_c(names[i][0])) != SIZE_MAX)
            return names[i][1];
    return NULL;
}

static enum fth_rc unknown(const char *path, const struct fth_feed_head *head, bool doubtful,
                           struct fth_err *err)
{
    struct fth_buf ids = fth_buf_max(WORDS_MAX);
    enum fth_rc rc = refuse_without_charges(path, head, err);
    const char *mark;

    if (rc)
        return rc;
    put_ids(&ids, doubtful ? head : NULL);
    mark = separator_of(head);
    if (mark)
        rc = fth_err_set(err, FTH_E_NOTFOUND,
                         "%s: no bill of a known kind: those have commas between their fields, and "
                         "this one %s",
                         path, mark);
    else if (doubtful)
        rc = fth_err_set(err, FTH_E_INVALID, "%s: could be a bill of these kinds: %.*s", path,
                         FTH_STR_A(fth_buf_view(&ids)));
    else
        rc = fth_err_set(err, FTH_E_NOTFOUND,
                         "%s: no bill of a known kind (its first column is \"" FTH_STR_F "\")",
                         path, FTH_STR_A(head->header_nr ? head->headers[0] : FTH_STR("")));
    fth_buf_clear(&ids);
    put_ids(&ids, NULL);
    fth_err_hint(err,
                 "Say which kind it is with --format, one of: %.*s. For costs of your own begin a "
                 "mapping: farthing ingest --propose-mapping FILE.",
                 FTH_STR_A(fth_buf_view(&ids)));
    fth_buf_release(&ids);
    return rc;
}

static enum fth_rc best_guess(const char *path, const struct fth_feed_head *head, struct guess *out,
                              struct fth_err *err)
{
    struct guess best = {0};
    int second = 0;

    for (size_t i = 0; i < fth_importer_nr(); i++) {
        struct guess guess = {.importer = fth_importer_at(i)};

        guess.score = guess.importer->probe(head, &guess.probe);
        if (guess.score > best.score) {
            second = best.score;
            best = guess;
        } else if (guess.score > second) {
            second = guess.score;
        }
    }
    if (best.score < SURE || second > best.score - MARGIN)
        return unknown(path, head, best.score > 0, err);
    *out = best;
    return FTH_OK;
}

static enum fth_rc forced(const struct fth_run *run, const char *path,
                          const struct fth_feed_head *head, struct guess *out, struct fth_err *err)
{
    struct guess guess = {.importer = fth_importer_named(run->request->format)};

    FTH_CHECK(guess.importer !=
              NULL); /* the run refuses an unknown format before it looks at files */
    if (fth_str_eq_c(run->request->format, "custom")) {
        fth_err_set(err, FTH_E_INVALID, "%s: custom costs want a mapping", path);
        fth_err_hint(err,
                     "Name it with --mapping; farthing ingest --propose-mapping FILE begins one.");
        return err->rc;
    }
    guess.score = guess.importer->probe(head, &guess.probe);
    if (!guess.score)
        return fth_err_set(err, FTH_E_INVALID, "%s: has none of the columns of %s", path,
                           guess.importer->id);
    *out = guess;
    return FTH_OK;
}

static enum fth_rc refuse_missing(const char *path, const struct fth_importer *importer,
                                  const struct fth_feed_head *head, struct fth_err *err)
{
    FTH_CHECK(importer != NULL);
    for (size_t i = 0; importer->needed[i]; i++)
        if (fth_importer_column(importer->layout, head, importer->needed[i]) == SIZE_MAX)
            return fth_err_set(err, FTH_E_INVALID, "%s: column %s is missing", path,
                               importer->needed[i]);
    return FTH_OK;
}

static enum fth_rc copy_probe(struct fth_arena *arena, struct fth_probe *probe, struct fth_err *err)
{
    enum fth_rc rc = fth_arena_str(arena, probe->provider, &probe->provider, err);

    return rc ? rc : fth_arena_str(arena, probe->account, &probe->account, err);
}

/* The columns by which a file is known, as they stand there. */
static enum fth_rc put_reason(struct fth_run *run, struct guess *guess,
                              const struct fth_feed_head *head, struct fth_err *err)
{
    const struct fth_importer *importer = guess->importer;
    struct fth_buf words = fth_buf_max(WORDS_MAX);
    enum fth_rc rc;

    fth_buf_printf(&words, "%s%s" FTH_STR_F " by column", importer->id,
                   guess->probe.version.n ? " " : "", FTH_STR_A(guess->probe.version));
    for (size_t i = 0; importer->needed[i]; i++) {
        size_t at = fth_importer_column(importer->layout, head, importer->needed[i]);

        if (at != SIZE_MAX)
            fth_buf_printf(&words, "%s" FTH_STR_F, i ? ", " : " ", FTH_STR_A(head->headers[at]));
    }
    if (run->request->format.n)
        fth_buf_c(&words, ", as --format says");
    rc = fth_buf_done(&words, err);
    if (!rc)
        rc = fth_arena_str(run->arena, fth_buf_view(&words), &guess->reason, err);
    fth_buf_release(&words);
    return rc;
}

/* ---- mappings ---- */

/* Each text is read once, so that files of one mapping are of one source. */
static enum fth_rc known_mapping(struct fth_run *run, struct fth_str text, const char *name,
                                 const struct fth_mapping **out, struct fth_err *err)
{
    const struct fth_mapping *mapping = NULL;
    enum fth_rc rc = fth_mapping_read(run->arena, text, name, &mapping, err);

    for (size_t i = 0; !rc && i < run->mappings.nr; i++)
        if (strcmp(run->mappings.at[i]->digest, mapping->digest) == 0) {
            *out = run->mappings.at[i];
            return FTH_OK;
        }
    if (!rc)
        rc = fth_mapping_vec_push(&run->mappings, mapping, err);
    if (!rc)
        *out = mapping;
    return rc;
}

/* The request's, else the one that lies beside the file; *out stays NULL when there is none. */
static enum fth_rc find_mapping(struct fth_run *run, const char *path,
                                const struct fth_mapping **out, struct fth_err *err)
{
    const struct fth_import_request *request = run->request;
    struct fth_str beside, text;
    enum fth_rc rc;

    if (request->mapping.n)
        return known_mapping(run, request->mapping,
                             request->mapping_name ? request->mapping_name : "mapping", out, err);
    rc = fth_arena_printf(run->arena, &beside, err, "%s" FTH_MAPPING_BESIDE, path);
    if (rc || !fth_file_is_file(beside.p))
        return rc;
    rc = fth_file_read(run->arena, beside.p, FTH_MAPPING_MAX, &text, err);
    return rc ? rc : known_mapping(run, text, beside.p, out, err);
}

static enum fth_rc by_mapping(struct fth_run *run, const char *path, struct fth_arena *arena,
                              const struct fth_feed_head *head, struct guess *out,
                              struct fth_err *err)
{
    const struct fth_mapping *mapping = out->mapping;
    enum fth_rc rc;

    out->importer = &mapping->importer;
    rc = fth_mapping_probe(mapping, path, head, arena, &out->probe, err);
    return rc ? rc
              : fth_arena_printf(run->arena, &out->reason, err, "custom by the mapping %s",
                                 mapping->name);
}

/* What the file is, by its head. */
static enum fth_rc look(struct fth_run *run, const char *path, struct guess *out,
                        struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new((size_t)64 << 20);
    struct fth_feed_head head = {0};
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = find_mapping(run, path, &out->mapping, err);
    if (!rc)
        rc = fth_import_feed_head(run->ledger, path, HEAD_ROWS,
                                  out->mapping ? out->mapping->layout.delimiter : 0, arena, &head,
                                  err);
    if (!rc && out->mapping)
        rc = by_mapping(run, path, arena, &head, out, err);
    else if (!rc)
        rc = run->request->format.n ? forced(run, path, &head, out, err)
                                    : best_guess(path, &head, out, err);
    if (!rc)
        rc = copy_probe(run->arena, &out->probe, err);
    if (!rc && !out->mapping)
        rc = put_reason(run, out, &head, err);
    if (!rc)
        rc = refuse_missing(path, out->importer, &head, err);
    fth_arena_free(arena);
    return rc;
}

/* The parcel takes what was found wrong; only the run's own troubles go up. */
static enum fth_rc set_aside(struct fth_run *run, struct fth_parcel *parcel,
                             const struct fth_err *why, struct fth_err *err)
{
    if (fth_import_is_fatal(why->rc)) {
        *err = *why;
        return why->rc;
    }
    parcel->rc = why->rc;
    return fth_arena_printf(run->arena, &parcel->why, err, "%s%s%s", why->msg,
                            why->hint[0] ? "\n" : "", why->hint);
}

/* For progress only; a file that cannot be seen fails when it is read. */
static int64_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) ? 0 : st.st_size;
}

static enum fth_rc new_parcel(struct fth_run *run, const struct fth_bundle *bundle,
                              struct fth_parcel *out, struct fth_err *err)
{
    size_t nr = bundle->file_nr ? bundle->file_nr : 1;

    *out = (struct fth_parcel){.file_nr = bundle->file_nr,
                               .probe = {.period_us = FTH_FEED_ANY_PERIOD}};
    if (fth_run_shown(run, bundle->path, &out->label, err))
        return err->rc;
    out->files = FTH_NEW_ARRAY(run->arena, const char *, nr);
    out->periods = FTH_NEW_ARRAY(run->arena, int64_t, nr);
    out->hashes = fth_arena_array(run->arena, nr, sizeof(*out->hashes));
    if (!out->files || !out->periods || !out->hashes)
        return fth_err_nomem(err);
    for (size_t i = 0; i < bundle->file_nr; i++) {
        out->files[i] = bundle->files[i];
        out->bytes += size_of(bundle->files[i]);
        out->periods[i] = FTH_FEED_ANY_PERIOD;
    }
    return FTH_OK;
}

static bool has_first_record(const struct fth_probe *probe)
{
    return probe->account.n || probe->period_us != FTH_FEED_ANY_PERIOD;
}

static enum fth_rc sort_manifest(struct fth_run *run, const struct fth_bundle *bundle,
                                 struct fth_err *err)
{
    struct fth_parcel parcel;
    struct fth_err why = {0};
    enum fth_rc rc = new_parcel(run, bundle, &parcel, err);

    if (rc)
        return rc;
    parcel.bundle = bundle;
    parcel.dataset = bundle->manifest.dataset;
    parcel.expect = bundle->manifest.rows;
    for (size_t i = 0; i < parcel.file_nr && !why.rc; i++) {
        struct guess guess = {0};

        if (look(run, parcel.files[i], &guess, &why)) {
            if (!parcel.importer && guess.importer) {
                parcel.importer = guess.importer;
                parcel.probe = guess.probe;
            }
            break;
        }
        if (parcel.importer && parcel.importer != guess.importer)
            fth_err_set(&why, FTH_E_INVALID, "%s: of another kind than the files before it",
                        parcel.files[i]);
        if (!parcel.importer || !has_first_record(&parcel.probe))
            parcel.probe = guess.probe;
        parcel.importer = guess.importer;
        parcel.mapping = guess.mapping;
        parcel.recognised = guess.reason;
        parcel.periods[i] = guess.probe.period_us;
    }
    /* The two halves of one bill are two exports of different names. */
    if (parcel.importer && bundle->manifest.kind == FTH_MANIFEST_AZURE)
        parcel.dataset = parcel.probe.dataset;
    if (why.rc)
        rc = set_aside(run, &parcel, &why, err);
    if (!parcel.probe.account.n)
        parcel.probe.account = bundle->manifest.account;
    if (!parcel.dataset.n)
        parcel.dataset = parcel.probe.dataset;
    return rc ? rc : fth_parcel_vec_push(&run->parcels, parcel, err);
}

static bool same_source(const struct fth_parcel *parcel, const struct guess *guess)
{
    const struct fth_importer *importer = parcel->importer;

    return importer && !importer->appends && !parcel->bundle && !parcel->rc &&
           importer == guess->importer &&
           fth_str_eq(parcel->probe.provider, guess->probe.provider) &&
           fth_str_eq(parcel->probe.account, guess->probe.account) &&
           fth_str_eq(parcel->dataset, guess->probe.dataset);
}

static enum fth_rc join(struct fth_run *run, struct fth_parcel *parcel, const char *file,
                        int64_t period_us, struct fth_err *err)
{
    size_t nr = parcel->file_nr;
    const char **files = FTH_NEW_ARRAY(run->arena, const char *, nr + 1);
    int64_t *periods = FTH_NEW_ARRAY(run->arena, int64_t, nr + 1);

    parcel->hashes = fth_arena_array(run->arena, nr + 1, sizeof(*parcel->hashes));
    if (!files || !periods || !parcel->hashes)
        return fth_err_nomem(err);
    memcpy(files, parcel->files, nr * sizeof(*files));
    memcpy(periods, parcel->periods, nr * sizeof(*periods));
    files[nr] = file;
    parcel->bytes += size_of(file);
    periods[nr] = period_us;
    parcel->files = files;
    parcel->periods = periods;
    parcel->file_nr = nr + 1;
    return FTH_OK;
}

/* A loose file joins those of its source. In a folder there may be files that are no bills. */
static enum fth_rc sort_loose(struct fth_run *run, const struct fth_bundle *bundle,
                              struct fth_err *err)
{
    struct fth_parcel parcel;
    struct guess guess = {0};
    struct fth_err why = {0};
    enum fth_rc rc = look(run, bundle->files[0], &guess, &why);

    if (rc == FTH_E_NOTFOUND && !bundle->named)
        return fth_text_add(&run->notes, err, "%s, passed over", why.msg);
    for (size_t i = 0; i < run->parcels.nr && !rc; i++)
        if (same_source(&run->parcels.at[i], &guess))
            return join(run, &run->parcels.at[i], bundle->files[0], guess.probe.period_us, err);
    rc = new_parcel(run, bundle, &parcel, err);
    if (rc)
        return rc;
    if (why.rc)
        rc = set_aside(run, &parcel, &why, err);
    if (guess.importer) {
        parcel.importer = guess.importer;
        parcel.mapping = guess.mapping;
        parcel.recognised = guess.reason;
        parcel.probe = guess.probe;
        parcel.dataset = guess.probe.dataset;
        parcel.periods[0] = guess.probe.period_us;
    }
    return rc ? rc : fth_parcel_vec_push(&run->parcels, parcel, err);
}

static enum fth_rc sort_wrong(struct fth_run *run, const struct fth_bundle *bundle,
                              struct fth_err *err)
{
    struct fth_parcel parcel;
    enum fth_rc rc = new_parcel(run, bundle, &parcel, err);

    parcel.rc = bundle->rc;
    parcel.why = bundle->why;
    return rc ? rc : fth_parcel_vec_push(&run->parcels, parcel, err);
}

enum fth_rc fth_run_sort(struct fth_run *run, const struct fth_discovery *found,
                         struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (run->request->mapping.n && run->request->format.n &&
        !fth_str_eq_c(run->request->format, "custom"))
        return fth_err_set(err, FTH_E_USAGE, "a mapping is for custom costs, not for " FTH_STR_F,
                           FTH_STR_A(run->request->format));
    if (run->request->format.n && !fth_importer_named(run->request->format)) {
        struct fth_buf ids = fth_buf_max(WORDS_MAX);

        put_ids(&ids, NULL);
        rc = fth_err_set(err, FTH_E_USAGE, "no format \"" FTH_STR_F "\"",
                         FTH_STR_A(run->request->format));
        fth_err_hint(err, "It is one of: %.*s.", FTH_STR_A(fth_buf_view(&ids)));
        fth_buf_release(&ids);
    }
    for (size_t i = 0; i < found->note_nr && !rc; i++)
        rc = fth_text_vec_push(&run->notes, found->notes[i], err);
    for (size_t i = 0; i < found->nr && !rc; i++) {
        const struct fth_bundle *bundle = &found->at[i];

        rc = fth_cancel_check(run->request->cancel, err);
        if (!rc)
            rc = bundle->rc      ? sort_wrong(run, bundle, err)
                 : bundle->loose ? sort_loose(run, bundle, err)
                                 : sort_manifest(run, bundle, err);
    }
    return rc ? rc : fth_run_pair(run, err);
}
