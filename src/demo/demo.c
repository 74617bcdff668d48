#include "demo/demo.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "demo/bill.h"
#include "demo/cloud.h"

#define MEMORY ((size_t)1 << 30)
enum { MAX_MONTHS = 120, MIN_ROWS = 1000, MAX_ROWS = 1000000000 };

struct fth_demo_options fth_demo_defaults(int32_t today)
{
    return (struct fth_demo_options){.seed = 1, .months = 13, .rows = 100000, .today = today};
}

static const struct fth_form *const forms[] = {
#define FTH_PROVIDER(id) &fth_form_##id,
#include "demo/provider.def"
#undef FTH_PROVIDER
};

#define AWS_FOLDERS ((const char *const[]){"aws-cur-2.0", "aws-cur-legacy", NULL})

/* How a month is billed again, one after the other. */
static const struct restatement {
    const char *name;
    bool late, corrected, orphan;
} restatements[] = {
    {"late", true, false, false},
    {"corrected", true, true, false},
    {"orphaned", true, true, true},
};

static bool wanted(const struct fth_demo_options *options, const char *provider)
{
    return fth_str_eq_c(options->provider, "all") || fth_str_eq_c(options->provider, provider);
}

static enum fth_rc check_options(const struct fth_demo_options *options, struct fth_err *err)
{
    bool known = wanted(options, "aws");

    for (size_t i = 0; i < FTH_NR(forms); i++)
        known |= wanted(options, forms[i]->id);
    if (!known) {
        fth_err_set(err, FTH_E_UNSUPPORTED, "no made bills of provider \"" FTH_STR_F "\"",
                    FTH_STR_A(options->provider));
        fth_err_hint(err, "There are bills of aws, google, azure-ea, azure-mca, oracle, focus, and "
                          "of all.");
        return err->rc;
    }
    if (options->months < 1 || options->months > MAX_MONTHS)
        return fth_err_set(err, FTH_E_RANGE, "%u months, not 1 to %d", options->months, MAX_MONTHS);
    if (options->restate && options->months < 2)
        return fth_err_set(err, FTH_E_RANGE,
                           "1 month: a month that is billed again must be over, so ask for 2");
    if (options->rows < MIN_ROWS || options->rows > MAX_ROWS)
        return fth_err_set(err, FTH_E_RANGE, "%llu rows, not %d to %d",
                           (unsigned long long)options->rows, MIN_ROWS, MAX_ROWS);
    return FTH_OK;
}

static enum fth_rc make_folder(struct fth_arena *arena, const char *dir, const char *name,
                               struct fth_str *out, struct fth_err *err)
{
    enum fth_rc rc = fth_arena_printf(arena, out, err, "%s/%s", dir, name);

    if (rc)
        return rc;
    if (fth_file_is_dir(out->p)) {
        fth_err_set(err, FTH_E_CONFLICT, "%s: there is a bill already", out->p);
        fth_err_hint(err, "Choose another folder, or remove this one first.");
        return err->rc;
    }
    return fth_file_mkdirs(out->p, err);
}

/* Those of a bill, which must be new, and that of the truth, where others may be. */
static enum fth_rc make_folders(struct fth_arena *arena, const char *dir,
                                const char *const *folders, struct fth_str *truth,
                                struct fth_err *err)
{
    struct fth_str ignored;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; folders[i] && !rc; i++)
        rc = make_folder(arena, dir, folders[i], &ignored, err);
    if (!rc)
        rc = fth_arena_printf(arena, truth, err, "%s/truth", dir);
    return rc ? rc : fth_file_mkdirs(truth->p, err);
}

