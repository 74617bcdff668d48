/* Counts and samples of rules, for each worker and for all. */
#include <string.h>

#include "base/alloc.h"
#include "focus/run_int.h"

enum { VALUES_MAX = 300, TRIES_MAX = 5000 };

enum fth_rc fth_focus_tallies_init(struct fth_focus_tallies *tallies, struct fth_err *err)
{
    tallies->nr = fth_focus_rule_nr();
    tallies->at = fth_calloc(tallies->nr, sizeof(*tallies->at));
    return tallies->at ? FTH_OK : fth_err_nomem(err);
}

void fth_focus_tallies_release(struct fth_focus_tallies *tallies)
{
    for (size_t i = 0; tallies->at && i < tallies->nr; i++)
        for (size_t s = 0; s < tallies->at[i].sample_nr; s++)
            fth_free(tallies->at[i].samples[s].values);
    fth_free(tallies->at);
    *tallies = (struct fth_focus_tallies){0};
}

static bool is_before(struct fth_focus_place a, struct fth_focus_place b)
{
    return a.file != b.file ? a.file < b.file : a.record < b.record;
}

bool fth_focus_tally_wants(const struct fth_focus_tally *tally, struct fth_focus_place place)
{
    return (tally->sample_nr < FTH_FOCUS_SAMPLES && tally->tries < TRIES_MAX) ||
           tally->sample_nr == 0 || is_before(place, tally->samples[tally->sample_nr - 1].place);
}

/* Keeps the samples in the order of their places, each text once. */
static void keep(struct fth_focus_tally *tally, struct fth_focus_place place, struct fth_str values)
{
    size_t at = tally->sample_nr;
    char *copy;

    values = fth_str_sub(values, 0, VALUES_MAX);
    for (size_t i = 0; i < tally->sample_nr; i++) {
        struct fth_focus_held *held = &tally->samples[i];

        if (held->n != values.n || memcmp(held->values, values.p, values.n) != 0)
            continue;
        if (is_before(place, held->place))
            held->place = place;
        tally->tries++;
        return;
    }
    /* Samples are few; memory for one that is missing is no reason to end. */
    copy = fth_calloc(values.n + 1, 1);
    if (!copy)
        return;
    memcpy(copy, values.p, values.n);
    for (size_t i = 0; i < values.n; i++)
        if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7f)
            copy[i] = ' ';
    if (at == FTH_FOCUS_SAMPLES) {
        fth_free(tally->samples[--at].values);
        tally->sample_nr--;
    }
    while (at > 0 && is_before(place, tally->samples[at - 1].place)) {
        tally->samples[at] = tally->samples[at - 1];
        at--;
    }
    tally->samples[at] = (struct fth_focus_held){place, copy, values.n};
    tally->sample_nr++;
}

void fth_focus_tally(struct fth_focus_tally *tally, struct fth_focus_place place,
                     struct fth_str values)
{
    tally->count++;
    if (fth_focus_tally_wants(tally, place))
        keep(tally, place, values);
}

void fth_focus_tallies_merge(struct fth_focus_tallies *into, const struct fth_focus_tallies *from)
{
    for (size_t i = 0; i < into->nr; i++) {
        struct fth_focus_tally *a = &into->at[i];
        const struct fth_focus_tally *b = &from->at[i];

        a->count += b->count;
        a->cpu_ns += b->cpu_ns;
        a->marks |= b->marks;
        for (size_t s = 0; s < b->sample_nr; s++)
            if (fth_focus_tally_wants(a, b->samples[s].place))
                keep(a, b->samples[s].place,
                     (struct fth_str){b->samples[s].values, b->samples[s].n});
    }
}
