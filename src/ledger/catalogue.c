#include "ledger/catalogue.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/check.h"

enum { SMALL_ARENA = 4096, ROWS_MAX = 1000000, NAME_MAX_LEN = 200, NAME_TRIES = 100 };

#define SQL "state/catalogue/"

static const char *const statuses[] = {
    [FTH_DELIVERY_LOADED] = "loaded",
    [FTH_DELIVERY_UNCHANGED] = "unchanged",
    [FTH_DELIVERY_SUPERSEDED] = "superseded",
    [FTH_DELIVERY_REFUSED] = "refused",
};

/* ---- single numbers ---- */

static struct fth_val id_or_null(int64_t id)
{
    return id ? FTH_VAL_I64(id) : FTH_VAL_NULL;
}

static int64_t number(const struct fth_val *val, int64_t or_else)
{
    return val->type == FTH_V_I64 ? val->i64 : or_else;
}

/* A statement that gives one number, `or_else` when it is null. */
static enum fth_rc read_number(struct fth_db *db, const char *name, const struct fth_val *vals,
                               size_t val_nr, int64_t or_else, int64_t *out, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_table table = {0};
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_db_read(db, name, vals, val_nr, arena, 1, &table, err);
    if (!rc)
        *out = table.row_nr ? number(&table.at[0], or_else) : or_else;
    fth_arena_free(arena);
    return rc;
}

static enum fth_rc tx_number(struct fth_tx *tx, const char *name, const struct fth_val *vals,
                             size_t val_nr, int64_t *out, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_table table = {0};
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_tx_read(tx, name, vals, val_nr, arena, 1, &table, err);
    if (!rc && table.row_nr == 0)
        rc = fth_err_set(err, FTH_E_CORRUPT, "state store: %s found no row", name);
    if (!rc)
        *out = table.at[0].i64;
    fth_arena_free(arena);
    return rc;
}

struct next_call {
    const char *counter;
    int64_t id;
};

static enum fth_rc next_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct next_call *call = ctx;
    struct fth_val val = FTH_VAL_C(call->counter);

    return tx_number(tx, SQL "next_id", &val, 1, &call->id, err);
}

static enum fth_rc next_id(struct fth_db *db, const char *counter, int64_t *out,
                           struct fth_err *err)
{
    struct next_call call = {.counter = counter};
    enum fth_rc rc = fth_db_in_tx(db, next_work, &call, err);

    if (!rc)
        *out = call.id;
    return rc;
}

enum fth_rc fth_catalogue_next_segment_id(struct fth_db *db, int64_t *out, struct fth_err *err)
{
    return next_id(db, "segment", out, err);
}

enum fth_rc fth_catalogue_next_delivery_id(struct fth_db *db, int64_t *out, struct fth_err *err)
{
    return next_id(db, "delivery", out, err);
}

enum fth_rc fth_catalogue_delivery_id_back(struct fth_db *db, int64_t id, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_C("delivery"), FTH_VAL_I64(id)};

    return fth_db_exec(db, SQL "id_back", vals, FTH_NR(vals), NULL, err);
}

enum fth_rc fth_catalogue_version(struct fth_db *db, int64_t *out, struct fth_err *err)
{
    return read_number(db, SQL "version", NULL, 0, 0, out, err);
}

enum fth_rc fth_catalogue_oldest(struct fth_db *db, int64_t *out, struct fth_err *err)
{
    return read_number(db, SQL "oldest", NULL, 0, 0, out, err);
}

enum fth_rc fth_catalogue_version_at(struct fth_db *db, int64_t instant_us, int64_t *out,
                                     struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(instant_us);
    int64_t version = 0;
    enum fth_rc rc = read_number(db, SQL "version_at", &val, 1, 0, &version, err);

    if (rc)
        return rc;
    if (version == 0)
        return fth_err_set(err, FTH_E_NOTFOUND, "the ledger was empty at that time");
    *out = version;
    return FTH_OK;
}

/* ---- sources ---- */

static struct fth_source source_of(const struct fth_val *row)
{
    return (struct fth_source){
        .id = row[0].i64,
        .name = row[1].text,
        .provider = row[2].text,
        .billing_account = row[3].text,
        .dataset = row[4].text,
        .format = row[5].text,
        .created_us = row[6].i64,
        .removed_us = row[7].i64,
    };
}

