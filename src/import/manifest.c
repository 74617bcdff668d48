#include "import/manifest.h"

#include "base/date.h"

/* "20250201T000000.000Z" or "2025-02…" as "2025-02"; untouched when it is neither. */
static enum fth_rc read_month(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                              struct fth_err *err)
{
    struct fth_str month;
    int32_t number;
    enum fth_rc rc = FTH_OK;

    if (text.n < 6)
        return FTH_OK;
    if (text.p[4] == '-')
        rc = fth_arena_str(arena, fth_str_sub(text, 0, 7), &month, err);
    else
        rc = fth_arena_printf(arena, &month, err, "%.4s-%.2s", text.p, text.p + 4);
    if (!rc && fth_month_parse(month, &number))
        *out = month;
    return rc;
}

/* The key of "s3://bucket/key". */
static struct fth_str key_of(struct fth_str address)
{
    struct fth_str scheme = FTH_STR("://");
    size_t at = fth_str_search(address, scheme);
    struct fth_str rest, bucket, key;

    if (at == SIZE_MAX)
        return address;
    rest = fth_str_sub(address, at + scheme.n, SIZE_MAX);
    return fth_str_split(rest, '/', &bucket, &key) ? key : rest;
}

static enum fth_rc read_keys(struct fth_arena *arena, struct fth_str path,
                             const struct fth_json *list, const char *name,
                             struct fth_manifest *out, struct fth_err *err)
{
    struct fth_str *keys;

    if (!fth_json_is(list, FTH_JSON_ARRAY) || list->nr == 0)
        return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": manifest without %s", FTH_STR_A(path),
                           name);
    keys = FTH_NEW_ARRAY(arena, struct fth_str, list->nr);
    if (!keys)
        return fth_err_nomem(err);
    for (size_t i = 0; i < list->nr; i++) {
        if (!fth_json_is(&list->items[i], FTH_JSON_STRING) || !list->items[i].text.n)
            return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": %s[%zu] is no file name",
                               FTH_STR_A(path), name, i);
        keys[i] = key_of(list->items[i].text);
    }
    out->keys = keys;
    out->key_nr = list->nr;
    return FTH_OK;
}

static enum fth_rc read_report(struct fth_arena *arena, struct fth_str path,
                               const struct fth_json *json, struct fth_manifest *out,
                               struct fth_err *err)
{
    const struct fth_json *period = fth_json_get(json, "billingPeriod");
    enum fth_rc rc;

    out->kind = FTH_MANIFEST_AWS_REPORT;
    out->identity = fth_json_str(json, "assemblyId", FTH_STR(""));
    out->dataset = fth_json_str(json, "reportName", FTH_STR(""));
    out->account = fth_json_str(json, "account", FTH_STR(""));
    rc = read_month(arena, fth_json_str(period, "start", FTH_STR("")), &out->billing_period, err);
    if (!rc)
        rc = read_keys(arena, path, fth_json_get(json, "reportKeys"), "reportKeys", out, err);
    return rc;
}

/* Of "…/BILLING_PERIOD=2025-01/…" the value of the folder. */
static struct fth_str folder_value(struct fth_str path, struct fth_str key)
{
    size_t at = fth_str_search(path, key);
    struct fth_str rest, value;

    if (at == SIZE_MAX)
        return (struct fth_str){0};
    rest = fth_str_sub(path, at + key.n, SIZE_MAX);
    return fth_str_next(&rest, '/', &value) ? value : (struct fth_str){0};
}

/* arn:aws:bcm-data-exports:us-east-1:111122223333:export/NAME */
static void read_arn(struct fth_str arn, struct fth_manifest *out)
{
    struct fth_str piece = {0}, rest = arn, before, after;

    for (int i = 0; i < 5; i++)
        if (!fth_str_next(&rest, ':', &piece))
            return;
    out->account = piece;
    if (fth_str_split(rest, '/', &before, &after))
        out->dataset = after;
}

static enum fth_rc read_export(struct fth_arena *arena, struct fth_str path,
                               const struct fth_json *json, struct fth_manifest *out,
                               struct fth_err *err)
{
    enum fth_rc rc;

    out->kind = FTH_MANIFEST_AWS_EXPORT;
    out->identity = fth_json_str(json, "executionId", FTH_STR(""));
    read_arn(fth_json_str(json, "exportArn", FTH_STR("")), out);
    rc = read_month(arena, folder_value(path, FTH_STR("BILLING_PERIOD=")), &out->billing_period,
                    err);
    if (!rc)
        rc = read_keys(arena, path, fth_json_get(json, "dataFiles"), "dataFiles", out, err);
    return rc;
}

