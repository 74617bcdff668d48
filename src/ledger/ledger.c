/* The ledger as a whole: opening, the sweep of what killed loads left, the one writer. */
#include "ledger/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/file.h"
#include "base/sql.h"
#include "ledger/ledger_int.h"

enum { OPEN_ARENA = 64 * 1024 * 1024, SMALL_ARENA = 64 * 1024, WAIT_MS = 50 };

enum { HOT_TAGS_MAX = 32 };

static const char *const schema[] = {"ledger/schema/tag_set",        "ledger/schema/cube_day",
                                     "ledger/schema/resource_month", "ledger/schema/side",
                                     "ledger/schema/side_delivery",  "ledger/schema/segment_value"};

static enum fth_rc make_tables(struct fth_session *session, struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(schema); i++)
        if (fth_session_exec(session, fth_sql(schema[i]), NULL, 0, NULL, NULL, err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_ledger_drop(struct fth_session *session, int64_t segment_id, struct fth_err *err)
{
    static const char *const steps[] = {
        "ledger/load/begin",         "ledger/load/drop",
        "ledger/load/drop_cube_day", "ledger/load/drop_resource_month",
        "ledger/load/drop_side",     "ledger/load/drop_segment_value",
        "ledger/load/commit"};
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_err ignored = {0};
    char id[24], table[32];
    struct fth_word words[] = {{"segment", {id, 0}}, {"table", {table, 0}}};

    if (!arena)
        return fth_err_nomem(err);
    words[0].text.n = (size_t)snprintf(id, sizeof(id), "%" PRId64, segment_id);
    words[1].text.n = (size_t)snprintf(table, sizeof(table), "seg_%" PRId64, segment_id);
    for (size_t i = 0; i < FTH_NR(steps) && !err->rc; i++)
        fth_statement_exec(session, arena, steps[i], words, FTH_NR(words), NULL, err);
    if (err->rc)
        fth_session_exec(session, fth_sql("ledger/load/rollback"), NULL, 0, NULL, NULL, &ignored);
    fth_arena_free(arena);
    return err->rc;
}

/* ---- the sweep ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

bool fth_ids_has(const struct fth_ids *ids, int64_t id)
{
    return ids->nr && bsearch(&id, ids->at, ids->nr, sizeof(id), by_id);
}

enum fth_rc fth_ledger_tables(struct fth_session *session, struct fth_arena *arena,
                              struct fth_ids *out, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    *out = (struct fth_ids){0};
    if (fth_session_query(session, fth_sql("ledger/open/tables"), NULL, 0, NULL, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        int64_t *more = FTH_NEW_ARRAY(arena, int64_t, out->nr + batch.nr);

        if (!more) {
            fth_err_nomem(err);
            break;
        }
        for (size_t i = 0; i < out->nr; i++)
            more[i] = out->at[i];
        out->at = more;
        for (size_t i = 0; i < batch.nr; i++)
            if (fth_str_to_i64(fth_str_sub(batch.cols[0].text[i], 4, SIZE_MAX), &more[out->nr]))
                out->nr++;
    }
    fth_result_free(result);
    if (out->nr)
        qsort(out->at, out->nr, sizeof(*out->at), by_id);
    return err->rc;
}

/* Every current segment has a table, else the engine's file is not the catalogue's. */
static enum fth_rc check_current(struct fth_ledger *ledger, const struct fth_ids *tables,
                                 struct fth_err *err)
{
    const struct fth_snapshot *newest = &ledger->newest->pub;

    for (size_t i = 0; i < newest->nr; i++) {
        if (fth_ids_has(tables, newest->at[i].id))
            continue;
        fth_err_hint(err, "Restore the ledger's folder from a backup, or import the bills again "
                          "into a new data directory.");
        return fth_err_set(err, FTH_E_CORRUPT,
                           "segment %" PRId64 " of the catalogue is missing in the ledger",
                           newest->at[i].id);
    }
    return FTH_OK;
}

static enum fth_rc sweep(struct fth_ledger *ledger, struct fth_session *session,
                         struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(OPEN_ARENA);
    struct fth_ids tables, known;

    if (!arena)
        return fth_err_nomem(err);
    if (fth_ledger_tables(session, arena, &tables, err) || check_current(ledger, &tables, err) ||
        fth_catalogue_segment_ids(ledger->db, arena, &known.at, &known.nr, err))
        goto out;
    if (known.nr)
        qsort(known.at, known.nr, sizeof(*known.at), by_id);
    for (size_t i = 0; i < tables.nr; i++) {
        const struct fth_log_field field = FTH_LF_I64("segment", tables.at[i]);

        if (fth_ids_has(&known, tables.at[i]))
            continue;
        if (fth_ledger_drop(session, tables.at[i], err))
            goto out;
        fth_log_write(ledger->log, FTH_LOG_WARN, "ledger", NULL,
                      "swept a segment that the catalogue does not have there", &field, 1);
    }
out:
    fth_arena_free(arena);
    return err->rc;
}

/* ---- opening ---- */

char *const *fth_ledger_hot_tags(const struct fth_ledger *ledger, size_t *nr)
{
    *nr = ledger->hot_tag_nr;
    return ledger->hot_tags;
}

static enum fth_rc keep_hot_tags(struct fth_ledger *ledger, const struct fth_ledger_conf *conf,
                                 struct fth_err *err)
{
    if (conf->hot_tag_nr > HOT_TAGS_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%zu hot tags; at most %d can have cubes",
                           conf->hot_tag_nr, HOT_TAGS_MAX);
    ledger->hot_tags = fth_calloc(conf->hot_tag_nr, sizeof(*ledger->hot_tags));
    if (!ledger->hot_tags)
        return fth_err_nomem(err);
    for (; ledger->hot_tag_nr < conf->hot_tag_nr; ledger->hot_tag_nr++) {
        char *copy = fth_strdup(conf->hot_tags[ledger->hot_tag_nr]);

        if (!copy)
            return fth_err_nomem(err);
        ledger->hot_tags[ledger->hot_tag_nr] = copy;
    }
    return FTH_OK;
}

static enum fth_rc find_archive(struct fth_ledger *ledger, const struct fth_ledger_conf *conf,
                                struct fth_err *err)
{
    char real[PATH_MAX];

    if (!conf->archive || fth_file_mkdirs(conf->archive, err))
        return err->rc;
    if (!realpath(conf->archive, real))
        return fth_err_errno(err, errno, "%s", conf->archive);
    ledger->archive = fth_strdup(real);
    return ledger->archive ? FTH_OK : fth_err_nomem(err);
}

static enum fth_rc open_parts(struct fth_ledger *ledger, const struct fth_ledger_conf *conf,
                              struct fth_err *err)
{
    struct fth_engine_conf engine = conf->engine;
    struct fth_session *session = NULL;

    if (keep_hot_tags(ledger, conf, err) || find_archive(ledger, conf, err))
        return err->rc;
    engine.archive = ledger->archive;
    if (fth_engine_open(&engine, &ledger->engine, err) ||
        fth_session_open(ledger->engine, &session, err))
        return err->rc;
    if ((conf->engine.read_only || !make_tables(session, err)) &&
        !fth_snapshots_refresh(ledger, err) &&
        (conf->engine.read_only || !sweep(ledger, session, err)))
        fth_tagsets_load(&ledger->tags, session, err);
    fth_session_close(session);
    return err->rc;
}

enum fth_rc fth_ledger_open(const struct fth_ledger_conf *conf, struct fth_db *db,
                            const struct fth_clock *clock, struct fth_log *log,
                            struct fth_ledger **out, struct fth_err *err)
{
    struct fth_ledger *ledger = fth_calloc(1, sizeof(*ledger));

    if (!ledger)
        return fth_err_nomem(err);
    ledger->db = db;
    ledger->clock = clock;
    ledger->log = log;
    fth_mutex_init(&ledger->write_mutex, FTH_LOCK_INGEST);
    fth_cond_init(&ledger->write_free);
    fth_mutex_init(&ledger->mutex, FTH_LOCK_LEDGER);
    fth_tagsets_init(&ledger->tags);
    if (open_parts(ledger, conf, err)) {
        fth_err_prefix(err, "ledger");
        fth_ledger_close(ledger);
        return err->rc;
    }
    *out = ledger;
    return FTH_OK;
}

void fth_ledger_close(struct fth_ledger *ledger)
{
    if (!ledger)
        return;
    FTH_CHECK(!ledger->writing);
    fth_snapshots_release(ledger);
    fth_engine_close(ledger->engine);
    fth_tagsets_release(&ledger->tags);
    fth_mutex_release(&ledger->mutex);
    fth_cond_release(&ledger->write_free);
    fth_mutex_release(&ledger->write_mutex);
    for (size_t i = 0; i < ledger->hot_tag_nr; i++)
        fth_free(ledger->hot_tags[i]);
    fth_free(ledger->hot_tags);
    fth_free(ledger->archive);
    fth_free(ledger);
}

struct fth_engine *fth_ledger_engine(struct fth_ledger *ledger)
{
    return ledger->engine;
}

struct fth_db *fth_ledger_db(struct fth_ledger *ledger)
{
    return ledger->db;
}

/* ---- the one writer ---- */

enum fth_rc fth_ledger_write_begin(struct fth_ledger *ledger, struct fth_cancel *cancel,
                                   struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    fth_mutex_lock(&ledger->write_mutex);
    while (ledger->writing && !(rc = fth_cancel_check(cancel, err)))
        fth_cond_wait(&ledger->write_free, &ledger->write_mutex, WAIT_MS);
    if (!rc)
        ledger->writing = true;
    fth_mutex_unlock(&ledger->write_mutex);
    return rc;
}

void fth_ledger_write_end(struct fth_ledger *ledger)
{
    fth_mutex_lock(&ledger->write_mutex);
    FTH_CHECK(ledger->writing);
    ledger->writing = false;
    fth_cond_signal(&ledger->write_free);
    fth_mutex_unlock(&ledger->write_mutex);
}

/* A commit whose answer was lost may have happened: what the catalogue knows stays. */
enum fth_rc fth_ledger_discard(struct fth_ledger *ledger, int64_t segment_id, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_session *session = NULL;
    bool known = true;

    if (!arena)
        return fth_err_nomem(err);
    if (!fth_catalogue_has_segment(ledger->db, arena, segment_id, &known, err) && !known &&
        !fth_session_open(ledger->engine, &session, err))
        (void)fth_ledger_drop(session, segment_id, err);
    fth_session_close(session);
    fth_arena_free(arena);
    return err->rc;
}
