#include "ledger/raw.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/file_copy.h"
#include "base/rand.h"
#include "base/vec.h"

#define SQL "state/raw/"

enum { RUN_ARENA = 256 << 20, SMALL_ARENA = 64 * 1024, ROWS_MAX = 1000000 };

/* Packing makes a bill smaller, never larger by more than this. */
enum { SPARE = 1 << 20 };

FTH_VEC(path_vec, const char *)

struct run {
    const struct fth_raw *raw;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    const char *part; /* where a copy is made before it has its name */
    struct fth_raw_kept done;
};

/* ---- names ---- */

/* "DIR/ab/abcdef….zst". A hash is hexadecimal: the catalogue has no other. */
static enum fth_rc path_of(const struct fth_raw *raw, struct fth_arena *arena, struct fth_str sha,
                           bool packed, const char **out, struct fth_err *err)
{
    struct fth_str path = {0};

    if (!fth_arena_printf(arena, &path, err, "%s/" FTH_STR_F "/" FTH_STR_F "%s", raw->dir,
                          FTH_STR_A(fth_str_sub(sha, 0, 2)), FTH_STR_A(sha), packed ? ".zst" : ""))
        *out = path.p;
    return err->rc;
}

static enum fth_rc name_in(const struct fth_raw *raw, struct fth_arena *arena, const char *name,
                           const char **out, struct fth_err *err)
{
    struct fth_str path = {0};

    if (!fth_arena_printf(arena, &path, err, "%s/%s", raw->dir, name))
        *out = path.p;
    return err->rc;
}

static enum fth_rc make_folder_of(struct run *run, const char *path, struct fth_err *err)
{
    struct fth_str folder = fth_str_c(path);

    if (fth_arena_str(run->arena, fth_str_sub(folder, 0, fth_str_rfind(folder, '/')), &folder, err))
        return err->rc;
    return fth_file_mkdirs(folder.p, err);
}

/* ---- rows ---- */

static enum fth_rc put(const struct run *run, const char *sha, const char *state, bool packed,
                       int64_t bytes, struct fth_str why, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_C(sha),
                             FTH_VAL_C(state),
                             FTH_VAL_BOOL(packed),
                             FTH_VAL_I64(bytes),
                             FTH_VAL_I64(fth_clock_now_us(run->raw->clock)),
                             FTH_VAL_STR(why)};

    return fth_db_exec(run->raw->db, SQL "put", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc miss(struct run *run, struct fth_str sha, const char *path, const char *why,
                        struct fth_err *err)
{
    const struct fth_log_field fields[] = {FTH_LF_C("file", path), FTH_LF_C("why", why)};

    fth_log_write(run->raw->log, FTH_LOG_WARN, "raw", NULL, "a delivered file was not kept", fields,
                  FTH_NR(fields));
    run->done.missed++;
    return put(run, sha.p, "missed", false, 0, fth_str_c(why), err);
}

/* The file at `from` becomes the kept one; its row is what counts. */
static enum fth_rc settle(struct run *run, const char *from, const struct fth_file_digest *copied,
                          struct fth_err *err)
{
    const char *path = NULL;

    fth_fault_moment("raw-copied");
    if (path_of(run->raw, run->arena, fth_str_c(copied->sha256), copied->zstd, &path, err) ||
        make_folder_of(run, path, err) || fth_file_settle(from, path, err))
        return err->rc;
    fth_fault_moment("raw-settled");
    if (put(run, copied->sha256, "kept", copied->zstd, copied->stored, FTH_STR(""), err))
        return err->rc;
    run->done.files++;
    run->done.bytes += copied->stored;
    return FTH_OK;
}

/* In place of what an earlier copy has left there. */
static enum fth_rc pack(struct run *run, const char *path, struct fth_file_digest *copied,
                        struct fth_err *err)
{
    if (fth_file_remove(run->part, err))
        return err->rc;
    return fth_file_pack(path, run->part, run->cancel, copied, err);
}

/* ---- files that stay where they were delivered ---- */

static enum fth_rc copy_one(struct run *run, struct fth_str sha, const char *path, int64_t bytes,
                            struct fth_err *err)
{
    struct fth_file_digest copied = {0};

    if (path[0] != '/')
        return miss(run, sha, path, "it was uploaded, and is gone", err);
    if (!fth_file_is_file(path))
        return miss(run, sha, path, "it was no longer there", err);
    if (access(path, R_OK) != 0)
        return miss(run, sha, path, "it could no longer be read", err);
    if (fth_disk_room(run->raw->dir, bytes + SPARE, err) || pack(run, path, &copied, err))
        return err->rc;
    if (fth_str_eq_c(sha, copied.sha256))
        return settle(run, run->part, &copied, err);
    unlink(run->part);
    return miss(run, sha, path, "it had been changed since", err);
}

/* One file that cannot be kept now does not keep the others from it; the first reason counts. */
static void note(struct fth_err *first, struct fth_err *why)
{
    if (!first->rc)
        *first = *why;
    fth_err_clear(why);
}

static enum fth_rc copy_waiting(struct run *run, int64_t since_us, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(since_us);
    struct fth_err first = {0}, why = {0};
    struct fth_table table = {0};

    if (fth_db_read(run->raw->db, SQL "waiting", &val, 1, run->arena, ROWS_MAX, &table, err))
        return err->rc;
    for (size_t i = 0; i < table.row_nr && !fth_cancel_check(run->cancel, &why); i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);
        struct fth_str path = {0};

        if (!fth_arena_str(run->arena, row[1].text, &path, &why))
            (void)copy_one(run, row[0].text, path.p, row[2].i64, &why);
        note(&first, &why);
    }
    note(&first, &why);
    *err = first;
    return err->rc;
}

