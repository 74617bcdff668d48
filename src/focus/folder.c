#include "focus/folder.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/vec.h"

enum { MANIFEST_MAX = 256 << 20 };

static const char *const metadata[] = {"metadata/focus-schema.json",
                                       "metadata/focus-data-generator.json", FTH_FOCUS_MANIFEST};

/* One name in the folder. */
struct entry {
    const char *path;  /* with the folder */
    const char *fresh; /* what is to get this name; NULL: nothing, the earlier file only goes */
    const char *aside; /* where the earlier file is kept meanwhile */
    bool kept, placed; /* how far it has come */
};
FTH_VEC(entry_vec, struct entry)

struct fth_focus_folder {
    struct fth_arena *arena;
    const char *dir, *metadata;
    struct entry_vec entries;
    struct fth_str *earlier; /* names of the export that is there */
    size_t earlier_nr;
    bool made, made_metadata, published;
};

/* ---- names ---- */

static bool is_data(struct fth_str name)
{
    return fth_str_starts(name, FTH_STR("focus-")) && fth_str_find(name, '/') == SIZE_MAX &&
           (fth_str_ends(name, FTH_STR(".csv.gz")) || fth_str_ends(name, FTH_STR(".parquet")));
}

bool fth_focus_folder_allows(struct fth_str name)
{
    for (size_t i = 0; i < FTH_NR(metadata); i++)
        if (fth_str_eq_c(name, metadata[i]))
            return true;
    return is_data(name);
}

static bool is_earlier(const struct fth_focus_folder *folder, struct fth_str name)
{
    for (size_t i = 0; i < folder->earlier_nr; i++)
        if (fth_str_eq(folder->earlier[i], name))
            return true;
    return false;
}

/* Is there a file, a folder or a link of that name? */
static bool is_there(const char *path)
{
    struct stat st;

    return path && lstat(path, &st) == 0;
}

static enum fth_rc below(const struct fth_focus_folder *folder, const char *name, const char **out,
                         struct fth_err *err)
{
    struct fth_str path = {0};

    if (!fth_arena_printf(folder->arena, &path, err, "%s/%s", folder->dir, name))
        *out = path.p;
    return err->rc;
}

/* ---- what is there ---- */

static enum fth_rc unreadable(const struct fth_focus_folder *folder, struct fth_err *err)
{
    fth_err_set(err, FTH_E_CONFLICT,
                "%s/" FTH_FOCUS_MANIFEST " cannot be read: which files are the earlier export's "
                "is not known",
                folder->dir);
    fth_err_hint(err, "Choose another folder, or clear this one.");
    return err->rc;
}

/* The files that the manifest names, and the three beside them. */
static enum fth_rc read_earlier(struct fth_focus_folder *folder, const char *path,
                                struct fth_err *err)
{
    const struct fth_json_limits limits = {.max_len = MANIFEST_MAX};
    const struct fth_json *manifest, *files;
    struct fth_err why = {0};
    struct fth_str text;

    if (fth_file_read(folder->arena, path, MANIFEST_MAX, &text, &why) ||
        fth_json_parse(folder->arena, text, &limits, &manifest, &why)) {
        if (why.rc != FTH_E_NOMEM)
            return unreadable(folder, err);
        *err = why;
        return err->rc;
    }
    files = fth_json_get(manifest, "files");
    if (!fth_json_is(files, FTH_JSON_ARRAY))
        return unreadable(folder, err);
    folder->earlier = FTH_NEW_ARRAY(folder->arena, struct fth_str, files->nr + FTH_NR(metadata));
    if (!folder->earlier)
        return fth_err_nomem(err);
    for (size_t i = 0; i < files->nr; i++) {
        struct fth_str name = fth_json_str(&files->items[i], "name", FTH_STR(""));

        if (!is_data(name))
            return unreadable(folder, err);
        folder->earlier[folder->earlier_nr++] = name;
    }
    for (size_t i = 0; i < FTH_NR(metadata); i++)
        folder->earlier[folder->earlier_nr++] = fth_str_c(metadata[i]);
    return FTH_OK;
}

