/*
 * A file that has grown is written anew beside itself, and the engine goes on with the new one.
 *
 * Which file is the engine's stands in DIR/current: the number of ledger-N.duckdb, none for
 * ledger.duckdb. That is replaced as a whole when the new file is complete, on the disk and open,
 * so a process that is killed leaves one that is the engine's and one to be removed. The names
 * differ so that each has a write-ahead log of its own while both are open.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/file_copy.h"
#include "base/vec.h"
#include "ledger/duckdb/duckdb_int.h"

enum { SMALL_ARENA = 16 << 20, SQL_MAX = 64 * 1024, TEXT_MAX = 64 };

FTH_VEC(table_vec, struct fth_str)

/* ---- which file ---- */

static enum fth_rc read_current(const struct fth_engine *engine, unsigned *nr, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_err why = {0};
    char path[PATH_MAX + 32];
    struct fth_str text = {0};
    uint64_t number = 0;

    if (!arena)
        return fth_err_nomem(err);
    snprintf(path, sizeof(path), "%s/current", engine->dir);
    if (fth_file_read(arena, path, TEXT_MAX, &text, &why)) {
        if (why.rc != FTH_E_NOTFOUND)
            *err = why;
    } else if (!fth_str_to_u64(fth_str_trim(text), &number) || number > UINT32_MAX) {
        fth_err_set(err, FTH_E_CORRUPT, "%s: not a number", path);
    }
    if (!err->rc)
        *nr = (unsigned)number;
    fth_arena_free(arena);
    return err->rc;
}

/* The file itself, or a log of it: FILE.wal, and what a checkpoint that was killed leaves of
 * commits that came meanwhile, FILE.wal.checkpoint and FILE.wal.recovery. */
