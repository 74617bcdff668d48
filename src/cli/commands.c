#include "base/check.h"
#include "cli/args.h"
#include "cli/cmd_int.h"

static const struct fth_command commands[] = {
#define FTH_COMMAND(id, name, kind, usage, fewest, most, brief, text, examples) \
    {name, FTH_COMMAND_##kind, usage, fewest, most, brief, text, examples, cmd_##id},
#define FTH_OPTION(command, name, value, help)
#include "cli/command.def"
#undef FTH_COMMAND
#undef FTH_OPTION
};

static const struct fth_option options[] = {
#define FTH_COMMAND(id, name, kind, usage, fewest, most, brief, text, examples)
#define FTH_OPTION(command, name, value, help) {command, name, value, help},
#include "cli/command.def"
#undef FTH_COMMAND
#undef FTH_OPTION
};

const struct fth_command *fth_command_at(size_t i)
{
    FTH_CHECK(i < FTH_NR(commands));
    return &commands[i];
}

size_t fth_command_nr(void)
{
    return FTH_NR(commands);
}

const struct fth_option *fth_option_at(size_t i)
{
    FTH_CHECK(i < FTH_NR(options));
    return &options[i];
}

size_t fth_option_nr(void)
{
    return FTH_NR(options);
}
