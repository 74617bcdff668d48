/*
 * file: whole small files, safe writes, folders. Big files are streamed (base/unpack.h).
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_FILE_H
#define FTH_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Reads all of `path`, a zero byte behind it. FTH_E_LIMIT when it has more than `max_len` bytes,
 * before reading; else what the system says (FTH_E_NOTFOUND, FTH_E_DENIED, FTH_E_IO). */
enum fth_rc fth_file_read(struct fth_arena *arena, const char *path, size_t max_len,
                          struct fth_str *out, struct fth_err *err);

/* Writes `text` to `path` so that a crash leaves the old file or the new one, never a mixture:
 * temporary file beside it, fsync, rename, fsync of the folder. */
enum fth_rc fth_file_write(const char *path, struct fth_str text, struct fth_err *err);

/* Gives a finished file its name: fsync, rename over what is there, fsync of the folder. */
enum fth_rc fth_file_settle(const char *from, const char *to, struct fth_err *err);

/* Makes `path` and the folders above it (mode 0700); one that exists is fine. */
enum fth_rc fth_file_mkdirs(const char *path, struct fth_err *err);

/* Removes a file, or a folder with all it holds; nothing there is fine. Does not follow links. */
enum fth_rc fth_file_remove(const char *path, struct fth_err *err);

/* Writes all bytes to an open descriptor, resuming after interruptions. */
enum fth_rc fth_file_write_all(int fd, const char *name, struct fth_str text, struct fth_err *err);

/* What was written to an open descriptor is on the disk; so are the names in a folder. */
enum fth_rc fth_file_sync(int fd, const char *name, struct fth_err *err);
enum fth_rc fth_file_sync_folder(const char *folder, struct fth_err *err);

/* `to` becomes the name of `from`; a file that is there goes. */
enum fth_rc fth_file_rename(const char *from, const char *to, struct fth_err *err);

/* Is there a regular file, a folder? Links are followed. */
bool fth_file_is_file(const char *path);
bool fth_file_is_dir(const char *path);

#endif
