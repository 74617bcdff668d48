/* From the command line to what opening a data directory needs. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "cli/cli_int.h"

enum { OVERRIDE_MAX = 64 };

extern char **environ;

/* --data, FARTHING_DATA, XDG_DATA_HOME/farthing, ~/.local/share/farthing. */
enum fth_rc fth_cli_dir(struct fth_cli *cli, const char **out, struct fth_err *err)
{
    const char *given = fth_args_value(&cli->args, "data"), *base;
    struct fth_str dir = {0};

    if (!given)
        given = getenv("FARTHING_DATA");
    if (given && given[0]) {
        *out = given;
        return FTH_OK;
    }
    base = getenv("XDG_DATA_HOME");
    if (base && base[0] == '/') {
        if (fth_arena_printf(cli->arena, &dir, err, "%s/farthing", base))
            return err->rc;
    } else {
        base = getenv("HOME");
        if (!base || !base[0]) {
            fth_err_set(err, FTH_E_USAGE, "no data directory: neither --data nor HOME is set");
            return err->rc;
        }
        if (fth_arena_printf(cli->arena, &dir, err, "%s/.local/share/farthing", base))
            return err->rc;
    }
    *out = dir.p;
    return FTH_OK;
}

static const char *const logins[] = {"auto", "on", "off"};

static bool login_of(const struct fth_conf *conf, enum fth_login *out)
{
    for (size_t i = 0; i < FTH_NR(logins); i++)
        if (fth_str_eq_c(fth_conf_text(conf, FTH_SET_LOGIN), logins[i])) {
            *out = (enum fth_login)i;
            return true;
        }
    return false;
}

/* A word that is none must not leave the door open. */
static enum fth_rc check_login(const struct fth_conf *conf, struct fth_err *err)
{
    enum fth_login login;

    if (login_of(conf, &login))
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID,
                FTH_STR_F ": auth.login: \"" FTH_STR_F "\" is none of its values",
                FTH_STR_A(fth_conf_place(conf, FTH_SET_LOGIN)),
                FTH_STR_A(fth_conf_text(conf, FTH_SET_LOGIN)));
    fth_err_hint(err, "There are auto, on and off.");
    return err->rc;
}

enum fth_rc fth_cli_conf(struct fth_cli *cli, const struct fth_conf **out, struct fth_err *err)
{
    const char *overrides[OVERRIDE_MAX], *dir = NULL;
    struct fth_conf_input input = {.overrides = overrides,
                                   .environment = (const char *const *)environ,
                                   .file = fth_args_value(&cli->args, "config")};
    struct fth_str usual = {0};

    if (fth_cli_dir(cli, &dir, err))
        return err->rc;
    if (!input.file) {
        if (fth_arena_printf(cli->arena, &usual, err, "%s/farthing.yaml", dir))
            return err->rc;
        input.file = usual.p;
        input.file_may_miss = true;
    }
    for (size_t i = 0; i < cli->args.given_nr; i++)
        if (strcmp(cli->args.given[i].option->name, "set") == 0)
            overrides[input.override_nr++] = cli->args.given[i].value;
    if (fth_conf_load(cli->arena, &input, out, err))
        return err->rc;
    return check_login(*out, err);
}

static enum fth_log_level log_level(struct fth_str name)
{
    static const char *const names[] = {"debug", "info", "warn", "error", "off"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(name, names[i]))
            return (enum fth_log_level)i;
    return FTH_LOG_INFO;
}

struct fth_app_conf fth_cli_app_conf(const struct fth_conf *conf)
{
    struct fth_app_conf app = fth_app_conf_default();
    struct fth_str state_url = fth_conf_text(conf, FTH_SET_STATE_URL);

