/*
 * A ledger from a lake: the files are verified, the tag dictionary and each segment loaded as an
 * import would, what the loads found compared with the manifest; then one transaction of the state
 * store writes the catalogue, and that is the commit.
 */
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/sql.h"
#include "ledger/lake_int.h"

struct restore {
    struct fth_ledger *ledger;
    const char *dir;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    struct fth_lake_manifest manifest;
    struct fth_lake_loaded *loaded;
    size_t loaded_nr;
};

static enum fth_rc check_empty(struct restore *restore, struct fth_err *err)
{
    struct fth_source *sources = NULL;
    int64_t version = 0;
    size_t nr = 0;

    if (fth_catalogue_version(restore->ledger->db, &version, err) ||
        fth_catalogue_sources(restore->ledger->db, restore->arena, &sources, &nr, err))
        return err->rc;
    if (version == 0 && nr == 0)
        return FTH_OK;
    fth_err_hint(err, "Restore into a new data directory.");
    return fth_err_set(err, FTH_E_CONFLICT, "the ledger is not empty: %zu sources, version %lld",
                       nr, (long long)version);
}

static enum fth_rc check_files(struct restore *restore, struct fth_err *err)
{
    const struct fth_lake_problem *problems = NULL;
    struct fth_lake_summary ignored;

    if (fth_lake_verify(restore->ledger->engine, restore->dir, restore->cancel, restore->arena,
                        &ignored, &problems, err) ||
        !problems)
        return err->rc;
    fth_err_hint(err, "\"lake verify\" names every file that is damaged.");
    return fth_err_set(err, FTH_E_CHECK, "%s/" FTH_STR_F ": " FTH_STR_F, restore->dir,
                       FTH_STR_A(problems->path), FTH_STR_A(problems->detail));
}

/* ---- tags ---- */

static enum fth_rc replace_tags(struct restore *restore, struct fth_session *session,
                                struct fth_str path, struct fth_err *err)
{
    static const char *const steps[] = {"ledger/load/begin", "ledger/lake/tags_clear",
                                        "ledger/lake/tags_fill", "ledger/load/commit"};
    const struct fth_word words[] = {{"path", path}};
    struct fth_err ignored = {0};

    for (size_t i = 0; i < FTH_NR(steps) && !err->rc; i++)
        fth_statement_exec(session, restore->arena, steps[i], words, FTH_NR(words), restore->cancel,
                           err);
    if (err->rc)
        fth_session_exec(session, fth_sql("ledger/load/rollback"), NULL, 0, NULL, NULL, &ignored);
    return err->rc;
}

static enum fth_rc load_tags(struct restore *restore, struct fth_err *err)
{
    struct fth_engine *engine = restore->ledger->engine;
    struct fth_session *session = NULL;
    const char *outside = NULL, *inside = NULL;
    struct fth_str path = {0};

    if (fth_lake_path(restore->arena, restore->dir, restore->manifest.tags.path, &outside, err) ||
        fth_engine_adopt(engine, outside, restore->arena, &inside, err))
        return err->rc;
    if (!fth_lake_quote(restore->arena, inside, &path, err) &&
        !fth_session_open(engine, &session, err) && !replace_tags(restore, session, path, err))
        fth_tagsets_reload(&restore->ledger->tags, session, err);
    fth_session_close(session);
    fth_engine_forget(engine, inside);
    return err->rc;
}

/* ---- segments ---- */

/* A file in the engine's directory, and how a statement names it. */
struct adopted {
    const char *inside;
    struct fth_str quoted;
};

static enum fth_rc adopt(struct restore *restore, const struct fth_lake_file *file,
                         struct adopted *out, struct fth_err *err)
{
    const char *outside = NULL;

    if (fth_lake_path(restore->arena, restore->dir, file->path, &outside, err) ||
        fth_engine_adopt(restore->ledger->engine, outside, restore->arena, &out->inside, err))
        return err->rc;
    return fth_lake_quote(restore->arena, out->inside, &out->quoted, err);
}

static enum fth_rc load_from(struct restore *restore, const struct fth_lake_segment *segment,
                             const struct adopted *charges, const struct adopted *side,
                             struct fth_segment_stats *out, struct fth_err *err)
{
    const struct fth_word words[] = {{"path", charges->quoted}, {"side", side->quoted}};
    struct fth_segment_load load = {.segment_id = segment->id,
                                    .wide =
                                        fth_lake_wide(restore->ledger->engine, &segment->content),
                                    .cancel = restore->cancel};

