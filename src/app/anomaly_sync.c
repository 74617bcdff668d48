/* What was found, brought to the cases that are there already. */
#include <string.h>

#include "app/anomaly_int.h"
#include "base/check.h"

#define SQL FTH_ANOMALY_SQL

enum {
    DETAIL_MAX = 4096,
    NEAR_DAYS = 3,
    OLDEST = 800,
    TELL_MAX = 16 * 1024,
    WAKE_MOST = 1 << 20,
    CASES_MOST = 200000
};

struct told {
    struct fth_anomaly anomaly;
    const char *what;
};
FTH_VEC(told_vec, struct told)

struct stored {
    struct fth_anomaly *at;
    struct fth_monitor_scope_vec *levels; /* a case each */
    bool *taken;                          /* it is one of those that were found */
    bool *apart;                          /* a person has taken it out of another */
    size_t nr;
};

struct sync {
    const struct fth_asked *asked;
    const struct fth_anomaly_found *found;
    struct stored stored;
    struct told_vec told;
    struct fth_anomaly_changes changes;
    int64_t now_us;
};

/* ---- which of them it is ---- */

static const char gone_cause[] = "No longer found: its bills were restated, or settings changed.";

static bool is_decided(const struct fth_anomaly *anomaly)
{
    return fth_anomaly_is(anomaly, "false_positive");
}

static bool is_active(const struct fth_anomaly *anomaly)
{
    return fth_anomaly_is(anomaly, "open") || fth_anomaly_is(anomaly, "acknowledged") ||
           fth_anomaly_is(anomaly, "snoozed");
}

static bool was_gone(const struct fth_anomaly *known)
{
    return fth_anomaly_is(known, "resolved") && fth_str_eq_c(known->cause, gone_cause);
}

/* The same way, in the same currency, on the same days or at most so many beside. */
static bool is_within(const struct fth_anomaly *known, const struct fth_monitor_event *event,
                      int32_t days)
{
    return known->up == event->up && known->start <= event->end + days &&
           event->start <= known->end + days &&
           fth_str_eq(known->currency, event->series->currency);
}

/* What a person has closed is over: what comes beside its days is news. */
static bool is_closed(const struct fth_anomaly *known)
{
    return is_decided(known) || (fth_anomaly_is(known, "resolved") && !was_gone(known));
}

static bool near_days(const struct fth_anomaly *known, const struct fth_monitor_event *event)
{
    return is_within(known, event, is_closed(known) ? 0 : NEAR_DAYS);
}

static bool is_level(const struct fth_monitor_scope_vec *levels,
                     const struct fth_monitor_scope *scope)
{
    for (size_t i = 0; i < levels->nr; i++)
        if (fth_monitor_scope_eq(&levels->at[i], scope))
            return true;
    return false;
}

/* A level that is planned is told on by the scopes around it until they have learned it: what began
 * with it, in a scope in which it was seen. */
static bool is_planned(const struct stored *stored, size_t i, const struct fth_monitor_event *event)
{
    const struct fth_anomaly *known = &stored->at[i];

    return fth_str_eq_c(known->kind, "planned") && event->start >= known->start - NEAR_DAYS &&
           event->start <= known->start + NEAR_DAYS &&
           is_level(&stored->levels[i], &event->series->scope);
}

/* How a case is that of what was found, the surest last: seen at another level on the same days,
 * then or now; in the very scope beside its days, or on them. */
enum kin { KIN_NONE, KIN_LEVEL, KIN_BESIDE, KIN_SAME };

static bool same_scope(const struct fth_anomaly *known, const struct fth_monitor_event *event)
{
    return fth_monitor_scope_eq(&known->scope, &event->series->scope);
}

/* A false positive is that of its own scope alone. */
static enum kin kin_of(const struct stored *stored, size_t i, const struct fth_monitor_case *found)
{
    const struct fth_anomaly *known = &stored->at[i];

