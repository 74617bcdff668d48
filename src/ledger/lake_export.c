/*
 * Writing a lake: each file is written by the engine inside its directory, compared with what it
 * was written from, and copied out with its hash; then the catalogue, then the manifest.
 *
 * Segments never change, and a ledger's versions are one line of history. So where an earlier lake
 * knows a version of this ledger, by its number and the moment it came to be, each of its segments
 * is the ledger's segment of that id, and its file need only be whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/file.h"
#include "ledger/lake_int.h"

enum { PATH_TEXT = 8192 };

struct export
{
    struct fth_ledger *ledger;
    const char *dir;
    struct fth_session *session;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    struct fth_lake_manifest manifest;
    struct fth_lake_manifest earlier; /* of the lake that is there */
    bool update;                      /* there is one */
    size_t kept_nr;
};

/* ---- the folder ---- */

static enum fth_rc is_empty(const char *dir, bool *out, struct fth_err *err)
{
    DIR *list = opendir(dir);
    const struct dirent *entry;

    if (!list)
        return fth_err_errno(err, errno, "%s", dir);
    *out = true;
    while (*out && (entry = readdir(list)))
        *out = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(list);
    return FTH_OK;
}

static enum fth_rc version_at(const struct export *export, int64_t version, int64_t *out,
                              struct fth_err *err)
{
    const struct fth_val val = FTH_VAL_I64(version);
    struct fth_table table;

    if (fth_db_read(export->ledger->db, "state/lake/version_at", &val, 1, export->arena, 1, &table,
                    err))
        return err->rc;
    *out = table.row_nr ? fth_table_val(&table, 0, 0)->i64 : 0;
    return FTH_OK;
}

/* Reads what is there, if there is anything: an earlier lake of this ledger, or it is refused. */
static enum fth_rc read_earlier(struct export *export, struct fth_err *err)
{
    struct fth_lake_manifest *earlier = &export->earlier;
    int64_t at_us = 0;
    bool empty = false;

    if (is_empty(export->dir, &empty, err) || empty)
        return err->rc;
    if (fth_lake_read_manifest(export->arena, export->dir, earlier, err)) {
        if (err->rc != FTH_E_NOTFOUND)
            return err->rc;
        fth_err_clear(err);
        fth_err_hint(err, "Export into a new folder; an export that did not end has no "
                          "manifest.json and can be removed.");
        return fth_err_set(err, FTH_E_CONFLICT, "%s: not empty", export->dir);
    }
    if (version_at(export, earlier->version, &at_us, err))
        return err->rc;
    export->update = at_us == earlier->version_at_us && (at_us || !earlier->segment_nr);
    if (export->update)
        return FTH_OK;
    fth_err_hint(err, "Export into a new folder.");
    return fth_err_set(err, FTH_E_CONFLICT,
                       "%s: not empty: a lake of another ledger, or of an earlier program",
                       export->dir);
}

/* All that was written is on the disk before the manifest says so. */
static enum fth_rc sync_all(const char *dir, struct fth_err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || syncfs(fd) != 0)
        fth_err_errno(err, errno, "%s", dir);
    if (fd >= 0)
        close(fd);
    return err->rc;
}

/* As Hive names folders: what could be taken for anything else is in percent. */
static void put_part(struct fth_buf *buf, struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '_' || c == '-';

        fth_buf_printf(buf, plain ? "%c" : "%%%02X", c);
    }
}

/* "charges/source=S/billing_period=P/segment=7/charges.parquet", its folders made. */
static enum fth_rc name_file(const struct export *export, const char *kind,
                             const struct fth_lake_segment *segment, const char **out,
                             struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PATH_TEXT);
    const char *folder = NULL;
    struct fth_str path = {0};

    fth_buf_printf(&buf, "%s/source=", kind);
    put_part(&buf, segment->source);
    fth_buf_c(&buf, "/billing_period=");
    put_part(&buf, segment->billing_period);
    fth_buf_printf(&buf, "/segment=%" PRId64 "%c", segment->id, '\0');
    if (!fth_buf_done(&buf, err) &&
        !fth_lake_path(export->arena, export->dir, buf.p, &folder, err) &&
        !fth_file_mkdirs(folder, err) &&
        !fth_arena_printf(export->arena, &path, err, "%s/%s.parquet", buf.p, kind))
        *out = path.p;
    fth_buf_release(&buf);
    return err->rc;
}

