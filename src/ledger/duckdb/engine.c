/*
 * The engine over DuckDB: one database file in a directory of its own, which it cannot leave.
 *
 * All settings are made before the configuration is locked; from then on no statement can change
 * one, read a file outside of the directory, attach a database or load an extension.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "ledger/duckdb/duckdb_int.h"

enum { WATCH_MS = 20, COPY_LEN = 1024 * 1024 };

/* The C functions in use are the same from 1.5.0 on; files are written in the format of 1.5. */
static enum fth_rc check_version(char out[32], struct fth_err *err)
{
    const char *version = duckdb_library_version();
    struct fth_str rest = fth_str_c(version), major = {0}, minor = {0}, patch = {0};
    int64_t patch_nr = -1;

    fth_str_next(&rest, '.', &major);
    fth_str_next(&rest, '.', &minor);
    fth_str_next(&rest, '-', &patch);
    if (!fth_str_eq_c(major, "v1") || !fth_str_eq_c(minor, "5") ||
        !fth_str_to_i64(patch, &patch_nr) || patch_nr < 5) {
        fth_err_hint(err, "Run ./dev setup; it fetches the library that belongs to this program.");
        return fth_err_set(err, FTH_E_UNSUPPORTED,
                           "the DuckDB library is %s, this program needs 1.5.5 or a later 1.5",
                           version);
    }
    snprintf(out, 32, "duckdb %s", version + 1);
    return FTH_OK;
}

/* Half of the machine's memory. */
static uint64_t default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : UINT64_C(1) << 30;
}

static enum fth_rc set_text(duckdb_config config, const char *name, const char *value,
                            struct fth_err *err)
{
    if (duckdb_set_config(config, name, value) != DuckDBSuccess)
        return fth_err_set(err, FTH_E_UNSUPPORTED, "ledger engine: setting %s = %s refused", name,
                           value);
    return FTH_OK;
}

static enum fth_rc set_number(duckdb_config config, const char *name, uint64_t value,
                              const char *unit, struct fth_err *err)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64 "%s", value, unit);
    return set_text(config, name, text, err);
}

/* Each store has a folder of its own to spill to. */
static enum fth_rc make_config(const struct fth_engine *engine, unsigned nr, duckdb_config *out,
                               struct fth_err *err)
{
    char spill[PATH_MAX + 32];
    const char *const texts[][2] = {
        {"access_mode", engine->read_only ? "READ_ONLY" : "READ_WRITE"},
        {"temp_directory", spill},
        /* With insertion order kept, a load costs twice as much and the next checkpoint rewrites
         * everything; segments are sorted on purpose instead. */
        {"preserve_insertion_order", "false"},
        /* What a load derives goes into the file at its commit; under the default of 16 MiB it
         * would go into the log and, when the ledger closes, into the file once more. */
        {"checkpoint_threshold", "1MiB"},
        {"storage_compatibility_version", "v1.5.0"},
        {"autoload_known_extensions", "false"},
        {"autoinstall_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_persistent_secrets", "false"},
    };
    duckdb_config config = NULL;

    if (duckdb_create_config(&config) != DuckDBSuccess)
        return fth_err_nomem(err);
    snprintf(spill, sizeof(spill), "%s/spill-%u", engine->dir, nr);
    for (size_t i = 0; i < FTH_NR(texts) && !err->rc; i++)
        set_text(config, texts[i][0], texts[i][1], err);
    if (err->rc || set_number(config, "threads", engine->threads, "", err) ||
        set_number(config, "memory_limit", engine->memory, "B", err) ||
        set_number(config, "max_temp_directory_size", engine->temp, "B", err)) {
        duckdb_destroy_config(&config);
        return err->rc;
    }
    *out = config;
    return FTH_OK;
}

static enum fth_rc open_error(struct fth_err *err, const char *path, const char *message)
{
    struct fth_str text = fth_str_c(message);

    if (fth_str_search(text, FTH_STR("lock")) != SIZE_MAX) {
        fth_err_hint(err, "Another process has the ledger open; stop it, or use it with --server.");
        return fth_err_set(err, FTH_E_BUSY, "%s: in use by another process", path);
    }
    if (fth_str_search(text, FTH_STR("not a valid")) != SIZE_MAX ||
        fth_str_search(text, FTH_STR("orrupt")) != SIZE_MAX ||
        fth_str_search(text, FTH_STR("hecksum")) != SIZE_MAX)
        fth_err_set(err, FTH_E_CORRUPT, "%s: damaged or no ledger", path);
    fth_duckdb_error(err, DUCKDB_ERROR_IO, message);
    fth_err_prefix(err, "%s", path);
    return err->rc;
}

void fth_store_path(const struct fth_engine *engine, unsigned nr, char out[PATH_MAX + 32])
{
    if (nr)
        snprintf(out, PATH_MAX + 32, "%s/ledger-%u.duckdb", engine->dir, nr);
    else
        snprintf(out, PATH_MAX + 32, "%s/ledger.duckdb", engine->dir);
}

