/* The manifest of a lake: what there is, and how to tell that it is still that. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "ledger/lake_int.h"

#define NAME "farthing-lake"

/* ---- writing ---- */

static void put_file(struct fth_jw *jw, const char *key, const struct fth_lake_file *file)
{
    fth_jw_key(jw, key);
    if (!file->path) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "path", file->path);
    fth_jw_kv_i64(jw, "bytes", file->bytes);
    fth_jw_kv_i64(jw, "rows", file->rows);
    fth_jw_kv_c(jw, "sha256", file->sha256);
    fth_jw_object_end(jw);
}

static void put_segment(struct fth_jw *jw, const struct fth_lake_segment *segment)
{
    const struct fth_lake_content *content = &segment->content;

    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "id", segment->id);
    fth_jw_kv(jw, "source", segment->source);
    fth_jw_kv(jw, "billing_period", segment->billing_period);
    put_file(jw, "charges", &segment->charges);
    put_file(jw, "side", &segment->side);
    fth_jw_key(jw, "sums");
    fth_segment_sums_put(jw, content->sums, content->sum_nr);
    fth_jw_key(jw, "columns");
    fth_jw_object(jw);
    for (size_t i = 0; i < content->col_nr; i++) {
        fth_jw_key_str(jw, content->cols[i].name);
        fth_jw_str(jw, content->cols[i].type);
    }
    fth_jw_object_end(jw);
    fth_jw_object_end(jw);
}

enum fth_rc fth_lake_put_manifest(struct fth_buf *out, const struct fth_lake_manifest *manifest,
                                  const char *program, int64_t now_us, struct fth_err *err)
{
    char at[32];
    struct fth_jw jw;

    fth_jw_init(&jw, out);
    jw.pretty = true;
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "format", NAME);
    fth_jw_kv_i64(&jw, "format_version", FTH_LAKE_FORMAT);
    fth_jw_kv_c(&jw, "program", program);
    fth_jw_kv(&jw, "exported_at", (struct fth_str){at, fth_instant_text(now_us, at)});
    fth_jw_kv_i64(&jw, "ledger_version", manifest->version);
    fth_jw_kv_i64(&jw, "ledger_version_at_us", manifest->version_at_us);
    put_file(&jw, "catalogue", &manifest->catalogue);
    put_file(&jw, "tags", &manifest->tags);
    fth_jw_key(&jw, "segments");
    fth_jw_array(&jw);
    for (size_t i = 0; i < manifest->segment_nr; i++)
        put_segment(&jw, &manifest->segments[i]);
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- reading ---- */

static enum fth_rc odd(const char *what, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_INVALID, "manifest.json: %s is missing or not as it should be",
                       what);
}

/* Below the folder, and nowhere else. */
static bool is_below(struct fth_str path)
{
    struct fth_str part;
    bool below = path.n > 0 && path.p[0] != '/' && !memchr(path.p, 0, path.n);

    while (below && fth_str_next(&path, '/', &part))
        below = part.n > 0 && !fth_str_eq_c(part, "..") && !fth_str_eq_c(part, ".");
    return below;
}

static enum fth_rc read_file(const struct fth_json *json, const char *what,
                             struct fth_lake_file *out, struct fth_err *err)
{
    struct fth_str path = fth_json_str(json, "path", (struct fth_str){0});
    struct fth_str sha256 = fth_json_str(json, "sha256", (struct fth_str){0});

    if (!is_below(path) || sha256.n != sizeof(out->sha256) - 1 ||
        !fth_json_i64(fth_json_get(json, "bytes"), &out->bytes) ||
        !fth_json_i64(fth_json_get(json, "rows"), &out->rows))
        return odd(what, err);
    out->path = path.p;
    memcpy(out->sha256, sha256.p, sha256.n);
    return FTH_OK;
}

static bool read_money(const struct fth_json *json, const char *key, struct fth_money *out)
{
    struct fth_str text = fth_json_str(json, key, (struct fth_str){0});
    struct fth_err ignored = {0};

    return fth_money_parse(text, out, &ignored) == FTH_OK;
}

static enum fth_rc read_sum(const struct fth_json *json, struct fth_segment_sums *out,
                            struct fth_err *err)
{
    struct fth_str currency = fth_json_str(json, "currency", (struct fth_str){0});

    if (currency.n >= sizeof(out->currency) ||
        !fth_json_i64(fth_json_get(json, "rows"), &out->rows) ||
        !read_money(json, "billed_cost", &out->billed) ||
        !read_money(json, "effective_cost", &out->effective) ||
        !read_money(json, "list_cost", &out->list) ||
        !read_money(json, "contracted_cost", &out->contracted))
        return odd("a sum", err);
    if (currency.n)
        memcpy(out->currency, currency.p, currency.n);
    return FTH_OK;
}

static enum fth_rc read_content(struct fth_arena *arena, const struct fth_json *json,
                                struct fth_lake_content *out, struct fth_err *err)
{
    const struct fth_json *sums = fth_json_get(json, "sums"), *cols = fth_json_get(json, "columns");
    struct fth_lake_column *made;

