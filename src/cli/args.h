/*
 * args: the command line as a table reads it.
 *
 * Commands and their options are rows of command.def; this parses argv against them: long options
 * ("--name value", "--name=value"), "--" ends options, options may stand before or after the
 * command and its arguments. Unknown commands and options are refused with the nearest name.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_ARGS_H
#define FTH_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* An option. `value` NULL: it is a switch; else what help calls the value, "DATE". */
struct fth_option {
    const char *command; /* whose it is; "" for all commands */
    const char *name;    /* "group-by", without dashes */
    const char *value;
    const char *help; /* one line */
};

enum fth_command_kind {
    FTH_COMMAND_API,  /* a client of the API */
    FTH_COMMAND_LOCAL /* works on files, or on this program itself */
};

struct fth_cli;

/* A row of command.def. */
struct fth_command {
    const char *name; /* "costs" */
    enum fth_command_kind kind;
    const char *usage;           /* arguments after the name, "PATH…" */
    unsigned min_args, max_args; /* how many of them */
    const char *brief;           /* one line, for the overview */
    const char *text;            /* what it does, for its help and the manual */
    const char *examples;        /* lines of "ARGUMENTS|what it shows" */
    enum fth_rc (*run)(struct fth_cli *cli, struct fth_err *err);
};

/* All commands in the order of help. */
const struct fth_command *fth_command_at(size_t i);
size_t fth_command_nr(void);

/* All options in the order of command.def; those for all commands first. */
const struct fth_option *fth_option_at(size_t i);
size_t fth_option_nr(void);
/* Is it an option of this command (NULL: one for all)? */
bool fth_option_is_of(const struct fth_option *option, const struct fth_command *command);

enum { FTH_ARGS_MOST = 64, FTH_ARGS_PATHS = 4096 };

struct fth_args {
    const struct fth_command *command; /* NULL: none was named */
    bool help;                         /* --help, or "help" in place of the command */
    struct {
        const struct fth_option *option;
        const char *value; /* NULL for a switch */
    } given[FTH_ARGS_MOST];
    size_t given_nr;
    const char *const
        *args; /* behind the command, in the order given; points into argv's strings */
    size_t arg_nr;
};

/* Reads argv (without the program's name); `args` gets pointers into `order`, which has room for
 * argc. FTH_E_USAGE with a hint. */
enum fth_rc fth_args_parse(int argc, char *const *argv, const char **order, struct fth_args *out,
                           struct fth_err *err);

/* The value of an option (the last one given), or NULL; was a switch given? */
const char *fth_args_value(const struct fth_args *args, const char *name);
bool fth_args_has(const struct fth_args *args, const char *name);

/* A whole number in [min, max] of an option; `or_else` when it was not given. FTH_E_USAGE. */
enum fth_rc fth_args_number(const struct fth_args *args, const char *name, long long min,
                            long long max, long long or_else, long long *out, struct fth_err *err);

#endif
