/* lake: the ledger as Parquet files and back. Opens the data directory itself: a server would have
 * to open a path that its caller names. */
#include <string.h>

#include "app/lake.h"
#include "base/file.h"
#include "cli/cli_int.h"
#include "cli/cmd_int.h"

enum { LAKE_ARENA = 1 << 30, TEXT_MAX = 64 << 20 };

/* The summary as one row; the problems, if there are any, instead of it. */
static enum fth_rc print(struct fth_cli *cli, const struct fth_lake_summary *summary,
                         const struct fth_lake_problem *problems, struct fth_err *err)
{
    static const char *const summary_fields[] = {"ledger_version", "#segments", "#files",
                                                 "#charges",       "#bytes",    NULL};
    static const char *const problem_fields[] = {"path", "detail", NULL};
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    const struct fth_json *json = NULL;
    struct fth_jw jw;

    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_kv_i64(&jw, "ledger_version", summary->version);
    fth_jw_kv_i64(&jw, "segments", (int64_t)summary->segment_nr);
    fth_jw_kv_i64(&jw, "files", (int64_t)summary->file_nr);
    fth_jw_kv_i64(&jw, "kept", (int64_t)summary->kept_nr);
    fth_jw_kv_i64(&jw, "charges", summary->rows);
    fth_jw_kv_i64(&jw, "bytes", summary->bytes);
    fth_jw_key(&jw, "problems");
    fth_jw_array(&jw);
    for (const struct fth_lake_problem *at = problems; at; at = at->next) {
        fth_jw_object(&jw);
        fth_jw_kv(&jw, "path", at->path);
        fth_jw_kv(&jw, "detail", at->detail);
        fth_jw_object_end(&jw);
    }
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) &&
        !fth_json_parse(cli->arena, fth_buf_view(&text), NULL, &json, err))
        fth_cli_list(cli, json, problems ? "problems" : NULL,
                     problems ? problem_fields : summary_fields, err);
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc export_to(struct fth_cli *cli, const char *dir, struct fth_err *err)
{
    struct fth_lake_summary summary;
    struct fth_app *app = NULL;

    if (!fth_cli_open_here(cli, "lake", true, &app, err) &&
        !fth_app_lake_export(app, dir, &cli->cancel, &summary, err) &&
        !print(cli, &summary, NULL, err) && summary.kept_nr)
        fth_cli_note(cli, "note: %zu of the files were there already, and whole", summary.kept_nr);
    fth_app_close(app);
    return err->rc;
}

static enum fth_rc restore_from(struct fth_cli *cli, const char *dir, struct fth_err *err)
{
    struct fth_lake_summary summary;
    struct fth_app *app = NULL;

    if (!fth_cli_open_here(cli, "lake", false, &app, err) &&
        !fth_app_lake_restore(app, dir, &cli->cancel, &summary, err))
        print(cli, &summary, NULL, err);
    fth_app_close(app);
    return err->rc;
}

static enum fth_rc verify(struct fth_cli *cli, const char *dir, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(LAKE_ARENA);
    const struct fth_lake_problem *problems = NULL;
    struct fth_lake_summary summary;

    if (!arena)
        return fth_err_nomem(err);
    if (!fth_app_lake_verify(dir, &cli->cancel, arena, &summary, &problems, err))
        print(cli, &summary, problems, err);
    if (problems)
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    fth_arena_free(arena);
    return err->rc;
}

enum fth_rc cmd_lake(struct fth_cli *cli, struct fth_err *err)
{
    static const struct {
        const char *name;
        enum fth_rc (*run)(struct fth_cli *cli, const char *dir, struct fth_err *err);
    } actions[] = {{"export", export_to}, {"verify", verify}, {"restore", restore_from}};

    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(cli->args.args[0], actions[i].name) != 0)
            continue;
        if (actions[i].run(cli, cli->args.args[1], err))
            fth_err_prefix(err, "lake %s", actions[i].name);
        return err->rc;
    }
    fth_err_set(err, FTH_E_USAGE, "no command \"lake %s\"", cli->args.args[0]);
    fth_err_hint(err, "There are: lake export DIR, lake verify DIR, lake restore DIR");
    return err->rc;
}
