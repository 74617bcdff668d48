/* check: does a segment that was just written say what the bill says? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "import/check_int.h"

enum { FACT_NR = 10, CUBES_MAX = 1024 };

/* ---- asking the engine ---- */

struct fth_str fth_check_text(const struct fth_batch *batch, size_t col, size_t row)
{
    const struct fth_vec *vec = &batch->cols[col];

    return fth_vec_is_valid(vec, row) ? vec->text[vec->constant ? 0 : row] : (struct fth_str){0};
}

int64_t fth_check_i64(const struct fth_batch *batch, size_t col, size_t row)
{
    const struct fth_vec *vec = &batch->cols[col];

    return vec->i64[vec->constant ? 0 : row];
}

enum fth_rc fth_check_query(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                            const char *name, const struct fth_word *words, size_t word_nr,
                            enum fth_rc (*row)(void *ctx, const struct fth_batch *batch, size_t i,
                                               struct fth_err *err),
                            void *ctx, struct fth_err *err)
{
    enum { WORDS_MAX = 8 };
    struct fth_word all[WORDS_MAX];
    struct fth_result *result = NULL;
    struct fth_batch batch = {0};
    char table[32], segment[24];
    struct fth_str sql;
    enum fth_rc rc;

    FTH_CHECK(word_nr + 2 <= WORDS_MAX);
    snprintf(segment, sizeof(segment), "%" PRId64, lot->segment_id);
    snprintf(table, sizeof(table), "seg_%" PRId64, lot->segment_id);
    all[0] = (struct fth_word){"table", fth_str_c(table)};
    all[1] = (struct fth_word){"segment", fth_str_c(segment)};
    for (size_t i = 0; i < word_nr; i++)
        all[2 + i] = words[i];
    rc = fth_statement(run->arena, name, all, 2 + word_nr, &sql, err);
    if (!rc)
        rc = fth_session_query(session, sql, NULL, 0, run->request->cancel, &result, err);
    while (!rc) {
        rc = fth_result_next(result, &batch, err);
        if (rc || !batch.nr)
            break;
        for (size_t i = 0; i < batch.nr && !rc; i++)
            rc = row(ctx, &batch, i, err);
    }
    fth_result_free(result);
    return rc;
}

/* ---- who is billed ---- */

FTH_VEC(cover_vec, struct fth_cover)

struct covers {
    struct fth_arena *arena;
    struct cover_vec all;
};

static enum fth_rc add_cover(void *ctx, const struct fth_batch *batch, size_t i,
                             struct fth_err *err)
{
    struct covers *covers = ctx;
    struct fth_cover cover;
    enum fth_rc rc =
        fth_arena_str(covers->arena, fth_check_text(batch, 0, i), &cover.provider, err);

    if (!rc)
        rc = fth_arena_str(covers->arena, fth_check_text(batch, 1, i), &cover.account, err);
    return rc ? rc : cover_vec_push(&covers->all, cover, err);
}

static enum fth_rc read_covers(struct fth_session *session, struct fth_run *run,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct covers covers = {run->arena, cover_vec_in(run->arena)};
    enum fth_rc rc =
        fth_check_query(session, run, lot, "import/check/covers", NULL, 0, add_cover, &covers, err);

    lot->covers = covers.all.at;
    lot->cover_nr = covers.all.nr;
    return rc;
}

/* ---- facts ---- */

/* Of the charges of one currency. */
struct facts {
    char currency[8];
    int64_t open, backwards, rounded;
    struct fth_money accrued, fees, credits;
};

FTH_VEC(facts_vec, struct facts)

enum fth_rc fth_check_money(const struct fth_batch *batch, size_t col, size_t row,
                            struct fth_money *out, struct fth_err *err)
{
    struct fth_money head;
    struct fth_str tail = fth_check_text(batch, col + 1, row);
    struct fth_money units;
    enum fth_rc rc = fth_money_parse(fth_check_text(batch, col, row), &head, err);

    /* The tail is a whole number of 1e-28: read it as one, its head is in units of 1e-10. */
    if (!rc)
        rc = fth_money_parse(tail, &units, err);
    return rc ? rc : fth_money_make(head.head, units.head / INT64_C(10000000000), out, err);
}

static enum fth_rc add_facts(void *ctx, const struct fth_batch *batch, size_t i,
                             struct fth_err *err)
{
    struct facts_vec *all = ctx;
    struct facts facts = {.open = fth_check_i64(batch, 1, i),
                          .backwards = fth_check_i64(batch, 2, i),
                          .rounded = fth_check_i64(batch, 3, i)};
    struct fth_money *const amounts[] = {&facts.accrued, &facts.fees, &facts.credits};
    enum fth_rc rc = FTH_OK;

