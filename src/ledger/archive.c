#include "ledger/archive.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/file_copy.h"
#include "base/sql.h"
#include "ledger/lake_int.h"

/* A disk that is nearly full is left alone; what a segment takes as Parquet is not known before. */
enum { RUN_ARENA = 256 << 20, ROOM = 64 << 20 };

struct run {
    struct fth_ledger *ledger;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    struct fth_session *session;
    struct fth_archived done;
};

/* ---- files ---- */

enum fth_rc fth_archive_path(const struct fth_ledger *ledger, struct fth_arena *arena, int64_t id,
                             bool side, const char **out, struct fth_err *err)
{
    struct fth_str path = {0};

    if (!fth_arena_printf(arena, &path, err, "%s/%" PRId64 "%s.parquet", ledger->archive, id,
                          side ? ".side" : ""))
        *out = path.p;
    return err->rc;
}

enum fth_rc fth_archive_table(const struct fth_ledger *ledger, struct fth_arena *arena, int64_t id,
                              bool side, const char **out, struct fth_err *err)
{
    struct fth_str quoted = {0}, sql = {0};
    const char *path = NULL;

    if (fth_archive_path(ledger, arena, id, side, &path, err) ||
        fth_lake_quote(arena, path, &quoted, err))
        return err->rc;
    const struct fth_word words[] = {{"path", quoted}};

    if (!fth_statement(arena, side ? "ledger/archive/table_side" : "ledger/archive/table", words,
                       FTH_NR(words), &sql, err))
        *out = sql.p;
    return err->rc;
}

/* What is complete gets its own name. */
static enum fth_rc settle(struct run *run, const char *part, const char *path, struct fth_err *err)
{
    struct fth_file_digest counted = {0};

    fth_fault_moment("archive-written");
    if (!fth_file_copy(part, NULL, run->cancel, &counted, err) && !fth_file_settle(part, path, err))
        run->done.bytes += counted.bytes;
    return err->rc;
}

/* Writes one file under another name, looks at it, and gives it its own. */
static enum fth_rc write_file(struct run *run, int64_t id, bool side,
                              const struct fth_lake_content *table, struct fth_err *err)
{
    struct fth_lake_content content = {0};
    struct fth_str part = {0}, quoted = {0}, segment = {0}, name = {0};
    struct fth_err ignored = {0};
    const char *path = NULL;

    if (fth_archive_path(run->ledger, run->arena, id, side, &path, err) ||
        fth_arena_printf(run->arena, &part, err, "%s.part", path) ||
        fth_lake_quote(run->arena, part.p, &quoted, err) ||
        fth_arena_printf(run->arena, &segment, err, "%" PRId64, id) ||
        fth_arena_printf(run->arena, &name, err, "seg_%" PRId64, id))
        return err->rc;
    const struct fth_word words[] = {{"table", name}, {"segment", segment}, {"path", quoted}};

    if (fth_file_remove(part.p, err) ||
        fth_statement_exec(run->session, run->arena,
                           side ? "ledger/archive/side" : "ledger/archive/charges", words,
                           FTH_NR(words), run->cancel, err) ||
        (!side && fth_lake_look(run->session, run->arena, part.p, run->cancel, &content, err)))
        goto out;
    if (!side && !fth_lake_same_sums(content.sums, content.sum_nr, table->sums, table->sum_nr))
        fth_err_set(err, FTH_E_CHECK, "%s: the file's sums are not the segment's", path);
    else
        (void)settle(run, part.p, path, err);
out:
    if (err->rc)
        (void)fth_file_remove(part.p, &ignored);
    fth_disk_full_hint(err);
    return err->rc;
}

/* The commit: from now on the file is the segment. */
static enum fth_rc put_mark(const struct run *run, int64_t id, struct fth_err *err)
{
    fth_fault_moment("archive-settled");
    (void)fth_catalogue_archive(run->ledger->db, id, fth_clock_now_us(run->ledger->clock), err);
    fth_fault_moment("archive-marked");
    return err->rc;
}

static enum fth_rc archive_one(struct run *run, int64_t id, bool has_side, struct fth_err *err)
{
    struct fth_arena_mark mark = fth_arena_mark(run->arena);
    struct fth_lake_content table = {0};
    struct fth_str name = {0};

    if (!fth_arena_printf(run->arena, &name, err, "seg_%" PRId64, id) &&
        !fth_disk_room(run->ledger->archive, ROOM, err) &&
        !fth_lake_look_table(run->session, run->arena, name.p, run->cancel, &table, err) &&
        !write_file(run, id, false, &table, err) &&
        !(has_side && write_file(run, id, true, NULL, err)) && !put_mark(run, id, err))
        run->done.segments++;
    fth_arena_rewind(run->arena, mark);
    if (err->rc)
        fth_err_prefix(err, "segment %" PRId64, id);
    return err->rc;
}

/* ---- what leaves the engine ---- */

/* Was a reader given the segment's table, or, `any`, its file? Somebody who reads the catalogue
 * just now could have been. */
