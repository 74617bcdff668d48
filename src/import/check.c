/* check: does a segment that was just written say what the bill says? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/sql.h"
#include "import/import_int.h"

enum { SQL_MAX = 16384, FACT_MONEY = 7, FACT_NR = 13 };

/* The statement with the segment's name in it. */
static enum fth_rc statement(const char *name, int64_t segment_id, struct fth_buf *out,
                             struct fth_err *err)
{
    struct fth_str sql = fth_sql(name), mark = FTH_STR("seg_0");

    for (;;) {
        size_t at = fth_str_search(sql, mark);

        fth_buf_str(out, fth_str_sub(sql, 0, at));
        if (at == SIZE_MAX)
            break;
        fth_buf_printf(out, "seg_%" PRId64, segment_id);
        sql = fth_str_sub(sql, at + mark.n, SIZE_MAX);
    }
    return fth_buf_done(out, err);
}

static enum fth_rc query(struct fth_session *session, const struct fth_run *run, const char *name,
                         int64_t segment_id, struct fth_result **out, struct fth_err *err)
{
    struct fth_buf sql = fth_buf_max(SQL_MAX);
    enum fth_rc rc = statement(name, segment_id, &sql, err);

    if (!rc)
        rc =
            fth_session_query(session, fth_buf_view(&sql), NULL, 0, run->request->cancel, out, err);
    fth_buf_release(&sql);
    return rc;
}

static struct fth_str text_at(const struct fth_vec *vec, size_t row)
{
    return fth_vec_is_valid(vec, row) ? vec->text[vec->constant ? 0 : row] : (struct fth_str){0};
}

FTH_VEC(cover_vec, struct fth_cover)

static enum fth_rc read_covers(struct fth_session *session, struct fth_run *run,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct cover_vec covers = cover_vec_in(run->arena);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    enum fth_rc rc = query(session, run, "import/check/covers", lot->segment_id, &result, err);

    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        for (size_t i = 0; i < batch.nr && !rc; i++) {
            struct fth_cover cover;

            rc = fth_arena_str(run->arena, text_at(&batch.cols[0], i), &cover.provider, err);
            if (!rc)
                rc = fth_arena_str(run->arena, text_at(&batch.cols[1], i), &cover.account, err);
            if (!rc)
                rc = cover_vec_push(&covers, cover, err);
        }
    }
    fth_result_free(result);
    lot->covers = covers.at;
    lot->cover_nr = covers.nr;
    return rc;
}

/* Of the charges of one currency. */
struct facts {
    char currency[8];
    int64_t open, bought, covered, backwards, outside, rounded;
    struct fth_money accrued, fees, credits;
};

FTH_VEC(facts_vec, struct facts)

static enum fth_rc money_of(const struct fth_batch *batch, size_t col, size_t row,
                            struct fth_money *out, struct fth_err *err)
{
    struct fth_money head;
    struct fth_str tail = text_at(&batch->cols[col + 1], row);
    struct fth_money units;
    enum fth_rc rc = fth_money_parse(text_at(&batch->cols[col], row), &head, err);

    /* The tail is a whole number of 1e-28: read it as one, its head is in units of 1e-10. */
    if (!rc)
        rc = fth_money_parse(tail, &units, err);
    return rc ? rc : fth_money_make(head.head, units.head / INT64_C(10000000000), out, err);
}

static enum fth_rc facts_at(const struct fth_batch *batch, size_t row, struct facts *out,
                            struct fth_err *err)
{
    int64_t *const numbers[] = {&out->open,      &out->bought,  &out->covered,
                                &out->backwards, &out->outside, &out->rounded};
    struct fth_money *const amounts[] = {&out->accrued, &out->fees, &out->credits};
    struct fth_str currency = text_at(&batch->cols[0], row);
    enum fth_rc rc = FTH_OK;

    snprintf(out->currency, sizeof(out->currency), FTH_STR_F, FTH_STR_A(currency));
    for (size_t i = 0; i < FTH_NR(numbers); i++) {
        const struct fth_vec *vec = &batch->cols[1 + i];

        *numbers[i] = vec->i64[vec->constant ? 0 : row];
    }
    for (size_t i = 0; i < FTH_NR(amounts) && !rc; i++)
        rc = money_of(batch, FACT_MONEY + 2 * i, row, amounts[i], err);
    return rc;
}

