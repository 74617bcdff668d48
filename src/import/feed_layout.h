/*
 * feed_layout: what an importer says about its source, as const data: columns, tags, rules,
 * demands.
 */
#ifndef FTH_IMPORT_FEED_LAYOUT_H
#define FTH_IMPORT_FEED_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import/feed_demand.h"

enum fth_feed_kind {
    FTH_K_TEXT,
    FTH_K_MONEY,   /* exact to 28 decimals; plain or E notation */
    FTH_K_DOUBLE,  /* quantities and prices: correctly rounded, finite */
    FTH_K_DECIMAL, /* the same, with <name>Text beside it: what an amount is worked out from */
    FTH_K_INSTANT, /* RFC 3339, blank or T between, fraction and Z optional; a date is its midnight;
                      with layout.dates also 20250131, 1/31/2025 and 1/31/25 */
    FTH_K_BOOL,
    FTH_K_MONTH /* "202501", "2025-01" or a date: the instant of the month's first day */
};

struct fth_feed_col {
    const char *name; /* canonical, always a spelling too */
    enum fth_feed_kind kind;
    /* Other spellings, NULL-terminated, or NULL. Exact first, then without case; of several that a
     * file has, the first of this list counts. "map[key]" is the value of a key of a map column
     * (JSON object text or Parquet MAP). The first one is also where a member of JSON lines is
     * looked for that the first records do not have. */
    const char *const *spellings;
    const char *member; /* not NULL: no column of the file, but this member of the list's elements;
                         * NULL in rows of no element */
};

/* Tags of a row: the first of `maps` that has any key; beside them one key for each column whose
 * header begins with one of `prefixes`, under its whole header. Then the key is cleaned: the first
 * rule whose `from` it begins with puts `to` in its place. Of keys that become equal the first
 * counts. Values that are not text keep their JSON text; null becomes "". A map is an object or a
 * list of {"key", "value"}. */
struct fth_feed_tag_rule {
    const char *from, *to;
};
struct fth_feed_tags {
    const char *const *maps;
    /* Parallel to maps, or NULL: then not the first map counts but all of them, and what stands
     * here is put before the keys of each. */
    const char *const *map_prefixes;
    const char *const *prefixes;
    const struct fth_feed_tag_rule *rules;
    size_t rule_nr;
    bool bare; /* maps may come without their outer braces */
};

/* Where the cells of a record come from, for whoever makes values of them. */
struct fth_feed_cells {
    enum fth_rc (*cell)(void *ctx, size_t input, struct fth_str *out, struct fth_err *err);
    void *ctx;
    struct fth_arena *scratch; /* for texts that are made: they live as long as the batch */
};

/* A cell of which no value can be made. */
struct fth_feed_odd {
    size_t input;
    struct fth_str value;
    const char *rule; /* "not-a-number"; NULL: there is nothing odd */
    const char *why;  /* "is not a number" */
};

/*
 * A layout whose columns are not found in a file but made of its cells, as a mapping says. Then no
 * header is looked for but the inputs, and columns that are no input are unknown. `make` gives the
 * text of a column as its kind reads it; both functions are pure.
 */
struct fth_feed_derive {
    const void *ctx;
    const char *const *inputs; /* headers that a file must have, NULL-terminated */
    /* The first input of a column; FTH_FEED_CONSTANT; SIZE_MAX: nothing gives it a value. */
    size_t (*from)(const void *ctx, size_t col);
    enum fth_rc (*make)(const void *ctx, size_t col, const struct fth_feed_cells *cells,
                        struct fth_str *out, struct fth_feed_odd *odd, struct fth_err *err);
    size_t tags; /* the column whose value is the tags, a JSON object; SIZE_MAX: none */
};
#define FTH_FEED_CONSTANT (SIZE_MAX - 1)

enum fth_feed_action {
    FTH_RULE_DROP,  /* no row */
    FTH_RULE_TWICE, /* two rows: Part 0 and Part 1 */
    FTH_RULE_COUNT, /* one row, counted under the rule */
    FTH_RULE_EACH   /* a further row for each element of the list; counted are those rows */
};