enum fth_rc fth_catalogue_sources(struct fth_db *db, struct fth_arena *arena,
                                  struct fth_source **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_table table = {0};
    struct fth_source *sources;
    enum fth_rc rc = fth_db_read(db, SQL "sources", NULL, 0, arena, ROWS_MAX, &table, err);

    if (rc)
        return rc;
    sources = FTH_NEW_ARRAY(arena, struct fth_source, table.row_nr);
    if (!sources)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        sources[i] = source_of(fth_table_val(&table, i, 0));
    *out = sources;
    *out_nr = table.row_nr;
    return FTH_OK;
}

struct source_call {
    struct fth_arena *arena;
    const struct fth_source *want; /* id 0; an empty name leaves it to us */
    const struct fth_audit *audit; /* of one that is declared */
    struct fth_source got;
};

/* "aws-111122223333-cur", with only what needs no quoting in a shell. */
static void put_slug(struct fth_buf *buf, struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';

        if (c >= 'A' && c <= 'Z')
            fth_buf_char(buf, (char)(c - 'A' + 'a'));
        else
            fth_buf_char(buf, plain ? c : '-');
    }
}

static enum fth_rc name_in_use(struct fth_tx *tx, struct fth_arena *arena, struct fth_str name,
                               bool *out, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_STR(name);
    struct fth_table table = {0};
    enum fth_rc rc = fth_tx_read(tx, SQL "source_named", &val, 1, arena, 1, &table, err);

    *out = table.row_nr > 0;
    return rc;
}

static enum fth_rc name_after_itself(struct fth_tx *tx, struct fth_arena *arena,
                                     const struct fth_source *source, struct fth_str *out,
                                     struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(NAME_MAX_LEN);
    bool used = true;
    enum fth_rc rc = FTH_OK;

    for (unsigned i = 1; !rc && used && i <= NAME_TRIES; i++) {
        fth_buf_clear(&buf);
        put_slug(&buf, source->provider);
        fth_buf_char(&buf, '-');
        put_slug(&buf, source->billing_account);
        fth_buf_char(&buf, '-');
        put_slug(&buf, source->dataset);
        if (i > 1)
            fth_buf_printf(&buf, "-%u", i);
        rc = fth_buf_done(&buf, err);
        if (!rc)
            rc = name_in_use(tx, arena, fth_buf_view(&buf), &used, err);
    }
    if (!rc && used)
        rc = fth_err_set(err, FTH_E_CONFLICT, "source: no free name like \"" FTH_STR_F "\"",
                         FTH_STR_A(fth_buf_view(&buf)));
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return rc;
}

static enum fth_rc refuse_used_name(struct fth_tx *tx, struct fth_arena *arena, struct fth_str name,
                                    struct fth_err *err)
{
    bool used = false;
    enum fth_rc rc = name_in_use(tx, arena, name, &used, err);

    if (rc || !used)
        return rc;
    rc = fth_err_set(err, FTH_E_CONFLICT,
                     "source \"" FTH_STR_F "\" is another billing account or dataset",
                     FTH_STR_A(name));
    fth_err_hint(err, "Choose another name, or leave it out.");
    return rc;
}

static enum fth_rc rename_source(struct fth_tx *tx, struct source_call *call, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(call->got.id), FTH_VAL_STR(call->want->name)};
    enum fth_rc rc = refuse_used_name(tx, call->arena, call->want->name, err);

    if (!rc)
        rc = fth_tx_exec(tx, SQL "source_rename", vals, 2, NULL, err);
    if (!rc)
        rc = fth_arena_str(call->arena, call->want->name, &call->got.name, err);
    return rc;
}

static enum fth_rc add_source(struct fth_tx *tx, struct source_call *call, struct fth_err *err)
{
    struct fth_arena *arena = call->arena;
    const struct fth_source *want = call->want;
    struct fth_val counter = FTH_VAL_C("source");
    struct fth_source made = {.created_us = want->created_us};
    enum fth_rc rc;

    rc = want->name.n ? refuse_used_name(tx, arena, want->name, err) : FTH_OK;
    if (!rc)
        rc = want->name.n ? fth_arena_str(arena, want->name, &made.name, err)
                          : name_after_itself(tx, arena, want, &made.name, err);
    if (!rc)
        rc = fth_arena_str(arena, want->provider, &made.provider, err);
    if (!rc)
        rc = fth_arena_str(arena, want->billing_account, &made.billing_account, err);
    if (!rc)
        rc = fth_arena_str(arena, want->dataset, &made.dataset, err);
    if (!rc)
        rc = fth_arena_str(arena, want->format, &made.format, err);
    if (!rc)
        rc = tx_number(tx, SQL "next_id", &counter, 1, &made.id, err);
    if (rc)
        return rc;

