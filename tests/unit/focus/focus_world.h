/* focus_world: files to validate, made from the correct ones in data/. */
#ifndef FTH_FOCUS_WORLD_H
#define FTH_FOCUS_WORLD_H

#include "focus/focus.h"
#include "test.h"

/* A change to a correct file. */
struct edit {
    int record;         /* from 1; 0: the header; -1: all records */
    const char *column; /* NULL: the record as a whole */
    const char *value;  /* NULL with a column: the column is left out; else the record */
};

/* The file data/NAME with the edits made to it, in test_dir(). */
const char *edited(const char *name, const struct edit *edits, size_t nr);

/* Validates; the request's paths are set from the list, which NULL ends. */
const struct fth_focus_report *validate(struct fth_focus_request request, const char *const *paths);

/* The ids of all findings, sorted, with blanks between them. */
struct fth_str findings(const struct fth_focus_report *report);
const struct fth_focus_finding *finding(const struct fth_focus_report *report, const char *id);

#endif
