/* diff: what one delivery changed of a source's billing period, by what people look at. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "app/sources.h"
#include "app/sums_int.h"
#include "base/check.h"
#include "base/vec.h"
#include "ledger/catalogue.h"

/* Of each dimension the ROWS_MOST largest changes are told one by one. A dimension whose values do
 * not fit SPLIT_MAX is told as incomplete. */
enum { ROWS_MOST = 1000, SPLIT_MAX = 512 << 20 };

/* A state of the period: the delivery that brought it, and the ledger's version. */
struct side {
    int64_t delivery, version; /* 0: before there was any */
};

/* ---- which two ---- */

static enum fth_rc find(const struct fth_asked *asked, struct fth_str id, struct fth_delivery *out,
                        struct fth_err *err)
{
    int64_t number;

    if (!fth_str_to_i64(id, &number))
        return fth_err_set(err, FTH_E_NOTFOUND, "no delivery \"" FTH_STR_F "\"", FTH_STR_A(id));
    if (fth_catalogue_delivery(asked->app->db, asked->arena, number, out, err))
        return err->rc;
    if (out->version)
        return FTH_OK;
    fth_err_set(err, FTH_E_CONFLICT, "delivery %" PRId64 " was never part of the ledger", number);
    fth_err_hint(err, "Its report says why: deliveries show %" PRId64 ".", number);
    return err->rc;
}

static enum fth_rc find_sides(const struct fth_asked *asked, struct fth_str id,
                              struct fth_str against, struct fth_delivery *of, struct side *before,
                              struct side *after, struct fth_err *err)
{
    struct fth_delivery other = {0};

    if (find(asked, id, of, err))
        return err->rc;
    *after = (struct side){of->id, of->version};
    *before = (struct side){of->supersedes, of->version - 1};
    if (!against.n)
        return FTH_OK;
    if (find(asked, against, &other, err))
        return err->rc;
    if (other.source_id != of->source_id || !fth_str_eq(other.billing_period, of->billing_period)) {
        fth_err_set(err, FTH_E_INVALID,
                    "delivery %" PRId64 " is of \"" FTH_STR_F "\" " FTH_STR_F ", delivery %" PRId64
                    " of \"" FTH_STR_F "\" " FTH_STR_F,
                    of->id, FTH_STR_A(of->source), FTH_STR_A(of->billing_period), other.id,
                    FTH_STR_A(other.source), FTH_STR_A(other.billing_period));
        fth_err_hint(err, "Two deliveries of one source and billing period can be compared.");
        return err->rc;
    }
    *before = (struct side){other.id, other.version};
    if (before->version > after->version) {
        struct side swap = *before;

        *before = *after;
        *after = swap;
    }
    return FTH_OK;
}

/* ---- rows ---- */

static enum fth_rc put_amounts(struct fth_jw *jw, const char *name, struct fth_money before,
                               struct fth_money after, struct fth_err *err)
{
    struct fth_money change = after;
    enum fth_rc rc = fth_money_sub(&change, before, err);

    fth_jw_key(jw, name);
    fth_jw_object(jw);
    fth_jw_kv_money(jw, "before", before);
    fth_jw_kv_money(jw, "after", after);
    fth_jw_kv_money(jw, "change", change);
    fth_jw_object_end(jw);
    return rc;
}

static enum fth_rc put_pair(struct fth_jw *jw, const struct fth_sum *before,
                            const struct fth_sum *after, struct fth_err *err)
{
    static const struct fth_sum nothing;
    const struct fth_sum *a = before ? before : &nothing, *b = after ? after : &nothing;
    enum fth_rc rc = put_amounts(jw, "billed_cost", a->billed, b->billed, err);

    if (!rc)
        rc = put_amounts(jw, "effective_cost", a->effective, b->effective, err);
    fth_jw_key(jw, "charges");
    fth_jw_object(jw);
    fth_jw_kv_i64(jw, "before", a->charges);
    fth_jw_kv_i64(jw, "after", b->charges);
    fth_jw_kv_i64(jw, "change", b->charges - a->charges);
    fth_jw_object_end(jw);
    return rc;
}

static bool same(const struct fth_sum *a, const struct fth_sum *b)
{
    return a && b && a->charges == b->charges && fth_money_cmp(a->billed, b->billed) == 0 &&
           fth_money_cmp(a->effective, b->effective) == 0;
}

