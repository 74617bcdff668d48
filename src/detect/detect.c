#include "detect/detect.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "detect/memory.h"
#include "stats/order.h"
#include "stats/series.h"

enum {
    ACCEPT_DAYS = 7, /* after which a step is what is usual */
    BACK_DAYS = 2,   /* as usual, that end what is seen of an event */
    WATCH_DAYS = 14, /* that are compared with the time before an alarm */
    LEVEL_DAYS = 5,  /* that say where the level is now */
};

static const double days_a_year = 365.25;
/* The tails' usual shapes are on the safe side, and channels agree: what is asked for comes about
 * at this rate. Fitted on made clean series (bench/detect-accuracy.py). */
static const double rate_scale = 1.45, rate_power = 1.08;
static const double accepted_shift = 2.1; /* spreads that make a step */
static const double p_least = 1e-12;      /* below, rare is rare */
static const double weight_of_tail = 9;   /* of the score: 0.25 is eleven times the rate */
static const double unconfirmed = 0.95;   /* what a fall that may be an incomplete day scores */

_Static_assert(sizeof(struct fth_detector) <= FTH_DETECT_STATE_MOST, "state of a detector");

void fth_detector_init(struct fth_detector *d, double false_alarms)
{
    memset(d, 0, sizeof(*d));
    d->rate = fmin(rate_scale * pow(false_alarms, rate_power) / days_a_year, 0.5);
}

/* 1 at the rate, 0.25 at eleven times it, a unit more for each tenth of it below. */
static double score_of(const struct fth_detector *d, double p)
{
    return log10(1 + weight_of_tail * d->rate / fmax(p, p_least));
}

/* ---- what the channels say ---- */

struct opinion {
    double p;
    const struct fth_detector_kind *by;
    struct fth_finding finding; /* of it */
    struct fth_finding all[FTH_DETECTOR_NR];
};

static void ask(struct fth_detector *d, const struct fth_detector_sight *sight, struct opinion *out)
{
    double weights = 0, sum = 0, best = 0;

    *out = (struct opinion){.p = 1};
    for (size_t i = 0; i < FTH_DETECTOR_NR; i++) {
        const struct fth_detector_kind *kind = fth_detector_kind_at(i);
        struct fth_finding *f = &out->all[i];
        double share;
        bool certain;

        kind->look(sight, &d->channels[i], f);
        if (!f->said)
            continue;
        certain = f->p > 0;
        if (!certain)
            f->p = fth_tail_p(&d->channels[i].tail, &kind->prior, f->far);
        share = kind->weight / fmax(f->p, p_least);
        weights += kind->weight;
        sum += share;
        if (share > best || certain) {
            best = certain ? INFINITY : share;
            out->by = kind;
            out->finding = *f;
        }
    }
    if (sum > 0)
        out->p = fmin(weights / sum, 1);
}

/* A channel that looks at many days would learn a slow rise as what is usual before it finds it: it
 * learns late. */
static void learn_tail(struct fth_channel *channel, int delay, double far)
{
    if (channel->late_nr < delay) {
        channel->late[channel->late_nr++] = (float)far;
        return;
    }
    if (delay > 0) {
        double oldest = (double)channel->late[0];

        memmove(channel->late, channel->late + 1, (size_t)(delay - 1) * sizeof(*channel->late));
        channel->late[delay - 1] = (float)far;
        far = oldest;
    }
    fth_tail_learn(&channel->tail, far);
}

static void learn_tails(struct fth_detector *d, const struct opinion *o)
{
    for (size_t i = 0; i < FTH_DETECTOR_NR; i++)
        if (o->all[i].said && o->all[i].far != 0)
            learn_tail(&d->channels[i], fth_detector_kind_at(i)->delay, o->all[i].far);
}

/* What was said right before an alarm is not what is usual. */
static void forget_late(struct fth_detector *d)
{
    for (size_t i = 0; i < FTH_DETECTOR_NR; i++)
        d->channels[i].late_nr = 0;
}

/* ---- events ---- */

/* The level from before the alarm on today's scale. */
static double level_before(const struct fth_detector *d)
{
    return fth_stats_asinh(d->watch.usual, d->baseline.c);
}

static void begin(struct fth_detector *d, const struct fth_detector_sight *s,
                  const struct opinion *o)
{
    const struct fth_judged *first = &s->past[o->finding.ago < FTH_SIGHT_DAYS ? o->finding.ago : 0];

    d->watch = (struct fth_watch){
        .on = true,
        .up = o->finding.up,
        .start = s->day->date - (int32_t)o->finding.ago,
        .last = s->day->date,
        .hot = s->day->date,
        .usual = fth_baseline_value(&d->baseline, (double)first->level),
        .spread = (double)first->spread,
    };
}

/* A step that lasts becomes what is usual: the days before it are lifted. */
static void accept(struct fth_detector *d, int32_t today)
{
    double last[LEVEL_DAYS], shift;
    uint32_t nr;

    d->watch.accepted = true;
    nr = fth_baseline_window(&d->baseline, 0, LEVEL_DAYS, last);
    if (nr == 0)
        return;
    shift = fth_stats_median(last, nr) - level_before(d);
    if (fabs(shift) > accepted_shift * d->watch.spread)
        fth_baseline_accept(&d->baseline, (uint32_t)(today - d->watch.start), shift);
}

