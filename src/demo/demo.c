#include "demo/demo.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "demo/bill.h"

#define MEMORY ((size_t)1 << 30)
enum { MAX_MONTHS = 120, MIN_ROWS = 1000, MAX_ROWS = 200000000 };

struct fth_demo_options fth_demo_defaults(int32_t today)
{
    return (struct fth_demo_options){.seed = 1, .months = 13, .rows = 100000, .today = today};
}

static enum fth_rc check_options(const struct fth_demo_options *options, struct fth_err *err)
{
    if (options->provider.n && !fth_str_eq_c(options->provider, "aws")) {
        fth_err_set(err, FTH_E_UNSUPPORTED, "no made bills of provider \"" FTH_STR_F "\"",
                    FTH_STR_A(options->provider));
        fth_err_hint(err, "There are bills of \"aws\".");
        return err->rc;
    }
    if (options->months < 1 || options->months > MAX_MONTHS)
        return fth_err_set(err, FTH_E_RANGE, "%u months, not 1 to %d", options->months, MAX_MONTHS);
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

/* Sets what a month has of its own; the names of its delivery depend on nothing but the estate. */
static enum fth_rc start_month(struct fth_bill *bill, struct fth_arena *arena, const char *dir,
                               int32_t month, struct fth_err *err)
{
    const struct fth_estate *estate = bill->estate;
    uint64_t run =
        fth_chance(estate->seed, (uint64_t)(uint32_t)month, (uint64_t)(uint32_t)estate->today);
    struct fth_str assembly, execution;
    enum fth_rc rc;

    bill->month = month;
    bill->first = fth_month_first_date(month);
    bill->last = fth_month_first_date(month + 1) - 1;
    bill->closed = bill->last < estate->today;
    if (!bill->closed)
        bill->last = estate->today;
    bill->taxed_nr = 0;
    bill->invoice[0] = '\0';
    if (bill->closed)
        snprintf(bill->invoice, sizeof(bill->invoice), "%010llu",
                 (unsigned long long)(UINT64_C(1500000000) +
                                      fth_chance_below(estate->seed, (uint64_t)(uint32_t)month, 9,
                                                       400000000)));
    rc = fth_arena_printf(arena, &assembly, err, "%08x-%04x-4d1e-8f00-%012llx",
                          (unsigned)(run & 0xffffffff), (unsigned)(run >> 48),
                          (unsigned long long)(run >> 16 & 0xffffffffffff));
    if (!rc)
        rc = fth_arena_printf(arena, &execution, err, "exec-%016llx", (unsigned long long)run);
    return rc ? rc
              : fth_cur_open(arena, dir, month, estate->accounts[0].id, assembly.p, execution.p,
                             &bill->cur, err);
}

static enum fth_rc write_month(struct fth_bill *bill, const char *dir, int32_t month,
                               unsigned *files, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(MEMORY);
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = start_month(bill, arena, dir, month, err);
    for (int32_t day = bill->first; day <= bill->last && !rc; day++)
        rc = fth_bill_day(bill, day, err);
    if (!rc)
        rc = fth_bill_month_fees(bill, err);
    if (!rc && bill->closed)
        rc = fth_bill_close(bill, err);
    if (!rc)
        rc = fth_cur_close(bill->cur, files, err);
    fth_arena_clear(bill->scratch);
    fth_arena_free(arena);
    bill->month_nr++;
    return rc;
}

static enum fth_rc write_bills(struct fth_arena *arena, struct fth_bill *bill, const char *dir,
                               const struct fth_demo_options *options, unsigned *files,
                               struct fth_err *err)
{
    int32_t now = fth_month_of_date(options->today);
    int32_t first = fth_month_first_date(now - (int32_t)options->months + 1);
    int64_t days = (int64_t)options->today - first + 1;
    struct fth_estate *estate;
    enum fth_rc rc;

    /* Some resources have no line on some days, about as many have one more: a part that is
     * covered, and what takes its cost back. */
    rc = fth_estate_make(arena, options->seed, first, options->today,
                         (size_t)(options->rows / (uint64_t)days), &estate, err);
    if (rc)
        return rc;
    bill->estate = estate;
    rc = fth_bill_commit(arena, bill, err);
    for (unsigned i = options->months; i-- > 0 && !rc;)
        rc = write_month(bill, dir, now - (int32_t)i, files, err);
    return rc;
}

enum fth_rc fth_demo_write(const char *dir, const struct fth_demo_options *options,
                           struct fth_demo_summary *summary, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(MEMORY), *scratch = fth_arena_new(MEMORY);
    struct fth_bill bill = {.scratch = scratch};
    struct fth_str ignored, truth;
    unsigned files = 0;
    enum fth_rc rc = check_options(options, err);

    if (!rc && (!arena || !scratch))
        rc = fth_err_nomem(err);
    if (!rc)
        rc = make_folder(arena, dir, "aws-cur-2.0", &ignored, err);
    if (!rc)
        rc = make_folder(arena, dir, "aws-cur-legacy", &ignored, err);
    if (!rc)
        rc = make_folder(arena, dir, "truth", &truth, err);
    if (!rc)
        rc = fth_truth_new(arena, &bill.truth, err);
    if (!rc)
        rc = write_bills(arena, &bill, dir, options, &files, err);
    if (!rc)
        rc = fth_truth_write(bill.truth, truth.p, &files, err);
    if (!rc)
        rc = write_anomalies(bill.estate, truth.p, &files, err);
    if (!rc && summary)
        *summary =
            (struct fth_demo_summary){.rows = bill.rows, .months = options->months, .files = files};
    fth_arena_free(scratch);
    fth_arena_free(arena);
    return rc;
}
