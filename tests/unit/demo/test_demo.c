/* demo: the made bill adds up to its truth, by a reading that shares nothing with the writing. */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/map.h"
#include "base/money.h"
#include "demo/demo.h"
#include "test.h"

enum { MAX_FIELDS = 128, MAX_TEXT = 8 << 20 };

static const char *const months[] = {"2026-08", "2026-09", "2026-10", "2026-11"};

/* Four months up to a Saturday in the middle of one. */
static struct fth_demo_options small(void)
{
    struct fth_demo_options options = fth_demo_defaults(fth_date_from_civil(2026, 11, 21));

    options.months = 4;
    options.rows = 6000;
    return options;
}

/* One day, as few lines as there can be. */
static struct fth_demo_options tiny(void)
{
    struct fth_demo_options options = fth_demo_defaults(fth_date_from_civil(2026, 3, 1));

    options.months = 1;
    options.rows = 1000;
    return options;
}

static const char *in_dir(const char *dir, const char *name)
{
    struct fth_str path = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(8192), &path, &err, "%s/%s", dir, name), &err);
    return path.p;
}

static const char *made(const char *name, struct fth_demo_options options)
{
    const char *dir = in_dir(test_dir(), name);
    struct fth_demo_summary summary = {0};
    struct fth_err err = {0};

    assert_ok(fth_demo_write(dir, &options, &summary, &err), &err);
    assert_int_equal(summary.months, options.months);
    print_message("# %llu rows, %u files\n", (unsigned long long)summary.rows, summary.files);
    return dir;
}

/* ---- reading ---- */

static struct fth_str gunzipped(const char *path)
{
    char *text = fth_arena_alloc(test_arena(MAX_TEXT + 4096), MAX_TEXT);
    gzFile file = gzopen(path, "rb");
    int n;

    assert_non_null(file);
    n = gzread(file, text, MAX_TEXT);
    assert_true(n > 0 && n < MAX_TEXT);
    gzclose(file);
    return (struct fth_str){text, (size_t)n};
}

/* Cuts the next record off *text; quoted fields are unquoted where they stand. */
static size_t next_record(struct fth_str *text, struct fth_str *fields)
{
    char *in = (char *)(uintptr_t)text->p, *end = in + text->n;
    size_t nr = 0;

    while (in < end) {
        bool quoted = *in == '"';
        char *start = in += quoted, *out = in;

        while (in < end && (quoted || (*in != ',' && *in != '\n'))) {
            if (quoted && *in == '"' && *++in != '"')
                break;
            *out++ = *in++;
        }
        assert_true(nr < MAX_FIELDS && in < end);
        fields[nr++] = (struct fth_str){start, (size_t)(out - start)};
        if (*in++ == '\n')
            break;
    }
    *text = (struct fth_str){in, (size_t)(end - in)};
    return nr;
}

/* A bill in either form, field by name. */
struct bill {
    struct fth_str header[MAX_FIELDS], fields[MAX_FIELDS], all, rest;
    size_t nr;
};

static struct bill opened(const char *path)
{
    struct bill bill = {.all = gunzipped(path)};

    bill.rest = bill.all;
    bill.nr = next_record(&bill.rest, bill.header);
    return bill;
}

static bool advance(struct bill *bill)
{
    size_t nr = next_record(&bill->rest, bill->fields);

    assert_true(nr == 0 || nr == bill->nr);
    return nr != 0;
}

static struct fth_str field(const struct bill *bill, const char *name)
{
    struct fth_str wanted = fth_str_c(name);

    for (size_t i = 0; i < bill->nr; i++)
        if (bill->header[i].n == wanted.n && memcmp(bill->header[i].p, name, wanted.n) == 0)
            return bill->fields[i];
    fail_msg("no column %s", name);
    return (struct fth_str){0};
}

static struct fth_money amount(const struct bill *bill, const char *name)
{
    struct fth_str text = field(bill, name);
    struct fth_money out = FTH_MONEY_ZERO;
    struct fth_err err = {0};

    if (text.n)
        assert_ok(fth_money_parse(text, &out, &err), &err);
    return out;
}

static struct fth_money sum_of(struct fth_money a, struct fth_money b)
{
    struct fth_err err = {0};

    assert_ok(fth_money_add(&a, b, &err), &err);
    return a;
}

