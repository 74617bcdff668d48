/* The report as JUnit XML: one suite, a case for each rule. */
#include "base/utf8.h"
#include "focus/report_int.h"

/* Of text, what XML 1.0 may hold; what it may not becomes U+FFFD. */
void fth_focus_put_xml(struct fth_buf *buf, struct fth_str text)
{
    while (text.n) {
        char bytes[4];
        uint32_t c = fth_utf8_take(&text);

        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c == 0xfffe || c == 0xffff)
            c = 0xfffd;
        switch (c) {
        case '<':
            fth_buf_c(buf, "&lt;");
            break;
        case '>':
            fth_buf_c(buf, "&gt;");
            break;
        case '&':
            fth_buf_c(buf, "&amp;");
            break;
        case '"':
            fth_buf_c(buf, "&quot;");
            break;
        default:
            fth_buf_add(buf, bytes, fth_utf8_put(c, bytes));
        }
    }
}

static void put_attribute(struct fth_buf *buf, const char *name, struct fth_str value)
{
    fth_buf_printf(buf, " %s=\"", name);
    fth_focus_put_xml(buf, value);
    fth_buf_char(buf, '"');
}

void fth_focus_put_place(struct fth_buf *buf, const struct fth_focus_sample *sample)
{
    fth_focus_put_xml(buf, sample->file);
    if (sample->line)
        fth_buf_printf(buf, ":%lld", (long long)sample->line);
    else if (sample->record)
        fth_buf_printf(buf, " record %lld", (long long)sample->record);
}

static void put_failure(struct fth_buf *buf, const struct fth_focus_finding *finding)
{
    fth_buf_c(buf, ">\n      <failure");
    put_attribute(buf, "type", fth_str_c(fth_focus_level_name(finding->level)));
    put_attribute(buf, "message", fth_str_c(finding->text));
    fth_buf_printf(buf, ">broken %llu times\n", (unsigned long long)finding->count);
    for (size_t i = 0; i < finding->sample_nr; i++) {
        fth_focus_put_place(buf, &finding->samples[i]);
        fth_buf_c(buf, ": ");
        fth_focus_put_xml(buf, finding->samples[i].values);
        fth_buf_char(buf, '\n');
    }
    fth_buf_c(buf, "fix: ");
    fth_focus_put_xml(buf, fth_str_c(finding->fix));
    fth_buf_c(buf, "</failure>\n    </testcase>\n");
}

static void put_case(struct fth_buf *buf, const struct fth_focus_outcome *outcome)
{
    fth_buf_c(buf, "    <testcase");
    put_attribute(buf, "classname", fth_str_c(fth_focus_dataset_name(outcome->rule->dataset)));
    put_attribute(buf, "name", outcome->id);
    fth_buf_printf(buf, " time=\"%.6f\"", (double)outcome->cpu_ns / 1e9);
    if (outcome->verdict == FTH_FOCUS_PASSED) {
        fth_buf_c(buf, "/>\n");
        return;
    }
    fth_buf_c(buf, ">\n      <skipped");
    put_attribute(buf, "message", fth_str_c(outcome->why ? outcome->why : ""));
    fth_buf_c(buf, "/>\n    </testcase>\n");
}

void fth_focus_put_junit(struct fth_buf *buf, const struct fth_focus_report *report)
{
    fth_buf_c(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    fth_buf_printf(buf,
                   "  <testsuite name=\"focus validate\" tests=\"%zu\" failures=\"%zu\" "
                   "skipped=\"%zu\" time=\"%.3f\">\n",
                   report->passed + report->finding_nr + report->aside, report->finding_nr,
                   report->aside, (double)report->wall_ns / 1e9);
    for (size_t i = 0; i < report->finding_nr; i++) {
        const struct fth_focus_finding *finding = &report->findings[i];

        fth_buf_c(buf, "    <testcase");
        put_attribute(buf, "classname",
                      fth_str_c(finding->rule ? fth_focus_dataset_name(finding->rule->dataset)
                                              : "Cost and Usage"));
        put_attribute(buf, "name", finding->id);
        put_failure(buf, finding);
    }
    for (size_t i = 0; i < report->outcome_nr; i++)
        if (report->outcomes[i].verdict != FTH_FOCUS_FAILED)
            put_case(buf, &report->outcomes[i]);
    fth_buf_c(buf, "  </testsuite>\n</testsuites>\n");
}
