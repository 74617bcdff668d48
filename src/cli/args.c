#include "cli/args.h"

#include <string.h>

#include "base/str.h"

/* Offers `name` as a candidate for "did you mean"; keeps the nearest that is near enough. */
static void offer(const char *name, struct fth_str typed, const char **best, size_t *distance)
{
    size_t d = fth_str_distance(fth_str_c(name), typed);

    if (d < *distance && d <= typed.n / 3 + 1) {
        *best = name;
        *distance = d;
    }
}

static const struct fth_command *find_command(const char *name, struct fth_err *err)
{
    size_t distance = SIZE_MAX;
    const char *best = NULL;

    for (size_t i = 0; i < fth_command_nr(); i++) {
        const struct fth_command *command = fth_command_at(i);

        if (strcmp(command->name, name) == 0)
            return command;
        offer(command->name, fth_str_c(name), &best, &distance);
    }
    fth_err_set(err, FTH_E_USAGE, "no command \"%s\"", name);
    if (best)
        fth_err_hint(err, "Did you mean \"%s\"? \"farthing help\" lists all commands.", best);
    else
        fth_err_hint(err, "\"farthing help\" lists all commands.");
    return NULL;
}

bool fth_option_is_of(const struct fth_option *option, const struct fth_command *command)
{
    return strcmp(option->command, command ? command->name : "") == 0;
}

/* An option by its name among those of the command and those for all. */
static const struct fth_option *find_option(const struct fth_command *command, struct fth_str name,
                                            const char **best)
{
    size_t distance = SIZE_MAX;

    *best = NULL;
    for (size_t i = 0; i < fth_option_nr(); i++) {
        const struct fth_option *option = fth_option_at(i);

        if (!fth_option_is_of(option, NULL) && !(command && fth_option_is_of(option, command)))
            continue;
        if (fth_str_eq_c(name, option->name))
            return option;
        offer(option->name, name, best, &distance);
    }
    return NULL;
}

static enum fth_rc unknown_option(const struct fth_command *command, struct fth_str name,
                                  const char *best, struct fth_err *err)
{
    fth_err_set(err, FTH_E_USAGE, "%s%sno option \"--" FTH_STR_F "\"", command ? command->name : "",
                command ? ": " : "", FTH_STR_A(name));
    if (best)
        fth_err_hint(err, "Did you mean \"--%s\"?", best);
    else if (command)
        fth_err_hint(err, "\"farthing %s --help\" lists its options.", command->name);
    else
        fth_err_hint(err, "\"farthing help\" lists all commands.");
    return err->rc;
}

/* Takes one option, and its value from the next argument if it stands there. */
static enum fth_rc take_option(int argc, char *const *argv, int *at, struct fth_args *out,
                               struct fth_err *err)
{
    struct fth_str text = fth_str_sub(fth_str_c(argv[*at]), 2, SIZE_MAX), name, value = {0};
    bool attached = fth_str_split(text, '=', &name, &value);
    const struct fth_option *option;
    const char *best;

    if (!attached)
        name = text;
    option = find_option(out->command, name, &best);
    if (!option)
        return unknown_option(out->command, name, best, err);
    if (!option->value && attached)
        return fth_err_set(err, FTH_E_USAGE, "--%s takes no value", option->name);
    if (option->value && !attached && *at + 1 >= argc)
        return fth_err_set(err, FTH_E_USAGE, "--%s needs a value: %s", option->name, option->value);
    if (out->given_nr == FTH_ARGS_MOST)
        return fth_err_set(err, FTH_E_USAGE, "more than %d options", FTH_ARGS_MOST);
    out->given[out->given_nr].option = option;
    out->given[out->given_nr].value = !option->value ? NULL : attached ? value.p : argv[++*at];
    out->given_nr++;
    if (strcmp(option->name, "help") == 0)
        out->help = true;
    return FTH_OK;
}

/* The command is the first argument that is no option and no option's value, so that options for
 * all may stand in front of it. */
static enum fth_rc find_verb(int argc, char *const *argv, int *verb, struct fth_args *out,
                             struct fth_err *err)
{
    *verb = argc;
    for (int i = 0; i < argc; i++) {
        const struct fth_option *option;
        const char *best;

        if (strncmp(argv[i], "--", 2) != 0) {
            *verb = i;
            break;
        }
        option = find_option(NULL, fth_str_c(argv[i] + 2), &best);
        if (option && option->value)
            i++;
    }
    if (*verb == argc)
        return FTH_OK;
    if (strcmp(argv[*verb], "help") == 0) {
        out->help = true;
        if (*verb + 1 >= argc)
            return FTH_OK;
        ++*verb;
    }
    out->command = find_command(argv[*verb], err);
    return err->rc;
}

static enum fth_rc check_count(const struct fth_args *args, struct fth_err *err)
{
    const struct fth_command *command = args->command;

    if (!command || args->help)
        return FTH_OK;
    if (args->arg_nr < command->min_args)
        fth_err_set(err, FTH_E_USAGE, "%s: something is missing: %s", command->name,
                    command->usage);
    else if (args->arg_nr > command->max_args)
        fth_err_set(err, FTH_E_USAGE, "%s: \"%s\" is one argument too many", command->name,
                    args->args[command->max_args]);
    if (err->rc)
        fth_err_hint(err, "Usage: farthing %s %s", command->name, command->usage);
    return err->rc;
}

enum fth_rc fth_args_parse(int argc, char *const *argv, const char **order, struct fth_args *out,
                           struct fth_err *err)
{
    struct fth_args args = {.args = order};
    bool only_arguments = false;
    int verb;

    if (find_verb(argc, argv, &verb, &args, err))
        return err->rc;
    for (int i = 0; i < argc; i++) {
        bool is_word = i == verb || (args.help && i < verb && strcmp(argv[i], "help") == 0);

        if (is_word)
            continue;
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(argv[i], "--", 2) == 0) {
            if (take_option(argc, argv, &i, &args, err))
                return err->rc;
        } else if (!only_arguments && argv[i][0] == '-' && argv[i][1] != '\0') {
            fth_err_set(err, FTH_E_USAGE, "no option \"%s\"", argv[i]);
            fth_err_hint(err, "Options are written out, with two dashes.");
            return err->rc;
        } else {
            order[args.arg_nr++] = argv[i];
        }
    }
    if (check_count(&args, err))
        return err->rc;
    *out = args;
    return FTH_OK;
}

const char *fth_args_value(const struct fth_args *args, const char *name)
{
    for (size_t i = args->given_nr; i > 0; i--)
        if (strcmp(args->given[i - 1].option->name, name) == 0)
            return args->given[i - 1].value;
    return NULL;
}

bool fth_args_has(const struct fth_args *args, const char *name)
{
    for (size_t i = 0; i < args->given_nr; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            return true;
    return false;
}

enum fth_rc fth_args_number(const struct fth_args *args, const char *name, long long min,
                            long long max, long long or_else, long long *out, struct fth_err *err)
{
    const char *text = fth_args_value(args, name);
    int64_t value;

    if (!text) {
        *out = or_else;
        return FTH_OK;
    }
    if (!fth_str_to_i64(fth_str_c(text), &value) || value < min || value > max)
        return fth_err_set(err, FTH_E_USAGE, "--%s: \"%s\" is no whole number from %lld to %lld",
                           name, text, min, max);
    *out = value;
    return FTH_OK;
}
