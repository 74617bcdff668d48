#include "app/job_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_int.h"
#include "base/check.h"
#include "base/file.h"
#include "base/vec.h"

enum { NAME_LEN_MAX = 250, PRUNE_ARENA = 1 << 20, PATH_LEN_MAX = 4096 };

struct folder {
    char id[FTH_JOB_ID_LEN + 1];
    int64_t bytes;
};
FTH_VEC(folder_vec, struct folder)

static enum fth_rc no_file(struct fth_str id, struct fth_str name, struct fth_err *err)
{
    fth_err_set(err, FTH_E_NOTFOUND, "job " FTH_STR_F " has no file \"" FTH_STR_F "\"",
                FTH_STR_A(fth_str_sub(id, 0, 64)), FTH_STR_A(fth_str_sub(name, 0, NAME_LEN_MAX)));
    fth_err_hint(err,
                 "Files of jobs are gone after %d later ones, or a later one when they are very "
                 "large, and when the server restarts.",
                 FTH_JOB_FOLDERS);
    return err->rc;
}

/* Letters, digits, '.', '_' and '-', no dot first; one folder may stand in front. */
static bool is_name(struct fth_str name)
{
    bool first = true, good = name.n > 0 && name.n <= NAME_LEN_MAX;
    size_t folders = 0;

    for (size_t i = 0; good && i < name.n; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-';

        if (c == '/')
            good = !first && ++folders == 1;
        else
            good = plain || (c == '.' && !first);
        first = c == '/';
    }
    return good && !first;
}

/* ---- which are there ---- */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct folder *)a)->id, ((const struct folder *)b)->id);
}

/* Of the files in a folder, and of those in folders of it; what cannot be read takes nothing. */
static int64_t bytes_of(int parent, const char *name, bool inner)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int64_t bytes = 0;
    struct stat st;

    if (!dir && fd >= 0)
        close(fd);
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(st.st_mode))
            bytes += st.st_size;
        else if (S_ISDIR(st.st_mode) && !inner)
            bytes += bytes_of(fd, entry->d_name, true);
    }
    if (dir)
        closedir(dir);
    return bytes;
}

static enum fth_rc list_folders(const char *path, struct folder_vec *out, struct fth_err *err)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir)
        return errno == ENOENT ? FTH_OK : fth_err_errno(err, errno, "%s", path);
    while (!err->rc && (entry = readdir(dir)) != NULL) {
        struct folder folder;

        if (!fth_app_is_id(fth_str_c(entry->d_name)))
            continue;
        memcpy(folder.id, entry->d_name, sizeof(folder.id));
        folder.bytes = bytes_of(dirfd(dir), entry->d_name, false);
        folder_vec_push(out, folder, err);
    }
    closedir(dir);
    if (out->nr)
        qsort(out->at, out->nr, sizeof(*out->at), by_id);
    return err->rc;
}

static bool has_ended(struct fth_app *app, struct fth_arena *arena, struct fth_str id)
{
    struct fth_job_info info;
    struct fth_err why = {0};

    if (fth_jobs_get(app->jobs, arena, id, &info, &why))
        return why.rc == FTH_E_NOTFOUND;
    return fth_job_has_ended(info.state);
}

/* Ids are ordered by time. */
static enum fth_rc prune(struct fth_app *app, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(PRUNE_ARENA);
    struct folder_vec folders = folder_vec_in(arena);
    struct fth_str path = {0};
    int64_t bytes = 0;

    if (!arena)
        return fth_err_nomem(err);
    if (!fth_arena_printf(arena, &path, err, "%s/tmp/jobs", app->dir))
        list_folders(path.p, &folders, err);
    for (size_t i = 0; i < folders.nr; i++)
        bytes += folders.at[i].bytes;
    for (size_t i = 0; i < folders.nr && !err->rc; i++) {
        struct fth_arena_mark mark = fth_arena_mark(arena);
        struct fth_str id = fth_str_c(folders.at[i].id);
        bool many = i + FTH_JOB_FOLDERS <= folders.nr;
        bool large = bytes > FTH_JOB_BYTES && i + 1 < folders.nr;

        if ((many || large) && has_ended(app, arena, id) && !fth_job_folder_drop(app, id, err))
            bytes -= folders.at[i].bytes;
        fth_arena_rewind(arena, mark);
    }
    fth_arena_free(arena);
    return err->rc;
}

/* ---- one job's ---- */

enum fth_rc fth_job_folder_make(struct fth_app *app, const struct fth_job *job,
                                struct fth_arena *arena, const char **out, struct fth_err *err)
{
    struct fth_str path = {0};

    if (prune(app, err) || fth_arena_printf(arena, &path, err, "%s/tmp/jobs/" FTH_STR_F, app->dir,
                                            FTH_STR_A(fth_job_id(job))))
        return err->rc;
    if (!fth_file_mkdirs(path.p, err))
        *out = path.p;
    return err->rc;
}

enum fth_rc fth_job_folder_drop(struct fth_app *app, struct fth_str id, struct fth_err *err)
{
    struct fth_buf path = fth_buf_max(PATH_LEN_MAX);

    if (!fth_app_is_id(id))
        return fth_err_set(err, FTH_E_NOTFOUND, "no job " FTH_STR_F,
                           FTH_STR_A(fth_str_sub(id, 0, 64)));
    fth_buf_printf(&path, "%s/tmp/jobs/" FTH_STR_F "%c", app->dir, FTH_STR_A(id), '\0');
    if (!fth_buf_done(&path, err))
        fth_file_remove(path.p, err);
    fth_buf_release(&path);
    return err->rc;
}

enum fth_rc fth_job_file_path(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                              struct fth_str name, const char **out, struct fth_err *err)
{
    struct fth_str path = {0};

    if (!fth_app_is_id(id) || !is_name(name))
        return no_file(id, name, err);
    if (fth_arena_printf(arena, &path, err, "%s/tmp/jobs/" FTH_STR_F "/" FTH_STR_F, app->dir,
                         FTH_STR_A(id), FTH_STR_A(name)))
        return err->rc;
    if (!fth_file_is_file(path.p))
        return no_file(id, name, err);
    *out = path.p;
    return FTH_OK;
}
