/* The report as a page of its own: no script, no font, no picture from elsewhere. */
#include "focus/report_int.h"

/* The application's colours and type (web/src/styles/tokens.css), as far as this page needs them.
 */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--surface:#f7f8f9;--line:#e4e7eb;--line-2:#c9cfd7;"
    "--text:#12161c;--text-2:#465060;--text-3:#626c7a;--accent:#2450b8;--good:#1a7348;"
    "--good-soft:#e6f4ec;--warn:#865600;--warn-soft:#fcf2da;--bad:#b3261e;--bad-soft:#fdecea;"
    "--font:Inter,\"Inter Variable\",ui-sans-serif,system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",Arial,sans-serif;"
    "--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--surface:#151a20;--line:#262d36;"
    "--line-2:#3b4551;--text:#e9edf2;--text-2:#adb6c2;--text-3:#8d98a5;--accent:#8fb1ff;"
    "--good:#74e0b8;--good-soft:#12291f;--warn:#eec05a;--warn-soft:#2b2313;--bad:#f67c72;"
    "--bad-soft:#331b1b}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--bg);color:var(--text);font:400 13px/20px var(--font)}\n"
    "main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}\n"
    "h1{margin:0 0 4px;font:600 22px/30px var(--font);letter-spacing:-.018em}\n"
    "h1 span{font-weight:400;color:var(--text-2)}\n"
    "h2{margin:32px 0 8px;font:600 14px/20px var(--font);letter-spacing:-.005em}\n"
    "p{margin:0}.sub{color:var(--text-3);font-size:12px;line-height:16px}\n"
    ".stats{display:flex;flex-wrap:wrap;margin:20px 0 0;border-top:1px solid var(--line);"
    "border-bottom:1px solid var(--line)}\n"
    ".stats div{flex:1 1 120px;padding:12px 16px;border-left:1px solid var(--line)}\n"
    ".stats div:first-child{border-left:0;padding-left:0}\n"
    ".stats b{display:block;font:600 26px/32px var(--font);letter-spacing:-.025em;"
    "font-variant-numeric:tabular-nums}\n"
    ".stats span{color:var(--text-2);font-size:12px;line-height:16px}\n"
    "table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th{font:500 12px/16px var(--font);color:var(--text-2);text-align:left;padding:8px 12px 8px 0;"
    "border-bottom:1px solid var(--line-2)}\n"
    "td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
    ".n{text-align:right;padding-right:24px}th.n{text-align:right}\n"
    "details{border-bottom:1px solid var(--line)}\n"
    "summary{display:grid;grid-template-columns:108px minmax(180px,260px) 1fr auto;gap:12px;"
    "padding:10px 0;cursor:pointer;list-style:none}\n"
    "summary::-webkit-details-marker{display:none}\n"
    "summary:hover,summary:focus-visible{background:var(--surface)}\n"
    "summary:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}\n"
    ".id,.where td:first-child,code{font-family:var(--mono);font-size:12px;"
    "overflow-wrap:anywhere}\n"
    ".tag{justify-self:start;align-self:start;padding:0 8px;border-radius:4px;font-weight:500;"
    "font-size:12px}\n"
    ".must{color:var(--bad);background:var(--bad-soft)}"
    ".should{color:var(--warn);background:var(--warn-soft)}"
    ".ok{color:var(--good);background:var(--good-soft)}"
    ".off{color:var(--text-2);background:var(--surface)}\n"
    ".in{padding:0 0 16px 120px}.in td{overflow-wrap:anywhere}.where "
    "td:first-child{width:46%}.fix{margin:8px 0 12px}\n"
    "@media (max-width:760px){summary{grid-template-columns:auto 1fr auto}"
    ".text{grid-column:1/-1;grid-row:2}.in{padding-left:0}}\n"
    "@media print{details>*{display:block}}\n";

static void put(struct fth_buf *buf, const char *text)
{
    fth_focus_put_xml(buf, fth_str_c(text));
}

static void put_number(struct fth_buf *buf, uint64_t value)
{
    char digits[24];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (n > 0) {
        fth_buf_char(buf, digits[--n]);
        if (n > 0 && n % 3 == 0)
            fth_buf_char(buf, ',');
    }
}

static void put_stat(struct fth_buf *buf, uint64_t value, const char *what)
{
    fth_buf_c(buf, "<div><b>");
    put_number(buf, value);
    fth_buf_printf(buf, "</b><span>%s</span></div>\n", what);
}