static enum fth_rc refuse(const struct fth_focus_folder *folder, const char *name,
                          struct fth_err *err)
{
    fth_err_set(err, FTH_E_CONFLICT, "%s: an export is there: %s", folder->dir, name);
    fth_err_hint(err, "Choose another folder, or replace it with --force.");
    return err->rc;
}

static enum fth_rc refuse_data(const struct fth_focus_folder *folder, struct fth_err *err)
{
    DIR *dir = opendir(folder->dir);
    const struct dirent *entry;

    if (!dir)
        return fth_err_errno(err, errno, "%s", folder->dir);
    while (!err->rc && (entry = readdir(dir)) != NULL)
        if (is_data(fth_str_c(entry->d_name)))
            refuse(folder, entry->d_name, err);
    closedir(dir);
    return err->rc;
}

static enum fth_rc look(struct fth_focus_folder *folder, bool force, struct fth_err *err)
{
    const char *manifest = NULL;

    if (below(folder, FTH_FOCUS_MANIFEST, &manifest, err))
        return err->rc;
    if (!force)
        return is_there(manifest) ? refuse(folder, FTH_FOCUS_MANIFEST, err)
                                  : refuse_data(folder, err);
    return is_there(manifest) ? read_earlier(folder, manifest, err) : FTH_OK;
}

enum fth_rc fth_focus_folder_open(struct fth_arena *arena, const char *dir, bool force,
                                  struct fth_focus_folder **out, struct fth_err *err)
{
    struct fth_focus_folder *folder = FTH_NEW(arena, struct fth_focus_folder);

    if (!folder)
        return fth_err_nomem(err);
    *folder = (struct fth_focus_folder){.arena = arena, .dir = dir, .entries = entry_vec_in(arena)};
    folder->made = !fth_file_is_dir(dir);
    if (below(folder, "metadata", &folder->metadata, err))
        return err->rc;
    if (fth_file_mkdirs(dir, err) || look(folder, force, err)) {
        fth_focus_folder_close(folder);
        return err->rc;
    }
    *out = folder;
    return FTH_OK;
}

/* ---- what is to be ---- */

enum fth_rc fth_focus_folder_add(struct fth_focus_folder *folder, struct fth_str name,
                                 const char **path, size_t *number, struct fth_err *err)
{
    struct fth_str base = fth_str_sub(name, fth_str_rfind(name, '/') + 1, SIZE_MAX);
    struct fth_str real = {0}, fresh = {0}, aside = {0};

    if (!fth_focus_folder_allows(name))
        return fth_err_set(err, FTH_E_INVALID, "\"" FTH_STR_F "\" is no file of an export",
                           FTH_STR_A(name));
    if (fth_arena_printf(folder->arena, &real, err, "%s/" FTH_STR_F, folder->dir,
                         FTH_STR_A(name)) ||
        fth_arena_printf(folder->arena, &fresh, err, "%s/." FTH_STR_F ".part", folder->dir,
                         FTH_STR_A(base)) ||
        fth_arena_printf(folder->arena, &aside, err, "%s/." FTH_STR_F ".old", folder->dir,
                         FTH_STR_A(base)))
        return err->rc;
    if (is_there(real.p) && !is_earlier(folder, name)) {
        fth_err_set(err, FTH_E_CONFLICT, "%s is there and is no file of an earlier export", real.p);
        fth_err_hint(err, "Move it away, or choose another folder.");
        return err->rc;
    }
    unlink(fresh.p); /* of an export that was killed */
    *number = folder->entries.nr;
    *path = fresh.p;
    return entry_vec_push(&folder->entries,
                          (struct entry){.path = real.p, .fresh = fresh.p, .aside = aside.p}, err);
}

void fth_focus_folder_drop(struct fth_focus_folder *folder, size_t number)
{
    FTH_CHECK(number < folder->entries.nr);
    unlink(folder->entries.at[number].fresh);
    folder->entries.at[number].fresh = NULL;
}

