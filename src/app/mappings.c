#include "app/mappings.h"

#include "app/app_int.h"
#include "app/uploads.h"
#include "base/check.h"
#include "import/propose.h"

enum { SHOWN = 5 };

static enum fth_rc open_file(struct fth_app *app, struct fth_arena *arena,
                             const struct fth_json *params, bool may_open, const char **out,
                             struct fth_err *err)
{
    struct fth_str upload = fth_json_str(params, "upload", (struct fth_str){0});
    struct fth_str path = fth_json_str(params, "path", (struct fth_str){0});

    if ((upload.n > 0) == (path.n > 0))
        return fth_err_set(err, FTH_E_USAGE, "one upload or path is wanted");
    if (upload.n)
        return fth_upload_path(app, arena, upload, out, err);
    if (!may_open)
        return fth_err_set(err, FTH_E_DENIED, "a server opens no paths that a remote caller names");
    if (path.p[0] != '/')
        return fth_err_set(err, FTH_E_USAGE, "path \"" FTH_STR_F "\" is not absolute",
                           FTH_STR_A(path));
    *out = path.p;
    return FTH_OK;
}

static void put_rows(struct fth_jw *jw, const struct fth_feed_head *head)
{
    fth_jw_key(jw, "columns");
    fth_jw_array(jw);
    for (size_t c = 0; c < head->header_nr; c++)
        fth_jw_str(jw, head->headers[c]);
    fth_jw_array_end(jw);
    fth_jw_key(jw, "rows");
    fth_jw_array(jw);
    for (size_t r = 0; r < head->row_nr && r < SHOWN; r++) {
        fth_jw_array(jw);
        for (size_t c = 0; c < head->header_nr; c++)
            fth_jw_str(jw, head->cells[r * head->header_nr + c]);
        fth_jw_array_end(jw);
    }
    fth_jw_array_end(jw);
}

/* What the mapping makes of the first rows; null where it makes nothing, and why it is refused. */
static enum fth_rc put_charges(struct fth_jw *jw, const struct fth_mapping *mapping,
                               const char *path, const struct fth_feed_head *head,
                               struct fth_arena *arena, struct fth_err *err)
{
    static const char *const columns[] = {
        "BilledCost",        "BillingCurrency", "ProviderName",   "ServiceName",
        "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "Tags"};
    enum fth_rc rc = FTH_OK;

    for (size_t r = 0; r < head->row_nr && r < SHOWN && !rc; r++) {
        fth_jw_object(jw);
        for (size_t c = 0; c < FTH_NR(columns) && !rc; c++) {
            struct fth_feed_odd odd;
            struct fth_str text;

            rc = fth_mapping_show(mapping, path, head, r, columns[c], arena, &text, &odd, err);
            if (rc)
                break;
            fth_jw_key(jw, columns[c]);
            fth_jw_object(jw);
            fth_jw_key(jw, "value");
            if (text.n)
                fth_jw_str(jw, text);
            else
                fth_jw_null(jw);
            fth_jw_kv_c(jw, "refused", odd.rule);
            fth_jw_object_end(jw);
        }
        fth_jw_object_end(jw);
    }
    return rc;
}

static enum fth_rc put_preview(struct fth_jw *jw, const struct fth_proposal *proposal,
                               const struct fth_mapping *mapping, const char *path,
                               struct fth_arena *arena, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    fth_jw_object(jw);
    fth_jw_kv(jw, "mapping", proposal->text);
    fth_jw_kv_i64(jw, "doubts", (int64_t)proposal->doubt_nr);
    put_rows(jw, &proposal->head);
    fth_jw_key(jw, "charges");
    if (mapping) {
        fth_jw_array(jw);
        rc = put_charges(jw, mapping, path, &proposal->head, arena, err);
        fth_jw_array_end(jw);
    } else {
        fth_jw_null(jw);
    }
    fth_jw_object_end(jw);
    return rc;
}

enum fth_rc fth_mappings_preview(struct fth_app *app, struct fth_arena *arena,
                                 const struct fth_json *params, bool may_open, struct fth_jw *jw,
                                 struct fth_err *err)
{
    struct fth_str given = fth_json_str(params, "mapping", (struct fth_str){0});
    struct fth_proposal proposal = {0};
    const struct fth_mapping *mapping = NULL;
    struct fth_str shown;
    const char *path = NULL;
    enum fth_rc rc = open_file(app, arena, params, may_open, &path, err);

    if (rc)
        return rc;
    shown = fth_str_sub(fth_str_c(path), fth_str_rfind(fth_str_c(path), '/') + 1, SIZE_MAX);
    if (!given.n)
        rc = fth_mapping_propose(arena, path, shown, &proposal, err);
    proposal.text = given.n ? given : proposal.text;
    if (!rc && (given.n || proposal.sure))
        rc = fth_mapping_read(arena, proposal.text, "mapping", &mapping, err);
    if (!rc && given.n)
        rc = fth_import_feed_head(app->ledger, path, SHOWN, mapping->layout.delimiter, arena,
                                  &proposal.head, err);
    return rc ? rc : put_preview(jw, &proposal, mapping, path, arena, err);
}
