/* focus export: a job of the API writes the files; they are fetched, checked, and put in their
 * place. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/sha256.h"
#include "cli/cmd_int.h"
#include "focus/export.h"
#include "focus/folder.h"

enum { BODY_MAX = 1 << 20, LIST_MAX = 256 << 20 };

/* ---- what is asked ---- */

static enum fth_rc check_date(const struct fth_args *args, const char *option, int32_t *out,
                              struct fth_err *err)
{
    const char *text = fth_args_value(args, option);

    if (!fth_date_parse(fth_str_c(text), out))
        return fth_err_set(err, FTH_E_USAGE, "--%s: \"%s\" is no date like 2025-01-31", option,
                           text);
    return FTH_OK;
}

static enum fth_rc check_range(const struct fth_args *args, struct fth_err *err)
{
    bool from = fth_args_has(args, "from"), to = fth_args_has(args, "to-date");
    int32_t first, end;

    if (!from && !to)
        return FTH_OK;
    if (from != to) {
        fth_err_set(err, FTH_E_USAGE, "focus export: --%s without --%s", from ? "from" : "to-date",
                    from ? "to-date" : "from");
        fth_err_hint(err, "--from is the first day, --to-date the day after the last.");
        return err->rc;
    }
    if (check_date(args, "from", &first, err) || check_date(args, "to-date", &end, err))
        return err->rc;
    if (end <= first)
        return fth_err_set(err, FTH_E_USAGE, "the range is empty: its end is not included");
    return FTH_OK;
}

static enum fth_rc check_args(const struct fth_args *args, struct fth_err *err)
{
    const char *version = fth_args_value(args, "version"), *form = fth_args_value(args, "format");
    const char *period = fth_args_value(args, "period");
    enum fth_focus_version found;
    enum fth_focus_form form_found;
    int32_t month;

    if (args->arg_nr > 1)
        return fth_err_set(err, FTH_E_USAGE, "focus export: \"%s\" is not needed", args->args[1]);
    if (!fth_args_has(args, "to"))
        return fth_err_set(err, FTH_E_USAGE, "focus export: to which folder? (--to DIR)");
    if (!version || !fth_focus_version_parse(version, &found))
        return fth_err_set(err, FTH_E_USAGE,
                           "focus export: --version is one of 1.0, 1.1, 1.2, 1.3, 1.4");
    if (form && !fth_focus_form_parse(fth_str_c(form), &form_found))
        return fth_err_set(err, FTH_E_USAGE, "focus export: --format is csv.gz or parquet");
    if (period && !fth_month_parse(fth_str_c(period), &month))
        return fth_err_set(err, FTH_E_USAGE, "--period: \"%s\" is no month like 2025-01", period);
    return check_range(args, err);
}

static enum fth_rc put_request(const struct fth_args *args, struct fth_buf *body,
                               struct fth_err *err)
{
    static const struct {
        const char *option, *name;
    } fields[] = {{"version", "version"}, {"format", "format"}, {"where", "where"},
                  {"period", "period"},   {"from", "from"},     {"to-date", "to"}};
    struct fth_jw jw;

    fth_jw_init(&jw, body);
    fth_jw_object(&jw);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fth_args_has(args, fields[i].option))
            fth_jw_kv_c(&jw, fields[i].name, fth_args_value(args, fields[i].option));
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- fetching ---- */

struct arriving {
    int fd;
    const char *path;
    struct fth_sha256 sha;
    int64_t bytes;
};

static enum fth_rc on_data(void *ctx, struct fth_str piece, struct fth_err *err)
{
    struct arriving *arriving = ctx;

    fth_sha256_add(&arriving->sha, piece.p, piece.n);
    arriving->bytes += (int64_t)piece.n;
    return fth_file_write_all(arriving->fd, arriving->path, piece, err);
}

static enum fth_rc receive(struct fth_cli *cli, struct fth_str path, struct arriving *arriving,
                           struct fth_err *err)
{
    const struct fth_client_sink sink = {.data = on_data, .ctx = arriving};
    const struct fth_client_call call = {
        .method = "GET", .path = path, .accept = "application/octet-stream", .body_fd = -1};

    if (fth_sha256_init(&arriving->sha, err))
        return err->rc;
    arriving->fd = open(arriving->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (arriving->fd < 0)
        return fth_err_errno(err, errno, "%s", arriving->path);
    if (!fth_client_stream(&cli->client, &call, &cli->cancel, &sink, err))
        fth_file_sync(arriving->fd, arriving->path, err);
    close(arriving->fd);
    return err->rc;
}

/* A file comes whole and as it was written, or not at all. */
static enum fth_rc fetch(struct fth_cli *cli, struct fth_str id, const struct fth_json *file,
                         struct fth_focus_folder *folder, struct fth_err *err)
{
    struct fth_str name = fth_json_str(file, "name", FTH_STR(""));
    struct fth_buf target = fth_buf_max(BODY_MAX);
    struct arriving arriving = {0};
    char sha[FTH_SHA256_HEX];
    int64_t bytes = -1;
    size_t number;

