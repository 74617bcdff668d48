/* check_group: what the feed counted by invoice and service, and by commitment, against what is
 * stored of each. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "import/check_int.h"

/* Two amounts of a group: as the bill has them, and as they are stored. */
struct pair {
    struct fth_str currency, key;
    struct fth_money expected[2], found[2];
    bool told; /* the bill has it */
};

FTH_VEC(pair_vec, struct pair)

/* ---- pairs ---- */

static enum fth_rc find_pair(struct pair_vec *pairs, struct fth_str currency, struct fth_str key,
                             struct pair **out, struct fth_err *err)
{
    struct pair made = {0};
    enum fth_rc rc;

    for (size_t i = pairs->nr; i-- > 0;)
        if (fth_str_eq(pairs->at[i].key, key) && fth_str_eq(pairs->at[i].currency, currency)) {
            *out = &pairs->at[i];
            return FTH_OK;
        }
    rc = fth_arena_str(pairs->arena, currency, &made.currency, err);
    if (!rc)
        rc = fth_arena_str(pairs->arena, key, &made.key, err);
    if (!rc)
        rc = pair_vec_push(pairs, made, err);
    if (!rc)
        *out = &pairs->at[pairs->nr - 1];
    return rc;
}

static struct fth_money gap(const struct pair *pair, size_t amount)
{
    struct fth_money out = pair->expected[amount];
    struct fth_err ignored = {0};

    (void)fth_money_sub(&out, pair->found[amount], &ignored);
    return fth_money_sign(out) < 0 ? fth_money_neg(out) : out;
}

static int by_gap(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = fth_money_cmp(gap(y, 0), gap(x, 0));

    return order ? order : fth_str_cmp(x->key, y->key);
}

struct asked {
    const char *id, *what, *whats; /* "invoice", "invoices" */
    const char *names[2];          /* of the amounts; the second NULL: there is one */
    struct fth_money tolerance;
};

static enum fth_rc tell_pair(struct fth_lot *lot, const struct asked *asked,
                             const struct pair *pair, size_t amount, struct fth_err *err)
{
    char a[FTH_MONEY_TEXT_MAX], b[FTH_MONEY_TEXT_MAX], c[FTH_MONEY_TEXT_MAX];
    struct fth_money difference = pair->expected[amount];
    enum fth_rc rc = fth_money_sub(&difference, pair->found[amount], err);

    return rc ? rc
              : fth_check_where(
                    lot, err, "%s " FTH_STR_F ": %s %.*s, stored %.*s, difference %.*s " FTH_STR_F,
                    asked->what, FTH_STR_A(pair->key.n ? pair->key : FTH_STR("without a name")),
                    asked->names[amount], (int)fth_money_text(pair->expected[amount], a), a,
                    (int)fth_money_text(pair->found[amount], b), b,
                    (int)fth_money_text(difference, c), c, FTH_STR_A(pair->currency));
}

/* The check, and the groups of which it does not hold, the widest first. */
static enum fth_rc check_pairs(struct fth_lot *lot, const struct asked *asked,
                               struct pair_vec *pairs, struct fth_err *err)
{
    size_t wrong = 0, told = 0;
    enum fth_rc rc;

    for (size_t i = 0; i < pairs->nr; i++)
        for (size_t k = 0; k < 2 && asked->names[k]; k++)
            wrong +=
                !fth_check_same(pairs->at[i].expected[k], pairs->at[i].found[k], asked->tolerance);
    rc = fth_check_add(lot, asked->id, !wrong, err, "%zu %s compared, %zu amount%s", pairs->nr,
                       pairs->nr == 1 ? asked->what : asked->whats, wrong,
                       wrong == 1 ? " differs" : "s differ");
    if (rc || !wrong)
        return rc;
    qsort(pairs->at, pairs->nr, sizeof(*pairs->at), by_gap);
    for (size_t i = 0; i < pairs->nr && !rc; i++)
        for (size_t k = 0; k < 2 && asked->names[k] && !rc; k++)
            if (told < FTH_CHECK_WHERE_MAX &&
                !fth_check_same(pairs->at[i].expected[k], pairs->at[i].found[k],
                                asked->tolerance)) {
                told++;
                rc = tell_pair(lot, asked, &pairs->at[i], k, err);
            }
    return rc;
}