static enum fth_rc read_facts(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                              struct facts_vec *out, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    enum fth_rc rc = query(session, run, "import/check/facts", lot->segment_id, &result, err);

    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        FTH_CHECK(batch.col_nr == FACT_NR);
        for (size_t i = 0; i < batch.nr && !rc; i++) {
            struct facts facts = {0};

            rc = facts_at(&batch, i, &facts, err);
            if (!rc)
                rc = facts_vec_push(out, facts, err);
        }
    }
    fth_result_free(result);
    return rc;
}

static const struct facts *facts_of(const struct facts_vec *all, const char *currency)
{
    static const struct facts none = {0};

    for (size_t i = 0; i < all->nr; i++)
        if (strcmp(all->at[i].currency, currency) == 0)
            return &all->at[i];
    return &none;
}

/* The counts over all currencies: those can be added. */
static struct facts counted(const struct facts_vec *all)
{
    struct facts out = {0};

    for (size_t i = 0; i < all->nr; i++) {
        out.open += all->at[i].open;
        out.bought += all->at[i].bought;
        out.covered += all->at[i].covered;
        out.backwards += all->at[i].backwards;
        out.outside += all->at[i].outside;
        out.rounded += all->at[i].rounded;
    }
    return out;
}

/* ---- kinds of line ---- */

static bool is_known(const struct fth_importer *importer, struct fth_str kind)
{
    for (const char *const *one = importer->kinds; *one; one++)
        if (fth_str_eq_c(kind, *one))
            return true;
    return false;
}

static enum fth_rc tell_kind(struct fth_lot *lot, const struct fth_batch *batch, size_t row,
                             struct fth_err *err)
{
    struct fth_str kind = text_at(&batch->cols[0], row);
    int64_t charges = batch->cols[1].i64[row];
    char billed[FTH_MONEY_TEXT_MAX];
    struct fth_money amount;
    enum fth_rc rc = money_of(batch, 2, row, &amount, err);

    if (rc)
        return rc;
    return fth_text_add(&lot->warnings, err,
                        "line item type \"" FTH_STR_F "\" is not known: %" PRId64
                        " charge%s, billed %.*s, counted as usage",
                        FTH_STR_A(kind), charges, charges == 1 ? "" : "s",
                        (int)fth_money_text(amount, billed), billed);
}

/* A kind that the mapping does not know is not booked in silence. */
static enum fth_rc tell_kinds(struct fth_session *session, struct fth_run *run,
                              const struct fth_importer *importer, struct fth_lot *lot,
                              struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    enum fth_rc rc;

    if (!importer->kinds)
        return FTH_OK;
    rc = query(session, run, "import/check/kinds", lot->segment_id, &result, err);
    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        for (size_t i = 0; i < batch.nr && !rc; i++)
            if (!is_known(importer, text_at(&batch.cols[0], i)))
                rc = tell_kind(lot, &batch, i, err);
    }
    fth_result_free(result);
    return rc;
}

/* ---- checks ---- */

