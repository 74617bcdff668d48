/* A header bound to the rules: which of them apply, which bits of which columns they need, and what
 * the header itself breaks. */
#include <string.h>

#include "base/check.h"
#include "focus/run_int.h"

enum { MASK_MAX = 512, OPS_MAX = 128 };

struct binder {
    struct fth_focus_run *run;
    uint32_t file;
    const struct fth_str *header;
    const enum fth_type *types;
    size_t nr;
    struct fth_focus_plan *plan;
    struct fth_focus_slot *slots;
    size_t slot_nr;
    size_t *slot_of; /* by field */
    struct fth_focus_relation *relations;
    size_t relation_nr;
    struct fth_focus_check *checks;
    struct fth_focus_pair *pairs;
    struct fth_focus_op ops[OPS_MAX];
    size_t op_nr;
    struct fth_err *err;
};

/* ---- which dataset, which version ---- */

static bool has(const struct fth_str *header, size_t nr, const char *name)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq_c(header[i], name))
            return true;
    return false;
}

static size_t find(const struct fth_str *header, size_t nr, struct fth_str name)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_str_eq(header[i], name))
            return i;
    return SIZE_MAX;
}

static enum fth_focus_version version_of(enum fth_focus_dataset dataset,
                                         const struct fth_str *header, size_t nr, const char **why)
{
    /* Azure's 1.0 already had these. */
    static const char *const early[] = {"BillingAccountType", "SubAccountType", NULL};
    enum fth_focus_version best = dataset == FTH_FOCUS_CAU ? FTH_FOCUS_V10 : FTH_FOCUS_V13;

    *why = "it has none of the columns that came later";
    if (dataset == FTH_FOCUS_BPD || dataset == FTH_FOCUS_IND) {
        best = FTH_FOCUS_V14;
        *why = "the dataset came with it";
    }
    for (size_t i = 0; i < fth_focus_column_nr(); i++) {
        const struct fth_focus_column *column = fth_focus_column_at(i);
        bool sure = column->dataset == dataset && column->since > best;

        for (size_t e = 0; early[e]; e++)
            sure &= strcmp(column->name, early[e]) != 0;
        if (sure && has(header, nr, column->name)) {
            best = column->since;
            *why = column->name;
        }
    }
    if (dataset == FTH_FOCUS_CAU && best == FTH_FOCUS_V13 && !has(header, nr, "ProviderName") &&
        has(header, nr, "InvoiceId") && has(header, nr, "ServiceProviderName")) {
        best = FTH_FOCUS_V14;
        *why = "ServiceProviderName without ProviderName";
    }
    return best;
}

bool fth_focus_recognise(const struct fth_str *header, size_t nr, enum fth_focus_dataset *dataset,
                         enum fth_focus_version *version, const char **why)
{
    size_t known = 0;

    for (size_t i = 0; i < nr; i++)
        known += fth_focus_column(FTH_FOCUS_CAU, header[i]) != NULL;
    if (has(header, nr, "BillingPeriodStatus"))
        *dataset = FTH_FOCUS_BPD;
    else if (has(header, nr, "ContractCommitmentId") && !has(header, nr, "ChargePeriodStart"))
        *dataset = FTH_FOCUS_CCT;
    else if (has(header, nr, "InvoiceDetailId") && !has(header, nr, "ChargePeriodStart"))
        *dataset = FTH_FOCUS_IND;
    else if (known >= 5 && known * 4 >= nr)
        *dataset = FTH_FOCUS_CAU;
    else
        return false;
    *version = version_of(*dataset, header, nr, why);
    return true;
}

/* ---- what a provider supports ---- */

static const char *const criteria_of_pairs = "PUBLIC_PRICE_LIST_SUPPORTED UNIT_PRICING_SUPPORTED";

static bool criterion_asked(const struct fth_focus_run *run, struct fth_str name)
{
    struct fth_str rest, one;

    if (run->all_criteria)
        return true;
    rest = fth_str_c(run->request->criteria);
    while (fth_str_next(&rest, ',', &one))
        if (fth_str_caseeq(fth_str_trim(one), name))
            return true;
    return false;
}