/* A value that differs; one of the two is NULL where only the other has it. */
struct change {
    const struct fth_sum *before, *after;
    struct fth_money size;
};

FTH_VEC(change_vec, struct change)

static const struct fth_sum *either(const struct change *change)
{
    return change->after ? change->after : change->before;
}

static enum fth_rc put_row(struct fth_jw *jw, const struct change *change, struct fth_err *err)
{
    const struct fth_sum *before = change->before, *after = change->after, *one = either(change);
    enum fth_rc rc;

    FTH_CHECK(one != NULL);
    fth_jw_object(jw);
    fth_jw_key(jw, "value");
    if (one->key[0].p)
        fth_jw_str(jw, one->key[0]);
    else
        fth_jw_null(jw);
    fth_jw_kv(jw, "currency", one->currency);
    fth_jw_kv_c(jw, "status", !before ? "added" : !after ? "removed" : "changed");
    rc = put_pair(jw, before, after, err);
    fth_jw_object_end(jw);
    return rc;
}

struct sums {
    struct fth_sum *at;
    size_t nr;
};

/* Both in order: the next pair of equal keys, one of them NULL where only the other has it. */
static bool next_pair(const struct sums *before, const struct sums *after, size_t *b, size_t *a,
                      const struct fth_sum **one, const struct fth_sum **other)
{
    int order;

    if (*b == before->nr && *a == after->nr)
        return false;
    order = *b == before->nr  ? 1
            : *a == after->nr ? -1
                              : fth_sum_cmp(&before->at[*b], &after->at[*a]);
    *one = order <= 0 ? &before->at[(*b)++] : NULL;
    *other = order >= 0 ? &after->at[(*a)++] : NULL;
    return true;
}