    if (!fth_json_is(sums, FTH_JSON_ARRAY) || !fth_json_is(cols, FTH_JSON_OBJECT))
        return odd("sums or columns of a segment", err);
    out->sums = FTH_NEW_ARRAY(arena, struct fth_segment_sums, sums->nr);
    made = FTH_NEW_ARRAY(arena, struct fth_lake_column, cols->nr);
    if (!out->sums || !made)
        return fth_err_nomem(err);
    for (; out->sum_nr < sums->nr; out->sum_nr++) {
        if (read_sum(&sums->items[out->sum_nr], &out->sums[out->sum_nr], err))
            return err->rc;
        out->rows += out->sums[out->sum_nr].rows;
    }
    for (size_t i = 0; i < cols->nr; i++)
        made[i] = (struct fth_lake_column){cols->members[i].key, cols->members[i].value.text};
    out->cols = made;
    out->col_nr = cols->nr;
    return FTH_OK;
}

static enum fth_rc read_segment(struct fth_arena *arena, const struct fth_json *json,
                                struct fth_lake_segment *out, struct fth_err *err)
{
    const struct fth_json *side = fth_json_get(json, "side");

    out->source = fth_json_str(json, "source", (struct fth_str){0});
    out->billing_period = fth_json_str(json, "billing_period", (struct fth_str){0});
    if (!fth_json_i64(fth_json_get(json, "id"), &out->id) || out->id <= 0)
        return odd("a segment's id", err);
    if (read_file(fth_json_get(json, "charges"), "a segment's file", &out->charges, err) ||
        (fth_json_is(side, FTH_JSON_OBJECT) &&
         read_file(side, "a segment's side file", &out->side, err)))
        return err->rc;
    return read_content(arena, json, &out->content, err);
}

static enum fth_rc read_segments(struct fth_arena *arena, const struct fth_json *list,
                                 struct fth_lake_manifest *out, struct fth_err *err)
{
    if (!fth_json_is(list, FTH_JSON_ARRAY))
        return odd("segments", err);
    out->segments = FTH_NEW_ARRAY(arena, struct fth_lake_segment, list->nr);
    if (!out->segments)
        return fth_err_nomem(err);
    for (; out->segment_nr < list->nr; out->segment_nr++)
        if (read_segment(arena, &list->items[out->segment_nr], &out->segments[out->segment_nr],
                         err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc read_head(const struct fth_json *json, struct fth_lake_manifest *out,
                             struct fth_err *err)
{
    int64_t format = 0;

    if (!fth_str_eq_c(fth_json_str(json, "format", FTH_STR("")), NAME) ||
        !fth_json_i64(fth_json_get(json, "format_version"), &format))
        return fth_err_set(err, FTH_E_INVALID, "manifest.json: not of a lake export");
    if (format != FTH_LAKE_FORMAT) {
        fth_err_hint(err, "Use the program that wrote it, or a later one.");
        return fth_err_set(err, FTH_E_UNSUPPORTED,
                           "manifest.json: format %lld; this program reads %d", (long long)format,
                           FTH_LAKE_FORMAT);
    }
    if (!fth_json_i64(fth_json_get(json, "ledger_version"), &out->version))
        return odd("ledger_version", err);
    (void)fth_json_i64(fth_json_get(json, "ledger_version_at_us"), &out->version_at_us);
    if (read_file(fth_json_get(json, "catalogue"), "catalogue", &out->catalogue, err))
        return err->rc;
    return read_file(fth_json_get(json, "tags"), "tags", &out->tags, err);
}

enum fth_rc fth_lake_read_manifest(struct fth_arena *arena, const char *dir,
                                   struct fth_lake_manifest *out, struct fth_err *err)
{
    static const struct fth_json_limits limits = {.max_len = FTH_LAKE_TEXT};
    const struct fth_json *json = NULL;
    struct fth_str text = {0};
    const char *path = NULL;

    *out = (struct fth_lake_manifest){0};
    if (fth_lake_path(arena, dir, "manifest.json", &path, err))
        return err->rc;
    if (fth_file_read(arena, path, FTH_LAKE_TEXT, &text, err)) {
        if (err->rc == FTH_E_NOTFOUND)
            fth_err_hint(err, "A folder without a manifest is no export, or one that did not end.");
        return err->rc;
    }
    if (fth_json_parse(arena, text, &limits, &json, err) || read_head(json, out, err) ||
        read_segments(arena, fth_json_get(json, "segments"), out, err))
        fth_err_prefix(err, "%s", dir);
    return err->rc;
}

struct fth_lake_summary fth_lake_summary_of(const struct fth_lake_manifest *manifest)
{
    struct fth_lake_summary out = {.version = manifest->version,
                                   .segment_nr = manifest->segment_nr,
                                   .file_nr = 2,
                                   .bytes = manifest->catalogue.bytes + manifest->tags.bytes};

    for (size_t i = 0; i < manifest->segment_nr; i++) {
        const struct fth_lake_segment *segment = &manifest->segments[i];

        out.rows += segment->charges.rows;
        out.file_nr += segment->side.path ? 2 : 1;
        out.bytes += segment->charges.bytes + segment->side.bytes;
    }
    return out;
}