static const char *data_file(const char *dir, const char *month)
{
    struct fth_str path = {0};
    struct fth_err err = {0};

    assert_ok(fth_arena_printf(test_arena(8192), &path, &err,
                               "%s/aws-cur-2.0/meridian-cur2/data/BILLING_PERIOD=%s/"
                               "meridian-cur2-00001.csv.gz",
                               dir, month),
              &err);
    return path.p;
}

/* ---- adding up ---- */

struct sums {
    struct fth_money billed, effective;
    unsigned rows;
};

static void add(struct fth_map *map, struct fth_str prefix, const char *category,
                struct fth_money billed, struct fth_money effective)
{
    struct fth_buf key = fth_buf_max(512);
    struct fth_err err = {0};
    struct sums *sums;

    fth_buf_str(&key, prefix);
    fth_buf_c(&key, category);
    sums = fth_map_get(map, fth_buf_view(&key));
    if (!sums) {
        sums = calloc(1, sizeof(*sums));
        assert_ok(fth_map_put(map, fth_buf_view(&key), sums, NULL, &err), &err);
    }
    sums->billed = sum_of(sums->billed, billed);
    sums->effective = sum_of(sums->effective, effective);
    sums->rows++;
    fth_buf_release(&key);
}

static bool is(struct fth_str type, const char *name)
{
    return fth_str_eq_c(type, name);
}

/* What is left over of a commitment, of a line that is the fee of one. */
static struct fth_money unused(const struct bill *bill)
{
    struct fth_money out = amount(bill, "savings_plan_total_commitment_to_date");

    out = sum_of(out, fth_money_neg(amount(bill, "savings_plan_used_commitment")));
    out = sum_of(out, amount(bill, "reservation_unused_recurring_fee"));
    out = sum_of(out, amount(bill, "reservation_unused_amortized_upfront_fee_for_billing_period"));
    assert_true(fth_money_sign(out) > 0);
    return out;
}

/* The rules of reading a bill in few words: what each kind of line is worth. */
static void add_line(struct fth_map *map, const struct bill *bill, struct fth_str prefix)
{
    struct fth_str type = field(bill, "line_item_line_item_type");
    struct fth_money cost = amount(bill, "line_item_unblended_cost"), zero = FTH_MONEY_ZERO;
    bool committed = field(bill, "reservation_reservation_a_r_n").n ||
                     field(bill, "savings_plan_savings_plan_a_r_n").n;

    if (is(type, "SavingsPlanNegation"))
        return;
    if (is(type, "DiscountedUsage")) {
        add(map, prefix, "Usage", zero, amount(bill, "reservation_effective_cost"));
    } else if (is(type, "SavingsPlanCoveredUsage")) {
        add(map, prefix, "Usage", zero, amount(bill, "savings_plan_savings_plan_effective_cost"));
    } else if (is(type, "Fee") || is(type, "SavingsPlanUpfrontFee")) {
        add(map, prefix, "Purchase", cost, committed ? zero : cost);
    } else if (is(type, "RIFee") || is(type, "SavingsPlanRecurringFee")) {
        add(map, prefix, "Purchase", cost, zero);
        add(map, prefix, "Usage", zero, unused(bill));
    } else if (is(type, "Tax") || is(type, "Credit")) {
        add(map, prefix, is(type, "Tax") ? "Tax" : "Credit", cost, cost);
    } else {
        assert_true(is(type, "Usage") || is(type, "Refund"));
        add(map, prefix, "Usage", cost, cost);
    }
}

static void add_bill(struct fth_map *map, const char *dir, const char *month)
{
    struct bill bill = opened(data_file(dir, month));
    struct fth_buf prefix = fth_buf_max(512);

    while (advance(&bill)) {
        fth_buf_clear(&prefix);
        fth_buf_printf(&prefix, "%s," FTH_STR_F ",", month,
                       FTH_STR_A(field(&bill, "line_item_product_code")));
        add_line(map, &bill, fth_buf_view(&prefix));
    }
    fth_buf_release(&prefix);
}