static enum fth_rc read_both(const struct fth_asked *asked, const struct fth_delivery *of,
                             const char *by, const struct side sides[2], struct sums out[2],
                             struct fth_err *err)
{
    for (size_t i = 0; i < 2; i++) {
        const struct fth_sums_request request = {.by = {by},
                                                 .source = of->source,
                                                 .period = of->billing_period,
                                                 .version = sides[i].version};

        out[i] = (struct sums){0};
        if (sides[i].version && fth_sums(asked, &request, &out[i].at, &out[i].nr, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc put_totals(const struct fth_asked *asked, const struct fth_delivery *of,
                              const struct side sides[2], struct fth_jw *jw, struct fth_err *err)
{
    const struct fth_sum *before, *after;
    struct sums both[2];
    size_t b = 0, a = 0;

    if (read_both(asked, of, NULL, sides, both, err))
        return err->rc;
    fth_jw_key(jw, "totals");
    fth_jw_array(jw);
    while (next_pair(&both[0], &both[1], &b, &a, &before, &after)) {
        const struct fth_sum *one = after ? after : before;

        FTH_CHECK(one != NULL);
        fth_jw_object(jw);
        fth_jw_kv(jw, "currency", one->currency);
        if (put_pair(jw, before, after, err))
            return err->rc;
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

static struct fth_money distance(struct fth_money a, struct fth_money b)
{
    struct fth_err ignored = {0};

    (void)fth_money_sub(&a, b, &ignored);
    return fth_money_abs(a);
}

/* The larger of the two costs' changes. */
static struct fth_money size_of(const struct fth_sum *before, const struct fth_sum *after)
{
    static const struct fth_sum nothing;
    const struct fth_sum *a = before ? before : &nothing, *b = after ? after : &nothing;
    struct fth_money billed = distance(b->billed, a->billed);
    struct fth_money effective = distance(b->effective, a->effective);

    return fth_money_cmp(billed, effective) < 0 ? effective : billed;
}

static int by_key(const void *a, const void *b)
{
    return fth_sum_cmp(either(a), either(b));
}

static int by_size(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int order = fth_money_cmp(y->size, x->size);

    return order ? order : by_key(a, b);
}

static enum fth_rc find_changes(const struct sums both[2], struct change_vec *out,
                                struct fth_err *err)
{
    const struct fth_sum *before, *after;
    size_t b = 0, a = 0;

    while (next_pair(&both[0], &both[1], &b, &a, &before, &after)) {
        const struct change change = {before, after, size_of(before, after)};

        if (!same(before, after) && change_vec_push(out, change, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- what is not told one by one ---- */

static enum fth_rc add_sum(struct fth_sum *to, const struct fth_sum *from, struct fth_err *err)
{
    if (!from)
        return FTH_OK;
    to->charges += from->charges;
    if (fth_money_add(&to->billed, from->billed, err) ||
        fth_money_add(&to->effective, from->effective, err))
        return err->rc;
    return FTH_OK;
}

/* One row for each currency; `rest` is in the order of the keys, which begins with the currency. */
static enum fth_rc put_others(struct fth_jw *jw, const struct change *rest, size_t nr,
                              struct fth_err *err)
{
    fth_jw_key(jw, "others");
    fth_jw_array(jw);
    for (size_t i = 0, end; i < nr; i = end) {
        struct fth_str currency = either(&rest[i])->currency;
        struct fth_sum before = {0}, after = {0};

        for (end = i; end < nr && fth_str_eq(either(&rest[end])->currency, currency); end++)
            if (add_sum(&before, rest[end].before, err) || add_sum(&after, rest[end].after, err))
                return err->rc;
        fth_jw_object(jw);
        fth_jw_kv_i64(jw, "values", (int64_t)(end - i));
        fth_jw_kv(jw, "currency", currency);
        if (put_pair(jw, &before, &after, err))
            return err->rc;
        fth_jw_object_end(jw);
    }
    fth_jw_array_end(jw);
    return FTH_OK;
}

static enum fth_rc put_changes(struct fth_jw *jw, const char *by, struct change_vec *changes,
                               bool complete, struct fth_err *err)
{
    struct change *at = changes->at;
    size_t told = changes->nr < ROWS_MOST ? changes->nr : ROWS_MOST, rest = changes->nr - told;

    if (rest) {
        qsort(at, changes->nr, sizeof(*at), by_size);
        qsort(at, told, sizeof(*at), by_key);
        qsort(at + told, rest, sizeof(*at), by_key);
    }
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "dimension", by);
    fth_jw_kv_bool(jw, "complete", complete);
    fth_jw_key(jw, "rows");
    fth_jw_array(jw);
    for (size_t i = 0; i < told; i++)
        if (put_row(jw, &at[i], err))
            return err->rc;
    fth_jw_array_end(jw);
    if (put_others(jw, at + told, rest, err))
        return err->rc;
    fth_jw_object_end(jw);
    return FTH_OK;
}

/* Resources may be very many: they have an arena of their own. */
static enum fth_rc put_by(const struct fth_asked *asked, const struct fth_delivery *of,
                          const char *by, const struct side sides[2], struct fth_jw *jw,
                          struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(SPLIT_MAX);
    struct fth_asked own = *asked;
    struct change_vec changes = change_vec_in(arena);
    struct fth_err full = {0};
    struct sums both[2];
    bool complete;

    own.arena = arena;
    if (!arena)
        return fth_err_nomem(err);
    if (!read_both(&own, of, by, sides, both, &full))
        (void)find_changes(both, &changes, &full);
    complete = full.rc != FTH_E_NOMEM;
    if (!complete)
        changes.nr = 0;
    else if (full.rc)
        *err = full;
    if (!err->rc)
        (void)put_changes(jw, by, &changes, complete, err);
    fth_arena_free(arena);
    return err->rc;
}

static void put_side(struct fth_jw *jw, const char *name, const struct side *side)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, side->delivery);
    fth_jw_key(jw, name);
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "delivery", side->delivery ? id : NULL);
    fth_jw_kv_i64(jw, "version", side->version);
    fth_jw_object_end(jw);
}

enum fth_rc fth_delivery_diff_put(const struct fth_asked *asked, struct fth_str id,
                                  struct fth_str against, struct fth_jw *jw, struct fth_err *err)
{
    static const char *const dimensions[] = {"service", "sub_account", "time", "charge_category",
                                             "resource"};
    struct fth_delivery of = {0};
    struct side sides[2] = {{0}};

    if (find_sides(asked, id, against, &of, &sides[0], &sides[1], err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv(jw, "source", of.source);
    fth_jw_kv(jw, "billing_period", of.billing_period);
    put_side(jw, "before", &sides[0]);
    put_side(jw, "after", &sides[1]);
    if (put_totals(asked, &of, sides, jw, err))
        return err->rc;
    fth_jw_key(jw, "by");
    fth_jw_array(jw);
    for (size_t i = 0; i < sizeof(dimensions) / sizeof(*dimensions); i++)
        if (put_by(asked, &of, dimensions[i], sides, jw, err))
            return err->rc;
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
    return FTH_OK;
}