/* ---- invoices and services ---- */

struct groups {
    struct pair_vec invoices, services;
    bool both; /* the second amount is compared too */
};

static enum fth_rc add_native(struct groups *groups, const struct fth_importer *importer,
                              const struct fth_feed_group *group, struct fth_err *err)
{
    struct pair *pairs[2] = {NULL, NULL};
    enum fth_rc rc = find_pair(&groups->invoices, group->currency, group->invoice, &pairs[0], err);

    if (!rc)
        rc = find_pair(&groups->services, group->currency, group->name, &pairs[1], err);
    for (size_t i = 0; i < 2 && !rc; i++) {
        rc = fth_money_add(&pairs[i]->expected[0], group->amount[FTH_GROUP_FIRST], err);
        /* Credits come on top of the cost. */
        if (!rc)
            rc = fth_money_add(&pairs[i]->expected[importer->totals.with_next ? 0 : 1],
                               group->amount[FTH_GROUP_SECOND], err);
        pairs[i]->told = true;
    }
    return rc;
}

static enum fth_rc add_stored(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    struct groups *groups = ctx;
    struct fth_str currency = fth_check_text(batch, 0, i);
    struct pair *pairs[2] = {NULL, NULL};
    struct fth_money amounts[2];
    enum fth_rc rc = fth_check_money(batch, 3, i, &amounts[0], err);

    if (!rc)
        rc = fth_check_money(batch, 5, i, &amounts[1], err);
    if (!rc)
        rc = find_pair(&groups->invoices, currency, fth_check_text(batch, 1, i), &pairs[0], err);
    if (!rc)
        rc = find_pair(&groups->services, currency, fth_check_text(batch, 2, i), &pairs[1], err);
    for (size_t p = 0; p < 2; p++)
        for (size_t k = 0; k < 2 && !rc; k++)
            rc = fth_money_add(&pairs[p]->found[k], amounts[k], err);
    return rc;
}

static bool has_names(const struct pair_vec *pairs)
{
    for (size_t i = 0; i < pairs->nr; i++)
        if (pairs->at[i].key.n)
            return true;
    return false;
}

enum fth_rc fth_check_groups(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err)
{
    const struct fth_feed_layout *layout = parcel->importer->layout;
    struct groups groups = {pair_vec_in(run->arena), pair_vec_in(run->arena), false};
    const struct fth_word words[] = {
        {"invoice", layout->invoice ? FTH_STR("InvoiceId") : FTH_STR("NULL::VARCHAR")},
        {"service", layout->group ? FTH_STR("x_ServiceCode") : FTH_STR("NULL::VARCHAR")}};
    const char *second;
    enum fth_rc rc = FTH_OK;

    /* What one half of a bill does not tell is not compared. */
    groups.both = parcel->importer->halves && fth_lot_has_half(parcel, lot, 1);
    if (!lot->counts.group_nr ||
        (parcel->importer->halves && (!groups.both || !fth_lot_has_half(parcel, lot, 0))))
        return FTH_OK;
    for (size_t i = 0; i < lot->counts.group_nr && !rc; i++)
        rc = add_native(&groups, parcel->importer, &lot->counts.groups[i], err);
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/groups", words, FTH_NR(words),
                             add_stored, &groups, err);
    second = groups.both ? "effective" : NULL;
    if (!rc && layout->invoice && has_names(&groups.invoices))
        rc = check_pairs(
            lot,
            &(struct asked){
                .id = "invoices", .what = "invoice", .whats = "invoices", .names = {"billed"}},
            &groups.invoices, err);
    if (!rc && layout->group && has_names(&groups.services))
        rc = check_pairs(lot,
                         &(struct asked){.id = "services",
                                         .what = "service",
                                         .whats = "services",
                                         .names = {"billed", second}},
                         &groups.services, err);
    return rc;
}

