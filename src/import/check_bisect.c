/*
 * check_bisect: where what a bill says and what is stored of it differ.
 *
 * Only when they do: then the files are read once more, this time every record as one row, and both
 * sides are narrowed from group to day to account to file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/sql.h"
#include "import/check_int.h"

/* Where more groups than WRONG_MAX differ it is the bill, and no place in it. */
enum { WRONG_MAX = 100, FILES_MAX = 500, PLACE_MAX = 64 * 1024, ARENA_MAX = 256 << 20 };

/* Which checks there is something to narrow of. */
enum measure { BILLED, EFFECTIVE };

static const struct kind {
    const char *check, *sides; /* statements of sql/import/check.sql */
    const char *tolerance;
    const char *unless; /* that check failed as well: then it says it all */
    enum measure measure;
    bool halves; /* only of bills in two exports */
} kinds[] = {
    {"native-total", "services", "0", NULL, BILLED},
    {"native-effective", "services", "0", NULL, EFFECTIVE},
    {"services", "services", "0", "native-total", BILLED},
    {"services", "services", "0", "native-effective", EFFECTIVE, .halves = true},
    {"invoices", "invoices", "0", NULL, BILLED},
    {"credits", "credits", "0", NULL, BILLED},
    {"credit-types", "credits", "0", "credits", BILLED},
    {"commitments", "commitments", "0.01", NULL, BILLED},
    {"negations", "negations", "0", NULL, BILLED},
};

struct bisect {
    const struct kind *kind;
    struct fth_lot *lot;
    const struct fth_str *paths; /* as they are shown, the last part */
    size_t path_nr;
};

/* The layout with rules that neither leave out records nor double them. */
static struct fth_feed_layout plain_layout(const struct fth_feed_layout *layout,
                                           struct fth_feed_rule rules[FTH_FEED_RULE_MAX])
{
    struct fth_feed_layout plain = *layout;

    for (size_t i = 0; i < layout->rule_nr; i++) {
        rules[i] = layout->rules[i];
        if (rules[i].action != FTH_RULE_EACH && !rules[i].aside)
            rules[i].action = FTH_RULE_COUNT;
    }
    plain.rules = rules;
    return plain;
}

/* The files that the total is of. */
static enum fth_rc choose_files(struct fth_run *run, const struct fth_parcel *parcel,
                                const struct fth_lot *lot, int total,
                                struct fth_feed_request *request, struct fth_err *err)
{
    const char *const *total_roles = parcel->importer->layout->total_roles;
    const char *role = total_roles ? total_roles[total] : NULL;
    const char **paths = FTH_NEW_ARRAY(run->arena, const char *, parcel->file_nr + 1);
    const char **roles = FTH_NEW_ARRAY(run->arena, const char *, parcel->file_nr + 1);

    if (!paths || !roles)
        return fth_err_nomem(err);
    for (size_t i = 0; i < parcel->file_nr; i++) {
        const char *own = parcel->roles ? parcel->roles[i] : NULL;

        if (!lot->uses[i] || (role && (!own || strcmp(own, role) != 0)))
            continue;
        roles[request->path_nr] = own;
        paths[request->path_nr++] = parcel->files[i];
    }
    request->paths = paths;
    request->roles = roles;
    return FTH_OK;
}

/* Which file a record is of, counted from 0; of very many files nobody says. */
static enum fth_rc put_place(const struct fth_run *run, const struct fth_lot *lot,
                             const struct fth_feed_request *request, struct fth_buf *out,
                             struct fth_err *err)
{
    int64_t record = 0;

    fth_buf_c(out, "0");
    for (size_t i = 0, at = 0; i < request->path_nr && request->path_nr < FILES_MAX; i++) {
        struct fth_str path = fth_str_c(request->paths[i]);
        enum fth_rc rc = fth_run_shown(run, path, &path, err);

        if (rc)
            return rc;
        while (at < lot->counts.file_nr && !fth_str_eq(lot->counts.files[at].path, path))
            at++;
        if (at == lot->counts.file_nr || i + 1 == request->path_nr)
            break;
        record += lot->counts.files[at].rows;
        fth_buf_printf(out, " + CAST(record > %" PRId64 " AS INTEGER)", record);
    }
    return fth_buf_done(out, err);
}