static enum fth_alarm alarm(struct fth_detector *d, const struct fth_detector_sight *s,
                            const struct opinion *o, double score)
{
    int32_t today = s->day->date;

    if (score >= 1 && d->watch.on && today - d->watch.last <= FTH_DETECT_QUIET_DAYS) {
        d->watch.last = today;
        return FTH_ALARM_GOES_ON;
    }
    if (score < 1)
        return FTH_ALARM_NONE;
    begin(d, s, o);
    return FTH_ALARM_BEGINS;
}

/* How far today is from the time before the event, as long as that is watched. */
static double watched(const struct fth_detector *d, const struct fth_detector_sight *s)
{
    const struct fth_detector_kind *up = fth_detector_kind_at(FTH_DETECTOR_up);
    double far, score;

    if (!d->watch.on || s->day->date - d->watch.start >= WATCH_DAYS || d->baseline.c <= 0)
        return 0;
    far = fth_baseline_flat(s->b, 0) - level_before(d);
    far = (d->watch.up ? far : -far) / d->watch.spread;
    score = score_of(d, fth_tail_p(&d->channels[FTH_DETECTOR_up].tail, &up->prior, far));
    /* Once it was back it does not alarm again by this. */
    return s->day->date - d->watch.hot > BACK_DAYS ? fmin(score, unconfirmed) : score;
}

/* ---- a day ---- */

static void remember(struct fth_detector *d, const struct fth_judged *judged)
{
    memmove(d->past + 1, d->past, (FTH_SIGHT_DAYS - 1) * sizeof(*d->past));
    d->past[0] = *judged;
}

static void skip(struct fth_detector *d, int32_t date)
{
    struct fth_judged none = d->past[0];

    none.z = 0;
    fth_baseline_skip(&d->baseline, date);
    remember(d, &none);
}

static double fall_today(const struct fth_detector *d, const struct fth_detector_sight *s)
{
    const struct fth_detector_kind *down = fth_detector_kind_at(FTH_DETECTOR_down);
    double far = -(double)s->past[0].z;

    if (s->day->on_and_off || !s->day->known || far <= 0)
        return 0;
    return fmin(unconfirmed,
                score_of(d, fth_tail_p(&d->channels[FTH_DETECTOR_down].tail, &down->prior, far)));
}

static struct fth_verdict judge(struct fth_detector *d, const struct fth_baseline_day *day)
{
    struct fth_detector_sight sight = {.b = &d->baseline, .day = day, .past = d->past};
    struct fth_verdict v = {.start = day->date};
    struct opinion o;

    ask(d, &sight, &o);
    v.now = score_of(d, o.p);
    v.alarm = alarm(d, &sight, &o, v.now);
    if (v.alarm) {
        fth_baseline_alarm(&d->baseline, o.finding.ago);
        forget_late(d);
    }
    v.by = o.by;
    v.up = o.finding.up;
    v.start = day->date - (int32_t)o.finding.ago;
    v.score = fmax(v.now, fmax(watched(d, &sight), fall_today(d, &sight)));
    if (v.score >= 1)
        d->watch.hot = day->date;
    if (d->watch.on && day->date - d->watch.start >= ACCEPT_DAYS && !d->watch.accepted &&
        !day->on_and_off)
        accept(d, day->date);
    if (!d->watch.on || day->date - d->watch.start > ACCEPT_DAYS)
        learn_tails(d, &o);
    v.expected = fth_baseline_value(&d->baseline, day->usual);
    if (d->watch.on && day->date - d->watch.start < WATCH_DAYS)
        v.expected = fth_baseline_value(
            &d->baseline, level_before(d) + (day->on_and_off ? 0 : day->usual - day->level));
    /* What begins is another series. */
    if (v.alarm == FTH_ALARM_BEGINS && o.by == fth_detector_kind_at(FTH_DETECTOR_begin))
        fth_baseline_restart(&d->baseline, 1);
    return v;
}

struct fth_verdict fth_detector_add(struct fth_detector *d, int32_t date, double value)
{
    struct fth_baseline_day day;
    struct fth_judged judged;
    double explained, rest;
    bool habit;

    FTH_CHECK(d->baseline.nr == 0 || date > d->baseline.date);
    while (d->baseline.nr > 0 && d->baseline.date + 1 < date)
        skip(d, d->baseline.date + 1);
    if (isnan(value)) {
        skip(d, date);
        return (struct fth_verdict){.start = date, .expected = NAN};
    }
    day = fth_baseline_judge(&d->baseline, date, value);
    explained = fth_memory_explains(&d->baseline, &day);
    rest = day.r - explained;
    if (!d->baseline.by_month)
        rest -= fth_memory_month_length(&day, rest);
    habit = fth_memory_habit(&d->baseline, &day, rest);
    if (habit)
        rest = 0;
    judged = (struct fth_judged){
        .level = (float)day.level, .spread = (float)day.spread, .z = (float)(rest / day.spread)};
    fth_baseline_learn(&d->baseline, &day, day.on_and_off ? 0 : explained);
    if (habit)
        fth_baseline_set_mark(&d->baseline, FTH_DAY_HABIT);
    remember(d, &judged);
    return judge(d, &day);
}
