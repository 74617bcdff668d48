/* cmd: the commands of command.def, one function each, in cmd_*.c. Private to cli/. */
#ifndef FTH_CMD_INT_H
#define FTH_CMD_INT_H

#include "cli/cli.h"

#define FTH_COMMAND(id, name, kind, usage, fewest, most, brief, text, examples) \
    enum fth_rc cmd_##id(struct fth_cli *cli, struct fth_err *err);
#define FTH_OPTION(command, name, value, help)
#include "cli/command.def"
#undef FTH_COMMAND
#undef FTH_OPTION

/* The plan that `costs` options stand for, as JSON text; `today` is a date of base/date.h. */
enum fth_rc fth_costs_plan(const struct fth_args *args, int32_t today, struct fth_buf *out,
                           struct fth_err *err);

/* focus export (focus_export.c). */
enum fth_rc fth_cli_focus_export(struct fth_cli *cli, struct fth_err *err);

/* Waits for the end of a job and shows how it goes; told to stop, it cancels the job and awaits its
 * end. */
enum fth_rc fth_cli_follow_job(struct fth_cli *cli, const struct fth_json *job,
                               const struct fth_json **out, struct fth_err *err);
/* The error of a job that failed; `cancelled` is what to say of one that was cancelled. */
enum fth_rc fth_cli_job_error(const struct fth_json *job, const char *cancelled,
                              struct fth_err *err);

/* "currency" as a plan and the organisation have it: "billed" is null. */
void fth_cli_put_currency(struct fth_jw *jw, const char *currency);

/* The plan in a file, "-": standard input. FTH_E_USAGE for an empty one, what fth_file_read()
 * gives.
 */
enum fth_rc fth_cmd_read_plan(struct fth_cli *cli, const char *path, struct fth_str *out,
                              struct fth_err *err);

/* Prints `nr` series one after the other, so that a big file needs little memory for its text: as
 * JSON (one document, or a line each) by `json`, else `head` and the rows that `csv` writes. */
enum fth_rc fth_cmd_print_series(struct fth_cli *cli, const char *head, size_t nr,
                                 void (*json)(struct fth_jw *jw, const void *ctx, size_t i),
                                 void (*csv)(struct fth_buf *buf, const void *ctx, size_t i),
                                 const void *ctx, struct fth_err *err);

/* The file of series: the one argument or --input, which mean the same; NULL: neither was given. */
enum fth_rc fth_cmd_input(const struct fth_args *args, const char **out, struct fth_err *err);

/* forecast --from (forecast_from.c). */
enum fth_rc fth_cli_forecast_from(struct fth_cli *cli, struct fth_err *err);

/* detect --from (detect_from.c). */
enum fth_rc fth_cli_detect_from(struct fth_cli *cli, double false_alarms, struct fth_err *err);

/* Runs a plan and prints all its rows, page by page, in the form asked for. */
enum fth_rc fth_cmd_run_plan(struct fth_cli *cli, struct fth_str plan, struct fth_err *err);

#endif
