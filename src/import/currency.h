/*
 * currency: is a text a currency code of ISO 4217? Private to src/import.
 *
 * Thread rule: pure.
 */
#ifndef FTH_IMPORT_CURRENCY_H
#define FTH_IMPORT_CURRENCY_H

#include <stdbool.h>

#include "base/str.h"

/* Codes in use, and those that went out of use while clouds were being billed. Upper case only;
 * metals and test codes are none that a bill is in. */
bool fth_currency_is_code(struct fth_str text);

#endif
