/* cli_int: what the files of cli/ share. */
#ifndef FTH_CLI_INT_H
#define FTH_CLI_INT_H

#include "cli/cli.h"

/* The client of the data directory that the arguments, the environment and the settings name. */
enum fth_rc fth_cli_open_local(struct fth_cli *cli, struct fth_client *out, struct fth_err *err);

#endif
