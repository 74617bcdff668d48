/* What is judged when all has been read: sums, and references from one dataset to another. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "focus/run_int.h"

static struct fth_focus_tally *tally_by(struct fth_focus_run *run, const char *check)
{
    size_t rule = fth_focus_rule_by_check(check);

    return rule == SIZE_MAX ? NULL : &run->tallies.at[rule];
}

static struct fth_money cents(int64_t nr)
{
    return (struct fth_money){.head = (fth_i128)nr * 100000000, .tail = 0};
}

static struct fth_money distance(struct fth_money a, struct fth_money b)
{
    struct fth_err err = {0};

    if (fth_money_sub(&a, b, &err))
        return cents(INT64_MAX / 1000);
    return fth_money_abs(a);
}

/* A cent, or what rounding each of so many rows to a millionth may come to. */
static struct fth_money small_change(const struct fth_focus_sum *sum)
{
    struct fth_money rounding = {.head = (fth_i128)sum->rows * 5000, .tail = 0};

    return fth_money_cmp(rounding, cents(1)) > 0 ? rounding : cents(1);
}

static void put_money(struct fth_buf *buf, const char *what, struct fth_money money)
{
    fth_buf_c(buf, what);
    fth_money_put(buf, money);
}

/* ---- commitments ---- */

/* Its purchases last as long as what it covers, and all of that is in the files. A provider that
 * dates a purchase by the moment (AWS: an hour) does not say for how long it is. */
static bool term_inside(const struct fth_focus_run *run, const struct fth_focus_sum *sum)
{
    return sum->purchases > 0 && sum->uses > 0 && sum->use_from >= sum->buy_from &&
           sum->use_to <= sum->buy_to && sum->buy_from >= run->memory.first_us &&
           sum->buy_to <= run->memory.last_us && sum->use_to - sum->use_from >= 0;
}

/* With a purchase that was paid once, the whole price must be found again when the uses reach to
 * the end of its period. */
static bool whole_term(const struct fth_focus_sum *sum)
{
    return !fth_money_is_zero(sum->once) && sum->use_from >= sum->once_from &&
           sum->use_to == sum->once_to;
}

static void break_commitment(struct fth_focus_run *run, const char *check, struct fth_str id,
                             const struct fth_focus_sum *sum, struct fth_money paid)
{
    struct fth_buf text = fth_buf_max(1024);
    struct fth_focus_tally *tally = tally_by(run, check);

    fth_buf_printf(&text, "CommitmentDiscountId = \"" FTH_STR_F "\"",
                   FTH_STR_A(fth_str_sub(id, 0, 120)));
    put_money(&text, ", billed ", paid);
    put_money(&text, ", used and unused ", sum->effective);
    if (tally)
        fth_focus_tally(tally, sum->place, fth_buf_view(&text));
    fth_buf_release(&text);
}

static enum fth_rc judge_commitments(struct fth_focus_run *run, struct fth_err *err)
{
    const struct fth_focus_sums *sums = &run->memory.sums[FTH_FOCUS_S_COMMITMENT];

    for (size_t i = 0; i < sums->keys.nr; i++) {
        const struct fth_focus_sum *sum = &sums->at[i];
        struct fth_money paid = sum->once;

        if (!term_inside(run, sum))
            continue;
        if (fth_money_add(&paid, sum->fees, err))
            return err->rc;
        if (whole_term(sum)) {
            if (fth_money_cmp(distance(paid, sum->effective), small_change(sum)) > 0)
                break_commitment(run, "sum commitment balance", fth_focus_texts_at(&sums->keys, i),
                                 sum, paid);
        } else if (fth_money_is_zero(sum->once) && fth_money_cmp(sum->fees, sum->effective) > 0 &&
                   fth_money_cmp(distance(sum->fees, sum->effective), small_change(sum)) > 0) {
            /* More than the fees may be right: what was paid upfront, in another month. */
            break_commitment(run, "sum commitment fees", fth_focus_texts_at(&sums->keys, i), sum,
                             sum->fees);
        }
    }
    return FTH_OK;
}

/* ---- allocation ---- */

static void judge_ratios(struct fth_focus_run *run)
{
    const struct fth_focus_sums *sums = &run->memory.sums[FTH_FOCUS_S_RATIO];
    struct fth_focus_tally *tally = tally_by(run, "sum allocated ratios");
    static const struct fth_money one = {.head = (fth_i128)10000000000, .tail = 0};

    for (size_t i = 0; tally && i < sums->keys.nr; i++) {
        const struct fth_focus_sum *sum = &sums->at[i];
        /* Ratios are written with six decimals or so, each rounded. */
        struct fth_money allowed = {.head = (fth_i128)(sum->rows + 1) * 50000, .tail = 0};
        struct fth_buf text = fth_buf_max(1024);

        if (fth_money_cmp(distance(sum->ratio, one), allowed) > 0) {
            struct fth_str key = fth_focus_texts_at(&sums->keys, i), resource, rest;

            if (!fth_str_split(key, '|', &resource, &rest))
                resource = key;
            fth_buf_printf(&text, "ResourceId = \"" FTH_STR_F "\", %lld parts",
                           FTH_STR_A(fth_str_sub(resource, 0, 120)), (long long)sum->rows);
            put_money(&text, ", ratios add up to ", sum->ratio);
            fth_focus_tally(tally, sum->place, fth_buf_view(&text));
        }
        fth_buf_release(&text);
    }
}