static enum fth_rc write_anomalies(const struct fth_estate *estate, const char *dir,
                                   unsigned *files, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(64 * 1024), path = fth_buf_max(1024);
    enum fth_rc rc;

    fth_buf_c(&text, "from,until,account,product_code,usage_type,resource_id,factor\n");
    for (size_t i = 0; i < estate->anomaly_nr; i++) {
        const struct fth_anomaly *anomaly = &estate->anomalies[i];
        const struct fth_resource *resource = anomaly->resource;

        fth_date_put(&text, anomaly->from);
        fth_buf_char(&text, ',');
        fth_date_put(&text, anomaly->until < estate->today ? anomaly->until : estate->today);
        fth_buf_printf(&text, ",%s,%s,%s,%s,%lld.%lld\n", resource->account->id,
                       resource->kind->product_code, resource->usage_type, resource->id,
                       (long long)(anomaly->factor / 1000),
                       (long long)(anomaly->factor % 1000 / 100));
    }
    fth_buf_printf(&path, "%s/aws_anomalies.csv", dir);
    fth_buf_add(&path, "", 1);
    rc = fth_buf_done(&path, err);
    if (!rc)
        rc = fth_buf_done(&text, err);
    if (!rc)
        rc = fth_file_write(path.p, fth_buf_view(&text), err);
    fth_buf_release(&text);
    fth_buf_release(&path);
    *files += !rc;
    return rc;
}

/* ---- AWS ---- */

/* A pass over the months of a bill: all of them are written, or the restated one. */
struct pass {
    const char *dir;
    const struct restatement *again; /* NULL: all */
    int32_t month;                   /* the restated one */
};

/* "20261103T060000Z-1f2e3d4c": a run begins with its time, by which one knows the younger. */
static enum fth_rc name_run(struct fth_bill *bill, const struct pass *pass, struct fth_arena *arena,
                            struct fth_str *out, struct fth_err *err)
{
    const struct fth_estate *estate = bill->estate;
    int32_t day = bill->closed ? bill->last + 4 : estate->today + 1;
    uint64_t run = fth_chance(estate->seed, (uint64_t)(uint32_t)bill->month,
                              (uint64_t)(uint32_t)estate->today);
    struct fth_str date;
    enum fth_rc rc;

    if (pass->again)
        day += pass->again->orphan ? 6 : pass->again->corrected ? 5 : 3;
    rc = fth_demo_day(arena, day, "ymd", &date, err);
    return rc ? rc
              : fth_arena_printf(arena, out, err, FTH_STR_F "T060000Z-%08x", FTH_STR_A(date),
                                 (unsigned)(run & 0xffffffff));
}

/* Sets what a month has of its own; the names of its delivery depend on nothing but the estate. */
static enum fth_rc start_month(struct fth_bill *bill, struct fth_arena *arena,
                               const struct pass *pass, int32_t month, struct fth_err *err)
{
    const struct fth_estate *estate = bill->estate;
    struct fth_str run;
    enum fth_rc rc;

    bill->month = month;
    bill->first = fth_month_first_date(month);
    bill->last = fth_month_first_date(month + 1) - 1;
    bill->closed = bill->last < estate->today;
    if (!bill->closed)
        bill->last = estate->today;
    bill->taxed_nr = 0;
    bill->cur = NULL;
    bill->invoice[0] = '\0';
    if (bill->closed)
        snprintf(bill->invoice, sizeof(bill->invoice), "%010llu",
                 (unsigned long long)(UINT64_C(1500000000) +
                                      fth_chance_below(estate->seed, (uint64_t)(uint32_t)month, 9,
                                                       400000000)));
    if (pass->again && pass->month != month)
        return FTH_OK;
    rc = name_run(bill, pass, arena, &run, err);
    return rc ? rc
              : fth_cur_open(arena, pass->dir, month, estate->accounts[0].id, run.p, run.p,
                             &bill->cur, err);
}

static enum fth_rc end_month(struct fth_bill *bill, const struct pass *pass, unsigned *files,
                             struct fth_err *err)
{
    struct fth_cur_line line = {0};
    enum fth_rc rc = FTH_OK;

    if (!bill->cur)
        return FTH_OK;
    if (pass->again && pass->again->orphan)
        rc = fth_cur_orphan(bill->cur, &line, files, err);
    return rc ? rc : fth_cur_close(bill->cur, files, err);
}

static enum fth_rc write_month(struct fth_bill *bill, const struct pass *pass, int32_t month,
                               unsigned *files, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(MEMORY);
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = start_month(bill, arena, pass, month, err);
    for (int32_t day = bill->first; day <= bill->last && !rc; day++)
        rc = fth_bill_day(bill, day, err);
    if (!rc)
        rc = fth_bill_month_fees(bill, err);
    if (!rc && bill->closed)
        rc = fth_bill_close(bill, err);
    if (!rc)
        rc = end_month(bill, pass, files, err);
    fth_arena_clear(bill->scratch);
    fth_arena_free(arena);
    bill->month_nr++;
    return rc;
}

