#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

static enum fth_rc read_fd(struct fth_arena *arena, int fd, const char *path, size_t max_len,
                           struct fth_str *out, struct fth_err *err)
{
    struct stat st;
    size_t n = 0;
    char *text;

    if (fstat(fd, &st) != 0)
        return fth_err_errno(err, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return fth_err_set(err, FTH_E_INVALID, "%s: not a regular file", path);
    if ((uint64_t)st.st_size > max_len)
        return fth_err_set(err, FTH_E_LIMIT, "%s: larger than %zu bytes", path, max_len);
    text = fth_arena_alloc(arena, (size_t)st.st_size + 1);
    if (!text)
        return fth_err_nomem(err);
    while (n < (size_t)st.st_size) {
        ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fth_err_errno(err, errno, "%s", path);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *out = (struct fth_str){text, n};
    return FTH_OK;
}

enum fth_rc fth_file_read(struct fth_arena *arena, const char *path, size_t max_len,
                          struct fth_str *out, struct fth_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum fth_rc rc;

    if (fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    rc = read_fd(arena, fd, path, max_len, out, err);
    close(fd);
    return rc;
}

/* The next call fails as a full or broken disk would. */
static bool made_to_fail(void)
{
    bool hit = fth_fault_hit(FTH_FAULT_WRITE);

    if (hit)
        errno = ENOSPC;
    return hit;
}

enum fth_rc fth_file_write_all(int fd, const char *name, struct fth_str text, struct fth_err *err)
{
    while (text.n) {
        ssize_t put = made_to_fail() ? -1 : write(fd, text.p, text.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fth_err_errno(err, errno, "%s", name);
        text = fth_str_sub(text, (size_t)put, text.n);
    }
    return FTH_OK;
}

enum fth_rc fth_file_sync(int fd, const char *name, struct fth_err *err)
{
    if (made_to_fail() || fsync(fd) != 0)
        return fth_err_errno(err, errno, "%s", name);
    return FTH_OK;
}

enum fth_rc fth_file_sync_folder(const char *folder, struct fth_err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return fth_err_errno(err, errno, "%s", folder);
    fth_file_sync(fd, folder, err);
    close(fd);
    return err->rc;
}

enum fth_rc fth_file_rename(const char *from, const char *to, struct fth_err *err)
{
    if (made_to_fail() || rename(from, to) != 0)
        return fth_err_errno(err, errno, "%s", to);
    return FTH_OK;
}

static enum fth_rc sync_above(const char *path, struct fth_err *err)
{
    char folder[PATH_MAX];
    char *slash;

    snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    if (!slash)
        memcpy(folder, ".", 2);
    else
        slash[slash == folder] = '\0';
    return fth_file_sync_folder(folder, err);
}

enum fth_rc fth_file_write(const char *path, struct fth_str text, struct fth_err *err)
{
    char temp[PATH_MAX];
    int fd, n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);

    if (n < 0 || (size_t)n >= sizeof(temp))
        return fth_err_set(err, FTH_E_LIMIT, "%s: path too long", path);
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    if (fth_file_write_all(fd, path, text, err) == FTH_OK)
        fth_file_sync(fd, path, err);
    close(fd);
    if (!err->rc)
        fth_file_rename(temp, path, err);
    if (err->rc) {
        unlink(temp);
        return err->rc;
    }
    return sync_above(path, err);
}

enum fth_rc fth_file_settle(const char *from, const char *to, struct fth_err *err)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fth_err_errno(err, errno, "%s", from);
    fth_file_sync(fd, from, err);
    close(fd);
    if (err->rc || fth_file_rename(from, to, err))
        return err->rc;
    return sync_above(to, err);
}

enum fth_rc fth_file_mkdirs(const char *path, struct fth_err *err)
{
    char part[PATH_MAX];
    size_t n = strlen(path);

    if (n == 0 || n >= sizeof(part))
        return fth_err_set(err, FTH_E_LIMIT, "%s: path empty or too long", path);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (fth_file_is_dir(part))
            continue;
        if (made_to_fail() || (mkdir(part, 0700) != 0 && errno != EEXIST))
            return fth_err_errno(err, errno, "%s", part);
    }
    if (!fth_file_is_dir(path))
        return fth_err_set(err, FTH_E_CONFLICT, "%s: not a folder", path);
    return FTH_OK;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

enum fth_rc fth_file_remove(const char *path, struct fth_err *err)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return fth_err_errno(err, errno, "%s", path);
    return FTH_OK;
}

bool fth_file_is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool fth_file_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