/* ---- invoices ---- */

/* FOCUS 1.4: the larger of 100 subunits and half the square root of the rows, in subunits. */
static struct fth_money tolerance(int64_t rows)
{
    double subunits = 0.5 * sqrt((double)rows);
    int64_t hundredths = subunits > 100 ? (int64_t)(subunits * 100) : 10000;

    return (struct fth_money){.head = (fth_i128)hundredths * 1000000, .tail = 0};
}

static void judge_invoices(struct fth_focus_run *run)
{
    const struct fth_focus_sums *rows = &run->memory.sums[FTH_FOCUS_S_INVOICE];
    const struct fth_focus_sums *lines = &run->memory.sums[FTH_FOCUS_S_INVOICE_LINES];
    struct fth_focus_tally *tally = tally_by(run, "cross invoice sums");

    for (size_t i = 0; tally && i < lines->keys.nr; i++) {
        struct fth_str id = fth_focus_texts_at(&lines->keys, i);
        size_t at = fth_focus_texts_find(&rows->keys, id);
        struct fth_money sum = at == SIZE_MAX ? FTH_MONEY_ZERO : rows->at[at].once;
        int64_t nr = at == SIZE_MAX ? 0 : rows->at[at].rows;
        struct fth_buf text = fth_buf_max(1024);

        if (fth_money_cmp(distance(sum, lines->at[i].once), tolerance(nr)) > 0) {
            fth_buf_printf(&text, "InvoiceId = \"" FTH_STR_F "\"",
                           FTH_STR_A(fth_str_sub(id, 0, 120)));
            put_money(&text, ", invoice lines ", lines->at[i].once);
            put_money(&text, ", rows ", sum);
            put_money(&text, ", allowed ", tolerance(nr));
            fth_focus_tally(tally, at == SIZE_MAX ? lines->at[i].place : rows->at[at].place,
                            fth_buf_view(&text));
        }
        fth_buf_release(&text);
    }
}

/* ---- references ---- */

static const struct {
    const char *check, *what;
    enum fth_focus_ref_kind kind;
    enum fth_focus_dataset dataset;
} references[] = {
    {"cross InvoiceId in IND", "InvoiceId", FTH_FOCUS_REF_INVOICE, FTH_FOCUS_IND},
    {"cross InvoiceDetailId in IND", "InvoiceDetailId", FTH_FOCUS_REF_INVOICE_DETAIL,
     FTH_FOCUS_IND},
    {"cross BillingPeriodStart in BPD", "BillingPeriodStart and InvoiceIssuerName",
     FTH_FOCUS_REF_PERIOD, FTH_FOCUS_BPD},
    {"cross ContractApplied in CCT", "ContractCommitmentId", FTH_FOCUS_REF_CONTRACT, FTH_FOCUS_CCT},
};

static void judge_references(struct fth_focus_run *run)
{
    for (size_t r = 0; r < sizeof(references) / sizeof(references[0]); r++) {
        struct fth_focus_tally *tally = tally_by(run, references[r].check);
        const struct fth_focus_keys *uses = &run->memory.uses[references[r].kind];
        const struct fth_focus_keys *has = &run->memory.has[references[r].kind];

        if (!tally || !run->seen[FTH_FOCUS_CAU] || !run->seen[references[r].dataset])
            continue;
        tally->checked++;
        for (size_t i = 0; i < uses->keys.nr; i++) {
            struct fth_str key = fth_focus_texts_at(&uses->keys, i);
            struct fth_buf text = fth_buf_max(1024);

            if (fth_focus_texts_find(&has->keys, key) == SIZE_MAX) {
                fth_buf_printf(&text, "%s = \"" FTH_STR_F "\" is not in %s", references[r].what,
                               FTH_STR_A(fth_str_sub(key, 0, 150)),
                               fth_focus_dataset_name(references[r].dataset));
                fth_focus_tally(tally, uses->at[i].place, fth_buf_view(&text));
            }
            fth_buf_release(&text);
        }
    }
}

/* A rule whose memory was used up was looked at in part. */
static void say_what_was_full(struct fth_focus_run *run)
{
    for (size_t i = 0; i < run->tallies.nr; i++)
        if (run->memory.keys[i].full)
            run->tallies.at[i].aside = "memory was used up: looked at in part";
}

enum fth_rc fth_focus_conclude(struct fth_focus_run *run, struct fth_err *err)
{
    struct fth_focus_tally *invoices = tally_by(run, "cross invoice sums");

    if (judge_commitments(run, err))
        return err->rc;
    judge_ratios(run);
    judge_references(run);
    if (invoices && run->seen[FTH_FOCUS_CAU] && run->seen[FTH_FOCUS_IND]) {
        invoices->checked++;
        judge_invoices(run);
    }
    say_what_was_full(run);
    return FTH_OK;
}