/* What a provider's bills are made of: for how many months, where from, how many lines a day. */
struct span {
    int32_t now; /* the last month */
    unsigned months;
    int32_t first; /* day */
    uint64_t lines;
};

static struct span span_of(const struct fth_demo_options *options)
{
    struct span span = {.now = fth_month_of_date(options->today), .months = options->months};

    span.first = fth_month_first_date(span.now - (int32_t)span.months + 1);
    /* Some resources have no line on some days, about as many have one more: a part that is
     * covered, and what takes its cost back. */
    span.lines = options->rows / (uint64_t)(options->today - span.first + 1);
    return span;
}

static enum fth_rc aws_pass(const struct fth_demo_options *options, const struct pass *pass,
                            struct fth_demo_summary *summary, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(MEMORY), *scratch = fth_arena_new(MEMORY);
    struct fth_bill bill = {.scratch = scratch};
    struct span span = span_of(options);
    struct fth_estate *estate = NULL;
    struct fth_str truth;
    enum fth_rc rc = arena && scratch ? FTH_OK : fth_err_nomem(err);

    if (!rc)
        rc = make_folders(arena, pass->dir, AWS_FOLDERS, &truth, err);
    if (!rc)
        rc = fth_truth_new(arena, "aws", &bill.truth, err);
    if (!rc)
        rc = fth_estate_make(arena, &fth_cloud_aws, options->seed, span.first, options->today,
                             span.lines, &estate, err);
    bill.estate = estate;
    if (!rc)
        rc = fth_bill_commit(arena, &bill, err);
    if (!rc && pass->again)
        estate->restated =
            (struct fth_restated){pass->month, pass->again->late, pass->again->corrected};
    for (unsigned i = span.months; i-- > 0 && !rc;)
        rc = write_month(&bill, pass, span.now - (int32_t)i, &summary->files, err);
    if (!rc)
        rc = fth_truth_write(bill.truth, truth.p, &summary->files, err);
    if (!rc && !pass->again) {
        rc = write_anomalies(estate, truth.p, &summary->files, err);
        summary->rows += bill.rows;
    }
    fth_arena_free(scratch);
    fth_arena_free(arena);
    return rc;
}

static enum fth_rc restated_dir(struct fth_arena *arena, const char *dir,
                                const struct restatement *again, struct fth_str *out,
                                struct fth_err *err)
{
    return fth_arena_printf(arena, out, err, "%s/restated/%s", dir, again->name);
}

static enum fth_rc write_aws(const char *dir, const struct fth_demo_options *options,
                             struct fth_arena *arena, struct fth_demo_summary *summary,
                             struct fth_err *err)
{
    struct pass pass = {.dir = dir, .month = fth_month_of_date(options->today) - 1};
    enum fth_rc rc = aws_pass(options, &pass, summary, err);

    for (size_t i = 0; options->restate && i < FTH_NR(restatements) && !rc; i++) {
        struct fth_str to;

        pass.again = &restatements[i];
        rc = restated_dir(arena, dir, pass.again, &to, err);
        pass.dir = to.p;
        if (!rc)
            rc = aws_pass(options, &pass, summary, err);
    }
    return rc;
}

/* ---- the other clouds ---- */

static enum fth_rc write_truth(struct fth_arena *arena, const struct fth_truth *truth,
                               const char *dir, unsigned *files, struct fth_err *err)
{
    struct fth_str path;
    enum fth_rc rc = fth_arena_printf(arena, &path, err, "%s/truth", dir);

    return rc ? rc : fth_truth_write(truth, path.p, files, err);
}

/* A bill that was written, and what it comes to so far. */
struct told {
    struct fth_arena *arena;
    struct fth_cloud_bill *bill;
    struct fth_truth *truth;
};

static enum fth_rc begin(struct told *told, const struct fth_form *form,
                         const struct fth_demo_options *options, struct fth_err *err)
{
    struct span span = span_of(options);
    enum fth_rc rc;

    told->arena = fth_arena_new(MEMORY);
    if (!told->arena)
        return fth_err_nomem(err);
    rc = fth_truth_new(told->arena, form->truth, &told->truth, err);
    return rc ? rc
              : fth_cloud_bill_new(told->arena, form, options->seed, span.first, options->today,
                                   span.lines, &told->bill, err);
}