/* A check that does not hold: of that currency, where it is about one. */
static struct fth_check *failed(struct fth_lot *lot, const char *id, struct fth_str currency)
{
    for (size_t i = 0; i < lot->checks.nr; i++) {
        struct fth_check *check = &lot->checks.at[i];

        if (!check->ok && strcmp(check->id, id) == 0 &&
            (!check->currency.n || !currency.n || fth_str_eq(check->currency, currency)))
            return check;
    }
    return NULL;
}

/* "AmazonEC2, 2025-03-07, account 22, part-2.csv: difference -0.01 USD"; what is not told is left
 * out. */
static enum fth_rc tell_place(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    const struct bisect *bisect = ctx;
    struct fth_str currency = fth_check_text(batch, 0, i), account = fth_check_text(batch, 3, i);
    struct fth_check *check = failed(bisect->lot, bisect->kind->check, currency);
    const struct fth_vec *files = &batch->cols[4];
    struct fth_str path = {0}, line;
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_money amount;
    enum fth_rc rc = fth_check_money(batch, 5, i, &amount, err);

    if (rc || !check)
        return rc;
    if (fth_vec_is_valid(files, i)) {
        size_t file = (size_t)files->i32[files->constant ? 0 : i];

        path = file < bisect->path_nr ? bisect->paths[file] : FTH_STR("?");
    }
    rc = fth_arena_printf(
        bisect->lot->checks.arena, &line, err,
        FTH_STR_F ", " FTH_STR_F "%s" FTH_STR_F "%s" FTH_STR_F ": difference %.*s " FTH_STR_F "%s",
        FTH_STR_A(fth_check_text(batch, 1, i)), FTH_STR_A(fth_check_text(batch, 2, i)),
        account.n ? ", " : "", FTH_STR_A(account), path.n ? ", " : "", FTH_STR_A(path),
        (int)fth_money_text(amount, text), text, FTH_STR_A(currency),
        bisect->kind->measure == EFFECTIVE ? " effective" : "");
    return rc ? rc : fth_text_vec_push(&check->where, line, err);
}

static enum fth_rc shown_paths(const struct fth_run *run, const struct fth_feed_request *request,
                               struct bisect *out, struct fth_err *err)
{
    struct fth_str *paths = FTH_NEW_ARRAY(run->arena, struct fth_str, request->path_nr + 1);

    if (!paths)
        return fth_err_nomem(err);
    for (size_t i = 0; i < request->path_nr; i++)
        if (fth_run_shown(run, fth_str_c(request->paths[i]), &paths[i], err))
            return err->rc;
    for (size_t i = 0; i < request->path_nr; i++)
        paths[i] = fth_check_base(paths[i]);
    out->paths = paths;
    out->path_nr = request->path_nr;
    return FTH_OK;
}

/* A statement with the segment's table and `words` filled in. */
static enum fth_rc side(struct fth_run *run, const struct fth_lot *lot, const char *form,
                        const char *what, const struct fth_word *word, struct fth_str *out,
                        struct fth_err *err)
{
    struct fth_word words[4] = {{"table", {0}}, {"daily", {0}}};
    char name[96], table[32];

    snprintf(table, sizeof(table), "seg_%" PRId64, lot->segment_id);
    snprintf(name, sizeof(name), form, what);
    words[0].text = fth_str_c(table);
    words[2] = *word;
    if (fth_statement(run->arena, "import/check/bisect/daily", words, 1, &words[1].text, err))
        return err->rc;
    return fth_statement(run->arena, name, words, 3, out, err);
}