static enum fth_rc add(struct fth_lot *lot, const char *id, bool ok, struct fth_err *err,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

static enum fth_rc add(struct fth_lot *lot, const char *id, bool ok, struct fth_err *err,
                       const char *format, ...)
{
    struct fth_check check = {.id = id, .ok = ok};
    char text[1024];
    va_list args;
    enum fth_rc rc;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    rc = fth_arena_str(lot->checks.arena, fth_str_c(text), &check.detail, err);
    return rc ? rc : fth_check_vec_push(&lot->checks, check, err);
}

/* Every record read is a row, or left out or doubled by a rule that has a name. */
static enum fth_rc check_rows(const struct fth_importer *importer, struct fth_lot *lot,
                              struct fth_err *err)
{
    int64_t dropped = lot->counts.rejected, added = 0;
    bool ok;

    for (size_t i = 0; i < importer->layout->rule_nr; i++) {
        if (importer->layout->rules[i].action == FTH_RULE_DROP)
            dropped += lot->counts.rule_rows[i];
        if (fth_feed_rule_adds(importer->layout->rules[i].action))
            added += lot->counts.rule_rows[i];
    }
    ok = lot->counts.rows_read == lot->stats.rows + dropped - added;
    return add(lot, "rows", ok, err,
               "%" PRId64 " read = %" PRId64 " stored + %" PRId64 " dropped - %" PRId64 " added",
               lot->counts.rows_read, lot->stats.rows, dropped, added);
}

/* Two amounts of one currency. */
struct compared {
    const char *id, *currency;
    struct fth_money expected, found, tolerance;
    const char *expected_name, *found_name;
};

static enum fth_rc check_amounts(struct fth_lot *lot, const struct compared *two,
                                 struct fth_err *err)
{
    char a[FTH_MONEY_TEXT_MAX], b[FTH_MONEY_TEXT_MAX], c[FTH_MONEY_TEXT_MAX];
    struct fth_money difference = two->expected;
    struct fth_check *check;
    enum fth_rc rc = fth_money_sub(&difference, two->found, err);
    bool ok;

    if (rc)
        return rc;
    ok = fth_money_cmp(fth_money_sign(difference) < 0 ? fth_money_neg(difference) : difference,
                       two->tolerance) <= 0;
    rc = add(lot, two->id, ok, err, "%s %.*s, %s %.*s, difference %.*s%s%s", two->expected_name,
             (int)fth_money_text(two->expected, a), a, two->found_name,
             (int)fth_money_text(two->found, b), b, (int)fth_money_text(difference, c), c,
             lot->counts.sum_nr > 1 ? " " : "", lot->counts.sum_nr > 1 ? two->currency : "");
    if (rc)
        return rc;
    check = &lot->checks.at[lot->checks.nr - 1];
    check->expected = two->expected;
    check->found = two->found;
    return fth_arena_str(lot->checks.arena, fth_str_c(two->currency), &check->currency, err);
}

enum fth_rc fth_lot_native(const struct fth_importer *importer, const struct fth_feed_totals *sums,
                           struct fth_money *out, struct fth_err *err)
{
    struct fth_money sum = sums->total[importer->totals.billed];
    enum fth_rc rc = FTH_OK;

    if (importer->totals.with_next)
        rc = fth_money_add(&sum, sums->total[importer->totals.billed + 1], err);
    if (!rc)
        *out = sum;
    return rc;
}

/* The source says of each record what it accrues. */
static bool accrues_all(const struct fth_parcel *parcel, const struct fth_lot *lot)
{
    const struct fth_importer *importer = parcel->importer;
    int effective = importer->totals.effective;
    int64_t nr = 0;

    if (effective < 0 || importer->halves)
        return effective >= 0 && fth_lot_has_half(parcel, lot, 1);
    for (size_t i = 0; i < lot->counts.sum_nr; i++)
        nr += lot->counts.sums[i].total_nr[effective];
    return nr == lot->counts.rows_read - lot->counts.rejected;
}

/* What is stored of a currency adds up to the source's own column over all that was read of it. */
static enum fth_rc check_native(const struct fth_parcel *parcel, const struct fth_feed_totals *sums,
                                struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    const struct fth_importer_totals *totals = &importer->totals;
    const struct fth_segment_sums *stored = fth_lot_stored(lot, sums->currency);
    struct fth_money native;
    enum fth_rc rc = fth_lot_native(importer, sums, &native, err);

    if (!rc && (!importer->halves || fth_lot_has_half(parcel, lot, 0)))
        rc = check_amounts(
            lot,
            &(struct compared){.id = "native-total",
                               .currency = sums->currency,
                               .expected = native,
                               .expected_name = totals->with_next
                                                    ? "cost and credits"
                                                    : importer->layout->totals[totals->billed],
                               .found = stored->billed,
                               .found_name = "BilledCost"},
            err);
    if (!rc && accrues_all(parcel, lot))
        rc = check_amounts(
            lot,
            &(struct compared){.id = "native-effective",
                               .currency = sums->currency,
                               .expected = sums->total[totals->effective],
                               .expected_name = importer->layout->totals[totals->effective],
                               .found = stored->effective,
                               .found_name = "stored EffectiveCost"},
            err);
    return rc;
}

/* Several currencies are nothing wrong: each is a total of its own, and nothing is added across. */
static enum fth_rc tell_currencies(struct fth_lot *lot, struct fth_err *err)
{
    char names[256] = "";
    size_t n = 0;
    enum fth_rc rc;

    for (size_t i = 0; i < lot->counts.sum_nr && n < sizeof(names); i++)
        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
                              lot->counts.sums[i].currency);
    rc = add(lot, "one-currency", lot->counts.sum_nr <= 1, err,
             lot->counts.sum_nr > 1 ? "%zu currencies, each with totals of its own: %s"
                                    : "%zu currency: %s",
             lot->counts.sum_nr, names);
    if (!rc)
        lot->checks.at[lot->checks.nr - 1].remark = lot->counts.sum_nr > 1;
    return rc;
}