static void put_head(struct fth_buf *buf, const struct fth_focus_report *report)
{
    fth_buf_c(buf, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<title>FOCUS validation</title>\n<style>\n");
    fth_buf_c(buf, style);
    fth_buf_c(buf, "</style>\n<main>\n<h1>");
    if (report->violated) {
        put_number(buf, report->violated);
        fth_buf_c(buf, report->violated == 1 ? " rule is broken " : " rules are broken ");
        fth_buf_c(buf, "<span>of ");
    } else {
        fth_buf_c(buf, "Valid <span>by ");
    }
    put_number(buf, report->outcome_nr);
    fth_buf_c(buf, " that FOCUS and its sums have for these files</span></h1>\n<p class=\"sub\">");
    if (report->as_official)
        fth_buf_c(buf, "Judged as the official validator does, its faults included. ");
    fth_buf_printf(buf, "Checked in %.2f s of CPU time.</p>\n", (double)report->cpu_ns / 1e9);
    fth_buf_c(buf, "<div class=\"stats\">\n");
    put_stat(buf, report->violated, "rules broken (MUST)");
    put_stat(buf, report->warned, "warnings (SHOULD)");
    put_stat(buf, report->passed, "rules hold");
    put_stat(buf, report->aside, "could not be checked");
    put_stat(buf, report->rows, "records");
    fth_buf_c(buf, "</div>\n");
}

static void put_files(struct fth_buf *buf, const struct fth_focus_report *report)
{
    fth_buf_c(buf, "<h2>Files</h2>\n<table><thead><tr><th>File<th>Dataset<th>Version<th "
                   "class=\"n\">Records<th class=\"n\">Columns</thead>\n");
    for (size_t i = 0; i < report->file_nr; i++) {
        const struct fth_focus_file *file = &report->files[i];

        fth_buf_c(buf, "<tr><td><code>");
        fth_focus_put_xml(buf, file->path);
        fth_buf_c(buf, "</code><td>");
        put(buf, file->known ? fth_focus_dataset_name(file->dataset) : "–");
        fth_buf_c(buf, "<td>");
        if (file->known) {
            put(buf, fth_focus_version_name(file->version));
            fth_buf_c(buf, " <span class=\"sub\">");
            fth_focus_put_xml(buf, file->why);
            fth_buf_c(buf, "</span>");
        }
        fth_buf_c(buf, "<td class=\"n\">");
        put_number(buf, file->rows);
        fth_buf_c(buf, "<td class=\"n\">");
        put_number(buf, file->columns);
    }
    fth_buf_c(buf, "</table>\n");
}

static void put_finding(struct fth_buf *buf, const struct fth_focus_finding *finding, bool open)
{
    fth_buf_printf(buf, "<details%s><summary><span class=\"tag %s\">%s</span><span class=\"id\">",
                   open ? " open" : "", fth_focus_level_binds(finding->level) ? "must" : "should",
                   fth_focus_level_name(finding->level));
    fth_focus_put_xml(buf, finding->id);
    fth_buf_c(buf, "</span><span class=\"text\">");
    put(buf, finding->text);
    fth_buf_c(buf, "</span><span>");
    put_number(buf, finding->count);
    fth_buf_c(buf, finding->count == 1 ? " time" : " times");
    fth_buf_c(buf, "</span></summary>\n<div class=\"in\"><p class=\"fix\">");
    put(buf, finding->fix);
    fth_buf_c(buf, "</p>\n");
    if (finding->rule && *finding->rule->check) {
        fth_buf_c(buf, "<p class=\"sub\"><code>");
        put(buf, finding->rule->check);
        if (*finding->rule->when) {
            fth_buf_c(buf, " where ");
            put(buf, finding->rule->when);
        }
        fth_buf_c(buf, "</code></p>\n");
    }
    if (finding->joined) {
        fth_buf_c(buf, "<p class=\"sub\">Joins ");
        put(buf, finding->joined);
        fth_buf_c(buf, "</p>\n");
    }
    if (finding->sample_nr)
        fth_buf_c(buf, "<table class=\"where\"><thead><tr><th>Where<th>Values</thead>\n");
    for (size_t i = 0; i < finding->sample_nr; i++) {
        fth_buf_c(buf, "<tr><td>");
        fth_focus_put_place(buf, &finding->samples[i]);
        fth_buf_c(buf, "<td><code>");
        fth_focus_put_xml(buf, finding->samples[i].values);
        fth_buf_c(buf, "</code>\n");
    }
    fth_buf_c(buf, finding->sample_nr ? "</table></div></details>\n" : "</div></details>\n");
}

static void put_outcomes(struct fth_buf *buf, const struct fth_focus_report *report)
{
    static const char *const tags[] = {"ok", "must", "off"};
    static const char *const words[] = {"holds", "broken", "not checked"};

    fth_buf_c(buf,
              "<h2>All rules</h2>\n<details><summary style=\"display:block\">Show them"
              "</summary>\n<table><thead><tr><th>Result<th>Rule<th>Level<th>In words</thead>\n");
    for (size_t i = 0; i < report->outcome_nr; i++) {
        const struct fth_focus_outcome *outcome = &report->outcomes[i];

        fth_buf_printf(buf, "<tr><td><span class=\"tag %s\">%s</span><td class=\"id\">",
                       tags[outcome->verdict], words[outcome->verdict]);
        fth_focus_put_xml(buf, outcome->id);
        fth_buf_printf(buf, "<td>%s<td>", fth_focus_level_name(outcome->rule->level));
        put(buf, outcome->rule->text);
        if (outcome->verdict == FTH_FOCUS_ASIDE) {
            fth_buf_c(buf, " <span class=\"sub\">");
            put(buf, outcome->why);
            fth_buf_c(buf, "</span>");
        }
        fth_buf_char(buf, '\n');
    }
    fth_buf_c(buf, "</table></details>\n");
}

void fth_focus_put_html(struct fth_buf *buf, const struct fth_focus_report *report)
{
    enum { OPEN = 3 };

    put_head(buf, report);
    if (report->finding_nr)
        fth_buf_c(buf, "<h2>Findings</h2>\n");
    for (size_t i = 0; i < report->finding_nr; i++)
        put_finding(buf, &report->findings[i], i < OPEN);
    put_files(buf, report);
    put_outcomes(buf, report);
    fth_buf_c(buf, "</main>\n</html>\n");
}
