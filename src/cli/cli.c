#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fault.h"
#include "cli/cli_int.h"

enum { ARENA_CAP = 1 << 30, ANSWER_MAX = 512 * 1024 * 1024 };

enum { FINISH_MS = 20, FINISH_TELL_US = 1000 * 1000 };

/* ---- how to print ---- */

/* Files of the rows of an answer. */
static enum fth_rc check_file_form(const struct fth_cli *cli, struct fth_err *err)
{
    const char *command = cli->args.command ? cli->args.command->name : "";
    const char *form = cli->out.form == FTH_OUT_XLSX ? "xlsx" : "parquet";

    if (strcmp(command, "costs") != 0 && strcmp(command, "query") != 0)
        return fth_err_set(err, FTH_E_USAGE, "--output %s: only costs and query have rows for it",
                           form);
    if (isatty(STDOUT_FILENO) == 1) {
        fth_err_set(err, FTH_E_USAGE, "--output %s: standard output is a terminal", form);
        fth_err_hint(err, "Send it to a file: farthing %s … --output %s > costs.%s", command, form,
                     form);
    }
    return err->rc;
}

static enum fth_rc choose_form(struct fth_cli *cli, struct fth_err *err)
{
    const char *form = fth_args_value(&cli->args, "output");

    cli->out.form = fth_args_has(&cli->args, "json") ? FTH_OUT_JSON : FTH_OUT_TABLE;
    if (!form)
        return FTH_OK;
    if (!fth_out_form(form, &cli->out.form)) {
        fth_err_set(err, FTH_E_USAGE, "--output: no form \"%s\"", form);
        fth_err_hint(err, "There are table, json, ndjson, csv, markdown, parquet and xlsx.");
        return err->rc;
    }
    return fth_out_is_file(cli->out.form) ? check_file_form(cli, err) : FTH_OK;
}

static void look_at_terminal(struct fth_cli *cli)
{
    const char *when = fth_args_value(&cli->args, "color");
    bool terminal = isatty(STDOUT_FILENO) == 1;
    struct winsize size;

    cli->note_is_terminal = isatty(STDERR_FILENO) == 1;
    cli->out.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    cli->out.colour = terminal && !getenv("NO_COLOR");
    if (when)
        cli->out.colour =
            strcmp(when, "always") == 0 || (cli->out.colour && strcmp(when, "never") != 0);
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        cli->out.width = size.ws_col;
}

void fth_cli_note(struct fth_cli *cli, const char *format, ...)
{
    va_list args;

    if (cli->quiet)
        return;
    va_start(args, format);
    vfprintf(cli->out.note, format, args);
    va_end(args);
    fputc('\n', cli->out.note);
}

void fth_cli_tell_error(const struct fth_err *err)
{
    bool named = strncmp(err->msg, err->pointer, strlen(err->pointer)) == 0;

    fprintf(stderr, "farthing: %s%s%s\n", named ? "" : err->pointer, named ? "" : ": ", err->msg);
    if (err->hint[0])
        fprintf(stderr, "hint: %s\n", err->hint);
}

static void put_pointer(struct fth_jw *jw, const struct fth_err *err)
{
    fth_jw_key(jw, "errors");
    fth_jw_array(jw);
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "pointer", err->pointer);
    fth_jw_kv_c(jw, "code", fth_rc_info(err->rc)->type);
    fth_jw_kv_c(jw, "detail", err->msg);
    fth_jw_object_end(jw);
    fth_jw_array_end(jw);
}

/* With --json the problem object that the API would send. */
static void print_error(struct fth_cli *cli, const struct fth_err *err)
{
    const struct fth_rc_info *info = fth_rc_info(err->rc);
    struct fth_buf text = fth_buf_max(64 * 1024);
    struct fth_err ignored = {0};
    struct fth_jw jw;
    char type[64];

    fth_cli_tell_error(err);
    if (cli->out.form != FTH_OUT_JSON)
        return;
    snprintf(type, sizeof(type), "/problems/%s", info->type);
    fth_jw_init(&jw, &text);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "type", type);
    fth_jw_kv_c(&jw, "title", info->title);
    fth_jw_kv_i64(&jw, "status", info->http_status);
    fth_jw_kv_c(&jw, "detail", err->msg);
    if (err->hint[0])
        fth_jw_kv_c(&jw, "hint", err->hint);
    fth_jw_kv_bool(&jw, "retryable", info->retryable);
    if (err->pointer[0])
        put_pointer(&jw, err);
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, &ignored) == FTH_OK)
        printf(FTH_STR_F "\n", FTH_STR_A(fth_buf_view(&text)));
    fth_buf_release(&text);
}

