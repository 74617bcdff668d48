/* One file of an export: packed block by block, hashed as it is on disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pack.h"
#include "focus/export_int.h"

/* Each block is a gzip member of its own, as the format allows. */
enum { BLOCK = 1 << 20, TEXT_MAX = 256 << 20, PACK_MAX = 512 << 20 };

enum fth_rc fth_focus_writer_open(struct fth_focus_writer *writer, const char *path, bool packed,
                                  struct fth_focus_export_file *file, struct fth_err *err)
{
    *writer = (struct fth_focus_writer){.file = file,
                                        .path = path,
                                        .packed = packed,
                                        .ready = fth_buf_max(TEXT_MAX),
                                        .fresh = fth_buf_max(TEXT_MAX)};
    writer->fd = -1;
    if (fth_sha256_init(&writer->sha, err))
        return err->rc;
    writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writer->fd < 0)
        fth_err_errno(err, errno, "%s", path);
    return err->rc;
}

static enum fth_rc pack(struct fth_focus_writer *writer, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(PACK_MAX);
    struct fth_str packed;

    if (!arena)
        return fth_err_nomem(err);
    if (fth_gzip(arena, fth_buf_view(&writer->ready), &packed, err) == FTH_OK &&
        fth_file_write_all(writer->fd, writer->path, packed, err) == FTH_OK) {
        fth_sha256_add(&writer->sha, packed.p, packed.n);
        writer->file->bytes += packed.n;
    }
    fth_arena_free(arena);
    return err->rc;
}

static enum fth_rc write_ready(struct fth_focus_writer *writer, struct fth_err *err)
{
    if (fth_buf_done(&writer->ready, err) || writer->ready.n == 0)
        return err->rc;
    if (writer->packed)
        pack(writer, err);
    else
        fth_file_write_all(writer->fd, writer->path, fth_buf_view(&writer->ready), err);
    fth_buf_clear(&writer->ready);
    return err->rc;
}

/* The last block is never a small one alone, which might not become smaller. */
enum fth_rc fth_focus_writer_more(struct fth_focus_writer *writer, struct fth_err *err)
{
    if (fth_buf_done(&writer->fresh, err) || writer->fresh.n < BLOCK || write_ready(writer, err))
        return err->rc;
    fth_buf_move(&writer->ready, &writer->fresh);
    return FTH_OK;
}

enum fth_rc fth_focus_writer_close(struct fth_focus_writer *writer, struct fth_err *err)
{
    if (writer->fd >= 0 && !err->rc && !fth_buf_done(&writer->fresh, err)) {
        fth_buf_str(&writer->ready, fth_buf_view(&writer->fresh));
        if (write_ready(writer, err) == FTH_OK && writer->packed)
            fth_file_sync(writer->fd, writer->path, err);
        fth_sha256_hex(&writer->sha, writer->file->sha256);
    }
    if (writer->fd >= 0)
        close(writer->fd);
    fth_buf_release(&writer->ready);
    fth_buf_release(&writer->fresh);
    fth_sha256_release(&writer->sha);
    writer->fd = -1;
    return err->rc;
}

enum fth_rc fth_focus_sum_add(struct fth_focus_export_sum *sums, size_t *nr,
                              struct fth_str currency, struct fth_money billed,
                              struct fth_money effective, struct fth_err *err)
{
    size_t i = 0;

    while (i < *nr && !fth_str_eq_c(currency, sums[i].currency))
        i++;
    if (i == *nr) {
        if (i == FTH_FOCUS_EXPORT_CURRENCIES || currency.n >= sizeof(sums[i].currency))
            return fth_err_set(err, FTH_E_LIMIT, "more than %d currencies",
                               FTH_FOCUS_EXPORT_CURRENCIES);
        sums[i] = (struct fth_focus_export_sum){0};
        memcpy(sums[i].currency, currency.p, currency.n);
        (*nr)++;
    }
    sums[i].rows++;
    if (fth_money_add(&sums[i].billed, billed, err))
        return err->rc;
    return fth_money_add(&sums[i].effective, effective, err);
}
