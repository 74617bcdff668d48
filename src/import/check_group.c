/* check_group: what the feed counted by invoice and service, by commitment and by type of credit,
 * against what is stored of each. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/map.h"
#include "import/check_int.h"

/* Two amounts of a group: as the bill has them, and as they are stored. */
struct pair {
    struct fth_str currency, key;
    int64_t hour_us; /* 0: it is not by hour */
    struct fth_money expected[2], found[2];
    bool told; /* of a commitment: it is paid for here */
};

FTH_VEC(pair_vec, struct pair)

struct pairs {
    struct pair_vec all;
    struct fth_map index; /* hour, currency and key -> place + 1, until they are sorted */
    struct fth_buf name;  /* that is looked up */
};

enum { NAME_MAX_BYTES = 1 << 20, PAIRS_MAX_BYTES = 512 << 20 };

/* ---- pairs ---- */

/* They live in an arena of their own: a run may compare very many of them for each lot. */
static enum fth_rc pairs_open(struct pairs *pairs, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(PAIRS_MAX_BYTES);

    *pairs = (struct pairs){.all = pair_vec_in(arena), .name = fth_buf_max(NAME_MAX_BYTES)};
    fth_map_init(&pairs->index);
    return arena ? FTH_OK : fth_err_nomem(err);
}

static void pairs_release(struct pairs *pairs)
{
    fth_map_release(&pairs->index);
    fth_buf_release(&pairs->name);
    fth_arena_free(pairs->all.arena);
}

static enum fth_rc add_pair(struct pairs *pairs, struct fth_str currency, struct fth_str key,
                            int64_t hour_us, struct fth_err *err)
{
    struct pair made = {.hour_us = hour_us};
    enum fth_rc rc = fth_arena_str(pairs->all.arena, currency, &made.currency, err);

    if (!rc)
        rc = fth_arena_str(pairs->all.arena, key, &made.key, err);
    if (!rc)
        rc = pair_vec_push(&pairs->all, made, err);
    return rc ? rc
              : fth_map_put(&pairs->index, fth_buf_view(&pairs->name),
                            (void *)(uintptr_t)pairs->all.nr, NULL, err);
}

/* The pair of that name, made when there is none; it lives until the next one is made. */
static enum fth_rc find_pair(struct pairs *pairs, struct fth_str currency, struct fth_str key,
                             int64_t hour_us, struct pair **out, struct fth_err *err)
{
    uintptr_t at;

    fth_buf_clear(&pairs->name);
    fth_buf_add(&pairs->name, &hour_us, sizeof(hour_us));
    fth_buf_str(&pairs->name, currency);
    fth_buf_char(&pairs->name, '\0');
    fth_buf_str(&pairs->name, key);
    if (fth_buf_done(&pairs->name, err))
        return err->rc;
    at = (uintptr_t)fth_map_get(&pairs->index, fth_buf_view(&pairs->name));
    if (!at && add_pair(pairs, currency, key, hour_us, err))
        return err->rc;
    *out = &pairs->all.at[at ? at - 1 : pairs->all.nr - 1];
    return FTH_OK;
}

static struct fth_money gap(const struct pair *pair, size_t amount)
{
    struct fth_money out = pair->expected[amount];
    struct fth_err ignored = {0};

    (void)fth_money_sub(&out, pair->found[amount], &ignored);
    return fth_money_abs(out);
}

static int by_gap(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = fth_money_cmp(gap(y, 0), gap(x, 0));

    if (!order)
        order = fth_str_cmp(x->key, y->key);
    return order ? order : (x->hour_us > y->hour_us) - (x->hour_us < y->hour_us);
}

struct asked {
    const char *id, *what, *whats; /* "invoice", "invoices" */
    const char *names[2];          /* of the amounts; the second NULL: there is one */
    const char *found;             /* what they are compared with */
    struct fth_money tolerance;
};

static enum fth_rc tell_pair(struct fth_lot *lot, const struct asked *asked,
                             const struct pair *pair, size_t amount, struct fth_err *err)
{
    char a[FTH_MONEY_TEXT_MAX], b[FTH_MONEY_TEXT_MAX], c[FTH_MONEY_TEXT_MAX];
    struct fth_money difference = pair->expected[amount];
    struct fth_buf hour = fth_buf_max(64);
    enum fth_rc rc = fth_money_sub(&difference, pair->found[amount], err);

    if (pair->hour_us) {
        fth_buf_c(&hour, ", ");
        fth_instant_put(&hour, pair->hour_us);
    }
    if (!rc)
        rc = fth_buf_done(&hour, err);
    if (!rc)
        rc = fth_check_where(
            lot, err, "%s " FTH_STR_F FTH_STR_F ": %s %.*s, %s %.*s, difference %.*s " FTH_STR_F,
            asked->what, FTH_STR_A(pair->key.n ? pair->key : FTH_STR("without a name")),
            FTH_STR_A(fth_buf_view(&hour)), asked->names[amount],
            (int)fth_money_text(pair->expected[amount], a), a, asked->found,
            (int)fth_money_text(pair->found[amount], b), b, (int)fth_money_text(difference, c), c,
            FTH_STR_A(pair->currency));
    fth_buf_release(&hour);
    return rc;
}