/* ---- uploads ---- */

enum fth_rc fth_raw_take(const struct fth_raw *raw, const char *path, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SMALL_ARENA);
    char name[sizeof("incoming/") + 36];
    const char *folder = NULL, *to = NULL;

    if (!arena)
        return fth_err_nomem(err);
    memcpy(name, "incoming/", sizeof("incoming/"));
    fth_rand_uuid7(fth_clock_now_us(raw->clock), name + strlen(name));
    if (!name_in(raw, arena, "incoming", &folder, err) && !fth_file_mkdirs(folder, err) &&
        !name_in(raw, arena, name, &to, err))
        (void)fth_file_settle(path, to, err);
    fth_arena_free(arena);
    return err->rc;
}

static enum fth_rc is_delivered(struct run *run, const char *sha, bool *out, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_C(sha);
    struct fth_table table = {0};

    if (!fth_db_read(run->raw->db, SQL "delivered", &val, 1, run->arena, 1, &table, err))
        *out = table.row_nr > 0;
    return err->rc;
}

/* What is packed already only moves; anything else is packed beside it. */
static enum fth_rc take_in(struct run *run, const char *path, struct fth_err *err)
{
    struct fth_file_digest seen = {0}, copied = {0};
    bool delivered = false;

    if (fth_file_copy(path, NULL, run->cancel, &seen, err) ||
        is_delivered(run, seen.sha256, &delivered, err))
        return err->rc;
    if (delivered && seen.packed) {
        seen.stored = seen.bytes;
        return settle(run, path, &seen, err);
    }
    if (delivered && (fth_disk_room(run->raw->dir, seen.bytes + SPARE, err) ||
                      pack(run, path, &copied, err) || settle(run, run->part, &copied, err)))
        return err->rc;
    return fth_file_remove(path, err);
}

static enum fth_rc list_incoming(struct run *run, struct path_vec *out, struct fth_err *err)
{
    const struct dirent *entry;
    const char *folder = "";
    DIR *list;

    if (name_in(run->raw, run->arena, "incoming", &folder, err))
        return err->rc;
    list = opendir(folder);
    while (list && !err->rc && (entry = readdir(list))) {
        struct fth_str path = {0};

        if (entry->d_name[0] != '.' &&
            !fth_arena_printf(run->arena, &path, err, "%s/%s", folder, entry->d_name))
            path_vec_push(out, path.p, err);
    }
    if (list)
        closedir(list);
    return err->rc;
}

