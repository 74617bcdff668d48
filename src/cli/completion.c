#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"

enum { TEXT_MAX = 256 * 1024 };

static void put_names(struct fth_buf *out)
{
    for (size_t i = 0; i < fth_command_nr(); i++)
        fth_buf_printf(out, "%s%s", i ? " " : "", fth_command_at(i)->name);
}

static void put_options(struct fth_buf *out, const struct fth_command *command)
{
    for (size_t i = 0; i < fth_option_nr(); i++)
        if (fth_option_is_of(fth_option_at(i), command))
            fth_buf_printf(out, " --%s", fth_option_at(i)->name);
}

static void put_bash(struct fth_buf *out)
{
    fth_buf_c(out,
              "# farthing completion for bash\n_farthing() {\n"
              "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
              "    local command= i\n"
              "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
              "        case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n"
              "    done\n"
              "    case $before in\n"
              "    --output) COMPREPLY=($(compgen -W 'table json ndjson csv markdown' -- "
              "\"$word\")); return ;;\n"
              "    --grain) COMPREPLY=($(compgen -W 'hour day week month quarter year' -- "
              "\"$word\")); return ;;\n"
              "    --compare) COMPREPLY=($(compgen -W 'previous year' -- \"$word\")); return ;;\n"
              "    --group-by) COMPREPLY=($(compgen -W \"$(farthing dimensions --output csv "
              "2>/dev/null | tail -n +2 | cut -d, -f1)\" -- \"$word\")); return ;;\n"
              "    --data|--config|--web-dir) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
              "    esac\n    case $command in\n    '') COMPREPLY=($(compgen -W '");
    put_names(out);
    put_options(out, NULL);
    fth_buf_c(out, "' -- \"$word\")) ;;\n");
    for (size_t i = 0; i < fth_command_nr(); i++) {
        const struct fth_command *command = fth_command_at(i);

        fth_buf_printf(out, "    %s) COMPREPLY=($(compgen %s -W '", command->name,
                       strstr(command->usage, "PATH") || strstr(command->usage, "FILE") ? "-f"
                                                                                        : "");
        put_options(out, command);
        put_options(out, NULL);
        fth_buf_c(out, "' -- \"$word\")) ;;\n");
    }
    fth_buf_c(out, "    esac\n}\ncomplete -o filenames -F _farthing farthing\n");
}

static void put_quoted(struct fth_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fth_buf_c(out, "'\\''");
        else
            fth_buf_char(out, *text);
    }
}

static void put_zsh(struct fth_buf *out)
{
    fth_buf_c(out, "#compdef farthing\n_farthing() {\n  local -a commands\n  commands=(\n");
    for (size_t i = 0; i < fth_command_nr(); i++) {
        fth_buf_printf(out, "    '%s:", fth_command_at(i)->name);
        put_quoted(out, fth_command_at(i)->brief);
        fth_buf_c(out, "'\n");
    }
    fth_buf_c(out, "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
                   "  case $words[2] in\n");
    for (size_t i = 0; i < fth_command_nr(); i++) {
        fth_buf_printf(out, "  %s) compadd --", fth_command_at(i)->name);
        put_options(out, fth_command_at(i));
        put_options(out, NULL);
        fth_buf_c(out, "; _files ;;\n");
    }
    fth_buf_c(out, "  esac\n}\n_farthing \"$@\"\n");
}

static void put_fish(struct fth_buf *out)
{
    fth_buf_c(out, "# farthing completion for fish\n");
    for (size_t i = 0; i < fth_command_nr(); i++) {
        fth_buf_printf(out, "complete -c farthing -n __fish_use_subcommand -a %s -d '",
                       fth_command_at(i)->name);
        put_quoted(out, fth_command_at(i)->brief);
        fth_buf_c(out, "'\n");
    }
    for (size_t i = 0; i < fth_option_nr(); i++) {
        const struct fth_option *option = fth_option_at(i);

        fth_buf_c(out, "complete -c farthing");
        if (option->command[0])
            fth_buf_printf(out, " -n '__fish_seen_subcommand_from %s'", option->command);
        fth_buf_printf(out, " -l %s%s -d '", option->name, option->value ? " -r" : "");
        put_quoted(out, option->help);
        fth_buf_c(out, "'\n");
    }
}

enum fth_rc fth_cli_completion(struct fth_cli *cli, const char *shell, struct fth_err *err)
{
    struct fth_buf out = fth_buf_max(TEXT_MAX);
    enum fth_rc rc;

    if (strcmp(shell, "bash") == 0)
        put_bash(&out);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(&out);
    else if (strcmp(shell, "fish") == 0)
        put_fish(&out);
    else
        return fth_err_set(err, FTH_E_USAGE, "completion: no script for \"%s\": bash, zsh or fish",
                           shell);
    rc = fth_buf_done(&out, err);
    if (rc == FTH_OK)
        rc = fth_out_text(&cli->out, fth_buf_view(&out), err);
    fth_buf_release(&out);
    return rc;
}
