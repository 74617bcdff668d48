/*
 * importer: what there is to know about one kind of bill, as data and three small functions.
 *
 * Thread rule: constant data; the functions are pure but for the arena.
 */
#ifndef FTH_IMPORTER_H
#define FTH_IMPORTER_H

#include "import/feed.h"

/* What the head of a file says. */
struct fth_probe {
    struct fth_str version;  /* "2.0", "legacy", "1.2" */
    struct fth_str dataset;  /* what a source of it is called: "cur" */
    struct fth_str provider; /* "AWS"; empty: unknown */
    struct fth_str account;  /* of the first record */
    int64_t period_us;       /* billing period of the first record; FTH_FEED_ANY_PERIOD: unknown */
};

/* Positions in layout->totals, -1: there is none. */
struct fth_importer_totals {
    int billed;     /* what the invoice adds up to */
    bool with_next; /* and the total behind it comes on top: credits */
    int net;        /* the same at net prices */
    int effective;  /* what the accrual view adds up to, where the source says it */
};

/*
 * A bill that comes as two exports of the same charges, each of which says what the other does not:
 * Azure's actual and amortized cost. Files have the role of their half. Where both are there they
 * are one delivery; the rules of the layout say what then counts from which.
 */
enum { FTH_HALF_NR = 2, FTH_HALF_COLUMNS = 3 };
struct fth_importer_halves {
    const char
        *roles[FTH_HALF_NR]; /* the first has the invoice's amounts, the second the accrued */
    const char *words[FTH_HALF_NR]; /* in the name of a file or folder, folded, it says the half */
    const char *columns[FTH_HALF_COLUMNS]; /* where nothing is said, a record tells by these: */
    int (*half_of)(const struct fth_str values[FTH_HALF_COLUMNS]); /* -1: it could be of both */
    const char *rule;                 /* of the layout: counts what one half cannot tell alone */
    const char *unknown[FTH_HALF_NR]; /* what is not known when only this half is there */
};

struct fth_importer {
    const char *id;
    const char *title; /* "AWS Cost and Usage Report" */
    const struct fth_feed_layout *layout;
    const char *mapping; /* sql/import/<mapping>.sql; NULL: the id */
    /* Columns that every file must have for the amounts to mean anything, NULL-terminated. */
    const char *const *needed;
    struct fth_importer_totals totals;
    /* Columns to do without when the net total is not the invoice, NULL-terminated, or NULL. */
    const char *const *net_columns;
    /* A bill is final once each charge has an invoice; else nobody says. */
    bool invoice_closes;
    /* The provider's kinds of line that the mapping knows, NULL-terminated, or NULL: it needs none.
     */
    const char *const *kinds;
    /* Real bills of this kind have charges that end before they start: they are kept, and told. */
    bool runs_backwards;
    /* How deliveries of a source relate: each stands beside the others of its period, known by its
     * file's name, and replaces nothing. */
    bool appends;
    const struct fth_importer_halves *halves; /* or NULL */
    /* A statement over seg_0 with rows (id, ok, detail), all text but `ok`; or NULL. */
    const char *checks;
    /* Commitments are paid as they run: what is used and unused adds up to their recurring fees. */
    bool fees_accrue;
    /* A line of this type ("rounding_error") makes the invoice whole cents; NULL: none does. */
    const char *rounds;

    /* How surely the file is of this kind, 0 (no) to 100; fills *out when not 0. */
    int (*probe)(const struct fth_feed_head *head, struct fth_probe *out);
};

/* All of importer.def, in its order. */
size_t fth_importer_nr(void);
const struct fth_importer *fth_importer_at(size_t i);
/* NULL when there is none. */
const struct fth_importer *fth_importer_named(struct fth_str id);

/* Has the file a column with exactly this header? */
bool fth_importer_has(const struct fth_feed_head *head, const char *header);
/* Column of `head` with this name or one of its spellings in `layout`; SIZE_MAX when missing. */
size_t fth_importer_column(const struct fth_feed_layout *layout, const struct fth_feed_head *head,
                           const char *name);
/* The first value of that column that is not empty. */
struct fth_str fth_importer_value(const struct fth_feed_layout *layout,
                                  const struct fth_feed_head *head, const char *name);

#endif
