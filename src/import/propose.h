/*
 * propose: a first mapping for a CSV file that nobody has explained yet.
 *
 * Columns are told by their names (propose.def) and by what their values can be; forms of dates and
 * numbers by evidence: a form counts when it reads all values, and only when no other reads them as
 * something else. Each line of the mapping says why it is there; where the evidence does not
 * decide, its value is CHOOSE, which no import takes.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_IMPORT_PROPOSE_H
#define FTH_IMPORT_PROPOSE_H

#include "import/mapping.h"

struct fth_proposal {
    struct fth_str text;       /* the mapping, YAML */
    bool sure;                 /* nothing is left to choose */
    size_t doubt_nr;           /* lines to choose on */
    struct fth_feed_head head; /* what was looked at */
};

/* `shown` is the file's name for people, of which the provider may be guessed.
 * FTH_E_INVALID, FTH_E_SYNTAX for what is no CSV with a header and a row; what reading gives. */
enum fth_rc fth_mapping_propose(struct fth_arena *arena, const char *path, struct fth_str shown,
                                struct fth_proposal *out, struct fth_err *err);

#endif