    if (same_scope(known, found->root) && near_days(known, found->root))
        return is_within(known, found->root, 0) ? KIN_SAME : KIN_BESIDE;
    if (is_within(known, found->root, 0) &&
        is_level(&stored->levels[i], &found->root->series->scope))
        return !is_decided(known) || is_planned(stored, i, found->root) ? KIN_LEVEL : KIN_NONE;
    for (size_t k = 0; k < found->seen_nr && !is_decided(known); k++)
        if (is_within(known, found->seen[k], 0) && same_scope(known, found->seen[k]))
            return KIN_LEVEL;
    return KIN_NONE;
}

/* The earliest of those that are free. */
static struct fth_anomaly *known_of(struct stored *stored, const struct fth_monitor_case *found,
                                    enum kin kin, bool active)
{
    for (size_t i = 0; i < stored->nr; i++)
        if (!stored->taken[i] && is_active(&stored->at[i]) == active &&
            kin_of(stored, i, found) == kin)
            return &stored->at[i];
    return NULL;
}

static bool is_found(const struct stored *stored, size_t i, const struct fth_anomaly_found *found)
{
    for (size_t k = 0; k < found->case_nr; k++)
        if (kin_of(stored, i, &found->cases[k]) != KIN_NONE)
            return true;
    return false;
}

/* A part stands for the whole that it is merged into, when nothing of that is found any more. */
static struct fth_anomaly *whole_of(struct stored *stored, const struct fth_anomaly_found *found,
                                    struct fth_anomaly *part)
{
    for (size_t i = 0; i < stored->nr && fth_anomaly_is(part, "merged"); i++) {
        struct fth_anomaly *whole = &stored->at[i];

        if (!fth_str_eq(whole->id, part->merged_into))
            continue;
        if (stored->taken[i] || is_closed(whole) || is_found(stored, i, found))
            break;
        stored->taken[i] = true;
        return whole;
    }
    return part;
}

/* Which case each of them is, NULL: none. The surest first, whichever was found first, so that none
 * takes what is another's for sure; of as sure ones those that somebody still has to look at. */
static void assign(struct stored *stored, const struct fth_anomaly_found *found,
                   struct fth_anomaly **known)
{
    for (unsigned pass = 0; pass < 2 * KIN_SAME; pass++)
        for (size_t i = 0; i < found->case_nr; i++) {
            if (known[i])
                continue;
            known[i] =
                known_of(stored, &found->cases[i], (enum kin)(KIN_SAME - pass / 2), pass % 2 == 0);
            if (known[i])
                stored->taken[known[i] - stored->at] = true;
        }
    for (size_t i = 0; i < found->case_nr; i++)
        if (known[i])
            known[i] = whole_of(stored, found, known[i]);
}

/* ---- changes ---- */

static bool same_text(struct fth_str a, struct fth_str b)
{
    return a.p && b.p ? fth_str_eq(a, b) : a.p == b.p;
}

static bool same_amounts(const struct fth_anomaly *a, const struct fth_anomaly *b)
{
    return fth_money_cmp(a->actual, b->actual) == 0 && fth_money_cmp(a->expected, b->expected) == 0;
}

static bool same_finding(const struct fth_anomaly *a, const struct fth_anomaly *b)
{
    return fth_monitor_scope_eq(&a->scope, &b->scope) &&
           fth_str_eq(a->scope.account_name, b->scope.account_name) && a->start == b->start &&
           a->end == b->end && a->detected == b->detected && a->ongoing == b->ongoing &&
           a->score_milli == b->score_milli && same_amounts(a, b) &&
           same_text(a->channel, b->channel) && same_text(a->severity, b->severity) &&
           same_text(a->levels, b->levels);
}

static enum fth_rc tell(struct sync *sync, const struct fth_anomaly *anomaly, const char *what,
                        struct fth_err *err)
{
    return told_vec_push(&sync->told, (struct told){*anomaly, what}, err);
}

/* {"impact","end"}: what it is now. */
static enum fth_rc say_found(struct sync *sync, struct fth_tx *tx,
                             const struct fth_anomaly *anomaly, const char *what,
                             struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_kv_money(&jw, "impact", anomaly->impact);
    fth_jw_kv_date(&jw, "start", anomaly->start);
    fth_jw_kv_date(&jw, "end", anomaly->end);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_anomaly_say(tx, anomaly->id, sync->now_us, (struct fth_str){0}, what,
                              (struct fth_str){0}, fth_buf_view(&detail), err);
    fth_buf_release(&detail);
    return err->rc;
}