static enum fth_rc take_incoming(struct run *run, struct fth_err *err)
{
    struct path_vec paths = path_vec_in(run->arena);
    struct fth_err first = {0}, why = {0};

    if (list_incoming(run, &paths, err))
        return err->rc;
    for (size_t i = 0; i < paths.nr && !fth_cancel_check(run->cancel, &why); i++) {
        (void)(run->raw->keep ? take_in(run, paths.at[i], &why)
                              : fth_file_remove(paths.at[i], &why));
        note(&first, &why);
    }
    note(&first, &why);
    *err = first;
    return err->rc;
}

/* ---- those whose time is over ---- */

/* The file goes first: a row without one is told from a file that is kept, a file without one is
 * not. */
static enum fth_rc sweep(struct run *run, int64_t before_us, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(before_us);
    struct fth_table table = {0};

    if (fth_db_read(run->raw->db, SQL "old", &val, 1, run->arena, ROWS_MAX, &table, err))
        return err->rc;
    for (size_t i = 0; i < table.row_nr && !fth_cancel_check(run->cancel, err); i++) {
        const struct fth_val *row = fth_table_val(&table, i, 0);
        const char *path = NULL;
        struct fth_str sha = {0};

        if (fth_arena_str(run->arena, row[0].text, &sha, err) ||
            path_of(run->raw, run->arena, sha, row[1].i64 != 0, &path, err) ||
            fth_file_remove(path, err) || put(run, sha.p, "swept", false, 0, FTH_STR(""), err))
            return err->rc;
        run->done.swept++;
        run->done.swept_bytes += row[2].i64;
    }
    return err->rc;
}

enum fth_rc fth_raw_keep(const struct fth_raw *raw, struct fth_cancel *cancel,
                         struct fth_raw_kept *out, struct fth_err *err)
{
    struct run run = {.raw = raw, .cancel = cancel, .arena = fth_arena_new(RUN_ARENA), .part = ""};
    int64_t since = raw->keep_us ? fth_clock_now_us(raw->clock) - raw->keep_us : INT64_MIN;
    struct fth_err why = {0};

    if (!run.arena)
        return fth_err_nomem(err);
    /* What has had its time goes first: it makes room. What a run that was killed had begun is
     * begun again. */
    if (!fth_file_mkdirs(raw->dir, err) && !name_in(raw, run.arena, "part", &run.part, err) &&
        !fth_file_remove(run.part, err) && !(raw->keep_us && sweep(&run, since, err))) {
        (void)take_incoming(&run, err);
        if (raw->keep && err->rc != FTH_E_CANCELLED && copy_waiting(&run, since, &why) && !err->rc)
            *err = why;
    }
    if (err->rc)
        fth_err_prefix(err, "raw files");
    fth_arena_free(run.arena);
    *out = run.done;
    return err->rc;
}

/* ---- finding ---- */

static enum fth_raw_state state_of(struct fth_str text)
{
    if (fth_str_eq_c(text, "kept"))
        return FTH_RAW_KEPT;
    return fth_str_eq_c(text, "missed") ? FTH_RAW_MISSED : FTH_RAW_SWEPT;
}

enum fth_rc fth_raw_find(const struct fth_raw *raw, struct fth_arena *arena, struct fth_str sha256,
                         struct fth_raw_file *out, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_STR(sha256);
    struct fth_raw_file found = {.state = FTH_RAW_WAITING};
    struct fth_table table = {0};

    if (fth_db_read(raw->db, SQL "one", &val, 1, arena, 1, &table, err))
        return err->rc;
    if (table.row_nr) {
        found = (struct fth_raw_file){
            .state = state_of(table.at[0].text), .at_us = table.at[3].i64, .why = table.at[4].text};
        if (path_of(raw, arena, sha256, table.at[1].i64 != 0, &found.path, err))
            return err->rc;
        if (found.state == FTH_RAW_KEPT && !fth_file_is_file(found.path))
            found.state = FTH_RAW_SWEPT;
    }
    *out = found;
    return FTH_OK;
}