/* Does the file show that it is supported: by a column that only such a provider has? */
static bool criterion_shown(const struct binder *b, struct fth_str name)
{
    for (size_t i = 0; i < fth_focus_rule_nr(); i++) {
        const struct fth_focus_rule *rule = fth_focus_rule_at(i);
        struct fth_str criteria = fth_str_c(rule->criteria);
        bool only = fth_str_eq(criteria, name) || (strcmp(rule->criteria, criteria_of_pairs) == 0 &&
                                                   fth_str_search(criteria, name) != SIZE_MAX);

        if (only && fth_str_starts(fth_str_c(rule->check), FTH_STR("present ")) &&
            has(b->header, b->nr, rule->subject))
            return true;
    }
    return false;
}

static bool supported(const struct binder *b, const struct fth_focus_rule *rule)
{
    struct fth_str rest = fth_str_c(rule->criteria), one;

    while (fth_str_next(&rest, ' ', &one)) {
        if (criterion_asked(b->run, one))
            continue;
        if (b->run->request->criteria || !criterion_shown(b, one))
            return false;
    }
    return true;
}

/* ---- bits ---- */

static size_t slot_of_field(struct binder *b, size_t field)
{
    struct fth_focus_slot *slot;

    if (b->slot_of[field] != SIZE_MAX)
        return b->slot_of[field];
    slot = &b->slots[b->slot_nr];
    slot->field = field;
    slot->column = fth_focus_column(b->plan->dataset, b->header[field]);
    return b->slot_of[field] = b->slot_nr++;
}

static bool same_ask(const struct fth_focus_expr *a, const struct fth_focus_expr *b)
{
    if (a == b)
        return true;
    return a->atom == b->atom && a->atom != FTH_FOCUS_A_HAS && fth_str_eq(a->text, b->text);
}

static enum fth_rc emit(struct binder *b, unsigned op, size_t mask, unsigned bit)
{
    if (b->op_nr == OPS_MAX)
        return fth_err_set(b->err, FTH_E_LIMIT, "a rule's condition is too long");
    b->ops[b->op_nr++] = (struct fth_focus_op){(uint8_t)op, (uint8_t)bit, (uint16_t)mask};
    return FTH_OK;
}

static enum fth_rc bind_atom(struct binder *b, const struct fth_focus_expr *expr, size_t field)
{
    size_t at = slot_of_field(b, field);
    struct fth_focus_slot *slot = &b->slots[at];
    unsigned bit = 0;

    while (bit < slot->asked_nr && !same_ask(slot->asked[bit], expr))
        bit++;
    if (bit == slot->asked_nr) {
        if (bit == FTH_FOCUS_BITS)
            return fth_err_set(b->err, FTH_E_LIMIT, "too many rules about one column");
        slot->asked[slot->asked_nr++] = expr;
        slot->number |= expr->atom == FTH_FOCUS_A_NUMBER || expr->atom == FTH_FOCUS_A_DECIMAL ||
                        expr->atom == FTH_FOCUS_A_ZERO || expr->atom == FTH_FOCUS_A_WHOLE ||
                        expr->atom == FTH_FOCUS_A_NOT_NEGATIVE;
        slot->keyvalue |= expr->atom == FTH_FOCUS_A_KEYVALUE || expr->atom == FTH_FOCUS_A_PASCAL;
        slot->object |= expr->atom == FTH_FOCUS_A_JSON || expr->atom == FTH_FOCUS_A_HAS ||
                        expr->atom == FTH_FOCUS_A_ANYJSON;
        slot->memo |= slot->keyvalue || slot->object || expr->atom == FTH_FOCUS_A_LISTED ||
                      expr->atom == FTH_FOCUS_A_DATETIME;
    }
    return emit(b, FTH_FOCUS_ATOM, at, bit);
}

static size_t field_of(const struct binder *b, struct fth_str name, size_t any)
{
    return fth_str_eq_c(name, "*") ? any : find(b->header, b->nr, name);
}

static enum fth_rc bind_relation(struct binder *b, const struct fth_focus_expr *expr, size_t rule)
{
    struct fth_focus_relation made = {.kind = expr->relation, .rule = rule};