/* Which of the layout's rules has that id; SIZE_MAX: none. */
static size_t rule_named(const struct fth_importer *importer, const char *id)
{
    for (size_t i = 0; i < importer->layout->rule_nr; i++)
        if (strcmp(id, importer->layout->rules[i].id) == 0)
            return i;
    return SIZE_MAX;
}

/* What one half alone does not know is said, when there is anything of it. */
static enum fth_rc check_halves(const struct fth_parcel *parcel, struct fth_lot *lot,
                                struct fth_err *err)
{
    const struct fth_importer_halves *halves = parcel->importer->halves;
    int64_t rows;
    size_t at;
    int missing;
    enum fth_rc rc;

    if (!halves)
        return FTH_OK;
    missing = !fth_lot_has_half(parcel, lot, 0) ? 0 : !fth_lot_has_half(parcel, lot, 1) ? 1 : -1;
    if (missing < 0)
        return add(lot, "halves", true, err, "%s and %s", halves->roles[0], halves->roles[1]);
    at = rule_named(parcel->importer, halves->rule);
    rows = at == SIZE_MAX ? 0 : lot->counts.rule_rows[at];
    rc = add(lot, "halves", !rows, err, "%s alone, %" PRId64 " charge%s %s",
             halves->roles[1 - missing], rows, rows == 1 ? " needs" : "s need",
             halves->roles[missing]);
    if (!rc && rows)
        rc = fth_text_add(&lot->warnings, err, "%s", halves->unknown[1 - missing]);
    return rc;
}

/* A run whose files have other records than its manifest says is not whole. */
static enum fth_rc check_expected(const struct fth_parcel *parcel, const struct fth_lot *lot,
                                  struct fth_err *err)
{
    size_t at = 0;

    for (size_t i = 0; parcel->expect && i < parcel->file_nr; i++) {
        int64_t rows;

        if (!lot->uses[i])
            continue;
        rows = at < lot->counts.file_nr ? lot->counts.files[at++].rows : 0;
        if (parcel->expect[i] < 0 || parcel->expect[i] == rows)
            continue;
        fth_err_set(err, FTH_E_INVALID,
                    "%s: %" PRId64 " records, but its manifest says %" PRId64
                    ": the run is not whole",
                    parcel->files[i], rows, parcel->expect[i]);
        fth_err_hint(err, "Fetch the run's folder again.");
        return err->rc;
    }
    return FTH_OK;
}

/* One loose file beside a copy of it would count twice. Of a manifest's files its maker knows. */
static enum fth_rc refuse_copies(const struct fth_parcel *parcel, const struct fth_lot *lot,
                                 struct fth_err *err)
{
    const struct fth_feed_file_count *files = lot->counts.files;

    for (size_t i = 0; !parcel->bundle && i < lot->counts.file_nr; i++)
        for (size_t k = 0; k < i; k++) {
            if (!files[i].rows ||
                memcmp(files[i].content, files[k].content, sizeof(files[i].content)) != 0)
                continue;
            fth_err_set(err, FTH_E_INVALID,
                        FTH_STR_F ": the same content as " FTH_STR_F ", which would count twice",
                        FTH_STR_A(files[i].path), FTH_STR_A(files[k].path));
            fth_err_hint(err, "Leave one of them out.");
            return err->rc;
        }
    return FTH_OK;
}

/* Negations take back exactly what covered usage would have cost. */
static enum fth_rc check_cancels(const struct fth_importer *importer,
                                 const struct fth_feed_totals *sums, struct fth_lot *lot,
                                 struct fth_err *err)
{
    size_t a, b;

