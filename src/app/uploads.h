/*
 * uploads: files that came over the wire, on disk until an import has read them.
 *
 * A file is written to DIR/tmp/uploads/ID/NAME as it comes in and hashed on the way; it is never in
 * memory whole. What was begun and not finished is removed; what was finished stays until it is
 * deleted, imported, or the directory is opened again.
 *
 * Thread rule: an upload that is being written belongs to one thread at a time.
 */
#ifndef FTH_UPLOADS_H
#define FTH_UPLOADS_H

#include "app/app.h"
#include "base/arena.h"
#include "base/sha256.h"

enum { FTH_UPLOAD_ID_LEN = 36 };

struct fth_upload;

struct fth_upload_info {
    const char *id;
    const char *name;
    int64_t bytes;
    char sha256[FTH_SHA256_HEX];
};

/* `name` is a file's name without folders. FTH_E_INVALID when it is none, FTH_E_IO, FTH_E_NOMEM. */
enum fth_rc fth_upload_begin(struct fth_app *app, struct fth_str name, struct fth_upload **out,
                             struct fth_err *err);
enum fth_rc fth_upload_write(struct fth_upload *upload, struct fth_str bytes, struct fth_err *err);
/* Everything is on disk. The texts live as long as the upload. */
enum fth_rc fth_upload_finish(struct fth_upload *upload, struct fth_upload_info *out,
                              struct fth_err *err);
/* Gives it back; one that was not finished is removed. NULL is allowed. */
void fth_upload_free(struct fth_upload *upload);

/* The path of a finished upload. FTH_E_NOTFOUND. */
enum fth_rc fth_upload_path(struct fth_app *app, struct fth_arena *arena, struct fth_str id,
                            const char **out, struct fth_err *err);
enum fth_rc fth_upload_delete(struct fth_app *app, struct fth_str id, struct fth_err *err);

#endif