    for (size_t i = 0; i < expr->column_nr; i++)
        made.fields[made.field_nr++] = find(b->header, b->nr, expr->columns[i]);
    if (expr->relation == FTH_FOCUS_R_SAME) {
        const struct fth_focus_column *column =
            fth_focus_column(b->plan->dataset, expr->columns[0]);

        made.decimal = column && column->type == FTH_FOCUS_DECIMAL;
    }
    for (size_t i = 0; i < b->relation_nr; i++) {
        const struct fth_focus_relation *old = &b->relations[i];

        if (old->kind == made.kind && old->field_nr == made.field_nr &&
            memcmp(old->fields, made.fields, made.field_nr * sizeof(made.fields[0])) == 0)
            return emit(b, FTH_FOCUS_RELATION, i / FTH_FOCUS_BITS, i % FTH_FOCUS_BITS);
    }
    b->relations[b->relation_nr] = made;
    b->relation_nr++;
    return emit(b, FTH_FOCUS_RELATION, (b->relation_nr - 1) / FTH_FOCUS_BITS,
                (b->relation_nr - 1) % FTH_FOCUS_BITS);
}

/* What a claim about a column says that the file does not have: as if it were null everywhere. */
static bool absent_holds(const struct fth_focus_expr *expr)
{
    return expr->op == FTH_FOCUS_ATOM && expr->atom != FTH_FOCUS_A_EQUALS &&
           expr->atom != FTH_FOCUS_A_BLANK && expr->atom != FTH_FOCUS_A_PLACEHOLDER;
}

static enum fth_rc bind_expr(struct binder *b, const struct fth_focus_expr *expr, size_t any,
                             size_t rule)
{
    bool missing = false;

    if (expr->op == FTH_FOCUS_ATOM || expr->op == FTH_FOCUS_RELATION) {
        for (size_t i = 0; i < expr->column_nr; i++)
            missing |= field_of(b, expr->columns[i], any) == SIZE_MAX;
        if (missing)
            return emit(b, absent_holds(expr) ? FTH_FOCUS_TRUE : FTH_FOCUS_FALSE, 0, 0);
        return expr->op == FTH_FOCUS_ATOM ? bind_atom(b, expr, field_of(b, expr->columns[0], any))
                                          : bind_relation(b, expr, rule);
    }
    if (bind_expr(b, expr->a, any, rule) || (expr->b && bind_expr(b, expr->b, any, rule)))
        return b->err->rc;
    return emit(b, expr->op, 0, 0);
}

static enum fth_rc code_of(struct binder *b, const struct fth_focus_expr *expr, size_t any,
                           size_t rule, struct fth_focus_code *out)
{
    struct fth_focus_op *ops;

    b->op_nr = 0;
    if (expr && bind_expr(b, expr, any, rule))
        return b->err->rc;
    ops = FTH_NEW_ARRAY(b->run->arena, struct fth_focus_op, b->op_nr);
    if (!ops)
        return fth_err_nomem(b->err);
    if (b->op_nr)
        memcpy(ops, b->ops, b->op_nr * sizeof(*ops));
    *out = (struct fth_focus_code){ops, b->op_nr};
    return FTH_OK;
}

/* ---- rules ---- */

static void show(const struct binder *b, struct fth_focus_check *check,
                 const struct fth_focus_expr *expr, size_t any)
{
    if (!expr)
        return;
    for (size_t i = 0; i < expr->column_nr; i++) {
        size_t field = field_of(b, expr->columns[i], any);
        bool shown = field == SIZE_MAX || check->shown_nr == FTH_FOCUS_SHOWN;

        for (size_t s = 0; s < check->shown_nr; s++)
            shown |= check->shown[s] == field;
        if (!shown)
            check->shown[check->shown_nr++] = field;
    }
    show(b, check, expr->a, any);
    show(b, check, expr->b, any);
}

static bool needs_missing(const struct binder *b, const struct fth_focus_expr *expr)
{
    if (!expr)
        return false;
    for (size_t i = 0; i < expr->column_nr; i++)
        if (field_of(b, expr->columns[i], 0) == SIZE_MAX &&
            (expr->op == FTH_FOCUS_RELATION || fth_str_eq_c(expr->columns[i], "ChargeCategory") ||
             fth_str_eq_c(expr->columns[i], "BilledCost")))
            return true;
    return needs_missing(b, expr->a) || needs_missing(b, expr->b);
}

static struct fth_focus_tally *tally_of(const struct binder *b, size_t rule)
{
    return &b->run->tallies.at[rule];
}

static enum fth_rc bind_condition(struct binder *b, size_t rule, size_t any)
{
    const struct fth_focus_expr *when = b->run->when[rule], *check = b->run->check[rule];
    struct fth_focus_check *made = &b->checks[b->plan->check_nr];

