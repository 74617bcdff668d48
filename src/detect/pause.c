#include "detect/pause.h"

enum { SLACK = 2 };

static bool is_idle(const struct fth_baseline *b, uint32_t ago)
{
    return fth_baseline_mark(b, ago) & (FTH_DAY_IDLE | FTH_DAY_MISSING);
}

struct fth_pauses fth_pauses_until(const struct fth_baseline *b, uint32_t ago)
{
    struct fth_pauses p = {0};
    uint32_t i = ago, length = 0, days = b->nr < FTH_BASELINE_DAYS ? b->nr : FTH_BASELINE_DAYS;

    while (i < days && is_idle(b, i)) {
        i++;
        p.last++;
    }
    p.ever = i < days;
    for (; i < days; i++) {
        if (is_idle(b, i)) {
            length++;
            continue;
        }
        p.longest = length > p.longest ? length : p.longest;
        length = 0;
    }
    return p;
}

bool fth_pause_is_long(const struct fth_pauses *pauses, uint32_t fewest)
{
    return pauses->last >= fewest && 2 * pauses->last > 3 * pauses->longest + 2 * SLACK;
}
