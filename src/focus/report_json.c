/* The report as JSON. */
#include "base/json.h"
#include "focus/focus_int.h"

static const char *verdict_name(enum fth_focus_verdict verdict)
{
    static const char *const names[] = {"passed", "failed", "not checked"};

    return names[verdict];
}

static void put_file(struct fth_jw *jw, const struct fth_focus_file *file)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "path", file->path);
    fth_jw_kv_c(jw, "dataset", file->known ? fth_focus_dataset_name(file->dataset) : NULL);
    fth_jw_kv_c(jw, "version", file->known ? fth_focus_version_name(file->version) : NULL);
    fth_jw_kv(jw, "version_from", file->why);
    fth_jw_kv_i64(jw, "rows", (int64_t)file->rows);
    fth_jw_kv_i64(jw, "columns", (int64_t)file->columns);
    fth_jw_object_end(jw);
}

static void put_sample(struct fth_jw *jw, const struct fth_focus_sample *sample)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "file", sample->file);
    if (sample->line)
        fth_jw_kv_i64(jw, "line", sample->line);
    if (sample->record)
        fth_jw_kv_i64(jw, "record", sample->record);
    fth_jw_kv(jw, "values", sample->values);
    fth_jw_object_end(jw);
}

static void put_finding(struct fth_jw *jw, const struct fth_focus_finding *finding)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "rule", finding->id);
    fth_jw_kv_c(jw, "level", fth_focus_level_name(finding->level));
    fth_jw_kv_bool(jw, "violation", fth_focus_level_binds(finding->level));
    if (finding->rule) {
        fth_jw_kv_c(jw, "column", finding->rule->subject);
        fth_jw_kv_c(jw, "where", finding->rule->when);
        fth_jw_kv_c(jw, "check", finding->rule->check);
    }
    if (finding->joined)
        fth_jw_kv_c(jw, "joins", finding->joined);
    fth_jw_kv_c(jw, "text", finding->text);
    fth_jw_kv_c(jw, "fix", finding->fix);
    fth_jw_kv_i64(jw, "count", (int64_t)finding->count);
    fth_jw_key(jw, "samples");
    fth_jw_array(jw);
    for (size_t i = 0; i < finding->sample_nr; i++)
        put_sample(jw, &finding->samples[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_outcome(struct fth_jw *jw, const struct fth_focus_outcome *outcome)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "rule", outcome->id);
    fth_jw_kv_c(jw, "level", fth_focus_level_name(outcome->rule->level));
    fth_jw_kv_c(jw, "result", verdict_name(outcome->verdict));
    if (outcome->verdict == FTH_FOCUS_ASIDE)
        fth_jw_kv_c(jw, "why", outcome->why);
    fth_jw_kv_i64(jw, "cpu_us", outcome->cpu_ns / 1000);
    fth_jw_object_end(jw);
}

void fth_focus_put_json(struct fth_buf *buf, const struct fth_focus_report *report)
{
    struct fth_jw jw;

    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    fth_jw_kv_bool(&jw, "valid", report->violated == 0);
    fth_jw_kv_bool(&jw, "as_official", report->as_official);
    fth_jw_kv_i64(&jw, "rows", (int64_t)report->rows);
    fth_jw_key(&jw, "rules");
    fth_jw_object(&jw);
    fth_jw_kv_i64(&jw, "passed", (int64_t)report->passed);
    fth_jw_kv_i64(&jw, "violated", (int64_t)report->violated);
    fth_jw_kv_i64(&jw, "warned", (int64_t)report->warned);
    fth_jw_kv_i64(&jw, "not_checked", (int64_t)report->aside);
    fth_jw_object_end(&jw);
    fth_jw_key(&jw, "files");
    fth_jw_array(&jw);
    for (size_t i = 0; i < report->file_nr; i++)
        put_file(&jw, &report->files[i]);
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "findings");
    fth_jw_array(&jw);
    for (size_t i = 0; i < report->finding_nr; i++)
        put_finding(&jw, &report->findings[i]);
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "outcomes");
    fth_jw_array(&jw);
    for (size_t i = 0; i < report->outcome_nr; i++)
        put_outcome(&jw, &report->outcomes[i]);
    fth_jw_array_end(&jw);
    fth_jw_key(&jw, "time");
    fth_jw_object(&jw);
    fth_jw_kv_i64(&jw, "wall_ms", report->wall_ns / 1000000);
    for (size_t i = 0; i < report->time_nr; i++) {
        fth_jw_key(&jw, report->times[i].what);
        fth_jw_i64(&jw, report->times[i].cpu_ns / 1000);
    }
    fth_jw_object_end(&jw);
    fth_jw_object_end(&jw);
}