    struct fth_val vals[] = {
        FTH_VAL_I64(made.id),         FTH_VAL_STR(made.name),
        FTH_VAL_STR(made.provider),   FTH_VAL_STR(made.billing_account),
        FTH_VAL_STR(made.dataset),    FTH_VAL_STR(made.format),
        FTH_VAL_I64(made.created_us),
    };
    rc = fth_tx_exec(tx, SQL "source_add", vals, FTH_NR(vals), NULL, err);
    if (!rc)
        call->got = made;
    return rc;
}

static enum fth_rc source_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct source_call *call = ctx;
    const struct fth_source *want = call->want;
    struct fth_val vals[] = {FTH_VAL_STR(want->provider), FTH_VAL_STR(want->billing_account),
                             FTH_VAL_STR(want->dataset)};
    struct fth_table table = {0};
    enum fth_rc rc =
        fth_tx_read(tx, SQL "source_find", vals, FTH_NR(vals), call->arena, 1, &table, err);

    if (rc)
        return rc;
    if (table.row_nr == 0)
        return add_source(tx, call, err);
    call->got = source_of(table.at);
    if (want->name.n && !fth_str_eq(want->name, call->got.name))
        rc = rename_source(tx, call, err);
    return rc;
}

enum fth_rc fth_catalogue_source(struct fth_db *db, struct fth_arena *arena, struct fth_str name,
                                 struct fth_str provider, struct fth_str billing_account,
                                 struct fth_str dataset, struct fth_str format, int64_t now_us,
                                 struct fth_source *out, struct fth_err *err)
{
    struct fth_source want = {0, name, provider, billing_account, dataset, format, now_us};
    struct source_call call = {.arena = arena, .want = &want};
    enum fth_rc rc = fth_db_in_tx(db, source_work, &call, err);

    if (!rc)
        *out = call.got;
    return rc;
}

static enum fth_rc addition_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct source_call *call = ctx;
    const struct fth_source *want = call->want;
    struct fth_val vals[] = {FTH_VAL_STR(want->provider), FTH_VAL_STR(want->billing_account),
                             FTH_VAL_STR(want->dataset)};
    struct fth_audit audit = *call->audit;
    struct fth_table table = {0};

    if (fth_tx_read(tx, SQL "source_find", vals, FTH_NR(vals), call->arena, 1, &table, err))
        return err->rc;
    if (table.row_nr)
        return fth_err_set(err, FTH_E_CONFLICT, "that is source \"" FTH_STR_F "\" already",
                           FTH_STR_A(source_of(table.at).name));
    if (add_source(tx, call, err) ||
        fth_arena_printf(call->arena, &audit.object, err, "source:%" PRId64, call->got.id))
        return err->rc;
    return fth_audit_add(tx, &audit, err);
}

enum fth_rc fth_catalogue_source_add(struct fth_db *db, struct fth_arena *arena,
                                     const struct fth_source *want, const struct fth_audit *audit,
                                     struct fth_source *out, struct fth_err *err)
{
    struct source_call call = {.arena = arena, .want = want, .audit = audit};
    enum fth_rc rc = fth_db_in_tx(db, addition_work, &call, err);

    if (!rc)
        *out = call.got;
    return rc;
}

/* ---- removing a source ---- */

struct removal_call {
    int64_t id;
    bool with_charges;
    const struct fth_audit *audit;
    struct fth_source_removal done;
};

static enum fth_rc read_holdings(struct fth_tx *tx, int64_t id, int64_t out[3], struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_val val = FTH_VAL_I64(id);
    struct fth_table table = {0};
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_tx_read(tx, SQL "source_holdings", &val, 1, arena, 1, &table, err);
    for (size_t i = 0; !rc && i < 3; i++)
        out[i] = table.at[i].i64;
    fth_arena_free(arena);
    return rc;
}