    fth_json_i64(fth_json_get(file, "bytes"), &bytes);
    fth_buf_printf(&target, "/api/v1/jobs/" FTH_STR_F "/file?name=", FTH_STR_A(id));
    fth_cli_put_query(&target, name);
    if (!fth_buf_done(&target, err) &&
        !fth_focus_folder_add(folder, name, &arriving.path, &number, err) &&
        !receive(cli, fth_buf_view(&target), &arriving, err)) {
        fth_sha256_hex(&arriving.sha, sha);
        if (arriving.bytes != bytes ||
            !fth_str_eq_c(fth_json_str(file, "sha256", FTH_STR("")), sha))
            fth_err_set(err, FTH_E_FAILED, FTH_STR_F " has not come as it was written",
                        FTH_STR_A(name));
    }
    fth_sha256_release(&arriving.sha);
    fth_buf_release(&target);
    return err->rc;
}

/* What the server keeps is not needed any more; it would go by itself later. */
static void drop_files(struct fth_cli *cli, struct fth_str id)
{
    struct fth_client_call call = {.method = "DELETE", .body_fd = -1};
    const struct fth_json *answer;
    struct fth_err ignored = {0};

    if (!fth_arena_printf(cli->arena, &call.path, &ignored, "/api/v1/jobs/" FTH_STR_F "/files",
                          FTH_STR_A(id)))
        fth_client_json(&cli->client, &call, NULL, cli->arena, BODY_MAX, &answer, &ignored);
}

static enum fth_rc fetch_all(struct fth_cli *cli, const struct fth_json *job,
                             struct fth_focus_folder *folder, struct fth_err *err)
{
    struct fth_str id = fth_json_str(job, "id", FTH_STR(""));
    const struct fth_json *files = fth_json_get(fth_json_get(job, "result"), "files");

    for (size_t i = 0; files && i < files->nr && !err->rc; i++)
        fetch(cli, id, &files->items[i], folder, err);
    drop_files(cli, id);
    return err->rc ? err->rc : fth_focus_folder_publish(folder, err);
}

/* ---- what came of it ---- */

static void put_sums(struct fth_jw *jw, struct fth_str name, const struct fth_json *sums)
{
    for (size_t i = 0; sums && i < sums->nr; i++) {
        fth_jw_object(jw);
        fth_jw_kv(jw, "file", name);
        for (size_t m = 0; m < sums->items[i].nr; m++) {
            const struct fth_json_member *member = &sums->items[i].members[m];

            fth_jw_key_str(jw, member->key);
            fth_jw_json(jw, &member->value);
        }
        fth_jw_object_end(jw);
    }
}

/* A line a file and currency, then a line a currency for all. */
static enum fth_rc print(struct fth_cli *cli, const struct fth_json *manifest, struct fth_err *err)
{
    static const char *const fields[] = {"file",         "#rows",           "currency",
                                         "#billed_cost", "#effective_cost", NULL};
    const struct fth_json *files = fth_json_get(manifest, "files"), *json;
    struct fth_buf text = fth_buf_max(LIST_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "data");
    fth_jw_array(&jw);
    for (size_t i = 0; files && i < files->nr; i++)
        put_sums(&jw, fth_json_str(&files->items[i], "name", FTH_STR("?")),
                 fth_json_get(&files->items[i], "sums"));
    put_sums(&jw, FTH_STR("all, as in the ledger"), fth_json_get(manifest, "sums"));
    fth_jw_array_end(&jw);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) &&
        !fth_json_parse(cli->arena, fth_buf_view(&text), NULL, &json, err))
        fth_cli_list(cli, json, "data", fields, err);
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc print_result(struct fth_cli *cli, const struct fth_json *result,
                                struct fth_err *err)
{
    const struct fth_json *manifest = fth_json_get(result, "manifest");
    struct fth_str warning = fth_json_str(result, "warning", FTH_STR(""));
    int64_t netted = 0;

    if (print(cli, manifest, err))
        return err->rc;
    fth_json_i64(fth_json_get(manifest, "netted_credits"), &netted);
    if (netted)
        fth_cli_note(cli, "%lld credits are in the row of the record whose price they lower",
                     (long long)netted);
    if (warning.n)
        fth_cli_note(cli, FTH_STR_F, FTH_STR_A(warning));
    return FTH_OK;
}

static enum fth_rc run_job(struct fth_cli *cli, const struct fth_json **out, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *job = NULL;

    if (!put_request(&cli->args, &body, err) &&
        !fth_cli_post(cli, FTH_STR("/api/v1/focus/exports"), fth_buf_view(&body), &job, err))
        fth_cli_follow_job(cli, job, &job, err);
    fth_buf_release(&body);
    if (!err->rc && !fth_str_eq_c(fth_json_str(job, "state", FTH_STR("")), "done"))
        fth_cli_job_error(job, "focus export: cancelled; nothing was written", err);
    *out = job;
    return err->rc;
}

/* The folder is looked at first: what it refuses need not be written at all. */
enum fth_rc fth_cli_focus_export(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_focus_folder *folder = NULL;
    const struct fth_json *job = NULL;

    if (check_args(&cli->args, err) ||
        fth_focus_folder_open(cli->arena, fth_args_value(&cli->args, "to"),
                              fth_args_has(&cli->args, "force"), &folder, err))
        return err->rc;
    if (!run_job(cli, &job, err))
        fetch_all(cli, job, folder, err);
    fth_focus_folder_close(folder);
    return err->rc ? err->rc : print_result(cli, fth_json_get(job, "result"), err);
}