/* Is a line of the truth what the bill adds up to? */
static bool holds(const struct fth_map *map, const struct fth_str *fields)
{
    const struct fth_str key = {fields[0].p, (size_t)(fields[2].p + fields[2].n - fields[0].p)};
    const struct sums *sums = fth_map_get(map, key);
    struct fth_money billed, effective;
    struct fth_err err = {0};
    uint64_t rows;

    assert_ok(fth_money_parse(fields[3], &billed, &err), &err);
    assert_ok(fth_money_parse(fields[4], &effective, &err), &err);
    assert_true(fth_str_to_u64(fields[6], &rows));
    return sums && fth_money_cmp(billed, sums->billed) == 0 &&
           fth_money_cmp(effective, sums->effective) == 0 && rows == sums->rows;
}

/* How many lines of the truth do not hold. */
static unsigned differences(const char *dir)
{
    struct fth_str fields[MAX_FIELDS], truth, key;
    struct fth_map map;
    struct fth_err err = {0};
    unsigned wrong = 0, lines = 0;
    size_t at = 0;
    void *sums;

    fth_map_init(&map);
    for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++)
        add_bill(&map, dir, months[i]);
    assert_ok(fth_file_read(test_arena(4 << 20),
                            in_dir(dir, "truth/aws_by_month_service_category.csv"), 1 << 20, &truth,
                            &err),
              &err);
    next_record(&truth, fields);
    for (; next_record(&truth, fields); lines++)
        wrong += !holds(&map, fields);
    assert_true(lines > 60);
    assert_int_equal(lines, map.nr);
    while (fth_map_each(&map, &at, &key, &sums))
        free(sums);
    fth_map_release(&map);
    return wrong;
}

static void the_bill_adds_up_to_its_truth(void **state)
{
    assert_int_equal(differences(made("bill", small())), 0);
}

static void a_changed_digit_is_noticed(void **state)
{
    const char *dir = made("bill", small()), *path = data_file(dir, months[1]);
    struct bill bill = opened(path);
    struct fth_str whole = gunzipped(path), effective;
    char *digit;
    gzFile file;

    do
        assert_true(advance(&bill));
    while (!is(field(&bill, "line_item_line_item_type"), "DiscountedUsage"));
    effective = field(&bill, "reservation_effective_cost");
    digit = (char *)(uintptr_t)whole.p + (effective.p - bill.all.p) + effective.n - 1;
    *digit = *digit == '9' ? '8' : (char)(*digit + 1);
    file = gzopen(path, "wb");
    assert_int_equal(gzwrite(file, whole.p, (unsigned)whole.n), whole.n);
    gzclose(file);
    assert_int_equal(differences(dir), 1);
}

/* The sum of two columns, of all lines of a truth table. */
static void total_of(const char *dir, const char *table, size_t column, struct fth_money *billed,
                     struct fth_money *effective)
{
    struct fth_str fields[MAX_FIELDS], text;
    struct fth_money one;
    struct fth_err err = {0};

    *billed = *effective = FTH_MONEY_ZERO;
    assert_ok(fth_file_read(test_arena(4 << 20), in_dir(dir, table), 1 << 20, &text, &err), &err);
    next_record(&text, fields);
    while (next_record(&text, fields)) {
        assert_ok(fth_money_parse(fields[column], &one, &err), &err);
        *billed = sum_of(*billed, one);
        assert_ok(fth_money_parse(fields[column + 1], &one, &err), &err);
        *effective = sum_of(*effective, one);
    }
}

static void every_break_down_adds_up_to_the_same(void **state)
{
    const char *dir = made("bill", small());
    struct fth_money billed, effective, b, e;

    total_of(dir, "truth/aws_by_month_service_category.csv", 3, &billed, &effective);
    assert_true(fth_money_sign(billed) > 0);
    total_of(dir, "truth/aws_by_account.csv", 2, &b, &e);
    assert_true(fth_money_cmp(b, billed) == 0 && fth_money_cmp(e, effective) == 0);
    total_of(dir, "truth/aws_by_day.csv", 1, &b, &e);
    assert_true(fth_money_cmp(b, billed) == 0 && fth_money_cmp(e, effective) == 0);
    total_of(dir, "truth/aws_by_team_tag.csv", 2, &b, &e);
    assert_true(fth_money_cmp(b, billed) == 0 && fth_money_cmp(e, effective) == 0);
}

