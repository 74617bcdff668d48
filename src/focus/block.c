/*
 * The records of a chunk, judged.
 *
 * In blocks of 64 records, column by column: a value becomes a mask, one bit for each thing that a
 * rule asks about its column; a value that equals the one above keeps its mask. Then claims about
 * several columns, one bit each. All masks of a record together are its signature, and whatever the
 * rules say of a record they say of its signature. There are few of those in a file, so conditions
 * are evaluated once for each, and a record costs one lookup.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "focus/judge_int.h"

enum {
    SIGNATURES_MAX = 1 << 16,
    SEEN_NR = 1 << 14,
    ARENA_CAP = 8 << 20,
    TEXT_MAX = 2048,
    SHOWN_BYTES = 60,
    STACK_MAX = 64,
    TIMED_EACH = 16
};

/* Signatures that were met, with the checks that they fail. */
struct fth_focus_verdicts {
    struct verdict {
        uint64_t hash;
        size_t signature; /* which */
        size_t failed;    /* where in `checks` */
        uint32_t failed_nr, next;
    } * at;
    size_t nr, cap;
    uint32_t *signatures;
    size_t signature_cap;
    uint32_t *checks;
    size_t check_nr, check_cap;
    uint32_t slots[SIGNATURES_MAX];
};

/* ---- life ---- */

enum fth_rc fth_focus_worker_new(struct fth_focus_run *run, const struct fth_focus_plan *plan,
                                 struct fth_focus_worker **out, struct fth_err *err)
{
    struct fth_focus_worker *w = fth_calloc(1, sizeof(*w));
    size_t slots = plan->slot_nr + 1;

    if (!w)
        return fth_err_nomem(err);
    w->run = run;
    w->plan = plan;
    w->text = fth_buf_max(TEXT_MAX);
    w->arena = fth_arena_new(ARENA_CAP);
    w->masks = fth_calloc(FTH_FOCUS_BLOCK * (plan->mask_nr + 1), sizeof(*w->masks));
    w->last = fth_calloc(slots, sizeof(*w->last));
    w->memo = fth_calloc(slots * FTH_FOCUS_MEMO, sizeof(*w->memo));
    w->verdicts = fth_calloc(1, sizeof(*w->verdicts));
    w->slot_ns = fth_calloc(slots, sizeof(*w->slot_ns));
    w->relation_ns = fth_calloc(plan->relation_nr + 1, sizeof(*w->relation_ns));
    w->pair_ns = fth_calloc(plan->pair_nr + 1, sizeof(*w->pair_ns));
    w->pairs_seen = fth_calloc(SEEN_NR, sizeof(*w->pairs_seen));
    w->first_us = INT64_MAX;
    w->last_us = INT64_MIN;
    for (size_t i = 0; i < FTH_FOCUS_S_NR; i++)
        fth_focus_texts_init(&w->sums[i].keys, run->memory.max / 16, run->seed);
    if (!w->arena || !w->masks || !w->last || !w->memo || !w->verdicts || !w->slot_ns ||
        !w->relation_ns || !w->pair_ns || !w->pairs_seen ||
        fth_focus_tallies_init(&w->tallies, err)) {
        fth_focus_worker_free(w);
        return fth_err_nomem(err);
    }
    *out = w;
    return FTH_OK;
}

void fth_focus_worker_free(struct fth_focus_worker *w)
{
    if (!w)
        return;
    fth_arena_free(w->arena);
    fth_buf_release(&w->text);
    fth_focus_tallies_release(&w->tallies);
    if (w->verdicts) {
        fth_free(w->verdicts->at);
        fth_free(w->verdicts->signatures);
        fth_free(w->verdicts->checks);
    }
    for (size_t i = 0; i < FTH_FOCUS_S_NR; i++) {
        fth_focus_texts_release(&w->sums[i].keys);
        fth_free(w->sums[i].at);
    }
    for (size_t i = 0; i < 3; i++)
        fth_free(w->scratch[i]);
    fth_free(w->verdicts);
    fth_free(w->masks);
    fth_free(w->last);
    fth_free(w->memo);
    fth_free(w->slot_ns);
    fth_free(w->relation_ns);
    fth_free(w->pair_ns);
    fth_free(w->pairs_seen);
    fth_free(w);
}