    FTH_CHECK(batch->col_nr == FACT_NR);
    snprintf(facts.currency, sizeof(facts.currency), FTH_STR_F,
             FTH_STR_A(fth_check_text(batch, 0, i)));
    for (size_t k = 0; k < FTH_NR(amounts) && !rc; k++)
        rc = fth_check_money(batch, 4 + 2 * k, i, amounts[k], err);
    return rc ? rc : facts_vec_push(all, facts, err);
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
        out.backwards += all->at[i].backwards;
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

struct kinds {
    const struct fth_importer *importer;
    struct fth_lot *lot;
};

/* A kind that the mapping does not know is not booked in silence. */
static enum fth_rc tell_kind(void *ctx, const struct fth_batch *batch, size_t row,
                             struct fth_err *err)
{
    const struct kinds *kinds = ctx;
    struct fth_str kind = fth_check_text(batch, 0, row);
    int64_t charges = fth_check_i64(batch, 1, row);
    char billed[FTH_MONEY_TEXT_MAX];
    struct fth_money amount;
    enum fth_rc rc;

    if (is_known(kinds->importer, kind))
        return FTH_OK;
    rc = fth_check_money(batch, 2, row, &amount, err);
    if (rc)
        return rc;
    return fth_text_add(&kinds->lot->warnings, err,
                        "line item type \"" FTH_STR_F "\" is not known: %" PRId64
                        " charge%s, billed %.*s, counted as usage",
                        FTH_STR_A(kind), charges, charges == 1 ? "" : "s",
                        (int)fth_money_text(amount, billed), billed);
}

/* ---- checks ---- */

enum fth_rc fth_check_add(struct fth_lot *lot, const char *id, bool ok, struct fth_err *err,
                          const char *format, ...)
{
    struct fth_check check = {.id = id, .ok = ok, .where = fth_text_vec_in(lot->checks.arena)};
    char text[1024];
    va_list args;
    enum fth_rc rc;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    rc = fth_arena_str(lot->checks.arena, fth_str_c(text), &check.detail, err);
    return rc ? rc : fth_check_vec_push(&lot->checks, check, err);
}

enum fth_rc fth_check_where(struct fth_lot *lot, struct fth_err *err, const char *format, ...)
{
    char text[1024];
    struct fth_str line;
    va_list args;
    enum fth_rc rc;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    rc = fth_arena_str(lot->checks.arena, fth_str_c(text), &line, err);
    return rc ? rc : fth_text_vec_push(&lot->checks.at[lot->checks.nr - 1].where, line, err);
}

struct fth_str fth_check_base(struct fth_str path)
{
    size_t at = path.n;

    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return fth_str_sub(path, at, SIZE_MAX);
}

bool fth_check_same(struct fth_money a, struct fth_money b, struct fth_money tolerance)
{
    struct fth_err ignored = {0};

    if (fth_money_sub(&a, b, &ignored))
        return false;
    return fth_money_cmp(fth_money_abs(a), tolerance) <= 0;
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
    return fth_check_add(lot, "rows", ok, err,
                         "%" PRId64 " read = %" PRId64 " stored + %" PRId64 " dropped - %" PRId64
                         " added",
                         lot->counts.rows_read, lot->stats.rows, dropped, added);
}

enum fth_rc fth_check_amounts(struct fth_lot *lot, const struct fth_compared *two,
                              struct fth_err *err)
{
    char a[FTH_MONEY_TEXT_MAX], b[FTH_MONEY_TEXT_MAX], c[FTH_MONEY_TEXT_MAX];
    struct fth_money difference = two->expected;
    struct fth_check *check;
    enum fth_rc rc = fth_money_sub(&difference, two->found, err);
    bool ok;

