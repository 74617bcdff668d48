/* replay: a whole series through a detector, and its days grouped to events. */
#include <math.h>

#include "base/check.h"
#include "base/vec.h"
#include "detect/detect.h"

FTH_VEC(event_vec, struct fth_detect_event)

struct replay {
    const double *y;
    int32_t start;
    double *expected; /* a day */
    struct event_vec strong, weak;
};

static struct fth_detect_event event_of(const struct fth_verdict *v, int32_t start, int32_t date)
{
    return (struct fth_detect_event){.start = start < date ? start : date,
                                     .end = date,
                                     .detected = date,
                                     .score = v->now,
                                     .by = v->by,
                                     .up = v->up};
}

/* Days that are unusual, but do not alarm, are events of their own as long as no alarm is near. */
static enum fth_rc add_weak(struct replay *r, const struct fth_verdict *v, int32_t date,
                            struct fth_err *err)
{
    struct fth_detect_event *last = r->weak.nr ? &r->weak.at[r->weak.nr - 1] : NULL;
    struct fth_detect_event *alarm = r->strong.nr ? &r->strong.at[r->strong.nr - 1] : NULL;
    int32_t start = last && v->start <= last->end ? last->end + 1 : v->start;

    if (v->now < FTH_DETECT_SCORE_LEAST || (alarm && date - alarm->end <= FTH_DETECT_QUIET_DAYS))
        return FTH_OK;
    if (last && date - last->end <= FTH_DETECT_QUIET_DAYS) {
        last->end = date;
        if (v->now <= last->score)
            return FTH_OK;
        last->score = v->now;
        last->by = v->by;
        last->up = v->up;
        return FTH_OK;
    }
    return event_vec_push(&r->weak, event_of(v, start, date), err);
}

/* An alarm swallows what was weak right before it. */
static enum fth_rc add_strong(struct replay *r, const struct fth_verdict *v, int32_t date,
                              struct fth_err *err)
{
    int32_t start = v->start;

    while (r->weak.nr && start - r->weak.at[r->weak.nr - 1].end <= FTH_DETECT_QUIET_DAYS)
        r->weak.nr--;
    if (r->strong.nr && start <= r->strong.at[r->strong.nr - 1].end)
        start = r->strong.at[r->strong.nr - 1].end + 1;
    return event_vec_push(&r->strong, event_of(v, start, date), err);
}

static enum fth_rc take(struct replay *r, const struct fth_verdict *v, int32_t date,
                        struct fth_err *err)
{
    struct fth_detect_event *last;

    switch (v->alarm) {
    case FTH_ALARM_NONE:
        return add_weak(r, v, date, err);
    case FTH_ALARM_BEGINS:
        return add_strong(r, v, date, err);
    default: /* of an event that began before */
        FTH_CHECK(r->strong.at && r->strong.nr > 0);
        last = &r->strong.at[r->strong.nr - 1];
        /* A fall is said of an earlier day. */
        last->end = v->start > last->end ? v->start : v->by->hold ? last->end : date;
        last->score = fmax(last->score, v->now);
        return FTH_OK;
    }
}

static void sum_up(const struct replay *r, struct fth_detect_event *event)
{
    for (int32_t date = event->start; date <= event->end; date++) {
        double y = r->y[date - r->start];

        if (isnan(y))
            continue;
        event->actual += y;
        event->expected += r->expected[date - r->start];
    }
}

/* Both kinds by their start. */
static enum fth_rc merge(const struct replay *r, struct fth_arena *arena, struct fth_detection *out,
                         struct fth_err *err)
{
    size_t nr = r->strong.nr + r->weak.nr, s = 0, w = 0;
    struct fth_detect_event *all = FTH_NEW_ARRAY(arena, struct fth_detect_event, nr);

    if (!all)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        bool weak =
            s == r->strong.nr || (w < r->weak.nr && r->weak.at[w].start < r->strong.at[s].start);

        all[i] = weak ? r->weak.at[w++] : r->strong.at[s++];
        sum_up(r, &all[i]);
    }
    out->events = all;
    out->event_nr = nr;
    return FTH_OK;
}

static enum fth_rc check(const double *y, size_t n, double false_alarms, struct fth_err *err)
{
    if (!(false_alarms >= FTH_DETECT_FALSE_ALARMS_LEAST &&
          false_alarms <= FTH_DETECT_FALSE_ALARMS_MOST))
        return fth_err_set(err, FTH_E_INVALID, "%g false alarms a year are not between %g and %g",
                           false_alarms, FTH_DETECT_FALSE_ALARMS_LEAST,
                           FTH_DETECT_FALSE_ALARMS_MOST);
    for (size_t i = 0; i < n; i++)
        if (fabs(y[i]) > FTH_DETECT_VALUE_MOST)
            return fth_err_set(err, FTH_E_INVALID, "value %zu is beyond %g", i + 1,
                               FTH_DETECT_VALUE_MOST);
    return FTH_OK;
}

enum fth_rc fth_detect_replay(const double *y, size_t n, int32_t start, double false_alarms,
                              struct fth_arena *arena, struct fth_detection *out,
                              struct fth_err *err)
{
    struct replay r = {
        .y = y, .start = start, .strong = event_vec_in(arena), .weak = event_vec_in(arena)};
    struct fth_detection made = {0};
    struct fth_detector *d;
    double *scores;

    if (check(y, n, false_alarms, err))
        return err->rc;
    d = FTH_NEW(arena, struct fth_detector);
    scores = FTH_NEW_ARRAY(arena, double, n);
    r.expected = FTH_NEW_ARRAY(arena, double, n);
    if (!d || !scores || !r.expected)
        return fth_err_nomem(err);
    fth_detector_init(d, false_alarms);
    for (size_t i = 0; i < n; i++) {
        struct fth_verdict v = fth_detector_add(d, start + (int32_t)i, y[i]);

        scores[i] = v.score;
        r.expected[i] = v.expected;
        if (take(&r, &v, start + (int32_t)i, err))
            return err->rc;
    }
    made.scores = scores;
    if (merge(&r, arena, &made, err))
        return err->rc;
    *out = made;
    return FTH_OK;
}
