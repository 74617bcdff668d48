#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/app_int.h"
#include "app/desk_int.h"
#include "app/own.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"

enum {
    PATH_LEN_MAX = 4096,
    CACHE_BYTES = 64 << 20,
    JOB_TEXT_MAX = 64 << 20,
    QUERY_TIMEOUT_MS = 120 * 1000,
    JOB_KEEP_DAYS = 30,
    RATE_MAX_AGE_DAYS = 7,
    RAW_KEEP_DAYS = 400,
    COMPACT_SEGMENTS = 8,
    COMPACT_FREE_PERCENT = 25,
    COMPACT_FREE_BYTES = 16 << 20
};

struct fth_app_conf fth_app_conf_default(void)
{
    return (struct fth_app_conf){.query_timeout_ms = QUERY_TIMEOUT_MS,
                                 .job_keep_days = JOB_KEEP_DAYS,
                                 .raw_keep = true,
                                 .raw_keep_days = RAW_KEEP_DAYS,
                                 .compact_free_percent = COMPACT_FREE_PERCENT,
                                 .compact_free_bytes = COMPACT_FREE_BYTES,
                                 .compact_segments = COMPACT_SEGMENTS,
                                 .rate_max_age_days = RATE_MAX_AGE_DAYS,
                                 .cache_bytes = CACHE_BYTES,
                                 .anomalies = {.after_import = true,
                                               .false_alarms = 0.35,
                                               .min_impact = 5,
                                               .series_most = 1000,
                                               .days = 90,
                                               .medium = 10,
                                               .high = 100,
                                               .critical = 1000},
                                 .log_level = FTH_LOG_INFO,
                                 .log_fd = STDERR_FILENO,
                                 .clock = fth_clock_system()};
}

const char *fth_version(void)
{
    return FTH_VERSION;
}

/* ---- the directory ---- */

/* The number that the owner wrote into the lock file, for the message; 0 when there is none. */
static uint64_t owner_of(int fd)
{
    char text[32];
    uint64_t pid = 0;
    ssize_t n = pread(fd, text, sizeof(text), 0);

    if (n <= 0 || !fth_str_to_u64(fth_str_trim((struct fth_str){text, (size_t)n}), &pid))
        return 0;
    return pid;
}

static enum fth_rc refuse_owned(const char *dir, int fd, struct fth_err *err)
{
    uint64_t pid = owner_of(fd);

    if (pid)
        fth_err_set(err, FTH_E_BUSY, "%s is in use by process %llu", dir, (unsigned long long)pid);
    else
        fth_err_set(err, FTH_E_BUSY, "%s is in use by another process", dir);
    fth_err_hint(err, "Stop that process, or name another directory with --data.");
    return err->rc;
}

/* The lock goes when the process does, however it ends. */
static enum fth_rc take_lock(struct fth_app *app, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);
    char pid[32];
    int fd = -1;

    fth_buf_printf(&path, "%s/farthing.lock%c", app->dir, '\0');
    if (fth_buf_done(&path, err))
        goto out;
    fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        fth_err_errno(err, errno, "%s", path.p);
        goto out;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            refuse_owned(app->dir, fd, err);
        else
            fth_err_errno(err, errno, "%s", path.p);
        goto out;
    }
    snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0)
        fth_err_errno(err, errno, "%s", path.p);
    else
        (void)fth_file_write_all(fd, path.p, fth_str_c(pid), err);
out:
    if (err->rc && fd >= 0)
        close(fd);
    else
        app->lock_fd = fd;
    fth_buf_release(&path);
    return err->rc;
}

static enum fth_rc make_folder(const struct fth_app *app, const char *name, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);

    fth_buf_printf(&path, "%s/%s%c", app->dir, name, '\0');
    if (!fth_buf_done(&path, err))
        (void)fth_file_mkdirs(path.p, err);
    fth_buf_release(&path);
    return err->rc;
}

/* What a process that was killed left in tmp/ belongs to nobody. */
static enum fth_rc empty_tmp(const struct fth_app *app, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);

    fth_buf_printf(&path, "%s/tmp%c", app->dir, '\0');
    if (!fth_buf_done(&path, err) && !fth_file_remove(path.p, err))
        (void)make_folder(app, "tmp", err);
    fth_buf_release(&path);
    return err->rc;
}

/* ---- stores ---- */

static enum fth_rc open_state(struct fth_app *app, const char *url, struct fth_err *err)
{
    struct fth_buf address = fth_buf_max(PATH_LEN_MAX);

    if (url)
        fth_buf_printf(&address, "%s%c", url, '\0');
    else
        fth_buf_printf(&address, "sqlite:%s/state.db%c", app->dir, '\0');
    if (!fth_buf_done(&address, err) && !fth_db_open(address.p, &app->db, err))
        (void)fth_db_migrate(app->db, NULL, &app->schema_version, err);
    fth_buf_release(&address);
    return err->rc;
}

