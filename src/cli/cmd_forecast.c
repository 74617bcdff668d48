/* forecast: the next values of the series in a file; of a plan: forecast_from.c. */
#include <math.h>

#include "app/forecast_files.h"
#include "base/csv.h"
#include "cli/cmd_int.h"

enum { ROWS_MAX = 64 << 20 };

static const double usual_level = 95;

static enum fth_rc read_level(const struct fth_args *args, double *out, struct fth_err *err)
{
    const char *text = fth_args_value(args, "level");
    double level = usual_level;

    if (text && (!fth_str_to_double(fth_str_c(text), &level) || !(level >= 1 && level <= 99.9)))
        return fth_err_set(err, FTH_E_USAGE, "--level: \"%s\" is not between 1 and 99.9", text);
    *out = level / 100;
    return FTH_OK;
}

/* ---- as JSON ---- */

static void put_trials(struct fth_jw *jw, const struct fth_forecast *f)
{
    fth_jw_key(jw, "models");
    fth_jw_array(jw);
    for (size_t i = 0; i < f->trial_nr; i++) {
        const struct fth_forecast_trial *trial = &f->trials[i];

        fth_jw_object(jw);
        fth_jw_kv_c(jw, "id", trial->model->id);
        fth_jw_kv_c(jw, "declined", trial->declined);
        fth_jw_kv_i64(jw, "origins", (int64_t)trial->origin_nr);
        fth_jw_key(jw, "mase");
        fth_jw_double(jw, trial->origin_nr ? trial->mase : NAN);
        fth_jw_key(jw, "total_error");
        fth_jw_double(jw, trial->origin_nr ? trial->total : NAN);
        fth_jw_key(jw, "weight");
        fth_jw_double(jw, trial->weight);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
}

static void put_json(struct fth_jw *jw, const void *ctx, size_t at)
{
    const struct fth_forecast_row *row = (const struct fth_forecast_row *)ctx + at;
    const struct fth_forecast *f = &row->forecast;

    fth_jw_object(jw);
    fth_jw_kv(jw, "series_id", row->id);
    fth_jw_kv_i64(jw, "m", (int64_t)row->m);
    fth_jw_key(jw, "level");
    fth_jw_double(jw, f->level);
    put_trials(jw, f);
    fth_jw_key(jw, "forecast");
    fth_jw_array(jw);
    for (size_t i = 0; i < f->h; i++) {
        fth_jw_object(jw);
        fth_jw_kv_i64(jw, "step", (int64_t)i + 1);
        fth_jw_key(jw, "yhat");
        fth_jw_double(jw, f->mean[i]);
        fth_jw_key(jw, "lo");
        fth_jw_double(jw, f->lo[i]);
        fth_jw_key(jw, "hi");
        fth_jw_double(jw, f->hi[i]);
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

/* ---- as rows ---- */

static void put_csv(struct fth_buf *buf, const void *ctx, size_t at)
{
    const struct fth_forecast_row *row = (const struct fth_forecast_row *)ctx + at;
    const struct fth_forecast *f = &row->forecast;

    for (size_t i = 0; i < f->h; i++) {
        fth_csv_put(buf, row->id);
        fth_buf_printf(buf, ",%zu,%.10g,%.10g,%.10g\n", i + 1, f->mean[i], f->lo[i], f->hi[i]);
    }
}

enum fth_rc fth_cmd_print_series(struct fth_cli *cli, const char *head, size_t nr,
                                 void (*json)(struct fth_jw *jw, const void *ctx, size_t i),
                                 void (*csv)(struct fth_buf *buf, const void *ctx, size_t i),
                                 const void *ctx, struct fth_err *err)
{
    bool list = cli->out.form == FTH_OUT_JSON, as_json = list || cli->out.form == FTH_OUT_NDJSON;
    struct fth_buf buf = fth_buf_max(ROWS_MAX);

    fth_buf_c(&buf, list ? "{\"series\":[\n" : as_json ? "" : head);
    for (size_t i = 0; i < nr && !err->rc; i++) {
        struct fth_jw jw;

        fth_jw_init(&jw, &buf);
        if (as_json)
            json(&jw, ctx, i);
        else
            csv(&buf, ctx, i);
        if (as_json)
            fth_buf_c(&buf, list && i + 1 < nr ? ",\n" : "\n");
        if (!fth_buf_done(&buf, err))
            fth_out_text(&cli->out, fth_buf_view(&buf), err);
        fth_buf_clear(&buf);
    }
    if (list)
        fth_buf_c(&buf, "]}\n");
    if (!err->rc && !fth_buf_done(&buf, err))
        fth_out_text(&cli->out, fth_buf_view(&buf), err);
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc fth_cmd_input(const struct fth_args *args, const char **out, struct fth_err *err)
{
    const char *input = fth_args_value(args, "input");

    if (input && args->arg_nr)
        return fth_err_set(err, FTH_E_USAGE, "a file and --input are one too many");
    *out = input ? input : args->arg_nr ? args->args[0] : NULL;
    return FTH_OK;
}

enum fth_rc cmd_forecast(struct fth_cli *cli, struct fth_err *err)
{
    const char *model = fth_args_value(&cli->args, "model");
    struct fth_forecast_files request = {.meta = fth_args_value(&cli->args, "meta"),
                                         .model = model ? model : "auto",
                                         .cancel = &cli->cancel};
    const struct fth_forecast_row *rows;
    long long h, m, threads;
    size_t nr;

    if (fth_cmd_input(&cli->args, &request.path, err))
        return err->rc;
    if (fth_args_has(&cli->args, "from"))
        return fth_cli_forecast_from(cli, err);
    if (!request.path || fth_args_has(&cli->args, "measure"))
        return fth_err_set(err, FTH_E_USAGE, "forecast: %s",
                           request.path ? "--measure is for --from" : "either FILE or --from");
    if (cli->out.form == FTH_OUT_MARKDOWN)
        return fth_err_set(err, FTH_E_USAGE, "forecast: --output is csv, json or ndjson");
    if (fth_args_number(&cli->args, "horizon", 1, FTH_SERIES_STEPS_MOST, 0, &h, err) ||
        fth_args_number(&cli->args, "season", 1, FTH_SERIES_STEPS_MOST, 0, &m, err) ||
        fth_args_number(&cli->args, "threads", 1, 64, 0, &threads, err) ||
        read_level(&cli->args, &request.level, err))
        return err->rc;
    request.h = (size_t)h;
    request.m = (size_t)m;
    request.threads = (unsigned)threads;
    if (fth_forecast_files(&request, cli->arena, &rows, &nr, err))
        return err->rc;
    return fth_cmd_print_series(cli, "series_id,step,yhat,lo,hi\n", nr, put_json, put_csv, rows,
                                err);
}
