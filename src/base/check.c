#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void fth_check_failed(const char *file, int line, const char *cond)
{
    fprintf(stderr, "farthing: broken invariant at %s:%d: %s\n", file, line, cond);
    abort();
}