/* {"from","to"}: the scopes. */
static enum fth_rc say_moved(struct sync *sync, struct fth_tx *tx, const struct fth_anomaly *known,
                             const struct fth_anomaly *now, struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(FTH_ANOMALY_JSON_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "from");
    fth_monitor_scope_put(&jw, &known->scope);
    fth_jw_key(&jw, "to");
    fth_monitor_scope_put(&jw, &now->scope);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_anomaly_say(tx, known->id, sync->now_us, (struct fth_str){0}, "moved",
                              (struct fth_str){0}, fth_buf_view(&detail), err);
    fth_buf_release(&detail);
    return err->rc;
}

static enum fth_rc write_found(struct sync *sync, struct fth_tx *tx, const char *statement,
                               const struct fth_anomaly *anomaly, int64_t second,
                               struct fth_err *err)
{
    struct fth_val vals[FTH_ANOMALY_VALS];

    if (fth_anomaly_vals(anomaly, sync->asked->arena, sync->now_us, vals, err))
        return err->rc;
    vals[1] = FTH_VAL_I64(second);
    return fth_tx_exec(tx, statement, vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc open_case(struct sync *sync, struct fth_tx *tx, struct fth_anomaly *anomaly,
                             struct fth_err *err)
{
    struct fth_table table;

    if (fth_tx_read(tx, SQL "number", NULL, 0, sync->asked->arena, 1, &table, err))
        return err->rc;
    FTH_CHECK(table.row_nr == 1);
    anomaly->number = fth_table_val(&table, 0, 0)->i64;
    anomaly->state = FTH_STR("open");
    if (fth_arena_printf(sync->asked->arena, &anomaly->id, err, "A-%lld",
                         (long long)anomaly->number) ||
        write_found(sync, tx, SQL "add", anomaly, anomaly->number, err) ||
        say_found(sync, tx, anomaly, "opened", err))
        return err->rc;
    sync->changes.opened++;
    return tell(sync, anomaly, "opened", err);
}

/* One that a restatement had taken away is back. */
static enum fth_rc reopen(struct sync *sync, struct fth_tx *tx, struct fth_anomaly *known,
                          struct fth_err *err)
{
    known->state = FTH_STR("open");
    known->cause = (struct fth_str){0};
    if (fth_anomaly_write_state(tx, known, sync->now_us, err))
        return err->rc;
    known->revision++;
    return fth_anomaly_say(tx, known->id, sync->now_us, (struct fth_str){0}, "reopened",
                           (struct fth_str){0}, (struct fth_str){0}, err);
}

static const struct fth_monitored *series_of(const struct fth_monitor *monitor,
                                             const struct fth_anomaly *anomaly)
{
    for (size_t i = 0; i < monitor->nr; i++)
        if (fth_monitor_scope_eq(&monitor->at[i].scope, &anomaly->scope) &&
            fth_str_eq(monitor->at[i].currency, anomaly->currency))
            return &monitor->at[i];
    return NULL;
}

/* It would move to where it was seen besides only because its own series is watched no more. */
static bool is_out_of_sight(const struct sync *sync, const struct fth_anomaly *known,
                            const struct fth_anomaly *now)
{
    return !fth_monitor_scope_eq(&known->scope, &now->scope) &&
           !series_of(sync->found->monitor, known);
}

static enum fth_rc update_case(struct sync *sync, struct fth_tx *tx, struct fth_anomaly *known,
                               const struct fth_anomaly *now, struct fth_err *err)
{
    struct fth_anomaly made = *now;
    bool back = was_gone(known);
    const char *what = now->end > known->end      ? "grew"
                       : same_amounts(known, now) ? NULL
                                                  : "restated";

    if (is_decided(known) || is_out_of_sight(sync, known, now) ||
        (!back && same_finding(known, now)))
        return FTH_OK;
    if (back && reopen(sync, tx, known, err))
        return err->rc;
    made.id = known->id;
    made.number = known->number;
    made.state = known->state;
    if (write_found(sync, tx, SQL "found", &made, known->revision, err) ||
        (!fth_monitor_scope_eq(&known->scope, &made.scope) &&
         say_moved(sync, tx, known, &made, err)) ||
        (what && say_found(sync, tx, &made, what, err)))
        return err->rc;
    sync->changes.changed++;
    return tell(sync, &made, "changed", err);
}

static enum fth_rc say_absorbed(struct sync *sync, struct fth_tx *tx, struct fth_str part,
                                struct fth_str whole, struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "into", whole);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_anomaly_say(tx, part, sync->now_us, (struct fth_str){0}, "absorbed",
                              (struct fth_str){0}, fth_buf_view(&detail), err);
    fth_buf_release(&detail);
    return err->rc;
}

/* What was a part of a part is one of the whole: parts have none. */
static enum fth_rc adopt(struct sync *sync, struct fth_tx *tx, const struct fth_anomaly *part,
                         const struct fth_anomaly *whole, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(part->id), FTH_VAL_STR(whole->id),
                                   FTH_VAL_I64(sync->now_us)};
    struct stored *stored = &sync->stored;
    struct fth_table table;

