/* A bill of kind azure: see fuzz_bill.h. */
#define FUZZ_IMPORTER fth_importer_azure
#include "fuzz_bill.h"
