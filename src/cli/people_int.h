/* people_int: what the commands users, tokens and audit share (people.c). */
#ifndef FTH_CLI_PEOPLE_INT_H
#define FTH_CLI_PEOPLE_INT_H

#include "cli/cmd_int.h"

/* What a command is told to do: its first argument, with so many behind it. */
struct fth_verb {
    const char *name;
    const char *args; /* "USER ROLE" */
    size_t arg_nr;
    enum fth_rc (*run)(struct fth_cli *cli, struct fth_err *err);
};
/* Runs the one that was named, the first without a name. FTH_E_USAGE. */
enum fth_rc fth_cli_verb(struct fth_cli *cli, const struct fth_verb *verbs, size_t nr,
                         struct fth_err *err);

enum fth_rc fth_cli_delete(struct fth_cli *cli, struct fth_str path, struct fth_err *err);

/* "before" NAME, encoded, "after". */
enum fth_rc fth_cli_path(struct fth_cli *cli, const char *before, const char *name,
                         const char *after, struct fth_str *out, struct fth_err *err);
/* An option that was given as a query parameter of its name, as a member of its name. */
void fth_cli_put_filter(struct fth_cli *cli, struct fth_buf *path, const char *option);
void fth_cli_put_given(struct fth_cli *cli, struct fth_jw *jw, const char *option);

#endif