/* Whoever asks for JSON gets his errors so too, also when the rest of the line cannot be read. */
static bool wants_json(int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

/* ---- the client ---- */

enum fth_rc fth_cli_client(struct fth_cli *cli, const struct fth_client **out, struct fth_err *err)
{
    const char *server = fth_args_value(&cli->args, "server");
    enum fth_rc rc = FTH_OK;

    if (!cli->client_open) {
        if (server)
            rc = fth_client_remote(cli->arena, server, getenv("FARTHING_TOKEN"), NULL, &cli->client,
                                   err);
        else
            rc = fth_cli_open_local(cli, &cli->client, err);
        cli->client_open = rc == FTH_OK;
    }
    if (rc == FTH_OK)
        *out = &cli->client;
    return rc;
}

/* What the API finds wrong with a request was wrong on the command line. */
enum fth_rc fth_cli_blame_usage(struct fth_cli *cli, enum fth_rc rc)
{
    if (rc == FTH_E_INVALID || rc == FTH_E_SYNTAX || rc == FTH_E_RANGE)
        cli->error_exit_code = fth_rc_info(FTH_E_USAGE)->exit_code;
    return rc;
}

static enum fth_rc call(struct fth_cli *cli, const struct fth_client_call *request,
                        const struct fth_json **out, struct fth_err *err)
{
    const struct fth_client *client;
    enum fth_rc rc = fth_cli_client(cli, &client, err);

    if (rc)
        return rc;
    rc = fth_client_json(client, request, &cli->cancel, cli->arena, ANSWER_MAX, out, err);
    return fth_cli_blame_usage(cli, rc);
}

enum fth_rc fth_cli_get(struct fth_cli *cli, struct fth_str path, const struct fth_json **out,
                        struct fth_err *err)
{
    const struct fth_client_call request = {.method = "GET", .path = path, .body_fd = -1};

    return call(cli, &request, out, err);
}

enum fth_rc fth_cli_post(struct fth_cli *cli, struct fth_str path, struct fth_str body,
                         const struct fth_json **out, struct fth_err *err)
{
    const struct fth_client_call request = {
        .method = "POST", .path = path, .body = body, .body_fd = -1};

    return call(cli, &request, out, err);
}

enum fth_rc fth_cli_patch(struct fth_cli *cli, struct fth_str path, struct fth_str body,
                          const struct fth_json **out, struct fth_err *err)
{
    const struct fth_client_call request = {
        .method = "PATCH", .path = path, .body = body, .body_fd = -1};

    return call(cli, &request, out, err);
}

enum fth_rc fth_cli_send_file(struct fth_cli *cli, const char *path, struct fth_str target,
                              const struct fth_json **out, struct fth_err *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct fth_client_call call = {.method = "POST", .content_type = "application/octet-stream"};
    struct fth_buf whole = fth_buf_max(8192);
    const struct fth_client *client;
    enum fth_rc rc;

    call.body_fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (call.body_fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    fth_buf_str(&whole, target);
    fth_buf_c(&whole, memchr(target.p, '?', target.n) ? "&name=" : "?name=");
    fth_cli_put_query(&whole, fth_str_c(standard_input ? "standard input" : name));
    call.path = fth_buf_view(&whole);
    rc = fth_buf_done(&whole, err);
    if (rc == FTH_OK)
        rc = fth_cli_client(cli, &client, err);
    if (rc == FTH_OK)
        rc = fth_client_json(client, &call, &cli->cancel, cli->arena, ANSWER_MAX, out, err);
    if (!standard_input)
        close(call.body_fd);
    fth_buf_release(&whole);
    return rc;
}

void fth_cli_put_query(struct fth_buf *buf, struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     strchr("-._~", c);

        if (plain && c)
            fth_buf_char(buf, (char)c);
        else
            fth_buf_printf(buf, "%%%02X", c);
    }
}

/* ---- signals ---- */

/* Waits for Ctrl-C and SIGTERM: the first cancels, the second ends the program. Once the answer is
 * out, neither makes it look failed. */
static void *wait_for_signals(void *arg)
{
    struct fth_cli *cli = arg;
    sigset_t set;
    int number, code;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigwait(&set, &number);
    fth_cancel_set(&cli->cancel, "interrupted");
    fth_cli_note(cli, "farthing: stopping; once more to stop at once");
    sigwait(&set, &number);
    code = atomic_load(&cli->ended);
    _exit(code >= 0 ? code : fth_rc_info(FTH_E_CANCELLED)->exit_code);
}

/* `serve` waits for signals itself. */
static enum fth_rc watch_signals(struct fth_cli *cli, struct fth_err *err)
{
    pthread_t thread;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (fth_thread_start(&thread, wait_for_signals, cli, err))
        return err->rc;
    pthread_detach(thread);
    return FTH_OK;
}

/* ---- the program ---- */

/* What a command leaves to be done in this process, like keeping the files of an import, ends
 * before the process does, or when somebody says stop: then the next one makes up for it. */
static void finish(struct fth_cli *cli)
{
    const struct timespec step = {0, FINISH_MS * 1000000L};
    struct fth_clock clock = fth_clock_system();
    int64_t started = fth_clock_mono_us(&clock);
    bool told = false;

    if (!cli->client.is_busy)
        return;
    while (cli->client.is_busy(cli->client.ctx) && !fth_cancel_is_set(&cli->cancel)) {
        if (!told && fth_clock_mono_us(&clock) - started > FINISH_TELL_US) {
            fth_cli_note(cli, "farthing: that is done; keeping delivered files and tidying up. "
                              "Ctrl-C leaves it to the next run");
            told = true;
        }
        nanosleep(&step, NULL);
    }
}

static enum fth_rc run_command(struct fth_cli *cli, int argc, char **argv, const char **order,
                               struct fth_err *err)
{
    enum fth_rc rc = fth_args_parse(argc - 1, argv + 1, order, &cli->args, err);

    look_at_terminal(cli);
    if (rc) {
        cli->out.form = wants_json(argc, argv) ? FTH_OUT_JSON : FTH_OUT_TABLE;
        return rc;
    }
    rc = choose_form(cli, err);
    if (rc)
        return rc;
    cli->quiet = fth_args_has(&cli->args, "quiet");
    if (cli->args.help || !cli->args.command)
        return fth_cli_help(cli, cli->args.command, err);
    if (strcmp(cli->args.command->name, "serve") != 0)
        rc = watch_signals(cli, err);
    if (rc == FTH_OK)
        rc = cli->args.command->run(cli, err);
    /* The answer is out before anything else is waited for. */
    if (rc == FTH_OK)
        rc = fth_out_done(&cli->out, err);
    if (rc == FTH_OK)
        atomic_store(&cli->ended, cli->exit_code);
    if (cli->client_open) {
        if (rc == FTH_OK)
            finish(cli);
        cli->client.close(cli->client.ctx);
    }
    return rc;
}

int fth_cli_main(int argc, char **argv)
{
    const char **order = fth_calloc((size_t)argc + 1, sizeof(*order));
    struct fth_cli cli = {.arena = fth_arena_new(ARENA_CAP), .ended = -1};
    struct fth_err err = {0};

    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    cli.out.file = stdout;
    cli.out.note = stderr;
    if (!order || !cli.arena)
        fth_err_nomem(&err);
    else
        run_command(&cli, argc, argv, order, &err);
    if (err.rc == FTH_OK)
        fth_out_done(&cli.out, &err);
    if (err.rc)
        print_error(&cli, &err);
    fth_arena_free(cli.arena);
    fth_free(order);
    if (!err.rc)
        return cli.exit_code;
    return cli.error_exit_code ? cli.error_exit_code : fth_rc_info(err.rc)->exit_code;
}
