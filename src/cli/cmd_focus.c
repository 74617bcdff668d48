/* focus: does a file keep to the FOCUS specification? */
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "cli/cmd_int.h"
#include "focus/focus.h"

enum { REPORT_MAX = 256 << 20 };

static struct fth_str text_of(struct fth_cli *cli, const char *format, unsigned long long nr,
                              struct fth_err *err)
{
    struct fth_str out = {0};

    if (fth_arena_printf(cli->arena, &out, err, format, nr))
        return FTH_STR("");
    return out;
}

/* ---- for people ---- */

static enum fth_rc put_place(struct fth_buf *buf, const struct fth_focus_sample *sample)
{
    fth_buf_c(buf, "    ");
    fth_buf_str(buf, sample->file);
    if (sample->line)
        fth_buf_printf(buf, ":%lld", (long long)sample->line);
    else if (sample->record)
        fth_buf_printf(buf, " record %lld", (long long)sample->record);
    fth_buf_c(buf, ": ");
    fth_buf_str(buf, sample->values);
    fth_buf_char(buf, '\n');
    return FTH_OK;
}

static void put_finding(struct fth_buf *buf, const struct fth_focus_finding *finding)
{
    fth_buf_printf(buf, "%s  " FTH_STR_F "  %s\n", fth_focus_level_name(finding->level),
                   FTH_STR_A(finding->id), finding->text);
    fth_buf_printf(buf, "    broken %llu time%s\n", (unsigned long long)finding->count,
                   finding->count == 1 ? "" : "s");
    for (size_t i = 0; i < finding->sample_nr; i++)
        put_place(buf, &finding->samples[i]);
    fth_buf_printf(buf, "    fix: %s\n\n", finding->fix);
}

static void put_file(struct fth_buf *buf, const struct fth_focus_file *file)
{
    fth_buf_str(buf, file->path);
    if (!file->known) {
        fth_buf_c(buf, ": not a file of FOCUS\n");
        return;
    }
    fth_buf_printf(buf, ": %s, FOCUS %s (" FTH_STR_F "), %llu rows, %zu columns\n",
                   fth_focus_dataset_name(file->dataset), fth_focus_version_name(file->version),
                   FTH_STR_A(file->why), (unsigned long long)file->rows, file->columns);
}

static void put_text(struct fth_buf *buf, const struct fth_focus_report *report)
{
    for (size_t i = 0; i < report->file_nr; i++)
        put_file(buf, &report->files[i]);
    fth_buf_char(buf, '\n');
    for (size_t i = 0; i < report->finding_nr; i++)
        put_finding(buf, &report->findings[i]);
    fth_buf_printf(buf,
                   "%zu of %zu rules hold; broken: %zu, warnings: %zu, could not be checked: %zu\n",
                   report->passed, report->passed + report->finding_nr + report->aside,
                   report->violated, report->warned, report->aside);
    fth_buf_c(buf, report->violated ? "not valid\n" : "valid\n");
}

/* ---- the slowest rules ---- */

static void put_times(struct fth_buf *buf, const struct fth_focus_report *report)
{
    fth_buf_c(buf, "\nCPU time, all workers together\n");
    for (size_t i = 0; i < report->time_nr; i++)
        fth_buf_printf(buf, "%9lld us  %s\n", (long long)(report->times[i].cpu_ns / 1000),
                       report->times[i].what);
    fth_buf_c(buf, "of judging, by rule (rules about one column share the time of that column)\n");
    for (size_t i = 0; i < report->outcome_nr; i++)
        if (report->outcomes[i].cpu_ns > 0)
            fth_buf_printf(buf, "%9lld us  " FTH_STR_F "\n",
                           (long long)(report->outcomes[i].cpu_ns / 1000),
                           FTH_STR_A(report->outcomes[i].id));
}

/* ---- as a table, for programs ---- */

