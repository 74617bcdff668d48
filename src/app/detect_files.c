#include "app/detect_files.h"

#include <string.h>

#include "app/each.h"

enum { WORK_CAP = 256 << 20 };

struct crew {
    const struct fth_detect_files *request;
    const struct fth_series_file *file;
    struct fth_detect_row *rows;
};

/* A copy that outlives the worker's arena. */
static enum fth_rc keep(struct fth_each *each, const struct fth_detection *made, size_t n,
                        struct fth_detection *to, struct fth_err *err)
{
    double *scores = fth_each_keep(each, n, sizeof(*scores));
    struct fth_detect_event *events = fth_each_keep(each, made->event_nr, sizeof(*events));

    if (!scores || !events)
        return fth_err_nomem(err);
    to->scores = memcpy(scores, made->scores, n * sizeof(*scores));
    to->event_nr = made->event_nr;
    to->events = events;
    if (made->event_nr)
        memcpy(events, made->events, made->event_nr * sizeof(*events));
    return FTH_OK;
}

static enum fth_rc detect_one(struct fth_each *each, size_t i, struct fth_arena *arena,
                              struct fth_err *err)
{
    const struct crew *crew = each->ctx;
    const struct fth_series_row *row = &crew->file->at[i];
    struct fth_detection made;

    if (fth_detect_replay(row->y, row->n, row->start, crew->request->false_alarms, arena, &made,
                          err)) {
        fth_err_prefix(err, "series \"" FTH_STR_F "\"", FTH_STR_A(row->id));
        return err->rc;
    }
    crew->rows[i].series = row;
    return keep(each, &made, row->n, &crew->rows[i].detection, err);
}

enum fth_rc fth_detect_files(const struct fth_detect_files *request, struct fth_arena *arena,
                             const struct fth_detect_row **out, size_t *nr, struct fth_err *err)
{
    struct fth_series_file file;
    struct crew crew = {.request = request, .file = &file};
    struct fth_each each = {.threads = request->threads,
                            .work_cap = WORK_CAP,
                            .cancel = request->cancel,
                            .run = detect_one,
                            .ctx = &crew,
                            .results = arena};

    if (fth_series_file_read_costs(request->path, arena, &file, err))
        return err->rc;
    crew.rows = FTH_NEW_ARRAY(arena, struct fth_detect_row, file.nr);
    if (!crew.rows)
        return fth_err_nomem(err);
    each.nr = file.nr;
    if (fth_each_run(&each, err))
        return err->rc;
    *out = crew.rows;
    *nr = file.nr;
    return FTH_OK;
}