    app.state_url = state_url.n ? state_url.p : NULL;
    app.ledger_memory = (uint64_t)fth_conf_int(conf, FTH_SET_LEDGER_MEMORY);
    app.ledger_temp = (uint64_t)fth_conf_int(conf, FTH_SET_LEDGER_TEMP);
    app.ledger_threads = (unsigned)fth_conf_int(conf, FTH_SET_LEDGER_THREADS);
    app.hot_tags = fth_conf_list(conf, FTH_SET_HOT_TAGS, &app.hot_tag_nr);
    app.query_concurrency = (unsigned)fth_conf_int(conf, FTH_SET_QUERY_CONCURRENCY);
    app.job_keep_days = fth_conf_int(conf, FTH_SET_JOBS_KEEP);
    app.raw_keep = fth_conf_bool(conf, FTH_SET_RAW_KEEP);
    app.raw_keep_days = fth_conf_int(conf, FTH_SET_RAW_KEEP_DAYS);
    app.compact_segments = (size_t)fth_conf_int(conf, FTH_SET_COMPACT_SEGMENTS);
    app.compact_free_percent = (unsigned)fth_conf_int(conf, FTH_SET_COMPACT_FREE);
    app.compact_free_bytes = fth_conf_int(conf, FTH_SET_COMPACT_FREE_BYTES);
    app.archive_keep_days = fth_conf_int(conf, FTH_SET_ARCHIVE_KEEP_DAYS);
    app.rate_max_age_days = fth_conf_int(conf, FTH_SET_RATE_AGE);
    app.query_timeout_ms = fth_conf_int(conf, FTH_SET_QUERY_TIMEOUT);
    app.cache_bytes = (size_t)fth_conf_int(conf, FTH_SET_QUERY_CACHE);
    app.anomalies = (struct fth_anomaly_conf){
        .after_import = fth_conf_bool(conf, FTH_SET_ANOMALIES_AFTER_IMPORT),
        .false_alarms = (double)fth_conf_int(conf, FTH_SET_ANOMALIES_FALSE_ALARMS) / 100,
        .min_impact = fth_conf_int(conf, FTH_SET_ANOMALIES_MIN_IMPACT),
        .series_most = (size_t)fth_conf_int(conf, FTH_SET_ANOMALIES_SERIES),
        .days = (int32_t)fth_conf_int(conf, FTH_SET_ANOMALIES_DAYS),
        .medium = fth_conf_int(conf, FTH_SET_ANOMALIES_MEDIUM),
        .high = fth_conf_int(conf, FTH_SET_ANOMALIES_HIGH),
        .critical = fth_conf_int(conf, FTH_SET_ANOMALIES_CRITICAL)};
    if (!login_of(conf, &app.login))
        app.login = FTH_LOGIN_ON;
    app.log_level = log_level(fth_conf_text(conf, FTH_SET_LOG_LEVEL));
    return app;
}

struct fth_router_conf fth_cli_router_conf(const struct fth_conf *conf)
{
    struct fth_router_conf router = fth_router_conf_default();
    struct fth_str web_dir = fth_conf_text(conf, FTH_SET_WEB_DIR);

    router.hosts = fth_conf_list(conf, FTH_SET_HOSTS, &router.host_nr);
    router.origins = fth_conf_list(conf, FTH_SET_ORIGINS, &router.origin_nr);
    router.cors_origins = fth_conf_list(conf, FTH_SET_CORS_ORIGINS, &router.cors_origin_nr);
    router.hsts_s = fth_conf_int(conf, FTH_SET_HSTS) * 86400;
    router.proxies = fth_conf_list(conf, FTH_SET_PROXIES, &router.proxy_nr);
#define FTH_LIMIT(id, name, window_s, by, what) \
    router.limits[FTH_LIMIT_##id] = (uint32_t)fth_conf_int(conf, FTH_SET_LIMIT_##id);
#include "app/limit.def"
#undef FTH_LIMIT
    router.max_body = (uint64_t)fth_conf_int(conf, FTH_SET_MAX_BODY);
    router.max_upload = (uint64_t)fth_conf_int(conf, FTH_SET_MAX_UPLOAD);
    router.web_dir = web_dir.n ? web_dir.p : NULL;
    return router;
}

enum fth_rc fth_cli_open_local(struct fth_cli *cli, struct fth_client *out, struct fth_err *err)
{
    const struct fth_conf *conf = NULL;
    const char *dir = NULL;
    struct fth_app_conf app;

    if (fth_cli_dir(cli, &dir, err) || fth_cli_conf(cli, &conf, err))
        return err->rc;
    app = fth_cli_app_conf(conf);
    /* A command prints its own error; the log would only repeat it. */
    if (fth_conf_origin(conf, FTH_SET_LOG_LEVEL) == FTH_FROM_DEFAULT)
        app.log_level = FTH_LOG_OFF;
    return fth_client_local(cli->arena, dir, &app, out, err);
}

enum fth_rc fth_cli_open_here(struct fth_cli *cli, const char *command, bool must_be_there,
                              struct fth_app **out, struct fth_err *err)
{
    const struct fth_conf *conf = NULL;
    const char *dir = NULL;
    struct fth_app_conf app;

    if (fth_args_value(&cli->args, "server")) {
        fth_err_hint(err, "Run it where the data directory is, while no server has it open.");
        return fth_err_set(err, FTH_E_USAGE, "%s: a server opens no path that is sent to it",
                           command);
    }
    if (fth_cli_dir(cli, &dir, err) || fth_cli_conf(cli, &conf, err))
        return err->rc;
    if (must_be_there && !fth_file_is_dir(dir))
        return fth_err_set(err, FTH_E_NOTFOUND, "%s: no data directory", dir);
    app = fth_cli_app_conf(conf);
    if (fth_conf_origin(conf, FTH_SET_LOG_LEVEL) == FTH_FROM_DEFAULT)
        app.log_level = FTH_LOG_OFF;
    if (fth_app_open(dir, &app, out, err) == FTH_E_BUSY)
        fth_err_hint(err, "Stop the server for as long as this takes.");
    return err->rc;
}
