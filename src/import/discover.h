/*
 * discover: which files under some paths make up which deliveries.
 *
 * Folders are walked. Where a manifest stands, only the files that it names count: others beside
 * them are left-overs of older runs (orphans) or of one that is not finished, and each is named in
 * a note. Of several runs for one report and period the top manifest rules; else the newest by the
 * time in their names. Files that no manifest governs are loose, one bundle each.
 *
 * Thread rule: pure but for the arena and the file system.
 */
#ifndef FTH_IMPORT_DISCOVER_H
#define FTH_IMPORT_DISCOVER_H

#include "base/thread.h"
#include "import/manifest.h"

struct fth_bundle {
    bool loose;
    bool named;                   /* a loose file that was given itself, not found in a folder */
    struct fth_str path;          /* the manifest, or the file */
    struct fth_manifest manifest; /* not when loose */
    const char *const *files;     /* in the manifest's order */
    size_t file_nr;
    enum fth_rc rc;     /* why it cannot be imported, FTH_OK: it can */
    struct fth_str why; /* "…-00002.csv.gz is not there" */
};

struct fth_discovery {
    const struct fth_bundle *at; /* by path */
    size_t nr;
    const struct fth_str *notes; /* sentences about files that do not count */
    size_t note_nr;
};

/* FTH_E_NOTFOUND when one of the paths does not exist, FTH_E_LIMIT beyond a million files or 64
 * folders deep, FTH_E_IO, FTH_E_CANCELLED. A bundle that is wrong is no error here. */
enum fth_rc fth_discover(struct fth_arena *arena, const char *const *paths, size_t path_nr,
                         struct fth_cancel *cancel, struct fth_discovery *out, struct fth_err *err);

#endif