static enum fth_rc compare(struct fth_session *session, struct fth_run *run,
                           const struct fth_parcel *parcel, const struct fth_feed_request *request,
                           int total, struct bisect *bisect, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    const struct kind *kind = bisect->kind;
    const struct fth_word stored = {"cost", kind->measure == EFFECTIVE ? FTH_STR("EffectiveCost")
                                                                       : FTH_STR("BilledCost")};
    const struct fth_word own = {"cost", fth_str_c(importer->layout->totals[total])};
    struct fth_word native = {"native", {0}}, words[4] = {{"tolerance", fth_str_c(kind->tolerance)},
                                                          {"file", {0}},
                                                          {"told", {0}},
                                                          {"kept", {0}}};
    struct fth_buf place = fth_buf_max(PLACE_MAX);
    enum fth_rc rc = put_place(run, bisect->lot, request, &place, err);

    if (!rc)
        rc = shown_paths(run, request, bisect, err);
    if (!rc)
        rc = side(run, bisect->lot, "import/check/native/%s",
                  importer->mapping ? importer->mapping : importer->id, &own, &native.text, err);
    if (!rc)
        rc = fth_statement(run->arena, "import/check/bisect/native", &native, 1, &native.text, err);
    if (!rc)
        rc = side(run, bisect->lot, "import/check/bisect/told/%s", kind->sides, &native,
                  &words[2].text, err);
    if (!rc)
        rc = side(run, bisect->lot, "import/check/bisect/kept/%s", kind->sides, &stored,
                  &words[3].text, err);
    words[1].text = fth_buf_view(&place);
    if (!rc)
        rc = fth_check_query(session, run, bisect->lot, "import/check/bisect", words, FTH_NR(words),
                             tell_place, bisect, err);
    fth_buf_release(&place);
    return rc;
}

static enum fth_rc narrow(struct fth_session *session, struct fth_run *run,
                          const struct fth_parcel *parcel, struct bisect *bisect,
                          struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    int total =
        bisect->kind->measure == EFFECTIVE ? importer->totals.effective : importer->totals.billed;
    struct fth_feed_rule rules[FTH_FEED_RULE_MAX];
    struct fth_feed_layout layout = plain_layout(importer->layout, rules);
    struct fth_feed_request request = {.layout = &layout,
                                       .period_us = bisect->lot->period_us,
                                       .wide = ~0u,
                                       .tolerate = run->request->tolerate,
                                       .ledger = run->ledger,
                                       .cancel = run->request->cancel};
    struct fth_import_feed *feed = NULL;
    struct fth_arena *arena = fth_arena_new(ARENA_MAX);
    enum fth_rc rc = arena ? FTH_OK : fth_err_nomem(err);

    if (!rc)
        rc = choose_files(run, parcel, bisect->lot, total, &request, err);
    if (!rc)
        rc = fth_import_feed_open(&request, arena, &feed, err);
    if (!rc)
        rc = fth_session_feed(session, fth_import_feed_feed(feed), err);
    if (!rc) {
        rc = compare(session, run, parcel, &request, total, bisect, err);
        fth_session_unfeed(session, fth_import_feed_feed(feed));
    }
    if (feed)
        fth_import_feed_close(feed);
    fth_arena_free(arena);
    return rc;
}

enum fth_rc fth_check_bisect(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err)
{
    const struct fth_str any = {0};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(kinds) && !rc; i++) {
        struct bisect bisect = {.kind = &kinds[i], .lot = lot};
        const struct fth_importer *importer = parcel->importer;
        const struct fth_check *wrong = failed(lot, kinds[i].check, any);
        bool told = (kinds[i].measure == BILLED || importer->totals.effective >= 0) &&
                    (!kinds[i].halves || importer->halves);

        if (told && wrong && wrong->wrong_nr <= WRONG_MAX &&
            !(kinds[i].unless && failed(lot, kinds[i].unless, any)))
            rc = narrow(session, run, parcel, &bisect, err);
    }
    return rc;
}
