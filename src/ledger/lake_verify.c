/* Is every file of a lake still what the manifest says? */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "ledger/lake_int.h"

struct verify {
    struct fth_engine *engine;
    const char *dir;
    struct fth_session *session;
    struct fth_cancel *cancel;
    struct fth_arena *arena; /* of the caller */
    struct fth_lake_problem *first, *last;
};

static enum fth_rc add_problem(struct verify *verify, const struct fth_lake_file *file,
                               struct fth_str detail, struct fth_err *err)
{
    struct fth_lake_problem *problem = FTH_NEW(verify->arena, struct fth_lake_problem);

    if (!problem)
        return fth_err_nomem(err);
    if (fth_arena_str(verify->arena, fth_str_c(file->path), &problem->path, err) ||
        fth_arena_str(verify->arena, detail, &problem->detail, err))
        return err->rc;
    if (verify->last)
        verify->last->next = problem;
    else
        verify->first = problem;
    verify->last = problem;
    return FTH_OK;
}

/* A failure that is the file's, not ours: it is told and the next file looked at. */
static enum fth_rc blame_file(struct verify *verify, const struct fth_lake_file *file,
                              struct fth_err *err)
{
    struct fth_err why = *err;

    switch (why.rc) {
    case FTH_OK:
    case FTH_E_CANCELLED:
    case FTH_E_NOMEM:
        return why.rc;
    default:
        fth_err_clear(err);
        return add_problem(verify, file, fth_str_c(why.msg), err);
    }
}

static bool same_columns(const struct fth_lake_content *a, const struct fth_lake_content *b)
{
    bool same = a->col_nr == b->col_nr;

    for (size_t i = 0; i < a->col_nr && same; i++)
        same = fth_str_eq(a->cols[i].name, b->cols[i].name) &&
               fth_str_eq(a->cols[i].type, b->cols[i].type);
    return same;
}

/* Bytes first: what is not the same file need not be read as Parquet. */
static enum fth_rc check_bytes(struct verify *verify, const struct fth_lake_file *file,
                               const char *path, bool *fine, struct fth_err *err)
{
    struct fth_lake_file now = {0};
    struct fth_str detail = {0};

    *fine = false;
    if (fth_lake_read(path, NULL, verify->cancel, &now, err))
        return blame_file(verify, file, err);
    *fine = now.bytes == file->bytes && strcmp(now.sha256, file->sha256) == 0;
    if (*fine)
        return FTH_OK;
    if (fth_arena_printf(verify->arena, &detail, err,
                         "its SHA-256 is %.16s… with %" PRId64 " bytes, the manifest says %.16s… "
                         "with %" PRId64,
                         now.sha256, now.bytes, file->sha256, file->bytes))
        return err->rc;
    return add_problem(verify, file, detail, err);
}

static enum fth_rc check_rows(struct verify *verify, const struct fth_lake_file *file,
                              const char *inside, const struct fth_lake_content *content,
                              struct fth_err *err)
{
    struct fth_lake_content now = {0};
    int64_t rows = 0;

    if (fth_lake_count(verify->session, verify->arena, inside, verify->cancel, &rows, err) ||
        (content &&
         fth_lake_look(verify->session, verify->arena, inside, verify->cancel, &now, err)))
        return blame_file(verify, file, err);
    if (rows != file->rows || (content && content->rows != file->rows))
        return add_problem(verify, file, FTH_STR("its rows are not as many as the manifest says"),
                           err);
    if (content && !same_columns(&now, content))
        return add_problem(verify, file, FTH_STR("its columns are not those of the manifest"), err);
    if (content && !fth_lake_same_sums(now.sums, now.sum_nr, content->sums, content->sum_nr))
        return add_problem(verify, file, FTH_STR("its sums are not those of the manifest"), err);
    return FTH_OK;
}

/* `content` of a file of charges, else NULL. */
static enum fth_rc check_parquet(struct verify *verify, const struct fth_lake_file *file,
                                 const struct fth_lake_content *content, struct fth_err *err)
{
    const char *path = NULL, *inside = NULL;
    bool fine;

    if (fth_lake_path(verify->arena, verify->dir, file->path, &path, err) ||
        check_bytes(verify, file, path, &fine, err) || !fine)
        return err->rc;
    if (fth_engine_adopt(verify->engine, path, verify->arena, &inside, err))
        return err->rc;
    check_rows(verify, file, inside, content, err);
    fth_engine_forget(verify->engine, inside);
    return err->rc;
}

static enum fth_rc check_all(struct verify *verify, const struct fth_lake_manifest *manifest,
                             struct fth_err *err)
{
    const char *path = NULL;
    bool fine;

    if (fth_lake_path(verify->arena, verify->dir, manifest->catalogue.path, &path, err) ||
        check_bytes(verify, &manifest->catalogue, path, &fine, err) ||
        check_parquet(verify, &manifest->tags, NULL, err))
        return err->rc;
    for (size_t i = 0; i < manifest->segment_nr; i++) {
        const struct fth_lake_segment *segment = &manifest->segments[i];

        if (check_parquet(verify, &segment->charges, &segment->content, err) ||
            (segment->side.path && check_parquet(verify, &segment->side, NULL, err)))
            return err->rc;
    }
    return FTH_OK;
}

enum fth_rc fth_lake_verify(struct fth_engine *engine, const char *dir, struct fth_cancel *cancel,
                            struct fth_arena *arena, struct fth_lake_summary *out,
                            const struct fth_lake_problem **problems, struct fth_err *err)
{
    struct verify verify = {.engine = engine, .dir = dir, .cancel = cancel, .arena = arena};
    struct fth_lake_manifest manifest;

    if (fth_lake_read_manifest(arena, dir, &manifest, err) ||
        fth_session_open(engine, &verify.session, err))
        return err->rc;
    if (!check_all(&verify, &manifest, err)) {
        *out = fth_lake_summary_of(&manifest);
        *problems = verify.first;
    }
    fth_session_close(verify.session);
    return err->rc;
}
