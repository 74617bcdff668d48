/* A bill of kind focus: see fuzz_bill.h. */
#define FUZZ_IMPORTER fth_importer_focus
#include "fuzz_bill.h"