    *made = (struct fth_focus_check){.rule = rule};
    show(b, made, check, any);
    show(b, made, when, any);
    if (code_of(b, when, any, rule, &made->when) || code_of(b, check, any, rule, &made->check))
        return b->err->rc;
    b->plan->check_nr++;
    return FTH_OK;
}

static enum fth_rc bind_row_rule(struct binder *b, size_t rule)
{
    const struct fth_focus_rule *row = fth_focus_rule_at(rule);
    struct fth_focus_tally *tally = tally_of(b, rule);
    bool any = strcmp(row->subject, "*") == 0;

    if (!any && !has(b->header, b->nr, row->subject)) {
        tally->aside = "the file does not have the column";
        return FTH_OK;
    }
    if (!any && (needs_missing(b, b->run->when[rule]) || needs_missing(b, b->run->check[rule]))) {
        tally->aside = "a column that it takes is not in the file";
        return FTH_OK;
    }
    tally->checked++;
    if (!any)
        return bind_condition(b, rule, SIZE_MAX);
    for (size_t i = 0; i < b->nr; i++) {
        const struct fth_focus_column *column = fth_focus_column(b->plan->dataset, b->header[i]);

        if (column && column->type == FTH_FOCUS_STRING &&
            find(b->header, b->nr, b->header[i]) == i && bind_condition(b, rule, i))
            return b->err->rc;
    }
    return FTH_OK;
}

static void broken(struct binder *b, size_t rule, const char *what, struct fth_str name)
{
    struct fth_focus_place place = {.file = b->file};
    char text[200];
    struct fth_buf buf = fth_buf_max(sizeof(text));

    fth_buf_printf(&buf, "%s \"" FTH_STR_F "\"", what, FTH_STR_A(fth_str_sub(name, 0, 120)));
    fth_focus_tally(tally_of(b, rule), place, fth_buf_view(&buf));
    fth_buf_release(&buf);
}

/* To the official validator a rule about a column that is missing is a broken one. */
static struct fth_str first_missing(const struct binder *b, const struct fth_focus_expr *expr)
{
    struct fth_str missing = {0};

    if (!expr)
        return missing;
    for (size_t i = 0; missing.n == 0 && i < expr->column_nr; i++)
        if (find(b->header, b->nr, expr->columns[i]) == SIZE_MAX)
            missing = expr->columns[i];
    if (missing.n == 0)
        missing = first_missing(b, expr->a);
    return missing.n ? missing : first_missing(b, expr->b);
}

static bool is_number_type(enum fth_type type)
{
    return type == FTH_T_BOOL || type == FTH_T_I32 || type == FTH_T_I64 || type == FTH_T_I128 ||
           type == FTH_T_DOUBLE || type == FTH_T_DEC || type == FTH_T_DEC_WIDE ||
           type == FTH_T_DATE || type == FTH_T_INSTANT;
}

static void bind_text_type(struct binder *b, size_t rule)
{
    const struct fth_focus_rule *row = fth_focus_rule_at(rule);
    size_t field = find(b->header, b->nr, fth_str_c(row->subject));

    if (field == SIZE_MAX) {
        tally_of(b, rule)->aside = "the file does not have the column";
        return;
    }
    tally_of(b, rule)->checked++;
    if (b->types && is_number_type(b->types[field]))
        broken(b, rule, "stored as number or date: column", b->header[field]);
}

