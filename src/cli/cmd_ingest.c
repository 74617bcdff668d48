/* ingest: an import is a job of the API; this starts it, shows how it goes, prints its report. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "cli/cmd_int.h"
#include "cli/show.h"

enum { BODY_MAX = 16 * 1024 * 1024, MAPPING_MAX = 256 * 1024 };

/* ---- what to import ---- */

/* Sends a file, or standard input, and writes its upload id. */
static enum fth_rc upload(struct fth_cli *cli, const char *path, struct fth_jw *jw,
                          struct fth_err *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct fth_buf target = fth_buf_max(4096);
    struct fth_client_call call = {.method = "POST", .content_type = "application/octet-stream"};
    const struct fth_client *client;
    const struct fth_json *answer;
    enum fth_rc rc;

    call.body_fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (call.body_fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    fth_buf_c(&target, "/api/v1/uploads?name=");
    fth_cli_put_query(&target, fth_str_c(standard_input ? "standard input" : name));
    call.path = fth_buf_view(&target);
    rc = fth_buf_done(&target, err);
    if (rc == FTH_OK)
        rc = fth_cli_client(cli, &client, err);
    if (rc == FTH_OK)
        rc = fth_client_json(client, &call, &cli->cancel, cli->arena, BODY_MAX, &answer, err);
    if (rc == FTH_OK)
        fth_jw_str(jw, fth_json_str(answer, "id", FTH_STR("")));
    if (!standard_input)
        close(call.body_fd);
    fth_buf_release(&target);
    return rc;
}

/* Paths for an owner on this machine, uploads for a server elsewhere. */
static enum fth_rc put_files(struct fth_cli *cli, struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_client *client;
    bool uploads = false;

    if (fth_cli_client(cli, &client, err))
        return err->rc;
    for (int pass = 0; pass < 2; pass++) {
        fth_jw_key(jw, pass ? "uploads" : "paths");
        fth_jw_array(jw);
        for (size_t i = 0; i < cli->args.arg_nr; i++) {
            const char *path = cli->args.args[i];
            bool sent = !client->local_paths || strcmp(path, "-") == 0;
            char whole[PATH_MAX];

            uploads = uploads || sent;
            if (sent != (pass == 1))
                continue;
            if (sent) {
                if (upload(cli, path, jw, err))
                    return err->rc;
                continue;
            }
            if (!realpath(path, whole))
                return fth_err_errno(err, errno, "%s", path);
            fth_jw_c(jw, whole);
        }
        fth_jw_array_end(jw);
        if (!uploads)
            break;
    }
    return FTH_OK;
}

/* A mapping goes along as its text, so that it need not be where the ledger is. */
static enum fth_rc put_mapping(struct fth_cli *cli, struct fth_jw *jw, struct fth_err *err)
{
    const char *path = fth_args_value(&cli->args, "mapping");
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct fth_str text;

    if (!path)
        return FTH_OK;
    if (fth_file_read(cli->arena, path, MAPPING_MAX, &text, err))
        return err->rc;
    if (!text.n)
        return fth_err_set(err, FTH_E_INVALID, "%s: an empty mapping", path);
    fth_jw_kv(jw, "mapping", text);
    fth_jw_kv_c(jw, "mapping_name", slash ? slash + 1 : path);
    return FTH_OK;
}

static enum fth_rc put_job(struct fth_cli *cli, struct fth_buf *body, struct fth_err *err)
{
    const struct fth_args *args = &cli->args;
    bool replace = fth_args_has(args, "replace"), append = fth_args_has(args, "append");
    static const char *const texts[] = {"source", "format", "period"};
    const char *period = fth_args_value(args, "period");
    long long tolerate;
    struct fth_jw jw;
    int32_t month;

    if (replace && append)
        return fth_err_set(err, FTH_E_USAGE, "ingest: --replace and --append exclude each other");
    if (fth_args_number(args, "tolerate", 0, 1000000, 0, &tolerate, err))
        return err->rc;
    if (period && !fth_month_parse(fth_str_c(period), &month))
        return fth_err_set(err, FTH_E_USAGE, "--period: \"%s\" is no month like 2025-01", period);
    fth_jw_init(&jw, body);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "kind", "ingest");
    if (put_files(cli, &jw, err))
        return err->rc;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (fth_args_value(args, texts[i]))
            fth_jw_kv_c(&jw, texts[i], fth_args_value(args, texts[i]));
    if (put_mapping(cli, &jw, err))
        return err->rc;
    if (replace || append)
        fth_jw_kv_c(&jw, "mode", replace ? "replace" : "append");
    if (tolerate)
        fth_jw_kv_i64(&jw, "tolerate", tolerate);
    if (fth_args_has(args, "dry-run"))
        fth_jw_kv_bool(&jw, "dry_run", true);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- what came of it ---- */

static void print_refusals(struct fth_cli *cli, const struct fth_json *delivery)
{
    const struct fth_json *errors = fth_json_get(delivery, "errors");
    const struct fth_json *warnings = fth_json_get(delivery, "warnings");

    for (size_t i = 0; errors && i < errors->nr; i++) {
        const struct fth_json *e = &errors->items[i];
        struct fth_str message = fth_json_str(e, "message", FTH_STR(""));
        int64_t line = 0;

        if (message.n) {
            fth_cli_note(cli, "refused: " FTH_STR_F, FTH_STR_A(message));
            continue;
        }
        fth_json_i64(fth_json_get(e, "line"), &line);
        fth_cli_note(cli,
                     "refused: " FTH_STR_F ":%lld: " FTH_STR_F " \"" FTH_STR_F "\": " FTH_STR_F,
                     FTH_STR_A(fth_json_str(e, "file", FTH_STR("?"))), (long long)line,
                     FTH_STR_A(fth_json_str(e, "column", FTH_STR(""))),
                     FTH_STR_A(fth_json_str(e, "value", FTH_STR(""))),
                     FTH_STR_A(fth_json_str(e, "rule", FTH_STR(""))));
    }
    for (size_t i = 0; warnings && i < warnings->nr; i++)
        if (warnings->items[i].type == FTH_JSON_STRING)
            fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(warnings->items[i].text));
}

