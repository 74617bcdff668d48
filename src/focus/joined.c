/* Rules of the official model that join others. */
#include <string.h>

#include "base/check.h"
#include "focus/run_int.h"

static const struct {
    const char *id;
    bool all; /* broken when one of them is; else when all are */
    const char *others;
} joined[] = {
#define ALL true
#define ANY false
#define FTH_FOCUS_JOINED(id, all, others) {id, all, others},
#include "focus/official.def"
#undef FTH_FOCUS_JOINED
#undef ALL
#undef ANY
};

struct joiner {
    struct fth_focus_report *report;
    struct fth_focus_finding *findings;
};

static bool is_broken(const struct joiner *j, struct fth_str id)
{
    for (size_t i = 0; i < j->report->finding_nr; i++)
        if (fth_str_eq(j->findings[i].id, id))
            return true;
    return false;
}

/* A rule that was looked at, or one that joins others that were. */
static bool was_checked(const struct joiner *j, struct fth_str id)
{
    for (size_t i = 0; i < j->report->outcome_nr; i++)
        if (fth_str_eq(j->report->outcomes[i].id, id))
            return j->report->outcomes[i].verdict != FTH_FOCUS_ASIDE;
    return false;
}

static bool breaks(const struct joiner *j, size_t at)
{
    struct fth_str rest = fth_str_c(joined[at].others), one;
    size_t broken = 0, checked = 0;

    while (fth_str_next(&rest, ' ', &one)) {
        bool is = is_broken(j, one);

        broken += is;
        checked += is || was_checked(j, one);
    }
    return joined[at].all ? broken > 0 : broken > 0 && broken == checked;
}

void fth_focus_join(struct fth_focus_report *report, struct fth_focus_finding *findings)
{
    struct joiner j = {report, findings};
    bool more = true;

    while (more) {
        more = false;
        for (size_t i = 0; i < FTH_NR(joined); i++) {
            struct fth_str id = fth_str_c(joined[i].id);

            if (is_broken(&j, id) || !breaks(&j, i))
                continue;
            findings[report->finding_nr++] =
                (struct fth_focus_finding){.id = id,
                                           .level = FTH_FOCUS_MUST,
                                           .text = "One of the rules that it joins is broken",
                                           .fix = "Mend those.",
                                           .count = 1,
                                           .joined = joined[i].others};
            report->violated++;
            more = true;
        }
    }
}

size_t fth_focus_joined_nr(void)
{
    return FTH_NR(joined);
}
