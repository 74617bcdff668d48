/*
 * schedule: the runs of a series that is on and off.
 *
 * Two things can be unusual of a run: what it costs, against the runs before, and its day. Each is
 * a distance in standard deviations; together they are the length of the two.
 */
#include <math.h>

#include "base/check.h"
#include "detect/detector_int.h"

enum { DAYS = 84, MONTH_LEAST = 26, MONTH_MOST = 35 };

static const double certain_share = 0.3; /* of a surprise that is counted before there is one */

struct habits {
    double nr[7], on[7];     /* days and runs by weekday, today's first, then yesterday's, … */
    double after[2], ran[2]; /* days behind an idle day and behind a run, and runs among them */
};

static bool ran(const struct fth_baseline *b, uint32_t ago)
{
    return !(fth_baseline_mark(b, ago) & (FTH_DAY_IDLE | FTH_DAY_MISSING));
}

static struct habits habits_of(const struct fth_baseline *b)
{
    struct habits h = {{0}, {0}, {0}, {0}};

    for (uint32_t i = 1; i <= DAYS; i++) {
        if (!fth_baseline_has(b, i))
            continue;
        h.nr[i % 7]++;
        h.on[i % 7] += ran(b, i);
        if (fth_baseline_has(b, i + 1)) {
            h.after[ran(b, i + 1)]++;
            h.ran[ran(b, i + 1)] += ran(b, i);
        }
    }
    return h;
}

/* The probability of a run today: by its weekday or by what was yesterday, whichever had fewer
 * surprises so far. */
static double run_probability(const struct habits *h, bool yesterday)
{
    double by_weekday = certain_share, by_yesterday = certain_share, nr = 1;

    for (int w = 0; w < 7; w++) {
        by_weekday += fmin(h->on[w], h->nr[w] - h->on[w]);
        nr += h->nr[w];
    }
    for (int state = 0; state < 2; state++)
        by_yesterday += fmin(h->ran[state], h->after[state] - h->ran[state]);
    if (by_weekday <= by_yesterday)
        return (h->on[0] + by_weekday / nr) / (h->nr[0] + 1);
    return (h->ran[yesterday] + by_yesterday / nr) / (h->after[yesterday] + 1);
}

/* Did it run on the last date of this kind, too, out of its weekday? */
static bool is_due(const struct fth_detector_sight *s, const struct habits *h)
{
    static const int kinds[] = {FTH_DAY_OF_MONTH, FTH_DAY_TO_END, FTH_DAY_BUSINESS,
                                FTH_DAY_BUSINESS_END};

    for (uint32_t i = MONTH_LEAST; i <= MONTH_MOST && fth_baseline_has(s->b, i); i++) {
        struct fth_day then = fth_stats_day(s->day->date - (int32_t)i);

        if (!ran(s->b, i) || 2 * h->on[i % 7] > h->nr[i % 7])
            continue;
        for (size_t k = 0; k < FTH_NR(kinds); k++) {
            int key = fth_stats_day_key(&s->day->cal, kinds[k]);

            if (key >= 0 && fth_stats_day_key(&then, kinds[k]) == key)
                return true;
        }
    }
    return false;
}

void det_schedule(const struct fth_detector_sight *sight, struct fth_channel *own,
                  struct fth_finding *out)
{
    struct habits habits;
    double size, day;

    (void)own;
    if (!sight->day->on_and_off || !sight->day->known)
        return;
    out->said = true;
    out->up = true;
    if (!ran(sight->b, 0))
        return;
    habits = habits_of(sight->b);
    size = fmax((double)sight->past[0].z, 0);
    day = is_due(sight, &habits) ? 0 : sqrt(-2 * log(run_probability(&habits, ran(sight->b, 1))));
    out->far = sqrt(size * size + day * day);
}
