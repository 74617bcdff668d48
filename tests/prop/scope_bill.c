#include "scope_bill.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "plan/dimension.h"
#include "test.h"

enum { TEXT_MAX = 1 << 16 };

/* ---- the bill ---- */

enum field {
    PROVIDER,
    ACCOUNT,
    ACCOUNT_NAME,
    SERVICE,
    REGION,
    REGION_NAME,
    CATEGORY,
    RESOURCE,
    RESOURCE_NAME,
    DESCRIPTION,
    CURRENCY,
    BILLING_ACCOUNT,
    TEAM,
    OWN_TAG, /* a key of its own, and its value */
    FIELD_NR
};

static const char *const field_names[FIELD_NR] = {
    [PROVIDER] = "provider",
    [ACCOUNT] = "sub_account",
    [SERVICE] = "service",
    [REGION] = "region",
    [CATEGORY] = "charge_category",
    [RESOURCE] = "resource",
    [RESOURCE_NAME] = "resource_name",
    [CURRENCY] = "currency",
    [BILLING_ACCOUNT] = "billing_account",
    [TEAM] = "tag:Team",
};

static const char *const providers[SCOPE_PROVIDERS] = {"AWS", "Contoso Cloud"};

struct row {
    struct fth_str at[FIELD_NR]; /* p NULL: null */
    struct fth_str own_key, billed, effective;
    int month, day, hours;
};

size_t below(struct world *w, size_t n)
{
    return (size_t)fth_rng_below(&w->rng, n);
}

struct fth_str text_of(struct world *w, const char *format, ...)
{
    char piece[400];
    struct fth_err err = {0};
    struct fth_str out;
    va_list args;

    va_start(args, format);
    assert_true(vsnprintf(piece, sizeof(piece), format, args) < (int)sizeof(piece));
    va_end(args);
    assert_ok(fth_arena_str(w->arena, fth_str_c(piece), &out, &err), &err);
    return out;
}

static struct row random_row(struct world *w, size_t i)
{
    static const char *const services[] = {"Compute Works", "Object Store", "Query Engine",
                                           "Message Bus"};
    static const char *const teams[] = {"red-team", "blue-team", "green-team", NULL};
    static const char *const regions[] = {"north-1", "south-2", NULL};
    size_t account = below(w, 5), provider = below(w, 2);
    bool has_resource = below(w, 4) > 0;
    struct row r = {.month = (int)below(w, 3), .day = (int)below(w, 28), .hours = 1};
    const char *region = ANY(w, regions), *team = ANY(w, teams);

    r.at[PROVIDER] = fth_str_c(providers[provider]);
    r.at[BILLING_ACCOUNT] = text_of(w, "payer-%zu", provider);
    r.at[ACCOUNT] = text_of(w, "account-%zu00%zu", account, account);
    /* Renamed in the course of time, in one month more often than once. */
    r.at[ACCOUNT_NAME] = text_of(w, "Name of %zu in phase %zu", account, below(w, 3));
    r.at[SERVICE] = fth_str_c(ANY(w, services));
    if (region) {
        r.at[REGION] = fth_str_c(region);
        r.at[REGION_NAME] = text_of(w, "Region %s", region);
    }
    r.at[CATEGORY] = fth_str_c(below(w, 6) ? "Usage" : "Tax");
    if (has_resource) {
        r.at[RESOURCE] = text_of(w, "res-%zu-%zu", account, below(w, 30));
        r.at[RESOURCE_NAME] = text_of(w, "Machine %zu of %zu", below(w, 9), account);
    }
    r.at[DESCRIPTION] = text_of(w, "charge description %zu", i);
    r.at[CURRENCY] = fth_str_c(account == 4 && below(w, 2) ? "EUR" : "USD");
    if (team)
        r.at[TEAM] = fth_str_c(team);
    if (below(w, 5) == 0) {
        r.own_key = text_of(w, "Key of %zu", account);
        r.at[OWN_TAG] = text_of(w, "tagged %zu", i);
    }
    r.billed = text_of(w, "%s%zu.%06zu%s", below(w, 8) ? "" : "-", below(w, 900), below(w, 999999),
                       below(w, 12) ? "" : "123456789");
    r.effective = text_of(w, "%zu.%05zu", below(w, 900), below(w, 99999));
    if (below(w, 15) == 0)
        r.hours = 24 * (int)(2 + below(w, 6));
    return r;
}