/* ---- a file ---- */

struct writing {
    const char *statement;
    const char *table, *segment; /* its words, NULL: it has none */
    const char *path;            /* below the folder */
    bool charges;                /* sums and columns count, too */
};

static enum fth_rc write_inside(const struct export *export, const struct writing *writing,
                                const char *inside, struct fth_err *err)
{
    struct fth_str quoted = {0};

    if (fth_lake_quote(export->arena, inside, &quoted, err))
        return err->rc;
    const struct fth_word words[] = {
        {"path", quoted},
        {"table", fth_str_c(writing->table ? writing->table : "")},
        {"segment", fth_str_c(writing->segment ? writing->segment : "")}};

    return fth_statement_exec(export->session, export->arena, writing->statement, words,
                              FTH_NR(words), export->cancel, err);
}

/* The file that was just written holds what the segment does. */
static enum fth_rc check_charges(const struct export *export, const struct writing *writing,
                                 const char *inside, struct fth_lake_content *out,
                                 struct fth_err *err)
{
    struct fth_lake_content table;

    if (fth_lake_look(export->session, export->arena, inside, export->cancel, out, err) ||
        fth_lake_look_table(export->session, export->arena, writing->table, export->cancel, &table,
                            err))
        return err->rc;
    if (!fth_lake_same_sums(out->sums, out->sum_nr, table.sums, table.sum_nr))
        return fth_err_set(err, FTH_E_CHECK, "%s: the file's sums are not the ledger's",
                           writing->path);
    return FTH_OK;
}

/* Copies it out, in the place of what may stand there. */
static enum fth_rc bring_out(const struct export *export, const char *inside,
                             struct fth_lake_file *out, struct fth_err *err)
{
    struct fth_str part = {0};
    const char *to = NULL;

    if (fth_lake_path(export->arena, export->dir, out->path, &to, err) ||
        fth_arena_printf(export->arena, &part, err, "%s.part", to))
        return err->rc;
    unlink(part.p); /* of an export that did not end */
    if (!fth_lake_read(inside, part.p, export->cancel, out, err) && rename(part.p, to) != 0)
        fth_err_errno(err, errno, "%s", to);
    if (err->rc)
        unlink(part.p);
    return err->rc;
}

static enum fth_rc write_file(const struct export *export, const struct writing *writing,
                              struct fth_lake_file *out, struct fth_lake_content *content,
                              struct fth_err *err)
{
    struct fth_engine *engine = export->ledger->engine;
    const char *inside = NULL;

    out->path = writing->path;
    if (fth_engine_scratch(engine, "parquet", export->arena, &inside, err))
        return err->rc;
    if (!write_inside(export, writing, inside, err) &&
        !(writing->charges && check_charges(export, writing, inside, content, err)) &&
        !fth_lake_count(export->session, export->arena, inside, export->cancel, &out->rows, err))
        bring_out(export, inside, out, err);
    fth_engine_forget(engine, inside);
    return err->rc;
}

/* Is the file of the earlier lake where it should be, and what its manifest says? */
static enum fth_rc is_whole(const struct export *export, const struct fth_lake_file *file,
                            const char *path, bool *out, struct fth_err *err)
{
    struct fth_lake_file found = {0};
    const char *at = NULL;

    *out = false;
    if (!file->path || strcmp(file->path, path) != 0)
        return FTH_OK;
    if (fth_lake_path(export->arena, export->dir, path, &at, err))
        return err->rc;
    if (fth_lake_read(at, NULL, export->cancel, &found, err)) {
        if (err->rc != FTH_E_NOTFOUND && err->rc != FTH_E_IO)
            return err->rc;
        fth_err_clear(err); /* it is written anew */
        return FTH_OK;
    }
    *out = found.bytes == file->bytes && strcmp(found.sha256, file->sha256) == 0;
    return FTH_OK;
}