static enum fth_rc put_table(struct fth_cli *cli, const struct fth_focus_report *report,
                             struct fth_err *err)
{
    static const struct fth_out_col cols[] = {
        {FTH_STR_INIT("rule"), false},  {FTH_STR_INIT("level"), false},
        {FTH_STR_INIT("count"), true},  {FTH_STR_INIT("text"), false},
        {FTH_STR_INIT("file"), false},  {FTH_STR_INIT("line"), true},
        {FTH_STR_INIT("values"), false}};
    size_t width = FTH_NR(cols);
    struct fth_str *cells = FTH_NEW_ARRAY(cli->arena, struct fth_str, report->finding_nr * width);
    struct fth_out_table table = {
        .cols = cols, .col_nr = width, .cells = cells, .row_nr = report->finding_nr};

    if (!cells)
        return fth_err_nomem(err);
    for (size_t i = 0; i < report->finding_nr; i++) {
        const struct fth_focus_finding *finding = &report->findings[i];
        struct fth_str *row = cells + i * width;

        row[0] = finding->id;
        row[1] = fth_str_c(fth_focus_level_name(finding->level));
        row[2] = text_of(cli, "%llu", finding->count, err);
        row[3] = fth_str_c(finding->text);
        if (finding->sample_nr) {
            row[4] = finding->samples[0].file;
            row[5] = text_of(cli, "%llu", (unsigned long long)finding->samples[0].line, err);
            row[6] = finding->samples[0].values;
        }
    }
    return err->rc ? err->rc : fth_out_table(&cli->out, &table, cli->arena, err);
}

static enum fth_rc print(struct fth_cli *cli, const struct fth_focus_report *report,
                         struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(REPORT_MAX);

    if (cli->out.form == FTH_OUT_JSON) {
        fth_focus_put_json(&text, report);
        fth_buf_char(&text, '\n');
    } else if (cli->out.form == FTH_OUT_TABLE) {
        put_text(&text, report);
        if (fth_args_has(&cli->args, "time"))
            put_times(&text, report);
    } else {
        put_table(cli, report, err);
    }
    if (!err->rc && !fth_buf_done(&text, err))
        fth_out_text(&cli->out, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return err->rc;
}

/* ---- files ---- */

static enum fth_rc write_to(const char *path, const struct fth_focus_report *report,
                            void (*put)(struct fth_buf *, const struct fth_focus_report *),
                            struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(REPORT_MAX);

    put(&text, report);
    if (!fth_buf_done(&text, err))
        fth_file_write(path, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return err->rc;
}

static enum fth_rc validate(struct fth_cli *cli, struct fth_err *err)
{
    const char *junit = fth_args_value(&cli->args, "junit");
    const char *html = fth_args_value(&cli->args, "html");
    struct fth_focus_request request = {.paths = cli->args.args + 1,
                                        .path_nr = cli->args.arg_nr - 1,
                                        .version = fth_args_value(&cli->args, "version"),
                                        .criteria = fth_args_value(&cli->args, "applicability"),
                                        .as_official = fth_args_has(&cli->args, "as-official"),
                                        .cancel = &cli->cancel};
    const struct fth_focus_report *report;

    if (request.path_nr == 0)
        return fth_err_set(err, FTH_E_USAGE, "focus validate: which file?");
    if (fth_focus_validate(&request, cli->arena, &report, err))
        return err->rc;
    if ((junit && write_to(junit, report, fth_focus_put_junit, err)) ||
        (html && write_to(html, report, fth_focus_put_html, err)) || print(cli, report, err))
        return err->rc;
    if (report->violated || (report->warned && fth_args_has(&cli->args, "strict")))
        cli->exit_code = fth_rc_info(FTH_E_CHECK)->exit_code;
    return FTH_OK;
}

enum fth_rc cmd_focus(struct fth_cli *cli, struct fth_err *err)
{
    if (strcmp(cli->args.args[0], "validate") == 0)
        return validate(cli, err);
    if (strcmp(cli->args.args[0], "export") == 0)
        return fth_cli_focus_export(cli, err);
    fth_err_set(err, FTH_E_USAGE, "no command \"focus %s\"", cli->args.args[0]);
    fth_err_hint(err, "There is: focus validate FILE…, focus export --version V --to DIR");
    return err->rc;
}