    if (fth_statement(restore->arena,
                      side->inside ? "ledger/lake/mapping_side" : "ledger/lake/mapping", words,
                      FTH_NR(words), &load.mapping_text, err))
        return err->rc;
    return fth_ledger_load(restore->ledger, &load, restore->arena, out, err);
}

static enum fth_rc load_segment(struct restore *restore, const struct fth_lake_segment *segment,
                                struct fth_segment_stats *out, struct fth_err *err)
{
    struct adopted charges = {0}, side = {0};

    /* What a restore left whose commit failed in this process. The ledger is empty: nobody's. */
    if (!fth_ledger_discard(restore->ledger, segment->id, err) &&
        !adopt(restore, &segment->charges, &charges, err) &&
        !(segment->side.path && adopt(restore, &segment->side, &side, err)))
        load_from(restore, segment, &charges, &side, out, err);
    if (charges.inside)
        fth_engine_forget(restore->ledger->engine, charges.inside);
    if (side.inside)
        fth_engine_forget(restore->ledger->engine, side.inside);
    if (!err->rc &&
        !fth_lake_same_sums(out->sums, out->sum_nr, segment->content.sums, segment->content.sum_nr))
        fth_err_set(err, FTH_E_CHECK, "the restored sums are not those of the manifest");
    if (err->rc)
        fth_err_prefix(err, "%s", segment->charges.path);
    return err->rc;
}

static enum fth_rc load_segments(struct restore *restore, struct fth_err *err)
{
    const struct fth_lake_manifest *manifest = &restore->manifest;

    restore->loaded = FTH_NEW_ARRAY(restore->arena, struct fth_lake_loaded, manifest->segment_nr);
    if (!restore->loaded)
        return fth_err_nomem(err);
    for (size_t i = 0; i < manifest->segment_nr; i++) {
        restore->loaded[restore->loaded_nr++].id = manifest->segments[i].id;
        if (load_segment(restore, &manifest->segments[i], &restore->loaded[i].stats, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- the commit ---- */

static enum fth_rc commit(struct restore *restore, struct fth_err *err)
{
    static const struct fth_json_limits limits = {.max_len = FTH_LAKE_TEXT};
    const struct fth_json *catalogue = NULL;
    struct fth_err ignored = {0};
    struct fth_str text = {0};
    const char *path = NULL;

    if (fth_lake_path(restore->arena, restore->dir, restore->manifest.catalogue.path, &path, err) ||
        fth_file_read(restore->arena, path, FTH_LAKE_TEXT, &text, err) ||
        fth_json_parse(restore->arena, text, &limits, &catalogue, err) ||
        fth_engine_checkpoint(restore->ledger->engine, err) ||
        fth_lake_fill_catalogue(restore->ledger->db, restore->arena, catalogue,
                                restore->manifest.version, restore->loaded, restore->loaded_nr,
                                err))
        return err->rc;
    /* It is committed; one that fails is made up for by the next question. */
    (void)fth_ledger_refresh(restore->ledger, &ignored);
    return FTH_OK;
}

static void discard(struct restore *restore)
{
    for (size_t i = 0; i < restore->loaded_nr; i++) {
        struct fth_err ignored = {0};

        fth_ledger_discard(restore->ledger, restore->loaded[i].id, &ignored);
    }
}

static enum fth_rc run(struct restore *restore, struct fth_err *err)
{
    if (fth_ledger_write_begin(restore->ledger, restore->cancel, err))
        return err->rc;
    if (!check_empty(restore, err) && !check_files(restore, err) &&
        !fth_lake_read_manifest(restore->arena, restore->dir, &restore->manifest, err) &&
        !load_tags(restore, err)) {
        /* Of a commit that failed one cannot always tell whether it was done; what was not is swept
         * at the next opening. */
        if (load_segments(restore, err))
            discard(restore);
        else
            commit(restore, err);
    }
    fth_ledger_write_end(restore->ledger);
    return err->rc;
}

enum fth_rc fth_lake_restore(struct fth_ledger *ledger, const char *dir, struct fth_cancel *cancel,
                             struct fth_lake_summary *out, struct fth_err *err)
{
    struct restore restore = {.ledger = ledger, .dir = dir, .cancel = cancel};

    restore.arena = fth_arena_new(FTH_LAKE_ARENA);
    if (!restore.arena)
        return fth_err_nomem(err);
    if (!run(&restore, err))
        *out = fth_lake_summary_of(&restore.manifest);
    fth_arena_free(restore.arena);
    return err->rc;
}
