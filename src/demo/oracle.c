/* oracle: cost reports, some a month; what was wrong in one is put right by lines of a later one.
 */
#include <string.h>

#include "demo/cloud.h"

enum column {
#define FTH_ORACLE(id, name) O_##id,
#include "demo/oracle.def"
#undef FTH_ORACLE
    COLUMN_NR
};

static const char *const names[] = {
#define FTH_ORACLE(id, name) name,
#include "demo/oracle.def"
#undef FTH_ORACLE
};

enum { ROWS_A_REPORT = 20000, REPORTS_A_RUN = 100000, RUNS_A_MONTH = 10 };

/* Reports have numbers that grow; none is ever given twice. */
static size_t first_number(const struct fth_cloud_month *m)
{
    static const char *const versions[] = {"final", "late", "corrected", "orphaned"};
    size_t run = 0;

    while (run + 1 < sizeof(versions) / sizeof(*versions) && strcmp(versions[run], m->version) != 0)
        run++;
    return ((size_t)m->month * RUNS_A_MONTH + run) * REPORTS_A_RUN;
}

static enum fth_rc open_month(struct fth_cloud_month *m, struct fth_err *err)
{
    struct fth_sheet *sheet = NULL;
    struct fth_str dir;
    enum fth_rc rc = fth_arena_printf(m->arena, &dir, err, "%s/oracle", m->dir);

    if (!rc)
        rc = fth_sheet_open(m->arena,
                            &(struct fth_sheet_form){.names = names,
                                                     .nr = COLUMN_NR,
                                                     .numbers = FTH_NUMBER_PLAIN,
                                                     .dir = dir.p,
                                                     .stem = "reports/cost-csv/reports_cost-csv_",
                                                     .tail = ".csv.gz",
                                                     .width = 16,
                                                     .first = first_number(m),
                                                     .rows_a_file = ROWS_A_REPORT},
                            &sheet, err);
    m->of_form = sheet;
    return rc;
}

static enum fth_rc put_texts(struct fth_cloud_month *m, const struct fth_charge *c,
                             struct fth_sheet_cell *cells, struct fth_err *err)
{
    unsigned long long nr = fth_chance(m->estate->seed, c->nr, (uint64_t)m->submitted);
    unsigned long long before = fth_chance(m->estate->seed, c->nr, 3);
    struct fth_str start, end, reference, back;
    enum fth_rc rc = fth_demo_day(m->scratch, c->from, "y-m-dT00:00Z", &start, err);

    if (!rc)
        rc = fth_demo_day(m->scratch, c->until + 1, "y-m-dT00:00Z", &end, err);
    if (!rc)
        rc = fth_arena_printf(m->scratch, &reference, err, "%016llx", nr);
    if (!rc)
        rc = fth_arena_printf(m->scratch, &back, err, "%016llx", before);
    if (rc)
        return rc;
    fth_sheet_str(&cells[O_START], start);
    fth_sheet_str(&cells[O_END], end);
    fth_sheet_str(&cells[O_REFERENCE], reference);
    if (c->kind == FTH_CHARGE_CORRECTION)
        fth_sheet_str(&cells[O_BACK_REFERENCE], back);
    return FTH_OK;
}

/* Commitments, taxes and credits are not in a cost report. */
static enum fth_rc put(struct fth_cloud_month *m, const struct fth_charge *c, struct fth_err *err)
{
    struct fth_sheet_cell cells[COLUMN_NR] = {0};
    bool correction = c->kind == FTH_CHARGE_CORRECTION;
    enum fth_rc rc;

    if (c->kind != FTH_CHARGE_USAGE && !correction)
        return FTH_OK;
    rc = put_texts(m, c, cells, err);
    fth_sheet_c(&cells[O_TENANT], "ocid1.tenancy.oc1..meridian4q2x7");
    fth_sheet_c(&cells[O_SERVICE], c->what->product_name);
    fth_sheet_c(&cells[O_COMPARTMENT], c->account->id);
    fth_sheet_c(&cells[O_COMPARTMENT_NAME], c->account->name);
    fth_sheet_c(&cells[O_REGION], c->resource->region->code);
    fth_sheet_c(&cells[O_DOMAIN], c->resource->zone);
    fth_sheet_c(&cells[O_RESOURCE], c->resource->id);
    fth_sheet_number(&cells[O_QUANTITY], c->quantity * 1000000);
    fth_sheet_c(&cells[O_SKU], c->what->usage_type);
    fth_sheet_c(&cells[O_DESCRIPTION], c->what->description);
    fth_sheet_number(&cells[O_PRICE], c->what->rate);
    fth_sheet_number(&cells[O_COST], c->cost);
    fth_sheet_c(&cells[O_CURRENCY], "USD");
    fth_sheet_c(&cells[O_READABLE_UNIT], c->what->unit);
    fth_sheet_c(&cells[O_UNIT], c->what->family);
    fth_sheet_c(&cells[O_OVERAGE], "false");
    fth_sheet_c(&cells[O_CORRECTION], correction ? "true" : "false");
    fth_sheet_c(&cells[O_TAG_TEAM], c->resource->team);
    fth_sheet_c(&cells[O_TAG_ENV], c->resource->env);
    if (!rc && !m->dry)
        rc = fth_sheet_write(m->of_form, cells, err);
    return rc ? rc
              : fth_cloud_meant(m, c,
                                (struct fth_truth_row){.product_code = c->what->product_name,
                                                       .category = "Usage",
                                                       .billed = c->cost,
                                                       .effective = c->cost,
                                                       .list = c->list},
                                err);
}

const struct fth_form fth_form_oracle = {
    .id = "oracle",
    .truth = "oracle",
    .folders = (const char *const[]){"oracle", NULL},
    .cloud = &fth_cloud_oracle,
    .adds = true,
    .open = open_month,
    .put = put,
    .close = fth_cloud_close_sheet,
};