static enum fth_rc open_people(struct fth_app *app, const struct fth_app_conf *conf,
                               struct fth_err *err)
{
    const struct fth_people_conf people = {
        .db = app->db, .clock = &app->clock, .login = conf->login, .cost = conf->password_cost};

    return fth_people_open(&people, &app->people, err);
}

/* ---- what runs ---- */

static void publish_job(struct fth_app *app, const struct fth_job_info *info, struct fth_str data)
{
    struct fth_arena *arena = fth_arena_new(JOB_TEXT_MAX);
    struct fth_err err = {0};
    struct fth_str of = {0};

    if (arena && !fth_own_events(arena, info->of, &of, &err))
        fth_events_publish(app->events, FTH_TOPIC_JOBS, "job", of.p ? of : FTH_STR(""), data);
    fth_arena_free(arena);
}

static void tell_job(void *ctx, const struct fth_job_info *info)
{
    struct fth_app *app = ctx;
    struct fth_buf buf = fth_buf_max(JOB_TEXT_MAX);
    struct fth_err ignored = {0};
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_job_put(&jw, info);
    if (!fth_jw_done(&jw, &ignored))
        publish_job(app, info, fth_buf_view(&buf));
    fth_buf_release(&buf);
}

static enum fth_rc open_jobs(struct fth_app *app, int64_t keep_days, struct fth_err *err)
{
    const struct fth_jobs_conf conf = {.db = app->db,
                                       .clock = &app->clock,
                                       .log = app->log,
                                       .kinds = app->job_kinds,
                                       .kind_nr = FTH_NR(app->job_kinds),
                                       .keep_us = keep_days * FTH_DAY_US,
                                       .changed = tell_job,
                                       .changed_ctx = app};

    app->job_kinds[0] = (struct fth_job_kind){"ingest", fth_ingest_run, app};
    app->job_kinds[1] = (struct fth_job_kind){"focus_export", fth_focus_export_run, app};
    app->job_kinds[2] = (struct fth_job_kind){"focus_validate", fth_focus_validate_run, app};
    app->job_kinds[3] =
        (struct fth_job_kind){"maintain", fth_maintain_run, app, fth_maintain_dropped};
    app->job_kinds[4] =
        (struct fth_job_kind){"detect", fth_anomalies_run, app, fth_anomalies_dropped};
    return fth_jobs_open(&conf, &app->jobs, err);
}

static enum fth_rc set_raw(struct fth_app *app, const struct fth_app_conf *conf,
                           struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);

    fth_buf_printf(&path, "%s/archive/raw%c", app->dir, '\0');
    if (!fth_buf_done(&path, err)) {
        app->raw_dir = fth_strdup(path.p);
        if (!app->raw_dir)
            fth_err_nomem(err);
    }
    fth_buf_release(&path);
    app->raw = (struct fth_raw){.dir = app->raw_dir,
                                .db = app->db,
                                .clock = &app->clock,
                                .log = app->log,
                                .keep = conf->raw_keep,
                                .keep_us = conf->raw_keep_days * FTH_DAY_US};
    return err->rc;
}

void fth_app_ledger_moved(struct fth_app *app)
{
    int64_t version = fth_ledger_version(app->ledger);
    char text[64];

    fth_mutex_lock(&app->mutex);
    if (version != app->told_version) {
        app->told_version = version;
        snprintf(text, sizeof(text), "{\"version\":%lld}", (long long)version);
        fth_events_publish(app->events, FTH_TOPIC_LEDGER, "ledger", (struct fth_str){0},
                           fth_str_c(text));
        fth_metrics_set(app->metrics, FTH_GAUGE_LEDGER_VERSION, version);
    }
    fth_mutex_unlock(&app->mutex);
}

static unsigned places(const struct fth_app_conf *conf)
{
    unsigned cores = fth_cores();

    if (conf->query_concurrency)
        return conf->query_concurrency;
    return cores > 2 ? cores : 2;
}

static enum fth_rc open_ledger(struct fth_app *app, const struct fth_app_conf *conf,
                               struct fth_err *err)
{
    struct fth_buf dir = fth_buf_max(PATH_LEN_MAX), archive = fth_buf_max(PATH_LEN_MAX);

