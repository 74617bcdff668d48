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
/* Does the time of the pass hold some row of the segment, or may it? All of them? */
bool fth_pass_touches(const struct fth_pass *pass, const struct fth_segment *segment);
bool fth_pass_holds(const struct fth_pass *pass, const struct fth_segment *segment);
/* The currency of all charges of them, when there is one. */
struct fth_str fth_segments_currency(const struct fth_segment_vec *segments);
bool fth_dim_is_tag(const struct fth_dim *dim);

/* What statements of charges have in common; each writes to c->sql.body. Keys as a branch has them,
 * each with a comma behind it; their names; a charge's part of a slot of money; a key as the answer
 * has it, read from `u`. */
void fth_pass_keys(struct compiler *c, const struct branch *b);
void fth_pass_key_names(struct compiler *c);
void fth_pass_part(struct compiler *c, const struct branch *b, enum fth_slot slot, bool tail);
void fth_pass_outer_key(struct compiler *c, size_t i);
/* The tag sets behind the slot UNTAGGED, as a WITH clause, if it is asked for. */
void fth_pass_with_untagged(struct compiler *c);

/* " AND " the condition that a charge is of the part, for rows of facts; its prices are found in a
 * WITH clause of `sql`, written before the first such condition. */
void fth_part_with(struct fth_query_env *env, const struct fth_pass *pass, struct fth_sql *sql);
void fth_part_cond(const struct fth_pass *pass, struct fth_sql *sql);

/* Writes the statement of a pass; chosen[i] is what serves its i-th segment. */
void fth_pass_text(struct compiler *c, const struct branch *chosen);

/* Makes the statement of what is written. */
enum fth_rc fth_pass_end(struct compiler *c);

#endif
