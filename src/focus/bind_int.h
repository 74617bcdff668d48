/* bind_int: a header bound to the rules. Private to focus/. */
#ifndef FTH_FOCUS_BIND_INT_H
#define FTH_FOCUS_BIND_INT_H

#include "focus/focus_int.h"
#include "ledger/batch.h"

enum { FTH_FOCUS_BITS = 32, FTH_FOCUS_SHOWN = 4 };

/* What was seen in a column whose type the official validator guesses. */
enum { FTH_FOCUS_SAW_TEXT = 1, FTH_FOCUS_SAW_DECIMAL = 2 };

/* A column that some condition asks about: one bit of a mask for each thing asked. */
struct fth_focus_slot {
    size_t field;
    const struct fth_focus_column *column;
    const struct fth_focus_expr *asked[FTH_FOCUS_BITS];
    unsigned asked_nr;
    bool number, object, keyvalue; /* what has to be looked at */
    bool memo;                     /* verdicts are worth remembering by value */
};

/* A claim about several columns of a record: one bit of the masks behind those of the slots. */
struct fth_focus_relation {
    enum fth_focus_relation_kind kind;
    size_t fields[3];
    size_t field_nr;
    bool decimal;
    size_t rule;
};

/* Postfix code of a condition. */
struct fth_focus_op {
    uint8_t op; /* enum fth_focus_expr_op; CONST */
    uint8_t bit;
    uint16_t mask; /* which one */
};
enum { FTH_FOCUS_TRUE = 16, FTH_FOCUS_FALSE = 17 };

struct fth_focus_code {
    const struct fth_focus_op *ops;
    size_t nr;
};

struct fth_focus_check {
    size_t rule;
    struct fth_focus_code when, check;
    size_t shown[FTH_FOCUS_SHOWN]; /* fields whose values a sample gives */
    size_t shown_nr;
    unsigned marks; /* a record that breaks it does not count, it marks the tally so */
};

/* "each A has one B", "unique A" */
struct fth_focus_pair {
    size_t rule;
    size_t a, b; /* fields; b SIZE_MAX: A does not repeat */
};

/* What sums and references need, by field; SIZE_MAX where the file has none. */
enum fth_focus_need {
    FTH_FOCUS_N_COMMITMENT,
    FTH_FOCUS_N_CATEGORY,
    FTH_FOCUS_N_STATUS,
    FTH_FOCUS_N_FREQUENCY,
    FTH_FOCUS_N_BILLED,
    FTH_FOCUS_N_EFFECTIVE,
    FTH_FOCUS_N_START,
    FTH_FOCUS_N_END,
    FTH_FOCUS_N_CURRENCY,
    FTH_FOCUS_N_METHOD,
    FTH_FOCUS_N_DETAILS,
    FTH_FOCUS_N_RESOURCE,
    FTH_FOCUS_N_PRICE,
    FTH_FOCUS_N_INVOICE,
    FTH_FOCUS_N_INVOICE_DETAIL,
    FTH_FOCUS_N_PERIOD,
    FTH_FOCUS_N_APPLIED,
    FTH_FOCUS_N_CONTRACT_COMMITMENT,
    FTH_FOCUS_N_ISSUER,
    FTH_FOCUS_N_NR
};

struct fth_focus_plan {
    enum fth_focus_dataset dataset;
    enum fth_focus_version version;
    const struct fth_str *header;
    size_t columns;
    const struct fth_focus_slot *slots;
    size_t slot_nr;
    const struct fth_focus_relation *relations;
    size_t relation_nr;
    size_t mask_nr; /* slots and the masks of relations */
    const struct fth_focus_check *checks;
    size_t check_nr;
    const struct fth_focus_pair *pairs;
    size_t pair_nr;
    size_t need[FTH_FOCUS_N_NR];
    bool sums_commitments, sums_ratios, refers;
    size_t contract_rule; /* pairs of commitment and contract in ContractApplied; SIZE_MAX: none */
};

/* Where in a file something is. */
struct fth_focus_place {
    uint32_t file;
    int64_t line, record;
};

struct fth_focus_run; /* run_int.h */

/* Which dataset and version a header is of; false when it is none of FOCUS. */
bool fth_focus_recognise(const struct fth_str *header, size_t nr, enum fth_focus_dataset *dataset,
                         enum fth_focus_version *version, const char **why);

/* Binds the rules to a header, and judges what can be told from that alone. `types` are those of
 * the columns of a Parquet file, or NULL. */
enum fth_rc fth_focus_bind(struct fth_focus_run *run, uint32_t file, const struct fth_str *header,
                           const enum fth_type *types, size_t nr, struct fth_focus_plan *out,
                           struct fth_err *err);

#endif