static enum fth_rc open_database(const struct fth_engine *engine, struct fth_store *store,
                                 struct fth_err *err)
{
    duckdb_config config = NULL;
    char path[PATH_MAX + 32];
    char *message = NULL;

    if (make_config(engine, store->nr, &config, err))
        return err->rc;
    fth_store_path(engine, store->nr, path);
    if (fth_fault_hit(FTH_FAULT_SQL))
        fth_err_set(err, FTH_E_IO, "%s: cannot be opened", path);
    else if (duckdb_open_ext(path, &store->db, config, &message) != DuckDBSuccess)
        open_error(err, path, message);
    duckdb_free(message);
    duckdb_destroy_config(&config);
    return err->rc;
}

void fth_sql_path(struct fth_buf *sql, const char *dir)
{
    fth_buf_char(sql, '\'');
    for (const char *c = dir; *c; c++) {
        if (*c == '\'')
            fth_buf_char(sql, '\'');
        fth_buf_char(sql, *c);
    }
    fth_buf_char(sql, '\'');
}

/* Closes the doors. The order matters: what is allowed has to be said before access ends. */
static enum fth_rc lock_in(const struct fth_engine *engine, struct fth_session *session,
                           struct fth_err *err)
{
    static const char *const steps[] = {"SET GLOBAL TimeZone = 'UTC'",
                                        "SET enable_external_access = false",
                                        "SET lock_configuration = true"};
    struct fth_buf sql = fth_buf_max(4 * PATH_MAX + 64);

    fth_buf_c(&sql, "SET allowed_directories = [");
    fth_sql_path(&sql, engine->dir);
    if (engine->archive[0]) {
        fth_buf_c(&sql, ", ");
        fth_sql_path(&sql, engine->archive);
    }
    fth_buf_char(&sql, ']');
    if (!fth_buf_done(&sql, err))
        fth_session_exec(session, fth_buf_view(&sql), NULL, 0, NULL, NULL, err);
    for (size_t i = 0; i < FTH_NR(steps) && !err->rc; i++)
        fth_session_exec(session, fth_str_c(steps[i]), NULL, 0, NULL, NULL, err);
    fth_buf_release(&sql);
    return err->rc;
}

enum fth_rc fth_store_open(struct fth_engine *engine, unsigned nr, struct fth_store **out,
                           struct fth_err *err)
{
    struct fth_store *store = fth_calloc(1, sizeof(*store));
    struct fth_session *session = NULL;

    if (!store)
        return fth_err_nomem(err);
    store->nr = nr;
    if (!open_database(engine, store, err) && !fth_session_on(engine, store, &session, err) &&
        !lock_in(engine, session, err) && !fth_feed_register(session, err))
        fth_functions_register(session, err);
    fth_session_close(session);
    if (err->rc)
        fth_store_close(store);
    else
        *out = store;
    return err->rc;
}

void fth_store_close(struct fth_store *store)
{
    if (!store)
        return;
    duckdb_close(&store->db);
    fth_free(store);
}

void fth_store_drop(struct fth_engine *engine, struct fth_store *store)
{
    char path[PATH_MAX + 32], log[PATH_MAX + 64];

    if (!store)
        return;
    fth_store_path(engine, store->nr, path);
    snprintf(log, sizeof(log), "%s.wal", path);
    fth_store_close(store);
    /* What cannot be removed is at the next opening. */
    unlink(path);
    unlink(log);
}

static bool must_stop(const struct fth_cancel *cancel)
{
    struct fth_err ignored = {0};

    return fth_cancel_check(cancel, &ignored) != FTH_OK;
}

/* Interrupts statements whose token was set. Sleeps while no statement with a token runs. */
static void *watch(void *arg)
{
    struct fth_engine *engine = arg;

    fth_mutex_lock(&engine->mutex);
    while (!engine->stop) {
        bool any = false;

        for (struct fth_session *at = engine->sessions; at; at = at->next) {
            any |= at->cancel != NULL;
            if (at->cancel && must_stop(at->cancel))
                duckdb_interrupt(at->con);
        }
        fth_cond_wait(&engine->wake, &engine->mutex, any ? WATCH_MS : -1);
    }
    fth_mutex_unlock(&engine->mutex);
    return NULL;
}

/* The directory, and nothing in it of an earlier life. */
static enum fth_rc prepare_dir(struct fth_engine *engine, const struct fth_engine_conf *conf,
                               struct fth_err *err)
{
    char path[PATH_MAX + 8];

    if (fth_file_mkdirs(conf->dir, err))
        return err->rc;
    if (!realpath(conf->dir, engine->dir))
        return fth_err_errno(err, errno, "%s", conf->dir);
    if (conf->read_only)
        return FTH_OK;
    snprintf(path, sizeof(path), "%s/tmp", engine->dir);
    if (fth_file_remove(path, err))
        return err->rc;
    return fth_file_mkdirs(path, err);
}

enum fth_rc fth_engine_open(const struct fth_engine_conf *conf, struct fth_engine **out,
                            struct fth_err *err)
{
    struct fth_engine *engine = fth_calloc(1, sizeof(*engine));
    unsigned nr = 0;

