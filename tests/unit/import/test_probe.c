/* importers: what the head of a file tells about it, and that their data is sound. */
#include <stdio.h>

#include "base/sql.h"
#include "import/importer.h"
#include "test.h"

static struct fth_feed_head head_of(const char *header, const char *row)
{
    static struct fth_str headers[64], cells[64];
    struct fth_str rest = fth_str_c(header), values = fth_str_c(row);
    struct fth_feed_head head = {.headers = headers, .cells = cells, .row_nr = 1};

    while (fth_str_next(&rest, ',', &headers[head.header_nr])) {
        cells[head.header_nr] = (struct fth_str){0};
        fth_str_next(&values, ',', &cells[head.header_nr]);
        head.header_nr++;
    }
    return head;
}

static int probe(const char *id, const char *header, const char *row, struct fth_probe *out)
{
    struct fth_feed_head head = head_of(header, row);

    return fth_importer_named(fth_str_c(id))->probe(&head, out);
}

static void an_aws_report_is_known_under_all_its_spellings(void **state)
{
    struct fth_probe got = {0};

    assert_true(probe("aws_cur",
                      "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/LineItemType,"
                      "lineItem/UnblendedCost",
                      "111122223333,2025-01-01T00:00:00Z,Usage,1", &got) > 90);
    assert_str(got.version, "legacy");
    assert_str(got.account, "111122223333");
    assert_int_equal(got.period_us, INT64_C(1735689600000000));
    assert_true(probe("aws_cur",
                      "bill_payer_account_id,line_item_line_item_type,line_item_unblended_cost,"
                      "product",
                      "1,Usage,1,{}", &got) > 90);
    assert_str(got.version, "2.0");
    assert_int_equal(probe("focus", "line_item_line_item_type,line_item_unblended_cost", "", &got),
                     0);
}

