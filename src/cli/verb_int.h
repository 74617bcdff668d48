/* verb_int: what commands with verbs share that ask the API (verb.c). */
#ifndef FTH_CLI_VERB_INT_H
#define FTH_CLI_VERB_INT_H

#include "cli/cmd_int.h"

/* What a command is told to do: its first argument, and how many there may be behind it. */
struct fth_verb {
    const char *name;
    const char *args; /* "USER ROLE" */
    size_t fewest, most;
    enum fth_rc (*run)(struct fth_cli *cli, struct fth_err *err);
};
/* Runs the one that was named, the first without a name. FTH_E_USAGE. */
enum fth_rc fth_cli_verb(struct fth_cli *cli, const struct fth_verb *verbs, size_t nr,
                         struct fth_err *err);

enum fth_rc fth_cli_delete(struct fth_cli *cli, struct fth_str path, const struct fth_json **out,
                           struct fth_err *err);

/* "before" NAME, encoded, "after". In the command's arena, with a NUL behind it. */
enum fth_rc fth_cli_path(struct fth_cli *cli, const char *before, const char *name,
                         const char *after, struct fth_str *out, struct fth_err *err);
/* A path with those of the options (NULL ends them) that were given as parameters of their names.
 */
enum fth_rc fth_cli_filtered(struct fth_cli *cli, const char *path, const char *const *options,
                             struct fth_str *out, struct fth_err *err);
/* An option that was given as a member of its name. */
void fth_cli_put_given(struct fth_cli *cli, struct fth_jw *jw, const char *option);

#endif