/* A check that does not hold is not left to whoever asks for it. How many do not, of a delivery
 * that is loaded now. */
static size_t tell_checks(struct fth_cli *cli, const struct fth_json *delivery)
{
    const struct fth_json *checks = fth_json_get(delivery, "checks");
    bool loaded = fth_str_eq_c(fth_json_str(delivery, "status", FTH_STR("")), "loaded");
    bool shown = cli->out.form == FTH_OUT_TABLE;
    size_t failed = 0;

    for (size_t i = 0; checks && i < checks->nr; i++) {
        const struct fth_json *check = &checks->items[i];
        bool remark = fth_json_bool(fth_json_get(check, "remark"), false);

        if (fth_json_bool(fth_json_get(check, "ok"), true))
            continue;
        failed += !remark && loaded;
        if (shown)
            fth_cli_note(cli, "%s \"" FTH_STR_F "\" of " FTH_STR_F " " FTH_STR_F ": " FTH_STR_F,
                         remark ? "remark" : "check",
                         FTH_STR_A(fth_json_str(check, "id", FTH_STR("?"))),
                         FTH_STR_A(fth_json_str(delivery, "source", FTH_STR("?"))),
                         FTH_STR_A(fth_json_str(delivery, "billing_period", FTH_STR(""))),
                         FTH_STR_A(fth_json_str(check, "detail", FTH_STR(""))));
        if (shown && !remark)
            fth_show_where(cli, check);
    }
    return failed;
}

/* What its files were taken for, and why. */
static void print_recognised(struct fth_cli *cli, const struct fth_json *delivery)
{
    const struct fth_json *files = fth_json_get(delivery, "files");
    struct fth_str why = fth_json_str(delivery, "recognised", (struct fth_str){0});

    for (size_t i = 0; cli->out.form == FTH_OUT_TABLE && why.n && files && i < files->nr; i++)
        fth_cli_note(cli, FTH_STR_F ": " FTH_STR_F,
                     FTH_STR_A(fth_json_str(&files->items[i], "path", FTH_STR("?"))),
                     FTH_STR_A(why));
}

/* Files that were passed over, and why. */
static void print_notes(struct fth_cli *cli, const struct fth_json *report)
{
    const struct fth_json *notes = fth_json_get(report, "notes");

    for (size_t i = 0; cli->out.form == FTH_OUT_TABLE && notes && i < notes->nr; i++)
        if (notes->items[i].type == FTH_JSON_STRING)
            fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(notes->items[i].text));
}

static enum fth_rc print_report(struct fth_cli *cli, const struct fth_json *report,
                                struct fth_err *err)
{
    static const char *const fields[] = {
        "source",   "billing_period", "status",          "#rows_read",  "#rows_stored",
        "currency", "#billed_cost",   "#effective_cost", "#difference", NULL};
    const struct fth_json *deliveries = fth_json_get(report, "deliveries");
    size_t refused = 0, failed = 0;
    enum fth_rc rc;

