/* serve, config, doctor, completion, manual, version: the program itself. */
#include <string.h>
#include <sys/statvfs.h>

#include "api/serve.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "cli/cli_int.h"
#include "cli/cmd_int.h"
#include "ledger/engine.h"
#include "state/db.h"

enum { DISK_LOW = 1 << 30 };

enum fth_rc cmd_serve(struct fth_cli *cli, struct fth_err *err)
{
    const char *listen = fth_args_value(&cli->args, "listen");
    const char *web_dir = fth_args_value(&cli->args, "web-dir");
    struct fth_serve_conf serve = fth_serve_conf_default();
    const struct fth_conf *conf;
    struct fth_app_conf app;
    const char *dir;

    if (fth_cli_dir(cli, &dir, err) || fth_cli_conf(cli, &conf, err))
        return err->rc;
    app = fth_cli_app_conf(conf);
    serve.router = fth_cli_router_conf(conf);
    if (web_dir)
        serve.router.web_dir = web_dir;
    serve.http.listen = listen ? listen : fth_conf_text(conf, FTH_SET_LISTEN).p;
    serve.router.listen = serve.http.listen;
    serve.http.max_head = (size_t)fth_conf_int(conf, FTH_SET_MAX_HEAD);
    serve.http.max_connections = (unsigned)fth_conf_int(conf, FTH_SET_CONNECTIONS);
    serve.http.silence_s = fth_conf_int(conf, FTH_SET_SILENCE) / 1000;
    if (fth_conf_int(conf, FTH_SET_WORKERS))
        serve.http.workers = (unsigned)fth_conf_int(conf, FTH_SET_WORKERS);
    serve.ready_fd = 1;
    return fth_serve_run(dir, &app, &serve, err);
}

/* ---- config ---- */

static void put_setting(struct fth_jw *jw, const struct fth_conf *conf, enum fth_setting id,
                        bool origin)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "name", fth_setting_info(id)->name);
    fth_jw_kv(jw, "value", fth_conf_written(conf, id));
    if (origin)
        fth_jw_kv(jw, "origin", fth_conf_place(conf, id));
    fth_jw_object_end(jw);
}

enum fth_rc cmd_config(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const plain[] = {"name", "value", NULL};
    static const char *const with_origin[] = {"name", "value", "origin", NULL};
    bool origin = fth_args_has(&cli->args, "show-origin");
    struct fth_buf text = fth_buf_max(1024 * 1024);
    const struct fth_json *list;
    const struct fth_conf *conf;
    struct fth_jw jw;
    size_t shown = 0;
    enum fth_rc rc;

    if (fth_cli_conf(cli, &conf, err))
        return err->rc;
    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "settings");
    fth_jw_array(&jw);
    for (int id = 0; id < FTH_SETTING_NR; id++) {
        const char *name = fth_setting_info((enum fth_setting)id)->name;

        if (cli->args.arg_nr && strcmp(cli->args.args[0], name) != 0)
            continue;
        put_setting(&jw, conf, (enum fth_setting)id, origin);
        shown++;
    }
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (rc == FTH_OK && shown == 0)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "config: no setting \"%s\"", cli->args.args[0]);
    if (rc == FTH_OK)
        rc = fth_json_parse(cli->arena, fth_buf_view(&text), NULL, &list, err);
    if (rc == FTH_OK)
        rc = fth_cli_list(cli, list, "settings", origin ? with_origin : plain, err);
    fth_buf_release(&text);
    return rc;
}

/* ---- doctor ---- */

/* What one check found; `bad` counts those that make the command end with 3. */
struct diagnosis {
    struct fth_jw *jw;
    unsigned bad;
};

static void found(struct diagnosis *diagnosis, const char *check, bool fine, const char *detail)
{
    fth_jw_object(diagnosis->jw);
    fth_jw_kv_c(diagnosis->jw, "check", check);
    fth_jw_kv_bool(diagnosis->jw, "ok", fine);
    fth_jw_kv_c(diagnosis->jw, "detail", detail);
    fth_jw_object_end(diagnosis->jw);
    diagnosis->bad += !fine;
}

static void check_disk(struct diagnosis *diagnosis, const char *dir)
{
    struct statvfs disk;
    char detail[128];
    uint64_t left;

    if (statvfs(dir, &disk) != 0) {
        found(diagnosis, "disk", false, "cannot be looked at");
        return;
    }
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    snprintf(detail, sizeof(detail), "%.1f GiB left", (double)left / (1 << 30));
    found(diagnosis, "disk", left >= DISK_LOW, detail);
}

static void check_zones(struct fth_cli *cli, struct diagnosis *diagnosis)
{
    const struct fth_zone *zone;
    struct fth_err err = {0};

    fth_zone_load(cli->arena, FTH_STR("America/Los_Angeles"), &zone, &err);
    found(diagnosis, "time zones", err.rc == FTH_OK, err.rc ? err.msg : "tzdata is there");
}