    if (!importer->cancels[0])
        return FTH_OK;
    a = rule_named(importer, importer->cancels[0]);
    b = rule_named(importer, importer->cancels[1]);
    if (a == SIZE_MAX || b == SIZE_MAX ||
        (!lot->counts.rule_rows[a] && !lot->counts.rule_rows[b]) ||
        (fth_money_is_zero(sums->rule_cost[a]) && fth_money_is_zero(sums->rule_cost[b])))
        return FTH_OK;
    return check_amounts(lot,
                         &(struct compared){.id = "negations",
                                            .currency = sums->currency,
                                            .expected = sums->rule_cost[b],
                                            .expected_name = "covered usage",
                                            .found = fth_money_neg(sums->rule_cost[a]),
                                            .found_name = "taken back"},
                         err);
}

/* The net amount where the bill has any, else the gross one. */
static struct fth_money amortized(const struct fth_importer *importer,
                                  const struct fth_feed_totals *sums, int kind)
{
    int gross = importer->totals.amortized[kind], net = importer->totals.amortized[kind + 1];

    return sums->total_nr[net] ? sums->total[net] : sums->total[gross];
}

/* Used + unused of all commitments is their recurring fees and the upfront ones amortised. The
 * provider rounds each row, so a cent is let pass. */
static enum fth_rc check_commitments(const struct fth_importer *importer,
                                     const struct fth_feed_totals *sums, const struct facts *facts,
                                     struct fth_lot *lot, struct fth_err *err)
{
    struct compared two = {.id = "commitments",
                           .currency = sums->currency,
                           .expected = facts->fees,
                           .expected_name = "fees and amortised upfront",
                           .found = facts->accrued,
                           .found_name = "used and unused"};
    enum fth_rc rc = FTH_OK;

    two.tolerance.head = INT64_C(100000000);
    if ((importer->totals.amortized[0] < 0 && !importer->fees_accrue) ||
        (fth_money_is_zero(facts->fees) && fth_money_is_zero(facts->accrued)))
        return FTH_OK;
    for (int kind = 0; !importer->fees_accrue && kind < 4 && !rc; kind += 2)
        rc = fth_money_add(&two.expected, amortized(importer, sums, kind), err);
    return rc ? rc : check_amounts(lot, &two, err);
}

/* Each credit of the source is a charge that says of which type it is. */
static enum fth_rc check_credits(const struct fth_importer *importer,
                                 const struct fth_feed_totals *sums, const struct facts *facts,
                                 struct fth_lot *lot, struct fth_err *err)
{
    int at = importer->totals.billed + 1;

    if (!importer->totals.with_next)
        return FTH_OK;
    return check_amounts(lot,
                         &(struct compared){.id = "credits",
                                            .currency = sums->currency,
                                            .expected = sums->total[at],
                                            .expected_name = importer->layout->totals[at],
                                            .found = facts->credits,
                                            .found_name = "charges with a credit type"},
                         err);
}

/* Once its rounding line is there the invoice is whole cents; a delivery that comes on top of
 * others is not the invoice. */
static enum fth_rc check_cents(const struct fth_run *run, const struct fth_importer *importer,
                               const struct fth_feed_totals *sums, const struct facts *facts,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct compared two = {.id = "whole-cents",
                           .currency = sums->currency,
                           .expected_name = "whole cents",
                           .found_name = "the invoice"};
    enum fth_rc rc = fth_lot_native(importer, sums, &two.found, err);

    two.tolerance.head = 10; /* 1e-9: doubles */
    if (rc || !importer->rounds || !facts->rounded || run->request->mode == FTH_IMPORT_APPEND)
        return rc;
    two.expected = fth_money_round(two.found, 2);
    return check_amounts(lot, &two, err);
}

static enum fth_rc check_currency(const struct fth_run *run, const struct fth_parcel *parcel,
                                  const struct fth_feed_totals *sums, const struct facts *facts,
                                  struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    enum fth_rc rc = check_native(parcel, sums, lot, err);

    if (!rc)
        rc = check_cancels(importer, sums, lot, err);
    if (!rc)
        rc = check_commitments(importer, sums, facts, lot, err);
    if (!rc)
        rc = check_credits(importer, sums, facts, lot, err);
    if (!rc)
        rc = check_cents(run, importer, sums, facts, lot, err);
    return rc;
}

