#include "fault_world.h"

#include <stdio.h>

#define HEAD                                                                        \
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart," \
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,Tags,x_Note\n"

static const char bill[] =
    HEAD "1.5,1.5,USD,a-1,2025-05-01,2025-05-01,2025-05-02,Usage,A,Contoso,"
         "\"{\"\"team\"\":\"\"x\"\"}\",n\n"
         "2.5,0.5,USD,a-1,2025-05-01,2025-05-02,2025-05-03,Usage,B,Contoso,,\n"
         "4.5,4.5,USD,a-1,2025-06-01,2025-06-02,2025-06-03,Usage,B,Contoso,,\n";

static const char restated[] =
    HEAD "5.5,4.5,USD,a-1,2025-06-01,2025-06-02,2025-06-03,Usage,B,Contoso,,n\n";

const char *fault_below(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *out = paths[turn++ % 4];

    snprintf(out, sizeof(paths[0]), "%s/%s", test_dir(), name);
    return out;
}

static void deliver(struct import_world *world, const char *text)
{
    const char *path = test_file_named("bill.csv", fth_str_c(text));
    const struct fth_import_request request = {
        .paths = &path, .path_nr = 1, .mode = FTH_IMPORT_REPLACE};

    assert_int_equal(import_run(world, request).rc, FTH_OK);
}

void fault_world_open(struct import_world *world)
{
    import_world_open(world);
    deliver(world, bill);
}

void fault_world_restate(struct import_world *world)
{
    deliver(world, restated);
}