/* The file of the earlier lake, or one that is written. */
static enum fth_rc keep_or_write(struct export *export, const struct writing *writing,
                                 const struct fth_lake_file *earlier, bool *kept,
                                 struct fth_lake_file *out, struct fth_lake_content *content,
                                 struct fth_err *err)
{
    if (is_whole(export, earlier, writing->path, kept, err))
        return err->rc;
    if (!*kept)
        return write_file(export, writing, out, content, err);
    *out = *earlier;
    export->kept_nr++;
    return FTH_OK;
}

/* ---- all of it ---- */

static const struct fth_lake_segment *earlier_of(const struct export *export, int64_t id)
{
    static const struct fth_lake_segment none;

    for (size_t i = 0; i < export->earlier.segment_nr; i++)
        if (export->earlier.segments[i].id == id)
            return &export->earlier.segments[i];
    return &none;
}

static enum fth_rc write_segment(struct export *export, const struct fth_segment *from,
                                 struct fth_lake_segment *out, struct fth_err *err)
{
    const struct fth_lake_segment *earlier = earlier_of(export, from->id);
    char id[24];
    struct writing writing = {.table = from->table, .segment = id};
    bool kept;

    snprintf(id, sizeof(id), "%" PRId64, from->id);
    *out = (struct fth_lake_segment){
        .id = from->id, .source = from->source, .billing_period = from->billing_period};
    writing.statement = "ledger/lake/charges";
    writing.charges = true;
    if (name_file(export, "charges", out, &writing.path, err) ||
        keep_or_write(export, &writing, &earlier->charges, &kept, &out->charges, &out->content,
                      err))
        return err->rc;
    if (kept)
        out->content = earlier->content;
    if (!from->has_side)
        return FTH_OK;
    writing.statement = "ledger/lake/side";
    writing.charges = false;
    if (name_file(export, "side", out, &writing.path, err))
        return err->rc;
    return keep_or_write(export, &writing, &earlier->side, &kept, &out->side, NULL, err);
}

static enum fth_rc write_tags(struct export *export, struct fth_err *err)
{
    const struct writing writing = {.statement = "ledger/lake/tags",
                                    .path = "tags/tag_set.parquet"};
    const char *folder = NULL;

    if (fth_lake_path(export->arena, export->dir, "tags", &folder, err) ||
        fth_file_mkdirs(folder, err))
        return err->rc;
    return write_file(export, &writing, &export->manifest.tags, NULL, err);
}

static enum fth_rc write_text(const struct export *export, const char *name, struct fth_str text,
                              struct fth_lake_file *out, struct fth_err *err)
{
    const char *path = NULL;

    if (fth_lake_path(export->arena, export->dir, name, &path, err) ||
        fth_file_write(path, text, err))
        return err->rc;
    out->path = name;
    return fth_lake_read(path, NULL, NULL, out, err);
}