static bool is_of(const char *name, const char *file)
{
    size_t n = strlen(file);

    return strncmp(name, file, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

enum fth_rc fth_store_find(struct fth_engine *engine, unsigned *nr, struct fth_err *err)
{
    char path[PATH_MAX + 32], other[PATH_MAX + 512];
    const struct dirent *entry;
    DIR *list;

    if (read_current(engine, nr, err) || engine->read_only)
        return err->rc;
    fth_store_path(engine, *nr, path);
    list = opendir(engine->dir);
    if (!list)
        return fth_err_errno(err, errno, "%s", engine->dir);
    while (!err->rc && (entry = readdir(list))) {
        bool store = strncmp(entry->d_name, "ledger", 6) == 0 && strstr(entry->d_name, ".duckdb");

        if ((!store && strncmp(entry->d_name, "spill", 5) != 0) ||
            is_of(entry->d_name, strrchr(path, '/') + 1))
            continue;
        snprintf(other, sizeof(other), "%s/%s", engine->dir, entry->d_name);
        (void)fth_file_remove(other, err);
    }
    closedir(list);
    return err->rc;
}

/* ---- size ---- */

enum fth_rc fth_engine_size(struct fth_engine *engine, struct fth_engine_size *out,
                            struct fth_err *err)
{
    struct fth_session *session = NULL;
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_open(engine, &session, err))
        return err->rc;
    if (!fth_session_query(session,
                           FTH_STR("SELECT (block_size * total_blocks)::BIGINT, (block_size * "
                                   "free_blocks)::BIGINT FROM pragma_database_size() "
                                   "WHERE database_name = current_database()"),
                           NULL, 0, NULL, &result, err) &&
        !fth_result_next(result, &batch, err) && batch.nr)
        *out = (struct fth_engine_size){batch.cols[0].i64[0], batch.cols[1].i64[0]};
    fth_result_free(result);
    fth_session_close(session);
    return err->rc;
}

/* ---- the new file ---- */

static enum fth_rc exec(struct fth_session *session, struct fth_cancel *cancel, struct fth_err *err,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

static enum fth_rc exec(struct fth_session *session, struct fth_cancel *cancel, struct fth_err *err,
                        const char *format, ...)
{
    char sql[2 * PATH_MAX + 512];
    va_list args;

    va_start(args, format);
    vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    return fth_session_exec(session, fth_str_c(sql), NULL, 0, cancel, NULL, err);
}

static enum fth_rc read_names(struct fth_session *session, struct fth_arena *arena, const char *sql,
                              struct table_vec *out, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(session, fth_str_c(sql), NULL, 0, NULL, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr)
        for (size_t i = 0; i < batch.nr && !err->rc; i++) {
            const struct fth_vec *vec = &batch.cols[0];
            struct fth_str name = {0};

            if (!fth_arena_str(arena, vec->text[vec->constant ? 0 : i], &name, err))
                (void)table_vec_push(out, name, err);
        }
    fth_result_free(result);
    return err->rc;
}

/* Every table with its rows in their order. */
static enum fth_rc copy_tables(struct fth_session *session, struct fth_arena *arena,
                               struct fth_cancel *cancel, struct fth_err *err)
{
    struct table_vec self = table_vec_in(arena), tables = table_vec_in(arena);

    if (read_names(session, arena, "SELECT current_database()", &self, err) ||
        read_names(session, arena,
                   "SELECT table_name FROM duckdb_tables() WHERE database_name = "
                   "current_database() AND schema_name = 'main' ORDER BY table_oid",
                   &tables, err))
        return err->rc;
    FTH_CHECK(self.nr == 1);
    if (exec(session, cancel, err, "COPY FROM DATABASE \"%s\" TO fresh (SCHEMA)", self.at[0].p))
        return err->rc;
    for (size_t i = 0; i < tables.nr && !err->rc; i++)
        (void)exec(session, cancel, err,
                   "INSERT INTO fresh.main.\"%s\" SELECT * FROM main.\"%s\" ORDER BY rowid",
                   tables.at[i].p, tables.at[i].p);
    return err->rc;
}

static enum fth_rc write_file(struct fth_engine *engine, const char *path,
                              struct fth_cancel *cancel, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    struct fth_buf attach = fth_buf_max(SQL_MAX);
    struct fth_session *session = NULL;
    struct fth_err ignored = {0};

    if (!arena)
        return fth_err_nomem(err);
    fth_buf_c(&attach, "ATTACH ");
    fth_sql_path(&attach, path);
    fth_buf_c(&attach, " AS fresh (STORAGE_VERSION 'v1.5.0')");
    if (!fth_buf_done(&attach, err) && !fth_session_open(engine, &session, err) &&
        !fth_session_exec(session, fth_buf_view(&attach), NULL, 0, cancel, NULL, err)) {
        if (!copy_tables(session, arena, cancel, err))
            (void)exec(session, NULL, err, "CHECKPOINT fresh");
        (void)exec(session, NULL, err->rc ? &ignored : err, "DETACH fresh");
    }
    fth_fault_moment("rewrite-written");
    fth_session_close(session);
    fth_buf_release(&attach);
    fth_arena_free(arena);
    return err->rc;
}

/* A write that failed behind its rename has happened: the file says so. */
static enum fth_rc write_current(const struct fth_engine *engine, unsigned nr, struct fth_err *err)
{
    char path[PATH_MAX + 32], text[16];
    struct fth_err why = {0}, ignored = {0};
    unsigned now = 0;

    snprintf(path, sizeof(path), "%s/current", engine->dir);
    snprintf(text, sizeof(text), "%u\n", nr);
    if (fth_file_write(path, fth_str_c(text), &why) &&
        (read_current(engine, &now, &ignored) || now != nr))
        *err = why;
    return err->rc;
}

/* From here on it is the engine's. */
static void go_on_with(struct fth_engine *engine, struct fth_store *store)
{
    struct fth_store *before = engine->store;

    fth_mutex_lock(&engine->mutex);
    engine->store = store;
    before->past = true;
    if (before->sessions)
        engine->past_nr++;
    else
        store = NULL;
    fth_mutex_unlock(&engine->mutex);
    if (!store)
        fth_store_drop(engine, before);
}

enum fth_rc fth_engine_rewrite(struct fth_engine *engine, struct fth_cancel *cancel,
                               struct fth_err *err)
{
    struct fth_engine_size size = {0};
    struct fth_store *store = NULL;
    unsigned nr = engine->store->nr + 1;
    char path[PATH_MAX + 32];

    fth_store_path(engine, nr, path);
    if (fth_engine_size(engine, &size, err) ||
        fth_disk_room(engine->dir, size.bytes - size.free, err))
        return err->rc;
    if (!write_file(engine, path, cancel, err) && !fth_store_open(engine, nr, &store, err) &&
        !write_current(engine, nr, err)) {
        fth_fault_moment("rewrite-current");
        go_on_with(engine, store);
        return FTH_OK;
    }
    fth_store_close(store);
    unlink(path);
    fth_disk_full_hint(err);
    return err->rc;
}

bool fth_engine_drained(struct fth_engine *engine)
{
    bool drained;

    fth_mutex_lock(&engine->mutex);
    drained = engine->past_nr == 0;
    fth_mutex_unlock(&engine->mutex);
    return drained;
}