    for (size_t i = 0; deliveries && i < deliveries->nr; i++)
        refused +=
            fth_str_eq_c(fth_json_str(&deliveries->items[i], "status", FTH_STR("")), "refused");
    if (refused)
        cli->exit_code = fth_rc_info(FTH_E_PARTIAL)->exit_code;
    rc = fth_cli_list(cli, report, "deliveries", fields, err);
    for (size_t i = 0; cli->out.form == FTH_OUT_TABLE && deliveries && i < deliveries->nr; i++)
        print_refusals(cli, &deliveries->items[i]);
    for (size_t i = 0; deliveries && i < deliveries->nr; i++)
        failed += tell_checks(cli, &deliveries->items[i]);
    /* What was refused is told first: it is not there. */
    if (failed && !cli->exit_code)
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    if (failed && cli->out.form == FTH_OUT_TABLE)
        fth_cli_note(
            cli, "%zu check%s; %s", failed, failed == 1 ? " does not hold" : "s do not hold",
            fth_args_has(&cli->args, "dry-run") ? "nothing was stored" : "what was read is loaded");
    for (size_t i = 0; fth_args_has(&cli->args, "dry-run") && deliveries && i < deliveries->nr; i++)
        print_recognised(cli, &deliveries->items[i]);
    print_notes(cli, report);
    return rc;
}

/* Where deliveries were refused, the report is what was asked for; the error goes beside it. One
 * refusal that people read is told by its error alone. */
static enum fth_rc job_failed(struct fth_cli *cli, const struct fth_json *job, struct fth_err *err)
{
    const struct fth_json *report = fth_json_get(job, "result");
    const struct fth_json *deliveries = fth_json_get(report, "deliveries");
    struct fth_err why = {0};
    enum fth_rc rc = fth_cli_job_error(job, "ingest: cancelled; nothing was changed", &why);

    if (!deliveries || deliveries->nr == 0 || rc == FTH_E_CANCELLED ||
        (deliveries->nr == 1 && cli->out.form == FTH_OUT_TABLE)) {
        *err = why;
        return rc;
    }
    if (print_report(cli, report, err))
        return err->rc;
    fth_cli_tell_error(&why);
    cli->exit_code = fth_rc_info(rc)->exit_code;
    return FTH_OK;
}

/* ---- a first mapping ---- */

static enum fth_rc put_proposal(struct fth_cli *cli, struct fth_buf *body, struct fth_err *err)
{
    const char *path = cli->args.args[0];
    const struct fth_client *client;
    char whole[PATH_MAX];
    struct fth_jw jw;

    if (cli->args.arg_nr != 1)
        return fth_err_set(err, FTH_E_USAGE, "ingest: --propose-mapping wants one file");
    if (fth_cli_client(cli, &client, err))
        return err->rc;
    fth_jw_init(&jw, body);
    fth_jw_object(&jw);
    if (!client->local_paths || strcmp(path, "-") == 0) {
        fth_jw_key(&jw, "upload");
        if (upload(cli, path, &jw, err))
            return err->rc;
    } else {
        if (!realpath(path, whole))
            return fth_err_errno(err, errno, "%s", path);
        fth_jw_kv_c(&jw, "path", whole);
    }
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

static enum fth_rc propose(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *answer;
    int64_t doubts = 0;
    enum fth_rc rc = put_proposal(cli, &body, err);

    if (rc == FTH_OK)
        rc = fth_cli_post(cli, FTH_STR("/api/v1/mappings/preview"), fth_buf_view(&body), &answer,
                          err);
    fth_buf_release(&body);
    if (rc)
        return rc;
    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    if (fth_out_text(&cli->out, fth_json_str(answer, "mapping", FTH_STR("")), err))
        return err->rc;
    fth_json_i64(fth_json_get(answer, "doubts"), &doubts);
    if (doubts)
        fth_cli_note(cli, "%lld line%s CHOOSE: settle them before you import by it",
                     (long long)doubts, doubts == 1 ? " says" : "s say");
    return FTH_OK;
}

enum fth_rc cmd_ingest(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *job;
    enum fth_rc rc;

    if (fth_args_has(&cli->args, "propose-mapping"))
        return propose(cli, err);
    rc = put_job(cli, &body, err);
    if (rc == FTH_OK)
        rc = fth_cli_post(cli, FTH_STR("/api/v1/jobs"), fth_buf_view(&body), &job, err);
    if (rc == FTH_OK)
        rc = fth_cli_follow_job(cli, job, &job, err);
    if (rc == FTH_OK)
        rc = fth_str_eq_c(fth_json_str(job, "state", FTH_STR("")), "done")
                 ? print_report(cli, fth_json_get(job, "result"), err)
                 : job_failed(cli, job, err);
    fth_buf_release(&body);
    return rc;
}