/* The check, and the groups of which it does not hold, the widest first. */
static enum fth_rc check_pairs(struct fth_lot *lot, const struct asked *asked, struct pairs *pairs,
                               struct fth_err *err)
{
    struct pair_vec *all = &pairs->all;
    size_t wrong = 0, told = 0;
    enum fth_rc rc;

    for (size_t i = 0; i < all->nr; i++)
        for (size_t k = 0; k < 2 && asked->names[k]; k++)
            wrong += !fth_check_same(all->at[i].expected[k], all->at[i].found[k], asked->tolerance);
    rc = fth_check_add(lot, asked->id, !wrong, err, "%zu %s compared, %zu amount%s", all->nr,
                       all->nr == 1 ? asked->what : asked->whats, wrong,
                       wrong == 1 ? " differs" : "s differ");
    if (rc || !wrong)
        return rc;
    lot->checks.at[lot->checks.nr - 1].wrong_nr = wrong;
    qsort(all->at, all->nr, sizeof(*all->at), by_gap);
    for (size_t i = 0; i < all->nr && !rc; i++)
        for (size_t k = 0; k < 2 && asked->names[k] && !rc; k++)
            if (told < FTH_CHECK_WHERE_MAX &&
                !fth_check_same(all->at[i].expected[k], all->at[i].found[k], asked->tolerance)) {
                told++;
                rc = tell_pair(lot, asked, &all->at[i], k, err);
            }
    return rc;
}

/* ---- invoices and services ---- */

struct groups {
    struct pairs invoices, services;
};

static enum fth_rc add_native(struct groups *groups, const struct fth_importer *importer,
                              const struct fth_feed_group *group, struct fth_err *err)
{
    struct pairs *const both[] = {&groups->invoices, &groups->services};
    const struct fth_str keys[] = {group->invoice, group->name};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_NR(both) && !rc; i++) {
        struct pair *pair = NULL;

        rc = find_pair(both[i], group->currency, keys[i], 0, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_FIRST], err);
        /* Credits come on top of the cost. */
        if (!rc)
            rc = fth_money_add(&pair->expected[importer->totals.with_next ? 0 : 1],
                               group->amount[FTH_GROUP_SECOND], err);
    }
    return rc;
}

static enum fth_rc add_stored(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    struct groups *groups = ctx;
    struct pairs *const both[] = {&groups->invoices, &groups->services};
    struct fth_money amounts[2];
    enum fth_rc rc = fth_check_money(batch, 3, i, &amounts[0], err);

    if (!rc)
        rc = fth_check_money(batch, 5, i, &amounts[1], err);
    for (size_t p = 0; p < FTH_NR(both) && !rc; p++) {
        struct pair *pair = NULL;

        rc = find_pair(both[p], fth_check_text(batch, 0, i), fth_check_text(batch, 1 + p, i), 0,
                       &pair, err);
        for (size_t k = 0; k < FTH_NR(amounts) && !rc; k++)
            rc = fth_money_add(&pair->found[k], amounts[k], err);
    }
    return rc;
}

static bool has_names(const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->all.nr; i++)
        if (pairs->all.at[i].key.n)
            return true;
    return false;
}

static enum fth_rc compare_groups(struct fth_session *session, struct fth_run *run,
                                  const struct fth_importer *importer, struct fth_lot *lot,
                                  struct groups *groups, struct fth_err *err)
{
    const struct fth_feed_layout *layout = importer->layout;
    const struct fth_word words[] = {
        {"invoice", layout->invoice ? FTH_STR("InvoiceId") : FTH_STR("NULL::VARCHAR")},
        {"service", layout->group ? FTH_STR("x_ServiceCode") : FTH_STR("NULL::VARCHAR")}};
    const struct asked invoices = {.id = "invoices",
                                   .what = "invoice",
                                   .whats = "invoices",
                                   .names = {"billed"},
                                   .found = "stored"};
    const struct asked services = {.id = "services",
                                   .what = "service",
                                   .whats = "services",
                                   .names = {"billed", importer->halves ? "effective" : NULL},
                                   .found = "stored"};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lot->counts.group_nr && !rc; i++)
        rc = add_native(groups, importer, &lot->counts.groups[i], err);
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/groups", words, FTH_NR(words),
                             add_stored, groups, err);
    if (!rc && layout->invoice && has_names(&groups->invoices))
        rc = check_pairs(lot, &invoices, &groups->invoices, err);
    if (!rc && layout->group && has_names(&groups->services))
        rc = check_pairs(lot, &services, &groups->services, err);
    return rc;
}

enum fth_rc fth_check_groups(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err)
{
    struct groups groups;
    enum fth_rc rc;

