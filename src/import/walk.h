/*
 * walk: the files of a folder and of those below it, by path.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_IMPORT_WALK_H
#define FTH_IMPORT_WALK_H

#include "base/thread.h"
#include "base/vec.h"

enum fth_walk_kind { FTH_WALK_DATA, FTH_WALK_JSON };

struct fth_walk_file {
    struct fth_str path; /* zero-terminated */
    enum fth_walk_kind kind;
    bool named; /* given itself, not found in a folder */
};

FTH_VEC(fth_walk_vec, struct fth_walk_file)

/* Adds what is at `path`: the file itself, or of a folder all data files (csv, gz, zst, parquet)
 * and .json files, sorted. Hidden entries and those that begin with "_" are passed over; links to
 * folders are not followed below the first. Errors as fth_discover(). */
enum fth_rc fth_walk(const char *path, struct fth_cancel *cancel, struct fth_walk_vec *out,
                     struct fth_err *err);

#endif
