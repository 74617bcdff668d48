/* A bill of kind gcp_billing: see fuzz_bill.h. */
#define FUZZ_IMPORTER fth_importer_gcp_billing
#include "fuzz_bill.h"