static void put_cell(struct fth_buf *buf, struct fth_str text)
{
    fth_buf_char(buf, ',');
    fth_buf_str(buf, text);
}

static void put_row(struct fth_buf *buf, const struct row *r)
{
    fth_buf_printf(buf, "2025-%02d-01,2025-%02d-01", r->month + 1, r->month + 2);
    fth_buf_char(buf, ',');
    fth_date_put(buf, fth_date_from_civil(2025, (unsigned)r->month + 1, 1) + r->day);
    fth_buf_c(buf, "T05:00:00Z,");
    fth_date_put(buf,
                 fth_date_from_civil(2025, (unsigned)r->month + 1, 1) + r->day + r->hours / 24);
    fth_buf_printf(buf, "T%02d:00:00Z", r->hours < 24 ? 6 : 5);
    put_cell(buf, r->billed);
    put_cell(buf, r->effective);
    for (int field = 0; field < TEAM; field++)
        put_cell(buf, r->at[field]);
    fth_buf_c(buf, ",\"{");
    if (r->at[TEAM].p)
        fth_buf_printf(buf, "\"\"Team\"\":\"\"" FTH_STR_F "\"\"", FTH_STR_A(r->at[TEAM]));
    if (r->own_key.p)
        fth_buf_printf(buf, "%s\"\"" FTH_STR_F "\"\":\"\"" FTH_STR_F "\"\"",
                       r->at[TEAM].p ? "," : "", FTH_STR_A(r->own_key), FTH_STR_A(r->at[OWN_TAG]));
    fth_buf_c(buf, "}\"\n");
}

/* ---- what is inside ---- */

static bool leaf_holds(const struct fth_filter *leaf, const struct row *r)
{
    struct fth_str value = {0}, label = {0};
    bool in = false;

    for (int field = 0; field < FIELD_NR; field++)
        if (field_names[field] && fth_str_eq_c(leaf->field, field_names[field])) {
            value = r->at[field];
            if (field == ACCOUNT || field == REGION || field == RESOURCE)
                label = r->at[field + 1];
        }
    if (leaf->op == FTH_FILTER_MISSING || leaf->op == FTH_FILTER_PRESENT)
        return !value.p == (leaf->op == FTH_FILTER_MISSING);
    for (size_t i = 0; i < leaf->value_nr; i++)
        in |=
            leaf->op == FTH_FILTER_CONTAINS
                ? (value.p && fth_contains_folded(value, leaf->values[i])) ||
                      (label.p && fth_contains_folded(label, leaf->values[i]))
                : value.p && (fth_str_eq(value, leaf->values[i]) ||
                              (fth_str_eq_c(leaf->values[i], "aws") && fth_str_eq_c(value, "AWS")));
    return in != (leaf->op == FTH_FILTER_NOT_IN);
}

static bool is_inside(const struct fth_filter *scope, const struct row *r)
{
    bool all = scope->op != FTH_FILTER_OR;

    if (scope->part_nr == 0)
        return leaf_holds(scope, r);
    if (scope->op == FTH_FILTER_NOT)
        return !is_inside(scope->parts[0], r);
    for (size_t i = 0; i < scope->part_nr; i++)
        if (is_inside(scope->parts[i], r) != all)
            return !all;
    return all;
}

static const char *const scopes[] = {
    "sub_account in ('account-0000', 'account-1001')",
    "sub_account = 'account-2002' and tag.Team = 'red-team'",
    "tag.Team = 'blue-team'",
    "service = 'Object Store'",
    "service in ('Object Store', 'Message Bus') and sub_account = 'account-3003'",
    "not sub_account in ('account-0000', 'account-1001', 'account-4004')",
    "region = 'north-1' or tag.Team is missing",
    "provider in (aws)",
    "provider = AWS and not (service = 'Query Engine' or region is missing)",
    "resource contains 'res-2'",
    "sub_account contains 'of 3 in'",
    "sub_account = 'ACCOUNT-0000'",                      /* other letters: nothing */
    "tag.team = 'red-team'",                             /* another key: nothing */
    "sub_account = 'account-0000' and service = Nothing" /* nothing */
};