static enum fth_rc write_catalogue(struct export *export, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(FTH_LAKE_TEXT);

    if (!fth_lake_put_catalogue(export->ledger->db, export->arena, &text, err))
        write_text(export, "catalogue.json", fth_buf_view(&text), &export->manifest.catalogue, err);
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc write_manifest(struct export *export, const char *program, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(FTH_LAKE_TEXT);
    struct fth_lake_file ignored = {0};
    struct fth_err why = {0};
    const char *path = NULL;

    if (!fth_lake_path(export->arena, export->dir, "manifest.json", &path, err) &&
        !fth_lake_put_manifest(&text, &export->manifest, program,
                               fth_clock_now_us(export->ledger->clock), err) &&
        write_text(export, "manifest.json", fth_buf_view(&text), &ignored, err) && !export->update)
        (void)fth_file_remove(path, &why); /* what failed has none, or that of before */
    fth_buf_release(&text);
    return err->rc;
}

static bool is_named(const struct fth_lake_manifest *manifest, const char *path)
{
    for (size_t i = 0; i < manifest->segment_nr; i++) {
        const struct fth_lake_segment *segment = &manifest->segments[i];

        if (strcmp(segment->charges.path, path) == 0 ||
            (segment->side.path && strcmp(segment->side.path, path) == 0))
            return true;
    }
    return false;
}

/* A file of the earlier lake that is none of this one goes, and the folders that it leaves empty.
 */
static enum fth_rc drop_file(const struct export *export, const char *path, struct fth_err *err)
{
    const char *at = NULL;
    struct fth_str folder;

    if (!path || is_named(&export->manifest, path))
        return FTH_OK;
    if (fth_lake_path(export->arena, export->dir, path, &at, err))
        return err->rc;
    if (unlink(at) != 0 && errno != ENOENT)
        return fth_err_errno(err, errno, "%s", at);
    for (folder = fth_str_c(at); folder.n > strlen(export->dir) + 1;) {
        struct fth_str name;

        folder = fth_str_sub(folder, 0, fth_str_rfind(folder, '/'));
        if (fth_arena_str(export->arena, folder, &name, err))
            return err->rc;
        if (rmdir(name.p) != 0)
            break;
    }
    return FTH_OK;
}

static enum fth_rc drop_old(const struct export *export, struct fth_err *err)
{
    for (size_t i = 0; i < export->earlier.segment_nr; i++)
        if (drop_file(export, export->earlier.segments[i].charges.path, err) ||
            drop_file(export, export->earlier.segments[i].side.path, err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc write_all(struct export *export, const struct fth_snapshot *snapshot,
                             const char *program, struct fth_err *err)
{
    struct fth_lake_manifest *manifest = &export->manifest;

    manifest->version = snapshot->version;
    manifest->segments = FTH_NEW_ARRAY(export->arena, struct fth_lake_segment, snapshot->nr);
    if (!manifest->segments)
        return fth_err_nomem(err);
    if (version_at(export, snapshot->version, &manifest->version_at_us, err))
        return err->rc;
    for (; manifest->segment_nr < snapshot->nr; manifest->segment_nr++)
        if (write_segment(export, &snapshot->at[manifest->segment_nr],
                          &manifest->segments[manifest->segment_nr], err))
            return err->rc;
    /* What an earlier lake had, too, is replaced last. */
    if (write_tags(export, err) || write_catalogue(export, err) || sync_all(export->dir, err) ||
        write_manifest(export, program, err))
        return err->rc;
    return drop_old(export, err);
}

/* With nobody else writing, what the catalogue says is what the snapshot holds. */
static enum fth_rc run(struct export *export, const char *program, struct fth_err *err)
{
    const struct fth_snapshot *snapshot = NULL;

    if (fth_ledger_write_begin(export->ledger, export->cancel, err))
        return err->rc;
    if (!read_earlier(export, err) && !fth_ledger_snapshot(export->ledger, 0, &snapshot, err) &&
        !fth_session_open(export->ledger->engine, &export->session, err))
        write_all(export, snapshot, program, err);
    fth_session_close(export->session);
    fth_snapshot_release(export->ledger, snapshot);
    fth_ledger_write_end(export->ledger);
    return err->rc;
}

enum fth_rc fth_lake_export(struct fth_ledger *ledger, const char *dir, const char *program,
                            struct fth_cancel *cancel, struct fth_lake_summary *out,
                            struct fth_err *err)
{
    struct export export = {.ledger = ledger, .dir = dir, .cancel = cancel};

    if (fth_file_mkdirs(dir, err))
        return err->rc;
    export.arena = fth_arena_new(FTH_LAKE_ARENA);
    if (!export.arena)
        return fth_err_nomem(err);
    if (!run(&export, program, err)) {
        *out = fth_lake_summary_of(&export.manifest);
        out->kept_nr = export.kept_nr;
    }
    fth_arena_free(export.arena);
    return err->rc;
}