    if (!engine)
        return fth_err_nomem(err);
    engine->memory = conf->memory_bytes ? conf->memory_bytes : default_memory();
    engine->temp = conf->temp_bytes ? conf->temp_bytes : engine->memory * 10;
    engine->read_only = conf->read_only;
    snprintf(engine->archive, sizeof(engine->archive), "%s", conf->archive ? conf->archive : "");
    engine->threads = conf->threads ? conf->threads : fth_cores();
    engine->copy_text = conf->copy_text;
    fth_mutex_init(&engine->mutex, FTH_LOCK_ENGINE);
    fth_cond_init(&engine->wake);
    if (check_version(engine->version, err) || prepare_dir(engine, conf, err) ||
        fth_store_find(engine, &nr, err) || fth_store_open(engine, nr, &engine->store, err))
        goto out;
    if (fth_thread_start(&engine->watcher, watch, engine, err))
        goto out;
    engine->has_watcher = true;
    *out = engine;
out:
    if (err->rc)
        fth_engine_close(engine);
    return err->rc;
}

void fth_engine_close(struct fth_engine *engine)
{
    if (!engine)
        return;
    FTH_CHECK(!engine->sessions);
    if (engine->has_watcher) {
        fth_mutex_lock(&engine->mutex);
        engine->stop = true;
        fth_cond_signal(&engine->wake);
        fth_mutex_unlock(&engine->mutex);
        pthread_join(engine->watcher, NULL);
    }
    fth_store_close(engine->store);
    fth_cond_release(&engine->wake);
    fth_mutex_release(&engine->mutex);
    fth_free(engine);
}

const char *fth_engine_dialect(const struct fth_engine *engine)
{
    (void)engine;
    return "duckdb";
}

void fth_engine_library(char out[32])
{
    const char *version = duckdb_library_version();

    snprintf(out, 32, "duckdb %s", version[0] == 'v' ? version + 1 : version);
}

const char *fth_engine_version(const struct fth_engine *engine)
{
    return engine->version;
}

enum fth_rc fth_engine_checkpoint(struct fth_engine *engine, struct fth_err *err)
{
    struct fth_session *session;
    struct fth_err why = {0};

    if (fth_session_open(engine, &session, err))
        return err->rc;
    fth_session_exec(session, FTH_STR("CHECKPOINT"), NULL, 0, NULL, NULL, &why);
    fth_session_close(session);
    if (why.rc && strstr(why.msg, "other write transactions")) {
        fth_err_hint(err, "Somebody is in the middle of an answer; it is done by the next run.");
        return fth_err_set(err, FTH_E_BUSY, "ledger engine: the file is in use");
    }
    if (why.rc)
        *err = why;
    return err->rc;
}

static enum fth_rc copy_file(const char *from, const char *to, struct fth_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    char *block = fth_calloc(1, COPY_LEN);
    ssize_t got = 0;

    if (!block)
        fth_err_nomem(err);
    else if (out < 0)
        fth_err_errno(err, errno, "%s", in < 0 ? from : to);
    while (!err->rc && (got = read(in, block, COPY_LEN)) != 0) {
        if (got > 0)
            fth_file_write_all(out, to, (struct fth_str){block, (size_t)got}, err);
        else if (errno != EINTR)
            fth_err_errno(err, errno, "%s", from);
    }
    fth_free(block);
    if (in >= 0)
        close(in);
    if (out >= 0 && close(out) != 0)
        fth_err_errno(err, errno, "%s", to);
    if (err->rc && out >= 0)
        unlink(to);
    return err->rc;
}

enum fth_rc fth_engine_scratch(struct fth_engine *engine, const char *suffix,
                               struct fth_arena *arena, const char **inside, struct fth_err *err)
{
    struct fth_str path;

    if (fth_arena_printf(arena, &path, err, "%s/tmp/%u.%s", engine->dir,
                         atomic_fetch_add(&engine->adopted, 1), suffix))
        return err->rc;
    *inside = path.p;
    return FTH_OK;
}

enum fth_rc fth_engine_adopt(struct fth_engine *engine, const char *outside,
                             struct fth_arena *arena, const char **inside, struct fth_err *err)
{
    char real[PATH_MAX];
    const char *path = "";
    struct stat st;

    /* The engine refuses links that point out of its directory, so the link's target is linked. */
    if (!realpath(outside, real) || stat(real, &st) != 0)
        return fth_err_errno(err, errno, "%s", outside);
    if (!S_ISREG(st.st_mode))
        return fth_err_set(err, FTH_E_INVALID, "%s: not a regular file", outside);
    if (fth_engine_scratch(engine, "parquet", arena, &path, err))
        return err->rc;
    if ((fth_fault_hit(FTH_FAULT_WRITE) || link(real, path) != 0) && copy_file(real, path, err)) {
        fth_err_prefix(err, "%s: cannot be brought into the ledger's folder", outside);
        return err->rc;
    }
    *inside = path;
    return FTH_OK;
}

void fth_engine_forget(struct fth_engine *engine, const char *inside)
{
    FTH_CHECK(strncmp(inside, engine->dir, strlen(engine->dir)) == 0);
    unlink(inside);
}
