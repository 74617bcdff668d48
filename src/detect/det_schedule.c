/*
 * schedule: the runs of a series that is on and off.
 *
 * Two things can be unusual of a run: what it costs, against the runs before, and its day. Each is
 * a distance in standard deviations; together they are the length of the two.
 */
#include <math.h>

#include "detect/detector_int.h"

enum { DAYS = 84 };

static const double certain_share = 0.3; /* of a surprise that is counted before there is one */

struct habits {
    double nr, runs;          /* days, and those with a run */
    double same_nr, same;     /* of this weekday */
    double behind_nr, behind; /* behind a day with a run, or without one, as today */
    double surprises;         /* days unlike most days of their weekday */
};

static bool ran(const struct fth_baseline *b, uint32_t ago)
{
    return !(fth_baseline_mark(b, ago) & FTH_DAY_IDLE);
}

static struct habits habits_of(const struct fth_baseline *b)
{
    struct habits h = {0};
    double nr[7] = {0}, on[7] = {0};

    for (uint32_t i = 1; i <= DAYS; i++) {
        if (!fth_baseline_has(b, i))
            continue;
        h.nr++;
        h.runs += ran(b, i);
        nr[i % 7]++;
        on[i % 7] += ran(b, i);
        if (fth_baseline_has(b, i + 1) && ran(b, i + 1) == ran(b, 1)) {
            h.behind_nr++;
            h.behind += ran(b, i);
        }
    }
    for (int w = 0; w < 7; w++)
        h.surprises += fmin(on[w], nr[w] - on[w]);
    h.same_nr = nr[0];
    h.same = on[0];
    return h;
}

/* The probability of a run today. */
static double run_probability(const struct habits *h)
{
    double surprise = (h->surprises + certain_share) / (h->nr + 1);
    double same = (h->same + surprise) / (h->same_nr + 1);
    double behind = (h->behind + surprise) / (h->behind_nr + 1);

    return fmin(fmax(same, behind), 1);
}

void det_schedule(const struct fth_sight *sight, struct fth_channel *own, struct fth_finding *out)
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
    day = sqrt(-2 * log(run_probability(&habits)));
    out->far = sqrt(size * size + day * day);
}
