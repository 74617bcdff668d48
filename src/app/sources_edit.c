/* Sources that people declare and take out again. */
#include <inttypes.h>

#include "app/anomalies.h"
#include "app/app_int.h"
#include "app/sources.h"
#include "base/buf.h"
#include "base/date.h"
#include "import/importer.h"
#include "ledger/catalogue.h"

enum { DETAIL_MAX = 4096 };

static enum fth_rc fill_audit(const struct fth_asked *asked, const char *action, int64_t id,
                              struct fth_str name, struct fth_str request_id, struct fth_audit *out,
                              struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;
    enum fth_rc rc;

    *out = (struct fth_audit){.at_us = fth_clock_now_us(&asked->app->clock),
                              .actor = fth_who_id(asked->who),
                              .action = fth_str_c(action),
                              .request_id = request_id};
    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "name", name);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (!rc)
        rc = fth_arena_str(asked->arena, fth_buf_view(&detail), &out->detail, err);
    if (!rc)
        rc = fth_arena_printf(asked->arena, &out->object, err, "source:%" PRId64, id);
    fth_buf_release(&detail);
    return rc;
}

/* ---- adding ---- */

static enum fth_rc find_format(const struct fth_source_wish *wish, struct fth_str *out,
                               struct fth_err *err)
{
    struct fth_str format = wish->format;

    if (!format.n)
        format = fth_str_starts(wish->dataset, FTH_STR("cur")) ? FTH_STR("aws_cur") : wish->dataset;
    *out = format;
    if (fth_importer_named(format))
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID, "no format \"" FTH_STR_F "\"", FTH_STR_A(format));
    fth_err_hint(err, "Name the importer with format, for example aws_cur or focus.");
    fth_err_at(err, "/format");
    return err->rc;
}

/* One that was removed stays known for the earlier versions that have its charges. */
static enum fth_rc refuse_removed(const struct fth_source *source, bool same, struct fth_err *err)
{
    char at[32];
    size_t n = fth_instant_text(source->removed_us, at);

    fth_err_set(err, FTH_E_CONFLICT,
                "source \"" FTH_STR_F
                "\" was removed at %.*s; earlier versions of the ledger hold its "
                "charges, so it stays known",
                FTH_STR_A(source->name), (int)n, at);
    if (same)
        fth_err_hint(err, "There is nothing to add: its next delivery brings it back.");
    else
        fth_err_hint(err,
                     "Choose another name; \"sources list --all\" shows those that are taken.");
    return err->rc;
}

static enum fth_rc refuse_known(const struct fth_asked *asked, const struct fth_source_wish *wish,
                                struct fth_err *err)
{
    struct fth_source *all = NULL;
    size_t nr = 0;

    if (fth_catalogue_sources(asked->app->db, asked->arena, &all, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++) {
        bool same = fth_str_eq(all[i].provider, wish->provider) &&
                    fth_str_eq(all[i].billing_account, wish->billing_account) &&
                    fth_str_eq(all[i].dataset, wish->dataset);

        if (all[i].removed_us && (same || fth_str_eq(all[i].name, wish->name)))
            return refuse_removed(&all[i], same, err);
        if (fth_str_eq(all[i].name, wish->name))
            return fth_err_set(err, FTH_E_CONFLICT, "there is a source \"" FTH_STR_F "\" already",
                               FTH_STR_A(wish->name));
        if (same)
            return fth_err_set(err, FTH_E_CONFLICT,
                               FTH_STR_F " account " FTH_STR_F ", dataset " FTH_STR_F
                                         ": that is source \"" FTH_STR_F "\" already",
                               FTH_STR_A(wish->provider), FTH_STR_A(wish->billing_account),
                               FTH_STR_A(wish->dataset), FTH_STR_A(all[i].name));
    }
    return FTH_OK;
}

enum fth_rc fth_source_add(const struct fth_asked *asked, const struct fth_source_wish *wish,
                           struct fth_str request_id, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_source made = {0}, want = {.name = wish->name,
                                          .provider = wish->provider,
                                          .billing_account = wish->billing_account,
                                          .dataset = wish->dataset,
                                          .created_us = fth_clock_now_us(&asked->app->clock)};
    struct fth_audit audit;

    if (find_format(wish, &want.format, err) || refuse_known(asked, wish, err) ||
        fill_audit(asked, "source.add", 0, wish->name, request_id, &audit, err) ||
        fth_catalogue_source_add(asked->app->db, asked->arena, &want, &audit, &made, err))
        return err->rc;
    return fth_source_put(asked, made.name, jw, err);
}

/* ---- removing ---- */

/* It is out once that is committed. A ledger that cannot see it yet looks again at the next
 * question.
 */
static enum fth_rc remove_it(const struct fth_asked *asked, const struct fth_source *source,
                             bool with_charges, const struct fth_audit *audit,
                             struct fth_source_removal *out, struct fth_err *err)
{
    struct fth_err later = {0};
    enum fth_rc rc = fth_ledger_write_begin(asked->app->ledger, asked->cancel, err);

    if (rc)
        return rc;
    rc = fth_catalogue_source_remove(asked->app->db, source->id, with_charges, audit, out, err);
    if (!rc)
        (void)fth_ledger_refresh(asked->app->ledger, &later);
    fth_ledger_write_end(asked->app->ledger);
    if (rc == FTH_E_CONFLICT || rc == FTH_E_NOTFOUND)
        fth_err_prefix(err, "source \"" FTH_STR_F "\"", FTH_STR_A(source->name));
    return rc;
}

enum fth_rc fth_source_remove(const struct fth_asked *asked, struct fth_str id, bool with_charges,
                              struct fth_str request_id, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_source_removal done = {0};
    struct fth_source source = {0};
    struct fth_audit audit;

    if (fth_source_named(asked->app, asked->arena, id, &source, err) ||
        fill_audit(asked, "source.remove", source.id, source.name, request_id, &audit, err) ||
        remove_it(asked, &source, with_charges, &audit, &done, err))
        return err->rc;
    fth_app_ledger_moved(asked->app);
    fth_anomalies_due(asked->app, request_id.p);
    fth_jw_object(jw);
    fth_jw_kv(jw, "name", source.name);
    fth_jw_kv_bool(jw, "removed", done.gone);
    fth_jw_kv_i64(jw, "charges", done.charges);
    fth_jw_key(jw, "version");
    if (done.version)
        fth_jw_i64(jw, done.version);
    else
        fth_jw_null(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}
