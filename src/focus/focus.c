/* A validation from its paths to its report. */
#include "focus/focus.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/rand.h"
#include "focus/judge_int.h"
#include "import/walk.h"

enum { FILES_MAX = 1000, WORKERS_MOST = 8 };
#define MEMORY_DEFAULT ((size_t)512 << 20)

/* ---- what was asked ---- */

static int64_t wall_ns(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_criterion(struct fth_str name)
{
    for (size_t i = 0; i < fth_focus_rule_nr(); i++) {
        struct fth_str rest = fth_str_c(fth_focus_rule_at(i)->criteria), one;

        while (fth_str_next(&rest, ' ', &one))
            if (fth_str_caseeq(one, name))
                return true;
    }
    return false;
}

static enum fth_rc check_criteria(struct fth_focus_run *run, struct fth_err *err)
{
    struct fth_str rest = fth_str_c(run->request->criteria), one;

    run->all_criteria = run->request->as_official;
    while (fth_str_next(&rest, ',', &one)) {
        one = fth_str_trim(one);
        if (fth_str_caseeq(one, FTH_STR("ALL"))) {
            run->all_criteria = true;
            continue;
        }
        if (!is_criterion(one)) {
            fth_err_set(err, FTH_E_USAGE, "no applicability criterion \"" FTH_STR_F "\"",
                        FTH_STR_A(one));
            fth_err_hint(err, "The reference of the rules lists them; ALL stands for all.");
            return err->rc;
        }
    }
    return FTH_OK;
}

static enum fth_rc force_version(struct fth_focus_run *run, struct fth_err *err)
{
    enum fth_focus_version version = FTH_FOCUS_V12;

    if (run->request->as_official && run->request->version &&
        strcmp(run->request->version, "1.2") != 0)
        return fth_err_set(err, FTH_E_USAGE,
                           "the official validator has rules for 1.2 only, not for %s",
                           run->request->version);
    if (!run->request->version && !run->request->as_official)
        return FTH_OK;
    if (run->request->version && !fth_focus_version_parse(run->request->version, &version))
        return fth_err_set(err, FTH_E_USAGE, "no version \"%s\" of FOCUS: 1.0, 1.1, 1.2, 1.3, 1.4",
                           run->request->version);
    for (size_t i = 0; i < run->file_nr; i++) {
        if (!run->files[i].known)
            continue;
        run->files[i].version = version;
        run->files[i].why =
            run->request->version ? FTH_STR("as asked for") : FTH_STR("as the official validator");
    }
    return FTH_OK;
}

/* ---- files ---- */

static enum fth_rc find_files(struct fth_focus_run *run, struct fth_err *err)
{
    const struct fth_focus_request *request = run->request;
    struct fth_walk_vec found = fth_walk_vec_in(run->arena);

    for (size_t i = 0; i < request->path_nr; i++)
        if (fth_walk(request->paths[i], request->cancel, &found, err))
            return err->rc;
    run->files = FTH_NEW_ARRAY(run->arena, struct fth_focus_file, found.nr + 1);
    if (!run->files)
        return fth_err_nomem(err);
    for (size_t i = 0; i < found.nr; i++)
        if (found.at[i].kind == FTH_WALK_DATA || found.at[i].named)
            run->files[run->file_nr++].path = found.at[i].path;
    if (run->file_nr == 0)
        return fth_err_set(err, FTH_E_USAGE, "no file to validate");
    if (run->file_nr > FILES_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%zu files: the most is %d", run->file_nr, FILES_MAX);
    for (size_t i = 0; i < run->file_nr; i++) {
        if (fth_focus_look(run, (uint32_t)i, err))
            return err->rc;
        if (run->files[i].known)
            run->seen[run->files[i].dataset] = true;
    }
    return force_version(run, err);
}

static bool is_condition(const char *check)
{
    static const char *const others[] = {"present ", "each ", "unique ",     "sum ",     "cross ",
                                         "columns ", "file ", "not checked", "inferred "};

    for (size_t i = 0; i < FTH_NR(others); i++)
        if (fth_str_starts(fth_str_c(check), fth_str_c(others[i])))
            return false;
    return !fth_str_ends(fth_str_c(check), FTH_STR(" is text"));
}

static enum fth_rc parse_rules(struct fth_focus_run *run, struct fth_err *err)
{
    size_t nr = fth_focus_rule_nr();

    run->when = FTH_NEW_ARRAY(run->arena, const struct fth_focus_expr *, nr);
    run->check = FTH_NEW_ARRAY(run->arena, const struct fth_focus_expr *, nr);
    if (!run->when || !run->check)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        const struct fth_focus_rule *rule = fth_focus_rule_at(i);

        if (!is_condition(rule->check))
            continue;
        if (fth_focus_expr_parse(run->arena, fth_str_c(rule->check), &run->check[i], err) ||
            (*rule->when &&
             fth_focus_expr_parse(run->arena, fth_str_c(rule->when), &run->when[i], err)))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- the report ---- */

static enum fth_focus_version version_for(const struct fth_focus_run *run,
                                          const struct fth_focus_rule *rule)
{
    for (size_t i = 0; i < run->file_nr; i++)
        if (run->files[i].known &&
            (run->files[i].dataset == rule->dataset || strcmp(rule->subject, "*") == 0))
            return run->files[i].version;
    return FTH_FOCUS_V12;
}

static enum fth_rc id_of(const struct fth_focus_run *run, const struct fth_focus_rule *rule,
                         struct fth_str *out, struct fth_err *err)
{
    return fth_arena_printf(run->arena, out, err, "%s%s",
                            fth_focus_prefix(rule, version_for(run, rule)), rule->id);
}

static enum fth_rc samples_of(const struct fth_focus_run *run, const struct fth_focus_tally *tally,
                              struct fth_focus_finding *out, struct fth_err *err)
{
    struct fth_focus_sample *samples =
        FTH_NEW_ARRAY(run->arena, struct fth_focus_sample, tally->sample_nr);

    if (!samples)
        return fth_err_nomem(err);
    for (size_t s = 0; s < tally->sample_nr; s++) {
        const struct fth_focus_held *held = &tally->samples[s];

        samples[s].file = run->files[held->place.file].path;
        samples[s].line = held->place.line;
        samples[s].record = held->place.record;
        if (fth_arena_str(run->arena, (struct fth_str){held->values, held->n}, &samples[s].values,
                          err))
            return err->rc;
    }
    out->samples = samples;
    out->sample_nr = tally->sample_nr;
    return FTH_OK;
}

static int by_weight(const void *a, const void *b)
{
    const struct fth_focus_finding *x = a, *y = b;
    bool binds_x = fth_focus_level_binds(x->level);
    bool binds_y = fth_focus_level_binds(y->level);

    if (binds_x != binds_y)
        return binds_x ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return fth_str_cmp(x->id, y->id);
}

/* A guessed type: a column of nothing but numbers is no text, one of whole numbers only, or with
 * anything that is no number, no decimal. */
static bool stands(const struct fth_focus_rule *rule, const struct fth_focus_tally *tally)
{
    if (fth_str_starts(fth_str_c(rule->check), FTH_STR("inferred text")))
        return !(tally->marks & FTH_FOCUS_SAW_TEXT);
    if (fth_str_starts(fth_str_c(rule->check), FTH_STR("inferred decimal")))
        return !(tally->marks & FTH_FOCUS_SAW_DECIMAL) || tally->marks & FTH_FOCUS_SAW_TEXT;
    return true;
}

static enum fth_rc put_rule(struct fth_focus_run *run, size_t i, struct fth_focus_report *report,
                            struct fth_focus_finding *findings, struct fth_focus_outcome *outcomes,
                            struct fth_err *err)
{
    const struct fth_focus_tally *tally = &run->tallies.at[i];
    const struct fth_focus_rule *rule = fth_focus_rule_at(i);
    struct fth_focus_outcome *outcome = &outcomes[report->outcome_nr];

    if (tally->checked == 0 && !tally->aside && tally->count == 0)
        return FTH_OK;
    *outcome = (struct fth_focus_outcome){.rule = rule, .cpu_ns = tally->cpu_ns};
    if (id_of(run, rule, &outcome->id, err))
        return err->rc;
    report->outcome_nr++;
    if (tally->count && stands(rule, tally)) {
        struct fth_focus_finding *finding = &findings[report->finding_nr++];

        outcome->verdict = FTH_FOCUS_FAILED;
        *finding = (struct fth_focus_finding){.rule = rule,
                                              .id = outcome->id,
                                              .level = rule->level,
                                              .text = rule->text,
                                              .fix = fth_focus_fix(rule),
                                              .count = tally->count};
        if (fth_focus_level_binds(rule->level))
            report->violated++;
        else
            report->warned++;
        return samples_of(run, tally, finding, err);
    }
    if (tally->checked) {
        outcome->verdict = FTH_FOCUS_PASSED;
        report->passed++;
        return FTH_OK;
    }
    outcome->verdict = FTH_FOCUS_ASIDE;
    outcome->why = tally->aside;
    report->aside++;
    return FTH_OK;
}

static enum fth_rc put_times(const struct fth_focus_run *run, struct fth_focus_report *report,
                             struct fth_err *err)
{
    static const char *const what[] = {"reading", "judging"};
    struct fth_focus_time *times = FTH_NEW_ARRAY(run->arena, struct fth_focus_time, 2);

    if (!times)
        return fth_err_nomem(err);
    times[0] = (struct fth_focus_time){what[0], run->read_ns};
    times[1] = (struct fth_focus_time){what[1], run->judge_ns};
    report->times = times;
    report->time_nr = 2;
    report->cpu_ns = run->read_ns + run->judge_ns;
    return FTH_OK;
}

static enum fth_rc make_report(struct fth_focus_run *run, const struct fth_focus_report **out,
                               struct fth_err *err)
{
    size_t nr = fth_focus_rule_nr();
    struct fth_focus_report *report = FTH_NEW(run->arena, struct fth_focus_report);
    struct fth_focus_finding *findings =
        FTH_NEW_ARRAY(run->arena, struct fth_focus_finding, nr + fth_focus_joined_nr());
    struct fth_focus_outcome *outcomes = FTH_NEW_ARRAY(run->arena, struct fth_focus_outcome, nr);

    if (!report || !findings || !outcomes)
        return fth_err_nomem(err);
    report->files = run->files;
    report->file_nr = run->file_nr;
    for (size_t i = 0; i < run->file_nr; i++) {
        struct fth_str *path = &run->files[i].path;

        report->rows += run->files[i].rows;
        if (run->request->base_names)
            *path = fth_str_sub(*path, fth_str_rfind(*path, '/') + 1, SIZE_MAX);
    }
    for (size_t i = 0; i < nr; i++)
        if (put_rule(run, i, report, findings, outcomes, err))
            return err->rc;
    report->findings = findings;
    report->outcomes = outcomes;
    report->as_official = run->request->as_official;
    if (report->as_official)
        fth_focus_join(report, findings);
    qsort(findings, report->finding_nr, sizeof(*findings), by_weight);
    report->findings = findings;
    report->outcomes = outcomes;
    report->wall_ns = wall_ns() - run->start_ns;
    if (put_times(run, report, err))
        return err->rc;
    *out = report;
    return FTH_OK;
}

/* ---- all of it ---- */

static unsigned workers_of(const struct fth_focus_request *request)
{
    unsigned nr = request->workers ? request->workers : fth_cores();

    return nr > WORKERS_MOST ? WORKERS_MOST : nr;
}

static int64_t size_of(struct fth_str path)
{
    struct stat st;

    return stat(path.p, &st) == 0 ? (int64_t)st.st_size : 0;
}

static enum fth_rc read_files(struct fth_focus_run *run, struct fth_err *err)
{
    for (size_t i = 0; i < run->file_nr; i++)
        run->bytes_all += size_of(run->files[i].path);
    for (size_t i = 0; i < run->file_nr; i++) {
        if (fth_focus_read(run, (uint32_t)i, err))
            return err->rc;
        run->rows += run->files[i].rows;
        run->bytes += size_of(run->files[i].path);
        fth_focus_tell(run, 0, 0);
    }
    return FTH_OK;
}

static void run_release(struct fth_focus_run *run)
{
    fth_focus_parquet_end(run);
    fth_focus_tallies_release(&run->tallies);
    fth_focus_memory_release(&run->memory);
    fth_mutex_release(&run->lock);
}

enum fth_rc fth_focus_validate(const struct fth_focus_request *request, struct fth_arena *arena,
                               const struct fth_focus_report **out, struct fth_err *err)
{
    size_t max = request->memory ? request->memory : MEMORY_DEFAULT;
    struct fth_focus_run run = {.request = request,
                                .arena = arena,
                                .workers = workers_of(request),
                                .seed = fth_rand_seed(),
                                .start_ns = wall_ns()};
    const struct fth_focus_report *report = NULL;

    fth_mutex_init(&run.lock, FTH_LOCK_FOCUS);
    if (fth_focus_tallies_init(&run.tallies, err) ||
        fth_focus_memory_init(&run.memory, max, run.seed, err) || check_criteria(&run, err) ||
        parse_rules(&run, err) || find_files(&run, err))
        goto out;
    if (read_files(&run, err))
        goto out;
    if (fth_focus_conclude(&run, err) || make_report(&run, &report, err))
        goto out;
    *out = report;
out:
    run_release(&run);
    return err->rc;
}