/* The official validator guesses types. Each value counts, and leaves a mark by what it is. */
static enum fth_rc bind_inferred(struct binder *b, size_t rule)
{
#define ANY_COLUMN .columns = {FTH_STR_INIT("*")}, .column_nr = 1
    static const struct fth_focus_expr null = {
        .op = FTH_FOCUS_ATOM, .atom = FTH_FOCUS_A_NULL, ANY_COLUMN};
    static const struct fth_focus_expr is_number = {
        .op = FTH_FOCUS_ATOM, .atom = FTH_FOCUS_A_NUMBER, ANY_COLUMN};
    static const struct fth_focus_expr is_plain = {
        .op = FTH_FOCUS_ATOM, .atom = FTH_FOCUS_A_DECIMAL, ANY_COLUMN};
    static const struct fth_focus_expr whole = {
        .op = FTH_FOCUS_ATOM, .atom = FTH_FOCUS_A_WHOLE, ANY_COLUMN};
#undef ANY_COLUMN
    static const struct fth_focus_expr number = {
        .op = FTH_FOCUS_AND, .a = &is_number, .b = &is_plain};
    static const struct fth_focus_expr not_null = {.op = FTH_FOCUS_NOT, .a = &null};
    static const struct fth_focus_expr no_number = {.op = FTH_FOCUS_NOT, .a = &number};
    static const struct fth_focus_expr whole_or_text = {
        .op = FTH_FOCUS_OR, .a = &whole, .b = &no_number};
    static const struct {
        const struct fth_focus_expr *check;
        unsigned marks;
    } asks[] = {{&null, 0}, {&number, FTH_FOCUS_SAW_TEXT}, {&whole_or_text, FTH_FOCUS_SAW_DECIMAL}};
    size_t field = find(b->header, b->nr, fth_str_c(fth_focus_rule_at(rule)->subject));

    for (size_t i = 0; field != SIZE_MAX && i < FTH_NR(asks); i++) {
        struct fth_focus_check *made = &b->checks[b->plan->check_nr];

        *made = (struct fth_focus_check){.rule = rule, .marks = asks[i].marks};
        show(b, made, &number, field);
        if (code_of(b, &not_null, field, rule, &made->when) ||
            code_of(b, asks[i].check, field, rule, &made->check))
            return b->err->rc;
        b->plan->check_nr++;
    }
    tally_of(b, rule)->checked++;
    return FTH_OK;
}

static void bind_pair(struct binder *b, size_t rule, struct fth_str check)
{
    struct fth_str words[5] = {{0}};
    size_t nr = 0;
    struct fth_focus_pair made = {.rule = rule, .b = SIZE_MAX};

    while (nr < 5 && fth_str_next(&check, ' ', &words[nr]))
        nr++;
    made.a = find(b->header, b->nr, words[1]);
    if (nr == 5)
        made.b = find(b->header, b->nr, words[4]);
    if (made.a == SIZE_MAX || (nr == 5 && made.b == SIZE_MAX)) {
        tally_of(b, rule)->aside = "a column that it takes is not in the file";
        return;
    }
    tally_of(b, rule)->checked++;
    b->pairs[b->plan->pair_nr++] = made;
}

/* ---- names of columns ---- */

static bool is_custom(struct fth_str name)
{
    return fth_str_starts(name, FTH_STR("x_"));
}

/* The column that differs from `name` in case only. */
static bool misspelt(const struct binder *b, struct fth_str name)
{
    for (size_t i = 0; i < fth_focus_column_nr(); i++)
        if (fth_focus_column_at(i)->dataset == b->plan->dataset &&
            fth_str_caseeq(name, fth_str_c(fth_focus_column_at(i)->name)))
            return true;
    return false;
}

static bool alphanumeric(struct fth_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return false;
    }
    return name.n > 0;
}

enum name_ask { SPELT, ALPHANUMERIC, SHORT, KNOWN, ORDERED, UNIQUE, OF_VERSION };

static bool name_holds(const struct binder *b, enum name_ask ask, size_t i)
{
    struct fth_str name = b->header[i];
    const struct fth_focus_column *column = fth_focus_column(b->plan->dataset, name);
    bool custom = is_custom(name);

    switch (ask) {
    case SPELT:
        return column || custom || !misspelt(b, name);
    case ALPHANUMERIC:
        return column || alphanumeric(custom ? fth_str_sub(name, 2, name.n) : name) ||
               (custom && fth_str_find(name, ' ') == SIZE_MAX);
    case SHORT:
        return name.n <= 50;
    case KNOWN:
        return column || custom || misspelt(b, name);
    case ORDERED:
        if (!custom)
            return true;
        for (i++; i < b->nr; i++)
            if (fth_focus_column(b->plan->dataset, b->header[i]))
                return false;
        return true;
    case UNIQUE:
        return find(b->header, b->nr, name) == i;
    default:
        return !column || (column->since <= b->plan->version && column->until >= b->plan->version);
    }
}

