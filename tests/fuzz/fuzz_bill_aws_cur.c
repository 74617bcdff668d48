/* A bill of kind aws_cur: see fuzz_bill.h. */
#define FUZZ_IMPORTER fth_importer_aws_cur
#include "fuzz_bill.h"