/* Opens the directory, or asks the process that has it open, whether all is ready. */
static void check_stores(struct fth_cli *cli, struct diagnosis *diagnosis)
{
    const struct fth_json *answer;
    struct fth_err err = {0};
    char detail[256] = "";

    if (fth_cli_get(cli, FTH_STR("/api/v1/version"), &answer, &err) == FTH_OK)
        snprintf(detail, sizeof(detail), FTH_STR_F ", " FTH_STR_F,
                 FTH_STR_A(fth_json_str(answer, "engine", FTH_STR("?"))),
                 FTH_STR_A(fth_json_str(answer, "state", FTH_STR("?"))));
    found(diagnosis, "stores", err.rc == FTH_OK, err.rc ? err.msg : detail);
    if (err.rc)
        return;
    fth_cli_get(cli, FTH_STR("/readyz"), &answer, &err);
    found(diagnosis, "ready", err.rc == FTH_OK, err.rc ? err.msg : "answers");
}

enum fth_rc cmd_doctor(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"check", "ok", "detail", NULL};
    struct fth_buf text = fth_buf_max(256 * 1024);
    struct fth_err conf_err = {0};
    const struct fth_conf *conf;
    const struct fth_json *list;
    struct diagnosis diagnosis;
    struct fth_jw jw;
    const char *dir;
    enum fth_rc rc;

    if (fth_cli_dir(cli, &dir, err))
        return err->rc;
    fth_jw_init(&jw, &text);
    diagnosis = (struct diagnosis){.jw = &jw};
    fth_jw_object(&jw);
    fth_jw_key(&jw, "checks");
    fth_jw_array(&jw);
    found(&diagnosis, "program", true, fth_version());
    fth_cli_conf(cli, &conf, &conf_err);
    found(&diagnosis, "settings", conf_err.rc == FTH_OK, conf_err.rc ? conf_err.msg : "all known");
    check_zones(cli, &diagnosis);
    if (!fth_file_is_dir(dir)) {
        found(&diagnosis, "data directory", true, "not there yet; the first import makes it");
    } else {
        found(&diagnosis, "data directory", true, dir);
        check_disk(&diagnosis, dir);
        if (conf_err.rc == FTH_OK)
            check_stores(cli, &diagnosis);
    }
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (rc == FTH_OK)
        rc = fth_json_parse(cli->arena, fth_buf_view(&text), NULL, &list, err);
    if (rc == FTH_OK)
        rc = fth_cli_list(cli, list, "checks", fields, err);
    if (diagnosis.bad)
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    fth_buf_release(&text);
    return rc;
}

/* ---- the rest ---- */

enum fth_rc cmd_completion(struct fth_cli *cli, struct fth_err *err)
{
    return fth_cli_completion(cli, cli->args.args[0], err);
}

enum fth_rc cmd_manual(struct fth_cli *cli, struct fth_err *err)
{
    return fth_cli_manual(cli, err);
}

static enum fth_rc version_text(struct fth_cli *cli, const char *const parts[3],
                                struct fth_err *err)
{
    struct fth_str text;

    if (fth_arena_printf(cli->arena, &text, err, "farthing %s\n%s\n%s\n%s\n", fth_version(),
                         parts[0], parts[1], parts[2]))
        return err->rc;
    return fth_out_text(&cli->out, text, err);
}

/* Opens nothing: what is linked, not what a directory was written with. */
enum fth_rc cmd_version(struct fth_cli *cli, struct fth_err *err)
{
    char engine[32], sqlite[32], postgres[32];
    const char *const parts[3] = {engine, sqlite, postgres};
    struct fth_buf text = fth_buf_max(4096);
    const struct fth_json *json = NULL;
    struct fth_jw jw;
    enum fth_rc rc;

    fth_engine_library(engine);
    fth_db_library(FTH_DB_SQLITE, sqlite);
    fth_db_library(FTH_DB_POSTGRES, postgres);
    if (cli->out.form != FTH_OUT_JSON)
        return version_text(cli, parts, err);
    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "name", "farthing");
    fth_jw_kv_c(&jw, "version", fth_version());
    fth_jw_kv_c(&jw, "engine", engine);
    fth_jw_kv_c(&jw, "state", sqlite);
    fth_jw_kv_c(&jw, "postgresql", postgres);
    fth_jw_object_end(&jw);
    rc = fth_jw_done(&jw, err);
    if (rc == FTH_OK)
        rc = fth_json_parse(cli->arena, fth_buf_view(&text), NULL, &json, err);
    if (rc == FTH_OK)
        rc = fth_out_json(&cli->out, json, err);
    fth_buf_release(&text);
    return rc;
}