/* A column's time is shared by the rules that ask about it. */
static void share_times(struct fth_focus_worker *w)
{
    const struct fth_focus_plan *plan = w->plan;

    for (size_t s = 0; s < plan->slot_nr; s++) {
        const char *name = plan->slots[s].column ? plan->slots[s].column->name : "";
        size_t sharers = 0;

        for (size_t c = 0; c < plan->check_nr; c++)
            sharers += strcmp(fth_focus_rule_at(plan->checks[c].rule)->subject, name) == 0;
        for (size_t c = 0; sharers && c < plan->check_nr; c++)
            if (strcmp(fth_focus_rule_at(plan->checks[c].rule)->subject, name) == 0)
                w->tallies.at[plan->checks[c].rule].cpu_ns += w->slot_ns[s] / (int64_t)sharers;
    }
    for (size_t r = 0; r < plan->relation_nr; r++)
        w->tallies.at[plan->relations[r].rule].cpu_ns += w->relation_ns[r];
    for (size_t p = 0; p < plan->pair_nr; p++)
        w->tallies.at[plan->pairs[p].rule].cpu_ns += w->pair_ns[p];
}

enum fth_rc fth_focus_worker_end(struct fth_focus_worker *w, struct fth_err *err)
{
    struct fth_focus_memory *memory = &w->run->memory;
    enum fth_rc rc = FTH_OK;

    share_times(w);
    fth_mutex_lock(&w->run->lock);
    fth_focus_tallies_merge(&w->run->tallies, &w->tallies);
    for (size_t i = 0; !rc && i < FTH_FOCUS_S_NR; i++)
        rc = fth_focus_sums_merge(&memory->sums[i], &w->sums[i], err);
    if (w->first_us < memory->first_us)
        memory->first_us = w->first_us;
    if (w->last_us > memory->last_us)
        memory->last_us = w->last_us;
    w->run->judge_ns += w->total_ns;
    fth_mutex_unlock(&w->run->lock);
    return rc;
}

/* ---- fields ---- */

struct fth_str fth_focus_raw(const struct fth_focus_rows *rows, size_t row, size_t field)
{
    if (rows->chunk)
        return fth_csv_raw(rows->chunk, row, field);
    return rows->cells[row * rows->columns + field];
}

struct fth_str fth_focus_value(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t row, size_t field, unsigned s)
{
    struct fth_str raw = fth_focus_raw(rows, row, field);

    if (!rows->chunk || raw.n == 0 || raw.p[0] != '"')
        return raw;
    if (raw.n > w->scratch_cap[s]) {
        char *more = fth_realloc(w->scratch[s], raw.n * 2, 1);

        /* What does not fit is judged as it stands there, quotes included. */
        if (!more)
            return raw;
        w->scratch[s] = more;
        w->scratch_cap[s] = raw.n * 2;
    }
    return fth_csv_unquote(raw, w->scratch[s]);
}

struct fth_focus_place fth_focus_place_of(const struct fth_focus_rows *rows, size_t row)
{
    struct fth_focus_place place = {.file = rows->file,
                                    .record = rows->first_record + (int64_t)row};

    if (rows->chunk) {
        place.record = fth_csv_chunk_record(rows->chunk, row);
        place.line = fth_csv_chunk_line(rows->chunk, row);
    }
    return place;
}

/* ---- masks ---- */

static uint32_t mask_of(struct fth_focus_worker *w, size_t s, struct fth_str text)
{
    const struct fth_focus_slot *slot = &w->plan->slots[s];
    struct fth_focus_memo *memo;
    uint64_t hash;

    if (!slot->memo || text.n == 0)
        return fth_focus_mask(slot, text, w->arena);
    hash = fth_str_hash(text, w->run->seed);
    memo = &w->memo[s * FTH_FOCUS_MEMO + hash % FTH_FOCUS_MEMO];
    if (memo->hash != hash || memo->n != (uint32_t)text.n + 1)
        *memo = (struct fth_focus_memo){hash, (uint32_t)text.n + 1,
                                        fth_focus_mask(slot, text, w->arena)};
    return memo->mask;
}

static void mask_slot(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t s,
                      size_t begin, size_t end)
{
    size_t field = w->plan->slots[s].field, stride = w->plan->mask_nr;
    struct fth_focus_last last = w->last[s];
    uint32_t *out = w->masks + s;

    for (size_t row = begin; row < end; row++, out += stride) {
        struct fth_str raw = fth_focus_raw(rows, row, field);

        if (!fth_focus_same(raw, last.raw)) {
            last.raw = raw;
            last.mask = mask_of(w, s, fth_focus_value(w, rows, row, field, 0));
        }
        *out = last.mask;
    }
    w->last[s] = last;
}

static void mask_relation(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t r,
                          size_t begin, size_t end)
{
    const struct fth_focus_relation *relation = &w->plan->relations[r];
    size_t stride = w->plan->mask_nr;
    uint32_t *out = w->masks + w->plan->slot_nr + r / FTH_FOCUS_BITS;
    uint32_t bit = 1u << r % FTH_FOCUS_BITS;
    struct fth_str before[3] = {{0}};
    bool held = false;

    for (size_t row = begin; row < end; row++, out += stride) {
        struct fth_str texts[3];
        bool same = row > begin;

        for (size_t i = 0; i < relation->field_nr; i++) {
            struct fth_str raw = fth_focus_raw(rows, row, relation->fields[i]);

            same = same && fth_focus_same(raw, before[i]);
            before[i] = raw;
        }
        if (!same) {
            for (size_t i = 0; i < relation->field_nr; i++)
                texts[i] = fth_focus_value(w, rows, row, relation->fields[i], (unsigned)i);
            held = fth_focus_related(relation, texts, w->arena);
        }
        *out = held ? *out | bit : *out & ~bit;
    }
}