static void bind_names(struct binder *b, size_t rule, struct fth_str check)
{
    static const char *const asks[] = {"spelt",   "alphanumeric", "short",         "known",
                                       "ordered", "unique",       "of the version"};

    tally_of(b, rule)->checked++;
    for (size_t ask = 0; ask < FTH_NR(asks); ask++)
        for (size_t i = 0; fth_str_ends(check, fth_str_c(asks[ask])) && i < b->nr; i++)
            if (!name_holds(b, (enum name_ask)ask, i))
                broken(b, rule, "column", b->header[i]);
}

static void bind_presence(struct binder *b, size_t rule)
{
    const struct fth_focus_rule *row = fth_focus_rule_at(rule);

    tally_of(b, rule)->checked++;
    if (!has(b->header, b->nr, row->subject))
        broken(b, rule, "no column", fth_str_c(row->subject));
}

/* ---- sums and references ---- */

static void bind_needs(struct binder *b)
{
    static const char *const names[FTH_FOCUS_N_NR] = {"CommitmentDiscountId",
                                                      "ChargeCategory",
                                                      "CommitmentDiscountStatus",
                                                      "ChargeFrequency",
                                                      "BilledCost",
                                                      "EffectiveCost",
                                                      "ChargePeriodStart",
                                                      "ChargePeriodEnd",
                                                      "BillingCurrency",
                                                      "AllocatedMethodId",
                                                      "AllocatedMethodDetails",
                                                      "ResourceId",
                                                      "SkuPriceId",
                                                      "InvoiceId",
                                                      "InvoiceDetailId",
                                                      "BillingPeriodStart",
                                                      "ContractApplied",
                                                      "ContractCommitmentId",
                                                      "InvoiceIssuerName"};

    for (size_t i = 0; i < FTH_FOCUS_N_NR; i++)
        b->plan->need[i] = find(b->header, b->nr, fth_str_c(names[i]));
}

static bool needs(const struct binder *b, enum fth_focus_need first, enum fth_focus_need last)
{
    for (int i = (int)first; i <= (int)last; i++)
        if (b->plan->need[i] == SIZE_MAX)
            return false;
    return true;
}

static void bind_sum(struct binder *b, size_t rule, struct fth_str check)
{
    struct fth_focus_tally *tally = tally_of(b, rule);

    if (fth_str_starts(check, FTH_STR("each element "))) {
        if (b->plan->need[FTH_FOCUS_N_APPLIED] == SIZE_MAX) {
            tally->aside = "the file does not have the column";
            return;
        }
        b->plan->contract_rule = rule;
        tally->checked++;
    } else if (fth_str_starts(check, FTH_STR("sum commitment"))) {
        if (!needs(b, FTH_FOCUS_N_COMMITMENT, FTH_FOCUS_N_END)) {
            tally->aside = "a column that it takes is not in the file";
            return;
        }
        b->plan->sums_commitments = true;
        tally->checked++;
    } else if (fth_str_starts(check, FTH_STR("sum allocated"))) {
        if (!needs(b, FTH_FOCUS_N_METHOD, FTH_FOCUS_N_DETAILS)) {
            tally->aside = "the file does not have the column";
            return;
        }
        b->plan->sums_ratios = true;
        tally->checked++;
    } else {
        /* Counted when both sides have been read. */
        tally->aside = "the other dataset was not given";
        b->plan->refers = true;
    }
}

/* What is gathered over all records, beside pairs of two columns. */
static bool is_sum(struct fth_str check)
{
    return fth_str_starts(check, FTH_STR("sum ")) || fth_str_starts(check, FTH_STR("cross ")) ||
           fth_str_starts(check, FTH_STR("each element "));
}

static bool official_misses(struct binder *b, size_t rule, struct fth_str check)
{
    struct fth_str missing = first_missing(b, b->run->check[rule]);

    if (fth_str_starts(check, FTH_STR("present ")))
        return false;
    if (fth_str_starts(check, FTH_STR("each ")) && missing.n == 0) {
        struct fth_str words[5] = {{0}};

        for (size_t i = 0; i < FTH_NR(words) && fth_str_next(&check, ' ', &words[i]); i++)
            if ((i == 1 || i == 4) && find(b->header, b->nr, words[i]) == SIZE_MAX)
                missing = words[i];
    }
    if (missing.n == 0 && !has(b->header, b->nr, fth_focus_rule_at(rule)->subject))
        missing = fth_str_c(fth_focus_rule_at(rule)->subject);
    if (missing.n == 0)
        return false;
    tally_of(b, rule)->checked++;
    broken(b, rule, "no column", missing);
    return true;
}

