#include "app/origin.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/app_int.h"
#include "app/desk_int.h"
#include "base/date.h"
#include "import/record.h"
#include "ledger/origin.h"

enum { ORIGIN_MAX = 64 << 20 };

struct origin {
    const struct fth_asked *asked;
    struct fth_charge_id id;
    struct fth_delivery delivery;
    const struct fth_delivery_file *file;
    const struct fth_importer *importer; /* NULL: this program does not know it any more */
    struct fth_raw_file raw;
    struct fth_record record;
    bool has_record;
    struct fth_err unread; /* why a file that is kept could not be read */
    struct fth_origin_charge *charges;
    size_t charge_nr;
    bool has_charges; /* false: that version of the ledger is not kept */
};

/* ---- finding ---- */

static enum fth_rc find_file(struct origin *o, struct fth_err *err)
{
    for (size_t i = 0; i < o->delivery.file_nr; i++) {
        const struct fth_delivery_file *file = &o->delivery.files[i];

        if (o->id.record >= file->first_record && o->id.record < file->first_record + file->rows)
            o->file = file;
    }
    if (o->file)
        return FTH_OK;
    return fth_err_set(err, FTH_E_NOTFOUND, "delivery %" PRId64 " has no record %" PRId64,
                       o->id.delivery, o->id.record);
}

/* Of a delivery that is past, from the last version that had it. */
static enum fth_rc find_charges(struct origin *o, struct fth_err *err)
{
    const struct fth_asked *asked = o->asked;
    struct fth_ledger *ledger = asked->app->ledger;
    int64_t version = o->delivery.until_version ? o->delivery.until_version - 1 : 0;
    const struct fth_snapshot *snapshot = NULL;
    struct fth_seat seat;

    if (o->delivery.version == 0)
        return FTH_OK;
    if (fth_ledger_snapshot(ledger, version, &snapshot, err)) {
        if (err->rc == FTH_E_NOTFOUND)
            fth_err_clear(err);
        return err->rc;
    }
    if (!fth_desk_take(asked, true, &seat, err)) {
        (void)fth_origin_charges(seat.session, snapshot, &o->delivery, o->id.record,
                                 seat.run.cancel, asked->arena, &o->charges, &o->charge_nr, err);
        fth_desk_give(&seat);
    }
    fth_snapshot_release(ledger, snapshot);
    o->has_charges = !err->rc;
    return err->rc;
}

/* A file that cannot be read does not hide what else is known. */
static enum fth_rc find_record(struct origin *o, struct fth_err *err)
{
    const struct fth_asked *asked = o->asked;

    if (fth_raw_find(&asked->app->raw, asked->arena, o->file->sha256, &o->raw, err))
        return err->rc;
    if (o->raw.state != FTH_RAW_KEPT || !o->importer)
        return FTH_OK;
    o->has_record = !fth_record_read(asked->app->ledger, o->importer, o->raw.path,
                                     o->id.record - o->file->first_record + 1, asked->cancel,
                                     asked->arena, &o->record, &o->unread);
    if (o->unread.rc == FTH_E_NOMEM || o->unread.rc == FTH_E_CANCELLED ||
        o->unread.rc == FTH_E_TIMEOUT)
        *err = o->unread;
    return err->rc;
}

/* ---- writing ---- */

static void put_instant(struct fth_jw *jw, const char *key, int64_t us)
{
    char text[32];

    fth_jw_key(jw, key);
    if (us == INT64_MIN || us == 0)
        fth_jw_null(jw);
    else
        fth_jw_str(jw, (struct fth_str){text, fth_instant_text(us, text)});
}

static void put_delivery(const struct origin *o, struct fth_jw *jw)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, o->delivery.id);
    fth_jw_key(jw, "delivery");
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "id", id);
    fth_jw_kv(jw, "source", o->delivery.source);
    fth_jw_kv(jw, "provider", o->delivery.provider);
    fth_jw_kv(jw, "format", o->delivery.format);
    fth_jw_kv(jw, "billing_period", o->delivery.billing_period);
    put_instant(jw, "loaded_at", o->delivery.received_us);
    fth_jw_kv_bool(jw, "current", o->delivery.version > 0 && o->delivery.until_version == 0);
    fth_jw_object_end(jw);
}

static const char *why_not(const struct origin *o, char text[1200])
{
    switch (o->raw.state) {
    case FTH_RAW_WAITING:
        return o->asked->app->raw.keep ? "the file as it was delivered is not kept yet"
                                       : "files are not kept as they are delivered (raw.keep)";
    case FTH_RAW_SWEPT:
        return "the file as it was delivered is no longer kept (raw.keep_days)";
    case FTH_RAW_MISSED:
        snprintf(text, 1200, "the file was not kept: " FTH_STR_F, FTH_STR_A(o->raw.why));
        return text;
    case FTH_RAW_KEPT:
        break;
    }
    if (!o->importer)
        return "no importer of this program reads that format";
    return o->unread.rc ? o->unread.msg : NULL;
}

