#include "import/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 64, FILE_MAX = 1000000 };

FTH_VEC(name_vec, struct fth_str)

static int by_text(const void *a, const void *b)
{
    const struct fth_str *x = a, *y = b;

    return fth_str_cmp(*x, *y);
}

static bool ends(struct fth_str name, const char *ending)
{
    struct fth_str tail = fth_str_c(ending);

    return name.n > tail.n && fth_str_caseeq(fth_str_sub(name, name.n - tail.n, tail.n), tail);
}

/* What a name in a folder promises; false: nothing for us. */
static bool kind_of(struct fth_str name, enum fth_walk_kind *out)
{
    static const char *const data[] = {".csv", ".gz", ".zst", ".parquet", ".jsonl", ".ndjson"};

    for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++)
        if (ends(name, data[i])) {
            *out = FTH_WALK_DATA;
            return true;
        }
    *out = FTH_WALK_JSON;
    return ends(name, ".json");
}

static enum fth_rc read_names(const char *path, struct name_vec *out, struct fth_err *err)
{
    DIR *dir = opendir(path);
    enum fth_rc rc = FTH_OK;

    if (!dir)
        return fth_err_errno(err, errno, "%s", path);
    while (!rc) {
        const struct dirent *entry;
        struct fth_str name;

        errno = 0;
        entry = readdir(dir);
        if (!entry) {
            if (errno)
                rc = fth_err_errno(err, errno, "%s", path);
            break;
        }
        if (entry->d_name[0] == '.' || entry->d_name[0] == '_')
            continue;
        rc = fth_arena_printf(out->arena, &name, err, "%s/%s", path, entry->d_name);
        if (!rc)
            rc = name_vec_push(out, name, err);
    }
    closedir(dir);
    if (!rc && out->nr)
        qsort(out->at, out->nr, sizeof(*out->at), by_text);
    return rc;
}

static enum fth_rc add(struct fth_str path, enum fth_walk_kind kind, bool named,
                       struct fth_walk_vec *out, struct fth_err *err)
{
    if (out->nr >= FILE_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "more than %d files", FILE_MAX);
    return fth_walk_vec_push(out, (struct fth_walk_file){path, kind, named}, err);
}

static enum fth_rc walk_dir(struct fth_str path, unsigned depth, struct fth_cancel *cancel,
                            struct fth_walk_vec *out, struct fth_err *err)
{
    struct name_vec names = name_vec_in(out->arena);
    enum fth_rc rc = fth_cancel_check(cancel, err);

    if (!rc && depth > DEPTH_MAX)
        rc = fth_err_set(err, FTH_E_LIMIT, FTH_STR_F ": folders more than %d deep", FTH_STR_A(path),
                         DEPTH_MAX);
    if (!rc)
        rc = read_names(path.p, &names, err);
    for (size_t i = 0; i < names.nr && !rc; i++) {
        struct fth_str name = names.at[i];
        enum fth_walk_kind kind;
        struct stat st;

        /* A link to a folder may lead back up; a link to a file is a file. */
        if (lstat(name.p, &st))
            continue;
        if (S_ISDIR(st.st_mode))
            rc = walk_dir(name, depth + 1, cancel, out, err);
        else if (kind_of(name, &kind) && !stat(name.p, &st) && S_ISREG(st.st_mode))
            rc = add(name, kind, false, out, err);
    }
    return rc;
}

enum fth_rc fth_walk(const char *path, struct fth_cancel *cancel, struct fth_walk_vec *out,
                     struct fth_err *err)
{
    struct fth_str name = fth_str_c(path), copy;
    enum fth_walk_kind kind;
    struct stat st;
    enum fth_rc rc;

    while (name.n > 1 && name.p[name.n - 1] == '/')
        name.n--;
    rc = fth_arena_str(out->arena, name, &copy, err);
    if (rc)
        return rc;
    if (stat(copy.p, &st))
        return fth_err_errno(err, errno, "%s", path);
    if (S_ISDIR(st.st_mode))
        return walk_dir(copy, 0, cancel, out, err);
    if (!kind_of(copy, &kind))
        kind = FTH_WALK_DATA;
    return add(copy, kind, true, out, err);
}
