/*
 * cloud: the bills of the clouds other than AWS.
 *
 * One month is told charge by charge, the same way for all of them: usage, what commitments cover
 * of it, what nobody used of them, their fees, and what comes once a month. A form (google.c,
 * azure.c, oracle.c, vendor.c) writes each charge the way its provider bills it, and tells the
 * truth what that line is meant to be. What a provider's bill does not have, its form leaves out.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_DEMO_CLOUD_H
#define FTH_DEMO_CLOUD_H

#include "demo/estate.h"
#include "demo/sheet.h"
#include "demo/truth.h"

enum fth_charge_kind {
    FTH_CHARGE_USAGE,      /* on demand */
    FTH_CHARGE_COVERED,    /* usage that a commitment pays */
    FTH_CHARGE_UNUSED,     /* of a commitment, a day */
    FTH_CHARGE_FEE,        /* of a commitment, for its days */
    FTH_CHARGE_MARKET,     /* somebody else's product */
    FTH_CHARGE_SUPPORT,    /* a share of the usage */
    FTH_CHARGE_REFUND,     /* of usage in this period */
    FTH_CHARGE_CORRECTION, /* of usage that was billed before; quantity may be negative */
    FTH_CHARGE_TAX,
    FTH_CHARGE_CREDIT, /* a grant */
    FTH_CHARGE_ROUNDING
};

/* What is committed to: hours of one kind of resource, or dollars an hour. Amounts in 1e-10. */
struct fth_deal {
    const char *id, *name;
    const struct fth_kind *kind;
    const struct fth_account *owner;
    bool spend;
    int64_t rate;     /* that covered usage costs */
    int64_t capacity; /* a day: 1e-4 hours, of a deal over money 1e-10 dollars */
    int64_t used;     /* of it today */
};

/* Amounts as the provider's price list has them, in 1e-10. */
struct fth_charge {
    enum fth_charge_kind kind;
    const struct fth_kind *what;         /* NULL: what comes once a month */
    const struct fth_resource *resource; /* or NULL */
    const struct fth_account *account;   /* or NULL: nobody's */
    const struct fth_deal *deal;         /* of COVERED, UNUSED, FEE */
    int32_t from, until;                 /* days, both included */
    int64_t quantity;                    /* 1e-4; of FEE all that was bought */
    int64_t list;                        /* at the list price */
    int64_t cost;                        /* what it comes to: with a commitment, its share */
    uint64_t nr;                         /* from 1, in the bill */
};

enum { FTH_DEAL_NR = 2 };

/* One month being written. */
struct fth_cloud_month {
    struct fth_arena *arena;   /* the month's */
    struct fth_arena *scratch; /* a line's */
    const struct fth_estate *estate;
    struct fth_truth *truth;
    const struct fth_deal *deals;
    const char *dir;
    int32_t month, first, last;
    bool closed, dry;    /* dry: only its truth is wanted */
    const char *version; /* "final", "late", …: part of what runs and files are called */
    int64_t submitted;   /* day of the run */
    bool additions;      /* only what this run adds to those before */
    bool orphan;         /* leaves behind what must not be read */
    void *of_form;
    unsigned files;
};

struct fth_form {
    const char *id;    /* of the option: "azure-ea" */
    const char *truth; /* begins the names of its truth: "azure_ea" */
    const char *const
        *folders; /* that it writes, NULL-terminated; the first one is to be imported */
    const struct fth_cloud *cloud;
    uint64_t seed;   /* added to that of the bills: another estate in the same cloud */
    bool adds;       /* later deliveries stand beside earlier ones: corrections are lines */
    bool daily_fees; /* of commitments; else monthly */
    const char *deal_ids[FTH_DEAL_NR]; /* eight digits follow; NULL: it has none */
    enum fth_rc (*open)(struct fth_cloud_month *month, struct fth_err *err);
    enum fth_rc (*put)(struct fth_cloud_month *month, const struct fth_charge *charge,
                       struct fth_err *err);
    enum fth_rc (*close)(struct fth_cloud_month *month, struct fth_err *err);
};

#define FTH_PROVIDER(id) extern const struct fth_form fth_form_##id;
#include "demo/provider.def"
#undef FTH_PROVIDER

/* A bill over months; what it keeps lives in the arena. */
struct fth_cloud_bill;
enum fth_rc fth_cloud_bill_new(struct fth_arena *arena, const struct fth_form *form, uint64_t seed,
                               int32_t first, int32_t today, uint64_t lines,
                               struct fth_cloud_bill **out, struct fth_err *err);

/* How a month is billed. */
struct fth_billing {
    const char *dir, *version;
    int32_t month;
    bool late, corrected; /* fth_restated of `month` */
    bool dry, additions, orphan;
};
enum fth_rc fth_cloud_bill_month(struct fth_cloud_bill *bill, const struct fth_billing *how,
                                 struct fth_truth *truth, unsigned *files, struct fth_err *err);
uint64_t fth_cloud_bill_rows(const struct fth_cloud_bill *bill);

/* What a line is meant to be: day, account and team come from the charge, what else is NULL becomes
 * "". */
enum fth_rc fth_cloud_meant(struct fth_cloud_month *month, const struct fth_charge *charge,
                            struct fth_truth_row row, struct fth_err *err);

/* `close` of a form whose `of_form` is a sheet: closed, broken off in an orphan; counts files. */
enum fth_rc fth_cloud_close_sheet(struct fth_cloud_month *month, struct fth_err *err);

/* "2026-11-29" and the like: fmt has y, m, d for the parts, all else stands for itself. */
enum fth_rc fth_demo_day(struct fth_arena *arena, int32_t day, const char *fmt, struct fth_str *out,
                         struct fth_err *err);

#endif