static enum fth_rc bind_rule(struct binder *b, size_t rule)
{
    const struct fth_focus_rule *row = fth_focus_rule_at(rule);
    struct fth_str check = fth_str_c(row->check);

    if (b->run->request->as_official && official_misses(b, rule, check))
        return FTH_OK;

    if (!supported(b, row)) {
        tally_of(b, rule)->aside = "the file shows no sign that the provider supports this";
        return FTH_OK;
    }
    if (b->run->check[rule])
        return bind_row_rule(b, rule);
    if (fth_str_starts(check, FTH_STR("inferred ")))
        return bind_inferred(b, rule);
    if (fth_str_starts(check, FTH_STR("present ")))
        bind_presence(b, rule);
    else if (fth_str_ends(check, FTH_STR(" is text")))
        bind_text_type(b, rule);
    else if (is_sum(check))
        bind_sum(b, rule, check);
    else if (fth_str_starts(check, FTH_STR("each ")) || fth_str_starts(check, FTH_STR("unique ")))
        bind_pair(b, rule, check);
    else if (fth_str_starts(check, FTH_STR("columns ")))
        bind_names(b, rule, check);
    else if (fth_str_starts(check, FTH_STR("file ")))
        tally_of(b, rule)->checked++;
    else
        tally_of(b, rule)->aside = "it takes knowledge that is not in the file";
    return FTH_OK;
}

/* A rule of 1.2 holds in 1.0 and 1.1 for columns that were there. Rules about names, files and text
 * hold for every dataset. */
static bool is_of(const struct binder *b, const struct fth_focus_rule *rule)
{
    enum fth_focus_version since = rule->since == FTH_FOCUS_V12 ? FTH_FOCUS_V10 : rule->since;
    const struct fth_focus_column *column;

    if (b->run->request->as_official || rule->since == FTH_FOCUS_OFFICIAL)
        return b->run->request->as_official && rule->since == FTH_FOCUS_OFFICIAL &&
               b->plan->dataset == FTH_FOCUS_CAU;
    if (b->plan->version < since || b->plan->version > rule->until)
        return false;
    if (strcmp(rule->subject, "*") == 0)
        return true;
    if (rule->dataset != b->plan->dataset)
        return false;
    column = fth_focus_column(rule->dataset, fth_str_c(rule->subject));
    return !column || column->since <= b->plan->version || has(b->header, b->nr, rule->subject);
}

enum fth_rc fth_focus_bind(struct fth_focus_run *run, uint32_t file, const struct fth_str *header,
                           const enum fth_type *types, size_t nr, struct fth_focus_plan *out,
                           struct fth_err *err)
{
    struct fth_arena *arena = run->arena;
    size_t rules = fth_focus_rule_nr(), most = 3 * rules + 2 * fth_focus_column_nr();
    struct binder b = {.run = run,
                       .file = file,
                       .header = header,
                       .types = types,
                       .nr = nr,
                       .plan = out,
                       .slots = FTH_NEW_ARRAY(arena, struct fth_focus_slot, MASK_MAX),
                       .slot_of = FTH_NEW_ARRAY(arena, size_t, nr),
                       .relations = FTH_NEW_ARRAY(arena, struct fth_focus_relation, rules),
                       .checks = FTH_NEW_ARRAY(arena, struct fth_focus_check, most),
                       .pairs = FTH_NEW_ARRAY(arena, struct fth_focus_pair, rules),
                       .err = err};

    if (!b.slots || !b.slot_of || !b.relations || !b.checks || !b.pairs)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++)
        b.slot_of[i] = SIZE_MAX;
    out->header = header;
    out->columns = nr;
    out->contract_rule = SIZE_MAX;
    bind_needs(&b);
    for (size_t i = 0; i < rules; i++)
        if (is_of(&b, fth_focus_rule_at(i)) && bind_rule(&b, i))
            return err->rc;
    out->slots = b.slots;
    out->slot_nr = b.slot_nr;
    out->relations = b.relations;
    out->relation_nr = b.relation_nr;
    out->mask_nr = b.slot_nr + (b.relation_nr + FTH_FOCUS_BITS - 1) / FTH_FOCUS_BITS;
    out->checks = b.checks;
    out->pairs = b.pairs;
    out->refers |= out->dataset != FTH_FOCUS_CAU;
    return FTH_OK;
}
