/*
 * custom: any CSV file, by a mapping that says what makes which column of FOCUS (mapping.h).
 *
 * What a mapping makes are the columns of FOCUS, so that what becomes of them is the statement of
 * its importer. Without a mapping no file is of this kind; the layout here stands for those that
 * mappings make.
 */
#include "import/importer.h"

static const char *const needed[] = {NULL};
static const char *const totals[] = {"BilledCost", "EffectiveCost", NULL};

static const struct fth_feed_col cols[] = {
    {"BilledCost", FTH_K_MONEY, NULL},
    {"EffectiveCost", FTH_K_MONEY, NULL},
    {"BillingPeriodStart", FTH_K_INSTANT, NULL},
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .cost = totals,
    .totals = totals,
    .period = "BillingPeriodStart",
};

static int probe(const struct fth_feed_head *head, struct fth_probe *out)
{
    (void)head;
    (void)out;
    return 0;
}

const struct fth_importer fth_importer_custom = {
    .id = "custom",
    .title = "Custom costs, by a mapping",
    .layout = &layout,
    .mapping = "focus",
    .needed = needed,
    .totals = {.billed = 0, .net = -1, .effective = 1},
    .runs_backwards = true,
    .probe = probe,
};
