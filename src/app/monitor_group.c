/* Which alarms are one event, and where it belongs. */
#include <stdlib.h>
#include <string.h>

#include "app/monitor_int.h"

enum { NOBODY = -1, BEFORE_DAYS = 28 };

/* Events point to the one that they are a part of, or that explains them. */
struct grouping {
    const struct fth_monitor *monitor;
    const struct fth_monitor_event *events; /* by start */
    size_t nr;
    int32_t longest; /* days behind its start that one ends at most */
    int *to;
};

static bool overlap(const struct fth_monitor_event *a, const struct fth_monitor_event *b)
{
    return a->up == b->up && a->start <= b->end && b->start <= a->end &&
           fth_str_eq(a->series->currency, b->series->currency);
}

static bool is_part(const struct fth_monitor_event *part, const struct fth_monitor_event *whole)
{
    return overlap(part, whole) &&
           fth_monitor_scope_within(&part->series->scope, &whole->series->scope);
}

static size_t root_of(const struct grouping *g, size_t i)
{
    while (g->to[i] != NOBODY)
        i = (size_t)g->to[i];
    return i;
}

/* Events that overlap with i are from here on, up to the first that begins behind its end. */
static size_t near_from(const struct grouping *g, size_t i)
{
    int32_t start = g->events[i].start - g->longest;
    size_t lo = 0, hi = i;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (g->events[mid].start < start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool near_until(const struct grouping *g, size_t i, size_t k)
{
    return k < g->nr && g->events[k].start <= g->events[i].end;
}

/* The largest part of it; NOBODY: none. */
static int largest_part(const struct grouping *g, size_t whole)
{
    int best = NOBODY;

    for (size_t i = near_from(g, whole); near_until(g, whole, i); i++)
        if (is_part(&g->events[i], &g->events[whole]) &&
            (best == NOBODY || g->events[i].weight > g->events[best].weight))
            best = (int)i;
    return best;
}

static bool explains(const struct grouping *g, int part, size_t whole)
{
    return part != NOBODY &&
           g->events[part].weight >= FTH_MONITOR_EXPLAINS * g->events[whole].weight;
}

static bool is_middle(const struct fth_monitor_event *event)
{
    return event->series->scope.level == FTH_LEVEL_ACCOUNT ||
           event->series->scope.level == FTH_LEVEL_SERVICE;
}

/* Accounts and services that one of their parts explains belong to it. */
static void go_down(struct grouping *g)
{
    for (size_t i = 0; i < g->nr; i++) {
        int part = is_middle(&g->events[i]) ? largest_part(g, i) : NOBODY;

        if (explains(g, part, i))
            g->to[i] = part;
    }
}

/* What is no more than a part of an account or a service that rises as a whole belongs to that of
 * which it makes the most. Not where the part explains the other: that belongs to it already. */
static void go_up(struct grouping *g)
{
    for (size_t i = 0; i < g->nr; i++) {
        double most = 0;

        if (g->events[i].series->scope.level != FTH_LEVEL_ACCOUNT_SERVICE)
            continue;
        for (size_t k = near_from(g, i); near_until(g, i, k); k++) {
            double share = g->events[k].weight > 0 ? g->events[i].weight / g->events[k].weight : 0;

            if (!is_middle(&g->events[k]) || !is_part(&g->events[i], &g->events[k]) ||
                g->to[k] != NOBODY || share <= most)
                continue;
            most = share;
            g->to[i] = (int)k;
        }
    }
}

/* The total, and tags, which cut across: to the largest event that makes enough of them, or that
 * makes enough with the others of its level. */
static void explain_total(struct grouping *g, size_t i)
{
    double together = 0;
    int best = NOBODY;

    for (size_t k = near_from(g, i); near_until(g, i, k); k++) {
        const struct fth_monitor_event *event = &g->events[k];

        if (g->to[k] != NOBODY || event->series->scope.level == FTH_LEVEL_TAG ||
            !is_part(event, &g->events[i]))
            continue;
        together += event->weight;
        if (best == NOBODY || event->weight > g->events[best].weight)
            best = (int)k;
    }
    if (best != NOBODY && together >= FTH_MONITOR_EXPLAINS * g->events[i].weight)
        g->to[i] = best;
}

static void explain_tag(struct grouping *g, size_t i)
{
    double weight = g->events[i].weight;
    int best = NOBODY;

    for (size_t k = near_from(g, i); near_until(g, i, k); k++) {
        const struct fth_monitor_event *event = &g->events[k];

        if (g->to[k] == NOBODY && event->series->scope.level != FTH_LEVEL_TAG &&
            event->series->scope.level != FTH_LEVEL_TOTAL && overlap(event, &g->events[i]) &&
            event->weight >= FTH_MONITOR_EXPLAINS * weight &&
            weight >= FTH_MONITOR_EXPLAINS * event->weight &&
            (best == NOBODY || event->weight > g->events[best].weight))
            best = (int)k;
    }
    g->to[i] = best;
}

/* What an account and a service have in common; NULL: it is not watched. */
static const struct fth_monitored *shared_by(const struct grouping *g,
                                             const struct fth_monitor_event *account,
                                             const struct fth_monitor_event *service)
{
    const struct fth_monitor_scope scope = {.level = FTH_LEVEL_ACCOUNT_SERVICE,
                                            .account = account->series->scope.account,
                                            .service = service->series->scope.service};

    for (size_t i = 0; i < g->monitor->nr; i++)
        if (fth_monitor_scope_eq(&g->monitor->at[i].scope, &scope) &&
            fth_str_eq(g->monitor->at[i].currency, account->series->currency))
            return &g->monitor->at[i];
    return NULL;
}

/* Beyond the mean of the days before, over these days; less where it fell. */
static double excess(const struct fth_monitored *series, int32_t start, int32_t end)
{
    double before = 0, now = 0;
    int days_before = 0, days = 0;

    for (int32_t day = start - BEFORE_DAYS; day <= end; day++) {
        if (day < series->start || day - series->start >= (int32_t)series->n)
            continue;
        if (day < start) {
            before += fth_money_to_double(series->amount[day - series->start]);
            days_before++;
        } else {
            now += fth_money_to_double(series->amount[day - series->start]);
            days++;
        }
    }
    return days_before && days ? now - before * days / days_before : 0;
}

static bool are_two_sides(const struct grouping *g, const struct fth_monitor_event *account,
                          const struct fth_monitor_event *service)
{
    const struct fth_monitored *shared = shared_by(g, account, service);
    const struct fth_monitor_event *less = account->weight < service->weight ? account : service;
    double moved = shared ? excess(shared, less->start, less->end) : 0;

    return (less->up ? moved : -moved) >= FTH_MONITOR_EXPLAINS * less->weight;
}

/* Of two that moved about as much the one that costs less is the smaller scope; else the one that
 * moved less is a part of the other. */
static bool belongs_to(const struct fth_monitor_event *a, const struct fth_monitor_event *b)
{
    bool alike = a->weight >= FTH_MONITOR_EXPLAINS * b->weight &&
                 b->weight >= FTH_MONITOR_EXPLAINS * a->weight;

    return alike ? fth_money_cmp(b->actual, a->actual) <= 0 : a->weight < b->weight;
}

static void join_sides(struct grouping *g)
{
    for (size_t i = 0; i < g->nr; i++) {
        const struct fth_monitor_event *account = &g->events[i];

        if (account->series->scope.level != FTH_LEVEL_ACCOUNT)
            continue;
        for (size_t k = near_from(g, i); near_until(g, i, k); k++) {
            const struct fth_monitor_event *service = &g->events[k];

            if (g->to[i] != NOBODY || g->to[k] != NOBODY ||
                service->series->scope.level != FTH_LEVEL_SERVICE || !overlap(account, service) ||
                !are_two_sides(g, account, service))
                continue;
            if (belongs_to(service, account))
                g->to[k] = (int)i;
            else
                g->to[i] = (int)k;
        }
    }
}

static void link_all(struct grouping *g)
{
    go_down(g);
    go_up(g);
    join_sides(g);
    for (size_t i = 0; i < g->nr; i++)
        if (g->events[i].series->scope.level == FTH_LEVEL_TAG)
            explain_tag(g, i);
    for (size_t i = 0; i < g->nr; i++)
        if (g->events[i].series->scope.level == FTH_LEVEL_TOTAL)
            explain_total(g, i);
}

static int by_weight(const void *a, const void *b)
{
    const struct fth_monitor_event *x = *(const struct fth_monitor_event *const *)a,
                                   *y = *(const struct fth_monitor_event *const *)b;

    return (x->weight < y->weight) - (x->weight > y->weight);
}

static int cases_by_weight(const void *a, const void *b)
{
    const struct fth_monitor_case *x = a, *y = b;

    return by_weight(&x->root, &y->root);
}

/* Every event to the case of its root. */
static enum fth_rc gather(const struct grouping *g, struct fth_arena *arena,
                          struct fth_monitor_case *cases, size_t *made, struct fth_err *err)
{
    struct fth_monitor_case **of = FTH_NEW_ARRAY(arena, struct fth_monitor_case *, g->nr + 1);

    if (!of)
        return fth_err_nomem(err);
    for (size_t i = 0; i < g->nr; i++)
        if (g->to[i] == NOBODY) {
            of[i] = &cases[(*made)++];
            of[i]->root = &g->events[i];
        }
    for (size_t i = 0; i < g->nr; i++)
        if (g->to[i] != NOBODY)
            of[root_of(g, i)]->seen_nr++;
    for (size_t i = 0; i < *made; i++) {
        cases[i].seen =
            FTH_NEW_ARRAY(arena, const struct fth_monitor_event *, cases[i].seen_nr + 1);
        if (!cases[i].seen)
            return fth_err_nomem(err);
        cases[i].seen_nr = 0;
    }
    for (size_t i = 0; i < g->nr; i++)
        if (g->to[i] != NOBODY) {
            struct fth_monitor_case *root = of[root_of(g, i)];

            root->seen[root->seen_nr++] = &g->events[i];
        }
    return FTH_OK;
}

static int by_start(const void *a, const void *b)
{
    const struct fth_monitor_event *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

enum fth_rc fth_monitor_group(const struct fth_monitor *monitor,
                              const struct fth_monitor_event *events, size_t nr,
                              struct fth_arena *arena, struct fth_monitor_case **out,
                              size_t *out_nr, struct fth_err *err)
{
    struct grouping g = {.monitor = monitor, .nr = nr, .to = FTH_NEW_ARRAY(arena, int, nr + 1)};
    struct fth_monitor_event *sorted = FTH_NEW_ARRAY(arena, struct fth_monitor_event, nr + 1);
    struct fth_monitor_case *cases = FTH_NEW_ARRAY(arena, struct fth_monitor_case, nr + 1);
    size_t made = 0;

    if (!g.to || !sorted || !cases)
        return fth_err_nomem(err);
    if (nr) {
        memcpy(sorted, events, nr * sizeof(*sorted));
        qsort(sorted, nr, sizeof(*sorted), by_start);
    }
    g.events = sorted;
    for (size_t i = 0; i < nr; i++) {
        g.to[i] = NOBODY;
        if (sorted[i].end - sorted[i].start > g.longest)
            g.longest = sorted[i].end - sorted[i].start;
    }
    link_all(&g);
    if (gather(&g, arena, cases, &made, err))
        return err->rc;
    for (size_t i = 0; i < made; i++)
        qsort(cases[i].seen, cases[i].seen_nr, sizeof(*cases[i].seen), by_weight);
    qsort(cases, made, sizeof(*cases), cases_by_weight);
    *out = cases;
    *out_nr = made;
    return FTH_OK;
}
