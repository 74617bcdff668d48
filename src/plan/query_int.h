/* query_int: a pass while its statement is made, shared by query.c and pass_text.c. */
#ifndef FTH_PLAN_QUERY_INT_H
#define FTH_PLAN_QUERY_INT_H

#include "plan/sql_int.h"

/* The columns that keys and conditions need, for the choice of a source. */
struct needs {
    const char *columns[64];
    size_t nr;
    bool facts;         /* something that only facts have */
    bool segment;       /* a key that is the segment's own */
    bool tags;          /* a key in the tag dictionary */
    struct fth_str tag; /* the one tag that is spoken of; a second one needs facts */
};

/* What a SELECT of the union reads. */
struct branch {
    struct fth_sql_source source;
    int cube;
};

struct compiler {
    struct fth_query_env *env;
    const struct fth_pass *pass;
    struct fth_statement *out;
    struct fth_sql sql;
    struct needs needs;
    struct fth_err *err;
    struct fth_str currency;           /* of all charges; p is NULL: each row says its own */
    bool tail;                         /* some segment has tails */
    bool from_facts, from_cube_by_tag; /* some branch is */
    size_t block_nr;
};

bool fth_month_known(const struct fth_segment *segment);
/* Does the time of the pass hold all rows of the segment? */
bool fth_pass_holds(const struct fth_pass *pass, const struct fth_segment *segment);
bool fth_dim_is_tag(const struct fth_dim *dim);

/* Writes the statement of a pass; chosen[i] is what serves its i-th segment. */
void fth_pass_text(struct compiler *c, const struct branch *chosen);

#endif