/* ---- the change ---- */

/* Files of the earlier export that no new one takes the name of go, too. */
static enum fth_rc add_leavers(struct fth_focus_folder *folder, struct fth_err *err)
{
    size_t nr = folder->entries.nr;

    for (size_t i = 0; i < folder->earlier_nr; i++) {
        struct fth_str name = folder->earlier[i];
        struct fth_str base = fth_str_sub(name, fth_str_rfind(name, '/') + 1, SIZE_MAX);
        struct fth_str real = {0}, aside = {0};
        bool taken = false;

        if (fth_arena_printf(folder->arena, &real, err, "%s/" FTH_STR_F, folder->dir,
                             FTH_STR_A(name)) ||
            fth_arena_printf(folder->arena, &aside, err, "%s/." FTH_STR_F ".old", folder->dir,
                             FTH_STR_A(base)))
            return err->rc;
        for (size_t k = 0; k < nr && !taken; k++)
            taken = strcmp(folder->entries.at[k].path, real.p) == 0;
        if (!taken &&
            entry_vec_push(&folder->entries, (struct entry){.path = real.p, .aside = aside.p}, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc change(struct entry *entry, struct fth_err *err)
{
    if (is_there(entry->path)) {
        if (fth_file_rename(entry->path, entry->aside, err))
            return err->rc;
        entry->kept = true;
    }
    if (entry->fresh && fth_file_rename(entry->fresh, entry->path, err))
        return err->rc;
    entry->placed = entry->fresh != NULL;
    return FTH_OK;
}

/* As it was. What cannot be put back is told with the reason why it had to be. */
static void change_back(const struct fth_focus_folder *folder, struct fth_err *err)
{
    for (size_t i = folder->entries.nr; i-- > 0;) {
        struct entry *entry = &folder->entries.at[i];
        struct fth_err trouble = {0};

        if (entry->placed)
            fth_file_rename(entry->path, entry->fresh, &trouble);
        if (entry->kept && !trouble.rc)
            fth_file_rename(entry->aside, entry->path, &trouble);
        if (trouble.rc)
            fth_err_hint(err, "%s of the earlier export is kept as %s.", entry->path, entry->aside);
        entry->placed = entry->kept = false;
    }
}

/* Space of the earlier files is given back last, when nothing can fail any more that matters. */
static enum fth_rc forget_earlier(const struct fth_focus_folder *folder, struct fth_err *err)
{
    for (size_t i = 0; i < folder->entries.nr; i++) {
        const struct entry *entry = &folder->entries.at[i];

        if (entry->kept && unlink(entry->aside) != 0 && errno != ENOENT) {
            fth_err_errno(err, errno, "%s", entry->aside);
            fth_err_hint(err, "The new export is whole; that file is of the earlier one.");
        }
    }
    return err->rc;
}

enum fth_rc fth_focus_folder_publish(struct fth_focus_folder *folder, struct fth_err *err)
{
    folder->made_metadata = !fth_file_is_dir(folder->metadata);
    if (fth_file_mkdirs(folder->metadata, err) || add_leavers(folder, err))
        return err->rc;
    for (size_t i = 0; i < folder->entries.nr && !err->rc; i++)
        change(&folder->entries.at[i], err);
    if (!err->rc && !fth_file_sync_folder(folder->metadata, err))
        fth_file_sync_folder(folder->dir, err);
    if (err->rc) {
        change_back(folder, err);
        return err->rc;
    }
    folder->published = true;
    return forget_earlier(folder, err);
}

void fth_focus_folder_close(struct fth_focus_folder *folder)
{
    if (!folder || folder->published)
        return;
    for (size_t i = 0; i < folder->entries.nr; i++)
        if (folder->entries.at[i].fresh)
            unlink(folder->entries.at[i].fresh);
    if (folder->made_metadata)
        rmdir(folder->metadata);
    if (folder->made)
        rmdir(folder->dir);
}