/* ---- verdicts ---- */

static bool run_code(const struct fth_focus_plan *plan, const struct fth_focus_code *code,
                     const uint32_t *masks)
{
    bool stack[STACK_MAX] = {false};
    size_t n = 0;

    if (code->nr == 0)
        return true;
    for (size_t i = 0; i < code->nr; i++) {
        const struct fth_focus_op *op = &code->ops[i];

        FTH_CHECK(n < STACK_MAX);
        switch (op->op) {
        case FTH_FOCUS_AND:
            n--;
            stack[n - 1] = stack[n - 1] && stack[n];
            break;
        case FTH_FOCUS_OR:
            n--;
            stack[n - 1] = stack[n - 1] || stack[n];
            break;
        case FTH_FOCUS_NOT:
            stack[n - 1] = !stack[n - 1];
            break;
        case FTH_FOCUS_ATOM:
            stack[n++] = masks[op->mask] >> op->bit & 1;
            break;
        case FTH_FOCUS_RELATION:
            stack[n++] = masks[plan->slot_nr + op->mask] >> op->bit & 1;
            break;
        default:
            stack[n++] = op->op == FTH_FOCUS_TRUE;
        }
    }
    return stack[0];
}

static uint64_t hash_masks(const uint32_t *masks, size_t nr)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;

    for (size_t i = 0; i < nr; i++) {
        hash ^= masks[i];
        hash *= 0xff51afd7ed558ccdu;
        hash ^= hash >> 29;
    }
    return hash;
}

static bool grow(void **at, size_t *cap, size_t need, size_t size)
{
    size_t wanted = *cap ? *cap : 64;
    void *more;

    if (need <= *cap)
        return true;
    while (wanted < need)
        wanted *= 2;
    more = fth_realloc(*at, wanted, size);
    if (!more)
        return false;
    *at = more;
    *cap = wanted;
    return true;
}

static enum fth_rc add_checks(struct fth_focus_worker *w, const uint32_t *masks,
                              struct verdict *made, struct fth_err *err)
{
    struct fth_focus_verdicts *v = w->verdicts;
    const struct fth_focus_plan *plan = w->plan;
    void *checks = v->checks;

    made->failed = v->check_nr;
    for (size_t c = 0; c < plan->check_nr; c++) {
        const struct fth_focus_check *check = &plan->checks[c];

        if (!run_code(plan, &check->when, masks) || run_code(plan, &check->check, masks))
            continue;
        if (!grow(&checks, &v->check_cap, v->check_nr + 1, sizeof(*v->checks)))
            return fth_err_nomem(err);
        v->checks = checks;
        v->checks[v->check_nr++] = (uint32_t)c;
        made->failed_nr++;
    }
    return FTH_OK;
}

/* The verdict on a signature. When too many are known they are all forgotten. */
static enum fth_rc verdict_on(struct fth_focus_worker *w, const uint32_t *masks,
                              struct verdict *out, struct fth_err *err)
{
    struct fth_focus_verdicts *v = w->verdicts;
    size_t nr = w->plan->mask_nr;
    uint64_t hash = hash_masks(masks, nr);
    uint32_t *slot = &v->slots[hash % SIGNATURES_MAX];
    struct verdict made = {.hash = hash};
    void *at = v->at, *signatures = v->signatures;

    for (uint32_t i = *slot; i; i = v->at[i - 1].next) {
        const struct verdict *known = &v->at[i - 1];

        if (known->hash == hash &&
            memcmp(v->signatures + known->signature * nr, masks, nr * sizeof(*masks)) == 0) {
            *out = *known;
            return FTH_OK;
        }
    }
    if (v->nr == SIGNATURES_MAX) {
        memset(v->slots, 0, sizeof(v->slots));
        v->nr = v->check_nr = 0;
    }
    if (!grow(&at, &v->cap, v->nr + 1, sizeof(*v->at)))
        return fth_err_nomem(err);
    v->at = at;
    if (!grow(&signatures, &v->signature_cap, (v->nr + 1) * nr, sizeof(*v->signatures)))
        return fth_err_nomem(err);
    v->signatures = signatures;
    if (add_checks(w, masks, &made, err))
        return err->rc;
    made.signature = v->nr;
    made.next = *slot;
    if (nr)
        memcpy(v->signatures + v->nr * nr, masks, nr * sizeof(*masks));
    v->at[v->nr++] = made;
    *slot = (uint32_t)v->nr;
    *out = made;
    return FTH_OK;
}