static bool is_pinned(struct fth_ledger *ledger, int64_t id, bool any)
{
    bool pinned;

    fth_mutex_lock(&ledger->mutex);
    pinned = ledger->reading > 0;
    for (const struct fth_pinned *at = ledger->snapshots; at && !pinned; at = at->next)
        for (size_t i = 0; i < at->pub.nr && !pinned; i++)
            pinned = at->pub.at[i].id == id && (any || !at->pub.at[i].archived);
    fth_mutex_unlock(&ledger->mutex);
    return pinned;
}

/* Tables of archived segments, of this run and of those that a reader or a kill kept. */
static enum fth_rc drop_tables(struct run *run, struct fth_err *err)
{
    struct fth_ids tables = {0}, known = {0};

    if (fth_ledger_tables(run->session, run->arena, &tables, err) ||
        fth_catalogue_archived(run->ledger->db, run->arena, &known.at, &known.nr, err))
        return err->rc;
    for (size_t i = 0; i < tables.nr && !err->rc; i++) {
        if (!fth_ids_has(&known, tables.at[i]) || is_pinned(run->ledger, tables.at[i], false) ||
            fth_ledger_drop(run->session, tables.at[i], err))
            continue;
        run->done.dropped++;
        fth_fault_moment("archive-dropped");
    }
    return err->rc;
}

/* ---- what has had its time ---- */

static enum fth_rc forget_old(struct run *run, int64_t before_us, struct fth_err *err)
{
    int64_t *ids = NULL;
    size_t nr = 0;

    if (fth_catalogue_past(run->ledger->db, run->arena, before_us, &ids, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++) {
        if (is_pinned(run->ledger, ids[i], true))
            continue;
        if (fth_catalogue_forget(run->ledger->db, &ids[i], 1, err))
            break;
        run->done.removed++;
    }
    return err->rc;
}

/* The segment of "17.parquet" and of whatever else begins like that; 0: another file. */
static int64_t id_of(const char *name)
{
    struct fth_str id = {0}, rest = {0};
    int64_t number = 0;

    if (!fth_str_split(fth_str_c(name), '.', &id, &rest) || !fth_str_to_i64(id, &number))
        return 0;
    return number;
}

/* Files without a row are nobody's: of segments that were forgotten and of runs that were killed.
 * A reader who was given one has it pinned, so this looks at pins when no row says it any more. */
static enum fth_rc sweep(struct run *run, struct fth_err *err)
{
    struct fth_ids known = {0};
    const struct dirent *entry;
    DIR *list;

    if (fth_catalogue_archived(run->ledger->db, run->arena, &known.at, &known.nr, err))
        return err->rc;
    list = opendir(run->ledger->archive);
    if (!list)
        return fth_err_errno(err, errno, "%s", run->ledger->archive);
    while (!err->rc && (entry = readdir(list))) {
        int64_t id = id_of(entry->d_name);
        struct fth_str path = {0};

        if (id > 0 && !fth_ids_has(&known, id) && !is_pinned(run->ledger, id, true) &&
            !fth_arena_printf(run->arena, &path, err, "%s/%s", run->ledger->archive,
                              entry->d_name) &&
            !fth_file_remove(path.p, err))
            fth_fault_moment("archive-swept");
    }
    closedir(list);
    return err->rc;
}

static enum fth_rc put_away(struct run *run, int64_t keep_us, struct fth_err *err)
{
    struct fth_ledger *ledger = run->ledger;

    if (fth_ledger_write_begin(ledger, run->cancel, err))
        return err->rc;
    if (!drop_tables(run, err) &&
        (!keep_us || !forget_old(run, fth_clock_now_us(ledger->clock) - keep_us, err)))
        (void)sweep(run, err);
    fth_ledger_write_end(ledger);
    return err->rc;
}

/* A disk that is full does not keep what is past from making room. */
static enum fth_rc run_it(struct run *run, int64_t keep_us, struct fth_err *err)
{
    struct fth_ledger *ledger = run->ledger;
    struct fth_catalogue_closed *closed = NULL;
    struct fth_err why = {0};
    size_t nr = 0;

    if (fth_file_mkdirs(ledger->archive, err) ||
        fth_session_open(ledger->engine, &run->session, err) ||
        fth_catalogue_closed(ledger->db, run->arena, &closed, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr && !fth_cancel_check(run->cancel, err); i++)
        if (archive_one(run, closed[i].id, closed[i].has_side, err))
            break;
    if (err->rc != FTH_E_CANCELLED && put_away(run, keep_us, &why) && !err->rc)
        *err = why;
    return err->rc;
}

enum fth_rc fth_ledger_archive(struct fth_ledger *ledger, int64_t keep_us,
                               struct fth_cancel *cancel, struct fth_archived *out,
                               struct fth_err *err)
{
    struct run run = {.ledger = ledger, .cancel = cancel, .arena = fth_arena_new(RUN_ARENA)};

    *out = (struct fth_archived){0};
    if (!run.arena)
        return fth_err_nomem(err);
    if (ledger->archive && run_it(&run, keep_us, err))
        fth_err_prefix(err, "archive");
    fth_session_close(run.session);
    fth_arena_free(run.arena);
    *out = run.done;
    return err->rc;
}
