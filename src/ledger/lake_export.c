/*
 * Writing a lake: each file is written by the engine inside its directory, compared with what it
 * was written from, and copied out with its hash; then the catalogue, then the manifest.
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
};

/* ---- the folder ---- */

static enum fth_rc check_empty(const char *dir, struct fth_err *err)
{
    DIR *list = opendir(dir);
    const struct dirent *entry;
    bool empty = true;

    if (!list)
        return fth_err_errno(err, errno, "%s", dir);
    while (empty && (entry = readdir(list)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(list);
    if (empty)
        return FTH_OK;
    fth_err_hint(err, "Export into a new folder; an export that did not end has no manifest.json "
                      "and can be removed.");
    return fth_err_set(err, FTH_E_CONFLICT, "%s: not empty", dir);
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

static enum fth_rc write_file(const struct export *export, const struct writing *writing,
                              struct fth_lake_file *out, struct fth_lake_content *content,
                              struct fth_err *err)
{
    struct fth_engine *engine = export->ledger->engine;
    const char *inside = NULL, *to = NULL;

    out->path = writing->path;
    if (fth_engine_scratch(engine, "parquet", export->arena, &inside, err) ||
        fth_lake_path(export->arena, export->dir, writing->path, &to, err))
        return err->rc;
    if (!write_inside(export, writing, inside, err) &&
        !(writing->charges && check_charges(export, writing, inside, content, err)) &&
        !fth_lake_count(export->session, export->arena, inside, export->cancel, &out->rows, err))
        fth_lake_read(inside, to, export->cancel, out, err);
    fth_engine_forget(engine, inside);
    return err->rc;
}

/* ---- all of it ---- */

static enum fth_rc write_segment(const struct export *export, const struct fth_segment *from,
                                 struct fth_lake_segment *out, struct fth_err *err)
{
    char id[24];
    struct writing writing = {.table = from->table, .segment = id};

    snprintf(id, sizeof(id), "%" PRId64, from->id);
    *out = (struct fth_lake_segment){
        .id = from->id, .source = from->source, .billing_period = from->billing_period};
    writing.statement = "ledger/lake/charges";
    writing.charges = true;
    if (name_file(export, "charges", out, &writing.path, err) ||
        write_file(export, &writing, &out->charges, &out->content, err) || !from->has_side)
        return err->rc;
    writing.statement = "ledger/lake/side";
    writing.charges = false;
    if (name_file(export, "side", out, &writing.path, err))
        return err->rc;
    return write_file(export, &writing, &out->side, NULL, err);
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
        write_text(export, "manifest.json", fth_buf_view(&text), &ignored, err))
        (void)fth_file_remove(path, &why); /* what failed has none */
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc write_all(struct export *export, const struct fth_snapshot *snapshot,
                             const char *program, struct fth_err *err)
{
    struct fth_lake_manifest *manifest = &export->manifest;

    manifest->version = snapshot->version;
    manifest->segments = FTH_NEW_ARRAY(export->arena, struct fth_lake_segment, snapshot->nr);
    if (!manifest->segments)
        return fth_err_nomem(err);
    if (write_tags(export, err))
        return err->rc;
    for (; manifest->segment_nr < snapshot->nr; manifest->segment_nr++)
        if (write_segment(export, &snapshot->at[manifest->segment_nr],
                          &manifest->segments[manifest->segment_nr], err))
            return err->rc;
    if (write_catalogue(export, err) || sync_all(export->dir, err))
        return err->rc;
    return write_manifest(export, program, err);
}

/* With nobody else writing, what the catalogue says is what the snapshot holds. */
static enum fth_rc run(struct export *export, const char *program, struct fth_err *err)
{
    const struct fth_snapshot *snapshot = NULL;

    if (fth_ledger_write_begin(export->ledger, export->cancel, err))
        return err->rc;
    if (!fth_ledger_snapshot(export->ledger, 0, &snapshot, err) &&
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

    if (fth_file_mkdirs(dir, err) || check_empty(dir, err))
        return err->rc;
    export.arena = fth_arena_new(FTH_LAKE_ARENA);
    if (!export.arena)
        return fth_err_nomem(err);
    if (!run(&export, program, err))
        *out = fth_lake_summary_of(&export.manifest);
    fth_arena_free(export.arena);
    return err->rc;
}