/* ---- samples ---- */

static void put_value(struct fth_buf *buf, struct fth_str text)
{
    bool cut = text.n > SHOWN_BYTES;
    size_t n = cut ? SHOWN_BYTES : text.n;

    if (fth_focus_is_null(text)) {
        fth_buf_c(buf, "null");
        return;
    }
    while (cut && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    fth_buf_char(buf, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        /* A terminal would obey some of these. */
        if (c < 0x20 || c == 0x7f)
            fth_buf_printf(buf, "\\x%02x", c);
        else
            fth_buf_char(buf, text.p[i]);
    }
    fth_buf_c(buf, cut ? "…\"" : "\"");
}

static void tally(struct fth_focus_worker *w, const struct fth_focus_rows *rows, size_t row,
                  const struct fth_focus_check *check)
{
    struct fth_focus_tally *tally = &w->tallies.at[check->rule];
    struct fth_focus_place place = {.file = rows->file,
                                    .record = rows->chunk ? fth_csv_chunk_record(rows->chunk, row)
                                                          : rows->first_record + (int64_t)row};

    if (check->marks) {
        tally->marks |= check->marks;
        return;
    }
    if (!fth_focus_tally_wants(tally, place)) {
        tally->count++;
        return;
    }
    fth_buf_clear(&w->text);
    for (size_t i = 0; i < check->shown_nr; i++) {
        fth_buf_c(&w->text, i ? ", " : "");
        fth_buf_str(&w->text, w->plan->header[check->shown[i]]);
        fth_buf_c(&w->text, " = ");
        put_value(&w->text, fth_focus_value(w, rows, row, check->shown[i], 0));
    }
    fth_focus_tally(tally, fth_focus_place_of(rows, row), fth_buf_view(&w->text));
}

static enum fth_rc judge_block(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                               size_t begin, size_t end, struct fth_err *err)
{
    size_t nr = w->plan->mask_nr;
    struct verdict verdict = {0};

    for (size_t row = begin; row < end; row++) {
        const uint32_t *masks = w->masks + (row - begin) * nr;

        if ((row == begin || memcmp(masks, masks - nr, nr * sizeof(*masks)) != 0) &&
            verdict_on(w, masks, &verdict, err))
            return err->rc;
        for (uint32_t i = 0; i < verdict.failed_nr; i++)
            tally(w, rows, row, &w->plan->checks[w->verdicts->checks[verdict.failed + i]]);
    }
    return FTH_OK;
}

/* ---- all of it ---- */

/* Clocks cost as much as a column of a block does: one block of so many is timed, and counts for
 * all. */
struct laps {
    bool timed;
    int64_t clock;
};

static void lap(struct laps *laps, int64_t *sum)
{
    int64_t now;

    if (!laps->timed)
        return;
    now = fth_focus_cpu_ns();
    *sum += (now - laps->clock) * TIMED_EACH;
    laps->clock = now;
}

static struct laps laps_of(size_t begin)
{
    struct laps laps = {.timed = begin / FTH_FOCUS_BLOCK % TIMED_EACH == 0};

    if (laps.timed)
        laps.clock = fth_focus_cpu_ns();
    return laps;
}

enum fth_rc fth_focus_worker_rows(struct fth_focus_worker *w, const struct fth_focus_rows *rows,
                                  struct fth_err *err)
{
    const struct fth_focus_plan *plan = w->plan;
    int64_t start = fth_focus_cpu_ns();

    /* Texts of the chunk before are gone. */
    memset(w->last, 0, (plan->slot_nr + 1) * sizeof(*w->last));
    for (size_t begin = 0; begin < rows->nr; begin += FTH_FOCUS_BLOCK) {
        size_t end = rows->nr - begin > FTH_FOCUS_BLOCK ? begin + FTH_FOCUS_BLOCK : rows->nr;
        struct laps laps = laps_of(begin);

        for (size_t s = 0; s < plan->slot_nr; s++) {
            mask_slot(w, rows, s, begin, end);
            lap(&laps, &w->slot_ns[s]);
        }
        for (size_t r = 0; r < plan->relation_nr; r++) {
            mask_relation(w, rows, r, begin, end);
            lap(&laps, &w->relation_ns[r]);
        }
        if (judge_block(w, rows, begin, end, err))
            return err->rc;
        lap(&laps, &w->verdict_ns);
        for (size_t p = 0; p < plan->pair_nr; p++) {
            fth_focus_gather_pair(w, rows, p, begin, end);
            lap(&laps, &w->pair_ns[p]);
        }
        if (fth_focus_gather(w, rows, begin, end, err))
            return err->rc;
        lap(&laps, &w->sum_ns);
    }
    w->total_ns += fth_focus_cpu_ns() - start;
    return FTH_OK;
}
