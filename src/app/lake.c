#include "app/lake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app_int.h"
#include "base/file.h"

enum { ENGINE_MEMORY = 512 << 20, PATH_LEN_MAX = 4096 };

enum fth_rc fth_app_lake_export(struct fth_app *app, const char *dir, struct fth_cancel *cancel,
                                struct fth_lake_summary *out, struct fth_err *err)
{
    return fth_lake_export(app->ledger, dir, fth_version(), cancel, out, err);
}

enum fth_rc fth_app_lake_restore(struct fth_app *app, const char *dir, struct fth_cancel *cancel,
                                 struct fth_lake_summary *out, struct fth_err *err)
{
    if (!fth_lake_restore(app->ledger, dir, cancel, out, err))
        fth_app_ledger_moved(app);
    return err->rc;
}

enum fth_rc fth_app_lake_verify(const char *dir, struct fth_cancel *cancel, struct fth_arena *arena,
                                struct fth_lake_summary *out,
                                const struct fth_lake_problem **problems, struct fth_err *err)
{
    struct fth_engine_conf conf = {.memory_bytes = ENGINE_MEMORY, .threads = 1};
    const char *tmp = getenv("TMPDIR");
    struct fth_engine *engine = NULL;
    struct fth_err ignored = {0};
    char folder[PATH_LEN_MAX];

    snprintf(folder, sizeof(folder), "%s/farthing-lake-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return fth_err_errno(err, errno, "%s", folder);
    conf.dir = folder;
    if (!fth_engine_open(&conf, &engine, err)) {
        fth_lake_verify(engine, dir, cancel, arena, out, problems, err);
        fth_engine_close(engine);
    }
    fth_file_remove(folder, &ignored);
    return err->rc;
}
