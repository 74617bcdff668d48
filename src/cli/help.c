#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"

enum { TEXT_MAX = 256 * 1024, NAME_WIDTH = 14, OPTION_WIDTH = 24, LINE = 80, USAGE_INDENT = 16 };

/* Breaks a text into lines of LINE columns; those behind the first are indented. */
static void put_wrapped(struct fth_buf *out, struct fth_str rest, unsigned indent)
{
    struct fth_str word;
    unsigned column = 0;

    while (fth_str_next(&rest, ' ', &word)) {
        if (column && column + 1 + word.n > LINE) {
            fth_buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column) {
            fth_buf_char(out, ' ');
            column++;
        }
        fth_buf_str(out, word);
        column += (unsigned)word.n;
    }
    fth_buf_char(out, '\n');
}

static void put_option(struct fth_buf *out, const struct fth_option *option)
{
    struct fth_buf head = fth_buf_max(256);

    fth_buf_printf(&head, "--%s%s%s", option->name, option->value ? " " : "",
                   option->value ? option->value : "");
    fth_buf_printf(out, "  " FTH_STR_F, FTH_STR_A(fth_buf_view(&head)));
    if (head.n >= OPTION_WIDTH)
        fth_buf_printf(out, "\n  %*s", OPTION_WIDTH, "");
    else
        fth_buf_printf(out, "%*s", (int)(OPTION_WIDTH - head.n), "");
    fth_buf_printf(out, "%s\n", option->help);
    fth_buf_release(&head);
}

static void put_options(struct fth_buf *out, const struct fth_command *command, const char *title)
{
    bool any = false;

    for (size_t i = 0; i < fth_option_nr(); i++) {
        if (!fth_option_is_of(fth_option_at(i), command))
            continue;
        if (!any)
            fth_buf_printf(out, "\n%s\n", title);
        any = true;
        put_option(out, fth_option_at(i));
    }
}

static bool has_options(const struct fth_command *command)
{
    for (size_t i = 0; i < fth_option_nr(); i++)
        if (fth_option_is_of(fth_option_at(i), command))
            return true;
    return false;
}

static void put_overview(struct fth_buf *out)
{
    fth_buf_c(out, "farthing accounts for every last farthing of a cloud bill.\n\n"
                   "usage: farthing [OPTION…] COMMAND [ARGUMENT…]\n\nCommands\n");
    for (size_t i = 0; i < fth_command_nr(); i++) {
        const struct fth_command *command = fth_command_at(i);

        fth_buf_printf(out, "  %-*s%s\n", NAME_WIDTH, command->name, command->brief);
    }
    put_options(out, NULL, "Options for all commands");
    fth_buf_c(out,
              "\n\"farthing COMMAND --help\" explains a command, \"farthing manual | man -l -\" is "
              "the whole manual.\n");
}

/* "ARGUMENTS|what it shows"; a pipe may stand among the arguments. */
static bool split_example(struct fth_str line, struct fth_str *arguments, struct fth_str *what)
{
    size_t at = fth_str_rfind(line, '|');

    if (at == SIZE_MAX)
        return false;
    *arguments = fth_str_sub(line, 0, at);
    *what = fth_str_sub(line, at + 1, SIZE_MAX);
    return true;
}

static void put_command(struct fth_buf *out, const struct fth_command *command)
{
    struct fth_str examples = fth_str_c(command->examples), line, arguments, what;
    struct fth_buf usage = fth_buf_max(TEXT_MAX);

    fth_buf_printf(&usage, "usage: farthing %s%s%s%s", command->name,
                   has_options(command) ? " [OPTION…]" : "", command->usage[0] ? " " : "",
                   command->usage);
    put_wrapped(out, fth_buf_view(&usage), USAGE_INDENT);
    fth_buf_release(&usage);
    fth_buf_char(out, '\n');
    put_wrapped(out, fth_str_c(command->text), 0);
    put_options(out, command, "Options");
    fth_buf_c(out, "\nExamples\n");
    while (fth_str_next(&examples, '\n', &line))
        if (split_example(line, &arguments, &what))
            fth_buf_printf(out, "  farthing " FTH_STR_F "\n      " FTH_STR_F "\n",
                           FTH_STR_A(arguments), FTH_STR_A(what));
    fth_buf_c(out, "\n\"farthing help\" lists the options for all commands.\n");
}