    /* What one half of a bill does not tell is not compared. */
    if (!lot->counts.group_nr || (parcel->importer->halves && (!fth_lot_has_half(parcel, lot, 0) ||
                                                               !fth_lot_has_half(parcel, lot, 1))))
        return FTH_OK;
    rc = pairs_open(&groups.invoices, err);
    if (pairs_open(&groups.services, err))
        rc = err->rc;
    if (!rc)
        rc = compare_groups(session, run, parcel->importer, lot, &groups, err);
    pairs_release(&groups.invoices);
    pairs_release(&groups.services);
    return rc;
}

/* ---- commitments ---- */

/* Fees come on top of what is amortised; what is paid for elsewhere is left out afterwards. */
static enum fth_rc add_commitment(void *ctx, const struct fth_batch *batch, size_t i,
                                  struct fth_err *err)
{
    struct pairs *pairs = ctx;
    struct pair *pair = NULL;
    struct fth_money fees, accrued;
    enum fth_rc rc =
        find_pair(pairs, fth_check_text(batch, 0, i), fth_check_text(batch, 2, i), 0, &pair, err);

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

static enum fth_rc compare_commitments(struct fth_session *session, struct fth_run *run,
                                       struct fth_lot *lot, struct pairs *pairs,
                                       struct fth_err *err)
{
    struct asked asked = {.id = "commitments",
                          .what = "commitment",
                          .whats = "commitments",
                          .names = {"fees and amortised upfront"},
                          .found = "used and unused"};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lot->counts.commitment_nr && !rc; i++) {
        const struct fth_feed_group *group = &lot->counts.commitments[i];
        struct pair *pair = NULL;

        if (fth_money_is_zero(group->amount[FTH_GROUP_UPFRONT]))
            continue;
        rc = find_pair(pairs, group->currency, group->name, 0, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_UPFRONT], err);
        if (!rc && pair)
            pair->told = true;
    }
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/commitments", NULL, 0, add_commitment,
                             pairs, err);
    keep_paid(&pairs->all);
    asked.tolerance.head = INT64_C(100000000); /* a cent: each row is rounded */
    return rc || !pairs->all.nr ? rc : check_pairs(lot, &asked, pairs, err);
}

/* Within the hour that both are of. */
static enum fth_rc compare_negations(struct fth_lot *lot, struct pairs *plans, struct fth_err *err)
{
    const struct asked asked = {.id = "negations",
                                .what = "savings plan",
                                .whats = "hours of savings plans",
                                .names = {"covered usage"},
                                .found = "taken back"};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < lot->counts.commitment_nr && !rc; i++) {
        const struct fth_feed_group *group = &lot->counts.commitments[i];
        struct pair *pair = NULL;

        if (fth_money_is_zero(group->amount[FTH_GROUP_CANCELS]) &&
            fth_money_is_zero(group->amount[FTH_GROUP_CANCELLED]))
            continue;
        rc = find_pair(plans, group->currency, group->name, group->hour_us, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_CANCELLED], err);
        if (!rc)
            rc = fth_money_sub(&pair->found[0], group->amount[FTH_GROUP_CANCELS], err);
    }
    return rc || !plans->all.nr ? rc : check_pairs(lot, &asked, plans, err);
}

enum fth_rc fth_check_commitments(struct fth_session *session, struct fth_run *run,
                                  const struct fth_parcel *parcel, struct fth_lot *lot,
                                  struct fth_err *err)
{
    struct pairs commitments, plans;
    enum fth_rc rc;

    if (!parcel->importer->layout->commitments)
        return FTH_OK;
    rc = pairs_open(&commitments, err);
    if (pairs_open(&plans, err))
        rc = err->rc;
    if (!rc)
        rc = compare_commitments(session, run, lot, &commitments, err);
    if (!rc)
        rc = compare_negations(lot, &plans, err);
    pairs_release(&commitments);
    pairs_release(&plans);
    return rc;
}

/* ---- credits ---- */

static enum fth_rc add_credit(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    struct pair *pair = NULL;
    struct fth_money amount;
    enum fth_rc rc =
        find_pair(ctx, fth_check_text(batch, 0, i), fth_check_text(batch, 1, i), 0, &pair, err);

    if (!rc)
        rc = fth_check_money(batch, 2, i, &amount, err);
    return rc ? rc : fth_money_add(&pair->found[0], amount, err);
}

enum fth_rc fth_check_credits(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                              struct fth_err *err)
{
    const struct asked asked = {.id = "credit-types",
                                .what = "type of credit",
                                .whats = "types of credit",
                                .names = {"credited"},
                                .found = "stored"};
    struct pairs types;
    enum fth_rc rc;

    if (!lot->counts.credit_nr)
        return FTH_OK;
    rc = pairs_open(&types, err);
    for (size_t i = 0; i < lot->counts.credit_nr && !rc; i++) {
        const struct fth_feed_group *group = &lot->counts.credits[i];
        struct pair *pair = NULL;

        rc = find_pair(&types, group->currency, group->name, 0, &pair, err);
        if (!rc)
            rc = fth_money_add(&pair->expected[0], group->amount[FTH_GROUP_CREDIT], err);
    }
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/credits", NULL, 0, add_credit, &types,
                             err);
    if (!rc)
        rc = check_pairs(lot, &asked, &types, err);
    pairs_release(&types);
    return rc;
}
