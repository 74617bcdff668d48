/* fuzz: what every target defines. Returns 0; a broken promise aborts. */
#ifndef FTH_FUZZ_H
#define FTH_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