    if (fth_tx_read(tx, SQL "adopt", vals, FTH_NR(vals), sync->asked->arena, CASES_MOST, &table,
                    err))
        return err->rc;
    for (size_t row = 0; row < table.row_nr; row++)
        if (say_absorbed(sync, tx, fth_table_val(&table, row, 0)->text, whole->id, err))
            return err->rc;
    for (size_t i = 0; i < stored->nr; i++) {
        struct fth_anomaly *moved = &stored->at[i];

        if (!fth_anomaly_is(moved, "merged") || !fth_str_eq(moved->merged_into, part->id))
            continue;
        moved->merged_into = whole->id;
        moved->revision++;
        if (tell(sync, moved, "changed", err))
            return err->rc;
    }
    return FTH_OK;
}

/* Another case turned out to be the same event. */
static enum fth_rc absorb(struct sync *sync, struct fth_tx *tx, struct fth_anomaly *part,
                          const struct fth_anomaly *whole, struct fth_err *err)
{
    part->state = FTH_STR("merged");
    part->snoozed_until = (struct fth_str){0};
    part->merged_into = whole->id;
    if (fth_anomaly_write_state(tx, part, sync->now_us, err) ||
        say_absorbed(sync, tx, part->id, whole->id, err) || adopt(sync, tx, part, whole, err))
        return err->rc;
    part->revision++;
    sync->changes.changed++;
    return tell(sync, part, "changed", err);
}

/* ---- all that was found ---- */

static bool is_worth_a_case(const struct sync *sync, const struct fth_monitor_case *found)
{
    const struct fth_anomaly_conf *conf = &sync->asked->app->anomalies;

    return found->root->weight >= (double)conf->min_impact &&
           found->root->end > sync->found->monitor->until - conf->days;
}