static void versions_of_focus_are_told_by_their_columns(void **state)
{
    static const struct {
        const char *columns, *version;
    } cases[] = {
        {"BilledCost,ChargeCategory,ChargePeriodStart,ChargeSubcategory,Region", "1.0-preview"},
        {"BilledCost,ChargeCategory,ChargePeriodStart,ChargeClass,RegionId", "1.0"},
        {"BilledCost,ChargeCategory,ChargePeriodStart,ChargeClass,SkuMeter", "1.1"},
        {"BilledCost,ChargeCategory,ChargePeriodStart,SkuMeter,InvoiceId", "1.2"},
        {"BilledCost,ChargeCategory,ChargePeriodStart,InvoiceId,HostProviderName", "1.3"},
        {"BilledCost,ChargeCategory,ChargePeriodStart,HostProviderName,InvoiceDetailId", "1.4"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fth_probe got = {0};

        assert_true(probe("focus", cases[i].columns, "", &got) > 90);
        assert_str(got.version, cases[i].version);
    }
}

static void the_provider_has_one_name_and_the_word_null_is_none(void **state)
{
    struct fth_probe got = {0};

    probe("focus", "BilledCost,ChargeCategory,ChargePeriodStart,ProviderName,BillingAccountId",
          "1,Usage,2025-01-01,Amazon Web Services,NULL", &got);
    assert_str(got.provider, "AWS");
    assert_str(got.account, "");
}

static void an_azure_export_is_known_in_each_of_its_forms(void **state)
{
    static const struct {
        const char *columns, *row, *version, *account;
        int64_t period_us;
    } cases[] = {
        {"BillingAccountId,BillingPeriodStartDate,SubscriptionId,Date,MeterCategory,Cost",
         "77,02/01/2025,s,02/03/2025,Storage,1", "ea", "77", INT64_C(1738368000000000)},
        {"BillingProfileId,billingPeriodStartDate,SubscriptionId,date,meterCategory,"
         "costInBillingCurrency,costInPricingCurrency",
         "BP,2025-02-01,s,2025-02-03,Storage,1,1", "mca", "BP", INT64_C(1738368000000000)},
        {"Abonnement-GUID (SubscriptionGuid),UsageDateTime (UsageDateTime),Kategorie der "
         "Verbrauchseinheit (MeterCategory),PreTaxCost (PreTaxCost)",
         "s,20250203,Storage,1", "payg", "s", INT64_C(1738368000000000)},
        {"subscriptionid,usagedatetime,metercategory,pretaxcost", "s,03/02/2025,Storage,1", "payg",
         "s", FTH_FEED_ANY_PERIOD},
        {"subscriptionid,usagedatetime,metercategory,pretaxcost", "s,13/02/2025,Storage,1", "payg",
         "s", INT64_C(1738368000000000)},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fth_probe got = {0};

        assert_true(probe("azure", cases[i].columns, cases[i].row, &got) > 90);
        assert_str(got.version, cases[i].version);
        assert_str(got.account, cases[i].account);
        assert_int_equal(got.period_us, cases[i].period_us);
        assert_int_equal(probe("focus", cases[i].columns, cases[i].row, &got), 0);
    }
}

static void a_table_of_something_else_is_no_bill(void **state)
{
    struct fth_probe got = {0};

    for (size_t i = 0; i < fth_importer_nr(); i++) {
        struct fth_feed_head head = head_of("name,age,BilledCost", "a,1,2");

        assert_int_equal(fth_importer_at(i)->probe(&head, &got), 0);
    }
}

static bool has(const struct fth_feed_layout *layout, const char *name, enum fth_feed_kind kind)
{
    for (size_t i = 0; i < layout->col_nr; i++)
        if (!strcmp(layout->cols[i].name, name))
            return layout->cols[i].kind == kind;
    return false;
}

static void check_layout(const struct fth_importer *importer)
{
    const struct fth_feed_layout *layout = importer->layout;

    for (size_t i = 0; i < layout->rule_nr; i++) {
        if (layout->rules[i].column)
            assert_true(has(layout, layout->rules[i].column, FTH_K_TEXT));
        if (layout->rules[i].also)
            assert_true(has(layout, layout->rules[i].also, FTH_K_TEXT));
        if (layout->rules[i].zero)
            assert_true(has(layout, layout->rules[i].zero, FTH_K_MONEY));
    }
    for (size_t i = 0; layout->cost[i]; i++)
        assert_true(has(layout, layout->cost[i], FTH_K_MONEY));
    for (size_t i = 0; layout->totals[i]; i++)
        assert_true(i < FTH_FEED_TOTAL_MAX && has(layout, layout->totals[i], FTH_K_MONEY));
    assert_true(layout->period || layout->period_else);
    if (layout->period)
        assert_true(has(layout, layout->period, FTH_K_INSTANT) ||
                    has(layout, layout->period, FTH_K_MONTH));
    if (layout->period_else)
        assert_true(has(layout, layout->period_else, FTH_K_INSTANT));
    assert_true(!layout->list || has(layout, layout->list, FTH_K_TEXT));
    assert_true(layout->rule_nr <= FTH_FEED_RULE_MAX);
}

static bool is_total(const struct fth_feed_layout *layout, const char *name)
{
    for (size_t i = 0; layout->totals[i]; i++)
        if (!strcmp(layout->totals[i], name))
            return true;
    return false;
}

/* A column that neither the mapping nor a total names is read for nothing. */
static void check_mapping(const struct fth_importer *importer)
{
    char name[64];
    struct fth_str sql;

    snprintf(name, sizeof(name), "import/%s", importer->mapping ? importer->mapping : importer->id);
    sql = fth_sql(name);
    for (size_t i = 0; i < importer->layout->col_nr; i++)
        if (!is_total(importer->layout, importer->layout->cols[i].name) &&
            fth_str_search(sql, fth_str_c(importer->layout->cols[i].name)) == SIZE_MAX)
            fail_msg("%s: %s is not in the mapping", importer->id, importer->layout->cols[i].name);
}

static void every_importer_is_sound(void **state)
{
    for (size_t i = 0; i < fth_importer_nr(); i++) {
        check_layout(fth_importer_at(i));
        check_mapping(fth_importer_at(i));
        assert_ptr_equal(fth_importer_named(fth_str_c(fth_importer_at(i)->id)), fth_importer_at(i));
    }
    assert_null(fth_importer_named(FTH_STR("nothing")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_aws_report_is_known_under_all_its_spellings),
        TEST(versions_of_focus_are_told_by_their_columns),
        TEST(the_provider_has_one_name_and_the_word_null_is_none),
        TEST(an_azure_export_is_known_in_each_of_its_forms),
        TEST(a_table_of_something_else_is_no_bill),
        TEST(every_importer_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
