/*
 * cli: the program as a command. Reads arguments, runs one command, prints, and ends with the exit
 * code of rc.def. Nothing here knows how a figure is made: `api` commands call the API, `local`
 * ones the use cases that work on files.
 *
 * Thread rule: the main thread; a second thread waits for signals.
 */
#ifndef FTH_CLI_H
#define FTH_CLI_H

#include "base/arena.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/client.h"
#include "cli/out.h"
#include <stdatomic.h>

struct fth_cli {
    struct fth_args args;
    struct fth_arena *arena;
    struct fth_out out;
    struct fth_cancel cancel;
    bool quiet;
    bool note_is_terminal; /* stderr is a terminal: progress may redraw its line */
    struct fth_client client;
    bool client_open;
    atomic_int ended;    /* the exit code once the answer is out, -1 until then */
    int exit_code;       /* when a command that worked still has to end with another code than 0 */
    int error_exit_code; /* when an error ends with another code than its own; 0: its own */
};

/* The whole program; returns its exit code. */
int fth_cli_main(int argc, char **argv);

/* Connects on first use: --server, else the owner of the data directory, else this process. */
enum fth_rc fth_cli_client(struct fth_cli *cli, const struct fth_client **out, struct fth_err *err);

/* GET, POST or PATCH `path` (with `body`, may be empty) and read the answer. */
enum fth_rc fth_cli_get(struct fth_cli *cli, struct fth_str path, const struct fth_json **out,
                        struct fth_err *err);
enum fth_rc fth_cli_post(struct fth_cli *cli, struct fth_str path, struct fth_str body,
                         const struct fth_json **out, struct fth_err *err);
enum fth_rc fth_cli_patch(struct fth_cli *cli, struct fth_str path, struct fth_str body,
                          const struct fth_json **out, struct fth_err *err);

/* POST the file at `path` ("-": standard input) to `target`, and read the answer; its name follows
 * as the parameter `name`. */
enum fth_rc fth_cli_send_file(struct fth_cli *cli, const char *path, struct fth_str target,
                              const struct fth_json **out, struct fth_err *err);

/* "farthing: WHAT: WHERE: WHY" and the hint, on stderr. */
void fth_cli_tell_error(const struct fth_err *err);

/* A remark for people on stderr, not when --quiet. */
void fth_cli_note(struct fth_cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns `rc` of a request; a request that was no good ends the program as wrong usage. */
enum fth_rc fth_cli_blame_usage(struct fth_cli *cli, enum fth_rc rc);

/* Percent-encodes what may not stand in a query parameter. */
void fth_cli_put_query(struct fth_buf *buf, struct fth_str text);

/* All pages of the list at `path` as one object {"data", "next_cursor"}, at most `limit` items (0:
 * FTH_LIST_MAX, which nobody reads). A list that was cut says so, and how much is left where the
 * API tells. */
enum { FTH_LIST_MAX = 100000 };
enum fth_rc fth_cli_get_all(struct fth_cli *cli, struct fth_str path, size_t limit,
                            const struct fth_json **out, struct fth_err *err);

/* Prints one JSON object a row as a table: `fields` are its members, NULL ends; a '#' in front
 * makes the column stand right. `member` NULL: the answer is the one row. In form JSON the answer
 * is printed as it came. */
enum fth_rc fth_cli_list(struct fth_cli *cli, const struct fth_json *answer, const char *member,
                         const char *const *fields, struct fth_err *err);

/* help.c, completion.c */
enum fth_rc fth_cli_help(struct fth_cli *cli, const struct fth_command *command,
                         struct fth_err *err);
enum fth_rc fth_cli_manual(struct fth_cli *cli, struct fth_err *err);
enum fth_rc fth_cli_completion(struct fth_cli *cli, const char *shell, struct fth_err *err);

#endif
