/* judge_int: claims about values (judge.c), and what is done with the records of a block. */
#ifndef FTH_FOCUS_JUDGE_INT_H
#define FTH_FOCUS_JUDGE_INT_H

#include <string.h>

#include "focus/run_int.h"

/* The bits of all that is asked about a column, for one value. `arena` is cleared when needed. */
uint32_t fth_focus_mask(const struct fth_focus_slot *slot, struct fth_str text,
                        struct fth_arena *arena);
/* Does a claim hold for these values (in the order of the relation's fields)? */
bool fth_focus_related(const struct fth_focus_relation *relation, const struct fth_str *texts,
                       struct fth_arena *arena);

/* A worker's own: see block.c. */
struct fth_focus_worker {
    struct fth_focus_run *run;
    const struct fth_focus_plan *plan;
    struct fth_focus_tallies tallies;
    struct fth_arena *arena; /* for JSON */
    struct fth_buf text;     /* of samples */
    uint32_t *masks;         /* of a block: row-major, plan->mask_nr each */
    struct fth_focus_last {
        struct fth_str raw;
        uint32_t mask;
    } * last; /* by slot */
    struct fth_focus_memo {
        uint64_t hash;
        uint32_t n, mask;
    } * memo; /* FTH_FOCUS_MEMO for each slot */
    struct fth_focus_verdicts *verdicts;
    char *scratch[3];
    size_t scratch_cap[3];
    int64_t *slot_ns, *relation_ns, *pair_ns;
    uint64_t *pairs_seen; /* hashes of pairs that the run knows */
    struct fth_focus_sums sums[FTH_FOCUS_S_NR];
    int64_t first_us, last_us;
    int64_t sum_ns, verdict_ns;
    int64_t total_ns;
};

/* Equal texts, both there. Most are short: up to 16 bytes without a call. */
static inline bool fth_focus_same(struct fth_str a, struct fth_str b)
{
    uint64_t x, y;
    uint32_t v, w;

    if (a.n != b.n || !a.p || !b.p)
        return false;
    if (a.n > 16)
        return memcmp(a.p, b.p, a.n) == 0;
    if (a.n >= 8) {
        memcpy(&x, a.p, 8);
        memcpy(&y, b.p, 8);
        if (x != y)
            return false;
        memcpy(&x, a.p + a.n - 8, 8);
        memcpy(&y, b.p + b.n - 8, 8);
        return x == y;
    }
    if (a.n >= 4) {
        memcpy(&v, a.p, 4);
        memcpy(&w, b.p, 4);
        if (v != w)
            return false;
        memcpy(&v, a.p + a.n - 4, 4);
        memcpy(&w, b.p + b.n - 4, 4);
        return v == w;
    }
    if (a.n == 0)
        return true;
    return a.p[0] == b.p[0] && a.p[a.n / 2] == b.p[b.n / 2] && a.p[a.n - 1] == b.p[b.n - 1];
}

/* A field as it stands there, and its value (unquoted into scratch `s`). */
struct fth_str fth_focus_raw(const struct fth_focus_rows *rows, size_t row, size_t field);
struct fth_str fth_focus_value(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t row, size_t field, unsigned s);
struct fth_focus_place fth_focus_place_of(const struct fth_focus_rows *rows, size_t row);

/* The pairs of a rule, and sums and references, of the rows of a block (gather.c). */
void fth_focus_gather_pair(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t p,
                           size_t begin, size_t end);
enum fth_rc fth_focus_gather(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                             size_t begin, size_t end, struct fth_err *err);

#endif