    if (rc)
        return rc;
    ok = fth_check_same(two->expected, two->found, two->tolerance);
    rc = fth_check_add(lot, two->id, ok, err, "%s %.*s, %s %.*s, difference %.*s%s%s",
                       two->expected_name, (int)fth_money_text(two->expected, a), a,
                       two->found_name, (int)fth_money_text(two->found, b), b,
                       (int)fth_money_text(difference, c), c, lot->counts.sum_nr > 1 ? " " : "",
                       lot->counts.sum_nr > 1 ? two->currency : "");
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
        rc = fth_check_amounts(
            lot,
            &(struct fth_compared){.id = "native-total",
                                   .currency = sums->currency,
                                   .expected = native,
                                   .expected_name = totals->with_next
                                                        ? "cost and credits"
                                                        : importer->layout->totals[totals->billed],
                                   .found = stored->billed,
                                   .found_name = "BilledCost"},
            err);
    if (!rc && accrues_all(parcel, lot))
        rc = fth_check_amounts(
            lot,
            &(struct fth_compared){.id = "native-effective",
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
    rc = fth_check_add(lot, "one-currency", lot->counts.sum_nr <= 1, err,
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
        return fth_check_add(lot, "halves", true, err, "%s and %s", halves->roles[0],
                             halves->roles[1]);
    at = rule_named(parcel->importer, halves->rule);
    rows = at == SIZE_MAX ? 0 : lot->counts.rule_rows[at];
    rc = fth_check_add(lot, "halves", !rows, err, "%s alone, %" PRId64 " charge%s %s",
                       halves->roles[1 - missing], rows, rows == 1 ? " needs" : "s need",
                       halves->roles[missing]);
    if (rc || !rows)
        return rc;
    lot->checks.at[lot->checks.nr - 1].remark = true;
    return fth_text_add(&lot->warnings, err, "%s", halves->unknown[1 - missing]);
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

/* Where commitments are paid as they run: used + unused of all of them is their fees. The provider
 * rounds each row, so a cent is let pass. */
static enum fth_rc check_commitments(const struct fth_importer *importer,
                                     const struct fth_feed_totals *sums, const struct facts *facts,
                                     struct fth_lot *lot, struct fth_err *err)
{
    struct fth_compared two = {.id = "commitments",
                               .currency = sums->currency,
                               .expected = facts->fees,
                               .expected_name = "fees",
                               .found = facts->accrued,
                               .found_name = "used and unused"};

    two.tolerance.head = INT64_C(100000000);
    if (!importer->fees_accrue ||
        (fth_money_is_zero(facts->fees) && fth_money_is_zero(facts->accrued)))
        return FTH_OK;
    return fth_check_amounts(lot, &two, err);
}

/* Each credit of the source is a charge that says of which type it is. */
static enum fth_rc check_credits(const struct fth_importer *importer,
                                 const struct fth_feed_totals *sums, const struct facts *facts,
                                 struct fth_lot *lot, struct fth_err *err)
{
    int at = importer->totals.billed + 1;

    if (!importer->totals.with_next)
        return FTH_OK;
    return fth_check_amounts(lot,
                             &(struct fth_compared){.id = "credits",
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
    struct fth_compared two = {.id = "whole-cents",
                               .currency = sums->currency,
                               .expected_name = "whole cents",
                               .found_name = "the invoice"};
    enum fth_rc rc = fth_lot_native(importer, sums, &two.found, err);

    two.tolerance.head = 10; /* 1e-9: doubles */
    if (rc || !importer->rounds || !facts->rounded || run->request->mode == FTH_IMPORT_APPEND)
        return rc;
    two.expected = fth_money_round(two.found, 2);
    return fth_check_amounts(lot, &two, err);
}

/* What net prices add up to, where a bill has them: its total. Where they do not, they were left
 * out. */
static enum fth_rc check_net(const struct fth_importer *importer,
                             const struct fth_feed_totals *sums, struct fth_lot *lot,
                             struct fth_err *err)
{
    const struct fth_importer_totals *totals = &importer->totals;
    struct fth_compared two = {.id = "net-total", .currency = sums->currency};
    enum fth_rc rc;

    if (totals->net < 0 || !sums->total_nr[totals->net])
        return FTH_OK;
    two.expected = sums->total[totals->billed];
    two.expected_name = importer->layout->totals[totals->billed];
    two.found = sums->total[totals->net];
    two.found_name = importer->layout->totals[totals->net];
    rc = fth_check_amounts(lot, &two, err);
    if (!rc)
        lot->checks.at[lot->checks.nr - 1].remark = !lot->checks.at[lot->checks.nr - 1].ok;
    return rc;
}

static enum fth_rc check_currency(const struct fth_run *run, const struct fth_parcel *parcel,
                                  const struct fth_feed_totals *sums, const struct facts *facts,
                                  struct fth_lot *lot, struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    enum fth_rc rc = check_native(parcel, sums, lot, err);

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
    enum fth_rc rc =
        fth_check_add(lot, "charge-periods", !facts->backwards || importer->runs_backwards, err,
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

/* Checks that only bills of this kind have: id, ok, detail. */
static enum fth_rc add_own(void *ctx, const struct fth_batch *batch, size_t i, struct fth_err *err)
{
    struct fth_lot *lot = ctx;
    const struct fth_vec *ok = &batch->cols[1];
    struct fth_str id;
    enum fth_rc rc = fth_arena_str(lot->checks.arena, fth_check_text(batch, 0, i), &id, err);

    return rc ? rc
              : fth_check_add(lot, id.p, ok->boolean[ok->constant ? 0 : i], err, FTH_STR_F,
                              FTH_STR_A(fth_check_text(batch, 2, i)));
}

/* Records of all files: those that charges may name. */
static enum fth_rc check_whole(struct fth_session *session, struct fth_run *run,
                               struct fth_lot *lot, struct fth_err *err)
{
    struct fth_word words[] = {{"records", {0}}, {"cubes", {0}}};
    struct fth_buf cubes = fth_buf_max(CUBES_MAX);
    char records[24];
    int64_t nr = 0;
    enum fth_rc rc;

    for (size_t i = 0; i < lot->counts.file_nr; i++)
        nr += lot->counts.files[i].rows;
    snprintf(records, sizeof(records), "%" PRId64, nr);
    words[0].text = fth_str_c(records);
    fth_ledger_cubes(run->ledger, &cubes);
    words[1].text = fth_buf_view(&cubes);
    rc = fth_buf_done(&cubes, err);
    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/whole", words, FTH_NR(words), add_own,
                             lot, err);
    fth_buf_release(&cubes);
    return rc;
}

static enum fth_rc check_all(struct fth_session *session, struct fth_run *run,
                             const struct fth_parcel *parcel, struct fth_lot *lot,
                             struct fth_err *err)
{
    const struct fth_importer *importer = parcel->importer;
    struct facts_vec facts = facts_vec_in(run->arena);
    struct kinds kinds = {importer, lot};
    struct facts all;
    enum fth_rc rc = read_covers(session, run, lot, err);

    if (!rc)
        rc = fth_check_query(session, run, lot, "import/check/facts", NULL, 0, add_facts, &facts,
                             err);
    all = counted(&facts);
    if (!rc && importer->kinds)
        rc = fth_check_query(session, run, lot, "import/check/kinds", NULL, 0, tell_kind, &kinds,
                             err);
    if (!rc)
        rc = check_rows(importer, lot, err);
    for (size_t i = 0; i < lot->counts.sum_nr && !rc; i++) {
        const struct fth_feed_totals *sums = &lot->counts.sums[i];

        rc = check_currency(run, parcel, sums, facts_of(&facts, sums->currency), lot, err);
    }
    for (size_t i = 0; i < lot->net_nr && !rc; i++)
        rc = check_net(importer, &lot->net[i], lot, err);
    if (!rc)
        rc = fth_check_groups(session, run, parcel, lot, err);
    if (!rc)
        rc = fth_check_commitments(session, run, parcel, lot, err);
    if (!rc)
        rc = fth_check_credits(session, run, lot, err);
    if (!rc)
        rc = fth_check_bisect(session, run, parcel, lot, err);
    if (!rc)
        rc = check_whole(session, run, lot, err);
    if (!rc && importer->checks)
        rc = fth_check_query(session, run, lot, importer->checks, NULL, 0, add_own, lot, err);
    if (!rc)
        rc = tell_currencies(lot, err);
    if (!rc)
        rc = check_halves(parcel, lot, err);
    if (!rc)
        rc = check_backwards(importer, &all, lot, err);
    if (!rc)
        rc = fth_check_rows(session, run, lot, err);
    if (!rc)
        rc = tell_currency(importer, lot, err);
    if (!rc)
        lot->final = lot->stats.rows && !all.open ? 1 : importer->invoice_closes ? 0 : -1;
    return rc;
}

enum fth_rc fth_lot_check(struct fth_run *run, const struct fth_parcel *parcel, struct fth_lot *lot,
                          struct fth_err *err)
{
    struct fth_session *session = NULL;
    enum fth_rc rc = check_expected(parcel, lot, err);

    if (!rc)
        rc = refuse_copies(parcel, lot, err);
    if (!rc)
        rc = fth_session_open(fth_ledger_engine(run->ledger), &session, err);
    if (rc)
        return rc;
    rc = check_all(session, run, parcel, lot, err);
    fth_session_close(session);
    return rc;
}