static enum fth_rc close_source(struct fth_tx *tx, struct removal_call *call, int64_t newest,
                                struct fth_err *err)
{
    struct fth_val moved[] = {FTH_VAL_I64(call->audit->at_us), FTH_VAL_I64(newest)};
    enum fth_rc rc =
        tx_number(tx, SQL "version_add", moved, FTH_NR(moved), &call->done.version, err);
    struct fth_val vals[] = {FTH_VAL_I64(call->id), FTH_VAL_I64(call->done.version)};

    if (!rc)
        rc = fth_tx_exec(tx, SQL "source_close_segments", vals, FTH_NR(vals), NULL, err);
    if (!rc)
        rc = fth_tx_exec(tx, SQL "source_close_deliveries", vals, FTH_NR(vals), NULL, err);
    vals[1] = FTH_VAL_I64(call->audit->at_us);
    if (!rc)
        rc = fth_tx_exec(tx, SQL "source_remove", vals, FTH_NR(vals), NULL, err);
    return rc;
}

static enum fth_rc forget_source(struct fth_tx *tx, int64_t id, struct fth_err *err)
{
    static const char *const names[] = {SQL "source_forget_files", SQL "source_forget_deliveries",
                                        SQL "source_forget"};
    struct fth_val val = FTH_VAL_I64(id);
    int64_t changed = 0;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(names) && !rc; i++)
        rc = fth_tx_exec(tx, names[i], &val, 1, &changed, err);
    if (!rc && !changed)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "no source %" PRId64, id);
    return rc;
}

static enum fth_rc removal_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct removal_call *call = ctx;
    int64_t holds[3] = {0};
    enum fth_rc rc = read_holdings(tx, call->id, holds, err);

    call->done = (struct fth_source_removal){.gone = holds[1] == 0, .charges = holds[0]};
    if (rc)
        return rc;
    if (holds[0] && !call->with_charges) {
        fth_err_set(err, FTH_E_CONFLICT, "it holds %" PRId64 " charge%s", holds[0],
                    holds[0] == 1 ? "" : "s");
        fth_err_hint(err, "With its charges it can be removed; earlier versions keep them.");
        return err->rc;
    }
    if (!holds[0] && holds[1])
        return fth_err_set(err, FTH_E_CONFLICT,
                           "it holds nothing any more, but earlier versions of the ledger do");
    rc = holds[1] ? close_source(tx, call, holds[2], err) : forget_source(tx, call->id, err);
    return rc ? rc : fth_audit_add(tx, call->audit, err);
}

enum fth_rc fth_catalogue_source_remove(struct fth_db *db, int64_t id, bool with_charges,
                                        const struct fth_audit *audit,
                                        struct fth_source_removal *out, struct fth_err *err)
{
    struct removal_call call = {.id = id, .with_charges = with_charges, .audit = audit};
    enum fth_rc rc = fth_db_in_tx(db, removal_work, &call, err);

    if (!rc)
        *out = call.done;
    return rc;
}

/* ---- the commit ---- */

static enum fth_rc add_files(struct fth_tx *tx, const struct fth_delivery *delivery,
                             struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < delivery->file_nr && !rc; i++) {
        const struct fth_delivery_file *file = &delivery->files[i];
        struct fth_val of_file[] = {
            FTH_VAL_I64(delivery->id),       FTH_VAL_I64((int64_t)i),  FTH_VAL_STR(file->path),
            FTH_VAL_STR(file->sha256),       FTH_VAL_I64(file->bytes), FTH_VAL_I64(file->rows),
            FTH_VAL_I64(file->first_record),
        };

        rc = fth_tx_exec(tx, SQL "file_add", of_file, FTH_NR(of_file), NULL, err);
    }
    return rc;
}

static enum fth_rc add_delivery(struct fth_tx *tx, const struct fth_delivery *delivery,
                                int64_t version, struct fth_err *err)
{
    struct fth_val vals[] = {
        FTH_VAL_I64(delivery->id),
        FTH_VAL_I64(delivery->source_id),
        FTH_VAL_STR(delivery->identity),
        FTH_VAL_STR(delivery->billing_period),
        FTH_VAL_C(statuses[delivery->status]),
        FTH_VAL_STR(delivery->format),
        FTH_VAL_I64(delivery->received_us),
        FTH_VAL_I64(delivery->submitted_us),
        id_or_null(version),
        FTH_VAL_I64(delivery->rows_read),
        FTH_VAL_I64(delivery->rows_stored),
        FTH_VAL_STR(delivery->report),
        id_or_null(delivery->supersedes),
        delivery->final < 0 ? FTH_VAL_NULL : FTH_VAL_BOOL(delivery->final),
    };
    enum fth_rc rc = fth_tx_exec(tx, SQL "delivery_add", vals, FTH_NR(vals), NULL, err);

    return rc ? rc : add_files(tx, delivery, err);
}

