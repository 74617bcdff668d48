/* What stands beside the data: schema, generator, and the manifest of the files. */
#include <stdio.h>

#include "base/date.h"
#include "base/file.h"
#include "focus/export_int.h"

enum { TEXT_MAX = 64 << 20 };

static const char *type_name(enum fth_focus_type type)
{
    static const char *const names[] = {[FTH_FOCUS_STRING] = "STRING",
                                        [FTH_FOCUS_DECIMAL] = "DECIMAL",
                                        [FTH_FOCUS_DATETIME] = "DATETIME",
                                        [FTH_FOCUS_JSON] = "JSON",
                                        [FTH_FOCUS_KEYVALUE] = "JSON"};

    return names[type];
}

/* The same columns of the same version give the same id. */
static enum fth_rc schema_id(const struct fth_focus_export_request *request,
                             const struct fth_focus_layout *layout, char out[64],
                             struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    char hex[FTH_SHA256_HEX];

    for (size_t i = 0; i < layout->nr; i++)
        fth_buf_printf(&text, "%s %s\n", layout->at[i].name, type_name(layout->at[i].type));
    if (!fth_buf_done(&text, err) && !fth_sha256_text(fth_buf_view(&text), hex, err))
        snprintf(out, 64, "farthing-focus-%s-%.16s", fth_focus_version_name(request->version), hex);
    fth_buf_release(&text);
    return err->rc;
}

static void kv_now(const struct fth_focus_export_request *request, struct fth_jw *jw,
                   const char *key)
{
    int64_t now = fth_clock_now_us(request->run->clock);
    char text[32];

    fth_jw_kv(jw, key, (struct fth_str){text, fth_instant_text(now - now % 1000000, text)});
}

/* Text has as many digits as a value needs, Parquet those of the column. */
static void put_column(struct fth_jw *jw, const struct fth_focus_export_request *request,
                       const struct fth_focus_layout *layout, size_t i)
{
    const struct fth_focus_out *column = &layout->at[i];
    bool fixed =
        request->form == FTH_FOCUS_PARQUET && layout->parquet[i].type == FTH_PARQUET_DECIMAL;

    fth_jw_object(jw);
    fth_jw_kv_c(jw, "ColumnName", column->name);
    fth_jw_kv_c(jw, "DataType", type_name(column->type));
    if (column->type == FTH_FOCUS_DECIMAL) {
        fth_jw_kv_i64(jw, "NumericPrecision", fixed ? FTH_PARQUET_DIGITS : 56);
        fth_jw_kv_i64(jw, "NumberScale", fixed ? (int64_t)layout->parquet[i].scale : 28);
    } else if (column->type != FTH_FOCUS_DATETIME) {
        fth_jw_kv_c(jw, "StringEncoding", "UTF-8");
    }
    fth_jw_object_end(jw);
}

static void put_schema(struct fth_jw *jw, const struct fth_focus_export_request *request,
                       const struct fth_focus_layout *layout, const char *id)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "SchemaId", id);
    kv_now(request, jw, "CreationDate");
    fth_jw_kv_c(jw, "FocusVersion", fth_focus_version_name(request->version));
    fth_jw_kv_c(jw, "DataGeneratorVersion", request->generator);
    fth_jw_key(jw, "ColumnDefinition");
    fth_jw_array(jw);
    for (size_t i = 0; i < layout->nr; i++)
        put_column(jw, request, layout, i);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_generator(struct fth_jw *jw)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "DataGenerator", "Farthing");
    fth_jw_object_end(jw);
}

/* ---- manifest ---- */

static void put_sums(struct fth_jw *jw, const struct fth_focus_export_sum *sums, size_t nr)
{
    fth_jw_key(jw, "sums");
    fth_jw_array(jw);
    for (size_t i = 0; i < nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv_c(jw, "currency", sums[i].currency);
        fth_jw_kv_i64(jw, "rows", (int64_t)sums[i].rows);
        fth_jw_kv_money(jw, "billed_cost", sums[i].billed);
        fth_jw_kv_money(jw, "effective_cost", sums[i].effective);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_file(struct fth_jw *jw, const struct fth_focus_export_file *file)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "name", file->name);
    fth_jw_kv(jw, "source", file->source);
    if (file->period.n)
        fth_jw_kv(jw, "billing_period", file->period);
    fth_jw_kv_i64(jw, "rows", (int64_t)file->rows);
    fth_jw_kv_i64(jw, "bytes", (int64_t)file->bytes);
    fth_jw_kv_c(jw, "sha256", file->sha256);
    put_sums(jw, file->sums, file->sum_nr);
    fth_jw_object_end(jw);
}

static void put_scope(struct fth_jw *jw, const struct fth_focus_export_request *request)
{
    fth_jw_key(jw, "scope");
    fth_jw_object(jw);
    if (request->where.n)
        fth_jw_kv(jw, "where", request->where);
    if (request->period.n)
        fth_jw_kv(jw, "billing_period", request->period);
    if (request->has_time) {
        fth_jw_kv_date(jw, "from", request->from);
        fth_jw_kv_date(jw, "to", request->to);
    }
    fth_jw_object_end(jw);
}

static void put_manifest(struct fth_jw *jw, const struct fth_focus_export_request *request,
                         const char *id, const struct fth_focus_exported *done)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "dataset", "Cost and Usage");
    fth_jw_kv_c(jw, "focus_version", fth_focus_version_name(request->version));
    fth_jw_kv_c(jw, "schema_id", id);
    fth_jw_kv_c(jw, "format", fth_focus_form_name(request->form));
    kv_now(request, jw, "created");
    fth_jw_kv_i64(jw, "ledger_version", done->ledger_version);
    put_scope(jw, request);
    fth_jw_kv_i64(jw, "rows", (int64_t)done->rows);
    fth_jw_kv_i64(jw, "netted_credits", (int64_t)done->netted);
    put_sums(jw, done->sums, done->sum_nr);
    fth_jw_key(jw, "files");
    fth_jw_array(jw);
    for (size_t i = 0; i < done->file_nr; i++)
        put_file(jw, &done->files[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static enum fth_rc write_json(struct fth_focus_folder *folder, const char *name, struct fth_jw *jw,
                              struct fth_err *err)
{
    const char *path = NULL;
    size_t number;

    if (fth_jw_done(jw, err))
        return err->rc;
    fth_buf_char(jw->buf, '\n');
    if (fth_buf_done(jw->buf, err) ||
        fth_focus_folder_add(folder, fth_str_c(name), &path, &number, err) ||
        fth_file_write(path, fth_buf_view(jw->buf), err))
        return err->rc;
    fth_buf_clear(jw->buf);
    fth_jw_init(jw, jw->buf);
    jw->pretty = true;
    return FTH_OK;
}

enum fth_rc fth_focus_put_metadata(const struct fth_focus_export_request *request,
                                   struct fth_focus_folder *folder,
                                   const struct fth_focus_layout *layout,
                                   const struct fth_focus_exported *done, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    struct fth_jw jw;
    char id[64];

    fth_jw_init(&jw, &text);
    jw.pretty = true;
    if (schema_id(request, layout, id, err))
        return err->rc;
    put_schema(&jw, request, layout, id);
    if (write_json(folder, "metadata/focus-schema.json", &jw, err) == FTH_OK) {
        put_generator(&jw);
        if (write_json(folder, "metadata/focus-data-generator.json", &jw, err) == FTH_OK) {
            put_manifest(&jw, request, id, done);
            write_json(folder, FTH_FOCUS_MANIFEST, &jw, err);
        }
    }
    fth_buf_release(&text);
    return err->rc;
}
