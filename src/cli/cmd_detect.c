/* detect: anomalies in the series of a file; of a plan: detect_from.c. */
#include "app/detect_files.h"
#include "base/csv.h"
#include "base/date.h"
#include "cli/cmd_int.h"

/* What is printed. */
struct found {
    const struct fth_detect_row *rows;
    bool scores; /* of every day, instead of events */
};

static enum fth_rc read_rate(const struct fth_args *args, double *out, struct fth_err *err)
{
    const char *text = fth_args_value(args, "false-alarms-per-year");
    double rate = FTH_DETECT_FALSE_ALARMS;

    if (text && (!fth_str_to_double(fth_str_c(text), &rate) ||
                 !(rate >= FTH_DETECT_FALSE_ALARMS_LEAST && rate <= FTH_DETECT_FALSE_ALARMS_MOST)))
        return fth_err_set(err, FTH_E_USAGE,
                           "--false-alarms-per-year: \"%s\" is not between %g and %g", text,
                           FTH_DETECT_FALSE_ALARMS_LEAST, FTH_DETECT_FALSE_ALARMS_MOST);
    *out = rate;
    return FTH_OK;
}

/* ---- as JSON ---- */

static void put_amount(struct fth_jw *jw, const char *key, double amount)
{
    fth_jw_key(jw, key);
    fth_jw_double(jw, amount);
}

static void put_event_json(struct fth_jw *jw, const struct fth_detect_event *event)
{
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "start", event->start);
    fth_jw_kv_date(jw, "end", event->end);
    fth_jw_kv_date(jw, "detected", event->detected);
    put_amount(jw, "score", event->score);
    fth_jw_kv_c(jw, "channel", event->by->id);
    fth_jw_kv_c(jw, "direction", event->up ? "up" : "down");
    put_amount(jw, "actual", event->actual);
    put_amount(jw, "expected", event->expected);
    put_amount(jw, "impact", event->actual - event->expected);
    fth_jw_object_end(jw);
}

static void put_score_json(struct fth_jw *jw, int32_t date, double score)
{
    fth_jw_object(jw);
    fth_jw_kv_date(jw, "date", date);
    put_amount(jw, "score", score);
    fth_jw_object_end(jw);
}

static void put_json(struct fth_jw *jw, const void *ctx, size_t at)
{
    const struct found *found = ctx;
    const struct fth_detect_row *row = &found->rows[at];
    bool scores = found->scores;

    fth_jw_object(jw);
    fth_jw_kv(jw, "series_id", row->series->id);
    fth_jw_key(jw, scores ? "scores" : "events");
    fth_jw_array(jw);
    if (scores)
        for (size_t i = 0; i < row->series->n; i++)
            put_score_json(jw, row->series->start + (int32_t)i, row->detection.scores[i]);
    else
        for (size_t i = 0; i < row->detection.event_nr; i++)
            put_event_json(jw, &row->detection.events[i]);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

/* ---- as rows ---- */

static void put_event(struct fth_buf *buf, struct fth_str id, const struct fth_detect_event *event)
{
    fth_csv_put(buf, id);
    fth_buf_char(buf, ',');
    fth_date_put(buf, event->start);
    fth_buf_char(buf, ',');
    fth_date_put(buf, event->end);
    fth_buf_printf(buf, ",%.6g,", event->score);
    fth_date_put(buf, event->detected);
    fth_buf_char(buf, '\n');
}

static void put_csv(struct fth_buf *buf, const void *ctx, size_t at)
{
    const struct found *found = ctx;
    const struct fth_detect_row *row = &found->rows[at];

    if (!found->scores) {
        for (size_t i = 0; i < row->detection.event_nr; i++)
            put_event(buf, row->series->id, &row->detection.events[i]);
        return;
    }
    for (size_t i = 0; i < row->series->n; i++) {
        fth_csv_put(buf, row->series->id);
        fth_buf_char(buf, ',');
        fth_date_put(buf, row->series->start + (int32_t)i);
        fth_buf_printf(buf, ",%.6g\n", row->detection.scores[i]);
    }
}

enum fth_rc cmd_detect(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_detect_files request = {.cancel = &cli->cancel};
    struct found found = {.scores = fth_args_has(&cli->args, "scores")};
    long long threads;
    size_t nr;

    if (read_rate(&cli->args, &request.false_alarms, err))
        return err->rc;
    if (fth_args_has(&cli->args, "from"))
        return fth_cli_detect_from(cli, request.false_alarms, err);
    if (fth_args_has(&cli->args, "measure"))
        return fth_err_set(err, FTH_E_USAGE, "detect: --measure is for --from");
    if (cli->out.form == FTH_OUT_MARKDOWN || fth_out_is_file(cli->out.form))
        return fth_err_set(err, FTH_E_USAGE, "detect: --output is csv, json or ndjson");
    if (fth_args_number(&cli->args, "threads", 1, 64, 0, &threads, err) ||
        fth_cmd_input(&cli->args, &request.path, err))
        return err->rc;
    if (!request.path) {
        fth_err_set(err, FTH_E_USAGE, "detect: either --input FILE or --from PLAN is missing");
        fth_err_hint(err, "The file is CSV with the columns series_id, date and cost.");
        return err->rc;
    }
    request.threads = (unsigned)threads;
    if (fth_detect_files(&request, cli->arena, &found.rows, &nr, err))
        return err->rc;
    return fth_cmd_print_series(
        cli, found.scores ? "series_id,date,score\n" : "series_id,start,end,score,detected\n", nr,
        put_json, put_csv, &found, err);
}