static enum fth_rc add_segment(struct fth_tx *tx, const struct fth_catalogue_segment *segment,
                               int64_t version, struct fth_err *err)
{
    struct fth_val vals[] = {
        FTH_VAL_I64(segment->id),
        FTH_VAL_I64(segment->source_id),
        FTH_VAL_I64(segment->delivery_id),
        FTH_VAL_STR(segment->billing_period),
        FTH_VAL_I64(segment->charge_from),
        FTH_VAL_I64(segment->charge_to),
        FTH_VAL_I64(segment->rows),
        FTH_VAL_I64(segment->charges_until_us),
        FTH_VAL_STR(segment->currency),
        FTH_VAL_BOOL(segment->has_tail),
        FTH_VAL_BOOL(segment->has_cubes),
        FTH_VAL_BOOL(segment->has_side),
        FTH_VAL_BOOL(segment->has_long),
        FTH_VAL_STR(segment->sums),
        FTH_VAL_I64(version),
        FTH_VAL_STR(segment->cube_tags.n ? segment->cube_tags : FTH_STR("[]")),
        FTH_VAL_BOOL(segment->has_values),
    };

    return fth_tx_exec(tx, SQL "segment_add", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc close_period(struct fth_tx *tx, const struct fth_delivery *by, int64_t version,
                                struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(by->source_id), FTH_VAL_STR(by->billing_period),
                             FTH_VAL_I64(version)};
    enum fth_rc rc = fth_tx_exec(tx, SQL "segments_close", vals, FTH_NR(vals), NULL, err);

    if (!rc)
        rc = fth_tx_exec(tx, SQL "deliveries_close", vals, FTH_NR(vals), NULL, err);
    return rc;
}

static enum fth_rc move_version(struct fth_tx *tx, int64_t now_us, int64_t delivery_id,
                                int64_t *out, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(now_us), FTH_VAL_I64(delivery_id)};
    enum fth_rc rc = tx_number(tx, SQL "version_add", vals, FTH_NR(vals), out, err);

    /* Two writers at once want the same number; PostgreSQL may tell it either way. */
    if (rc == FTH_E_CONFLICT) {
        fth_err_clear(err);
        rc = fth_err_set(err, FTH_E_BUSY, "the ledger was changed by another writer meanwhile");
    }
    return rc;
}

enum fth_rc fth_catalogue_commit(struct fth_db *db, const struct fth_commit *commit,
                                 int64_t *version, struct fth_err *err)
{
    struct fth_val source = FTH_VAL_I64(commit->delivery->source_id);
    struct fth_tx *tx = NULL;
    int64_t moved = 0;
    enum fth_rc rc = fth_tx_begin(db, &tx, err);

    if (rc)
        return rc;
    rc = move_version(tx, commit->now_us, commit->delivery->id, &moved, err);
    if (!rc)
        rc = fth_tx_exec(tx, SQL "source_return", &source, 1, NULL, err);
    if (!rc && commit->replace)
        rc = close_period(tx, commit->delivery, moved, err);
    if (!rc)
        rc = add_delivery(tx, commit->delivery, moved, err);
    for (size_t i = 0; i < commit->segment_nr && !rc; i++)
        rc = add_segment(tx, &commit->segments[i], moved, err);
    if (rc) {
        fth_tx_rollback(tx);
        return rc;
    }
    rc = fth_tx_commit(tx, err);
    if (!rc)
        *version = moved;
    return rc;
}

struct merge_call {
    struct fth_catalogue_segment segment;
    const int64_t *ids;
    size_t nr;
    int64_t now_us, version;
};

static enum fth_rc close_merged(struct fth_tx *tx, const struct merge_call *call,
                                struct fth_err *err)
{
    for (size_t i = 0; i < call->nr; i++) {
        struct fth_val vals[] = {FTH_VAL_I64(call->ids[i]), FTH_VAL_I64(call->version)};
        int64_t changed = 0;

        if (fth_tx_exec(tx, SQL "segment_merge", vals, FTH_NR(vals), &changed, err))
            return err->rc;
        if (!changed)
            return fth_err_set(err, FTH_E_CONFLICT, "segment %" PRId64 " is not current any more",
                               call->ids[i]);
    }
    return FTH_OK;
}