static void put_file(const struct origin *o, struct fth_jw *jw)
{
    static const char *const states[] = {[FTH_RAW_WAITING] = "waiting",
                                         [FTH_RAW_KEPT] = "kept",
                                         [FTH_RAW_MISSED] = "missed",
                                         [FTH_RAW_SWEPT] = "removed"};
    char text[1200];

    fth_jw_key(jw, "file");
    fth_jw_object(jw);
    fth_jw_kv(jw, "path", o->file->path);
    fth_jw_kv(jw, "sha256", o->file->sha256);
    fth_jw_kv_i64(jw, "bytes", o->file->bytes);
    fth_jw_kv_i64(jw, "record", o->id.record - o->file->first_record + 1);
    fth_jw_key(jw, "line");
    if (o->has_record && o->record.line)
        fth_jw_i64(jw, o->record.line);
    else
        fth_jw_null(jw);
    fth_jw_kv_c(jw, "kept", states[o->raw.state]);
    fth_jw_kv_c(jw, "why", why_not(o, text));
    fth_jw_object_end(jw);
}

static void put_record(const struct origin *o, struct fth_jw *jw)
{
    fth_jw_key(jw, "record");
    if (!o->has_record) {
        fth_jw_null(jw);
        return;
    }
    fth_jw_array(jw);
    for (size_t i = 0; i < o->record.nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "column", o->record.fields[i].column);
        fth_jw_key(jw, "text");
        if (o->record.fields[i].text.p)
            fth_jw_str(jw, o->record.fields[i].text);
        else
            fth_jw_null(jw);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_charge(const struct origin *o, const struct fth_origin_charge *charge,
                       struct fth_jw *jw)
{
    struct fth_charge_id id = {o->id.delivery, o->id.record, charge->part};
    char text[FTH_CHARGE_ID_MAX];

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", fth_charge_id_text(id, text));
    fth_jw_kv_bool(jw, "asked", charge->part == o->id.part);
    fth_jw_kv_bool(jw, "added", charge->part != 0);
    fth_jw_kv_opt(
        jw, "rule",
        o->importer ? fth_record_rule(o->importer, o->has_record ? &o->record : NULL, charge->part)
                    : (struct fth_str){0});
    fth_jw_kv_opt(jw, "charge_category", charge->category);
    fth_jw_kv_opt(jw, "description", charge->description);
    fth_jw_kv_opt(jw, "service", charge->service);
    fth_jw_kv_opt(jw, "sub_account", charge->sub_account);
    fth_jw_kv_opt(jw, "resource", charge->resource);
    put_instant(jw, "start", charge->start_us);
    put_instant(jw, "end", charge->end_us);
    fth_jw_kv_opt(jw, "currency", charge->currency);
    fth_jw_kv_money(jw, "billed_cost", charge->billed);
    fth_jw_kv_money(jw, "effective_cost", charge->effective);
    fth_jw_kv_money(jw, "list_cost", charge->list);
    fth_jw_kv_money(jw, "contracted_cost", charge->contracted);
    fth_jw_object_end(jw);
}

static void put_origin(const struct origin *o, struct fth_jw *jw)
{
    char id[FTH_CHARGE_ID_MAX];

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", fth_charge_id_text(o->id, id));
    put_delivery(o, jw);
    put_file(o, jw);
    put_record(o, jw);
    fth_jw_kv_opt(jw, "text", o->record.text);
    fth_jw_key(jw, "charges");
    if (o->has_charges) {
        fth_jw_array(jw);
        for (size_t i = 0; i < o->charge_nr; i++)
            put_charge(o, &o->charges[i], jw);
        fth_jw_array_end(jw);
    } else {
        fth_jw_null(jw);
    }
    fth_jw_object_end(jw);
}

enum fth_rc fth_charge_origin(const struct fth_asked *asked, struct fth_str id, struct fth_str *out,
                              struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(ORIGIN_MAX);
    struct origin o = {.asked = asked};
    struct fth_jw jw;

    if (fth_charge_id_parse(id, &o.id, err) ||
        fth_catalogue_delivery(asked->app->db, asked->arena, o.id.delivery, &o.delivery, err) ||
        find_file(&o, err))
        return err->rc;
    o.importer = fth_importer_named(o.delivery.format);
    if (find_record(&o, err) || find_charges(&o, err))
        return err->rc;
    fth_jw_init(&jw, &text);
    put_origin(&o, &jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(asked->arena, fth_buf_view(&text), out, err);
    fth_buf_release(&text);
    return err->rc;
}