enum fth_rc fth_cli_help(struct fth_cli *cli, const struct fth_command *command,
                         struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(TEXT_MAX);
    enum fth_rc rc;

    if (command)
        put_command(&text, command);
    else
        put_overview(&text);
    rc = fth_buf_done(&text, err);
    if (rc == FTH_OK)
        rc = fth_out_text(&cli->out, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return rc;
}

/* ---- the manual ---- */

/* roff takes a leading dot or quote for a request and a dash for a hyphen. */
static void put_roff(struct fth_buf *out, struct fth_str text)
{
    if (text.n && (text.p[0] == '.' || text.p[0] == '\''))
        fth_buf_c(out, "\\&");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\\')
            fth_buf_c(out, "\\e");
        else if (text.p[i] == '-')
            fth_buf_c(out, "\\-");
        else
            fth_buf_char(out, text.p[i]);
    }
}

static void put_roff_options(struct fth_buf *out, const struct fth_command *command)
{
    for (size_t i = 0; i < fth_option_nr(); i++) {
        const struct fth_option *option = fth_option_at(i);

        if (!fth_option_is_of(option, command))
            continue;
        fth_buf_c(out, ".TP\n\\fB\\-\\-");
        put_roff(out, fth_str_c(option->name));
        fth_buf_c(out, "\\fR");
        if (option->value) {
            fth_buf_c(out, " \\fI");
            put_roff(out, fth_str_c(option->value));
            fth_buf_c(out, "\\fR");
        }
        fth_buf_char(out, '\n');
        put_roff(out, fth_str_c(option->help));
        fth_buf_char(out, '\n');
    }
}

static void put_roff_command(struct fth_buf *out, const struct fth_command *command)
{
    struct fth_str examples = fth_str_c(command->examples), line, arguments, what;

    fth_buf_c(out, ".SS farthing ");
    put_roff(out, fth_str_c(command->name));
    fth_buf_char(out, ' ');
    put_roff(out, fth_str_c(command->usage));
    fth_buf_char(out, '\n');
    put_roff(out, fth_str_c(command->text));
    fth_buf_char(out, '\n');
    put_roff_options(out, command);
    while (fth_str_next(&examples, '\n', &line)) {
        if (!split_example(line, &arguments, &what))
            continue;
        fth_buf_c(out, ".PP\n");
        put_roff(out, what);
        fth_buf_c(out, ":\n.RS\n.nf\nfarthing ");
        put_roff(out, arguments);
        fth_buf_c(out, "\n.fi\n.RE\n");
    }
}

static void put_exit_codes(struct fth_buf *out)
{
    static const struct {
        int code;
        const char *text;
    } codes[] = {
        {0, "done"},          {1, "failed"},
        {2, "wrong usage"},   {3, "a check failed: validation, gate, reconciliation"},
        {4, "not allowed"},   {5, "not found"},
        {6, "conflict"},      {7, "partly done"},
        {8, "network"},       {75, "try again later"},
        {130, "interrupted"},
    };

    fth_buf_c(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        fth_buf_printf(out, ".TP\n%d\n%s\n", codes[i].code, codes[i].text);
}

enum fth_rc fth_cli_manual(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf out = fth_buf_max(TEXT_MAX);
    enum fth_rc rc;

    fth_buf_c(&out, ".TH FARTHING 1\n.SH NAME\nfarthing \\- accounts for every last farthing of a "
                    "cloud bill\n.SH SYNOPSIS\n.B farthing\n[\\fIOPTION\\fR...] \\fICOMMAND\\fR "
                    "[\\fIARGUMENT\\fR...]\n.SH OPTIONS FOR ALL COMMANDS\n");
    put_roff_options(&out, NULL);
    fth_buf_c(&out, ".SH COMMANDS\n");
    for (size_t i = 0; i < fth_command_nr(); i++)
        put_roff_command(&out, fth_command_at(i));
    put_exit_codes(&out);
    fth_buf_c(&out,
              ".SH ENVIRONMENT\n.TP\nFARTHING_DATA\nthe data directory\n.TP\nFARTHING_TOKEN\n"
              "the token for \\-\\-server\n.TP\nFARTHING_*\nany setting, in capitals, with _ for "
              "the dot\n.TP\nNO_COLOR\nno colour\n");
    rc = fth_buf_done(&out, err);
    if (rc == FTH_OK)
        rc = fth_out_text(&cli->out, fth_buf_view(&out), err);
    fth_buf_release(&out);
    return rc;
}