static enum fth_rc merge_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct merge_call *call = ctx;
    struct fth_val vals[] = {FTH_VAL_I64(call->segment.source_id),
                             FTH_VAL_STR(call->segment.billing_period)};

    if (tx_number(tx, SQL "newest_current", vals, FTH_NR(vals), &call->segment.delivery_id, err) ||
        move_version(tx, call->now_us, call->segment.delivery_id, &call->version, err) ||
        close_merged(tx, call, err))
        return err->rc;
    return add_segment(tx, &call->segment, call->version, err);
}

enum fth_rc fth_catalogue_merge(struct fth_db *db, const struct fth_catalogue_segment *segment,
                                const int64_t *ids, size_t id_nr, int64_t now_us, int64_t *version,
                                struct fth_err *err)
{
    struct merge_call call = {.segment = *segment, .ids = ids, .nr = id_nr, .now_us = now_us};

    if (!fth_db_in_tx(db, merge_work, &call, err))
        *version = call.version;
    return err->rc;
}

static enum fth_rc note_again(struct fth_tx *tx, const struct fth_delivery *delivery,
                              bool *was_there, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(delivery->id), FTH_VAL_STR(delivery->format),
                             FTH_VAL_I64(delivery->received_us), FTH_VAL_I64(delivery->rows_read),
                             FTH_VAL_STR(delivery->report)};
    int64_t changed = 0;
    enum fth_rc rc = fth_tx_exec(tx, SQL "delivery_again", vals, FTH_NR(vals), &changed, err);

    *was_there = !rc && changed > 0;
    if (*was_there)
        rc = fth_tx_exec(tx, SQL "files_forget", vals, 1, NULL, err);
    return rc || !*was_there ? rc : add_files(tx, delivery, err);
}

static enum fth_rc note_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct fth_delivery *delivery = ctx;
    bool was_there = false;
    enum fth_rc rc = FTH_OK;

    if (delivery->status == FTH_DELIVERY_REFUSED)
        rc = note_again(tx, delivery, &was_there, err);
    return rc || was_there ? rc : add_delivery(tx, delivery, 0, err);
}

enum fth_rc fth_catalogue_refused(struct fth_db *db, int64_t source_id,
                                  struct fth_str billing_period, struct fth_str identity,
                                  int64_t *out, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64(source_id), FTH_VAL_STR(billing_period),
                             FTH_VAL_STR(identity)};

    return read_number(db, SQL "delivery_refused", vals, FTH_NR(vals), 0, out, err);
}

enum fth_rc fth_catalogue_note(struct fth_db *db, const struct fth_delivery *delivery,
                               struct fth_err *err)
{
    struct fth_delivery copy = *delivery;

    return fth_db_in_tx(db, note_work, &copy, err);
}

/* ---- deliveries ---- */

static enum fth_rc status_of(struct fth_str text, enum fth_delivery_status *out,
                             struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(statuses); i++)
        if (fth_str_eq_c(text, statuses[i])) {
            *out = (enum fth_delivery_status)i;
            return FTH_OK;
        }
    return fth_err_set(err, FTH_E_CORRUPT, "delivery status \"" FTH_STR_F "\"", FTH_STR_A(text));
}

static enum fth_rc delivery_of(const struct fth_val *row, struct fth_delivery *out,
                               struct fth_err *err)
{
    *out = (struct fth_delivery){
        .id = row[0].i64,
        .source_id = row[1].i64,
        .source = row[2].text,
        .provider = row[3].text,
        .format = row[4].text,
        .identity = row[5].text,
        .billing_period = row[6].text,
        .received_us = row[8].i64,
        .submitted_us = row[9].i64,
        .version = number(&row[10], 0),
        .until_version = number(&row[11], 0),
        .rows_read = row[12].i64,
        .rows_stored = row[13].i64,
        .report = row[14].text,
        .supersedes = number(&row[15], 0),
        .final = (int)number(&row[16], -1),
    };
    return status_of(row[7].text, &out->status, err);
}