/* Where real bills do it, it is told and not held against the delivery. */
static enum fth_rc check_backwards(const struct fth_importer *importer, const struct facts *facts,
                                   struct fth_lot *lot, struct fth_err *err)
{
    enum fth_rc rc = add(lot, "charge-periods", !facts->backwards || importer->runs_backwards, err,
                         "%" PRId64 " charge%s before %s", facts->backwards,
                         facts->backwards == 1 ? " ends" : "s end",
                         facts->backwards == 1 ? "it starts" : "they start");

    if (!rc && facts->backwards && importer->runs_backwards)
        rc = fth_text_add(&lot->warnings, err,
                          "%" PRId64 " charge%s before %s: kept as delivered, on the day of the "
                          "start",
                          facts->backwards, facts->backwards == 1 ? " ends" : "s end",
                          facts->backwards == 1 ? "it starts" : "they start");
    return rc;
}

/* Nothing said what these amounts are in. */
static enum fth_rc tell_currency(const struct fth_importer *importer, struct fth_lot *lot,
                                 struct fth_err *err)
{
    const struct fth_feed_demand *demand = importer->layout->demands;
    size_t at = 0;
    int64_t lacking;

    while (at < importer->layout->demand_nr && !demand[at].fallback)
        at++;
    if (at == importer->layout->demand_nr)
        return FTH_OK;
    demand += at;
    lacking = lot->counts.lacking[at];
    for (size_t i = 0; i < lot->counts.missing_nr; i++)
        if (strcmp(lot->counts.missing[i], demand->column) == 0)
            return fth_text_add(&lot->warnings, err, "no column %s: amounts are taken as %s",
                                demand->column, demand->fallback);
    if (!lacking)
        return FTH_OK;
    return fth_text_add(&lot->warnings, err, "%" PRId64 " record%s no %s: taken as %s", lacking,
                        lacking == 1 ? " has" : "s have", demand->column, demand->fallback);
}

static enum fth_rc check_rest(const struct facts *facts, struct fth_lot *lot, struct fth_err *err)
{
    enum fth_rc rc =
        add(lot, "purchases-accrue-nothing", !facts->bought, err,
            "%" PRId64 " purchase%s of a commitment %s an effective cost", facts->bought,
            facts->bought == 1 ? "" : "s", facts->bought == 1 ? "carries" : "carry");

    if (!rc)
        rc = add(lot, "covered-bills-nothing", !facts->covered, err,
                 "%" PRId64 " covered or unused charge%s a billed cost", facts->covered,
                 facts->covered == 1 ? " carries" : "s carry");
    if (!rc)
        rc = add(lot, "charge-categories", !facts->outside, err,
                 "%" PRId64 " charge%s none of the five categories", facts->outside,
                 facts->outside == 1 ? " has" : "s have");
    return rc;
}

/* The amounts of one service in the bill's two exports, 0 where they have none of it. */
static const struct fth_feed_group *native_group(const struct fth_lot *lot, struct fth_str name)
{
    static const struct fth_feed_group none = {0};

    for (size_t i = 0; i < lot->counts.group_nr; i++)
        if (fth_str_eq(lot->counts.groups[i].name, name))
            return &lot->counts.groups[i];
    return &none;
}

/* Says of a service whose amounts differ by how much, at the end of `words`. */
static enum fth_rc put_difference(const struct fth_batch *batch, size_t row,
                                  const struct fth_lot *lot, struct fth_buf *words,
                                  struct fth_err *err)
{
    static const char *const names[] = {"billed", "effective"};
    struct fth_str service = text_at(&batch->cols[0], row);
    const struct fth_feed_group *native = native_group(lot, service);
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < FTH_FEED_GROUP_TOTALS && !rc; i++) {
        struct fth_money stored, difference = native->total[i];
        char text[FTH_MONEY_TEXT_MAX];

        rc = money_of(batch, 1 + 2 * i, row, &stored, err);
        if (!rc)
            rc = fth_money_sub(&difference, stored, err);
        if (!rc && !fth_money_is_zero(difference))
            fth_buf_printf(words, "; " FTH_STR_F " %s by %.*s", FTH_STR_A(service), names[i],
                           (int)fth_money_text(difference, text), text);
    }
    return rc;
}

