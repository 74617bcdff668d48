/* sql_int: how statements are put together. */
#ifndef FTH_PLAN_SQL_INT_H
#define FTH_PLAN_SQL_INT_H

#include "plan/query.h"

enum { FTH_SQL_MAX = 16 << 20 };

/* Does a charge last longer than a day? May be null. */
#define FTH_SQL_LONG "ChargePeriodEnd > ChargePeriodStart + INTERVAL 1 DAY"

FTH_VEC(fth_bool_vec, bool)

struct fth_sql {
    struct fth_buf with, body; /* WITH clauses, the rest */
    struct fth_param_vec params;
    struct fth_bool_vec told; /* by parameter: not of the scope */
    bool in_scope;            /* what is written now is the scope's */
    size_t *first;  /* by id of a condition: number of its first parameter, 0: not bound yet */
    bool *has_with; /* by id: its tag sets, or ids, are in a WITH clause */
    unsigned with_nr;
    const struct fth_query_env *env;
    struct fth_err *err;
};

/* What a condition is asked of: facts, a cube, or the roll-up; which name a column has there. */
struct fth_sql_source {
    enum fth_served kind;
    const char *k1, *k2;                 /* columns behind a cube's k1 and k2 */
    struct fth_str tag;                  /* the tag key behind k1 of a cube by tag */
    const struct fth_segment *const *at; /* the segments read; facts: one */
    size_t nr;
};

/* "" when the source has no such column. */
const char *fth_sql_column(const struct fth_sql_source *source, const char *column);
bool fth_sql_covers(const struct fth_sql_source *source, const char *const *columns, size_t nr);
/* Does segment_value list the column, with this label ("": any)? */
bool fth_sql_is_listed(const char *column, const char *label);
/* The cube of fewest keys that has all columns: its number, and what it is as a source without
 * segments. -1 when there is none. */
int fth_sql_cube(const char *const *columns, size_t nr, struct fth_sql_source *out);

/* All of these do nothing once sql->err is set. */
void fth_sql_bind(struct fth_sql *sql, struct fth_param param); /* writes "$n" to body */
void fth_sql_bind_text(struct fth_sql *sql, struct fth_str text);
void fth_sql_cond(struct fth_sql *sql, const struct fth_clause *cond,
                  const struct fth_sql_source *source, bool negated);
/* " AND " and the caller's scope; nothing when he may see all. */
void fth_sql_scope(struct fth_sql *sql, const struct fth_query_env *env,
                   const struct fth_sql_source *source);
/* The columns that a clause looks at, pushed to `columns` (room for FTH_SQL_COLUMNS_MAX); false:
 * something that only facts have. */
enum { FTH_SQL_COLUMNS_MAX = 64 };
bool fth_sql_columns(const struct fth_clause *cond, const char **columns, size_t *nr);
/* The value of a tag of `alias`.Tags, written to `buf`; keys are bound. */
void fth_sql_tag(struct fth_sql *sql, struct fth_buf *buf, const struct fth_dim *dim,
                 const char *alias);
/* SELECT DISTINCT of a column of these segments as v and, unless it is "", of its label as l;
 * within the caller's scope, without nulls in v, written to body. `of` has at least one. */
void fth_sql_distinct(struct fth_sql *sql, const struct fth_segment_vec *of, const char *column,
                      const char *label);
void fth_sql_segment_list(struct fth_buf *buf, const struct fth_segment *const *at, size_t nr);

struct fth_sql fth_sql_begin(struct fth_query_env *env, struct fth_err *err);
void fth_sql_release(struct fth_sql *sql);
/* The whole text, copied into the arena. */
enum fth_rc fth_sql_done(struct fth_sql *sql, struct fth_query_env *env, struct fth_str *out,
                         struct fth_err *err);

#endif