/* What to look for; zero and empty fields match all. */
struct wanted {
    int64_t id, source_id;
    struct fth_str period, identity;
    bool current;
};

static enum fth_rc read_deliveries(struct fth_db *db, struct fth_arena *arena,
                                   const struct wanted *wanted, struct fth_delivery **out,
                                   size_t *out_nr, struct fth_err *err)
{
    struct fth_val vals[] = {
        FTH_VAL_I64(wanted->id),       FTH_VAL_I64(wanted->source_id), FTH_VAL_STR(wanted->period),
        FTH_VAL_STR(wanted->identity), FTH_VAL_BOOL(wanted->current),
    };
    struct fth_table table = {0};
    struct fth_delivery *found;
    enum fth_rc rc =
        fth_db_read(db, SQL "deliveries", vals, FTH_NR(vals), arena, ROWS_MAX, &table, err);

    if (rc)
        return rc;
    found = FTH_NEW_ARRAY(arena, struct fth_delivery, table.row_nr);
    if (!found)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr && !rc; i++)
        rc = delivery_of(fth_table_val(&table, i, 0), &found[i], err);
    if (rc)
        return rc;
    *out = found;
    *out_nr = table.row_nr;
    return FTH_OK;
}

static enum fth_rc read_one(struct fth_db *db, struct fth_arena *arena, const struct wanted *wanted,
                            struct fth_delivery *out, bool *found, struct fth_err *err)
{
    struct fth_delivery *list = NULL;
    size_t nr = 0;
    enum fth_rc rc = read_deliveries(db, arena, wanted, &list, &nr, err);

    *found = !rc && nr > 0;
    if (*found)
        *out = list[0];
    return rc;
}

enum fth_rc fth_catalogue_deliveries(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                                     struct fth_delivery **out, size_t *out_nr, struct fth_err *err)
{
    struct wanted wanted = {.source_id = source_id};

    return read_deliveries(db, arena, &wanted, out, out_nr, err);
}

static enum fth_rc read_files(struct fth_db *db, struct fth_arena *arena,
                              struct fth_delivery *delivery, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(delivery->id);
    struct fth_delivery_file *files;
    struct fth_table table = {0};
    enum fth_rc rc = fth_db_read(db, SQL "files", &val, 1, arena, ROWS_MAX, &table, err);

    if (rc)
        return rc;
    files = FTH_NEW_ARRAY(arena, struct fth_delivery_file, table.row_nr);
    if (!files)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);

        files[i] = (struct fth_delivery_file){row[0].text, row[1].text, row[2].i64, row[3].i64,
                                              row[4].i64};
    }
    delivery->files = files;
    delivery->file_nr = table.row_nr;
    return FTH_OK;
}

enum fth_rc fth_catalogue_delivery(struct fth_db *db, struct fth_arena *arena, int64_t id,
                                   struct fth_delivery *out, struct fth_err *err)
{
    struct wanted wanted = {.id = id};
    struct fth_delivery delivery = {0};
    bool found = false;
    enum fth_rc rc = id > 0 ? read_one(db, arena, &wanted, &delivery, &found, err) : FTH_OK;

    if (!rc && !found)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "no delivery %" PRId64, id);
    if (!rc)
        rc = read_files(db, arena, &delivery, err);
    if (!rc)
        *out = delivery;
    return rc;
}

enum fth_rc fth_catalogue_current(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                                  struct fth_str billing_period, struct fth_delivery *out,
                                  struct fth_err *err)
{
    struct wanted wanted = {.source_id = source_id, .period = billing_period, .current = true};
    bool found = false;
    enum fth_rc rc = read_one(db, arena, &wanted, out, &found, err);

    if (!rc && !found)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "nothing is loaded for " FTH_STR_F,
                         FTH_STR_A(billing_period));
    return rc;
}

enum fth_rc fth_catalogue_find(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                               struct fth_str billing_period, struct fth_str identity,
                               struct fth_delivery *out, struct fth_err *err)
{
    struct wanted wanted = {.source_id = source_id, .period = billing_period, .identity = identity};
    bool found = false;
    enum fth_rc rc;

    FTH_CHECK(identity.n > 0);
    rc = read_one(db, arena, &wanted, out, &found, err);
    if (!rc && !found)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "no delivery \"" FTH_STR_F "\" for " FTH_STR_F,
                         FTH_STR_A(identity), FTH_STR_A(billing_period));
    return rc;
}