/* Billed is the one export's, effective the other's, in each of the provider's services. */
static enum fth_rc check_services(struct fth_session *session, struct fth_run *run,
                                  const struct fth_parcel *parcel, struct fth_lot *lot,
                                  struct fth_err *err)
{
    struct fth_buf words = fth_buf_max(1 << 20);
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    size_t services = 0;
    enum fth_rc rc;

    if (!parcel->importer->halves || !lot->counts.group_nr || !fth_lot_has_half(parcel, lot, 0) ||
        !fth_lot_has_half(parcel, lot, 1))
        return FTH_OK;
    rc = query(session, run, "import/check/services", lot->segment_id, &result, err);
    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        services += batch.nr;
        for (size_t i = 0; i < batch.nr && !rc; i++)
            rc = put_difference(&batch, i, lot, &words, err);
    }
    fth_result_free(result);
    if (!rc)
        rc = add(lot, "services", !fth_buf_view(&words).n, err,
                 "%zu service%s, billed and effective compared with the two exports" FTH_STR_F,
                 services, services == 1 ? "" : "s",
                 FTH_STR_A(fth_str_sub(fth_buf_view(&words), 0, 800)));
    fth_buf_release(&words);
    return rc;
}

/* Checks that only bills of this kind have. */
static enum fth_rc read_own(struct fth_session *session, struct fth_run *run, const char *name,
                            struct fth_lot *lot, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    enum fth_rc rc = query(session, run, name, lot->segment_id, &result, err);

    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        for (size_t i = 0; i < batch.nr && !rc; i++) {
            struct fth_str id, detail = text_at(&batch.cols[2], i);

            rc = fth_arena_str(run->arena, text_at(&batch.cols[0], i), &id, err);
            if (!rc)
                rc = add(lot, id.p, batch.cols[1].boolean[batch.cols[1].constant ? 0 : i], err,
                         FTH_STR_F, FTH_STR_A(detail));
        }
    }
    fth_result_free(result);
    return rc;
}

/* What the engine says of the segment. */
static enum fth_rc read_segment(struct fth_run *run, const struct fth_parcel *parcel,
                                struct fth_lot *lot, struct facts_vec *facts, struct fth_err *err)
{
    struct fth_session *session = NULL;
    enum fth_rc rc = fth_session_open(fth_ledger_engine(run->ledger), &session, err);

    if (rc)
        return rc;
    rc = read_covers(session, run, lot, err);
    if (!rc)
        rc = read_facts(session, run, lot, facts, err);
    if (!rc)
        rc = tell_kinds(session, run, parcel->importer, lot, err);
    if (!rc && parcel->importer->checks)
        rc = read_own(session, run, parcel->importer->checks, lot, err);
    if (!rc)
        rc = check_services(session, run, parcel, lot, err);
    fth_session_close(session);
    return rc;
}

enum fth_rc fth_lot_check(struct fth_run *run, const struct fth_parcel *parcel, struct fth_lot *lot,
                          struct fth_err *err)
{
    struct facts_vec facts = facts_vec_in(run->arena);
    struct facts all = {0};
    enum fth_rc rc = check_expected(parcel, lot, err);

    if (!rc)
        rc = refuse_copies(parcel, lot, err);
    if (!rc)
        rc = read_segment(run, parcel, lot, &facts, err);
    if (rc)
        return rc;
    all = counted(&facts);
    rc = check_rows(parcel->importer, lot, err);
    for (size_t i = 0; i < lot->counts.sum_nr && !rc; i++) {
        const struct fth_feed_totals *sums = &lot->counts.sums[i];

        rc = check_currency(run, parcel, sums, facts_of(&facts, sums->currency), lot, err);
    }
    if (!rc)
        rc = tell_currencies(lot, err);
    if (!rc)
        rc = check_halves(parcel, lot, err);
    if (!rc)
        rc = check_rest(&all, lot, err);
    if (!rc)
        rc = check_backwards(parcel->importer, &all, lot, err);
    if (!rc)
        rc = tell_currency(parcel->importer, lot, err);
    if (!rc)
        lot->final = lot->stats.rows && !all.open ? 1 : parcel->importer->invoice_closes ? 0 : -1;
    return rc;
}
