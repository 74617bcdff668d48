/* Is the file that the library has written whole? It writes sheets into temporary files without
 * looking whether that went well; the directory at the end of the zip file (APPNOTE 4.3.12, 4.3.16)
 * says how much of them it found there. */
#include <errno.h>
#include <stdio.h>

#include "plan/xlsx_int.h"

enum { END_BYTES = 22, ENTRY_BYTES = 46, DIRECTORY_MAX = 64 * 1024 };

#define END_SIGNATURE UINT32_C(0x06054b50)
#define ENTRY_SIGNATURE UINT32_C(0x02014b50)

static uint32_t u16_at(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32_at(const unsigned char *at)
{
    return u16_at(at) | u16_at(at + 2) << 16;
}

static enum fth_rc damaged(const char *path, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_IO, "%s: the workbook was not written whole", path);
}

static enum fth_rc read_at(FILE *file, const char *path, long offset, int whence,
                           unsigned char *into, size_t n, struct fth_err *err)
{
    if (fseek(file, offset, whence))
        return damaged(path, err);
    return fread(into, 1, n, file) == n ? FTH_OK : damaged(path, err);
}

/* The directory, whose size and place stand in the last bytes: there is no comment behind them. */
static enum fth_rc read_directory(struct fth_arena *arena, FILE *file, const char *path,
                                  const unsigned char **out, size_t *size, struct fth_err *err)
{
    unsigned char end[END_BYTES] = {0}, *directory;

    if (read_at(file, path, -END_BYTES, SEEK_END, end, sizeof(end), err))
        return err->rc;
    *size = u32_at(end + 12);
    if (u32_at(end) != END_SIGNATURE || *size == 0 || *size > DIRECTORY_MAX)
        return damaged(path, err);
    directory = fth_arena_alloc(arena, *size);
    if (!directory)
        return fth_err_nomem(err);
    *out = directory;
    return read_at(file, path, (long)u32_at(end + 16), SEEK_SET, directory, *size, err);
}

/* The size of what `name` was packed from; false when it is not there. */
static bool size_of(const unsigned char *directory, size_t size, struct fth_str name, uint64_t *out)
{
    size_t at = 0;

    while (size - at >= ENTRY_BYTES && u32_at(directory + at) == ENTRY_SIGNATURE) {
        const unsigned char *entry = directory + at;
        size_t name_n = u16_at(entry + 28);
        size_t n = ENTRY_BYTES + name_n + u16_at(entry + 30) + u16_at(entry + 32);

        if (n > size - at)
            return false;
        *out = u32_at(entry + 24);
        if (fth_str_eq((struct fth_str){(const char *)entry + ENTRY_BYTES, name_n}, name))
            return true;
        at += n;
    }
    return false;
}

enum fth_rc fth_xlsx_whole(struct fth_arena *arena, const char *path, struct fth_str name,
                           uint64_t least, struct fth_err *err)
{
    const unsigned char *directory = NULL;
    FILE *file = fopen(path, "rbe");
    uint64_t found = 0;
    size_t size = 0;

    if (!file)
        return fth_err_errno(err, errno, "%s", path);
    if (!read_directory(arena, file, path, &directory, &size, err) &&
        (!directory || !size_of(directory, size, name, &found) || found < least))
        (void)damaged(path, err);
    (void)fclose(file);
    return err->rc;
}
