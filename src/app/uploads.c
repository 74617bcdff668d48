#include "app/uploads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app_int.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/rand.h"

enum { NAME_MAX_LEN = 200, PATH_LEN_MAX = 4096 };

/* The folder of an upload that is being written has another name, so that nobody finds it. */
struct fth_upload {
    struct fth_app *app;
    char id[FTH_UPLOAD_ID_LEN + 1];
    char *name;
    struct fth_buf folder, final, path; /* zero-terminated */
    int fd;
    int64_t bytes;
    struct fth_sha256 sha;
    bool finished;
};

static enum fth_rc check_name(struct fth_str name, struct fth_err *err)
{
    bool good = name.n > 0 && name.n <= NAME_MAX_LEN && name.p[0] != '.';

    for (size_t i = 0; good && i < name.n; i++)
        good = name.p[i] != '/' && (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f;
    if (good)
        return FTH_OK;
    fth_err_set(err, FTH_E_INVALID, "\"" FTH_STR_F "\" is no name for a file",
                FTH_STR_A(fth_str_sub(name, 0, NAME_MAX_LEN)));
    fth_err_hint(err, "Give its name without folders, at most %d bytes, not beginning with a dot.",
                 NAME_MAX_LEN);
    return err->rc;
}

bool fth_app_is_id(struct fth_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'f') ||
              id.p[i] == '-'))
            return false;
    return id.n == FTH_UPLOAD_ID_LEN;
}

static enum fth_rc no_upload(struct fth_str id, struct fth_err *err)
{
    fth_err_set(err, FTH_E_NOTFOUND, "no upload " FTH_STR_F, FTH_STR_A(fth_str_sub(id, 0, 64)));
    fth_err_hint(err, "Uploads are gone after they were imported and when the server restarts.");
    return err->rc;
}

static enum fth_rc make_paths(struct fth_upload *upload, struct fth_err *err)
{
    const char *dir = upload->app->dir;

    fth_buf_printf(&upload->folder, "%s/tmp/uploads/%s.part%c", dir, upload->id, '\0');
    fth_buf_printf(&upload->final, "%s/tmp/uploads/%s%c", dir, upload->id, '\0');
    fth_buf_printf(&upload->path, "%s/tmp/uploads/%s.part/%s%c", dir, upload->id, upload->name,
                   '\0');
    if (fth_buf_done(&upload->folder, err) || fth_buf_done(&upload->final, err))
        return err->rc;
    return fth_buf_done(&upload->path, err);
}

static enum fth_rc open_file(struct fth_upload *upload, struct fth_str name, struct fth_err *err)
{
    upload->name = fth_calloc(name.n + 1, 1);
    if (!upload->name)
        return fth_err_nomem(err);
    memcpy(upload->name, name.p, name.n);
    fth_rand_uuid7(fth_clock_now_us(&upload->app->clock), upload->id);
    if (make_paths(upload, err) || fth_file_mkdirs(upload->folder.p, err))
        return err->rc;
    upload->fd = open(upload->path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (upload->fd < 0)
        return fth_err_errno(err, errno, "%s", upload->name);
    return FTH_OK;
}

enum fth_rc fth_upload_begin(struct fth_app *app, struct fth_str name, struct fth_upload **out,
                             struct fth_err *err)
{
    struct fth_upload *upload;

    if (check_name(name, err))
        return err->rc;
    upload = fth_calloc(1, sizeof(*upload));
    if (!upload)
        return fth_err_nomem(err);
    upload->app = app;
    upload->fd = -1;
    upload->folder = upload->final = upload->path = fth_buf_max(PATH_LEN_MAX);
    if (fth_sha256_init(&upload->sha, err) || open_file(upload, name, err)) {
        fth_upload_free(upload);
        return err->rc;
    }
    *out = upload;
    return FTH_OK;
}

enum fth_rc fth_upload_write(struct fth_upload *upload, struct fth_str bytes, struct fth_err *err)
{
    if (fth_file_write_all(upload->fd, upload->name, bytes, err))
        return err->rc;
    fth_sha256_add(&upload->sha, bytes.p, bytes.n);
    upload->bytes += (int64_t)bytes.n;
    fth_metrics_count(upload->app->metrics, FTH_COUNT_UPLOAD_BYTES, (int64_t)bytes.n);
    return FTH_OK;
}

enum fth_rc fth_upload_finish(struct fth_upload *upload, struct fth_upload_info *out,
                              struct fth_err *err)
{
    struct fth_upload_info info = {.id = upload->id, .name = upload->name, .bytes = upload->bytes};

    /* It is read back by this process; only a crash could lose it, and a crash drops it anyway. */
    if (close(upload->fd) != 0) {
        upload->fd = -1;
        return fth_err_errno(err, errno, "%s", upload->name);
    }
    upload->fd = -1;
    if (fth_file_rename(upload->folder.p, upload->final.p, err))
        return err->rc;
    upload->finished = true;
    fth_sha256_hex(&upload->sha, info.sha256);
    *out = info;
    return FTH_OK;
}

void fth_upload_free(struct fth_upload *upload)
{
    struct fth_err ignored = {0};

    if (!upload)
        return;
    if (upload->fd >= 0)
        close(upload->fd);
    if (!upload->finished && upload->folder.n > 0 && !upload->folder.failed)
        (void)fth_file_remove(upload->folder.p, &ignored);
    fth_buf_release(&upload->folder);
    fth_buf_release(&upload->final);
    fth_buf_release(&upload->path);
    fth_sha256_release(&upload->sha);
    fth_free(upload->name);
    fth_free(upload);
}

/* The one file in the folder of an upload. */
enum fth_rc fth_upload_path(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                            const char **out, struct fth_err *err)
{
    struct fth_str folder, path = {0};
    struct dirent *entry;
    DIR *dir;

    if (!fth_app_is_id(id))
        return no_upload(id, err);
    if (fth_arena_printf(arena, &folder, err, "%s/tmp/uploads/" FTH_STR_F, app->dir, FTH_STR_A(id)))
        return err->rc;
    dir = opendir(folder.p);
    if (!dir)
        return no_upload(id, err);
    while ((entry = readdir(dir)) && path.n == 0)
        if (entry->d_name[0] != '.')
            (void)fth_arena_printf(arena, &path, err, FTH_STR_F "/%s", FTH_STR_A(folder),
                                   entry->d_name);
    closedir(dir);
    if (err->rc)
        return err->rc;
    if (path.n == 0)
        return no_upload(id, err);
    *out = path.p;
    return FTH_OK;
}

enum fth_rc fth_upload_delete(struct fth_app *app, struct fth_str id, struct fth_err *err)
{
    struct fth_buf folder = fth_buf_max(PATH_LEN_MAX);

    if (!fth_app_is_id(id))
        return no_upload(id, err);
    fth_buf_printf(&folder, "%s/tmp/uploads/" FTH_STR_F "%c", app->dir, FTH_STR_A(id), '\0');
    if (!fth_buf_done(&folder, err)) {
        if (fth_file_is_dir(folder.p))
            (void)fth_file_remove(folder.p, err);
        else
            (void)no_upload(id, err);
    }
    fth_buf_release(&folder);
    return err->rc;
}