static const char *legacy_file(const char *dir)
{
    char command[512], found[1024];
    FILE *list;

    /* The assembly's name is the writer's own business. */
    snprintf(command, sizeof(command),
             "find '%s/aws-cur-legacy/meridian-cur/20260901-20261001' -name '*.csv.gz'", dir);
    list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(found, sizeof(found), list));
    pclose(list);
    found[strcspn(found, "\n")] = '\0';
    return in_dir("", found + 1);
}

static void both_forms_say_the_same(void **state)
{
    static const char *const texts[][2] = {
        {"identity_line_item_id", "identity/LineItemId"},
        {"line_item_line_item_type", "lineItem/LineItemType"},
        {"line_item_product_code", "lineItem/ProductCode"},
        {"line_item_usage_start_date", "lineItem/UsageStartDate"},
        {"line_item_resource_id", "lineItem/ResourceId"},
    };
    static const char *const amounts[][2] = {
        {"line_item_unblended_cost", "lineItem/UnblendedCost"},
        {"line_item_usage_amount", "lineItem/UsageAmount"},
        {"reservation_effective_cost", "reservation/EffectiveCost"},
        {"savings_plan_used_commitment", "savingsPlan/UsedCommitment"},
    };
    const char *dir = made("bill", small());
    struct bill fresh = opened(data_file(dir, months[1])), legacy = opened(legacy_file(dir));

    while (advance(&fresh)) {
        assert_true(advance(&legacy));
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
            assert_true(fth_str_eq(field(&fresh, texts[i][0]), field(&legacy, texts[i][1])));
        for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++)
            assert_int_equal(
                fth_money_cmp(amount(&fresh, amounts[i][0]), amount(&legacy, amounts[i][1])), 0);
    }
    assert_false(advance(&legacy));
}

static void every_kind_of_line_is_there_and_negations_cancel(void **state)
{
    static const char *const types[] = {"Usage",
                                        "DiscountedUsage",
                                        "SavingsPlanCoveredUsage",
                                        "SavingsPlanNegation",
                                        "Fee",
                                        "RIFee",
                                        "SavingsPlanRecurringFee",
                                        "SavingsPlanUpfrontFee",
                                        "Tax",
                                        "Credit",
                                        "Refund"};
    const char *dir = made("bill", small());
    bool met[sizeof(types) / sizeof(*types)] = {0};
    struct fth_money negated = FTH_MONEY_ZERO;
    unsigned exponents = 0, untagged = 0, quoted = 0;

    for (size_t m = 0; m < sizeof(months) / sizeof(*months); m++) {
        struct bill bill = opened(data_file(dir, months[m]));

        while (advance(&bill)) {
            struct fth_str type = field(&bill, "line_item_line_item_type");
            struct fth_str cost = field(&bill, "line_item_unblended_cost");
            struct fth_str tags = field(&bill, "tags");

            for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
                met[i] |= is(type, types[i]);
            if (is(type, "SavingsPlanCoveredUsage") || is(type, "SavingsPlanNegation"))
                negated = sum_of(negated, amount(&bill, "line_item_unblended_cost"));
            /* The present month has no invoice yet. */
            assert_int_equal(field(&bill, "bill_invoice_id").n == 0, m == 3);
            exponents += fth_str_search(cost, FTH_STR("E-")) != SIZE_MAX;
            untagged += is(tags, "{}");
            quoted += fth_str_search(tags, FTH_STR("Zürich \\\"core\\\"")) != SIZE_MAX;
        }
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!met[i])
            fail_msg("no line of type %s", types[i]);
    assert_true(fth_money_is_zero(negated));
    assert_true(exponents > 0 && untagged > 0 && quoted > 0);
}

static void the_same_options_give_the_same_bytes(void **state)
{
    struct fth_demo_options other = small();
    const char *a = made("a", small()), *b = made("b", small()), *c;
    char command[1024];

    snprintf(command, sizeof(command), "diff -r '%s' '%s' >/dev/null", a, b);
    assert_int_equal(system(command), 0);
    other.seed = 2;
    c = made("c", other);
    snprintf(command, sizeof(command), "diff -r '%s' '%s' >/dev/null", a, c);
    assert_int_not_equal(system(command), 0);
}

static void refused(const char *dir, struct fth_demo_options options, enum fth_rc want,
                    const char *message)
{
    struct fth_err err = {0};

    assert_int_equal(fth_demo_write(dir, &options, NULL, &err), want);
    assert_non_null(strstr(err.msg, message));
}

