/*
 * folder: the folder that an export goes to.
 *
 * Files are written under names of their own (fth_focus_folder_add()) and get their real ones all
 * together (fth_focus_folder_publish()), or none does: an earlier export that they replace is then
 * as it was. Of the earlier export only the files that its manifest names go; whatever else is in
 * the folder stays, and a file that would have to give its name refuses the export.
 *
 * Layout: focus-*.csv.gz or focus-*.parquet, and metadata/ with focus-schema.json,
 * focus-data-generator.json and the manifest, focus-export.json.
 *
 * Thread rule: one thread at a time.
 */
#ifndef FTH_FOCUS_FOLDER_H
#define FTH_FOCUS_FOLDER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

#define FTH_FOCUS_MANIFEST "metadata/focus-export.json"

struct fth_focus_folder;

/* Makes `dir` when it is missing. FTH_E_CONFLICT when it has an export and not `force`, or one of
 * which the manifest cannot be read. Lives in `arena`; to be closed. */
enum fth_rc fth_focus_folder_open(struct fth_arena *arena, const char *dir, bool force,
                                  struct fth_focus_folder **out, struct fth_err *err);

/* Is this the name, below the folder, of a file that an export may have? */
bool fth_focus_folder_allows(struct fth_str name);

/* Where to write the file that will be `name`, and its number. FTH_E_CONFLICT when a file of that
 * name is there which is not the earlier export's; FTH_E_INVALID for a name that is not allowed. */
enum fth_rc fth_focus_folder_add(struct fth_focus_folder *folder, struct fth_str name,
                                 const char **path, size_t *number, struct fth_err *err);
/* It is not to be, after all. */
void fth_focus_folder_drop(struct fth_focus_folder *folder, size_t number);

/* All files are on the disk. FTH_E_IO: nothing has changed, unless the message says so. */
enum fth_rc fth_focus_folder_publish(struct fth_focus_folder *folder, struct fth_err *err);

/* Removes what was not published, and the folder if it was made for nothing. NULL is allowed. */
void fth_focus_folder_close(struct fth_focus_folder *folder);

#endif
