/*
 * check_bisect: where a bill's own total and what is stored of it differ.
 *
 * Only when they do: then the files are read once more, this time every record as one row, and both
 * sides are narrowed from service to day to account to file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/sql.h"
#include "import/check_int.h"

enum { FILES_MAX = 500, PLACE_MAX = 64 * 1024, ARENA_MAX = 256 << 20 };

struct bisect {
    struct fth_lot *lot;
    struct fth_check *check; /* of the currency that is told of */
    const struct fth_str *paths;
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
                                const struct fth_lot *lot, struct fth_feed_request *request,
                                struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    const char *const *total_roles = importer->layout->total_roles;
    const char *role = total_roles ? total_roles[importer->totals.billed] : NULL;
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

static struct fth_check *failed_of(struct fth_lot *lot, struct fth_str currency)
{
    for (size_t i = 0; i < lot->checks.nr; i++)
        if (strcmp(lot->checks.at[i].id, "native-total") == 0 && !lot->checks.at[i].ok &&
            fth_str_eq(lot->checks.at[i].currency, currency))
            return &lot->checks.at[i];
    return NULL;
}

static enum fth_rc tell_place(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    const struct bisect *bisect = ctx;
    struct fth_str service = fth_check_text(batch, 1, i), account = fth_check_text(batch, 3, i);
    struct fth_str currency = fth_check_text(batch, 0, i), line;
    struct fth_check *check = failed_of(bisect->lot, currency);
    int64_t file = batch->cols[4].i32[batch->cols[4].constant ? 0 : i];
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_money amount;
    enum fth_rc rc = fth_check_money(batch, 5, i, &amount, err);

    if (rc || !check)
        return rc;
    rc = fth_arena_printf(
        bisect->lot->checks.arena, &line, err,
        FTH_STR_F ", " FTH_STR_F ", account " FTH_STR_F ", " FTH_STR_F
                  ": difference %.*s " FTH_STR_F,
        FTH_STR_A(service.n ? service : FTH_STR("no service")),
        FTH_STR_A(fth_check_text(batch, 2, i)), FTH_STR_A(account.n ? account : FTH_STR("none")),
        FTH_STR_A(file >= 0 && (size_t)file < bisect->path_nr ? bisect->paths[file] : FTH_STR("?")),
        (int)fth_money_text(amount, text), text, FTH_STR_A(currency));
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

static enum fth_rc compare(struct fth_session *session, struct fth_run *run,
                           const struct fth_parcel *parcel, const struct fth_feed_request *request,
                           struct bisect *bisect, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    struct fth_buf place = fth_buf_max(PLACE_MAX);
    char native[128];
    enum fth_rc rc = put_place(run, bisect->lot, request, &place, err);

    snprintf(native, sizeof(native), "import/check/native/%s",
             importer->mapping ? importer->mapping : importer->id);
    if (!rc)
        rc = shown_paths(run, request, bisect, err);
    if (!rc) {
        const struct fth_word words[] = {{"native", fth_sql(native)},
                                         {"file", fth_buf_view(&place)}};

        rc = fth_check_query(session, run, bisect->lot, "import/check/bisect", words, FTH_NR(words),
                             tell_place, bisect, err);
    }
    fth_buf_release(&place);
    return rc;
}

static bool some_failed(const struct fth_lot *lot)
{
    for (size_t i = 0; i < lot->checks.nr; i++)
        if (strcmp(lot->checks.at[i].id, "native-total") == 0 && !lot->checks.at[i].ok)
            return true;
    return false;
}

enum fth_rc fth_check_bisect(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err)
{
    struct fth_feed_rule rules[FTH_FEED_RULE_MAX];
    struct fth_feed_layout layout = plain_layout(parcel->importer->layout, rules);
    struct fth_feed_request request = {.layout = &layout,
                                       .period_us = lot->period_us,
                                       .wide = ~0u,
                                       .tolerate = run->request->tolerate,
                                       .ledger = run->ledger,
                                       .cancel = run->request->cancel};
    struct bisect bisect = {.lot = lot};
    struct fth_import_feed *feed = NULL;
    struct fth_arena *arena;
    enum fth_rc rc;

    if (!some_failed(lot))
        return FTH_OK;
    arena = fth_arena_new(ARENA_MAX);
    rc = arena ? choose_files(run, parcel, lot, &request, err) : fth_err_nomem(err);
    if (!rc)
        rc = fth_import_feed_open(&request, arena, &feed, err);
    if (!rc)
        rc = fth_session_feed(session, fth_import_feed_feed(feed), err);
    if (!rc) {
        rc = compare(session, run, parcel, &request, &bisect, err);
        fth_session_unfeed(session, fth_import_feed_feed(feed));
    }
    if (feed)
        fth_import_feed_close(feed);
    fth_arena_free(arena);
    return rc;
}