static void what_cannot_be_made_is_refused(void **state)
{
    const char *dir = made("bill", tiny());
    struct fth_demo_options options = tiny();

    refused(dir, options, FTH_E_CONFLICT, "aws-cur-2.0: there is a bill already");
    options.months = 0;
    refused(dir, options, FTH_E_RANGE, "0 months, not 1 to 120");
    options = tiny();
    options.rows = 3;
    refused(dir, options, FTH_E_RANGE, "3 rows, not 1000");
    options = tiny();
    options.provider = FTH_STR("acme");
    refused(dir, options, FTH_E_UNSUPPORTED, "provider \"acme\"");
}

static void the_number_of_rows_is_about_what_was_asked(void **state)
{
    struct fth_demo_options options = small();
    struct fth_demo_summary summary;
    struct fth_err err = {0};

    for (options.rows = 8000; options.rows <= 32000; options.rows *= 4) {
        char name[32];

        snprintf(name, sizeof(name), "rows-%u", (unsigned)options.rows);
        assert_ok(fth_demo_write(in_dir(test_dir(), name), &options, &summary, &err), &err);
        print_message("# asked for %u, got %u\n", (unsigned)options.rows, (unsigned)summary.rows);
        assert_true(summary.rows > options.rows * 7 / 10 && summary.rows < options.rows * 14 / 10);
    }
}

/* One bill, in which the n-th call of a kind fails: an error, unless that was not reached. */
static void fails_at(enum fth_fault kind, unsigned n, struct fth_demo_options options)
{
    struct fth_err err = {0};
    char dir[512];
    enum fth_rc rc;

    snprintf(dir, sizeof(dir), "%s/%u", test_dir(), n);
    rc = fth_demo_write(dir, &options, NULL, &err);
    assert_int_equal(rc, err.rc);
    assert_true(rc != FTH_OK || fth_fault_count(kind) < n);
}

static void every_failing_write_is_an_error(void **state)
{
    for (unsigned n = 1; test_fault(FTH_FAULT_WRITE, n); n++)
        fails_at(FTH_FAULT_WRITE, n, tiny());
}

static void every_failing_write_of_two_exports_is_an_error(void **state)
{
    struct fth_demo_options options = tiny();

    options.provider = FTH_STR("azure-mca");
    for (unsigned n = 1; test_fault(FTH_FAULT_WRITE, n); n++)
        fails_at(FTH_FAULT_WRITE, n, options);
}

/* Allocations are many and alike: one in so many fails. */
static void failing_allocations_of_a_report_are_errors(void **state)
{
#ifdef FTH_FAULTS
    struct fth_demo_options options = tiny();
    bool reached = true;

    test_dir();                                       /* made before anything fails */
    options.today = fth_date_from_civil(2026, 3, 28); /* few resources */
    options.provider = FTH_STR("oracle");
    for (unsigned n = 1; reached; n += 41) {
        fth_fault_arm(FTH_FAULT_ALLOC, n);
        fails_at(FTH_FAULT_ALLOC, n, options);
        reached = fth_fault_count(FTH_FAULT_ALLOC) >= n;
        fth_fault_arm(FTH_FAULT_ALLOC, 0);
    }
#endif
}

/* A month that is over is needed to bill it again; many lines are lines of no more resources. */
static void what_is_asked_of_bills_is_checked(void **state)
{
    struct fth_demo_options options = tiny();

    options.provider = FTH_STR("all");
    options.restate = true;
    refused(in_dir(test_dir(), "again"), options, FTH_E_RANGE, "must be over");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_bill_adds_up_to_its_truth),
        TEST(a_changed_digit_is_noticed),
        TEST(every_break_down_adds_up_to_the_same),
        TEST(both_forms_say_the_same),
        TEST(every_kind_of_line_is_there_and_negations_cancel),
        TEST(the_same_options_give_the_same_bytes),
        TEST(what_cannot_be_made_is_refused),
        TEST(the_number_of_rows_is_about_what_was_asked),
        TEST(every_failing_write_is_an_error),
        TEST(every_failing_write_of_two_exports_is_an_error),
        TEST(failing_allocations_of_a_report_are_errors),
        TEST(what_is_asked_of_bills_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