static bool has_text(const struct row *r, struct fth_str text)
{
    const struct fth_str more[] = {r->own_key, r->billed, r->effective};

    for (int field = 0; field < FIELD_NR; field++)
        if (fth_str_search(r->at[field], text) != SIZE_MAX)
            return true;
    for (size_t i = 0; i < FTH_NR(more); i++)
        if (fth_str_search(more[i], text) != SIZE_MAX)
            return true;
    return false;
}

/* Texts of less than six bytes say nothing; a text that is part of one inside may be told. */
static void note_outside(struct world *w, struct fth_str text)
{
    struct fth_err err = {0};

    if (text.n < 6 || fth_str_eq_c(text, providers[1]))
        return;
    for (size_t i = 0; i < w->outside.nr; i++)
        if (fth_str_eq(w->outside.at[i], text))
            return;
    for (size_t i = 0; i < SCOPE_ROWS; i++)
        if (is_inside(w->scope, &w->rows[i]) && has_text(&w->rows[i], text))
            return;
    assert_ok(str_vec_push(&w->outside, text, &err), &err);
}

static void find_outside(struct world *w)
{
    w->inside = 0;
    w->outside = str_vec_in(w->arena);
    note_outside(w, FTH_STR(NEVER_TOLD));
    for (size_t i = 0; i < SCOPE_ROWS; i++)
        if (is_inside(w->scope, &w->rows[i])) {
            w->inside++;
        } else {
            for (int field = 0; field < FIELD_NR; field++)
                note_outside(w, w->rows[i].at[field]);
            note_outside(w, w->rows[i].own_key);
            note_outside(w, w->rows[i].billed);
        }
}

struct fth_str copy_of(struct world *w, const struct fth_buf *buf)
{
    struct fth_err err = {0};
    struct fth_str out;

    assert_false(buf->failed);
    assert_ok(fth_arena_str(w->arena, fth_buf_view(buf), &out, &err), &err);
    return out;
}

const char *scope_choose(struct world *w, size_t nth)
{
    const char *text = scopes[(below(w, FTH_NR(scopes)) + nth) % FTH_NR(scopes)];
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    struct fth_err err = {0};

    assert_ok(fth_filter_parse(w->arena, fth_str_c(text), &w->scope, &err), &err);
    fth_filter_put(&buf, w->scope);
    w->scope_text = copy_of(w, &buf);
    fth_buf_release(&buf);
    find_outside(w);
    return text;
}

size_t scope_bill(const struct world *w, int month, int provider, bool inside, struct fth_buf *out)
{
    size_t nr = 0;

    fth_buf_c(out,
              "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
              "EffectiveCost,ProviderName,SubAccountId,SubAccountName,ServiceName,RegionId,"
              "RegionName,ChargeCategory,ResourceId,ResourceName,ChargeDescription,"
              "BillingCurrency,BillingAccountId,Tags\n");
    for (size_t i = 0; i < SCOPE_ROWS; i++)
        if (w->rows[i].month == month &&
            fth_str_eq_c(w->rows[i].at[PROVIDER], providers[provider]) &&
            (!inside || is_inside(w->scope, &w->rows[i]))) {
            put_row(out, &w->rows[i]);
            nr++;
        }
    return nr;
}

struct world scope_world(void)
{
    const char *text = getenv("SCOPE_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : fth_rand_seed();
    struct world w = {.rng = fth_rng_seeded(seed), .arena = test_arena((size_t)256 << 20)};
    struct row *rows = FTH_NEW_ARRAY(w.arena, struct row, SCOPE_ROWS);

    print_message("# SCOPE_SEED=%llu\n", (unsigned long long)seed);
    w.now_us = (int64_t)fth_date_from_civil(2025, 4, 3) * FTH_DAY_US + 12 * FTH_HOUR_US;
    for (size_t i = 0; i < SCOPE_ROWS; i++)
        rows[i] = random_row(&w, i);
    w.rows = rows;
    return w;
}
