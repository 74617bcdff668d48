#include "ledger/compact.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/fault.h"
#include "base/sql.h"
#include "ledger/lake_int.h"

enum { RUN_ARENA = 256 << 20, MAPPING_MAX = 16 << 20, SUMS_MAX = 1 << 20 };

/* A large segment joins in when the small ones have grown to a quarter of it: so a charge is
 * rewritten a number of times that grows with the logarithm of its period, not with its deliveries.
 */
enum { LARGER = 4 };

enum { DRAIN_STEP_MS = 20, DRAIN_STEPS = 3000 };

struct merge {
    struct fth_ledger *ledger;
    struct fth_cancel *cancel;
    struct fth_arena *arena;
    struct fth_session *session;
    const struct fth_segment **parts; /* by rows, ascending */
    size_t part_nr;
    struct fth_str mapping;
    struct fth_lake_content content; /* of the parts together */
    struct fth_segment_stats stats;
    int64_t segment_id;
};

static int by_rows(const void *a, const void *b)
{
    const struct fth_segment *x = *(const struct fth_segment *const *)a,
                             *y = *(const struct fth_segment *const *)b;

    if (x->rows != y->rows)
        return x->rows < y->rows ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static bool same_period(const struct fth_segment *a, const struct fth_segment *b)
{
    return a->source_id == b->source_id && fth_str_eq(a->billing_period, b->billing_period);
}

/* The small ones among the segments of a period: sets parts and their number. */
static enum fth_rc choose(struct merge *merge, const struct fth_snapshot *snapshot,
                          const struct fth_segment *of, struct fth_err *err)
{
    int64_t rows = 0;
    size_t nr = 0;

    merge->parts = FTH_NEW_ARRAY(merge->arena, const struct fth_segment *, snapshot->nr + 1);
    if (!merge->parts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < snapshot->nr; i++)
        if (same_period(&snapshot->at[i], of))
            merge->parts[nr++] = &snapshot->at[i];
    qsort(merge->parts, nr, sizeof(*merge->parts), by_rows);
    for (merge->part_nr = 0; merge->part_nr < nr; merge->part_nr++) {
        int64_t next = merge->parts[merge->part_nr]->rows;

        if (merge->part_nr > 0 && next / LARGER > rows)
            break;
        rows += next;
    }
    return FTH_OK;
}

/* ---- the load ---- */

static enum fth_rc put_part(const struct merge *merge, const struct fth_segment *part,
                            struct fth_buf *out, struct fth_err *err)
{
    const char *name = part->has_side ? "ledger/compact/part_side" : "ledger/compact/part";
    struct fth_str id = {0}, sql = {0};

    if (fth_arena_printf(merge->arena, &id, err, "%" PRId64, part->id))
        return err->rc;
    const struct fth_word words[] = {{"table", fth_str_c(part->table)}, {"segment", id}};

    if (!fth_statement(merge->arena, name, words, FTH_NR(words), &sql, err))
        fth_buf_str(out, sql);
    return err->rc;
}

static enum fth_rc make_mapping(struct merge *merge, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(MAPPING_MAX);

    for (size_t i = 0; i < merge->part_nr && !err->rc; i++) {
        if (i)
            fth_buf_str(&text, fth_sql("ledger/compact/union"));
        fth_buf_char(&text, '\n');
        (void)put_part(merge, merge->parts[i], &text, err);
        fth_buf_char(&text, '\n');
    }
    if (!err->rc && !fth_buf_done(&text, err))
        (void)fth_arena_str(merge->arena, fth_buf_view(&text), &merge->mapping, err);
    fth_buf_release(&text);
    return err->rc;
}

/* What the parts say together, before anything is written. */
static enum fth_rc look(struct merge *merge, struct fth_err *err)
{
    struct fth_str from = {0};

    if (fth_arena_printf(merge->arena, &from, err, "(" FTH_STR_F ")", FTH_STR_A(merge->mapping)))
        return err->rc;
    return fth_lake_look_table(merge->session, merge->arena, from.p, merge->cancel, &merge->content,
                               err);
}

static enum fth_rc load(struct merge *merge, struct fth_err *err)
{
    struct fth_segment_load load = {.mapping_text = merge->mapping,
                                    .wide = fth_lake_wide(merge->ledger->engine, &merge->content),
                                    .cancel = merge->cancel};

    if (fth_catalogue_next_segment_id(merge->ledger->db, &merge->segment_id, err))
        return err->rc;
    load.segment_id = merge->segment_id;
    return fth_ledger_load(merge->ledger, &load, merge->arena, &merge->stats, err);
}

static enum fth_rc check(const struct merge *merge, struct fth_err *err)
{
    if (fth_lake_same_sums(merge->stats.sums, merge->stats.sum_nr, merge->content.sums,
                           merge->content.sum_nr))
        return FTH_OK;
    return fth_err_set(err, FTH_E_CHECK, "the merged segment's sums are not those of its parts");
}

/* ---- the commit ---- */

static enum fth_rc commit(struct merge *merge, struct fth_err *err)
{
    int64_t *ids = FTH_NEW_ARRAY(merge->arena, int64_t, merge->part_nr);
    struct fth_buf sums = fth_buf_max(SUMS_MAX);
    struct fth_catalogue_segment segment = fth_catalogue_segment_of(&merge->stats);
    struct fth_err ignored = {0};
    int64_t version = 0;
    struct fth_jw jw;

    if (!ids)
        return fth_err_nomem(err);
    for (size_t i = 0; i < merge->part_nr; i++)
        ids[i] = merge->parts[i]->id;
    segment.id = merge->segment_id;
    segment.source_id = merge->parts[0]->source_id;
    segment.billing_period = merge->parts[0]->billing_period;
    fth_jw_init(&jw, &sums);
    fth_segment_sums_put(&jw, merge->stats.sums, merge->stats.sum_nr);
    if (!fth_jw_done(&jw, err)) {
        segment.sums = fth_buf_view(&sums);
        (void)fth_catalogue_merge(merge->ledger->db, &segment, ids, merge->part_nr,
                                  fth_clock_now_us(merge->ledger->clock), &version, err);
    }
    fth_buf_release(&sums);
    fth_fault_moment("merge-committed");
    /* It is committed; a refresh that fails is made up for by the next question. */
    if (!err->rc)
        (void)fth_ledger_refresh(merge->ledger, &ignored);
    return err->rc;
}

static enum fth_rc merge_parts(struct merge *merge, struct fth_err *err)
{
    struct fth_err ignored = {0};

    if (make_mapping(merge, err) || look(merge, err) || load(merge, err))
        return err->rc;
    fth_fault_moment("merge-loaded");
    /* What cannot be dropped now is swept when the ledger is opened next. */
    if (check(merge, err) || commit(merge, err))
        (void)fth_ledger_discard(merge->ledger, merge->segment_id, &ignored);
    return err->rc;
}

/* ---- periods ---- */

/* The period of `of`, a segment of an earlier snapshot, as it is now that nobody else writes. */
static enum fth_rc compact_period(struct fth_ledger *ledger, const struct fth_segment *of,
                                  size_t least, struct fth_cancel *cancel,
                                  struct fth_compacted *done, struct fth_err *err)
{
    struct merge merge = {.ledger = ledger, .cancel = cancel, .arena = fth_arena_new(RUN_ARENA)};
    const struct fth_snapshot *snapshot = NULL;

    if (!merge.arena)
        return fth_err_nomem(err);
    if (!fth_ledger_snapshot(ledger, 0, &snapshot, err) && !choose(&merge, snapshot, of, err) &&
        merge.part_nr >= least && !fth_session_open(ledger->engine, &merge.session, err) &&
        !merge_parts(&merge, err)) {
        done->merged += (int64_t)merge.part_nr;
        done->made++;
        done->rows += merge.stats.rows;
    }
    fth_session_close(merge.session);
    fth_snapshot_release(ledger, snapshot);
    fth_arena_free(merge.arena);
    if (err->rc)
        fth_err_prefix(err, FTH_STR_F " " FTH_STR_F, FTH_STR_A(of->source),
                       FTH_STR_A(of->billing_period));
    return err->rc;
}

static size_t period_nr(const struct fth_snapshot *snapshot, size_t from)
{
    size_t nr = 0;

    while (from + nr < snapshot->nr && same_period(&snapshot->at[from + nr], &snapshot->at[from]))
        nr++;
    return nr;
}

enum fth_rc fth_ledger_compact(struct fth_ledger *ledger, size_t least, struct fth_cancel *cancel,
                               struct fth_compacted *out, struct fth_err *err)
{
    const struct fth_snapshot *seen = NULL;
    size_t nr = 0;

    *out = (struct fth_compacted){0};
    FTH_CHECK(least >= 2);
    if (fth_ledger_snapshot(ledger, 0, &seen, err))
        return err->rc;
    for (size_t i = 0; i < seen->nr && !fth_cancel_check(cancel, err); i += nr) {
        nr = period_nr(seen, i);
        if (nr < least)
            continue;
        if (fth_ledger_write_begin(ledger, cancel, err))
            break;
        (void)compact_period(ledger, &seen->at[i], least, cancel, out, err);
        fth_ledger_write_end(ledger);
    }
    fth_snapshot_release(ledger, seen);
    if (err->rc)
        fth_err_prefix(err, "merging segments");
    return err->rc;
}

/* ---- the file ---- */

static bool is_due(const struct fth_engine_size *size, const struct fth_shrink_conf *conf)
{
    return size->free >= conf->free_bytes && size->free * 100 >= size->bytes * conf->free_percent;
}

/* A load that began before the last reader of the old file has ended could make one look for a
 * segment that his file does not have. Whoever reads for longer than a minute has his snapshot. */
static void drain(struct fth_ledger *ledger, const struct fth_shrink_conf *conf,
                  const struct fth_cancel *cancel)
{
    const struct timespec step = {0, DRAIN_STEP_MS * 1000000L};

    for (int i = 0; i < DRAIN_STEPS && !fth_cancel_is_set(cancel); i++) {
        if (conf->let_go)
            conf->let_go(conf->ctx);
        if (fth_engine_drained(ledger->engine))
            return;
        nanosleep(&step, NULL);
    }
}

enum fth_rc fth_ledger_shrink(struct fth_ledger *ledger, const struct fth_shrink_conf *conf,
                              struct fth_cancel *cancel, struct fth_shrunk *out,
                              struct fth_err *err)
{
    struct fth_cancel never = {0};
    struct fth_engine_size size = {0};
    struct fth_err why = {0};

    *out = (struct fth_shrunk){0};
    if (fth_ledger_write_begin(ledger, cancel, err))
        return err->rc;
    /* Without a checkpoint what is free is not known exactly; the file can be written anew all the
     * same. */
    if (fth_engine_checkpoint(ledger->engine, &why) && why.rc != FTH_E_BUSY)
        *err = why;
    if (!err->rc && !fth_engine_size(ledger->engine, &size, err)) {
        out->before = out->after = size.bytes;
        if (is_due(&size, conf) && fth_engine_drained(ledger->engine) &&
            !fth_engine_rewrite(ledger->engine, cancel, err)) {
            out->rewritten = true;
            drain(ledger, conf, cancel ? cancel : &never);
            if (!fth_engine_size(ledger->engine, &size, err))
                out->after = size.bytes;
        }
    }
    fth_ledger_write_end(ledger);
    if (err->rc)
        fth_err_prefix(err, "ledger file");
    return err->rc;
}