static enum fth_rc take_others(struct sync *sync, struct fth_tx *tx,
                               const struct fth_monitor_case *found,
                               const struct fth_anomaly *known, struct fth_err *err)
{
    struct stored *stored = &sync->stored;

    for (size_t i = 0; i < stored->nr; i++) {
        if (stored->taken[i] || stored->apart[i] || kin_of(stored, i, found) == KIN_NONE)
            continue;
        stored->taken[i] = true;
        if (is_active(&stored->at[i]) && is_active(known) &&
            absorb(sync, tx, &stored->at[i], known, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc take_found(struct sync *sync, struct fth_tx *tx,
                              const struct fth_monitor_case *found, struct fth_anomaly *known,
                              struct fth_err *err)
{
    struct fth_anomaly now;

    if (fth_anomaly_of_found(sync->asked->app, found, sync->asked->arena, &now, err))
        return err->rc;
    if (!known)
        return is_worth_a_case(sync, found) ? open_case(sync, tx, &now, err) : FTH_OK;
    if (update_case(sync, tx, known, &now, err))
        return err->rc;
    return take_others(sync, tx, found, known, err);
}

/* ---- what is no longer found ---- */

/* Only where its series was looked at, with all of the sources that had charges on its days, and
 * for long enough that its verdicts no longer change by where history begins. */
static bool is_gone(const struct sync *sync, const struct fth_anomaly *known)
{
    const struct fth_monitored *series = series_of(sync->found->monitor, known);

    if (!is_active(known) || !series || known->start < series->start + FTH_MONITOR_SETTLES ||
        known->end >= series->start + (int32_t)series->n)
        return false;
    if (known->start < series->uncounted_end && known->end >= series->uncounted_first)
        return false;
    for (size_t i = 0; i < sync->found->hint_nr; i++)
        if (near_days(known, &sync->found->hints[i]) &&
            fth_monitor_scope_eq(&known->scope, &sync->found->hints[i].series->scope))
            return false;
    return true;
}

static enum fth_rc let_go(struct sync *sync, struct fth_tx *tx, struct fth_anomaly *known,
                          struct fth_err *err)
{
    known->state = FTH_STR("resolved");
    known->cause = fth_str_c(gone_cause);
    known->snoozed_until = (struct fth_str){0};
    known->ongoing = false;
    if (fth_anomaly_write_state(tx, known, sync->now_us, err) ||
        fth_anomaly_say(tx, known->id, sync->now_us, (struct fth_str){0}, "gone",
                        (struct fth_str){0}, (struct fth_str){0}, err))
        return err->rc;
    sync->changes.gone++;
    return tell(sync, known, "changed", err);
}

/* ---- in one transaction ---- */

static enum fth_rc read_apart(struct sync *sync, struct fth_tx *tx, struct fth_err *err)
{
    struct stored *stored = &sync->stored;
    struct fth_table table;

    if (fth_tx_read(tx, SQL "apart", NULL, 0, sync->asked->arena, CASES_MOST, &table, err))
        return err->rc;
    for (size_t row = 0; row < table.row_nr; row++)
        for (size_t i = 0; i < stored->nr; i++)
            if (stored->at[i].number == fth_table_val(&table, row, 0)->i64)
                stored->apart[i] = true;
    return FTH_OK;
}

static enum fth_rc read_stored(struct sync *sync, struct fth_tx *tx, struct fth_err *err)
{
    struct fth_arena *arena = sync->asked->arena;
    struct stored *stored = &sync->stored;

    if (fth_anomalies_since(sync->asked, tx, sync->found->monitor->until - OLDEST, &stored->at,
                            &stored->nr, err))
        return err->rc;
    stored->taken = FTH_NEW_ARRAY(arena, bool, stored->nr + 1);
    stored->apart = FTH_NEW_ARRAY(arena, bool, stored->nr + 1);
    stored->levels = FTH_NEW_ARRAY(arena, struct fth_monitor_scope_vec, stored->nr + 1);
    if (!stored->taken || !stored->apart || !stored->levels)
        return fth_err_nomem(err);
    for (size_t i = 0; i < stored->nr; i++)
        if (fth_anomaly_levels(&stored->at[i], arena, &stored->levels[i], err))
            return err->rc;
    return read_apart(sync, tx, err);
}

/* What another attempt had done does not count. */
static enum fth_rc work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct sync *sync = ctx;
    struct fth_anomaly **known =
        FTH_NEW_ARRAY(sync->asked->arena, struct fth_anomaly *, sync->found->case_nr + 1);

    if (!known)
        return fth_err_nomem(err);
    sync->changes = (struct fth_anomaly_changes){0};
    sync->told = told_vec_in(sync->asked->arena);
    if (read_stored(sync, tx, err))
        return err->rc;
    assign(&sync->stored, sync->found, known);
    for (size_t i = 0; i < sync->found->case_nr; i++)
        if (take_found(sync, tx, &sync->found->cases[i], known[i], err))
            return err->rc;
    for (size_t i = 0; i < sync->stored.nr; i++)
        if (!sync->stored.taken[i] && is_gone(sync, &sync->stored.at[i]) &&
            let_go(sync, tx, &sync->stored.at[i], err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_anomaly_sync(const struct fth_asked *asked, const struct fth_anomaly_found *found,
                             struct fth_anomaly_changes *out, struct fth_err *err)
{
    struct sync sync = {
        .asked = asked, .found = found, .now_us = fth_clock_now_us(&asked->app->clock)};

    if (found->monitor->nr == 0) {
        *out = sync.changes;
        return FTH_OK;
    }
    if (fth_db_in_tx(asked->app->db, work, &sync, err))
        return err->rc;
    for (size_t i = 0; i < sync.told.nr; i++)
        fth_anomaly_tell(asked->app, &sync.told.at[i].anomaly, sync.told.at[i].what);
    *out = sync.changes;
    return FTH_OK;
}

/* ---- those whose rest is over ---- */

struct waking {
    const struct fth_asked *asked;
    struct fth_val today;
    struct told_vec told;
};

static enum fth_rc wake_one(struct waking *waking, struct fth_tx *tx, struct fth_str id,
                            struct fth_err *err)
{
    const struct fth_val val = FTH_VAL_STR(id);
    int64_t now = fth_clock_now_us(&waking->asked->app->clock);
    struct fth_anomaly anomaly;
    struct fth_table table;

    if (fth_tx_read(tx, SQL "one", &val, 1, waking->asked->arena, 1, &table, err) ||
        table.row_nr == 0 || fth_anomaly_of_row(&table, 0, &anomaly, err))
        return err->rc;
    anomaly.state = FTH_STR("open");
    anomaly.snoozed_until = (struct fth_str){0};
    if (fth_anomaly_write_state(tx, &anomaly, now, err) ||
        fth_anomaly_say(tx, id, now, (struct fth_str){0}, "state", (struct fth_str){0},
                        FTH_STR("{\"from\":\"snoozed\",\"to\":\"open\"}"), err))
        return err->rc;
    return told_vec_push(&waking->told, (struct told){anomaly, "changed"}, err);
}

static enum fth_rc wake(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct waking *waking = ctx;
    struct fth_table table;

    waking->told = told_vec_in(waking->asked->arena);
    if (fth_tx_read(tx, SQL "woken", &waking->today, 1, waking->asked->arena, WAKE_MOST, &table,
                    err))
        return err->rc;
    for (size_t i = 0; i < table.row_nr; i++)
        if (wake_one(waking, tx, fth_table_val(&table, i, 0)->text, err))
            return err->rc;
    return FTH_OK;
}

enum fth_rc fth_anomalies_wake(const struct fth_asked *asked, struct fth_err *err)
{
    char today[10];
    struct waking waking = {.asked = asked,
                            .today = FTH_VAL_STR(((struct fth_str){today, sizeof(today)}))};
    struct fth_table table;

    fth_date_text(fth_instant_date(fth_clock_now_us(&asked->app->clock)), today);
    if (fth_db_read(asked->app->db, SQL "woken", &waking.today, 1, asked->arena, WAKE_MOST, &table,
                    err) ||
        table.row_nr == 0 || fth_db_in_tx(asked->app->db, wake, &waking, err))
        return err->rc;
    for (size_t i = 0; i < waking.told.nr; i++)
        fth_anomaly_tell(asked->app, &waking.told.at[i].anomaly, waking.told.at[i].what);
    return FTH_OK;
}

/* ---- events ---- */

/* Whoever has a scope gets none: what it is named after may lie outside of it. */
void fth_anomaly_tell(struct fth_app *app, const struct fth_anomaly *anomaly, const char *what)
{
    int32_t today = fth_instant_date(fth_clock_now_us(&app->clock));
    struct fth_buf buf = fth_buf_max(TELL_MAX), title = fth_buf_max(TELL_MAX);
    struct fth_err ignored = {0};
    struct fth_jw jw;

    fth_anomaly_put_title(&title, anomaly, fth_date_to_civil(today).year);
    fth_jw_init(&jw, &buf);
    fth_jw_object(&jw);
    fth_jw_kv(&jw, "id", anomaly->id);
    fth_jw_kv(&jw, "state", anomaly->state);
    fth_jw_kv(&jw, "severity", anomaly->severity);
    fth_jw_kv(&jw, "title", fth_buf_view(&title));
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, &ignored))
        fth_events_publish(app->events, FTH_TOPIC_ANOMALIES,
                           strcmp(what, "opened") == 0 ? "anomaly.opened" : "anomaly.changed",
                           FTH_STR(""), fth_buf_view(&buf));
    fth_buf_release(&title);
    fth_buf_release(&buf);
}
