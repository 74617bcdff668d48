/* A bill of kind oracle: see fuzz_bill.h. */
#define FUZZ_IMPORTER fth_importer_oracle
#include "fuzz_bill.h"