/* What the type of an Azure export means to us. */
static void read_type(struct fth_str type, struct fth_manifest *out)
{
    if (fth_str_eq_c(type, "ActualCost") || fth_str_eq_c(type, "Usage"))
        out->role = FTH_STR("actual");
    else if (fth_str_eq_c(type, "AmortizedCost"))
        out->role = FTH_STR("amortized");
    else if (type.n && !fth_str_eq_c(type, "FocusCost"))
        out->other = type;
}

static int64_t number_or(const struct fth_json *json, int64_t otherwise)
{
    int64_t number;

    return fth_json_i64(json, &number) ? number : otherwise;
}

static enum fth_rc read_blobs(struct fth_arena *arena, struct fth_str path,
                              const struct fth_json *blobs, struct fth_manifest *out,
                              struct fth_err *err)
{
    struct fth_str *keys;
    int64_t *rows, *sizes;

    if (!fth_json_is(blobs, FTH_JSON_ARRAY) || blobs->nr == 0)
        return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": manifest without blobs",
                           FTH_STR_A(path));
    keys = FTH_NEW_ARRAY(arena, struct fth_str, blobs->nr);
    rows = FTH_NEW_ARRAY(arena, int64_t, blobs->nr);
    sizes = FTH_NEW_ARRAY(arena, int64_t, blobs->nr);
    if (!keys || !rows || !sizes)
        return fth_err_nomem(err);
    for (size_t i = 0; i < blobs->nr; i++) {
        keys[i] = fth_json_str(&blobs->items[i], "blobName", FTH_STR(""));
        rows[i] = number_or(fth_json_get(&blobs->items[i], "dataRowCount"), -1);
        sizes[i] = number_or(fth_json_get(&blobs->items[i], "byteCount"), -1);
        if (!keys[i].n)
            return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": blobs[%zu] has no blobName",
                               FTH_STR_A(path), i);
    }
    out->keys = keys;
    out->key_nr = blobs->nr;
    out->rows = rows;
    out->sizes = sizes;
    return FTH_OK;
}

/* A run over several months leaves the period to its records. */
static enum fth_rc read_azure(struct fth_arena *arena, struct fth_str path,
                              const struct fth_json *json, struct fth_manifest *out,
                              struct fth_err *err)
{
    const struct fth_json *run = fth_json_get(json, "runInfo");
    const struct fth_json *config = fth_json_get(json, "exportConfig");
    struct fth_str first = {0}, last = {0};
    enum fth_rc rc;

    out->kind = FTH_MANIFEST_AZURE;
    out->identity = fth_json_str(run, "runId", FTH_STR(""));
    out->dataset = fth_json_str(config, "exportName", FTH_STR(""));
    out->account = fth_json_str(config, "resourceId", FTH_STR(""));
    read_type(fth_json_str(config, "type", FTH_STR("")), out);
    if (!fth_instant_parse(fth_json_str(run, "submittedTime", FTH_STR("")), &out->submitted_us))
        out->submitted_us = 0;
    rc = read_month(arena, fth_json_str(run, "startDate", FTH_STR("")), &first, err);
    if (!rc)
        rc = read_month(arena, fth_json_str(run, "endDate", FTH_STR("")), &last, err);
    if (!rc && fth_str_eq(first, last))
        out->billing_period = first;
    return rc ? rc : read_blobs(arena, path, fth_json_get(json, "blobs"), out, err);
}

enum fth_rc fth_manifest_read(struct fth_arena *arena, struct fth_str path,
                              const struct fth_json *json, bool *is, struct fth_manifest *out,
                              struct fth_err *err)
{
    struct fth_manifest read = {0};
    bool report = fth_json_get(json, "assemblyId") && fth_json_get(json, "reportKeys");
    bool export = fth_json_get(json, "executionId") && fth_json_get(json, "dataFiles");
    bool azure = fth_json_get(json, "runInfo") && fth_json_get(json, "blobs");
    enum fth_rc rc = FTH_OK;

    if (report)
        rc = read_report(arena, path, json, &read, err);
    else if (export)
        rc = read_export(arena, path, json, &read, err);
    else if (azure)
        rc = read_azure(arena, path, json, &read, err);
    if (!rc && (report || export || azure) && !read.identity.n)
        rc = fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": manifest without %s", FTH_STR_A(path),
                         report   ? "assemblyId"
                         : export ? "executionId"
                                  : "runInfo.runId");
    if (rc)
        return rc;
    *is = report || export || azure;
    if (*is)
        *out = read;
    return FTH_OK;
}