/* ---- commitments ---- */

/* Fees come on top of what is amortised; what is paid for elsewhere is left out afterwards. */
static enum fth_rc add_commitment(void *ctx, const struct fth_batch *batch, size_t i,
                                  struct fth_err *err)
{
    struct pair_vec *pairs = ctx;
    struct pair *pair = NULL;
    struct fth_money fees, accrued;
    enum fth_rc rc =
        find_pair(pairs, fth_check_text(batch, 0, i), fth_check_text(batch, 2, i), &pair, err);

    if (!rc)
        rc = fth_check_money(batch, 3, i, &fees, err);
    if (!rc)
        rc = fth_check_money(batch, 5, i, &accrued, err);
    if (!rc)
        rc = fth_money_add(&pair->expected[0], fees, err);
    if (!rc)
        rc = fth_money_add(&pair->found[0], accrued, err);
    if (!rc && pair)
        pair->told |= !fth_money_is_zero(fees);
    return rc;
}

/* A commitment that an account of another bill pays for is here only used. */
static void keep_paid(struct pair_vec *pairs)
{
    size_t kept = 0;

    for (size_t i = 0; i < pairs->nr; i++)
        if (pairs->at[i].told)
            pairs->at[kept++] = pairs->at[i];
    pairs->nr = kept;
}

static enum fth_rc check_negations(struct fth_run *run, struct fth_lot *lot, struct fth_err *err)
{
    struct pair_vec plans = pair_vec_in(run->arena);
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lot->counts.commitment_nr && !rc; i++) {
        const struct fth_feed_group *group = &lot->counts.commitments[i];
        struct pair *pair = NULL;

        if (fth_money_is_zero(group->amount[FTH_GROUP_CANCELS]) &&
            fth_money_is_zero(group->amount[FTH_GROUP_CANCELLED]))
            continue;
        rc = find_pair(&plans, group->currency, group->name, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_CANCELLED], err);
        if (!rc)
            rc = fth_money_sub(&pair->found[0], group->amount[FTH_GROUP_CANCELS], err);
    }
    if (rc || !plans.nr)
        return rc;
    return check_pairs(lot,
                       &(struct asked){.id = "negations",
                                       .what = "savings plan",
                                       .whats = "savings plans",
                                       .names = {"covered usage"}},
                       &plans, err);
}

enum fth_rc fth_check_commitments(struct fth_session *session, struct fth_run *run,
                                  const struct fth_parcel *parcel, struct fth_lot *lot,
                                  struct fth_err *err)
{
    struct asked asked = {.id = "commitments",
                          .what = "commitment",
                          .whats = "commitments",
                          .names = {"fees and amortised upfront"}};
    struct pair_vec pairs = pair_vec_in(run->arena);
    enum fth_rc rc = FTH_OK;

    if (!parcel->importer->layout->commitments)
        return FTH_OK;
    for (size_t i = 0; i < lot->counts.commitment_nr && !rc; i++) {
        const struct fth_feed_group *group = &lot->counts.commitments[i];
        struct pair *pair = NULL;

        if (fth_money_is_zero(group->amount[FTH_GROUP_UPFRONT]))
            continue;
        rc = find_pair(&pairs, group->currency, group->name, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_UPFRONT], err);
        if (!rc && pair)
            pair->told = true;
    }
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/commitments", NULL, 0, add_commitment,
                             &pairs, err);
    keep_paid(&pairs);
    asked.tolerance.head = INT64_C(100000000); /* a cent: each row is rounded */
    if (!rc && pairs.nr)
        rc = check_pairs(lot, &asked, &pairs, err);
    return rc ? rc : check_negations(run, lot, err);
}
