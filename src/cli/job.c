/* A job of the API, shown while it runs. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cmd_int.h"

enum { ANSWER_MAX = 64 * 1024 * 1024, POLL_MS = 100, LINE_EVERY_MS = 10000, BAR = 24 };

struct progress {
    int64_t started_us, shown_us;
    bool drawn;
};

static void show_progress(struct fth_cli *cli, const struct fth_json *job,
                          struct progress *progress)
{
    struct fth_clock clock = fth_clock_system();
    int64_t now = fth_clock_mono_us(&clock), every = cli->note_is_terminal ? 200 : LINE_EVERY_MS;
    struct fth_str phase = fth_json_str(job, "phase", FTH_STR("working"));
    double done = 0, rate = 0, eta = 0;
    char bar[BAR + 1], left[32] = "";

    if (cli->quiet || now - progress->started_us < 1000000 ||
        now - progress->shown_us < every * 1000)
        return;
    progress->shown_us = now;
    fth_json_double(fth_json_get(job, "progress"), &done);
    fth_json_double(fth_json_get(job, "rate_rows_s"), &rate);
    if (fth_json_double(fth_json_get(job, "eta_s"), &eta))
        snprintf(left, sizeof(left), ", %.0f s left", eta);
    for (int i = 0; i < BAR; i++)
        bar[i] = i < done * BAR ? '#' : '.';
    bar[BAR] = '\0';
    if (cli->note_is_terminal)
        fprintf(cli->out.note, "\r\x1b[K[%s] %3.0f %%, %.0f rows/s%s  " FTH_STR_F, bar, done * 100,
                rate, left, FTH_STR_A(phase));
    else
        fprintf(cli->out.note, FTH_STR_F ": %.0f %%, %.0f rows/s%s\n", FTH_STR_A(phase), done * 100,
                rate, left);
    progress->drawn = cli->note_is_terminal;
    fflush(cli->out.note);
}

static bool has_ended(const struct fth_json *job)
{
    struct fth_str state = fth_json_str(job, "state", FTH_STR(""));

    return !fth_str_eq_c(state, "queued") && !fth_str_eq_c(state, "running");
}

/* Told to stop, the job is cancelled and its end awaited: what it was doing is undone first. */
static void cancel_job(struct fth_cli *cli, struct fth_str path)
{
    const struct fth_client_call call = {.method = "DELETE", .path = path, .body_fd = -1};
    const struct fth_json *answer;
    struct fth_err ignored = {0};

    fth_client_json(&cli->client, &call, NULL, cli->arena, ANSWER_MAX, &answer, &ignored);
}

enum fth_rc fth_cli_follow_job(struct fth_cli *cli, const struct fth_json *job,
                               const struct fth_json **out, struct fth_err *err)
{
    struct fth_client_call call = {.method = "GET", .body_fd = -1};
    struct fth_clock clock = fth_clock_system();
    struct progress progress = {.started_us = fth_clock_mono_us(&clock),
                                .shown_us = fth_clock_mono_us(&clock)};
    struct timespec pause = {0, POLL_MS * 1000000L};
    bool told = false;

    if (fth_arena_printf(cli->arena, &call.path, err, "/api/v1/jobs/" FTH_STR_F,
                         FTH_STR_A(fth_json_str(job, "id", FTH_STR("")))))
        return err->rc;
    while (!has_ended(job)) {
        if (fth_cancel_is_set(&cli->cancel) && !told) {
            cancel_job(cli, call.path);
            told = true;
        }
        show_progress(cli, job, &progress);
        nanosleep(&pause, NULL);
        if (fth_client_json(&cli->client, &call, NULL, cli->arena, ANSWER_MAX, &job, err))
            return err->rc;
    }
    if (progress.drawn)
        fprintf(cli->out.note, "\r\x1b[K");
    *out = job;
    return FTH_OK;
}

/* The status is that which a request would have had. */
enum fth_rc fth_cli_job_error(const struct fth_json *job, const char *cancelled,
                              struct fth_err *err)
{
    const struct fth_json *problem = fth_json_get(job, "error");
    int64_t status = 500;

    if (fth_str_eq_c(fth_json_str(job, "state", FTH_STR("")), "cancelled"))
        return fth_err_set(err, FTH_E_CANCELLED, "%s", cancelled);
    fth_json_i64(fth_json_get(problem, "status"), &status);
    return fth_client_problem((int)status, problem, err);
}
