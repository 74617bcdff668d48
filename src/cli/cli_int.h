/* cli_int: what the files of cli/ share. */
#ifndef FTH_CLI_INT_H
#define FTH_CLI_INT_H

#include "api/router.h"
#include "app/app.h"
#include "cli/cli.h"
#include "conf/conf.h"

/* The data directory that the arguments or the environment name; it need not exist. */
enum fth_rc fth_cli_dir(struct fth_cli *cli, const char **out, struct fth_err *err);

/* The settings that the arguments, the environment and the file of the data directory give. */
enum fth_rc fth_cli_conf(struct fth_cli *cli, const struct fth_conf **out, struct fth_err *err);

/* Settings as the parts want them; they point into `conf`. */
struct fth_app_conf fth_cli_app_conf(const struct fth_conf *conf);

/* Opens the data directory in this process, for commands that write files beside it; `command` is
 * for the message when a server is named. `must_be_there`: a mistyped directory is not made. */
enum fth_rc fth_cli_open_here(struct fth_cli *cli, const char *command, bool must_be_there,
                              struct fth_app **out, struct fth_err *err);
struct fth_router_conf fth_cli_router_conf(const struct fth_conf *conf);

/* The client of the data directory. */
enum fth_rc fth_cli_open_local(struct fth_cli *cli, struct fth_client *out, struct fth_err *err);

#endif