static enum fth_rc all_months(struct told *told, const struct fth_demo_options *options,
                              struct fth_billing how, bool only_one, unsigned *files,
                              struct fth_err *err)
{
    struct span span = span_of(options);
    const struct fth_billing restated = how;
    enum fth_rc rc = FTH_OK;

    for (unsigned i = span.months; i-- > 0 && !rc;) {
        bool is = only_one && restated.month == span.now - (int32_t)i;

        how.month = span.now - (int32_t)i;
        how.dry = only_one && !is;
        how.late = is && restated.late;
        how.corrected = is && restated.corrected;
        rc = fth_cloud_bill_month(told->bill, &how, told->truth, files, err);
    }
    return rc;
}

/* A bill that is replaced is told anew, one that is added to goes on. What breaks off adds nothing
 * to the truth. */
static enum fth_rc restate(struct told *base, const struct fth_form *form, const char *dir,
                           const struct fth_demo_options *options, const struct restatement *again,
                           unsigned *files, struct fth_err *err)
{
    struct fth_billing how = {.dir = dir,
                              .version = again->name,
                              .month = fth_month_of_date(options->today) - 1,
                              .late = again->late,
                              .corrected = again->corrected,
                              .additions = form->adds,
                              .orphan = again->orphan};
    struct told anew = {0};
    struct fth_str ignored;
    enum fth_rc rc = begin(&anew, form, options, err);

    if (!rc)
        rc = make_folders(anew.arena, dir, form->folders, &ignored, err);
    if (!rc && form->adds)
        rc = fth_cloud_bill_month(base->bill, &how, again->orphan ? anew.truth : base->truth, files,
                                  err);
    else if (!rc)
        rc = all_months(&anew, options, how, true, files, err);
    if (!rc)
        rc = write_truth(anew.arena, form->adds ? base->truth : anew.truth, dir, files, err);
    fth_arena_free(anew.arena);
    return rc;
}

static enum fth_rc write_cloud(const char *dir, const struct fth_form *form,
                               const struct fth_demo_options *options, struct fth_arena *arena,
                               struct fth_demo_summary *summary, struct fth_err *err)
{
    struct told told = {0};
    struct fth_str ignored;
    enum fth_rc rc = begin(&told, form, options, err);

    if (!rc)
        rc = make_folders(told.arena, dir, form->folders, &ignored, err);
    if (!rc)
        rc = all_months(&told, options, (struct fth_billing){.dir = dir, .version = "final"}, false,
                        &summary->files, err);
    if (!rc)
        rc = write_truth(told.arena, told.truth, dir, &summary->files, err);
    if (!rc)
        summary->rows += fth_cloud_bill_rows(told.bill);
    for (size_t i = 0; options->restate && i < FTH_NR(restatements) && !rc; i++) {
        struct fth_str to;

        rc = restated_dir(arena, dir, &restatements[i], &to, err);
        if (!rc)
            rc = restate(&told, form, to.p, options, &restatements[i], &summary->files, err);
    }
    fth_arena_free(told.arena);
    return rc;
}

enum fth_rc fth_demo_write(const char *dir, const struct fth_demo_options *options,
                           struct fth_demo_summary *summary, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(MEMORY);
    struct fth_demo_options chosen = *options;
    struct fth_demo_summary sum = {.months = options->months};
    enum fth_rc rc = arena ? FTH_OK : fth_err_nomem(err);

    if (!chosen.provider.n)
        chosen.provider = FTH_STR("aws");
    if (!rc)
        rc = check_options(&chosen, err);
    if (!rc && wanted(&chosen, "aws"))
        rc = write_aws(dir, &chosen, arena, &sum, err);
    for (size_t i = 0; i < FTH_NR(forms) && !rc; i++) {
        if (wanted(&chosen, forms[i]->id))
            rc = write_cloud(dir, forms[i], &chosen, arena, &sum, err);
    }
    if (!rc && summary)
        *summary = sum;
    fth_arena_free(arena);
    return rc;
}