    fth_buf_printf(&dir, "%s/ledger%c", app->dir, '\0');
    fth_buf_printf(&archive, "%s/archive/segments%c", app->dir, '\0');
    if (!fth_buf_done(&dir, err) && !fth_buf_done(&archive, err)) {
        const struct fth_ledger_conf ledger = {.engine = {.dir = dir.p,
                                                          .memory_bytes = conf->ledger_memory,
                                                          .temp_bytes = conf->ledger_temp,
                                                          .threads = conf->ledger_threads},
                                               .archive = archive.p,
                                               .hot_tags = conf->hot_tags,
                                               .hot_tag_nr = conf->hot_tag_nr};

        (void)fth_ledger_open(&ledger, app->db, &app->clock, app->log, &app->ledger, err);
    }
    fth_buf_release(&dir);
    fth_buf_release(&archive);
    if (!err->rc)
        fth_app_ledger_moved(app);
    return err->rc ? err->rc : fth_desk_open(app, places(conf), err);
}

static enum fth_rc open_parts(struct fth_app *app, const struct fth_app_conf *conf,
                              struct fth_err *err)
{
    if (conf->log_fd >= 0 &&
        fth_log_new(conf->log_fd, conf->log_level, &app->clock, &app->log, err))
        return err->rc;
    if (fth_file_mkdirs(app->dir, err) || take_lock(app, err) || empty_tmp(app, err) ||
        make_folder(app, "ledger", err) || make_folder(app, "archive", err))
        return err->rc;
    if (fth_metrics_new(&app->metrics, err) || fth_events_new(&app->events, err) ||
        fth_cache_new(conf->cache_bytes, &app->cache, err))
        return err->rc;
    if (open_state(app, conf->state_url, err) || open_people(app, conf, err) ||
        set_raw(app, conf, err) || open_ledger(app, conf, err))
        return err->rc;
    return open_jobs(app, conf->job_keep_days, err);
}

enum fth_rc fth_app_open(const char *dir, const struct fth_app_conf *conf, struct fth_app **out,
                         struct fth_err *err)
{
    struct fth_app *app = fth_calloc(1, sizeof(*app));

    if (!app)
        return fth_err_nomem(err);
    app->lock_fd = -1;
    fth_mutex_init(&app->mutex, FTH_LOCK_APP);
    fth_cond_init(&app->maintained);
    app->clock = conf->clock;
    app->archive_keep_us = conf->archive_keep_days * FTH_DAY_US;
    app->compact_free_percent = conf->compact_free_percent;
    app->compact_free_bytes = conf->compact_free_bytes;
    app->compact_segments = conf->compact_segments;
    app->anomalies = conf->anomalies;
    app->query_timeout_ms = conf->query_timeout_ms;
    app->rate_max_age_days = (int)conf->rate_max_age_days;
    app->dir = fth_strdup(dir);
    if (!app->dir)
        fth_err_nomem(err);
    else
        (void)open_parts(app, conf, err);
    if (err->rc) {
        fth_app_close(app);
        return err->rc;
    }
    *out = app;
    return FTH_OK;
}

void fth_app_close(struct fth_app *app)
{
    if (!app)
        return;
    if (app->events)
        fth_events_shut(app->events);
    fth_jobs_close(app->jobs);
    fth_desk_close(app);
    if (app->ledger)
        fth_ledger_close(app->ledger);
    fth_people_close(app->people);
    if (app->db)
        fth_db_close(app->db);
    fth_cache_free(app->cache);
    fth_events_free(app->events);
    fth_metrics_free(app->metrics);
    fth_log_free(app->log);
    if (app->lock_fd >= 0)
        close(app->lock_fd);
    fth_cond_release(&app->maintained);
    fth_mutex_release(&app->mutex);
    fth_free(app->raw_dir);
    fth_free(app->dir);
    fth_free(app);
}

/* ---- what it is made of ---- */

const char *fth_app_dir(const struct fth_app *app)
{
    return app->dir;
}

const struct fth_clock *fth_app_clock(const struct fth_app *app)
{
    return &app->clock;
}

struct fth_log *fth_app_log(const struct fth_app *app)
{
    return app->log;
}

struct fth_metrics *fth_app_metrics(struct fth_app *app)
{
    return app->metrics;
}

struct fth_events *fth_app_events(struct fth_app *app)
{
    return app->events;
}

struct fth_db *fth_app_db(struct fth_app *app)
{
    return app->db;
}

struct fth_jobs *fth_app_jobs(struct fth_app *app)
{
    return app->jobs;
}

struct fth_people *fth_app_people(struct fth_app *app)
{
    return app->people;
}

enum fth_rc fth_app_ready(struct fth_app *app, struct fth_err *err)
{
    return FTH_OK;
}

struct fth_app_version fth_app_version(const struct fth_app *app)
{
    return (struct fth_app_version){.version = fth_version(),
                                    .engine = fth_engine_version(fth_ledger_engine(app->ledger)),
                                    .state = fth_db_kind(app->db) == FTH_DB_SQLITE ? "sqlite"
                                                                                   : "postgresql",
                                    .schema_version = app->schema_version};
}
