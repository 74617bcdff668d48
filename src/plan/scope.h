/*
 * scope: what a caller who may not see all charges sees of a ledger.
 *
 * A scope is a condition beside that of every pass. An answer in it is that of a ledger which holds
 * nothing else: so it also decides which segments there are, with the days, currencies and lengths
 * of the charges inside alone, and which tag keys. Everything that is made of a snapshot (what time
 * there is, how fresh it is, which rates are needed, what serves a pass) is made of that.
 *
 * Values are those that are stored, letter for letter; of values with a name of ours (value.def)
 * any of their names. `contains` folds letters and looks at labels too, as everywhere. What matches
 * nothing lets nothing through, and says nothing.
 *
 * What the scope leaves of a segment never changes, so run->cache keeps it, by run->scope_text.
 *
 * Thread rule: as the run's.
 */
#ifndef FTH_PLAN_SCOPE_H
#define FTH_PLAN_SCOPE_H

#include "plan/plan.h"

struct fth_clause;

struct fth_sight {
    const struct fth_snapshot *snapshot; /* the segments that hold charges of the scope */
    const struct fth_str *tag_keys;      /* of these charges, sorted */
    size_t tag_key_nr;
    const struct fth_clause *scope; /* resolved; NULL: all */
    unsigned cond_nr;               /* ids of conditions that it took */
    const struct fth_snapshot *pinned;
};

/* Pins `version` (0: the newest) and looks at it as the run's caller may. Without a scope no
 * session is needed. All but the pin lives in the run's arena; errors are
 * fth_ledger_snapshot()'s and the engine's. */
enum fth_rc fth_sight_open(const struct fth_plan_run *run, int64_t version, struct fth_sight *out,
                           struct fth_err *err);
void fth_sight_close(const struct fth_plan_run *run, struct fth_sight *sight);

#endif