/* Does it make more rows than there were? */
static inline bool fth_feed_rule_adds(enum fth_feed_action action)
{
    return action == FTH_RULE_TWICE || action == FTH_RULE_EACH;
}

/* The first rule that fits a record is its rule; the first rule over a member column that fits an
 * element is that row's. The list's own rule (EACH) holds beside them. */
struct fth_feed_rule {
    const char *id; /* "savings-plan-negation" */
    enum fth_feed_action action;
    /* Not a record of the bill but something between them, a line of totals: nothing is asked of
     * it, and no total has it. DROP only. */
    bool aside;
    /* a text column of the layout (of EACH: the list) … NULL: every record fits */
    const char *column;
    /* … that equals one of these, or begins with "one*"; NULL: that has any value */
    const char *const *values;
    const char *zero;         /* and this money column has the value 0; NULL: no such condition */
    const char *role;         /* and the file has this role; NULL: no such condition */
    const char *with;         /* and the delivery has files of this role too; NULL: … */
    const char *also;         /* and this text column … */
    const char *const *among; /* … equals one of these */
};

/* How the dates of bills with slashes are meant, 1/31/2025 or 31/1/2025. */
enum fth_feed_dates {
    FTH_DATES_ISO_ONLY, /* there are none */
    FTH_DATES_BY_MONTH, /* ISO but for CSV files whose first billing period, a month, starts on 4/1
                           or 1/4: that says how all of the file's are meant */
    FTH_DATES_BY_FILE   /* each file's own values say which, else one of the columns `month_first`,
                           which only makers have that write the month first. A file that leaves it
                           open is refused */
};

struct fth_feed_layout {
    const struct fth_feed_col *cols;
    size_t col_nr;
    struct fth_feed_tags tags;
    const char *const
        *ignored; /* header prefixes of known columns that are not kept, and "name$" */
    const struct fth_feed_rule *rules;
    size_t rule_nr;
    const struct fth_feed_demand *demands;
    size_t demand_nr;
    const char *const *cost;   /* money columns: the first that has a value is the record's cost */
    const char *const *totals; /* money columns to add up over all records read */
    const char *const *total_roles; /* per total: only in files of this role; may be NULL */
    const char *invoice;            /* text column: who asks for the money; may be NULL */
    const char *group; /* text column: the service, in the provider's words; may be NULL */
    const char *const *commitments; /* text columns: the first that has a value is what is paid for
                                       or used; may be NULL. By it the totals `upfront` are added
                                       up, and the costs of the rules `cancels` */
    const char *const *upfront;     /* pairs of totals: at net prices, else gross */
    const char *cancels[2];         /* two rules whose costs cancel, or NULL, … */
    const char *cancel_hour;        /* … within the hour of this instant column */
    const char *credit_type;        /* text member column by which the list's amounts are added
                                       up, or NULL */
    const char *period;             /* instant column: start of the billing period */
    const char *period_else;  /* instant column whose month is meant where that has no value */
    const char *const *nulls; /* words that mean no value, "NULL"; may be NULL */
    const char *const *side;  /* columns whose text is also kept as if unknown; may be NULL */
    enum fth_feed_dates dates;
    bool long_header;               /* its end may name columns that no record has: fth_csv_opts */
    const char *const *month_first; /* of FTH_DATES_BY_FILE; may be NULL */
    /* A text column whose value is a list of objects (JSON, or as Python writes it), each of which
     * is a row of its own behind the record's; NULL: none. Needs a rule EACH. */
    const char *list;
    const struct fth_feed_derive *derive; /* or NULL */
    char delimiter;                       /* of CSV; 0: comma */
    /* Amounts were doubles once: what lies below 1e-28 is rounded half even, not refused. */
    bool doubles;
};

/* Elements that a list may have, and what is added to the part of a row for its twin. */
enum { FTH_FEED_LIST_MAX = 999, FTH_FEED_TWIN = 1000 };

#endif
