#include "app/forecast_files.h"

#include <string.h>

#include "app/each.h"

enum { HORIZON = 30, WORK_CAP = 256 << 20 };

struct crew {
    const struct fth_forecast_files *request;
    const struct fth_series_file *file;
    struct fth_forecast_row *rows;
};

/* A copy that outlives the worker's arena. */
static enum fth_rc keep(struct fth_each *each, const struct fth_forecast *made,
                        struct fth_forecast *to, struct fth_err *err)
{
    double *values = fth_each_keep(each, 3 * made->h, sizeof(*values));
    struct fth_forecast_trial *trials = fth_each_keep(each, made->trial_nr, sizeof(*trials));

    if (!values || !trials)
        return fth_err_nomem(err);
    memcpy(trials, made->trials, made->trial_nr * sizeof(*trials));
    *to = *made;
    to->trials = trials;
    to->past = (struct fth_forecast_past){0}; /* not kept: nobody asks */
    to->mean = memcpy(values, made->mean, made->h * sizeof(double));
    to->lo = memcpy(values + made->h, made->lo, made->h * sizeof(double));
    to->hi = memcpy(values + 2 * made->h, made->hi, made->h * sizeof(double));
    return FTH_OK;
}

static enum fth_rc forecast_one(struct fth_each *each, size_t i, struct fth_arena *arena,
                                struct fth_err *err)
{
    const struct crew *crew = each->ctx;
    const struct fth_series_row *row = &crew->file->at[i];
    const struct fth_forecast_files *request = crew->request;
    size_t m = request->m ? request->m : row->m;
    size_t h = request->h ? request->h : row->h ? row->h : HORIZON;
    struct fth_series series;
    struct fth_forecast made;

    if (fth_series_set(row->y, row->n, m, row->dated, row->start, arena, &series, err) ||
        fth_forecast_make(&series, request->model, h, request->level, arena, &made, err)) {
        fth_err_prefix(err, "series \"" FTH_STR_F "\"", FTH_STR_A(row->id));
        return err->rc;
    }
    crew->rows[i].id = row->id;
    crew->rows[i].m = m;
    return keep(each, &made, &crew->rows[i].forecast, err);
}

enum fth_rc fth_forecast_files(const struct fth_forecast_files *request, struct fth_arena *arena,
                               const struct fth_forecast_row **out, size_t *nr, struct fth_err *err)
{
    struct fth_series_file file;
    struct crew crew = {.request = request, .file = &file};
    struct fth_each each = {.threads = request->threads,
                            .work_cap = WORK_CAP,
                            .cancel = request->cancel,
                            .run = forecast_one,
                            .ctx = &crew,
                            .results = arena};

    if (fth_forecast_check(request->model, err) ||
        fth_series_file_read(request->path, request->meta, arena, &file, err))
        return err->rc;
    crew.rows = FTH_NEW_ARRAY(arena, struct fth_forecast_row, file.nr);
    if (!crew.rows)
        return fth_err_nomem(err);
    each.nr = file.nr;
    if (fth_each_run(&each, err))
        return err->rc;
    *out = crew.rows;
    *nr = file.nr;
    return FTH_OK;
}
